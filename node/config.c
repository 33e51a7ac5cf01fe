/* node/config.c - one table, one function that sets a row, three sources that call it from the
 * weakest to the strongest.  So a setting is checked by the same code, with the same words,
 * wherever it comes from, and the error can say where that was. */
#include "node/config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "catalog/node.h"
#include "catalog/url.h"
#include "node/config_list.h"
#include "node/config_value.h"
#include "node/spelling.h"

#define ENVIRONMENT_PREFIX "FEDCAT_"
#define NAME_MAX_BYTES     40

enum setting {
	SETTING_DIR,
	SETTING_LISTEN,
	SETTING_HTTP,
	SETTING_LOG_LEVEL,
	SETTING_PEERS,
	SETTING_ADDRESS,
	SETTING_PRIVATE_ADDRESSES,
	SETTING_OUTGOING_LINKS,
	SETTING_INCOMING_LINKS,
	SETTING_LIMIT_RATE,
	SETTING_LIMIT_RATE_PEER,
	SETTING_LIMIT_RATE_HOURS,
	SETTING_PULL,
	SETTING_LEAF,
	SETTING_COMPRESS,
	SETTING_SEARCH,
	SETTING_PEER_MEMORY,
	SETTING_HTTP_THREADS,
	SETTING_RETENTION_DAYS,
	SETTING_CHARTER_FILE,
	SETTING_MEMBER_KEY_FILE,
	SETTING_NODE_KEY_FILE,
	SETTING_PUBLIC_URL,
	SETTING_COUNT
};

