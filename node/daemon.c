/* node/daemon.c - one function that opens things in order, and one that has them end in order.
 *
 * Stopping is not a second loop: every part is told to stop, finishes what it has begun and closes
 * its handles, and uv_run() returns when no handle is left.  Two deadlines bound it: after the
 * first, connections that take nothing are cut; after the second the process ends with a job still
 * running, which loses nothing that was acknowledged (a transaction is there whole or not at all).
 */
#include "node/daemon.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>
#include <uv.h>

#include "node/announce.h"
#include "node/assembly.h"
#include "node/control.h"
#include "node/files.h"
#include "node/home.h"
#include "node/http.h"
#include "node/indexer.h"
#include "node/jobs.h"
#include "node/keyfile.h"
#include "node/links.h"
#include "node/log.h"
#include "node/notify.h"
#include "node/pruner.h"
#include "node/reach.h"
#include "node/rotation.h"
#include "node/seen.h"
#include "node/peers.h"
#include "node/server.h"

#define CUT_MS         5000 /* then connections that take nothing are cut */
#define SEEN_FIRST_MS  5000
#define SEEN_PERIOD_MS 60000

#define RESOLVER "timeout:2 attempts:2"

struct daemon {
	const struct node_config *config;
	struct node_log *log;
	struct node_home home;
	struct node_peers *peers;
	struct node_control *control;
	uv_loop_t loop;
	bool loop_made;
	struct node_jobs *jobs;
	struct node_indexer *indexer;
	struct node_pruner *pruner;     /* NULL: history is kept for ever */
	struct node_assembly *assembly; /* NULL: it has ended */
	struct node_announce *announce; /* likewise */
	struct node_links *links;
	struct node_server *server;
	struct node_http *http;
	uv_signal_t terminate, interrupt;
	uv_timer_t deadline;
	struct node_seen *seen;
	uv_timer_t seen_due;
	bool stopping;
	bool is_restarting; /* after this */
	char addresses[NODE_DATADIR_PATH_BYTES];
};

/* --- stopping --------------------------------------------------------------------------- */

static void on_too_late(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	node_log_line(daemon->log, NODE_CONFIG_ERROR,
		      "still at work %d ms after being asked to stop: leaving; nothing that was "
		      "acknowledged is lost",
		      NODE_DAEMON_STOP_MS_MAX);
	_exit(EXIT_FAILURE);
}

static void on_cut(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	node_server_abort(daemon->server);
	(void)uv_timer_start(timer, on_too_late, NODE_DAEMON_STOP_MS_MAX - CUT_MS,
			     0); /* fails for a closing one, only */
	uv_unref((uv_handle_t *)timer);
}

/* Have everything end.  Runs on the loop. */
static void stop(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->stopping)
		return;
	daemon->stopping = true;
	node_log_line(daemon->log, NODE_CONFIG_INFO, "stopping");
	(void)node_notify_send(getenv("NOTIFY_SOCKET"), "STOPPING=1"); /* it sees us end anyway */
	(void)unlink(daemon->addresses); /* it may be gone: somebody tidied up */
	(void)uv_timer_start(&daemon->deadline, on_cut, CUT_MS, 0); /* as above */
	uv_unref((uv_handle_t *)&daemon->deadline);
	uv_close((uv_handle_t *)&daemon->terminate, NULL);
	uv_close((uv_handle_t *)&daemon->interrupt, NULL);
	uv_close((uv_handle_t *)&daemon->seen_due, NULL);
	node_links_show(daemon->links);
	node_reach_note(daemon->peers, daemon->home.charter, daemon->seen, daemon->log);
	node_pruner_stop(daemon->pruner);
	daemon->pruner = NULL; /* it frees itself */
	node_indexer_stop(daemon->indexer);
	daemon->indexer = NULL; /* likewise */
	node_assembly_stop(daemon->assembly);
	daemon->assembly = NULL; /* likewise */
	node_announce_stop(daemon->announce);
	daemon->announce = NULL; /* likewise */
	node_server_stop(daemon->server);
	node_links_stop(daemon->links);
	/* Answers take milliseconds; a listing is on its way for as long as it takes a snapshot. */
	node_http_close(daemon->http);
	daemon->http = NULL;
}

