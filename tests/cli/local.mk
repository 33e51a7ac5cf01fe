# Scripts that run the built programs: dist_check_SCRIPTS and TESTS.
dist_check_SCRIPTS += %D%/test_prove.sh
TESTS += %D%/test_prove.sh
