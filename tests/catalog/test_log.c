#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/index.h"
#include "catalog/json.h"
#include "catalog/log.h"
#include "catalog/merkle.h"
#include "catalog/trie.h"
#include "catalog/view.h"

#define IDS     300
#define ENTRIES 6000

static const struct catalog_member member = {.index = 3, .name = "nbs", .country = "KE"};

/* What the log should hold, kept the plain way. */
struct model {
	size_t count;
	struct catalog_buffer entries[ENTRIES];
	struct catalog_hash leaves[ENTRIES];
	struct {
		uint64_t index;
		enum catalog_entry_kind kind;
	} things[IDS]; /* kind 0: never put */
	uint64_t live, withdrawn;
};

struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	struct model model;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
	f->store = scratch_store(f->dir, 7);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	scratch_end(f->dir, f->store);
	for (size_t i = 0; i < ENTRIES; i++)
		catalog_buffer_close(&f->model.entries[i]);
	free(f);
	return 0;
}

static uint64_t rng;

static uint32_t random_below(uint32_t limit)
{
	rng ^= rng >> 12, rng ^= rng << 25, rng ^= rng >> 27;
	return (uint32_t)((rng * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static void encode(struct model *model, const struct catalog_entry *entry)
{
	struct catalog_buffer *bytes = &model->entries[model->count];

	assert_true(model->count < ENTRIES);
	bytes->len = 0;
	assert_int_equal(catalog_entry_encode(entry, bytes), 0);
	catalog_merkle_leaf(catalog_buffer_span(bytes), &model->leaves[model->count]);
	model->count++;
}

/* An entry that the rules allow: puts, changes, withdrawals, and puts of what was withdrawn. */
static void add_random(struct model *model)
{
	uint32_t thing = random_below(IDS);
	struct catalog_buffer body = {0};
	struct catalog_entry entry = {.time_s = (int64_t)model->count,
				      .prev = CATALOG_ENTRY_PREV_NONE};
	bool is_put = model->things[thing].kind == CATALOG_ENTRY_PUT;
	struct catalog_value *value = NULL;
	char json[4096];

	snprintf(entry.id, sizeof entry.id, "dataset-%u", thing);
	if (model->things[thing].kind != 0)
		entry.prev = model->things[thing].index;
	entry.kind = is_put && random_below(3) == 0 ? CATALOG_ENTRY_WITHDRAW : CATALOG_ENTRY_PUT;
	if (entry.kind == CATALOG_ENTRY_PUT)
		snprintf(json, sizeof json, "{\"title\": {\"en\": \"title %u word%u %0*u\"}}",
			 thing, random_below(50), (int)random_below(1000), 7u);
	else
		snprintf(json, sizeof json, "{}");
	assert_int_equal(catalog_json_read((struct catalog_span){(uint8_t *)json, strlen(json)},
					   &value, NULL),
			 0);
	assert_int_equal(catalog_value_encode(value, &body), 0);
	catalog_value_free(value);
	entry.body = catalog_buffer_span(&body);
	model->live += entry.kind == CATALOG_ENTRY_PUT && !is_put;
	model->live -= entry.kind == CATALOG_ENTRY_WITHDRAW;
	model->withdrawn += entry.kind == CATALOG_ENTRY_WITHDRAW;
	model->withdrawn -= model->things[thing].kind == CATALOG_ENTRY_WITHDRAW;
	model->things[thing].index = model->count;
	model->things[thing].kind = entry.kind;
	encode(model, &entry);
	catalog_buffer_close(&body);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct catalog_hash));
}

static void view_root_of(const struct model *model, struct catalog_hash *ret_root)
{
	struct catalog_trie_leaf leaves[IDS];
	size_t count = 0;

	for (uint32_t i = 0; i < IDS; i++) {
		char id[32];

		if (model->things[i].kind == 0)
			continue;
		snprintf(id, sizeof id, "dataset-%u", i);
		catalog_entry_thing(CATALOG_ENTRY_PUT, id, &leaves[count].key);
		leaves[count++].index = model->things[i].index;
	}
	qsort(leaves, count, sizeof *leaves, by_key);
	catalog_trie_root(leaves, count, ret_root);
}

static void add_state(struct model *model, uint64_t live_error)
{
	struct catalog_state state = {.live = model->live + live_error,
				      .withdrawn = model->withdrawn};
	struct catalog_buffer body = {0};

	view_root_of(model, &state.view_root);
	assert_int_equal(catalog_entry_encode_state(&state, &body), 0);
	encode(model, &(struct catalog_entry){.kind = CATALOG_ENTRY_STATE,
					      .prev = CATALOG_ENTRY_PREV_NONE,
					      .body = catalog_buffer_span(&body)});
	catalog_buffer_close(&body);
}

struct batch {
	const struct model *model;
	size_t from;
};

static int append(struct catalog_txn *txn, void *arg)
{
	const struct batch *batch = arg;
	struct catalog_span spans[CATALOG_LOG_BATCH_ENTRIES_MAX];
	size_t count = batch->model->count - batch->from;

	for (size_t i = 0; i < count; i++)
		spans[i] = catalog_buffer_span(&batch->model->entries[batch->from + i]);
	return catalog_log_append(txn, &member, spans, count);
}

static void check_against_model(struct fixture *f)
{
	struct model *model = &f->model;
	struct catalog_log_status status;
	struct catalog_hash root;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, member.index, &status), 0);
	assert_int_equal(status.size, model->count);
	assert_int_equal(status.live, model->live);
	assert_int_equal(status.withdrawn, model->withdrawn);
	catalog_merkle_root(model->leaves, model->count, &root);
	assert_true(catalog_hash_equal(&root, &status.root));
	view_root_of(model, &root);
	assert_true(catalog_hash_equal(&root, &status.view_root));
	assert_int_equal(catalog_view_audit(txn, member.index, &root), 0);
	assert_true(catalog_hash_equal(&root, &status.view_root));
	for (size_t i = 0; i < 20 && model->count > 0; i++) {
		uint64_t index = random_below((uint32_t)model->count);
		struct catalog_buffer bytes = {0};

		assert_int_equal(catalog_log_read(txn, member.index, index, &bytes), 0);
		assert_int_equal(bytes.len, model->entries[index].len);
		assert_memory_equal(bytes.bytes, model->entries[index].bytes, bytes.len);
		catalog_buffer_close(&bytes);
	}
	catalog_store_end(txn);
}

