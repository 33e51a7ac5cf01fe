/* catalog/reader_build.h - one listing in the making: loose values from a source become the typed
 * properties of catalog/listing.h, and what had to change is kept beside them.
 *
 * Loose values  text, numbers, lists or single values, {language: text}, and what RDF becomes:
 *               {"@value", "@language"}, {"@id"} and nodes of such.
 * Errors        sticky: once memory has run out, every function does nothing.
 */
#ifndef CATALOG_READER_BUILD_H
#define CATALOG_READER_BUILD_H

#include <stdbool.h>

#include "catalog/value.h"

#define CATALOG_READER_BUILD_PATH_BYTES     200
#define CATALOG_READER_BUILD_LANGUAGE_BYTES 36

struct catalog_reader_build {
	struct catalog_value *listing;
	struct catalog_value *original;                     /* path -> value as it was */
	char language[CATALOG_READER_BUILD_LANGUAGE_BYTES]; /* of text that does not say */
	unsigned repairs;
	int error; /* 0, -ENOMEM */
};

/* Where a property goes. */
struct catalog_reader_build_target {
	struct catalog_value *into; /* the listing, or a part of it */
	const char *path;           /* JSON pointer of into; "" for the listing */
	const char *key;            /* the property */
	const char *from;           /* its name in the source */
};

/* Turns a loose value into a property. */
typedef void (*catalog_reader_build_field)(struct catalog_reader_build *build,
					   const struct catalog_reader_build_target *target,
					   const struct catalog_value *value);

/* A row of a table that says what the names of a source mean. */
struct catalog_reader_build_row {
	const char *from;
	const char *to;
	catalog_reader_build_field field;
};

/* Begin a listing.  language is the catalogue's, or what the caller assumes. */
void catalog_reader_build_init(struct catalog_reader_build *build, const char *language);
void catalog_reader_build_close(struct catalog_reader_build *build);

/* Fill target by rows, in their order; what no row names goes to target's "extra".  Source keys
 * are taken out of source. */
void catalog_reader_build_object(struct catalog_reader_build *build,
				 const struct catalog_reader_build_row *rows, size_t count,
				 struct catalog_value *source, struct catalog_value *into,
				 const char *path);

/* Set target's property (takes child). */
void catalog_reader_build_set(struct catalog_reader_build *build,
			      const struct catalog_reader_build_target *target,
			      struct catalog_value *child);
/* Append to target's property, a list that is made when needed (takes child). */
void catalog_reader_build_append(struct catalog_reader_build *build,
				 const struct catalog_reader_build_target *target,
				 struct catalog_value *child);
/* Append text unless the list holds it already. */
void catalog_reader_build_append_text(struct catalog_reader_build *build,
				      const struct catalog_reader_build_target *target,
				      const char *text);
/* Note that target's property was repaired or dropped: was is what the source said. */
void catalog_reader_build_repaired(struct catalog_reader_build *build,
				   const struct catalog_reader_build_target *target,
				   const struct catalog_value *was);
/* Keep a value that the model has no place for, under its own name. */
void catalog_reader_build_keep(struct catalog_reader_build *build,
			       const struct catalog_reader_build_target *target,
			       const struct catalog_value *value);

/* How many single values a loose value holds, and one of them: a list has its elements, null none,
 * anything else itself. */
size_t catalog_reader_build_count(const struct catalog_value *value);
const struct catalog_value *catalog_reader_build_at(const struct catalog_value *value, size_t i);

/* The plain text of a single loose value: of text, a number, {"@value"}, {"@id"}, or the label of
 * a node.  Borrowed from value or written to room.  NULL if it has none. */
const char *catalog_reader_build_text(const struct catalog_value *value, char room[32]);
/* The same for what names a thing: the "@id" of a node before its label, no blank node. */
const char *catalog_reader_build_iri(const struct catalog_value *value, char room[32]);

#endif
