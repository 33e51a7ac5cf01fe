#include "tools/command_key.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "node/keyfile.h"
#include "node/nodekey.h"
#include "node/rotation.h"

/* What is known of a directory's keys. */
struct keys {
	struct catalog_charter *charter;
	bool has_member, is_encrypted, has_node;
	struct catalog_key member_key;
	struct catalog_node_key node_key;
	const struct catalog_member *member, *node_member; /* NULL: the charter names no such key */
};

/* The public half of the node's key in dir. */
static int look_at_node(const char *dir, struct catalog_node_key *ret_key, struct node_error *error)
{
	struct gossip_noise_secret *secret;
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(dir, NODE_DATADIR_NODE_KEY, path, error);

	if (r == 0)
		r = node_nodekey_read(path, &secret, error);
	if (r != 0)
		return r;
	gossip_noise_public(secret, ret_key);
	node_nodekey_free(secret);
	return 0;
}

static int look_at_member(const char *dir, struct keys *keys, struct node_error *error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(dir, NODE_DATADIR_KEY, path, error);

	return r == 0 ? node_keyfile_look(path, &keys->is_encrypted, &keys->member_key, error) : r;
}

/* Returns 0 or an exit status; the caller frees the charter either way. */
static int look(const struct tools_call *call, const char *dir, struct keys *ret_keys)
{
	struct keys *keys = ret_keys;
	struct node_error error;
	int r;

	r = node_datadir_charter(dir, &keys->charter, &error);
	if (r == 0) {
		r = look_at_member(dir, keys, &error);
		keys->has_member = r == 0;
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0) {
		r = look_at_node(dir, &keys->node_key, &error);
		keys->has_node = r == 0;
		r = r == -ENOENT ? 0 : r;
	}
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	if (keys->has_member)
		keys->member = catalog_charter_member_with_key(keys->charter, &keys->member_key);
	if (keys->has_node)
		keys->node_member =
			catalog_charter_member_with_node(keys->charter, &keys->node_key);
	return 0;
}

/* --- key show ------------------------------------------------------------------------------- */

static void show_key(const struct tools_call *call, const char *what, const char *fingerprint,
		     const char *hex, const struct catalog_member *member)
{
	const struct tools_terminal *t = &call->out;

	tools_terminal_print(t, "%s  ", what);
	tools_terminal_text(t, TOOLS_TERMINAL_BOLD, fingerprint);
	if (member != NULL) {
		tools_terminal_print(t, "  of ");
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, member->name);
	} else {
		tools_terminal_print(t, "  (the charter does not name it)");
	}
	tools_terminal_print(t, "\n            %s\n", hex);
}

static struct catalog_value *key_value(const char *fingerprint, const char *hex,
				       const struct catalog_member *member)
{
	struct catalog_value *value =
		tools_call_with(catalog_value_new_map(), "fingerprint", fingerprint);

	value = tools_call_with(value, "public", hex);
	return tools_call_with_value(value, "member",
				     member != NULL ? catalog_value_new_string(member->name)
						    : catalog_value_new_null());
}

static int show_json(const struct tools_call *call, const struct keys *keys, const char *prints[2],
		     const char *hexes[2])
{
	struct catalog_value *answer = catalog_value_new_map(), *member, *node;
	int status;

	member = keys->has_member ? key_value(prints[0], hexes[0], keys->member)
				  : catalog_value_new_null();
	if (keys->has_member)
		member = tools_call_with_value(member, "encrypted",
					       catalog_value_new_bool(keys->is_encrypted));
	node = keys->has_node ? key_value(prints[1], hexes[1], keys->node_member)
			      : catalog_value_new_null();
	answer = tools_call_with_value(answer, "member", member);
	answer = tools_call_with_value(answer, "node", node);
	status = tools_call_print_json(call, answer);
	catalog_value_free(answer);
	return status;
}

