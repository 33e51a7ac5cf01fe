/* node/link.c - a link ends in steps, so that the goodbye arrives: what was sent is written, our
 * half is shut, what still comes is read and dropped until the other shuts its own; a timer cuts
 * this short.  A plain close with bytes unread would have the kernel send a reset, and that throws
 * away what the other has not read yet. */
#include "node/link.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "node/resolve.h"
#include "node/socket.h"

#define KEEPALIVE_SECONDS 60

enum state {
	STATE_DIALLING,
	STATE_OPEN,
	STATE_ENDING, /* what was sent is written, what comes is dropped */
	STATE_CLOSED, /* its handles are being closed */
};

struct node_link {
	uv_tcp_t tcp;
	uv_timer_t timer; /* dialling or ending takes too long */
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	struct node_resolve *resolve; /* NULL: nothing is being looked up */
	struct sockaddr_storage addresses[NODE_RESOLVE_ADDRESSES_MAX]; /* to try */
	size_t address_count, tried;
	struct node_link_options options;
	enum state state;
	bool told;  /* whether the dial went well; true for an accepted one */
	int status; /* what closed it */
	unsigned handles;
	char name[NODE_LINK_NAME_BYTES];
};

struct write {
	uv_write_t req;
	struct node_link *link;
	size_t len;
	uint8_t bytes[];
};

/* --- the end ---------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
	struct node_link *link = handle->data;

	if (--link->handles > 0)
		return;
	if (!link->told) /* closed while a name was looked up, or between two addresses */
		link->options.events->connected(link->options.arg,
						link->status != 0 ? link->status : UV_ECANCELED);
	link->options.events->closed(link->options.arg, link->status);
	free(link);
}

void node_link_close(struct node_link *link, int status)
{
	if (link->state == STATE_CLOSED)
		return;
	link->state = STATE_CLOSED;
	link->status = status;
	node_resolve_cancel(link->resolve);
	link->resolve = NULL;
	/* Between two addresses it is being closed: then try_next() sees to the rest. */
	if (!uv_is_closing((uv_handle_t *)&link->tcp))
		uv_close((uv_handle_t *)&link->tcp, on_closed);
	uv_close((uv_handle_t *)&link->timer, on_closed);
}

static void try_next(uv_handle_t *handle);

static void on_too_long(uv_timer_t *timer)
{
	struct node_link *link = timer->data;

	if (link->state == STATE_DIALLING && link->tried > 0 && link->tried < link->address_count) {
		if (!uv_is_closing((uv_handle_t *)&link->tcp))
			uv_close((uv_handle_t *)&link->tcp, try_next);
		return;
	}
	node_link_close(link, link->state == STATE_DIALLING ? -ETIMEDOUT : 0);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
	struct node_link *link = req->data;

	/* Then on_read() sees the other's end. */
	if (status != 0)
		node_link_close(link, 0);
}

void node_link_end(struct node_link *link)
{
	if (link->state == STATE_ENDING || link->state == STATE_CLOSED)
		return;
	if (link->state == STATE_DIALLING) {
		node_link_close(link, 0);
		return;
	}
	link->state = STATE_ENDING;
	link->shutdown.data = link;
	/* It waits for the writes that are under way. */
	if (uv_shutdown(&link->shutdown, (uv_stream_t *)&link->tcp, on_shutdown) != 0)
		node_link_close(link, 0);
	else
		(void)uv_timer_start(&link->timer, on_too_long, NODE_LINK_CLOSE_MS,
				     0); /* fails for a closing one, only */
}

/* --- bytes ------------------------------------------------------------------------------ */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct node_link *link = handle->data;

	(void)suggested;
	/* Shared: what is read is handed on before anything else is read. */
	*ret_buf = link->options.read;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct node_link *link = stream->data;

	if (uv_is_closing((uv_handle_t *)stream) || n == 0)
		return;
	if (n < 0)
		node_link_close(link, n == UV_EOF || link->state == STATE_ENDING ? 0 : (int)n);
	else if (link->state == STATE_OPEN)
		link->options.events->received(
			link->options.arg,
			(struct catalog_span){(const uint8_t *)buf->base, (size_t)n});
}

