/* catalog/reader_dcat.h - a dcat:Dataset as RDF says it (catalog/reader_graph.h), as a listing. */
#ifndef CATALOG_READER_DCAT_H
#define CATALOG_READER_DCAT_H

#include "catalog/reader_build.h"
#include "catalog/reader_graph.h"
#include "catalog/reader_sink.h"
#include "catalog/value.h"

#define CATALOG_READER_DCAT_ID_BYTES_MAX 4096 /* of an identifier, before the local id is made */

/* Turn a dataset's node (changed) into build, which is begun here and the caller's to close.
 * language is for text that does not say.  ret_identifier is what names the dataset: its
 * dct:identifier, else its IRI, else "".  Out of memory is in build->error. */
void catalog_reader_dcat_build(struct catalog_value *node, const char *language,
			       struct catalog_reader_build *build,
			       char ret_identifier[CATALOG_READER_DCAT_ID_BYTES_MAX]);

/* Put all datasets of graph, which is finished here, into sink.  Returns 0; -EBADMSG and
 * *ret_error if there are statements but nothing of DCAT; -EIO, -ENOSPC, -ENOMEM; or what the sink
 * returned. */
int catalog_reader_dcat_deliver(struct catalog_reader_graph *graph,
				const struct catalog_reader_options *options,
				struct catalog_reader_sink *sink,
				struct catalog_reader_error *ret_error);

#endif
