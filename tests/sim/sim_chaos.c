/* tests/sim/sim_chaos.c - everything goes wrong that we can think of, from one seed, and what must
 * hold holds.
 *
 * Usage: sim_chaos [--seed S] [--seeds N] [--overnight] [--long] [--only I,I,...] [--quick]
 *        [--list]
 *
 * Without arguments it is a test: a few seeds, one of them twice.  --seeds runs N from S on,
 * --overnight until it is interrupted, larger federations with --long.  Each run is a process of
 * its own, so that an assert that fails is a failure like another.  When one fails, the plan is cut
 * down as far as it still fails, and what is left is printed, with the command that repeats it
 * (not with --quick).
 * SIM_SEED=n is --seed n; SIM_VERBOSE=1 shows what the nodes have to say. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/chaos.h"

#define TEST_SEEDS      6
#define STANDARD_SEED   1
#define SHRINK_RUNS_MAX 400
#define SHRINK_S_MAX    300

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
	(void)number; /* there is one */
	is_interrupted = 1;
}

static struct chaos_result *share_result(void)
{
	void *page = mmap(NULL, sizeof(struct chaos_result), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		perror("sim_chaos: mmap");
		exit(99);
	}
	return page;
}

struct task {
	const char *program;
	uint64_t seed, count;             /* UINT64_MAX: until interrupted */
	bool is_long, is_twice, is_quick; /* quick: a failure is not cut down */
	const char *only;
	unsigned failed, done;
};

/* --- one run ---------------------------------------------------------------------------------- */

/* What a process that died has left. */
static void remove_stores(const char *dir)
{
	char command[200];

	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	if (system(command) != 0)
		fprintf(stderr, "sim_chaos: cannot remove %s\n", dir);
}

static void run_child(const struct plan *plan, struct chaos_result *result, bool is_quiet)
{
	if (is_quiet && freopen("/dev/null", "w", stderr) == NULL)
		_exit(99);
	chaos_run(plan, result);
	exit(0);
}

/* Run a plan in a process of its own.  Returns whether all held. */
static bool run(const struct plan *plan, bool is_quiet, struct chaos_result *result)
{
	const char *temporary = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	char dir[64];
	int status;
	pid_t pid;

	memset(result, 0, sizeof *result);
	snprintf(dir, sizeof dir, "%s/fedcat_chaos.XXXXXX", temporary);
	if (mkdtemp(dir) == NULL || setenv("TMPDIR", dir, 1) != 0) {
		perror("sim_chaos: mkdtemp");
		exit(99);
	}
	(void)fflush(stdout); /* or the child prints it, too */
	pid = fork();
	if (pid == 0)
		run_child(plan, result, is_quiet);
	while (pid < 0 || waitpid(pid, &status, 0) < 0) {
		if (pid > 0 && errno == EINTR)
			continue;
		perror("sim_chaos: fork");
		exit(99);
	}
	remove_stores(dir);
	if (result->why[0] == '\0' && WIFSIGNALED(status))
		snprintf(result->why, sizeof result->why, "the process ended with signal %d",
			 WTERMSIG(status));
	else if (result->why[0] == '\0' && (WEXITSTATUS(status) != 0 || !result->is_done))
		snprintf(result->why, sizeof result->why, "the process ended with %d",
			 WEXITSTATUS(status));
	return result->why[0] == '\0';
}

/* --- cutting a plan down ---------------------------------------------------------------------- */

static void leave_out(const struct plan *plan, size_t from, size_t count, struct plan *ret_plan)
{
	*ret_plan = *plan;
	ret_plan->count = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (i < from || i >= from + count)
			ret_plan->faults[ret_plan->count++] = plan->faults[i];
}

/* Leave out halves, quarters and so on of the faults, as long as what is left still fails in the
 * same way. */
static void shrink(struct plan *plan, const char *kind, struct chaos_result *result)
{
	time_t start_s = time(NULL);
	struct plan smaller;
	unsigned runs = 0;

	for (size_t part = plan->count / 2; part > 0; part = part > 1 ? (part + 1) / 2 : 0) {
		for (size_t from = 0; from < plan->count;) {
			leave_out(plan, from, part, &smaller);
			if (runs++ >= SHRINK_RUNS_MAX || time(NULL) - start_s > SHRINK_S_MAX ||
			    is_interrupted)
				return;
			if (run(&smaller, true, result) || strcmp(result->kind, kind) != 0)
				from += part;
			else
				*plan = smaller;
		}
	}
}

