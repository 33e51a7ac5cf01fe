#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/notify.h"

static void test_the_service_manager_is_told(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/fedcat_test.XXXXXX", said[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_true(snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", dir) > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(node_notify_send(at.sun_path, "READY=1"), 0);
	assert_int_equal(recv(fd, said, sizeof said - 1, 0), 7);
	assert_string_equal(said, "READY=1");
	close(fd);
	assert_int_equal(node_notify_send(at.sun_path, "STOPPING=1"), -ECONNREFUSED);
	unlink(at.sun_path);
	rmdir(dir);
}

static void test_nobody_to_tell_is_no_error(void **state)
{
	(void)state;
	assert_int_equal(node_notify_send(NULL, "READY=1"), 0);
	assert_int_equal(node_notify_send("", "READY=1"), 0);
	assert_int_equal(node_notify_send("relative", "READY=1"), -EINVAL);
	assert_int_equal(node_notify_send("@fedcat-test-nobody", "READY=1"), -ECONNREFUSED);
}

TEST_MAIN("notify", cmocka_unit_test(test_the_service_manager_is_told),
	  cmocka_unit_test(test_nobody_to_tell_is_no_error))
