/* tools/rows.h - options that rows of several commands have (tools/command.h). */
#ifndef TOOLS_ROWS_H
#define TOOLS_ROWS_H

/* clang-format off: rows are read as text */

#define TOOLS_ROWS_FORMATS "auto datajson ckan jsonld turtle ntriples rdfxml csv native"

#define TOOLS_ROWS_SIGNING_OPTIONS                                                                 \
	{"timeout", "SECONDS",                                                                     \
	 "How long to wait at most until the other members have been asked where this log "        \
	 "stands. Default: 60.",                                                                   \
	 NULL},                                                                                    \
	{                                                                                          \
		"force-new-log", NULL,                                                             \
			"Sign without waiting for their answers. If another node holds more of "   \
			"this log, that forks it, which cannot be taken back.",                    \
			NULL                                                                       \
	}

#define TOOLS_ROWS_LANG_OPTION                                                                     \
	{                                                                                          \
		"lang", "LANG",                                                                    \
			"The language to prefer, as in fr, pt-BR, zh. Default: that of the "       \
			"environment (LC_ALL, LC_MESSAGES, LANG).",                                \
			NULL                                                                       \
	}

/* clang-format on */

#endif
