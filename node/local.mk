noinst_LIBRARIES += libnode.a
libnode_a_SOURCES = \
	%D%/answer.c %D%/answer.h \
	%D%/client.h \
	%D%/config.c %D%/config.h \
	%D%/control.c %D%/control.h \
	%D%/daemon.c %D%/daemon.h \
	%D%/datadir.c %D%/datadir.h \
	%D%/error.c %D%/error.h \
	%D%/export.c %D%/export.h \
	%D%/fields.c %D%/fields.h \
	%D%/http.c %D%/http.h \
	%D%/keyfile.c %D%/keyfile.h \
	%D%/peers.c %D%/peers.h \
	%D%/publish.c %D%/publish.h \
	%D%/search.c %D%/search.h \
	%D%/snippet.c %D%/snippet.h \
	%D%/verify.c %D%/verify.h
