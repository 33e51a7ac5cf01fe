# Each test: UNIT_TESTS += %D%/test_NAME, and its LDADD: libtools.a $(NODE) $(CMOCKA_LIBS).
UNIT_TESTS += %D%/test_call %D%/test_health %D%/test_terminal
%C%_test_call_LDADD = libtools.a $(NODE) $(CMOCKA_LIBS)
%C%_test_health_LDADD = libtools.a $(NODE) $(CMOCKA_LIBS)
%C%_test_terminal_LDADD = libtools.a $(NODE) $(CMOCKA_LIBS)
