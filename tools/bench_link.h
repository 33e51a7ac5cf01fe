/* tools/bench_link.h - chunks as they come to a node: sealed in frames by one end of an encrypted
 * channel, opened by the other.
 *
 * The handshake is made of fixed secrets, so that what was sealed once can be received many times.
 * Threads  one caller at a time for each receiver; any number of receivers.
 */
#ifndef TOOLS_BENCH_LINK_H
#define TOOLS_BENCH_LINK_H

#include "catalog/buffer.h"

/* Seal messages, each a message of the bulk lane.  The caller closes *ret_sealed.
 * Returns 0, or as gossip/channel and gossip/frame do. */
int tools_bench_link_seal(const struct catalog_buffer *messages, size_t count,
			  struct catalog_buffer *ret_sealed);

/* Begin to receive what was sealed (borrowed).  The caller owns *ret_receiver.
 * Returns 0, -ENOMEM. */
struct tools_bench_link_receiver;
int tools_bench_link_receiver_new(struct catalog_span sealed,
				  struct tools_bench_link_receiver **ret_receiver);
void tools_bench_link_receiver_free(struct tools_bench_link_receiver *receiver);

/* Append the next message.  Returns 0, -ENOENT after the last, or as gossip/channel and
 * gossip/frame do. */
int tools_bench_link_receive(struct tools_bench_link_receiver *receiver,
			     struct catalog_buffer *ret_message);

#endif
