#include "tools/bench_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#define PATH_BYTES  300
#define MEMBERS_MAX 4

void tools_bench_place_must(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(-r));
	exit(1);
}

/* --- directories and stores ------------------------------------------------------------------- */

void tools_bench_place_make(char ret_dir[TOOLS_BENCH_PLACE_BYTES])
{
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";

	snprintf(ret_dir, TOOLS_BENCH_PLACE_BYTES, "%s/%s.XXXXXX", tmp,
		 program_invocation_short_name);
	if (mkdtemp(ret_dir) == NULL)
		tools_bench_place_must(-errno, ret_dir);
}

void tools_bench_place_remove(const char *dir)
{
	if (rmdir(dir) != 0)
		perror(dir);
}

static void path_of(const char *dir, const char *name, const char *file, char ret_path[PATH_BYTES])
{
	snprintf(ret_path, PATH_BYTES, "%s/%s%s", dir, name, file);
}

struct catalog_store *tools_bench_place_open(const char *dir, const char *name)
{
	struct catalog_store *store = NULL;
	char path[PATH_BYTES];
	uint64_t incarnation;

	path_of(dir, name, "", path);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		tools_bench_place_must(-errno, path);
	randombytes_buf(&incarnation, sizeof incarnation); /* two nodes are told apart by it */
	tools_bench_place_must(catalog_store_open(path, incarnation, &store), path);
	return store;
}

void tools_bench_place_close(struct catalog_store *store)
{
	catalog_store_close(store);
}

void tools_bench_place_delete(const char *dir, const char *name)
{
	static const char *const files[] = {"/data.mdb", "/lock.mdb"};
	char path[PATH_BYTES];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		path_of(dir, name, files[i], path);
		(void)unlink(path); /* what stays is told by the rmdir of dir */
	}
	path_of(dir, name, "", path);
	(void)rmdir(path); /* likewise */
}

/* --- the federation --------------------------------------------------------------------------- */

struct catalog_charter *tools_bench_place_found(const struct catalog_node_key *nodes,
						size_t node_count,
						struct catalog_secret *ret_secret)
{
	static const char *const names[MEMBERS_MAX] = {"bench", "second", "third", "fourth"};
	struct catalog_member *members = calloc(MEMBERS_MAX, sizeof *members);
	struct catalog_founding founding = {.name = "Bench", .council_count = 1, .threshold = 1};
	struct catalog_buffer amendment = {0};
	struct catalog_charter *charter = NULL;
	struct catalog_secret other;

	tools_bench_place_must(members == NULL            ? -ENOMEM
			       : node_count > MEMBERS_MAX ? -E2BIG
							  : 0,
			       "a federation");
	founding.members = members;
	founding.member_count = node_count > 1 ? node_count : 1;
	founding.council = &members[0].key;
	for (size_t i = 0; i < founding.member_count; i++) {
		uint8_t seed[32] = {(uint8_t)(1 + i)};

		snprintf(members[i].name, sizeof members[i].name, "%s", names[i]);
		snprintf(members[i].title, sizeof members[i].title, "Institute %s", names[i]);
		snprintf(members[i].country, sizeof members[i].country, "KE");
		snprintf(members[i].sector, sizeof members[i].sector, "statistics");
		members[i].index = (uint32_t)i;
		crypto_sign_seed_keypair(members[i].key.bytes,
					 i == 0 ? ret_secret->bytes : other.bytes, seed);
		if (nodes != NULL)
			members[i].nodes[members[i].node_count++] = nodes[i];
	}
	tools_bench_place_must(catalog_charter_found(&founding, ret_secret, 1, &amendment, NULL),
			       "charter");
	tools_bench_place_must(catalog_charter_new(catalog_buffer_span(&amendment), &charter),
			       "charter");
	catalog_buffer_close(&amendment);
	free(members);
	return charter;
}

/* --- clocks and numbers ----------------------------------------------------------------------- */

static double clock_s(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* both exist wherever LMDB runs */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct tools_bench_place_cost tools_bench_place_begin(void)
{
	return (struct tools_bench_place_cost){clock_s(CLOCK_MONOTONIC),
					       clock_s(CLOCK_PROCESS_CPUTIME_ID)};
}

struct tools_bench_place_cost tools_bench_place_since(struct tools_bench_place_cost start)
{
	return (struct tools_bench_place_cost){clock_s(CLOCK_MONOTONIC) - start.wall_s,
					       clock_s(CLOCK_PROCESS_CPUTIME_ID) - start.cpu_s};
}

unsigned tools_bench_place_number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 1 || n > max) {
		fprintf(stderr, "%s: %s: a number from 1 to %lu is wanted\n",
			program_invocation_short_name, text, max);
		exit(2);
	}
	return (unsigned)n;
}
