#include "node/limits.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/rate.h"

#define TEXT_BYTES 64 /* of one range, with the NUL */

/* Digits at *text, which moves behind them.  Returns 0, -EINVAL. */
static int read_digits(const char **text, size_t digits_max, uint64_t *ret_number)
{
	size_t len = strspn(*text, "0123456789");
	uint64_t number = 0;

	if (len == 0 || len > digits_max)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		number = 10 * number + (uint64_t)((*text)[i] - '0');
	*text += len;
	*ret_number = number;
	return 0;
}

int node_limits_read_rate(const char *text, uint64_t *ret_bytes_s, struct node_error *ret_error)
{
	const char *at = text;
	uint64_t number;

	if (strcmp(text, "off") == 0) {
		*ret_bytes_s = 0;
		return 0;
	}
	if (read_digits(&at, 10, &number) == 0) {
		if (*at == 'k' || *at == 'M')
			number *= *at++ == 'k' ? 1000 : 1000000;
		if (*at == '\0' && number >= GOSSIP_RATE_LEAST && number <= NODE_LIMITS_RATE_MAX) {
			*ret_bytes_s = number;
			return 0;
		}
	}
	return node_error_set(
		ret_error, -EINVAL,
		"\"%.40s\" is no rate: write bytes a second, from %dk to %dM, such as "
		"20k, or off",
		text, GOSSIP_RATE_LEAST / 1000, NODE_LIMITS_RATE_MAX / 1000000);
}

/* "22-06" at *text, which moves behind it. */
static int read_range(const char **text, struct node_limits_hours *ret_hours)
{
	uint64_t from, to;

	if (read_digits(text, 2, &from) != 0 || *(*text)++ != '-' ||
	    read_digits(text, 2, &to) != 0 || from > 23 || to > 24 || from == to)
		return -EINVAL;
	ret_hours->from = (unsigned)from;
	ret_hours->to = (unsigned)to;
	return 0;
}

/* "22-06:20k/5k" */
static int read_hours(const char *text, struct node_limits_hours *ret_hours,
		      struct node_error *ret_error)
{
	struct node_limits_hours hours = {0};
	char rate[TEXT_BYTES] = {0};
	const char *at = text, *slash;
	int r;

	if (read_range(&at, &hours) != 0 || *at != ':' || strlen(at + 1) >= sizeof rate)
		return node_error_set(ret_error, -EINVAL,
				      "\"%.60s\" is no limit for hours: write HH-HH:RATE or "
				      "HH-HH:RATE/RATE, such as 22-06:off or 08-18:20k/5k",
				      text);
	at++;
	slash = strchr(at, '/');
	hours.has_peer = slash != NULL;
	memcpy(rate, at, slash != NULL ? (size_t)(slash - at) : strlen(at));
	r = node_limits_read_rate(rate, &hours.all_bytes_s, ret_error);
	if (r == 0 && slash != NULL)
		r = node_limits_read_rate(slash + 1, &hours.peer_bytes_s, ret_error);
	if (r == 0)
		*ret_hours = hours;
	return r;
}

int node_limits_read_hours(const char *text, struct node_limits *limits,
			   struct node_error *ret_error)
{
	struct node_limits_hours hours[NODE_LIMITS_HOURS_MAX];
	char *copy = strdup(text), *rest = NULL;
	size_t count = 0;
	int r = 0;

	if (copy == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	for (char *one = strtok_r(copy, ", ", &rest); one != NULL && r == 0;
	     one = strtok_r(NULL, ", ", &rest)) {
		if (count == NODE_LIMITS_HOURS_MAX)
			r = node_error_set(ret_error, -EINVAL, "more than %d ranges of hours",
					   NODE_LIMITS_HOURS_MAX);
		else
			r = read_hours(one, &hours[count++], ret_error);
	}
	free(copy);
	if (r != 0)
		return r;
	memcpy(limits->hours, hours, count * sizeof hours[0]);
	limits->count = count;
	return 0;
}

int node_limits_read_pull(const char *text, struct node_limits *limits,
			  struct node_error *ret_error)
{
	struct node_limits_hours pull = {0};
	bool is_range = isdigit((unsigned char)text[0]);
	const char *at = text;

	if (is_range ? read_range(&at, &pull) != 0 || *at != '\0'
		     : strcmp(text, "always") != 0 && strcmp(text, "asked") != 0)
		return node_error_set(ret_error, -EINVAL,
				      "\"%.40s\" is none of always, asked, and hours such as 22-06",
				      text);
	limits->is_metered = strcmp(text, "always") != 0;
	limits->has_pull = is_range;
	limits->pull = pull;
	return 0;
}

static bool holds(const struct node_limits_hours *hours, unsigned hour)
{
	if (hours->from < hours->to)
		return hour >= hours->from && hour < hours->to;
	return hour >= hours->from || hour < hours->to;
}

void node_limits_at(const struct node_limits *limits, unsigned hour,
		    struct gossip_thin_limits *ret_limits)
{
	struct gossip_thin_limits now = {
		.all_bytes_s = limits->all_bytes_s,
		.peer_bytes_s = limits->peer_bytes_s,
		.is_metered =
			limits->is_metered && !(limits->has_pull && holds(&limits->pull, hour)),
	};

	assert(hour < 24);
	for (size_t i = 0; i < limits->count; i++) {
		const struct node_limits_hours *hours = &limits->hours[i];

		if (!holds(hours, hour))
			continue;
		now.all_bytes_s = hours->all_bytes_s;
		if (hours->has_peer)
			now.peer_bytes_s = hours->peer_bytes_s;
		break;
	}
	*ret_limits = now;
}
