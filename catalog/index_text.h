/* catalog/index_text.h - text into the words that the search index knows.
 *
 * A word is a run of letters, digits and their marks.  Runs in scripts that write no spaces
 * (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are divided by ICU's dictionaries.  Words are
 * folded: compatibility forms and case (NFKC_Casefold), then the accents and vowel points of Latin,
 * Greek, Cyrillic, Arabic and Hebrew are dropped.
 *
 * Threads  one struct per thread; making one is dear, so keep it for a batch or a search.
 */
#ifndef CATALOG_INDEX_TEXT_H
#define CATALOG_INDEX_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

#define CATALOG_INDEX_TEXT_WORD_BYTES_MAX 64 /* longer words are cut at a character */
#define CATALOG_INDEX_TEXT_FOLD_BYTES_MAX 400

/* The values are the first byte of a term on disk. */
enum catalog_index_text_form {
	CATALOG_INDEX_TEXT_WORD = 'w', /* the folded word: every word begins with one of these */
	CATALOG_INDEX_TEXT_STEM = 's', /* of the word before, where it differs from the word */
	CATALOG_INDEX_TEXT_PART = 'p', /* two neighbouring characters of a longer word of the
					  scripts that a dictionary divides */
};

struct catalog_index_text;

/* The caller owns *ret_text.  Returns 0, -ENOMEM. */
int catalog_index_text_new(struct catalog_index_text **ret_text);
void catalog_index_text_free(struct catalog_index_text *text); /* NULL is allowed */

/* The set of one language that holds the stemmer for a BCP 47 tag; 0 if we have none.  Sets are
 * united by |. The bits are stored in the index: see CATALOG_INDEX_VERSION before changing them. */
uint32_t catalog_index_text_language(const char *tag);

/* Call each for the forms of each word of text, stems by every language of the set, until it
 * returns non-zero, which is then returned.  Bytes that are no UTF-8 part words, as spaces do.
 * Returns 0, -ENOMEM. */
typedef int (*catalog_index_text_each)(void *arg, enum catalog_index_text_form form,
				       struct catalog_span word);
int catalog_index_text_words(struct catalog_index_text *text, struct catalog_span bytes,
			     uint32_t languages, catalog_index_text_each each, void *arg);

/* Append the folded form of the whole text, cut to CATALOG_INDEX_TEXT_FOLD_BYTES_MAX.
 * Returns 0, -ENOMEM, -EBADMSG if it is no UTF-8 or is too long before it is cut. */
int catalog_index_text_fold(struct catalog_index_text *text, struct catalog_span bytes,
			    struct catalog_buffer *ret_folded);

#endif
