/* catalog/charter_store.c - an amendment is verified before the transaction, and kept in it. */
#include "catalog/charter_store.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/amendment.h"
#include "catalog/charter_lines.h"
#include "catalog/conflict.h"
#include "catalog/wire.h"

#define KEY_BYTES 8

static struct catalog_span key_of(uint64_t number, uint8_t key[KEY_BYTES])
{
	for (unsigned i = 0; i < KEY_BYTES; i++)
		key[i] = (uint8_t)(number >> (56 - 8 * i));
	return (struct catalog_span){key, KEY_BYTES};
}

static int refuse(char *ret_why, int r, const char *sentence)
{
	if (ret_why != NULL)
		(void)snprintf(ret_why, CATALOG_CHANGE_WHY_BYTES, "%s", sentence); /* it fits */
	return r;
}

/* --- keeping --------------------------------------------------------------------------------- */

struct keep {
	const struct catalog_charter *charter;
	uint64_t from; /* the first amendment that is to be kept */
};

static int keep_body(struct catalog_txn *txn, void *arg)
{
	const struct keep *keep = arg;
	int r = 0;

	for (uint64_t i = keep->from; i <= catalog_charter_number(keep->charter) && r == 0; i++) {
		uint8_t key[KEY_BYTES];

		r = catalog_store_put(txn, CATALOG_TABLE_CHARTER, key_of(i, key),
				      catalog_charter_amendment(keep->charter, i));
	}
	return r != 0 ? r : catalog_charter_lines_apply(txn, keep->charter);
}

struct course {
	const struct catalog_charter *from, *to; /* to is NULL: it stays as it is */
	uint64_t number;
	struct catalog_span proof;
};

static int course_body(struct catalog_txn *txn, void *arg)
{
	const struct course *course = arg;
	uint64_t last = catalog_charter_number(course->from);
	uint8_t key[KEY_BYTES];
	int r = 0;

	if (course->to != NULL)
		r = catalog_conflict_drop_after(txn, course->number);
	if (r == 0)
		r = catalog_conflict_keep(txn, course->number, course->proof);
	if (r != 0 || course->to == NULL)
		return r;
	for (uint64_t i = course->number; i <= last && r == 0; i++)
		r = catalog_store_del(txn, CATALOG_TABLE_CHARTER, key_of(i, key));
	if (r == 0)
		r = catalog_store_put(txn, CATALOG_TABLE_CHARTER, key_of(course->number, key),
				      catalog_charter_amendment(course->to, course->number));
	return r != 0 ? r : catalog_charter_lines_turn(txn, course->from, course->to);
}

/* --- taking ---------------------------------------------------------------------------------- */

/* What one amendment says of itself. */
struct heading {
	uint64_t number;
	struct catalog_hash hash, prev;
};

static int read_heading(struct catalog_span bytes, struct heading *ret_heading)
{
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	int r = amendment == NULL ? -ENOMEM : catalog_amendment_decode(bytes, amendment);

	if (r == 0)
		*ret_heading =
			(struct heading){amendment->number, amendment->hash, amendment->prev};
	free(amendment);
	return r;
}

/* Take the one that comes next. */
static int take_next(struct catalog_store *store, struct catalog_charter *charter,
		     struct catalog_span amendment, char *ret_why)
{
	struct catalog_charter *amended = NULL;
	int r = catalog_charter_amend(charter, amendment, &amended, ret_why);

	if (r == 0) {
		struct keep keep = {amended, catalog_charter_number(amended)};

		r = catalog_store_write(store, keep_body, &keep);
	}
	if (r == 0)
		catalog_charter_replace(charter, amended);
	else
		catalog_charter_free(amended);
	return r;
}

/* The numbers that the store has proofs of are the charter's. */
static int note_conflicts(struct catalog_store *store, struct catalog_charter *charter)
{
	uint64_t numbers[CATALOG_CHARTER_CONFLICTS_MAX];
	struct catalog_txn *txn;
	size_t count;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = catalog_conflict_numbers(txn, numbers, &count);
	catalog_store_end(txn);
	return r != 0 ? r : catalog_charter_set_conflicts(charter, numbers, count);
}

static bool is_known(struct catalog_store *store, const struct heading *heading)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return false; /* it is verified again */
	r = catalog_conflict_find(txn, heading->number, &heading->hash);
	catalog_store_end(txn);
	return r == 0;
}

/* Take one of a number that the charter has another of.  *ret_lost is the one of the two that does
 * not count.  Returns 0 if the proof was known. */
static int take_other(struct catalog_store *store, struct catalog_charter *charter,
		      struct catalog_span amendment, const struct heading *heading,
		      struct catalog_hash *ret_lost, char *ret_why)
{
	struct catalog_charter *other = NULL;
	struct catalog_buffer proof = {0};
	struct course course = {.from = charter, .number = heading->number};
	struct catalog_hash ours = *catalog_charter_hash(charter, heading->number);
	bool is_less = memcmp(heading->hash.bytes, ours.bytes, sizeof ours.bytes) < 0;
	int r;

