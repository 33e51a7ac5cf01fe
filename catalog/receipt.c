/* catalog/receipt.c - reading, then judging.
 *
 * What is signed is the checkpoint alone.  Its root proves the entry and the state entry, which is
 * the last leaf; the state entry tells the view's root; and that proves which entry of the listing
 * is the newest.  Nothing else in the file is believed, and so that there is nothing else, extra is
 * encoded again and must be the same bytes. */
#include "catalog/receipt.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <msgpack.h>
#include <sodium.h>

#include "catalog/listing.h"
#include "catalog/note.h"
#include "catalog/wire.h"

#define HEADER       "c2sp.org/tlog-proof@v1"
#define EXTRA        "extra "
#define INDEX        "index "
#define VERSION_BYTE 1
#define FIELDS       8
#define CHECK_BYTES  8
#define HASH_BYTES   sizeof(struct catalog_hash)

/* Bounds of the parts, each as it is written. */
#define EXTRA_BYTES_MAX                                                                            \
	(16 + CHECK_BYTES + CATALOG_ID_BYTES_MAX + CATALOG_ENTRY_BYTES_MAX +                       \
	 CATALOG_RECEIPT_STATE_BYTES_MAX + (HASH_BYTES + 2) * CATALOG_MERKLE_PROOF_MAX + 64 +      \
	 (HASH_BYTES + 6) * CATALOG_TRIE_PROOF_MAX)
_Static_assert(EXTRA_BYTES_MAX / 3 * 4 + 45 * CATALOG_MERKLE_PROOF_MAX +
			       CATALOG_CHECKPOINT_BYTES_MAX + 200 <=
		       CATALOG_RECEIPT_BYTES_MAX,
	       "the largest entry has a receipt");

__attribute__((format(printf, 3, 4))) static int fail(char why[CATALOG_RECEIPT_WHY_BYTES], int code,
						      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, CATALOG_RECEIPT_WHY_BYTES, format, args); /* cut if too long */
	va_end(args);
	return code;
}

/* --- writing --------------------------------------------------------------------------------- */

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static int pack_bin(msgpack_packer *pk, const void *bytes, size_t len)
{
	int r = msgpack_pack_bin(pk, len);

	return r != 0 ? r : msgpack_pack_bin_body(pk, bytes, len);
}

static int pack_path(msgpack_packer *pk, const struct catalog_receipt *receipt)
{
	int r = msgpack_pack_array(pk, receipt->step_count);

	for (size_t i = 0; i < receipt->step_count && r == 0; i++) {
		const struct catalog_trie_step *step = &receipt->steps[i];

		if ((r = msgpack_pack_array(pk, 2)) == 0 &&
		    (r = msgpack_pack_uint16(pk, step->bit)) == 0)
			r = pack_bin(pk, step->sibling.bytes, HASH_BYTES);
	}
	return r;
}

static int pack_leaf(msgpack_packer *pk, const struct catalog_receipt *receipt)
{
	int r;

	if (!receipt->has_leaf)
		return msgpack_pack_nil(pk);
	if ((r = msgpack_pack_array(pk, 2)) == 0 &&
	    (r = pack_bin(pk, receipt->leaf.key.bytes, HASH_BYTES)) == 0)
		r = msgpack_pack_uint64(pk, receipt->leaf.index);
	return r;
}

/* Over what extra holds before it and over the note: nothing that is signed covers the id of an
 * absent listing, or the lines of those whose keys we do not know. */
static void check_of(struct catalog_span extra, struct catalog_span note,
		     uint8_t ret_check[CHECK_BYTES])
{
	crypto_hash_sha256_state state;
	struct catalog_hash hash;

	(void)crypto_hash_sha256_init(&state); /* these four always return 0 */
	(void)crypto_hash_sha256_update(&state, extra.bytes, extra.len);
	(void)crypto_hash_sha256_update(&state, note.bytes, note.len);
	(void)crypto_hash_sha256_final(&state, hash.bytes);
	memcpy(ret_check, hash.bytes, CHECK_BYTES);
}

