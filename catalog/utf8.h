/* catalog/utf8.h - whether bytes are UTF-8, and which characters they spell (RFC 3629). */
#ifndef CATALOG_UTF8_H
#define CATALOG_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read the character at the start of the len bytes at text, which are borrowed.
 * Returns how many bytes it takes (1..4), or -EBADMSG if there is no valid character: cut short,
 * overlong, a surrogate, beyond U+10FFFF, or len is 0. */
int catalog_utf8_next(const char *text, size_t len, uint32_t *ret_character);

/* Check that all len bytes at text are UTF-8.  Returns 0, -EBADMSG. */
int catalog_utf8_check(const char *text, size_t len);

/* Whether all len bytes at text are UTF-8 without control characters; with lines, tabs and line
 * feeds may be there. */
bool catalog_utf8_is_text(const char *text, size_t len, bool lines);

#endif
