/* Happy path: a value is opened (its place noted, or an element's length reserved), its bytes are
 * written in network order, and it is closed.
 * Failure: none but a broken promise: too many parameters, an array within an array. */
#include "server/pg/params.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/must.h"

enum { FIRST_ROOM = 256, ARRAY_HEAD = 20, BARE_ARRAY_HEAD = 12 };

/* PostgreSQL counts from 2000-01-01, Unix from 1970-01-01. */
static const int64_t UNIX_TO_PG_MS = INT64_C(946684800000);

void pg_params_init(struct pg_params *p)
{
    *p = (struct pg_params){0};
}

void pg_params_fini(struct pg_params *p)
{
    free(p->bytes);
    *p = (struct pg_params){0};
}

static uint8_t *grow(struct pg_params *p, size_t len)
{
    if (p->room - p->len < len) {
        size_t room = p->room == 0 ? FIRST_ROOM : p->room;
        while (room - p->len < len) {
            room *= 2;
        }
        uint8_t *bytes = realloc(p->bytes, room);
        must(bytes != NULL);
        p->bytes = bytes;
        p->room = room;
    }
    uint8_t *at = p->bytes + p->len;
    p->len += len;
    return at;
}

static struct pg_param *add(struct pg_params *p)
{
    must(p->count < PG_PARAMS_MAX);
    struct pg_param *v = &p->values[p->count++];
    *v = (struct pg_param){.at = p->len};
    return v;
}

/* Room for a value of `len` bytes, wherever values go now. */
static uint8_t *open_value(struct pg_params *p, size_t len)
{
    if (p->in_array) {
        must(len <= INT32_MAX);
        (void)put_be(grow(p, 4), 4, (uint32_t)len);
        p->elements++;
    } else {
        add(p)->len = len;
    }
    return grow(p, len);
}

static void put_number(struct pg_params *p, uint64_t value, size_t len)
{
    (void)put_be(open_value(p, len), len, value);
}

void pg_put_null(struct pg_params *p)
{
    if (p->in_array) {
        (void)put_be(grow(p, 4), 4, UINT32_MAX);
        p->elements++;
        p->has_null = true;
    } else {
        add(p)->null = true;
    }
}

void pg_put_bool(struct pg_params *p, bool value)
{
    put_number(p, value ? 1 : 0, 1);
}

void pg_put_int2(struct pg_params *p, int16_t value)
{
    put_number(p, (uint16_t)value, 2);
}

void pg_put_int4(struct pg_params *p, int32_t value)
{
    put_number(p, (uint32_t)value, 4);
}

void pg_put_int8(struct pg_params *p, int64_t value)
{
    put_number(p, (uint64_t)value, 8);
}

void pg_put_uuid(struct pg_params *p, const uint8_t id[16])
{
    memcpy(open_value(p, 16), id, 16);
}

void pg_put_bytes(struct pg_params *p, const uint8_t *bytes, size_t len)
{
    uint8_t *at = open_value(p, len);
    if (len > 0) {
        memcpy(at, bytes, len);
    }
}

void pg_put_text(struct pg_params *p, const char *text)
{
    pg_put_bytes(p, (const uint8_t *)text, strlen(text));
}

void pg_put_time(struct pg_params *p, int64_t unix_ms)
{
    /* Beyond any time that valid.h lets through; the product below must not overflow. */
    must(unix_ms > INT64_MIN / 2000 && unix_ms < INT64_MAX / 2000);
    put_number(p, (uint64_t)((unix_ms - UNIX_TO_PG_MS) * 1000), 8);
}

void pg_put_array(struct pg_params *p, enum pg_type element)
{
    must(!p->in_array);
    (void)add(p); /* Its length is known at the end. */
    p->array_at = p->len;
    p->elements = 0;
    p->in_array = true;
    p->has_null = false;
    uint8_t *head = grow(p, ARRAY_HEAD);
    (void)put_be(head, 4, 1); /* Dimensions. */
    (void)put_be(head + 8, 4, (uint32_t)element);
    (void)put_be(head + 16, 4, 1); /* The lower bound. */
}

void pg_put_array_end(struct pg_params *p)
{
    must(p->in_array);
    uint8_t *head = p->bytes + p->array_at;
    p->in_array = false;
    (void)put_be(head + 4, 4, p->has_null ? 1 : 0);
    (void)put_be(head + 12, 4, p->elements);
    if (p->elements == 0) { /* An empty array has no dimension. */
        (void)put_be(head, 4, 0);
        p->len = p->array_at + BARE_ARRAY_HEAD;
    }
    p->values[p->count - 1].len = p->len - p->array_at;
}
