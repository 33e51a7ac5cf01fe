/* catalog/store.c - LMDB stays in this file; its codes end at from_mdb().
 *
 * LMDB maps the file at a size that is fixed while any transaction is open in the process.  So
 * every transaction holds the read side of `map`, and whoever must remap takes the write side.  A
 * waiting remap goes before new readers: readers that overlap for ever cannot starve it. */
#include "catalog/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <lmdb.h>

#include "catalog/index_lender.h"

#define MAP_BYTES_START ((size_t)64 << 20)
#define MAP_BYTES_STEP  ((size_t)1 << 30)   /* the most that the map grows at once */
#define FULL_DISK_BYTES ((uint64_t)1 << 20) /* less than this is free on a disk that is full */

static const char *const table_names[CATALOG_TABLE_COUNT] = {
	[CATALOG_TABLE_META] = "meta",         [CATALOG_TABLE_LOGS] = "logs",
	[CATALOG_TABLE_RUNS] = "runs",         [CATALOG_TABLE_ENTRIES] = "entries",
	[CATALOG_TABLE_TILES] = "tiles",       [CATALOG_TABLE_TREE] = "tree",
	[CATALOG_TABLE_CHECKPOINTS] = "notes", [CATALOG_TABLE_STALE] = "stale",
	[CATALOG_TABLE_VIEW] = "view",         [CATALOG_TABLE_TRIE] = "trie",
	[CATALOG_TABLE_CHARTER] = "charter",   [CATALOG_TABLE_DICTIONARIES] = "dict",
	[CATALOG_TABLE_DOCS] = "docs",         [CATALOG_TABLE_POSTINGS] = "postings",
	[CATALOG_TABLE_INDEX] = "index",
};

struct catalog_store {
	MDB_env *env;
	MDB_dbi tables[CATALOG_TABLE_COUNT];
	struct catalog_codec *codec;
	struct catalog_index_lender *lender;
	char *dir;
	uint64_t incarnation;
	bool leaves_search;
	uint64_t later;         /* entries that a log lacks */
	pthread_rwlock_t map;   /* read side: held by each transaction; write side: to remap */
	pthread_mutex_t writer; /* held through catalog_store_write() */
};

struct catalog_txn {
	struct catalog_store *store;
	MDB_txn *mdb;
	bool writes;
	bool map_full; /* a change met the end of the map */
};

struct catalog_cursor {
	struct catalog_txn *txn;
	MDB_cursor *mdb;
};

/* LMDB returns 0, a positive errno, or a negative code of its own. */
static int from_mdb(int rc)
{
	switch (rc) {
	case MDB_SUCCESS: return 0;
	case MDB_NOTFOUND: return -ENOENT;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL: return -ENOSPC;
	case MDB_INVALID: return -EBADMSG;
	case MDB_VERSION_MISMATCH: return -EPROTONOSUPPORT;
	case MDB_READERS_FULL: return -EAGAIN;
	default: return rc > 0 ? -rc : -EIO;
	}
}

static MDB_val to_val(struct catalog_span span)
{
	union {
		const uint8_t *in;
		void *out;
	} bytes = {.in = span.bytes}; /* MDB_val is not const, though LMDB only reads */

	return (MDB_val){span.len, bytes.out};
}

static struct catalog_span to_span(MDB_val val)
{
	return (struct catalog_span){val.mv_data, val.mv_size};
}

/* --- opening ---------------------------------------------------------------------------- */

int catalog_store_lock(const char *dir, int *ret_lock)
{
	char path[PATH_MAX];
	int fd, len;

	assert(dir != NULL);
	len = snprintf(path, sizeof path, "%s/writer.lock", dir);
	if (len < 0 || (size_t)len >= sizeof path)
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int r = errno == EWOULDBLOCK ? -EBUSY : -errno;

		(void)close(fd); /* nothing was written */
		return r;
	}
	*ret_lock = fd;
	return 0;
}

void catalog_store_unlock(int lock)
{
	(void)close(lock); /* nothing was written */
}

