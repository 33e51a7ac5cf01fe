/* catalog/export_ntriples.h - statements as lines of N-Triples (RDF 1.1). */
#ifndef CATALOG_EXPORT_NTRIPLES_H
#define CATALOG_EXPORT_NTRIPLES_H

#include "catalog/buffer.h"
#include "catalog/value.h"

/* Append what node (catalog/export_dcat.h) says.  Its blank nodes are named after uri, so that
 * those of several nodes in one file stay apart.  Returns 0, -ENOMEM. */
int catalog_export_ntriples_write(const char *uri, const struct catalog_value *node,
				  struct catalog_buffer *buffer);

#endif
