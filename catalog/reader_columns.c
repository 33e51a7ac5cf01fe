/* Rows become datasets in the terms of data.json, whose table then does for CSV what it does there:
 * types, repairs, what is unknown.  So this file only knows what people call a column, and how
 * several values stand in one cell.
 */
#include "catalog/reader_columns.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalog/reader_language.h"

#define NAME_BYTES_MAX 200

/* How several values stand in a cell. */
enum split {
	SPLIT_NEVER,
	SPLIT_LIST, /* at "|", else at ";" */
	SPLIT_URLS, /* at "|", else at ";" before another URL */
	SPLIT_BARS, /* at "|" only: text may hold anything else */
};

/* What a column may be: a member of the dataset, or of one of its parts. */
enum part { PART_NONE, PART_CONTACT, PART_PUBLISHER, PART_TEMPORAL, PART_SPATIAL, PART_COUNT };
#define PART_DISTRIBUTION PART_COUNT

struct property {
	enum part part;
	const char *key;
	enum split split;
	bool is_text; /* in a language, which the column's name may tell */
};

static const char *const part_keys[PART_COUNT] = {NULL, "contactPoint", "publisher", "temporal",
						  "spatial"};

/* Names as normalise() leaves them: small letters, nothing between the words. */
static const struct {
	const char *names; /* between spaces */
	struct property property;
} properties[] = {
	{" identifier id datasetid datasetidentifier uid uuid guid code dataseturi uri ",
	 {PART_NONE, "identifier", SPLIT_NEVER, false}},
	{" title name datasettitle datasetname titre titel titulo título nombre ",
	 {PART_NONE, "title", SPLIT_NEVER, true}},
	{" description abstract summary notes desc datasetdescription descripción descripcion "
	 "beschreibung descrição ",
	 {PART_NONE, "description", SPLIT_NEVER, true}},
	{" keyword keywords tag tags subjectkeywords ", {PART_NONE, "keyword", SPLIT_LIST, true}},
	{" theme themes category categories topic topics subject subjects group groups ",
	 {PART_NONE, "theme", SPLIT_LIST, false}},
	{" landingpage url link page webpage website homepage datasetpage dataseturl ",
	 {PART_NONE, "landingPage", SPLIT_NEVER, false}},
	{" documentation references documentationurl ",
	 {PART_NONE, "references", SPLIT_URLS, false}},
	{" license licence licenseurl licenceurl licensetitle licencetitle ",
	 {PART_NONE, "license", SPLIT_NEVER, false}},
	{" accesslevel accessrights access ", {PART_NONE, "accessLevel", SPLIT_NEVER, false}},
	{" rights rightsstatement ", {PART_NONE, "rights", SPLIT_NEVER, true}},
	{" issued created published datepublished publicationdate publisheddate releasedate "
	 "dateissued creationdate datecreated ",
	 {PART_NONE, "issued", SPLIT_NEVER, false}},
	{" modified updated lastmodified datemodified lastupdated lastupdate modificationdate "
	 "updatedate dateupdated ",
	 {PART_NONE, "modified", SPLIT_NEVER, false}},
	{" accrualperiodicity frequency updatefrequency periodicity ",
	 {PART_NONE, "accrualPeriodicity", SPLIT_NEVER, false}},
	{" language languages lang ", {PART_NONE, "language", SPLIT_LIST, false}},
	{" version ", {PART_NONE, "version", SPLIT_NEVER, false}},
	{" versionnotes changelog ", {PART_NONE, "versionNotes", SPLIT_NEVER, true}},
	{" type datasettype ", {PART_NONE, "type", SPLIT_NEVER, false}},
	{" provenance lineage ", {PART_NONE, "provenance", SPLIT_NEVER, true}},
	{" conformsto standard standards ", {PART_NONE, "conformsTo", SPLIT_LIST, false}},
	{" source sources ", {PART_NONE, "source", SPLIT_LIST, false}},
	{" relation relations related relatedresource ",
	 {PART_NONE, "relation", SPLIT_LIST, false}},
	{" isversionof ", {PART_NONE, "isVersionOf", SPLIT_LIST, false}},
	{" hasversion ", {PART_NONE, "hasVersion", SPLIT_LIST, false}},
	{" isreferencedby ", {PART_NONE, "isReferencedBy", SPLIT_LIST, false}},
	{" creator creators author authors ", {PART_NONE, "creator", SPLIT_LIST, false}},
	{" contact contactpoint maintainer ", {PART_NONE, "contactPoint", SPLIT_LIST, false}},
	{" contactname contactpointname contactpointfn maintainername ",
	 {PART_CONTACT, "fn", SPLIT_NEVER, false}},
	{" contactemail contactpointemail contactpointhasemail maintaineremail email ",
	 {PART_CONTACT, "hasEmail", SPLIT_NEVER, false}},
	{" contacturl contactpage ", {PART_CONTACT, "url", SPLIT_NEVER, false}},
	{" contactphone contacttelephone phone telephone ",
	 {PART_CONTACT, "phone", SPLIT_NEVER, false}},
	{" publisher publishername organization organisation organizationname organisationname "
	 "agency agencyname institution ",
	 {PART_PUBLISHER, "name", SPLIT_NEVER, true}},
	{" publisheremail ", {PART_PUBLISHER, "email", SPLIT_NEVER, false}},
	{" publisherurl publisherhomepage ", {PART_PUBLISHER, "url", SPLIT_NEVER, false}},
	{" publisherid publisheruri publisheridentifier ",
	 {PART_PUBLISHER, "id", SPLIT_NEVER, false}},
	{" publishertype ", {PART_PUBLISHER, "type", SPLIT_NEVER, false}},
	{" temporal temporalcoverage period timeperiod ",
	 {PART_NONE, "temporal", SPLIT_LIST, false}},
	{" temporalstart startdate start temporalstartdate coveragestart datestart ",
	 {PART_TEMPORAL, "start", SPLIT_NEVER, false}},
	{" temporalend enddate end temporalenddate coverageend dateend ",
	 {PART_TEMPORAL, "end", SPLIT_NEVER, false}},
	{" spatial spatialcoverage coverage location place places country countries "
	 "geographiccoverage region area ",
	 {PART_NONE, "spatial", SPLIT_LIST, false}},
	{" bbox boundingbox spatialbbox extent ", {PART_SPATIAL, "bbox", SPLIT_NEVER, false}},
	{" geometry geojson wkt spatialgeometry ", {PART_SPATIAL, "geometry", SPLIT_NEVER, false}},
	{" accessurl accessurls distributionaccessurl resourceurl distributionurl distributions "
	 "resources fileurl dataurl apiurl ",
	 {PART_DISTRIBUTION, "accessURL", SPLIT_URLS, false}},
	{" downloadurl downloadurls distributiondownloadurl download file downloadlink ",
	 {PART_DISTRIBUTION, "downloadURL", SPLIT_URLS, false}},
	{" format formats distributionformat fileformat resourceformat filetype ",
	 {PART_DISTRIBUTION, "format", SPLIT_LIST, false}},
	{" mediatype mimetype distributionmediatype ",
	 {PART_DISTRIBUTION, "mediaType", SPLIT_LIST, false}},
	{" distributiontitle resourcename resourcetitle filename distributionname ",
	 {PART_DISTRIBUTION, "title", SPLIT_BARS, true}},
	{" distributiondescription resourcedescription ",
	 {PART_DISTRIBUTION, "description", SPLIT_BARS, true}},
	{" bytesize filesize size distributionbytesize ",
	 {PART_DISTRIBUTION, "byteSize", SPLIT_LIST, false}},
};

