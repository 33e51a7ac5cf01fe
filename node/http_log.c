#include "node/http_log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/log.h"
#include "catalog/note.h"
#include "catalog/tile.h"
#include "node/error.h"

/* A log as it is shown: under one checkpoint. */
struct shown {
	const struct catalog_member *member;
	struct catalog_buffer note;
	uint64_t size; /* of the checkpoint */
};

static int problem(struct node_http_reply *reply, const char *detail)
{
	return node_http_reply_problem(reply, 404, detail, NULL);
}

/* The size that a note, which was verified when it was taken, speaks of. */
static int read_size(struct catalog_span note, uint64_t *ret_size)
{
	struct catalog_span text, signatures, line;

	if (catalog_note_split(note, &text, &signatures) != 0 ||
	    catalog_note_line(&text, &line) != 0 || catalog_note_line(&text, &line) != 0 ||
	    catalog_note_decimal(line, ret_size) != 0)
		return -EIO;
	return 0;
}

/* Find the checkpoint that a member's log is shown under.  Returns 0, 1 when the reply says why
 * there is none, or a negative errno. */
static int show(struct catalog_txn *txn, const struct catalog_charter *charter, const char *name,
		struct shown *shown, struct node_http_reply *reply)
{
	struct node_error error;
	int r;

	shown->member = catalog_charter_member_named(charter, name);
	if (shown->member == NULL) {
		(void)node_error_set(&error, -ENOENT, "no member of %s is called \"%.60s\"",
				     catalog_charter_name(charter), name);
		r = problem(reply, error.text);
		return r == 0 ? 1 : r;
	}
	r = catalog_log_checkpoint_held(txn, shown->member->index, &shown->note);
	if (r == -ENOENT) {
		(void)node_error_set(&error, -ENOENT,
				     "nothing that %s (%s) signed is whole on this node yet",
				     shown->member->title, shown->member->name);
		r = problem(reply, error.text);
		return r == 0 ? 1 : r;
	}
	return r == 0 ? read_size(catalog_buffer_span(&shown->note), &shown->size) : r;
}

int node_http_log_checkpoint(struct catalog_store *store, const struct catalog_charter *charter,
			     const char *member, struct node_http_reply *reply)
{
	struct shown shown = {0};
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = show(txn, charter, member, &shown, reply);
	catalog_store_end(txn);
	if (r == 0) {
		reply->status = 200;
		reply->type = "text/plain; charset=utf-8";
		node_http_reply_tag(reply, shown.note.bytes, shown.note.len);
		reply->body = shown.note; /* the reply's now */
		shown.note = (struct catalog_buffer){0};
	}
	catalog_buffer_close(&shown.note);
	return r < 0 ? r : 0;
}

/* --- tiles ------------------------------------------------------------------------------ */

struct node_http_log_bundle {
	struct catalog_store *store;
	uint32_t log;
	uint64_t size;
	struct catalog_tile tile;
	unsigned at;                 /* the next entry to read */
	uint64_t len;                /* of all */
	struct catalog_buffer piece; /* read, and not copied out yet from `copied` on */
	size_t copied;
};

/* Read the next entries in place of the last.  Returns 0, -ENOENT, -E2BIG, -ENOMEM, -EIO. */
static int step(struct node_http_log_bundle *bundle)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(bundle->store, &txn);

	if (r != 0)
		return r;
	bundle->piece.len = bundle->copied = 0;
	r = catalog_tile_entries(txn, bundle->log, bundle->size, &bundle->tile,
				 NODE_HTTP_LOG_STEP_BYTES, &bundle->at, &bundle->piece);
	catalog_store_end(txn);
	return r;
}

/* Read all of it once, so that what cannot be sent whole is not begun. */
static int measure(struct node_http_log_bundle *bundle)
{
	int r = 0;

	while (r == 0 && bundle->at < bundle->tile.width) {
		r = step(bundle);
		bundle->len += bundle->piece.len;
	}
	bundle->at = 0;
	bundle->piece.len = bundle->copied = 0;
	return r;
}

