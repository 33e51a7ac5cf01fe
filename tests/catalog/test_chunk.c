#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <msgpack.h>
#include <sodium.h>
#include <zstd.h>

#include "catalog/chunk.h"
#include "catalog/publisher.h"
#include "catalog/take.h"
#include "catalog/view.h"

#define SELF 2

struct node {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
};

struct fixture {
	struct node from, to;
	struct catalog_secret secret;
	struct catalog_charter *charter;
};

static void open_node(struct node *node)
{
	node->store = scratch_store(node->dir, 1);
}

static void close_node(struct node *node)
{

	scratch_end(node->dir, node->store);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct catalog_member member = {.index = SELF,
					.name = "moh",
					.title = "Health",
					.country = "UG",
					.sector = "health"};
	struct catalog_founding founding = {.name = "Test",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	static const uint8_t seed[32] = {6};
	int r;

	assert_non_null(f);
	*state = f;
	crypto_sign_seed_keypair(member.key.bytes, f->secret.bytes, seed);
	assert_int_equal(catalog_charter_found(&founding, &f->secret, 1, &amendment, NULL), 0);
	r = catalog_charter_new(catalog_buffer_span(&amendment), &f->charter);
	catalog_buffer_close(&amendment);
	open_node(&f->from);
	open_node(&f->to);
	return r;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	close_node(&f->from);
	close_node(&f->to);
	catalog_charter_free(f->charter);
	free(f);
	return 0;
}

/* Publish count listings in batches of step, titles of title_bytes. */
static void publish(struct fixture *f, unsigned first, unsigned count, unsigned step,
		    size_t title_bytes)
{
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	static char text[60001];

	assert_int_equal(
		catalog_publisher_new(f->from.store, f->charter, SELF, &f->secret, &publisher), 0);
	for (unsigned i = first; i < first + count; i++) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *titles = catalog_value_new_map();
		enum catalog_publisher_outcome outcome;
		char id[32];

		snprintf(id, sizeof id, "dataset-%u", i);
		memset(text, 'a' + (int)(i % 26), title_bytes);
		text[title_bytes] = '\0';
		assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(text)),
				 0);
		assert_int_equal(catalog_value_set(listing, "title", titles), 0);
		assert_int_equal(catalog_publisher_put(publisher, id, listing, 1, salt, &outcome),
				 0);
		catalog_value_free(listing);
		if ((i - first) % step == step - 1)
			assert_int_equal(catalog_publisher_flush(publisher, 1, salt), 0);
	}
	assert_int_equal(catalog_publisher_flush(publisher, 1, salt), 0);
	catalog_publisher_free(publisher);
}

static struct catalog_log_status status_of(struct node *node)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(node->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, SELF, &status), 0);
	catalog_store_end(txn);
	return status;
}

struct told {
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note;
};

static int take_target(struct catalog_txn *txn, void *arg)
{
	const struct told *told = arg;

	return catalog_log_target(txn, SELF, &told->checkpoint, catalog_buffer_span(&told->note));
}

/* The receiver learns the sender's checkpoint. */
static void tell(struct fixture *f)
{
	struct catalog_log_status status = status_of(&f->from);
	struct told told = {{.size = status.size, .root = status.root}, {0}};
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->from.store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, SELF, &told.note), 0);
	catalog_store_end(txn);
	assert_int_equal(catalog_store_write(f->to.store, take_target, &told), 0);
	catalog_buffer_close(&told.note);
}

static void make(struct fixture *f, uint64_t from, uint64_t size, struct catalog_buffer *ret_wire)
{
	struct catalog_txn *txn;
	uint64_t to = 0;

	ret_wire->len = 0;
	assert_int_equal(catalog_store_begin(f->from.store, &txn), 0);
	assert_int_equal(catalog_chunk_make(txn, SELF, from, size, size, ret_wire, &to), 0);
	assert_true(to > from);
	assert_true(to <= size);
	catalog_store_end(txn);
}

static int take(struct fixture *f, const struct catalog_buffer *wire)
{
	struct catalog_chunk *chunk = NULL;
	const struct catalog_chunk *const *chunks = (const struct catalog_chunk *const *)&chunk;
	int r = catalog_chunk_new(catalog_buffer_span(wire), &chunk);

	if (r != 0)
		return r;
	if (wire->len % 2 == 0) /* packed before or while it is committed: either way */
		r = catalog_chunk_pack(chunk, f->to.store, 0);
	if (r == 0)
		catalog_chunk_commit_all(f->to.store, f->charter, chunks, 1, &r);
	catalog_chunk_free(chunk);
	return r;
}

