#include "catalog/reader_email.h"

#include <errno.h>
#include <string.h>

int catalog_reader_email_find(const char *text, char ret_email[CATALOG_READER_EMAIL_BYTES])
{
	const char *at;
	size_t len;

	text += strspn(text, " \t\r\n");
	if (strncmp(text, "mailto:", 7) == 0 || strncmp(text, "MAILTO:", 7) == 0)
		text += 7;
	text += strspn(text, " ");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	at = memchr(text, '@', len);
	if (at == NULL || at == text || at + 1 == text + len || len >= CATALOG_READER_EMAIL_BYTES)
		return -ENOENT;
	if (memchr(at + 1, '@', (size_t)(text + len - at - 1)) != NULL)
		return -ENOENT;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f ||
		    strchr("<>,;\"()", text[i]) != NULL || (text[i] & 0x80) != 0)
			return -ENOENT;
	memcpy(ret_email, text, len);
	ret_email[len] = '\0';
	return 0;
}

int catalog_reader_email_named(const char *text, char ret_name[CATALOG_READER_EMAIL_NAME_BYTES],
			       char ret_email[CATALOG_READER_EMAIL_BYTES])
{
	const char *open = strchr(text, '<'), *close = open != NULL ? strchr(open, '>') : NULL;
	char inner[CATALOG_READER_EMAIL_BYTES];
	size_t len;

	if (close == NULL || close[strspn(close, "> \t\r\n")] != '\0' ||
	    (size_t)(close - open) > sizeof inner)
		return -ENOENT;
	memcpy(inner, open + 1, (size_t)(close - open) - 1);
	inner[close - open - 1] = '\0';
	text += strspn(text, " \t\r\n");
	len = text < open ? (size_t)(open - text) : 0;
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == 0 || len >= CATALOG_READER_EMAIL_NAME_BYTES ||
	    catalog_reader_email_find(inner, ret_email) != 0)
		return -ENOENT;
	memcpy(ret_name, text, len);
	ret_name[len] = '\0';
	return 0;
}
