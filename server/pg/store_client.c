/* Happy path: whose session, whose alert: the client's name in the main database. Failure: none
 * that is the therapist's is the verdict of the operation that will be asked next. */
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"

#define CLIENT_OF(table, id)                                                                       \
    "select cl.client_ref from " table " x"                                                        \
    " join course co on co.practice_id = x.practice_id and co.course_id = x.course_id"             \
    " join client cl on cl.practice_id = co.practice_id and cl.client_id = co.client_id"           \
    " where x.practice_id = $1::bigint and x.therapist_id = $2::bigint and x." id " = $3::uuid"

static const struct pg_statement of_session = {.sql = CLIENT_OF("session", "session_id")};
static const struct pg_statement of_alert = {.sql = CLIENT_OF("alert", "alert_id")};

static void on_client(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_name_cb cb = c->cb.name;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    const char *name = rows.count == 1 ? pg_text(&rows, 0, 0) : "";
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? name : NULL);
}

static int ask(struct store *s, struct store_call *c, const struct pg_statement *statement,
               int64_t practice_id, int64_t therapist_id, const uint8_t id[STORE_ID],
               store_name_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, statement);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_uuid(p, id);
    c->cb.name = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_client);
}

int store_client_of_session(struct store *s, struct store_call *c, int64_t practice_id,
                            int64_t therapist_id, const uint8_t session_id[STORE_ID],
                            store_name_cb cb)
{
    return ask(s, c, &of_session, practice_id, therapist_id, session_id, cb);
}

int store_client_of_alert(struct store *s, struct store_call *c, int64_t practice_id,
                          int64_t therapist_id, const uint8_t alert_id[STORE_ID], store_name_cb cb)
{
    return ask(s, c, &of_alert, practice_id, therapist_id, alert_id, cb);
}
