#include "tools/progress.h"

#include <assert.h>

#define BAR_COLUMNS   24
#define BLOCK_FULL    "\xe2\x96\x88" /* U+2588 */
#define BLOCK_LIGHT   "\xe2\x96\x91" /* U+2591 */
#define COLUMNS_LEAST 50             /* narrower shows words only */

void tools_progress_init(struct tools_progress *progress, const struct tools_terminal *terminal,
			 uint64_t now_ms)
{
	*progress = (struct tools_progress){.terminal = terminal, .begin_ms = now_ms};
}

void tools_progress_update(struct tools_progress *progress, uint64_t done, uint64_t total,
			   const char *words, uint64_t now_ms)
{
	const struct tools_terminal *terminal = progress->terminal;
	unsigned room = terminal->columns;

	if (!terminal->moves || now_ms - progress->begin_ms < TOOLS_PROGRESS_AFTER_MS ||
	    (progress->is_drawn && now_ms - progress->drawn_ms < TOOLS_PROGRESS_EVERY_MS))
		return;
	tools_terminal_print(terminal, "\r\033[K");
	if (total > 0 && room >= COLUMNS_LEAST) {
		double part = done < total ? (double)done / (double)total : 1.0;
		unsigned full = (unsigned)(part * BAR_COLUMNS);

		tools_terminal_print(terminal, "%s", terminal->colour ? "\033[32m" : "");
		for (unsigned i = 0; i < BAR_COLUMNS; i++)
			tools_terminal_print(terminal, "%s", i < full ? BLOCK_FULL : BLOCK_LIGHT);
		tools_terminal_print(terminal, "%s %3u %%  ", terminal->colour ? "\033[0m" : "",
				     (unsigned)(part * 100));
		room -= BAR_COLUMNS + 8;
	}
	/* A column stays free: the cursor would wrap to the next line. */
	assert(room > 1);
	if (tools_terminal_width(words) < room)
		tools_terminal_text(terminal, TOOLS_TERMINAL_PLAIN, words);
	else
		tools_terminal_cell(terminal, TOOLS_TERMINAL_PLAIN, words, room - 1);
	(void)fflush(terminal->file); /* a bar that cannot be drawn is no loss */
	progress->is_drawn = true;
	progress->drawn_ms = now_ms;
}

void tools_progress_clear(struct tools_progress *progress)
{
	if (!progress->is_drawn)
		return;
	tools_terminal_print(progress->terminal, "\r\033[K");
	(void)fflush(progress->terminal->file); /* as above */
	progress->is_drawn = false;
}