static void on_restart(uv_timer_t *timer)
{
	stop(timer->data);
}

/* Have everything end and begin anew, in a moment: whoever calls is in the middle of something. */
static void restart(struct daemon *daemon)
{
	daemon->is_restarting = true;
	if (!daemon->stopping)
		(void)uv_timer_start(&daemon->deadline, on_restart, 0, 0); /* as in stop() */
}

/* Somebody wants us to end. */
static void on_stop(void *arg)
{
	struct daemon *daemon = arg;

	daemon->is_restarting = false;
	stop(daemon);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	if (uv_is_closing((uv_handle_t *)handle))
		return;
	node_log_line(daemon->log, NODE_CONFIG_INFO, "got %s",
		      number == SIGINT ? "SIGINT" : "SIGTERM");
	on_stop(daemon);
}

/* --- what the parts tell each other ----------------------------------------------------- */

static void on_witnessed(void *arg, size_t count)
{
	struct daemon *daemon = arg;

	node_log_line(daemon->log, NODE_CONFIG_INFO,
		      "%zu other members cosigned our newest checkpoint", count);
	node_server_witnessed(daemon->server, count);
}

static void on_changed(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->server != NULL)
		node_server_changed(daemon->server);
}

static void look_for_votes(struct daemon *daemon)
{
	if (daemon->assembly != NULL)
		node_assembly_look(daemon->assembly);
}

static void on_published(void *arg)
{
	struct daemon *daemon = arg;

	node_links_published(daemon->links);
	look_for_votes(daemon);
}

/* The votes in the logs have amended the charter. */
static void on_assembled(void *arg)
{
	struct daemon *daemon = arg;

	node_links_published(daemon->links);
}

static void look_at_keys(struct daemon *daemon)
{
	if (daemon->announce != NULL)
		node_announce_look(daemon->announce);
}

static void on_advanced(void *arg)
{
	struct daemon *daemon = arg;

	node_indexer_look(daemon->indexer);
	look_for_votes(daemon);
	if (node_rotation_is_on(daemon->config->dir, NODE_DATADIR_NODE_KEY))
		look_at_keys(daemon); /* its member may have named it */
}

static void on_keys(void *arg)
{
	look_at_keys(arg);
}

static void on_spread(void *arg, const struct catalog_hash *vector, size_t *ret_linked,
		      size_t *ret_equal)
{
	struct daemon *daemon = arg;
	struct gossip_peer_status table[NODE_PEERS_MAX];
	struct catalog_hash ours;
	uint64_t now_ms;
	size_t count, equal;

	node_links_show(daemon->links);
	count = node_peers_get(daemon->peers, table, &now_ms);
	*ret_linked = 0;
	for (size_t i = 0; i < count; i++)
		*ret_linked += table[i].greeted;
	node_links_vector(daemon->links, &ours, &equal);
	*ret_equal = catalog_hash_equal(&ours, vector) ? equal : 0;
}

/* A key in the directory is another now. */
static void on_renewed(void *arg)
{
	struct daemon *daemon = arg;

	restart(daemon);
}

static void on_moved(void *arg)
{
	struct daemon *daemon = arg;

	node_links_moved(daemon->links);
	look_for_votes(daemon);
	look_at_keys(daemon);
}

static int on_witness(void *arg, size_t count, uint64_t timeout_ms)
{
	struct daemon *daemon = arg;

	return node_links_witness(daemon->links, count, timeout_ms);
}

static int on_pull(void *arg)
{
	struct daemon *daemon = arg;

	return node_links_pull(daemon->links);
}

static void on_show(void *arg)
{
	struct daemon *daemon = arg;

	node_links_show(daemon->links);
}

static void on_vector(void *arg, struct catalog_hash *ret_vector, size_t *ret_equal)
{
	struct daemon *daemon = arg;

	node_links_vector(daemon->links, ret_vector, ret_equal);
}

static void on_seen_due(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	node_reach_note(daemon->peers, daemon->home.charter, daemon->seen, daemon->log);
}

/* --- starting --------------------------------------------------------------------------- */