struct column {
	char name[NAME_BYTES_MAX];
	const struct property *property; /* NULL if unknown */
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];
};

struct catalog_reader_columns {
	char delimiter;
	size_t count;
	struct column columns[CATALOG_READER_COLUMNS_MAX];
};

/* --- names ------------------------------------------------------------------------------ */

/* Write the first len bytes of name without what people put between words, between spaces. */
static void normalise(const char *name, size_t len, char ret_name[NAME_BYTES_MAX + 2])
{
	static const char *const prefixes[] = {
		"dct:", "dcterms:", "dcat:", "dc:", "foaf:", "schema:"};
	size_t used = 0;

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		size_t prefix = strlen(prefixes[i]);

		if (len > prefix && strncasecmp(name, prefixes[i], prefix) == 0) {
			name += prefix;
			len -= prefix;
			break;
		}
	}
	ret_name[used++] = ' ';
	for (size_t i = 0; i < len && used < NAME_BYTES_MAX; i++)
		if (strchr(" _-.:/*", name[i]) == NULL)
			ret_name[used++] = (char)tolower((unsigned char)name[i]);
	ret_name[used++] = ' ';
	ret_name[used] = '\0';
}

static const struct property *find_property(const char *name, size_t len)
{
	char normal[NAME_BYTES_MAX + 2];

	normalise(name, len, normal);
	if (strcmp(normal, "  ") == 0)
		return NULL;
	for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
		if (strstr(properties[i].names, normal) != NULL)
			return &properties[i].property;
	return NULL;
}

