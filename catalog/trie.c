/* catalog/trie.c - hashes of a crit-bit trie; the plain definition, and its proofs. */
#include "catalog/trie.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define DOMAIN "fedcat-trie-v1"

enum tag { TAG_EMPTY, TAG_LEAF, TAG_NODE };

#define PREFIX_BYTES sizeof DOMAIN /* the tag takes the place of the NUL */

/* Begin what is hashed, SHA-256(domain || tag || ...), and return where it goes on. */
static uint8_t *put_prefix(uint8_t *at, enum tag tag)
{
	memcpy(at, DOMAIN, PREFIX_BYTES - 1);
	at[PREFIX_BYTES - 1] = (uint8_t)tag;
	return at + PREFIX_BYTES;
}

static uint8_t *put_hash(uint8_t *at, const struct catalog_hash *hash)
{
	memcpy(at, hash->bytes, sizeof hash->bytes);
	return at + sizeof hash->bytes;
}

void catalog_trie_hash_empty(struct catalog_hash *ret_hash)
{
	uint8_t bytes[PREFIX_BYTES];

	(void)put_prefix(bytes, TAG_EMPTY); /* nothing follows */
	catalog_hash_of(bytes, sizeof bytes, ret_hash);
}

void catalog_trie_hash_leaf(const struct catalog_trie_leaf *leaf, struct catalog_hash *ret_hash)
{
	uint8_t bytes[PREFIX_BYTES + sizeof leaf->key + 8];
	uint8_t *at = put_hash(put_prefix(bytes, TAG_LEAF), &leaf->key);

	for (unsigned i = 0; i < 8; i++)
		*at++ = (uint8_t)(leaf->index >> (56 - 8 * i));
	catalog_hash_of(bytes, sizeof bytes, ret_hash);
}

void catalog_trie_hash_node(unsigned bit, const struct catalog_hash *left,
			    const struct catalog_hash *right, struct catalog_hash *ret_hash)
{
	uint8_t bytes[PREFIX_BYTES + 2 + 2 * sizeof *left];
	uint8_t *at = put_prefix(bytes, TAG_NODE);

	assert(bit < 256);
	*at++ = (uint8_t)(bit >> 8);
	*at++ = (uint8_t)bit;
	(void)put_hash(put_hash(at, left), right); /* its end is known */
	catalog_hash_of(bytes, sizeof bytes, ret_hash);
}

unsigned catalog_trie_bit(const struct catalog_hash *key, unsigned bit)
{
	assert(bit < 256);
	return key->bytes[bit / 8] >> (7 - bit % 8) & 1;
}

unsigned catalog_trie_fork(const struct catalog_hash *a, const struct catalog_hash *b)
{
	unsigned bit = 0;

	while (bit < 256 && a->bytes[bit / 8] == b->bytes[bit / 8])
		bit += 8;
	assert(bit < 256);
	while (catalog_trie_bit(a, bit) == catalog_trie_bit(b, bit))
		bit++;
	return bit;
}

/* At most 256 deep: each level has a higher bit. */
static void root_of(const struct catalog_trie_leaf *leaves, size_t count,
		    struct catalog_hash *ret_root)
{
	struct catalog_hash left, right;
	size_t low = 0, high = count - 1; /* the first leaf with a one is in (low, high] */
	unsigned bit;

	if (count == 1) {
		catalog_trie_hash_leaf(leaves, ret_root);
		return;
	}
	bit = catalog_trie_fork(&leaves[0].key, &leaves[count - 1].key);
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (catalog_trie_bit(&leaves[middle].key, bit) == 1)
			high = middle;
		else
			low = middle;
	}
	root_of(leaves, high, &left);
	root_of(leaves + high, count - high, &right);
	catalog_trie_hash_node(bit, &left, &right, ret_root);
}

void catalog_trie_root(const struct catalog_trie_leaf *leaves, size_t count,
		       struct catalog_hash *ret_root)
{
	if (count == 0)
		catalog_trie_hash_empty(ret_root);
	else
		root_of(leaves, count, ret_root);
}

int catalog_trie_verify(const struct catalog_trie_leaf *leaf, const struct catalog_trie_step *steps,
			size_t count, const struct catalog_hash *root)
{
	struct catalog_hash hash;

	if (count > CATALOG_TRIE_PROOF_MAX)
		return -EKEYREJECTED;
	for (size_t i = 0; i < count; i++)
		if (steps[i].bit >= 256 || (i > 0 && steps[i].bit <= steps[i - 1].bit))
			return -EKEYREJECTED;
	catalog_trie_hash_leaf(leaf, &hash);
	for (size_t i = count; i > 0; i--) {
		const struct catalog_trie_step *step = &steps[i - 1];

		if (catalog_trie_bit(&leaf->key, step->bit) == 1)
			catalog_trie_hash_node(step->bit, &step->sibling, &hash, &hash);
		else
			catalog_trie_hash_node(step->bit, &hash, &step->sibling, &hash);
	}
	return catalog_hash_equal(&hash, root) ? 0 : -EKEYREJECTED;
}

int catalog_trie_verify_absent(const struct catalog_hash *key,
			       const struct catalog_trie_leaf *neighbour,
			       const struct catalog_trie_step *steps, size_t count,
			       const struct catalog_hash *root)
{
	struct catalog_hash empty;

	if (neighbour == NULL) {
		catalog_trie_hash_empty(&empty);
		return count == 0 && catalog_hash_equal(&empty, root) ? 0 : -EKEYREJECTED;
	}
	if (catalog_hash_equal(key, &neighbour->key) ||
	    catalog_trie_verify(neighbour, steps, count, root) != 0)
		return -EKEYREJECTED;
	/* A walk along key's bits must end at the neighbour: were key there, it would end at key.
	 */
	for (size_t i = 0; i < count; i++)
		if (catalog_trie_bit(key, steps[i].bit) !=
		    catalog_trie_bit(&neighbour->key, steps[i].bit))
			return -EKEYREJECTED;
	return 0;
}
