#include "tools/command_motion.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/amendment.h"
#include "catalog/motion.h"
#include "catalog/note.h"
#include "catalog/value_get.h"
#include "node/datadir.h"
#include "tools/charter_change.h"
#include "tools/signing.h"

#define DAYS     14
#define DAYS_MAX 365

static bool is_true(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

/* --- printing -------------------------------------------------------------------------------- */

/* A line for each change of the amendment that the node sent along. */
static void print_changes(const struct tools_terminal *t, const struct catalog_charter *charter,
			  const struct catalog_value *motion)
{
	const struct catalog_value *text = catalog_value_get(motion, "amendment");
	struct catalog_span base64 = {(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)};
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	struct catalog_change *change = malloc(sizeof *change);
	struct catalog_buffer body = {0};
	struct catalog_span changes;
	size_t len = 0;

	if (base64.bytes == NULL || amendment == NULL || change == NULL ||
	    catalog_buffer_reserve(&body, base64.len + 1) != 0 ||
	    catalog_note_base64(base64, body.bytes, base64.len + 1, &len) != 0 ||
	    catalog_amendment_decode_body((struct catalog_span){body.bytes, len}, amendment) != 0) {
		tools_terminal_print(t, "  (what it changes cannot be shown here)\n");
		goto out;
	}
	changes = amendment->changes;
	while (catalog_amendment_next(&changes, change, NULL) == 0)
		tools_charter_change_print(t, charter, change);
out:
	catalog_buffer_close(&body);
	free(amendment);
	free(change);
}

static void print_votes(const struct tools_terminal *t, const struct catalog_value *motion)
{
	const struct catalog_value *voters = catalog_value_get(motion, "voters");

	if (voters == NULL) {
		tools_terminal_print(t, "It is against the charter's rules: nobody can vote for "
					"it\n");
		return;
	}
	tools_terminal_print(t, "%" PRId64 " of the %" PRId64 " votes that are needed",
			     catalog_value_get_int(motion, "signed", 0),
			     catalog_value_get_int(motion, "needed", 0));
	if (is_true(motion, "council_changes"))
		tools_terminal_print(t, ", and %" PRId64 " of the %" PRId64 " of the new council",
				     catalog_value_get_int(motion, "new_signed", 0),
				     catalog_value_get_int(motion, "new_needed", 0));
	for (size_t i = 0; i < catalog_value_count(voters); i++) {
		const char *name = catalog_value_text(catalog_value_at(voters, i, NULL));

		tools_terminal_print(t, "%s", i == 0 ? ": " : ", ");
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, name != NULL ? name : "");
	}
	tools_terminal_print(t, "\n");
}

static void print_motion(const struct tools_terminal *t, const struct catalog_charter *charter,
			 const struct catalog_value *motion)
{
	const char *state = catalog_value_get_text(motion, "state"),
		   *member = catalog_value_get_text(motion, "member");

	tools_terminal_print(t, "%.16s  amendment %" PRId64, catalog_value_get_text(motion, "id"),
			     catalog_value_get_int(motion, "number", 0));
	if (state[0] != '\0')
		tools_terminal_print(t, ", %s", state);
	if (member[0] != '\0') {
		tools_terminal_print(t, ", proposed by ");
		tools_terminal_text(t, TOOLS_TERMINAL_BOLD, member);
	}
	tools_terminal_print(t, ", until %.10s\n", catalog_value_get_text(motion, "expires"));
	if (state[0] != '\0' && strcmp(state, "open") != 0)
		return;
	print_changes(t, charter, motion);
	print_votes(t, motion);
}

static int print_cast(const struct tools_call *call, const struct catalog_charter *charter,
		      const struct catalog_value *answer)
{
	const struct tools_terminal *t = &call->out;

	if (call->json)
		return tools_call_print_json(call, answer);
	print_motion(t, charter, answer);
	if (is_true(answer, "taken"))
		tools_terminal_print(t, "It is in force.\n");
	else
		tools_terminal_print(t,
				     "The others of the council vote for it: fedcat charter vote "
				     "%.16s\n",
				     catalog_value_get_text(answer, "id"));
	return 0;
}

/* --- the commands ---------------------------------------------------------------------------- */

static struct catalog_value *base64_of(struct catalog_span bytes)
{
	struct catalog_buffer text = {0};
	struct catalog_value *value = NULL;

	if (catalog_note_append_base64(&text, bytes) == 0)
		value = catalog_value_new_string_n((const char *)text.bytes, text.len);
	catalog_buffer_close(&text);
	return value;
}

int tools_command_motion_propose(const struct tools_call *call, struct node_client *client,
				 const struct catalog_charter *charter, struct catalog_span body,
				 const struct catalog_signature *signature)
{
	struct catalog_value *answer = NULL, *request = tools_call_request("charter-propose");
	struct catalog_buffer vote = {0};
	struct catalog_hash hash;
	unsigned long days = DAYS;
	int status = tools_call_number(call, "days", 1, DAYS_MAX, DAYS, &days);

	catalog_hash_of(body.bytes, body.len, &hash);
	if (status == 0 && signature != NULL &&
	    catalog_motion_encode_vote(&hash, signature, &vote) != 0)
		status = tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	request = tools_call_with_value(request, "amendment", base64_of(body));
	request = tools_call_with_value(request, "days", catalog_value_new_int((int64_t)days));
	if (vote.len > 0)
		request = tools_call_with_value(request, "new_vote",
						base64_of(catalog_buffer_span(&vote)));
	catalog_buffer_close(&vote);
	if (status != 0) {
		catalog_value_free(request);
		return status;
	}
	status = tools_signing_ask(call, client, request, &answer);
	if (status == 0)
		status = print_cast(call, charter, answer);
	catalog_value_free(answer);
	return status;
}

int tools_command_motion_vote(const struct tools_call *call)
{
	struct catalog_charter *charter = NULL;
	struct node_client *client = NULL;
	struct catalog_value *answer = NULL, *request;
	int status = tools_call_open_to_sign(call, &client);

	if (status == 0)
		status = tools_call_charter(call, &charter); /* as it is before the vote */
	if (status == 0) {
		request = tools_call_with(tools_call_request("charter-vote"), "id", call->words[0]);
		status = tools_signing_ask(call, client, request, &answer);
	}
	if (status == 0)
		status = print_cast(call, charter, answer);
	catalog_value_free(answer);
	node_client_close(client);
	catalog_charter_free(charter);
	return status;
}

int tools_command_motion_list(const struct tools_call *call)
{
	struct catalog_charter *charter = NULL;
	struct node_client *client = NULL;
	struct catalog_value *answer = NULL;
	const struct catalog_value *motions;
	int status = tools_call_open(call, &client);

	if (status == 0)
		status = tools_call_ask(call, client, tools_call_request("charter-motions"),
					&answer);
	if (status == 0 && !call->json)
		status = tools_call_charter(call, &charter);
	if (status != 0)
		goto out;
	if (call->json) {
		status = tools_call_print_json(call, answer);
		goto out;
	}
	motions = catalog_value_get(answer, "motions");
	for (size_t i = 0; i < catalog_value_count(motions); i++)
		print_motion(&call->out, charter, catalog_value_at(motions, i, NULL));
	if (catalog_value_count(motions) == 0)
		tools_terminal_print(&call->out, "Nobody has proposed anything.\n");
out:
	catalog_value_free(answer);
	node_client_close(client);
	catalog_charter_free(charter);
	return status;
}
