noinst_LIBRARIES += libcatalog.a
libcatalog_a_SOURCES = \
	%D%/amendment.c %D%/amendment.h \
	%D%/armour.c %D%/armour.h \
	%D%/attest.c %D%/attest.h \
	%D%/audit.c %D%/audit.h \
	%D%/audit_repair.c %D%/audit_repair.h \
	%D%/audit_view.c %D%/audit_view.h \
	%D%/buffer.c %D%/buffer.h \
	%D%/bundle.c %D%/bundle.h \
	%D%/change.c %D%/change.h \
	%D%/charter.c %D%/charter.h \
	%D%/charter_lines.c %D%/charter_lines.h \
	%D%/charter_rules.c %D%/charter_rules.h \
	%D%/charter_store.c %D%/charter_store.h \
	%D%/checkpoint.c %D%/checkpoint.h \
	%D%/chunk.c %D%/chunk.h %D%/chunk_data.h \
	%D%/chunk_commit.c \
	%D%/chunk_fork.c %D%/chunk_fork.h \
	%D%/chunk_hash.c %D%/chunk_hash.h \
	%D%/chunk_walk.c %D%/chunk_walk.h \
	%D%/codec.c %D%/codec.h \
	%D%/conflict.c %D%/conflict.h \
	%D%/cosignature.c %D%/cosignature.h \
	%D%/date.c %D%/date.h \
	%D%/dictionary.h \
	%D%/entry.c %D%/entry.h \
	%D%/erased.c %D%/erased.h \
	%D%/exact.c %D%/exact.h \
	%D%/export.c %D%/export.h \
	%D%/export_datajson.c %D%/export_datajson.h \
	%D%/export_dcat.c %D%/export_dcat.h \
	%D%/export_extra.c %D%/export_extra.h \
	%D%/export_make.c %D%/export_make.h \
	%D%/export_node.c %D%/export_node.h \
	%D%/export_ntriples.c %D%/export_ntriples.h \
	%D%/fork.c %D%/fork.h \
	%D%/hash.c %D%/hash.h \
	%D%/index.c %D%/index.h \
	%D%/index_answer.c %D%/index_answer.h \
	%D%/index_audit.c %D%/index_audit.h \
	%D%/index_batch.c %D%/index_batch.h \
	%D%/index_best.c %D%/index_best.h \
	%D%/index_bits.c %D%/index_bits.h \
	%D%/index_columns.c %D%/index_columns.h \
	%D%/index_cursor.c %D%/index_cursor.h \
	%D%/index_detect.c %D%/index_detect.h \
	%D%/index_due.c %D%/index_due.h \
	%D%/index_entry.c %D%/index_entry.h \
	%D%/index_facet.c %D%/index_facet.h \
	%D%/index_few.c %D%/index_few.h \
	%D%/index_impact.c %D%/index_impact.h \
	%D%/index_later.c %D%/index_later.h \
	%D%/index_later_part.c %D%/index_later_part.h \
	%D%/index_leaf.c %D%/index_leaf.h \
	%D%/index_lender.c %D%/index_lender.h \
	%D%/index_list.c %D%/index_list.h \
	%D%/index_match.c %D%/index_match.h \
	%D%/index_merge.c %D%/index_merge.h \
	%D%/index_order.c %D%/index_order.h \
	%D%/index_plan.c %D%/index_plan.h \
	%D%/index_policy.c %D%/index_policy.h \
	%D%/index_query.c %D%/index_query.h \
	%D%/index_rebuild.c %D%/index_rebuild.h \
	%D%/index_relax.c %D%/index_relax.h \
	%D%/index_segment.c %D%/index_segment.h \
	%D%/index_spell.c %D%/index_spell.h \
	%D%/index_terms.c %D%/index_terms.h \
	%D%/index_text.c %D%/index_text.h \
	%D%/index_typo.c %D%/index_typo.h \
	%D%/index_value.c %D%/index_value.h \
	%D%/index_walk.c %D%/index_walk.h \
	%D%/index_words.c %D%/index_words.h \
	%D%/index_writer.c %D%/index_writer.h \
	%D%/iri.c %D%/iri.h \
	%D%/join.c %D%/join.h \
	%D%/json.c %D%/json.h \
	%D%/listing.c %D%/listing.h \
	%D%/log.c %D%/log.h \
	%D%/log_back.c %D%/log_back.h \
	%D%/log_batch.c %D%/log_batch.h \
	%D%/log_entry.c %D%/log_entry.h \
	%D%/log_row.c %D%/log_row.h \
	%D%/merkle.c %D%/merkle.h \
	%D%/motion.c %D%/motion.h \
	%D%/node.c %D%/node.h \
	%D%/note.c %D%/note.h \
	%D%/note_pack.c %D%/note_pack.h \
	%D%/pack.c %D%/pack.h \
	%D%/profile.c %D%/profile.h \
	%D%/prover.c %D%/prover.h \
	%D%/prune.c %D%/prune.h \
	%D%/publisher.c %D%/publisher.h \
	%D%/query.c %D%/query.h \
	%D%/reader.c %D%/reader.h \
	%D%/reader_build.c %D%/reader_build.h \
	%D%/reader_ckan.c \
	%D%/reader_columns.c %D%/reader_columns.h \
	%D%/reader_country.c %D%/reader_country.h \
	%D%/reader_csv.c \
	%D%/reader_datajson.c %D%/reader_datajson.h \
	%D%/reader_dcat.c %D%/reader_dcat.h \
	%D%/reader_detect.c %D%/reader_detect.h \
	%D%/reader_email.c %D%/reader_email.h \
	%D%/reader_field.c %D%/reader_field.h \
	%D%/reader_format.h \
	%D%/reader_geometry.c %D%/reader_geometry.h \
	%D%/reader_graph.c %D%/reader_graph.h \
	%D%/reader_interval.c %D%/reader_interval.h \
	%D%/reader_json.c %D%/reader_json.h \
	%D%/reader_jsonld.c \
	%D%/reader_jsonld_context.c %D%/reader_jsonld_context.h \
	%D%/reader_jsonld_node.c %D%/reader_jsonld_node.h \
	%D%/reader_language.c %D%/reader_language.h \
	%D%/reader_native.c \
	%D%/reader_own.c %D%/reader_own.h \
	%D%/reader_part.c %D%/reader_part.h \
	%D%/reader_plain.c %D%/reader_plain.h \
	%D%/reader_raptor.c %D%/reader_raptor.h \
	%D%/reader_rdf.c \
	%D%/reader_records.c %D%/reader_records.h \
	%D%/reader_sink.c %D%/reader_sink.h \
	%D%/reader_source.c %D%/reader_source.h \
	%D%/reader_spool.c %D%/reader_spool.h \
	%D%/reader_text.c %D%/reader_text.h \
	%D%/reader_turtle.c %D%/reader_turtle.h \
	%D%/reader_xml.c %D%/reader_xml.h \
	%D%/receipt.c %D%/receipt.h \
	%D%/runs.c %D%/runs.h \
	%D%/signed.c %D%/signed.h \
	%D%/store.c %D%/store.h \
	%D%/take.c %D%/take.h \
	%D%/theme.c %D%/theme.h \
	%D%/tile.c %D%/tile.h \
	%D%/tree.c %D%/tree.h \
	%D%/trie.c %D%/trie.h \
	%D%/unpack.c %D%/unpack.h \
	%D%/url.c %D%/url.h \
	%D%/utf8.c %D%/utf8.h \
	%D%/value.c %D%/value.h \
	%D%/value_get.c %D%/value_get.h \
	%D%/view.c %D%/view.h \
	%D%/wire.c %D%/wire.h

# The dictionary that entries are compressed with, made in the build from listings of our own.
# A library of its own, because mkdict is linked with libcatalog.
noinst_LIBRARIES += libdictionary.a
nodist_libdictionary_a_SOURCES = %D%/dictionary.c
DICTIONARY_LISTINGS = %D%/dictionary/listings.jsonl
EXTRA_DIST += $(DICTIONARY_LISTINGS)
CLEANFILES += %D%/dictionary.c

noinst_PROGRAMS += tools/mkdict
tools_mkdict_SOURCES = tools/mkdict.c
tools_mkdict_LDADD = libcatalog.a $(CATALOG_LIBS)

%D%/dictionary.c: tools/mkdict$(EXEEXT) $(DICTIONARY_LISTINGS)
	$(AM_V_GEN)for f in $(DICTIONARY_LISTINGS); do echo "$(srcdir)/$$f"; done | \
	  xargs tools/mkdict$(EXEEXT) >$@.tmp && mv -f $@.tmp $@
