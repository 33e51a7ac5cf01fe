/* Amendments and entries in whatever order: the logs end where the charter's lines allow. */
#include "tests/catalog/council.h"
#include "tests/scratch.h"

#include <errno.h>
#include <unistd.h>

#include "catalog/audit.h"
#include "catalog/charter_store.h"
#include "catalog/chunk.h"
#include "catalog/log.h"
#include "catalog/publisher.h"

#define FIRST   COUNCIL_SIGNERS /* the key of member 0; the next is member 1's */
#define MEMBERS 4
#define EVENTS  400

struct node {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	struct catalog_charter *charter;
};

/* What may reach a node, as often as it likes: an amendment, a checkpoint, or a chunk. */
struct event {
	enum { AMENDMENT, NOTE, CHUNK } kind;
	uint32_t log;
	struct catalog_buffer bytes;
};

static struct council c;
static struct node author, nodes[3];
static struct event events[EVENTS];
static size_t event_count;
static unsigned keys[MEMBERS], key_count;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static void open_node(struct node *node)
{
	node->store = scratch_store(node->dir, 1);
	assert_int_equal(catalog_charter_new(catalog_charter_bytes(c.charter), &node->charter), 0);
	assert_int_equal(catalog_charter_store_open(node->store, node->charter, c.why), 0);
}

static void close_node(struct node *node)
{

	catalog_charter_free(node->charter);
	scratch_end(node->dir, node->store);
	*node = (struct node){0};
}

static int set_up(void **state)
{
	(void)state;
	council_open(&c, 3, 2);
	event_count = 0;
	seed = 7;
	keys[0] = FIRST;
	keys[1] = FIRST + 1;
	key_count = FIRST + 2;
	open_node(&author);
	for (size_t i = 0; i < 3; i++)
		open_node(&nodes[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_node(&author);
	for (size_t i = 0; i < 3; i++)
		close_node(&nodes[i]);
	for (size_t i = 0; i < event_count; i++)
		catalog_buffer_close(&events[i].bytes);
	council_close(&c);
	return 0;
}

static struct catalog_log_status status_of(const struct node *node, uint32_t log)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(node->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, log, &status), 0);
	catalog_store_end(txn);
	return status;
}

static struct event *event_of(int kind, uint32_t log)
{
	assert_true(event_count < EVENTS);
	events[event_count] = (struct event){.kind = kind, .log = log};
	return &events[event_count++];
}

/* --- what happens ----------------------------------------------------------------------------- */

/* A member publishes a batch; its checkpoint and its chunk are events. */
static void publish(uint32_t log, unsigned count)
{
	uint64_t before = status_of(&author, log).size, after, to;
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	struct catalog_txn *txn;

	assert_int_equal(catalog_publisher_new(author.store, author.charter, log,
					       &c.secrets[keys[log]], &publisher),
			 0);
	for (unsigned i = 0; i < count; i++) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *titles = catalog_value_new_map();
		enum catalog_publisher_outcome outcome;
		char id[16], text[32];

		(void)snprintf(id, sizeof id, "d-%u", (unsigned)draw(6));
		(void)snprintf(text, sizeof text, "rice %u", (unsigned)draw(1000));
		assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(text)),
				 0);
		assert_int_equal(catalog_value_set(listing, "title", titles), 0);
		assert_int_equal(catalog_publisher_put(publisher, id, listing, 1, salt, &outcome),
				 0);
		catalog_value_free(listing);
	}
	assert_int_equal(catalog_publisher_flush(publisher, 1, salt), 0);
	catalog_publisher_free(publisher);
	after = status_of(&author, log).size;
	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	if (after > before) {
		assert_int_equal(catalog_log_checkpoint(txn, log, &event_of(NOTE, log)->bytes), 0);
		assert_int_equal(catalog_chunk_make(txn, log, before, after, after,
						    &event_of(CHUNK, log)->bytes, &to),
				 0);
	}
	catalog_store_end(txn);
}

