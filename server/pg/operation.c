/* Happy path: a plan goes to the pool, behind a step that says who asks; an answer's word becomes a
 * code. Failure: an answer that cannot be read is ERR_DATABASE and one line in the log, without the
 * answer. */
#include "server/pg/operation.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/log.h"

/* One round trip with what it goes before. */
static const struct pg_statement begin_server = {.sql = "select scope_server()"};
static const struct pg_statement begin_scope = {
    .sql = "select scope_begin($1::int, $2::bigint, $3::bigint, $4::bigint, $5::bigint)"};

static void put_who(struct pg_plan *plan, const struct store_who *who)
{
    struct pg_params *p = pg_step_set(&plan->before, &begin_scope);
    pg_put_int4(p, (int32_t)who->scope);
    pg_put_int8(p, who->practice_id);
    pg_put_int8(p, who->person);
    pg_put_int8(p, who->subject);
    pg_put_int8(p, who->client_id);
}

int store_run(struct store *s, struct store_call *c, enum pg_lane lane, struct pg_plan *plan,
              pg_call_cb cb)
{
    c->store = s;
    if (c->who.scope != STORE_SCOPE_SERVER) {
        put_who(plan, &c->who);
    } else if (s->is_scoped) {
        (void)pg_step_set(&plan->before, &begin_server);
    }
    return pg_pool_run(&s->pool, &c->pg, lane, plan, cb);
}

int store_verdict(struct pg_rows *rows, size_t row, int column)
{
    static const struct {
        const char *word;
        int rc;
    } words[] = {
        {"ok", 0},
        {"client_unknown", ERR_CLIENT_UNKNOWN},
        {"room_unknown", ERR_ROOM_UNKNOWN},
        {"room_taken", ERR_ROOM_TAKEN},
        {"site_unknown", ERR_SITE_UNKNOWN},
        {"therapist_unknown", ERR_THERAPIST_UNKNOWN},
        {"session_unknown", ERR_SESSION_UNKNOWN},
        {"session_closed", ERR_SESSION_CLOSED},
        {"session_parked", ERR_SESSION_PARKED},
        {"alert_unknown", ERR_ALERT_UNKNOWN},
        {"goal_unknown", ERR_GOAL_UNKNOWN},
        {"instruments_full", ERR_INSTRUMENT},
        {"client_held", ERR_CLIENT_HELD},
        {"busy", ERR_BUSY},
        {"retention_unknown", ERR_RETENTION_UNKNOWN},
        {"client_held", ERR_CLIENT_HELD},
        {"log_on_first", ERR_LOG_ON_FIRST},
        {"log_on_wrong", ERR_LOG_ON_WRONG},
        {"log_on_wait", ERR_LOG_ON_WAIT},
        {"account_unknown", ERR_ACCOUNT_UNKNOWN},
        {"code_refused", ERR_CODE_REFUSED},
        {"code_role", ERR_CODE_ROLE},
        {"code_unknown", ERR_CODE_UNKNOWN},
        {"codes_full", ERR_CODES_FULL},
        {"enrol_later", ERR_ENROL_LATER},
        {"renew_early", ERR_RENEW_EARLY},
        {"right_none", ERR_RIGHT_NONE},
        {"right_unknown", ERR_RIGHT_UNKNOWN},
        {"right_dates", ERR_RIGHT_DATES},
        {"glass_spent", ERR_GLASS_SPENT},
        {"look_unknown", ERR_LOOK_UNKNOWN},
        {"therapist_revoked", ERR_PERSON_REVOKED},
        {"label_unknown", ERR_LABEL_UNKNOWN},
        {"last_administrator", ERR_LAST_ADMINISTRATOR},
        {"conflict", ERR_CONFLICT},
        {"again", ERR_DATABASE},
    };
    const char *word = pg_text(rows, row, column);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return words[i].rc;
        }
    }
    rows->bad = true;
    return store_rows_rc(rows);
}

int store_rc(int rc, const struct pg_results *results)
{
    if (rc != ERR_RATING_REFUSED) {
        return rc;
    }
    return strncmp(results->sqlstate, "23", 2) == 0 ? ERR_CONFLICT : ERR_FIELD;
}

int store_rc_of_row(int rc, const struct pg_results *results, unsigned step, int column)
{
    if (rc != 0) {
        return store_rc(rc, results);
    }
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[step]);
    return store_verdict(&rows, 0, column);
}

int store_rows_rc(const struct pg_rows *rows)
{
    if (!rows->bad) {
        return 0;
    }
    log_line(LOG_LEVEL_ERROR, "database", "an answer cannot be read: schema and program differ");
    return ERR_DATABASE;
}

void store_scores(struct pg_rows *rows, size_t row, int column, int16_t ret_scores[STORE_AREAS])
{
    for (int i = 0; i < STORE_AREAS; i++) {
        ret_scores[i] = pg_is_null(rows, row, column + i) ? (int16_t)STORE_NOT_ANSWERED
                                                          : pg_int2(rows, row, column + i);
    }
}

static const char *const talk_words[] = {"", "now", "next", "rather not"};

enum store_talk store_talk(struct pg_rows *rows, size_t row, int column)
{
    const char *word = pg_text(rows, row, column);
    for (int i = STORE_TALK_NONE; i <= STORE_TALK_RATHER_NOT; i++) {
        if (strcmp(talk_words[i], word) == 0) {
            return (enum store_talk)i;
        }
    }
    rows->bad = true;
    return STORE_TALK_NONE;
}

void store_put_text(struct pg_params *p, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        pg_put_null(p);
    } else {
        pg_put_text(p, text);
    }
}

void store_put_number(struct pg_params *p, int64_t number)
{
    if (number == 0) {
        pg_put_null(p);
    } else {
        pg_put_int8(p, number);
    }
}

void store_put_time(struct pg_params *p, int64_t unix_ms)
{
    if (unix_ms == 0) {
        pg_put_null(p);
    } else {
        pg_put_time(p, unix_ms);
    }
}

void store_put_bytes(struct pg_params *p, const uint8_t *bytes, size_t len)
{
    if (bytes == NULL) {
        pg_put_null(p);
    } else {
        pg_put_bytes(p, bytes, len);
    }
}

void store_put_after(struct pg_params *p, const uint8_t *id)
{
    if (id == NULL) {
        pg_put_null(p);
    } else {
        pg_put_uuid(p, id);
    }
}

void store_put_therapists(struct pg_params *p, const struct store_therapist_key *therapists,
                          size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, therapists[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, therapists[i].therapist_id);
    }
    pg_put_array_end(p);
}

void *store_array(size_t count, size_t size)
{
    if (count == 0) {
        return NULL;
    }
    void *array = calloc(count, size);
    must(array != NULL);
    return array;
}

void on_count(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_counted_cb cb = c->cb.counted;
    struct pg_rows rows;
    unsigned count = 0;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    if (rc == 0 && rows.count == 1) {
        count = (unsigned)pg_int4(&rows, 0, 0);
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, count);
}
