#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/config.h"

static char dir[] = "/tmp/test_config.XXXXXX";
static char path[64], dir_flag[64];
static const char *no_environment[] = {NULL};

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/test_config.XXXXXX"); /* the same length */
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/config", dir);        /* it fits */
	(void)snprintf(dir_flag, sizeof dir_flag, "--dir=%s", dir); /* it fits */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path); /* some tests make none */
	return rmdir(dir);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Load with one more flag (NULL: none). */
static int load(const char *flag, const char *const *environment, struct node_config *ret_config,
		struct node_error *ret_error)
{
	const char *args[] = {dir_flag, flag};

	return node_config_load(flag != NULL ? 2 : 1, args, environment, ret_config, ret_error);
}

static void test_without_any_source_there_are_defaults(void **state)
{
	char text[NODE_CONFIG_ADDRESS_BYTES];
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(load(NULL, no_environment, &config, &error), 0);
	assert_string_equal(config.dir, dir);
	node_config_print(&config.listen, text);
	assert_string_equal(text, "127.0.0.1:7420");
	node_config_print(&config.http, text);
	assert_string_equal(text, "127.0.0.1:7480");
	assert_false(config.http_off);
	assert_int_equal(config.log_level, NODE_CONFIG_INFO);
	assert_int_equal(config.peer_count, 0);
	assert_int_equal(config.outgoing_links, 0); /* as many as it keeps by itself */
	assert_int_equal(config.limits.all_bytes_s, 0);
	assert_false(config.limits.is_metered);
	assert_false(config.is_leaf);
	assert_false(config.is_plain);
	assert_int_equal(config.peer_memory_mib, 12);
	assert_int_equal(config.http_threads, 2);
	assert_int_equal(config.retention_days, 30);
}

static void test_flags_beat_the_environment_which_beats_the_file(void **state)
{
	const char *environment[] = {"HOME=/nowhere", "FEDCAT_LISTEN=127.0.0.1:2",
				     "FEDCAT_HTTP_THREADS=7", "FEDCAT_INCOMING_LINKS=9", NULL};
	struct node_config config;
	struct node_error error;

	(void)state;
	write_file("# ports\nlisten = 127.0.0.1:1 # the first\n\n  http-threads=9\n"
		   "outgoing-links = 11");
	assert_int_equal(load(NULL, no_environment, &config, &error), 0);
	assert_int_equal(config.listen.port, 1);
	assert_int_equal(config.http_threads, 9);
	assert_int_equal(load("--listen=127.0.0.1:3", environment, &config, &error), 0);
	assert_int_equal(config.listen.port, 3);
	assert_int_equal(config.http_threads, 7);
	assert_int_equal(config.incoming_links, 9);
	assert_int_equal(config.outgoing_links, 11);
}

static void test_a_public_url_has_no_slash_at_its_end(void **state)
{
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(load(NULL, no_environment, &config, &error), 0);
	assert_string_equal(config.public_url, "");
	assert_int_equal(load("--public-url=https://data.example.org:8443/cat//", no_environment,
			      &config, &error),
			 0);
	assert_string_equal(config.public_url, "https://data.example.org:8443/cat");
	assert_int_equal(load("--public-url=", no_environment, &config, &error), 0);
	assert_string_equal(config.public_url, "");
}

static void test_addresses_for_others_are_at_most_four(void **state)
{
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(load(NULL, no_environment, &config, &error), 0);
	assert_int_equal(config.address_count, 0);
	assert_int_equal(config.private_addresses, NODE_CONFIG_AUTO);
	assert_int_equal(load("--address=node.example.org:7420, [2001:db8::1]:7420", no_environment,
			      &config, &error),
			 0);
	assert_int_equal(config.address_count, 2);
	assert_string_equal(config.addresses[0], "node.example.org:7420");
	assert_string_equal(config.addresses[1], "[2001:db8::1]:7420");
	assert_int_equal(load("--address=a:1,b:2,c:3,d:4,e:5", no_environment, &config, &error),
			 -EINVAL);
	assert_int_equal(load("--address=node.example.org", no_environment, &config, &error),
			 -EINVAL);
	assert_int_equal(load("--private-addresses=no", no_environment, &config, &error), 0);
	assert_int_equal(config.private_addresses, NODE_CONFIG_NO);
	assert_int_equal(load("--private-addresses=maybe", no_environment, &config, &error),
			 -EINVAL);
	assert_non_null(strstr(error.text, "none of auto, yes, no"));
}

static void test_a_flag_takes_its_value_either_way(void **state)
{
	const char *args[] = {"--dir", dir, "--http", "[::1]:0"};
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(node_config_load(4, args, no_environment, &config, &error), 0);
	assert_string_equal(config.http.host, "::1");
	assert_int_equal(config.http.port, 0);
	assert_int_equal(node_config_load(3, args, no_environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "--http wants a value"));
}

static void test_an_unknown_setting_is_refused_with_the_nearest_name(void **state)
{
	const char *environment[] = {"FEDCAT_LISTNE=127.0.0.1:2", NULL};
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(load("--htpp=off", no_environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "did you mean \"http\""));
	assert_int_equal(load(NULL, environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "did you mean \"listen\""));
	assert_int_equal(load("--bogus=1", no_environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "no setting \"bogus\"; fedcatd --help"));
	environment[0] = "FEDCAT_PASSPHRASE_FILE=/run/secrets/words"; /* another's */
	assert_int_equal(load(NULL, environment, &config, &error), 0);
	write_file("\nlog-levle = info\n");
	assert_int_equal(load(NULL, no_environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "line 2"));
	assert_non_null(strstr(error.text, "did you mean \"log-level\""));
}

