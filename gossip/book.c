#include "gossip/book.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEVER            UINT64_MAX
#define MISBEHAVED_COUNT 8 /* failures that it counts as */
#define FAILURES_MAX     16

enum entry_state { ENTRY_IDLE, ENTRY_DIALLING, ENTRY_OPEN };

struct entry {
	char address[CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	uint32_t member;
	size_t place; /* among its member's */
	enum entry_state state;
	unsigned failures; /* in a row */
	uint64_t due_ms;
	uint64_t opened_ms;
};

struct link_count {
	uint32_t member;
	size_t count;
};

struct gossip_book {
	size_t entry_count, room;
	struct entry *entries;
	size_t member_count;
	struct link_count *members; /* in the charter's order */
};

static int add(struct gossip_book *book, uint32_t member, size_t place, const char *address)
{
	struct entry *entry;

	if (book->entry_count == book->room) {
		size_t room = book->room * 2 + 16;
		struct entry *entries = realloc(book->entries, room * sizeof *entries);

		if (entries == NULL)
			return -ENOMEM;
		book->entries = entries;
		book->room = room;
	}
	entry = &book->entries[book->entry_count++];
	*entry = (struct entry){.member = member, .place = place};
	assert(strlen(address) < sizeof entry->address);
	memcpy(entry->address, address, strlen(address) + 1);
	return 0;
}

static int add_member(struct gossip_book *book, const struct catalog_member *member,
		      const struct gossip_node_options *options)
{
	size_t given = 0;
	int r = 0;

	for (size_t i = 0; i < options->address_count && r == 0; i++) {
		if (options->addresses[i].member != member->index)
			continue;
		r = add(book, member->index, given++, options->addresses[i].address);
	}
	for (size_t i = 0; i < member->address_count && r == 0 && given == 0; i++)
		r = add(book, member->index, i, member->addresses[i]);
	return r;
}

int gossip_book_new(const struct catalog_charter *charter,
		    const struct gossip_node_options *options, struct gossip_book **ret_book)
{
	struct gossip_book *book = calloc(1, sizeof *book);
	int r = 0;

	if (book == NULL)
		return -ENOMEM;
	book->member_count = catalog_charter_member_count(charter);
	book->members = calloc(book->member_count + 1, sizeof *book->members);
	if (book->members == NULL)
		r = -ENOMEM;
	for (size_t i = 0; i < book->member_count && r == 0; i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);

		book->members[i].member = member->index;
		if (member->index != options->self)
			r = add_member(book, member, options);
	}
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
	size_t count = catalog_charter_member_count(charter);
	struct link_count *members = reallocarray(book->members, count + 1, sizeof *members);
	int r = 0;

	if (members == NULL)
		return -ENOMEM;
	book->members = members;
	while (book->member_count < count && r == 0) {
		const struct catalog_member *member =
			catalog_charter_member_at(charter, book->member_count);

		if (member->index != self)
			r = add_member(book, member, &nothing);
		members[book->member_count++] = (struct link_count){.member = member->index};
	}
	return r;
}

void gossip_book_free(struct gossip_book *book)
{
	if (book == NULL)
		return;
	free(book->entries);
	free(book->members);
	free(book);
}

static struct link_count *links_of(const struct gossip_book *book, uint32_t member)
{
	for (size_t i = 0; i < book->member_count; i++)
		if (book->members[i].member == member)
			return &book->members[i];
	return NULL;
}

/* Nobody of its member is linked with us or being dialled. */
static bool is_wanted(const struct gossip_book *book, const struct entry *entry)
{
	const struct link_count *links = links_of(book, entry->member);

	if (entry->state != ENTRY_IDLE || entry->due_ms == NEVER)
		return false;
	if (links == NULL || links->count > 0)
		return false;
	for (size_t i = 0; i < book->entry_count; i++)
		if (book->entries[i].member == entry->member &&
		    book->entries[i].state != ENTRY_IDLE)
			return false;
	return true;
}

