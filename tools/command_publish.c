/* tools/command_publish.c - a run of publishing: files are read record by record, listings go to
 * the node as they come, and a report says what became of each.
 *
 * --strict rehearses first: the same run, dry, so that the node's own judgement is in it, and the
 * real run begins only when no record was bad.  Not one run that is undone: what is in the log and
 * signed stays there.
 */
#include "tools/command_publish.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <uv.h>

#include "catalog/attest.h"
#include "catalog/reader.h"
#include "catalog/value_get.h"
#include "node/keyfile.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/signing.h"

#define REJECTS_MAX       10000
#define REJECTS_STANDARD  20
#define WITNESS_TIMEOUT_S 60

/* How reading the files ended. */
enum ending {
	ENDING_WHOLE,
	ENDING_BAD_RECORD, /* --strict */
	ENDING_BAD_FILE,
	ENDING_INTERRUPTED,
	ENDING_NODE, /* the node failed: the run is over */
};

struct run {
	const struct tools_call *call;
	struct node_client *client;
	bool is_strict, is_dry, withdraws;
	const char *file; /* being read */
	uint64_t read, repaired, rejected;
	struct catalog_value *rejections; /* list of what is reported one by one */
	unsigned long rejections_max;
	unsigned long witnesses; /* to be found when all is published */
	enum ending ending;
	struct node_error error; /* of the node, or of a file */
	int error_code;
	struct tools_progress progress;
	uint64_t bytes_before, bytes_total; /* of the files: read before this one; in all */
};

/* --- reading ------------------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static void note_rejection(struct run *run, const char *place, const char *id, const char *path,
			   const char *found, const char *expected)
{
	struct catalog_value *one = catalog_value_new_map();

	if (catalog_value_count(run->rejections) >= run->rejections_max) {
		catalog_value_free(one);
		return;
	}
	one = tools_call_with(one, "file", run->file);
	one = tools_call_with(one, "place", place);
	one = tools_call_with(one, "id", id);
	one = tools_call_with(one, "path", path);
	one = tools_call_with(one, "found", found);
	one = tools_call_with(one, "expected", expected);
	if (one != NULL)
		(void)catalog_value_append(run->rejections, one); /* else it is only counted */
}

/* A node_client_rejected: the node did not like what the reader took. */
static void on_rejected(void *arg, const char *id, const char *path, const char *found,
			const char *expected)
{
	struct run *run = arg;

	run->rejected++;
	note_rejection(run, NULL, id, path, found, expected);
	if (run->is_strict)
		run->ending = ENDING_BAD_RECORD;
}

/* A catalog_reader_each. */
static int each(void *arg, const struct catalog_reader_record *record)
{
	struct run *run = arg;
	int r = 0;

	if (tools_interrupt_came()) {
		run->ending = ENDING_INTERRUPTED;
		return -EINTR;
	}
	run->read++;
	if (record->listing != NULL) {
		run->repaired += record->repairs > 0;
		r = node_client_put(run->client, record->id, record->listing, &run->error);
	} else {
		run->rejected++;
		note_rejection(run, record->place, record->id, record->problem->path,
			       record->problem->found, record->problem->expected);
		if (run->is_strict)
			run->ending = ENDING_BAD_RECORD;
		else if (record->id != NULL)
			r = node_client_reject(run->client, record->id, &run->error);
	}
	if (r != 0) {
		run->ending = ENDING_NODE;
		run->error_code = r;
		return r;
	}
	return run->ending == ENDING_BAD_RECORD ? -ECANCELED : 0;
}

/* A catalog_reader_progress. */
static void on_progress(void *arg, uint64_t done_bytes, uint64_t total_bytes)
{
	struct run *run = arg;
	char count[TOOLS_OUTPUT_TEXT_BYTES], words[TOOLS_OUTPUT_TEXT_BYTES + 40];

	(void)total_bytes; /* of this file: known already */
	tools_output_count(run->read, count);
	(void)snprintf(words, sizeof words, "%s listings %s", count,
		       run->is_dry ? "checked" : "published");
	tools_progress_update(&run->progress, run->bytes_before + done_bytes, run->bytes_total,
			      words, now_ms());
}