static const struct node_config_setting table[SETTING_COUNT] = {
	[SETTING_DIR] = {"dir", "DIRECTORY", "$XDG_DATA_HOME/fedcat or ~/.local/share/fedcat",
			 "The node's directory.  Not in the file, which is found by it."},
	[SETTING_LISTEN] =
		{"listen", "ADDRESS:PORT", "127.0.0.1:7420",
		 "Where other nodes connect: a numeric address of this machine, or 0.0.0.0 or "
		 "[::] for all.  Port 0 takes any free one, which the file addresses then "
		 "names."},
	[SETTING_HTTP] =
		{"http", "ADDRESS:PORT", "127.0.0.1:7480",
		 "Where the web page and the HTTP API are.  Loopback only: what others "
		 "are to see, a web server with TLS passes on.  Port 0 takes any free one; off "
		 "serves none."},
	[SETTING_LOG_LEVEL] =
		{"log-level", "LEVEL", "info",
		 "How much is logged on standard error: error, warning, info or debug."},
	[SETTING_PEERS] = {"peers", "MEMBER@HOST:PORT,...", "",
			   "Where to find members instead of where the charter says: at most 64, "
			   "separated by commas.  An address or a name."},
	[SETTING_ADDRESS] = {"address", "HOST:PORT,...", "",
			     "Where other nodes reach this one, when that is not where it listens "
			     "or the charter says something else: at most 4, separated by commas.  "
			     "Its member's log tells the others."},
	[SETTING_PRIVATE_ADDRESSES] =
		{"private-addresses", "WHEN", "auto",
		 "Whether to connect to private addresses (10.0.0.1, 127.0.0.1, fe80::1 ...) that "
		 "only "
		 "another member's log tells of: yes, no, or auto, which is yes where this node "
		 "itself listens on one."},
	[SETTING_OUTGOING_LINKS] =
		{"outgoing-links", "COUNT", "auto",
		 "How many links to other nodes to keep up: 1 to 32, or auto: 4, and "
		 "2 of a leaf."},
	[SETTING_INCOMING_LINKS] =
		{"incoming-links", "COUNT", "auto",
		 "How many links from other nodes to take: 1 to 56, or auto: 44, and 2 of a leaf; "
		 "64 links in all.  A quarter is kept for members not linked before."},
	[SETTING_LIMIT_RATE] = {"limit-rate", "RATE", "off",
				"Bytes a second of all links together, sent, and as much received: "
				"1k to 1000M, such as 20k, or off."},
	[SETTING_LIMIT_RATE_PEER] = {"limit-rate-peer", "RATE", "off", "Likewise, of each link."},
	[SETTING_LIMIT_RATE_HOURS] =
		{"limit-rate-hours", "HH-HH:RATE[/RATE],...", "",
		 "Other limits in these hours of the day, of all links and, after a slash, of "
		 "each: "
		 "22-06:off,12-13:50k/10k, for example.  Hours are of the machine's time zone."},
	[SETTING_PULL] =
		{"pull", "always|asked|HH-HH", "always",
		 "When entries are fetched: as they come, when `fedcat pull` asks, or that "
		 "and in these hours of the machine's time zone, such as 22-06.  What there "
		 "is to fetch is known all the time."},
	[SETTING_LEAF] =
		{"leaf", "yes|no", "no",
		 "Whether it is a leaf, for a thin link: it keeps two links, is told of news "
		 "once a minute, and serves other nodes with its own member's listings "
		 "only."},
	[SETTING_COMPRESS] = {"compress", "yes|no", "yes",
			      "Whether entries are asked for compressed."},
	[SETTING_SEARCH] =
		{"search", "later|on|off", "later",
		 "When what comes from other nodes can be searched: later, which is once it is "
		 "all there if more than 10,000 entries are lacked; on, as it comes; or "
		 "off, never."},
	[SETTING_PEER_MEMORY] = {"peer-memory", "MIB", "12",
				 "How much memory one other node can make this one use: 9 to 1024 "
				 "MiB."},
	[SETTING_HTTP_THREADS] = {"http-threads", "COUNT", "2",
				  "How many threads answer HTTP: 1 to 64."},
	[SETTING_RETENTION_DAYS] =
		{"retention-days", "DAYS", "30",
		 "How long superseded versions of listings are kept: 1 to 3650, or 0 for ever.  "
		 "Their hashes stay, and so do withdrawals."},
	[SETTING_CHARTER_FILE] = {"charter-file", "FILE", "",
				  "A charter to begin with, where the directory has none: it is "
				  "made if need be, and the charter copied into it."},
	[SETTING_MEMBER_KEY_FILE] = {"member-key-file", "FILE", "",
				     "The member's key, instead of member.key in the directory: a "
				     "secret that is mounted, for example."},
	[SETTING_NODE_KEY_FILE] = {"node-key-file", "FILE", "",
				   "The node's key, instead of node.key in the directory."},
	[SETTING_PUBLIC_URL] =
		{"public-url", "URL", "",
		 "Where others reach this node's HTTP, through that web server: "
		 "https://data.example.org.  Answers and exports then link to the proof of each "
		 "listing there, and requests for that host are answered."},
};

_Static_assert(SETTING_COUNT <= NODE_CONFIG_TABLE_MAX, "the table has a bound");

size_t node_config_settings(const struct node_config_setting **ret_settings)
{
	*ret_settings = table;
	return SETTING_COUNT;
}

/* --- values ----------------------------------------------------------------------------- */

/* Cut "host:port" or "[v6]:port" in two; host has this much room.  Returns whether it has that
 * shape. */
static bool split_address(const char *text, char *host, size_t room, const char **ret_port)
{
	const char *from = text, *to, *colon;

	if (text[0] == '[') {
		from = text + 1;
		to = strchr(from, ']');
		if (to == NULL || to[1] != ':')
			return false;
		colon = to + 1;
	} else {
		to = colon = strchr(text, ':');
		if (to == NULL || strchr(to + 1, ':') != NULL)
			return false;
	}
	if (to == from || (size_t)(to - from) >= room)
		return false;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	*ret_port = colon + 1;
	return true;
}

int node_config_address(const char *text, struct node_config_address *ret_address,
			struct node_error *ret_error)
{
	struct node_config_address address = {0};
	const char *port_text;
	struct in6_addr any;
	unsigned port;

