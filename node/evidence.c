#include "node/evidence.h"

#include <errno.h>
#include <string.h>

#include "catalog/buffer.h"

/* Append text as one segment of a path (RFC 3986). */
static int append_segment(struct catalog_buffer *url, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";
	int r = 0;

	for (; *text != '\0' && r == 0; text++)
		r = strchr(plain, *text) != NULL
			    ? catalog_buffer_append(url, text, 1)
			    : catalog_buffer_print(url, "%%%02X", (unsigned)(unsigned char)*text);
	return r;
}

/* Set key to what is in the buffer, and end that. */
static int set_url(struct catalog_value *map, const char *key, struct catalog_buffer *url, int r)
{
	if (r == 0)
		r = catalog_value_set(
			map, key, catalog_value_new_string_n((const char *)url->bytes, url->len));
	catalog_buffer_close(url);
	return r;
}

int node_evidence_set(struct catalog_value *map, const char *base, const char *member,
		      const char *id)
{
	struct catalog_buffer url = {0};
	int r;

	if (base == NULL || catalog_value_get(map, "receipt") != NULL)
		return 0;
	r = catalog_buffer_print(&url, "%s/api/v1/listings/", base);
	if (r == 0)
		r = append_segment(&url, member);
	if (r == 0)
		r = catalog_buffer_append(&url, "/", 1);
	if (r == 0)
		r = append_segment(&url, id);
	if (r == 0)
		r = catalog_buffer_print(&url, "/receipt");
	r = set_url(map, "receipt", &url, r);
	if (r != 0)
		return r;
	r = catalog_buffer_print(&url, "%s/log/", base);
	if (r == 0)
		r = append_segment(&url, member);
	return set_url(map, "log", &url, r);
}

void node_evidence_fields(struct node_fields *fields, const char *base, const char *member,
			  const char *id)
{
	if (fields->map != NULL && node_evidence_set(fields->map, base, member, id) != 0)
		node_fields_drop(fields);
}
