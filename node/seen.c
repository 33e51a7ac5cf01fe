#include "node/seen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/hash.h"
#include "catalog/node.h"

#define DAY_S     ((int64_t)24 * 60 * 60)
#define STALE_S   (60 * 60)
#define OUT_SCAN  "out %64s %" SCNu32 " %u %" SCNd64 " %n"
#define LINE_SCAN "%40s %255s %" SCNd64

_Static_assert(CATALOG_MEMBER_NAME_BYTES_MAX == 40, "LINE_SCAN");
_Static_assert(CATALOG_CHARTER_ADDRESS_BYTES_MAX == 255, "LINE_SCAN");

struct node_seen {
	char path[NODE_DATADIR_PATH_BYTES];
	size_t count;
	struct node_seen_line lines[NODE_SEEN_MAX];
	size_t out_count;
	struct node_seen_out outs[NODE_SEEN_OUT_MAX];
	bool has_changed;
	int64_t now_s, kept_s;
};

static bool is_member_name(const char *name)
{
	return name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static void read_line(struct node_seen *seen, const char *text, int64_t now_s)
{
	struct node_seen_line line;

	if (sscanf(text, LINE_SCAN, line.member, line.address, &line.time_s) != 3 ||
	    !is_member_name(line.member) || !catalog_node_is_address(line.address) ||
	    line.time_s > now_s + DAY_S || line.time_s < now_s - NODE_SEEN_DAYS * DAY_S)
		return;
	node_seen_note(seen, line.member, line.address, line.time_s);
}

static void read_out(struct node_seen *seen, const char *text, int64_t now_s)
{
	struct node_seen_out out = {.offences = 0};
	char hex[CATALOG_HASH_HEX_BYTES];
	struct catalog_hash key;
	int at = 0;

	if (sscanf(text, OUT_SCAN, hex, &out.member, &out.offences, &out.until_s, &at) != 4 ||
	    at == 0 || catalog_hash_from_hex(hex, &key) != 0 || out.offences == 0 ||
	    out.until_s > now_s + NODE_SEEN_OUT_DAYS * DAY_S ||
	    out.until_s < now_s - NODE_SEEN_OUT_DAYS * DAY_S ||
	    seen->out_count == NODE_SEEN_OUT_MAX)
		return;
	_Static_assert(sizeof key == sizeof out.key, "both are 64 digits");
	memcpy(&out.key, &key, sizeof key);
	(void)snprintf(out.reason, sizeof out.reason, "%s", text + at); /* cut if need be */
	seen->outs[seen->out_count++] = out;
}

static int read_file(struct node_seen *seen, int64_t now_s)
{
	struct catalog_buffer bytes = {0};
	char *rest = NULL;
	int r = node_datadir_read(seen->path, NODE_SEEN_BYTES_MAX, &bytes, NULL);

	if (r == 0)
		r = catalog_buffer_append(&bytes, "", 1);
	if (r == 0)
		for (char *line = strtok_r((char *)bytes.bytes, "\n", &rest); line != NULL;
		     line = strtok_r(NULL, "\n", &rest))
			strncmp(line, "out ", 4) == 0 ? read_out(seen, line, now_s)
						      : read_line(seen, line, now_s);
	catalog_buffer_close(&bytes);
	return r == -ENOMEM ? r : 0;
}

int node_seen_open(const char *dir, int64_t now_s, struct node_seen **ret_seen,
		   struct node_error *ret_error)
{
	struct node_seen *seen = calloc(1, sizeof *seen);
	int r = seen == NULL ? node_error_set(ret_error, -ENOMEM, "out of memory")
			     : node_datadir_path(dir, NODE_SEEN_FILE, seen->path, ret_error);

	if (r == 0 && read_file(seen, now_s) != 0)
		r = node_error_set(ret_error, -ENOMEM, "out of memory");
	if (r != 0) {
		free(seen);
		return r;
	}
	seen->has_changed = false;
	seen->kept_s = now_s;
	*ret_seen = seen;
	return 0;
}

void node_seen_free(struct node_seen *seen)
{
	free(seen);
}

size_t node_seen_lines(const struct node_seen *seen, const struct node_seen_line **ret_lines)
{
	*ret_lines = seen->lines;
	return seen->count;
}

/* The line of an address of a member; else a new one, in place of the oldest if there are too many.
 */
static struct node_seen_line *line_of(struct node_seen *seen, const char *member,
				      const char *address)
{
	struct node_seen_line *oldest = &seen->lines[0];

	for (size_t i = 0; i < seen->count; i++) {
		struct node_seen_line *line = &seen->lines[i];

		if (strcmp(line->member, member) == 0 && strcmp(line->address, address) == 0)
			return line;
		if (line->time_s < oldest->time_s)
			oldest = line;
	}
	seen->has_changed = true;
	return seen->count < NODE_SEEN_MAX ? &seen->lines[seen->count++] : oldest;
}

void node_seen_note(struct node_seen *seen, const char *member, const char *address, int64_t now_s)
{
	struct node_seen_line *line;

	if (strlen(member) >= sizeof line->member || strlen(address) >= sizeof line->address)
		return;
	line = line_of(seen, member, address);
	(void)snprintf(line->member, sizeof line->member, "%s", member);    /* it fits */
	(void)snprintf(line->address, sizeof line->address, "%s", address); /* likewise */
	line->time_s = now_s;
	if (seen->now_s < now_s)
		seen->now_s = now_s;
}

size_t node_seen_outs(const struct node_seen *seen, const struct node_seen_out **ret_outs)
{
	*ret_outs = seen->outs;
	return seen->out_count;
}

static bool is_same_out(const struct node_seen_out *a, const struct node_seen_out *b)
{
	return memcmp(&a->key, &b->key, sizeof a->key) == 0 && a->offences == b->offences;
}

void node_seen_note_outs(struct node_seen *seen, const struct node_seen_out *outs, size_t count)
{
	bool same = count == seen->out_count;

	if (count > NODE_SEEN_OUT_MAX)
		count = NODE_SEEN_OUT_MAX;
	for (size_t i = 0; i < count && same; i++)
		same = is_same_out(&seen->outs[i], &outs[i]);
	seen->has_changed |= !same;
	for (size_t i = 0; i < count; i++)
		seen->outs[i] = outs[i];
	seen->out_count = count;
}

static int print_out(const struct node_seen_out *out, struct catalog_buffer *text)
{
	char hex[CATALOG_HASH_HEX_BYTES], reason[NODE_SEEN_REASON_BYTES];
	struct catalog_hash key;

	memcpy(&key, &out->key, sizeof key);
	catalog_hash_to_hex(&key, hex);
	(void)snprintf(reason, sizeof reason, "%s", out->reason); /* it fits */
	for (char *c = reason; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	return catalog_buffer_print(text, "out %s %" PRIu32 " %u %" PRId64 " %s\n", hex,
				    out->member, out->offences, out->until_s, reason);
}

int node_seen_keep(struct node_seen *seen, struct node_error *ret_error)
{
	struct catalog_buffer text = {0};
	int r = 0;

	if (!seen->has_changed && seen->now_s - seen->kept_s < STALE_S)
		return 0;
	for (size_t i = 0; i < seen->count && r == 0; i++)
		r = catalog_buffer_print(&text, "%s %s %" PRId64 "\n", seen->lines[i].member,
					 seen->lines[i].address, seen->lines[i].time_s);
	for (size_t i = 0; i < seen->out_count && r == 0; i++)
		r = print_out(&seen->outs[i], &text);
	if (r == 0)
		r = node_datadir_write(seen->path, catalog_buffer_span(&text), 0644, ret_error);
	else
		(void)node_error_set(ret_error, r, "out of memory");
	catalog_buffer_close(&text);
	if (r == 0) {
		seen->has_changed = false;
		seen->kept_s = seen->now_s;
	}
	return r;
}
