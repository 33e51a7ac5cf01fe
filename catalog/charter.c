/* catalog/charter.c - an amendment is read as msgpack, judged verb by verb against the charter so
 * far, and its signatures counted against the council that it leaves.  Signatures are over the hash
 * of the body as it was written, so the body is a bin inside the amendment and never encoded again.
 */
#include "catalog/charter.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>
#include <sodium.h>

#include "catalog/utf8.h"
#include "catalog/wire.h"

#define BODY_VERSION   1
#define NAME_BYTES_MAX CATALOG_CHARTER_TITLE_BYTES_MAX
#define SECTOR_MAX     (sizeof((struct catalog_member *)NULL)->sector - 1)

struct catalog_charter {
	struct catalog_buffer bytes;
	struct catalog_hash federation; /* hash of amendment 0's body */
	uint64_t number;
	char name[NAME_BYTES_MAX + 1];
	struct catalog_member *members;
	size_t member_count;
	struct catalog_key council[CATALOG_CHARTER_COUNCIL_MAX];
	size_t council_count;
	unsigned threshold;
};

/* --- rules of plain values ---------------------------------------------------------------------
 */

static bool name_is_good(const char *name)
{
	size_t len = strnlen(name, CATALOG_MEMBER_NAME_BYTES_MAX + 1);

	if (len == 0 || len > CATALOG_MEMBER_NAME_BYTES_MAX || name[0] == '-')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* One line of UTF-8, 1..max bytes, without control characters. */
static bool line_is_good(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len == 0 || len > max || catalog_utf8_check(text, len) != 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return true;
}

static bool country_is_good(const char *country)
{
	return strnlen(country, 3) == 2 && country[0] >= 'A' && country[0] <= 'Z' &&
	       country[1] >= 'A' && country[1] <= 'Z';
}

static bool node_in(const struct catalog_member *member, size_t count,
		    const struct catalog_node_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(&member->nodes[i], key, sizeof *key) == 0)
			return true;
	return false;
}

/* Whether two members have a node in common. */
static bool share_a_node(const struct catalog_member *a, const struct catalog_member *b)
{
	for (size_t i = 0; i < a->node_count; i++)
		if (node_in(b, b->node_count, &a->nodes[i]))
			return true;
	return false;
}

/* What is wrong with a member by itself; NULL if nothing. */
static const char *wrong_with(const struct catalog_member *member)
{
	if (!name_is_good(member->name))
		return "a member's name is 1 to 40 of a-z, 0-9 and -, and does not begin with -";
	if (!line_is_good(member->title, CATALOG_CHARTER_TITLE_BYTES_MAX))
		return "a member's title is one line of at most 200 bytes";
	if (!country_is_good(member->country))
		return "a member's country is two capitals of ISO 3166-1, such as KE";
	if (!line_is_good(member->sector, SECTOR_MAX))
		return "a member's sector is one line of at most 40 bytes";
	if (member->address_count > CATALOG_CHARTER_ADDRESSES_MAX)
		return "a member has at most 8 addresses";
	for (size_t i = 0; i < member->address_count; i++)
		if (!line_is_good(member->addresses[i], CATALOG_CHARTER_ADDRESS_BYTES_MAX) ||
		    strchr(member->addresses[i], ':') == NULL)
			return "an address is host:port, of at most 255 bytes";
	if (member->node_count > CATALOG_CHARTER_NODES_MAX)
		return "a member has at most 8 nodes to begin with";
	for (size_t i = 0; i < member->node_count; i++)
		if (node_in(member, i, &member->nodes[i]))
			return "a node's key is there twice";
	return NULL;
}

/* --- reading -------------------------------------------------------------------------------------
 */

