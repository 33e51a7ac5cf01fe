/* tools/command_import.c - records are read from the files, handed to the node in requests of up to
 * a megabyte, and what the node says of each is gathered.  Several files are gone through again for
 * as long as that moves anything, so they may be given in any order. */
#include "tools/command_import.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "catalog/bundle.h"
#include "catalog/note.h"
#include "catalog/value_get.h"
#include "node/bundle.h"
#include "node/control.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/progress.h"

#define READ_BYTES    (64u * 1024)
#define REQUEST_BYTES (1000u * 1000)
#define PASSES_MORE   2
#define ITEM_BYTES    32 /* that an item takes beside its base64 */

_Static_assert(REQUEST_BYTES + 1024 < NODE_CONTROL_REQUEST_MAX, "what surrounds the items");
_Static_assert((CATALOG_BUNDLE_CHUNK_MAX + 2) / 3 * 4 + ITEM_BYTES < REQUEST_BYTES,
	       "any chunk fits");

/* What came of the entries of one member in one file. */
struct brought {
	bool is_seen;
	uint64_t first; /* where its entries begin */
	bool lacks;     /* what is before them is missing: */
	uint64_t held, from;
	bool is_spanned;  /* what is held ends inside of what was pruned */
	const char *word; /* the worst that was said else: NULL, or a result */
};

struct file {
	const char *path;
	bool is_damaged;
	const char *damage;      /* a sentence */
	struct brought *brought; /* of each member */
};

struct import {
	const struct tools_call *call;
	struct node_client *client;
	struct catalog_charter *charter;
	struct file *files;
	size_t file_count;
	uint64_t *before; /* entries of each member */
	bool *is_back;    /* whose log has been begun anew */
	bool has_moved;   /* in this pass */
	uint64_t bytes_done, bytes_total;
	struct tools_progress bar;
	/* The request that is being gathered. */
	struct file *file;
	struct catalog_value *items;
	size_t item_count, item_bytes;
};

static int out_of_memory(const struct import *import)
{
	return tools_call_fail(import->call, TOOLS_EXIT_FAILED, "out of memory");
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* never fails for this clock */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static size_t position_of(const struct catalog_charter *charter, const char *name)
{
	size_t count = catalog_charter_member_count(charter), i = 0;

	while (i < count && strcmp(catalog_charter_member_at(charter, i)->name, name) != 0)
		i++;
	return i;
}

/* --- what the node says ----------------------------------------------------------------------- */

/* Words that say that something is wrong with what was brought. */
static const struct {
	const char *result, *words;
	enum tools_exit status;
} troubles[] = {
	{"unproven", "entries that lead to no signed root", TOOLS_EXIT_UNVERIFIED},
	{"contradiction", "what its member cannot have signed in one history; the log is marked",
	 TOOLS_EXIT_UNVERIFIED},
	{"withheld", "entries of which some that are current were left out", TOOLS_EXIT_UNVERIFIED},
	{"damaged", "records that are not what was written", TOOLS_EXIT_DAMAGED},
	{"no-member",
	 "a log of whom the charter here does not know; it may be older than the bundle",
	 TOOLS_EXIT_NOT_FOUND},
	{"marked", "a log that is marked as forked or broken, of which nothing more is taken",
	 TOOLS_EXIT_OK},
	{"no-checkpoint", "entries without the checkpoint that they are proven under",
	 TOOLS_EXIT_DAMAGED},
};

static const char *trouble_of(const char *result)
{
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++)
		if (strcmp(troubles[i].result, result) == 0)
			return troubles[i].result;
	return NULL;
}

static void note_result(struct import *import, const struct catalog_value *one)
{
	size_t at = position_of(import->charter, catalog_value_get_text(one, "member"));
	struct brought *brought = &import->file->brought[at]; /* one more than members: nobody's */
	const char *result = catalog_value_get_text(one, "result"), *trouble = trouble_of(result);
	uint64_t from = catalog_value_get_count(one, "from"),
		 to = catalog_value_get_count(one, "to");
	bool is_chunk = to > from && strcmp(result, "no-member") != 0;

	if (is_chunk && (!brought->is_seen || from < brought->first)) {
		brought->is_seen = true;
		brought->first = from;
	}
	import->has_moved = import->has_moved || strcmp(result, "taken") == 0;
	if (strcmp(result, "gap") == 0 && !brought->lacks) {
		brought->lacks = true;
		brought->from = from;
		brought->held = catalog_value_get_count(one, "held");
	}
	brought->is_spanned = brought->is_spanned || strcmp(result, "spanned") == 0;
	if (trouble != NULL && brought->word == NULL)
		brought->word = trouble;
}

