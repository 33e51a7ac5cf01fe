#include "node/motions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/motion.h"
#include "catalog/note.h"
#include "node/answer.h"
#include "node/fields.h"
#include "node/keyfile.h"
#include "node/publish.h"

#define BODIES_BYTES_MAX (2u * 1024 * 1024) /* of one list */
#define DIGITS_MIN       8
#define DAYS             14
#define DAYS_MAX         365
#define DAY_S            (24 * 60 * 60)

static struct catalog_value *base64_of(struct catalog_span bytes)
{
	struct catalog_buffer text = {0};
	struct catalog_value *value = NULL;

	if (catalog_note_append_base64(&text, bytes) == 0)
		value = catalog_value_new_string_n((const char *)text.bytes, text.len);
	catalog_buffer_close(&text);
	return value;
}

static struct catalog_value *voters_of(const struct catalog_charter *charter,
				       const struct catalog_amendment *amendment)
{
	struct catalog_value *voters = catalog_value_new_list();
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];

	for (size_t i = 0; i < amendment->signature_count && voters != NULL; i++) {
		const struct catalog_key *key = &amendment->signatures[i].key;
		const struct catalog_member *member = catalog_charter_member_with_key(charter, key);

		node_keyfile_fingerprint(key, print);
		if (catalog_value_append(
			    voters,
			    catalog_value_new_string(member != NULL ? member->name : print)) != 0) {
			catalog_value_free(voters);
			voters = NULL;
		}
	}
	return voters;
}

static void tally_fields(struct node_fields *fields, const struct catalog_charter *charter,
			 const struct catalog_amendment *amendment,
			 const struct catalog_charter_tally *tally)
{
	node_fields_value(fields, "voters", voters_of(charter, amendment));
	node_fields_count(fields, "signed", tally->signed_count);
	node_fields_count(fields, "needed", tally->needed);
	node_fields_bool(fields, "council_changes", tally->is_council_changed);
	node_fields_count(fields, "new_signed",
			  tally->is_council_changed ? tally->new_signed_count : 0);
	node_fields_count(fields, "new_needed", tally->is_council_changed ? tally->new_needed : 0);
}

/* --- listing --------------------------------------------------------------------------------- */

struct listing {
	const struct node_control_options *options;
	struct catalog_txn *txn;
	int64_t now_s;
	struct catalog_value *motions;
	struct catalog_amendment *amendment;
	size_t bodies_len;
};

static int open_fields(struct listing *listing, const struct catalog_motion *motion,
		       struct node_fields *fields)
{
	const struct catalog_charter *charter = listing->options->charter;
	struct catalog_charter_tally tally = {0};
	int r = catalog_motion_gather(listing->txn, charter, motion->body, listing->amendment);

	if (r == 0)
		r = catalog_charter_judge(charter, listing->amendment, &tally, NULL);
	if (r == -ENOMEM || r == -EIO)
		return r;
	if (r == 0) /* else it is against a rule, and nobody can vote for it */
		tally_fields(fields, charter, listing->amendment, &tally);
	if (listing->bodies_len + motion->body.len <= BODIES_BYTES_MAX) {
		listing->bodies_len += motion->body.len;
		node_fields_value(fields, "amendment", base64_of(motion->body));
	}
	return 0;
}

static int list_one(void *arg, const struct catalog_motion *motion)
{
	struct listing *listing = arg;
	const struct catalog_charter *charter = listing->options->charter;
	const struct catalog_member *member = catalog_charter_member(charter, motion->member);
	enum catalog_motion_state state = catalog_motion_state(charter, motion, listing->now_s);
	struct node_fields fields;
	int r = 0;

	node_fields_init(&fields);
	node_fields_hash(&fields, "id", &motion->hash);
	node_fields_count(&fields, "number", motion->number);
	node_fields_text(&fields, "state", catalog_motion_state_word(state));
	node_fields_text(&fields, "member", member != NULL ? member->name : "");
	node_fields_time(&fields, "time", motion->time_s);
	node_fields_time(&fields, "expires", motion->expires_s);
	if (state == CATALOG_MOTION_OPEN)
		r = open_fields(listing, motion, &fields);
	if (r != 0) {
		node_fields_drop(&fields);
		return r;
	}
	return node_fields_append(&fields, listing->motions);
}

int node_motions_list(const struct node_control_options *options, struct catalog_value **ret_answer,
		      struct node_error *ret_error)
{
	struct listing listing = {.options = options, .now_s = (int64_t)time(NULL)};
	struct node_fields fields;
	int r = node_answer_begin(options, &listing.txn, "charter-motions", ret_error);

