/* catalog/reader_raptor.h - RDF parsed by libraptor2: bytes in, statements out.
 *
 * Nothing is ever fetched: neither the network nor files are opened, entities from elsewhere are
 * not read.  Blank nodes that the source names and those that it does not are kept apart.
 *
 * Threads  none: one caller at a time.
 */
#ifndef CATALOG_READER_RAPTOR_H
#define CATALOG_READER_RAPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/reader.h"
#include "catalog/reader_graph.h"

/* Told of each statement.  Non-zero stops the parsing and is returned. */
typedef int (*catalog_reader_raptor_each)(void *arg,
					  const struct catalog_reader_statement *statement);

struct catalog_reader_raptor_error {
	uint64_t line; /* in what was parsed, from 1; 0 if it is not known */
	char text[200];
};

struct catalog_reader_raptor;

/* Returns 0, -ENOMEM. */
int catalog_reader_raptor_new(catalog_reader_raptor_each each, void *arg,
			      struct catalog_reader_raptor **ret_raptor);
void catalog_reader_raptor_free(struct catalog_reader_raptor *raptor);

/* Begin a document.  format is CATALOG_READER_TURTLE, CATALOG_READER_NTRIPLES or
 * CATALOG_READER_RDFXML.  Returns 0, -ENOMEM. */
int catalog_reader_raptor_begin(struct catalog_reader_raptor *raptor,
				enum catalog_reader_format format);

/* More bytes of the document; the last may be empty.  Returns 0, -EBADMSG and *ret_error at a
 * mistake, -ENOMEM, or what each returned; after an error only begin and free are allowed. */
int catalog_reader_raptor_feed(struct catalog_reader_raptor *raptor, struct catalog_span bytes,
			       bool is_last, struct catalog_reader_raptor_error *ret_error);

#endif
