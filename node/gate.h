/* node/gate.h - how often one address may connect: a token bucket for each.
 *
 * Addresses share a fixed number of buckets, by a keyed hash: whoever floods from many addresses
 * costs no memory, and cannot choose whom it shares a bucket with.  Of an IPv6 address the first
 * 64 bits count, since whoever has one has them all.
 *
 * Time    now_ms, monotonic.
 * Threads none: one caller at a time.
 */
#ifndef NODE_GATE_H
#define NODE_GATE_H

#include <stdint.h>

#define NODE_GATE_BUCKETS   4096
#define NODE_GATE_TOKENS    32  /* that a bucket holds: so many at once */
#define NODE_GATE_TOKEN_MS  250 /* in which it gets one more */
#define NODE_GATE_KEY_BYTES 16

struct node_gate;

/* Make a gate; key is random.  The caller owns *ret_gate.  Returns 0, -ENOMEM. */
int node_gate_new(const uint8_t key[NODE_GATE_KEY_BYTES], struct node_gate **ret_gate);
void node_gate_free(struct node_gate *gate); /* NULL is allowed */

/* Whether the one at host (a numeric address; whatever is none counts as one) may connect now; it
 * costs a token.  Returns 0, -EAGAIN if it has none. */
int node_gate_pass(struct node_gate *gate, const char *host, uint64_t now_ms);

#endif
