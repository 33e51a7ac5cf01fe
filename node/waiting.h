/* node/waiting.h - the requests "wait", "witness" and "stop" of node/control.h, which the loop
 * answers itself: what they ask for, and whether it has come true. */
#ifndef NODE_WAITING_H
#define NODE_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/hash.h"
#include "catalog/value.h"
#include "node/error.h"

#define NODE_WAITING_MS_MAX         (24u * 60 * 60 * 1000)
#define NODE_WAITING_WITNESS_MS_MAX (10u * 60 * 1000)

/* A wait, read. */
struct node_waiting {
	bool any_vector; /* whatever our vector hash is */
	struct catalog_hash vector;
	size_t equal; /* at least so many peers say that theirs is the same */
	uint64_t began_ms;
	uint64_t timeout_ms;
};

/* Whether a request of the loop's is that one. */
bool node_waiting_is(const struct catalog_value *request, const char *op);

/* What "witness" asks for.  Returns 0, -EINVAL with a sentence. */
int node_waiting_read_witness(const struct catalog_value *request, size_t *ret_count,
			      uint64_t *ret_timeout_ms, struct node_error *ret_error);

/* Its answer, which the caller owns; NULL when out of memory. */
struct catalog_value *node_waiting_witnessed(size_t wanted, size_t found);

/* Read a wait.  Returns 0, -EINVAL with a sentence. */
int node_waiting_read(const struct catalog_value *request, uint64_t now_ms,
		      struct node_waiting *ret_waiting, struct node_error *ret_error);

/* Whether it has come true: our vector's hash, and how many peers say the same. */
bool node_waiting_over(const struct node_waiting *waiting, const struct catalog_hash *vector,
		       size_t equal);

/* Its answer, which the caller owns; NULL when out of memory. */
struct catalog_value *node_waiting_answer(const struct node_waiting *waiting,
					  const struct catalog_hash *vector, uint64_t now_ms);

/* Say what is missing still, when its time is over. */
void node_waiting_timeout(const struct node_waiting *waiting, const struct catalog_hash *vector,
			  size_t equal, struct node_error *ret_error);

#endif
