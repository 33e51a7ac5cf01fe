#include "catalog/reader.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reader_detect.h"
#include "catalog/reader_format.h"
#include "catalog/reader_language.h"

static const char *const names[] = {
	[CATALOG_READER_AUTO] = "auto",     [CATALOG_READER_DATAJSON] = "datajson",
	[CATALOG_READER_CKAN] = "ckan",     [CATALOG_READER_JSONLD] = "jsonld",
	[CATALOG_READER_TURTLE] = "turtle", [CATALOG_READER_NTRIPLES] = "ntriples",
	[CATALOG_READER_RDFXML] = "rdfxml", [CATALOG_READER_CSV] = "csv",
	[CATALOG_READER_NATIVE] = "native",
};

int catalog_reader_format_named(const char *name, enum catalog_reader_format *ret_format)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0) {
			*ret_format = (enum catalog_reader_format)i;
			return 0;
		}
	return -EINVAL;
}

const char *catalog_reader_format_name(enum catalog_reader_format format)
{
	assert((size_t)format < sizeof names / sizeof *names);
	return names[format];
}

static int dispatch(struct catalog_reader_source *source,
		    const struct catalog_reader_options *options, struct catalog_reader_sink *sink,
		    struct catalog_reader_error *ret_error)
{
	switch (options->format) {
	case CATALOG_READER_DATAJSON:
		return catalog_reader_datajson_read(source, options, sink, ret_error);
	case CATALOG_READER_CKAN: return catalog_reader_ckan_read(source, options, sink, ret_error);
	case CATALOG_READER_JSONLD:
		return catalog_reader_jsonld_read(source, options, sink, ret_error);
	case CATALOG_READER_TURTLE:
	case CATALOG_READER_NTRIPLES:
	case CATALOG_READER_RDFXML:
		return catalog_reader_rdf_read(source, options, options->format, sink, ret_error);
	case CATALOG_READER_CSV: return catalog_reader_csv_read(source, options, sink, ret_error);
	case CATALOG_READER_NATIVE:
		return catalog_reader_native_read(source, options, sink, ret_error);
	case CATALOG_READER_AUTO: break;
	}
	assert(options->format != CATALOG_READER_AUTO);
	return -EINVAL;
}

/* Read an open source with options in which nothing is left to chance. */
static int read_source(struct catalog_reader_source *source,
		       const struct catalog_reader_options *options, catalog_reader_each each,
		       void *arg, struct catalog_reader_error *ret_error)
{
	struct catalog_reader_options settled = *options;
	char language[CATALOG_READER_BUILD_LANGUAGE_BYTES] = "und";
	struct catalog_reader_sink sink;
	int r = 0;

	if (options->default_language != NULL &&
	    catalog_reader_language_find(options->default_language, language) != 0) {
		snprintf(ret_error->text, sizeof ret_error->text,
			 "\"%.80s\" is no language; give a BCP 47 tag, such as en or pt-BR",
			 options->default_language);
		return -EINVAL;
	}
	settled.default_language = language;
	if (settled.format == CATALOG_READER_AUTO)
		r = catalog_reader_detect_format(source, &settled.format, ret_error);
	if (r != 0)
		return r;
	source->progress = options->progress;
	source->progress_arg = options->progress_arg;
	catalog_reader_sink_init(&sink, each, arg);
	r = dispatch(source, &settled, &sink, ret_error);
	if (r == -E2BIG && sink.count == CATALOG_READER_SINK_RECORDS_MAX) {
		snprintf(ret_error->text, sizeof ret_error->text,
			 "the file has more than %u records; split it",
			 CATALOG_READER_SINK_RECORDS_MAX);
		r = -EBADMSG;
	}
	catalog_reader_sink_close(&sink);
	return r;
}

int catalog_reader_read(const char *path, const struct catalog_reader_options *options,
			catalog_reader_each each, void *arg, struct catalog_reader_error *ret_error)
{
	struct catalog_reader_source source;
	int r = catalog_reader_source_open(path, options->temporary_dir, &source);

	if (r != 0) {
		snprintf(ret_error->text, sizeof ret_error->text, "%.200s: %s", path,
			 r == -ESPIPE ? "it is no plain file; give \"-\" and pipe it in"
				      : strerror(-r));
		return r;
	}
	r = read_source(&source, options, each, arg, ret_error);
	catalog_reader_source_close(&source);
	return r;
}

int catalog_reader_read_bytes(struct catalog_span bytes,
			      const struct catalog_reader_options *options,
			      catalog_reader_each each, void *arg,
			      struct catalog_reader_error *ret_error)
{
	struct catalog_reader_source source;
	int r = catalog_reader_source_of_bytes(bytes, &source);

	if (r != 0)
		return r;
	r = read_source(&source, options, each, arg, ret_error);
	catalog_reader_source_close(&source);
	return r;
}
