/* tools/bench_way_git.c - a file for each listing, 256 in a directory, in a repository that git
 * daemon serves; `git fetch` into a bare one.  The sender's is packed as git itself packs it
 * from time to time, with a bitmap of what is reachable: all is sent quicker with it.  What has
 * changed is sent without one, since then it is deltas of what the receiver holds, a third of the
 * bytes. */
#include "tools/bench_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_DIRECTORY 256 /* quicker than fewer, and fewer bytes than more */

struct tools_bench_way_state {
	const struct tools_bench_site *site;
	char sender[TOOLS_BENCH_PROCESS_PATH_MAX], receiver[TOOLS_BENCH_PROCESS_PATH_MAX];
	char stream[TOOLS_BENCH_PROCESS_PATH_MAX], log[TOOLS_BENCH_PROCESS_PATH_MAX];
	unsigned commits;
};

static const char *lacks(const struct tools_bench_site *site)
{
	(void)site;
	if (!tools_bench_process_is_there("git"))
		return "git";
	return NULL;
}

static void write_file(void *arg, unsigned number, const char *line, size_t len)
{
	FILE *stream = arg;

	fprintf(stream, "M 100644 inline %u/%u.json\ndata %zu\n", number / IN_DIRECTORY, number,
		len + 1);
	(void)fwrite(line, 1, len, stream); /* looked at with fclose() */
	fputs("\n\n", stream);
}

/* Commit the listings of a file to the sender's repository. */
static void commit(struct tools_bench_way_state *state, const char *path)
{
	FILE *stream = fopen(state->stream, "we");
	char command[3 * TOOLS_BENCH_PROCESS_PATH_MAX];

	if (stream == NULL)
		tools_bench_process_die("%s: cannot be written", state->stream);
	fprintf(stream, "commit refs/heads/main\ncommitter B <b@example.org> %u +0000\ndata 2\nx\n",
		1700000000 + state->commits);
	if (state->commits++ > 0)
		fputs("from refs/heads/main^0\n", stream);
	tools_bench_way_lines(path, write_file, stream);
	if (ferror(stream) || fclose(stream) != 0)
		tools_bench_process_die("%s: cannot be written", state->stream);
	(void)snprintf(command, sizeof command, "exec git -C '%s' fast-import --quiet <'%s'",
		       state->sender, state->stream); /* it fits */
	tools_bench_process_run(state->log, (const char *const[]){"sh", "-c", command, NULL}, NULL);
	(void)remove(state->stream); /* or with all the rest */
}

static void init(const struct tools_bench_way_state *state, const char *repository)
{
	tools_bench_process_run(state->log,
				(const char *const[]){"git", "init", "-q", "--bare", "-b", "main",
						      repository, NULL},
				NULL);
}

static struct tools_bench_way_state *open_git(const struct tools_bench_site *site, const char *dir)
{
	struct tools_bench_way_state *state = calloc(1, sizeof *state);

	if (state == NULL)
		tools_bench_process_die("out of memory");
	state->site = site;
	tools_bench_process_path(state->sender, "%s/sender", dir);
	tools_bench_process_path(state->receiver, "%s/receiver", dir);
	tools_bench_process_path(state->stream, "%s/stream", dir);
	tools_bench_process_path(state->log, "%s/log", dir);
	/* Only what is here counts, not how the user has set up git. */
	if (setenv("GIT_CONFIG_NOSYSTEM", "1", 1) != 0 ||
	    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1) != 0)
		tools_bench_process_die("out of memory");
	init(state, state->sender);
	init(state, state->receiver);
	commit(state, site->listings);
	tools_bench_process_run(state->log,
				(const char *const[]){"git", "-C", state->sender, "gc", "-q", NULL},
				NULL);
	return state;
}

static void change(struct tools_bench_way_state *state)
{
	commit(state, state->site->changed);
	tools_bench_process_run(state->log,
				(const char *const[]){"git", "-C", state->sender, "config",
						      "pack.useBitmaps", "false", NULL},
				NULL);
}

static void receive(void *arg, unsigned port, struct tools_bench_cost *ret_cost)
{
	const struct tools_bench_way_state *state = arg;
	char url[64];

	(void)snprintf(url, sizeof url, "git://127.0.0.1:%u/sender", port); /* it fits */
	tools_bench_process_run(state->log,
				(const char *const[]){"git", "-C", state->receiver, "-c",
						      "gc.auto=0", "fetch", "-q", url,
						      "+refs/heads/main:refs/heads/main", NULL},
				ret_cost);
}

static void fetch(struct tools_bench_way_state *state, struct tools_bench_way_took *ret_took)
{
	unsigned port = tools_bench_process_free_port();
	char port_flag[32], base[TOOLS_BENCH_PROCESS_PATH_MAX + 16];

	(void)snprintf(port_flag, sizeof port_flag, "--port=%u", port); /* both fit */
	(void)snprintf(base, sizeof base, "--base-path=%.*s",
		       (int)(strlen(state->sender) - strlen("/sender")), state->sender);
	tools_bench_way_transfer(state->log,
				 (const char *const[]){"git", "daemon", "--listen=127.0.0.1",
						       port_flag, base, "--export-all", NULL},
				 port, receive, state, ret_took);
}

static void close_git(struct tools_bench_way_state *state)
{
	free(state);
}

const struct tools_bench_way tools_bench_way_git = {"git fetch", 'g',   lacks,    open_git,
						    change,      fetch, close_git};
