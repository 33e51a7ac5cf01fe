/* tools/bench_listing.c - listings like those in life. */
#include "tools/bench_listing.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/reader.h"
#include "tools/bench_place.h"

#define WORD_COUNT 30000
#define POOL_MAX   20000 /* listings of files */

/* --- text ------------------------------------------------------------------------------------- */

struct text {
	uint64_t rng;
	double log_count;
};

static uint64_t random_bits(uint64_t *rng)
{
	*rng ^= *rng >> 12, *rng ^= *rng << 25, *rng ^= *rng >> 27;
	return (*rng * UINT64_C(2685821657736338717)) >> 11;
}

/* A word made of syllables.  Of WORD_COUNT words, the one of rank k comes 1/k times as often as the
 * first: as words do (Zipf), so that compressing and indexing meet what they meet in life. */
static size_t add_word(struct text *text, char *at, size_t room)
{
	static const char *const onsets[] = {"b", "c", "d", "f", "g", "h",  "l",  "m",
					     "n", "p", "r", "s", "t", "st", "pr", "tr"};
	static const char *const vowels[] = {"a", "e", "i", "o", "u", "ea", "io", "ai"};
	static const char *const ends[] = {"", "s", "ing", "ed", "n", "tion", "ly", "r"};
	double share = (double)random_bits(&text->rng) / (double)(UINT64_C(1) << 53);
	uint64_t rank = (uint64_t)exp(share * text->log_count);
	uint64_t bits = (rank + 77) * UINT64_C(0x9e3779b97f4a7c15);
	int syllables = 1 + (rank > 50) + (rank > 2000), len = 0;

	bits ^= bits >> 29;
	for (int i = 0; i < syllables; i++, bits >>= 7)
		len += snprintf(at + len, room - (size_t)len, "%s%s", onsets[bits & 15],
				vowels[bits >> 4 & 7]);
	return (size_t)(len + snprintf(at + len, room - (size_t)len, "%s ", ends[bits & 7]));
}

static struct catalog_value *add_lang(struct text *text, size_t bytes)
{
	struct catalog_value *map = catalog_value_new_map();
	char *words = malloc(bytes + 64);
	size_t len = 0;

	assert(words != NULL);
	while (len < bytes)
		len += add_word(text, words + len, bytes + 64 - len);
	words[len - 1] = '.';
	tools_bench_place_must(catalog_value_set(map, "en", catalog_value_new_string(words)),
			       "memory");
	free(words);
	return map;
}

static struct catalog_value *make_listing(struct text *text, unsigned i, size_t bytes)
{
	struct catalog_value *listing = catalog_value_new_map();
	char url[80];

	tools_bench_place_must(catalog_value_set(listing, "description",
						 add_lang(text, bytes > 300 ? bytes - 250 : 50)),
			       "memory");
	snprintf(url, sizeof url, "https://data.example.org/dataset/%u", i);
	tools_bench_place_must(
		catalog_value_set(listing, "landingPage", catalog_value_new_string(url)), "memory");
	tools_bench_place_must(
		catalog_value_set(listing, "issued", catalog_value_new_string("2026-11-24")),
		"memory");
	tools_bench_place_must(catalog_value_set(listing, "title", add_lang(text, 50)), "memory");
	return listing;
}

/* --- files ------------------------------------------------------------------------------------ */

struct pool {
	struct catalog_value *listings[POOL_MAX];
	size_t count;
};

static int keep(void *arg, const struct catalog_reader_record *record)
{
	struct pool *pool = arg;

	if (record->listing != NULL && pool->count < POOL_MAX) {
		pool->listings[pool->count] = catalog_value_clone(record->listing);
		assert(pool->listings[pool->count] != NULL);
		pool->count++;
	}
	return 0;
}

static void read_files(struct pool *pool, char **files, int count)
{
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};

	for (int i = 0; i < count; i++) {
		struct catalog_reader_error error = {.text = ""};

		if (catalog_reader_read(files[i], &options, keep, pool, &error) != 0)
			fprintf(stderr, "bench: %s: %s\n", files[i], error.text);
	}
	if (pool->count > 0)
		return;
	fprintf(stderr, "bench: no listing in what was named: name files that `fedcat publish` "
			"reads\n");
	exit(1);
}

static struct catalog_value *take_listing(const struct pool *pool, unsigned i)
{
	struct catalog_value *listing = catalog_value_clone(pool->listings[i % pool->count]);
	char url[80];

	assert(listing != NULL);
	snprintf(url, sizeof url, "https://data.example.org/dataset/%u", i);
	tools_bench_place_must(
		catalog_value_set(listing, "landingPage", catalog_value_new_string(url)), "memory");
	return listing;
}

struct catalog_value **tools_bench_listing_make(unsigned count, size_t bytes)
{
	struct text text = {.rng = 7, .log_count = log(WORD_COUNT)};
	struct catalog_value **listings = calloc(count, sizeof(struct catalog_value *));

	assert(listings != NULL);
	for (unsigned i = 0; i < count; i++)
		listings[i] = make_listing(&text, i, bytes);
	return listings;
}

struct catalog_value **tools_bench_listing_read(unsigned count, char **files, int file_count)
{
	struct catalog_value **listings = calloc(count, sizeof(struct catalog_value *));
	struct pool *pool = calloc(1, sizeof *pool);

	assert(listings != NULL);
	assert(pool != NULL);
	read_files(pool, files, file_count);
	for (unsigned i = 0; i < count; i++)
		listings[i] = take_listing(pool, i);
	for (size_t i = 0; i < pool->count; i++)
		catalog_value_free(pool->listings[i]);
	free(pool);
	return listings;
}

void tools_bench_listing_free(struct catalog_value **listings, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		catalog_value_free(listings[i]);
	free(listings);
}
