#include "tools/command_fork.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/fork.h"
#include "catalog/note.h"
#include "node/datadir.h"
#include "node/trust.h"
#include "tools/output.h"

bool tools_command_fork_is(struct catalog_span bytes)
{
	/* A msgpack array of 4 or 10, whose first element is the version: no text begins so. */
	return bytes.len > 2 && (bytes.bytes[0] == 0x94 || bytes.bytes[0] == 0x9a) &&
	       bytes.bytes[1] == 1;
}

static void show_checkpoint(const struct tools_terminal *t, const char *label,
			    const struct catalog_checkpoint *checkpoint)
{
	char hex[CATALOG_HASH_HEX_BYTES], size[TOOLS_OUTPUT_TEXT_BYTES];

	tools_output_count(checkpoint->size, size);
	catalog_hash_to_hex(&checkpoint->root, hex);
	tools_terminal_print(t, "  %s  %s entries, root %s\n", label, size, hex);
}

static void show(const struct tools_call *call, const struct catalog_member *member,
		 const struct catalog_fork *fork)
{
	const struct tools_terminal *t = &call->out;
	char first[TOOLS_OUTPUT_TEXT_BYTES], last[TOOLS_OUTPUT_TEXT_BYTES];

	tools_terminal_text(t, TOOLS_TERMINAL_BAD, "Proven:");
	tools_terminal_print(t, " %s (", member->name);
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, member->title);
	tools_terminal_print(t, ") has signed two histories of its log.  Its key signed both of\n");
	show_checkpoint(t, "A", &fork->checkpoints[0]);
	show_checkpoint(t, "B", &fork->checkpoints[1]);
	if (!fork->has_node) {
		tools_terminal_print(t, "which have one size and two roots.\n");
		return;
	}
	tools_output_count((fork->index << fork->level) + 1, first);
	tools_output_count((fork->index + 1) << fork->level, last);
	if (fork->level == 0)
		tools_terminal_print(t, "and entry %s is another under each.\n", first);
	else
		tools_terminal_print(t, "and the entries %s to %s are others under each.\n", first,
				     last);
}

/* What a verified proof shows, on standard output. */
static int report(const struct tools_call *call, const struct catalog_member *member,
		  const struct catalog_fork *fork, const char *output)
{
	struct catalog_value *value;
	int status;

	if (!call->json) {
		show(call, member, fork);
		return 0;
	}
	value = tools_call_with(catalog_value_new_map(), "claim", "forked");
	value = tools_call_with(value, "member", member->name);
	value = tools_call_with(value, "title", member->title);
	value = tools_call_with_value(value, "fork", node_trust_fork_value(fork));
	if (output != NULL)
		value = tools_call_with(value, "output", output);
	status = value != NULL ? tools_call_print_json(call, value)
			       : tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	catalog_value_free(value);
	return status;
}

static int verify(const struct tools_call *call, const char *name,
		  const struct catalog_charter *charter, struct catalog_span bytes,
		  struct catalog_fork *ret_fork)
{
	switch (catalog_fork_verify(charter, bytes, ret_fork)) {
	case 0: return 0;
	case -ENOMEM: return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	case -ENOENT:
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: not proven: it is of a member that the charter does "
				       "not know",
				       name);
	case -EKEYREJECTED:
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: not proven: its checkpoints are not signed by one "
				       "member of this federation, or can be of one log",
				       name);
	default:
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: not proven: the proof is damaged", name);
	}
}

int tools_command_fork_verify(const struct tools_call *call, const char *name,
			      const struct catalog_charter *charter, struct catalog_span bytes)
{
	struct catalog_fork fork;
	int status;

	if (charter == NULL)
		return tools_call_fail(
			call, TOOLS_EXIT_USAGE,
			"%s is the proof of a fork, which is checked by the "
			"federation's charter; give --charter FILE in place of --key",
			name);
	status = verify(call, name, charter, bytes, &fork);
	return status == 0 ? report(call, catalog_charter_member(charter, fork.log), &fork, NULL)
			   : status;
}

/* The proof in a node's answer. */
static int read_proof(const struct tools_call *call, const struct catalog_value *answer,
		      uint8_t ret_proof[CATALOG_FORK_BYTES_MAX], size_t *ret_len)
{
	const struct catalog_value *text = catalog_value_get(answer, "proof");
	struct catalog_span span = {(const uint8_t *)catalog_value_text(text),
				    text != NULL ? catalog_value_text_len(text) : 0};

	if (span.bytes != NULL &&
	    catalog_note_base64(span, ret_proof, CATALOG_FORK_BYTES_MAX, ret_len) == 0)
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
	uint8_t proof[CATALOG_FORK_BYTES_MAX];
	struct catalog_span bytes = {proof, 0};
	struct catalog_fork fork;
	struct node_error error;
	int r, status;

	request = tools_call_with(tools_call_request("fork"), "member", call->words[0]);
	status = tools_call_ask(call, client, request, &answer);
	if (status == 0)
		status = read_proof(call, answer, proof, &bytes.len);
	if (status == 0)
		status = verify(call, "the node's proof", charter, bytes, &fork);
	if (status == 0 && path != NULL) {
		r = node_datadir_write(path, bytes, 0644, &error);
		if (r != 0)
			status = tools_call_fail_code(call, r, &error);
	}
	if (status == 0)
		status = report(call, catalog_charter_member(charter, fork.log), &fork, path);
	catalog_value_free(answer);
	return status;
}

int tools_command_fork_show(const struct tools_call *call)
{
	struct catalog_charter *charter = NULL;
	struct node_client *client = NULL;
	int status = tools_call_open(call, &client);

	if (status == 0)
		status = tools_call_charter(call, &charter);
	if (status == 0)
		status = fetch(call, client, charter);
	catalog_charter_free(charter);
	node_client_close(client);
	return status;
}
