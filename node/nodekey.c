#include "node/nodekey.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "node/datadir.h"
#include "node/keyfile.h"
#include "node/secretfile.h"

#define HEADER     "fedcat node key 1 (X25519; keep this file secret)\n"
#define HEX_DIGITS (2 * sizeof(struct gossip_noise_secret))
#define FILE_BYTES (sizeof HEADER - 1 + HEX_DIGITS + 1)

_Static_assert(sizeof(struct catalog_key) == sizeof(struct catalog_node_key),
	       "their fingerprints look alike");

static int new_secret(struct gossip_noise_secret **ret_secret)
{
	int r = sodium_init();

	assert(r >= 0);
	(void)r;
	*ret_secret = sodium_malloc(sizeof **ret_secret);
	return *ret_secret == NULL ? -ENOMEM : 0;
}

int node_nodekey_generate(struct gossip_noise_secret **ret_secret)
{
	struct gossip_noise_secret *secret;
	int r = new_secret(&secret);

	if (r != 0)
		return r;
	randombytes_buf(secret, sizeof *secret);
	*ret_secret = secret;
	return 0;
}

void node_nodekey_free(struct gossip_noise_secret *secret)
{
	sodium_free(secret); /* wipes; NULL is allowed */
}

int node_nodekey_write(const char *path, const struct gossip_noise_secret *secret,
		       struct node_error *ret_error)
{
	char text[FILE_BYTES + 1] = HEADER;
	int r;

	sodium_bin2hex(text + sizeof HEADER - 1, HEX_DIGITS + 1, secret->bytes,
		       sizeof secret->bytes);
	text[FILE_BYTES - 1] = '\n';
	r = node_secretfile_write(path, (struct catalog_span){(uint8_t *)text, FILE_BYTES},
				  ret_error);
	sodium_memzero(text, sizeof text);
	return r;
}

/* Whether len bytes at text are a key file; its secret. */
static bool parse(const char *text, size_t len, struct gossip_noise_secret *ret_secret)
{
	size_t secret_len = 0;
	const char *end;

	if (len == FILE_BYTES - 1) /* without the last line's end: an editor's work */
		len++;
	else if (len != FILE_BYTES || text[FILE_BYTES - 1] != '\n')
		return false;
	return memcmp(text, HEADER, sizeof HEADER - 1) == 0 &&
	       sodium_hex2bin(ret_secret->bytes, sizeof ret_secret->bytes, text + sizeof HEADER - 1,
			      HEX_DIGITS, NULL, &secret_len, &end) == 0 &&
	       secret_len == sizeof ret_secret->bytes && end == text + len - 1;
}

int node_nodekey_read(const char *path, struct gossip_noise_secret **ret_secret,
		      struct node_error *ret_error)
{
	struct gossip_noise_secret *secret = NULL;
	char text[FILE_BYTES + 1] = "";
	size_t len;
	int r;

	r = node_secretfile_read(path, text, sizeof text, &len, ret_error);
	if (r != 0)
		goto out;
	r = new_secret(&secret);
	if (r != 0) {
		(void)node_error_set(ret_error, r, "%s: out of memory", path);
		goto out;
	}
	if (!parse(text, len, secret)) {
		r = node_error_set(ret_error, -EBADMSG,
				   "%s: is not a node's key file (a line that begins \"fedcat node "
				   "key 1\", then 64 hexadecimal digits); restore it from a backup",
				   path);
		goto out;
	}
	*ret_secret = secret;
	secret = NULL; /* the caller's now */
out:
	node_nodekey_free(secret);
	sodium_memzero(text, sizeof text);
	return r;
}

int node_nodekey_open(const char *dir, struct gossip_noise_secret **ret_secret,
		      struct node_error *ret_error)
{
	struct gossip_noise_secret *secret = NULL;
	char path[NODE_DATADIR_PATH_BYTES];
	int r;

	r = node_datadir_path(dir, NODE_DATADIR_NODE_KEY, path, ret_error);
	if (r != 0)
		return r;
	r = node_nodekey_read(path, ret_secret, ret_error);
	if (r != -ENOENT)
		return r;
	r = node_nodekey_generate(&secret);
	if (r != 0)
		return node_error_set(ret_error, r, "%s: out of memory", path);
	r = node_nodekey_write(path, secret, ret_error);
	if (r == 0)
		*ret_secret = secret;
	else
		node_nodekey_free(secret);
	return r;
}

void node_nodekey_fingerprint(const struct catalog_node_key *key,
			      char ret_text[NODE_NODEKEY_FINGERPRINT_BYTES])
{
	struct catalog_key same;

	memcpy(same.bytes, key->bytes, sizeof same.bytes);
	node_keyfile_fingerprint(&same, ret_text);
}

void node_nodekey_hex(const struct catalog_node_key *key, char ret_hex[NODE_NODEKEY_HEX_BYTES])
{
	sodium_bin2hex(ret_hex, NODE_NODEKEY_HEX_BYTES, key->bytes, sizeof key->bytes);
}

int node_nodekey_parse(const char *hex, struct catalog_node_key *ret_key)
{
	struct catalog_node_key key;
	size_t len = 0;

	if (strlen(hex) != NODE_NODEKEY_HEX_BYTES - 1 ||
	    sodium_hex2bin(key.bytes, sizeof key.bytes, hex, NODE_NODEKEY_HEX_BYTES - 1, NULL, &len,
			   NULL) != 0 ||
	    len != sizeof key.bytes)
		return -EINVAL;
	*ret_key = key;
	return 0;
}
