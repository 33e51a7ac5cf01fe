#include "gossip/pull_peer.h"

#define RATE_GUESS  (256u * 1024) /* of a peer that has not answered yet */
#define CHUNK_MS    4000          /* so long at most should one answer take */
#define CHUNK_FIRST (128u * 1024) /* asked for until the rate is known */
#define CHUNK_LEAST (16u * 1024)

void gossip_pull_peer_answered(struct gossip_pull_peer *peer, size_t len, uint64_t asked_ms,
			       uint64_t now_ms)
{
	uint64_t since_ms = asked_ms > peer->answered_ms ? asked_ms : peer->answered_ms;
	uint64_t ms = now_ms > since_ms ? now_ms - since_ms : 1;
	uint64_t rate = len * UINT64_C(1000) / ms + 1;

	peer->rate = peer->rate == 0 ? rate : (3 * peer->rate + rate) / 4;
	peer->answered_ms = now_ms;
	peer->stalls = 0;
}

uint64_t gossip_pull_peer_takes_ms(const struct gossip_pull_peer *peer, size_t wire)
{
	uint64_t rate = peer->rate != 0 ? peer->rate : RATE_GUESS;

	return (peer->wire + wire) * UINT64_C(1000) / rate;
}

uint64_t gossip_pull_peer_patience_ms(const struct gossip_pull_peer *peer)
{
	uint64_t ms = peer->rtt_ms + peer->rtt_ms / 2;

	return ms > GOSSIP_PULL_SECOND_TRY_MS ? ms : GOSSIP_PULL_SECOND_TRY_MS;
}

size_t gossip_pull_peer_chunk(const struct gossip_pull_peer *peer, size_t bytes_max)
{
	uint64_t bytes = peer->rate == 0 ? CHUNK_FIRST : peer->rate * CHUNK_MS / 1000;

	if (bytes > bytes_max)
		bytes = bytes_max;
	if (bytes < CHUNK_LEAST)
		return CHUNK_LEAST;
	return bytes < CATALOG_CHUNK_BYTES_MAX ? (size_t)bytes : CATALOG_CHUNK_BYTES_MAX;
}

bool gossip_pull_peer_knows(const struct gossip_pull_peer *peer, size_t log, uint64_t size)
{
	return peer->known[log].target >= size && (!peer->is_leaf || peer->own == log);
}
