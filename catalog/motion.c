/* catalog/motion.c - nothing is kept beside the logs: a motion is found by its place in a log, a
 * vote by the hash of what it is for, and both lookups are those of any other thing.  A table of
 * motions would have to follow every log that steps back. */
#include "catalog/motion.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

#include "catalog/charter_store.h"
#include "catalog/entry.h"
#include "catalog/log.h"
#include "catalog/take.h"

#define PLACE_BYTES 12

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static int pack_bin(msgpack_packer *pk, const void *bytes, size_t len)
{
	int r = msgpack_pack_bin(pk, len);

	return r == 0 ? msgpack_pack_bin_body(pk, bytes, len) : r;
}

/* --- bodies ---------------------------------------------------------------------------------- */

int catalog_motion_encode(struct catalog_span body, int64_t expires_s,
			  struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, buffer, buffer_write);
	if ((r = msgpack_pack_array(&pk, 2)) != 0 ||
	    (r = pack_bin(&pk, body.bytes, body.len)) != 0 ||
	    (r = msgpack_pack_int64(&pk, expires_s)) != 0)
		buffer->len = before;
	return r;
}

int catalog_motion_encode_vote(const struct catalog_hash *hash,
			       const struct catalog_signature *signature,
			       struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, buffer, buffer_write);
	if ((r = msgpack_pack_array(&pk, 3)) != 0 ||
	    (r = pack_bin(&pk, hash->bytes, sizeof hash->bytes)) != 0 ||
	    (r = pack_bin(&pk, signature->key.bytes, sizeof signature->key.bytes)) != 0 ||
	    (r = pack_bin(&pk, signature->bytes, sizeof signature->bytes)) != 0)
		buffer->len = before;
	return r;
}

int catalog_motion_decode(struct catalog_span bytes, struct catalog_motion *ret_motion)
{
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	struct catalog_span body;
	uint64_t count, expires;
	bool negative = false;
	int r = -EBADMSG;

	if (amendment == NULL)
		return -ENOMEM;
	if (catalog_take_array(&bytes, &count) != 0 || count != 2 ||
	    catalog_take_bin(&bytes, &body) != 0 ||
	    catalog_take_integer(&bytes, &expires, &negative) != 0 ||
	    (!negative && expires > INT64_MAX) || bytes.len != 0 ||
	    catalog_amendment_decode_body(body, amendment) != 0)
		goto out;
	ret_motion->body = body;
	ret_motion->expires_s = (int64_t)expires;
	ret_motion->hash = amendment->hash;
	ret_motion->prev = amendment->prev;
	ret_motion->number = amendment->number;
	r = 0;
out:
	free(amendment);
	return r;
}

int catalog_motion_decode_vote(struct catalog_span bytes, struct catalog_hash *ret_hash,
			       struct catalog_signature *ret_signature)
{
	struct catalog_signature signature;
	struct catalog_hash hash;
	uint64_t count;

	if (catalog_take_array(&bytes, &count) != 0 || count != 3 ||
	    catalog_take_fixed(&bytes, hash.bytes, sizeof hash.bytes) != 0 ||
	    catalog_take_fixed(&bytes, signature.key.bytes, sizeof signature.key.bytes) != 0 ||
	    catalog_take_fixed(&bytes, signature.bytes, sizeof signature.bytes) != 0 ||
	    bytes.len != 0)
		return -EBADMSG;
	*ret_hash = hash;
	*ret_signature = signature;
	return 0;
}

/* --- motions --------------------------------------------------------------------------------- */

/* Returns 0, -ENOENT if the place is free, -EBADMSG if what is there is no motion, -ENOMEM, -EIO.
 */
static int read_motion(struct catalog_txn *txn, uint32_t log, unsigned place,
		       struct catalog_buffer *bytes, struct catalog_motion *ret_motion)
{
	struct catalog_entry entry;
	char id[PLACE_BYTES];
	int r;

	(void)snprintf(id, sizeof id, "%u", place); /* it fits */
	r = catalog_log_newest(txn, log, CATALOG_ENTRY_MOTION, id, bytes, &entry);
	if (r == 0)
		r = catalog_motion_decode(entry.body, ret_motion);
	if (r == 0) {
		ret_motion->member = log;
		ret_motion->place = place;
		ret_motion->time_s = entry.time_s;
	}
	return r;
}

