#include "tools/manual.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/theme.h"
#include "node/config.h"

#define HELP_COLUMNS_MAX 80
#define HELP_INDENT      4
#define NAME_COLUMN      20 /* in the overview, with the indent */

static const char purpose[] =
	"One catalogue of the datasets of a federation's members, that nobody owns. Every member's "
	"node holds all of it, verifies all of it, and answers by itself.";

/* --- help ---------------------------------------------------------------------------------- */

/* Help is wrapped wherever it goes: it is as long as a page, not as a line. */
static struct tools_terminal paper(const struct tools_terminal *terminal)
{
	struct tools_terminal page = *terminal;

	if (page.columns == 0 || page.columns > HELP_COLUMNS_MAX)
		page.columns = HELP_COLUMNS_MAX;
	return page;
}

static void indented(const struct tools_terminal *terminal, const char *text, unsigned indent)
{
	tools_terminal_print(terminal, "%*s", (int)indent, "");
	tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, text, indent);
}

static void heading(const struct tools_terminal *terminal, const char *text)
{
	tools_terminal_print(terminal, "\n");
	tools_terminal_text(terminal, TOOLS_TERMINAL_BOLD, text);
	tools_terminal_print(terminal, "\n");
}

void tools_manual_overview(const struct tools_terminal *terminal)
{
	size_t count = tools_command_count();
	const struct tools_terminal page = paper(terminal);
	const char *group = "";

	terminal = &page;
	tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, purpose, 0);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(group, tools_command_at(i)->group) != 0) {
			group = tools_command_at(i)->group;
			heading(terminal, group);
		}
		tools_terminal_print(terminal, "  %-*s", NAME_COLUMN - 2,
				     tools_command_at(i)->name);
		tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, tools_command_at(i)->sentence,
				    NAME_COLUMN);
	}
	tools_terminal_print(terminal, "\n");
	tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN,
			    "`fedcat publish --help` explains publish, with an example; `man "
			    "fedcat-publish` says more. The node itself is fedcatd.",
			    0);
}

static void print_option(const struct tools_terminal *terminal, const struct tools_option *option)
{
	tools_terminal_print(terminal, "  ");
	tools_terminal_print(terminal, "--%s%s%s\n", option->name, option->value != NULL ? " " : "",
			     option->value != NULL ? option->value : "");
	indented(terminal, option->sentence, 6);
	if (option->choices != NULL) {
		tools_terminal_print(terminal, "      One of: ");
		tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, option->choices, 14);
	}
}

void tools_manual_help(const struct tools_terminal *terminal, const struct tools_command *command)
{
	const struct tools_terminal page = paper(terminal);

	terminal = &page;
	tools_terminal_text(terminal, TOOLS_TERMINAL_BOLD, "fedcat ");
	tools_terminal_text(terminal, TOOLS_TERMINAL_BOLD, command->name);
	tools_terminal_print(terminal, "%s%s [OPTION...]\n",
			     command->arguments[0] != '\0' ? " " : "", command->arguments);
	indented(terminal, command->sentence, HELP_INDENT);
	heading(terminal, "Example");
	indented(terminal, command->example, HELP_INDENT);
	indented(terminal, command->example_says, HELP_INDENT);
	tools_terminal_print(terminal, "\n");
	for (const char *const *text = command->text; *text != NULL; text++) {
		tools_terminal_wrap(terminal, TOOLS_TERMINAL_PLAIN, *text, 0);
		tools_terminal_print(terminal, "\n");
	}
	tools_terminal_text(terminal, TOOLS_TERMINAL_BOLD, "Options");
	tools_terminal_print(terminal, "\n");
	for (const struct tools_option *o = command->options; o->name != NULL; o++)
		print_option(terminal, o);
	for (const struct tools_option *o = tools_command_common(); o->name != NULL; o++)
		print_option(terminal, o);
}

/* --- man pages ----------------------------------------------------------------------------- */

