/* tools/bench_xapian.cc - Xapian as well as we know how: our terms, words with their positions, a
 * field's weight in how often a term counts; filters are terms that weigh nothing, facets one value
 * that one spy counts; compacted after a bulk load.  The only C++ in the tree, because Xapian is.
 */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <xapian.h>

extern "C" {
#include "tools/bench_corpus.h"
#include "tools/bench_engine.h"
#include "tools/bench_terms.h"
}

static const Xapian::termcount weights[TOOLS_BENCH_FIELDS] = {4, 3, 1, 1};
static const Xapian::termpos field_gap = 1000;
static const unsigned batch_docs = 10000;

struct tools_bench_store {
	std::string path;
	Xapian::WritableDatabase db;
	struct catalog_index_text *text = nullptr;
	uint32_t languages = 0;
	unsigned pending = 0;
};

struct tools_bench_reader {
	struct tools_bench_store *store;
	Xapian::Database db;
	struct catalog_index_text *text = nullptr;
	struct tools_bench_terms terms;
};

namespace
{

struct gather {
	Xapian::Document doc;
	Xapian::termpos position = 0;
	Xapian::termcount weight = 1;
	struct tools_bench_store *store;
};

int each_form(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	auto gather = static_cast<struct gather *>(arg);
	std::string term(1, static_cast<char>(form));

	term.append(reinterpret_cast<const char *>(word.bytes), word.len);
	if (form == CATALOG_INDEX_TEXT_WORD)
		gather->doc.add_posting(term, ++gather->position, gather->weight);
	else
		gather->doc.add_term(term, gather->weight);
	return 0;
}

int each_text(void *arg, enum tools_bench_engine_field field, uint32_t language,
	      struct catalog_span text)
{
	auto gather = static_cast<struct gather *>(arg);

