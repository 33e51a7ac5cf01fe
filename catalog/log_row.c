/* catalog/log_row.c - big-endian numbers, so that keys are in the order of what they name. */
#include "catalog/log_row.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ROW_BYTES (8 + 8 + 32 + 8 + 8 + 1 + 8 + 32 + 8 + 32 + 8 + 8 + 8 + 1 + 8)

_Static_assert(CATALOG_LOG_ROW_PARTS_MAX <= 255, "the number of parts is a byte");

static uint8_t *put_number(uint8_t *at, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*at++ = (uint8_t)(number >> (8 * (bytes - 1 - i)));
	return at;
}

static uint64_t take_number(const uint8_t **at, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | *(*at)++;
	return number;
}

static void take_hash(const uint8_t **at, struct catalog_hash *ret_hash)
{
	memcpy(ret_hash->bytes, *at, sizeof ret_hash->bytes);
	*at += sizeof ret_hash->bytes;
}

static uint8_t *put_hash(uint8_t *at, const struct catalog_hash *hash)
{
	memcpy(at, hash->bytes, sizeof hash->bytes);
	return at + sizeof hash->bytes;
}

struct catalog_span catalog_log_row_of(struct catalog_log_row_key *key, uint32_t log)
{
	(void)put_number(key->bytes, log, 4); /* its end is known */
	return (struct catalog_span){key->bytes, 4};
}

struct catalog_span catalog_log_row_of_number(struct catalog_log_row_key *key, uint32_t log,
					      uint64_t number)
{
	uint8_t *end = put_number(put_number(key->bytes, log, 4), number, 8);

	return (struct catalog_span){key->bytes, (size_t)(end - key->bytes)};
}

struct catalog_runs_sequence catalog_log_row_entries(uint32_t log)
{
	return (struct catalog_runs_sequence){CATALOG_TABLE_ENTRIES, log, 0};
}

int catalog_log_row_decode(struct catalog_span row, struct catalog_log_status *ret_status)
{
	struct catalog_log_status status = {0};
	const uint8_t *at = row.bytes;
	uint8_t health;

	if (row.len != ROW_BYTES)
		return -EIO;
	status.size = take_number(&at, 8);
	status.target_size = take_number(&at, 8);
	take_hash(&at, &status.target_root);
	status.live = take_number(&at, 8);
	status.withdrawn = take_number(&at, 8);
	health = (uint8_t)take_number(&at, 1);
	status.time_s = (int64_t)take_number(&at, 8);
	take_hash(&at, &status.root);
	status.view_size = take_number(&at, 8);
	take_hash(&at, &status.view_root);
	status.kept = take_number(&at, 8);
	status.settled = take_number(&at, 8);
	status.state_end = take_number(&at, 8);
	status.has_gap = take_number(&at, 1) != 0;
	status.attested_s = (int64_t)take_number(&at, 8);
	if (health > CATALOG_LOG_FORKED)
		return -EIO;
	status.health = (enum catalog_log_health)health;
	*ret_status = status;
	return 0;
}

int catalog_log_row_put(struct catalog_txn *txn, uint32_t log,
			const struct catalog_log_status *status)
{
	uint8_t row[ROW_BYTES], *at = row;
	struct catalog_log_row_key key;

	at = put_number(at, status->size, 8);
	at = put_number(at, status->target_size, 8);
	at = put_hash(at, &status->target_root);
	at = put_number(at, status->live, 8);
	at = put_number(at, status->withdrawn, 8);
	at = put_number(at, status->health, 1);
	at = put_number(at, (uint64_t)status->time_s, 8);
	at = put_hash(at, &status->root);
	at = put_number(at, status->view_size, 8);
	at = put_hash(at, &status->view_root);
	at = put_number(at, status->kept, 8);
	at = put_number(at, status->settled, 8);
	at = put_number(at, status->state_end, 8);
	at = put_number(at, status->has_gap, 1);
	at = put_number(at, (uint64_t)status->attested_s, 8);
	assert(at == row + ROW_BYTES);
	return catalog_store_put(txn, CATALOG_TABLE_LOGS, catalog_log_row_of(&key, log),
				 (struct catalog_span){row, sizeof row});
}

int catalog_log_row_put_entry(struct catalog_txn *txn, uint64_t place, struct catalog_span packed)
{
	size_t count =
		(packed.len + CATALOG_LOG_ROW_PART_BYTES_MAX - 1) / CATALOG_LOG_ROW_PART_BYTES_MAX;
	uint8_t first[CATALOG_LOG_ROW_PART_BYTES_MAX];
	int r = 0;

	assert(count >= 1);
	assert(count <= CATALOG_LOG_ROW_PARTS_MAX);
	for (unsigned i = 0; i < count && r == 0; i++) {
		size_t len = packed.len < CATALOG_LOG_ROW_PART_BYTES_MAX
				     ? packed.len
				     : CATALOG_LOG_ROW_PART_BYTES_MAX;
		struct catalog_span part = {packed.bytes, len};

		if (i == 0) {
			memcpy(first, packed.bytes, len);
			first[0] = (uint8_t)count;
			part.bytes = first;
		}
		r = catalog_runs_append(txn, CATALOG_TABLE_ENTRIES, place, (uint8_t)i, part);
		packed.bytes += len;
		packed.len -= len;
	}
	return r;
}
