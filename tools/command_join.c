/* tools/command_join.c - keys are made once: asked again, it prints the request that is there. */
#include "tools/command_join.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/armour.h"
#include "catalog/charter.h"
#include "catalog/join.h"
#include "catalog/json.h"
#include "catalog/node.h"
#include "gossip/noise.h"
#include "node/keyfile.h"
#include "node/nodekey.h"
#include "node/seen.h"
#include "tools/charter_change.h"
#include "tools/fetch.h"

#define URL_BYTES       2048               /* with the NUL */
#define NODES_BYTES_MAX (8u * 1024 * 1024) /* of a list of nodes */
#define ID_DIGITS_MIN   16

/* Where the charter comes from, and what it is. */
struct source {
	const char *name;    /* as it was given */
	char url[URL_BYTES]; /* "": a file */
	struct catalog_buffer bytes;
	struct catalog_charter *charter;
	bool is_known; /* --federation names it */
	bool is_there; /* the directory has been in it before */
	size_t seeds;  /* addresses of nodes that came with it */
};

/* --- the charter ------------------------------------------------------------------------------ */

/* A node's address alone means its charter. */
static int complete_url(const char *given, char ret_url[URL_BYTES], struct node_error *error)
{
	const char *host = strstr(given, "://") + 3;
	const char *add = strchr(host, '/') == NULL         ? "/charter"
			  : given[strlen(given) - 1] == '/' ? "charter"
							    : "";

	if ((size_t)snprintf(ret_url, URL_BYTES, "%s%s", given, add) >= URL_BYTES)
		return node_error_set(error, -EINVAL, "the address has more than %d bytes",
				      URL_BYTES - 1);
	return 0;
}

/* Get it, and see that it is one. */
static int get_charter(struct source *source, struct node_error *error)
{
	int r;

	if (tools_fetch_is_url(source->name)) {
		r = complete_url(source->name, source->url, error);
		if (r == 0)
			r = tools_fetch_get(source->url, NODE_DATADIR_CHARTER_MAX, &source->bytes,
					    error);
	} else {
		r = node_datadir_read(source->name, NODE_DATADIR_CHARTER_MAX, &source->bytes,
				      error);
	}
	if (r != 0)
		return r;
	r = catalog_charter_new(catalog_buffer_span(&source->bytes), &source->charter);
	if (r == 0)
		return 0;
	return node_error_set(error, r, "%s: %s",
			      source->url[0] != '\0' ? source->url : source->name,
			      r == -ENOMEM         ? "out of memory"
			      : r == -EKEYREJECTED ? "is a charter that its council did not sign"
						   : "is no federation's charter, or damaged");
}

/* Whether the federation is the one that --federation names, by its first digits. */
static int check_federation(const struct tools_call *call, struct source *source)
{
	const char *wanted = tools_call_option(call, "federation");
	char id[CATALOG_HASH_HEX_BYTES];

	if (wanted == NULL)
		return 0;
	catalog_hash_to_hex(catalog_charter_federation(source->charter), id);
	if (strlen(wanted) < ID_DIGITS_MIN || strlen(wanted) > strlen(id) ||
	    strspn(wanted, "0123456789abcdef") != strlen(wanted))
		return tools_call_fail(
			call, TOOLS_EXIT_USAGE,
			"--federation \"%.70s\": the id of a federation is 64 "
			"hexadecimal digits, of which at least the first %d are given",
			wanted, ID_DIGITS_MIN);
	if (strncmp(wanted, id, strlen(wanted)) != 0)
		return tools_call_fail(
			call, TOOLS_EXIT_UNVERIFIED,
			"%s is the charter of another federation, %s (%s); nothing was "
			"made.  Ask where you have the id from, and do not join before "
			"the two are the same",
			source->name, id, catalog_charter_name(source->charter));
	source->is_known = true;
	return 0;
}

/* --- first contact ---------------------------------------------------------------------------- */

/* Note where the nodes are that the server knows of, in an order of chance, so that not all who
 * join begin with the same. */
static void note_seeds(struct source *source, const struct catalog_value *nodes,
		       struct node_seen *seen, int64_t now_s)
{
	size_t count = catalog_value_count(nodes);
	size_t first = count > 0 ? randombytes_uniform((uint32_t)count) : 0;

