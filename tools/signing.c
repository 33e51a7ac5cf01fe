#include "tools/signing.h"

#include <errno.h>

#include <uv.h>

#include "catalog/value_get.h"
#include "tools/interrupt.h"
#include "tools/progress.h"

#define POLL_MS 100

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* How far the node has come with asking. */
static void show_answers(struct node_client *client, struct tools_progress *progress)
{
	const struct catalog_value *signing;
	struct catalog_value *answer = NULL;

	if (node_client_call(client, tools_call_request("status"), &answer, NULL) != 0)
		return; /* what is wrong the next try says better */
	signing = catalog_value_get(answer, "signing");
	tools_progress_update(progress, catalog_value_get_count(signing, "answered"),
			      catalog_value_get_count(signing, "needed"),
			      "asking members where this log stands, before signing", now_ms());
	catalog_value_free(answer);
}

/* Ask until the node no longer answers "unconfirmed", or time is over. */
static int ask(const struct tools_call *call, struct node_client *client,
	       const struct catalog_value *request, uint64_t timeout_ms,
	       struct catalog_value **ret_answer, struct node_error *error)
{
	uint64_t began_ms = now_ms();
	struct tools_progress progress;
	int r;

	tools_progress_init(&progress, &call->err, began_ms);
	for (;;) {
		r = node_client_call(client, catalog_value_clone(request), ret_answer, error);
		if (r != -EINPROGRESS || !node_client_running(client) || tools_interrupt_came() ||
		    now_ms() - began_ms >= timeout_ms)
			break;
		if (!call->json)
			show_answers(client, &progress);
		uv_sleep(POLL_MS);
	}
	tools_progress_clear(&progress);
	return r;
}

static void warn(const struct tools_call *call)
{
	if (call->json)
		return; /* standard error is for one object */
	tools_terminal_text(&call->err, TOOLS_TERMINAL_BAD, "fedcat: ");
	tools_terminal_wrap(
		&call->err, TOOLS_TERMINAL_PLAIN,
		"--force-new-log: signing without having learnt from the other members where this "
		"member's log stands.  If any node holds more of it than this one, there are two "
		"logs from now on, and that cannot be taken back: every node that sees both marks "
		"this member as forked and takes nothing more from it until the federation's "
		"council decides",
		sizeof "fedcat: " - 1);
}

int tools_signing_ask(const struct tools_call *call, struct node_client *client,
		      struct catalog_value *request, struct catalog_value **ret_answer)
{
	bool insists = tools_call_option(call, "force-new-log") != NULL;
	unsigned long timeout_s = 0;
	struct node_error error;
	int r, status;

	if (request == NULL)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	status = tools_call_number(call, "timeout", 0, TOOLS_SIGNING_TIMEOUT_S_MAX,
				   TOOLS_SIGNING_TIMEOUT_S, &timeout_s);
	if (status != 0) {
		catalog_value_free(request);
		return status;
	}
	r = ask(call, client, request, insists ? 0 : timeout_s * 1000, ret_answer, &error);
	if (r == -EINPROGRESS && insists) {
		warn(call);
		request = tools_call_with_value(request, "force_new_log",
						catalog_value_new_bool(true));
		r = node_client_call(client, request, ret_answer, &error); /* takes it */
		request = NULL;
	}
	catalog_value_free(request);
	return r == 0 ? 0 : tools_call_fail_code(call, r, &error);
}
