/* tools/command_federation.c - both commands make a directory beside the one that is asked for,
 * fill it, and rename it at the end: what others may start a node in is there as a whole or not at
 * all, and rename() itself refuses to put it over a directory that holds something.
 */
#include "tools/command_federation.h"

#include <assert.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "node/keyfile.h"
#include "node/nodekey.h"
#include "tools/output.h"
#include "tools/table.h"

#define MEMBERS_MAX TOOLS_COMMAND_FEDERATION_MEMBERS_MAX
#define SPEC_FORM   "NAME=TITLE,country=CC[,sector=WORD][,address=HOST:PORT][,node=KEY]"

struct founding {
	struct catalog_member *members;
	struct catalog_secret *secrets;
	struct gossip_noise_secret **nodes; /* of each member's first node */
	struct catalog_key *council;
	size_t count, council_count;
};

/* --- directories that appear at once -------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	(void)remove(path); /* what stays is a directory of ours with a name that nobody uses */
	return 0;
}

static void remove_draft(const char *draft)
{
	(void)nftw(draft, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* as above */
}

/* Make the directories above path. */
static void make_parents(const char *path)
{
	char part[NODE_DATADIR_PATH_BYTES];

	(void)snprintf(part, sizeof part, "%s", path); /* callers have checked that it fits */
	for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(part, 0755); /* what matters is whether the draft can be made */
		*slash = '/';
	}
}

/* Take slashes off the end, and refuse what holds something.  Returns 0 or an exit status. */
static int check_target(const struct tools_call *call, char *path)
{
	struct stat status;
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	if (len + 16 >= NODE_DATADIR_PATH_BYTES)
		return tools_call_fail(call, TOOLS_EXIT_USAGE, "%.60s...: the path is too long",
				       path);
	if (lstat(path, &status) != 0)
		return 0;
	if (!S_ISDIR(status.st_mode))
		return tools_call_fail(call, TOOLS_EXIT_REFUSED,
				       "%s is there already and is no directory; nothing was "
				       "changed",
				       path);
	return 0;
}

/* Begin a directory that path shall be.  Returns 0 or an exit status. */
static int begin_draft(const struct tools_call *call, const char *path,
		       char ret_draft[NODE_DATADIR_PATH_BYTES])
{
	int len = snprintf(ret_draft, NODE_DATADIR_PATH_BYTES, "%s.XXXXXX", path);

	assert(len > 0 && len < NODE_DATADIR_PATH_BYTES); /* its caller has looked */
	make_parents(path);
	if (mkdtemp(ret_draft) != NULL)
		return 0;
	return tools_call_fail(call, TOOLS_EXIT_FAILED, "%s: cannot make a directory beside it: %s",
			       path, strerror(errno));
}

static int finish_draft(const struct tools_call *call, const char *draft, const char *path)
{
	if (rename(draft, path) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		return tools_call_fail(call, TOOLS_EXIT_REFUSED,
				       "%s holds something already; nothing was changed.  Name "
				       "another directory",
				       path);
	return tools_call_fail(call, TOOLS_EXIT_FAILED, "%s: cannot make it: %s", path,
			       strerror(errno));
}

/* --- what a member is ----------------------------------------------------------------------- */

/* The next ",key=" of those we know at or after text, so that titles may have commas.  NULL if
 * there is none. */
static char *next_field(char *text)
{
	static const char *const keys[] = {",country=", ",sector=", ",address=", ",node="};
	char *first = NULL;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char *found = strstr(text, keys[i]);

		if (found != NULL && (first == NULL || found < first))
			first = found;
	}
	return first;
}

static int copy_field(const struct tools_call *call, const char *name, const char *value,
		      char *ret_text, size_t room)
{
	if (strlen(value) >= room)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--member: the %s \"%.60s\" is longer than %zu bytes", name,
				       value, room - 1);
	(void)snprintf(ret_text, room, "%s", value); /* it fits */
	return 0;
}