static int get_number(struct catalog_txn *txn, const char *name, uint64_t *ret_number)
{
	struct catalog_span value;
	int r = catalog_store_get(txn, CATALOG_TABLE_META,
				  (struct catalog_span){(const uint8_t *)name, strlen(name)},
				  &value);

	if (r != 0)
		return r;
	if (value.len != 8)
		return -EBADMSG;
	*ret_number = 0;
	for (size_t i = 0; i < 8; i++)
		*ret_number = *ret_number << 8 | value.bytes[i];
	return 0;
}

static int put_number(struct catalog_txn *txn, const char *name, uint64_t number)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (56 - 8 * i));
	return catalog_store_put(txn, CATALOG_TABLE_META,
				 (struct catalog_span){(const uint8_t *)name, strlen(name)},
				 (struct catalog_span){bytes, sizeof bytes});
}

/* Open one table.  A table that a store lacks is made. */
static int open_table(struct catalog_txn *txn, enum catalog_table table, unsigned flags)
{
	return from_mdb(
		mdb_dbi_open(txn->mdb, table_names[table], flags, &txn->store->tables[table]));
}

/* Is the whole file empty?  A file of somebody else's tables is none of ours. */
static int check_empty(struct catalog_txn *txn)
{
	MDB_stat stat;
	MDB_dbi root;
	int r = from_mdb(mdb_dbi_open(txn->mdb, NULL, 0, &root));

	if (r == 0)
		r = from_mdb(mdb_stat(txn->mdb, root, &stat));
	if (r != 0)
		return r;
	return stat.ms_entries == 0 ? 0 : -EBADMSG;
}

static int open_meta(struct catalog_txn *txn, uint64_t incarnation)
{
	uint64_t schema;
	int r = open_table(txn, CATALOG_TABLE_META, 0);

	if (r == -ENOENT) {
		r = check_empty(txn);
		if (r == 0)
			r = open_table(txn, CATALOG_TABLE_META, MDB_CREATE);
		if (r == 0)
			r = put_number(txn, "schema", CATALOG_STORE_SCHEMA);
		if (r == 0)
			r = put_number(txn, "incarnation", incarnation);
	}
	if (r == 0)
		r = get_number(txn, "schema", &schema);
	if (r == 0)
		r = get_number(txn, "incarnation", &txn->store->incarnation);
	if (r != 0)
		return r == -ENOENT ? -EBADMSG : r;
	if (schema > CATALOG_STORE_SCHEMA)
		return -EPROTONOSUPPORT;
	return schema == CATALOG_STORE_SCHEMA ? 0 : -EBADMSG;
}

/* Make the codec's own dictionary known to the store. */
static int keep_dictionary(struct catalog_txn *txn)
{
	struct catalog_span own, key, value;
	uint8_t own_key[4];
	uint32_t own_id;
	int r;

	own = catalog_codec_dictionary(&own_id);
	for (size_t i = 0; i < sizeof own_key; i++)
		own_key[i] = (uint8_t)(own_id >> (24 - 8 * i));
	key = (struct catalog_span){own_key, sizeof own_key};
	r = catalog_store_get(txn, CATALOG_TABLE_DICTIONARIES, key, &value);
	return r == -ENOENT ? catalog_store_put(txn, CATALOG_TABLE_DICTIONARIES, key, own) : r;
}

/* Make the dictionaries of the store known to the codec. */
static int open_dictionaries(struct catalog_txn *txn)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_span key, value;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_DICTIONARIES, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){NULL, 0}, &key, &value);
	for (; r == 0; r = catalog_store_cursor_next(cursor, &key, &value)) {
		uint32_t id = 0;

		if (key.len != sizeof id) {
			r = -EBADMSG;
			break;
		}
		for (size_t i = 0; i < sizeof id; i++)
			id = id << 8 | key.bytes[i];
		r = catalog_codec_add(txn->store->codec, id, value);
		if (r != 0 && r != -EEXIST)
			break;
	}
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}

