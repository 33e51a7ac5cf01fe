/* tests/fuzz/reading.h - what every reader owes, whatever the bytes: what it accepts is valid, and
 * what it rejects cannot be named or shown or is over a limit. */
#ifndef TESTS_FUZZ_READING_H
#define TESTS_FUZZ_READING_H

#include <errno.h>
#include <string.h>

#include "catalog/reader.h"
#include "tests/fuzz/target.h"

static inline int reading_each(void *arg, const struct catalog_reader_record *record)
{
	const enum catalog_reader_format *format = arg;
	struct catalog_buffer bytes = {0};
	struct catalog_value *again;

	require(record->place[0] != '\0');
	if (record->listing == NULL) {
		const struct catalog_problem *problem = record->problem;

		require(problem != NULL && problem->expected[0] != '\0');
		/* Our own lines are checked and not repaired, and a file whose format is found by
		 * its content may be such lines. */
		if (*format != CATALOG_READER_NATIVE && *format != CATALOG_READER_AUTO &&
		    problem->path[0] != '\0')
			require(strcmp(problem->path, "/title") == 0 ||
				strcmp(problem->path, "/identifier") == 0 ||
				strstr(problem->expected, "at most") != NULL);
		return 0;
	}
	require(record->problem == NULL && record->id != NULL);
	require(catalog_listing_check_id(record->id) == 0);
	require(catalog_listing_check(record->listing, NULL) == 0);
	require(catalog_value_encode(record->listing, &bytes) == 0);
	require(catalog_value_decode((struct catalog_span){bytes.bytes, bytes.len}, &again) == 0);
	require(catalog_value_equal(record->listing, again));
	catalog_value_free(again);
	catalog_buffer_close(&bytes);
	return 0;
}

static inline void reading_of(const uint8_t *data, size_t size, enum catalog_reader_format format)
{
	const struct catalog_reader_options options = {.format = format};
	struct catalog_reader_error error = {{0}};
	int r = catalog_reader_read_bytes((struct catalog_span){data, size}, &options, reading_each,
					  &format, &error);

	require(r == 0 || (r == -EBADMSG && error.text[0] != '\0'));
}

#endif
