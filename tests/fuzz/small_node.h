/* tests/fuzz/small_node.h - a node of a federation of one, on a store in a directory of its own
 * that goes at the end. */
#ifndef TESTS_FUZZ_SMALL_NODE_H
#define TESTS_FUZZ_SMALL_NODE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/store.h"
#include "node/control.h"
#include "tests/fuzz/founder.h"

struct small_node {
	struct catalog_store *store;
	struct catalog_charter *charter;
	struct node_control *control;
	struct catalog_secret secret;
	char dir[32];
};

static inline void small_node_close(struct small_node *node)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	char path[64];

	node_control_free(node->control);
	catalog_store_close(node->store);
	catalog_charter_free(node->charter);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", node->dir, files[i]);
		unlink(path);
	}
	rmdir(node->dir);
}

/* Open it; it may publish if it has its member's key. */
static inline void small_node_open(struct small_node *node, bool has_key)
{
	static const uint8_t seed[32] = {4};
	struct catalog_member member = {.index = 5,
					.name = "nbs",
					.title = "Bureau <i>",
					.country = "KE",
					.sector = "statistics"};
	struct node_control_options options = {0};

	require(sodium_init() >= 0);
	crypto_sign_seed_keypair(member.key.bytes, node->secret.bytes, seed);
	node->charter = found("Test & <b>", &member, &node->secret);
	strcpy(node->dir, "/tmp/fuzz_node.XXXXXX");
	require(mkdtemp(node->dir) != NULL);
	require(catalog_store_open(node->dir, 1, &node->store) == 0);
	options.store = node->store;
	options.charter = node->charter;
	if (has_key) {
		options.member = catalog_charter_member(node->charter, 5);
		options.secret = &node->secret;
	}
	require(node_control_new(&options, &node->control) == 0);
}

#endif
