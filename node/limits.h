/* node/limits.h - the limits of thin and metered links, by the hour: how they are written, and what
 * they are at an hour.
 *
 *   limit-rate        20k            bytes a second of all links, sent, and as much received
 *   limit-rate-peer   5k             of each link
 *   limit-rate-hours  22-06:off,12-13:50k/10k    in these hours of the day instead: all, or
 * all/peer pull              always, asked, or the hours 22-06 in which entries are fetched unasked
 *
 * A rate is a number of bytes, k (1,000) or M (1,000,000) after it, or off.  Hours are of the
 * machine's time zone, from the first to before the second, which may be of the next day; the first
 * range that holds the hour counts.
 */
#ifndef NODE_LIMITS_H
#define NODE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gossip/thin.h"
#include "node/error.h"

#define NODE_LIMITS_HOURS_MAX 8
#define NODE_LIMITS_RATE_MAX  1000000000 /* bytes a second */

struct node_limits_hours {
	unsigned from, to; /* 0 to 23, and 1 to 24 or, past midnight, less than from */
	bool has_peer;
	uint64_t all_bytes_s, peer_bytes_s; /* 0: off */
};

/* All zero: no limits, and entries are fetched as they come. */
struct node_limits {
	uint64_t all_bytes_s, peer_bytes_s; /* 0: off */
	size_t count;
	struct node_limits_hours hours[NODE_LIMITS_HOURS_MAX];
	bool is_metered; /* entries are fetched when asked for, and: */
	bool has_pull;   /* in these hours */
	struct node_limits_hours pull;
};

/* Read one setting's text.  Returns 0, -EINVAL with a sentence. */
int node_limits_read_rate(const char *text, uint64_t *ret_bytes_s, struct node_error *ret_error);
int node_limits_read_hours(const char *text, struct node_limits *limits,
			   struct node_error *ret_error);
int node_limits_read_pull(const char *text, struct node_limits *limits,
			  struct node_error *ret_error);

/* What they are at an hour of the day, 0 to 23. */
void node_limits_at(const struct node_limits *limits, unsigned hour,
		    struct gossip_thin_limits *ret_limits);

#endif
