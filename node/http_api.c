#include "node/http_api.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/fork.h"
#include "catalog/json.h"
#include "catalog/note.h"
#include "node/evidence.h"
#include "node/http_search.h"

#define NUMBER_DIGITS_MAX 18
#define EXPORT_LISTINGS   100 /* of one snapshot */
#define NEWEST            6   /* listings on the first page, when nothing is asked for */

/* --- asking ----------------------------------------------------------------------------- */

static struct catalog_value *new_request(const char *op)
{
	struct catalog_value *value = catalog_value_new_map();

	if (value != NULL && catalog_value_set(value, "op", catalog_value_new_string(op)) == 0)
		return value;
	catalog_value_free(value);
	return NULL;
}

/* Put text under key, unless it is NULL.  Returns 0, -ENOMEM. */
static int put_text(struct catalog_value *request, const char *key, const char *text)
{
	return text == NULL ? 0 : catalog_value_set(request, key, catalog_value_new_string(text));
}

static int ask(struct node_session *session, struct catalog_value *request,
	       struct catalog_value **ret_answer, struct node_error *ret_error)
{
	int r;

	if (request == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	assert(node_control_kind(request) == NODE_CONTROL_READ);
	r = node_control_handle(session, request, ret_answer, ret_error);
	catalog_value_free(request);
	return r;
}

int node_http_api_ask_op(struct node_session *session, const char *op,
			 struct catalog_value **ret_answer, struct node_error *ret_error)
{
	return ask(session, new_request(op), ret_answer, ret_error);
}

/* Tell of each of a list where its proof is, as a reference to this server. */
static int link_each(const struct catalog_value *list, struct node_error *ret_error)
{
	for (size_t i = 0; i < catalog_value_count(list); i++) {
		/* The list is ours to change. */
		struct catalog_value *item =
			(struct catalog_value *)(uintptr_t)catalog_value_at(list, i, NULL);
		const char *member = catalog_value_text(catalog_value_get(item, "member"));
		const char *id = catalog_value_text(catalog_value_get(item, "id"));

		assert(member != NULL);
		assert(id != NULL);
		if (node_evidence_set(item, "", member, id) != 0)
			return node_error_set(ret_error, -ENOMEM, "out of memory");
	}
	return 0;
}

/* Ask, and link what is listed under key. */
static int ask_list(struct node_session *session, struct catalog_value *request, const char *key,
		    struct catalog_value **ret_answer, struct node_error *ret_error)
{
	struct catalog_value *answer = NULL;
	int r = ask(session, request, &answer, ret_error);

	if (r == 0)
		r = link_each(catalog_value_get(answer, key), ret_error);
	if (r == 0)
		*ret_answer = answer;
	else
		catalog_value_free(answer);
	return r;
}

/* The page shows what a search can be narrowed down by, and few listings when there is none. */
static int shape_page(const struct node_http_search *search, struct catalog_value *request,
		      struct node_error *error)
{
	int r = node_http_search_get(search, "facets") == NULL ? put_text(request, "facets", "all")
							       : 0;

	if (r == 0 && !node_http_search_asks(search) &&
	    node_http_search_get(search, "limit") == NULL)
		r = catalog_value_set(request, "limit", catalog_value_new_int(NEWEST));
	return r == 0 ? 0 : node_error_set(error, r, "out of memory");
}

/* Ask for a search, or for the changes in one. */
static int ask_search(struct node_session *session, const struct node_http_request *from,
		      const char *op, const char *lang, struct catalog_value **ret_answer,
		      struct node_error *ret_error)
{
	struct catalog_value *request = new_request(op);
	struct node_http_search search;
	int r;

	if (request == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	r = node_http_search_read(from, &search, ret_error);
	if (r == 0)
		r = node_http_search_fill(&search, op, request, ret_error);
	if (r == 0 && put_text(request, "lang", lang) != 0)
		r = node_error_set(ret_error, -ENOMEM, "out of memory");
	if (r == 0 && from->route == NODE_HTTP_REQUEST_HOME)
		r = shape_page(&search, request, ret_error);
	if (r == 0)
		return ask_list(session, request, strcmp(op, "search") == 0 ? "hits" : "items",
				ret_answer, ret_error);
	catalog_value_free(request);
	return r;
}

static int ask_suggest(struct node_session *session, const struct node_http_request *from,
		       struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const char *text = node_http_request_parameter(from, "q");
	struct catalog_value *request = new_request("suggest");

	if (request != NULL && put_text(request, "text", text != NULL ? text : "") == 0)
		return ask(session, request, ret_answer, ret_error);
	catalog_value_free(request);
	return node_error_set(ret_error, -ENOMEM, "out of memory");
}

static int ask_show(struct node_session *session, const struct node_http_request *from,
		    const char *lang, struct catalog_value **ret_answer,
		    struct node_error *ret_error)
{
	struct catalog_value *request = new_request("show"), *answer = NULL;
	int r;

