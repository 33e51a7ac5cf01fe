/* catalog/join.h - the request of an institution to be admitted: who it is, signed with the key
 * that it is to have, so that nobody asks for a key that is another's.
 *
 * msgpack [federation, admission, signature]: bins; admission is a change (catalog/change) "admit",
 * whose index means nothing yet; the signature is Ed25519 over "fedcat-join-v1" || 0x00 || 0x00 ||
 * federation || SHA-256(admission).
 */
#ifndef CATALOG_JOIN_H
#define CATALOG_JOIN_H

#include "catalog/buffer.h"
#include "catalog/change.h"
#include "catalog/checkpoint.h"
#include "catalog/hash.h"

#define CATALOG_JOIN_BYTES_MAX 8192

/* Append the request of a member whose key is secret's.  Returns 0, -EINVAL if something is wrong
 * with it (catalog_change_wrong() says what), -ENOMEM. */
int catalog_join_write(const struct catalog_hash *federation, const struct catalog_member *member,
		       const struct catalog_secret *secret, struct catalog_buffer *ret_request);

/* Read and verify one from anybody.  Returns 0, -EBADMSG, -E2BIG, -EPROTO if it is of another
 * federation, -EKEYREJECTED if it is not signed with the member's key, -ENOMEM. */
int catalog_join_read(struct catalog_span request, const struct catalog_hash *federation,
		      struct catalog_member *ret_member);

#endif
