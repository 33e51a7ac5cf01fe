#include "node/channel.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/control.h"
#include "node/datadir.h"

#define READ_BYTES 65536
/* Replies are asked for one by one, a window of them at most. */
#define IN_BYTES_MAX                                                                               \
	((size_t)(NODE_CONTROL_WINDOW + 1) * (NODE_CONTROL_REPLY_MAX + NODE_CONTROL_HEADER_BYTES))

struct node_channel {
	int fd;
	bool closed;              /* the other side said its last */
	int failed;               /* a negative errno that ended the channel, or 0 */
	struct catalog_buffer in; /* replies, the first one's header first */
};

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd, r;

	assert(len < sizeof address.sun_path);
	memcpy(address.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	do
		r = connect(fd, (const struct sockaddr *)&address, sizeof address);
	while (r != 0 && errno == EINTR);
	if (r == 0)
		return fd;
	r = -errno;
	(void)close(fd); /* never connected */
	return r;
}

int node_channel_open(const char *dir, struct node_channel **ret_channel)
{
	char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
	int len, fd, dir_fd = -1;

	len = snprintf(path, sizeof path, "%s/%s", dir, NODE_DATADIR_CONTROL);
	if (len < 0 || (size_t)len >= sizeof path) {
		/* Too long for a socket's address: the same file by a short name. */
		dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir_fd < 0)
			return -errno;
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir_fd,
			       NODE_DATADIR_CONTROL); /* it fits */
	}
	fd = connect_to(path);
	if (dir_fd >= 0)
		(void)close(dir_fd); /* only named a place */
	return fd < 0 ? fd : node_channel_new(fd, ret_channel);
}

int node_channel_new(int fd, struct node_channel **ret_channel)
{
	struct node_channel *channel = NULL;
	int flags = fcntl(fd, F_GETFL), r = -ENOMEM;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		r = -errno;
		goto out;
	}
	channel = calloc(1, sizeof *channel);
	if (channel == NULL)
		goto out;
	channel->fd = fd;
	fd = -1; /* the channel's */
	*ret_channel = channel;
	r = 0;
out:
	if (fd >= 0)
		(void)close(fd); /* nothing was said */
	return r;
}

void node_channel_free(struct node_channel *channel)
{
	if (channel == NULL)
		return;
	(void)close(channel->fd); /* what matters was acknowledged */
	catalog_buffer_close(&channel->in);
	free(channel);
}

/* Read what has come.  Returns 0, or a negative errno that ends the channel. */
static int read_some(struct node_channel *channel)
{
	ssize_t n;
	int r;

	if (channel->in.len >= IN_BYTES_MAX)
		return -EPROTO; /* more than we asked for */
	r = catalog_buffer_reserve(&channel->in, READ_BYTES);
	if (r != 0)
		return r;
	n = recv(channel->fd, channel->in.bytes + channel->in.len, READ_BYTES, 0);
	if (n > 0)
		channel->in.len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		channel->closed = true; /* reset or ended: the same to us */
	return 0;
}

/* Wait until something can be done, and read if that is it.  *ret_writable: may be written. */
static int wait_for(struct node_channel *channel, short events, bool *ret_writable)
{
	struct pollfd poll_fd = {.fd = channel->fd, .events = events};
	int n;

	n = poll(&poll_fd, 1, -1);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	*ret_writable = (poll_fd.revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
	return (poll_fd.revents & (POLLIN | POLLERR | POLLHUP)) != 0 ? read_some(channel) : 0;
}

int node_channel_send(struct node_channel *channel, struct catalog_span frame)
{
	size_t sent = 0;

	while (sent < frame.len && !channel->closed && channel->failed == 0) {
		bool writable = false;
		ssize_t n = send(channel->fd, frame.bytes + sent, frame.len - sent, MSG_NOSIGNAL);

		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return 0; /* receive() takes what was said before, and then says so */
		channel->failed = wait_for(channel, POLLIN | POLLOUT, &writable);
	}
	return channel->failed == -ENOMEM ? -ENOMEM : 0;
}

/* Take the first reply out of what came.  Returns 0, -EAGAIN if it is not complete. */
static int take_reply(struct node_channel *channel, struct catalog_value **ret_reply)
{
	struct catalog_buffer *in = &channel->in;
	size_t len = 0, whole;
	int r;

	if (in->len < NODE_CONTROL_HEADER_BYTES)
		return -EAGAIN;
	for (unsigned i = 0; i < NODE_CONTROL_HEADER_BYTES; i++)
		len = len << 8 | in->bytes[i];
	if (len > NODE_CONTROL_REPLY_MAX)
		return -EPROTO;
	whole = NODE_CONTROL_HEADER_BYTES + len;
	if (in->len < whole)
		return -EAGAIN;
	r = catalog_value_decode((struct catalog_span){in->bytes + NODE_CONTROL_HEADER_BYTES, len},
				 ret_reply);
	if (r != 0)
		return r == -ENOMEM ? r : -EPROTO;
	memmove(in->bytes, in->bytes + whole, in->len - whole);
	in->len -= whole;
	return 0;
}

int node_channel_receive(struct node_channel *channel, struct catalog_value **ret_reply)
{
	while (channel->failed == 0) {
		bool writable;
		int r = take_reply(channel, ret_reply);

		if (r == 0)
			return 0;
		if (r == -EAGAIN && channel->closed)
			r = -EPIPE;
		channel->failed = r == -EAGAIN ? wait_for(channel, POLLIN, &writable) : r;
	}
	return channel->failed;
}
