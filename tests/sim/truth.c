#include "tests/sim/truth.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/entry.h"
#include "catalog/value.h"

/* An entry, and the log that ends with it. */
struct step {
	struct catalog_hash leaf, thing, root;
	struct catalog_hash view_root; /* of a state entry */
	enum catalog_entry_kind kind;
	bool is_erased;             /* a withdrawal, of whatever history, told everybody to */
	struct catalog_buffer note; /* of the checkpoint that ends here, if its writer showed one */
};

struct history {
	uint64_t amendment; /* since which it counts */
	size_t size, room;
	struct step *steps;
	struct history *next; /* an older one, or of one who is not trusted another */
};

struct truth {
	size_t log_count;
	struct history **logs;
	bool *is_distrusted;
};

static bool fail(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, TRUTH_WHY_BYTES, format, args);
	va_end(args);
	return false;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "truth: %s\n", what);
	exit(99);
}

/* --- histories -------------------------------------------------------------------------------- */

static struct history *history_new(struct truth *truth, uint32_t log, uint64_t amendment)
{
	struct history *history = calloc(1, sizeof *history);

	must(history != NULL, "memory");
	history->amendment = amendment;
	history->next = truth->logs[log];
	truth->logs[log] = history;
	return history;
}

struct truth *truth_new(size_t log_count)
{
	struct truth *truth = calloc(1, sizeof *truth);

	must(truth != NULL, "memory");
	truth->log_count = log_count;
	truth->logs = calloc(log_count, sizeof(struct history *));
	truth->is_distrusted = calloc(log_count, sizeof *truth->is_distrusted);
	must(truth->logs != NULL && truth->is_distrusted != NULL, "memory");
	for (uint32_t log = 0; log < log_count; log++)
		(void)history_new(truth, log, 0);
	return truth;
}

void truth_free(struct truth *truth)
{
	for (size_t log = 0; log < truth->log_count; log++) {
		while (truth->logs[log] != NULL) {
			struct history *history = truth->logs[log];

			truth->logs[log] = history->next;
			for (size_t i = 0; i < history->size; i++)
				catalog_buffer_close(&history->steps[i].note);
			free(history->steps);
			free(history);
		}
	}
	free(truth->logs);
	free(truth->is_distrusted);
	free(truth);
}

void truth_distrust(struct truth *truth, uint32_t log)
{
	truth->is_distrusted[log] = true;
}

static struct history *history_of(const struct truth *truth, uint32_t log, uint64_t amendment)
{
	struct history *history = truth->logs[log];

	while (history->amendment > amendment)
		history = history->next;
	return history;
}

/* --- hashes, by RFC 6962 ---------------------------------------------------------------------- */

static void hash_two(uint8_t prefix, struct catalog_span a, struct catalog_span b,
		     struct catalog_hash *ret_hash)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &prefix, 1);
	crypto_hash_sha256_update(&state, a.bytes, a.len);
	if (b.len > 0)
		crypto_hash_sha256_update(&state, b.bytes, b.len);
	crypto_hash_sha256_final(&state, ret_hash->bytes);
}

static struct catalog_span span_of(const struct catalog_hash *hash)
{
	return (struct catalog_span){hash->bytes, sizeof hash->bytes};
}

/* MTH of count leaves. */
static void root_of(const struct step *steps, size_t count, struct catalog_hash *ret_root)
{
	struct catalog_hash left, right;
	size_t split = 1;

	if (count == 1) {
		*ret_root = steps[0].leaf;
		return;
	}
	while (2 * split < count)
		split *= 2;
	root_of(steps, split, &left);
	root_of(steps + split, count - split, &right);
	hash_two(1, span_of(&left), span_of(&right), ret_root);
}

static bool has_root(const struct history *history, uint64_t size, const struct catalog_hash *root)
{
	struct catalog_hash none;

	crypto_hash_sha256(none.bytes, NULL, 0);
	return size <= history->size &&
	       catalog_hash_equal(size == 0 ? &none : &history->steps[size - 1].root, root);
}

/* --- learning --------------------------------------------------------------------------------- */

static void append(struct history *history, const struct step *step)
{
	if (history->size == history->room) {
		history->room = 2 * history->room + 64;
		history->steps = realloc(history->steps, history->room * sizeof *history->steps);
		must(history->steps != NULL, "memory");
	}
	history->steps[history->size++] = *step;
}

