#include "catalog/index_impact.h"

#include <assert.h>
#include <math.h>

#define LEAST        0.03f /* what the byte 1 stands for */
#define STEPS_DOUBLE 23.0f /* of the byte, to double the sum */

static const struct {
	const char *name;
	float weight, b, words;
} fields[CATALOG_INDEX_FIELD_COUNT] = {
	[CATALOG_INDEX_FIELD_TITLE] = {"title", 5.0f, 0.5f, 9},
	[CATALOG_INDEX_FIELD_KEYWORD] = {"keyword", 3.0f, 0.5f, 8},
	[CATALOG_INDEX_FIELD_DESCRIPTION] = {"description", 1.0f, 0.75f, 60},
	[CATALOG_INDEX_FIELD_PUBLISHER] = {"publisher", 0.7f, 0.5f, 5},
	[CATALOG_INDEX_FIELD_DISTRIBUTION] = {"distribution", 0.7f, 0.5f, 12},
};

uint8_t catalog_index_impact_of(const uint16_t counts[CATALOG_INDEX_FIELD_COUNT],
				const uint16_t words[CATALOG_INDEX_FIELD_COUNT])
{
	float sum = 0, steps;

	for (int f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
		if (counts[f] > 0)
			sum += fields[f].weight * counts[f] /
			       (1 - fields[f].b + fields[f].b * words[f] / fields[f].words);
	if (sum <= LEAST)
		return 1;
	steps = 1 + roundf(STEPS_DOUBLE * log2f(sum / LEAST));
	return steps > UINT8_MAX ? UINT8_MAX : (uint8_t)steps;
}

void catalog_index_impact_sums(float ret_sums[256])
{
	static const double step = 1.0305955447520094; /* 2 to the 1 / STEPS_DOUBLE */
	double sum = LEAST;

	ret_sums[0] = 0;
	for (int i = 1; i < 256; i++, sum *= step)
		ret_sums[i] = (float)sum;
}

const char *catalog_index_impact_field(enum catalog_index_field field)
{
	assert(field < CATALOG_INDEX_FIELD_COUNT);
	return fields[field].name;
}
