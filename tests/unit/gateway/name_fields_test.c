#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/gateway/client_map.h"
#include "server/gateway/free_text.h"
#include "server/gateway/name_fields.h"

enum { PRACTICE = 7 };

struct scene {
    struct client_map map;
    struct name_fields f;
    uint8_t missing[NAME_FIELDS_MAX][CLIENT_TOKEN];
    uint8_t token[3][CLIENT_TOKEN], secret[CLIENT_SECRET];
    char text[3][CLIENT_TOKEN_HEX + 1]; /* 0 is c-1, 1 is nobody, 2 is not known. */
};

static int set_up(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    assert_non_null(s);
    client_map_init(&s->map);
    memset(s->secret, 0x55, sizeof s->secret);
    for (size_t i = 0; i < 3; i++) {
        memset(s->token[i], (int)(0xa0 + i), CLIENT_TOKEN);
        client_token_text(s->token[i], s->text[i]);
    }
    client_map_learn(&s->map, PRACTICE, s->token[0], "c-1", s->secret);
    client_map_learn(&s->map, PRACTICE, s->token[1], "", NULL);
    name_fields_init(&s->f, &s->map, PRACTICE, s->missing, NAME_FIELDS_MAX);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    name_fields_fini(&s->f);
    client_map_clear(&s->map);
    free(s);
    return 0;
}

static void a_request_s_client_is_found_whatever_it_asks(void **state)
{
    (void)state;
    char ref[] = "c-1", empty[] = "";
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__ListRatings ratings = ATTUNE__LIST_RATINGS__INIT;
    Attune__ListSessions sessions = ATTUNE__LIST_SESSIONS__INIT;
    Attune__ListCaseload caseload = ATTUNE__LIST_CASELOAD__INIT;
    Attune__ListPractice practice = ATTUNE__LIST_PRACTICE__INIT;
    Attune__ListRooms rooms = ATTUNE__LIST_ROOMS__INIT;
    assert_null(name_fields_of_request(&q));
    q.body_case = ATTUNE__REQUEST__BODY_LIST_RATINGS;
    q.list_ratings = &ratings;
    ratings.client_ref = ref;
    assert_ptr_equal(name_fields_of_request(&q), &ratings.client_ref);
    q.body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
    q.list_sessions = &sessions;
    sessions.client_ref = empty; /* All of them: nobody is named. */
    assert_null(name_fields_of_request(&q));
    q.body_case = ATTUNE__REQUEST__BODY_LIST_CASELOAD;
    q.list_caseload = &caseload;
    caseload.after = ref;
    assert_ptr_equal(name_fields_of_request(&q), &caseload.after);
    q.body_case = ATTUNE__REQUEST__BODY_LIST_PRACTICE;
    q.list_practice = &practice;
    practice.after = ref;
    practice.kind = ATTUNE__PRACTICE_KIND__PRACTICE_ROOMS;
    assert_null(name_fields_of_request(&q));
    practice.kind = ATTUNE__PRACTICE_KIND__PRACTICE_CLIENTS;
    assert_ptr_equal(name_fields_of_request(&q), &practice.after);
    q.body_case = ATTUNE__REQUEST__BODY_LIST_ROOMS;
    q.list_rooms = &rooms;
    rooms.after = ref;
    assert_null(name_fields_of_request(&q));
}

/* A list of sessions as a server's frame: one for each of the scene's tokens. */
struct frame {
    Attune__ServerFrame frame;
    Attune__Response response;
    Attune__SessionList list;
    Attune__Session sessions[3], *at[3];
};

static void fill_frame(struct frame *m, struct scene *s, size_t count)
{
    attune__server_frame__init(&m->frame);
    attune__response__init(&m->response);
    attune__session_list__init(&m->list);
    for (size_t i = 0; i < count; i++) {
        attune__session__init(&m->sessions[i]);
        m->sessions[i].client_ref = s->text[i];
        m->at[i] = &m->sessions[i];
    }
    m->list.sessions = m->at;
    m->list.n_sessions = count;
    m->response.body_case = ATTUNE__RESPONSE__BODY_SESSION_LIST;
    m->response.session_list = &m->list;
    m->frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    m->frame.response = &m->response;
}

static void names_come_back_wherever_they_stand_and_nobody_s_is_empty(void **state)
{
    struct scene *s = *state;
    struct frame m;
    fill_frame(&m, s, 2);
    assert_true(name_fields_known(&s->f, &m.frame.base));
    name_fields_translate(&s->f, &m.frame.base);
    assert_string_equal(m.sessions[0].client_ref, "c-1");
    assert_string_equal(m.sessions[1].client_ref, "");
}

static void what_is_not_known_is_asked_for_once_and_nothing_is_touched(void **state)
{
    struct scene *s = *state;
    struct frame m;
    memcpy(s->text[1], s->text[2], sizeof s->text[1]);
    fill_frame(&m, s, 3);
    assert_false(name_fields_known(&s->f, &m.frame.base));
    assert_int_equal(s->f.missing_count, 1);
    assert_memory_equal(s->missing[0], s->token[2], CLIENT_TOKEN);
    assert_ptr_equal(m.sessions[0].client_ref, s->text[0]);
}

