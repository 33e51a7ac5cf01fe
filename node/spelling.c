#include "node/spelling.h"

#include <string.h>

size_t node_spelling_distance(const char *a, const char *b)
{
	size_t row[NODE_SPELLING_BYTES_MAX + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > NODE_SPELLING_BYTES_MAX || b_len > NODE_SPELLING_BYTES_MAX)
		return NODE_SPELLING_BYTES_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = corner + (a[i - 1] != b[j - 1]), over = row[j] + 1;
			size_t left = row[j - 1] + 1;

			corner = row[j];
			row[j] = cost < over ? cost : over;
			row[j] = row[j] < left ? row[j] : left;
		}
	}
	return row[b_len];
}
