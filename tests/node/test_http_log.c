/* An auditor who has nothing but the federation's charter and HTTP. */
#include "tests/node/asking.h"

#include "catalog/checkpoint.h"
#include "catalog/merkle.h"
#include "catalog/prune.h"
#include "catalog/receipt.h"
#include "catalog/tile.h"
#include "node/http_log.h"

#define LISTINGS   400
#define ENTRIES    402 /* and two state entries */
#define LEAVES_MAX 1024

/* The answer's length, which its header tells. */
static size_t body_len(void)
{
	const char *at = strstr(f.answer, "Content-Length: ");

	assert_non_null(at);
	return strtoul(at + 16, NULL, 10);
}

static void publish(void)
{
	char request[1200], text[601];

	/* A bundle of such has more than is read at a time. */
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	do_control("{'op':'publish-begin'}");
	for (int i = 0; i < LISTINGS; i++) {
		for (size_t at = 0; at < 8; at++) /* that do not compress to nothing */
			text[(size_t)i * 7 % 500 + at * 10] = (char)('a' + (i + (int)at) % 26);
		snprintf(request, sizeof request,
			 "{'op':'publish-put','items':[{'id':'rice-%d','listing':{'title':{'en':'"
			 "Rice "
			 "in county %d'},'description':{'en':'%s'}}}]}",
			 i, i, text);
		do_control(request);
		if (i == 99) {
			do_control("{'op':'publish-end'}");
			do_control("{'op':'publish-begin'}");
		}
	}
	do_control("{'op':'publish-end'}");
}

static void read_checkpoint(struct catalog_checkpoint *ret_checkpoint)
{
	const struct catalog_member *member =
		catalog_charter_member(f.scratch.charter, SCRATCH_NBS);
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];

	get("/log/nbs/checkpoint");
	expect(200, "Content-Type: text/plain");
	catalog_checkpoint_origin(catalog_charter_federation(f.scratch.charter), member->name,
				  origin);
	assert_int_equal(catalog_checkpoint_verify(
				 (struct catalog_span){(const uint8_t *)f.body, body_len()}, origin,
				 &member->key, ret_checkpoint),
			 0);
}

static void get_tile(const struct catalog_tile *tile)
{
	char path[CATALOG_TILE_PATH_BYTES_MAX], target[CATALOG_TILE_PATH_BYTES_MAX + 16];

	catalog_tile_path(tile, path);
	snprintf(target, sizeof target, "/log/nbs/%s", path);
	get(target);
}

/* All leaf hashes of the tree of size. */
static void read_leaves(uint64_t size, struct catalog_hash *leaves)
{
	struct catalog_tile tile = {.kind = CATALOG_TILE_HASHES};
	size_t count = 0;

	assert_true(size <= LEAVES_MAX);
	while ((tile.width = catalog_tile_width(&tile, size)) > 0) {
		get_tile(&tile);
		expect(200, "Content-Type: application/octet-stream");
		assert_int_equal(body_len(), tile.width * sizeof *leaves);
		memcpy(leaves + count, f.body, body_len());
		count += tile.width;
		tile.index++;
	}
	assert_int_equal(count, size);
}

static void test_an_auditor_rebuilds_the_root_and_finds_each_entry(void **state)
{
	static struct catalog_hash leaves[LEAVES_MAX];
	struct catalog_tile tile = {.kind = CATALOG_TILE_ENTRIES};
	struct catalog_checkpoint checkpoint;
	struct catalog_hash root;
	size_t count = 0;

	(void)state;
	read_checkpoint(&checkpoint);
	assert_int_equal(checkpoint.size, ENTRIES);
	read_leaves(checkpoint.size, leaves);
	catalog_merkle_root(leaves, checkpoint.size, &root);
	assert_memory_equal(root.bytes, checkpoint.root.bytes, sizeof root.bytes);
	/* One level up, the hash of the first 256. */
	get("/log/nbs/tile/1/000.p/1");
	expect(200, NULL);
	catalog_merkle_root(leaves, CATALOG_TILE_WIDTH, &root);
	assert_int_equal(body_len(), sizeof root.bytes);
	assert_memory_equal(root.bytes, f.body, sizeof root.bytes);
	for (; (tile.width = catalog_tile_width(&tile, checkpoint.size)) > 0; tile.index++) {
		const uint8_t *at, *end;

		get_tile(&tile);
		expect(200, "Content-Type: application/octet-stream");
		assert_true(tile.index > 0 || body_len() > 2 * NODE_HTTP_LOG_STEP_BYTES);
		at = (const uint8_t *)f.body;
		for (end = at + body_len(); at < end; count++) {
			size_t len = (size_t)at[0] << 8 | at[1];
			struct catalog_hash leaf;

			catalog_merkle_leaf((struct catalog_span){at + 2, len}, &leaf);
			assert_memory_equal(leaf.bytes, leaves[count].bytes, sizeof leaf.bytes);
			at += 2 + len;
		}
		assert_ptr_equal(at, end);
	}
	assert_int_equal(count, checkpoint.size);
}

