/* tests/sim/chaos_amend.c - the council of one decides, and one node is handed the amendment: the
 * others hear of it. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/sim/chaos_state.h"

static void must(bool holds)
{
	if (!holds)
		abort(); /* no memory, or an amendment that the charter does not allow */
}

/* Any node that is up takes amendments, those before them first. */
static void hand_in(struct chaos *chaos, struct catalog_span amendments)
{
	size_t count = chaos->plan->node_count;
	size_t start = (size_t)gossip_random_below(&chaos->random, count);

	for (size_t i = 0; i < count; i++) {
		size_t node = (start + i) % count;

		if (!net_is_up(chaos->net, node) || plan_is_liar(chaos->plan, node))
			continue;
		(void)net_amend(chaos->net, node, amendments); /* it may lose its power */
		return;
	}
}

/* The charter that comes of changes. */
static struct catalog_charter *sign(const struct chaos *chaos,
				    const struct catalog_change *const *decided, size_t count)
{
	struct catalog_buffer changes = {0}, body = {0}, amendment = {0};
	struct catalog_charter *amended;
	struct catalog_signature signature;
	struct catalog_hash hash;

	for (size_t i = 0; i < count; i++)
		must(catalog_change_encode(decided[i], &changes) == 0);
	must(catalog_amendment_write(catalog_charter_number(chaos->charter) + 1,
				     catalog_charter_head(chaos->charter),
				     net_clock_s(chaos->net, 0), catalog_buffer_span(&changes),
				     count, &body) == 0);
	catalog_hash_of(body.bytes, body.len, &hash);
	catalog_amendment_sign(&hash, &chaos->members[0].secrets[0], &signature);
	must(catalog_amendment_encode(catalog_buffer_span(&body), &signature, 1, &amendment) == 0 &&
	     catalog_charter_amend(chaos->charter, catalog_buffer_span(&amendment), &amended,
				   NULL) == 0);
	catalog_buffer_close(&changes);
	catalog_buffer_close(&body);
	catalog_buffer_close(&amendment);
	return amended;
}

/* What changes are all about one member, and draw one line. */
static void decide(struct chaos *chaos, const struct catalog_change *const *decided, size_t count)
{
	const struct catalog_change *change = decided[0];

	catalog_charter_replace(chaos->charter, sign(chaos, decided, count));
	if (change->verb != CATALOG_CHANGE_ADMIT)
		truth_cut(chaos->truth, change->as.move.member,
			  catalog_charter_number(chaos->charter), change->as.move.line.size);
	chaos->result->amendments++;
	hand_in(chaos, catalog_charter_bytes(chaos->charter));
}

/* Of two with one number the one with the smaller hash counts. */
void chaos_amend_twice(struct chaos *chaos)
{
	struct catalog_change *change = calloc(1, sizeof *change);
	const struct catalog_change *decided = change;
	struct catalog_charter *charters[2];
	size_t less;

	must(change != NULL);
	change->verb = CATALOG_CHANGE_PROFILE;
	for (size_t i = 0; i < 2; i++) {
		snprintf(change->as.profile.name, sizeof change->as.profile.name, "Simulation %llx",
			 (unsigned long long)gossip_random_next(&chaos->random));
		charters[i] = sign(chaos, &decided, 1);
	}
	less = memcmp(catalog_charter_head(charters[0])->bytes,
		      catalog_charter_head(charters[1])->bytes, sizeof(struct catalog_hash)) < 0
		       ? 0
		       : 1;
	for (size_t i = 0; i < 2; i++)
		hand_in(chaos, catalog_charter_bytes(charters[i]));
	catalog_charter_replace(chaos->charter, charters[less]);
	catalog_charter_free(charters[1 - less]);
	chaos->result->amendments += 2;
	free(change);
}

/* A line at a checkpoint of a member's log, `back` before the newest, of size_max at most; before
 * everything if it has none.  Where no batch follows (size_max is given) it is drawn where nothing
 * that was erased is current. */
static void draw(const struct chaos *chaos, size_t member, size_t back, uint64_t size_max,
		 struct catalog_change *change)
{
	struct catalog_line *line = &change->as.move.line;
	uint64_t newest = catalog_charter_number(chaos->charter);

