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

/* An IPv4 address in the machine's order. */
static bool is_private_v4(uint32_t address)
{
	static const struct {
		uint32_t network;
		unsigned bits;
	} networks[] = {
		{0x00000000, 8},  /* this network */
		{0x0a000000, 8},  /* private */
		{0x64400000, 10}, /* behind a provider's NAT */
		{0x7f000000, 8},  /* loopback */
		{0xa9fe0000, 16}, /* of one link */
		{0xac100000, 12}, /* private */
		{0xc0a80000, 16}, /* private */
		{0xe0000000, 3},  /* multicast, and all that is reserved above */
	};

	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
		if ((address ^ networks[i].network) >> (32 - networks[i].bits) == 0)
			return true;
	return false;
}

bool node_socket_is_private(const struct sockaddr_storage *socket)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	const uint8_t *b = v6.sin6_addr.s6_addr;

	if (socket->ss_family == AF_INET) {
		memcpy(&v4, socket, sizeof v4);
		return is_private_v4(ntohl(v4.sin_addr.s_addr));
	}
	memcpy(&v6, socket, sizeof v6);
	if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ||
	    IN6_IS_ADDR_V4COMPAT(&v6.sin6_addr)) /* and ::, ::1 */
		return is_private_v4((uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 |
				     (uint32_t)b[14] << 8 | b[15]);
	return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr) ||
	       IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) || IN6_IS_ADDR_SITELOCAL(&v6.sin6_addr) ||
	       IN6_IS_ADDR_MULTICAST(&v6.sin6_addr) || (b[0] & 0xfe) == 0xfc;
}

bool node_socket_is_any(const struct sockaddr_storage *socket)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (socket->ss_family == AF_INET) {
		memcpy(&v4, socket, sizeof v4);
		return v4.sin_addr.s_addr == htonl(INADDR_ANY);
	}
	memcpy(&v6, socket, sizeof v6);
	return IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr);
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
