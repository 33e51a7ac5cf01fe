bin_PROGRAMS += fedcat fedcatd
fedcat_SOURCES = %D%/fedcat.c
fedcat_LDADD = $(NODE)
fedcatd_SOURCES = %D%/fedcatd.c
fedcatd_LDADD = $(NODE)
EXTRA_DIST += %D%/check %D%/demo-data/health.csv %D%/demo-data/statistics.json \
	%D%/demo-data/university.ttl %D%/install-packages %D%/packages

# Benchmarks: built with everything, run by hand.
noinst_PROGRAMS += tools/bench_store
tools_bench_store_SOURCES = %D%/bench_store.c
tools_bench_store_LDADD = $(CATALOG)
