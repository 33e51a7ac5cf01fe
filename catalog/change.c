/* catalog/change.c - each verb is a map whose fields are read in any order, each at most once. */
#include "catalog/change.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/pack.h"
#include "catalog/unpack.h"
#include "catalog/utf8.h"

static const char *const words[] = {"profile", "council", "admit", "rotate",
				    "suspend", "readmit", "expel"};
#define WORD_COUNT (sizeof words / sizeof *words)

const char *catalog_change_word(enum catalog_change_verb verb)
{
	assert((size_t)verb < WORD_COUNT);
	return words[verb];
}

/* --- what is wrong --------------------------------------------------------------------------- */

static bool name_is_good(const char *name)
{
	size_t len = strnlen(name, CATALOG_MEMBER_NAME_BYTES_MAX + 1);

	if (len == 0 || len > CATALOG_MEMBER_NAME_BYTES_MAX || name[0] == '-')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* One line of UTF-8, 1..max bytes, without control characters. */
static bool line_is_good(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len == 0 || len > max || catalog_utf8_check(text, len) != 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return true;
}

static bool country_is_good(const char *country)
{
	return strnlen(country, 3) == 2 && country[0] >= 'A' && country[0] <= 'Z' &&
	       country[1] >= 'A' && country[1] <= 'Z';
}

static bool terms_are_good(const char (*terms)[CATALOG_CHARTER_TERM_BYTES_MAX + 1], size_t count)
{
	if (count > CATALOG_CHARTER_TERMS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!line_is_good(terms[i], CATALOG_CHARTER_TERM_BYTES_MAX))
			return false;
	return true;
}

static const char *wrong_with_profile(const struct catalog_profile *profile)
{
	if (!line_is_good(profile->name, CATALOG_CHARTER_TITLE_BYTES_MAX))
		return "a federation's name is one line of at most 200 bytes";
	if (!terms_are_good(profile->licences, profile->licence_count))
		return "a profile has at most 32 licences, each one line of at most 200 bytes";
	if (!terms_are_good(profile->vocabularies, profile->vocabulary_count))
		return "a profile has at most 32 vocabularies, each one line of at most 200 bytes";
	if (profile->retention_days > CATALOG_CHARTER_RETENTION_MAX)
		return "superseded entries are kept for at most 36,500 days";
	return NULL;
}

static const char *wrong_with_council(const struct catalog_council *council)
{
	if (council->count == 0 || council->count > CATALOG_CHARTER_COUNCIL_MAX)
		return "a council has 1 to 64 keys";
	if (council->threshold == 0 || council->threshold > council->count)
		return "the threshold is at least 1 and at most the number of the council's keys";
	for (size_t i = 0; i < council->count; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(&council->keys[i], &council->keys[k], sizeof council->keys[i]) ==
			    0)
				return "a key is on the council twice";
	return NULL;
}

static const char *wrong_with_admission(const struct catalog_member *member)
{
	if (member->index == UINT32_MAX)
		return "a member's index is below 4,294,967,295";
	if (!name_is_good(member->name))
		return "a member's name is 1 to 40 of a-z, 0-9 and -, and does not begin with -";
	if (!line_is_good(member->title, CATALOG_CHARTER_TITLE_BYTES_MAX))
		return "a member's title is one line of at most 200 bytes";
	if (!country_is_good(member->country))
		return "a member's country is two capitals of ISO 3166-1, such as KE";
	if (!line_is_good(member->sector, CATALOG_CHARTER_SECTOR_BYTES_MAX))
		return "a member's sector is one line of at most 40 bytes";
	if (member->address_count > CATALOG_CHARTER_ADDRESSES_MAX)
		return "a member has at most 8 addresses";
	for (size_t i = 0; i < member->address_count; i++)
		if (!line_is_good(member->addresses[i], CATALOG_CHARTER_ADDRESS_BYTES_MAX) ||
		    strchr(member->addresses[i], ':') == NULL)
			return "an address is host:port, of at most 255 bytes";
	if (member->node_count > CATALOG_CHARTER_NODES_MAX)
		return "a member has at most 8 nodes to begin with";
	for (size_t i = 0; i < member->node_count; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(&member->nodes[i], &member->nodes[k], sizeof member->nodes[i]) ==
			    0)
				return "a node's key is there twice";
	return NULL;
}

static const char *wrong_with_line(const struct catalog_line *line)
{
	struct catalog_hash nothing;

	if (line->size > 0)
		return line->note.len > 0 && line->note.len <= CATALOG_CHECKPOINT_BYTES_MAX
			       ? NULL
			       : "a line is drawn at a checkpoint, with its note of at most 4 KiB";
	catalog_hash_of(NULL, 0, &nothing);
	if (line->note.len > 0 || !catalog_hash_equal(&line->root, &nothing))
		return "a line at size 0 has the root of nothing, and no note";
	return NULL;
}

const char *catalog_change_wrong(const struct catalog_change *change)
{
	switch (change->verb) {
	case CATALOG_CHANGE_PROFILE: return wrong_with_profile(&change->as.profile);
	case CATALOG_CHANGE_COUNCIL: return wrong_with_council(&change->as.council);
	case CATALOG_CHANGE_ADMIT: return wrong_with_admission(&change->as.admit);
	case CATALOG_CHANGE_ROTATE:
	case CATALOG_CHANGE_SUSPEND:
	case CATALOG_CHANGE_READMIT:
	case CATALOG_CHANGE_EXPEL: return wrong_with_line(&change->as.move.line);
	}
	return "it is no change that there is";
}

/* --- writing --------------------------------------------------------------------------------- */

static int pack_terms(struct catalog_buffer *buffer, const char *name,
		      const char (*terms)[CATALOG_CHARTER_TERM_BYTES_MAX + 1], size_t count)
{
	int r;

	if (count == 0)
		return 0;
	r = catalog_pack_text(buffer, name);
	if (r == 0)
		r = catalog_pack_array(buffer, (uint32_t)count);
	for (size_t i = 0; i < count && r == 0; i++)
		r = catalog_pack_text(buffer, terms[i]);
	return r;
}

static int pack_limits(struct catalog_buffer *buffer, const struct catalog_profile *profile)
{
	uint32_t count = (profile->listing_bytes_max > 0) + (profile->listings_max > 0);
	int r;

	if (count == 0)
		return 0;
	r = catalog_pack_text(buffer, "limits");
	if (r == 0)
		r = catalog_pack_map(buffer, count);
	if (r == 0 && profile->listing_bytes_max > 0 &&
	    (r = catalog_pack_text(buffer, "listing_bytes")) == 0)
		r = catalog_pack_number(buffer, profile->listing_bytes_max);
	if (r == 0 && profile->listings_max > 0 && (r = catalog_pack_text(buffer, "listings")) == 0)
		r = catalog_pack_number(buffer, profile->listings_max);
	return r;
}

static int pack_profile(struct catalog_buffer *buffer, const struct catalog_profile *profile)
{
	uint32_t count = 1 + (profile->licence_count > 0) + (profile->vocabulary_count > 0) +
			 (profile->listing_bytes_max > 0 || profile->listings_max > 0) +
			 (profile->retention_days > 0);
	int r;

	if ((r = catalog_pack_map(buffer, count)) != 0 ||
	    (r = catalog_pack_text(buffer, "name")) != 0 ||
	    (r = catalog_pack_text(buffer, profile->name)) != 0 ||
	    (r = pack_terms(buffer, "licences", profile->licences, profile->licence_count)) != 0 ||
	    (r = pack_terms(buffer, "vocabularies", profile->vocabularies,
			    profile->vocabulary_count)) != 0 ||
	    (r = pack_limits(buffer, profile)) != 0 || profile->retention_days == 0)
		return r;
	r = catalog_pack_text(buffer, "retention");
	return r != 0 ? r : catalog_pack_number(buffer, profile->retention_days);
}

static int pack_council(struct catalog_buffer *buffer, const struct catalog_council *council)
{
	int r;

	if ((r = catalog_pack_map(buffer, 2)) != 0 ||
	    (r = catalog_pack_text(buffer, "keys")) != 0 ||
	    (r = catalog_pack_array(buffer, (uint32_t)council->count)) != 0)
		return r;
	for (size_t i = 0; i < council->count && r == 0; i++)
		r = catalog_pack_bin(buffer, council->keys[i].bytes, sizeof council->keys[i].bytes);
	if (r == 0)
		r = catalog_pack_text(buffer, "threshold");
	return r != 0 ? r : catalog_pack_number(buffer, council->threshold);
}

static int pack_pair(struct catalog_buffer *buffer, const char *name, const char *text)
{
	int r = catalog_pack_text(buffer, name);

	return r != 0 ? r : catalog_pack_text(buffer, text);
}

static int pack_admission(struct catalog_buffer *buffer, const struct catalog_member *member)
{
	int r;

	if ((r = catalog_pack_map(buffer, member->node_count > 0 ? 8 : 7)) != 0 ||
	    (r = catalog_pack_text(buffer, "index")) != 0 ||
	    (r = catalog_pack_number(buffer, member->index)) != 0 ||
	    (r = pack_pair(buffer, "name", member->name)) != 0 ||
	    (r = pack_pair(buffer, "title", member->title)) != 0 ||
	    (r = catalog_pack_text(buffer, "key")) != 0 ||
	    (r = catalog_pack_bin(buffer, member->key.bytes, sizeof member->key.bytes)) != 0 ||
	    (r = pack_pair(buffer, "country", member->country)) != 0 ||
	    (r = pack_pair(buffer, "sector", member->sector)) != 0 ||
	    (r = catalog_pack_text(buffer, "addresses")) != 0 ||
	    (r = catalog_pack_array(buffer, (uint32_t)member->address_count)) != 0)
		return r;
	for (size_t i = 0; i < member->address_count && r == 0; i++)
		r = catalog_pack_text(buffer, member->addresses[i]);
	if (r != 0 || member->node_count == 0)
		return r;
	r = catalog_pack_text(buffer, "node");
	if (r == 0)
		r = catalog_pack_array(buffer, (uint32_t)member->node_count);
	for (size_t i = 0; i < member->node_count && r == 0; i++)
		r = catalog_pack_bin(buffer, member->nodes[i].bytes, sizeof member->nodes[i].bytes);
	return r;
}

static int pack_line(struct catalog_buffer *buffer, const struct catalog_line *line)
{
	int r;

	if ((r = catalog_pack_map(buffer, line->size > 0 ? 3 : 2)) != 0 ||
	    (r = catalog_pack_text(buffer, "size")) != 0 ||
	    (r = catalog_pack_number(buffer, line->size)) != 0 ||
	    (r = catalog_pack_text(buffer, "root")) != 0 ||
	    (r = catalog_pack_bin(buffer, line->root.bytes, sizeof line->root.bytes)) != 0 ||
	    line->size == 0)
		return r;
	r = catalog_pack_text(buffer, "note");
	return r != 0 ? r : catalog_pack_bin(buffer, line->note.bytes, line->note.len);
}

static int pack_move(struct catalog_buffer *buffer, const struct catalog_change *change)
{
	bool is_rotation = change->verb == CATALOG_CHANGE_ROTATE;
	int r;

	if ((r = catalog_pack_map(buffer, is_rotation ? 3 : 2)) != 0 ||
	    (r = catalog_pack_text(buffer, "member")) != 0 ||
	    (r = catalog_pack_number(buffer, change->as.move.member)) != 0)
		return r;
	if (is_rotation && ((r = catalog_pack_text(buffer, "key")) != 0 ||
			    (r = catalog_pack_bin(buffer, change->as.move.key.bytes,
						  sizeof change->as.move.key.bytes)) != 0))
		return r;
	r = catalog_pack_text(buffer, is_rotation ? "after" : "at");
	return r != 0 ? r : pack_line(buffer, &change->as.move.line);
}

int catalog_change_encode(const struct catalog_change *change, struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	int r = catalog_pack_array(buffer, 2);

	assert(catalog_change_wrong(change) == NULL);
	if (r == 0)
		r = catalog_pack_text(buffer, catalog_change_word(change->verb));
	if (r == 0) {
		switch (change->verb) {
		case CATALOG_CHANGE_PROFILE: r = pack_profile(buffer, &change->as.profile); break;
		case CATALOG_CHANGE_COUNCIL: r = pack_council(buffer, &change->as.council); break;
		case CATALOG_CHANGE_ADMIT: r = pack_admission(buffer, &change->as.admit); break;
		case CATALOG_CHANGE_ROTATE:
		case CATALOG_CHANGE_SUSPEND:
		case CATALOG_CHANGE_READMIT:
		case CATALOG_CHANGE_EXPEL: r = pack_move(buffer, change); break;
		}
	}
	if (r != 0)
		buffer->len = before;
	return r;
}

/* --- reading --------------------------------------------------------------------------------- */

/* A map whose fields are read by name. */
struct fields {
	struct catalog_unpack *from;
	const char *const *names; /* ended by NULL; at most 32 */
	uint32_t seen;            /* a bit for each */
	bool is_strange;          /* there is one that we do not know */
};

/* The place of the next field's name, whose value comes next; or -1. */
static int next_field(struct fields *fields)
{
	char name[16];

	catalog_unpack_text(fields->from, name, sizeof name);
	for (int i = 0; fields->names[i] != NULL; i++) {
		if (strcmp(fields->names[i], name) != 0)
			continue;
		if ((fields->seen >> i & 1) != 0)
			break;
		fields->seen |= (uint32_t)1 << i;
		return i;
	}
	fields->is_strange = true;
	fields->from->is_bad = true;
	return -1;
}

/* Whether all of the first count fields were there. */
static bool has_first(const struct fields *fields, unsigned count)
{
	uint32_t wanted = ((uint32_t)1 << count) - 1;

	return (fields->seen & wanted) == wanted;
}

static size_t read_terms(struct catalog_unpack *from,
			 char (*ret_terms)[CATALOG_CHARTER_TERM_BYTES_MAX + 1])
{
	size_t count = catalog_unpack_array(from, CATALOG_CHARTER_TERMS_MAX);

	for (size_t i = 0; i < count; i++)
		catalog_unpack_text(from, ret_terms[i], sizeof ret_terms[i]);
	return from->is_bad ? 0 : count;
}

static bool read_limits(struct catalog_unpack *from, struct catalog_profile *profile)
{
	static const char *const names[] = {"listing_bytes", "listings", NULL};
	struct fields fields = {.from = from, .names = names};
	size_t count = catalog_unpack_map(from, 2);

	for (size_t i = 0; i < count && !from->is_bad; i++) {
		int field = next_field(&fields);

		if (field == 0)
			profile->listing_bytes_max = catalog_unpack_number(from, UINT64_MAX);
		else if (field == 1)
			profile->listings_max = catalog_unpack_number(from, UINT64_MAX);
	}
	return fields.is_strange;
}

static bool read_profile(struct catalog_unpack *from, struct catalog_profile *profile,
			 bool *ret_is_strange)
{
	static const char *const names[] = {"name",   "licences",  "vocabularies",
					    "limits", "retention", NULL};
	struct fields fields = {.from = from, .names = names};
	size_t count = catalog_unpack_map(from, 64);

	for (size_t i = 0; i < count && !from->is_bad; i++) {
		switch (next_field(&fields)) {
		case 0: catalog_unpack_text(from, profile->name, sizeof profile->name); break;
		case 1: profile->licence_count = read_terms(from, profile->licences); break;
		case 2: profile->vocabulary_count = read_terms(from, profile->vocabularies); break;
		case 3: fields.is_strange = read_limits(from, profile); break;
		case 4:
			profile->retention_days = (uint32_t)catalog_unpack_number(
				from, CATALOG_CHARTER_RETENTION_MAX);
			break;
		default: break; /* next_field() has seen to it */
		}
	}
	*ret_is_strange = fields.is_strange;
	return has_first(&fields, 1);
}

static bool read_council(struct catalog_unpack *from, struct catalog_council *council,
			 bool *ret_is_strange)
{
	static const char *const names[] = {"keys", "threshold", NULL};
	struct fields fields = {.from = from, .names = names};
	size_t count = catalog_unpack_map(from, 64);

	for (size_t i = 0; i < count && !from->is_bad; i++) {
		int field = next_field(&fields);

		if (field == 0) {
			council->count = catalog_unpack_array(from, CATALOG_CHARTER_COUNCIL_MAX);
			for (size_t k = 0; k < council->count; k++)
				catalog_unpack_bytes(from, council->keys[k].bytes,
						     sizeof council->keys[k].bytes);
		} else if (field == 1) {
			council->threshold =
				(unsigned)catalog_unpack_number(from, CATALOG_CHARTER_COUNCIL_MAX);
		}
	}
	*ret_is_strange = fields.is_strange;
	return has_first(&fields, 2);
}

static void read_addresses(struct catalog_unpack *from, struct catalog_member *member)
{
	member->address_count = catalog_unpack_array(from, CATALOG_CHARTER_ADDRESSES_MAX);
	for (size_t i = 0; i < member->address_count; i++)
		catalog_unpack_text(from, member->addresses[i], sizeof member->addresses[i]);
}

/* A member whose nodes' keys come later has no such list. */
static void read_nodes(struct catalog_unpack *from, struct catalog_member *member)
{
	member->node_count = catalog_unpack_array(from, CATALOG_CHARTER_NODES_MAX);
	if (member->node_count == 0)
		from->is_bad = true;
	for (size_t i = 0; i < member->node_count; i++)
		catalog_unpack_bytes(from, member->nodes[i].bytes, sizeof member->nodes[i].bytes);
}

static bool read_admission(struct catalog_unpack *from, struct catalog_member *member,
			   bool *ret_is_strange)
{
	static const char *const names[] = {"index",  "name",      "title", "key", "country",
					    "sector", "addresses", "node",  NULL};
	struct fields fields = {.from = from, .names = names};
	size_t count = catalog_unpack_map(from, 64);

	for (size_t i = 0; i < count && !from->is_bad; i++) {
		switch (next_field(&fields)) {
		case 0: member->index = (uint32_t)catalog_unpack_number(from, UINT32_MAX); break;
		case 1: catalog_unpack_text(from, member->name, sizeof member->name); break;
		case 2: catalog_unpack_text(from, member->title, sizeof member->title); break;
		case 3:
			catalog_unpack_bytes(from, member->key.bytes, sizeof member->key.bytes);
			break;
		case 4: catalog_unpack_text(from, member->country, sizeof member->country); break;
		case 5: catalog_unpack_text(from, member->sector, sizeof member->sector); break;
		case 6: read_addresses(from, member); break;
		case 7: read_nodes(from, member); break;
		default: break; /* next_field() has seen to it */
		}
	}
	*ret_is_strange = fields.is_strange;
	return has_first(&fields, 7);
}

static bool read_line(struct catalog_unpack *from, struct catalog_line *line, bool *ret_is_strange)
{
	static const char *const names[] = {"size", "root", "note", NULL};
	struct fields fields = {.from = from, .names = names};
	size_t count = catalog_unpack_map(from, 64);

	for (size_t i = 0; i < count && !from->is_bad; i++) {
		switch (next_field(&fields)) {
		case 0: line->size = catalog_unpack_number(from, INT64_MAX); break;
		case 1:
			catalog_unpack_bytes(from, line->root.bytes, sizeof line->root.bytes);
			break;
		case 2: line->note = catalog_unpack_bin(from); break;
		default: break; /* next_field() has seen to it */
		}
	}
	*ret_is_strange = fields.is_strange;
	return has_first(&fields, 2);
}

static bool read_move(struct catalog_unpack *from, struct catalog_change *change,
		      bool *ret_is_strange)
{
	static const char *const rotation[] = {"member", "after", "key", NULL};
	static const char *const others[] = {"member", "at", NULL};
	bool is_rotation = change->verb == CATALOG_CHANGE_ROTATE, is_strange = false;
	struct fields fields = {.from = from, .names = is_rotation ? rotation : others};
	size_t count = catalog_unpack_map(from, 64);

	for (size_t i = 0; i < count && !from->is_bad; i++) {
		switch (next_field(&fields)) {
		case 0:
			change->as.move.member = (uint32_t)catalog_unpack_number(from, UINT32_MAX);
			break;
		case 1:
			if (!read_line(from, &change->as.move.line, &is_strange))
				from->is_bad = true;
			break;
		case 2:
			catalog_unpack_bytes(from, change->as.move.key.bytes,
					     sizeof change->as.move.key.bytes);
			break;
		default: break; /* next_field() has seen to it */
		}
	}
	*ret_is_strange = fields.is_strange || is_strange;
	return has_first(&fields, is_rotation ? 3 : 2);
}

static bool read_verb(struct catalog_unpack *from, struct catalog_change *change,
		      bool *ret_is_strange)
{
	char word[16];
	size_t verb = 0;

	catalog_unpack_text(from, word, sizeof word);
	while (verb < WORD_COUNT && strcmp(words[verb], word) != 0)
		verb++;
	if (verb == WORD_COUNT) {
		*ret_is_strange = true;
		return false;
	}
	change->verb = (enum catalog_change_verb)verb;
	switch (change->verb) {
	case CATALOG_CHANGE_PROFILE: return read_profile(from, &change->as.profile, ret_is_strange);
	case CATALOG_CHANGE_COUNCIL: return read_council(from, &change->as.council, ret_is_strange);
	case CATALOG_CHANGE_ADMIT: return read_admission(from, &change->as.admit, ret_is_strange);
	case CATALOG_CHANGE_ROTATE:
	case CATALOG_CHANGE_SUSPEND:
	case CATALOG_CHANGE_READMIT:
	case CATALOG_CHANGE_EXPEL: return read_move(from, change, ret_is_strange);
	}
	return false;
}

int catalog_change_decode(struct catalog_span bytes, struct catalog_change *ret_change,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES])
{
	struct catalog_unpack from = catalog_unpack_of(bytes);
	bool is_strange = false, is_whole;
	const char *wrong;

	memset(ret_change, 0, sizeof *ret_change);
	is_whole = catalog_unpack_array(&from, 2) == 2 &&
		   read_verb(&from, ret_change, &is_strange) && catalog_unpack_done(&from);
	if (is_strange)
		wrong = "it has a verb or a field that this version does not know, or one twice";
	else
		wrong = is_whole ? catalog_change_wrong(ret_change)
				 : "it is no change of a charter";
	if (wrong == NULL)
		return 0;
	if (ret_why != NULL)
		(void)snprintf(ret_why, CATALOG_CHANGE_WHY_BYTES, "%s", wrong); /* it fits */
	return is_strange || is_whole ? -EPROTO : -EBADMSG;
}
