#include "node/waiting.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "catalog/attest.h"
#include "gossip/node.h"

bool node_waiting_is(const struct catalog_value *request, const char *op)
{
	const char *text = catalog_value_text(catalog_value_get(request, "op"));

	return text != NULL && strcmp(text, op) == 0;
}

/* A whole number from 0 to most. */
static int read_count(const struct catalog_value *value, uint64_t most, uint64_t *ret_count)
{
	int64_t count;

	if (catalog_value_type(value) != CATALOG_VALUE_INT)
		return -EINVAL;
	count = catalog_value_int(value);
	if (count < 0 || (uint64_t)count > most)
		return -EINVAL;
	*ret_count = (uint64_t)count;
	return 0;
}

int node_waiting_read_witness(const struct catalog_value *request, size_t *ret_count,
			      uint64_t *ret_timeout_ms, struct node_error *ret_error)
{
	uint64_t count = 0;

	if (read_count(catalog_value_get(request, "count"), CATALOG_ATTEST_WITNESSES_MAX, &count) !=
		    0 ||
	    count == 0)
		return node_error_set(ret_error, -EINVAL,
				      "witness: count must be a whole number from 1 to %d",
				      CATALOG_ATTEST_WITNESSES_MAX);
	if (read_count(catalog_value_get(request, "timeout_ms"), NODE_WAITING_WITNESS_MS_MAX,
		       ret_timeout_ms) != 0)
		return node_error_set(ret_error, -EINVAL,
				      "witness: timeout_ms must be a whole number from 0 to %u",
				      NODE_WAITING_WITNESS_MS_MAX);
	if (catalog_value_count(request) != 3)
		return node_error_set(ret_error, -EINVAL,
				      "witness: takes count and timeout_ms, and nothing else");
	*ret_count = (size_t)count;
	return 0;
}

struct catalog_value *node_waiting_witnessed(size_t wanted, size_t found)
{
	struct catalog_value *answer = catalog_value_new_map();

	if (answer != NULL &&
	    catalog_value_set(answer, "wanted", catalog_value_new_int((int64_t)wanted)) == 0 &&
	    catalog_value_set(answer, "found", catalog_value_new_int((int64_t)found)) == 0)
		return answer;
	catalog_value_free(answer);
	return NULL;
}

static int read_key(const char *key, const struct catalog_value *value,
		    struct node_waiting *waiting, struct node_error *ret_error)
{
	uint64_t count;

	if (strcmp(key, "op") == 0)
		return 0;
	if (strcmp(key, "vector") == 0) {
		const char *hex = catalog_value_text(value);

		waiting->any_vector = false;
		if (hex != NULL && catalog_hash_from_hex(hex, &waiting->vector) == 0)
			return 0;
		return node_error_set(ret_error, -EINVAL,
				      "wait: vector must be 64 hexadecimal digits");
	}
	if (strcmp(key, "equal") == 0) {
		if (read_count(value, GOSSIP_NODE_LINKS_MAX, &count) != 0)
			return node_error_set(ret_error, -EINVAL,
					      "wait: equal must be a whole number from 0 to %d",
					      GOSSIP_NODE_LINKS_MAX);
		waiting->equal = (size_t)count;
		return 0;
	}
	if (strcmp(key, "timeout_ms") == 0) {
		if (read_count(value, NODE_WAITING_MS_MAX, &waiting->timeout_ms) == 0)
			return 0;
		return node_error_set(ret_error, -EINVAL,
				      "wait: timeout_ms must be a whole number from 0 to %u",
				      NODE_WAITING_MS_MAX);
	}
	return node_error_set(ret_error, -EINVAL, "wait: \"%.40s\" is unknown", key);
}

int node_waiting_read(const struct catalog_value *request, uint64_t now_ms,
		      struct node_waiting *ret_waiting, struct node_error *ret_error)
{
	struct node_waiting waiting = {.any_vector = true, .began_ms = now_ms};
	int r;

	if (catalog_value_get(request, "timeout_ms") == NULL)
		return node_error_set(ret_error, -EINVAL, "wait: timeout_ms is missing");
	for (size_t i = 0; i < catalog_value_count(request); i++) {
		const char *key;
		const struct catalog_value *value = catalog_value_at(request, i, &key);

		r = read_key(key, value, &waiting, ret_error);
		if (r != 0)
			return r;
	}
	*ret_waiting = waiting;
	return 0;
}

bool node_waiting_over(const struct node_waiting *waiting, const struct catalog_hash *vector,
		       size_t equal)
{
	return equal >= waiting->equal &&
	       (waiting->any_vector || catalog_hash_equal(&waiting->vector, vector));
}

struct catalog_value *node_waiting_answer(const struct node_waiting *waiting,
					  const struct catalog_hash *vector, uint64_t now_ms)
{
	struct catalog_value *answer = catalog_value_new_map();
	char hex[CATALOG_HASH_HEX_BYTES];

	catalog_hash_to_hex(vector, hex);
	if (answer != NULL &&
	    catalog_value_set(answer, "vector", catalog_value_new_string(hex)) == 0 &&
	    catalog_value_set(answer, "waited_ms",
			      catalog_value_new_int((int64_t)(now_ms - waiting->began_ms))) == 0)
		return answer;
	catalog_value_free(answer);
	return NULL;
}

void node_waiting_timeout(const struct node_waiting *waiting, const struct catalog_hash *vector,
			  size_t equal, struct node_error *ret_error)
{
	char hex[CATALOG_HASH_HEX_BYTES], wanted[CATALOG_HASH_HEX_BYTES];

	catalog_hash_to_hex(vector, hex);
	catalog_hash_to_hex(&waiting->vector, wanted);
	if (!waiting->any_vector && !catalog_hash_equal(&waiting->vector, vector))
		(void)node_error_set(ret_error, -ETIMEDOUT,
				     "after %" PRIu64 " ms this node's vector is %.16s..., not "
				     "%.16s... yet",
				     waiting->timeout_ms, hex, wanted);
	else
		(void)node_error_set(ret_error, -ETIMEDOUT,
				     "after %" PRIu64 " ms %zu peers say that they hold the same, "
				     "not %zu yet",
				     waiting->timeout_ms, equal, waiting->equal);
}
