/* tools/bench_listing.h - listings to measure with: made up, or of real catalogues.  What fails
 * ends the program, with a word.
 */
#ifndef TOOLS_BENCH_LISTING_H
#define TOOLS_BENCH_LISTING_H

#include "catalog/value.h"

/* Make listings up, of about so many bytes each; the same ones each time.  The caller owns them. */
struct catalog_value **tools_bench_listing_make(unsigned count, size_t bytes);

/* The listings of files, over and over, each with a landing page of its own. */
struct catalog_value **tools_bench_listing_read(unsigned count, char **files, int file_count);

void tools_bench_listing_free(struct catalog_value **listings, unsigned count);

#endif
