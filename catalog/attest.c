/* catalog/attest.c - the note in the store is replaced as a whole, in one transaction with the
 * log's row, so that what is told of it is what it says. */
#include "catalog/attest.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "catalog/cosignature.h"
#include "catalog/log.h"

#define KEY_PREFIX "cosigned"
#define KEY_BYTES  (sizeof KEY_PREFIX - 1 + 4)
#define SIZE_BYTES 8

static void origin_of(const struct catalog_charter *charter, const struct catalog_member *member,
		      char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1])
{
	catalog_checkpoint_origin(catalog_charter_federation(charter), member->name, ret_origin);
}

static int check_signer(const struct catalog_attest_signer *signer)
{
	/* libsodium's secret key ends with the public one. */
	return memcmp(signer->member->key.bytes, signer->secret->bytes + 32, 32) == 0
		       ? 0
		       : -EKEYREJECTED;
}

/* --- our own ---------------------------------------------------------------------------------- */

struct renewal {
	const struct catalog_charter *charter;
	const struct catalog_attest_signer *signer;
	int64_t now_s, age_s;
	const struct catalog_attest_line *lines;
	size_t count;
	size_t taken;
};

/* Those lines that are what they should be. */
static int take_lines(struct renewal *renewal, struct catalog_buffer *note)
{
	renewal->taken = 0;
	for (size_t i = 0; i < renewal->count; i++) {
		const struct catalog_attest_line *line = &renewal->lines[i];
		const struct catalog_member *member =
			catalog_charter_member(renewal->charter, line->member);
		char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
		int r;

		if (member == NULL || member == renewal->signer->member)
			continue;
		origin_of(renewal->charter, member, origin);
		r = catalog_cosignature_take(note, &(struct catalog_witness){origin, member->key},
					     line->line);
		if (r == -ENOMEM)
			return r;
		renewal->taken += r == 0;
	}
	return 0;
}

/* Whether our key is the one that signed a checkpoint of this size: under another the attestation
 * counts for nothing, and others would take it for a false one. */
static bool signs_at(const struct renewal *renewal, uint64_t size)
{
	const struct catalog_key *key =
		catalog_charter_key(renewal->charter, renewal->signer->member->index, size);

	return key != NULL && memcmp(key->bytes, renewal->signer->secret->bytes + 32, 32) == 0;
}

static int renew_body(struct catalog_txn *txn, void *arg)
{
	struct renewal *renewal = arg;
	const struct catalog_member *self = renewal->signer->member;
	struct catalog_checkpoint checkpoint = {0};
	struct catalog_buffer note = {0};
	struct catalog_log_status status;
	int64_t last_s;
	int r = catalog_log_status(txn, self->index, &status);

	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (status.target_size == 0)
		return -ENOENT;
	if (status.size != status.target_size)
		return -EAGAIN;
	if (!signs_at(renewal, status.target_size))
		return -EKEYREJECTED;
	r = catalog_log_checkpoint(txn, self->index, &note);
	if (r != 0)
		goto out;
	r = take_lines(renewal, &note);
	last_s = catalog_log_attested(status.attested_s, renewal->now_s);
	if (r == 0 && renewal->taken == 0 && renewal->now_s - last_s < renewal->age_s)
		r = -EEXIST;
	if (r != 0)
		goto out;
	origin_of(renewal->charter, self, checkpoint.origin);
	checkpoint.size = status.target_size;
	checkpoint.root = status.target_root;
	checkpoint.attested_s = renewal->now_s > last_s ? renewal->now_s : last_s + 1;
	r = catalog_cosignature_add(&note, checkpoint.origin, renewal->signer->secret,
				    checkpoint.attested_s);
	if (r == 0)
		r = catalog_log_attest(txn, self->index, &checkpoint, catalog_buffer_span(&note),
				       renewal->now_s);
out:
	catalog_buffer_close(&note);
	return r == -EBADMSG || r == -E2BIG ? -EIO : r; /* we wrote it: it is damaged */
}

int catalog_attest_renew(struct catalog_store *store, const struct catalog_charter *charter,
			 const struct catalog_attest_signer *signer, int64_t now_s, int64_t age_s,
			 const struct catalog_attest_line *lines, size_t count, size_t *ret_taken)
{
	struct renewal renewal = {charter, signer, now_s, age_s, lines, count, 0};
	int r = check_signer(signer);

	assert(count <= CATALOG_ATTEST_WITNESSES_MAX);
	if (r == 0)
		r = catalog_store_write(store, renew_body, &renewal);
	if (r == 0 && ret_taken != NULL)
		*ret_taken = renewal.taken;
	return r;
}

/* --- others' ---------------------------------------------------------------------------------- */

