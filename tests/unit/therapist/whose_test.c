/* Goal: whatever is refused, lost or ended leaves one's own rows, nothing is asked while it is not
 * known by whose rows the server would answer, and what is on the bar is always whose these are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/therapist/whose.h"
#include "proto/wire/err.h"

enum { NOW = 1000, LATER = 2000 };

static char t05[] = "t05", t07[] = "t07", lund[] = "Dr Lund", nobody[] = "", c114[] = "c114";

static Attune__Right right(Attune__ActKind kind, char *therapist, int64_t from, int64_t until)
{
    Attune__Right r = ATTUNE__RIGHT__INIT;
    r.kind = kind;
    r.person = nobody;
    r.therapist = therapist;
    r.site = nobody;
    r.from_ms = from;
    r.until_ms = until;
    r.yours = true;
    return r;
}

static void take(struct whose *w, Attune__Right *rights, size_t count)
{
    Attune__Right *items[8];
    Attune__RightList list = ATTUNE__RIGHT_LIST__INIT;
    for (size_t at = 0; at < count; at++) {
        items[at] = &rights[at];
    }
    list.rights = items;
    list.n_rights = count;
    whose_take_rights(w, &list);
}

static const struct whose_rows cover = {.kind = ATTUNE__ACT_KIND__ACT_COVER, .therapist = "t05"};
static const struct whose_rows reading = {.kind = ATTUNE__ACT_KIND__ACT_SUPERVISION,
                                          .therapist = "t07"};
static const struct whose_rows glass = {.kind = ATTUNE__ACT_KIND__ACT_BREAK_GLASS,
                                        .client_ref = "c114",
                                        .reason = "call from the ward"};

static bool answer(struct whose *w, int rc, Attune__ActKind kind, char *therapist)
{
    Attune__Acting acting = ATTUNE__ACTING__INIT;
    acting.kind = kind;
    acting.therapist = therapist;
    acting.name = lund;
    acting.client_ref = c114;
    acting.from_ms = 1;
    acting.until_ms = LATER;
    whose_asked(w);
    return whose_answered(w, rc, rc == 0 ? &acting : NULL);
}

static void begin(struct whose *w, const struct whose_rows *rows)
{
    whose_init(w);
    assert_true(whose_choose(w, rows));
    whose_left(w);
    char code[LIMIT_NAME_BYTES + 1];
    strcpy(code, rows->therapist[0] != '\0' ? rows->therapist : "t05");
    assert_true(answer(w, 0, rows->kind, code));
}

static void what_is_granted_and_in_force_is_offered_once(void **state)
{
    struct whose w;
    uint16_t places[WHOSE_RIGHTS_MAX];
    (void)state;
    whose_init(&w);
    assert_int_equal(whose_choices(&w, NOW, places), 0);
    Attune__Right rights[] = {
        right(ATTUNE__ACT_KIND__ACT_COVER, t05, NOW, LATER),
        right(ATTUNE__ACT_KIND__ACT_COVER, t07, NOW + 1, LATER),       /* Not yet. */
        right(ATTUNE__ACT_KIND__ACT_COVER, t07, 1, NOW),               /* Over. */
        right(ATTUNE__ACT_KIND__ACT_COVER, t07, 1, LATER),             /* Somebody else's. */
        right(ATTUNE__ACT_KIND__ACT_SUPERVISION, nobody, 1, LATER),    /* A site with nobody. */
        right(ATTUNE__ACT_KIND__ACT_SUPERVISION, t07, 1, LATER),       /* Of a site, and */
        right(ATTUNE__ACT_KIND__ACT_SUPERVISION, t07, 2, LATER + 100), /* longer, by themselves. */
        right(ATTUNE__ACT_KIND__ACT_BREAK_GLASS, t07, 1, LATER),       /* Is not listed. */
    };
    rights[3].yours = false;
    take(&w, rights, 8);
    assert_int_equal(whose_choices(&w, NOW, places), 2);
    struct whose_rows first = whose_of_right(&w, places[0]), second = whose_of_right(&w, places[1]);
    assert_string_equal(first.therapist, "t05");
    assert_int_equal(first.kind, ATTUNE__ACT_KIND__ACT_COVER);
    assert_string_equal(second.therapist, "t07");
    assert_int_equal(second.until_ms, LATER + 100);
    assert_int_equal(whose_choices(&w, NOW + 1, places), 3);
    assert_int_equal(whose_choices(&w, LATER, places), 1);
}

