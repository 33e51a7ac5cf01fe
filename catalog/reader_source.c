#include "catalog/reader_source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int catalog_reader_source_temporary(const char *temporary_dir, FILE **ret_file)
{
	char path[4096];
	FILE *file = NULL;
	int fd, n;

	if (temporary_dir == NULL)
		temporary_dir = getenv("TMPDIR");
	if (temporary_dir == NULL || temporary_dir[0] == '\0')
		temporary_dir = "/tmp";
	n = snprintf(path, sizeof path, "%s/fedcat-XXXXXX", temporary_dir);
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	fd = mkstemp(path);
	if (fd < 0)
		return -errno;
	(void)unlink(path); /* if it stays, it is a stray file and nothing worse */
	file = fdopen(fd, "w+b");
	if (file == NULL) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_file = file;
	return 0;
}

/* Standard input cannot be rewound: keep a copy of it. */
static int spool(const char *temporary_dir, FILE **ret_file)
{
	char block[CATALOG_READER_SOURCE_BLOCK_BYTES];
	FILE *file = NULL;
	size_t len;
	int r = catalog_reader_source_temporary(temporary_dir, &file);

	if (r < 0)
		return r;
	while ((len = fread(block, 1, sizeof block, stdin)) > 0) {
		if (fwrite(block, 1, len, file) != len) {
			r = -errno;
			goto out;
		}
	}
	if (ferror(stdin) != 0 || fflush(file) != 0) {
		r = -EIO;
		goto out;
	}
	rewind(file);
	*ret_file = file;
	file = NULL;
out:
	if (file != NULL)
		fclose(file);
	return r;
}

int catalog_reader_source_open(const char *path, const char *temporary_dir,
			       struct catalog_reader_source *ret_source)
{
	struct catalog_reader_source source = {0};
	struct stat st;
	int r;

	if (strcmp(path, "-") == 0) {
		r = spool(temporary_dir, &source.file);
		if (r < 0)
			return r;
	} else {
		source.file = fopen(path, "rb");
		if (source.file == NULL)
			return -errno;
	}
	if (fstat(fileno(source.file), &st) != 0)
		r = -errno;
	else
		r = S_ISDIR(st.st_mode) ? -EISDIR : S_ISREG(st.st_mode) ? 0 : -ESPIPE;
	if (r < 0) {
		fclose(source.file);
		return r;
	}
	source.total_bytes = (uint64_t)st.st_size;
	*ret_source = source;
	return 0;
}

int catalog_reader_source_of_bytes(struct catalog_span bytes,
				   struct catalog_reader_source *ret_source)
{
	struct catalog_reader_source source = {.total_bytes = bytes.len};

	/* fmemopen() of nothing fails on some systems, and its "r" mode writes nothing. */
	if (bytes.len == 0)
		source.file = fopen("/dev/null", "rb");
	else
		source.file = fmemopen((void *)(uintptr_t)bytes.bytes, bytes.len, "rb");
	if (source.file == NULL)
		return -ENOMEM;
	*ret_source = source;
	return 0;
}

void catalog_reader_source_close(struct catalog_reader_source *source)
{
	if (source->file != NULL)
		fclose(source->file);
	*source = (struct catalog_reader_source){0};
}

int catalog_reader_source_read(struct catalog_reader_source *source, void *block, size_t *ret_len)
{
	size_t len;

	assert(source->file != NULL);
	len = fread(block, 1, CATALOG_READER_SOURCE_BLOCK_BYTES, source->file);
	if (len == 0 && ferror(source->file) != 0)
		return -EIO;
	source->done_bytes += len;
	if (source->progress != NULL)
		source->progress(source->progress_arg, source->done_bytes, source->total_bytes);
	*ret_len = len;
	return 0;
}

int catalog_reader_source_rewind(struct catalog_reader_source *source)
{
	if (fseeko(source->file, 0, SEEK_SET) != 0)
		return -EIO;
	source->done_bytes = 0;
	return 0;
}
