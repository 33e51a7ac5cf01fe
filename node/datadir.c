#include "node/datadir.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/charter_store.h"
#include "node/keyfile.h"

int node_datadir_default(char ret_dir[NODE_DATADIR_PATH_BYTES], struct node_error *ret_error)
{
	const char *below, *base;
	int len;

	if ((base = getenv("FEDCAT_DIR")) != NULL && base[0] != '\0')
		below = "";
	else if ((base = getenv("XDG_DATA_HOME")) != NULL && base[0] == '/')
		below = "/fedcat";
	else if ((base = getenv("HOME")) != NULL && base[0] == '/')
		below = "/.local/share/fedcat";
	else
		return node_error_set(ret_error, -ENOENT,
				      "no directory for the node: name one with --dir=DIRECTORY "
				      "(neither FEDCAT_DIR nor HOME is set)");
	len = snprintf(ret_dir, NODE_DATADIR_PATH_BYTES, "%s%s", base, below);
	if (len < 0 || len >= NODE_DATADIR_PATH_BYTES)
		return node_error_set(ret_error, -ENAMETOOLONG, "%.100s...: the path is too long",
				      base);
	return 0;
}

int node_datadir_path(const char *dir, const char *name, char ret_path[NODE_DATADIR_PATH_BYTES],
		      struct node_error *ret_error)
{
	int len = snprintf(ret_path, NODE_DATADIR_PATH_BYTES, "%s/%s", dir, name);

	if (len < 0 || len >= NODE_DATADIR_PATH_BYTES)
		return node_error_set(ret_error, -ENAMETOOLONG, "%.100s...: the path is too long",
				      dir);
	return 0;
}

/* Append what is in the open file, at most len_max bytes. */
static int read_all(int fd, size_t len_max, struct catalog_buffer *bytes)
{
	uint8_t part[16384];
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, part, sizeof part);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		len += (size_t)n;
		if (len > len_max)
			return -E2BIG;
		r = catalog_buffer_append(bytes, part, (size_t)n);
		if (r != 0)
			return r;
	}
}

int node_datadir_read(const char *path, size_t len_max, struct catalog_buffer *ret_bytes,
		      struct node_error *ret_error)
{
	struct catalog_buffer bytes = {0};
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: %s", path, node_error_words(r));
	}
	r = read_all(fd, len_max, &bytes);
	(void)close(fd); /* read only: nothing to lose */
	if (r == 0)
		r = catalog_buffer_append(ret_bytes, bytes.bytes, bytes.len);
	catalog_buffer_close(&bytes);
	if (r == -E2BIG)
		return node_error_set(ret_error, r, "%s: longer than %zu bytes", path, len_max);
	return r == 0 ? 0
		      : node_error_set(ret_error, r, "%s: cannot read: %s", path,
				       node_error_words(r));
}

/* Synchronise the directory that path is in, so that its new name outlives a power cut. */
static int sync_parent(const char *path)
{
	char parent[NODE_DATADIR_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	int fd, r = 0;

	if (slash == NULL)
		(void)snprintf(parent, sizeof parent, "."); /* it fits */
	else
		(void)snprintf(parent, sizeof parent, "%.*s/", (int)(slash - path), path);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) != 0)
		r = -errno;
	(void)close(fd); /* read only: nothing to lose */
	return r;
}

static int write_all(int fd, struct catalog_span bytes)
{
	size_t done = 0;

	while (done < bytes.len) {
		ssize_t n = write(fd, bytes.bytes + done, bytes.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

int node_datadir_write(const char *path, struct catalog_span bytes, unsigned mode,
		       struct node_error *ret_error)
{
	char draft[NODE_DATADIR_PATH_BYTES + 8];
	int fd, r;

	(void)snprintf(draft, sizeof draft, "%s.new", path); /* it fits: path is no longer */
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: cannot make: %s", draft,
				      node_error_words(r));
	}
	/* Whatever the umask, or the mode of a draft that a crash has left. */
	r = fchmod(fd, (mode_t)mode) == 0 ? write_all(fd, bytes) : -errno;
	if (close(fd) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(draft, path) != 0)
		r = -errno;
	if (r == 0)
		return (r = sync_parent(path)) == 0
			       ? 0
			       : node_error_set(ret_error, r, "%s: cannot synchronise: %s", path,
						node_error_words(r));
	(void)unlink(draft); /* the old file is untouched, which is what matters */
	return node_error_set(ret_error, r, "%s: cannot write: %s", path, node_error_words(r));
}

int node_datadir_lock(const char *dir, int *ret_fd, struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES], holder[32] = "", mine[32];
	int fd, len, r;

	r = node_datadir_path(dir, NODE_DATADIR_LOCK, path, ret_error);
	if (r != 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		r = -errno;
		if (r == -ENOENT)
			return node_error_set(ret_error, r,
					      "%s: there is no such directory; `fedcat init` or "
					      "`fedcat federation create` makes one",
					      dir);
		return node_error_set(ret_error, r, "%s: cannot open the lock: %s", path,
				      node_error_words(r));
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
		if (r == -EBUSY && pread(fd, holder, sizeof holder - 1, 0) > 0)
			holder[strcspn(holder, "\n")] = '\0';
		(void)close(fd); /* nothing was written */
		return r == -EBUSY ? node_error_set(ret_error, r,
						    "%s: in use by process %s; stop it, or wait "
						    "until it is done",
						    dir, holder[0] != '\0' ? holder : "(unknown)")
				   : node_error_set(ret_error, r, "%s: cannot lock: %s", path,
						    node_error_words(r));
	}
	/* Whose it is, for the sentence above; the lock holds whatever the file says. */
	len = snprintf(mine, sizeof mine, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, mine, (size_t)len, 0) != len) {
		r = -errno;
		(void)close(fd); /* gives the lock back */
		return node_error_set(ret_error, r, "%s: cannot write: %s", path,
				      node_error_words(r));
	}
	*ret_fd = fd;
	return 0;
}

