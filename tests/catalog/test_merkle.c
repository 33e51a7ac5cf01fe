#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "catalog/merkle.h"

#define LEAVES 130

static struct catalog_hash leaves[LEAVES];

static int make_leaves(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LEAVES; i++) {
		uint8_t bytes[2] = {(uint8_t)i, 7};

		catalog_merkle_leaf((struct catalog_span){bytes, sizeof bytes}, &leaves[i]);
	}
	return 0;
}

/* Complete subtrees of leaves[], and nothing else: a prover may ask for no other. */
static int read_subtree(void *arg, unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	uint64_t size = *(uint64_t *)arg;

	assert_true((index + 1) << level <= size);
	catalog_merkle_root(leaves + (index << level), (size_t)1 << level, ret_hash);
	return 0;
}

static void test_the_tree_of_rfc_6962_has_its_published_roots(void **state)
{
	static const struct {
		const char *leaf, *root;
	} published[] = {
		{"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
		{"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
		{"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
		{"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
		{"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
		{"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
		{"5051525354555657",
		 "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
		{"606162636465666768696a6b6c6d6e6f",
		 "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
	};
	struct catalog_hash hashes[8], root;
	char hex[CATALOG_HASH_HEX_BYTES];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		uint8_t bytes[16];
		size_t len = 0;

		assert_int_equal(sodium_hex2bin(bytes, sizeof bytes, published[i].leaf,
						strlen(published[i].leaf), NULL, &len, NULL),
				 0);
		catalog_merkle_leaf((struct catalog_span){bytes, len}, &hashes[i]);
		catalog_merkle_root(hashes, i + 1, &root);
		catalog_hash_to_hex(&root, hex);
		assert_string_equal(hex, published[i].root);
	}
}

static void test_the_empty_tree_has_the_hash_of_nothing(void **state)
{
	struct catalog_hash root;
	char hex[CATALOG_HASH_HEX_BYTES];

	(void)state;
	catalog_merkle_root(leaves, 0, &root);
	catalog_hash_to_hex(&root, hex);
	assert_string_equal(hex,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_each_range_of_each_tree_proves_itself_and_nothing_else(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= LEAVES; size++) {
		struct catalog_hash root, proof[CATALOG_MERKLE_PROOF_MAX];
		size_t count = 0;

		catalog_merkle_root(leaves, size, &root);
		for (unsigned level = 0; level <= 8; level++) {
			for (uint64_t index = 0; index << level < size; index++) {
				uint64_t from = index << level, to = (index + 1) << level;
				struct catalog_hash hash;

				catalog_merkle_root(leaves + from, (to < size ? to : size) - from,
						    &hash);
				assert_int_equal(catalog_merkle_prove_range(level, index, size,
									    read_subtree, &size,
									    proof, &count),
						 0);
				assert_int_equal(catalog_merkle_verify_range(&hash, level, index,
									     size, proof, count,
									     &root),
						 0);
				if (count == 0)
					continue;
				assert_int_equal(catalog_merkle_verify_range(&hash, level, index,
									     size, proof, count - 1,
									     &root),
						 -EKEYREJECTED);
				assert_int_equal(catalog_merkle_verify_range(&hash, level,
									     index ^ 1, size, proof,
									     count, &root),
						 -EKEYREJECTED);
				proof[count - 1].bytes[index % 32] ^= 1;
				assert_int_equal(catalog_merkle_verify_range(&hash, level, index,
									     size, proof, count,
									     &root),
						 -EKEYREJECTED);
			}
		}
	}
}

static void test_each_tree_is_consistent_with_each_later_one(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= LEAVES; size++) {
		struct catalog_hash root, old_root, proof[CATALOG_MERKLE_PROOF_MAX + 1];

		catalog_merkle_root(leaves, size, &root);
		for (uint64_t old = 1; old <= size; old++) {
			size_t count = 0;

			catalog_merkle_root(leaves, old, &old_root);
			assert_int_equal(catalog_merkle_prove_consistency(old, size, read_subtree,
									  &size, proof, &count),
					 0);
			assert_int_equal(catalog_merkle_verify_consistency(old, size, &old_root,
									   &root, proof, count),
					 0);
			if (old == size)
				continue;
			old_root.bytes[old % 32] ^= 1;
			assert_int_equal(catalog_merkle_verify_consistency(old, size, &old_root,
									   &root, proof, count),
					 -EKEYREJECTED);
			old_root.bytes[old % 32] ^= 1;
			proof[0].bytes[31] ^= 0x80;
			assert_int_equal(catalog_merkle_verify_consistency(old, size, &old_root,
									   &root, proof, count),
					 -EKEYREJECTED);
		}
	}
}

static int fail_to_read(void *arg, unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	(void)arg, (void)level, (void)index, (void)ret_hash;
	return -EIO;
}

static void test_a_hash_that_cannot_be_read_ends_the_proof(void **state)
{
	struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX + 1], root;
	size_t count = 0;

	(void)state;
	assert_int_equal(catalog_merkle_root_at(5, fail_to_read, NULL, &root), -EIO);
	assert_int_equal(catalog_merkle_prove_inclusion(2, 5, fail_to_read, NULL, proof, &count),
			 -EIO);
	assert_int_equal(catalog_merkle_prove_consistency(3, 5, fail_to_read, NULL, proof, &count),
			 -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_tree_of_rfc_6962_has_its_published_roots),
		cmocka_unit_test(test_the_empty_tree_has_the_hash_of_nothing),
		cmocka_unit_test(test_each_range_of_each_tree_proves_itself_and_nothing_else),
		cmocka_unit_test(test_each_tree_is_consistent_with_each_later_one),
		cmocka_unit_test(test_a_hash_that_cannot_be_read_ends_the_proof),
	};
	return cmocka_run_group_tests_name("catalog/merkle", tests, make_leaves, NULL) == 0 ? 0 : 1;
}
