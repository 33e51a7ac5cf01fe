#include "node/error.h"

#include <assert.h>
#include <errno.h>
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
	/* Those of ours that libuv does not know: it would make words up, and never free them. */
	switch (-code) {
	case EBADMSG: return "what was read is damaged or is something else";
	case EKEYREJECTED: return "a key or a signature is not the right one";
	case ENOKEY: return "a key is missing";
	case EOVERFLOW: return "a number is too large";
	case ESTALE: return "it is older than what is here";
	default: return uv_strerror(code);
	}
}
