/* node/socket.h - addresses of the settings as the system's, and back. */
#ifndef NODE_SOCKET_H
#define NODE_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "node/config.h"

/* Write an address for bind() and connect(), and how long it is.  Returns 0, -EINVAL if its host is
 * not numeric. */
int node_socket_address(const struct node_config_address *address,
			struct sockaddr_storage *ret_socket, socklen_t *ret_len);

/* The same for a place.  Returns 0, -EINVAL if it is a name. */
int node_socket_numeric(const struct node_config_place *place, struct sockaddr_storage *ret_socket);

/* The port of a socket's address. */
uint16_t node_socket_port(const struct sockaddr_storage *socket);

/* Whether an address is of one machine, network or site, or of nobody: not what somebody elsewhere
 * can tell us to connect to. */
bool node_socket_is_private(const struct sockaddr_storage *socket);

/* Whether it is 0.0.0.0 or ::, for all addresses of this machine. */
bool node_socket_is_any(const struct sockaddr_storage *socket);

/* Bind and listen, non-blocking.  *ret_fd is the caller's; *ret_port is the port that it got.
 * Returns 0, -EADDRINUSE, -EINVAL, ... */
int node_socket_listen(const struct node_config_address *address, int backlog, int *ret_fd,
		       uint16_t *ret_port);

#endif
