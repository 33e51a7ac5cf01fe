# Each test: UNIT_TESTS += %D%/test_NAME, and its LDADD: $(GOSSIP) $(CMOCKA_LIBS).
