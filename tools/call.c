#include "tools/call.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "node/spelling.h"
#include "tools/output.h"

#define NAME_BYTES 64 /* of a command or an option, with the NUL */

/* --- reading the command line ------------------------------------------------------------ */

static const struct tools_option *find_option(const struct tools_option *options, const char *name)
{
	for (; options->name != NULL; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

/* The name nearest to name among options; *best is how near the nearest so far is. */
static const char *nearest_option(const struct tools_option *options, const char *name,
				  size_t *best, const char *nearest)
{
	for (; options->name != NULL; options++) {
		size_t d = node_spelling_distance(name, options->name);

		if (d < *best) {
			*best = d;
			nearest = options->name;
		}
	}
	return nearest;
}

static int unknown_option(const struct tools_call *call, const char *name,
			  struct node_error *ret_error)
{
	const char *command = call->command != NULL ? call->command->name : "";
	const char *space = call->command != NULL ? " " : "", *nearest;
	size_t best = SIZE_MAX;

	nearest = nearest_option(tools_command_common(), name, &best, NULL);
	if (call->command != NULL)
		nearest = nearest_option(call->command->options, name, &best, nearest);
	if (best > strlen(name) / 2 + 1)
		return node_error_set(ret_error, -EINVAL,
				      "there is no option --%.40s; `fedcat%s%s --help` lists them",
				      name, space, command);
	return node_error_set(ret_error, -EINVAL,
			      "there is no option --%.40s; did you mean --%s?  `fedcat%s%s --help` "
			      "lists them",
			      name, nearest, space, command);
}

static int unknown_command(const char *name, struct node_error *ret_error)
{
	const char *nearest = "";
	size_t count = tools_command_count(), best = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t d = node_spelling_distance(name, tools_command_at(i)->name);

		if (strncmp(tools_command_at(i)->name, name, strlen(name)) == 0)
			d = 0;
		if (d < best) {
			best = d;
			nearest = tools_command_at(i)->name;
		}
	}
	if (best > strlen(name) / 2 + 1)
		return node_error_set(ret_error, -EINVAL,
				      "there is no command \"%.60s\"; `fedcat --help` lists them",
				      name);
	return node_error_set(ret_error, -EINVAL,
			      "there is no command \"%.60s\"; did you mean `fedcat %s`?", name,
			      nearest);
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = choices; len > 0 && (at = strstr(at, value)) != NULL; at += len)
		if ((at == choices || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

/* Note that option was given with value. */
static int give(struct tools_call *call, const struct tools_option *option, const char *value,
		struct node_error *ret_error)
{
	if (option->choices != NULL && !is_choice(option->choices, value))
		return node_error_set(ret_error, -EINVAL, "--%s: \"%.40s\" is none of these: %s",
				      option->name, value, option->choices);
	if (strcmp(option->name, "json") == 0)
		call->json = true;
	else if (strcmp(option->name, "help") == 0)
		call->help = true;
	call->given[call->given_count++] = (struct tools_given){option, value};
	return 0;
}

/* Read the option args[*i], and its value, which may be the next word. */
static int read_option(struct tools_call *call, size_t count, char *const *args, size_t *i,
		       struct node_error *ret_error)
{
	const struct tools_option *option;
	char name[NAME_BYTES];
	const char *word = strcmp(args[*i], "-h") == 0 ? "--help" : args[*i];
	const char *equals = strchr(word, '=');

	if (word[1] != '-')
		return node_error_set(ret_error, -EINVAL,
				      "\"%.40s\": options are written in full, as in --help", word);
	(void)snprintf(name, sizeof name, "%.*s",
		       equals != NULL ? (int)(equals - word - 2) : (int)strlen(word) - 2, word + 2);
	if (strcmp(name, "version") == 0 && equals == NULL) {
		call->version = true;
		return 0;
	}
	option = find_option(tools_command_common(), name);
	if (option == NULL && call->command != NULL)
		option = find_option(call->command->options, name);
	if (option == NULL)
		return unknown_option(call, name, ret_error);
	if (option->value == NULL) {
		if (equals != NULL)
			return node_error_set(ret_error, -EINVAL, "--%s takes no value", name);
		return give(call, option, "", ret_error);
	}
	if (equals != NULL)
		return give(call, option, equals + 1, ret_error);
	if (*i + 1 == count)
		return node_error_set(ret_error, -EINVAL, "--%s wants a value: --%s %s", name, name,
				      option->value);
	return give(call, option, args[++*i], ret_error);
}

/* Read a word that is no option: part of the command's name, or an argument.  first holds the
 * first word of a name of two. */
static int read_word(struct tools_call *call, const char *word, char first[NAME_BYTES],
		     struct node_error *ret_error)
{
	size_t count = tools_command_count(), len = strlen(word);
	char name[2 * NAME_BYTES];

	if (call->command != NULL) {
		call->words[call->word_count++] = word;
		return 0;
	}
	if (first[0] == '\0' && strcmp(word, "help") == 0 && !call->help) {
		call->help = true;
		return 0;
	}
	(void)snprintf(name, sizeof name, "%.63s%s%.63s", first, first[0] != '\0' ? " " : "", word);
	call->command = tools_command_named(name);
	if (call->command != NULL)
		return 0;
	for (size_t i = 0; first[0] == '\0' && i < count; i++) {
		if (strncmp(tools_command_at(i)->name, word, len) == 0 &&
		    tools_command_at(i)->name[len] == ' ') {
			(void)snprintf(first, NAME_BYTES, "%s", word); /* as long as in the table */
			return 0;
		}
	}
	return unknown_command(name, ret_error);
}

/* The language that the environment asks for, as BCP 47. */
static void read_lang(char ret_lang[32])
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *value = NULL;
	size_t len;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			break;
	}
	len = value != NULL ? strcspn(value, ".@") : 0;
	if (len == 0 || len >= 32 || strncmp(value, "C", len) == 0 ||
	    strncmp(value, "POSIX", len) == 0)
		return;
	for (size_t i = 0; i < len; i++)
		ret_lang[i] = value[i] == '_' ? '-' : value[i];
	ret_lang[len] = '\0';
}

static int read_words(struct tools_call *call, size_t count, char *const *args,
		      struct node_error *ret_error)
{
	char first[NAME_BYTES] = "";
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		if (strcmp(args[i], "--") == 0) {
			while (++i < count && r == 0)
				r = read_word(call, args[i], first, ret_error);
			break;
		}
		if (args[i][0] == '-' && args[i][1] != '\0')
			r = read_option(call, count, args, &i, ret_error);
		else
			r = read_word(call, args[i], first, ret_error);
	}
	if (r == 0 && first[0] != '\0' && call->command == NULL && !call->help)
		r = unknown_command(first, ret_error);
	return r;
}

