# What takes minutes, root and tools that not everybody has: each says so and skips (77) where it cannot run.
INTEGRATION_TESTS = %D%/test_container.sh %D%/test_network.sh %D%/test_service.sh
dist_check_SCRIPTS += $(INTEGRATION_TESTS)
TESTS += $(INTEGRATION_TESTS)
check_PROGRAMS += %D%/badlink