/* The council decides what was added; everybody who publishes hears of it at once. */
static void decide(void)
{
	struct event *event = event_of(AMENDMENT, 0);

	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(catalog_buffer_append(&event->bytes, c.amendment.bytes, c.amendment.len),
			 0);
	assert_int_equal(catalog_charter_store_take(author.store, author.charter,
						    catalog_buffer_span(&c.amendment), c.why),
			 0);
}

/* One of the checkpoints that a member's log goes through, or nothing. */
static struct catalog_line line_of(uint32_t log, struct catalog_buffer *note)
{
	struct catalog_line line = {.size = draw(status_of(&author, log).size + 1)};
	struct catalog_checkpoint checkpoint;
	struct catalog_txn *txn;

	catalog_hash_of(NULL, 0, &line.root);
	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	while (line.size > 0 && catalog_log_checkpoint_at(txn, log, line.size, note) == -ENOENT)
		line.size--;
	catalog_store_end(txn);
	if (line.size > 0) {
		line.note = catalog_buffer_span(note);
		assert_int_equal(
			catalog_charter_verify(author.charter, log, line.note, &checkpoint), 0);
		line.root = checkpoint.root;
	}
	return line;
}

static void draw_line(uint32_t log)
{
	enum catalog_standing standing = catalog_charter_member(c.charter, log)->standing;
	struct catalog_buffer note = {0};
	struct catalog_line line = line_of(log, &note);

	switch (standing) {
	case CATALOG_STANDING_EXPELLED: break;
	case CATALOG_STANDING_SUSPENDED:
		/* Who may have signed beyond the line comes back with another key. */
		council_move_at(&c, CATALOG_CHANGE_READMIT, log, line, 0);
		council_move_at(&c, CATALOG_CHANGE_ROTATE, log, line, key_count);
		keys[log] = key_count++;
		decide();
		break;
	case CATALOG_STANDING_MEMBER:
		switch (draw(8)) {
		case 0: council_move_at(&c, CATALOG_CHANGE_EXPEL, log, line, 0); break;
		case 1:
		case 2:
		case 3: council_move_at(&c, CATALOG_CHANGE_SUSPEND, log, line, 0); break;
		default:
			council_move_at(&c, CATALOG_CHANGE_ROTATE, log, line, key_count);
			keys[log] = key_count++;
			break;
		}
		decide();
		break;
	}
	catalog_buffer_close(&note);
}

static void happen(void)
{
	uint32_t log = (uint32_t)draw(MEMBERS);
	const struct catalog_member *member = catalog_charter_member(c.charter, log);

	if (member == NULL) {
		council_admit(&c, log, key_count);
		keys[log] = key_count++;
		decide();
	} else if (draw(4) == 0) {
		draw_line(log);
	} else if (member->standing == CATALOG_STANDING_MEMBER) {
		publish(log, 1 + (unsigned)draw(4));
	}
}

/* --- what reaches a node ---------------------------------------------------------------------- */

struct target {
	uint32_t log;
	const struct catalog_checkpoint *checkpoint;
	struct catalog_span note;
};

static int target_body(struct catalog_txn *txn, void *arg)
{
	const struct target *target = arg;

	return catalog_log_target(txn, target->log, target->checkpoint, target->note);
}

static void take_note(struct node *node, uint32_t log, struct catalog_span note)
{
	struct catalog_checkpoint checkpoint;
	struct catalog_charter_line line;
	struct target target = {log, &checkpoint, note};
	int r = catalog_charter_verify(node->charter, log, note, &checkpoint);

	if (r != 0) {
		assert_true(r == -ENOENT || r == -EKEYREJECTED || r == -EROFS);
		return;
	}
	assert_int_equal(catalog_charter_line(node->charter, log, CATALOG_CHARTER_NEWEST, &line),
			 0);
	if (checkpoint.size < line.size)
		return;
	r = catalog_store_write(node->store, target_body, &target);
	assert_true(r == 0 || r == -ESTALE || r == -EEXIST); /* nobody signs two histories */
}

