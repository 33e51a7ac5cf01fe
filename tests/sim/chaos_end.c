/* tests/sim/chaos_end.c - the faults are over: everybody must become well, and then be quiet. */
#include <stdlib.h>

#include "gossip/confirm.h"
#include "tests/sim/chaos_state.h"

#define STEP_MS     1000
#define WELL_MS_MAX (40u * 60 * 1000)
#define REST_MS     (6u * 60 * 1000) /* dead links are seen to be dead, and pauses are over */
#define REACH_MS    30000
#define ROUND_MS    (13u * 60 * 1000) /* in which each node has compared itself with somebody */

static bool is_honest(const struct chaos *chaos, size_t node)
{
	return !plan_is_liar(chaos->plan, node) && !chaos->members[node].is_gone &&
	       catalog_charter_member(chaos->charter, (uint32_t)node) != NULL;
}

static void end_faults(struct chaos *chaos)
{
	struct net *net = chaos->net;

	net_slow(net, 0);
	net_double(net, 0);
	net_deafen(net, 0);
	net_part(net, 0, false);
	for (size_t i = 0; i < chaos->plan->node_count; i++) {
		chaos->members[i].is_lying = false;
		chaos->members[i].up_ms = 0;
		net_mute(net, i, false);
		net_fill(net, i, false);
		net_set_clock(net, i, 0);
		if (net_is_up(net, i))
			net_crash(net, i, 1ul << 60);
		for (size_t k = 0; k < chaos->plan->node_count; k++)
			net_block(net, i, k, false);
	}
	chaos_tend(chaos); /* those that crashed are seen to be down */
	for (size_t i = 0; i < chaos->plan->node_count; i++)
		chaos->members[i].up_ms = 0;
	chaos_tend(chaos);
	/* What a node was handed and lost with its power is handed in again. */
	(void)net_amend(net, 0, catalog_charter_bytes(chaos->charter));
	chaos_check_node(chaos, 0);
}

static size_t count_conflicts(const struct chaos *chaos, size_t node)
{
	size_t count;

	(void)catalog_charter_conflicts(net_charter(chaos->net, node), &count); /* how many */
	return count;
}

/* How many numbers anybody honest knows that the council used twice. */
static void find_conflicts(struct chaos *chaos)
{
	chaos->conflicts = 0;
	for (size_t i = 0; i < chaos->plan->node_count; i++)
		if (is_honest(chaos, i) && count_conflicts(chaos, i) > chaos->conflicts)
			chaos->conflicts = count_conflicts(chaos, i);
}

/* What a node lacks yet; "" if nothing. */
static void find_lack(struct chaos *chaos, size_t node, char lack[TRUTH_WHY_BYTES])
{
	uint64_t newest = catalog_charter_number(chaos->charter);
	struct gossip_confirm confirm;

	lack[0] = '\0';
	if (chaos_amendment(chaos, node) != newest) {
		snprintf(lack, TRUTH_WHY_BYTES, "knows amendment %llu of %llu",
			 (unsigned long long)chaos_amendment(chaos, node),
			 (unsigned long long)newest);
		return;
	}
	if (count_conflicts(chaos, node) != chaos->conflicts) {
		snprintf(lack, TRUTH_WHY_BYTES,
			 "has %zu proofs of amendments with one number, of %zu",
			 count_conflicts(chaos, node), chaos->conflicts);
		return;
	}
	for (uint32_t log = 0; log < chaos->plan->node_count && lack[0] == '\0'; log++) {
		uint64_t size = truth_size(chaos->truth, log, newest);
		struct catalog_log_status status;

		if (catalog_charter_member(chaos->charter, log) == NULL)
			continue;
		status = chaos_status(chaos, node, log);
		if (chaos_is_distrusted(chaos, log)) {
			if (chaos->is_forked[log] != (status.health == CATALOG_LOG_FORKED))
				snprintf(lack, TRUTH_WHY_BYTES,
					 "does not know that log %u is forked", log);
		} else if (!chaos->members[log].has_forged &&
			   (status.size != size || status.target_size != size)) {
			snprintf(lack, TRUTH_WHY_BYTES, "holds %llu entries of log %u, of %llu",
				 (unsigned long long)status.size, log, (unsigned long long)size);
		}
	}
	gossip_confirm_look(net_gossip(chaos->net, node), &confirm);
	if (lack[0] == '\0' && !confirm.is_confirmed)
		snprintf(lack, TRUTH_WHY_BYTES, "may not sign: %zu members of %zu have answered",
			 confirm.answered, confirm.needed);
}