	for (size_t i = 0; i < count && source->seeds < NODE_SEEN_MAX; i++) {
		const struct catalog_value *node =
			catalog_value_at(nodes, (first + i) % count, NULL);
		const struct catalog_value *addresses = catalog_value_get(node, "addresses");
		const char *name = catalog_value_text(catalog_value_get(node, "member"));
		const char *state = catalog_value_text(catalog_value_get(node, "state"));

		if (name == NULL || state == NULL || strcmp(state, "good") != 0 ||
		    catalog_charter_member_named(source->charter, name) == NULL)
			continue;
		for (size_t k = 0; k < catalog_value_count(addresses); k++) {
			const char *text = catalog_value_text(catalog_value_at(addresses, k, NULL));

			if (text == NULL || !catalog_node_is_address(text) ||
			    source->seeds == NODE_SEEN_MAX)
				continue;
			node_seen_note(seen, name, text, now_s);
			source->seeds++;
		}
	}
}

/* Ask the node that gave the charter where the others are: what the charter says may be old.  One
 * that does not answer is no harm. */
static void get_seeds(const char *dir, struct source *source)
{
	static const char charter[] = "/charter", path[] = "/api/v1/nodes";
	size_t len = strlen(source->url);
	struct catalog_buffer text = {0};
	struct catalog_value *answer = NULL;
	struct node_seen *seen = NULL;
	char url[URL_BYTES + sizeof path];
	int64_t now_s = (int64_t)time(NULL);

	if (len < sizeof charter || strcmp(source->url + len - strlen(charter), charter) != 0)
		return;
	(void)snprintf(url, sizeof url, "%.*s%s", (int)(len - strlen(charter)), source->url,
		       path); /* it fits */
	if (tools_fetch_get(url, NODES_BYTES_MAX, &text, NULL) == 0 &&
	    catalog_json_read(catalog_buffer_span(&text), &answer, NULL) == 0 &&
	    node_seen_open(dir, now_s, &seen, NULL) == 0) {
		note_seeds(source, catalog_value_get(answer, "nodes"), seen, now_s);
		if (node_seen_keep(seen, NULL) != 0)
			source->seeds = 0;
	}
	node_seen_free(seen);
	catalog_value_free(answer);
	catalog_buffer_close(&text);
}

/* --- the directory ---------------------------------------------------------------------------- */

/* Make what is not there of a node's directory: the charter, a member's key, a node's key. */
static int make_directory(const char *dir, struct source *source, struct catalog_secret *ret_secret,
			  struct gossip_noise_secret **ret_node, struct node_error *error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(dir, NODE_DATADIR_CHARTER, path, error);

	if (r != 0)
		return r;
	source->is_there = access(path, F_OK) == 0;
	r = node_datadir_adopt_bytes(dir, source->name, catalog_buffer_span(&source->bytes), error);
	if (r == 0)
		r = node_datadir_path(dir, NODE_DATADIR_KEY, path, error);
	if (r != 0)
		return r;
	if (access(path, F_OK) == 0) {
		r = node_keyfile_read(path, ret_secret, error);
	} else {
		node_keyfile_generate(ret_secret);
		r = node_keyfile_write(path, ret_secret, error);
	}
	return r == 0 ? node_nodekey_open(dir, ret_node, error) : r;
}

/* Write the request into the directory. */
static int write_request(const char *dir, const struct catalog_charter *charter,
			 struct catalog_member *member, const struct catalog_secret *secret,
			 const struct gossip_noise_secret *node, struct catalog_buffer *text,
			 struct node_error *error)
{
	struct catalog_buffer request = {0};
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	if (member->node_count == CATALOG_CHARTER_NODES_MAX)
		return node_error_set(error, -E2BIG, "a member has at most 8 nodes to begin with");
	gossip_noise_public(node, &member->nodes[member->node_count++]);
	r = catalog_join_write(catalog_charter_federation(charter), member, secret, &request);
	if (r == 0)
		r = catalog_armour_write("JOIN REQUEST", catalog_buffer_span(&request), text);
	catalog_buffer_close(&request);
	if (r != 0)
		return node_error_set(error, r, "the request cannot be made: %s",
				      r == -EINVAL ? "name, title, country or address is not as "
						     "`fedcat join --help` says"
						   : node_error_words(r));
	r = node_datadir_path(dir, NODE_DATADIR_JOINING, path, error);
	return r == 0 ? node_datadir_write(path, catalog_buffer_span(text), 0644, error) : r;
}

/* --- what is said ----------------------------------------------------------------------------- */

