/* tools/command_health.c - asks fedcatd and nobody else: opening the store ourselves would keep a
 * fedcatd that starts at this moment from it, and say nothing about it. */
#include "tools/command_health.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "catalog/date.h"
#include "catalog/value_get.h"
#include "node/channel.h"
#include "node/control.h"
#include "node/reply.h"
#include "tools/output.h"

#define TIMEOUT_STANDARD 5
#define TIMEOUT_MAX      600
#define NAMES_SHOWN      3

enum state { STATE_OK, STATE_DEGRADED, STATE_UNHEALTHY };

static const char *const words[] = {"ok", "degraded", "unhealthy"};

enum check { CHECK_FEDCATD, CHECK_STORE, CHECK_DISK, CHECK_LOGS, CHECK_PEERS, CHECK_CLOCK, CHECKS };

static const char *const names[CHECKS] = {"fedcatd", "store", "disk", "logs", "peers", "clock"};

struct finding {
	bool made;
	enum state state;
	char text[NODE_ERROR_BYTES];
};

static void found(struct finding *findings, enum check check, enum state state, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));

static void found(struct finding *findings, enum check check, enum state state, const char *format,
		  ...)
{
	struct finding *finding = &findings[check];
	va_list args;

	if (finding->made && finding->state >= state)
		return; /* the worst of a check is what is said */
	finding->made = true;
	finding->state = state;
	va_start(args, format);
	(void)vsnprintf(finding->text, sizeof finding->text, format, args); /* cut: for people */
	va_end(args);
}

/* --- reading the answer -------------------------------------------------------------------- */

static bool flag_of(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

/* Names in a sentence: the first few, and how many more. */
struct list {
	size_t count;
	char text[NAMES_SHOWN * (CATALOG_MEMBER_NAME_BYTES_MAX + 2) + 32];
};

static void add_name(struct list *list, const char *name)
{
	size_t len = strlen(list->text);

	list->count++;
	if (list->count <= NAMES_SHOWN)
		(void)snprintf(list->text + len, sizeof list->text - len, "%s%s",
			       len > 0 ? ", " : "", name); /* it fits */
}

static void end_list(struct list *list)
{
	size_t len = strlen(list->text);

	if (list->count > NAMES_SHOWN)
		(void)snprintf(list->text + len, sizeof list->text - len, " and %zu more",
			       list->count - NAMES_SHOWN); /* it fits */
}

/* --- checks -------------------------------------------------------------------------------- */

static void check_disk(const char *dir, struct finding *findings)
{
	char text[TOOLS_OUTPUT_TEXT_BYTES];
	struct statvfs disk;
	uint64_t free_bytes;

	if (statvfs(dir, &disk) != 0) {
		found(findings, CHECK_DISK, STATE_UNHEALTHY, "%s: %s", dir, strerror(errno));
		return;
	}
	free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	tools_output_bytes(free_bytes, text);
	if ((disk.f_flag & ST_RDONLY) != 0)
		found(findings, CHECK_DISK, STATE_UNHEALTHY, "the disk of %s is read only", dir);
	else if (free_bytes < TOOLS_COMMAND_HEALTH_DISK_BAD)
		found(findings, CHECK_DISK, STATE_UNHEALTHY,
		      "%s free on the disk of %s: nothing more can be stored", text, dir);
	else if (free_bytes < TOOLS_COMMAND_HEALTH_DISK_WORSE)
		found(findings, CHECK_DISK, STATE_DEGRADED, "%s free on the disk of %s", text, dir);
	else
		found(findings, CHECK_DISK, STATE_OK, "%s free", text);
}

static void check_logs(const struct catalog_value *answer, struct finding *findings)
{
	const struct catalog_value *members = catalog_value_get(answer, "members");
	struct list marked = {0}, old = {0};
	const char *own = catalog_value_get_text(answer, "member");
	size_t complete = 0, partial = 0;

	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);
		const char *state = catalog_value_get_text(member, "state"),
			   *name = catalog_value_get_text(member, "name");
		bool bad = strcmp(state, "forked") == 0 || strcmp(state, "broken") == 0;

		if (bad && strcmp(name, own) == 0)
			found(findings, CHECK_LOGS, STATE_DEGRADED,
			      "this member's own log, %s, is marked as %s: nothing can be "
			      "published; see `fedcat fork %s` and ask the council",
			      name, state, name);
		else if (flag_of(member, "old") && strcmp(name, own) == 0)
			found(findings, CHECK_LOGS, STATE_DEGRADED,
			      "this node has not said for two days that the log of %s is its "
			      "newest, and others warn of it: it has no key, or waits to sign",
			      name);
		else if (bad)
			add_name(&marked, name);
		else if (flag_of(member, "old"))
			add_name(&old, name);
		complete += strcmp(state, "complete") == 0;
		partial += strcmp(state, "partial") == 0;
	}
	end_list(&marked);
	end_list(&old);
	if (marked.count > 0)
		found(findings, CHECK_LOGS, STATE_DEGRADED, "marked as forked or broken: %s",
		      marked.text);
	if (old.count > 0)
		found(findings, CHECK_LOGS, STATE_DEGRADED,
		      "not heard of for two days: %s; their nodes are down, or their news do not "
		      "come through",
		      old.text);
	found(findings, CHECK_LOGS, STATE_OK, "%zu logs complete, %zu on their way", complete,
	      partial);
}

