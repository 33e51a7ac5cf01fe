#include "node/html.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void append(struct node_html *html, const char *bytes, size_t len)
{
	if (html->failed == 0)
		html->failed = catalog_buffer_append(html->buffer, bytes, len);
}

void node_html_raw(struct node_html *html, const char *markup)
{
	append(html, markup, strlen(markup));
}

static const char *entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void node_html_text(struct node_html *html, const char *text)
{
	const char *from = text;

	if (text == NULL)
		return;
	for (; *text != '\0'; text++) {
		const char *instead = entity(*text);

		if (instead == NULL)
			continue;
		append(html, from, (size_t)(text - from));
		node_html_raw(html, instead);
		from = text + 1;
	}
	append(html, from, (size_t)(text - from));
}

void node_html_print(struct node_html *html, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		html->failed = html->failed != 0 ? html->failed : -ENOMEM;
		return;
	}
	node_html_text(html, text);
	free(text);
}

void node_html_segment(struct node_html *html, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;

		append(html, plain ? text : escaped, plain ? 1 : 3);
	}
}

static bool is_safe(const char *url)
{
	static const char *const schemes[] = {"http://", "https://", "ftp://", "mailto:"};

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	}
	return false;
}

void node_html_link(struct node_html *html, const char *url, const char *text)
{
	if (!is_safe(url)) {
		node_html_text(html, text);
		return;
	}
	node_html_raw(html, "<a rel=\"nofollow noopener noreferrer\" href=\"");
	node_html_text(html, url);
	node_html_raw(html, "\">");
	node_html_text(html, text);
	node_html_raw(html, "</a>");
}
