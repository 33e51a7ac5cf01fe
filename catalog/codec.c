/* catalog/codec.c - digested dictionaries are shared by all threads; contexts, which are not, are
 * lent from small pools. */
#include "catalog/codec.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <zstd.h>

#include "catalog/dictionary.h"
#include "catalog/hash.h"

#define ID_BYTES 4
#define LEVEL    3 /* what it costs is told in docs/architecture.md */
#define IDLE_MAX 8 /* contexts of each kind kept for the next caller */

struct pool {
	pthread_mutex_t lock;
	ZSTD_DCtx *dctx[IDLE_MAX];
	size_t dctx_count;
	ZSTD_CCtx *cctx[IDLE_MAX]; /* set up for this build's dictionary */
	size_t cctx_count;
};

struct dictionary {
	uint32_t id;
	ZSTD_DDict *ddict;
};

struct catalog_codec {
	uint32_t id;
	ZSTD_CDict *cdict;
	struct pool *pool;
	struct dictionary dictionaries[CATALOG_CODEC_DICTIONARIES_MAX];
	size_t count;
};

static uint32_t read_id(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static uint32_t id_of(struct catalog_span dictionary)
{
	struct catalog_hash hash;

	catalog_hash_of(dictionary.bytes, dictionary.len, &hash);
	return read_id(hash.bytes);
}

struct catalog_span catalog_codec_dictionary(uint32_t *ret_id)
{
	struct catalog_span own = {catalog_dictionary_bytes, catalog_dictionary_len};

	*ret_id = id_of(own);
	return own;
}

int catalog_codec_new(struct catalog_codec **ret_codec)
{
	struct catalog_codec *codec = calloc(1, sizeof *codec);
	struct catalog_span own;
	int r = -ENOMEM;

	if (codec == NULL)
		return -ENOMEM;
	own = catalog_codec_dictionary(&codec->id);
	codec->pool = calloc(1, sizeof *codec->pool);
	if (codec->pool == NULL)
		goto out;
	r = pthread_mutex_init(&codec->pool->lock, NULL);
	assert(r == 0);
	codec->cdict = ZSTD_createCDict(own.bytes, own.len, LEVEL);
	r = codec->cdict == NULL ? -ENOMEM : catalog_codec_add(codec, codec->id, own);
	if (r != 0)
		goto out;
	*ret_codec = codec;
	codec = NULL; /* the caller's now */
out:
	catalog_codec_free(codec);
	return r;
}

void catalog_codec_free(struct catalog_codec *codec)
{
	if (codec == NULL)
		return;
	for (size_t i = 0; i < codec->count; i++)
		ZSTD_freeDDict(codec->dictionaries[i].ddict);
	if (codec->pool != NULL) {
		for (size_t i = 0; i < codec->pool->dctx_count; i++)
			ZSTD_freeDCtx(codec->pool->dctx[i]);
		for (size_t i = 0; i < codec->pool->cctx_count; i++)
			ZSTD_freeCCtx(codec->pool->cctx[i]);
		pthread_mutex_destroy(&codec->pool->lock);
	}
	ZSTD_freeCDict(codec->cdict);
	free(codec->pool);
	free(codec);
}

uint32_t catalog_codec_id(const struct catalog_codec *codec)
{
	return codec->id;
}

static const ZSTD_DDict *find(const struct catalog_codec *codec, uint32_t id)
{
	for (size_t i = 0; i < codec->count; i++)
		if (codec->dictionaries[i].id == id)
			return codec->dictionaries[i].ddict;
	return NULL;
}

int catalog_codec_add(struct catalog_codec *codec, uint32_t id, struct catalog_span dictionary)
{
	ZSTD_DDict *ddict;

	if (id_of(dictionary) != id)
		return -EBADMSG;
	if (find(codec, id) != NULL)
		return -EEXIST;
	if (codec->count == CATALOG_CODEC_DICTIONARIES_MAX)
		return -ENOSPC;
	ddict = ZSTD_createDDict(dictionary.bytes, dictionary.len);
	if (ddict == NULL)
		return -ENOMEM;
	codec->dictionaries[codec->count++] = (struct dictionary){id, ddict};
	return 0;
}

/* NULL if there is no memory. */
static ZSTD_CCtx *borrow_cctx(const struct catalog_codec *codec)
{
	struct pool *pool = codec->pool;
	ZSTD_CCtx *cctx = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->cctx_count > 0)
		cctx = pool->cctx[--pool->cctx_count];
	pthread_mutex_unlock(&pool->lock);
	if (cctx != NULL)
		return cctx;
	cctx = ZSTD_createCCtx();
	if (cctx == NULL || ZSTD_isError(ZSTD_CCtx_refCDict(cctx, codec->cdict)) ||
	    /* Our own id stands before the frame. */
	    ZSTD_isError(ZSTD_CCtx_setParameter(cctx, ZSTD_c_dictIDFlag, 0))) {
		ZSTD_freeCCtx(cctx);
		return NULL;
	}
	return cctx;
}

