/* catalog/reader_sink.h - where the readers of all formats put their records: makes the local id,
 * checks the listing, finds ids given twice, tells the caller.
 *
 * Memory   16 bytes for each record in a table up to a quarter empty, for at most
 * CATALOG_READER_SINK_RECORDS_MAX records. Threads  none: one caller at a time.
 */
#ifndef CATALOG_READER_SINK_H
#define CATALOG_READER_SINK_H

#include "catalog/reader.h"
#include "catalog/reader_build.h"

#define CATALOG_READER_SINK_RECORDS_MAX (8u * 1024 * 1024) /* in one source */

/* Where a record is.  Its number is counted here. */
struct catalog_reader_place {
	uint64_t line;    /* from 1; 0 if the format does not say */
	const char *name; /* said in place of the line if that is 0; may be NULL */
	bool is_outer;    /* it stands alone, or is a line of JSON lines: in no catalogue object */
};

struct catalog_reader_sink {
	catalog_reader_each each;
	void *arg;
	uint64_t count; /* records so far, good or not */
	struct catalog_reader_seen *seen;
	size_t seen_count, seen_room;
};

/* Begin with a sink that tells each; arg is passed through. */
void catalog_reader_sink_init(struct catalog_reader_sink *sink, catalog_reader_each each,
			      void *arg);
void catalog_reader_sink_close(struct catalog_reader_sink *sink);

/* Deliver a finished listing, which moves out of build (build is closed whatever is returned).
 * identifier (borrowed) is the best name that the source gives the dataset, of which the local id
 * is made; NULL or "": one is looked for in the listing, see docs/listing.md.  What
 * catalog_listing_check() refuses, or an id that another listing has, is told as rejected.
 * Returns 0, -ENOMEM, -E2BIG if there are too many records, or what each returned. */
int catalog_reader_sink_put(struct catalog_reader_sink *sink,
			    const struct catalog_reader_place *place, const char *identifier,
			    struct catalog_reader_build *build);

/* Tell of a record that could not even be read.  Returns 0 or what each returned. */
int catalog_reader_sink_reject(struct catalog_reader_sink *sink,
			       const struct catalog_reader_place *place, const char *found,
			       const char *expected);

#endif
