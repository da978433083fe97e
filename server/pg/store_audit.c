/* Happy path: pages of rows, heads and entries, in the order of their keys. Failure: nothing but
 * the connection's; a client that is not there is ERR_CLIENT_UNKNOWN. */
#include "server/pg/store_audit.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/notes.h"

static const struct pg_statement rows_after = {
    .sql = "select chain, seq, hash, words, signed_to"
           " from audit_rows($1::uuid, $2::bigint, $3::int)"};
static const struct pg_statement heads_after = {
    .sql = "select number, chain, seq, hash, at, key, signature, row_hash, last_seq"
           " from audit_heads($1::bigint, $2::int)"};
static const struct pg_statement certificates_after = {
    .sql = "select number, practice_id, kind, name, body, signer, signature, is_known"
           " from certificates_after($1::bigint, $2::int)"};
static const struct pg_statement find_client = {
    .sql = "select 1::int from client where practice_id = $1::bigint and client_ref = $2::text"};
static const struct pg_statement note_who = {
    .sql = "select audit_add($1::bigint, $2::text, 'audit.who', array[cl.client_id], null)"
           " from client cl where cl.practice_id = $1::bigint and cl.client_ref = $3::text"};
static const struct pg_statement note = {
    .sql = "select audit_add($1::bigint, $2::text, $3::text, null, null)"};

static const struct pg_statement note_refusals = {
    .sql = "select audit_add(nullif(r.practice_id, 0), r.actor, 'refused', null,"
           "  jsonb_build_object('code', r.code, 'count', r.count))"
           " from unnest($1::bigint[], $2::text[], $3::int[], $4::int[])"
           "  as r (practice_id, actor, code, count)"};

static const struct pg_statement note_pushes = {
    .sql = "select audit_pushed($1::text, $2::bigint[], $3::text[], $4::int[], $5::bigint[],"
           " $6::bigint[], $7::int[], $8::bigint[], $9::uuid[])"};

#define FROM_US(us) "timestamptz 'epoch' + " us "::bigint * interval '1 microsecond'"
static const struct pg_statement who_saw = {
    .sql = "select (extract(epoch from w.at) * 1000000)::bigint, w.chain, w.seq, w.actor, w.scope,"
           " w.action, p.display_name, o.display_name from client cl"
           " cross join lateral audit_who(cl.practice_id, cl.client_id, $3::timestamptz,"
           "  $4::timestamptz, " FROM_US(
               "$5") ", $6::uuid, $7::bigint, $8::int) w"
                     " left join therapist p on p.practice_id = cl.practice_id and p.therapist_id "
                     "= w.person"
                     " left join therapist o on o.practice_id = cl.practice_id and o.therapist_id "
                     "= w.subject"
                     " where cl.practice_id = $1::bigint and cl.client_ref = $2::text"
                     " order by w.at desc, w.chain desc, w.seq desc"};

/* ---- rows ------------------------------------------------------------------------------------ */

static void on_rows(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_audit_rows_cb cb = c->cb.audit_rows;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct chain_row *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        struct chain_row *row = &list[i];
        pg_uuid(&rows, i, 0, row->chain);
        row->seq = pg_int8(&rows, i, 1);
        pg_copy_bytes(&rows, i, 2, row->hash, sizeof row->hash);
        row->text = pg_text(&rows, i, 3);
        row->len = strlen(row->text); /* jsonb's text has no NUL in it. */
        row->signed_to = pg_int8(&rows, i, 4);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_audit_rows(struct store *s, struct store_call *c, const uint8_t after_chain[STORE_ID],
                     int64_t after_seq, unsigned limit, store_audit_rows_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &rows_after);
    pg_put_uuid(p, after_chain);
    pg_put_int8(p, after_seq);
    pg_put_int4(p, (int32_t)limit);
    c->cb.audit_rows = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_rows);
}

/* ---- heads ----------------------------------------------------------------------------------- */

static void head_row(struct pg_rows *rows, size_t row, struct store_audit_head *h)
{
    h->head.number = pg_int8(rows, row, 0);
    pg_uuid(rows, row, 1, h->head.chain);
    h->head.seq = pg_int8(rows, row, 2);
    pg_copy_bytes(rows, row, 3, h->head.hash, CHAIN_HASH);
    h->head.at = pg_time(rows, row, 4);
    pg_copy_bytes(rows, row, 5, h->key, CHAIN_KEY);
    pg_copy_bytes(rows, row, 6, h->signature, CHAIN_SIGNATURE);
    h->has_row = !pg_is_null(rows, row, 7);
    if (h->has_row) {
        pg_copy_bytes(rows, row, 7, h->row_hash, CHAIN_HASH);
    }
    h->last_seq = pg_int8(rows, row, 8);
}

