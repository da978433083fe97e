#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/import_line.h"
#include "proto/wire/err.h"

static const char good[] = "2026-03-03T13:00:00,2026-03-03T13:50:00,North,North "
                           "1,t04,c114,1,7.5,,8.1,10.0,rather not,rated\n";

static int read_line(struct import_line *i, const char *line, char room[512])
{
    GTimeZone *zone = g_time_zone_new_utc();
    strcpy(room, line);
    int rc = import_line(i, room, zone);
    g_time_zone_unref(zone);
    return rc;
}

static void a_rated_line_is_a_rating_at_the_sessions_end(void **state)
{
    (void)state;
    struct import_line i;
    char room[512];
    assert_int_equal(read_line(&i, good, room), 0);
    assert_int_equal(i.message.start_ms, INT64_C(1772542800000));
    assert_int_equal(i.rating.made_at_ms, i.message.end_ms);
    assert_string_equal(i.message.room, "North 1");
    assert_string_equal(i.message.therapist, "t04");
    assert_string_equal(i.message.client_ref, "c114");
    assert_int_equal(i.scores.understanding, 75);
    assert_int_equal(i.scores.relevance_answer_case, 0); /* Empty is missing, not zero. */
    assert_int_equal(i.scores.fit, 100);
    assert_int_equal(i.rating.talk, ATTUNE__TALK__TALK_RATHER_NOT);
    assert_false(i.missed);
}

static void a_skipped_line_is_a_skip_and_a_missed_one_nothing(void **state)
{
    (void)state;
    struct import_line i;
    char room[512];
    assert_int_equal(
        read_line(&i, "2026-03-03T13:00:00,2026-03-03T13:50:00,N,N 1,t,c,1,,,,,,skipped", room), 0);
    assert_true(i.rating.skipped);
    assert_null(i.rating.scores);
    assert_int_equal(
        read_line(&i, "2026-03-03T13:00:00,2026-03-03T13:50:00,N,N 1,t,c,1,,,,,,missed", room), 0);
    assert_true(i.missed);
}

/* Goal: a second import is a resend: ids depend on what names the session and on nothing else. */
static void ids_come_from_what_names_the_session(void **state)
{
    (void)state;
    struct import_line first, again, moved;
    char room_first[512], room_again[512], room_moved[512];
    assert_int_equal(read_line(&first, good, room_first), 0);
    assert_int_equal(read_line(&again, good, room_again), 0);
    assert_memory_equal(first.rating_id, again.rating_id, LIMIT_ID_SIZE);
    assert_memory_equal(first.session_id, again.session_id, LIMIT_ID_SIZE);
    assert_memory_not_equal(first.rating_id, first.session_id, LIMIT_ID_SIZE);
    assert_memory_not_equal(first.rating_id, first.ticket_id, LIMIT_ID_SIZE);

    static const char *const others[] = {
        "2026-03-03T14:00:00,2026-03-03T14:50:00,North,North 1,t04,c114,1,7.5,,8.1,10.0,,rated",
        "2026-03-03T13:00:00,2026-03-03T13:50:00,North,North 1,t05,c114,1,7.5,,8.1,10.0,,rated",
        "2026-03-03T13:00:00,2026-03-03T13:50:00,North,North 1,t04,c115,1,7.5,,8.1,10.0,,rated",
        "2026-03-03T13:00:00,2026-03-03T13:50:00,North,North 1,t04,c114,2,7.5,,8.1,10.0,,rated"};
    for (size_t at = 0; at < sizeof others / sizeof *others; at++) {
        assert_int_equal(read_line(&moved, others[at], room_moved), 0);
        assert_memory_not_equal(first.rating_id, moved.rating_id, LIMIT_ID_SIZE);
        assert_memory_not_equal(first.session_id, moved.session_id, LIMIT_ID_SIZE);
    }
}

static void a_bad_line_is_told_by_its_field(void **state)
{
    (void)state;
#define T "2026-03-03T13:00:00,2026-03-03T13:50:00,"
    static const struct {
        const char *line, *said;
    } cases[] = {
        {"", "thirteen fields"},
        {"a,b", "thirteen fields"},
        {T "N,N 1,t,c,1,7,7,7,7,now,rated,more", "thirteen fields"},
        {"2026-02-30T13:00:00,2026-03-03T13:50:00,N,N 1,t,c,1,7,7,7,7,now,rated", "session_start"},
        {"2026-03-03T13:00:00,13:50,N,N 1,t,c,1,7,7,7,7,now,rated", "session_end"},
        {"2026-03-03T13:00:00,2026-03-03T12:50:00,N,N 1,t,c,1,7,7,7,7,now,rated", "end_ms"},
        {T ",N 1,t,c,1,7,7,7,7,now,rated", "site"},
        {T "N,,t,c,1,7,7,7,7,now,rated", "room"},
        {T "N,N 1,,c,1,7,7,7,7,now,rated", "therapist"},
        {T "N,N 1,t,,1,7,7,7,7,now,rated", "client_ref"},
        {T "N,N 1,t,c,1,10.1,7,7,7,now,rated", "understanding is 0 to 10"},
        {T "N,N 1,t,c,1,7,nan,7,7,now,rated", "relevance is 0 to 10"},
        {T "N,N 1,t,c,1,7,7,-1,7,now,rated", "safety is 0 to 10"},
        {T "N,N 1,t,c,1,7,7,7,x,now,rated", "fit is 0 to 10"},
        {T "N,N 1,t,c,1,7,7,7,7,later,rated", "talk is"},
        {T "N,N 1,t,c,1,7,7,7,7,now,done", "outcome is rated, skipped or missed"},
        {T "N,N 1,t,c,1,,,,,now,rated", "there is no score"},
        {T "N,N 1,t,c,1,7,,,,now,skipped", "there are scores"},
        {T "N,N 1,t,c,1,7,,,,now,missed", "there are scores"},
        {T "N,N 1,t,\xff\xfe,1,7,7,7,7,now,rated", "client_ref"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct import_line i;
        char room[512];
        assert_int_equal(read_line(&i, cases[at].line, room), ERR_FIELD);
        assert_non_null(strstr(i.why, cases[at].said));
    }
}

static void the_heading_is_known(void **state)
{
    (void)state;
    char heading[] = "session_start,session_end,site,room,therapist,client_ref,session_number,"
                     "understanding,relevance,safety,fit,talk,outcome\r\n";
    char line[512];
    strcpy(line, good);
    assert_true(import_is_heading(heading));
    assert_false(import_is_heading(line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rated_line_is_a_rating_at_the_sessions_end),
        cmocka_unit_test(a_skipped_line_is_a_skip_and_a_missed_one_nothing),
        cmocka_unit_test(ids_come_from_what_names_the_session),
        cmocka_unit_test(a_bad_line_is_told_by_its_field),
        cmocka_unit_test(the_heading_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
