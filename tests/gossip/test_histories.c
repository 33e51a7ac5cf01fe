/* Random histories of a federation: amendments of every kind, with and without the threshold,
 * motions and votes, two amendments of one number, publishing, partitions, kills and wiped disks,
 * at several nodes in whatever order things arrive.  In the end all nodes have the same charter,
 * the same proofs against the council, and the same catalogue, and nobody who signed one history is
 * taken for two.
 *
 * What happens at a step depends on the seed and on what happened before, so a prefix of a history
 * is a history: of one that fails the shortest prefix that fails is printed, with how to run it.
 *   HISTORIES_SEED=n  the first seed        HISTORIES_RUNS=n   how many
 *   HISTORIES_STEPS=n steps of each         HISTORIES_SHOW=1   what happens
 */
#include "tests/test.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/amendment.h"
#include "catalog/charter_store.h"
#include "catalog/conflict.h"
#include "catalog/log.h"
#include "catalog/motion.h"
#include "catalog/publisher.h"
#include "catalog/value.h"
#include "gossip/random.h"
#include "tests/gossip/world.h"

#define NODES       5
#define FOUNDED     4
#define KEYS        512 /* enough for every rotation; the first are the members' own */
#define STEPS       28
#define RUNS        6
#define SETTLE      4000000
#define DAY_S       86400
#define FAILED_TEXT 300

struct history {
	uint64_t seed;
	unsigned steps; /* at most */
	bool is_shown;
	struct world *world;
	struct gossip_random random;
	struct catalog_secret secrets[KEYS];
	struct catalog_key keys[KEYS];
	unsigned key_count;
	int64_t nonce;
	struct catalog_change *change;
	struct catalog_buffer changes, note;
	size_t change_count;
	unsigned amended, refused, published, voted, conflicts, wiped;
	char failed[FAILED_TEXT]; /* why, or "" */
};

static uint64_t draw(struct history *h, uint64_t below)
{
	return gossip_random_below(&h->random, below);
}