	if (r != 0)
		return r;
	listing.motions = catalog_value_new_list();
	listing.amendment = malloc(sizeof *listing.amendment);
	r = listing.motions == NULL || listing.amendment == NULL ? -ENOMEM : 0;
	if (r == 0)
		r = catalog_motion_walk(listing.txn, options->charter, list_one, &listing);
	catalog_store_end(listing.txn);
	free(listing.amendment);
	if (r != 0) {
		catalog_value_free(listing.motions);
		return node_answer_failed(ret_error, r, "charter-motions");
	}
	node_fields_init(&fields);
	node_fields_value(&fields, "motions", listing.motions);
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "charter-motions");
}

/* --- voting ---------------------------------------------------------------------------------- */

/* A vote that is being given. */
struct ballot {
	const struct node_control_options *options;
	const char *verb;           /* "propose", "vote" */
	struct catalog_buffer body; /* of the amendment */
	int64_t expires_s;
	struct catalog_amendment *amendment; /* borrows from body */
	struct catalog_charter_tally tally;
	struct catalog_buffer vote, motion, new_vote; /* bodies of the entries, or empty */
	char id[CATALOG_MOTION_ID_BYTES], place[12];
	char new_id[CATALOG_MOTION_ID_BYTES + sizeof CATALOG_MOTION_NEW];
};

static void close_ballot(struct ballot *ballot)
{
	catalog_buffer_close(&ballot->body);
	catalog_buffer_close(&ballot->vote);
	catalog_buffer_close(&ballot->motion);
	catalog_buffer_close(&ballot->new_vote);
	free(ballot->amendment);
}

static int check_voter(const struct node_control_options *options, struct node_error *error)
{
	const struct catalog_member *member;

	if (options->member == NULL || options->secret == NULL)
		return node_error_set(error, -ENOKEY,
				      "this node has no member's key, so it cannot vote");
	member = catalog_charter_member(options->charter, options->member->index);
	if (member == NULL || member->standing != CATALOG_STANDING_MEMBER)
		return node_error_set(error, -EPERM,
				      "%s is suspended or expelled: its log takes no votes",
				      options->member->name);
	return 0;
}

/* Judge the amendment, and sign it as our member. */
static int sign(struct ballot *ballot, struct node_error *error)
{
	const struct node_control_options *options = ballot->options;
	char why[CATALOG_CHANGE_WHY_BYTES] = "it is no amendment";
	struct catalog_signature signature;
	struct catalog_txn *txn;
	size_t count;
	int r = node_answer_begin(options, &txn, ballot->verb, error);

	if (r != 0)
		return r;
	ballot->amendment = malloc(sizeof *ballot->amendment);
	r = ballot->amendment == NULL
		    ? -ENOMEM
		    : catalog_motion_gather(txn, options->charter,
					    catalog_buffer_span(&ballot->body), ballot->amendment);
	catalog_store_end(txn);
	if (r == 0)
		r = catalog_charter_judge(options->charter, ballot->amendment, &ballot->tally, why);
	if (r == -ENOMEM || r == -EIO)
		return node_answer_failed(error, r, ballot->verb);
	if (r != 0)
		return node_error_set(error, -EPERM, "the charter cannot be amended so: %s", why);
	catalog_amendment_sign(&ballot->amendment->hash, options->secret, &signature);
	count = ballot->amendment->signature_count;
	r = catalog_amendment_add(ballot->amendment, &signature);
	if (r != 0)
		return node_error_set(error, -EPERM,
				      r == -EEXIST ? "%s has voted for it already"
						   : "%s: it has too many votes",
				      options->member->name);
	if (catalog_charter_judge(options->charter, ballot->amendment, &ballot->tally, NULL) != 0)
		return node_answer_failed(error, -ENOMEM, ballot->verb);
	if (ballot->amendment->signature_count == count)
		return node_error_set(error, -EPERM,
				      "%s is not on the council: nobody asks for its vote",
				      options->member->name);
	catalog_hash_to_hex(&ballot->amendment->hash, ballot->id);
	r = catalog_motion_encode_vote(&ballot->amendment->hash, &signature, &ballot->vote);
	return r == 0 ? 0 : node_answer_failed(error, r, ballot->verb);
}

