/* node/feed.h - the answer to changes (node/control.h) as a feed: Atom (RFC 4287), in pages (RFC
 * 5005), with what was withdrawn as deleted entries (RFC 6721); or JSON Feed 1.1.  Pure functions.
 *
 * The id of a listing is the same at every node and for ever: "urn:fedcat:" federation ":" member
 * ":" id, the last two percent-encoded.
 */
#ifndef NODE_FEED_H
#define NODE_FEED_H

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/value.h"

struct node_feed {
	const struct catalog_charter *charter;
	const char *base;     /* "https://data.example.org": before every target */
	const char *query;    /* what is searched for, "" for nothing, to be shown */
	const char *identity; /* what tells this feed from others, and is the same for ever */
	const char *self;     /* targets: of this page of the feed, the first, the next */
	const char *first;
	const char *next; /* NULL: there is none */
	const char *page; /* of the web page of the same search */
};

/* Append the feed.  Returns 0, -ENOMEM. */
int node_feed_atom(const struct node_feed *feed, const struct catalog_value *changes,
		   struct catalog_buffer *buffer);
int node_feed_json(const struct node_feed *feed, const struct catalog_value *changes,
		   struct catalog_buffer *buffer);

#endif
