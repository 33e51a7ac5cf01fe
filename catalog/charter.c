/* catalog/charter.c - amendments are read one after the other and applied to a charter that nobody
 * else has yet: a copy of the one before.  What each verb does to it is in catalog/charter_rules.
 */
#include "catalog/charter.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/charter_rules.h"
#include "catalog/wire.h"

static int refuse(char *ret_why, int r, const char *sentence)
{
	if (ret_why != NULL)
		(void)snprintf(ret_why, CATALOG_CHANGE_WHY_BYTES, "%s", sentence); /* it fits */
	return r;
}

/* What the charter says now.  What it said before is kept, for those who are reading it. */
static struct catalog_charter_rules *state_of(const struct catalog_charter *charter)
{
	return atomic_load(&charter->state);
}

/* --- copies ---------------------------------------------------------------------------------- */

static void *copy_of(const void *from, size_t count, size_t bytes)
{
	void *copy = reallocarray(NULL, count > 0 ? count : 1, bytes);

	if (copy != NULL && count > 0)
		memcpy(copy, from, count * bytes);
	return copy;
}

static void free_state(struct catalog_charter_rules *state)
{
	if (state == NULL)
		return;
	for (size_t i = 0; i < state->member_count; i++)
		free(state->logs[i].lines);
	free(state->logs);
	free(state->members);
	free(state->steps);
	catalog_buffer_close(&state->bytes);
	free(state);
}

/* Steps and lines tell places in the bytes, not addresses: they hold for the copy. */
static int copy(const struct catalog_charter_rules *from, struct catalog_charter_rules **ret_state)
{
	struct catalog_charter_rules *state = calloc(1, sizeof *state);

	if (state == NULL)
		return -ENOMEM;
	state->profile = from->profile;
	state->council = from->council;
	state->conflict_count = from->conflict_count;
	memcpy(state->conflicts, from->conflicts, sizeof state->conflicts);
	state->steps = copy_of(from->steps, from->step_count, sizeof *from->steps);
	state->members = copy_of(from->members, from->member_count, sizeof *from->members);
	state->logs = copy_of(from->logs, from->member_count, sizeof *from->logs);
	if (state->steps == NULL || state->members == NULL || state->logs == NULL ||
	    catalog_buffer_append(&state->bytes, from->bytes.bytes, from->bytes.len) != 0)
		goto failed;
	state->step_count = from->step_count;
	for (size_t i = 0; i < from->member_count; i++) {
		struct catalog_charter_rules_log *log = &state->logs[i];

		log->lines = copy_of(from->logs[i].lines, log->count, sizeof *log->lines);
		if (log->lines == NULL)
			goto failed;
		state->member_count++; /* so that what is made is ended */
	}
	*ret_state = state;
	return 0;
failed:
	free_state(state);
	return -ENOMEM;
}

/* Give a state to a new charter, or, when r is not 0, end it.  Returns r. */
static int give(struct catalog_charter_rules *state, int r, struct catalog_charter **ret_charter)
{
	struct catalog_charter *charter = r == 0 ? calloc(1, sizeof *charter) : NULL;

	if (charter == NULL) {
		free_state(state);
		return r == 0 ? -ENOMEM : r;
	}
	atomic_init(&charter->state, state);
	*ret_charter = charter;
	return 0;
}

void catalog_charter_replace(struct catalog_charter *charter, struct catalog_charter *with)
{
	struct catalog_charter_rules *state = state_of(with), *oldest = state;

	while (oldest->older != NULL)
		oldest = oldest->older;
	oldest->older = state_of(charter);
	atomic_store(&charter->state, state);
	free(with);
}

void catalog_charter_free(struct catalog_charter *charter)
{
	struct catalog_charter_rules *state = charter == NULL ? NULL : state_of(charter);

	while (state != NULL) {
		struct catalog_charter_rules *older = state->older;

		free_state(state);
		state = older;
	}
	free(charter);
}

/* --- reading --------------------------------------------------------------------------------- */

