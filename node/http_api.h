/* node/http_api.h - the JSON answers of /api/v1: what the control protocol answers, as it is. */
#ifndef NODE_HTTP_API_H
#define NODE_HTTP_API_H

#include <sys/types.h>

#include "node/control.h"
#include "node/http_reply.h"
#include "node/http_request.h"

/* Answer a request for status, members, search or a listing; errors are problem details.
 * Returns 0, -ENOMEM. */
int node_http_api_answer(struct node_session *session, const struct node_http_request *request,
			 struct node_http_reply *reply);

/* Ask what request asks for, as the control protocol has it; lang is for those who did not name a
 * language (NULL: none).  The caller owns *ret_answer.
 * Returns as node_control_handle(), -EINVAL if a parameter is no number. */
int node_http_api_ask(struct node_session *session, const struct node_http_request *request,
		      const char *lang, struct catalog_value **ret_answer,
		      struct node_error *ret_error);

/* Ask op without parameters. */
int node_http_api_ask_op(struct node_session *session, const char *op,
			 struct catalog_value **ret_answer, struct node_error *ret_error);

/* Who withdrew a listing, when and why, in a sentence, for a "show" whose state is withdrawn.
 * Appended.  Returns 0, -ENOMEM. */
int node_http_api_withdrawal(const struct catalog_value *show, struct catalog_buffer *sentence);

/* A whole catalogue, one listing a line, read little by little: no snapshot is held in between. */
struct node_http_api_export;

/* Begin.  Takes session.  The first lines are there when this returns 0.  The caller owns
 * *ret_export.  Returns as node_control_handle(). */
int node_http_api_export_new(struct node_session *session, const char *member,
			     struct node_http_api_export **ret_export,
			     struct node_error *ret_error);
void node_http_api_export_free(struct node_http_api_export *export);

/* Copy at most len_max bytes out.  Returns how many, 0 at the end, or a negative errno. */
ssize_t node_http_api_export_read(struct node_http_api_export *export, char *ret_bytes,
				  size_t len_max);

#endif