static void show(const struct history *h, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void show(const struct history *h, const char *format, ...)
{
	va_list args;

	if (!h->is_shown)
		return;
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
}

static void fail_with(struct history *h, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void fail_with(struct history *h, const char *format, ...)
{
	va_list args;

	if (h->failed[0] != '\0')
		return; /* the first counts */
	va_start(args, format);
	(void)vsnprintf(h->failed, sizeof h->failed, format, args);
	va_end(args);
}

static const struct catalog_charter *charter_of(const struct history *h, size_t node)
{
	return world_charter_of(h->world, node);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void make_keys(struct history *h)
{
	for (unsigned i = 0; i < KEYS; i++) {
		uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 77};

		if (i < NODES) {
			h->secrets[i] = *world_secret(h->world, i);
			memcpy(h->keys[i].bytes, h->secrets[i].bytes + 32, 32);
		} else {
			(void)crypto_sign_seed_keypair(h->keys[i].bytes, h->secrets[i].bytes, seed);
		}
	}
	h->key_count = NODES;
}

static const struct catalog_secret *secret_of(const struct history *h,
					      const struct catalog_key *key)
{
	for (unsigned i = 0; i < h->key_count; i++)
		if (memcmp(&h->keys[i], key, sizeof *key) == 0)
			return &h->secrets[i];
	return NULL;
}

static unsigned fresh_key(struct history *h)
{
	assert_true(h->key_count < KEYS);
	return h->key_count++;
}

/* --- amendments ------------------------------------------------------------------------------- */

static void add(struct history *h)
{
	assert_int_equal(catalog_change_encode(h->change, &h->changes), 0);
	h->change_count++;
}

/* A line at a checkpoint that a node holds of a log: its newest, one before, or nothing. */
static void line_at(struct history *h, size_t node, uint32_t log)
{
	struct catalog_log_status status = world_status(h->world, node, log);
	struct catalog_line line = {.size = draw(h, 3) == 0 ? draw(h, status.size + 1)
							    : status.size};
	struct catalog_checkpoint checkpoint;
	struct catalog_txn *txn;

	h->note.len = 0;
	catalog_hash_of(NULL, 0, &line.root);
	assert_int_equal(catalog_store_begin(world_store(h->world, node), &txn), 0);
	while (line.size > 0 && catalog_log_checkpoint_at(txn, log, line.size, &h->note) == -ENOENT)
		line.size--;
	catalog_store_end(txn);
	if (line.size > 0 &&
	    catalog_charter_verify(charter_of(h, node), log, catalog_buffer_span(&h->note),
				   &checkpoint) == 0) {
		line.note = catalog_buffer_span(&h->note);
		line.root = checkpoint.root;
	} else {
		line.size = 0;
	}
	h->change->as.move.line = line;
}

static void move(struct history *h, size_t node, enum catalog_change_verb verb, uint32_t member)
{
	memset(h->change, 0, sizeof *h->change);
	h->change->verb = verb;
	h->change->as.move.member = member;
	line_at(h, node, member);
	if (verb == CATALOG_CHANGE_ROTATE)
		h->change->as.move.key = h->keys[fresh_key(h)];
	add(h);
}

/* Member 0 stays what it is, so that there is always somebody to compare with. */
static void move_some_member(struct history *h, size_t node)
{
	uint32_t index = 1 + (uint32_t)draw(h, NODES - 1);
	const struct catalog_member *member = catalog_charter_member(charter_of(h, node), index);

	if (member == NULL) {
		memset(h->change, 0, sizeof *h->change);
		h->change->verb = CATALOG_CHANGE_ADMIT;
		world_member(h->world, index, &h->change->as.admit);
		h->change->as.admit.key = h->keys[fresh_key(h)];
		add(h);
		return;
	}
	switch (member->standing) {
	case CATALOG_STANDING_EXPELLED: break;
	case CATALOG_STANDING_SUSPENDED:
		/* Who may have signed beyond the line comes back with another key. */
		move(h, node, CATALOG_CHANGE_READMIT, index);
		move(h, node, CATALOG_CHANGE_ROTATE, index);
		break;
	case CATALOG_STANDING_MEMBER:
		switch (draw(h, 10)) {
		case 0: move(h, node, CATALOG_CHANGE_EXPEL, index); break;
		case 1:
		case 2:
		case 3: move(h, node, CATALOG_CHANGE_SUSPEND, index); break;
		default: move(h, node, CATALOG_CHANGE_ROTATE, index); break;
		}
		break;
	}
}

static void change_council(struct history *h, size_t node)
{
	struct catalog_council *council;

	memset(h->change, 0, sizeof *h->change);
	h->change->verb = CATALOG_CHANGE_COUNCIL;
	council = &h->change->as.council;
	for (uint32_t i = 0; i < NODES; i++) {
		const struct catalog_member *member =
			catalog_charter_member(charter_of(h, node), i);

		if (member != NULL && (council->count == 0 || draw(h, 2) == 0))
			council->keys[council->count++] = member->key;
	}
	council->threshold = 1 + (unsigned)draw(h, council->count);
	add(h);
}

static void change_profile(struct history *h)
{
	memset(h->change, 0, sizeof *h->change);
	h->change->verb = CATALOG_CHANGE_PROFILE;
	(void)snprintf(h->change->as.profile.name, sizeof h->change->as.profile.name, "World %u",
		       (unsigned)draw(h, 1000));
	add(h);
}

/* Begin the body of an amendment of what a node knows, with one or two changes.  Returns whether
 * there is something to decide. */
static bool write_body(struct history *h, size_t node, struct catalog_buffer *body)
{
	const struct catalog_charter *charter = charter_of(h, node);

	h->changes.len = 0;
	h->change_count = 0;
	switch (draw(h, 6)) {
	case 0: change_council(h, node); break;
	case 1: change_profile(h); break;
	default: move_some_member(h, node); break;
	}
	if (h->change_count == 0)
		return false;
	assert_int_equal(catalog_amendment_write(catalog_charter_number(charter) + 1,
						 catalog_charter_head(charter), ++h->nonce,
						 catalog_buffer_span(&h->changes), h->change_count,
						 body),
			 0);
	return true;
}

/* Sign by keys of a council, all but `but` of those who must. */
static void sign(struct history *h, const struct catalog_council *council, unsigned but,
		 struct catalog_amendment *amendment)
{
	for (unsigned i = 0; i + but < council->threshold; i++) {
		const struct catalog_secret *secret = secret_of(h, &council->keys[i]);
		struct catalog_signature signature;
		int r;

		assert_non_null(secret);
		catalog_amendment_sign(&amendment->hash, secret, &signature);
		r = catalog_amendment_add(amendment, &signature);
		assert_true(r == 0 || r == -EEXIST);
	}
}

/* A node is handed an amendment of its charter; one in five lacks a signature. */
static void amend(struct history *h, size_t node)
{
	const struct catalog_charter *charter = charter_of(h, node);
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	struct catalog_charter_tally tally;
	struct catalog_buffer body = {0}, bytes = {0};
	unsigned but = draw(h, 5) == 0 ? 1 : 0;
	uint64_t number = catalog_charter_number(charter);
	int r = -EPROTO;

	assert_non_null(amendment);
	if (write_body(h, node, &body)) {
		assert_int_equal(
			catalog_amendment_decode_body(catalog_buffer_span(&body), amendment), 0);
		sign(h, catalog_charter_council(charter), but, amendment);
		if (h->change->verb == CATALOG_CHANGE_COUNCIL)
			sign(h, &h->change->as.council, 0, amendment);
		r = catalog_charter_judge(charter, amendment, &tally, NULL);
	}
	if (r == 0) {
		bool is_full = catalog_charter_tally_is_full(&tally);

		assert_int_equal(catalog_amendment_encode(catalog_buffer_span(&body),
							  amendment->signatures,
							  amendment->signature_count, &bytes),
				 0);
		r = world_amend(h->world, node, catalog_buffer_span(&bytes));
		show(h, "  node %zu: amendment %llu %s, %s: %d\n", node,
		     (unsigned long long)number + 1, catalog_change_word(h->change->verb),
		     is_full ? "signed" : "without a signature", r);
		if ((r == 0) != is_full || (r != 0 && r != -EKEYREJECTED))
			fail_with(h, "node %zu makes %d of an amendment that is %s", node, r,
				  is_full ? "signed" : "not signed by enough");
		h->amended += r == 0;
		h->refused += r != 0;
	}
	catalog_buffer_close(&body);
	catalog_buffer_close(&bytes);
	free(amendment);
}

/* --- logs ------------------------------------------------------------------------------------- */

/* The publisher of a node's own member, if it may sign now. */
static struct catalog_publisher *publisher_of(struct history *h, size_t node)
{
	const struct catalog_charter *charter = charter_of(h, node);
	const struct catalog_member *member = catalog_charter_member(charter, (uint32_t)node);
	const struct catalog_secret *secret = member != NULL ? secret_of(h, &member->key) : NULL;
	struct catalog_publisher *publisher = NULL;
	int r;

	if (secret == NULL || world_node(h->world, node) == NULL ||
	    !world_confirm(h->world, node).is_confirmed)
		return NULL;
	r = catalog_publisher_new(world_store(h->world, node), charter, (uint32_t)node, secret,
				  &publisher);
	if (r != 0 && r != -EPERM && r != -ESTALE && r != -EEXIST)
		fail_with(h, "node %zu cannot publish: %d", node, r);
	return r == 0 ? publisher : NULL;
}

static void end_publisher(struct history *h, size_t node, struct catalog_publisher *publisher)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {(uint8_t)draw(h, 256)};
	int r = catalog_publisher_flush(publisher, 1, salt);

	catalog_publisher_free(publisher);
	if (r == 0)
		world_published(h->world, node);
	else if (r != -ESTALE && r != -EROFS)
		fail_with(h, "node %zu cannot flush: %d", node, r);
}

static void publish(struct history *h, size_t node)
{
	struct catalog_publisher *publisher = publisher_of(h, node);
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};

	for (uint64_t i = 1 + draw(h, 6); publisher != NULL && i > 0; i--) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *titles = catalog_value_new_map();
		enum catalog_publisher_outcome outcome;
		char id[16], title[40];

		(void)snprintf(id, sizeof id, "d-%u", (unsigned)draw(h, 12));
		(void)snprintf(title, sizeof title, "rice %u", (unsigned)draw(h, 100000));
		assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(title)),
				 0);
		assert_int_equal(catalog_value_set(listing, "title", titles), 0);
		assert_int_equal(catalog_publisher_put(publisher, id, listing, 1, salt, &outcome),
				 0);
		catalog_value_free(listing);
	}
	if (publisher == NULL)
		return;
	show(h, "  node %zu publishes\n", node);
	h->published++;
	end_publisher(h, node, publisher);
}