/* Print text as roff: nothing in it is a request, `...` is bold, a sentence begins a line. */
static void roff(FILE *file, const char *text)
{
	bool is_bold = false, is_line_start = true;

	for (; *text != '\0'; text++) {
		if (is_line_start && (*text == '.' || *text == '\''))
			(void)fputs("\\&", file);
		is_line_start = false;
		switch (*text) {
		case '\\': (void)fputs("\\e", file); break;
		case '-': (void)fputs("\\-", file); break;
		case '\'': (void)fputs("\\(aq", file); break;
		case '~': (void)fputs("\\(ti", file); break;
		case '^': (void)fputs("\\(ha", file); break;
		case '`':
			is_bold = !is_bold;
			(void)fputs(is_bold ? "\\fB" : "\\fR", file);
			break;
		case '.':
			(void)fputc('.', file);
			if (text[1] == ' ' && isupper((unsigned char)text[2])) {
				(void)fputc('\n', file);
				text++;
				is_line_start = true;
			}
			break;
		default: (void)fputc(*text, file);
		}
	}
}

static void paragraph(FILE *file, const char *text)
{
	(void)fputs(".PP\n", file);
	roff(file, text);
	(void)fputc('\n', file);
}

/* "federation create" as "fedcat-federation-create". */
static void page_name(const char *command, char ret_name[64])
{
	size_t len;

	(void)snprintf(ret_name, 64, "fedcat%s%s", command[0] != '\0' ? "-" : "", command);
	len = strlen(ret_name);
	for (size_t i = 0; i < len; i++)
		if (ret_name[i] == ' ')
			ret_name[i] = '-';
}

static void title(FILE *file, const char *page, int section, const char *sentence)
{
	(void)fputs(".TH ", file);
	for (const char *at = page; *at != '\0'; at++)
		(void)fputc(toupper((unsigned char)*at), file);
	(void)fprintf(file, " %d \"\" \"fedcat %s\" \"fedcat\"\n.SH NAME\n", section,
		      PACKAGE_VERSION);
	roff(file, page);
	(void)fputs(" \\- ", file);
	roff(file, sentence);
	(void)fputs("\n", file);
}

static void option_item(FILE *file, const struct tools_option *option)
{
	(void)fputs(".TP\n\\fB\\-\\-", file);
	roff(file, option->name);
	(void)fputs("\\fR", file);
	if (option->value != NULL)
		(void)fprintf(file, " \\fI%s\\fR", option->value);
	(void)fputc('\n', file);
	roff(file, option->sentence);
	if (option->choices != NULL) {
		(void)fputs("\nOne of: ", file);
		roff(file, option->choices);
		(void)fputc('.', file);
	}
	(void)fputc('\n', file);
}

static void exit_items(FILE *file, const enum tools_exit *only)
{
	const struct tools_exit_row *rows;
	size_t count = tools_command_exits(&rows);

	(void)fputs(".SH EXIT STATUS\n", file);
	for (size_t i = 0; i < count; i++) {
		bool wanted = only == NULL || rows[i].code <= TOOLS_EXIT_USAGE;

		for (size_t j = 0; only != NULL && only[j] != TOOLS_EXIT_OK; j++)
			wanted = wanted || only[j] == rows[i].code;
		if (!wanted)
			continue;
		(void)fprintf(file, ".TP\n\\fB%d\\fR\n", rows[i].code);
		roff(file, rows[i].sentence);
		(void)fputc('\n', file);
	}
}

static void example(FILE *file, const char *line, const char *says)
{
	(void)fputs(".PP\n", file);
	(void)fputs(".RS 4\n.nf\n.nh\n", file);
	roff(file, line);
	(void)fputs("\n.hy\n.fi\n.RE\n", file);
	paragraph(file, says);
}

static void command_page(FILE *file, const struct tools_command *command)
{
	char page[64];

	page_name(command->name, page);
	title(file, page, 1, command->sentence);
	(void)fputs(".SH SYNOPSIS\n\\fBfedcat ", file);
	roff(file, command->name);
	(void)fprintf(file, "\\fR %s%s[\\fIOPTION\\fR...]\n.SH DESCRIPTION\n", command->arguments,
		      command->arguments[0] != '\0' ? " " : "");
	for (const char *const *text = command->text; *text != NULL; text++)
		paragraph(file, *text);
	(void)fputs(".SH OPTIONS\n", file);
	for (const struct tools_option *o = command->options; o->name != NULL; o++)
		option_item(file, o);
	for (const struct tools_option *o = tools_command_common(); o->name != NULL; o++)
		option_item(file, o);
	exit_items(file, command->exits);
	(void)fputs(".SH EXAMPLE\n", file);
	example(file, command->example, command->example_says);
	(void)fputs(".SH SEE ALSO\n\\fBfedcat\\fR(1), \\fBfedcatd\\fR(8)\n", file);
}

