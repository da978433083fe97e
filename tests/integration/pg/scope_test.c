/* Goal: what the row policies read is there for one transaction and no longer, and nothing that
 * reads a call's answers sees the step that sets it. */
#include "tests/integration/pg/fixture.h"

#include <stdio.h>

#include "proto/wire/container_of.h"
#include "server/pg/operation.h"

static const struct pg_statement read_settings = {
    .sql = "select concat_ws(' ', current_setting('attune.scope', true),"
           " current_setting('attune.practice', true), current_setting('attune.person', true),"
           " current_setting('attune.subject', true), current_setting('attune.dates', true))"};
static const struct pg_statement say_hello = {.sql = "select 'hello'::text"};
static const struct pg_statement count_from_nothing = {.sql = "select 1 / 0"};

/* The first answer, and the second's where there is one. */
static void on_texts(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct heard *h = container_of(call, struct heard, call.pg);
    struct pg_rows first, second;
    pg_rows_init(&first, results->step[0]);
    pg_rows_init(&second, results->step[1]);
    (void)snprintf(h->text, sizeof h->text, "%s|%s", first.count == 1 ? pg_text(&first, 0, 0) : "",
                   second.count == 1 ? pg_text(&second, 0, 0) : "");
    h->results = results->step[2] == NULL ? 2 : 3;
    heard_done(&h->call, rc);
}

static void run(struct fixture *f, struct heard *h, const struct store_who *who,
                const struct pg_statement *after)
{
    struct pg_plan *plan = pg_plan_new();
    *h = (struct heard){.call.who = *who};
    (void)pg_plan_add(plan, &read_settings);
    (void)pg_plan_add(plan, &say_hello);
    if (after != NULL) {
        (void)pg_step_set(&plan->after, after);
    }
    assert_int_equal(store_run(&f->world.store, &h->call, PG_LANE_READ, plan, on_texts), 0);
    (void)heard_rc(&f->world, h);
}

static const struct store_who nobody = {0};

static void settings_are_of_one_transaction_and_no_answer_moves(void **state)
{
    struct fixture *f = *state;
    const struct practice *p = &f->practice;
    struct heard h;
    char expected[128];
    const struct store_who who = {.scope = STORE_SCOPE_THERAPIST,
                                  .practice_id = p->practice_id,
                                  .person = p->therapist_id,
                                  .subject = p->therapist_id};
    (void)snprintf(expected, sizeof expected,
                   "therapist %" PRId64 " %" PRId64 " %" PRId64 " (,)|hello", p->practice_id,
                   p->therapist_id, p->therapist_id);
    for (int again = 0; again < 2; again++) { /* The second time it is prepared. */
        run(f, &h, &who, NULL);
        assert_int_equal(h.rc, 0);
        assert_string_equal(h.text, expected);
        assert_int_equal(h.results, 2);
    }
    run(f, &h, &nobody, NULL);
    assert_int_equal(h.rc, 0);
    assert_null(strstr(h.text, "therapist"));
}

/* The last hidden step is in the same transaction: what it can not do undoes the rest. */
static void a_step_behind_the_plan_belongs_to_it(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    run(f, &h, &nobody, &say_hello);
    assert_int_equal(h.rc, 0);
    assert_int_equal(h.results, 2);
    run(f, &h, &nobody, &count_from_nothing);
    assert_int_not_equal(h.rc, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(settings_are_of_one_transaction_and_no_answer_moves),
        WITH_FIXTURE(a_step_behind_the_plan_belongs_to_it),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
