# With --enable-fuzz these are libFuzzer programs.  Without, the same targets are linked with a main() that
# replays their corpus, and run as ordinary tests.  For each target:
#   FUZZ_TARGETS += %D%/fuzz_NAME
#   %C%_fuzz_NAME_SOURCES = %D%/fuzz_NAME.c $(FUZZ_MAIN)
#   %C%_fuzz_NAME_LDADD   = $(CATALOG) $(FUZZ_ENGINE)
EXTRA_DIST += %D%/corpus %D%/founder.h %D%/reading.h %D%/replay.c %D%/run.sh %D%/small_node.h %D%/target.h
FUZZ_TARGETS =
if FUZZ
FUZZ_ENGINE = $(FUZZ_LDFLAGS)
FUZZ_MAIN =
else
FUZZ_ENGINE =
FUZZ_MAIN = %D%/replay.c
endif

FUZZ_TARGETS += %D%/fuzz_amendment
%C%_fuzz_amendment_SOURCES = %D%/fuzz_amendment.c $(FUZZ_MAIN)
%C%_fuzz_amendment_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_bundle
%C%_fuzz_bundle_SOURCES = %D%/fuzz_bundle.c $(FUZZ_MAIN)
%C%_fuzz_bundle_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_channel
%C%_fuzz_channel_SOURCES = %D%/fuzz_channel.c $(FUZZ_MAIN)
%C%_fuzz_channel_LDADD = $(GOSSIP) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_conflict
%C%_fuzz_conflict_SOURCES = %D%/fuzz_conflict.c $(FUZZ_MAIN)
%C%_fuzz_conflict_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_control
%C%_fuzz_control_SOURCES = %D%/fuzz_control.c $(FUZZ_MAIN)
%C%_fuzz_control_LDADD = $(NODE) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_entry
%C%_fuzz_entry_SOURCES = %D%/fuzz_entry.c $(FUZZ_MAIN)
%C%_fuzz_entry_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_fork
%C%_fuzz_fork_SOURCES = %D%/fuzz_fork.c $(FUZZ_MAIN)
%C%_fuzz_fork_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_frame
%C%_fuzz_frame_SOURCES = %D%/fuzz_frame.c $(FUZZ_MAIN)
%C%_fuzz_frame_LDADD = $(GOSSIP) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_handshake
%C%_fuzz_handshake_SOURCES = %D%/fuzz_handshake.c $(FUZZ_MAIN)
%C%_fuzz_handshake_LDADD = $(GOSSIP) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_http
%C%_fuzz_http_SOURCES = %D%/fuzz_http.c $(FUZZ_MAIN)
%C%_fuzz_http_LDADD = $(NODE) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_message
%C%_fuzz_message_SOURCES = %D%/fuzz_message.c $(FUZZ_MAIN)
%C%_fuzz_message_LDADD = $(GOSSIP) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_motion
%C%_fuzz_motion_SOURCES = %D%/fuzz_motion.c $(FUZZ_MAIN)
%C%_fuzz_motion_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_node
%C%_fuzz_node_SOURCES = %D%/fuzz_node.c $(FUZZ_MAIN)
%C%_fuzz_node_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_note
%C%_fuzz_note_SOURCES = %D%/fuzz_note.c $(FUZZ_MAIN)
%C%_fuzz_note_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_query
%C%_fuzz_query_SOURCES = %D%/fuzz_query.c $(FUZZ_MAIN)
%C%_fuzz_query_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_reader_csv
%C%_fuzz_reader_csv_SOURCES = %D%/fuzz_reader_csv.c $(FUZZ_MAIN)
%C%_fuzz_reader_csv_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_reader_json
%C%_fuzz_reader_json_SOURCES = %D%/fuzz_reader_json.c $(FUZZ_MAIN)
%C%_fuzz_reader_json_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_reader_rdf
%C%_fuzz_reader_rdf_SOURCES = %D%/fuzz_reader_rdf.c $(FUZZ_MAIN)
%C%_fuzz_reader_rdf_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_receipt
%C%_fuzz_receipt_SOURCES = %D%/fuzz_receipt.c $(FUZZ_MAIN)
%C%_fuzz_receipt_LDADD = $(CATALOG) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_search
%C%_fuzz_search_SOURCES = %D%/fuzz_search.c $(FUZZ_MAIN)
%C%_fuzz_search_LDADD = $(NODE) $(FUZZ_ENGINE)

FUZZ_TARGETS += %D%/fuzz_tile
%C%_fuzz_tile_SOURCES = %D%/fuzz_tile.c $(FUZZ_MAIN)
%C%_fuzz_tile_LDADD = $(CATALOG) $(FUZZ_ENGINE)

check_PROGRAMS += $(FUZZ_TARGETS)
if FUZZ
# Run each target for FUZZ_SECONDS.
FUZZ_SECONDS = 15
.PHONY: fuzz fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)

fuzz: $(FUZZ_TARGETS)
	$(srcdir)/tests/fuzz/run.sh $(FUZZ_SECONDS)
else
TESTS += $(FUZZ_TARGETS)
endif
