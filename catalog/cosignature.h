/* catalog/cosignature.h - a witness's word, at a time, for a checkpoint: C2SP tlog-cosignature, in
 * its Ed25519 form.
 *
 *   signed    "cosignature/v1\n" "time <seconds since 1970>\n" and the checkpoint's text
 *   line      — <witness> <base64(key id || seconds, 8 bytes big-endian || Ed25519 signature)>
 *   key id    the first 4 bytes of SHA-256(witness || "\n" || 0x04 || public key)
 *
 * A member cosigns other members' checkpoints as a witness, and its own to attest that it is still
 * the newest.  Lines by witnesses that nobody asked about are left alone.
 */
#ifndef CATALOG_COSIGNATURE_H
#define CATALOG_COSIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/checkpoint.h"

/* Who may have cosigned.  name is borrowed. */
struct catalog_witness {
	const char *name; /* as in the signature line: no spaces, no "+" */
	struct catalog_key key;
};

struct catalog_cosigned {
	bool is;        /* whether the witness signed */
	int64_t time_s; /* when it last did */
};

/* Add a witness's cosignature to a note, in place of its earlier one.  Whether the checkpoint
 * deserves it is the caller's business.  time_s >= 0.  Deterministic.  The note is at most
 * CATALOG_CHECKPOINT_BYTES_MAX then.
 * Returns 0, -EBADMSG if note is none, -E2BIG if it has no room, -ENOMEM. */
int catalog_cosignature_add(struct catalog_buffer *note, const char *witness,
			    const struct catalog_secret *secret, int64_t time_s);

/* Append the line of a witness's cosignature of a note, alone.  Otherwise as
 * catalog_cosignature_add.
 */
int catalog_cosignature_line(struct catalog_span note, const char *witness,
			     const struct catalog_secret *secret, int64_t time_s,
			     struct catalog_buffer *ret_line);

/* Verify a line that somebody else made and add it to a note, in place of the witness's earlier
 * one.  Returns 0, -EBADMSG if line is not one line by this witness or note is none, -EKEYREJECTED
 * if it is not valid, -E2BIG if the note has no room, -ENOMEM. */
int catalog_cosignature_take(struct catalog_buffer *note, const struct catalog_witness *witness,
			     struct catalog_span line);

/* Take a witness's lines out of a note, if it has any.  Returns 0, -EBADMSG if note is none,
 * -E2BIG, -ENOMEM. */
int catalog_cosignature_drop(struct catalog_buffer *note, const struct catalog_witness *witness);

/* Find which of count witnesses cosigned a note, and when last.  Whether the checkpoint's own
 * signature is valid is catalog_checkpoint_verify()'s business.  *ret_signed (may be NULL) is how
 * many did.  Returns 0, -E2BIG, -EBADMSG if it is no note, -EKEYREJECTED if a cosignature under one
 * of the witnesses' keys is not valid. */
int catalog_cosignature_list(struct catalog_span note, const struct catalog_witness *witnesses,
			     size_t count, struct catalog_cosigned *ret_cosigned,
			     size_t *ret_signed);

/* Verify that one witness cosigned a note, and when last.
 * Returns 0, -ENOENT if it did not, -E2BIG, -EBADMSG, -EKEYREJECTED. */
int catalog_cosignature_verify(struct catalog_span note, const struct catalog_witness *witness,
			       int64_t *ret_time_s);

#endif
