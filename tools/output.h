/* tools/output.h - what programs read (JSON), and numbers as people read them. */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include <stdint.h>
#include <stdio.h>

#include "catalog/buffer.h"
#include "catalog/value.h"

#define TOOLS_OUTPUT_TEXT_BYTES 32

/* Write value as one line of JSON.  Control characters beyond ASCII and those that turn the
 * direction of text are written as \u escapes, so that the line is safe on a terminal and loses
 * nothing.  Returns 0, -ENOMEM, -EIO. */
int tools_output_json(FILE *file, const struct catalog_value *value);

/* Write text in a syntax that knows \u escapes inside its strings (JSON, N-Triples) so that it is
 * safe on a terminal.  Returns 0, -EIO. */
int tools_output_escaped(FILE *file, struct catalog_span text);

/* 1234567 as "1,234,567". */
void tools_output_count(uint64_t count, char ret_text[TOOLS_OUTPUT_TEXT_BYTES]);

/* 4404019 as "4.4 MB" (a MB is 1,000,000 bytes). */
void tools_output_bytes(uint64_t bytes, char ret_text[TOOLS_OUTPUT_TEXT_BYTES]);

/* 7380 seconds as "2 h 3 min". */
void tools_output_duration(uint64_t seconds, char ret_text[TOOLS_OUTPUT_TEXT_BYTES]);

/* "2026-11-24T09:12:00Z" as "2026-11-24 09:12 UTC"; another text as it is, cut. */
void tools_output_time(const char *time, char ret_text[TOOLS_OUTPUT_TEXT_BYTES]);

/* Likewise, the day alone. */
void tools_output_day(const char *time, char ret_text[TOOLS_OUTPUT_TEXT_BYTES]);

#endif
