#include "tools/bench_way.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench_proxy.h"

#define ID_PREFIX "{\"id\":\"listing-"

void tools_bench_way_lines(const char *path, tools_bench_way_each each, void *arg)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (file == NULL)
		tools_bench_process_die("%s: %s", path, strerror(errno));
	while ((len = getline(&line, &room, file)) > 0) {
		if (line[len - 1] == '\n')
			line[--len] = '\0';
		if (strncmp(line, ID_PREFIX, strlen(ID_PREFIX)) != 0)
			tools_bench_process_die("%s: a line is no listing", path);
		each(arg, (unsigned)strtoul(line + strlen(ID_PREFIX), NULL, 10), line, (size_t)len);
	}
	if (ferror(file))
		tools_bench_process_die("%s: %s", path, strerror(errno));
	free(line);
	(void)fclose(file); /* it was read only */
}

void tools_bench_way_transfer(const char *log, const char *const server[], unsigned port,
			      tools_bench_way_receive receive, void *arg,
			      struct tools_bench_way_took *ret_took)
{
	pid_t sender = tools_bench_process_start(log, server);
	struct tools_bench_proxy *proxy;

	tools_bench_process_await_port(sender, port);
	proxy = tools_bench_proxy_new(port);
	*ret_took = (struct tools_bench_way_took){0};
	receive(arg, tools_bench_proxy_port(proxy), &ret_took->receiver);
	tools_bench_process_stop(sender, &ret_took->sender);
	ret_took->wire_bytes = tools_bench_proxy_bytes(proxy);
	tools_bench_proxy_free(proxy);
}
