/* gossip/thin.h - thin, dear and metered links: what a node may send and fetch, and what is still
 * to be fetched.
 *
 * What is sent waits until there is room for it under the limits.  What is received is limited by
 * what is asked for: an answer counts when it is asked for, as long as such answers have been, and
 * is corrected when it has come.  Handshakes are never held up.
 */
#ifndef GOSSIP_THIN_H
#define GOSSIP_THIN_H

#include <stdbool.h>
#include <stdint.h>

struct gossip_node;

struct gossip_thin_limits {
	uint64_t all_bytes_s;  /* of all links, sent, and as much received; 0: no limit */
	uint64_t peer_bytes_s; /* of each link, likewise */
	bool is_metered;       /* entries are fetched only when asked for: gossip_thin_pull() */
};

/* Keep these from now on. */
void gossip_thin_limit(struct gossip_node *node, const struct gossip_thin_limits *limits,
		       uint64_t now_ms);

/* Fetch what is lacking now, until nothing is. */
void gossip_thin_pull(struct gossip_node *node);

struct gossip_thin_estimate {
	uint64_t entries; /* that are known of and lacking */
	uint64_t bytes;   /* that they will take on their way, about */
	uint64_t bytes_s; /* at which they are thought to come, 0: not known */
	bool is_waiting;  /* for gossip_thin_pull() */
};
void gossip_thin_look(const struct gossip_node *node, struct gossip_thin_estimate *ret_estimate);

#endif