/* Append an entry of charter business. */
static void append(struct history *h, struct catalog_publisher *publisher,
		   enum catalog_entry_kind kind, const char *id, const struct catalog_buffer *body)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	enum catalog_publisher_outcome outcome;
	int r = catalog_publisher_append(publisher, kind, id, catalog_buffer_span(body), 1, salt,
					 &outcome);

	if (r != 0)
		fail_with(h, "an entry cannot be appended: %d", r);
}

static void append_vote(struct history *h, size_t node, struct catalog_publisher *publisher,
			const struct catalog_hash *hash)
{
	const struct catalog_member *member =
		catalog_charter_member(charter_of(h, node), (uint32_t)node);
	struct catalog_signature signature;
	struct catalog_buffer vote = {0};
	char id[CATALOG_HASH_HEX_BYTES];

	catalog_amendment_sign(hash, secret_of(h, &member->key), &signature);
	assert_int_equal(catalog_motion_encode_vote(hash, &signature, &vote), 0);
	catalog_hash_to_hex(hash, id);
	append(h, publisher, CATALOG_ENTRY_VOTE, id, &vote);
	catalog_buffer_close(&vote);
	h->voted++;
}

/* A member proposes in its own log, and votes for it. */
static void propose(struct history *h, size_t node)
{
	struct catalog_publisher *publisher = publisher_of(h, node);
	struct catalog_buffer body = {0}, motion = {0};
	struct catalog_hash hash;
	struct catalog_txn *txn;
	unsigned place = 0;
	char id[8];
	int r;

	if (publisher == NULL)
		return;
	assert_int_equal(catalog_store_begin(world_store(h->world, node), &txn), 0);
	r = catalog_motion_place(txn, charter_of(h, node), (uint32_t)node, world_now_s(h->world),
				 &place);
	catalog_store_end(txn);
	if (r == 0 && write_body(h, node, &body)) {
		assert_int_equal(catalog_motion_encode(catalog_buffer_span(&body),
						       world_now_s(h->world) + DAY_S, &motion),
				 0);
		(void)snprintf(id, sizeof id, "%u", place);
		append(h, publisher, CATALOG_ENTRY_MOTION, id, &motion);
		catalog_hash_of(body.bytes, body.len, &hash);
		append_vote(h, node, publisher, &hash);
		show(h, "  node %zu proposes\n", node);
	}
	end_publisher(h, node, publisher);
	catalog_buffer_close(&body);
	catalog_buffer_close(&motion);
}