/* Into an empty buffer. */
static int pack_extra(const struct catalog_receipt *receipt, struct catalog_buffer *buffer)
{
	size_t id_len = strlen(receipt->id);
	uint8_t check[CHECK_BYTES];
	msgpack_packer pk;
	int r;

	assert(buffer->len == 0);
	msgpack_packer_init(&pk, buffer, buffer_write);
	if ((r = msgpack_pack_array(&pk, FIELDS)) != 0 ||
	    (r = msgpack_pack_int(&pk, VERSION_BYTE)) != 0 ||
	    (r = msgpack_pack_str(&pk, id_len)) != 0 ||
	    (r = msgpack_pack_str_body(&pk, receipt->id, id_len)) != 0 ||
	    (r = receipt->entry.bytes == NULL
			 ? msgpack_pack_nil(&pk)
			 : pack_bin(&pk, receipt->entry.bytes, receipt->entry.len)) != 0 ||
	    (r = pack_bin(&pk, receipt->state.bytes, receipt->state.len)) != 0 ||
	    (r = msgpack_pack_array(&pk, receipt->state_proof_count)) != 0)
		return r;
	for (size_t i = 0; i < receipt->state_proof_count; i++)
		if ((r = pack_bin(&pk, receipt->state_proof[i].bytes, HASH_BYTES)) != 0)
			return r;
	if ((r = pack_leaf(&pk, receipt)) != 0 || (r = pack_path(&pk, receipt)) != 0)
		return r;
	check_of(catalog_buffer_span(buffer), receipt->note, check);
	return pack_bin(&pk, check, CHECK_BYTES);
}

int catalog_receipt_encode(const struct catalog_receipt *receipt, struct catalog_buffer *buffer)
{
	struct catalog_buffer extra = {0};
	size_t before = buffer->len;
	int r;

	assert(receipt->proof_count <= CATALOG_MERKLE_PROOF_MAX);
	assert(receipt->state_proof_count <= CATALOG_MERKLE_PROOF_MAX);
	assert(receipt->step_count <= CATALOG_TRIE_PROOF_MAX);
	if ((r = pack_extra(receipt, &extra)) != 0 ||
	    (r = catalog_buffer_print(buffer, HEADER "\n" EXTRA)) != 0 ||
	    (r = catalog_note_append_base64(buffer, catalog_buffer_span(&extra))) != 0 ||
	    (r = catalog_buffer_print(buffer, "\n" INDEX "%llu\n",
				      (unsigned long long)receipt->index)) != 0)
		goto out;
	for (size_t i = 0; i < receipt->proof_count; i++)
		if ((r = catalog_note_append_base64(
			     buffer, (struct catalog_span){receipt->proof[i].bytes, HASH_BYTES})) !=
			    0 ||
		    (r = catalog_buffer_append(buffer, "\n", 1)) != 0)
			goto out;
	if ((r = catalog_buffer_append(buffer, "\n", 1)) == 0)
		r = catalog_buffer_append(buffer, receipt->note.bytes, receipt->note.len);
	if (r == 0 && buffer->len - before > CATALOG_RECEIPT_BYTES_MAX)
		r = -E2BIG;
out:
	if (r != 0)
		buffer->len = before;
	catalog_buffer_close(&extra);
	return r;
}

/* --- reading --------------------------------------------------------------------------------- */

static bool bin_from(const msgpack_object *o, size_t len_max, struct catalog_span *ret_span)
{
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size == 0 || o->via.bin.size > len_max)
		return false;
	/* msgpack-c points into the bytes that it was given. */
	*ret_span = (struct catalog_span){(const uint8_t *)o->via.bin.ptr, o->via.bin.size};
	return true;
}

static bool hash_from(const msgpack_object *o, struct catalog_hash *ret_hash)
{
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size != HASH_BYTES)
		return false;
	memcpy(ret_hash->bytes, o->via.bin.ptr, HASH_BYTES);
	return true;
}

static bool id_from(const msgpack_object *o, char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	size_t len = o->via.str.size;

	if (o->type != MSGPACK_OBJECT_STR || len == 0 || len > CATALOG_ID_BYTES_MAX ||
	    memchr(o->via.str.ptr, '\0', len) != NULL)
		return false;
	memcpy(ret_id, o->via.str.ptr, len);
	ret_id[len] = '\0';
	return true;
}

static bool proof_from(const msgpack_object *o, struct catalog_receipt *receipt)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size > CATALOG_MERKLE_PROOF_MAX)
		return false;
	receipt->state_proof_count = o->via.array.size;
	for (size_t i = 0; i < receipt->state_proof_count; i++)
		if (!hash_from(&o->via.array.ptr[i], &receipt->state_proof[i]))
			return false;
	return true;
}