/* Whether an amendment is the one that comes next. */
static int follows(const struct catalog_charter_rules *state,
		   const struct catalog_amendment *amendment, char *ret_why)
{
	if (amendment->number != state->step_count)
		return refuse(ret_why, -EPROTO, "its number is not the next");
	if (amendment->number > 0 &&
	    !catalog_hash_equal(&amendment->prev, &state->steps[state->step_count - 1].hash))
		return refuse(ret_why, -EPROTO, "it follows another amendment than our newest");
	return 0;
}

/* Apply what it decides; its bytes are in the charter's. */
static int apply(struct catalog_charter_rules *state, const struct catalog_amendment *amendment,
		 char *ret_why)
{
	struct catalog_change *change = malloc(sizeof *change);
	struct catalog_span changes = amendment->changes;
	int r = change == NULL ? -ENOMEM : 0;

	while (r == 0) {
		r = catalog_amendment_next(&changes, change, ret_why);
		if (r == 0)
			r = catalog_charter_rules_apply(state, change, ret_why);
	}
	free(change);
	if (r != -ENOENT)
		return r;
	if (state->council.count == 0 || state->profile.name[0] == '\0')
		return refuse(ret_why, -EPROTO, "it founds nothing: no name, or no council");
	return 0;
}

static bool is_same_council(const struct catalog_council *a, const struct catalog_council *b)
{
	return a->count == b->count && a->threshold == b->threshold &&
	       memcmp(a->keys, b->keys, a->count * sizeof *a->keys) == 0;
}

/* How many of the amendment's signatures, all of which are true, are by the council's keys. */
static size_t count_of(const struct catalog_council *council,
		       const struct catalog_amendment *amendment)
{
	size_t count = 0;

	for (size_t i = 0; i < amendment->signature_count; i++)
		for (size_t k = 0; k < council->count; k++)
			if (memcmp(&council->keys[k], &amendment->signatures[i].key,
				   sizeof *council->keys) == 0) {
				count++;
				break;
			}
	return count;
}

/* Leave only the signatures of those who are asked, and count them. */
static void tally(const struct catalog_council *before, const struct catalog_council *after,
		  struct catalog_amendment *amendment, struct catalog_charter_tally *ret_tally)
{
	struct catalog_key keys[2 * CATALOG_CHARTER_COUNCIL_MAX];
	bool is_changed = before->count > 0 && !is_same_council(before, after);

	if (before->count == 0)
		before = after; /* the founders */
	memcpy(keys, before->keys, before->count * sizeof *keys);
	memcpy(keys + before->count, after->keys, after->count * sizeof *keys);
	(void)catalog_amendment_keep(amendment, keys,
				     before->count + after->count); /* counted in a moment */
	*ret_tally = (struct catalog_charter_tally){
		.signed_count = count_of(before, amendment),
		.needed = before->threshold,
		.is_council_changed = is_changed,
		.new_signed_count = is_changed ? count_of(after, amendment) : 0,
		.new_needed = is_changed ? after->threshold : 0,
	};
}

bool catalog_charter_tally_is_full(const struct catalog_charter_tally *tally)
{
	return tally->signed_count >= tally->needed && tally->new_signed_count >= tally->new_needed;
}

enum trust {
	UNTRUSTED,
	VERIFIED_BEFORE, /* its signatures need not be looked at again */
};

