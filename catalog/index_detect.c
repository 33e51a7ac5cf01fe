/* catalog/index_detect.c - small words are the most frequent of a language and hardly shared, so a
 * few of them decide. */
#include "catalog/index_detect.h"

#include <ctype.h>
#include <string.h>

#include <unicode/utf8.h>

#include "catalog/index_text.h"

#define DETECT_BYTES 600
#define WORDS_LEAST  2

static const struct {
	const char *tag;
	const char *words; /* folded, between spaces */
} languages[] = {
	{"en",
	 " a an and are as at by for from has have how in is it of on or that the this to was what "
	 "where which who with "},
	{"fr",
	 " au aux avec ce ces dans de des du en est et la le les leur ou par pas pour que qui sont "
	 "sur un une "},
	{"es", " al como con de del el en es esta la las los o para por que se son su un una y "},
	{"pt",
	 " ao as com da das de do dos e em na nas no nos o os ou para pela pelo por que se sao um "
	 "uma "},
	{"de", " als am auf aus bei das dem den der des die ein eine fur im in ist mit nach oder "
	       "sind und "
	       "von vom werden wird zu zum zur "},
	{"it",
	 " al alla che con da dal dei del della delle di e gli i il in la le nel per si sono su un "
	 "una "},
	{"nl",
	 " aan als bij de dat door een en het in is met naar niet of om op te tot van voor worden "
	 "zijn "},
	{"sv", " att av den det ett for fran i med och om pa som till ar "},
	{"da", " af at de den der det en er et for fra i med og om pa som til "},
	{"fi", " ei ja joka kun mukaan myos on ovat se seka tai "},
	{"id", " atau dalam dan dari dengan di ini itu ke oleh pada untuk yang "},
	{"ro", " a al ale care cu de din este la pe pentru prin sau si un "},
	{"tr", " bir bu da de gore icin ile olarak ve veya "},
	{"hu", " a az egy es hogy is meg nem vagy "},
};
#define COUNT (sizeof languages / sizeof *languages)

static bool has(const char *words, const char *word, size_t len)
{
	const char *at = words;

	while ((at = memmem(at, strlen(at), word, len)) != NULL) {
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
		at++;
	}
	return false;
}

bool catalog_index_detect_is_small(struct catalog_span word)
{
	if (word.len == 0 || word.len > 8)
		return false;
	for (size_t i = 0; i < COUNT; i++)
		if (has(languages[i].words, (const char *)word.bytes, word.len))
			return true;
	return false;
}

static uint32_t by_script(UChar32 c)
{
	static const struct {
		UChar32 first, last;
		const char *tag;
	} scripts[] = {
		{0x0370, 0x03ff, "el"}, {0x0400, 0x04ff, "ru"}, {0x0530, 0x058f, "hy"},
		{0x0600, 0x06ff, "ar"}, {0x0900, 0x097f, "hi"}, {0x0b80, 0x0bff, "ta"},
	};

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (c >= scripts[i].first && c <= scripts[i].last)
			return catalog_index_text_language(scripts[i].tag);
	return 0;
}

uint32_t catalog_index_detect_language(struct catalog_span bytes)
{
	size_t len = bytes.len < DETECT_BYTES ? bytes.len : DETECT_BYTES, start = 0;
	unsigned counts[COUNT] = {0}, best = 0, second = 0;
	size_t winner = 0;
	char word[9];

	for (size_t i = 0; i < len;) {
		UChar32 c;
		size_t before = i;
		uint32_t script;

		U8_NEXT(bytes.bytes, i, len, c);
		script = c >= 0x0370 ? by_script(c) : 0;
		if (script != 0)
			return script;
		if (c >= 0 && c < 0x80 && !isalnum(c)) {
			size_t n = before - start;

			for (size_t k = 0; n > 0 && n < sizeof word && k < n; k++)
				word[k] = (char)tolower(bytes.bytes[start + k]);
			for (size_t k = 0; n > 0 && n < sizeof word && k < COUNT; k++)
				counts[k] += has(languages[k].words, word, n);
			start = i;
		}
	}
	for (size_t k = 0; k < COUNT; k++) {
		if (counts[k] > best) {
			second = best;
			best = counts[k];
			winner = k;
		} else if (counts[k] > second) {
			second = counts[k];
		}
	}
	return best >= WORDS_LEAST && best > second
		       ? catalog_index_text_language(languages[winner].tag)
		       : 0;
}
