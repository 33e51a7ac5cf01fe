/* tools/command_join.c - keys are made once: asked again, it prints the request that is there. */
#include "tools/command_join.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/armour.h"
#include "catalog/charter.h"
#include "catalog/join.h"
#include "gossip/noise.h"
#include "node/keyfile.h"
#include "node/nodekey.h"
#include "tools/charter_change.h"

/* Make what is not there of a node's directory: the charter, a member's key, a node's key. */
static int make_directory(const char *dir, const char *charter, struct catalog_secret *ret_secret,
			  struct gossip_noise_secret **ret_node, struct node_error *error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return node_error_set(error, -errno, "%s: cannot make: %s", dir, strerror(errno));
	r = node_datadir_adopt(dir, charter, error);
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

static int show(const struct tools_call *call, const struct catalog_charter *charter,
		const char *dir, const struct catalog_buffer *text)
{
	const struct tools_terminal *t = &call->out;
	struct catalog_value *answer;
	int status;

	if (call->json) {
		answer = tools_call_with(catalog_value_new_map(), "dir", dir);
		answer = tools_call_with_value(
			answer, "request",
			catalog_value_new_string_n((const char *)text->bytes, text->len));
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		return status;
	}
	tools_terminal_print(t, "Send this to a member of the council of ");
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, catalog_charter_name(charter));
	tools_terminal_print(t,
			     ", who runs\n  fedcat charter propose --admit-request FILE\n\n%.*s\n",
			     (int)text->len, (const char *)text->bytes);
	tools_terminal_print(t, "Start the node now; it waits until it is admitted, and begins:\n"
				"  fedcatd --dir ");
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, dir);
	tools_terminal_print(t, "\n");
	return 0;
}

int tools_command_join_run(const struct tools_call *call)
{
	const char *spec = tools_call_option(call, "as");
	struct gossip_noise_secret *node = NULL;
	struct catalog_charter *charter = NULL;
	struct catalog_secret *secret = NULL;
	const struct catalog_member *known;
	char dir[NODE_DATADIR_PATH_BYTES];
	struct catalog_buffer text = {0};
	struct catalog_member member;
	struct catalog_key key;
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
	r = node_keyfile_new(&secret);
	if (r != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	r = make_directory(dir, call->words[0], secret, &node, &error);
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
		r = write_request(dir, charter, &member, secret, node, &text, &error);
	status = r == 0 ? show(call, charter, dir, &text) : tools_call_fail_code(call, r, &error);
	catalog_charter_free(charter);
	catalog_buffer_close(&text);
	node_nodekey_free(node);
	node_keyfile_free(secret);
	return status;
}
