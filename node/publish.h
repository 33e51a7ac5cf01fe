/* node/publish.h - one run of publishing: a member's log made to mirror what its source lists.
 *
 * Threads  the writer alone.  After a call that failed a run can only be freed.
 */
#ifndef NODE_PUBLISH_H
#define NODE_PUBLISH_H

#include <stddef.h>

#include "catalog/entry.h"
#include "node/control.h"

struct node_publish;

/* The requests and answers are those of publish-begin, ... in node/control.h.  The caller owns
 * *ret_run.  Returns 0, -ENOKEY, -EINPROGRESS (others must be asked first: node/confirm.h),
 * -ESTALE (our own log is partial), -EPERM (it is marked), -EKEYREJECTED, -ENOMEM, -EIO. */
int node_publish_begin(const struct node_control_options *options,
		       const struct catalog_value *request, struct node_publish **ret_run,
		       struct catalog_value **ret_answer, struct node_error *ret_error);

/* End a run; what publish-end did not answer for may or may not be there.  NULL is allowed. */
void node_publish_free(struct node_publish *run);

/* Returns 0, -EINVAL, -ESTALE, -EPERM, -ENOSPC, -ENOMEM, -EIO. */
int node_publish_put(struct node_publish *run, const struct catalog_value *request,
		     struct catalog_value **ret_answer, struct node_error *ret_error);

/* Returns 0, -EINVAL, -ENOMEM, -EIO. */
int node_publish_reject(struct node_publish *run, const struct catalog_value *request,
			struct catalog_value **ret_answer, struct node_error *ret_error);

/* Returns 0, -EPERM (also when too much is missing), -ESTALE, -ENOSPC, -ENOMEM, -EIO. */
int node_publish_end(struct node_publish *run, struct catalog_value **ret_answer,
		     struct node_error *ret_error);

/* Outside of any run.  Returns 0, -ENOENT (nothing current under that id), -EINVAL, and as
 * node_publish_begin(). */
int node_publish_withdraw(const struct node_control_options *options,
			  const struct catalog_value *request, struct catalog_value **ret_answer,
			  struct node_error *ret_error);

/* Entries about no listing, in one batch, outside of any run. */
struct node_publish_entry {
	enum catalog_entry_kind kind; /* as catalog_publisher_append() takes */
	const char *id;
	struct catalog_span body;
};

/* Sign and commit them; verb is for the sentences, and request may hold force_new_log.  Returns 0,
 * -E2BIG if one does not fit an entry, and as node_publish_begin() and node_publish_end(). */
int node_publish_entries(const struct node_control_options *options,
			 const struct catalog_value *request, const char *verb,
			 const struct node_publish_entry *entries, size_t count,
			 struct node_error *ret_error);

#endif