/* Read the amendment at the place in the charter's bytes and apply it. */
static int step(struct catalog_charter_rules *state, enum trust trust, size_t at, size_t len,
		char *ret_why)
{
	struct catalog_amendment *amendment = malloc(sizeof *amendment);
	struct catalog_council *before = malloc(sizeof *before);
	struct catalog_charter_rules_step *steps;
	struct catalog_charter_tally counted;
	size_t signatures;
	int r = -ENOMEM;

	steps = reallocarray(state->steps, state->step_count + 1, sizeof *steps);
	if (steps != NULL)
		state->steps = steps;
	if (amendment == NULL || before == NULL || steps == NULL)
		goto out;
	*before = state->council;
	r = catalog_amendment_decode((struct catalog_span){state->bytes.bytes + at, len},
				     amendment);
	if (r != 0) {
		r = refuse(ret_why, r,
			   r == -E2BIG ? "it is longer than 4 MiB" : "it is no amendment");
		goto out;
	}
	r = follows(state, amendment, ret_why);
	if (r == 0)
		r = apply(state, amendment, ret_why);
	if (r != 0)
		goto out;
	signatures = amendment->signature_count;
	if (trust == UNTRUSTED)
		tally(before, &state->council, amendment, &counted);
	if (trust == UNTRUSTED && amendment->signature_count < signatures)
		r = refuse(ret_why, -EKEYREJECTED,
			   "a signature is false, there twice, or not of the council");
	else if (trust == UNTRUSTED && !catalog_charter_tally_is_full(&counted))
		r = refuse(ret_why, -EKEYREJECTED, "fewer of the council sign than must");
	else
		steps[state->step_count++] =
			(struct catalog_charter_rules_step){at, len, amendment->hash};
out:
	free(amendment);
	free(before);
	return r;
}

static void name_it(uint64_t number, char *why)
{
	char sentence[CATALOG_CHANGE_WHY_BYTES];

	if (number == 0 || why == NULL)
		return;
	memcpy(sentence, why, sizeof sentence);
	sentence[sizeof sentence - 1] = '\0';
	(void)snprintf(why, CATALOG_CHANGE_WHY_BYTES, "amendment %llu: %.160s",
		       (unsigned long long)number, sentence); /* it fits */
}

/* Apply all amendments to a charter that nobody has yet. */
static int step_all(struct catalog_charter_rules *state, enum trust trust,
		    struct catalog_span amendments, char *ret_why)
{
	size_t at = state->bytes.len, len;
	int r;

	if (amendments.len > CATALOG_CHARTER_BYTES_MAX - state->bytes.len)
		return refuse(ret_why, -E2BIG, "the charter is longer than 16 MiB");
	if (amendments.len == 0)
		return refuse(ret_why, -EBADMSG, "there is no amendment");
	r = catalog_buffer_append(&state->bytes, amendments.bytes, amendments.len);
	for (; r == 0 && at < state->bytes.len; at += len) {
		uint64_t number = state->step_count;

		r = catalog_wire_measure(state->bytes.bytes + at, state->bytes.len - at, &len);
		if (r != 0) {
			(void)refuse(ret_why, r, "it is no amendment, or cut short");
		} else {
			r = step(state, trust, at, len, ret_why);
		}
		if (r != 0 && r != -ENOMEM)
			name_it(number, ret_why);
	}
	return r;
}

int catalog_charter_new(struct catalog_span amendments, struct catalog_charter **ret_charter)
{
	struct catalog_charter_rules *state = calloc(1, sizeof *state);

	return give(state, state == NULL ? -ENOMEM : step_all(state, UNTRUSTED, amendments, NULL),
		    ret_charter);
}

int catalog_charter_amend(const struct catalog_charter *charter, struct catalog_span amendments,
			  struct catalog_charter **ret_charter,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_charter_rules *amended = NULL;
	int r = copy(state_of(charter), &amended);

	if (r == 0)
		r = step_all(amended, UNTRUSTED, amendments, ret_why);
	return give(amended, r, ret_charter);
}

int catalog_charter_judge(const struct catalog_charter *charter,
			  struct catalog_amendment *amendment,
			  struct catalog_charter_tally *ret_tally,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	const struct catalog_charter_rules *state = state_of(charter);
	struct catalog_charter_rules *amended = NULL;
	struct catalog_amendment *ours = malloc(sizeof *ours);
	size_t at = state->bytes.len;
	int r = -ENOMEM;

	if (ours == NULL || copy(state, &amended) != 0 ||
	    catalog_buffer_append(&amended->bytes, amendment->body.bytes, amendment->body.len) != 0)
		goto out;
	r = catalog_amendment_decode_body(
		(struct catalog_span){amended->bytes.bytes + at, amendment->body.len}, ours);
	assert(r == 0); /* it was decoded */
	r = follows(state, ours, ret_why);
	if (r == 0)
		r = apply(amended, ours, ret_why);
	if (r == 0)
		tally(&state->council, &amended->council, amendment, ret_tally);
	else if (r != -ENOMEM)
		name_it(amendment->number, ret_why);
out:
	free_state(amended);
	free(ours);
	return r;
}

