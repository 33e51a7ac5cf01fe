#include "catalog/armour.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define EDGE_BYTES 80
#define LINE_BYTES 48 /* of the bytes: 64 characters */

static void edge(const char *word, const char *what, char ret_edge[EDGE_BYTES])
{
	int len = snprintf(ret_edge, EDGE_BYTES, "-----%s FEDCAT %s-----", word, what);

	assert(len > 0);
	assert(len < EDGE_BYTES);
}

int catalog_armour_write(const char *what, struct catalog_span bytes, struct catalog_buffer *text)
{
	char line[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	char begin[EDGE_BYTES], end[EDGE_BYTES];
	size_t before = text->len;
	int r;

	edge("BEGIN", what, begin);
	edge("END", what, end);
	r = catalog_buffer_print(text, "%s\n", begin);
	for (size_t at = 0; at < bytes.len && r == 0; at += LINE_BYTES) {
		size_t len = bytes.len - at < LINE_BYTES ? bytes.len - at : LINE_BYTES;

		sodium_bin2base64(line, sizeof line, bytes.bytes + at, len,
				  sodium_base64_VARIANT_ORIGINAL);
		r = catalog_buffer_print(text, "%s\n", line);
	}
	if (r == 0)
		r = catalog_buffer_print(text, "%s\n", end);
	if (r != 0)
		text->len = before;
	return r;
}

/* The first place of a word in a text that may hold anything; NULL if it is not there. */
static const char *find(const char *text, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	for (size_t i = 0; i + word_len <= len; i++)
		if (memcmp(text + i, word, word_len) == 0)
			return text + i;
	return NULL;
}

int catalog_armour_read(const char *what, struct catalog_span text, struct catalog_buffer *bytes)
{
	const char *at = (const char *)text.bytes, *end, *stop;
	char edges[2][EDGE_BYTES];
	size_t len = 0;
	int r;

	edge("BEGIN", what, edges[0]);
	edge("END", what, edges[1]);
	at = find(at, text.len, edges[0]);
	if (at == NULL)
		return -EBADMSG;
	at += strlen(edges[0]);
	end = find(at, text.len - (size_t)(at - (const char *)text.bytes), edges[1]);
	if (end == NULL)
		return -EBADMSG;
	r = catalog_buffer_reserve(bytes, (size_t)(end - at));
	if (r != 0)
		return r;
	if (sodium_base642bin(bytes->bytes + bytes->len, (size_t)(end - at), at, (size_t)(end - at),
			      " \t\r\n>", &len, &stop, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    stop != end)
		return -EBADMSG;
	bytes->len += len;
	return 0;
}
