/* tests/sim/chaos_state.h - what chaos knows of a federation while it goes through a plan, shared
 * by chaos (nodes and faults), chaos_publish, chaos_amend (the charter) and chaos_end (afterwards).
 * Nobody else includes this.
 */
#ifndef TESTS_SIM_CHAOS_STATE_H
#define TESTS_SIM_CHAOS_STATE_H

#include "catalog/charter.h"
#include "gossip/random.h"
#include "tests/sim/chaos.h"
#include "tests/sim/liar.h"
#include "tests/sim/net.h"
#include "tests/sim/plan.h"
#include "tests/sim/truth.h"

#define CHAOS_SECRETS_MAX 16

/* The largest checkpoint of a log that a node knew, as of an amendment. */
struct chaos_seen {
	uint64_t amendment, target;
};

struct chaos_member {
	size_t secret_count;
	struct catalog_secret secrets[CHAOS_SECRETS_MAX]; /* its keys, the oldest first */
	struct chaos_seen *seen;                          /* by log: what its node knew */
	bool is_gone;                                     /* expelled */
	bool is_down;                                     /* and it is back at up_ms */
	uint64_t up_ms;
	bool is_recovering; /* its own log is not whole yet, since its store was lost */
	bool is_lying;
	bool has_forged; /* and tells it for ever: nobody need listen to it, and have its log */
	enum liar_lie lie;
	struct catalog_buffer kept_wire; /* a chunk that it served */
};

struct chaos {
	const struct plan *plan;
	struct chaos_result *result;
	bool is_verbose;
	struct net *net;
	struct truth *truth;
	struct gossip_random random;
	struct catalog_charter *charter; /* all that the council has decided */
	struct chaos_member *members;
	bool *is_forked;  /* by log: somebody honest knows it */
	size_t conflicts; /* amendments that somebody honest knows to be signed beside others */
	uint64_t taken;   /* entries of honest members' logs that came to honest nodes */
};

/* Something does not hold: say so and end. */
_Noreturn void chaos_fail(struct chaos *chaos, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct catalog_log_status chaos_status(struct chaos *chaos, size_t node, uint32_t log);

/* The newest amendment that a node knows. */
uint64_t chaos_amendment(const struct chaos *chaos, size_t node);

/* Look at all that must always hold of a node that is up. */
void chaos_check_node(struct chaos *chaos, size_t node);

/* Nodes that are down and whose time has come start. */
void chaos_tend(struct chaos *chaos);

/* What a log's writer holds is what it wrote: learn it. */
void chaos_learn(struct chaos *chaos, size_t node, uint32_t log);

/* The node signs with the key that the charter names, as far as it knows. */
void chaos_choose_secret(struct chaos *chaos, size_t node);

/* A write of ours at a node has ended.  Returns whether its power has held; else it is down. */
bool chaos_is_alive(struct chaos *chaos, size_t node);

/* A node's member publishes, if it may. */
void chaos_publish(struct chaos *chaos, size_t node, unsigned count);

/* Two malicious nodes fork the log of one; one tells a checkpoint that another did not sign. */
void chaos_fork(struct chaos *chaos, const struct plan_fault *fault);
void chaos_forge(struct chaos *chaos, const struct plan_fault *fault);

/* End all faults, and demand that all becomes well. */
void chaos_demand_health(struct chaos *chaos);

/* Whether a node's member may sign two histories, or lie. */
bool chaos_is_distrusted(const struct chaos *chaos, uint32_t log);

/* The council decides what a fault says, and hands it to a node. */
void chaos_amend(struct chaos *chaos, const struct plan_fault *fault);

/* It decides two things with one number, and hands each to another node. */
void chaos_amend_twice(struct chaos *chaos);

/* A suspension ends. */
void chaos_readmit(struct chaos *chaos, const struct plan_fault *fault);

#endif
