#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/attest.h"
#include "catalog/cosignature.h"
#include "catalog/log.h"
#include "catalog/publisher.h"

#define MEMBERS 3
#define NOW     1795511520
#define DAY     86400

/* Three members; the store is member 0's, or, seen from member 1, a copy of it. */
struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	struct catalog_secret secrets[MEMBERS];
	struct catalog_charter *charter;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct catalog_member members[MEMBERS] = {0};
	struct catalog_founding founding = {.name = "Test",
					    .members = members,
					    .member_count = MEMBERS,
					    .council = &members[0].key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	int r;

	assert_non_null(f);
	*state = f;
	for (uint32_t i = 0; i < MEMBERS; i++) {
		uint8_t seed[32] = {(uint8_t)(i + 1)};
		struct catalog_member *member = &members[i];

		member->index = i;
		snprintf(member->name, sizeof member->name, "member-%u", i);
		snprintf(member->title, sizeof member->title, "Member %u", i);
		snprintf(member->country, sizeof member->country, "KE");
		snprintf(member->sector, sizeof member->sector, "test");
		crypto_sign_seed_keypair(member->key.bytes, f->secrets[i].bytes, seed);
	}
	assert_int_equal(catalog_charter_found(&founding, f->secrets, 1, &amendment, NULL), 0);
	r = catalog_charter_new(catalog_buffer_span(&amendment), &f->charter);
	catalog_buffer_close(&amendment);
	assert_int_equal(r, 0);
	f->store = scratch_store(f->dir, 1);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	catalog_charter_free(f->charter);
	scratch_end(f->dir, f->store);
	free(f);
	return 0;
}

static struct catalog_attest_signer signer(const struct fixture *f, uint32_t member)
{
	return (struct catalog_attest_signer){catalog_charter_member(f->charter, member),
					      &f->secrets[member]};
}

/* Member 0 publishes one listing. */
static void publish(struct fixture *f, const char *id, int64_t now_s)
{
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;

	assert_int_equal(catalog_publisher_new(f->store, f->charter, 0, &f->secrets[0], &publisher),
			 0);
	f->salt[0]++;
	assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string("A title")), 0);
	assert_int_equal(catalog_value_set(listing, "title", titles), 0);
	assert_int_equal(catalog_publisher_put(publisher, id, listing, now_s, f->salt, &outcome),
			 0);
	assert_int_equal(catalog_publisher_flush(publisher, now_s, f->salt), 0);
	catalog_publisher_free(publisher);
	catalog_value_free(listing);
}

static struct catalog_log_status status_of(const struct fixture *f)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, 0, &status), 0);
	catalog_store_end(txn);
	return status;
}

static void vector_of(const struct fixture *f, struct catalog_hash *ret_hash)
{
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_vector_hash(txn, ret_hash), 0);
	catalog_store_end(txn);
}

static void note_of(const struct fixture *f, struct catalog_buffer *note)
{
	struct catalog_txn *txn;

	note->len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, note), 0);
	catalog_store_end(txn);
}

static int renew(const struct fixture *f, int64_t now_s, const struct catalog_attest_line *lines,
		 size_t count, size_t *ret_taken)
{
	struct catalog_attest_signer self = signer(f, 0);

	return catalog_attest_renew(f->store, f->charter, &self, now_s, DAY, lines, count,
				    ret_taken);
}

static int cosign(const struct fixture *f, uint32_t member, uint64_t size,
		  struct catalog_buffer *line)
{
	struct catalog_attest_signer witness = signer(f, member);

	return catalog_attest_cosign(f->store, f->charter, &witness, 0, size, NOW + 5, line);
}

static void verify(const struct fixture *f, const struct catalog_buffer *note,
		   struct catalog_checkpoint *ret_checkpoint)
{
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];

	catalog_checkpoint_origin(catalog_charter_federation(f->charter), "member-0", origin);
	assert_int_equal(catalog_checkpoint_verify(catalog_buffer_span(note), origin,
						   &catalog_charter_member(f->charter, 0)->key,
						   ret_checkpoint),
			 0);
}

