#include "catalog/note_pack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "catalog/checkpoint.h"
#include "catalog/hash.h"
#include "catalog/note.h"

#define PACKED    0x01
#define LEN_MAX   UINT8_MAX
#define NAME_ROOM (LEN_MAX + 1)

/* --- packing ---------------------------------------------------------------------------------- */

static int append_byte(struct catalog_buffer *buffer, size_t byte)
{
	return catalog_buffer_append(buffer, &(uint8_t){(uint8_t)byte}, 1);
}

/* One signature line.  Returns 0, -EBADMSG if it has no packed form, -ENOMEM. */
static int pack_line(struct catalog_span *lines, const char *origin, struct catalog_buffer *packed)
{
	struct catalog_note_signature line;
	uint8_t blob[LEN_MAX];
	size_t len = 0;
	int r;

	if (catalog_note_next(lines, &line) != 0 ||
	    catalog_note_base64(line.base64, blob, sizeof blob, &len) != 0)
		return -EBADMSG;
	if (catalog_note_is(line.name, origin))
		line.name.len = 0;
	if (line.name.len > LEN_MAX)
		return -EBADMSG;
	if ((r = append_byte(packed, line.name.len)) != 0 ||
	    (r = catalog_buffer_append(packed, line.name.bytes, line.name.len)) != 0 ||
	    (r = append_byte(packed, len)) != 0)
		return r;
	return catalog_buffer_append(packed, blob, len);
}

static int pack(struct catalog_span note, const char *origin, struct catalog_buffer *packed)
{
	struct catalog_span text = {0}, lines = {0}, line = {0};
	struct catalog_hash root;
	size_t len = 0;
	int r;

	if (catalog_note_split(note, &text, &lines) != 0 || catalog_note_line(&text, &line) != 0 ||
	    catalog_note_line(&text, &line) != 0 || catalog_note_line(&text, &line) != 0 ||
	    catalog_note_base64(line, root.bytes, sizeof root.bytes, &len) != 0 ||
	    len != sizeof root.bytes)
		return -EBADMSG;
	if ((r = append_byte(packed, PACKED)) != 0 ||
	    (r = catalog_buffer_append(packed, root.bytes, sizeof root.bytes)) != 0)
		return r;
	while (lines.len > 0 && r == 0)
		r = pack_line(&lines, origin, packed);
	return r;
}

int catalog_note_pack_make(struct catalog_span note, const char *origin, uint64_t size,
		      struct catalog_buffer *ret_packed)
{
	size_t before = ret_packed->len;
	struct catalog_buffer again = {0};
	int r = pack(note, origin, ret_packed);

	if (r == 0)
		r = catalog_note_pack_read(
			(struct catalog_span){ret_packed->bytes + before, ret_packed->len - before},
			origin, size, &again);
	/* What is not as we write it ourselves, whatever it is, goes as it is. */
	if (r != -ENOMEM &&
	    (r != 0 || again.len != note.len || memcmp(again.bytes, note.bytes, note.len) != 0)) {
		ret_packed->len = before;
		r = catalog_buffer_append(ret_packed, note.bytes, note.len);
	}
	catalog_buffer_close(&again);
	if (r != 0)
		ret_packed->len = before;
	return r;
}

/* --- unpacking -------------------------------------------------------------------------------- */

/* Take len bytes off packed.  Returns 0, -EBADMSG. */
static int take(struct catalog_span *packed, size_t len, struct catalog_span *ret_bytes)
{
	if (packed->len < len)
		return -EBADMSG;
	*ret_bytes = (struct catalog_span){packed->bytes, len};
	packed->bytes += len;
	packed->len -= len;
	return 0;
}

/* Bytes that follow their length. */
static int take_counted(struct catalog_span *packed, struct catalog_span *ret_bytes)
{
	struct catalog_span len;

	return take(packed, 1, &len) != 0 ? -EBADMSG : take(packed, len.bytes[0], ret_bytes);
}

static int unpack_line(struct catalog_span *packed, const char *origin, struct catalog_buffer *note)
{
	struct catalog_span name, blob;
	char text[NAME_ROOM] = {0};

	if (take_counted(packed, &name) != 0 || take_counted(packed, &blob) != 0 || blob.len == 0 ||
	    memchr(name.bytes, '\0', name.len) != NULL)
		return -EBADMSG;
	memcpy(text, name.bytes, name.len);
	return catalog_note_append(note, name.len > 0 ? text : origin, blob.bytes, blob.len);
}

static int unpack(struct catalog_span packed, const char *origin, uint64_t size,
		  struct catalog_buffer *note)
{
	struct catalog_span kind, root;
	size_t before = note->len;
	int r;

	if (take(&packed, 1, &kind) != 0 || take(&packed, sizeof(struct catalog_hash), &root) != 0)
		return -EBADMSG;
	if ((r = catalog_buffer_print(note, "%s\n%" PRIu64 "\n", origin, size)) != 0 ||
	    (r = catalog_note_append_base64(note, root)) != 0 ||
	    (r = catalog_buffer_append(note, "\n\n", 2)) != 0)
		return r;
	while (packed.len > 0 && r == 0) {
		r = unpack_line(&packed, origin, note);
		if (r == 0 && note->len - before > CATALOG_CHECKPOINT_BYTES_MAX)
			r = -E2BIG;
	}
	return r;
}

int catalog_note_pack_read(struct catalog_span packed, const char *origin, uint64_t size,
			struct catalog_buffer *ret_note)
{
	size_t before = ret_note->len;
	int r;

	if (packed.len > CATALOG_CHECKPOINT_BYTES_MAX)
		return -E2BIG;
	if (packed.len == 0)
		return -EBADMSG;
	r = packed.bytes[0] != PACKED ? catalog_buffer_append(ret_note, packed.bytes, packed.len)
				      : unpack(packed, origin, size, ret_note);
	if (r != 0)
		ret_note->len = before;
	return r;
}