static int check_count(const struct tools_call *call, struct node_error *ret_error)
{
	const struct tools_command *command = call->command;

	if (command == NULL || call->help)
		return 0;
	if (call->word_count < command->argument_least)
		return node_error_set(ret_error, -EINVAL,
				      "%s what?  It is written: fedcat %s %s; for example: %s",
				      command->name, command->name, command->arguments,
				      command->example);
	if (call->word_count > command->argument_most)
		return node_error_set(
			ret_error, -EINVAL,
			"\"%.60s\" is one word too many; it is written: fedcat %s%s%s",
			call->words[command->argument_most], command->name,
			command->arguments[0] != '\0' ? " " : "", command->arguments);
	return 0;
}

int tools_call_parse(size_t count, char *const *args, struct tools_call *ret_call,
		     struct node_error *ret_error)
{
	struct tools_call *call = ret_call;
	const char *lang;
	int r;

	*call = (struct tools_call){0};
	tools_terminal_init(&call->out, stdout);
	tools_terminal_init(&call->err, stderr);
	read_lang(call->lang);
	if (count > TOOLS_CALL_WORDS_MAX)
		return node_error_set(ret_error, -EINVAL, "more than %d words",
				      TOOLS_CALL_WORDS_MAX);
	call->words = calloc(count + 1, sizeof *call->words);
	call->given = calloc(count + 1, sizeof *call->given);
	if (call->words == NULL || call->given == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	/* So that an error in what stands before it is in JSON as well. */
	for (size_t i = 0; i < count; i++)
		if (strcmp(args[i], "--json") == 0)
			call->json = true;
	r = read_words(call, count, args, ret_error);
	if (r == 0)
		r = check_count(call, ret_error);
	lang = tools_call_option(call, "lang");
	if (lang != NULL)
		(void)snprintf(call->lang, sizeof call->lang, "%s", lang); /* longer is no tag */
	return r;
}

void tools_call_close(struct tools_call *call)
{
	free(call->words);
	free(call->given);
	call->words = NULL;
	call->given = NULL;
}

const char *tools_call_option(const struct tools_call *call, const char *name)
{
	for (size_t i = call->given_count; i > 0; i--)
		if (strcmp(call->given[i - 1].option->name, name) == 0)
			return call->given[i - 1].value;
	return NULL;
}

int tools_call_number(const struct tools_call *call, const char *name, unsigned long least,
		      unsigned long most, unsigned long standard, unsigned long *ret_number)
{
	const char *text = tools_call_option(call, name);
	unsigned long number = 0;
	size_t len;

	if (text == NULL) {
		*ret_number = standard;
		return 0;
	}
	len = strspn(text, "0123456789");
	if (len > 0 && len <= 18 && text[len] == '\0')
		number = strtoul(text, NULL, 10);
	else
		len = 0;
	if (len == 0 || number < least || number > most)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "--%s: \"%.40s\" is no whole number from %lu to %lu", name,
				       text, least, most);
	*ret_number = number;
	return 0;
}

