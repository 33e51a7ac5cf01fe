/* node/metrics.h - a node's status as OpenMetrics text 1.0, for those who watch many programs.
 *
 * Threads  any.
 */
#ifndef NODE_METRICS_H
#define NODE_METRICS_H

#include "catalog/buffer.h"
#include "catalog/value.h"
#include "node/log.h"

#define NODE_METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Append the metrics of what "status" answered (node/control.h) at now_s, and how much was logged
 * (NULL: no log). Returns 0, -ENOMEM. */
int node_metrics_print(const struct catalog_value *status, struct node_log *log, int64_t now_s,
		       struct catalog_buffer *buffer);

#endif