	if (request != NULL && put_text(request, "member", from->member) == 0 &&
	    put_text(request, "id", from->id) == 0 && put_text(request, "lang", lang) == 0) {
		r = ask(session, request, &answer, ret_error);
		if (r != 0)
			return r;
		r = node_evidence_set(answer, "", from->member, from->id);
		if (r == 0) {
			*ret_answer = answer;
			return 0;
		}
		request = answer;
	}
	catalog_value_free(request);
	return node_error_set(ret_error, -ENOMEM, "out of memory");
}

enum claim { PRESENCE, ABSENCE };

static int ask_claim(struct node_session *session, const struct node_http_request *from,
		     enum claim claim, struct catalog_value **ret_answer,
		     struct node_error *ret_error)
{
	struct catalog_value *request = new_request("prove");

	if (request != NULL && put_text(request, "member", from->member) == 0 &&
	    put_text(request, "id", from->id) == 0 &&
	    (claim == PRESENCE ||
	     catalog_value_set(request, "absent", catalog_value_new_bool(true)) == 0))
		return ask(session, request, ret_answer, ret_error);
	catalog_value_free(request);
	return node_error_set(ret_error, -ENOMEM, "out of memory");
}

/* The receipt of a listing or, of one that never was, of its absence. */
static int ask_prove(struct node_session *session, const struct node_http_request *from,
		     struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const char *absent = node_http_request_parameter(from, "absent");
	int r;

	if (absent != NULL && strcmp(absent, "1") != 0)
		return node_error_set(ret_error, -EINVAL,
				      "absent: there is only absent=1, to ask that a listing be "
				      "proved absent");
	if (absent != NULL)
		return ask_claim(session, from, ABSENCE, ret_answer, ret_error);
	r = ask_claim(session, from, PRESENCE, ret_answer, ret_error);
	return r == -ENOENT ? ask_claim(session, from, ABSENCE, ret_answer, ret_error) : r;
}

static int ask_fork(struct node_session *session, const struct node_http_request *from,
		    struct catalog_value **ret_answer, struct node_error *ret_error)
{
	struct catalog_value *request = new_request("fork");

	if (request != NULL && put_text(request, "member", from->member) == 0)
		return ask(session, request, ret_answer, ret_error);
	catalog_value_free(request);
	return node_error_set(ret_error, -ENOMEM, "out of memory");
}

static int ask_conflict(struct node_session *session, const struct node_http_request *from,
			struct catalog_value **ret_answer, struct node_error *ret_error)
{
	struct catalog_value *request = new_request("charter-conflict");
	size_t len = strlen(from->member);

	if (len == 0 || len > NUMBER_DIGITS_MAX || strspn(from->member, "0123456789") != len) {
		catalog_value_free(request);
		return node_error_set(ret_error, -ENOENT, "%.40s is no number of an amendment",
				      from->member);
	}
	if (request != NULL &&
	    catalog_value_set(request, "number",
			      catalog_value_new_int(strtoll(from->member, NULL, 10))) == 0)
		return ask(session, request, ret_answer, ret_error);
	catalog_value_free(request);
	return node_error_set(ret_error, -ENOMEM, "out of memory");
}

int node_http_api_ask(struct node_session *session, const struct node_http_request *request,
		      const char *lang, struct catalog_value **ret_answer,
		      struct node_error *ret_error)
{
	const char *named = node_http_request_parameter(request, "lang");

