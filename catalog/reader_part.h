/* catalog/reader_part.h - loose values as the parts of a listing that have properties of their
 * own.
 *
 * Each is a catalog_reader_build_field, as those of catalog/reader_field.h.  A node is read by the
 * names of data.json, of CKAN's scheming and of RDF with the usual prefixes ("foaf:name",
 * "vcard:hasEmail", "dcat:startDate"), so that one table serves every format.
 */
#ifndef CATALOG_READER_PART_H
#define CATALOG_READER_PART_H

#include "catalog/reader_field.h"

#define CATALOG_READER_PART(name)                                                                  \
	void catalog_reader_part_##name(struct catalog_reader_build *build,                        \
					const struct catalog_reader_build_target *target,          \
					const struct catalog_value *value)

CATALOG_READER_PART(agent);    /* publisher */
CATALOG_READER_PART(agents);   /* creator */
CATALOG_READER_PART(contacts); /* contact */
CATALOG_READER_PART(places);   /* spatial */
CATALOG_READER_PART(periods);  /* temporal */
CATALOG_READER_PART(checksum); /* checksum of a distribution: a node or the digits */
CATALOG_READER_PART(service);  /* of a distribution */
CATALOG_READER_PART(services); /* of a listing */

/* For the formats' own fields: one map for each node of value, filled by rows (distributions), */
void catalog_reader_part_each(struct catalog_reader_build *build,
			      const struct catalog_reader_build_target *target,
			      const struct catalog_value *value,
			      const struct catalog_reader_build_row *rows, size_t count);
/* or for a property that holds one, one map. */
void catalog_reader_part_one(struct catalog_reader_build *build,
			     const struct catalog_reader_build_target *target,
			     const struct catalog_value *value,
			     const struct catalog_reader_build_row *rows, size_t count);

#endif
