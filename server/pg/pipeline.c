/* Happy path: for each statement a prepare, if this connection has not met it, and an execution;
 * then one sync. Answers come in that order, each followed by libpq's NULL; the sync comes last and
 * alone. Failure: an error aborts the rest of the pipeline and its transaction; the sync still
 * comes, and then the first error's SQLSTATE is the verdict's reason. A connection that fails has
 * no sync. */
#include "server/pg/pipeline.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { NAME_ROOM = 16, BINARY = 1, PREPARE = -1, HIDDEN = -2 };

static const struct pg_step begin_snapshot = {
    .statement = &(const struct pg_statement){.sql = "begin isolation level repeatable read"}};
static const struct pg_step end_snapshot = {.statement =
                                                &(const struct pg_statement){.sql = "commit"}};

static void expect(struct pg_pipeline *p, int step, const struct pg_statement *statement)
{
    must(p->count < PG_ANSWERS_MAX);
    p->answers[p->count].step = step;
    p->answers[p->count].statement = statement;
    p->count++;
}

/* The statement's place on this connection; `room` is set when it is not prepared yet. */
static unsigned place_of(const struct pg_connection *c, const struct pg_statement *statement)
{
    unsigned i = 0;
    while (i < c->prepared_count && c->prepared[i] != statement) {
        i++;
    }
    return i;
}

static bool send_step(struct pg_connection *c, const struct pg_step *step, int number,
                      unsigned *preparing)
{
    if (step->statement == NULL) {
        return true; /* No hidden one. */
    }
    const struct pg_params *p = &step->params;
    const char *values[PG_PARAMS_MAX];
    int lengths[PG_PARAMS_MAX], formats[PG_PARAMS_MAX];
    char name[NAME_ROOM];
    for (unsigned i = 0; i < p->count; i++) {
        values[i] = p->values[i].null ? NULL : (const char *)p->bytes + p->values[i].at;
        lengths[i] = (int)p->values[i].len;
        formats[i] = BINARY;
    }
    int count = (int)p->count;
    if (step->statement->once) {
        expect(&c->pipeline, number, step->statement);
        return PQsendQueryParams(c->pq, step->statement->sql, count, NULL, values, lengths, formats,
                                 BINARY) != 0;
    }
    unsigned place = place_of(c, step->statement);
    if (place == c->prepared_count) {
        place += (*preparing)++;
        must(place < PG_STATEMENTS_MAX);
        (void)snprintf(name, sizeof name, "s%u", place);
        expect(&c->pipeline, PREPARE, step->statement);
        if (PQsendPrepare(c->pq, name, step->statement->sql, 0, NULL) == 0) {
            return false;
        }
    }
    (void)snprintf(name, sizeof name, "s%u", place);
    expect(&c->pipeline, number, step->statement);
    return PQsendQueryPrepared(c->pq, name, count, values, lengths, formats, BINARY) != 0;
}

int pg_pipeline_send(struct pg_connection *c, const struct pg_plan *plan)
{
    must(plan->count > 0);
    c->pipeline = (struct pg_pipeline){.keep_transaction = plan->keep_transaction};
    c->doubtful = false;
    unsigned preparing = 0;
    bool sent = !plan->one_snapshot || send_step(c, &begin_snapshot, HIDDEN, &preparing);
    sent = sent && send_step(c, &plan->before, HIDDEN, &preparing);
    for (unsigned i = 0; sent && i < plan->count; i++) {
        sent = send_step(c, &plan->steps[i], (int)i, &preparing);
    }
    sent = sent && send_step(c, &plan->after, HIDDEN, &preparing);
    sent = sent && (!plan->one_snapshot || send_step(c, &end_snapshot, HIDDEN, &preparing));
    return sent && PQpipelineSync(c->pq) != 0 ? 0 : ERR_DATABASE;
}

static bool is_class(const char *sqlstate, const char *class)
{
    return strncmp(sqlstate, class, 2) == 0;
}

static void note_error(struct pg_pipeline *p, const PGresult *answer)
{
    const char *sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    if (p->rc != 0) {
        return; /* The first error is the reason; the rest were skipped for it. */
    }
    (void)snprintf(p->results.sqlstate, sizeof p->results.sqlstate, "%s",
                   sqlstate == NULL ? "" : sqlstate);
    bool refused = is_class(p->results.sqlstate, "22") || is_class(p->results.sqlstate, "23");
    if (strcmp(p->results.sqlstate, "AT001") == 0) {
        p->rc = ERR_RIGHT_ENDED;
        return;
    }
    p->rc = refused ? ERR_RATING_REFUSED : ERR_DATABASE;
}

/* One answer. False: the connection is of no more use. */
static bool take(struct pg_connection *c, PGresult *answer)
{
    struct pg_pipeline *p = &c->pipeline;
    ExecStatusType status = PQresultStatus(answer);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (p->at >= p->count) {
        PQclear(answer);
        return false; /* More answers than questions: we have lost our place. */
    }
    int step = p->answers[p->at].step;
    const struct pg_statement *statement = p->answers[p->at].statement;
    if (!good && status != PGRES_PIPELINE_ABORTED) {
        note_error(p, answer);
    }
    if (step == PREPARE) {
        if (good) {
            c->prepared[c->prepared_count++] = statement;
        }
        PQclear(answer);
        return true;
    }
    if (step == HIDDEN) {
        PQclear(answer);
        return true;
    }
    PQclear(p->results.step[step]);
    p->results.step[step] = answer;
    return !good || statement->answered == NULL || statement->answered() == 0;
}

enum pg_progress pg_pipeline_read(struct pg_connection *c)
{
    struct pg_pipeline *p = &c->pipeline;
    while (PQisBusy(c->pq) == 0) {
        PGresult *answer = PQgetResult(c->pq);
        if (answer == NULL) {
            if (PQstatus(c->pq) == CONNECTION_BAD || p->at++ > p->count) {
                return PG_PROGRESS_BROKEN;
            }
            continue;
        }
        if (PQresultStatus(answer) == PGRES_PIPELINE_SYNC) {
            PQclear(answer);
            return p->at == p->count ? PG_PROGRESS_DONE : PG_PROGRESS_BROKEN;
        }
        if (!take(c, answer)) {
            return PG_PROGRESS_BROKEN;
        }
    }
    return PQstatus(c->pq) == CONNECTION_BAD ? PG_PROGRESS_BROKEN : PG_PROGRESS_MORE;
}

void pg_results_clear(struct pg_results *results)
{
    for (unsigned i = 0; i < PG_STEPS_MAX; i++) {
        PQclear(results->step[i]); /* NULL is fine. */
        results->step[i] = NULL;
    }
}
