/* catalog/motion.h - charter business in the members' own logs: motions (amendments that are to be
 * decided), votes (signatures on them), and the amendment that comes of enough votes.
 *
 * A motion is an entry of a council member's log whose id is its place, "0" and up to
 * CATALOG_MOTION_PLACES: a member takes its places in their order and uses one again when its
 * motion is settled, so nobody has more motions than places.  A vote's id is the amendment's hash
 * in hexadecimal digits; that of a vote by the key that the amendment is to give the member has
 * CATALOG_MOTION_NEW after it.  Neither is believed: what counts is the signatures, by the charter,
 * so any node may put the amendment together.
 *
 * Time     informs: a node that is late with its clock may yet assemble what has expired.
 * Threads  any, but catalog_motion_assemble(): as catalog_charter_store_take().
 */
#ifndef CATALOG_MOTION_H
#define CATALOG_MOTION_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/amendment.h"
#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_MOTION_PLACES   16 /* of one member */
#define CATALOG_MOTION_ID_BYTES CATALOG_HASH_HEX_BYTES
#define CATALOG_MOTION_NEW      ".new" /* after the id of a vote by a new key */

struct catalog_motion {
	uint32_t member;          /* who proposes */
	unsigned place;           /* in its log */
	int64_t time_s;           /* when, it says */
	int64_t expires_s;        /* seconds since 1970 */
	struct catalog_span body; /* of the amendment; borrowed */
	struct catalog_hash hash, prev;
	uint64_t number;
};

enum catalog_motion_state {
	CATALOG_MOTION_OPEN,
	CATALOG_MOTION_EARLY,     /* it follows an amendment that is not known here */
	CATALOG_MOTION_EXPIRED,   /* it would be open */
	CATALOG_MOTION_ADOPTED,   /* it is in the charter */
	CATALOG_MOTION_OVERTAKEN, /* another of its number is, or it follows another */
};

/* Append the body of a motion entry: msgpack [amendment's body, expires].  Returns 0, -ENOMEM. */
int catalog_motion_encode(struct catalog_span body, int64_t expires_s,
			  struct catalog_buffer *buffer);

/* Append the body of a vote entry: msgpack [amendment's hash, key, signature].  Returns 0,
 * -ENOMEM. */
int catalog_motion_encode_vote(const struct catalog_hash *hash,
			       const struct catalog_signature *signature,
			       struct catalog_buffer *buffer);

/* Read exactly one body, which may come from anybody; spans are borrowed from it.  The amendment
 * was decoded, and not judged; the signature is not verified.  Of a motion, member, place and
 * time_s are left alone.  Returns 0, -EBADMSG, -ENOMEM. */
int catalog_motion_decode(struct catalog_span bytes, struct catalog_motion *ret_motion);
int catalog_motion_decode_vote(struct catalog_span bytes, struct catalog_hash *ret_hash,
			       struct catalog_signature *ret_signature);

/* Call each for every motion of the council's members, until it returns non-zero, which is then
 * returned.  The motion lives for the call.  Returns 0, -ENOMEM, -EIO. */
typedef int (*catalog_motion_each)(void *arg, const struct catalog_motion *motion);
int catalog_motion_walk(struct catalog_txn *txn, const struct catalog_charter *charter,
			catalog_motion_each each, void *arg);

/* What became of a motion.  The word for it lives for ever. */
enum catalog_motion_state catalog_motion_state(const struct catalog_charter *charter,
					       const struct catalog_motion *motion, int64_t now_s);
const char *catalog_motion_state_word(enum catalog_motion_state state);

/* The place for a member's next motion.  Returns 0, -ENOSPC if all hold open ones, -ENOMEM, -EIO.
 */
int catalog_motion_place(struct catalog_txn *txn, const struct catalog_charter *charter,
			 uint32_t member, int64_t now_s, unsigned *ret_place);

/* The amendment of a body, with all signatures that the logs of those hold who are asked: the
 * council, and the one that it would make.  Borrows from body.
 * Returns 0, -EBADMSG, -E2BIG, -ENOMEM, -EIO. */
int catalog_motion_gather(struct catalog_txn *txn, const struct catalog_charter *charter,
			  struct catalog_span body, struct catalog_amendment *ret_amendment);

/* Take every amendment that enough have voted for into the store and the charter.  *ret_taken (it
 * is written always) is how many.  Returns 0, or as catalog_charter_store_take(). */
int catalog_motion_assemble(struct catalog_store *store, struct catalog_charter *charter,
			    int64_t now_s, unsigned *ret_taken);

#endif