static bool erases(const struct catalog_entry *entry)
{
	struct catalog_value *body = NULL;
	bool is = entry->kind == CATALOG_ENTRY_WITHDRAW &&
		  catalog_value_decode(entry->body, &body) == 0 &&
		  catalog_value_get(body, "erase") != NULL;

	catalog_value_free(body);
	return is;
}

/* It reaches also those who have another charter, and so another history, from some entry on. */
static void note_erasure(struct truth *truth, uint32_t log, const struct history *history,
			 const struct catalog_hash *thing)
{
	for (struct history *other = truth->logs[log]; other != NULL; other = other->next)
		for (size_t i = 0; i < other->size && i < history->size; i++)
			if (catalog_hash_equal(&other->steps[i].thing, thing) &&
			    catalog_hash_equal(&other->steps[i].leaf, &history->steps[i].leaf))
				other->steps[i].is_erased = true;
}

static bool learn_entry(struct truth *truth, struct history *history, struct catalog_txn *txn,
			uint32_t log, char why[TRUTH_WHY_BYTES])
{
	struct catalog_buffer bytes = {0};
	struct catalog_state state;
	struct catalog_entry entry;
	struct step step = {0};
	int r = catalog_log_read(txn, log, history->size, &bytes);

	if (r == 0)
		r = catalog_entry_decode(catalog_buffer_span(&bytes), &entry);
	if (r != 0) {
		catalog_buffer_close(&bytes);
		return fail(why, "its writer cannot read entry %zu of log %u (%d)", history->size,
			    log, r);
	}
	hash_two(0, catalog_buffer_span(&bytes), (struct catalog_span){NULL, 0}, &step.leaf);
	catalog_entry_thing(entry.kind, entry.id, &step.thing);
	step.kind = entry.kind;
	if (entry.kind == CATALOG_ENTRY_STATE &&
	    catalog_entry_decode_state(entry.body, &state) == 0)
		step.view_root = state.view_root;
	if (erases(&entry))
		note_erasure(truth, log, history, &step.thing);
	catalog_buffer_close(&bytes);
	append(history, &step);
	root_of(history->steps, history->size, &history->steps[history->size - 1].root);
	return true;
}

/* The history that a log of this size and root goes on from; of one who is not trusted perhaps a
 * new one. */
static struct history *choose(struct truth *truth, const struct catalog_charter *charter,
			      uint32_t log, const struct catalog_log_status *status)
{
	struct history *history = history_of(truth, log, catalog_charter_number(charter));

	if (!truth->is_distrusted[log])
		return history;
	for (history = truth->logs[log]; history != NULL; history = history->next)
		if (has_root(history, status->size, &status->root))
			return history;
	return history_new(truth, log, 0);
}

static void learn_note(struct history *history, struct catalog_txn *txn, uint32_t log,
		       const struct catalog_log_status *status)
{
	struct catalog_buffer note = {0};
	struct step *step;

	if (status->size == 0 || status->size != status->target_size)
		return;
	step = &history->steps[status->size - 1];
	if (step->note.len == 0 && catalog_log_checkpoint(txn, log, &note) == 0)
		step->note = note;
	else
		catalog_buffer_close(&note);
}

static bool learn(struct truth *truth, struct catalog_txn *txn,
		  const struct catalog_charter *charter, uint32_t log, char why[TRUTH_WHY_BYTES])
{
	struct catalog_log_status status;
	struct history *history;

	must(catalog_log_status(txn, log, &status) == 0, "read a log's status");
	history = choose(truth, charter, log, &status);
	while (history->size < status.size)
		if (!learn_entry(truth, history, txn, log, why))
			return false;
	if (!has_root(history, status.size, &status.root))
		return fail(why, "the member of log %u has signed two histories", log);
	learn_note(history, txn, log, &status);
	return true;
}

bool truth_learn(struct truth *truth, struct catalog_store *store,
		 const struct catalog_charter *charter, uint32_t log, char why[TRUTH_WHY_BYTES])
{
	struct catalog_txn *txn;
	bool ok;

	must(catalog_store_begin(store, &txn) == 0, "read a store");
	ok = learn(truth, txn, charter, log, why);
	catalog_store_end(txn);
	return ok;
}

