/* catalog/reader.h - catalogues as institutions have them, one listing at a time.
 *
 * Memory stays bounded whatever the file's length: formats that scatter a dataset over the file
 * (RDF) are gathered in a temporary directory beside it.
 */
#ifndef CATALOG_READER_H
#define CATALOG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/listing.h"
#include "catalog/value.h"

#define CATALOG_READER_RECORD_BYTES_MAX (8u * 1024 * 1024) /* one record in the source */

enum catalog_reader_format {
	CATALOG_READER_AUTO, /* by content */
	CATALOG_READER_DATAJSON,
	CATALOG_READER_CKAN,
	CATALOG_READER_JSONLD,
	CATALOG_READER_TURTLE,
	CATALOG_READER_NTRIPLES,
	CATALOG_READER_RDFXML,
	CATALOG_READER_CSV,
	CATALOG_READER_NATIVE, /* our own JSON lines: {"id": ..., "listing": {...}}, as `fedcat
				  export --format native` writes */
};

/* One record of the source. */
struct catalog_reader_record {
	const char *place; /* "record 17 (line 120)": where in the source, for people */
	const char *id;    /* local id; NULL if it could not be made */
	const struct catalog_value *listing;   /* borrowed; NULL if rejected */
	const struct catalog_problem *problem; /* why rejected; NULL if not */
	unsigned repairs;                      /* how many properties were repaired */
	bool is_repeat;                        /* an earlier record said exactly the same */
};

/* Called for each record, good or rejected.  Non-zero stops reading and is returned. */
typedef int (*catalog_reader_each)(void *arg, const struct catalog_reader_record *record);

/* Progress: bytes of the source read so far, of total. */
typedef void (*catalog_reader_progress)(void *arg, uint64_t done_bytes, uint64_t total_bytes);

struct catalog_reader_options {
	enum catalog_reader_format format;
	const char *temporary_dir;    /* for RDF; NULL: $TMPDIR or /tmp */
	const char *default_language; /* BCP 47 for text whose language nobody says; NULL: und */
	catalog_reader_progress progress; /* may be NULL */
	void *progress_arg;
};

struct catalog_reader_error {
	char text[300]; /* a sentence: what is wrong with the file as a whole, and what to do */
};

/* Read the file at path.  Returns 0, -EBADMSG with *ret_error if the file as a whole cannot be read
 * as its format (records before the place were delivered), -EINVAL and *ret_error if
 * default_language is no language, -ENOENT etc. and *ret_error from the file system, -ENOMEM, or
 * what each returned. */
int catalog_reader_read(const char *path, const struct catalog_reader_options *options,
			catalog_reader_each each, void *arg,
			struct catalog_reader_error *ret_error);

/* The same of bytes in memory, borrowed for the call. */
int catalog_reader_read_bytes(struct catalog_span bytes,
			      const struct catalog_reader_options *options,
			      catalog_reader_each each, void *arg,
			      struct catalog_reader_error *ret_error);

/* "datajson", "ckan", "jsonld", "turtle", "ntriples", "rdfxml", "csv", "native", "auto" <-> format.
 * Returns 0, -EINVAL. */
int catalog_reader_format_named(const char *name, enum catalog_reader_format *ret_format);
const char *catalog_reader_format_name(enum catalog_reader_format format);

#endif
