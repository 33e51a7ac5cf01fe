#include "catalog/fork.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <msgpack.h>

#include "catalog/log.h"
#include "catalog/note.h"
#include "catalog/wire.h"

#define PROOF_VERSION 1
#define FIELDS_SIZES  4
#define FIELDS_NODE   10
#define LEVEL_MAX     62
#define KEY_PREFIX    "fork"
#define KEY_BYTES     (sizeof KEY_PREFIX - 1 + 4)

/* --- what holds ------------------------------------------------------------------------------- */

/* Up to the newest line the charter says what the history is: what was signed beside it before is
 * settled, and a key that was rotated away makes no new forks. */
static int verify_notes(const struct catalog_charter *charter, struct catalog_fork *fork)
{
	struct catalog_charter_line line;

	if (catalog_charter_line(charter, fork->log, CATALOG_CHARTER_NEWEST, &line) != 0)
		return -ENOENT;
	for (size_t i = 0; i < 2; i++) {
		int r = catalog_charter_verify(charter, fork->log, fork->sides[i].note,
					       &fork->checkpoints[i]);

		if (r != 0)
			return r;
		if (fork->checkpoints[i].size < line.size)
			return -ESTALE;
	}
	return 0;
}

static int verify_side(const struct catalog_fork *fork, size_t i)
{
	const struct catalog_fork_side *side = &fork->sides[i];
	const struct catalog_checkpoint *checkpoint = &fork->checkpoints[i];

	/* Cut off at the tree's end it would be another set of leaves in each. */
	if (fork->index >= checkpoint->size >> fork->level)
		return -EKEYREJECTED;
	return catalog_merkle_verify_range(&side->hash, fork->level, fork->index, checkpoint->size,
					   side->proof, side->proof_count, &checkpoint->root);
}

static int verify(const struct catalog_charter *charter, struct catalog_fork *fork)
{
	int r = verify_notes(charter, fork);

	if (r != 0)
		return r;
	if (!fork->has_node)
		return fork->checkpoints[0].size == fork->checkpoints[1].size &&
				       !catalog_hash_equal(&fork->checkpoints[0].root,
							   &fork->checkpoints[1].root)
			       ? 0
			       : -EKEYREJECTED;
	if (catalog_hash_equal(&fork->sides[0].hash, &fork->sides[1].hash))
		return -EKEYREJECTED;
	r = verify_side(fork, 0);
	return r != 0 ? r : verify_side(fork, 1);
}

/* --- writing ---------------------------------------------------------------------------------- */

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static int pack_bin(msgpack_packer *pk, struct catalog_span span)
{
	int r = msgpack_pack_bin(pk, span.len);

	return r != 0 ? r : msgpack_pack_bin_body(pk, span.bytes, span.len);
}

static int pack_hash(msgpack_packer *pk, const struct catalog_hash *hash)
{
	return pack_bin(pk, (struct catalog_span){hash->bytes, sizeof hash->bytes});
}

static int pack_side(msgpack_packer *pk, const struct catalog_fork_side *side)
{
	int r = pack_hash(pk, &side->hash);

	if (r == 0)
		r = msgpack_pack_array(pk, side->proof_count);
	for (size_t i = 0; i < side->proof_count && r == 0; i++)
		r = pack_hash(pk, &side->proof[i]);
	return r;
}

/* A note with the signature that counts and no other. */
static int bare_note(const struct catalog_charter *charter, const struct catalog_fork *fork,
		     size_t i, struct catalog_buffer *ret_note)
{
	const struct catalog_key *key =
		catalog_charter_key(charter, fork->log, fork->checkpoints[i].size);
	const char *origin = fork->checkpoints[i].origin;
	uint8_t id[CATALOG_NOTE_KEY_ID_BYTES], blob[128];
	struct catalog_span text, signatures;
	size_t len;
	int r = catalog_note_split(fork->sides[i].note, &text, &signatures);

	assert(key != NULL); /* the note was verified */
	catalog_note_key_id(origin, CATALOG_NOTE_ED25519, key->bytes, id);
	while (r == 0 && signatures.len > 0) {
		struct catalog_note_signature signature;

		r = catalog_note_next(&signatures, &signature);
		if (r != 0 || !catalog_note_is(signature.name, origin) ||
		    catalog_note_base64(signature.base64, blob, sizeof blob, &len) != 0 ||
		    len < sizeof id || memcmp(blob, id, sizeof id) != 0)
			continue;
		if ((r = catalog_buffer_append(ret_note, text.bytes, text.len)) == 0 &&
		    (r = catalog_buffer_append(ret_note, "\n", 1)) == 0)
			r = catalog_note_append(ret_note, origin, blob, len);
		return r;
	}
	return r != 0 ? r : -EBADMSG;
}

