/* catalog/charter.h - what the federation is: a hash-chained sequence of amendments signed by its
 * council, and what they come to.
 *
 * Amendment 0 founds and is signed by at least the threshold of the council that it names; each
 * later one by at least the threshold of the council as of the one before and, if it changes the
 * council, of the new one, too.
 *
 * What the charter says of a log is a row of lines.  From each on, one key signs the member's
 * checkpoints, and every checkpoint's tree goes through the line's root.  A line drawn at a smaller
 * size than those before takes them away: what counts is what the federation decided last.
 *
 * Threads  any number may read a charter while it is amended or changes course.  Who counts members
 *          or amendments and then asks for each still finds each, as it was.
 */
#ifndef CATALOG_CHARTER_H
#define CATALOG_CHARTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/amendment.h"
#include "catalog/buffer.h"
#include "catalog/change.h"
#include "catalog/checkpoint.h"
#include "catalog/hash.h"

#define CATALOG_CHARTER_MEMBERS_MAX 4096
#define CATALOG_CHARTER_LINES_MAX   64 /* of one member; older ones must not be needed */
#define CATALOG_CHARTER_BYTES_MAX   (16u * 1024 * 1024)
#define CATALOG_CHARTER_OPEN        UINT64_MAX
#define CATALOG_CHARTER_NEWEST      SIZE_MAX
/* Numbers of which it is kept that the council signed two amendments; those that come to light
 * later than so many are judged in the same way, and not kept. */
#define CATALOG_CHARTER_CONFLICTS_MAX 8

/* What an amendment 0 founds.  Plain data, for the one who writes it. */
struct catalog_founding {
	const char *name; /* of the federation */
	int64_t time_s;
	const struct catalog_member *members;
	size_t member_count;
	const struct catalog_key *council;
	size_t council_count;
	unsigned threshold; /* 1..council_count */
};

struct catalog_charter;

/* Append amendment 0, signed by secrets[] (keys of the council, at least threshold of them).
 * Returns 0, -EINVAL if the founding breaks a rule of this page (with a sentence in ret_why, may be
 * NULL), -ENOMEM. */
