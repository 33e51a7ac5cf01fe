/* The names of data.json, those that its users have added in numbers ("url" of a distribution), and
 * where it has none, the model's own, so that our export keeps everything.
 */
#include "catalog/reader_datajson.h"

#include <string.h>

#include "catalog/reader_language.h"
#include "catalog/reader_part.h"
#include "catalog/reader_records.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct catalog_reader_build_row distribution_rows[] = {
	{"@type", "extra", catalog_reader_field_type},
	{"language", "language", catalog_reader_field_languages},
	{"id", "id", catalog_reader_field_line},
	{"@id", "id", catalog_reader_field_line},
	{"identifier", "id", catalog_reader_field_line},
	{"title", "title", catalog_reader_field_title},
	{"description", "description", catalog_reader_field_text},
	{"accessURL", "accessURL", catalog_reader_field_url},
	{"downloadURL", "downloadURL", catalog_reader_field_url},
	{"url", "accessURL", catalog_reader_field_url},
	{"mediaType", "mediaType", catalog_reader_field_line},
	{"format", "format", catalog_reader_field_line},
	{"byteSize", "byteSize", catalog_reader_field_bytes},
	{"checksum", "checksum", catalog_reader_part_checksum},
	{"license", "license", catalog_reader_field_line},
	{"rights", "rights", catalog_reader_field_text},
	{"issued", "issued", catalog_reader_field_date},
	{"modified", "modified", catalog_reader_field_date},
	{"conformsTo", "conformsTo", catalog_reader_field_lines},
	{"availability", "availability", catalog_reader_field_line},
	{"policy", "policy", catalog_reader_field_maps},
	{"service", "service", catalog_reader_part_service},
	{"extra", "extra", catalog_reader_field_extra},
};

static void distributions(struct catalog_reader_build *build,
			  const struct catalog_reader_build_target *target,
			  const struct catalog_value *value)
{
	catalog_reader_part_each(build, target, value, distribution_rows, COUNT(distribution_rows));
}

static const struct catalog_reader_build_row dataset_rows[] = {
	{"@type", "extra", catalog_reader_field_type},
	{"language", "language", catalog_reader_field_languages},
	{"identifier", "identifier", catalog_reader_field_lines},
	{"title", "title", catalog_reader_field_title},
	{"description", "description", catalog_reader_field_text},
	{"keyword", "keyword", catalog_reader_field_keywords},
	{"theme", "theme", catalog_reader_field_lines},
	{"landingPage", "landingPage", catalog_reader_field_url},
	{"references", "page", catalog_reader_field_urls},
	{"page", "page", catalog_reader_field_urls},
	{"license", "license", catalog_reader_field_line},
	{"accessLevel", "accessRights", catalog_reader_field_line},
	{"accessRights", "accessRights", catalog_reader_field_line},
	{"rights", "rights", catalog_reader_field_text},
	{"policy", "policy", catalog_reader_field_maps},
	{"contactPoint", "contact", catalog_reader_part_contacts},
	{"contact", "contact", catalog_reader_part_contacts},
	{"creator", "creator", catalog_reader_part_agents},
	{"publisher", "publisher", catalog_reader_part_agent},
	{"issued", "issued", catalog_reader_field_date},
	{"modified", "modified", catalog_reader_field_date},
	{"accrualPeriodicity", "frequency", catalog_reader_field_line},
	{"spatial", "spatial", catalog_reader_part_places},
	{"temporal", "temporal", catalog_reader_part_periods},
	{"provenance", "provenance", catalog_reader_field_text},
	{"version", "version", catalog_reader_field_line},
	{"versionNotes", "versionNotes", catalog_reader_field_text},
	{"type", "type", catalog_reader_field_line},
	{"conformsTo", "conformsTo", catalog_reader_field_lines},
	{"source", "source", catalog_reader_field_lines},
	{"relation", "relation", catalog_reader_field_lines},
	{"isVersionOf", "isVersionOf", catalog_reader_field_lines},
	{"hasVersion", "hasVersion", catalog_reader_field_lines},
	{"isReferencedBy", "isReferencedBy", catalog_reader_field_lines},
	{"distribution", "distribution", distributions},
	{"service", "service", catalog_reader_part_services},
	{"extra", "extra", catalog_reader_field_extra},
	{"original", "original", catalog_reader_field_originals},
};

void catalog_reader_datajson_build(const char *language, struct catalog_value *record,
				   const struct catalog_reader_own *own,
				   struct catalog_reader_build *build)
{
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

	if (catalog_reader_language_only(catalog_value_get(record, "language"), tag) == 0)
		language = tag;
	catalog_reader_build_init(build, own->language[0] != '\0' ? own->language : language);
	catalog_reader_build_object(build, dataset_rows, COUNT(dataset_rows), record,
				    build->listing, "");
	catalog_reader_own_apply(own, build);
}

int catalog_reader_datajson_put(struct catalog_reader_sink *sink,
				const struct catalog_reader_place *place, const char *language,
				struct catalog_value *record)
{
	struct catalog_reader_build build;
	struct catalog_reader_own own;
	int r;

	catalog_reader_own_take(record, &own);
	catalog_reader_datajson_build(language, record, &own, &build);
	/* The first identifier is the name; the sink knows where it is. */
	r = catalog_reader_sink_put(sink, place, own.is_ours ? own.id : NULL, &build);
	catalog_reader_own_close(&own);
	return r;
}

struct reading {
	struct catalog_reader_sink *sink;
	const char *default_language;
	char language[CATALOG_READER_BUILD_LANGUAGE_BYTES]; /* the catalogue's, if it says one */
};

static int each_record(void *arg, struct catalog_value *record,
		       const struct catalog_reader_place *place)
{
	struct reading *reading = arg;

	/* What seemed to be the catalogue's language was the record's. */
	if (place->is_outer)
		reading->language[0] = '\0';
	return catalog_reader_datajson_put(reading->sink, place,
					   reading->language[0] != '\0' ? reading->language
									: reading->default_language,
					   record);
}

static int each_member(void *arg, const char *key, const struct catalog_value *value)
{
	struct reading *reading = arg;
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

	if (strcmp(key, "language") == 0 && catalog_reader_language_only(value, tag) == 0)
		memcpy(reading->language, tag, sizeof tag);
	return 0;
}

int catalog_reader_datajson_read(struct catalog_reader_source *source,
				 const struct catalog_reader_options *options,
				 struct catalog_reader_sink *sink,
				 struct catalog_reader_error *ret_error)
{
	struct reading reading = {.sink = sink, .default_language = options->default_language};
	const struct catalog_reader_records records = {each_record, each_member, &reading};

	return catalog_reader_records_read(source, sink, &records, ret_error);
}