static int walk_log(struct catalog_txn *txn, uint32_t log, struct catalog_buffer *bytes,
		    catalog_motion_each each, void *arg)
{
	struct catalog_motion motion;
	int r = 0;

	for (unsigned place = 0; place < CATALOG_MOTION_PLACES && r == 0; place++) {
		r = read_motion(txn, log, place, bytes, &motion);
		if (r == -ENOENT)
			return 0; /* places are taken in their order */
		if (r == -EBADMSG)
			r = 0; /* of no use to anybody */
		else if (r == 0)
			r = each(arg, &motion);
	}
	return r;
}

int catalog_motion_walk(struct catalog_txn *txn, const struct catalog_charter *charter,
			catalog_motion_each each, void *arg)
{
	const struct catalog_council *council = catalog_charter_council(charter);
	struct catalog_buffer bytes = {0};
	int r = 0;

	for (size_t i = 0; i < council->count && r == 0; i++) {
		const struct catalog_member *member =
			catalog_charter_member_with_key(charter, &council->keys[i]);

		if (member != NULL)
			r = walk_log(txn, member->index, &bytes, each, arg);
	}
	catalog_buffer_close(&bytes);
	return r;
}

enum catalog_motion_state catalog_motion_state(const struct catalog_charter *charter,
					       const struct catalog_motion *motion, int64_t now_s)
{
	uint64_t newest = catalog_charter_number(charter);
	struct catalog_amendment *ours;
	bool is_ours;

	if (motion->number > newest + 1)
		return CATALOG_MOTION_EARLY;
	if (motion->number == newest + 1 &&
	    catalog_hash_equal(&motion->prev, catalog_charter_head(charter)))
		return motion->expires_s < now_s ? CATALOG_MOTION_EXPIRED : CATALOG_MOTION_OPEN;
	if (motion->number > newest)
		return CATALOG_MOTION_OVERTAKEN;
	ours = malloc(sizeof *ours);
	is_ours = ours != NULL &&
		  catalog_amendment_decode(catalog_charter_amendment(charter, motion->number),
					   ours) == 0 &&
		  catalog_hash_equal(&ours->hash, &motion->hash);
	free(ours);
	return is_ours ? CATALOG_MOTION_ADOPTED : CATALOG_MOTION_OVERTAKEN;
}

const char *catalog_motion_state_word(enum catalog_motion_state state)
{
	switch (state) {
	case CATALOG_MOTION_OPEN: return "open";
	case CATALOG_MOTION_EARLY: return "early";
	case CATALOG_MOTION_EXPIRED: return "expired";
	case CATALOG_MOTION_ADOPTED: return "adopted";
	case CATALOG_MOTION_OVERTAKEN: return "overtaken";
	}
	return "?";
}

int catalog_motion_place(struct catalog_txn *txn, const struct catalog_charter *charter,
			 uint32_t member, int64_t now_s, unsigned *ret_place)
{
	struct catalog_buffer bytes = {0};
	struct catalog_motion motion;
	unsigned place = 0;
	int r = 0;

	for (; place < CATALOG_MOTION_PLACES; place++) {
		r = read_motion(txn, member, place, &bytes, &motion);
		if (r == -ENOENT || r == -EBADMSG) {
			r = 0;
			break;
		}
		if (r != 0 || catalog_motion_state(charter, &motion, now_s) > CATALOG_MOTION_EARLY)
			break;
	}
	catalog_buffer_close(&bytes);
	if (r == 0 && place == CATALOG_MOTION_PLACES)
		r = -ENOSPC;
	if (r == 0)
		*ret_place = place;
	return r;
}

/* --- votes ----------------------------------------------------------------------------------- */

/* Add the vote by this key in a log, if there is one that is true. */
static int add_vote_of(struct catalog_txn *txn, uint32_t log, const struct catalog_key *key,
		       const char *suffix, struct catalog_buffer *bytes,
		       struct catalog_amendment *amendment)
{
	char hex[CATALOG_MOTION_ID_BYTES], id[sizeof hex + sizeof CATALOG_MOTION_NEW];
	struct catalog_signature signature;
	struct catalog_entry entry;
	struct catalog_hash hash;
	int r;

	catalog_hash_to_hex(&amendment->hash, hex);
	(void)snprintf(id, sizeof id, "%s%s", hex, suffix); /* it fits */
	r = catalog_log_newest(txn, log, CATALOG_ENTRY_VOTE, id, bytes, &entry);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (catalog_motion_decode_vote(entry.body, &hash, &signature) == 0 &&
	    catalog_hash_equal(&hash, &amendment->hash) &&
	    memcmp(signature.key.bytes, key->bytes, sizeof key->bytes) == 0)
		(void)catalog_amendment_add(amendment, &signature); /* false, or there already */
	return 0;
}

