#include "tools/charter_change.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/armour.h"
#include "catalog/join.h"
#include "node/datadir.h"
#include "node/keyfile.h"
#include "node/nodekey.h"
#include "tools/charter_profile.h"

#define REQUEST_BYTES_MAX 65536

/* What is being read. */
struct reading {
	const struct tools_call *call;
	const struct catalog_charter *charter;
	struct node_client *client;
	struct catalog_change *change;
	struct catalog_buffer *changes;
	size_t count;
	uint32_t next_index; /* of who is admitted next */
	struct catalog_profile profile;
	bool is_profile_new;
};

static int refuse(const struct reading *reading, const char *option, const char *value,
		  const char *what)
{
	return tools_call_fail(reading->call, TOOLS_EXIT_USAGE, "--%s \"%.80s\": %s", option, value,
			       what);
}

static int read_key(const char *hex, struct catalog_key *ret_key)
{
	struct catalog_hash hash;
	int r = catalog_hash_from_hex(hex, &hash);

	if (r == 0)
		memcpy(ret_key->bytes, hash.bytes, sizeof ret_key->bytes);
	return r;
}

static int add(struct reading *reading, const char *option, const char *value)
{
	const char *wrong = catalog_change_wrong(reading->change);

	if (wrong != NULL)
		return refuse(reading, option, value, wrong);
	if (catalog_change_encode(reading->change, reading->changes) != 0)
		return tools_call_fail(reading->call, TOOLS_EXIT_FAILED, "out of memory");
	reading->count++;
	return 0;
}

/* --- admit ----------------------------------------------------------------------------------- */

/* The next ",key=" of those we know at or after text, so that titles may have commas. */
static char *next_field(char *text)
{
	static const char *const keys[] = {",key=", ",country=", ",sector=", ",address=", ",node="};
	char *first = NULL;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char *found = strstr(text, keys[i]);

		if (found != NULL && (first == NULL || found < first))
			first = found;
	}
	return first;
}

static bool copy(const char *value, char *ret_text, size_t room)
{
	int len = snprintf(ret_text, room, "%s", value);

	return len >= 0 && (size_t)len < room;
}

static bool read_field(const char *key, const char *value, struct catalog_member *member)
{
	if (strcmp(key, "key") == 0)
		return read_key(value, &member->key) == 0;
	if (strcmp(key, "country") == 0)
		return copy(value, member->country, sizeof member->country);
	if (strcmp(key, "sector") == 0)
		return copy(value, member->sector, sizeof member->sector);
	if (strcmp(key, "address") == 0)
		return member->address_count < CATALOG_CHARTER_ADDRESSES_MAX &&
		       copy(value, member->addresses[member->address_count++],
			    sizeof member->addresses[0]);
	return member->node_count < CATALOG_CHARTER_NODES_MAX &&
	       node_nodekey_parse(value, &member->nodes[member->node_count++]) == 0;
}

int tools_charter_change_member(const struct tools_call *call, const char *option, const char *spec,
				enum tools_charter_change_key key,
				struct catalog_member *ret_member)
{
	struct catalog_member member = {.sector = "general"};
	char *text = strdup(spec), *title, *field;
	bool is_good = true, has_key = false;

