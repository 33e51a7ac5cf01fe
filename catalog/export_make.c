#include "catalog/export_make.h"

#include <errno.h>
#include <string.h>

#include "catalog/iri.h"
#include "catalog/url.h"

void catalog_export_make_set(struct catalog_export_make *maker, struct catalog_value *map,
			     const char *name, struct catalog_value *child)
{
	if (maker->error < 0) {
		catalog_value_free(child);
		return;
	}
	if (catalog_value_set(map, name, child) < 0)
		maker->error = -ENOMEM;
}

void catalog_export_make_append(struct catalog_export_make *maker, struct catalog_value *list,
				struct catalog_value *child)
{
	if (list == NULL) {
		catalog_value_free(child);
		maker->error = -ENOMEM;
		return;
	}
	if (catalog_value_append(list, child) < 0)
		maker->error = -ENOMEM;
}

/* Whatever is returned was made, or maker->error says why not. */
struct catalog_value *catalog_export_make_made(struct catalog_export_make *maker,
					       struct catalog_value *value)
{
	if (value == NULL)
		maker->error = -ENOMEM;
	return value;
}

struct catalog_value *catalog_export_make_pair(struct catalog_export_make *maker, const char *a,
					       const char *a_text, const char *b,
					       const char *b_text)
{
	struct catalog_value *map = catalog_export_make_made(maker, catalog_value_new_map());

	if (map == NULL)
		return NULL;
	catalog_export_make_set(maker, map, a, catalog_value_new_string(a_text));
	if (b != NULL)
		catalog_export_make_set(maker, map, b, catalog_value_new_string(b_text));
	return map;
}

/* Whether text can stand under "@id": an absolute IRI that no prefix changes. */
bool catalog_export_make_is_iri(const char *text)
{
	struct catalog_buffer expanded = {0};
	bool is = text != NULL && catalog_url_check(text) == 0 &&
		  strncmp(text, "dcterms:", 8) != 0 && catalog_iri_expand(text, &expanded) == 0 &&
		  strcmp((const char *)expanded.bytes, text) == 0;

	catalog_buffer_close(&expanded);
	return is;
}

struct catalog_value *catalog_export_make_literal(struct catalog_export_make *maker,
						  const struct catalog_value *value)
{
	return catalog_export_make_made(maker, catalog_value_clone(value));
}

struct catalog_value *catalog_export_make_each(struct catalog_export_make *maker,
					       const struct catalog_value *list,
					       catalog_export_make_function make)
{
	struct catalog_value *all = catalog_export_make_made(maker, catalog_value_new_list());

	for (size_t i = 0; all != NULL && i < catalog_value_count(list); i++) {
		struct catalog_value *one = make(maker, catalog_value_at(list, i, NULL));

		if (one != NULL)
			catalog_export_make_append(maker, all, one);
	}
	return all;
}