/* The key of one more node.  The first is made here, and comes before it. */
static int read_node(const struct tools_call *call, const char *hex, struct catalog_member *member)
{
	if (member->node_count == CATALOG_CHARTER_NODES_MAX)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--member: %s has more than %d nodes", member->name,
				       CATALOG_CHARTER_NODES_MAX);
	if (node_nodekey_parse(hex, &member->nodes[member->node_count]) != 0)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--member: the node \"%.80s\" of %s is not 64 hexadecimal "
				       "digits, as fedcat key show prints them",
				       hex, member->name);
	member->node_count++;
	return 0;
}

static int read_field(const struct tools_call *call, const char *key, char *value,
		      struct catalog_member *member)
{
	if (strcmp(key, "sector") == 0)
		return copy_field(call, key, value, member->sector, sizeof member->sector);
	if (strcmp(key, "address") == 0) {
		if (member->address_count == CATALOG_CHARTER_ADDRESSES_MAX)
			return tools_call_fail(call, TOOLS_EXIT_USAGE,
					       "--member: %s has more than %d addresses",
					       member->name, CATALOG_CHARTER_ADDRESSES_MAX);
		return copy_field(call, key, value, member->addresses[member->address_count++],
				  sizeof member->addresses[0]);
	}
	if (strcmp(key, "node") == 0)
		return read_node(call, value, member);
	for (char *at = value; *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return copy_field(call, key, value, member->country, sizeof member->country);
}

/* Read one --member.  Returns 0 or an exit status. */
static int read_member(const struct tools_call *call, const char *spec,
		       struct catalog_member *ret_member)
{
	struct catalog_member member = {.sector = "general", .node_count = 1};
	char *copy = strdup(spec), *title, *field, *next;
	int status = 0;

	if (copy == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	field = next_field(copy);
	if (field != NULL)
		*field++ = '\0';
	title = strchr(copy, '=');
	if (title == NULL || title == copy || title[1] == '\0' || field == NULL) {
		status = tools_call_fail(call, TOOLS_EXIT_USAGE,
					 "--member \"%.80s\": a member is written " SPEC_FORM
					 ", as in \"nbs=National Bureau of Statistics,country=KE\"",
					 spec);
		goto out;
	}
	*title++ = '\0';
	status = copy_field(call, "name", copy, member.name, sizeof member.name);
	if (status == 0)
		status = copy_field(call, "title", title, member.title, sizeof member.title);
	for (; status == 0 && field != NULL; field = next) {
		char *value = strchr(field, '=');

		next = next_field(field);
		if (next != NULL)
			*next++ = '\0';
		*value++ = '\0'; /* next_field() finds "key=" only */
		status = read_field(call, field, value, &member);
	}
	if (status == 0)
		*ret_member = member;
out:
	free(copy);
	return status;
}

static int read_members(const struct tools_call *call, struct founding *founding)
{
	int status = 0;

	for (size_t i = 0; i < call->given_count && status == 0; i++) {
		size_t at = founding->count;

		if (strcmp(call->given[i].option->name, "member") != 0)
			continue;
		if (at == MEMBERS_MAX)
			return tools_call_fail(call, TOOLS_EXIT_USAGE,
					       "a federation is founded by at most %d members",
					       MEMBERS_MAX);
		status = read_member(call, call->given[i].value, &founding->members[at]);
		if (status != 0)
			return status;
		founding->members[at].index = (uint32_t)at;
		node_keyfile_generate(&founding->secrets[at]);
		node_keyfile_public(&founding->secrets[at], &founding->members[at].key);
		if (node_nodekey_generate(&founding->nodes[at]) != 0)
			return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
		gossip_noise_public(founding->nodes[at], &founding->members[at].nodes[0]);
		founding->count++;
		if (at < CATALOG_CHARTER_COUNCIL_MAX) {
			founding->council[at] = founding->members[at].key;
			founding->council_count++;
		}
	}
	if (founding->count == 0)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "a federation has at least one member: --member \"" SPEC_FORM
				       "\", as in --member \"nbs=National Bureau of "
				       "Statistics,country=KE\"");
	return status;
}

/* --- federation create ---------------------------------------------------------------------- */

/* The directory: --out, else the federation's name as a file name. */
static int choose_out(const struct tools_call *call, char ret_out[NODE_DATADIR_PATH_BYTES])
{
	const char *out = tools_call_option(call, "out"), *name = call->words[0];
	size_t len = 0;

	if (out != NULL && out[0] != '\0' && strlen(out) < NODE_DATADIR_PATH_BYTES) {
		(void)snprintf(ret_out, NODE_DATADIR_PATH_BYTES, "%s", out); /* it fits */
		return check_target(call, ret_out);
	}
	if (out != NULL)
		return tools_call_fail(call, TOOLS_EXIT_USAGE, "--out: no usable path");
	for (; *name != '\0' && len < 60; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			ret_out[len++] = c;
		else if (len > 0 && ret_out[len - 1] != '-')
			ret_out[len++] = '-';
	}
	while (len > 0 && ret_out[len - 1] == '-')
		len--;
	ret_out[len] = '\0';
	if (len == 0)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "name the directory to make it in: --out DIR");
	return check_target(call, ret_out);
}