	change->as.move.member = (uint32_t)member;
	for (; truth_checkpoint(chaos->truth, (uint32_t)member, newest, back, line); back++)
		if (line->size <= size_max &&
		    (size_max == UINT64_MAX ||
		     !truth_brings_back(chaos->truth, (uint32_t)member, newest, line->size)))
			return;
	*line = (struct catalog_line){0};
	catalog_hash_of(NULL, 0, &line->root);
}

static void decide_one(struct chaos *chaos, const struct catalog_change *change)
{
	decide(chaos, &change, 1);
}

static void admit(struct chaos *chaos, struct catalog_change *change)
{
	for (size_t i = chaos->plan->founded; i < chaos->plan->node_count; i++) {
		if (net_has_started(chaos->net, i))
			continue;
		change->verb = CATALOG_CHANGE_ADMIT;
		net_member(chaos->net, i, &change->as.admit);
		decide_one(chaos, change);
		net_start(chaos->net, i, catalog_charter_bytes(chaos->charter));
		return;
	}
}

/* Another key for a member, after a line that is drawn.  Returns whether there was one. */
static bool rotate(struct chaos *chaos, size_t node, struct catalog_change *change)
{
	struct chaos_member *member = &chaos->members[node];
	uint8_t seed[32] = {(uint8_t)node, (uint8_t)(node >> 8), 2};
	struct catalog_secret *secret = &member->secrets[member->secret_count];

	if (member->secret_count == CHAOS_SECRETS_MAX)
		return false;
	seed[3] = (uint8_t)member->secret_count++;
	crypto_sign_seed_keypair(change->as.move.key.bytes, secret->bytes, seed);
	change->verb = CATALOG_CHANGE_ROTATE;
	return true;
}

/* How much of a log everybody holds who is up: what is left of it when its member is gone. */
static uint64_t held_by_all(struct chaos *chaos, size_t member)
{
	uint64_t size = UINT64_MAX;

	for (size_t i = 0; i < chaos->plan->node_count; i++) {
		struct catalog_log_status status;

		if (i == member || !net_is_up(chaos->net, i) || plan_is_liar(chaos->plan, i))
			continue;
		status = chaos_status(chaos, i, (uint32_t)member);
		if (status.size < size)
			size = status.size;
	}
	return size;
}

static void expel(struct chaos *chaos, size_t node, struct catalog_change *change)
{
	change->verb = CATALOG_CHANGE_EXPEL;
	decide_one(chaos, change);
	chaos->members[node].is_gone = true;
	if (net_is_up(chaos->net, node))
		net_kill(chaos->net, node);
}

void chaos_amend(struct chaos *chaos, const struct plan_fault *fault)
{
	struct catalog_change *change = calloc(1, sizeof *change);
	const struct catalog_member *member =
		catalog_charter_member(chaos->charter, (uint32_t)fault->node);

	must(change != NULL);
	if (fault->kind == PLAN_ADMIT) {
		admit(chaos, change);
	} else if (member != NULL && member->standing == CATALOG_STANDING_MEMBER) {
		draw(chaos, fault->node, (size_t)fault->number,
		     fault->kind == PLAN_EXPEL ? held_by_all(chaos, fault->node) : UINT64_MAX,
		     change);
		if (fault->kind == PLAN_ROTATE && rotate(chaos, fault->node, change)) {
			decide_one(chaos, change);
		} else if (fault->kind == PLAN_SUSPEND) {
			change->verb = CATALOG_CHANGE_SUSPEND;
			decide_one(chaos, change);
		} else if (fault->kind == PLAN_EXPEL) {
			expel(chaos, fault->node, change);
		}
	}
	free(change);
}

/* It may have signed more than its line: so it comes back with another key. */
void chaos_readmit(struct chaos *chaos, const struct plan_fault *fault)
{
	struct catalog_change *changes = calloc(2, sizeof *changes);
	const struct catalog_change *decided[2] = {&changes[0], &changes[1]};
	const struct catalog_member *member =
		catalog_charter_member(chaos->charter, (uint32_t)fault->node);

	must(changes != NULL);
	if (member != NULL && member->standing == CATALOG_STANDING_SUSPENDED) {
		draw(chaos, fault->node, 0, UINT64_MAX, &changes[0]);
		changes[0].verb = CATALOG_CHANGE_READMIT;
		changes[1] = changes[0];
		if (rotate(chaos, fault->node, &changes[1]))
			decide(chaos, decided, 2);
	}
	free(changes);
}