static void check_peers(const struct catalog_value *answer, struct finding *findings)
{
	const struct catalog_value *peers = catalog_value_get(answer, "peers");
	const struct catalog_value *signing = catalog_value_get(answer, "signing");
	size_t members = catalog_value_count(catalog_value_get(answer, "members")), linked = 0;
	bool starting = catalog_value_get_count(answer, "uptime_s") < TOOLS_COMMAND_HEALTH_START_S;

	for (size_t i = 0; i < catalog_value_count(peers); i++)
		linked += flag_of(catalog_value_at(peers, i, NULL), "greeted");
	if (linked == 0 && members > 1 && !starting)
		found(findings, CHECK_PEERS, STATE_DEGRADED,
		      "no other node is linked: what is here is served, and gets older");
	else if (!starting && catalog_value_type(signing) == CATALOG_VALUE_MAP &&
		 !flag_of(signing, "confirmed"))
		found(findings, CHECK_PEERS, STATE_DEGRADED,
		      "this member cannot publish yet: %" PRIu64 " of %" PRIu64
		      " members have answered where its log stands",
		      catalog_value_get_count(signing, "answered"),
		      catalog_value_get_count(signing, "needed"));
	found(findings, CHECK_PEERS, STATE_OK, "%zu nodes linked", linked);
}

/* Attestations carry their members' clocks: one that is ahead tells of a clock that is wrong. */
static void check_clock(const struct catalog_value *answer, struct finding *findings)
{
	const struct catalog_value *members = catalog_value_get(answer, "members");
	char limit[CATALOG_DATE_BYTES_MAX + 1];
	struct list ahead = {0};

	catalog_date_from_seconds((int64_t)time(NULL) + TOOLS_COMMAND_HEALTH_AHEAD_S, limit);
	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);

		/* Dates of this form sort as text. */
		if (strcmp(catalog_value_get_text(member, "current"), limit) > 0)
			add_name(&ahead, catalog_value_get_text(member, "name"));
	}
	end_list(&ahead);
	if (ahead.count > 0)
		found(findings, CHECK_CLOCK, STATE_DEGRADED,
		      "signed in what this machine takes for the future: %s; its clock or theirs "
		      "is wrong",
		      ahead.text);
	found(findings, CHECK_CLOCK, STATE_OK, "nobody is ahead of it");
}

/* --- asking -------------------------------------------------------------------------------- */

/* Ask for the status, by fedcatd alone.  Returns 0, or a code with a sentence. */
static int ask(const char *dir, struct finding *findings, struct catalog_value **ret_answer)
{
	struct catalog_value *request = tools_call_request("status"), *reply = NULL;
	struct node_channel *channel = NULL;
	struct catalog_buffer frame = {0};
	struct node_error error = {"out of memory"};
	int r;

	r = node_channel_open(dir, &channel);
	if (r == -ENOENT || r == -ECONNREFUSED) {
		found(findings, CHECK_FEDCATD, STATE_UNHEALTHY,
		      "no fedcatd runs in %s; start it, and see its log", dir);
		goto out;
	}
	if (r == 0)
		r = request != NULL ? node_reply_frame(request, NODE_CONTROL_REQUEST_MAX, &frame)
				    : -ENOMEM;
	if (r == 0)
		r = node_channel_send(channel, catalog_buffer_span(&frame));
	if (r == 0)
		r = node_channel_receive(channel, &reply);
	if (r != 0) {
		found(findings, CHECK_FEDCATD, STATE_UNHEALTHY,
		      "the fedcatd of %s does not answer: %s", dir, strerror(-r));
		goto out;
	}
	found(findings, CHECK_FEDCATD, STATE_OK, "running");
	r = node_reply_outcome(reply, ret_answer, &error);
	if (r != 0)
		found(findings, CHECK_STORE, STATE_UNHEALTHY, "the store cannot be read: %s",
		      error.text);
	else
		found(findings, CHECK_STORE, STATE_OK, "readable");
out:
	catalog_value_free(reply);
	catalog_value_free(request);
	catalog_buffer_close(&frame);
	node_channel_free(channel);
	return r;
}

