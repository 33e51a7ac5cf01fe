/* Whatever the bytes: no crash; a change that is read is written and read as the same; and changes
 * that the council signs leave a charter that is read as it was made. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/amendment.h"
#include "catalog/join.h"
#include "tests/fuzz/founder.h"

/* Read a change, write it, read it again.  Returns how many bytes it took, 0 if it is none. */
static size_t try_change(struct catalog_span changes, struct catalog_change *change)
{
	struct catalog_span rest = changes;
	struct catalog_buffer once = {0}, twice = {0};
	struct catalog_change *again;

	if (catalog_amendment_next(&rest, change, NULL) != 0)
		return 0;
	require(catalog_change_encode(change, &once) == 0);
	again = malloc(sizeof *again);
	require(again != NULL);
	require(catalog_change_decode(catalog_buffer_span(&once), again, NULL) == 0);
	require(catalog_change_encode(again, &twice) == 0);
	require(once.len == twice.len && memcmp(once.bytes, twice.bytes, once.len) == 0);
	free(again);
	catalog_buffer_close(&once);
	catalog_buffer_close(&twice);
	return changes.len - rest.len;
}

static void try_amendment(const struct catalog_charter *charter,
			  const struct catalog_secret *secret, struct catalog_span changes,
			  size_t count)
{
	struct catalog_charter *amended = NULL, *read = NULL;
	struct catalog_buffer body = {0}, amendment = {0};
	char why[CATALOG_CHANGE_WHY_BYTES] = "";
	struct catalog_signature signature;
	struct catalog_hash hash;

	require(catalog_amendment_write(1, catalog_charter_head(charter), 1, changes, count,
					&body) == 0);
	catalog_hash_of(body.bytes, body.len, &hash);
	catalog_amendment_sign(&hash, secret, &signature);
	require(catalog_amendment_encode(catalog_buffer_span(&body), &signature, 1, &amendment) ==
		0);
	if (catalog_charter_amend(charter, catalog_buffer_span(&amendment), &amended, why) == 0) {
		require(catalog_charter_new(catalog_charter_bytes(amended), &read) == 0);
		require(catalog_charter_member_count(read) ==
			catalog_charter_member_count(amended));
	} else {
		require(why[0] != '\0');
	}
	catalog_charter_free(amended);
	catalog_charter_free(read);
	catalog_buffer_close(&body);
	catalog_buffer_close(&amendment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = {9};
	struct catalog_member founder = {
		.name = "nbs", .title = "Statistics", .country = "KE", .sector = "statistics"};
	struct catalog_span all = {data, size}, rest = all;
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	struct catalog_change *change = malloc(sizeof *change);
	struct catalog_charter *charter;
	struct catalog_secret secret;
	struct catalog_member member;
	size_t count = 0, len;

	require(amendment != NULL && change != NULL);
	(void)crypto_sign_seed_keypair(founder.key.bytes, secret.bytes, seed); /* always 0 */
	charter = found("Test", &founder, &secret);
	(void)catalog_amendment_decode(all, amendment); /* as it may be */
	(void)catalog_amendment_decode_body(all, amendment);
	(void)catalog_join_read(all, catalog_charter_federation(charter), &member);
	while (count < 64 && (len = try_change(rest, change)) > 0) {
		rest.bytes += len;
		rest.len -= len;
		count++;
	}
	try_amendment(charter, &secret, (struct catalog_span){data, size - rest.len}, count);
	catalog_charter_free(charter);
	free(amendment);
	free(change);
	return 0;
}
