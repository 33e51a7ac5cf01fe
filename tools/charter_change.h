/* tools/charter_change.h - the options of `fedcat charter propose`, as changes of a charter. */
#ifndef TOOLS_CHARTER_CHANGE_H
#define TOOLS_CHARTER_CHANGE_H

#include "catalog/charter.h"
#include "node/client.h"
#include "tools/call.h"

/* Append the changes that the options name, encoded.  client is asked for the checkpoints that
 * lines are drawn at.  Returns 0 or an exit status. */
int tools_charter_change_read(const struct tools_call *call, const struct catalog_charter *charter,
			      struct node_client *client, struct catalog_buffer *changes,
			      size_t *ret_count);

/* Likewise the changes that give a member another key after its newest checkpoint; a key of the
 * council's is replaced there, too. */
int tools_charter_change_rotate(const struct tools_call *call,
				const struct catalog_charter *charter, struct node_client *client,
				const struct catalog_member *member, const struct catalog_key *key,
				struct catalog_buffer *changes, size_t *ret_count);

enum tools_charter_change_key {
	TOOLS_CHARTER_CHANGE_KEY,    /* must be there */
	TOOLS_CHARTER_CHANGE_NO_KEY, /* may not: it is to be made */
};

/* Read NAME=TITLE,key=KEY,country=CC[,sector=WORD][,address=HOST:PORT][,node=KEY], as given to an
 * option.  Returns 0 or an exit status. */
int tools_charter_change_member(const struct tools_call *call, const char *option, const char *spec,
				enum tools_charter_change_key key,
				struct catalog_member *ret_member);

/* Print what a change does, as a line. */
void tools_charter_change_print(const struct tools_terminal *terminal,
				const struct catalog_charter *charter,
				const struct catalog_change *change);

#endif
