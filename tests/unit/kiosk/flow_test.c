/* The kiosk's decisions: what is asked in which order, when a rating is made, who is forgotten
 * when. More than 500 lines in one file, since all of them play the same kiosk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/kiosk/flow.h"
#include "proto/wire/valid.h"

enum { IDLE = 90000, WARNING = 30000, THANKS = 8000, BEGIN = 1000 };

struct play {
    struct flow flow;
    int64_t now;
    uint8_t ids[2][LIMIT_ID_SIZE];
    Attune__Ticket tickets[2];
    Attune__RoomState state;
    enum flow_do last;
};

static int setup(void **state)
{
    static const struct flow_rules rules = {IDLE, WARNING, THANKS, "en", "2580"};
    struct play *p = calloc(1, sizeof *p);
    p->now = BEGIN;
    flow_init(&p->flow, &rules);
    attune__room_state__init(&p->state);
    for (int i = 0; i < 2; i++) {
        memset(p->ids[i], 0x11 * (i + 1), LIMIT_ID_SIZE);
        attune__ticket__init(&p->tickets[i]);
        p->tickets[i].ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, p->ids[i]};
        p->tickets[i].therapist = (char *)(uintptr_t) "Zoe";
        p->tickets[i].symbol = (char *)(uintptr_t)(i == 0 ? "moon" : "tree");
        p->tickets[i].colour = i == 0 ? 3 : 5;
        p->tickets[i].session_start_ms = INT64_C(1750000000000);
    }
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void push(struct play *p, int tickets, bool invited)
{
    p->state.ticket = tickets > 0 ? &p->tickets[0] : NULL;
    p->state.second = tickets > 1 ? &p->tickets[1] : NULL;
    p->state.invited = invited;
    assert_int_equal(flow_room(&p->flow, &p->state, p->now), 0);
}

static void say_at(struct play *p, enum flow_event event, size_t area, uint32_t number)
{
    p->last = flow_event(&p->flow, event, area, number, p->now);
}

static void say(struct play *p, enum flow_event event)
{
    say_at(p, event, 0, 0);
}

static void wait_for(struct play *p, int64_t ms)
{
    p->now += ms;
    say(p, FLOW_TIME);
}

static void answer_all(struct play *p, uint32_t first)
{
    for (uint32_t i = 0; i < INSTRUMENT_AREAS; i++) {
        say_at(p, FLOW_ANSWER, i, first + i);
    }
}

static void expect(struct play *p, enum flow_page page)
{
    assert_int_equal(p->flow.page, page);
}

/* ---- the usual way --------------------------------------------------------------------------- */

static void blank_until_invited(void **state)
{
    struct play *p = *state;
    expect(p, FLOW_BLANK);
    push(p, 1, false);
    say(p, FLOW_TOUCH);
    expect(p, FLOW_BLANK);
    push(p, 1, true);
    expect(p, FLOW_RECOGNISE);
    assert_string_equal(p->flow.person.ticket.symbol, "moon");
}

static void a_rating_is_what_was_answered_and_valid(void **state)
{
    struct play *p = *state;
    Attune__Rating rating;
    Attune__Scores scores;
    struct valid_fault fault;
    uint8_t id[LIMIT_ID_SIZE] = {1};
    char name[INSTRUMENT_NAME_ROOM];
    push(p, 1, true);
    say(p, FLOW_YES);
    expect(p, FLOW_RATE);
    answer_all(p, 70);
    say_at(p, FLOW_ANSWER, 1, 0);
    say(p, FLOW_SEND);
    expect(p, FLOW_TALK);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TALK__TALK_NEXT);
    expect(p, FLOW_SAVING);
    assert_int_equal(p->last, FLOW_DO_SAVE);
    flow_rating(&p->flow, id, INT64_C(1750000100000), name, &rating, &scores);
    assert_int_equal(valid_rating(&rating, &fault), 0);
    assert_int_equal(scores.understanding, 70);
    assert_int_equal(scores.relevance, 0);
    assert_int_equal(scores.relevance_answer_case, ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE);
    assert_int_equal(scores.fit, 73);
    assert_int_equal(rating.talk, ATTUNE__TALK__TALK_NEXT);
    assert_string_equal(rating.instrument, "attune-adult-en/1");
    assert_memory_equal(rating.ticket_id.data, p->ids[0], LIMIT_ID_SIZE);
    say(p, FLOW_SAVED);
    expect(p, FLOW_THANKS);
    wait_for(p, THANKS - 1);
    expect(p, FLOW_THANKS);
    wait_for(p, 1);
    expect(p, FLOW_BLANK);
}