static void take_chunk(struct node *node, struct catalog_span wire)
{
	struct catalog_chunk *chunk = NULL;
	const struct catalog_chunk *chunks[1];
	int r;

	assert_int_equal(catalog_chunk_new(wire, &chunk), 0);
	chunks[0] = chunk;
	catalog_chunk_commit_all(node->store, node->charter, chunks, 1, &r);
	/* What was dropped by a line proves nothing any more, or is of no checkpoint known. */
	if (r != 0 && r != -ESTALE && r != -EAGAIN && r != -ENOENT && r != -EKEYREJECTED)
		fail_msg("a chunk of log %u from %llu to %llu: %s", catalog_chunk_log(chunk),
			 (unsigned long long)catalog_chunk_from(chunk),
			 (unsigned long long)catalog_chunk_to(chunk), strerror(-r));
	catalog_chunk_free(chunk);
}

static void take_amendment(struct node *node, struct catalog_span amendment)
{
	int r = catalog_charter_store_take(node->store, node->charter, amendment, c.why);

	if (r != 0 && r != -EAGAIN)
		fail_msg("an amendment: %s (%s)", strerror(-r), c.why);
}

static void deliver(struct node *node, const struct event *event)
{
	struct catalog_span bytes = catalog_buffer_span(&event->bytes);

	switch (event->kind) {
	case AMENDMENT: take_amendment(node, bytes); break;
	case NOTE: take_note(node, event->log, bytes); break;
	case CHUNK: take_chunk(node, bytes); break;
	}
}

/* All that is missing, from those who have it: as anti-entropy does. */
static void complete(struct node *node)
{
	for (size_t i = 0; i < event_count; i++)
		if (events[i].kind == AMENDMENT)
			deliver(node, &events[i]);
	for (size_t i = 0; i < event_count; i++)
		if (events[i].kind == NOTE)
			deliver(node, &events[i]);
	for (uint32_t log = 0; log < MEMBERS; log++) {
		struct catalog_log_status theirs = status_of(&author, log), ours;
		struct catalog_buffer wire = {0};
		struct catalog_txn *txn;
		uint64_t to;

		while ((ours = status_of(node, log)).size < theirs.size) {
			wire.len = 0;
			assert_int_equal(catalog_store_begin(author.store, &txn), 0);
			assert_int_equal(catalog_chunk_make(txn, log, ours.size, theirs.size,
							    theirs.size, &wire, &to),
					 0);
			catalog_store_end(txn);
			take_chunk(node, catalog_buffer_span(&wire));
			if (status_of(node, log).size <= ours.size)
				fail_msg("log %u stays at %llu of %llu", log,
					 (unsigned long long)ours.size,
					 (unsigned long long)theirs.size);
		}
		catalog_buffer_close(&wire);
	}
}

