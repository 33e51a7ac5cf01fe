#include "tests/fuzz/reading.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reading_of(data, size, CATALOG_READER_CSV);
	return 0;
}
