/* catalog/reader_plain.h - nodes of RDF where a listing has plain text: the labels of a
 * dct:ProvenanceStatement, the IRI of a licence. */
#ifndef CATALOG_READER_PLAIN_H
#define CATALOG_READER_PLAIN_H

#include "catalog/value.h"

/* Make the properties of a dataset's or a distribution's node plain that a listing has as text.
 * What their nodes say beyond that stays in node, under a name with "=" before it: "=dct:license".
 * Returns 0, -ENOMEM. */
int catalog_reader_plain_make(struct catalog_value *node);

#endif
