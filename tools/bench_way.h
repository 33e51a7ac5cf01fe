/* tools/bench_way.h - ways to bring a catalogue from one machine to another: ours, and what people
 * would use today.  Each has the same listings, as the same lines of JSON, and what it sends passes
 * the same counting proxy.  What fails ends the program, with a word.
 *
 * Threads  one caller at a time.
 */
#ifndef TOOLS_BENCH_WAY_H
#define TOOLS_BENCH_WAY_H

#include "tools/bench_process.h"

#define TOOLS_BENCH_WAY_PEERS_MAX 8

/* What all ways work on.  Line i of `listings` is listing i; those of `changed` are later versions
 * of some of them. */
struct tools_bench_site {
	char base[TOOLS_BENCH_PROCESS_PATH_MAX / 2];     /* where all of it is */
	char programs[TOOLS_BENCH_PROCESS_PATH_MAX / 2]; /* where fedcat and fedcatd are */
	char script[TOOLS_BENCH_PROCESS_PATH_MAX / 2];   /* tools/bench_hypercore.js */
	char modules[TOOLS_BENCH_PROCESS_PATH_MAX / 2];  /* where node finds hypercore; or "" */
	char listings[TOOLS_BENCH_PROCESS_PATH_MAX / 2 + 16];
	char changed[TOOLS_BENCH_PROCESS_PATH_MAX / 2 + 16];
	unsigned count, changed_count;
	unsigned peers; /* that a fedcat's state has besides */
};

/* What one transfer took. */
struct tools_bench_way_took {
	struct tools_bench_cost receiver, sender; /* the wall time is the receiver's */
	uint64_t wire_bytes;
	uint64_t own_bytes; /* at most of the receiver's memory, without what is a file's; 0: not
			       looked at */
};

struct tools_bench_way_state; /* a way's own */

struct tools_bench_way {
	const char *name;
	char letter;
	/* NULL, or what is missing for it. */
	const char *(*lacks)(const struct tools_bench_site *site);
	/* A sender that holds the listings, and a receiver that holds nothing, in dir, which exists
	 * and is empty. */
	struct tools_bench_way_state *(*open)(const struct tools_bench_site *site, const char *dir);
	/* The sender takes the changed ones. */
	void (*change)(struct tools_bench_way_state *state);
	/* The receiver, which is not running, gets what it lacks. */
	void (*fetch)(struct tools_bench_way_state *state, struct tools_bench_way_took *ret_took);
	void (*close)(struct tools_bench_way_state *state);
};

extern const struct tools_bench_way tools_bench_way_fedcat;
extern const struct tools_bench_way tools_bench_way_git;
extern const struct tools_bench_way tools_bench_way_rsync;
extern const struct tools_bench_way tools_bench_way_hypercore;

/* The memory of its own, without what is a file's, that a fedcatd has while others pull from it. */
struct tools_bench_way_own {
	uint64_t idle_bytes;     /* when it has started */
	uint64_t serving_bytes;  /* at most while peers pull */
	uint64_t after_bytes;    /* when they have gone */
	uint64_t pulling_bytes;  /* of a peer, at most */
	uint64_t least_listings; /* what the slowest peer has in the end */
};

/* Have so many peers pull all from the sender at once, for a time at most.  Of a fedcat's state. */
void tools_bench_way_fedcat_crowd(struct tools_bench_way_state *state, double limit_s,
				  struct tools_bench_way_own *ret_own);

/* How many bytes `zstd -3` makes of entries [from, to) of the sender's log in one file; of those to
 * the end if to is UINT64_MAX.  Of a fedcat's state. */
uint64_t tools_bench_way_fedcat_compressed(struct tools_bench_way_state *state, uint64_t from,
					   uint64_t to, uint64_t *ret_to);

/* --- what several ways use -------------------------------------------------------------------- */

/* Call each for every line of a file, without its end, and the number of its listing. */
typedef void (*tools_bench_way_each)(void *arg, unsigned number, const char *line, size_t len);
void tools_bench_way_lines(const char *path, tools_bench_way_each each, void *arg);

/* Start server (NULL-terminated, it listens on port) and a proxy before it, have the receiver run
 * with the proxy's port, end both. */
typedef void (*tools_bench_way_receive)(void *arg, unsigned port,
					struct tools_bench_cost *ret_cost);
void tools_bench_way_transfer(const char *log, const char *const server[], unsigned port,
			      tools_bench_way_receive receive, void *arg,
			      struct tools_bench_way_took *ret_took);

#endif