int catalog_charter_as_of(const struct catalog_charter *charter, uint64_t number,
			  struct catalog_charter **ret_charter)
{
	const struct catalog_charter_rules *from = state_of(charter);
	struct catalog_charter_rules *state = calloc(1, sizeof *state);
	int r = -ENOMEM;

	assert(number < from->step_count);
	if (state != NULL)
		r = step_all(
			state, VERIFIED_BEFORE,
			(struct catalog_span){from->bytes.bytes,
					      from->steps[number].at + from->steps[number].len},
			NULL);
	assert(r == 0 || r == -ENOMEM);
	for (size_t i = 0; r == 0 && i < from->conflict_count; i++)
		if (from->conflicts[i] <= number)
			state->conflicts[state->conflict_count++] = from->conflicts[i];
	return give(state, r, ret_charter);
}

const uint64_t *catalog_charter_conflicts(const struct catalog_charter *charter, size_t *ret_count)
{
	*ret_count = state_of(charter)->conflict_count;
	return state_of(charter)->conflicts;
}

int catalog_charter_set_conflicts(struct catalog_charter *charter, const uint64_t *numbers,
				  size_t count)
{
	struct catalog_charter_rules *state = NULL;
	struct catalog_charter *with = NULL;
	int r;

	assert(count <= CATALOG_CHARTER_CONFLICTS_MAX);
	r = copy(state_of(charter), &state);
	if (r == 0) {
		state->conflict_count = count;
		if (count > 0)
			memcpy(state->conflicts, numbers, count * sizeof *numbers);
	}
	r = give(state, r, &with);
	if (r == 0)
		catalog_charter_replace(charter, with);
	return r;
}

/* --- founding -------------------------------------------------------------------------------- */

/* Append the changes that found; what is wrong with one is in *ret_wrong. */
static int write_founding(const struct catalog_founding *founding, struct catalog_buffer *changes,
			  const char **ret_wrong)
{
	struct catalog_change *change = calloc(1, sizeof *change);
	int r = change == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < founding->member_count + 2; i++) {
		if (i == 0) {
			change->verb = CATALOG_CHANGE_PROFILE;
			(void)snprintf(change->as.profile.name, sizeof change->as.profile.name,
				       "%s", founding->name); /* its length was looked at */
		} else if (i == 1) {
			memset(change, 0, sizeof *change);
			change->verb = CATALOG_CHANGE_COUNCIL;
			change->as.council.count = founding->council_count;
			change->as.council.threshold = founding->threshold;
			memcpy(change->as.council.keys, founding->council,
			       founding->council_count * sizeof *founding->council);
		} else {
			change->verb = CATALOG_CHANGE_ADMIT;
			change->as.admit = founding->members[i - 2];
		}
		*ret_wrong = catalog_change_wrong(change);
		if (*ret_wrong != NULL)
			break;
		r = catalog_change_encode(change, changes);
	}
	free(change);
	return r;
}

static int sign_founding(struct catalog_span body, const struct catalog_secret *secrets,
			 size_t count, struct catalog_buffer *amendment)
{
	struct catalog_signature *signatures = calloc(count, sizeof *signatures);
	struct catalog_hash hash;
	int r = -ENOMEM;

	catalog_hash_of(body.bytes, body.len, &hash);
	for (size_t i = 0; signatures != NULL && i < count; i++)
		catalog_amendment_sign(&hash, &secrets[i], &signatures[i]);
	if (signatures != NULL)
		r = catalog_amendment_encode(body, signatures, count, amendment);
	free(signatures);
	return r;
}

