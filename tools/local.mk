bin_PROGRAMS += fedcat fedcatd
fedcat_SOURCES = %D%/fedcat.c
fedcat_LDADD = libtools.a $(NODE) $(CURL_LIBS)
fedcatd_SOURCES = %D%/fedcatd.c
fedcatd_LDADD = $(NODE)
EXTRA_DIST += .dockerignore %D%/container/Containerfile %D%/container/compose.yaml
EXTRA_DIST += %D%/check %D%/demo %D%/demo-data/health.csv %D%/demo-data/statistics.json \
	%D%/demo-data/university.ttl %D%/install-packages %D%/packages

# What fedcat is made of, but its main(), so that tests can link it.
noinst_LIBRARIES += libtools.a
libtools_a_SOURCES = \
	%D%/call.c %D%/call.h \
	%D%/charter_change.c %D%/charter_change.h \
	%D%/charter_profile.c %D%/charter_profile.h \
	%D%/command.c %D%/command.h \
	%D%/command_audit.c %D%/command_audit.h \
	%D%/command_bundle.c %D%/command_bundle.h \
	%D%/command_charter.c %D%/command_charter.h \
	%D%/command_export.c %D%/command_export.h \
	%D%/command_federation.c %D%/command_federation.h \
	%D%/command_conflict.c %D%/command_conflict.h \
	%D%/command_fork.c %D%/command_fork.h \
	%D%/command_health.c %D%/command_health.h \
	%D%/command_import.c %D%/command_import.h \
	%D%/command_join.c %D%/command_join.h \
	%D%/command_key.c %D%/command_key.h \
	%D%/command_motion.c %D%/command_motion.h \
	%D%/command_node.c %D%/command_node.h \
	%D%/command_prove.c %D%/command_prove.h \
	%D%/command_publish.c %D%/command_publish.h \
	%D%/command_rotate.c %D%/command_rotate.h \
	%D%/command_search.c %D%/command_search.h \
	%D%/command_show.c %D%/command_show.h \
	%D%/command_pull.c %D%/command_pull.h \
	%D%/command_status.c %D%/command_status.h \
	%D%/command_text.c %D%/command_text.h \
	%D%/fetch.c %D%/fetch.h \
	%D%/command_withdraw.c %D%/command_withdraw.h \
	%D%/interrupt.c %D%/interrupt.h \
	%D%/manual.c %D%/manual.h \
	%D%/output.c %D%/output.h \
	%D%/progress.c %D%/progress.h \
	%D%/rows.h \
	%D%/rows_govern.c %D%/rows_govern.h \
	%D%/rows_use.c %D%/rows_use.h \
	%D%/signing.c %D%/signing.h \
	%D%/table.c %D%/table.h \
	%D%/terminal.c %D%/terminal.h

# Man pages and completion, made by the program that was built from the table that it runs by.  tests/cli
# checks that each command has its page here.
MAN1_PAGES = \
	%D%/man/fedcat.1 \
	%D%/man/fedcat-audit.1 \
	%D%/man/fedcat-bundle-export.1 \
	%D%/man/fedcat-bundle-import.1 \
	%D%/man/fedcat-bundle-vector.1 \
	%D%/man/fedcat-charter-conflict.1 \
	%D%/man/fedcat-charter-list.1 \
	%D%/man/fedcat-charter-propose.1 \
	%D%/man/fedcat-charter-show.1 \
	%D%/man/fedcat-charter-sign.1 \
	%D%/man/fedcat-charter-submit.1 \
	%D%/man/fedcat-charter-vote.1 \
	%D%/man/fedcat-export.1 \
	%D%/man/fedcat-federation-create.1 \
	%D%/man/fedcat-fork-show.1 \
	%D%/man/fedcat-health.1 \
	%D%/man/fedcat-init.1 \
	%D%/man/fedcat-join.1 \
	%D%/man/fedcat-key-backup.1 \
	%D%/man/fedcat-key-decrypt.1 \
	%D%/man/fedcat-key-delegate.1 \
	%D%/man/fedcat-key-encrypt.1 \
	%D%/man/fedcat-key-make.1 \
	%D%/man/fedcat-key-rotate.1 \
	%D%/man/fedcat-key-show.1 \
	%D%/man/fedcat-key-withdraw.1 \
	%D%/man/fedcat-members.1 \
	%D%/man/fedcat-nodes.1 \
	%D%/man/fedcat-prove.1 \
	%D%/man/fedcat-publish.1 \
	%D%/man/fedcat-pull.1 \
	%D%/man/fedcat-reindex.1 \
	%D%/man/fedcat-search.1 \
	%D%/man/fedcat-show.1 \
	%D%/man/fedcat-status.1 \
	%D%/man/fedcat-stop.1 \
	%D%/man/fedcat-verify.1 \
	%D%/man/fedcat-withdraw.1
MAN8_PAGES = %D%/man/fedcatd.8
nodist_man1_MANS = $(MAN1_PAGES)
nodist_man8_MANS = $(MAN8_PAGES)
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = %D%/completion/fedcat
CLEANFILES += $(MAN1_PAGES) $(MAN8_PAGES) %D%/completion/fedcat

