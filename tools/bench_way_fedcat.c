/* tools/bench_way_fedcat.c - two fedcatd of one federation, with all that nodes do: the encrypted
 * channel, proofs, the store synchronised, the search index.  The receiver dials the sender through
 * the proxy; a transfer has ended when it tells that it holds the same catalogue, durably. */
#include "tools/bench_way.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zstd.h>

#include "catalog/buffer.h"
#include "catalog/log.h"
#include "node/client.h"
#include "node/datadir.h"
#include "tools/bench_proxy.h"

#define FETCH_S_MAX   (4 * 3600)
#define LOOK_MS       50 /* how often memory is looked at */
#define VECTOR_BYTES  80
#define MEMBER        0 /* the sender's index in the charter */
#define ZSTD_LEVEL    3
#define COMPRESS_ROOM ((size_t)256 * 1024)

struct tools_bench_way_state {
	const struct tools_bench_site *site;
	char fedcat[TOOLS_BENCH_PROCESS_PATH_MAX], fedcatd[TOOLS_BENCH_PROCESS_PATH_MAX];
	char sender[TOOLS_BENCH_PROCESS_PATH_MAX], receiver[TOOLS_BENCH_PROCESS_PATH_MAX];
	char peers[TOOLS_BENCH_WAY_PEERS_MAX][TOOLS_BENCH_PROCESS_PATH_MAX];
	char log[TOOLS_BENCH_PROCESS_PATH_MAX];
};

static const char *lacks(const struct tools_bench_site *site)
{
	(void)site; /* it is built with this */
	return NULL;
}

/* Start the node of a directory, and wait until it listens. */
static pid_t start(const struct tools_bench_way_state *state, const char *dir, const char *peers)
{
	char dir_flag[TOOLS_BENCH_PROCESS_PATH_MAX + 8], addresses[TOOLS_BENCH_PROCESS_PATH_MAX];
	pid_t pid;

	(void)snprintf(dir_flag, sizeof dir_flag, "--dir=%s", dir); /* it fits */
	tools_bench_process_path(addresses, "%s/addresses", dir);
	(void)remove(addresses); /* there is none, if it ended well */
	pid = tools_bench_process_start(
		state->log, (const char *const[]){state->fedcatd, dir_flag, "--listen=127.0.0.1:0",
						  "--http=off", peers, NULL});
	tools_bench_process_await_file(pid, addresses);
	return pid;
}

static unsigned port_of(const char *dir)
{
	char path[TOOLS_BENCH_PROCESS_PATH_MAX], kind[16];
	unsigned port = 0;
	FILE *file;

	tools_bench_process_path(path, "%s/addresses", dir);
	file = fopen(path, "re");
	if (file == NULL || fscanf(file, "%15s 127.0.0.1:%u", kind, &port) != 2 ||
	    strcmp(kind, "gossip") != 0)
		tools_bench_process_die("%s: no address of loopback", path);
	(void)fclose(file); /* it was read only */
	return port;
}

/* Ask a node.  Takes request.  Returns NULL if it waited in vain. */
static struct catalog_value *ask(struct node_client *client, struct catalog_value *request)
{
	struct catalog_value *answer = NULL;
	struct node_error error;
	int r = node_client_call(client, request, &answer, &error);

	if (r != 0 && r != -ETIMEDOUT)
		tools_bench_process_die("%s", error.text);
	return answer;
}

static struct node_client *connect_to(const char *dir)
{
	struct node_client *client = NULL;
	struct node_error error;

	if (node_client_open_to_read(dir, &client, &error) != 0)
		tools_bench_process_die("%s", error.text);
	return client;
}

static struct catalog_value *request_of(const char *op, const char *vector)
{
	struct catalog_value *request = catalog_value_new_map();

	if (request == NULL ||
	    catalog_value_set(request, "op", catalog_value_new_string(op)) != 0 ||
	    (vector != NULL &&
	     (catalog_value_set(request, "vector", catalog_value_new_string(vector)) != 0 ||
	      catalog_value_set(request, "equal", catalog_value_new_int(0)) != 0 ||
	      catalog_value_set(request, "timeout_ms", catalog_value_new_int(LOOK_MS)) != 0)))
		tools_bench_process_die("out of memory");
	return request;
}

static void vector_of(const char *dir, char ret_vector[VECTOR_BYTES])
{
	struct node_client *client = connect_to(dir);
	struct catalog_value *answer = ask(client, request_of("status", NULL));
	const char *vector = catalog_value_text(catalog_value_get(answer, "vector"));

	if (vector == NULL || strlen(vector) >= VECTOR_BYTES)
		tools_bench_process_die("%s: a status without a vector", dir);
	(void)snprintf(ret_vector, VECTOR_BYTES, "%s", vector); /* it fits */
	catalog_value_free(answer);
	node_client_close(client);
}

