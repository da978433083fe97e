/* Happy path: the alerts travel as arrays, a column each; those that are there already stay; red
 * ones and good news go to their therapist, one by one or as a digest; one audit row. Failure: the
 * claim's. */
#include "server/pg/claim_alerts.h"

static const struct pg_statement write_alerts = {
    .sql = "with new as ("
           " insert into alert (practice_id, rating_id, session_id, course_id, therapist_id,"
           "  session_start, rule, rule_version, tier, late, inputs, usual, wording, what, why,"
           "  now, next_time, opened_rating)"
           " select f.practice_id, f.rating_id, f.session_id, f.course_id, f.therapist_id,"
           "  f.session_start, f.rule, f.rule_version,"
           "  ('{amber,red,good,pattern}'::alert_tier[])[f.tier], f.late, f.inputs::jsonb,"
           "  case when f.usual_1 is null then '{}'::smallint[]"
           "   else array[f.usual_1, f.usual_2, f.usual_3, f.usual_4] end,"
           "  f.wording, f.what, f.why, f.now, f.next_time, f.opened_rating"
           " from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[],"
           "  $6::timestamptz[], $7::text[], $8::int[], $9::smallint[], $10::boolean[],"
           "  $11::text[], $12::smallint[], $13::smallint[], $14::smallint[], $15::smallint[],"
           "  $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],"
           "  $21::uuid[])"
           "  as f (practice_id, rating_id, session_id, course_id, therapist_id, session_start,"
           "  rule, rule_version, tier, late, inputs, usual_1, usual_2, usual_3, usual_4, wording,"
           "  what, why, now, next_time, opened_rating)"
           " on conflict (practice_id, rating_id, rule) do nothing"
           " returning practice_id, alert_id, rating_id, therapist_id, tier, late, created_at"
           "), queue as ("
           " select n.*, n.late or n.tier = 'good' as may_wait, row_number() over ("
           "  partition by n.practice_id, n.therapist_id"
           "  order by n.late or n.tier = 'good', n.created_at, n.alert_id) as place"
           " from new n join rating r on r.practice_id = n.practice_id"
           "  and r.rating_id = n.rating_id where n.tier in ('red', 'good') and not r.imported"
           "), sent as ("
           " insert into alert_delivery (practice_id, alert_id, therapist_id, created_at, digest)"
           " select q.practice_id, q.alert_id, q.therapist_id, q.created_at, q.may_wait and"
           "  q.place + (select count(*) from alert_delivery d where d.practice_id = q.practice_id"
           "   and d.therapist_id = q.therapist_id and not d.digest"
           "   and d.created_at >= date_trunc('day', now(), p.time_zone))"
           "   > coalesce(s.numbers[$22::int], $23::int)"
           " from queue q join practice p on p.practice_id = q.practice_id"
           " left join rule_settings s on s.practice_id = p.practice_id"
           "  and s.version = p.rules_version returning 1"
           ") select audit_add(null, 'attune-aggregator', 'alerts', null, jsonb_build_object("
           "  'new', count(*), 'queued', (select count(*) from sent))) from new"
           " having count(*) > 0"};

typedef const struct store_new_alert *alert_list;

static void put_numbers(struct pg_params *p, alert_list alerts, size_t count,
                        int64_t (*of)(const struct store_new_alert *))
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, of(&alerts[i]));
    }
    pg_put_array_end(p);
}

static void put_ids(struct pg_params *p, alert_list alerts, size_t count,
                    const uint8_t *(*of)(const struct store_new_alert *))
{
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, of(&alerts[i]));
    }
    pg_put_array_end(p);
}

static void put_texts(struct pg_params *p, alert_list alerts, size_t count,
                      const char *(*of)(const struct store_new_alert *))
{
    pg_put_array(p, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        pg_put_text(p, of(&alerts[i]));
    }
    pg_put_array_end(p);
}

