/* catalog/value_get.h - what a map says under a key, for who reads an answer and takes what is not
 * there for nothing. */
#ifndef CATALOG_VALUE_GET_H
#define CATALOG_VALUE_GET_H

#include "catalog/value.h"

/* The text under key, borrowed from map; "" if there is none. */
const char *catalog_value_get_text(const struct catalog_value *map, const char *key);

/* The whole number under key, or standard if there is none. */
int64_t catalog_value_get_int(const struct catalog_value *map, const char *key, int64_t standard);

/* How many of something there are under key; 0 if there is no such number, or one below 0. */
uint64_t catalog_value_get_count(const struct catalog_value *map, const char *key);

#endif
