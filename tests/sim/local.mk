# Simulations: many nodes on one clock, from one seed.  Small ones run as tests.
SIM_NET = %D%/disk.c %D%/disk.h %D%/net.c %D%/net.h %D%/net_faults.c %D%/net_state.h %D%/net_wires.c %D%/queue.c \
	%D%/queue.h
check_PROGRAMS += %D%/sim_chaos %D%/sim_spread
TESTS += %D%/sim_chaos %D%/sim_spread
%C%_sim_chaos_SOURCES = %D%/sim_chaos.c %D%/chaos.c %D%/chaos.h %D%/chaos_amend.c %D%/chaos_end.c \
	%D%/chaos_publish.c %D%/chaos_state.h \
	%D%/liar.c %D%/liar.h %D%/plan.c %D%/plan.h %D%/truth.c %D%/truth.h %D%/writer.c \
	%D%/writer.h $(SIM_NET)
%C%_sim_chaos_LDADD = $(GOSSIP)
%C%_sim_spread_SOURCES = %D%/sim_spread.c $(SIM_NET)
%C%_sim_spread_LDADD = $(GOSSIP)
