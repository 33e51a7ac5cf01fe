#include "node/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define HEADER     "fedcat member key 1 (Ed25519 seed; keep this file secret)\n"
#define HEX_DIGITS (2 * crypto_sign_SEEDBYTES)
#define FILE_BYTES (sizeof HEADER - 1 + HEX_DIGITS + 1)

_Static_assert(sizeof(struct catalog_secret) == crypto_sign_SECRETKEYBYTES, "libsodium's form");
_Static_assert(sizeof(struct catalog_key) == crypto_sign_PUBLICKEYBYTES, "libsodium's form");

void node_keyfile_generate(struct catalog_secret *ret_secret)
{
	struct catalog_key key;
	int r;

	r = sodium_init();
	assert(r >= 0);
	r = crypto_sign_keypair(key.bytes, ret_secret->bytes);
	assert(r == 0);
	(void)r;
}

void node_keyfile_public(const struct catalog_secret *secret, struct catalog_key *ret_key)
{
	int r = crypto_sign_ed25519_sk_to_pk(ret_key->bytes, secret->bytes);

	assert(r == 0);
	(void)r;
}

void node_keyfile_fingerprint(const struct catalog_key *key,
			      char ret_text[NODE_KEYFILE_FINGERPRINT_BYTES])
{
	const uint8_t *b = key->bytes;
	int len;

	len = snprintf(ret_text, NODE_KEYFILE_FINGERPRINT_BYTES,
		       "%02x%02x %02x%02x %02x%02x %02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
		       b[6], b[7]);
	assert(len == NODE_KEYFILE_FINGERPRINT_BYTES - 1);
	(void)len;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

int node_keyfile_write(const char *path, const struct catalog_secret *secret,
		       struct node_error *ret_error)
{
	char text[FILE_BYTES + 1] = HEADER, seed_hex[HEX_DIGITS + 1];
	uint8_t seed[crypto_sign_SEEDBYTES];
	int fd, r;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return node_error_set(ret_error, -EEXIST,
				      "%s: there is a key already, and fedcat never overwrites one "
				      "(move it away if it is not needed)",
				      path);
	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: cannot make the key file: %s", path,
				      node_error_words(r));
	}
	r = crypto_sign_ed25519_sk_to_seed(seed, secret->bytes);
	assert(r == 0);
	sodium_bin2hex(seed_hex, sizeof seed_hex, seed, sizeof seed);
	memcpy(text + sizeof HEADER - 1, seed_hex, HEX_DIGITS);
	text[FILE_BYTES - 1] = '\n';
	r = write_all(fd, text, FILE_BYTES);
	if (close(fd) != 0 && r == 0)
		r = -errno;
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(seed_hex, sizeof seed_hex);
	sodium_memzero(text, sizeof text);
	if (r == 0)
		return 0;
	(void)unlink(path); /* half a key is none; the error that matters is r */
	return node_error_set(ret_error, r, "%s: cannot write the key file: %s", path,
			      node_error_words(r));
}

/* Whether the open file is ours alone. */
static int check_owner(int fd, const char *path, struct node_error *ret_error)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) != 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: %s", path, node_error_words(r));
	}
	if (!S_ISREG(st.st_mode))
		return node_error_set(ret_error, -EBADMSG, "%s: is not a file", path);
	if ((st.st_mode & 077) != 0)
		return node_error_set(
			ret_error, -EPERM,
			"%s: others may read or write this secret key (mode %04o).  If nobody has, "
			"run: chmod 600 '%s'.  If somebody may have, ask the council to replace "
			"the key",
			path, (unsigned)(st.st_mode & 07777), path);
	if (st.st_uid != geteuid())
		return node_error_set(ret_error, -EPERM,
				      "%s: belongs to user %u, not to the user that runs this "
				      "(%u); run as that user or change the owner",
				      path, (unsigned)st.st_uid, (unsigned)geteuid());
	return 0;
}

/* Read up to room bytes.  Returns how many, or a negative errno. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, bytes + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Whether len bytes at text are a key file; its seed. */
static bool parse(const char *text, size_t len, uint8_t ret_seed[crypto_sign_SEEDBYTES])
{
	size_t seed_len = 0;
	const char *end;

	if (len == FILE_BYTES - 1) /* without the last line's end: an editor's work */
		len++;
	else if (len != FILE_BYTES || text[FILE_BYTES - 1] != '\n')
		return false;
	return memcmp(text, HEADER, sizeof HEADER - 1) == 0 &&
	       sodium_hex2bin(ret_seed, crypto_sign_SEEDBYTES, text + sizeof HEADER - 1, HEX_DIGITS,
			      NULL, &seed_len, &end) == 0 &&
	       seed_len == crypto_sign_SEEDBYTES && end == text + len - 1;
}

int node_keyfile_read(const char *path, struct catalog_secret *ret_secret,
		      struct node_error *ret_error)
{
	char text[FILE_BYTES + 1] = "";
	uint8_t seed[crypto_sign_SEEDBYTES];
	struct catalog_key key;
	ssize_t len;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: cannot open the key file: %s", path,
				      node_error_words(r));
	}
	r = check_owner(fd, path, ret_error);
	if (r != 0)
		goto out;
	len = read_all(fd, text, sizeof text);
	if (len < 0) {
		r = node_error_set(ret_error, (int)len, "%s: cannot read the key file: %s", path,
				   node_error_words((int)len));
		goto out;
	}
	if (!parse(text, (size_t)len, seed)) {
		r = node_error_set(ret_error, -EBADMSG,
				   "%s: is not a fedcat key file (a line that begins \"fedcat "
				   "member key 1\", then 64 hexadecimal digits); restore it from a "
				   "backup",
				   path);
		goto out;
	}
	r = crypto_sign_seed_keypair(key.bytes, ret_secret->bytes, seed);
	assert(r == 0);
out:
	(void)close(fd); /* read only: nothing to lose */
	sodium_memzero(text, sizeof text);
	sodium_memzero(seed, sizeof seed);
	return r;
}

void node_keyfile_wipe(struct catalog_secret *secret)
{
	sodium_memzero(secret, sizeof *secret);
}
