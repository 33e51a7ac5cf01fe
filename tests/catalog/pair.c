#include "tests/test.h"

#include "tests/catalog/pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/chunk.h"
#include "catalog/index.h"
#include "catalog/publisher.h"
#include "catalog/value.h"

struct pair *pair_new(void)
{
	struct pair *pair = calloc(1, sizeof *pair);
	struct catalog_member member = {.index = PAIR_SELF,
					.name = "moh",
					.title = "Health",
					.country = "UG",
					.sector = "health"};
	struct catalog_founding founding = {.name = "Test",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	static const uint8_t seed[32] = {6};
	struct catalog_buffer amendment = {0};

	assert_non_null(pair);
	crypto_sign_seed_keypair(member.key.bytes, pair->secret.bytes, seed);
	assert_int_equal(catalog_charter_found(&founding, &pair->secret, 1, &amendment, NULL), 0);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &pair->charter), 0);
	catalog_buffer_close(&amendment);
	for (size_t i = 0; i < PAIR_STORES; i++)
		pair->stores[i] = scratch_store(pair->dirs[i], i + 1);
	return pair;
}

void pair_free(struct pair *pair)
{
	for (size_t i = 0; i < PAIR_STORES; i++)
		scratch_end(pair->dirs[i], pair->stores[i]);
	catalog_charter_free(pair->charter);
	free(pair);
}

static struct catalog_publisher *publisher_of(struct pair *pair)
{
	struct catalog_publisher *publisher;

	assert_int_equal(catalog_publisher_new(pair->stores[0], pair->charter, PAIR_SELF,
					       &pair->secret, &publisher),
			 0);
	return publisher;
}

void pair_publish(struct pair *pair, unsigned first, unsigned count, const char *what,
		  int64_t time_s)
{
	struct catalog_publisher *publisher = publisher_of(pair);
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {(uint8_t)time_s, (uint8_t)(time_s >> 8)};

	for (unsigned i = first; i < first + count; i++) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *titles = catalog_value_new_map();
		enum catalog_publisher_outcome outcome;
		char id[32], title[200];

		snprintf(id, sizeof id, "dataset-%u", i);
		snprintf(title, sizeof title, "Dataset number%u %s", i, what);
		assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(title)),
				 0);
		assert_int_equal(catalog_value_set(listing, "title", titles), 0);
		assert_int_equal(
			catalog_publisher_put(publisher, id, listing, time_s, salt, &outcome), 0);
		catalog_value_free(listing);
	}
	assert_int_equal(catalog_publisher_flush(publisher, time_s, salt), 0);
	catalog_publisher_free(publisher);
}

void pair_withdraw(struct pair *pair, unsigned number, bool erase, int64_t time_s)
{
	struct catalog_publisher *publisher = publisher_of(pair);
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {1};
	char id[32];

	snprintf(id, sizeof id, "dataset-%u", number);
	assert_int_equal(catalog_publisher_withdraw(publisher, id,
						    erase ? CATALOG_PUBLISHER_ERASE
							  : CATALOG_PUBLISHER_WITHDRAW,
						    NULL, time_s, salt),
			 0);
	assert_int_equal(catalog_publisher_flush(publisher, time_s, salt), 0);
	catalog_publisher_free(publisher);
}

struct catalog_log_status pair_status(struct pair *pair, size_t store)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(pair->stores[store], &txn), 0);
	assert_int_equal(catalog_log_status(txn, PAIR_SELF, &status), 0);
	catalog_store_end(txn);
	return status;
}

struct told {
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note;
};

static int take_target(struct catalog_txn *txn, void *arg)
{
	const struct told *told = arg;
	int r = catalog_log_target(txn, PAIR_SELF, &told->checkpoint,
				   catalog_buffer_span(&told->note));

	return r == -EEXIST ? 0 : r;
}

void pair_tell(struct pair *pair, size_t from, size_t to)
{
	struct catalog_log_status status = pair_status(pair, from);
	struct told told = {{.size = status.size, .root = status.root}, {0}};
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(pair->stores[from], &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, PAIR_SELF, &told.note), 0);
	catalog_store_end(txn);
	assert_int_equal(catalog_store_write(pair->stores[to], take_target, &told), 0);
	catalog_buffer_close(&told.note);
}

/* Carry one chunk. */
static int carry(struct pair *pair, size_t from, size_t to, const struct catalog_log_status *status,
		 uint64_t span, uint64_t *bytes)
{
	uint64_t to_max = span > 0 && status->size + span < status->target_size
				  ? status->size + span
				  : status->target_size;
	struct catalog_chunk *chunk = NULL;
	struct catalog_buffer wire = {0};
	struct catalog_txn *txn;
	int r;

	assert_int_equal(catalog_store_begin(pair->stores[from], &txn), 0);
	r = catalog_chunk_make(txn, PAIR_SELF, status->size, to_max, status->target_size, &wire,
			       NULL);
	catalog_store_end(txn);
	if (r == 0)
		r = catalog_chunk_new(catalog_buffer_span(&wire), &chunk);
	if (r == 0)
		catalog_chunk_commit_all(pair->stores[to], pair->charter,
					 (const struct catalog_chunk *const *)&chunk, 1, &r);
	*bytes += wire.len;
	catalog_chunk_free(chunk);
	catalog_buffer_close(&wire);
	return r;
}

int pair_pull(struct pair *pair, size_t from, size_t to, uint64_t span, uint64_t *ret_bytes)
{
	struct catalog_log_status status;
	uint64_t bytes = 0;
	int r = 0;

	pair_tell(pair, from, to);
	for (status = pair_status(pair, to); r == 0 && status.size < status.target_size;
	     status = pair_status(pair, to))
		r = carry(pair, from, to, &status, span, &bytes);
	if (ret_bytes != NULL)
		*ret_bytes = bytes;
	return r;
}

uint64_t pair_find(struct pair *pair, size_t store, const char *word)
{
	struct catalog_query query = {.text = word, .limit = 1};
	struct catalog_hit hit;
	struct catalog_txn *txn;
	uint64_t total;
	size_t count;

	assert_int_equal(catalog_store_begin(pair->stores[store], &txn), 0);
	assert_int_equal(catalog_index_search(txn, &query, &hit, &count, &total), 0);
	catalog_store_end(txn);
	return total;
}

void pair_assert_equal(struct pair *pair, size_t a, size_t b)
{
	struct catalog_log_status one = pair_status(pair, a), two = pair_status(pair, b);

	assert_int_equal(one.size, two.size);
	assert_int_equal(one.live, two.live);
	assert_int_equal(one.withdrawn, two.withdrawn);
	assert_true(catalog_hash_equal(&one.root, &two.root));
	assert_true(catalog_hash_equal(&one.view_root, &two.view_root));
	assert_int_equal(pair_find(pair, a, ""), one.live);
	assert_int_equal(pair_find(pair, b, ""), one.live);
}
