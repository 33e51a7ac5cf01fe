#include "catalog/conflict.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/amendment.h"
#include "catalog/pack.h"
#include "catalog/unpack.h"

#define PROOF_VERSION 1
#define KEY_BYTES     9

static int refuse(char *ret_why, int r, const char *sentence)
{
	if (ret_why != NULL)
		(void)snprintf(ret_why, CATALOG_CHANGE_WHY_BYTES, "%s", sentence); /* it fits */
	return r;
}

/* --- making ----------------------------------------------------------------------------------- */

struct head {
	uint64_t number;
	struct catalog_hash hash, prev;
};

static int read_head(struct catalog_span bytes, struct head *ret_head)
{
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	int r = amendment == NULL ? -ENOMEM : catalog_amendment_decode(bytes, amendment);

	if (r == 0)
		*ret_head = (struct head){amendment->number, amendment->hash, amendment->prev};
	free(amendment);
	return r;
}

static int encode(struct catalog_span first, struct catalog_span second,
		  struct catalog_buffer *proof)
{
	size_t before = proof->len;
	int r;

	if ((r = catalog_pack_array(proof, 3)) != 0 ||
	    (r = catalog_pack_number(proof, PROOF_VERSION)) != 0 ||
	    (r = catalog_pack_bin(proof, first.bytes, first.len)) != 0 ||
	    (r = catalog_pack_bin(proof, second.bytes, second.len)) != 0)
		proof->len = before;
	return r;
}

/* The charter with an amendment after those before its number. */
static int amended(const struct catalog_charter *charter, const struct head *head,
		   struct catalog_span amendment, struct catalog_charter **ret_other, char *ret_why)
{
	struct catalog_charter *before = NULL;
	int r;

	if (head->number == 0)
		return refuse(ret_why, -EPROTO, "it founds another federation");
	/* Seen at once, before all those before it are read again. */
	if (!catalog_hash_equal(catalog_charter_hash(charter, head->number - 1), &head->prev))
		return refuse(ret_why, -EPROTO, "it follows another amendment than ours");
	r = catalog_charter_as_of(charter, head->number - 1, &before);
	if (r == 0)
		r = catalog_charter_amend(before, amendment, ret_other, ret_why);
	catalog_charter_free(before);
	return r;
}

int catalog_conflict_make(const struct catalog_charter *charter, struct catalog_span amendment,
			  struct catalog_buffer *ret_proof, struct catalog_charter **ret_other,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_charter *other = NULL;
	const struct catalog_hash *our_hash;
	struct catalog_span ours;
	struct head head;
	int r = read_head(amendment, &head);

	if (r != 0)
		return refuse(ret_why, r, "it is no amendment");
	our_hash = catalog_charter_hash(charter, head.number);
	if (our_hash == NULL)
		return -ENOENT;
	if (catalog_hash_equal(&head.hash, our_hash))
		return -EEXIST;
	ours = catalog_charter_amendment(charter, head.number);
	r = amended(charter, &head, amendment, &other, ret_why);
	if (r == 0)
		r = memcmp(our_hash->bytes, head.hash.bytes, sizeof head.hash.bytes) < 0
			    ? encode(ours, amendment, ret_proof)
			    : encode(amendment, ours, ret_proof);
	if (r == 0) {
		*ret_other = other;
		other = NULL; /* the caller's now */
	}
	catalog_charter_free(other);
	return r;
}

/* --- reading ---------------------------------------------------------------------------------- */

int catalog_conflict_decode(struct catalog_span proof, struct catalog_conflict *ret_conflict)
{
	struct catalog_unpack unpack = catalog_unpack_of(proof);
	struct catalog_conflict conflict = {0};
	struct head heads[2];
	bool is_proof;
	int r = 0;

	if (proof.len > CATALOG_CONFLICT_BYTES_MAX)
		return -E2BIG;
	is_proof = catalog_unpack_array(&unpack, 3) == 3 &&
		   catalog_unpack_number(&unpack, PROOF_VERSION) == PROOF_VERSION;
	for (size_t i = 0; i < 2; i++)
		conflict.amendments[i] = catalog_unpack_bin(&unpack);
	if (!is_proof || !catalog_unpack_done(&unpack))
		return -EBADMSG;
	for (size_t i = 0; i < 2 && r == 0; i++)
		r = read_head(conflict.amendments[i], &heads[i]);
	if (r != 0)
		return r;
	if (heads[0].number != heads[1].number ||
	    memcmp(heads[0].hash.bytes, heads[1].hash.bytes, sizeof heads[0].hash.bytes) >= 0)
		return -EBADMSG;
	conflict.number = heads[0].number;
	for (size_t i = 0; i < 2; i++) {
		conflict.hashes[i] = heads[i].hash;
		conflict.prevs[i] = heads[i].prev;
	}
	*ret_conflict = conflict;
	return 0;
}

