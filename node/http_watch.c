#include "node/http_watch.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define LOOKS 8 /* in the time of a request: so much later than allowed a connection may end */

struct node_http_watched {
	struct node_http_watch *watch;
	struct node_http_watched *next, *previous;
	int fd;
	uint64_t due_ms;
};

struct node_http_watch {
	uint64_t request_ms, answer_ms;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool is_ending;
	struct node_http_watched *first;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* this clock is always there */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void lock(struct node_http_watch *watch)
{
	int r = pthread_mutex_lock(&watch->mutex);

	assert(r == 0);
	(void)r;
}

static void unlock(struct node_http_watch *watch)
{
	int r = pthread_mutex_unlock(&watch->mutex);

	assert(r == 0);
	(void)r;
}

static void *run(void *arg)
{
	struct node_http_watch *watch = arg;

	lock(watch);
	while (!watch->is_ending) {
		uint64_t now = now_ms(), until = now + watch->request_ms / LOOKS + 1;
		struct timespec due = {.tv_sec = (time_t)(until / 1000),
				       .tv_nsec = (long)(until % 1000) * 1000000};

		for (struct node_http_watched *one = watch->first; one != NULL; one = one->next) {
			if (now >= one->due_ms)
				(void)shutdown(one->fd, SHUT_RDWR); /* it may have gone */
		}
		(void)pthread_cond_timedwait(&watch->wake, &watch->mutex,
					     &due); /* woken or not: look */
	}
	unlock(watch);
	return NULL;
}

int node_http_watch_new(uint64_t request_ms, uint64_t answer_ms, struct node_http_watch **ret_watch)
{
	struct node_http_watch *watch = calloc(1, sizeof *watch);
	pthread_condattr_t monotonic;
	int r;

	if (watch == NULL)
		return -ENOMEM;
	watch->request_ms = request_ms;
	watch->answer_ms = answer_ms;
	/* None of these fails with what glibc has. */
	(void)pthread_mutex_init(&watch->mutex, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&watch->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	r = pthread_create(&watch->thread, NULL, run, watch);
	if (r != 0) {
		free(watch);
		return -r;
	}
	*ret_watch = watch;
	return 0;
}

void node_http_watch_free(struct node_http_watch *watch)
{
	if (watch == NULL)
		return;
	assert(watch->first == NULL);
	lock(watch);
	watch->is_ending = true;
	(void)pthread_cond_signal(&watch->wake); /* never fails */
	unlock(watch);
	(void)pthread_join(watch->thread, NULL); /* it is ours, and ends */
	(void)pthread_cond_destroy(&watch->wake);
	(void)pthread_mutex_destroy(&watch->mutex);
	free(watch);
}

struct node_http_watched *node_http_watch_add(struct node_http_watch *watch, int fd)
{
	struct node_http_watched *watched = calloc(1, sizeof *watched);

	if (watched == NULL)
		return NULL;
	watched->watch = watch;
	watched->fd = fd;
	watched->due_ms = now_ms() + watch->request_ms;
	lock(watch);
	watched->next = watch->first;
	if (watch->first != NULL)
		watch->first->previous = watched;
	watch->first = watched;
	unlock(watch);
	return watched;
}

void node_http_watch_remove(struct node_http_watched *watched)
{
	struct node_http_watch *watch;

	if (watched == NULL)
		return;
	watch = watched->watch;
	lock(watch);
	if (watched->previous != NULL)
		watched->previous->next = watched->next;
	else
		watch->first = watched->next;
	if (watched->next != NULL)
		watched->next->previous = watched->previous;
	unlock(watch);
	free(watched);
}

static void allow(struct node_http_watched *watched, uint64_t ms)
{
	lock(watched->watch);
	watched->due_ms = now_ms() + ms;
	unlock(watched->watch);
}

void node_http_watch_answering(struct node_http_watched *watched)
{
	if (watched != NULL)
		allow(watched, watched->watch->answer_ms);
}

void node_http_watch_answered(struct node_http_watched *watched)
{
	if (watched != NULL)
		allow(watched, watched->watch->request_ms);
}