static void the_first_time_is_explained(void **state)
{
    struct play *p = *state;
    p->tickets[0].explain = true;
    push(p, 1, true);
    say(p, FLOW_YES);
    expect(p, FLOW_EXPLAIN);
    say(p, FLOW_GO_ON);
    expect(p, FLOW_RATE);
}

static void only_what_the_server_wants_is_asked_and_in_order(void **state)
{
    struct play *p = *state;
    p->tickets[0].ask_tension = true;
    p->tickets[0].ask_better = true;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 90);
    say(p, FLOW_SEND);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TALK__TALK_NOW);
    expect(p, FLOW_TENSION);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TENSION__TENSION_UNRESOLVED);
    expect(p, FLOW_BETTER);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__BETTER__BETTER_NOTHING);
    assert_int_equal(p->last, FLOW_DO_SAVE);
    assert_int_equal(p->flow.person.tension, ATTUNE__TENSION__TENSION_UNRESOLVED);
    assert_int_equal(p->flow.person.better, ATTUNE__BETTER__BETTER_NOTHING);
}

static void the_ceiling_question_stands_alone_too(void **state)
{
    struct play *p = *state;
    p->tickets[0].ask_better = true;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 90);
    say(p, FLOW_SEND);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TALK__TALK_NOW);
    expect(p, FLOW_BETTER);
}

static void rather_not_say_of_tension_is_no_answer(void **state)
{
    struct play *p = *state;
    p->tickets[0].ask_tension = true;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 90);
    say(p, FLOW_SEND);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TALK__TALK_RATHER_NOT);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TENSION__TENSION_UNSPECIFIED);
    assert_int_equal(p->last, FLOW_DO_SAVE);
}

static void choices_out_of_range_are_ignored(void **state)
{
    struct play *p = *state;
    p->tickets[0].ask_tension = true;
    p->tickets[0].ask_better = true;
    push(p, 1, true);
    say_at(p, FLOW_LANGUAGE, 0, 5);
    assert_int_equal(p->flow.person.language, 0);
    say(p, FLOW_YES);
    say_at(p, FLOW_ANSWER, 4, 10);
    say_at(p, FLOW_ANSWER, 0, 101);
    assert_int_equal(flow_answered(&p->flow), 0);
    answer_all(p, 97);
    assert_int_equal(p->flow.person.tenths[3], 100);
    say(p, FLOW_SEND);
    say_at(p, FLOW_CHOOSE, 0, 0);
    say_at(p, FLOW_CHOOSE, 0, 4);
    expect(p, FLOW_TALK);
    say_at(p, FLOW_CHOOSE, 0, 1);
    say_at(p, FLOW_CHOOSE, 0, 4);
    expect(p, FLOW_TENSION);
    say_at(p, FLOW_CHOOSE, 0, 1);
    say_at(p, FLOW_CHOOSE, 0, 6);
    expect(p, FLOW_BETTER);
}

static void answers_change_until_send_and_not_after_it(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    say_at(p, FLOW_ANSWER, 0, 88);
    assert_int_equal(p->flow.person.tenths[0], 88);
    say(p, FLOW_SEND);
    say_at(p, FLOW_ANSWER, 0, 5);
    assert_int_equal(p->flow.person.tenths[0], 88);
}

static void start_over_takes_every_answer_back(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    say(p, FLOW_START_OVER);
    expect(p, FLOW_RATE);
    assert_int_equal(flow_answered(&p->flow), 0);
    assert_int_equal(p->flow.person.tenths[2], 0);
}

