/* tools/mkdict.c - makes the dictionary that entries are compressed with, as C source: the files
 * named, one after the other, are its content. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog/buffer.h"

static int add_file(const char *path, struct catalog_buffer *content)
{
	FILE *file = fopen(path, "rb");
	char bytes[4096];
	size_t len;
	int r = 0;

	if (file == NULL)
		return -1;
	while (r == 0 && (len = fread(bytes, 1, sizeof bytes, file)) > 0)
		r = catalog_buffer_append(content, bytes, len);
	if (ferror(file))
		r = -1;
	(void)fclose(file); /* it was only read */
	return r;
}

int main(int argc, char **argv)
{
	struct catalog_buffer content = {0};

	for (int i = 1; i < argc; i++) {
		if (add_file(argv[i], &content) != 0) {
			fprintf(stderr, "mkdict: cannot read %s\n", argv[i]);
			return 1;
		}
	}
	printf("#include \"catalog/dictionary.h\"\n\nconst uint8_t catalog_dictionary_bytes[] = {");
	for (size_t i = 0; i < content.len; i++)
		printf("%s%u,", i % 20 == 0 ? "\n" : "", content.bytes[i]);
	printf("\n};\nconst size_t catalog_dictionary_len = %zu;\n", content.len);
	catalog_buffer_close(&content);
	return fflush(stdout) == 0 ? 0 : 1;
}
