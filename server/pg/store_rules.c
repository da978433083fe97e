/* Happy path: a new version is a row and the practice's pointer to it, in one statement; it is in
 * force for the next claim. Failure: nothing but the connection's. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/pg/notes.h"
#include "server/pg/store_claim.h"

/* The practice's row is locked by the update, so that two at once take two versions. */
static const struct pg_statement put = {
    .sql = "with next as ("
           " update practice set rules_version = rules_version + 1 where practice_id = $1::bigint"
           " returning practice_id, rules_version"
           "), made as ("
           " insert into rule_settings (practice_id, version, numbers, made_by)"
           " select practice_id, rules_version, $2::int[], $3::text from next"
           ") select audit_add(practice_id, $3::text, 'practice.put_rules', null,"
           "  jsonb_build_object('version', rules_version)) from next"};

static const struct pg_statement get = {
    .sql = "select p.rules_version, s.numbers from practice p"
           " left join rule_settings s on s.practice_id = p.practice_id"
           "  and s.version = p.rules_version where p.practice_id = $1::bigint"};

static void on_put(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc(rc, results));
}

int store_rules_put(struct store *s, struct store_call *c, int64_t practice_id,
                    const int32_t *numbers, size_t count, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put);
    must(count > 0 && count <= STORE_RULES_MAX);
    pg_put_int8(p, practice_id);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, numbers[i]);
    }
    pg_put_array_end(p);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

size_t store_rules_numbers(struct pg_rows *rows, size_t row, int column, int32_t *ret_numbers)
{
    if (pg_is_null(rows, row, column)) {
        return 0;
    }
    struct pg_array numbers = pg_array(rows, row, column, sizeof(int32_t));
    must(numbers.count <= STORE_RULES_MAX); /* The table's own check. */
    for (size_t i = 0; i < numbers.count; i++) {
        uint32_t number;
        memcpy(&number, pg_array_at(&numbers, i), sizeof number);
        ret_numbers[i] = (int32_t)ntohl(number);
    }
    return numbers.count;
}

static void on_got(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_rules_cb cb = c->cb.rules;
    struct pg_rows rows;
    int32_t numbers[STORE_RULES_MAX], version = 0;
    size_t count = 0;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    if (rc == 0 && rows.count == 1) {
        version = pg_int4(&rows, 0, 0);
        count = store_rules_numbers(&rows, 0, 1, numbers);
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, version, numbers, count);
}

int store_rules_get(struct store *s, struct store_call *c, int64_t practice_id, store_rules_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    pg_put_int8(pg_plan_add(plan, &get), practice_id);
    note_read(plan, c, "rules.read");
    c->cb.rules = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_got);
}
