/* tools/bench_words.h - words of six languages, by how often they come, for texts that are made up;
 * and chance. */
#ifndef TOOLS_BENCH_WORDS_H
#define TOOLS_BENCH_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define TOOLS_BENCH_WORDS_LANGUAGES 6
#define TOOLS_BENCH_WORDS_RANKS     150000
#define TOOLS_BENCH_WORDS_BYTES_MAX 100

extern const struct tools_bench_words_language {
	const char *tag;
	double share; /* of the texts that are in it */
	const char *suffixes[16];
} tools_bench_words_languages[TOOLS_BENCH_WORDS_LANGUAGES];

struct tools_bench_words;

/* The words are those of the listings below srcdir (catalog/dictionary, tools/demo-data).  The
 * caller owns *ret_words.  Returns 0, -ENOENT if they are not there or too few, -ENOMEM. */
int tools_bench_words_new(const char *srcdir, uint64_t seed, struct tools_bench_words **ret_words);
void tools_bench_words_free(struct tools_bench_words *words);

/* The word of a rank, always the same, in at[0..room), which has TOOLS_BENCH_WORDS_BYTES_MAX.
 * Returns its length. */
size_t tools_bench_words_word(const struct tools_bench_words *words, int language, unsigned rank,
			      char *at, size_t room);

/* 64 bits; a number from 0 on, below 1; 0 .. n - 1; the same, of which k comes 1/(k + 1) times as
 * often as 0.  Any number may begin a state. */
uint64_t tools_bench_words_next(uint64_t *state);
double tools_bench_words_share(uint64_t *state);
unsigned tools_bench_words_below(uint64_t *state, unsigned n);
unsigned tools_bench_words_zipf(uint64_t *state, unsigned n);

#endif
