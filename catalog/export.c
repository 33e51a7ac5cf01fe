#include "catalog/export.h"

#include <errno.h>

#include "catalog/json.h"

int catalog_export_begin(enum catalog_export_format format, const char *catalog_title,
			 struct catalog_buffer *buffer)
{
	(void)catalog_title;
	(void)buffer;
	return format == CATALOG_EXPORT_NATIVE ? 0 : -ENOTSUP;
}

/* {"id": ..., "listing": ..., "member": ...} and a line break. */
static int write_native(const char *member, const char *id, const struct catalog_value *listing,
			struct catalog_buffer *buffer)
{
	struct catalog_value *line = catalog_value_new_map();
	int r = line == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = catalog_value_set(line, "member", catalog_value_new_string(member));
	if (r == 0)
		r = catalog_value_set(line, "id", catalog_value_new_string(id));
	if (r == 0)
		r = catalog_value_set(line, "listing", catalog_value_clone(listing));
	if (r == 0)
		r = catalog_json_write(line, CATALOG_JSON_COMPACT, buffer);
	if (r == 0)
		r = catalog_buffer_append(buffer, "\n", 1);
	catalog_value_free(line);
	return r;
}

int catalog_export_listing(enum catalog_export_format format, const char *member, const char *id,
			   const char *uri, const struct catalog_value *listing, int is_first,
			   struct catalog_buffer *buffer)
{
	(void)uri;
	(void)is_first;
	return format == CATALOG_EXPORT_NATIVE ? write_native(member, id, listing, buffer)
					       : -ENOTSUP;
}

int catalog_export_end(enum catalog_export_format format, struct catalog_buffer *buffer)
{
	(void)buffer;
	return format == CATALOG_EXPORT_NATIVE ? 0 : -ENOTSUP;
}