/* Which logs anybody honest knows to be forked. */
static void find_forks(struct chaos *chaos)
{
	chaos->result->forks = 0;
	for (uint32_t log = 0; log < chaos->plan->node_count; log++) {
		chaos->is_forked[log] = false;
		for (size_t i = 0; i < chaos->plan->node_count; i++)
			if (chaos_is_distrusted(chaos, log) && is_honest(chaos, i) &&
			    chaos_status(chaos, i, log).health == CATALOG_LOG_FORKED)
				chaos->is_forked[log] = true;
		chaos->result->forks += chaos->is_forked[log];
	}
}

/* A line may have brought back what was erased: the next batch of each such member mends that. */
static void mend(struct chaos *chaos)
{
	uint64_t newest = catalog_charter_number(chaos->charter);

	for (size_t i = 0; i < chaos->plan->node_count; i++)
		if (is_honest(chaos, i) && chaos_amendment(chaos, i) == newest &&
		    !chaos_is_distrusted(chaos, (uint32_t)i) &&
		    truth_brings_back(chaos->truth, (uint32_t)i, newest, UINT64_MAX))
			chaos_publish(chaos, i, 1);
}

/* Wait until nobody lacks anything. */
static void wait_until_well(struct chaos *chaos, uint64_t ms_max, const char *what)
{
	uint64_t start_ms = net_now_ms(chaos->net);
	char lack[TRUTH_WHY_BYTES] = "";

	for (;;) {
		size_t i = 0;

		mend(chaos);
		find_forks(chaos);
		find_conflicts(chaos);
		for (lack[0] = '\0'; i < chaos->plan->node_count && lack[0] == '\0'; i++)
			if (is_honest(chaos, i))
				find_lack(chaos, i, lack);
		if (lack[0] == '\0')
			break;
		if (net_now_ms(chaos->net) - start_ms >= ms_max)
			chaos_fail(chaos, "%llu s after %s node %zu %.300s",
				   (unsigned long long)ms_max / 1000, what, i - 1, lack);
		net_run(chaos->net, STEP_MS);
	}
}

static void check_entries(struct chaos *chaos)
{
	for (size_t i = 0; i < chaos->plan->node_count; i++) {
		struct catalog_txn *txn;
		char why[TRUTH_WHY_BYTES];

		if (!is_honest(chaos, i))
			continue;
		if (catalog_store_begin(net_store(chaos->net, i), &txn) != 0)
			chaos_fail(chaos, "node %zu cannot read its store", i);
		for (uint32_t log = 0; log < chaos->plan->node_count; log++)
			if (catalog_charter_member(chaos->charter, log) != NULL &&
			    !truth_check_entries(chaos->truth, txn, net_charter(chaos->net, i), log,
						 why))
				chaos_fail(chaos, "node %zu: %.300s", i, why);
		catalog_store_end(txn);
	}
}

void chaos_demand_health(struct chaos *chaos)
{
	uint64_t start_ms = net_now_ms(chaos->net);

	end_faults(chaos);
	wait_until_well(chaos, WELL_MS_MAX, "the end of the faults");
	chaos->result->settled_ms = net_now_ms(chaos->net) - start_ms;
	net_run(chaos->net, REST_MS);
	net_run(chaos->net, REST_MS);
	for (size_t i = 0; i < chaos->plan->node_count; i += 3)
		if (is_honest(chaos, i))
			chaos_publish(chaos, i, 3);
	wait_until_well(chaos, REACH_MS, "something was published");
	check_entries(chaos);
	net_run(chaos->net, STEP_MS);
	chaos->taken = 0;
	net_run(chaos->net, ROUND_MS);
	if (chaos->taken > 0)
		chaos_fail(chaos, "a round of anti-entropy without news moved %llu entries",
			   (unsigned long long)chaos->taken);
	wait_until_well(chaos, 0, "nothing");
}
