#include "node/delegation.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/node.h"
#include "node/answer.h"
#include "node/fields.h"
#include "node/nodekey.h"
#include "node/publish.h"

#define DAY_S ((int64_t)24 * 60 * 60)

/* The nodes of one member, as its log has them. */
struct page {
	const struct catalog_member *member;
	size_t count;
	struct catalog_node nodes[CATALOG_NODE_PLACES];
};

static const struct catalog_node *find(const struct page *page, const struct catalog_node_key *key)
{
	for (size_t i = 0; i < page->count; i++)
		if (memcmp(&page->nodes[i].key, key, sizeof *key) == 0)
			return &page->nodes[i];
	return NULL;
}

static bool is_in_charter(const struct page *page, const struct catalog_node_key *key)
{
	for (size_t i = 0; i < page->member->node_count; i++)
		if (memcmp(&page->member->nodes[i], key, sizeof *key) == 0)
			return true;
	return false;
}

static enum catalog_node_state judge(const struct page *page, const struct catalog_node_key *key)
{
	return catalog_node_judge(page->member, page->nodes, page->count, key, (int64_t)time(NULL),
				  NULL);
}

/* --- listing ---------------------------------------------------------------------------------- */

static void node_fields(struct node_fields *fields, const struct page *page,
			const struct catalog_node_key *key)
{
	const struct catalog_node *node = find(page, key);
	char hex[NODE_NODEKEY_HEX_BYTES], print[NODE_NODEKEY_FINGERPRINT_BYTES];

	node_nodekey_hex(key, hex);
	node_nodekey_fingerprint(key, print);
	node_fields_text(fields, "member", page->member->name);
	node_fields_text(fields, "key", hex);
	node_fields_text(fields, "fingerprint", print);
	node_fields_bool(fields, "charter", is_in_charter(page, key));
	node_fields_text(fields, "state", catalog_node_state_word(judge(page, key)));
	node_fields_text(fields, "role", node != NULL ? catalog_node_role_word(node->role) : NULL);
	if (node != NULL && node->expires_s > 0)
		node_fields_time(fields, "expires", node->expires_s);
	else
		node_fields_null(fields, "expires");
	node_fields_texts(fields, "addresses", node != NULL ? node->addresses[0] : NULL,
			  sizeof node->addresses[0], node != NULL ? node->address_count : 0);
}

static int list_one(const struct page *page, const struct catalog_node_key *key,
		    struct catalog_value *list)
{
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields(&fields, page, key);
	return node_fields_append(&fields, list);
}

static int list_member(const struct page *page, struct catalog_value *list)
{
	int r = 0;

	for (size_t i = 0; i < page->member->node_count && r == 0; i++)
		r = list_one(page, &page->member->nodes[i], list);
	for (size_t i = 0; i < page->count && r == 0; i++)
		if (!is_in_charter(page, &page->nodes[i].key))
			r = list_one(page, &page->nodes[i].key, list);
	return r;
}

int node_delegation_list(const struct node_control_options *options,
			 const struct catalog_value *request, struct catalog_value **ret_answer,
			 struct node_error *ret_error)
{
	const char *name = catalog_value_text(catalog_value_get(request, "member"));
	struct page *page = calloc(1, sizeof *page);
	struct catalog_value *list = catalog_value_new_list();
	const struct catalog_member *only = NULL;
	struct catalog_txn *txn = NULL;
	struct node_fields fields;
	int r = page == NULL || list == NULL ? -ENOMEM : 0;

	if (r == 0 && name != NULL) {
		r = node_answer_member(options, name, &only, ret_error);
		if (r != 0)
			goto out;
	}
	if (r == 0)
		r = catalog_store_begin(options->store, &txn);
	for (size_t i = 0; r == 0 && i < catalog_charter_member_count(options->charter); i++) {
		page->member = catalog_charter_member_at(options->charter, i);
		if (only != NULL && only->index != page->member->index)
			continue;
		r = catalog_node_list(txn, page->member->index, page->nodes, &page->count);
		if (r == 0)
			r = list_member(page, list);
	}
	if (txn != NULL)
		catalog_store_end(txn);
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_value(&fields, "nodes", list);
		list = NULL; /* theirs now */
		r = node_fields_close(&fields, ret_answer);
	}
	if (r != 0)
		r = node_answer_failed(ret_error, r, "nodes");
out:
	catalog_value_free(list);
	free(page);
	return r;
}

/* --- naming ----------------------------------------------------------------------------------- */

static int open_page(const struct node_control_options *options, const char *verb,
		     struct page **ret_page, struct node_error *error)
{
	struct page *page;
	struct catalog_txn *txn;
	int r;

