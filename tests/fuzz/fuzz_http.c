/* An HTTP request: the first line is its target, the rest the value of a header.  Whatever they
 * are: no crash; what is taken apart is UTF-8 within the request; and nothing of it is markup on a
 * page. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/utf8.h"
#include "node/html.h"
#include "node/http_request.h"
#include "tests/fuzz/target.h"

static void look_at_text(const struct node_http_request *request, const char *text)
{
	struct catalog_buffer page = {0};
	struct node_html html = {.buffer = &page};

	require(text >= request->text && text < request->text + sizeof request->text);
	require(catalog_utf8_check(text, strlen(text)) == 0);
	node_html_text(&html, text);
	node_html_segment(&html, text);
	require(html.failed == 0);
	for (size_t i = 0; i < page.len; i++)
		require(strchr("<>\"'", page.bytes[i]) == NULL || page.bytes[i] == '\0');
	catalog_buffer_close(&page);
}

static void look_at_target(const char *target)
{
	static struct node_http_request request;
	enum node_http_request_form form;
	struct node_error error;

	error.text[0] = '\0';
	if (node_http_request_read(target, &request, &form, &error) != 0) {
		require(error.text[0] != '\0');
		return;
	}
	require(strlen(target) <= NODE_HTTP_REQUEST_TARGET_MAX);
	require(request.id == NULL || request.member != NULL);
	require(request.id != NULL || (request.route != NODE_HTTP_REQUEST_PAGE &&
				       request.route != NODE_HTTP_REQUEST_LISTING &&
				       request.route != NODE_HTTP_REQUEST_RECEIPT &&
				       request.route != NODE_HTTP_REQUEST_TILE));
	if (request.member != NULL)
		look_at_text(&request, request.member);
	if (request.id != NULL)
		look_at_text(&request, request.id);
	for (size_t i = 0; i < request.parameter_count; i++) {
		look_at_text(&request, request.parameters[i].name);
		look_at_text(&request, request.parameters[i].value);
	}
}

static void look_at_header(const char *value)
{
	static const struct node_config_address listen = {.host = "127.0.0.1", .port = 7480};
	char lang[NODE_HTTP_REQUEST_LANG_BYTES];

	(void)node_http_request_host(value, &listen);
	(void)node_http_request_token(value);
	(void)node_http_request_accepts(value, "application/json");
	(void)node_http_request_matches(value, "\"tag\"");
	node_http_request_language(value, lang);
	require(strlen(lang) < sizeof lang);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *header;

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	header = strchr(text, '\n');
	if (header != NULL)
		*header++ = '\0';
	look_at_target(text);
	if (header != NULL)
		look_at_header(header);
	free(text);
	return 0;
}
