/* gossip/book.c - each member has a page with its addresses.  A member is chosen and then one of
 * its addresses, so that whoever tells of many is not dialled more often than others. */
#include "gossip/book.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEVER            UINT64_MAX
#define MISBEHAVED_COUNT 8 /* failures that it counts as */
#define FAILURES_MAX     16

enum entry_state { ENTRY_IDLE, ENTRY_DIALLING, ENTRY_OPEN };

/* Who tells of an address, the one that is believed most first. */
enum source {
	SOURCE_LOG = 1 << 0,
	SOURCE_SEEN = 1 << 1,
	SOURCE_GIVEN = 1 << 2,
	SOURCE_CHARTER = 1 << 3,
};

struct entry {
	char address[CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	unsigned sources; /* 0: it goes when it is no longer in use */
	size_t place;     /* among its member's */
	bool has_key;     /* the log says which node is there, and it is one alone */
	struct catalog_node_key key;
	enum entry_state state;
	bool has_answered;
	unsigned failures; /* in a row */
	uint64_t due_ms;
	uint64_t opened_ms;
};

struct page {
	uint32_t member;
	size_t link_count;
	size_t busy; /* entries that are not idle */
	size_t count, room;
	struct entry *entries;
	unsigned told_failures; /* in a row, where only the log tells of a node */
	uint64_t told_due_ms;
};

struct gossip_book {
	uint32_t self;
	size_t count;
	struct page *pages; /* in the charter's order */
};

/* --- pages ------------------------------------------------------------------------------------ */

static struct page *page_of(const struct gossip_book *book, uint32_t member)
{
	for (size_t i = 0; i < book->count; i++)
		if (book->pages[i].member == member)
			return &book->pages[i];
	return NULL;
}

static struct entry *entry_on(const struct page *page, const char *address)
{
	for (size_t i = 0; i < page->count; i++)
		if (strcmp(page->entries[i].address, address) == 0)
			return &page->entries[i];
	return NULL;
}

/* A source tells of an address.  Returns 0, -ENOMEM; one too many is passed over. */
static int add(struct page *page, enum source source, size_t place, const char *address,
	       struct entry **ret_entry)
{
	struct entry *entry = entry_on(page, address);