static void main_page(FILE *file)
{
	size_t count = tools_command_count();
	char page[64];

	title(file, "fedcat", 1, "the catalogue of a federation, that nobody owns");
	(void)fputs(".SH SYNOPSIS\n\\fBfedcat\\fR \\fICOMMAND\\fR [\\fIARGUMENT\\fR...] "
		    "[\\fIOPTION\\fR...]\n.SH DESCRIPTION\n",
		    file);
	paragraph(file, purpose);
	paragraph(file,
		  "A command works on the node in one directory. Where fedcatd runs there, it "
		  "is asked; where it does not, the command does the work itself, with the "
		  "same answers.");
	paragraph(file, "What others wrote is shown without control characters, so that no listing "
			"can change your terminal; they show as U+FFFD, and as escapes in JSON.");
	(void)fputs(".SH COMMANDS\n", file);
	for (size_t i = 0; i < count; i++) {
		page_name(tools_command_at(i)->name, page);
		(void)fputs(".TP\n\\fB", file);
		roff(file, page);
		(void)fputs("\\fR(1)\n", file);
		roff(file, tools_command_at(i)->sentence);
		(void)fputc('\n', file);
	}
	(void)fputs(".SH OPTIONS\n", file);
	for (const struct tools_option *o = tools_command_common(); o->name != NULL; o++)
		option_item(file, o);
	(void)fputs(".TP\n\\fB\\-\\-version\\fR\nPrint the version.\n", file);
	exit_items(file, NULL);
	(void)fputs(".SH ENVIRONMENT\n.TP\n\\fBFEDCAT_DIR\\fR\nThe node\\(aqs directory.\n"
		    ".TP\n\\fBFEDCAT_PASSPHRASE_FILE\\fR\nA file whose first line opens the "
		    "member\\(aqs key, if it is encrypted. Without, it is asked for at the "
		    "terminal.\n"
		    ".TP\n\\fBNO_COLOR\\fR\nIf set and not empty, nothing is coloured.\n"
		    ".TP\n\\fBTERM\\fR\nIf \\fBdumb\\fR, there are neither colours nor progress.\n"
		    ".TP\n\\fBLC_ALL\\fR, \\fBLC_MESSAGES\\fR, \\fBLANG\\fR\n"
		    "The language to prefer in listings.\n",
		    file);
	(void)fputs(".SH SEE ALSO\n\\fBfedcatd\\fR(8)\n", file);
}

static void daemon_page(FILE *file)
{
	const struct node_config_setting *settings;
	size_t count = node_config_settings(&settings);

	title(file, "fedcatd", 8, "the node of a federated catalogue");
	(void)fputs(".SH SYNOPSIS\n\\fBfedcatd\\fR [\\fB\\-\\-\\fIKEY\\fR=\\fIVALUE\\fR...]\n"
		    ".SH DESCRIPTION\n",
		    file);
	paragraph(file,
		  "Holds a federation's catalogue, keeps it equal to that of the other nodes, "
		  "and answers fedcat and HTTP. It runs in the foreground and ends in order "
		  "on SIGTERM: nothing that was acknowledged is lost.");
	paragraph(file, "The directory is made by `fedcat federation create` or `fedcat init`.");
	(void)fputs(".SH SETTINGS\n", file);
	paragraph(file, "A setting comes from a flag, else from the environment (FEDCAT_ and its "
			"name in capitals, with _ for -), else from the file config in the "
			"directory (key = value; # begins a comment), else it has its default. An "
			"unknown one is refused.");
	paragraph(file,
		  "A member's key that is encrypted is opened with the first line of the file "
		  "that FEDCAT_PASSPHRASE_FILE names, or else with what is asked for at the "
		  "terminal.");
	for (size_t i = 0; i < count; i++) {
		(void)fputs(".TP\n\\fB\\-\\-", file);
		roff(file, settings[i].name);
		(void)fputs("\\fR=\\fI", file);
		roff(file, settings[i].value);
		(void)fputs("\\fR\n", file);
		roff(file, settings[i].sentence);
		if (settings[i].standard[0] != '\0') {
			(void)fputs("\nDefault: ", file);
			roff(file, settings[i].standard);
			(void)fputc('.', file);
		}
		(void)fputc('\n', file);
	}
	(void)fputs(".SH SEE ALSO\n\\fBfedcat\\fR(1)\n", file);
}

