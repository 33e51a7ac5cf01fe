#include "tools/charter_profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/entry.h"
#include "tools/output.h"

#define ANY "any"

bool tools_charter_profile_is(const char *option)
{
	static const char *const options[] = {"name",          "licences", "vocabularies",
					      "listing-bytes", "listings", "retention"};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strcmp(option, options[i]) == 0)
			return true;
	return false;
}

/* A list separated by commas; "any" is none. */
static const char *
read_terms(const char *value, size_t *ret_count,
	   char terms[CATALOG_CHARTER_TERMS_MAX][CATALOG_CHARTER_TERM_BYTES_MAX + 1])
{
	size_t count = 0;

	memset(terms, 0,
	       sizeof(char[CATALOG_CHARTER_TERMS_MAX][CATALOG_CHARTER_TERM_BYTES_MAX + 1]));
	for (bool is_more = strcmp(value, ANY) != 0; is_more; count++) {
		size_t len = strcspn(value, ",");

		if (count == CATALOG_CHARTER_TERMS_MAX)
			return "has more than 32 of them";
		if (len == 0 || len > CATALOG_CHARTER_TERM_BYTES_MAX)
			return "is a list of 1 to 200 bytes each, separated by commas, or \"any\"";
		memcpy(terms[count], value, len);
		is_more = value[len] == ',';
		value += len + is_more;
	}
	*ret_count = count;
	return NULL;
}

/* A number from 1 to max; "any" is 0. */
static bool read_number(const char *value, uint64_t max, uint64_t *ret_number)
{
	char *end;
	unsigned long long number;

	if (strcmp(value, ANY) == 0) {
		*ret_number = 0;
		return true;
	}
	if (strspn(value, "0123456789") != strlen(value) || strlen(value) > 18)
		return false;
	number = strtoull(value, &end, 10);
	if (*end != '\0' || number == 0 || number > max)
		return false;
	*ret_number = number;
	return true;
}

const char *tools_charter_profile_set(const char *option, const char *value,
				      struct catalog_profile *profile)
{
	uint64_t days;

	if (strcmp(option, "licences") == 0)
		return read_terms(value, &profile->licence_count, profile->licences);
	if (strcmp(option, "vocabularies") == 0)
		return read_terms(value, &profile->vocabulary_count, profile->vocabularies);
	if (strcmp(option, "listing-bytes") == 0)
		return read_number(value, CATALOG_ENTRY_BYTES_MAX, &profile->listing_bytes_max)
			       ? NULL
			       : "is no number of bytes up to 262144, nor \"any\"";
	if (strcmp(option, "listings") == 0)
		return read_number(value, INT64_MAX, &profile->listings_max)
			       ? NULL
			       : "is no number of listings, nor \"any\"";
	if (strcmp(option, "retention") == 0) {
		if (!read_number(value, CATALOG_CHARTER_RETENTION_MAX, &days))
			return "is no number of days up to 36500, nor \"any\"";
		profile->retention_days = (uint32_t)days;
		return NULL;
	}
	if (strlen(value) >= sizeof profile->name)
		return "is longer than 200 bytes";
	(void)snprintf(profile->name, sizeof profile->name, "%s", value); /* it fits */
	return NULL;
}

void tools_charter_profile_print(const struct tools_terminal *terminal,
				 const struct catalog_profile *profile)
{
	char text[TOOLS_OUTPUT_TEXT_BYTES];

	for (size_t i = 0; i < profile->licence_count; i++) {
		tools_terminal_print(terminal, i == 0 ? "  licences: " : "            ");
		tools_terminal_text(terminal, TOOLS_TERMINAL_PLAIN, profile->licences[i]);
		tools_terminal_print(terminal, "\n");
	}
	for (size_t i = 0; i < profile->vocabulary_count; i++) {
		tools_terminal_print(terminal, i == 0 ? "  vocabularies: " : "                ");
		tools_terminal_text(terminal, TOOLS_TERMINAL_PLAIN, profile->vocabularies[i]);
		tools_terminal_print(terminal, "\n");
	}
	if (profile->listing_bytes_max > 0) {
		tools_output_count(profile->listing_bytes_max, text);
		tools_terminal_print(terminal, "  at most %s bytes a listing\n", text);
	}
	if (profile->listings_max > 0) {
		tools_output_count(profile->listings_max, text);
		tools_terminal_print(terminal, "  at most %s listings of one member\n", text);
	}
	if (profile->retention_days > 0)
		tools_terminal_print(
			terminal, "  superseded entries are kept for at least %" PRIu32 " days\n",
			profile->retention_days);
}
