/* tests/sim/net.h - a federation in simulated time: real gossip/ and catalog/ code, a network with
 * delays, nodes behind NAT, nodes that vanish, all from one seed.
 *
 * Jobs take no time; what takes time is the network.  Stores are made in $TMPDIR, else in /dev/shm
 * where there is one: what is simulated is not the disk.
 */
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/log.h"
#include "gossip/node.h"

struct net;

struct net_options {
	uint64_t seed;
	size_t node_count;
	unsigned nat_percent; /* of the nodes, which cannot be dialled */
};

/* Make a federation of node_count members, a node each, all up at once.  Ends the program if it
 * cannot. */
struct net *net_new(const struct net_options *options);
void net_free(struct net *net);

/* Let so much time pass. */
void net_run(struct net *net, uint64_t ms);
uint64_t net_now_ms(const struct net *net);

/* From now on so many of the requests for a chunk are never answered. */
void net_deafen(struct net *net, unsigned percent);

/* Publish a listing of the node's own.  Returns how many entries its log has then. */
uint64_t net_publish(struct net *net, size_t node);

/* A node is gone, without a word; its links break when something is sent. */
void net_kill(struct net *net, size_t node);
bool net_is_up(const struct net *net, size_t node);

/* Nodes below `first` and the others cannot reach each other (or can again). */
void net_part(struct net *net, size_t first, bool is_parted);

/* When a node came to hold so many entries of a log; UINT64_MAX: not yet. */
uint64_t net_held_ms(const struct net *net, size_t node, uint32_t log, uint64_t size);

/* Whether all nodes that are up hold the same. */
bool net_is_equal(const struct net *net);

/* What all nodes that are up have done together. */
struct net_totals {
	uint64_t bytes;     /* on the network */
	uint64_t heads;     /* checkpoints received */
	uint64_t entries;   /* sent in chunks */
	uint64_t committed; /* entries of others that were taken */
};
struct net_totals net_totals(const struct net *net);

/* A hash over every event that happened: two runs of one seed have the same. */
uint64_t net_trace(const struct net *net);

#endif
