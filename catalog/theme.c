#include "catalog/theme.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Indexes of codes. */
enum code {
	AGRI,
	ECON,
	EDUC,
	ENER,
	ENVI,
	GOVE,
	HEAL,
	INTR,
	JUST,
	REGI,
	SOCI,
	TECH,
	TRAN,
	NO_CODE,
};

/* Indexes of industries. */
enum industry {
	AGRICULTURE,
	MANUFACTURING,
	ENERGY,
	WATER,
	CONSTRUCTION,
	TRADE,
	TRANSPORT,
	TOURISM,
	INFORMATION,
	FINANCE,
	SCIENCE,
	GOVERNMENT,
	EDUCATION,
	HEALTH,
	NO_INDUSTRY,
};

static const struct catalog_theme_industry industries[CATALOG_THEME_INDUSTRIES] = {
	[AGRICULTURE] = {"agriculture", "Agriculture, forestry and fishing", "A"},
	[MANUFACTURING] = {"manufacturing", "Mining and manufacturing", "B, C"},
	[ENERGY] = {"energy", "Energy supply", "D"},
	[WATER] = {"water", "Water, waste and environment", "E"},
	[CONSTRUCTION] = {"construction", "Construction and housing", "F, L"},
	[TRADE] = {"trade", "Trade", "G"},
	[TRANSPORT] = {"transport", "Transport and logistics", "H"},
	[TOURISM] = {"tourism", "Tourism, culture and sport", "I, R"},
	[INFORMATION] = {"information", "Information and communication", "J"},
	[FINANCE] = {"finance", "Finance and insurance", "K"},
	[SCIENCE] = {"science", "Science and professional services", "M, N"},
	[GOVERNMENT] = {"government", "Public administration", "O, U"},
	[EDUCATION] = {"education", "Education", "P"},
	[HEALTH] = {"health", "Health and social work", "Q"},
};

/* What each code is called, and which industry it is plainly of. */
static const struct {
	const char *code, *label;
	enum industry industry;
} codes[CATALOG_THEME_CODES] = {
	[AGRI] = {"agri", "Agriculture, fisheries, forestry and food", AGRICULTURE},
	[ECON] = {"econ", "Economy and finance", FINANCE},
	[EDUC] = {"educ", "Education, culture and sport", EDUCATION},
	[ENER] = {"ener", "Energy", ENERGY},
	[ENVI] = {"envi", "Environment", WATER},
	[GOVE] = {"gove", "Government and public sector", GOVERNMENT},
	[HEAL] = {"heal", "Health", HEALTH},
	[INTR] = {"intr", "International issues", GOVERNMENT},
	[JUST] = {"just", "Justice, legal system and public safety", GOVERNMENT},
	[REGI] = {"regi", "Regions and cities", NO_INDUSTRY},
	[SOCI] = {"soci", "Population and society", NO_INDUSTRY},
	[TECH] = {"tech", "Science and technology", SCIENCE},
	[TRAN] = {"tran", "Transport", TRANSPORT},
};

