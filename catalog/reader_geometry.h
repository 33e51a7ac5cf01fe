/* catalog/reader_geometry.h - bounding boxes, as the forms that catalogues use say them. */
#ifndef CATALOG_READER_GEOMETRY_H
#define CATALOG_READER_GEOMETRY_H

#include <stdbool.h>

#include "catalog/value.h"

/* Whether text is WKT or GeoJSON. */
bool catalog_reader_geometry_is(const char *text);

/* West, south, east and north, in degrees, of: a list of four numbers, text of four numbers with
 * commas or spaces between, GeoJSON or WKT (as a box that holds all of its points).
 * Returns 0, -EBADMSG. */
int catalog_reader_geometry_box(const struct catalog_value *value, double ret_box[4]);

#endif
