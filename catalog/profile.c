#include "catalog/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog/utf8.h"

/* What tells IRIs apart: without scheme, "www." and what ends them. */
static struct catalog_span core_of(const char *iri)
{
	const char *start = iri;
	size_t len;

	if (strncmp(start, "https://", 8) == 0)
		start += 8;
	else if (strncmp(start, "http://", 7) == 0)
		start += 7;
	if (start > iri && strncmp(start, "www.", 4) == 0)
		start += 4;
	len = strlen(start);
	while (len > 0 && (start[len - 1] == '/' || start[len - 1] == '#'))
		len--;
	return (struct catalog_span){(const uint8_t *)start, len};
}

static bool is_same(const char *a, const char *b)
{
	struct catalog_span x = core_of(a), y = core_of(b);

	return x.len == y.len && memcmp(x.bytes, y.bytes, x.len) == 0;
}

static bool is_of(const char *concept, const char *vocabulary)
{
	struct catalog_span x = core_of(concept), y = core_of(vocabulary);

	return x.len >= y.len && memcmp(x.bytes, y.bytes, y.len) == 0 &&
	       (x.len == y.len || strchr("/#?:", x.bytes[y.len]) != NULL);
}

/* As much of a text as there is room for, in whole characters. */
static void quote(const char *text, char *ret_found, size_t room)
{
	size_t len = 0, left = strlen(text);

	while (left > len) {
		uint32_t character;
		int step = catalog_utf8_next(text + len, left - len, &character);

		if (step <= 0 || len + (size_t)step >= room)
			break;
		len += (size_t)step;
	}
	memcpy(ret_found, text, len);
	ret_found[len] = '\0';
}

/* --- rules ------------------------------------------------------------------------------------ */

static bool takes_licence(const struct catalog_profile *profile, const char *licence)
{
	for (size_t i = 0; i < profile->licence_count; i++)
		if (is_same(licence, profile->licences[i]))
			return true;
	return profile->licence_count == 0;
}

static int check_licence(const struct catalog_profile *profile, const struct catalog_value *value,
			 const char *path, struct catalog_problem *ret_problem)
{
	const struct catalog_value *licence = catalog_value_get(value, "license");

	if (licence == NULL || takes_licence(profile, catalog_value_text(licence)))
		return 0;
	(void)snprintf(ret_problem->path, sizeof ret_problem->path, "%s/license", path);
	quote(catalog_value_text(licence), ret_problem->found, sizeof ret_problem->found);
	(void)snprintf(ret_problem->expected, sizeof ret_problem->expected,
		       "a licence that the federation accepts, such as %.50s%s",
		       profile->licences[0], profile->licence_count > 1 ? ", or others" : "");
	return -EPROTO;
}

static int check_licences(const struct catalog_profile *profile,
			  const struct catalog_value *listing, struct catalog_problem *ret_problem)
{
	const struct catalog_value *all = catalog_value_get(listing, "distribution");
	int r = check_licence(profile, listing, "", ret_problem);

	for (size_t i = 0; i < catalog_value_count(all) && r == 0; i++) {
		char path[40];

		(void)snprintf(path, sizeof path, "/distribution/%zu", i);
		r = check_licence(profile, catalog_value_at(all, i, NULL), path, ret_problem);
	}
	return r;
}

static int check_themes(const struct catalog_profile *profile, const struct catalog_value *listing,
			struct catalog_problem *ret_problem)
{
	const struct catalog_value *themes = catalog_value_get(listing, "theme");
	size_t count = catalog_value_count(themes);

	if (count == 0 || profile->vocabulary_count == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < profile->vocabulary_count; k++)
			if (is_of(catalog_value_text(catalog_value_at(themes, i, NULL)),
				  profile->vocabularies[k]))
				return 0;
	(void)snprintf(ret_problem->path, sizeof ret_problem->path, "/theme");
	quote(catalog_value_text(catalog_value_at(themes, 0, NULL)), ret_problem->found,
	      sizeof ret_problem->found);
	(void)snprintf(ret_problem->expected, sizeof ret_problem->expected,
		       "a theme of a vocabulary that the federation accepts, such as %.50s",
		       profile->vocabularies[0]);
	return -EPROTO;
}

static int check_length(const struct catalog_profile *profile, const struct catalog_value *listing,
			struct catalog_problem *ret_problem)
{
	struct catalog_buffer bytes = {0};
	int r;

	if (profile->listing_bytes_max == 0)
		return 0;
	r = catalog_value_encode(listing, &bytes);
	if (r == 0 && bytes.len > profile->listing_bytes_max) {
		(void)snprintf(ret_problem->found, sizeof ret_problem->found, "%zu bytes",
			       bytes.len);
		(void)snprintf(ret_problem->expected, sizeof ret_problem->expected,
			       "at most %" PRIu64 " bytes a listing, as the federation's charter "
			       "says",
			       profile->listing_bytes_max);
		r = -EPROTO;
	}
	catalog_buffer_close(&bytes);
	return r;
}

int catalog_profile_check(const struct catalog_profile *profile,
			  const struct catalog_value *listing, struct catalog_problem *ret_problem)
{
	struct catalog_problem problem = {0};
	int r;

	if ((r = check_licences(profile, listing, &problem)) == 0 &&
	    (r = check_themes(profile, listing, &problem)) == 0)
		r = check_length(profile, listing, &problem);
	if (r == -EPROTO)
		*ret_problem = problem;
	return r;
}

bool catalog_profile_is_over(const struct catalog_profile *profile, uint64_t listings)
{
	return profile->listings_max > 0 && listings > profile->listings_max;
}

void catalog_profile_full(const struct catalog_profile *profile,
			  struct catalog_problem *ret_problem)
{
	*ret_problem = (struct catalog_problem){.found = "one listing more"};
	(void)snprintf(ret_problem->expected, sizeof ret_problem->expected,
		       "at most %" PRIu64 " listings of one member, as the federation's charter "
		       "says: withdraw others first",
		       profile->listings_max);
}
