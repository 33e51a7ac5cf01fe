/* tests/scratch.h - a directory of its own for a test, and a store in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/store.h"
#include "tests/test.h"

#define SCRATCH_BYTES 40

/* Make an empty directory. */
static inline void scratch_make(char ret_dir[SCRATCH_BYTES])
{
	(void)snprintf(ret_dir, SCRATCH_BYTES, "/tmp/fedcat_test.XXXXXX");
	assert_non_null(mkdtemp(ret_dir));
}

/* Remove a directory and the files in it. */
static inline void scratch_remove(const char *dir)
{
	DIR *files = opendir(dir);
	char path[SCRATCH_BYTES + 256];

	assert_non_null(files);
	for (struct dirent *file; (file = readdir(files)) != NULL;) {
		if (strcmp(file->d_name, ".") == 0 || strcmp(file->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", dir, file->d_name);
		assert_int_equal(unlink(path), 0);
	}
	closedir(files);
	assert_int_equal(rmdir(dir), 0);
}

/* Make a directory with an empty store of this incarnation. */
static inline struct catalog_store *scratch_store(char ret_dir[SCRATCH_BYTES], uint64_t incarnation)
{
	struct catalog_store *store = NULL;

	scratch_make(ret_dir);
	assert_int_equal(catalog_store_open(ret_dir, incarnation, &store), 0);
	return store;
}

/* Close a store and remove its directory. */
static inline void scratch_end(const char *dir, struct catalog_store *store)
{
	catalog_store_close(store);
	scratch_remove(dir);
}

#endif