# fedcat-federation-create.1 is the page of "federation create".
$(MAN1_PAGES) $(MAN8_PAGES): fedcat$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D%/man && \
	name=`basename $@ | sed -e 's/\.[18]$$//' -e 's/^fedcat-//' -e 's/-/ /g'` && \
	./fedcat$(EXEEXT) --man "$$name" >$@.tmp && mv -f $@.tmp $@
%D%/completion/fedcat: fedcat$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D%/completion && \
	./fedcat$(EXEEXT) --completion bash >$@.tmp && mv -f $@.tmp $@

# What systemd needs to run a node, where ./configure was told to install it.
EXTRA_DIST += %D%/systemd/fedcatd.service.in %D%/systemd/fedcat.sysusers
CLEANFILES += %D%/systemd/fedcatd.service %D%/systemd/fedcat.conf
if SYSTEMD
systemdsystemunit_DATA = %D%/systemd/fedcatd.service
systemdsysusers_DATA = %D%/systemd/fedcat.conf
endif
%D%/systemd/fedcatd.service: %D%/systemd/fedcatd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D%/systemd && sed 's|[@]bindir[@]|$(bindir)|g' $(srcdir)/%D%/systemd/fedcatd.service.in >$@.tmp && mv -f $@.tmp $@
%D%/systemd/fedcat.conf: %D%/systemd/fedcat.sysusers
	$(AM_V_GEN)$(MKDIR_P) %D%/systemd && cp $(srcdir)/%D%/systemd/fedcat.sysusers $@

# Benchmarks: built with everything, run by hand.
noinst_PROGRAMS += tools/bench_files tools/bench_history tools/bench_pull tools/bench_relevance \
	tools/bench_replicate tools/bench_search tools/bench_store
tools_bench_files_SOURCES = %D%/bench_files.c %D%/bench_place.c %D%/bench_place.h
tools_bench_files_LDADD = $(CATALOG)
tools_bench_history_SOURCES = %D%/bench_history.c
tools_bench_history_LDADD = $(GOSSIP)
tools_bench_pull_SOURCES = %D%/bench_pull.c \
	%D%/bench_index.c %D%/bench_index.h \
	%D%/bench_listing.c %D%/bench_listing.h \
	%D%/bench_log.c %D%/bench_log.h \
	%D%/bench_peer.c %D%/bench_peer.h \
	%D%/bench_place.c %D%/bench_place.h
tools_bench_pull_LDADD = $(NODE)
tools_bench_relevance_SOURCES = %D%/bench_relevance.c
tools_bench_relevance_CPPFLAGS = $(BENCH_CPPFLAGS)
tools_bench_relevance_LDADD = $(BENCH)
tools_bench_replicate_SOURCES = %D%/bench_replicate.c \
	%D%/bench_process.c %D%/bench_process.h \
	%D%/bench_proxy.c %D%/bench_proxy.h \
	%D%/bench_way.c %D%/bench_way.h \
	%D%/bench_way_fedcat.c %D%/bench_way_git.c %D%/bench_way_hypercore.c \
	%D%/bench_way_rsync.c
tools_bench_replicate_CPPFLAGS = $(BENCH_CPPFLAGS)
tools_bench_replicate_LDADD = libbench.a $(NODE)
EXTRA_DIST += %D%/bench_hypercore.js
tools_bench_search_SOURCES = %D%/bench_report.c %D%/bench_report.h %D%/bench_search.c
tools_bench_search_CPPFLAGS = $(BENCH_CPPFLAGS)
tools_bench_search_LDADD = $(BENCH)
tools_bench_store_SOURCES = %D%/bench_store.c \
	%D%/bench_link.c %D%/bench_link.h \
	%D%/bench_listing.c %D%/bench_listing.h \
	%D%/bench_log.c %D%/bench_log.h \
	%D%/bench_place.c %D%/bench_place.h \
	%D%/bench_take.c %D%/bench_take.h \
	%D%/bench_view.c %D%/bench_view.h
tools_bench_store_LDADD = $(GOSSIP)

# Search engines, ours and those that are there to compare it with: each behind tools/bench_engine.h.
BENCH_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_SRCDIR='"$(srcdir)"'
BENCH = libbench.a
noinst_LIBRARIES += libbench.a
libbench_a_SOURCES = \
	%D%/bench_corpus.c %D%/bench_corpus.h \
	%D%/bench_engine.h \
	%D%/bench_fedcat.c \
	%D%/bench_terms.c %D%/bench_terms.h \
	%D%/bench_words.c %D%/bench_words.h
libbench_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
if HAVE_SQLITE
libbench_a_SOURCES += %D%/bench_fts5.c
BENCH_CPPFLAGS += -DHAVE_SQLITE
endif
if HAVE_XAPIAN
# C++ by itself, so that whoever has no C++ compiler can link all the rest.
noinst_LIBRARIES += libbenchxapian.a
libbenchxapian_a_SOURCES = %D%/bench_xapian.cc
libbenchxapian_a_CPPFLAGS = $(AM_CPPFLAGS) $(XAPIAN_CFLAGS)
BENCH_CPPFLAGS += -DHAVE_XAPIAN
BENCH += libbenchxapian.a libbench.a $(XAPIAN_LIBS) -lstdc++
endif
BENCH += $(CATALOG) $(SQLITE_LIBS)
