/* catalog/index_policy.c - ODRL is written in many ways: keys with and without "odrl:", one rule or
 * a list of them, values as text, {"@id": ...} or {"@value": ...}.  What is not understood is left
 * out, and a rule with a constraint that is left out answers nothing: unknown is the honest word.
 */
#include "catalog/index_policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES CATALOG_INDEX_FACET_BYTES_MAX
#define RULES_MAX  32

struct line {
	char bytes[LINE_BYTES + 1];
	size_t len;
	bool full;
};

const char *catalog_index_policy_word(enum catalog_index_policy_answer answer)
{
	switch (answer) {
	case CATALOG_INDEX_POLICY_YES: return "yes";
	case CATALOG_INDEX_POLICY_NO: return "no";
	case CATALOG_INDEX_POLICY_UNKNOWN:
	case CATALOG_INDEX_POLICY_ANSWERS: break;
	}
	return "unknown";
}

/* --- reading ODRL ------------------------------------------------------------------------ */

static const struct catalog_value *get(const struct catalog_value *map, const char *key)
{
	char prefixed[64];
	const struct catalog_value *found = catalog_value_get(map, key);

	if (found != NULL)
		return found;
	snprintf(prefixed, sizeof prefixed, "odrl:%s", key);
	return catalog_value_get(map, prefixed);
}

/* The name that a value is: text, {"@id"}, {"@value"}, or the type of an action with refinements.
 */
static const char *name_of(const struct catalog_value *value)
{
	static const char *const keys[] = {"@id", "@value", "id", "rdf:value", "value"};

	if (catalog_value_text(value) != NULL)
		return catalog_value_text(value);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct catalog_value *inner = catalog_value_get(value, keys[i]);

		if (catalog_value_text(inner) != NULL)
			return catalog_value_text(inner);
		if (inner != NULL && name_of(inner) != NULL)
			return name_of(inner);
	}
	return NULL;
}

static void put(struct line *line, const char *bytes, size_t len)
{
	if (line->full || len > LINE_BYTES - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->bytes + line->len, bytes, len);
	line->len += len;
}

/* A name's last part in lower case, without what parts lines. */
static void put_name(struct line *line, const char *name)
{
	struct catalog_span tail = catalog_index_facet_tail(name, strlen(name));
	const char *colon = memchr(tail.bytes, ':', tail.len);

	if (colon != NULL) {
		tail.len -= (size_t)(colon + 1 - (const char *)tail.bytes);
		tail.bytes = (const uint8_t *)colon + 1;
	}
	for (size_t i = 0; i < tail.len; i++) {
		char c = (char)tolower(tail.bytes[i]);

		put(line, strchr("+-;?@,", c) != NULL ? "_" : &c, 1);
	}
}

static size_t list_count(const struct catalog_value *value)
{
	return catalog_value_type(value) == CATALOG_VALUE_LIST ? catalog_value_count(value)
							       : value != NULL;
}

static const struct catalog_value *list_at(const struct catalog_value *value, size_t i)
{
	return catalog_value_type(value) == CATALOG_VALUE_LIST ? catalog_value_at(value, i, NULL)
							       : value;
}

static bool ends_with(const char *name, const char *end)
{
	size_t a = name == NULL ? 0 : strlen(name), b = strlen(end);

	return a >= b && strcmp(name + a - b, end) == 0;
}

/* Constraints: those on purpose and place are told, "!" stands for any other. */
static void put_constraints(struct line *line, const struct catalog_value *all)
{
	bool other = false;

	for (size_t i = 0; i < list_count(all); i++) {
		const struct catalog_value *one = list_at(all, i);
		const char *left = name_of(get(one, "leftOperand"));
		const char *operator= name_of(get(one, "operator"));
		const struct catalog_value *right = get(one, "rightOperand");
		bool purpose = ends_with(left, "purpose");
		bool place = ends_with(left, "spatial") || ends_with(left, "jurisdiction") ||
			     ends_with(left, "spatialCoverage");

		if ((!purpose && !place) ||
		    (operator!= NULL && !ends_with(operator, "eq") &&
		     !ends_with(operator, "isAnyOf") && !ends_with(operator, "isA") &&
		     !ends_with(operator, "isPartOf") && !ends_with(operator, "in")) ||
		    ends_with(operator, "neq")) {
			other = true;
			continue;
		}
		for (size_t k = 0; k < list_count(right); k++) {
			const char *name = name_of(list_at(right, k));

			if (name == NULL)
				continue;
			put(line, k > 0 ? "," : purpose ? "?" : "@", 1);
			put_name(line, name);
		}
	}
	if (other)
		put(line, "!", 1);
}

