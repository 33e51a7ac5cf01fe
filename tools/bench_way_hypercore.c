/* tools/bench_way_hypercore.c - a hypercore with one block for each listing, by
 * tools/bench_hypercore.js; a changed listing is one more block. */
#include "tools/bench_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tools_bench_way_state {
	const struct tools_bench_site *site;
	char sender[TOOLS_BENCH_PROCESS_PATH_MAX], receiver[TOOLS_BENCH_PROCESS_PATH_MAX];
	char key[TOOLS_BENCH_PROCESS_PATH_MAX], log[TOOLS_BENCH_PROCESS_PATH_MAX];
	unsigned blocks;
};

static const char *lacks(const struct tools_bench_site *site)
{
	char path[TOOLS_BENCH_PROCESS_PATH_MAX];

	if (!tools_bench_process_is_there("node"))
		return "node";
	tools_bench_process_path(path, "%s/hypercore/package.json", site->modules);
	if (site->modules[0] == '\0' || access(path, R_OK) != 0)
		return "hypercore 10 (-i installs it for this run, -m says where it is)";
	return NULL;
}

/* The key is what a hypercore is asked for by; it is written down when the first block is. */
static void append(struct tools_bench_way_state *state, const char *lines, unsigned count)
{
	tools_bench_process_run(state->log,
				(const char *const[]){"node", state->site->script, "append",
						      state->sender, state->key, lines, NULL},
				NULL);
	state->blocks += count;
}

static struct tools_bench_way_state *open_hypercore(const struct tools_bench_site *site,
						    const char *dir)
{
	struct tools_bench_way_state *state = calloc(1, sizeof *state);

	if (state == NULL || setenv("NODE_PATH", site->modules, 1) != 0)
		tools_bench_process_die("out of memory");
	state->site = site;
	tools_bench_process_path(state->sender, "%s/sender", dir);
	tools_bench_process_path(state->receiver, "%s/receiver", dir);
	tools_bench_process_path(state->key, "%s/key", dir);
	tools_bench_process_path(state->log, "%s/log", dir);
	append(state, site->listings, site->count);
	return state;
}

static void change(struct tools_bench_way_state *state)
{
	append(state, state->site->changed, state->site->changed_count);
}

static void receive(void *arg, unsigned port, struct tools_bench_cost *ret_cost)
{
	const struct tools_bench_way_state *state = arg;
	char number[16], blocks[16];

	(void)snprintf(number, sizeof number, "%u", port); /* both fit */
	(void)snprintf(blocks, sizeof blocks, "%u", state->blocks);
	tools_bench_process_run(state->log,
				(const char *const[]){"node", state->site->script, "fetch",
						      state->receiver, state->key, number, blocks,
						      NULL},
				ret_cost);
}

static void fetch(struct tools_bench_way_state *state, struct tools_bench_way_took *ret_took)
{
	unsigned port = tools_bench_process_free_port();
	char number[16];

	(void)snprintf(number, sizeof number, "%u", port); /* it fits */
	tools_bench_way_transfer(state->log,
				 (const char *const[]){"node", state->site->script, "serve",
						       state->sender, number, NULL},
				 port, receive, state, ret_took);
}

static void close_hypercore(struct tools_bench_way_state *state)
{
	free(state);
}

const struct tools_bench_way tools_bench_way_hypercore = {
	"hypercore", 'h', lacks, open_hypercore, change, fetch, close_hypercore};
