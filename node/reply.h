/* node/reply.h - what goes over the control socket (node/control.h): frames, and replies made and
 * taken apart. */
#ifndef NODE_REPLY_H
#define NODE_REPLY_H

#include "catalog/buffer.h"
#include "catalog/value.h"
#include "node/error.h"

/* Append the frame of a request or a reply.  Returns 0, -E2BIG, -ENOMEM. */
int node_reply_frame(const struct catalog_value *message, size_t len_max,
		     struct catalog_buffer *buffer);

/* The reply that says what node_control_handle() did.  Takes answer, which is NULL when it failed.
 * The caller owns the reply; NULL when out of memory. */
struct catalog_value *node_reply_make(int code, struct catalog_value *answer,
				      const struct node_error *error);

/* The other way round: take a reply apart.  The answer is taken out of reply, which stays the
 * caller's, as *ret_answer is.
 * Returns 0, what its code stands for, or -EPROTO. */
int node_reply_outcome(struct catalog_value *reply, struct catalog_value **ret_answer,
		       struct node_error *ret_error);

#endif
