/* rows.h - a statement's result, read from PostgreSQL's binary format. Pure over libpq's result.
 *
 * A value of the wrong size or an array of the wrong type sets `bad` and reads as nothing; the
 * operation looks at `bad` once, at the end. A null reads as 0 or ""; ask first where null means
 * something. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pg_result; /* libpq's. */

struct pg_rows {
    const struct pg_result *result;
    size_t count;
    bool bad;
};

/* `result` is borrowed; NULL is no rows. */
void pg_rows_init(struct pg_rows *r, const struct pg_result *result);

bool pg_is_null(const struct pg_rows *r, size_t row, int column);
bool pg_bool(struct pg_rows *r, size_t row, int column);
int16_t pg_int2(struct pg_rows *r, size_t row, int column);
int32_t pg_int4(struct pg_rows *r, size_t row, int column);
int64_t pg_int8(struct pg_rows *r, size_t row, int column);
/* Unix milliseconds, rounded down; 0 for null. */
int64_t pg_time(struct pg_rows *r, size_t row, int column);
void pg_uuid(struct pg_rows *r, size_t row, int column, uint8_t ret_id[16]);
/* Exactly `size` bytes of a bytea, copied; zeros when it is not so. */
void pg_copy_bytes(struct pg_rows *r, size_t row, int column, uint8_t *ret_bytes, size_t size);
/* Also an enum's label. Borrowed from the result, ends with NUL. */
const char *pg_text(struct pg_rows *r, size_t row, int column);
/* Null is none: NULL and 0. Borrowed as texts are. */
const uint8_t *pg_any_bytes(struct pg_rows *r, size_t row, int column, size_t *ret_len);

/* NULL for null; borrowed from the result. */
const uint8_t *pg_bytes(struct pg_rows *r, size_t row, int column, size_t size);
/* NULL and no size for null. Borrowed from the result. */
const uint8_t *pg_blob(struct pg_rows *r, size_t row, int column, size_t *ret_size);

/* A one-dimensional array of fixed-size elements without nulls: the elements lie `stride` bytes
 * apart. */
struct pg_array {
    const uint8_t *first;
    size_t count, stride;
};
struct pg_array pg_array(struct pg_rows *r, size_t row, int column, size_t element_size);
const uint8_t *pg_array_at(const struct pg_array *a, size_t i);

/* The command that it answers: "COMMIT". */
bool pg_command_is(const struct pg_result *result, const char *command);
