/* node/links.c - one function, drain(), stands after every event and carries out what gossip/node
 * wants.  It never runs within itself: what it does may tell gossip/node more (a dial that failed
 * at once), and its own loop then hears the answer. */
#include "node/links.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "node/gate.h"
#include "node/link.h"
#include "node/socket.h"

#define BACKLOG        64
#define ACTIONS_A_TURN 256 /* then the loop sees to others */
#define LIMITS_MS      10000

/* A link as gossip/node knows it. */
struct peer {
	struct node_links *links;
	struct node_link *link;
	struct peer *next, *previous;
	uint64_t id;
	bool told;                            /* gossip/node knows of it */
	char address[GOSSIP_NODE_TEXT_BYTES]; /* dialled; "" for one that came in */
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
	struct node_gate *gate;
	uv_tcp_t listener;
	uv_timer_t due, show;
	bool draining, stopped;
	bool witnessing; /* witnesses are looked for */
	bool waiting;    /* somebody waits to be accepted */
	struct peer *first;
	size_t count;
	uint64_t last_id;
	uint64_t limits_ms; /* when to look next which limits there are */
	char read[NODE_LINKS_READ_BYTES];
};

static void drain(struct node_links *links);
static void accept_one(struct node_links *links);

static uint64_t now_ms(const struct node_links *links)
{
	return uv_now(links->options.loop);
}

/* --- peers ------------------------------------------------------------------------------ */

static int add_peer(struct node_links *links, struct peer **ret_peer)
{
	struct peer *peer;

	if (links->count == NODE_LINKS_MAX)
		return -ENOSPC;
	peer = calloc(1, sizeof *peer);
	if (peer == NULL)
		return -ENOMEM;
	peer->links = links;
	peer->id = ++links->last_id;
	peer->next = links->first;
	if (links->first != NULL)
		links->first->previous = peer;
	links->first = peer;
	links->count++;
	*ret_peer = peer;
	return 0;
}

static void remove_peer(struct peer *peer)
{
	struct node_links *links = peer->links;

	if (peer->previous != NULL)
		peer->previous->next = peer->next;
	else
		links->first = peer->next;
	if (peer->next != NULL)
		peer->next->previous = peer->previous;
	links->count--;
	free(peer);
}

static struct peer *find_peer(struct node_links *links, uint64_t id)
{
	for (struct peer *peer = links->first; peer != NULL; peer = peer->next) {
		if (peer->id == id)
			return peer;
	}
	return NULL;
}

/* Tell gossip/node of a link.  Returns 0, or why it does not want it. */
static int tell(struct peer *peer)
{
	struct node_links *links = peer->links;
	struct gossip_noise_secret ephemeral;
	int r;

	randombytes_buf(&ephemeral, sizeof ephemeral);
	r = gossip_node_opened(links->node, peer->id,
			       peer->address[0] != '\0' ? peer->address : NULL, &ephemeral,
			       now_ms(links));
	sodium_memzero(&ephemeral, sizeof ephemeral);
	peer->told = r == 0;
	return r;
}

static const char *words_for(int code)
{
	switch (code) {
	case -ENOKEY: return "neither the charter nor its log names a node of that member's";
	case -EPERM: return "a node of that member's misbehaved: it is left alone for a while";
	case -EACCES:
		return "a private address, which only its member's log tells of; the setting "
		       "private-addresses = yes allows it";
	default: return node_error_words(code);
	}
}

/* A dial came to nothing, for the reason given. */
static void fail_dial(struct node_links *links, const char *address, const char *why)
{
	if (!links->stopped)
		node_log_peer(links->options.log, NODE_CONFIG_INFO, address, now_ms(links),
			      "connecting to %s: %s", address, why);
	gossip_node_dial_failed(links->node, address, now_ms(links));
}

/* --- what happens on a link ------------------------------------------------------------- */

static void on_connected(void *arg, int status)
{
	struct peer *peer = arg;
	struct node_links *links = peer->links;

	if (status == 0)
		status = tell(peer);
	if (status != 0) {
		fail_dial(links, peer->address, words_for(status));
		node_link_close(peer->link, 0);
	}
	drain(links);
}

static void on_received(void *arg, struct catalog_span bytes)
{
	struct peer *peer = arg;
	struct node_links *links = peer->links;

	gossip_node_received(links->node, peer->id, bytes, now_ms(links));
	drain(links);
}

static void on_sent(void *arg, size_t len)
{
	struct peer *peer = arg;
	struct node_links *links = peer->links;

	gossip_node_sent(links->node, peer->id, len, now_ms(links));
	drain(links);
}

