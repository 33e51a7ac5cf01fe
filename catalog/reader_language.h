/* catalog/reader_language.h - languages by the codes, names and concepts that catalogues use. */
#ifndef CATALOG_READER_LANGUAGE_H
#define CATALOG_READER_LANGUAGE_H

#include "catalog/reader_build.h"

/* The BCP 47 tag of a language named by a tag ("pt_br" is pt-BR), a code of ISO 639-2 or -3
 * ("SPA"), its English name, or its concept of the European Union's or the Library of Congress's
 * authority.  Returns 0, -ENOENT if text names no language plainly. */
int catalog_reader_language_find(const char *text,
				 char ret_tag[CATALOG_READER_BUILD_LANGUAGE_BYTES]);

/* The language of a loose value that names exactly one.  Returns 0, -ENOENT. */
int catalog_reader_language_only(const struct catalog_value *value,
				 char ret_tag[CATALOG_READER_BUILD_LANGUAGE_BYTES]);

#endif
