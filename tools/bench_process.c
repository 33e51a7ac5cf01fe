#include "tools/bench_process.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AWAIT_S  30.0
#define AWAIT_NS 1000000

void tools_bench_process_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

double tools_bench_process_now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* it exists wherever LMDB runs */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void tools_bench_process_path(char ret_path[TOOLS_BENCH_PROCESS_PATH_MAX], const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(ret_path, TOOLS_BENCH_PROCESS_PATH_MAX, format, args);
	va_end(args);
	if (len < 0 || len >= TOOLS_BENCH_PROCESS_PATH_MAX)
		tools_bench_process_die("a path is too long: %s", ret_path);
}

bool tools_bench_process_is_there(const char *name)
{
	const char *path = getenv("PATH");

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");
		char file[TOOLS_BENCH_PROCESS_PATH_MAX];

		tools_bench_process_path(file, "%.*s/%s", (int)len, path, name);
		if (access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/* --- starting and ending ----------------------------------------------------------------------
 */

pid_t tools_bench_process_start(const char *log, const char *const args[])
{
	char *copies[TOOLS_BENCH_PROCESS_ARGS_MAX + 1] = {NULL};
	pid_t parent = getpid(), pid;

	for (size_t i = 0; args[i] != NULL; i++) {
		assert(i < TOOLS_BENCH_PROCESS_ARGS_MAX);
		copies[i] = strdup(args[i]);
		if (copies[i] == NULL)
			tools_bench_process_die("out of memory");
	}
	(void)fflush(NULL); /* what fails here fails again at the end */
	pid = fork();
	if (pid < 0)
		tools_bench_process_die("%s: %s", args[0], strerror(errno));
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
			_exit(126);
		execvp(copies[0], copies);
		fprintf(stderr, "%s: %s\n", copies[0], strerror(errno));
		_exit(127);
	}
	for (size_t i = 0; copies[i] != NULL; i++)
		free(copies[i]);
	return pid;
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void wait_for(pid_t pid, int signal, struct tools_bench_cost *ret_cost)
{
	struct rusage usage;
	int status;

	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			tools_bench_process_die("waiting: %s", strerror(errno));
	if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0) &&
	    !(signal != 0 && WIFSIGNALED(status) && WTERMSIG(status) == signal) &&
	    !(signal != 0 && WIFEXITED(status)))
		tools_bench_process_die("process %d failed (%s %d); see the logs", (int)pid,
					WIFEXITED(status) ? "status" : "signal",
					WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (ret_cost != NULL)
		*ret_cost = (struct tools_bench_cost){
			.cpu_s = seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
			.peak_bytes = (uint64_t)usage.ru_maxrss * 1024};
}

void tools_bench_process_wait(pid_t pid, struct tools_bench_cost *ret_cost)
{
	wait_for(pid, 0, ret_cost);
}

void tools_bench_process_stop(pid_t pid, struct tools_bench_cost *ret_cost)
{
	if (kill(pid, SIGTERM) != 0)
		tools_bench_process_die("ending process %d: %s", (int)pid, strerror(errno));
	wait_for(pid, SIGTERM, ret_cost);
}

void tools_bench_process_run(const char *log, const char *const args[],
			     struct tools_bench_cost *ret_cost)
{
	double start_s = tools_bench_process_now_s();

	tools_bench_process_wait(tools_bench_process_start(log, args), ret_cost);
	if (ret_cost != NULL)
		ret_cost->wall_s = tools_bench_process_now_s() - start_s;
}

void tools_bench_process_apart(void (*work)(void *arg, void *ret_result), void *arg,
			       void *ret_result, size_t len)
{
	int ends[2];
	pid_t pid;
	ssize_t got;

	(void)fflush(NULL); /* so that the child has nothing of ours to print */
	if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		tools_bench_process_die("a child: %s", strerror(errno));
	if (pid == 0) {
		work(arg, ret_result);
		_exit(write(ends[1], ret_result, len) == (ssize_t)len ? 0 : 1);
	}
	(void)close(ends[1]);
	do
		got = read(ends[0], ret_result, len);
	while (got < 0 && errno == EINTR);
	(void)close(ends[0]);
	wait_for(pid, 0, NULL);
	if (got != (ssize_t)len)
		tools_bench_process_die("a child told nothing");
}

uint64_t tools_bench_process_memory(pid_t pid, const char *name)
{
	char path[TOOLS_BENCH_PROCESS_PATH_MAX], line[256];
	unsigned long long kb = 0;
	size_t len = strlen(name);
	FILE *file;

	tools_bench_process_path(path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			kb = strtoull(line + len + 1, NULL, 10);
	if (file != NULL)
		(void)fclose(file);
	return kb * 1024;
}

/* --- ports ------------------------------------------------------------------------------------
 */

static struct sockaddr_in loopback(unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

unsigned tools_bench_process_free_port(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		tools_bench_process_die("a port of loopback: %s", strerror(errno));
	(void)close(fd);
	return ntohs(address.sin_port);
}

static bool is_listening(unsigned port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool there;

	if (fd < 0)
		tools_bench_process_die("a socket: %s", strerror(errno));
	there = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	(void)close(fd);
	return there;
}

static void await(pid_t pid, unsigned port, const char *path)
{
	const struct timespec pause = {.tv_nsec = AWAIT_NS};
	double end_s = tools_bench_process_now_s() + AWAIT_S;
	siginfo_t info = {0};
	struct stat stat_of;

	while (path != NULL ? stat(path, &stat_of) != 0 || stat_of.st_size == 0
			    : !is_listening(port)) {
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    info.si_pid != 0 || tools_bench_process_now_s() > end_s)
			tools_bench_process_die("process %d did not begin to listen; see the logs",
						(int)pid);
		(void)nanosleep(&pause, NULL); /* a shorter one does no harm */
	}
}

void tools_bench_process_await_port(pid_t pid, unsigned port)
{
	await(pid, port, NULL);
}

void tools_bench_process_await_file(pid_t pid, const char *path)
{
	await(pid, 0, path);
}
