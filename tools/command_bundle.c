/* tools/command_bundle.c - an export reads the store itself, in snapshots of one log each, beside a
 * fedcatd that runs: what is written proves itself, so it need not be of one moment. */
#include "tools/command_bundle.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalog/bundle.h"
#include "catalog/log.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/progress.h"

#define READ_BYTES   (64u * 1024)
#define VECTOR_BYTES (64u * 1024)
#define PART         ".part"

static int out_of_memory(const struct tools_call *call)
{
	return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* never fails for this clock */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct export
{
	const struct tools_call *call;
	struct catalog_charter *charter;
	struct catalog_store *store;
	uint64_t *since; /* of each member, in the charter's order */
	FILE *file;
	const char *path;
	struct catalog_bundle_writer *writer;
	struct catalog_buffer bytes;
	struct catalog_value *logs; /* for --json */
	uint64_t entries, written, log_count;
	struct tools_progress bar;
};

/* --- since ------------------------------------------------------------------------------------ */

static size_t position_of(const struct catalog_charter *charter, const char *name, size_t len)
{
	size_t count = catalog_charter_member_count(charter), i = 0;

	for (; i < count; i++) {
		const char *one = catalog_charter_member_at(charter, i)->name;

		if (strlen(one) == len && memcmp(one, name, len) == 0)
			break;
	}
	return i;
}

/* "nbs=1204,moh=88", between commas, spaces or lines. */
static int read_vector(struct export *export, const char *text)
{
	static const char between[] = ", \t\r\n";

	for (text += strspn(text, between); *text != '\0'; text += strspn(text, between)) {
		size_t len = strcspn(text, between), name = 0, at;
		char *end = NULL;
		uint64_t size;

		while (name < len && text[name] != '=')
			name++;
		at = position_of(export->charter, text, name);
		errno = 0;
		size = name + 1 < len && text[name + 1] >= '0' && text[name + 1] <= '9'
			       ? strtoull(text + name + 1, &end, 10)
			       : 0;
		if (end != text + len || errno != 0)
			return tools_call_fail(export->call, TOOLS_EXIT_USAGE,
					       "--since: \"%.*s\" is neither a file nor "
					       "MEMBER=ENTRIES",
					       (int)(len < 60 ? len : 60), text);
		if (at == catalog_charter_member_count(export->charter))
			return tools_call_fail(export->call, TOOLS_EXIT_NOT_FOUND,
					       "--since: the charter has no member \"%.*s\"",
					       (int)(name < 60 ? name : 60), text);
		export->since[at] = size;
		text += len;
	}
	return 0;
}

static void note_head(struct export *export, const struct catalog_bundle_record *record)
{
	struct catalog_checkpoint checkpoint;
	const struct catalog_member *member = catalog_charter_member(export->charter, record->log);

	if (member != NULL &&
	    catalog_charter_verify(export->charter, record->log, record->bytes, &checkpoint) == 0)
		export->since[position_of(export->charter, member->name, strlen(member->name))] =
			checkpoint.size;
}

/* What an earlier bundle reached: its heads, if it is whole. */
static int read_bundle(struct export *export, const char *path, FILE *file)
{
	struct catalog_bundle_reader *reader = NULL;
	struct catalog_buffer bytes = {0};
	struct catalog_bundle_record record = {.kind = CATALOG_BUNDLE_HEAD};
	int r = catalog_bundle_reader_new(&reader);
	size_t at = 0;

	if (r == 0)
		r = catalog_buffer_reserve(&bytes, READ_BYTES);
	while (r == 0 && record.kind != CATALOG_BUNDLE_END) {
		size_t used = 0;

		r = catalog_bundle_read(reader,
					(struct catalog_span){bytes.bytes + at, bytes.len - at},
					&used, &record);
		at += used;
		if (r == 0 && record.kind == CATALOG_BUNDLE_HEAD)
			note_head(export, &record);
		if (r != -EAGAIN)
			continue;
		memmove(bytes.bytes, bytes.bytes + at, bytes.len - at);
		bytes.len -= at;
		at = 0;
		r = catalog_buffer_reserve(&bytes, READ_BYTES);
		if (r == 0) {
			size_t n = fread(bytes.bytes + bytes.len, 1, READ_BYTES, file);

			bytes.len += n;
			r = n > 0 ? 0 : -EBADMSG;
		}
	}
	if (r == 0 && !catalog_hash_equal(catalog_bundle_federation(reader),
					  catalog_charter_federation(export->charter)))
		r = -EKEYREJECTED;
	catalog_bundle_reader_free(reader);
	catalog_buffer_close(&bytes);
	switch (r) {
	case 0: return 0;
	case -ENOMEM: return out_of_memory(export->call);
	case -EKEYREJECTED:
		return tools_call_fail(export->call, TOOLS_EXIT_UNVERIFIED,
				       "%s: it is of another federation", path);
	default:
		return tools_call_fail(export->call, TOOLS_EXIT_DAMAGED,
				       "%s: the bundle is not whole, so it does not tell what it "
				       "brought; give what `fedcat bundle vector` prints there",
				       path);
	}
}

static int read_since(struct export *export)
{
	const char *since = tools_call_option(export->call, "since");
	char text[VECTOR_BYTES];
	FILE *file;
	size_t len;
	int status;

	if (since == NULL)
		return 0;
	file = fopen(since, "rb");
	if (file == NULL && strchr(since, '=') != NULL)
		return read_vector(export, since);
	if (file == NULL)
		return tools_call_fail(export->call, TOOLS_EXIT_NOT_FOUND, "--since: %s: %s", since,
				       strerror(errno));
	len = fread(text, 1, sizeof text - 1, file);
	text[len] = '\0';
	if (strncmp(text, "fedcat-bundle ", 14) == 0) {
		rewind(file);
		status = read_bundle(export, since, file);
	} else {
		status = read_vector(export, text);
	}
	(void)fclose(file); /* nothing was written */
	return status;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int flush(struct export *export)
{
	struct catalog_span bytes = catalog_buffer_span(&export->bytes);

	if (fwrite(bytes.bytes, 1, bytes.len, export->file) != bytes.len)
		return -errno;
	export->written += bytes.len;
	export->bytes.len = 0;
	return 0;
}

static void show_progress(struct export *export, const char *name, uint64_t at, uint64_t size)
{
	char words[120], count[TOOLS_OUTPUT_TEXT_BYTES];

	tools_output_count(at, count);
	(void)snprintf(words, sizeof words, "%s, %s entries", name, count); /* cut: for people */
	tools_progress_update(&export->bar, at, size, words, now_ms());
}

static int write_chunks(struct export *export, struct catalog_txn *txn,
			const struct catalog_member *member, uint64_t from, uint64_t size,
			uint64_t *ret_from)
{
	struct catalog_buffer wire = {0};
	uint64_t begin, at = from;
	int r = 0;

	*ret_from = from;
	while (r == 0 && at < size) {
		uint64_t to = at;

		wire.len = 0;
		r = catalog_bundle_chunk_of(txn, member->index, at, size, &wire, &begin, &to);
		if (r == 0 && begin < at && at == from && at > 0) {
			/* What was pruned spans the place: whoever stands there begins anew. */
			*ret_from = at = from = 0;
			continue;
		}
		if (r == 0)
			r = catalog_bundle_write_chunk(export->writer, catalog_buffer_span(&wire),
						       &export->bytes);
		if (r == 0)
			r = flush(export);
		if (r == 0 && tools_interrupt_came())
			r = -EINTR;
		at = to;
		show_progress(export, member->name, at, size);
	}
	catalog_buffer_close(&wire);
	return r;
}

static int note_log(struct export *export, const struct catalog_member *member, uint64_t from,
		    uint64_t size)
{
	struct catalog_value *one =
		tools_call_with(catalog_value_new_map(), "member", member->name);

	one = tools_call_with_value(one, "from", catalog_value_new_int((int64_t)from));
	one = tools_call_with_value(one, "entries", catalog_value_new_int((int64_t)size));
	export->log_count++;
	export->entries += size - from;
	return one != NULL && catalog_value_append(export->logs, one) == 0 ? 0 : -ENOMEM;
}

static int write_log(struct export *export, size_t position)
{
	const struct catalog_member *member = catalog_charter_member_at(export->charter, position);
	uint64_t from = export->since[position], size = 0;
	struct catalog_buffer note = {0};
	struct catalog_txn *txn;
	int r = catalog_store_begin(export->store, &txn);

	if (r != 0)
		return r;
	r = catalog_bundle_head_of(txn, member->index, &size, &note);
	if (r == 0)
		r = catalog_bundle_write_head(export->writer, member->index,
					      catalog_buffer_span(&note), &export->bytes);
	if (r == 0 && from > size)
		from = size;
	if (r == 0)
		r = write_chunks(export, txn, member, from, size, &from);
	catalog_store_end(txn);
	if (r == 0)
		r = note_log(export, member, from, size);
	catalog_buffer_close(&note);
	return r == -ENOENT && size == 0 ? 0 : r; /* nothing can be shown of it yet */
}

static int write_all(struct export *export)
{
	const char *only = tools_call_option(export->call, "member");
	int r = catalog_bundle_writer_new(catalog_charter_federation(export->charter),
					  &export->bytes, &export->writer);

	for (size_t i = 0; i < catalog_charter_member_count(export->charter) && r == 0; i++)
		if (only == NULL ||
		    strcmp(only, catalog_charter_member_at(export->charter, i)->name) == 0)
			r = write_log(export, i);
	if (r == 0)
		r = catalog_bundle_write_end(export->writer, &export->bytes);
	if (r == 0)
		r = flush(export);
	catalog_bundle_writer_free(export->writer);
	catalog_buffer_close(&export->bytes);
	return r;
}

/* The file is there when it is whole. */
static int write_file(struct export *export)
{
	char part[NODE_DATADIR_PATH_BYTES + sizeof PART];
	int r;

	if (strlen(export->path) >= NODE_DATADIR_PATH_BYTES)
		return tools_call_fail(export->call, TOOLS_EXIT_USAGE, "the path is too long");
	(void)snprintf(part, sizeof part, "%s" PART, export->path); /* it fits */
	export->file = fopen(part, "wb");
	if (export->file == NULL)
		return tools_call_fail(export->call, TOOLS_EXIT_FAILED, "%s: %s", part,
				       strerror(errno));
	r = write_all(export);
	if (r == 0 && (fflush(export->file) != 0 || fsync(fileno(export->file)) != 0))
		r = -errno;
	if (fclose(export->file) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(part, export->path) != 0)
		r = -errno;
	tools_progress_clear(&export->bar);
	if (r == 0)
		return 0;
	(void)unlink(part); /* what is left of it says itself that it is not whole */
	if (r == -EINTR)
		return tools_call_fail(export->call, TOOLS_EXIT_INTERRUPTED,
				       "interrupted; nothing was written");
	return tools_call_fail(export->call, TOOLS_EXIT_FAILED, "%s: %s", export->path,
			       r == -EIO || r == -ENOENT
				       ? "the store cannot be read; `fedcat audit` tells more"
				       : strerror(-r));
}

static int report(struct export *export)
{
	char logs[TOOLS_OUTPUT_TEXT_BYTES], entries[TOOLS_OUTPUT_TEXT_BYTES],
		bytes[TOOLS_OUTPUT_TEXT_BYTES];
	struct catalog_value *value;
	int status;

	if (!export->call->json) {
		tools_output_count(export->log_count, logs);
		tools_output_count(export->entries, entries);
		tools_output_bytes(export->written, bytes);
		tools_terminal_print(&export->call->out, "Wrote %s entries of %s logs to ", entries,
				     logs);
		tools_terminal_text(&export->call->out, TOOLS_TERMINAL_PLAIN, export->path);
		tools_terminal_print(&export->call->out, " (%s).\n", bytes);
		return 0;
	}
	value = tools_call_with(catalog_value_new_map(), "output", export->path);
	value = tools_call_with_value(value, "bytes",
				      catalog_value_new_int((int64_t) export->written));
	value = tools_call_with_value(value, "logs", export->logs);
	export->logs = NULL;
	status = value != NULL ? tools_call_print_json(export->call, value)
			       : out_of_memory(export->call);
	catalog_value_free(value);
	return status;
}

/* Charter and store of the directory. */
static int open_store(struct export *export)
{
	char dir[NODE_DATADIR_PATH_BYTES], path[NODE_DATADIR_PATH_BYTES];
	struct node_error error;
	int r, status = tools_call_dir(export->call, dir);

	if (status != 0)
		return status;
	r = node_datadir_charter(dir, &export->charter, &error);
	if (r == 0)
		r = node_datadir_path(dir, NODE_DATADIR_STORE, path, &error);
	if (r == 0) {
		r = catalog_store_open_to_read(path, &export->store);
		if (r != 0)
			(void)node_error_set(&error, r, "%s: %s", path,
					     r == -ENOENT ? "this node holds nothing yet"
							  : node_error_words(r));
	}
	return r == 0 ? 0 : tools_call_fail_code(export->call, r, &error);
}

static void close_export(struct export *export)
{
	catalog_value_free(export->logs);
	catalog_store_close(export->store);
	catalog_charter_free(export->charter);
	free(export->since);
}

int tools_command_bundle_export(const struct tools_call *call)
{
	const char *only = tools_call_option(call, "member");
	struct export export = {.call = call, .path = call->words[0]};
	int status = open_store(&export);

	tools_progress_init(&export.bar, &call->err, now_ms());
	if (status == 0 && only != NULL &&
	    catalog_charter_member_named(export.charter, only) == NULL)
		status = tools_call_fail(call, TOOLS_EXIT_NOT_FOUND,
					 "the charter has no member \"%s\"", only);
	if (status == 0) {
		export.since =
			calloc(catalog_charter_member_count(export.charter), sizeof *export.since);
		export.logs = catalog_value_new_list();
		if (export.since == NULL || export.logs == NULL)
			status = out_of_memory(call);
	}
	if (status == 0)
		status = read_since(&export);
	if (status == 0) {
		tools_interrupt_catch();
		status = write_file(&export);
	}
	if (status == 0)
		status = report(&export);
	close_export(&export);
	return status;
}

/* --- vector ----------------------------------------------------------------------------------- */

static int print_vector(struct export *export, struct catalog_txn *txn)
{
	const struct tools_terminal *t = &export->call->out;
	struct catalog_value *value = catalog_value_new_map();
	const char *between = "";
	int r = 0, status = 0;

	for (size_t i = 0; i < catalog_charter_member_count(export->charter) && r == 0; i++) {
		const struct catalog_member *member = catalog_charter_member_at(export->charter, i);
		struct catalog_log_status log;

		r = catalog_log_status(txn, member->index, &log);
		if (r != 0 || log.size == 0)
			continue;
		if (!export->call->json)
			tools_terminal_print(t, "%s%s=%" PRIu64, between, member->name, log.size);
		between = ",";
		value = tools_call_with_value(value, member->name,
					      catalog_value_new_int((int64_t)log.size));
	}
	if (r != 0)
		status = tools_call_fail(export->call, TOOLS_EXIT_FAILED,
					 "the store cannot be read; `fedcat audit` tells more");
	else if (!export->call->json)
		tools_terminal_print(t, "\n");
	else
		status = value != NULL ? tools_call_print_json(export->call, value)
				       : out_of_memory(export->call);
	catalog_value_free(value);
	return status;
}

int tools_command_bundle_vector(const struct tools_call *call)
{
	struct export export = {.call = call};
	struct catalog_txn *txn;
	int status = open_store(&export);

	if (status == 0 && catalog_store_begin(export.store, &txn) != 0)
		status = tools_call_fail(call, TOOLS_EXIT_FAILED, "the store cannot be read");
	else if (status == 0) {
		status = print_vector(&export, txn);
		catalog_store_end(txn);
	}
	close_export(&export);
	return status;
}
