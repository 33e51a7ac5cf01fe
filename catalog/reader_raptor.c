#include "catalog/reader_raptor.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <raptor2.h>

#include "catalog/utf8.h"

/* What relative references are resolved against, and what is taken away again: they stay relative,
 * since where a file lies says nothing about what it describes. */
#define BASE "http://base.invalid/"

struct catalog_reader_raptor {
	raptor_world *world;
	raptor_uri *base;
	raptor_parser *parser;
	catalog_reader_raptor_each each;
	void *arg;
	uint64_t blanks; /* named by us */
	struct catalog_buffer subject, object;
	struct catalog_reader_raptor_error error;
	int result; /* 0, -EBADMSG, -ENOMEM, or what each returned */
};

static void fail(struct catalog_reader_raptor *raptor, int line, const char *text)
{
	/* The first says best what is wrong, if not always where. */
	if (raptor->result == -EBADMSG && raptor->error.line == 0 && line > 0)
		raptor->error.line = (uint64_t)line;
	if (raptor->result != 0)
		return;
	raptor->result = -EBADMSG;
	raptor->error.line = line > 0 ? (uint64_t)line : 0;
	snprintf(raptor->error.text, sizeof raptor->error.text, "%s", text);
}

static void on_log(void *arg, raptor_log_message *message)
{
	struct catalog_reader_raptor *raptor = arg;

	if (message->level >= RAPTOR_LOG_LEVEL_ERROR)
		fail(raptor, message->locator != NULL ? message->locator->line : 0, message->text);
}

/* "u" begins the names of the source's blank nodes, "g" ours.  name is ours to free. */
static unsigned char *on_blank(void *arg, unsigned char *name)
{
	struct catalog_reader_raptor *raptor = arg;
	size_t room = 24 + (name != NULL ? strlen((char *)name) : 0);
	char *made = raptor_alloc_memory(room);

	if (made != NULL && name != NULL)
		snprintf(made, room, "u%s", (char *)name);
	else if (made != NULL)
		snprintf(made, room, "g%llu", (unsigned long long)++raptor->blanks);
	if (name != NULL)
		raptor_free_memory(name);
	return (unsigned char *)made;
}

static int line_of(const struct catalog_reader_raptor *raptor)
{
	raptor_locator *locator = raptor_parser_get_locator(raptor->parser);

	return locator != NULL ? locator->line : 0;
}

/* The text of an IRI or a blank node. */
static const char *text_of(const raptor_term *term, struct catalog_buffer *room, int *ret_error)
{
	const char *text;

	*ret_error = 0;
	if (term->type == RAPTOR_TERM_TYPE_BLANK) {
		room->len = 0;
		*ret_error = catalog_buffer_print(room, "_:%s%c",
						  (const char *)term->value.blank.string, '\0');
		return *ret_error == 0 ? (const char *)room->bytes : NULL;
	}
	text = (const char *)raptor_uri_as_string(term->value.uri);
	return strncmp(text, BASE, strlen(BASE)) == 0 ? text + strlen(BASE) : text;
}

static bool is_good(const char *text)
{
	return text == NULL || catalog_utf8_check(text, strlen(text)) == 0;
}

static void on_statement(void *arg, raptor_statement *s)
{
	struct catalog_reader_raptor *raptor = arg;
	struct catalog_reader_statement statement = {0};
	int r = 0, r2 = 0;

	if (raptor->result != 0)
		return;
	if (s->predicate->type != RAPTOR_TERM_TYPE_URI)
		return;
	statement.subject = text_of(s->subject, &raptor->subject, &r);
	statement.predicate = (const char *)raptor_uri_as_string(s->predicate->value.uri);
	statement.line = (uint64_t)line_of(raptor);
	if (s->object->type == RAPTOR_TERM_TYPE_LITERAL) {
		const raptor_term_literal_value *literal = &s->object->value.literal;

		statement.is_literal = true;
		statement.object = (const char *)literal->string;
		statement.language = (const char *)literal->language;
		if (literal->datatype != NULL)
			statement.datatype = (const char *)raptor_uri_as_string(literal->datatype);
		if (strlen(statement.object) != literal->string_len) {
			fail(raptor, line_of(raptor), "found U+0000 in a text");
			return;
		}
	} else {
		statement.object = text_of(s->object, &raptor->object, &r2);
	}
	if (r < 0 || r2 < 0) {
		raptor->result = -ENOMEM;
		return;
	}
	if (!is_good(statement.subject) || !is_good(statement.predicate) ||
	    !is_good(statement.object) || !is_good(statement.language) ||
	    !is_good(statement.datatype)) {
		fail(raptor, line_of(raptor), "found text that is not UTF-8");
		return;
	}
	raptor->result = raptor->each(raptor->arg, &statement);
}

