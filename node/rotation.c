#include "node/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/keyfile.h"

#define SUFFIX_BYTES 8
#define NAME_BYTES   64

static int path_of(const char *dir, const char *name, const char *suffix,
		   char ret_path[NODE_DATADIR_PATH_BYTES], struct node_error *error)
{
	char file[NAME_BYTES + SUFFIX_BYTES];

	(void)snprintf(file, sizeof file, "%.*s%s", NAME_BYTES, name, suffix); /* it fits */
	return node_datadir_path(dir, file, ret_path, error);
}

int node_rotation_next(const char *dir, const char *name, char ret_path[NODE_DATADIR_PATH_BYTES],
		       struct node_error *ret_error)
{
	return path_of(dir, name, ".next", ret_path, ret_error);
}

int node_rotation_old(const char *dir, const char *name, char ret_path[NODE_DATADIR_PATH_BYTES],
		      struct node_error *ret_error)
{
	return path_of(dir, name, ".old", ret_path, ret_error);
}

bool node_rotation_is_on(const char *dir, const char *name)
{
	char path[NODE_DATADIR_PATH_BYTES];

	return node_rotation_next(dir, name, path, NULL) == 0 && access(path, F_OK) == 0;
}

static int failed(struct node_error *error, const char *path)
{
	int r = -errno;

	return node_error_set(error, r, "%s: %s", path, node_error_words(r));
}

static int synchronise(const char *dir, struct node_error *error)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return failed(error, dir);
	if (fsync(fd) != 0)
		r = failed(error, dir);
	(void)close(fd); /* nothing was written by it */
	return r;
}

int node_rotation_switch(const char *dir, const char *name, struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES], next[NODE_DATADIR_PATH_BYTES],
		old[NODE_DATADIR_PATH_BYTES];
	int r = path_of(dir, name, "", path, ret_error);

	if (r == 0)
		r = node_rotation_next(dir, name, next, ret_error);
	if (r == 0)
		r = node_rotation_old(dir, name, old, ret_error);
	if (r != 0)
		return r;
	if (access(next, F_OK) != 0)
		return failed(ret_error, next);
	if (unlink(old) != 0 && errno != ENOENT)
		return failed(ret_error, old);
	if (link(path, old) != 0 && errno != ENOENT)
		return failed(ret_error, old);
	if (rename(next, path) != 0)
		return failed(ret_error, next);
	return synchronise(dir, ret_error);
}

int node_rotation_settle(const char *dir, const struct catalog_charter *charter, bool *ret_switched,
			 struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_key key;
	bool is_encrypted, is_due;
	int r;

	if (ret_switched != NULL)
		*ret_switched = false;
	if (!node_rotation_is_on(dir, NODE_DATADIR_KEY))
		return 0;
	r = node_rotation_next(dir, NODE_DATADIR_KEY, path, ret_error);
	if (r == 0)
		r = node_keyfile_look(path, &is_encrypted, &key, ret_error);
	if (r != 0)
		return r;
	is_due = catalog_charter_member_with_key(charter, &key) != NULL;
	if (is_due)
		r = node_rotation_switch(dir, NODE_DATADIR_KEY, ret_error);
	if (r == 0 && ret_switched != NULL)
		*ret_switched = is_due;
	return r;
}
