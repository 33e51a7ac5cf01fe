bin_PROGRAMS += fedcat fedcatd
fedcat_SOURCES = %D%/fedcat.c
fedcat_LDADD = $(NODE)
fedcatd_SOURCES = %D%/fedcatd.c
fedcatd_LDADD = $(NODE)
EXTRA_DIST += %D%/check %D%/install-packages %D%/packages
