/* node/files.h - how many files this process may have open, and who may have them. */
#ifndef NODE_FILES_H
#define NODE_FILES_H

#include "node/error.h"
#include "node/log.h"

/* Have room for as many files as we may open; *ret_http is how many connections are HTTP's share.
 * Returns 0, -EMFILE if the limit is too low for anything, or what the system says. */
int node_files_raise(struct node_log *log, unsigned *ret_http, struct node_error *ret_error);

#endif
