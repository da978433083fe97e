/* What is said of how long things are kept: each field at its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static char north[] = "North", nothing[] = "", because[] = "file 12/26";

static const char *fault_of(Attune__Request *q)
{
    struct valid_fault fault;
    q->seq = 1;
    int rc = valid_request(q, &fault);
    assert_true(rc == 0 || rc == ERR_FIELD);
    assert_int_equal(rc != 0, fault.field[0] != '\0');
    return fault.field;
}

static const char *kept(char *site, uint32_t years, int night)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PutRetention put = ATTUNE__PUT_RETENTION__INIT;
    put.site = site;
    put.years = years;
    put.night = (Attune__Night)night;
    q.body_case = ATTUNE__REQUEST__BODY_PUT_RETENTION;
    q.put_retention = &put;
    return fault_of(&q);
}

static void a_site_keeps_for_up_to_a_hundred_years(void **state)
{
    (void)state;
    assert_string_equal(kept(north, 0, 0), "");
    assert_string_equal(kept(north, LIMIT_RETENTION_YEARS, 2), "");
    assert_string_equal(kept(north, LIMIT_RETENTION_YEARS + 1, 0), "put_retention.years");
    assert_string_equal(kept(nothing, 0, 1), "");
    assert_string_equal(kept(nothing, 0, 3), "put_retention.night");
    assert_string_equal(kept(nothing, 0, -1), "put_retention.night");
    static char control[] = "No\nrth";
    assert_string_equal(kept(control, 1, 0), "put_retention.site");
}

static const char *held(bool release, const char *until, char *why)
{
    char day[16];
    (void)strncpy(day, until, sizeof day - 1);
    day[sizeof day - 1] = '\0';
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PutHold put = ATTUNE__PUT_HOLD__INIT;
    put.client_ref = north;
    put.release = release;
    put.until = day;
    put.because = why;
    q.body_case = ATTUNE__REQUEST__BODY_PUT_HOLD;
    q.put_hold = &put;
    return fault_of(&q);
}

static void a_hold_has_a_reason_and_perhaps_a_day_that_there_is(void **state)
{
    static const char *const bad[] = {"2027-02-29", "2027-13-01", "2027-00-01", "2027-01-00",
                                      "2027-04-31", "1999-12-31", "2100-01-01", "2027-1-01",
                                      "2027/01/01", "20270101",   "2027-01-0x", "2027-01-011"};
    (void)state;
    assert_string_equal(held(false, "", because), "");
    assert_string_equal(held(false, "2028-02-29", because), "");
    assert_string_equal(held(false, "2099-12-31", because), "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_string_equal(held(false, bad[i], because), "put_hold.until");
    }
    assert_string_equal(held(false, "", nothing), "put_hold.because");
    static char longest[LIMIT_WORDS_BYTES + 2];
    memset(longest, 'x', sizeof longest - 1);
    assert_string_equal(held(false, "", longest), "put_hold.because");
    assert_string_equal(held(false, "", longest + 1), "");
    assert_string_equal(held(true, "", nothing), "");
    assert_string_equal(held(true, "", because), "put_hold.because");
    assert_string_equal(held(true, "2028-02-29", nothing), "put_hold.until");
}

static const char *run(char *word, Attune__RetentionPlace *after)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__RunRetention body = ATTUNE__RUN_RETENTION__INIT;
    body.word = word;
    body.after = after;
    q.body_case = ATTUNE__REQUEST__BODY_RUN_RETENTION;
    q.run_retention = &body;
    return fault_of(&q);
}

static void a_run_names_the_dry_run_s_word(void **state)
{
    static char good[] = "0123456789ab", shorter[] = "0123456789a", longer[] = "0123456789abc",
                capital[] = "0123456789AB";
    Attune__RetentionPlace place = ATTUNE__RETENTION_PLACE__INIT;
    (void)state;
    assert_string_equal(run(good, NULL), "");
    assert_string_equal(run(shorter, NULL), "run_retention.word");
    assert_string_equal(run(longer, NULL), "run_retention.word");
    assert_string_equal(run(capital, NULL), "run_retention.word");
    assert_string_equal(run(good, &place), "run_retention.after");
    place.site = north;
    place.year = 9999;
    assert_string_equal(run(good, &place), "");
    place.year = 10000;
    assert_string_equal(run(good, &place), "run_retention.after");
}

static void a_plan_has_an_id(void **state)
{
    uint8_t id[LIMIT_ID_SIZE] = {0};
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PlanRetention plan = ATTUNE__PLAN_RETENTION__INIT;
    Attune__RetentionPlace place = ATTUNE__RETENTION_PLACE__INIT;
    (void)state;
    q.body_case = ATTUNE__REQUEST__BODY_PLAN_RETENTION;
    q.plan_retention = &plan;
    plan.plan_id = (ProtobufCBinaryData){sizeof id, id};
    assert_string_equal(fault_of(&q), "plan_retention.plan_id");
    id[0] = 1;
    assert_string_equal(fault_of(&q), "");
    plan.plan_id.len--;
    assert_string_equal(fault_of(&q), "plan_retention.plan_id");
    plan.plan_id.len++;
    plan.after = &place;
    assert_string_equal(fault_of(&q), "plan_retention.after");
}

static const char *erase(char *client, int numbers, char *word)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__EraseClient body = ATTUNE__ERASE_CLIENT__INIT;
    body.client_ref = client;
    body.numbers = (Attune__Numbers)numbers;
    body.word = word;
    q.body_case = ATTUNE__REQUEST__BODY_ERASE_CLIENT;
    q.erase_client = &body;
    return fault_of(&q);
}

static void an_erasure_names_a_client_and_says_what_becomes_of_the_numbers(void **state)
{
    static char client[] = "c-0042", nobody[] = "", good[] = "0123456789ab", bad[] = "0123456789aB";
    (void)state;
    assert_string_equal(erase(client, ATTUNE__NUMBERS__NUMBERS_KEEP, nobody), "");
    assert_string_equal(erase(client, ATTUNE__NUMBERS__NUMBERS_DESTROY, good), "");
    assert_string_equal(erase(nobody, ATTUNE__NUMBERS__NUMBERS_KEEP, good),
                        "erase_client.client_ref");
    assert_string_equal(erase(client, ATTUNE__NUMBERS__NUMBERS_UNSPECIFIED, good),
                        "erase_client.numbers");
    assert_string_equal(erase(client, 3, good), "erase_client.numbers");
    assert_string_equal(erase(client, ATTUNE__NUMBERS__NUMBERS_KEEP, bad), "erase_client.word");
    assert_string_equal(erase(client, ATTUNE__NUMBERS__NUMBERS_KEEP, client), "erase_client.word");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_site_keeps_for_up_to_a_hundred_years),
        cmocka_unit_test(a_hold_has_a_reason_and_perhaps_a_day_that_there_is),
        cmocka_unit_test(a_run_names_the_dry_run_s_word),
        cmocka_unit_test(a_plan_has_an_id),
        cmocka_unit_test(an_erasure_names_a_client_and_says_what_becomes_of_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
