/* catalog/reader_text.h - text as people read it: HTML becomes plain text, control characters go.
 */
#ifndef CATALOG_READER_TEXT_H
#define CATALOG_READER_TEXT_H

#include <stdbool.h>

#include "catalog/buffer.h"

/* Append text, cleaned: tags and character references of HTML resolved where text is HTML,
 * control characters dropped, line ends as "\n", white space around it trimmed.  *ret_repaired
 * says whether more than white space changed.  Returns 0, -ENOMEM. */
int catalog_reader_text_clean(struct catalog_span text, struct catalog_buffer *buffer,
			      bool *ret_repaired);

#endif
