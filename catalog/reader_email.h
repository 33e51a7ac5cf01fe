/* catalog/reader_email.h - e-mail addresses as catalogues write them. */
#ifndef CATALOG_READER_EMAIL_H
#define CATALOG_READER_EMAIL_H

#define CATALOG_READER_EMAIL_BYTES      320
#define CATALOG_READER_EMAIL_NAME_BYTES 200

/* The address that text is, without "mailto:".  Returns 0, -ENOENT if it looks like none. */
int catalog_reader_email_find(const char *text, char ret_email[CATALOG_READER_EMAIL_BYTES]);

/* The two parts of "Jane Doe <jane@example.org>".  Returns 0, -ENOENT if text is no such. */
int catalog_reader_email_named(const char *text, char ret_name[CATALOG_READER_EMAIL_NAME_BYTES],
			       char ret_email[CATALOG_READER_EMAIL_BYTES]);

#endif
