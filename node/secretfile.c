#include "node/secretfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/datadir.h"

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

int node_secretfile_write(const char *path, struct catalog_span bytes, struct node_error *ret_error)
{
	int fd, r;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return node_error_set(ret_error, -EEXIST,
				      "%s: there is a key already, and fedcat never overwrites one "
				      "(move it away if it is not needed)",
				      path);
	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: cannot make the key file: %s", path,
				      node_error_words(r));
	}
	r = write_all(fd, bytes.bytes, bytes.len);
	if (close(fd) != 0 && r == 0)
		r = -errno;
	if (r == 0)
		return 0;
	(void)unlink(path); /* half a key is none; the error that matters is r */
	return node_error_set(ret_error, r, "%s: cannot write the key file: %s", path,
			      node_error_words(r));
}

int node_secretfile_replace(const char *path, struct catalog_span bytes,
			    struct node_error *ret_error)
{
	return node_datadir_write(path, bytes, 0600, ret_error);
}

/* Whether the open file is ours alone. */
static int check_owner(int fd, const char *path, struct node_error *ret_error)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) != 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: %s", path, node_error_words(r));
	}
	if (!S_ISREG(st.st_mode))
		return node_error_set(ret_error, -EBADMSG, "%s: is not a file", path);
	/* How secrets are mounted in a container, and systemd's credentials: root, who could read
	 * it anyway, lets one group read it, and it is ours. */
	if (st.st_uid == 0 && geteuid() != 0 && (st.st_mode & 037) == 0)
		return 0;
	if ((st.st_mode & 077) != 0)
		return node_error_set(
			ret_error, -EPERM,
			"%s: others may read or write this secret key (mode %04o).  If nobody has, "
			"run: chmod 600 '%s'.  If somebody may have, ask the council to replace "
			"the key",
			path, (unsigned)(st.st_mode & 07777), path);
	if (st.st_uid != geteuid())
		return node_error_set(ret_error, -EPERM,
				      "%s: belongs to user %u, not to the user that runs this "
				      "(%u); run as that user or change the owner",
				      path, (unsigned)st.st_uid, (unsigned)geteuid());
	return 0;
}

/* Read up to room bytes.  Returns how many, or a negative errno. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, bytes + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int node_secretfile_read(const char *path, char *ret_bytes, size_t room, size_t *ret_len,
			 struct node_error *ret_error)
{
	ssize_t len;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: cannot open the key file: %s", path,
				      node_error_words(r));
	}
	r = check_owner(fd, path, ret_error);
	if (r != 0)
		goto out;
	len = read_all(fd, ret_bytes, room);
	if (len < 0)
		r = node_error_set(ret_error, (int)len, "%s: cannot read the key file: %s", path,
				   node_error_words((int)len));
	else
		*ret_len = (size_t)len;
out:
	(void)close(fd); /* read only: nothing to lose */
	return r;
}
