#include "tests/sim/chaos.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/prune.h"
#include "gossip/confirm.h"
#include "gossip/job.h"
#include "tests/sim/chaos_state.h"
#include "tests/sim/liar.h"

#define STEP_MS     1000
#define FLAP_MS     700
#define DOWN_MS_MAX 20000 /* after a crash */

void chaos_fail(struct chaos *chaos, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(chaos->result->why, sizeof chaos->result->why, format, args);
	va_end(args);
	snprintf(chaos->result->kind, sizeof chaos->result->kind, "%s", format);
	chaos->result->failed_ms = net_now_ms(chaos->net);
	_exit(1);
}

bool chaos_is_distrusted(const struct chaos *chaos, uint32_t log)
{
	return plan_is_liar(chaos->plan, log) && !chaos->plan->prunes; /* else nobody forks */
}

/* --- looking ---------------------------------------------------------------------------------- */

uint64_t chaos_amendment(const struct chaos *chaos, size_t node)
{
	return catalog_charter_number(net_charter(chaos->net, node));
}

struct catalog_log_status chaos_status(struct chaos *chaos, size_t node, uint32_t log)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	if (catalog_store_begin(net_store(chaos->net, node), &txn) != 0 ||
	    catalog_log_status(txn, log, &status) != 0)
		chaos_fail(chaos, "node %zu cannot read its store", node);
	catalog_store_end(txn);
	return status;
}

/* What must always hold of a log at a node. */
static void check_log(struct chaos *chaos, struct catalog_txn *txn, size_t node, uint32_t log)
{
	struct chaos_seen *seen = &chaos->members[node].seen[log];
	uint64_t amendment = chaos_amendment(chaos, node);
	struct catalog_log_status status;
	char why[TRUTH_WHY_BYTES];

	if (plan_is_liar(chaos->plan, node))
		return; /* it may believe what it likes */
	if (!truth_check(chaos->truth, txn, net_charter(chaos->net, node), log, why))
		chaos_fail(chaos, "node %zu: %.300s", node, why);
	if (catalog_log_status(txn, log, &status) != 0)
		chaos_fail(chaos, "node %zu cannot read its store", node);
	if (seen->amendment == amendment && status.target_size < seen->target)
		chaos_fail(chaos,
			   "node %zu: the largest checkpoint of log %u was of %llu, now %llu", node,
			   log, (unsigned long long)seen->target,
			   (unsigned long long)status.target_size);
	*seen = (struct chaos_seen){amendment, status.target_size};
}

void chaos_check_node(struct chaos *chaos, size_t node)
{
	struct catalog_txn *txn;

	if (catalog_store_begin(net_store(chaos->net, node), &txn) != 0)
		chaos_fail(chaos, "node %zu cannot read its store", node);
	for (uint32_t log = 0; log < chaos->plan->node_count; log++)
		if (catalog_charter_member(net_charter(chaos->net, node), log) != NULL)
			check_log(chaos, txn, node, log);
	catalog_store_end(txn);
}

static void check_places(struct chaos *chaos, size_t node, const struct gossip_job *job)
{
	struct catalog_txn *txn;

	if (catalog_store_begin(net_store(chaos->net, node), &txn) != 0)
		chaos_fail(chaos, "node %zu cannot read its store", node);
	for (size_t i = 0; i < job->place_count; i++)
		check_log(chaos, txn, node, job->places[i].log);
	catalog_store_end(txn);
}

static bool is_liar(const struct chaos *chaos, size_t node)
{
	return plan_is_liar(chaos->plan, node);
}

/* --- secrets ---------------------------------------------------------------------------------- */

/* The node signs with the key that the charter names, as far as it knows. */
void chaos_choose_secret(struct chaos *chaos, size_t node)
{
	const struct catalog_member *member =
		catalog_charter_member(net_charter(chaos->net, node), (uint32_t)node);
	struct chaos_member *ours = &chaos->members[node];

	for (size_t i = 0; i < ours->secret_count && member != NULL; i++)
		if (memcmp(ours->secrets[i].bytes + 32, member->key.bytes, 32) == 0)
			*net_secret(chaos->net, node) = ours->secrets[i];
}

