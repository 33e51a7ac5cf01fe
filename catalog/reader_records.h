/* catalog/reader_records.h - the records of a JSON file as values, one at a time; one that is no
 * JSON, or too big, is told to the sink as rejected and the others go on. */
#ifndef CATALOG_READER_RECORDS_H
#define CATALOG_READER_RECORDS_H

#include "catalog/reader_sink.h"
#include "catalog/reader_source.h"
#include "catalog/value.h"

/* What to do with what was found; each may be NULL.  Non-zero stops and is returned. */
struct catalog_reader_records {
	/* A record, which may be changed; it is freed by the caller of this. */
	int (*record)(void *arg, struct catalog_value *record,
		      const struct catalog_reader_place *place);
	/* A member of the object that holds the array of records: "language", "@context". What
	 * stands behind the array comes too late.  An object that turns out to be a record itself
	 * tells its members, too, and comes as a record that is_outer then. */
	int (*member)(void *arg, const char *key, const struct catalog_value *value);
	void *arg;
};

/* Read source from its beginning.  Returns 0, -EBADMSG with *ret_error, -EIO, -ENOMEM, or what a
 * callback or the sink returned. */
int catalog_reader_records_read(struct catalog_reader_source *source,
				struct catalog_reader_sink *sink,
				const struct catalog_reader_records *records,
				struct catalog_reader_error *ret_error);

#endif