static void read_file(struct run *run, struct catalog_reader_options *options)
{
	struct catalog_reader_error error = {""};
	struct stat status;
	int r;

	r = catalog_reader_read(run->file, options, each, run, &error);
	if (stat(run->file, &status) == 0)
		run->bytes_before += (uint64_t)status.st_size;
	if (r == 0 || run->ending != ENDING_WHOLE)
		return;
	run->ending = ENDING_BAD_FILE;
	run->error_code = r;
	if (strncmp(error.text, run->file, strlen(run->file)) == 0)
		(void)node_error_set(&run->error, r, "%s", error.text);
	else if (error.text[0] != '\0')
		(void)node_error_set(&run->error, r, "%s: %s", run->file, error.text);
	else
		(void)node_error_set(&run->error, r, "%s: %s", run->file, node_error_words(r));
}

static void read_files(struct run *run, struct catalog_reader_options *options)
{
	struct stat status;

	for (size_t i = 0; i < run->call->word_count; i++)
		if (stat(run->call->words[i], &status) == 0)
			run->bytes_total += (uint64_t)status.st_size;
	options->progress = run->call->json ? NULL : on_progress;
	options->progress_arg = run;
	tools_progress_init(&run->progress, &run->call->err, now_ms());
	for (size_t i = 0; i < run->call->word_count && run->ending == ENDING_WHOLE; i++) {
		run->file = run->call->words[i];
		read_file(run, options);
	}
	tools_progress_clear(&run->progress);
}

/* --- the report ---------------------------------------------------------------------------- */

static struct catalog_value *with_count(struct catalog_value *map, const char *key, uint64_t count)
{
	return tools_call_with_value(map, key, catalog_value_new_int((int64_t)count));
}

/* Whether the node ended the run before it was through; what it refuses at the end is kept. */
static bool is_cut_short(const struct run *run)
{
	return run->ending == ENDING_NODE && run->error_code != -EPERM;
}

/* What became of the run, as JSON has it.  answer is that of publish-end, NULL if there is none. */
static struct catalog_value *make_report(struct run *run, const char *member,
					 const struct catalog_value *answer)
{
	const struct node_client_counts *counts = node_client_counts(run->client);
	struct catalog_value *report = catalog_value_new_map();
	uint64_t listed = catalog_value_count(run->rejections);

	report = tools_call_with(report, "member", member);
	report = tools_call_with_value(report, "dry_run", catalog_value_new_bool(run->is_dry));
	report = tools_call_with_value(
		report, "complete",
		catalog_value_new_bool(answer != NULL && run->ending == ENDING_WHOLE));
	report = with_count(report, "read", run->read);
	if (is_cut_short(run)) { /* what else it answered may be lost with it */
		report = with_count(report, "kept", counts->kept);
	} else {
		report = with_count(report, "new", counts->created);
		report = with_count(report, "changed", counts->changed);
		report = with_count(report, "unchanged", counts->unchanged);
	}
	report = with_count(report, "repaired", run->repaired);
	report = with_count(report, "rejected", run->rejected);
	report = with_count(report, "withdrawn", catalog_value_get_count(answer, "withdrawn"));
	if (answer != NULL) {
		report = with_count(report, "live", catalog_value_get_count(answer, "live"));
		report = tools_call_with_value(
			report, "checkpoint",
			catalog_value_clone(catalog_value_get(answer, "checkpoint")));
	}
	report = tools_call_with_value(report, "rejections", catalog_value_clone(run->rejections));
	return with_count(report, "rejections_left_out",
			  run->rejected > listed ? run->rejected - listed : 0);
}

