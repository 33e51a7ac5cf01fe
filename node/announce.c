#include "node/announce.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalog/log.h"
#include "gossip/roster.h"
#include "node/error.h"
#include "node/fields.h"
#include "node/nodekey.h"
#include "node/rotation.h"

struct node_announce {
	struct node_announce_options options;
	struct catalog_node_key key;
	char addresses[CATALOG_NODE_ADDRESSES_MAX][CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	uv_timer_t timer;
	struct node_jobs_job job;
	bool is_busy, is_asked_again, is_stopping, is_closed;
	uint64_t pause_ms;
	int told; /* what was logged last */
	/* Of this look: */
	bool has_next, is_next_named, has_appended;
	struct catalog_node_key next;
	struct catalog_hash vector; /* of what is held, in which next is named */
	int outcome;
	struct node_error error;
	int64_t until_s; /* for which a mirror is named; INT64_MAX: for ever, or it is no mirror */
	bool is_end_told;
	/* Since when the new key is known to count. */
	int64_t named_s;
};

/* --- on a worker ------------------------------------------------------------------------------ */

static int ask(struct node_announce *announce, struct catalog_value *request)
{
	struct catalog_value *answer = NULL;
	const struct catalog_value *changed;
	struct node_session *session;
	int r = node_control_session_new(announce->options.control, &session);

	if (r != 0 || request == NULL) {
		catalog_value_free(request);
		return node_error_set(&announce->error, -ENOMEM, "out of memory");
	}
	r = node_control_handle(session, request, &answer, &announce->error);
	if (r == 0) {
		changed = catalog_value_get(answer, "changed");
		announce->has_appended |= catalog_value_bool(changed);
	}
	catalog_value_free(answer);
	catalog_value_free(request);
	node_control_session_free(session);
	return r;
}

/* Have the log say that a key is this node's. */
static int name(struct node_announce *announce, const struct catalog_node_key *key)
{
	const struct node_announce_options *options = &announce->options;
	char hex[NODE_NODEKEY_HEX_BYTES];
	struct catalog_value *request = NULL;
	struct node_fields fields;

	node_nodekey_hex(key, hex);
	node_fields_init(&fields);
	node_fields_text(&fields, "op", "node-name");
	node_fields_text(&fields, "key", hex);
	node_fields_text(&fields, "role", catalog_node_role_word(CATALOG_NODE_PUBLISHER));
	node_fields_bool(&fields, "renew", true);
	if (options->address_count > 0)
		node_fields_texts(&fields, "addresses", announce->addresses[0],
				  sizeof announce->addresses[0], options->address_count);
	(void)node_fields_close(&fields, &request); /* NULL says it */
	return ask(announce, request);
}

static int withdraw(struct node_announce *announce, const struct catalog_node_key *key)
{
	char hex[NODE_NODEKEY_HEX_BYTES];
	struct catalog_value *request = NULL;
	struct node_fields fields;

	node_nodekey_hex(key, hex);
	node_fields_init(&fields);
	node_fields_text(&fields, "op", "node-withdraw");
	node_fields_text(&fields, "key", hex);
	(void)node_fields_close(&fields, &request); /* NULL says it */
	return ask(announce, request);
}

static int read_key(const char *path, struct catalog_node_key *ret_key, struct node_error *error)
{
	struct gossip_noise_secret *secret;
	int r = node_nodekey_read(path, &secret, error);

	if (r != 0)
		return r;
	gossip_noise_public(secret, ret_key);
	node_nodekey_free(secret);
	return 0;
}

/* Whether a member names the key that waits, in what this node holds. */
static int is_named(struct node_announce *announce, bool *ret_is_named)
{
	const struct node_announce_options *options = &announce->options;
	struct gossip_roster *roster = NULL;
	enum catalog_node_state state;
	uint32_t member;
	struct catalog_txn *txn;
	int r = gossip_roster_open(options->store, options->charter, &roster);

	if (r == 0)
		r = catalog_store_begin(options->store, &txn);
	if (r == 0) {
		r = catalog_log_vector_hash(txn, &announce->vector);
		catalog_store_end(txn);
	}
	if (r == 0)
		*ret_is_named = gossip_roster_find(roster, &announce->next, (int64_t)time(NULL),
						   &member, &state) == 0;
	gossip_roster_free(roster);
	return r == 0 ? 0 : node_error_set(&announce->error, r, "%s", node_error_words(r));
}

static int look_at_next(struct node_announce *announce)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	announce->has_next = !announce->options.keeps_key &&
			     node_rotation_is_on(announce->options.dir, NODE_DATADIR_NODE_KEY);
	if (!announce->has_next)
		return 0;
	r = node_rotation_next(announce->options.dir, NODE_DATADIR_NODE_KEY, path,
			       &announce->error);
	if (r == 0)
		r = read_key(path, &announce->next, &announce->error);
	if (r == 0 && announce->options.is_member)
		r = name(announce, &announce->next);
	return r == 0 ? is_named(announce, &announce->is_next_named) : r;
}