/* --- what nodes do ---------------------------------------------------------------------------- */

static void on_ran(void *arg, size_t node, struct gossip_job *job)
{
	struct chaos *chaos = arg;
	struct chaos_member *member = &chaos->members[node];

	if (gossip_job_serves(job) && member->is_lying && job->outcome == 0) {
		liar_change(member->lie, &chaos->random, &job->wire, &member->kept_wire);
		chaos->result->lies++;
	}
	for (size_t i = 0; i < job->chunk_count && job->kind == GOSSIP_JOB_COMMIT; i++)
		if (!is_liar(chaos, node) &&
		    !chaos_is_distrusted(chaos, catalog_chunk_log(job->chunks[i])))
			chaos->taken += catalog_chunk_entries(job->chunks[i]);
	if (job->kind == GOSSIP_JOB_AMEND) {
		chaos_choose_secret(chaos, node);
		chaos_check_node(chaos, node);
	} else if (gossip_job_writes(job)) {
		check_places(chaos, node, job);
	}
}

static void on_noticed(void *arg, size_t node, const char *text)
{
	const struct chaos *chaos = arg;

	if (chaos->is_verbose)
		fprintf(stderr, "%9.3f node %zu: %s\n", (double)net_now_ms(chaos->net) / 1000, node,
			text);
}

/* Links that end in good order, or because they broke, say less. */
static void on_closed(void *arg, size_t node, size_t peer, const char *reason)
{
	static const char *const caught[] = {
		"withheld",     "a chunk that",    "a checkpoint that", "too many checkpoints",
		"too many req", "a proof that",    "a proof of",        "a frame that",
		"a message",    "no hello f",      "a second hello",    "digests that",
		"out of their", "cosignature that"};
	struct chaos *chaos = arg;

	for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++) {
		if (strncmp(reason, "the peer said", 13) == 0 || strstr(reason, caught[i]) == NULL)
			continue;
		if (!is_liar(chaos, node) && !is_liar(chaos, peer))
			chaos_fail(chaos, "node %zu blames node %zu, which is honest: %.200s", node,
				   peer, reason);
		chaos->result->caught++;
		break;
	}
	on_noticed(arg, node, reason);
}

/* --- up and down ------------------------------------------------------------------------------ */

void chaos_learn(struct chaos *chaos, size_t node, uint32_t log)
{
	char why[TRUTH_WHY_BYTES];

	if (!truth_learn(chaos->truth, net_store(chaos->net, node), net_charter(chaos->net, node),
			 log, why))
		chaos_fail(chaos, "node %zu: %.300s", node, why);
}

/* What was durable is there. */
static void check_after_start(struct chaos *chaos, size_t node)
{
	uint64_t size = chaos_status(chaos, node, (uint32_t)node).size;
	uint64_t known = truth_size(chaos->truth, (uint32_t)node, chaos_amendment(chaos, node));

	chaos_learn(chaos, node, (uint32_t)node);
	if (size < known && !chaos->members[node].is_recovering && !is_liar(chaos, node))
		chaos_fail(chaos, "node %zu: %llu entries were durable, and %llu are there", node,
			   (unsigned long long)known, (unsigned long long)size);
	chaos_check_node(chaos, node);
}

static void start(struct chaos *chaos, size_t node, struct catalog_span charter)
{
	net_start(chaos->net, node, charter);
	chaos_choose_secret(chaos, node);
	check_after_start(chaos, node);
}

static void kill(struct chaos *chaos, size_t node, uint64_t for_ms)
{
	chaos->members[node].is_down = true;
	chaos->members[node].up_ms = net_now_ms(chaos->net) + for_ms;
	if (net_is_up(chaos->net, node))
		net_kill(chaos->net, node);
}