static void the_way_there_says_what_waits_first_and_holds_until_it_is_granted(void **state)
{
    struct whose w;
    (void)state;
    whose_init(&w);
    assert_true(whose_choose(&w, &cover));
    assert_int_equal(w.state, WHOSE_LEAVING);
    assert_true(whose_is_own(&w));
    assert_false(whose_holds(&w)); /* What waits is still one's own. */
    assert_true(whose_takes(&w, ""));
    whose_left(&w);
    assert_int_equal(w.state, WHOSE_TO_ASK);
    assert_true(whose_holds(&w));
    assert_false(whose_takes(&w, ""));
    assert_false(whose_takes(&w, "t05")); /* Of an earlier cover, perhaps. */
    assert_false(whose_choose(&w, &reading));
    assert_true(answer(&w, 0, ATTUNE__ACT_KIND__ACT_COVER, t05));
    assert_false(whose_holds(&w));
    assert_false(whose_is_own(&w));
    assert_true(whose_may_act(&w));
    assert_true(whose_takes(&w, "t05"));
    assert_false(whose_takes(&w, "t07"));
    assert_string_equal(w.now.name, "Dr Lund");
    assert_true(whose_choose(&w, &cover)); /* They are there already. */
    assert_int_equal(w.state, WHOSE_SETTLED);
}

static void who_only_reads_may_not_act(void **state)
{
    struct whose w;
    (void)state;
    begin(&w, &reading);
    assert_false(whose_may_act(&w));
    begin(&w, &glass);
    assert_false(whose_may_act(&w));
    whose_init(&w);
    assert_true(whose_may_act(&w));
}

static void a_refusal_is_ones_own_whatever_was_before(void **state)
{
    struct whose w;
    (void)state;
    begin(&w, &cover);
    assert_true(whose_choose(&w, &reading));
    whose_left(&w);
    assert_false(answer(&w, ERR_RIGHT_UNKNOWN, ATTUNE__ACT_KIND__ACT_SUPERVISION, t07));
    assert_true(whose_is_own(&w));
    assert_int_equal(w.state, WHOSE_SETTLED);
    whose_choose(&w, &reading);
    whose_left(&w);
    assert_false(answer(&w, 0, ATTUNE__ACT_KIND__ACT_COVER, t07)); /* Not what was asked for. */
    assert_true(whose_is_own(&w));
}

static void a_busy_server_is_asked_again(void **state)
{
    struct whose w;
    (void)state;
    whose_init(&w);
    whose_choose(&w, &cover);
    whose_left(&w);
    whose_asked(&w);
    assert_int_equal(w.state, WHOSE_ASKED);
    whose_again(&w);
    assert_int_equal(w.state, WHOSE_TO_ASK);
    assert_true(answer(&w, 0, ATTUNE__ACT_KIND__ACT_COVER, t05));
}

static void a_lost_connection_asks_for_the_same_again_and_drops_a_choice(void **state)
{
    struct whose w;
    (void)state;
    begin(&w, &glass);
    whose_choose(&w, &reading);
    whose_lost(&w);
    assert_int_equal(w.state, WHOSE_TO_ASK);
    assert_string_equal(w.now.client_ref, "c114");
    assert_string_equal(w.now.reason, "call from the ward");
    whose_asked(&w);
    whose_lost(&w);
    assert_int_equal(w.state, WHOSE_TO_ASK);
    whose_init(&w);
    whose_choose(&w, &cover);
    whose_lost(&w);
    assert_int_equal(w.state, WHOSE_SETTLED); /* A connection begins with one's own. */
    assert_true(whose_is_own(&w));
}

static void the_end_comes_by_time_or_by_word_and_late_answers_change_nothing(void **state)
{
    struct whose w;
    (void)state;
    begin(&w, &cover);
    assert_false(whose_is_over(&w, LATER - 1));
    assert_true(whose_is_over(&w, LATER));
    whose_ended(&w);
    assert_true(whose_is_own(&w));
    assert_true(whose_holds(&w)); /* The server still has the others' in mind. */
    assert_false(whose_is_over(&w, LATER));
    assert_false(whose_takes(&w, "t05"));
    assert_false(whose_takes(&w, "")); /* Told anew once it is asked as oneself. */
    assert_true(answer(&w, 0, ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED, nobody));
    assert_true(whose_takes(&w, ""));
    begin(&w, &cover);
    whose_choose(&w, &reading);
    whose_left(&w);
    whose_asked(&w);
    whose_locked(&w);
    assert_int_equal(w.state, WHOSE_SETTLED);
    assert_false(whose_answered(&w, 0, NULL));
    assert_true(whose_is_own(&w));
}

static void what_comes_for_ones_own_meanwhile_is_remembered_until_one_is_back(void **state)
{
    struct whose w;
    (void)state;
    begin(&w, &cover);
    assert_false(w.own_waits);
    assert_false(whose_takes(&w, ""));
    assert_true(w.own_waits);
    whose_ended(&w);
    assert_false(w.own_waits);
}

