#include "catalog/index_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_policy.h"
#include "catalog/index_value.h"

static int explain_leaf(const struct catalog_index_plan *plan,
			const struct catalog_index_leaf *leaf, float gives, const char *plus,
			struct catalog_buffer *buffer)
{
	static const struct catalog_index_term none = {.len = 0};
	const struct catalog_index_term *typed =
		leaf->count > 0 ? &plan->terms[leaf->first] : &none;
	const struct catalog_index_term *meant =
		leaf->meant > 0 ? &plan->terms[leaf->first + leaf->meant] : &none;
	int r = catalog_buffer_print(buffer, "%s %.3f (\"%.*s\"", plus, (double)gives,
				     (int)typed->len, (const char *)typed->bytes);

	if (r == 0 && meant->len > 0)
		r = catalog_buffer_print(buffer, ", taken for \"%.*s\"", (int)meant->len,
					 (const char *)meant->bytes);
	return r != 0 ? r
		      : catalog_buffer_print(buffer, ": rarity %.3f, in the listing %.3f)",
					     (double)leaf->idf,
					     leaf->idf > 0 ? (double)(gives / leaf->idf) : 0.0);
}

int catalog_index_answer_explain(const struct catalog_index_plan *plan, const float *gives,
				 double key, enum catalog_query_sort sort,
				 struct catalog_buffer *buffer)
{
	const char *plus = "";
	int r = catalog_buffer_print(buffer, "%.3f =", key);

	for (size_t i = 0; r == 0 && i < plan->leaf_count; i++) {
		if (gives[i] <= 0)
			continue;
		r = explain_leaf(plan, &plan->leaves[i], gives[i], plus, buffer);
		plus = " +";
	}
	if (r == 0 && plus[0] == '\0')
		r = catalog_buffer_print(buffer, " no words to weigh: by %s",
					 sort == CATALOG_QUERY_BY_MODIFIED ? "time of change"
									   : "age of the entry");
	return r == 0 ? catalog_buffer_append(buffer, "", 1) : r;
}

struct counted {
	uint32_t id, count;
};

static int compare_counted(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

int catalog_index_answer_facet(struct catalog_txn *txn, enum catalog_index_facet facet,
			       const uint32_t *counts, uint32_t value_count, size_t most,
			       struct catalog_facet *given)
{
	struct counted *best = calloc(most, sizeof *best);
	struct catalog_index_value_group group = {0};
	size_t count = 0;
	int r = 0;

	given->values = calloc(most, sizeof *given->values);
	if (best == NULL || given->values == NULL) {
		free(best);
		return -ENOMEM;
	}
	for (uint32_t id = 0; id < value_count; id++) {
		struct counted one = {id, counts[id]};
		size_t at;

		given->distinct += one.count > 0;
		if (one.count == 0 || (count == most && one.count <= best[most - 1].count))
			continue;
		for (at = count < most ? count++ : most - 1;
		     at > 0 && best[at - 1].count < one.count; at--)
			best[at] = best[at - 1];
		best[at] = one;
	}
	qsort(best, count, sizeof *best, compare_counted);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct catalog_span value;

		r = catalog_index_value_get(txn, facet, best[i].id, &group, &value);
		if (r != 0)
			break;
		given->values[i].value = strndup((const char *)value.bytes, value.len);
		given->values[i].count = best[i].count;
		given->count++;
		r = given->values[i].value == NULL ? -ENOMEM : 0;
	}
	free(best);
	return r;
}

int catalog_index_answer_usage(struct catalog_txn *txn, const char *asked, const uint32_t *counts,
			       uint32_t value_count, uint64_t all, uint64_t *usage)
{
	struct catalog_index_policy_question question;
	struct catalog_index_policy_text text;
	struct catalog_index_value_group group = {0};
	uint64_t told = 0;

	if (catalog_index_policy_read(asked, &text, &question) != 0)
		return 0;
	for (uint32_t id = 0; id < value_count; id++) {
		struct catalog_span line;
		int r;

		if (counts[id] == 0)
			continue;
		r = catalog_index_value_get(txn, CATALOG_INDEX_FACET_POLICY, id, &group, &line);
		if (r != 0)
			return r;
		usage[catalog_index_policy_ask(line, &question, NULL, 0)] += counts[id];
		told += counts[id];
	}
	usage[CATALOG_INDEX_POLICY_UNKNOWN] += all - told;
	return 0;
}
