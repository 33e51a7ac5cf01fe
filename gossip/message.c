#include "gossip/message.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

#include "catalog/amendment.h"
#include "catalog/chunk.h"
#include "catalog/fork.h"
#include "catalog/wire.h"
#include "gossip/frame.h"

#define SIZE_MAX_OF_LOG (UINT64_MAX / 2)
#define TIME_MAX        ((uint64_t)INT64_MAX)
#define PLACE_FIELDS    6
#define HEAD_FIELDS     5
#define RANGE_FIELDS    2
#define STEP_FIELDS     2
#define VECTOR_ANSWER   1u
#define VECTOR_PARTIAL  2u

/* --- writing --------------------------------------------------------------------------------- */

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static int pack_bin(msgpack_packer *pk, const void *bytes, size_t len)
{
	int r = msgpack_pack_bin(pk, len);

	return r != 0 ? r : msgpack_pack_bin_body(pk, bytes, len);
}

/* The array and its first element. */
static int pack_begin(msgpack_packer *pk, size_t fields, enum gossip_message_kind kind)
{
	int r = msgpack_pack_array(pk, 1 + fields);

	return r != 0 ? r : msgpack_pack_unsigned_int(pk, kind);
}

static int pack_hello(msgpack_packer *pk, const struct gossip_hello *hello)
{
	int r;

	if ((r = msgpack_pack_uint32(pk, hello->version)) != 0 ||
	    (r = msgpack_pack_uint64(pk, hello->amendment)) != 0 ||
	    (r = msgpack_pack_uint32(pk, hello->member)) != 0 ||
	    (r = msgpack_pack_uint64(pk, hello->incarnation)) != 0)
		return r;
	r = pack_bin(pk, hello->vector.bytes, sizeof hello->vector.bytes);
	if (r == 0)
		r = pack_bin(pk, hello->course.bytes, sizeof hello->course.bytes);
	return r != 0 ? r : msgpack_pack_unsigned_int(pk, hello->is_leaf);
}

static int pack_vector(msgpack_packer *pk, const struct gossip_vector *vector)
{
	int r;

	assert(vector->count <= GOSSIP_MESSAGE_PLACES_MAX);
	if ((r = msgpack_pack_unsigned_int(
		     pk, (vector->is_answer ? VECTOR_ANSWER : 0) |
				 (vector->is_partial ? VECTOR_PARTIAL : 0))) != 0 ||
	    (r = msgpack_pack_unsigned_int(pk, vector->is_last)) != 0 ||
	    (r = msgpack_pack_array(pk, PLACE_FIELDS * vector->count)) != 0)
		return r;
	for (size_t i = 0; i < vector->count && r == 0; i++) {
		const struct gossip_place *place = &vector->places[i];

		if ((r = msgpack_pack_uint32(pk, place->log)) == 0 &&
		    (r = msgpack_pack_unsigned_int(pk, place->is_forked)) == 0 &&
		    (r = msgpack_pack_uint64(pk, place->target)) == 0 &&
		    (r = msgpack_pack_uint64(pk, place->held)) == 0 &&
		    (r = msgpack_pack_uint64(pk, place->attested_s)) == 0)
			r = pack_bin(pk, place->root, sizeof place->root);
	}
	return r;
}

static int pack_heads(msgpack_packer *pk, const struct gossip_heads *heads)
{
	int r;

	assert(heads->count <= GOSSIP_MESSAGE_HEADS_MAX);
	r = msgpack_pack_array(pk, HEAD_FIELDS * heads->count);
	for (size_t i = 0; i < heads->count && r == 0; i++) {
		const struct gossip_head *head = &heads->heads[i];

		if ((r = msgpack_pack_uint32(pk, head->log)) == 0 &&
		    (r = msgpack_pack_uint64(pk, head->size)) == 0 &&
		    (r = msgpack_pack_uint64(pk, head->held)) == 0 &&
		    (r = msgpack_pack_uint64(pk, head->attested_s)) == 0)
			r = pack_bin(pk, head->note.bytes, head->note.len);
	}
	return r;
}

static int pack_pull(msgpack_packer *pk, const struct gossip_pull_ask *pull)
{
	int r;

	if ((r = msgpack_pack_uint32(pk, pull->request)) != 0 ||
	    (r = msgpack_pack_uint32(pk, pull->log)) != 0 ||
	    (r = msgpack_pack_uint64(pk, pull->from)) != 0 ||
	    (r = msgpack_pack_uint64(pk, pull->to)) != 0)
		return r;
	if ((r = msgpack_pack_uint64(pk, pull->size)) != 0 ||
	    (r = msgpack_pack_uint32(pk, pull->bytes)) != 0)
		return r;
	return msgpack_pack_uint32(pk, pull->packing);
}