static void show_rejections(const struct tools_terminal *t, const struct catalog_value *report)
{
	const struct catalog_value *list = catalog_value_get(report, "rejections");
	uint64_t left_out = catalog_value_get_count(report, "rejections_left_out");
	char count[TOOLS_OUTPUT_TEXT_BYTES];
	char line[1024];

	if (catalog_value_get_count(report, "rejected") == 0)
		return;
	tools_terminal_print(t, "\n");
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, "Rejected");
	tools_terminal_print(t, "\n");
	for (size_t i = 0; i < catalog_value_count(list); i++) {
		const struct catalog_value *one = catalog_value_at(list, i, NULL);
		const char *place = catalog_value_text(catalog_value_get(one, "place"));
		const char *id = catalog_value_text(catalog_value_get(one, "id"));
		const char *found = catalog_value_text(catalog_value_get(one, "found"));
		const char *path = catalog_value_text(catalog_value_get(one, "path"));

		(void)snprintf(line, sizeof line, "%s, %s%s%s: %s%sfound %s, expected %s",
			       catalog_value_text(catalog_value_get(one, "file")),
			       place != NULL ? place : "", place != NULL && id != NULL ? ", " : "",
			       id != NULL ? id : "", path, path[0] != '\0' ? ": " : "",
			       found[0] != '\0' ? found : "nothing",
			       catalog_value_text(catalog_value_get(one, "expected")));
		tools_terminal_print(t, "  ");
		tools_terminal_wrap(t, TOOLS_TERMINAL_PLAIN, line, 4);
	}
	if (left_out > 0) {
		tools_output_count(left_out, count);
		tools_terminal_print(t, "  ... and %s more; --rejects %" PRIu64 " shows them all\n",
				     count, catalog_value_get_count(report, "rejected"));
	}
}

static void show_report(const struct tools_terminal *t, const struct catalog_value *report)
{
	static const char *const rows[] = {"read",      "kept",     "new",      "changed",
					   "unchanged", "repaired", "rejected", "withdrawn"};
	const struct catalog_value *checkpoint = catalog_value_get(report, "checkpoint");
	const char *member = catalog_value_text(catalog_value_get(report, "member"));
	char count[TOOLS_OUTPUT_TEXT_BYTES];

	if (catalog_value_bool(catalog_value_get(report, "dry_run")))
		tools_terminal_print(t, "Checked only; nothing was changed.  It would be:\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t n = catalog_value_get_count(report, rows[i]);

		bool is_bad = n > 0 && strcmp(rows[i], "rejected") == 0;

		if (catalog_value_get(report, rows[i]) == NULL)
			continue;

		tools_output_count(n, count);
		tools_terminal_print(t, "  %-10s ", rows[i]);
		tools_terminal_print(t, "%*s", (int)(11 - strlen(count)), "");
		tools_terminal_text(t, is_bad ? TOOLS_TERMINAL_BAD : TOOLS_TERMINAL_PLAIN, count);
		tools_terminal_print(t, "\n");
	}
	show_rejections(t, report);
	if (catalog_value_get(report, "live") == NULL)
		return;
	tools_output_count(catalog_value_get_count(report, "live"), count);
	tools_terminal_print(t, "\n%s lists %s dataset%s.", member, count,
			     catalog_value_get_count(report, "live") == 1 ? "" : "s");
	if (catalog_value_type(checkpoint) == CATALOG_VALUE_MAP) {
		tools_output_count(catalog_value_get_count(checkpoint, "size"), count);
		tools_terminal_print(t, "  Signed: %s entries, root %.16s", count,
				     catalog_value_text(catalog_value_get(checkpoint, "root")));
	}
	tools_terminal_print(t, "\n");
	if (catalog_value_get(report, "witnesses") != NULL) {
		tools_output_count(
			catalog_value_get_count(catalog_value_get(report, "witnesses"), "found"),
			count);
		tools_terminal_print(t, "Cosigned by %s other members.\n", count);
	}
}

/* --- a run --------------------------------------------------------------------------------- */

static int begin(struct run *run, char ret_member[CATALOG_MEMBER_NAME_BYTES_MAX + 1])
{
	struct catalog_value *request = tools_call_request("publish-begin"), *answer = NULL;
	bool yes = tools_call_option(run->call, "yes") != NULL;
	int status;

	request = tools_call_with_value(request, "withdraw_missing",
					catalog_value_new_bool(run->withdraws));
	request = tools_call_with_value(request, "yes", catalog_value_new_bool(yes));
	request = tools_call_with_value(request, "dry", catalog_value_new_bool(run->is_dry));
	status = tools_signing_ask(run->call, run->client, request, &answer);
	if (status == 0)
		(void)snprintf(ret_member, CATALOG_MEMBER_NAME_BYTES_MAX + 1, "%s",
			       catalog_value_text(catalog_value_get(answer, "member")));
	catalog_value_free(answer);
	return status;
}