static void tell_failure(const struct plan *plan, const struct chaos_result *result,
			 const struct task *task)
{
	struct plan small = *plan;
	struct chaos_result *again;
	const char *program = task->program, *size = task->is_long ? " --long" : "";

	printf("seed %llu FAILED after %.3f simulated s: %s\n", (unsigned long long)plan->seed,
	       (double)result->failed_ms / 1000, result->why);
	printf("replay: %s%s --seed %llu\n", program, size, (unsigned long long)plan->seed);
	if (task->is_quick)
		return;
	again = share_result();
	shrink(&small, result->kind, again);
	(void)run(&small, true, again);
	printf("%zu of its %zu faults are enough (%zu nodes, %zu of them malicious):\n",
	       small.count, plan->count, small.founded, small.liar_count);
	for (size_t i = 0; i < small.count; i++)
		plan_print(&small, i, stdout);
	printf("  %s\nreplay: %s%s --seed %llu --only ", again->why, program, size,
	       (unsigned long long)plan->seed);
	for (size_t i = 0; i < small.count; i++)
		printf("%s%zu", i > 0 ? "," : "", small.faults[i].number_in_plan);
	printf("%s\n", small.count == 0 ? "none" : "");
	(void)munmap(again, sizeof *again); /* it was mapped */
}

/* --- many ------------------------------------------------------------------------------------- */

static void choose_only(struct plan *plan, const char *only)
{
	struct plan all = *plan;
	char *end = NULL;

	plan->count = 0;
	for (const char *at = only; at != end && *at != '\0'; at = *end == ',' ? end + 1 : end) {
		size_t i = strtoul(at, &end, 10);

		if (end == at)
			break;
		if (i < all.count)
			plan->faults[plan->count++] = all.faults[i];
	}
}

static void tell_success(const struct plan *plan, const struct chaos_result *result)
{
	printf("seed %llu: %zu nodes, %zu faults, %u batches, %u crashes, %u losses, %u "
	       "amendments, %u lies, %u links closed for it, %u forks; well after %llu s; trace "
	       "%016llx\n",
	       (unsigned long long)plan->seed, plan->founded, plan->count, result->batches,
	       result->crashes, result->losses, result->amendments, result->lies, result->caught,
	       result->forks, (unsigned long long)result->settled_ms / 1000,
	       (unsigned long long)result->trace);
}

static void run_seed(struct task *task, uint64_t seed, struct chaos_result *result)
{
	static struct plan plan; /* large */
	uint64_t trace;

	plan_make(&plan, seed, task->is_long ? PLAN_LONG : PLAN_SHORT);
	if (task->only != NULL)
		choose_only(&plan, task->only);
	task->done++;
	if (!run(&plan, false, result)) {
		task->failed++;
		tell_failure(&plan, result, task);
		return;
	}
	tell_success(&plan, result);
	trace = result->trace;
	if (!task->is_twice || seed != task->seed)
		return;
	if (!run(&plan, false, result) || result->trace != trace) {
		task->failed++;
		printf("seed %llu FAILED: run again, it went another way (trace %016llx)\n",
		       (unsigned long long)seed, (unsigned long long)result->trace);
	}
}

static int run_all(struct task *task)
{
	struct chaos_result *result = share_result();
	time_t start_s = time(NULL);

	for (uint64_t i = 0; i < task->count && !is_interrupted; i++)
		run_seed(task, task->seed + i, result);
	printf("%u seeds from %llu on in %lld s, %u failed\n", task->done,
	       (unsigned long long)task->seed, (long long)(time(NULL) - start_s), task->failed);
	return task->failed == 0 ? 0 : 1;
}

static int list(const struct task *task)
{
	static struct plan plan; /* large */

	plan_make(&plan, task->seed, task->is_long ? PLAN_LONG : PLAN_SHORT);
	printf("seed %llu: %zu members at first, %zu later, %zu malicious, faults for %.0f s\n",
	       (unsigned long long)plan.seed, plan.founded, plan.node_count - plan.founded,
	       plan.liar_count, (double)plan.end_ms / 1000);
	for (size_t i = 0; i < plan.count; i++)
		plan_print(&plan, i, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"seed", required_argument, NULL, 's'}, {"seeds", required_argument, NULL, 'n'},
		{"overnight", no_argument, NULL, 'o'},  {"long", no_argument, NULL, 'l'},
		{"only", required_argument, NULL, 'i'}, {"list", no_argument, NULL, 'p'},
		{"quick", no_argument, NULL, 'q'},      {NULL, 0, NULL, 0},
	};
	const char *given = getenv("SIM_SEED");
	struct task task = {.program = argv[0], .seed = STANDARD_SEED, .count = TEST_SEEDS};
	bool is_list = false;
	int option;

	if (given != NULL)
		task = (struct task){argv[0], strtoull(given, NULL, 10), 1, .is_twice = true};
	task.is_twice = argc == 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			task.seed = strtoull(optarg, NULL, 10);
			task.count = task.count == TEST_SEEDS ? 1 : task.count;
			break;
		case 'n': task.count = strtoull(optarg, NULL, 10); break;
		case 'o': task.count = UINT64_MAX; break;
		case 'l': task.is_long = true; break;
		case 'i': task.only = optarg; break;
		case 'q': task.is_quick = true; break;
		case 'p': is_list = true; break;
		default: return 2;
		}
	}
	(void)signal(SIGINT, on_interrupt); /* which it takes */
	return is_list ? list(&task) : run_all(&task);
}
