#include "catalog/index_relax.h"

#define NONE CATALOG_INDEX_PLAN_NONE

void catalog_index_relax_small(struct catalog_index_plan *plan, uint16_t parent)
{
	bool others = false;

	if (parent == NONE || plan->nodes[parent].kind != CATALOG_INDEX_NODE_AND)
		return;
	for (uint16_t at = plan->nodes[parent].child; at != NONE; at = plan->nodes[at].next) {
		const struct catalog_index_node *node = &plan->nodes[at];

		others = others ||
			 (node->kind == CATALOG_INDEX_NODE_LEAF &&
			  plan->leaves[node->leaf].scored && !plan->leaves[node->leaf].small);
	}
	for (uint16_t at = plan->nodes[parent].child; others && at != NONE;
	     at = plan->nodes[at].next) {
		struct catalog_index_node *node = &plan->nodes[at];

		node->optional =
			node->kind == CATALOG_INDEX_NODE_LEAF && plan->leaves[node->leaf].small;
	}
}

bool catalog_index_relax_words(struct catalog_index_plan *plan)
{
	struct catalog_index_node *root = &plan->nodes[plan->root];
	uint16_t words = NONE, words_last = NONE, rest = NONE, rest_last = NONE, next, count = 0;

	if (plan->node_count == CATALOG_INDEX_PLAN_NODES_MAX)
		return false;
	for (uint16_t at = root->child; at != NONE; at = next) {
		struct catalog_index_node *node = &plan->nodes[at];
		bool word = node->kind == CATALOG_INDEX_NODE_LEAF && !node->optional &&
			    plan->leaves[node->leaf].kind == CATALOG_INDEX_LEAF_WORD;

		next = node->next;
		node->next = NONE;
		if (word) {
			if (words == NONE)
				words = at;
			else
				plan->nodes[words_last].next = at;
			words_last = at;
			count++;
		} else {
			if (rest == NONE)
				rest = at;
			else
				plan->nodes[rest_last].next = at;
			rest_last = at;
		}
	}
	if (count < 2) {
		if (words != NONE) {
			plan->nodes[words_last].next = rest;
			rest = words;
		}
		root->child = rest;
		return false;
	}
	plan->nodes[plan->node_count] = (struct catalog_index_node){.kind = CATALOG_INDEX_NODE_OR,
								    .tiers = true,
								    .leaf = NONE,
								    .child = words,
								    .next = rest};
	root->child = plan->node_count++;
	return true;
}
