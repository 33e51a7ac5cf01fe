#include "tests/node/session.h"

#include <time.h>

#include "catalog/fork.h"
#include "catalog/note.h"
#include "node/metrics.h"
#include "node/trust.h"

static void test_two_days_are_old_in_both_directions(void **state)
{
	const int64_t now_s = 1795511520;
	struct catalog_log_status status = {.target_size = 3, .attested_s = now_s};

	(void)state;
	assert_false(node_trust_is_old(&status, now_s));
	assert_false(node_trust_is_old(&status, now_s + NODE_TRUST_OLD_S));
	assert_true(node_trust_is_old(&status, now_s + NODE_TRUST_OLD_S + 1));
	assert_false(node_trust_is_old(&status, now_s - NODE_TRUST_OLD_S));
	assert_true(node_trust_is_old(&status, now_s - NODE_TRUST_OLD_S - 1));
	status.attested_s = 0;
	assert_true(node_trust_is_old(&status, now_s));
	status.target_size = 0; /* there is nothing that could be old */
	assert_false(node_trust_is_old(&status, now_s));
}

static void test_a_member_is_current_as_of_its_publishing(void **state)
{
	struct catalog_value *answer;

	(void)state;
	tell("{'op':'publish-begin'}");
	tell("{'op':'publish-put','items':[{'id':'rice','listing':{'title':{'en':'Rice'}}}]}");
	tell("{'op':'publish-end'}");
	answer = ask("{'op':'members'}");
	assert_string_equal(scratch_text(answer, "members/0/current"),
			    scratch_text(answer, "members/0/newest"));
	assert_false(catalog_value_bool(scratch_at(answer, "members/0/old")));
	assert_true(scratch_null(answer, "members/0/fork"));
	assert_true(scratch_null(answer, "members/1/current"));
	assert_false(catalog_value_bool(scratch_at(answer, "members/1/old")));
	catalog_value_free(answer);
	assert_int_equal(try_with(f.session, "{'op':'fork','member':'nbs'}", &answer), -ENOENT);
	assert_non_null(strstr(f.error.text, "knows of no fork of Bureau of Statistics (nbs)"));
	assert_int_equal(try_with(f.session, "{'op':'fork','member':'moh'}", &answer), -ENOENT);
}

/* --- a fork ----------------------------------------------------------------------------------- */

static void sign(uint8_t root, struct catalog_buffer *note)
{
	struct catalog_checkpoint checkpoint = {.size = 1200, .root = {{root}}};

	catalog_checkpoint_origin(catalog_charter_federation(f.scratch.charter), "nbs",
				  checkpoint.origin);
	assert_int_equal(catalog_checkpoint_sign(&checkpoint, &f.scratch.nbs, note), 0);
}

static int keep_body(struct catalog_txn *txn, void *arg)
{
	const struct catalog_buffer *proof = arg;
	struct catalog_fork fork;
	int r = catalog_fork_verify(f.scratch.charter, catalog_buffer_span(proof), &fork);

	return r != 0 ? r : catalog_fork_keep(txn, &fork, catalog_buffer_span(proof));
}

static void test_a_fork_is_shown_with_its_proof(void **state)
{
	struct catalog_buffer notes[2] = {{0}, {0}}, proof = {0}, metrics = {0};
	struct catalog_fork fork = {.log = SCRATCH_NBS};
	uint8_t bytes[CATALOG_FORK_BYTES_MAX];
	struct catalog_value *answer;
	struct catalog_span text;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sign((uint8_t)(2 - i), &notes[i]);
		fork.sides[i].note = catalog_buffer_span(&notes[i]);
	}
	assert_int_equal(catalog_fork_encode(f.scratch.charter, &fork, &proof), 0);
	assert_int_equal(catalog_store_write(f.store, keep_body, &proof), 0);

	answer = ask("{'op':'fork','member':'nbs'}");
	assert_int_equal(scratch_int(answer, "fork/checkpoints/0/size"), 1200);
	assert_int_equal(scratch_text(answer, "fork/checkpoints/0/root")[1], '1');
	assert_int_equal(scratch_text(answer, "fork/checkpoints/1/root")[1], '2');
	assert_true(scratch_null(answer, "fork/first"));
	text = (struct catalog_span){(const uint8_t *)scratch_text(answer, "proof"),
				     strlen(scratch_text(answer, "proof"))};
	assert_int_equal(catalog_note_base64(text, bytes, sizeof bytes, &len), 0);
	assert_int_equal(len, proof.len);
	assert_memory_equal(bytes, proof.bytes, len);
	catalog_value_free(answer);

	answer = ask("{'op':'status'}");
	assert_string_equal(scratch_text(answer, "members/0/state"), "forked");
	assert_int_equal(scratch_int(answer, "members/0/fork/checkpoints/1/size"), 1200);
	assert_int_equal(node_metrics_print(answer, NULL, 0, &metrics), 0);
	assert_int_equal(catalog_buffer_append(&metrics, "", 1), 0);
	assert_non_null(
		strstr((const char *)metrics.bytes, "fedcat_member_forked{member=\"nbs\"} 1\n"));
	assert_non_null(
		strstr((const char *)metrics.bytes, "fedcat_member_forked{member=\"uni\"} 0\n"));
	catalog_value_free(answer);
	for (size_t i = 0; i < 2; i++)
		catalog_buffer_close(&notes[i]);
	catalog_buffer_close(&proof);
	catalog_buffer_close(&metrics);
}

static void test_metrics_tell_when_in_seconds(void **state)
{
	struct catalog_value *status = scratch_value(
		"{'members':[{'name':'nbs','live':7,'entries':9,'target':12,'state':'partial',"
		"'current':'2026-11-24T09:12:00Z','old':true}],'peers':[{'greeted':true,"
		"'equal':false}],'work':{'bytes_in':100,'bytes_out':20,'writes_waiting':3},'"
		"version':'1'}");
	struct catalog_buffer text = {0};
	static const char *const lines[] = {
		"\nfedcat_member_attested_timestamp_seconds{member=\"nbs\"} 1795511520\n",
		"\nfedcat_member_old{member=\"nbs\"} 1\n",
		"\nfedcat_member_target_entries{member=\"nbs\"} 12\n",
		"\nfedcat_peers 1\n",
		"\nfedcat_peers_equal 0\n",
		"\nfedcat_members{state=\"partial\"} 1\n",
		"\nfedcat_members{state=\"forked\"} 0\n",
		"\nfedcat_oldest_attestation_age_seconds 90\n",
		"\nfedcat_link_bytes_total{direction=\"in\"} 100\n",
		"\nfedcat_jobs_waiting{kind=\"write\"} 3\n",
		"\nfedcat_build_info{version=\"1\"} 1\n",
	};

	(void)state;
	assert_int_equal(node_metrics_print(status, NULL, 1795511520 + 90, &text), 0);
	assert_int_equal(catalog_buffer_append(&text, "", 1), 0);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (strstr((const char *)text.bytes, lines[i]) == NULL)
			fail_msg("%s is missing in %s", lines[i], (const char *)text.bytes);
	catalog_buffer_close(&text);
	catalog_value_free(status);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("node/trust", TEST(test_two_days_are_old_in_both_directions),
	  TEST(test_a_member_is_current_as_of_its_publishing),
	  TEST(test_a_fork_is_shown_with_its_proof), TEST(test_metrics_tell_when_in_seconds))
