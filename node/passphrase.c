#include "node/passphrase.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#define VARIABLE "FEDCAT_PASSPHRASE_FILE"

static int new_passphrase(struct node_passphrase **ret_passphrase, struct node_error *ret_error)
{
	struct node_passphrase *passphrase;
	int r = sodium_init();

	assert(r >= 0);
	(void)r;
	passphrase = sodium_malloc(sizeof *passphrase);
	if (passphrase == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	passphrase->len = 0;
	*ret_passphrase = passphrase;
	return 0;
}

void node_passphrase_free(struct node_passphrase *passphrase)
{
	sodium_free(passphrase); /* wipes; NULL is allowed */
}

/* Read a line, without its end, straight into the guarded memory: no library's buffer keeps a copy.
 * Returns 0, -EINVAL if it is too long, -ECANCELED if there is none, or what reading says. */
static int read_line(int fd, struct node_passphrase *passphrase)
{
	passphrase->len = 0;
	for (;;) {
		char c;
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 && passphrase->len == 0)
			return -ECANCELED;
		if (n == 0 || c == '\n')
			break;
		if (passphrase->len == sizeof passphrase->bytes)
			return -EINVAL;
		passphrase->bytes[passphrase->len++] = c;
	}
	if (passphrase->len > 0 && passphrase->bytes[passphrase->len - 1] == '\r')
		passphrase->len--;
	return 0;
}

static int from_file(const char *file, struct node_passphrase *passphrase,
		     struct node_error *ret_error)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0) {
		r = -errno;
		return node_error_set(ret_error, r, VARIABLE ": %s: %s", file, node_error_words(r));
	}
	r = read_line(fd, passphrase);
	(void)close(fd); /* read only */
	if (r == -ECANCELED || (r == 0 && passphrase->len == 0))
		return node_error_set(ret_error, -EINVAL, VARIABLE ": %s: its first line is empty",
				      file);
	if (r == -EINVAL)
		return node_error_set(ret_error, r,
				      VARIABLE ": %s: its first line is longer than %d bytes", file,
				      NODE_PASSPHRASE_BYTES_MAX);
	if (r != 0)
		return node_error_set(ret_error, r, VARIABLE ": %s: %s", file, node_error_words(r));
	return 0;
}

/* The terminal, if we are in its foreground: in the background asking would only stop us.
 * Returns a descriptor or -1. */
static int open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return; /* whoever cannot read the question does not answer */
}

/* Ask a question, with the echo off. */
static int ask(int fd, const char *question, struct node_passphrase *passphrase)
{
	struct termios before, quiet;
	int r;

	if (tcgetattr(fd, &before) != 0)
		return -errno;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	quiet.c_lflag |= ICANON | ECHONL;
	if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0)
		return -errno;
	say(fd, question);
	r = read_line(fd, passphrase);
	if (tcsetattr(fd, TCSAFLUSH, &before) != 0 && r == 0)
		r = -errno;
	return r;
}

static int from_terminal(int fd, const char *path, const char *what,
			 struct node_passphrase *passphrase, struct node_error *ret_error)
{
	char question[256];
	int r;

	(void)snprintf(question, sizeof question, "%s for %.180s: ", what, path); /* cut: fine */
	r = ask(fd, question, passphrase);
	if (r == -EINVAL)
		return node_error_set(ret_error, r, "a passphrase has at most %d bytes",
				      NODE_PASSPHRASE_BYTES_MAX);
	if (r == 0 && passphrase->len == 0)
		return node_error_set(ret_error, -EINVAL, "no passphrase was given");
	if (r != 0)
		return node_error_set(ret_error, r, "no passphrase could be read: %s",
				      node_error_words(r));
	return 0;
}

static int again(int fd, const char *path, const struct node_passphrase *first,
		 struct node_error *ret_error)
{
	struct node_passphrase *second = NULL;
	int r = new_passphrase(&second, ret_error);

	if (r == 0)
		r = from_terminal(fd, path, "The same again", second, ret_error);
	if (r == 0 && (second->len != first->len ||
		       sodium_memcmp(second->bytes, first->bytes, first->len) != 0))
		r = node_error_set(ret_error, -EINVAL,
				   "the two passphrases are not the same; nothing was changed");
	node_passphrase_free(second);
	return r;
}

static int get(const char *path, bool is_new, struct node_passphrase **ret_passphrase,
	       struct node_error *ret_error)
{
	const char *file = getenv(VARIABLE);
	struct node_passphrase *passphrase = NULL;
	int fd = -1, r;

	r = new_passphrase(&passphrase, ret_error);
	if (r != 0)
		return r;
	if (file != NULL && file[0] != '\0') {
		r = from_file(file, passphrase, ret_error);
	} else if ((fd = open_terminal()) >= 0) {
		r = from_terminal(fd, path, is_new ? "New passphrase" : "Passphrase", passphrase,
				  ret_error);
	} else {
		r = node_error_set(
			ret_error, -ENOKEY,
			"%s: there is no terminal to ask for its passphrase; write it to "
			"a file that only you may read and name that in " VARIABLE,
			path);
	}
	if (r == 0 && is_new && passphrase->len < NODE_PASSPHRASE_BYTES_MIN)
		r = node_error_set(
			ret_error, -EINVAL,
			"a passphrase of fewer than %d bytes is soon guessed; nothing was "
			"changed",
			NODE_PASSPHRASE_BYTES_MIN);
	if (r == 0 && is_new && fd >= 0)
		r = again(fd, path, passphrase, ret_error);
	if (fd >= 0)
		(void)close(fd); /* nothing was written but questions */
	if (r == 0) {
		*ret_passphrase = passphrase;
		passphrase = NULL; /* the caller's now */
	}
	node_passphrase_free(passphrase);
	return r;
}

bool node_passphrase_is_in_file(void)
{
	return getenv(VARIABLE) != NULL;
}

int node_passphrase_get(const char *path, struct node_passphrase **ret_passphrase,
			struct node_error *ret_error)
{
	return get(path, false, ret_passphrase, ret_error);
}

int node_passphrase_choose(const char *path, struct node_passphrase **ret_passphrase,
			   struct node_error *ret_error)
{
	return get(path, true, ret_passphrase, ret_error);
}
