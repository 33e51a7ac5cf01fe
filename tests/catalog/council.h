/* tests/catalog/council.h - a federation with a council that amends its charter. */
#ifndef TESTS_CATALOG_COUNCIL_H
#define TESTS_CATALOG_COUNCIL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/amendment.h"
#include "catalog/charter.h"
#include "tests/test.h"

#define COUNCIL_SIGNERS 8 /* whose keys the council may have; members have others */
#define COUNCIL_KEYS    512

struct council {
	struct catalog_charter *charter;
	struct catalog_secret secrets[COUNCIL_KEYS]; /* the first COUNCIL_SIGNERS: the council's */
	struct catalog_key keys[COUNCIL_KEYS];
	struct catalog_change change; /* the one that is being made */
	struct catalog_buffer changes, amendment;
	size_t change_count;
	int64_t nonce; /* tells amendments apart that decide the same */
	char why[CATALOG_CHANGE_WHY_BYTES];
};

static inline void council_member(const struct council *c, uint32_t index, unsigned key,
				  struct catalog_member *ret_member)
{
	*ret_member = (struct catalog_member){.index = index, .country = "KE", .sector = "health"};
	ret_member->key = c->keys[key];
	(void)snprintf(ret_member->name, sizeof ret_member->name, "member-%u", index);
	(void)snprintf(ret_member->title, sizeof ret_member->title, "Member %u", index);
}

/* Found a federation of members 0 and 1, whose keys are COUNCIL_SIGNERS and the one after. */
static inline void council_open(struct council *c, size_t count, unsigned threshold)
{
	struct catalog_member members[2];
	struct catalog_founding founding = {.name = "East African Data",
					    .members = members,
					    .member_count = 2,
					    .council = c->keys,
					    .council_count = count,
					    .threshold = threshold};
	struct catalog_buffer amendment = {0};

	memset(c, 0, sizeof *c);
	assert_true(sodium_init() >= 0);
	for (unsigned i = 0; i < COUNCIL_KEYS; i++) {
		uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 99};

		(void)crypto_sign_seed_keypair(c->keys[i].bytes, c->secrets[i].bytes, seed);
	}
	for (unsigned i = 0; i < 2; i++)
		council_member(c, i, COUNCIL_SIGNERS + i, &members[i]);
	assert_int_equal(
		catalog_charter_found(&founding, c->secrets, threshold, &amendment, c->why), 0);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &c->charter), 0);
	catalog_buffer_close(&amendment);
}

static inline void council_close(struct council *c)
{
	catalog_charter_free(c->charter);
	catalog_buffer_close(&c->changes);
	catalog_buffer_close(&c->amendment);
}

/* Add c->change to the amendment that is being made. */
static inline void council_add(struct council *c)
{
	assert_int_equal(catalog_change_encode(&c->change, &c->changes), 0);
	c->change_count++;
}

static inline void council_admit(struct council *c, uint32_t index, unsigned key)
{
	memset(&c->change, 0, sizeof c->change);
	c->change.verb = CATALOG_CHANGE_ADMIT;
	council_member(c, index, key, &c->change.as.admit);
	council_add(c);
}

static inline void council_change(struct council *c, size_t first, size_t count, unsigned threshold)
{
	memset(&c->change, 0, sizeof c->change);
	c->change.verb = CATALOG_CHANGE_COUNCIL;
	c->change.as.council.count = count;
	c->change.as.council.threshold = threshold;
	memcpy(c->change.as.council.keys, c->keys + first, count * sizeof *c->keys);
	council_add(c);
}

/* What a member with this key signs at a size; branch tells histories apart. */
static inline void council_note(const struct council *c, uint32_t member, unsigned key,
				uint64_t size, unsigned branch, struct catalog_buffer *note,
				struct catalog_hash *ret_root)
{
	struct catalog_checkpoint checkpoint = {.size = size};
	char text[64], name[32];

	(void)snprintf(text, sizeof text, "%u %llu %u", member, (unsigned long long)size, branch);
	catalog_hash_of(text, size > 0 ? strlen(text) : 0, &checkpoint.root);
	(void)snprintf(name, sizeof name, "member-%u", member);
	catalog_checkpoint_origin(catalog_charter_federation(c->charter), name, checkpoint.origin);
	note->len = 0;
	assert_int_equal(catalog_checkpoint_sign(&checkpoint, &c->secrets[key], note), 0);
	*ret_root = checkpoint.root;
}

/* A line of a member's log, at what it signed with key; new_key is for a rotation. */
static inline void council_move_at(struct council *c, enum catalog_change_verb verb,
				   uint32_t member, struct catalog_line line, unsigned new_key)
{
	memset(&c->change, 0, sizeof c->change);
	c->change.verb = verb;
	c->change.as.move.member = member;
	c->change.as.move.key = c->keys[new_key];
	c->change.as.move.line = line;
	council_add(c);
}

static inline void council_move(struct council *c, enum catalog_change_verb verb, uint32_t member,
				unsigned key, uint64_t size, unsigned new_key)
{
	struct catalog_buffer note = {0};
	struct catalog_line line = {.size = size};

	council_note(c, member, key, size, 0, &note, &line.root);
	if (size > 0)
		line.note = catalog_buffer_span(&note);
	council_move_at(c, verb, member, line, new_key);
	catalog_buffer_close(&note);
}

/* The amendment of what was added, signed by those of the first 64 keys whose bit is set. */
static inline void council_write(struct council *c, uint64_t signers)
{
	struct catalog_signature signatures[64];
	struct catalog_buffer body = {0};
	struct catalog_hash hash;
	size_t count = 0;

	assert_int_equal(
		catalog_amendment_write(catalog_charter_number(c->charter) + 1,
					catalog_charter_head(c->charter), 1700000000 + c->nonce,
					catalog_buffer_span(&c->changes), c->change_count, &body),
		0);
	catalog_hash_of(body.bytes, body.len, &hash);
	for (unsigned i = 0; i < 64; i++)
		if ((signers >> i & 1) != 0)
			catalog_amendment_sign(&hash, &c->secrets[i], &signatures[count++]);
	c->amendment.len = 0;
	assert_int_equal(catalog_amendment_encode(catalog_buffer_span(&body), signatures, count,
						  &c->amendment),
			 0);
	c->changes.len = 0;
	c->change_count = 0;
	catalog_buffer_close(&body);
}

/* That, and take it. */
static inline int council_amend(struct council *c, uint64_t signers)
{
	struct catalog_charter *amended = NULL;
	int r;

	council_write(c, signers);
	c->why[0] = '\0';
	r = catalog_charter_amend(c->charter, catalog_buffer_span(&c->amendment), &amended, c->why);
	if (r == 0)
		catalog_charter_replace(c->charter, amended);
	return r;
}

#endif
