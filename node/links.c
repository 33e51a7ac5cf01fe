/* node/links.c - one function, drain(), stands after every event and carries out what gossip/node
 * wants.  It never runs within itself: what it does may tell gossip/node more (a dial that failed
 * at once), and its own loop then hears the answer.
 *
 * A link ends in steps, so that the goodbye arrives: what was sent is written, our half is shut,
 * what still comes is read and dropped until the peer shuts its own; a timer cuts this short.  A
 * plain close with bytes unread would have the kernel send a reset, and that throws away what the
 * peer has not read yet. */
#include "node/links.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/socket.h"

#define BACKLOG           64
#define ACTIONS_A_TURN    256 /* then the loop sees to others */
#define KEEPALIVE_SECONDS 60

enum link_state {
	LINK_DIALLING, /* gossip/node waits to hear how it went */
	LINK_OPEN,
	LINK_ENDING, /* what was sent is written, nothing more is read */
	LINK_CLOSED, /* its handles are being closed */
};

struct link {
	uv_tcp_t tcp;
	uv_timer_t timer; /* dialling or ending takes too long */
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	struct node_links *links;
	struct link *next, *previous;
	uint64_t id;
	enum link_state state;
	bool told; /* gossip/node knows of it */
	unsigned handles;
	char address[GOSSIP_NODE_TEXT_BYTES]; /* dialled */
	char name[GOSSIP_NODE_TEXT_BYTES];    /* for the log */
};

struct write {
	uv_write_t req;
	struct link *link;
	size_t len;
	uint8_t bytes[];
};

struct job {
	struct node_jobs_job job;
	struct node_links *links;
	struct gossip_job *gossip;
};

struct node_links {
	struct node_links_options options;
	struct node_config_address address;
	struct gossip_node *node;
	uv_tcp_t listener;
	uv_timer_t due, show;
	bool draining, stopped;
	struct link *first;
	size_t count;
	uint64_t last_id;
	uint8_t read[NODE_LINKS_READ_BYTES];
};

static void drain(struct node_links *links);

static uint64_t now_ms(const struct node_links *links)
{
	return uv_now(links->options.loop);
}

/* --- a link ends ------------------------------------------------------------------------ */

static void on_link_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;
	struct node_links *links = link->links;

	if (--link->handles > 0)
		return;
	if (link->previous != NULL)
		link->previous->next = link->next;
	else
		links->first = link->next;
	if (link->next != NULL)
		link->next->previous = link->previous;
	links->count--;
	if (link->told) {
		gossip_node_closed(links->node, link->id, now_ms(links));
		drain(links);
	}
	free(link);
}

static void close_link(struct link *link)
{
	if (link->state == LINK_CLOSED)
		return;
	link->state = LINK_CLOSED;
	uv_close((uv_handle_t *)&link->tcp, on_link_closed);
	uv_close((uv_handle_t *)&link->timer, on_link_closed);
}

static void on_ending_too_long(uv_timer_t *timer)
{
	close_link(timer->data);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
	struct link *link = req->data;

	/* Then on_read() sees the peer's end. */
	if (status != 0)
		close_link(link);
}

/* Close after what was sent. */
static void end_link(struct link *link)
{
	if (link->state == LINK_ENDING || link->state == LINK_CLOSED)
		return;
	if (link->state == LINK_DIALLING) {
		close_link(link);
		return;
	}
	link->state = LINK_ENDING;
	link->shutdown.data = link;
	/* It waits for the writes that are under way. */
	if (uv_shutdown(&link->shutdown, (uv_stream_t *)&link->tcp, on_shutdown) != 0 ||
	    uv_timer_start(&link->timer, on_ending_too_long, NODE_LINKS_CLOSE_MS, 0) != 0)
		close_link(link);
}

