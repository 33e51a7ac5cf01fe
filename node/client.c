/* node/client.c - a request takes one of two ways: over the channel to fedcatd, or, as the same
 * bytes, to a control of our own.
 *
 * Listings are gathered as bytes of the request that they will be part of, since a listing that was
 * put belongs to the caller and is gone by then. */
#include "node/client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/listing.h"
#include "catalog/utf8.h"
#include "catalog/value_get.h"
#include "gossip/confirm.h"
#include "node/channel.h"
#include "node/config.h"
#include "node/control.h"
#include "node/reply.h"
#include "node/datadir.h"
#include "node/keyfile.h"
#include "node/rotation.h"

#define GATHERED_BYTES (256u * 1024) /* send when it is more */
#define OPEN_TRIES     200
#define OPEN_WAIT_MS   25 /* 5 s in all */

/* Children of a request that is being gathered, encoded one after the other. */
struct gathered {
	struct catalog_buffer bytes;
	uint32_t count;
};

struct node_client {
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_channel *channel; /* NULL: we answer ourselves */
	/* For that. */
	int lock;
	struct catalog_charter *charter;
	struct catalog_secret *secret;
	struct catalog_store *store;
	char public_url[NODE_CONFIG_URL_BYTES];
	struct node_control *control;
	struct node_session *session;
	/* Publishing. */
	struct gathered items, ids;
	unsigned under_way; /* requests whose replies have not been read */
	struct node_client_counts counts;
	node_client_rejected rejected;
	void *rejected_arg;
};

/* --- opening ---------------------------------------------------------------------------------- */

/* How many members must be asked before anything is signed, which we cannot do, and what our HTTP
 * is for others.  Settings that do not read are no reason not to show what is in the store: then it
 * is all the other members. */
static size_t count_others(const struct node_client *client, const struct catalog_member *member,
			   char ret_public_url[NODE_CONFIG_URL_BYTES])
{
	struct gossip_roster *roster = NULL;
	struct gossip_node_address addresses[NODE_CONFIG_PEERS_MAX];
	struct gossip_node_options options = {.self = member != NULL ? member->index : UINT32_MAX,
					      .addresses = addresses,
					      .now_s = (int64_t)time(NULL)};
	char flag[NODE_DATADIR_PATH_BYTES + 8], peers[NODE_CONFIG_VALUE_MAX + 16] = "";
	const char *flags[] = {flag}, *environment[] = {peers, NULL};
	struct node_config config;
	size_t count;

	(void)snprintf(flag, sizeof flag, "--dir=%s", client->dir); /* it fits */
	if (getenv("FEDCAT_PEERS") != NULL)
		(void)snprintf(peers, sizeof peers, "FEDCAT_PEERS=%s", getenv("FEDCAT_PEERS"));
	else
		environment[0] = NULL;
	if (node_config_load(1, flags, environment, &config, NULL) != 0)
		return catalog_charter_member_count(client->charter) - (member != NULL);
	memcpy(ret_public_url, config.public_url, sizeof config.public_url);
	for (size_t i = 0; i < config.peer_count; i++) {
		const struct catalog_member *peer =
			catalog_charter_member_named(client->charter, config.peers[i].member);

		if (peer != NULL)
			addresses[options.address_count++].member = peer->index;
	}
	count = catalog_charter_member_count(client->charter) - (member != NULL);
	if (gossip_roster_open(client->store, client->charter, &roster) == 0)
		count = gossip_confirm_needed(client->charter, &options, roster);
	gossip_roster_free(roster);
	return count;
}

enum use { USE_READ, USE_SIGN };

static int open_control(struct node_client *client, enum use use, struct node_error *error)
{
	struct node_control_options options = {.charter = client->charter};
	int r;

	r = node_keyfile_new(&client->secret);
	if (r != 0)
		return node_error_set(error, r, "out of memory");
	/* First: the store may know more of the charter than its file does. */
	r = node_datadir_store(client->dir, &client->store, error);
	if (r == 0)
		r = node_datadir_amended(client->dir, client->store, client->charter, error);
	if (r == 0)
		r = node_rotation_settle(client->dir, client->charter, NULL, error);
	if (r != 0)
		return r;
	r = use == USE_SIGN
		    ? node_datadir_member(client->dir, client->charter, client->secret,
					  &options.member, error)
		    : node_datadir_whose(client->dir, client->charter, &options.member, error);
	if (r == 0 && use == USE_SIGN)
		options.secret = client->secret;
	else if (r != 0 && r != -ENOENT) /* without a key we can read */
		return r;
	options.store = client->store;
	options.others = count_others(client, options.member, client->public_url);
	if (client->public_url[0] != '\0')
		options.public_url = client->public_url;
	r = node_control_new(&options, &client->control);
	if (r == 0)
		r = node_control_session_new(client->control, &client->session);
	return r == 0 ? 0 : node_error_set(error, r, "%s: out of memory", client->dir);
}

