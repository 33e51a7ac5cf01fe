/* A council that signs two amendments of one number: the proof of it, and where all nodes end. */
#include "tests/catalog/council.h"

#include <errno.h>

#include "catalog/charter_store.h"
#include "catalog/conflict.h"
#include "catalog/log.h"
#include "catalog/publisher.h"
#include "catalog/value.h"
#include "tests/scratch.h"

#define MEMBER_KEY COUNCIL_SIGNERS /* of member 0; the next is member 1's */
#define AMENDMENTS 5

static struct council c;
static char dir[SCRATCH_BYTES];
static struct catalog_store *store;
static struct catalog_charter *charter;

/* The amendment with the smaller hash and the other, both of number 1; one after each; and one more
 * after the first two. */
enum { LOW, HIGH, AFTER_LOW, AFTER_HIGH, AFTER_AFTER_LOW };
static struct catalog_buffer amendments[AMENDMENTS];
static struct catalog_hash head; /* where all must end */

static void close_store(void)
{
	catalog_charter_free(charter);
	scratch_end(dir, store);
	charter = NULL;
	store = NULL;
}

static void open_store(void)
{
	store = scratch_store(dir, 1);
	assert_int_equal(catalog_charter_as_of(c.charter, 0, &charter), 0);
	assert_int_equal(catalog_charter_store_open(store, charter, c.why), 0);
}

/* As a process that begins again: it knows the founding, and what the store holds. */
static void restart(void)
{
	catalog_charter_free(charter);
	catalog_store_close(store);
	assert_int_equal(catalog_store_open(dir, 2, &store), 0);
	assert_int_equal(catalog_charter_as_of(c.charter, 0, &charter), 0);
	assert_int_equal(catalog_charter_store_open(store, charter, c.why), 0);
}

static int set_up(void **state)
{
	(void)state;
	council_open(&c, 3, 2);
	open_store();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_store();
	for (size_t i = 0; i < AMENDMENTS; i++)
		catalog_buffer_close(&amendments[i]);
	council_close(&c);
	return 0;
}

static struct catalog_hash hash_of(const struct catalog_buffer *bytes)
{
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	struct catalog_hash hash;

	assert_non_null(amendment);
	assert_int_equal(catalog_amendment_decode(catalog_buffer_span(bytes), amendment), 0);
	hash = amendment->hash;
	free(amendment);
	return hash;
}

static int compare(size_t a, size_t b)
{
	struct catalog_hash hashes[2] = {hash_of(&amendments[a]), hash_of(&amendments[b])};

	return memcmp(hashes[0].bytes, hashes[1].bytes, sizeof hashes[0].bytes);
}

static void keep(size_t at)
{
	amendments[at].len = 0;
	assert_int_equal(catalog_buffer_append(&amendments[at], c.amendment.bytes, c.amendment.len),
			 0);
}

static void follow(const struct catalog_buffer *amendment)
{
	struct catalog_charter *amended = NULL;

	assert_int_equal(
		catalog_charter_amend(c.charter, catalog_buffer_span(amendment), &amended, c.why),
		0);
	catalog_charter_replace(c.charter, amended);
}

static void step_back(void)
{
	struct catalog_charter *founding = NULL;

	assert_int_equal(catalog_charter_as_of(c.charter, 0, &founding), 0);
	catalog_charter_replace(c.charter, founding);
}

/* Two courses: the one that counts admits member 2 and then 4 and 5; the other admits another as
 * member 2, and then member 3. */
static void write_courses(void)
{
	council_admit(&c, 2, 30);
	council_write(&c, 3);
	keep(LOW);
	do {
		c.nonce++;
		memset(&c.change, 0, sizeof c.change);
		c.change.verb = CATALOG_CHANGE_ADMIT;
		council_member(&c, 2, 31, &c.change.as.admit);
		(void)snprintf(c.change.as.admit.name, sizeof c.change.as.admit.name, "other");
		council_add(&c);
		council_write(&c, 6);
		keep(HIGH);
	} while (compare(LOW, HIGH) > 0);
	follow(&amendments[HIGH]);
	council_admit(&c, 3, 32);
	council_write(&c, 3);
	keep(AFTER_HIGH);
	step_back();
	follow(&amendments[LOW]);
	council_admit(&c, 4, 33);
	council_write(&c, 3);
	keep(AFTER_LOW);
	follow(&amendments[AFTER_LOW]);
	council_admit(&c, 5, 34);
	council_write(&c, 3);
	keep(AFTER_AFTER_LOW);
	follow(&amendments[AFTER_AFTER_LOW]);
	head = *catalog_charter_head(c.charter);
}