void node_datadir_unlock(int fd)
{
	assert(fd >= 0);
	(void)close(fd); /* the lock goes with the last descriptor */
}

/* What is wrong with the charter at path, in words; or the charter. */
static int parse_charter(const char *path, struct catalog_span bytes,
			 struct catalog_charter **ret_charter, struct node_error *ret_error)
{
	int r = catalog_charter_new(bytes, ret_charter);

	if (r == -EKEYREJECTED)
		return node_error_set(
			ret_error, r,
			"%s: its signatures do not verify; get the charter again from "
			"a member that you trust",
			path);
	if (r != 0)
		return node_error_set(
			ret_error, r,
			"%s: is no charter that this version can read (%s); get it again "
			"from a member, or update fedcat",
			path, node_error_words(r));
	return 0;
}

int node_datadir_charter(const char *dir, struct catalog_charter **ret_charter,
			 struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_buffer bytes = {0};
	int r;

	r = node_datadir_path(dir, NODE_DATADIR_CHARTER, path, ret_error);
	if (r == 0)
		r = node_datadir_read(path, NODE_DATADIR_CHARTER_MAX, &bytes, ret_error);
	if (r == -ENOENT)
		return node_error_set(ret_error, r,
				      "%s: there is no charter; get the federation's charter file "
				      "from a member and run `fedcat init`, or found a federation "
				      "with `fedcat federation create`",
				      path);
	if (r == 0)
		r = parse_charter(path, catalog_buffer_span(&bytes), ret_charter, ret_error);
	catalog_buffer_close(&bytes);
	return r;
}

int node_datadir_adopt_bytes(const char *dir, const char *from, struct catalog_span bytes,
			     struct node_error *ret_error)
{
	struct catalog_charter *charter = NULL, *ours = NULL;
	char ours_path[NODE_DATADIR_PATH_BYTES];
	int r;

	r = node_datadir_path(dir, NODE_DATADIR_CHARTER, ours_path, ret_error);
	if (r == 0)
		r = parse_charter(from, bytes, &charter, ret_error);
	if (r != 0)
		goto out;
	r = node_datadir_charter(dir, &ours, ret_error);
	if (r == 0) {
		/* Which of two is newer is not decided here: ours may have grown since. */
		if (memcmp(catalog_charter_federation(charter), catalog_charter_federation(ours),
			   sizeof(struct catalog_hash)) != 0)
			r = node_error_set(
				ret_error, -EKEYREJECTED,
				"%s: is the charter of another federation than %s, which "
				"this node has been in; use another directory",
				from, ours_path);
		goto out;
	}
	if (r != -ENOENT)
		goto out;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		r = -errno;
		(void)node_error_set(ret_error, r, "%s: cannot make: %s", dir, node_error_words(r));
		goto out;
	}
	r = node_datadir_write(ours_path, bytes, 0644, ret_error);
out:
	catalog_charter_free(charter);
	catalog_charter_free(ours);
	return r;
}

int node_datadir_adopt(const char *dir, const char *path, struct node_error *ret_error)
{
	struct catalog_buffer bytes = {0};
	int r = node_datadir_read(path, NODE_DATADIR_CHARTER_MAX, &bytes, ret_error);

	if (r == 0)
		r = node_datadir_adopt_bytes(dir, path, catalog_buffer_span(&bytes), ret_error);
	catalog_buffer_close(&bytes);
	return r;
}

