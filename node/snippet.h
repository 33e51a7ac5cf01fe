/* node/snippet.h - a few words of a description, around the first that a query looks for.
 *
 * Threads  one struct per thread; making one is dear, so make one per answer.
 */
#ifndef NODE_SNIPPET_H
#define NODE_SNIPPET_H

#include "catalog/buffer.h"
#include "catalog/value.h"

#define NODE_SNIPPET_CHARACTERS_MAX 200        /* without the marks of what was left out */
#define NODE_SNIPPET_SEARCHED_MAX   (8 * 1024) /* bytes of a description that are looked through */

struct node_snippet;

/* Begin with the words of a query, "" for none.  The caller owns *ret_snippet.
 * Returns 0, -ENOMEM. */
int node_snippet_new(const char *query, struct node_snippet **ret_snippet);
void node_snippet_free(struct node_snippet *snippet); /* NULL is allowed */

/* Append one line out of description (a LANG map) and say in *ret_tag, borrowed from it, in which
 * language: the best for a reader of lang (may be NULL), else another one that has a word of the
 * query.  Returns 0, -ENOENT if there is no description, -ENOMEM. */
int node_snippet_of(struct node_snippet *snippet, const struct catalog_value *description,
		    const char *lang, struct catalog_buffer *ret_text, const char **ret_tag);

#endif