/* --- bytes ------------------------------------------------------------------------------ */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct link *link = handle->data;

	(void)suggested;
	/* One for all: what is read is handed on before anything else is. */
	*ret_buf = uv_buf_init((char *)link->links->read, sizeof link->links->read);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct link *link = stream->data;
	struct node_links *links = link->links;

	if (uv_is_closing((uv_handle_t *)stream) || n == 0)
		return;
	if (n < 0) {
		if (n != UV_EOF && link->state == LINK_OPEN)
			node_log_peer(links->options.log, NODE_CONFIG_INFO, link->name,
				      now_ms(links), "reading from %s: %s", link->name,
				      node_error_words((int)n));
		close_link(link);
		return;
	}
	if (link->state != LINK_OPEN)
		return; /* we said goodbye */
	gossip_node_received(links->node, link->id,
			     (struct catalog_span){(const uint8_t *)buf->base, (size_t)n},
			     now_ms(links));
	drain(links);
}

static void on_written(uv_write_t *req, int status)
{
	struct write *write = (struct write *)(void *)req;
	struct link *link = write->link;
	struct node_links *links = link->links;
	size_t len = write->len;

	free(write);
	if (uv_is_closing((uv_handle_t *)&link->tcp))
		return; /* the link is there until it is closed, which comes after this */
	if (status != 0) {
		if (status != UV_ECANCELED && link->state == LINK_OPEN)
			node_log_peer(links->options.log, NODE_CONFIG_INFO, link->name,
				      now_ms(links), "writing to %s: %s", link->name,
				      node_error_words(status));
		close_link(link);
		return;
	}
	gossip_node_sent(links->node, link->id, len, now_ms(links));
	drain(links);
}

/* Write bytes: as many as the socket takes at once, the rest (copied) later. */
static void send_bytes(struct link *link, struct catalog_span bytes)
{
	uv_stream_t *stream = (uv_stream_t *)&link->tcp;
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.bytes, (unsigned)bytes.len);
	struct write *write = NULL;
	size_t taken;
	int n;

	assert(bytes.len <= UINT32_MAX);
	if (link->state != LINK_OPEN)
		return;
	n = uv_try_write(stream, &buf, 1); /* not before what waits already: that is UV_EAGAIN */
	taken = n > 0 ? (size_t)n : 0;
	if (taken < bytes.len) {
		write = malloc(sizeof *write + bytes.len - taken);
		if (write == NULL) {
			close_link(link);
			return;
		}
		write->link = link;
		write->len = bytes.len - taken;
		memcpy(write->bytes, bytes.bytes + taken, write->len);
		buf = uv_buf_init((char *)write->bytes, (unsigned)write->len);
		if (uv_write(&write->req, stream, &buf, 1, on_written) != 0) {
			free(write);
			close_link(link);
			return;
		}
	}
	if (taken > 0)
		gossip_node_sent(link->links->node, link->id, taken, now_ms(link->links));
}

/* --- a link begins ---------------------------------------------------------------------- */

/* Make a link with its handles, in the list.  Returns 0, -ENOSPC, -ENOMEM, what the socket says. */
static int make_link(struct node_links *links, unsigned family, struct link **ret_link)
{
	struct link *link;
	int r;

	if (links->count == NODE_LINKS_MAX)
		return -ENOSPC;
	link = calloc(1, sizeof *link);
	if (link == NULL)
		return -ENOMEM;
	r = uv_tcp_init_ex(links->options.loop, &link->tcp, family);
	if (r != 0) {
		free(link);
		return r;
	}
	r = uv_timer_init(links->options.loop, &link->timer);
	assert(r == 0); /* it cannot fail */
	link->tcp.data = link->timer.data = link;
	link->handles = 2;
	link->links = links;
	link->id = ++links->last_id;
	link->next = links->first;
	if (links->first != NULL)
		links->first->previous = link;
	links->first = link;
	links->count++;
	*ret_link = link;
	return 0;
}

