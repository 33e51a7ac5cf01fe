/* catalog/armour.h - bytes as a block of text that survives a mail: what is around it is passed
 * over.
 *
 *   -----BEGIN FEDCAT AMENDMENT-----
 *   <base64, 64 characters a line>
 *   -----END FEDCAT AMENDMENT-----
 */
#ifndef CATALOG_ARMOUR_H
#define CATALOG_ARMOUR_H

#include "catalog/buffer.h"

/* Append the block; what is one word or more in capitals.  Returns 0, -ENOMEM. */
int catalog_armour_write(const char *what, struct catalog_span bytes, struct catalog_buffer *text);

/* Append the bytes of the first such block in a text from anybody.  Returns 0, -EBADMSG if there is
 * none or it is damaged, -ENOMEM. */
int catalog_armour_read(const char *what, struct catalog_span text, struct catalog_buffer *bytes);

#endif