static int pack_fork(msgpack_packer *pk, const struct gossip_fork *fork)
{
	int r = msgpack_pack_uint32(pk, fork->log);

	return r != 0 ? r : pack_bin(pk, fork->proof.bytes, fork->proof.len);
}

static int pack_cosign(msgpack_packer *pk, const struct gossip_cosign *cosign, bool has_line)
{
	int r;

	if ((r = msgpack_pack_uint32(pk, cosign->log)) != 0 ||
	    (r = msgpack_pack_uint64(pk, cosign->size)) != 0 || !has_line)
		return r;
	assert(cosign->line.len <= GOSSIP_MESSAGE_LINE_MAX);
	return pack_bin(pk, cosign->line.bytes, cosign->line.len);
}

static int pack_amendment(msgpack_packer *pk, const struct gossip_amendment *amendment)
{
	int r;

	assert(amendment->part.len <= GOSSIP_MESSAGE_PART_MAX);
	if ((r = msgpack_pack_uint64(pk, amendment->number)) != 0 ||
	    (r = msgpack_pack_uint32(pk, amendment->len_all)) != 0 ||
	    (r = msgpack_pack_uint32(pk, amendment->at)) != 0)
		return r;
	return pack_bin(pk, amendment->part.bytes, amendment->part.len);
}

static int pack_digests(msgpack_packer *pk, const struct gossip_digests *digests)
{
	int r;

	assert(digests->count <= GOSSIP_MESSAGE_RANGES_MAX);
	if ((r = msgpack_pack_uint32(pk, digests->salt)) != 0 ||
	    (r = msgpack_pack_uint32(pk, digests->span)) != 0 ||
	    (r = msgpack_pack_array(pk, RANGE_FIELDS * digests->count)) != 0)
		return r;
	for (size_t i = 0; i < digests->count && r == 0; i++) {
		const struct gossip_range *range = &digests->ranges[i];

		assert(range->count <= GOSSIP_MESSAGE_DIGESTS_MAX);
		r = msgpack_pack_uint32(pk, range->first);
		if (r == 0)
			r = pack_bin(pk, range->digests,
				     range->count * GOSSIP_MESSAGE_DIGEST_BYTES);
	}
	return r;
}

static int pack_trail(msgpack_packer *pk, const struct gossip_trail *trail)
{
	int r;

	assert(trail->conflict_count <= CATALOG_CHARTER_CONFLICTS_MAX);
	assert(trail->count <= GOSSIP_MESSAGE_STEPS_MAX);
	if ((r = msgpack_pack_unsigned_int(pk, trail->is_answer)) != 0 ||
	    (r = msgpack_pack_array(pk, trail->conflict_count)) != 0)
		return r;
	for (size_t i = 0; i < trail->conflict_count && r == 0; i++)
		r = msgpack_pack_uint64(pk, trail->conflicts[i]);
	if (r == 0)
		r = msgpack_pack_array(pk, STEP_FIELDS * trail->count);
	for (size_t i = 0; i < trail->count && r == 0; i++) {
		const struct gossip_step *step = &trail->steps[i];

		r = msgpack_pack_uint64(pk, step->number);
		if (r == 0)
			r = pack_bin(pk, step->hash.bytes, sizeof step->hash.bytes);
	}
	return r;
}

static size_t field_count(enum gossip_message_kind kind)
{
	switch (kind) {
	case GOSSIP_MESSAGE_HELLO:
	case GOSSIP_MESSAGE_PULL: return 7;
	case GOSSIP_MESSAGE_AMENDMENT: return 4;
	case GOSSIP_MESSAGE_VECTOR:
	case GOSSIP_MESSAGE_DIGESTS:
	case GOSSIP_MESSAGE_TRAIL:
	case GOSSIP_MESSAGE_COSIGNED: return 3;
	case GOSSIP_MESSAGE_CHUNK:
	case GOSSIP_MESSAGE_FORK:
	case GOSSIP_MESSAGE_COSIGN: return 2;
	case GOSSIP_MESSAGE_HEADS:
	case GOSSIP_MESSAGE_NONE:
	case GOSSIP_MESSAGE_EQUAL:
	case GOSSIP_MESSAGE_PING:
	case GOSSIP_MESSAGE_PONG:
	case GOSSIP_MESSAGE_BYE: return 1;
	}
	return 0;
}