static void publish(const struct tools_bench_way_state *state, const char *lines)
{
	pid_t pid = start(state, state->sender, NULL);

	tools_bench_process_run(state->log,
				(const char *const[]){state->fedcat, "publish", "--dir",
						      state->sender, lines, NULL},
				NULL);
	tools_bench_process_stop(pid, NULL);
}

static void found(struct tools_bench_way_state *state, const char *federation)
{
	char members[TOOLS_BENCH_WAY_PEERS_MAX][32];
	const char *args[8 + 2 * (TOOLS_BENCH_WAY_PEERS_MAX + 2)] = {
		state->fedcat, "federation",
		"create",      "Bench",
		"--out",       federation,
		"--member",    "sender=Sender,country=KE",
		"--member",    "receiver=Receiver,country=KE"};
	size_t count = 10;

	for (unsigned i = 0; i < state->site->peers; i++) {
		(void)snprintf(members[i], sizeof members[i], "peer%u=Peer,country=KE", i);
		args[count++] = "--member";
		args[count++] = members[i];
		tools_bench_process_path(state->peers[i], "%s/peer%u", federation, i);
	}
	args[count] = NULL;
	tools_bench_process_run(state->log, args, NULL);
}

static struct tools_bench_way_state *open_fedcat(const struct tools_bench_site *site,
						 const char *dir)
{
	struct tools_bench_way_state *state = calloc(1, sizeof *state);
	char federation[TOOLS_BENCH_PROCESS_PATH_MAX];

	if (state == NULL)
		tools_bench_process_die("out of memory");
	state->site = site;
	tools_bench_process_path(state->fedcat, "%s/fedcat", site->programs);
	tools_bench_process_path(state->fedcatd, "%s/fedcatd", site->programs);
	tools_bench_process_path(federation, "%s/federation", dir);
	tools_bench_process_path(state->sender, "%s/sender", federation);
	tools_bench_process_path(state->receiver, "%s/receiver", federation);
	tools_bench_process_path(state->log, "%s/log", dir);
	found(state, federation);
	publish(state, site->listings);
	return state;
}

static void change(struct tools_bench_way_state *state)
{
	publish(state, state->site->changed);
}

/* Whether a node holds what the vector says, which is waited for a moment; its memory is looked at.
 */
static bool is_equal(struct node_client *client, const char *vector, pid_t pid, uint64_t *own_bytes)
{
	struct catalog_value *answer = ask(client, request_of("wait", vector));
	uint64_t now = tools_bench_process_memory(pid, "RssAnon");
	bool equal = answer != NULL;

	if (now > *own_bytes)
		*own_bytes = now;
	catalog_value_free(answer);
	return equal;
}

static void fetch(struct tools_bench_way_state *state, struct tools_bench_way_took *ret_took)
{
	pid_t sender = start(state, state->sender, NULL), receiver;
	struct tools_bench_proxy *proxy = tools_bench_proxy_new(port_of(state->sender));
	char vector[VECTOR_BYTES], peers[64];
	struct node_client *client;
	double start_s, wall_s;
	uint64_t wire_bytes, own_bytes = 0;

	vector_of(state->sender, vector);
	(void)snprintf(peers, sizeof peers, "--peers=sender@127.0.0.1:%u", /* it fits */
		       tools_bench_proxy_port(proxy));
	start_s = tools_bench_process_now_s();
	receiver = start(state, state->receiver, peers);
	client = connect_to(state->receiver);
	while (!is_equal(client, vector, receiver, &own_bytes))
		if (tools_bench_process_now_s() > start_s + FETCH_S_MAX)
			tools_bench_process_die("the receiver did not get all; see the logs");
	wall_s = tools_bench_process_now_s() - start_s;
	wire_bytes = tools_bench_proxy_bytes(proxy);
	node_client_close(client);
	tools_bench_process_stop(receiver, &ret_took->receiver);
	tools_bench_process_stop(sender, &ret_took->sender);
	tools_bench_proxy_free(proxy);
	ret_took->receiver.wall_s = wall_s;
	ret_took->wire_bytes = wire_bytes;
	ret_took->own_bytes = own_bytes;
}

static void close_fedcat(struct tools_bench_way_state *state)
{
	free(state);
}

/* --- memory ----------------------------------------------------------------------------------- */

static uint64_t listings_of(struct node_client *client)
{
	struct catalog_value *answer = ask(client, request_of("status", NULL));
	uint64_t count = (uint64_t)catalog_value_int(catalog_value_get(answer, "listings"));

	catalog_value_free(answer);
	return count;
}

