/* catalog/merkle.c - RFC 6962's tree, without recursion.
 *
 * At each level the tree has nodes 0..last, all complete but perhaps the last.  A node that has
 * no sibling (the last, at an even place) is its own parent.  Every function here climbs by
 * that rule; RFC 9162 states its verification the same way.
 */
#include "catalog/merkle.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

void catalog_merkle_leaf(struct catalog_span bytes, struct catalog_hash *ret_hash)
{
	const struct catalog_span parts[] = {{(const uint8_t *)"\x00", 1}, bytes};

	catalog_hash_of_parts(parts, 2, ret_hash);
}

void catalog_merkle_node(const struct catalog_hash *left, const struct catalog_hash *right,
			 struct catalog_hash *ret_hash)
{
	uint8_t bytes[1 + 2 * sizeof left->bytes] = {1};

	memcpy(bytes + 1, left->bytes, sizeof left->bytes);
	memcpy(bytes + 1 + sizeof left->bytes, right->bytes, sizeof right->bytes);
	catalog_hash_of(bytes, sizeof bytes, ret_hash);
}

void catalog_merkle_empty(struct catalog_hash *ret_hash)
{
	catalog_hash_of("", 0, ret_hash);
}

/* A catalog_merkle_read over leaf hashes in memory. */
static int read_leaves(void *arg, unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	const struct catalog_hash *leaves = arg;
	struct catalog_hash left, right;

	if (level == 0) {
		*ret_hash = leaves[index];
		return 0;
	}
	(void)read_leaves(arg, level - 1, 2 * index, &left);      /* always 0 */
	(void)read_leaves(arg, level - 1, 2 * index + 1, &right); /* always 0 */
	catalog_merkle_node(&left, &right, ret_hash);
	return 0;
}

void catalog_merkle_root(const struct catalog_hash *leaves, size_t count,
			 struct catalog_hash *ret_root)
{
	union {
		const struct catalog_hash *leaves;
		void *arg;
	} u = {leaves}; /* read_leaves() only reads */
	int r = catalog_merkle_root_at(count, read_leaves, u.arg, ret_root);

	assert(r == 0);
	(void)r;
}

/* Hash of the leaves [size - rest, size), where rest is a node of the tree of size that is cut off
 * at its right edge: the complete subtrees of rest's bits, folded from the right. */
static int fold(uint64_t size, uint64_t rest, catalog_merkle_read read, void *arg,
		struct catalog_hash *ret_hash)
{
	struct catalog_hash hash = {{0}}, left;
	bool have = false;
	int r;

	assert(rest > 0);
	for (unsigned level = 0; rest >> level != 0; level++) {
		if ((rest >> level & 1) == 0)
			continue;
		r = read(arg, level, (size >> level) - 1, &left);
		if (r != 0)
			return r;
		if (have)
			catalog_merkle_node(&left, &hash, &hash);
		else
			hash = left;
		have = true;
	}
	*ret_hash = hash;
	return 0;
}

/* Hash of node index of a level in the tree of size. */
static int node_at(unsigned level, uint64_t index, uint64_t size, catalog_merkle_read read,
		   void *arg, struct catalog_hash *ret_hash)
{
	uint64_t rest = size - (index << level);

	if (rest >> level != 0)
		return read(arg, level, index, ret_hash);
	return fold(size, rest, read, arg, ret_hash);
}

int catalog_merkle_root_at(uint64_t size, catalog_merkle_read read, void *arg,
			   struct catalog_hash *ret_root)
{
	if (size == 0) {
		catalog_merkle_empty(ret_root);
		return 0;
	}
	return fold(size, size, read, arg, ret_root);
}

int catalog_merkle_prove_range(unsigned level, uint64_t index, uint64_t size,
			       catalog_merkle_read read, void *arg, struct catalog_hash *ret_proof,
			       size_t *ret_count)
{
	uint64_t last;
	size_t count = 0;
	int r;

	assert(size > 0);
	assert(level < 64);
	last = (size - 1) >> level;
	assert(index <= last);
	for (; last > 0; level++, index >>= 1, last >>= 1) {
		uint64_t sibling = index ^ 1;

		if (sibling > last)
			continue; /* no sibling: its own parent */
		assert(count < CATALOG_MERKLE_PROOF_MAX);
		r = node_at(level, sibling, size, read, arg, &ret_proof[count]);
		if (r != 0)
			return r;
		count++;
	}
	*ret_count = count;
	return 0;
}

