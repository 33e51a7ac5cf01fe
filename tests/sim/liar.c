#include "tests/sim/liar.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include <zstd.h>

#include "catalog/chunk_data.h"
#include "catalog/pack.h"

#define FORMAT 2 /* of catalog/chunk.c */

/* An item as it is to be sent: an entry's bytes, or a hash. */
struct item {
	unsigned level;
	struct catalog_hash hash;
	struct catalog_span entry; /* empty: a hash */
};

struct items {
	size_t count;
	struct item *items;
};

static size_t below(struct gossip_random *random, size_t limit)
{
	return (size_t)gossip_random_below(random, limit);
}

static void put_bin(struct catalog_buffer *buffer, struct catalog_span bytes)
{
	int r = catalog_pack_bin(buffer, bytes.bytes, bytes.len);

	assert(r == 0);
}

static struct catalog_span span_of(const struct catalog_hash *hash)
{
	return (struct catalog_span){hash->bytes, sizeof hash->bytes};
}

static void pack_items(const struct items *items, struct catalog_buffer *ret_plain)
{
	int r = catalog_pack_array(ret_plain, (uint32_t)items->count);

	for (size_t i = 0; i < items->count; i++) {
		const struct item *item = &items->items[i];

		if (item->entry.len > 0) {
			put_bin(ret_plain, item->entry);
			continue;
		}
		r += catalog_pack_array(ret_plain, 2);
		r += catalog_pack_number(ret_plain, item->level);
		put_bin(ret_plain, span_of(&item->hash));
	}
	assert(r == 0);
}

static void pack(const struct catalog_chunk *chunk, const struct items *items,
		 struct catalog_buffer *ret_wire)
{
	struct catalog_buffer plain = {0}, packed = {0};
	int r;

	pack_items(items, &plain);
	r = catalog_buffer_reserve(&packed, ZSTD_compressBound(plain.len));
	assert(r == 0);
	packed.len = ZSTD_compress(packed.bytes, ZSTD_compressBound(plain.len), plain.bytes,
				   plain.len, 1);
	assert(!ZSTD_isError(packed.len));
	ret_wire->len = 0;
	r = catalog_pack_array(ret_wire, 7) + catalog_pack_number(ret_wire, FORMAT) +
	    catalog_pack_number(ret_wire, chunk->log) + catalog_pack_number(ret_wire, chunk->size) +
	    catalog_pack_number(ret_wire, chunk->level) +
	    catalog_pack_number(ret_wire, chunk->from) +
	    catalog_pack_array(ret_wire, (uint32_t)chunk->proof_count);
	assert(r == 0);
	for (size_t i = 0; i < chunk->proof_count; i++)
		put_bin(ret_wire, span_of(&chunk->proof[i]));
	put_bin(ret_wire, catalog_buffer_span(&packed));
	catalog_buffer_close(&plain);
	catalog_buffer_close(&packed);
}

/* --- lies about items ------------------------------------------------------------------------- */

static void hide(struct items *items, struct gossip_random *random)
{
	size_t count = 1 + below(random, 3);

	while (count-- > 0)
		items->items[below(random, items->count)].entry.len = 0; /* its hash stays */
}

/* Two items of one level that are siblings become their parent. */
static void collapse(const struct catalog_chunk *chunk, struct items *items,
		     struct gossip_random *random)
{
	size_t start = below(random, items->count);

	for (size_t k = 0; k + 1 < items->count; k++) {
		size_t i = (start + k) % (items->count - 1);
		struct item *item = &items->items[i];

		if (item[0].level != item[1].level || (chunk->items[i].at >> item->level & 1) != 0)
			continue;
		catalog_merkle_node(&item[0].hash, &item[1].hash, &item->hash);
		item->level++;
		item->entry.len = 0;
		for (size_t m = i + 1; m + 1 < items->count; m++)
			items->items[m] = items->items[m + 1];
		items->count--;
		return;
	}
}

static void change_items(enum liar_lie lie, const struct catalog_chunk *chunk, struct items *items,
			 struct gossip_random *random)
{
	size_t a = below(random, items->count), b = below(random, items->count);
	struct item item = items->items[a];

	switch (lie) {
	case LIAR_HIDE: hide(items, random); break;
	case LIAR_COLLAPSE: collapse(chunk, items, random); break;
	case LIAR_REORDER:
		items->items[a] = items->items[b];
		items->items[b] = item;
		break;
	case LIAR_REPLACE: items->items[b] = item; break;
	case LIAR_TRUNCATE:
		if (items->count > 1)
			items->count -= 1 + below(random, items->count - 1);
		break;
	case LIAR_FLIP:
	case LIAR_REPLAY:
	case LIAR_LIES: break;
	}
}

static void change_chunk(enum liar_lie lie, struct gossip_random *random,
			 struct catalog_buffer *wire)
{
	struct catalog_chunk *chunk;
	struct items items;

	if (catalog_chunk_new(catalog_buffer_span(wire), &chunk) != 0)
		return;
	items.count = chunk->item_count;
	items.items = calloc(items.count, sizeof *items.items);
	assert(items.items != NULL);
	for (size_t i = 0; i < items.count; i++) {
		const struct catalog_chunk_item *item = &chunk->items[i];

		items.items[i] = (struct item){.level = item->level, .hash = item->hash};
		if (item->entry != NULL)
			items.items[i].entry = item->entry->bytes;
	}
	change_items(lie, chunk, &items, random);
	pack(chunk, &items, wire);
	free(items.items);
	catalog_chunk_free(chunk);
}

/* --- all -------------------------------------------------------------------------------------- */

static void swap(struct catalog_buffer *a, struct catalog_buffer *b)
{
	struct catalog_buffer c = *a;

	*a = *b;
	*b = c;
}

void liar_change(enum liar_lie lie, struct gossip_random *random, struct catalog_buffer *wire,
		 struct catalog_buffer *kept)
{
	if (wire->len == 0)
		return;
	if (lie == LIAR_REPLAY) {
		swap(wire, kept);
		if (wire->len == 0) /* there is none yet */
			swap(wire, kept);
	} else if (lie == LIAR_FLIP) {
		wire->bytes[below(random, wire->len)] ^= (uint8_t)(1u << below(random, 8));
	} else if (lie == LIAR_TRUNCATE && below(random, 2) == 0) {
		wire->len -= 1 + below(random, wire->len);
	} else {
		change_chunk(lie, random, wire);
	}
}
