# Each test: UNIT_TESTS += %D%/test_NAME, and its LDADD: $(NODE) $(CMOCKA_LIBS).
