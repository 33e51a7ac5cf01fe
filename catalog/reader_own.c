#include "catalog/reader_own.h"

#include <errno.h>
#include <string.h>

#include "catalog/exact.h"
#include "catalog/json.h"
#include "catalog/listing.h"

static bool take_text(struct catalog_value *record, const char *name, char *ret_text, size_t room)
{
	struct catalog_value *value = catalog_value_take(record, name);
	char number[32];
	const char *text =
		catalog_reader_build_count(value) > 0
			? catalog_reader_build_iri(catalog_reader_build_at(value, 0), number)
			: NULL;
	bool is_there = text != NULL && strlen(text) < room;

	if (is_there)
		memcpy(ret_text, text, strlen(text) + 1);
	catalog_value_free(value);
	return is_there;
}

/* Drop url from what record says under name; what it says beside it stays. */
static void drop_reference(struct catalog_value *record, const char *name, const char *url)
{
	struct catalog_value *value = catalog_value_take(record, name);
	struct catalog_value *rest = catalog_value_new_list(), *one = NULL;
	int r = rest == NULL ? -ENOMEM : 0;
	char room[32];

	for (size_t i = 0; r == 0 && i < catalog_reader_build_count(value); i++) {
		const struct catalog_value *item = catalog_reader_build_at(value, i);
		const char *text = catalog_reader_build_iri(item, room);

		if (text == NULL || strcmp(text, url) != 0)
			r = catalog_value_append(rest, catalog_value_clone(item));
	}
	if (r == 0 && catalog_value_count(rest) == 1)
		one = catalog_value_clone(catalog_value_at(rest, 0, NULL));
	if (r == 0 && one != NULL)
		r = catalog_value_set(record, name, one);
	else if (r == 0 && catalog_value_count(rest) > 0) {
		r = catalog_value_set(record, name, rest);
		rest = NULL; /* taken */
	}
	if (r != 0 && value != NULL) { /* out of memory: then it stays, and so does the link */
		(void)catalog_value_set(record, name, value);
		value = NULL; /* taken */
	}
	catalog_value_free(rest);
	catalog_value_free(value);
}

static void take_links(struct catalog_value *record)
{
	char url[CATALOG_READER_OWN_TEXT_BYTES];

	if (take_text(record, "fedcat:receipt", url,
		      sizeof url - sizeof CATALOG_READER_OWN_CHECKPOINT))
		drop_reference(record, "prov:has_provenance", url);
	if (take_text(record, "fedcat:log", url,
		      sizeof url - sizeof CATALOG_READER_OWN_CHECKPOINT)) {
		memcpy(url + strlen(url), CATALOG_READER_OWN_CHECKPOINT,
		       sizeof CATALOG_READER_OWN_CHECKPOINT);
		drop_reference(record, "rdfs:seeAlso", url);
	}
}

void catalog_reader_own_take(struct catalog_value *record, struct catalog_reader_own *ret_own)
{
	memset(ret_own, 0, sizeof *ret_own);
	ret_own->is_ours = take_text(record, "fedcat:id", ret_own->id, sizeof ret_own->id);
	if (!ret_own->is_ours)
		return;
	ret_own->has_source =
		take_text(record, "fedcat:source", ret_own->source, sizeof ret_own->source);
	(void)take_text(record, "fedcat:language", ret_own->language, sizeof ret_own->language);
	ret_own->exact = catalog_value_take(record, "fedcat:exact");
	catalog_value_free(catalog_value_take(record, "fedcat:member"));
	take_links(record);
}

void catalog_reader_own_close(struct catalog_reader_own *own)
{
	catalog_value_free(own->exact);
	own->exact = NULL;
}

int catalog_reader_own_settle(struct catalog_reader_build *build)
{
	int r = 0;

	if (catalog_value_count(build->original) > 0) {
		r = catalog_value_set(build->listing, "original", build->original);
		build->original = NULL;
	}
	return r;
}

/* The reverse, so that more can be noted. */
static int unsettle(struct catalog_reader_build *build)
{
	struct catalog_value *original = NULL;

	if (catalog_value_count(catalog_value_get(build->listing, "original")) > 0)
		original = catalog_value_take(build->listing, "original");
	if (catalog_value_type(original) == CATALOG_VALUE_MAP) {
		catalog_value_free(build->original);
		build->original = original;
		return 0;
	}
	catalog_value_free(original);
	if (build->original == NULL)
		build->original = catalog_value_new_map();
	return build->original == NULL ? -ENOMEM : 0;
}

/* Apply a patch; one that makes of a good listing a bad one is none of ours, and is left out. */
static int apply(const struct catalog_value *patch, struct catalog_value **listing)
{
	struct catalog_value *patched = catalog_value_clone(*listing);
	int r = patched == NULL ? -ENOMEM : catalog_exact_apply(patch, patched);

	if (r == 0 && (catalog_listing_check(patched, NULL) == 0 ||
		       catalog_listing_check(*listing, NULL) != 0)) {
		catalog_value_free(*listing);
		*listing = patched;
		return 0;
	}
	catalog_value_free(patched);
	return r;
}

void catalog_reader_own_apply(const struct catalog_reader_own *own,
			      struct catalog_reader_build *build)
{
	struct catalog_value *patch = NULL;
	struct catalog_span json = {NULL, 0};
	char room[32];
	const char *text =
		own->exact != NULL && catalog_reader_build_count(own->exact) > 0
			? catalog_reader_build_text(catalog_reader_build_at(own->exact, 0), room)
			: NULL;
	int r = 0;

	if (build->error < 0 || !own->is_ours)
		return;
	/* What was repaired was the source's, and counted when that was read. */
	build->repairs = 0;
	if (text == NULL)
		return;
	json = (struct catalog_span){(const uint8_t *)text, strlen(text)};
	if (catalog_json_read(json, &patch, NULL) == 0) {
		r = catalog_reader_own_settle(build);
		if (r == 0)
			r = apply(patch, &build->listing);
		if (r == 0)
			r = unsettle(build);
	}
	catalog_value_free(patch);
	if (r < 0)
		build->error = -ENOMEM;
}
