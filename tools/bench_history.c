/* tools/bench_history.c - what long histories cost: listings that change again and again, in random
 * order, beside as many that never do.
 *
 * Prints what a newcomer pulls over the wire for each, the fewest hashes of pruned subtrees that
 * the tree needs, and how the store's size goes on.  Usage: bench_history [LISTINGS
 * [CHANGES-OF-EACH]] */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/chunk.h"
#include "catalog/log.h"
#include "catalog/prune.h"
#include "catalog/publisher.h"
#include "gossip/random.h"

struct side {
	char dir[40];
	struct catalog_store *store;
};

static struct catalog_charter *charter;
static struct catalog_secret secret;

static void must(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_history: %s: %s\n", what, strerror(-r));
	exit(1);
}

static void open_side(struct side *side)
{
	snprintf(side->dir, sizeof side->dir, "/tmp/bench_history.XXXXXX");
	if (mkdtemp(side->dir) == NULL)
		must(-errno, "mkdtemp");
	must(catalog_store_open(side->dir, 1, &side->store), "open a store");
}

static void close_side(struct side *side)
{
	char path[80];

	catalog_store_close(side->store);
	snprintf(path, sizeof path, "%s/data.mdb", side->dir);
	(void)unlink(path); /* what is left in /tmp harms nobody */
	snprintf(path, sizeof path, "%s/lock.mdb", side->dir);
	(void)unlink(path);
	(void)rmdir(side->dir);
}

static void found(void)
{
	struct catalog_member member = {
		.name = "bench", .title = "Bench", .country = "KE", .sector = "x"};
	struct catalog_founding founding = {.name = "Bench",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};

	crypto_sign_seed_keypair(member.key.bytes, secret.bytes, (const uint8_t[32]){1});
	must(catalog_charter_found(&founding, &secret, 1, &amendment, NULL), "found");
	must(catalog_charter_new(catalog_buffer_span(&amendment), &charter), "read the charter");
	catalog_buffer_close(&amendment);
}

/* A listing of about 1 KB whose text is nobody's but its own. */
static struct catalog_value *listing_of(struct gossip_random *random)
{
	static const char *const words[] = {
		"rice",   "yield", "district", "health", "survey",  "monthly", "rain",    "water",
		"school", "price", "census",   "forest", "traffic", "energy",  "harvest", "clinic"};
	struct catalog_value *listing = catalog_value_new_map(), *texts = catalog_value_new_map();
	struct catalog_value *titles = catalog_value_new_map();
	char text[1200] = "";
	size_t len = 0;

	while (len < 900)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s %llx ",
					words[gossip_random_below(random, 16)],
					(unsigned long long)gossip_random_next(random) >> 40);
	must(catalog_value_set(texts, "en", catalog_value_new_string(text)), "memory");
	must(catalog_value_set(listing, "description", texts), "memory");
	text[60] = '\0';
	must(catalog_value_set(titles, "en", catalog_value_new_string(text)), "memory");
	must(catalog_value_set(listing, "title", titles), "memory");
	return listing;
}

/* Put a listing under each of the numbers. */
static void put_all(struct side *side, struct gossip_random *random, const unsigned *numbers,
		    size_t count, int64_t time_s)
{
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];

	must(catalog_publisher_new(side->store, charter, 0, &secret, &publisher), "publish");
	for (size_t i = 0; i < count; i++) {
		struct catalog_value *listing = listing_of(random);
		enum catalog_publisher_outcome outcome;
		char id[32];

		for (size_t k = 0; k < sizeof salt; k++)
			salt[k] = (uint8_t)gossip_random_next(random);
		snprintf(id, sizeof id, "dataset-%u", numbers[i]);
		must(catalog_publisher_put(publisher, id, listing, time_s, salt, &outcome), "put");
		catalog_value_free(listing);
	}
	must(catalog_publisher_flush(publisher, time_s, salt), "flush");
	catalog_publisher_free(publisher);
}

static struct catalog_log_status status_of(struct side *side)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	must(catalog_store_begin(side->store, &txn), "read");
	must(catalog_log_status(txn, 0, &status), "read");
	catalog_store_end(txn);
	return status;
}

struct told {
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note;
};

static int take_target(struct catalog_txn *txn, void *arg)
{
	const struct told *told = arg;

	return catalog_log_target(txn, 0, &told->checkpoint, catalog_buffer_span(&told->note));
}

struct cost {
	uint64_t bytes, chunks, hashes;
};

/* Pull everything from one side to a new one. */
static struct cost pull(struct side *from)
{
	struct catalog_log_status status = status_of(from);
	struct told told = {{.size = status.size, .root = status.root}, {0}};
	struct cost cost = {0};
	struct catalog_txn *txn;
	struct side to;

