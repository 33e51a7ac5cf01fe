/* tools/command_charter.c - an amendment is a block of text that gathers signatures: each council
 * member adds its own, and when there are enough any node takes it and tells the others. */
#include "tools/command_charter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "catalog/amendment.h"
#include "catalog/armour.h"
#include "catalog/note.h"
#include "node/datadir.h"
#include "node/keyfile.h"
#include "tools/charter_change.h"
#include "tools/charter_profile.h"
#include "tools/command_motion.h"

#define ARMOUR         "AMENDMENT"
#define FILE_BYTES_MAX (CATALOG_AMENDMENT_BYTES_MAX * 2)

/* An amendment under way, and the charter that it is to follow. */
struct draft {
	struct catalog_charter *charter;
	struct catalog_buffer bytes;
	struct catalog_amendment *amendment; /* borrows from bytes */
	struct catalog_charter_tally tally;
};

static void close_draft(struct draft *draft)
{
	catalog_charter_free(draft->charter);
	catalog_buffer_close(&draft->bytes);
	free(draft->amendment);
}

/* Judge the draft, whose amendment was decoded. */
static int judge(const struct tools_call *call, struct draft *draft)
{
	char why[CATALOG_CHANGE_WHY_BYTES] = "";
	int r = catalog_charter_judge(draft->charter, draft->amendment, &draft->tally, why);

	return r == 0 ? 0
		      : tools_call_fail(call, r == -ENOMEM ? TOOLS_EXIT_FAILED : TOOLS_EXIT_REFUSED,
					"the charter cannot be amended so: %s",
					r == -ENOMEM ? "out of memory" : why);
}

static int read_draft(const struct tools_call *call, const char *path, struct draft *draft)
{
	struct catalog_buffer text = {0};
	struct node_error error;
	int r, status = tools_call_charter(call, &draft->charter);

	if (status != 0)
		return status;
	r = node_datadir_read(path, FILE_BYTES_MAX, &text, &error);
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	draft->amendment = calloc(1, sizeof *draft->amendment);
	r = catalog_armour_read(ARMOUR, catalog_buffer_span(&text), &draft->bytes);
	catalog_buffer_close(&text);
	if (draft->amendment == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = catalog_amendment_decode(catalog_buffer_span(&draft->bytes), draft->amendment);
	return r == 0 ? 0
		      : tools_call_fail(call, TOOLS_EXIT_FAILED,
					"%s: there is no amendment in it, or it is damaged", path);
}

static int write_draft(const struct tools_call *call, const char *path, const struct draft *draft)
{
	struct catalog_buffer bytes = {0}, text = {0};
	struct node_error error;
	int r = catalog_amendment_encode(draft->amendment->body, draft->amendment->signatures,
					 draft->amendment->signature_count, &bytes);

	if (r == 0)
		r = catalog_armour_write(ARMOUR, catalog_buffer_span(&bytes), &text);
	if (r == 0)
		r = node_datadir_write(path, catalog_buffer_span(&text), 0644, &error);
	else
		(void)node_error_set(&error, r, "out of memory");
	catalog_buffer_close(&bytes);
	catalog_buffer_close(&text);
	return r == 0 ? 0 : tools_call_fail_code(call, r, &error);
}

/* --- showing --------------------------------------------------------------------------------- */

static const char *who_has(const struct catalog_charter *charter, const struct catalog_key *key,
			   char ret_print[NODE_KEYFILE_FINGERPRINT_BYTES])
{
	const struct catalog_member *member = catalog_charter_member_with_key(charter, key);

	node_keyfile_fingerprint(key, ret_print);
	return member != NULL ? member->name : ret_print;
}

static void print_tally(const struct tools_terminal *t, const struct draft *draft)
{
	const struct catalog_charter_tally *tally = &draft->tally;
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];

	tools_terminal_print(t, "Signed by %zu of the %zu that are needed", tally->signed_count,
			     tally->needed);
	if (tally->is_council_changed)
		tools_terminal_print(t, ", and by %zu of the %zu of the new council",
				     tally->new_signed_count, tally->new_needed);
	for (size_t i = 0; i < draft->amendment->signature_count; i++)
		tools_terminal_print(
			t, "%s%s", i == 0 ? ": " : ", ",
			who_has(draft->charter, &draft->amendment->signatures[i].key, print));
	tools_terminal_print(t, "\n");
}