static void open_lines_are_named_once_and_may_stay_open(void **state)
{
    struct play *p = *state;
    Attune__Rating rating;
    Attune__Scores scores;
    uint8_t id[LIMIT_ID_SIZE] = {1};
    char name[INSTRUMENT_NAME_ROOM];
    push(p, 1, true);
    say(p, FLOW_YES);
    say(p, FLOW_SEND);
    say(p, FLOW_SEND);
    expect(p, FLOW_RATE); /* Nothing at all is never sent. */
    say(p, FLOW_START_OVER);
    say_at(p, FLOW_ANSWER, 2, 40);
    say(p, FLOW_SEND);
    expect(p, FLOW_RATE);
    assert_true(p->flow.person.hinted);
    say(p, FLOW_SEND);
    expect(p, FLOW_TALK);
    say_at(p, FLOW_CHOOSE, 0, ATTUNE__TALK__TALK_NOW);
    flow_rating(&p->flow, id, INT64_C(1750000100000), name, &rating, &scores);
    assert_int_equal(scores.safety, 40);
    assert_int_equal(scores.understanding_answer_case, 0); /* Missing, not 0. */
}

static void one_at_a_time_goes_on_and_back_and_stands_before_what_is_open(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    p->flow.one_at_a_time = true;
    say(p, FLOW_YES);
    say(p, FLOW_BACK);
    assert_int_equal(p->flow.person.at, 0);
    say_at(p, FLOW_ANSWER, 0, 10);
    for (int i = 0; i < 5; i++) {
        say(p, FLOW_NEXT);
    }
    assert_int_equal(p->flow.person.at, 3);
    say(p, FLOW_SEND);
    assert_int_equal(p->flow.person.at, 1);
    p->flow.one_at_a_time = false;
    say(p, FLOW_NEXT);
    assert_int_equal(p->flow.person.at, 1);
}

/* ---- saying no ------------------------------------------------------------------------------- */

static void rather_not_is_a_rating_without_scores_and_nothing_more_is_asked(void **state)
{
    struct play *p = *state;
    Attune__Rating rating;
    Attune__Scores scores;
    struct valid_fault fault;
    uint8_t id[LIMIT_ID_SIZE] = {1};
    char name[INSTRUMENT_NAME_ROOM];
    p->tickets[0].ask_tension = true;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    say(p, FLOW_SKIP);
    assert_int_equal(p->last, FLOW_DO_SAVE);
    flow_rating(&p->flow, id, INT64_C(1750000100000), name, &rating, &scores);
    assert_true(rating.skipped);
    assert_null(rating.scores);
    assert_int_equal(valid_rating(&rating, &fault), 0);
    assert_int_equal(p->flow.person.tenths[0], 0);
    say(p, FLOW_SAVED);
    expect(p, FLOW_THANKS);
    assert_true(p->flow.person.skipped);
}

static void not_mine_asks_and_keeps_nothing_and_a_touch_asks_again(void **state)
{
    struct play *p = *state;
    static const uint8_t zero[LIMIT_ID_SIZE];
    push(p, 1, true);
    say(p, FLOW_NOT_ME);
    expect(p, FLOW_NOT_MINE);
    assert_memory_equal(p->flow.person.ticket.id, zero, sizeof zero);
    wait_for(p, FLOW_NOT_MINE_MS);
    expect(p, FLOW_BLANK);
    push(p, 1, true); /* The same state again wakes nobody. */
    expect(p, FLOW_BLANK);
    say(p, FLOW_TOUCH);
    expect(p, FLOW_RECOGNISE);
}

/* ---- nobody there ---------------------------------------------------------------------------- */

static void idle_asks_then_clears_and_never_sends(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    wait_for(p, IDLE - 1);
    expect(p, FLOW_RATE);
    wait_for(p, 1);
    expect(p, FLOW_STILL_THERE);
    wait_for(p, WARNING - 1);
    expect(p, FLOW_STILL_THERE);
    wait_for(p, 1);
    expect(p, FLOW_BLANK);
    assert_int_equal(p->last, FLOW_DO_NOTHING);
    say(p, FLOW_TOUCH);
    expect(p, FLOW_RECOGNISE); /* The invitation stands, without the answers. */
    say(p, FLOW_YES);
    assert_int_equal(flow_answered(&p->flow), 0);
}

