#include "node/files.h"

#include <errno.h>
#include <sys/resource.h>

#include "node/http.h"
#include "node/links.h"
#include "node/server.h"

#define FILES_OURS   (NODE_LINKS_MAX + NODE_SERVER_CONNECTIONS_MAX + 64) /* all but HTTP's */
#define FILES_WANTED (FILES_OURS + NODE_HTTP_CONNECTIONS_MAX)
#define HTTP_LEAST   8

int node_files_raise(struct node_log *log, unsigned *ret_http, struct node_error *ret_error)
{
	struct rlimit limit;
	rlim_t room;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return node_error_set(ret_error, -errno, "RLIMIT_NOFILE: %s",
				      node_error_words(-errno));
	if (limit.rlim_cur < FILES_WANTED && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
			return node_error_set(ret_error, -errno, "RLIMIT_NOFILE: %s",
					      node_error_words(-errno));
	}
	if (limit.rlim_cur < FILES_OURS + HTTP_LEAST)
		return node_error_set(ret_error, -EMFILE,
				      "this process may open %llu files only, and needs %d; raise "
				      "the limit (ulimit -n, or LimitNOFILE= in a unit)",
				      (unsigned long long)limit.rlim_cur, FILES_OURS + HTTP_LEAST);
	room = limit.rlim_cur - FILES_OURS;
	*ret_http = room < NODE_HTTP_CONNECTIONS_MAX ? (unsigned)room : NODE_HTTP_CONNECTIONS_MAX;
	if (*ret_http < NODE_HTTP_CONNECTIONS_MAX)
		node_log_line(log, NODE_CONFIG_WARNING,
			      "at most %u HTTP connections: the limit of open files is %llu",
			      *ret_http, (unsigned long long)limit.rlim_cur);
	return 0;
}