static void on_closed(void *arg, int status)
{
	struct peer *peer = arg;
	struct node_links *links = peer->links;
	bool told = peer->told;
	uint64_t id = peer->id;

	if (status != 0 && told)
		node_log_peer(links->options.log, NODE_CONFIG_INFO, node_link_name(peer->link),
			      now_ms(links), "the link with %s broke: %s",
			      node_link_name(peer->link), node_error_words(status));
	remove_peer(peer);
	if (told)
		gossip_node_closed(links->node, id, now_ms(links));
	if (links->waiting && !links->stopped)
		accept_one(links);
	drain(links);
}

static const struct node_link_events events = {
	.connected = on_connected,
	.received = on_received,
	.sent = on_sent,
	.closed = on_closed,
};

static void set_options(struct peer *peer, struct node_link_options *ret_options)
{
	struct node_links *links = peer->links;

	*ret_options = (struct node_link_options){
		.loop = links->options.loop,
		.read = uv_buf_init(links->read, sizeof links->read),
		.events = &events,
		.arg = peer,
	};
}

static void accept_one(struct node_links *links)
{
	struct node_link_options options;
	struct peer *peer;
	int r;

	/* libuv accepts no more until this one is taken: when there is no room, when there is. */
	links->waiting = true;
	r = add_peer(links, &peer);
	if (r == 0) {
		links->waiting = false;
		set_options(peer, &options);
		r = node_link_accept(&options, (uv_stream_t *)&links->listener, &peer->link);
		if (r != 0) {
			remove_peer(peer);
		} else if (node_gate_pass(links->gate, node_link_name(peer->link), now_ms(links)) !=
			   0) {
			node_log_peer(links->options.log, NODE_CONFIG_INFO,
				      node_link_name(peer->link), now_ms(links),
				      "%s connects too often: hanging up",
				      node_link_name(peer->link));
			node_link_close(peer->link, 0);
		} else {
			r = tell(peer);
			if (r != 0)
				node_link_close(peer->link, 0);
		}
	}
	if (r != 0)
		node_log_peer(links->options.log, NODE_CONFIG_WARNING, "incoming links",
			      now_ms(links), "accepting a link: %s", node_error_words(r));
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct node_links *links = listener->data;

	if (uv_is_closing((uv_handle_t *)listener))
		return;
	if (status != 0) {
		node_log_peer(links->options.log, NODE_CONFIG_WARNING, "incoming links",
			      now_ms(links), "accepting a link: %s", node_error_words(status));
		return;
	}
	accept_one(links);
	drain(links);
}

static void dial(struct node_links *links, const char *text, bool is_told)
{
	struct node_config_place place;
	struct node_link_options options;
	struct node_error why;
	struct peer *peer;
	int r;

	if (node_config_place(text, &place, &why) != 0) {
		fail_dial(links, text, why.text);
		return;
	}
	r = add_peer(links, &peer);
	if (r == 0) {
		(void)snprintf(peer->address, sizeof peer->address, "%s", text); /* it fits */
		set_options(peer, &options);
		options.is_public_only = is_told && !links->options.may_dial_private;
		r = node_link_dial(&options, &place, &peer->link);
		if (r != 0)
			remove_peer(peer);
	}
	if (r != 0)
		fail_dial(links, text, words_for(r));
}

/* --- jobs ------------------------------------------------------------------------------- */

