/* catalog/utf8.c - the lead byte gives the length and the least character that may take it. */
#include "catalog/utf8.h"

#include <errno.h>

int catalog_utf8_next(const char *text, size_t len, uint32_t *ret_character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *bytes = (const uint8_t *)text;
	uint32_t character;
	int count, i;

	if (len == 0)
		return -EBADMSG;
	if (bytes[0] < 0x80) {
		*ret_character = bytes[0];
		return 1;
	}
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return -EBADMSG;
	count = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (len < (size_t)count)
		return -EBADMSG;
	character = bytes[0] & (0x7fu >> count);
	for (i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return -EBADMSG;
		character = character << 6 | (bytes[i] & 0x3fu);
	}
	if (character < least[count] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return -EBADMSG;
	*ret_character = character;
	return count;
}

int catalog_utf8_check(const char *text, size_t len)
{
	uint32_t character;
	size_t i = 0;

	while (i < len) {
		int count;

		if ((uint8_t)text[i] < 0x80) {
			i++;
			continue;
		}
		count = catalog_utf8_next(text + i, len - i, &character);
		if (count < 0)
			return count;
		i += (size_t)count;
	}
	return 0;
}

bool catalog_utf8_is_text(const char *text, size_t len, bool lines)
{
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		int n;

		if (text[i] >= 0x20 && text[i] < 0x7f) { /* most of most texts */
			i++;
			continue;
		}
		n = catalog_utf8_next(text + i, len - i, &c);
		if (n < 0 || (c >= 0x7f && c <= 0x9f))
			return false;
		if (c < 0x20 && !(lines && (c == '\n' || c == '\t')))
			return false;
		i += (size_t)n;
	}
	return true;
}