/* The value under key in a map of text keys; NULL if there is none or it is there twice. */
static const msgpack_object *field(const msgpack_object *map, const char *key)
{
	const msgpack_object *found = NULL;

	if (map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->via.map.size; i++) {
		const msgpack_object_kv *kv = &map->via.map.ptr[i];

		if (kv->key.type != MSGPACK_OBJECT_STR || kv->key.via.str.size != strlen(key) ||
		    memcmp(kv->key.via.str.ptr, key, kv->key.via.str.size) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = &kv->val;
	}
	return found;
}

static bool text_from(const msgpack_object *o, char *ret_text, size_t room)
{
	if (o == NULL || o->type != MSGPACK_OBJECT_STR || o->via.str.size == 0 ||
	    o->via.str.size >= room || memchr(o->via.str.ptr, '\0', o->via.str.size) != NULL)
		return false;
	memcpy(ret_text, o->via.str.ptr, o->via.str.size);
	ret_text[o->via.str.size] = '\0';
	return true;
}

static bool bin_from(const msgpack_object *o, uint8_t *ret_bytes, size_t len)
{
	if (o == NULL || o->type != MSGPACK_OBJECT_BIN || o->via.bin.size != len)
		return false;
	memcpy(ret_bytes, o->via.bin.ptr, len);
	return true;
}

static bool number_from(const msgpack_object *o, uint64_t max, uint64_t *ret_number)
{
	if (o == NULL || o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 > max)
		return false;
	*ret_number = o->via.u64;
	return true;
}

static int do_profile(struct catalog_charter *charter, const msgpack_object *change)
{
	if (!text_from(field(change, "name"), charter->name, sizeof charter->name) ||
	    !line_is_good(charter->name, NAME_BYTES_MAX))
		return -EPROTO;
	return 0;
}

static bool key_in(const struct catalog_key *keys, size_t count, const struct catalog_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(&keys[i], key, sizeof *key) == 0)
			return true;
	return false;
}

static int do_council(struct catalog_charter *charter, const msgpack_object *change)
{
	const msgpack_object *keys = field(change, "keys");
	uint64_t threshold;

	if (keys == NULL || keys->type != MSGPACK_OBJECT_ARRAY || keys->via.array.size == 0 ||
	    keys->via.array.size > CATALOG_CHARTER_COUNCIL_MAX ||
	    !number_from(field(change, "threshold"), keys->via.array.size, &threshold) ||
	    threshold == 0)
		return -EPROTO;
	charter->council_count = 0;
	for (uint32_t i = 0; i < keys->via.array.size; i++) {
		struct catalog_key key;

		if (!bin_from(&keys->via.array.ptr[i], key.bytes, sizeof key.bytes) ||
		    key_in(charter->council, charter->council_count, &key))
			return -EPROTO;
		charter->council[charter->council_count++] = key;
	}
	charter->threshold = (unsigned)threshold;
	return 0;
}

static bool addresses_from(const msgpack_object *o, struct catalog_member *member)
{
	if (o == NULL || o->type != MSGPACK_OBJECT_ARRAY ||
	    o->via.array.size > CATALOG_CHARTER_ADDRESSES_MAX)
		return false;
	member->address_count = o->via.array.size;
	for (uint32_t i = 0; i < o->via.array.size; i++)
		if (!text_from(&o->via.array.ptr[i], member->addresses[i],
			       sizeof member->addresses[i]))
			return false;
	return true;
}

/* A member whose nodes' keys come later has no such list. */
static bool nodes_from(const msgpack_object *o, struct catalog_member *member)
{
	if (o == NULL)
		return true;
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size == 0 ||
	    o->via.array.size > CATALOG_CHARTER_NODES_MAX)
		return false;
	member->node_count = o->via.array.size;
	for (uint32_t i = 0; i < o->via.array.size; i++)
		if (!bin_from(&o->via.array.ptr[i], member->nodes[i].bytes,
			      sizeof member->nodes[i].bytes))
			return false;
	return true;
}

static int do_admit(struct catalog_charter *charter, const msgpack_object *change)
{
	struct catalog_member *members, *member;
	uint64_t index;

	if (charter->member_count == CATALOG_CHARTER_MEMBERS_MAX)
		return -EPROTO;
	members = reallocarray(charter->members, charter->member_count + 1, sizeof *members);
	if (members == NULL)
		return -ENOMEM;
	charter->members = members;
	member = &members[charter->member_count];
	*member = (struct catalog_member){0};
	if (!number_from(field(change, "index"), UINT32_MAX - 1, &index) ||
	    !text_from(field(change, "name"), member->name, sizeof member->name) ||
	    !text_from(field(change, "title"), member->title, sizeof member->title) ||
	    !bin_from(field(change, "key"), member->key.bytes, sizeof member->key.bytes) ||
	    !text_from(field(change, "country"), member->country, sizeof member->country) ||
	    !text_from(field(change, "sector"), member->sector, sizeof member->sector) ||
	    !addresses_from(field(change, "addresses"), member) ||
	    !nodes_from(field(change, "node"), member) || wrong_with(member) != NULL)
		return -EPROTO;
	member->index = (uint32_t)index;
	if (catalog_charter_member(charter, member->index) != NULL ||
	    catalog_charter_member_named(charter, member->name) != NULL ||
	    catalog_charter_member_with_key(charter, &member->key) != NULL)
		return -EPROTO;
	for (size_t i = 0; i < member->node_count; i++)
		if (catalog_charter_member_with_node(charter, &member->nodes[i]) != NULL)
			return -EPROTO;
	charter->member_count++;
	return 0;
}

