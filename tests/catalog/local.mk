UNIT_TESTS += %D%/test_amendment
%C%_test_amendment_SOURCES = %D%/test_amendment.c %D%/council.h
%C%_test_amendment_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_charter_store
%C%_test_charter_store_SOURCES = %D%/test_charter_store.c %D%/council.h
%C%_test_charter_store_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_conflict
%C%_test_conflict_SOURCES = %D%/test_conflict.c %D%/council.h
%C%_test_conflict_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_audit
%C%_test_audit_SOURCES = %D%/test_audit.c %D%/pair.c %D%/pair.h
%C%_test_audit_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_join
%C%_test_join_SOURCES = %D%/test_join.c %D%/council.h
%C%_test_join_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_buffer
%C%_test_buffer_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_bundle
%C%_test_bundle_SOURCES = %D%/test_bundle.c %D%/pair.c %D%/pair.h
%C%_test_bundle_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_store
%C%_test_store_LDADD = $(CATALOG) $(CMOCKA_LIBS) -lpthread
UNIT_TESTS += %D%/test_runs
%C%_test_runs_LDADD = $(CATALOG) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_json
%C%_test_json_LDADD = $(CATALOG) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_value
%C%_test_value_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_merkle
%C%_test_merkle_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_entry
%C%_test_entry_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_checkpoint
%C%_test_checkpoint_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_attest
%C%_test_attest_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_cosignature
%C%_test_cosignature_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_fork
%C%_test_fork_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_export
%C%_test_export_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_index
%C%_test_index_LDADD = $(CATALOG) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_index_later
%C%_test_index_later_SOURCES = %D%/test_index_later.c %D%/pair.c %D%/pair.h
%C%_test_index_later_LDADD = $(GOSSIP) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_index_list
%C%_test_index_list_LDADD = $(CATALOG) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_index_query
%C%_test_index_query_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_date
%C%_test_date_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_listing
%C%_test_listing_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_url
%C%_test_url_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_log
%C%_test_log_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_motion
%C%_test_motion_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_note_pack
%C%_test_note_pack_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_node
%C%_test_node_SOURCES = %D%/test_node.c %D%/pair.c %D%/pair.h
%C%_test_node_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_charter
%C%_test_charter_LDADD = $(CATALOG) $(CMOCKA_LIBS)

EXTRA_DIST += %D%/proving.h
UNIT_TESTS += %D%/test_profile
%C%_test_profile_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_prover
%C%_test_prover_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_receipt
%C%_test_receipt_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_prune
%C%_test_prune_SOURCES = %D%/test_prune.c %D%/pair.c %D%/pair.h
%C%_test_prune_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_publisher
%C%_test_publisher_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_chunk
%C%_test_chunk_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_theme
%C%_test_theme_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_tile
%C%_test_tile_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_tree
%C%_test_tree_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_trie
%C%_test_trie_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_view
%C%_test_view_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_view_proof
%C%_test_view_proof_LDADD = $(CATALOG) $(CMOCKA_LIBS)
# It counts the store's reads.
%C%_test_view_proof_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=catalog_store_get \
	-Wl,--wrap=catalog_store_cursor_seek -Wl,--wrap=catalog_store_cursor_next \
	-Wl,--wrap=catalog_store_cursor_prev

UNIT_TESTS += %D%/test_merkle_vectors
%C%_test_merkle_vectors_LDADD = $(CATALOG) $(CMOCKA_LIBS)

EXTRA_DIST += %D%/reading.h
UNIT_TESTS += %D%/test_reader
%C%_test_reader_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_country
%C%_test_reader_country_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_csv
%C%_test_reader_csv_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_ckan
%C%_test_reader_ckan_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_datajson
%C%_test_reader_datajson_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_jsonld
%C%_test_reader_jsonld_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_language
%C%_test_reader_language_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_rdf
%C%_test_reader_rdf_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_shared
%C%_test_reader_shared_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_json
%C%_test_reader_json_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_sink
%C%_test_reader_sink_LDADD = $(CATALOG) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_reader_text
%C%_test_reader_text_LDADD = $(CATALOG) $(CMOCKA_LIBS)