	if (options->member == NULL || options->secret == NULL)
		return node_error_set(
			error, -ENOKEY,
			"%s: this node has no member's key; do it at the node that has "
			"it",
			verb);
	r = node_answer_begin(options, &txn, verb, error);
	if (r != 0)
		return r;
	page = calloc(1, sizeof *page);
	if (page != NULL) {
		page->member = catalog_charter_member(options->charter, options->member->index);
		r = catalog_node_list(txn, options->member->index, page->nodes, &page->count);
	}
	catalog_store_end(txn);
	if (page == NULL || r != 0) {
		free(page);
		return node_answer_failed(error, r != 0 ? r : -ENOMEM, verb);
	}
	if (page->member->standing != CATALOG_STANDING_MEMBER) {
		free(page);
		return node_error_set(error, -EPERM,
				      "%s: %s is suspended or expelled, and its log takes nothing",
				      verb, options->member->name);
	}
	*ret_page = page;
	return 0;
}

static int read_key(const struct catalog_value *request, struct catalog_node_key *ret_key,
		    struct node_error *error)
{
	const char *hex = catalog_value_text(catalog_value_get(request, "key"));

	if (node_nodekey_parse(hex, ret_key) == 0)
		return 0;
	return node_error_set(
		error, -EINVAL,
		"\"%.70s\" is no node's key: 64 hexadecimal digits, as `fedcat key show` "
		"and `fedcat key make` print them",
		hex);
}

static int read_addresses(const struct catalog_value *list, struct catalog_node *node,
			  struct node_error *error)
{
	if (catalog_value_count(list) > CATALOG_NODE_ADDRESSES_MAX)
		return node_error_set(error, -EINVAL, "a node has at most %d addresses",
				      CATALOG_NODE_ADDRESSES_MAX);
	for (size_t i = 0; i < catalog_value_count(list); i++) {
		const struct catalog_value *item = catalog_value_at(list, i, NULL);
		const char *text = catalog_value_text(item);

		if (text == NULL || strlen(text) != catalog_value_text_len(item) ||
		    !catalog_node_is_address(text))
			return node_error_set(
				error, -EINVAL,
				"\"%.100s\" is no address such as node.example.org:7420, "
				"192.0.2.1:7420 or [2001:db8::1]:7420",
				text != NULL ? text : "");
		(void)snprintf(node->addresses[node->address_count++], sizeof node->addresses[0],
			       "%s", text); /* it fits */
	}
	return 0;
}

/* What the request makes of what is known of its node. */
static int read_node(const struct page *page, const struct catalog_value *request,
		     struct catalog_node *ret_node, struct node_error *error)
{
	const char *role = catalog_value_text(catalog_value_get(request, "role"));
	const struct catalog_value *addresses = catalog_value_get(request, "addresses");
	struct catalog_node node = {.role = CATALOG_NODE_MIRROR};
	const struct catalog_node *known;
	size_t days = NODE_DELEGATION_DAYS;
	int r = read_key(request, &node.key, error);

	if (r == 0)
		r = node_answer_number(request, "days", NODE_DELEGATION_DAYS, 1,
				       CATALOG_NODE_DAYS_MAX, &days, error);
	if (r != 0)
		return r;
	known = find(page, &node.key);
	if (known != NULL)
		node = *known;
	if (role != NULL && catalog_node_role(role, &node.role) != 0)
		return node_error_set(error, -EINVAL,
				      "\"%.40s\" is no role; it is one of publisher, mirror, leaf",
				      role);
	if (addresses != NULL) {
		node.address_count = 0;
		memset(node.addresses, 0, sizeof node.addresses);
		r = read_addresses(addresses, &node, error);
	}
	node.expires_s = (int64_t)time(NULL) + (int64_t)days * DAY_S;
	if (r == 0)
		*ret_node = node;
	return r;
}

static bool is_same_place(const struct catalog_node *a, const struct catalog_node *b)
{
	if (a->address_count != b->address_count || a->role != b->role)
		return false;
	for (size_t i = 0; i < a->address_count; i++)
		if (strcmp(a->addresses[i], b->addresses[i]) != 0)
			return false;
	return true;
}

/* Whether what is known of a node says the same as what it asks for, and for long enough. */
static bool is_known(const struct page *page, const struct catalog_value *request,
		     const struct catalog_node *node)
{
	const struct catalog_node *known = find(page, &node->key);
	const struct catalog_member *member = page->member;
	int64_t now_s = (int64_t)time(NULL);

	if (known != NULL)
		return is_same_place(known, node) &&
		       known->expires_s - now_s > (node->expires_s - now_s) / 2;
	if (!is_in_charter(page, &node->key))
		return false;
	if (catalog_value_get(request, "addresses") == NULL)
		return true;
	if (member->address_count != node->address_count)
		return false;
	for (size_t i = 0; i < node->address_count; i++)
		if (strcmp(member->addresses[i], node->addresses[i]) != 0)
			return false;
	return true;
}

