#include "tools/command_status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>

#include "catalog/date.h"
#include "catalog/value_get.h"
#include "tools/command_pull.h"
#include "tools/output.h"
#include "tools/table.h"

#define TIMEOUT_STANDARD 60
#define TIMEOUT_MAX      86400
#define EQUAL_MAX        4096
#define POLL_MS          20

static bool flag_of(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

/* Add cells and remember the first failure, which is the caller's to look at once. */
static void add(struct tools_table *table, enum tools_terminal_style style, const char *text,
		int *r)
{
	if (*r == 0)
		*r = tools_table_add(table, style, text);
}

static void add_count(struct tools_table *table, uint64_t count, int *r)
{
	char text[TOOLS_OUTPUT_TEXT_BYTES];

	tools_output_count(count, text);
	add(table, TOOLS_TERMINAL_PLAIN, text, r);
}

/* --- status -------------------------------------------------------------------------------- */

static void label(const struct tools_terminal *t, const char *text)
{
	tools_terminal_cell(t, TOOLS_TERMINAL_DIM, text, 12);
}

static const char *member_title(const struct catalog_value *answer, const char *name)
{
	const struct catalog_value *members = catalog_value_get(answer, "members");

	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);

		if (strcmp(catalog_value_get_text(member, "name"), name) == 0)
			return catalog_value_get_text(member, "title");
	}
	return "";
}

/* Only while there is something to wait for. */
static void show_signing(const struct tools_call *call, const struct catalog_value *signing,
			 bool is_running)
{
	const struct tools_terminal *t = &call->out;

	if (signing == NULL || catalog_value_type(signing) != CATALOG_VALUE_MAP ||
	    flag_of(signing, "confirmed"))
		return;
	label(t, "Signing");
	tools_terminal_text(t, TOOLS_TERMINAL_WORSE, "not yet");
	if (is_running)
		tools_terminal_print(t,
				     "; %" PRIu64 " of %" PRIu64
				     " members have answered where this node's own log stands\n",
				     catalog_value_get_count(signing, "answered"),
				     catalog_value_get_count(signing, "needed"));
	else
		tools_terminal_print(t, "; fedcatd asks the other members first\n");
}

/* Only while something is known of and lacking. */
static void show_fetching(const struct tools_call *call, const struct catalog_value *fetching)
{
	char text[TOOLS_COMMAND_PULL_BYTES];

	if (fetching == NULL || catalog_value_type(fetching) != CATALOG_VALUE_MAP ||
	    catalog_value_get_count(fetching, "entries") == 0)
		return;
	tools_command_pull_estimate(fetching, text);
	label(&call->out, "To fetch");
	tools_terminal_print(&call->out, "%s%s\n", text,
			     flag_of(fetching, "waiting") ? "; they wait: fedcat pull" : "");
}

static void show_node(const struct tools_call *call, const struct catalog_value *answer,
		      const char *dir, bool is_running)
{
	const struct catalog_value *federation = catalog_value_get(answer, "federation");
	const char *member = catalog_value_get_text(answer, "member");
	const struct tools_terminal *t = &call->out;
	char text[TOOLS_OUTPUT_TEXT_BYTES];

	label(t, "Federation");
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_value_get_text(federation, "name"));
	tools_terminal_print(t, "  %.16s\n", catalog_value_get_text(federation, "id"));
	label(t, "Node of");
	if (member[0] != '\0') {
		tools_terminal_print(t, "%s, ", member);
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, member_title(answer, member));
		tools_terminal_print(t, "\n");
	} else {
		tools_terminal_print(t, "no member: a mirror\n");
	}
	label(t, "fedcatd");
	if (is_running) {
		tools_output_duration(catalog_value_get_count(answer, "uptime_s"), text);
		tools_terminal_text(t, TOOLS_TERMINAL_GOOD, "running");
		tools_terminal_print(t, " for %s, version %s\n", text,
				     catalog_value_get_text(answer, "version"));
	} else {
		tools_terminal_text(t, TOOLS_TERMINAL_WORSE, "not running");
		tools_terminal_print(t, "; start it: fedcatd --dir ");
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, dir);
		tools_terminal_print(t, "\n");
	}
	show_signing(call, catalog_value_get(answer, "signing"), is_running);
	show_fetching(call, catalog_value_get(answer, "fetching"));
	label(t, "Catalogue");
	tools_output_count(catalog_value_get_count(answer, "listings"), text);
	tools_terminal_print(t, "%s datasets", text);
	tools_output_count(catalog_value_get_count(answer, "withdrawn"), text);
	tools_terminal_print(t, ", %s withdrawn", text);
	tools_output_count(catalog_value_get_count(answer, "entries"), text);
	tools_terminal_print(t, ", %s log entries\n", text);
	label(t, "On disk");
	tools_output_bytes(catalog_value_get_count(answer, "store_bytes"), text);
	tools_terminal_print(t, "%s", text);
	tools_output_bytes(catalog_value_get_count(answer, "index_bytes"), text);
	tools_terminal_print(t, ", of which the search index %s", text);
	tools_output_count(catalog_value_get_count(answer, "index_missing"), text);
	if (catalog_value_get_count(answer, "index_missing") > 0)
		tools_terminal_print(t, ", which lacks %s entries", text);
	tools_terminal_print(t, "\n");
	label(t, "Vector");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(answer, "vector"));
	tools_terminal_print(t, "\n");
}

