#include "node/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int node_notify_send(const char *address, const char *state)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len;
	int fd, r = 0;

	if (address == NULL || address[0] == '\0')
		return 0;
	len = strlen(address);
	if ((address[0] != '/' && address[0] != '@') || len >= sizeof to.sun_path)
		return -EINVAL;
	memcpy(to.sun_path, address, len);
	if (address[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		r = -errno;
	(void)close(fd); /* a datagram is sent or it is not */
	return r;
}
