/* node/metrics.c - one family after the other, each with all its members, as OpenMetrics wants it.
 * Labels are members' names and plain words, which need no escaping. */
#include "node/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t int_of(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_INT ? catalog_value_int(value) : 0;
}

static bool is_true(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

static const char *text_of(const struct catalog_value *map, const char *key)
{
	const char *text = catalog_value_text(catalog_value_get(map, key));

	return text != NULL ? text : "";
}

/* Seconds since 1970 of a time as the control protocol has it; 0 if there is none. */
static int64_t time_of(const struct catalog_value *map, const char *key)
{
	struct tm tm = {0};

	if (sscanf(text_of(map, key), "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm);
}

static int64_t is_forked(const struct catalog_value *member)
{
	return strcmp(text_of(member, "state"), "forked") == 0;
}

static int64_t is_broken(const struct catalog_value *member)
{
	return strcmp(text_of(member, "state"), "broken") == 0;
}

static int64_t listings_of(const struct catalog_value *member)
{
	return int_of(member, "live");
}

static int64_t entries_of(const struct catalog_value *member)
{
	return int_of(member, "entries");
}

static int64_t target_of(const struct catalog_value *member)
{
	return int_of(member, "target");
}

static int64_t attested_of(const struct catalog_value *member)
{
	return time_of(member, "current");
}

static int64_t is_old(const struct catalog_value *member)
{
	return is_true(member, "old");
}

static const struct family {
	const char *name, *unit, *help;
	int64_t (*of)(const struct catalog_value *member);
} families[] = {
	{"member_listings", "", "Current listings of a member that are held.", listings_of},
	{"member_entries", "", "Entries of a member's log that are held.", entries_of},
	{"member_target_entries", "", "Entries under the newest checkpoint known of a member.",
	 target_of},
	{"member_attested_timestamp_seconds", "seconds",
	 "When a member last said that its newest checkpoint known here is its newest; 0: never.",
	 attested_of},
	{"member_old", "", "Whether a member has not said so for two days.", is_old},
	{"member_forked", "", "Whether a member is proven to have signed two histories.",
	 is_forked},
	{"member_broken", "", "Whether a member's log breaks its own rules.", is_broken},
};

static int print_head(struct catalog_buffer *buffer, const char *name, const char *unit,
		      const char *help)
{
	int r = catalog_buffer_print(buffer, "# TYPE fedcat_%s gauge\n", name);

	if (r == 0 && unit[0] != '\0')
		r = catalog_buffer_print(buffer, "# UNIT fedcat_%s %s\n", name, unit);
	return r == 0 ? catalog_buffer_print(buffer, "# HELP fedcat_%s %s\n", name, help) : r;
}

static int print_gauge(struct catalog_buffer *buffer, const char *name, const char *unit,
		       const char *help, int64_t number)
{
	int r = print_head(buffer, name, unit, help);

	return r == 0 ? catalog_buffer_print(buffer, "fedcat_%s %" PRId64 "\n", name, number) : r;
}

static int print_members(struct catalog_buffer *buffer, const struct catalog_value *members)
{
	int r = 0;

	for (size_t k = 0; k < sizeof families / sizeof families[0] && r == 0; k++) {
		const struct family *family = &families[k];

		r = print_head(buffer, family->name, family->unit, family->help);
		for (size_t i = 0; i < catalog_value_count(members) && r == 0; i++) {
			const struct catalog_value *member = catalog_value_at(members, i, NULL);

			r = catalog_buffer_print(buffer, "fedcat_%s{member=\"%s\"} %" PRId64 "\n",
						 family->name, text_of(member, "name"),
						 family->of(member));
		}
	}
	return r;
}

static int print_peers(struct catalog_buffer *buffer, const struct catalog_value *peers)
{
	int64_t greeted = 0, equal = 0, in = 0, out = 0;
	int r;

	for (size_t i = 0; i < catalog_value_count(peers); i++) {
		const struct catalog_value *peer = catalog_value_at(peers, i, NULL);

		greeted += is_true(peer, "greeted");
		equal += is_true(peer, "equal");
		in += int_of(peer, "bytes_in");
		out += int_of(peer, "bytes_out");
	}
	if ((r = print_gauge(buffer, "peers", "", "Nodes that are linked.", greeted)) != 0 ||
	    (r = print_gauge(buffer, "peers_equal", "", "Those of them that hold the same.",
			     equal)) != 0 ||
	    (r = print_gauge(buffer, "links_received_bytes", "bytes",
			     "What came on the links that there are now.", in)) != 0)
		return r;
	return print_gauge(buffer, "links_sent_bytes", "bytes",
			   "What was sent on the links that there are now.", out);
}

int node_metrics_print(const struct catalog_value *status, struct catalog_buffer *buffer)
{
	int r;

	if ((r = catalog_buffer_print(buffer,
				      "# TYPE fedcat_build info\n# HELP fedcat_build The program.\n"
				      "fedcat_build_info{version=\"%s\"} 1\n",
				      text_of(status, "version"))) != 0 ||
	    (r = print_gauge(buffer, "uptime_seconds", "seconds", "Since fedcatd started.",
			     int_of(status, "uptime_s"))) != 0 ||
	    (r = print_gauge(buffer, "listings", "", "Current listings of all members.",
			     int_of(status, "listings"))) != 0 ||
	    (r = print_gauge(buffer, "entries", "", "Log entries of all members.",
			     int_of(status, "entries"))) != 0 ||
	    (r = print_gauge(buffer, "store_bytes", "bytes", "The store, on disk.",
			     int_of(status, "store_bytes"))) != 0 ||
	    (r = print_gauge(buffer, "index_bytes", "bytes", "The search index in it.",
			     int_of(status, "index_bytes"))) != 0 ||
	    (r = print_peers(buffer, catalog_value_get(status, "peers"))) != 0 ||
	    (r = print_members(buffer, catalog_value_get(status, "members"))) != 0)
		return r;
	return catalog_buffer_print(buffer, "# EOF\n");
}
