#include "node/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netdb.h>
#include <netinet/in.h>

struct node_resolve {
	uv_getaddrinfo_t req;
	uint16_t port;
	void (*done)(void *arg, int status, const struct sockaddr_storage *addresses,
		     size_t count); /* NULL: cancelled */
	void *arg;
};

/* The addresses among what the system says. */
static size_t gather(const struct addrinfo *list, uint16_t port,
		     struct sockaddr_storage ret_addresses[NODE_RESOLVE_ADDRESSES_MAX])
{
	size_t count = 0;

	for (; list != NULL && count < NODE_RESOLVE_ADDRESSES_MAX; list = list->ai_next) {
		struct sockaddr_storage *to = &ret_addresses[count];

		memset(to, 0, sizeof *to);
		if (list->ai_family == AF_INET && list->ai_addrlen == sizeof(struct sockaddr_in)) {
			struct sockaddr_in v4;

			memcpy(&v4, list->ai_addr, sizeof v4);
			v4.sin_port = htons(port);
			memcpy(to, &v4, sizeof v4);
			count++;
		} else if (list->ai_family == AF_INET6 &&
			   list->ai_addrlen == sizeof(struct sockaddr_in6)) {
			struct sockaddr_in6 v6;

			memcpy(&v6, list->ai_addr, sizeof v6);
			v6.sin6_port = htons(port);
			memcpy(to, &v6, sizeof v6);
			count++;
		}
	}
	return count;
}

static void on_answer(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
	struct node_resolve *resolve = (struct node_resolve *)(void *)req;
	struct sockaddr_storage addresses[NODE_RESOLVE_ADDRESSES_MAX];
	size_t count = status == 0 ? gather(list, resolve->port, addresses) : 0;

	uv_freeaddrinfo(list);
	if (status == 0 && count == 0)
		status = UV_EAI_NODATA;
	if (resolve->done != NULL)
		resolve->done(resolve->arg, status, addresses, count);
	free(resolve);
}

int node_resolve_start(uv_loop_t *loop, const struct node_config_place *place,
		       void (*done)(void *arg, int status, const struct sockaddr_storage *addresses,
				    size_t count),
		       void *arg, struct node_resolve **ret_resolve)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct node_resolve *resolve = calloc(1, sizeof *resolve);
	int r;

	if (resolve == NULL)
		return -ENOMEM;
	resolve->port = place->port;
	resolve->done = done;
	resolve->arg = arg;
	r = uv_getaddrinfo(loop, &resolve->req, on_answer, place->host, NULL, &hints);
	if (r != 0) {
		free(resolve);
		return r == UV_ENOMEM ? -ENOMEM : -EINVAL;
	}
	*ret_resolve = resolve;
	return 0;
}

void node_resolve_cancel(struct node_resolve *resolve)
{
	if (resolve == NULL)
		return;
	resolve->done = NULL;
	/* One that is under way cannot be stopped: its answer is dropped. */
	(void)uv_cancel((uv_req_t *)&resolve->req);
}