int gossip_message_encode(const struct gossip_message *message, struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, buffer, buffer_write);
	r = pack_begin(&pk, field_count(message->kind), message->kind);
	if (r != 0)
		goto out;
	switch (message->kind) {
	case GOSSIP_MESSAGE_HELLO: r = pack_hello(&pk, &message->as.hello); break;
	case GOSSIP_MESSAGE_VECTOR: r = pack_vector(&pk, &message->as.vector); break;
	case GOSSIP_MESSAGE_HEADS: r = pack_heads(&pk, &message->as.heads); break;
	case GOSSIP_MESSAGE_PULL: r = pack_pull(&pk, &message->as.pull); break;
	case GOSSIP_MESSAGE_CHUNK:
		r = msgpack_pack_uint32(&pk, message->as.chunk.request);
		if (r == 0)
			r = pack_bin(&pk, message->as.chunk.wire.bytes, message->as.chunk.wire.len);
		break;
	case GOSSIP_MESSAGE_NONE: r = msgpack_pack_uint32(&pk, message->as.none); break;
	case GOSSIP_MESSAGE_EQUAL:
		r = pack_bin(&pk, message->as.equal.bytes, sizeof message->as.equal.bytes);
		break;
	case GOSSIP_MESSAGE_PING:
	case GOSSIP_MESSAGE_PONG: r = msgpack_pack_uint64(&pk, message->as.ping); break;
	case GOSSIP_MESSAGE_BYE: r = pack_bin(&pk, message->as.bye, strlen(message->as.bye)); break;
	case GOSSIP_MESSAGE_FORK: r = pack_fork(&pk, &message->as.fork); break;
	case GOSSIP_MESSAGE_COSIGN: r = pack_cosign(&pk, &message->as.cosign, false); break;
	case GOSSIP_MESSAGE_COSIGNED: r = pack_cosign(&pk, &message->as.cosign, true); break;
	case GOSSIP_MESSAGE_AMENDMENT: r = pack_amendment(&pk, &message->as.amendment); break;
	case GOSSIP_MESSAGE_DIGESTS: r = pack_digests(&pk, &message->as.digests); break;
	case GOSSIP_MESSAGE_TRAIL: r = pack_trail(&pk, &message->as.trail); break;
	}
out:
	if (r != 0)
		buffer->len = before;
	return r != 0 ? -ENOMEM : 0;
}

/* --- reading --------------------------------------------------------------------------------- */

/* The elements of an array, taken one by one; what does not fit makes it bad. */
struct fields {
	const msgpack_object *at;
	size_t left;
	bool is_bad;
};

static const msgpack_object *take(struct fields *fields, msgpack_object_type type)
{
	if (fields->is_bad || fields->left == 0 || fields->at->type != type) {
		fields->is_bad = true;
		return NULL;
	}
	fields->left--;
	return fields->at++;
}

static uint64_t take_number(struct fields *fields, uint64_t max)
{
	const msgpack_object *o = take(fields, MSGPACK_OBJECT_POSITIVE_INTEGER);

	if (o != NULL && o->via.u64 <= max)
		return o->via.u64;
	fields->is_bad = true;
	return 0;
}

static struct catalog_span take_span(struct fields *fields)
{
	const msgpack_object *o = take(fields, MSGPACK_OBJECT_BIN);

	if (o == NULL)
		return (struct catalog_span){(const uint8_t *)"", 0};
	return (struct catalog_span){(const uint8_t *)o->via.bin.ptr, o->via.bin.size};
}

static void take_bytes(struct fields *fields, uint8_t *ret_bytes, size_t len)
{
	struct catalog_span span = take_span(fields);

	if (span.len == len)
		memcpy(ret_bytes, span.bytes, len);
	else
		fields->is_bad = true;
}

/* An array of so many items of so many elements each. */
static struct fields take_items(struct fields *fields, size_t each, size_t *ret_count)
{
	const msgpack_object *o = take(fields, MSGPACK_OBJECT_ARRAY);

	*ret_count = 0;
	if (o == NULL)
		return (struct fields){NULL, 0, true};
	if (o->via.array.size % each != 0)
		fields->is_bad = true;
	*ret_count = o->via.array.size / each;
	return (struct fields){o->via.array.ptr, o->via.array.size, fields->is_bad};
}

