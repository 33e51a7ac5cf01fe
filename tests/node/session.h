/* tests/node/session.h - a node's control on a store of its own, and a session that asks it, with
 * requests written as JSON.  A test includes it and names set_up and tear_down. */
#ifndef TESTS_NODE_SESSION_H
#define TESTS_NODE_SESSION_H

#include "tests/test.h"

#include "catalog/log.h"
#include "tests/node/scratch.h"

struct fixture {
	struct scratch scratch;
	struct catalog_store *store;
	struct node_control_options options;
	struct node_control *control;
	struct node_session *session;
	struct node_error error;
};

static struct fixture f;

static inline int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof f);
	scratch_make(&f.scratch);
	assert_int_equal(node_datadir_store(f.scratch.dir, &f.store, &f.error), 0);
	f.options = (struct node_control_options){
		.store = f.store,
		.charter = f.scratch.charter,
		.member = catalog_charter_member(f.scratch.charter, SCRATCH_NBS),
		.secret = &f.scratch.nbs};
	assert_int_equal(node_control_new(&f.options, &f.control), 0);
	return node_control_session_new(f.control, &f.session);
}

static inline int tear_down(void **state)
{
	(void)state;
	node_control_session_free(f.session);
	node_control_free(f.control);
	catalog_store_close(f.store);
	scratch_drop(&f.scratch);
	return 0;
}

/* --- asking -------------------------------------------------------------------------------- */

static inline int try_with(struct node_session *session, const char *json,
			   struct catalog_value **ret_answer)
{
	struct catalog_value *request = scratch_value(json);
	int r;

	f.error.text[0] = '\0';
	*ret_answer = NULL;
	r = node_control_handle(session, request, ret_answer, &f.error);
	catalog_value_free(request);
	assert_true((r == 0) == (*ret_answer != NULL));
	assert_true((r == 0) == (f.error.text[0] == '\0'));
	return r;
}

static inline int try(const char *json)
{
	struct catalog_value *answer;
	int r = try_with(f.session, json, &answer);

	catalog_value_free(answer);
	return r;
}

static inline struct catalog_value *ask(const char *json)
{
	struct catalog_value *answer;

	if (try_with(f.session, json, &answer) != 0)
		fail_msg("%s: %s", json, f.error.text);
	return answer;
}

static inline void tell(const char *json)
{
	catalog_value_free(ask(json));
}

static inline void refuse(const char *json, int code, const char *words)
{
	int r = try(json);

	if (r != code)
		fail_msg("%s: %d instead of %d: %s", json, r, code, f.error.text);
	if (strstr(f.error.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.error.text, words);
}

/* --- publishing ---------------------------------------------------------------------------- */

/* Publish listings, each written as "id|title", in a run that the caller ends. */
static inline void publish(const char *flags, const char *const *listings, size_t count)
{
	char json[512];

	snprintf(json, sizeof json, "{'op':'publish-begin'%s}", flags);
	assert_int_equal(try(json), 0);
	for (size_t i = 0; i < count; i++) {
		const char *bar = strchr(listings[i], '|');

		snprintf(json, sizeof json,
			 "{'op':'publish-put','items':[{'id':'%.*s','listing':{'title':{'en':'%s'}}"
			 "}]}",
			 (int)(bar - listings[i]), listings[i], bar + 1);
		assert_int_equal(try(json), 0);
	}
}

static const char *const crops[] = {"rice|Rice yield", "maize|Maize yield", "tea|Tea exports",
				    "sisal|Sisal", "coffee|Coffee"};

static inline void publish_crops(void)
{
	publish("", crops, 5);
	assert_int_equal(try("{'op':'publish-end'}"), 0);
}

/* Another node of nbs (before the disk was lost, say) signed more than is held here. */
static inline int longer_elsewhere(struct catalog_txn *txn, void *arg)
{
	struct catalog_checkpoint checkpoint = {.size = 100, .root = {{1}}};
	struct catalog_buffer note = {0};
	int r;

	(void)arg; /* all is in f */
	catalog_checkpoint_origin(catalog_charter_federation(f.scratch.charter), "nbs",
				  checkpoint.origin);
	r = catalog_checkpoint_sign(&checkpoint, &f.scratch.nbs, &note);
	if (r == 0)
		r = catalog_log_target(txn, SCRATCH_NBS, &checkpoint, catalog_buffer_span(&note));
	catalog_buffer_close(&note);
	return r;
}

#endif