/* --- saying what went wrong -------------------------------------------------------------- */

/* What a negative errno is called in JSON, and how a command that meets it ends. */
static const struct {
	int code;
	const char *word;
	enum tools_exit status;
} codes[] = {
	{-EINVAL, "bad-request", TOOLS_EXIT_USAGE},
	{-ENOENT, "not-found", TOOLS_EXIT_NOT_FOUND},
	{-EBUSY, "busy", TOOLS_EXIT_BUSY},
	{-EPERM, "refused", TOOLS_EXIT_REFUSED},
	{-EEXIST, "exists", TOOLS_EXIT_REFUSED},
	{-ENOKEY, "no-key", TOOLS_EXIT_REFUSED},
	{-EKEYREJECTED, "key-rejected", TOOLS_EXIT_UNVERIFIED},
	{-EAGAIN, "partial", TOOLS_EXIT_FAILED},
	{-ESTALE, "stale", TOOLS_EXIT_FAILED},
	{-E2BIG, "too-big", TOOLS_EXIT_FAILED},
	{-ENOSPC, "disk-full", TOOLS_EXIT_FAILED},
	{-ETIMEDOUT, "timeout", TOOLS_EXIT_BUSY},
	{-ESHUTDOWN, "stopping", TOOLS_EXIT_BUSY},
	{-EINPROGRESS, "unconfirmed", TOOLS_EXIT_REFUSED},
};

static void print_error(const struct tools_call *call, const char *word, const char *text)
{
	struct catalog_value *value = NULL;

	(void)fflush(stdout); /* so that the two streams are in order; main looks for errors */
	if (call->json) {
		value = tools_call_with(tools_call_with(catalog_value_new_map(), "code", word),
					"text", text);
		value = tools_call_with_value(catalog_value_new_map(), "error", value);
		if (value == NULL || tools_output_json(stderr, value) != 0)
			(void)fputs("{\"error\": {\"code\": \"failed\"}}\n", stderr);
		catalog_value_free(value);
		return;
	}
	tools_terminal_text(&call->err, TOOLS_TERMINAL_BAD, "fedcat: ");
	tools_terminal_wrap(&call->err, TOOLS_TERMINAL_PLAIN, text, sizeof "fedcat: " - 1);
}

int tools_call_fail(const struct tools_call *call, enum tools_exit status, const char *format, ...)
{
	const struct tools_exit_row *rows;
	size_t count = tools_command_exits(&rows);
	char text[NODE_ERROR_BYTES];
	const char *word = "failed";
	va_list args;

	assert(status != TOOLS_EXIT_OK);
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args); /* cut if too long: for people */
	va_end(args);
	for (size_t i = 0; i < count; i++)
		if (rows[i].code == status)
			word = rows[i].word;
	print_error(call, word, text);
	return (int)status;
}

int tools_call_fail_code(const struct tools_call *call, int code, const struct node_error *error)
{
	assert(code < 0);
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (codes[i].code == code) {
			print_error(call, codes[i].word, error->text);
			return (int)codes[i].status;
		}
	}
	print_error(call, "failed", error->text);
	return TOOLS_EXIT_FAILED;
}

