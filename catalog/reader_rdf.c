/* Turtle and N-Triples are cut into statements, which are parsed in batches of a few hundred
 * kilobytes, each behind the directives so far.  What a batch says is believed when all of it was
 * parsed; else its statements are parsed one by one, and the bad ones are told as rejected.
 *
 * XML cannot be cut so, and is parsed as it comes; a mistake ends it.
 *
 * Nothing is delivered of a file that breaks off or is no XML: what belongs to a dataset may stand
 * anywhere, and half a dataset would take the place of a whole one that was published before.
 */
#include "catalog/reader_format.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/iri.h"
#include "catalog/reader_dcat.h"
#include "catalog/reader_graph.h"
#include "catalog/reader_raptor.h"
#include "catalog/reader_turtle.h"
#include "catalog/reader_xml.h"

#define BATCH_BYTES          (256u * 1024)
#define DIRECTIVES_BYTES_MAX (256u * 1024)
#define PREFIX_BYTES_MAX     40
#define DECLARED_MAX         20    /* by us, for one statement */
#define REJECTED_MAX         10000 /* statements; libraptor2 loses a little memory at each */
#define SILENT_BYTES_MAX     (2u * CATALOG_READER_RECORD_BYTES_MAX) /* without a statement */

/* A statement of the source in the batch. */
struct piece {
	size_t offset;
	uint64_t line;      /* of its first byte */
	uint64_t word_line; /* of its first word */
};

struct reading {
	enum catalog_reader_format format;
	struct catalog_reader_raptor *raptor;
	struct catalog_reader_graph *graph;
	struct catalog_reader_sink *sink;
	struct catalog_reader_error *error;
	struct catalog_buffer directives;
	uint64_t directive_lines;
	/* The batch: text, where its statements begin, and what was parsed of it so far. */
	struct catalog_buffer text, pieces, parsed;
	uint64_t line; /* of the byte to come */
	uint64_t rejected;
	struct catalog_reader_turtle_cut cut;
	size_t statement_offset; /* of the open statement in text */
	uint64_t statement_line; /* where it begins, with what precedes it */
	uint64_t word_line;      /* where its first word is */
	bool is_too_big;         /* the open statement */
	uint64_t silent_bytes;   /* XML without a statement, its entities written out */
	size_t growth;           /* of an ampersand */
};

/* --- what was parsed ---------------------------------------------------------------- */

static int put_text(struct catalog_buffer *buffer, const char *text)
{
	if (text == NULL)
		text = "";
	return catalog_buffer_append(buffer, text, strlen(text) + 1);
}

/* Keep a statement of a batch until all of the batch is parsed. */
static int hold(struct reading *reading, const struct catalog_reader_statement *s)
{
	uint8_t is_literal = s->is_literal;
	int r = catalog_buffer_append(&reading->parsed, &s->line, sizeof s->line);

	if (r == 0)
		r = catalog_buffer_append(&reading->parsed, &is_literal, 1);
	if (r == 0)
		r = put_text(&reading->parsed, s->subject);
	if (r == 0)
		r = put_text(&reading->parsed, s->predicate);
	if (r == 0)
		r = put_text(&reading->parsed, s->object);
	if (r == 0)
		r = put_text(&reading->parsed, s->language);
	return r == 0 ? put_text(&reading->parsed, s->datatype) : r;
}

static int on_statement(void *arg, const struct catalog_reader_statement *s)
{
	struct reading *reading = arg;

	reading->silent_bytes = 0;
	return reading->format == CATALOG_READER_RDFXML
		       ? catalog_reader_graph_add(reading->graph, s)
		       : hold(reading, s);
}

static const struct piece *piece_at(const struct reading *reading, size_t i)
{
	return (const struct piece *)(const void *)reading->pieces.bytes + i;
}

static size_t piece_count(const struct reading *reading)
{
	return reading->pieces.len / sizeof(struct piece);
}

/* The line in the source of a line of what was parsed: directives came first, then text. */
static uint64_t line_in_source(const struct reading *reading, uint64_t line, size_t first)
{
	uint64_t line_in_text =
		line > reading->directive_lines ? line - reading->directive_lines : 1;

	return piece_at(reading, first)->line + line_in_text - 1;
}

/* The line of the first word of the statement that ends at line, or goes on there. */
static uint64_t word_line(const struct reading *reading, uint64_t line, size_t *near)
{
	while (*near + 1 < piece_count(reading) && piece_at(reading, *near + 1)->word_line <= line)
		++*near;
	return piece_at(reading, *near)->word_line;
}