/* Why there is no such tile. */
static int refuse(struct node_http_reply *reply, const struct catalog_tile *tile, uint64_t size,
		  int r)
{
	struct node_error error;

	if (tile->width > catalog_tile_width(tile, size))
		(void)node_error_set(&error, r,
				     "the log has no such tile under the checkpoint of size "
				     "%" PRIu64,
				     size);
	else if (r == -E2BIG)
		(void)node_error_set(&error, r,
				     "an entry of this bundle has more than 65,535 bytes, which a "
				     "bundle cannot say; the tiles of hashes have its hash");
	else if (tile->kind == CATALOG_TILE_ENTRIES)
		(void)node_error_set(&error, r,
				     "entries of this bundle were superseded or erased, and "
				     "dropped; their hashes are kept");
	else
		(void)node_error_set(&error, r,
				     "entries below this tile were superseded or erased, and "
				     "dropped; the tiles above have the hash of them all");
	return problem(reply, error.text);
}

/* Tag a tile by its hashes, or those of its entries: whatever else changes, these say what is in
 * it. */
static int read_hashes(struct catalog_txn *txn, const struct shown *shown,
		       const struct catalog_tile *tile, struct node_http_reply *reply)
{
	struct catalog_tile hashes = *tile;
	int r;

	hashes.kind = CATALOG_TILE_HASHES;
	r = catalog_tile_hashes(txn, shown->member->index, shown->size, &hashes, &reply->body);
	if (r != 0)
		return r;
	node_http_reply_tag(reply, reply->body.bytes, reply->body.len);
	if (tile->kind == CATALOG_TILE_ENTRIES)
		reply->body.len = 0;
	reply->status = 200;
	reply->type = "application/octet-stream";
	/* Entries can be erased, and no cache may keep them then: they are asked for again. */
	reply->lasting = tile->kind == CATALOG_TILE_HASHES && tile->width == CATALOG_TILE_WIDTH;
	return 0;
}

static int open_bundle(struct catalog_store *store, const struct shown *shown,
		       const struct catalog_tile *tile, struct node_http_log_bundle **ret_bundle)
{
	struct node_http_log_bundle *bundle = calloc(1, sizeof *bundle);
	int r;

	if (bundle == NULL)
		return -ENOMEM;
	bundle->store = store;
	bundle->log = shown->member->index;
	bundle->size = shown->size;
	bundle->tile = *tile;
	r = measure(bundle);
	if (r == 0) {
		*ret_bundle = bundle;
		bundle = NULL;
	}
	node_http_log_bundle_free(bundle);
	return r;
}

int node_http_log_tile(struct catalog_store *store, const struct catalog_charter *charter,
		       const char *member, const char *path, struct node_http_reply *reply,
		       struct node_http_log_bundle **ret_bundle)
{
	struct catalog_tile tile;
	struct shown shown = {0};
	struct catalog_txn *txn;
	int r;

	*ret_bundle = NULL;
	if (catalog_tile_parse(path, &tile) != 0)
		return problem(reply, "this is no path of a tile as C2SP tlog-tiles has it, such "
				      "as tile/0/x001/234 or tile/entries/000.p/17");
	r = catalog_store_begin(store, &txn);
	if (r != 0)
		return r;
	r = show(txn, charter, member, &shown, reply);
	if (r == 0)
		r = read_hashes(txn, &shown, &tile, reply);
	catalog_store_end(txn);
	if (r == 0 && tile.kind == CATALOG_TILE_ENTRIES)
		r = open_bundle(store, &shown, &tile, ret_bundle);
	if (r == -ENOENT || r == -E2BIG)
		r = refuse(reply, &tile, shown.size, r);
	catalog_buffer_close(&shown.note);
	return r < 0 ? r : 0;
}

uint64_t node_http_log_bundle_len(const struct node_http_log_bundle *bundle)
{
	return bundle->len;
}

ssize_t node_http_log_bundle_read(struct node_http_log_bundle *bundle, char *ret_bytes,
				  size_t len_max)
{
	size_t len;

	if (bundle->copied == bundle->piece.len) {
		int r = bundle->at < bundle->tile.width ? step(bundle) : 0;

		if (r != 0)
			return r == -E2BIG ? -EIO : r; /* it was not, before */
	}
	len = bundle->piece.len - bundle->copied;
	if (len > len_max)
		len = len_max;
	if (len > 0)
		memcpy(ret_bytes, bundle->piece.bytes + bundle->copied, len);
	bundle->copied += len;
	return (ssize_t)len;
}

void node_http_log_bundle_free(struct node_http_log_bundle *bundle)
{
	if (bundle == NULL)
		return;
	catalog_buffer_close(&bundle->piece);
	free(bundle);
}
