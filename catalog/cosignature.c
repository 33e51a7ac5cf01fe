/* catalog/cosignature.c - the time is under the signature, so a newer one cannot be made of it. */
#include "catalog/cosignature.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "catalog/note.h"

#define ID_BYTES   CATALOG_NOTE_KEY_ID_BYTES
#define TIME_BYTES 8
#define BLOB_BYTES (ID_BYTES + TIME_BYTES + crypto_sign_BYTES)
#define TEXT_MAX   (CATALOG_CHECKPOINT_BYTES_MAX + 64)

/* What a witness signs. */
static size_t signed_text(struct catalog_span text, int64_t time_s, uint8_t ret_bytes[TEXT_MAX])
{
	int len =
		snprintf((char *)ret_bytes, TEXT_MAX, "cosignature/v1\ntime %" PRId64 "\n", time_s);

	assert(len > 0);
	assert((size_t)len + text.len <= TEXT_MAX);
	memcpy(ret_bytes + len, text.bytes, text.len);
	return (size_t)len + text.len;
}

/* Whether a line is by this witness's key, or says so.  *ret_blob is its payload. */
static bool is_by(const struct catalog_note_signature *line, const char *witness,
		  const uint8_t key[32], uint8_t ret_blob[BLOB_BYTES])
{
	uint8_t id[ID_BYTES];
	size_t len = 0;

	if (!catalog_note_is(line->name, witness) ||
	    catalog_note_base64(line->base64, ret_blob, BLOB_BYTES, &len) != 0 || len != BLOB_BYTES)
		return false;
	catalog_note_key_id(witness, CATALOG_NOTE_COSIGNATURE, key, id);
	return memcmp(ret_blob, id, sizeof id) == 0;
}

static int open_note(struct catalog_span note, struct catalog_span *ret_text,
		     struct catalog_span *ret_lines)
{
	if (note.len > CATALOG_CHECKPOINT_BYTES_MAX)
		return -E2BIG;
	return catalog_note_split(note, ret_text, ret_lines);
}

/* Append a witness's line to a note in place of its earlier one; or none, if line is empty. */
static int put_line(struct catalog_buffer *note, const struct catalog_witness *witness,
		    struct catalog_span line)
{
	struct catalog_span text = {0}, lines = {0};
	struct catalog_buffer out = {0};
	uint8_t old[BLOB_BYTES];
	unsigned count = 0;
	int r = open_note(catalog_buffer_span(note), &text, &lines);

	if (r != 0)
		return r;
	r = catalog_buffer_append(&out, note->bytes, text.len + 1); /* and the empty line */
	while (r == 0 && lines.len > 0) {
		struct catalog_span before = lines;
		struct catalog_note_signature signature;

		r = catalog_note_next(&lines, &signature);
		if (r == 0 && !is_by(&signature, witness->name, witness->key.bytes, old)) {
			count++;
			r = catalog_buffer_append(&out, before.bytes, before.len - lines.len);
		}
	}
	if (r == 0 && line.len > 0)
		r = count < CATALOG_NOTE_SIGNATURES_MAX
			    ? catalog_buffer_append(&out, line.bytes, line.len)
			    : -E2BIG;
	if (r == 0 && out.len > CATALOG_CHECKPOINT_BYTES_MAX)
		r = -E2BIG;
	if (r == 0) {
		struct catalog_buffer was = *note;

		*note = out;
		out = was;
	}
	catalog_buffer_close(&out);
	return r;
}

int catalog_cosignature_line(struct catalog_span note, const char *witness,
			     const struct catalog_secret *secret, int64_t time_s,
			     struct catalog_buffer *ret_line)
{
	struct catalog_span text = {0}, lines = {0};
	uint8_t blob[BLOB_BYTES], message[TEXT_MAX];
	int r = open_note(note, &text, &lines);

	assert(time_s >= 0);
	assert(witness[0] != '\0');
	assert(strpbrk(witness, " +\n") == NULL);
	if (r != 0)
		return r;
	/* The public key is the second half, as libsodium keeps it. */
	catalog_note_key_id(witness, CATALOG_NOTE_COSIGNATURE, secret->bytes + 32, blob);
	for (unsigned i = 0; i < TIME_BYTES; i++)
		blob[ID_BYTES + i] = (uint8_t)((uint64_t)time_s >> (56 - 8 * i));
	(void)crypto_sign_detached(blob + ID_BYTES + TIME_BYTES, NULL, message,
				   signed_text(text, time_s, message),
				   secret->bytes); /* always 0 */
	return catalog_note_append(ret_line, witness, blob, sizeof blob);
}