static enum tools_terminal_style state_style(const char *state)
{
	if (strcmp(state, "complete") == 0)
		return TOOLS_TERMINAL_GOOD;
	if (strcmp(state, "partial") == 0)
		return TOOLS_TERMINAL_WORSE;
	if (strcmp(state, "broken") == 0 || strcmp(state, "forked") == 0)
		return TOOLS_TERMINAL_BAD;
	return TOOLS_TERMINAL_DIM;
}

static int show_members(const struct tools_call *call, const struct catalog_value *answer)
{
	static const struct tools_table_column columns[] = {
		{"Member", TOOLS_TABLE_LEFT, 0},    {"Title", TOOLS_TABLE_LEFT, 8},
		{"Datasets", TOOLS_TABLE_RIGHT, 0}, {"State", TOOLS_TABLE_LEFT, 0},
		{"Newest", TOOLS_TABLE_LEFT, 0},    {"Current as of", TOOLS_TABLE_LEFT, 0},
	};
	const struct catalog_value *members = catalog_value_get(answer, "members");
	char text[2 * TOOLS_OUTPUT_TEXT_BYTES];
	struct tools_table *table = NULL;
	int r = tools_table_new(columns, sizeof columns / sizeof columns[0], &table);

	for (size_t i = 0; i < catalog_value_count(members) && r == 0; i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);
		const char *state = catalog_value_get_text(member, "state");

		add(table, TOOLS_TERMINAL_BOLD, catalog_value_get_text(member, "name"), &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(member, "title"), &r);
		add_count(table, catalog_value_get_count(member, "live"), &r);
		if (strcmp(state, "partial") == 0)
			(void)snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64,
				       catalog_value_get_count(member, "entries"),
				       catalog_value_get_count(member, "target"));
		else
			(void)snprintf(text, sizeof text, "%.20s", state);
		add(table, state_style(state), text, &r);
		tools_output_day(catalog_value_get_text(member, "newest"), text);
		add(table, TOOLS_TERMINAL_PLAIN, text, &r);
		tools_output_time(catalog_value_get_text(member, "current"), text);
		add(table, flag_of(member, "old") ? TOOLS_TERMINAL_WORSE : TOOLS_TERMINAL_PLAIN,
		    text, &r);
	}
	if (r == 0)
		tools_table_print(table, &call->out);
	tools_table_free(table);
	return r;
}

static void show_fork(const struct tools_terminal *t, const char *name,
		      const struct catalog_value *fork)
{
	const struct catalog_value *checkpoints = catalog_value_get(fork, "checkpoints");
	char text[TOOLS_OUTPUT_TEXT_BYTES];

	tools_terminal_text(t, TOOLS_TERMINAL_BAD, "Forked:");
	tools_terminal_print(t, " %s has signed two histories", name);
	for (size_t i = 0; i < catalog_value_count(checkpoints); i++) {
		const struct catalog_value *checkpoint = catalog_value_at(checkpoints, i, NULL);

		tools_output_count(catalog_value_get_count(checkpoint, "size"), text);
		tools_terminal_print(t, "%s %s entries with the root %.16s",
				     i == 0 ? ": a checkpoint of" : ", and one of", text,
				     catalog_value_get_text(checkpoint, "root"));
	}
	tools_terminal_print(t,
			     ".  Nothing more is taken of its log; what is held stays readable.\n"
			     "        The proof, for everybody: fedcat fork show %s --output "
			     "%s.fork\n",
			     name, name);
}

