# Simulations: many nodes on one clock, from one seed.  Small ones run as tests.
SIM_NET = %D%/disk.c %D%/disk.h %D%/net.c %D%/net.h %D%/net_state.h %D%/net_wires.c %D%/queue.c \
	%D%/queue.h
check_PROGRAMS += %D%/sim_spread
TESTS += %D%/sim_spread
%C%_sim_spread_SOURCES = %D%/sim_spread.c $(SIM_NET)
%C%_sim_spread_LDADD = $(GOSSIP)
