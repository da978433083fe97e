/* Happy path: one statement inserts all rows from arrays, each joined with its ticket, and beside
 * them a rating_batch row with the ids that were new (a row an eighth of the practices, so that
 * several aggregators can be at it at once) and one audit row with their counts; one NOTIFY. The
 * ids that come back are as many as the rows: all are new.
 *
 * A rating that is there already breaks a unique key (23505): the batch is sent again with `on
 * conflict do nothing`, as are the next few, since resends come in swarms. What was not inserted is
 * asked for after the commit: there already, of what has gone for good, its ticket used, or no such
 * ticket. The batch and
 * audit rows are written even when nothing is new: with synchronous replication a transaction that
 * writes nothing does not wait for the standby, and the rating's first arrival may be on the
 * primary only.
 *
 * Failure: SQLSTATE class 22 or 23 refuses all; everything else is unknown and may be tried again.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"
#include "server/pg/operation.h"

static int after_insert(void)
{
    return failpoint(FAILPOINT_server_after_insert);
}

/* `talk` and `tension` come as numbers: an array of an enum would need the type's number, which
 * differs between databases. */
#define INSERT(on_conflict)                                                                        \
    "with new as ("                                                                                \
    " insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id," \
    "  session_start, session_end, made_at, understanding, relevance, safety, fit, skipped, talk," \
    "  tension, better, instrument, imported, device)"                                             \
    " select r.practice_id, r.rating_id, t.ticket_id, t.session_id, t.course_id, t.therapist_id,"  \
    "  t.session_start, t.session_end, r.made_at, r.understanding, r.relevance, r.safety, r.fit,"  \
    "  r.skipped, ('{now,next,rather not}'::talk[])[r.talk],"                                      \
    "  ('{none,resolved,unresolved}'::tension[])[r.tension], "                                     \
    "(enum_range(null::better))[r.better],"                                                        \
    "  r.instrument, t.imported, r.device"                                                         \
    " from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[],"           \
    "  $6::smallint[], $7::smallint[], $8::boolean[], $9::smallint[], $10::timestamptz[],"         \
    "  $11::text[], $13::smallint[], $14::smallint[], $15::bytea[]) as r (practice_id, "           \
    "rating_id, ticket_id, "                                                                       \
    "understanding, "                                                                              \
    "relevance, safety,"                                                                           \
    "  fit, skipped, talk, made_at, instrument, tension, better, device)"                          \
    " join ticket t on t.practice_id = r.practice_id and t.ticket_id = r.ticket_id" on_conflict    \
    " returning practice_id, rating_id"                                                            \
    "), batch as ("                                                                                \
    " insert into rating_batch (practice_ids, rating_ids)"                                         \
    " select array_agg(practice_id), array_agg(rating_id) from new group by practice_id % 8"       \
    " union all select '{}', '{}' where not exists (select from new)"                              \
    "), noted as ("                                                                                \
    " select audit_add(null, $12::text, 'ratings', null,"                                          \
    "  jsonb_build_object('sent', cardinality($2::uuid[]), 'new', count(*))) as place from new"    \
    ") select coalesce(array_agg(practice_id), '{}'), coalesce(array_agg(rating_id), '{}'),"       \
    " (select place from noted) from new"

/* Looking for each row's keys before inserting them costs a third of the statement, so first
 * without. */
static const struct pg_statement insert_new = {.sql = INSERT(""), .answered = after_insert};
static const struct pg_statement insert_careful = {.sql = INSERT(" on conflict do nothing"),
                                                   .answered = after_insert};

static const struct pg_statement notify = {.sql = "select pg_notify('attune_rating', '')"};

/* For rows that were not inserted, in their order. */
static const struct pg_statement classify = {
    .sql = "select exists (select from rating r where r.practice_id = a.practice_id"
           "  and r.rating_id = a.rating_id),"
           " exists (select from rating r where r.practice_id = a.practice_id"
           "  and r.ticket_id = a.ticket_id),"
           " exists (select from ticket_gone g where g.practice_id = a.practice_id"
           "  and g.ticket_id = a.ticket_id)"
           " from unnest($1::bigint[], $2::uuid[], $3::uuid[]) with ordinality"
           "  as a (practice_id, rating_id, ticket_id, place) order by a.place"};

static const struct pg_statement quarantine = {
    .sql = "with kept as ("
           " insert into rating_quarantine (practice_id, rating_id, ticket_id, sqlstate, record)"
           " values ($1::bigint, $2::uuid, $3::uuid, $6::text, $4::bytea)"
           " on conflict (practice_id, rating_id) do nothing returning 1"
           ") select audit_add($1::bigint, $5::text, 'rating.quarantine', null, null) from kept"};

