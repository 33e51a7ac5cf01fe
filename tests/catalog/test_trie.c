/* SIM_SEED=n replays one run. */
#include "tests/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/trie.h"

#define LEAVES_MAX 200

static uint64_t rng;

static uint64_t random_u64(void)
{
	rng ^= rng >> 12, rng ^= rng << 25, rng ^= rng >> 27;
	return rng * UINT64_C(2685821657736338717);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct catalog_hash));
}

/* Keys share long beginnings now and then, so that paths are compressed at every depth. */
static size_t make_leaves(struct catalog_trie_leaf *leaves)
{
	size_t count = 1 + random_u64() % LEAVES_MAX, kept = 1;

	for (size_t i = 0; i < count; i++) {
		size_t shared = random_u64() % 3 == 0 ? random_u64() % 32 : 0;

		for (size_t k = 0; k < 32; k++)
			leaves[i].key.bytes[k] = k < shared && i > 0 ? leaves[i - 1].key.bytes[k]
								     : (uint8_t)random_u64();
		leaves[i].index = random_u64();
	}
	qsort(leaves, count, sizeof *leaves, by_key);
	for (size_t i = 1; i < count; i++)
		if (by_key(&leaves[i], &leaves[kept - 1]) != 0)
			leaves[kept++] = leaves[i];
	return kept;
}

/* The path that a walk along key takes through sorted leaves; returns the leaf at its end. */
static size_t walk(const struct catalog_trie_leaf *leaves, size_t count,
		   const struct catalog_hash *key, struct catalog_trie_step *ret_steps,
		   size_t *ret_count)
{
	size_t from = 0, to = count, steps = 0;

	while (to - from > 1) {
		unsigned bit = catalog_trie_fork(&leaves[from].key, &leaves[to - 1].key);
		size_t middle = from;

		while (catalog_trie_bit(&leaves[middle].key, bit) == 0)
			middle++;
		ret_steps[steps].bit = (uint16_t)bit;
		if (catalog_trie_bit(key, bit) == 0) {
			catalog_trie_root(leaves + middle, to - middle, &ret_steps[steps].sibling);
			to = middle;
		} else {
			catalog_trie_root(leaves + from, middle - from, &ret_steps[steps].sibling);
			from = middle;
		}
		steps++;
	}
	*ret_count = steps;
	return from;
}

static void check_leaf(const struct catalog_trie_leaf *leaves, size_t count, size_t i,
		       const struct catalog_hash *root)
{
	struct catalog_trie_step steps[CATALOG_TRIE_PROOF_MAX];
	struct catalog_trie_leaf leaf = leaves[i];
	size_t n = 0;

	assert_int_equal(walk(leaves, count, &leaf.key, steps, &n), i);
	assert_int_equal(catalog_trie_verify(&leaf, steps, n, root), 0);
	assert_int_equal(catalog_trie_verify_absent(&leaf.key, &leaf, steps, n, root),
			 -EKEYREJECTED);
	leaf.index++; /* an older or newer entry is not the current one */
	assert_int_equal(catalog_trie_verify(&leaf, steps, n, root), -EKEYREJECTED);
	leaf.index--;
	if (n == 0)
		return;
	assert_int_equal(catalog_trie_verify(&leaf, steps, n - 1, root), -EKEYREJECTED);
	steps[n - 1].sibling.bytes[7] ^= 1;
	assert_int_equal(catalog_trie_verify(&leaf, steps, n, root), -EKEYREJECTED);
	steps[n - 1].sibling.bytes[7] ^= 1;
	steps[n - 1].bit = 256;
	assert_int_equal(catalog_trie_verify(&leaf, steps, n, root), -EKEYREJECTED);
}

static void check_absent(const struct catalog_trie_leaf *leaves, size_t count,
			 const struct catalog_hash *root)
{
	struct catalog_trie_step steps[CATALOG_TRIE_PROOF_MAX];
	struct catalog_hash key = leaves[random_u64() % count].key;
	size_t n = 0, at, other;

	key.bytes[random_u64() % 32] ^= (uint8_t)(1 << random_u64() % 8);
	if (bsearch(&key, leaves, count, sizeof *leaves, by_key) != NULL)
		return;
	at = walk(leaves, count, &key, steps, &n);
	assert_int_equal(catalog_trie_verify_absent(&key, &leaves[at], steps, n, root), 0);
	assert_int_equal(catalog_trie_verify_absent(&key, NULL, steps, 0, root), -EKEYREJECTED);
	/* Another leaf's own path proves nothing about key. */
	other = (at + 1) % count;
	if (other != at) {
		(void)walk(leaves, count, &leaves[other].key, steps, &n); /* ends at other */
		assert_int_equal(catalog_trie_verify_absent(&key, &leaves[other], steps, n, root),
				 -EKEYREJECTED);
	}
}

static void run(uint64_t seed)
{
	static struct catalog_trie_leaf leaves[LEAVES_MAX];
	struct catalog_hash root;
	size_t count;

	rng = seed * 2 + 1;
	count = make_leaves(leaves);
	catalog_trie_root(leaves, count, &root);
	for (size_t i = 0; i < count; i++)
		check_leaf(leaves, count, i, &root);
	for (size_t i = 0; i < 50; i++)
		check_absent(leaves, count, &root);
}

static void test_each_leaf_and_each_gap_is_proved_and_nothing_else(void **state)
{
	const char *seed = getenv("SIM_SEED");

	(void)state;
	if (seed != NULL) {
		print_message("SIM_SEED=%s\n", seed);
		run(strtoull(seed, NULL, 10));
		return;
	}
	for (uint64_t i = 1; i <= 30; i++) {
		print_message("SIM_SEED=%" PRIu64 "\n", i);
		run(i);
	}
}

static void test_the_empty_trie_lists_nothing(void **state)
{
	struct catalog_hash root, key = {{1}};

	(void)state;
	catalog_trie_root(NULL, 0, &root);
	assert_int_equal(catalog_trie_verify_absent(&key, NULL, NULL, 0, &root), 0);
	root.bytes[0] ^= 1;
	assert_int_equal(catalog_trie_verify_absent(&key, NULL, NULL, 0, &root), -EKEYREJECTED);
}

TEST_MAIN("catalog/trie", cmocka_unit_test(test_each_leaf_and_each_gap_is_proved_and_nothing_else),
	  cmocka_unit_test(test_the_empty_trie_lists_nothing))