static void assert_same(const struct node *a, const struct node *b)
{
	struct catalog_hash vectors[2];
	struct catalog_span bytes[2] = {catalog_charter_bytes(a->charter),
					catalog_charter_bytes(b->charter)};
	const struct node *both[2] = {a, b};

	assert_int_equal(bytes[0].len, bytes[1].len);
	assert_memory_equal(bytes[0].bytes, bytes[1].bytes, bytes[0].len);
	for (uint32_t log = 0; log < MEMBERS; log++) {
		struct catalog_log_status s = status_of(a, log), t = status_of(b, log);

		assert_int_equal(s.size, t.size);
		assert_int_equal(s.target_size, t.target_size);
		assert_int_equal(s.live, t.live);
		assert_int_equal(s.health, CATALOG_LOG_GOOD);
		assert_int_equal(t.health, CATALOG_LOG_GOOD);
		assert_memory_equal(&s.target_root, &t.target_root, sizeof s.target_root);
		assert_memory_equal(&s.root, &t.root, sizeof s.root);
		assert_memory_equal(&s.view_root, &t.view_root, sizeof s.view_root);
	}
	for (size_t i = 0; i < 2; i++) {
		struct catalog_txn *txn;

		assert_int_equal(catalog_store_begin(both[i]->store, &txn), 0);
		assert_int_equal(catalog_log_vector_hash(txn, &vectors[i]), 0);
		catalog_store_end(txn);
	}
	assert_memory_equal(&vectors[0], &vectors[1], sizeof vectors[0]);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void everything_to(struct node *node)
{
	for (size_t i = 0; i < event_count; i++)
		deliver(node, &events[i]);
}

static void test_a_node_that_is_ahead_steps_back_to_the_line(void **state)
{
	struct catalog_line line;
	struct catalog_buffer note = {0};
	struct catalog_txn *txn;
	uint64_t size;

	(void)state;
	publish(0, 3);
	size = status_of(&author, 0).size;
	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, &note), 0);
	catalog_store_end(txn);
	line = (struct catalog_line){size, status_of(&author, 0).root, catalog_buffer_span(&note)};
	publish(0, 4);
	everything_to(&nodes[0]);
	assert_true(status_of(&nodes[0], 0).size > size);
	council_move_at(&c, CATALOG_CHANGE_SUSPEND, 0, line, 0);
	decide();
	everything_to(&nodes[0]); /* those beyond the line again, too */
	everything_to(&nodes[1]);
	deliver(&nodes[2], &events[event_count - 1]); /* the amendment first */
	assert_int_equal(status_of(&nodes[2], 0).target_size, size);
	everything_to(&nodes[2]);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(status_of(&nodes[i], 0).size, size);
		assert_int_equal(status_of(&nodes[i], 0).target_size, size);
		assert_int_equal(status_of(&nodes[i], 0).settled, size);
		assert_same(&nodes[i], &author);
	}
	catalog_buffer_close(&note);
}

/* Erase a listing; or say something that is about none (id NULL). */
static void erase(uint32_t log, const char *id)
{
	static const uint8_t nil = 0xc0;
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};

	assert_int_equal(catalog_publisher_new(author.store, author.charter, log,
					       &c.secrets[keys[log]], &publisher),
			 0);
	assert_int_equal(id != NULL ? catalog_publisher_withdraw(
					      publisher, id, CATALOG_PUBLISHER_ERASE, NULL, 1, salt)
				    : catalog_publisher_append(
					      publisher, CATALOG_ENTRY_VOTE, "a-vote",
					      (struct catalog_span){&nil, 1}, 1, salt, &outcome),
			 0);
	assert_int_equal(catalog_publisher_flush(publisher, 1, salt), 0);
	catalog_publisher_free(publisher);
}

/* Entry 0 is a listing of the log. */
static void id_of_first(uint32_t log, char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	assert_int_equal(catalog_log_read(txn, log, 0, &bytes), 0);
	catalog_store_end(txn);
	assert_int_equal(catalog_entry_decode(catalog_buffer_span(&bytes), &entry), 0);
	memcpy(ret_id, entry.id, sizeof entry.id);
	catalog_buffer_close(&bytes);
}

/* A node that has erased steps back as well as one that has not; it serves nothing of which it
 * lacks what is current; and when the member has withdrawn it again, who begins anew gets all. */
