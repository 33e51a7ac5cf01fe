/* gossip/score.h - the nodes that sent what does not verify, stalled or repeated themselves, and
 * for how long they are kept out: GOSSIP_SCORE_PAUSE_MS, doubled with each offence up to
 * GOSSIP_SCORE_PAUSE_MS_MAX.  A day without one forgives them all.  Slow ones are never here.
 *
 * Time    now_ms, monotonic.
 * Limits  GOSSIP_SCORE_MAX nodes: one more takes the place of the one that may come back first.
 */
#ifndef GOSSIP_SCORE_H
#define GOSSIP_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "gossip/node.h"

#define GOSSIP_SCORE_MAX          64
#define GOSSIP_SCORE_PAUSE_MS     60000
#define GOSSIP_SCORE_PAUSE_MS_MAX (12u * 60 * 60 * 1000)
#define GOSSIP_SCORE_FORGIVE_MS   (24u * 60 * 60 * 1000)

struct gossip_score_entry {
	struct catalog_node_key key;
	uint32_t member;
	unsigned offences;
	uint64_t until_ms;
	char reason[GOSSIP_NODE_TEXT_BYTES]; /* of the last */
};

/* All zero: nobody. */
struct gossip_score {
	size_t count;
	struct gossip_score_entry entries[GOSSIP_SCORE_MAX];
};

/* A node did what it must not. */
void gossip_score_add(struct gossip_score *score, const struct catalog_node_key *key,
		      uint32_t member, const char *reason, uint64_t now_ms);

/* Until when a node is kept out; 0: it is not. */
uint64_t gossip_score_until_ms(const struct gossip_score *score, const struct catalog_node_key *key,
			       uint64_t now_ms);

/* Remember what was remembered in an earlier run (options.scores). */
void gossip_score_recall(struct gossip_score *score, const struct gossip_score_entry *entries,
			 size_t count, uint64_t now_ms);

/* Those that are kept out, and those that were (until_ms has passed) and are not forgiven, at most
 * max.  Returns how many there are in ret_entries. */
size_t gossip_score_look(const struct gossip_node *node, uint64_t now_ms,
			 struct gossip_score_entry *ret_entries, size_t max);

#endif
