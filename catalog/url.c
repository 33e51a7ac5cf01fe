/* catalog/url.c - the grammar of RFC 3986, as far as it decides what is a URL at all. */
#include "catalog/url.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Length of the scheme, without its colon; 0 if there is none. */
static size_t scheme_len(const char *text)
{
	size_t len = 0;

	if (!is_alpha(*text))
		return 0;
	while (is_alpha(text[len]) || (text[len] >= '0' && text[len] <= '9') ||
	       (text[len] != '\0' && strchr("+-.", text[len]) != NULL))
		len++;
	return text[len] == ':' ? len : 0;
}

static bool is_url_character(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

static bool needs_host(const char *text, size_t scheme)
{
	return (scheme == 4 && strncasecmp(text, "http", 4) == 0) ||
	       (scheme == 5 && strncasecmp(text, "https", 5) == 0) ||
	       (scheme == 3 && strncasecmp(text, "ftp", 3) == 0);
}

/* What follows "//": user, host and port, up to the first of "/?#". */
static bool authority_is_good(const char *text)
{
	size_t len = strcspn(text, "/?#"), host = 0, host_len;
	const char *at = memchr(text, '@', len), *bracket;

	if (at != NULL)
		host = (size_t)(at - text) + 1;
	if (text[host] == '[') {
		bracket = memchr(text + host, ']', len - host);
		return bracket != NULL && bracket > text + host + 2;
	}
	host_len = strcspn(text + host, ":/?#");
	return host_len > 0 && memchr(text, '[', len) == NULL && memchr(text, ']', len) == NULL;
}

int catalog_url_check(const char *text)
{
	size_t scheme = scheme_len(text), len = strlen(text), fragments = 0;
	const char *rest = text + scheme + 1;
	bool in_authority;

	if (scheme == 0 || len > CATALOG_URL_BYTES_MAX || *rest == '\0')
		return -EBADMSG;
	for (size_t i = 0; i < len; i++) {
		if (!is_url_character(text[i]))
			return -EBADMSG;
		if (text[i] == '%' && (!is_hex(text[i + 1]) || !is_hex(text[i + 2])))
			return -EBADMSG;
		fragments += text[i] == '#';
	}
	if (fragments > 1)
		return -EBADMSG;
	in_authority = strncmp(rest, "//", 2) == 0;
	if (in_authority && needs_host(text, scheme))
		return authority_is_good(rest + 2) ? 0 : -EBADMSG;
	return needs_host(text, scheme) ? -EBADMSG : 0;
}

int catalog_url_repair(const char *text, struct catalog_buffer *ret_url)
{
	static const char space[] = " \t\r\n";
	size_t before = ret_url->len, len;
	int r = 0;

	text += strspn(text, space);
	len = strlen(text);
	while (len > 0 && strchr(space, text[len - 1]) != NULL)
		len--;
	if (strncasecmp(text, "www.", 4) == 0)
		r = catalog_buffer_append(ret_url, "http://", 7);
	for (size_t i = 0; i < len && r == 0; i++) {
		bool bare_percent = text[i] == '%' &&
				    !(i + 2 < len && is_hex(text[i + 1]) && is_hex(text[i + 2]));

		if (is_url_character(text[i]) && !bare_percent)
			r = catalog_buffer_append(ret_url, &text[i], 1);
		else
			r = catalog_buffer_print(ret_url, "%%%02X", (unsigned char)text[i]);
	}
	if (r == 0)
		r = catalog_buffer_append(ret_url, "", 1);
	if (r == 0)
		r = catalog_url_check((const char *)ret_url->bytes + before);
	if (r != 0)
		ret_url->len = before;
	return r;
}
