#include "catalog/export_ntriples.h"

#include <string.h>

#include "catalog/export_dcat.h"
#include "catalog/hash.h"

struct writer {
	char prefix[17]; /* of the names of blank nodes */
	struct catalog_buffer *buffer;
};

static int put(struct catalog_buffer *buffer, const char *text)
{
	return catalog_buffer_append(buffer, text, strlen(text));
}

static int put_name(struct writer *writer, const char *name)
{
	if (strncmp(name, "_:", 2) == 0)
		return catalog_buffer_print(writer->buffer, "_:b%s%s", writer->prefix, name + 2);
	return catalog_buffer_print(writer->buffer, "<%s>", name);
}

static int put_escaped(struct catalog_buffer *buffer, const char *text)
{
	int r = 0;

	for (; *text != '\0' && r == 0; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			r = catalog_buffer_print(buffer, "\\%c", byte);
		else if (byte == '\n')
			r = put(buffer, "\\n");
		else if (byte == '\r')
			r = put(buffer, "\\r");
		else if (byte == '\t')
			r = put(buffer, "\\t");
		else if (byte < 0x20 || byte == 0x7f)
			r = catalog_buffer_print(buffer, "\\u%04X", byte);
		else
			r = catalog_buffer_append(buffer, text, 1);
	}
	return r;
}

static int put_literal(struct writer *writer, const struct catalog_reader_statement *s)
{
	int r = put(writer->buffer, "\"");

	if (r == 0)
		r = put_escaped(writer->buffer, s->object);
	if (r == 0)
		r = put(writer->buffer, "\"");
	if (r == 0 && s->language != NULL && s->language[0] != '\0')
		r = catalog_buffer_print(writer->buffer, "@%s", s->language);
	else if (r == 0 && s->datatype != NULL)
		r = catalog_buffer_print(writer->buffer, "^^<%s>", s->datatype);
	return r;
}

static int write_statement(void *arg, const struct catalog_reader_statement *s)
{
	struct writer *writer = arg;
	int r = put_name(writer, s->subject);

	if (r == 0)
		r = catalog_buffer_print(writer->buffer, " <%s> ", s->predicate);
	if (r == 0)
		r = s->is_literal ? put_literal(writer, s) : put_name(writer, s->object);
	return r < 0 ? r : put(writer->buffer, " .\n");
}

int catalog_export_ntriples_write(const char *uri, const struct catalog_value *node,
				  struct catalog_buffer *buffer)
{
	struct writer writer = {.buffer = buffer};
	char hex[CATALOG_HASH_HEX_BYTES];
	struct catalog_hash hash;

	catalog_hash_of(uri, strlen(uri), &hash);
	catalog_hash_to_hex(&hash, hex);
	memcpy(writer.prefix, hex, sizeof writer.prefix - 1);
	return catalog_export_dcat_say(node, write_statement, &writer);
}