/* Pull to the end; returns how many chunks it took. */
static unsigned pull(struct fixture *f)
{
	struct catalog_buffer wire = {0};
	struct catalog_log_status status;
	unsigned chunks = 0;

	tell(f);
	for (status = status_of(&f->to); status.size < status.target_size;
	     status = status_of(&f->to), chunks++) {
		make(f, status.size, status.target_size, &wire);
		assert_int_equal(take(f, &wire), 0);
	}
	catalog_buffer_close(&wire);
	return chunks;
}

static void assert_equal_nodes(struct fixture *f)
{
	struct catalog_log_status a = status_of(&f->from), b = status_of(&f->to);

	assert_int_equal(a.size, b.size);
	assert_int_equal(a.live, b.live);
	assert_true(catalog_hash_equal(&a.root, &b.root));
	assert_true(catalog_hash_equal(&a.view_root, &b.view_root));
}

static void test_a_log_arrives_whole_in_chunks(void **state)
{
	struct fixture *f = *state;

	publish(f, 0, 700, 100, 20);
	assert_int_equal(pull(f), 3); /* 707 leaves in subtrees of 256 */
	assert_equal_nodes(f);
	publish(f, 650, 100, 100, 30);
	assert_int_equal(pull(f), 1); /* from the middle of a subtree to the end */
	assert_equal_nodes(f);
	publish(f, 2000, 1, 1, 20);
	assert_int_equal(pull(f), 1);
	assert_equal_nodes(f);
}

static void test_large_entries_make_smaller_chunks(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer wire = {0};
	struct catalog_chunk *chunk;

	publish(f, 0, 60, 60, 1900);
	publish(f, 100, 40, 40, 60000); /* 2.4 MB in all; no listing of the model, and kept */
	make(f, 61, 102, &wire);
	assert_int_equal(catalog_chunk_new(catalog_buffer_span(&wire), &chunk), 0);
	assert_true(catalog_chunk_to(chunk) < 102);
	assert_true(catalog_chunk_bytes(chunk) < 2 * CATALOG_CHUNK_BYTES_MAX);
	catalog_chunk_free(chunk);
	catalog_buffer_close(&wire);
	assert_true(pull(f) > 2);
	assert_equal_nodes(f);
}

/* How many bytes a chunk has on the wire in a form; it is read back by who knows the codec (NULL:
 * by anybody). */
static size_t wire_of(struct fixture *f, enum catalog_chunk_packing packing, uint64_t to,
		      bool by_codec)
{
	const struct catalog_codec *codec = catalog_store_codec(f->from.store);
	const struct catalog_chunk_form form = {
		.bytes_max = CATALOG_CHUNK_BYTES_MAX, .packing = packing, .codec = codec};
	struct catalog_buffer wire = {0};
	struct catalog_chunk *chunk;
	struct catalog_txn *txn;
	size_t len;

	assert_int_equal(catalog_store_begin(f->from.store, &txn), 0);
	assert_int_equal(catalog_chunk_make_as(txn, SELF, 0, to, 301, &form, &wire, NULL), 0);
	catalog_store_end(txn);
	if (by_codec)
		assert_int_equal(
			catalog_chunk_read(catalog_buffer_span(&wire), NULL, SIZE_MAX, &chunk),
			-ENOENT);
	assert_int_equal(catalog_chunk_read(catalog_buffer_span(&wire), by_codec ? codec : NULL,
					    SIZE_MAX, &chunk),
			 0);
	assert_int_equal(catalog_chunk_to(chunk), to);
	catalog_chunk_free(chunk);
	len = wire.len;
	catalog_buffer_close(&wire);
	return len;
}

static void test_a_dictionary_is_for_small_chunks(void **state)
{
	struct fixture *f = *state;

	publish(f, 0, 300, 300, 1000);
	assert_true(wire_of(f, CATALOG_CHUNK_DICTIONARY, 4, true) <
		    wire_of(f, CATALOG_CHUNK_ZSTD, 4, false));
	assert_int_equal(wire_of(f, CATALOG_CHUNK_DICTIONARY, 256, false),
			 wire_of(f, CATALOG_CHUNK_ZSTD, 256, false));
	assert_true(wire_of(f, CATALOG_CHUNK_PLAIN, 256, false) > 256 * 1000);
}

