/* catalog/iri.h - names of RDF: the prefixes that catalogues usually write them with, and relative
 * references.
 *
 * A name is "dct:title" where its namespace is one of ours, else the whole IRI.
 */
#ifndef CATALOG_IRI_H
#define CATALOG_IRI_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/buffer.h"
#include "catalog/value.h"

/* Append the name of iri, NUL-terminated (the NUL is counted).  Returns 0, -ENOMEM. */
int catalog_iri_compact(const char *iri, struct catalog_buffer *buffer);

/* Append the IRI of a name, NUL-terminated (the NUL is counted); what has no prefix of ours stays
 * as it is.  Returns 0, -ENOMEM. */
int catalog_iri_expand(const char *name, struct catalog_buffer *buffer);

/* Make the keys, "@type"s and types of literals in a tree of nodes names, or IRIs.  "@value"s and
 * "@id"s stay.  The caller owns *ret_value.  Returns 0, -ENOMEM. */
int catalog_iri_compact_tree(const struct catalog_value *value, struct catalog_value **ret_value);
int catalog_iri_expand_tree(const struct catalog_value *value, struct catalog_value **ret_value);

/* The prefixes: *ret_prefix "dct", *ret_namespace "http://purl.org/dc/terms/".  False past the
 * last. */
bool catalog_iri_prefix_at(size_t i, const char **ret_prefix, const char **ret_namespace);

/* Whether text begins with a scheme: an IRI that needs no base, or a blank node ("_:b1"). */
bool catalog_iri_is_absolute(const char *text);

/* Append reference resolved against base (RFC 3986 section 5.2), NUL-terminated (the NUL is
 * counted).  base NULL or "": reference as it is.  Returns 0, -ENOMEM. */
int catalog_iri_resolve(const char *base, const char *reference, struct catalog_buffer *buffer);

#endif