static void put_rules(struct line *line, const struct catalog_value *policy, const char *key,
		      const char *sign)
{
	const struct catalog_value *rules = get(policy, key);

	for (size_t i = 0; i < list_count(rules) && i < RULES_MAX; i++) {
		const struct catalog_value *rule = list_at(rules, i), *actions;
		size_t count;

		actions = get(rule, "action");
		count = actions == NULL ? 1 : list_count(actions);
		for (size_t k = 0; k < count; k++) {
			const char *name = actions == NULL ? NULL : name_of(list_at(actions, k));
			size_t before = line->len;

			if (line->len > 0)
				put(line, ";", 1);
			put(line, sign, 1);
			put_name(line, name != NULL ? name : "use");
			put_constraints(line, get(rule, "constraint"));
			if (line->full)
				line->len = before; /* whole rules only */
		}
	}
}

int catalog_index_policy_values(const struct catalog_value *listing, catalog_index_facet_each each,
				void *arg)
{
	const struct catalog_value *policies = catalog_value_get(listing, "policy");
	const struct catalog_value *distributions = catalog_value_get(listing, "distribution");
	struct line line = {.len = 0};

	for (size_t i = 0; i < list_count(policies); i++) {
		put_rules(&line, list_at(policies, i), "prohibition", "-");
		put_rules(&line, list_at(policies, i), "permission", "+");
	}
	if (policies == NULL && catalog_value_count(distributions) == 1) {
		policies = catalog_value_get(catalog_value_at(distributions, 0, NULL), "policy");
		for (size_t i = 0; i < list_count(policies); i++) {
			put_rules(&line, list_at(policies, i), "prohibition", "-");
			put_rules(&line, list_at(policies, i), "permission", "+");
		}
	}
	return line.len == 0 ? 0 : each(arg, CATALOG_INDEX_FACET_POLICY, line.bytes, line.len);
}

/* --- answering --------------------------------------------------------------------------- */

struct rule {
	bool permits, other;
	struct catalog_span action, purposes, places;
};

static struct rule read_rule(struct catalog_span text)
{
	struct rule rule = {.permits = text.len > 0 && text.bytes[0] == '+'};
	struct catalog_span *part = &rule.action;

	for (size_t i = 1; i < text.len; i++) {
		char c = (char)text.bytes[i];

		if (c == '?' || c == '@') {
			part = c == '?' ? &rule.purposes : &rule.places;
			continue;
		}
		if (c == '!') {
			rule.other = true;
			continue;
		}
		if (part->len == 0)
			part->bytes = text.bytes + i;
		part->len = (size_t)(text.bytes + i + 1 - part->bytes);
	}
	return rule;
}

static bool is_one_of(struct catalog_span list, const char *wanted)
{
	size_t len = strlen(wanted), start = 0;

	for (size_t i = 0; i <= list.len; i++) {
		if (i < list.len && list.bytes[i] != ',')
			continue;
		if (i - start == len && memcmp(list.bytes + start, wanted, len) == 0)
			return true;
		start = i + 1;
	}
	return false;
}

/* Country lists may name the country with three letters, by its EU URL's last part. */
static bool has_place(struct catalog_span list, const char *country)
{
	return is_one_of(list, country) || is_one_of(list, "world") || is_one_of(list, "global");
}

enum fit { FITS_NOT, FITS_PERHAPS, FITS };

/* Whether a rule is about what is asked. */
static enum fit fits(const struct rule *rule, const struct catalog_index_policy_question *question)
{
	const char *action = question->action != NULL ? question->action : "use";
	bool names_purpose = rule->purposes.len > 0, names_place = rule->places.len > 0;
	enum fit fit = rule->other ? FITS_PERHAPS : FITS;

