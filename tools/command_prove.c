/* tools/command_prove.c - both commands verify the receipt by the same function and say in the same
 * words what it shows: the one who makes it reads what the one who gets it will read.  Entries are
 * numbered from 1 in words, as `fedcat show` does, and from 0 in JSON. */
#include "tools/command_prove.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "catalog/attest.h"
#include "catalog/note.h"
#include "catalog/receipt.h"
#include "node/fields.h"
#include "node/keyfile.h"
#include "node/prove.h"
#include "node/verify.h"
#include "tools/command_conflict.h"
#include "tools/command_fork.h"
#include "tools/output.h"

#define CHARTER_BYTES_MAX (64u * 1024 * 1024)

/* A receipt that was verified. */
struct proven {
	struct catalog_receipt receipt;
	struct catalog_receipt_outcome outcome;
	const struct catalog_member *member; /* NULL: there is no charter to say who it is */
	size_t witness_count;                /* likewise 0 */
	struct catalog_attest_witness witnesses[CATALOG_NOTE_SIGNATURES_MAX];
};

static int out_of_memory(const struct tools_call *call)
{
	return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
}

/* Who cosigned the checkpoint, and whether that are as many as is demanded.  Returns 0 or an exit
 * status. */
static int check_witnesses(const struct tools_call *call, const char *name,
			   const struct catalog_charter *charter, struct proven *proven)
{
	unsigned long wanted = 0;
	int count, status = tools_call_option(call, "witnesses") == NULL
				    ? 0
				    : tools_call_number(call, "witnesses", 0,
							CATALOG_NOTE_SIGNATURES_MAX, 0, &wanted);

	if (status != 0)
		return status;
	if (charter == NULL)
		return wanted == 0 ? 0
				   : tools_call_fail(call, TOOLS_EXIT_USAGE,
						     "--witnesses: whose keys count, only the "
						     "charter tells; give --charter FILE in place "
						     "of --key");
	count = catalog_attest_witnesses(charter, proven->member->index, proven->receipt.note,
					 proven->witnesses, CATALOG_NOTE_SIGNATURES_MAX);
	if (count < 0)
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: not proven: a member's cosignature of the checkpoint "
				       "is not valid",
				       name);
	if ((unsigned long)count < wanted)
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: not proven: %d other members cosigned the checkpoint, "
				       "and %lu are demanded",
				       name, count, wanted);
	proven->witness_count = (size_t)count;
	return 0;
}

/* Verify the receipt in bytes, called name.  Returns 0, and the caller closes the receipt, or an
 * exit status. */
static int verify(const struct tools_call *call, const char *name, struct catalog_span bytes,
		  const struct catalog_receipt_trust *trust, struct proven *ret_proven)
{
	char why[CATALOG_RECEIPT_WHY_BYTES] = "";
	struct proven proven = {0};
	int r = catalog_receipt_init(&proven.receipt, bytes, why);

	if (r == 0)
		r = catalog_receipt_verify(&proven.receipt, trust, &proven.outcome, why);
	if (r == 0) {
		int status;

		if (trust->charter != NULL)
			proven.member =
				catalog_charter_member_named(trust->charter, proven.outcome.member);
		status = check_witnesses(call, name, trust->charter, &proven);
		if (status == 0)
			*ret_proven = proven;
		else
			catalog_receipt_close(&proven.receipt);
		return status;
	}
	catalog_receipt_close(&proven.receipt);
	if (r == -ENOMEM)
		return out_of_memory(call);
	return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED, "%s: not proven: %s", name, why);
}

/* --- what it shows, as JSON --------------------------------------------------------------------
 */

static struct catalog_value *entry_value(const struct catalog_receipt_outcome *outcome)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	if (outcome->claim == CATALOG_RECEIPT_ABSENT)
		return catalog_value_new_null();
	node_fields_init(&fields);
	node_fields_count(&fields, "index", outcome->index);
	node_fields_time(&fields, "time", outcome->time_s);
	node_fields_count(&fields, "newest", outcome->newest);
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

static struct catalog_value *checkpoint_value(const struct catalog_receipt_outcome *outcome)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_count(&fields, "size", outcome->checkpoint.size);
	node_fields_hash(&fields, "root", &outcome->checkpoint.root);
	node_fields_time(&fields, "time", outcome->state_time_s);
	if (outcome->checkpoint.attested_s > 0)
		node_fields_time(&fields, "current", outcome->checkpoint.attested_s);
	else
		node_fields_null(&fields, "current");
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

/* Who cosigned the checkpoint, and when. */
static struct catalog_value *witnesses_value(const struct proven *proven)
{
	struct catalog_value *list = catalog_value_new_list();