static int take(size_t which)
{
	return catalog_charter_store_take(store, charter, catalog_buffer_span(&amendments[which]),
					  c.why);
}

static size_t conflicts(void)
{
	uint64_t numbers[CATALOG_CHARTER_CONFLICTS_MAX];
	struct catalog_txn *txn;
	size_t kept, known;

	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_conflict_numbers(txn, numbers, &kept), 0);
	catalog_store_end(txn);
	(void)catalog_charter_conflicts(charter, &known);
	assert_int_equal(known, kept);
	return kept;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_two_amendments_of_one_number_are_a_proof(void **state)
{
	struct catalog_buffer proof = {0}, other_way = {0};
	struct catalog_charter *other = NULL, *founding = NULL;
	struct catalog_conflict conflict;

	(void)state;
	write_courses();
	assert_int_equal(catalog_conflict_make(c.charter, catalog_buffer_span(&amendments[HIGH]),
					       &proof, &other, c.why),
			 0);
	assert_int_equal(catalog_charter_number(other), 1);
	assert_string_equal(catalog_charter_member(other, 2)->name, "other");
	/* By the founding alone, by this course, and by the other; made by either, it is one. */
	assert_int_equal(catalog_charter_as_of(c.charter, 0, &founding), 0);
	assert_int_equal(
		catalog_conflict_verify(founding, catalog_buffer_span(&proof), &conflict, c.why),
		0);
	assert_int_equal(
		catalog_conflict_verify(c.charter, catalog_buffer_span(&proof), &conflict, c.why),
		0);
	assert_int_equal(
		catalog_conflict_verify(other, catalog_buffer_span(&proof), &conflict, c.why), 0);
	assert_int_equal(conflict.number, 1);
	assert_memory_equal(conflict.amendments[0].bytes, amendments[LOW].bytes,
			    amendments[LOW].len);
	catalog_charter_free(founding);
	assert_int_equal(catalog_conflict_make(other, catalog_buffer_span(&amendments[LOW]),
					       &other_way, &founding, c.why),
			 0);
	assert_int_equal(proof.len, other_way.len);
	assert_memory_equal(proof.bytes, other_way.bytes, proof.len);
	catalog_charter_free(founding);
	catalog_charter_free(other);
	catalog_buffer_close(&proof);
	catalog_buffer_close(&other_way);
}

static void test_what_is_no_proof_is_refused(void **state)
{
	struct catalog_buffer proof = {0}, few = {0}, changed = {0};
	struct catalog_charter *other = NULL;
	struct catalog_conflict conflict;

	(void)state;
	write_courses();
	assert_int_equal(catalog_conflict_make(c.charter, catalog_buffer_span(&amendments[LOW]),
					       &proof, &other, c.why),
			 -EEXIST);
	assert_int_equal(catalog_conflict_make(charter, catalog_buffer_span(&amendments[LOW]),
					       &proof, &other, c.why),
			 -ENOENT);
	step_back(); /* without the threshold it is nothing */
	council_admit(&c, 2, 40);
	council_write(&c, 1);
	assert_int_equal(catalog_buffer_append(&few, c.amendment.bytes, c.amendment.len), 0);
	follow(&amendments[LOW]);
	assert_int_equal(
		catalog_conflict_make(c.charter, catalog_buffer_span(&few), &proof, &other, c.why),
		-EKEYREJECTED);
	assert_int_equal(catalog_conflict_make(c.charter, catalog_buffer_span(&amendments[HIGH]),
					       &proof, &other, c.why),
			 0);
	catalog_charter_free(other);
	for (size_t i = 0; i < proof.len; i++) {
		changed.len = 0;
		assert_int_equal(catalog_buffer_append(&changed, proof.bytes, proof.len), 0);
		changed.bytes[i] ^= (uint8_t)(1u << (i % 8));
		assert_int_not_equal(catalog_conflict_verify(c.charter,
							     catalog_buffer_span(&changed),
							     &conflict, c.why),
				     0);
		assert_int_not_equal(
			catalog_conflict_decode((struct catalog_span){proof.bytes, i}, &conflict),
			0);
	}
	catalog_buffer_close(&proof);
	catalog_buffer_close(&few);
	catalog_buffer_close(&changed);
}