	if (!split_address(text, address.host, sizeof address.host, &port_text) ||
	    node_config_value_digits(port_text, 0, UINT16_MAX, &port) != 0)
		return node_error_set(
			ret_error, -EINVAL,
			"\"%.100s\" is no address and port, such as 127.0.0.1:7420 or "
			"[::1]:7420",
			text);
	if (strcmp(address.host, "localhost") == 0)
		(void)snprintf(address.host, sizeof address.host, "127.0.0.1"); /* it fits */
	if (inet_pton(AF_INET, address.host, &any) != 1 &&
	    inet_pton(AF_INET6, address.host, &any) != 1)
		return node_error_set(ret_error, -EINVAL,
				      "\"%.100s\": the address must be numeric, such as "
				      "127.0.0.1:7420 or [::1]:7420",
				      text);
	address.port = (uint16_t)port;
	*ret_address = address;
	return 0;
}

int node_config_place(const char *text, struct node_config_place *ret_place,
		      struct node_error *ret_error)
{
	struct node_config_place place = {0};
	const char *port_text;
	unsigned port;

	if (!split_address(text, place.host, sizeof place.host, &port_text) ||
	    node_config_value_digits(port_text, 0, UINT16_MAX, &port) != 0)
		return node_error_set(ret_error, -EINVAL,
				      "\"%.100s\" is no name or address and port, such as "
				      "node.example.org:7420 or [2001:db8::1]:7420",
				      text);
	if (port == 0)
		return node_error_set(ret_error, -EINVAL,
				      "\"%.100s\": port 0 is nowhere to connect to", text);
	if (!catalog_node_is_address(text))
		return node_error_set(ret_error, -EINVAL,
				      "\"%.100s\": \"%.100s\" is neither an address nor a name of "
				      "letters, digits, dots and hyphens",
				      text, place.host);
	place.port = (uint16_t)port;
	*ret_place = place;
	return 0;
}

bool node_config_is_loopback(const struct node_config_address *address)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, address->host, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, address->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

void node_config_print(const struct node_config_address *address,
		       char ret_text[NODE_CONFIG_ADDRESS_BYTES])
{
	bool is_v6 = strchr(address->host, ':') != NULL;
	int len;

	len = snprintf(ret_text, NODE_CONFIG_ADDRESS_BYTES, "%s%s%s:%u", is_v6 ? "[" : "",
		       address->host, is_v6 ? "]" : "", (unsigned)address->port);
	assert(len > 0 && len < NODE_CONFIG_ADDRESS_BYTES);
	(void)len;
}

void node_config_print_place(const struct node_config_place *place,
			     char ret_text[NODE_CONFIG_PLACE_BYTES])
{
	bool is_v6 = strchr(place->host, ':') != NULL;
	int len;

	len = snprintf(ret_text, NODE_CONFIG_PLACE_BYTES, "%s%s%s:%u", is_v6 ? "[" : "",
		       place->host, is_v6 ? "]" : "", (unsigned)place->port);
	assert(len > 0 && len < NODE_CONFIG_PLACE_BYTES);
	(void)len;
}

/* What is said over HTTP is not encrypted, so it does not leave the machine. */
static int set_public_url(const char *text, struct node_config *config,
			  struct node_error *ret_error)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '/')
		len--;
	if (text[0] != '\0' &&
	    (catalog_url_check(text) != 0 || strpbrk(text, "?#@") != NULL ||
	     (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)))
		return node_error_set(ret_error, -EINVAL,
				      "\"%.100s\" is no URL of a web server, such as "
				      "https://data.example.org",
				      text);
	if (len >= sizeof config->public_url)
		return node_error_set(ret_error, -EINVAL, "the URL has more than %zu bytes",
				      sizeof config->public_url - 1);
	memcpy(config->public_url, text, len);
	config->public_url[len] = '\0';
	return 0;
}