static void the_words_say_whose_these_are_and_until_when(void **state)
{
    struct whose w;
    char room[WHOSE_WORDS];
    (void)state;
    whose_init(&w);
    assert_string_equal(whose_says(&w.now, "", room), "My clients");
    assert_string_equal(whose_banner(&w, "", "", room), "");
    assert_string_equal(whose_client(&w, room), "");
    assert_string_equal(whose_says(&reading, "18:00", room), "Supervising t07 (reading)");
    begin(&w, &cover);
    assert_string_equal(whose_says(&w.now, "18:00", room), "Covering for t05 until 18:00");
    assert_string_equal(whose_banner(&w, "1 March", "18:00", room),
                        "These are the clients of Dr Lund (t05). You cover until 18:00. What you "
                        "look at and do is recorded.");
    assert_string_equal(whose_client(&w, room), " of Dr Lund");
    assert_string_equal(whose_farewell(&w.now, room),
                        "Your cover for Dr Lund has ended: these are your own clients again.");
    assert_string_equal(whose_refused(&w.now, ERR_RIGHT_NONE, "x", room),
                        "Your cover for Dr Lund has ended: these are your own clients again.");
    assert_string_equal(whose_refused(&w.now, ERR_INTERNAL, "x", room), "x");
    assert_string_equal(whose_refused(&glass, ERR_CLIENT_UNKNOWN, "x", room),
                        "No colleague has a client called c114.");
    assert_string_equal(
        whose_refused(&glass, ERR_GLASS_SPENT, "x", room),
        "You have looked at three colleagues’ clients in a day: ask the colleague.");
    begin(&w, &reading);
    assert_string_equal(whose_banner(&w, "1 March", "31 March", room),
                        "These are the clients of Dr Lund (t07), for reading: sessions from 1 "
                        "March on, until 31 March. What you look at is recorded.");
    begin(&w, &glass);
    assert_string_equal(whose_banner(&w, "", "14:32", room),
                        "c114 is a client of Dr Lund. You can read until 14:32. Dr Lund is told "
                        "that you look, and why; it is recorded.");
}

static void before_it_is_granted_nothing_is_said_of_anybody(void **state)
{
    static const struct whose_rows *const all[] = {&cover, &reading, &glass};
    struct whose w;
    char room[WHOSE_WORDS];
    (void)state;
    for (size_t at = 0; at < sizeof all / sizeof all[0]; at++) {
        whose_init(&w);
        whose_choose(&w, all[at]);
        assert_string_equal(whose_banner(&w, "1 January", "1 January", room), "");
        whose_left(&w);
        for (int asked = 0; asked < 2; asked++) {
            assert_string_equal(whose_banner(&w, "1 January", "1 January", room),
                                "Asked for; nothing is shown until the server has answered.");
            whose_asked(&w);
        }
    }
    assert_string_equal(whose_says(&glass, "1 January", room), "c114 (reading)");
    begin(&w, &glass);
    whose_lost(&w);
    assert_non_null(strstr(whose_banner(&w, "", "14:32", room), "Dr Lund")); /* Still shown. */
    assert_string_equal(whose_says(&w.now, "14:32", room), "c114 (reading) until 14:32");
}

static void the_longest_names_fit(void **state)
{
    struct whose w;
    char room[WHOSE_WORDS], until[64];
    (void)state;
    begin(&w, &glass);
    memset(w.now.name, 'n', LIMIT_NAME_BYTES);
    memset(w.now.client_ref, 'c', LIMIT_NAME_BYTES);
    memset(until, 'u', sizeof until - 1);
    until[sizeof until - 1] = '\0';
    const char *words = whose_banner(&w, "", until, room);
    assert_string_equal(words + strlen(words) - strlen("recorded."), "recorded.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_granted_and_in_force_is_offered_once),
        cmocka_unit_test(the_way_there_says_what_waits_first_and_holds_until_it_is_granted),
        cmocka_unit_test(who_only_reads_may_not_act),
        cmocka_unit_test(a_refusal_is_ones_own_whatever_was_before),
        cmocka_unit_test(a_busy_server_is_asked_again),
        cmocka_unit_test(a_lost_connection_asks_for_the_same_again_and_drops_a_choice),
        cmocka_unit_test(the_end_comes_by_time_or_by_word_and_late_answers_change_nothing),
        cmocka_unit_test(what_comes_for_ones_own_meanwhile_is_remembered_until_one_is_back),
        cmocka_unit_test(the_words_say_whose_these_are_and_until_when),
        cmocka_unit_test(before_it_is_granted_nothing_is_said_of_anybody),
        cmocka_unit_test(the_longest_names_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
