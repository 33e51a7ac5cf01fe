/* catalog/charter_rules.c - a change is judged whole before anything is changed. */
#include "catalog/charter_rules.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(char *ret_why, const char *sentence)
{
	if (ret_why != NULL)
		(void)snprintf(ret_why, CATALOG_CHANGE_WHY_BYTES, "%s", sentence); /* it fits */
	return -EPROTO;
}

const struct catalog_member *catalog_charter_rules_member(const struct catalog_charter_rules *state,
							  uint32_t index)
{
	for (size_t i = 0; i < state->member_count; i++)
		if (state->members[i].index == index)
			return &state->members[i];
	return NULL;
}

/* Whether a member signs, or once signed, with a key. */
static bool has_key(const struct catalog_charter_rules *state, size_t i,
		    const struct catalog_key *key)
{
	const struct catalog_charter_rules_log *log = &state->logs[i];

	if (memcmp(&state->members[i].key, key, sizeof *key) == 0)
		return true;
	for (size_t k = 0; k < log->count; k++)
		if (memcmp(&log->lines[k].key, key, sizeof *key) == 0)
			return true;
	return false;
}

static bool is_key_known(const struct catalog_charter_rules *state, const struct catalog_key *key)
{
	for (size_t i = 0; i < state->member_count; i++)
		if (has_key(state, i, key))
			return true;
	return false;
}

/* --- admit ----------------------------------------------------------------------------------- */

static bool share_a_node(const struct catalog_member *a, const struct catalog_member *b)
{
	for (size_t i = 0; i < a->node_count; i++)
		for (size_t k = 0; k < b->node_count; k++)
			if (memcmp(&a->nodes[i], &b->nodes[k], sizeof a->nodes[i]) == 0)
				return true;
	return false;
}

static bool clashes(const struct catalog_charter_rules *state, const struct catalog_member *member)
{
	for (size_t i = 0; i < state->member_count; i++) {
		const struct catalog_member *other = &state->members[i];

		if (other->index == member->index || strcmp(other->name, member->name) == 0 ||
		    has_key(state, i, &member->key) || share_a_node(other, member))
			return true;
	}
	return false;
}

static int admit(struct catalog_charter_rules *state, const struct catalog_member *member,
		 char *ret_why)
{
	struct catalog_charter_rules_log *logs;
	struct catalog_charter_rules_line *line;
	struct catalog_member *members;

	if (state->member_count == CATALOG_CHARTER_MEMBERS_MAX)
		return refuse(ret_why, "a charter has at most 4,096 members");
	if (clashes(state, member))
		return refuse(ret_why, "two members have the same index, name or key, or a node in "
				       "common");
	members = reallocarray(state->members, state->member_count + 1, sizeof *members);
	if (members == NULL)
		return -ENOMEM;
	state->members = members;
	logs = reallocarray(state->logs, state->member_count + 1, sizeof *logs);
	if (logs == NULL)
		return -ENOMEM;
	state->logs = logs;
	line = calloc(1, sizeof *line);
	if (line == NULL)
		return -ENOMEM;
	catalog_hash_of(NULL, 0, &line->root);
	line->key = member->key;
	members[state->member_count] = *member;
	members[state->member_count].standing = CATALOG_STANDING_MEMBER;
	logs[state->member_count++] =
		(struct catalog_charter_rules_log){CATALOG_CHARTER_OPEN, 1, line};
	return 0;
}

/* --- lines ----------------------------------------------------------------------------------- */

const struct catalog_key *catalog_charter_rules_key(const struct catalog_charter_rules_log *log,
						    uint64_t size)
{
	size_t i = log->count - 1;

	while (i > 0 && log->lines[i].size >= size)
		i--;
	return &log->lines[i].key;
}

int catalog_charter_rules_verify(const struct catalog_charter_rules *state, uint32_t member,
				 struct catalog_span note,
				 struct catalog_checkpoint *ret_checkpoint)
{
	const struct catalog_member *found = catalog_charter_rules_member(state, member);
	const struct catalog_charter_rules_log *log;
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_checkpoint checkpoint;
	int r = -EKEYREJECTED;

	if (found == NULL)
		return -ENOENT;
	log = &state->logs[found - state->members];
	catalog_checkpoint_origin(&state->steps[0].hash, found->name, origin);
	/* Its size tells the key, and the key must have signed its size: the newest first. */
	for (size_t i = log->count; i-- > 0 && r == -EKEYREJECTED;)
		r = catalog_checkpoint_verify(note, origin, &log->lines[i].key, &checkpoint);
	if (r != 0)
		return r;
	if (catalog_checkpoint_verify(note, origin, catalog_charter_rules_key(log, checkpoint.size),
				      &checkpoint) != 0)
		return -EKEYREJECTED;
	for (size_t i = 0; i < log->count; i++)
		if (log->lines[i].size == checkpoint.size &&
		    !catalog_hash_equal(&log->lines[i].root, &checkpoint.root))
			return -EKEYREJECTED;
	*ret_checkpoint = checkpoint;
	return 0;
}

