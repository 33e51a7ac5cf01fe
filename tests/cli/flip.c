/* tests/cli/flip.c - damages a store, for tests: flip STORE TABLE ROW changes a bit in the middle
 * of that row's value, through LMDB (in docs it drops the row); flip FILE SEED writes random bytes
 * somewhere in a file; flip STORE prune drops all that was superseded, as time does. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/prune.h"
#include "catalog/store.h"

#define RAW_BYTES 64

struct flip {
	enum catalog_table table;
	unsigned long row;
};

static int flip_body(struct catalog_txn *txn, void *arg)
{
	const struct flip *flip = arg;
	struct catalog_buffer copy = {0}, name = {0};
	struct catalog_cursor *cursor = NULL;
	struct catalog_span key, value;
	int r = catalog_store_cursor_open(txn, flip->table, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){NULL, 0}, &key, &value);
	for (unsigned long i = 0; i < flip->row && r == 0; i++)
		r = catalog_store_cursor_next(cursor, &key, &value);
	if (r == 0)
		r = catalog_buffer_append(&copy, value.bytes, value.len);
	if (r == 0)
		r = catalog_buffer_append(&name, key.bytes, key.len);
	catalog_store_cursor_close(cursor);
	if (r == 0 && flip->table == CATALOG_TABLE_DOCS) {
		r = catalog_store_del(txn, flip->table, catalog_buffer_span(&name));
	} else if (r == 0) {
		copy.bytes[copy.len / 2] ^= 0x10;
		r = catalog_store_put(txn, flip->table, catalog_buffer_span(&name),
				      catalog_buffer_span(&copy));
	}
	catalog_buffer_close(&copy);
	catalog_buffer_close(&name);
	return r;
}

static int flip_value(const char *dir, const char *table, const char *row)
{
	static const struct {
		const char *name;
		enum catalog_table table;
	} tables[] = {
		{"logs", CATALOG_TABLE_LOGS},   {"entries", CATALOG_TABLE_ENTRIES},
		{"tree", CATALOG_TABLE_TREE},   {"checkpoints", CATALOG_TABLE_CHECKPOINTS},
		{"tiles", CATALOG_TABLE_TILES}, {"view", CATALOG_TABLE_VIEW},
		{"docs", CATALOG_TABLE_DOCS},
	};
	struct catalog_store *store = NULL;
	struct flip flip = {CATALOG_TABLE_COUNT, strtoul(row, NULL, 10)};
	int r;

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (strcmp(tables[i].name, table) == 0)
			flip.table = tables[i].table;
	if (flip.table == CATALOG_TABLE_COUNT)
		return -1;
	r = catalog_store_open(dir, 1, &store);
	if (r == 0)
		r = catalog_store_write(store, flip_body, &flip);
	catalog_store_close(store);
	return r;
}

static uint32_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

/* Bytes in use, mostly: of the file's first part, where it is not empty. */
static int flip_raw(const char *path, uint64_t seed)
{
	uint64_t state = seed * 2654435761u + 1;
	uint8_t bytes[RAW_BYTES];
	int fd = open(path, O_RDWR);
	struct stat stat;
	size_t count;
	off_t at;

	if (fd < 0 || fstat(fd, &stat) != 0 || stat.st_size < RAW_BYTES)
		return -1;
	(void)next(&state);
	at = (off_t)(next(&state) % (uint32_t)(stat.st_size - RAW_BYTES));
	count = 1 + next(&state) % RAW_BYTES;
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)next(&state);
	if (pwrite(fd, bytes, count, at) != (ssize_t)count)
		return -1;
	return close(fd);
}

static int prune(const char *dir)
{
	struct catalog_store *store = NULL;
	int r = catalog_store_open(dir, 1, &store);
	size_t count;

	do {
		if (r == 0)
			r = catalog_prune_step(store, INT64_MAX, &count);
	} while (r == 0 && count > 0);
	catalog_store_close(store);
	return r;
}

int main(int argc, char **argv)
{
	int r = argc == 4                                    ? flip_value(argv[1], argv[2], argv[3])
		: argc == 3 && strcmp(argv[2], "prune") == 0 ? prune(argv[1])
		: argc == 3 ? flip_raw(argv[1], strtoull(argv[2], NULL, 10))
			    : -1;

	if (r != 0)
		(void)fprintf(stderr, "flip: %d\n", r);
	return r == 0 ? 0 : 1;
}
