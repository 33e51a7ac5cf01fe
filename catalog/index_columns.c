/* catalog/index_columns.c - a facet's column is: width of its ids (1, 2 or 4 bytes), how many each
 * slot has room for, then so many for each slot, an id and one each, zeros after them.  Where most
 * of that would be zeros there is room for none, and it is: where the ids of every 64th slot start
 * (u32), how many each slot has (u8) and the ids. */
#include "catalog/index_columns.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW    CATALOG_INDEX_LIST_WINDOW
#define KEY_BYTES 9
#define HEADER    2

static void put_u32(uint8_t *bytes, uint32_t n)
{
	n = htole32(n);
	memcpy(bytes, &n, sizeof n);
}

static uint32_t get_u32(const uint8_t *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof n);
	return le32toh(n);
}

static struct catalog_span key_of(uint8_t bytes[KEY_BYTES], uint32_t segment, uint32_t window,
				  uint8_t kind)
{
	segment = htobe32(segment);
	window = htobe32(window);
	memcpy(bytes, &segment, 4);
	memcpy(bytes + 4, &window, 4);
	bytes[8] = kind;
	return (struct catalog_span){bytes, KEY_BYTES};
}

/* --- windows ----------------------------------------------------------------------------- */

int catalog_index_columns_window_new(struct catalog_index_window **ret_window)
{
	struct catalog_index_window *window = calloc(1, sizeof *window);

	if (window == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++) {
		window->values[i].counts = calloc(1, WINDOW);
		if (window->values[i].counts == NULL) {
			catalog_index_columns_window_free(window);
			return -ENOMEM;
		}
	}
	*ret_window = window;
	return 0;
}

void catalog_index_columns_window_free(struct catalog_index_window *window)
{
	if (window == NULL)
		return;
	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++) {
		free(window->values[i].counts);
		free(window->values[i].ids);
	}
	free(window);
}

void catalog_index_columns_window_reset(struct catalog_index_window *window)
{
	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++) {
		memset(window->values[i].counts, 0, window->count);
		window->values[i].id_count = 0;
	}
	window->count = 0;
}

int catalog_index_columns_add_value(struct catalog_index_window *window, uint32_t slot,
				    enum catalog_index_facet facet, uint32_t id)
{
	struct catalog_index_values *values = &window->values[facet];

	assert(slot < WINDOW);
	if (values->counts[slot] == CATALOG_INDEX_FACET_VALUES_MAX)
		return 0;
	if (values->id_count == values->id_room) {
		size_t room = values->id_room * 2 + 1024;
		uint32_t *ids = reallocarray(values->ids, room, sizeof *ids);

		if (ids == NULL)
			return -ENOMEM;
		values->ids = ids;
		values->id_room = room;
	}
	values->counts[slot]++;
	values->ids[values->id_count++] = id;
	return 0;
}

/* --- writing ----------------------------------------------------------------------------- */

static void put_id(uint8_t *to, uint8_t width, uint32_t id)
{
	for (uint8_t i = 0; i < width; i++)
		to[i] = (uint8_t)(id >> 8 * i);
}

/* The bytes of a facet's column in to (which has room); their length, 0 if no slot has a value. */
static size_t encode_values(const struct catalog_index_values *values, uint32_t count, uint8_t *to)
{
	uint32_t largest = 0, starts = (count + 63) / 64;
	uint8_t width, each = 0;
	size_t next = 0, at = HEADER;

	if (values->id_count == 0)
		return 0;
	for (size_t i = 0; i < values->id_count; i++)
		largest = values->ids[i] > largest ? values->ids[i] : largest;
	for (uint32_t i = 0; i < count; i++)
		each = values->counts[i] > each ? values->counts[i] : each;
	width = largest + 1 <= UINT8_MAX ? 1 : largest + 1 <= UINT16_MAX ? 2 : 4;
	if ((size_t)each * count * width > 4 * (size_t)starts + count + values->id_count * width &&
	    each > 1)
		each = 0;
	to[0] = width;
	to[1] = each;
	if (each > 0) {
		for (uint32_t i = 0; i < count; i++)
			for (uint8_t k = 0; k < each; k++, at += width)
				put_id(to + at, width,
				       k < values->counts[i] ? values->ids[next++] + 1 : 0);
		return at;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (i % 64 == 0)
			put_u32(to + at + 4 * (i / 64), (uint32_t)next);
		next += values->counts[i];
	}
	assert(next == values->id_count);
	at += 4 * (size_t)starts;
	memcpy(to + at, values->counts, count);
	at += count;
	for (size_t i = 0; i < values->id_count; i++, at += width)
		put_id(to + at, width, values->ids[i]);
	return at;
}

