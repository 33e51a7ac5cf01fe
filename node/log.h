/* node/log.h - one line per event on a file descriptor: time, level, what was tried on what, why
 * it failed.
 *
 * Threads  any, several at once: a line is one write.
 * Limits   a line is cut at NODE_LOG_LINE_BYTES; of what is said about one peer, only the first
 *          NODE_LOG_PEER_LINES_MAX lines in a minute are written, and how many were left out is
 *          said later, so that a peer that errs for ever does not fill the disk.
 */
#ifndef NODE_LOG_H
#define NODE_LOG_H

#include "node/config.h"

#define NODE_LOG_LINE_BYTES     1200 /* with the newline */
#define NODE_LOG_PEERS_MAX      64   /* that lines are counted for at a time */
#define NODE_LOG_PEER_LINES_MAX 4    /* in a minute */
#define NODE_LOG_MINUTE_MS      60000

struct node_log;

/* Write lines of this level and more serious ones to fd, which is borrowed.  The caller owns
 * *ret_log.  Returns 0, -ENOMEM. */
int node_log_new(int fd, enum node_config_level level, struct node_log **ret_log);
void node_log_free(struct node_log *log); /* NULL is allowed */

/* Write a line, formatted as by printf.  Control characters, which might come from others, are
 * written as "?". */
void node_log_line(struct node_log *log, enum node_config_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, of what a peer did: limited per peer.  now_ms is on a monotonic clock. */
void node_log_peer(struct node_log *log, enum node_config_level level, const char *peer,
		   uint64_t now_ms, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* How many lines of this level there were since the log began, left out or not. */
uint64_t node_log_count(struct node_log *log, enum node_config_level level);

#endif