/* A verb that is not here is refused: we must not guess what the federation decided. */
static const struct {
	const char *verb;
	int (*run)(struct catalog_charter *charter, const msgpack_object *change);
} verbs[] = {
	{"profile", do_profile},
	{"council", do_council},
	{"admit", do_admit},
};

static int do_change(struct catalog_charter *charter, const msgpack_object *change)
{
	char verb[32];

	if (change->type != MSGPACK_OBJECT_ARRAY || change->via.array.size != 2 ||
	    !text_from(&change->via.array.ptr[0], verb, sizeof verb))
		return -EPROTO;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].verb, verb) == 0)
			return verbs[i].run(charter, &change->via.array.ptr[1]);
	return -EPROTO;
}

/* The beginning of the chain: number 0, with nothing before it. */
static bool is_founding(const msgpack_object *body)
{
	const msgpack_object *prev = field(body, "prev");
	uint64_t version, number;

	return number_from(field(body, "v"), BODY_VERSION, &version) && version == BODY_VERSION &&
	       number_from(field(body, "number"), 0, &number) && prev != NULL &&
	       prev->type == MSGPACK_OBJECT_NIL;
}

static int do_body(struct catalog_charter *charter, struct catalog_span bytes)
{
	const msgpack_object *changes;
	msgpack_unpacked u;
	size_t used = 0;
	int r = 0;

	if (catalog_wire_check(bytes.bytes, bytes.len) != 0)
		return -EBADMSG;
	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, (const char *)bytes.bytes, bytes.len, &used) !=
	    MSGPACK_UNPACK_SUCCESS) {
		r = -EBADMSG;
		goto out;
	}
	changes = field(&u.data, "changes");
	if (!is_founding(&u.data) || changes == NULL || changes->type != MSGPACK_OBJECT_ARRAY)
		r = -EPROTO;
	for (uint32_t i = 0; r == 0 && i < changes->via.array.size; i++)
		r = do_change(charter, &changes->via.array.ptr[i]);
out:
	msgpack_unpacked_destroy(&u);
	return r;
}

static void signed_bytes(const struct catalog_hash *hash, uint8_t ret_bytes[52])
{
	static const char domain[20] = "fedcat-amendment-v1"; /* with its NUL */

	memcpy(ret_bytes, domain, sizeof domain);
	memcpy(ret_bytes + sizeof domain, hash->bytes, sizeof hash->bytes);
}

/* At least the threshold of the council, each key once, and none that is false. */
static int count_signatures(const struct catalog_charter *charter, const struct catalog_hash *hash,
			    const msgpack_object *signatures)
{
	struct catalog_key seen[CATALOG_CHARTER_COUNCIL_MAX];
	uint8_t message[52], signature[crypto_sign_BYTES];
	size_t count = 0;

	if (signatures->type != MSGPACK_OBJECT_ARRAY ||
	    signatures->via.array.size > CATALOG_CHARTER_COUNCIL_MAX)
		return -EBADMSG;
	signed_bytes(hash, message);
	for (uint32_t i = 0; i < signatures->via.array.size; i++) {
		const msgpack_object *pair = &signatures->via.array.ptr[i];

		if (pair->type != MSGPACK_OBJECT_ARRAY || pair->via.array.size != 2 ||
		    !bin_from(&pair->via.array.ptr[0], seen[count].bytes, sizeof seen->bytes) ||
		    !bin_from(&pair->via.array.ptr[1], signature, sizeof signature))
			return -EBADMSG;
		if (!key_in(charter->council, charter->council_count, &seen[count]) ||
		    key_in(seen, count, &seen[count]) ||
		    crypto_sign_verify_detached(signature, message, sizeof message,
						seen[count].bytes) != 0)
			return -EKEYREJECTED;
		count++;
	}
	return count >= charter->threshold ? 0 : -EKEYREJECTED;
}