static void test_a_line_before_an_erasure_breaks_no_log(void **state)
{
	char id[CATALOG_ID_BYTES_MAX + 1];
	struct catalog_buffer note = {0}, wire = {0};
	struct catalog_audit_finding finding;
	struct catalog_line line;
	struct catalog_txn *txn;
	uint64_t size;

	(void)state;
	publish(0, 1);
	id_of_first(0, id);
	size = status_of(&author, 0).size;
	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, &note), 0);
	catalog_store_end(txn);
	line = (struct catalog_line){size, status_of(&author, 0).root, catalog_buffer_span(&note)};
	everything_to(&nodes[0]); /* it has the body, and hears of the erasure never */
	erase(0, id);
	council_move_at(&c, CATALOG_CHANGE_ROTATE, 0, line, key_count);
	keys[0] = key_count++;
	decide(); /* the author has erased, and steps back */
	assert_int_equal(status_of(&author, 0).size, size);
	assert_int_equal(status_of(&author, 0).health, CATALOG_LOG_GOOD);
	assert_int_equal(status_of(&author, 0).live, 1);
	assert_int_equal(status_of(&author, 0).settled, size);
	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	assert_int_equal(catalog_log_read(txn, 0, 0, &wire), -ENOENT);
	assert_int_equal(catalog_chunk_make(txn, 0, 0, size, size, &wire, NULL), -ENOENT);
	assert_int_equal(catalog_audit_log(txn, author.charter,
					   catalog_charter_member(author.charter, 0), NULL, NULL,
					   &finding),
			 0);
	if (finding.class != CATALOG_AUDIT_NOTHING)
		fail_msg("%s", finding.text);
	catalog_store_end(txn);
	everything_to(&nodes[0]);
	assert_int_equal(status_of(&nodes[0], 0).size, size);
	erase(0, NULL); /* it withdraws again what was erased, too */
	assert_int_equal(status_of(&author, 0).withdrawn, 1);
	assert_int_equal(catalog_store_begin(author.store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, &event_of(NOTE, 0)->bytes), 0);
	catalog_store_end(txn);
	for (size_t i = 0; i < 3; i++) { /* 1 and 2 begin with nothing */
		complete(&nodes[i]);
		assert_same(&nodes[i], &author);
	}
	catalog_buffer_close(&note);
	catalog_buffer_close(&wire);
}

static void test_the_charter_is_in_the_store(void **state)
{
	struct catalog_charter *founding = NULL;

	(void)state;
	assert_int_equal(catalog_charter_new(catalog_charter_bytes(c.charter), &founding), 0);
	council_admit(&c, 2, key_count++);
	decide();
	everything_to(&nodes[0]);
	/* The file may be of the founding, and the store know more; or the other way round. */
	assert_int_equal(catalog_charter_store_open(nodes[0].store, founding, c.why), 0);
	assert_int_equal(catalog_charter_number(founding), 1);
	assert_int_equal(catalog_charter_store_open(nodes[1].store, founding, c.why), 0);
	assert_int_equal(catalog_charter_store_open(nodes[1].store, nodes[1].charter, c.why), 0);
	assert_int_equal(catalog_charter_number(nodes[1].charter), 1);
	catalog_charter_free(founding);
}

static void test_in_whatever_order_all_nodes_end_the_same(void **state)
{
	for (uint64_t run = 1; run <= 25; run++) {
		uint64_t steps;

		print_message("seed %llu\n", (unsigned long long)run);
		tear_down(state);
		set_up(state);
		seed = run * 0x9e3779b97f4a7c15u;
		steps = 10 + draw(40);
		for (uint64_t i = 0; i < steps; i++) {
			happen();
			/* Some hear of things as they happen, some long after, some twice. */
			for (size_t n = 0; n < 2 && event_count > 0; n++)
				for (uint64_t k = draw(4); k > 0; k--)
					deliver(&nodes[n], &events[draw(event_count)]);
		}
		for (size_t n = 0; n < 3; n++) {
			for (size_t i = 0; i < event_count; i++)
				deliver(&nodes[n], &events[draw(event_count)]);
			complete(&nodes[n]);
			assert_same(&nodes[n], &author);
		}
	}
}

#define A_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/charter_store", A_TEST(test_a_node_that_is_ahead_steps_back_to_the_line),
	  A_TEST(test_a_line_before_an_erasure_breaks_no_log),
	  A_TEST(test_the_charter_is_in_the_store),
	  A_TEST(test_in_whatever_order_all_nodes_end_the_same))
