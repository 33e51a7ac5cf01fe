#include "tools/command.h"

#include <assert.h>
#include <string.h>

#include "tools/rows_govern.h"
#include "tools/rows_use.h"

/* clang-format off: rows are read as text */

static const struct tools_exit_row exits[] = {
	{TOOLS_EXIT_OK, "ok", "Done."},
	{TOOLS_EXIT_FAILED, "failed", "It could not be done; the error says why and what to do."},
	{TOOLS_EXIT_USAGE, "usage",
	 "The command line, or a value in it, is not one that the command takes."},
	{TOOLS_EXIT_NOT_FOUND, "not-found", "No such listing, member or file."},
	{TOOLS_EXIT_REFUSED, "refused",
	 "A rule that protects data refused: too much would be withdrawn, something that exists "
	 "would be "
	 "overwritten, this node has no key to sign with, or the other members have not been "
	 "asked yet where this log stands."},
	{TOOLS_EXIT_REJECTED, "rejected",
	 "--strict: a record was not good, and nothing was published."},
	{TOOLS_EXIT_UNVERIFIED, "unverified",
	 "What was found does not verify against its member's signature or key."},
	{TOOLS_EXIT_BUSY, "busy",
	 "Another process has the node's store, or the time given ran out."},
	{TOOLS_EXIT_DAMAGED, "damaged",
	 "The store, or a file given, is not whole: something in it was changed or is missing."},
	{TOOLS_EXIT_INTERRUPTED, "interrupted",
	 "Stopped by Ctrl-C or SIGTERM; what was done by then was said."},
};

static const struct tools_option common[] = {
	{"dir", "DIR",
	 "The node's directory. Default: $FEDCAT_DIR, else $XDG_DATA_HOME/fedcat, else "
	 "~/.local/share/fedcat.",
	 NULL},
	{"json", NULL,
	 "Answer in JSON, one line; an error is {\"error\": {\"code\", \"text\"}} on standard "
	 "error.",
	 NULL},
	{"help", NULL, "Say what the command does, with an example.", NULL},
	{NULL, NULL, NULL, NULL},
};

/* clang-format on */

size_t tools_command_exits(const struct tools_exit_row **ret_rows)
{
	*ret_rows = exits;
	return sizeof exits / sizeof exits[0];
}

size_t tools_command_count(void)
{
	const struct tools_command *rows;

	return tools_rows_govern_table(&rows) + tools_rows_use_table(&rows);
}

const struct tools_command *tools_command_at(size_t i)
{
	const struct tools_command *govern, *use;
	size_t count = tools_rows_govern_table(&govern), more = tools_rows_use_table(&use);

	assert(i < count + more);
	(void)more; /* only looked at */
	return i < count ? &govern[i] : &use[i - count];
}

const struct tools_option *tools_command_common(void)
{
	return common;
}

const struct tools_command *tools_command_named(const char *name)
{
	for (size_t i = 0; i < tools_command_count(); i++)
		if (strcmp(tools_command_at(i)->name, name) == 0)
			return tools_command_at(i);
	return NULL;
}