/* What is wrong with a founding; NULL if nothing that can be seen before it is written. */
static const char *wrong_with_founding(const struct catalog_founding *founding, size_t secret_count)
{
	if (strnlen(founding->name, CATALOG_CHARTER_TITLE_BYTES_MAX + 1) >
	    CATALOG_CHARTER_TITLE_BYTES_MAX)
		return "a federation's name is one line of at most 200 bytes";
	if (founding->council_count == 0 || founding->council_count > CATALOG_CHARTER_COUNCIL_MAX ||
	    secret_count > CATALOG_CHARTER_COUNCIL_MAX)
		return "a council has 1 to 64 keys";
	if (founding->member_count > CATALOG_CHARTER_MEMBERS_MAX)
		return "a charter has at most 4,096 members";
	return NULL;
}

int catalog_charter_found(const struct catalog_founding *founding,
			  const struct catalog_secret *secrets, size_t secret_count,
			  struct catalog_buffer *ret_amendment,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	const char *wrong = wrong_with_founding(founding, secret_count);
	struct catalog_charter_rules *state = NULL;
	struct catalog_buffer changes = {0}, body = {0};
	size_t before = ret_amendment->len;
	int r = 0;

	if (wrong == NULL)
		r = write_founding(founding, &changes, &wrong);
	if (r == 0 && wrong == NULL && secret_count < founding->threshold)
		wrong = "fewer keys sign than the threshold asks for";
	if (wrong != NULL)
		r = refuse(ret_why, -EINVAL, wrong);
	if (r == 0)
		r = catalog_amendment_write(0, NULL, founding->time_s,
					    catalog_buffer_span(&changes),
					    founding->member_count + 2, &body);
	if (r == 0)
		r = sign_founding(catalog_buffer_span(&body), secrets, secret_count, ret_amendment);
	if (r != 0)
		goto out;
	/* What readers would refuse is refused here. */
	state = calloc(1, sizeof *state);
	r = state == NULL ? -ENOMEM
			  : step_all(state, UNTRUSTED,
				     (struct catalog_span){ret_amendment->bytes + before,
							   ret_amendment->len - before},
				     ret_why);
	if (r == -EKEYREJECTED)
		(void)refuse(ret_why, r, "a key that signs is not on the council, or signs twice");
	if (r != 0 && r != -ENOMEM)
		r = -EINVAL;
out:
	free_state(state);
	catalog_buffer_close(&changes);
	catalog_buffer_close(&body);
	if (r != 0)
		ret_amendment->len = before;
	return r;
}

/* --- asking ---------------------------------------------------------------------------------- */

const struct catalog_hash *catalog_charter_federation(const struct catalog_charter *charter)
{
	return &state_of(charter)->steps[0].hash;
}

const struct catalog_profile *catalog_charter_profile(const struct catalog_charter *charter)
{
	return &state_of(charter)->profile;
}

const char *catalog_charter_name(const struct catalog_charter *charter)
{
	return state_of(charter)->profile.name;
}

const struct catalog_council *catalog_charter_council(const struct catalog_charter *charter)
{
	return &state_of(charter)->council;
}

uint64_t catalog_charter_number(const struct catalog_charter *charter)
{
	return state_of(charter)->step_count - 1;
}

const struct catalog_hash *catalog_charter_head(const struct catalog_charter *charter)
{
	const struct catalog_charter_rules *state = state_of(charter);

	return &state->steps[state->step_count - 1].hash;
}

const struct catalog_hash *catalog_charter_hash(const struct catalog_charter *charter,
						uint64_t number)
{
	const struct catalog_charter_rules *state = state_of(charter);

	return number < state->step_count ? &state->steps[number].hash : NULL;
}

struct catalog_span catalog_charter_bytes(const struct catalog_charter *charter)
{
	return catalog_buffer_span(&state_of(charter)->bytes);
}

struct catalog_span catalog_charter_amendment(const struct catalog_charter *charter,
					      uint64_t number)
{
	const struct catalog_charter_rules *state = state_of(charter);

	while (number >= state->step_count && state->older != NULL)
		state = state->older; /* it has changed course meanwhile */
	assert(number < state->step_count);
	return (struct catalog_span){state->bytes.bytes + state->steps[number].at,
				     state->steps[number].len};
}