/* Which side is written first, so that two that see the same fork write the same proof. */
static size_t first_of(const struct catalog_fork *fork)
{
	const struct catalog_checkpoint *at = fork->checkpoints;

	if (at[0].size != at[1].size)
		return at[0].size < at[1].size ? 0 : 1;
	return memcmp(at[0].root.bytes, at[1].root.bytes, sizeof at[0].root.bytes) <= 0 ? 0 : 1;
}

static int pack(const struct catalog_charter *charter, const struct catalog_fork *fork,
		struct catalog_buffer *buffer)
{
	size_t first = first_of(fork);
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, buffer, buffer_write);
	if ((r = msgpack_pack_array(&pk, fork->has_node ? FIELDS_NODE : FIELDS_SIZES)) != 0 ||
	    (r = msgpack_pack_int(&pk, PROOF_VERSION)) != 0 ||
	    (r = msgpack_pack_uint32(&pk, fork->log)) != 0)
		return r;
	for (size_t i = 0; i < 2 && r == 0; i++) {
		struct catalog_buffer note = {0};

		r = bare_note(charter, fork, i == 0 ? first : 1 - first, &note);
		if (r == 0)
			r = pack_bin(&pk, catalog_buffer_span(&note));
		catalog_buffer_close(&note);
	}
	if (r != 0 || !fork->has_node)
		return r;
	if ((r = msgpack_pack_unsigned_int(&pk, fork->level)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, fork->index)) != 0 ||
	    (r = pack_side(&pk, &fork->sides[first])) != 0)
		return r;
	return pack_side(&pk, &fork->sides[1 - first]);
}

int catalog_fork_encode(const struct catalog_charter *charter, const struct catalog_fork *fork,
			struct catalog_buffer *ret_proof)
{
	struct catalog_fork checked = *fork;
	size_t before = ret_proof->len;
	int r = verify(charter, &checked);

	if (r != 0)
		return r == -ENOMEM ? r : -EINVAL;
	r = pack(charter, &checked, ret_proof);
	if (r == 0 && ret_proof->len - before > CATALOG_FORK_BYTES_MAX)
		r = -E2BIG;
	if (r != 0)
		ret_proof->len = before;
	return r;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool span_from(const msgpack_object *o, struct catalog_span *ret_span)
{
	if (o->type != MSGPACK_OBJECT_BIN)
		return false;
	*ret_span = (struct catalog_span){(const uint8_t *)o->via.bin.ptr, o->via.bin.size};
	return true;
}

static bool number_from(const msgpack_object *o, uint64_t max, uint64_t *ret_number)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 > max)
		return false;
	*ret_number = o->via.u64;
	return true;
}

static bool hash_from(const msgpack_object *o, struct catalog_hash *ret_hash)
{
	struct catalog_span span;

	if (!span_from(o, &span) || span.len != sizeof ret_hash->bytes)
		return false;
	memcpy(ret_hash->bytes, span.bytes, sizeof ret_hash->bytes);
	return true;
}

static bool side_from(const msgpack_object *o, struct catalog_fork_side *side)
{
	if (!hash_from(&o[0], &side->hash) || o[1].type != MSGPACK_OBJECT_ARRAY ||
	    o[1].via.array.size > CATALOG_MERKLE_PROOF_MAX)
		return false;
	side->proof_count = o[1].via.array.size;
	for (size_t i = 0; i < side->proof_count; i++)
		if (!hash_from(&o[1].via.array.ptr[i], &side->proof[i]))
			return false;
	return true;
}

