#include "tools/bench_terms.h"

#include <errno.h>
#include <string.h>

struct texts {
	tools_bench_terms_each each;
	void *arg;
};

static int each_of_map(const struct texts *texts, const struct catalog_value *map,
		       enum tools_bench_engine_field field)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(map); i++) {
		const char *tag;
		const struct catalog_value *child = catalog_value_at(map, i, &tag);
		bool is_list = catalog_value_type(child) == CATALOG_VALUE_LIST;
		size_t count = is_list ? catalog_value_count(child) : 1;

		for (size_t k = 0; r == 0 && k < count; k++) {
			const struct catalog_value *value =
				is_list ? catalog_value_at(child, k, NULL) : child;
			const char *text = catalog_value_text(value);

			if (text != NULL)
				r = texts->each(
					texts->arg, field, catalog_index_text_language(tag),
					(struct catalog_span){(const uint8_t *)text,
							      catalog_value_text_len(value)});
		}
	}
	return r;
}

int tools_bench_terms_texts(const struct catalog_value *listing, tools_bench_terms_each each,
			    void *arg)
{
	const struct catalog_value *distributions = catalog_value_get(listing, "distribution");
	const struct catalog_value *publisher = catalog_value_get(listing, "publisher");
	struct texts texts = {each, arg};
	int r;

	if ((r = each_of_map(&texts, catalog_value_get(listing, "title"), TOOLS_BENCH_TITLE)) !=
		    0 ||
	    (r = each_of_map(&texts, catalog_value_get(listing, "keyword"), TOOLS_BENCH_KEYWORD)) !=
		    0 ||
	    (r = each_of_map(&texts, catalog_value_get(listing, "description"),
			     TOOLS_BENCH_DESCRIPTION)) != 0 ||
	    (r = each_of_map(&texts, catalog_value_get(publisher, "name"), TOOLS_BENCH_OTHER)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < catalog_value_count(distributions); i++)
		r = each_of_map(
			&texts,
			catalog_value_get(catalog_value_at(distributions, i, NULL), "title"),
			TOOLS_BENCH_OTHER);
	return r;
}

/* --- queries ----------------------------------------------------------------------------------
 */

struct gather {
	struct tools_bench_terms *terms;
	enum tools_bench_engine_how how;
};

static int add(struct tools_bench_terms_word *word, char kind, struct catalog_span bytes)
{
	for (size_t i = 0; i < word->count; i++)
		if (word->terms[i].len == bytes.len + 1 && word->terms[i].bytes[0] == kind &&
		    memcmp(word->terms[i].bytes + 1, bytes.bytes, bytes.len) == 0)
			return 0;
	if (word->count == sizeof word->terms / sizeof *word->terms)
		return -E2BIG;
	word->terms[word->count].bytes[0] = kind;
	memcpy(word->terms[word->count].bytes + 1, bytes.bytes, bytes.len);
	word->terms[word->count++].len = bytes.len + 1;
	return 0;
}

static int each_word(void *arg, enum catalog_index_text_form form, struct catalog_span bytes)
{
	struct gather *gather = arg;
	struct tools_bench_terms *terms = gather->terms;
	bool exact = gather->how == TOOLS_BENCH_PHRASE || gather->how == TOOLS_BENCH_PREFIX;
	struct tools_bench_terms_word *word;
	int r;

	if (form == CATALOG_INDEX_TEXT_WORD) {
		if (terms->count == TOOLS_BENCH_ENGINE_WORDS_MAX)
			return -E2BIG;
		word = &terms->words[terms->count++];
		word->count = 0;
		r = add(word, CATALOG_INDEX_TEXT_WORD, bytes);
		if (r == 0 && !exact)
			r = add(word, CATALOG_INDEX_TEXT_STEM, bytes);
		if (r == 0 && !exact)
			r = add(word, CATALOG_INDEX_TEXT_PART, bytes);
		return r;
	}
	if (form != CATALOG_INDEX_TEXT_STEM || exact)
		return 0;
	word = &terms->words[terms->count - 1];
	r = add(word, CATALOG_INDEX_TEXT_STEM, bytes);
	return r != 0 ? r : add(word, CATALOG_INDEX_TEXT_WORD, bytes);
}

int tools_bench_terms_query(struct catalog_index_text *text, const struct tools_bench_query *query,
			    uint32_t languages, struct tools_bench_terms *ret_terms)
{
	struct gather gather = {ret_terms, query->how};

	ret_terms->count = 0;
	return catalog_index_text_words(
		text, (struct catalog_span){(const uint8_t *)query->text, strlen(query->text)},
		languages, each_word, &gather);
}
