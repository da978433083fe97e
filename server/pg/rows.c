/* Happy path: libpq gives bytes and a length; numbers are in network order.
 * Failure: a length that is not the type's. Then the statement and its reader do not agree, which
 * is our mistake or a damaged peer: nothing is read and `bad` says so. */
#include "server/pg/rows.h"

#include <libpq-fe.h>
#include <limits.h>
#include <string.h>

#include "proto/wire/be.h"

enum { ARRAY_HEAD = 20, BARE_ARRAY_HEAD = 12 };

static const int64_t UNIX_TO_PG_US = INT64_C(946684800000000);

void pg_rows_init(struct pg_rows *r, const struct pg_result *result)
{
    *r = (struct pg_rows){.result = result};
    if (result != NULL) {
        r->count = (size_t)PQntuples(result);
    }
}

static bool is_there(const struct pg_rows *r, size_t row, int column)
{
    return row < r->count && row <= INT_MAX && column >= 0 && column < PQnfields(r->result);
}

bool pg_is_null(const struct pg_rows *r, size_t row, int column)
{
    return !is_there(r, row, column) || PQgetisnull(r->result, (int)row, column) != 0;
}

/* The value's bytes, or NULL for null and for what is not there. */
static const uint8_t *value(struct pg_rows *r, size_t row, int column, size_t *ret_len)
{
    if (!is_there(r, row, column)) {
        r->bad = true;
        return NULL;
    }
    if (PQgetisnull(r->result, (int)row, column) != 0) {
        return NULL;
    }
    *ret_len = (size_t)PQgetlength(r->result, (int)row, column);
    return (const uint8_t *)PQgetvalue(r->result, (int)row, column);
}

static const uint8_t *fixed(struct pg_rows *r, size_t row, int column, size_t size)
{
    size_t len = size;
    const uint8_t *at = value(r, row, column, &len);
    if (len != size) {
        r->bad = true;
        return NULL;
    }
    return at;
}

static uint64_t number(const uint8_t *at, size_t size)
{
    return at != NULL ? get_be(at, size) : 0;
}

bool pg_bool(struct pg_rows *r, size_t row, int column)
{
    return number(fixed(r, row, column, 1), 1) != 0;
}

int16_t pg_int2(struct pg_rows *r, size_t row, int column)
{
    return (int16_t)number(fixed(r, row, column, 2), 2);
}

int32_t pg_int4(struct pg_rows *r, size_t row, int column)
{
    return (int32_t)number(fixed(r, row, column, 4), 4);
}

int64_t pg_int8(struct pg_rows *r, size_t row, int column)
{
    return (int64_t)number(fixed(r, row, column, 8), 8);
}

int64_t pg_time(struct pg_rows *r, size_t row, int column)
{
    const uint8_t *at = fixed(r, row, column, 8);
    int64_t us = (int64_t)number(at, 8);
    if (at == NULL) {
        return 0;
    }
    if (us == INT64_MAX || us == INT64_MIN) { /* PostgreSQL's infinities. */
        r->bad = true;
        return 0;
    }
    int64_t ms = us / 1000 - (us % 1000 < 0 ? 1 : 0);
    return ms + UNIX_TO_PG_US / 1000;
}

void pg_uuid(struct pg_rows *r, size_t row, int column, uint8_t ret_id[16])
{
    const uint8_t *at = fixed(r, row, column, 16);
    if (at == NULL) {
        memset(ret_id, 0, 16);
        return;
    }
    memcpy(ret_id, at, 16);
}

void pg_copy_bytes(struct pg_rows *r, size_t row, int column, uint8_t *ret_bytes, size_t size)
{
    const uint8_t *at = fixed(r, row, column, size);
    memset(ret_bytes, 0, size);
    if (at != NULL) {
        memcpy(ret_bytes, at, size);
    }
}

const char *pg_text(struct pg_rows *r, size_t row, int column)
{
    size_t len = 0;
    const uint8_t *at = value(r, row, column, &len);
    return at == NULL ? "" : (const char *)at; /* libpq ends each value with a NUL. */
}

const uint8_t *pg_any_bytes(struct pg_rows *r, size_t row, int column, size_t *ret_len)
{
    *ret_len = 0;
    return value(r, row, column, ret_len);
}

const uint8_t *pg_bytes(struct pg_rows *r, size_t row, int column, size_t size)
{
    return fixed(r, row, column, size);
}

const uint8_t *pg_blob(struct pg_rows *r, size_t row, int column, size_t *ret_size)
{
    *ret_size = 0;
    return value(r, row, column, ret_size);
}

struct pg_array pg_array(struct pg_rows *r, size_t row, int column, size_t element_size)
{
    struct pg_array a = {.stride = element_size + 4};
    size_t len = 0;
    const uint8_t *at = value(r, row, column, &len);
    if (at == NULL) {
        return a;
    }
    if (len == BARE_ARRAY_HEAD && number(at, 4) == 0) {
        return a;
    }
    size_t count = len >= ARRAY_HEAD ? number(at + 12, 4) : 0;
    bool good = len >= ARRAY_HEAD && number(at, 4) == 1 && number(at + 4, 4) == 0 &&
                count <= (len - ARRAY_HEAD) / a.stride && len == ARRAY_HEAD + count * a.stride;
    for (size_t i = 0; good && i < count; i++) {
        good = number(at + ARRAY_HEAD + i * a.stride, 4) == element_size;
    }
    if (!good) {
        r->bad = true;
        return a;
    }
    a.first = at + ARRAY_HEAD + 4;
    a.count = count;
    return a;
}

const uint8_t *pg_array_at(const struct pg_array *a, size_t i)
{
    return a->first + i * a->stride;
}

bool pg_command_is(const struct pg_result *result, const char *command)
{
    /* PQcmdStatus wants a result that it may change, and changes nothing. */
    return strcmp(PQcmdStatus((PGresult *)(uintptr_t)result), command) == 0;
}
