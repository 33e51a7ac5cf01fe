/* node/audit.c - the child says over a pipe how far it is and what it found; how it ends says the
 * rest.  Messages are structs as they are in memory: both ends are one program. */
#include "node/audit.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog/audit_repair.h"
#include "catalog/charter_store.h"
#include "catalog/log.h"
#include "node/datadir.h"

#define SWEEP_ROWS 10000 /* between two words of progress */

enum message_kind {
	MESSAGE_PROGRESS, /* done of total entries of the member's log; or rows */
	MESSAGE_LOG,      /* the member's log is begun with; total entries */
	MESSAGE_FINDING,
	MESSAGE_PAGES,  /* the store says itself that its pages are damaged */
	MESSAGE_MENDED, /* code; done entries before, total after */
	MESSAGE_END,    /* code */
};

struct message {
	enum message_kind kind;
	uint32_t member; /* UINT32_MAX: none */
	uint64_t done, total;
	int code;
	struct catalog_audit_finding finding;
};

_Static_assert(sizeof(struct message) <= PIPE_BUF, "written whole or not at all");

/* --- the child -------------------------------------------------------------------------------- */

struct child {
	int pipe;
	char store[NODE_DATADIR_PATH_BYTES];
	const struct catalog_charter *charter;
	uint32_t member; /* that is being audited */
	/* To mend: */
	const struct node_audit_report *report;
	const struct catalog_member *own;
	enum node_audit_loss loss;
	struct message mended;
};

static void say(struct child *child, const struct message *message)
{
	/* Without anybody to tell there is nothing more to do. */
	if (write(child->pipe, message, sizeof *message) != (ssize_t)sizeof *message)
		_exit(0);
}

static void say_progress(void *arg, uint64_t done, uint64_t total)
{
	struct child *child = arg;
	struct message message = {.kind = MESSAGE_PROGRESS};

	message.member = child->member;
	message.done = done;
	message.total = total;
	say(child, &message);
}

static void say_end(struct child *child, int code)
{
	struct message message = {.kind = MESSAGE_END, .code = code};

	if (code == -EIO || code == -EBADMSG)
		message.kind = MESSAGE_PAGES;
	say(child, &message);
}

static int compare(const struct catalog_buffer *before, struct catalog_span key)
{
	size_t len = before->len < key.len ? before->len : key.len;
	int r = len > 0 ? memcmp(before->bytes, key.bytes, len) : 0;

	return r != 0 ? r : before->len < key.len ? -1 : 1;
}

/* Every row of a table can be come by, and they stand in their order. */
static int sweep_table(struct child *child, struct catalog_txn *txn, enum catalog_table table,
		       uint64_t *rows)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_buffer before = {0};
	struct catalog_span key, value;
	int r = catalog_store_cursor_open(txn, table, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){NULL, 0}, &key, &value);
	for (; r == 0; r = catalog_store_cursor_next(cursor, &key, &value)) {
		if (key.len > CATALOG_STORE_KEY_BYTES_MAX || compare(&before, key) >= 0) {
			r = -EIO;
			break;
		}
		before.len = 0;
		r = catalog_buffer_append(&before, key.bytes, key.len);
		if (r != 0)
			break;
		if (++*rows % SWEEP_ROWS == 0)
			say_progress(child, *rows, 0);
	}
	catalog_buffer_close(&before);
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}

static int audit_log(struct child *child, struct catalog_txn *txn,
		     const struct catalog_member *member, bool *found)
{
	struct message message = {.kind = MESSAGE_LOG, .member = member->index};
	struct catalog_log_status status = {0};
	int r;

	child->member = member->index;
	/* What cannot be read is for the audit to say. */
	if (catalog_log_status(txn, member->index, &status) == 0)
		message.total = status.size;
	say(child, &message);
	r = catalog_audit_log(txn, child->charter, member, say_progress, child, &message.finding);
	if (r != 0 || message.finding.class == CATALOG_AUDIT_NOTHING)
		return r;
	message.kind = MESSAGE_FINDING;
	say(child, &message);
	*found = true;
	return 0;
}

static int audit_all(struct child *child, struct catalog_txn *txn)
{
	bool found = false;
	uint64_t rows = 0;
	int r = 0;

	child->member = UINT32_MAX;
	for (unsigned i = 0; i < CATALOG_TABLE_COUNT && r == 0; i++)
		r = sweep_table(child, txn, (enum catalog_table)i, &rows);
	if (r == 0)
		r = catalog_charter_store_check(txn);
	for (size_t i = 0; i < catalog_charter_member_count(child->charter) && r == 0 && !found;
	     i++)
		r = audit_log(child, txn, catalog_charter_member_at(child->charter, i), &found);
	return r;
}