void tools_bench_way_fedcat_crowd(struct tools_bench_way_state *state, double limit_s,
				  struct tools_bench_way_own *ret_own)
{
	struct node_client *clients[TOOLS_BENCH_WAY_PEERS_MAX];
	pid_t sender = start(state, state->sender, NULL), pids[TOOLS_BENCH_WAY_PEERS_MAX];
	struct tools_bench_way_own own = {.least_listings = UINT64_MAX};
	char vector[VECTOR_BYTES], flag[64];
	unsigned peers = state->site->peers, equal = 0;
	double end_s;

	vector_of(state->sender, vector);
	own.idle_bytes = tools_bench_process_memory(sender, "RssAnon");
	(void)snprintf(flag, sizeof flag, "--peers=sender@127.0.0.1:%u", /* it fits */
		       port_of(state->sender));
	for (unsigned i = 0; i < peers; i++) {
		pids[i] = start(state, state->peers[i], flag);
		clients[i] = connect_to(state->peers[i]);
	}
	end_s = tools_bench_process_now_s() + limit_s;
	while (equal < peers && tools_bench_process_now_s() < end_s) {
		equal = 0;
		for (unsigned i = 0; i < peers; i++) {
			uint64_t now = tools_bench_process_memory(sender, "RssAnon");

			if (now > own.serving_bytes)
				own.serving_bytes = now;
			equal += is_equal(clients[i], vector, pids[i], &own.pulling_bytes);
		}
	}
	for (unsigned i = 0; i < peers; i++) {
		uint64_t count = listings_of(clients[i]);

		if (count < own.least_listings)
			own.least_listings = count;
		node_client_close(clients[i]);
		tools_bench_process_stop(pids[i], NULL);
	}
	own.after_bytes = tools_bench_process_memory(sender, "RssAnon");
	tools_bench_process_stop(sender, NULL);
	*ret_own = own;
}

/* --- zstd of the same entries ----------------------------------------------------------------- */

struct range {
	const struct tools_bench_way_state *state;
	uint64_t from, to;
};

struct packed {
	uint64_t bytes, to;
};

static void feed(ZSTD_CCtx *zstd, struct catalog_span bytes, ZSTD_EndDirective end, uint8_t *room,
		 uint64_t *count)
{
	ZSTD_inBuffer in = {bytes.bytes, bytes.len, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {room, COMPRESS_ROOM, 0};

		left = ZSTD_compressStream2(zstd, &out, &in, end);
		if (ZSTD_isError(left))
			tools_bench_process_die("zstd: %s", ZSTD_getErrorName(left));
		*count += out.pos;
	} while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
}

static void compress(void *arg, void *ret_result)
{
	const struct range *range = arg;
	struct packed *packed = ret_result;
	struct catalog_buffer entry = {0};
	struct catalog_log_status status;
	struct catalog_store *store;
	struct catalog_txn *txn;
	struct node_error error;
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	uint8_t *room = malloc(COMPRESS_ROOM);

	if (zstd == NULL || room == NULL || sodium_init() < 0)
		tools_bench_process_die("out of memory");
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL); /* it exists */
	if (node_datadir_store(range->state->sender, &store, &error) != 0)
		tools_bench_process_die("%s", error.text);
	if (catalog_store_begin(store, &txn) != 0 || catalog_log_status(txn, MEMBER, &status) != 0)
		tools_bench_process_die("the sender's store cannot be read");
	*packed = (struct packed){.to = range->to < status.size ? range->to : status.size};
	for (uint64_t i = range->from; i < packed->to; i++) {
		entry.len = 0;
		if (catalog_log_read(txn, MEMBER, i, &entry) != 0)
			tools_bench_process_die("entry %llu cannot be read", (unsigned long long)i);
		feed(zstd, catalog_buffer_span(&entry), ZSTD_e_continue, room, &packed->bytes);
	}
	feed(zstd, (struct catalog_span){NULL, 0}, ZSTD_e_end, room, &packed->bytes);
	catalog_store_end(txn);
	catalog_store_close(store);
	catalog_buffer_close(&entry);
	ZSTD_freeCCtx(zstd);
	free(room);
}

uint64_t tools_bench_way_fedcat_compressed(struct tools_bench_way_state *state, uint64_t from,
					   uint64_t to, uint64_t *ret_to)
{
	struct range range = {state, from, to};
	struct packed packed;

	tools_bench_process_apart(compress, &range, &packed, sizeof packed);
	*ret_to = packed.to;
	return packed.bytes;
}

const struct tools_bench_way tools_bench_way_fedcat = {"fedcat", 'f',   lacks,       open_fedcat,
						       change,   fetch, close_fedcat};