static void test_what_is_published_is_attested(void **state)
{
	struct fixture *f = *state;
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};

	publish(f, "one", NOW);
	assert_int_equal(status_of(f).attested_s, NOW);
	note_of(f, &note);
	verify(f, &note, &checkpoint);
	assert_int_equal(checkpoint.attested_s, NOW);
	assert_int_equal(checkpoint.size, 2);
	catalog_buffer_close(&note);
}

static void test_an_attestation_is_renewed_once_a_day(void **state)
{
	struct fixture *f = *state;
	struct catalog_hash before, after;
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};

	assert_int_equal(renew(f, NOW, NULL, 0, NULL), -ENOENT);
	publish(f, "one", NOW);
	vector_of(f, &before);
	assert_int_equal(renew(f, NOW + DAY - 1, NULL, 0, NULL), -EEXIST);
	assert_int_equal(status_of(f).attested_s, NOW);
	assert_int_equal(renew(f, NOW + DAY, NULL, 0, NULL), 0);
	assert_int_equal(status_of(f).attested_s, NOW + DAY);
	assert_int_equal(status_of(f).size, 2);
	note_of(f, &note);
	verify(f, &note, &checkpoint);
	assert_int_equal(checkpoint.attested_s, NOW + DAY);
	vector_of(f, &after);
	assert_false(catalog_hash_equal(&before, &after));
	catalog_buffer_close(&note);
}

static void test_an_older_attestation_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct catalog_attest_signer other = signer(f, 0);
	struct catalog_secret *wrong = &f->secrets[1];

	publish(f, "one", NOW);
	other.secret = wrong;
	assert_int_equal(
		catalog_attest_renew(f->store, f->charter, &other, NOW + DAY, DAY, NULL, 0, NULL),
		-EKEYREJECTED);
	assert_int_equal(renew(f, NOW - DAY, NULL, 0, NULL), -EEXIST);
	assert_int_equal(status_of(f).attested_s, NOW);
}

static void test_what_a_clock_that_was_ahead_attested_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};

	publish(f, "one", INT64_MAX);
	assert_true(status_of(f).attested_s == INT64_MAX);
	assert_int_equal(renew(f, NOW, NULL, 0, NULL), 0);
	assert_int_equal(status_of(f).attested_s, NOW);
	note_of(f, &note);
	verify(f, &note, &checkpoint);
	assert_int_equal(checkpoint.attested_s, NOW);
	assert_int_equal(renew(f, NOW, NULL, 0, NULL), -EEXIST);
	catalog_buffer_close(&note);
}