static int set_http(const char *text, struct node_config *config, struct node_error *ret_error)
{
	struct node_config_address address;
	int r;

	if (strcmp(text, "off") == 0) {
		config->http_off = true;
		return 0;
	}
	r = node_config_address(text, &address, ret_error);
	if (r != 0)
		return r;
	if (!node_config_is_loopback(&address))
		return node_error_set(
			ret_error, -EINVAL,
			"\"%.100s\" is not on loopback: HTTP is not encrypted; have a "
			"web server with TLS in front pass requests on to 127.0.0.1",
			text);
	config->http = address;
	config->http_off = false;
	return 0;
}

/* 0 is "auto". */
static int set_links(const char *text, unsigned most, unsigned *ret_links,
		     struct node_error *ret_error)
{
	if (strcmp(text, "auto") != 0)
		return node_config_value_count(text, 1, most, ret_links, ret_error);
	*ret_links = 0;
	return 0;
}

/* Set one row from text. */
static int set_value(struct node_config *config, enum setting setting, const char *text,
		     struct node_error *ret_error)
{
	/* In the order of their enums. */
	static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
	static const char *const whens[] = {"auto", "yes", "no", NULL};
	static const char *const searches[] = {"later", "on", "off", NULL};
	unsigned at;
	int r;

	if (strlen(text) > NODE_CONFIG_VALUE_MAX)
		return node_error_set(ret_error, -E2BIG, "longer than %d bytes",
				      NODE_CONFIG_VALUE_MAX);
	switch (setting) {
	case SETTING_DIR:
		if (text[0] == '\0' || strlen(text) >= sizeof config->dir)
			return node_error_set(ret_error, -EINVAL, "no usable path");
		(void)snprintf(config->dir, sizeof config->dir, "%s", text); /* it fits */
		return 0;
	case SETTING_LISTEN: return node_config_address(text, &config->listen, ret_error);
	case SETTING_HTTP: return set_http(text, config, ret_error);
	case SETTING_LOG_LEVEL:
		r = node_config_value_word(text, levels, &at, ret_error);
		config->log_level = r == 0 ? (enum node_config_level)at : config->log_level;
		return r;
	case SETTING_PEERS: return node_config_list_peers(text, config, ret_error);
	case SETTING_ADDRESS: return node_config_list_addresses(text, config, ret_error);
	case SETTING_PRIVATE_ADDRESSES:
		r = node_config_value_word(text, whens, &at, ret_error);
		config->private_addresses =
			r == 0 ? (enum node_config_when)at : config->private_addresses;
		return r;
	case SETTING_OUTGOING_LINKS: return set_links(text, 32, &config->outgoing_links, ret_error);
	case SETTING_INCOMING_LINKS: return set_links(text, 56, &config->incoming_links, ret_error);
	case SETTING_LIMIT_RATE:
		return node_limits_read_rate(text, &config->limits.all_bytes_s, ret_error);
	case SETTING_LIMIT_RATE_PEER:
		return node_limits_read_rate(text, &config->limits.peer_bytes_s, ret_error);
	case SETTING_LIMIT_RATE_HOURS:
		return node_limits_read_hours(text, &config->limits, ret_error);
	case SETTING_PULL: return node_limits_read_pull(text, &config->limits, ret_error);
	case SETTING_LEAF: return node_config_value_yes(text, &config->is_leaf, ret_error);
	case SETTING_COMPRESS:
		r = node_config_value_yes(text, &config->is_plain, ret_error);
		config->is_plain = r == 0 ? !config->is_plain : config->is_plain;
		return r;
	case SETTING_SEARCH:
		r = node_config_value_word(text, searches, &at, ret_error);
		config->search = r == 0 ? (enum node_config_search)at : config->search;
		return r;
	case SETTING_PEER_MEMORY:
		return node_config_value_count(text, 9, 1024, &config->peer_memory_mib, ret_error);
	case SETTING_HTTP_THREADS:
		return node_config_value_count(text, 1, 64, &config->http_threads, ret_error);
	case SETTING_RETENTION_DAYS:
		return node_config_value_count(text, 0, 3650, &config->retention_days, ret_error);
	case SETTING_CHARTER_FILE:
		return node_config_value_path(text, config->charter_file, ret_error);
	case SETTING_MEMBER_KEY_FILE:
		return node_config_value_path(text, config->member_key_file, ret_error);
	case SETTING_NODE_KEY_FILE:
		return node_config_value_path(text, config->node_key_file, ret_error);
	case SETTING_PUBLIC_URL: return set_public_url(text, config, ret_error);
	case SETTING_COUNT: break;
	}
	assert(false); /* not a row of the table */
	return -EINVAL;
}