static bool is_pair(const msgpack_object *o)
{
	return o->type == MSGPACK_OBJECT_ARRAY && o->via.array.size == 2;
}

static bool leaf_from(const msgpack_object *o, struct catalog_receipt *receipt)
{
	const msgpack_object *pair = o->via.array.ptr;

	receipt->has_leaf = o->type != MSGPACK_OBJECT_NIL;
	if (!receipt->has_leaf)
		return true;
	if (!is_pair(o) || !hash_from(&pair[0], &receipt->leaf.key) ||
	    pair[1].type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return false;
	receipt->leaf.index = pair[1].via.u64;
	return true;
}

static bool path_from(const msgpack_object *o, struct catalog_receipt *receipt)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size > CATALOG_TRIE_PROOF_MAX)
		return false;
	receipt->step_count = o->via.array.size;
	for (size_t i = 0; i < receipt->step_count; i++) {
		const msgpack_object *step = &o->via.array.ptr[i], *pair = step->via.array.ptr;

		if (!is_pair(step) || pair[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER ||
		    pair[0].via.u64 > UINT8_MAX || !hash_from(&pair[1], &receipt->steps[i].sibling))
			return false;
		receipt->steps[i].bit = (uint16_t)pair[0].via.u64;
	}
	return true;
}

static bool extra_from(const msgpack_object *o, struct catalog_receipt *receipt)
{
	const msgpack_object *f = o->via.array.ptr;

	return o->type == MSGPACK_OBJECT_ARRAY && o->via.array.size == FIELDS &&
	       f[0].type == MSGPACK_OBJECT_POSITIVE_INTEGER && f[0].via.u64 == VERSION_BYTE &&
	       id_from(&f[1], receipt->id) &&
	       (f[2].type == MSGPACK_OBJECT_NIL ||
		bin_from(&f[2], CATALOG_ENTRY_BYTES_MAX, &receipt->entry)) &&
	       bin_from(&f[3], CATALOG_RECEIPT_STATE_BYTES_MAX, &receipt->state) &&
	       proof_from(&f[4], receipt) && leaf_from(&f[5], receipt) && path_from(&f[6], receipt);
}

/* Take receipt->extra apart, and see that it has no other form, by writing it again.  The check at
 * its end is looked at when the note is known. */
static int read_extra(struct catalog_receipt *receipt)
{
	struct catalog_buffer again = {0};
	msgpack_unpacked u;
	size_t used = 0;
	int r = catalog_wire_check(receipt->extra.bytes, receipt->extra.len);

	if (r != 0)
		return r;
	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, (const char *)receipt->extra.bytes, receipt->extra.len,
				&used) != MSGPACK_UNPACK_SUCCESS ||
	    !extra_from(&u.data, receipt))
		r = -EBADMSG;
	msgpack_unpacked_destroy(&u);
	if (r == 0)
		r = pack_extra(receipt, &again);
	if (r == 0 && (again.len != receipt->extra.len ||
		       memcmp(again.bytes, receipt->extra.bytes, again.len - CHECK_BYTES) != 0))
		r = -EBADMSG;
	catalog_buffer_close(&again);
	return r;
}

/* The rest of a line that begins with a word. */
static int after(struct catalog_span line, const char *word, struct catalog_span *ret_rest)
{
	size_t len = strlen(word);

	if (line.len <= len || memcmp(line.bytes, word, len) != 0)
		return -EBADMSG;
	*ret_rest = (struct catalog_span){line.bytes + len, line.len - len};
	return 0;
}

static int read_proof(struct catalog_span *rest, struct catalog_receipt *receipt, char *why)
{
	struct catalog_span line = {0};
	size_t len = 0;

	for (;;) {
		if (catalog_note_line(rest, &line) != 0)
			return fail(why, -EBADMSG, "The receipt is cut short.");
		if (line.len == 0)
			return 0;
		if (receipt->proof_count == CATALOG_MERKLE_PROOF_MAX ||
		    catalog_note_base64(line, receipt->proof[receipt->proof_count].bytes,
					HASH_BYTES, &len) != 0 ||
		    len != HASH_BYTES)
			return fail(why, -EBADMSG,
				    "A line of the inclusion proof is not the base64 of a hash.");
		receipt->proof_count++;
	}
}

