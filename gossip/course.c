/* gossip/course.c - a council that signs two amendments of one number can send two nodes on
 * different courses.  Both hear of both and keep to the one that counts (catalog/charter_store).
 *
 * Nodes compare a digest of their charters, which is in every hello.  Where it differs each sends
 * its trail: some of the amendments that its charter goes through, so that the other finds the last
 * that they have in common and sends what comes after; and of which numbers it has proofs.  A proof
 * travels as the two amendments it consists of, ahead of all else, once over each link.
 *
 * A node whose charter changes course knows members that are none.  It ends and begins anew. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/conflict.h"
#include "gossip/state.h"

#define TRAILS_MAX 32 /* of one link: nobody honest has so much to say */

static bool is_greeted(const struct gossip_link *link)
{
	return link->state == GOSSIP_LINK_GREETED;
}

void gossip_course_of(const struct catalog_charter *charter, uint64_t number,
		      struct gossip_course *ret_course)
{
	const struct catalog_hash *hash = catalog_charter_hash(charter, number);
	uint8_t bytes[sizeof *hash + 8 * CATALOG_CHARTER_CONFLICTS_MAX] = {0};
	size_t count, len = sizeof *hash;
	const uint64_t *conflicts = catalog_charter_conflicts(charter, &count);
	struct catalog_hash digest;

	if (hash != NULL) /* else it has changed course this moment */
		memcpy(bytes, hash->bytes, sizeof *hash);
	for (size_t i = 0; i < count; i++)
		for (unsigned k = 0; k < 8; k++)
			bytes[len++] = (uint8_t)(conflicts[i] >> (56 - 8 * k));
	catalog_hash_of(bytes, len, &digest);
	memcpy(ret_course->bytes, digest.bytes, sizeof ret_course->bytes);
}

void gossip_course_greet(struct gossip_node *node, struct gossip_link *link,
			 struct gossip_hello *hello)
{
	const uint64_t *conflicts = catalog_charter_conflicts(node->charter, &link->conflict_count);

	/* It knows of all that we know of, unless one of us sees that the digests differ. */
	memcpy(link->conflicts, conflicts, link->conflict_count * sizeof *conflicts);
	gossip_course_of(node->charter, hello->amendment, &hello->course);
}

/* --- trails ----------------------------------------------------------------------------------- */

static void say_trail(struct gossip_node *node, struct gossip_link *link, bool is_answer)
{
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_TRAIL};
	struct gossip_trail *trail = &message.as.trail;
	const uint64_t *conflicts =
		catalog_charter_conflicts(node->charter, &trail->conflict_count);
	uint64_t at = catalog_charter_number(node->charter), step = 1;

	trail->is_answer = is_answer;
	memcpy(trail->conflicts, conflicts, trail->conflict_count * sizeof *conflicts);
	while (trail->count < GOSSIP_MESSAGE_STEPS_MAX) {
		const struct catalog_hash *hash = catalog_charter_hash(node->charter, at);

		if (hash != NULL)
			trail->steps[trail->count++] = (struct gossip_step){at, *hash};
		if (at == 0)
			break;
		at -= step < at ? step : at;
		step *= 2;
	}
	link->has_trailed = true;
	gossip_link_say(link, &message);
}

void gossip_course_heard(struct gossip_node *node, struct gossip_link *link, uint64_t number,
			 const struct gossip_course *course)
{
	struct gossip_course ours;

	if (number > catalog_charter_number(node->charter))
		return; /* it can tell, and does */
	gossip_course_of(node->charter, number, &ours);
	link->is_astray = memcmp(ours.bytes, course->bytes, sizeof ours.bytes) != 0;
	if (link->is_astray && !link->has_trailed && is_greeted(link))
		say_trail(node, link, false);
}

