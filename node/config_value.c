#include "node/config_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int node_config_value_digits(const char *text, unsigned least, unsigned most, unsigned *ret_count)
{
	unsigned long count;
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 9)
		return -EINVAL;
	count = strtoul(text, &end, 10);
	if (*end != '\0' || count < least || count > most)
		return -EINVAL;
	*ret_count = (unsigned)count;
	return 0;
}

int node_config_value_word(const char *text, const char *const *words, unsigned *ret_at,
			   struct node_error *ret_error)
{
	char list[64] = "";

	for (unsigned i = 0; words[i] != NULL; i++) {
		size_t len = strlen(list);

		if (strcmp(text, words[i]) == 0) {
			*ret_at = i;
			return 0;
		}
		(void)snprintf(list + len, sizeof list - len, "%s%s", i > 0 ? ", " : "",
			       words[i]); /* else the list is cut */
	}
	return node_error_set(ret_error, -EINVAL, "\"%.40s\" is none of %s", text, list);
}

int node_config_value_count(const char *text, unsigned least, unsigned most, unsigned *ret_count,
			    struct node_error *ret_error)
{
	if (node_config_value_digits(text, least, most, ret_count) == 0)
		return 0;
	return node_error_set(ret_error, -EINVAL, "\"%.40s\" is no whole number from %u to %u",
			      text, least, most);
}

int node_config_value_path(const char *text, char ret_path[NODE_CONFIG_PATH_BYTES],
			   struct node_error *ret_error)
{
	if (strlen(text) >= NODE_CONFIG_PATH_BYTES)
		return node_error_set(ret_error, -ENAMETOOLONG, "a path has at most %d bytes",
				      NODE_CONFIG_PATH_BYTES - 1);
	(void)snprintf(ret_path, NODE_CONFIG_PATH_BYTES, "%s", text); /* it fits */
	return 0;
}

int node_config_value_yes(const char *text, bool *ret_yes, struct node_error *ret_error)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return node_error_set(ret_error, -EINVAL, "\"%.40s\" is neither yes nor no", text);
	*ret_yes = strcmp(text, "yes") == 0;
	return 0;
}