static int send_items(struct import *import)
{
	struct catalog_value *request, *answer = NULL;
	const struct catalog_value *results;
	int status;

	if (import->item_count == 0)
		return 0;
	request = tools_call_with_value(tools_call_request("bundle-take"), "items", import->items);
	import->items = catalog_value_new_list();
	import->item_count = import->item_bytes = 0;
	if (request == NULL || import->items == NULL) {
		catalog_value_free(request);
		return out_of_memory(import);
	}
	status = tools_call_ask(import->call, import->client, request, &answer);
	if (status != 0)
		return status;
	results = catalog_value_get(answer, "results");
	for (size_t i = 0; i < catalog_value_count(results); i++)
		note_result(import, catalog_value_at(results, i, NULL));
	catalog_value_free(answer);
	if (!tools_interrupt_came())
		return 0;
	tools_progress_clear(&import->bar);
	return tools_call_fail(import->call, TOOLS_EXIT_INTERRUPTED,
			       "interrupted; what was taken stays, and importing again goes on");
}

/* --- reading ---------------------------------------------------------------------------------- */

static int add_record(struct import *import, const struct catalog_bundle_record *record)
{
	struct catalog_value *item = catalog_value_new_map(), *text;
	struct catalog_buffer base64 = {0};
	int status = 0;

	if (catalog_note_append_base64(&base64, record->bytes) != 0)
		goto out;
	if (import->item_count == NODE_BUNDLE_ITEMS_MAX ||
	    import->item_bytes + base64.len + ITEM_BYTES > REQUEST_BYTES)
		status = send_items(import);
	if (status != 0)
		goto out;
	import->item_bytes += base64.len + ITEM_BYTES;
	import->item_count++;
	text = catalog_value_new_string_n((const char *)base64.bytes, base64.len);
	if (record->kind == CATALOG_BUNDLE_HEAD)
		item = tools_call_with_value(item, "log", catalog_value_new_int(record->log));
	item = tools_call_with_value(item, record->kind == CATALOG_BUNDLE_HEAD ? "head" : "chunk",
				     text);
	status = item != NULL && catalog_value_append(import->items, item) == 0
			 ? 0
			 : out_of_memory(import);
	item = NULL; /* the list's */
out:
	if (base64.bytes == NULL)
		status = out_of_memory(import);
	catalog_value_free(item);
	catalog_buffer_close(&base64);
	return status;
}

/* The next record, with more of the file if need be.  Returns 0, -ENODATA if the file ends before
 * its end, -EBADMSG, -ENOMEM. */
static int next_record(struct catalog_bundle_reader *reader, FILE *file,
		       struct catalog_buffer *bytes, size_t *at,
		       struct catalog_bundle_record *ret_record)
{
	for (;;) {
		size_t used = 0, n;
		int r = catalog_bundle_read(
			reader, (struct catalog_span){bytes->bytes + *at, bytes->len - *at}, &used,
			ret_record);

		*at += used;
		if (r != -EAGAIN)
			return r;
		memmove(bytes->bytes, bytes->bytes + *at, bytes->len - *at);
		bytes->len -= *at;
		*at = 0;
		if (catalog_buffer_reserve(bytes, READ_BYTES) != 0)
			return -ENOMEM;
		n = fread(bytes->bytes + bytes->len, 1, READ_BYTES, file);
		if (n == 0)
			return -ENODATA;
		bytes->len += n;
	}
}

static void show_progress(struct import *import, uint64_t bytes)
{
	char words[120];

	import->bytes_done += bytes;
	(void)snprintf(words, sizeof words, "%.100s", import->file->path); /* cut: for people */
	tools_progress_update(&import->bar, import->bytes_done, import->bytes_total, words,
			      now_ms());
}

static int read_records(struct import *import, struct catalog_bundle_reader *reader, FILE *file,
			struct catalog_buffer *bytes)
{
	struct catalog_bundle_record record;
	struct file *of = import->file;
	int r, status = 0;
	size_t at = 0;