/* Commit the entries, and amend the charter if that is enough. */
static int cast(struct ballot *ballot, const struct catalog_value *request,
		struct catalog_value **ret_answer, struct node_error *error)
{
	const struct node_control_options *options = ballot->options;
	struct node_publish_entry entries[3];
	size_t count = 0;
	uint64_t before = catalog_charter_number(options->charter);
	struct node_fields fields;
	unsigned taken;
	int r;

	entries[count++] = (struct node_publish_entry){CATALOG_ENTRY_VOTE, ballot->id,
						       catalog_buffer_span(&ballot->vote)};
	if (ballot->motion.len > 0)
		entries[count++] = (struct node_publish_entry){
			CATALOG_ENTRY_MOTION, ballot->place, catalog_buffer_span(&ballot->motion)};
	if (ballot->new_vote.len > 0)
		entries[count++] = (struct node_publish_entry){
			CATALOG_ENTRY_VOTE, ballot->new_id, catalog_buffer_span(&ballot->new_vote)};
	r = node_publish_entries(options, request, ballot->verb, entries, count, error);
	if (r != 0)
		return r;
	node_fields_init(&fields); /* first: the votes are counted by the charter as it was */
	node_fields_text(&fields, "id", ballot->id);
	node_fields_count(&fields, "number", ballot->amendment->number);
	node_fields_time(&fields, "expires", ballot->expires_s);
	tally_fields(&fields, options->charter, ballot->amendment, &ballot->tally);
	node_fields_value(&fields, "amendment", base64_of(catalog_buffer_span(&ballot->body)));
	r = catalog_motion_assemble(options->store, options->charter, (int64_t)time(NULL), &taken);
	node_fields_bool(&fields, "taken", catalog_charter_number(options->charter) > before);
	if (r != 0) {
		node_fields_drop(&fields);
		return node_answer_failed(error, r, ballot->verb);
	}
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : node_answer_failed(error, r, ballot->verb);
}

static int read_base64(const struct catalog_value *request, const char *key,
		       struct catalog_buffer *ret_body)
{
	const struct catalog_value *text = catalog_value_get(request, key);
	struct catalog_span base64 = {(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)};
	size_t len = 0;
	int r = catalog_buffer_reserve(ret_body, base64.len + 1);

	if (r == 0)
		r = catalog_note_base64(base64, ret_body->bytes, base64.len + 1, &len);
	if (r == 0)
		ret_body->len = len;
	return r;
}

/* The vote by the key that the amendment is to give us, which comes with the request. */
static int read_new_vote(struct ballot *ballot, const struct catalog_value *request,
			 struct node_error *error)
{
	struct catalog_signature signature;
	struct catalog_hash hash;

	if (catalog_value_get(request, "new_vote") == NULL)
		return 0;
	if (read_base64(request, "new_vote", &ballot->new_vote) != 0 ||
	    catalog_motion_decode_vote(catalog_buffer_span(&ballot->new_vote), &hash, &signature) !=
		    0 ||
	    !catalog_hash_equal(&hash, &ballot->amendment->hash))
		return node_error_set(error, -EINVAL, "new_vote is no vote for this amendment");
	(void)snprintf(ballot->new_id, sizeof ballot->new_id, "%s" CATALOG_MOTION_NEW,
		       ballot->id); /* it fits */
	if (catalog_amendment_add(ballot->amendment, &signature) == -EKEYREJECTED)
		return node_error_set(error, -EINVAL, "new_vote is signed falsely");
	return catalog_charter_judge(ballot->options->charter, ballot->amendment, &ballot->tally,
				     NULL) == 0
		       ? 0
		       : node_answer_failed(error, -ENOMEM, ballot->verb);
}

/* Where in our log the motion goes. */
static int find_place(struct ballot *ballot, struct node_error *error)
{
	const struct node_control_options *options = ballot->options;
	struct catalog_txn *txn;
	unsigned place = 0;
	int r = node_answer_begin(options, &txn, ballot->verb, error);

	if (r != 0)
		return r;
	r = catalog_motion_place(txn, options->charter, options->member->index, (int64_t)time(NULL),
				 &place);
	catalog_store_end(txn);
	if (r == -ENOSPC)
		return node_error_set(error, -EPERM,
				      "%s has %d motions that are open, which is as many as may be",
				      options->member->name, CATALOG_MOTION_PLACES);
	if (r == 0) {
		(void)snprintf(ballot->place, sizeof ballot->place, "%u", place); /* it fits */
		r = catalog_motion_encode(catalog_buffer_span(&ballot->body), ballot->expires_s,
					  &ballot->motion);
	}
	return r == 0 ? 0 : node_answer_failed(error, r, ballot->verb);
}

