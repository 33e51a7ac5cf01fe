/* node/control.c - one table says which requests there are, what each takes and who answers; a
 * request is held against it before anybody looks inside. */
#include "node/control.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/answer.h"
#include "node/bundle.h"
#include "node/changes.h"
#include "node/conflicts.h"
#include "node/delegation.h"
#include "node/export.h"
#include "node/governing.h"
#include "node/motions.h"
#include "node/prove.h"
#include "node/publish.h"
#include "node/search.h"
#include "node/trust.h"

#define FIELDS_MAX 28
#define OP_MAX     40 /* bytes of a name that is quoted in an error */

struct node_control {
	struct node_control_options options;
	int64_t started_s;               /* on the monotonic clock */
	struct node_session *publishing; /* whose run it is, if one is under way; the writer's */
};

struct node_session {
	struct node_control *control;
	struct node_publish *run; /* the writer's */
};

static int64_t monotonic_s(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with this clock */
	return (int64_t)now.tv_sec;
}

int node_control_new(const struct node_control_options *options, struct node_control **ret_control)
{
	struct node_control *control = calloc(1, sizeof *control);

	assert(options->store != NULL);
	assert(options->charter != NULL);
	if (control == NULL)
		return -ENOMEM;
	control->options = *options;
	control->started_s = monotonic_s();
	*ret_control = control;
	return 0;
}

void node_control_free(struct node_control *control)
{
	if (control == NULL)
		return;
	assert(control->publishing == NULL);
	free(control);
}

int node_control_session_new(struct node_control *control, struct node_session **ret_session)
{
	struct node_session *session = calloc(1, sizeof *session);

	if (session == NULL)
		return -ENOMEM;
	session->control = control;
	*ret_session = session;
	return 0;
}

static void end_run(struct node_session *session)
{
	if (session->run == NULL)
		return;
	assert(session->control->publishing == session);
	node_publish_free(session->run);
	session->run = NULL;
	session->control->publishing = NULL;
}

void node_control_session_free(struct node_session *session)
{
	if (session == NULL)
		return;
	end_run(session);
	free(session);
}

/* --- who answers ------------------------------------------------------------------------------ */

typedef int (*handler)(struct node_session *session, const struct catalog_value *request,
		       struct catalog_value **ret_answer, struct node_error *ret_error);
typedef int (*answerer)(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error);

/* One of the two; is_alone: nobody may publish meanwhile. */
struct who {
	handler handle;
	answerer answer;
	bool is_alone;
};

#define SESSION(handle)                                                                            \
	{                                                                                          \
		handle, NULL, false                                                                \
	} /* it must know whose request it is */
#define NODE(answer)                                                                               \
	{                                                                                          \
		NULL, answer, false                                                                \
	}
#define ALONE(answer)                                                                              \
	{                                                                                          \
		NULL, answer, true                                                                 \
	}

static int handle_status(struct node_session *session, const struct catalog_value *request,
			 struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const struct node_control *control = session->control;
	uint64_t uptime_s = UINT64_MAX;

	(void)request; /* takes nothing */
	if (control->options.peers != NULL)
		uptime_s = (uint64_t)(monotonic_s() - control->started_s);
	return node_answer_status(&control->options, uptime_s, ret_answer, ret_error);
}

static int handle_members(struct node_session *session, const struct catalog_value *request,
			  struct catalog_value **ret_answer, struct node_error *ret_error)
{
	(void)request; /* takes nothing */
	return node_answer_members(&session->control->options, ret_answer, ret_error);
}

static int handle_motions(struct node_session *session, const struct catalog_value *request,
			  struct catalog_value **ret_answer, struct node_error *ret_error)
{
	(void)request; /* takes nothing */
	return node_motions_list(&session->control->options, ret_answer, ret_error);
}

/* Whether nobody publishes, so that this session may.  Returns 0, -EBUSY. */
static int check_free(const struct node_session *session, struct node_error *error)
{
	if (session->control->publishing == NULL)
		return 0;
	return node_error_set(
		error, -EBUSY,
		session->run != NULL ? "a publishing run is under way on this connection; end it "
				       "with publish-end or publish-abort first"
				     : "another command is publishing at this node; try again when "
				       "it is done");
}

