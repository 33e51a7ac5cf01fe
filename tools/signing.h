/* tools/signing.h - a request that has the node sign: waits until the other members have told it
 * where its own log stands, or insists.
 */
#ifndef TOOLS_SIGNING_H
#define TOOLS_SIGNING_H

#include "catalog/value.h"
#include "node/client.h"
#include "tools/call.h"

#define TOOLS_SIGNING_TIMEOUT_S     60
#define TOOLS_SIGNING_TIMEOUT_S_MAX 86400

/* As tools_call_ask(), but where the node answers "unconfirmed": ask again for as long as --timeout
 * says, with a bar on a terminal; or, with --force-new-log, say what that does and insist. */
int tools_signing_ask(const struct tools_call *call, struct node_client *client,
		      struct catalog_value *request, struct catalog_value **ret_answer);

#endif
