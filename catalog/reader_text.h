/* catalog/reader_text.h - text as people read it: HTML becomes plain text, control characters go.
 */
#ifndef CATALOG_READER_TEXT_H
#define CATALOG_READER_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/buffer.h"

/* What a control character from U+0080 to U+009F was before somebody took Windows-1252 for Latin-1:
 * a dash, a quote, ...; "" for those five that were nothing. */
const char *catalog_reader_text_from_control(uint32_t control);

/* Append text, cleaned: tags and character references of HTML resolved where text is HTML,
 * control characters dropped or, from U+0080 on, read as Windows-1252, line ends as "\n", white
 * space around it trimmed.  *ret_repaired says whether more than white space changed.  Returns 0,
 * -ENOMEM. */
int catalog_reader_text_clean(struct catalog_span text, struct catalog_buffer *buffer,
			      bool *ret_repaired);

#endif