/* "title@fr", "title (fr)", "title_fr", "title:pt-BR", "title fr". */
static void find_tagged(struct column *column)
{
	const char *name = column->name, *cut = strpbrk(name, "@(");
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];
	const struct property *property;
	size_t len;

	for (const char *c = name; cut == NULL && *c != '\0'; c++)
		if (strchr("_-: .[", *c) != NULL && c > name) {
			property = find_property(name, (size_t)(c - name));
			len = strcspn(c + 1, "])");
			if (property != NULL && property->is_text &&
			    (len == 2 || len == 3 || len == 5 || len == 7))
				cut = c;
		}
	if (cut == NULL)
		return;
	property = find_property(name, (size_t)(cut - name));
	cut += strspn(cut, "_-: .[@(");
	len = strcspn(cut, " ])");
	if (property == NULL || !property->is_text || len >= sizeof tag)
		return;
	memcpy(tag, cut, len);
	tag[len] = '\0';
	if (catalog_reader_language_find(tag, column->tag) == 0)
		column->property = property;
}

static void read_name(struct column *column, const struct catalog_value *cell, size_t i)
{
	const char *text = catalog_value_text(cell);
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	while (len >= sizeof column->name || (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80))
		len--;
	memcpy(column->name, text, len);
	column->name[len] = '\0';
	if (len == 0)
		snprintf(column->name, sizeof column->name, "column %zu", i + 1);
	column->property = find_property(column->name, len);
	if (column->property == NULL)
		find_tagged(column);
}

/* --- rows ------------------------------------------------------------------------------- */

struct cut {
	const char *text;
	size_t len, at;
	char delimiter;
	bool is_end; /* nothing comes after text */
};

/* Read a cell at cut->at into cell.  Returns 0, -EAGAIN, -ENOMEM. */
static int cut_cell(struct cut *cut, struct catalog_buffer *cell)
{
	bool is_quoted = cut->at < cut->len && cut->text[cut->at] == '"';
	int r = 0;

	cell->len = 0;
	for (cut->at += is_quoted; r == 0 && cut->at < cut->len; cut->at++) {
		char c = cut->text[cut->at];

		if (is_quoted && c == '"') {
			if (cut->at + 1 == cut->len && !cut->is_end)
				return -EAGAIN;
			if (cut->at + 1 < cut->len && cut->text[cut->at + 1] == '"')
				cut->at++; /* one for two */
			else {
				is_quoted = false;
				continue;
			}
		} else if (!is_quoted && (c == cut->delimiter || c == '\n' || c == '\r')) {
			return 0;
		}
		r = catalog_buffer_append(cell, &c, 1);
	}
	if (r != 0)
		return r;
	return is_quoted || !cut->is_end ? -EAGAIN : 0;
}

int catalog_reader_columns_cut(char delimiter, const char *text, size_t len, bool is_end,
			       struct catalog_value **ret_cells, size_t *ret_len)
{
	struct cut cut = {text, len, 0, delimiter, is_end};
	struct catalog_value *cells = catalog_value_new_list();
	struct catalog_buffer cell = {0};
	int r = cells == NULL ? -ENOMEM : 0;

	while (r == 0) {
		r = cut_cell(&cut, &cell);
		if (r == 0)
			r = catalog_value_append(
				cells,
				catalog_value_new_string_n((const char *)cell.bytes, cell.len));
		if (r != 0 || cut.at >= len || text[cut.at] != delimiter)
			break;
		cut.at++;
	}
	if (r == 0 && cut.at < len && text[cut.at] == '\r') {
		cut.at++;
		if (cut.at == len && !is_end)
			r = -EAGAIN; /* "\n" may follow */
		else if (cut.at < len && text[cut.at] == '\n')
			cut.at++;
	} else if (r == 0 && cut.at < len) {
		cut.at++;
	}
	if (r == 0) {
		*ret_len = cut.at;
		*ret_cells = cells;
		cells = NULL;
	}
	catalog_value_free(cells);
	catalog_buffer_close(&cell);
	return r;
}

/* --- the header ------------------------------------------------------------------------- */

static bool names_title(const struct catalog_reader_columns *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		if (columns->columns[i].property != NULL &&
		    strcmp(columns->columns[i].property->key, "title") == 0 &&
		    columns->columns[i].property->part == PART_NONE)
			return true;
	return false;
}

/* Whether two columns are for the same single value. */
static bool collide(const struct column *a, const struct column *b)
{
	return a->property != NULL && a->property == b->property && strcmp(a->tag, b->tag) == 0 &&
	       (a->property->split == SPLIT_NEVER || a->property->part == PART_DISTRIBUTION);
}

