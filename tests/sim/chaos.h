/* tests/sim/chaos.h - a plan is carried out on a federation, and what must always hold is looked at
 * all the while; then the faults end, and all must become well again.
 *
 * Always: what any node holds of a log is what its member wrote, under a checkpoint that it signed
 * and the charter allows; the largest checkpoint that a node has seen never becomes a smaller one
 * but by the charter; what a publisher was told is durable is there after every crash; nobody may
 * sign who lacks a part of its own log; stores whose version vectors are equal hold the same.
 *
 * After the faults: all honest nodes know the whole charter and hold all of every honest member's
 * log, every entry as it was written and as current as it is; all agree on who forked; every member
 * may publish, what it publishes reaches everybody, and then nothing more is sent.
 */
#ifndef TESTS_SIM_CHAOS_H
#define TESTS_SIM_CHAOS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/plan.h"
#include "tests/sim/truth.h"

struct chaos_result {
	bool is_done;              /* to its end */
	char why[TRUTH_WHY_BYTES]; /* what did not hold; "" if all did */
	char kind[80];             /* the same for failures that may have one cause */
	uint64_t trace;
	uint64_t failed_ms;  /* simulated */
	uint64_t settled_ms; /* from the end of the faults until all were well */
	unsigned batches;    /* published */
	unsigned crashes, losses, amendments;
	unsigned lies, caught; /* chunks that were changed, links that were closed for what came */
	unsigned forks;        /* logs that all know to be forked */
};

/* Run a plan.  When something does not hold *ret_result, which another process may share, says what
 * and the process ends with 1. */
void chaos_run(const struct plan *plan, struct chaos_result *ret_result);

#endif