/* A council that contradicts itself. */
static void show_conflicts(const struct tools_call *call, const struct catalog_value *answer)
{
	const struct catalog_value *numbers =
		catalog_value_get(catalog_value_get(answer, "federation"), "conflicts");
	const struct tools_terminal *t = &call->out;

	for (size_t i = 0; i < catalog_value_count(numbers); i++) {
		int64_t number = catalog_value_int(catalog_value_at(numbers, i, NULL));

		tools_terminal_text(t, TOOLS_TERMINAL_BAD, "Council:");
		tools_terminal_print(
			t,
			" it has signed two amendments %" PRId64
			".  The one with the smaller hash counts, everywhere.\n"
			"         The proof, for everybody: fedcat charter conflict %" PRId64
			" --output %" PRId64 ".conflict\n",
			number, number, number);
	}
}

/* A member that has more listings than the charter lets it. */
static void show_over(const struct tools_terminal *t, const struct catalog_value *member,
		      const struct catalog_value *federation)
{
	const struct catalog_value *profile = catalog_value_get(federation, "profile");
	char live[TOOLS_OUTPUT_TEXT_BYTES], limit[TOOLS_OUTPUT_TEXT_BYTES];

	tools_output_count(catalog_value_get_count(member, "live"), live);
	tools_output_count(catalog_value_get_count(profile, "listings"), limit);
	tools_terminal_text(t, TOOLS_TERMINAL_WORSE, "Over:");
	tools_terminal_print(t, " %s has %s listings, and the charter lets a member have %s.\n",
			     catalog_value_get_text(member, "name"), live, limit);
}

/* Nodes that misbehaved. */
static void show_kept_out(const struct tools_terminal *t, const struct catalog_value *list)
{
	for (size_t i = 0; i < catalog_value_count(list); i++) {
		const struct catalog_value *out = catalog_value_at(list, i, NULL);
		const char *name = catalog_value_get_text(out, "member");
		char text[TOOLS_OUTPUT_TEXT_BYTES];

		tools_output_duration(catalog_value_get_count(out, "seconds"), text);
		tools_terminal_text(t, TOOLS_TERMINAL_WORSE, "Kept out:");
		tools_terminal_print(t, " a node of %s, for %s more (%s)\n",
				     name[0] != '\0' ? name : "no member", text,
				     catalog_value_get_text(out, "reason"));
	}
}

/* What people should know of the members' logs: forks, and who has not been heard of for long. */
static void show_warnings(const struct tools_call *call, const struct catalog_value *answer)
{
	const struct catalog_value *members = catalog_value_get(answer, "members");
	const struct tools_terminal *t = &call->out;

	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);
		const struct catalog_value *fork = catalog_value_get(member, "fork");
		char text[TOOLS_OUTPUT_TEXT_BYTES], now[CATALOG_DATE_BYTES_MAX + 1];

		if (catalog_value_type(fork) == CATALOG_VALUE_MAP) {
			show_fork(t, catalog_value_get_text(member, "name"), fork);
			continue;
		}
		if (flag_of(member, "over"))
			show_over(t, member, catalog_value_get(answer, "federation"));
		if (!flag_of(member, "old"))
			continue;
		tools_terminal_text(t, TOOLS_TERMINAL_WORSE, "Old:");
		tools_output_time(catalog_value_get_text(member, "current"), text);
		catalog_date_from_seconds((int64_t)time(NULL), now);
		if (strcmp(catalog_value_get_text(member, "current"), now) > 0) {
			tools_terminal_print(
				t,
				" %s says that it is current as of %s, which is yet to "
				"come: its clock is wrong, or this node's.\n",
				catalog_value_get_text(member, "name"), text);
			continue;
		}
		if (catalog_value_get_text(member, "current")[0] != '\0')
			tools_terminal_print(t, " %s was current as of %s",
					     catalog_value_get_text(member, "name"), text);
		else
			tools_terminal_print(t, " %s has never said that this is its newest",
					     catalog_value_get_text(member, "name"));
		tools_terminal_print(t, ", and has not said so for two days: its node is down, or "
					"its news do not come through.\n");
	}
}