static void on_written(uv_write_t *req, int status)
{
	struct write *write = (struct write *)(void *)req;
	struct node_link *link = write->link;
	size_t len = write->len;

	free(write);
	/* The link is there: it is closed after its writes are called back. */
	if (uv_is_closing((uv_handle_t *)&link->tcp))
		return;
	if (status != 0)
		node_link_close(link, link->state == STATE_ENDING ? 0 : status);
	else if (link->state == STATE_OPEN)
		link->options.events->sent(link->options.arg, len);
}

/* Write a copy of bytes when the socket takes them. */
static int write_later(struct node_link *link, struct catalog_span bytes)
{
	struct write *write = malloc(sizeof *write + bytes.len);
	uv_buf_t buf;
	int r;

	if (write == NULL)
		return -ENOMEM;
	write->link = link;
	write->len = bytes.len;
	memcpy(write->bytes, bytes.bytes, bytes.len);
	buf = uv_buf_init((char *)write->bytes, (unsigned)bytes.len);
	r = uv_write(&write->req, (uv_stream_t *)&link->tcp, &buf, 1, on_written);
	if (r != 0)
		free(write);
	return r;
}

void node_link_send(struct node_link *link, struct catalog_span bytes, size_t *ret_taken)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.bytes, (unsigned)bytes.len);
	size_t taken;
	int n, r = 0;

	assert(bytes.len <= UINT32_MAX);
	*ret_taken = 0;
	if (link->state != STATE_OPEN)
		return;
	/* Not before what waits already: then this is UV_EAGAIN.  Errors come up again below. */
	n = uv_try_write((uv_stream_t *)&link->tcp, &buf, 1);
	taken = n > 0 ? (size_t)n : 0;
	if (taken < bytes.len)
		r = write_later(link,
				(struct catalog_span){bytes.bytes + taken, bytes.len - taken});
	if (r != 0)
		node_link_close(link, r);
	else
		*ret_taken = taken;
}

/* --- the beginning ---------------------------------------------------------------------- */

static int make(const struct node_link_options *options, struct node_link **ret_link)
{
	struct node_link *link = calloc(1, sizeof *link);

	if (link == NULL)
		return -ENOMEM;
	/* Neither fails: no socket is made yet. */
	(void)uv_tcp_init(options->loop, &link->tcp);
	(void)uv_timer_init(options->loop, &link->timer);
	link->tcp.data = link->timer.data = link;
	link->handles = 2;
	link->options = *options;
	*ret_link = link;
	return 0;
}

static void on_dropped(uv_handle_t *handle)
{
	struct node_link *link = handle->data;

	if (--link->handles == 0)
		free(link);
}

/* End one that never became a link: nobody hears of it. */
static void drop(struct node_link *link)
{
	link->state = STATE_CLOSED;
	uv_close((uv_handle_t *)&link->tcp, on_dropped);
	uv_close((uv_handle_t *)&link->timer, on_dropped);
}

/* Of what was not sent yet little waits in the system, where nothing can go before it: the rest
 * waits with gossip/frame, whose control lane goes before bulk. */
static void keep_unsent_few(struct node_link *link)
{
	int fd, bytes = NODE_LINK_UNSENT_BYTES;

	if (uv_fileno((uv_handle_t *)&link->tcp, &fd) == 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes,
				 sizeof bytes); /* else a ping is slower behind bulk, no more */
}

static int open_up(struct node_link *link)
{
	keep_unsent_few(link);
	(void)uv_timer_stop(&link->timer);                        /* never fails */
	(void)uv_tcp_nodelay(&link->tcp, 1);                      /* else it is slower, no more */
	(void)uv_tcp_keepalive(&link->tcp, 1, KEEPALIVE_SECONDS); /* likewise */
	link->state = STATE_OPEN;
	return uv_read_start((uv_stream_t *)&link->tcp, on_alloc, on_read);
}

int node_link_accept(const struct node_link_options *options, uv_stream_t *listener,
		     struct node_link **ret_link)
{
	struct sockaddr_storage address;
	int len = sizeof address, r;
	struct node_link *link;