/* Write the charter below dir, and the keys that are not NULL. */
static int write_node(const char *dir, struct catalog_span charter,
		      const struct catalog_secret *secret, const struct gossip_noise_secret *node,
		      struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	r = node_datadir_path(dir, NODE_DATADIR_CHARTER, path, ret_error);
	if (r == 0)
		r = node_datadir_write(path, charter, 0644, ret_error);
	if (r == 0 && secret != NULL) {
		r = node_datadir_path(dir, NODE_DATADIR_KEY, path, ret_error);
		if (r == 0)
			r = node_keyfile_write(path, secret, ret_error);
	}
	if (r == 0 && node != NULL) {
		r = node_datadir_path(dir, NODE_DATADIR_NODE_KEY, path, ret_error);
		if (r == 0)
			r = node_nodekey_write(path, node, ret_error);
	}
	return r;
}

static int write_federation(const char *draft, const struct founding *founding,
			    struct catalog_span charter, struct node_error *ret_error)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	int r;

	r = chmod(draft, 0755) == 0
		    ? write_node(draft, charter, NULL, NULL, ret_error)
		    : node_error_set(ret_error, -errno, "%s: cannot set its mode", draft);
	for (size_t i = 0; i < founding->count && r == 0; i++) {
		r = node_datadir_path(draft, founding->members[i].name, dir, ret_error);
		if (r == 0 && mkdir(dir, 0700) != 0)
			r = node_error_set(ret_error, -errno, "%s: cannot make: %s", dir,
					   strerror(errno));
		if (r == 0)
			r = write_node(dir, charter, &founding->secrets[i], founding->nodes[i],
				       ret_error);
	}
	return r;
}

static int show_json(const struct tools_call *call, const struct catalog_charter *charter,
		     const char *out, unsigned long threshold)
{
	struct catalog_value *answer, *federation, *members = catalog_value_new_list();
	char id[CATALOG_HASH_HEX_BYTES], print[NODE_KEYFILE_FINGERPRINT_BYTES];
	char path[NODE_DATADIR_PATH_BYTES + CATALOG_MEMBER_NAME_BYTES_MAX + 2];
	int status;

	for (size_t i = 0; i < catalog_charter_member_count(charter); i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);
		struct catalog_value *one = catalog_value_new_map();

		node_keyfile_fingerprint(&member->key, print);
		(void)snprintf(path, sizeof path, "%s/%s", out, member->name); /* it fits */
		one = tools_call_with(one, "name", member->name);
		one = tools_call_with(one, "fingerprint", print);
		one = tools_call_with(one, "dir", path);
		if (members != NULL && catalog_value_append(members, one) != 0) {
			catalog_value_free(members);
			members = NULL;
		}
	}
	catalog_hash_to_hex(catalog_charter_federation(charter), id);
	federation =
		tools_call_with(catalog_value_new_map(), "name", catalog_charter_name(charter));
	federation = tools_call_with(federation, "id", id);
	answer = tools_call_with_value(catalog_value_new_map(), "federation", federation);
	answer = tools_call_with(answer, "dir", out);
	answer = tools_call_with_value(answer, "threshold",
				       catalog_value_new_int((int64_t)threshold));
	answer = tools_call_with_value(answer, "members", members);
	status = tools_call_print_json(call, answer);
	catalog_value_free(answer);
	return status;
}

