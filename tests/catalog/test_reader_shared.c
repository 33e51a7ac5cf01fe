/* Catalogues of real institutions, in ../shared/data or below $FEDCAT_SHARED: how many are read,
 * and that nothing but what is over the limits is rejected. */
#include "tests/catalog/reading.h"

#include <stdlib.h>
#include <sys/stat.h>

struct tally {
	unsigned read, rejected, repaired;
	char problem[700]; /* of the last rejected */
	bool is_only_size; /* nothing was rejected but for its size */
};

static int count(void *arg, const struct catalog_reader_record *record)
{
	struct tally *tally = arg;

	tally->read++;
	if (record->listing == NULL) {
		tally->rejected++;
		snprintf(tally->problem, sizeof tally->problem, "%s: %s: found %s, expected %s",
			 record->place, record->problem->path, record->problem->found,
			 record->problem->expected);
		if (strstr(record->problem->expected, "at most 255 KiB") == NULL)
			tally->is_only_size = false;
		return 0;
	}
	tally->repaired += record->repairs > 0;
	assert_int_equal(catalog_listing_check(record->listing, NULL), 0);
	return 0;
}

static const struct {
	const char *file;
	unsigned read, rejected;
} catalogues[] = {
	{"aws-open-data/data.json", 1190, 10}, /* listings of 298 KB and more */
	{"ckan/catalog_datasets_list.json", 2, 0},
	{"ckan/ckan_dataset.json", 1, 0},
	{"ckan/ckan_dataset_multilingual.json", 1, 0},
	{"ckan/ckan_full_dataset_dcat_ap.json", 1, 0},
	{"ckan/ckan_full_dataset_dcat_ap_vocabularies.json", 1, 0},
	{"datos-argentina/data.json", 617, 0},
	{"de-mdk/data.json", 3487, 0},
	{"fr-datagouv/data.json", 639, 0},
	{"gaoxiong/datasets.csv", 1495, 0},
	{"masader/data.json", 1152, 0},
	{"qa-structure/data.json", 10, 0},
	{"qa/data.json", 98, 0},
	{"tw-taoyuan/data.json", 1429, 0},
	{"us-dol/data.json", 465, 0},
	{"us-gsa/data.json", 339, 0},
	{"us-treasury/data.json", 233, 0},
	{"yilan/datasets.csv", 357, 0},
};

static void test_real_catalogues_are_read(void **state)
{
	const char *shared = getenv("FEDCAT_SHARED"), *srcdir = getenv("srcdir");
	char dir[2000], path[2200];
	struct stat st;

	(void)state;
	if (shared != NULL)
		snprintf(dir, sizeof dir, "%s/data", shared);
	else
		snprintf(dir, sizeof dir, "%s/../shared/data", srcdir != NULL ? srcdir : ".");
	if (stat(dir, &st) != 0) {
		print_message("skipped: no catalogues in %s\n", dir);
		skip();
	}
	for (size_t i = 0; i < sizeof catalogues / sizeof *catalogues; i++) {
		const struct catalog_reader_options options = {0};
		struct tally tally = {.is_only_size = true};
		struct catalog_reader_error error = {{0}};

		snprintf(path, sizeof path, "%s/%s", dir, catalogues[i].file);
		if (catalog_reader_read(path, &options, count, &tally, &error) != 0)
			fail_msg("%s: %s", path, error.text);
		print_message("%s: %u read, %u rejected, %u repaired\n", catalogues[i].file,
			      tally.read, tally.rejected, tally.repaired);
		assert_int_equal(tally.read, catalogues[i].read);
		if (tally.rejected != catalogues[i].rejected || !tally.is_only_size)
			fail_msg("%s: %u rejected: %s", path, tally.rejected, tally.problem);
	}
}

TEST_MAIN("catalog/reader, real catalogues", cmocka_unit_test(test_real_catalogues_are_read))