static size_t encode_numbers(const struct catalog_index_window *window, uint8_t kind, uint8_t *to)
{
	bool any = false;
	uint8_t *start = to;

	for (uint32_t i = 0; i < window->count; i++) {
		const struct catalog_index_numbers *numbers = &window->numbers[i];
		uint64_t index = htole64(window->indexes[i]);

		switch ((enum catalog_index_column_kind)kind) {
		case CATALOG_INDEX_COLUMNS_DOC:
			any = true;
			put_u32(to, window->docs[i]);
			to += 4;
			break;
		case CATALOG_INDEX_COLUMNS_ENTRY:
			any = true;
			put_u32(to, window->logs[i]);
			memcpy(to + 4, &index, sizeof index);
			to += 12;
			break;
		case CATALOG_INDEX_COLUMNS_MODIFIED:
			any = true;
			put_u32(to, numbers->modified);
			to += 4;
			break;
		case CATALOG_INDEX_COLUMNS_ISSUED:
			any = any || numbers->issued != CATALOG_INDEX_FACET_NO_DAY;
			put_u32(to, (uint32_t)numbers->issued);
			to += 4;
			break;
		case CATALOG_INDEX_COLUMNS_TIME:
			any = any || numbers->start != CATALOG_INDEX_FACET_NO_DAY;
			put_u32(to, (uint32_t)numbers->start);
			put_u32(to + 4, (uint32_t)numbers->end);
			to += 8;
			break;
		case CATALOG_INDEX_COLUMNS_BBOX:
			any = any || !isnan(numbers->bbox[0]);
			for (size_t k = 0; k < 4; k++, to += 4) {
				uint32_t bits;

				memcpy(&bits, &numbers->bbox[k], sizeof bits);
				put_u32(to, bits);
			}
			break;
		case CATALOG_INDEX_COLUMNS_FACET: break;
		}
	}
	return any ? (size_t)(to - start) : 0;
}

int catalog_index_columns_write(struct catalog_txn *txn, uint32_t segment, uint32_t number,
				const struct catalog_index_window *window)
{
	static const uint8_t kinds[] = {'B', 'D', 'E', 'I', 'M', 'T'};
	size_t room = 16 * WINDOW, len;
	uint8_t key[KEY_BYTES], *bytes;
	int r = 0;

	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++) {
		size_t most = HEADER + 5 * WINDOW + 4 * (window->values[i].id_count + WINDOW / 64);

		room = most > room ? most : room;
	}
	bytes = malloc(room);
	if (bytes == NULL)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < sizeof kinds; i++) {
		len = encode_numbers(window, kinds[i], bytes);
		if (len > 0)
			r = catalog_store_put(txn, CATALOG_TABLE_DOCS,
					      key_of(key, segment, number, kinds[i]),
					      (struct catalog_span){bytes, len});
	}
	for (uint8_t i = 0; r == 0 && i < CATALOG_INDEX_FACET_COUNTED; i++) {
		len = encode_values(&window->values[i], window->count, bytes);
		if (len > 0)
			r = catalog_store_put(
				txn, CATALOG_TABLE_DOCS,
				key_of(key, segment, number, CATALOG_INDEX_COLUMNS_FACET + i),
				(struct catalog_span){bytes, len});
	}
	free(bytes);
	return r;
}

int catalog_index_columns_drop(struct catalog_txn *txn, uint32_t segment, uint32_t slots)
{
	static const uint8_t kinds[] = {'B', 'D', 'E', 'I', 'M', 'T'};
	uint8_t key[KEY_BYTES];
	int r = 0;

	for (uint32_t w = 0; w < (slots + WINDOW - 1) / WINDOW; w++) {
		for (size_t i = 0; r == 0 && i < sizeof kinds; i++) {
			r = catalog_store_del(txn, CATALOG_TABLE_DOCS,
					      key_of(key, segment, w, kinds[i]));
			r = r == -ENOENT ? 0 : r;
		}
		for (uint8_t i = 0; r == 0 && i < CATALOG_INDEX_FACET_COUNTED; i++) {
			r = catalog_store_del(
				txn, CATALOG_TABLE_DOCS,
				key_of(key, segment, w, CATALOG_INDEX_COLUMNS_FACET + i));
			r = r == -ENOENT ? 0 : r;
		}
	}
	return r;
}

/* --- reading ----------------------------------------------------------------------------- */