static void a_touch_begins_the_wait_anew_and_brings_the_page_back(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    p->now += IDLE - 1;
    say(p, FLOW_TOUCH);
    wait_for(p, IDLE - 1);
    expect(p, FLOW_RATE);
    wait_for(p, 1);
    say(p, FLOW_TOUCH);
    expect(p, FLOW_RATE);
    assert_int_equal(flow_answered(&p->flow), 4);
}

static void who_has_sent_and_left_has_sent(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    say(p, FLOW_SEND);
    wait_for(p, IDLE);
    wait_for(p, WARNING);
    assert_int_equal(p->last, FLOW_DO_SAVE);
    assert_int_equal(p->flow.person.talk, ATTUNE__TALK__TALK_UNSPECIFIED);
    say(p, FLOW_REFUSED);
    expect(p, FLOW_NOT_SAVED);
    wait_for(p, IDLE);
    wait_for(p, WARNING);
    expect(p, FLOW_BLANK); /* It was said; it is not tried for ever with nobody there. */
}

/* Goal: nothing of a person is left. Method: the bytes of what they said and who they are. */
static void nothing_of_a_person_stays(void **state)
{
    struct play *p = *state;
    static const struct flow_person nobody;
    for (int way = 0; way < 4; way++) {
        p->ids[0][0] = (uint8_t)(100 + way);
        push(p, 1, true);
        expect(p, FLOW_RECOGNISE);
        say(p, FLOW_LARGER);
        say_at(p, FLOW_LANGUAGE, 0, 4);
        if (way == 0) {
            say(p, FLOW_NOT_ME);
            wait_for(p, FLOW_NOT_MINE_MS);
        } else {
            say(p, FLOW_YES);
            answer_all(p, 61);
        }
        if (way == 1) {
            wait_for(p, IDLE);
            wait_for(p, WARNING);
        } else if (way == 2) {
            say(p, FLOW_SEND);
            say_at(p, FLOW_CHOOSE, 0, 1);
            say(p, FLOW_SAVED);
            assert_int_equal(p->flow.person.tenths[0], 0); /* Gone before the thank you. */
            assert_int_equal(p->flow.person.talk, 0);
            wait_for(p, THANKS);
        } else if (way == 3) {
            say(p, FLOW_SKIP);
            say(p, FLOW_REFUSED);
            say(p, FLOW_LEAVE);
        }
        expect(p, FLOW_BLANK);
        assert_memory_equal(&p->flow.person, &nobody, sizeof nobody);
    }
}

static void language_and_settings_end_with_the_person(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    uint32_t drawn = p->flow.drawn;
    say_at(p, FLOW_LANGUAGE, 0, 1);
    assert_string_equal(flow_instrument(&p->flow)->language, "de");
    assert_int_not_equal(p->flow.drawn, drawn);
    say(p, FLOW_LARGER);
    say(p, FLOW_CONTRAST);
    assert_true(p->flow.person.larger && p->flow.person.contrast);
    wait_for(p, IDLE);
    wait_for(p, WARNING);
    say(p, FLOW_TOUCH);
    assert_string_equal(flow_instrument(&p->flow)->language, "en");
    assert_false(p->flow.person.larger || p->flow.person.contrast);
}

/* ---- two who came together ------------------------------------------------------------------- */

static void two_rate_one_after_the_other_and_see_nothing_of_each_other(void **state)
{
    struct play *p = *state;
    push(p, 2, true);
    assert_string_equal(p->flow.person.ticket.symbol, "moon");
    say(p, FLOW_YES);
    say(p, FLOW_CONTRAST);
    answer_all(p, 33);
    say(p, FLOW_SEND);
    say_at(p, FLOW_CHOOSE, 0, 1);
    say(p, FLOW_SAVED);
    expect(p, FLOW_HAND_OVER);
    assert_int_equal(flow_answered(&p->flow), 0);
    push(p, 2, true); /* The server does not know of the first one yet. */
    expect(p, FLOW_HAND_OVER);
    say(p, FLOW_GO_ON);
    expect(p, FLOW_RECOGNISE);
    assert_string_equal(p->flow.person.ticket.symbol, "tree");
    assert_false(p->flow.person.contrast);
    say(p, FLOW_YES);
    assert_int_equal(flow_answered(&p->flow), 0);
    say(p, FLOW_SKIP);
    say(p, FLOW_SAVED);
    expect(p, FLOW_THANKS);
    wait_for(p, THANKS);
    say(p, FLOW_TOUCH);
    expect(p, FLOW_BLANK);
}