static int show_text(const struct tools_call *call, const struct catalog_charter *charter,
		     const char *out, unsigned long threshold)
{
	static const struct tools_table_column columns[] = {{"Member", TOOLS_TABLE_LEFT, 0},
							    {"Title", TOOLS_TABLE_LEFT, 12},
							    {"Key", TOOLS_TABLE_LEFT, 0},
							    {"Directory", TOOLS_TABLE_LEFT, 10}};
	const struct tools_terminal *t = &call->out;
	char id[CATALOG_HASH_HEX_BYTES], print[NODE_KEYFILE_FINGERPRINT_BYTES];
	char path[NODE_DATADIR_PATH_BYTES + CATALOG_MEMBER_NAME_BYTES_MAX + 2];
	size_t count = catalog_charter_member_count(charter);
	struct tools_table *table = NULL;
	int r;

	catalog_hash_to_hex(catalog_charter_federation(charter), id);
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(charter));
	tools_terminal_print(t, " is founded: federation %.16s\n", id);
	tools_terminal_print(t, "%zu member%s; changing the charter takes %lu of them\n\n", count,
			     count == 1 ? "" : "s", threshold);
	r = tools_table_new(columns, 4, &table);
	for (size_t i = 0; i < count && r == 0; i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);

		node_keyfile_fingerprint(&member->key, print);
		(void)snprintf(path, sizeof path, "%s/%s", out, member->name); /* it fits */
		r = tools_table_add(table, TOOLS_TERMINAL_BOLD, member->name);
		if (r == 0)
			r = tools_table_add(table, TOOLS_TERMINAL_PLAIN, member->title);
		if (r == 0)
			r = tools_table_add(table, TOOLS_TERMINAL_PLAIN, print);
		if (r == 0)
			r = tools_table_add(table, TOOLS_TERMINAL_PLAIN, path);
	}
	if (r == 0)
		tools_table_print(table, t);
	tools_table_free(table);
	if (r != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	tools_terminal_print(t, "\nEach directory holds its member's secret key: only that member "
				"may have it.\nStart a node, and publish:\n");
	tools_terminal_print(t, "  fedcatd --dir ");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, path);
	tools_terminal_print(t, "\n  fedcat publish data.json --dir ");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, path);
	tools_terminal_print(t, "\n");
	return 0;
}

static int found(const struct tools_call *call, const struct founding *founding, const char *out,
		 unsigned long threshold)
{
	struct catalog_founding terms = {.name = call->words[0],
					 .members = founding->members,
					 .member_count = founding->count,
					 .council = founding->council,
					 .council_count = founding->council_count,
					 .threshold = (unsigned)threshold};
	struct catalog_charter *charter = NULL;
	struct catalog_buffer bytes = {0};
	char draft[NODE_DATADIR_PATH_BYTES], why[200] = "out of memory";
	struct node_error error;
	uv_timeval64_t now;
	int r, status;

	r = uv_gettimeofday(&now);
	terms.time_s = r == 0 ? now.tv_sec : 0;
	r = catalog_charter_found(&terms, founding->secrets, founding->council_count, &bytes, why);
	if (r == 0)
		r = catalog_charter_new(catalog_buffer_span(&bytes), &charter);
	if (r != 0) {
		status = tools_call_fail(call, r == -EINVAL ? TOOLS_EXIT_USAGE : TOOLS_EXIT_FAILED,
					 "no federation can be founded so: %s", why);
		goto out;
	}
	status = begin_draft(call, out, draft);
	if (status != 0)
		goto out;
	r = write_federation(draft, founding, catalog_buffer_span(&bytes), &error);
	status = r == 0 ? finish_draft(call, draft, out) : tools_call_fail_code(call, r, &error);
	if (status != 0) {
		remove_draft(draft);
		goto out;
	}
	status = call->json ? show_json(call, charter, out, threshold)
			    : show_text(call, charter, out, threshold);
out:
	catalog_charter_free(charter);
	catalog_buffer_close(&bytes);
	return status;
}