/* --- names ------------------------------------------------------------------------------ */

static int find_setting(const char *name, const char *source, enum setting *ret_setting,
			struct node_error *ret_error)
{
	size_t nearest = 0, nearest_distance = SIZE_MAX;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		size_t d = node_spelling_distance(name, table[i].name);

		if (d == 0) {
			*ret_setting = (enum setting)i;
			return 0;
		}
		if (d < nearest_distance) {
			nearest_distance = d;
			nearest = i;
		}
	}
	if (nearest_distance > (strlen(name) + 1) / 2)
		return node_error_set(ret_error, -EINVAL,
				      "%s: there is no setting \"%.60s\"; fedcatd --help lists "
				      "them all",
				      source, name);
	return node_error_set(ret_error, -EINVAL,
			      "%s: there is no setting \"%.60s\"; did you mean \"%s\"?  fedcatd "
			      "--help lists them all",
			      source, name, table[nearest].name);
}

/* Set the row called name, or say which source has it wrong. */
static int set_named(struct node_config *config, const char *name, const char *text,
		     const char *source, struct node_error *ret_error)
{
	struct node_error why;
	enum setting setting;
	int r;

	r = find_setting(name, source, &setting, ret_error);
	if (r != 0)
		return r;
	r = set_value(config, setting, text, &why);
	if (r != 0)
		return node_error_set(ret_error, -EINVAL, "%s: %s: %s", source, table[setting].name,
				      why.text);
	return 0;
}

/* --- sources ---------------------------------------------------------------------------- */

/* Flags are read twice: first for dir alone, which says where the file is, and at the end. */
enum pass { PASS_DIR, PASS_ALL };

static int read_flags(struct node_config *config, size_t arg_count, const char *const *args,
		      enum pass pass, struct node_error *ret_error)
{
	for (size_t i = 0; i < arg_count; i++) {
		char name[NAME_MAX_BYTES + 1];
		const char *equals, *text;
		size_t len;
		int r;

		if (strncmp(args[i], "--", 2) != 0)
			return node_error_set(ret_error, -EINVAL,
					      "\"%.100s\": fedcatd takes settings only, written "
					      "--key=value; see fedcatd --help",
					      args[i]);
		equals = strchr(args[i], '=');
		len = equals != NULL ? (size_t)(equals - args[i]) - 2 : strlen(args[i] + 2);
		if (len > NAME_MAX_BYTES)
			len = NAME_MAX_BYTES; /* no name is so long: it is refused below */
		memcpy(name, args[i] + 2, len);
		name[len] = '\0';
		text = equals != NULL ? equals + 1 : NULL;
		if (text == NULL && i + 1 < arg_count)
			text = args[++i];
		if (text == NULL) {
			enum setting setting;

			r = find_setting(name, "flag", &setting, ret_error);
			return r != 0 ? r
				      : node_error_set(ret_error, -EINVAL,
						       "flag: --%s wants a value: --%s=%s", name,
						       name, table[setting].value);
		}
		if (pass == PASS_DIR && strcmp(name, table[SETTING_DIR].name) != 0)
			continue;
		r = set_named(config, name, text, "flag", ret_error);
		if (r != 0)
			return r;
	}
	return 0;
}

