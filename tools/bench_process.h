/* tools/bench_process.h - run other programs and learn what they took.  What fails ends the
 * program, with a word.
 *
 * Threads  one caller at a time.
 * Limits   TOOLS_BENCH_PROCESS_ARGS_MAX arguments.
 */
#ifndef TOOLS_BENCH_PROCESS_H
#define TOOLS_BENCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TOOLS_BENCH_PROCESS_ARGS_MAX 40
#define TOOLS_BENCH_PROCESS_PATH_MAX 512

/* Of a process and the children that it waited for. */
struct tools_bench_cost {
	double wall_s, cpu_s;
	uint64_t peak_bytes; /* of the largest of them */
};

/* End the program, having said what failed on standard error. */
void tools_bench_process_die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

double tools_bench_process_now_s(void); /* monotonic */

/* Print into path, which must hold it. */
void tools_bench_process_path(char ret_path[TOOLS_BENCH_PROCESS_PATH_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether a program of this name is in $PATH. */
bool tools_bench_process_is_there(const char *name);

/* Start args (NULL-terminated, found by $PATH), what it says appended to the file log.  Where this
 * program ends before it was waited for, it is killed. */
pid_t tools_bench_process_start(const char *log, const char *const args[]);

/* Wait until it ends.  Its status must be 0, or it was killed by the signal that
 * tools_bench_process_stop() sent. */
void tools_bench_process_wait(pid_t pid, struct tools_bench_cost *ret_cost);

/* Have it end (SIGTERM), and wait. */
void tools_bench_process_stop(pid_t pid, struct tools_bench_cost *ret_cost);

/* Start and wait.  ret_cost may be NULL. */
void tools_bench_process_run(const char *log, const char *const args[],
			     struct tools_bench_cost *ret_cost);

/* Do work in a child process, so that the memory it takes is not ours, and is not counted to what
 * we start afterwards.  It writes len bytes of a result, which come back in ret_result. */
void tools_bench_process_apart(void (*work)(void *arg, void *ret_result), void *arg,
			       void *ret_result, size_t len);

/* A line of /proc/PID/status, such as "RssAnon", in bytes; 0 if there is none. */
uint64_t tools_bench_process_memory(pid_t pid, const char *name);

/* A port of loopback that was free a moment ago. */
unsigned tools_bench_process_free_port(void);

/* Wait, up to half a minute, until somebody listens there, or a file is there and not empty; the
 * process that is to do so must not end meanwhile. */
void tools_bench_process_await_port(pid_t pid, unsigned port);
void tools_bench_process_await_file(pid_t pid, const char *path);

#endif
