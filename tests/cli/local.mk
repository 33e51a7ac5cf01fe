# Scripts that run the built programs: dist_check_SCRIPTS and TESTS.  lib.sh is what they share, nodes.sh what
# those that run fedcatd do.
EXTRA_DIST += %D%/auditor.py %D%/lib.sh %D%/nodes.sh
CLI_TESTS = \
	%D%/test_audit.sh \
	%D%/test_auditor.sh \
	%D%/test_bench_pull.sh \
	%D%/test_bench_relevance.sh \
	%D%/test_bench_replicate.sh \
	%D%/test_bench_search.sh \
	%D%/test_bundle.sh \
	%D%/test_charter.sh \
	%D%/test_completion.sh \
	%D%/test_council.sh \
	%D%/test_crash.sh \
	%D%/test_daemon.sh \
	%D%/test_demo.sh \
	%D%/test_escapes.sh \
	%D%/test_federation.sh \
	%D%/test_health.sh \
	%D%/test_help.sh \
	%D%/test_join.sh \
	%D%/test_key.sh \
	%D%/test_later.sh \
	%D%/test_metrics.sh \
	%D%/test_motions.sh \
	%D%/test_nodes.sh \
	%D%/test_profile.sh \
	%D%/test_prove.sh \
	%D%/test_public_url.sh \
	%D%/test_publish.sh \
	%D%/test_recovery.sh \
	%D%/test_rejects.sh \
	%D%/test_replication.sh \
	%D%/test_rotate.sh \
	%D%/test_search.sh \
	%D%/test_thin.sh \
	%D%/test_trust.sh
dist_check_SCRIPTS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
# What test_audit.sh damages stores with.
check_PROGRAMS += %D%/flip
%C%_flip_SOURCES = %D%/flip.c
%C%_flip_LDADD = $(CATALOG)
