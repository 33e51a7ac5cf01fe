/* catalog/export.h - listings as other people's tools read them. */
#ifndef CATALOG_EXPORT_H
#define CATALOG_EXPORT_H

#include "catalog/buffer.h"
#include "catalog/value.h"

enum catalog_export_format {
	CATALOG_EXPORT_JSONLD, /* one object with @context and @graph of dcat:Dataset (DCAT-AP 3) */
	CATALOG_EXPORT_DATAJSON, /* DCAT-US 1.1 data.json */
	CATALOG_EXPORT_NTRIPLES, /* DCAT-AP 3 */
	CATALOG_EXPORT_NATIVE,   /* JSON lines {"id", "member", "listing"}: loses nothing by
				    construction */
};

/* Where what proves a listing can be had: URLs, borrowed. */
struct catalog_export_links {
	const char *receipt; /* catalog/receipt.h */
	const char *log;     /* the member's log, as catalog/tile.h has it; "/checkpoint" and the
				rest come after */
};

/* Append what comes before the first, one listing (first tells whether a separator is needed), and
 * what comes after the last. uri names the dataset.  An export read back by catalog/reader gives
 * the same id and an equal listing, in every format: links (NULL: none are known) are none of
 * it.  Return 0, -ENOMEM, -ENOTSUP for
 * a format that is not built yet (all but native). */
int catalog_export_begin(enum catalog_export_format format, const char *catalog_title,
			 struct catalog_buffer *buffer);
int catalog_export_listing(enum catalog_export_format format, const char *member, const char *id,
			   const char *uri, const struct catalog_value *listing,
			   const struct catalog_export_links *links, int is_first,
			   struct catalog_buffer *buffer);
int catalog_export_end(enum catalog_export_format format, struct catalog_buffer *buffer);

#endif