int tools_manual_page(FILE *file, const char *name)
{
	const struct tools_command *command = tools_command_named(name);

	if (strcmp(name, "fedcat") == 0)
		main_page(file);
	else if (strcmp(name, "fedcatd") == 0)
		daemon_page(file);
	else if (command != NULL)
		command_page(file, command);
	else
		return -ENOENT;
	return 0;
}

/* --- completion ---------------------------------------------------------------------------- */

/* The codes of themes, and the industries. */
static void complete_theme(FILE *file)
{
	(void)fputs("_fedcat_words '", file);
	for (size_t i = 0; i < CATALOG_THEME_CODES; i++)
		(void)fprintf(file, "%s ", catalog_theme_code(i));
	for (size_t i = 0; i < CATALOG_THEME_INDUSTRIES; i++)
		(void)fprintf(file, "%s ", catalog_theme_industry(i)->name);
	(void)fputs("'", file);
}

/* What completes a value, by what the table calls it. */
static void complete_value(FILE *file, const char *value, const char *choices)
{
	if (choices != NULL)
		(void)fprintf(file, "_fedcat_words '%s'", choices);
	else if (strcmp(value, "DIR") == 0)
		(void)fputs("_fedcat_files -d", file);
	else if (strstr(value, "FILE") != NULL)
		(void)fputs("_fedcat_files -f", file);
	else if (strcmp(value, "MEMBER") == 0)
		(void)fputs("_fedcat_words \"$(_fedcat_members)\"", file);
	else if (strcmp(value, "[MEMBER/]ID") == 0)
		(void)fputs(
			"_fedcat_words \"$(_fedcat_members /)\"; compopt -o nospace 2>/dev/null",
			file);
	else if (strcmp(value, "THEME") == 0)
		complete_theme(file);
	else if (strcmp(value, "NAMES") == 0)
		(void)fputs("_fedcat_words 'all theme country member sector format licence access "
			    "language keyword year doi'",
			    file);
	else if (strcmp(value, "[QUERY]") == 0)
		(void)fputs("_fedcat_words \"$(_fedcat_suggest)\"", file);
	else
		(void)fputs(":", file);
}

static void complete_command(FILE *file, const struct tools_command *command)
{
	const struct tools_option *lists[] = {command->options, tools_command_common()};

	(void)fprintf(file, "\t'%s')\n\t\tcase $prev in\n", command->name);
	for (size_t i = 0; i < 2; i++) {
		for (const struct tools_option *o = lists[i]; o->name != NULL; o++) {
			if (o->value == NULL)
				continue;
			(void)fprintf(file, "\t\t--%s) ", o->name);
			complete_value(file, o->value, o->choices);
			(void)fputs("; return ;;\n", file);
		}
	}
	(void)fputs("\t\tesac\n\t\tif [[ $cur == -* ]]; then\n\t\t\t_fedcat_words '", file);
	for (size_t i = 0; i < 2; i++)
		for (const struct tools_option *o = lists[i]; o->name != NULL; o++)
			(void)fprintf(file, "--%s ", o->name);
	(void)fputs("'\n\t\telse\n\t\t\t", file);
	complete_value(file, command->arguments, NULL);
	(void)fputs("\n\t\tfi ;;\n", file);
}

static size_t first_word(const struct tools_command *command)
{
	return strcspn(command->name, " ");
}

/* Whether an earlier command begins with the same word. */
static bool is_seen(size_t i)
{
	size_t len = first_word(tools_command_at(i));

	for (size_t k = 0; k < i; k++)
		if (first_word(tools_command_at(k)) == len &&
		    strncmp(tools_command_at(k)->name, tools_command_at(i)->name, len) == 0)
			return true;
	return false;
}

