noinst_LIBRARIES += libnode.a
libnode_a_SOURCES = \
	%D%/client.h \
	%D%/config.c %D%/config.h \
	%D%/control.c %D%/control.h \
	%D%/daemon.c %D%/daemon.h \
	%D%/datadir.c %D%/datadir.h \
	%D%/error.c %D%/error.h \
	%D%/http.c %D%/http.h \
	%D%/keyfile.c %D%/keyfile.h \
	%D%/peers.c %D%/peers.h
