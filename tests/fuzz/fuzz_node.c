/* Whatever the bytes: no crash; a node that is read keeps the limits, and is written and read as
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/node.h"
#include "tests/fuzz/target.h"

/* Bytes as a text, read as an address by itself. */
static void try_address(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (catalog_node_is_address(text)) {
		require(strlen(text) <= CATALOG_CHARTER_ADDRESS_BYTES_MAX);
		require(strchr(text, ':') != NULL);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_node node = {.place = 7}, again = {.place = 7};
	struct catalog_buffer once = {0};

	try_address(data, size);
	if (catalog_node_decode((struct catalog_span){data, size}, &node) != 0)
		return 0;
	require(node.address_count <= CATALOG_NODE_ADDRESSES_MAX && node.place == 7);
	for (size_t i = 0; i < node.address_count; i++)
		require(catalog_node_is_address(node.addresses[i]));
	require(catalog_node_encode(&node, &once) == 0);
	require(once.len <= size && once.len <= CATALOG_NODE_BYTES_MAX);
	require(catalog_node_decode(catalog_buffer_span(&once), &again) == 0);
	require(memcmp(&node, &again, sizeof node) == 0);
	catalog_buffer_close(&once);
	return 0;
}
