#include "catalog/index_cursor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION 2
#define FIXED          29 /* bytes before the weights */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ from[i]) * UINT64_C(1099511628211); /* FNV-1a */
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return text == NULL ? hash_bytes(hash, "\1", 2) : hash_bytes(hash, text, strlen(text) + 1);
}

uint64_t catalog_index_cursor_hash(const struct catalog_query *query)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	const int64_t numbers[] = {query->since,  query->time_from,    query->time_to,
				   query->box,    query->usage_answer, query->sort,
				   query->lenient};

	hash = hash_text(hash, query->text);
	hash = hash_text(hash, query->member);
	hash = hash_text(hash, query->country);
	hash = hash_text(hash, query->theme);
	hash = hash_text(hash, query->usage);
	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++)
		hash = hash_text(hash, query->values[i]);
	hash = hash_bytes(hash, numbers, sizeof numbers);
	return query->box == CATALOG_QUERY_BOX_NONE
		       ? hash
		       : hash_bytes(hash, query->bbox, sizeof query->bbox);
}

static void put(char **to, uint64_t n, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 2 * len; i++)
		*(*to)++ = digits[n >> (4 * (2 * len - 1 - i)) & 15];
}

int catalog_index_cursor_write(const struct catalog_index_cursor *cursor, char **ret_text)
{
	char *text = malloc(2 * (FIXED + 4 * (size_t)cursor->idf_count) + 1), *to = text;
	uint64_t key;
	uint32_t idf;

	if (text == NULL)
		return -ENOMEM;
	memcpy(&key, &cursor->key, sizeof key);
	put(&to, FORMAT_VERSION, 1);
	put(&to, (uint64_t)cursor->relaxed << 1 | cursor->whole, 1);
	put(&to, cursor->query, 8);
	put(&to, key, 8);
	put(&to, cursor->doc, 4);
	put(&to, cursor->bound, 4);
	put(&to, cursor->idf_count, 3);
	for (size_t i = 0; i < cursor->idf_count; i++) {
		memcpy(&idf, &cursor->idfs[i], sizeof idf);
		put(&to, idf, 4);
	}
	*to = '\0';
	*ret_text = text;
	return 0;
}

static uint64_t take(const char **from, size_t len, bool *good)
{
	uint64_t n = 0;

	for (size_t i = 0; *good && i < 2 * len; i++, (*from)++) {
		char c = **from;

		if (c >= '0' && c <= '9')
			n = n << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (uint64_t)(c - 'a' + 10);
		else
			*good = false;
	}
	return n;
}

int catalog_index_cursor_read(const char *text, struct catalog_index_cursor *ret_cursor)
{
	struct catalog_index_cursor cursor = {0};
	bool good = true;
	uint64_t key, tiers;

	good = take(&text, 1, &good) == FORMAT_VERSION && good;
	tiers = take(&text, 1, &good);
	cursor.relaxed = (tiers & 2) != 0;
	cursor.whole = (tiers & 1) != 0;
	cursor.query = take(&text, 8, &good);
	key = take(&text, 8, &good);
	memcpy(&cursor.key, &key, sizeof key);
	cursor.doc = (uint32_t)take(&text, 4, &good);
	cursor.bound = (uint32_t)take(&text, 4, &good);
	cursor.idf_count = (uint16_t)take(&text, 3, &good);
	if (!good || cursor.idf_count > CATALOG_INDEX_PLAN_LEAVES_MAX)
		return -ESTALE;
	for (size_t i = 0; i < cursor.idf_count; i++) {
		uint32_t idf = (uint32_t)take(&text, 4, &good);

		memcpy(&cursor.idfs[i], &idf, sizeof idf);
		good = good && isfinite(cursor.idfs[i]);
	}
	if (!good || *text != '\0' || !isfinite(cursor.key))
		return -ESTALE;
	*ret_cursor = cursor;
	return 0;
}
