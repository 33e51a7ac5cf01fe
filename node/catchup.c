/* node/catchup.c - parts go through a ring in their order: one is read at a time, since where the
 * next begins is known then; two have their words gathered; and what is gathered at the ring's
 * beginning is written, several in one transaction.  Whatever fails ends the round: parts are
 * dropped, and the next round reads anew from where the index has come to. */
#include "node/catchup.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "catalog/index_later_part.h"
#include "node/error.h"

#define GATHER_MAX     2
#define OTHERS_MAX     2      /* writes of others between two of ours; more have the right of way */
#define ENTRIES_A_LINE 50000u /* of the log */

enum state { FREE, READING, READ, GATHERING, GATHERED, WRITING };

struct place {
	struct node_catchup *catchup;
	enum state state;
	struct catalog_index_later_part *part;
	struct node_jobs_job job;
	int outcome;
};

struct node_catchup {
	struct node_catchup_options options;
	uv_timer_t timer;
	struct place ring[NODE_CATCHUP_PARTS];
	size_t first, count;                   /* in use */
	struct catalog_index_later_place next; /* to be read */
	/* Being written: how many, from the first on; what came of it; the snapshot that it made,
	 * and how many others made since our last. */
	size_t writing;
	struct node_jobs_job write;
	int outcome;
	uint64_t snapshot, others;
	uint64_t written_at; /* our last snapshot of this round; 0: none */
	uint64_t seen;       /* the newest when we looked last */
	unsigned waited_ms;
	size_t jobs;    /* under way */
	bool is_on;     /* a round is under way */
	bool is_at_end; /* nothing is left to read */
	bool is_stopping, is_closed;
	uint64_t done, told; /* entries, since the index fell behind */
};

static void go_on(struct node_catchup *catchup);
static void on_timer(uv_timer_t *timer);

static struct place *place_at(struct node_catchup *catchup, size_t i)
{
	return &catchup->ring[(catchup->first + i) % NODE_CATCHUP_PARTS];
}

static void free_when_idle(struct node_catchup *catchup)
{
	if (!catchup->is_closed || catchup->jobs > 0)
		return;
	for (size_t i = 0; i < NODE_CATCHUP_PARTS; i++)
		catalog_index_later_part_free(catchup->ring[i].part);
	free(catchup);
}

static void on_closed(uv_handle_t *handle)
{
	struct node_catchup *catchup = handle->data;

	catchup->is_closed = true;
	free_when_idle(catchup);
}

static void start(struct node_catchup *catchup, enum node_jobs_kind kind, struct node_jobs_job *job)
{
	catchup->jobs++;
	node_jobs_add(catchup->options.jobs, kind, job);
}

/* Let the ring's first part go.  Returns how many entries it had. */
static uint64_t drop_first(struct node_catchup *catchup)
{
	struct place *place = place_at(catchup, 0);
	uint64_t entries = place->part != NULL ? catalog_index_later_part_entries(place->part) : 0;

	catalog_index_later_part_free(place->part);
	place->part = NULL;
	place->state = FREE;
	catchup->first = (catchup->first + 1) % NODE_CATCHUP_PARTS;
	catchup->count--;
	return entries;
}

static bool is_finished(const struct node_catchup *catchup)
{
	return catchup->is_at_end && catchup->count == 0;
}

static void look_in(struct node_catchup *catchup, unsigned in_ms)
{
	(void)uv_timer_start(&catchup->timer, on_timer, in_ms,
			     0); /* fails for a closing one, only */
}

void node_catchup_look(struct node_catchup *catchup)
{
	if (!catchup->is_on && !catchup->is_stopping &&
	    (!uv_is_active((uv_handle_t *)&catchup->timer) ||
	     uv_timer_get_due_in(&catchup->timer) > catchup->options.period_ms))
		look_in(catchup, catchup->options.period_ms);
}

/* Drop all parts, once no worker has any of them. */
static void end_round(struct node_catchup *catchup)
{
	catchup->is_on = false;
	while (catchup->jobs == 0 && catchup->count > 0)
		(void)drop_first(catchup); /* their entries are read again */
	catchup->written_at = 0;
	catchup->waited_ms = 0;
	node_catchup_look(catchup);
}