/* Deliver all in an order until nothing changes any more, as peers do that come again. */
static void deliver_all(const size_t order[AMENDMENTS], bool is_restarted)
{
	for (size_t turn = 0; turn < AMENDMENTS; turn++) {
		for (size_t i = 0; i < AMENDMENTS; i++) {
			int r = take(order[i]);

			assert_true(r == 0 || r == -ENOTUNIQ || r == -EAGAIN || r == -EPROTO);
			if (is_restarted)
				restart();
		}
	}
}

static void permute(size_t order[AMENDMENTS], size_t fixed, size_t *ret_count)
{
	if (fixed < AMENDMENTS) {
		for (size_t i = fixed; i < AMENDMENTS; i++) {
			size_t was = order[fixed];

			order[fixed] = order[i];
			order[i] = was;
			permute(order, fixed + 1, ret_count);
			order[i] = order[fixed];
			order[fixed] = was;
		}
		return;
	}
	close_store();
	open_store();
	deliver_all(order, *ret_count % 10 == 0);
	assert_true(catalog_hash_equal(catalog_charter_head(charter), &head));
	assert_int_equal(catalog_charter_number(charter), 3);
	assert_int_equal(catalog_charter_member_count(charter), 5);
	assert_int_equal(conflicts(), 1);
	restart();
	assert_true(catalog_hash_equal(catalog_charter_head(charter), &head));
	assert_int_equal(conflicts(), 1);
	++*ret_count;
}

static void test_in_every_order_all_end_with_the_smaller_hash(void **state)
{
	size_t order[AMENDMENTS] = {0, 1, 2, 3, 4}, count = 0;

	(void)state;
	write_courses();
	permute(order, 0, &count);
	assert_int_equal(count, 120);
}

