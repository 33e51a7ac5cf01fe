#include "node/config_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_peer(const char *text, struct node_config_peer *ret_peer,
		      struct node_error *ret_error)
{
	struct node_config_peer peer = {0};
	const char *at = strchr(text, '@');
	int r;

	if (at == NULL || at == text || (size_t)(at - text) > CATALOG_MEMBER_NAME_BYTES_MAX)
		return node_error_set(ret_error, -EINVAL,
				      "\"%.100s\" is no peer: write MEMBER@HOST:PORT", text);
	memcpy(peer.member, text, (size_t)(at - text));
	r = node_config_place(at + 1, &peer.place, ret_error);
	if (r != 0)
		return r;
	*ret_peer = peer;
	return 0;
}

static int add_peer(const char *text, struct node_config *config, struct node_error *ret_error)
{
	int r;

	if (config->peer_count == NODE_CONFIG_PEERS_MAX)
		return node_error_set(ret_error, -ENOSPC, "more than %d peers",
				      NODE_CONFIG_PEERS_MAX);
	r = parse_peer(text, &config->peers[config->peer_count], ret_error);
	config->peer_count += r == 0;
	return r;
}

static int add_address(const char *text, struct node_config *config, struct node_error *ret_error)
{
	struct node_config_place place;
	int r;

	if (config->address_count == CATALOG_NODE_ADDRESSES_MAX)
		return node_error_set(ret_error, -ENOSPC, "more than %d addresses",
				      CATALOG_NODE_ADDRESSES_MAX);
	r = node_config_place(text, &place, ret_error);
	if (r == 0)
		(void)snprintf(config->addresses[config->address_count++],
			       sizeof config->addresses[0], "%s", text); /* it fits */
	return r;
}

/* What stands between commas, one after the other. */
static int each_of(const char *text, struct node_config *config,
		   int (*add)(const char *text, struct node_config *config,
			      struct node_error *ret_error),
		   struct node_error *ret_error)
{
	char *copy = strdup(text), *rest = NULL;
	int r = 0;

	if (copy == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	for (char *one = strtok_r(copy, ", ", &rest); one != NULL && r == 0;
	     one = strtok_r(NULL, ", ", &rest))
		r = add(one, config, ret_error);
	free(copy);
	return r;
}

int node_config_list_peers(const char *text, struct node_config *config,
			   struct node_error *ret_error)
{
	config->peer_count = 0;
	return each_of(text, config, add_peer, ret_error);
}

int node_config_list_addresses(const char *text, struct node_config *config,
			       struct node_error *ret_error)
{
	config->address_count = 0;
	return each_of(text, config, add_address, ret_error);
}