	if (!is_less && is_known(store, heading)) {
		*ret_lost = heading->hash;
		return 0;
	}
	r = catalog_conflict_make(charter, amendment, &proof, &other, ret_why);
	course.proof = catalog_buffer_span(&proof);
	course.to = is_less ? other : NULL;
	if (r == 0)
		r = catalog_store_write(store, course_body, &course);
	if (r == 0 && is_less) {
		catalog_charter_replace(charter, other);
		other = NULL; /* charter's now */
	}
	if (r == 0) {
		*ret_lost = is_less ? ours : heading->hash;
		r = note_conflicts(store, charter);
	}
	catalog_charter_free(other);
	catalog_buffer_close(&proof);
	return r != 0 ? r
		      : refuse(ret_why, -ENOTUNIQ,
			       "the council signed another amendment of that number");
}

/* *lost is the last one seen that does not count, or follows one such. */
static int take_one(struct catalog_store *store, struct catalog_charter *charter,
		    struct catalog_span bytes, struct catalog_hash *lost, char *ret_why)
{
	struct heading heading;
	int r = read_heading(bytes, &heading);

	if (r != 0)
		return r == -ENOMEM ? r : refuse(ret_why, r, "it is no amendment");
	if (heading.number > 0 && catalog_hash_equal(&heading.prev, lost)) {
		*lost = heading.hash;
		return 0;
	}
	if (heading.number > catalog_charter_number(charter) + 1)
		return refuse(ret_why, -EAGAIN, "amendments before it are not known here");
	if (heading.number == catalog_charter_number(charter) + 1)
		return take_next(store, charter, bytes, ret_why);
	if (catalog_hash_equal(&heading.hash, catalog_charter_hash(charter, heading.number)))
		return 0;
	return take_other(store, charter, bytes, &heading, lost, ret_why);
}

int catalog_charter_store_take(struct catalog_store *store, struct catalog_charter *charter,
			       struct catalog_span amendments,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_hash lost = {0}; /* the hash of nothing */
	char why[CATALOG_CHANGE_WHY_BYTES] = "";
	int out_of_place = 0;
	bool is_conflict = false;
	size_t len = 0;

	for (; amendments.len > 0; amendments.bytes += len, amendments.len -= len) {
		int r = catalog_wire_measure(amendments.bytes, amendments.len, &len);

		if (r != 0)
			return refuse(ret_why, r, "it is no amendment, or cut short");
		r = take_one(store, charter, (struct catalog_span){amendments.bytes, len}, &lost,
			     why);
		if (r == -ENOTUNIQ) {
			is_conflict = true;
		} else if (r == -EAGAIN || r == -EPROTO) {
			/* What it follows may come behind it, or be of another course. */
			if (out_of_place == 0)
				out_of_place = refuse(ret_why, r, why);
		} else if (r != 0) {
			return refuse(ret_why, r, why);
		}
	}
	return is_conflict ? -ENOTUNIQ : out_of_place;
}

/* --- opening --------------------------------------------------------------------------------- */

/* Append the amendments that the store holds. */
static int read_all(struct catalog_txn *txn, struct catalog_buffer *bytes)
{
	int r = 0;

	for (uint64_t i = 0; r == 0; i++) {
		struct catalog_span value;
		uint8_t key[KEY_BYTES];

		r = catalog_store_get(txn, CATALOG_TABLE_CHARTER, key_of(i, key), &value);
		if (r == 0)
			r = catalog_buffer_append(bytes, value.bytes, value.len);
	}
	return r == -ENOENT ? 0 : r;
}

int catalog_charter_store_check(struct catalog_txn *txn)
{
	struct catalog_charter *held = NULL;
	struct catalog_buffer bytes = {0};
	int r = read_all(txn, &bytes);

	if (r == 0 && bytes.len > 0)
		r = catalog_charter_new(catalog_buffer_span(&bytes), &held);
	catalog_charter_free(held);
	catalog_buffer_close(&bytes);
	return r == 0 || r == -ENOMEM ? r : -EIO;
}

int catalog_charter_store_open(struct catalog_store *store, struct catalog_charter *charter,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_charter *held = NULL;
	struct catalog_buffer bytes = {0};
	struct keep all = {charter, 0};
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = read_all(txn, &bytes);
	catalog_store_end(txn);
	if (r == 0 && bytes.len == 0) {
		r = catalog_store_write(store, keep_body, &all);
		goto out;
	}
	if (r == 0)
		r = catalog_charter_new(catalog_buffer_span(&bytes), &held);
	if (r == 0)
		r = note_conflicts(store, held);
	if (r != 0) {
		r = r == -ENOMEM ? r : -EIO; /* it was verified when it was kept */
		goto out;
	}
	if (!catalog_hash_equal(catalog_charter_federation(held),
				catalog_charter_federation(charter))) {
		r = refuse(ret_why, -EPROTO, "the store is of another federation");
		goto out;
	}
	r = catalog_charter_store_take(store, held, catalog_charter_bytes(charter), ret_why);
	if (r == 0 || r == -ENOTUNIQ) {
		r = 0; /* what counts is in the store, and the proof */
		catalog_charter_replace(charter, held);
		held = NULL; /* charter's now */
	} else if (r != -ENOMEM && r != -ENOSPC && r != -EIO) {
		r = -EPROTO;
	}
out:
	catalog_charter_free(held);
	catalog_buffer_close(&bytes);
	return r;
}