static const char ACTOR[] = "attune-server";

enum { CAREFUL_BATCHES = 32 };

typedef const struct store_rating *const *rating_rows;

static void put_ids(struct pg_params *p, rating_rows rows, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, rows[i]->practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, rows[i]->rating_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, rows[i]->ticket_id);
    }
    pg_put_array_end(p);
}

static void put_scores(struct pg_params *p, rating_rows rows, size_t count)
{
    for (int area = 0; area < STORE_AREAS; area++) {
        pg_put_array(p, PG_INT2);
        for (size_t i = 0; i < count; i++) {
            if (rows[i]->scores[area] == STORE_NOT_ANSWERED) {
                pg_put_null(p);
            } else {
                pg_put_int2(p, rows[i]->scores[area]);
            }
        }
        pg_put_array_end(p);
    }
}

static void put_rest(struct pg_params *p, rating_rows rows, size_t count)
{
    pg_put_array(p, PG_BOOL);
    for (size_t i = 0; i < count; i++) {
        pg_put_bool(p, rows[i]->skipped);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT2);
    for (size_t i = 0; i < count; i++) {
        pg_put_int2(p, (int16_t)rows[i]->talk); /* 0 is outside the array: null. */
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TIMESTAMPTZ);
    for (size_t i = 0; i < count; i++) {
        pg_put_time(p, rows[i]->made_at);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        pg_put_text(p, rows[i]->instrument);
    }
    pg_put_array_end(p);
    pg_put_text(p, ACTOR);
    pg_put_array(p, PG_INT2);
    for (size_t i = 0; i < count; i++) {
        pg_put_int2(p, (int16_t)rows[i]->tension);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT2);
    for (size_t i = 0; i < count; i++) {
        pg_put_int2(p, (int16_t)rows[i]->better);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->is_device_known) {
            pg_put_bytes(p, rows[i]->device, STORE_FINGERPRINT);
        } else {
            pg_put_null(p);
        }
    }
    pg_put_array_end(p);
}

/* ---- which of the rows are new --------------------------------------------------------------- */

enum { KEY_SIZE = 8 + STORE_ID }; /* A practice's number in network order, then the id. */

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, KEY_SIZE);
}

/* The ids that came back, sorted; a found one is taken out, so that of two equal rows one is new.
 */
struct news {
    uint8_t (*keys)[KEY_SIZE];
    bool *taken;
    size_t count;
};

static void news_init(struct news *n, const struct pg_array *practices, const struct pg_array *ids)
{
    n->count = ids->count;
    n->keys = store_array(n->count, KEY_SIZE);
    n->taken = store_array(n->count, sizeof *n->taken);
    for (size_t i = 0; i < n->count; i++) {
        memcpy(n->keys[i], pg_array_at(practices, i), 8);
        memcpy(n->keys[i] + 8, pg_array_at(ids, i), STORE_ID);
    }
    if (n->count > 0) {
        qsort(n->keys, n->count, KEY_SIZE, compare_keys);
    }
}

static bool news_take(struct news *n, const struct store_rating *row)
{
    uint8_t key[KEY_SIZE];
    uint64_t practice = (uint64_t)row->practice_id;
    for (int i = 7; i >= 0; i--) {
        key[i] = (uint8_t)practice;
        practice >>= 8;
    }
    memcpy(key + 8, row->rating_id, STORE_ID);
    const uint8_t(*found)[KEY_SIZE] =
        n->count == 0 ? NULL : bsearch(key, n->keys, n->count, KEY_SIZE, compare_keys);
    if (found == NULL || n->taken[found - n->keys]) {
        return false;
    }
    n->taken[found - n->keys] = true;
    return true;
}

static void news_fini(struct news *n)
{
    free(n->keys);
    free(n->taken);
}

/* ---- the operation --------------------------------------------------------------------------- */

/* What is kept between the two questions. */
struct judging {
    rating_rows rows;
    size_t count, open; /* `open` rows are not yet judged: */
    size_t *places;     /* these. */
    enum store_fate *fates;
};

static void finish(struct store_call *c, struct judging *j, int rc)
{
    store_ratings_cb cb = c->cb.ratings;
    cb(c, rc, rc == 0 ? j->fates : NULL, rc == 0 ? j->count : 0);
    free(j->places);
    free(j->fates);
    free(j);
}