	if (named != NULL)
		lang = named;
	switch (request->route) {
	case NODE_HTTP_REQUEST_HOME:
	case NODE_HTTP_REQUEST_SEARCH:
		return ask_search(session, request, "search", lang, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_ATOM:
	case NODE_HTTP_REQUEST_FEED:
		return ask_search(session, request, "changes", lang, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_SUGGEST: return ask_suggest(session, request, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_PAGE:
	case NODE_HTTP_REQUEST_LISTING:
		return ask_show(session, request, lang, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_ROSTER:
	case NODE_HTTP_REQUEST_MEMBERS:
		return node_http_api_ask_op(session, "members", ret_answer, ret_error);
	case NODE_HTTP_REQUEST_NODES:
		return node_http_api_ask_op(session, "nodes", ret_answer, ret_error);
	case NODE_HTTP_REQUEST_FORK: return ask_fork(session, request, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_CONFLICT:
		return ask_conflict(session, request, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_RECEIPT: return ask_prove(session, request, ret_answer, ret_error);
	case NODE_HTTP_REQUEST_STATUS:
	case NODE_HTTP_REQUEST_HEALTH:
	case NODE_HTTP_REQUEST_METRICS:
	case NODE_HTTP_REQUEST_CHARTER:
	case NODE_HTTP_REQUEST_EXPORT:
	case NODE_HTTP_REQUEST_CHECKPOINT:
	case NODE_HTTP_REQUEST_TILE:
	case NODE_HTTP_REQUEST_ROUTES: break;
	}
	return node_http_api_ask_op(session, "status", ret_answer, ret_error);
}

/* --- answering -------------------------------------------------------------------------- */

int node_http_api_withdrawal(const struct catalog_value *show, struct catalog_buffer *sentence)
{
	const struct catalog_value *member = catalog_value_get(show, "member");
	const char *title = catalog_value_text(catalog_value_get(member, "title"));
	const char *reason = catalog_value_text(catalog_value_get(show, "reason"));
	const char *time =
		catalog_value_text(catalog_value_get(catalog_value_get(show, "entry"), "time"));

	return catalog_buffer_print(
		sentence, "%s withdrew this listing%s%s%s%s.", title != NULL ? title : "Its member",
		time != NULL ? " at " : "", time != NULL ? time : "",
		reason != NULL ? ": " : " and gave no reason", reason != NULL ? reason : "");
}

/* A withdrawn listing: who, when, why.  Takes show. */
static int answer_gone(struct catalog_value *show, struct node_http_reply *reply)
{
	static const char *const kept[] = {"member",     "id",      "reason", "entry",
					   "checkpoint", "receipt", "log"};
	struct catalog_value *extra = catalog_value_new_map();
	struct catalog_buffer sentence = {0};
	int r = extra != NULL ? 0 : -ENOMEM;

	if (r == 0)
		r = node_http_api_withdrawal(show, &sentence);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0] && r == 0; i++) {
		struct catalog_value *value = catalog_value_take(show, kept[i]);

		if (value != NULL)
			r = catalog_value_set(extra, kept[i], value);
	}
	if (r == 0)
		r = catalog_buffer_append(&sentence, "", 1);
	if (r == 0) {
		r = node_http_reply_problem(reply, 410, (const char *)sentence.bytes, extra);
		extra = NULL; /* taken */
	}
	catalog_value_free(extra);
	catalog_value_free(show);
	catalog_buffer_close(&sentence);
	return r;
}

/* Takes proved. */
static int answer_receipt(struct catalog_value *proved, struct node_http_reply *reply)
{
	const char *text = catalog_value_text(catalog_value_get(proved, "receipt"));
	int r;

	assert(text != NULL);
	r = catalog_buffer_append(&reply->body, text, strlen(text));
	if (r == 0) {
		reply->type = "text/plain; charset=utf-8";
		node_http_reply_name(reply, catalog_value_text(catalog_value_get(proved, "member")),
				     catalog_value_text(catalog_value_get(proved, "id")),
				     "tlog-proof");
	}
	catalog_value_free(proved);
	return r;
}

/* The proof of a fork, as a file.  Takes fork. */
static int answer_fork(struct catalog_value *fork, struct node_http_reply *reply)
{
	const char *text = catalog_value_text(catalog_value_get(fork, "proof"));
	uint8_t proof[CATALOG_FORK_BYTES_MAX];
	size_t len = 0;
	int r;

	assert(text != NULL);
	r = catalog_note_base64((struct catalog_span){(const uint8_t *)text, strlen(text)}, proof,
				sizeof proof, &len);
	if (r == 0)
		r = catalog_buffer_append(&reply->body, proof, len);
	if (r == 0) {
		reply->type = "application/octet-stream";
		node_http_reply_name(reply, catalog_value_text(catalog_value_get(fork, "member")),
				     "proof", "fork");
	}
	catalog_value_free(fork);
	return r;
}

/* The proof that the council signed two amendments, as a file.  Takes conflict. */
static int answer_conflict(struct catalog_value *conflict, struct node_http_reply *reply)
{
	const struct catalog_value *text = catalog_value_get(conflict, "proof");
	size_t len = catalog_value_text_len(text), before = reply->body.len;
	char number[24];
	int r = catalog_buffer_reserve(&reply->body, len + 1);

	if (r == 0)
		r = catalog_note_base64(
			(struct catalog_span){(const uint8_t *)catalog_value_text(text), len},
			reply->body.bytes + before, len + 1, &len);
	if (r == 0) {
		reply->body.len += len;
		reply->type = "application/octet-stream";
		(void)snprintf(number, sizeof number, "%" PRId64,
			       catalog_value_int(catalog_value_get(conflict, "number")));
		node_http_reply_name(reply, "amendment", number, "conflict");
	}
	catalog_value_free(conflict);
	return r;
}

int node_http_api_answer(struct node_session *session, const struct node_http_request *request,
			 struct node_http_reply *reply)
{
	struct catalog_value *answer = NULL;
	struct node_error error;
	const char *state;
	int r;

	r = node_http_api_ask(session, request, NULL, &answer, &error);
	if (r != 0)
		return node_http_reply_problem(reply, node_http_reply_status(r), error.text, NULL);
	if (request->route == NODE_HTTP_REQUEST_FORK)
		return answer_fork(answer, reply);
	if (request->route == NODE_HTTP_REQUEST_CONFLICT)
		return answer_conflict(answer, reply);
	if (request->route == NODE_HTTP_REQUEST_RECEIPT)
		return answer_receipt(answer, reply);
	if (catalog_value_get(answer, "partial") != NULL)
		reply->etag[0] = '\0'; /* another time there may be more */
	state = catalog_value_text(catalog_value_get(answer, "state"));
	if (request->route == NODE_HTTP_REQUEST_LISTING && state != NULL &&
	    strcmp(state, "withdrawn") == 0)
		return answer_gone(answer, reply);
	return node_http_reply_json(reply, answer);
}

/* --- export ----------------------------------------------------------------------------- */

struct node_http_api_export {
	struct node_session *session;
	struct catalog_value *member, *after; /* after: NULL at the beginning */
	bool ended;
	struct catalog_buffer lines;
	size_t read; /* of lines */
};

/* Get the next lines.  Returns 0, or as node_control_handle(). */
static int fetch(struct node_http_api_export *export, struct node_error *ret_error)
{
	struct catalog_value *request = new_request("export"), *answer = NULL;
	const struct catalog_value *items;
	int r = request != NULL ? 0 : -ENOMEM;

	if (r == 0 && export->member != NULL)
		r = catalog_value_set(request, "member", catalog_value_clone(export->member));
	if (r == 0 && export->after != NULL)
		r = catalog_value_set(request, "after", catalog_value_clone(export->after));
	if (r == 0)
		r = catalog_value_set(request, "limit", catalog_value_new_int(EXPORT_LISTINGS));
	if (r != 0) {
		catalog_value_free(request);
		return node_error_set(ret_error, r, "out of memory");
	}
	r = ask_list(export->session, request, "items", &answer, ret_error);
	if (r != 0)
		return r;
	export->lines.len = export->read = 0;
	items = catalog_value_get(answer, "items");
	for (size_t i = 0; i < catalog_value_count(items) && r == 0; i++) {
		r = catalog_json_write(catalog_value_at(items, i, NULL), CATALOG_JSON_COMPACT,
				       &export->lines);
		if (r == 0)
			r = catalog_buffer_append(&export->lines, "\n", 1);
	}
	if (r == 0) {
		catalog_value_free(export->after);
		export->after = catalog_value_take(answer, "after");
		export->ended = catalog_value_type(export->after) != CATALOG_VALUE_STRING;
	} else {
		(void)node_error_set(ret_error, r, "out of memory");
	}
	catalog_value_free(answer);
	return r;
}

int node_http_api_export_new(struct node_session *session, const char *member,
			     struct node_http_api_export **ret_export, struct node_error *ret_error)
{
	struct node_http_api_export *export = calloc(1, sizeof *export);
	int r = 0;

	if (export == NULL) {
		node_control_session_free(session);
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	}
	export->session = session;
	if (member != NULL) {
		export->member = catalog_value_new_string(member);
		if (export->member == NULL)
			r = node_error_set(ret_error, -ENOMEM, "out of memory");
	}
	if (r == 0)
		r = fetch(export, ret_error);
	if (r == 0) {
		*ret_export = export;
		export = NULL;
	}
	node_http_api_export_free(export);
	return r;
}

void node_http_api_export_free(struct node_http_api_export *export)
{
	if (export == NULL)
		return;
	node_control_session_free(export->session);
	catalog_value_free(export->member);
	catalog_value_free(export->after);
	catalog_buffer_close(&export->lines);
	free(export);
}

ssize_t node_http_api_export_read(struct node_http_api_export *export, char *ret_bytes,
				  size_t len_max)
{
	size_t len;

	while (export->read == export->lines.len) {
		int r;

		if (export->ended)
			return 0;
		r = fetch(export, NULL);
		if (r != 0)
			return r;
	}
	len = export->lines.len - export->read;
	if (len > len_max)
		len = len_max;
	memcpy(ret_bytes, export->lines.bytes + export->read, len);
	export->read += len;
	return (ssize_t)len;
}
