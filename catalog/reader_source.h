/* catalog/reader_source.h - the bytes of a source: read in blocks, rewound, with progress.
 *
 * Threads  none: one caller at a time.
 */
#ifndef CATALOG_READER_SOURCE_H
#define CATALOG_READER_SOURCE_H

#include <stdio.h>

#include "catalog/buffer.h"
#include "catalog/reader.h"

#define CATALOG_READER_SOURCE_BLOCK_BYTES (64u * 1024)

struct catalog_reader_source {
	FILE *file;
	uint64_t done_bytes;
	uint64_t total_bytes;
	catalog_reader_progress progress; /* NULL while a file is only being looked at */
	void *progress_arg;
};

/* Open path; "-" is standard input, spooled into an unnamed file in temporary_dir (NULL: see
 * catalog_reader_source_temporary()).  The caller ends it with catalog_reader_source_close().
 * Returns 0, -EISDIR, or what the file system says. */
int catalog_reader_source_open(const char *path, const char *temporary_dir,
			       struct catalog_reader_source *ret_source);

/* Read from bytes in memory, borrowed until the close.  Returns 0, -ENOMEM. */
int catalog_reader_source_of_bytes(struct catalog_span bytes,
				   struct catalog_reader_source *ret_source);

void catalog_reader_source_close(struct catalog_reader_source *source);

/* Fill block with the next at most CATALOG_READER_SOURCE_BLOCK_BYTES; *ret_len is 0 at the end.
 * Returns 0, -EIO. */
int catalog_reader_source_read(struct catalog_reader_source *source, void *block, size_t *ret_len);

/* Begin again.  Returns 0, -EIO. */
int catalog_reader_source_rewind(struct catalog_reader_source *source);

/* Make an unnamed file, gone when closed, in temporary_dir (NULL: $TMPDIR, else /tmp).
 * Returns 0, or what the file system says. */
int catalog_reader_source_temporary(const char *temporary_dir, FILE **ret_file);

#endif
