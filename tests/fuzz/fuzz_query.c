/* Whatever is typed: the tree is whole, within its limits, and every text in it is of what was
 * typed; nothing but what costs too much is refused, and with a sentence. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "catalog/query.h"
#include "tests/fuzz/target.h"

/* Each node is reached once at most, and no deeper than the grammar goes. */
static void walk(const struct catalog_query_tree *tree, uint16_t at, bool *seen, unsigned depth,
		 const char *text, size_t len)
{
	for (; at != CATALOG_QUERY_NONE; at = tree->nodes[at].next) {
		const struct catalog_query_node *node = &tree->nodes[at];

		require(at < tree->count && !seen[at]);
		require(depth < 4 * CATALOG_QUERY_DEPTH_MAX + 4);
		seen[at] = true;
		if (node->text != NULL)
			require(node->text >= text && node->len <= len &&
				node->text + node->len <= text + len);
		require((node->child != CATALOG_QUERY_NONE) == (node->kind >= CATALOG_QUERY_AND));
		if (node->child != CATALOG_QUERY_NONE)
			walk(tree, node->child, seen, depth + 1, text, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_query_tree tree;
	bool seen[CATALOG_QUERY_NODES_MAX] = {false};
	const char *text = (const char *)data, *why = NULL;
	int r = catalog_query_parse(text, size, &tree, &why);

	if (r != 0) {
		require((r == -E2BIG || r == -EINVAL) && why != NULL && why[0] != '\0');
		return 0;
	}
	require(tree.root < tree.count);
	walk(&tree, tree.root, seen, 0, text, size);
	return 0;
}