static int open_control(struct daemon *daemon, struct node_error *ret_error)
{
	struct node_control_options options = {.store = daemon->home.store,
					       .charter = daemon->home.charter,
					       .member = daemon->home.member};
	int r;

	r = node_peers_new(&daemon->peers);
	if (r == 0) {
		options.secret = daemon->home.member != NULL ? daemon->home.secret : NULL;
		options.peers = daemon->peers;
		if (daemon->config->public_url[0] != '\0')
			options.public_url = daemon->config->public_url;
		r = node_control_new(&options, &daemon->control);
	}
	return r == 0 ? 0 : node_error_set(ret_error, r, "starting: %s", node_error_words(r));
}

/* The loop, and what needs nothing but it. */
static int open_loop(struct daemon *daemon, struct node_error *ret_error)
{
	int r;

	r = uv_loop_init(&daemon->loop);
	daemon->loop_made = r == 0;
	if (r == 0)
		r = node_jobs_new(&daemon->loop, &daemon->jobs);
	if (r != 0)
		return node_error_set(ret_error, r, "starting the loop: %s", node_error_words(r));
	return 0;
}

/* The charter may give our member another key: then we begin anew with it. */
static void follow_key(struct daemon *daemon)
{
	const struct catalog_member *member =
		catalog_charter_member(daemon->home.charter, daemon->home.member->index);
	char path[NODE_DATADIR_PATH_BYTES];
	bool is_encrypted = false;
	struct catalog_key key;
	struct node_error error;

	node_keyfile_public(daemon->home.secret, &key);
	if (memcmp(&member->key, &key, sizeof key) == 0)
		return;
	if (daemon->config->member_key_file[0] != '\0' ||
	    node_rotation_next(daemon->config->dir, NODE_DATADIR_KEY, path, &error) != 0 ||
	    node_keyfile_look(path, &is_encrypted, &key, &error) != 0 ||
	    memcmp(&member->key, &key, sizeof key) != 0)
		node_log_line(daemon->log, NODE_CONFIG_WARNING,
			      "the charter gives %s another key than the one that is here: this "
			      "node cannot publish until it has that key and is started again",
			      member->name);
	else if (is_encrypted && !node_passphrase_is_in_file())
		node_log_line(daemon->log, NODE_CONFIG_WARNING,
			      "the charter gives %s its new key, which wants its passphrase: "
			      "start this node again",
			      member->name);
	else {
		restart(daemon);
	}
}

/* The charter has changed: the file follows the store, and a member that waited to be admitted
 * begins anew as one. */
static void on_amended(void *arg)
{
	struct daemon *daemon = arg;
	const struct catalog_member *member = NULL;
	struct catalog_secret *secret = NULL;
	struct node_error error;

	if (node_datadir_keep_charter(daemon->config->dir, daemon->home.charter, &error) != 0)
		node_log_line(
			daemon->log, NODE_CONFIG_WARNING,
			"%s; the store has the charter, and the file gets it at the next start",
			error.text);
	look_for_votes(daemon); /* a motion may follow this amendment */
	look_at_keys(daemon);   /* our log may have stepped back */
	if (daemon->home.member != NULL && !daemon->stopping)
		follow_key(daemon);
	if (daemon->home.member != NULL || !daemon->home.is_waiting || daemon->stopping ||
	    node_keyfile_new(&secret) != 0)
		return;
	if (node_datadir_member(daemon->config->dir, daemon->home.charter, secret, &member,
				&error) == 0) {
		node_log_line(daemon->log, NODE_CONFIG_INFO, "admitted as %s (%s): beginning anew",
			      member->name, member->title);
		restart(daemon);
	}
	node_keyfile_free(secret);
}

/* The charter goes another way than this process knows its members by. */
static void on_turned(void *arg)
{
	struct daemon *daemon = arg;
	struct node_error error;

	if (node_datadir_keep_charter(daemon->config->dir, daemon->home.charter, &error) != 0)
		node_log_line(daemon->log, NODE_CONFIG_WARNING, "%s", error.text);
	if (daemon->stopping)
		return;
	restart(daemon);
}

