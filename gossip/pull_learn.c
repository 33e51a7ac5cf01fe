/* gossip/pull_learn.c - what a log's chunks tell of those that are to be asked for. */
#include "catalog/chunk.h"
#include "gossip/pull_state.h"

#define STRIDE_MAX ((uint64_t)1 << 40)
#define ROOM_MAX   (16 * GOSSIP_PULL_ROOM_UNIT)
#define ROOM_LEARN (16u * 1024) /* bytes of entries */

/* A chunk that brought little asks for longer ones; one that could not bring all, for shorter. */
static void learn_stride(struct gossip_pull_track *track, const struct catalog_chunk *chunk,
			 bool is_short)
{
	size_t entries = catalog_chunk_entries(chunk), pruned = catalog_chunk_pruned(chunk);
	uint64_t leaves = catalog_chunk_to(chunk) - catalog_chunk_from(chunk);

	if (track->stride == 0)
		track->stride = CATALOG_CHUNK_LEAVES_MAX;
	if (is_short && track->stride > CATALOG_CHUNK_LEAVES_MAX)
		track->stride /= 2;
	if (is_short || pruned == 0 || leaves < track->stride)
		return;
	for (unsigned i = 0;
	     i < 4 && track->stride < STRIDE_MAX && 4 * entries < CATALOG_CHUNK_LEAVES_MAX &&
	     4 * pruned < CATALOG_CHUNK_NODES_MAX &&
	     4 * catalog_chunk_bytes(chunk) < CATALOG_CHUNK_BYTES_MAX;
	     i++) {
		track->stride *= 2;
		entries *= 2;
		pruned *= 2;
	}
}

/* A chunk of few bytes says little of what others take.  Too much room is but a chunk less at once:
 * so it grows at once and shrinks slowly. */
static void learn_room(struct gossip_pull_track *track, const struct catalog_chunk *chunk)
{
	size_t bytes = catalog_chunk_plain(chunk);
	size_t room = catalog_chunk_bytes_packed(chunk) * GOSSIP_PULL_ROOM_UNIT;

	if (room == 0 || bytes < ROOM_LEARN)
		return;
	room = room / bytes + 1;
	if (room > ROOM_MAX)
		room = ROOM_MAX;
	if (room < track->room)
		room = track->room - (track->room - room) / 8;
	track->room = room;
}

static void learn_entries(struct gossip_pull *pull, struct gossip_pull_track *track,
			  const struct catalog_chunk *chunk)
{
	size_t entries = catalog_chunk_entries(chunk), bytes = catalog_chunk_plain(chunk);

	pull->entries += entries;
	pull->plain += bytes;
	if (entries > 0)
		track->entry_bytes = bytes / entries + 1;
	learn_room(track, chunk);
}

void gossip_pull_learn_chunk(struct gossip_pull *pull, struct gossip_pull_track *track,
			     const struct catalog_chunk *chunk, bool is_short)
{
	learn_entries(pull, track, chunk);
	learn_stride(track, chunk, is_short);
}
