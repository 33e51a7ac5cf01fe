/* node/changes.h - the answer to changes (node/control.h): the listings of a search as they came,
 * the newest first, with the time at which each was signed, and what was withdrawn; for feeds and
 * mirrors.
 *
 * Listings come in the order in which this node took them, and not in that of their times: a log
 * that arrives late would otherwise be overlooked by who reads the newest page only.  Withdrawals
 * come member by member; whether a withdrawn listing would match is not known any more, so all of
 * them are told that the search's member, if it names one, made.
 *
 * Times are the members' own, and a clock may have been set back: the place in a log from which on
 * entries are new enough is sought with a day's grace, and then each entry's time is looked at.
 *
 * Threads  any, several at once.
 */
#ifndef NODE_CHANGES_H
#define NODE_CHANGES_H

#include "node/control.h"

#define NODE_CHANGES_WITHDRAWN_MAX 200  /* of one answer */
#define NODE_CHANGES_SCANNED_MAX   5000 /* entries that are looked at for them, for one answer */
#define NODE_CHANGES_DAYS          30   /* of withdrawals, when nobody says since when; and then */
#define NODE_CHANGES_NEWEST        200  /* among so many entries of each log, on the first page */

/* The caller owns *ret_answer.  Returns as node_search_answer(). */
int node_changes_answer(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error);

#endif
