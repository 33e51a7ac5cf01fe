/* tests/catalog/proving.h - a store in which one member has published, and receipts of it. */
#ifndef TESTS_CATALOG_PROVING_H
#define TESTS_CATALOG_PROVING_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/log.h"
#include "catalog/prover.h"
#include "catalog/publisher.h"
#include "catalog/receipt.h"

#define SELF 5
#define TIME 1795511520

struct fixture {
	char dir[40];
	struct catalog_store *store;
	struct catalog_secret secret;
	struct catalog_charter *charter;
	struct catalog_publisher *publisher;
	struct catalog_receipt_trust trust;
	int64_t time_s;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_buffer file;
	char why[CATALOG_RECEIPT_WHY_BYTES];
};

static inline struct catalog_charter *found(const char *name, const struct catalog_secret *secret)
{
	struct catalog_member member = {.index = SELF,
					.name = "nbs",
					.title = "Bureau",
					.country = "KE",
					.sector = "statistics"};
	struct catalog_founding founding = {.name = name,
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_charter *charter = NULL;
	struct catalog_buffer amendment = {0};

	memcpy(member.key.bytes, secret->bytes + 32, sizeof member.key.bytes);
	assert_int_equal(catalog_charter_found(&founding, secret, 1, &amendment, NULL), 0);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &charter), 0);
	catalog_buffer_close(&amendment);
	return charter;
}

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	static const uint8_t seed[32] = {4};
	uint8_t key[32];

	assert_non_null(f);
	*state = f;
	crypto_sign_seed_keypair(key, f->secret.bytes, seed);
	f->charter = found("Test", &f->secret);
	f->trust.charter = f->charter;
	f->time_s = TIME;
	snprintf(f->dir, sizeof f->dir, "/tmp/test_receipt.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(catalog_store_open(f->dir, 1, &f->store), 0);
	return catalog_publisher_new(f->store, f->charter, SELF, &f->secret, &f->publisher);
}

static inline int tear_down(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	struct fixture *f = *state;
	char path[64];

	catalog_publisher_free(f->publisher);
	catalog_store_close(f->store);
	catalog_charter_free(f->charter);
	catalog_buffer_close(&f->file);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

static inline void put(struct fixture *f, const char *id, const char *title)
{
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	enum catalog_publisher_outcome outcome;

	f->salt[0]++;
	assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(title)), 0);
	assert_int_equal(catalog_value_set(listing, "title", titles), 0);
	assert_int_equal(
		catalog_publisher_put(f->publisher, id, listing, f->time_s, f->salt, &outcome), 0);
	catalog_value_free(listing);
}

static inline void flush(struct fixture *f)
{
	assert_int_equal(catalog_publisher_flush(f->publisher, f->time_s, f->salt), 0);
}

/* A small log: 0 rice, 1 wheat, 2 maize, 3 state; 4 rice again, 5 maize withdrawn, 6 state. */
static inline void publish_some(struct fixture *f)
{
	put(f, "rice", "Rice");
	put(f, "wheat", "Wheat");
	put(f, "maize", "Maize");
	flush(f);
	f->time_s = TIME + 60;
	put(f, "rice", "Rice yield");
	assert_int_equal(catalog_publisher_withdraw(f->publisher, "maize",
						    CATALOG_PUBLISHER_WITHDRAW, "moved", f->time_s,
						    f->salt),
			 0);
	flush(f);
}

static inline int prove(struct fixture *f, const char *id)
{
	struct catalog_txn *txn;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	r = catalog_prover_newest(txn, SELF, id, &f->file);
	catalog_store_end(txn);
	return r;
}

static inline int prove_entry(struct fixture *f, uint64_t index)
{
	struct catalog_txn *txn;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	r = catalog_prover_entry(txn, SELF, index, &f->file);
	catalog_store_end(txn);
	return r;
}

static inline int prove_absent(struct fixture *f, const char *id)
{
	struct catalog_txn *txn;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	r = catalog_prover_absent(txn, SELF, id, &f->file);
	catalog_store_end(txn);
	return r;
}

/* Read and verify the file.  The outcome's entry is gone with the receipt. */
static inline int verify_bytes(struct fixture *f, struct catalog_span bytes,
			       struct catalog_receipt_outcome *ret_outcome)
{
	struct catalog_receipt receipt;
	int r;

	f->why[0] = '\0';
	r = catalog_receipt_init(&receipt, bytes, f->why);
	if (r == 0) {
		r = catalog_receipt_verify(&receipt, &f->trust, ret_outcome, f->why);
		catalog_receipt_close(&receipt);
	}
	assert_int_equal(r == 0, f->why[0] == '\0');
	return r;
}

static inline int verify(struct fixture *f, struct catalog_receipt_outcome *ret_outcome)
{
	return verify_bytes(f, catalog_buffer_span(&f->file), ret_outcome);
}

#endif
