/* tests/catalog/reading.h - read a catalogue from text and keep what came of it, for the tests of
 * the readers. */
#ifndef TESTS_CATALOG_READING_H
#define TESTS_CATALOG_READING_H

#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/reader.h"

struct reading {
	unsigned accepted, rejected, repeats, repairs;
	struct catalog_value *listings; /* list of accepted listings, repeats included */
	char ids[2000];                 /* "a b c " */
	char problems[2000];            /* "PLACE: PATH: found X, expected Y\n" of each rejected */
	struct catalog_reader_error error;
	int result;
};

static inline int reading_each(void *arg, const struct catalog_reader_record *record)
{
	struct reading *reading = arg;
	size_t ids = strlen(reading->ids), problems = strlen(reading->problems);

	if (record->listing == NULL) {
		assert_non_null(record->problem);
		reading->rejected++;
		snprintf(reading->problems + problems, sizeof reading->problems - problems,
			 "%s: %s: found %s, expected %s\n", record->place, record->problem->path,
			 record->problem->found, record->problem->expected);
		return 0;
	}
	assert_null(record->problem);
	assert_non_null(record->id);
	assert_int_equal(catalog_listing_check_id(record->id), 0);
	assert_int_equal(catalog_listing_check(record->listing, NULL), 0);
	reading->accepted++;
	reading->repeats += record->is_repeat;
	reading->repairs += record->repairs;
	snprintf(reading->ids + ids, sizeof reading->ids - ids, "%s ", record->id);
	return catalog_value_append(reading->listings, catalog_value_clone(record->listing));
}

static inline void reading_close(struct reading *reading)
{
	catalog_value_free(reading->listings);
	*reading = (struct reading){0};
}

static inline void reading_of_bytes(const void *bytes, size_t len,
				    enum catalog_reader_format format, struct reading *ret_reading)
{
	const struct catalog_reader_options options = {.format = format};

	*ret_reading = (struct reading){.listings = catalog_value_new_list()};
	ret_reading->result =
		catalog_reader_read_bytes((struct catalog_span){bytes, len}, &options, reading_each,
					  ret_reading, &ret_reading->error);
	if (ret_reading->result == -EBADMSG)
		assert_true(ret_reading->error.text[0] != '\0');
}

static inline void reading_of(const char *text, struct reading *ret_reading)
{
	reading_of_bytes(text, strlen(text), CATALOG_READER_AUTO, ret_reading);
	if (ret_reading->result != 0)
		fail_msg("%d: %s", ret_reading->result, ret_reading->error.text);
}

/* The property of listing i is this JSON, compact; NULL for none. */
static inline void reading_has(const struct reading *reading, size_t i, const char *property,
			       const char *json)
{
	struct catalog_buffer text = {0};
	const struct catalog_value *value;

	assert_true(i < catalog_value_count(reading->listings));
	value = catalog_value_get(catalog_value_at(reading->listings, i, NULL), property);
	if (json == NULL) {
		assert_null(value);
		return;
	}
	if (value == NULL)
		fail_msg("no %s", property);
	assert_int_equal(catalog_json_write(value, CATALOG_JSON_COMPACT, &text), 0);
	assert_int_equal(catalog_buffer_append(&text, "", 1), 0);
	assert_string_equal((char *)text.bytes, json);
	catalog_buffer_close(&text);
}

/* Read one record, a dataset of data.json with a title and an identifier and these members, and
 * compare a property. */
static inline void reading_makes(const char *members, const char *property, const char *json,
				 unsigned repairs)
{
	struct reading reading;
	char text[4000];

	snprintf(text, sizeof text,
		 "{\"dataset\": [{\"identifier\": \"a\", \"title\": \"T\", %s}]}", members);
	reading_of(text, &reading);
	assert_string_equal(reading.problems, "");
	assert_int_equal(reading.accepted, 1);
	reading_has(&reading, 0, property, json);
	if (reading.repairs != repairs)
		fail_msg("%s: %u repairs", members, reading.repairs);
	reading_close(&reading);
}

#endif
