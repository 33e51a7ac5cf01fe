#include "catalog/export_extra.h"

#include <errno.h>
#include <string.h>

#include "catalog/iri.h"
#include "catalog/url.h"

static struct catalog_value *others(struct catalog_export_make *maker,
				    const struct catalog_value *value);

/* A literal: text with a language or a type. */
static struct catalog_value *others_literal(struct catalog_export_make *maker,
					    const struct catalog_value *value)
{
	const struct catalog_value *text = catalog_value_get(value, "@value");
	const char *tag = catalog_value_text(catalog_value_get(value, "@language"));
	const char *type = catalog_value_text(catalog_value_get(value, "@type"));
	struct catalog_buffer iri = {0};
	struct catalog_value *map = NULL;
	bool is_type;

	if (catalog_value_type(text) == CATALOG_VALUE_MAP ||
	    catalog_value_type(text) == CATALOG_VALUE_LIST)
		return NULL;
	map = catalog_export_make_made(maker, catalog_value_new_map());
	if (map == NULL)
		return NULL;
	catalog_export_make_set(maker, map, "@value", catalog_value_clone(text));
	is_type = type != NULL && catalog_iri_expand(type, &iri) == 0 &&
		  catalog_url_check((const char *)iri.bytes) == 0;
	if (is_type)
		catalog_export_make_set(maker, map, "@type", catalog_value_new_string(type));
	else if (tag != NULL && tag[0] != '\0' && strlen(tag) < 36 &&
		 tag[strspn(tag,
			    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] ==
			 '\0')
		catalog_export_make_set(maker, map, "@language", catalog_value_new_string(tag));
	catalog_buffer_close(&iri);
	return map;
}

static void set_types(struct catalog_export_make *maker, struct catalog_value *node,
		      const struct catalog_value *types)
{
	bool is_list = catalog_value_type(types) == CATALOG_VALUE_LIST;
	struct catalog_value *good = catalog_export_make_made(maker, catalog_value_new_list());

	for (size_t i = 0; good != NULL && i < (is_list ? catalog_value_count(types) : 1); i++) {
		const struct catalog_value *one =
			is_list ? catalog_value_at(types, i, NULL) : types;
		struct catalog_buffer iri = {0};

		if (catalog_value_text(one) != NULL &&
		    catalog_iri_expand(catalog_value_text(one), &iri) == 0 &&
		    catalog_url_check((const char *)iri.bytes) == 0)
			catalog_export_make_append(maker, good, catalog_value_clone(one));
		catalog_buffer_close(&iri);
	}
	if (catalog_value_count(good) > 0)
		catalog_export_make_set(maker, node, "@type", good);
	else
		catalog_value_free(good);
}

static bool is_property(const char *name)
{
	struct catalog_buffer iri = {0};
	bool is = name[0] != '@' && strchr(name, ':') != NULL && strncmp(name, "fedcat:", 7) != 0 &&
		  strncmp(name, "dcterms:", 8) != 0 && catalog_iri_expand(name, &iri) == 0 &&
		  catalog_url_check((const char *)iri.bytes) == 0;

	catalog_buffer_close(&iri);
	return is;
}

/* A node: without its name if it says more than that, since others may say something else of it. */
static struct catalog_value *others_node(struct catalog_export_make *maker,
					 const struct catalog_value *value)
{
	const char *id = catalog_value_text(catalog_value_get(value, "@id")), *name;
	struct catalog_value *node;

	if (catalog_value_count(value) == 1 && id != NULL)
		return catalog_export_make_is_iri(id)
			       ? catalog_export_make_pair(maker, "@id", id, NULL, NULL)
			       : NULL;
	node = catalog_export_make_made(maker, catalog_value_new_map());
	if (node == NULL)
		return NULL;
	if (catalog_export_make_is_iri(id))
		catalog_export_make_set(maker, node, "owl:sameAs",
					catalog_export_make_pair(maker, "@id", id, NULL, NULL));
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		const struct catalog_value *child = catalog_value_at(value, i, &name), *old;
		struct catalog_value *one;

		if (strcmp(name, "@type") == 0) {
			set_types(maker, node, child);
			continue;
		}
		old = catalog_value_get(node, name);
		if (!is_property(name) || old != NULL)
			continue;
		one = others(maker, child);
		if (one != NULL)
			catalog_export_make_set(maker, node, name, one);
	}
	if (catalog_value_count(node) > 0)
		return node;
	catalog_value_free(node);
	return NULL;
}

/* What a reader of RDF has kept, with names in place of IRIs; NULL if JSON-LD has no place for it.
 */
static struct catalog_value *others(struct catalog_export_make *maker,
				    const struct catalog_value *value)
{
	struct catalog_value *list, *map;

	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: return NULL;
	case CATALOG_VALUE_BOOL:
	case CATALOG_VALUE_INT:
	case CATALOG_VALUE_DOUBLE:
	case CATALOG_VALUE_STRING: return catalog_export_make_literal(maker, value);
	case CATALOG_VALUE_LIST: return catalog_export_make_each(maker, value, others);
	case CATALOG_VALUE_MAP: break;
	}
	if (catalog_value_get(value, "@value") != NULL)
		return others_literal(maker, value);
	if (catalog_value_get(value, "@list") == NULL)
		return others_node(maker, value);
	list = others(maker, catalog_value_get(value, "@list"));
	if (catalog_value_type(list) != CATALOG_VALUE_LIST) {
		catalog_value_free(list);
		return NULL;
	}
	map = catalog_export_make_made(maker, catalog_value_new_map());
	if (map == NULL)
		catalog_value_free(list);
	else
		catalog_export_make_set(maker, map, "@list", list);
	return map;
}

/* What a part has under "extra". */
void catalog_export_extra_add(struct catalog_export_make *maker, const struct catalog_value *part,
			      struct catalog_value *node)
{
	const struct catalog_value *extra = catalog_value_get(part, "extra");
	struct catalog_value *named = NULL;
	const char *name;

	if (catalog_value_type(extra) != CATALOG_VALUE_MAP)
		return;
	if (catalog_iri_compact_tree(extra, &named) < 0) {
		maker->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < catalog_value_count(named); i++) {
		const struct catalog_value *child = catalog_value_at(named, i, &name);
		struct catalog_value *one;

		if (strcmp(name, "@type") == 0)
			set_types(maker, node, child);
		if (!is_property(name))
			continue;
		one = others(maker, child);
		if (one != NULL)
			catalog_export_make_set(maker, node, name, one);
	}
	catalog_value_free(named);
}

struct catalog_value *catalog_export_extra_policies(struct catalog_export_make *maker,
						    const struct catalog_value *list)
{
	struct catalog_value *named = NULL, *all;

	if (catalog_iri_compact_tree(list, &named) < 0) {
		maker->error = -ENOMEM;
		return NULL;
	}
	all = catalog_export_make_each(maker, named, others);
	catalog_value_free(named);
	return all;
}