static int print_draft(const struct tools_call *call, const struct draft *draft, const char *path,
		       bool is_taken)
{
	const struct tools_terminal *t = &call->out;
	struct catalog_span changes = draft->amendment->changes;
	struct catalog_change *change;
	struct catalog_value *answer;
	char hash[CATALOG_HASH_HEX_BYTES];
	int status;

	catalog_hash_to_hex(&draft->amendment->hash, hash);
	if (call->json) {
		answer = tools_call_with(catalog_value_new_map(), "amendment", hash);
		answer = tools_call_with_value(
			answer, "number", catalog_value_new_int((int64_t)draft->amendment->number));
		answer = tools_call_with_value(
			answer, "signed",
			catalog_value_new_int((int64_t)draft->tally.signed_count));
		answer = tools_call_with_value(answer, "needed",
					       catalog_value_new_int((int64_t)draft->tally.needed));
		answer = tools_call_with_value(answer, "taken", catalog_value_new_bool(is_taken));
		answer = tools_call_with(answer, "file", path);
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		return status;
	}
	change = malloc(sizeof *change);
	if (change == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	tools_terminal_print(t, "Amendment %" PRIu64 " of ", draft->amendment->number);
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(draft->charter));
	tools_terminal_print(t, " (%.16s):\n", hash);
	while (catalog_amendment_next(&changes, change, NULL) == 0)
		tools_charter_change_print(t, draft->charter, change);
	free(change);
	print_tally(t, draft);
	return 0;
}

/* --- signing and submitting ------------------------------------------------------------------ */

