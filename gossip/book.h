/* gossip/book.h - where the members' nodes are, and which to dial next.
 *
 * Every address has its own pause after a failure, which grows: GOSSIP_BOOK_PAUSE_MS doubled each
 * time up to GOSSIP_BOOK_PAUSE_MS_MAX, with jitter.  A peer that misbehaved pauses as after many
 * failures.
 *
 * Time    now_ms, monotonic.
 * Threads none: one caller at a time.
 */
#ifndef GOSSIP_BOOK_H
#define GOSSIP_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "gossip/node.h"
#include "gossip/random.h"

#define GOSSIP_BOOK_PAUSE_MS     500
#define GOSSIP_BOOK_PAUSE_MS_MAX (5u * 60 * 1000)
#define GOSSIP_BOOK_STEADY_MS    60000 /* a link that lasted so long clears the count of failures */

struct gossip_book;

/* Note the addresses of all members but self: those of options, else those of the charter.
 * The caller owns *ret_book.  Returns 0, -ENOMEM. */
int gossip_book_new(const struct catalog_charter *charter,
		    const struct gossip_node_options *options, struct gossip_book **ret_book);
/* The charter has more members than the book: add them.  Returns 0, -ENOMEM. */
int gossip_book_grow(struct gossip_book *book, const struct catalog_charter *charter,
		     uint32_t self);

void gossip_book_free(struct gossip_book *book);

/* Choose one of the addresses that may be dialled now, at random, of a member that is not linked
 * yet; it counts as being dialled.  Returns 0 (*ret_address is borrowed from the book), or -ENOENT
 * and when one may be (UINT64_MAX: none as things are). */
int gossip_book_next(struct gossip_book *book, struct gossip_random *random, uint64_t now_ms,
		     const char **ret_address, uint32_t *ret_member, uint64_t *ret_due_ms);

/* Whom an address that is being dialled belongs to, and which of its member's nodes to expect
 * there: the one at the address's place among the member's, and after each failure the next.
 * Returns 0, -ENOENT if it is not being dialled. */
int gossip_book_whose(const struct gossip_book *book, const char *address, uint32_t *ret_member,
		      size_t *ret_turn);

/* How many addresses are being dialled. */
size_t gossip_book_dialling(const struct gossip_book *book);

/* The dial succeeded: address is in use until gossip_book_ended(). */
void gossip_book_opened(struct gossip_book *book, const char *address, uint64_t now_ms);

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
