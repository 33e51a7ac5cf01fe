#include "tools/command_audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "node/audit.h"
#include "tools/output.h"
#include "tools/progress.h"

#define ROUNDS_MAX 1000 /* of mending: each makes one thing right */

struct audit {
	const struct tools_call *call;
	char dir[NODE_DATADIR_PATH_BYTES];
	struct catalog_charter *charter;
	const struct catalog_member *own; /* NULL: none */
	struct tools_progress bar;
	struct node_audit_report report;
	struct catalog_value *repairs; /* what was mended, for --json */
	size_t repair_count;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* never fails for this clock */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show_progress(void *arg, const struct catalog_member *member, uint64_t done,
			  uint64_t total)
{
	struct audit *audit = arg;
	char words[160], count[TOOLS_OUTPUT_TEXT_BYTES], of[TOOLS_OUTPUT_TEXT_BYTES];

	tools_output_count(done, count);
	tools_output_count(total, of);
	if (member == NULL)
		(void)snprintf(words, sizeof words, "the store's tables, %s rows", count);
	else
		(void)snprintf(words, sizeof words, "%s, %s of %s entries", member->name, count,
			       of); /* they fit */
	tools_progress_update(&audit->bar, done, total, words, now_ms());
}

static const char *class_of(const struct node_audit_report *report)
{
	return report->has_bad_pages ? "pages" : catalog_audit_class_name(report->finding.class);
}

static int look(struct audit *audit)
{
	struct node_error error;
	int r;

	tools_progress_init(&audit->bar, &audit->call->err, now_ms());
	r = node_audit_run(audit->dir, audit->charter, show_progress, audit, &audit->report,
			   &error);
	tools_progress_clear(&audit->bar);
	if (r == -EINTR)
		return tools_call_fail(audit->call, TOOLS_EXIT_INTERRUPTED, "%s", error.text);
	return r == 0 ? 0 : tools_call_fail_code(audit->call, r, &error);
}

/* --- what is said ----------------------------------------------------------------------------- */

static struct catalog_value *damage_value(const struct node_audit_report *report)
{
	struct catalog_value *value = catalog_value_new_map();

	value = tools_call_with(value, "class", class_of(report));
	if (report->member != NULL)
		value = tools_call_with(value, "member", report->member->name);
	if (!report->has_bad_pages)
		value = tools_call_with_value(
			value, "entry", catalog_value_new_int((int64_t)report->finding.index));
	return tools_call_with(value, "text", report->finding.text);
}

static int print_json(struct audit *audit)
{
	const struct node_audit_report *report = &audit->report;
	struct catalog_value *value = catalog_value_new_map();
	int status;

	value = tools_call_with_value(value, "damage",
				      report->is_damaged ? damage_value(report)
							 : catalog_value_new_null());
	value = tools_call_with_value(value, "logs",
				      catalog_value_new_int((int64_t)report->log_count));
	value = tools_call_with_value(value, "entries",
				      catalog_value_new_int((int64_t)report->entry_count));
	if (audit->repairs != NULL)
		value = tools_call_with_value(value, "repairs", audit->repairs);
	audit->repairs = NULL;
	status = value != NULL ? tools_call_print_json(audit->call, value)
			       : tools_call_fail(audit->call, TOOLS_EXIT_FAILED, "out of memory");
	catalog_value_free(value);
	return status;
}

static void print_advice(const struct audit *audit)
{
	const struct tools_terminal *t = &audit->call->out;

	if (!audit->report.has_bad_pages) {
		tools_terminal_print(t, "Stop fedcatd and run `fedcat audit --repair`: it mends "
					"this, and what has to be fetched again comes when "
					"fedcatd runs.\n");
		return;
	}
	tools_terminal_print(t, "The disk or what is below it has changed the file, so see to that "
				"first.  Then stop fedcatd, move ");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, audit->dir);
	tools_terminal_print(t,
			     "/" NODE_DATADIR_STORE " away, and start fedcatd: everything comes "
			     "back from the other nodes.%s\n",
			     audit->own != NULL
				     ? "  This member's own log does, too, as far as others hold "
				       "it; keep what was moved away until `fedcat status` shows "
				       "all of it."
				     : "");
}

static int report(struct audit *audit)
{
	const struct node_audit_report *report = &audit->report;
	const struct tools_terminal *t = &audit->call->out;
	char logs[TOOLS_OUTPUT_TEXT_BYTES], entries[TOOLS_OUTPUT_TEXT_BYTES];
	int status = 0;

	if (audit->call->json) {
		status = print_json(audit);
	} else if (report->is_damaged) {
		tools_terminal_text(t, TOOLS_TERMINAL_BAD, "Damaged");
		tools_terminal_print(t, " (%s): ", class_of(report));
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, report->finding.text);
		tools_terminal_print(t, ".\n");
		print_advice(audit);
	} else {
		tools_output_count(report->log_count, logs);
		tools_output_count(report->entry_count, entries);
		tools_terminal_text(t, TOOLS_TERMINAL_GOOD, "Good:");
		tools_terminal_print(t,
				     " %s logs with %s entries, their checkpoints, trees, views "
				     "and the search index are what they must be.\n",
				     logs, entries);
	}
	return status != 0 ? status : report->is_damaged ? TOOLS_EXIT_DAMAGED : TOOLS_EXIT_OK;
}