/* Sign with our member's key, if it is asked. */
static int sign(const struct tools_call *call, struct draft *draft, bool is_asked)
{
	const struct catalog_member *member;
	struct catalog_secret *secret = NULL;
	struct catalog_signature signature;
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	size_t before = draft->amendment->signature_count;
	int r, status = tools_call_dir(call, dir);

	if (status != 0)
		return status;
	if (node_keyfile_new(&secret) != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	r = node_datadir_member(dir, draft->charter, secret, &member, &error);
	if (r == 0) {
		catalog_amendment_sign(&draft->amendment->hash, secret, &signature);
		r = catalog_amendment_add(draft->amendment, &signature);
		if (r == -EEXIST && is_asked)
			status = tools_call_fail(call, TOOLS_EXIT_REFUSED,
						 "%s has signed it already", member->name);
		else if (r != 0 && r != -EEXIST)
			status = tools_call_fail(call, TOOLS_EXIT_FAILED,
						 "it has too many signatures");
		if (status == 0)
			status = judge(call, draft);
		if (status == 0 && is_asked && draft->amendment->signature_count == before)
			status = tools_call_fail(call, TOOLS_EXIT_REFUSED,
						 "%s is not on the council: nobody asks for its "
						 "signature",
						 member->name);
	} else if (is_asked || r != -ENOENT) {
		status = tools_call_fail_code(call, r, &error);
	}
	node_keyfile_free(secret);
	return status;
}

static int submit(const struct tools_call *call, struct node_client *client,
		  const struct draft *draft)
{
	struct catalog_buffer bytes = {0}, base64 = {0};
	struct catalog_value *answer = NULL, *request;
	int status;

	if (catalog_amendment_encode(draft->amendment->body, draft->amendment->signatures,
				     draft->amendment->signature_count, &bytes) != 0 ||
	    catalog_note_append_base64(&base64, catalog_buffer_span(&bytes)) != 0) {
		status = tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
		goto out;
	}
	request = tools_call_with_value(
		tools_call_request("charter-submit"), "amendment",
		catalog_value_new_string_n((const char *)base64.bytes, base64.len));
	status = tools_call_ask(call, client, request, &answer);
out:
	catalog_value_free(answer);
	catalog_buffer_close(&bytes);
	catalog_buffer_close(&base64);
	return status;
}

/* --- the commands ---------------------------------------------------------------------------- */

/* Our member's next key, and what to change so that it signs. */
static int read_rotation(const struct tools_call *call, struct node_client *client,
			 const struct draft *draft, const struct catalog_secret *next,
			 struct catalog_buffer *changes, size_t *ret_count)
{
	const struct catalog_member *member;
	char dir[NODE_DATADIR_PATH_BYTES];
	struct catalog_key key;
	struct node_error error;
	int r, status = tools_call_dir(call, dir);

	if (status != 0)
		return status;
	r = node_datadir_whose(dir, draft->charter, &member, &error);
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	node_keyfile_public(next, &key);
	return tools_charter_change_rotate(call, draft->charter, client, member, &key, changes,
					   ret_count);
}

static int write_body(const struct tools_call *call, struct node_client *client,
		      struct draft *draft, const struct catalog_secret *next)
{
	struct catalog_buffer changes = {0};
	uv_timeval64_t now;
	size_t count = 0;
	int r, status;

	status = next != NULL ? read_rotation(call, client, draft, next, &changes, &count)
			      : tools_charter_change_read(call, draft->charter, client, &changes,
							  &count);
	if (status != 0)
		goto out;
	r = uv_gettimeofday(&now);
	draft->amendment = calloc(1, sizeof *draft->amendment);
	if (draft->amendment == NULL ||
	    catalog_amendment_write(catalog_charter_number(draft->charter) + 1,
				    catalog_charter_head(draft->charter), r == 0 ? now.tv_sec : 0,
				    catalog_buffer_span(&changes), count, &draft->bytes) != 0 ||
	    catalog_amendment_decode_body(catalog_buffer_span(&draft->bytes), draft->amendment) !=
		    0)
		status = tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	else
		status = judge(call, draft);
out:
	catalog_buffer_close(&changes);
	return status;
}

/* next: the key that our member is to have, which signs, too; NULL: what the options say. */
static int propose(const struct tools_call *call, const struct catalog_secret *next)
{
	const char *output = tools_call_option(call, "output");
	struct node_client *client = NULL;
	struct draft draft = {0};
	struct catalog_signature signature;
	char path[64];
	bool is_full = false, is_online = tools_call_option(call, "online") != NULL;
	int status =
		is_online ? tools_call_open_to_sign(call, &client) : tools_call_open(call, &client);

	if (status == 0)
		status = tools_call_charter(call, &draft.charter);
	if (status == 0)
		status = write_body(call, client, &draft, next);
	if (status == 0 && next != NULL)
		catalog_amendment_sign(&draft.amendment->hash, next, &signature);
	if (status == 0 && is_online) {
		status = tools_command_motion_propose(call, client, draft.charter,
						      draft.amendment->body,
						      next != NULL ? &signature : NULL);
		goto out;
	}
	if (status == 0 && next != NULL) /* one that nobody asks for is taken off again */
		(void)catalog_amendment_add(draft.amendment, &signature);
	if (status == 0)
		status = sign(call, &draft, false);
	if (status != 0)
		goto out;
	is_full = catalog_charter_tally_is_full(&draft.tally) && output == NULL;
	(void)snprintf(path, sizeof path, "amendment-%" PRIu64 ".txt",
		       draft.amendment->number); /* it fits */
	output = output != NULL ? output : path;
	status = is_full ? submit(call, client, &draft) : write_draft(call, output, &draft);
	if (status == 0)
		status = print_draft(call, &draft, is_full ? NULL : output, is_full);
	if (status == 0 && !call->json)
		tools_terminal_print(&call->out,
				     is_full ? "It is in force.\n"
					     : "Have the others of the council sign it: fedcat "
					       "charter sign %s\nThen: fedcat charter submit %s\n",
				     output, output);
out:
	close_draft(&draft);
	node_client_close(client);
	return status;
}

int tools_command_charter_propose(const struct tools_call *call)
{
	return propose(call, NULL);
}

int tools_command_charter_rotate(const struct tools_call *call, const struct catalog_secret *next)
{
	return propose(call, next);
}

int tools_command_charter_sign(const struct tools_call *call)
{
	struct draft draft = {0};
	int status = read_draft(call, call->words[0], &draft);

	if (status == 0)
		status = judge(call, &draft);
	if (status == 0)
		status = sign(call, &draft, true);
	if (status == 0)
		status = write_draft(call, call->words[0], &draft);
	if (status == 0)
		status = print_draft(call, &draft, call->words[0], false);
	if (status == 0 && !call->json && catalog_charter_tally_is_full(&draft.tally))
		tools_terminal_print(&call->out, "That is enough: fedcat charter submit %s\n",
				     call->words[0]);
	close_draft(&draft);
	return status;
}

int tools_command_charter_submit(const struct tools_call *call)
{
	struct node_client *client = NULL;
	struct draft draft = {0};
	int status = read_draft(call, call->words[0], &draft);

	if (status == 0)
		status = judge(call, &draft);
	if (status == 0 && !catalog_charter_tally_is_full(&draft.tally)) {
		status = print_draft(call, &draft, call->words[0], false);
		if (status == 0)
			status = tools_call_fail(call, TOOLS_EXIT_REFUSED,
						 "more of the council must sign it first: fedcat "
						 "charter sign %s",
						 call->words[0]);
	}
	if (status == 0)
		status = tools_call_open(call, &client);
	if (status == 0)
		status = submit(call, client, &draft);
	if (status == 0)
		status = print_draft(call, &draft, call->words[0], true);
	if (status == 0 && !call->json)
		tools_terminal_print(&call->out, "It is in force.\n");
	close_draft(&draft);
	node_client_close(client);
	return status;
}

static int show_charter(const struct tools_call *call, const struct catalog_charter *charter)
{
	static const char *const standings[] = {"", ", suspended", ", expelled"};
	const struct catalog_council *council = catalog_charter_council(charter);
	const struct tools_terminal *t = &call->out;
	char id[CATALOG_HASH_HEX_BYTES], print[NODE_KEYFILE_FINGERPRINT_BYTES];

	catalog_hash_to_hex(catalog_charter_federation(charter), id);
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(charter));
	tools_terminal_print(t, " (federation %.16s), amendment %" PRIu64 "\n", id,
			     catalog_charter_number(charter));
	tools_charter_profile_print(t, catalog_charter_profile(charter));
	tools_terminal_print(t, "Council: %u of %zu must sign\n", council->threshold,
			     council->count);
	for (size_t i = 0; i < council->count; i++)
		tools_terminal_print(t, "  %s\n", who_has(charter, &council->keys[i], print));
	tools_terminal_print(t, "Members: %zu\n", catalog_charter_member_count(charter));
	for (size_t i = 0; i < catalog_charter_member_count(charter); i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);

		node_keyfile_fingerprint(&member->key, print);
		tools_terminal_print(t, "  %s (", member->name);
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, member->title);
		tools_terminal_print(t, "), %s, key %s%s\n", member->country, print,
				     standings[member->standing]);
	}
	return 0;
}

