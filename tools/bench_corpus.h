/* tools/bench_corpus.h - a corpus of listings that are made up, in six languages, and queries of
 * it: the same for the same seed, whatever was asked before. */
#ifndef TOOLS_BENCH_CORPUS_H
#define TOOLS_BENCH_CORPUS_H

#include "tools/bench_engine.h"

enum tools_bench_corpus_class {
	TOOLS_BENCH_RARE,   /* one word, in 10 to 200 listings */
	TOOLS_BENCH_COMMON, /* one word, in some hundredths of a language's listings */
	TOOLS_BENCH_TWO,    /* two words of one listing */
	TOOLS_BENCH_THREE,
	TOOLS_BENCH_QUOTED,    /* two or three words, one after the other */
	TOOLS_BENCH_BEGINNING, /* the first letters of a word */
	TOOLS_BENCH_FACETED,   /* one or two words and a filter, all facets counted */
	TOOLS_BENCH_DEEP,      /* a common word, a page far back */
	TOOLS_BENCH_CLASSES
};

struct tools_bench_corpus;

/* Word lists are taken of the listings below srcdir (catalog/dictionary, tools/demo-data).  count
 * is of the listings.  The caller owns *ret_corpus.  Returns 0, -ENOENT if they are not there,
 * -ENOMEM. */
int tools_bench_corpus_new(const char *srcdir, uint64_t seed, uint32_t count,
			   struct tools_bench_corpus **ret_corpus);
void tools_bench_corpus_free(struct tools_bench_corpus *corpus);

/* Make listing `number`, which may be beyond the count: more of the same.  The caller ends it with
 * tools_bench_corpus_doc_close(). */
void tools_bench_corpus_doc(const struct tools_bench_corpus *corpus, uint32_t number,
			    struct tools_bench_doc *ret_doc);
void tools_bench_corpus_doc_close(struct tools_bench_doc *doc);

/* Make query `number` of a class. */
void tools_bench_corpus_query(const struct tools_bench_corpus *corpus,
			      enum tools_bench_corpus_class kind, unsigned number,
			      struct tools_bench_query *ret_query);
const char *tools_bench_corpus_class_name(enum tools_bench_corpus_class kind);

/* The number of a facet's value: a country's code, a theme's or licence's URL, with its
 * scheme or without, or the last part of it, a
 * year, a language's tag, whatever their case.  TOOLS_BENCH_ENGINE_FACET_MAX if there is none. */
unsigned tools_bench_corpus_number(enum tools_bench_engine_facet facet, const char *value);

#endif
