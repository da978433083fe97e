/* Happy path: one statement in single-row mode, so that memory does not grow with the history.
 * Failure: said; the rows so far have been given. */
#include "server/pg/history.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/err.h"

static const char statement[] =
    "select r.practice_id, r.course_id, (extract(epoch from r.session_start) * 1000)::bigint,"
    " r.understanding, r.relevance, r.safety, r.fit, r.skipped,"
    " coalesce(array_position('{none,resolved,unresolved}'::tension[], r.tension), 0),"
    " p.rules_version, case when lag(r.practice_id) over w is distinct from r.practice_id"
    "  then array_to_string(s.numbers, ' ') end,"
    " (extract(epoch from e.course_end) * 1000)::bigint,"
    " (extract(epoch from e.practice_end) * 1000)::bigint"
    " from rating r join practice p on p.practice_id = r.practice_id"
    " join (select practice_id, course_id, max(start_at) as course_end,"
    "   max(max(start_at)) over (partition by practice_id) as practice_end"
    "  from session group by practice_id, course_id) e"
    "  on e.practice_id = r.practice_id and e.course_id = r.course_id"
    " left join rule_settings s on s.practice_id = p.practice_id and s.version = p.rules_version"
    " window w as (order by r.practice_id, r.course_id, r.session_start, r.ticket_id)"
    " order by r.practice_id, r.course_id, r.session_start, r.ticket_id";

static void take_rules(PGresult *r, struct store_rules *rules)
{
    *rules = (struct store_rules){.version = (int32_t)strtol(PQgetvalue(r, 0, 9), NULL, 10)};
    const char *at = PQgetvalue(r, 0, 10);
    for (char *end; *at != '\0' && rules->count < STORE_RULES_MAX; at = end) {
        rules->numbers[rules->count++] = (int32_t)strtol(at, &end, 10);
    }
}

static void tell(struct history_reader *h, PGresult *r, int64_t *practice,
                 struct store_rules *rules)
{
    struct store_claimed row = {
        .practice_id = strtoll(PQgetvalue(r, 0, 0), NULL, 10),
        .course_id = strtoll(PQgetvalue(r, 0, 1), NULL, 10),
        .session_start = strtoll(PQgetvalue(r, 0, 2), NULL, 10),
        .skipped = PQgetvalue(r, 0, 7)[0] == 't',
        .tension = (enum store_tension)strtol(PQgetvalue(r, 0, 8), NULL, 10),
        .claimed = true,
        .rules = rules,
    };
    for (int area = 0; area < STORE_AREAS; area++) {
        row.scores[area] = PQgetisnull(r, 0, 3 + area)
                               ? STORE_NOT_ANSWERED
                               : (int16_t)strtol(PQgetvalue(r, 0, 3 + area), NULL, 10);
    }
    if (row.practice_id != *practice) {
        *practice = row.practice_id;
        take_rules(r, rules);
    }
    const struct history_end end = {strtoll(PQgetvalue(r, 0, 11), NULL, 10),
                                    strtoll(PQgetvalue(r, 0, 12), NULL, 10)};
    h->cb(h, &row, &end);
}

static bool count(PGconn *pq, uint64_t *ret_total)
{
    PGresult *r = PQexec(pq, "select count(*) from rating");
    bool good = PQresultStatus(r) == PGRES_TUPLES_OK;
    *ret_total = good ? strtoull(PQgetvalue(r, 0, 0), NULL, 10) : 0;
    PQclear(r);
    return good;
}

int history_read(struct history_reader *h, const char *conninfo)
{
    PGconn *pq = PQconnectdb(conninfo);
    struct store_rules rules = {0};
    int64_t practice = 0;
    bool good = PQstatus(pq) == CONNECTION_OK && count(pq, &h->total) &&
                PQsendQuery(pq, statement) == 1 && PQsetSingleRowMode(pq) == 1;
    for (PGresult *r; good && (r = PQgetResult(pq)) != NULL; PQclear(r)) {
        if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
            tell(h, r, &practice, &rules);
        } else {
            good = PQresultStatus(r) == PGRES_TUPLES_OK;
        }
    }
    if (!good) {
        fprintf(stderr, "history: %s", PQerrorMessage(pq));
    }
    PQfinish(pq);
    return good ? 0 : ERR_DATABASE;
}
