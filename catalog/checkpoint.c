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
#include "catalog/utf8.h"

#define DASH           "\xe2\x80\x94 " /* U+2014 and a space */
#define SIGNATURES_MAX 32
#define BLOB_BYTES     (4 + crypto_sign_BYTES) /* key id, signature */
#define ED25519        1                       /* the C2SP's number for this kind of key */

void catalog_checkpoint_origin(const struct catalog_hash *federation, const char *member_name,
			       char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1])
{
	char hex[CATALOG_HASH_HEX_BYTES];

	assert(strlen(member_name) <= CATALOG_MEMBER_NAME_BYTES_MAX);
	catalog_hash_to_hex(federation, hex);
	snprintf(ret_origin, CATALOG_CHECKPOINT_ORIGIN_MAX + 1, "fedcat/%.16s/%s", hex,
		 member_name);
}

static void key_id(const char *name, const uint8_t key[32], uint8_t ret_id[4])
{
	static const uint8_t separator[] = {'\n', ED25519};
	crypto_hash_sha256_state state;
	struct catalog_hash hash;

	(void)crypto_hash_sha256_init(&state); /* these five always return 0 */
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name));
	(void)crypto_hash_sha256_update(&state, separator, sizeof separator);
	(void)crypto_hash_sha256_update(&state, key, 32);
	(void)crypto_hash_sha256_final(&state, hash.bytes);
	memcpy(ret_id, hash.bytes, 4);
}

int catalog_checkpoint_sign(const struct catalog_checkpoint *checkpoint,
			    const struct catalog_secret *secret, struct catalog_buffer *ret_note)
{
	char root[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	char text[sodium_base64_ENCODED_LEN(BLOB_BYTES, sodium_base64_VARIANT_ORIGINAL)];
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
	key_id(checkpoint->origin, secret->bytes + 32, blob);
	(void)crypto_sign_detached(blob + 4, NULL, ret_note->bytes + before, ret_note->len - before,
				   secret->bytes); /* always 0 */
	sodium_bin2base64(text, sizeof text, blob, sizeof blob, sodium_base64_VARIANT_ORIGINAL);
	r = catalog_buffer_print(ret_note, "\n" DASH "%s %s\n", checkpoint->origin, text);
	if (r != 0)
		ret_note->len = before;
	return r;
}

/* Take the first line off *rest, without its end. */
static int next_line(struct catalog_span *rest, struct catalog_span *ret_line)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->bytes, '\n', rest->len) : NULL;

	if (end == NULL)
		return -EBADMSG;
	*ret_line = (struct catalog_span){rest->bytes, (size_t)(end - rest->bytes)};
	rest->len -= ret_line->len + 1;
	rest->bytes = end + 1;
	return 0;
}

static bool is_text(struct catalog_span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.bytes, text, span.len) == 0;
}