static void the_other_of_two_may_begin(void **state)
{
    struct play *p = *state;
    push(p, 2, true);
    say(p, FLOW_NOT_ME);
    expect(p, FLOW_RECOGNISE);
    assert_string_equal(p->flow.person.ticket.symbol, "tree");
    say(p, FLOW_NOT_ME);
    expect(p, FLOW_NOT_MINE);
}

/* ---- the room changes ------------------------------------------------------------------------ */

static void a_ticket_that_is_withdrawn_before_anybody_began_is_gone(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    push(p, 0, false);
    expect(p, FLOW_BLANK);
    say(p, FLOW_TOUCH);
    expect(p, FLOW_BLANK);
    assert_string_equal(p->flow.room.tickets[0].therapist, ""); /* Not kept either. */
}

static void who_has_begun_may_finish(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 10);
    push(p, 0, false);
    expect(p, FLOW_RATE);
    say(p, FLOW_SEND);
    expect(p, FLOW_TALK);
}

static void an_invitation_during_a_rating_comes_after_it(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    p->state.ticket = &p->tickets[1];
    assert_int_equal(flow_room(&p->flow, &p->state, p->now), 0);
    expect(p, FLOW_RATE);
    assert_string_equal(p->flow.person.ticket.symbol, "moon");
    say(p, FLOW_SKIP);
    say(p, FLOW_SAVED);
    expect(p, FLOW_THANKS);
    wait_for(p, THANKS);
    expect(p, FLOW_RECOGNISE);
    assert_string_equal(p->flow.person.ticket.symbol, "tree");
}

static void a_ticket_that_was_rated_is_not_asked_again(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    say(p, FLOW_SKIP);
    say(p, FLOW_SAVED);
    wait_for(p, THANKS);
    push(p, 0, false);
    push(p, 1, true); /* The server has lost its last seconds. */
    expect(p, FLOW_BLANK);
}

static void a_ticket_without_an_id_is_none(void **state)
{
    struct play *p = *state;
    p->tickets[0].ticket_id.len = 15;
    push(p, 1, true);
    expect(p, FLOW_BLANK);
    p->tickets[0].ticket_id.len = LIMIT_ID_SIZE;
    memset(p->ids[0], 0, LIMIT_ID_SIZE);
    push(p, 1, true);
    expect(p, FLOW_BLANK);
}

static void texts_of_a_ticket_are_cut_to_their_room(void **state)
{
    struct play *p = *state;
    char text[200];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    p->tickets[0].therapist = text;
    push(p, 1, true);
    assert_int_equal(strlen(p->flow.person.ticket.therapist), FLOW_TEXT - 1);
}

/* ---- the disk -------------------------------------------------------------------------------- */

static void not_saved_is_said_and_may_be_tried_again(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    say(p, FLOW_YES);
    answer_all(p, 55);
    say(p, FLOW_SEND);
    say_at(p, FLOW_CHOOSE, 0, 1);
    say(p, FLOW_REFUSED);
    expect(p, FLOW_NOT_SAVED);
    assert_int_equal(p->flow.person.tenths[1], 56);
    say(p, FLOW_TRY_AGAIN);
    assert_int_equal(p->last, FLOW_DO_SAVE);
    say(p, FLOW_SAVED);
    expect(p, FLOW_THANKS);
}

/* ---- the clock ------------------------------------------------------------------------------- */

static void a_wrong_clock_is_put_right_by_the_server_or_by_the_session(void **state)
{
    struct play *p = *state;
    push(p, 1, true);
    int64_t start = p->tickets[0].session_start_ms;
    assert_int_equal(flow_made_at(&p->flow, start + 5000, 0), start + 5000);
    assert_int_equal(flow_made_at(&p->flow, start + 5000, 3000), start + 2000);
    assert_int_equal(flow_made_at(&p->flow, 1000, 0), start); /* 1970. */
    assert_int_equal(flow_made_at(&p->flow, INT64_C(4102444800000), 0), start);
    assert_int_equal(flow_made_at(&p->flow, INT64_C(4102444799999), 0), INT64_C(4102444799999));
    assert_int_equal(flow_made_at(&p->flow, INT64_C(946684800000), 0), INT64_C(946684800000));
    assert_int_equal(flow_made_at(&p->flow, INT64_C(946684799999), 0), start);
}