int catalog_cosignature_add(struct catalog_buffer *note, const char *witness,
			    const struct catalog_secret *secret, int64_t time_s)
{
	struct catalog_witness self = {.name = witness};
	struct catalog_buffer line = {0};
	int r = catalog_cosignature_line(catalog_buffer_span(note), witness, secret, time_s, &line);

	memcpy(self.key.bytes, secret->bytes + 32, sizeof self.key.bytes);
	if (r == 0)
		r = put_line(note, &self, catalog_buffer_span(&line));
	catalog_buffer_close(&line);
	return r;
}

/* Judge one line against one witness. */
static int judge(const struct catalog_note_signature *line, struct catalog_span text,
		 const struct catalog_witness *witness, struct catalog_cosigned *cosigned)
{
	uint8_t blob[BLOB_BYTES], message[TEXT_MAX];
	uint64_t time_s = 0;

	if (!is_by(line, witness->name, witness->key.bytes, blob))
		return 0;
	for (unsigned i = 0; i < TIME_BYTES; i++)
		time_s = time_s << 8 | blob[ID_BYTES + i];
	if (time_s > INT64_MAX ||
	    crypto_sign_verify_detached(blob + ID_BYTES + TIME_BYTES, message,
					signed_text(text, (int64_t)time_s, message),
					witness->key.bytes) != 0)
		return -EKEYREJECTED;
	if (!cosigned->is || cosigned->time_s < (int64_t)time_s)
		cosigned->time_s = (int64_t)time_s;
	cosigned->is = true;
	return 0;
}

int catalog_cosignature_take(struct catalog_buffer *note, const struct catalog_witness *witness,
			     struct catalog_span line)
{
	struct catalog_span text = {0}, lines = {0}, rest = line;
	struct catalog_note_signature signature;
	struct catalog_cosigned cosigned = {0};
	int r = open_note(catalog_buffer_span(note), &text, &lines);

	if (r == 0 && (catalog_note_next(&rest, &signature) != 0 || rest.len > 0))
		r = -EBADMSG;
	if (r == 0)
		r = judge(&signature, text, witness, &cosigned);
	if (r != 0)
		return r;
	return cosigned.is ? put_line(note, witness, line) : -EBADMSG;
}

int catalog_cosignature_drop(struct catalog_buffer *note, const struct catalog_witness *witness)
{
	return put_line(note, witness, (struct catalog_span){NULL, 0});
}

int catalog_cosignature_list(struct catalog_span note, const struct catalog_witness *witnesses,
			     size_t count, struct catalog_cosigned *ret_cosigned,
			     size_t *ret_signed)
{
	struct catalog_span text = {0}, lines = {0};
	size_t found = 0;
	int r = open_note(note, &text, &lines);

	for (size_t i = 0; i < count && r == 0; i++) {
		struct catalog_span rest = lines;

		ret_cosigned[i] = (struct catalog_cosigned){0};
		for (unsigned n = 0; rest.len > 0 && r == 0; n++) {
			struct catalog_note_signature line;

			r = n == CATALOG_NOTE_SIGNATURES_MAX ? -EBADMSG
							     : catalog_note_next(&rest, &line);
			if (r == 0)
				r = judge(&line, text, &witnesses[i], &ret_cosigned[i]);
		}
		found += ret_cosigned[i].is;
	}
	if (r == 0 && ret_signed != NULL)
		*ret_signed = found;
	return r;
}

int catalog_cosignature_verify(struct catalog_span note, const struct catalog_witness *witness,
			       int64_t *ret_time_s)
{
	struct catalog_cosigned cosigned;
	int r = catalog_cosignature_list(note, witness, 1, &cosigned, NULL);

	if (r != 0)
		return r;
	if (!cosigned.is)
		return -ENOENT;
	*ret_time_s = cosigned.time_s;
	return 0;
}
