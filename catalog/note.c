/* catalog/note.c - strict about bytes, for what two programs read differently can be forged. */
#include "catalog/note.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "catalog/hash.h"

#define DASH   "\xe2\x80\x94 " /* U+2014 and a space */
#define BASE64 sodium_base64_VARIANT_ORIGINAL

int catalog_note_line(struct catalog_span *rest, struct catalog_span *ret_line)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->bytes, '\n', rest->len) : NULL;

	if (end == NULL)
		return -EBADMSG;
	*ret_line = (struct catalog_span){rest->bytes, (size_t)(end - rest->bytes)};
	rest->len -= ret_line->len + 1;
	rest->bytes = end + 1;
	return 0;
}

bool catalog_note_is(struct catalog_span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.bytes, text, span.len) == 0;
}

int catalog_note_decimal(struct catalog_span line, uint64_t *ret_number)
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

/* libsodium 1.0.18 reads some bytes beyond ASCII as digits, so those are refused here. */
int catalog_note_base64(struct catalog_span line, uint8_t *ret_bytes, size_t room, size_t *ret_len)
{
	size_t used = 0;

	for (size_t i = 0; i < line.len; i++)
		if (line.bytes[i] >= 0x80)
			return -EBADMSG;
	if (line.len == 0 || sodium_base642bin(ret_bytes, room, (const char *)line.bytes, line.len,
					       NULL, &used, NULL, BASE64) != 0)
		return -EBADMSG;
	*ret_len = used;
	return 0;
}

int catalog_note_append_base64(struct catalog_buffer *buffer, struct catalog_span bytes)
{
	size_t room = sodium_base64_encoded_len(bytes.len, BASE64); /* with the NUL */
	int r = catalog_buffer_reserve(buffer, room);

	if (r != 0)
		return r;
	sodium_bin2base64((char *)buffer->bytes + buffer->len, room, bytes.bytes, bytes.len,
			  BASE64);
	buffer->len += room - 1;
	return 0;
}

int catalog_note_split(struct catalog_span note, struct catalog_span *ret_text,
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

int catalog_note_next(struct catalog_span *signatures, struct catalog_note_signature *ret_signature)
{
	size_t dash = strlen(DASH);
	struct catalog_span rest = *signatures, line = {0};
	const uint8_t *space;

	if (catalog_note_line(&rest, &line) != 0 || line.len <= dash ||
	    memcmp(line.bytes, DASH, dash) != 0)
		return -EBADMSG;
	line.bytes += dash;
	line.len -= dash;
	space = memchr(line.bytes, ' ', line.len);
	if (space == NULL || space == line.bytes || space + 1 == line.bytes + line.len)
		return -EBADMSG;
	ret_signature->name = (struct catalog_span){line.bytes, (size_t)(space - line.bytes)};
	ret_signature->base64 =
		(struct catalog_span){space + 1, line.len - ret_signature->name.len - 1};
	*signatures = rest;
	return 0;
}

int catalog_note_append(struct catalog_buffer *note, const char *name, const uint8_t *blob,
			size_t len)
{
	size_t before = note->len;
	int r = catalog_buffer_print(note, DASH "%s ", name);

	if (r == 0)
		r = catalog_note_append_base64(note, (struct catalog_span){blob, len});
	if (r == 0)
		r = catalog_buffer_append(note, "\n", 1);
	if (r != 0)
		note->len = before;
	return r;
}

void catalog_note_key_id(const char *name, enum catalog_note_kind kind, const uint8_t key[32],
			 uint8_t ret_id[CATALOG_NOTE_KEY_ID_BYTES])
{
	const uint8_t separator[] = {'\n', (uint8_t)kind};
	crypto_hash_sha256_state state;
	struct catalog_hash hash;

	(void)crypto_hash_sha256_init(&state); /* these five always return 0 */
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name));
	(void)crypto_hash_sha256_update(&state, separator, sizeof separator);
	(void)crypto_hash_sha256_update(&state, key, 32);
	(void)crypto_hash_sha256_final(&state, hash.bytes);
	memcpy(ret_id, hash.bytes, CATALOG_NOTE_KEY_ID_BYTES);
}