	do {
		r = next_record(reader, file, bytes, &at, &record);
		if (r != 0)
			break;
		show_progress(import, record.bytes.len);
		if (!catalog_hash_equal(catalog_bundle_federation(reader),
					catalog_charter_federation(import->charter)))
			return tools_call_fail(import->call, TOOLS_EXIT_UNVERIFIED,
					       "%s: it is of another federation than this node",
					       of->path);
		if (record.kind != CATALOG_BUNDLE_END)
			status = add_record(import, &record);
	} while (status == 0 && record.kind != CATALOG_BUNDLE_END);
	if (status == 0 && r == -ENOMEM)
		return out_of_memory(import);
	if (status == 0)
		status = send_items(import);
	if (r == 0 && (at < bytes->len || fgetc(file) != EOF))
		r = -EBADMSG;
	of->is_damaged = r != 0;
	of->damage =
		r == 0 ? NULL
		: r == -ENODATA
			? "it was cut off; what is whole before that was looked at"
			: "it is damaged, or no bundle; what is whole before that was looked at";
	return status;
}

static int take_file(struct import *import, struct file *file)
{
	struct catalog_bundle_reader *reader = NULL;
	struct catalog_buffer bytes = {0};
	FILE *stream = fopen(file->path, "rb");
	int status;

	if (stream == NULL)
		return tools_call_fail(import->call, TOOLS_EXIT_NOT_FOUND, "%s: %s", file->path,
				       strerror(errno));
	import->file = file;
	memset(file->brought, 0,
	       (catalog_charter_member_count(import->charter) + 1) * sizeof *file->brought);
	status = catalog_bundle_reader_new(&reader) == 0 &&
				 catalog_buffer_reserve(&bytes, READ_BYTES) == 0
			 ? read_records(import, reader, stream, &bytes)
			 : out_of_memory(import);
	catalog_bundle_reader_free(reader);
	catalog_buffer_close(&bytes);
	(void)fclose(stream); /* nothing was written */
	return status;
}

/* --- several times ---------------------------------------------------------------------------- */

/* History was pruned around where a log ends here: begin it anew, if the file has all of it. */
static int begin_anew(struct import *import, const struct file *file, size_t member)
{
	struct catalog_value *request, *answer = NULL;
	struct node_error error;
	int r;

	if (!file->brought[member].is_spanned || file->brought[member].first > 0 ||
	    import->is_back[member])
		return 0;
	import->is_back[member] = true;
	request = tools_call_with(tools_call_request("bundle-back"), "member",
				  catalog_charter_member_at(import->charter, member)->name);
	if (request == NULL)
		return out_of_memory(import);
	r = node_client_call(import->client, request, &answer, &error);
	catalog_value_free(answer);
	if (r == -EPERM)
		return 0; /* our own: it is said to be spanned */
	import->has_moved = true;
	return r == 0 ? 0 : tools_call_fail_code(import->call, r, &error);
}

static bool wants_more(const struct import *import, const struct file *file)
{
	for (size_t i = 0; i < catalog_charter_member_count(import->charter); i++)
		if (file->brought[i].lacks || file->brought[i].is_spanned)
			return true;
	return false;
}

static int take_all(struct import *import)
{
	/* Each pass takes the next of the files that need one another at least, and a log may be
	 * begun anew before. */
	size_t passes_max = import->file_count + PASSES_MORE;
	bool is_first = true, wants = true;
	int status = 0;

	import->has_moved = true;
	for (size_t pass = 0; pass < passes_max && status == 0 && wants && import->has_moved;
	     pass++) {
		import->has_moved = false;
		import->bytes_done = 0;
		for (size_t i = 0; i < import->file_count && status == 0; i++)
			if (is_first || wants_more(import, &import->files[i]))
				status = take_file(import, &import->files[i]);
		wants = false;
		for (size_t i = 0; i < import->file_count && status == 0; i++) {
			wants = wants || wants_more(import, &import->files[i]);
			for (size_t k = 0;
			     k < catalog_charter_member_count(import->charter) && status == 0; k++)
				status = begin_anew(import, &import->files[i], k);
		}
		is_first = false;
	}
	tools_progress_clear(&import->bar);
	return status;
}