static int append(const struct node_control_options *options, const struct catalog_value *request,
		  const char *verb, const struct page *page, const struct catalog_node *node,
		  struct node_error *error)
{
	struct node_publish_entry entry = {.kind = CATALOG_ENTRY_NODE};
	struct catalog_buffer body = {0};
	char id[12];
	unsigned place = 0;
	int r = catalog_node_place(page->member, page->nodes, page->count, &node->key,
				   (int64_t)time(NULL), &place);

	if (r != 0)
		return node_error_set(error, -EPERM,
				      "%s: %s names %d nodes already, which is as many as may be; "
				      "withdraw one first (fedcat nodes %s shows them)",
				      verb, page->member->name, CATALOG_NODE_PLACES,
				      page->member->name);
	r = catalog_node_encode(node, &body);
	assert(r != -EINVAL); /* its parts were looked at */
	if (r != 0)
		return node_answer_failed(error, r, verb);
	(void)snprintf(id, sizeof id, "%u", place); /* it fits */
	entry.id = id;
	entry.body = catalog_buffer_span(&body);
	r = node_publish_entries(options, request, verb, &entry, 1, error);
	catalog_buffer_close(&body);
	return r;
}

/* What is known of a node now, for the answer. */
static int answer(const struct node_control_options *options, const char *verb,
		  const struct catalog_node_key *key, bool has_changed,
		  struct catalog_value **ret_answer, struct node_error *error)
{
	struct page *page;
	struct node_fields fields;
	int r = open_page(options, verb, &page, error);

	if (r != 0)
		return r;
	node_fields_init(&fields);
	node_fields(&fields, page, key);
	node_fields_bool(&fields, "changed", has_changed);
	free(page);
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : node_answer_failed(error, r, verb);
}

int node_delegation_name(const struct node_control_options *options,
			 const struct catalog_value *request, struct catalog_value **ret_answer,
			 struct node_error *ret_error)
{
	const struct catalog_value *renew = catalog_value_get(request, "renew");
	bool is_renewal = renew != NULL && catalog_value_bool(renew), has_changed;
	const char *verb = "name a node";
	struct catalog_node *node = calloc(1, sizeof *node);
	struct page *page = NULL;
	int r = node == NULL ? node_error_set(ret_error, -ENOMEM, "out of memory")
			     : open_page(options, verb, &page, ret_error);

	if (r == 0)
		r = read_node(page, request, node, ret_error);
	if (r == 0 && is_renewal && judge(page, &node->key) == CATALOG_NODE_WITHDRAWN)
		r = node_error_set(
			ret_error, -EKEYREJECTED,
			"%s has withdrawn this node's key, and others refuse it: `fedcat "
			"key rotate --node` makes another",
			page->member->name);
	has_changed = r == 0 && !(is_renewal && is_known(page, request, node));
	if (has_changed)
		r = append(options, request, verb, page, node, ret_error);
	if (r == 0)
		r = answer(options, verb, &node->key, has_changed, ret_answer, ret_error);
	free(page);
	free(node);
	return r;
}

int node_delegation_withdraw(const struct node_control_options *options,
			     const struct catalog_value *request, struct catalog_value **ret_answer,
			     struct node_error *ret_error)
{
	const char *verb = "withdraw a node";
	const struct catalog_node *known;
	struct catalog_node node = {.role = CATALOG_NODE_MIRROR};
	enum catalog_node_state state = CATALOG_NODE_UNNAMED;
	struct page *page = NULL;
	int r = open_page(options, verb, &page, ret_error);

	if (r == 0)
		r = read_key(request, &node.key, ret_error);
	if (r == 0) {
		state = judge(page, &node.key);
		known = find(page, &node.key);
		if (known != NULL)
			node.role = known->role;
	}
	if (r == 0 && state == CATALOG_NODE_UNNAMED)
		r = node_error_set(ret_error, -ENOENT,
				   "%s names no node with that key; `fedcat nodes %s` shows those "
				   "that it does",
				   page->member->name, page->member->name);
	if (r == 0 && state != CATALOG_NODE_WITHDRAWN)
		r = append(options, request, verb, page, &node, ret_error);
	if (r == 0)
		r = answer(options, verb, &node.key, state != CATALOG_NODE_WITHDRAWN, ret_answer,
			   ret_error);
	free(page);
	return r;
}