size_t catalog_charter_member_count(const struct catalog_charter *charter)
{
	return state_of(charter)->member_count;
}

const struct catalog_member *catalog_charter_member_at(const struct catalog_charter *charter,
						       size_t i)
{
	const struct catalog_charter_rules *state = state_of(charter);

	while (i >= state->member_count && state->older != NULL)
		state = state->older; /* it has changed course meanwhile */
	assert(i < state->member_count);
	return &state->members[i];
}

const struct catalog_member *catalog_charter_member(const struct catalog_charter *charter,
						    uint32_t index)
{
	return catalog_charter_rules_member(state_of(charter), index);
}

const struct catalog_member *catalog_charter_member_named(const struct catalog_charter *charter,
							  const char *name)
{
	const struct catalog_charter_rules *state = state_of(charter);

	for (size_t i = 0; i < state->member_count; i++)
		if (strcmp(state->members[i].name, name) == 0)
			return &state->members[i];
	return NULL;
}

const struct catalog_member *catalog_charter_member_with_key(const struct catalog_charter *charter,
							     const struct catalog_key *key)
{
	const struct catalog_charter_rules *state = state_of(charter);

	for (size_t i = 0; i < state->member_count; i++)
		if (memcmp(&state->members[i].key, key, sizeof *key) == 0)
			return &state->members[i];
	return NULL;
}

const struct catalog_member *catalog_charter_member_with_node(const struct catalog_charter *charter,
							      const struct catalog_node_key *key)
{
	const struct catalog_charter_rules *state = state_of(charter);

	for (size_t i = 0; i < state->member_count; i++) {
		const struct catalog_member *member = &state->members[i];

		for (size_t k = 0; k < member->node_count; k++)
			if (memcmp(&member->nodes[k], key, sizeof *key) == 0)
				return member;
	}
	return NULL;
}

/* --- lines ----------------------------------------------------------------------------------- */

/* NULL if there is no such member. */
static const struct catalog_charter_rules_log *log_of(const struct catalog_charter_rules *state,
						      uint32_t member)
{
	const struct catalog_member *found = catalog_charter_rules_member(state, member);

	return found == NULL ? NULL : &state->logs[found - state->members];
}

int catalog_charter_line(const struct catalog_charter *charter, uint32_t member, size_t i,
			 struct catalog_charter_line *ret_line)
{
	const struct catalog_charter_rules *state = state_of(charter);
	const struct catalog_charter_rules_log *log = log_of(state, member);

	if (log != NULL && i == CATALOG_CHARTER_NEWEST)
		i = log->count - 1;
	if (log == NULL || i >= log->count)
		return -ENOENT;
	*ret_line = (struct catalog_charter_line){
		.size = log->lines[i].size,
		.root = log->lines[i].root,
		.key = log->lines[i].key,
		.note = {state->bytes.bytes + log->lines[i].note_at, log->lines[i].note_len},
	};
	return 0;
}

uint64_t catalog_charter_end(const struct catalog_charter *charter, uint32_t member)
{
	const struct catalog_charter_rules_log *log = log_of(state_of(charter), member);

	return log == NULL ? 0 : log->end;
}

const struct catalog_key *catalog_charter_key(const struct catalog_charter *charter,
					      uint32_t member, uint64_t size)
{
	const struct catalog_charter_rules_log *log = log_of(state_of(charter), member);

	return log == NULL ? NULL : catalog_charter_rules_key(log, size);
}

int catalog_charter_verify(const struct catalog_charter *charter, uint32_t member,
			   struct catalog_span note, struct catalog_checkpoint *ret_checkpoint)
{
	const struct catalog_charter_rules *state = state_of(charter);
	struct catalog_checkpoint checkpoint;
	int r = catalog_charter_rules_verify(state, member, note, &checkpoint);

	if (r == 0 && checkpoint.size > log_of(state, member)->end)
		r = -EROFS;
	if (r == 0)
		*ret_checkpoint = checkpoint;
	return r;
}
