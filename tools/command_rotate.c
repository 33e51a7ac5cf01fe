/* tools/command_rotate.c - the new key is made once: asked again, the one that waits is proposed
 * again. What puts it to use is fedcatd, or whichever command opens the directory next
 * (node/rotation). */
#include "tools/command_rotate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "node/channel.h"
#include "node/keyfile.h"
#include "node/nodekey.h"
#include "node/rotation.h"
#include "tools/command_charter.h"

/* Tell the fedcatd that runs here, if one does. */
static bool tell_daemon(const char *dir)
{
	struct catalog_value *answer = NULL;
	struct node_client *client = NULL;
	bool is_told;

	if (node_client_open(dir, &client, NULL) != 0)
		return false;
	is_told = node_client_running(client) &&
		  node_client_call(client, tools_call_request("keys"), &answer, NULL) == 0;
	catalog_value_free(answer);
	node_client_close(client);
	return is_told;
}

/* --- the node's ------------------------------------------------------------------------------- */

/* Read the key that waits, or make one. */
static int next_node_key(const char *dir, struct catalog_node_key *ret_key,
			 struct node_error *error)
{
	struct gossip_noise_secret *secret = NULL;
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_rotation_next(dir, NODE_DATADIR_NODE_KEY, path, error);

	if (r != 0)
		return r;
	if (access(path, F_OK) == 0) {
		r = node_nodekey_read(path, &secret, error);
	} else {
		r = node_nodekey_generate(&secret);
		r = r == 0 ? node_nodekey_write(path, secret, error)
			   : node_error_set(error, r, "out of memory");
	}
	if (r == 0)
		gossip_noise_public(secret, ret_key);
	node_nodekey_free(secret);
	return r;
}

static int show_node(const struct tools_call *call, const struct catalog_node_key *key,
		     bool is_mirror, bool is_told)
{
	char print[NODE_NODEKEY_FINGERPRINT_BYTES], hex[NODE_NODEKEY_HEX_BYTES];
	const struct tools_terminal *t = &call->out;
	struct catalog_value *answer;
	int status;

	node_nodekey_fingerprint(key, print);
	node_nodekey_hex(key, hex);
	if (call->json) {
		answer = tools_call_with(catalog_value_new_map(), "fingerprint", print);
		answer = tools_call_with(answer, "public", hex);
		answer = tools_call_with_value(answer, "mirror", catalog_value_new_bool(is_mirror));
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		return status;
	}
	tools_terminal_print(t, "The node's next key is %s.\n", print);
	if (is_mirror)
		tools_terminal_print(t,
				     "At the node that has the member's key:\n"
				     "  fedcat key delegate %s\n",
				     hex);
	tools_terminal_print(t, is_told ? "fedcatd uses it when the others know it.\n"
					: "Start fedcatd: it uses it when the others know it.\n");
	return 0;
}

static int rotate_node(const struct tools_call *call, const char *dir)
{
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_node_key key;
	struct node_error error;
	int r = node_datadir_path(dir, NODE_DATADIR_KEY, path, &error);
	bool is_mirror;

	if (r == 0)
		r = next_node_key(dir, &key, &error);
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	is_mirror = access(path, F_OK) != 0;
	return show_node(call, &key, is_mirror, tell_daemon(dir));
}

/* --- the member's ----------------------------------------------------------------------------- */

/* Make a new key, encrypted if the one in use is. */
static int make_key(const char *dir, const char *next, struct catalog_secret *ret_secret,
		    struct node_error *error)
{
	struct node_passphrase *passphrase = NULL;
	char path[NODE_DATADIR_PATH_BYTES];
	struct catalog_key key;
	bool is_encrypted;
	int r = node_datadir_path(dir, NODE_DATADIR_KEY, path, error);

	if (r == 0)
		r = node_keyfile_look(path, &is_encrypted, &key, error);
	if (r == 0 && is_encrypted)
		r = node_passphrase_choose(next, &passphrase, error);
	if (r == 0) {
		node_keyfile_generate(ret_secret);
		r = passphrase != NULL ? node_keyfile_replace(next, ret_secret, passphrase, error)
				       : node_keyfile_write(next, ret_secret, error);
	}
	node_passphrase_free(passphrase);
	return r;
}

static int rotate_member(const struct tools_call *call, const char *dir)
{
	struct catalog_secret *secret = NULL;
	char next[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	int status, r = node_rotation_next(dir, NODE_DATADIR_KEY, next, &error);

	if (r == 0 && node_keyfile_new(&secret) != 0)
		r = node_error_set(&error, -ENOMEM, "out of memory");
	if (r == 0)
		r = access(next, F_OK) == 0 ? node_keyfile_read(next, secret, &error)
					    : make_key(dir, next, secret, &error);
	status = r == 0 ? tools_command_charter_rotate(call, secret)
			: tools_call_fail_code(call, r, &error);
	node_keyfile_free(secret);
	if (status == 0 && !call->json)
		tools_terminal_print(
			&call->out,
			"The new key is in member.key.next: keep a copy with the backups (fedcat "
			"key "
			"backup).\nThe present one signs until the amendment is in force; then the "
			"new one takes its place, and what was\npublished meanwhile is to be "
			"published "
			"again.\n");
	return status;
}

int tools_command_rotate_run(const struct tools_call *call)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	int status = tools_call_dir(call, dir);

	if (status != 0)
		return status;
	return tools_call_option(call, "node") != NULL ? rotate_node(call, dir)
						       : rotate_member(call, dir);
}