int catalog_charter_found(const struct catalog_founding *founding,
			  const struct catalog_secret *secrets, size_t secret_count,
			  struct catalog_buffer *ret_amendment,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* Read and verify a charter: its amendments, concatenated from number 0, from bytes that may come
 * from anybody.  The caller owns *ret_charter and ends it with catalog_charter_free(). Returns 0,
 * -E2BIG, -EBADMSG, -EPROTO (broken rule or chain), -EKEYREJECTED (too few signatures, or a false
 * one), -ENOMEM. */
int catalog_charter_new(struct catalog_span amendments, struct catalog_charter **ret_charter);

/* The charter that comes of charter and the amendments after it, concatenated.  charter stays as it
 * is.  The caller owns *ret_charter.  Returns as catalog_charter_new(); unless it is -ENOMEM,
 * ret_why (may be NULL) says what is wrong with which. */
int catalog_charter_amend(const struct catalog_charter *charter, struct catalog_span amendments,
			  struct catalog_charter **ret_charter,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* From now on charter says what `with` said, which is ended. */
void catalog_charter_replace(struct catalog_charter *charter, struct catalog_charter *with);
void catalog_charter_free(struct catalog_charter *charter); /* NULL is allowed */

/* How many of those who must sign an amendment have. */
struct catalog_charter_tally {
	size_t signed_count, needed; /* of the council as it is */
	bool is_council_changed;     /* then the new one is asked, too */
	size_t new_signed_count, new_needed;
};

/* Judge what an amendment that comes next decides, and count its signatures; those that nobody asks
 * for are taken off it.  Returns 0 (also if more must sign), -EPROTO, -EBADMSG or -ENOMEM, with
 * ret_why, as catalog_charter_amend(). */
int catalog_charter_judge(const struct catalog_charter *charter,
			  struct catalog_amendment *amendment,
			  struct catalog_charter_tally *ret_tally,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES]);
bool catalog_charter_tally_is_full(const struct catalog_charter_tally *tally);

/* The charter as it was when the amendment of a number up to the newest was its newest.  The caller
 * owns *ret_charter.  Returns 0, -ENOMEM. */
int catalog_charter_as_of(const struct catalog_charter *charter, uint64_t number,
			  struct catalog_charter **ret_charter);

/* The numbers of which the council is known to have signed two amendments (catalog/conflict), in
 * rising order.  Borrowed from the charter.  Setting them returns 0, -ENOMEM. */
const uint64_t *catalog_charter_conflicts(const struct catalog_charter *charter, size_t *ret_count);
int catalog_charter_set_conflicts(struct catalog_charter *charter, const uint64_t *numbers,
				  size_t count);

/* --- what it says; all is borrowed from the charter ------------------------------------------ */

const struct catalog_hash *catalog_charter_federation(const struct catalog_charter *charter);
const struct catalog_profile *catalog_charter_profile(const struct catalog_charter *charter);
const char *catalog_charter_name(const struct catalog_charter *charter);
const struct catalog_council *catalog_charter_council(const struct catalog_charter *charter);

/* Of the newest amendment: its number and hash. */
uint64_t catalog_charter_number(const struct catalog_charter *charter);
const struct catalog_hash *catalog_charter_head(const struct catalog_charter *charter);

/* The hash of the amendment of a number; NULL if the newest is before it. */
const struct catalog_hash *catalog_charter_hash(const struct catalog_charter *charter,
						uint64_t number);

/* All amendments as read, and the one of a number up to the newest. */
struct catalog_span catalog_charter_bytes(const struct catalog_charter *charter);
struct catalog_span catalog_charter_amendment(const struct catalog_charter *charter,
					      uint64_t number);

/* Members in the order of their admission, those that were suspended or expelled among them. */
size_t catalog_charter_member_count(const struct catalog_charter *charter);
const struct catalog_member *catalog_charter_member_at(const struct catalog_charter *charter,
						       size_t i);
/* NULL if there is no such member. */
const struct catalog_member *catalog_charter_member(const struct catalog_charter *charter,
						    uint32_t index);
const struct catalog_member *catalog_charter_member_named(const struct catalog_charter *charter,
							  const char *name);
const struct catalog_member *catalog_charter_member_with_key(const struct catalog_charter *charter,
							     const struct catalog_key *key);
const struct catalog_member *catalog_charter_member_with_node(const struct catalog_charter *charter,
							      const struct catalog_node_key *key);

/* --- what it says of a log ------------------------------------------------------------------- */

/* A line, and the key that signs checkpoints larger than it, up to the next line. */
struct catalog_charter_line {
	uint64_t size;
	struct catalog_hash root;
	struct catalog_key key;
	struct catalog_span note; /* empty if size is 0 */
};

/* The line at i of a member's log, in rising order of size; the first has size 0.  i may be
 * CATALOG_CHARTER_NEWEST.  Returns 0, -ENOENT if there is no such line, or no such member. */
int catalog_charter_line(const struct catalog_charter *charter, uint32_t member, size_t i,
			 struct catalog_charter_line *ret_line);

/* The size of the largest checkpoint that counts: CATALOG_CHARTER_OPEN unless the member was
 * suspended or expelled. */
uint64_t catalog_charter_end(const struct catalog_charter *charter, uint32_t member);

/* The key that signs a member's checkpoints of this size.  NULL if there is no such member. */
const struct catalog_key *catalog_charter_key(const struct catalog_charter *charter,
					      uint32_t member, uint64_t size);

/* Read a checkpoint's note and verify that it is a member's, by the key for its size, and that no
 * line speaks against it.  Whether its tree goes through the lines below it is found out by those
 * who have the tree.  Returns 0, -ENOENT if there is no such member, -EROFS if it is larger than
 * what counts, else as catalog_checkpoint_verify(). */
int catalog_charter_verify(const struct catalog_charter *charter, uint32_t member,
			   struct catalog_span note, struct catalog_checkpoint *ret_checkpoint);

#endif