/* Of columns for the same single value the one that has the property's own name counts, else the
 * first: "title" beside "name", "identifier" beside "id".  The others are unknown. */
static void settle(struct catalog_reader_columns *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		for (size_t k = 0; k < columns->count; k++) {
			struct column *a = &columns->columns[i], *b = &columns->columns[k];
			char own[NAME_BYTES_MAX + 2], name[NAME_BYTES_MAX + 2];

			if (i == k || !collide(a, b))
				continue;
			normalise(a->property->key, strlen(a->property->key), own);
			normalise(b->name, strlen(b->name), name);
			if (strcmp(own, name) == 0)
				a->property = NULL;
			else
				b->property = NULL;
		}
}

static int read_header(struct catalog_reader_columns *columns, const char *text, size_t len)
{
	struct catalog_value *cells = NULL;
	size_t used;
	int r = catalog_reader_columns_cut(columns->delimiter, text, len, true, &cells, &used);

	if (r != 0)
		return r;
	columns->count = catalog_value_count(cells);
	if (columns->count > CATALOG_READER_COLUMNS_MAX)
		r = -E2BIG;
	memset(columns->columns, 0, sizeof columns->columns);
	for (size_t i = 0; r == 0 && i < columns->count; i++)
		read_name(&columns->columns[i], catalog_value_at(cells, i, NULL), i);
	if (r == 0)
		settle(columns);
	catalog_value_free(cells);
	return r;
}

int catalog_reader_columns_new(const char *text, size_t len,
			       struct catalog_reader_columns **ret_columns,
			       struct catalog_reader_error *ret_error)
{
	static const char delimiters[] = ",;\t|";
	struct catalog_reader_columns *columns = calloc(1, sizeof *columns);
	size_t best = 0;
	char delimiter = '\0';
	int r = columns == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && delimiters[i] != '\0'; i++) {
		columns->delimiter = delimiters[i];
		r = read_header(columns, text, len);
		if (r == 0 && names_title(columns) && columns->count > best) {
			best = columns->count;
			delimiter = delimiters[i];
		}
		if (r == -EAGAIN || r == -E2BIG)
			r = 0; /* not with this one */
	}
	if (r != 0)
		goto out;
	if (best == 0) {
		snprintf(ret_error->text, sizeof ret_error->text,
			 "the header, the first line, names no column for the title; call one "
			 "\"title\", and others identifier, description, keyword, landing_page, "
			 "publisher, ...");
		r = -EBADMSG;
		goto out;
	}
	columns->delimiter = delimiter;
	r = read_header(columns, text, len);
	if (r != 0)
		goto out;
	*ret_columns = columns;
	columns = NULL;
out:
	free(columns);
	return r;
}

void catalog_reader_columns_free(struct catalog_reader_columns *columns)
{
	free(columns);
}

char catalog_reader_columns_delimiter(const struct catalog_reader_columns *columns)
{
	return columns->delimiter;
}

size_t catalog_reader_columns_count(const struct catalog_reader_columns *columns)
{
	return columns->count;
}

/* --- records ---------------------------------------------------------------------------- */

struct record {
	struct catalog_value *dataset;
	struct catalog_value *parts[PART_COUNT]; /* maps, made when needed */
	struct catalog_value *distributions[CATALOG_LISTING_DISTRIBUTIONS_MAX];
	size_t distribution_count;
	struct catalog_value *unknown; /* what no property is named for */
	int error;
};

static void check(struct record *record, int r)
{
	if (r != 0)
		record->error = r;
}

/* Add a value under key of map: the first as it is, more as a list. */
static void add(struct record *record, struct catalog_value *map, const char *key,
		struct catalog_value *value)
{
	struct catalog_value *old = catalog_value_take(map, key), *list = old;

	if (value == NULL)
		record->error = -ENOMEM;
	if (record->error != 0) {
		catalog_value_free(value);
		catalog_value_free(old);
		return;
	}
	if (old == NULL) {
		check(record, catalog_value_set(map, key, value));
		return;
	}
	if (catalog_value_type(old) != CATALOG_VALUE_LIST) {
		list = catalog_value_new_list();
		if (list == NULL) {
			catalog_value_free(old);
			catalog_value_free(value);
			record->error = -ENOMEM;
			return;
		}
		check(record, catalog_value_append(list, old));
	}
	check(record, catalog_value_append(list, value));
	check(record, catalog_value_set(map, key, list));
}

/* Text, with its language if the column's name tells. */
static struct catalog_value *make_text(const struct column *column, const char *text, size_t len)
{
	struct catalog_value *value = catalog_value_new_string_n(text, len), *map;