/* Find fedcatd, or take the directory.  Returns 0 and *ret_running, -EBUSY, ... */
static int find_way(struct node_client *client, struct node_error *error)
{
	const struct timespec pause = {.tv_nsec = OPEN_WAIT_MS * 1000000L};
	int r = -EBUSY;

	/* fedcatd holds the lock before it listens, for seconds where the store is large, and
	 * another command for as long as it works. */
	for (unsigned i = 0; i < OPEN_TRIES && r == -EBUSY; i++) {
		if (i > 0)
			(void)nanosleep(&pause, NULL); /* a shorter one does no harm */
		r = node_channel_open(client->dir, &client->channel);
		if (r == 0)
			return 0;
		if (r != -ENOENT && r != -ECONNREFUSED)
			return node_error_set(
				error, r, "%s/%s: cannot ask the fedcatd that runs there: %s",
				client->dir, NODE_DATADIR_CONTROL, node_error_words(r));
		/* Before the lock, so that it is not made where there is no node. */
		if (client->charter == NULL)
			r = node_datadir_charter(client->dir, &client->charter, error);
		else
			r = 0;
		if (r == 0)
			r = node_datadir_lock(client->dir, &client->lock, error);
	}
	return r;
}

static int open_for(const char *dir, enum use use, struct node_client **ret_client,
		    struct node_error *ret_error)
{
	struct node_client *client = NULL;
	size_t len = strlen(dir);
	int r;

	if (len >= sizeof client->dir)
		return node_error_set(ret_error, -ENAMETOOLONG, "%.100s...: the path is too long",
				      dir);
	client = calloc(1, sizeof *client);
	if (client == NULL)
		return node_error_set(ret_error, -ENOMEM, "%s: out of memory", dir);
	memcpy(client->dir, dir, len + 1);
	client->lock = -1;
	r = find_way(client, ret_error);
	if (r == 0 && client->channel == NULL)
		r = open_control(client, use, ret_error);
	if (r == 0) {
		*ret_client = client;
		client = NULL; /* the caller's now */
	}
	node_client_close(client);
	return r;
}

int node_client_open(const char *dir, struct node_client **ret_client, struct node_error *ret_error)
{
	return open_for(dir, USE_SIGN, ret_client, ret_error);
}

int node_client_open_to_read(const char *dir, struct node_client **ret_client,
			     struct node_error *ret_error)
{
	return open_for(dir, USE_READ, ret_client, ret_error);
}

void node_client_close(struct node_client *client)
{
	if (client == NULL)
		return;
	node_channel_free(client->channel);
	node_control_session_free(client->session);
	node_control_free(client->control);
	catalog_store_close(client->store);
	catalog_charter_free(client->charter);
	node_keyfile_free(client->secret);
	if (client->lock >= 0)
		node_datadir_unlock(client->lock);
	catalog_buffer_close(&client->items.bytes);
	catalog_buffer_close(&client->ids.bytes);
	free(client);
}

bool node_client_running(const struct node_client *client)
{
	return client->channel != NULL;
}

const struct node_client_counts *node_client_counts(const struct node_client *client)
{
	return &client->counts;
}

void node_client_on_rejected(struct node_client *client, node_client_rejected rejected, void *arg)
{
	client->rejected = rejected;
	client->rejected_arg = arg;
}

/* --- one request, one reply --------------------------------------------------------------------
 */

static int no_memory(struct node_error *error)
{
	return node_error_set(error, -ENOMEM, "out of memory");
}

/* The next reply over the channel, taken apart. */
static int receive(struct node_client *client, struct catalog_value **ret_answer,
		   struct node_error *error)
{
	struct catalog_value *reply = NULL;
	int r = node_channel_receive(client->channel, &reply);

	if (r == 0)
		r = node_reply_outcome(reply, ret_answer, error);
	else if (r == -EPIPE)
		r = node_error_set(error, r,
				   "fedcatd in %s went away before it answered; what it had "
				   "acknowledged is kept.  See its log, start it and try again",
				   client->dir);
	else if (r == -EPROTO)
		r = node_error_set(error, r,
				   "fedcatd in %s answered what this command does not understand; "
				   "are they of the same version?",
				   client->dir);
	else
		r = node_error_set(error, r, "asking fedcatd in %s: %s", client->dir,
				   node_error_words(r));
	catalog_value_free(reply);
	return r;
}

/* --- publishing --------------------------------------------------------------------------------
 */

static void report_rejected(struct node_client *client, const char *id, const char *path,
			    const char *found, const char *expected)
{
	client->counts.rejected++;
	if (client->rejected != NULL)
		client->rejected(client->rejected_arg, id, path, found, expected);
}

