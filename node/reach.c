#include "node/reach.h"

#include <errno.h>
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

int node_reach_gather(const struct node_config *config, const struct catalog_charter *charter,
		      const struct node_seen *seen, struct node_reach_places *ret_places,
		      struct node_error *ret_error)
{
	const struct node_seen_line *lines;
	size_t line_count = node_seen_lines(seen, &lines);

	ret_places->count = 0;
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
	if (node_seen_keep(seen, &error) != 0)
		node_log_line(log, NODE_CONFIG_WARNING, "%s", error.text);
}
