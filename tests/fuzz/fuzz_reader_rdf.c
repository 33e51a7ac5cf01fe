/* The same bytes as Turtle, N-Triples, RDF/XML and JSON-LD. */
#include "tests/fuzz/reading.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reading_of(data, size, CATALOG_READER_TURTLE);
	reading_of(data, size, CATALOG_READER_NTRIPLES);
	reading_of(data, size, CATALOG_READER_RDFXML);
	reading_of(data, size, CATALOG_READER_JSONLD);
	return 0;
}