static int open_tables(struct catalog_txn *txn, void *arg)
{
	const uint64_t *incarnation = arg;
	int r = open_meta(txn, *incarnation);

	for (unsigned i = 0; r == 0 && i < CATALOG_TABLE_COUNT; i++)
		if (i != CATALOG_TABLE_META)
			r = open_table(txn, (enum catalog_table)i, MDB_CREATE);
	if (r == 0)
		r = keep_dictionary(txn);
	return r == 0 ? open_dictionaries(txn) : r;
}

static int open_env(struct catalog_store *store, unsigned flags)
{
	int rc, dead;

	if ((rc = mdb_env_create(&store->env)) != 0 ||
	    (rc = mdb_env_set_mapsize(store->env, MAP_BYTES_START)) != 0 ||
	    (rc = mdb_env_set_maxdbs(store->env, CATALOG_TABLE_COUNT)) != 0 ||
	    (rc = mdb_env_set_maxreaders(store->env, CATALOG_STORE_READERS_MAX)) != 0 ||
	    (rc = mdb_env_open(store->env, store->dir, MDB_NOTLS | flags, 0600)) != 0 ||
	    /* Readers of processes that were killed would keep old pages for ever. */
	    (rc = mdb_reader_check(store->env, &dead)) != 0)
		return from_mdb(rc);
	return 0;
}

void catalog_store_close(struct catalog_store *store)
{
	if (store == NULL)
		return;
	mdb_env_close(store->env);
	catalog_codec_free(store->codec);
	catalog_index_lender_free(store->lender);
	pthread_mutex_destroy(&store->writer);
	pthread_rwlock_destroy(&store->map);
	free(store->dir);
	free(store);
}

uint64_t catalog_store_incarnation(const struct catalog_store *store)
{
	return store->incarnation;
}

void catalog_store_leave_search(struct catalog_store *store)
{
	store->leaves_search = true;
}

bool catalog_store_leaves_search(const struct catalog_store *store)
{
	return store->leaves_search;
}

void catalog_store_search_later(struct catalog_store *store, uint64_t entries)
{
	store->later = entries;
}

uint64_t catalog_store_later(const struct catalog_store *store)
{
	return store->later;
}

/* --- transactions ----------------------------------------------------------------------- */

/* Map the file anew: map_bytes, or 0 for the size that another process has grown it to. */
static int remap(struct catalog_store *store, size_t map_bytes)
{
	int rc = pthread_rwlock_wrlock(&store->map);

	assert(rc == 0);
	rc = mdb_env_set_mapsize(store->env, map_bytes);
	pthread_rwlock_unlock(&store->map);
	return from_mdb(rc);
}

static int grow(struct catalog_store *store)
{
	MDB_envinfo info;
	int rc = mdb_env_info(store->env, &info);

	if (rc != 0)
		return from_mdb(rc);
	if (info.me_mapsize > SIZE_MAX / 2)
		return -ENOSPC;
	return remap(store, info.me_mapsize < MAP_BYTES_STEP ? info.me_mapsize * 2
							     : info.me_mapsize + MAP_BYTES_STEP);
}

static int begin(struct catalog_store *store, unsigned flags, struct catalog_txn *ret_txn)
{
	for (;;) {
		MDB_txn *mdb;
		int rc = pthread_rwlock_rdlock(&store->map);

		if (rc != 0)
			return -rc; /* more readers than the lock can count */
		rc = mdb_txn_begin(store->env, NULL, flags, &mdb);
		if (rc == 0) {
			*ret_txn = (struct catalog_txn){store, mdb, flags == 0, false};
			return 0;
		}
		pthread_rwlock_unlock(&store->map);
		if (rc == MDB_MAP_RESIZED)
			rc = remap(store, 0);
		else
			rc = from_mdb(rc);
		if (rc != 0)
			return rc;
	}
}