/* ---- the staff corner ------------------------------------------------------------------------ */

static void enter(struct play *p, const char *digits)
{
    for (; *digits != '\0'; digits++) {
        say_at(p, FLOW_DIGIT, 0, (uint32_t)(*digits - '0'));
    }
}

static void the_corner_opens_with_the_pin(void **state)
{
    struct play *p = *state;
    say(p, FLOW_CORNER);
    expect(p, FLOW_PIN);
    enter(p, "2581");
    expect(p, FLOW_PIN);
    assert_true(p->flow.pin_wrong);
    assert_string_equal(p->flow.digits, "");
    enter(p, "25");
    say(p, FLOW_ERASE);
    assert_string_equal(p->flow.digits, "2");
    enter(p, "580");
    expect(p, FLOW_STAFF);
    say(p, FLOW_RESTART);
    assert_int_equal(p->last, FLOW_DO_RESTART);
    wait_for(p, IDLE);
    expect(p, FLOW_BLANK);
}

static void five_wrong_pins_shut_it_for_a_minute(void **state)
{
    struct play *p = *state;
    say(p, FLOW_CORNER);
    for (int i = 0; i < FLOW_PIN_TRIES; i++) {
        enter(p, "1111");
    }
    assert_false(flow_pin_open(&p->flow, p->now));
    enter(p, "2580");
    expect(p, FLOW_PIN);
    say(p, FLOW_LEAVE);
    p->now += FLOW_PIN_WAIT_MS - 1;
    say(p, FLOW_CORNER);
    enter(p, "2580");
    expect(p, FLOW_PIN);
    p->now++;
    enter(p, "2580");
    expect(p, FLOW_STAFF);
}

static void without_a_pin_the_corner_stays_shut(void **state)
{
    struct play *p = *state;
    p->flow.rules.pin = "";
    say(p, FLOW_CORNER);
    expect(p, FLOW_BLANK);
}

/* ---- every page, every event ----------------------------------------------------------------- */

/* What each page knows, as the header draws it; in the order of enum flow_event. */
static const char *const known[FLOW_PAGES] = {
    [FLOW_BLANK] = "touch corner",
    [FLOW_RECOGNISE] = "touch time yes not-me language larger contrast corner",
    [FLOW_EXPLAIN] = "touch time go-on skip language larger contrast",
    [FLOW_RATE] = "touch time answer next back send skip start-over language larger contrast",
    [FLOW_TALK] = "touch time choose language larger contrast",
    [FLOW_TENSION] = "touch time choose language larger contrast",
    [FLOW_BETTER] = "touch time choose language larger contrast",
    [FLOW_SAVING] = "saved refused",
    [FLOW_NOT_SAVED] = "touch time language larger contrast try-again leave",
    [FLOW_THANKS] = "time corner",
    [FLOW_HAND_OVER] = "touch time go-on corner",
    [FLOW_NOT_MINE] = "time leave corner",
    [FLOW_STILL_THERE] = "touch time",
    [FLOW_PIN] = "touch time leave digit erase",
    [FLOW_STAFF] = "touch time leave restart",
};
static const char *const names[FLOW_EVENTS] = {
    "room",  "touch",   "time",      "yes",        "not-me", "go-on",    "answer", "next",
    "back",  "send",    "skip",      "start-over", "choose", "language", "larger", "contrast",
    "saved", "refused", "try-again", "leave",      "corner", "digit",    "erase",  "restart",
};

static void each_page_knows_its_events_and_ignores_all_others(void **state)
{
    struct play *p = *state;
    struct flow *before = malloc(sizeof *before);
    push(p, 1, true);
    for (int page = 0; page < FLOW_PAGES; page++) {
        char all[256] = "";
        for (int event = FLOW_TOUCH; event < FLOW_EVENTS; event++) {
            if (flow_knows((enum flow_page)page, (enum flow_event)event)) {
                strcat(all, all[0] != '\0' ? " " : "");
                strcat(all, names[event]);
                continue;
            }
            p->flow.page = (enum flow_page)page;
            *before = p->flow;
            say(p, (enum flow_event)event);
            assert_int_equal(p->last, FLOW_DO_NOTHING);
            assert_memory_equal(&p->flow, before, sizeof *before);
        }
        assert_string_equal(all, known[page]);
    }
    free(before);
}