	for (size_t i = 0; i < proven->witness_count && list != NULL; i++) {
		struct node_fields fields;

		node_fields_init(&fields);
		node_fields_text(&fields, "member", proven->witnesses[i].member->name);
		node_fields_time(&fields, "time", proven->witnesses[i].time_s);
		if (node_fields_append(&fields, list) != 0) {
			catalog_value_free(list);
			list = NULL;
		}
	}
	return list;
}

/* The entry's body: a listing, or {reason}.  Null if there is none, or none that we can read. */
static struct catalog_value *body_value(const struct catalog_receipt_outcome *outcome)
{
	struct catalog_value *body = NULL;

	if (outcome->claim == CATALOG_RECEIPT_ABSENT ||
	    catalog_value_decode(outcome->entry.body, &body) != 0)
		return catalog_value_new_null();
	return body;
}

/* The caller owns *ret_value.  Returns 0 or an exit status. */
static int to_value(const struct tools_call *call, const struct proven *proven,
		    struct catalog_value **ret_value)
{
	const struct catalog_receipt_outcome *outcome = &proven->outcome;
	bool is_put = outcome->entry.kind == CATALOG_ENTRY_PUT;
	struct catalog_value *body = body_value(outcome);
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];
	struct node_fields fields;
	struct catalog_hash key;

	_Static_assert(sizeof key == sizeof outcome->key, "a key is written as a hash is");
	memcpy(key.bytes, outcome->key.bytes, sizeof key.bytes);
	node_keyfile_fingerprint(&outcome->key, print);
	node_fields_init(&fields);
	node_fields_text(&fields, "claim", node_prove_claim(outcome->claim));
	node_fields_text(&fields, "member", outcome->member);
	node_fields_text(&fields, "title", proven->member != NULL ? proven->member->title : NULL);
	node_fields_hash(&fields, "key", &key);
	node_fields_text(&fields, "fingerprint", print);
	node_fields_text(&fields, "id", outcome->id);
	node_fields_value(&fields, "entry", entry_value(outcome));
	node_fields_value(&fields, "checkpoint", checkpoint_value(outcome));
	node_fields_value(&fields, "witnesses", witnesses_value(proven));
	node_fields_count(&fields, "live", outcome->live);
	node_fields_count(&fields, "withdrawn", outcome->withdrawn);
	node_fields_text(&fields, "reason",
			 is_put ? NULL : catalog_value_text(catalog_value_get(body, "reason")));
	if (!is_put) {
		catalog_value_free(body);
		body = catalog_value_new_null();
	}
	node_fields_value(&fields, "listing", body);
	return node_fields_close(&fields, ret_value) == 0 ? 0 : out_of_memory(call);
}

/* --- what it shows, in words -------------------------------------------------------------------
 */

/* Who, with the title if the charter tells it. */
static int say_who(struct catalog_buffer *words, const struct proven *proven)
{
	if (proven->member == NULL)
		return catalog_buffer_print(words, "%s", proven->outcome.member);
	return catalog_buffer_print(words, "%s (%s)", proven->outcome.member,
				    proven->member->title);
}

static int say_claim(struct catalog_buffer *words, const struct catalog_receipt_outcome *outcome)
{
	char number[NODE_VERIFY_NUMBER_BYTES], newest[NODE_VERIFY_NUMBER_BYTES];

	node_verify_number(outcome->index + 1, number);
	node_verify_number(outcome->newest + 1, newest);
	switch (outcome->claim) {
	case CATALOG_RECEIPT_CURRENT:
		return catalog_buffer_print(
			words, " lists %s (entry %s), and this is its newest version as of",
			outcome->id, number);
	case CATALOG_RECEIPT_WITHDRAWN:
		return catalog_buffer_print(
			words, " withdrew %s (entry %s), and had not listed it again as of",
			outcome->id, number);
	case CATALOG_RECEIPT_SUPERSEDED:
		return catalog_buffer_print(words,
					    " listed %s (entry %s); this is an OLDER version, and "
					    "entry %s is its newest as of",
					    outcome->id, number, newest);
	case CATALOG_RECEIPT_ABSENT:
		return catalog_buffer_print(
			words, " lists nothing under the id \"%s\", and never did, as of",
			outcome->id);
	}
	return 0;
}