static void take_hello(struct fields *fields, struct gossip_hello *hello)
{
	hello->version = (uint32_t)take_number(fields, UINT32_MAX);
	hello->amendment = take_number(fields, SIZE_MAX_OF_LOG);
	hello->member = (uint32_t)take_number(fields, UINT32_MAX);
	hello->incarnation = take_number(fields, UINT64_MAX);
	take_bytes(fields, hello->vector.bytes, sizeof hello->vector.bytes);
	take_bytes(fields, hello->course.bytes, sizeof hello->course.bytes);
	hello->is_leaf = take_number(fields, 1) == 1;
}

static int take_vector(struct fields *fields, struct gossip_vector *vector)
{
	struct fields items;

	uint64_t flags = take_number(fields, VECTOR_ANSWER | VECTOR_PARTIAL);

	vector->is_answer = (flags & VECTOR_ANSWER) != 0;
	vector->is_partial = (flags & VECTOR_PARTIAL) != 0;
	vector->is_last = take_number(fields, 1) == 1;
	items = take_items(fields, PLACE_FIELDS, &vector->count);
	if (fields->is_bad)
		return 0;
	if (vector->count > GOSSIP_MESSAGE_PLACES_MAX)
		return -E2BIG;
	vector->places = calloc(vector->count + 1, sizeof *vector->places);
	if (vector->places == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < vector->count; i++) {
		struct gossip_place *place = &vector->places[i];

		place->log = (uint32_t)take_number(&items, UINT32_MAX - 1);
		place->is_forked = take_number(&items, 1) == 1;
		place->target = take_number(&items, SIZE_MAX_OF_LOG);
		place->held = take_number(&items, place->target);
		place->attested_s = take_number(&items, TIME_MAX);
		take_bytes(&items, place->root, sizeof place->root);
	}
	fields->is_bad |= items.is_bad;
	return 0;
}

static int take_heads(struct fields *fields, struct gossip_heads *heads)
{
	struct fields items = take_items(fields, HEAD_FIELDS, &heads->count);

	if (fields->is_bad)
		return 0;
	if (heads->count > GOSSIP_MESSAGE_HEADS_MAX)
		return -E2BIG;
	heads->heads = calloc(heads->count + 1, sizeof *heads->heads);
	if (heads->heads == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < heads->count; i++) {
		struct gossip_head *head = &heads->heads[i];

		head->log = (uint32_t)take_number(&items, UINT32_MAX - 1);
		head->size = take_number(&items, SIZE_MAX_OF_LOG);
		head->held = take_number(&items, head->size);
		head->attested_s = take_number(&items, TIME_MAX);
		head->note = take_span(&items);
	}
	fields->is_bad |= items.is_bad;
	return 0;
}

static void take_pull(struct fields *fields, struct gossip_pull_ask *pull)
{
	pull->request = (uint32_t)take_number(fields, UINT32_MAX);
	pull->log = (uint32_t)take_number(fields, UINT32_MAX - 1);
	pull->from = take_number(fields, SIZE_MAX_OF_LOG);
	pull->to = take_number(fields, SIZE_MAX_OF_LOG);
	pull->size = take_number(fields, SIZE_MAX_OF_LOG);
	pull->bytes = (uint32_t)take_number(fields, CATALOG_CHUNK_BYTES_MAX);
	pull->packing = (uint32_t)take_number(fields, UINT32_MAX);
	if (pull->from >= pull->to || pull->to > pull->size)
		fields->is_bad = true;
}

/* A reason is shown to people: printable ASCII, or a mark in its place. */
static void take_bye(struct fields *fields, char ret_text[GOSSIP_MESSAGE_TEXT_MAX + 1])
{
	struct catalog_span text = take_span(fields);

	if (text.len > GOSSIP_MESSAGE_TEXT_MAX) {
		fields->is_bad = true;
		return;
	}
	for (size_t i = 0; i < text.len; i++)
		ret_text[i] =
			text.bytes[i] >= ' ' && text.bytes[i] <= '~' ? (char)text.bytes[i] : '?';
	ret_text[text.len] = '\0';
}

static int take_fork(struct fields *fields, struct gossip_fork *fork)
{
	fork->log = (uint32_t)take_number(fields, UINT32_MAX - 1);
	fork->proof = take_span(fields);
	return fork->proof.len > CATALOG_FORK_BYTES_MAX ? -E2BIG : 0;
}