static void on_classified(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    struct judging *j = c->kept;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    if (rc == 0 && rows.count != j->open) {
        rows.bad = true;
    }
    for (size_t i = 0; rc == 0 && !rows.bad && i < j->open; i++) {
        j->fates[j->places[i]] = pg_bool(&rows, i, 0)   ? STORE_AGAIN
                                 : pg_bool(&rows, i, 2) ? STORE_GONE
                                 : pg_bool(&rows, i, 1) ? STORE_TICKET_USED
                                                        : STORE_TICKET_UNKNOWN;
    }
    /* The batch is committed; a failure now only means that its sender has to ask again. */
    finish(c, j, rc == 0 ? store_rows_rc(&rows) : rc == ERR_CANCELED ? rc : ERR_DATABASE);
}

static int ask_for_rest(struct store_call *c, struct judging *j)
{
    const struct store_rating **rest = store_array(j->open, sizeof(const struct store_rating *));
    for (size_t i = 0; i < j->open; i++) {
        rest[i] = j->rows[j->places[i]];
    }
    struct pg_plan *plan = pg_plan_new();
    put_ids(pg_plan_add(plan, &classify), rest, j->open);
    free(rest);
    return store_run(c->store, c, PG_LANE_RATINGS, plan, on_classified);
}

/* Returns 0 or ERR_DATABASE. */
static int judge(struct judging *j, const struct pg_results *results)
{
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct pg_array practices = pg_array(&rows, 0, 0, 8), ids = pg_array(&rows, 0, 1, STORE_ID);
    if (rows.bad || practices.count != ids.count || ids.count > j->count) {
        rows.bad = true;
        return store_rows_rc(&rows);
    }
    j->fates = store_array(j->count, sizeof *j->fates);
    if (ids.count == j->count) {
        return 0; /* All, and STORE_NEW is 0. */
    }
    j->places = store_array(j->count, sizeof *j->places);
    struct news news;
    news_init(&news, &practices, &ids);
    for (size_t i = 0; i < j->count; i++) {
        if (!news_take(&news, j->rows[i])) {
            j->places[j->open++] = i;
        }
    }
    news_fini(&news);
    return 0;
}

static void on_inserted(struct pg_call *call, int rc, const struct pg_results *results);

/* Returns what pg_pool_run does. */
static int send_batch(struct store *s, struct store_call *c, const struct judging *j)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, s->careful_batches > 0 ? &insert_careful : &insert_new);
    put_ids(p, j->rows, j->count);
    put_scores(p, j->rows, j->count);
    put_rest(p, j->rows, j->count);
    (void)pg_plan_add(plan, &notify); /* No parameters. */
    return store_run(s, c, PG_LANE_RATINGS, plan, on_inserted);
}

static void on_inserted(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    struct store *s = c->store;
    struct judging *j = c->kept;
    bool was_careful = s->careful_batches > 0;
    if (rc == ERR_RATING_REFUSED) {
        memcpy(s->refused_sqlstate, results->sqlstate, sizeof s->refused_sqlstate);
    }
    if (rc == ERR_RATING_REFUSED && !was_careful && strcmp(results->sqlstate, "23505") == 0) {
        s->careful_batches = CAREFUL_BATCHES;
        rc = send_batch(s, c, j);
        if (rc == 0) {
            return;
        }
    } else {
        s->careful_batches -= was_careful;
        rc = rc == 0 ? judge(j, results) : rc;
    }
    if (rc == 0 && j->open > 0) {
        rc = ask_for_rest(c, j);
        if (rc == 0) {
            return;
        }
    }
    /* Busy and closing are no verdicts: what they left undone may be tried again. */
    finish(c, j, rc == ERR_BUSY || rc == ERR_CLOSING ? ERR_DATABASE : rc);
}

int store_ratings_insert(struct store *s, struct store_call *c,
                         const struct store_rating *const *rows, size_t count, store_ratings_cb cb)
{
    must(count > 0);
    if (failpoint(FAILPOINT_server_before_insert) != 0) {
        return ERR_DATABASE;
    }
    struct judging *j = store_array(1, sizeof *j);
    *j = (struct judging){.rows = rows, .count = count};
    c->cb.ratings = cb;
    c->kept = j;
    int rc = send_batch(s, c, j);
    if (rc != 0) {
        free(j);
    }
    return rc;
}

static void on_quarantined(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc(rc, results));
}

int store_rating_quarantine(struct store *s, struct store_call *c, const struct store_rating *row,
                            const uint8_t *record, size_t record_size, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &quarantine);
    pg_put_int8(p, row->practice_id);
    pg_put_uuid(p, row->rating_id);
    pg_put_uuid(p, row->ticket_id);
    pg_put_bytes(p, record, record_size);
    pg_put_text(p, ACTOR);
    pg_put_text(p, s->refused_sqlstate);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_RATINGS, plan, on_quarantined);
}
