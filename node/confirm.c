#include "node/confirm.h"

#include <errno.h>
#include <string.h>

#include "node/peers.h"
#include "node/verify.h"

#define INSIST                                                                                     \
	"--force-new-log signs all the same; if another node holds more of it than is here, that " \
	"forks it for ever"

static void look(const struct node_control_options *options, struct gossip_confirm *ret_confirm)
{
	if (options->peers != NULL)
		node_peers_get_confirm(options->peers, ret_confirm);
	else
		*ret_confirm = (struct gossip_confirm){.needed = options->others,
						       .is_confirmed = options->others == 0};
}

int node_confirm_check(const struct node_control_options *options, const char *verb,
		       struct node_error *ret_error)
{
	char held[NODE_VERIFY_NUMBER_BYTES], known[NODE_VERIFY_NUMBER_BYTES];
	const char *name = options->member->name;
	struct gossip_confirm confirm;

	look(options, &confirm);
	if (confirm.is_confirmed)
		return 0;
	if (options->peers == NULL)
		return node_error_set(
			ret_error, -EINPROGRESS,
			"cannot %s without fedcatd: before anything is signed for %s, %zu of the "
			"other members must be asked where its log stands, so that a lost or "
			"restored store never forks it.  Start fedcatd in this directory, then %s "
			"again.  " INSIST,
			verb, name, confirm.needed, verb);
	if (confirm.answered < confirm.needed)
		return node_error_set(
			ret_error, -EINPROGRESS,
			"cannot %s yet: %zu of %zu members have answered where the log of %s "
			"stands.  Since its start this node asks them before it signs, so that a "
			"lost or restored store never forks the log; `fedcat status` shows who is "
			"linked.  " INSIST,
			verb, confirm.answered, confirm.needed, name);
	node_verify_number(confirm.held, held);
	node_verify_number(confirm.known, known);
	if (confirm.known > confirm.held)
		return node_error_set(
			ret_error, -EINPROGRESS,
			"cannot %s yet: other nodes tell of %s entries in the log of %s, and %s "
			"are here.  This node fetches the rest, or finds the claim false; signing "
			"before that would fork the log",
			verb, known, name, held);
	return node_error_set(ret_error, -EINPROGRESS,
			      "cannot %s yet: this node looks at what another node says of the log "
			      "of %s; try again in a moment",
			      verb, name);
}

void node_confirm_field(struct node_fields *fields, const struct node_control_options *options)
{
	struct gossip_confirm confirm;
	struct catalog_value *map = NULL;
	struct node_fields inner;

	if (options->member == NULL || options->secret == NULL) {
		node_fields_null(fields, "signing");
		return;
	}
	look(options, &confirm);
	node_fields_init(&inner);
	node_fields_bool(&inner, "confirmed", confirm.is_confirmed);
	node_fields_count(&inner, "answered", confirm.answered);
	node_fields_count(&inner, "needed", confirm.needed);
	(void)node_fields_close(&inner, &map); /* NULL says it */
	node_fields_value(fields, "signing", map);
}