static int show_peers(const struct tools_call *call, const struct catalog_value *answer)
{
	static const struct tools_table_column columns[] = {
		{"Peer", TOOLS_TABLE_LEFT, 0}, {"Address", TOOLS_TABLE_LEFT, 9},
		{"Link", TOOLS_TABLE_LEFT, 0}, {"Catalogue", TOOLS_TABLE_LEFT, 0},
		{"In", TOOLS_TABLE_RIGHT, 0},  {"Out", TOOLS_TABLE_RIGHT, 0},
	};
	const struct catalog_value *peers = catalog_value_get(answer, "peers");
	char text[TOOLS_OUTPUT_TEXT_BYTES];
	struct tools_table *table = NULL;
	int r = tools_table_new(columns, sizeof columns / sizeof columns[0], &table);

	for (size_t i = 0; i < catalog_value_count(peers) && r == 0; i++) {
		const struct catalog_value *peer = catalog_value_at(peers, i, NULL);
		const char *name = catalog_value_get_text(peer, "member"), *catalogue = "?";
		bool greeted = flag_of(peer, "greeted"), equal = flag_of(peer, "equal");

		if (greeted)
			catalogue = equal ? "equal" : "differs";
		add(table, TOOLS_TERMINAL_BOLD, name[0] != '\0' ? name : "?", &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(peer, "address"), &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(peer, "direction"), &r);
		add(table, equal ? TOOLS_TERMINAL_GOOD : TOOLS_TERMINAL_WORSE, catalogue, &r);
		tools_output_bytes(catalog_value_get_count(peer, "bytes_in"), text);
		add(table, TOOLS_TERMINAL_PLAIN, text, &r);
		tools_output_bytes(catalog_value_get_count(peer, "bytes_out"), text);
		add(table, TOOLS_TERMINAL_PLAIN, text, &r);
	}
	if (r == 0)
		tools_table_print(table, &call->out);
	tools_table_free(table);
	return r;
}

static int show_status(const struct tools_call *call, struct catalog_value *answer, bool is_running)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	int r, status;

	status = tools_call_dir(call, dir);
	if (status != 0)
		return status;
	show_node(call, answer, dir, is_running);
	tools_terminal_print(&call->out, "\n");
	r = show_members(call, answer);
	if (r == 0)
		show_conflicts(call, answer);
	if (r == 0)
		show_warnings(call, answer);
	if (r == 0)
		show_kept_out(&call->out, catalog_value_get(answer, "kept_out"));
	if (r == 0 && catalog_value_count(catalog_value_get(answer, "peers")) > 0) {
		tools_terminal_print(&call->out, "\n");
		r = show_peers(call, answer);
	} else if (r == 0 && is_running) {
		tools_terminal_print(&call->out, "\nNo links to other nodes.\n");
	}
	return r == 0 ? 0 : tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
}

/* --wait-equal and --vector.  Returns 0 or an exit status. */
static int wait_first(const struct tools_call *call, struct node_client *client)
{
	const char *vector = tools_call_option(call, "vector");
	struct catalog_value *request, *answer = NULL;
	unsigned long peers, timeout_s;
	int status;

	status = tools_call_number(call, "wait-equal", 0, EQUAL_MAX, 0, &peers);
	if (status == 0)
		status = tools_call_number(call, "timeout", 0, TIMEOUT_MAX, TIMEOUT_STANDARD,
					   &timeout_s);
	if (status != 0 || (vector == NULL && tools_call_option(call, "wait-equal") == NULL))
		return status;
	if (!node_client_running(client))
		return tools_call_fail(
			call, TOOLS_EXIT_FAILED,
			"no fedcatd runs in this directory, and nothing else can wait "
			"for other nodes; start it first");
	request = tools_call_with(tools_call_request("wait"), "vector", vector);
	request = tools_call_with_value(request, "equal", catalog_value_new_int((int64_t)peers));
	request = tools_call_with_value(request, "timeout_ms",
					catalog_value_new_int((int64_t)timeout_s * 1000));
	status = tools_call_ask(call, client, request, &answer);
	catalog_value_free(answer);
	return status;
}

