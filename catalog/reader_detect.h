/* catalog/reader_detect.h - which format a file has, by its content. */
#ifndef CATALOG_READER_DETECT_H
#define CATALOG_READER_DETECT_H

#include "catalog/reader.h"
#include "catalog/reader_source.h"

/* Look at source from its beginning, as far as its first record.
 * Returns 0, -EBADMSG with *ret_error if it is none that we know, -EIO, -ENOMEM. */
int catalog_reader_detect_format(struct catalog_reader_source *source,
				 enum catalog_reader_format *ret_format,
				 struct catalog_reader_error *ret_error);

#endif
