/* catalog/reader_xml.h - whether an XML file is safe to parse: what stands before its root element
 * declares no more than short texts. */
#ifndef CATALOG_READER_XML_H
#define CATALOG_READER_XML_H

#include "catalog/reader.h"
#include "catalog/reader_source.h"

#define CATALOG_READER_XML_PROLOG_BYTES_MAX (64u * 1024)
#define CATALOG_READER_XML_ENTITY_BYTES_MAX 256 /* an entity's text */

/* Look at the beginning of source.  Entities that stand for a namespace are common in RDF/XML and
 * allowed; those that hold other entities (a "billion laughs"), that lie elsewhere, or that are
 * long are not.  *ret_growth is how many bytes an ampersand can become, 1 without entities.
 * Returns 0, -EBADMSG and *ret_error, -EIO, -ENOMEM. */
int catalog_reader_xml_check(struct catalog_reader_source *source, size_t *ret_growth,
			     struct catalog_reader_error *ret_error);

#endif
