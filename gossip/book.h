/* gossip/book.h - where the members' nodes are, and which to dial next.
 *
 * An address is known from the log of its member (`node` entries), from an earlier run in which it
 * answered, from the operator, or from the charter.  A member is chosen at random, then of its
 * addresses the one that has failed least, in that order.
 *
 * Every address has its own pause after a failure, which grows: GOSSIP_BOOK_PAUSE_MS doubled each
 * time up to GOSSIP_BOOK_PAUSE_MS_MAX, with jitter.  A peer that misbehaved pauses as after many
 * failures.  What only a log tells, and where no node of the member has answered yet, may be
 * anything: somebody else's server, say.  All such addresses of a member share one pause,
 * GOSSIP_BOOK_TOLD_PAUSE_MS doubled up to GOSSIP_BOOK_TOLD_PAUSE_MS_MAX.
 *
 * Time    now_ms, monotonic.
 * Limits  GOSSIP_BOOK_ADDRESSES_MAX of a member, of which its log tells GOSSIP_BOOK_TOLD_MAX.
 * Threads none: one caller at a time.
 */
#ifndef GOSSIP_BOOK_H
#define GOSSIP_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/node.h"
#include "gossip/node.h"
#include "gossip/random.h"

#define GOSSIP_BOOK_PAUSE_MS          500
#define GOSSIP_BOOK_PAUSE_MS_MAX      (5u * 60 * 1000)
#define GOSSIP_BOOK_TOLD_PAUSE_MS     5000
#define GOSSIP_BOOK_TOLD_PAUSE_MS_MAX (60u * 60 * 1000)
#define GOSSIP_BOOK_STEADY_MS         60000 /* a link that lasted so long clears the count of failures */
#define GOSSIP_BOOK_TOLD_MAX          8
#define GOSSIP_BOOK_ADDRESSES_MAX     32

struct gossip_book;

/* Note the addresses of all members but self: those of options, else those of the charter.
 * The caller owns *ret_book.  Returns 0, -ENOMEM. */
int gossip_book_new(const struct catalog_charter *charter,
		    const struct gossip_node_options *options, struct gossip_book **ret_book);
/* The charter has more members than the book: add them.  Returns 0, -ENOMEM. */
int gossip_book_grow(struct gossip_book *book, const struct catalog_charter *charter,
		     uint32_t self);

/* A member's log names these nodes now, and no others; those that have expired or were withdrawn by
 * now_s are passed over.  Nothing of self's is noted.  Returns 0, -ENOMEM. */
int gossip_book_told(struct gossip_book *book, uint32_t member, const struct catalog_node *nodes,
		     size_t count, int64_t now_s);

void gossip_book_free(struct gossip_book *book);

/* Whether an address of the member is known. */
bool gossip_book_knows(const struct gossip_book *book, uint32_t member);

/* What is to be dialled; borrowed from the book until its next call. */
struct gossip_book_dial {
	const char *address;
	uint32_t member;
	bool is_told; /* only the member's log tells of it, and nobody has answered there yet */
};

/* Choose one of the addresses that may be dialled now, of a member that is not linked yet; it
 * counts as being dialled.  Returns 0, or -ENOENT and when one may be (UINT64_MAX: none as things
 * are). */
int gossip_book_next(struct gossip_book *book, struct gossip_random *random, uint64_t now_ms,
		     struct gossip_book_dial *ret_dial, uint64_t *ret_due_ms);

/* Whom an address that is being dialled belongs to, and which of its member's nodes to expect
 * there: the one whose key is *ret_key; if that is NULL, the one at the address's place among the
 * member's, and after each failure the next.  Returns 0, -ENOENT if it is not being dialled. */
int gossip_book_whose(const struct gossip_book *book, const char *address, uint32_t *ret_member,
		      const struct catalog_node_key **ret_key, size_t *ret_turn);

/* How many addresses are being dialled. */
size_t gossip_book_dialling(const struct gossip_book *book);

/* The dial succeeded: address is in use until gossip_book_ended(). */
void gossip_book_opened(struct gossip_book *book, const char *address, uint64_t now_ms);

/* A node of its member answered at the address that is in use. */
void gossip_book_met(struct gossip_book *book, const char *address);

enum gossip_book_end {
	GOSSIP_BOOK_FAILED,     /* could not be reached, or the link broke */
	GOSSIP_BOOK_CLOSED,     /* ended in good order (we have another link to it, say) */
	GOSSIP_BOOK_MISBEHAVED, /* sent what it must not */
	GOSSIP_BOOK_SELF,       /* it is ourselves: never again */
};

/* Dialling it failed, or the link to it ended. */
void gossip_book_ended(struct gossip_book *book, const char *address, enum gossip_book_end end,
		       struct gossip_random *random, uint64_t now_ms);

/* A link with member (either way) began (by 1) or ended (by -1): whoever is linked is not dialled.
 */
void gossip_book_linked(struct gossip_book *book, uint32_t member, int by);

#endif
