# Simulations: many nodes on one clock, from one seed.  Small ones run as tests.
check_PROGRAMS += %D%/sim_spread
TESTS += %D%/sim_spread
%C%_sim_spread_SOURCES = %D%/sim_spread.c %D%/net.c %D%/net.h
%C%_sim_spread_LDADD = $(GOSSIP)
