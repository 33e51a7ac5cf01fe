/* tools/bench_engine.h - one way to ask our search index, SQLite's FTS5 and Xapian the same
 * questions about the same documents.
 *
 * All three get the same terms, made by catalog/index_text: what differs is what they do with them.
 * Threads  an engine is written by one thread; each reader is of one thread, any number of them.
 */
#ifndef TOOLS_BENCH_ENGINE_H
#define TOOLS_BENCH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/index_text.h"
#include "catalog/value.h"

#define TOOLS_BENCH_ENGINE_HITS_MAX  10
#define TOOLS_BENCH_ENGINE_WORDS_MAX 32
#define TOOLS_BENCH_ENGINE_FACET_MAX 64 /* values of one facet */

enum tools_bench_engine_field {
	TOOLS_BENCH_TITLE,
	TOOLS_BENCH_KEYWORD,
	TOOLS_BENCH_DESCRIPTION,
	TOOLS_BENCH_OTHER, /* publisher's name, distributions' titles */
	TOOLS_BENCH_FIELDS
};

enum tools_bench_engine_facet {
	TOOLS_BENCH_COUNTRY,
	TOOLS_BENCH_LICENCE,
	TOOLS_BENCH_YEAR,
	TOOLS_BENCH_LANGUAGE,
	TOOLS_BENCH_THEME, /* one or two of a document; the others are one */
	TOOLS_BENCH_FACETS
};

/* A document.  What is of the facets is numbered from 0, below TOOLS_BENCH_ENGINE_FACET_MAX. */
struct tools_bench_doc {
	uint32_t number;
	struct catalog_value *listing; /* owned */
	uint8_t facets[TOOLS_BENCH_FACETS];
	uint8_t second_theme;
};

enum tools_bench_engine_how {
	TOOLS_BENCH_WORDS, /* all of them, ranked */
	TOOLS_BENCH_ANY,   /* any of them, ranked */
	TOOLS_BENCH_PHRASE,
	TOOLS_BENCH_PREFIX, /* one word, of which the text is the beginning */
};

struct tools_bench_query {
	char text[200];
	enum tools_bench_engine_how how;
	bool facets;                     /* count them all */
	const char *country, *theme_url; /* filters; NULL: none */
	size_t offset;                   /* of the first of TOOLS_BENCH_ENGINE_HITS_MAX hits */
};

struct tools_bench_answer {
	uint64_t total;
	size_t count;
	uint64_t hits[TOOLS_BENCH_ENGINE_HITS_MAX]; /* as the engine names them, best first */
	uint64_t counts[TOOLS_BENCH_FACETS][TOOLS_BENCH_ENGINE_FACET_MAX];
};

struct tools_bench_store; /* an engine's own: open to write */
struct tools_bench_reader;

/* Functions return 0 or a negative errno; -ENOTSUP is "not there yet". */
struct tools_bench_engine {
	const char *name;
	/* dir exists and is empty. */
	int (*open)(const char *dir, struct tools_bench_store **ret_store);
	int (*add)(struct tools_bench_store *store, const struct tools_bench_doc *docs,
		   size_t count);
	/* Make what was added durable; OPTIMIZE is what is done once after a bulk load. */
	int (*finish)(struct tools_bench_store *store);
	int (*optimize)(struct tools_bench_store *store);   /* NULL: nothing is to be done */
	uint64_t (*bytes)(struct tools_bench_store *store); /* of the index, on disk */
	void (*close)(struct tools_bench_store *store);
	int (*reader_new)(struct tools_bench_store *store, struct tools_bench_reader **ret_reader);
	int (*search)(struct tools_bench_reader *reader, const struct tools_bench_query *query,
		      struct tools_bench_answer *ret_answer);
	/* The document's number of a hit. */
	int (*number)(struct tools_bench_reader *reader, uint64_t hit, uint32_t *ret_number);
	void (*reader_free)(struct tools_bench_reader *reader);
};

extern const struct tools_bench_engine tools_bench_fedcat;
extern const struct tools_bench_engine tools_bench_fedcat_bare; /* without its search index */
extern const struct tools_bench_engine tools_bench_fts5;
extern const struct tools_bench_engine tools_bench_xapian;

#endif