static int take_amendment(struct fields *fields, struct gossip_amendment *amendment)
{
	amendment->number = take_number(fields, SIZE_MAX_OF_LOG);
	amendment->len_all = (uint32_t)take_number(fields, CATALOG_AMENDMENT_BYTES_MAX);
	amendment->at = (uint32_t)take_number(fields, CATALOG_AMENDMENT_BYTES_MAX);
	amendment->part = take_span(fields);
	if (amendment->part.len > GOSSIP_MESSAGE_PART_MAX)
		return -E2BIG;
	if (amendment->len_all == 0)
		return amendment->at == 0 && amendment->part.len == sizeof(struct gossip_course)
			       ? 0
			       : -EBADMSG;
	return amendment->at + amendment->part.len > amendment->len_all || amendment->part.len == 0
		       ? -EBADMSG
		       : 0;
}

static int take_digests(struct fields *fields, struct gossip_digests *digests)
{
	struct fields items;

	digests->salt = (uint32_t)take_number(fields, UINT32_MAX);
	digests->span = (uint32_t)take_number(fields, UINT32_MAX);
	items = take_items(fields, RANGE_FIELDS, &digests->count);
	if (fields->is_bad)
		return 0;
	if (digests->count > GOSSIP_MESSAGE_RANGES_MAX)
		return -E2BIG;
	digests->ranges = calloc(digests->count + 1, sizeof *digests->ranges);
	if (digests->ranges == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < digests->count; i++) {
		struct gossip_range *range = &digests->ranges[i];
		struct catalog_span bytes;

		range->first = (uint32_t)take_number(&items, UINT32_MAX);
		bytes = take_span(&items);
		range->count = bytes.len / GOSSIP_MESSAGE_DIGEST_BYTES;
		if (bytes.len == 0 || bytes.len > sizeof range->digests ||
		    bytes.len % GOSSIP_MESSAGE_DIGEST_BYTES != 0) {
			fields->is_bad = true;
			return 0;
		}
		memcpy(range->digests, bytes.bytes, bytes.len);
	}
	fields->is_bad |= items.is_bad;
	return 0;
}

static int take_trail(struct fields *fields, struct gossip_trail *trail)
{
	struct fields items;

	trail->is_answer = take_number(fields, 1) == 1;
	items = take_items(fields, 1, &trail->conflict_count);
	if (fields->is_bad)
		return 0;
	if (trail->conflict_count > CATALOG_CHARTER_CONFLICTS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < trail->conflict_count; i++)
		trail->conflicts[i] = take_number(&items, SIZE_MAX_OF_LOG);
	fields->is_bad |= items.is_bad;
	items = take_items(fields, STEP_FIELDS, &trail->count);
	if (fields->is_bad)
		return 0;
	if (trail->count > GOSSIP_MESSAGE_STEPS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < trail->count; i++) {
		trail->steps[i].number = take_number(&items, SIZE_MAX_OF_LOG);
		take_bytes(&items, trail->steps[i].hash.bytes, sizeof trail->steps[i].hash.bytes);
	}
	fields->is_bad |= items.is_bad || trail->count == 0;
	return 0;
}

static int take_cosign(struct fields *fields, bool has_line, struct gossip_cosign *cosign)
{
	cosign->log = (uint32_t)take_number(fields, UINT32_MAX - 1);
	cosign->size = take_number(fields, SIZE_MAX_OF_LOG);
	if (has_line)
		cosign->line = take_span(fields);
	return cosign->line.len > GOSSIP_MESSAGE_LINE_MAX ? -E2BIG : 0;
}

