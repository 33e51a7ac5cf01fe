#include "tests/sim/writer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog/publisher.h"
#include "catalog/value.h"

static void must(bool holds)
{
	if (!holds)
		abort(); /* no memory */
}

static struct catalog_value *listing_of(const char *id, uint64_t number)
{
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	char title[100];

	snprintf(title, sizeof title, "About %s, as of %llx", id, (unsigned long long)number);
	must(catalog_value_set(titles, "en", catalog_value_new_string(title)) == 0 &&
	     catalog_value_set(listing, "title", titles) == 0);
	return listing;
}

static void salt_of(struct gossip_random *random, uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	for (size_t i = 0; i < CATALOG_ENTRY_SALT_BYTES; i++)
		salt[i] = (uint8_t)gossip_random_next(random);
}

static int change(struct catalog_publisher *publisher, unsigned number, bool may_erase,
		  int64_t now_s, struct gossip_random *random)
{
	enum catalog_publisher_withdrawal how = may_erase && gossip_random_below(random, 2) == 0
							? CATALOG_PUBLISHER_ERASE
							: CATALOG_PUBLISHER_WITHDRAW;
	enum catalog_publisher_outcome outcome;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_value *listing;
	char id[32];
	int r;

	snprintf(id, sizeof id, "dataset-%u", number % WRITER_IDS);
	salt_of(random, salt);
	if (gossip_random_below(random, 5) == 0) {
		r = catalog_publisher_withdraw(publisher, id, how, "late", now_s, salt);
		return r == -ENOENT ? 0 : r;
	}
	listing = listing_of(id, gossip_random_next(random));
	r = catalog_publisher_put(publisher, id, listing, now_s, salt, &outcome);
	catalog_value_free(listing);
	return r;
}

int writer_publish(struct net *net, const struct writer_batch *batch, struct gossip_random *random)
{
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	int64_t now_s = net_clock_s(net, batch->node);
	unsigned first = (unsigned)gossip_random_below(random, WRITER_IDS);
	int r = catalog_publisher_new(net_store(net, batch->node), net_charter(net, batch->node),
				      batch->member, batch->secret, &publisher);

	if (r != 0)
		return r;
	/* Each of another listing: a second change of one would begin a batch of its own. */
	assert(batch->count <= WRITER_IDS);
	for (unsigned i = 0; i < batch->count && r == 0; i++)
		r = change(publisher, first + i, batch->may_erase, now_s, random);
	salt_of(random, salt);
	if (r == 0)
		r = catalog_publisher_flush(publisher, now_s, salt);
	catalog_publisher_free(publisher);
	return r;
}
