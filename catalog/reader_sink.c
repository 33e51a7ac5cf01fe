/* Ids given twice are found with a hash table of entries of 16 bytes: the ids themselves, or the
 * places as text, would make its memory depend on what the source writes.  Two ids that share the
 * 64 bits kept of their SHA-256 would be taken for one; among eight million records that happens
 * once in half a million catalogues.  Of the content 32 bits do: it is asked only about records of
 * one id, and if they say "the same" of two that differ, the caller still gets both.
 */
#include "catalog/reader_sink.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/hash.h"

#define ROOM_MIN    1024 /* a power of two, as every room is */
#define PLACE_BYTES 160

/* A listing that was accepted; {0} is a free slot. */
struct catalog_reader_seen {
	uint64_t id;      /* hash */
	uint32_t content; /* hash */
	uint32_t place;   /* its line if its format has lines, else its number; from 1 */
};
_Static_assert(sizeof(struct catalog_reader_seen) == 16, "the header says 16 bytes a record");

void catalog_reader_sink_init(struct catalog_reader_sink *sink, catalog_reader_each each, void *arg)
{
	*sink = (struct catalog_reader_sink){.each = each, .arg = arg};
}

void catalog_reader_sink_close(struct catalog_reader_sink *sink)
{
	free(sink->seen);
	*sink = (struct catalog_reader_sink){0};
}

static uint64_t hash_of(const void *bytes, size_t len)
{
	struct catalog_hash hash;
	uint64_t number;

	catalog_hash_of(bytes, len, &hash);
	memcpy(&number, hash.bytes, sizeof number);
	return number;
}

/* The slot of id, or the free one where it belongs. */
static struct catalog_reader_seen *slot_of(struct catalog_reader_seen *seen, size_t room,
					   uint64_t id)
{
	size_t i = id & (room - 1);

	while (seen[i].place != 0 && seen[i].id != id)
		i = (i + 1) & (room - 1);
	return &seen[i];
}

/* Make room for one more, at most three quarters full. */
static int make_room(struct catalog_reader_sink *sink)
{
	size_t room = sink->seen_room == 0 ? ROOM_MIN : sink->seen_room * 2;
	struct catalog_reader_seen *seen;

	if (sink->seen_count < sink->seen_room / 4 * 3)
		return 0;
	seen = calloc(room, sizeof *seen);
	if (seen == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sink->seen_room; i++)
		if (sink->seen[i].place != 0)
			*slot_of(seen, room, sink->seen[i].id) = sink->seen[i];
	free(sink->seen);
	sink->seen = seen;
	sink->seen_room = room;
	return 0;
}

static void write_place(uint64_t number, const struct catalog_reader_place *place,
			char ret_text[PLACE_BYTES])
{
	if (place->line > 0)
		snprintf(ret_text, PLACE_BYTES, "record %" PRIu64 " (line %" PRIu64 ")", number,
			 place->line);
	else if (place->name != NULL)
		snprintf(ret_text, PLACE_BYTES, "record %" PRIu64 " (%.100s)", number, place->name);
	else
		snprintf(ret_text, PLACE_BYTES, "record %" PRIu64, number);
}

/* Copy text, cut before a character that does not fit. */
static void copy_cut(const char *text, char *ret_text, size_t room)
{
	size_t len = strlen(text), kept = len < room ? len : room - 1;

	while (kept < len && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--;
	memcpy(ret_text, text, kept);
	ret_text[kept] = '\0';
}

static int tell(struct catalog_reader_sink *sink, const struct catalog_reader_place *place,
		struct catalog_reader_record *record)
{
	char text[PLACE_BYTES];

	write_place(sink->count, place, text);
	record->place = text;
	return sink->each(sink->arg, record);
}

/* What names a listing that has no identifier, the most lasting first. */
static bool find_id(const struct catalog_value *listing, const char *identifier,
		    char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	const struct catalog_value *identifiers = catalog_value_get(listing, "identifier");
	const struct catalog_value *distributions = catalog_value_get(listing, "distribution");
	const struct catalog_value *first = NULL, *first_identifier = NULL;

	if (catalog_value_count(distributions) > 0)
		first = catalog_value_at(distributions, 0, NULL);
	if (catalog_value_count(identifiers) > 0)
		first_identifier = catalog_value_at(identifiers, 0, NULL);

	const char *const names[] = {
		identifier,
		catalog_value_text(first_identifier),
		catalog_value_text(catalog_value_get(listing, "landingPage")),
		catalog_value_text(catalog_value_get(first, "accessURL")),
		catalog_value_text(catalog_value_get(first, "downloadURL")),
		catalog_listing_text(catalog_value_get(listing, "title"), NULL, NULL),
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i] != NULL && catalog_listing_make_id(names[i], ret_id) == 0)
			return true;
	return false;
}

