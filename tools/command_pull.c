#include "tools/command_pull.h"

#include <stdio.h>
#include <string.h>

#include "catalog/value_get.h"
#include "tools/output.h"
#include "tools/terminal.h"

void tools_command_pull_estimate(const struct catalog_value *fetching,
				 char ret_text[TOOLS_COMMAND_PULL_BYTES])
{
	char entries[TOOLS_OUTPUT_TEXT_BYTES], bytes[TOOLS_OUTPUT_TEXT_BYTES];
	char time[TOOLS_OUTPUT_TEXT_BYTES];
	uint64_t count = catalog_value_get_count(fetching, "entries");

	tools_output_count(count, entries);
	tools_output_bytes(catalog_value_get_count(fetching, "bytes"), bytes);
	if (catalog_value_get_count(fetching, "bytes_s") == 0) {
		(void)snprintf(ret_text, TOOLS_COMMAND_PULL_BYTES, "%s %s, about %s", entries,
			       count == 1 ? "entry" : "entries", bytes); /* it fits */
		return;
	}
	tools_output_duration(catalog_value_get_count(fetching, "seconds"), time);
	(void)snprintf(ret_text, TOOLS_COMMAND_PULL_BYTES, "%s %s, about %s, %s at this rate",
		       entries, count == 1 ? "entry" : "entries", bytes, time); /* likewise */
}

/* Ask whoever sits there.  Returns whether it is to be fetched. */
static bool is_agreed(const struct tools_call *call, const char *estimate)
{
	char line[16];

	if (call->json || tools_call_option(call, "yes") != NULL || call->out.columns == 0)
		return true;
	tools_terminal_print(&call->out, "Fetch %s? [Y/n] ", estimate);
	(void)fflush(stdout); /* what is asked is seen, or the answer tells */
	if (fgets(line, sizeof line, stdin) == NULL)
		return false;
	return line[0] != 'n' && line[0] != 'N';
}

int tools_command_pull_run(const struct tools_call *call)
{
	struct catalog_value *status_answer = NULL, *answer = NULL;
	char estimate[TOOLS_COMMAND_PULL_BYTES];
	const struct catalog_value *fetching;
	struct node_client *client;
	int status = tools_call_open(call, &client);

	if (status != 0)
		return status;
	if (!node_client_running(client)) {
		status = tools_call_fail(call, TOOLS_EXIT_FAILED,
					 "no fedcatd runs in this directory, and nothing else "
					 "fetches; start it first");
		goto out;
	}
	status = tools_call_ask(call, client, tools_call_request("status"), &status_answer);
	if (status != 0)
		goto out;
	fetching = catalog_value_get(status_answer, "fetching");
	tools_command_pull_estimate(fetching, estimate);
	if (!is_agreed(call, estimate))
		goto out;
	status = tools_call_ask(call, client, tools_call_request("pull"), &answer);
	if (status == 0 && call->json)
		status = tools_call_print_json(call, fetching);
	else if (status == 0 && catalog_value_get_count(fetching, "entries") == 0)
		tools_terminal_print(&call->out, "Nothing is lacking.\n");
	else if (status == 0)
		tools_terminal_print(&call->out, "Fetching %s; fedcat status shows what is left.\n",
				     estimate);
out:
	catalog_value_free(answer);
	catalog_value_free(status_answer);
	node_client_close(client);
	return status;
}