/* By the charter of now: by the one that it begins with its log may be another. */
static bool knows_all_of(struct chaos *chaos, size_t node, uint32_t log)
{
	uint64_t newest = catalog_charter_number(chaos->charter);

	return net_is_up(chaos->net, node) && chaos_amendment(chaos, node) == newest &&
	       chaos_status(chaos, node, log).size == truth_size(chaos->truth, log, newest);
}

/* What one peer makes it hold is bounded. */
static void check_memory(struct chaos *chaos, size_t node)
{
	struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];
	size_t count =
		gossip_node_peers(net_gossip(chaos->net, node), peers, GOSSIP_NODE_LINKS_MAX);

	for (size_t i = 0; i < count; i++)
		if (peers[i].memory > GOSSIP_NODE_PEER_BYTES)
			chaos_fail(chaos, "node %zu holds %zu bytes for one peer", node,
				   peers[i].memory);
}

/* A node that has crashed by itself is down for a while, too. */
void chaos_tend(struct chaos *chaos)
{
	for (size_t i = 0; i < chaos->plan->node_count; i++) {
		struct chaos_member *member = &chaos->members[i];

		if (!net_has_started(chaos->net, i) || member->is_gone)
			continue;
		if (net_is_up(chaos->net, i)) {
			check_memory(chaos, i);
			chaos_choose_secret(chaos, i);
			if (member->is_recovering && knows_all_of(chaos, i, (uint32_t)i))
				member->is_recovering = false;
		} else if (!member->is_down) {
			chaos->result->crashes++;
			kill(chaos, i, gossip_random_below(&chaos->random, DOWN_MS_MAX));
		} else if (net_now_ms(chaos->net) >= member->up_ms) {
			member->is_down = false;
			/* Who came later has joined with the charter of then. */
			start(chaos, i,
			      i < chaos->plan->founded ? (struct catalog_span){NULL, 0}
						       : catalog_charter_bytes(chaos->charter));
		}
	}
}

/* A write of ours, at a node, has ended. */
bool chaos_is_alive(struct chaos *chaos, size_t node)
{
	if (!net_has_failed(chaos->net, node))
		return true;
	net_kill(chaos->net, node);
	return false;
}

/* --- losses ----------------------------------------------------------------------------------- */

/* Only what the others have can be had back; and who asks three members must meet one that knows.
 * One store at a time: nobody can do anything about more. */
static bool may_lose(struct chaos *chaos, size_t node)
{
	size_t unknowing = 0;
	struct gossip_confirm confirm;

	if (!net_is_up(chaos->net, node) ||
	    truth_brings_back(chaos->truth, (uint32_t)node, catalog_charter_number(chaos->charter),
			      UINT64_MAX))
		return false;
	gossip_confirm_look(net_gossip(chaos->net, node), &confirm);
	for (size_t i = 0; i < chaos->plan->node_count; i++) {
		if (chaos->members[i].is_recovering)
			return false;
		if (i == node || catalog_charter_member(chaos->charter, (uint32_t)i) == NULL)
			continue;
		unknowing += !knows_all_of(chaos, i, (uint32_t)node);
	}
	return knows_all_of(chaos, node, (uint32_t)node) && unknowing < confirm.needed;
}

static void lose(struct chaos *chaos, const struct plan_fault *fault)
{
	bool may = !is_liar(chaos, fault->node) && may_lose(chaos, fault->node);

	kill(chaos, fault->node, fault->for_ms);
	if (!may || (fault->kind == PLAN_RESTORE && !net_has_kept(chaos->net, fault->node)))
		return;
	if (fault->kind == PLAN_RESTORE)
		net_restore(chaos->net, fault->node);
	else
		net_wipe(chaos->net, fault->node);
	chaos->members[fault->node].is_recovering = true;
	memset(chaos->members[fault->node].seen, 0,
	       chaos->plan->node_count * sizeof(struct chaos_seen));
	chaos->result->losses++;
}

static void keep(struct chaos *chaos, size_t node)
{
	kill(chaos, node, STEP_MS);
	net_keep(chaos->net, node);
}

