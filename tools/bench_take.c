#include "tools/bench_take.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "catalog/chunk.h"
#include "tools/bench_link.h"

#define GROUP_MAX   8  /* chunks handed over at once: what a node asks one peer for */
#define WAITING_MAX 16 /* chunks that are read and not committed yet */

static int take_target(struct catalog_txn *txn, void *checkpoint)
{
	return catalog_log_target(txn, 0, checkpoint,
				  (struct catalog_span){(const uint8_t *)"bench", 5});
}

struct tools_bench_place_cost tools_bench_take_make(struct catalog_store *from, uint64_t size,
						    struct tools_bench_take_wires *ret_wires)
{
	struct tools_bench_place_cost cost, start = tools_bench_place_begin();
	uint64_t at = 0;

	*ret_wires =
		(struct tools_bench_take_wires){.wires = calloc(size, sizeof *ret_wires->wires)};
	assert(ret_wires->wires != NULL);
	while (at < size) {
		struct catalog_buffer *wire = &ret_wires->wires[ret_wires->count++];
		struct catalog_txn *txn;

		tools_bench_place_must(catalog_store_begin(from, &txn), "read");
		tools_bench_place_must(catalog_chunk_make(txn, 0, at, size, size, wire, &at),
				       "make a chunk");
		catalog_store_end(txn);
		ret_wires->bytes += wire->len;
	}
	cost = tools_bench_place_since(start);
	tools_bench_place_must(
		tools_bench_link_seal(ret_wires->wires, ret_wires->count, &ret_wires->sealed),
		"seal");
	return cost;
}

/* Chunks on their way from those who read and pack them to the one who commits them, in order. */
struct line {
	const struct tools_bench_take_wires *wires;
	struct catalog_store *to;
	struct tools_bench_link_receiver *receiver;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct catalog_chunk *ready[WAITING_MAX]; /* chunk i at i % WAITING_MAX; NULL: not yet */
	size_t begun, taken;                      /* chunks */
};

static void receive(struct line *line, struct catalog_buffer *ret_wire)
{
	ret_wire->len = 0;
	tools_bench_place_must(tools_bench_link_receive(line->receiver, ret_wire),
			       "receive a chunk");
}

static struct catalog_chunk *read_chunk(const struct line *line, const struct catalog_buffer *wire)
{
	struct catalog_chunk *chunk;

	tools_bench_place_must(catalog_chunk_new(catalog_buffer_span(wire), &chunk),
			       "read a chunk");
	tools_bench_place_must(catalog_chunk_pack(chunk, line->to, 0), "pack a chunk");
	return chunk;
}

static void *read_chunks(void *arg)
{
	struct catalog_buffer wire = {0};
	struct line *line = arg;

	for (;;) {
		struct catalog_chunk *chunk;
		size_t i;

		pthread_mutex_lock(&line->lock);
		while (line->begun < line->wires->count && line->begun - line->taken == WAITING_MAX)
			pthread_cond_wait(&line->changed, &line->lock);
		i = line->begun++;
		if (i < line->wires->count)
			receive(line, &wire); /* in order, so by one at a time */
		pthread_mutex_unlock(&line->lock);
		if (i >= line->wires->count)
			break;
		chunk = read_chunk(line, &wire);
		pthread_mutex_lock(&line->lock);
		line->ready[i % WAITING_MAX] = chunk;
		pthread_cond_broadcast(&line->changed);
		pthread_mutex_unlock(&line->lock);
	}
	catalog_buffer_close(&wire);
	return NULL;
}

static size_t next_group(struct line *line, struct catalog_chunk *ret_chunks[GROUP_MAX])
{
	struct catalog_chunk **next;
	size_t count = 0;

	pthread_mutex_lock(&line->lock);
	while (line->ready[line->taken % WAITING_MAX] == NULL)
		pthread_cond_wait(&line->changed, &line->lock);
	while (count < GROUP_MAX && *(next = &line->ready[line->taken % WAITING_MAX]) != NULL) {
		ret_chunks[count++] = *next;
		*next = NULL;
		line->taken++;
	}
	pthread_cond_broadcast(&line->changed);
	pthread_mutex_unlock(&line->lock);
	return count;
}

static void commit(struct line *line, const struct catalog_charter *charter,
		   struct catalog_chunk **chunks, size_t count)
{
	int results[GROUP_MAX];

	catalog_chunk_commit_all(line->to, charter, (const struct catalog_chunk *const *)chunks,
				 count, results);
	for (size_t i = 0; i < count; i++) {
		tools_bench_place_must(results[i], "commit a chunk");
		catalog_chunk_free(chunks[i]);
	}
}

struct tools_bench_place_cost tools_bench_take_run(struct catalog_store *to,
						   const struct catalog_charter *charter,
						   const struct catalog_log_status *source,
						   const struct tools_bench_take_wires *wires,
						   unsigned threads)
{
	struct catalog_checkpoint checkpoint = {.size = source->size, .root = source->root};
	struct line line = {.wires = wires, .to = to};
	struct catalog_chunk *chunks[GROUP_MAX];
	pthread_t readers[TOOLS_BENCH_TAKE_THREADS_MAX - 1];
	struct catalog_buffer wire = {0};
	struct tools_bench_place_cost start = tools_bench_place_begin();

	tools_bench_place_must(
		tools_bench_link_receiver_new(catalog_buffer_span(&wires->sealed), &line.receiver),
		"channel");
	tools_bench_place_must(-pthread_mutex_init(&line.lock, NULL), "lock");
	tools_bench_place_must(-pthread_cond_init(&line.changed, NULL), "lock");
	tools_bench_place_must(catalog_store_write(to, take_target, &checkpoint), "target");
	for (unsigned i = 0; i + 1 < threads; i++)
		tools_bench_place_must(-pthread_create(&readers[i], NULL, read_chunks, &line),
				       "thread");
	for (size_t done = 0, count; done < wires->count; done += count) {
		if (threads > 1) {
			count = next_group(&line, chunks);
		} else {
			for (count = 0; count < GROUP_MAX && done + count < wires->count; count++) {
				receive(&line, &wire);
				chunks[count] = read_chunk(&line, &wire);
			}
		}
		commit(&line, charter, chunks, count);
	}
	for (unsigned i = 0; i + 1 < threads; i++)
		tools_bench_place_must(-pthread_join(readers[i], NULL), "thread");
	pthread_cond_destroy(&line.changed);
	pthread_mutex_destroy(&line.lock);
	tools_bench_link_receiver_free(line.receiver);
	catalog_buffer_close(&wire);
	return tools_bench_place_since(start);
}

void tools_bench_take_close(struct tools_bench_take_wires *wires)
{
	for (size_t i = 0; i < wires->count; i++)
		catalog_buffer_close(&wires->wires[i]);
	catalog_buffer_close(&wires->sealed);
	free(wires->wires);
}