/* Labels of the themes in the languages that catalogues are in, as fold() leaves them. */
static const struct {
	const char *label;
	enum code code;
} labels[] = {
	{"agriculture, fisheries, forestry and food", AGRI},
	{"landwirtschaft, fischerei, forstwirtschaft und nahrungsmittel", AGRI},
	{"agriculture, peche, sylviculture et alimentation", AGRI},
	{"agricultura, pesca, silvicultura y alimentacion", AGRI},
	{"agricoltura, pesca, silvicoltura e prodotti alimentari", AGRI},
	{"agricultura, pesca, silvicultura e alimentacao", AGRI},
	{"landbouw, visserij, bosbouw en voeding", AGRI},
	{"economy and finance", ECON},
	{"wirtschaft und finanzen", ECON},
	{"economie et finances", ECON},
	{"economia y finanzas", ECON},
	{"economia e finanze", ECON},
	{"economia e financas", ECON},
	{"economie en financien", ECON},
	{"education, culture and sport", EDUC},
	{"bildung, kultur und sport", EDUC},
	{"education, culture et sport", EDUC},
	{"educacion, cultura y deportes", EDUC},
	{"istruzione, cultura e sport", EDUC},
	{"educacao, cultura e desporto", EDUC},
	{"onderwijs, cultuur en sport", EDUC},
	{"energy", ENER},
	{"energie", ENER},
	{"energia", ENER},
	{"environment", ENVI},
	{"umwelt", ENVI},
	{"environnement", ENVI},
	{"medio ambiente", ENVI},
	{"ambiente", ENVI},
	{"milieu", ENVI},
	{"government and public sector", GOVE},
	{"regierung und offentlicher sektor", GOVE},
	{"gouvernement et secteur public", GOVE},
	{"gobierno y sector publico", GOVE},
	{"governo e settore pubblico", GOVE},
	{"governo e setor publico", GOVE},
	{"overheid en publieke sector", GOVE},
	{"health", HEAL},
	{"gesundheit", HEAL},
	{"sante", HEAL},
	{"salud", HEAL},
	{"salute", HEAL},
	{"saude", HEAL},
	{"gezondheid", HEAL},
	{"\345\260\261\351\206\253", HEAL}, /* seeing a doctor, of Taiwan's services */
	{"international issues", INTR},
	{"internationale themen", INTR},
	{"questions internationales", INTR},
	{"asuntos internacionales", INTR},
	{"tematiche internazionali", INTR},
	{"justice, legal system and public safety", JUST},
	{"justiz, rechtssystem und offentliche sicherheit", JUST},
	{"justice, systeme juridique et securite publique", JUST},
	{"justicia, sistema judicial y seguridad publica", JUST},
	{"giustizia, sistema giuridico e sicurezza pubblica", JUST},
	{"justica, sistema judiciario e seguranca publica", JUST},
	{"regions and cities", REGI},
	{"regionen und stadte", REGI},
	{"regions et villes", REGI},
	{"regiones y ciudades", REGI},
	{"regioni e citta", REGI},
	{"regioes e cidades", REGI},
	{"population and society", SOCI},
	{"bevolkerung und gesellschaft", SOCI},
	{"population et societe", SOCI},
	{"poblacion y sociedad", SOCI},
	{"popolazione e societa", SOCI},
	{"populacao e sociedade", SOCI},
	{"bevolking en samenleving", SOCI},
	{"science and technology", TECH},
	{"wissenschaft und technologie", TECH},
	{"science et technologie", TECH},
	{"ciencia y tecnologia", TECH},
	{"scienza e tecnologia", TECH},
	{"ciencia e tecnologia", TECH},
	{"wetenschap en technologie", TECH},
	{"transport", TRAN},
	{"verkehr", TRAN},
	{"transports", TRAN},
	{"transporte", TRAN},
	{"trasporti", TRAN},
	{"transportes", TRAN},
	{"vervoer", TRAN},
};