static int run_audit(struct child *child)
{
	struct catalog_store *store = NULL;
	struct catalog_txn *txn;
	int r = catalog_store_open_to_read(child->store, &store);

	if (r == 0)
		r = catalog_store_begin(store, &txn);
	if (r == 0) {
		r = audit_all(child, txn);
		catalog_store_end(txn);
	}
	catalog_store_close(store);
	return r;
}

static int mend_body(struct catalog_txn *txn, void *arg)
{
	struct child *child = arg;
	const struct catalog_member *member = child->report->member;
	struct catalog_log_status status = {0};
	struct message *mended = &child->mended;
	int r = 0;

	mended->done = mended->total = 0;
	if (catalog_log_status(txn, member->index, &status) == 0) /* else nothing is known of it */
		mended->done = status.size;
	if (child->report->finding.class == CATALOG_AUDIT_INDEX)
		mended->total = mended->done;
	else
		r = catalog_audit_repair_log(txn, child->charter, member, &child->report->finding,
					     &mended->total);
	if (r == 0 && member == child->own && child->loss == NODE_AUDIT_KEEP_OWN &&
	    mended->total < mended->done)
		return -EPERM;
	return r == 0 ? catalog_audit_repair_index(txn, child->charter) : r;
}

static int run_mend(struct child *child)
{
	struct catalog_store *store = NULL;
	int r = catalog_store_open(child->store, 0, &store);

	if (r != 0)
		return r;
	r = catalog_store_write(store, mend_body, child);
	if (r == 0 || r == -EPERM) {
		child->mended.kind = MESSAGE_MENDED;
		child->mended.code = r;
		say(child, &child->mended);
		r = 0;
	}
	catalog_store_close(store);
	return r;
}

/* What damaged pages lead to is to end the child, silently. */
static void prepare(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGPIPE};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		(void)signal(numbers[i], SIG_DFL); /* fails for no signal that there is */
	if (null >= 0)
		(void)dup2(null, STDERR_FILENO); /* else it is less silent */
}

/* --- the parent ------------------------------------------------------------------------------- */

static int start(struct child *child, int (*run)(struct child *), pid_t *ret_pid, int *ret_pipe,
		 struct node_error *error)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return node_error_set(error, -errno, "cannot make a pipe: %s", strerror(errno));
	(void)fflush(NULL); /* so that nothing is written twice */
	pid = fork();
	if (pid < 0) {
		int r = -errno;

		(void)close(ends[0]); /* nothing was written */
		(void)close(ends[1]);
		return node_error_set(error, r, "cannot start a process: %s", strerror(-r));
	}
	if (pid == 0) {
		(void)close(ends[0]); /* the parent's */
		child->pipe = ends[1];
		prepare();
		say_end(child, run(child));
		_exit(0);
	}
	(void)close(ends[1]); /* the child's */
	*ret_pid = pid;
	*ret_pipe = ends[0];
	return 0;
}

/* Returns 1, 0 at the end, -ETIMEDOUT after too long a silence. */
static int receive(int pipe, struct message *ret_message)
{
	struct pollfd poll_fd = {.fd = pipe, .events = POLLIN};
	struct message message;
	size_t got = 0;

	while (got < sizeof message) {
		int r = poll(&poll_fd, 1, NODE_AUDIT_SILENCE_S * 1000);
		ssize_t n;

		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno == EINTR)
			continue;
		n = read(pipe, (char *)&message + got, sizeof message - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		got += (size_t)n;
	}
	*ret_message = message;
	return 1;
}

/* How the child ended, when it had not said so itself.  Returns whether its pages are why. */
static bool is_ended_by_pages(int status)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};

	if (!WIFSIGNALED(status))
		return true; /* a sanitizer's way */
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (WTERMSIG(status) == numbers[i])
			return true;
	return false;
}

typedef void (*take_message)(void *arg, const struct message *message);

/* Run a child to its end.  Returns 0 and its last word, or -EINTR.  *ret_last is of kind _PAGES
 * also when it crashed or was silent for too long. */
static int run_child(struct child *child, int (*run)(struct child *), take_message take, void *arg,
		     struct message *ret_last, struct node_error *error)
{
	struct message message, last = {.kind = MESSAGE_PROGRESS};
	int pipe = -1, status = 0, r;
	pid_t pid = -1;