static int open_links(struct daemon *daemon, struct node_error *ret_error)
{
	const struct node_config *config = daemon->config;
	bool is_member = daemon->home.member != NULL;
	struct node_reach_places places = {.count = 0};
	struct gossip_node_options gossip = {
		.secret = daemon->home.node_secret,
		.self = is_member ? daemon->home.member->index : UINT32_MAX,
		.can_sign = is_member,
		.outgoing_links = config->outgoing_links,
		.incoming_links = config->incoming_links,
		.peer_bytes_max = (size_t)config->peer_memory_mib * 1024 * 1024,
		.is_plain = config->is_plain,
		.is_leaf = config->is_leaf,
		.addresses = places.addresses,
		.scores = places.scores,
		.now_s = (int64_t)time(NULL),
	};
	struct node_links_options options = {
		.loop = &daemon->loop,
		.jobs = daemon->jobs,
		.log = daemon->log,
		.peers = daemon->peers,
		.store = daemon->home.store,
		.charter = daemon->home.charter,
		.gossip = &gossip,
		.listen = &config->listen,
		.limits = &config->limits,
		.may_dial_private = node_reach_may_dial_private(config),
		.secret = is_member ? daemon->home.secret : NULL,
		.witnessed = on_witnessed,
		.advanced = on_advanced,
		.changed = on_changed,
		.amended = on_amended,
		.turned = on_turned,
		.arg = daemon,
	};
	int r = node_reach_gather(config, daemon->home.charter, daemon->seen, &places, ret_error);

	if (r != 0)
		return r;
	randombytes_buf(&gossip.seed, sizeof gossip.seed);
	gossip.address_count = places.count;
	gossip.score_count = places.score_count;
	return node_links_open(&options, &daemon->links, ret_error);
}

static int open_server(struct daemon *daemon, struct node_error *ret_error)
{
	struct node_server_options options = {
		.loop = &daemon->loop,
		.jobs = daemon->jobs,
		.log = daemon->log,
		.control = daemon->control,
		.store = daemon->home.store,
		.own_log = daemon->home.member != NULL ? daemon->home.member->index : UINT32_MAX,
		.published = on_published,
		.moved = on_moved,
		.keys = on_keys,
		.stop = on_stop,
		.show = on_show,
		.vector = on_vector,
		.witness = on_witness,
		.pull = on_pull,
		.arg = daemon,
	};
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	r = node_datadir_path(daemon->config->dir, NODE_DATADIR_CONTROL, path, ret_error);
	return r != 0 ? r : node_server_open(&options, path, &daemon->server, ret_error);
}

static int open_http(struct daemon *daemon, unsigned connections, struct node_error *ret_error)
{
	struct node_http_options options = {
		.listen = &daemon->config->http,
		.public_url = daemon->config->public_url,
		.threads = daemon->config->http_threads,
		.connections = connections,
		.control = daemon->control,
		.store = daemon->home.store,
		.charter = daemon->home.charter,
		.log = daemon->log,
	};

	if (daemon->config->http_off)
		return 0;
	return node_http_open(&options, &daemon->http, ret_error);
}

/* Tell where we listen: in the file, in the log. */
static int write_addresses(struct daemon *daemon, struct node_error *ret_error)
{
	char gossip[NODE_CONFIG_ADDRESS_BYTES], http[NODE_CONFIG_ADDRESS_BYTES] = "";
	struct catalog_buffer text = {0};
	int r;

	node_config_print(node_links_address(daemon->links), gossip);
	if (daemon->http != NULL)
		node_config_print(node_http_address(daemon->http), http);
	r = catalog_buffer_print(&text, "gossip %s\n", gossip);
	if (r == 0 && daemon->http != NULL)
		r = catalog_buffer_print(&text, "http %s\n", http);
	if (r == 0)
		r = node_datadir_write(daemon->addresses, catalog_buffer_span(&text), 0644,
				       ret_error);
	else
		(void)node_error_set(ret_error, r, "out of memory");
	catalog_buffer_close(&text);
	if (r != 0)
		return r;
	node_log_line(daemon->log, NODE_CONFIG_INFO, "%s of %s: nodes connect to %s, %s%s",
		      daemon->home.member != NULL ? daemon->home.member->name : "a mirror",
		      catalog_charter_name(daemon->home.charter), gossip,
		      daemon->http != NULL ? "the web page is at http://" : "no web page", http);
	return 0;
}