static int do_amendment(struct catalog_charter *charter, struct catalog_span bytes)
{
	struct catalog_hash hash;
	const msgpack_object *o;
	msgpack_unpacked u;
	size_t used = 0;
	int r = -EBADMSG;

	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, (const char *)bytes.bytes, bytes.len, &used) !=
	    MSGPACK_UNPACK_SUCCESS)
		goto out;
	o = u.data.via.array.ptr;
	if (u.data.type != MSGPACK_OBJECT_ARRAY || u.data.via.array.size != 2 ||
	    o[0].type != MSGPACK_OBJECT_BIN || o[0].via.bin.size == 0)
		goto out;
	catalog_hash_of(o[0].via.bin.ptr, o[0].via.bin.size, &hash);
	r = do_body(charter,
		    (struct catalog_span){(const uint8_t *)o[0].via.bin.ptr, o[0].via.bin.size});
	if (r == 0 && (charter->council_count == 0 || charter->name[0] == '\0'))
		r = -EPROTO; /* it must found something */
	if (r == 0)
		r = count_signatures(charter, &hash, &o[1]);
	if (r == 0)
		charter->federation = hash;
out:
	msgpack_unpacked_destroy(&u);
	return r;
}

int catalog_charter_new(struct catalog_span amendments, struct catalog_charter **ret_charter)
{
	struct catalog_charter *charter = NULL;
	size_t len = 0;
	int r;

	if (amendments.len > CATALOG_CHARTER_AMENDMENT_BYTES_MAX)
		return -E2BIG;
	r = catalog_wire_measure(amendments.bytes, amendments.len, &len);
	if (r != 0)
		return r;
	if (len != amendments.len)
		return -EPROTO; /* amendments after the founding have no rules yet */
	charter = calloc(1, sizeof *charter);
	if (charter == NULL)
		return -ENOMEM;
	if ((r = do_amendment(charter, amendments)) == 0 &&
	    (r = catalog_buffer_append(&charter->bytes, amendments.bytes, amendments.len)) == 0) {
		*ret_charter = charter;
		charter = NULL; /* the caller's now */
	}
	catalog_charter_free(charter);
	return r;
}

void catalog_charter_free(struct catalog_charter *charter)
{
	if (charter == NULL)
		return;
	catalog_buffer_close(&charter->bytes);
	free(charter->members);
	free(charter);
}

/* --- writing
 * -------------------------------------------------------------------------------------- */

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static int pack_text(msgpack_packer *pk, const char *text)
{
	int r = msgpack_pack_str(pk, strlen(text));

	return r != 0 ? r : msgpack_pack_str_body(pk, text, strlen(text));
}

static int pack_bin(msgpack_packer *pk, const void *bytes, size_t len)
{
	int r = msgpack_pack_bin(pk, len);

	return r != 0 ? r : msgpack_pack_bin_body(pk, bytes, len);
}

static int pack_council(msgpack_packer *pk, const struct catalog_founding *founding)
{
	int r;

	if ((r = msgpack_pack_array(pk, 2)) != 0 || (r = pack_text(pk, "council")) != 0 ||
	    (r = msgpack_pack_map(pk, 2)) != 0 || (r = pack_text(pk, "keys")) != 0 ||
	    (r = msgpack_pack_array(pk, founding->council_count)) != 0)
		return r;
	for (size_t i = 0; i < founding->council_count && r == 0; i++)
		r = pack_bin(pk, founding->council[i].bytes, sizeof founding->council[i].bytes);
	if (r != 0 || (r = pack_text(pk, "threshold")) != 0)
		return r;
	return msgpack_pack_unsigned_int(pk, founding->threshold);
}

