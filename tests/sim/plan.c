#include "tests/sim/plan.h"

#include <stdlib.h>

#include "gossip/random.h"
#include "tests/sim/liar.h"
#include "tests/sim/net.h"

#define YEAR_S (365 * 24 * 60 * 60)

/* What a fault of a kind is like. */
struct kind {
	const char *words;
	unsigned weight; /* how often it is chosen */
	unsigned for_s_min, for_s_max;
	int64_t number_min, number_max;
};

static const struct kind kinds[PLAN_KINDS] = {
	[PLAN_PUBLISH] = {"publishes, changes:", 60, 0, 0, 1, 40},
	[PLAN_FORK] = {"and an accomplice fork its log", 3, 0, 0, 1, 10},
	[PLAN_CUT] = {"loses links, how:", 6, 0, 0, NET_CUT_ALL, NET_CUT_HALF},
	[PLAN_FLAP] = {"has links that flap, how:", 3, 5, 30, NET_CUT_ALL, NET_CUT_HALF},
	[PLAN_SLOW] = {"(everybody) has late packets, percent:", 4, 10, 60, 5, 60},
	[PLAN_DOUBLE] = {"(everybody) has connections that arrive twice, percent:", 3, 10, 60, 10,
			 100},
	[PLAN_DEAF] = {"(everybody) answers not all requests, percent lost:", 4, 10, 60, 10, 90},
	[PLAN_BLOCK] = {"is not heard by `other`, and more:", 6, 10, 120, 0, 8},
	[PLAN_PART] = {"and all after it are apart from the others", 3, 10, 120, 0, 0},
	[PLAN_MUTE] = {"accepts and never answers", 3, 20, 120, 0, 0},
	[PLAN_KILL] = {"is killed", 6, 0, 60, 0, 0},
	[PLAN_CRASH] = {"loses its power, after writes:", 12, 0, 30, 0, 60},
	[PLAN_FULL] = {"has a full disk", 3, 5, 60, 0, 0},
	[PLAN_KEEP] = {"keeps a backup", 5, 0, 0, 0, 0},
	[PLAN_RESTORE] = {"goes back to its backup", 4, 0, 10, 0, 0},
	[PLAN_WIPE] = {"loses its store", 3, 0, 10, 0, 0},
	[PLAN_PRUNE] = {"prunes", 8, 0, 0, 0, 0},
	[PLAN_CLOCK] = {"has a clock that is off, s:", 4, 20, 200, -3 * YEAR_S, 3 * YEAR_S},
	[PLAN_LIE] = {"lies, how:", 12, 20, 200, 0, LIAR_LIES - 1},
	[PLAN_FORGE] = {"forges a checkpoint, of", 4, 0, 0, 0, 0},
	[PLAN_TWO] = {"(the council) has two amendments of one number", 3, 0, 0, 0, 0},
	[PLAN_ADMIT] = {"(nobody yet) is admitted", 4, 0, 0, 0, 0},
	[PLAN_ROTATE] = {"gets another key, checkpoints back:", 4, 0, 0, 0, 2},
	[PLAN_SUSPEND] = {"is suspended, and readmitted, checkpoints back:", 6, 10, 90, 0, 2},
	[PLAN_EXPEL] = {"is expelled, checkpoints back:", 1, 0, 0, 0, 2},
};

bool plan_is_liar(const struct plan *plan, size_t node)
{
	return node >= 1 && node <= plan->liar_count;
}

static uint64_t between(struct gossip_random *random, uint64_t from, uint64_t to)
{
	return from + gossip_random_below(random, to - from + 1);
}

static enum plan_kind choose(struct gossip_random *random)
{
	uint64_t sum = 0, at;
	unsigned kind = 0;

	for (unsigned i = 0; i < PLAN_KINDS; i++)
		sum += kinds[i].weight;
	for (at = gossip_random_below(random, sum); at >= kinds[kind].weight; kind++)
		at -= kinds[kind].weight;
	return (enum plan_kind)kind;
}

static bool is_malicious(enum plan_kind kind)
{
	return kind == PLAN_LIE || kind == PLAN_FORK || kind == PLAN_FORGE;
}

