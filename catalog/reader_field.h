/* catalog/reader_field.h - loose values as properties of one plain kind: the last column of the
 * tables of catalog_reader_build_row.
 *
 * Each is a catalog_reader_build_field.  What is empty is left out, what can be repaired is, what
 * cannot be understood stays under "original" alone; both are counted.  A property that has a
 * value already keeps it where it can hold only one: the first row of a table wins.
 */
#ifndef CATALOG_READER_FIELD_H
#define CATALOG_READER_FIELD_H

#include "catalog/reader_build.h"

/* A name for a function of this shape, so that the list below reads as one. */
#define CATALOG_READER_FIELD(name)                                                                 \
	void catalog_reader_field_##name(struct catalog_reader_build *build,                       \
					 const struct catalog_reader_build_target *target,         \
					 const struct catalog_value *value)

CATALOG_READER_FIELD(line);      /* text of one line: license, version, format, ... */
CATALOG_READER_FIELD(lines);     /* list of them: theme, conformsTo, ...; of a node its "@id" */
CATALOG_READER_FIELD(title);     /* LANG of one line: title, an agent's name */
CATALOG_READER_FIELD(text);      /* LANG: description, rights, provenance */
CATALOG_READER_FIELD(keywords);  /* keyword; one text with commas or semicolons is several */
CATALOG_READER_FIELD(url);       /* URL */
CATALOG_READER_FIELD(urls);      /* list of URL */
CATALOG_READER_FIELD(date);      /* DATE */
CATALOG_READER_FIELD(languages); /* list of BCP 47 tags */
CATALOG_READER_FIELD(bytes);     /* byteSize */
CATALOG_READER_FIELD(maps);      /* list of maps as they are: policy */
CATALOG_READER_FIELD(keep);      /* to "extra", as it is */
CATALOG_READER_FIELD(extra);     /* a map whose members go to "extra": our own export's */
CATALOG_READER_FIELD(originals); /* a map whose members go to "original": likewise */
CATALOG_READER_FIELD(type);      /* "@type": classes that every record has are left out, others
				    go to "extra" */

#endif