static void test_random_batches_leave_what_the_plain_way_leaves(void **state)
{
	struct fixture *f = *state;
	const char *given = getenv("SIM_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 11;

	print_message("SIM_SEED=%llu\n", (unsigned long long)seed);
	rng = seed * 2 + 1;
	while (f->model.count + 400 < ENTRIES) {
		struct batch batch = {&f->model, f->model.count};

		for (uint32_t n = 1 + random_below(300); n > 0; n--)
			add_random(&f->model);
		add_state(&f->model, 0);
		assert_int_equal(catalog_store_write(f->store, append, &batch), 0);
		check_against_model(f);
		if (random_below(4) == 0) {
			catalog_store_close(f->store);
			f->store = NULL;
			assert_int_equal(catalog_store_open(f->dir, 8, &f->store), 0);
			check_against_model(f);
		}
	}
	assert_true(f->model.withdrawn > 0);
}

static void test_the_search_finds_what_is_current(void **state)
{
	struct fixture *f = *state;
	struct batch batch = {&f->model, 0};
	static struct catalog_hit hits[CATALOG_INDEX_HITS_MAX];
	struct catalog_query query = {.text = "title", .limit = CATALOG_INDEX_HITS_MAX};
	struct catalog_txn *txn;
	uint64_t total = 0;
	size_t count = 0;

	rng = 5;
	for (int round = 0; round < 3; round++) {
		batch.from = f->model.count;
		for (size_t i = 0; i < 200; i++)
			add_random(&f->model);
		assert_int_equal(catalog_store_write(f->store, append, &batch), 0);
	}
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_index_search(txn, &query, hits, &count, &total), 0);
	catalog_store_end(txn);
	assert_int_equal(total, f->model.live);
	for (size_t i = 0; i < count; i++) {
		bool current = false;

		for (size_t k = 0; k < IDS; k++)
			current = current || (f->model.things[k].kind == CATALOG_ENTRY_PUT &&
					      f->model.things[k].index == hits[i].index);
		assert_true(current);
	}
}

static void refuse(struct fixture *f, struct batch *batch)
{
	assert_int_equal(catalog_store_write(f->store, append, batch), -EPROTO);
	f->model.count = batch->from;
}