static int from_object(const msgpack_object *o, struct catalog_fork *fork)
{
	const msgpack_object *f = o->via.array.ptr;
	uint64_t version, log, level = 0;

	if (o->type != MSGPACK_OBJECT_ARRAY ||
	    (o->via.array.size != FIELDS_SIZES && o->via.array.size != FIELDS_NODE))
		return -EBADMSG;
	fork->has_node = o->via.array.size == FIELDS_NODE;
	if (!number_from(&f[0], PROOF_VERSION, &version) || version != PROOF_VERSION ||
	    !number_from(&f[1], UINT32_MAX - 1, &log) || !span_from(&f[2], &fork->sides[0].note) ||
	    !span_from(&f[3], &fork->sides[1].note))
		return -EBADMSG;
	fork->log = (uint32_t)log;
	if (fork->has_node &&
	    (!number_from(&f[4], LEVEL_MAX, &level) ||
	     !number_from(&f[5], UINT64_MAX, &fork->index) || !side_from(&f[6], &fork->sides[0]) ||
	     !side_from(&f[8], &fork->sides[1])))
		return -EBADMSG;
	fork->level = (unsigned)level;
	return 0;
}

int catalog_fork_verify(const struct catalog_charter *charter, struct catalog_span proof,
			struct catalog_fork *ret_fork)
{
	struct catalog_fork fork = {0};
	msgpack_unpacked u;
	size_t used = 0;
	int r;

	if (proof.len > CATALOG_FORK_BYTES_MAX)
		return -E2BIG;
	r = catalog_wire_check(proof.bytes, proof.len);
	if (r != 0)
		return r;
	msgpack_unpacked_init(&u);
	r = msgpack_unpack_next(&u, (const char *)proof.bytes, proof.len, &used) ==
			    MSGPACK_UNPACK_SUCCESS
		    ? from_object(&u.data, &fork)
		    : -EBADMSG;
	msgpack_unpacked_destroy(&u); /* spans point into the proof */
	if (r == 0)
		r = verify(charter, &fork);
	if (r == 0 && first_of(&fork) != 0)
		r = -EBADMSG;
	if (r == 0)
		*ret_fork = fork;
	return r;
}

/* --- keeping ---------------------------------------------------------------------------------- */

static struct catalog_span key_of(uint32_t log, uint8_t key[KEY_BYTES])
{
	memcpy(key, KEY_PREFIX, KEY_BYTES - 4);
	for (unsigned i = 0; i < 4; i++)
		key[KEY_BYTES - 4 + i] = (uint8_t)(log >> (8 * (3 - i)));
	return (struct catalog_span){key, KEY_BYTES};
}

int catalog_fork_keep(struct catalog_txn *txn, const struct catalog_fork *fork,
		      struct catalog_span proof)
{
	uint8_t key[KEY_BYTES];
	struct catalog_span kept;
	int r = catalog_store_get(txn, CATALOG_TABLE_META, key_of(fork->log, key), &kept);

	if (r != -ENOENT)
		return r == 0 ? -EEXIST : r;
	r = catalog_store_put(txn, CATALOG_TABLE_META, key_of(fork->log, key), proof);
	return r != 0 ? r : catalog_log_mark(txn, fork->log, CATALOG_LOG_FORKED);
}

int catalog_fork_read(struct catalog_txn *txn, uint32_t log, struct catalog_buffer *ret_proof)
{
	uint8_t key[KEY_BYTES];
	struct catalog_span kept;
	int r = catalog_store_get(txn, CATALOG_TABLE_META, key_of(log, key), &kept);

	return r != 0 ? r : catalog_buffer_append(ret_proof, kept.bytes, kept.len);
}

int catalog_fork_drop(struct catalog_txn *txn, uint32_t log)
{
	uint8_t key[KEY_BYTES];
	int r = catalog_store_del(txn, CATALOG_TABLE_META, key_of(log, key));

	return r == -ENOENT ? 0 : r;
}