static void test_what_cannot_change_is_kept_and_the_rest_is_asked_for_again(void **state)
{
	static const char *const targets[] = {"/log/nbs/checkpoint", "/log/nbs/tile/0/000",
					      "/log/nbs/tile/0/001.p/20",
					      "/log/nbs/tile/entries/000"};
	char etag[64], line[128];

	(void)state;
	get("/log/nbs/tile/0/000");
	expect(200, "Cache-Control: public, max-age=31536000, immutable");
	get("/log/nbs/tile/0/001.p/146");
	expect(200, "Cache-Control: no-cache");
	/* What is erased must not live on in caches. */
	get("/log/nbs/tile/entries/000");
	expect(200, "Cache-Control: no-cache");
	get("/log/nbs/checkpoint");
	expect(200, "Cache-Control: no-cache");
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		ask_with("HEAD", targets[i], "");
		expect(200, NULL);
		assert_string_equal(f.body, "");
		assert_true(body_len() > 0);
		assert_int_equal(sscanf(strstr(f.answer, "ETag: "), "ETag: %63s", etag), 1);
		snprintf(line, sizeof line, "If-None-Match: %s\r\n", etag);
		ask_with("GET", targets[i], line);
		expect(304, NULL);
		assert_string_equal(f.body, "");
	}
}

static void test_what_is_no_tile_is_not_found(void **state)
{
	static const char *const targets[] = {
		"/log/nbs/tile/0/002",
		"/log/nbs/tile/0/001",
		"/log/nbs/tile/0/001.p/147",
		"/log/nbs/tile/0/000.p/256",
		"/log/nbs/tile/0/0",
		"/log/nbs/tile/0/x000/000",
		"/log/nbs/tile/1/000",
		"/log/nbs/tile/6/000",
		"/log/nbs/tile/entries/001",
		"/log/nbs/tile/data/000",
		"/log/nbs/tile/0/000/",
		"/log/nobody/tile/0/000",
		"/log/uni/tile/0/000",
		"/log/uni/checkpoint",
		"/log/nobody/checkpoint",
		"/log/nbs/",
		"/log/nbs",
		"/log/",
		"/log/nbs/checkpoint/",
		"/log//checkpoint",
		"/log/nbs/tile/0/999999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		get(targets[i]);
		if (f.status != 404)
			fail_msg("%s: %u", targets[i], f.status);
		expect_problem(404, "");
	}
	get("/log/nbs/tile/0/000?x=1");
	expect_problem(400, "none");
	get("/log/n%zz/checkpoint");
	expect_problem(400, "percent");
	ask_with("GET", "/log/nbs/tile/0/000", "Accept: application/json\r\n");
	expect_problem(406, "octet-stream");
}

/* Verify the receipt in the answer with the charter alone. */
static void verify_receipt(enum catalog_receipt_claim claim, const char *id)
{
	struct catalog_receipt_trust trust = {.charter = f.scratch.charter};
	struct catalog_receipt_outcome outcome;
	char why[CATALOG_RECEIPT_WHY_BYTES] = "";
	struct catalog_receipt receipt;

	expect(200, "Content-Type: text/plain");
	assert_int_equal(
		catalog_receipt_init(
			&receipt, (struct catalog_span){(const uint8_t *)f.body, body_len()}, why),
		0);
	if (catalog_receipt_verify(&receipt, &trust, &outcome, why) != 0)
		fail_msg("%s", why);
	assert_int_equal(outcome.claim, claim);
	assert_string_equal(outcome.id, id);
	assert_string_equal(outcome.member, "nbs");
	catalog_receipt_close(&receipt);
}