static void judge_check(struct catalog_receipt *receipt)
{
	size_t end = receipt->extra.len - CHECK_BYTES; /* it has its form */
	struct catalog_span before = {receipt->extra.bytes, end - 2};
	uint8_t check[CHECK_BYTES];

	check_of(before, receipt->note, check);
	receipt->is_damaged = memcmp(check, receipt->extra.bytes + end, CHECK_BYTES) != 0;
}

static int read_lines(struct catalog_receipt *receipt, struct catalog_span rest, char *why)
{
	struct catalog_span line = {0}, value = {0};
	int r;

	if (catalog_note_line(&rest, &line) != 0 || !catalog_note_is(line, HEADER))
		return fail(why, -EBADMSG, "This is no receipt: its first line is not " HEADER ".");
	if (catalog_note_line(&rest, &line) != 0 || after(line, EXTRA, &value) != 0)
		return fail(why, -EBADMSG,
			    "The receipt has no \"extra\" line: it does not tell which entry it is "
			    "about.");
	r = catalog_buffer_reserve(&receipt->extra, value.len);
	if (r != 0)
		return fail(why, r, "There is not enough memory.");
	r = catalog_note_base64(value, receipt->extra.bytes, value.len, &receipt->extra.len);
	if (r == 0)
		r = read_extra(receipt);
	if (r != 0)
		return fail(why, r,
			    "The receipt's \"extra\" line is damaged, or of a later version.");
	if (catalog_note_line(&rest, &line) != 0 || after(line, INDEX, &value) != 0 ||
	    catalog_note_decimal(value, &receipt->index) != 0)
		return fail(why, -EBADMSG, "The receipt has no \"index\" line with a number.");
	r = read_proof(&rest, receipt, why);
	if (r != 0)
		return r;
	if (rest.len == 0)
		return fail(why, -EBADMSG, "The receipt is cut short: its checkpoint is missing.");
	receipt->note = rest;
	judge_check(receipt);
	return 0;
}

int catalog_receipt_init(struct catalog_receipt *receipt, struct catalog_span bytes,
			 char ret_why[CATALOG_RECEIPT_WHY_BYTES])
{
	int r;

	*receipt = (struct catalog_receipt){0};
	if (bytes.len > CATALOG_RECEIPT_BYTES_MAX)
		return fail(ret_why, -E2BIG, "A receipt is at most %u bytes; this has %zu.",
			    CATALOG_RECEIPT_BYTES_MAX, bytes.len);
	r = read_lines(receipt, bytes, ret_why);
	if (r != 0)
		catalog_receipt_close(receipt);
	return r;
}

void catalog_receipt_close(struct catalog_receipt *receipt)
{
	catalog_buffer_close(&receipt->extra);
	*receipt = (struct catalog_receipt){0};
}

/* --- judging --------------------------------------------------------------------------------- */

/* The first line of the note, if it could be a member's, and the name in it.  It is shown before
 * anything is proven, so it is plain. */
static int read_origin(struct catalog_span note, char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1],
		       char ret_member[CATALOG_MEMBER_NAME_BYTES_MAX + 1])
{
	static const char shape[] = "fedcat/0123456789abcdef/";
	struct catalog_span line = {0};
	const char *member;

	if (catalog_note_line(&note, &line) != 0 || line.len < sizeof shape ||
	    line.len > CATALOG_CHECKPOINT_ORIGIN_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < line.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-/", line.bytes[i]) == NULL ||
		    line.bytes[i] == '\0')
			return -EBADMSG;
	memcpy(ret_origin, line.bytes, line.len);
	ret_origin[line.len] = '\0';
	member = ret_origin + sizeof shape - 1;
	if (memcmp(ret_origin, shape, strlen("fedcat/")) != 0 || member[-1] != '/' ||
	    strlen(member) > CATALOG_MEMBER_NAME_BYTES_MAX)
		return -EBADMSG;
	memcpy(ret_member, member, strlen(member) + 1);
	return 0;
}

static bool is_origin_of(const char *origin, const struct catalog_hash *federation,
			 const char *member)
{
	char expected[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];

	catalog_checkpoint_origin(federation, member, expected);
	return strcmp(origin, expected) == 0;
}