	open_side(&to);
	must(catalog_store_begin(from->store, &txn), "read");
	must(catalog_log_checkpoint(txn, 0, &told.note), "read the checkpoint");
	catalog_store_end(txn);
	must(catalog_store_write(to.store, take_target, &told), "take the checkpoint");
	for (status = status_of(&to); status.size < status.target_size; status = status_of(&to)) {
		struct catalog_chunk *chunk;
		struct catalog_buffer wire = {0};
		int r;

		must(catalog_store_begin(from->store, &txn), "read");
		must(catalog_chunk_make(txn, 0, status.size, status.target_size, status.target_size,
					&wire, NULL),
		     "make a chunk");
		catalog_store_end(txn);
		must(catalog_chunk_new(catalog_buffer_span(&wire), &chunk), "read a chunk");
		catalog_chunk_commit_all(to.store, charter,
					 (const struct catalog_chunk *const *)&chunk, 1, &r);
		must(r, "commit a chunk");
		cost.bytes += wire.len;
		cost.chunks++;
		cost.hashes += catalog_chunk_pruned(chunk);
		catalog_chunk_free(chunk);
		catalog_buffer_close(&wire);
	}
	if (status_of(&to).has_gap)
		must(-EPROTO, "verify the view");
	catalog_buffer_close(&told.note);
	close_side(&to);
	return cost;
}

static bool is_kept(struct catalog_txn *txn, uint64_t index)
{
	struct catalog_buffer bytes = {0};
	int r = catalog_log_read(txn, 0, index, &bytes);

	catalog_buffer_close(&bytes);
	return r == 0;
}

/* The fewest subtrees that cover what is pruned among leaves [from, to), by the definition.  A
 * range that is pruned altogether is one if it is an aligned subtree. */
static uint64_t fewest(const bool *kept, uint64_t from, uint64_t to, uint64_t size)
{
	bool any_kept = false, any_pruned = false;

	for (uint64_t i = from; i < to && i < size; i++) {
		any_kept |= kept[i];
		any_pruned |= !kept[i];
	}
	if (!any_pruned)
		return 0;
	if (!any_kept && to <= size)
		return 1;
	return fewest(kept, from, (from + to) / 2, size) + fewest(kept, (from + to) / 2, to, size);
}

static uint64_t count_fewest(struct side *side)
{
	uint64_t size = status_of(side).size, span = 1, count;
	bool *kept = calloc(size, sizeof *kept);
	struct catalog_txn *txn;

	if (kept == NULL)
		must(-ENOMEM, "memory");
	must(catalog_store_begin(side->store, &txn), "read");
	for (uint64_t i = 0; i < size; i++)
		kept[i] = is_kept(txn, i);
	catalog_store_end(txn);
	while (span < size)
		span *= 2;
	count = fewest(kept, 0, span, size);
	free(kept);
	return count;
}

static void prune(struct side *side, int64_t before_s)
{
	size_t count;

	do
		must(catalog_prune_step(side->store, before_s, &count), "prune");
	while (count > 0);
}

static void shuffle(struct gossip_random *random, unsigned *numbers, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t k = (size_t)gossip_random_below(random, i);
		unsigned number = numbers[i - 1];

		numbers[i - 1] = numbers[k];
		numbers[k] = number;
	}
}

static double megabytes(struct side *side)
{
	uint64_t total, index;

	must(catalog_store_bytes(side->store, &total, &index), "measure");
	return (double)total / 1e6;
}

int main(int argc, char **argv)
{
	size_t listings = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	unsigned changes = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000;
	struct gossip_random random = {20261124};
	struct cost still_cost, cost;
	struct side still, moved;
	unsigned *numbers;
	double allowed;

	if (sodium_init() < 0 || listings == 0 || listings > 1000000 || changes == 0)
		return 2;
	numbers = calloc(listings, sizeof *numbers);
	if (numbers == NULL)
		must(-ENOMEM, "memory");
	for (size_t i = 0; i < listings; i++)
		numbers[i] = (unsigned)i;
	printf("%zu listings, each changed %u times in random order; seed %llu\n", listings,
	       changes, (unsigned long long)random.state);
	found();
	open_side(&still);
	put_all(&still, &random, numbers, listings, 1000);
	still_cost = pull(&still);
	open_side(&moved);
	for (unsigned i = 0; i <= changes; i++) {
		shuffle(&random, numbers, listings);
		put_all(&moved, &random, numbers, listings, 1000 + i);
		prune(&moved, 1000 + i); /* what the round before superseded */
		if (i == changes / 4 || i == changes / 2 || i == changes)
			printf("after %4u changes: %8.1f MB on disk\n", i, megabytes(&moved));
	}
	prune(&moved, 1000000);
	cost = pull(&moved);
	allowed = 1.1 * (double)still_cost.bytes + 32.0 * (double)count_fewest(&moved);
	printf("never changed: %" PRIu64 " bytes in %" PRIu64 " chunks\n", still_cost.bytes,
	       still_cost.chunks);
	printf("changed:       %" PRIu64 " bytes in %" PRIu64 " chunks, %" PRIu64
	       " hashes of pruned subtrees; the tree needs %" PRIu64 "; %" PRIu64 " leaves\n",
	       cost.bytes, cost.chunks, cost.hashes, count_fewest(&moved), status_of(&moved).size);
	printf("1.1 of the first and 32 bytes for each hash that is needed: %.0f; the ratio is "
	       "%.3f "
	       "(at most 1)\n",
	       allowed, (double)cost.bytes / allowed);
	close_side(&still);
	close_side(&moved);
	catalog_charter_free(charter);
	free(numbers);
	return 0;
}
