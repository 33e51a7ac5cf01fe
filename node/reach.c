#include "node/reach.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "node/socket.h"

/* Whether we listen on one address, which only some can reach; or everybody. */
static bool listens_in_private(const struct node_config *config)
{
	struct sockaddr_storage socket;
	socklen_t len;

	return node_socket_address(&config->listen, &socket, &len) == 0 &&
	       node_socket_is_private(&socket) && !node_socket_is_any(&socket);
}

bool node_reach_is_public(const struct node_config *config)
{
	struct sockaddr_storage socket;
	socklen_t len;

	return node_socket_address(&config->listen, &socket, &len) == 0 &&
	       !node_socket_is_private(&socket);
}

bool node_reach_may_dial_private(const struct node_config *config)
{
	switch (config->private_addresses) {
	case NODE_CONFIG_YES: return true;
	case NODE_CONFIG_NO: return false;
	case NODE_CONFIG_AUTO: break;
	}
	return listens_in_private(config);
}

static void recall_outs(const struct node_seen *seen, int64_t now_s,
			struct node_reach_places *places)
{
	const struct node_seen_out *outs;
	size_t count = node_seen_outs(seen, &outs);

	places->score_count = count;
	for (size_t i = 0; i < count; i++) {
		struct gossip_score_entry *score = &places->scores[i];

		*score = (struct gossip_score_entry){
			.key = outs[i].key, .member = outs[i].member, .offences = outs[i].offences};
		if (outs[i].until_s > now_s)
			score->until_ms = (uint64_t)(outs[i].until_s - now_s) * 1000;
		(void)snprintf(score->reason, sizeof score->reason, "%s",
			       outs[i].reason); /* cut if need be */
	}
}

int node_reach_gather(const struct node_config *config, const struct catalog_charter *charter,
		      const struct node_seen *seen, struct node_reach_places *ret_places,
		      struct node_error *ret_error)
{
	const struct node_seen_line *lines;
	size_t line_count = node_seen_lines(seen, &lines);

	ret_places->count = 0;
	recall_outs(seen, (int64_t)time(NULL), ret_places);
	for (size_t i = 0; i < config->peer_count; i++) {
		const struct catalog_member *member =
			catalog_charter_member_named(charter, config->peers[i].member);

		if (member == NULL)
			return node_error_set(
				ret_error, -ENOENT, "peers: the charter of %s has no member \"%s\"",
				catalog_charter_name(charter), config->peers[i].member);
		node_config_print_place(&config->peers[i].place, ret_places->texts[i]);
		ret_places->addresses[ret_places->count++] =
			(struct gossip_node_address){member->index, ret_places->texts[i], false};
	}
	for (size_t i = 0; i < line_count; i++) {
		const struct catalog_member *member =
			catalog_charter_member_named(charter, lines[i].member);

		if (member != NULL)
			ret_places->addresses[ret_places->count++] =
				(struct gossip_node_address){member->index, lines[i].address, true};
	}
	return 0;
}

static void note_outs(struct node_peers *peers, struct node_seen *seen, int64_t now_s)
{
	struct node_seen_out outs[NODE_SEEN_OUT_MAX];
	struct node_peers_work work;
	size_t count = 0;

	node_peers_get_work(peers, &work);
	for (; count < work.out_count && count < NODE_SEEN_OUT_MAX; count++) {
		const struct gossip_score_entry *score = &work.out[count];
		int64_t left_ms = (int64_t)(score->until_ms - work.now_ms); /* or over since */

		outs[count] = (struct node_seen_out){.key = score->key,
						     .member = score->member,
						     .offences = score->offences,
						     .until_s = now_s + left_ms / 1000};
		(void)snprintf(outs[count].reason, sizeof outs[count].reason, "%s",
			       score->reason); /* cut if need be */
	}
	node_seen_note_outs(seen, outs, count);
}

void node_reach_note(struct node_peers *peers, const struct catalog_charter *charter,
		     struct node_seen *seen, struct node_log *log)
{
	struct gossip_peer_status table[NODE_PEERS_MAX];
	struct node_error error;
	uint64_t now_ms;
	size_t count = node_peers_get(peers, table, &now_ms);

	for (size_t i = 0; i < count; i++) {
		const struct catalog_member *member =
			catalog_charter_member(charter, table[i].member);

		if (table[i].outgoing && table[i].greeted && member != NULL)
			node_seen_note(seen, member->name, table[i].address, (int64_t)time(NULL));
	}
	note_outs(peers, seen, (int64_t)time(NULL));
	if (node_seen_keep(seen, &error) != 0)
		node_log_line(log, NODE_CONFIG_WARNING, "%s", error.text);
}
