/* tests/gossip/world.h - several nodes in one process, on one clock and one seed: what one sends
 * arrives at the other cut anywhere and in any order among the links, jobs end in any order, links
 * break when the world says so.
 */
#ifndef TESTS_GOSSIP_WORLD_H
#define TESTS_GOSSIP_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/log.h"
#include "catalog/node.h"
#include "gossip/confirm.h"
#include "gossip/message.h"
#include "gossip/node.h"
#include "gossip/thin.h"

#define WORLD_NODES_MAX   16
#define WORLD_MEMBERS_MAX 1000

struct world;

struct world_options {
	uint64_t seed;
	size_t node_count;
	unsigned cut_percent;  /* of deliveries after which the link breaks */
	unsigned fail_percent; /* of dials that fail */
	bool assembles;        /* nodes put amendments together of the votes in the logs */
	size_t founded;        /* members at first (0: all); the charter admits the others later */
	size_t member_count;   /* in all (0: one a node); those beyond the nodes have none */
	bool starts_down;      /* the nodes are down at first */
	bool is_plain;         /* entries travel as they are, not compressed */
	size_t incoming_links; /* (0: as many as a node takes) */
	size_t leaf;           /* that node is one (0: none is) */
	size_t text_bytes;     /* of a listing, about (0: few) */
};

/* Make a federation of node_count members, each with a node that is up. */
struct world *world_new(const struct world_options *options);
void world_free(struct world *world);

const struct catalog_charter *world_charter(const struct world *world);
struct catalog_store *world_store(struct world *world, size_t node);
struct gossip_node *world_node(struct world *world, size_t node); /* NULL while it is down */
uint64_t world_now_ms(const struct world *world);
const struct catalog_secret *world_secret(const struct world *world,
					  size_t node); /* its member's */

/* Publish count listings of the node's own, named from number first on, and tell its gossip. */
void world_publish(struct world *world, size_t node, unsigned first, unsigned count);

/* A node's own log has grown by other ways: tell its gossip. */
void world_published(struct world *world, size_t node);

/* Likewise, in the log of another member, whose key the node has, too; it learns of it when it
 * starts. */
void world_publish_as(struct world *world, size_t node, size_t member, unsigned first,
		      unsigned count);

/* Have a node look for so many witnesses of its newest checkpoint, for so long. */
void world_witness(struct world *world, size_t node, size_t count, uint64_t ms);

/* End a node as if its process were killed (its store stays), and start it again. */
void world_kill(struct world *world, size_t node);
void world_start(struct world *world, size_t node);

/* Give a node that is down an empty store. */
void world_wipe(struct world *world, size_t node);

/* Give a node that is down the store as it was when it was kept, its backup. */
void world_keep(struct world *world, size_t node);
void world_restore(struct world *world, size_t node);

/* What a node holds of the charter. */
const struct catalog_charter *world_charter_of(const struct world *world, size_t node);

/* The member that the node is to be, for who admits it. */
void world_member(const struct world *world, size_t node, struct catalog_member *ret_member);

/* Hand an amendment to a node, whose council signed it.  Returns what it makes of it. */
int world_amend(struct world *world, size_t node, struct catalog_span amendment);

/* What a node's hello says of its charter, which no proof of a conflict is known of. */
struct gossip_course world_course(const struct world *world, size_t node);

/* Whether a node may sign. */
struct gossip_confirm world_confirm(struct world *world, size_t node);

/* Have a node take connections at another address from now on ("": at none), or reach nobody. */
void world_move(struct world *world, size_t node, const char *address);
void world_mute(struct world *world, size_t node, bool is_mute);

/* Give a node that is down another key; the same number, the same key. */
struct catalog_node_key world_rekey(struct world *world, size_t node, uint8_t number);

/* The time of day, which passes with the world's. */
int64_t world_now_s(const struct world *world);

/* Put what names a node into a member's log, at its place, by way of a node's store. */
void world_name(struct world *world, size_t node, size_t member, const struct catalog_node *named);

/* Make two nodes unable to reach each other, or able again. */
void world_part(struct world *world, size_t a, size_t b, bool is_parted);

/* What a node sends, and is sent, takes so long on its way (each way), and no more than so many
 * bytes a second pass (0: any number); of links from now on. */
void world_slow(struct world *world, size_t node, uint64_t delay_ms, uint64_t bytes_s);

/* Let a node keep within limits; have it fetch what it lacks. */
void world_limit(struct world *world, size_t node, const struct gossip_thin_limits *limits);
void world_pull(struct world *world, size_t node);

/* Change the links' habits from now on. */
void world_calm(struct world *world);

/* Let things happen until all nodes that are up have equal vectors and nothing is under way, or for
 * at most so many steps.  Returns whether they have. */
bool world_settle(struct world *world, unsigned long steps_max);

/* Let ms of time pass, and happen what happens in it. */
void world_pass(struct world *world, uint64_t ms);

/* One thing more happens.  Returns whether anything could without time passing. */
bool world_step(struct world *world);

struct catalog_log_status world_status(struct world *world, size_t node, uint32_t log);

/* What all nodes have done together. */
struct world_counts {
	uint64_t bytes;  /* delivered */
	uint64_t bulk;   /* of chunks, as they were made */
	uint64_t chunks; /* made */
	uint64_t closes; /* links that a node closed */
	uint64_t notices;
	uint64_t failed_dials;
	uint64_t turns;         /* nodes that began anew, since the charter changed course */
	uint64_t witnessed;     /* searches for witnesses that ended */
	size_t witnesses;       /* found by the last */
	char reason[256];       /* of the last close */
	char reasons[64 * 256]; /* of them all, a line each, while there is room */
	char notice[256];       /* the last */
};
const struct world_counts *world_counts(const struct world *world);

/* A peer that is no node of ours: it has the key of a second node of the member that it speaks to,
 * and what it says, bytes of the test's making, stands in records.  What the node says to it is
 * gathered.  It lives as long as the world. */
struct world_stranger;
struct world_stranger *world_stranger_new(struct world *world, size_t node);
/* One that has the key of another member's second node. */
struct world_stranger *world_stranger_of(struct world *world, size_t node, uint32_t member);
/* One whose key nobody has named. */
struct world_stranger *world_stranger_unknown(struct world *world, size_t node);
/* One that makes no handshake: it says bytes as they are. */
struct world_stranger *world_stranger_raw(struct world *world, size_t node);
void world_stranger_say(struct world_stranger *stranger, const void *bytes, size_t len);
const struct catalog_buffer *world_stranger_heard(struct world_stranger *stranger);
bool world_stranger_is_closed(const struct world_stranger *stranger);

#endif
