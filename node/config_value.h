/* node/config_value.h - what a setting's value may be, read from text. */
#ifndef NODE_CONFIG_VALUE_H
#define NODE_CONFIG_VALUE_H

#include <stdbool.h>

#include "node/config.h"
#include "node/error.h"

/* A whole number from least to most, digits only.  Returns 0, -EINVAL. */
int node_config_value_digits(const char *text, unsigned least, unsigned most, unsigned *ret_count);

/* The same, with a sentence. */
int node_config_value_count(const char *text, unsigned least, unsigned most, unsigned *ret_count,
			    struct node_error *ret_error);

/* The place of a word in a list that ends in NULL.  Returns 0, -EINVAL. */
int node_config_value_word(const char *text, const char *const *words, unsigned *ret_at,
			   struct node_error *ret_error);

/* Returns 0, -ENAMETOOLONG. */
int node_config_value_path(const char *text, char ret_path[NODE_CONFIG_PATH_BYTES],
			   struct node_error *ret_error);

/* "yes" or "no".  Returns 0, -EINVAL. */
int node_config_value_yes(const char *text, bool *ret_yes, struct node_error *ret_error);

#endif