int catalog_reader_raptor_new(catalog_reader_raptor_each each, void *arg,
			      struct catalog_reader_raptor **ret_raptor)
{
	struct catalog_reader_raptor *raptor = calloc(1, sizeof *raptor);

	if (raptor == NULL)
		return -ENOMEM;
	raptor->each = each;
	raptor->arg = arg;
	raptor->world = raptor_new_world();
	if (raptor->world == NULL || raptor_world_open(raptor->world) != 0) {
		catalog_reader_raptor_free(raptor);
		return -ENOMEM;
	}
	raptor_world_set_log_handler(raptor->world, raptor, on_log);
	raptor_world_set_generate_bnodeid_handler(raptor->world, raptor, on_blank);
	raptor->base = raptor_new_uri(raptor->world, (const unsigned char *)BASE);
	if (raptor->base == NULL) {
		catalog_reader_raptor_free(raptor);
		return -ENOMEM;
	}
	*ret_raptor = raptor;
	return 0;
}

void catalog_reader_raptor_free(struct catalog_reader_raptor *raptor)
{
	if (raptor == NULL)
		return;
	if (raptor->parser != NULL)
		raptor_free_parser(raptor->parser);
	if (raptor->base != NULL)
		raptor_free_uri(raptor->base);
	if (raptor->world != NULL)
		raptor_free_world(raptor->world);
	catalog_buffer_close(&raptor->subject);
	catalog_buffer_close(&raptor->object);
	free(raptor);
}

static int no_fetching(void *arg, raptor_uri *uri)
{
	(void)arg;
	(void)uri;
	return 1;
}

int catalog_reader_raptor_begin(struct catalog_reader_raptor *raptor,
				enum catalog_reader_format format)
{
	const char *name = format == CATALOG_READER_TURTLE     ? "turtle"
			   : format == CATALOG_READER_NTRIPLES ? "ntriples"
							       : "rdfxml";

	if (raptor->parser != NULL)
		raptor_free_parser(raptor->parser);
	raptor->result = 0;
	raptor->parser = raptor_new_parser(raptor->world, name);
	if (raptor->parser == NULL)
		return -ENOMEM;
	raptor_parser_set_statement_handler(raptor->parser, raptor, on_statement);
	raptor_parser_set_uri_filter(raptor->parser, no_fetching, NULL);
	if (raptor_parser_set_option(raptor->parser, RAPTOR_OPTION_NO_NET, NULL, 1) != 0 ||
	    raptor_parser_set_option(raptor->parser, RAPTOR_OPTION_NO_FILE, NULL, 1) != 0 ||
	    raptor_parser_set_option(raptor->parser, RAPTOR_OPTION_LOAD_EXTERNAL_ENTITIES, NULL,
				     0) != 0 ||
	    /* It would remember each rdf:ID for ever. */
	    raptor_parser_set_option(raptor->parser, RAPTOR_OPTION_CHECK_RDF_ID, NULL, 0) != 0 ||
	    raptor_parser_parse_start(raptor->parser, raptor->base) != 0)
		return -ENOMEM;
	return 0;
}

int catalog_reader_raptor_feed(struct catalog_reader_raptor *raptor, struct catalog_span bytes,
			       bool is_last, struct catalog_reader_raptor_error *ret_error)
{
	assert(raptor->parser != NULL);
	assert(raptor->result == 0);
	if (raptor_parser_parse_chunk(raptor->parser, bytes.len > 0 ? bytes.bytes : NULL, bytes.len,
				      is_last) != 0)
		fail(raptor, line_of(raptor), "what follows is no RDF that can be read");
	if (raptor->result == -EBADMSG)
		*ret_error = raptor->error;
	return raptor->result;
}