/* What a publish-put or a publish-reject came to. */
static void take_counts(struct node_client *client, const struct catalog_value *answer)
{
	const struct catalog_value *rejected = catalog_value_get(answer, "rejected");

	client->counts.created += catalog_value_get_count(answer, "new");
	client->counts.changed += catalog_value_get_count(answer, "changed");
	client->counts.unchanged += catalog_value_get_count(answer, "unchanged");
	client->counts.kept = catalog_value_get_count(answer, "kept");
	if (catalog_value_type(rejected) != CATALOG_VALUE_LIST)
		return;
	for (size_t i = 0; i < catalog_value_count(rejected); i++) {
		const struct catalog_value *one = catalog_value_at(rejected, i, NULL);

		report_rejected(client, catalog_value_get_text(one, "id"),
				catalog_value_get_text(one, "path"),
				catalog_value_get_text(one, "found"),
				catalog_value_get_text(one, "expected"));
	}
}

/* Read replies until at most so many are under way.  The first error is the one that counts: those
 * after it follow from it. */
static int settle(struct node_client *client, unsigned under_way_max, struct node_error *error)
{
	struct node_error later;
	int r = 0;

	while (client->under_way > (r == 0 ? under_way_max : 0)) {
		struct catalog_value *answer = NULL;
		int r2 = receive(client, &answer, r == 0 ? error : &later);

		client->under_way--;
		if (r2 == 0)
			take_counts(client, answer);
		catalog_value_free(answer);
		if (r == 0)
			r = r2;
		if (r2 == -EPIPE || r2 == -EPROTO)
			client->under_way = 0; /* there is no more to come */
	}
	return r;
}

static int answer_ourselves(struct node_client *client, struct catalog_span request,
			    struct node_error *error)
{
	struct catalog_value *value = NULL, *answer = NULL;
	int r = catalog_value_decode(request, &value);

	if (r != 0)
		return node_error_set(error, r, "cannot put the listings together: %s",
				      node_error_words(r));
	r = node_control_handle(client->session, value, &answer, error);
	if (r == 0)
		take_counts(client, answer);
	catalog_value_free(value);
	catalog_value_free(answer);
	return r;
}

/* Put the request together: {list: [the children], "op": op}, as msgpack in the order of its
 * keys. */
static int build(const struct gathered *gathered, const char *op, const char *list,
		 struct catalog_buffer *request)
{
	size_t before = request->len, len;
	uint8_t head[] = {0xdd, /* a list of so many */
			  (uint8_t)(gathered->count >> 24), (uint8_t)(gathered->count >> 16),
			  (uint8_t)(gathered->count >> 8), (uint8_t)gathered->count};
	int r;

	assert(strcmp(list, "op") < 0);
	assert(strlen(list) < 32 && strlen(op) < 32); /* a short text is 0xa0 + length, text */
	r = catalog_buffer_append(request, "\0\0\0\0", NODE_CONTROL_HEADER_BYTES);
	if (r == 0)
		r = catalog_buffer_print(request, "\x82%c%s", (int)(0xa0 + strlen(list)), list);
	if (r == 0)
		r = catalog_buffer_append(request, head, sizeof head);
	if (r == 0)
		r = catalog_buffer_append(request, gathered->bytes.bytes, gathered->bytes.len);
	if (r == 0)
		r = catalog_buffer_print(request, "\xa2op%c%s", (int)(0xa0 + strlen(op)), op);
	if (r != 0)
		return r;
	len = request->len - before - NODE_CONTROL_HEADER_BYTES;
	assert(len <= NODE_CONTROL_REQUEST_MAX);
	for (unsigned i = 0; i < NODE_CONTROL_HEADER_BYTES; i++)
		request->bytes[before + i] = (uint8_t)(len >> (24 - 8 * i));
	return 0;
}

/* Send what is gathered.  On failure all that is gathered is dropped: the run is over. */
static int send_gathered(struct node_client *client, struct gathered *gathered, const char *op,
			 const char *list, struct node_error *error)
{
	struct catalog_buffer request = {0};
	int r;

	if (gathered->count == 0)
		return 0;
	r = build(gathered, op, list, &request);
	gathered->bytes.len = 0;
	gathered->count = 0;
	if (r != 0) {
		r = no_memory(error);
	} else if (client->channel == NULL) {
		r = answer_ourselves(
			client,
			(struct catalog_span){request.bytes + NODE_CONTROL_HEADER_BYTES,
					      request.len - NODE_CONTROL_HEADER_BYTES},
			error);
	} else {
		r = settle(client, NODE_CONTROL_WINDOW - 1, error);
		if (r == 0) {
			r = node_channel_send(client->channel, catalog_buffer_span(&request));
			client->under_way++;
			if (r != 0)
				r = no_memory(error);
		}
	}
	catalog_buffer_close(&request);
	return r;
}