/* --- what is said ----------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static void warn(const struct import *import,
						       const struct file *file,
						       struct catalog_value *problems,
						       const char *format, ...)
{
	struct catalog_value *one;
	char text[NODE_ERROR_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args); /* cut: for people */
	va_end(args);
	if (!import->call->json) {
		tools_terminal_text(&import->call->out, TOOLS_TERMINAL_WORSE, file->path);
		tools_terminal_print(&import->call->out, ": ");
		tools_terminal_text(&import->call->out, TOOLS_TERMINAL_PLAIN, text);
		tools_terminal_print(&import->call->out, ".\n");
		return;
	}
	one = tools_call_with(catalog_value_new_map(), "file", file->path);
	one = tools_call_with(one, "text", text);
	if (one != NULL)
		(void)catalog_value_append(problems, one); /* the exit code tells it, too */
}

static enum tools_exit worse(enum tools_exit a, enum tools_exit b)
{
	return a > b ? a : b;
}

/* What is wrong with one member's entries in one file. */
static enum tools_exit report_member(const struct import *import, const struct file *file,
				     size_t member, struct catalog_value *problems)
{
	const struct brought *brought = &file->brought[member];
	const char *name = member < catalog_charter_member_count(import->charter)
				   ? catalog_charter_member_at(import->charter, member)->name
				   : "nobody known here";
	enum tools_exit status = TOOLS_EXIT_OK;

	if (brought->lacks) {
		warn(import, file, problems,
		     "of %s it begins with entry %" PRIu64 ", and this node holds %" PRIu64
		     "; import the bundle with entries %" PRIu64 " to %" PRIu64 " first",
		     name, brought->from, brought->held, brought->held, brought->from - 1);
		status = TOOLS_EXIT_NOT_FOUND;
	}
	if (brought->is_spanned) {
		warn(import, file, problems,
		     "history of %s was pruned around what this node holds; it takes a bundle with "
		     "all of %s (without --since)",
		     name, name);
		status = TOOLS_EXIT_NOT_FOUND;
	}
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		if (brought->word != troubles[i].result)
			continue;
		warn(import, file, problems, "it has, of %s, %s", name, troubles[i].words);
		status = worse(status, troubles[i].status);
	}
	return status;
}

static enum tools_exit report_files(const struct import *import, struct catalog_value *problems)
{
	enum tools_exit status = TOOLS_EXIT_OK;

	for (size_t i = 0; i < import->file_count; i++) {
		const struct file *file = &import->files[i];

		for (size_t k = 0; k <= catalog_charter_member_count(import->charter); k++)
			status = worse(status, report_member(import, file, k, problems));
		if (!file->is_damaged)
			continue;
		warn(import, file, problems, "%s", file->damage);
		status = worse(status, TOOLS_EXIT_DAMAGED);
	}
	return status;
}

static void show_member(const struct import *import, const struct catalog_value *member,
			uint64_t before, uint64_t now)
{
	const struct tools_terminal *t = &import->call->out;
	char more[TOOLS_OUTPUT_TEXT_BYTES], all[TOOLS_OUTPUT_TEXT_BYTES],
		time[TOOLS_OUTPUT_TEXT_BYTES];
	const char *current = catalog_value_get_text(member, "current");

	tools_output_count(now - before, more);
	tools_output_count(now, all);
	tools_output_time(current, time);
	tools_terminal_print(t, "%s: %s new entries, %s now",
			     catalog_value_get_text(member, "name"), more, all);
	if (current[0] != '\0')
		tools_terminal_print(t, ", current as of %s", time);
	else if (strcmp(catalog_value_get_text(member, "state"), "complete") != 0)
		tools_terminal_print(t, ", %s", catalog_value_get_text(member, "state"));
	tools_terminal_print(t, "\n");
}