	if (text == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	field = next_field(text);
	if (field != NULL)
		*field++ = '\0';
	title = strchr(text, '=');
	if (title != NULL)
		*title++ = '\0';
	is_good = title != NULL && copy(text, member.name, sizeof member.name) &&
		  copy(title, member.title, sizeof member.title);
	while (is_good && field != NULL) {
		char *value = strchr(field, '='), *next = next_field(field);

		if (next != NULL)
			*next++ = '\0';
		*value++ = '\0'; /* next_field() finds "key=" only */
		has_key |= strcmp(field, "key") == 0;
		is_good = read_field(field, value, &member);
		field = next;
	}
	free(text);
	if (!is_good || has_key != (key == TOOLS_CHARTER_CHANGE_KEY))
		return tools_call_fail(
			call, TOOLS_EXIT_USAGE,
			"--%s \"%.80s\": a member is written NAME=TITLE%s,country=CC"
			"[,sector=WORD][,address=HOST:PORT][,node=KEY]; keys are 64 hexadecimal "
			"digits, as `fedcat key show` prints them",
			option, spec, key == TOOLS_CHARTER_CHANGE_KEY ? ",key=KEY" : "");
	*ret_member = member;
	return 0;
}

static int read_admission(struct reading *reading, const char *spec)
{
	struct catalog_member *member = &reading->change->as.admit;
	int status = tools_charter_change_member(reading->call, "admit", spec,
						 TOOLS_CHARTER_CHANGE_KEY, member);

	reading->change->verb = CATALOG_CHANGE_ADMIT;
	member->index = reading->next_index++;
	return status != 0 ? status : add(reading, "admit", spec);
}

/* What `fedcat join` printed. */
static int read_request(struct reading *reading, const char *path)
{
	struct catalog_member *member = &reading->change->as.admit;
	struct catalog_buffer text = {0}, request = {0};
	struct node_error error;
	int r = node_datadir_read(path, REQUEST_BYTES_MAX, &text, &error);

	if (r != 0) {
		catalog_buffer_close(&text);
		return tools_call_fail_code(reading->call, r, &error);
	}
	r = catalog_armour_read("JOIN REQUEST", catalog_buffer_span(&text), &request);
	if (r == 0)
		r = catalog_join_read(catalog_buffer_span(&request),
				      catalog_charter_federation(reading->charter), member);
	catalog_buffer_close(&text);
	catalog_buffer_close(&request);
	if (r != 0)
		return tools_call_fail(
			reading->call,
			r == -EKEYREJECTED ? TOOLS_EXIT_UNVERIFIED : TOOLS_EXIT_FAILED, "%s: %s",
			path,
			r == -EPROTO         ? "is a request to join another federation"
			: r == -EKEYREJECTED ? "is not signed with the key that it asks for"
					     : "there is no request to join in it, or it is "
					       "damaged");
	reading->change->verb = CATALOG_CHANGE_ADMIT;
	member->index = reading->next_index++;
	return add(reading, "admit-request", path);
}

/* --- lines ----------------------------------------------------------------------------------- */

/* Ask the node for the newest checkpoint of a member, and draw the line there. */
static int read_line(struct reading *reading, const char *option, const char *name,
		     const char *value)
{
	const struct catalog_member *member = catalog_charter_member_named(reading->charter, name);
	struct catalog_line *line = &reading->change->as.move.line;
	struct catalog_value *answer = NULL;
	const struct catalog_value *note, *size;
	struct catalog_value *request;
	const char *root;
	unsigned long after = 0;
	int status;

	if (member == NULL)
		return refuse(reading, option, value, "the charter has no member of that name");
	status = tools_call_number(reading->call, "after", 0, LONG_MAX, 0, &after);
	if (status != 0)
		return status;
	request = tools_call_with(tools_call_request("charter-line"), "member", name);
	if (tools_call_option(reading->call, "after") != NULL)
		request = tools_call_with_value(request, "after",
						catalog_value_new_int((int64_t)after));
	status = tools_call_ask(reading->call, reading->client, request, &answer);
	if (status != 0)
		return status;
	reading->change->as.move.member = member->index;
	note = catalog_value_get(answer, "note");
	size = catalog_value_get(answer, "size");
	root = catalog_value_text(catalog_value_get(answer, "root"));
	if (catalog_value_type(size) != CATALOG_VALUE_INT || root == NULL ||
	    catalog_value_text(note) == NULL || catalog_hash_from_hex(root, &line->root) != 0) {
		status = tools_call_fail(reading->call, TOOLS_EXIT_FAILED,
					 "the node's answer is no checkpoint");
	} else {
		line->size = (uint64_t)catalog_value_int(size);
		line->note = (struct catalog_span){(const uint8_t *)catalog_value_text(note),
						   catalog_value_text_len(note)};
		status = add(reading, option, value);
	}
	catalog_value_free(answer);
	return status;
}

static int read_rotation(struct reading *reading, const char *value)
{
	char name[CATALOG_MEMBER_NAME_BYTES_MAX + 1];
	const char *key = strchr(value, '=');

	reading->change->verb = CATALOG_CHANGE_ROTATE;
	if (key == NULL || (size_t)(key - value) >= sizeof name ||
	    read_key(key + 1, &reading->change->as.move.key) != 0)
		return refuse(reading, "rotate", value,
			      "a rotation is written NAME=KEY; the key is 64 hexadecimal digits");
	(void)snprintf(name, sizeof name, "%.*s", (int)(key - value), value); /* it fits */
	return read_line(reading, "rotate", name, value);
}

/* --- the council ----------------------------------------------------------------------------- */

static int read_council(struct reading *reading, const char *names)
{
	struct catalog_council *council = &reading->change->as.council;
	char *text = strdup(names), *rest = text, *name;
	unsigned long threshold = 0;
	int status = 0;

	if (text == NULL)
		return tools_call_fail(reading->call, TOOLS_EXIT_FAILED, "out of memory");
	reading->change->verb = CATALOG_CHANGE_COUNCIL;
	while (status == 0 && (name = strsep(&rest, ",")) != NULL) {
		const struct catalog_member *member =
			catalog_charter_member_named(reading->charter, name);
		struct catalog_key key;

		if (member != NULL)
			key = member->key;
		else if (read_key(name, &key) != 0)
			status = refuse(reading, "council", name,
					"is no member's name and no key of 64 hexadecimal digits");
		if (status == 0 && council->count == CATALOG_CHARTER_COUNCIL_MAX)
			status = refuse(reading, "council", names, "a council has at most 64 keys");
		if (status == 0)
			council->keys[council->count++] = key;
	}
	free(text);
	if (status == 0)
		status = tools_call_number(reading->call, "threshold", 1, council->count,
					   council->count / 2 + 1, &threshold);
	council->threshold = (unsigned)threshold;
	return status != 0 ? status : add(reading, "council", names);
}

/* --- all ------------------------------------------------------------------------------------- */

static int read_option(struct reading *reading, const char *option, const char *value)
{
	static const struct {
		const char *option;
		enum catalog_change_verb verb;
	} moves[] = {{"suspend", CATALOG_CHANGE_SUSPEND},
		     {"readmit", CATALOG_CHANGE_READMIT},
		     {"expel", CATALOG_CHANGE_EXPEL}};

	memset(reading->change, 0, sizeof *reading->change);
	if (strcmp(option, "admit") == 0)
		return read_admission(reading, value);
	if (strcmp(option, "admit-request") == 0)
		return read_request(reading, value);
	if (strcmp(option, "rotate") == 0)
		return read_rotation(reading, value);
	if (strcmp(option, "council") == 0)
		return read_council(reading, value);
	if (tools_charter_profile_is(option)) {
		const char *wrong = tools_charter_profile_set(option, value, &reading->profile);

		reading->is_profile_new = true; /* they make one change together */
		return wrong == NULL ? 0 : refuse(reading, option, value, wrong);
	}
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		if (strcmp(moves[i].option, option) != 0)
			continue;
		reading->change->verb = moves[i].verb;
		return read_line(reading, option, value, value);
	}
	return 0; /* it says no change */
}

