/* catalog/amendment.c - signatures are over the hash of the body as it was written, so the body is
 * a bin inside the amendment and never encoded again. */
#include "catalog/amendment.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "catalog/pack.h"
#include "catalog/unpack.h"

#define BODY_VERSION  1
#define DOMAIN_BYTES  20
#define MESSAGE_BYTES (DOMAIN_BYTES + sizeof(struct catalog_hash))

_Static_assert(crypto_sign_BYTES == sizeof((struct catalog_signature *)NULL)->bytes,
	       "an Ed25519 signature");

/* --- writing --------------------------------------------------------------------------------- */

int catalog_amendment_write(uint64_t number, const struct catalog_hash *prev, int64_t time_s,
			    struct catalog_span changes, size_t change_count,
			    struct catalog_buffer *body)
{
	size_t before = body->len;
	int r;

	assert((number == 0) == (prev == NULL));
	assert(change_count <= CATALOG_AMENDMENT_CHANGES_MAX);
	if ((r = catalog_pack_map(body, 5)) != 0 || (r = catalog_pack_text(body, "v")) != 0 ||
	    (r = catalog_pack_number(body, BODY_VERSION)) != 0 ||
	    (r = catalog_pack_text(body, "number")) != 0 ||
	    (r = catalog_pack_number(body, number)) != 0 ||
	    (r = catalog_pack_text(body, "prev")) != 0 ||
	    (r = prev == NULL ? catalog_pack_nil(body)
			      : catalog_pack_bin(body, prev->bytes, sizeof prev->bytes)) != 0 ||
	    (r = catalog_pack_text(body, "time")) != 0 ||
	    (r = catalog_pack_int(body, time_s)) != 0 ||
	    (r = catalog_pack_text(body, "changes")) != 0 ||
	    (r = catalog_pack_array(body, (uint32_t)change_count)) != 0 ||
	    (r = catalog_buffer_append(body, changes.bytes, changes.len)) != 0)
		body->len = before;
	return r;
}

int catalog_amendment_encode(struct catalog_span body, const struct catalog_signature *signatures,
			     size_t count, struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	int r;

	assert(count <= CATALOG_AMENDMENT_SIGNATURES_MAX);
	if ((r = catalog_pack_array(buffer, 2)) != 0 ||
	    (r = catalog_pack_bin(buffer, body.bytes, body.len)) != 0)
		goto out;
	r = catalog_pack_array(buffer, (uint32_t)count);
	for (size_t i = 0; i < count && r == 0; i++)
		if ((r = catalog_pack_array(buffer, 2)) == 0 &&
		    (r = catalog_pack_bin(buffer, signatures[i].key.bytes,
					  sizeof signatures[i].key.bytes)) == 0)
			r = catalog_pack_bin(buffer, signatures[i].bytes,
					     sizeof signatures[i].bytes);
out:
	if (r != 0)
		buffer->len = before;
	return r;
}

/* --- reading --------------------------------------------------------------------------------- */

/* The fields stand in their order, since one body has one hash: there is no reason to vary. */
static bool next_is(struct catalog_unpack *from, const char *name)
{
	char text[16];

	catalog_unpack_text(from, text, sizeof text);
	if (strcmp(text, name) != 0)
		from->is_bad = true;
	return !from->is_bad;
}

int catalog_amendment_decode_body(struct catalog_span body, struct catalog_amendment *ret_amendment)
{
	struct catalog_unpack from = catalog_unpack_of(body);
	struct catalog_amendment *a = ret_amendment;

	if (body.len > CATALOG_AMENDMENT_BYTES_MAX)
		return -E2BIG;
	memset(a, 0, sizeof *a);
	a->body = body;
	catalog_hash_of(body.bytes, body.len, &a->hash);
	if (catalog_unpack_map(&from, 5) != 5 || !next_is(&from, "v") ||
	    catalog_unpack_number(&from, BODY_VERSION) != BODY_VERSION || !next_is(&from, "number"))
		return -EBADMSG;
	a->number = catalog_unpack_number(&from, INT64_MAX);
	if (!next_is(&from, "prev"))
		return -EBADMSG;
	if (a->number > 0)
		catalog_unpack_bytes(&from, a->prev.bytes, sizeof a->prev.bytes);
	else if (!catalog_unpack_nil(&from))
		return -EBADMSG;
	if (!next_is(&from, "time"))
		return -EBADMSG;
	a->time_s = catalog_unpack_int(&from);
	if (!next_is(&from, "changes"))
		return -EBADMSG;
	a->change_count = catalog_unpack_array(&from, CATALOG_AMENDMENT_CHANGES_MAX);
	a->changes = from.rest;
	for (size_t i = 0; i < a->change_count; i++)
		(void)catalog_unpack_any(&from); /* judged in a moment */
	return catalog_unpack_done(&from) ? 0 : -EBADMSG;
}