/* First words of commands, each once. */
static void complete_first_words(FILE *file, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_seen(i))
			(void)fprintf(file, "%.*s ", (int)first_word(tools_command_at(i)),
				      tools_command_at(i)->name);
}

/* For each first word that has second ones: those. */
static void complete_second_words(FILE *file, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = first_word(tools_command_at(i));

		if (tools_command_at(i)->name[len] == '\0' || is_seen(i))
			continue;
		(void)fprintf(file, "\t%.*s) _fedcat_words '", (int)len, tools_command_at(i)->name);
		for (size_t k = i; k < count; k++)
			if (first_word(tools_command_at(k)) == len &&
			    strncmp(tools_command_at(k)->name, tools_command_at(i)->name, len) == 0)
				(void)fprintf(file, "%s ", tools_command_at(k)->name + len + 1);
		(void)fputs("' ;;\n", file);
	}
}

/* A pattern of the first words that have second ones. */
static void print_pattern(FILE *file, size_t count)
{
	const char *between = "";

	for (size_t i = 0; i < count; i++) {
		size_t len = first_word(tools_command_at(i));

		if (tools_command_at(i)->name[len] == '\0' || is_seen(i))
			continue;
		(void)fprintf(file, "%s%.*s", between, (int)len, tools_command_at(i)->name);
		between = "|";
	}
}

void tools_manual_completion(FILE *file)
{
	size_t count = tools_command_count();

	(void)fputs("# Completion of fedcat for bash; made by `fedcat --completion bash`.\n\n"
		    "# These see cur, dir and COMP_WORDS of _fedcat.\n"
		    "_fedcat_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
		    "_fedcat_files() {\n"
		    "\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
		    "\tcompopt -o filenames 2>/dev/null\n"
		    "}\n"
		    "# Names of members, each with $1 behind it.\n"
		    "_fedcat_members() {\n"
		    "\tlocal name\n"
		    "\twhile read -r name; do printf '%s%s\\n' \"$name\" \"${1-}\"; done < <(\n"
		    "\t\t\"${COMP_WORDS[0]/#\\~/$HOME}\" --complete members \"${dir[@]}\" "
		    "2>/dev/null)\n"
		    "}\n"
		    "# Words of titles that begin as the one at the cursor.\n"
		    "_fedcat_suggest() {\n"
		    "\t\"${COMP_WORDS[0]/#\\~/$HOME}\" --complete words \"$cur\" \"${dir[@]}\" "
		    "2>/dev/null\n"
		    "}\n\n"
		    "_fedcat() {\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		    "\tlocal command= word i dir=()\n"
		    "\tCOMPREPLY=()\n"
		    "\tif [[ $cur == = ]]; then\n"
		    "\t\tcur=\n"
		    "\telif [[ $prev == = ]]; then\n"
		    "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
		    "\tfi\n"
		    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		    "\t\tword=${COMP_WORDS[i]}\n"
		    "\t\tcase $word in\n"
		    "\t\t--dir)\n"
		    "\t\t\t[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
		    "\t\t\tword=${COMP_WORDS[++i]}\n"
		    "\t\t\tdir=(--dir \"${word/#\\~/$HOME}\") ;;\n"
		    "\t\t-*) ;;\n"
		    "\t\t*)\n"
		    "\t\t\tif [[ -z $command || $command == help ]]; then\n"
		    "\t\t\t\tcommand=$word\n"
		    "\t\t\telif [[ $command == @(",
		    file);
	print_pattern(file, count);
	(void)fputs(") ]]; then\n"
		    "\t\t\t\tcommand+=\" $word\"\n"
		    "\t\t\tfi ;;\n"
		    "\t\tesac\n"
		    "\tdone\n"
		    "\tcase $command in\n"
		    "\t'' | help)\n"
		    "\t\tif [[ $prev == --dir ]]; then\n"
		    "\t\t\t_fedcat_files -d\n"
		    "\t\telse\n"
		    "\t\t\t_fedcat_words '",
		    file);
	complete_first_words(file, count);
	(void)fputs("help --help --version --dir --json'\n\t\tfi ;;\n", file);
	complete_second_words(file, count);
	for (size_t i = 0; i < count; i++)
		complete_command(file, tools_command_at(i));
	(void)fputs("\tesac\n}\ncomplete -F _fedcat fedcat\n", file);
}