/* Add the vote of the member with this key, if there is one that is true. */
static int add_vote(struct catalog_txn *txn, const struct catalog_charter *charter,
		    const struct catalog_key *key, struct catalog_buffer *bytes,
		    struct catalog_amendment *amendment)
{
	const struct catalog_member *member = catalog_charter_member_with_key(charter, key);

	return member == NULL ? 0 : add_vote_of(txn, member->index, key, "", bytes, amendment);
}

static int add_votes(struct catalog_txn *txn, const struct catalog_charter *charter,
		     const struct catalog_council *council, struct catalog_buffer *bytes,
		     struct catalog_amendment *amendment)
{
	int r = 0;

	for (size_t i = 0; i < council->count && r == 0; i++)
		r = add_vote(txn, charter, &council->keys[i], bytes, amendment);
	return r;
}

int catalog_motion_gather(struct catalog_txn *txn, const struct catalog_charter *charter,
			  struct catalog_span body, struct catalog_amendment *ret_amendment)
{
	struct catalog_change *change = malloc(sizeof *change);
	struct catalog_buffer bytes = {0};
	struct catalog_span changes;
	int r = change == NULL ? -ENOMEM : catalog_amendment_decode_body(body, ret_amendment);

	if (r == 0)
		r = add_votes(txn, charter, catalog_charter_council(charter), &bytes,
			      ret_amendment);
	changes = r == 0 ? ret_amendment->changes : (struct catalog_span){NULL, 0};
	/* One that cannot be read is told by who judges it. */
	while (r == 0 && catalog_amendment_next(&changes, change, NULL) == 0) {
		if (change->verb == CATALOG_CHANGE_COUNCIL)
			r = add_votes(txn, charter, &change->as.council, &bytes, ret_amendment);
		if (change->verb == CATALOG_CHANGE_ROTATE)
			r = add_vote_of(txn, change->as.move.member, &change->as.move.key,
					CATALOG_MOTION_NEW, &bytes, ret_amendment);
	}
	catalog_buffer_close(&bytes);
	free(change);
	return r;
}

/* --- assembling ------------------------------------------------------------------------------ */

struct assembly {
	struct catalog_txn *txn;
	const struct catalog_charter *charter;
	int64_t now_s;
	struct catalog_amendment *amendment;
	struct catalog_buffer bytes; /* of one that enough have signed */
};

static int consider(void *arg, const struct catalog_motion *motion)
{
	struct assembly *assembly = arg;
	struct catalog_charter_tally tally;
	int r;

	if (catalog_motion_state(assembly->charter, motion, assembly->now_s) != CATALOG_MOTION_OPEN)
		return 0;
	r = catalog_motion_gather(assembly->txn, assembly->charter, motion->body,
				  assembly->amendment);
	if (r != 0)
		return r == -ENOMEM || r == -EIO ? r : 0;
	if (assembly->amendment->signature_count <
	    catalog_charter_council(assembly->charter)->threshold)
		return 0; /* to judge it takes a copy of the charter */
	r = catalog_charter_judge(assembly->charter, assembly->amendment, &tally, NULL);
	if (r != 0)
		return r == -ENOMEM ? r : 0;
	if (!catalog_charter_tally_is_full(&tally))
		return 0;
	r = catalog_amendment_encode(assembly->amendment->body, assembly->amendment->signatures,
				     assembly->amendment->signature_count, &assembly->bytes);
	return r != 0 ? r : 1;
}

int catalog_motion_assemble(struct catalog_store *store, struct catalog_charter *charter,
			    int64_t now_s, unsigned *ret_taken)
{
	struct assembly assembly = {.charter = charter, .now_s = now_s};
	int r = 1;

	*ret_taken = 0;
	assembly.amendment = malloc(sizeof *assembly.amendment);
	if (assembly.amendment == NULL)
		return -ENOMEM;
	while (r == 1) {
		assembly.bytes.len = 0;
		r = catalog_store_begin(store, &assembly.txn);
		if (r != 0)
			break;
		r = catalog_motion_walk(assembly.txn, charter, consider, &assembly);
		catalog_store_end(assembly.txn);
		if (r != 1)
			break;
		r = catalog_charter_store_take(store, charter, catalog_buffer_span(&assembly.bytes),
					       NULL);
		if (r == 0) {
			(*ret_taken)++;
			r = 1; /* another may follow it */
		}
	}
	catalog_buffer_close(&assembly.bytes);
	free(assembly.amendment);
	return r;
}
