#include "tests/test.h"

#include <stdio.h>

#include "node/socket.h"

static bool is_private(const char *host)
{
	struct node_config_place place = {.port = 1};
	struct sockaddr_storage socket;

	snprintf(place.host, sizeof place.host, "%s", host);
	assert_int_equal(node_socket_numeric(&place, &socket), 0);
	return node_socket_is_private(&socket);
}

static void test_private_addresses_are_told_from_public_ones(void **state)
{
	static const char *const ours[] = {"127.0.0.1",
					   "127.255.0.9",
					   "10.0.0.1",
					   "172.16.0.1",
					   "172.31.255.255",
					   "192.168.1.1",
					   "169.254.9.9",
					   "100.64.0.1",
					   "0.0.0.0",
					   "224.0.0.1",
					   "255.255.255.255",
					   "::1",
					   "::",
					   "fe80::1",
					   "fd00::1",
					   "fc12::1",
					   "ff02::1",
					   "::ffff:127.0.0.1",
					   "::ffff:10.1.2.3",
					   "::127.0.0.1",
					   "fec0::1"};
	static const char *const others[] = {"192.0.2.1",   "9.255.255.255",  "11.0.0.0",
					     "172.15.0.1",  "172.32.0.1",     "192.169.0.1",
					     "100.63.0.1",  "100.128.0.1",    "223.255.255.255",
					     "2001:db8::1", "::ffff:8.8.8.8", "fe00::1"};

	(void)state;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!is_private(ours[i]))
			fail_msg("%s is told for public", ours[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (is_private(others[i]))
			fail_msg("%s is told for private", others[i]);
}

TEST_MAIN("node/socket", cmocka_unit_test(test_private_addresses_are_told_from_public_ones))