	if (!is_one_of(rule->action, action) && !is_one_of(rule->action, "use") &&
	    question->action != NULL)
		return FITS_NOT;
	if (question->action == NULL && !is_one_of(rule->action, "use") &&
	    !(question->purpose != NULL && is_one_of(rule->action, question->purpose)) &&
	    !(question->purpose != NULL && strcmp(question->purpose, "commercial") == 0 &&
	      is_one_of(rule->action, "commercialuse")))
		return FITS_NOT;
	if (names_purpose && question->purpose != NULL &&
	    !is_one_of(rule->purposes, question->purpose))
		return FITS_NOT;
	if (names_place && question->country != NULL && !has_place(rule->places, question->country))
		return FITS_NOT;
	if ((names_purpose && question->purpose == NULL) ||
	    (names_place && question->country == NULL))
		fit = FITS_PERHAPS;
	return fit;
}

enum catalog_index_policy_answer
catalog_index_policy_ask(struct catalog_span line,
			 const struct catalog_index_policy_question *question, char *ret_reason,
			 size_t room)
{
	enum catalog_index_policy_answer answer = CATALOG_INDEX_POLICY_UNKNOWN;
	struct catalog_span because = {0};
	bool perhaps_prohibited = false;
	const char *why = line.len == 0 ? "there is no policy" : "no rule is about this";
	size_t start = 0;

	for (size_t i = 0; i <= line.len; i++) {
		struct catalog_span text = {line.bytes + start, i - start};
		struct rule rule;
		enum fit fit;

		if (i < line.len && line.bytes[i] != ';')
			continue;
		start = i + 1;
		if (text.len < 2)
			continue;
		rule = read_rule(text);
		fit = fits(&rule, question);
		if (!rule.permits && fit == FITS) {
			answer = CATALOG_INDEX_POLICY_NO;
			because = text;
			why = "prohibited";
			break;
		}
		if (!rule.permits && fit == FITS_PERHAPS) {
			perhaps_prohibited = true;
			answer = CATALOG_INDEX_POLICY_UNKNOWN;
			because = text;
			why = "prohibited under a condition";
		}
		if (rule.permits && fit == FITS && !perhaps_prohibited) {
			answer = CATALOG_INDEX_POLICY_YES;
			because = text;
			why = "permitted";
		}
		if (rule.permits && fit == FITS_PERHAPS && answer == CATALOG_INDEX_POLICY_UNKNOWN &&
		    !perhaps_prohibited) {
			because = text;
			why = "permitted under a condition";
		}
	}
	if (ret_reason != NULL)
		snprintf(ret_reason, room, because.len > 0 ? "%s: %.*s" : "%s%.*s", why,
			 (int)because.len, because.len > 0 ? (const char *)because.bytes : "");
	return answer;
}

int catalog_index_policy_read(const char *text, struct catalog_index_policy_text *ret_text,
			      struct catalog_index_policy_question *ret_question)
{
	const char *in = strncmp(text, "in ", 3) == 0 ? text : strstr(text, " in ");
	size_t len = in != NULL ? (size_t)(in - text) : strlen(text);
	const char *country = in == NULL ? NULL : in + (in == text ? 3 : 4);

	if (len > sizeof ret_text->purpose - 1 || (len == 0 && country == NULL) ||
	    (country != NULL && (strlen(country) != 2 || !isalpha((unsigned char)country[0]) ||
				 !isalpha((unsigned char)country[1]))))
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		ret_text->purpose[i] = (char)tolower((unsigned char)text[i]);
	ret_text->purpose[len] = '\0';
	for (size_t i = 0; i < 2; i++)
		ret_text->country[i] =
			country != NULL ? (char)tolower((unsigned char)country[i]) : '\0';
	ret_text->country[2] = '\0';
	*ret_question = (struct catalog_index_policy_question){
		.purpose = len > 0 ? ret_text->purpose : NULL,
		.country = country != NULL ? ret_text->country : NULL};
	return 0;
}
