/* tests/sim/chaos_publish.c - members publish, if they may; the malicious ones also what they must
 * not. */
#include <stdlib.h>
#include <string.h>

#include "gossip/confirm.h"
#include "tests/sim/chaos_state.h"
#include "tests/sim/writer.h"

/* --- publishing ------------------------------------------------------------------------------- */

static void publish_as(struct chaos *chaos, size_t node, uint32_t member, unsigned count)
{
	struct writer_batch batch = {.node = node,
				     .member = member,
				     .secret = net_secret(chaos->net, member),
				     .count = count,
				     .may_erase = chaos->plan->erases &&
						  !chaos_is_distrusted(chaos, member)};
	uint64_t before = truth_size(chaos->truth, member, chaos_amendment(chaos, node));
	int r = writer_publish(chaos->net, &batch, &chaos->random);

	if (!chaos_is_alive(chaos, node))
		return; /* whether it is durable shows when it starts again */
	chaos_learn(chaos, node, member);
	if (r != 0 && !plan_is_liar(chaos->plan, member) &&
	    truth_size(chaos->truth, member, chaos_amendment(chaos, node)) != before)
		chaos_fail(chaos, "node %zu published, and was told that it failed (%d)", node, r);
	chaos->result->batches += r == 0;
	chaos_check_node(chaos, node);
	net_published(chaos->net, node);
}

/* Whether a member may sign; nobody may who lacks a part of its own log. */
static bool may_sign(struct chaos *chaos, size_t node)
{
	const struct catalog_member *member =
		catalog_charter_member(net_charter(chaos->net, node), (uint32_t)node);
	struct gossip_confirm confirm;
	uint64_t size, known;

	chaos_choose_secret(chaos, node);
	gossip_confirm_look(net_gossip(chaos->net, node), &confirm);
	if (!confirm.is_confirmed || member == NULL || member->standing != CATALOG_STANDING_MEMBER)
		return false;
	size = chaos_status(chaos, node, (uint32_t)node).size;
	known = truth_size(chaos->truth, (uint32_t)node, chaos_amendment(chaos, node));
	if (size < known && !plan_is_liar(chaos->plan, node))
		chaos_fail(chaos, "node %zu may sign, with %llu of the %llu entries of its log",
			   node, (unsigned long long)size, (unsigned long long)known);
	return true;
}

void chaos_publish(struct chaos *chaos, size_t node, unsigned count)
{
	if (net_is_up(chaos->net, node) && may_sign(chaos, node))
		publish_as(chaos, node, (uint32_t)node, count);
}

void chaos_fork(struct chaos *chaos, const struct plan_fault *fault)
{
	unsigned count = (unsigned)fault->number;

	if (fault->other != fault->node && net_is_up(chaos->net, fault->other) &&
	    net_is_up(chaos->net, fault->node)) {
		publish_as(chaos, fault->other, (uint32_t)fault->node, count);
		count++;
	}
	chaos_publish(chaos, fault->node, count);
}

/* --- forging ---------------------------------------------------------------------------------- */

struct forgery {
	uint32_t log;
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note;
};

static int forge_body(struct catalog_txn *txn, void *arg)
{
	const struct forgery *forgery = arg;

	return catalog_log_target(txn, forgery->log, &forgery->checkpoint,
				  catalog_buffer_span(&forgery->note));
}

/* A malicious node believes its own forgery, and tells it. */
void chaos_forge(struct chaos *chaos, const struct plan_fault *fault)
{
	const struct catalog_member *member;
	struct forgery forgery = {.log = (uint32_t)fault->other};
	struct catalog_secret secret;

	if (!net_is_up(chaos->net, fault->node) || plan_is_liar(chaos->plan, fault->other))
		return;
	member = catalog_charter_member(net_charter(chaos->net, fault->node), forgery.log);
	if (member == NULL)
		return;
	catalog_checkpoint_origin(catalog_charter_federation(chaos->charter), member->name,
				  forgery.checkpoint.origin);
	forgery.checkpoint.size = chaos_status(chaos, fault->node, forgery.log).target_size + 1 +
				  gossip_random_below(&chaos->random, 20);
	forgery.checkpoint.root.bytes[0] = (uint8_t)gossip_random_next(&chaos->random);
	secret = *net_secret(chaos->net, fault->node);
	memcpy(secret.bytes + 32, member->key.bytes, 32); /* it names the key that it has not */
	if (catalog_checkpoint_sign(&forgery.checkpoint, &secret, &forgery.note) != 0)
		abort(); /* no memory */
	if (catalog_store_write(net_store(chaos->net, fault->node), forge_body, &forgery) == 0) {
		chaos->members[fault->node].has_forged = true;
		chaos->result->lies++;
	}
	catalog_buffer_close(&forgery.note);
	if (chaos_is_alive(chaos, fault->node))
		net_moved(chaos->net, fault->node);
}