struct choice {
	struct history *h;
	size_t count;
	struct catalog_hash hash;
};

static int choose(void *arg, const struct catalog_motion *motion)
{
	struct choice *choice = arg;

	if (draw(choice->h, ++choice->count) == 0)
		choice->hash = motion->hash;
	return 0;
}

static void vote(struct history *h, size_t node)
{
	struct choice choice = {.h = h};
	struct catalog_publisher *publisher = publisher_of(h, node);
	struct catalog_txn *txn;

	if (publisher == NULL)
		return;
	assert_int_equal(catalog_store_begin(world_store(h->world, node), &txn), 0);
	assert_int_equal(catalog_motion_walk(txn, charter_of(h, node), choose, &choice), 0);
	catalog_store_end(txn);
	if (choice.count > 0) {
		append_vote(h, node, publisher, &choice.hash);
		show(h, "  node %zu votes\n", node);
	}
	end_publisher(h, node, publisher);
}

/* --- what happens ----------------------------------------------------------------------------- */

static void restart(struct history *h, size_t node, bool is_wiped)
{
	show(h, "  node %zu restarts%s\n", node, is_wiped ? " with an empty disk" : "");
	if (world_node(h->world, node) != NULL)
		world_kill(h->world, node);
	if (is_wiped) {
		world_wipe(h->world, node);
		h->wiped++;
	}
	world_start(h->world, node);
}

