/* node/seen.h - where nodes answered, kept across restarts: <dir>/seen, a line each.
 *
 *   MEMBER ADDRESS TIME     TIME: seconds since 1970, when it was linked last
 *
 *   out KEY MEMBER OFFENCES TIME REASON     a node that misbehaved (gossip/score): by its key, the
 *                           member's number; kept out until TIME, and for longer the next time
 *
 * Whoever begins with an empty store, or after long, finds the others by it when the charter's
 * addresses are old.  Nothing in it is believed: who answers there must have a key of the member's.
 *
 * Limits  NODE_SEEN_MAX lines, the newest; none older than NODE_SEEN_DAYS.
 * Threads one caller at a time.
 */
#ifndef NODE_SEEN_H
#define NODE_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "node/datadir.h"
#include "node/error.h"

#define NODE_SEEN_MAX          64
#define NODE_SEEN_DAYS         90
#define NODE_SEEN_OUT_MAX      16
#define NODE_SEEN_OUT_DAYS     2 /* after TIME it is forgiven; TIME is not further off, either */
#define NODE_SEEN_REASON_BYTES 160
#define NODE_SEEN_FILE         "seen"
#define NODE_SEEN_BYTES_MAX    (64u * 1024)

struct node_seen;

/* One line. */
struct node_seen_line {
	char member[CATALOG_MEMBER_NAME_BYTES_MAX + 1];
	char address[CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	int64_t time_s;
};

/* The other. */
struct node_seen_out {
	struct catalog_node_key key;
	uint32_t member;
	unsigned offences;
	int64_t until_s;
	char reason[NODE_SEEN_REASON_BYTES];
};

/* Read the file of a directory; lines that are none, and old ones, are passed over, and a file that
 * cannot be read is as an empty one.  The caller owns *ret_seen.  Returns 0, -ENOMEM, and
 * -ENAMETOOLONG with a sentence. */
int node_seen_open(const char *dir, int64_t now_s, struct node_seen **ret_seen,
		   struct node_error *ret_error);
void node_seen_free(struct node_seen *seen); /* NULL is allowed */

/* The lines; borrowed. */
size_t node_seen_lines(const struct node_seen *seen, const struct node_seen_line **ret_lines);

/* A node of a member's is linked at an address. */
void node_seen_note(struct node_seen *seen, const char *member, const char *address, int64_t now_s);

/* The nodes that are kept out; borrowed.  And note which they are now. */
size_t node_seen_outs(const struct node_seen *seen, const struct node_seen_out **ret_outs);
void node_seen_note_outs(struct node_seen *seen, const struct node_seen_out *outs, size_t count);

/* Write the file, if there is something new in it, or what is in it is an hour old.  Returns as
 * node_datadir_write(). */
int node_seen_keep(struct node_seen *seen, struct node_error *ret_error);

#endif