static bool is_on_council(const struct node_control_options *options)
{
	const struct catalog_council *council = catalog_charter_council(options->charter);

	for (size_t i = 0; i < council->count; i++)
		if (memcmp(&council->keys[i], &options->member->key, sizeof council->keys[i]) == 0)
			return true;
	return false;
}

int node_motions_propose(const struct node_control_options *options,
			 const struct catalog_value *request, struct catalog_value **ret_answer,
			 struct node_error *ret_error)
{
	struct ballot ballot = {.options = options, .verb = "propose"};
	size_t days = DAYS;
	int r = check_voter(options, ret_error);

	if (r == 0)
		r = node_answer_number(request, "days", DAYS, 1, DAYS_MAX, &days, ret_error);
	if (r == 0 && !is_on_council(options))
		r = node_error_set(ret_error, -EPERM,
				   "%s is not on the council: nobody heeds its motions",
				   options->member->name);
	if (r == 0 && read_base64(request, "amendment", &ballot.body) != 0)
		r = node_error_set(ret_error, -EPERM, "the amendment is refused: it is none");
	ballot.expires_s = (int64_t)time(NULL) + (int64_t)days * DAY_S;
	if (r == 0)
		r = sign(&ballot, ret_error);
	if (r == 0)
		r = read_new_vote(&ballot, request, ret_error);
	if (r == 0)
		r = find_place(&ballot, ret_error);
	if (r == 0)
		r = cast(&ballot, request, ret_answer, ret_error);
	close_ballot(&ballot);
	return r;
}

struct search {
	const struct catalog_charter *charter;
	const char *digits;
	int64_t now_s;
	struct ballot *ballot;
	struct catalog_hash hash;
	enum catalog_motion_state state;
	unsigned count;
};

static int compare(void *arg, const struct catalog_motion *motion)
{
	struct search *search = arg;
	char id[CATALOG_MOTION_ID_BYTES];

	catalog_hash_to_hex(&motion->hash, id);
	if (strncmp(id, search->digits, strlen(search->digits)) != 0)
		return 0;
	if (search->count > 0 && catalog_hash_equal(&search->hash, &motion->hash))
		return 0; /* two propose the same */
	search->count++;
	search->hash = motion->hash;
	search->state = catalog_motion_state(search->charter, motion, search->now_s);
	search->ballot->body.len = 0;
	search->ballot->expires_s = motion->expires_s;
	return catalog_buffer_append(&search->ballot->body, motion->body.bytes, motion->body.len);
}

/* The motion whose id begins so. */
static int find(struct ballot *ballot, const char *digits, struct node_error *error)
{
	struct search search = {.charter = ballot->options->charter,
				.digits = digits,
				.now_s = (int64_t)time(NULL),
				.ballot = ballot};
	struct catalog_txn *txn;
	int r;

	if (strlen(digits) < DIGITS_MIN || strspn(digits, "0123456789abcdef") != strlen(digits))
		return node_error_set(error, -EINVAL,
				      "\"%.70s\" is no id of a motion: at least %d of its "
				      "hexadecimal digits, as fedcat charter list shows them",
				      digits, DIGITS_MIN);
	r = node_answer_begin(ballot->options, &txn, ballot->verb, error);
	if (r != 0)
		return r;
	r = catalog_motion_walk(txn, search.charter, compare, &search);
	catalog_store_end(txn);
	if (r != 0)
		return node_answer_failed(error, r, ballot->verb);
	if (search.count == 0)
		return node_error_set(error, -ENOENT, "no motion %s is known here", digits);
	if (search.count > 1)
		return node_error_set(error, -EINVAL,
				      "several motions begin with %s: give more digits", digits);
	if (search.state != CATALOG_MOTION_OPEN)
		return node_error_set(error, -EPERM, "the motion %s is %s, and takes no votes",
				      digits, catalog_motion_state_word(search.state));
	return 0;
}

int node_motions_vote(const struct node_control_options *options,
		      const struct catalog_value *request, struct catalog_value **ret_answer,
		      struct node_error *ret_error)
{
	struct ballot ballot = {.options = options, .verb = "vote"};
	int r = check_voter(options, ret_error);

	if (r == 0)
		r = find(&ballot, catalog_value_text(catalog_value_get(request, "id")), ret_error);
	if (r == 0)
		r = sign(&ballot, ret_error);
	if (r == 0)
		r = cast(&ballot, request, ret_answer, ret_error);
	close_ballot(&ballot);
	return r;
}