	if (column->tag[0] == '\0')
		return value;
	map = catalog_value_new_map();
	if (map == NULL || catalog_value_set(map, "@value", value) != 0) {
		if (map == NULL)
			catalog_value_free(value);
		catalog_value_free(map);
		return NULL;
	}
	if (catalog_value_set(map, "@language", catalog_value_new_string(column->tag)) != 0) {
		catalog_value_free(map);
		return NULL;
	}
	return map;
}

/* The map that value i of a column goes to. */
static struct catalog_value *map_for(struct record *record, enum part part, size_t i)
{
	struct catalog_value **map;

	if (part == PART_NONE)
		return record->dataset;
	if (part == PART_DISTRIBUTION) {
		if (i >= CATALOG_LISTING_DISTRIBUTIONS_MAX)
			return NULL;
		map = &record->distributions[i];
		if (i >= record->distribution_count)
			record->distribution_count = i + 1;
	} else {
		map = &record->parts[part];
	}
	if (*map == NULL)
		*map = catalog_value_new_map();
	if (*map == NULL)
		record->error = -ENOMEM;
	return *map;
}

/* Where the first of several values in a cell ends: at len if there is one only. */
static size_t end_of_value(const char *text, size_t len, enum split split, bool has_bar)
{
	for (size_t i = 0; i < len; i++) {
		size_t next;

		if (split != SPLIT_NEVER && has_bar && text[i] == '|')
			return i;
		if (has_bar || text[i] != ';')
			continue;
		if (split == SPLIT_LIST)
			return i;
		next = i + 1 + strspn(text + i + 1, " \t\r\n");
		if (split == SPLIT_URLS && next < len && strncasecmp(text + next, "http", 4) == 0)
			return i;
	}
	return len;
}

static void put_cell(struct record *record, const struct column *column, const char *text,
		     size_t len)
{
	static const char space[] = " \t\r\n";
	const struct property *property = column->property;
	bool has_bar = memchr(text, '|', len) != NULL;
	struct catalog_value *map;

	if (property == NULL) {
		if (record->unknown == NULL)
			record->unknown = catalog_value_new_map();
		if (record->unknown == NULL)
			record->error = -ENOMEM;
		else
			add(record, record->unknown, column->name,
			    catalog_value_new_string_n(text, len));
		return;
	}
	for (size_t i = 0; len > 0 && record->error == 0; i++) {
		size_t end = end_of_value(text, len, property->split, has_bar), begin = 0,
		       stop = end;

		while (begin < stop && strchr(space, text[begin]) != NULL && text[begin] != '\0')
			begin++;
		while (stop > begin && strchr(space, text[stop - 1]) != NULL &&
		       text[stop - 1] != '\0')
			stop--;
		if (stop > begin) {
			map = map_for(record, property->part, i);
			if (map != NULL)
				add(record, map, property->key,
				    make_text(column, text + begin, stop - begin));
		}
		end += end < len; /* over the separator */
		text += end;
		len -= end;
	}
}

/* Hang the parts into the dataset. */
static void finish(struct record *record)
{
	for (size_t i = 1; i < PART_COUNT; i++) {
		if (record->parts[i] != NULL)
			add(record, record->dataset, part_keys[i], record->parts[i]);
		record->parts[i] = NULL;
	}
	for (size_t i = 0; i < record->distribution_count; i++) {
		if (record->distributions[i] != NULL)
			add(record, record->dataset, "distribution", record->distributions[i]);
		record->distributions[i] = NULL;
	}
	if (record->unknown != NULL)
		add(record, record->dataset, "extra", record->unknown);
	record->unknown = NULL;
}

int catalog_reader_columns_record(const struct catalog_reader_columns *columns,
				  const struct catalog_value *cells,
				  struct catalog_value **ret_record)
{
	struct record *record = calloc(1, sizeof *record);
	int r = -ENOMEM;

	if (record == NULL)
		return r;
	record->dataset = catalog_value_new_map();
	if (record->dataset == NULL)
		goto out;
	for (size_t i = 0; i < catalog_value_count(cells) && i < columns->count; i++) {
		const struct catalog_value *cell = catalog_value_at(cells, i, NULL);
		const char *text = catalog_value_text(cell);

		/* An empty cell is how CSV says nothing. */
		if (text[strspn(text, " \t\r\n")] != '\0')
			put_cell(record, &columns->columns[i], text, catalog_value_text_len(cell));
	}
	finish(record);
	r = record->error;
	if (r == 0) {
		*ret_record = record->dataset;
		record->dataset = NULL;
	}
out:
	catalog_value_free(record->dataset);
	free(record);
	return r;
}