void gossip_course_trail(struct gossip_node *node, struct gossip_link *link,
			 const struct gossip_trail *trail)
{
	uint64_t common = 0;

	if (++link->trails > TRAILS_MAX) {
		gossip_link_close(link, GOSSIP_BOOK_CLOSED, "the charter is told again and again");
		return;
	}
	link->is_astray = true;
	for (size_t i = 0; i < trail->count; i++) {
		const struct catalog_hash *ours =
			catalog_charter_hash(node->charter, trail->steps[i].number);

		if (ours == NULL || !catalog_hash_equal(ours, &trail->steps[i].hash))
			continue;
		/* Its newest is one of ours, or ours one of its. */
		if (i == 0 || trail->steps[i].number == catalog_charter_number(node->charter))
			link->is_astray = false;
		if (common < trail->steps[i].number)
			common = trail->steps[i].number;
	}
	link->amendment_told = common;
	link->conflict_count = trail->conflict_count;
	memcpy(link->conflicts, trail->conflicts, sizeof link->conflicts);
	link->is_half_told = false;
	if (!trail->is_answer)
		say_trail(node, link, true);
}

/* --- proofs ----------------------------------------------------------------------------------- */

static bool knows(const struct gossip_link *link, uint64_t number)
{
	for (size_t i = 0; i < link->conflict_count; i++)
		if (link->conflicts[i] == number)
			return true;
	return false;
}

static int read_proof(struct gossip_node *node, uint64_t number, struct catalog_buffer *proof)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(node->store, &txn);

	if (r != 0)
		return r;
	r = catalog_conflict_read(txn, number, proof);
	catalog_store_end(txn);
	return r;
}

int gossip_course_next(struct gossip_node *node, struct gossip_link *link)
{
	size_t count;
	const uint64_t *conflicts = catalog_charter_conflicts(node->charter, &count);
	struct catalog_conflict conflict;
	struct catalog_buffer proof = {0};
	uint64_t number = 0;
	int r = -ENOENT;

	/* The first that it lacks; it judges them by the amendments before. */
	for (size_t i = 0; i < count && number == 0; i++)
		if (!knows(link, conflicts[i]) && conflicts[i] <= link->amendment_told + 1)
			number = conflicts[i];
	if (number == 0 || link->conflict_count == CATALOG_CHARTER_CONFLICTS_MAX)
		return -ENOENT;
	r = read_proof(node, number, &proof);
	if (r == 0)
		r = catalog_conflict_decode(catalog_buffer_span(&proof), &conflict);
	if (r == 0) {
		struct catalog_span half = conflict.amendments[link->is_half_told ? 1 : 0];

		r = catalog_buffer_append(&link->saying, half.bytes, half.len);
	}
	catalog_buffer_close(&proof);
	if (r != 0)
		return r;
	link->saying_number = number;
	if (link->is_half_told)
		link->conflicts[link->conflict_count++] = number;
	link->is_half_told = !link->is_half_told;
	return 0;
}

/* --- our own charter -------------------------------------------------------------------------- */

static void tell_of_conflicts(struct gossip_node *node)
{
	size_t count;
	const uint64_t *conflicts = catalog_charter_conflicts(node->charter, &count);

	if (count == node->conflict_count)
		return;
	if (count > node->conflict_count)
		gossip_node_notice(
			node,
			"THE COUNCIL HAS SIGNED TWO AMENDMENTS of one number (%llu): the "
			"one with the smaller hash counts; `fedcat charter show` says more",
			(unsigned long long)conflicts[count - 1]);
	node->conflict_count = count;
	for (size_t i = 0; i < node->link_count; i++)
		node->links[i]->has_trailed = false;
}

bool gossip_course_look(struct gossip_node *node)
{
	struct gossip_action action = {.kind = GOSSIP_ACTION_TURNED};
	const struct catalog_hash *hash;

	if (node->has_turned)
		return false;
	tell_of_conflicts(node);
	hash = catalog_charter_hash(node->charter, node->amendment);
	if (hash != NULL && catalog_hash_equal(hash, &node->amendment_hash))
		return true;
	node->has_turned = true;
	for (size_t i = 0; i < node->link_count; i++)
		gossip_link_close(node->links[i], GOSSIP_BOOK_CLOSED,
				  "the charter has changed course: we begin anew");
	gossip_node_queue(node, &action);
	return false;
}
