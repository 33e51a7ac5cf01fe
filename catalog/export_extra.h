/* catalog/export_extra.h - what a reader of RDF has kept of a source, as JSON-LD again.
 *
 * A node that says something loses its name: it is an owl:sameAs, since others may say something
 * else of it.  What is no JSON-LD is left out.
 */
#ifndef CATALOG_EXPORT_EXTRA_H
#define CATALOG_EXPORT_EXTRA_H

#include "catalog/export_make.h"

/* Add to node what part has under "extra", in place of properties of the same name. */
void catalog_export_extra_add(struct catalog_export_make *maker, const struct catalog_value *part,
			      struct catalog_value *node);

/* A list of policies (ODRL). */
struct catalog_value *catalog_export_extra_policies(struct catalog_export_make *maker,
						    const struct catalog_value *list);

#endif
