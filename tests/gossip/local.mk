# Each test: UNIT_TESTS += %D%/test_NAME, and its LDADD: $(GOSSIP) $(CMOCKA_LIBS).
EXTRA_DIST += %D%/speak.h
UNIT_TESTS += %D%/test_amend
%C%_test_amend_SOURCES = %D%/test_amend.c %D%/world.c %D%/world.h
%C%_test_amend_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_book
%C%_test_book_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_channel
%C%_test_channel_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_confirm
%C%_test_confirm_SOURCES = %D%/test_confirm.c %D%/world.c %D%/world.h
%C%_test_confirm_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_course
%C%_test_course_SOURCES = %D%/test_course.c %D%/world.c %D%/world.h
%C%_test_course_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_discovery
%C%_test_discovery_SOURCES = %D%/test_discovery.c %D%/world.c %D%/world.h
%C%_test_discovery_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_flood
%C%_test_flood_SOURCES = %D%/test_flood.c %D%/world.c %D%/world.h
%C%_test_flood_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_frame
%C%_test_frame_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_heads
%C%_test_heads_SOURCES = %D%/test_heads.c %D%/world.c %D%/world.h
%C%_test_heads_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_histories
%C%_test_histories_SOURCES = %D%/test_histories.c %D%/world.c %D%/world.h
%C%_test_histories_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_message
%C%_test_message_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_noise
%C%_test_noise_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_node
%C%_test_node_SOURCES = %D%/test_node.c %D%/world.c %D%/world.h
%C%_test_node_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_pull
%C%_test_pull_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_score
%C%_test_score_SOURCES = %D%/test_score.c %D%/world.c %D%/world.h
%C%_test_score_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_thin
%C%_test_thin_SOURCES = %D%/test_thin.c %D%/world.c %D%/world.h
%C%_test_thin_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_trust
%C%_test_trust_SOURCES = %D%/test_trust.c %D%/world.c %D%/world.h
%C%_test_trust_LDADD = $(GOSSIP) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_wire
%C%_test_wire_SOURCES = %D%/test_wire.c %D%/world.c %D%/world.h
%C%_test_wire_LDADD = $(GOSSIP) $(CMOCKA_LIBS)
