/* tools/bench_relevance.c - how good the first ten answers are, ours beside SQLite's FTS5 and
 * Xapian: nDCG@10 over the judged queries of tests/relevance/queries.json, of real catalogues below
 * $FEDCAT_SHARED (or ../shared beside the source), and of our own for what those lack.
 *
 *   bench_relevance [-v] [-p]
 *
 * -v tells each query, -p prints what an engine gave among its first ten and nobody has judged yet,
 * shuffled and without saying which engine gave it: for the one who judges.
 *
 * Each is asked twice: for all words, and leniently, which is for any of them where an engine knows
 * nothing better.
 * All engines get the same terms (tools/bench_terms), with stems of every language. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/json.h"
#include "catalog/reader.h"
#include "tools/bench_corpus.h"
#include "tools/bench_engine.h"

#define DOCS_MAX      20000
#define HITS          TOOLS_BENCH_ENGINE_HITS_MAX
#define FILE_BYTES    (4u * 1024 * 1024)
#define LANGUAGES_MAX 12
#define GRADE_MAX     3
#define SEED          7

/* Below the shared data, and below the source. */
static const struct source {
	const char *name, *path;
	bool ours;
} sources[] = {
	{"aws-open-data", "data/aws-open-data/data.json", false},
	{"datos-argentina", "data/datos-argentina/data.json", false},
	{"de-mdk", "data/de-mdk/data.json", false},
	{"fr-datagouv", "data/fr-datagouv/data.json", false},
	{"gaoxiong", "data/gaoxiong/datasets.csv", false},
	{"masader", "data/masader/data.json", false},
	{"qa", "data/qa/data.json", false},
	{"qa-structure", "data/qa-structure/data.json", false},
	{"tw-taoyuan", "data/tw-taoyuan/data.json", false},
	{"us-dol", "data/us-dol/data.json", false},
	{"us-gsa", "data/us-gsa/data.json", false},
	{"us-treasury", "data/us-treasury/data.json", false},
	{"yilan", "data/yilan/datasets.csv", false},
	{"dictionary", "catalog/dictionary/listings.jsonl", true},
	{"health", "tools/demo-data/health.csv", true},
	{"statistics", "tools/demo-data/statistics.json", true},
	{"university", "tools/demo-data/university.ttl", true},
};

static const struct variant {
	const char *name;
	const struct tools_bench_engine *engine;
	enum tools_bench_engine_how how;
} variants[] = {
	{"fedcat, all", &tools_bench_fedcat, TOOLS_BENCH_WORDS},
	{"fedcat", &tools_bench_fedcat, TOOLS_BENCH_ANY}, /* as people ask: leniently */
#ifdef HAVE_SQLITE
	{"FTS5, all", &tools_bench_fts5, TOOLS_BENCH_WORDS},
	{"FTS5, any", &tools_bench_fts5, TOOLS_BENCH_ANY},
#endif
#ifdef HAVE_XAPIAN
	{"Xapian, all", &tools_bench_xapian, TOOLS_BENCH_WORDS},
	{"Xapian, any", &tools_bench_xapian, TOOLS_BENCH_ANY},
#endif
};
#define VARIANTS (sizeof variants / sizeof *variants)

struct docs {
	struct tools_bench_doc docs[DOCS_MAX];
	char *keys[DOCS_MAX]; /* source/id */
	size_t count;
	const struct source *source;
};

struct language {
	const char *tag;
	unsigned count;
	double sums[VARIANTS];
};

struct bench {
	struct docs docs;
	struct catalog_value *judged; /* the list of queries */
	struct tools_bench_store *stores[VARIANTS];
	struct tools_bench_reader *readers[VARIANTS];
	struct language languages[LANGUAGES_MAX]; /* the first is all */
	size_t language_count;
	bool verbose, pool;
	uint64_t rng;
};

