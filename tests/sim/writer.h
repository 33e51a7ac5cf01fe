/* tests/sim/writer.h - a member's publisher: puts, changes and withdraws listings at random.
 */
#ifndef TESTS_SIM_WRITER_H
#define TESTS_SIM_WRITER_H

#include "gossip/random.h"
#include "tests/sim/net.h"

#define WRITER_IDS 40 /* of a member's listings, so that most change now and then */

struct writer_batch {
	size_t node;
	uint32_t member;
	const struct catalog_secret *secret; /* the member's */
	unsigned count;                      /* of changes, at most WRITER_IDS */
	bool may_erase;
};

/* Publish a batch at a node, which is up and may sign.  Returns 0 when it is durable, or what the
 * publisher said: then nothing of it is, or, if the node's power went, perhaps all. */
int writer_publish(struct net *net, const struct writer_batch *batch, struct gossip_random *random);

#endif