static void open_signals(struct daemon *daemon)
{
	/* None of these fails: the handles are new, and the signals are known. */
	(void)uv_timer_init(&daemon->loop, &daemon->seen_due);
	daemon->seen_due.data = daemon;
	(void)uv_timer_start(&daemon->seen_due, on_seen_due, SEEN_FIRST_MS, SEEN_PERIOD_MS);
	(void)uv_timer_init(&daemon->loop, &daemon->deadline);
	(void)uv_signal_init(&daemon->loop, &daemon->terminate);
	(void)uv_signal_init(&daemon->loop, &daemon->interrupt);
	daemon->terminate.data = daemon->interrupt.data = daemon->deadline.data = daemon;
	(void)uv_signal_start(&daemon->terminate, on_signal, SIGTERM);
	(void)uv_signal_start(&daemon->interrupt, on_signal, SIGINT);
}

static int open_pruner(struct daemon *daemon, struct node_error *ret_error)
{
	struct node_pruner_options options = {
		.loop = &daemon->loop,
		.jobs = daemon->jobs,
		.store = daemon->home.store,
		.log = daemon->log,
		.charter = daemon->home.charter,
		.retention_days = daemon->config->retention_days,
		.first_ms = NODE_PRUNER_FIRST_MS,
	};
	int r = 0;

	if (options.retention_days > 0)
		r = node_pruner_new(&options, &daemon->pruner);
	return r == 0 ? 0 : node_error_set(ret_error, r, "out of memory");
}

static int open_indexer(struct daemon *daemon, struct node_error *ret_error)
{
	struct node_indexer_options options = {
		.loop = &daemon->loop,
		.jobs = daemon->jobs,
		.store = daemon->home.store,
		.charter = daemon->home.charter,
		.log = daemon->log,
		.catches_up = daemon->config->search != NODE_CONFIG_SEARCH_OFF,
	};
	int r = node_indexer_new(&options, &daemon->indexer);

	return r == 0 ? 0 : node_error_set(ret_error, r, "out of memory");
}

static int open_assembly(struct daemon *daemon, struct node_error *ret_error)
{
	struct node_assembly_options options = {
		.jobs = daemon->jobs,
		.store = daemon->home.store,
		.charter = daemon->home.charter,
		.log = daemon->log,
		.assembled = on_assembled,
		.arg = daemon,
	};
	int r = node_assembly_new(&options, &daemon->assembly);

	if (r != 0)
		return node_error_set(ret_error, r, "out of memory");
	node_assembly_look(daemon->assembly); /* what came before we were stopped */
	return 0;
}

static int open_announce(struct daemon *daemon, struct node_error *ret_error)
{
	const struct node_config *config = daemon->config;
	char listen[NODE_CONFIG_ADDRESS_BYTES];
	struct catalog_node_key key;
	struct node_announce_options options = {
		.loop = &daemon->loop,
		.jobs = daemon->jobs,
		.log = daemon->log,
		.control = daemon->control,
		.store = daemon->home.store,
		.charter = daemon->home.charter,
		.dir = config->dir,
		.is_member = daemon->home.member != NULL,
		.keeps_key = config->node_key_file[0] != '\0',
		.key = &key,
		.published = on_published,
		.spread = on_spread,
		.renewed = on_renewed,
		.arg = daemon,
	};
	int r;

	gossip_noise_public(daemon->home.node_secret, &key);
	for (; options.address_count < config->address_count; options.address_count++)
		options.addresses[options.address_count] = config->addresses[options.address_count];
	if (config->address_count == 0 && node_reach_is_public(config)) {
		node_config_print(node_links_address(daemon->links), listen);
		options.addresses[options.address_count++] = listen;
	}
	r = node_announce_new(&options, &daemon->announce);
	return r == 0 ? 0 : node_error_set(ret_error, r, "out of memory");
}

