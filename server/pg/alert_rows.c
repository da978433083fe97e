/* Happy path: a row is an alert. Failure: what cannot be read sets `bad`, and the verdict is
 * ERR_DATABASE. */
#include "server/pg/alert_rows.h"

#include <stdlib.h>

#include "proto/wire/container_of.h"

void alert_row(struct pg_rows *rows, size_t row, struct store_alert *ret_alert)
{
    struct store_alert a = {
        .practice_id = pg_int8(rows, row, 0),
        .therapist_id = pg_int8(rows, row, 1),
        .rule = pg_text(rows, row, 5),
        .client_ref = pg_text(rows, row, 6),
        .what = pg_text(rows, row, 7),
        .why = pg_text(rows, row, 8),
        .now = pg_text(rows, row, 9),
        .next_time = pg_text(rows, row, 10),
        .rule_version = (unsigned)pg_int4(rows, row, 11),
        .tier = (enum store_tier)pg_int4(rows, row, 12),
        .late = pg_bool(rows, row, 13),
        .received = pg_bool(rows, row, 14),
        .session_start = pg_time(rows, row, 15),
        .created = pg_time(rows, row, 16),
        .talk = store_talk(rows, row, 25),
        .digest = pg_bool(rows, row, 26),
        .client_id = pg_int8(rows, row, 27),
    };
    pg_uuid(rows, row, 2, a.alert_id);
    pg_uuid(rows, row, 3, a.session_id);
    pg_uuid(rows, row, 4, a.rating_id);
    store_scores(rows, row, 17, a.scores);
    store_scores(rows, row, 21, a.usual);
    *ret_alert = a;
}

void on_alert_rows(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_alerts_cb cb = c->cb.alerts;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_alert *alerts = store_array(rows.count, sizeof *alerts);
    for (size_t i = 0; i < rows.count; i++) {
        alert_row(&rows, i, &alerts[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? alerts : NULL, rc == 0 ? rows.count : 0);
    free(alerts);
}
