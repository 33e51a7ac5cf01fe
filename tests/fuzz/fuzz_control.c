/* Whatever a client sends: no crash, an answer or a sentence, and nothing is written by what only
 * reads.  The node behind it has no key, so that every run starts from the same empty store. */
#include "node/reply.h"
#include "tests/fuzz/small_node.h"

static struct small_node node;

static void close_node(void)
{
	small_node_close(&node);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_value *request = NULL, *answer = NULL, *back = NULL, *reply;
	struct catalog_buffer frame = {0};
	struct node_session *session;
	struct node_error error = {""};
	int r;

	if (node.control == NULL) {
		small_node_open(&node, false);
		require(atexit(close_node) == 0);
	}
	if (size > NODE_CONTROL_REQUEST_MAX ||
	    catalog_value_decode((struct catalog_span){data, size}, &request) != 0)
		return 0;
	require(node_control_session_new(node.control, &session) == 0);
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