static int start(struct daemon *daemon, struct node_error *ret_error)
{
	static int (*const parts[])(struct daemon *, struct node_error *) = {
		open_pruner, open_indexer, open_assembly, open_announce, open_server};
	unsigned http_connections = NODE_HTTP_CONNECTIONS_MAX;
	int r;

	(void)signal(SIGPIPE, SIG_IGN); /* a peer that goes away is an error like any other */
	r = node_datadir_path(daemon->config->dir, NODE_DATADIR_ADDRESSES, daemon->addresses,
			      ret_error);
	if (r == 0)
		r = node_files_raise(daemon->log, &http_connections, ret_error);
	if (r == 0)
		r = node_home_open(daemon->config, daemon->log, &daemon->home, ret_error);
	if (r == 0)
		r = open_control(daemon, ret_error);
	if (r == 0)
		r = open_loop(daemon, ret_error);
	if (r == 0)
		r = node_seen_open(daemon->config->dir, (int64_t)time(NULL), &daemon->seen,
				   ret_error);
	if (r == 0)
		r = open_links(daemon, ret_error);
	for (size_t i = 0; i < sizeof parts / sizeof *parts && r == 0; i++)
		r = parts[i](daemon, ret_error);
	if (r == 0)
		r = open_http(daemon, http_connections, ret_error);
	return r;
}

/* --- the whole -------------------------------------------------------------------------- */

/* End what there is, in whatever state starting or running left it. */
static void finish(struct daemon *daemon)
{
	node_http_close(daemon->http);
	node_indexer_stop(daemon->indexer);
	node_pruner_stop(daemon->pruner);
	node_assembly_stop(daemon->assembly);
	node_announce_stop(daemon->announce);
	if (daemon->server != NULL)
		node_server_stop(daemon->server);
	if (daemon->links != NULL)
		node_links_stop(daemon->links);
	if (daemon->loop_made)
		(void)uv_run(&daemon->loop, UV_RUN_DEFAULT); /* until all handles are closed */
	node_server_close(daemon->server);
	node_links_close(daemon->links);
	node_jobs_free(daemon->jobs);
	if (daemon->loop_made) {
		int r = uv_loop_close(&daemon->loop);

		assert(r == 0);
		(void)r;
	}
	node_control_free(daemon->control);
	node_peers_free(daemon->peers);
	node_seen_free(daemon->seen);
	node_home_close(&daemon->home);
}

/* Ports that were free at the beginning are in config afterwards, so that a node that begins anew
 * is where it was. */
static int run_once(struct node_config *config, bool *ret_restart, struct node_error *ret_error)
{
	struct daemon daemon = {.config = config, .home = {.lock = -1}};
	int r;

	/* Looking up a name cannot be stopped, and stopping waits for it. */
	(void)setenv("RES_OPTIONS", RESOLVER, 0); /* else it may take the system's own time */
	r = node_log_new(STDERR_FILENO, config->log_level, &daemon.log);
	if (r != 0)
		return node_error_set(ret_error, r, "out of memory");
	r = start(&daemon, ret_error);
	if (r == 0) {
		config->listen = *node_links_address(daemon.links);
		if (daemon.http != NULL)
			config->http = *node_http_address(daemon.http);
		open_signals(&daemon); /* first: who reads the addresses may have us stop */
		r = write_addresses(&daemon, ret_error);
		if (r != 0)
			stop(&daemon);
		else if (node_notify_send(getenv("NOTIFY_SOCKET"), "READY=1") != 0)
			node_log_line(daemon.log, NODE_CONFIG_WARNING,
				      "NOTIFY_SOCKET: cannot tell that we are ready");
		(void)uv_run(&daemon.loop, UV_RUN_DEFAULT); /* until stop(), and all is closed */
		uv_close((uv_handle_t *)&daemon.deadline, NULL);
	}
	finish(&daemon);
	if (r == 0)
		node_log_line(daemon.log, NODE_CONFIG_INFO, "stopped");
	node_log_free(daemon.log);
	*ret_restart = r == 0 && daemon.is_restarting;
	return r;
}

int node_daemon_run(const struct node_config *config, struct node_error *ret_error)
{
	struct node_config settings = *config;
	bool again = true;
	int r = 0;

	while (r == 0 && again)
		r = run_once(&settings, &again, ret_error);
	return r;
}