int catalog_merkle_prove_inclusion(uint64_t index, uint64_t size, catalog_merkle_read read,
				   void *arg, struct catalog_hash *ret_proof, size_t *ret_count)
{
	return catalog_merkle_prove_range(0, index, size, read, arg, ret_proof, ret_count);
}

int catalog_merkle_prove_consistency(uint64_t old_size, uint64_t size, catalog_merkle_read read,
				     void *arg, struct catalog_hash *ret_proof, size_t *ret_count)
{
	uint64_t index;
	unsigned level = 0;
	size_t own = 0;
	int r;

	assert(old_size > 0);
	assert(old_size <= size);
	if (old_size == size) {
		*ret_count = 0;
		return 0;
	}
	/* The largest complete subtree that the old tree ends with is in both trees. */
	for (index = old_size - 1; (index & 1) == 1; index >>= 1)
		level++;
	if (index > 0) { /* else it is the whole old tree, whose root the verifier has */
		r = read(arg, level, index, &ret_proof[0]);
		if (r != 0)
			return r;
		own = 1;
	}
	r = catalog_merkle_prove_range(level, index, size, read, arg, ret_proof + own, ret_count);
	if (r == 0)
		*ret_count += own;
	return r;
}

int catalog_merkle_verify_range(const struct catalog_hash *hash, unsigned level, uint64_t index,
				uint64_t size, const struct catalog_hash *proof, size_t count,
				const struct catalog_hash *root)
{
	struct catalog_hash up = *hash;
	uint64_t last;
	size_t used = 0;

	if (size == 0 || level >= 64)
		return -EKEYREJECTED;
	last = (size - 1) >> level;
	if (index > last)
		return -EKEYREJECTED;
	for (; last > 0; index >>= 1, last >>= 1) {
		if ((index ^ 1) > last)
			continue;
		if (used == count)
			return -EKEYREJECTED;
		if ((index & 1) == 1)
			catalog_merkle_node(&proof[used], &up, &up);
		else
			catalog_merkle_node(&up, &proof[used], &up);
		used++;
	}
	return used == count && catalog_hash_equal(&up, root) ? 0 : -EKEYREJECTED;
}

int catalog_merkle_verify_inclusion(const struct catalog_hash *leaf, uint64_t index, uint64_t size,
				    const struct catalog_hash *proof, size_t count,
				    const struct catalog_hash *root)
{
	return catalog_merkle_verify_range(leaf, 0, index, size, proof, count, root);
}

int catalog_merkle_verify_consistency(uint64_t old_size, uint64_t size,
				      const struct catalog_hash *old_root,
				      const struct catalog_hash *root,
				      const struct catalog_hash *proof, size_t count)
{
	struct catalog_hash was, is;
	uint64_t index, last;
	size_t used = 0;

	if (old_size > size)
		return -EKEYREJECTED;
	if (old_size == size && !catalog_hash_equal(old_root, root))
		return -EKEYREJECTED;
	if (old_size == size || old_size == 0)
		return count == 0 ? 0 : -EKEYREJECTED;
	index = old_size - 1;
	last = size - 1;
	for (; (index & 1) == 1; index >>= 1)
		last >>= 1;
	if (index == 0) {
		was = *old_root;
	} else {
		if (count == 0)
			return -EKEYREJECTED;
		was = proof[used++];
	}
	is = was;
	for (; last > 0; index >>= 1, last >>= 1) {
		if ((index ^ 1) > last)
			continue;
		if (used == count)
			return -EKEYREJECTED;
		if ((index & 1) == 1) {
			catalog_merkle_node(&proof[used], &was, &was);
			catalog_merkle_node(&proof[used], &is, &is);
		} else {
			catalog_merkle_node(&is, &proof[used], &is);
		}
		used++;
	}
	return used == count && catalog_hash_equal(&was, old_root) && catalog_hash_equal(&is, root)
		       ? 0
		       : -EKEYREJECTED;
}
