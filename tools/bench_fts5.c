/* tools/bench_fts5.c - SQLite's FTS5 as well as we know how: a contentless table of our terms, a
 * column for each field and one for filters, which weighs nothing; a word's stems stand at the
 * word's own position, as FTS5 has it for synonyms.  Facets are integers in a table beside it; an
 * answer is one pass over what matches, which counts, ranks and keeps the best. */
#include "tools/bench_engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "tools/bench_corpus.h"
#include "tools/bench_terms.h"

#define BATCH_DOCS  10000
#define MARK_TEXT   0x01 /* then a language's set, 7 bits in each of five bytes, and a text */
#define MARK_FILTER 0x02 /* then terms of filters, with spaces between */
#define MARK_QUERY  0x03 /* then the number of a word of the query */
#define LISTS_EACH  8    /* languages, stored in 4 bytes of 7 bits, never 0 */
#define QUERY_MAX   4000
#define OFFSET_MAX  10000

/* What the tokenizer of one connection knows. */
struct tokens {
	struct catalog_index_text *text;
	struct tools_bench_terms query;
};

struct tools_bench_store {
	char path[400];
	sqlite3 *db;
	sqlite3_stmt *insert, *insert_facts;
	struct tokens tokens;
	struct catalog_buffer columns[TOOLS_BENCH_FIELDS];
	uint32_t languages;
	size_t pending;
};

struct hit {
	double rank;
	uint64_t number;
};

struct tools_bench_reader {
	struct tools_bench_store *store;
	sqlite3 *db;
	sqlite3_stmt *plain, *facets;
	struct tokens tokens;
	struct hit heap[OFFSET_MAX + TOOLS_BENCH_ENGINE_HITS_MAX]; /* the worst first */
	size_t heap_count;
};

static int errno_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return 0;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_BUSY: return -EBUSY;
	default: return -EIO;
	}
}

/* --- the tokenizer ----------------------------------------------------------------------------
 */

struct job {
	int (*token)(void *, int, const char *, int, int, int);
	void *arg;
};

static int each_form(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	char bytes[CATALOG_INDEX_TEXT_WORD_BYTES_MAX + 1];
	const struct job *job = arg;

	bytes[0] = (char)form;
	memcpy(bytes + 1, word.bytes, word.len);
	return job->token(job->arg, form == CATALOG_INDEX_TEXT_WORD ? 0 : FTS5_TOKEN_COLOCATED,
			  bytes, (int)word.len + 1, 0, 0);
}

static int each_filter(const struct job *job, const char *bytes, size_t len)
{
	int r = SQLITE_OK;

	for (size_t at = 0, next; at < len && r == SQLITE_OK; at = next + 1) {
		const char *space = memchr(bytes + at, ' ', len - at);

		next = space == NULL ? len : (size_t)(space - bytes);
		r = job->token(job->arg, 0, bytes + at, (int)(next - at), 0, 0);
	}
	return r;
}

static int each_of_query(const struct tokens *tokens, const struct job *job, unsigned at)
{
	const struct tools_bench_terms_word *word = &tokens->query.words[at];
	int r = SQLITE_OK;

	assert(at < tokens->query.count);
	for (size_t i = 0; i < word->count && r == SQLITE_OK; i++)
		r = job->token(job->arg, i == 0 ? 0 : FTS5_TOKEN_COLOCATED, word->terms[i].bytes,
			       (int)word->terms[i].len, 0, 0);
	return r;
}

static int tokenize(Fts5Tokenizer *tokenizer, void *arg, int flags, const char *bytes, int len,
		    int (*token)(void *, int, const char *, int, int, int))
{
	struct tokens *tokens = (struct tokens *)(void *)tokenizer;
	struct job job = {token, arg};
	size_t at = 0, count = (size_t)len;
	int r = SQLITE_OK;

	(void)flags;
	if (count > 0 && bytes[0] == MARK_FILTER)
		return each_filter(&job, bytes + 1, count - 1);
	if (count > 0 && bytes[0] == MARK_QUERY)
		return each_of_query(tokens, &job, (unsigned)strtoul(bytes + 1, NULL, 10));
	while (r == SQLITE_OK && at + 6 <= count) {
		const char *end = memchr(bytes + at + 6, MARK_TEXT, count - at - 6);
		size_t next = end == NULL ? count : (size_t)(end - bytes);
		uint32_t set = 0;

		/* So that no phrase begins in one text and ends in the next. */
		if (at > 0)
			r = token(arg, 0, "-", 1, 0, 0);
		for (int i = 0; i < 5; i++)
			set |= (uint32_t)(bytes[at + 1 + (size_t)i] & 0x7f) << 7 * i;
		if (r == SQLITE_OK)
			r = catalog_index_text_words(
				tokens->text,
				(struct catalog_span){(const uint8_t *)bytes + at + 6,
						      next - at - 6},
				set, each_form, &job);
		at = next;
	}
	return r < 0 ? SQLITE_NOMEM : r;
}