/* Goal: no order of events does harm. Method: many random ones; what must always be true, is. */
static void any_order_of_events_keeps_what_must_be_true(void **state)
{
    struct play *p = *state;
    uint64_t dice = 88172645463325252u;
    p->tickets[0].ask_tension = p->tickets[1].ask_better = true;
    unsigned saved = 0;
    for (int i = 0; i < 40000; i++) {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        enum flow_event event = (enum flow_event)(dice % FLOW_EVENTS);
        bool saving = p->flow.page == FLOW_SAVING;
        p->now += (int64_t)(dice >> 40) % 20000;
        if (event == FLOW_ROOM) {
            p->ids[0][1] = (uint8_t)(dice >> 8);
            p->ids[1][2] = (uint8_t)(dice >> 16);
            push(p, (int)(dice >> 32) % 3, (dice >> 35) % 4 != 0);
            continue;
        }
        say_at(p, event, (dice >> 20) % 5, (uint32_t)(dice >> 24) % 12);
        saved += saving && event == FLOW_SAVED ? 1 : 0;
        assert_true((p->last == FLOW_DO_SAVE) == (p->flow.page == FLOW_SAVING && !saving));
        if (p->flow.page == FLOW_SAVING) {
            assert_true(p->flow.person.skipped || (p->flow.person.sent && flow_answered(&p->flow)));
        }
        if (p->flow.page == FLOW_BLANK || p->flow.page == FLOW_THANKS) {
            assert_int_equal(flow_answered(&p->flow), 0);
        }
        assert_true((p->flow.until_ms == INT64_MAX) ==
                    (p->flow.page == FLOW_BLANK || p->flow.page == FLOW_SAVING));
    }
    assert_true(saved > 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(blank_until_invited),
        TEST(a_rating_is_what_was_answered_and_valid),
        TEST(the_first_time_is_explained),
        TEST(only_what_the_server_wants_is_asked_and_in_order),
        TEST(the_ceiling_question_stands_alone_too),
        TEST(rather_not_say_of_tension_is_no_answer),
        TEST(choices_out_of_range_are_ignored),
        TEST(answers_change_until_send_and_not_after_it),
        TEST(start_over_takes_every_answer_back),
        TEST(open_lines_are_named_once_and_may_stay_open),
        TEST(one_at_a_time_goes_on_and_back_and_stands_before_what_is_open),
        TEST(rather_not_is_a_rating_without_scores_and_nothing_more_is_asked),
        TEST(not_mine_asks_and_keeps_nothing_and_a_touch_asks_again),
        TEST(idle_asks_then_clears_and_never_sends),
        TEST(a_touch_begins_the_wait_anew_and_brings_the_page_back),
        TEST(who_has_sent_and_left_has_sent),
        TEST(nothing_of_a_person_stays),
        TEST(language_and_settings_end_with_the_person),
        TEST(two_rate_one_after_the_other_and_see_nothing_of_each_other),
        TEST(the_other_of_two_may_begin),
        TEST(a_ticket_that_is_withdrawn_before_anybody_began_is_gone),
        TEST(who_has_begun_may_finish),
        TEST(an_invitation_during_a_rating_comes_after_it),
        TEST(a_ticket_that_was_rated_is_not_asked_again),
        TEST(a_ticket_without_an_id_is_none),
        TEST(texts_of_a_ticket_are_cut_to_their_room),
        TEST(not_saved_is_said_and_may_be_tried_again),
        TEST(a_wrong_clock_is_put_right_by_the_server_or_by_the_session),
        TEST(the_corner_opens_with_the_pin),
        TEST(five_wrong_pins_shut_it_for_a_minute),
        TEST(without_a_pin_the_corner_stays_shut),
        TEST(each_page_knows_its_events_and_ignores_all_others),
        TEST(any_order_of_events_keeps_what_must_be_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
