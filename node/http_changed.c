#include "node/http_changed.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct node_http_changed {
	pthread_mutex_t mutex;
	struct catalog_hash vector;
	int64_t since_s; /* 0: nothing was seen yet */
};

int node_http_changed_new(struct node_http_changed **ret_changed)
{
	struct node_http_changed *changed = calloc(1, sizeof *changed);

	if (changed == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&changed->mutex, NULL); /* cannot fail with these attributes */
	*ret_changed = changed;
	return 0;
}

void node_http_changed_free(struct node_http_changed *changed)
{
	if (changed == NULL)
		return;
	(void)pthread_mutex_destroy(&changed->mutex); /* nobody holds it */
	free(changed);
}

int64_t node_http_changed_look(struct node_http_changed *changed, const struct catalog_hash *vector,
			       int64_t now_s)
{
	int64_t since_s;

	(void)pthread_mutex_lock(&changed->mutex); /* cannot fail: not held by this thread */
	if (changed->since_s == 0 || memcmp(&changed->vector, vector, sizeof *vector) != 0) {
		changed->vector = *vector;
		/* A clock that was set back must not make what is new older than what was. */
		changed->since_s = now_s > changed->since_s ? now_s : changed->since_s + 1;
	}
	since_s = changed->since_s;
	(void)pthread_mutex_unlock(&changed->mutex); /* cannot fail: it is ours */
	return since_s < now_s ? since_s : -1;
}
