/* catalog/prover.c - gathers the parts of a receipt and sees that they fit. */
#include "catalog/prover.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "catalog/log.h"
#include "catalog/merkle.h"
#include "catalog/receipt.h"
#include "catalog/view.h"

struct proof {
	struct catalog_txn *txn;
	uint32_t log;
	struct catalog_log_status status;
	struct catalog_buffer entry, state, note; /* what the receipt borrows */
	struct catalog_receipt receipt;
	struct catalog_view_proof view;
};

static void close_proof(struct proof *proof)
{
	catalog_buffer_close(&proof->entry);
	catalog_buffer_close(&proof->state);
	catalog_buffer_close(&proof->note);
}

/* What every receipt needs: where the log stands, its checkpoint, its state entry. */
static int open_proof(struct proof *proof, struct catalog_txn *txn, uint32_t log)
{
	int r;

	*proof = (struct proof){.txn = txn, .log = log};
	r = catalog_log_status(txn, log, &proof->status);
	if (r != 0)
		return r;
	if (proof->status.size == 0)
		return -EAGAIN;
	r = catalog_log_checkpoint_at(txn, log, proof->status.size, &proof->note);
	if (r == -ENOENT)
		return -EAGAIN;
	if (r == 0)
		r = catalog_log_read(txn, log, proof->status.size - 1, &proof->state);
	proof->receipt.note = catalog_buffer_span(&proof->note);
	proof->receipt.state = catalog_buffer_span(&proof->state);
	return r == -ENOENT ? -EIO : r;
}

static int include(struct proof *proof, uint64_t index, struct catalog_hash *ret_proof,
		   size_t *ret_count)
{
	struct catalog_log_tree tree = {proof->txn, proof->log};
	int r = catalog_merkle_prove_inclusion(index, proof->status.size, catalog_log_tree_read,
					       &tree, ret_proof, ret_count);

	return r == -ENOENT ? -EIO : r;
}

/* The view's path for the receipt's id.  *ret_found tells whether it has that id. */
static int take_path(struct proof *proof, bool *ret_found)
{
	struct catalog_hash thing;
	int r;

	catalog_entry_thing(CATALOG_ENTRY_PUT, proof->receipt.id, &thing);
	r = catalog_view_prove(proof->txn, proof->log, &thing, &proof->view);
	if (r != 0)
		return r;
	proof->receipt.has_leaf = proof->view.has_leaf;
	proof->receipt.leaf = proof->view.leaf;
	proof->receipt.step_count = proof->view.count;
	memcpy(proof->receipt.steps, proof->view.steps,
	       proof->view.count * sizeof *proof->view.steps);
	*ret_found = proof->view.has_leaf && catalog_hash_equal(&proof->view.leaf.key, &thing);
	return 0;
}

/* Whether the parts prove what they should; the signature was checked when the note was taken. */
static int check(const struct proof *proof)
{
	const struct catalog_receipt *receipt = &proof->receipt;
	struct catalog_entry entry;
	struct catalog_state state;
	struct catalog_hash thing, leaf;
	bool absent = receipt->entry.bytes == NULL;
	int r;

	catalog_entry_thing(CATALOG_ENTRY_PUT, receipt->id, &thing);
	catalog_merkle_leaf(receipt->state, &leaf);
	if (receipt->state.len > CATALOG_RECEIPT_STATE_BYTES_MAX ||
	    catalog_merkle_verify_inclusion(&leaf, proof->status.size - 1, proof->status.size,
					    absent ? receipt->proof : receipt->state_proof,
					    absent ? receipt->proof_count
						   : receipt->state_proof_count,
					    &proof->status.root) != 0 ||
	    catalog_entry_decode(receipt->state, &entry) != 0 ||
	    entry.kind != CATALOG_ENTRY_STATE ||
	    catalog_entry_decode_state(entry.body, &state) != 0)
		return -EPROTO;
	if (absent) {
		r = catalog_trie_verify_absent(&thing, receipt->has_leaf ? &receipt->leaf : NULL,
					       receipt->steps, receipt->step_count,
					       &state.view_root);
		return r != 0 ? -EPROTO : 0;
	}
	catalog_merkle_leaf(receipt->entry, &leaf);
	if (catalog_merkle_verify_inclusion(&leaf, receipt->index, proof->status.size,
					    receipt->proof, receipt->proof_count,
					    &proof->status.root) != 0 ||
	    catalog_trie_verify(&receipt->leaf, receipt->steps, receipt->step_count,
				&state.view_root) != 0)
		return -EPROTO;
	return 0;
}

static int finish(struct proof *proof, struct catalog_buffer *ret_receipt)
{
	int r = check(proof);

	return r != 0 ? r : catalog_receipt_encode(&proof->receipt, ret_receipt);
}

/* With the receipt's id and entry known: the paths, then the file. */
static int prove_presence(struct proof *proof, uint64_t index, struct catalog_buffer *ret_receipt)
{
	struct catalog_receipt *receipt = &proof->receipt;
	bool found = false;
	int r;

	receipt->index = index;
	receipt->entry = catalog_buffer_span(&proof->entry);
	if ((r = take_path(proof, &found)) != 0)
		return r;
	if (!found)
		return -EPROTO;
	if ((r = include(proof, index, receipt->proof, &receipt->proof_count)) != 0 ||
	    (r = include(proof, proof->status.size - 1, receipt->state_proof,
			 &receipt->state_proof_count)) != 0)
		return r;
	return finish(proof, ret_receipt);
}

int catalog_prover_newest(struct catalog_txn *txn, uint32_t log, const char *id,
			  struct catalog_buffer *ret_receipt)
{
	uint64_t index = 0;
	int r = catalog_log_find(txn, log, CATALOG_ENTRY_PUT, id, &index, NULL);

	return r != 0 ? r : catalog_prover_entry(txn, log, index, ret_receipt);
}

int catalog_prover_entry(struct catalog_txn *txn, uint32_t log, uint64_t index,
			 struct catalog_buffer *ret_receipt)
{
	struct catalog_entry entry;
	struct proof proof;
	int r = open_proof(&proof, txn, log);

	if (r == 0 && index >= proof.status.size)
		r = -ENOENT;
	if (r == 0)
		r = catalog_log_read(txn, log, index, &proof.entry);
	if (r == 0 && catalog_entry_decode(catalog_buffer_span(&proof.entry), &entry) != 0)
		r = -EIO;
	if (r == 0 && entry.kind != CATALOG_ENTRY_PUT && entry.kind != CATALOG_ENTRY_WITHDRAW)
		r = -ENOENT;
	if (r == 0) {
		memcpy(proof.receipt.id, entry.id, sizeof entry.id);
		r = prove_presence(&proof, index, ret_receipt);
	}
	close_proof(&proof);
	return r;
}

int catalog_prover_absent(struct catalog_txn *txn, uint32_t log, const char *id,
			  struct catalog_buffer *ret_receipt)
{
	struct proof proof;
	bool found = false;
	int r = open_proof(&proof, txn, log);

	if (r == 0) {
		memcpy(proof.receipt.id, id, strlen(id) + 1);
		r = take_path(&proof, &found);
	}
	if (r == 0 && found)
		r = -EEXIST;
	if (r == 0) {
		proof.receipt.index = proof.status.size - 1;
		r = include(&proof, proof.receipt.index, proof.receipt.proof,
			    &proof.receipt.proof_count);
	}
	if (r == 0)
		r = finish(&proof, ret_receipt);
	close_proof(&proof);
	return r;
}