static int pack_admit(msgpack_packer *pk, const struct catalog_member *member)
{
	int r;

	if ((r = msgpack_pack_array(pk, 2)) != 0 || (r = pack_text(pk, "admit")) != 0 ||
	    (r = msgpack_pack_map(pk, member->node_count > 0 ? 8 : 7)) != 0 ||
	    (r = pack_text(pk, "index")) != 0 ||
	    (r = msgpack_pack_uint32(pk, member->index)) != 0 || (r = pack_text(pk, "name")) != 0 ||
	    (r = pack_text(pk, member->name)) != 0 || (r = pack_text(pk, "title")) != 0 ||
	    (r = pack_text(pk, member->title)) != 0 || (r = pack_text(pk, "key")) != 0 ||
	    (r = pack_bin(pk, member->key.bytes, sizeof member->key.bytes)) != 0 ||
	    (r = pack_text(pk, "country")) != 0 || (r = pack_text(pk, member->country)) != 0 ||
	    (r = pack_text(pk, "sector")) != 0 || (r = pack_text(pk, member->sector)) != 0 ||
	    (r = pack_text(pk, "addresses")) != 0 ||
	    (r = msgpack_pack_array(pk, member->address_count)) != 0)
		return r;
	for (size_t i = 0; i < member->address_count && r == 0; i++)
		r = pack_text(pk, member->addresses[i]);
	if (r != 0 || member->node_count == 0)
		return r;
	if ((r = pack_text(pk, "node")) != 0 ||
	    (r = msgpack_pack_array(pk, member->node_count)) != 0)
		return r;
	for (size_t i = 0; i < member->node_count && r == 0; i++)
		r = pack_bin(pk, member->nodes[i].bytes, sizeof member->nodes[i].bytes);
	return r;
}

static int pack_body(const struct catalog_founding *founding, struct catalog_buffer *body)
{
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, body, buffer_write);
	if ((r = msgpack_pack_map(&pk, 5)) != 0 || (r = pack_text(&pk, "v")) != 0 ||
	    (r = msgpack_pack_int(&pk, BODY_VERSION)) != 0 || (r = pack_text(&pk, "number")) != 0 ||
	    (r = msgpack_pack_int(&pk, 0)) != 0 || (r = pack_text(&pk, "prev")) != 0 ||
	    (r = msgpack_pack_nil(&pk)) != 0 || (r = pack_text(&pk, "time")) != 0 ||
	    (r = msgpack_pack_int64(&pk, founding->time_s)) != 0 ||
	    (r = pack_text(&pk, "changes")) != 0 ||
	    (r = msgpack_pack_array(&pk, founding->member_count + 2)) != 0 ||
	    (r = msgpack_pack_array(&pk, 2)) != 0 || (r = pack_text(&pk, "profile")) != 0 ||
	    (r = msgpack_pack_map(&pk, 1)) != 0 || (r = pack_text(&pk, "name")) != 0 ||
	    (r = pack_text(&pk, founding->name)) != 0 || (r = pack_council(&pk, founding)) != 0)
		return r;
	for (size_t i = 0; i < founding->member_count && r == 0; i++)
		r = pack_admit(&pk, &founding->members[i]);
	return r;
}

/* What is wrong with a founding; NULL if nothing that can be seen before it is read back. */
static const char *wrong_with_founding(const struct catalog_founding *founding, size_t secret_count)
{
	const struct catalog_member *a = founding->members;

	if (!line_is_good(founding->name, NAME_BYTES_MAX))
		return "a federation's name is one line of at most 200 bytes";
	if (founding->council_count == 0 || founding->council_count > CATALOG_CHARTER_COUNCIL_MAX)
		return "a council has 1 to 64 keys";
	if (founding->threshold == 0 || founding->threshold > founding->council_count)
		return "the threshold is at least 1 and at most the number of the council's keys";
	if (secret_count < founding->threshold)
		return "fewer keys sign than the threshold asks for";
	if (founding->member_count > CATALOG_CHARTER_MEMBERS_MAX)
		return "a charter has at most 4,096 members";
	for (size_t i = 0; i < founding->council_count; i++)
		if (key_in(founding->council, i, &founding->council[i]))
			return "a key is on the council twice";
	for (size_t i = 0; i < founding->member_count; i++) {
		if (wrong_with(&a[i]) != NULL)
			return wrong_with(&a[i]);
		for (size_t k = 0; k < i; k++)
			if (a[i].index == a[k].index || strcmp(a[i].name, a[k].name) == 0 ||
			    memcmp(&a[i].key, &a[k].key, sizeof a[i].key) == 0 ||
			    share_a_node(&a[i], &a[k]))
				return "two members have the same index, name or key, or a node in common";
	}
	return NULL;
}