static void another_practice_s_token_is_not_known_here(void **state)
{
    struct scene *s = *state;
    struct frame m;
    s->f.practice_id = PRACTICE + 1;
    fill_frame(&m, s, 1);
    assert_false(name_fields_known(&s->f, &m.frame.base));
}

static void words_are_opened_for_their_own_row_only(void **state)
{
    struct scene *s = *state;
    uint8_t mine[FREE_TEXT_ID] = {1}, other[FREE_TEXT_ID] = {2};
    char text[FREE_TEXT_ROOM], changed[FREE_TEXT_ROOM], plain[] = "as they were";
    char within[FREE_TEXT_ROOM + 32];
    Attune__GoalList list = ATTUNE__GOAL_LIST__INIT;
    Attune__Goal goals[5], *at[5];
    free_text_seal(s->secret, s->token[0], mine, "what was said", text);
    memcpy(changed, text, sizeof text);
    changed[60] ^= 1;
    (void)snprintf(within, sizeof within, "since 2026: %s.", text);
    for (size_t i = 0; i < 5; i++) {
        attune__goal__init(&goals[i]);
        goals[i].goal_id = (ProtobufCBinaryData){FREE_TEXT_ID, i == 1 ? other : mine};
        goals[i].words = i == 2 ? changed : i == 3 ? plain : i == 4 ? within : text;
        at[i] = &goals[i];
    }
    list.goals = at;
    list.n_goals = 5;
    assert_true(name_fields_known(&s->f, &list.base));
    name_fields_translate(&s->f, &list.base);
    assert_string_equal(goals[0].words, "what was said");
    assert_string_equal(goals[1].words, "");
    assert_string_equal(goals[2].words, "");
    assert_string_equal(goals[3].words, plain); /* From before there were keys. */
    assert_string_equal(goals[4].words, "since 2026: what was said.");
}

static void a_marked_name_is_translated_whatever_its_field_is_called(void **state)
{
    struct scene *s = *state;
    char marked[CLIENT_TOKEN_HEX + 2], old[] = "\x02"
                                               "c-9";
    Attune__PracticeList list = ATTUNE__PRACTICE_LIST__INIT;
    Attune__PracticeItem items[3], *at[3];
    (void)snprintf(marked, sizeof marked, "%c%s", NAME_TOKEN_MARK, s->text[0]);
    for (size_t i = 0; i < 3; i++) {
        attune__practice_item__init(&items[i]);
        at[i] = &items[i];
    }
    items[0].name = marked;
    items[1].name = s->text[0]; /* A room may be called so. */
    items[2].name = old;
    list.items = at;
    list.n_items = 3;
    assert_true(name_fields_known(&s->f, &list.base));
    name_fields_translate(&s->f, &list.base);
    assert_string_equal(items[0].name, "c-1");
    assert_string_equal(items[1].name, s->text[0]);
    assert_string_equal(items[2].name, "c-9");
}

static void a_full_memory_is_emptied_and_learns_on(void **state)
{
    (void)state;
    static struct client_map map;
    uint8_t token[CLIENT_TOKEN] = {0}, secret[CLIENT_SECRET] = {1};
    client_map_init(&map);
    for (unsigned i = 0; i < CLIENT_MAP_MAX; i++) {
        token[0] = (uint8_t)i;
        token[1] = (uint8_t)(i >> 8);
        client_map_make_room(&map, 1);
        client_map_learn(&map, PRACTICE, token, "c", secret);
    }
    assert_int_equal(map.count, CLIENT_MAP_MAX);
    client_map_learn(&map, PRACTICE, token, "d", secret); /* The same again. */
    assert_int_equal(map.count, CLIENT_MAP_MAX);
    assert_string_equal(client_map_find(&map, PRACTICE, token)->client_ref, "d");
    client_map_make_room(&map, 1);
    assert_int_equal(map.count, 0);
    assert_null(client_map_find(&map, PRACTICE, token));
    client_map_clear(&map);
}

static void a_token_is_read_as_it_is_written_and_nothing_else_is(void **state)
{
    (void)state;
    uint8_t token[CLIENT_TOKEN] = {0x0f, 0xa9}, read[CLIENT_TOKEN];
    char text[CLIENT_TOKEN_HEX + 1];
    client_token_text(token, text);
    assert_string_equal(text, "0fa90000000000000000000000000000");
    assert_true(client_token_read(text, read));
    assert_memory_equal(read, token, sizeof token);
    text[31] = 'F';
    assert_false(client_token_read(text, read));
    text[31] = '\0';
    assert_false(client_token_read(text, read));
    assert_false(client_token_read("c-0042", read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_s_client_is_found_whatever_it_asks),
        cmocka_unit_test_setup_teardown(names_come_back_wherever_they_stand_and_nobody_s_is_empty,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_asked_for_once_and_nothing_is_touched,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_practice_s_token_is_not_known_here, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(words_are_opened_for_their_own_row_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_marked_name_is_translated_whatever_its_field_is_called,
                                        set_up, tear_down),
        cmocka_unit_test(a_full_memory_is_emptied_and_learns_on),
        cmocka_unit_test(a_token_is_read_as_it_is_written_and_nothing_else_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
