/* node/search.h - the answer to search (node/control.h): hits with a title in the reader's language
 * and a few words around what was found.
 *
 * Threads  any, several at once.
 */
#ifndef NODE_SEARCH_H
#define NODE_SEARCH_H

#include "node/control.h"

#define NODE_SEARCH_HITS_MAX     100
#define NODE_SEARCH_HITS_DEFAULT 20

/* The caller owns *ret_answer.  Returns 0, -ENOENT (no such member), -EINVAL, -E2BIG (the query,
 * or too far down the hits), -EPROTONOSUPPORT (the index is of another version), -ENOMEM, -EIO. */
int node_search_answer(const struct node_control_options *options,
		       const struct catalog_value *request, struct catalog_value **ret_answer,
		       struct node_error *ret_error);

/* Words that begin as the last of the text does, likewise.  Returns 0, -EPROTONOSUPPORT, -ENOMEM,
 * -EIO. */
int node_search_suggest(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error);

/* Make a part of the search index anew.  On the writer.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int node_search_reindex(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error);

/* Say in a sentence why a search failed; why is what catalog_index_find() said, or "".
 * Returns what the caller is to return: r, but -EINVAL for a cursor that is none. */
int node_search_failed(struct node_error *error, int r, const char *why);

#endif
