/* tools/progress.h - a bar on the terminal for what takes longer than a second; nothing elsewhere.
 *
 * Time  milliseconds on any monotonic clock.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/terminal.h"

#define TOOLS_PROGRESS_AFTER_MS 1000 /* what is done by then shows no bar */
#define TOOLS_PROGRESS_EVERY_MS 100

/* A plain value; terminal is borrowed. */
struct tools_progress {
	const struct tools_terminal *terminal;
	uint64_t begin_ms, drawn_ms;
	bool is_drawn;
};

void tools_progress_init(struct tools_progress *progress, const struct tools_terminal *terminal,
			 uint64_t now_ms);

/* Say how far things are: done of total (0: unknown), and what in a few words. */
void tools_progress_update(struct tools_progress *progress, uint64_t done, uint64_t total,
			   const char *words, uint64_t now_ms);

/* Wipe the bar away, so that other text can follow.  It may be drawn again. */
void tools_progress_clear(struct tools_progress *progress);

#endif