static void run_job(void *arg)
{
	struct job *job = arg;

	const struct node_links_options *options = &job->links->options;
	struct gossip_signer signer = {options->secret, (int64_t)time(NULL)};

	gossip_job_run(job->gossip, options->store, options->charter, &signer);
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

static void carry_out(struct node_links *links, const struct gossip_action *action)
{
	struct node_log *log = links->options.log;
	const struct catalog_member *member;
	struct peer *peer;
	size_t taken;

	switch (action->kind) {
	case GOSSIP_ACTION_SEND:
		peer = find_peer(links, action->link);
		if (peer == NULL)
			return;
		node_link_send(peer->link, action->bytes, &taken);
		if (taken > 0)
			gossip_node_sent(links->node, peer->id, taken, now_ms(links));
		return;
	case GOSSIP_ACTION_CLOSE:
		peer = find_peer(links, action->link);
		if (peer == NULL)
			return;
		node_log_peer(log, NODE_CONFIG_INFO, node_link_name(peer->link), now_ms(links),
			      "closing the link with %s: %s", node_link_name(peer->link),
			      action->text);
		node_link_end(peer->link);
		return;
	case GOSSIP_ACTION_DIAL:
		node_log_line(log, NODE_CONFIG_DEBUG, "connecting to %s", action->text);
		dial(links, action->text, action->is_told);
		return;
	case GOSSIP_ACTION_JOB: start_job(links, action->job); return;
	case GOSSIP_ACTION_ADVANCED:
		member = catalog_charter_member(links->options.charter, action->log);
		node_log_line(log, NODE_CONFIG_DEBUG, "the catalogue of %s has grown",
			      member != NULL ? member->name : "(unknown)");
		if (links->options.advanced != NULL)
			links->options.advanced(links->options.arg);
		return;
	case GOSSIP_ACTION_AMENDED:
		node_log_line(log, NODE_CONFIG_INFO, "the charter is at amendment %llu",
			      (unsigned long long)catalog_charter_number(links->options.charter));
		if (links->options.amended != NULL)
			links->options.amended(links->options.arg);
		return;
	case GOSSIP_ACTION_TURNED:
		node_log_line(log, NODE_CONFIG_WARNING,
			      "the charter has changed course to amendment %llu: beginning anew",
			      (unsigned long long)catalog_charter_number(links->options.charter));
		if (links->options.turned != NULL)
			links->options.turned(links->options.arg);
		return;
	case GOSSIP_ACTION_WITNESSED:
		links->witnessing = false;
		links->options.witnessed(links->options.arg, action->count);
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

/* The limits may be others at another hour.  Something happens often enough to look then: where all
 * is quiet nodes ask each other twice a minute whether they are there. */
static void keep_limits(struct node_links *links)
{
	struct gossip_thin_limits limits;
	time_t now;
	struct tm local;

	if (links->limits_ms != 0 && now_ms(links) < links->limits_ms)
		return;
	links->limits_ms = now_ms(links) + LIMITS_MS;
	now = time(NULL);
	if (localtime_r(&now, &local) == NULL)
		return;
	node_limits_at(links->options.limits, (unsigned)local.tm_hour, &limits);
	gossip_thin_limit(links->node, &limits, now_ms(links));
}

/* Do all that gossip/node wants done. */
static void drain(struct node_links *links)
{
	struct gossip_action action;
	uint64_t due_ms = 0, now;
	unsigned count = 0;

	if (links->draining)
		return; /* the loop below is under way */
	keep_limits(links);
	links->draining = true;
	gossip_node_clock(links->node, (int64_t)time(NULL));
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
	uint8_t key[NODE_GATE_KEY_BYTES];
	int r;

	if (links == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	links->options = *options;
	randombytes_buf(key, sizeof key);
	r = node_gate_new(key, &links->gate);
	if (r == 0)
		r = gossip_node_new(options->store, options->charter, options->gossip,
				    uv_now(options->loop), &links->node);
	if (r != 0) {
		node_gate_free(links->gate);
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
		node_gate_free(links->gate);
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
	for (struct peer *peer = links->first; peer != NULL; peer = peer->next)
		node_link_end(peer->link);
}

void node_links_close(struct node_links *links)
{
	if (links == NULL)
		return;
	assert(links->first == NULL);
	gossip_node_free(links->node);
	node_gate_free(links->gate);
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

void node_links_moved(struct node_links *links)
{
	if (links->stopped)
		return;
	gossip_node_moved(links->node);
	drain(links);
}

int node_links_pull(struct node_links *links)
{
	if (links->stopped)
		return -ESHUTDOWN;
	gossip_thin_pull(links->node);
	drain(links);
	return 0;
}

int node_links_witness(struct node_links *links, size_t count, uint64_t timeout_ms)
{
	int r;

	if (links->stopped)
		return -ESHUTDOWN;
	if (links->witnessing)
		return -EBUSY;
	r = gossip_node_witness(links->node, count, now_ms(links) + timeout_ms);
	if (r != 0)
		return r;
	links->witnessing = true;
	/* Not drained here: the answer would come before this returns. */
	(void)uv_timer_start(&links->due, on_due, 0, 0); /* fails for a closing one, only */
	return 0;
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
	struct gossip_confirm confirm;
	struct node_peers_work work;

	gossip_node_totals(links->node, &work.totals);
	gossip_thin_look(links->node, &work.fetching);
	work.now_ms = now_ms(links);
	work.out_count = gossip_score_look(links->node, work.now_ms, work.out, NODE_PEERS_OUT_MAX);
	node_jobs_count(links->options.jobs, NODE_JOBS_READ, &work.reads_waiting,
			&work.reads_running);
	node_jobs_count(links->options.jobs, NODE_JOBS_WRITE, &work.writes_waiting,
			&work.writes_running);
	node_peers_set_work(links->options.peers, &work);
	node_peers_set(links->options.peers, table, count < NODE_PEERS_MAX ? count : NODE_PEERS_MAX,
		       now_ms(links));
	gossip_confirm_look(links->node, &confirm);
	node_peers_set_confirm(links->options.peers, &confirm);
}
