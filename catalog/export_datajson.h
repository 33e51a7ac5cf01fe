/* catalog/export_datajson.h - a listing as a dataset of DCAT-US 1.1 data.json. */
#ifndef CATALOG_EXPORT_DATAJSON_H
#define CATALOG_EXPORT_DATAJSON_H

#include "catalog/export.h"
#include "catalog/value.h"

/* Make the record.  What data.json has no name for goes under the model's own, which our reader
 * knows; what reading that back would not give goes under "fedcat:exact".  links may be NULL.  The
 * caller owns *ret_record. Returns 0, -ENOMEM, -E2BIG if the listing is nested too deep. */
int catalog_export_datajson_make(const char *member, const char *id,
				 const struct catalog_value *listing,
				 const struct catalog_export_links *links,
				 struct catalog_value **ret_record);

#endif