/* Whether the id is free.  Returns 0; 1 if it is but the same listing had it; -EEXIST and
 * *ret_problem if another had it; -ENOMEM. */
static int take_id(struct catalog_reader_sink *sink, const struct catalog_reader_place *place,
		   const char *id, const struct catalog_value *listing,
		   struct catalog_problem *ret_problem)
{
	struct catalog_buffer bytes = {0};
	struct catalog_reader_seen *slot;
	char found[CATALOG_ID_BYTES_MAX + 60];
	uint32_t content;
	int r = make_room(sink);

	if (r == 0)
		r = catalog_value_encode(listing, &bytes);
	if (r != 0)
		goto out;
	content = (uint32_t)hash_of(bytes.bytes, bytes.len);
	slot = slot_of(sink->seen, sink->seen_room, hash_of(id, strlen(id)));
	if (slot->place == 0) {
		*slot = (struct catalog_reader_seen){
			hash_of(id, strlen(id)), content,
			(uint32_t)(place->line > 0 ? place->line : sink->count)};
		sink->seen_count++;
	} else if (slot->content == content) {
		r = 1;
	} else {
		*ret_problem = (struct catalog_problem){.path = "/identifier"};
		snprintf(found, sizeof found, "the id of the record %s %" PRIu32 ": %s",
			 place->line > 0 ? "in line" : "of number", slot->place, id);
		copy_cut(found, ret_problem->found, sizeof ret_problem->found);
		snprintf(ret_problem->expected, sizeof ret_problem->expected,
			 "an identifier that no other record of the file has");
		r = -EEXIST;
	}
out:
	catalog_buffer_close(&bytes);
	return r;
}

/* Count a record.  Returns 0, -E2BIG. */
static int count(struct catalog_reader_sink *sink)
{
	if (sink->count == CATALOG_READER_SINK_RECORDS_MAX)
		return -E2BIG;
	sink->count++;
	return 0;
}

static int put(struct catalog_reader_sink *sink, const struct catalog_reader_place *place,
	       const char *identifier, const struct catalog_reader_build *build)
{
	struct catalog_reader_record record = {.repairs = build->repairs};
	struct catalog_problem problem = {0};
	char id[CATALOG_ID_BYTES_MAX + 1];
	int r;

	if (find_id(build->listing, identifier, id))
		record.id = id;
	r = catalog_listing_check(build->listing, &problem);
	if (r == 0 && record.id == NULL) {
		snprintf(problem.path, sizeof problem.path, "/identifier");
		snprintf(problem.found, sizeof problem.found, "nothing");
		snprintf(problem.expected, sizeof problem.expected,
			 "an identifier, landing page, distribution or title to name it by");
		r = -EBADMSG;
	}
	if (r == 0)
		r = take_id(sink, place, id, build->listing, &problem);
	if (r == -ENOMEM)
		return r;
	record.is_repeat = r == 1;
	if (r < 0)
		record.problem = &problem;
	else
		record.listing = build->listing;
	return tell(sink, place, &record);
}

int catalog_reader_sink_put(struct catalog_reader_sink *sink,
			    const struct catalog_reader_place *place, const char *identifier,
			    struct catalog_reader_build *build)
{
	int r = build->error;

	if (r == 0)
		r = count(sink);
	if (r == 0 && catalog_value_count(build->original) > 0) {
		r = catalog_value_set(build->listing, "original", build->original);
		build->original = NULL;
	}
	if (r == 0)
		r = put(sink, place, identifier, build);
	catalog_reader_build_close(build);
	return r;
}

int catalog_reader_sink_reject(struct catalog_reader_sink *sink,
			       const struct catalog_reader_place *place, const char *found,
			       const char *expected)
{
	struct catalog_problem problem = {0};
	struct catalog_reader_record record = {.problem = &problem};
	int r = count(sink);

	if (r != 0)
		return r;
	copy_cut(found, problem.found, sizeof problem.found);
	copy_cut(expected, problem.expected, sizeof problem.expected);
	return tell(sink, place, &record);
}