	r = make(options, &link);
	if (r != 0)
		return r;
	r = uv_accept(listener, (uv_stream_t *)&link->tcp);
	if (r == 0)
		r = open_up(link);
	if (r != 0) {
		drop(link);
		return r;
	}
	link->told = true;
	(void)snprintf(link->name, sizeof link->name, "an incoming link"); /* it fits */
	if (uv_tcp_getpeername(&link->tcp, (struct sockaddr *)&address, &len) == 0)
		(void)uv_ip_name((struct sockaddr *)&address, link->name,
				 sizeof link->name); /* else it keeps the words above */
	*ret_link = link;
	return 0;
}

static void dial_failed(struct node_link *link, int status)
{
	link->told = true;
	link->options.events->connected(link->options.arg, status);
	node_link_close(link, status);
}

static void on_connected(uv_connect_t *req, int status);

/* Connect to the next address.  A socket that failed is of no use for another. */
static int connect_next(struct node_link *link)
{
	const struct sockaddr_storage *to = &link->addresses[link->tried++];

	(void)uv_timer_start(&link->timer, on_too_long,
			     link->tried < link->address_count ? NODE_LINK_TRY_MS
							       : NODE_LINK_DIAL_MS,
			     0); /* fails for a closing one, only */
	return uv_tcp_connect(&link->connect, &link->tcp, (const struct sockaddr *)to,
			      on_connected);
}

static void try_next(uv_handle_t *handle)
{
	struct node_link *link = handle->data;
	int r;

	if (link->state == STATE_CLOSED) { /* meanwhile */
		on_closed(handle);
		return;
	}
	(void)uv_tcp_init(link->options.loop, &link->tcp); /* as in make() */
	link->tcp.data = link;
	r = connect_next(link);
	if (r != 0)
		dial_failed(link, r);
}

static void on_connected(uv_connect_t *req, int status)
{
	struct node_link *link = req->data;

	if (link->state != STATE_DIALLING)
		status = link->status != 0 ? link->status : UV_ECANCELED; /* closed meanwhile */
	else if (uv_is_closing((uv_handle_t *)&link->tcp))
		return; /* it took too long, and try_next() comes */
	else if (status != 0 && link->tried < link->address_count) {
		uv_close((uv_handle_t *)&link->tcp, try_next);
		return;
	}
	if (status == 0)
		status = open_up(link);
	if (status != 0) {
		dial_failed(link, status);
		return;
	}
	link->told = true;
	link->options.events->connected(link->options.arg, 0);
}

static bool may_dial(const struct node_link *link, const struct sockaddr_storage *address)
{
	return !link->options.is_public_only || !node_socket_is_private(address);
}

static void on_resolved(void *arg, int status, const struct sockaddr_storage *addresses,
			size_t count)
{
	struct node_link *link = arg;

	link->resolve = NULL;
	for (size_t i = 0; i < count && status == 0; i++)
		if (may_dial(link, &addresses[i]))
			link->addresses[link->address_count++] = addresses[i];
	if (status == 0)
		status = link->address_count > 0 ? connect_next(link) : -EACCES;
	if (status != 0)
		dial_failed(link, status);
}

int node_link_dial(const struct node_link_options *options, const struct node_config_place *place,
		   struct node_link **ret_link)
{
	struct node_link *link;
	int r;

	r = make(options, &link);
	if (r != 0)
		return r;
	link->connect.data = link;
	if (node_socket_numeric(place, &link->addresses[0]) == 0) {
		link->address_count = 1;
		r = may_dial(link, &link->addresses[0]) ? connect_next(link) : -EACCES;
	} else {
		r = node_resolve_start(options->loop, place, on_resolved, link, &link->resolve);
		(void)uv_timer_start(&link->timer, on_too_long, NODE_LINK_DIAL_MS,
				     0); /* as above */
	}
	if (r != 0) {
		drop(link);
		return r;
	}
	node_config_print_place(place, link->name);
	*ret_link = link;
	return 0;
}

const char *node_link_name(const struct node_link *link)
{
	return link->name;
}
