/* Nodes that our member names: in its log, once and no oftener than must be. */
#include "tests/node/session.h"

#define KEY   "'11aa22bb33cc44dd11aa22bb33cc44dd11aa22bb33cc44dd11aa22bb33cc44dd'"
#define OTHER "'22aa22bb33cc44dd11aa22bb33cc44dd11aa22bb33cc44dd11aa22bb33cc44dd'"

static uint64_t entries(void)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f.store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, SCRATCH_NBS, &status), 0);
	catalog_store_end(txn);
	return status.size;
}

/* Name a node; whether that was written. */
static bool name(const char *json)
{
	uint64_t before = entries();
	struct catalog_value *answer = ask(json);
	bool has_changed = catalog_value_bool(scratch_at(answer, "changed"));

	assert_string_equal(scratch_text(answer, "state"), "good");
	assert_int_equal(entries() > before, has_changed);
	catalog_value_free(answer);
	return has_changed;
}

static void assert_node(const char *state, const char *role, const char *address)
{
	struct catalog_value *answer = ask("{'op':'nodes','member':'nbs'}");

	assert_int_equal(catalog_value_count(scratch_at(answer, "nodes")), 1);
	assert_string_equal(scratch_text(answer, "nodes/0/state"), state);
	assert_string_equal(scratch_text(answer, "nodes/0/role"), role);
	if (address != NULL)
		assert_string_equal(scratch_text(answer, "nodes/0/addresses/0"), address);
	else
		assert_int_equal(catalog_value_count(scratch_at(answer, "nodes/0/addresses")), 0);
	catalog_value_free(answer);
}

static void test_a_node_is_named_and_withdrawn(void **state)
{
	(void)state;
	assert_true(name("{'op':'node-name','key':" KEY ",'addresses':['node.example:1']}"));
	assert_node("good", "mirror", "node.example:1");
	/* What is not given stays. */
	assert_true(name("{'op':'node-name','key':" KEY ",'role':'leaf'}"));
	assert_node("good", "leaf", "node.example:1");
	assert_true(name("{'op':'node-name','key':" KEY ",'addresses':[]}"));
	assert_node("good", "leaf", NULL);
	tell("{'op':'node-withdraw','key':" KEY "}");
	assert_node("withdrawn", "leaf", NULL);
	refuse("{'op':'node-name','key':" KEY ",'renew':true}", -EKEYREJECTED, "has withdrawn");
	assert_true(name("{'op':'node-name','key':" KEY "}")); /* by a person, it may be again */
	refuse("{'op':'node-withdraw','key':" OTHER "}", -ENOENT, "names no node with that key");
}

static void test_a_renewal_writes_what_is_new_or_will_soon_be_over(void **state)
{
	const char *same = "{'op':'node-name','key':" KEY
			   ",'role':'publisher','addresses':['a.example:1'],'renew':true}";
	uint64_t before;

	(void)state;
	assert_true(name(same));
	before = entries();
	for (unsigned i = 0; i < 3; i++)
		assert_false(name(same));
	assert_false(name("{'op':'node-name','key':" KEY ",'role':'publisher','renew':true}"));
	assert_int_equal(entries(), before);
	assert_true(name("{'op':'node-name','key':" KEY
			 ",'role':'publisher','addresses':['b.example:1'],'renew':true}"));
	/* It is named for ten days: that is under half of a year. */
	assert_true(name("{'op':'node-name','key':" KEY
			 ",'role':'publisher','days':10,'addresses':['b.example:1']}"));
	assert_true(name("{'op':'node-name','key':" KEY
			 ",'role':'publisher','addresses':['b.example:1'],'renew':true}"));
	assert_false(name("{'op':'node-name','key':" KEY
			  ",'role':'publisher','addresses':['b.example:1'],'renew':true}"));
}

static void test_what_cannot_be_named_is_refused_in_words(void **state)
{
	(void)state;
	refuse("{'op':'node-name','key':'12'}", -EINVAL, "is no node's key");
	refuse("{'op':'node-name','key':" KEY ",'role':'king'}", -EINVAL, "is no role");
	refuse("{'op':'node-name','key':" KEY ",'days':0}", -EINVAL, "days");
	refuse("{'op':'node-name','key':" KEY ",'days':4000}", -EINVAL, "days");
	refuse("{'op':'node-name','key':" KEY ",'addresses':['a']}", -EINVAL, "is no address");
	refuse("{'op':'node-name','key':" KEY ",'addresses':[7]}", -EINVAL, "is no address");
	refuse("{'op':'node-name','key':" KEY ",'addresses':['a:1','a:2','a:3','a:4','a:5']}",
	       -EINVAL, "at most 4 addresses");
	refuse("{'op':'nodes','member':'nobody'}", -ENOENT, "nobody");
	assert_int_equal(entries(), 0);
	publish("", crops, 1); /* a run is under way */
	refuse("{'op':'node-name','key':" KEY "}", -EBUSY, "publishing");
}

static void test_sixteen_are_as_many_as_may_be(void **state)
{
	char json[200];

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		snprintf(json, sizeof json, "{'op':'node-name','key':'%064x'}", i + 1);
		assert_true(name(json));
	}
	refuse("{'op':'node-name','key':" KEY "}", -EPERM, "as many as may be");
	snprintf(json, sizeof json, "{'op':'node-withdraw','key':'%064x'}", 5);
	tell(json);
	assert_true(name("{'op':'node-name','key':" KEY "}"));
	refuse("{'op':'node-name','key':" OTHER "}", -EPERM, "as many as may be");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/delegation", TEST(test_a_node_is_named_and_withdrawn),
	  TEST(test_a_renewal_writes_what_is_new_or_will_soon_be_over),
	  TEST(test_what_cannot_be_named_is_refused_in_words),
	  TEST(test_sixteen_are_as_many_as_may_be))
