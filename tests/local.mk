# tests/FOLDER/test_MODULE.c tests FOLDER/MODULE.c and links only the layers that module may use, so a
# forbidden dependency fails to link.  A program without _SOURCES is made of the one .c file of its name.
AM_DEFAULT_SOURCE_EXT = .c

EXTRA_DIST += %D%/lsan.supp %D%/relevance/queries.json %D%/scratch.h %D%/test.h

# handle_segv=2: cmocka catches SIGSEGV itself and would hide ASan's stack trace.
AM_TESTS_ENVIRONMENT = \
	ASAN_OPTIONS="handle_segv=2:$$ASAN_OPTIONS"; export ASAN_OPTIONS; \
	LSAN_OPTIONS="suppressions=$(abs_srcdir)/tests/lsan.supp:print_suppressions=0:$$LSAN_OPTIONS"; \
	export LSAN_OPTIONS; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	srcdir='$(abs_srcdir)'; export srcdir;

dist_check_SCRIPTS += %D%/check_layers.sh %D%/check_security.sh
TESTS += %D%/check_layers.sh %D%/check_security.sh

# UNIT_TESTS need cmocka.
UNIT_TESTS =
include $(srcdir)/tests/catalog/local.mk
include $(srcdir)/tests/gossip/local.mk
include $(srcdir)/tests/node/local.mk
include $(srcdir)/tests/tools/local.mk
include $(srcdir)/tests/cli/local.mk
include $(srcdir)/tests/fuzz/local.mk
include $(srcdir)/tests/integration/local.mk
include $(srcdir)/tests/sim/local.mk
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

# Automake's harness keeps test output in .log files; show cmocka's closing
# lines on the console too, where people (and CI) look for them.
check-local: check-TESTS
	@for log in $(TEST_LOGS); do \
	  grep -h -E '^\[ +(PASSED|FAILED|SKIPPED) +\] [0-9]' $$log /dev/null; :; \
	done
