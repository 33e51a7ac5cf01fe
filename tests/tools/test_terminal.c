#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/output.h"
#include "tools/progress.h"
#include "tools/table.h"
#include "tools/terminal.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static char *text;
static size_t text_len;

static struct tools_terminal begin(unsigned columns)
{
	struct tools_terminal terminal = {.columns = columns};

	terminal.file = open_memstream(&text, &text_len);
	assert_non_null(terminal.file);
	return terminal;
}

static void assert_written(const struct tools_terminal *terminal, const char *expected)
{
	assert_int_equal(fclose(terminal->file), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void test_width_counts_columns_and_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(tools_terminal_width("yield"), 5);
	assert_int_equal(tools_terminal_width("\xe5\xa4\xa7\xe5\xad\xb8"), 4); /* two Chinese */
	assert_int_equal(tools_terminal_width("e\xcc\x81"), 1); /* e and a combining acute */
	assert_int_equal(tools_terminal_width("\xd9\x85\xd8\xa7\xd8\xa1"), 3); /* Arabic */
	assert_int_equal(tools_terminal_width("\xe2\x80\x8b"), 0);             /* no-width space */
	assert_int_equal(tools_terminal_width("\033[31m"), 5);                 /* as it is shown */
}

static void test_what_a_terminal_obeys_is_replaced(void **state)
{
	static const char *const bad[] = {
		"\033", /* escape */
		"\007",
		"\b",
		"\x7f",
		"\xc2\x9b",         /* U+009B, a one-character escape [ */
		"\x9b",             /* the same as a byte: no UTF-8 */
		"\xe2\x80\xae",     /* U+202E turns what follows */
		"\xe2\x81\xa6",     /* U+2066, an isolate that would stay open */
		"\xe2\x80\xa8",     /* U+2028, a line separator */
		"\xf3\xa0\x81\x81", /* U+E0041, a tag */
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct tools_terminal terminal = begin(80);
		char line[32];

		(void)snprintf(line, sizeof line, "a%sb", bad[i]);
		tools_terminal_text(&terminal, TOOLS_TERMINAL_PLAIN, line);
		assert_written(&terminal, "a" BAD "b");
	}
}

static void test_line_breaks_are_spaces_on_one_line(void **state)
{
	struct tools_terminal terminal = begin(80);

	(void)state;
	tools_terminal_text(&terminal, TOOLS_TERMINAL_PLAIN, "a\nb\r\tc");
	assert_written(&terminal, "a b  c");
}

static void test_right_to_left_text_is_isolated_on_a_terminal_alone(void **state)
{
	struct tools_terminal terminal = begin(80);

	(void)state;
	tools_terminal_text(&terminal, TOOLS_TERMINAL_PLAIN, "\xd9\x85");
	assert_written(&terminal, "\xe2\x81\xa8\xd9\x85\xe2\x81\xa9");
	terminal = begin(0);
	tools_terminal_text(&terminal, TOOLS_TERMINAL_PLAIN, "\xd9\x85");
	assert_written(&terminal, "\xd9\x85");
}

static void test_a_cell_is_as_wide_as_it_should_be(void **state)
{
	struct tools_terminal terminal = begin(80);

	(void)state;
	tools_terminal_cell(&terminal, TOOLS_TERMINAL_PLAIN, "ab", 4);
	tools_terminal_print(&terminal, "|");
	tools_terminal_cell(&terminal, TOOLS_TERMINAL_PLAIN, "abcdef", 4);
	tools_terminal_print(&terminal, "|");
	/* Two wide ones would be five columns with the dots: one, and a space. */
	tools_terminal_cell(&terminal, TOOLS_TERMINAL_PLAIN, "\xe5\xa4\xa7\xe5\xad\xb8\xe5\xa4\xa7",
			    4);
	tools_terminal_print(&terminal, "|");
	assert_written(&terminal, "ab  |abc\xe2\x80\xa6|\xe5\xa4\xa7\xe2\x80\xa6 |");
}

static void test_text_wraps_at_spaces_and_keeps_its_own_breaks(void **state)
{
	struct tools_terminal terminal = begin(20);

	(void)state;
	tools_terminal_print(&terminal, "    ");
	tools_terminal_wrap(&terminal, TOOLS_TERMINAL_PLAIN, "one two three four five\n\nsix", 4);
	assert_written(&terminal, "    one two three\n    four five\n\n    six\n");
}

static void test_long_words_and_chinese_wrap_where_the_line_ends(void **state)
{
	struct tools_terminal terminal = begin(20);

	(void)state;
	tools_terminal_wrap(&terminal, TOOLS_TERMINAL_PLAIN, "abcdefghijklmnopqrstuvwxyz", 4);
	assert_written(&terminal, "abcdefghijklmnop\n    qrstuvwxyz\n");
	terminal = begin(20);
	tools_terminal_wrap(
		&terminal, TOOLS_TERMINAL_PLAIN,
		"\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7", 10);
	assert_written(&terminal, "\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7\xe5\xa4\xa7\n"
				  "          \xe5\xa4\xa7\n");
}

static void test_nothing_is_wrapped_where_there_is_no_terminal(void **state)
{
	struct tools_terminal terminal = begin(0);
	char words[400];

	(void)state;
	memset(words, 'a', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	words[200] = ' ';
	tools_terminal_wrap(&terminal, TOOLS_TERMINAL_BOLD, words, 4);
	assert_int_equal(fclose(terminal.file), 0);
	assert_int_equal(text_len, sizeof words); /* the text and one line break */
	free(text);
}

static void test_a_table_gives_way_where_it_may(void **state)
{
	static const struct tools_table_column columns[] = {{"Name", TOOLS_TABLE_LEFT, 0},
							    {"Title", TOOLS_TABLE_LEFT, 5},
							    {"Count", TOOLS_TABLE_RIGHT, 0}};
	static const char *const cells[] = {
		"nbs", "National Bureau of Statistics", "1,204", "university", "\xe5\xa4\xa7", "7"};
	struct tools_terminal terminal = begin(30);
	struct tools_table *table;

	(void)state;
	assert_int_equal(tools_table_new(columns, 3, &table), 0);
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
		assert_int_equal(tools_table_add(table, TOOLS_TERMINAL_PLAIN, cells[i]), 0);
	tools_table_print(table, &terminal);
	tools_table_free(table);
	assert_written(&terminal, "Name        Title        Count\n"
				  "nbs         National B\xe2\x80\xa6  1,204\n"
				  "university  \xe5\xa4\xa7               7\n");
}

static void test_a_bar_comes_after_a_second_and_where_the_cursor_moves(void **state)
{
	struct tools_terminal terminal = begin(80);
	struct tools_progress progress;

	(void)state;
	tools_progress_init(&progress, &terminal, 0);
	tools_progress_update(&progress, 1, 2, "half", 5000);
	tools_progress_clear(&progress);
	assert_written(&terminal, ""); /* it does not move */

	terminal = begin(80);
	terminal.moves = true;
	tools_progress_init(&progress, &terminal, 0);
	tools_progress_update(&progress, 1, 2, "half", TOOLS_PROGRESS_AFTER_MS - 1);
	assert_int_equal(fflush(terminal.file), 0);
	assert_int_equal(text_len, 0);
	tools_progress_update(&progress, 1, 2, "half", TOOLS_PROGRESS_AFTER_MS);
	assert_int_equal(fflush(terminal.file), 0);
	assert_non_null(strstr(text, " 50 %  half"));
	assert_null(strstr(text, "\033[32m"));
	assert_int_equal(fclose(terminal.file), 0);
	free(text);
}

static void test_json_escapes_what_a_terminal_obeys(void **state)
{
	struct catalog_value *value =
		catalog_value_new_string("\033[\xc2\x9b\xe2\x80\xae\x7f\xc3\xa9");
	struct tools_terminal terminal = begin(0);

	(void)state;
	assert_int_equal(tools_output_json(terminal.file, value), 0);
	assert_written(&terminal, "\"\\u001b[\\u009b\\u202e\\u007f\xc3\xa9\"\n");
	catalog_value_free(value);
}

static void test_numbers_are_for_people(void **state)
{
	char words[TOOLS_OUTPUT_TEXT_BYTES];

	(void)state;
	tools_output_count(0, words);
	assert_string_equal(words, "0");
	tools_output_count(1234567, words);
	assert_string_equal(words, "1,234,567");
	tools_output_bytes(999, words);
	assert_string_equal(words, "999 bytes");
	tools_output_bytes(4404019, words);
	assert_string_equal(words, "4.4 MB");
	tools_output_bytes(999999, words);
	assert_string_equal(words, "1.0 MB");
	tools_output_duration(7380, words);
	assert_string_equal(words, "2 h 3 min");
	tools_output_time("2026-11-24T09:12:00Z", words);
	assert_string_equal(words, "2026-11-24 09:12 UTC");
}

TEST_MAIN("tools/terminal", cmocka_unit_test(test_width_counts_columns_and_not_bytes),
	  cmocka_unit_test(test_what_a_terminal_obeys_is_replaced),
	  cmocka_unit_test(test_line_breaks_are_spaces_on_one_line),
	  cmocka_unit_test(test_right_to_left_text_is_isolated_on_a_terminal_alone),
	  cmocka_unit_test(test_a_cell_is_as_wide_as_it_should_be),
	  cmocka_unit_test(test_text_wraps_at_spaces_and_keeps_its_own_breaks),
	  cmocka_unit_test(test_long_words_and_chinese_wrap_where_the_line_ends),
	  cmocka_unit_test(test_nothing_is_wrapped_where_there_is_no_terminal),
	  cmocka_unit_test(test_a_table_gives_way_where_it_may),
	  cmocka_unit_test(test_a_bar_comes_after_a_second_and_where_the_cursor_moves),
	  cmocka_unit_test(test_json_escapes_what_a_terminal_obeys),
	  cmocka_unit_test(test_numbers_are_for_people))
