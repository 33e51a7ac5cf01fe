noinst_LIBRARIES += libgossip.a
libgossip_a_SOURCES = \
	%D%/frame.c %D%/frame.h \
	%D%/message.c %D%/message.h \
	%D%/node.c %D%/node.h
