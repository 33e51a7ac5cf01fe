#include "catalog/value_get.h"

const char *catalog_value_get_text(const struct catalog_value *map, const char *key)
{
	const char *text = catalog_value_text(catalog_value_get(map, key));

	return text != NULL ? text : "";
}

int64_t catalog_value_get_int(const struct catalog_value *map, const char *key, int64_t standard)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_INT ? catalog_value_int(value) : standard;
}

uint64_t catalog_value_get_count(const struct catalog_value *map, const char *key)
{
	int64_t count = catalog_value_get_int(map, key, 0);

	return count > 0 ? (uint64_t)count : 0;
}
