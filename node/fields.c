#include "node/fields.h"

#include <errno.h>
#include <stddef.h>

#include "catalog/date.h"

void node_fields_init(struct node_fields *fields)
{
	fields->map = catalog_value_new_map();
}

void node_fields_value(struct node_fields *fields, const char *key, struct catalog_value *value)
{
	if (fields->map == NULL)
		catalog_value_free(value);
	else if (catalog_value_set(fields->map, key, value) != 0)
		node_fields_drop(fields);
}

void node_fields_text(struct node_fields *fields, const char *key, const char *text)
{
	node_fields_value(fields, key,
			  text != NULL ? catalog_value_new_string(text) : catalog_value_new_null());
}

void node_fields_count(struct node_fields *fields, const char *key, uint64_t count)
{
	node_fields_value(fields, key, catalog_value_new_int((int64_t)count));
}

void node_fields_bool(struct node_fields *fields, const char *key, bool b)
{
	node_fields_value(fields, key, catalog_value_new_bool(b));
}

void node_fields_null(struct node_fields *fields, const char *key)
{
	node_fields_value(fields, key, catalog_value_new_null());
}

void node_fields_hash(struct node_fields *fields, const char *key, const struct catalog_hash *hash)
{
	char hex[CATALOG_HASH_HEX_BYTES];

	catalog_hash_to_hex(hash, hex);
	node_fields_text(fields, key, hex);
}

void node_fields_time(struct node_fields *fields, const char *key, int64_t time_s)
{
	char date[CATALOG_DATE_BYTES_MAX + 1];

	catalog_date_from_seconds(time_s, date);
	node_fields_text(fields, key, date);
}

void node_fields_texts(struct node_fields *fields, const char *key, const char *texts,
		       size_t stride, size_t count)
{
	struct catalog_value *list = catalog_value_new_list();

	for (size_t i = 0; i < count && list != NULL; i++) {
		if (catalog_value_append(list, catalog_value_new_string(texts + i * stride)) == 0)
			continue;
		catalog_value_free(list);
		list = NULL;
	}
	node_fields_value(fields, key, list);
}

int node_fields_close(struct node_fields *fields, struct catalog_value **ret_map)
{
	if (fields->map == NULL)
		return -ENOMEM;
	*ret_map = fields->map;
	fields->map = NULL; /* the caller's now */
	return 0;
}

int node_fields_append(struct node_fields *fields, struct catalog_value *list)
{
	struct catalog_value *map = fields->map;

	fields->map = NULL; /* the list's now */
	return catalog_value_append(list, map);
}

void node_fields_drop(struct node_fields *fields)
{
	catalog_value_free(fields->map);
	fields->map = NULL;
}
