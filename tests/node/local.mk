# Each test: UNIT_TESTS += %D%/test_NAME, and its LDADD: $(NODE) $(CMOCKA_LIBS).
EXTRA_DIST += %D%/scratch.h
UNIT_TESTS += %D%/test_client %D%/test_config %D%/test_control %D%/test_keyfile %D%/test_prove
%C%_test_client_LDADD = $(NODE) $(CMOCKA_LIBS) -lpthread
%C%_test_config_LDADD = $(NODE) $(CMOCKA_LIBS)
%C%_test_control_LDADD = $(NODE) $(CMOCKA_LIBS)
%C%_test_keyfile_LDADD = $(NODE) $(CMOCKA_LIBS)
%C%_test_prove_LDADD = $(NODE) $(CMOCKA_LIBS)