void truth_cut(struct truth *truth, uint32_t log, uint64_t amendment, uint64_t size)
{
	const struct history *old = history_of(truth, log, amendment);
	struct history *history = history_new(truth, log, amendment);

	must(size <= old->size, "a line beyond its log");
	for (size_t i = 0; i < size; i++) {
		struct step step = old->steps[i];

		step.note = (struct catalog_buffer){0};
		must(catalog_buffer_append(&step.note, old->steps[i].note.bytes,
					   old->steps[i].note.len) == 0,
		     "memory");
		append(history, &step);
	}
}

uint64_t truth_size(const struct truth *truth, uint32_t log, uint64_t amendment)
{
	return history_of(truth, log, amendment)->size;
}

bool truth_checkpoint(const struct truth *truth, uint32_t log, uint64_t amendment, size_t back,
		      struct catalog_line *ret_line)
{
	const struct history *history = history_of(truth, log, amendment);

	for (size_t i = history->size; i > 0; i--) {
		const struct step *step = &history->steps[i - 1];

		if (step->note.len == 0 || back-- > 0)
			continue;
		*ret_line = (struct catalog_line){i, step->root, catalog_buffer_span(&step->note)};
		return true;
	}
	return false;
}

/* --- checking --------------------------------------------------------------------------------- */

static bool check_note(struct catalog_txn *txn, const struct catalog_charter *charter, uint32_t log,
		       const struct catalog_log_status *status, char why[TRUTH_WHY_BYTES])
{
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};
	int r = catalog_log_checkpoint(txn, log, &note);

	if (r == 0)
		r = catalog_charter_verify(charter, log, catalog_buffer_span(&note), &checkpoint);
	catalog_buffer_close(&note);
	if (r != 0)
		return fail(why, "the newest checkpoint of log %u, of %llu, has no good note (%d)",
			    log, (unsigned long long)status->target_size, r);
	if (checkpoint.size != status->target_size ||
	    !catalog_hash_equal(&checkpoint.root, &status->target_root))
		return fail(why, "the newest checkpoint of log %u is not its note's", log);
	return true;
}

static bool check_view(const struct history *history, uint32_t log,
		       const struct catalog_log_status *status, char why[TRUTH_WHY_BYTES])
{
	const struct step *last = &history->steps[status->size - 1];

	if (last->kind == CATALOG_ENTRY_STATE && status->view_size == status->size &&
	    !status->has_gap && !catalog_hash_equal(&last->view_root, &status->view_root))
		return fail(why, "the view of log %u at %llu is not what its member signed", log,
			    (unsigned long long)status->size);
	if (status->settled > status->size)
		return fail(why, "log %u is settled beyond its end", log);
	return true;
}

/* Of one who is not trusted: it is one of the histories that it wrote. */
static bool check_distrusted(const struct truth *truth, uint32_t log,
			     const struct catalog_log_status *status, char why[TRUTH_WHY_BYTES])
{
	for (const struct history *history = truth->logs[log]; history != NULL;
	     history = history->next)
		if (has_root(history, status->size, &status->root))
			return true;
	return fail(why, "%llu entries of log %u that its member never signed",
		    (unsigned long long)status->size, log);
}

bool truth_check(const struct truth *truth, struct catalog_txn *txn,
		 const struct catalog_charter *charter, uint32_t log, char why[TRUTH_WHY_BYTES])
{
	const struct history *history = history_of(truth, log, catalog_charter_number(charter));
	struct catalog_log_status status;

	must(catalog_log_status(txn, log, &status) == 0, "read a log's status");
	if (status.size > status.target_size)
		return fail(why, "more of log %u is held than was signed", log);
	if (status.target_size > 0 && status.health == CATALOG_LOG_GOOD &&
	    !check_note(txn, charter, log, &status, why))
		return false;
	if (truth->is_distrusted[log])
		return check_distrusted(truth, log, &status, why);
	if (status.health != CATALOG_LOG_GOOD)
		return fail(why, "log %u, whose member is honest, is marked", log);
	if (!has_root(history, status.size, &status.root))
		return fail(why, "%llu entries of log %u that its member did not write (of %zu)",
			    (unsigned long long)status.size, log, history->size);
	if (status.target_size > 0 && !has_root(history, status.target_size, &status.target_root))
		return fail(why, "a checkpoint of log %u that its member did not sign: %llu of %zu",
			    log, (unsigned long long)status.target_size, history->size);
	return status.size == 0 || check_view(history, log, &status, why);
}