static void prune(struct chaos *chaos, size_t node)
{
	size_t count = 1;

	while (count > 0 && net_is_up(chaos->net, node)) {
		if (catalog_prune_step(net_store(chaos->net, node), INT64_MAX, &count) != 0)
			count = 0;
		if (chaos_is_alive(chaos, node))
			chaos_check_node(chaos, node);
	}
}

/* --- faults ----------------------------------------------------------------------------------- */

static void block(struct chaos *chaos, const struct plan_fault *fault, bool is_blocked)
{
	for (size_t i = 0; i <= (size_t)fault->number; i++)
		net_block(chaos->net, fault->node, (fault->other + i) % chaos->plan->founded,
			  is_blocked);
}

static void happen(struct chaos *chaos, const struct plan_fault *fault)
{
	struct net *net = chaos->net;
	struct chaos_member *member = &chaos->members[fault->node];
	unsigned number = (unsigned)fault->number;

	if (!net_has_started(net, fault->node) || member->is_gone)
		return;
	switch (fault->kind) {
	case PLAN_PUBLISH: chaos_publish(chaos, fault->node, number); break;
	case PLAN_FORK: chaos_fork(chaos, fault); break;
	case PLAN_CUT:
	case PLAN_FLAP: net_cut(net, fault->node, (enum net_cut)number); break;
	case PLAN_SLOW: net_slow(net, number); break;
	case PLAN_DOUBLE: net_double(net, number); break;
	case PLAN_DEAF: net_deafen(net, number); break;
	case PLAN_BLOCK: block(chaos, fault, true); break;
	case PLAN_PART: net_part(net, fault->node, true); break;
	case PLAN_MUTE: net_mute(net, fault->node, true); break;
	case PLAN_KILL: kill(chaos, fault->node, fault->for_ms); break;
	case PLAN_CRASH:
		if (net_is_up(net, fault->node))
			net_crash(net, fault->node, number);
		break;
	case PLAN_FULL: net_fill(net, fault->node, true); break;
	case PLAN_KEEP: keep(chaos, fault->node); break;
	case PLAN_RESTORE:
	case PLAN_WIPE: lose(chaos, fault); break;
	case PLAN_PRUNE: prune(chaos, fault->node); break;
	case PLAN_CLOCK: net_set_clock(net, fault->node, fault->number); break;
	case PLAN_LIE:
		member->is_lying = true;
		member->lie = (enum liar_lie)number;
		break;
	case PLAN_FORGE: chaos_forge(chaos, fault); break;
	case PLAN_TWO: chaos_amend_twice(chaos); break;
	case PLAN_ADMIT:
	case PLAN_ROTATE:
	case PLAN_SUSPEND:
	case PLAN_EXPEL: chaos_amend(chaos, fault); break;
	case PLAN_KINDS: break;
	}
}

static void end(struct chaos *chaos, const struct plan_fault *fault)
{
	struct net *net = chaos->net;

	switch (fault->kind) {
	case PLAN_SLOW: net_slow(net, 0); break;
	case PLAN_DOUBLE: net_double(net, 0); break;
	case PLAN_DEAF: net_deafen(net, 0); break;
	case PLAN_BLOCK: block(chaos, fault, false); break;
	case PLAN_PART: net_part(net, fault->node, false); break;
	case PLAN_MUTE: net_mute(net, fault->node, false); break;
	case PLAN_FULL: net_fill(net, fault->node, false); break;
	case PLAN_CLOCK: net_set_clock(net, fault->node, 0); break;
	case PLAN_LIE: chaos->members[fault->node].is_lying = false; break;
	case PLAN_SUSPEND: chaos_readmit(chaos, fault); break;
	case PLAN_PUBLISH:
	case PLAN_FORK:
	case PLAN_CUT:
	case PLAN_FLAP:
	case PLAN_KILL:
	case PLAN_CRASH:
	case PLAN_KEEP:
	case PLAN_RESTORE:
	case PLAN_WIPE:
	case PLAN_PRUNE:
	case PLAN_FORGE:
	case PLAN_TWO:
	case PLAN_ADMIT:
	case PLAN_ROTATE:
	case PLAN_EXPEL:
	case PLAN_KINDS: break;
	}
}

