/* node/channel.h - the command's connection to a running fedcatd: requests out, replies in
 * (node/control.h).
 *
 * While a request is being sent replies are read, so that neither side waits for the other for
 * ever.
 * Threads  one caller at a time.  Calls block.
 */
#ifndef NODE_CHANNEL_H
#define NODE_CHANNEL_H

#include "catalog/buffer.h"
#include "catalog/value.h"

struct node_channel;

/* Connect to the socket of the fedcatd in directory dir.  The caller owns *ret_channel.
 * Returns 0, -ENOENT or -ECONNREFUSED (none runs there), -EACCES, -ENOMEM, or what socket() says.
 */
int node_channel_open(const char *dir, struct node_channel **ret_channel);

/* Talk over a connected stream socket, which is the channel's from now on, whatever is returned.
 * Returns 0, -ENOMEM, or what fcntl() says. */
int node_channel_new(int fd, struct node_channel **ret_channel);
void node_channel_free(struct node_channel *channel); /* NULL is allowed */

/* Send a frame (node_reply_frame).  That the other side is gone shows in
 * node_channel_receive(), after what it had said before.  Returns 0, -ENOMEM. */
int node_channel_send(struct node_channel *channel, struct catalog_span frame);

/* Wait for the next reply, which the caller owns.  Returns 0, -EPIPE if the other side went away
 * before it was complete, -EPROTO if it is too long or no message, -ENOMEM. */
int node_channel_receive(struct node_channel *channel, struct catalog_value **ret_reply);

#endif
