/* catalog/note_pack.h - a checkpoint's note in fewer bytes, for who knows whose it is and of which
 * size: text becomes bytes, base64 what it stands for, about half.
 *
 *   0x01                     (no note begins with it)
 *   root                     32 bytes
 *   for each signature line  u8 length of its name, the name (0: the origin);
 *                            u8 length of what its base64 stands for, those bytes
 *
 * What cannot be packed so that the same bytes come out stays as it is.  Nothing here believes.
 */
#ifndef CATALOG_NOTE_PACK_H
#define CATALOG_NOTE_PACK_H

#include <stdint.h>

#include "catalog/buffer.h"

/* Append the packed form of a note of that origin and size, or the note as it is.
 * Returns 0, -ENOMEM. */
int catalog_note_pack_make(struct catalog_span note, const char *origin, uint64_t size,
		      struct catalog_buffer *ret_packed);

/* Append the note that packed stands for, at most CATALOG_CHECKPOINT_BYTES_MAX.
 * Returns 0, -EBADMSG, -E2BIG, -ENOMEM. */
int catalog_note_pack_read(struct catalog_span packed, const char *origin, uint64_t size,
			struct catalog_buffer *ret_note);

#endif
