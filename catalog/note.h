/* catalog/note.h - the parts of a C2SP signed-note: a text, an empty line, and lines of signatures.
 *
 *   <text, each line ended>
 *                                                             (empty line)
 *   — <key name> <base64(key id (4 bytes) || signature)>      (one line a signature)
 *
 * Checkpoints, cosignatures and receipts are made of these.  Nothing here allocates or believes.
 */
#ifndef CATALOG_NOTE_H
#define CATALOG_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

#define CATALOG_NOTE_SIGNATURES_MAX 32
#define CATALOG_NOTE_KEY_ID_BYTES   4

/* The C2SP's numbers for kinds of signature. */
enum catalog_note_kind {
	CATALOG_NOTE_ED25519 = 1,     /* over the text */
	CATALOG_NOTE_COSIGNATURE = 4, /* over a time and the text: catalog/cosignature.h */
};

/* One line below the empty line; both spans are borrowed. */
struct catalog_note_signature {
	struct catalog_span name;
	struct catalog_span base64; /* of the key id and the signature */
};

/* Cut a note at its last empty line.  *ret_text includes its final newline, *ret_signatures are the
 * lines below; both borrowed.  Returns 0, -EBADMSG. */
int catalog_note_split(struct catalog_span note, struct catalog_span *ret_text,
		       struct catalog_span *ret_signatures);

/* Take the first signature off *signatures.  Returns 0, -EBADMSG if its line is none. */
int catalog_note_next(struct catalog_span *signatures,
		      struct catalog_note_signature *ret_signature);

/* Append a signature line: len bytes at blob are the key id and the signature.
 * Returns 0, -ENOMEM. */
int catalog_note_append(struct catalog_buffer *note, const char *name, const uint8_t *blob,
			size_t len);

/* The key id of an Ed25519 public key: the first bytes of SHA-256(name || "\n" || kind || key). */
void catalog_note_key_id(const char *name, enum catalog_note_kind kind, const uint8_t key[32],
			 uint8_t ret_id[CATALOG_NOTE_KEY_ID_BYTES]);

/* Take the first line off *rest, without its end.  Returns 0, -EBADMSG if no line ends. */
int catalog_note_line(struct catalog_span *rest, struct catalog_span *ret_line);

/* Whether a span is this text. */
bool catalog_note_is(struct catalog_span span, const char *text);

/* Read a decimal number without leading zeros.  Returns 0, -EBADMSG. */
int catalog_note_decimal(struct catalog_span line, uint64_t *ret_number);

/* Read base64, strictly: bytes have one encoding.  Returns 0, -EBADMSG (also beyond room). */
int catalog_note_base64(struct catalog_span line, uint8_t *ret_bytes, size_t room, size_t *ret_len);

/* Append bytes as base64.  Returns 0, -ENOMEM. */
int catalog_note_append_base64(struct catalog_buffer *buffer, struct catalog_span bytes);

#endif