static void test_nodes_may_be_anywhere_and_http_on_loopback_only(void **state)
{
	static const char *const allowed[] = {
		"--listen=0.0.0.0:7420",     "--listen=[::]:7420",
		"--listen=192.168.1.5:7420", "--listen=[2001:db8::1]:7420",
		"--peers=nbs@10.0.0.1:7420", "--http=127.3.2.1:80"};
	static const char *const refused[] = {"--http=10.0.0.1:80", "--http=[::]:7480",
					      "--http=0.0.0.0:0", "--http=[::ffff:127.0.0.1]:1"};
	struct node_config config;
	struct node_error error;

	(void)state;
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		assert_int_equal(load(allowed[i], no_environment, &config, &error), 0);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		assert_int_equal(load(refused[i], no_environment, &config, &error), -EINVAL);
		assert_non_null(strstr(error.text, "is not on loopback"));
	}
	assert_int_equal(load(NULL, no_environment, &config, &error), 0);
	assert_true(node_config_is_loopback(&config.listen)); /* unless told otherwise */
	assert_int_equal(load("--listen=localhost:9", no_environment, &config, &error), 0);
	assert_string_equal(config.listen.host, "127.0.0.1");
}

static void test_a_peer_may_be_named(void **state)
{
	static const char *const refused[] = {"--peers=nbs@127.0.0.1.5:1", "--peers=nbs@a..b:1",
					      "--peers=nbs@-a:1",          "--peers=nbs@a b:1",
					      "--peers=nbs@a/b:1",         "--peers=nbs@.:1",
					      "--peers=nbs@node:0",        "--peers=nbs@node"};
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(load("--peers=nbs@node-2.example.org:7420,unam@[::1]:9", no_environment,
			      &config, &error),
			 0);
	assert_string_equal(config.peers[0].place.host, "node-2.example.org");
	assert_int_equal(config.peers[0].place.port, 7420);
	assert_string_equal(config.peers[1].place.host, "::1");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(load(refused[i], no_environment, &config, &error), -EINVAL);
}

static void test_a_value_that_is_not_allowed_is_refused(void **state)
{
	static const char *const refused[] = {"--listen=127.0.0.1",
					      "--listen=127.0.0.1:65536",
					      "--listen=127.0.0.1:-1",
					      "--listen=127.0.0.1:7 ",
					      "--listen=:7420",
					      "--listen=::1:7420",
					      "--listen=example.org:1",
					      "--log-level=loud",
					      "--outgoing-links=0",
					      "--outgoing-links=33",
					      "--incoming-links=0",
					      "--incoming-links=57",
					      "--http-threads=2x",
					      "--http-threads=",
					      "--peers=127.0.0.1:7420",
					      "--peers=@127.0.0.1:1",
					      "--peers=nbs@127.0.0.1:0",
					      "--listen=[127.0.0.1:7420",
					      "--public-url=data.example.org",
					      "--public-url=ftp://data.example.org",
					      "--public-url=https://",
					      "--public-url=https://user@data.example.org",
					      "--public-url=https://data.example.org/?a",
					      "--public-url=https://data.example.org/a b",
					      "stray",
					      "--dir="};
	struct node_config config, untouched;
	struct node_error error;

	(void)state;
	memset(&config, 0x5a, sizeof config);
	untouched = config;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(load(refused[i], no_environment, &config, &error), -EINVAL);
	assert_memory_equal(&config, &untouched, sizeof config);
}

static void test_peers_are_a_list_with_a_limit(void **state)
{
	char flag[4000] = "--peers=";
	struct node_config config;
	struct node_error error;

	(void)state;
	assert_int_equal(
		load("--peers=nbs@127.0.0.1:1, uni@[::1]:2", no_environment, &config, &error), 0);
	assert_int_equal(config.peer_count, 2);
	assert_string_equal(config.peers[1].member, "uni");
	assert_string_equal(config.peers[1].place.host, "::1");
	assert_int_equal(config.peers[1].place.port, 2);
	for (size_t i = 0; i <= NODE_CONFIG_PEERS_MAX; i++)
		(void)strncat(flag, "nbs@127.0.0.1:1,", sizeof flag - strlen(flag) - 1);
	assert_int_equal(load(flag, no_environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "more than 64 peers"));
}

static void test_the_file_cannot_move_the_directory(void **state)
{
	struct node_config config;
	struct node_error error;

	(void)state;
	write_file("dir = /elsewhere\n");
	assert_int_equal(load(NULL, no_environment, &config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "line 1"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN("node/config", TEST(test_without_any_source_there_are_defaults),
	  TEST(test_flags_beat_the_environment_which_beats_the_file),
	  TEST(test_a_public_url_has_no_slash_at_its_end),
	  TEST(test_addresses_for_others_are_at_most_four),
	  TEST(test_a_flag_takes_its_value_either_way),
	  TEST(test_an_unknown_setting_is_refused_with_the_nearest_name),
	  TEST(test_nodes_may_be_anywhere_and_http_on_loopback_only),
	  TEST(test_a_value_that_is_not_allowed_is_refused), TEST(test_a_peer_may_be_named),
	  TEST(test_peers_are_a_list_with_a_limit), TEST(test_the_file_cannot_move_the_directory))