/* --- the node ------------------------------------------------------------------------------ */

int tools_call_dir(const struct tools_call *call, char ret_dir[NODE_DATADIR_PATH_BYTES])
{
	const char *dir = tools_call_option(call, "dir");
	struct node_error error;
	int r;

	if (dir == NULL) {
		r = node_datadir_default(ret_dir, &error);
		return r == 0 ? 0 : tools_call_fail(call, TOOLS_EXIT_FAILED, "%s", error.text);
	}
	if (dir[0] == '\0' || strlen(dir) >= NODE_DATADIR_PATH_BYTES)
		return tools_call_fail(call, TOOLS_EXIT_USAGE, "--dir: no usable path");
	(void)snprintf(ret_dir, NODE_DATADIR_PATH_BYTES, "%s", dir); /* it fits */
	return 0;
}

int tools_call_charter(const struct tools_call *call, struct catalog_charter **ret_charter)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	int r, status = tools_call_dir(call, dir);

	if (status != 0)
		return status;
	r = node_datadir_charter(dir, ret_charter, &error);
	return r == 0 ? 0 : tools_call_fail_code(call, r, &error);
}

static int open_with(const struct tools_call *call,
		     int (*open)(const char *dir, struct node_client **ret_client,
				 struct node_error *ret_error),
		     struct node_client **ret_client)
{
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	int r;

	r = tools_call_dir(call, dir);
	if (r != 0)
		return r;
	r = open(dir, ret_client, &error);
	if (r == -ENOENT) /* not a listing that is not there */
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "%s", error.text);
	return r == 0 ? 0 : tools_call_fail_code(call, r, &error);
}

int tools_call_open(const struct tools_call *call, struct node_client **ret_client)
{
	return open_with(call, node_client_open_to_read, ret_client);
}

int tools_call_open_to_sign(const struct tools_call *call, struct node_client **ret_client)
{
	return open_with(call, node_client_open, ret_client);
}

int tools_call_ask(const struct tools_call *call, struct node_client *client,
		   struct catalog_value *request, struct catalog_value **ret_answer)
{
	struct node_error error;
	int r;

	if (request == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	r = node_client_call(client, request, ret_answer, &error);
	return r == 0 ? 0 : tools_call_fail_code(call, r, &error);
}

struct catalog_value *tools_call_request(const char *op)
{
	return tools_call_with(catalog_value_new_map(), "op", op);
}

struct catalog_value *tools_call_with(struct catalog_value *request, const char *key,
				      const char *text)
{
	if (text == NULL)
		return request;
	return tools_call_with_value(request, key, catalog_value_new_string(text));
}

struct catalog_value *tools_call_with_value(struct catalog_value *request, const char *key,
					    struct catalog_value *child)
{
	if (request == NULL) {
		catalog_value_free(child);
		return NULL;
	}
	if (catalog_value_set(request, key, child) != 0) {
		catalog_value_free(request);
		return NULL;
	}
	return request;
}

int tools_call_print_json(const struct tools_call *call, const struct catalog_value *value)
{
	if (value == NULL || tools_output_json(stdout, value) == -ENOMEM)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	return 0; /* whether standard output took it is asked at the end */
}

int tools_call_split(const struct tools_call *call, const struct catalog_charter *charter,
		     const char *text, char ret_member[CATALOG_MEMBER_NAME_BYTES_MAX + 1],
		     const char **ret_id)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : 0;
	char name[CATALOG_MEMBER_NAME_BYTES_MAX + 1] = "";
	const char *id = text;

	if (len > 0 && len <= CATALOG_MEMBER_NAME_BYTES_MAX) {
		memcpy(name, text, len);
		name[len] = '\0';
		if (catalog_charter_member_named(charter, name) != NULL)
			id = slash + 1;
		else
			name[0] = '\0'; /* the slash is the id's own */
	}
	if (catalog_listing_check_id(id) != 0)
		return tools_call_fail(call, TOOLS_EXIT_USAGE,
				       "\"%.100s\" is no id of a listing: 1 to 200 bytes without "
				       "white space",
				       text);
	(void)snprintf(ret_member, CATALOG_MEMBER_NAME_BYTES_MAX + 1, "%s", name); /* it fits */
	*ret_id = id;
	return 0;
}