static void step(struct history *h, unsigned number)
{
	size_t node, other;

	h->random.state = h->seed * 1000003 + number;
	node = (size_t)draw(h, NODES);
	other = (size_t)draw(h, NODES);
	switch (draw(h, 16)) {
	case 0:
	case 1:
	case 2: amend(h, node); break;
	case 3: /* two nodes at once: of one number, if they know the same */
		amend(h, node);
		if (other != node)
			amend(h, other);
		break;
	case 4:
	case 5: propose(h, node); break;
	case 6:
	case 7: vote(h, node); break;
	case 8:
		if (other != node) {
			bool is_parted = draw(h, 2) == 0;

			show(h, "  nodes %zu and %zu are %s\n", node, other,
			     is_parted ? "parted" : "together");
			world_part(h->world, node, other, is_parted);
		}
		break;
	case 9: restart(h, node, false); break;
	case 10:
		if (node != 0) /* whoever comes back with nothing asks somebody */
			restart(h, node, draw(h, 4) == 0);
		break;
	default: publish(h, node); break;
	}
	for (uint64_t i = draw(h, 400); i > 0; i--)
		(void)world_step(h->world);
	if (draw(h, 4) == 0)
		world_pass(h->world, draw(h, 30000));
}

/* --- what must hold --------------------------------------------------------------------------- */

/* Whether what a log lacks everywhere may be lost: its member was expelled before anybody else had
 * it, or the disk that it was on is gone. */
static bool may_lack(const struct history *h, uint32_t log)
{
	const struct catalog_member *member = catalog_charter_member(charter_of(h, 0), log);

	return h->wiped > 0 || (member != NULL && member->standing == CATALOG_STANDING_EXPELLED);
}

static void compare_logs(struct history *h, size_t node)
{
	for (uint32_t log = 0; log < NODES; log++) {
		struct catalog_log_status a = world_status(h->world, 0, log),
					  b = world_status(h->world, node, log);

		if (a.health != CATALOG_LOG_GOOD || b.health != CATALOG_LOG_GOOD)
			fail_with(h, "log %u is marked", log);
		if (a.target_size != b.target_size || (a.size < a.target_size && !may_lack(h, log)))
			fail_with(h, "log %u is partial: %llu of %llu, %llu of %llu at node %zu",
				  log, (unsigned long long)a.size,
				  (unsigned long long)a.target_size, (unsigned long long)b.size,
				  (unsigned long long)b.target_size, node);
		if (a.size != b.size || !catalog_hash_equal(&a.root, &b.root) ||
		    !catalog_hash_equal(&a.view_root, &b.view_root))
			fail_with(h, "log %u has %llu entries at node 0 and %llu at node %zu", log,
				  (unsigned long long)a.size, (unsigned long long)b.size, node);
	}
}

static void compare(struct history *h)
{
	const struct catalog_charter *first = charter_of(h, 0);
	size_t first_count, count;
	const uint64_t *first_conflicts = catalog_charter_conflicts(first, &first_count);

	h->conflicts = (unsigned)first_count;
	for (size_t node = 0; node < NODES; node++) {
		const struct catalog_charter *charter = charter_of(h, node);
		const uint64_t *conflicts = catalog_charter_conflicts(charter, &count);

		if (world_node(h->world, node) == NULL)
			continue;
		if (!catalog_hash_equal(catalog_charter_head(first), catalog_charter_head(charter)))
			fail_with(h, "node %zu is at amendment %llu, node 0 at %llu", node,
				  (unsigned long long)catalog_charter_number(charter),
				  (unsigned long long)catalog_charter_number(first));
		else if (count != first_count ||
			 memcmp(conflicts, first_conflicts, count * sizeof *conflicts) != 0)
			fail_with(h, "node %zu knows of %zu conflicts, node 0 of %zu", node, count,
				  first_count);
		else
			compare_logs(h, node);
	}
}

/* Everything is well again; who is no member, or was expelled, may stay outside. */
static void come_together(struct history *h)
{
	for (size_t i = 0; i < NODES; i++)
		for (size_t k = 0; k < i; k++)
			world_part(h->world, i, k, false);
	world_calm(h->world);
	world_pass(h->world, 25 * 60 * 1000);
	for (size_t i = 1; i < NODES; i++) {
		const struct catalog_member *member =
			catalog_charter_member(charter_of(h, 0), (uint32_t)i);

		if (member == NULL || member->standing == CATALOG_STANDING_EXPELLED)
			world_kill(h->world, i);
	}
	if (!world_settle(h->world, SETTLE))
		fail_with(h, "they do not come to rest");
	compare(h);
	show(h, "  the last link closed: %s; the last notice: %s\n", world_counts(h->world)->reason,
	     world_counts(h->world)->notice);
}