int tools_command_federation_create(const struct tools_call *call)
{
	struct founding founding = {0};
	char out[NODE_DATADIR_PATH_BYTES];
	unsigned long threshold = 0;
	int status;

	founding.members = calloc(MEMBERS_MAX, sizeof *founding.members);
	founding.secrets = calloc(MEMBERS_MAX, sizeof *founding.secrets);
	founding.council = calloc(MEMBERS_MAX, sizeof *founding.council);
	founding.nodes = calloc(MEMBERS_MAX, sizeof *founding.nodes);
	if (founding.members == NULL || founding.secrets == NULL || founding.council == NULL ||
	    founding.nodes == NULL) {
		status = tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
		goto out;
	}
	status = choose_out(call, out);
	if (status == 0)
		status = read_members(call, &founding);
	if (status == 0)
		status = tools_call_number(call, "threshold", 1, founding.council_count,
					   founding.council_count / 2 + 1, &threshold);
	if (status == 0)
		status = found(call, &founding, out, threshold);
out:
	for (size_t i = 0; founding.secrets != NULL && i < founding.count; i++)
		node_keyfile_wipe(&founding.secrets[i]);
	for (size_t i = 0; founding.nodes != NULL && i < MEMBERS_MAX; i++)
		node_nodekey_free(founding.nodes[i]);
	free(founding.nodes);
	free(founding.members);
	free(founding.secrets);
	free(founding.council);
	return status;
}

/* --- init ----------------------------------------------------------------------------------- */

/* Read and verify the charter and, with --key, look at the key.  *ret_member is NULL for a mirror.
 */
static int read_init(const struct tools_call *call, struct catalog_buffer *bytes,
		     struct catalog_charter **ret_charter, const struct catalog_member **ret_member)
{
	const char *path = tools_call_option(call, "charter");
	const char *key_path = tools_call_option(call, "key");
	struct node_error error;
	struct catalog_key key;
	bool is_encrypted;
	int r;

	if (path == NULL)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "which federation?  Name its charter: fedcat init --charter "
				       "FILE.  To found one: fedcat federation create --help");
	r = node_datadir_read(path, NODE_DATADIR_CHARTER_MAX, bytes, &error);
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	r = catalog_charter_new(catalog_buffer_span(bytes), ret_charter);
	if (r != 0)
		return tools_call_fail(
			call, r == -EKEYREJECTED ? TOOLS_EXIT_UNVERIFIED : TOOLS_EXIT_FAILED,
			"%s: %s", path,
			r == -EKEYREJECTED ? "its council did not sign it; ask for "
					     "the charter again"
					   : "is no charter that this fedcat reads; "
					     "ask for the file again");
	*ret_member = NULL;
	if (key_path == NULL)
		return 0;
	r = node_keyfile_look(key_path, &is_encrypted, &key, &error);
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	*ret_member = catalog_charter_member_with_key(*ret_charter, &key);
	if (*ret_member == NULL)
		return tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
				       "%s: no member of \"%s\" has this key; is it for another "
				       "federation?",
				       key_path, catalog_charter_name(*ret_charter));
	return 0;
}

/* Where the node's own key is to be read: --node-key, else beside --key.  Returns whether there is
 * one. */
static bool find_node_key(const struct tools_call *call, char ret_path[NODE_DATADIR_PATH_BYTES])
{
	const char *given = tools_call_option(call, "node-key");
	const char *member_key = tools_call_option(call, "key"), *slash;
	size_t len;

	if (given != NULL) {
		(void)snprintf(ret_path, NODE_DATADIR_PATH_BYTES, "%s",
			       given); /* else: not found */
		return true;
	}
	if (member_key == NULL)
		return false;
	slash = strrchr(member_key, '/');
	len = slash != NULL ? (size_t)(slash - member_key) + 1 : 0;
	if (len + sizeof NODE_DATADIR_NODE_KEY > NODE_DATADIR_PATH_BYTES)
		return false;
	(void)snprintf(ret_path, NODE_DATADIR_PATH_BYTES, "%.*s%s", (int)len, member_key,
		       NODE_DATADIR_NODE_KEY); /* it fits */
	return access(ret_path, F_OK) == 0;
}

