/* catalog/attest.h - a member's word about checkpoints: that its own is still its newest, and that
 * it holds another's.
 *
 * A word is a cosignature (catalog/cosignature.h) under the member's own name, the origin line of
 * its checkpoints.
 *
 * Threads  none of its own; what signs writes to the store: one caller at a time.
 */
#ifndef CATALOG_ATTEST_H
#define CATALOG_ATTEST_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/checkpoint.h"
#include "catalog/store.h"

#define CATALOG_ATTEST_WITNESSES_MAX 16 /* that a note has room for */
#define CATALOG_ATTEST_LINE_MAX      512

/* Who signs.  Both borrowed. */
struct catalog_attest_signer {
	const struct catalog_member *member;
	const struct catalog_secret *secret;
};

/* A cosignature that a witness sent. */
struct catalog_attest_line {
	uint32_t member;
	struct catalog_span line; /* borrowed */
};

/* Attest to the newest checkpoint of the signer's own log, when the last attestation is age_s old
 * or older (or from a clock that was ahead, catalog_log_attested()) or when there are lines to
 * take: those that are valid cosignatures of it, by members other than the signer, go into its
 * note.  Durable when this returns.  *ret_taken (may be NULL) is how many lines were taken. Returns
 * 0, -EEXIST if there was no need, -ENOENT if the log has no checkpoint, -EAGAIN if it is partial,
 * -EROFS if it is marked, -EKEYREJECTED if secret is not the member's, or not the one that signed
 * the checkpoint (the key was rotated since: the next checkpoint is attested to again), -ENOMEM,
 * -ENOSPC, -EIO. */
int catalog_attest_renew(struct catalog_store *store, const struct catalog_charter *charter,
			 const struct catalog_attest_signer *signer, int64_t now_s, int64_t age_s,
			 const struct catalog_attest_line *lines, size_t count, size_t *ret_taken);

/* Be the witness of another member's checkpoint of this size, which must be the newest known of its
 * log, and held in full: append the line.  What was signed of each log is kept: the same size gets
 * the same line again, and a smaller one is refused for ever.
 * Returns 0, -EPERM if it is our own log, or a smaller or another checkpoint than the newest,
 * -EAGAIN if it is not known or not held in full, -EROFS if the log is marked, -ENOENT if the
 * charter has no such member, -EKEYREJECTED, -ENOMEM, -ENOSPC, -EIO. */
int catalog_attest_cosign(struct catalog_store *store, const struct catalog_charter *charter,
			  const struct catalog_attest_signer *signer, uint32_t log, uint64_t size,
			  int64_t now_s, struct catalog_buffer *ret_line);

/* A member that was the witness of a checkpoint. */
struct catalog_attest_witness {
	const struct catalog_member *member; /* the charter's */
	int64_t time_s;
};

/* The members, other than that of the log, whose valid cosignatures are in a note; at most max.
 * Returns how many there are, or -EBADMSG, -E2BIG if it is no note, -EKEYREJECTED if one of them is
 * not valid. */
int catalog_attest_witnesses(const struct catalog_charter *charter, uint32_t log,
			     struct catalog_span note, struct catalog_attest_witness *ret_witnesses,
			     size_t max);

#endif
