#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/call.h"

#define WORDS_MAX 8

static struct tools_call call;
static struct node_error error;

/* Read words, which end in NULL. */
static int parse(const char *first, ...)
{
	static char words[WORDS_MAX][64];
	char *args[WORDS_MAX];
	const char *word = first;
	size_t count = 0;
	va_list list;

	tools_call_close(&call);
	va_start(list, first);
	for (; word != NULL; word = va_arg(list, const char *)) {
		(void)snprintf(words[count], sizeof words[count], "%s", word); /* short */
		args[count] = words[count];
		count++;
	}
	va_end(list);
	return tools_call_parse(count, args, &call, &error);
}

static int teardown(void **state)
{
	(void)state;
	tools_call_close(&call);
	return 0;
}

static void test_options_stand_anywhere_and_in_two_forms(void **state)
{
	(void)state;
	assert_int_equal(parse("--dir", "d", "search", "rice", "--member=nbs", "yield", "--limit",
			       "5", NULL),
			 0);
	assert_string_equal(call.command->name, "search");
	assert_int_equal(call.word_count, 2);
	assert_string_equal(call.words[1], "yield");
	assert_string_equal(tools_call_option(&call, "dir"), "d");
	assert_string_equal(tools_call_option(&call, "member"), "nbs");
	assert_null(tools_call_option(&call, "country"));
}

static void test_a_name_of_two_words_is_found(void **state)
{
	(void)state;
	assert_int_equal(parse("federation", "create", "Health", NULL), 0);
	assert_string_equal(call.command->name, "federation create");
	assert_string_equal(call.words[0], "Health");
	assert_int_equal(parse("federation", NULL), -EINVAL);
	assert_non_null(strstr(error.text, "federation create"));
}

static void test_after_two_dashes_words_are_words(void **state)
{
	(void)state;
	assert_int_equal(parse("search", "--", "--limit", NULL), 0);
	assert_int_equal(call.word_count, 1);
	assert_string_equal(call.words[0], "--limit");
}

static void test_the_last_of_an_option_counts(void **state)
{
	(void)state;
	assert_int_equal(parse("search", "--member", "a", "--member", "b", NULL), 0);
	assert_string_equal(tools_call_option(&call, "member"), "b");
}

static void test_what_is_not_known_is_refused_with_the_nearest_name(void **state)
{
	(void)state;
	assert_int_equal(parse("serch", NULL), -EINVAL);
	assert_non_null(strstr(error.text, "`fedcat search`"));
	assert_int_equal(parse("search", "--memer", "nbs", NULL), -EINVAL);
	assert_non_null(strstr(error.text, "--member"));
	assert_int_equal(parse("publish", "f", "--format", "xls", NULL), -EINVAL);
	assert_non_null(strstr(error.text, "ckan"));
	assert_int_equal(parse("search", "-l", NULL), -EINVAL);
	assert_int_equal(parse("search", "--json=yes", NULL), -EINVAL);
	assert_int_equal(parse("search", "--limit", NULL), -EINVAL);
}

static void test_arguments_are_counted(void **state)
{
	(void)state;
	assert_int_equal(parse("show", NULL), -EINVAL);
	assert_non_null(strstr(error.text, "for example"));
	assert_int_equal(parse("show", "a", "b", NULL), -EINVAL);
	assert_int_equal(parse("show", "--help", NULL), 0); /* help wants none */
	assert_true(call.help);
}

static void test_json_holds_for_errors_before_it(void **state)
{
	(void)state;
	assert_int_equal(parse("nonsense", "--json", NULL), -EINVAL);
	assert_true(call.json);
}

static void test_help_in_front_is_help(void **state)
{
	(void)state;
	assert_int_equal(parse("help", "publish", NULL), 0);
	assert_true(call.help);
	assert_string_equal(call.command->name, "publish");
	assert_int_equal(parse("search", "help", NULL), 0); /* here it is a word */
	assert_false(call.help);
}

static void test_the_environment_says_which_language(void **state)
{
	(void)state;
	assert_int_equal(setenv("LC_ALL", "pt_BR.UTF-8", 1), 0);
	assert_int_equal(parse("search", NULL), 0);
	assert_string_equal(call.lang, "pt-BR");
	assert_int_equal(parse("search", "--lang", "sw", NULL), 0);
	assert_string_equal(call.lang, "sw");
	assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
	assert_int_equal(parse("search", NULL), 0);
	assert_string_equal(call.lang, "");
}

TEST_MAIN("tools/call",
	  cmocka_unit_test_teardown(test_options_stand_anywhere_and_in_two_forms, teardown),
	  cmocka_unit_test_teardown(test_a_name_of_two_words_is_found, teardown),
	  cmocka_unit_test_teardown(test_after_two_dashes_words_are_words, teardown),
	  cmocka_unit_test_teardown(test_the_last_of_an_option_counts, teardown),
	  cmocka_unit_test_teardown(test_what_is_not_known_is_refused_with_the_nearest_name,
				    teardown),
	  cmocka_unit_test_teardown(test_arguments_are_counted, teardown),
	  cmocka_unit_test_teardown(test_json_holds_for_errors_before_it, teardown),
	  cmocka_unit_test_teardown(test_help_in_front_is_help, teardown),
	  cmocka_unit_test_teardown(test_the_environment_says_which_language, teardown))
