/* tools/manual.h - help, man pages and completion, made of the table of commands. */
#ifndef TOOLS_MANUAL_H
#define TOOLS_MANUAL_H

#include <stdio.h>

#include "tools/command.h"
#include "tools/terminal.h"

/* Print what fedcat is and its commands. */
void tools_manual_overview(const struct tools_terminal *terminal);

/* Print how a command is written, what it takes and an example. */
void tools_manual_help(const struct tools_terminal *terminal, const struct tools_command *command);

/* Print a man page in roff: "fedcat", a command's name for its page, or "fedcatd", whose settings
 * are those of node/config.  Returns 0, -ENOENT if name is none of these. */
int tools_manual_page(FILE *file, const char *name);

/* Print the completion script for bash. */
void tools_manual_completion(FILE *file);

#endif