/* A link is there: tell gossip/node, and read.  Returns 0, or why not. */
static int open_link(struct link *link, const char *address)
{
	struct node_links *links = link->links;
	uv_stream_t *stream = (uv_stream_t *)&link->tcp;
	int r;

	(void)uv_timer_stop(&link->timer);                        /* never fails */
	(void)uv_tcp_nodelay(&link->tcp, 1);                      /* else it is slower, no more */
	(void)uv_tcp_keepalive(&link->tcp, 1, KEEPALIVE_SECONDS); /* likewise */
	r = gossip_node_opened(links->node, link->id, address, now_ms(links));
	if (r != 0)
		return r;
	link->told = true;
	link->state = LINK_OPEN;
	return uv_read_start(stream, on_alloc, on_read);
}

/* Where an incoming link comes from, for the log.  Without the port: it is limited per peer. */
static void name_incoming(struct link *link)
{
	struct sockaddr_storage address;
	int len = sizeof address;

	(void)snprintf(link->name, sizeof link->name, "an incoming link");
	if (uv_tcp_getpeername(&link->tcp, (struct sockaddr *)&address, &len) != 0)
		return;
	(void)uv_ip_name((struct sockaddr *)&address, link->name, sizeof link->name);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct node_links *links = listener->data;
	struct link *link;
	int r = status;

	if (uv_is_closing((uv_handle_t *)listener))
		return;
	if (r == 0)
		r = make_link(links, AF_UNSPEC, &link);
	if (r != 0) {
		/* When there are too many, the connection waits in the backlog. */
		node_log_peer(links->options.log, NODE_CONFIG_WARNING, "incoming links",
			      now_ms(links), "accepting a link: %s", node_error_words(r));
		return;
	}
	r = uv_accept(listener, (uv_stream_t *)&link->tcp);
	if (r == 0) {
		name_incoming(link);
		r = open_link(link, NULL);
	}
	if (r != 0) {
		node_log_peer(links->options.log, NODE_CONFIG_WARNING, "incoming links",
			      now_ms(links), "accepting a link: %s", node_error_words(r));
		close_link(link);
	}
	drain(links);
}

/* A dial came to nothing, for the reason given. */
static void fail_dial(struct node_links *links, const char *address, const char *why)
{
	node_log_peer(links->options.log, NODE_CONFIG_INFO, address, now_ms(links),
		      "connecting to %s: %s", address, why);
	gossip_node_dial_failed(links->node, address, now_ms(links));
}

static void on_connected(uv_connect_t *req, int status)
{
	struct link *link = req->data;
	struct node_links *links = link->links;

	/* Closed meanwhile: by the timer, or because we stop. */
	if (status == 0 && uv_is_closing((uv_handle_t *)&link->tcp))
		status = UV_ECANCELED;
	if (status == 0)
		status = open_link(link, link->address);
	if (status != 0 && !link->told)
		fail_dial(links, link->address,
			  status == UV_ECANCELED ? "no answer" : node_error_words(status));
	if (status != 0)
		close_link(link);
	drain(links);
}

static void dial(struct node_links *links, const char *text)
{
	struct node_config_address address;
	struct sockaddr_storage socket_address;
	socklen_t len;
	struct node_error why;
	struct link *link = NULL;
	int r;

	if (node_config_address(text, &address, &why) != 0) {
		fail_dial(links, text, why.text);
		return;
	}
	r = node_socket_address(&address, &socket_address, &len);
	if (r == 0)
		r = make_link(links, AF_UNSPEC, &link);
	if (r == 0) {
		link->state = LINK_DIALLING;
		link->connect.data = link;
		(void)snprintf(link->address, sizeof link->address, "%s", text); /* it fits */
		(void)snprintf(link->name, sizeof link->name, "%s", text);
		r = uv_tcp_connect(&link->connect, &link->tcp, (struct sockaddr *)&socket_address,
				   on_connected);
	}
	if (r == 0) {
		/* on_connected() comes, whatever happens.  Starting the timer cannot fail. */
		(void)uv_timer_start(&link->timer, on_ending_too_long, NODE_LINKS_DIAL_MS, 0);
		return;
	}
	fail_dial(links, text, node_error_words(r));
	if (link != NULL)
		close_link(link);
}

/* --- jobs ------------------------------------------------------------------------------- */

static void run_job(void *arg)
{
	struct job *job = arg;

	gossip_job_run(job->gossip, job->links->options.store, job->links->options.charter);
}

