#include "node/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include <uv.h>

int node_error_set(struct node_error *ret_error, int code, const char *format, ...)
{
	va_list args;

	assert(code < 0);
	if (ret_error == NULL)
		return code;
	va_start(args, format);
	/* A sentence that is too long is cut: it informs people, nothing reads it. */
	(void)vsnprintf(ret_error->text, sizeof ret_error->text, format, args);
	va_end(args);
	return code;
}

const char *node_error_words(int code)
{
	assert(code < 0);
	return uv_strerror(code);
}
