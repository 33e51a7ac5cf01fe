#include "catalog/iri.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* The order is that of the context of what we export. */
static const struct {
	const char *prefix;
	const char *namespace;
} prefixes[] = {
	{"adms", "http://www.w3.org/ns/adms#"},
	{"dc", "http://purl.org/dc/elements/1.1/"},
	{"dcat", "http://www.w3.org/ns/dcat#"},
	{"dcatap", "http://data.europa.eu/r5r/"},
	{"dct", "http://purl.org/dc/terms/"},
	{"fedcat", "urn:fedcat:"},
	{"foaf", "http://xmlns.com/foaf/0.1/"},
	{"geosparql", "http://www.opengis.net/ont/geosparql#"},
	{"locn", "http://www.w3.org/ns/locn#"},
	{"odrl", "http://www.w3.org/ns/odrl/2/"},
	{"owl", "http://www.w3.org/2002/07/owl#"},
	{"prov", "http://www.w3.org/ns/prov#"},
	{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	{"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
	{"schema", "http://schema.org/"},
	{"skos", "http://www.w3.org/2004/02/skos/core#"},
	{"spdx", "http://spdx.org/rdf/terms#"},
	{"vcard", "http://www.w3.org/2006/vcard/ns#"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
};

/* Namespaces that are written for one of ours by mistake, or by another version of a vocabulary. */
static const struct {
	const char *iri;
	const char *name;
} aliases[] = {
	{"http://purl.org/dc/terms/#conformsTo", "dct:conformsTo"},
	{"http://purl.org/dc/terms/#license", "dct:license"},
	{"http://www.w3.org/ns/adms#contactPoint", "dcat:contactPoint"},
	{"http://www.w3.org/ns/adms#Contact", "vcard:Kind"},
	{"http://www.w3.org/ns/dcat#identifier", "dct:identifier"},
	{"http://www.w3.org/ns/dcat#spatial", "dct:spatial"},
	{"http://www.w3.org/ns/dcat#temporal", "dct:temporal"},
	{"http://www.w3.org/ns/dcat#license", "dct:license"},
	{"https://schema.org/startDate", "schema:startDate"},
	{"https://schema.org/endDate", "schema:endDate"},
};

enum { PREFIX_COUNT = sizeof prefixes / sizeof *prefixes };

static int put(struct catalog_buffer *buffer, const char *text)
{
	return catalog_buffer_append(buffer, text, strlen(text) + 1);
}

static bool is_local_name(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-')
			return false;
	return true;
}

int catalog_iri_compact(const char *iri, struct catalog_buffer *buffer)
{
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (strcmp(iri, aliases[i].iri) == 0)
			return put(buffer, aliases[i].name);
	for (size_t i = 0; i < PREFIX_COUNT; i++) {
		size_t len = strlen(prefixes[i].namespace);

		if (strncmp(iri, prefixes[i].namespace, len) != 0 || !is_local_name(iri + len))
			continue;
		return catalog_buffer_print(buffer, "%s:%s%c", prefixes[i].prefix, iri + len, '\0');
	}
	return put(buffer, iri);
}

int catalog_iri_expand(const char *name, struct catalog_buffer *buffer)
{
	size_t len = strcspn(name, ":");

	if (name[len] == '\0' || !is_local_name(name + len + 1))
		return put(buffer, name);
	for (size_t i = 0; i < PREFIX_COUNT; i++)
		if (strlen(prefixes[i].prefix) == len && memcmp(prefixes[i].prefix, name, len) == 0)
			return catalog_buffer_print(buffer, "%s%s%c", prefixes[i].namespace,
						    name + len + 1, '\0');
	return put(buffer, name);
}

bool catalog_iri_prefix_at(size_t i, const char **ret_prefix, const char **ret_namespace)
{
	if (i >= PREFIX_COUNT)
		return false;
	*ret_prefix = prefixes[i].prefix;
	*ret_namespace = prefixes[i].namespace;
	return true;
}

/* --- trees -------------------------------------------------------------------------- */

typedef int (*rename_function)(const char *name, struct catalog_buffer *buffer);

static int rename_tree(const struct catalog_value *value, rename_function rename,
		       struct catalog_value **ret_value);

/* The text or texts under "@type". */
static int rename_types(const struct catalog_value *value, rename_function rename,
			struct catalog_value **ret_value)
{
	struct catalog_buffer name = {0};
	struct catalog_value *made = NULL, *child = NULL;
	int r = 0;

	if (catalog_value_type(value) == CATALOG_VALUE_STRING) {
		r = rename(catalog_value_text(value), &name);
		if (r == 0) {
			*ret_value = catalog_value_new_string((const char *)name.bytes);
			r = *ret_value == NULL ? -ENOMEM : 0;
		}
		catalog_buffer_close(&name);
		return r;
	}
	if (catalog_value_type(value) != CATALOG_VALUE_LIST) {
		*ret_value = catalog_value_clone(value);
		return *ret_value == NULL ? -ENOMEM : 0;
	}
	made = catalog_value_new_list();
	if (made == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < catalog_value_count(value) && r == 0; i++) {
		const struct catalog_value *type = catalog_value_at(value, i, NULL);

		/* A list in the list would be no type: kept as it is. */
		child = NULL;
		if (catalog_value_type(type) == CATALOG_VALUE_STRING)
			r = rename_types(type, rename, &child);
		else
			child = catalog_value_clone(type);
		if (r == 0)
			r = catalog_value_append(made, child);
	}
	if (r < 0) {
		catalog_value_free(made);
		return r;
	}
	*ret_value = made;
	return 0;
}

static int rename_member(const char *key, const struct catalog_value *value, rename_function rename,
			 struct catalog_value *into)
{
	struct catalog_buffer name = {0};
	struct catalog_value *child = NULL;
	int r = 0;

	if (key[0] == '@')
		r = put(&name, key);
	else
		r = rename(key, &name);
	if (r == 0 && strcmp(key, "@type") == 0)
		r = rename_types(value, rename, &child);
	else if (r == 0)
		r = rename_tree(value, rename, &child);
	if (r == 0)
		r = catalog_value_set(into, (const char *)name.bytes, child);
	catalog_buffer_close(&name);
	return r;
}

static int rename_tree(const struct catalog_value *value, rename_function rename,
		       struct catalog_value **ret_value)
{
	bool is_map = catalog_value_type(value) == CATALOG_VALUE_MAP;
	struct catalog_value *made;
	int r = 0;

	if (!is_map && catalog_value_type(value) != CATALOG_VALUE_LIST) {
		*ret_value = catalog_value_clone(value);
		return *ret_value == NULL ? -ENOMEM : 0;
	}
	made = is_map ? catalog_value_new_map() : catalog_value_new_list();
	if (made == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < catalog_value_count(value) && r == 0; i++) {
		const char *key;
		const struct catalog_value *child = catalog_value_at(value, i, &key);
		struct catalog_value *renamed = NULL;

		if (is_map) {
			r = rename_member(key, child, rename, made);
			continue;
		}
		r = rename_tree(child, rename, &renamed);
		if (r == 0)
			r = catalog_value_append(made, renamed);
	}
	if (r < 0) {
		catalog_value_free(made);
		return r;
	}
	*ret_value = made;
	return 0;
}

int catalog_iri_compact_tree(const struct catalog_value *value, struct catalog_value **ret_value)
{
	return rename_tree(value, catalog_iri_compact, ret_value);
}

int catalog_iri_expand_tree(const struct catalog_value *value, struct catalog_value **ret_value)
{
	return rename_tree(value, catalog_iri_expand, ret_value);
}

/* --- references --------------------------------------------------------------------- */

bool catalog_iri_is_absolute(const char *text)
{
	size_t i = 0;

	if (text[0] == '_' && text[1] == ':')
		return true;
	if (!isalpha((unsigned char)text[0]))
		return false;
	while (isalnum((unsigned char)text[i]) || (text[i] != '\0' && strchr("+-.", text[i])))
		i++;
	return text[i] == ':';
}

/* Where the path of an absolute IRI begins. */
static size_t path_offset(const char *iri)
{
	size_t i = strcspn(iri, ":");

	if (iri[i] == ':')
		i++;
	if (iri[i] == '/' && iri[i + 1] == '/')
		i += 2 + strcspn(iri + i + 2, "/?#");
	return i;
}

/* Append a path without its "." and ".." segments. */
static int put_path(struct catalog_buffer *buffer, const char *path, size_t len)
{
	size_t floor = buffer->len, i = 0;
	int r = 0;

	while (i < len && r == 0) {
		const char *slash = memchr(path + i, '/', len - i);
		size_t segment = slash == NULL ? len - i : (size_t)(slash - path) - i;
		bool is_last = slash == NULL;

		if (segment == 2 && memcmp(path + i, "..", 2) == 0) {
			if (buffer->len > floor)
				buffer->len--;
			while (buffer->len > floor && buffer->bytes[buffer->len - 1] != '/')
				buffer->len--;
			if (buffer->len == floor && path[0] == '/')
				r = catalog_buffer_append(buffer, "/", 1);
		} else if (!(segment == 1 && path[i] == '.')) {
			r = catalog_buffer_append(buffer, path + i, segment + !is_last);
		}
		i += segment + !is_last;
	}
	return r;
}

int catalog_iri_resolve(const char *base, const char *reference, struct catalog_buffer *buffer)
{
	size_t path, end, kept, len;
	int r;

	if (base == NULL || base[0] == '\0' || catalog_iri_is_absolute(reference) ||
	    !catalog_iri_is_absolute(base))
		return put(buffer, reference);
	path = path_offset(base);
	end = path + strcspn(base + path, "?#");
	if (reference[0] == '/' && reference[1] == '/') {
		r = catalog_buffer_append(buffer, base, strcspn(base, ":") + 1);
		return r < 0 ? r : put(buffer, reference);
	}
	if (reference[0] == '\0' || reference[0] == '#' || reference[0] == '?') {
		kept = reference[0] == '?' ? end : strcspn(base, "#");
		r = catalog_buffer_append(buffer, base, kept);
		return r < 0 ? r : put(buffer, reference);
	}
	r = catalog_buffer_append(buffer, base, path);
	len = strcspn(reference, "?#");
	if (r == 0 && reference[0] == '/') {
		r = put_path(buffer, reference, len);
	} else if (r == 0) {
		struct catalog_buffer merged = {0};

		while (end > path && base[end - 1] != '/')
			end--;
		r = end > path ? catalog_buffer_append(&merged, base + path, end - path)
			       : catalog_buffer_append(&merged, "/", 1);
		if (r == 0)
			r = catalog_buffer_append(&merged, reference, len);
		if (r == 0)
			r = put_path(buffer, (const char *)merged.bytes, merged.len);
		catalog_buffer_close(&merged);
	}
	return r < 0 ? r : put(buffer, reference + len);
}
