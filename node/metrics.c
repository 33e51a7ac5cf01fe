/* node/metrics.c - one family after the other, each with all its members, as OpenMetrics wants it.
 * Labels are members' names and plain words, which need no escaping. */
#include "catalog/value_get.h"
#include "node/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_true(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

/* Seconds since 1970 of a time as the control protocol has it; 0 if there is none. */
static int64_t time_of(const struct catalog_value *map, const char *key)
{
	struct tm tm = {0};

	if (sscanf(catalog_value_get_text(map, key), "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year,
		   &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm);
}

static int64_t is_forked(const struct catalog_value *member)
{
	return strcmp(catalog_value_get_text(member, "state"), "forked") == 0;
}

static int64_t is_broken(const struct catalog_value *member)
{
	return strcmp(catalog_value_get_text(member, "state"), "broken") == 0;
}

static int64_t listings_of(const struct catalog_value *member)
{
	return catalog_value_get_int(member, "live", 0);
}

static int64_t entries_of(const struct catalog_value *member)
{
	return catalog_value_get_int(member, "entries", 0);
}

static int64_t target_of(const struct catalog_value *member)
{
	return catalog_value_get_int(member, "target", 0);
}

static int64_t attested_of(const struct catalog_value *member)
{
	return time_of(member, "current");
}

static int64_t is_over(const struct catalog_value *member)
{
	return is_true(member, "over");
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
	{"member_over", "", "Whether a member has more listings than the charter lets it.",
	 is_over},
	{"member_broken", "", "Whether a member's log breaks its own rules.", is_broken},
};

static int print_head(struct catalog_buffer *buffer, const char *name, const char *type,
		      const char *unit, const char *help)
{
	int r = catalog_buffer_print(buffer, "# TYPE fedcat_%s %s\n", name, type);

	if (r == 0 && unit[0] != '\0')
		r = catalog_buffer_print(buffer, "# UNIT fedcat_%s %s\n", name, unit);
	return r == 0 ? catalog_buffer_print(buffer, "# HELP fedcat_%s %s\n", name, help) : r;
}

static int print_gauge(struct catalog_buffer *buffer, const char *name, const char *unit,
		       const char *help, int64_t number)
{
	int r = print_head(buffer, name, "gauge", unit, help);

	return r == 0 ? catalog_buffer_print(buffer, "fedcat_%s %" PRId64 "\n", name, number) : r;
}

static int print_members(struct catalog_buffer *buffer, const struct catalog_value *members)
{
	int r = 0;

	for (size_t k = 0; k < sizeof families / sizeof families[0] && r == 0; k++) {
		const struct family *family = &families[k];

		r = print_head(buffer, family->name, "gauge", family->unit, family->help);
		for (size_t i = 0; i < catalog_value_count(members) && r == 0; i++) {
			const struct catalog_value *member = catalog_value_at(members, i, NULL);

			r = catalog_buffer_print(
				buffer, "fedcat_%s{member=\"%s\"} %" PRId64 "\n", family->name,
				catalog_value_get_text(member, "name"), family->of(member));
		}
	}
	return r;
}

static int print_peers(struct catalog_buffer *buffer, const struct catalog_value *peers)
{
	int64_t greeted = 0, equal = 0;
	int r;

	for (size_t i = 0; i < catalog_value_count(peers); i++) {
		const struct catalog_value *peer = catalog_value_at(peers, i, NULL);

		greeted += is_true(peer, "greeted");
		equal += is_true(peer, "equal");
	}
	r = print_gauge(buffer, "peers", "", "Nodes that are linked.", greeted);
	return r == 0 ? print_gauge(buffer, "peers_equal", "", "Those of them that hold the same.",
				    equal)
		      : r;
}

/* Of how many numbers the council is proven to have signed two amendments. */
static int print_conflicts(struct catalog_buffer *buffer, const struct catalog_value *federation)
{
	const struct catalog_value *numbers = catalog_value_get(federation, "conflicts");

	return print_gauge(buffer, "council_conflicts", "",
			   "Amendments of which the council is proven to have signed two.",
			   (int64_t)catalog_value_count(numbers));
}

/* How many members there are in each state, and since when the one that is silent the longest has
 * said nothing. */
static int print_states(struct catalog_buffer *buffer, const struct catalog_value *members,
			int64_t now_s)
{
	static const char *const states[] = {"empty", "partial", "complete", "broken", "forked"};
	int64_t oldest_s = 0;
	int r = print_head(buffer, "members", "gauge", "", "Members, by the state of their logs.");

	for (size_t k = 0; k < sizeof states / sizeof states[0] && r == 0; k++) {
		unsigned count = 0;

		for (size_t i = 0; i < catalog_value_count(members); i++)
			count += strcmp(catalog_value_get_text(catalog_value_at(members, i, NULL),
							       "state"),
					states[k]) == 0;
		r = catalog_buffer_print(buffer, "fedcat_members{state=\"%s\"} %u\n", states[k],
					 count);
	}
	for (size_t i = 0; i < catalog_value_count(members); i++) {
		int64_t attested_s = attested_of(catalog_value_at(members, i, NULL));

		if (attested_s > 0 && now_s - attested_s > oldest_s)
			oldest_s = now_s - attested_s;
	}
	return r == 0 ? print_gauge(buffer, "oldest_attestation_age_seconds", "seconds",
				    "Since the member that was silent the longest last said that "
				    "its newest checkpoint known here is its newest.",
				    oldest_s)
		      : r;
}

/* What was done since the start.  Each family has a sample for each direction or kind. */
static const struct counted {
	const char *name, *type, *unit, *help, *label;
	struct {
		const char *value, *key; /* of the label, and in "work" */
	} samples[2];
} counted[] = {
	{"links",
	 "counter",
	 "",
	 "Links to other nodes that were opened.",
	 "direction",
	 {{"in", "links_in"}, {"out", "links_out"}}},
	{"link_bytes",
	 "counter",
	 "bytes",
	 "What went over links to other nodes.",
	 "direction",
	 {{"in", "bytes_in"}, {"out", "bytes_out"}}},
	{"link_entries",
	 "counter",
	 "",
	 "Log entries that went over links to other nodes.",
	 "direction",
	 {{"in", "entries_in"}, {"out", "entries_out"}}},
	{"jobs_waiting",
	 "gauge",
	 "",
	 "Jobs that wait for a worker, or for the writer.",
	 "kind",
	 {{"read", "reads_waiting"}, {"write", "writes_waiting"}}},
	{"jobs_running",
	 "gauge",
	 "",
	 "Jobs that are being done.",
	 "kind",
	 {{"read", "reads_running"}, {"write", "writes_running"}}},
};

static int print_work(struct catalog_buffer *buffer, const struct catalog_value *work)
{
	int r = 0;

	if (catalog_value_type(work) != CATALOG_VALUE_MAP)
		return 0;
	for (size_t k = 0; k < sizeof counted / sizeof counted[0] && r == 0; k++) {
		const struct counted *one = &counted[k];
		const char *total = strcmp(one->type, "counter") == 0 ? "_total" : "";

		r = print_head(buffer, one->name, one->type, one->unit, one->help);
		for (size_t i = 0; i < 2 && r == 0; i++)
			r = catalog_buffer_print(
				buffer, "fedcat_%s%s{%s=\"%s\"} %" PRId64 "\n", one->name, total,
				one->label, one->samples[i].value,
				catalog_value_get_int(work, one->samples[i].key, 0));
	}
	return r;
}

/* Nodes that are kept out, and what is known of and lacking. */
static int print_fetching(struct catalog_buffer *buffer, const struct catalog_value *fetching,
			  const struct catalog_value *kept_out)
{
	int r;

	if (catalog_value_type(fetching) != CATALOG_VALUE_MAP)
		return 0; /* no fedcatd */
	r = print_gauge(buffer, "peers_kept_out", "",
			"Nodes that misbehaved and are not let in for a while.",
			(int64_t)catalog_value_count(kept_out));
	if (r == 0)
		r = print_gauge(buffer, "fetch_entries", "",
				"Entries that are known of and lacking.",
				catalog_value_get_int(fetching, "entries", 0));
	return r == 0 ? print_gauge(buffer, "fetch_bytes", "bytes",
				    "What they will take on their way, about.",
				    catalog_value_get_int(fetching, "bytes", 0))
		      : r;
}

static int print_log(struct catalog_buffer *buffer, struct node_log *log)
{
	int r;

	if (log == NULL)
		return 0;
	r = print_head(buffer, "log_lines", "counter", "",
		       "Errors and warnings since the start, those that were left out, too.");

	if (r == 0)
		r = catalog_buffer_print(buffer,
					 "fedcat_log_lines_total{level=\"error\"} %" PRIu64 "\n",
					 node_log_count(log, NODE_CONFIG_ERROR));
	if (r == 0)
		r = catalog_buffer_print(buffer,
					 "fedcat_log_lines_total{level=\"warning\"} %" PRIu64 "\n",
					 node_log_count(log, NODE_CONFIG_WARNING));
	return r;
}

int node_metrics_print(const struct catalog_value *status, struct node_log *log, int64_t now_s,
		       struct catalog_buffer *buffer)
{
	static const struct {
		const char *name, *unit, *help, *key;
	} plain[] = {
		{"uptime_seconds", "seconds", "Since fedcatd started.", "uptime_s"},
		{"listings", "", "Current listings of all members.", "listings"},
		{"withdrawn", "", "Withdrawn listings of all members.", "withdrawn"},
		{"entries", "", "Log entries of all members.", "entries"},
		{"store_bytes", "bytes", "The store, on disk.", "store_bytes"},
		{"index_bytes", "bytes", "The search index in it.", "index_bytes"},
		{"index_missing", "", "Entries that cannot be searched yet.", "index_missing"},
	};
	const struct catalog_value *members = catalog_value_get(status, "members");
	int r = catalog_buffer_print(buffer,
				     "# TYPE fedcat_build info\n# HELP fedcat_build The program.\n"
				     "fedcat_build_info{version=\"%s\"} 1\n",
				     catalog_value_get_text(status, "version"));

	for (size_t i = 0; i < sizeof plain / sizeof plain[0] && r == 0; i++)
		r = print_gauge(buffer, plain[i].name, plain[i].unit, plain[i].help,
				catalog_value_get_int(status, plain[i].key, 0));
	if (r == 0)
		r = print_peers(buffer, catalog_value_get(status, "peers"));
	if (r == 0)
		r = print_fetching(buffer, catalog_value_get(status, "fetching"),
				   catalog_value_get(status, "kept_out"));
	if (r == 0)
		r = print_work(buffer, catalog_value_get(status, "work"));
	if (r == 0)
		r = print_log(buffer, log);
	if (r == 0)
		r = print_conflicts(buffer, catalog_value_get(status, "federation"));
	if (r == 0)
		r = print_states(buffer, members, now_s);
	if (r == 0)
		r = print_members(buffer, members);
	return r == 0 ? catalog_buffer_print(buffer, "# EOF\n") : r;
}
