#include "node/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalog/log.h"
#include "catalog/merkle.h"
#include "node/keyfile.h"

void node_verify_number(uint64_t number, char ret_text[NODE_VERIFY_NUMBER_BYTES])
{
	char digits[24];
	size_t len, to = 0;

	len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number); /* at most 20 */
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			ret_text[to++] = ',';
		ret_text[to++] = digits[i];
	}
	ret_text[to] = '\0';
}

/* Say how it ended; a sentence that is too long is cut. */
static int __attribute__((format(printf, 3, 4)))
say(struct node_verify *verify, bool verified, const char *format, ...)
{
	va_list args;

	verify->verified = verified;
	va_start(args, format);
	(void)vsnprintf(verify->sentence, sizeof verify->sentence, format, args);
	va_end(args);
	return 0;
}

/* The checkpoint that covers the entry: read, and its signature checked.  Returns 1 when the rest
 * can be checked, 0 when the sentence says why not, or a negative errno. */
static int check_note(struct catalog_txn *txn, const struct catalog_charter *charter,
		      const struct catalog_member *member, uint64_t index,
		      struct catalog_buffer *note, struct node_verify *verify)
{
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];
	char held[NODE_VERIFY_NUMBER_BYTES], target[NODE_VERIFY_NUMBER_BYTES];
	struct catalog_log_status status;
	size_t before = note->len;
	int r = catalog_log_status(txn, member->index, &status);

	if (r != 0)
		return r;
	node_verify_number(status.size, held);
	node_verify_number(status.target_size, target);
	r = catalog_log_checkpoint_held(txn, member->index, note);
	if (r == -ENOENT)
		return say(verify, false,
			   "not verified yet: %s of %s entries of %s (%s) are here, and no "
			   "checkpoint that covers only those",
			   held, target, member->title, member->name);
	if (r != 0)
		return r;
	r = catalog_charter_verify(charter, member->index,
				   (struct catalog_span){note->bytes + before, note->len - before},
				   &verify->checkpoint);
	node_keyfile_fingerprint(
		catalog_charter_key(charter, member->index, verify->checkpoint.size), print);
	if (r == -ENOMEM)
		return r;
	if (r != 0)
		return say(verify, false,
			   "NOT VERIFIED: the checkpoint that is held of %s (%s) is not signed "
			   "with key %s",
			   member->title, member->name, print);
	verify->has_checkpoint = true;
	if (verify->checkpoint.size > status.size)
		return -EIO;
	if (index >= verify->checkpoint.size) {
		node_verify_number(verify->checkpoint.size, target);
		return say(verify, false,
			   "not verified yet: the newest complete checkpoint of %s (%s) covers %s "
			   "of the %s entries that are here, and not this one",
			   member->title, member->name, target, held);
	}
	return 1;
}

int node_verify_entry(struct catalog_txn *txn, const struct catalog_charter *charter,
		      const struct catalog_member *member, uint64_t index,
		      struct catalog_span bytes, const char *id, struct catalog_buffer *ret_note,
		      struct node_verify *ret_verify)
{
	struct catalog_hash leaf, proof[CATALOG_MERKLE_PROOF_MAX];
	struct catalog_log_tree tree = {txn, member->index};
	char number[NODE_VERIFY_NUMBER_BYTES], of[NODE_VERIFY_NUMBER_BYTES];
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];
	struct catalog_entry entry;
	size_t count;
	int r;

	*ret_verify = (struct node_verify){0};
	r = check_note(txn, charter, member, index, ret_note, ret_verify);
	if (r != 1)
		return r;
	node_verify_number(index + 1, number);
	node_verify_number(ret_verify->checkpoint.size, of);
	if (catalog_entry_decode(bytes, &entry) != 0 || strcmp(entry.id, id) != 0 ||
	    (entry.kind != CATALOG_ENTRY_PUT && entry.kind != CATALOG_ENTRY_WITHDRAW))
		return say(ret_verify, false,
			   "NOT VERIFIED: entry %s of %s (%s) is not about this listing, although "
			   "this node's table says so: the store is damaged",
			   number, member->title, member->name);
	catalog_merkle_leaf(bytes, &leaf);
	r = catalog_merkle_prove_inclusion(index, ret_verify->checkpoint.size,
					   catalog_log_tree_read, &tree, proof, &count);
	if (r == -ENOENT)
		r = -EIO; /* the tree goes as far as the entries */
	if (r != 0)
		return r;
	r = catalog_merkle_verify_inclusion(&leaf, index, ret_verify->checkpoint.size, proof, count,
					    &ret_verify->checkpoint.root);
	if (r != 0)
		return say(ret_verify, false,
			   "NOT VERIFIED: entry %s of %s is not what %s (%s) signed: its proof "
			   "does not lead to the root of the checkpoint",
			   number, of, member->title, member->name);
	node_keyfile_fingerprint(
		catalog_charter_key(charter, member->index, ret_verify->checkpoint.size), print);
	return say(ret_verify, true,
		   "signed by %s (%s) with key %s; entry %s of %s; checkpoint verified here",
		   member->title, member->name, print, number, of);
}