static void test_a_course_that_comes_whole_is_taken_whole(void **state)
{
	static const size_t low[] = {LOW, AFTER_LOW, AFTER_AFTER_LOW}, high[] = {HIGH, AFTER_HIGH};
	struct catalog_buffer lows = {0}, highs = {0};

	(void)state;
	write_courses();
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(catalog_buffer_append(&lows, amendments[low[i]].bytes,
						       amendments[low[i]].len),
				 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(catalog_buffer_append(&highs, amendments[high[i]].bytes,
						       amendments[high[i]].len),
				 0);
	assert_int_equal(
		catalog_charter_store_take(store, charter, catalog_buffer_span(&highs), c.why), 0);
	assert_int_equal(
		catalog_charter_store_take(store, charter, catalog_buffer_span(&lows), c.why),
		-ENOTUNIQ);
	assert_true(catalog_hash_equal(catalog_charter_head(charter), &head));
	/* What is known is passed over, with all that follows it. */
	assert_int_equal(
		catalog_charter_store_take(store, charter, catalog_buffer_span(&highs), c.why), 0);
	assert_true(catalog_hash_equal(catalog_charter_head(charter), &head));
	catalog_buffer_close(&lows);
	catalog_buffer_close(&highs);
}

/* A peer that took us to be on its course sends what comes next, and only then what it goes by. */
static void test_what_follows_another_does_not_hide_what_is_behind_it(void **state)
{
	static const size_t order[] = {AFTER_LOW, LOW};
	struct catalog_buffer both = {0};

	(void)state;
	write_courses();
	assert_int_equal(take(HIGH), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(catalog_buffer_append(&both, amendments[order[i]].bytes,
						       amendments[order[i]].len),
				 0);
	assert_int_equal(
		catalog_charter_store_take(store, charter, catalog_buffer_span(&both), c.why),
		-ENOTUNIQ);
	assert_int_equal(catalog_charter_number(charter), 1);
	assert_int_equal(take(AFTER_LOW), 0);
	assert_int_equal(take(AFTER_AFTER_LOW), 0);
	assert_true(catalog_hash_equal(catalog_charter_head(charter), &head));
	catalog_buffer_close(&both);
}

/* A file with the course that does not count goes together with a store, and the other way. */
static void test_a_charter_file_of_the_other_course_is_no_obstacle(void **state)
{
	struct catalog_charter *file = NULL;

	(void)state;
	write_courses();
	assert_int_equal(catalog_charter_as_of(c.charter, 0, &file), 0);
	assert_int_equal(take(HIGH), 0);
	assert_int_equal(take(AFTER_HIGH), 0);
	catalog_charter_free(file);
	assert_int_equal(catalog_charter_as_of(charter, 2, &file), 0);
	assert_int_equal(take(LOW), -ENOTUNIQ);
	assert_int_equal(take(AFTER_LOW), 0);
	assert_int_equal(take(AFTER_AFTER_LOW), 0);
	assert_int_equal(catalog_charter_store_open(store, file, c.why), 0);
	assert_true(catalog_hash_equal(catalog_charter_head(file), &head));
	catalog_charter_free(file);
	close_store();
	open_store();
	assert_int_equal(take(HIGH), 0);
	assert_int_equal(catalog_charter_as_of(c.charter, 3, &file), 0);
	assert_int_equal(catalog_charter_store_open(store, file, c.why), 0);
	assert_true(catalog_hash_equal(catalog_charter_head(file), &head));
	catalog_charter_free(file);
}

/* --- logs ------------------------------------------------------------------------------------- */

static void publish(const struct catalog_charter *by, uint32_t log, unsigned key, unsigned count)
{
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};

	assert_int_equal(catalog_publisher_new(store, by, log, &c.secrets[key], &publisher), 0);
	for (unsigned i = 0; i < count; i++) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *titles = catalog_value_new_map();
		enum catalog_publisher_outcome outcome;
		char id[16];

		(void)snprintf(id, sizeof id, "d-%u", i);
		assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string("rice")),
				 0);
		assert_int_equal(catalog_value_set(listing, "title", titles), 0);
		assert_int_equal(catalog_publisher_put(publisher, id, listing, 1, salt, &outcome),
				 0);
		catalog_value_free(listing);
	}
	assert_int_equal(catalog_publisher_flush(publisher, 1, salt), 0);
	catalog_publisher_free(publisher);
}

static struct catalog_log_status status_of(uint32_t log)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, log, &status), 0);
	catalog_store_end(txn);
	return status;
}

static void test_who_changes_course_forgets_what_the_other_decided(void **state)
{
	struct catalog_hash vector, without;
	struct catalog_buffer note = {0};
	struct catalog_txn *txn;
	struct catalog_line line;

	(void)state;
	publish(charter, 0, MEMBER_KEY, 3);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, &note), 0);
	assert_int_equal(catalog_log_vector_hash(txn, &without), 0);
	catalog_store_end(txn);
	line = (struct catalog_line){status_of(0).size, status_of(0).target_root,
				     catalog_buffer_span(&note)};
	write_courses();
	/* The other course rotates member 0's key, too, and its member 2 publishes. */
	step_back();
	follow(&amendments[HIGH]);
	council_move_at(&c, CATALOG_CHANGE_ROTATE, 0, line, 50);
	council_write(&c, 3);
	keep(AFTER_HIGH);
	assert_int_equal(take(HIGH), 0);
	assert_int_equal(take(AFTER_HIGH), 0);
	publish(charter, 0, 50, 5);
	publish(charter, 2, 31, 4);
	assert_true(status_of(0).size > line.size);
	assert_int_equal(status_of(2).live, 4);
	assert_int_equal(take(LOW), -ENOTUNIQ);
	assert_int_equal(take(AFTER_LOW), 0);
	assert_int_equal(take(AFTER_AFTER_LOW), 0);
	for (size_t i = 0; i < 2; i++, restart()) {
		assert_true(catalog_hash_equal(catalog_charter_head(charter), &head));
		assert_int_equal(status_of(0).size, line.size);
		assert_int_equal(status_of(0).target_size, line.size);
		assert_int_equal(status_of(0).live, 3);
		assert_int_equal(status_of(2).size, 0);
		assert_int_equal(status_of(2).target_size, 0);
		assert_int_equal(catalog_store_begin(store, &txn), 0);
		assert_int_equal(catalog_log_vector_hash(txn, &vector), 0);
		catalog_store_end(txn);
		assert_memory_equal(&vector, &without, sizeof vector);
	}
	/* Both go on as the charter says now. */
	publish(charter, 0, MEMBER_KEY, 6);
	publish(charter, 2, 30, 2);
	assert_int_equal(status_of(0).live, 6);
	assert_int_equal(status_of(2).live, 2);
	catalog_buffer_close(&note);
}

