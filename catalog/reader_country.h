/* catalog/reader_country.h - countries by the codes and names that catalogues use. */
#ifndef CATALOG_READER_COUNTRY_H
#define CATALOG_READER_COUNTRY_H

/* The ISO 3166-1 alpha-2 code of a country named by a code of two or three capitals, its English
 * name, its own name, or its concept of the European Union's country authority.
 * Returns 0, -ENOENT if text names no country plainly. */
int catalog_reader_country_find(const char *text, char ret_country[3]);

#endif
