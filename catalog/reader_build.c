#include "catalog/reader_build.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Under which keys a node says in words what it is, the best first. */
static const char *const labels[] = {
	"@value",    "rdfs:label", "skos:prefLabel", "foaf:name", "vcard:fn", "schema:name",
	"dct:title", "rdf:value",  "display_name",   "title",     "name",     "label",
	"@id",
};

static void check(struct catalog_reader_build *build, int r)
{
	assert(r == 0 || r == -ENOMEM);
	if (r < 0)
		build->error = r;
}

void catalog_reader_build_init(struct catalog_reader_build *build, const char *language)
{
	*build = (struct catalog_reader_build){0};
	build->listing = catalog_value_new_map();
	build->original = catalog_value_new_map();
	if (build->listing == NULL || build->original == NULL)
		build->error = -ENOMEM;
	snprintf(build->language, sizeof build->language, "%s", language);
}

void catalog_reader_build_close(struct catalog_reader_build *build)
{
	catalog_value_free(build->listing);
	catalog_value_free(build->original);
	*build = (struct catalog_reader_build){0};
}

void catalog_reader_build_set(struct catalog_reader_build *build,
			      const struct catalog_reader_build_target *target,
			      struct catalog_value *child)
{
	if (build->error < 0) {
		catalog_value_free(child);
		return;
	}
	check(build, catalog_value_set(target->into, target->key, child));
}

/* The container under key of map, made if there is none.  The value is ours, so that taking away
 * const from what catalog_value_get() lends is safe. */
static struct catalog_value *container(struct catalog_reader_build *build,
				       struct catalog_value *map, const char *key, bool is_map)
{
	struct catalog_value *made;

	if (build->error < 0)
		return NULL;
	if (catalog_value_get(map, key) == NULL) {
		made = is_map ? catalog_value_new_map() : catalog_value_new_list();
		check(build, catalog_value_set(map, key, made));
		if (build->error < 0)
			return NULL;
	}
	return (struct catalog_value *)(uintptr_t)catalog_value_get(map, key);
}

void catalog_reader_build_append(struct catalog_reader_build *build,
				 const struct catalog_reader_build_target *target,
				 struct catalog_value *child)
{
	struct catalog_value *list = container(build, target->into, target->key, false);

	if (list == NULL) {
		catalog_value_free(child);
		return;
	}
	check(build, catalog_value_append(list, child));
}

void catalog_reader_build_append_text(struct catalog_reader_build *build,
				      const struct catalog_reader_build_target *target,
				      const char *text)
{
	const struct catalog_value *list = catalog_value_get(target->into, target->key);

	for (size_t i = 0; i < catalog_value_count(list); i++)
		if (strcmp(catalog_value_text(catalog_value_at(list, i, NULL)), text) == 0)
			return;
	catalog_reader_build_append(build, target, catalog_value_new_string(text));
}

void catalog_reader_build_repaired(struct catalog_reader_build *build,
				   const struct catalog_reader_build_target *target,
				   const struct catalog_value *was)
{
	char path[CATALOG_READER_BUILD_PATH_BYTES];

	if (build->error < 0)
		return;
	snprintf(path, sizeof path, "%s/%s", target->path, target->key);
	if (catalog_value_get(build->original, path) != NULL)
		return;
	build->repairs++;
	check(build, catalog_value_set(build->original, path, catalog_value_clone(was)));
}

void catalog_reader_build_keep(struct catalog_reader_build *build,
			       const struct catalog_reader_build_target *target,
			       const struct catalog_value *value)
{
	struct catalog_value *extra = container(build, target->into, "extra", true);

	if (extra != NULL)
		check(build, catalog_value_set(extra, target->from, catalog_value_clone(value)));
}

void catalog_reader_build_object(struct catalog_reader_build *build,
				 const struct catalog_reader_build_row *rows, size_t count,
				 struct catalog_value *source, struct catalog_value *into,
				 const char *path)
{
	for (size_t i = 0; i < count && build->error == 0; i++) {
		struct catalog_reader_build_target target = {into, path, rows[i].to, rows[i].from};
		struct catalog_value *value = catalog_value_take(source, rows[i].from);

		if (value != NULL && rows[i].field != NULL)
			rows[i].field(build, &target, value);
		catalog_value_free(value);
	}
	for (size_t i = 0; i < catalog_value_count(source) && build->error == 0; i++) {
		struct catalog_reader_build_target target = {.into = into, .path = path};
		const struct catalog_value *value = catalog_value_at(source, i, &target.from);

		/* Null says nothing, so nothing is lost with it. */
		if (catalog_value_type(value) != CATALOG_VALUE_NULL)
			catalog_reader_build_keep(build, &target, value);
	}
}

size_t catalog_reader_build_count(const struct catalog_value *value)
{
	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: return 0;
	case CATALOG_VALUE_LIST: return catalog_value_count(value);
	case CATALOG_VALUE_BOOL:
	case CATALOG_VALUE_INT:
	case CATALOG_VALUE_DOUBLE:
	case CATALOG_VALUE_STRING:
	case CATALOG_VALUE_MAP: break;
	}
	return 1;
}

const struct catalog_value *catalog_reader_build_at(const struct catalog_value *value, size_t i)
{
	if (catalog_value_type(value) != CATALOG_VALUE_LIST)
		return value;
	return catalog_value_at(value, i, NULL);
}

const char *catalog_reader_build_text(const struct catalog_value *value, char room[32])
{
	const char *text;

	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_STRING: return catalog_value_text(value);
	case CATALOG_VALUE_BOOL: return catalog_value_bool(value) ? "true" : "false";
	case CATALOG_VALUE_INT:
		snprintf(room, 32, "%" PRId64, catalog_value_int(value));
		return room;
	case CATALOG_VALUE_DOUBLE:
		snprintf(room, 32, "%.15g", catalog_value_double(value));
		return room;
	case CATALOG_VALUE_MAP:
		for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
			const struct catalog_value *label = catalog_value_get(value, labels[i]);

			if (catalog_value_type(label) == CATALOG_VALUE_LIST)
				label = catalog_value_at(label, 0, NULL);
			if (catalog_value_type(label) == CATALOG_VALUE_MAP &&
			    catalog_value_get(label, "@value") == NULL)
				continue; /* the label of a label is none */
			text = catalog_reader_build_text(label, room);
			if (text != NULL && text[0] != '\0' && strncmp(text, "_:", 2) != 0)
				return text;
		}
		return NULL;
	case CATALOG_VALUE_NULL:
	case CATALOG_VALUE_LIST: break;
	}
	return NULL;
}

const char *catalog_reader_build_iri(const struct catalog_value *value, char room[32])
{
	const char *iri = catalog_value_text(catalog_value_get(value, "@id"));

	return iri != NULL && iri[0] != '\0' && strncmp(iri, "_:", 2) != 0
		       ? iri
		       : catalog_reader_build_text(value, room);
}
