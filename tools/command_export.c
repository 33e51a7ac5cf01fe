/* tools/command_export.c - page by page: what the node sends at once is all that is in memory. */
#include "tools/command_export.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "catalog/export.h"
#include "catalog/value_get.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/progress.h"

#define URI_BYTES (3 * CATALOG_ID_BYTES_MAX + 128)

struct export
{
	const struct tools_call *call;
	struct node_client *client;
	enum catalog_export_format format;
	FILE *file;
	char federation[17]; /* the first digits of its id */
	char title[CATALOG_CHARTER_TITLE_BYTES_MAX + 1];
	uint64_t written, total; /* total: 0 if unknown */
	struct catalog_buffer text;
	struct tools_progress progress;
};

/* "urn:fedcat:FEDERATION:MEMBER:ID", the id's bytes beyond RFC 3986's unreserved as %XX. */
static void make_uri(const struct export *export, const char *member, const char *id,
		     char ret_uri[URI_BYTES])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";
	size_t len;

	len = (size_t)snprintf(ret_uri, URI_BYTES, "urn:fedcat:%s:%s:", export->federation, member);
	for (; *id != '\0'; id++) {
		assert(len + 4 < URI_BYTES);
		if (strchr(plain, *id) != NULL)
			ret_uri[len++] = *id;
		else
			len += (size_t)snprintf(ret_uri + len, URI_BYTES - len, "%%%02X",
						(unsigned)(unsigned char)*id);
	}
	ret_uri[len] = '\0';
}

/* Write what is gathered.  Returns 0 or an exit status. */
static int flush(struct export *export)
{
	bool is_terminal = isatty(fileno(export->file)) == 1;
	struct catalog_span text = catalog_buffer_span(&export->text);
	bool failed = false;

	if (text.len == 0)
		return 0;
	if (is_terminal)
		failed = tools_output_escaped(export->file, text) != 0;
	else
		failed = fwrite(text.bytes, 1, text.len, export->file) != text.len;
	export->text.len = 0;
	if (!failed)
		return 0;
	return tools_call_fail(export->call, TOOLS_EXIT_FAILED, "cannot write: %s",
			       strerror(errno));
}

static int out_of_memory(const struct export *export)
{
	return tools_call_fail(export->call, TOOLS_EXIT_FAILED, "out of memory");
}

/* Write one page of the node's.  Returns 0 or an exit status. */
static int write_items(struct export *export, const struct catalog_value *items)
{
	struct catalog_export_links links;
	char uri[URI_BYTES];

	for (size_t i = 0; i < catalog_value_count(items); i++) {
		const struct catalog_value *item = catalog_value_at(items, i, NULL);
		const char *member = catalog_value_text(catalog_value_get(item, "member"));
		const char *id = catalog_value_text(catalog_value_get(item, "id"));

		if (member == NULL || id == NULL || catalog_listing_check_id(id) != 0)
			return tools_call_fail(export->call, TOOLS_EXIT_FAILED,
					       "the node's answer is not what this fedcat "
					       "understands; are both of one version?");
		make_uri(export, member, id, uri);
		links.receipt = catalog_value_text(catalog_value_get(item, "receipt"));
		links.log = catalog_value_text(catalog_value_get(item, "log"));
		if (catalog_export_listing(
			    export->format, member, id, uri, catalog_value_get(item, "listing"),
			    links.receipt != NULL && links.log != NULL ? &links : NULL,
			    export->written == 0, &export->text) != 0)
			return out_of_memory(export);
		export->written++;
	}
	return flush(export);
}

static void show_progress(struct export *export)
{
	char count[TOOLS_OUTPUT_TEXT_BYTES], words[TOOLS_OUTPUT_TEXT_BYTES + 20];

	if (isatty(STDOUT_FILENO) == 1 && export->file == stdout)
		return; /* the listings themselves are to be seen */
	tools_output_count(export->written, count);
	(void)snprintf(words, sizeof words, "%s datasets", count);
	tools_progress_update(&export->progress, export->written, export->total, words,
			      uv_hrtime() / 1000000);
}

static int write_pages(struct export *export)
{
	const char *member = tools_call_option(export->call, "member");
	struct catalog_value *request, *answer = NULL;
	char *after = NULL;
	const char *next;
	int status;

	do {
		request = tools_call_with(tools_call_request("export"), "member", member);
		request = tools_call_with(request, "after", after);
		free(after);
		after = NULL;
		status = tools_call_ask(export->call, export->client, request, &answer);
		if (status != 0)
			return status;
		status = write_items(export, catalog_value_get(answer, "items"));
		next = catalog_value_text(catalog_value_get(answer, "after"));
		if (next != NULL && status == 0 && (after = strdup(next)) == NULL)
			status = out_of_memory(export);
		catalog_value_free(answer);
		answer = NULL;
		show_progress(export);
		if (status == 0 && tools_interrupt_came())
			status = tools_call_fail(export->call, TOOLS_EXIT_INTERRUPTED,
						 "interrupted: the export is not whole");
	} while (status == 0 && after != NULL);
	free(after);
	return status;
}