/* --- entries ---------------------------------------------------------------------------------- */

struct looking {
	const struct history *history;
	struct catalog_txn *txn;
	uint32_t log;
	uint64_t size;
	size_t count; /* of current listings */
	char *why;
};

static bool is_superseded(const struct history *history, uint64_t size, uint64_t index)
{
	const struct step *step = &history->steps[index];
	bool is_state = step->kind == CATALOG_ENTRY_STATE;

	for (uint64_t i = index + 1; i < size; i++)
		if (is_state ? history->steps[i].kind == CATALOG_ENTRY_STATE
			     : catalog_hash_equal(&history->steps[i].thing, &step->thing))
			return true;
	return false;
}

/* What is said to be current is, and is there. */
static int look_at(void *arg, uint64_t index, const struct catalog_hash *thing)
{
	struct looking *looking = arg;
	struct catalog_buffer bytes = {0};
	int r;

	looking->count++;
	if (index >= looking->size ||
	    !catalog_hash_equal(&looking->history->steps[index].thing, thing) ||
	    looking->history->steps[index].kind != CATALOG_ENTRY_PUT ||
	    is_superseded(looking->history, looking->size, index))
		return -EINVAL;
	r = catalog_log_read(looking->txn, looking->log, index, &bytes);
	catalog_buffer_close(&bytes);
	return r == -ENOENT && looking->history->steps[index].is_erased ? 0 : r;
}

static bool check_entry(const struct looking *looking, uint64_t index, bool has_gap)
{
	const struct step *step = &looking->history->steps[index];
	struct catalog_buffer bytes = {0};
	struct catalog_hash leaf;
	int r = catalog_log_read(looking->txn, looking->log, index, &bytes);

	if (r == 0)
		hash_two(0, catalog_buffer_span(&bytes), (struct catalog_span){NULL, 0}, &leaf);
	catalog_buffer_close(&bytes);
	if (r == -ENOENT)
		return has_gap || step->is_erased ||
		       is_superseded(looking->history, looking->size, index);
	return r == 0 && catalog_hash_equal(&leaf, &step->leaf);
}

/* What is current by the entries' order alone. */
static size_t count_current(const struct history *history, uint64_t size)
{
	size_t count = 0;

	for (uint64_t i = 0; i < size; i++)
		count += history->steps[i].kind == CATALOG_ENTRY_PUT &&
			 !is_superseded(history, size, i);
	return count;
}

bool truth_brings_back(const struct truth *truth, uint32_t log, uint64_t amendment, uint64_t size)
{
	const struct history *history = history_of(truth, log, amendment);

	if (size > history->size)
		size = history->size;
	for (uint64_t i = 0; i < size; i++)
		if (history->steps[i].kind == CATALOG_ENTRY_PUT && history->steps[i].is_erased &&
		    !is_superseded(history, size, i))
			return true;
	return false;
}

bool truth_check_entries(const struct truth *truth, struct catalog_txn *txn,
			 const struct catalog_charter *charter, uint32_t log,
			 char why[TRUTH_WHY_BYTES])
{
	struct looking looking = {.txn = txn, .log = log, .why = why};
	struct catalog_log_status status;
	size_t count;
	int r;

	if (truth->is_distrusted[log])
		return true;
	looking.history = history_of(truth, log, catalog_charter_number(charter));
	must(catalog_log_status(txn, log, &status) == 0, "read a log's status");
	looking.size = status.size;
	for (uint64_t i = 0; i < status.size; i++)
		if (!check_entry(&looking, i, status.has_gap))
			return fail(why, "entry %llu of log %u is lost or another",
				    (unsigned long long)i, log);
	if (status.has_gap)
		return true; /* of what was pruned, the next checkpoint tells */
	r = catalog_log_current(txn, log, look_at, &looking);
	if (r != 0)
		return fail(why, "what is current in log %u is not (%d)", log, r);
	count = count_current(looking.history, status.size);
	if (looking.count != count || status.live != count)
		return fail(why,
			    "%zu listings of log %u are current, and %zu are shown, %llu "
			    "counted",
			    count, log, looking.count, (unsigned long long)status.live);
	return true;
}