	gather->weight = weights[field];
	gather->store->languages |= language;
	gather->position = (gather->position / field_gap + 1) * field_gap;
	return catalog_index_text_words(gather->store->text, text, language, each_form, arg);
}

template <class F> int guarded(F body)
{
	try {
		return body();
	} catch (const Xapian::Error &error) {
		std::fprintf(stderr, "xapian: %s\n", error.get_description().c_str());
		return -EIO;
	} catch (const std::bad_alloc &) {
		return -ENOMEM;
	}
}

void close_store(struct tools_bench_store *store)
{
	if (store == nullptr)
		return;
	catalog_index_text_free(store->text);
	delete store;
}

int open_store(const char *dir, struct tools_bench_store **ret_store)
{
	auto store = new tools_bench_store;
	int r = guarded([&] {
		store->path = std::string(dir) + "/xapian";
		store->db = Xapian::WritableDatabase(store->path, Xapian::DB_CREATE);
		return catalog_index_text_new(&store->text);
	});

	if (r != 0) {
		close_store(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

int finish(struct tools_bench_store *store)
{
	return guarded([&] {
		store->db.commit();
		store->pending = 0;
		return 0;
	});
}

int add(struct tools_bench_store *store, const struct tools_bench_doc *docs, size_t count)
{
	return guarded([&] {
		for (size_t i = 0; i < count; i++) {
			struct gather gather;
			std::string facts;
			int r;

			gather.store = store;
			r = tools_bench_terms_texts(docs[i].listing, each_text, &gather);
			if (r != 0)
				return r;
			for (uint8_t value : docs[i].facets)
				facts.push_back(static_cast<char>(value));
			facts.push_back(static_cast<char>(docs[i].second_theme));
			gather.doc.add_value(0, facts);
			gather.doc.add_boolean_term(
				"XC" + std::to_string(docs[i].facets[TOOLS_BENCH_COUNTRY]));
			gather.doc.add_boolean_term(
				"XT" + std::to_string(docs[i].facets[TOOLS_BENCH_THEME]));
			gather.doc.add_boolean_term("XT" + std::to_string(docs[i].second_theme));
			store->db.replace_document(docs[i].number + 1, gather.doc);
			if (++store->pending == batch_docs) {
				store->db.commit();
				store->pending = 0;
			}
		}
		return 0;
	});
}

int optimize(struct tools_bench_store *store)
{
	return guarded([&] {
		std::string small = store->path + ".small", old = store->path;

		store->db.compact(small, Xapian::Compactor::FULL);
		store->db.close();
		for (const char *name :
		     {"docdata.glass", "flintlock", "iamglass", "position.glass", "postlist.glass",
		      "synonym.glass", "spelling.glass", "termlist.glass"})
			(void)std::remove((old + "/" + name).c_str()); /* not each is there */
		if (std::remove(old.c_str()) != 0 || std::rename(small.c_str(), old.c_str()) != 0)
			return -errno;
		store->db = Xapian::WritableDatabase(old, Xapian::DB_OPEN);
		return 0;
	});
}

uint64_t bytes(struct tools_bench_store *store)
{
	uint64_t total = 0;
	struct stat info;

	for (const char *name :
	     {"docdata.glass", "position.glass", "postlist.glass", "termlist.glass"})
		if (stat((store->path + "/" + name).c_str(), &info) == 0)
			total += static_cast<uint64_t>(info.st_blocks) * 512;
	return total;
}

void reader_free(struct tools_bench_reader *reader)
{
	if (reader == nullptr)
		return;
	catalog_index_text_free(reader->text);
	delete reader;
}

int reader_new(struct tools_bench_store *store, struct tools_bench_reader **ret_reader)
{
	auto reader = new tools_bench_reader;
	int r = guarded([&] {
		reader->store = store;
		reader->db = Xapian::Database(store->path);
		return catalog_index_text_new(&reader->text);
	});

	if (r != 0) {
		reader_free(reader);
		return r;
	}
	*ret_reader = reader;
	return 0;
}

struct spy : public Xapian::MatchSpy {
	struct tools_bench_answer *answer;

	void operator()(const Xapian::Document &doc, double) override
	{
		std::string facts = doc.get_value(0);

		for (size_t f = 0; f < TOOLS_BENCH_FACETS; f++)
			answer->counts[f][static_cast<uint8_t>(facts[f])]++;
		if (facts[TOOLS_BENCH_FACETS] != facts[TOOLS_BENCH_THEME])
			answer->counts[TOOLS_BENCH_THEME]
				      [static_cast<uint8_t>(facts[TOOLS_BENCH_FACETS])]++;
	}
};

Xapian::Query query_of_word(const struct tools_bench_terms_word &word)
{
	std::vector<Xapian::Query> terms;

	for (size_t i = 0; i < word.count; i++)
		terms.emplace_back(std::string(word.terms[i].bytes, word.terms[i].len));
	return Xapian::Query(Xapian::Query::OP_SYNONYM, terms.begin(), terms.end());
}

Xapian::Query filtered(const Xapian::Query &query, const char *prefix,
		       enum tools_bench_engine_facet facet, const char *wanted)
{
	return Xapian::Query(
		Xapian::Query::OP_FILTER, query,
		Xapian::Query(prefix + std::to_string(tools_bench_corpus_number(facet, wanted))));
}

Xapian::Query make_query(const struct tools_bench_query *query,
			 const struct tools_bench_terms &terms)
{
	std::vector<Xapian::Query> words;
	Xapian::Query all;

	for (size_t i = 0; i < terms.count; i++) {
		const struct tools_bench_terms_word &word = terms.words[i];
		std::string first(word.terms[0].bytes, word.terms[0].len);

		if (query->how == TOOLS_BENCH_PREFIX)
			words.emplace_back(Xapian::Query::OP_WILDCARD, first);
		else if (query->how == TOOLS_BENCH_PHRASE)
			words.emplace_back(first);
		else
			words.push_back(query_of_word(word));
	}
	all = Xapian::Query(query->how == TOOLS_BENCH_PHRASE ? Xapian::Query::OP_PHRASE
			    : query->how == TOOLS_BENCH_ANY  ? Xapian::Query::OP_OR
							     : Xapian::Query::OP_AND,
			    words.begin(), words.end());
	if (query->country != nullptr)
		all = filtered(all, "XC", TOOLS_BENCH_COUNTRY, query->country);
	if (query->theme_url != nullptr)
		all = filtered(all, "XT", TOOLS_BENCH_THEME, query->theme_url);
	return all;
}

int search_once(struct tools_bench_reader *reader, const struct tools_bench_query *query,
		struct tools_bench_answer *ret_answer)
{
	Xapian::Enquire enquire(reader->db);
	Xapian::MSet set;
	struct spy spy;

	*ret_answer = tools_bench_answer();
	if (reader->terms.count == 0)
		return 0;
	enquire.set_query(make_query(query, reader->terms));
	spy.answer = ret_answer;
	if (query->facets)
		enquire.add_matchspy(&spy);
	/* All are looked at, so that the total is exact, as it is with the others. */
	set = enquire.get_mset(static_cast<Xapian::doccount>(query->offset),
			       TOOLS_BENCH_ENGINE_HITS_MAX, reader->db.get_doccount());
	ret_answer->total = set.get_matches_estimated();
	for (auto i = set.begin(); i != set.end(); ++i)
		ret_answer->hits[ret_answer->count++] = *i;
	return 0;
}

int search(struct tools_bench_reader *reader, const struct tools_bench_query *query,
	   struct tools_bench_answer *ret_answer)
{
	int r = tools_bench_terms_query(reader->text, query, reader->store->languages,
					&reader->terms);

	if (r != 0)
		return r;
	return guarded([&] {
		for (;;) {
			try {
				return search_once(reader, query, ret_answer);
			} catch (const Xapian::DatabaseModifiedError &) {
				(void)reader->db.reopen(); /* and again, of the new revision */
			}
		}
	});
}

int number(struct tools_bench_reader *, uint64_t hit, uint32_t *ret_number)
{
	*ret_number = static_cast<uint32_t>(hit - 1);
	return 0;
}

} // namespace

extern "C" {
extern const struct tools_bench_engine tools_bench_xapian;
const struct tools_bench_engine tools_bench_xapian = {"Xapian", open_store, add,         finish,
						      optimize, bytes,      close_store, reader_new,
						      search,   number,     reader_free};
}