static int check_run(const struct node_session *session, struct node_error *error)
{
	if (session->run != NULL)
		return 0;
	return node_error_set(error, -EINVAL,
			      "no publishing run is under way on this connection; begin one with "
			      "publish-begin");
}

static int handle_begin(struct node_session *session, const struct catalog_value *request,
			struct catalog_value **ret_answer, struct node_error *ret_error)
{
	int r = check_free(session, ret_error);

	if (r == 0)
		r = node_publish_begin(&session->control->options, request, &session->run,
				       ret_answer, ret_error);
	if (r == 0)
		session->control->publishing = session;
	return r;
}

static int handle_put(struct node_session *session, const struct catalog_value *request,
		      struct catalog_value **ret_answer, struct node_error *ret_error)
{
	int r = check_run(session, ret_error);

	if (r != 0)
		return r;
	r = node_publish_put(session->run, request, ret_answer, ret_error);
	if (r != 0)
		end_run(session);
	return r;
}

static int handle_reject(struct node_session *session, const struct catalog_value *request,
			 struct catalog_value **ret_answer, struct node_error *ret_error)
{
	int r = check_run(session, ret_error);

	if (r != 0)
		return r;
	r = node_publish_reject(session->run, request, ret_answer, ret_error);
	if (r != 0)
		end_run(session);
	return r;
}

static int handle_end(struct node_session *session, const struct catalog_value *request,
		      struct catalog_value **ret_answer, struct node_error *ret_error)
{
	int r = check_run(session, ret_error);

	(void)request; /* takes nothing */
	if (r != 0)
		return r;
	r = node_publish_end(session->run, ret_answer, ret_error);
	end_run(session);
	return r;
}