/* --- mending ---------------------------------------------------------------------------------- */

static int note_repair(struct audit *audit, const struct node_audit_repair *repair)
{
	const struct node_audit_report *report = &audit->report;
	const struct tools_terminal *t = &audit->call->out;
	uint64_t gone = repair->entries_before - repair->entries_after;
	char count[TOOLS_OUTPUT_TEXT_BYTES];
	struct catalog_value *one;

	audit->repair_count++;
	if (!audit->call->json) {
		tools_output_count(gone, count);
		tools_terminal_print(t, "Mended (%s): ", class_of(report));
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, report->finding.text);
		if (gone > 0)
			tools_terminal_print(t,
					     ".  Entries %" PRIu64 " to %" PRIu64
					     " of %s are fetched again when fedcatd runs.\n",
					     repair->entries_after, repair->entries_before - 1,
					     report->member->name);
		else
			tools_terminal_print(t, ".  It was made anew from what is good.\n");
		return 0;
	}
	one = damage_value(report);
	one = tools_call_with_value(one, "entries_kept",
				    catalog_value_new_int((int64_t)repair->entries_after));
	one = tools_call_with_value(one, "entries_to_fetch", catalog_value_new_int((int64_t)gone));
	return one != NULL && catalog_value_append(audit->repairs, one) == 0
		       ? 0
		       : tools_call_fail(audit->call, TOOLS_EXIT_FAILED, "out of memory");
}

/* Make one thing right. */
static int mend(struct audit *audit)
{
	const struct node_audit_report *report = &audit->report;
	enum node_audit_loss loss = tools_call_option(audit->call, "yes") != NULL
					    ? NODE_AUDIT_MAY_LOSE
					    : NODE_AUDIT_KEEP_OWN;
	struct node_audit_repair repair = {0};
	struct node_error error;
	int r = node_audit_mend(audit->dir, audit->charter, report, audit->own, loss, &repair,
				&error);

	if (r == -EPERM)
		return tools_call_fail(
			audit->call, TOOLS_EXIT_REFUSED,
			"%s.  Mending it drops the last %" PRIu64
			" entries of this member's own log and fetches them again; those that no "
			"other node holds would be lost.  If others hold them, or there is no "
			"better copy of the store, say --yes",
			report->finding.text, repair.entries_before - repair.entries_after);
	if (r == -EIO) {
		audit->report.has_bad_pages = true;
		return 0;
	}
	if (r == -EINTR)
		return tools_call_fail(audit->call, TOOLS_EXIT_INTERRUPTED, "%s", error.text);
	return r == 0 ? note_repair(audit, &repair) : tools_call_fail_code(audit->call, r, &error);
}

static int repair_all(struct audit *audit)
{
	struct node_error error;
	int status, lock, r = node_datadir_lock(audit->dir, &lock, &error);

	if (r == -EBUSY)
		return tools_call_fail(audit->call, TOOLS_EXIT_BUSY,
				       "%s.  To mend the store fedcatd must not run: `fedcat stop`",
				       error.text);
	if (r != 0)
		return tools_call_fail_code(audit->call, r, &error);
	if (audit->call->json)
		audit->repairs = catalog_value_new_list();
	do {
		status = look(audit);
		if (status == 0 && audit->report.is_damaged && !audit->report.has_bad_pages)
			status = mend(audit);
		else
			break;
	} while (status == 0 && !audit->report.has_bad_pages && audit->repair_count < ROUNDS_MAX);
	node_datadir_unlock(lock);
	return status;
}

int tools_command_audit_run(const struct tools_call *call)
{
	struct audit audit = {.call = call};
	struct node_error error;
	int r, status = tools_call_dir(call, audit.dir);

	if (status != 0)
		return status;
	if (tools_call_option(call, "yes") != NULL && tools_call_option(call, "repair") == NULL)
		return tools_call_fail(call, TOOLS_EXIT_USAGE, "--yes is for --repair");
	r = node_datadir_charter(audit.dir, &audit.charter, &error);
	if (r == 0)
		r = node_datadir_whose(audit.dir, audit.charter, &audit.own, &error);
	if (r == -ENOENT && audit.charter != NULL)
		r = 0; /* a mirror */
	if (r != 0) {
		catalog_charter_free(audit.charter);
		return tools_call_fail_code(call, r, &error);
	}
	status = tools_call_option(call, "repair") != NULL ? repair_all(&audit) : look(&audit);
	if (status == 0)
		status = report(&audit);
	catalog_value_free(audit.repairs);
	catalog_charter_free(audit.charter);
	return status;
}
