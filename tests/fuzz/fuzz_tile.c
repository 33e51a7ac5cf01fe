/* Whatever the path: no crash; and what is read is written as the same path. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/tile.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char again[CATALOG_TILE_PATH_BYTES_MAX], *path = malloc(size + 1);
	struct catalog_tile tile;

	if (path == NULL)
		abort();
	memcpy(path, data, size);
	path[size] = '\0';
	if (catalog_tile_parse(path, &tile) == 0) {
		catalog_tile_path(&tile, again);
		if (strcmp(again, path) != 0)
			abort();
	}
	free(path);
	return 0;
}