static int nothing(struct catalog_value **ret_answer, struct node_error *ret_error)
{
	struct catalog_value *map = catalog_value_new_map();

	if (map == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	*ret_answer = map;
	return 0;
}

static int handle_abort(struct node_session *session, const struct catalog_value *request,
			struct catalog_value **ret_answer, struct node_error *ret_error)
{
	int r = check_run(session, ret_error);

	(void)request; /* takes nothing */
	if (r != 0)
		return r;
	end_run(session);
	return nothing(ret_answer, ret_error);
}

/* What fedcatd's loop answers before it comes here. */
static int handle_loop(struct node_session *session, const struct catalog_value *request,
		       struct catalog_value **ret_answer, struct node_error *ret_error)
{
	(void)session;    /* not asked */
	(void)ret_answer; /* there is none */
	return node_error_set(ret_error, -ENOENT,
			      "%s: no fedcatd is running in this directory; start one first",
			      catalog_value_text(catalog_value_get(request, "op")));
}

/* --- what requests take ------------------------------------------------------------------------
 */

enum need { OPTIONAL, NEEDED };

struct field {
	const char *name;
	enum catalog_value_type type; /* a string has no NULs and at most bytes_max bytes */
	enum need need;
	size_t bytes_max;
};

#define ID_MAX     CATALOG_ID_BYTES_MAX
#define NAME_BYTES CATALOG_MEMBER_NAME_BYTES_MAX
#define QUERY_MAX  1024 /* also of a theme */
#define LANG_MAX   40
#define AFTER_MAX  100
#define REASON_MAX 1000
#define FACETS_MAX 200
#define CURSOR_MAX 2000

/* What narrows down what is found, and where to go on. */
#define SEARCH_FIELDS                                                                              \
	{"text", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                                       \
		{"member", CATALOG_VALUE_STRING, OPTIONAL, NAME_BYTES},                            \
		{"country", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX},                             \
		{"theme", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                              \
		{"sector", CATALOG_VALUE_STRING, OPTIONAL, NAME_BYTES},                            \
		{"licence", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                            \
		{"format", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                             \
		{"access", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                             \
		{"language", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                           \
		{"keyword", CATALOG_VALUE_STRING, OPTIONAL, QUERY_MAX},                            \
		{"year", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX},                                \
		{"doi", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX},                                 \
		{"usage", CATALOG_VALUE_STRING, OPTIONAL, AFTER_MAX},                              \
		{"since", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX},                               \
		{"time", CATALOG_VALUE_STRING, OPTIONAL, AFTER_MAX},                               \
		{"bbox", CATALOG_VALUE_STRING, OPTIONAL, AFTER_MAX},                               \
		{"box", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX},                                 \
		{"cursor", CATALOG_VALUE_STRING, OPTIONAL, CURSOR_MAX},                            \
		{"limit", CATALOG_VALUE_INT, OPTIONAL, 0},                                         \
	{                                                                                          \
		"lang", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX                                   \
	}

static const struct op {
	const char *name;
	enum node_control_kind kind;
	struct who who;
	struct field fields[FIELDS_MAX];
} ops[] = {
	{"status", NODE_CONTROL_READ, SESSION(handle_status), {{0}}},
	{"members", NODE_CONTROL_READ, SESSION(handle_members), {{0}}},
	{"show",
	 NODE_CONTROL_READ,
	 NODE(node_answer_show),
	 {{"member", CATALOG_VALUE_STRING, NEEDED, NAME_BYTES},
	  {"id", CATALOG_VALUE_STRING, NEEDED, ID_MAX},
	  {"lang", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX}}},
	{"prove",
	 NODE_CONTROL_READ,
	 NODE(node_prove_answer),
	 {{"member", CATALOG_VALUE_STRING, NEEDED, NAME_BYTES},
	  {"id", CATALOG_VALUE_STRING, NEEDED, ID_MAX},
	  {"absent", CATALOG_VALUE_BOOL, OPTIONAL, 0},
	  {"entry", CATALOG_VALUE_INT, OPTIONAL, 0}}},
	{"fork",
	 NODE_CONTROL_READ,
	 NODE(node_trust_answer_fork),
	 {{"member", CATALOG_VALUE_STRING, NEEDED, NAME_BYTES}}},
	{"charter-line",
	 NODE_CONTROL_READ,
	 NODE(node_governing_line),
	 {{"member", CATALOG_VALUE_STRING, NEEDED, NAME_BYTES},
	  {"after", CATALOG_VALUE_INT, OPTIONAL, 0}}},
	{"charter-conflict",
	 NODE_CONTROL_READ,
	 NODE(node_conflicts_answer),
	 {{"number", CATALOG_VALUE_INT, NEEDED, 0}}},
	{"charter-motions", NODE_CONTROL_READ, SESSION(handle_motions), {{0}}},
	{"charter-propose",
	 NODE_CONTROL_WRITE,
	 ALONE(node_motions_propose),
	 {{"amendment", CATALOG_VALUE_STRING, NEEDED, NODE_CONTROL_REQUEST_MAX},
	  {"new_vote", CATALOG_VALUE_STRING, OPTIONAL, REASON_MAX},
	  {"days", CATALOG_VALUE_INT, OPTIONAL, 0},
	  {"force_new_log", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
	{"charter-vote",
	 NODE_CONTROL_WRITE,
	 ALONE(node_motions_vote),
	 {{"id", CATALOG_VALUE_STRING, NEEDED, CATALOG_HASH_HEX_BYTES - 1},
	  {"force_new_log", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
	{"charter-submit",
	 NODE_CONTROL_WRITE,
	 NODE(node_governing_submit),
	 {{"amendment", CATALOG_VALUE_STRING, NEEDED, NODE_CONTROL_REQUEST_MAX}}},
	{"nodes",
	 NODE_CONTROL_READ,
	 NODE(node_delegation_list),
	 {{"member", CATALOG_VALUE_STRING, OPTIONAL, NAME_BYTES}}},
	{"node-name",
	 NODE_CONTROL_WRITE,
	 ALONE(node_delegation_name),
	 {{"key", CATALOG_VALUE_STRING, NEEDED, CATALOG_HASH_HEX_BYTES - 1},
	  {"role", CATALOG_VALUE_STRING, OPTIONAL, NAME_BYTES},
	  {"days", CATALOG_VALUE_INT, OPTIONAL, 0},
	  {"addresses", CATALOG_VALUE_LIST, OPTIONAL, 0},
	  {"renew", CATALOG_VALUE_BOOL, OPTIONAL, 0},
	  {"force_new_log", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
	{"node-withdraw",
	 NODE_CONTROL_WRITE,
	 ALONE(node_delegation_withdraw),
	 {{"key", CATALOG_VALUE_STRING, NEEDED, CATALOG_HASH_HEX_BYTES - 1},
	  {"force_new_log", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
	{"search",
	 NODE_CONTROL_READ,
	 NODE(node_search_answer),
	 {SEARCH_FIELDS,
	  {"offset", CATALOG_VALUE_INT, OPTIONAL, 0},
	  {"sort", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX},
	  {"facets", CATALOG_VALUE_STRING, OPTIONAL, FACETS_MAX},
	  {"explain", CATALOG_VALUE_STRING, OPTIONAL, LANG_MAX}}},
	{"changes", NODE_CONTROL_READ, NODE(node_changes_answer), {SEARCH_FIELDS}},
	{"reindex",
	 NODE_CONTROL_WRITE,
	 NODE(node_search_reindex),
	 {{"begin", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
	{"suggest",
	 NODE_CONTROL_READ,
	 NODE(node_search_suggest),
	 {{"text", CATALOG_VALUE_STRING, NEEDED, QUERY_MAX}}},
	{"export",
	 NODE_CONTROL_READ,
	 NODE(node_export_answer),
	 {{"member", CATALOG_VALUE_STRING, OPTIONAL, NAME_BYTES},
	  {"after", CATALOG_VALUE_STRING, OPTIONAL, AFTER_MAX},
	  {"limit", CATALOG_VALUE_INT, OPTIONAL, 0}}},
	{"wait",
	 NODE_CONTROL_LOOP,
	 SESSION(handle_loop),
	 {{"vector", CATALOG_VALUE_STRING, OPTIONAL, 64},
	  {"equal", CATALOG_VALUE_INT, OPTIONAL, 0},
	  {"timeout_ms", CATALOG_VALUE_INT, NEEDED, 0}}},
	{"witness",
	 NODE_CONTROL_LOOP,
	 SESSION(handle_loop),
	 {{"count", CATALOG_VALUE_INT, NEEDED, 0}, {"timeout_ms", CATALOG_VALUE_INT, NEEDED, 0}}},
	{"keys", NODE_CONTROL_LOOP, SESSION(handle_loop), {{0}}},
	{"pull", NODE_CONTROL_LOOP, SESSION(handle_loop), {{0}}},
	{"stop", NODE_CONTROL_LOOP, SESSION(handle_loop), {{0}}},
	{"bundle-take",
	 NODE_CONTROL_WRITE,
	 NODE(node_bundle_take),
	 {{"items", CATALOG_VALUE_LIST, NEEDED, 0}}},
	{"bundle-back",
	 NODE_CONTROL_WRITE,
	 NODE(node_bundle_back),
	 {{"member", CATALOG_VALUE_STRING, NEEDED, NAME_BYTES}}},
	{"publish-begin",
	 NODE_CONTROL_WRITE,
	 SESSION(handle_begin),
	 {{"withdraw_missing", CATALOG_VALUE_BOOL, OPTIONAL, 0},
	  {"yes", CATALOG_VALUE_BOOL, OPTIONAL, 0},
	  {"dry", CATALOG_VALUE_BOOL, OPTIONAL, 0},
	  {"force_new_log", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
	{"publish-put",
	 NODE_CONTROL_WRITE,
	 SESSION(handle_put),
	 {{"items", CATALOG_VALUE_LIST, NEEDED, 0}}},
	{"publish-reject",
	 NODE_CONTROL_WRITE,
	 SESSION(handle_reject),
	 {{"ids", CATALOG_VALUE_LIST, NEEDED, 0}}},
	{"publish-end", NODE_CONTROL_WRITE, SESSION(handle_end), {{0}}},
	{"publish-abort", NODE_CONTROL_WRITE, SESSION(handle_abort), {{0}}},
	{"withdraw",
	 NODE_CONTROL_WRITE,
	 ALONE(node_publish_withdraw),
	 {{"id", CATALOG_VALUE_STRING, NEEDED, ID_MAX},
	  {"reason", CATALOG_VALUE_STRING, OPTIONAL, REASON_MAX},
	  {"erase", CATALOG_VALUE_BOOL, OPTIONAL, 0},
	  {"force_new_log", CATALOG_VALUE_BOOL, OPTIONAL, 0}}},
};

static const struct op *find_op(const struct catalog_value *request)
{
	const struct catalog_value *name = catalog_value_get(request, "op");
	const char *text = catalog_value_text(name);

	if (text == NULL || strlen(text) != catalog_value_text_len(name))
		return NULL;
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(ops[i].name, text) == 0)
			return &ops[i];
	return NULL;
}

enum node_control_kind node_control_kind(const struct catalog_value *request)
{
	const struct op *op = find_op(request);

	return op != NULL ? op->kind : NODE_CONTROL_BAD;
}

static int no_such_op(const struct catalog_value *request, struct node_error *error)
{
	const char *name = catalog_value_text(catalog_value_get(request, "op"));

	if (catalog_value_type(request) != CATALOG_VALUE_MAP)
		return node_error_set(error, -EINVAL, "a request is a map");
	if (name == NULL)
		return node_error_set(error, -EINVAL,
				      "a request says under \"op\" what it asks for");
	return node_error_set(error, -EINVAL,
			      "there is no request \"%.*s\"; is the fedcatd that runs older than "
			      "this command?",
			      OP_MAX, name);
}

static const struct field *find_field(const struct op *op, const char *name)
{
	for (size_t i = 0; i < FIELDS_MAX && op->fields[i].name != NULL; i++)
		if (strcmp(op->fields[i].name, name) == 0)
			return &op->fields[i];
	return NULL;
}

static const char *type_words(enum catalog_value_type type)
{
	switch (type) {
	case CATALOG_VALUE_NULL: return "null";
	case CATALOG_VALUE_BOOL: return "true or false";
	case CATALOG_VALUE_INT: return "a whole number";
	case CATALOG_VALUE_DOUBLE: return "a number";
	case CATALOG_VALUE_STRING: return "text";
	case CATALOG_VALUE_LIST: return "a list";
	case CATALOG_VALUE_MAP: return "a map";
	}
	return "?";
}

static int check_text(const struct op *op, const struct field *field,
		      const struct catalog_value *value, struct node_error *error)
{
	const char *text = catalog_value_text(value);
	size_t len = catalog_value_text_len(value);

	if (len > field->bytes_max)
		return node_error_set(error, -E2BIG, "%s: %s has %zu bytes, and %zu are allowed",
				      op->name, field->name, len, field->bytes_max);
	if (strlen(text) != len)
		return node_error_set(error, -EINVAL, "%s: %s holds a NUL", op->name, field->name);
	return 0;
}

/* Whether the request has what op takes and nothing else. */
static int check_fields(const struct op *op, const struct catalog_value *request,
			struct node_error *error)
{
	for (size_t i = 0; i < catalog_value_count(request); i++) {
		const char *key;
		const struct catalog_value *value = catalog_value_at(request, i, &key);
		const struct field *field = find_field(op, key);
		int r = 0;

		if (strcmp(key, "op") == 0)
			continue;
		if (field == NULL)
			return node_error_set(error, -EINVAL, "%s: does not know \"%.*s\"",
					      op->name, OP_MAX, key);
		if (catalog_value_type(value) != field->type)
			return node_error_set(error, -EINVAL, "%s: %s is %s, not %s", op->name, key,
					      type_words(field->type),
					      type_words(catalog_value_type(value)));
		if (field->type == CATALOG_VALUE_STRING)
			r = check_text(op, field, value, error);
		if (r != 0)
			return r;
	}
	for (size_t i = 0; i < FIELDS_MAX && op->fields[i].name != NULL; i++)
		if (op->fields[i].need == NEEDED &&
		    catalog_value_get(request, op->fields[i].name) == NULL)
			return node_error_set(error, -EINVAL, "%s: needs %s", op->name,
					      op->fields[i].name);
	return 0;
}

int node_control_handle(struct node_session *session, const struct catalog_value *request,
			struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const struct op *op = find_op(request);
	int r;

	if (op == NULL)
		return no_such_op(request, ret_error);
	r = check_fields(op, request, ret_error);
	if (r == 0 && op->who.is_alone)
		r = check_free(session, ret_error);
	if (r != 0)
		return r;
	if (op->who.handle != NULL)
		return op->who.handle(session, request, ret_answer, ret_error);
	return op->who.answer(&session->control->options, request, ret_answer, ret_error);
}
