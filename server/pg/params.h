/* params.h - the parameters of one statement, in PostgreSQL's binary format. Pure.
 *
 * Values are appended in order: $1, $2, … A one-dimensional array is begun, filled and ended; its
 * elements may be null. Text is UTF-8 without NUL; times are Unix milliseconds. Nothing here can
 * fail but for a broken promise: what a peer sent was judged before it came here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PG_PARAMS_MAX = 24 };

/* Element types of arrays, by their fixed numbers (pg_type.dat). */
enum pg_type {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_TIMESTAMPTZ = 1184,
    PG_UUID = 2950,
};

struct pg_param {
    size_t at; /* In `bytes`. */
    size_t len;
    bool null;
};

struct pg_params {
    uint8_t *bytes; /* Ours. */
    size_t len, room;
    unsigned count;
    struct pg_param values[PG_PARAMS_MAX];
    size_t array_at; /* The open array's header, for its count; 0 elements: no dimension. */
    uint32_t elements;
    bool in_array, has_null;
};

void pg_params_init(struct pg_params *p);
void pg_params_fini(struct pg_params *p);

/* Each appends a parameter, or an element while an array is open. */
void pg_put_null(struct pg_params *p);
void pg_put_bool(struct pg_params *p, bool value);
void pg_put_int2(struct pg_params *p, int16_t value);
void pg_put_int4(struct pg_params *p, int32_t value);
void pg_put_int8(struct pg_params *p, int64_t value);
void pg_put_uuid(struct pg_params *p, const uint8_t id[16]);
void pg_put_text(struct pg_params *p, const char *text);
void pg_put_bytes(struct pg_params *p, const uint8_t *bytes, size_t len);
void pg_put_time(struct pg_params *p, int64_t unix_ms);

/* Elements that follow must be of this type. Arrays do not nest. */
void pg_put_array(struct pg_params *p, enum pg_type element);
void pg_put_array_end(struct pg_params *p);