static void give_back_cctx(const struct catalog_codec *codec, ZSTD_CCtx *cctx)
{
	struct pool *pool = codec->pool;

	pthread_mutex_lock(&pool->lock);
	if (pool->cctx_count < IDLE_MAX) {
		pool->cctx[pool->cctx_count++] = cctx;
		cctx = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	ZSTD_freeCCtx(cctx);
}

int catalog_codec_pack(const struct catalog_codec *codec, struct catalog_span bytes,
		       struct catalog_buffer *buffer)
{
	size_t bound = ZSTD_compressBound(bytes.len), len;
	ZSTD_CCtx *cctx;
	uint8_t *at;
	int r;

	assert(!ZSTD_isError(bound));
	r = catalog_buffer_reserve(buffer, ID_BYTES + bound);
	if (r != 0)
		return r;
	at = buffer->bytes + buffer->len;
	for (size_t i = 0; i < ID_BYTES; i++)
		at[i] = (uint8_t)(codec->id >> (8 * i));
	cctx = borrow_cctx(codec);
	if (cctx == NULL)
		return -ENOMEM;
	len = ZSTD_compress2(cctx, at + ID_BYTES, bound, bytes.bytes, bytes.len);
	give_back_cctx(codec, cctx);
	if (ZSTD_isError(len))
		return -ENOMEM; /* there was room for it, so its tables were not to be had */
	buffer->len += ID_BYTES + len;
	return 0;
}

static ZSTD_DCtx *borrow(struct pool *pool)
{
	ZSTD_DCtx *dctx = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->dctx_count > 0)
		dctx = pool->dctx[--pool->dctx_count];
	pthread_mutex_unlock(&pool->lock);
	return dctx != NULL ? dctx : ZSTD_createDCtx();
}

static void give_back(struct pool *pool, ZSTD_DCtx *dctx)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->dctx_count < IDLE_MAX) {
		pool->dctx[pool->dctx_count++] = dctx;
		dctx = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	ZSTD_freeDCtx(dctx);
}

int catalog_codec_unpack(const struct catalog_codec *codec, struct catalog_span packed,
			 size_t bytes_max, struct catalog_buffer *buffer)
{
	const ZSTD_DDict *ddict;
	unsigned long long content;
	ZSTD_DCtx *dctx;
	size_t len;
	int r;

	if (packed.len < ID_BYTES)
		return -EBADMSG;
	ddict = find(codec, read_id(packed.bytes));
	if (ddict == NULL)
		return -ENOENT;
	packed.bytes += ID_BYTES;
	packed.len -= ID_BYTES;
	content = ZSTD_getFrameContentSize(packed.bytes, packed.len);
	if (content == ZSTD_CONTENTSIZE_ERROR || content == ZSTD_CONTENTSIZE_UNKNOWN)
		return -EBADMSG;
	if (content > bytes_max)
		return -E2BIG;
	r = catalog_buffer_reserve(buffer, (size_t)content);
	if (r != 0)
		return r;
	dctx = borrow(codec->pool);
	if (dctx == NULL)
		return -ENOMEM;
	len = ZSTD_decompress_usingDDict(dctx, buffer->bytes + buffer->len, (size_t)content,
					 packed.bytes, packed.len, ddict);
	give_back(codec->pool, dctx);
	if (ZSTD_isError(len) || len != content)
		return -EBADMSG;
	buffer->len += len;
	return 0;
}
