#include <errno.h>

#include "catalog/reader_format.h"
#include "catalog/reader_records.h"

static int each_record(void *arg, struct catalog_value *record,
		       const struct catalog_reader_place *place)
{
	struct catalog_reader_sink *sink = arg;
	struct catalog_value *listing = catalog_value_take(record, "listing");
	const char *id = catalog_value_text(catalog_value_get(record, "id"));
	struct catalog_reader_build build;

	if (listing == NULL || id == NULL) {
		catalog_value_free(listing);
		return catalog_reader_sink_reject(sink, place, "an object without id and listing",
						  "{\"id\": ..., \"listing\": {...}}");
	}
	/* As it is: it was checked and repaired when it was first read. */
	catalog_reader_build_init(&build, "und");
	catalog_value_free(build.listing);
	build.listing = listing;
	return catalog_reader_sink_put(sink, place, id, &build);
}

int catalog_reader_native_read(struct catalog_reader_source *source,
			       const struct catalog_reader_options *options,
			       struct catalog_reader_sink *sink,
			       struct catalog_reader_error *ret_error)
{
	const struct catalog_reader_records records = {each_record, NULL, sink};

	(void)options;
	return catalog_reader_records_read(source, sink, &records, ret_error);
}