int catalog_amendment_decode(struct catalog_span bytes, struct catalog_amendment *ret_amendment)
{
	struct catalog_unpack from = catalog_unpack_of(bytes);
	struct catalog_span body;
	size_t count;
	int r;

	if (bytes.len > CATALOG_AMENDMENT_BYTES_MAX)
		return -E2BIG;
	if (catalog_unpack_array(&from, 2) != 2)
		return -EBADMSG;
	body = catalog_unpack_bin(&from);
	if (from.is_bad)
		return -EBADMSG;
	r = catalog_amendment_decode_body(body, ret_amendment);
	if (r != 0)
		return r;
	count = catalog_unpack_array(&from, CATALOG_AMENDMENT_SIGNATURES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct catalog_signature *signature = &ret_amendment->signatures[i];

		if (catalog_unpack_array(&from, 2) != 2)
			return -EBADMSG;
		catalog_unpack_bytes(&from, signature->key.bytes, sizeof signature->key.bytes);
		catalog_unpack_bytes(&from, signature->bytes, sizeof signature->bytes);
	}
	ret_amendment->signature_count = count;
	return catalog_unpack_done(&from) ? 0 : -EBADMSG;
}

int catalog_amendment_next(struct catalog_span *changes, struct catalog_change *ret_change,
			   char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_unpack from = catalog_unpack_of(*changes);
	struct catalog_span change;

	if (changes->len == 0)
		return -ENOENT;
	change = catalog_unpack_any(&from);
	*changes = from.rest;
	return catalog_change_decode(change, ret_change, ret_why);
}

/* --- signatures ------------------------------------------------------------------------------ */

static void message_of(const struct catalog_hash *hash, uint8_t ret_message[MESSAGE_BYTES])
{
	static const char domain[DOMAIN_BYTES] = "fedcat-amendment-v1"; /* with its NUL */

	memcpy(ret_message, domain, sizeof domain);
	memcpy(ret_message + sizeof domain, hash->bytes, sizeof hash->bytes);
}

void catalog_amendment_sign(const struct catalog_hash *hash, const struct catalog_secret *secret,
			    struct catalog_signature *ret_signature)
{
	uint8_t message[MESSAGE_BYTES];

	message_of(hash, message);
	/* The public key is the second half of libsodium's secret key. */
	memcpy(ret_signature->key.bytes, secret->bytes + 32, sizeof ret_signature->key.bytes);
	(void)crypto_sign_detached(ret_signature->bytes, NULL, message, sizeof message,
				   secret->bytes); /* always 0 */
}

int catalog_amendment_verify(const struct catalog_hash *hash,
			     const struct catalog_signature *signature)
{
	uint8_t message[MESSAGE_BYTES];

	message_of(hash, message);
	return crypto_sign_verify_detached(signature->bytes, message, sizeof message,
					   signature->key.bytes) == 0
		       ? 0
		       : -EKEYREJECTED;
}

static bool has_signed(const struct catalog_amendment *amendment, size_t count,
		       const struct catalog_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(&amendment->signatures[i].key, key, sizeof *key) == 0)
			return true;
	return false;
}

int catalog_amendment_add(struct catalog_amendment *amendment,
			  const struct catalog_signature *signature)
{
	if (catalog_amendment_verify(&amendment->hash, signature) != 0)
		return -EKEYREJECTED;
	if (has_signed(amendment, amendment->signature_count, &signature->key))
		return -EEXIST;
	if (amendment->signature_count == CATALOG_AMENDMENT_SIGNATURES_MAX)
		return -ENOSPC;
	amendment->signatures[amendment->signature_count++] = *signature;
	return 0;
}

size_t catalog_amendment_keep(struct catalog_amendment *amendment, const struct catalog_key *keys,
			      size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < amendment->signature_count; i++) {
		struct catalog_signature signature = amendment->signatures[i];
		bool is_wanted = false;

		for (size_t k = 0; k < count && !is_wanted; k++)
			is_wanted = memcmp(&keys[k], &signature.key, sizeof *keys) == 0;
		if (is_wanted && !has_signed(amendment, kept, &signature.key) &&
		    catalog_amendment_verify(&amendment->hash, &signature) == 0)
			amendment->signatures[kept++] = signature;
	}
	amendment->signature_count = kept;
	return kept;
}