static int create(void *context, const char **args, int count, Fts5Tokenizer **ret_tokenizer)
{
	(void)args, (void)count;
	*ret_tokenizer = context;
	return SQLITE_OK;
}

static void drop(Fts5Tokenizer *tokenizer)
{
	(void)tokenizer; /* the connection's */
}

static int add_tokenizer(sqlite3 *db, struct tokens *tokens)
{
	fts5_tokenizer tokenizer = {create, drop, tokenize};
	fts5_api *api = NULL;
	sqlite3_stmt *stmt = NULL;
	int r = sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &stmt, NULL);

	if (r == SQLITE_OK) {
		sqlite3_bind_pointer(stmt, 1, (void *)&api, "fts5_api_ptr", NULL);
		(void)sqlite3_step(stmt); /* api tells */
	}
	sqlite3_finalize(stmt);
	if (api == NULL)
		return -ENOTSUP;
	return errno_of(api->xCreateTokenizer(api, "terms", tokens, &tokenizer, NULL));
}

static int connect_to(const char *path, struct tokens *tokens, sqlite3 **ret_db)
{
	int r = errno_of(sqlite3_open_v2(
		path, ret_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		NULL));

	if (r == 0)
		r = catalog_index_text_new(&tokens->text);
	if (r == 0)
		r = add_tokenizer(*ret_db, tokens);
	if (r == 0)
		r = errno_of(sqlite3_exec(*ret_db,
					  "PRAGMA busy_timeout=60000; PRAGMA journal_mode=WAL;"
					  "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
					  "PRAGMA mmap_size=17179869184; PRAGMA temp_store=MEMORY",
					  NULL, NULL, NULL));
	return r;
}

/* --- writing ----------------------------------------------------------------------------------
 */

static void close_store(struct tools_bench_store *store)
{
	if (store == NULL)
		return;
	sqlite3_finalize(store->insert);
	sqlite3_finalize(store->insert_facts);
	sqlite3_close(store->db);
	catalog_index_text_free(store->tokens.text);
	for (size_t f = 0; f < TOOLS_BENCH_FIELDS; f++)
		catalog_buffer_close(&store->columns[f]);
	free(store);
}