/* The sentence, NUL-terminated. */
static int say(struct catalog_buffer *words, const struct proven *proven)
{
	char size[NODE_VERIFY_NUMBER_BYTES], print[NODE_KEYFILE_FINGERPRINT_BYTES];
	int r = say_who(words, proven);

	node_verify_number(proven->outcome.checkpoint.size, size);
	node_keyfile_fingerprint(&proven->outcome.key, print);
	if (r == 0)
		r = say_claim(words, &proven->outcome);
	if (r == 0)
		r = catalog_buffer_print(words, " the checkpoint of %s entries signed with key %s.",
					 size, print);
	return r == 0 ? catalog_buffer_append(words, "", 1) : r;
}

/* When, by the member's clock; NUL-terminated. */
static int say_times(struct catalog_buffer *words, const struct catalog_value *value)
{
	const struct catalog_value *entry = catalog_value_get(value, "entry");
	const struct catalog_value *checkpoint = catalog_value_get(value, "checkpoint");
	const char *text = catalog_value_text(catalog_value_get(checkpoint, "time"));
	char time[TOOLS_OUTPUT_TEXT_BYTES];
	int r;

	tools_output_time(text != NULL ? text : "?", time);
	r = catalog_buffer_print(words, "By its own clock the member wrote that checkpoint at %s",
				 time);
	text = catalog_value_text(catalog_value_get(entry, "time"));
	if (r == 0 && text != NULL) {
		tools_output_time(text, time);
		r = catalog_buffer_print(words, ", and the entry at %s", time);
	}
	text = catalog_value_text(catalog_value_get(checkpoint, "current"));
	if (r == 0 && text != NULL) {
		tools_output_time(text, time);
		r = catalog_buffer_print(words, "; at %s it said that this was still its newest",
					 time);
	}
	return r == 0 ? catalog_buffer_append(words, ".", 2) : r;
}

/* The names of the witnesses; NUL-terminated. */
static int say_witnesses(struct catalog_buffer *words, const struct proven *proven)
{
	int r = 0;

	for (size_t i = 0; i < proven->witness_count && r == 0; i++)
		r = catalog_buffer_print(words, "%s%s", i == 0 ? "" : ", ",
					 proven->witnesses[i].member->name);
	return r == 0 ? catalog_buffer_append(words, "", 1) : r;
}

static void print_line(const struct tools_terminal *terminal, const char *label, const char *text)
{
	tools_terminal_print(terminal, "%s: ", label);
	tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, text, (unsigned)strlen(label) + 2);
}

static int show(const struct tools_call *call, const struct tools_terminal *terminal,
		const struct proven *proven, const struct catalog_value *value)
{
	bool is_full = proven->outcome.claim == CATALOG_RECEIPT_CURRENT ||
		       proven->outcome.claim == CATALOG_RECEIPT_SUPERSEDED;
	const char *title = catalog_listing_text(
		catalog_value_get(catalog_value_get(value, "listing"), "title"),
		call->lang[0] != '\0' ? call->lang : NULL, NULL);
	const char *reason = catalog_value_text(catalog_value_get(value, "reason"));
	struct catalog_buffer words = {0}, times = {0}, witnesses = {0};
	int r = say(&words, proven);

	if (r == 0)
		r = say_times(&times, value);
	if (r == 0)
		r = say_witnesses(&witnesses, proven);
	if (r != 0) {
		catalog_buffer_close(&witnesses);
		catalog_buffer_close(&words);
		catalog_buffer_close(&times);
		return out_of_memory(call);
	}
	tools_terminal_text(terminal,
			    proven->outcome.claim == CATALOG_RECEIPT_SUPERSEDED
				    ? TOOLS_TERMINAL_WORSE
				    : TOOLS_TERMINAL_GOOD,
			    "Proven:");
	tools_terminal_print(terminal, " ");
	tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, (const char *)words.bytes, 8);
	if (is_full && title != NULL)
		print_line(terminal, "Title", title);
	if (reason != NULL)
		print_line(terminal, "Reason", reason);
	tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, (const char *)times.bytes, 0);
	if (proven->witness_count > 0)
		print_line(terminal, "Cosigned by", (const char *)witnesses.bytes);
	catalog_buffer_close(&witnesses);
	if (proven->member == NULL)
		tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN,
				    "Whose key that is, only the federation's charter tells.", 0);
	catalog_buffer_close(&words);
	catalog_buffer_close(&times);
	return 0;
}

/* --- prove -------------------------------------------------------------------------------------
 */

/* The member and id that the words name: of this node's member if they name none.
 * Returns 0 or an exit status. */