/* The key before this one is withdrawn, now that this one is in use. */
static int look_at_old(struct node_announce *announce)
{
	struct catalog_node_key key;
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_rotation_old(announce->options.dir, NODE_DATADIR_NODE_KEY, path,
				  &announce->error);

	if (r != 0 || access(path, F_OK) != 0)
		return r;
	r = read_key(path, &key, &announce->error);
	if (r == 0 && memcmp(&key, &announce->key, sizeof key) != 0)
		r = withdraw(announce, &key);
	if (r == 0 || r == -ENOENT) /* nobody names it */
		r = unlink(path) == 0 ? 0 : node_error_set(&announce->error, -errno, "%s", path);
	return r;
}

/* Until when others let a mirror in. */
static void look_at_end(struct node_announce *announce)
{
	const struct node_announce_options *options = &announce->options;
	struct gossip_roster *roster = NULL;
	enum catalog_node_state state;
	uint32_t member;

	announce->until_s = INT64_MAX;
	if (gossip_roster_open(options->store, options->charter, &roster) != 0)
		return; /* it is looked at again */
	if (gossip_roster_find(roster, &announce->key, (int64_t)time(NULL), &member, &state) == 0)
		(void)gossip_roster_judge(roster, member, &announce->key, (int64_t)time(NULL),
					  &announce->until_s); /* it is good */
	gossip_roster_free(roster);
}