static int from_object(const msgpack_object *o, struct gossip_message *message)
{
	struct fields fields = {0};
	uint64_t kind;
	int r = 0;

	if (o->type != MSGPACK_OBJECT_ARRAY)
		return -EBADMSG;
	fields = (struct fields){o->via.array.ptr, o->via.array.size, false};
	kind = take_number(&fields, GOSSIP_MESSAGE_TRAIL);
	if (fields.is_bad || kind < GOSSIP_MESSAGE_HELLO)
		return -EBADMSG;
	message->kind = (enum gossip_message_kind)kind;
	switch (message->kind) {
	case GOSSIP_MESSAGE_HELLO: take_hello(&fields, &message->as.hello); break;
	case GOSSIP_MESSAGE_VECTOR: r = take_vector(&fields, &message->as.vector); break;
	case GOSSIP_MESSAGE_HEADS: r = take_heads(&fields, &message->as.heads); break;
	case GOSSIP_MESSAGE_PULL: take_pull(&fields, &message->as.pull); break;
	case GOSSIP_MESSAGE_CHUNK:
		message->as.chunk.request = (uint32_t)take_number(&fields, UINT32_MAX);
		message->as.chunk.wire = take_span(&fields);
		break;
	case GOSSIP_MESSAGE_NONE:
		message->as.none = (uint32_t)take_number(&fields, UINT32_MAX);
		break;
	case GOSSIP_MESSAGE_EQUAL:
		take_bytes(&fields, message->as.equal.bytes, sizeof message->as.equal.bytes);
		break;
	case GOSSIP_MESSAGE_PING:
	case GOSSIP_MESSAGE_PONG: message->as.ping = take_number(&fields, UINT64_MAX); break;
	case GOSSIP_MESSAGE_BYE: take_bye(&fields, message->as.bye); break;
	case GOSSIP_MESSAGE_FORK: r = take_fork(&fields, &message->as.fork); break;
	case GOSSIP_MESSAGE_COSIGN: r = take_cosign(&fields, false, &message->as.cosign); break;
	case GOSSIP_MESSAGE_COSIGNED: r = take_cosign(&fields, true, &message->as.cosign); break;
	case GOSSIP_MESSAGE_AMENDMENT: r = take_amendment(&fields, &message->as.amendment); break;
	case GOSSIP_MESSAGE_DIGESTS: r = take_digests(&fields, &message->as.digests); break;
	case GOSSIP_MESSAGE_TRAIL: r = take_trail(&fields, &message->as.trail); break;
	}
	if (r != 0)
		return r;
	return fields.is_bad || fields.left > 0 ? -EBADMSG : 0;
}

/* msgpack-c makes an object of 24 bytes for each value, so a large message of tiny values would
 * take many times its own size: what is longer than a control message must be a chunk, whose length
 * is one bin. */
static int check_large(struct catalog_span bytes)
{
	static const uint8_t chunk[] = {0x90 | 3, GOSSIP_MESSAGE_CHUNK};
	size_t len;

	if (bytes.len <= GOSSIP_FRAME_CONTROL_MAX)
		return 0;
	if (memcmp(bytes.bytes, chunk, sizeof chunk) != 0)
		return -E2BIG;
	if (catalog_wire_measure(bytes.bytes + sizeof chunk, bytes.len - sizeof chunk, &len) != 0 ||
	    len > 5)
		return -EBADMSG;
	return bytes.bytes[sizeof chunk + len] == 0xc6 /* bin 32 */ ? 0 : -EBADMSG;
}

int gossip_message_decode(struct catalog_span bytes, struct gossip_message *ret_message)
{
	struct gossip_message message = {0};
	msgpack_unpacked u;
	size_t used = 0;
	int r = catalog_wire_check(bytes.bytes, bytes.len);

	if (r == 0)
		r = check_large(bytes);
	if (r != 0)
		return r;
	msgpack_unpacked_init(&u);
	switch (msgpack_unpack_next(&u, (const char *)bytes.bytes, bytes.len, &used)) {
	case MSGPACK_UNPACK_SUCCESS:
	case MSGPACK_UNPACK_EXTRA_BYTES: r = from_object(&u.data, &message); break;
	case MSGPACK_UNPACK_NOMEM_ERROR: r = -ENOMEM; break;
	case MSGPACK_UNPACK_CONTINUE:
	case MSGPACK_UNPACK_PARSE_ERROR: r = -EBADMSG; break;
	}
	msgpack_unpacked_destroy(&u); /* spans point into bytes, not into it */
	if (r == 0)
		*ret_message = message;
	else
		gossip_message_close(&message);
	return r;
}

void gossip_message_close(struct gossip_message *message)
{
	if (message->kind == GOSSIP_MESSAGE_VECTOR) {
		free(message->as.vector.places);
		message->as.vector.places = NULL;
	} else if (message->kind == GOSSIP_MESSAGE_HEADS) {
		free(message->as.heads.heads);
		message->as.heads.heads = NULL;
	} else if (message->kind == GOSSIP_MESSAGE_DIGESTS) {
		free(message->as.digests.ranges);
		message->as.digests.ranges = NULL;
	}
}
