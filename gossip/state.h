/* gossip/state.h - what a node knows, shared by the parts that it is made of: node (events and
 * actions), exchange (messages), work (jobs),
 * confirm (our own log).  Nobody else includes this.
 */
#ifndef GOSSIP_STATE_H
#define GOSSIP_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/log.h"
#include "gossip/book.h"
#include "gossip/confirm.h"
#include "gossip/job.h"
#include "gossip/link.h"
#include "gossip/node.h"
#include "gossip/pull.h"
#include "gossip/random.h"

#define GOSSIP_STATE_HEADS_MAX 1024 /* checkpoints that wait to be verified */

/* Where a log stands with us. */
struct gossip_standing {
	uint32_t index; /* of its member */
	struct catalog_log_status status;
	struct catalog_buffer note; /* of its newest checkpoint */
	bool has_answered;          /* its member has told since the start where our log stands */
};

struct gossip_queued {
	struct gossip_queued *next;
	struct gossip_action action;
};

struct gossip_node {
	struct catalog_store *store;
	const struct catalog_charter *charter;
	struct gossip_node_options options;
	struct gossip_random random;
	struct gossip_book *book;
	struct gossip_pull *pull;

	size_t log_count; /* in the charter's order */
	struct gossip_standing *logs;
	struct catalog_hash vector;
	uint64_t told_ms; /* when peers were told of it last */
	bool is_told;     /* they all know it */

	size_t link_count;
	struct gossip_link *links[GOSSIP_NODE_LINKS_MAX];
	size_t turn; /* which link may send first */

	size_t confirm_needed; /* members that must answer before we sign */
	bool is_claimed;       /* somebody speaks of more of our log than was shown yet */

	size_t head_count; /* to be verified */
	struct gossip_job_head heads[GOSSIP_STATE_HEADS_MAX];
	bool is_writing;       /* a job that writes is out */
	bool is_status_wanted; /* our own log has grown */
	bool is_status_out;
	size_t jobs_out;

	struct gossip_queued *first, **end; /* actions to hand out */
	struct catalog_buffer out;          /* bytes of the SEND handed out last */
	uint64_t exchange_ms;               /* next anti-entropy with somebody */
	uint64_t swap_ms;                   /* next change of an outgoing link */
	bool is_swapping;                   /* one more than usual is dialled */
	bool is_stopping;
};

/* Position of a member's log; log_count if there is none. */
size_t gossip_node_position(const struct gossip_node *node, uint32_t index);

/* The link of that number; NULL if it is gone. */
struct gossip_link *gossip_node_link(const struct gossip_node *node, uint64_t id);

/* Queue an action.  Out of memory it is lost, and what it was for is done later or not told. */
void gossip_node_queue(struct gossip_node *node, const struct gossip_action *action);
void gossip_node_notice(struct gossip_node *node, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- exchange ---------------------------------------------------------------------------- */

/* Say hello on a new link. */
void gossip_exchange_greet(struct gossip_node *node, struct gossip_link *link);

/* A message came. */
void gossip_exchange_message(struct gossip_node *node, struct gossip_link *link,
			     struct catalog_span bytes, uint64_t now_ms);

/* Tell peers what they lack: checkpoints, our vector's hash; start exchanges that are due.  Lowers
 * *due_ms to when it is to be called again. */
void gossip_exchange_tell(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* A log has a newer checkpoint: peers that may not know it must be told. */
void gossip_exchange_spread(struct gossip_node *node, size_t log);

/* --- confirm ------------------------------------------------------------------------------ */

/* A peer's hello was good; is_equal: its vector was the one that we told it, so that neither will
 * send one. */
void gossip_confirm_greeted(struct gossip_node *node, struct gossip_link *link, bool is_equal);

/* A part of a peer's vector came; call before anything is made of it. */
void gossip_confirm_vector(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_vector *vector);

/* A peer sent this number back. */
void gossip_confirm_pong(struct gossip_link *link, uint64_t number);

/* Count who has answered by now.  Lowers *due_ms likewise. */
void gossip_confirm_settle(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* How many outgoing links to keep: more than the operator wants while members must be asked. */
size_t gossip_confirm_links(const struct gossip_node *node);

/* --- work ----------------------------------------------------------------------------------- */

/* Queue the jobs and requests that can be begun now.  Lowers *due_ms likewise. */
void gossip_work_begin(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* A chunk came from a peer. */
void gossip_work_arrived(struct gossip_node *node, struct gossip_link *link, uint32_t request,
			 struct catalog_span wire, uint64_t now_ms);

/* A peer cannot answer a request. */
void gossip_work_refused(struct gossip_node *node, struct gossip_link *link, uint32_t request,
			 bool is_pruned);

/* A job is done; it is ended here. */
void gossip_work_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms);

#endif