static void run(void *arg)
{
	struct node_announce *announce = arg;
	int r = 0;

	announce->until_s = INT64_MAX;
	if (!announce->options.is_member)
		look_at_end(announce);

	if (announce->options.is_member)
		r = name(announce, &announce->key);
	if (r == 0 || r == -EKEYREJECTED) /* withdrawn: another takes its place */
		announce->outcome = look_at_next(announce);
	if (r == 0)
		r = announce->outcome;
	if (r == 0 && announce->options.is_member)
		r = look_at_old(announce);
	announce->outcome = r;
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void free_when_idle(struct node_announce *announce)
{
	if (announce->is_closed && !announce->is_busy)
		free(announce);
}

static void on_closed(uv_handle_t *handle)
{
	struct node_announce *announce = handle->data;

	announce->is_closed = true;
	free_when_idle(announce);
}

static void begin(struct node_announce *announce)
{
	announce->is_busy = true;
	announce->is_asked_again = false;
	announce->has_next = announce->is_next_named = announce->has_appended = false;
	node_jobs_add(announce->options.jobs, NODE_JOBS_WRITE, &announce->job);
}

static void on_timer(uv_timer_t *timer)
{
	struct node_announce *announce = timer->data;

	if (!announce->is_busy && !uv_is_closing((uv_handle_t *)timer))
		begin(announce);
}

static void again_in(struct node_announce *announce, uint64_t pause_ms)
{
	if (!announce->is_stopping)
		(void)uv_timer_start(&announce->timer, on_timer, pause_ms, 0); /* as in new() */
}

/* Say once why it is not done yet. */
static void tell(struct node_announce *announce)
{
	bool is_soon = announce->outcome == -EINPROGRESS || announce->outcome == -EBUSY;

	if (announce->outcome == announce->told)
		return;
	announce->told = announce->outcome;
	if (announce->outcome != 0)
		node_log_line(announce->options.log,
			      is_soon ? NODE_CONFIG_DEBUG : NODE_CONFIG_WARNING,
			      "telling the others of this node: %s", announce->error.text);
}

/* A mirror cannot renew what its member says of it. */
static void tell_end(struct node_announce *announce)
{
	int64_t left_s = announce->until_s - (int64_t)time(NULL);
	char hex[NODE_NODEKEY_HEX_BYTES];
	bool is_near = left_s < (int64_t)NODE_ANNOUNCE_WARN_DAYS * 24 * 60 * 60;

	if (is_near && !announce->is_end_told) {
		node_nodekey_hex(&announce->key, hex);
		node_log_line(
			announce->options.log, NODE_CONFIG_WARNING,
			"others let this node in for %lld more days: at the node that has the "
			"member's key, `fedcat key delegate %s` makes it a year",
			(long long)(left_s / (24 * 60 * 60)), hex);
	}
	announce->is_end_told = is_near;
}

/* Whether those who must know the new key do.  Those who do not would refuse us. */
static bool is_spread(struct node_announce *announce)
{
	int64_t now_s = (int64_t)time(NULL);
	size_t linked = 0, equal = 0;

	if (announce->named_s == 0 || announce->named_s > now_s)
		announce->named_s = now_s;
	if (catalog_charter_member_count(announce->options.charter) < 2)
		return true;
	announce->options.spread(announce->options.arg, &announce->vector, &linked, &equal);
	return equal > 0 &&
	       (equal == linked || now_s - announce->named_s >= NODE_ANNOUNCE_PATIENT_S);
}

static void use_next(struct node_announce *announce)
{
	struct node_error error;
	char print[NODE_NODEKEY_FINGERPRINT_BYTES];

	if (node_rotation_switch(announce->options.dir, NODE_DATADIR_NODE_KEY, &error) != 0) {
		node_log_line(announce->options.log, NODE_CONFIG_WARNING,
			      "the node's new key cannot be used: %s", error.text);
		return;
	}
	node_nodekey_fingerprint(&announce->next, print);
	node_log_line(announce->options.log, NODE_CONFIG_INFO,
		      "the node's new key, %s, is named and known: beginning anew with it", print);
	announce->options.renewed(announce->options.arg);
}

static void done(void *arg)
{
	struct node_announce *announce = arg;
	bool waits;

	announce->is_busy = false;
	if (announce->is_stopping) {
		free_when_idle(announce);
		return;
	}
	tell(announce);
	tell_end(announce);
	if (announce->has_appended) {
		node_log_line(announce->options.log, NODE_CONFIG_INFO,
			      "our log tells the others of this node");
		announce->options.published(announce->options.arg);
	}
	if (announce->has_next && announce->is_next_named && is_spread(announce)) {
		use_next(announce); /* has us stop */
		return;
	}
	if (announce->is_asked_again) {
		begin(announce);
		return;
	}
	waits = announce->has_next || announce->outcome == -EINPROGRESS ||
		announce->outcome == -EBUSY || announce->outcome == -ESTALE;
	again_in(announce, waits ? announce->pause_ms : NODE_ANNOUNCE_PERIOD_MS);
	if (!waits)
		announce->pause_ms = NODE_ANNOUNCE_RETRY_MS;
	else if (!announce->is_next_named && announce->pause_ms < NODE_ANNOUNCE_PERIOD_MS / 2)
		announce->pause_ms *= 2;
}

int node_announce_new(const struct node_announce_options *options,
		      struct node_announce **ret_announce)
{
	struct node_announce *announce = calloc(1, sizeof *announce);

	if (announce == NULL)
		return -ENOMEM;
	assert(options->address_count <= CATALOG_NODE_ADDRESSES_MAX);
	announce->options = *options;
	announce->options.key = NULL;
	announce->key = *options->key;
	announce->pause_ms = NODE_ANNOUNCE_RETRY_MS;
	for (size_t i = 0; i < options->address_count; i++)
		(void)snprintf(announce->addresses[i], sizeof announce->addresses[i], "%s",
			       options->addresses[i]); /* it fits */
	announce->job = (struct node_jobs_job){.run = run, .done = done, .arg = announce};
	(void)uv_timer_init(options->loop, &announce->timer); /* neither fails on a new handle */
	announce->timer.data = announce;
	(void)uv_timer_start(&announce->timer, on_timer, 0, 0);
	*ret_announce = announce;
	return 0;
}

void node_announce_look(struct node_announce *announce)
{
	announce->pause_ms = NODE_ANNOUNCE_RETRY_MS;
	if (announce->is_busy)
		announce->is_asked_again = true;
	else
		again_in(announce, 0);
}

void node_announce_stop(struct node_announce *announce)
{
	if (announce == NULL || announce->is_stopping)
		return;
	announce->is_stopping = true;
	uv_close((uv_handle_t *)&announce->timer, on_closed);
}