/* A line takes away what a key has signed; what it signs next would be a second history. */
static void test_a_key_that_signed_more_than_counts_signs_no_more(void **state)
{
	struct catalog_publisher *publisher = NULL;
	struct catalog_buffer note = {0};
	struct catalog_txn *txn;
	struct catalog_line line;

	(void)state;
	publish(charter, 0, MEMBER_KEY, 3);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, &note), 0);
	catalog_store_end(txn);
	line = (struct catalog_line){status_of(0).size, status_of(0).target_root,
				     catalog_buffer_span(&note)};
	publish(charter, 0, MEMBER_KEY, 5);
	council_move_at(&c, CATALOG_CHANGE_SUSPEND, 0, line, 0);
	assert_int_equal(council_amend(&c, 3), 0);
	keep(LOW);
	assert_int_equal(take(LOW), 0);
	council_move_at(&c, CATALOG_CHANGE_READMIT, 0, line, 0);
	assert_int_equal(council_amend(&c, 3), 0);
	keep(LOW);
	assert_int_equal(take(LOW), 0);
	assert_int_equal(status_of(0).size, line.size);
	restart(); /* it is not forgotten */
	assert_int_equal(
		catalog_publisher_new(store, charter, 0, &c.secrets[MEMBER_KEY], &publisher),
		-EEXIST);
	council_move_at(&c, CATALOG_CHANGE_ROTATE, 0, line, 51);
	assert_int_equal(council_amend(&c, 3), 0);
	keep(LOW);
	assert_int_equal(take(LOW), 0);
	publish(charter, 0, 51, 6);
	assert_int_equal(status_of(0).live, 6);
	catalog_buffer_close(&note);
}

static void test_so_many_proofs_are_kept_and_all_are_judged(void **state)
{
	unsigned numbers = CATALOG_CHARTER_CONFLICTS_MAX + 3;

	(void)state;
	for (unsigned i = 0; i < numbers; i++) {
		struct catalog_hash less;

		for (size_t which = LOW; which <= HIGH; which++) {
			c.nonce++;
			council_admit(&c, 10 + 2 * i + (unsigned)which,
				      60 + 2 * i + (unsigned)which);
			council_write(&c, 3);
			keep(which);
		}
		less = hash_of(&amendments[compare(LOW, HIGH) < 0 ? LOW : HIGH]);
		assert_int_equal(take(LOW), 0);
		assert_int_equal(take(HIGH), -ENOTUNIQ);
		assert_true(catalog_hash_equal(catalog_charter_head(charter), &less));
		follow(&amendments[compare(LOW, HIGH) < 0 ? LOW : HIGH]);
	}
	assert_int_equal(conflicts(), CATALOG_CHARTER_CONFLICTS_MAX);
}

#define A_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/conflict", A_TEST(test_two_amendments_of_one_number_are_a_proof),
	  A_TEST(test_what_is_no_proof_is_refused),
	  A_TEST(test_in_every_order_all_end_with_the_smaller_hash),
	  A_TEST(test_a_course_that_comes_whole_is_taken_whole),
	  A_TEST(test_what_follows_another_does_not_hide_what_is_behind_it),
	  A_TEST(test_a_charter_file_of_the_other_course_is_no_obstacle),
	  A_TEST(test_who_changes_course_forgets_what_the_other_decided),
	  A_TEST(test_a_key_that_signed_more_than_counts_signs_no_more),
	  A_TEST(test_so_many_proofs_are_kept_and_all_are_judged))