static void must(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_relevance: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* --- what there is ----------------------------------------------------------------------------
 */

static int keep(void *arg, const struct catalog_reader_record *record)
{
	struct docs *docs = arg;
	char key[400];

	if (record->listing == NULL || record->id == NULL || record->is_repeat)
		return 0;
	if (docs->count == DOCS_MAX)
		return -ENOSPC;
	snprintf(key, sizeof key, "%s/%s", docs->source->name, record->id);
	docs->keys[docs->count] = strdup(key);
	docs->docs[docs->count] = (struct tools_bench_doc){
		.number = (uint32_t)docs->count, .listing = catalog_value_clone(record->listing)};
	if (docs->keys[docs->count] == NULL || docs->docs[docs->count].listing == NULL)
		return -ENOMEM;
	docs->count++;
	return 0;
}

static void read_docs(struct docs *docs, const char *srcdir, const char *shared)
{
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct catalog_reader_error error = {.text = ""};
		char path[2000];
		int r;

		docs->source = &sources[i];
		snprintf(path, sizeof path, "%s/%s", sources[i].ours ? srcdir : shared,
			 sources[i].path);
		r = catalog_reader_read(path, &options, keep, docs, &error);
		if (r != 0) {
			fprintf(stderr, "bench_relevance: %s: %s\n", path, error.text);
			exit(1);
		}
	}
}

/* A query has a language, a text, and grades of 0 to 3. */
static bool is_judged(const struct catalog_value *query)
{
	const struct catalog_value *grades = catalog_value_get(query, "grades");

	if (catalog_value_text(catalog_value_get(query, "language")) == NULL ||
	    catalog_value_text(catalog_value_get(query, "text")) == NULL ||
	    catalog_value_type(grades) != CATALOG_VALUE_MAP)
		return false;
	for (size_t i = 0; i < catalog_value_count(grades); i++) {
		const struct catalog_value *grade = catalog_value_at(grades, i, NULL);

		if (catalog_value_type(grade) != CATALOG_VALUE_INT ||
		    catalog_value_int(grade) < 0 || catalog_value_int(grade) > GRADE_MAX)
			return false;
	}
	return true;
}

static struct catalog_value *read_judged(const char *srcdir)
{
	struct catalog_value *value = NULL;
	struct catalog_json_error error;
	char path[2000], *bytes = malloc(FILE_BYTES);
	size_t len;
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/relevance/queries.json", srcdir);
	file = fopen(path, "r");
	if (file == NULL || bytes == NULL) {
		perror(path);
		exit(1);
	}
	len = fread(bytes, 1, FILE_BYTES, file);
	(void)fclose(file); /* only read */
	must(catalog_json_read((struct catalog_span){(const uint8_t *)bytes, len}, &value, &error),
	     path);
	free(bytes);
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		if (is_judged(catalog_value_at(value, i, NULL)))
			continue;
		fprintf(stderr, "bench_relevance: %s: query %zu has no language, text or grades\n",
			path, i + 1);
		exit(1);
	}
	return value;
}

/* --- engines ----------------------------------------------------------------------------------
 */

/* Variants of one engine, which are neighbours, share its store. */
static void load(struct bench *bench, const char *base)
{
	for (size_t v = 0; v < VARIANTS; v++) {
		const struct tools_bench_engine *engine = variants[v].engine;
		char dir[300];

		if (v > 0 && engine == variants[v - 1].engine) {
			bench->stores[v] = bench->stores[v - 1];
			bench->readers[v] = bench->readers[v - 1];
			continue;
		}
		snprintf(dir, sizeof dir, "%s/%zu", base, v);
		must(mkdir(dir, 0700) == 0 ? 0 : -errno, dir);
		must(engine->open(dir, &bench->stores[v]), engine->name);
		must(engine->add(bench->stores[v], bench->docs.docs, bench->docs.count),
		     engine->name);
		must(engine->finish(bench->stores[v]), engine->name);
		must(engine->reader_new(bench->stores[v], &bench->readers[v]), engine->name);
	}
}

static void unload(struct bench *bench)
{
	for (size_t v = 0; v < VARIANTS; v++) {
		if (v > 0 && bench->stores[v] == bench->stores[v - 1])
			continue;
		variants[v].engine->reader_free(bench->readers[v]);
		variants[v].engine->close(bench->stores[v]);
	}
}

/* --- judging ----------------------------------------------------------------------------------
 */

static double gain(int64_t grade)
{
	return exp2((double)grade) - 1;
}

