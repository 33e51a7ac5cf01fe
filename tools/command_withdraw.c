#include "tools/command_withdraw.h"

#include <errno.h>
#include <string.h>

#include "node/datadir.h"
#include "tools/output.h"
#include "tools/signing.h"

/* How many entries a checkpoint is of. */
static uint64_t size_of(const struct catalog_value *checkpoint)
{
	const struct catalog_value *size = catalog_value_get(checkpoint, "size");

	return catalog_value_type(size) == CATALOG_VALUE_INT ? (uint64_t)catalog_value_int(size)
							     : 0;
}

/* Whose node fedcatd says that it is; *ret_member is NULL for a mirror. */
static int ask_whose(const struct tools_call *call, const struct catalog_charter *charter,
		     const struct catalog_member **ret_member)
{
	struct catalog_value *answer = NULL;
	struct node_client *client;
	const char *name;
	int status;

	status = tools_call_open(call, &client);
	if (status != 0)
		return status;
	status = tools_call_ask(call, client, tools_call_request("status"), &answer);
	name = catalog_value_text(catalog_value_get(answer, "member"));
	if (status == 0)
		*ret_member = name != NULL ? catalog_charter_member_named(charter, name) : NULL;
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

/* The id, and that its member, if one is named, is this node's. */
static int withdraw_id(const struct tools_call *call, const char **ret_id)
{
	char dir[NODE_DATADIR_PATH_BYTES], name[CATALOG_MEMBER_NAME_BYTES_MAX + 1];
	const struct catalog_member *member = NULL;
	struct catalog_charter *charter = NULL;
	struct node_error error;
	int r, status;

	status = tools_call_dir(call, dir);
	if (status != 0)
		return status;
	r = node_datadir_charter(dir, &charter, &error);
	if (r != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "%s", error.text);
	status = tools_call_split(call, charter, call->words[0], name, ret_id);
	if (status == 0 && name[0] != '\0') {
		r = node_datadir_whose(dir, charter, &member, &error);
		if (r == -ENOENT) /* the key may be elsewhere: fedcatd knows */
			status = ask_whose(call, charter, &member);
		if (status == 0 && member != NULL && strcmp(member->name, name) != 0)
			status = tools_call_fail(call, TOOLS_EXIT_REFUSED,
						 "%s is not of this node's member, which is %s: "
						 "only the member that published a listing can "
						 "withdraw it",
						 call->words[0], member->name);
	}
	catalog_charter_free(charter);
	return status;
}

int tools_command_withdraw_run(const struct tools_call *call)
{
	struct catalog_value *request, *answer = NULL;
	struct node_client *client = NULL;
	bool erases = tools_call_option(call, "erase") != NULL;
	const char *id = NULL;
	char count[TOOLS_OUTPUT_TEXT_BYTES];
	int status;

	status = withdraw_id(call, &id);
	if (status == 0)
		status = tools_call_open_to_sign(call, &client);
	if (status != 0)
		return status;
	request = tools_call_with(tools_call_request("withdraw"), "id", id);
	request = tools_call_with(request, "reason", tools_call_option(call, "reason"));
	request = tools_call_with_value(request, "erase", catalog_value_new_bool(erases));
	status = tools_signing_ask(call, client, request, &answer);
	if (status == 0 && call->json) {
		answer = tools_call_with(answer, "id", id);
		status = tools_call_print_json(call, answer);
	} else if (status == 0) {
		const struct catalog_value *checkpoint = catalog_value_get(answer, "checkpoint");

		tools_terminal_text(&call->out, TOOLS_TERMINAL_BOLD, id);
		tools_output_count(size_of(checkpoint), count);
		tools_terminal_print(&call->out, " is %s.  Signed: %s entries, root %.16s\n",
				     erases ? "withdrawn and erased" : "withdrawn", count,
				     catalog_value_text(catalog_value_get(checkpoint, "root")));
	}
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}
