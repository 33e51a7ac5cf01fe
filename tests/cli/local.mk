# Scripts that run the built programs: dist_check_SCRIPTS and TESTS.