int tools_command_status_run(const struct tools_call *call)
{
	struct catalog_value *answer = NULL;
	struct node_client *client;
	bool is_running;
	int status;

	status = tools_call_open(call, &client);
	if (status != 0)
		return status;
	is_running = node_client_running(client);
	status = wait_first(call, client);
	if (status == 0)
		status = tools_call_ask(call, client, tools_call_request("status"), &answer);
	if (status == 0 && call->json) {
		answer = tools_call_with_value(answer, "running",
					       catalog_value_new_bool(is_running));
		status = tools_call_print_json(call, answer);
	} else if (status == 0) {
		status = show_status(call, answer, is_running);
	}
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

/* --- members ------------------------------------------------------------------------------- */

static int show_roster(const struct tools_call *call, const struct catalog_value *answer)
{
	static const struct tools_table_column columns[] = {
		{"Member", TOOLS_TABLE_LEFT, 0},    {"Title", TOOLS_TABLE_LEFT, 8},
		{"Where", TOOLS_TABLE_LEFT, 0},     {"Sector", TOOLS_TABLE_LEFT, 6},
		{"Datasets", TOOLS_TABLE_RIGHT, 0}, {"Current", TOOLS_TABLE_LEFT, 0},
		{"Key", TOOLS_TABLE_LEFT, 0},
	};
	const struct catalog_value *members = catalog_value_get(answer, "members");
	char text[TOOLS_OUTPUT_TEXT_BYTES];
	struct tools_table *table = NULL;
	int r = tools_table_new(columns, sizeof columns / sizeof columns[0], &table);

	for (size_t i = 0; i < catalog_value_count(members) && r == 0; i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);

		add(table, TOOLS_TERMINAL_BOLD, catalog_value_get_text(member, "name"), &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(member, "title"), &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(member, "country"), &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(member, "sector"), &r);
		add_count(table, catalog_value_get_count(member, "live"), &r);
		tools_output_day(catalog_value_get_text(member, "current"), text);
		add(table, flag_of(member, "old") ? TOOLS_TERMINAL_WORSE : TOOLS_TERMINAL_PLAIN,
		    text, &r);
		add(table, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(member, "fingerprint"), &r);
	}
	if (r == 0)
		tools_table_print(table, &call->out);
	tools_table_free(table);
	return r == 0 ? 0 : tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
}

int tools_command_status_members(const struct tools_call *call)
{
	struct catalog_value *answer = NULL;
	struct node_client *client;
	int status;

	status = tools_call_open(call, &client);
	if (status != 0)
		return status;
	status = tools_call_ask(call, client, tools_call_request("members"), &answer);
	if (status == 0)
		status = call->json ? tools_call_print_json(call, answer)
				    : show_roster(call, answer);
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

/* --- stop ---------------------------------------------------------------------------------- */

static int show_stopped(const struct tools_call *call, bool was_running)
{
	struct catalog_value *answer;
	int status;

	if (!call->json) {
		tools_terminal_print(&call->out, "%s\n",
				     was_running ? "fedcatd has stopped."
						 : "No fedcatd runs here.");
		return 0;
	}
	answer = tools_call_with_value(catalog_value_new_map(), "was_running",
				       catalog_value_new_bool(was_running));
	status = tools_call_print_json(call, answer);
	catalog_value_free(answer);
	return status;
}

/* Wait until the directory is free: fedcatd holds it to its last breath. */
static int wait_unlocked(const struct tools_call *call, unsigned long timeout_s)
{
	uint64_t due_ns = uv_hrtime() + (uint64_t)timeout_s * 1000000000u;
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	int r, fd, status;

	status = tools_call_dir(call, dir);
	if (status != 0)
		return status;
	for (;;) {
		r = node_datadir_lock(dir, &fd, &error);
		if (r == 0)
			node_datadir_unlock(fd);
		if (r != -EBUSY)
			return r == 0 ? 0 : tools_call_fail_code(call, r, &error);
		if (uv_hrtime() >= due_ns)
			return tools_call_fail(call, TOOLS_EXIT_BUSY,
					       "fedcatd was asked to stop and has not after %lu "
					       "seconds; look at its log",
					       timeout_s);
		uv_sleep(POLL_MS);
	}
}

int tools_command_status_stop(const struct tools_call *call)
{
	struct catalog_value *answer = NULL;
	struct node_client *client;
	unsigned long timeout_s;
	bool is_running;
	int status;

	status = tools_call_number(call, "timeout", 0, TIMEOUT_MAX, TIMEOUT_STANDARD, &timeout_s);
	if (status == 0)
		status = tools_call_open(call, &client);
	if (status != 0)
		return status;
	is_running = node_client_running(client);
	if (is_running)
		status = tools_call_ask(call, client, tools_call_request("stop"), &answer);
	catalog_value_free(answer);
	node_client_close(client);
	if (status == 0 && is_running)
		status = wait_unlocked(call, timeout_s);
	return status == 0 ? show_stopped(call, is_running) : status;
}
