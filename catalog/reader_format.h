/* catalog/reader_format.h - the seam between catalog/reader and the formats, each in the file of
 * its name: catalog/reader_datajson.c, ...
 *
 * Each reads source from its beginning, puts every record into sink, and owns nothing afterwards.
 * Returns 0; -EBADMSG and a sentence in *ret_error if the file as a whole cannot be read further
 * (what came before was put); -EIO; -ENOMEM; or what the sink returned.
 */
#ifndef CATALOG_READER_FORMAT_H
#define CATALOG_READER_FORMAT_H

#include "catalog/reader.h"
#include "catalog/reader_sink.h"
#include "catalog/reader_source.h"

int catalog_reader_datajson_read(struct catalog_reader_source *source,
				 const struct catalog_reader_options *options,
				 struct catalog_reader_sink *sink,
				 struct catalog_reader_error *ret_error);
int catalog_reader_ckan_read(struct catalog_reader_source *source,
			     const struct catalog_reader_options *options,
			     struct catalog_reader_sink *sink,
			     struct catalog_reader_error *ret_error);
int catalog_reader_csv_read(struct catalog_reader_source *source,
			    const struct catalog_reader_options *options,
			    struct catalog_reader_sink *sink,
			    struct catalog_reader_error *ret_error);
int catalog_reader_native_read(struct catalog_reader_source *source,
			       const struct catalog_reader_options *options,
			       struct catalog_reader_sink *sink,
			       struct catalog_reader_error *ret_error);
int catalog_reader_jsonld_read(struct catalog_reader_source *source,
			       const struct catalog_reader_options *options,
			       struct catalog_reader_sink *sink,
			       struct catalog_reader_error *ret_error);

/* format is CATALOG_READER_TURTLE, CATALOG_READER_NTRIPLES or CATALOG_READER_RDFXML. */
int catalog_reader_rdf_read(struct catalog_reader_source *source,
			    const struct catalog_reader_options *options,
			    enum catalog_reader_format format, struct catalog_reader_sink *sink,
			    struct catalog_reader_error *ret_error);

#endif
