#include "node/reply.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/utf8.h"
#include "node/control.h"
#include "node/fields.h"

int node_reply_frame(const struct catalog_value *message, size_t len_max,
		     struct catalog_buffer *buffer)
{
	static const uint8_t header[NODE_CONTROL_HEADER_BYTES];
	size_t before = buffer->len, len;
	int r;

	r = catalog_buffer_append(buffer, header, sizeof header);
	if (r == 0)
		r = catalog_value_encode(message, buffer);
	len = buffer->len - before - (r == 0 ? sizeof header : 0);
	if (r == 0 && len > len_max)
		r = -E2BIG;
	if (r != 0) {
		buffer->len = before;
		return r;
	}
	for (unsigned i = 0; i < NODE_CONTROL_HEADER_BYTES; i++)
		buffer->bytes[before + i] = (uint8_t)(len >> (24 - 8 * i));
	return 0;
}

static const struct {
	int code;
	const char *word;
} codes[] = {
	{-EINVAL, "bad-request"}, {-ENOENT, "not-found"},
	{-EBUSY, "busy"},         {-EPERM, "refused"},
	{-ENOKEY, "no-key"},      {-EKEYREJECTED, "key-rejected"},
	{-EAGAIN, "partial"},     {-ESTALE, "stale"},
	{-E2BIG, "too-big"},      {-ENOSPC, "disk-full"},
	{-ETIMEDOUT, "timeout"},  {-EIO, "failed"},
	{-ESHUTDOWN, "stopping"}, {-EINPROGRESS, "unconfirmed"},
};

static const char *word_of(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].code == code)
			return codes[i].word;
	return "failed";
}

/* How many bytes of text are UTF-8: a sentence that was cut may end inside a character. */
static size_t whole_characters(const char *text)
{
	size_t len = strlen(text), at = 0;
	uint32_t character;
	int step;

	while ((step = catalog_utf8_next(text + at, len - at, &character)) > 0)
		at += (size_t)step;
	return at;
}

struct catalog_value *node_reply_make(int code, struct catalog_value *answer,
				      const struct node_error *error)
{
	struct catalog_value *reply = NULL, *inner = NULL;
	struct node_fields fields;

	if (code == 0) {
		node_fields_init(&fields);
		node_fields_value(&fields, "ok", answer);
		(void)node_fields_close(&fields, &reply); /* NULL says it */
		return reply;
	}
	assert(answer == NULL);
	node_fields_init(&fields);
	node_fields_text(&fields, "code", word_of(code));
	node_fields_value(&fields, "text",
			  catalog_value_new_string_n(error->text, whole_characters(error->text)));
	(void)node_fields_close(&fields, &inner); /* NULL says it */
	node_fields_init(&fields);
	node_fields_value(&fields, "error", inner);
	(void)node_fields_close(&fields, &reply); /* NULL says it */
	return reply;
}

int node_reply_outcome(struct catalog_value *reply, struct catalog_value **ret_answer,
		       struct node_error *ret_error)
{
	const struct catalog_value *error = catalog_value_get(reply, "error");
	const char *word = catalog_value_text(catalog_value_get(error, "code"));
	const char *text = catalog_value_text(catalog_value_get(error, "text"));
	const struct catalog_value *ok = catalog_value_get(reply, "ok");

	if (catalog_value_count(reply) == 1 && catalog_value_type(ok) == CATALOG_VALUE_MAP) {
		*ret_answer = catalog_value_take(reply, "ok");
		return 0;
	}
	if (catalog_value_count(reply) == 1 && word != NULL && text != NULL)
		for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
			if (strcmp(codes[i].word, word) == 0)
				return node_error_set(ret_error, codes[i].code, "%s", text);
	return node_error_set(ret_error, -EPROTO,
			      "fedcatd answered what this command does not understand; are they of "
			      "the same version?");
}