static bool open_values(struct catalog_index_column *column)
{
	const uint8_t *bytes = column->bytes.bytes;
	size_t len = column->bytes.len, starts = 4 * (((size_t)column->count + 63) / 64), ids = 0;

	if (len < HEADER)
		return false;
	column->width = bytes[0];
	column->each = bytes[1];
	if (column->width != 1 && column->width != 2 && column->width != 4)
		return false;
	if (column->each > 0) {
		column->ids = bytes + HEADER;
		return len == HEADER + (size_t)column->count * column->width * column->each;
	}
	if (len < HEADER + starts + column->count)
		return false;
	column->starts = bytes + HEADER;
	column->counts = column->starts + starts;
	column->ids = column->counts + column->count;
	ids = (len - HEADER - starts - column->count) / column->width;
	/* Each start is judged where it is used; what is beyond the last is judged here. */
	if (column->count > 0) {
		uint32_t block = (column->count - 1) / 64;
		size_t last = get_u32(column->starts + 4 * (size_t)block);

		for (uint32_t i = block * 64; i < column->count; i++)
			last += column->counts[i];
		return last == ids;
	}
	return true;
}

int catalog_index_columns_get(struct catalog_txn *txn, uint32_t segment, uint32_t number,
			      uint8_t kind, uint32_t slots, struct catalog_index_column *ret_column)
{
	struct catalog_index_column column = {.count = slots};
	size_t each = 0;
	uint8_t key[KEY_BYTES];
	int r = catalog_store_get(txn, CATALOG_TABLE_DOCS, key_of(key, segment, number, kind),
				  &column.bytes);

	if (r != 0 && r != -ENOENT)
		return r;
	if (r == -ENOENT) {
		if (kind == CATALOG_INDEX_COLUMNS_DOC || kind == CATALOG_INDEX_COLUMNS_ENTRY ||
		    kind == CATALOG_INDEX_COLUMNS_MODIFIED)
			return -EIO;
		column.none = true;
		*ret_column = column;
		return 0;
	}
	if (kind >= CATALOG_INDEX_COLUMNS_FACET) {
		if (!open_values(&column))
			return -EIO;
	} else {
		switch ((enum catalog_index_column_kind)kind) {
		case CATALOG_INDEX_COLUMNS_DOC:
		case CATALOG_INDEX_COLUMNS_MODIFIED:
		case CATALOG_INDEX_COLUMNS_ISSUED: each = 4; break;
		case CATALOG_INDEX_COLUMNS_TIME: each = 8; break;
		case CATALOG_INDEX_COLUMNS_ENTRY: each = 12; break;
		case CATALOG_INDEX_COLUMNS_BBOX: each = 16; break;
		case CATALOG_INDEX_COLUMNS_FACET: break;
		}
		if (column.bytes.len != each * slots)
			return -EIO;
	}
	*ret_column = column;
	return 0;
}

uint32_t catalog_index_columns_u32(const struct catalog_index_column *column, uint32_t slot)
{
	assert(slot < column->count);
	return get_u32(column->bytes.bytes + 4 * (size_t)slot);
}

void catalog_index_columns_entry(const struct catalog_index_column *column, uint32_t slot,
				 uint32_t *ret_log, uint64_t *ret_index)
{
	const uint8_t *bytes = column->bytes.bytes + 12 * (size_t)slot;

	assert(slot < column->count);
	*ret_log = get_u32(bytes);
	*ret_index = get_u32(bytes + 4) | (uint64_t)get_u32(bytes + 8) << 32;
}

void catalog_index_columns_time(const struct catalog_index_column *column, uint32_t slot,
				int32_t *ret_start, int32_t *ret_end)
{
	const uint8_t *bytes = column->bytes.bytes + 8 * (size_t)slot;

	assert(slot < column->count);
	*ret_start = column->none ? CATALOG_INDEX_FACET_NO_DAY : (int32_t)get_u32(bytes);
	*ret_end = column->none ? CATALOG_INDEX_FACET_NO_DAY : (int32_t)get_u32(bytes + 4);
}

void catalog_index_columns_bbox(const struct catalog_index_column *column, uint32_t slot,
				float ret_bbox[4])
{
	assert(slot < column->count);
	for (size_t i = 0; i < 4; i++) {
		uint32_t bits =
			column->none ? 0 : get_u32(column->bytes.bytes + 16 * (size_t)slot + 4 * i);

		memcpy(&ret_bbox[i], &bits, sizeof bits);
	}
	if (column->none)
		ret_bbox[0] = NAN;
}