/* A store with nothing open. */
static int make(const char *dir, struct catalog_store **ret_store)
{
	struct catalog_store *store;
	pthread_rwlockattr_t attr;
	int r;

	assert(dir != NULL);
	store = calloc(1, sizeof *store);
	if (store == NULL)
		return -ENOMEM;
	store->later = CATALOG_STORE_LATER_NEVER;
	/* Neither fails on Linux for an attribute of the process's own memory. */
	r = pthread_rwlockattr_init(&attr);
	assert(r == 0);
	r = pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	assert(r == 0);
	r = pthread_rwlock_init(&store->map, &attr);
	assert(r == 0);
	pthread_rwlockattr_destroy(&attr);
	r = pthread_mutex_init(&store->writer, NULL);
	assert(r == 0);
	store->dir = strdup(dir);
	r = store->dir == NULL ? -ENOMEM : catalog_codec_new(&store->codec);
	if (r == 0)
		r = catalog_index_lender_new(&store->lender);
	if (r != 0) {
		catalog_store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

int catalog_store_open(const char *dir, uint64_t incarnation, struct catalog_store **ret_store)
{
	struct catalog_store *store;
	int r = make(dir, &store);

	if (r != 0)
		return r;
	r = open_env(store, 0);
	if (r == 0)
		r = catalog_store_write(store, open_tables, &incarnation);
	if (r != 0) {
		catalog_store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

/* Open what is there, in a transaction that only reads. */
static int open_to_read(struct catalog_store *store)
{
	struct catalog_txn txn;
	uint64_t schema;
	int r = begin(store, MDB_RDONLY, &txn);

	if (r != 0)
		return r;
	for (unsigned i = 0; r == 0 && i < CATALOG_TABLE_COUNT; i++)
		r = open_table(&txn, (enum catalog_table)i, 0);
	if (r == 0)
		r = get_number(&txn, "schema", &schema);
	if (r == 0)
		r = get_number(&txn, "incarnation", &store->incarnation);
	if (r == -ENOENT)
		r = -EBADMSG;
	if (r == 0 && schema != CATALOG_STORE_SCHEMA)
		r = schema > CATALOG_STORE_SCHEMA ? -EPROTONOSUPPORT : -EBADMSG;
	if (r == 0)
		r = open_dictionaries(&txn);
	if (r == 0)
		r = from_mdb(mdb_txn_commit(txn.mdb)); /* so that the tables stay open */
	else
		mdb_txn_abort(txn.mdb);
	pthread_rwlock_unlock(&store->map);
	return r;
}

int catalog_store_open_to_read(const char *dir, struct catalog_store **ret_store)
{
	struct catalog_store *store;
	int r = make(dir, &store);

	if (r != 0)
		return r;
	r = open_env(store, MDB_RDONLY);
	if (r == 0)
		r = open_to_read(store);
	if (r != 0) {
		catalog_store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

int catalog_store_begin(struct catalog_store *store, struct catalog_txn **ret_txn)
{
	struct catalog_txn *txn = malloc(sizeof *txn);
	int r;

	if (txn == NULL)
		return -ENOMEM;
	r = begin(store, MDB_RDONLY, txn);
	if (r != 0) {
		free(txn);
		return r;
	}
	*ret_txn = txn;
	return 0;
}

void catalog_store_end(struct catalog_txn *txn)
{
	if (txn == NULL)
		return;
	assert(!txn->writes);
	mdb_txn_abort(txn->mdb);
	pthread_rwlock_unlock(&txn->store->map);
	free(txn);
}

/* LMDB says EIO when a write came out short, as it does on a disk that has just filled up; some
 * file systems then give back a part of what they had no use for. */
static int disk_error(const struct catalog_store *store, int r)
{
	struct statvfs fs;

	if (r == -EIO && statvfs(store->dir, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize < FULL_DISK_BYTES)
		return -ENOSPC;
	return r == -EDQUOT || r == -EFBIG ? -ENOSPC : r;
}

static int write_once(struct catalog_store *store, catalog_store_body body, void *arg,
		      bool *ret_map_full)
{
	struct catalog_txn txn;
	int rc, r = begin(store, 0, &txn);

	*ret_map_full = false;
	if (r != 0)
		return r;
	r = body(&txn, arg);
	if (r == 0 && !txn.map_full) {
		rc = mdb_txn_commit(txn.mdb); /* ended, whatever it says */
		txn.map_full = rc == MDB_MAP_FULL;
		r = disk_error(store, from_mdb(rc));
	} else {
		mdb_txn_abort(txn.mdb);
	}
	pthread_rwlock_unlock(&store->map);
	*ret_map_full = txn.map_full;
	return r;
}

int catalog_store_write(struct catalog_store *store, catalog_store_body body, void *arg)
{
	bool map_full;
	int r;

	r = pthread_mutex_lock(&store->writer);
	assert(r == 0);
	r = write_once(store, body, arg, &map_full);
	while (map_full) {
		r = grow(store);
		if (r != 0)
			break;
		r = write_once(store, body, arg, &map_full);
	}
	pthread_mutex_unlock(&store->writer);
	return r;
}

const struct catalog_codec *catalog_store_codec(const struct catalog_store *store)
{
	return store->codec;
}

struct catalog_index_lender *catalog_store_lender(const struct catalog_store *store)
{
	return store->lender;
}

uint64_t catalog_store_snapshot(struct catalog_txn *txn)
{
	return mdb_txn_id(txn->mdb);
}

struct catalog_store *catalog_store_of(struct catalog_txn *txn)
{
	return txn->store;
}

int catalog_store_table_bytes(struct catalog_txn *txn, enum catalog_table table,
			      uint64_t *ret_bytes)
{
	MDB_stat stat;
	int rc = mdb_stat(txn->mdb, txn->store->tables[table], &stat);

	if (rc != 0)
		return from_mdb(rc);
	*ret_bytes = (uint64_t)stat.ms_psize *
		     (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
	return 0;
}

int catalog_store_bytes(struct catalog_store *store, uint64_t *ret_total, uint64_t *ret_index)
{
	struct catalog_txn *txn;
	uint64_t total = 0, index = 0;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	for (unsigned i = 0; r == 0 && i < CATALOG_TABLE_COUNT; i++) {
		uint64_t bytes = 0;

		r = catalog_store_table_bytes(txn, (enum catalog_table)i, &bytes);
		total += bytes;
		if (i >= CATALOG_TABLE_DOCS)
			index += bytes;
	}
	catalog_store_end(txn);
	if (r != 0)
		return r;
	*ret_total = total;
	*ret_index = index;
	return 0;
}

/* --- pairs ------------------------------------------------------------------------------ */

int catalog_store_get(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
		      struct catalog_span *ret_value)
{
	MDB_val k = to_val(key), v;
	int r;

	assert(key.len > 0);
	assert(key.len <= CATALOG_STORE_KEY_BYTES_MAX);
	r = from_mdb(mdb_get(txn->mdb, txn->store->tables[table], &k, &v));
	if (r == 0)
		*ret_value = to_span(v);
	return r;
}

static int put(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
	       struct catalog_span value, unsigned flags)
{
	MDB_val k = to_val(key), v = to_val(value);
	int rc;

	assert(txn->writes);
	assert(key.len > 0);
	assert(key.len <= CATALOG_STORE_KEY_BYTES_MAX);
	rc = mdb_put(txn->mdb, txn->store->tables[table], &k, &v, flags);
	txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
	return from_mdb(rc);
}

int catalog_store_put(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
		      struct catalog_span value)
{
	return put(txn, table, key, value, 0);
}

int catalog_store_append(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
			 struct catalog_span value)
{
	return put(txn, table, key, value, MDB_APPEND);
}

int catalog_store_del(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key)
{
	MDB_val k = to_val(key);
	int rc;

	assert(txn->writes);
	assert(key.len > 0);
	assert(key.len <= CATALOG_STORE_KEY_BYTES_MAX);
	rc = mdb_del(txn->mdb, txn->store->tables[table], &k, NULL);
	txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
	return from_mdb(rc);
}

int catalog_store_clear(struct catalog_txn *txn, enum catalog_table table)
{
	int rc;

	assert(txn->writes);
	rc = mdb_drop(txn->mdb, txn->store->tables[table], 0);
	txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
	return from_mdb(rc);
}

int catalog_store_del_range(struct catalog_txn *txn, enum catalog_table table,
			    struct catalog_span from, size_t prefix_len)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_span key, value;
	int r;

	assert(txn->writes);
	assert(prefix_len <= from.len);
	r = catalog_store_cursor_open(txn, table, &cursor);
	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, from, &key, &value);
	while (r == 0) {
		int rc;

		if (key.len < prefix_len || memcmp(key.bytes, from.bytes, prefix_len) != 0)
			break;
		rc = mdb_cursor_del(cursor->mdb, 0);
		txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
		r = from_mdb(rc);
		if (r == 0)
			r = catalog_store_cursor_seek(cursor, from, &key, &value);
	}
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}

int catalog_store_cursor_open(struct catalog_txn *txn, enum catalog_table table,
			      struct catalog_cursor **ret_cursor)
{
	struct catalog_cursor *cursor = malloc(sizeof *cursor);
	int r;

	if (cursor == NULL)
		return -ENOMEM;
	r = from_mdb(mdb_cursor_open(txn->mdb, txn->store->tables[table], &cursor->mdb));
	if (r != 0) {
		free(cursor);
		return r;
	}
	cursor->txn = txn;
	*ret_cursor = cursor;
	return 0;
}

void catalog_store_cursor_close(struct catalog_cursor *cursor)
{
	if (cursor == NULL)
		return;
	mdb_cursor_close(cursor->mdb);
	free(cursor);
}

static int move(struct catalog_cursor *cursor, struct catalog_span key, MDB_cursor_op op,
		struct catalog_span *ret_key, struct catalog_span *ret_value)
{
	MDB_val k = to_val(key), v;
	int r = from_mdb(mdb_cursor_get(cursor->mdb, &k, &v, op));

	if (r != 0)
		return r;
	*ret_key = to_span(k);
	*ret_value = to_span(v);
	return 0;
}

int catalog_store_cursor_seek(struct catalog_cursor *cursor, struct catalog_span key,
			      struct catalog_span *ret_key, struct catalog_span *ret_value)
{
	assert(key.len <= CATALOG_STORE_KEY_BYTES_MAX);
	return move(cursor, key, key.len == 0 ? MDB_FIRST : MDB_SET_RANGE, ret_key, ret_value);
}

int catalog_store_cursor_get(struct catalog_cursor *cursor, struct catalog_span key,
			     struct catalog_span *ret_value)
{
	struct catalog_span found;

	assert(key.len > 0);
	assert(key.len <= CATALOG_STORE_KEY_BYTES_MAX);
	return move(cursor, key, MDB_SET, &found, ret_value);
}

int catalog_store_cursor_put(struct catalog_cursor *cursor, struct catalog_span key,
			     struct catalog_span value)
{
	MDB_val k = to_val(key), v = to_val(value);
	int rc;

	assert(cursor->txn->writes);
	assert(key.len > 0);
	assert(key.len <= CATALOG_STORE_KEY_BYTES_MAX);
	rc = mdb_cursor_put(cursor->mdb, &k, &v, 0);
	cursor->txn->map_full = cursor->txn->map_full || rc == MDB_MAP_FULL;
	return from_mdb(rc);
}

int catalog_store_cursor_last(struct catalog_cursor *cursor, struct catalog_span *ret_key,
			      struct catalog_span *ret_value)
{
	return move(cursor, (struct catalog_span){NULL, 0}, MDB_LAST, ret_key, ret_value);
}

int catalog_store_cursor_next(struct catalog_cursor *cursor, struct catalog_span *ret_key,
			      struct catalog_span *ret_value)
{
	return move(cursor, (struct catalog_span){NULL, 0}, MDB_NEXT, ret_key, ret_value);
}

int catalog_store_cursor_prev(struct catalog_cursor *cursor, struct catalog_span *ret_key,
			      struct catalog_span *ret_value)
{
	return move(cursor, (struct catalog_span){NULL, 0}, MDB_PREV, ret_key, ret_value);
}
