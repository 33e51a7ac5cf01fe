/* gossip/job.h - the slow parts of a node's work, done away from its state: the store is read and
 * written here and nowhere else in gossip/.
 *
 * A job is made by gossip/node, run once by anybody (gossip_job_run, declared in gossip/node.h),
 * and read by gossip/node afterwards.
 */
#ifndef GOSSIP_JOB_H
#define GOSSIP_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/attest.h"
#include "catalog/buffer.h"
#include "catalog/chunk.h"
#include "catalog/log.h"
#include "catalog/node.h"
#include "gossip/node.h"

#define GOSSIP_JOB_HEADS_MAX  64             /* checkpoints judged in one transaction */
#define GOSSIP_JOB_CHUNKS_MAX 64             /* chunks committed in one */
#define GOSSIP_JOB_ATTEST_S   (24 * 60 * 60) /* an attestation so old is renewed */
#define GOSSIP_JOB_FORKS_MAX  8              /* proofs of forks judged in one job */

enum gossip_job_kind {
	GOSSIP_JOB_HEADS,  /* verify checkpoints, make them targets           (writes) */
	GOSSIP_JOB_PARSE,  /* take a chunk apart                              (no store) */
	GOSSIP_JOB_COMMIT, /* commit chunks, in their order                   (writes) */
	GOSSIP_JOB_AMEND,  /* take amendments into the charter and the store  (writes) */
	GOSSIP_JOB_BACK,   /* step a log back                                 (writes) */
	GOSSIP_JOB_READ,   /* make a chunk for a peer                         (reads) */
	GOSSIP_JOB_STATUS, /* look where a log stands                         (reads) */
	GOSSIP_JOB_FORKS,  /* verify proofs of forks, mark the logs           (writes) */
	GOSSIP_JOB_COSIGN, /* be the witness of a checkpoint                  (writes) */
	GOSSIP_JOB_ATTEST, /* attest to our own newest checkpoint             (writes) */
};

/* Where a log stands after a job, with its newest checkpoint's note and the proof of its fork
 * (either may be empty). */
struct gossip_job_place {
	uint32_t log;
	uint64_t snapshot; /* catalog_store_snapshot(): which of two looks was the later */
	struct catalog_log_status status;
	struct catalog_buffer note;
	struct catalog_buffer fork;
	size_t node_count; /* that its log names; malloc()ed, NULL if there is none */
	struct catalog_node *nodes;
};

struct gossip_job_head {
	uint32_t log;
	uint64_t link;      /* who said so */
	uint64_t amendment; /* the newest that it knew then */
	uint64_t size;      /* what the peer said of it */
	uint64_t held;
	uint64_t attested_s;
	struct catalog_buffer note;
	bool is_step; /* entries come that are proven under it: keep it below the target, too */
	/* What came of it: 0 it is the target now, or its newer attestation is taken; -EEXIST,
	 * -ESTALE known (an attestation far ahead of the clock counts as none); -EROFS the log is
	 * marked; -EPROTO the member signed two histories, and its log is marked; -EKEYREJECTED,
	 * -EBADMSG, -E2BIG the peer's fault. */
	int outcome;
};

struct gossip_job_fork {
	uint32_t log;       /* what the peer said of it */
	uint64_t link;      /* who said so */
	uint64_t amendment; /* the newest that it knew then */
	struct catalog_buffer proof;
	int outcome; /* 0, -EEXIST it is kept; what catalog_fork_verify() says of it */
};

struct gossip_job {
	enum gossip_job_kind kind;
	uint64_t link;    /* PARSE, READ: whose */
	uint32_t request; /* PARSE, READ: its number */
	int outcome;      /* 0, or why it could not be done */

	uint64_t amendment; /* HEADS, FORKS: the newest by which they were judged */

	/* HEADS */
	size_t head_count;
	struct gossip_job_head heads[GOSSIP_JOB_HEADS_MAX];

	/* PARSE: the wire's bytes, then the chunk.  READ: the wire's bytes.  COMMIT: chunks, and
	 * what catalog_chunk_commit_all() said of each.  All are the job's. */
	struct catalog_buffer wire;
	size_t chunk_count;
	struct catalog_chunk *chunks[GOSSIP_JOB_CHUNKS_MAX];
	uint32_t requests[GOSSIP_JOB_CHUNKS_MAX]; /* COMMIT: the asker's number of each */
	int outcomes[GOSSIP_JOB_CHUNKS_MAX];

	/* AMEND: wire is the amendments; why they were refused. */
	char why[CATALOG_CHANGE_WHY_BYTES];

	/* FORKS */
	size_t fork_count;
	struct gossip_job_fork forks[GOSSIP_JOB_FORKS_MAX];

	/* COSIGN: wire is the line.  ATTEST: the lines of witnesses to take, and how many were. */
	uint32_t self; /* whose key signs */
	size_t line_count, lines_taken;
	uint32_t line_members[CATALOG_ATTEST_WITNESSES_MAX];
	struct catalog_buffer lines[CATALOG_ATTEST_WITNESSES_MAX];

	/* READ, BACK, COSIGN; STATUS: of the places that are filled in */
	uint32_t log;
	uint64_t from, to_max;   /* READ */
	uint64_t size;           /* READ: of the checkpoint; BACK: what stays */
	uint64_t to;             /* READ: where the chunk ends */
	uint32_t bytes, packing; /* READ: as GOSSIP_MESSAGE_PULL says */
	size_t memory_max;       /* PARSE: that the chunk may take */
	uint64_t lacked;         /* PARSE: entries that all logs together lack */

	/* After all but PARSE and READ: where each log that was touched stands, and the vector.
	 */
	size_t place_count;
	struct gossip_job_place places[GOSSIP_JOB_HEADS_MAX];
	struct catalog_hash vector;
};

_Static_assert(GOSSIP_JOB_CHUNKS_MAX <= GOSSIP_JOB_HEADS_MAX, "each may be of another log");

/* Make a job with nothing in it.  The caller owns it.  NULL when out of memory. */
struct gossip_job *gossip_job_new(enum gossip_job_kind kind);
void gossip_job_free(struct gossip_job *job); /* NULL is allowed */

/* Look where log stands, for the job's places; also what node/ needs at its start. Returns 0,
 * -ENOMEM, -EIO. */
int gossip_job_look(struct catalog_txn *txn, uint32_t log, struct gossip_job_place *ret_place);

#endif
