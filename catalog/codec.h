/* catalog/codec.h - entries compressed for the disk: zstd with a dictionary made at build time.
 *
 * A packed value is: dictionary id (u32 little-endian), then a zstd frame with its content size.
 * The dictionary's id is the first 4 bytes of its SHA-256, so a build that makes another never
 * mistakes one for the other; the store keeps every dictionary that its values name.
 */
#ifndef CATALOG_CODEC_H
#define CATALOG_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

#define CATALOG_CODEC_DICTIONARIES_MAX 64

/* The dictionary that this build compresses with, borrowed for ever. */
struct catalog_span catalog_codec_dictionary(uint32_t *ret_id);

/* Make a codec that knows this build's dictionary.  The caller owns *ret_codec and ends it with
 * catalog_codec_free().  Returns 0, -ENOMEM. */
struct catalog_codec;
int catalog_codec_new(struct catalog_codec **ret_codec);
void catalog_codec_free(struct catalog_codec *codec);

/* The id of the dictionary that it packs with. */
uint32_t catalog_codec_id(const struct catalog_codec *codec);

/* Make an older dictionary known (copied), before any other thread uses the codec.  Returns 0,
 * -EEXIST, -EBADMSG if id is not its id, -ENOSPC beyond CATALOG_CODEC_DICTIONARIES_MAX, -ENOMEM. */
int catalog_codec_add(struct catalog_codec *codec, uint32_t id, struct catalog_span dictionary);

/* Append the packed form of bytes.  Any number of threads.  Returns 0, -ENOMEM. */
int catalog_codec_pack(const struct catalog_codec *codec, struct catalog_span bytes,
		       struct catalog_buffer *buffer);

/* Append what was packed; at most bytes_max.  Any number of threads.  Returns 0, -ENOENT if its
 * dictionary is not known, -EBADMSG, -E2BIG, -ENOMEM. */
int catalog_codec_unpack(const struct catalog_codec *codec, struct catalog_span packed,
			 size_t bytes_max, struct catalog_buffer *buffer);

#endif