/* What the new directory believes from now on, and why. */
static void show_trust(const struct tools_call *call, const struct source *source)
{
	const struct catalog_charter *charter = source->charter;
	const struct catalog_council *council = catalog_charter_council(charter);
	const struct tools_terminal *t = &call->out;
	char id[CATALOG_HASH_HEX_BYTES], print[NODE_KEYFILE_FINGERPRINT_BYTES];

	catalog_hash_to_hex(catalog_charter_federation(charter), id);
	tools_terminal_print(t, "The federation is ");
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(charter));
	tools_terminal_print(t, ", of %zu members, id\n  %s\nCouncil, of whom %u must sign:\n",
			     catalog_charter_member_count(charter), id, council->threshold);
	for (size_t i = 0; i < council->count; i++) {
		const struct catalog_member *member =
			catalog_charter_member_with_key(charter, &council->keys[i]);

		node_keyfile_fingerprint(&council->keys[i], print);
		tools_terminal_print(t, "  %s  %s\n", print,
				     member != NULL ? member->name : "(no member)");
	}
	if (source->is_known)
		tools_terminal_print(t, "It is the one that --federation names.\n\n");
	else if (source->is_there)
		tools_terminal_print(t, "This directory has been in it before.\n\n");
	else
		tools_terminal_print(
			t,
			"It is trusted on first use, because %s has it%s.  Compare its id "
			"with somebody who is in it.\n\n",
			source->name,
			strncasecmp(source->name, "http:", 5) == 0
				? ", which anybody on the way could have changed"
				: "");
}

static int show(const struct tools_call *call, const struct source *source, const char *dir,
		const struct catalog_buffer *text)
{
	char id[CATALOG_HASH_HEX_BYTES];
	const struct tools_terminal *t = &call->out;
	struct catalog_value *answer;
	int status;

	if (call->json) {
		catalog_hash_to_hex(catalog_charter_federation(source->charter), id);
		answer = tools_call_with(catalog_value_new_map(), "dir", dir);
		answer = tools_call_with(answer, "federation", id);
		answer = tools_call_with(answer, "name", catalog_charter_name(source->charter));
		answer = tools_call_with(answer, "trusted",
					 source->is_known   ? "named"
					 : source->is_there ? "before"
							    : "first-use");
		answer = tools_call_with_value(answer, "seeds",
					       catalog_value_new_int((int64_t)source->seeds));
		answer = tools_call_with_value(
			answer, "request",
			catalog_value_new_string_n((const char *)text->bytes, text->len));
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		return status;
	}
	show_trust(call, source);
	tools_terminal_print(t, "Send this to a member of the council of ");
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(source->charter));
	tools_terminal_print(t,
			     ", who runs\n  fedcat charter propose --admit-request FILE\n\n%.*s\n",
			     (int)text->len, (const char *)text->bytes);
	tools_terminal_print(t, "Start the node now; it waits until it is admitted, and begins:\n"
				"  fedcatd --dir ");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, dir);
	tools_terminal_print(t, "\n");
	return 0;
}

/* Make the keys and the request; what is there already stays. */
static int join(const struct tools_call *call, const char *dir, struct source *source,
		struct catalog_member *member)
{
	struct gossip_noise_secret *node = NULL;
	struct catalog_charter *charter = NULL;
	struct catalog_secret *secret = NULL;
	const struct catalog_member *known;
	struct catalog_buffer text = {0};
	struct catalog_key key;
	struct node_error error;
	int r, status;

	r = node_keyfile_new(&secret);
	if (r != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	r = make_directory(dir, source, secret, &node, &error);
	if (r == 0)
		r = node_datadir_charter(dir, &charter, &error);
	if (r == 0) {
		node_keyfile_public(secret, &key);
		known = catalog_charter_member_with_key(charter, &key);
		if (known != NULL)
			r = node_error_set(&error, -EPERM, "%s is a member already, as %s", dir,
					   known->name);
	}
	if (r == 0)
		r = write_request(dir, charter, member, secret, node, &text, &error);
	if (r == 0)
		get_seeds(dir, source);
	status = r == 0 ? show(call, source, dir, &text) : tools_call_fail_code(call, r, &error);
	catalog_charter_free(charter);
	catalog_buffer_close(&text);
	node_nodekey_free(node);
	node_keyfile_free(secret);
	return status;
}

int tools_command_join_run(const struct tools_call *call)
{
	const char *spec = tools_call_option(call, "as");
	struct source source = {.name = call->words[0]};
	char dir[NODE_DATADIR_PATH_BYTES];
	struct catalog_member member;
	struct node_error error;
	int r, status = tools_call_dir(call, dir);

	if (status == 0 && spec == NULL)
		status = tools_call_fail(call, TOOLS_EXIT_USAGE,
					 "who joins?  --as \"NAME=TITLE,country=CC\"");
	if (status == 0)
		status = tools_charter_change_member(call, "as", spec, TOOLS_CHARTER_CHANGE_NO_KEY,
						     &member);
	if (status != 0)
		return status;
	r = get_charter(&source, &error);
	status = r == 0 ? check_federation(call, &source) : tools_call_fail_code(call, r, &error);
	if (status == 0)
		status = join(call, dir, &source, &member);
	catalog_charter_free(source.charter);
	catalog_buffer_close(&source.bytes);
	return status;
}
