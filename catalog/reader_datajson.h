/* catalog/reader_datajson.h - a dataset in the terms of DCAT-US 1.1 data.json. */
#ifndef CATALOG_READER_DATAJSON_H
#define CATALOG_READER_DATAJSON_H

#include "catalog/reader_build.h"
#include "catalog/reader_format.h"
#include "catalog/reader_own.h"

/* Turn record, whose members are taken out, into build, which is begun here and the caller's to
 * close; own was taken out of it before.  language as below. */
void catalog_reader_datajson_build(const char *language, struct catalog_value *record,
				   const struct catalog_reader_own *own,
				   struct catalog_reader_build *build);

/* Put record, whose members are taken out, into sink.  language is that of text that does not say,
 * unless the record names exactly one language.  Returns as catalog_reader_sink_put(). */
int catalog_reader_datajson_put(struct catalog_reader_sink *sink,
				const struct catalog_reader_place *place, const char *language,
				struct catalog_value *record);

#endif