static void test_receipts_are_downloaded_and_prove(void **state)
{
	(void)state;
	get("/api/v1/listings/nbs/rice-7/receipt");
	verify_receipt(CATALOG_RECEIPT_CURRENT, "rice-7");
	expect(200, "Content-Disposition: attachment; filename=\"nbs-rice-7.tlog-proof\"");
	expect(200, "ETag: \"");
	get("/api/v1/listings/nbs/rice-7000/receipt");
	verify_receipt(CATALOG_RECEIPT_ABSENT, "rice-7000");
	get("/api/v1/listings/nbs/rice-7000/receipt?absent=1");
	verify_receipt(CATALOG_RECEIPT_ABSENT, "rice-7000");
	/* Names that a path or a file's name cannot have as they are. */
	get("/api/v1/listings/nbs/%E7%A8%BB%2F..%22%0D/receipt");
	expect_problem(400, "no id");
	get("/api/v1/listings/nbs/%E7%A8%BB%2F..%22/receipt");
	verify_receipt(CATALOG_RECEIPT_ABSENT, "\347\250\273/..\"");
	expect(200, "Content-Disposition: attachment; filename=\"nbs---..-.tlog-proof\"; "
		    "filename*=UTF-8''nbs-%E7%A8%BB-..-.tlog-proof");
	get("/api/v1/listings/nbs/rice-7%2Freceipt");
	expect_problem(404, "rice-7/receipt");
}

static void test_receipts_that_cannot_be_are_problems(void **state)
{
	(void)state;
	get("/api/v1/listings/nbs/rice-7/receipt?absent=1");
	expect_problem(409, "cannot be proved absent");
	get("/api/v1/listings/nbs/rice-7/receipt?absent=yes");
	expect_problem(400, "absent=1");
	get("/api/v1/listings/nobody/rice-7/receipt");
	expect_problem(404, "nobody");
	get("/api/v1/members/nbs/fork");
	expect_problem(404, "no fork");
	get("/api/v1/listings/uni/rice-7/receipt");
	expect_problem(404, "nothing can be proved");
}

/* These two change the log. */

static void test_a_bundle_that_cannot_say_an_entry_is_not_found(void **state)
{
	static char request[160 * 1024];
	size_t len;

	(void)state;
	do_control("{'op':'publish-begin'}");
	len = (size_t)snprintf(request, sizeof request,
			       "{'op':'publish-put','items':[{'id':'long','listing':{'title':{'en':"
			       "'Long'},'description':{'en':'");
	memset(request + len, 'e', 60000);
	len += 60000;
	len += (size_t)snprintf(request + len, sizeof request - len, "','fr':'");
	memset(request + len, 'f', 60000);
	len += 60000;
	(void)snprintf(request + len, sizeof request - len, "'}}}]}");
	do_control(request);
	do_control("{'op':'publish-end'}");
	get("/log/nbs/tile/entries/001.p/146");
	expect(200, NULL);
	get("/log/nbs/tile/entries/001.p/147");
	expect_problem(404, "65,535");
	get("/log/nbs/tile/0/001.p/148");
	expect(200, NULL);
	get("/api/v1/listings/nbs/long/receipt");
	verify_receipt(CATALOG_RECEIPT_CURRENT, "long");
}

static void test_what_was_pruned_is_not_found_and_proofs_of_the_rest_hold(void **state)
{
	size_t count = 0;

	(void)state;
	do_control("{'op':'withdraw','id':'rice-7','reason':'It moved'}");
	assert_int_equal(catalog_prune_step(f.store, INT64_MAX, &count), 0);
	assert_true(count > 0);
	get("/log/nbs/tile/entries/000");
	expect_problem(404, "dropped");
	get("/log/nbs/tile/1/000.p/1");
	expect(200, NULL);
	get("/api/v1/listings/nbs/rice-7/receipt");
	verify_receipt(CATALOG_RECEIPT_WITHDRAWN, "rice-7");
	get("/api/v1/listings/nbs/rice-7/receipt?absent=1");
	verify_receipt(CATALOG_RECEIPT_WITHDRAWN, "rice-7");
	get("/api/v1/listings/nbs/rice-8/receipt");
	verify_receipt(CATALOG_RECEIPT_CURRENT, "rice-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_auditor_rebuilds_the_root_and_finds_each_entry),
		cmocka_unit_test(test_what_cannot_change_is_kept_and_the_rest_is_asked_for_again),
		cmocka_unit_test(test_what_is_no_tile_is_not_found),
		cmocka_unit_test(test_receipts_are_downloaded_and_prove),
		cmocka_unit_test(test_receipts_that_cannot_be_are_problems),
		cmocka_unit_test(test_a_bundle_that_cannot_say_an_entry_is_not_found),
		cmocka_unit_test(test_what_was_pruned_is_not_found_and_proofs_of_the_rest_hold),
	};

	return cmocka_run_group_tests_name("http_log", tests, set_up, tear_down) == 0 ? 0 : 1;
}
