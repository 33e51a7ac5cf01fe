#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "node/seen.h"
#include "tests/scratch.h"

#define NOW   1795511520
#define DAY_S (24 * 60 * 60)

static char dir[SCRATCH_BYTES];

static int set_up(void **state)
{
	(void)state;
	scratch_make(dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static struct node_seen *open_at(int64_t now_s)
{
	struct node_seen *seen;
	struct node_error error;

	assert_int_equal(node_seen_open(dir, now_s, &seen, &error), 0);
	return seen;
}

static void keep(struct node_seen *seen)
{
	struct node_error error;

	assert_int_equal(node_seen_keep(seen, &error), 0);
	node_seen_free(seen);
}

static void write_text(const char *text)
{
	char path[64];
	struct node_error error;

	snprintf(path, sizeof path, "%s/" NODE_SEEN_FILE, dir);
	assert_int_equal(
		node_datadir_write(path, (struct catalog_span){(const uint8_t *)text, strlen(text)},
				   0644, &error),
		0);
}

static void test_what_was_seen_is_there_again(void **state)
{
	const struct node_seen_line *lines;
	struct node_seen *seen = open_at(NOW);

	(void)state;
	assert_int_equal(node_seen_lines(seen, &lines), 0);
	node_seen_note(seen, "nbs", "192.0.2.1:7420", NOW);
	node_seen_note(seen, "moh", "[2001:db8::1]:7420", NOW + 1);
	node_seen_note(seen, "nbs", "192.0.2.1:7420", NOW + 2);
	keep(seen);
	seen = open_at(NOW + 5);
	assert_int_equal(node_seen_lines(seen, &lines), 2);
	assert_string_equal(lines[0].member, "nbs");
	assert_string_equal(lines[0].address, "192.0.2.1:7420");
	assert_int_equal(lines[0].time_s, NOW + 2);
	assert_string_equal(lines[1].address, "[2001:db8::1]:7420");
	node_seen_free(seen);
	seen = open_at(NOW + 91 * DAY_S);
	assert_int_equal(node_seen_lines(seen, &lines), 0);
	node_seen_free(seen);
}

static void test_the_newest_are_kept(void **state)
{
	const struct node_seen_line *lines;
	struct node_seen *seen = open_at(NOW);

	(void)state;
	for (int i = 0; i < NODE_SEEN_MAX + 10; i++) {
		char address[40];

		snprintf(address, sizeof address, "node-%d.example:1", i);
		node_seen_note(seen, "nbs", address, NOW + i);
	}
	keep(seen);
	seen = open_at(NOW);
	assert_int_equal(node_seen_lines(seen, &lines), NODE_SEEN_MAX);
	for (size_t i = 0; i < NODE_SEEN_MAX; i++)
		assert_true(lines[i].time_s >= NOW + 10);
	node_seen_free(seen);
}

static void test_lines_that_are_none_are_passed_over(void **state)
{
	const struct node_seen_line *lines;
	struct node_seen *seen;

	(void)state;
	write_text("nbs 192.0.2.1:7420 1795511520\n"
		   "nbs 192.0.2.1 1795511520\n"
		   "NBS 192.0.2.1:7420 1795511520\n"
		   "nbs 192.0.2.1:7421\n"
		   "nbs 192.0.2.1:7422 x\n"
		   "nbs 192.0.2.1:7423 9795511520\n"
		   "\x01\x02\n\n   \n");
	seen = open_at(NOW);
	assert_int_equal(node_seen_lines(seen, &lines), 1);
	assert_string_equal(lines[0].address, "192.0.2.1:7420");
	node_seen_free(seen);
}

static void test_who_misbehaved_is_there_again(void **state)
{
	struct node_seen_out out = {
		.key = {{7, 9}}, .member = 3, .offences = 2, .until_s = NOW + 60};
	const struct node_seen_out *outs;
	const struct node_seen_line *lines;
	struct node_seen *seen = open_at(NOW);

	(void)state;
	snprintf(out.reason, sizeof out.reason, "it said\n\"%%s\" too often");
	node_seen_note(seen, "nbs", "a.example.org:1", NOW);
	node_seen_note_outs(seen, &out, 1);
	keep(seen);
	seen = open_at(NOW + 10);
	assert_int_equal(node_seen_lines(seen, &lines), 1);
	assert_int_equal(node_seen_outs(seen, &outs), 1);
	assert_memory_equal(&outs[0].key, &out.key, sizeof out.key);
	assert_int_equal(outs[0].member, 3);
	assert_int_equal(outs[0].offences, 2);
	assert_int_equal(outs[0].until_s, NOW + 60);
	assert_string_equal(outs[0].reason, "it said \"%s\" too often");
	/* As long as it would be kept out for longer the next time, and no longer. */
	node_seen_free(seen);
	seen = open_at(NOW + DAY_S);
	assert_int_equal(node_seen_outs(seen, &outs), 1);
	node_seen_free(seen);
	seen = open_at(NOW + 3 * DAY_S);
	assert_int_equal(node_seen_outs(seen, &outs), 0);
	node_seen_free(seen);
	write_text("out 0707 1 1 1795511521 short\nout x\nout\n"
		   "out 00000000000000000000000000000000000000000000000000000000000000ff 1 0 "
		   "1795511521 never\n"
		   "out 00000000000000000000000000000000000000000000000000000000000000ff 1 1 "
		   "9795511521 far away\n");
	seen = open_at(NOW);
	assert_int_equal(node_seen_outs(seen, &outs), 0);
	node_seen_free(seen);
}

TEST_MAIN("node/seen",
	  cmocka_unit_test_setup_teardown(test_what_was_seen_is_there_again, set_up, tear_down),
	  cmocka_unit_test_setup_teardown(test_the_newest_are_kept, set_up, tear_down),
	  cmocka_unit_test_setup_teardown(test_who_misbehaved_is_there_again, set_up, tear_down),
	  cmocka_unit_test_setup_teardown(test_lines_that_are_none_are_passed_over, set_up,
					  tear_down))