/* The node's own key: --node-key, else the one beside --key, else a new one.  *ret_is_known tells
 * whether the charter has it. Returns 0 or an exit status. */
static int choose_node(const struct tools_call *call, const struct catalog_charter *charter,
		       struct gossip_noise_secret **ret_node, bool *ret_is_known)
{
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_node_key key;
	struct node_error error;
	int r;

	if (find_node_key(call, path)) {
		r = node_nodekey_read(path, ret_node, &error);
		if (r != 0)
			return tools_call_fail_code(call, r, &error);
	} else if (node_nodekey_generate(ret_node) != 0) {
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	}
	gossip_noise_public(*ret_node, &key);
	*ret_is_known = catalog_charter_member_with_node(charter, &key) != NULL;
	return 0;
}

static int show_init(const struct tools_call *call, const struct catalog_charter *charter,
		     const struct catalog_member *member, const char *dir,
		     const struct gossip_noise_secret *node, bool is_known)
{
	struct catalog_node_key key;
	char hex[NODE_NODEKEY_HEX_BYTES];
	const struct tools_terminal *t = &call->out;
	struct catalog_value *answer;
	char id[CATALOG_HASH_HEX_BYTES];
	int status;

	gossip_noise_public(node, &key);
	node_nodekey_hex(&key, hex);
	catalog_hash_to_hex(catalog_charter_federation(charter), id);
	if (call->json) {
		answer = tools_call_with(catalog_value_new_map(), "dir", dir);
		answer = tools_call_with(answer, "node", hex);
		answer = tools_call_with_value(answer, "known", catalog_value_new_bool(is_known));
		answer = tools_call_with(answer, "federation", id);
		answer = tools_call_with_value(answer, "member",
					       member != NULL
						       ? catalog_value_new_string(member->name)
						       : catalog_value_new_null());
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		return status;
	}
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, dir);
	tools_terminal_print(t, " is a node of ");
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(charter));
	tools_terminal_print(t, " (federation %.16s)", id);
	if (member != NULL)
		tools_terminal_print(t, ", and publishes as %s.\n", member->name);
	else
		tools_terminal_print(t, ": a mirror.\n");
	if (!is_known)
		tools_terminal_print(t,
				     "Other nodes refuse it until the charter names its key:\n"
				     "  %s\n",
				     hex);
	tools_terminal_print(t, "Start it: fedcatd --dir ");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, dir);
	tools_terminal_print(t, "\n");
	return 0;
}

/* Put the member's key into dir as it is, encrypted or not. */
static int copy_key(const char *from, const char *dir, struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(dir, NODE_DATADIR_KEY, path, ret_error);

	return r == 0 ? node_keyfile_copy(from, path, ret_error) : r;
}

int tools_command_federation_init(const struct tools_call *call)
{
	char dir[NODE_DATADIR_PATH_BYTES], draft[NODE_DATADIR_PATH_BYTES];
	const struct catalog_member *member = NULL;
	struct catalog_charter *charter = NULL;
	struct gossip_noise_secret *node = NULL;
	struct catalog_buffer bytes = {0};
	struct node_error error;
	bool is_known = false;
	int r, status;

	status = tools_call_dir(call, dir);
	if (status == 0)
		status = check_target(call, dir);
	if (status == 0)
		status = read_init(call, &bytes, &charter, &member);
	if (status == 0)
		status = choose_node(call, charter, &node, &is_known);
	if (status == 0)
		status = begin_draft(call, dir, draft);
	if (status != 0)
		goto out;
	r = write_node(draft, catalog_buffer_span(&bytes), NULL, node, &error);
	if (r == 0 && member != NULL)
		r = copy_key(tools_call_option(call, "key"), draft, &error);
	status = r == 0 ? finish_draft(call, draft, dir) : tools_call_fail_code(call, r, &error);
	if (status != 0)
		remove_draft(draft);
	else
		status = show_init(call, charter, member, dir, node, is_known);
out:
	node_nodekey_free(node);
	catalog_charter_free(charter);
	catalog_buffer_close(&bytes);
	return status;
}
