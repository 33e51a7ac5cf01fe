/* gossip/state.h - what a node knows, shared by the parts that it is made of: node (events and
 * actions), meet (channels), exchange (messages), work (jobs), confirm (our own log).  Nobody else
 * includes this.
 */
#ifndef GOSSIP_STATE_H
#define GOSSIP_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/attest.h"
#include "catalog/charter.h"
#include "catalog/log.h"
#include "gossip/book.h"
#include "gossip/confirm.h"
#include "gossip/job.h"
#include "gossip/link.h"
#include "gossip/node.h"
#include "gossip/pull.h"
#include "gossip/random.h"
#include "gossip/rate.h"
#include "gossip/score.h"
#include "gossip/thin.h"
#include "gossip/roster.h"

#define GOSSIP_STATE_HEADS_MAX 1024 /* checkpoints that wait to be verified */
#define GOSSIP_STATE_FORKS_MAX 64   /* likewise proofs of forks */
/* A log's attestations that bring nothing else are taken one in so long, after a few at once. */
#define GOSSIP_STATE_ATTEST_MS 60000
#define GOSSIP_STATE_ATTESTS   4

/* Where a log stands with us. */
struct gossip_standing {
	uint32_t index;    /* of its member */
	uint64_t snapshot; /* of the store, as which the rest is */
	struct catalog_log_status status;
	struct catalog_buffer note; /* of its newest checkpoint */
	struct catalog_buffer fork; /* the proof that it is forked, or empty */
	uint64_t attest_ms;         /* until when its newer attestations have used up their turns */
	bool was_linked;            /* with a node of its member, since the start */
	bool has_answered;          /* its member has told since the start where our log stands */
};

/* Our search for witnesses of our own newest checkpoint. */
struct gossip_gathering {
	bool is_on, is_out; /* a job that takes the lines is out */
	size_t wanted;
	uint64_t until_ms;
	uint64_t size; /* of the checkpoint; 0: it is not known yet */
	struct catalog_buffer note;
	size_t asked_count; /* members asked, whatever they said */
	struct {
		uint32_t member;
		bool is_done; /* it answered, or was too slow */
		uint64_t since_ms;
	} asked[GOSSIP_NODE_LINKS_MAX];
	size_t line_count;
	uint32_t line_members[CATALOG_ATTEST_WITNESSES_MAX];
	struct catalog_buffer lines[CATALOG_ATTEST_WITNESSES_MAX];
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
	struct gossip_roster *roster;
	struct gossip_pull *pull;
	struct gossip_score score; /* who is kept out */
	struct gossip_thin_limits limits;
	struct gossip_rate rate_in, rate_out; /* of all links */
	bool is_pulling;                      /* although the links are metered */
	uint32_t packing; /* in which we ask for chunks, as GOSSIP_MESSAGE_PULL says */

	int64_t now_s;     /* the time of day */
	int64_t judge_s;   /* when the key of a linked node's expires; INT64_MAX: never */
	bool is_judge_due; /* the roster has changed */

	uint64_t amendment; /* the newest that what follows is made for, */
	struct catalog_hash amendment_hash;
	size_t conflict_count; /* proofs that peers are told of */
	bool has_turned;       /* the charter goes another way now */
	size_t log_count;      /* in the charter's order */
	struct gossip_standing *logs;
	struct catalog_hash vector;
	uint64_t told_ms; /* when peers were told of it last */
	bool is_told;     /* they all know it */

	size_t link_count;
	struct gossip_link *links[GOSSIP_NODE_LINKS_MAX];
	size_t turn; /* which link may send first */
	struct gossip_totals totals;

	size_t confirm_needed; /* members that must answer before we sign */
	bool is_claimed;       /* somebody speaks of more of our log than was shown yet */

