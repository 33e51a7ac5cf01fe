#include "tools/fetch.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "catalog/url.h"

#define CONNECT_SECONDS 10
#define SLOW_SECONDS    20
#define SLOW_BYTES      100 /* a second */
#define REDIRECTS       5

struct body {
	struct catalog_buffer *bytes;
	size_t room;
	int outcome; /* why it was not taken */
};

bool tools_fetch_is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0;
}

static size_t on_bytes(char *bytes, size_t one, size_t len, void *arg)
{
	struct body *body = arg;

	(void)one; /* is 1 */
	if (len > body->room)
		body->outcome = -E2BIG;
	else
		body->outcome = catalog_buffer_append(body->bytes, bytes, len);
	if (body->outcome != 0)
		return 0; /* it ends here */
	body->room -= len;
	return len;
}

/* All of these are known to the libcurl that we ask for, so none fails but for memory, which the
 * transfer would then say. */
static void set_up(CURL *curl, const char *url, struct body *body, char why[CURL_ERROR_SIZE])
{
	const char *schemes = strncasecmp(url, "https:", 6) == 0 ? "https" : "http,https";

	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
	(void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TOOLS_FETCH_SECONDS);
	(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
	(void)curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)body->room);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "fedcat/" PACKAGE_VERSION);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
}

static int outcome_of(CURLcode code, const struct body *body)
{
	if (body->outcome != 0)
		return body->outcome;
	switch (code) {
	case CURLE_OK: return 0;
	case CURLE_FILESIZE_EXCEEDED: return -E2BIG;
	case CURLE_OPERATION_TIMEDOUT: return -ETIMEDOUT;
	case CURLE_OUT_OF_MEMORY: return -ENOMEM;
	case CURLE_PEER_FAILED_VERIFICATION: return -EKEYREJECTED;
	default: return -EIO;
	}
}

static int say(const char *url, int r, size_t bytes_max, const char *why, struct node_error *error)
{
	switch (r) {
	case -E2BIG:
		return node_error_set(error, r,
				      "%s: is larger than %zu bytes: is it the right address?", url,
				      bytes_max);
	case -ETIMEDOUT:
		return node_error_set(error, r, "%s: the server took too long: %s", url, why);
	case -ENOMEM: return node_error_set(error, r, "out of memory");
	case -EKEYREJECTED:
		return node_error_set(error, r, "%s: the server's certificate does not verify: %s",
				      url, why);
	default:
		return node_error_set(error, r,
				      "%s: cannot be fetched: %s; check the address, or get the "
				      "file some other way and give its path",
				      url, why);
	}
}

int tools_fetch_get(const char *url, size_t bytes_max, struct catalog_buffer *ret_bytes,
		    struct node_error *ret_error)
{
	struct body body = {.bytes = ret_bytes, .room = bytes_max};
	char why[CURL_ERROR_SIZE] = "";
	size_t before = ret_bytes->len;
	long status = 0;
	CURLcode code;
	CURL *curl;
	int r;

	if (!tools_fetch_is_url(url) || catalog_url_check(url) != 0)
		return node_error_set(ret_error, -EINVAL, "\"%.200s\" is no http or https address",
				      url);
	curl = curl_easy_init();
	if (curl == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	set_up(curl, url, &body, why);
	code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status); /* 0 if there is none */
	curl_easy_cleanup(curl);
	r = outcome_of(code, &body);
	if (r != 0)
		(void)say(url, r, bytes_max, why[0] != '\0' ? why : curl_easy_strerror(code),
			  ret_error);
	else if (status != 200)
		r = node_error_set(ret_error, status == 404 || status == 410 ? -ENOENT : -EIO,
				   "%s: the server answers %ld: is it the right address?", url,
				   status);
	if (r != 0)
		ret_bytes->len = before;
	return r;
}