static void fail(struct node_catchup *catchup, int outcome)
{
	if (outcome != -ESTALE && outcome != -EPROTONOSUPPORT && catchup->is_on)
		node_log_line(catchup->options.log, NODE_CONFIG_WARNING,
			      "adding to the search index failed (%s); it is tried again",
			      node_error_words(outcome));
	end_round(catchup);
}

static void after(struct node_catchup *catchup)
{
	catchup->jobs--;
	if (catchup->is_stopping)
		free_when_idle(catchup);
	else if (catchup->is_on)
		go_on(catchup);
	else
		end_round(catchup);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* On a worker; one at a time. */
static void run_read(void *arg)
{
	struct place *place = arg;
	struct node_catchup *catchup = place->catchup;
	struct catalog_txn *txn;

	place->outcome = catalog_store_begin(catchup->options.store, &txn);
	if (place->outcome != 0)
		return;
	place->outcome = catalog_index_later_part_read(txn, &catchup->next, &place->part);
	catalog_store_end(txn);
}

static void read_done(void *arg)
{
	struct place *place = arg;
	struct node_catchup *catchup = place->catchup;

	if (place->outcome == 0) {
		place->state = READ;
	} else {
		place->state = FREE; /* it is the last of the ring */
		catchup->count--;
		catchup->is_at_end = true;
		if (place->outcome != -ENOENT)
			fail(catchup, place->outcome);
	}
	after(catchup);
}

static void run_gather(void *arg)
{
	struct place *place = arg;

	place->outcome = catalog_index_later_part_gather(
		place->part, catalog_store_lender(place->catchup->options.store));
}

static void gather_done(void *arg)
{
	struct place *place = arg;

	place->state = GATHERED;
	if (place->outcome != 0)
		fail(place->catchup, place->outcome);
	after(place->catchup);
}

/* --- writing ---------------------------------------------------------------------------------- */

static int write_body(struct catalog_txn *txn, void *arg)
{
	struct node_catchup *catchup = arg;
	struct catalog_index_later_part *parts[CATALOG_INDEX_LATER_PARTS_MAX];
	uint64_t snapshot = catalog_store_snapshot(txn);

	for (size_t i = 0; i < catchup->writing; i++)
		parts[i] = place_at(catchup, i)->part;
	catchup->others = catchup->written_at != 0 ? snapshot - catchup->written_at - 1 : 0;
	catchup->snapshot = snapshot;
	return catalog_index_later_part_write(txn, catchup->options.charter, parts,
					      catchup->writing);
}

/* On a worker: of the ring only the first parts, which stay where they are meanwhile. */
static void run_write(void *arg)
{
	struct node_catchup *catchup = arg;

	catchup->outcome = catalog_store_write(catchup->options.store, write_body, catchup);
}

static void tell(struct node_catchup *catchup)
{
	if (catchup->done < catchup->told + ENTRIES_A_LINE && !is_finished(catchup))
		return;
	catchup->told = catchup->done;
	node_log_line(catchup->options.log, NODE_CONFIG_INFO,
		      "the search index has caught up with %" PRIu64 " entries%s", catchup->done,
		      is_finished(catchup) ? ": with all" : " so far");
	if (is_finished(catchup))
		catchup->done = catchup->told = 0;
}

static void write_done(void *arg)
{
	struct node_catchup *catchup = arg;
	size_t count = catchup->writing;

	catchup->writing = 0;
	if (catchup->outcome != 0) {
		fail(catchup, catchup->outcome);
	} else {
		for (size_t i = 0; i < count; i++)
			catchup->done += drop_first(catchup);
		catchup->written_at = catchup->seen = catchup->snapshot;
		tell(catchup);
		if (catchup->others > OTHERS_MAX)
			end_round(catchup); /* they have the right of way */
	}
	after(catchup);
}

/* --- what is next ----------------------------------------------------------------------------- */

static void write_some(struct node_catchup *catchup)
{
	size_t count = 0;

	while (count < catchup->count && count < CATALOG_INDEX_LATER_PARTS_MAX &&
	       place_at(catchup, count)->state == GATHERED)
		count++;
	if (count == 0 || catchup->writing > 0 ||
	    (count < CATALOG_INDEX_LATER_PARTS_MAX &&
	     !(catchup->is_at_end && count == catchup->count)))
		return;
	catchup->writing = count;
	for (size_t i = 0; i < count; i++)
		place_at(catchup, i)->state = WRITING;
	catchup->write =
		(struct node_jobs_job){.run = run_write, .done = write_done, .arg = catchup};
	start(catchup, NODE_JOBS_WRITE, &catchup->write);
}

static void gather_some(struct node_catchup *catchup)
{
	size_t gathering = 0;

	for (size_t i = 0; i < catchup->count; i++)
		gathering += place_at(catchup, i)->state == GATHERING;
	for (size_t i = 0; i < catchup->count && gathering < GATHER_MAX; i++) {
		struct place *place = place_at(catchup, i);

		if (place->state != READ)
			continue;
		place->state = GATHERING;
		place->job = (struct node_jobs_job){
			.run = run_gather, .done = gather_done, .arg = place};
		start(catchup, NODE_JOBS_READ, &place->job);
		gathering++;
	}
}

static void read_one(struct node_catchup *catchup)
{
	struct place *place;

	if (catchup->is_at_end || catchup->count == NODE_CATCHUP_PARTS ||
	    (catchup->count > 0 && place_at(catchup, catchup->count - 1)->state == READING))
		return;
	place = place_at(catchup, catchup->count++);
	place->catchup = catchup;
	place->state = READING;
	place->job = (struct node_jobs_job){.run = run_read, .done = read_done, .arg = place};
	start(catchup, NODE_JOBS_READ, &place->job);
}

static void go_on(struct node_catchup *catchup)
{
	write_some(catchup);
	gather_some(catchup);
	read_one(catchup);
	if (catchup->jobs == 0)
		end_round(catchup); /* nothing is left */
}

/* --- the beginning ---------------------------------------------------------------------------- */

/* Whether the index is behind, and what the newest snapshot is. */
static int look(struct node_catchup *catchup, bool *ret_is_behind, uint64_t *ret_snapshot)
{
	struct catalog_index_later_mark mark;
	struct catalog_txn *txn;
	uint32_t log;
	int r = catalog_store_begin(catchup->options.store, &txn);

	if (r != 0)
		return r;
	*ret_snapshot = catalog_store_snapshot(txn);
	r = catalog_index_later_next(txn, 0, &log, &mark);
	catalog_store_end(txn);
	*ret_is_behind = r == 0;
	return r == -ENOENT ? 0 : r;
}

static void on_timer(uv_timer_t *timer)
{
	struct node_catchup *catchup = timer->data;
	uint64_t snapshot, before = catchup->seen;
	bool is_behind;

	if (uv_is_closing((uv_handle_t *)timer) || catchup->is_on)
		return;
	if (catchup->jobs > 0 || look(catchup, &is_behind, &snapshot) != 0) {
		node_catchup_look(catchup); /* what fails now is tried again soon */
		return;
	}
	catchup->seen = snapshot;
	if (!is_behind) {
		look_in(catchup, NODE_CATCHUP_IDLE_MS);
		return;
	}
	catchup->waited_ms += catchup->options.period_ms;
	if (snapshot != before && catchup->waited_ms < catchup->options.wait_ms) {
		node_catchup_look(catchup);
		return;
	}
	catchup->is_on = true;
	catchup->is_at_end = false;
	catchup->next = (struct catalog_index_later_place){0};
	go_on(catchup);
}

int node_catchup_new(const struct node_catchup_options *options, struct node_catchup **ret_catchup)
{
	struct node_catchup *catchup = calloc(1, sizeof *catchup);

	if (catchup == NULL)
		return -ENOMEM;
	catchup->options = *options;
	(void)uv_timer_init(options->loop, &catchup->timer); /* never fails */
	catchup->timer.data = catchup;
	(void)uv_timer_start(&catchup->timer, on_timer, options->period_ms, options->period_ms);
	*ret_catchup = catchup;
	return 0;
}

void node_catchup_stop(struct node_catchup *catchup)
{
	if (catchup == NULL || catchup->is_stopping)
		return;
	catchup->is_stopping = true;
	catchup->is_on = false;
	uv_close((uv_handle_t *)&catchup->timer, on_closed);
}
