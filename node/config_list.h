/* node/config_list.h - the settings that are lists between commas: where others are, and where we
 * are.
 */
#ifndef NODE_CONFIG_LIST_H
#define NODE_CONFIG_LIST_H

#include "node/config.h"

/* Put what text says in place of what config has.  Each returns 0, -EINVAL, -ENOSPC if there are
 * too many, -ENOMEM. */
int node_config_list_peers(const char *text, struct node_config *config,
			   struct node_error *ret_error);
int node_config_list_addresses(const char *text, struct node_config *config,
			       struct node_error *ret_error);

#endif