static void test_a_changed_byte_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer wire = {0};

	publish(f, 0, 20, 10, 20);
	tell(f);
	make(f, 0, 22, &wire);
	for (size_t i = 0; i < wire.len; i++) {
		wire.bytes[i] ^= 0x41;
		/* zstd has bits that change nothing; then it is the same chunk, and may pass. */
		if (take(f, &wire) == 0) {
			assert_equal_nodes(f);
			fail_msg("byte %zu of %zu", i, wire.len);
		}
		wire.bytes[i] ^= 0x41;
	}
	assert_int_equal(status_of(&f->to).size, 0);
	assert_int_equal(take(f, &wire), 0);
	assert_equal_nodes(f);
	catalog_buffer_close(&wire);
}

static void test_a_chunk_cut_short_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer wire = {0};
	size_t whole;

	publish(f, 0, 5, 5, 20);
	make(f, 0, 6, &wire);
	whole = wire.len;
	for (wire.len = 0; wire.len < whole; wire.len++)
		assert_int_equal(take(f, &wire), -EBADMSG);
	catalog_buffer_close(&wire);
}

static void test_a_chunk_out_of_its_turn_is_told_apart(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer first = {0}, second = {0}, old = {0};
	struct catalog_txn *txn;

	publish(f, 0, 300, 300, 20);
	make(f, 0, 301, &first);
	make(f, 256, 301, &second);
	make(f, 0, 200, &old);
	assert_int_equal(take(f, &first), -ESTALE); /* no target yet */
	tell(f);
	assert_int_equal(take(f, &old), -ESTALE); /* nobody signed such a size */
	assert_int_equal(take(f, &second), -EAGAIN);
	assert_int_equal(take(f, &first), 0);
	assert_int_equal(take(f, &first), -ESTALE);
	assert_int_equal(take(f, &second), 0);
	assert_equal_nodes(f);
	assert_int_equal(catalog_store_begin(f->from.store, &txn), 0);
	assert_int_equal(catalog_chunk_make(txn, SELF, 0, 302, 302, &old, NULL), -ENOENT);
	catalog_store_end(txn);
	catalog_buffer_close(&first);
	catalog_buffer_close(&second);
	catalog_buffer_close(&old);
}

static size_t held_note(struct node *node, char ret_note[CATALOG_CHECKPOINT_BYTES_MAX])
{
	struct catalog_buffer note = {0};
	struct catalog_txn *txn;
	size_t len;
	int r;

	assert_int_equal(catalog_store_begin(node->store, &txn), 0);
	r = catalog_log_checkpoint_held(txn, SELF, &note);
	catalog_store_end(txn);
	assert_true(r == 0 || r == -ENOENT);
	len = note.len;
	assert_true(len < CATALOG_CHECKPOINT_BYTES_MAX);
	if (len > 0)
		memcpy(ret_note, note.bytes, len);
	ret_note[len] = '\0';
	catalog_buffer_close(&note);
	return len;
}

static void test_what_was_asked_before_the_target_moved_is_still_taken(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer first = {0}, second = {0}, rest = {0};
	char note[CATALOG_CHECKPOINT_BYTES_MAX];

	publish(f, 0, 300, 300, 20);
	tell(f);
	make(f, 0, 301, &first);
	make(f, 256, 301, &second);
	publish(f, 300, 10, 10, 20);
	tell(f);
	assert_int_equal(take(f, &first), 0);
	assert_int_equal(held_note(&f->to, note), 0);
	assert_int_equal(take(f, &second), 0); /* under the checkpoint of 301 */
	assert_true(held_note(&f->to, note) > 0);
	assert_non_null(strstr(note, "\n301\n"));
	make(f, 301, 312, &rest);
	assert_int_equal(take(f, &rest), 0);
	assert_equal_nodes(f);
	assert_true(held_note(&f->to, note) > 0);
	assert_non_null(strstr(note, "\n312\n"));
	catalog_buffer_close(&first);
	catalog_buffer_close(&second);
	catalog_buffer_close(&rest);
}