static void on_heads(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_audit_heads_cb cb = c->cb.audit_heads;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_audit_head *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        head_row(&rows, i, &list[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_audit_heads(struct store *s, struct store_call *c, int64_t after_number, unsigned limit,
                      store_audit_heads_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &heads_after);
    pg_put_int8(p, after_number);
    pg_put_int4(p, (int32_t)limit);
    c->cb.audit_heads = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_heads);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static void on_certificates(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_certificates_cb cb = c->cb.certificates;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_certificate *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        certificate_row(&rows, i, &list[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_certificates_sign(struct store *s, struct certificates_call *c, certificates_cb cb)
{
    const struct chain_key *key = heads_key(&s->heads);
    return key != NULL ? certificates_sign(c, &s->pool, key, cb) : ERR_CONFIG;
}

int store_certificate_find(struct store *s, struct store_call *c, int64_t practice_id,
                           const char *kind, const char *name, store_certificates_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    certificate_put_find(plan, practice_id, kind, name);
    c->cb.certificates = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_certificates);
}

int store_certificates(struct store *s, struct store_call *c, int64_t after_number, unsigned limit,
                       store_certificates_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &certificates_after);
    pg_put_int8(p, after_number);
    pg_put_int4(p, (int32_t)limit);
    c->cb.certificates = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_certificates);
}

/* ---- one client ------------------------------------------------------------------------------ */

static void on_who(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_audit_who_cb cb = c->cb.audit_who;
    struct pg_rows known, rows;
    pg_rows_init(&known, results->step[0]);
    pg_rows_init(&rows, results->step[1]);
    struct store_audit_entry *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        list[i] = (struct store_audit_entry){
            .place = {.at_us = pg_int8(&rows, i, 0), .seq = pg_int8(&rows, i, 2)},
            .actor = pg_text(&rows, i, 3),
            .scope = pg_text(&rows, i, 4),
            .action = pg_text(&rows, i, 5),
            .person = pg_text(&rows, i, 6),
            .in_place_of = pg_text(&rows, i, 7),
        };
        pg_uuid(&rows, i, 1, list[i].place.chain);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    rc = rc == 0 && known.count == 0 ? ERR_CLIENT_UNKNOWN : rc;
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_audit_who(struct store *s, struct store_call *c, const struct store_audit_who *who,
                    store_audit_who_cb cb)
{
    static const struct store_audit_place newest = {
        .at_us = INT64_C(4102444800000000), .chain = {0xff}, .seq = 0}; /* 2100. */
    const struct store_audit_place *before = who->before != NULL ? who->before : &newest;
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &find_client);
    pg_put_int8(p, who->practice_id);
    pg_put_text(p, who->client_ref);
    p = pg_plan_add(plan, &who_saw);
    pg_put_int8(p, who->practice_id);
    pg_put_text(p, who->client_ref);
    pg_put_time(p, who->since);
    pg_put_time(p, who->until);
    pg_put_int8(p, before->at_us);
    pg_put_uuid(p, before->chain);
    pg_put_int8(p, before->seq);
    pg_put_int4(p, (int32_t)who->limit);
    if (c->who.actor != NULL) {
        p = pg_step_set(&plan->after, &note_who);
        pg_put_int8(p, who->practice_id);
        pg_put_text(p, c->who.actor);
        pg_put_text(p, who->client_ref);
    }
    c->cb.audit_who = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_who);
}

static void on_noted(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc(rc, results));
}

int store_audit_note(struct store *s, struct store_call *c, const char *action, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &note);
    pg_put_int8(p, c->who.practice_id);
    pg_put_text(p, c->who.actor != NULL ? c->who.actor : "attune-server");
    pg_put_text(p, action);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_noted);
}

int store_refusals_note(struct store *s, struct store_call *c, const struct store_refusal *list,
                        size_t count, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &note_refusals);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, list[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        pg_put_text(p, list[i].actor);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, (int32_t)list[i].code);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, (int32_t)(list[i].count & INT32_MAX));
    }
    pg_put_array_end(p);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_noted);
}

static void put_told(struct pg_params *p, const struct store_told *told, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, told[i].who.practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        pg_put_text(p, told[i].who.actor);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, (int32_t)told[i].who.scope);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, told[i].who.person);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, told[i].who.subject);
    }
    pg_put_array_end(p);
}

int store_pushes_note(struct store *s, struct store_call *c, const char *action,
                      const struct store_told *told, size_t told_count,
                      const struct store_thing *things, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &note_pushes);
    size_t count = 0;
    pg_put_text(p, action);
    put_told(p, told, told_count);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < told_count; i++) {
        for (size_t k = 0; k < told[i].things; k++) {
            pg_put_int4(p, (int32_t)i + 1);
        }
        count += told[i].things;
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, things[i].client_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, things[i].id);
    }
    pg_put_array_end(p);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_noted);
}
