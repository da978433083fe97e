/* Happy path: a row is a session. Failure: what cannot be read sets `bad`, and the verdict is
 * ERR_DATABASE. */
#include "server/pg/session_rows.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"

static enum store_session_state state_of(struct pg_rows *rows, size_t row, int column)
{
    static const char *const words[] = {"open", "invited", "parked", "closed"};
    const char *word = pg_text(rows, row, column);
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], word) == 0) {
            return (enum store_session_state)(STORE_SESSION_OPEN + i);
        }
    }
    rows->bad = true;
    return STORE_SESSION_CLOSED;
}

void session_row(struct pg_rows *rows, size_t row, struct store_session *ret_session)
{
    struct store_session s = {
        .practice_id = pg_int8(rows, row, 0),
        .therapist_id = pg_int8(rows, row, 1),
        .client_ref = pg_text(rows, row, 3),
        .room = pg_text(rows, row, 4),
        .start = pg_time(rows, row, 5),
        .planned_end = pg_time(rows, row, 6),
        .closed = pg_time(rows, row, 7),
        .state = state_of(rows, row, 8),
        .talk = store_talk(rows, row, 14),
        .colour = (unsigned)pg_int2(rows, row, 15),
        .symbol = (unsigned)pg_int2(rows, row, 16),
        .instrument = pg_text(rows, row, 18),
        .covered = pg_bool(rows, row, 19),
        .client_id = pg_int8(rows, row, 20),
    };
    pg_uuid(rows, row, 2, s.session_id);
    s.is_second = !pg_is_null(rows, row, 17);
    if (s.is_second) {
        pg_uuid(rows, row, 17, s.together_with);
    }
    s.outcome = pg_is_null(rows, row, 9) ? STORE_OUTCOME_NONE
                : pg_bool(rows, row, 9)  ? STORE_SKIPPED
                                         : STORE_RATED;
    store_scores(rows, row, 10, s.scores);
    *ret_session = s;
}

void on_session_rows(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_sessions_cb cb = c->cb.sessions;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_session *sessions = store_array(rows.count, sizeof *sessions);
    for (size_t i = 0; i < rows.count; i++) {
        session_row(&rows, i, &sessions[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? sessions : NULL, rc == 0 ? rows.count : 0);
    free(sessions);
}
