#include "gossip/link.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gossip_link_new(uint64_t id, const char *address, size_t log_count, uint64_t now_ms,
		    struct gossip_link **ret_link)
{
	struct gossip_link *link = calloc(1, sizeof *link);
	int r;

	if (link == NULL)
		return -ENOMEM;
	link->id = id;
	link->is_outgoing = address != NULL;
	if (address != NULL)
		snprintf(link->address, sizeof link->address, "%s", address);
	link->member = link->named_by = GOSSIP_MESSAGE_MEMBER_NONE;
	link->since_ms = link->heard_ms = link->pinged_ms = now_ms;
	link->unsent_max = GOSSIP_LINK_UNSENT_MAX;
	link->log_count = log_count;
	link->told_of = calloc(log_count + 1, sizeof *link->told_of);
	link->is_dirty = calloc(log_count + 1, sizeof *link->is_dirty);
	link->compared = calloc(log_count + 1, sizeof *link->compared);
	r = link->told_of == NULL || link->is_dirty == NULL || link->compared == NULL ? -ENOMEM : 0;
	if (r == 0)
		r = gossip_frame_reader_new(&link->reader);
	if (r == 0)
		r = gossip_frame_writer_new(&link->writer);
	if (r == 0) {
		*ret_link = link;
		link = NULL; /* the caller's now */
	}
	gossip_link_free(link);
	return r;
}

int gossip_link_grow(struct gossip_link *link, size_t log_count)
{
	size_t added = log_count - link->log_count;
	struct gossip_link_told *told_of;
	bool *is_dirty;
	uint8_t *compared;

	assert(log_count >= link->log_count);
	told_of = reallocarray(link->told_of, log_count + 1, sizeof *told_of);
	if (told_of == NULL)
		return -ENOMEM;
	link->told_of = told_of;
	memset(told_of + link->log_count, 0, (added + 1) * sizeof *told_of);
	is_dirty = reallocarray(link->is_dirty, log_count + 1, sizeof *is_dirty);
	if (is_dirty == NULL)
		return -ENOMEM;
	link->is_dirty = is_dirty;
	memset(is_dirty + link->log_count, 0, (added + 1) * sizeof *is_dirty);
	compared = reallocarray(link->compared, log_count + 1, sizeof *compared);
	if (compared == NULL)
		return -ENOMEM;
	link->compared = compared;
	memset(compared + link->log_count, 0, added + 1);
	link->log_count = log_count;
	return 0;
}

void gossip_link_free(struct gossip_link *link)
{
	if (link == NULL)
		return;
	gossip_channel_free(link->channel);
	gossip_frame_reader_free(link->reader);
	gossip_frame_writer_free(link->writer);
	catalog_buffer_close(&link->amendments);
	catalog_buffer_close(&link->amending);
	catalog_buffer_close(&link->saying);
	free(link->told_of);
	free(link->is_dirty);
	free(link->compared);
	free(link);
}

#define DRAIN_MS 250

_Static_assert(GOSSIP_FRAME_BULK_MAX <= 2u * 1024 * 1024, "a buffer of 2 MiB holds it");

size_t gossip_link_bytes(const struct gossip_link *link)
{
	return gossip_frame_reader_bytes(link->reader) + gossip_frame_writer_waiting(link->writer) +
	       link->unsent;
}

/* What is handed out cannot be overtaken by what is more urgent, so a slow socket gets little. */
void gossip_link_drained(struct gossip_link *link, size_t len, uint64_t now_ms)
{
	uint64_t ms = now_ms - link->drained_ms;

	link->drained += len;
	if (link->unsent > 0 && ms < DRAIN_MS)
		return;
	if (link->unsent == 0) { /* it was waiting for us */
		link->unsent_max = GOSSIP_LINK_UNSENT_MAX;
	} else {
		uint64_t room = link->drained * UINT64_C(500) / ms;

		link->unsent_max = room < GOSSIP_LINK_UNSENT_LEAST ? GOSSIP_LINK_UNSENT_LEAST
				   : room < GOSSIP_LINK_UNSENT_MAX ? (size_t)room
								   : GOSSIP_LINK_UNSENT_MAX;
	}
	link->drained = 0;
	link->drained_ms = now_ms;
}

size_t gossip_link_amending(const struct gossip_link *link)
{
	return link->amendments.room + link->amending.room;
}

static int push(struct gossip_link *link, const struct gossip_message *message)
{
	enum gossip_lane lane =
		message->kind == GOSSIP_MESSAGE_CHUNK ? GOSSIP_LANE_BULK : GOSSIP_LANE_CONTROL;
	struct catalog_buffer bytes = {0};
	int r = gossip_message_encode(message, &bytes);

	if (r == 0)
		r = gossip_frame_writer_push(link->writer, lane, catalog_buffer_span(&bytes));
	catalog_buffer_close(&bytes);
	return r;
}

static void shut(struct gossip_link *link, enum gossip_book_end end, const char *reason)
{
	link->state = GOSSIP_LINK_CLOSING;
	link->end = end;
	snprintf(link->reason, sizeof link->reason, "%s", reason);
}

void gossip_link_say(struct gossip_link *link, const struct gossip_message *message)
{
	int r;

	if (link->state >= GOSSIP_LINK_CLOSING)
		return;
	r = push(link, message);
	if (r == -ENOSPC)
		shut(link, GOSSIP_BOOK_FAILED, "it takes too little of what we have for it");
	else if (r != 0)
		shut(link, GOSSIP_BOOK_FAILED, "out of memory");
}

void gossip_link_close(struct gossip_link *link, enum gossip_book_end end, const char *format, ...)
{
	struct gossip_message bye = {.kind = GOSSIP_MESSAGE_BYE};
	va_list args;

	if (link->state >= GOSSIP_LINK_CLOSING)
		return;
	va_start(args, format);
	vsnprintf(bye.as.bye, sizeof bye.as.bye, format, args);
	va_end(args);
	(void)push(link, &bye); /* it closes, whether the peer learns why or not */
	shut(link, end, bye.as.bye);
}

void gossip_link_touch(struct gossip_link *link, size_t log)
{
	assert(log < link->log_count);
	if (!link->is_dirty[log]) {
		link->is_dirty[log] = true;
		link->dirty_count++;
	}
}

void gossip_link_drop_want(struct gossip_link *link, size_t i)
{
	assert(i < link->want_count);
	link->want_count--;
	memmove(&link->wants[i], &link->wants[i + 1],
		(link->want_count - i) * sizeof link->wants[0]);
}
