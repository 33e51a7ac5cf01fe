/* tests/sim/liar.h - what a malicious node does with a chunk that it is asked for.
 */
#ifndef TESTS_SIM_LIAR_H
#define TESTS_SIM_LIAR_H

#include "catalog/buffer.h"
#include "gossip/random.h"

enum liar_lie {
	LIAR_HIDE, /* one to three entries, whatever they are: a put, a withdrawal, a newer one */
	LIAR_COLLAPSE, /* a subtree, as if all in it were superseded */
	LIAR_REORDER,  /* two entries change places */
	LIAR_TRUNCATE, /* the last entries are missing, or the last bytes */
	LIAR_REPLACE,  /* an entry is another's */
	LIAR_FLIP,     /* a bit */
	LIAR_REPLAY,   /* an earlier chunk again */
	LIAR_LIES
};

/* Change a chunk that was made for a peer.  kept is what an earlier chunk was, for a replay, and
 * becomes this one.  What cannot be done with it leaves it as it is. */
void liar_change(enum liar_lie lie, struct gossip_random *random, struct catalog_buffer *wire,
		 struct catalog_buffer *kept);

#endif
