/* node/bundle.h - entries that came in a file (catalog/bundle) are taken as those of a peer are, by
 * the same code.  What the requests take and give is in node/control.h; their shape was checked
 * there.
 *
 * Threads  where one may write.
 */
#ifndef NODE_BUNDLE_H
#define NODE_BUNDLE_H

#include <stdbool.h>

#include "node/control.h"

#define NODE_BUNDLE_ITEMS_MAX 64 /* in one request */

/* Answer "bundle-take".  Returns 0, -EINVAL, -ENOSPC, -ENOMEM, -EIO. */
int node_bundle_take(const struct node_control_options *options,
		     const struct catalog_value *request, struct catalog_value **ret_answer,
		     struct node_error *ret_error);

/* Answer "bundle-back".  Returns 0, -ENOENT (no such member), -EPERM (it is our own), -ENOSPC,
 * -ENOMEM, -EIO. */
int node_bundle_back(const struct node_control_options *options,
		     const struct catalog_value *request, struct catalog_value **ret_answer,
		     struct node_error *ret_error);

/* Whether a request is one of these, so that logs may have moved. */
bool node_bundle_is(const struct catalog_value *request);

#endif
