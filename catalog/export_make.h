/* catalog/export_make.h - JSON-LD in the making: small steps that share one sticky error. */
#ifndef CATALOG_EXPORT_MAKE_H
#define CATALOG_EXPORT_MAKE_H

#include <stdbool.h>

#include "catalog/value.h"

struct catalog_export_make {
	const char *uri; /* of the dataset */
	int error;       /* 0, -ENOMEM; then every function does nothing */
};

/* Makes the JSON-LD of a property, or NULL if it has none. */
typedef struct catalog_value *(*catalog_export_make_function)(struct catalog_export_make *maker,
							      const struct catalog_value *value);

/* Set a property of map, append to list (both take child). */
void catalog_export_make_set(struct catalog_export_make *maker, struct catalog_value *map,
			     const char *name, struct catalog_value *child);
void catalog_export_make_append(struct catalog_export_make *maker, struct catalog_value *list,
				struct catalog_value *child);

/* value as it is; NULL is noted as out of memory. */
struct catalog_value *catalog_export_make_made(struct catalog_export_make *maker,
					       struct catalog_value *value);

/* {a: a_text, b: b_text}; b may be NULL. */
struct catalog_value *catalog_export_make_pair(struct catalog_export_make *maker, const char *a,
					       const char *a_text, const char *b,
					       const char *b_text);

/* Whether text (may be NULL) can stand under "@id": an absolute IRI that no prefix changes. */
bool catalog_export_make_is_iri(const char *text);

/* value itself, and a list of what make makes of each of list's. */
struct catalog_value *catalog_export_make_literal(struct catalog_export_make *maker,
						  const struct catalog_value *value);
struct catalog_value *catalog_export_make_each(struct catalog_export_make *maker,
					       const struct catalog_value *list,
					       catalog_export_make_function make);

#endif