static int read_environment(struct node_config *config, const char *const *environment,
			    enum pass pass, struct node_error *ret_error)
{
	for (; *environment != NULL; environment++) {
		const char *from = *environment + sizeof ENVIRONMENT_PREFIX - 1;
		const char *equals = strchr(*environment, '=');
		char name[NAME_MAX_BYTES + 1];
		size_t len;
		int r;

		if (strncmp(*environment, ENVIRONMENT_PREFIX, sizeof ENVIRONMENT_PREFIX - 1) != 0 ||
		    equals == NULL || equals < from)
			continue;
		len = (size_t)(equals - from);
		if (len > NAME_MAX_BYTES)
			len = NAME_MAX_BYTES;
		for (size_t i = 0; i < len; i++)
			name[i] = from[i] == '_' ? '-' : (char)tolower((unsigned char)from[i]);
		name[len] = '\0';
		if (strcmp(name, "passphrase-file") == 0)
			continue; /* no setting: node/passphrase reads it, of the command's, too */
		if (pass == PASS_DIR && strcmp(name, table[SETTING_DIR].name) != 0)
			continue;
		r = set_named(config, name, equals + 1, "environment (FEDCAT_...)", ret_error);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Take white space off both ends, in place. */
static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* One line of the file. */
static int read_line(struct node_config *config, char *line, const char *source,
		     struct node_error *ret_error)
{
	char *comment = strchr(line, '#'), *equals, *name;

	if (comment != NULL)
		*comment = '\0';
	line = trim(line);
	if (*line == '\0')
		return 0;
	equals = strchr(line, '=');
	if (equals == NULL)
		return node_error_set(ret_error, -EINVAL, "%s: \"%.60s\" is no \"key = value\"",
				      source, line);
	*equals = '\0';
	name = trim(line);
	if (strcmp(name, table[SETTING_DIR].name) == 0)
		return node_error_set(ret_error, -EINVAL,
				      "%s: dir cannot be set here: this file is found by it",
				      source);
	return set_named(config, name, trim(equals + 1), source, ret_error);
}

static int read_file(struct node_config *config, struct node_error *ret_error)
{
	char path[NODE_DATADIR_PATH_BYTES], source[NODE_ERROR_BYTES];
	struct catalog_buffer bytes = {0};
	unsigned number = 0;
	char *line, *rest;
	int r;

	r = node_datadir_path(config->dir, NODE_DATADIR_CONFIG, path, ret_error);
	if (r != 0)
		return r;
	r = node_datadir_read(path, NODE_CONFIG_FILE_MAX, &bytes, ret_error);
	if (r == -ENOENT) {
		r = 0; /* it is optional */
		goto out;
	}
	if (r == 0)
		r = catalog_buffer_append(&bytes, "", 1);
	if (r != 0)
		goto out;
	if (strlen((char *)bytes.bytes) != bytes.len - 1) {
		r = node_error_set(ret_error, -EINVAL, "%s: holds a NUL: is it a text file?", path);
		goto out;
	}
	for (line = (char *)bytes.bytes; line != NULL && r == 0; line = rest) {
		rest = strchr(line, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		(void)snprintf(source, sizeof source, "%.200s line %u", path, ++number);
		r = read_line(config, line, source, ret_error);
	}
out:
	catalog_buffer_close(&bytes);
	return r;
}

int node_config_load(size_t arg_count, const char *const *args, const char *const *environment,
		     struct node_config *ret_config, struct node_error *ret_error)
{
	struct node_config config = {0};
	int r;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (i == SETTING_DIR)
			continue; /* depends on the environment: below */
		r = set_value(&config, (enum setting)i, table[i].standard, ret_error);
		assert(r == 0 || r == -ENOMEM);
		if (r != 0)
			return r;
	}
	r = read_environment(&config, environment, PASS_DIR, ret_error);
	if (r == 0)
		r = read_flags(&config, arg_count, args, PASS_DIR, ret_error);
	if (r == 0 && config.dir[0] == '\0')
		r = node_datadir_default(config.dir, ret_error);
	if (r == 0)
		r = read_file(&config, ret_error);
	if (r == 0)
		r = read_environment(&config, environment, PASS_ALL, ret_error);
	if (r == 0)
		r = read_flags(&config, arg_count, args, PASS_ALL, ret_error);
	if (r == 0)
		*ret_config = config;
	return r;
}