/* --- time ------------------------------------------------------------------------------------- */

/* When a fault ends, whose end must come before those of the faults do. */
static uint64_t end_of(const struct plan *plan, const struct plan_fault *fault)
{
	uint64_t end_ms = fault->at_ms + fault->for_ms;

	return end_ms < plan->end_ms ? end_ms : plan->end_ms;
}

/* What begins, goes on or ends between two moments.  (Not later than the faults' end.) */
static void happen_between(struct chaos *chaos, uint64_t from_ms, uint64_t to_ms)
{
	const struct plan *plan = chaos->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_fault *fault = &plan->faults[i];
		uint64_t end_ms = end_of(plan, fault);

		if (fault->at_ms > from_ms && fault->at_ms <= to_ms)
			happen(chaos, fault);
		else if (fault->kind == PLAN_FLAP && fault->at_ms <= from_ms && end_ms > to_ms)
			happen(chaos, fault);
		if (fault->for_ms > 0 && end_ms > from_ms && end_ms <= to_ms)
			end(chaos, fault);
	}
}

static void go_through_faults(struct chaos *chaos)
{
	for (uint64_t at_ms = 0; at_ms < chaos->plan->end_ms;) {
		uint64_t next_ms = at_ms + FLAP_MS;

		if (next_ms > chaos->plan->end_ms)
			next_ms = chaos->plan->end_ms;
		net_run(chaos->net, next_ms - at_ms);
		happen_between(chaos, at_ms, next_ms);
		chaos_tend(chaos);
		at_ms = next_ms;
	}
}

/* --- all -------------------------------------------------------------------------------------- */

static void begin(struct chaos *chaos)
{
	const struct plan *plan = chaos->plan;
	struct net_options options = {
		.seed = plan->seed,
		.node_count = plan->node_count,
		.founded = plan->founded,
		.nat_percent = 60,
		.is_rough = true,
		.watch = {chaos, on_ran, on_noticed, on_closed},
	};

	chaos->random.state = plan->seed + 1;
	chaos->truth = truth_new(plan->node_count);
	chaos->members = calloc(plan->node_count, sizeof *chaos->members);
	chaos->is_forked = calloc(plan->node_count, sizeof *chaos->is_forked);
	if (chaos->members == NULL || chaos->is_forked == NULL)
		abort();
	chaos->net = net_new(&options);
	for (size_t i = 0; i < plan->node_count; i++) {
		struct chaos_member *member = &chaos->members[i];

		member->secrets[member->secret_count++] = *net_secret(chaos->net, i);
		member->seen = calloc(plan->node_count, sizeof *member->seen);
		if (member->seen == NULL)
			abort();
		if (chaos_is_distrusted(chaos, (uint32_t)i))
			truth_distrust(chaos->truth, (uint32_t)i);
	}
	if (catalog_charter_new(catalog_charter_bytes(net_charter(chaos->net, 0)),
				&chaos->charter) != 0)
		abort();
}

static void finish(struct chaos *chaos)
{
	chaos->result->trace = net_trace(chaos->net);
	net_free(chaos->net);
	truth_free(chaos->truth);
	for (size_t i = 0; i < chaos->plan->node_count; i++) {
		catalog_buffer_close(&chaos->members[i].kept_wire);
		free(chaos->members[i].seen);
	}
	free(chaos->members);
	free(chaos->is_forked);
	catalog_charter_free(chaos->charter);
	chaos->result->is_done = true;
}

void chaos_run(const struct plan *plan, struct chaos_result *ret_result)
{
	struct chaos chaos = {.plan = plan, .result = ret_result};

	chaos.is_verbose = getenv("SIM_VERBOSE") != NULL;
	begin(&chaos);
	go_through_faults(&chaos);
	chaos_demand_health(&chaos);
	finish(&chaos);
}
