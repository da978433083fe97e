/* Happy path: one statement over all practices; percentiles and variances are the database's own.
 * Failure: said, and nothing is given. */
#include "server/pg/norms.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/err.h"

static const char statement[] =
    "with complete as ("
    " select r.practice_id, co.client_id, r.course_id, r.instrument,"
    "  r.understanding + r.relevance + r.safety + r.fit as total"
    " from rating r join course co on co.practice_id = r.practice_id and co.course_id = r.course_id"
    " where r.understanding is not null and r.relevance is not null and r.safety is not null"
    "  and r.fit is not null"
    "), usual as ("
    " select distinct on (practice_id) practice_id, instrument from"
    "  (select practice_id, instrument, count(*) as n from complete group by 1, 2) counted"
    " order by practice_id, n desc, instrument"
    "), used as ("
    " select c.* from complete c join usual u on u.practice_id = c.practice_id"
    "  and u.instrument = c.instrument"
    "), medians as ("
    " select practice_id, client_id, percentile_cont(0.5) within group (order by total) as median"
    " from used group by 1, 2"
    "), cuts as ("
    " select practice_id, count(*) as clients,"
    "  percentile_cont(0.25) within group (order by median) as cut from medians group by 1"
    "), courses as ("
    " select practice_id, course_id, count(*) as n, var_samp(total) as variance"
    " from used group by 1, 2"
    "), spreads as ("
    " select practice_id, sum(n) as ratings,"
    "  sqrt(sum(variance * (n - 1)) / nullif(sum(n - 1), 0)) as spread from courses group by 1)"
    " select p.practice_id, p.name, coalesce(u.instrument, ''), coalesce(sp.ratings, 0),"
    "  coalesce(cu.clients, 0), coalesce(s.numbers[1], -1), coalesce(s.numbers[2], -1),"
    "  coalesce(cu.cut, 0), coalesce(sp.spread, 0)"
    " from practice p"
    " left join rule_settings s on s.practice_id = p.practice_id and s.version = p.rules_version"
    " left join usual u on u.practice_id = p.practice_id"
    " left join cuts cu on cu.practice_id = p.practice_id"
    " left join spreads sp on sp.practice_id = p.practice_id order by p.name";

static void tell(struct norms_ask *n, PGresult *r, int row)
{
    const struct norms norms = {
        .practice_id = strtoll(PQgetvalue(r, row, 0), NULL, 10),
        .practice = PQgetvalue(r, row, 1),
        .instrument = PQgetvalue(r, row, 2),
        .ratings = strtoll(PQgetvalue(r, row, 3), NULL, 10),
        .clients = strtoll(PQgetvalue(r, row, 4), NULL, 10),
        .cut = (int32_t)strtol(PQgetvalue(r, row, 5), NULL, 10),
        .spread = (int32_t)strtol(PQgetvalue(r, row, 6), NULL, 10),
        .own_cut = strtod(PQgetvalue(r, row, 7), NULL),
        .own_spread = strtod(PQgetvalue(r, row, 8), NULL),
    };
    n->cb(n, &norms);
}

int norms_ask(struct norms_ask *n, const char *conninfo)
{
    PGconn *pq = PQconnectdb(conninfo);
    int rc = ERR_DATABASE;
    if (PQstatus(pq) != CONNECTION_OK) {
        fprintf(stderr, "norms: cannot connect: %s", PQerrorMessage(pq));
    } else {
        PGresult *r = PQexec(pq, statement);
        if (PQresultStatus(r) == PGRES_TUPLES_OK) {
            for (int row = 0; row < PQntuples(r); row++) {
                tell(n, r, row);
            }
            rc = 0;
        } else {
            fprintf(stderr, "norms: %s", PQerrorMessage(pq));
        }
        PQclear(r);
    }
    PQfinish(pq);
    return rc;
}
