#include "catalog/reader_geometry.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalog/json.h"

/* A box that grows by points; empty at first. */
struct box {
	double west, south, east, north;
	bool is_empty;
};

static void add_point(struct box *box, double x, double y)
{
	if (box->is_empty) {
		*box = (struct box){x, y, x, y, false};
		return;
	}
	box->west = fmin(box->west, x);
	box->south = fmin(box->south, y);
	box->east = fmax(box->east, x);
	box->north = fmax(box->north, y);
}

static bool is_number(const struct catalog_value *value)
{
	enum catalog_value_type type = catalog_value_type(value);

	return type == CATALOG_VALUE_INT || type == CATALOG_VALUE_DOUBLE;
}

/* GeoJSON's coordinates: lists of lists of positions.  Values are nested to a limit. */
static void add_coordinates(struct box *box, const struct catalog_value *value)
{
	size_t count = catalog_value_count(value);

	if (catalog_value_type(value) != CATALOG_VALUE_LIST)
		return;
	if (count >= 2 && is_number(catalog_value_at(value, 0, NULL)) &&
	    is_number(catalog_value_at(value, 1, NULL))) {
		add_point(box, catalog_value_double(catalog_value_at(value, 0, NULL)),
			  catalog_value_double(catalog_value_at(value, 1, NULL)));
		return;
	}
	for (size_t i = 0; i < count; i++)
		add_coordinates(box, catalog_value_at(value, i, NULL));
}

static bool is_wkt(const char *text)
{
	static const char *const words[] = {"POLYGON",           "MULTIPOLYGON", "POINT",
					    "MULTIPOINT",        "LINESTRING",   "ENVELOPE",
					    "GEOMETRYCOLLECTION"};

	if (*text == '<') {
		text = strchr(text, '>'); /* its reference system */
		if (text == NULL)
			return false;
		text++;
	}
	text += strspn(text, " \t\r\n");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strncasecmp(text, words[i], strlen(words[i])) == 0)
			return text[strcspn(text, "(")] == '(';
	return false;
}

bool catalog_reader_geometry_is(const char *text)
{
	text += strspn(text, " \t\r\n");
	if (*text != '{')
		return is_wkt(text);
	return strstr(text, "\"type\"") != NULL && strstr(text, "\"coordinates\"") != NULL;
}

/* Read a number at *text, in C's form whatever the locale.  Steps over it. */
static bool take_number(const char **text, double *ret_number)
{
	char digits[40], *end;
	size_t len = strspn(*text, "+-.0123456789eE");

	if (len == 0 || len >= sizeof digits)
		return false;
	memcpy(digits, *text, len);
	digits[len] = '\0';
	*ret_number = strtod(digits, &end);
	if (*end != '\0' || !isfinite(*ret_number))
		return false;
	*text += len;
	return true;
}

/* The positions of WKT: "x y [z]" between commas and brackets.  EPSG:4326 says latitude first. */
static void add_wkt(struct box *box, const char *text)
{
	const char *bracket = strchr(text, '(');
	bool is_latitude_first = *text == '<' && strstr(text, "EPSG/0/4326") != NULL &&
				 strstr(text, "EPSG/0/4326") < bracket;
	double x, y;

	for (text = bracket; text != NULL && *text != '\0';) {
		text += strspn(text, "() ,\t\r\n");
		if (!take_number(&text, &x))
			return;
		text += strspn(text, " \t\r\n");
		if (!take_number(&text, &y))
			return;
		if (is_latitude_first)
			add_point(box, y, x);
		else
			add_point(box, x, y);
		text += strcspn(text, "(),");
	}
}

/* "-124.7, 24.5, -66.9, 49.4": west, south, east, north. */
static bool four_numbers(const char *text, struct box *ret_box)
{
	double n[4];

	for (size_t i = 0; i < 4; i++) {
		text += strspn(text, " \t");
		if (i > 0 && *text == ',')
			text++;
		text += strspn(text, " \t");
		if (!take_number(&text, &n[i]))
			return false;
	}
	*ret_box = (struct box){n[0], n[1], n[2], n[3], false};
	return text[strspn(text, " \t")] == '\0';
}

static void box_of_text(const char *text, struct box *box)
{
	struct catalog_value *json = NULL;
	struct catalog_span span = {(const uint8_t *)text, strlen(text)};

	text += strspn(text, " \t\r\n");
	if (*text == '{') {
		if (catalog_json_read(span, &json, NULL) == 0)
			add_coordinates(box, catalog_value_get(json, "coordinates"));
		catalog_value_free(json);
	} else if (is_wkt(text)) {
		add_wkt(box, text);
	} else {
		(void)four_numbers(text, box); /* else it stays empty */
	}
}

int catalog_reader_geometry_box(const struct catalog_value *value, double ret_box[4])
{
	struct box box = {.is_empty = true};
	bool is_list = catalog_value_type(value) == CATALOG_VALUE_LIST;

	if (is_list && catalog_value_count(value) == 4) {
		double n[4];

		for (size_t i = 0; i < 4; i++) {
			if (!is_number(catalog_value_at(value, i, NULL)))
				return -EBADMSG;
			n[i] = catalog_value_double(catalog_value_at(value, i, NULL));
		}
		box = (struct box){n[0], n[1], n[2], n[3], false};
	} else if (catalog_value_type(value) == CATALOG_VALUE_MAP) {
		add_coordinates(&box, catalog_value_get(value, "coordinates"));
	} else if (catalog_value_text(value) != NULL) {
		box_of_text(catalog_value_text(value), &box);
	}
	if (box.is_empty ||
	    !(fabs(box.west) <= 180 && fabs(box.east) <= 180 && fabs(box.south) <= 90 &&
	      fabs(box.north) <= 90 && box.south <= box.north))
		return -EBADMSG;
	ret_box[0] = box.west;
	ret_box[1] = box.south;
	ret_box[2] = box.east;
	ret_box[3] = box.north;
	return 0;
}