int gossip_book_next(struct gossip_book *book, struct gossip_random *random, uint64_t now_ms,
		     const char **ret_address, uint32_t *ret_member, uint64_t *ret_due_ms)
{
	struct entry *chosen = NULL;
	uint64_t due_ms = NEVER;
	size_t ready = 0;

	for (size_t i = 0; i < book->entry_count; i++) {
		struct entry *entry = &book->entries[i];

		if (!is_wanted(book, entry))
			continue;
		if (entry->due_ms > now_ms) {
			if (entry->due_ms < due_ms)
				due_ms = entry->due_ms;
			continue;
		}
		/* Each of those that are ready is as likely as the others. */
		if (gossip_random_below(random, ++ready) == 0)
			chosen = entry;
	}
	if (chosen == NULL) {
		*ret_due_ms = due_ms;
		return -ENOENT;
	}
	chosen->state = ENTRY_DIALLING;
	*ret_address = chosen->address;
	*ret_member = chosen->member;
	return 0;
}

size_t gossip_book_dialling(const struct gossip_book *book)
{
	size_t count = 0;

	for (size_t i = 0; i < book->entry_count; i++)
		count += book->entries[i].state == ENTRY_DIALLING;
	return count;
}

static struct entry *entry_in(const struct gossip_book *book, const char *address,
			      enum entry_state state)
{
	for (size_t i = 0; i < book->entry_count; i++)
		if (book->entries[i].state == state &&
		    strcmp(book->entries[i].address, address) == 0)
			return &book->entries[i];
	return NULL;
}

int gossip_book_whose(const struct gossip_book *book, const char *address, uint32_t *ret_member,
		      size_t *ret_turn)
{
	const struct entry *entry = entry_in(book, address, ENTRY_DIALLING);

	if (entry == NULL)
		return -ENOENT;
	*ret_member = entry->member;
	*ret_turn = entry->place + entry->failures;
	return 0;
}

void gossip_book_opened(struct gossip_book *book, const char *address, uint64_t now_ms)
{
	struct entry *entry = entry_in(book, address, ENTRY_DIALLING);

	if (entry == NULL)
		return; /* the caller dialled it by itself */
	entry->state = ENTRY_OPEN;
	entry->opened_ms = now_ms;
}

void gossip_book_ended(struct gossip_book *book, const char *address, enum gossip_book_end end,
		       struct gossip_random *random, uint64_t now_ms)
{
	struct entry *entry = entry_in(book, address, ENTRY_OPEN);
	uint64_t pause_ms = GOSSIP_BOOK_PAUSE_MS;

	if (entry != NULL && now_ms - entry->opened_ms >= GOSSIP_BOOK_STEADY_MS)
		entry->failures = 0;
	if (entry == NULL)
		entry = entry_in(book, address, ENTRY_DIALLING);
	if (entry == NULL)
		return;
	entry->state = ENTRY_IDLE;
	switch (end) {
	case GOSSIP_BOOK_FAILED: entry->failures++; break;
	case GOSSIP_BOOK_CLOSED: break;
	case GOSSIP_BOOK_MISBEHAVED: entry->failures += MISBEHAVED_COUNT; break;
	case GOSSIP_BOOK_SELF: entry->due_ms = NEVER; return;
	}
	if (entry->failures > FAILURES_MAX)
		entry->failures = FAILURES_MAX;
	for (unsigned i = 1; i < entry->failures && pause_ms < GOSSIP_BOOK_PAUSE_MS_MAX; i++)
		pause_ms *= 2;
	if (pause_ms > GOSSIP_BOOK_PAUSE_MS_MAX)
		pause_ms = GOSSIP_BOOK_PAUSE_MS_MAX;
	entry->due_ms = now_ms + gossip_random_jitter(random, pause_ms);
}

void gossip_book_linked(struct gossip_book *book, uint32_t member, int by)
{
	struct link_count *links = links_of(book, member);

	if (links == NULL)
		return;
	assert(by > 0 || links->count > 0);
	links->count = (size_t)((int64_t)links->count + by);
}
