#include "gossip/score.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "gossip/state.h"

static struct gossip_score_entry *entry_of(struct gossip_score *score,
					   const struct catalog_node_key *key)
{
	for (size_t i = 0; i < score->count; i++)
		if (memcmp(&score->entries[i].key, key, sizeof *key) == 0)
			return &score->entries[i];
	return NULL;
}

static struct gossip_score_entry *room_in(struct gossip_score *score)
{
	struct gossip_score_entry *first = &score->entries[0];

	if (score->count < GOSSIP_SCORE_MAX)
		return &score->entries[score->count++];
	for (size_t i = 1; i < score->count; i++)
		if (score->entries[i].until_ms < first->until_ms)
			first = &score->entries[i];
	return first;
}

void gossip_score_add(struct gossip_score *score, const struct catalog_node_key *key,
		      uint32_t member, const char *reason, uint64_t now_ms)
{
	struct gossip_score_entry *entry = entry_of(score, key);
	uint64_t pause_ms = GOSSIP_SCORE_PAUSE_MS;

	if (entry == NULL) {
		entry = room_in(score);
		*entry = (struct gossip_score_entry){.key = *key};
	}
	if (now_ms >= entry->until_ms + GOSSIP_SCORE_FORGIVE_MS)
		entry->offences = 0;
	entry->offences++;
	entry->member = member;
	for (unsigned i = 1; i < entry->offences && pause_ms < GOSSIP_SCORE_PAUSE_MS_MAX; i++)
		pause_ms *= 2;
	if (pause_ms > GOSSIP_SCORE_PAUSE_MS_MAX)
		pause_ms = GOSSIP_SCORE_PAUSE_MS_MAX;
	entry->until_ms = now_ms + pause_ms;
	(void)snprintf(entry->reason, sizeof entry->reason, "%s", reason); /* cut if need be */
}

uint64_t gossip_score_until_ms(const struct gossip_score *score, const struct catalog_node_key *key,
			       uint64_t now_ms)
{
	for (size_t i = 0; i < score->count; i++)
		if (memcmp(&score->entries[i].key, key, sizeof *key) == 0)
			return score->entries[i].until_ms > now_ms ? score->entries[i].until_ms : 0;
	return 0;
}

void gossip_score_recall(struct gossip_score *score, const struct gossip_score_entry *entries,
			 size_t count, uint64_t now_ms)
{
	assert(count <= GOSSIP_SCORE_MAX);
	for (size_t i = 0; i < count; i++) {
		struct gossip_score_entry *entry = &score->entries[score->count++];

		*entry = entries[i];
		if (entry->until_ms > GOSSIP_SCORE_PAUSE_MS_MAX)
			entry->until_ms = GOSSIP_SCORE_PAUSE_MS_MAX;
		entry->until_ms += now_ms;
	}
}

size_t gossip_score_look(const struct gossip_node *node, uint64_t now_ms,
			 struct gossip_score_entry *ret_entries, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < node->score.count && count < max; i++)
		if (node->score.entries[i].until_ms + GOSSIP_SCORE_FORGIVE_MS > now_ms)
			ret_entries[count++] = node->score.entries[i];
	return count;
}
