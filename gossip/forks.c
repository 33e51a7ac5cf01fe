/* gossip/forks.c - proofs that a member has signed two histories: each is verified and kept once,
 * and told to everybody once, ahead of all else. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "gossip/state.h"

#define PENDING_MAX 16 /* proofs of one peer that are not judged yet */

void gossip_forks_arrived(struct gossip_node *node, struct gossip_link *link,
			  const struct gossip_fork *fork)
{
	size_t log = gossip_node_position(node, fork->log);
	struct gossip_job_fork *queued;

	if (log == node->log_count)
		return; /* of an amendment that we do not know */
	gossip_pull_known(node->pull, link->id, log)->is_forked = true;
	if (node->logs[log].fork.len > 0)
		return;
	for (size_t i = 0; i < node->fork_count; i++)
		if (node->forks[i].proof.len == fork->proof.len &&
		    memcmp(node->forks[i].proof.bytes, fork->proof.bytes, fork->proof.len) == 0)
			return;
	if (link->forks_pending == PENDING_MAX || node->fork_count == GOSSIP_STATE_FORKS_MAX)
		return; /* the next exchange of vectors brings it again */
	queued = &node->forks[node->fork_count];
	*queued = (struct gossip_job_fork){
		.log = fork->log, .link = link->id, .amendment = link->amendment};
	if (catalog_buffer_append(&queued->proof, fork->proof.bytes, fork->proof.len) != 0)
		return; /* likewise */
	node->fork_count++;
	link->forks_pending++;
}

void gossip_forks_begin(struct gossip_node *node)
{
	size_t count =
		node->fork_count < GOSSIP_JOB_FORKS_MAX ? node->fork_count : GOSSIP_JOB_FORKS_MAX;
	struct gossip_job *job;

	if (count == 0 || (job = gossip_job_new(GOSSIP_JOB_FORKS)) == NULL)
		return; /* they wait */
	memcpy(job->forks, node->forks, count * sizeof job->forks[0]);
	job->fork_count = count;
	node->fork_count -= count;
	memmove(node->forks, node->forks + count, node->fork_count * sizeof node->forks[0]);
	gossip_work_hand_out(node, job);
}

void gossip_forks_done(struct gossip_node *node, struct gossip_job *job)
{
	for (size_t i = 0; i < job->fork_count; i++) {
		const struct gossip_job_fork *fork = &job->forks[i];
		struct gossip_link *link = gossip_node_link(node, fork->link);

		if (link == NULL)
			continue;
		link->forks_pending--;
		if ((fork->outcome == -EBADMSG || fork->outcome == -EKEYREJECTED ||
		     fork->outcome == -E2BIG) &&
		    gossip_amend_is_to_blame(link, fork->amendment, job->amendment))
			gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED,
					  "a proof of a fork that proves nothing");
	}
}

void gossip_forks_say(struct gossip_node *node, struct gossip_link *link)
{
	for (size_t i = 0; i < node->log_count && link->dirty_count > 0; i++) {
		const struct gossip_standing *log = &node->logs[i];
		struct gossip_message message = {.kind = GOSSIP_MESSAGE_FORK};

		if (!link->is_dirty[i] || log->fork.len == 0)
			continue;
		link->is_dirty[i] = false;
		link->dirty_count--;
		link->told_of[i].is_forked = true;
		message.as.fork = (struct gossip_fork){log->index, catalog_buffer_span(&log->fork)};
		gossip_link_say(link, &message);
	}
}
