noinst_LIBRARIES += libgossip.a
libgossip_a_SOURCES = \
	%D%/amend.c \
	%D%/book.c %D%/book.h \
	%D%/channel.c %D%/channel.h \
	%D%/compare.c \
	%D%/confirm.c %D%/confirm.h \
	%D%/course.c \
	%D%/exchange.c \
	%D%/forks.c \
	%D%/frame.c %D%/frame.h \
	%D%/job.c %D%/job.h \
	%D%/link.c %D%/link.h \
	%D%/meet.c \
	%D%/message.c %D%/message.h \
	%D%/node.c %D%/node.h \
	%D%/noise.c %D%/noise.h \
	%D%/pull.c %D%/pull.h %D%/pull_state.h \
	%D%/pull_choose.c \
	%D%/pull_learn.c \
	%D%/pull_peer.c %D%/pull_peer.h \
	%D%/pull_slot.c \
	%D%/random.c %D%/random.h \
	%D%/rate.c %D%/rate.h \
	%D%/roster.c %D%/roster.h \
	%D%/score.c %D%/score.h \
	%D%/state.h \
	%D%/thin.c %D%/thin.h \
	%D%/witness.c \
	%D%/work.c
