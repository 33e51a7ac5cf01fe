/* tools/command.h - what fedcat can be asked: one table of sub-commands.
 *
 * A command line is read by it (tools/call.h); help, man pages and completion are made of it
 * (tools/manual.h).  So a row (tools/rows_*.c) is all there is to say about a command but what it
 * does (tools/command_*.c).
 */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#define TOOLS_COMMAND_OPTIONS_MAX 32 /* of one command, with the end */
#define TOOLS_COMMAND_EXITS_MAX   8

/* How a command ends.  docs/commands.md and the man page list these. */
enum tools_exit {
	TOOLS_EXIT_OK = 0,
	TOOLS_EXIT_FAILED = 1,
	TOOLS_EXIT_USAGE = 2,
	TOOLS_EXIT_NOT_FOUND = 3,
	TOOLS_EXIT_REFUSED = 4,
	TOOLS_EXIT_REJECTED = 5,
	TOOLS_EXIT_UNVERIFIED = 6,
	TOOLS_EXIT_BUSY = 7,
	TOOLS_EXIT_DAMAGED = 8,
	TOOLS_EXIT_INTERRUPTED = 130,
};

struct tools_exit_row {
	enum tools_exit code;
	const char *word;     /* in {"error": {"code": word}} */
	const char *sentence; /* when */
};

/* Every exit code.  Returns how many. */
size_t tools_command_exits(const struct tools_exit_row **ret_rows);

struct tools_option {
	const char *name;  /* without the dashes */
	const char *value; /* what it takes, in capitals: completion knows these; NULL: nothing */
	const char *sentence; /* for help and man page */
	const char *choices;  /* words separated by spaces, or NULL */
};

struct tools_command {
	const char *name;      /* one word or two */
	const char *group;     /* the heading under which help lists it */
	const char *arguments; /* as in help, "FILE..."; "" if there are none */
	size_t argument_least, argument_most;
	const char *sentence;    /* what it does; no full stop */
	const char *const *text; /* paragraphs of the man page; ends in NULL */
	struct tools_option options[TOOLS_COMMAND_OPTIONS_MAX]; /* ends with a NULL name */
	const char *example;                                    /* a command line */
	const char *example_says;                               /* what it would do */
	enum tools_exit exits[TOOLS_COMMAND_EXITS_MAX]; /* besides 0, 1 and 2; ends with 0 */
};

/* The table, in the order in which help lists it: how many rows, and each. */
size_t tools_command_count(void);
const struct tools_command *tools_command_at(size_t i);

/* What every command takes: --dir, --json, --help.  Ends with a NULL name. */
const struct tools_option *tools_command_common(void);

/* The command of that name; NULL if there is none. */
const struct tools_command *tools_command_named(const char *name);

#endif