static int open_store(const char *dir, struct tools_bench_store **ret_store)
{
	static const char schema[] =
		"CREATE VIRTUAL TABLE docs USING fts5(title, keyword, description, other, filter,"
		" content='', tokenize='terms');"
		"INSERT INTO docs(docs, rank) VALUES('rank', 'bm25(4.0, 3.0, 1.0, 0.7, 0.0)');"
		"CREATE TABLE facts(id INTEGER PRIMARY KEY, country INTEGER, licence INTEGER,"
		" year INTEGER, language INTEGER, theme INTEGER, theme2 INTEGER)";
	struct tools_bench_store *store = calloc(1, sizeof *store);
	int r;

	if (store == NULL)
		return -ENOMEM;
	snprintf(store->path, sizeof store->path, "%s/fts5.db", dir);
	r = connect_to(store->path, &store->tokens, &store->db);
	if (r == 0)
		r = errno_of(sqlite3_exec(store->db, schema, NULL, NULL, NULL));
	if (r == 0)
		r = errno_of(sqlite3_prepare_v2(
			store->db,
			"INSERT INTO docs(rowid, title, keyword, description, other, filter)"
			" VALUES(?1,?2,?3,?4,?5,?6)",
			-1, &store->insert, NULL));
	if (r == 0)
		r = errno_of(sqlite3_prepare_v2(store->db,
						"INSERT INTO facts VALUES(?1,?2,?3,?4,?5,?6,?7)",
						-1, &store->insert_facts, NULL));
	if (r != 0) {
		close_store(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

static int each_text(void *arg, enum tools_bench_engine_field field, uint32_t language,
		     struct catalog_span text)
{
	struct tools_bench_store *store = arg;
	struct catalog_buffer *column = &store->columns[field];
	uint8_t mark[6] = {MARK_TEXT};
	int r;

	for (int i = 0; i < 5; i++)
		mark[1 + i] = (uint8_t)((language >> 7 * i & 0x7f) | 0x80);
	store->languages |= language;
	r = catalog_buffer_append(column, mark, sizeof mark);
	return r != 0 ? r : catalog_buffer_append(column, text.bytes, text.len);
}

static int add_one(struct tools_bench_store *store, const struct tools_bench_doc *doc)
{
	char filter[300];
	int r;

	for (size_t f = 0; f < TOOLS_BENCH_FIELDS; f++)
		store->columns[f].len = 0;
	r = tools_bench_terms_texts(doc->listing, each_text, store);
	if (r != 0)
		return r;
	(void)sqlite3_bind_int64(store->insert, 1, doc->number);
	for (size_t f = 0; f < TOOLS_BENCH_FIELDS; f++)
		(void)sqlite3_bind_text(store->insert, 2 + (int)f,
					(const char *)store->columns[f].bytes,
					(int)store->columns[f].len, SQLITE_STATIC);
	snprintf(filter, sizeof filter, "%cc%u t%u t%u", MARK_FILTER,
		 doc->facets[TOOLS_BENCH_COUNTRY], doc->facets[TOOLS_BENCH_THEME],
		 doc->second_theme);
	(void)sqlite3_bind_text(store->insert, 6, filter, -1, SQLITE_STATIC);
	r = errno_of(sqlite3_step(store->insert));
	(void)sqlite3_reset(store->insert); /* says again what step said */
	(void)sqlite3_bind_int64(store->insert_facts, 1, doc->number);
	for (int f = 0; f < TOOLS_BENCH_FACETS; f++)
		(void)sqlite3_bind_int(store->insert_facts, 2 + f, doc->facets[f]);
	(void)sqlite3_bind_int(store->insert_facts, 7, doc->second_theme);
	if (r == 0)
		r = errno_of(sqlite3_step(store->insert_facts));
	(void)sqlite3_reset(store->insert_facts); /* likewise */
	return r;
}

static int finish(struct tools_bench_store *store)
{
	int r = store->pending == 0 ? 0
				    : errno_of(sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL));

	store->pending = 0;
	return r;
}

static int add(struct tools_bench_store *store, const struct tools_bench_doc *docs, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		if (store->pending == 0)
			r = errno_of(sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
		if (r == 0)
			r = add_one(store, &docs[i]);
		if (r == 0 && ++store->pending == BATCH_DOCS)
			r = finish(store);
	}
	return r;
}

static int optimize(struct tools_bench_store *store)
{
	return errno_of(sqlite3_exec(store->db,
				     "INSERT INTO docs(docs) VALUES('optimize');"
				     "PRAGMA wal_checkpoint(TRUNCATE); ANALYZE",
				     NULL, NULL, NULL));
}

/* Pages in use, of the index and its facets. */
static uint64_t bytes(struct tools_bench_store *store)
{
	sqlite3_stmt *stmt = NULL;
	uint64_t count = 0;

	if (sqlite3_prepare_v2(store->db,
			       "SELECT (a.page_count - b.freelist_count) * c.page_size FROM"
			       " pragma_page_count a, pragma_freelist_count b, pragma_page_size c",
			       -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		count = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return count;
}

/* --- searching --------------------------------------------------------------------------------
 */

static void reader_free(struct tools_bench_reader *reader)
{
	if (reader == NULL)
		return;
	sqlite3_finalize(reader->plain);
	sqlite3_finalize(reader->facets);
	sqlite3_close(reader->db);
	catalog_index_text_free(reader->tokens.text);
	free(reader);
}

static int reader_new(struct tools_bench_store *store, struct tools_bench_reader **ret_reader)
{
	struct tools_bench_reader *reader = calloc(1, sizeof *reader);
	int r;

	if (reader == NULL)
		return -ENOMEM;
	reader->store = store;
	r = connect_to(store->path, &reader->tokens, &reader->db);
	if (r == 0)
		r = errno_of(sqlite3_prepare_v2(reader->db,
						"SELECT rowid, rank FROM docs WHERE docs MATCH ?1",
						-1, &reader->plain, NULL));
	if (r == 0)
		r = errno_of(sqlite3_prepare_v2(
			reader->db,
			"SELECT docs.rowid, docs.rank, country, licence, year, language, theme,"
			" theme2 FROM docs CROSS JOIN facts ON facts.id = docs.rowid"
			" WHERE docs MATCH ?1",
			-1, &reader->facets, NULL));
	if (r != 0) {
		reader_free(reader);
		return r;
	}
	*ret_reader = reader;
	return 0;
}

/* rank is negative, the best the least. */
static bool is_worse(const struct hit *a, const struct hit *b)
{
	if (a->rank > b->rank || a->rank < b->rank)
		return a->rank > b->rank;
	return a->number < b->number;
}

static void sink(struct hit *heap, size_t count)
{
	struct hit moved = heap[0];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < count && is_worse(&heap[child + 1], &heap[child]))
			child++;
		if (child >= count || !is_worse(&heap[child], &moved))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

static void keep(struct tools_bench_reader *reader, const struct hit *hit, size_t room)
{
	size_t i = reader->heap_count;

	if (i == room) {
		if (!is_worse(&reader->heap[0], hit))
			return;
		reader->heap[0] = *hit;
		sink(reader->heap, i);
		return;
	}
	reader->heap_count++;
	for (; i > 0 && is_worse(hit, &reader->heap[(i - 1) / 2]); i = (i - 1) / 2)
		reader->heap[i] = reader->heap[(i - 1) / 2];
	reader->heap[i] = *hit;
}

/* {title keyword description other} : "w" AND "w" AND filter : "c12" */
static void write_match(const struct tools_bench_query *query, size_t words, char text[QUERY_MAX])
{
	bool phrase = query->how == TOOLS_BENCH_PHRASE;
	const char *between = phrase ? " + " : query->how == TOOLS_BENCH_ANY ? " OR " : " AND ";
	size_t len = 0;

	len += (size_t)snprintf(text, QUERY_MAX, "({title keyword description other} : (");
	for (size_t i = 0; i < words; i++)
		len += (size_t)snprintf(text + len, QUERY_MAX - len, "%s\"%c%zu\"%s",
					i > 0 ? between : "", MARK_QUERY, i,
					query->how == TOOLS_BENCH_PREFIX ? " *" : "");
	len += (size_t)snprintf(text + len, QUERY_MAX - len, "))");
	if (query->country != NULL)
		len += (size_t)snprintf(
			text + len, QUERY_MAX - len, " AND filter : \"%cc%u\"", MARK_FILTER,
			tools_bench_corpus_number(TOOLS_BENCH_COUNTRY, query->country));
	if (query->theme_url != NULL)
		len += (size_t)snprintf(
			text + len, QUERY_MAX - len, " AND filter : \"%ct%u\"", MARK_FILTER,
			tools_bench_corpus_number(TOOLS_BENCH_THEME, query->theme_url));
	assert(len < QUERY_MAX);
}

static void count_facets(sqlite3_stmt *stmt, struct tools_bench_answer *answer)
{
	int theme = sqlite3_column_int(stmt, 2 + TOOLS_BENCH_THEME);
	int second = sqlite3_column_int(stmt, 2 + TOOLS_BENCH_FACETS);

	for (int f = 0; f < TOOLS_BENCH_FACETS; f++)
		answer->counts[f][sqlite3_column_int(stmt, 2 + f)]++;
	if (second != theme)
		answer->counts[TOOLS_BENCH_THEME][second]++;
}

static void give(struct tools_bench_reader *reader, size_t offset,
		 struct tools_bench_answer *answer)
{
	size_t count = reader->heap_count;

	for (size_t n = count; n > 1; n--) {
		struct hit worst = reader->heap[0];

		reader->heap[0] = reader->heap[n - 1];
		sink(reader->heap, n - 1);
		reader->heap[n - 1] = worst;
	}
	answer->count = 0;
	for (size_t i = offset; i < count && answer->count < TOOLS_BENCH_ENGINE_HITS_MAX; i++)
		answer->hits[answer->count++] = reader->heap[i].number;
}

static int search(struct tools_bench_reader *reader, const struct tools_bench_query *query,
		  struct tools_bench_answer *ret_answer)
{
	sqlite3_stmt *stmt = query->facets ? reader->facets : reader->plain;
	size_t room = query->offset + TOOLS_BENCH_ENGINE_HITS_MAX;
	char match[QUERY_MAX];
	int r = tools_bench_terms_query(reader->tokens.text, query, reader->store->languages,
					&reader->tokens.query);

	if (r != 0)
		return r;
	assert(query->offset <= OFFSET_MAX);
	*ret_answer = (struct tools_bench_answer){0};
	if (reader->tokens.query.count == 0)
		return 0;
	write_match(query, reader->tokens.query.count, match);
	(void)sqlite3_bind_text(stmt, 1, match, -1, SQLITE_STATIC);
	reader->heap_count = 0;
	while ((r = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct hit hit = {sqlite3_column_double(stmt, 1),
				  (uint64_t)sqlite3_column_int64(stmt, 0)};

		ret_answer->total++;
		keep(reader, &hit, room);
		if (query->facets)
			count_facets(stmt, ret_answer);
	}
	if (r != SQLITE_DONE)
		fprintf(stderr, "fts5: %s: %s\n", match, sqlite3_errmsg(reader->db));
	(void)sqlite3_reset(stmt); /* says again what step said */
	give(reader, query->offset, ret_answer);
	return errno_of(r);
}

static int number(struct tools_bench_reader *reader, uint64_t hit, uint32_t *ret_number)
{
	(void)reader;
	*ret_number = (uint32_t)hit;
	return 0;
}

const struct tools_bench_engine tools_bench_fts5 = {
	"SQLite FTS5", open_store, add,    finish, optimize,   bytes,
	close_store,   reader_new, search, number, reader_free};
