/* tools/fedcat.c - the command: reads the command line by the table of tools/command.h and runs
 * what it names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/call.h"
#include "tools/command_audit.h"
#include "tools/command_bundle.h"
#include "tools/command_charter.h"
#include "tools/command_export.h"
#include "tools/command_federation.h"
#include "tools/command_conflict.h"
#include "tools/command_fork.h"
#include "tools/command_health.h"
#include "tools/command_import.h"
#include "tools/command_join.h"
#include "tools/command_key.h"
#include "tools/command_motion.h"
#include "tools/command_node.h"
#include "tools/command_prove.h"
#include "tools/command_publish.h"
#include "tools/command_rotate.h"
#include "tools/command_search.h"
#include "tools/command_show.h"
#include "tools/command_pull.h"
#include "tools/command_status.h"
#include "tools/command_withdraw.h"
#include "tools/manual.h"

static const struct {
	const char *name;
	int (*run)(const struct tools_call *call); /* returns an exit status */
} runs[] = {
	{"federation create", tools_command_federation_create},
	{"init", tools_command_federation_init},
	{"charter show", tools_command_charter_show},
	{"charter propose", tools_command_charter_propose},
	{"charter sign", tools_command_charter_sign},
	{"charter submit", tools_command_charter_submit},
	{"charter vote", tools_command_motion_vote},
	{"charter list", tools_command_motion_list},
	{"charter conflict", tools_command_conflict_show},
	{"join", tools_command_join_run},
	{"key show", tools_command_key_show},
	{"key make", tools_command_key_make},
	{"key delegate", tools_command_node_delegate},
	{"key withdraw", tools_command_node_withdraw},
	{"key rotate", tools_command_rotate_run},
	{"key encrypt", tools_command_key_encrypt},
	{"key decrypt", tools_command_key_decrypt},
	{"key backup", tools_command_key_backup},
	{"publish", tools_command_publish_run},
	{"withdraw", tools_command_withdraw_run},
	{"search", tools_command_search_run},
	{"reindex", tools_command_search_reindex},
	{"show", tools_command_show_run},
	{"prove", tools_command_prove_run},
	{"verify", tools_command_prove_verify},
	{"fork show", tools_command_fork_show},
	{"export", tools_command_export_run},
	{"bundle export", tools_command_bundle_export},
	{"bundle import", tools_command_import_run},
	{"bundle vector", tools_command_bundle_vector},
	{"pull", tools_command_pull_run},
	{"status", tools_command_status_run},
	{"members", tools_command_status_members},
	{"nodes", tools_command_node_list},
	{"health", tools_command_health_run},
	{"audit", tools_command_audit_run},
	{"stop", tools_command_status_stop},
};

/* What the build and the completion ask for, which is in no help.  Returns an exit status, or -1 if
 * the command line is none of these. */
static int run_hidden(int argc, char **argv)
{

	if (argc == 2 && strcmp(argv[1], "--commands") == 0) {
		size_t count = tools_command_count();

		for (size_t i = 0; i < count; i++)
			(void)printf("%s\n", tools_command_at(i)->name); /* asked at the end */
		return TOOLS_EXIT_OK;
	}
	if (argc == 3 && strcmp(argv[1], "--man") == 0)
		return tools_manual_page(stdout, argv[2]) == 0 ? TOOLS_EXIT_OK : TOOLS_EXIT_USAGE;
	if (argc == 3 && strcmp(argv[1], "--completion") == 0 && strcmp(argv[2], "bash") == 0) {
		tools_manual_completion(stdout);
		return TOOLS_EXIT_OK;
	}
	return -1;
}

/* --complete members [--dir DIR]: their names, from the charter alone. */
static int run_complete(int argc, char **argv)
{
	struct catalog_charter *charter = NULL;
	char dir[NODE_DATADIR_PATH_BYTES];
	struct tools_call call;
	struct node_error error;
	int r;

	r = tools_call_parse((size_t)argc - 3, argv + 3, &call, &error);
	if (r == 0)
		r = tools_call_dir(&call, dir);
	if (r == 0)
		r = node_datadir_charter(dir, &charter, &error);
	if (r == 0) {
		size_t count = catalog_charter_member_count(charter);

		for (size_t i = 0; i < count; i++)
			(void)printf("%s\n", catalog_charter_member_at(charter, i)->name);
	}
	catalog_charter_free(charter);
	tools_call_close(&call);
	return r == 0 ? TOOLS_EXIT_OK : TOOLS_EXIT_FAILED;
}

/* --complete words WORD [--dir DIR]: words of titles that begin so. */
static int run_complete_words(int argc, char **argv)
{
	struct tools_call call;
	struct node_error error;
	int r = tools_call_parse((size_t)argc - 4, argv + 4, &call, &error);
	int status = r == 0 ? tools_command_search_complete(&call, argv[3]) : TOOLS_EXIT_USAGE;

	tools_call_close(&call);
	return status;
}

static int print_version(const struct tools_call *call)
{
	struct catalog_value *value;
	int status;

	if (!call->json) {
		tools_terminal_print(&call->out, "fedcat %s\n", PACKAGE_VERSION);
		return TOOLS_EXIT_OK;
	}
	value = tools_call_with(catalog_value_new_map(), "version", PACKAGE_VERSION);
	status = tools_call_print_json(call, value);
	catalog_value_free(value);
	return status;
}

static int run(const struct tools_call *call)
{
	if (call->version)
		return print_version(call);
	if (call->help) {
		if (call->command != NULL)
			tools_manual_help(&call->out, call->command);
		else
			tools_manual_overview(&call->out);
		return TOOLS_EXIT_OK;
	}
	if (call->command == NULL) {
		if (call->json)
			return tools_call_fail(call, TOOLS_EXIT_USAGE,
					       "no command; `fedcat --help` lists them");
		tools_manual_overview(&call->err);
		return TOOLS_EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		if (strcmp(runs[i].name, call->command->name) == 0)
			return runs[i].run(call);
	return tools_call_fail(call, TOOLS_EXIT_FAILED, "%s is not built in", call->command->name);
}

int main(int argc, char **argv)
{
	struct tools_call call = {0};
	struct node_error error;
	int r, status;

	if (argc >= 3 && strcmp(argv[1], "--complete") == 0 && strcmp(argv[2], "members") == 0)
		return run_complete(argc, argv);
	if (argc >= 4 && strcmp(argv[1], "--complete") == 0 && strcmp(argv[2], "words") == 0)
		return run_complete_words(argc, argv);
	status = run_hidden(argc, argv);
	if (status < 0) {
		r = tools_call_parse(argc > 0 ? (size_t)argc - 1 : 0, argv + 1, &call, &error);
		status = r == 0 ? run(&call) : tools_call_fail_code(&call, r, &error);
	}
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == TOOLS_EXIT_OK) {
		(void)fprintf(stderr, "fedcat: cannot write to standard output: %s\n",
			      strerror(errno));
		status = TOOLS_EXIT_FAILED;
	}
	tools_call_close(&call);
	return status;
}