/* Words that belong to a theme, an industry or both, and are the name of neither. */
static const struct {
	const char *word;
	enum code code;
	enum industry industry;
} words[] = {
	{"agriculture", AGRI, AGRICULTURE},
	{"banking", ECON, FINANCE},
	{"bauen und wohnen", NO_CODE, CONSTRUCTION},
	{"bevolkerung", SOCI, NO_INDUSTRY},
	{"bildung", EDUC, EDUCATION},
	{"building", NO_CODE, CONSTRUCTION},
	{"climate", ENVI, WATER},
	{"communication", NO_CODE, INFORMATION},
	{"communications", NO_CODE, INFORMATION},
	{"construction", NO_CODE, CONSTRUCTION},
	{"crime", JUST, GOVERNMENT},
	{"culture", EDUC, TOURISM},
	{"culture, sports and tourism", EDUC, TOURISM},
	{"demography", SOCI, NO_INDUSTRY},
	{"deporte", EDUC, TOURISM},
	{"economics", ECON, FINANCE},
	{"economy", ECON, FINANCE},
	{"education", EDUC, EDUCATION},
	{"elections", GOVE, GOVERNMENT},
	{"farming", AGRI, AGRICULTURE},
	{"finance", ECON, FINANCE},
	{"finance and economy", ECON, FINANCE},
	{"fisheries", AGRI, AGRICULTURE},
	{"fishing", AGRI, AGRICULTURE},
	{"food", AGRI, AGRICULTURE},
	{"forestry", AGRI, AGRICULTURE},
	{"government", GOVE, GOVERNMENT},
	{"healthcare", HEAL, HEALTH},
	{"housing", NO_CODE, CONSTRUCTION},
	{"industry", ECON, MANUFACTURING},
	{"information", NO_CODE, INFORMATION},
	{"insurance", ECON, FINANCE},
	{"international relations", INTR, GOVERNMENT},
	{"justice", JUST, GOVERNMENT},
	{"justiz", JUST, GOVERNMENT},
	{"kultur", EDUC, TOURISM},
	{"landwirtschaft", AGRI, AGRICULTURE},
	{"law", JUST, GOVERNMENT},
	{"logistics", TRAN, TRANSPORT},
	{"manufacturing", ECON, MANUFACTURING},
	{"medicine", HEAL, HEALTH},
	{"mining", ECON, MANUFACTURING},
	{"nutrition", AGRI, AGRICULTURE},
	{"politics", GOVE, GOVERNMENT},
	{"pollution", ENVI, WATER},
	{"population", SOCI, NO_INDUSTRY},
	{"population and demography", SOCI, NO_INDUSTRY},
	{"public administration", GOVE, GOVERNMENT},
	{"public health", HEAL, HEALTH},
	{"public safety and justice", JUST, GOVERNMENT},
	{"real estate", NO_CODE, CONSTRUCTION},
	{"research", TECH, SCIENCE},
	{"science", TECH, SCIENCE},
	{"society", SOCI, NO_INDUSTRY},
	{"sport", EDUC, TOURISM},
	{"sports", EDUC, TOURISM},
	{"technology", TECH, SCIENCE},
	{"telecommunications", NO_CODE, INFORMATION},
	{"tourism", NO_CODE, TOURISM},
	{"trade", ECON, TRADE},
	{"transport und verkehr", TRAN, TRANSPORT},
	{"transportation", TRAN, TRANSPORT},
	{"travel", NO_CODE, TOURISM},
	{"umwelt und klima", ENVI, WATER},
	{"waste", ENVI, WATER},
	{"water", ENVI, WATER},
	{"wirtschaft", ECON, FINANCE},
	{"wirtschaft und arbeit", ECON, NO_INDUSTRY},
	{"wissenschaft", TECH, SCIENCE},
	{"\344\272\244\351\200\232\345\217\212\351\200\232\350\250\212", TRAN,
	 TRANSPORT}, /* traffic and communication, of Taiwan's services */
	{"\345\205\254\345\205\261\350\263\207\350\250\212", GOVE, GOVERNMENT}, /* public
										   information */
};

/* --- folding ---------------------------------------------------------------------------- */

/* What the letters U+00C0..U+00FF are without case and accent; 0: themselves. */
static const char plain[64] =
	"aaaaaaaceeeeiiiidnooooo\0ouuuuy\0saaaaaaaceeeeiiiidnooooo\0ouuuuy\0y";

struct text {
	char bytes[CATALOG_THEME_TEXT_MAX + 1];
	size_t len;
};

/* Small letters without the accents of Western Europe, one space between words, nothing in
 * parentheses at the end.  False if it is too long. */
static bool fold(const char *from, size_t len, struct text *to)
{
	to->len = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)from[i];

		if (to->len + 2 > CATALOG_THEME_TEXT_MAX)
			return false;
		if (c == 0xc3 && i + 1 < len && plain[from[i + 1] & 63] != '\0') {
			c = (unsigned char)plain[from[++i] & 63];
			to->bytes[to->len++] = (char)c;
			if ((unsigned char)from[i] == 0x9f) /* sharp s */
				to->bytes[to->len++] = 's';
			continue;
		}
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if (c == '\t' || c == '\n' || c == '_')
			c = ' ';
		if (c == ' ' && (to->len == 0 || to->bytes[to->len - 1] == ' '))
			continue;
		to->bytes[to->len++] = (char)c;
	}
	if (to->len > 2 && to->bytes[to->len - 1] == ')') {
		size_t at = to->len - 1;

		while (at > 0 && to->bytes[at - 1] >= '0' && to->bytes[at - 1] <= '9')
			at--;
		if (at > 1 && to->bytes[at - 1] == '(')
			to->len = at - 1;
	}
	while (to->len > 0 && to->bytes[to->len - 1] == ' ')
		to->len--;
	to->bytes[to->len] = '\0';
	return to->len > 0;
}