static void put_flags(struct pg_params *p, alert_list alerts, size_t count,
                      bool (*of)(const struct store_new_alert *))
{
    pg_put_array(p, PG_BOOL);
    for (size_t i = 0; i < count; i++) {
        pg_put_bool(p, of(&alerts[i]));
    }
    pg_put_array_end(p);
}

static int64_t practice_of(const struct store_new_alert *a)
{
    return a->rating->practice_id;
}
static int64_t course_of(const struct store_new_alert *a)
{
    return a->rating->course_id;
}
static int64_t therapist_of(const struct store_new_alert *a)
{
    return a->rating->therapist_id;
}
static const uint8_t *rating_of(const struct store_new_alert *a)
{
    return a->rating->rating_id;
}
static const uint8_t *session_of(const struct store_new_alert *a)
{
    return a->rating->session_id;
}
static bool late_of(const struct store_new_alert *a)
{
    return a->late;
}
static const char *rule_of(const struct store_new_alert *a)
{
    return a->rule;
}
static const char *inputs_of(const struct store_new_alert *a)
{
    return a->inputs;
}
static const char *wording_of(const struct store_new_alert *a)
{
    return a->wording;
}
static const char *what_of(const struct store_new_alert *a)
{
    return a->what;
}
static const char *why_of(const struct store_new_alert *a)
{
    return a->why;
}
static const char *now_of(const struct store_new_alert *a)
{
    return a->now;
}
static const char *next_time_of(const struct store_new_alert *a)
{
    return a->next_time;
}

static void put_starts_and_versions(struct pg_params *p, alert_list alerts, size_t count)
{
    pg_put_array(p, PG_TIMESTAMPTZ);
    for (size_t i = 0; i < count; i++) {
        pg_put_time(p, alerts[i].rating->session_start);
    }
    pg_put_array_end(p);
    put_texts(p, alerts, count, rule_of);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, alerts[i].rule_version);
    }
    pg_put_array_end(p);
}

static void put_usual(struct pg_params *p, alert_list alerts, size_t count)
{
    for (int area = 0; area < STORE_AREAS; area++) {
        pg_put_array(p, PG_INT2);
        for (size_t i = 0; i < count; i++) {
            if (alerts[i].usual[area] == STORE_NOT_ANSWERED) {
                pg_put_null(p);
            } else {
                pg_put_int2(p, alerts[i].usual[area]);
            }
        }
        pg_put_array_end(p);
    }
}

static void put_opened(struct pg_params *p, alert_list alerts, size_t count)
{
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        if (alerts[i].opened == NULL) {
            pg_put_null(p);
        } else {
            pg_put_uuid(p, alerts[i].opened->rating_id);
        }
    }
    pg_put_array_end(p);
}

static void put_alerts(struct pg_params *p, alert_list alerts, size_t count)
{
    put_numbers(p, alerts, count, practice_of);
    put_ids(p, alerts, count, rating_of);
    put_ids(p, alerts, count, session_of);
    put_numbers(p, alerts, count, course_of);
    put_numbers(p, alerts, count, therapist_of);
    put_starts_and_versions(p, alerts, count);
    pg_put_array(p, PG_INT2);
    for (size_t i = 0; i < count; i++) {
        pg_put_int2(p, (int16_t)alerts[i].tier);
    }
    pg_put_array_end(p);
    put_flags(p, alerts, count, late_of);
    put_texts(p, alerts, count, inputs_of);
    put_usual(p, alerts, count);
    put_texts(p, alerts, count, wording_of);
    put_texts(p, alerts, count, what_of);
    put_texts(p, alerts, count, why_of);
    put_texts(p, alerts, count, now_of);
    put_texts(p, alerts, count, next_time_of);
    put_opened(p, alerts, count);
}

void claim_alerts(struct pg_plan *plan, const struct store_claim_news *news)
{
    struct pg_params *p = pg_plan_add(plan, &write_alerts);
    put_alerts(p, news->alerts, news->alert_count);
    pg_put_int4(p, (int32_t)news->pushes_at);
    pg_put_int4(p, news->pushes);
}