static int show_charter_json(const struct tools_call *call, const struct catalog_charter *charter)
{
	static const char *const standings[] = {"member", "suspended", "expelled"};
	const struct catalog_council *council = catalog_charter_council(charter);
	struct catalog_value *answer, *members = catalog_value_new_list();
	char id[CATALOG_HASH_HEX_BYTES], print[NODE_KEYFILE_FINGERPRINT_BYTES];
	int status;

	catalog_hash_to_hex(catalog_charter_federation(charter), id);
	for (size_t i = 0; members != NULL && i < catalog_charter_member_count(charter); i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);
		struct catalog_value *one;

		node_keyfile_fingerprint(&member->key, print);
		one = tools_call_with(catalog_value_new_map(), "name", member->name);
		one = tools_call_with(one, "title", member->title);
		one = tools_call_with(one, "fingerprint", print);
		one = tools_call_with(one, "standing", standings[member->standing]);
		if (catalog_value_append(members, one) != 0) {
			catalog_value_free(members);
			members = NULL;
		}
	}
	answer = tools_call_with(catalog_value_new_map(), "name", catalog_charter_name(charter));
	answer = tools_call_with(answer, "id", id);
	answer = tools_call_with_value(
		answer, "amendment",
		catalog_value_new_int((int64_t)catalog_charter_number(charter)));
	answer = tools_call_with_value(answer, "council",
				       catalog_value_new_int((int64_t)council->count));
	answer = tools_call_with_value(answer, "threshold",
				       catalog_value_new_int((int64_t)council->threshold));
	answer = tools_call_with_value(answer, "members", members);
	status = tools_call_print_json(call, answer);
	catalog_value_free(answer);
	return status;
}

int tools_command_charter_show(const struct tools_call *call)
{
	struct draft draft = {0};
	int status;

	if (call->word_count > 0) {
		status = read_draft(call, call->words[0], &draft);
		if (status == 0)
			status = judge(call, &draft);
		if (status == 0)
			status = print_draft(call, &draft, call->words[0], false);
	} else {
		status = tools_call_charter(call, &draft.charter);
		if (status == 0)
			status = call->json ? show_charter_json(call, draft.charter)
					    : show_charter(call, draft.charter);
	}
	close_draft(&draft);
	return status;
}
