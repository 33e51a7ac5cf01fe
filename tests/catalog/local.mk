UNIT_TESTS += %D%/test_buffer
%C%_test_buffer_LDADD = $(CATALOG) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_store
%C%_test_store_LDADD = $(CATALOG) $(CMOCKA_LIBS) -lpthread