static int show(const struct tools_call *call, const struct keys *keys)
{
	char member_print[NODE_KEYFILE_FINGERPRINT_BYTES], member_hex[NODE_NODEKEY_HEX_BYTES];
	char node_print[NODE_NODEKEY_FINGERPRINT_BYTES], node_hex[NODE_NODEKEY_HEX_BYTES];
	const struct tools_terminal *t = &call->out;

	node_keyfile_fingerprint(&keys->member_key, member_print);
	sodium_bin2hex(member_hex, sizeof member_hex, keys->member_key.bytes,
		       sizeof keys->member_key.bytes);
	node_nodekey_fingerprint(&keys->node_key, node_print);
	node_nodekey_hex(&keys->node_key, node_hex);
	if (call->json)
		return show_json(call, keys, (const char *[2]){member_print, node_print},
				 (const char *[2]){member_hex, node_hex});
	if (keys->has_member)
		show_key(call, "Member key", member_print, member_hex, keys->member);
	else
		tools_terminal_print(t, "Member key  none: a mirror\n");
	if (keys->has_member)
		tools_terminal_print(t, "            %s\n",
				     keys->is_encrypted ? "under a passphrase" : "not encrypted");
	if (keys->has_node)
		show_key(call, "Node key  ", node_print, node_hex, keys->node_member);
	else
		tools_terminal_print(t, "Node key    none yet: fedcatd makes one\n");
	return 0;
}

int tools_command_key_show(const struct tools_call *call)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	struct keys keys = {0};
	int status;

	status = tools_call_dir(call, dir);
	if (status == 0)
		status = look(call, dir, &keys);
	if (status == 0)
		status = show(call, &keys);
	catalog_charter_free(keys.charter);
	return status;
}

/* --- key make ------------------------------------------------------------------------------- */

