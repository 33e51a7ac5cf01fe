#include "tools/command_conflict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "catalog/conflict.h"
#include "catalog/note.h"
#include "node/conflicts.h"
#include "node/datadir.h"
#include "tools/output.h"

bool tools_command_conflict_is(struct catalog_span bytes)
{
	/* A msgpack array of 3, whose first element is the version: no text begins so. */
	return bytes.len > 2 && bytes.bytes[0] == 0x93 && bytes.bytes[1] == 1;
}

static void show(const struct tools_call *call, const struct catalog_conflict *conflict)
{
	const struct tools_terminal *t = &call->out;

	tools_terminal_text(t, TOOLS_TERMINAL_BAD, "Proven:");
	tools_terminal_print(t,
			     " the council has signed two amendments %" PRIu64
			     " of the charter, each with as many as must sign.\n",
			     conflict->number);
	for (size_t i = 0; i < 2; i++) {
		char hex[CATALOG_HASH_HEX_BYTES];

		catalog_hash_to_hex(&conflict->hashes[i], hex);
		tools_terminal_print(t, "  %s%s\n", hex, i == 0 ? "  (this one counts)" : "");
	}
}

/* What a verified proof shows, on standard output. */
static int report(const struct tools_call *call, const struct catalog_conflict *conflict,
		  const char *output)
{
	struct catalog_value *value;
	int status;

	if (!call->json) {
		show(call, conflict);
		return 0;
	}
	value = tools_call_with(catalog_value_new_map(), "claim", "council-conflict");
	value = tools_call_with_value(value, "number",
				      catalog_value_new_int((int64_t)conflict->number));
	value = tools_call_with_value(value, "hashes", node_conflicts_proof_value(conflict));
	if (output != NULL)
		value = tools_call_with(value, "output", output);
	status = value != NULL ? tools_call_print_json(call, value)
			       : tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	catalog_value_free(value);
	return status;
}

static int verify(const struct tools_call *call, const char *name,
		  const struct catalog_charter *charter, struct catalog_span bytes,
		  struct catalog_conflict *ret_conflict)
{
	char why[CATALOG_CHANGE_WHY_BYTES] = "it is damaged";
	int r = catalog_conflict_verify(charter, bytes, ret_conflict, why);

	if (r == 0)
		return 0;
	if (r == -ENOMEM)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED, "%s: not proven: %s", name, why);
}

int tools_command_conflict_verify(const struct tools_call *call, const char *name,
				  const struct catalog_charter *charter, struct catalog_span bytes)
{
	struct catalog_conflict conflict;
	int status;

	if (charter == NULL)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "%s is about the council, which is checked by the "
				       "federation's charter; give --charter FILE in place of "
				       "--key",
				       name);
	status = verify(call, name, charter, bytes, &conflict);
	return status == 0 ? report(call, &conflict, NULL) : status;
}

/* The proof in a node's answer. */
static int read_proof(const struct tools_call *call, const struct catalog_value *answer,
		      struct catalog_buffer *proof)
{
	const struct catalog_value *text = catalog_value_get(answer, "proof");
	struct catalog_span span = {(const uint8_t *)catalog_value_text(text),
				    text != NULL ? catalog_value_text_len(text) : 0};

	if (span.bytes != NULL && catalog_buffer_reserve(proof, span.len + 1) == 0 &&
	    catalog_note_base64(span, proof->bytes, span.len + 1, &proof->len) == 0)
		return 0;
	return tools_call_fail(call, TOOLS_EXIT_FAILED,
			       "the node's answer has no proof; is the fedcatd that runs older "
			       "than this command?");
}

/* Ask for the proof, and verify it by our own copy of the charter. */
static int fetch(const struct tools_call *call, struct node_client *client,
		 const struct catalog_charter *charter)
{
	const char *path = tools_call_option(call, "output");
	struct catalog_value *request, *answer = NULL;
	struct catalog_buffer proof = {0};
	struct catalog_conflict conflict;
	struct node_error error;
	char *end;
	unsigned long number = strtoul(call->words[0], &end, 10);
	int r, status;

	if (*end != '\0' || number == 0 || number > INT64_MAX)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "%s is no number of an amendment; `fedcat status` tells "
				       "which the council signed twice",
				       call->words[0]);
	request = tools_call_with_value(tools_call_request("charter-conflict"), "number",
					catalog_value_new_int((int64_t)number));
	status = tools_call_ask(call, client, request, &answer);
	if (status == 0)
		status = read_proof(call, answer, &proof);
	if (status == 0)
		status = verify(call, "the node's proof", charter, catalog_buffer_span(&proof),
				&conflict);
	if (status == 0 && path != NULL) {
		r = node_datadir_write(path, catalog_buffer_span(&proof), 0644, &error);
		if (r != 0)
			status = tools_call_fail_code(call, r, &error);
	}
	if (status == 0)
		status = report(call, &conflict, path);
	catalog_value_free(answer);
	catalog_buffer_close(&proof);
	return status;
}

int tools_command_conflict_show(const struct tools_call *call)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	struct catalog_charter *charter = NULL;
	struct node_client *client = NULL;
	struct node_error error;
	int r, status = tools_call_dir(call, dir);

	if (status == 0)
		status = tools_call_open(call, &client);
	if (status != 0)
		return status;
	r = node_datadir_charter(dir, &charter, &error);
	status = r == 0 ? fetch(call, client, charter) : tools_call_fail_code(call, r, &error);
	catalog_charter_free(charter);
	node_client_close(client);
	return status;
}
