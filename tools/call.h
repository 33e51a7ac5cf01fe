/* tools/call.h - one command line that was understood, and what every command does with it: find
 * the node, ask it, print the answer, say what went wrong.
 *
 * Limits  TOOLS_CALL_WORDS_MAX words.
 */
#ifndef TOOLS_CALL_H
#define TOOLS_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/charter.h"
#include "catalog/value.h"
#include "node/client.h"
#include "node/datadir.h"
#include "node/error.h"
#include "tools/command.h"
#include "tools/terminal.h"

#define TOOLS_CALL_WORDS_MAX 4096

/* A command line that was understood.  Strings are borrowed from argv and environment. */
struct tools_call {
	const struct tools_command *command; /* NULL: no command was named */
	struct tools_terminal out, err;
	bool json, help, version;
	const char **words; /* arguments, then NULL; the array is owned */
	size_t word_count;
	struct tools_given {
		const struct tools_option *option;
		const char *value; /* "" for an option that takes nothing */
	} * given;                 /* owned */
	size_t given_count;
	char lang[32]; /* --lang, else of the environment; "" if neither says */
};

/* Read a command line (argv[0] left out).  The caller ends *ret_call with tools_call_close().
 * On failure *ret_call holds as much as is known, --json for one.  Returns 0, -EINVAL with a
 * sentence, -ENOMEM. */
int tools_call_parse(size_t count, char *const *args, struct tools_call *ret_call,
		     struct node_error *ret_error);
void tools_call_close(struct tools_call *call);

/* The value of an option, the last if given more than once; NULL if not given. */
const char *tools_call_option(const struct tools_call *call, const char *name);

/* The same as a whole number from least to most; standard if not given.  Returns
 * 0, or an exit status after saying what is wrong. */
int tools_call_number(const struct tools_call *call, const char *name, unsigned long least,
		      unsigned long most, unsigned long standard, unsigned long *ret_number);

/* --- what all commands do ------------------------------------------------------------------ */

/* Say on standard error why the command failed: text for people or, with --json,
 * {"error": {"code": ..., "text": ...}}.  Returns status. */
int tools_call_fail(const struct tools_call *call, enum tools_exit status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what the node's modules return. */
int tools_call_fail_code(const struct tools_call *call, int code, const struct node_error *error);

/* --dir, else where a node is when nobody says.  Returns 0 or an exit status. */
int tools_call_dir(const struct tools_call *call, char ret_dir[NODE_DATADIR_PATH_BYTES]);

/* The charter of the node in that directory, which the caller frees.  Returns 0 or an exit status.
 */
int tools_call_charter(const struct tools_call *call, struct catalog_charter **ret_charter);

/* Open the node in that directory, to ask it; and to publish, which may ask for the passphrase of
 * the member's key.  The caller owns *ret_client.  Returns 0 or an exit status. */
int tools_call_open(const struct tools_call *call, struct node_client **ret_client);
int tools_call_open_to_sign(const struct tools_call *call, struct node_client **ret_client);

/* node_client_call() that says what went wrong.  Takes request.  The caller owns *ret_answer.
 * Returns 0 or an exit status. */
int tools_call_ask(const struct tools_call *call, struct node_client *client,
		   struct catalog_value *request, struct catalog_value **ret_answer);

/* A request {"op": op}; NULL when out of memory. */
struct catalog_value *tools_call_request(const char *op);

/* Put text under key, unless text is NULL.  Takes nothing; request may be NULL.  Returns request,
 * or NULL, with request freed, when out of memory. */
struct catalog_value *tools_call_with(struct catalog_value *request, const char *key,
				      const char *text);

/* The same with a child, which is taken. */
struct catalog_value *tools_call_with_value(struct catalog_value *request, const char *key,
					    struct catalog_value *child);

/* Print an answer as JSON.  Returns 0 or an exit status. */
int tools_call_print_json(const struct tools_call *call, const struct catalog_value *value);

/* Take "MEMBER/ID" or "ID" apart: MEMBER is what stands before the first slash if a member of the
 * charter has that name; an id may hold slashes of its own.  *ret_id is borrowed from text,
 * *ret_member is "" if none is named.  Returns 0 or an exit status. */
int tools_call_split(const struct tools_call *call, const struct catalog_charter *charter,
		     const char *text, char ret_member[CATALOG_MEMBER_NAME_BYTES_MAX + 1],
		     const char **ret_id);

#endif
