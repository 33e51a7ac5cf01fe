/* catalog/export_node.h - a listing as a dcat:Dataset in JSON-LD with the names of catalog/iri.h.
 */
#ifndef CATALOG_EXPORT_NODE_H
#define CATALOG_EXPORT_NODE_H

#include "catalog/value.h"

/* Make the node of a listing, named uri, with what DCAT-AP 3 can say of it.  Only the dataset, its
 * distributions and services have names, all below uri: what a listing says of a publisher or a
 * place is not what others say of it, and must not run together with it in one graph.  The caller
 * owns *ret_node.  Returns 0, -ENOMEM. */
int catalog_export_node_make(const char *uri, const struct catalog_value *listing,
			     struct catalog_value **ret_node);

#endif