static int send_items(struct node_client *client, struct node_error *error)
{
	return send_gathered(client, &client->items, "publish-put", "items", error);
}

static int send_ids(struct node_client *client, struct node_error *error)
{
	return send_gathered(client, &client->ids, "publish-reject", "ids", error);
}

static void drop_gathered(struct node_client *client)
{
	client->items.bytes.len = client->ids.bytes.len = 0;
	client->items.count = client->ids.count = 0;
}

/* Append text as msgpack.  Returns 0, -ENOMEM. */
static int append_text(struct catalog_buffer *buffer, const char *text)
{
	struct catalog_value *value = catalog_value_new_string(text);
	int r = value == NULL ? -ENOMEM : catalog_value_encode(value, buffer);

	catalog_value_free(value);
	return r;
}

/* Append {id, listing}.  Returns 0, -E2BIG if it would not fit a request, -ENOMEM. */
static int append_item(struct gathered *items, const char *id, const struct catalog_value *listing)
{
	size_t before = items->bytes.len;
	int r;

	r = catalog_listing_check_depth(listing);
	if (r == 0)
		r = catalog_buffer_append(&items->bytes, "\x82\xa2id", 4);
	if (r == 0)
		r = append_text(&items->bytes, id);
	if (r == 0)
		r = catalog_buffer_append(&items->bytes, "\xa7listing", 8);
	if (r == 0)
		r = catalog_value_encode(listing, &items->bytes);
	/* A listing may be longer than allowed: that the node says better.  Much longer is ours. */
	if (r == 0 && items->bytes.len - before > NODE_CONTROL_REQUEST_MAX / 2)
		r = -E2BIG;
	if (r != 0)
		items->bytes.len = before;
	else
		items->count++;
	return r;
}

static bool is_id(const char *id)
{
	return catalog_utf8_check(id, strlen(id)) == 0 && catalog_listing_check_id(id) == 0;
}

int node_client_put(struct node_client *client, const char *id, const struct catalog_value *listing,
		    struct node_error *ret_error)
{
	int r;

	if (!is_id(id)) {
		report_rejected(client, id, "id", id,
				"1 to 200 bytes of text without white space or control characters");
		return 0;
	}
	r = append_item(&client->items, id, listing);
	if (r == -E2BIG) {
		report_rejected(client, id, "", "a listing that is too long or nested too deep",
				"a listing of at most 255 KiB in all");
		return node_client_reject(client, id, ret_error);
	}
	if (r != 0)
		r = no_memory(ret_error);
	else if (client->items.bytes.len >= GATHERED_BYTES)
		r = send_items(client, ret_error);
	if (r != 0)
		drop_gathered(client);
	return r;
}

int node_client_reject(struct node_client *client, const char *id, struct node_error *ret_error)
{
	size_t before = client->ids.bytes.len;
	int r;

	if (!is_id(id))
		return 0; /* it was never listed */
	r = append_text(&client->ids.bytes, id);
	if (r != 0) {
		client->ids.bytes.len = before;
		r = no_memory(ret_error);
	} else {
		client->ids.count++;
		if (client->ids.bytes.len >= GATHERED_BYTES)
			r = send_ids(client, ret_error);
	}
	if (r != 0)
		drop_gathered(client);
	return r;
}

/* --- calls -------------------------------------------------------------------------------------
 */

/* Send the request over the channel and wait. */
static int ask(struct node_client *client, const struct catalog_value *request,
	       struct catalog_value **ret_answer, struct node_error *error)
{
	struct catalog_buffer frame = {0};
	int r = node_reply_frame(request, NODE_CONTROL_REQUEST_MAX, &frame);

	if (r == -E2BIG)
		r = node_error_set(error, r,
				   "the request is too long for fedcatd: %u bytes are "
				   "allowed",
				   NODE_CONTROL_REQUEST_MAX);
	else if (r != 0 || node_channel_send(client->channel, catalog_buffer_span(&frame)) != 0)
		r = no_memory(error);
	else
		r = receive(client, ret_answer, error);
	catalog_buffer_close(&frame);
	return r;
}

int node_client_call(struct node_client *client, struct catalog_value *request,
		     struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const char *op = catalog_value_text(catalog_value_get(request, "op"));
	int r;

	if (request == NULL)
		return no_memory(ret_error);
	r = send_items(client, ret_error);
	if (r == 0)
		r = send_ids(client, ret_error);
	if (r == 0)
		r = settle(client, 0, ret_error);
	if (r != 0) {
		drop_gathered(client);
	} else {
		if (op != NULL && strcmp(op, "publish-begin") == 0)
			client->counts = (struct node_client_counts){0};
		r = client->channel != NULL
			    ? ask(client, request, ret_answer, ret_error)
			    : node_control_handle(client->session, request, ret_answer, ret_error);
	}
	catalog_value_free(request);
	return r;
}
