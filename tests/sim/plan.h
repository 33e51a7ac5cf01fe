/* tests/sim/plan.h - what goes wrong when: a schedule of faults, made from a seed, that can be cut
 * down and printed.
 */
#ifndef TESTS_SIM_PLAN_H
#define TESTS_SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PLAN_FAULTS_MAX 400

enum plan_kind {
	PLAN_PUBLISH, /* `node` publishes `number` changes */
	PLAN_FORK,    /* `node` and `other`, both malicious, publish differently in node's log */
	PLAN_CUT,     /* links of `node` break: `number` says how (enum net_cut) */
	PLAN_FLAP,    /* likewise again and again */
	PLAN_SLOW,    /* `number` percent of what is sent is late */
	PLAN_DOUBLE,  /* `number` percent of the connections arrive twice */
	PLAN_DEAF,    /* `number` percent of the requests are not answered */
	PLAN_BLOCK,   /* what `node` sends to `other`, and to `number` more, is lost */
	PLAN_PART,    /* nodes below `node` and the others are apart */
	PLAN_MUTE,    /* `node` accepts connections and never answers */
	PLAN_KILL,    /* `node` is killed, and starts again afterwards */
	PLAN_CRASH,   /* its power goes at its write after `number` more; likewise */
	PLAN_FULL,    /* its disk is full */
	PLAN_KEEP,    /* its store is kept as a backup */
	PLAN_RESTORE, /* the backup is put back */
	PLAN_WIPE,    /* its store is lost */
	PLAN_PRUNE,   /* it drops what was superseded */
	PLAN_CLOCK,   /* its clock is off by `number` seconds */
	PLAN_LIE,     /* `node`, which is malicious, changes what it is asked for; `number` says how
			 (enum liar_lie) */
	PLAN_FORGE,   /* likewise it tells a checkpoint of other's log that other did not sign */
	PLAN_TWO,     /* the council signs two amendments of one number */
	PLAN_ADMIT,   /* the next member is admitted */
	PLAN_ROTATE,  /* `node`'s member gets another key, `number` checkpoints back */
	PLAN_SUSPEND, /* likewise it is suspended, and readmitted afterwards */
	PLAN_EXPEL,
	PLAN_KINDS
};

struct plan_fault {
	enum plan_kind kind;
	uint64_t at_ms, for_ms; /* for_ms 0: it has no end */
	size_t node, other;
	int64_t number;
	size_t number_in_plan; /* before it was cut down */
};

struct plan {
	uint64_t seed;
	size_t node_count, founded;
	size_t liar_count; /* malicious ones: nodes 1.. */
	bool prunes;       /* nodes prune, without a grace; then no line is drawn */
	bool erases;       /* publishers erase */
	uint64_t end_ms;   /* of the faults */
	size_t count;
	struct plan_fault faults[PLAN_FAULTS_MAX]; /* by time */
};

/* How large a plan is. */
enum plan_size { PLAN_SHORT, PLAN_LONG };

void plan_make(struct plan *plan, uint64_t seed, enum plan_size size);

/* One line that says what a fault is. */
void plan_print(const struct plan *plan, size_t fault, FILE *file);

bool plan_is_liar(const struct plan *plan, size_t node);

#endif