static int pack_signatures(msgpack_packer *pk, const struct catalog_hash *hash,
			   const struct catalog_secret *secrets, size_t count)
{
	uint8_t message[52], signature[crypto_sign_BYTES];
	int r = msgpack_pack_array(pk, count);

	signed_bytes(hash, message);
	for (size_t i = 0; i < count && r == 0; i++) {
		/* The public key is the second half of libsodium's secret key. */
		(void)crypto_sign_detached(signature, NULL, message, sizeof message,
					   secrets[i].bytes); /* always 0 */
		if ((r = msgpack_pack_array(pk, 2)) == 0 &&
		    (r = pack_bin(pk, secrets[i].bytes + 32, 32)) == 0)
			r = pack_bin(pk, signature, sizeof signature);
	}
	return r;
}

int catalog_charter_found(const struct catalog_founding *founding,
			  const struct catalog_secret *secrets, size_t secret_count,
			  struct catalog_buffer *ret_amendment, char ret_why[200])
{
	const char *wrong = wrong_with_founding(founding, secret_count);
	struct catalog_charter *charter = NULL;
	struct catalog_buffer body = {0};
	size_t before = ret_amendment->len;
	struct catalog_hash hash;
	msgpack_packer pk;
	int r = 0;

	if (wrong == NULL) {
		if ((r = pack_body(founding, &body)) != 0)
			goto out;
		catalog_hash_of(body.bytes, body.len, &hash);
		msgpack_packer_init(&pk, ret_amendment, buffer_write);
		if ((r = msgpack_pack_array(&pk, 2)) != 0 ||
		    (r = pack_bin(&pk, body.bytes, body.len)) != 0 ||
		    (r = pack_signatures(&pk, &hash, secrets, secret_count)) != 0)
			goto out;
		/* What readers would refuse is refused here. */
		r = catalog_charter_new((struct catalog_span){ret_amendment->bytes + before,
							      ret_amendment->len - before},
					&charter);
		if (r == -EKEYREJECTED)
			wrong = "a key that signs is not on the council, or signs twice";
		else if (r == -E2BIG)
			wrong = "the charter is longer than 4 MiB";
		else if (r != 0 && r != -ENOMEM)
			wrong = "the charter breaks a rule of its own format";
	}
	if (wrong != NULL) {
		r = -EINVAL;
		if (ret_why != NULL)
			snprintf(ret_why, 200, "%s", wrong);
	}
out:
	catalog_charter_free(charter);
	catalog_buffer_close(&body);
	if (r != 0)
		ret_amendment->len = before;
	return r;
}

/* --- asking
 * ---------------------------------------------------------------------------------------- */

const struct catalog_hash *catalog_charter_federation(const struct catalog_charter *charter)
{
	return &charter->federation;
}

const char *catalog_charter_name(const struct catalog_charter *charter)
{
	return charter->name;
}

uint64_t catalog_charter_number(const struct catalog_charter *charter)
{
	return charter->number;
}

struct catalog_span catalog_charter_bytes(const struct catalog_charter *charter)
{
	return catalog_buffer_span(&charter->bytes);
}

size_t catalog_charter_member_count(const struct catalog_charter *charter)
{
	return charter->member_count;
}

const struct catalog_member *catalog_charter_member_at(const struct catalog_charter *charter,
						       size_t i)
{
	assert(i < charter->member_count);
	return &charter->members[i];
}

const struct catalog_member *catalog_charter_member(const struct catalog_charter *charter,
						    uint32_t index)
{
	for (size_t i = 0; i < charter->member_count; i++)
		if (charter->members[i].index == index)
			return &charter->members[i];
	return NULL;
}

const struct catalog_member *catalog_charter_member_named(const struct catalog_charter *charter,
							  const char *name)
{
	for (size_t i = 0; i < charter->member_count; i++)
		if (strcmp(charter->members[i].name, name) == 0)
			return &charter->members[i];
	return NULL;
}

const struct catalog_member *catalog_charter_member_with_key(const struct catalog_charter *charter,
							     const struct catalog_key *key)
{
	for (size_t i = 0; i < charter->member_count; i++)
		if (memcmp(&charter->members[i].key, key, sizeof *key) == 0)
			return &charter->members[i];
	return NULL;
}

const struct catalog_member *catalog_charter_member_with_node(const struct catalog_charter *charter,
							      const struct catalog_node_key *key)
{
	for (size_t i = 0; i < charter->member_count; i++)
		if (node_in(&charter->members[i], charter->members[i].node_count, key))
			return &charter->members[i];
	return NULL;
}
