/* catalog/reader_jsonld_context.h - what the names in a JSON-LD document stand for.
 *
 * Contexts are looked up from the innermost outwards, and at last in one of our own with the terms
 * of DCAT, which stands for the well-known contexts of DCAT: none is ever fetched.
 */
#ifndef CATALOG_READER_JSONLD_CONTEXT_H
#define CATALOG_READER_JSONLD_CONTEXT_H

#include <stdbool.h>

#include "catalog/buffer.h"
#include "catalog/value.h"

#define CATALOG_READER_JSONLD_IRI_BYTES_MAX 4096

/* A context in use.  {0} is the outermost; parent must outlive its children. */
struct catalog_reader_jsonld_context {
	const struct catalog_reader_jsonld_context *parent;
	const struct catalog_value *terms;   /* borrowed; NULL: none */
	const char *base, *vocab, *language; /* borrowed; NULL: nobody says */
	bool is_reset;                       /* a null context: what is outside does not count */
};

/* What a term says of the values under it. */
struct catalog_reader_jsonld_term {
	char iri[CATALOG_READER_JSONLD_IRI_BYTES_MAX];  /* the term itself if nobody knows it */
	char type[CATALOG_READER_JSONLD_IRI_BYTES_MAX]; /* "@id", "@vocab", "@json", an IRI, "" */
	const char *language;                /* borrowed; "" for none; NULL: that of the context */
	const struct catalog_value *context; /* borrowed; of the values under it; may be NULL */
	bool is_ignored;                     /* it is mapped to null */
	bool is_reverse;
	bool is_list, is_language_map, is_index;
	bool is_loose; /* of our own context: text that is no IRI stays text, maps may be languages
			*/
};

/* Make of value, what stands under "@context", at most room chained contexts; the last is to be
 * used inside, or parent if there are none.  *ret_unknown is the address of one that lies elsewhere
 * and is none of DCAT's (borrowed); else it is left.  Returns how many there are. */
size_t catalog_reader_jsonld_context_enter(const struct catalog_reader_jsonld_context *parent,
					   const struct catalog_value *value,
					   struct catalog_reader_jsonld_context *ret_contexts,
					   size_t room, const char **ret_unknown);

/* What key stands for. */
void catalog_reader_jsonld_context_term(const struct catalog_reader_jsonld_context *context,
					const char *key,
					struct catalog_reader_jsonld_term *ret_term);

/* The IRI of text: of a "@id" (relative to the base), or of a "@type" (by the vocabulary). Empty if
 * it is too long or mapped to null. */
void catalog_reader_jsonld_context_iri(const struct catalog_reader_jsonld_context *context,
				       const char *text, bool is_vocab,
				       char ret_iri[CATALOG_READER_JSONLD_IRI_BYTES_MAX]);

/* The language of text that does not say; NULL if nobody does. */
const char *
catalog_reader_jsonld_context_language(const struct catalog_reader_jsonld_context *context);

#endif