/* Returns whether all held. */
static bool run(struct history *h, uint64_t seed, unsigned steps, bool is_shown)
{
	struct world_options options = {.seed = seed,
					.node_count = NODES,
					.founded = FOUNDED,
					.cut_percent = (unsigned)(seed % 3),
					.fail_percent = (unsigned)(seed % 11),
					.assembles = true};

	memset(h, 0, sizeof *h);
	h->seed = seed;
	h->is_shown = is_shown;
	h->change = calloc(1, sizeof *h->change);
	assert_non_null(h->change);
	h->world = world_new(&options);
	make_keys(h);
	for (unsigned i = 0; i < steps && h->failed[0] == '\0'; i++, h->steps++)
		step(h, i);
	come_together(h);
	world_free(h->world);
	free(h->change);
	catalog_buffer_close(&h->changes);
	catalog_buffer_close(&h->note);
	return h->failed[0] == '\0';
}

static unsigned long from_environment(const char *name, unsigned long standard)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 10) : standard;
}

/* The shortest prefix that fails, since what happens in it is what matters. */
static unsigned shrink(struct history *h, uint64_t seed, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++)
		if (!run(h, seed, i, false))
			return i;
	return steps;
}

static void test_all_nodes_end_alike_after_any_history(void **state)
{
	unsigned long first = from_environment("HISTORIES_SEED", 1);
	unsigned long runs = from_environment("HISTORIES_RUNS", RUNS), failed = 0;
	unsigned long steps = from_environment("HISTORIES_STEPS", STEPS);
	bool is_shown = from_environment("HISTORIES_SHOW", 0) != 0;
	struct history *h = malloc(sizeof *h);
	unsigned long sums[5] = {0};

	(void)state;
	assert_non_null(h);
	for (unsigned long seed = first; seed < first + runs; seed++) {
		if (run(h, seed, (unsigned)steps, is_shown)) {
			sums[0] += h->amended;
			sums[1] += h->refused;
			sums[2] += h->published;
			sums[3] += h->voted;
			sums[4] += h->conflicts;
			if (runs <= 50 || seed % 100 == 0)
				print_message("seed %lu: %u amendments, %u refused, %u times "
					      "published, %u votes, %u conflicts\n",
					      seed, h->amended, h->refused, h->published, h->voted,
					      h->conflicts);
			continue;
		}
		failed++;
		print_message("seed %lu: %s\n", seed, h->failed);
		steps = shrink(h, seed, (unsigned)steps);
		(void)run(h, seed, (unsigned)steps, false);
		print_message("  shortest: HISTORIES_SHOW=1 HISTORIES_RUNS=1 HISTORIES_SEED=%lu "
			      "HISTORIES_STEPS=%lu tests/gossip/test_histories\n  %s\n",
			      seed, steps, h->failed);
		steps = from_environment("HISTORIES_STEPS", STEPS);
	}
	print_message("%lu histories: %lu amendments, %lu refused, %lu times published, %lu votes, "
		      "%lu conflicts; %lu failed\n",
		      runs, sums[0], sums[1], sums[2], sums[3], sums[4], failed);
	free(h);
	assert_int_equal(failed, 0);
}

/* A newcomer that goes another way than all others: each was sent only what follows what the other
 * had said, so neither heard of the amendments that they differ in. */
static void test_who_comes_from_another_course_is_told_all_of_ours(void **state)
{
	struct history *h = malloc(sizeof *h);
	bool is_good;

	(void)state;
	assert_non_null(h);
	is_good = run(h, 28, STEPS, false);
	if (!is_good)
		print_message("%s\n", h->failed);
	free(h);
	assert_true(is_good);
}

TEST_MAIN("gossip/histories",
	  cmocka_unit_test(test_who_comes_from_another_course_is_told_all_of_ours),
	  cmocka_unit_test(test_all_nodes_end_alike_after_any_history))
