/* Happy path: keys as two arrays; the views in sql/ say what each adds. Failure: none. */
#include "server/pg/claim_rollup.h"

static const struct pg_statement add_ratings = {
    .sql = "select rollup_ratings($1::bigint[], $2::uuid[])"};
static const struct pg_statement add_ruptures = {
    .sql = "select rollup_ruptures($1::bigint[], $2::uuid[], $3::int)"};

void claim_rollup_ratings(struct pg_plan *plan, const struct store_claimed *ratings, size_t count)
{
    struct pg_params *p = pg_plan_add(plan, &add_ratings);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        if (ratings[i].claimed) {
            pg_put_int8(p, ratings[i].practice_id);
        }
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        if (ratings[i].claimed) {
            pg_put_uuid(p, ratings[i].rating_id);
        }
    }
    pg_put_array_end(p);
}

void claim_rollup_put_opened(struct pg_params *p, const struct store_rupture *ruptures,
                             size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, ruptures[i].opened->practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, ruptures[i].opened->rating_id);
    }
    pg_put_array_end(p);
}

void claim_rollup_ruptures(struct pg_plan *plan, const struct store_rupture *ruptures, size_t count,
                           enum claim_rollup_sign sign)
{
    struct pg_params *p = pg_plan_add(plan, &add_ruptures);
    claim_rollup_put_opened(p, ruptures, count);
    pg_put_int4(p, sign);
}