/* The node failed or went away: say how much of what was read it has acknowledged as kept.  Returns
 * the exit status. */
static int explain_node(struct run *run)
{
	char kept[TOOLS_OUTPUT_TEXT_BYTES], read[TOOLS_OUTPUT_TEXT_BYTES];
	struct node_error error;

	if (!is_cut_short(run) || run->is_dry)
		return tools_call_fail_code(run->call, run->error_code, &run->error);
	tools_output_count(node_client_counts(run->client)->kept, kept);
	tools_output_count(run->read, read);
	(void)node_error_set(&error, run->error_code,
			     "%.300s.  Of %s listings read, %s are acknowledged as published and "
			     "signed%s; publishing again adds only the rest",
			     run->error.text, read, kept,
			     run->withdraws ? ", and nothing was withdrawn" : "");
	return tools_call_fail_code(run->call, run->error_code, &error);
}

/* Say how a run that did not come to its end went.  Returns the exit status. */
static int explain(struct run *run, bool was_ended)
{
	const char *kept = run->is_dry || run->read == 0 ? "nothing was changed"
			   : was_ended ? "what was read before is published and signed; publish "
					 "again to complete it"
				       : "nothing was withdrawn, and of what was read before, "
					 "complete batches are published; publish again to "
					 "complete it";

	switch (run->ending) {
	case ENDING_WHOLE: return TOOLS_EXIT_OK;
	case ENDING_BAD_RECORD:
		return tools_call_fail(run->call, TOOLS_EXIT_REJECTED,
				       "a record is not good, and --strict was given: "
				       "nothing was published.  Mend it, or leave --strict out");
	case ENDING_INTERRUPTED:
		return tools_call_fail(run->call, TOOLS_EXIT_INTERRUPTED, "interrupted: %s", kept);
	case ENDING_BAD_FILE: {
		struct node_error error;

		(void)node_error_set(&error, run->error_code, "%.400s; %s", run->error.text, kept);
		return tools_call_fail_code(run->call, run->error_code, &error);
	}
	case ENDING_NODE: return explain_node(run);
	}
	return TOOLS_EXIT_FAILED;
}

/* Read the files in a run of the node's, and end it as its reading ended: *ret_ended is whether it
 * was ended and not given up.  *ret_report is the caller's.  Returns 0, or an exit status if the
 * run could not begin. */
static int publish(struct run *run, struct catalog_reader_options *options,
		   struct catalog_value **ret_report, bool *ret_ended)
{
	char member[CATALOG_MEMBER_NAME_BYTES_MAX + 1] = "";
	struct catalog_value *answer = NULL, *request;
	struct node_error error;
	bool ends;
	int r = 0, status;

	status = begin(run, member);
	if (status != 0)
		return status;
	read_files(run, options);
	ends = run->ending == ENDING_WHOLE ||
	       (!run->withdraws &&
		(run->ending == ENDING_BAD_FILE || run->ending == ENDING_INTERRUPTED));
	if (run->ending != ENDING_NODE) {
		request = tools_call_request(ends ? "publish-end" : "publish-abort");
		r = node_client_call(run->client, request, &answer, &error);
	}
	if (r != 0) {
		run->ending = ENDING_NODE;
		run->error_code = r;
		run->error = error;
	}
	*ret_ended = ends && r == 0;
	*ret_report = make_report(run, member, *ret_ended ? answer : NULL);
	catalog_value_free(answer);
	return 0;
}

static int show(const struct run *run, const struct catalog_value *report)
{
	if (run->call->json)
		return tools_call_print_json(run->call, report);
	if (report == NULL)
		return tools_call_fail(run->call, TOOLS_EXIT_FAILED, "out of memory");
	show_report(&run->call->out, report);
	return 0;
}

/* Have other members' nodes cosign what is published, and add to the report how many did.  Returns
 * 0, or an exit status: the report is shown all the same. */