	*ret_entry = entry;
	if (entry == NULL && page->count < GOSSIP_BOOK_ADDRESSES_MAX) {
		if (page->count == page->room) {
			size_t room = page->room * 2 + 1;
			struct entry *entries = reallocarray(page->entries, room, sizeof *entries);

			if (entries == NULL)
				return -ENOMEM;
			page->entries = entries;
			page->room = room;
		}
		entry = &page->entries[page->count++];
		*entry = (struct entry){.place = place};
		assert(strlen(address) < sizeof entry->address);
		memcpy(entry->address, address, strlen(address) + 1);
		*ret_entry = entry;
	}
	if (entry != NULL)
		entry->sources |= source;
	return 0;
}

static int add_member(struct page *page, const struct catalog_member *member,
		      const struct gossip_node_options *options)
{
	struct entry *entry;
	size_t given = 0;
	int r = 0;

	for (size_t i = 0; i < options->address_count && r == 0; i++) {
		const struct gossip_node_address *address = &options->addresses[i];

		if (address->member != member->index)
			continue;
		r = add(page, address->was_seen ? SOURCE_SEEN : SOURCE_GIVEN, given,
			address->address, &entry);
		given += !address->was_seen;
	}
	for (size_t i = 0; i < member->address_count && r == 0 && given == 0; i++)
		r = add(page, SOURCE_CHARTER, i, member->addresses[i], &entry);
	return r;
}

/* Add the members from the book's count on. */
static int add_members(struct gossip_book *book, const struct catalog_charter *charter,
		       const struct gossip_node_options *options)
{
	size_t count = catalog_charter_member_count(charter);
	struct page *pages = reallocarray(book->pages, count + 1, sizeof *pages);
	int r = 0;

	if (pages == NULL)
		return -ENOMEM;
	book->pages = pages;
	while (book->count < count && r == 0) {
		const struct catalog_member *member =
			catalog_charter_member_at(charter, book->count);

		pages[book->count] = (struct page){.member = member->index};
		if (member->index != book->self)
			r = add_member(&pages[book->count], member, options);
		book->count++;
	}
	return r;
}

int gossip_book_new(const struct catalog_charter *charter,
		    const struct gossip_node_options *options, struct gossip_book **ret_book)
{
	struct gossip_book *book = calloc(1, sizeof *book);
	int r;

	if (book == NULL)
		return -ENOMEM;
	book->self = options->self;
	r = add_members(book, charter, options);
	if (r != 0) {
		gossip_book_free(book);
		return r;
	}
	*ret_book = book;
	return 0;
}

int gossip_book_grow(struct gossip_book *book, const struct catalog_charter *charter, uint32_t self)
{
	static const struct gossip_node_options nothing;

	book->self = self;
	return add_members(book, charter, &nothing);
}

void gossip_book_free(struct gossip_book *book)
{
	if (book == NULL)
		return;
	for (size_t i = 0; i < book->count; i++)
		free(book->pages[i].entries);
	free(book->pages);
	free(book);
}

bool gossip_book_knows(const struct gossip_book *book, uint32_t member)
{
	const struct page *page = page_of(book, member);

	return page != NULL && page->count > 0;
}

/* --- what a log tells ------------------------------------------------------------------------- */

/* Strike out what nobody tells of any more and nobody uses. */
static void strike(struct page *page)
{
	size_t kept = 0;

	for (size_t i = 0; i < page->count; i++)
		if (page->entries[i].sources != 0 || page->entries[i].state != ENTRY_IDLE)
			page->entries[kept++] = page->entries[i];
	page->count = kept;
}

static int tell(struct page *page, const struct catalog_node *node, const char *address)
{
	struct entry *entry = entry_on(page, address);
	bool was_told = entry != NULL && (entry->sources & SOURCE_LOG) != 0;
	int r = add(page, SOURCE_LOG, 0, address, &entry);

	if (r != 0 || entry == NULL)
		return r;
	entry->has_key = !was_told; /* of two that are there each gets its turn */
	entry->key = node->key;
	return 0;
}

int gossip_book_told(struct gossip_book *book, uint32_t member, const struct catalog_node *nodes,
		     size_t count, int64_t now_s)
{
	struct page *page = page_of(book, member);
	size_t told = 0;
	int r = 0;

	if (page == NULL || member == book->self)
		return 0;
	for (size_t i = 0; i < page->count; i++) {
		page->entries[i].sources &= ~(unsigned)SOURCE_LOG;
		page->entries[i].has_key = false;
	}
	for (size_t i = 0; i < count && r == 0; i++)
		for (size_t k = 0; k < nodes[i].address_count && r == 0 &&
				   nodes[i].expires_s > now_s && told < GOSSIP_BOOK_TOLD_MAX;
		     k++, told++)
			r = tell(page, &nodes[i], nodes[i].addresses[k]);
	strike(page);
	return r;
}

/* --- choosing --------------------------------------------------------------------------------- */

static bool is_told_only(const struct entry *entry)
{
	return entry->sources == SOURCE_LOG && !entry->has_answered;
}

static uint64_t due_of(const struct page *page, const struct entry *entry)
{
	if (is_told_only(entry) && page->told_due_ms > entry->due_ms)
		return page->told_due_ms;
	return entry->due_ms;
}

/* The lowest bit: who is believed most. */
static unsigned rank_of(const struct entry *entry)
{
	return entry->sources & (~entry->sources + 1);
}

/* The address of a member to dial now; NULL if none, and *due_ms is lowered to when one may be. */
static struct entry *best_of(struct page *page, struct gossip_random *random, uint64_t now_ms,
			     uint64_t *due_ms)
{
	struct entry *best = NULL;
	size_t alike = 0;

	for (size_t i = 0; i < page->count; i++) {
		struct entry *entry = &page->entries[i];
		uint64_t entry_due_ms = due_of(page, entry);

		if (entry_due_ms > now_ms) {
			if (entry_due_ms < *due_ms)
				*due_ms = entry_due_ms;
			continue;
		}
		if (best != NULL &&
		    (entry->failures > best->failures ||
		     (entry->failures == best->failures && rank_of(entry) > rank_of(best))))
			continue;
		if (best == NULL || entry->failures < best->failures ||
		    rank_of(entry) < rank_of(best))
			alike = 0;
		if (gossip_random_below(random, ++alike) == 0)
			best = entry;
	}
	return best;
}

/* Whether the address is in use for another member, which tells of it, too. */
static bool is_in_use(const struct gossip_book *book, const char *address)
{
	for (size_t i = 0; i < book->count; i++) {
		const struct entry *entry = NULL;

		if (book->pages[i].busy > 0)
			entry = entry_on(&book->pages[i], address);
		if (entry != NULL && entry->state != ENTRY_IDLE)
			return true;
	}
	return false;
}

int gossip_book_next(struct gossip_book *book, struct gossip_random *random, uint64_t now_ms,
		     struct gossip_book_dial *ret_dial, uint64_t *ret_due_ms)
{
	uint64_t due_ms = NEVER;
	struct page *chosen_page = NULL;
	struct entry *chosen = NULL;
	size_t ready = 0;