/* Whether a line may be drawn at a checkpoint: the member signed it, by the key for its size. */
static int check_line(const struct catalog_charter_rules *state, uint32_t member,
		      const struct catalog_line *line, char *ret_why)
{
	struct catalog_checkpoint checkpoint;

	if (line->size == 0)
		return 0; /* which was looked at */
	if (catalog_charter_rules_verify(state, member, line->note, &checkpoint) != 0)
		return refuse(ret_why,
			      "it draws a line at a checkpoint that the member did not sign");
	if (checkpoint.size != line->size || !catalog_hash_equal(&checkpoint.root, &line->root))
		return refuse(ret_why, "it draws a line at another checkpoint than its note's");
	return 0;
}

/* Draw a line: those at the same and larger sizes go. */
static int draw(struct catalog_charter_rules *state, size_t i, const struct catalog_line *line,
		const struct catalog_key *key, char *ret_why)
{
	struct catalog_charter_rules_log *log = &state->logs[i];
	struct catalog_charter_rules_line *lines;
	size_t count = log->count;

	while (count > 0 && log->lines[count - 1].size >= line->size)
		count--;
	if (count == CATALOG_CHARTER_LINES_MAX)
		return refuse(ret_why, "a member's log has at most 64 lines");
	lines = reallocarray(log->lines, count + 1, sizeof *lines);
	if (lines == NULL)
		return -ENOMEM;
	lines[count] = (struct catalog_charter_rules_line){
		.size = line->size,
		.root = line->root,
		.key = *key,
		.note_at = line->note.len > 0 ? (size_t)(line->note.bytes - state->bytes.bytes) : 0,
		.note_len = line->note.len};
	log->lines = lines;
	log->count = count + 1;
	return 0;
}

static int move(struct catalog_charter_rules *state, const struct catalog_change *change,
		char *ret_why)
{
	const struct catalog_line *line = &change->as.move.line;
	const struct catalog_member *found =
		catalog_charter_rules_member(state, change->as.move.member);
	struct catalog_member *member;
	struct catalog_key key;
	uint64_t end;
	size_t i;
	int r;

	if (found == NULL)
		return refuse(ret_why, "there is no member of that index");
	i = (size_t)(found - state->members);
	member = &state->members[i];
	key = change->verb == CATALOG_CHANGE_ROTATE ? change->as.move.key : member->key;
	end = state->logs[i].end;
	if (member->standing == CATALOG_STANDING_EXPELLED)
		return refuse(ret_why, "the member was expelled, which is for ever");
	if (change->verb == CATALOG_CHANGE_READMIT &&
	    member->standing != CATALOG_STANDING_SUSPENDED)
		return refuse(ret_why, "only a suspended member can be readmitted");
	if (change->verb == CATALOG_CHANGE_ROTATE && is_key_known(state, &key))
		return refuse(ret_why, "the new key is, or was, a member's");
	if (change->verb != CATALOG_CHANGE_READMIT && line->size > end)
		return refuse(ret_why, "it draws a line beyond where the member was suspended");
	r = check_line(state, member->index, line, ret_why);
	if (r == 0)
		r = draw(state, i, line, &key, ret_why);
	if (r != 0)
		return r;
	member->key = key;
	if (change->verb == CATALOG_CHANGE_READMIT) {
		member->standing = CATALOG_STANDING_MEMBER;
		state->logs[i].end = CATALOG_CHARTER_OPEN;
	} else if (change->verb != CATALOG_CHANGE_ROTATE ||
		   member->standing == CATALOG_STANDING_SUSPENDED) {
		state->logs[i].end = line->size;
	}
	if (change->verb == CATALOG_CHANGE_SUSPEND)
		member->standing = CATALOG_STANDING_SUSPENDED;
	if (change->verb == CATALOG_CHANGE_EXPEL)
		member->standing = CATALOG_STANDING_EXPELLED;
	return 0;
}

int catalog_charter_rules_apply(struct catalog_charter_rules *state,
				const struct catalog_change *change,
				char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	assert(catalog_change_wrong(change) == NULL);
	switch (change->verb) {
	case CATALOG_CHANGE_PROFILE: state->profile = change->as.profile; return 0;
	case CATALOG_CHANGE_COUNCIL: state->council = change->as.council; return 0;
	case CATALOG_CHANGE_ADMIT: return admit(state, &change->as.admit, ret_why);
	case CATALOG_CHANGE_ROTATE:
	case CATALOG_CHANGE_SUSPEND:
	case CATALOG_CHANGE_READMIT:
	case CATALOG_CHANGE_EXPEL: return move(state, change, ret_why);
	}
	return refuse(ret_why, "it is no change that there is");
}
