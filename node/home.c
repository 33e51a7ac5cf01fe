#include "node/home.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "catalog/index_later.h"
#include "gossip/roster.h"
#include "node/channel.h"
#include "node/datadir.h"
#include "node/keyfile.h"
#include "node/nodekey.h"
#include "node/rotation.h"

#define LOCK_MS_MAX   5000 /* a command that has the directory is waited for */
#define LOCK_PAUSE_MS 50

/* The key with which we speak to other nodes, and whether they will listen. */
static int open_node_key(const struct node_config *config, struct node_log *log,
			 struct node_home *home, struct node_error *ret_error)
{
	struct gossip_roster *roster = NULL;
	enum catalog_node_state state;
	struct catalog_node_key key;
	char why[GOSSIP_ROSTER_WHY_BYTES], hex[NODE_NODEKEY_HEX_BYTES];
	uint32_t member = UINT32_MAX;
	int r;

	r = config->node_key_file[0] != '\0'
		    ? node_nodekey_read(config->node_key_file, &home->node_secret, ret_error)
		    : node_nodekey_open(config->dir, &home->node_secret, ret_error);
	if (r != 0)
		return r;
	gossip_noise_public(home->node_secret, &key);
	r = gossip_roster_open(home->store, home->charter, &roster);
	if (r != 0)
		node_error_set(ret_error, r, "reading the members' nodes: %s", node_error_words(r));
	else if (gossip_roster_find(roster, &key, (int64_t)time(NULL), &member, &state) != 0) {
		gossip_roster_why(roster, member, &key, state, why);
		node_nodekey_hex(&key, hex);
		node_log_line(log, NODE_CONFIG_WARNING, "other nodes will refuse this one: %s (%s)",
			      why, hex);
	} else if (home->member != NULL && home->member->index != member &&
		   gossip_roster_judge(roster, home->member->index, &key, (int64_t)time(NULL),
				       NULL) != CATALOG_NODE_GOOD) {
		r = node_error_set(
			ret_error, -EKEYREJECTED,
			"the key of this node is one of %s's, and the member's key is %s's; use "
			"the node's key that goes with the member's",
			catalog_charter_member(home->charter, member)->name, home->member->name);
	}
	gossip_roster_free(roster);
	return r;
}

/* What of the search index is left for later (node/catchup). */
static uint64_t later_of(const struct node_config *config)
{
	switch (config->search) {
	case NODE_CONFIG_SEARCH_LATER: return CATALOG_INDEX_LATER_DEFAULT;
	case NODE_CONFIG_SEARCH_ON: return CATALOG_STORE_LATER_NEVER;
	case NODE_CONFIG_SEARCH_OFF: return 0;
	}
	return CATALOG_STORE_LATER_NEVER;
}

/* Take the directory.  A command that works on the store itself has it for a moment: that is waited
 * for; another fedcatd, which answers, is not. */
static int lock_directory(const struct node_config *config, struct node_log *log,
			  struct node_home *home, struct node_error *ret_error)
{
	const struct timespec pause = {0, LOCK_PAUSE_MS * 1000000};
	const char *dir = config->dir;
	struct node_channel *other;
	int r = node_datadir_lock(dir, &home->lock, ret_error);

	for (unsigned i = 0; r == -EBUSY && i < LOCK_MS_MAX / LOCK_PAUSE_MS; i++) {
		if (node_channel_open(dir, &other) == 0) {
			node_channel_free(other);
			return r;
		}
		if (i == 0)
			node_log_line(log, NODE_CONFIG_INFO, "waiting for a moment: %s",
				      ret_error->text);
		(void)nanosleep(&pause, NULL); /* a signal only makes it shorter */
		r = node_datadir_lock(dir, &home->lock, ret_error);
	}
	return r;
}

/* Whether a member that the charter does not name may yet be admitted, or was before the charter
 * changed course. */
static bool may_wait(const char *dir, const struct catalog_charter *charter)
{
	size_t conflicts;

	(void)catalog_charter_conflicts(charter, &conflicts); /* their count is enough */
	return conflicts > 0 || node_datadir_is_joining(dir);
}

static int open_all(const struct node_config *config, struct node_log *log, struct node_home *home,
		    struct node_error *ret_error)
{
	const char *dir = config->dir, *elsewhere = config->member_key_file;
	struct node_error why;
	bool has_switched = false;
	int r = 0;

	if (config->charter_file[0] != '\0')
		r = node_datadir_adopt(dir, config->charter_file, ret_error);
	if (r == 0)
		r = lock_directory(config, log, home, ret_error);
	if (r != 0) {
		home->lock = -1;
		return r;
	}
	r = node_datadir_charter(dir, &home->charter, ret_error);
	if (r != 0)
		return r;
	r = node_datadir_store(dir, &home->store, ret_error);
	if (r == 0)
		catalog_store_search_later(home->store, later_of(config));
	if (r == 0)
		r = node_datadir_amended(dir, home->store, home->charter, ret_error);
	if (r != 0)
		return r;
	if (elsewhere[0] == '\0')
		r = node_rotation_settle(dir, home->charter, &has_switched, ret_error);
	if (r != 0)
		return r;
	if (has_switched)
		node_log_line(
			log, NODE_CONFIG_INFO,
			"the charter gives our member its new key, which signs from now on; the "
			"one before is kept as " NODE_DATADIR_KEY ".old, and is of no more use");
	r = node_keyfile_new(&home->secret);
	if (r != 0)
		return node_error_set(ret_error, r, "out of memory");
	if (elsewhere[0] != '\0')
		r = node_datadir_member_at(elsewhere, home->charter, home->secret, &home->member,
					   &why);
	else
		r = node_datadir_member(dir, home->charter, home->secret, &home->member, &why);
	if (r == -ENOENT && elsewhere[0] == '\0')
		node_log_line(
			log, NODE_CONFIG_INFO,
			"there is no member's key here: this node mirrors, and cannot publish");
	else if (r == -EKEYREJECTED && may_wait(dir, home->charter)) {
		home->is_waiting = true;
		node_log_line(log, NODE_CONFIG_INFO,
			      "waiting to be admitted: until then this node cannot publish");
	} else if (r != 0)
		return node_error_set(ret_error, r, "%s", why.text);
	return open_node_key(config, log, home, ret_error);
}

int node_home_open(const struct node_config *config, struct node_log *log,
		   struct node_home *ret_home, struct node_error *ret_error)
{
	*ret_home = (struct node_home){.lock = -1};
	return open_all(config, log, ret_home, ret_error);
}

void node_home_close(struct node_home *home)
{
	catalog_store_close(home->store);
	catalog_charter_free(home->charter);
	node_keyfile_free(home->secret);
	node_nodekey_free(home->node_secret);
	if (home->lock >= 0)
		node_datadir_unlock(home->lock);
}
