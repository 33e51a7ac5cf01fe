/* catalog/export_dcat.h - a listing as a dcat:Dataset from which it can be read back, whatever DCAT
 * has no word for. */
#ifndef CATALOG_EXPORT_DCAT_H
#define CATALOG_EXPORT_DCAT_H

#include "catalog/export.h"
#include "catalog/reader_graph.h"
#include "catalog/value.h"

/* Make the node (catalog/export_node.h) with "fedcat:id", "fedcat:member" and, under
 * "fedcat:exact", what reading the rest back would not give.  links (may be NULL) are there twice:
 * under "prov:has_provenance" and "rdfs:seeAlso", which everybody knows, and under "fedcat:receipt"
 * and "fedcat:log", which tell our reader to leave both out.  The caller owns *ret_node.  Returns
 * 0, -ENOMEM, -E2BIG if the listing is nested too deep. */
int catalog_export_dcat_make(const char *member, const char *id, const char *uri,
			     const struct catalog_value *listing,
			     const struct catalog_export_links *links,
			     struct catalog_value **ret_node);

/* Tell of each statement that node makes.  Returns 0, -ENOMEM, or what say returned. */
int catalog_export_dcat_say(const struct catalog_value *node,
			    int (*say)(void *arg, const struct catalog_reader_statement *statement),
			    void *arg);

/* The patch between what was read and the listing as JSON text, or NULL if they are equal. The
 * caller owns *ret_patch.  Returns 0, -ENOMEM, -E2BIG. */
int catalog_export_dcat_patch(const struct catalog_value *read, const struct catalog_value *listing,
			      struct catalog_value **ret_patch);

#endif
