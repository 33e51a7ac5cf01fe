/* catalog/charter_store.c - an amendment is verified before the transaction, and kept in it. */
#include "catalog/charter_store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog/charter_lines.h"
#include "catalog/wire.h"

#define KEY_BYTES_MAX 9

/* number u64: an amendment of ours.  With an 'e' before it: the other that the council signed. */
static struct catalog_span key_of(uint64_t number, bool is_other, uint8_t key[KEY_BYTES_MAX])
{
	size_t len = 0;

	if (is_other)
		key[len++] = 'e';
	for (unsigned i = 0; i < 8; i++)
		key[len++] = (uint8_t)(number >> (56 - 8 * i));
	return (struct catalog_span){key, len};
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
		uint8_t key[KEY_BYTES_MAX];

		r = catalog_store_put(txn, CATALOG_TABLE_CHARTER, key_of(i, false, key),
				      catalog_charter_amendment(keep->charter, i));
	}
	return r != 0 ? r : catalog_charter_lines_apply(txn, keep->charter);
}

struct other {
	uint64_t number;
	struct catalog_span amendment;
};

static int other_body(struct catalog_txn *txn, void *arg)
{
	const struct other *other = arg;
	uint8_t bytes[KEY_BYTES_MAX];
	struct catalog_span key = key_of(other->number, true, bytes), kept;
	int r = catalog_store_get(txn, CATALOG_TABLE_CHARTER, key, &kept);

	return r != -ENOENT ? r
			    : catalog_store_put(txn, CATALOG_TABLE_CHARTER, key, other->amendment);
}

int catalog_charter_store_contradiction(struct catalog_txn *txn, uint64_t number,
					uint64_t *ret_number, struct catalog_buffer *ret_amendment)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_span key, value;
	uint8_t bytes[KEY_BYTES_MAX];
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_CHARTER, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, key_of(number, true, bytes), &key, &value);
	if (r == 0 && (key.len != KEY_BYTES_MAX || key.bytes[0] != 'e'))
		r = -ENOENT;
	if (r == 0)
		r = catalog_buffer_append(ret_amendment, value.bytes, value.len);
	if (r == 0) {
		*ret_number = 0;
		for (unsigned i = 1; i < KEY_BYTES_MAX; i++)
			*ret_number = *ret_number << 8 | key.bytes[i];
	}
	catalog_store_cursor_close(cursor);
	return r;
}

/* --- taking ---------------------------------------------------------------------------------- */

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

static int take_one(struct catalog_store *store, struct catalog_charter *charter,
		    struct catalog_span bytes, char *ret_why)
{
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	uint64_t number;
	int r;

	if (amendment == NULL)
		return -ENOMEM;
	r = catalog_amendment_decode(bytes, amendment);
	number = amendment->number;
	free(amendment);
	if (r != 0)
		return refuse(ret_why, r, "it is no amendment");
	if (number > catalog_charter_number(charter) + 1)
		return refuse(ret_why, -EAGAIN, "amendments before it are not known here");
	if (number == catalog_charter_number(charter) + 1)
		return take_next(store, charter, bytes, ret_why);
	r = catalog_charter_contradict(charter, bytes, ret_why);
	if (r == 0) {
		struct other other = {number, bytes};

		r = catalog_store_write(store, other_body, &other);
		return r != 0 ? r
			      : refuse(ret_why, -ENOTUNIQ,
				       "the council signed another amendment of that number");
	}
	return r == -EEXIST ? 0 : r;
}

int catalog_charter_store_take(struct catalog_store *store, struct catalog_charter *charter,
			       struct catalog_span amendments,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	size_t len = 0;
	int r = 0;

	for (; amendments.len > 0 && r == 0; amendments.bytes += len, amendments.len -= len) {
		r = catalog_wire_measure(amendments.bytes, amendments.len, &len);
		if (r != 0)
			(void)refuse(ret_why, r, "it is no amendment, or cut short");
		else
			r = take_one(store, charter, (struct catalog_span){amendments.bytes, len},
				     ret_why);
	}
	return r;
}

/* --- opening --------------------------------------------------------------------------------- */

/* Append the amendments that the store holds. */
static int read_all(struct catalog_store *store, struct catalog_buffer *bytes)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	for (uint64_t i = 0; r == 0; i++) {
		struct catalog_span value;
		uint8_t key[KEY_BYTES_MAX];

		r = catalog_store_get(txn, CATALOG_TABLE_CHARTER, key_of(i, false, key), &value);
		if (r == 0)
			r = catalog_buffer_append(bytes, value.bytes, value.len);
	}
	catalog_store_end(txn);
	return r == -ENOENT ? 0 : r;
}

int catalog_charter_store_open(struct catalog_store *store, struct catalog_charter *charter,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_charter *held = NULL;
	struct catalog_buffer bytes = {0};
	struct keep all = {charter, 0};
	int r = read_all(store, &bytes);

	if (r == 0 && bytes.len == 0) {
		r = catalog_store_write(store, keep_body, &all);
		goto out;
	}
	if (r == 0)
		r = catalog_charter_new(catalog_buffer_span(&bytes), &held);
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
	if (r == 0) {
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
