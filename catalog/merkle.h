/* catalog/merkle.h - the Merkle tree of a log: hashes, roots and proofs (RFC 6962 section 2.1,
 * RFC 9162 section 2.1), SHA-256.  Pure arithmetic: where hashes are kept is catalog/log's
 * business.
 */
#ifndef CATALOG_MERKLE_H
#define CATALOG_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/hash.h"

#define CATALOG_MERKLE_PROOF_MAX                                                                   \
	64 /* hashes in an inclusion proof; a consistency proof has at most 65 */

/* Hash of a leaf: SHA-256(0x00 || bytes). */
void catalog_merkle_leaf(struct catalog_span bytes, struct catalog_hash *ret_hash);

/* Hash of a node: SHA-256(0x01 || left || right). */
void catalog_merkle_node(const struct catalog_hash *left, const struct catalog_hash *right,
			 struct catalog_hash *ret_hash);

/* Hash of the empty tree: SHA-256(). */
void catalog_merkle_empty(struct catalog_hash *ret_hash);

/* Root of a tree of count leaf hashes, MTH of RFC 6962; count 0 gives the empty tree's. */
void catalog_merkle_root(const struct catalog_hash *leaves, size_t count,
			 struct catalog_hash *ret_root);

/* Reads the hash of the complete subtree of 2^level leaves that starts at leaf index << level.
 * Returns 0 or a negative errno, which ends the caller with the same. */
typedef int (*catalog_merkle_read)(void *arg, unsigned level, uint64_t index,
				   struct catalog_hash *ret_hash);

/* Root of the first size leaves, from the hashes of O(log size) complete subtrees. */
int catalog_merkle_root_at(uint64_t size, catalog_merkle_read read, void *arg,
			   struct catalog_hash *ret_root);

/* Proof that leaf index is in the tree of the first size leaves (index < size).
 * proof[] has room for CATALOG_MERKLE_PROOF_MAX. */
int catalog_merkle_prove_inclusion(uint64_t index, uint64_t size, catalog_merkle_read read,
				   void *arg, struct catalog_hash *ret_proof, size_t *ret_count);

/* Proof that the first old_size leaves are a prefix of the first size leaves (0 < old_size <=
 * size). proof[] has room for CATALOG_MERKLE_PROOF_MAX + 1. */
int catalog_merkle_prove_consistency(uint64_t old_size, uint64_t size, catalog_merkle_read read,
				     void *arg, struct catalog_hash *ret_proof, size_t *ret_count);

/* Verify an inclusion proof (RFC 9162 section 2.1.3.2).
 * Returns 0, -EKEYREJECTED if it does not lead to root. */
int catalog_merkle_verify_inclusion(const struct catalog_hash *leaf, uint64_t index, uint64_t size,
				    const struct catalog_hash *proof, size_t count,
				    const struct catalog_hash *root);

/* Verify a consistency proof (RFC 9162 section 2.1.4.2).  As transparency logs agree, old_size 0 is
 * consistent with everything and takes an empty proof, and so does old_size == size with equal
 * roots. Returns 0, -EKEYREJECTED. */
int catalog_merkle_verify_consistency(uint64_t old_size, uint64_t size,
				      const struct catalog_hash *old_root,
				      const struct catalog_hash *root,
				      const struct catalog_hash *proof, size_t count);

/* A range: the aligned subtree of 2^level leaves that starts at index << level, cut off at size:
 * leaves [index << level, min((index + 1) << level, size)), which is one node of the tree of size.
 * Its proof is the path from that node to the root. */

/* Proof of a range.  proof[] has room for CATALOG_MERKLE_PROOF_MAX. */
int catalog_merkle_prove_range(unsigned level, uint64_t index, uint64_t size,
			       catalog_merkle_read read, void *arg, struct catalog_hash *ret_proof,
			       size_t *ret_count);

/* Verify that hash is the node of that range in the tree of size with root.
 * Returns 0, -EKEYREJECTED. */
int catalog_merkle_verify_range(const struct catalog_hash *hash, unsigned level, uint64_t index,
				uint64_t size, const struct catalog_hash *proof, size_t count,
				const struct catalog_hash *root);

#endif
