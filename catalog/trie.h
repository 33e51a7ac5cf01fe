/* catalog/trie.h - the view root: a binary Merkle prefix trie with compressed paths, from the key
 * of each thing (catalog_entry_thing) to the index of its newest entry.
 *
 *   empty   SHA-256("fedcat-trie-v1" || 0x00)
 *   leaf    SHA-256("fedcat-trie-v1" || 0x01 || key || index, 8 bytes big-endian)
 *   node    SHA-256("fedcat-trie-v1" || 0x02 || bit, 2 bytes big-endian || left || right)
 *
 * bit is the position (0 = most significant of the key) at which the keys below first differ; a
 * set of keys has one trie.  Hashes only: the keys' store is catalog/view's business.
 */
#ifndef CATALOG_TRIE_H
#define CATALOG_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/hash.h"

#define CATALOG_TRIE_PROOF_MAX 256

struct catalog_trie_leaf {
	struct catalog_hash key;
	uint64_t index;
};

/* One step of a path, from the root down: the other child at this bit. */
struct catalog_trie_step {
	uint16_t bit;
	struct catalog_hash sibling;
};

void catalog_trie_hash_empty(struct catalog_hash *ret_hash);
void catalog_trie_hash_leaf(const struct catalog_trie_leaf *leaf, struct catalog_hash *ret_hash);
void catalog_trie_hash_node(unsigned bit, const struct catalog_hash *left,
			    const struct catalog_hash *right, struct catalog_hash *ret_hash);

/* Bit number bit (0..255) of a key: 0 or 1. */
unsigned catalog_trie_bit(const struct catalog_hash *key, unsigned bit);

/* The first bit at which two different keys differ. */
unsigned catalog_trie_fork(const struct catalog_hash *a, const struct catalog_hash *b);

/* Root over count leaves sorted by key, each key once: the plain definition, in memory. */
void catalog_trie_root(const struct catalog_trie_leaf *leaves, size_t count,
		       struct catalog_hash *ret_root);

/* Verify that leaf is in the trie with root.  Returns 0, -EKEYREJECTED. */
int catalog_trie_verify(const struct catalog_trie_leaf *leaf, const struct catalog_trie_step *steps,
			size_t count, const struct catalog_hash *root);

/* Verify that key is not in the trie with root: neighbour is the leaf that a walk along key's bits
 * ends at, with its path; NULL for the empty trie.  Returns 0, -EKEYREJECTED. */
int catalog_trie_verify_absent(const struct catalog_hash *key,
			       const struct catalog_trie_leaf *neighbour,
			       const struct catalog_trie_step *steps, size_t count,
			       const struct catalog_hash *root);

#endif