int tools_charter_change_read(const struct tools_call *call, const struct catalog_charter *charter,
			      struct node_client *client, struct catalog_buffer *changes,
			      size_t *ret_count)
{
	struct reading reading = {
		.call = call, .charter = charter, .client = client, .changes = changes};
	int status = 0;

	reading.change = malloc(sizeof *reading.change);
	if (reading.change == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	for (size_t i = 0; i < catalog_charter_member_count(charter); i++)
		if (catalog_charter_member_at(charter, i)->index >= reading.next_index)
			reading.next_index = catalog_charter_member_at(charter, i)->index + 1;
	reading.profile = *catalog_charter_profile(charter);
	for (size_t i = 0; i < call->given_count && status == 0; i++)
		status = read_option(&reading, call->given[i].option->name, call->given[i].value);
	if (status == 0 && reading.is_profile_new) {
		memset(reading.change, 0, sizeof *reading.change);
		reading.change->verb = CATALOG_CHANGE_PROFILE;
		reading.change->as.profile = reading.profile;
		status = add(&reading, "name", reading.profile.name);
	}
	free(reading.change);
	if (status == 0 && reading.count == 0)
		status = tools_call_fail(call, TOOLS_EXIT_USAGE,
					 "propose what?  For instance: fedcat charter propose "
					 "--suspend NAME; see fedcat charter propose --help");
	*ret_count = reading.count;
	return status;
}

/* The council with one key in another's place. */
static int replace_on_council(struct reading *reading, const struct catalog_key *old,
			      const struct catalog_key *key)
{
	const struct catalog_council *council = catalog_charter_council(reading->charter);
	bool is_there = false;

	memset(reading->change, 0, sizeof *reading->change);
	reading->change->verb = CATALOG_CHANGE_COUNCIL;
	reading->change->as.council = *council;
	for (size_t i = 0; i < council->count; i++) {
		if (memcmp(&council->keys[i], old, sizeof *old) != 0)
			continue;
		reading->change->as.council.keys[i] = *key;
		is_there = true;
	}
	return is_there ? add(reading, "rotate", "the council") : 0;
}

int tools_charter_change_rotate(const struct tools_call *call,
				const struct catalog_charter *charter, struct node_client *client,
				const struct catalog_member *member, const struct catalog_key *key,
				struct catalog_buffer *changes, size_t *ret_count)
{
	struct reading reading = {
		.call = call, .charter = charter, .client = client, .changes = changes};
	int status;

	reading.change = calloc(1, sizeof *reading.change);
	if (reading.change == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	reading.change->verb = CATALOG_CHANGE_ROTATE;
	reading.change->as.move.key = *key;
	status = read_line(&reading, "rotate", member->name, member->name);
	if (status == 0)
		status = replace_on_council(&reading, &member->key, key);
	free(reading.change);
	*ret_count = reading.count;
	return status;
}

static const char *name_of(const struct catalog_charter *charter, uint32_t index)
{
	const struct catalog_member *member = catalog_charter_member(charter, index);

	return member != NULL ? member->name : "(nobody that is known)";
}

void tools_charter_change_print(const struct tools_terminal *terminal,
				const struct catalog_charter *charter,
				const struct catalog_change *change)
{
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];
	uint64_t size = change->as.move.line.size;

	switch (change->verb) {
	case CATALOG_CHANGE_PROFILE:
		tools_terminal_print(terminal, "  the federation is called ");
		tools_terminal_text(terminal, TOOLS_TERMINAL_PLAIN, change->as.profile.name);
		tools_terminal_print(terminal, "\n");
		tools_charter_profile_print(terminal, &change->as.profile);
		break;
	case CATALOG_CHANGE_COUNCIL:
		tools_terminal_print(terminal, "  a council of %zu, of whom %u must sign\n",
				     change->as.council.count, change->as.council.threshold);
		break;
	case CATALOG_CHANGE_ADMIT:
		node_keyfile_fingerprint(&change->as.admit.key, print);
		tools_terminal_print(terminal, "  admit %s (", change->as.admit.name);
		tools_terminal_text(terminal, TOOLS_TERMINAL_PLAIN, change->as.admit.title);
		tools_terminal_print(terminal, "), %s, key %s\n", change->as.admit.country, print);
		break;
	case CATALOG_CHANGE_ROTATE:
		node_keyfile_fingerprint(&change->as.move.key, print);
		tools_terminal_print(terminal, "  %s signs with key %s after entry %" PRIu64 "\n",
				     name_of(charter, change->as.move.member), print, size);
		break;
	case CATALOG_CHANGE_SUSPEND:
	case CATALOG_CHANGE_EXPEL:
		tools_terminal_print(terminal, "  %s %s: nothing after entry %" PRIu64 " counts\n",
				     catalog_change_word(change->verb),
				     name_of(charter, change->as.move.member), size);
		break;
	case CATALOG_CHANGE_READMIT:
		tools_terminal_print(terminal, "  readmit %s, after entry %" PRIu64 "\n",
				     name_of(charter, change->as.move.member), size);
		break;
	}
}
