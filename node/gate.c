#include "node/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

struct bucket {
	uint64_t full_ms; /* when it will be full: the later, the fewer tokens are in it */
};

struct node_gate {
	uint8_t key[NODE_GATE_KEY_BYTES];
	struct bucket buckets[NODE_GATE_BUCKETS];
};

_Static_assert(NODE_GATE_KEY_BYTES == crypto_shorthash_KEYBYTES, "libsodium's");
_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "libsodium's");

int node_gate_new(const uint8_t key[NODE_GATE_KEY_BYTES], struct node_gate **ret_gate)
{
	struct node_gate *gate = calloc(1, sizeof *gate);

	if (gate == NULL)
		return -ENOMEM;
	memcpy(gate->key, key, sizeof gate->key);
	*ret_gate = gate;
	return 0;
}

void node_gate_free(struct node_gate *gate)
{
	free(gate);
}

/* What of an address tells who it is; the same for an IPv4 address however it is written. */
static struct bucket *bucket_of(struct node_gate *gate, const char *host)
{
	uint8_t who[8] = {0};
	struct in6_addr v6;
	struct in_addr v4;
	uint64_t hash;

	if (inet_pton(AF_INET6, host, &v6) == 1) {
		if (IN6_IS_ADDR_V4MAPPED(&v6))
			memcpy(who, v6.s6_addr + 12, 4);
		else
			memcpy(who, v6.s6_addr, 8);
	} else if (inet_pton(AF_INET, host, &v4) == 1) {
		memcpy(who, &v4, 4);
	}
	(void)crypto_shorthash((uint8_t *)&hash, who, sizeof who, gate->key); /* always 0 */
	return &gate->buckets[hash % NODE_GATE_BUCKETS];
}

int node_gate_pass(struct node_gate *gate, const char *host, uint64_t now_ms)
{
	struct bucket *bucket = bucket_of(gate, host);
	uint64_t full_ms = bucket->full_ms > now_ms ? bucket->full_ms : now_ms;

	full_ms += NODE_GATE_TOKEN_MS;
	if (full_ms - now_ms > NODE_GATE_TOKENS * NODE_GATE_TOKEN_MS)
		return -EAGAIN;
	bucket->full_ms = full_ms;
	return 0;
}