static struct catalog_span key_of(uint32_t log, uint8_t key[KEY_BYTES])
{
	memcpy(key, KEY_PREFIX, KEY_BYTES - 4);
	for (unsigned i = 0; i < 4; i++)
		key[KEY_BYTES - 4 + i] = (uint8_t)(log >> (8 * (3 - i)));
	return (struct catalog_span){key, KEY_BYTES};
}

struct testimony {
	const struct catalog_charter *charter;
	const struct catalog_attest_signer *signer;
	uint32_t log;
	uint64_t size;
	int64_t now_s;
	struct catalog_buffer *line;
	size_t before; /* of line */
};

/* What we signed of the log before: -ENOENT for nothing that stands in the way, 0 for the same. */
static int recall(struct catalog_txn *txn, const struct testimony *testimony)
{
	uint8_t key[KEY_BYTES];
	struct catalog_span kept;
	uint64_t size = 0;
	int r = catalog_store_get(txn, CATALOG_TABLE_META, key_of(testimony->log, key), &kept);

	if (r != 0)
		return r;
	if (kept.len <= SIZE_BYTES)
		return -EIO;
	for (size_t i = 0; i < SIZE_BYTES; i++)
		size = size << 8 | kept.bytes[i];
	if (size > testimony->size)
		return -EPERM;
	if (size < testimony->size)
		return -ENOENT;
	return catalog_buffer_append(testimony->line, kept.bytes + SIZE_BYTES,
				     kept.len - SIZE_BYTES);
}

static int keep(struct catalog_txn *txn, const struct testimony *testimony,
		struct catalog_span line)
{
	struct catalog_buffer row = {0};
	uint8_t key[KEY_BYTES], size[SIZE_BYTES];
	int r;

	for (size_t i = 0; i < SIZE_BYTES; i++)
		size[i] = (uint8_t)(testimony->size >> (56 - 8 * i));
	r = catalog_buffer_append(&row, size, sizeof size);
	if (r == 0)
		r = catalog_buffer_append(&row, line.bytes, line.len);
	if (r == 0)
		r = catalog_store_put(txn, CATALOG_TABLE_META, key_of(testimony->log, key),
				      catalog_buffer_span(&row));
	catalog_buffer_close(&row);
	return r;
}

static int cosign_body(struct catalog_txn *txn, void *arg)
{
	const struct testimony *testimony = arg;
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_buffer note = {0};
	struct catalog_log_status status;
	int r = catalog_log_status(txn, testimony->log, &status);

	testimony->line->len = testimony->before; /* it may run twice */
	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (testimony->size == 0 || testimony->size < status.target_size)
		return -EPERM;
	if (testimony->size > status.target_size || status.size != status.target_size)
		return -EAGAIN;
	r = recall(txn, testimony);
	if (r != -ENOENT)
		return r;
	r = catalog_log_checkpoint(txn, testimony->log, &note);
	if (r != 0)
		goto out;
	origin_of(testimony->charter, testimony->signer->member, origin);
	r = catalog_cosignature_line(catalog_buffer_span(&note), origin, testimony->signer->secret,
				     testimony->now_s > 0 ? testimony->now_s : 0, testimony->line);
	if (r == 0)
		r = keep(txn, testimony,
			 (struct catalog_span){testimony->line->bytes + testimony->before,
					       testimony->line->len - testimony->before});
out:
	catalog_buffer_close(&note);
	return r == -EBADMSG || r == -E2BIG ? -EIO : r;
}

int catalog_attest_cosign(struct catalog_store *store, const struct catalog_charter *charter,
			  const struct catalog_attest_signer *signer, uint32_t log, uint64_t size,
			  int64_t now_s, struct catalog_buffer *ret_line)
{
	struct testimony testimony = {charter, signer, log, size, now_s, ret_line, ret_line->len};
	int r = check_signer(signer);

	if (r != 0)
		return r;
	if (catalog_charter_member(charter, log) == NULL)
		return -ENOENT;
	if (log == signer->member->index)
		return -EPERM;
	r = catalog_store_write(store, cosign_body, &testimony);
	if (r != 0)
		ret_line->len = testimony.before;
	return r;
}

int catalog_attest_witnesses(const struct catalog_charter *charter, uint32_t log,
			     struct catalog_span note, struct catalog_attest_witness *ret_witnesses,
			     size_t max)
{
	int count = 0;

	for (size_t i = 0; i < catalog_charter_member_count(charter); i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);
		char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
		int64_t time_s;
		int r;

		if (member->index == log)
			continue;
		origin_of(charter, member, origin);
		r = catalog_cosignature_verify(note, &(struct catalog_witness){origin, member->key},
					       &time_s);
		if (r == -ENOENT)
			continue;
		if (r != 0)
			return r;
		if ((size_t)count < max)
			ret_witnesses[count] = (struct catalog_attest_witness){member, time_s};
		count++;
	}
	return count;
}