	size_t head_count; /* to be verified */
	struct gossip_job_head heads[GOSSIP_STATE_HEADS_MAX];
	size_t fork_count; /* likewise */
	struct gossip_job_fork forks[GOSSIP_STATE_FORKS_MAX];
	struct gossip_gathering gathering;
	uint64_t attest_ms;    /* when to see next whether our attestation is old */
	bool is_writing;       /* a job that writes is out */
	bool is_status_wanted; /* our own log has grown */
	size_t look_next;      /* all logs from here on may have moved: log_count if none */
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

/* Look where all logs stand.  Returns 0, -ENOMEM, -EIO. */
int gossip_node_look(struct gossip_node *node);

/* Queue an action.  Out of memory it is lost, and what it was for is done later or not told. */
void gossip_node_queue(struct gossip_node *node, const struct gossip_action *action);
void gossip_node_notice(struct gossip_node *node, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- meet -------------------------------------------------------------------------------- */

/* Make a link, as gossip_node_opened() says, but for the book. */
int gossip_meet_open(struct gossip_node *node, uint64_t link_id, const char *address,
		     const struct gossip_noise_secret *ephemeral, uint64_t now_ms);

/* Bytes came on a link that is not closing. */
void gossip_meet_received(struct gossip_node *node, struct gossip_link *link,
			  struct catalog_span bytes, uint64_t now_ms);

/* Whether a member has named the node at the other end, too: then it counts as the one who did. */
bool gossip_meet_is_named_by(struct gossip_node *node, struct gossip_link *link, uint32_t member);

/* A member's log names these nodes now. Returns 0, -ENOMEM. */
int gossip_meet_told(struct gossip_node *node, uint32_t member, const struct catalog_node *nodes,
		     size_t count);

/* Whether the keys of the linked nodes are still good; end the links of those whose are not.
 * Lowers *due_ms to when one expires. */
void gossip_meet_judge(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* The channel broke, for this code: the link closes, with the reason in words.  Whoever is between
 * two nodes can bring it about: it is nobody's fault, and the pause before the next dial is that of
 * a failure. */
void gossip_meet_break(struct gossip_link *link, int code);

/* Whether there is room for one more that came in: the last quarter is for members that have not
 * been linked yet, so that those who have cannot take it all.  It counts as linked then. */
bool gossip_meet_has_room(struct gossip_node *node, const struct gossip_link *link);

/* --- exchange ---------------------------------------------------------------------------- */

/* Say hello on a new link. */
void gossip_exchange_greet(struct gossip_node *node, struct gossip_link *link);

/* A message came. */
void gossip_exchange_message(struct gossip_node *node, struct gossip_link *link,
			     struct catalog_span bytes, uint64_t now_ms);

/* Tell peers what they lack: checkpoints, our vector's hash; start exchanges that are due.  Lowers
 * *due_ms to when it is to be called again. */
void gossip_exchange_tell(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* A log has a newer checkpoint or attestation, or was marked: peers that may not know it must be
 * told. */
void gossip_exchange_spread(struct gossip_node *node, size_t log);

/* --- compare ----------------------------------------------------------------------------- */

/* Whether a checkpoint of this size, attested to then, is older than ours. */
bool gossip_compare_is_older(uint64_t size, uint64_t attested_s,
			     const struct catalog_log_status *ours);

/* Whether a peer may lack what we know of a log. */
bool gossip_compare_is_behind(const struct gossip_standing *ours,
			      const struct gossip_pull_known *known);

/* A peer says that it knows this. */
void gossip_compare_note(struct gossip_pull_known *known, uint64_t target, uint64_t held,
			 uint64_t attested_s);

/* A peer whose vector's hash is ours holds what we hold. */
void gossip_compare_equal(struct gossip_node *node, struct gossip_link *link);

/* The hellos told different hashes: find out where the vectors differ.  Both nodes call it. */
void gossip_compare_greeted(struct gossip_node *node, struct gossip_link *link);

/* Likewise, at any other time; one of the two calls it. */
void gossip_compare_begin(struct gossip_node *node, struct gossip_link *link);

/* A part of a peer's vector came, or digests of it. */
void gossip_compare_vector(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_vector *vector);
void gossip_compare_digests(struct gossip_node *node, struct gossip_link *link,
			    const struct gossip_digests *digests);

/* Begin the comparisons that are due.  Lowers *due_ms likewise. */
void gossip_compare_due(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* --- confirm ------------------------------------------------------------------------------ */

/* A peer's hello was good; is_equal: its vector was the one that we told it, so that neither will
 * send one. */
void gossip_confirm_greeted(struct gossip_node *node, struct gossip_link *link, bool is_equal);

/* The charter has changed: nobody is waited for who was expelled. */
void gossip_confirm_amended(struct gossip_node *node);

/* A part of a peer's vector came; call before anything is made of it. */
void gossip_confirm_vector(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_vector *vector);

/* A peer sent this number back. */
void gossip_confirm_pong(struct gossip_link *link, uint64_t number);

/* Count who has answered by now.  Lowers *due_ms likewise. */
void gossip_confirm_settle(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* How many outgoing links to keep: more than the operator wants while members must be asked. */
size_t gossip_confirm_links(const struct gossip_node *node);

/* --- forks --------------------------------------------------------------------------------- */

/* A proof came. */
void gossip_forks_arrived(struct gossip_node *node, struct gossip_link *link,
			  const struct gossip_fork *fork);

/* Begin a job that verifies proofs, if some wait; call when no job that writes is out. */
void gossip_forks_begin(struct gossip_node *node);
void gossip_forks_done(struct gossip_node *node, struct gossip_job *job);

/* Send the proofs that the peer must be told of; before any heads. */
void gossip_forks_say(struct gossip_node *node, struct gossip_link *link);

/* --- witness ------------------------------------------------------------------------------ */

/* Look for witnesses of our newest checkpoint; options.can_sign. */
void gossip_witness_gather(struct gossip_node *node, size_t count, uint64_t until_ms);

/* A peer wants a cosignature; a peer answered. */
void gossip_witness_wanted(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_cosign *cosign, uint64_t now_ms);
void gossip_witness_answered(struct gossip_node *node, struct gossip_link *link,
			     const struct gossip_cosign *cosigned);

/* Begin the jobs that sign, ask for witnesses.  Lowers *due_ms likewise. */
void gossip_witness_begin(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);
void gossip_witness_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms);
void gossip_witness_close(struct gossip_node *node); /* frees what a gathering holds */

/* --- amend ------------------------------------------------------------------------------------ */

/* Send a peer the amendments that it lacks, as much as there is room for; or tell it that we know
 * as many. */
void gossip_amend_say(struct gossip_node *node, struct gossip_link *link);

/* A part of one came. */
void gossip_amend_arrived(struct gossip_node *node, struct gossip_link *link,
			  const struct gossip_amendment *amendment);

/* Queue the job that judges what came.  Nobody else writes. */
void gossip_amend_begin(struct gossip_node *node);

/* Go by the charter as it is now.  Returns 0, -ENOMEM, -EIO. */
int gossip_amend_take(struct gossip_node *node, uint64_t now_ms);
void gossip_amend_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms);

/* Whether what a peer said when it knew so many amendments, and what was judged by so many, can be
 * held against it: either may have learned of others since. */
bool gossip_amend_is_to_blame(const struct gossip_link *link, uint64_t said, uint64_t judged);

/* Whether a peer goes by the charter that we go by: what it says can be held against it. */
bool gossip_amend_is_same(const struct gossip_node *node, const struct gossip_link *link);

/* --- course ----------------------------------------------------------------------------------- */

/* What tells a charter up to a number, and the proofs that are known, from others. */
void gossip_course_of(const struct catalog_charter *charter, uint64_t number,
		      struct gossip_course *ret_course);

/* Fill in what a hello tells of our course. */
void gossip_course_greet(struct gossip_node *node, struct gossip_link *link,
			 struct gossip_hello *hello);

/* A peer's hello says this, or a later word of what its newest is; its trail came. */
void gossip_course_heard(struct gossip_node *node, struct gossip_link *link, uint64_t number,
			 const struct gossip_course *course);
void gossip_course_trail(struct gossip_node *node, struct gossip_link *link,
			 const struct gossip_trail *trail);

/* Put the amendment that the peer must be sent of a proof that it does not know in link->saying.
 * Returns 0, -ENOENT if there is none that it could judge, -ENOMEM, -EIO. */
int gossip_course_next(struct gossip_node *node, struct gossip_link *link);

/* See whether the charter goes on as it did.  If it does not, all links close and the caller is
 * told to begin anew.  Returns whether it goes on. */
bool gossip_course_look(struct gossip_node *node);

/* --- thin ------------------------------------------------------------------------------------- */

void gossip_thin_opened(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms);

/* A peer has said whether it is a leaf. */
void gossip_thin_greeted(struct gossip_node *node, struct gossip_link *link, bool is_leaf,
			 uint64_t now_ms);

/* How many bytes a link may be given now, if not less than a frame; 0: none, and *due_ms is lowered
 * likewise.  So many were. */
size_t gossip_thin_may_send(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
			    uint64_t *due_ms);
void gossip_thin_sent(struct gossip_node *node, struct gossip_link *link, size_t len,
		      uint64_t now_ms);

/* Whether anything may be asked for now.  It was, and the answer is thought to have so many bytes.
 * It came, and has len.  Bytes came, some of which may be no answer. */
bool gossip_thin_may_ask(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);
void gossip_thin_asked(struct gossip_node *node, struct gossip_link *link, size_t wire,
		       uint64_t now_ms);
void gossip_thin_answered(struct gossip_node *node, struct gossip_link *link, size_t thought,
			  size_t len, uint64_t now_ms);
void gossip_thin_heard(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms);

/* Whether nothing is being fetched, nor will be without being asked for. */
bool gossip_thin_is_idle(const struct gossip_node *node);

/* Whether a peer may be told of news now: a leaf's are gathered.  It was. */
bool gossip_thin_may_tell(const struct gossip_link *link, uint64_t now_ms, uint64_t *due_ms);
void gossip_thin_told(struct gossip_link *link, uint64_t now_ms);

/* --- work ----------------------------------------------------------------------------------- */

/* Give a job to whoever runs it. */
void gossip_work_hand_out(struct gossip_node *node, struct gossip_job *job);

/* Our disk or memory failed us: say so, and ask for nothing for a while. */
void gossip_work_trouble(struct gossip_node *node, const char *what, int outcome, uint64_t now_ms);

/* Queue the jobs and requests that can be begun now.  Lowers *due_ms likewise. */
void gossip_work_begin(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms);

/* A chunk came from a peer. */
void gossip_work_arrived(struct gossip_node *node, struct gossip_link *link, uint32_t request,
			 struct catalog_span wire, uint64_t now_ms);

/* A job is done; it is ended here. */
void gossip_work_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms);

#endif
