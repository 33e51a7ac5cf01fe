#include "node/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#define PEER_BYTES 64

/* How much was said about one peer since began_ms. */
struct tally {
	char peer[PEER_BYTES]; /* "": free */
	uint64_t began_ms;
	unsigned written, left_out;
};

struct node_log {
	int fd;
	enum node_config_level level;
	atomic_uint_least64_t counts[NODE_CONFIG_DEBUG + 1]; /* by level */
	uv_mutex_t mutex;                                    /* of tallies */
	struct tally tallies[NODE_LOG_PEERS_MAX];
};

int node_log_new(int fd, enum node_config_level level, struct node_log **ret_log)
{
	struct node_log *log = calloc(1, sizeof *log);

	assert(fd >= 0);
	if (log == NULL)
		return -ENOMEM;
	if (uv_mutex_init(&log->mutex) != 0) {
		free(log);
		return -ENOMEM;
	}
	log->fd = fd;
	log->level = level;
	*ret_log = log;
	return 0;
}

void node_log_free(struct node_log *log)
{
	if (log == NULL)
		return;
	uv_mutex_destroy(&log->mutex);
	free(log);
}

static const char *level_word(enum node_config_level level)
{
	switch (level) {
	case NODE_CONFIG_ERROR: return "error";
	case NODE_CONFIG_WARNING: return "warning";
	case NODE_CONFIG_INFO: return "info";
	case NODE_CONFIG_DEBUG: return "debug";
	}
	assert(false); /* not a level */
	return "";
}

__attribute__((format(printf, 3, 0))) static void
write_line(struct node_log *log, enum node_config_level level, const char *format, va_list args)
{
	char line[NODE_LOG_LINE_BYTES];
	struct timespec now = {0};
	struct tm utc = {0};
	size_t len, from;
	int n;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* else 1970: still a line */
	(void)gmtime_r(&now.tv_sec, &utc);
	len = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
	from = len + (size_t)snprintf(line + len, sizeof line - len, ".%03dZ %-7s ",
				      (int)(now.tv_nsec / 1000000), level_word(level));
	n = vsnprintf(line + from, sizeof line - from - 1, format, args);
	len = from + (n < 0 ? 0 : (size_t)n);
	if (len > sizeof line - 2)
		len = sizeof line - 2; /* cut: it informs people */
	for (size_t i = from; i < len; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	}
	line[len++] = '\n';
	/* Nobody can be told that the log cannot be written. */
	while (write(log->fd, line, len) < 0 && errno == EINTR)
		;
}

void node_log_line(struct node_log *log, enum node_config_level level, const char *format, ...)
{
	va_list args;

	atomic_fetch_add(&log->counts[level], 1);
	if (level > log->level)
		return;
	va_start(args, format);
	write_line(log, level, format, args);
	va_end(args);
}

/* The tally of peer; else the one that began first, given to it. */
static struct tally *find_tally(struct node_log *log, const char *peer, uint64_t now_ms)
{
	struct tally *oldest = &log->tallies[0];

	for (size_t i = 0; i < NODE_LOG_PEERS_MAX; i++) {
		struct tally *tally = &log->tallies[i];

		if (strncmp(tally->peer, peer, PEER_BYTES - 1) == 0 && tally->peer[0] != '\0')
			return tally;
		if (tally->began_ms < oldest->began_ms)
			oldest = tally;
	}
	memset(oldest, 0, sizeof *oldest);
	(void)snprintf(oldest->peer, sizeof oldest->peer, "%s", peer); /* cut: a key */
	oldest->began_ms = now_ms;
	return oldest;
}

void node_log_peer(struct node_log *log, enum node_config_level level, const char *peer,
		   uint64_t now_ms, const char *format, ...)
{
	struct tally *tally;
	unsigned left_out = 0;
	bool speak;
	va_list args;

	atomic_fetch_add(&log->counts[level], 1);
	if (level > log->level)
		return;
	uv_mutex_lock(&log->mutex);
	tally = find_tally(log, peer, now_ms);
	if (now_ms - tally->began_ms >= NODE_LOG_MINUTE_MS) {
		left_out = tally->left_out;
		tally->began_ms = now_ms;
		tally->written = tally->left_out = 0;
	}
	speak = tally->written < NODE_LOG_PEER_LINES_MAX;
	if (speak)
		tally->written++;
	else
		tally->left_out++;
	uv_mutex_unlock(&log->mutex);
	if (left_out > 0)
		node_log_line(log, level, "%s: %u more lines about it were left out", peer,
			      left_out);
	if (!speak)
		return;
	va_start(args, format);
	write_line(log, level, format, args);
	va_end(args);
}

uint64_t node_log_count(struct node_log *log, enum node_config_level level)
{
	return atomic_load(&log->counts[level]);
}
