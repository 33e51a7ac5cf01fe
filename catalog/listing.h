/* catalog/listing.h - a dcat:Dataset (DCAT 3, DCAT-AP 3) as a value: its properties, what is valid.
 *
 * A listing is a catalog_value map with these keys.  All are optional but title.  LANG is a map
 * from BCP 47 tag ("und" when unknown) to text; URL by RFC 3986; DATE by ISO 8601 (year,
 * year-month, date, or date and time).
 *
 *   title, description   LANG           provenance, versionNotes  LANG
 *   keyword              map from BCP 47 tag to list of text
 *   theme                list of text (URL of a concept, or a plain name)
 *   identifier           list of text   (dct:identifier, as the source wrote them)
 *   landingPage          URL            page                 list of URL
 *   license              text (URL or plain words)
 *   accessRights         text           rights               LANG
 *   policy               list of maps (ODRL, kept as JSON-LD)
 *   contact              list of {name, email, url, phone}, all text
 *   creator              list of {name: LANG, id: text, type: text, email, url}
 *   publisher            {name: LANG, id: text, type: text, email, url}
 *   issued, modified     DATE           frequency            text (URL or plain words)
 *   language             list of BCP 47 tags
 *   spatial              list of {name: LANG, id: text, country: ISO 3166-1 alpha-2, bbox: [W, S,
 * E, N], geometry: text (WKT or GeoJSON as given)} temporal             list of {start: DATE, end:
 * DATE, text: text} version              text           type                 text conformsTo list
 * of text   source, isVersionOf, hasVersion, isReferencedBy, relation  list of text distribution
 * list of {id, title: LANG, description: LANG, accessURL, downloadURL: URL, mediaType, format:
 * text, byteSize: int, checksum: {algorithm, value}, license, rights, issued, modified, language,
 * conformsTo, availability, policy, service: {...}} service              list of {id, title: LANG,
 * description: LANG, endpointURL: list of URL, endpointDescription: list of URL} extra map: what we
 * do not know, under the source's own name (a property's URL, or the source's key), as it was.
 * Distributions, agents, ... have one too. original             map from a path ("/issued",
 * "/distribution/0/accessURL") to the value before we repaired it
 */
#ifndef CATALOG_LISTING_H
#define CATALOG_LISTING_H

#include <stddef.h>

#include "catalog/value.h"

#define CATALOG_LISTING_DISTRIBUTIONS_MAX 1000
#define CATALOG_LISTING_BYTES_MAX         (255u * 1024) /* encoded; leaves room for the entry around it */
#define CATALOG_LISTING_DEPTH_MAX         20            /* leaves room for the answer around it */
#define CATALOG_ID_BYTES_MAX              200           /* a local id, without the NUL */
#define CATALOG_MEMBER_NAME_BYTES_MAX     40            /* a member's short name */

/* What is wrong, for people: "/distribution/3/accessURL: found "foo bar", expected a URL (RFC
 * 3986)". */
struct catalog_problem {
	char path[160];     /* JSON pointer into the listing */
	char found[120];    /* what was there, shortened */
	char expected[120]; /* what should be */
};

/* Check a listing against the model above and the limits.
 * Returns 0, or -EBADMSG and the first problem in *ret_problem (may be NULL). */
int catalog_listing_check(const struct catalog_value *listing, struct catalog_problem *ret_problem);

/* Check that a value has at most CATALOG_LISTING_DEPTH_MAX lists and maps inside one another,
 * itself included.  Returns 0, -E2BIG. */
int catalog_listing_check_depth(const struct catalog_value *value);

/* Check a local id: 1..CATALOG_ID_BYTES_MAX bytes of UTF-8 without white space or control
 * characters.  Returns 0, -EBADMSG. */
int catalog_listing_check_id(const char *id);

/* Make a local id of any text that names a dataset: trimmed, runs of white space become "-",
 * control characters go, and what is too long ends in a hash of the whole.  One text gives one id,
 * whatever the format that it came in.  Returns 0, -EBADMSG if nothing is left. */
int catalog_listing_make_id(const char *text, char ret_id[CATALOG_ID_BYTES_MAX + 1]);

/* The best text of a LANG map for a reader who prefers the language tag lang (may be NULL): lang,
 * a relative of it ("pt-BR" for "pt"), English, "und", the first.  *ret_tag (may be NULL) says
 * which.  Borrowed; NULL if the map is NULL or empty. */
const char *catalog_listing_text(const struct catalog_value *lang_map, const char *lang,
				 const char **ret_tag);

#endif
