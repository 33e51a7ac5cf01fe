/* tools/bench_terms.h - the terms of a listing and of a query, as our index has them, for engines
 * that take terms. */
#ifndef TOOLS_BENCH_TERMS_H
#define TOOLS_BENCH_TERMS_H

#include "tools/bench_engine.h"

/* Call each for every text of a listing that is searched, with its field and its language's set,
 * until it returns non-zero, which is then returned. */
typedef int (*tools_bench_terms_each)(void *arg, enum tools_bench_engine_field field,
				      uint32_t language, struct catalog_span text);
int tools_bench_terms_texts(const struct catalog_value *listing, tools_bench_terms_each each,
			    void *arg);

/* Words of a query: for each the terms any of which will do.  A term's first byte is its kind. */
struct tools_bench_terms_word {
	size_t count;
	struct {
		char bytes[CATALOG_INDEX_TEXT_WORD_BYTES_MAX + 1];
		size_t len;
	} terms[16];
};
struct tools_bench_terms {
	size_t count;
	struct tools_bench_terms_word words[TOOLS_BENCH_ENGINE_WORDS_MAX];
};

/* languages: of the stems.  Returns 0, -E2BIG, -ENOMEM. */
int tools_bench_terms_query(struct catalog_index_text *text, const struct tools_bench_query *query,
			    uint32_t languages, struct tools_bench_terms *ret_terms);

#endif