static int compare_grades(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

static double ideal(const struct catalog_value *grades)
{
	size_t count = catalog_value_count(grades);
	int64_t *sorted = calloc(count + 1, sizeof *sorted);
	double sum = 0;

	must(sorted == NULL ? -ENOMEM : 0, "memory");
	for (size_t i = 0; i < count; i++)
		sorted[i] = catalog_value_int(catalog_value_at(grades, i, NULL));
	qsort(sorted, count, sizeof *sorted, compare_grades);
	for (size_t i = 0; i < count && i < HITS; i++)
		sum += gain(sorted[i]) / log2((double)i + 2);
	free(sorted);
	return sum;
}

static void answer(struct bench *bench, size_t v, const char *text, uint32_t ret_numbers[HITS],
		   size_t *ret_count)
{
	static struct tools_bench_answer found;
	struct tools_bench_query query = {.how = variants[v].how};

	snprintf(query.text, sizeof query.text, "%s", text);
	must(variants[v].engine->search(bench->readers[v], &query, &found), text);
	*ret_count = found.count;
	for (size_t i = 0; i < found.count; i++)
		must(variants[v].engine->number(bench->readers[v], found.hits[i], &ret_numbers[i]),
		     "hit");
}

static double measure(const struct bench *bench, const struct catalog_value *grades,
		      const uint32_t numbers[HITS], size_t count)
{
	double sum = 0, best = ideal(grades);

	for (size_t i = 0; i < count; i++) {
		const struct catalog_value *grade =
			catalog_value_get(grades, bench->docs.keys[numbers[i]]);

		if (grade != NULL)
			sum += gain(catalog_value_int(grade)) / log2((double)i + 2);
	}
	return best > 0 ? sum / best : 0;
}

/* The first text of a map from tags to texts. */
static const char *text_of(const struct catalog_value *listing, const char *key)
{
	const char *text =
		catalog_value_text(catalog_value_at(catalog_value_get(listing, key), 0, NULL));

	return text != NULL ? text : "";
}

static void print_unjudged(const struct bench *bench, const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct catalog_value *listing = bench->docs.docs[numbers[i]].listing;
		const char *description =
			catalog_value_count(catalog_value_get(listing, "description")) > 0
				? text_of(listing, "description")
				: "";
		int len = 160;

		while (len > 0 && (int)strlen(description) > len &&
		       (description[len] & 0xc0) == 0x80)
			len--;
		printf("  %s\t%s\t", bench->docs.keys[numbers[i]], text_of(listing, "title"));
		for (int k = 0; k < len && description[k] != 0; k++)
			putchar(description[k] == '\n' ? ' ' : description[k]);
		putchar('\n');
	}
}

static void note(struct bench *bench, const char *tag, const double values[VARIANTS])
{
	size_t i = 1;

	while (i < bench->language_count && strcmp(bench->languages[i].tag, tag) != 0)
		i++;
	assert(i < LANGUAGES_MAX);
	if (i == bench->language_count)
		bench->languages[bench->language_count++].tag = tag;
	for (size_t v = 0; v < VARIANTS; v++) {
		bench->languages[0].sums[v] += values[v];
		bench->languages[i].sums[v] += values[v];
	}
	bench->languages[0].count++;
	bench->languages[i].count++;
}

/* Add numbers that are not in the pool and not judged, in a place by chance. */
static void add_to_pool(struct bench *bench, const struct catalog_value *grades,
			const uint32_t *numbers, size_t count, uint32_t *pool, size_t *pool_count)
{
	for (size_t i = 0; i < count; i++) {
		bool known = catalog_value_get(grades, bench->docs.keys[numbers[i]]) != NULL;
		size_t place;

		for (size_t k = 0; k < *pool_count && !known; k++)
			known = pool[k] == numbers[i];
		if (known)
			continue;
		bench->rng = bench->rng * UINT64_C(6364136223846793005) + 1442695040888963407;
		place = (bench->rng >> 33) % (*pool_count + 1);
		pool[(*pool_count)++] = pool[place];
		pool[place] = numbers[i];
	}
}