int catalog_conflict_verify(const struct catalog_charter *charter, struct catalog_span proof,
			    struct catalog_conflict *ret_conflict,
			    char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_conflict conflict;
	int r = catalog_conflict_decode(proof, &conflict);

	if (r != 0)
		return refuse(ret_why, r, "it is no proof of two amendments of one number");
	if (conflict.number > catalog_charter_number(charter) + 1)
		return refuse(ret_why, -ENOENT, "the charter here does not reach so far");
	for (size_t i = 0; i < 2 && r == 0; i++) {
		struct head head = {conflict.number, conflict.hashes[i], conflict.prevs[i]};
		struct catalog_charter *other = NULL;

		r = amended(charter, &head, conflict.amendments[i], &other, ret_why);
		catalog_charter_free(other);
	}
	if (r == 0)
		*ret_conflict = conflict;
	return r;
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* 'e', number u64: beside the amendments that count. */
static struct catalog_span key_of(uint64_t number, uint8_t key[KEY_BYTES])
{
	key[0] = 'e';
	for (unsigned i = 0; i < 8; i++)
		key[1 + i] = (uint8_t)(number >> (56 - 8 * i));
	return (struct catalog_span){key, KEY_BYTES};
}

int catalog_conflict_keep(struct catalog_txn *txn, uint64_t number, struct catalog_span proof)
{
	uint64_t numbers[CATALOG_CHARTER_CONFLICTS_MAX];
	uint8_t key[KEY_BYTES];
	size_t count;
	int r = catalog_conflict_numbers(txn, numbers, &count);

	for (size_t i = 0; i < count && r == 0; i++)
		if (numbers[i] == number)
			return 0;
	if (r == 0 && count == CATALOG_CHARTER_CONFLICTS_MAX)
		return 0;
	return r != 0 ? r
		      : catalog_store_put(txn, CATALOG_TABLE_CHARTER, key_of(number, key), proof);
}

int catalog_conflict_read(struct catalog_txn *txn, uint64_t number,
			  struct catalog_buffer *ret_proof)
{
	uint8_t key[KEY_BYTES];
	struct catalog_span kept;
	int r = catalog_store_get(txn, CATALOG_TABLE_CHARTER, key_of(number, key), &kept);

	return r != 0 ? r : catalog_buffer_append(ret_proof, kept.bytes, kept.len);
}

int catalog_conflict_find(struct catalog_txn *txn, uint64_t number, const struct catalog_hash *hash)
{
	struct catalog_conflict conflict;
	uint8_t key[KEY_BYTES];
	struct catalog_span kept;
	int r = catalog_store_get(txn, CATALOG_TABLE_CHARTER, key_of(number, key), &kept);

	if (r != 0)
		return r;
	if (catalog_conflict_decode(kept, &conflict) != 0)
		return -EIO; /* it was verified */
	return catalog_hash_equal(&conflict.hashes[0], hash) ||
			       catalog_hash_equal(&conflict.hashes[1], hash)
		       ? 0
		       : -ENOENT;
}

int catalog_conflict_numbers(struct catalog_txn *txn,
			     uint64_t ret_numbers[CATALOG_CHARTER_CONFLICTS_MAX], size_t *ret_count)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_span key, value;
	uint8_t bytes[KEY_BYTES];
	size_t count = 0;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_CHARTER, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, key_of(0, bytes), &key, &value);
	for (; r == 0 && key.len == KEY_BYTES && key.bytes[0] == 'e' &&
	       count < CATALOG_CHARTER_CONFLICTS_MAX;
	     r = catalog_store_cursor_next(cursor, &key, &value)) {
		uint64_t number = 0;

		for (unsigned i = 1; i < KEY_BYTES; i++)
			number = number << 8 | key.bytes[i];
		ret_numbers[count++] = number;
	}
	catalog_store_cursor_close(cursor);
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_count = count;
	return 0;
}

int catalog_conflict_drop_after(struct catalog_txn *txn, uint64_t number)
{
	uint64_t numbers[CATALOG_CHARTER_CONFLICTS_MAX];
	uint8_t key[KEY_BYTES];
	size_t count;
	int r = catalog_conflict_numbers(txn, numbers, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		if (numbers[i] > number)
			r = catalog_store_del(txn, CATALOG_TABLE_CHARTER, key_of(numbers[i], key));
	return r;
}
