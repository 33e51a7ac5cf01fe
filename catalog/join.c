#include "catalog/join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/pack.h"
#include "catalog/unpack.h"

#define DOMAIN_BYTES  16
#define MESSAGE_BYTES (DOMAIN_BYTES + 2 * sizeof(struct catalog_hash))

static void message_of(const struct catalog_hash *federation, struct catalog_span admission,
		       uint8_t ret_message[MESSAGE_BYTES])
{
	static const char domain[DOMAIN_BYTES] = "fedcat-join-v1"; /* and zeros */
	struct catalog_hash hash;

	catalog_hash_of(admission.bytes, admission.len, &hash);
	memcpy(ret_message, domain, sizeof domain);
	memcpy(ret_message + DOMAIN_BYTES, federation, sizeof *federation);
	memcpy(ret_message + DOMAIN_BYTES + sizeof *federation, &hash, sizeof hash);
}

int catalog_join_write(const struct catalog_hash *federation, const struct catalog_member *member,
		       const struct catalog_secret *secret, struct catalog_buffer *ret_request)
{
	struct catalog_change *change = calloc(1, sizeof *change);
	uint8_t message[MESSAGE_BYTES], signature[crypto_sign_BYTES];
	struct catalog_buffer admission = {0};
	size_t before = ret_request->len;
	int r = -ENOMEM;

	if (change == NULL)
		goto out;
	change->verb = CATALOG_CHANGE_ADMIT;
	change->as.admit = *member;
	change->as.admit.index = 0;
	/* The public key is the second half of libsodium's secret key. */
	memcpy(change->as.admit.key.bytes, secret->bytes + 32, 32);
	r = catalog_change_wrong(change) != NULL ? -EINVAL
						 : catalog_change_encode(change, &admission);
	if (r != 0)
		goto out;
	message_of(federation, catalog_buffer_span(&admission), message);
	(void)crypto_sign_detached(signature, NULL, message, sizeof message,
				   secret->bytes); /* always 0 */
	if ((r = catalog_pack_array(ret_request, 3)) == 0 &&
	    (r = catalog_pack_bin(ret_request, federation->bytes, sizeof federation->bytes)) == 0 &&
	    (r = catalog_pack_bin(ret_request, admission.bytes, admission.len)) == 0)
		r = catalog_pack_bin(ret_request, signature, sizeof signature);
out:
	free(change);
	catalog_buffer_close(&admission);
	if (r != 0)
		ret_request->len = before;
	return r;
}

int catalog_join_read(struct catalog_span request, const struct catalog_hash *federation,
		      struct catalog_member *ret_member)
{
	struct catalog_unpack from = catalog_unpack_of(request);
	uint8_t message[MESSAGE_BYTES], signature[crypto_sign_BYTES];
	struct catalog_span admission;
	struct catalog_change *change;
	struct catalog_hash named;
	int r = 0;

	if (request.len > CATALOG_JOIN_BYTES_MAX)
		return -E2BIG;
	if (catalog_unpack_array(&from, 3) != 3)
		return -EBADMSG;
	catalog_unpack_bytes(&from, named.bytes, sizeof named.bytes);
	admission = catalog_unpack_bin(&from);
	catalog_unpack_bytes(&from, signature, sizeof signature);
	if (!catalog_unpack_done(&from))
		return -EBADMSG;
	if (!catalog_hash_equal(&named, federation))
		return -EPROTO;
	change = malloc(sizeof *change);
	if (change == NULL)
		return -ENOMEM;
	if (catalog_change_decode(admission, change, NULL) != 0 ||
	    change->verb != CATALOG_CHANGE_ADMIT)
		r = -EBADMSG;
	message_of(federation, admission, message);
	if (r == 0 && crypto_sign_verify_detached(signature, message, sizeof message,
						  change->as.admit.key.bytes) != 0)
		r = -EKEYREJECTED;
	if (r == 0)
		*ret_member = change->as.admit;
	free(change);
	return r;
}