static int find_witnesses(const struct run *run, struct catalog_value **report)
{
	struct catalog_value *request = tools_call_request("witness"), *answer = NULL;
	uint64_t found;
	int status;

	request = tools_call_with_value(request, "count",
					catalog_value_new_int((int64_t)run->witnesses));
	request = tools_call_with_value(request, "timeout_ms",
					catalog_value_new_int(WITNESS_TIMEOUT_S * 1000));
	status = tools_call_ask(run->call, run->client, request, &answer);
	if (status != 0)
		return status;
	found = catalog_value_get_count(answer, "found");
	*report = tools_call_with_value(*report, "witnesses", answer);
	if (found >= run->witnesses)
		return 0;
	return tools_call_fail(run->call, TOOLS_EXIT_REFUSED,
			       "published, and cosigned by %llu of the %lu members' nodes that "
			       "were asked for within %d s; with more links (`fedcat status`) the "
			       "same command asks again, and publishes nothing twice",
			       (unsigned long long)found, run->witnesses, WITNESS_TIMEOUT_S);
}

/* One run from begin to report.  Returns an exit status. */
static int run_once(struct run *run, struct catalog_reader_options *options, bool shows)
{
	struct catalog_value *report = NULL;
	bool ended = false;
	int status, witnessed = 0;

	run->read = run->repaired = run->rejected = 0;
	run->bytes_before = run->bytes_total = 0;
	run->ending = ENDING_WHOLE;
	run->rejections = catalog_value_new_list();
	if (run->rejections == NULL)
		return tools_call_fail(run->call, TOOLS_EXIT_FAILED, "out of memory");
	status = publish(run, options, &report, &ended);
	if (status == 0 && ended && run->witnesses > 0 && !run->is_dry)
		witnessed = find_witnesses(run, &report);
	/* A file that could not even be begun needs no table of noughts. */
	if (status == 0 && (shows || run->ending == ENDING_BAD_RECORD) &&
	    (run->call->json || run->read > 0 || run->ending == ENDING_WHOLE))
		status = show(run, report);
	if (status == 0)
		status = explain(run, ended);
	if (status == 0)
		status = witnessed;
	catalog_value_free(report);
	catalog_value_free(run->rejections);
	run->rejections = NULL;
	return status;
}

static int read_options(struct run *run, struct catalog_reader_options *ret_options)
{
	const struct tools_call *call = run->call;
	const char *format = tools_call_option(call, "format");
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};

	run->is_strict = tools_call_option(call, "strict") != NULL;
	run->withdraws = tools_call_option(call, "withdraw-missing") != NULL;
	if (tools_call_option(call, "yes") != NULL && !run->withdraws)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--yes goes with --withdraw-missing only");
	if (format != NULL && catalog_reader_format_named(format, &options.format) != 0)
		return tools_call_fail(call, TOOLS_EXIT_USAGE, "--format: \"%.40s\" is not known",
				       format);
	options.default_language = tools_call_option(call, "lang");
	*ret_options = options;
	if (tools_call_number(call, "witnesses", 1, CATALOG_ATTEST_WITNESSES_MAX, 0,
			      &run->witnesses) != 0)
		return TOOLS_EXIT_USAGE;
	return tools_call_number(call, "rejects", 0, REJECTS_MAX, REJECTS_STANDARD,
				 &run->rejections_max);
}

int tools_command_publish_run(const struct tools_call *call)
{
	bool is_dry = tools_call_option(call, "dry-run") != NULL;
	struct catalog_reader_options options;
	struct run run = {.call = call};
	int status;

	status = read_options(&run, &options);
	if (status == 0)
		status = tools_call_open_to_sign(call, &run.client);
	if (status != 0)
		return status;
	node_client_on_rejected(run.client, on_rejected, &run);
	tools_interrupt_catch();
	if (run.is_strict) {
		run.is_dry = true;
		status = run_once(&run, &options, is_dry);
	}
	if (status == 0 && !(run.is_strict && is_dry)) {
		run.is_dry = is_dry;
		status = run_once(&run, &options, true);
	}
	node_client_close(run.client);
	return status;
}
