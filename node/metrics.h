/* node/metrics.h - a node's status as OpenMetrics text 1.0, for those who watch many programs.
 *
 * Threads  any.
 */
#ifndef NODE_METRICS_H
#define NODE_METRICS_H

#include "catalog/buffer.h"
#include "catalog/value.h"

#define NODE_METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Append the metrics of what "status" answered (node/control.h).  Returns 0, -ENOMEM. */
int node_metrics_print(const struct catalog_value *status, struct catalog_buffer *buffer);

#endif