static int append_one(struct catalog_txn *txn, void *arg)
{
	static const uint8_t empty_map[] = {0x80};
	struct catalog_member member = {.index = SELF, .name = "moh", .country = "UG"};
	struct catalog_entry entry = {.kind = CATALOG_ENTRY_PUT,
				      .id = "another-history",
				      .prev = CATALOG_ENTRY_PREV_NONE,
				      .body = {empty_map, sizeof empty_map}};
	struct catalog_buffer bytes = {0};
	struct catalog_span span;
	int r;

	(void)arg;
	assert_int_equal(catalog_entry_encode(&entry, &bytes), 0);
	span = catalog_buffer_span(&bytes);
	r = catalog_log_append(txn, &member, &span, 1);
	catalog_buffer_close(&bytes);
	return r;
}

static void test_a_chunk_that_does_not_follow_what_is_held_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer wire = {0};

	publish(f, 0, 300, 300, 20);
	assert_int_equal(catalog_store_write(f->to.store, append_one, NULL), 0);
	tell(f);
	make(f, 0, 301, &wire);
	/* The chunk stands alone, and its first leaf is another than the receiver's own. */
	assert_int_equal(take(f, &wire), -EPROTO);
	catalog_buffer_close(&wire);
}

/* --- items that a peer has moved or left out -------------------------------------------------- */

