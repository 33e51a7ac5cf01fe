/* tests/sim/net.h - a federation in simulated time: real gossip/ and catalog/ code, a network with
 * delays, nodes behind NAT, nodes that vanish, all from one seed.
 *
 * In a smooth federation jobs take no time, nobody searches, and all nodes share one charter; what
 * takes time is the network.  In a rough one each node has a charter, a disk and clocks of its own,
 * jobs take time, and all that is below under "faults" can happen to it.
 *
 * Stores are made in $TMPDIR, else in /dev/shm where there is one: what is simulated is not the
 * disk's speed.
 */
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/log.h"
#include "gossip/node.h"

struct net;

/* For who looks on.  Each may be NULL. */
struct net_watch {
	void *arg;
	/* A node has run a job and not heard of it yet. */
	void (*ran)(void *arg, size_t node, struct gossip_job *job);
	void (*noticed)(void *arg, size_t node, const char *text);
	/* A node closed a link with a peer. */
	void (*closed)(void *arg, size_t node, size_t peer, const char *reason);
};

struct net_options {
	uint64_t seed;
	size_t node_count;
	unsigned nat_percent; /* of the nodes, which cannot be dialled */
	bool is_rough;
	size_t founded; /* members at first (0: all), whose nodes start at once */
	struct net_watch watch;
};

/* Make a federation of node_count members, a node each; the first is its council.  Ends the program
 * if it cannot. */
struct net *net_new(const struct net_options *options);
void net_free(struct net *net);

/* Let so much time pass. */
void net_run(struct net *net, uint64_t ms);
uint64_t net_now_ms(const struct net *net);

/* Publish a listing of the node's own.  Returns how many entries its log has then. */
uint64_t net_publish(struct net *net, size_t node);

/* A node's store has moved, by its publisher say: tell its gossip. */
void net_published(struct net *net, size_t node);

/* Likewise, if any log has moved. */
void net_moved(struct net *net, size_t node);

/* Hand an amendment to a node.  Returns what it makes of it. */
int net_amend(struct net *net, size_t node, struct catalog_span amendment);

/* --- faults ----------------------------------------------------------------------------------- */

/* A node is gone, without a word; its links break when something is sent.  And it is back. */
void net_kill(struct net *net, size_t node);

/* It begins with the charter of the founding, or with the amendments of another, and what its store
 * knows more. */
void net_start(struct net *net, size_t node, struct catalog_span charter);

/* Nodes below `first` and the others cannot reach each other (or can again). */
void net_part(struct net *net, size_t first, bool is_parted);

/* From now on so many of the requests for a chunk are never answered. */
void net_deafen(struct net *net, unsigned percent);

/* Of a rough federation: the power of a node goes at the write after so many more; it is down then,
 * as if it were killed. */
void net_crash(struct net *net, size_t node, unsigned long writes);

/* Of a node that is down: its store is kept as a backup, the backup is put back, or the store is
 * lost.  There must be a backup. */
void net_keep(struct net *net, size_t node);
bool net_has_kept(const struct net *net, size_t node);
void net_restore(struct net *net, size_t node);
void net_wipe(struct net *net, size_t node);

void net_fill(struct net *net, size_t node, bool is_full);       /* its disk */
void net_set_clock(struct net *net, size_t node, int64_t off_s); /* its time of day */

/* What one node sends to another is lost. */
void net_block(struct net *net, size_t from, size_t to, bool is_blocked);

/* Connections to it are made, and nothing is ever answered. */
void net_mute(struct net *net, size_t node, bool is_mute);

/* So many of the packets are late, some of them very. */
void net_slow(struct net *net, unsigned percent);

/* So many of the connections arrive twice, what is said on them, too. */
void net_double(struct net *net, unsigned percent);

/* Connections of a node end: each, or some, or so that the other side does not hear of it. */
enum net_cut { NET_CUT_ALL, NET_CUT_SOME, NET_CUT_HALF };
void net_cut(struct net *net, size_t node, enum net_cut cut);

/* --- looking ---------------------------------------------------------------------------------- */

bool net_is_up(const struct net *net, size_t node);
bool net_has_started(const struct net *net, size_t node);      /* ever */
struct catalog_store *net_store(struct net *net, size_t node); /* NULL while it is down */
const struct catalog_charter *net_charter(const struct net *net, size_t node);
struct gossip_node *net_gossip(struct net *net, size_t node);
int64_t net_clock_s(const struct net *net, size_t node);
bool net_has_failed(const struct net *net,
		    size_t node); /* its power went, and it is not down yet */

/* The secret of a node's member, and another from now on; the member, for who admits it. */
struct catalog_secret *net_secret(struct net *net, size_t node);
void net_member(const struct net *net, size_t node, struct catalog_member *ret_member);

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
