#include <errno.h>
#include <stdio.h>

#include "catalog/reader_format.h"

int catalog_reader_jsonld_read(struct catalog_reader_source *source,
			       const struct catalog_reader_options *options,
			       struct catalog_reader_sink *sink,
			       struct catalog_reader_error *ret_error)
{
	(void)source;
	(void)options;
	(void)sink;
	snprintf(ret_error->text, sizeof ret_error->text,
		 "JSON-LD cannot be read yet; give the catalogue as data.json, CKAN's JSON or CSV");
	return -ENOTSUP;
}
