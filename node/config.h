/* node/config.h - the settings of fedcatd: one table says what each is called, what it may be and
 * what it does.
 *
 * A setting comes from a flag (--key=value or --key value), else from the environment (FEDCAT_KEY,
 * with _ for -), else from <dir>/config ("key = value" lines, # begins a comment), else it has its
 * default.  What is not in the table is refused, with the nearest name that is; but for
 * FEDCAT_PASSPHRASE_FILE, which is node/passphrase's.
 */
#ifndef NODE_CONFIG_H
#define NODE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/node.h"
#include "node/datadir.h"
#include "node/error.h"
#include "node/limits.h"

#define NODE_CONFIG_PEERS_MAX  64
#define NODE_CONFIG_FILE_MAX   (64u * 1024)
#define NODE_CONFIG_VALUE_MAX  4096 /* bytes of one value */
#define NODE_CONFIG_TABLE_MAX  32
#define NODE_CONFIG_PATH_BYTES 1024 /* with the NUL */
#define NODE_CONFIG_URL_BYTES  256  /* likewise */
#define NODE_CONFIG_HOST_BYTES                                                                     \
	(255 - 6 + 1) /* so that ":65535" fits a charter's address; with the NUL */

enum node_config_level {
	NODE_CONFIG_ERROR,
	NODE_CONFIG_WARNING,
	NODE_CONFIG_INFO,
	NODE_CONFIG_DEBUG
};

/* An address and port, as text that every part of the program reads the same way. */
struct node_config_address {
	char host[46]; /* numeric */
	uint16_t port; /* 0: any free one */
};

/* Where to connect: an address, or a name that DNS or the hosts file knows. */
struct node_config_place {
	char host[NODE_CONFIG_HOST_BYTES];
	uint16_t port; /* not 0 */
};

/* Where to find a member, instead of where its charter says. */
struct node_config_peer {
	char member[CATALOG_MEMBER_NAME_BYTES_MAX + 1];
	struct node_config_place place;
};

enum node_config_when { NODE_CONFIG_AUTO, NODE_CONFIG_YES, NODE_CONFIG_NO };

/* When listings that come from others are made searchable. */
enum node_config_search {
	NODE_CONFIG_SEARCH_LATER, /* of a log that lacks many: when they are there */
	NODE_CONFIG_SEARCH_ON,    /* as they come */
	NODE_CONFIG_SEARCH_OFF,   /* not at all */
};

struct node_config {
	char dir[NODE_DATADIR_PATH_BYTES];
	struct node_config_address listen;
	struct node_config_address http;
	bool http_off;
	char public_url[NODE_CONFIG_URL_BYTES]; /* no slash at its end; "": none */
	enum node_config_level log_level;
	struct node_config_peer peers[NODE_CONFIG_PEERS_MAX];
	size_t peer_count;
	char addresses[CATALOG_NODE_ADDRESSES_MAX][CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	size_t address_count;
	enum node_config_when private_addresses;
	unsigned outgoing_links; /* 0: as many as a node of its kind keeps */
	unsigned incoming_links; /* 0: as many as one takes */
	struct node_limits limits;
	bool is_leaf;
	enum node_config_search search;
	bool is_plain; /* entries are not compressed on their way here */
	unsigned peer_memory_mib;
	unsigned http_threads;
	unsigned retention_days; /* 0: for ever */
	/* Files elsewhere than in dir; "": none. */
	char charter_file[NODE_CONFIG_PATH_BYTES];
	char member_key_file[NODE_CONFIG_PATH_BYTES];
	char node_key_file[NODE_CONFIG_PATH_BYTES];
};

/* One row of the table. */
struct node_config_setting {
	const char *name;     /* as a flag; FEDCAT_NAME in the environment */
	const char *value;    /* what it looks like: "ADDRESS:PORT" */
	const char *standard; /* its default, as text */
	const char *sentence; /* what it does, and its limits */
};

/* The table, for help and documentation.  Returns how many rows there are. */
size_t node_config_settings(const struct node_config_setting **ret_settings);

/* Read the settings.  args are the flags (without the program's name), environment is a list of
 * "NAME=value" that ends in NULL.  Returns 0, -EINVAL if something is unknown or not allowed, or
 * what reading the file says (no file is fine). */
int node_config_load(size_t arg_count, const char *const *args, const char *const *environment,
		     struct node_config *ret_config, struct node_error *ret_error);

/* Read "127.0.0.1:7420", "[::1]:7420" or "localhost:7420".  Returns 0, -EINVAL if it is no numeric
 * address and port. */
int node_config_address(const char *text, struct node_config_address *ret_address,
			struct node_error *ret_error);

/* Read a place: "node.example.org:7420", or what node_config_address() reads but for port 0.
 * Returns 0, -EINVAL. */
int node_config_place(const char *text, struct node_config_place *ret_place,
		      struct node_error *ret_error);

/* Whether only programs of this machine can connect to it. */
bool node_config_is_loopback(const struct node_config_address *address);

/* The other way round; room for "[host]:65535". */
#define NODE_CONFIG_ADDRESS_BYTES 56
void node_config_print(const struct node_config_address *address,
		       char ret_text[NODE_CONFIG_ADDRESS_BYTES]);
#define NODE_CONFIG_PLACE_BYTES (NODE_CONFIG_HOST_BYTES + 8)
void node_config_print_place(const struct node_config_place *place,
			     char ret_text[NODE_CONFIG_PLACE_BYTES]);

#endif