static int release(struct reading *reading, size_t first)
{
	size_t near = first;
	struct catalog_buffer *parsed = &reading->parsed;
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < parsed->len) {
		struct catalog_reader_statement s = {0};
		const char **texts[] = {&s.subject, &s.predicate, &s.object, &s.language,
					&s.datatype};

		memcpy(&s.line, parsed->bytes + at, sizeof s.line);
		s.is_literal = parsed->bytes[at + sizeof s.line] != 0;
		at += sizeof s.line + 1;
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
			*texts[i] = (const char *)parsed->bytes + at;
			at += strlen(*texts[i]) + 1;
		}
		if (s.datatype[0] == '\0')
			s.datatype = NULL;
		s.line = word_line(reading, line_in_source(reading, s.line, first), &near);
		r = catalog_reader_graph_add(reading->graph, &s);
	}
	parsed->len = 0;
	return r;
}

/* --- batches ------------------------------------------------------------------------ */

/* Parse count statements from first.  Returns as catalog_reader_raptor_feed(). */
static int parse(struct reading *reading, size_t first, size_t count,
		 struct catalog_reader_raptor_error *ret_error)
{
	size_t begin = piece_at(reading, first)->offset;
	size_t end = first + count < piece_count(reading) ? piece_at(reading, first + count)->offset
							  : reading->text.len;
	struct catalog_span text = {reading->text.bytes + begin, end - begin};
	int r = catalog_reader_raptor_begin(reading->raptor, reading->format);

	reading->parsed.len = 0;
	if (r == 0 && reading->directives.len > 0)
		r = catalog_reader_raptor_feed(reading->raptor,
					       catalog_buffer_span(&reading->directives), false,
					       ret_error);
	if (r == 0)
		r = catalog_reader_raptor_feed(reading->raptor, text, true, ret_error);
	return r;
}

static int reject(struct reading *reading, uint64_t line, const char *found)
{
	struct catalog_reader_place place = {.line = line};

	if (++reading->rejected > REJECTED_MAX) {
		snprintf(reading->error->text, sizeof reading->error->text,
			 "line %" PRIu64 ": more than 10,000 statements are wrong, the last: %.120s; "
			 "check that the file is what it seems to be",
			 line, found);
		return -EBADMSG;
	}
	return catalog_reader_sink_reject(reading->sink, &place, found,
					  reading->format == CATALOG_READER_TURTLE
						  ? "a statement of RDF in Turtle"
						  : "a statement of RDF in N-Triples");
}

/* A prefix that nobody declared stands for itself: what it names is kept under the name that the
 * source gives it.  Returns 0 if it is declared now, -ENOENT if that is not what is wrong, -ENOMEM.
 */
static int declare(struct reading *reading, const struct catalog_reader_raptor_error *error)
{
	static const char before[] = "The namespace prefix in \"";
	const char *name = error->text + sizeof before - 1;
	size_t len;
	int r;

	if (strncmp(error->text, before, sizeof before - 1) != 0 ||
	    reading->directives.len > DIRECTIVES_BYTES_MAX)
		return -ENOENT;
	len = strcspn(name, ":");
	if (len == 0 || len > PREFIX_BYTES_MAX || name[len] != ':' ||
	    strstr(name, "not declared") == NULL)
		return -ENOENT;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-')
			return -ENOENT;
	r = catalog_buffer_print(&reading->directives, "@prefix %.*s: <%.*s:> .\n", (int)len, name,
				 (int)len, name);
	if (r == 0)
		reading->directive_lines++;
	return r;
}

/* Parse statement i alone. */
static int flush_one(struct reading *reading, size_t i)
{
	struct catalog_reader_raptor_error error;
	int r = parse(reading, i, 1, &error);

	for (unsigned tries = 0; r == -EBADMSG && tries < DECLARED_MAX; tries++) {
		r = declare(reading, &error);
		r = r == -ENOENT ? -EBADMSG : r;
		if (r < 0)
			break;
		r = parse(reading, i, 1, &error);
	}
	if (r == 0)
		return release(reading, i);
	if (r != -EBADMSG)
		return r;
	return reject(reading,
		      error.line > 0 ? line_in_source(reading, error.line, i)
				     : piece_at(reading, i)->word_line,
		      error.text);
}

/* Parse and release the batch. */
static int flush(struct reading *reading)
{
	struct catalog_reader_raptor_error error;
	size_t count = piece_count(reading);
	int r;

	if (count == 0)
		return 0;
	r = parse(reading, 0, count, &error);
	if (r == 0) {
		r = release(reading, 0);
	} else if (r == -EBADMSG) {
		r = 0;
		for (size_t i = 0; i < count && r == 0; i++)
			r = flush_one(reading, i);
	}
	reading->text.len = reading->pieces.len = reading->parsed.len = 0;
	reading->statement_offset = 0;
	return r;
}