static void test_witnesses_are_taken_into_the_note(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer lines[2] = {{0}, {0}}, note = {0};
	struct catalog_attest_witness witnesses[4];
	struct catalog_attest_line taken[3];
	struct catalog_checkpoint checkpoint;
	size_t count = 0;

	publish(f, "one", NOW);
	assert_int_equal(cosign(f, 1, 2, &lines[0]), 0);
	/* One store for both, which remembers member 1's line: that is not what member 2 signs. */
	assert_int_equal(cosign(f, 2, 2, &lines[1]), 0);
	for (uint32_t i = 0; i < 2; i++)
		taken[i] = (struct catalog_attest_line){i + 1, catalog_buffer_span(&lines[i])};
	taken[2] = (struct catalog_attest_line){0, catalog_buffer_span(&lines[0])};
	assert_int_equal(renew(f, NOW, taken, 3, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(status_of(f).attested_s, NOW + 1); /* always newer */
	note_of(f, &note);
	verify(f, &note, &checkpoint);
	assert_int_equal(
		catalog_attest_witnesses(f->charter, 0, catalog_buffer_span(&note), witnesses, 4),
		1);
	assert_string_equal(witnesses[0].member->name, "member-1");
	assert_int_equal(witnesses[0].time_s, NOW + 5);
	/* The daily attestation leaves them where they are. */
	assert_int_equal(renew(f, NOW + 2 * DAY, NULL, 0, &count), 0);
	note_of(f, &note);
	assert_int_equal(
		catalog_attest_witnesses(f->charter, 0, catalog_buffer_span(&note), witnesses, 4),
		1);
	catalog_buffer_close(&lines[0]);
	catalog_buffer_close(&lines[1]);
	catalog_buffer_close(&note);
}

static void test_a_false_line_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer line = {0};
	struct catalog_attest_line taken;
	size_t count = 7;

	publish(f, "one", NOW);
	assert_int_equal(cosign(f, 1, 2, &line), 0);
	for (size_t at = 4; at < line.len; at += 9) {
		uint8_t was = line.bytes[at];

		line.bytes[at] = was == 'A' ? 'B' : 'A';
		taken = (struct catalog_attest_line){1, catalog_buffer_span(&line)};
		assert_int_equal(renew(f, NOW, &taken, 1, &count), -EEXIST);
		line.bytes[at] = was;
	}
	assert_int_equal(renew(f, NOW, &taken, 1, &count), 0);
	assert_int_equal(count, 1);
	catalog_buffer_close(&line);
}

static void test_a_witness_signs_one_history(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer line = {0}, again = {0};

	publish(f, "one", NOW);
	assert_int_equal(cosign(f, 0, 2, &line), -EPERM); /* its own */
	assert_int_equal(cosign(f, 1, 3, &line), -EAGAIN);
	assert_int_equal(cosign(f, 1, 1, &line), -EPERM);
	assert_int_equal(line.len, 0);
	assert_int_equal(cosign(f, 1, 2, &line), 0);
	assert_int_equal(cosign(f, 1, 2, &again), 0);
	assert_int_equal(again.len, line.len);
	assert_memory_equal(again.bytes, line.bytes, line.len);
	publish(f, "two", NOW + 9);
	assert_int_equal(cosign(f, 1, 2, &again), -EPERM); /* no longer the newest */
	again.len = 0;
	assert_int_equal(cosign(f, 1, 4, &again), 0);
	assert_memory_not_equal(again.bytes, line.bytes, line.len);
	catalog_buffer_close(&line);
	catalog_buffer_close(&again);
}

static int mark_body(struct catalog_txn *txn, void *arg)
{
	(void)arg;
	return catalog_log_mark(txn, 0, CATALOG_LOG_FORKED);
}

static void test_nobody_signs_for_a_marked_log(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer line = {0};
	struct catalog_hash marked, again;

	publish(f, "one", NOW);
	assert_int_equal(catalog_store_write(f->store, mark_body, NULL), 0);
	assert_int_equal(cosign(f, 1, 2, &line), -EROFS);
	assert_int_equal(renew(f, NOW + DAY, NULL, 0, NULL), -EROFS);
	/* Whatever is held of it, nodes that know of the fork are equal. */
	vector_of(f, &marked);
	tear_down(state);
	assert_int_equal(set_up(state), 0);
	f = *state;
	assert_int_equal(catalog_store_write(f->store, mark_body, NULL), 0);
	vector_of(f, &again);
	assert_true(catalog_hash_equal(&marked, &again));
	catalog_buffer_close(&line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/attest", TEST(test_what_is_published_is_attested),
	  TEST(test_an_attestation_is_renewed_once_a_day),
	  TEST(test_an_older_attestation_is_not_taken),
	  TEST(test_what_a_clock_that_was_ahead_attested_is_replaced),
	  TEST(test_witnesses_are_taken_into_the_note), TEST(test_a_false_line_is_left_out),
	  TEST(test_a_witness_signs_one_history), TEST(test_nobody_signs_for_a_marked_log))
