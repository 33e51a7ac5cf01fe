/* Whatever a client sends: no crash, an answer or a sentence, and nothing is written by what only
 * reads.  The node behind it has no key, so that every run starts from the same empty store. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/control.h"
#include "node/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalog_store *store;
static struct catalog_charter *charter;
static struct node_control *control;
static char dir[] = "/tmp/fuzz_control.XXXXXX";

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void close_node(void)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	char path[64];

	node_control_free(control);
	catalog_store_close(store);
	catalog_charter_free(charter);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}

static void open_node(void)
{
	static const uint8_t seed[32] = {4};
	struct catalog_member member = {.index = 5,
					.name = "nbs",
					.title = "Bureau",
					.country = "KE",
					.sector = "statistics"};
	struct catalog_founding founding = {.name = "Test",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct node_control_options options = {0};
	struct catalog_buffer amendment = {0};
	struct catalog_secret secret;

	require(sodium_init() >= 0);
	crypto_sign_seed_keypair(member.key.bytes, secret.bytes, seed);
	require(catalog_charter_found(&founding, &secret, 1, &amendment, NULL) == 0);
	require(catalog_charter_new(catalog_buffer_span(&amendment), &charter) == 0);
	catalog_buffer_close(&amendment);
	require(mkdtemp(dir) != NULL);
	require(catalog_store_open(dir, 1, &store) == 0);
	options.store = store;
	options.charter = charter;
	require(node_control_new(&options, &control) == 0);
	require(atexit(close_node) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_value *request = NULL, *answer = NULL, *back = NULL, *reply;
	struct catalog_buffer frame = {0};
	struct node_session *session;
	struct node_error error = {""};
	int r;

	if (control == NULL)
		open_node();
	if (size > NODE_CONTROL_REQUEST_MAX ||
	    catalog_value_decode((struct catalog_span){data, size}, &request) != 0)
		return 0;
	require(node_control_session_new(control, &session) == 0);
	r = node_control_handle(session, request, &answer, &error);
	require((r == 0) == (answer != NULL));
	require((r == 0) == (error.text[0] == '\0'));
	if (node_control_kind(request) == NODE_CONTROL_BAD)
		require(r < 0);
	/* The reply can be sent, and is understood. */
	reply = node_reply_make(r, answer, &error);
	require(reply != NULL);
	require(node_reply_frame(reply, NODE_CONTROL_REPLY_MAX, &frame) == 0);
	require(node_reply_outcome(reply, &back, &error) == r);
	catalog_value_free(back);
	catalog_value_free(reply);
	/* So can what came be taken for a reply. */
	if (node_reply_outcome(request, &back, &error) == 0)
		catalog_value_free(back);
	catalog_value_free(request);
	catalog_buffer_close(&frame);
	node_control_session_free(session);
	return 0;
}
