#include "node/assembly.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "catalog/motion.h"
#include "node/error.h"

struct node_assembly {
	struct node_assembly_options options;
	struct node_jobs_job job;
	bool is_busy, is_asked_again, is_stopping;
	/* Of this look: */
	unsigned taken;
	int outcome;
};

/* On a worker. */
static void run(void *arg)
{
	struct node_assembly *assembly = arg;

	assembly->outcome =
		catalog_motion_assemble(assembly->options.store, assembly->options.charter,
					(int64_t)time(NULL), &assembly->taken);
}

static void begin(struct node_assembly *assembly)
{
	assembly->is_busy = true;
	assembly->is_asked_again = false;
	node_jobs_add(assembly->options.jobs, NODE_JOBS_WRITE, &assembly->job);
}

static void done(void *arg)
{
	struct node_assembly *assembly = arg;

	assembly->is_busy = false;
	if (assembly->outcome != 0)
		node_log_line(assembly->options.log, NODE_CONFIG_WARNING,
			      "counting the council's votes failed (%s); it is tried again when "
			      "a log grows",
			      node_error_words(assembly->outcome));
	if (assembly->taken > 0)
		node_log_line(assembly->options.log, NODE_CONFIG_INFO,
			      "enough of the council have voted: the charter is amended");
	if (assembly->is_stopping) {
		free(assembly);
		return;
	}
	if (assembly->is_asked_again)
		begin(assembly);
	if (assembly->taken > 0)
		assembly->options.assembled(assembly->options.arg); /* may have us stop */
}

int node_assembly_new(const struct node_assembly_options *options,
		      struct node_assembly **ret_assembly)
{
	struct node_assembly *assembly = calloc(1, sizeof *assembly);

	if (assembly == NULL)
		return -ENOMEM;
	assembly->options = *options;
	assembly->job = (struct node_jobs_job){.run = run, .done = done, .arg = assembly};
	*ret_assembly = assembly;
	return 0;
}

void node_assembly_look(struct node_assembly *assembly)
{
	if (assembly->is_busy)
		assembly->is_asked_again = true;
	else
		begin(assembly);
}

void node_assembly_stop(struct node_assembly *assembly)
{
	if (assembly == NULL)
		return;
	assembly->is_stopping = true;
	if (!assembly->is_busy)
		free(assembly);
}