/* --- finding ---------------------------------------------------------------------------- */

static enum code code_named(const char *folded)
{
	for (size_t i = 0; i < CATALOG_THEME_CODES; i++)
		if (strcmp(folded, codes[i].code) == 0)
			return (enum code)i;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (strcmp(folded, labels[i].label) == 0)
			return labels[i].code;
	return NO_CODE;
}

static enum industry industry_named(const char *folded)
{
	for (size_t i = 0; i < CATALOG_THEME_INDUSTRIES; i++)
		if (strcmp(folded, industries[i].name) == 0)
			return (enum industry)i;
	return NO_INDUSTRY;
}

static struct catalog_theme theme_of(enum code code, enum industry industry)
{
	return (struct catalog_theme){code != NO_CODE ? codes[code].code : NULL,
				      industry != NO_INDUSTRY ? industries[industry].name : NULL};
}

static int find_folded(const char *folded, struct catalog_theme *ret_theme)
{
	enum code code = code_named(folded);

	if (code != NO_CODE) {
		*ret_theme = theme_of(code, codes[code].industry);
		return 0;
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(folded, words[i].word) != 0)
			continue;
		*ret_theme = theme_of(words[i].code, words[i].industry);
		return 0;
	}
	return -ENOENT;
}

int catalog_theme_find(const char *text, size_t len, struct catalog_theme *ret_theme)
{
	struct text folded;

	return fold(text, len, &folded) ? find_folded(folded.bytes, ret_theme) : -ENOENT;
}

size_t catalog_theme_find_all(const char *text, size_t len,
			      struct catalog_theme ret_themes[CATALOG_THEME_PARTS_MAX])
{
	size_t count = 0, from = 0;

	/* Labels have commas of their own: take the longest that is one. */
	while (from < len && count < CATALOG_THEME_PARTS_MAX) {
		size_t end = len;

		while (catalog_theme_find(text + from, end - from, &ret_themes[count]) != 0) {
			const char *comma = memrchr(text + from, ',', end - from);

			if (comma == NULL)
				return 0;
			end = (size_t)(comma - text);
		}
		count++;
		from = end + 1;
	}
	return from >= len ? count : 0;
}

/* "http://publications.europa.eu/resource/authority/data-theme/HEAL" is its code. */
static void skip_authority(const char **text, size_t *len)
{
	static const char authority[] = "/authority/data-theme/";
	const char *at = memmem(*text, *len, authority, sizeof authority - 1);

	if (at == NULL)
		return;
	at += sizeof authority - 1;
	*len -= (size_t)(at - *text);
	*text = at;
}

enum catalog_theme_question catalog_theme_ask(const char *text, size_t len, const char **ret_name)
{
	struct catalog_theme theme;
	enum industry industry;
	struct text folded;
	enum code code;

	skip_authority(&text, &len);
	if (!fold(text, len, &folded))
		return CATALOG_THEME_ITSELF;
	code = code_named(folded.bytes);
	if (code != NO_CODE) {
		*ret_name = codes[code].code;
		return CATALOG_THEME_CODE;
	}
	industry = industry_named(folded.bytes);
	if (industry != NO_INDUSTRY) {
		*ret_name = industries[industry].name;
		return CATALOG_THEME_INDUSTRY;
	}
	return find_folded(folded.bytes, &theme) == 0 ? CATALOG_THEME_WORD : CATALOG_THEME_ITSELF;
}

const char *catalog_theme_code(size_t number)
{
	assert(number < CATALOG_THEME_CODES);
	return codes[number].code;
}

const char *catalog_theme_label(const char *code)
{
	for (size_t i = 0; i < CATALOG_THEME_CODES; i++)
		if (strcmp(code, codes[i].code) == 0)
			return codes[i].label;
	return NULL;
}

const struct catalog_theme_industry *catalog_theme_industry(size_t number)
{
	assert(number < CATALOG_THEME_INDUSTRIES);
	return &industries[number];
}