/* Learn the names that go into the export, and how much there will be. */
static int ask_status(struct export *export)
{
	const char *only = tools_call_option(export->call, "member"), *text;
	const struct catalog_value *federation, *members;
	struct catalog_value *answer = NULL;
	int status;

	status =
		tools_call_ask(export->call, export->client, tools_call_request("status"), &answer);
	if (status != 0)
		return status;
	federation = catalog_value_get(answer, "federation");
	text = catalog_value_text(catalog_value_get(federation, "id"));
	(void)snprintf(export->federation, sizeof export->federation, "%.16s",
		       text != NULL ? text : "");
	text = catalog_value_text(catalog_value_get(federation, "name"));
	(void)snprintf(export->title, sizeof export->title, "%s", text != NULL ? text : "");
	export->total = catalog_value_get_count(answer, "listings");
	members = catalog_value_get(answer, "members");
	for (size_t i = 0; only != NULL && i < catalog_value_count(members); i++) {
		const struct catalog_value *one = catalog_value_at(members, i, NULL);

		text = catalog_value_text(catalog_value_get(one, "name"));
		if (text != NULL && strcmp(text, only) == 0)
			export->total = catalog_value_get_count(one, "live");
	}
	catalog_value_free(answer);
	return 0;
}

static int write_all(struct export *export)
{
	int r, status = ask_status(export);

	if (status != 0)
		return status;
	r = catalog_export_begin(export->format, export->title, &export->text);
	if (r != 0)
		return r == -ENOMEM ? out_of_memory(export)
				    : tools_call_fail(export->call, TOOLS_EXIT_FAILED,
						      "this fedcat cannot write that format yet; "
						      "--format native works");
	tools_progress_init(&export->progress, &export->call->err, uv_hrtime() / 1000000);
	status = write_pages(export);
	tools_progress_clear(&export->progress);
	if (status == 0 && catalog_export_end(export->format, &export->text) != 0)
		status = out_of_memory(export);
	return status == 0 ? flush(export) : status;
}

static int show_written(const struct export *export, const char *path)
{
	const struct tools_call *call = export->call;
	char count[TOOLS_OUTPUT_TEXT_BYTES];
	struct catalog_value *answer;
	int status;

	if (!call->json) {
		tools_output_count(export->written, count);
		tools_terminal_print(&call->out, "%s dataset%s written to ", count,
				     export->written == 1 ? "" : "s");
		tools_terminal_text(&call->out, TOOLS_TERMINAL_PLAIN, path);
		tools_terminal_print(&call->out, "\n");
		return 0;
	}
	answer = tools_call_with(catalog_value_new_map(), "output", path);
	answer = tools_call_with_value(answer, "written",
				       catalog_value_new_int((int64_t) export->written));
	status = tools_call_print_json(call, answer);
	catalog_value_free(answer);
	return status;
}

/* To a file that takes path's place when it is whole. */
static int write_file(struct export *export, const char *path)
{
	char draft[NODE_DATADIR_PATH_BYTES];
	int len = snprintf(draft, sizeof draft, "%s.new", path), status;

	if (len < 0 || (size_t)len >= sizeof draft)
		return tools_call_fail(export->call, TOOLS_EXIT_USAGE,
				       "--output: the path is too long");
	export->file = fopen(draft, "we");
	if (export->file == NULL)
		return tools_call_fail(export->call, TOOLS_EXIT_FAILED, "%s: cannot write: %s",
				       draft, strerror(errno));
	status = write_all(export);
	if (fclose(export->file) != 0 && status == 0)
		status = tools_call_fail(export->call, TOOLS_EXIT_FAILED, "%s: cannot write: %s",
					 draft, strerror(errno));
	if (status == 0 && rename(draft, path) != 0)
		status = tools_call_fail(export->call, TOOLS_EXIT_FAILED, "%s: cannot write: %s",
					 path, strerror(errno));
	if (status != 0)
		(void)unlink(draft); /* a rest, with a name that says so */
	return status == 0 ? show_written(export, path) : status;
}

int tools_command_export_run(const struct tools_call *call)
{
	static const struct {
		const char *name;
		enum catalog_export_format format;
	} formats[] = {{"jsonld", CATALOG_EXPORT_JSONLD},
		       {"datajson", CATALOG_EXPORT_DATAJSON},
		       {"ntriples", CATALOG_EXPORT_NTRIPLES},
		       {"native", CATALOG_EXPORT_NATIVE}};
	const char *name = tools_call_option(call, "format");
	const char *path = tools_call_option(call, "output");
	struct export export = {.call = call, .file = stdout};
	int status;

	if (name == NULL)
		name = call->json && path == NULL ? "native" : "jsonld";
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, name) == 0)
			export.format = formats[i].format;
	status = tools_call_open(call, &export.client);
	if (status != 0)
		return status;
	tools_interrupt_catch();
	status = path == NULL || strcmp(path, "-") == 0 ? write_all(&export)
							: write_file(&export, path);
	catalog_buffer_close(&export.text);
	node_client_close(export.client);
	return status;
}