/* Whose log has moved. */
static int report_members(const struct import *import, const struct catalog_value *status,
			  struct catalog_value *list)
{
	const struct catalog_value *members = catalog_value_get(status, "members");
	size_t moved = 0;

	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);
		const char *name = catalog_value_get_text(member, "name");
		size_t at = position_of(import->charter, name);
		uint64_t now = catalog_value_get_count(member, "entries"), before;
		struct catalog_value *one;

		if (at == catalog_charter_member_count(import->charter))
			continue;
		before = import->before[at];
		if (now <= before)
			continue;
		moved++;
		if (!import->call->json) {
			show_member(import, member, before, now);
			continue;
		}
		one = tools_call_with(catalog_value_new_map(), "member", name);
		one = tools_call_with_value(one, "new",
					    catalog_value_new_int((int64_t)(now - before)));
		one = tools_call_with_value(one, "entries", catalog_value_new_int((int64_t)now));
		one = tools_call_with(one, "state", catalog_value_get_text(member, "state"));
		one = tools_call_with(one, "current",
				      catalog_value_text(catalog_value_get(member, "current")));
		if (one == NULL || catalog_value_append(list, one) != 0)
			return out_of_memory(import);
	}
	if (moved == 0 && !import->call->json)
		tools_terminal_print(&import->call->out, "Nothing new.\n");
	return 0;
}

static int report(const struct import *import)
{
	struct catalog_value *answer = NULL, *value = NULL;
	struct catalog_value *list = catalog_value_new_list(), *problems = catalog_value_new_list();
	enum tools_exit wrong;
	int status;

	status = list != NULL && problems != NULL
			 ? tools_call_ask(import->call, import->client,
					  tools_call_request("status"), &answer)
			 : out_of_memory(import);
	if (status == 0)
		status = report_members(import, answer, list);
	if (status != 0)
		goto out;
	wrong = report_files(import, problems);
	if (import->call->json) {
		value = tools_call_with_value(catalog_value_new_map(), "members", list);
		value = tools_call_with_value(value, "problems", problems);
		list = problems = NULL;
		status = value != NULL ? tools_call_print_json(import->call, value)
				       : out_of_memory(import);
	}
	if (status == 0)
		status = (int)wrong;
out:
	catalog_value_free(value);
	catalog_value_free(answer);
	catalog_value_free(list);
	catalog_value_free(problems);
	return status;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int ask_before(struct import *import)
{
	struct catalog_value *answer = NULL;
	const struct catalog_value *members;
	int status =
		tools_call_ask(import->call, import->client, tools_call_request("status"), &answer);

	if (status != 0)
		return status;
	members = catalog_value_get(answer, "members");
	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);
		size_t at = position_of(import->charter, catalog_value_get_text(member, "name"));

		if (at < catalog_charter_member_count(import->charter))
			import->before[at] = catalog_value_get_count(member, "entries");
	}
	catalog_value_free(answer);
	return 0;
}

static int prepare(struct import *import)
{
	size_t members = catalog_charter_member_count(import->charter) + 1;

	import->file_count = import->call->word_count;
	import->files = calloc(import->file_count, sizeof *import->files);
	import->before = calloc(members, sizeof *import->before);
	import->is_back = calloc(members, sizeof *import->is_back);
	import->items = catalog_value_new_list();
	if (import->files == NULL || import->before == NULL || import->is_back == NULL ||
	    import->items == NULL)
		return out_of_memory(import);
	for (size_t i = 0; i < import->file_count; i++) {
		struct stat stat_of;

		import->files[i].path = import->call->words[i];
		import->files[i].brought = calloc(members, sizeof *import->files[i].brought);
		if (import->files[i].brought == NULL)
			return out_of_memory(import);
		if (stat(import->files[i].path, &stat_of) == 0)
			import->bytes_total += (uint64_t)stat_of.st_size;
	}
	return ask_before(import);
}

static void close_import(struct import *import)
{
	for (size_t i = 0; import->files != NULL && i < import->file_count; i++)
		free(import->files[i].brought);
	free(import->files);
	free(import->before);
	free(import->is_back);
	catalog_value_free(import->items);
	node_client_close(import->client);
	catalog_charter_free(import->charter);
}

int tools_command_import_run(const struct tools_call *call)
{
	struct import import = {.call = call};
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	int r, status = tools_call_dir(call, dir);

	if (status == 0)
		status = tools_call_open(call, &import.client);
	if (status == 0) {
		r = node_datadir_charter(dir, &import.charter, &error);
		if (r != 0)
			status = tools_call_fail_code(call, r, &error);
	}
	if (status == 0)
		status = prepare(&import);
	if (status == 0) {
		tools_interrupt_catch();
		tools_progress_init(&import.bar, &call->err, now_ms());
		status = take_all(&import);
	}
	if (status == 0)
		status = report(&import);
	close_import(&import);
	return status;
}