/* A directive was cut out: it stands at the end of text, alone. */
static int take_directive(struct reading *reading)
{
	struct catalog_reader_raptor_error error;
	size_t len = reading->directives.len, i;
	int r = 0;

	if (reading->text.len == 0)
		return 0;
	if (len > 0 &&
	    memmem(reading->directives.bytes, len, reading->text.bytes, reading->text.len) != NULL)
		goto out; /* said before */
	if (len + reading->text.len > DIRECTIVES_BYTES_MAX) {
		snprintf(reading->error->text, sizeof reading->error->text,
			 "line %" PRIu64 ": there are more than 256 KiB of prefixes; give the file "
			 "in parts or as N-Triples",
			 reading->statement_line);
		return -EBADMSG;
	}
	r = parse(reading, 0, 1, &error);
	if (r == -EBADMSG) {
		r = reject(reading, reading->word_line, error.text);
		goto out;
	}
	if (r == 0)
		r = catalog_buffer_append(&reading->directives, reading->text.bytes,
					  reading->text.len);
	if (r == 0)
		r = catalog_buffer_append(&reading->directives, "\n", 1);
	for (i = len; r == 0 && i < reading->directives.len; i++)
		reading->directive_lines += reading->directives.bytes[i] == '\n';
out:
	reading->text.len = reading->pieces.len = reading->parsed.len = 0;
	reading->statement_offset = 0;
	return r;
}

static int add_piece(struct reading *reading)
{
	struct piece piece = {reading->statement_offset, reading->statement_line,
			      reading->format == CATALOG_READER_TURTLE ? reading->word_line
								       : reading->statement_line};

	return catalog_buffer_append(&reading->pieces, &piece, sizeof piece);
}

/* The open statement ends at the end of text. */
static int end_statement(struct reading *reading, bool is_directive)
{
	int r = 0;

	if (reading->is_too_big) {
		reading->text.len = reading->statement_offset;
		reading->is_too_big = false;
		r = reject(reading, reading->word_line, "a statement of more than 8 MiB");
	} else if (reading->cut.has_brace) {
		/* libraptor2 2.0 would take it for TriG, and reads "<>{" through NULL. */
		reading->text.len = reading->statement_offset;
		r = reject(reading, reading->word_line, "a brace, as TriG has around graphs");
	} else if (is_directive) {
		/* The batch before it was written without it. */
		size_t len = reading->text.len - reading->statement_offset;
		struct catalog_buffer directive = {0};
		uint64_t line = reading->statement_line;

		r = catalog_buffer_append(&directive,
					  reading->text.bytes + reading->statement_offset, len);
		reading->text.len = reading->statement_offset;
		if (r == 0)
			r = flush(reading);
		reading->text.len = reading->pieces.len = 0;
		reading->statement_offset = 0;
		reading->statement_line = line;
		if (r == 0)
			r = catalog_buffer_append(&reading->text, directive.bytes, directive.len);
		catalog_buffer_close(&directive);
		if (r == 0)
			r = add_piece(reading);
		if (r == 0)
			r = take_directive(reading);
	} else if (reading->text.len > reading->statement_offset) {
		r = add_piece(reading);
		if (r == 0 && reading->text.len >= BATCH_BYTES)
			r = flush(reading);
	}
	reading->statement_offset = reading->text.len;
	reading->statement_line = reading->line;
	return r;
}

static int take_byte(struct reading *reading, uint8_t byte)
{
	bool had_begun = reading->cut.has_begun;
	int r = 0;

	if (reading->format == CATALOG_READER_TURTLE &&
	    catalog_reader_turtle_take(&reading->cut, byte)) {
		r = end_statement(reading, reading->cut.is_directive);
		catalog_reader_turtle_next(&reading->cut);
		(void)catalog_reader_turtle_take(&reading->cut, byte); /* a first byte ends none */
		had_begun = false;
	}
	if (reading->cut.has_begun && !had_begun)
		reading->word_line = reading->line;
	if (r == 0 &&
	    reading->text.len - reading->statement_offset >= CATALOG_READER_RECORD_BYTES_MAX)
		reading->is_too_big = true;
	if (r == 0 && !reading->is_too_big)
		r = catalog_buffer_append(&reading->text, &byte, 1);
	if (byte == '\n') {
		reading->line++;
		if (r == 0 && reading->format == CATALOG_READER_NTRIPLES)
			r = end_statement(reading, false);
	}
	return r;
}

