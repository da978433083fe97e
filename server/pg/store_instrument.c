/* Happy path: a put goes through one function in the database; a list is rows. Failure: a verdict
 * other than "ok" has changed nothing. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "server/pg/notes.h"

#define COLUMNS "i.name, i.language, i.audience = 'child', i.in_force"

static const struct pg_statement put_instrument = {
    .sql = "select instrument_put($1::bigint, $2::text, $3::int, $4::text, $5::text, $6::boolean,"
           " $7::text)"};
static const struct pg_statement list_instruments = {
    .sql =
        "select " COLUMNS ", '' from (select * from instrument n where n.practice_id = $1::bigint"
        "  order by n.in_force desc, n.put_at desc limit 100) i order by i.name"};
static const struct pg_statement get_instrument = {
    .sql = "select " COLUMNS ", i.file from instrument i where i.practice_id = $1::bigint"
           " and i.name = $2::text"};

static void on_put(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

int store_instrument_put(struct store *s, struct store_call *c, int64_t practice_id,
                         const struct store_instrument *put, bool is_shipped, const char *actor,
                         store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_instrument);
    pg_put_int8(p, practice_id);
    pg_put_text(p, put->name);
    pg_put_int4(p, put->is_child);
    pg_put_text(p, put->language);
    pg_put_text(p, put->file);
    pg_put_bool(p, is_shipped);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

static void on_listed(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_instruments_cb cb = c->cb.instruments;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_instrument *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        list[i] = (struct store_instrument){
            .name = pg_text(&rows, i, 0),
            .language = pg_text(&rows, i, 1),
            .is_child = pg_bool(&rows, i, 2),
            .in_force = pg_bool(&rows, i, 3),
            .file = pg_text(&rows, i, 4),
        };
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_instruments_list(struct store *s, struct store_call *c, int64_t practice_id,
                           store_instruments_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    pg_put_int8(pg_plan_add(plan, &list_instruments), practice_id);
    note_read(plan, c, "instruments.read");
    c->cb.instruments = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_listed);
}

int store_instrument_get(struct store *s, struct store_call *c, int64_t practice_id,
                         const char *name, store_instruments_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &get_instrument);
    pg_put_int8(p, practice_id);
    pg_put_text(p, name);
    note_read(plan, c, "instruments.read");
    c->cb.instruments = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_listed);
}
