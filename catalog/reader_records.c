#include "catalog/reader_records.h"

#include <errno.h>
#include <stdio.h>

#include "catalog/json.h"
#include "catalog/reader_json.h"

struct reading {
	const struct catalog_reader_records *records;
	struct catalog_reader_sink *sink;
	bool is_in_array;
};

static int reject(struct catalog_reader_sink *sink, const struct catalog_reader_place *place,
		  const struct catalog_json_error *error)
{
	char found[300];

	/* The line within the file: the record's own first line is its line 1. */
	snprintf(found, sizeof found, "line %llu, column %zu: %s",
		 (unsigned long long)place->line + error->line - 1, error->column, error->text);
	return catalog_reader_sink_reject(sink, place, found, "JSON (RFC 8259)");
}

static int each_record(void *arg, const struct catalog_reader_json_item *item)
{
	struct reading *reading = arg;
	struct catalog_reader_place place = {.line = item->line, .is_outer = !reading->is_in_array};
	struct catalog_value *record = NULL;
	struct catalog_json_error error;
	int r;

	if (item->is_too_big)
		return catalog_reader_sink_reject(reading->sink, &place, "a record over the limit",
						  "a record of at most 8 MiB");
	r = catalog_json_read(item->text, &record, &error);
	if (r == -EBADMSG)
		return reject(reading->sink, &place, &error);
	if (r == -E2BIG)
		return catalog_reader_sink_reject(reading->sink, &place, "JSON nested too deep",
						  "brackets at most 24 deep");
	if (r != 0)
		return r;
	if (catalog_value_type(record) != CATALOG_VALUE_MAP)
		r = catalog_reader_sink_reject(reading->sink, &place, "no object",
					       "an object, {...}, for each dataset");
	else if (reading->records->record != NULL)
		r = reading->records->record(reading->records->arg, record, &place);
	catalog_value_free(record);
	return r;
}

static int each_member(void *arg, const char *key, const struct catalog_reader_json_item *item)
{
	struct reading *reading = arg;
	struct catalog_value *value = NULL;
	int r;

	if (item->is_too_big || reading->records->member == NULL)
		return 0;
	r = catalog_json_read(item->text, &value, NULL);
	if (r == -EBADMSG || r == -E2BIG)
		return 0; /* it only helps with the records, and they speak for themselves */
	if (r != 0)
		return r;
	r = reading->records->member(reading->records->arg, key, value);
	catalog_value_free(value);
	return r;
}

static int each_array(void *arg, const char *path)
{
	struct reading *reading = arg;

	(void)path;
	reading->is_in_array = true;
	return 0;
}

int catalog_reader_records_read(struct catalog_reader_source *source,
				struct catalog_reader_sink *sink,
				const struct catalog_reader_records *records,
				struct catalog_reader_error *ret_error)
{
	struct reading reading = {.records = records, .sink = sink};
	const struct catalog_reader_json_found found = {
		.record = each_record, .member = each_member, .array = each_array, .arg = &reading};

	return catalog_reader_json_scan(source, &found, ret_error);
}