static int end_text(struct reading *reading)
{
	if (reading->format == CATALOG_READER_TURTLE &&
	    !catalog_reader_turtle_may_end(&reading->cut)) {
		snprintf(reading->error->text, sizeof reading->error->text,
			 "line %" PRIu64
			 ": the file ends within the statement that begins there, so "
			 "nothing of it was read; give the whole file",
			 reading->word_line);
		return -EBADMSG;
	}
	if (reading->cut.has_begun || reading->format == CATALOG_READER_NTRIPLES) {
		int r = end_statement(reading, reading->cut.is_directive);

		if (r < 0)
			return r;
	}
	return flush(reading);
}

/* --- files -------------------------------------------------------------------------- */

static int feed_xml(struct reading *reading, struct catalog_span bytes, bool is_last)
{
	struct catalog_reader_raptor_error error = {0};
	int r;

	reading->silent_bytes += bytes.len;
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.bytes[i] == '&')
			reading->silent_bytes += reading->growth - 1;
	if (reading->silent_bytes > SILENT_BYTES_MAX) {
		snprintf(reading->error->text, sizeof reading->error->text,
			 "there are more than 16 MiB without one statement of RDF, so nothing was "
			 "read; check that the file is RDF/XML");
		return -EBADMSG;
	}
	r = catalog_reader_raptor_feed(reading->raptor, bytes, is_last, &error);
	if (r == -EBADMSG)
		snprintf(reading->error->text, sizeof reading->error->text,
			 "line %" PRIu64 ": %s; nothing of the file was read, correct it there",
			 error.line, error.text);
	return r;
}

/* Everything in source goes to the graph. */
static int gather(struct reading *reading, struct catalog_reader_source *source)
{
	uint8_t block[CATALOG_READER_SOURCE_BLOCK_BYTES];
	bool is_xml = reading->format == CATALOG_READER_RDFXML, is_first = true;
	size_t len, begin;
	int r = catalog_reader_source_rewind(source);

	if (r == 0 && is_xml)
		r = catalog_reader_raptor_begin(reading->raptor, reading->format);
	while (r == 0) {
		r = catalog_reader_source_read(source, block, &len);
		if (r < 0 || len == 0)
			break;
		begin = is_first && len >= 3 && memcmp(block, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
		is_first = false;
		if (is_xml)
			r = feed_xml(reading, (struct catalog_span){block + begin, len - begin},
				     false);
		for (size_t i = begin; r == 0 && !is_xml && i < len; i++)
			r = take_byte(reading, block[i]);
	}
	if (r == 0)
		r = is_xml ? feed_xml(reading, (struct catalog_span){NULL, 0}, true)
			   : end_text(reading);
	return r;
}

/* The usual prefixes are known without being declared; a declaration of the document's wins. */
static int declare_usual(struct reading *reading)
{
	const char *prefix, *namespace;
	int r = catalog_buffer_print(&reading->directives, "@prefix dcterms: <%s> .\n",
				     "http://purl.org/dc/terms/");

	for (size_t i = 0; r == 0 && catalog_iri_prefix_at(i, &prefix, &namespace); i++) {
		r = catalog_buffer_print(&reading->directives, "@prefix %s: <%s> .\n", prefix,
					 namespace);
		reading->directive_lines++;
	}
	reading->directive_lines++;
	return r;
}

int catalog_reader_rdf_read(struct catalog_reader_source *source,
			    const struct catalog_reader_options *options,
			    enum catalog_reader_format format, struct catalog_reader_sink *sink,
			    struct catalog_reader_error *ret_error)
{
	struct reading reading = {
		.format = format, .sink = sink, .error = ret_error, .line = 1, .statement_line = 1};
	int r;

	assert(format == CATALOG_READER_TURTLE || format == CATALOG_READER_NTRIPLES ||
	       format == CATALOG_READER_RDFXML);
	catalog_reader_turtle_next(&reading.cut);
	r = catalog_reader_raptor_new(on_statement, &reading, &reading.raptor);
	if (r == 0)
		r = catalog_reader_graph_new(options->temporary_dir, &reading.graph);
	if (r == 0 && format == CATALOG_READER_RDFXML)
		r = catalog_reader_xml_check(source, &reading.growth, ret_error);
	if (r == 0 && format == CATALOG_READER_TURTLE)
		r = declare_usual(&reading);
	if (r == 0)
		r = gather(&reading, source);
	if (r == 0)
		r = catalog_reader_dcat_deliver(reading.graph, options, sink, ret_error);
	catalog_reader_graph_free(reading.graph);
	catalog_reader_raptor_free(reading.raptor);
	catalog_buffer_close(&reading.directives);
	catalog_buffer_close(&reading.text);
	catalog_buffer_close(&reading.pieces);
	catalog_buffer_close(&reading.parsed);
	return r;
}
