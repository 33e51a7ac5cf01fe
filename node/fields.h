/* node/fields.h - fill a map field by field, with one check at the end.
 *
 * The first failure is kept and the fields after it are dropped, so that an answer of twenty fields
 * reads as twenty lines.
 */
#ifndef NODE_FIELDS_H
#define NODE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/hash.h"
#include "catalog/value.h"

struct node_fields {
	struct catalog_value *map; /* NULL after a failure */
};

/* Begin an empty map; node_fields_close() ends it. */
void node_fields_init(struct node_fields *fields);

void node_fields_text(struct node_fields *fields, const char *key,
		      const char *text); /* NULL: null */
void node_fields_count(struct node_fields *fields, const char *key, uint64_t count);
void node_fields_bool(struct node_fields *fields, const char *key, bool b);
void node_fields_null(struct node_fields *fields, const char *key);
void node_fields_hash(struct node_fields *fields, const char *key, const struct catalog_hash *hash);
void node_fields_time(struct node_fields *fields, const char *key, int64_t time_s);
/* A list of count texts, each at stride bytes after the one before. */
void node_fields_texts(struct node_fields *fields, const char *key, const char *texts,
		       size_t stride, size_t count);
/* Takes value, which is NULL when it could not be made. */
void node_fields_value(struct node_fields *fields, const char *key, struct catalog_value *value);

/* Give the map away; the caller owns *ret_map.  Returns 0, -ENOMEM. */
int node_fields_close(struct node_fields *fields, struct catalog_value **ret_map);

/* Give the map away as the last child of list.  Returns 0, -ENOMEM. */
int node_fields_append(struct node_fields *fields, struct catalog_value *list);

/* Drop the map. */
void node_fields_drop(struct node_fields *fields);

#endif
