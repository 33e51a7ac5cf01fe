#include "tests/sim/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "gossip/random.h"

#define SECTOR 512

/* A write that is not durable yet. */
struct written {
	off_t at;
	size_t len;
	uint8_t *before, *after;
};

struct disk {
	struct disk *next;
	char *path;
	dev_t device;
	ino_t inode;
	struct gossip_random random;
	unsigned long operations, fail_at; /* ULONG_MAX: never */
	bool has_failed, is_full;
	size_t count, room;
	struct written
		*written; /* since the last synchronisation; of a failed disk, what is left */
};

static struct disk *disks;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "simulated disk: %s\n", what);
	exit(99);
}

static ssize_t real_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return syscall(SYS_pwrite64, fd, bytes, len, at);
}

/* --- making ----------------------------------------------------------------------------------- */

struct disk *disk_new(const char *path, uint64_t seed)
{
	struct disk *disk = calloc(1, sizeof *disk);
	struct stat file;

	must(disk != NULL && (disk->path = strdup(path)) != NULL, "memory");
	must(stat(path, &file) == 0, "no such file");
	disk->device = file.st_dev;
	disk->inode = file.st_ino;
	disk->random.state = seed;
	disk->fail_at = ULONG_MAX;
	disk->next = disks;
	disks = disk;
	return disk;
}

static void forget(struct disk *disk)
{
	for (size_t i = 0; i < disk->count; i++) {
		free(disk->written[i].before);
		free(disk->written[i].after);
	}
	disk->count = 0;
}

void disk_free(struct disk *disk)
{
	struct disk **at = &disks;

	if (disk == NULL)
		return;
	while (*at != disk)
		at = &(*at)->next;
	*at = disk->next;
	forget(disk);
	free(disk->written);
	free(disk->path);
	free(disk);
}

void disk_arm(struct disk *disk, unsigned long operations)
{
	disk->fail_at = disk->operations + operations;
}

bool disk_has_failed(const struct disk *disk)
{
	return disk->has_failed;
}

void disk_fill(struct disk *disk, bool is_full)
{
	disk->is_full = is_full;
}

unsigned long disk_operations(const struct disk *disk)
{
	return disk->operations;
}

/* --- writing ---------------------------------------------------------------------------------- */

static struct disk *disk_of(int fd, struct stat *ret_file)
{
	if (disks == NULL || fstat(fd, ret_file) != 0)
		return NULL;
	for (struct disk *disk = disks; disk != NULL; disk = disk->next)
		if (disk->inode == ret_file->st_ino && disk->device == ret_file->st_dev)
			return disk;
	return NULL;
}

/* LMDB opens some descriptors for writing only. */
static void read_file(const struct disk *disk, off_t at, uint8_t *ret_bytes, size_t len)
{
	int fd = open(disk->path, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	memset(ret_bytes, 0, len); /* beyond the end there is nothing */
	if (fd >= 0)
		got = pread(fd, ret_bytes, len, at);
	must(got >= 0 && close(fd) == 0, "read what is overwritten");
}

static void remember(struct disk *disk, off_t at, const void *bytes, size_t len)
{
	struct written *written;

	if (disk->count == disk->room) {
		disk->room = 2 * disk->room + 64;
		disk->written = realloc(disk->written, disk->room * sizeof *disk->written);
		must(disk->written != NULL, "memory");
	}
	written = &disk->written[disk->count++];
	*written = (struct written){at, len, malloc(len + 1), malloc(len + 1)};
	must(written->before != NULL && written->after != NULL, "memory");
	memcpy(written->after, bytes, len);
	read_file(disk, at, written->before, len);
}

/* Decide which of the writes are there: one that is not leaves what was there before. */
void disk_fail(struct disk *disk)
{
	disk->has_failed = true;
	for (size_t i = 0; i < disk->count; i++) {
		struct written *written = &disk->written[i];
		size_t len = written->len;

		switch (gossip_random_below(&disk->random, 4)) {
		case 0: len = 0; break;
		case 1: len = SECTOR * gossip_random_below(&disk->random, len / SECTOR + 1); break;
		default: break;
		}
		memcpy(written->after + len, written->before + len, written->len - len);
	}
}

/* Count an operation.  Returns whether it is the last, at which the power goes. */
static bool is_last(struct disk *disk)
{
	return disk->operations++ >= disk->fail_at;
}

static ssize_t fail(int code)
{
	errno = code;
	return -1;
}

static ssize_t write_at(int fd, const void *bytes, size_t len, off_t at)
{
	struct stat file;
	struct disk *disk = disk_of(fd, &file);
	bool is_durable;

	if (disk == NULL)
		return real_pwrite(fd, bytes, len, at);
	if (disk->has_failed)
		return fail(EIO);
	if (disk->is_full && at + (off_t)len > file.st_size)
		return fail(ENOSPC);
	is_durable = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
	if (is_last(disk)) {
		if (!is_durable)
			remember(disk, at, bytes, len);
		else if (gossip_random_below(&disk->random, 2) == 0)
			must(real_pwrite(fd, bytes, len, at) == (ssize_t)len, "write");
		disk_fail(disk);
		return fail(EIO);
	}
	if (!is_durable)
		remember(disk, at, bytes, len);
	return real_pwrite(fd, bytes, len, at);
}

/* All that was written is durable: also what is left when the power goes in the middle of this. */
static int synchronise(int fd, int (*real)(int fd))
{
	struct stat file;
	struct disk *disk = disk_of(fd, &file);

	if (disk == NULL)
		return real(fd);
	if (disk->has_failed)
		return (int)fail(EIO);
	if (is_last(disk)) {
		disk_fail(disk);
		return (int)fail(EIO);
	}
	forget(disk);
	return 0;
}

void disk_revive(struct disk *disk)
{
	int fd;

	if (!disk->has_failed)
		return;
	fd = open(disk->path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0, "open the file");
	disk->has_failed = false;
	disk->fail_at = ULONG_MAX;
	for (size_t i = disk->count; i-- > 0;)
		must(real_pwrite(fd, disk->written[i].before, disk->written[i].len,
				 disk->written[i].at) == (ssize_t)disk->written[i].len,
		     "take a write back");
	for (size_t i = 0; i < disk->count; i++)
		must(real_pwrite(fd, disk->written[i].after, disk->written[i].len,
				 disk->written[i].at) == (ssize_t)disk->written[i].len,
		     "leave a write");
	must(close(fd) == 0, "close the file");
	forget(disk);
}

/* --- in place of the C library's -------------------------------------------------------------- */

static int real_fdatasync(int fd)
{
	return (int)syscall(SYS_fdatasync, fd);
}

static int real_fsync(int fd)
{
	return (int)syscall(SYS_fsync, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return write_at(fd, bytes, len, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	struct stat file;
	off_t at;
	ssize_t sum = 0;

	if (disk_of(fd, &file) == NULL)
		return syscall(SYS_writev, fd, parts, count);
	at = lseek(fd, 0, SEEK_CUR);
	for (int i = 0; i < count; i++) {
		ssize_t len = write_at(fd, parts[i].iov_base, parts[i].iov_len, at + sum);

		if (len < 0)
			return len;
		sum += len;
	}
	must(lseek(fd, at + sum, SEEK_SET) >= 0, "seek");
	return sum;
}

int fdatasync(int fd)
{
	return synchronise(fd, real_fdatasync);
}

int fsync(int fd)
{
	return synchronise(fd, real_fsync);
}
