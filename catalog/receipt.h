/* catalog/receipt.h - one listing's proof, checked without a node or a network: C2SP tlog-proof.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>
 *   index <decimal>
 *   <base64 of a hash>        (the inclusion proof of leaf index; one line each)
 *                             (empty line)
 *   <checkpoint>              (catalog/checkpoint.h)
 *
 * A receipt shows that a listing is current, was superseded or was withdrawn as of a checkpoint, or
 * that there was no such listing.  extra is msgpack [1, id, entry or nil, state entry, [state proof
 * hash, ...], [key, index] or nil, [[bit, hash], ...], check]: docs/formats.md says what each is
 * for.  One receipt has one form; bytes that say the same otherwise are refused.
 */
#ifndef CATALOG_RECEIPT_H
#define CATALOG_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/checkpoint.h"
#include "catalog/entry.h"
#include "catalog/hash.h"
#include "catalog/merkle.h"
#include "catalog/trie.h"

#define CATALOG_RECEIPT_BYTES_MAX       (400u * 1024)
#define CATALOG_RECEIPT_STATE_BYTES_MAX 256 /* a state entry in a receipt */
#define CATALOG_RECEIPT_WHY_BYTES       240

/* What a receipt says, as data.  Spans are borrowed. */
struct catalog_receipt {
	char id[CATALOG_ID_BYTES_MAX + 1]; /* the listing that it is about */
	struct catalog_span entry;         /* {NULL, 0}: there is no such listing */
	struct catalog_span state;         /* the state entry, the last leaf under the checkpoint */
	struct catalog_span note;          /* the checkpoint */
	uint64_t index; /* of the leaf that proof[] is for: the entry, or else the state entry */
	size_t proof_count;
	struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX];
	size_t state_proof_count; /* of the state entry; 0 when proof[] is its */
	struct catalog_hash state_proof[CATALOG_MERKLE_PROOF_MAX];
	bool has_leaf; /* the view's leaf that steps[] lead to; false in an empty view */
	struct catalog_trie_leaf leaf;
	size_t step_count;
	struct catalog_trie_step steps[CATALOG_TRIE_PROOF_MAX];
	struct catalog_buffer extra; /* holds what entry and state point into, after _init() */
	bool is_damaged;             /* likewise: its check is not that of its parts */
};

enum catalog_receipt_claim {
	CATALOG_RECEIPT_CURRENT,    /* the entry is the listing's newest */
	CATALOG_RECEIPT_WITHDRAWN,  /* the entry is the listing's newest, and withdraws it */
	CATALOG_RECEIPT_SUPERSEDED, /* the entry was signed, and a later one is newer */
	CATALOG_RECEIPT_ABSENT,     /* the member never listed it, up to the checkpoint */
};

/* Whom to believe: the members of a charter; or, when charter is NULL, the holder of key, under
 * the federation's id and the member's name if those are given.  All borrowed. */
struct catalog_receipt_trust {
	const struct catalog_charter *charter;
	const struct catalog_key *key;
	const struct catalog_hash *federation; /* may be NULL */
	const char *member;                    /* may be NULL */
};

/* What was proven. */
struct catalog_receipt_outcome {
	enum catalog_receipt_claim claim;
	char member[CATALOG_MEMBER_NAME_BYTES_MAX + 1]; /* by whom */
	struct catalog_key key;
	struct catalog_checkpoint checkpoint; /* as of when */
	int64_t state_time_s;                 /* of the state entry */
	uint64_t live, withdrawn;             /* listings of the member */
	char id[CATALOG_ID_BYTES_MAX + 1];    /* about what */
	/* Not when absent: */
	uint64_t index, newest;     /* of the entry; of the listing's newest entry */
	int64_t time_s;             /* of the entry */
	struct catalog_entry entry; /* its body is borrowed from the receipt */
};

/* Append a receipt's file.  Returns 0, -E2BIG, -ENOMEM. */
int catalog_receipt_encode(const struct catalog_receipt *receipt, struct catalog_buffer *buffer);

/* Read a receipt from bytes that may come from anybody, believing nothing.  bytes are borrowed for
 * the receipt's life, which catalog_receipt_close() ends.  On failure ret_why is a sentence.
 * Returns 0, -E2BIG, -EBADMSG, -ENOMEM. */
int catalog_receipt_init(struct catalog_receipt *receipt, struct catalog_span bytes,
			 char ret_why[CATALOG_RECEIPT_WHY_BYTES]);
void catalog_receipt_close(struct catalog_receipt *receipt);

/* Check everything that a receipt says.  On failure ret_why is a sentence that names what failed.
 * Returns 0, -EBADMSG if a part is not what it should be, -EKEYREJECTED if it proves nothing
 * (another federation, member or key; a proof that does not lead to what is signed), -EPROTO if
 * what is signed contradicts itself. */
int catalog_receipt_verify(const struct catalog_receipt *receipt,
			   const struct catalog_receipt_trust *trust,
			   struct catalog_receipt_outcome *ret_outcome,
			   char ret_why[CATALOG_RECEIPT_WHY_BYTES]);

#endif