	r = start(child, run, &pid, &pipe, error);
	if (r != 0)
		return r;
	while ((r = receive(pipe, &message)) == 1) {
		take(arg, &message);
		last = message;
	}
	(void)close(pipe); /* nothing was written */
	if (r == -ETIMEDOUT)
		(void)kill(pid, SIGKILL); /* it is ours, and there until it is waited for */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (last.kind != MESSAGE_END) {
		if (last.kind != MESSAGE_PAGES && r != -ETIMEDOUT && !is_ended_by_pages(status))
			return node_error_set(
				error, -EINTR,
				"the process that looked at the store was ended by signal %d",
				WTERMSIG(status));
		last.kind = MESSAGE_PAGES;
	}
	*ret_last = last;
	return 0;
}

static int prepare_child(const char *dir, const struct catalog_charter *charter,
			 struct child *ret_child, struct node_error *error)
{
	*ret_child = (struct child){.charter = charter};
	return node_datadir_path(dir, NODE_DATADIR_STORE, ret_child->store, error);
}

static int explain(const struct child *child, int code, struct node_error *error)
{
	switch (code) {
	case 0: return 0;
	case -ENOENT: return node_error_set(error, code, "%s: there is no store", child->store);
	case -EPROTONOSUPPORT:
		return node_error_set(error, code,
				      "%s: a newer fedcat wrote it; install that version",
				      child->store);
	default: return node_error_set(error, code, "%s: %s", child->store, node_error_words(code));
	}
}

struct audit {
	const struct catalog_charter *charter;
	node_audit_progress progress;
	void *arg;
	struct node_audit_report report;
};

static void take_audit(void *arg, const struct message *message)
{
	struct audit *audit = arg;
	struct node_audit_report *report = &audit->report;
	const struct catalog_member *member =
		message->member == UINT32_MAX
			? NULL
			: catalog_charter_member(audit->charter, message->member);

	switch (message->kind) {
	case MESSAGE_PROGRESS:
		if (audit->progress != NULL)
			audit->progress(audit->arg, member, message->done, message->total);
		break;
	case MESSAGE_LOG:
		report->member = member;
		report->log_count++;
		report->entry_count += message->total;
		break;
	case MESSAGE_FINDING:
		report->is_damaged = true;
		report->member = member;
		report->finding = message->finding;
		break;
	case MESSAGE_PAGES:
	case MESSAGE_MENDED:
	case MESSAGE_END: break;
	}
}

int node_audit_run(const char *dir, const struct catalog_charter *charter,
		   node_audit_progress progress, void *arg, struct node_audit_report *ret_report,
		   struct node_error *ret_error)
{
	struct audit audit = {.charter = charter, .progress = progress, .arg = arg};
	struct message last;
	struct child child;
	int r = prepare_child(dir, charter, &child, ret_error);

	if (r == 0)
		r = run_child(&child, run_audit, take_audit, &audit, &last, ret_error);
	if (r == 0 && last.kind == MESSAGE_END)
		r = explain(&child, last.code, ret_error);
	if (r != 0)
		return r;
	if (last.kind == MESSAGE_PAGES && !audit.report.is_damaged) {
		audit.report.is_damaged = audit.report.has_bad_pages = true;
		(void)snprintf(audit.report.finding.text, sizeof audit.report.finding.text,
			       "the store's pages are damaged%s%s",
			       audit.report.member != NULL ? ", found in the log of " : "",
			       audit.report.member != NULL ? audit.report.member->name
							   : ""); /* it fits */
	} else if (!audit.report.is_damaged) {
		audit.report.member = NULL;
	}
	*ret_report = audit.report;
	return 0;
}

static void take_mended(void *arg, const struct message *message)
{
	if (message->kind == MESSAGE_MENDED)
		*(struct message *)arg = *message;
}

int node_audit_mend(const char *dir, const struct catalog_charter *charter,
		    const struct node_audit_report *report, const struct catalog_member *own,
		    enum node_audit_loss loss, struct node_audit_repair *ret_repair,
		    struct node_error *ret_error)
{
	struct message mended = {.kind = MESSAGE_END}, last;
	struct child child;
	int r = prepare_child(dir, charter, &child, ret_error);

	assert(report->is_damaged);
	assert(!report->has_bad_pages);
	assert(report->member != NULL);
	if (r != 0)
		return r;
	child.report = report;
	child.own = own;
	child.loss = loss;
	r = run_child(&child, run_mend, take_mended, &mended, &last, ret_error);
	if (r == 0 && last.kind == MESSAGE_PAGES)
		r = node_error_set(ret_error, -EIO, "the store's pages are damaged");
	if (r == 0)
		r = explain(&child, last.code, ret_error);
	if (r != 0)
		return r;
	assert(mended.kind == MESSAGE_MENDED);
	ret_repair->entries_before = mended.done;
	ret_repair->entries_after = mended.total;
	return mended.code == 0
		       ? 0
		       : node_error_set(ret_error, mended.code, "entries of our own would go");
}