static size_t choose_node(const struct plan *plan, enum plan_kind kind,
			  struct gossip_random *random)
{
	if (is_malicious(kind))
		return (size_t)between(random, 1, plan->liar_count > 0 ? plan->liar_count : 1);
	if (kind == PLAN_ROTATE || kind == PLAN_SUSPEND || kind == PLAN_EXPEL || kind == PLAN_PART)
		return (size_t)between(random, plan->liar_count + 1, plan->founded - 1);
	return (size_t)gossip_random_below(random, plan->node_count);
}

static void make_fault(const struct plan *plan, struct gossip_random *random,
		       struct plan_fault *ret_fault)
{
	enum plan_kind kind = choose(random);
	const struct kind *k = &kinds[kind];

	*ret_fault = (struct plan_fault){
		.kind = kind,
		.at_ms = between(random, 10000, plan->end_ms),
		.node = choose_node(plan, kind, random),
		.other = (size_t)gossip_random_below(random, plan->founded),
		.for_ms = k->for_s_max == 0
				  ? 0
				  : between(random, 1 + 1000 * k->for_s_min, 1000 * k->for_s_max),
		.number = k->number_min +
			  (int64_t)gossip_random_below(
				  random, (uint64_t)(k->number_max - k->number_min) + 1),
	};
	if (kind == PLAN_FORK && plan->liar_count > 0)
		ret_fault->other = (size_t)between(random, 1, plan->liar_count);
}

/* Without a grace, what was pruned cannot be had back when a line is drawn before it; and of
 * forked logs we read all. */
static bool is_out_of_place(const struct plan *plan, enum plan_kind kind)
{
	bool moves_lines = kind == PLAN_ROTATE || kind == PLAN_SUSPEND || kind == PLAN_EXPEL;

	if (is_malicious(kind) && plan->liar_count == 0)
		return true;
	return plan->prunes ? moves_lines || kind == PLAN_FORK : kind == PLAN_PRUNE;
}

static int by_time(const void *a, const void *b)
{
	const struct plan_fault *x = a, *y = b;

	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

void plan_make(struct plan *plan, uint64_t seed, enum plan_size size)
{
	struct gossip_random random = {seed ^ 0x706c616e};
	size_t newcomers;

	*plan = (struct plan){.seed = seed};
	newcomers = (size_t)between(&random, 0, 3);
	plan->founded =
		(size_t)(size == PLAN_SHORT ? between(&random, 8, 14) : between(&random, 10, 57));
	plan->node_count = plan->founded + newcomers;
	plan->liar_count = (size_t)between(&random, 0, 2);
	plan->end_ms = size == PLAN_SHORT ? between(&random, 60000, 240000)
					  : between(&random, 60000, 1200000);
	plan->count = (size_t)between(&random, size == PLAN_SHORT ? 30 : 40,
				      size == PLAN_SHORT ? 80 : PLAN_FAULTS_MAX);
	plan->prunes = between(&random, 0, 2) == 0;
	plan->erases = plan->prunes || between(&random, 0, 1) == 0;
	for (size_t i = 0; i < plan->count; i++) {
		do
			make_fault(plan, &random, &plan->faults[i]);
		while (is_out_of_place(plan, plan->faults[i].kind));
	}
	qsort(plan->faults, plan->count, sizeof plan->faults[0], by_time);
	for (size_t i = 0; i < plan->count; i++)
		plan->faults[i].number_in_plan = i;
}

void plan_print(const struct plan *plan, size_t i, FILE *file)
{
	const struct plan_fault *fault = &plan->faults[i];
	const struct kind *kind = &kinds[fault->kind];

	fprintf(file, "  %3zu  %7.3f s  node %zu %s", fault->number_in_plan,
		(double)fault->at_ms / 1000, fault->node, kind->words);
	if (kind->number_max > kind->number_min)
		fprintf(file, " %lld", (long long)fault->number);
	if (fault->kind == PLAN_BLOCK || fault->kind == PLAN_FORK || fault->kind == PLAN_FORGE)
		fprintf(file, ", other %zu", fault->other);
	if (fault->for_ms > 0)
		fprintf(file, "; for %.3f s", (double)fault->for_ms / 1000);
	fprintf(file, "\n");
}
