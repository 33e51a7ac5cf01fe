#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "node/error.h"

/* Those that mean something here (and in libuv); nothing is allocated for any of them, or the
 * sanitizer says so. */
static void test_every_code_of_ours_has_words(void **state)
{
	static const int codes[] = {EBADMSG, EPROTO, EKEYREJECTED, ESTALE, E2BIG,
				    ENOSPC,  ENOENT, EEXIST,       ENOMEM, EAGAIN,
				    ENOKEY,  EINVAL, EOVERFLOW,    EACCES, EADDRINUSE};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		const char *words = node_error_words(-codes[i]);

		assert_null(strstr(words, "Unknown"));
		assert_ptr_equal(node_error_words(-codes[i]), words);
	}
}

TEST_MAIN("node/error", cmocka_unit_test(test_every_code_of_ours_has_words))
