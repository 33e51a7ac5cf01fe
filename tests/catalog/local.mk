UNIT_TESTS += %D%/test_buffer
%C%_test_buffer_LDADD = $(CATALOG) $(CMOCKA_LIBS)