static void test_entries_against_the_rules_are_refused_whole(void **state)
{
	static const uint8_t empty_map[] = {0x80};
	struct fixture *f = *state;
	struct model *model = &f->model;
	struct catalog_entry entry = {.kind = CATALOG_ENTRY_WITHDRAW,
				      .id = "never-put",
				      .prev = CATALOG_ENTRY_PREV_NONE,
				      .body = {empty_map, sizeof empty_map}};
	struct batch batch = {model, 0};
	struct catalog_log_status status;
	struct catalog_txn *txn;

	encode(model, &entry); /* withdraws what is not there */
	refuse(f, &batch);
	entry.kind = CATALOG_ENTRY_PUT;
	entry.prev = 0; /* supersedes itself */
	encode(model, &entry);
	refuse(f, &batch);
	add_state(model, 1); /* a count too many */
	refuse(f, &batch);
	assert_int_equal(catalog_buffer_append(&model->entries[0], "x", 1), 0);
	model->count = 1; /* something after the entry's end */
	refuse(f, &batch);

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, member.index, &status), 0);
	catalog_store_end(txn);
	assert_int_equal(status.size, 0);
}

static void test_a_state_entry_with_another_view_root_is_refused(void **state)
{
	struct fixture *f = *state;
	struct batch batch = {&f->model, 0};

	rng = 3;
	add_random(&f->model);
	add_state(&f->model, 0);
	f->model.entries[1].bytes[f->model.entries[1].len - 1] ^= 1;
	assert_int_equal(catalog_store_write(f->store, append, &batch), -EPROTO);
}

struct note {
	struct catalog_checkpoint checkpoint;
	int result;
};

static int take_note(struct catalog_txn *txn, void *arg)
{
	struct note *note = arg;

	note->result = catalog_log_target(txn, member.index, &note->checkpoint,
					  (struct catalog_span){(const uint8_t *)"note", 4});
	return 0;
}

static int check_log(struct catalog_txn *txn, void *arg)
{
	*(int *)arg = catalog_log_check(txn, member.index);
	return 0;
}

static int mark(struct catalog_txn *txn, void *arg)
{
	(void)arg;
	return catalog_log_mark(txn, member.index, CATALOG_LOG_FORKED);
}

static void test_a_target_only_ever_grows(void **state)
{
	struct fixture *f = *state;
	struct batch batch = {&f->model, 0};
	struct note note = {.checkpoint = {.size = 2}};
	struct catalog_buffer bytes = {0};
	struct catalog_txn *txn;
	int r;

	rng = 9;
	add_random(&f->model);
	add_state(&f->model, 0);
	catalog_merkle_root(f->model.leaves, 2, &note.checkpoint.root);
	assert_int_equal(catalog_store_write(f->store, take_note, &note), 0);
	assert_int_equal(note.result, 0);
	assert_int_equal(catalog_store_write(f->store, check_log, &r), 0);
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(catalog_store_write(f->store, append, &batch), 0);
	assert_int_equal(catalog_store_write(f->store, check_log, &r), 0);
	assert_int_equal(r, 0);

	assert_int_equal(catalog_store_write(f->store, take_note, &note), 0);
	assert_int_equal(note.result, -EEXIST);
	note.checkpoint.root.bytes[0] ^= 1;
	assert_int_equal(catalog_store_write(f->store, take_note, &note), 0);
	assert_int_equal(note.result, -EPROTO);
	note.checkpoint.size = 1;
	assert_int_equal(catalog_store_write(f->store, take_note, &note), 0);
	assert_int_equal(note.result, -ESTALE);

	assert_int_equal(catalog_store_write(f->store, mark, NULL), 0);
	note.checkpoint.size = 3;
	assert_int_equal(catalog_store_write(f->store, take_note, &note), 0);
	assert_int_equal(note.result, -EROFS);
	assert_int_equal(catalog_store_write(f->store, append, &batch), -EROFS);

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, member.index, &bytes), 0);
	catalog_store_end(txn);
	assert_int_equal(bytes.len, 4);
	catalog_buffer_close(&bytes);
}

static void test_the_vector_hash_tells_catalogues_apart(void **state)
{
	struct fixture *f = *state;
	struct batch batch = {&f->model, 0};
	struct catalog_hash before, after;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_vector_hash(txn, &before), 0);
	catalog_store_end(txn);
	rng = 1;
	add_random(&f->model);
	assert_int_equal(catalog_store_write(f->store, append, &batch), 0);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_vector_hash(txn, &after), 0);
	catalog_store_end(txn);
	assert_false(catalog_hash_equal(&before, &after));
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/log", LOG_TEST(test_random_batches_leave_what_the_plain_way_leaves),
	  LOG_TEST(test_the_search_finds_what_is_current),
	  LOG_TEST(test_entries_against_the_rules_are_refused_whole),
	  LOG_TEST(test_a_state_entry_with_another_view_root_is_refused),
	  LOG_TEST(test_a_target_only_ever_grows),
	  LOG_TEST(test_the_vector_hash_tells_catalogues_apart))
