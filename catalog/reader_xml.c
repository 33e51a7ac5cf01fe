#include "catalog/reader_xml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPACE " \t\r\n"

/* The prolog in memory, NUL-terminated, and where we are. */
struct prolog {
	char *text;
	const char *at;
	size_t growth;
};

static int fail(const struct prolog *prolog, struct catalog_reader_error *error, const char *what)
{
	unsigned line = 1;

	for (const char *c = prolog->text; c < prolog->at; c++)
		line += *c == '\n';
	snprintf(error->text, sizeof error->text, "line %u: %s", line, what);
	return -EBADMSG;
}

static bool skip(struct prolog *prolog, const char *begin, const char *end)
{
	const char *found;

	if (strncmp(prolog->at, begin, strlen(begin)) != 0)
		return false;
	found = strstr(prolog->at + strlen(begin), end);
	prolog->at = found != NULL ? found + strlen(end) : strchr(prolog->at, '\0');
	return true;
}

/* <!ENTITY name "text">, at its name. */
static int check_entity(struct prolog *prolog, struct catalog_reader_error *error)
{
	const char *value, *end;
	char quote;

	prolog->at += strspn(prolog->at, SPACE);
	if (*prolog->at == '%')
		return fail(prolog, error,
			    "parameter entities are not read; write the file without a DOCTYPE");
	prolog->at += strcspn(prolog->at, SPACE ">");
	prolog->at += strspn(prolog->at, SPACE);
	quote = *prolog->at;
	if (quote != '"' && quote != '\'')
		return fail(prolog, error,
			    "an entity that lies elsewhere is never fetched; write its text into "
			    "the file");
	value = prolog->at + 1;
	end = strchr(value, quote);
	if (end == NULL || end - value > CATALOG_READER_XML_ENTITY_BYTES_MAX)
		return fail(prolog, error,
			    "an entity of more than 256 bytes is not read; write its text where it "
			    "is used");
	if (memchr(value, '&', (size_t)(end - value)) != NULL ||
	    memchr(value, '%', (size_t)(end - value)) != NULL ||
	    memchr(value, '<', (size_t)(end - value)) != NULL)
		return fail(prolog, error,
			    "an entity that holds others or elements is not read; write its text "
			    "where it is used");
	if ((size_t)(end - value) > prolog->growth)
		prolog->growth = (size_t)(end - value);
	prolog->at = end + 1;
	return 0;
}

/* What stands between "[" and "]" of a DOCTYPE. */
static int check_subset(struct prolog *prolog, struct catalog_reader_error *error)
{
	int r = 0;

	while (r == 0 && *prolog->at != ']' && *prolog->at != '\0') {
		if (skip(prolog, "<!--", "-->") || skip(prolog, "<?", "?>"))
			continue;
		if (strncmp(prolog->at, "<!ENTITY", 8) == 0) {
			prolog->at += 8;
			r = check_entity(prolog, error);
		} else if (*prolog->at == '%') {
			r = fail(prolog, error,
				 "parameter entities are not read; write the file without a "
				 "DOCTYPE");
		} else if (*prolog->at == '"' || *prolog->at == '\'') {
			const char *end = strchr(prolog->at + 1, *prolog->at);

			prolog->at = end != NULL ? end + 1 : strchr(prolog->at, '\0');
		} else {
			prolog->at++;
		}
	}
	return r;
}

static int check_doctype(struct prolog *prolog, struct catalog_reader_error *error)
{
	prolog->at += strlen("<!DOCTYPE");
	while (*prolog->at != '\0' && *prolog->at != '>' && *prolog->at != '[') {
		if (*prolog->at == '"' || *prolog->at == '\'') {
			const char *end = strchr(prolog->at + 1, *prolog->at);

			prolog->at = end != NULL ? end + 1 : strchr(prolog->at, '\0');
		} else {
			prolog->at++;
		}
	}
	if (*prolog->at != '[')
		return 0;
	prolog->at++;
	return check_subset(prolog, error);
}

static int check(struct prolog *prolog, struct catalog_reader_error *error)
{
	int r = 0;

	for (;;) {
		prolog->at += strcspn(prolog->at, "<");
		if (skip(prolog, "<!--", "-->") || skip(prolog, "<?", "?>"))
			continue;
		if (strncmp(prolog->at, "<!DOCTYPE", 9) != 0)
			break; /* the root element, or what is no XML: for the parser to say */
		r = check_doctype(prolog, error);
		if (r < 0)
			return r;
	}
	return *prolog->at == '\0' && strlen(prolog->text) == CATALOG_READER_XML_PROLOG_BYTES_MAX
		       ? fail(prolog, error,
			      "there are more than 64 KiB before the first element; write the file "
			      "without them")
		       : 0;
}

int catalog_reader_xml_check(struct catalog_reader_source *source, size_t *ret_growth,
			     struct catalog_reader_error *ret_error)
{
	char block[CATALOG_READER_SOURCE_BLOCK_BYTES];
	struct prolog prolog = {.growth = 1};
	size_t len, have = 0;
	int r = catalog_reader_source_rewind(source);

	prolog.text = malloc(CATALOG_READER_XML_PROLOG_BYTES_MAX + 1);
	if (prolog.text == NULL)
		return -ENOMEM;
	while (r == 0 && have < CATALOG_READER_XML_PROLOG_BYTES_MAX) {
		r = catalog_reader_source_read(source, block, &len);
		if (r < 0 || len == 0)
			break;
		/* NULs would hide what follows: UTF-16 has them, and is looked at without. */
		for (size_t i = 0; i < len && have < CATALOG_READER_XML_PROLOG_BYTES_MAX; i++)
			if (block[i] != '\0')
				prolog.text[have++] = block[i];
	}
	prolog.text[have] = '\0';
	prolog.at = prolog.text;
	if (r == 0)
		r = check(&prolog, ret_error);
	if (r == 0)
		*ret_growth = prolog.growth;
	free(prolog.text);
	return r;
}