/* --- what is said -------------------------------------------------------------------------- */

static enum state worst_of(const struct finding *findings)
{
	enum state worst = STATE_OK;

	for (size_t i = 0; i < CHECKS; i++)
		if (findings[i].made && findings[i].state > worst)
			worst = findings[i].state;
	return worst;
}

static int print_json(const struct tools_call *call, const struct finding *findings)
{
	struct catalog_value *list = catalog_value_new_list(), *report;
	int status;

	for (size_t i = 0; i < CHECKS && list != NULL; i++) {
		struct catalog_value *one;

		if (!findings[i].made)
			continue;
		one = tools_call_with(catalog_value_new_map(), "check", names[i]);
		one = tools_call_with(one, "state", words[findings[i].state]);
		one = tools_call_with(one, "text", findings[i].text);
		if (catalog_value_append(list, one) != 0) {
			catalog_value_free(list);
			list = NULL;
		}
	}
	report = tools_call_with(catalog_value_new_map(), "health", words[worst_of(findings)]);
	report = tools_call_with_value(report, "checks", list);
	status = tools_call_print_json(call, report);
	catalog_value_free(report);
	return status;
}

/* One line: what is worst first, and all that is as it should be only if everything is. */
static void print_line(const struct tools_call *call, const struct finding *findings)
{
	static const enum tools_terminal_style styles[] = {
		TOOLS_TERMINAL_GOOD, TOOLS_TERMINAL_WORSE, TOOLS_TERMINAL_BAD};
	enum state worst = worst_of(findings);
	const char *between = ": ";

	tools_terminal_text(&call->out, styles[worst], words[worst]);
	for (int state = worst; state >= (worst > STATE_OK ? STATE_DEGRADED : STATE_OK); state--) {
		for (size_t i = 0; i < CHECKS; i++) {
			if (!findings[i].made || (int)findings[i].state != state)
				continue;
			if (state == STATE_OK && i != CHECK_DISK && i != CHECK_LOGS &&
			    i != CHECK_PEERS)
				continue;
			tools_terminal_print(&call->out, "%s", between);
			tools_terminal_text(&call->out, TOOLS_TERMINAL_PLAIN, findings[i].text);
			between = "; ";
		}
	}
	tools_terminal_print(&call->out, "\n");
}

static const char *too_late = "";

/* Nothing but what a signal handler may do. */
static void on_alarm(int number)
{
	(void)number;
	(void)!write(STDOUT_FILENO, too_late, strlen(too_late)); /* the exit code says it, too */
	_exit(TOOLS_EXIT_FAILED);
}

/* End with a sentence when fedcatd hangs, since nobody waits for a health check. */
static void limit_time(const struct tools_call *call, unsigned long timeout_s)
{
	static const char plain[] = "unhealthy: fedcatd does not answer in time\n";
	static const char json[] =
		"{\"checks\":[{\"check\":\"fedcatd\",\"state\":\"unhealthy\",\"text\":\"fedcatd "
		"does not answer in time\"}],\"health\":\"unhealthy\"}\n";

	too_late = call->json ? json : plain;
	(void)signal(SIGALRM, on_alarm); /* fails for no signal that there is */
	(void)alarm((unsigned)timeout_s);
}

int tools_command_health_run(const struct tools_call *call)
{
	struct finding findings[CHECKS] = {0};
	struct catalog_value *answer = NULL;
	char dir[NODE_DATADIR_PATH_BYTES];
	unsigned long timeout_s;
	enum state worst;
	int status;

	status = tools_call_number(call, "timeout", 1, TIMEOUT_MAX, TIMEOUT_STANDARD, &timeout_s);
	if (status == 0)
		status = tools_call_dir(call, dir);
	if (status != 0)
		return status;
	limit_time(call, timeout_s);
	check_disk(dir, findings);
	if (ask(dir, findings, &answer) == 0) {
		check_logs(answer, findings);
		check_peers(answer, findings);
		check_clock(answer, findings);
	}
	(void)alarm(0); /* it answered */
	catalog_value_free(answer);
	worst = worst_of(findings);
	if (call->json)
		status = print_json(call, findings);
	else
		print_line(call, findings);
	if (status != 0)
		return status;
	return worst == STATE_UNHEALTHY || (worst == STATE_DEGRADED &&
					    tools_call_option(call, "strict") != NULL)
		       ? TOOLS_EXIT_FAILED
		       : TOOLS_EXIT_OK;
}