int tools_command_key_make(const struct tools_call *call)
{
	const char *path = call->words[0];
	struct gossip_noise_secret *secret = NULL;
	char print[NODE_NODEKEY_FINGERPRINT_BYTES], hex[NODE_NODEKEY_HEX_BYTES];
	struct catalog_value *answer;
	struct catalog_node_key key;
	struct node_error error;
	int r, status = 0;

	if (node_nodekey_generate(&secret) != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	gossip_noise_public(secret, &key);
	r = node_nodekey_write(path, secret, &error);
	node_nodekey_free(secret);
	if (r != 0)
		return tools_call_fail_code(call, r, &error);
	node_nodekey_fingerprint(&key, print);
	node_nodekey_hex(&key, hex);
	if (call->json) {
		answer = tools_call_with(key_value(print, hex, NULL), "file", path);
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		return status;
	}
	tools_terminal_text(&call->out, TOOLS_TERMINAL_PLAIN, path);
	tools_terminal_print(&call->out, " is a node's key, %s:\n%s\n", print, hex);
	return 0;
}

/* --- key encrypt, key decrypt --------------------------------------------------------------- */

/* What the command did to the key at path. */
static int tell(const struct tools_call *call, const char *path, bool is_encrypted)
{
	struct catalog_value *answer;
	int status;

	if (!call->json) {
		tools_terminal_text(&call->out, TOOLS_TERMINAL_PLAIN, path);
		tools_terminal_print(&call->out, is_encrypted ? " is under the passphrase now.\n"
							      : " is in clear now.\n");
		return 0;
	}
	answer = tools_call_with(catalog_value_new_map(), "file", path);
	answer = tools_call_with_value(answer, "encrypted", catalog_value_new_bool(is_encrypted));
	status = tools_call_print_json(call, answer);
	catalog_value_free(answer);
	return status;
}

/* Read the key and write it anew.  Returns 0 or a code. */
static int rewrite(const char *path, bool encrypts, struct node_error *error)
{
	struct node_passphrase *passphrase = NULL;
	struct catalog_secret *secret = NULL;
	int r;

	r = node_keyfile_new(&secret);
	if (r != 0)
		return node_error_set(error, r, "out of memory");
	r = node_keyfile_read(path, secret, error);
	if (r == 0 && encrypts)
		r = node_passphrase_choose(path, &passphrase, error);
	if (r == 0)
		r = node_keyfile_replace(path, secret, passphrase, error);
	node_passphrase_free(passphrase);
	node_keyfile_free(secret);
	return r;
}

static int change(const struct tools_call *call, bool encrypts)
{
	char dir[NODE_DATADIR_PATH_BYTES], path[NODE_DATADIR_PATH_BYTES];
	struct catalog_key key;
	struct node_error error;
	bool is_encrypted;
	int r, status;

	status = tools_call_dir(call, dir);
	if (status != 0)
		return status;
	r = node_datadir_path(dir, NODE_DATADIR_KEY, path, &error);
	if (r == 0)
		r = node_keyfile_look(path, &is_encrypted, &key, &error);
	if (r == 0 && !encrypts && !is_encrypted)
		return tell(call, path, false); /* as it was */
	if (r == 0)
		r = rewrite(path, encrypts, &error);
	return r == 0 ? tell(call, path, encrypts) : tools_call_fail_code(call, r, &error);
}

int tools_command_key_encrypt(const struct tools_call *call)
{
	return change(call, true);
}

int tools_command_key_decrypt(const struct tools_call *call)
{
	return change(call, false);
}

/* --- key backup ----------------------------------------------------------------------------- */

static int copy_node_key(const char *from, const char *to, struct node_error *error)
{
	struct gossip_noise_secret *secret;
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	r = node_datadir_path(from, NODE_DATADIR_NODE_KEY, path, error);
	if (r == 0)
		r = node_nodekey_read(path, &secret, error);
	if (r != 0)
		return r;
	r = node_datadir_path(to, NODE_DATADIR_NODE_KEY, path, error);
	if (r == 0)
		r = node_nodekey_write(path, secret, error);
	node_nodekey_free(secret);
	return r;
}

static int copy_member_key(const char *from, const char *to, struct node_error *error)
{
	char from_path[NODE_DATADIR_PATH_BYTES], to_path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(from, NODE_DATADIR_KEY, from_path, error);

	if (r == 0)
		r = node_datadir_path(to, NODE_DATADIR_KEY, to_path, error);
	if (r == 0)
		r = node_keyfile_copy(from_path, to_path, error);
	if (r != 0 || !node_rotation_is_on(from, NODE_DATADIR_KEY))
		return r;
	r = node_rotation_next(from, NODE_DATADIR_KEY, from_path, error);
	if (r == 0)
		r = node_rotation_next(to, NODE_DATADIR_KEY, to_path, error);
	return r == 0 ? node_keyfile_copy(from_path, to_path, error) : r;
}

static int copy_all(const char *from, const char *to, const struct keys *keys,
		    struct node_error *error)
{
	char path[NODE_DATADIR_PATH_BYTES];
	int r = node_datadir_path(to, NODE_DATADIR_CHARTER, path, error);

	if (r == 0)
		r = node_datadir_write(path, catalog_charter_bytes(keys->charter), 0644, error);
	if (r == 0 && keys->has_member)
		r = copy_member_key(from, to, error);
	if (r == 0 && keys->has_node)
		r = copy_node_key(from, to, error);
	return r;
}

/* Whether the copy is what it should be. */
static int compare(const struct tools_call *call, const char *to, const struct keys *keys)
{
	struct keys copy = {0};
	int status = look(call, to, &copy);

	if (status == 0 &&
	    (copy.has_member != keys->has_member || copy.has_node != keys->has_node ||
	     memcmp(&copy.member_key, &keys->member_key, sizeof copy.member_key) != 0 ||
	     memcmp(&copy.node_key, &keys->node_key, sizeof copy.node_key) != 0))
		status = tools_call_fail(call, TOOLS_EXIT_FAILED,
					 "%s: what was read back is not what was written; do not "
					 "rely on this copy",
					 to);
	catalog_charter_free(copy.charter);
	return status;
}

int tools_command_key_backup(const struct tools_call *call)
{
	const char *to = call->words[0];
	char dir[NODE_DATADIR_PATH_BYTES];
	struct catalog_value *answer;
	struct keys keys = {0};
	struct node_error error;
	int r, status;

	status = tools_call_dir(call, dir);
	if (status == 0)
		status = look(call, dir, &keys);
	if (status != 0)
		goto out;
	if (mkdir(to, 0700) != 0) {
		status = tools_call_fail(
			call, errno == EEXIST ? TOOLS_EXIT_REFUSED : TOOLS_EXIT_FAILED,
			"%s: cannot make it: %s; nothing was changed", to, strerror(errno));
		goto out;
	}
	r = copy_all(dir, to, &keys, &error);
	status = r == 0 ? compare(call, to, &keys) : tools_call_fail_code(call, r, &error);
	if (status != 0)
		goto out;
	if (call->json) {
		answer = tools_call_with(catalog_value_new_map(), "dir", to);
		status = tools_call_print_json(call, answer);
		catalog_value_free(answer);
		goto out;
	}
	tools_terminal_text(&call->out, TOOLS_TERMINAL_PLAIN, to);
	tools_terminal_print(&call->out, " holds the charter and the keys.%s\n",
			     keys.has_member && !keys.is_encrypted
				     ? "  The member's key is not encrypted: keep it locked away."
				     : "");
out:
	catalog_charter_free(keys.charter);
	return status;
}