	for (size_t i = 0; i < book->count; i++) {
		struct page *page = &book->pages[i];
		struct entry *entry;

		if (page->link_count > 0 || page->busy > 0)
			continue;
		entry = best_of(page, random, now_ms, &due_ms);
		if (entry == NULL)
			continue;
		if (is_in_use(book, entry->address)) {
			entry->due_ms = now_ms + GOSSIP_BOOK_PAUSE_MS_MAX;
			continue;
		}
		/* Each of those that are ready is as likely as the others. */
		if (gossip_random_below(random, ++ready) == 0) {
			chosen_page = page;
			chosen = entry;
		}
	}
	if (chosen == NULL) {
		*ret_due_ms = due_ms;
		return -ENOENT;
	}
	chosen->state = ENTRY_DIALLING;
	chosen_page->busy++;
	*ret_dial = (struct gossip_book_dial){chosen->address, chosen_page->member,
					      is_told_only(chosen)};
	return 0;
}

/* --- what came of it -------------------------------------------------------------------------- */

size_t gossip_book_dialling(const struct gossip_book *book)
{
	size_t count = 0;

	for (size_t i = 0; i < book->count; i++)
		for (size_t k = 0; book->pages[i].busy > 0 && k < book->pages[i].count; k++)
			count += book->pages[i].entries[k].state == ENTRY_DIALLING;
	return count;
}

/* There is one at most: is_in_use(). */
static struct entry *entry_in(const struct gossip_book *book, const char *address,
			      enum entry_state state, struct page **ret_page)
{
	for (size_t i = 0; i < book->count; i++) {
		struct entry *entry = NULL;

		if (book->pages[i].busy > 0)
			entry = entry_on(&book->pages[i], address);
		*ret_page = &book->pages[i];
		if (entry != NULL && entry->state == state)
			return entry;
	}
	return NULL;
}

int gossip_book_whose(const struct gossip_book *book, const char *address, uint32_t *ret_member,
		      const struct catalog_node_key **ret_key, size_t *ret_turn)
{
	struct page *page;
	const struct entry *entry = entry_in(book, address, ENTRY_DIALLING, &page);

	if (entry == NULL)
		return -ENOENT;
	*ret_member = page->member;
	*ret_key = entry->has_key ? &entry->key : NULL;
	*ret_turn = entry->place + entry->failures;
	return 0;
}

void gossip_book_opened(struct gossip_book *book, const char *address, uint64_t now_ms)
{
	struct page *page;
	struct entry *entry = entry_in(book, address, ENTRY_DIALLING, &page);

	if (entry == NULL)
		return; /* the caller dialled it by itself */
	entry->state = ENTRY_OPEN;
	entry->opened_ms = now_ms;
}

void gossip_book_met(struct gossip_book *book, const char *address)
{
	struct page *page;
	struct entry *entry = entry_in(book, address, ENTRY_OPEN, &page);

	if (entry == NULL)
		return;
	entry->has_answered = true;
	page->told_failures = 0;
	page->told_due_ms = 0;
}

static uint64_t doubled(uint64_t pause_ms, unsigned failures, uint64_t pause_ms_max)
{
	for (unsigned i = 1; i < failures && pause_ms < pause_ms_max; i++)
		pause_ms *= 2;
	return pause_ms < pause_ms_max ? pause_ms : pause_ms_max;
}

static void count_failures(struct page *page, struct entry *entry, unsigned by,
			   struct gossip_random *random, uint64_t now_ms)
{
	entry->failures += by;
	if (entry->failures > FAILURES_MAX)
		entry->failures = FAILURES_MAX;
	if (!is_told_only(entry))
		return;
	page->told_failures += page->told_failures < FAILURES_MAX;
	page->told_due_ms =
		now_ms +
		gossip_random_jitter(random, doubled(GOSSIP_BOOK_TOLD_PAUSE_MS, page->told_failures,
						     GOSSIP_BOOK_TOLD_PAUSE_MS_MAX));
}

void gossip_book_ended(struct gossip_book *book, const char *address, enum gossip_book_end end,
		       struct gossip_random *random, uint64_t now_ms)
{
	struct page *page;
	struct entry *entry = entry_in(book, address, ENTRY_OPEN, &page);

	if (entry != NULL && now_ms - entry->opened_ms >= GOSSIP_BOOK_STEADY_MS)
		entry->failures = 0;
	if (entry == NULL)
		entry = entry_in(book, address, ENTRY_DIALLING, &page);
	if (entry == NULL)
		return;
	entry->state = ENTRY_IDLE;
	page->busy--;
	switch (end) {
	case GOSSIP_BOOK_FAILED: count_failures(page, entry, 1, random, now_ms); break;
	case GOSSIP_BOOK_CLOSED: break;
	case GOSSIP_BOOK_MISBEHAVED:
		count_failures(page, entry, MISBEHAVED_COUNT, random, now_ms);
		break;
	case GOSSIP_BOOK_SELF: entry->due_ms = NEVER; return;
	}
	entry->due_ms =
		now_ms + gossip_random_jitter(random, doubled(GOSSIP_BOOK_PAUSE_MS, entry->failures,
							      GOSSIP_BOOK_PAUSE_MS_MAX));
	strike(page);
}

void gossip_book_linked(struct gossip_book *book, uint32_t member, int by)
{
	struct page *page = page_of(book, member);

	if (page == NULL)
		return;
	assert(by > 0 || page->link_count > 0);
	page->link_count = (size_t)((int64_t)page->link_count + by);
}