static int write_to(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static void pack_bin(msgpack_packer *pk, struct catalog_span span)
{
	assert_int_equal(msgpack_pack_bin(pk, span.len), 0);
	assert_int_equal(msgpack_pack_bin_body(pk, span.bytes, span.len), 0);
}

/* The items of a chunk, in another order: what is packed is unpacked, changed and packed again. */
static void rearrange(struct catalog_buffer *wire, const size_t *order, size_t count)
{
	struct catalog_span rest = catalog_buffer_span(wire), head = rest, packed, items[16];
	struct catalog_buffer plain = {0}, again = {0}, made = {0};
	uint64_t fields, number, found;
	msgpack_packer pk;
	size_t len;

	assert_int_equal(catalog_take_array(&rest, &fields), 0);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(catalog_take_unsigned(&rest, UINT64_MAX, &number), 0);
	assert_int_equal(catalog_take_array(&rest, &number), 0);
	for (uint64_t i = 0; i < number; i++)
		assert_int_equal(catalog_take_bin(&rest, &packed), 0);
	head.len -= rest.len;
	assert_int_equal(catalog_take_bin(&rest, &packed), 0);
	assert_int_equal(catalog_buffer_reserve(&plain, 100000), 0);
	plain.len = ZSTD_decompress(plain.bytes, 100000, packed.bytes, packed.len);
	assert_false(ZSTD_isError(plain.len));
	rest = catalog_buffer_span(&plain);
	assert_int_equal(catalog_take_array(&rest, &found), 0);
	assert_true(found <= 16);
	for (uint64_t i = 0; i < found; i++)
		assert_int_equal(catalog_take_bin(&rest, &items[i]), 0);
	msgpack_packer_init(&pk, &made, write_to);
	assert_int_equal(msgpack_pack_array(&pk, count), 0);
	for (size_t i = 0; i < count; i++)
		pack_bin(&pk, items[order[i]]);
	assert_int_equal(catalog_buffer_reserve(&again, ZSTD_compressBound(made.len)), 0);
	len = ZSTD_compress(again.bytes, ZSTD_compressBound(made.len), made.bytes, made.len, 3);
	assert_false(ZSTD_isError(len));
	again.len = len;
	made.len = 0;
	assert_int_equal(catalog_buffer_append(&made, head.bytes, head.len), 0);
	pack_bin(&pk, catalog_buffer_span(&again));
	catalog_buffer_close(wire);
	*wire = made;
	catalog_buffer_close(&plain);
	catalog_buffer_close(&again);
}

/* A chunk with other bytes where its packed items are. */
static void put_packed(const struct catalog_buffer *wire, struct catalog_span instead,
		       struct catalog_buffer *ret_wire)
{
	struct catalog_span rest = catalog_buffer_span(wire), head = rest, packed;
	uint64_t fields, number;
	msgpack_packer pk;

	assert_int_equal(catalog_take_array(&rest, &fields), 0);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(catalog_take_unsigned(&rest, UINT64_MAX, &number), 0);
	assert_int_equal(catalog_take_array(&rest, &number), 0);
	for (uint64_t i = 0; i < number; i++)
		assert_int_equal(catalog_take_bin(&rest, &packed), 0);
	head.len -= rest.len;
	ret_wire->len = 0;
	assert_int_equal(catalog_buffer_append(ret_wire, head.bytes, head.len), 0);
	msgpack_packer_init(&pk, ret_wire, write_to);
	pack_bin(&pk, instead);
}

static void test_a_few_bytes_that_become_many_are_refused(void **state)
{
	struct catalog_buffer wire = {0}, bomb = {0}, changed = {0};
	size_t much = 256u * 1024 * 1024, len;
	struct fixture *f = *state;
	uint8_t *zeros = calloc(1, much);

	publish(f, 0, 5, 5, 20);
	tell(f);
	make(f, 0, 6, &wire);
	assert_non_null(zeros);
	assert_int_equal(catalog_buffer_reserve(&bomb, ZSTD_compressBound(much)), 0);
	len = ZSTD_compress(bomb.bytes, ZSTD_compressBound(much), zeros, much, 3);
	assert_false(ZSTD_isError(len));
	assert_true(len < 64 * 1024); /* it would pass as a chunk */
	put_packed(&wire, (struct catalog_span){bomb.bytes, len}, &changed);
	/* What it says of itself is not believed beyond the limit, and nothing is unpacked. */
	assert_int_equal(take(f, &changed), -E2BIG);
	/* One that says nothing of its size is not even tried: without the flag, and cut. */
	bomb.bytes[4] &= 0x1f;
	put_packed(&wire, (struct catalog_span){bomb.bytes, len}, &changed);
	assert_true(take(f, &changed) < 0);
	assert_int_equal(status_of(&f->to).size, 0);
	assert_int_equal(take(f, &wire), 0);
	free(zeros);
	catalog_buffer_close(&wire);
	catalog_buffer_close(&bomb);
	catalog_buffer_close(&changed);
}

static void test_items_reordered_repeated_or_left_out_are_refused(void **state)
{
	static const struct {
		size_t count, order[8];
		int outcome;
	} cases[] = {
		{6, {0, 1, 2, 3, 4, 5}, 0},
		{6, {1, 0, 2, 3, 4, 5}, -EKEYREJECTED},
		{6, {0, 1, 2, 2, 4, 5}, -EKEYREJECTED},
		{5, {0, 1, 2, 3, 4}, -EBADMSG},
		{5, {1, 2, 3, 4, 5}, -EBADMSG},
		{7, {0, 1, 2, 3, 4, 5, 5}, -EBADMSG},
		{0, {0}, -EBADMSG},
	};
	struct fixture *f = *state;
	struct catalog_buffer wire = {0};

	publish(f, 0, 5, 5, 20);
	tell(f);
	for (size_t i = sizeof cases / sizeof cases[0]; i-- > 0;) { /* the good one last */
		make(f, 0, 6, &wire);
		rearrange(&wire, cases[i].order, cases[i].count);
		assert_int_equal(take(f, &wire), cases[i].outcome);
	}
	assert_equal_nodes(f);
	catalog_buffer_close(&wire);
}

static void test_an_older_checkpoint_is_never_taken_for_a_newer(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer old = {0};
	struct catalog_txn *txn;
	struct told told = {{.size = 11}, {0}};

	publish(f, 0, 10, 10, 20);
	assert_int_equal(catalog_store_begin(f->from.store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, SELF, &told.note), 0);
	catalog_store_end(txn);
	make(f, 0, 11, &old);
	publish(f, 10, 10, 10, 20);
	assert_int_equal(pull(f), 1);
	assert_int_equal(catalog_store_write(f->to.store, take_target, &told), -ESTALE);
	assert_int_equal(take(f, &old), -ESTALE);
	assert_equal_nodes(f);
	catalog_buffer_close(&told.note);
	catalog_buffer_close(&old);
}

/* --- many at once --------------------------------------------------------------------------- */

#define MANY 6

struct many {
	struct catalog_chunk *chunks[MANY];
	int results[MANY];
};

static struct catalog_chunk *made(struct fixture *f, uint64_t from, uint64_t size)
{
	struct catalog_chunk *chunk = NULL;
	struct catalog_buffer wire = {0};

	make(f, from, size, &wire);
	assert_int_equal(catalog_chunk_new(catalog_buffer_span(&wire), &chunk), 0);
	catalog_buffer_close(&wire);
	return chunk;
}

static void take_many(struct fixture *f, struct many *many)
{
	catalog_chunk_commit_all(f->to.store, f->charter,
				 (const struct catalog_chunk *const *)many->chunks, MANY,
				 many->results);
	for (size_t i = 0; i < MANY; i++)
		catalog_chunk_free(many->chunks[i]);
}

static void test_many_chunks_are_taken_at_once(void **state)
{
	struct fixture *f = *state;
	struct many many;

	publish(f, 0, 1400, 200, 20);
	tell(f);
	for (size_t i = 0; i < MANY; i++)
		many.chunks[i] = made(f, 256 * i, 1407);
	take_many(f, &many);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(many.results[i], 0);
	assert_equal_nodes(f);
}

static void test_a_refused_chunk_keeps_only_its_followers_out(void **state)
{
	static const int expected[MANY] = {0, 0, -ESTALE, 0, -EAGAIN, -EAGAIN};
	struct fixture *f = *state;
	struct many many;

	publish(f, 0, 1400, 200, 20);
	tell(f);
	many.chunks[0] = made(f, 0, 1407);
	many.chunks[1] = made(f, 256, 1407);
	many.chunks[2] = made(f, 0, 1407);
	many.chunks[3] = made(f, 512, 1407);
	many.chunks[4] = made(f, 1024, 1407);
	many.chunks[5] = made(f, 1280, 1407);
	take_many(f, &many);
	assert_memory_equal(many.results, expected, sizeof expected);
	assert_int_equal(status_of(&f->to).size, 768);
}

/* The receiver holds an entry about a thing before it, so that putting it anew breaks the rules. */
static int spoil_view(struct catalog_txn *txn, void *arg)
{
	struct catalog_view_row row = {.index = 0, .kind = CATALOG_ENTRY_PUT};
	struct catalog_hash root;

	catalog_entry_thing(CATALOG_ENTRY_PUT, arg, &row.thing);
	return catalog_view_put(txn, SELF, &row, 1, &root);
}

static void test_a_chunk_against_the_rules_is_named_and_the_others_are_taken(void **state)
{
	static const int expected[MANY] = {0, 0, -EPROTO, -EAGAIN, -EAGAIN, -EAGAIN};
	struct fixture *f = *state;
	struct many many;
	char id[] = "dataset-600";

	publish(f, 0, 1400, 200, 20);
	tell(f);
	assert_int_equal(catalog_store_write(f->to.store, spoil_view, id), 0);
	for (size_t i = 0; i < MANY; i++)
		many.chunks[i] = made(f, 256 * i, 1407);
	take_many(f, &many);
	assert_memory_equal(many.results, expected, sizeof expected);
	assert_int_equal(status_of(&f->to).size, 512);
}

#define CHUNK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/chunk", CHUNK_TEST(test_a_log_arrives_whole_in_chunks),
	  CHUNK_TEST(test_large_entries_make_smaller_chunks),
	  CHUNK_TEST(test_a_dictionary_is_for_small_chunks),
	  CHUNK_TEST(test_a_changed_byte_anywhere_is_refused),
	  CHUNK_TEST(test_a_chunk_cut_short_anywhere_is_refused),
	  CHUNK_TEST(test_a_chunk_out_of_its_turn_is_told_apart),
	  CHUNK_TEST(test_what_was_asked_before_the_target_moved_is_still_taken),
	  CHUNK_TEST(test_a_few_bytes_that_become_many_are_refused),
	  CHUNK_TEST(test_items_reordered_repeated_or_left_out_are_refused),
	  CHUNK_TEST(test_an_older_checkpoint_is_never_taken_for_a_newer),
	  CHUNK_TEST(test_a_chunk_that_does_not_follow_what_is_held_is_refused),
	  CHUNK_TEST(test_many_chunks_are_taken_at_once),
	  CHUNK_TEST(test_a_refused_chunk_keeps_only_its_followers_out),
	  CHUNK_TEST(test_a_chunk_against_the_rules_is_named_and_the_others_are_taken))