static int decimal(struct catalog_span line, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (line.len == 0 || line.len > 20 || (line.len > 1 && line.bytes[0] == '0'))
		return -EBADMSG;
	for (size_t i = 0; i < line.len; i++) {
		unsigned digit = line.bytes[i] - (unsigned)'0';

		if (digit > 9 || number > (UINT64_MAX - digit) / 10)
			return -EBADMSG;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return 0;
}

/* Strict: the one encoding of exactly len bytes.  libsodium 1.0.18 reads some bytes beyond ASCII as
 * digits, so those are refused here. */
static int base64(struct catalog_span line, uint8_t *ret_bytes, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < line.len; i++)
		if (line.bytes[i] >= 0x80)
			return -EBADMSG;
	if (sodium_base642bin(ret_bytes, len, (const char *)line.bytes, line.len, NULL, &used, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    used != len)
		return -EBADMSG;
	return 0;
}

/* The text that is signed ends with the last empty line's predecessor: the note is cut at the last
 * "\n\n".  *ret_text includes its final newline, *ret_signatures are the lines after the empty one.
 */
static int split(struct catalog_span note, struct catalog_span *ret_text,
		 struct catalog_span *ret_signatures)
{
	size_t at = 0;

	if (note.len < 2 || note.bytes[note.len - 1] != '\n')
		return -EBADMSG;
	for (size_t i = 0; i + 1 < note.len; i++)
		if (note.bytes[i] == '\n' && note.bytes[i + 1] == '\n')
			at = i + 1;
	if (at == 0 || at + 1 == note.len)
		return -EBADMSG;
	*ret_text = (struct catalog_span){note.bytes, at};
	*ret_signatures = (struct catalog_span){note.bytes + at + 1, note.len - at - 1};
	return 0;
}

static int parse_text(struct catalog_span text, struct catalog_checkpoint *ret_checkpoint)
{
	struct catalog_checkpoint checkpoint = {0};
	struct catalog_span line = {0};
	int r;

	for (size_t i = 0; i < text.len; i++)
		if (text.bytes[i] < 0x20 && text.bytes[i] != '\n')
			return -EBADMSG;
	if (catalog_utf8_check((const char *)text.bytes, text.len) != 0 ||
	    next_line(&text, &line) != 0 || line.len == 0 ||
	    line.len > CATALOG_CHECKPOINT_ORIGIN_MAX)
		return -EBADMSG;
	memcpy(checkpoint.origin, line.bytes, line.len);
	if ((r = next_line(&text, &line)) != 0 || (r = decimal(line, &checkpoint.size)) != 0 ||
	    (r = next_line(&text, &line)) != 0 ||
	    (r = base64(line, checkpoint.root.bytes, sizeof checkpoint.root.bytes)) != 0)
		return r;
	while (text.len > 0) /* extension lines: ignored, but none may be empty */
		if (next_line(&text, &line) != 0 || line.len == 0)
			return -EBADMSG;
	*ret_checkpoint = checkpoint;
	return 0;
}

/* A signature line: dash, name, space, base64.  *ret_name is borrowed; *ret_blob_line too. */
static int parse_signature(struct catalog_span line, struct catalog_span *ret_name,
			   struct catalog_span *ret_blob_line)
{
	size_t dash = strlen(DASH);
	const uint8_t *space;

	if (line.len <= dash || memcmp(line.bytes, DASH, dash) != 0)
		return -EBADMSG;
	line.bytes += dash;
	line.len -= dash;
	space = memchr(line.bytes, ' ', line.len);
	if (space == NULL || space == line.bytes)
		return -EBADMSG;
	*ret_name = (struct catalog_span){line.bytes, (size_t)(space - line.bytes)};
	*ret_blob_line = (struct catalog_span){space + 1, line.len - ret_name->len - 1};
	return ret_blob_line->len > 0 ? 0 : -EBADMSG;
}

/* One valid signature by key is needed, and an invalid one by it refuses the note. */
static int verify_signatures(struct catalog_span text, struct catalog_span lines, const char *name,
			     const struct catalog_key *key)
{
	uint8_t id[4], blob[BLOB_BYTES];
	bool found = false;

	key_id(name, key->bytes, id);
	for (unsigned count = 0; lines.len > 0; count++) {
		struct catalog_span line = {0}, signer = {0}, blob_line = {0};

		if (count == SIGNATURES_MAX || next_line(&lines, &line) != 0 ||
		    parse_signature(line, &signer, &blob_line) != 0)
			return -EBADMSG;
		if (!is_text(signer, name) || base64(blob_line, blob, sizeof blob) != 0 ||
		    memcmp(blob, id, sizeof id) != 0)
			continue; /* by a key that we do not know */
		if (crypto_sign_verify_detached(blob + 4, text.bytes, text.len, key->bytes) != 0)
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
	if ((r = split(note, &text, &signatures)) != 0 || (r = parse_text(text, &checkpoint)) != 0)
		return r;
	if (strcmp(checkpoint.origin, origin) != 0)
		return -EKEYREJECTED;
	r = verify_signatures(text, signatures, origin, key);
	if (r == 0)
		*ret_checkpoint = checkpoint;
	return r;
}
