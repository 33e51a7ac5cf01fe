/* catalog/checkpoint.c - text in, text out; nothing is signed that would not verify here. */
#include "catalog/checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "catalog/listing.h"
#include "catalog/cosignature.h"
#include "catalog/note.h"
#include "catalog/utf8.h"

#define ID_BYTES   CATALOG_NOTE_KEY_ID_BYTES
#define BLOB_BYTES (ID_BYTES + crypto_sign_BYTES)

void catalog_checkpoint_origin(const struct catalog_hash *federation, const char *member_name,
			       char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1])
{
	char hex[CATALOG_HASH_HEX_BYTES];

	assert(strlen(member_name) <= CATALOG_MEMBER_NAME_BYTES_MAX);
	catalog_hash_to_hex(federation, hex);
	snprintf(ret_origin, CATALOG_CHECKPOINT_ORIGIN_MAX + 1, "fedcat/%.16s/%s", hex,
		 member_name);
}

int catalog_checkpoint_sign(const struct catalog_checkpoint *checkpoint,
			    const struct catalog_secret *secret, struct catalog_buffer *ret_note)
{
	char root[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	uint8_t blob[BLOB_BYTES];
	size_t before = ret_note->len;
	int r;

	assert(checkpoint->origin[0] != '\0');
	sodium_bin2base64(root, sizeof root, checkpoint->root.bytes, sizeof checkpoint->root.bytes,
			  sodium_base64_VARIANT_ORIGINAL);
	r = catalog_buffer_print(ret_note, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin,
				 checkpoint->size, root);
	if (r != 0)
		return r;
	/* The public key is the second half of libsodium's secret key. */
	catalog_note_key_id(checkpoint->origin, CATALOG_NOTE_ED25519, secret->bytes + 32, blob);
	(void)crypto_sign_detached(blob + ID_BYTES, NULL, ret_note->bytes + before,
				   ret_note->len - before, secret->bytes); /* always 0 */
	r = catalog_buffer_append(ret_note, "\n", 1);
	if (r == 0)
		r = catalog_note_append(ret_note, checkpoint->origin, blob, sizeof blob);
	if (r != 0)
		ret_note->len = before;
	return r;
}

static int parse_text(struct catalog_span text, struct catalog_checkpoint *ret_checkpoint)
{
	struct catalog_checkpoint checkpoint = {0};
	struct catalog_span line = {0};
	size_t len = 0;
	int r;

	for (size_t i = 0; i < text.len; i++)
		if (text.bytes[i] < 0x20 && text.bytes[i] != '\n')
			return -EBADMSG;
	if (catalog_utf8_check((const char *)text.bytes, text.len) != 0 ||
	    catalog_note_line(&text, &line) != 0 || line.len == 0 ||
	    line.len > CATALOG_CHECKPOINT_ORIGIN_MAX)
		return -EBADMSG;
	memcpy(checkpoint.origin, line.bytes, line.len);
	if ((r = catalog_note_line(&text, &line)) != 0 ||
	    (r = catalog_note_decimal(line, &checkpoint.size)) != 0 ||
	    (r = catalog_note_line(&text, &line)) != 0 ||
	    (r = catalog_note_base64(line, checkpoint.root.bytes, sizeof checkpoint.root.bytes,
				     &len)) != 0)
		return r;
	if (len != sizeof checkpoint.root.bytes)
		return -EBADMSG;
	while (text.len > 0) /* extension lines: ignored, but none may be empty */
		if (catalog_note_line(&text, &line) != 0 || line.len == 0)
			return -EBADMSG;
	*ret_checkpoint = checkpoint;
	return 0;
}

/* One valid signature by key is needed, and an invalid one by it refuses the note. */
static int verify_signatures(struct catalog_span text, struct catalog_span lines, const char *name,
			     const struct catalog_key *key)
{
	uint8_t id[ID_BYTES], blob[BLOB_BYTES];
	bool found = false;

	catalog_note_key_id(name, CATALOG_NOTE_ED25519, key->bytes, id);
	for (unsigned count = 0; lines.len > 0; count++) {
		struct catalog_note_signature line;
		size_t len = 0;

		if (count == CATALOG_NOTE_SIGNATURES_MAX || catalog_note_next(&lines, &line) != 0)
			return -EBADMSG;
		if (!catalog_note_is(line.name, name) ||
		    catalog_note_base64(line.base64, blob, sizeof blob, &len) != 0 ||
		    len != sizeof blob || memcmp(blob, id, sizeof id) != 0)
			continue; /* by a key that we do not know */
		if (crypto_sign_verify_detached(blob + ID_BYTES, text.bytes, text.len,
						key->bytes) != 0)
			return -EKEYREJECTED;
		found = true;
	}
	return found ? 0 : -EKEYREJECTED;
}

int catalog_checkpoint_verify(struct catalog_span note, const char *origin,
			      const struct catalog_key *key,
			      struct catalog_checkpoint *ret_checkpoint)
{
	struct catalog_checkpoint checkpoint;
	struct catalog_span text = {0}, signatures = {0};
	int r;

	if (note.len > CATALOG_CHECKPOINT_BYTES_MAX)
		return -E2BIG;
	if ((r = catalog_note_split(note, &text, &signatures)) != 0 ||
	    (r = parse_text(text, &checkpoint)) != 0)
		return r;
	if (strcmp(checkpoint.origin, origin) != 0)
		return -EKEYREJECTED;
	r = verify_signatures(text, signatures, origin, key);
	if (r != 0)
		return r;
	r = catalog_cosignature_verify(note, &(struct catalog_witness){origin, *key},
				       &checkpoint.attested_s);
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_checkpoint = checkpoint;
	return 0;
}