/* Find whose key must have signed. */
static int judge_signer(const struct catalog_receipt *receipt,
			const struct catalog_receipt_trust *trust,
			struct catalog_receipt_outcome *outcome,
			char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1], char *why)
{
	const struct catalog_member *member;

	if (read_origin(receipt->note, ret_origin, outcome->member) != 0)
		return fail(why, -EBADMSG,
			    "The origin of the checkpoint is not that of a member's log.");
	if (trust->charter == NULL) {
		if ((trust->federation != NULL &&
		     !is_origin_of(ret_origin, trust->federation, outcome->member)) ||
		    (trust->member != NULL && strcmp(trust->member, outcome->member) != 0))
			return fail(
				why, -EKEYREJECTED,
				"The origin of the checkpoint, %s, is another than was asked for.",
				ret_origin);
		outcome->key = *trust->key;
		return 0;
	}
	member = catalog_charter_member_named(trust->charter, outcome->member);
	if (!is_origin_of(ret_origin, catalog_charter_federation(trust->charter), outcome->member))
		return fail(why, -EKEYREJECTED,
			    "The origin of the checkpoint, %s, is of another federation than the "
			    "charter.",
			    ret_origin);
	if (member == NULL)
		return fail(
			why, -EKEYREJECTED,
			"The origin of the checkpoint names a member, %s, that the charter does "
			"not have.",
			outcome->member);
	outcome->key = member->key;
	return 0;
}

static int judge_checkpoint(const struct catalog_receipt *receipt,
			    const struct catalog_charter *charter, const char *origin,
			    struct catalog_receipt_outcome *outcome, char *why)
{
	const struct catalog_member *member =
		charter == NULL ? NULL : catalog_charter_member_named(charter, outcome->member);
	int r = member == NULL ? catalog_checkpoint_verify(receipt->note, origin, &outcome->key,
							   &outcome->checkpoint)
			       : catalog_charter_verify(charter, member->index, receipt->note,
							&outcome->checkpoint);

	if (r == 0 && member != NULL)
		outcome->key =
			*catalog_charter_key(charter, member->index, outcome->checkpoint.size);
	if (r == -EROFS)
		return fail(why, -EKEYREJECTED,
			    "%s was suspended before this checkpoint, which counts no more.",
			    outcome->member);
	if (r == -EKEYREJECTED)
		return fail(why, r, "The signature of %s on the checkpoint is not valid.",
			    outcome->member);
	if (r != 0)
		return fail(why, -EBADMSG, "The checkpoint is damaged: it is no signed note.");
	if (outcome->checkpoint.size == 0)
		return fail(why, -EPROTO, "The checkpoint is of an empty log.");
	return 0;
}

/* The state entry is the last leaf, and tells the view's root. */
static int judge_state(const struct catalog_receipt *receipt,
		       struct catalog_receipt_outcome *outcome, struct catalog_hash *ret_view_root,
		       char *why)
{
	bool absent = receipt->entry.bytes == NULL;
	const struct catalog_checkpoint *checkpoint = &outcome->checkpoint;
	struct catalog_entry entry;
	struct catalog_state state;
	struct catalog_hash leaf;

	if (absent && receipt->index != checkpoint->size - 1)
		return fail(
			why, -EKEYREJECTED,
			"The receipt's index is not that of the last entry under the checkpoint.");
	if (absent && receipt->state_proof_count != 0)
		return fail(why, -EBADMSG, "The receipt proves its state entry twice.");
	catalog_merkle_leaf(receipt->state, &leaf);
	if (catalog_merkle_verify_inclusion(&leaf, checkpoint->size - 1, checkpoint->size,
					    absent ? receipt->proof : receipt->state_proof,
					    absent ? receipt->proof_count
						   : receipt->state_proof_count,
					    &checkpoint->root) != 0)
		return fail(why, -EKEYREJECTED,
			    "The inclusion proof of the state entry does not lead to the "
			    "checkpoint's root.");
	if (catalog_entry_decode(receipt->state, &entry) != 0 ||
	    entry.kind != CATALOG_ENTRY_STATE ||
	    catalog_entry_decode_state(entry.body, &state) != 0)
		return fail(why, -EPROTO, "The last entry under the checkpoint is no state entry.");
	outcome->state_time_s = entry.time_s;
	outcome->live = state.live;
	outcome->withdrawn = state.withdrawn;
	*ret_view_root = state.view_root;
	return 0;
}

static int judge_entry(const struct catalog_receipt *receipt,
		       struct catalog_receipt_outcome *outcome, char *why)
{
	const struct catalog_checkpoint *checkpoint = &outcome->checkpoint;
	struct catalog_hash leaf;