static int read_name(const struct tools_call *call, struct node_client *client,
		     const struct catalog_charter *charter,
		     char ret_member[CATALOG_MEMBER_NAME_BYTES_MAX + 1], const char **ret_id)
{
	struct catalog_value *answer = NULL;
	const char *own;
	int status = tools_call_split(call, charter, call->words[0], ret_member, ret_id);

	if (status != 0 || ret_member[0] != '\0')
		return status;
	status = tools_call_ask(call, client, tools_call_request("status"), &answer);
	if (status != 0)
		return status;
	own = catalog_value_text(catalog_value_get(answer, "member"));
	if (own != NULL)
		(void)snprintf(ret_member, CATALOG_MEMBER_NAME_BYTES_MAX + 1, "%s", own);
	else
		status = tools_call_fail(call, TOOLS_EXIT_USAGE,
					 "whose \"%s\"?  Write MEMBER/%s; `fedcat members` lists "
					 "the members",
					 *ret_id, *ret_id);
	catalog_value_free(answer);
	return status;
}

static int make_request(const struct tools_call *call, const char *member, const char *id,
			struct catalog_value **ret_request)
{
	bool absent = tools_call_option(call, "absent") != NULL;
	struct catalog_value *request;
	unsigned long number = 0;
	int status = tools_call_number(call, "entry", 1, INT32_MAX, 0, &number);

	if (status != 0)
		return status;
	if (number != 0 && absent)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--entry and --absent cannot be proved at once");
	request = tools_call_with(tools_call_request("prove"), "member", member);
	request = tools_call_with(request, "id", id);
	if (absent)
		request = tools_call_with_value(request, "absent", catalog_value_new_bool(true));
	if (number != 0)
		request = tools_call_with_value(request, "entry",
						catalog_value_new_int((int64_t)number - 1));
	*ret_request = request;
	return 0;
}

/* Put the receipt where it was asked for, and say what it shows. */
static int deliver(const struct tools_call *call, struct catalog_span bytes,
		   const struct proven *proven)
{
	const char *path = tools_call_option(call, "output");
	struct catalog_value *value = NULL;
	struct node_error error;
	int r, status;

	if (path != NULL && strcmp(path, "-") == 0)
		path = NULL;
	status = to_value(call, proven, &value);
	if (status != 0)
		return status;
	r = path != NULL ? node_datadir_write(path, bytes, 0644, &error) : 0;
	if (r != 0) {
		status = tools_call_fail_code(call, r, &error);
	} else if (call->json) {
		value = path != NULL ? tools_call_with(value, "output", path)
				     : tools_call_with_value(
					       value, "receipt",
					       catalog_value_new_string_n((const char *)bytes.bytes,
									  bytes.len));
		status = value != NULL ? tools_call_print_json(call, value) : out_of_memory(call);
	} else {
		status = show(call, path != NULL ? &call->out : &call->err, proven, value);
		if (path == NULL && fwrite(bytes.bytes, 1, bytes.len, stdout) != bytes.len)
			status = tools_call_fail(call, TOOLS_EXIT_FAILED,
						 "cannot write to standard output");
	}
	catalog_value_free(value);
	return status;
}

/* Ask for the receipt and verify it by our own copy of the charter. */
static int prove(const struct tools_call *call, struct node_client *client,
		 const struct catalog_charter *charter)
{
	const struct catalog_receipt_trust trust = {.charter = charter};
	char member[CATALOG_MEMBER_NAME_BYTES_MAX + 1] = "";
	struct catalog_value *request = NULL, *answer = NULL;
	const struct catalog_value *text;
	struct catalog_span bytes;
	struct proven proven;
	const char *id = NULL;
	int status = read_name(call, client, charter, member, &id);

	if (status == 0)
		status = make_request(call, member, id, &request);
	if (status == 0)
		status = tools_call_ask(call, client, request, &answer);
	if (status != 0)
		return status;
	text = catalog_value_get(answer, "receipt");
	if (catalog_value_text(text) == NULL) {
		catalog_value_free(answer);
		return tools_call_fail(call, TOOLS_EXIT_FAILED,
				       "the node's answer has no receipt; is the fedcatd that runs "
				       "older than this command?");
	}
	bytes = (struct catalog_span){(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)};
	status = verify(call, "the node's receipt", bytes, &trust, &proven);
	if (status == 0) {
		status = deliver(call, bytes, &proven);
		catalog_receipt_close(&proven.receipt);
	}
	catalog_value_free(answer);
	return status;
}

int tools_command_prove_run(const struct tools_call *call)
{
	struct catalog_charter *charter = NULL;
	struct node_client *client = NULL;
	int status = tools_call_open(call, &client);

	if (status == 0)
		status = tools_call_charter(call, &charter);
	if (status == 0)
		status = prove(call, client, charter);
	catalog_charter_free(charter);
	node_client_close(client);
	return status;
}

/* --- verify ------------------------------------------------------------------------------------
 */

