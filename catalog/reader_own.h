/* catalog/reader_own.h - what an export of ours says beyond its format, under names that begin with
 * "fedcat:", in every format the same. */
#ifndef CATALOG_READER_OWN_H
#define CATALOG_READER_OWN_H

#include <stdbool.h>

#include "catalog/reader_build.h"
#include "catalog/value.h"

#define CATALOG_READER_OWN_TEXT_BYTES 4096
#define CATALOG_READER_OWN_CHECKPOINT "/checkpoint" /* of the log, after its URL */

struct catalog_reader_own {
	bool is_ours; /* there is an id */
	bool has_source;
	char id[CATALOG_READER_OWN_TEXT_BYTES];     /* fedcat:id, the local id */
	char source[CATALOG_READER_OWN_TEXT_BYTES]; /* fedcat:source, the IRI that the source gave
						     */
	char language[CATALOG_READER_BUILD_LANGUAGE_BYTES]; /* fedcat:language, of text that does
							       not say; "" if it is not there */
	struct catalog_value *exact; /* fedcat:exact, a patch (catalog/exact.h) as JSON text */
};

/* Take it out of record, with the links that "fedcat:receipt" and "fedcat:log" repeat
 * (catalog/export_dcat.h): they are the exporter's and not the listing's.  The caller ends ret_own
 * with catalog_reader_own_close(). */
void catalog_reader_own_take(struct catalog_value *record, struct catalog_reader_own *ret_own);
void catalog_reader_own_close(struct catalog_reader_own *own);

/* Make the listing that was read of the rest what the export was made of. */
void catalog_reader_own_apply(const struct catalog_reader_own *own,
			      struct catalog_reader_build *build);

/* Move what was noted as original into the listing, as catalog_reader_sink_put() will.  Returns 0,
 * -ENOMEM. */
int catalog_reader_own_settle(struct catalog_reader_build *build);

#endif