static uint32_t get_id(const struct catalog_index_column *column, size_t at)
{
	const uint8_t *bytes = column->ids + at * column->width;

	if (column->width == 1)
		return bytes[0];
	if (column->width == 2)
		return bytes[0] | (uint32_t)bytes[1] << 8;
	return get_u32(bytes);
}

/* How many ids there are in a column that says how many each slot has. */
static size_t id_count(const struct catalog_index_column *column)
{
	return (size_t)(column->bytes.bytes + column->bytes.len - column->ids) / column->width;
}

uint32_t catalog_index_columns_ids(const struct catalog_index_column *column, uint32_t slot,
				   uint32_t ret_ids[CATALOG_INDEX_FACET_VALUES_MAX])
{
	size_t at;
	uint32_t n, id;

	assert(slot < column->count);
	if (column->none)
		return 0;
	for (n = 0; n < column->each; n++) {
		id = get_id(column, (size_t)slot * column->each + n);
		if (id == 0)
			break;
		ret_ids[n] = id - 1;
	}
	if (column->each > 0)
		return n;
	at = get_u32(column->starts + 4 * (size_t)(slot / 64));
	for (uint32_t i = slot / 64 * 64; i < slot; i++)
		at += column->counts[i];
	n = column->counts[slot];
	if (at + n > id_count(column))
		return 0;
	for (uint32_t i = 0; i < n; i++)
		ret_ids[i] = get_id(column, at + i);
	return n;
}

/* The sum of some bytes, eight at a time. */
static size_t sum_bytes(const uint8_t *bytes, size_t count)
{
	static const uint64_t evens = UINT64_C(0x00ff00ff00ff00ff);
	size_t sum = 0;

	for (; count >= 8; count -= 8, bytes += 8) {
		uint64_t held;

		memcpy(&held, bytes, sizeof held);
		held = (held & evens) + (held >> 8 & evens);
		sum += held * UINT64_C(0x0001000100010001) >> 48;
	}
	while (count > 0)
		sum += bytes[--count];
	return sum;
}

/* Of a column with room for so many ids a slot, of one byte each: what is counted most. */
static inline bool tally_bytes(const struct catalog_index_column *column, uint8_t each,
			       const uint16_t *slots, size_t count, uint32_t *counts, uint32_t room)
{
	for (size_t i = 0; i < count; i++)
		for (uint8_t k = 0; k < each; k++) {
			uint32_t id = column->ids[(size_t)slots[i] * each + k];

			if (id == 0)
				break;
			if (id > room)
				return false;
			counts[id - 1]++;
		}
	return true;
}

static bool tally_each(const struct catalog_index_column *column, const uint16_t *slots,
		       size_t count, uint32_t *counts, uint32_t room)
{
	if (column->width == 1 && column->each == 1)
		return tally_bytes(column, 1, slots, count, counts, room);
	if (column->width == 1)
		return tally_bytes(column, column->each, slots, count, counts, room);
	for (size_t i = 0; i < count; i++)
		for (uint8_t k = 0; k < column->each; k++) {
			uint32_t id = get_id(column, (size_t)slots[i] * column->each + k);

			if (id == 0)
				break;
			if (id > room)
				return false;
			counts[id - 1]++;
		}
	return true;
}

static bool tally_any(const struct catalog_index_column *column, const uint16_t *slots,
		      size_t count, uint32_t *counts, uint32_t room)
{
	size_t total = id_count(column), at = 0;
	uint32_t next = 0; /* the slot whose ids begin at at */

	for (size_t i = 0; i < count; i++) {
		uint32_t slot = slots[i];

		if (i == 0 || slot / 64 != next / 64) {
			next = slot / 64 * 64;
			at = get_u32(column->starts + 4 * (size_t)(slot / 64));
		}
		at += sum_bytes(column->counts + next, slot - next);
		if (at + column->counts[slot] > total)
			return false;
		for (uint8_t n = column->counts[slot]; n > 0; n--) {
			uint32_t id = get_id(column, at++);

			if (id >= room)
				return false;
			counts[id]++;
		}
		next = slot + 1;
	}
	return true;
}

bool catalog_index_columns_tally(const struct catalog_index_column *column, const uint16_t *slots,
				 size_t count, uint32_t *counts, uint32_t room)
{
	assert(count == 0 || slots[count - 1] < column->count);
	if (column->none)
		return true;
	return column->each > 0 ? tally_each(column, slots, count, counts, room)
				: tally_any(column, slots, count, counts, room);
}
