/* tools/fedcatd.c - the node's daemon: settings in, node/daemon runs. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/daemon.h"

#define EXIT_USAGE   2
#define HELP_COLUMNS 80
#define HELP_INDENT  6
#define MMAP_BYTES   (128 * 1024)
#define TRIM_BYTES   (1024 * 1024)
#define ARENAS_MAX   4

extern char **environ;

/* Print text in lines of at most HELP_COLUMNS, each indented. */
static void print_wrapped(const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column == 0 || column + 1 + word > HELP_COLUMNS) {
			printf("%s%*s", column == 0 ? "" : "\n", HELP_INDENT, "");
			column = HELP_INDENT;
		} else {
			printf(" ");
			column++;
		}
		printf("%.*s", (int)word, text);
		column += word;
		text += word;
		text += strspn(text, " ");
	}
	printf("\n");
}

static void print_help(void)
{
	const struct node_config_setting *settings;
	size_t count = node_config_settings(&settings);

	printf("Usage: fedcatd [--SETTING=VALUE]...\n\n"
	       "Run a node of a federated data catalogue in the foreground, until SIGTERM or "
	       "SIGINT.\n"
	       "A setting comes from its flag, else from the environment (FEDCAT_ and its name,\n"
	       "upper case, _ for -), else from the file config in the node's directory\n"
	       "(\"key = value\" lines), else it has its default.\n"
	       "FEDCAT_PASSPHRASE_FILE names a file whose first line opens an encrypted key.\n\n"
	       "Settings:\n");
	for (size_t i = 0; i < count; i++) {
		printf("  --%s=%s\n", settings[i].name, settings[i].value);
		print_wrapped(settings[i].sentence);
		printf("      Default: %s\n",
		       settings[i].standard[0] != '\0' ? settings[i].standard : "none");
	}
	printf("\n  --help     this text\n"
	       "  --version  the version\n\n"
	       "Example: fedcatd --dir=/var/lib/fedcat --http=127.0.0.1:8080\n\n"
	       "Exit status: 0 stopped as asked, 1 could not start or go on, 2 wrong settings.\n");
}

/* Give memory back soon: a node should do with little, and what a pull has let go of is not needed
 * for the next hour.  glibc keeps more and more otherwise: each thread's arena what it had at most,
 * and after the first large buffer was freed all such buffers in arenas, too. */
static void keep_little_memory(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES); /* what fails here costs memory only */
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
	(void)mallopt(M_ARENA_MAX, ARENAS_MAX);
#endif
}

int main(int argc, char **argv)
{
	struct node_config config;
	struct node_error error;

	keep_little_memory();

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help();
			return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("fedcatd %s\n", PACKAGE_VERSION);
			return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
		}
	}
	if (sodium_init() < 0) {
		fprintf(stderr, "fedcatd: libsodium does not start\n");
		return EXIT_FAILURE;
	}
	if (node_config_load((size_t)(argc - 1), (const char *const *)(argv + 1),
			     (const char *const *)environ, &config, &error) != 0) {
		fprintf(stderr, "fedcatd: %s\n", error.text);
		return EXIT_USAGE;
	}
	if (node_daemon_run(&config, &error) != 0) {
		fprintf(stderr, "fedcatd: %s\n", error.text);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