/* Whom to believe, and what it was read into. */
struct belief {
	struct catalog_receipt_trust trust;
	struct catalog_charter *charter; /* owned */
	struct catalog_hash federation;
	struct catalog_key key;
};

static int read_hex(const struct tools_call *call, const char *option, const char *text,
		    uint8_t ret_bytes[32])
{
	struct catalog_hash hash;

	if (strlen(text) != CATALOG_HASH_HEX_BYTES - 1 || catalog_hash_from_hex(text, &hash) != 0)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--%s: \"%.80s\" is not 64 hexadecimal digits", option,
				       text);
	memcpy(ret_bytes, hash.bytes, sizeof hash.bytes);
	return 0;
}

/* The charter of a file, or of this node if path is NULL. */
static int read_charter(const struct tools_call *call, const char *path, struct belief *belief)
{
	char dir[NODE_DATADIR_PATH_BYTES], own[NODE_DATADIR_PATH_BYTES];
	struct catalog_buffer bytes = {0};
	struct node_error error;
	int r, status;

	if (path == NULL) {
		status = tools_call_dir(call, dir);
		if (status != 0)
			return status;
		r = node_datadir_path(dir, NODE_DATADIR_CHARTER, own, &error);
		if (r == 0)
			r = node_datadir_read(own, CHARTER_BYTES_MAX, &bytes, &error);
		if (r == -ENOENT)
			return tools_call_fail(call, TOOLS_EXIT_USAGE,
					       "whom shall this be believed of?  Give --charter "
					       "FILE, the federation's charter, or --key KEY, the "
					       "member's key");
		path = own;
	} else {
		r = node_datadir_read(path, CHARTER_BYTES_MAX, &bytes, &error);
	}
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	r = catalog_charter_new(catalog_buffer_span(&bytes), &belief->charter);
	catalog_buffer_close(&bytes);
	if (r == -ENOMEM)
		return out_of_memory(call);
	if (r != 0)
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: this is no charter that verifies", path);
	belief->trust.charter = belief->charter;
	return 0;
}

static int read_belief(const struct tools_call *call, struct belief *belief)
{
	const char *charter = tools_call_option(call, "charter");
	const char *key = tools_call_option(call, "key");
	const char *federation = tools_call_option(call, "federation");
	int status = 0;

	if (charter != NULL && key != NULL)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--charter and --key: one of them says whom to believe");
	if (federation != NULL)
		status = read_hex(call, "federation", federation, belief->federation.bytes);
	if (status == 0 && key != NULL)
		status = read_hex(call, "key", key, belief->key.bytes);
	if (status == 0 && key == NULL)
		status = read_charter(call, charter, belief);
	if (status != 0)
		return status;
	if (key != NULL) {
		belief->trust.key = &belief->key;
		belief->trust.federation = federation != NULL ? &belief->federation : NULL;
	} else if (federation != NULL &&
		   !catalog_hash_equal(&belief->federation,
				       catalog_charter_federation(belief->charter))) {
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "the charter is of another federation than --federation "
				       "says");
	}
	return 0;
}

static int verify_file(const struct tools_call *call, const char *path,
		       const struct catalog_receipt_trust *trust)
{
	struct catalog_buffer bytes = {0};
	struct catalog_value *value = NULL;
	struct node_error error;
	struct proven proven;
	int status, r = node_datadir_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path,
					  CATALOG_RECEIPT_BYTES_MAX, &bytes, &error);

	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	if (tools_command_conflict_is(catalog_buffer_span(&bytes))) {
		status = tools_command_conflict_verify(call, path, trust->charter,
						       catalog_buffer_span(&bytes));
		catalog_buffer_close(&bytes);
		return status;
	}
	if (tools_command_fork_is(catalog_buffer_span(&bytes))) {
		status = tools_command_fork_verify(call, path, trust->charter,
						   catalog_buffer_span(&bytes));
		catalog_buffer_close(&bytes);
		return status;
	}
	status = verify(call, path, catalog_buffer_span(&bytes), trust, &proven);
	if (status == 0) {
		status = to_value(call, &proven, &value);
		if (status == 0)
			status = call->json ? tools_call_print_json(call, value)
					    : show(call, &call->out, &proven, value);
		catalog_value_free(value);
		catalog_receipt_close(&proven.receipt);
	}
	catalog_buffer_close(&bytes);
	return status;
}

int tools_command_prove_verify(const struct tools_call *call)
{
	struct belief belief = {0};
	int status = read_belief(call, &belief);

	if (status == 0)
		status = verify_file(call, call->words[0], &belief.trust);
	catalog_charter_free(belief.charter);
	return status;
}