static void job_done(void *arg)
{
	struct job *job = arg;
	struct node_links *links = job->links;

	gossip_node_job_done(links->node, job->gossip, now_ms(links));
	free(job);
	drain(links);
}

static void start_job(struct node_links *links, struct gossip_job *gossip)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL) {
		/* Nothing works without memory, and nothing that was acknowledged is lost. */
		node_log_line(links->options.log, NODE_CONFIG_ERROR, "out of memory: giving up");
		abort();
	}
	job->links = links;
	job->gossip = gossip;
	job->job.run = run_job;
	job->job.done = job_done;
	job->job.arg = job;
	node_jobs_add(links->options.jobs,
		      gossip_job_writes(gossip) ? NODE_JOBS_WRITE : NODE_JOBS_READ, &job->job);
}

/* --- what gossip/node wants ------------------------------------------------------------- */

static struct link *find_link(struct node_links *links, uint64_t id)
{
	for (struct link *link = links->first; link != NULL; link = link->next) {
		if (link->id == id)
			return link;
	}
	return NULL;
}

static void carry_out(struct node_links *links, const struct gossip_action *action)
{
	struct node_log *log = links->options.log;
	const struct catalog_member *member;
	struct link *link;

	switch (action->kind) {
	case GOSSIP_ACTION_SEND:
		link = find_link(links, action->link);
		if (link != NULL)
			send_bytes(link, action->bytes);
		return;
	case GOSSIP_ACTION_CLOSE:
		link = find_link(links, action->link);
		if (link == NULL)
			return;
		node_log_peer(log, NODE_CONFIG_INFO, link->name, now_ms(links),
			      "closing the link with %s: %s", link->name, action->text);
		end_link(link);
		return;
	case GOSSIP_ACTION_DIAL:
		node_log_line(log, NODE_CONFIG_DEBUG, "connecting to %s", action->text);
		dial(links, action->text);
		return;
	case GOSSIP_ACTION_JOB: start_job(links, action->job); return;
	case GOSSIP_ACTION_ADVANCED:
		member = catalog_charter_member(links->options.charter, action->log);
		node_log_line(log, NODE_CONFIG_DEBUG, "the catalogue of %s has grown",
			      member != NULL ? member->name : "(unknown)");
		return;
	case GOSSIP_ACTION_NOTICE:
		node_log_peer(log, NODE_CONFIG_WARNING, "gossip", now_ms(links), "%s",
			      action->text);
		return;
	}
	assert(false); /* not an action */
}

static void on_due(uv_timer_t *timer)
{
	struct node_links *links = timer->data;

	gossip_node_tick(links->node, now_ms(links));
	drain(links);
}

static void on_show(uv_timer_t *timer)
{
	node_links_show(timer->data);
}

/* Do all that gossip/node wants done. */
static void drain(struct node_links *links)
{
	struct gossip_action action;
	uint64_t due_ms = 0, now;
	unsigned count = 0;

	if (links->draining)
		return; /* the loop below is under way */
	links->draining = true;
	while (count < ACTIONS_A_TURN &&
	       gossip_node_next(links->node, now_ms(links), &action, &due_ms) == 0) {
		carry_out(links, &action);
		count++;
	}
	links->draining = false;
	if (count == ACTIONS_A_TURN)
		due_ms = 0; /* there is more */
	now = now_ms(links);
	if (uv_is_closing((uv_handle_t *)&links->due))
		return;
	if (due_ms == UINT64_MAX)
		(void)uv_timer_stop(&links->due); /* never fails */
	else
		(void)uv_timer_start(&links->due, on_due, due_ms > now ? due_ms - now : 0,
				     0); /* fails for a closing one, only */
	if (!uv_is_active((uv_handle_t *)&links->show))
		(void)uv_timer_start(&links->show, on_show, NODE_LINKS_PEERS_MS, 0); /* likewise */
	links->options.changed(links->options.arg);
}

/* --- the whole -------------------------------------------------------------------------- */

