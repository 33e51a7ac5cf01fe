/* The same bytes as data.json, as CKAN's JSON, as our own lines, and as what they look like. */
#include "tests/fuzz/reading.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reading_of(data, size, CATALOG_READER_DATAJSON);
	reading_of(data, size, CATALOG_READER_CKAN);
	reading_of(data, size, CATALOG_READER_NATIVE);
	reading_of(data, size, CATALOG_READER_AUTO);
	return 0;
}
