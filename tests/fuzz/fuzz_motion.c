/* The bodies of motions and votes: what is read is written and read as the same, and no vote that
 * nobody made verifies. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "catalog/motion.h"
#include "tests/fuzz/target.h"

static void try_motion(struct catalog_span bytes)
{
	struct catalog_motion motion = {0}, again = {0};
	struct catalog_buffer buffer = {0};

	if (catalog_motion_decode(bytes, &motion) != 0)
		return;
	require(motion.body.bytes >= bytes.bytes &&
		motion.body.bytes + motion.body.len <= bytes.bytes + bytes.len);
	require(catalog_motion_encode(motion.body, motion.expires_s, &buffer) == 0);
	require(catalog_motion_decode(catalog_buffer_span(&buffer), &again) == 0);
	require(again.expires_s == motion.expires_s && again.number == motion.number);
	require(catalog_hash_equal(&again.hash, &motion.hash));
	require(catalog_hash_equal(&again.prev, &motion.prev));
	require(again.body.len == motion.body.len &&
		memcmp(again.body.bytes, motion.body.bytes, motion.body.len) == 0);
	catalog_buffer_close(&buffer);
}

static void try_vote(struct catalog_span bytes)
{
	struct catalog_signature signature, again;
	struct catalog_hash hash, hash_again;
	struct catalog_buffer buffer = {0};

	if (catalog_motion_decode_vote(bytes, &hash, &signature) != 0)
		return;
	require(catalog_motion_encode_vote(&hash, &signature, &buffer) == 0);
	require(catalog_motion_decode_vote(catalog_buffer_span(&buffer), &hash_again, &again) == 0);
	require(catalog_hash_equal(&hash, &hash_again));
	require(memcmp(&signature, &again, sizeof signature) == 0);
	catalog_buffer_close(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_span bytes = {data, size};

	try_motion(bytes);
	try_vote(bytes);
	return 0;
}