static int listen_on(struct node_links *links, const struct node_config_address *address,
		     struct node_error *ret_error)
{
	char text[NODE_CONFIG_ADDRESS_BYTES];
	int fd, r;

	node_config_print(address, text);
	links->address = *address;
	r = node_socket_listen(address, BACKLOG, &fd, &links->address.port);
	if (r == 0) {
		r = uv_tcp_open(&links->listener, fd);
		if (r != 0)
			(void)close(fd); /* nothing was written */
	}
	if (r == 0)
		r = uv_listen((uv_stream_t *)&links->listener, BACKLOG, on_connection);
	if (r == -EADDRINUSE)
		return node_error_set(ret_error, r,
				      "listening on %s: another program does; choose another with "
				      "--listen, or port 0 for any free one",
				      text);
	if (r != 0)
		return node_error_set(ret_error, r, "listening on %s: %s", text,
				      node_error_words(r));
	return 0;
}

static void close_handles(struct node_links *links)
{
	uv_handle_t *handles[] = {(uv_handle_t *)&links->listener, (uv_handle_t *)&links->due,
				  (uv_handle_t *)&links->show};

	for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
		if (!uv_is_closing(handles[i]))
			uv_close(handles[i], NULL);
	}
}

int node_links_open(const struct node_links_options *options, struct node_links **ret_links,
		    struct node_error *ret_error)
{
	struct node_links *links = calloc(1, sizeof *links);
	int r;

	if (links == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	links->options = *options;
	r = gossip_node_new(options->store, options->charter, options->gossip,
			    uv_now(options->loop), &links->node);
	if (r != 0) {
		free(links);
		return node_error_set(ret_error, r, "starting to replicate: %s",
				      node_error_words(r));
	}
	/* None of these three fails. */
	(void)uv_tcp_init(options->loop, &links->listener);
	(void)uv_timer_init(options->loop, &links->due);
	(void)uv_timer_init(options->loop, &links->show);
	links->listener.data = links->due.data = links->show.data = links;
	r = listen_on(links, options->listen, ret_error);
	if (r != 0) {
		close_handles(links);
		(void)uv_run(options->loop, UV_RUN_NOWAIT); /* so that they are closed */
		gossip_node_free(links->node);
		free(links);
		return r;
	}
	*ret_links = links;
	/* Not drained here: what changed() looks at may not be there yet. */
	(void)uv_timer_start(&links->due, on_due, 0, 0); /* fails for a closing one, only */
	return 0;
}

void node_links_stop(struct node_links *links)
{
	if (links->stopped)
		return;
	links->stopped = true;
	uv_close((uv_handle_t *)&links->listener, NULL);
	gossip_node_stop(links->node, "stopping", now_ms(links));
	drain(links);
	/* All that gossip/node had to say is said, unless it was very much: then the timer's next
	 * turn would go on, which is not worth waiting for. */
	uv_close((uv_handle_t *)&links->due, NULL);
	uv_close((uv_handle_t *)&links->show, NULL);
	for (struct link *link = links->first; link != NULL; link = link->next)
		end_link(link);
}

void node_links_close(struct node_links *links)
{
	if (links == NULL)
		return;
	assert(links->first == NULL);
	gossip_node_free(links->node);
	free(links);
}

const struct node_config_address *node_links_address(const struct node_links *links)
{
	return &links->address;
}

void node_links_published(struct node_links *links)
{
	if (links->stopped)
		return;
	gossip_node_published(links->node, now_ms(links));
	drain(links);
}

void node_links_vector(const struct node_links *links, struct catalog_hash *ret_vector,
		       size_t *ret_equal)
{
	gossip_node_vector(links->node, ret_vector, ret_equal);
}

void node_links_show(struct node_links *links)
{
	struct gossip_peer_status table[NODE_PEERS_MAX];
	size_t count = gossip_node_peers(links->node, table, NODE_PEERS_MAX);

	node_peers_set(links->options.peers, table, count < NODE_PEERS_MAX ? count : NODE_PEERS_MAX,
		       now_ms(links));
}
