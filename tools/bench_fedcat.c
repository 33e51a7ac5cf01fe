/* tools/bench_fedcat.c - our own index, filled by publishing: entries, tree, view, checkpoint and
 * index in one synchronised transaction for each thousand. */
#include "tools/bench_engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/index.h"
#include "catalog/log.h"
#include "catalog/publisher.h"
#include "tools/bench_corpus.h"

#define TIME_S      1700000000
#define TEXT_BYTES  256
#define KNOWN       256
#define KNOWN_BYTES 80

struct tools_bench_store {
	struct catalog_store *store;
	struct catalog_charter *charter;
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
};

/* A value of a facet that was met, by its hash: what it is called is not what is measured. */
struct known {
	char value[KNOWN_BYTES];
	unsigned number;
};

struct tools_bench_reader {
	struct catalog_store *store;
	struct known known[TOOLS_BENCH_FACETS][KNOWN];
};

static int make_charter(struct catalog_charter **ret_charter, struct catalog_secret *ret_secret)
{
	static const uint8_t seed[32] = {1};
	struct catalog_member member = {
		.name = "bench", .title = "Bench", .country = "KE", .sector = "statistics"};
	struct catalog_founding founding = {.name = "Bench",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	int r;

	crypto_sign_seed_keypair(member.key.bytes, ret_secret->bytes, seed);
	r = catalog_charter_found(&founding, ret_secret, 1, &amendment, NULL);
	if (r == 0)
		r = catalog_charter_new(catalog_buffer_span(&amendment), ret_charter);
	catalog_buffer_close(&amendment);
	return r;
}

static void close_store(struct tools_bench_store *store)
{
	if (store == NULL)
		return;
	catalog_publisher_free(store->publisher);
	catalog_charter_free(store->charter);
	catalog_store_close(store->store);
	free(store);
}

static int open_store(const char *dir, struct tools_bench_store **ret_store)
{
	struct tools_bench_store *store = calloc(1, sizeof *store);
	struct catalog_secret secret;
	int r;

	if (store == NULL)
		return -ENOMEM;
	r = make_charter(&store->charter, &secret);
	if (r == 0)
		r = catalog_store_open(dir, 1, &store->store);
	if (r == 0)
		r = catalog_publisher_new(store->store, store->charter, 0, &secret,
					  &store->publisher);
	if (r != 0) {
		close_store(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

static int open_bare(const char *dir, struct tools_bench_store **ret_store)
{
	int r = open_store(dir, ret_store);

	if (r == 0)
		catalog_store_leave_search((*ret_store)->store);
	return r;
}

static int add(struct tools_bench_store *store, const struct tools_bench_doc *docs, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		enum catalog_publisher_outcome outcome;
		uint32_t seed = docs[i].number;
		char id[32];

		snprintf(id, sizeof id, "%u", docs[i].number);
		/* Salts are random, and so do not compress. */
		for (size_t k = 0; k < sizeof store->salt; k++)
			store->salt[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		r = catalog_publisher_put(store->publisher, id, docs[i].listing, TIME_S,
					  store->salt, &outcome);
	}
	return r;
}

static int finish(struct tools_bench_store *store)
{
	return catalog_publisher_flush(store->publisher, TIME_S, store->salt);
}

static int tidy_piece(struct catalog_txn *txn, void *more)
{
	return catalog_index_tidy(txn, more);
}

/* What a node does while nobody writes. */
static int optimize(struct tools_bench_store *store)
{
	bool more = !catalog_store_leaves_search(store->store);
	int r = 0;

	while (more && r == 0)
		r = catalog_store_write(store->store, tidy_piece, &more);
	return r;
}

static uint64_t bytes(struct tools_bench_store *store)
{
	uint64_t total, index;

	return catalog_store_bytes(store->store, &total, &index) == 0 ? index : 0;
}

static uint64_t bytes_of_all(struct tools_bench_store *store)
{
	uint64_t total, index;

	return catalog_store_bytes(store->store, &total, &index) == 0 ? total : 0;
}

static int reader_new(struct tools_bench_store *store, struct tools_bench_reader **ret_reader)
{
	*ret_reader = calloc(1, sizeof **ret_reader);
	if (*ret_reader == NULL)
		return -ENOMEM;
	(*ret_reader)->store = store->store;
	return 0;
}

/* As people type it. */
static void write_text(const struct tools_bench_query *query, char text[TEXT_BYTES])
{
	switch (query->how) {
	case TOOLS_BENCH_PHRASE: snprintf(text, TEXT_BYTES, "\"%s\"", query->text); break;
	case TOOLS_BENCH_PREFIX: snprintf(text, TEXT_BYTES, "%s*", query->text); break;
	case TOOLS_BENCH_ANY:
	case TOOLS_BENCH_WORDS: snprintf(text, TEXT_BYTES, "%s", query->text); break;
	}
}

static unsigned number_of(struct tools_bench_reader *reader, enum tools_bench_engine_facet which,
			  const char *value)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	struct known *known;

	for (const char *c = value; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	known = &reader->known[which][(hash ^ hash >> 16) % KNOWN];
	if (known->value[0] == '\0' || strcmp(known->value, value) != 0) {
		snprintf(known->value, sizeof known->value, "%s", value);
		known->number = tools_bench_corpus_number(which, value);
	}
	return known->number;
}

static void take_counts(struct tools_bench_reader *reader, const struct catalog_facet *facet,
			enum tools_bench_engine_facet which, struct tools_bench_answer *answer)
{
	for (size_t i = 0; i < facet->count; i++) {
		unsigned number = number_of(reader, which, facet->values[i].value);

		if (number < TOOLS_BENCH_ENGINE_FACET_MAX)
			answer->counts[which][number] = facet->values[i].count;
	}
}

static int search(struct tools_bench_reader *reader, const struct tools_bench_query *query,
		  struct tools_bench_answer *ret_answer)
{
	static const enum catalog_index_facet facets[TOOLS_BENCH_FACETS] = {
		[TOOLS_BENCH_COUNTRY] = CATALOG_INDEX_FACET_COUNTRY,
		[TOOLS_BENCH_LICENCE] = CATALOG_INDEX_FACET_LICENCE,
		[TOOLS_BENCH_YEAR] = CATALOG_INDEX_FACET_YEAR,
		[TOOLS_BENCH_LANGUAGE] = CATALOG_INDEX_FACET_LANGUAGE,
		[TOOLS_BENCH_THEME] = CATALOG_INDEX_FACET_THEME};
	char text[TEXT_BYTES];
	struct catalog_query ours = {.text = text,
				     .country = query->country,
				     .theme = query->theme_url,
				     .facet_values = TOOLS_BENCH_ENGINE_FACET_MAX,
				     .lenient = query->how == TOOLS_BENCH_ANY,
				     .offset = query->offset,
				     .limit = TOOLS_BENCH_ENGINE_HITS_MAX};
	struct catalog_found found;
	struct catalog_txn *txn;
	const char *why;
	int r = catalog_store_begin(reader->store, &txn);

	if (r != 0)
		return r;
	write_text(query, text);
	for (int f = 0; f < TOOLS_BENCH_FACETS && query->facets; f++)
		ours.facets |= UINT32_C(1) << facets[f];
	r = catalog_index_find(txn, &ours, &found, &why);
	catalog_store_end(txn);
	if (r != 0)
		return r;
	*ret_answer = (struct tools_bench_answer){.count = found.count};
	ret_answer->total = found.total;
	for (size_t i = 0; i < found.count; i++)
		ret_answer->hits[i] = found.hits[i].index;
	for (int f = 0; f < TOOLS_BENCH_FACETS && query->facets; f++)
		take_counts(reader, &found.facets[facets[f]], f, ret_answer);
	catalog_index_found_close(&found);
	return 0;
}

/* The id of the entry that puts a listing is its number. */
static int number(struct tools_bench_reader *reader, uint64_t hit, uint32_t *ret_number)
{
	struct catalog_buffer buffer = {0};
	struct catalog_entry entry;
	struct catalog_txn *txn;
	int r = catalog_store_begin(reader->store, &txn);

	if (r != 0)
		return r;
	r = catalog_log_read(txn, 0, hit, &buffer);
	catalog_store_end(txn);
	if (r == 0)
		r = catalog_entry_decode(catalog_buffer_span(&buffer), &entry);
	if (r == 0)
		*ret_number = (uint32_t)strtoul(entry.id, NULL, 10);
	catalog_buffer_close(&buffer);
	return r;
}

static void reader_free(struct tools_bench_reader *reader)
{
	free(reader);
}

const struct tools_bench_engine tools_bench_fedcat = {"fedcat", open_store, add,         finish,
						      optimize, bytes,      close_store, reader_new,
						      search,   number,     reader_free};
const struct tools_bench_engine tools_bench_fedcat_bare = {
	"fedcat, no search", open_bare,  add,    finish, NULL,       bytes_of_all,
	close_store,         reader_new, search, number, reader_free};
