#include "node/peers.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct node_peers {
	pthread_mutex_t mutex;
	struct gossip_peer_status table[NODE_PEERS_MAX];
	size_t count;
	uint64_t now_ms;
	struct gossip_confirm confirm;
	struct node_peers_work work;
};

int node_peers_new(struct node_peers **ret_peers)
{
	struct node_peers *peers = calloc(1, sizeof *peers);

	if (peers == NULL)
		return -ENOMEM;
	if (pthread_mutex_init(&peers->mutex, NULL) != 0) {
		free(peers);
		return -ENOMEM;
	}
	*ret_peers = peers;
	return 0;
}

void node_peers_free(struct node_peers *peers)
{
	if (peers == NULL)
		return;
	(void)pthread_mutex_destroy(&peers->mutex); /* nobody holds it */
	free(peers);
}

void node_peers_set(struct node_peers *peers, const struct gossip_peer_status *table, size_t count,
		    uint64_t now_ms)
{
	assert(count <= NODE_PEERS_MAX);
	(void)pthread_mutex_lock(&peers->mutex); /* cannot fail: it is a plain mutex */
	if (count > 0)
		memcpy(peers->table, table, count * sizeof *table);
	peers->count = count;
	peers->now_ms = now_ms;
	(void)pthread_mutex_unlock(&peers->mutex); /* likewise */
}

size_t node_peers_get(struct node_peers *peers, struct gossip_peer_status ret_table[NODE_PEERS_MAX],
		      uint64_t *ret_now_ms)
{
	size_t count;

	(void)pthread_mutex_lock(&peers->mutex); /* cannot fail: it is a plain mutex */
	count = peers->count;
	memcpy(ret_table, peers->table, count * sizeof *ret_table);
	*ret_now_ms = peers->now_ms;
	(void)pthread_mutex_unlock(&peers->mutex); /* likewise */
	return count;
}

void node_peers_set_work(struct node_peers *peers, const struct node_peers_work *work)
{
	(void)pthread_mutex_lock(&peers->mutex); /* cannot fail: it is a plain mutex */
	peers->work = *work;
	(void)pthread_mutex_unlock(&peers->mutex); /* likewise */
}

void node_peers_get_work(struct node_peers *peers, struct node_peers_work *ret_work)
{
	(void)pthread_mutex_lock(&peers->mutex); /* cannot fail: it is a plain mutex */
	*ret_work = peers->work;
	(void)pthread_mutex_unlock(&peers->mutex); /* likewise */
}

void node_peers_set_confirm(struct node_peers *peers, const struct gossip_confirm *confirm)
{
	(void)pthread_mutex_lock(&peers->mutex); /* cannot fail: it is a plain mutex */
	peers->confirm = *confirm;
	(void)pthread_mutex_unlock(&peers->mutex); /* likewise */
}

void node_peers_get_confirm(struct node_peers *peers, struct gossip_confirm *ret_confirm)
{
	(void)pthread_mutex_lock(&peers->mutex); /* cannot fail: it is a plain mutex */
	*ret_confirm = peers->confirm;
	(void)pthread_mutex_unlock(&peers->mutex); /* likewise */
}