static int find_member(const char *path, const struct catalog_charter *charter,
		       const struct catalog_key *key, const struct catalog_member **ret_member,
		       struct node_error *ret_error)
{
	char fingerprint[NODE_KEYFILE_FINGERPRINT_BYTES];
	const struct catalog_member *member = catalog_charter_member_with_key(charter, key);

	if (member == NULL) {
		node_keyfile_fingerprint(key, fingerprint);
		return node_error_set(ret_error, -EKEYREJECTED,
				      "%s: the key %s is no member's of %s; use the key that was "
				      "admitted, or remove the file to run without publishing",
				      path, fingerprint, catalog_charter_name(charter));
	}
	*ret_member = member;
	return 0;
}

int node_datadir_keep_charter(const char *dir, const struct catalog_charter *charter,
			      struct node_error *ret_error)
{
	struct catalog_span bytes = catalog_charter_bytes(charter);
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_buffer kept = {0};
	struct node_error why;
	bool is_kept;
	int r = node_datadir_path(dir, NODE_DATADIR_CHARTER, path, ret_error);

	if (r != 0)
		return r;
	is_kept = node_datadir_read(path, CATALOG_CHARTER_BYTES_MAX, &kept, &why) == 0 &&
		  kept.len == bytes.len && memcmp(kept.bytes, bytes.bytes, bytes.len) == 0;
	catalog_buffer_close(&kept);
	return is_kept ? 0 : node_datadir_write(path, bytes, 0644, ret_error);
}

int node_datadir_amended(const char *dir, struct catalog_store *store,
			 struct catalog_charter *charter, struct node_error *ret_error)
{
	char why[CATALOG_CHANGE_WHY_BYTES] = "";
	int r = catalog_charter_store_open(store, charter, why);

	if (r == -EPROTO)
		return node_error_set(ret_error, r,
				      "%s: %s; the file and the store do not go "
				      "together",
				      dir, why);
	if (r != 0)
		return node_error_set(ret_error, r, "%s: bringing the charter up to date: %s", dir,
				      node_error_words(r));
	return node_datadir_keep_charter(dir, charter, ret_error);
}

bool node_datadir_is_joining(const char *dir)
{
	char path[NODE_DATADIR_PATH_BYTES];
	struct node_error error;

	return node_datadir_path(dir, NODE_DATADIR_JOINING, path, &error) == 0 &&
	       access(path, F_OK) == 0;
}

int node_datadir_member_at(const char *path, const struct catalog_charter *charter,
			   struct catalog_secret *ret_secret,
			   const struct catalog_member **ret_member, struct node_error *ret_error)
{
	struct catalog_secret secret;
	struct catalog_key key;
	int r;

	r = node_keyfile_read(path, &secret, ret_error);
	if (r != 0)
		return r;
	node_keyfile_public(&secret, &key);
	r = find_member(path, charter, &key, ret_member, ret_error);
	if (r == 0)
		*ret_secret = secret;
	node_keyfile_wipe(&secret);
	return r;
}

int node_datadir_member(const char *dir, const struct catalog_charter *charter,
			struct catalog_secret *ret_secret, const struct catalog_member **ret_member,
			struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(dir, NODE_DATADIR_KEY, path, ret_error);

	return r == 0 ? node_datadir_member_at(path, charter, ret_secret, ret_member, ret_error)
		      : r;
}

int node_datadir_whose(const char *dir, const struct catalog_charter *charter,
		       const struct catalog_member **ret_member, struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_key key;
	bool is_encrypted;
	int r;

	r = node_datadir_path(dir, NODE_DATADIR_KEY, path, ret_error);
	if (r == 0)
		r = node_keyfile_look(path, &is_encrypted, &key, ret_error);
	return r == 0 ? find_member(path, charter, &key, ret_member, ret_error) : r;
}

int node_datadir_store(const char *dir, struct catalog_store **ret_store,
		       struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	uint64_t incarnation;
	int r;

	r = node_datadir_path(dir, NODE_DATADIR_STORE, path, ret_error);
	if (r != 0)
		return r;
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: cannot make: %s", path,
				      node_error_words(r));
	}
	r = sodium_init();
	assert(r >= 0);
	randombytes_buf(&incarnation, sizeof incarnation);
	r = catalog_store_open(path, incarnation, ret_store);
	if (r == -EPROTONOSUPPORT)
		return node_error_set(ret_error, r,
				      "%s: was written by a newer fedcat; update fedcat to read it",
				      path);
	if (r != 0)
		return node_error_set(ret_error, r, "%s: cannot open the store: %s", path,
				      node_error_words(r));
	return 0;
}
