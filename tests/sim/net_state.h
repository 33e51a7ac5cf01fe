/* tests/sim/net_state.h - what a simulated federation is made of, shared by net (nodes, time) and
 * net_wires (what is between them).  Nobody else includes this.
 */
#ifndef TESTS_SIM_NET_STATE_H
#define TESTS_SIM_NET_STATE_H

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "gossip/random.h"
#include "tests/sim/disk.h"
#include "tests/sim/net.h"
#include "tests/sim/queue.h"

#define NET_JOBS_MAX 256

enum net_event_kind {
	NET_EVENT_BYTES,
	NET_EVENT_ENDED,
	NET_EVENT_TICK,
	NET_EVENT_DIALLED,
	NET_EVENT_FAILED,
	NET_EVENT_RUN,  /* a job is run */
	NET_EVENT_DONE, /* and its node learns what came of it */
};

struct net_event {
	struct queue_item item; /* first */
	enum net_event_kind kind;
	size_t node;           /* whom it happens to */
	unsigned life;         /* which of the node's, where that matters */
	struct net_wire *wire; /* BYTES, ENDED, DIALLED */
	size_t side;
	struct catalog_buffer bytes;
	struct gossip_job *job;               /* RUN, DONE; NULL: its node is gone */
	char address[GOSSIP_NODE_TEXT_BYTES]; /* FAILED */
};

struct net_side {
	size_t node;
	uint64_t link; /* 0: never opened */
	bool is_open;
	bool is_lost;       /* nothing arrives at it any more */
	uint64_t arrive_us; /* the last of what is on its way to it */
};

struct net_wire {
	struct net_side sides[2];
	uint64_t delay_us;
	char address[GOSSIP_NODE_TEXT_BYTES];
	size_t pending; /* events that name it */
	struct net_wire
		*ghost; /* the same connection once more: what side 0 says arrives there, too */
	struct net_wire *origin; /* of a ghost */
	struct net_wire *next, **prev;
};

struct net_node {
	char dir[64];
	struct catalog_store *store; /* NULL while it is down */
	struct disk *disk;
	struct catalog_charter *charter; /* its own, or the federation's */
	struct catalog_secret secret;
	struct gossip_noise_secret key;
	struct gossip_node *gossip;
	unsigned region, life;
	bool is_behind_nat, has_started, has_kept;
	bool is_mute;
	uint64_t epoch_ms; /* its monotonic clock began then */
	int64_t clock_s;   /* its clock is so far off */
	uint64_t tick_us;  /* the earliest tick that is queued */
	size_t job_count;
	struct net_event *jobs[NET_JOBS_MAX];
	unsigned published;
	uint64_t *held_ms; /* by log: when it last grew */
	uint64_t *held;    /* by log */
};

/* Which wire and side a link's number stands for. */
struct net_place {
	struct net_wire *wire;
	size_t side;
};

struct net {
	struct net_options options;
	struct gossip_random random;
	struct catalog_charter *charter; /* of the founding */
	uint64_t now_us, trace, bytes;
	struct queue queue;
	struct net_wire *wires;
	size_t link_count, link_room;
	struct net_place *links; /* by number */
	struct net_node *nodes;
	size_t first_parted; /* 0: nobody is */
	bool *is_blocked;    /* from * node_count + to */
	unsigned deaf_percent, slow_percent, ghost_percent;
};

void net_must(bool holds, const char *what);
uint64_t net_between(struct net *net, uint64_t from, uint64_t to);
bool net_chance(struct net *net, unsigned percent);
uint64_t net_time_of(const struct net *net, size_t node); /* its own, ms */
void net_note(struct net *net, uint64_t what);            /* in the trace */
struct net_event *net_add_event(struct net *net, enum net_event_kind kind, size_t node,
				uint64_t at_us);

/* Let a node do all that it has to do. */
void net_drain(struct net *net, size_t node);

/* --- wires ------------------------------------------------------------------------------------ */

void net_wires_dial(struct net *net, size_t from, const struct gossip_action *action);
void net_wires_send(struct net *net, size_t from, uint64_t link, struct catalog_span bytes);
size_t net_wires_peer(struct net *net, size_t node, uint64_t link);
void net_wires_close(struct net *net, size_t from, uint64_t link);
void net_wires_happen(struct net *net, struct net_event *event); /* BYTES, ENDED, DIALLED */
void net_wires_forget(struct net_event *event);                  /* it has happened */
void net_wires_leave(struct net *net, size_t node);              /* it is gone */

#endif
