#include "tools/command_node.h"

#include <errno.h>
#include <string.h>

#include "catalog/buffer.h"
#include "catalog/value_get.h"
#include "tools/signing.h"
#include "tools/table.h"

static bool is_true(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

/* A node's addresses, after each other.  Returns 0, -ENOMEM. */
static int join(const struct catalog_value *list, struct catalog_buffer *ret_text)
{
	int r = 0;

	for (size_t i = 0; i < catalog_value_count(list) && r == 0; i++) {
		const char *text = catalog_value_text(catalog_value_at(list, i, NULL));

		r = catalog_buffer_print(ret_text, "%s%s", i > 0 ? " " : "",
					 text != NULL ? text : "");
	}
	return r == 0 ? catalog_buffer_append(ret_text, "", 1) : r;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static int add_row(struct tools_table *table, const struct catalog_value *node)
{
	const char *state = catalog_value_get_text(node, "state"),
		   *role = catalog_value_get_text(node, "role");
	struct catalog_buffer addresses = {0}, expires = {0};
	bool is_good = strcmp(state, "good") == 0;
	int r = join(catalog_value_get(node, "addresses"), &addresses);

	if (r == 0)
		r = catalog_buffer_print(&expires, "%.10s",
					 catalog_value_get_text(node, "expires"));
	if (r == 0)
		r = catalog_buffer_append(&expires, "", 1);
	if (r == 0)
		r = tools_table_add(table, TOOLS_TERMINAL_PLAIN,
				    catalog_value_get_text(node, "member"));
	if (r == 0)
		r = tools_table_add(table, TOOLS_TERMINAL_BOLD,
				    catalog_value_get_text(node, "fingerprint"));
	if (r == 0)
		r = tools_table_add(table, TOOLS_TERMINAL_PLAIN,
				    role[0] != '\0' ? role : "in charter");
	if (r == 0)
		r = tools_table_add(table, is_good ? TOOLS_TERMINAL_PLAIN : TOOLS_TERMINAL_BAD,
				    state);
	if (r == 0)
		r = tools_table_add(table, TOOLS_TERMINAL_PLAIN, (const char *)expires.bytes);
	if (r == 0)
		r = tools_table_add(table, TOOLS_TERMINAL_PLAIN, (const char *)addresses.bytes);
	catalog_buffer_close(&addresses);
	catalog_buffer_close(&expires);
	return r;
}

static int show_nodes(const struct tools_call *call, const struct catalog_value *nodes)
{
	static const struct tools_table_column columns[] = {
		{"Member", TOOLS_TABLE_LEFT, 8}, {"Key", TOOLS_TABLE_LEFT, 0},
		{"Role", TOOLS_TABLE_LEFT, 0},   {"State", TOOLS_TABLE_LEFT, 0},
		{"Until", TOOLS_TABLE_LEFT, 0},  {"Addresses", TOOLS_TABLE_LEFT, 10}};
	struct tools_table *table = NULL;
	int r = tools_table_new(columns, sizeof columns / sizeof *columns, &table);

	for (size_t i = 0; i < catalog_value_count(nodes) && r == 0; i++)
		r = add_row(table, catalog_value_at(nodes, i, NULL));
	if (r == 0)
		tools_table_print(table, &call->out);
	tools_table_free(table);
	return r == 0 ? 0 : tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
}

int tools_command_node_list(const struct tools_call *call)
{
	struct catalog_value *answer = NULL, *request;
	struct node_client *client = NULL;
	int status = tools_call_open(call, &client);

	if (status != 0)
		return status;
	request = tools_call_with(tools_call_request("nodes"), "member", call->words[0]);
	status = tools_call_ask(call, client, request, &answer);
	if (status == 0)
		status = call->json ? tools_call_print_json(call, answer)
				    : show_nodes(call, catalog_value_get(answer, "nodes"));
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

/* --- key delegate, key withdraw --------------------------------------------------------------- */

/* All that --address gave.  Returns NULL when out of memory. */
static struct catalog_value *read_addresses(const struct tools_call *call)
{
	struct catalog_value *list = catalog_value_new_list();

	for (size_t i = 0; i < call->given_count && list != NULL; i++) {
		if (strcmp(call->given[i].option->name, "address") != 0)
			continue;
		if (catalog_value_append(list, catalog_value_new_string(call->given[i].value)) !=
		    0) {
			catalog_value_free(list);
			list = NULL;
		}
	}
	return list;
}

static int show_named(const struct tools_call *call, const struct catalog_value *node)
{
	const struct tools_terminal *t = &call->out;
	struct catalog_buffer addresses = {0};

	if (call->json)
		return tools_call_print_json(call, node);
	if (join(catalog_value_get(node, "addresses"), &addresses) != 0) {
		catalog_buffer_close(&addresses);
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	}
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_value_get_text(node, "fingerprint"));
	if (strcmp(catalog_value_get_text(node, "state"), "withdrawn") == 0)
		tools_terminal_print(t,
				     " is %swithdrawn: others refuse it when they have this "
				     "entry.\n",
				     is_true(node, "changed") ? "" : "already ");
	else
		tools_terminal_print(t, " is a node (%s) of %s until %.10s, %s%s.\n",
				     catalog_value_get_text(node, "role"),
				     catalog_value_get_text(node, "member"),
				     catalog_value_get_text(node, "expires"),
				     addresses.len > 1 ? "at " : "and only dials",
				     (const char *)addresses.bytes);
	catalog_buffer_close(&addresses);
	return 0;
}

/* Send the request, which is taken, to be signed. */
static int change(const struct tools_call *call, struct catalog_value *request)
{
	struct node_client *client = NULL;
	struct catalog_value *answer = NULL;
	int status = tools_call_open_to_sign(call, &client);

	if (status != 0) {
		catalog_value_free(request);
		return status;
	}
	status = tools_signing_ask(call, client, request, &answer);
	if (status == 0)
		status = show_named(call, answer);
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

int tools_command_node_delegate(const struct tools_call *call)
{
	bool has_none = tools_call_option(call, "no-address") != NULL;
	struct catalog_value *request;
	unsigned long days = 0;
	int status = tools_call_number(call, "days", 1, 3650, 0, &days);

	if (status == 0 && has_none && tools_call_option(call, "address") != NULL)
		status = tools_call_fail(call, TOOLS_EXIT_USAGE,
					 "--address and --no-address: which of the two?");
	if (status != 0)
		return status;
	request = tools_call_with(tools_call_request("node-name"), "key", call->words[0]);
	request = tools_call_with(request, "role", tools_call_option(call, "role"));
	if (days > 0)
		request = tools_call_with_value(request, "days",
						catalog_value_new_int((int64_t)days));
	if (has_none || tools_call_option(call, "address") != NULL)
		request = tools_call_with_value(request, "addresses", read_addresses(call));
	return change(call, request);
}

int tools_command_node_withdraw(const struct tools_call *call)
{
	return change(call,
		      tools_call_with(tools_call_request("node-withdraw"), "key", call->words[0]));
}
