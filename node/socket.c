#include "node/socket.h"

#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

static int numeric(const char *host, uint16_t port, struct sockaddr_storage *ret_socket,
		   socklen_t *ret_len)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memset(ret_socket, 0, sizeof *ret_socket);
		memcpy(ret_socket, &v4, sizeof v4);
		*ret_len = sizeof v4;
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memset(ret_socket, 0, sizeof *ret_socket);
		memcpy(ret_socket, &v6, sizeof v6);
		*ret_len = sizeof v6;
		return 0;
	}
	return -EINVAL;
}

int node_socket_address(const struct node_config_address *address,
			struct sockaddr_storage *ret_socket, socklen_t *ret_len)
{
	return numeric(address->host, address->port, ret_socket, ret_len);
}

int node_socket_numeric(const struct node_config_place *place, struct sockaddr_storage *ret_socket)
{
	socklen_t len;

	return numeric(place->host, place->port, ret_socket, &len);
}

uint16_t node_socket_port(const struct sockaddr_storage *socket)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (socket->ss_family == AF_INET6) {
		memcpy(&v6, socket, sizeof v6);
		return ntohs(v6.sin6_port);
	}
	memcpy(&v4, socket, sizeof v4);
	return ntohs(v4.sin_port);
}

int node_socket_listen(const struct node_config_address *address, int backlog, int *ret_fd,
		       uint16_t *ret_port)
{
	struct sockaddr_storage to;
	socklen_t len;
	int fd, on = 1, r;

	r = node_socket_address(address, &to, &len);
	if (r != 0)
		return r;
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, (struct sockaddr *)&to, len) != 0 || listen(fd, backlog) != 0 ||
	    getsockname(fd, (struct sockaddr *)&to, &len) != 0) {
		r = -errno;
		(void)close(fd); /* nothing was written */
		return r;
	}
	*ret_port = node_socket_port(&to);
	*ret_fd = fd;
	return 0;
}