	catalog_merkle_leaf(receipt->entry, &leaf);
	if (catalog_merkle_verify_inclusion(&leaf, receipt->index, checkpoint->size, receipt->proof,
					    receipt->proof_count, &checkpoint->root) != 0)
		return fail(why, -EKEYREJECTED,
			    "The inclusion proof of the entry does not lead to the checkpoint's "
			    "root.");
	if (catalog_entry_decode(receipt->entry, &outcome->entry) != 0 ||
	    (outcome->entry.kind != CATALOG_ENTRY_PUT &&
	     outcome->entry.kind != CATALOG_ENTRY_WITHDRAW))
		return fail(why, -EPROTO, "The entry is not about a listing.");
	if (strcmp(outcome->entry.id, receipt->id) != 0)
		return fail(why, -EKEYREJECTED,
			    "The entry is about another id than the receipt says.");
	outcome->index = receipt->index;
	outcome->time_s = outcome->entry.time_s;
	return 0;
}

static int judge_presence(const struct catalog_receipt *receipt, const struct catalog_hash *thing,
			  const struct catalog_hash *view_root,
			  struct catalog_receipt_outcome *outcome, char *why)
{
	int r = judge_entry(receipt, outcome, why);

	if (r != 0)
		return r;
	if (!receipt->has_leaf || !catalog_hash_equal(&receipt->leaf.key, thing))
		return fail(why, -EKEYREJECTED, "The trie path is that of another id.");
	if (catalog_trie_verify(&receipt->leaf, receipt->steps, receipt->step_count, view_root) !=
	    0)
		return fail(why, -EKEYREJECTED,
			    "The trie path does not lead to the view root in the state entry.");
	outcome->newest = receipt->leaf.index;
	if (outcome->newest < outcome->index || outcome->newest >= outcome->checkpoint.size)
		return fail(why, -EPROTO,
			    "The view root names an entry as the newest that cannot be it.");
	if (outcome->newest > outcome->index)
		outcome->claim = CATALOG_RECEIPT_SUPERSEDED;
	else if (outcome->entry.kind == CATALOG_ENTRY_WITHDRAW)
		outcome->claim = CATALOG_RECEIPT_WITHDRAWN;
	else
		outcome->claim = CATALOG_RECEIPT_CURRENT;
	return 0;
}

static int judge_absence(const struct catalog_receipt *receipt, const struct catalog_hash *thing,
			 const struct catalog_hash *view_root,
			 struct catalog_receipt_outcome *outcome, char *why)
{
	if (catalog_trie_verify_absent(thing, receipt->has_leaf ? &receipt->leaf : NULL,
				       receipt->steps, receipt->step_count, view_root) != 0)
		return fail(why, -EKEYREJECTED,
			    "The trie path does not show, under the view root in the state entry, "
			    "that there is no such id.");
	outcome->claim = CATALOG_RECEIPT_ABSENT;
	return 0;
}

int catalog_receipt_verify(const struct catalog_receipt *receipt,
			   const struct catalog_receipt_trust *trust,
			   struct catalog_receipt_outcome *ret_outcome,
			   char ret_why[CATALOG_RECEIPT_WHY_BYTES])
{
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_receipt_outcome outcome = {0};
	struct catalog_hash thing, view_root;
	int r;

	assert(trust->charter != NULL || trust->key != NULL);
	if (catalog_listing_check_id(receipt->id) != 0)
		return fail(ret_why, -EBADMSG, "The receipt's id is none that a listing can have.");
	memcpy(outcome.id, receipt->id, sizeof outcome.id);
	catalog_entry_thing(CATALOG_ENTRY_PUT, receipt->id, &thing);
	if ((r = judge_signer(receipt, trust, &outcome, origin, ret_why)) != 0 ||
	    (r = judge_checkpoint(receipt, trust->charter, origin, &outcome, ret_why)) != 0 ||
	    (r = judge_state(receipt, &outcome, &view_root, ret_why)) != 0)
		return r;
	if (receipt->entry.bytes == NULL)
		r = judge_absence(receipt, &thing, &view_root, &outcome, ret_why);
	else
		r = judge_presence(receipt, &thing, &view_root, &outcome, ret_why);
	if (r == 0 && receipt->is_damaged)
		r = fail(ret_why, -EBADMSG,
			 "The receipt is damaged: its \"extra\" line's check is not that of its "
			 "parts.");
	if (r == 0)
		*ret_outcome = outcome;
	return r;
}
