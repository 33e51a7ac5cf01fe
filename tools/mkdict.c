/* tools/mkdict.c - makes the dictionary that entries are compressed with, as C source.
 * Usage: mkdict FILE...      Each line of a file: {"id": text, "listing": {...}}, all of it ours.
 *
 * What is stored are entries, so the listings become entries first, with keys sorted and lengths
 * as they will be on disk.  The same files give the same dictionary. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zdict.h>

#include "catalog/entry.h"
#include "catalog/hash.h"
#include "catalog/json.h"
#include "catalog/listing.h"

/* On 11,501 real listings, by zstd 1.5.4 at level 3: 32 KiB 484 bytes an entry, 48 KiB 478, 64 KiB
 * 473, 80 KiB 474, 96 KiB 470. */
#define DICTIONARY_BYTES_MAX (64u * 1024)
#define SAMPLES_MAX          10000
#define TIME_S               1760000000

struct samples {
	struct catalog_buffer bytes; /* entries, one after the other */
	size_t lens[SAMPLES_MAX];
	unsigned count;
};

static int add_entry(struct samples *samples, const char *id, const struct catalog_value *listing)
{
	struct catalog_entry entry = {.kind = CATALOG_ENTRY_PUT, .prev = CATALOG_ENTRY_PREV_NONE};
	struct catalog_buffer body = {0};
	struct catalog_hash hash;
	size_t before = samples->bytes.len;
	int r;

	if (samples->count == SAMPLES_MAX)
		return -ENOSPC;
	r = catalog_value_encode(listing, &body);
	if (r == 0)
		r = catalog_listing_make_id(id, entry.id);
	if (r == 0) {
		/* Salts and times differ on disk, so they must differ here. */
		catalog_hash_of(id, strlen(id), &hash);
		memcpy(entry.salt, hash.bytes, sizeof entry.salt);
		entry.time_s = TIME_S + hash.bytes[31] * 256 + hash.bytes[30];
		entry.body = catalog_buffer_span(&body);
		r = catalog_entry_encode(&entry, &samples->bytes);
	}
	if (r == 0)
		samples->lens[samples->count++] = samples->bytes.len - before;
	catalog_buffer_close(&body);
	return r;
}

static int add_line(struct samples *samples, struct catalog_span line, const char *where)
{
	struct catalog_json_error error = {.text = ""};
	struct catalog_problem problem = {.path = ""};
	struct catalog_value *record = NULL;
	const struct catalog_value *listing;
	const char *id;
	int r = catalog_json_read(line, &record, &error);

	if (r != 0) {
		fprintf(stderr, "mkdict: %s: column %zu: %s\n", where, error.column, error.text);
		return r;
	}
	id = catalog_value_text(catalog_value_get(record, "id"));
	listing = catalog_value_get(record, "listing");
	r = id != NULL ? catalog_listing_check(listing, &problem) : -EBADMSG;
	if (r != 0)
		fprintf(stderr, "mkdict: %s: %s: found %s, expected %s\n", where, problem.path,
			problem.found, id != NULL ? problem.expected : "an id");
	else
		r = add_entry(samples, id, listing);
	catalog_value_free(record);
	return r;
}

static int add_file(struct samples *samples, const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned number = 0;
	char *line = NULL, where[300];
	size_t room = 0;
	ssize_t len;
	int r = 0;

	if (file == NULL)
		return -errno;
	while (r == 0 && (len = getline(&line, &room, file)) > 0) {
		snprintf(where, sizeof where, "%s: line %u", path, ++number);
		r = add_line(samples, (struct catalog_span){(const uint8_t *)line, (size_t)len},
			     where);
	}
	if (ferror(file))
		r = -EIO;
	free(line);
	(void)fclose(file); /* it was only read */
	return r;
}

static void print_dictionary(const uint8_t *bytes, size_t len)
{
	printf("#include \"catalog/dictionary.h\"\n\nconst uint8_t catalog_dictionary_bytes[] = {");
	for (size_t i = 0; i < len; i++)
		printf("%s%u,", i % 20 == 0 ? "\n" : "", bytes[i]);
	printf("\n};\nconst size_t catalog_dictionary_len = %zu;\n", len);
}

int main(int argc, char **argv)
{
	static uint8_t dictionary[DICTIONARY_BYTES_MAX];
	static struct samples samples;
	size_t len;
	int r;

	for (int i = 1; i < argc; i++) {
		r = add_file(&samples, argv[i]);
		if (r != 0) {
			fprintf(stderr, "mkdict: %s: %s\n", argv[i], strerror(-r));
			return 1;
		}
	}
	len = ZDICT_trainFromBuffer(dictionary, sizeof dictionary, samples.bytes.bytes,
				    samples.lens, samples.count);
	catalog_buffer_close(&samples.bytes);
	if (ZDICT_isError(len)) {
		fprintf(stderr, "mkdict: %s\n", ZDICT_getErrorName(len));
		return 1;
	}
	print_dictionary(dictionary, len);
	return fflush(stdout) == 0 ? 0 : 1;
}