static void run_query(struct bench *bench, const struct catalog_value *query)
{
	const struct catalog_value *grades = catalog_value_get(query, "grades");
	const char *text = catalog_value_text(catalog_value_get(query, "text"));
	uint32_t numbers[HITS], pool[HITS * VARIANTS];
	double values[VARIANTS];
	size_t count, pool_count = 0;

	for (size_t v = 0; v < VARIANTS; v++) {
		answer(bench, v, text, numbers, &count);
		values[v] = measure(bench, grades, numbers, count);
		add_to_pool(bench, grades, numbers, count, pool, &pool_count);
	}
	note(bench, catalog_value_text(catalog_value_get(query, "language")), values);
	if (bench->pool && pool_count > 0) {
		printf("%s\n", text);
		print_unjudged(bench, pool, pool_count);
	}
	if (bench->verbose) {
		for (size_t v = 0; v < VARIANTS; v++)
			printf("%8.3f", values[v]);
		printf("  %2zu  %s\n", pool_count, text);
	}
}

static void report(const struct bench *bench)
{
	printf("nDCG@10  %8s", "queries");
	for (size_t v = 0; v < VARIANTS; v++)
		printf(" %12s", variants[v].name);
	printf("\n");
	for (size_t i = 0; i < bench->language_count; i++) {
		const struct language *language =
			&bench->languages[(i + 1) % bench->language_count];

		printf("%-8s %8u", language->tag, language->count);
		for (size_t v = 0; v < VARIANTS; v++)
			printf(" %12.3f", language->sums[v] / language->count);
		printf("\n");
	}
}

/* Keys that name no document: somebody's data has changed. */
static void report_lost(const struct bench *bench)
{
	unsigned lost = 0, grades = 0;

	for (size_t i = 0; i < catalog_value_count(bench->judged); i++) {
		const struct catalog_value *map =
			catalog_value_get(catalog_value_at(bench->judged, i, NULL), "grades");

		for (size_t k = 0; k < catalog_value_count(map); k++) {
			const char *key;
			size_t at = 0;

			(void)catalog_value_at(map, k, &key);
			while (at < bench->docs.count && strcmp(bench->docs.keys[at], key) != 0)
				at++;
			grades++;
			if (at < bench->docs.count)
				continue;
			lost++;
			if (bench->verbose)
				printf("no such listing: %s\n", key);
		}
	}
	printf("%zu listings, %zu queries, %u judgements", bench->docs.count,
	       catalog_value_count(bench->judged), grades);
	printf(lost > 0 ? ", %u of listings that are not there\n" : "\n", lost);
}

int main(int argc, char **argv)
{
	static struct bench bench = {.languages = {{.tag = "all"}}, .language_count = 1};
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : BENCH_SRCDIR;
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	char shared[1000], base[200], command[300];
	struct stat info;
	int option;

	while ((option = getopt(argc, argv, "vp")) != -1) {
		switch (option) {
		case 'v': bench.verbose = true; break;
		case 'p': bench.pool = true; break;
		default: fprintf(stderr, "usage: bench_relevance [-v] [-p]\n"); return 2;
		}
	}
	snprintf(shared, sizeof shared, "%s/../shared", srcdir);
	if (getenv("FEDCAT_SHARED") != NULL)
		snprintf(shared, sizeof shared, "%s", getenv("FEDCAT_SHARED"));
	if (stat(shared, &info) != 0) {
		printf("skipped: no catalogues at %s (set FEDCAT_SHARED)\n", shared);
		return 0;
	}
	snprintf(base, sizeof base, "%s/bench_relevance.XXXXXX", tmp);
	if (sodium_init() < 0 || mkdtemp(base) == NULL) {
		perror(base);
		return 1;
	}
	bench.rng = SEED;
	bench.judged = read_judged(srcdir);
	read_docs(&bench.docs, srcdir, shared);
	report_lost(&bench);
	load(&bench, base);
	for (size_t i = 0; i < catalog_value_count(bench.judged); i++)
		run_query(&bench, catalog_value_at(bench.judged, i, NULL));
	report(&bench);
	unload(&bench);
	for (size_t i = 0; i < bench.docs.count; i++) {
		free(bench.docs.keys[i]);
		tools_bench_corpus_doc_close(&bench.docs.docs[i]);
	}
	catalog_value_free(bench.judged);
	snprintf(command, sizeof command, "rm -rf '%s'", base);
	if (system(command) != 0)
		fprintf(stderr, "bench_relevance: %s stays\n", base);
	return 0;
}
