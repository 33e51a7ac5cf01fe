/* tools/bench_proxy.c - a thread accepts; each direction of a connection has a thread that reads
 * and writes.  The last of the two closes both sockets, so that no number is used again early. */
#include "tools/bench_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/bench_process.h"

#define READ_BYTES  ((size_t)128 * 1024)
#define STACK_BYTES ((size_t)256 * 1024)

struct tools_bench_proxy {
	int listener;
	unsigned port, to;
	atomic_ullong bytes;
	pthread_t accepting;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	unsigned directions; /* threads that pass on, under lock */
};

struct connection {
	struct tools_bench_proxy *proxy;
	int ends[2];
	unsigned left; /* directions, under the proxy's lock */
};

struct direction {
	struct connection *connection;
	int from, to;
};

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

static void end_direction(struct direction *direction)
{
	struct connection *connection = direction->connection;
	struct tools_bench_proxy *proxy = connection->proxy;

	(void)pthread_mutex_lock(&proxy->lock); /* neither fails: it is an ordinary mutex */
	if (--connection->left == 0) {
		(void)close(connection->ends[0]);
		(void)close(connection->ends[1]);
		free(connection);
	}
	proxy->directions--;
	(void)pthread_cond_signal(&proxy->ended);
	(void)pthread_mutex_unlock(&proxy->lock);
	free(direction);
}

static void *pass_on(void *arg)
{
	struct direction *direction = arg;
	struct tools_bench_proxy *proxy = direction->connection->proxy;
	uint8_t *bytes = malloc(READ_BYTES);

	if (bytes == NULL)
		tools_bench_process_die("out of memory");
	for (;;) {
		ssize_t got = recv(direction->from, bytes, READ_BYTES, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got > 0 && !write_all(direction->to, bytes, (size_t)got)) {
			(void)shutdown(direction->from, SHUT_RD);
			got = 0;
		}
		if (got <= 0)
			break;
		atomic_fetch_add(&proxy->bytes, (unsigned long long)got);
	}
	/* The other end hears of it, and its own direction ends in its time. */
	(void)shutdown(direction->to, SHUT_WR);
	free(bytes);
	end_direction(direction);
	return NULL;
}

static void start_direction(struct connection *connection, int from, int to)
{
	struct direction *direction = malloc(sizeof *direction);
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	if (direction == NULL || pthread_attr_init(&attributes) != 0)
		tools_bench_process_die("out of memory");
	*direction = (struct direction){connection, from, to};
	(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attributes, pass_on, direction);
	(void)pthread_attr_destroy(&attributes);
	if (r != 0)
		tools_bench_process_die("a thread: %s", strerror(r));
}

static int loopback(unsigned port, bool is_listener)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    (is_listener ? bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
				   listen(fd, SOMAXCONN) == 0
			 : connect(fd, (struct sockaddr *)&address, sizeof address) == 0))
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static void *accept_all(void *arg)
{
	struct tools_bench_proxy *proxy = arg;

	for (;;) {
		int from = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC), to;
		struct connection *connection;

		if (from < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (from < 0) /* it was shut down */
			return NULL;
		to = loopback(proxy->to, false);
		if (to < 0) { /* as if nobody listened here */
			(void)close(from);
			continue;
		}
		connection = malloc(sizeof *connection);
		if (connection == NULL)
			tools_bench_process_die("out of memory");
		*connection = (struct connection){proxy, {from, to}, 2};
		(void)pthread_mutex_lock(&proxy->lock);
		proxy->directions += 2;
		(void)pthread_mutex_unlock(&proxy->lock);
		start_direction(connection, from, to);
		start_direction(connection, to, from);
	}
}

struct tools_bench_proxy *tools_bench_proxy_new(unsigned to)
{
	struct tools_bench_proxy *proxy = calloc(1, sizeof *proxy);
	struct sockaddr_in address;
	socklen_t len = sizeof address;

	if (proxy == NULL)
		tools_bench_process_die("out of memory");
	proxy->to = to;
	proxy->listener = loopback(0, true);
	if (proxy->listener < 0 ||
	    getsockname(proxy->listener, (struct sockaddr *)&address, &len) != 0)
		tools_bench_process_die("a port of loopback: %s", strerror(errno));
	proxy->port = ntohs(address.sin_port);
	if (pthread_mutex_init(&proxy->lock, NULL) != 0 ||
	    pthread_cond_init(&proxy->ended, NULL) != 0 ||
	    pthread_create(&proxy->accepting, NULL, accept_all, proxy) != 0)
		tools_bench_process_die("a thread: %s", strerror(errno));
	return proxy;
}

unsigned tools_bench_proxy_port(const struct tools_bench_proxy *proxy)
{
	return proxy->port;
}

uint64_t tools_bench_proxy_bytes(struct tools_bench_proxy *proxy)
{
	return atomic_load(&proxy->bytes);
}

void tools_bench_proxy_free(struct tools_bench_proxy *proxy)
{
	(void)shutdown(proxy->listener, SHUT_RDWR); /* accept4() fails from now on */
	(void)pthread_join(proxy->accepting, NULL);
	(void)close(proxy->listener);
	(void)pthread_mutex_lock(&proxy->lock);
	while (proxy->directions > 0)
		(void)pthread_cond_wait(&proxy->ended, &proxy->lock);
	(void)pthread_mutex_unlock(&proxy->lock);
	(void)pthread_cond_destroy(&proxy->ended);
	(void)pthread_mutex_destroy(&proxy->lock);
	free(proxy);
}
