/* tools/bench_way_rsync.c - a file for each listing, 256 in a directory, which an rsync
 * daemon serves; `rsync -a`. */
#include "tools/bench_way.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define IN_DIRECTORY 256

struct tools_bench_way_state {
	const struct tools_bench_site *site;
	char sender[TOOLS_BENCH_PROCESS_PATH_MAX], receiver[TOOLS_BENCH_PROCESS_PATH_MAX];
	char settings[TOOLS_BENCH_PROCESS_PATH_MAX], log[TOOLS_BENCH_PROCESS_PATH_MAX];
};

static const char *lacks(const struct tools_bench_site *site)
{
	(void)site;
	return tools_bench_process_is_there("rsync") ? NULL : "rsync";
}

static void make_directory(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		tools_bench_process_die("%s: %s", path, strerror(errno));
}

static void write_file(void *arg, unsigned number, const char *line, size_t len)
{
	const struct tools_bench_way_state *state = arg;
	char path[TOOLS_BENCH_PROCESS_PATH_MAX];
	FILE *file;

	tools_bench_process_path(path, "%s/%u", state->sender, number / IN_DIRECTORY);
	if (number % IN_DIRECTORY == 0)
		make_directory(path);
	tools_bench_process_path(path, "%s/%u/%u.json", state->sender, number / IN_DIRECTORY,
				 number);
	file = fopen(path, "we");
	if (file == NULL || fwrite(line, 1, len, file) != len || fputc('\n', file) == EOF ||
	    fclose(file) != 0)
		tools_bench_process_die("%s: %s", path, strerror(errno));
}

static struct tools_bench_way_state *open_rsync(const struct tools_bench_site *site,
						const char *dir)
{
	struct tools_bench_way_state *state = calloc(1, sizeof *state);
	FILE *file;

	if (state == NULL)
		tools_bench_process_die("out of memory");
	state->site = site;
	tools_bench_process_path(state->sender, "%s/sender", dir);
	tools_bench_process_path(state->receiver, "%s/receiver", dir);
	tools_bench_process_path(state->settings, "%s/settings", dir);
	tools_bench_process_path(state->log, "%s/log", dir);
	make_directory(state->sender);
	make_directory(state->receiver);
	file = fopen(state->settings, "we");
	if (file == NULL)
		tools_bench_process_die("%s: %s", state->settings, strerror(errno));
	fprintf(file,
		"use chroot = no\nlog file = %s\npid file = %s/pid\n[sender]\npath = %s\n"
		"read only = yes\n",
		state->log, dir, state->sender);
	if (fclose(file) != 0)
		tools_bench_process_die("%s: %s", state->settings, strerror(errno));
	tools_bench_way_lines(site->listings, write_file, state);
	return state;
}

static void change(struct tools_bench_way_state *state)
{
	tools_bench_way_lines(state->site->changed, write_file, state);
}

static void receive(void *arg, unsigned port, struct tools_bench_cost *ret_cost)
{
	const struct tools_bench_way_state *state = arg;
	char url[64];

	(void)snprintf(url, sizeof url, "rsync://127.0.0.1:%u/sender/", port); /* it fits */
	tools_bench_process_run(state->log,
				(const char *const[]){"rsync", "-a", url, state->receiver, NULL},
				ret_cost);
}

static void fetch(struct tools_bench_way_state *state, struct tools_bench_way_took *ret_took)
{
	unsigned port = tools_bench_process_free_port();
	char port_flag[32], settings[TOOLS_BENCH_PROCESS_PATH_MAX + 16];

	(void)snprintf(port_flag, sizeof port_flag, "--port=%u", port); /* both fit */
	(void)snprintf(settings, sizeof settings, "--config=%s", state->settings);
	tools_bench_way_transfer(state->log,
				 (const char *const[]){"rsync", "--daemon", "--no-detach",
						       "--address=127.0.0.1", port_flag, settings,
						       NULL},
				 port, receive, state, ret_took);
}

static void close_rsync(struct tools_bench_way_state *state)
{
	free(state);
}

const struct tools_bench_way tools_bench_way_rsync = {"rsync -a", 'r',   lacks,      open_rsync,
						      change,     fetch, close_rsync};
