/* Goal: sessions, leases and tickets, and what staff and kiosks read of them.
 *
 * Above 500 lines: each operation of one subject with each of its errors, over one small world. */
#include "tests/integration/pg/fixture.h"

#include <stdio.h>

#include "proto/wire/container_of.h"

static struct store_session_open opening(const struct fixture *f, unsigned number)
{
    struct store_session_open o = {.practice_id = f->practice.practice_id,
                                   .therapist_id = f->practice.therapist_id,
                                   .client_ref = "c001",
                                   .room = "North 1",
                                   .actor = "test",
                                   .start = INT64_C(4000000000000),
                                   .planned_end = INT64_C(4000003000000),
                                   .colour = 3,
                                   .symbol = 5};
    id_of(&f->practice, ID_SESSION, number, o.session_id);
    id_of(&f->practice, ID_TICKET, number, o.ticket_id);
    return o;
}

static int open_session(struct fixture *f, struct heard *h, const struct store_session_open *o)
{
    *h = (struct heard){0};
    int rc = store_session_open(&f->world.store, &h->call, o, heard_session);
    return rc != 0 ? rc : heard_rc(&f->world, h);
}

typedef int (*move_session)(struct store *, struct store_call *, int64_t, int64_t,
                            const uint8_t[STORE_ID], const char *, store_session_cb);

static int move(struct fixture *f, struct heard *h, move_session how, int64_t therapist_id,
                unsigned number)
{
    uint8_t id[STORE_ID];
    id_of(&f->practice, ID_SESSION, number, id);
    *h = (struct heard){0};
    int rc = how(&f->world.store, &h->call, f->practice.practice_id, therapist_id, id, "test",
                 heard_session);
    return rc != 0 ? rc : heard_rc(&f->world, h);
}

static int64_t leases(struct fixture *f)
{
    return database_number(&f->database,
                           "select count(*) from room_lease where practice_id = %" PRId64,
                           f->practice.practice_id);
}

enum { FIRST = 100, SECOND = 101 };

static void an_opened_session_has_room_ticket_and_state(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    f->world.wakes = 0;
    assert_int_equal(open_session(f, &h, &o), 0);
    assert_string_equal(h.text, "North 1 c001");
    assert_memory_equal(h.session.session_id, o.session_id, STORE_ID);
    assert_int_equal(h.session.state, STORE_SESSION_OPEN);
    assert_int_equal(h.session.outcome, STORE_OUTCOME_NONE);
    assert_int_equal(h.session.start, o.start);
    assert_int_equal(h.session.planned_end, o.planned_end);
    assert_int_equal(h.session.closed, 0);
    assert_int_equal(h.session.colour, 3);
    assert_int_equal(h.session.symbol, 5);
    assert_false(h.session.parked_other);
    assert_int_equal(h.session.scores[0], STORE_NOT_ANSWERED);
    assert_int_equal(leases(f), 1);
    world_until(&f->world, f->world.wakes & STORE_WAKE_ROOM);
}

static void opening_twice_is_the_same_session(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    assert_int_equal(open_session(f, &h, &o), 0);
    o.ticket_id[0] ^= 1; /* The server makes a new one for each request. */
    assert_int_equal(open_session(f, &h, &o), 0);
    assert_int_equal(h.session.state, STORE_SESSION_OPEN);
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from ticket t join session s"
                                     " using (practice_id, session_id) where colour = 3"
                                     " and practice_id = %" PRId64,
                                     f->practice.practice_id),
                     1);
    assert_int_equal(move(f, &h, store_session_close, f->practice.therapist_id, FIRST), 0);
    assert_int_equal(open_session(f, &h, &o), 0);
    assert_int_equal(h.session.state, STORE_SESSION_CLOSED);
    assert_int_equal(leases(f), 0);
}

static void each_thing_that_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    o.client_ref = "c999";
    assert_int_equal(open_session(f, &h, &o), ERR_CLIENT_UNKNOWN);
    o.client_ref = "c002"; /* Another therapist's. */
    o.therapist_id = f->practice.therapist_2_id;
    assert_int_equal(open_session(f, &h, &o), ERR_CLIENT_UNKNOWN);
    o = opening(f, FIRST);
    o.room = "South 1";
    assert_int_equal(open_session(f, &h, &o), ERR_ROOM_UNKNOWN);
    o = opening(f, FIRST);
    o.practice_id++;
    assert_int_equal(open_session(f, &h, &o), ERR_CLIENT_UNKNOWN);
    assert_int_equal(leases(f), 0);
}

static void an_id_that_is_anothers_is_a_conflict(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    assert_int_equal(open_session(f, &h, &o), 0);
    o.therapist_id = f->practice.therapist_2_id;
    assert_int_equal(open_session(f, &h, &o), ERR_CONFLICT);
    o = opening(f, FIRST);
    o.client_ref = "c002";
    assert_int_equal(open_session(f, &h, &o), ERR_CONFLICT);
}

static void a_taken_room_is_kept_or_taken_over(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open first = opening(f, FIRST), second = opening(f, SECOND);
    assert_int_equal(open_session(f, &h, &first), 0);
    assert_int_equal(open_session(f, &h, &second), ERR_ROOM_TAKEN);
    second.take_over = true;
    assert_int_equal(open_session(f, &h, &second), 0);
    assert_true(h.session.parked_other);
    assert_memory_equal(h.session.parked_session_id, first.session_id, STORE_ID);
    assert_int_equal(leases(f), 1);
    assert_int_equal(move(f, &h, store_session_invite, f->practice.therapist_id, FIRST),
                     ERR_SESSION_PARKED);
    assert_int_equal(move(f, &h, store_session_invite, f->practice.therapist_id, SECOND), 0);
    /* Closing the parked one leaves the other's lease alone. */
    assert_int_equal(move(f, &h, store_session_close, f->practice.therapist_id, FIRST), 0);
    assert_int_equal(leases(f), 1);
}

static void two_who_want_a_room_at_once_do_not_both_get_it(void **state)
{
    struct fixture *f = *state;
    struct world other;
    struct heard a = {0}, b = {0};
    struct store_session_open first = opening(f, FIRST), second = opening(f, SECOND);
    world_init(&other, f->database.as_server);
    world_start(&other);
    world_until_up(&other);
    assert_int_equal(store_session_open(&f->world.store, &a.call, &first, heard_session), 0);
    assert_int_equal(store_session_open(&other.store, &b.call, &second, heard_session), 0);
    while (a.count + b.count < 2) {
        (void)uv_run(&f->world.loop, UV_RUN_NOWAIT);
        (void)uv_run(&other.loop, UV_RUN_NOWAIT);
    }
    assert_int_equal((a.rc == 0) + (b.rc == 0), 1);
    assert_int_equal((a.rc == ERR_ROOM_TAKEN) + (b.rc == ERR_ROOM_TAKEN), 1);
    assert_int_equal(leases(f), 1);
    world_stop(&other);
}

static void inviting_and_closing_twice_is_no_error(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    assert_int_equal(open_session(f, &h, &o), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(move(f, &h, store_session_invite, f->practice.therapist_id, FIRST), 0);
        assert_int_equal(h.session.state, STORE_SESSION_INVITED);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(move(f, &h, store_session_close, f->practice.therapist_id, FIRST), 0);
        assert_int_equal(h.session.state, STORE_SESSION_CLOSED);
        assert_true(h.session.closed > 0);
    }
    assert_int_equal(move(f, &h, store_session_invite, f->practice.therapist_id, FIRST),
                     ERR_SESSION_CLOSED);
}

static void anothers_session_is_unknown(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    assert_int_equal(open_session(f, &h, &o), 0);
    assert_int_equal(move(f, &h, store_session_invite, f->practice.therapist_2_id, FIRST),
                     ERR_SESSION_UNKNOWN);
    assert_int_equal(move(f, &h, store_session_close, f->practice.therapist_2_id, FIRST),
                     ERR_SESSION_UNKNOWN);
    assert_int_equal(move(f, &h, store_session_close, f->practice.therapist_id, SECOND),
                     ERR_SESSION_UNKNOWN);
    assert_int_equal(leases(f), 1);
}

/* ---- lists: each callback writes what it was given as text ----------------------------------- */

static struct heard *listening(struct store_call *c)
{
    return container_of(c, struct heard, call);
}

__attribute__((format(printf, 2, 3))) static void say(struct heard *h, const char *format, ...)
{
    size_t len = strlen(h->text);
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(h->text + len, sizeof h->text - len, format, arguments);
    va_end(arguments);
    assert_true(n >= 0 && (size_t)n < sizeof h->text - len);
}

static void on_rooms(struct store_call *c, int rc, const struct store_room_now *rooms, size_t count)
{
    struct heard *h = listening(c);
    for (size_t i = 0; i < count; i++) {
        say(h, "%u %s %u/%u %d\n", rooms[i].ticket_id[15], rooms[i].therapist, rooms[i].colour,
            rooms[i].symbol, rooms[i].invited);
    }
    heard_done(c, rc);
}

static const char *rooms_now(struct fixture *f, struct heard *h)
{
    const struct store_room_key keys[] = {{f->practice.practice_id, f->practice.room_id},
                                          {f->practice.practice_id, f->practice.room_2_id}};
    *h = (struct heard){0};
    assert_int_equal(store_rooms_now(&f->world.store, &h->call, keys, 2, 64, on_rooms), 0);
    assert_int_equal(heard_rc(&f->world, h), 0);
    return h->text;
}

static void a_kiosk_has_its_rooms_ticket_until_it_is_used(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    struct store_rating r = rating_of(&f->practice, FIRST);
    assert_string_equal(rooms_now(f, &h), "");
    assert_int_equal(open_session(f, &h, &o), 0);
    assert_string_equal(rooms_now(f, &h), "100 Therapist 3/5 0\n");
    assert_int_equal(move(f, &h, store_session_invite, f->practice.therapist_id, FIRST), 0);
    assert_string_equal(rooms_now(f, &h), "100 Therapist 3/5 1\n");
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_string_equal(rooms_now(f, &h), "");
}

static void on_sessions(struct store_call *c, int rc, const struct store_session *sessions,
                        size_t count)
{
    struct heard *h = listening(c);
    for (size_t i = 0; i < count; i++) {
        say(h, "%u %s %s %d %d %d\n", sessions[i].session_id[15], sessions[i].client_ref,
            sessions[i].room, sessions[i].state, sessions[i].outcome, sessions[i].scores[3]);
    }
    heard_done(c, rc);
}

static void sessions_are_listed_newest_first_a_page_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_session_open o = opening(f, FIRST);
    struct store_rating r = rating_of(&f->practice, FIRST);
    assert_int_equal(open_session(f, &h, &o), 0);
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    h = (struct heard){0};
    assert_int_equal(store_sessions_list(&f->world.store, &h.call, f->practice.practice_id,
                                         f->practice.therapist_id, NULL, 2, on_sessions),
                     0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_string_equal(h.text, "100 c001 North 1 1 1 90\n7 c001 North 1 1 0 -1\n");
    h = (struct heard){0};
    assert_int_equal(store_sessions_list(&f->world.store, &h.call, f->practice.practice_id,
                                         f->practice.therapist_id, o.session_id, 1, on_sessions),
                     0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_string_equal(h.text, "7 c001 North 1 1 0 -1\n");
}

static void each_watching_therapist_gets_their_own_sessions(void **state)
{
    struct fixture *f = *state;
    struct heard h = {0};
    struct store_session_open o = opening(f, FIRST);
    o.therapist_id = f->practice.therapist_2_id;
    assert_int_equal(open_session(f, &h, &o), 0);
    database_do(&f->database,
                "update session set imported = true where practice_id = %" PRId64
                " and therapist_id = %" PRId64 " and session_id <> (select max("
                "session_id::text)::uuid from session where practice_id = %" PRId64
                " and therapist_id = %" PRId64 ")",
                f->practice.practice_id, f->practice.therapist_id, f->practice.practice_id,
                f->practice.therapist_id);
    const struct store_therapist_key keys[] = {
        {f->practice.practice_id, f->practice.therapist_id, 0},
        {f->practice.practice_id, f->practice.therapist_2_id, 0},
        {f->practice.practice_id + 1, f->practice.therapist_id, 0}};
    h = (struct heard){0};
    assert_int_equal(store_sessions_now(&f->world.store, &h.call, keys, 3, on_sessions), 0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_string_equal(h.text, "7 c001 North 1 1 0 -1\n100 c001 North 1 1 0 -1\n");
}

static void on_ratings(struct store_call *c, int rc, const struct store_stored_rating *ratings,
                       size_t count)
{
    struct heard *h = listening(c);
    for (size_t i = 0; i < count; i++) {
        say(h, "%u %d %s\n", ratings[i].rating_id[15], ratings[i].scores[0], ratings[i].instrument);
    }
    heard_done(c, rc);
}

static int list_ratings(struct fixture *f, struct heard *h, int64_t therapist_id,
                        const char *client_ref)
{
    *h = (struct heard){0};
    assert_int_equal(store_ratings_list(&f->world.store, &h->call, f->practice.practice_id,
                                        therapist_id, client_ref, NULL, 10, on_ratings),
                     0);
    return heard_rc(&f->world, h);
}

static void a_clients_ratings_are_its_own_therapists(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating rows[] = {rating_of(&f->practice, 1), rating_of(&f->practice, 0)};
    assert_int_equal(insert_ratings(&f->world, &h, rows, 2), 0);
    assert_int_equal(list_ratings(f, &h, f->practice.therapist_id, "c001"), 0);
    assert_string_equal(h.text, "1 90 attune-adult-en/1\n0 90 attune-adult-en/1\n");
    assert_int_equal(list_ratings(f, &h, f->practice.therapist_2_id, "c001"), 0);
    assert_string_equal(h.text, ""); /* The same client, another course. */
    assert_int_equal(list_ratings(f, &h, f->practice.therapist_2_id, "c002"), ERR_CLIENT_UNKNOWN);
    assert_int_equal(list_ratings(f, &h, f->practice.therapist_id, "c999"), ERR_CLIENT_UNKNOWN);
}

/* ---- alerts ---------------------------------------------------------------------------------- */

static void an_alert(struct fixture *f, unsigned number, const char *tier)
{
    database_do(&f->database,
                "with a as (insert into alert (practice_id, rating_id, session_id, course_id,"
                " therapist_id, session_start, rule, rule_version, tier, late, inputs, usual,"
                " wording, what, why, now, next_time, created_at)"
                " select practice_id, rating_id, session_id, course_id, therapist_id,"
                " session_start, 'TEST', 2, '%s', false, '{}', '{91,92,93,94}', 'en/1', 'what',"
                " 'why', 'now', 'next', now() + interval '%u seconds' from rating"
                " where practice_id = %" PRId64 " and right(rating_id::text, 2) = '0%u'"
                " returning *) insert into alert_delivery (practice_id, alert_id, therapist_id,"
                " created_at) select practice_id, alert_id, therapist_id, created_at from a"
                " where tier = 'red'",
                tier, number, f->practice.practice_id, number);
}

static struct store_alert last_alert;

static void on_alerts(struct store_call *c, int rc, const struct store_alert *alerts, size_t count)
{
    struct heard *h = listening(c);
    for (size_t i = 0; i < count; i++) {
        say(h, "%u %s/%u %s %s%s%s %d %d\n", alerts[i].rating_id[15], alerts[i].rule,
            alerts[i].rule_version, alerts[i].client_ref,
            alerts[i].tier == STORE_TIER_RED ? "red" : "amber", alerts[i].late ? " late" : "",
            alerts[i].received ? " received" : "", alerts[i].scores[0], alerts[i].usual[3]);
        last_alert = alerts[i];
    }
    heard_done(c, rc);
}

static const char *undelivered(struct fixture *f, struct heard *h)
{
    const struct store_therapist_key key = {f->practice.practice_id, f->practice.therapist_id, 0};
    *h = (struct heard){0};
    assert_int_equal(store_alerts_undelivered(&f->world.store, &h->call, &key, 1, 2, on_alerts), 0);
    assert_int_equal(heard_rc(&f->world, h), 0);
    return h->text;
}

static int receive(struct fixture *f, struct heard *h, int64_t therapist_id)
{
    *h = (struct heard){0};
    assert_int_equal(store_alerts_receive(&f->world.store, &h->call, f->practice.practice_id,
                                          therapist_id, &last_alert.alert_id, 1, heard_done),
                     0);
    return heard_rc(&f->world, h);
}

static void an_alert_is_undelivered_until_its_therapist_has_it(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating rows[] = {rating_of(&f->practice, 0), rating_of(&f->practice, 1),
                                  rating_of(&f->practice, 2), rating_of(&f->practice, 3)};
    assert_int_equal(insert_ratings(&f->world, &h, rows, 4), 0);
    an_alert(f, 3, "red");
    an_alert(f, 1, "red");
    an_alert(f, 2, "red");
    an_alert(f, 0, "amber");
    assert_string_equal(undelivered(f, &h), "1 TEST/2 c001 red 90 94\n2 TEST/2 c001 red 90 94\n");
    assert_int_equal(receive(f, &h, f->practice.therapist_2_id), 0); /* Passed over in silence. */
    assert_string_equal(undelivered(f, &h), "1 TEST/2 c001 red 90 94\n2 TEST/2 c001 red 90 94\n");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(receive(f, &h, f->practice.therapist_id), 0);
    }
    assert_string_equal(undelivered(f, &h), "1 TEST/2 c001 red 90 94\n3 TEST/2 c001 red 90 94\n");
    h = (struct heard){0};
    assert_int_equal(store_alerts_list(&f->world.store, &h.call, f->practice.practice_id,
                                       f->practice.therapist_id, "", NULL, 3, on_alerts),
                     0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_string_equal(h.text, "3 TEST/2 c001 red 90 94\n2 TEST/2 c001 red received 90 94\n"
                                "1 TEST/2 c001 red 90 94\n");
}

static void a_foreign_clients_alerts_are_not_told(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *client_ref;
        int rc;
    } table[] = {{"c001", 0}, {"c002", ERR_CLIENT_UNKNOWN}, {"c999", ERR_CLIENT_UNKNOWN}};
    struct store_rating r = rating_of(&f->practice, 0);
    struct heard h;
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    an_alert(f, 0, "amber");
    for (size_t i = 0; i < 3; i++) {
        h = (struct heard){0};
        assert_int_equal(store_alerts_list(&f->world.store, &h.call, f->practice.practice_id,
                                           f->practice.therapist_2_id, table[i].client_ref, NULL,
                                           12, on_alerts),
                         0);
        assert_int_equal(heard_rc(&f->world, &h), table[i].rc);
        assert_string_equal(h.text, "");
    }
}

/* ---- import ---------------------------------------------------------------------------------- */

static int import_as(struct fixture *f, struct heard *h, unsigned session, unsigned ticket,
                     const char *client_ref, const char *therapist, const char *room)
{
    struct store_session_import i = {.practice_id = f->practice.practice_id,
                                     .client_ref = client_ref,
                                     .therapist = therapist,
                                     .room = room,
                                     .actor = "test",
                                     .start = INT64_C(1700000000000),
                                     .end = INT64_C(1700003000000)};
    id_of(&f->practice, ID_SESSION, session, i.session_id);
    id_of(&f->practice, ID_TICKET, ticket, i.ticket_id);
    *h = (struct heard){0};
    assert_int_equal(store_session_import(&f->world.store, &h->call, &i, heard_done), 0);
    return heard_rc(&f->world, h);
}

static int import(struct fixture *f, struct heard *h, const char *client_ref, const char *therapist,
                  const char *room)
{
    return import_as(f, h, FIRST, FIRST, client_ref, therapist, room);
}

static int64_t import_rows(struct fixture *f, const char *which)
{
    return database_number(&f->database,
                           "select count(*) from audit where practice_id = %" PRId64
                           " and action = 'session.import' and clients is not null and %s",
                           f->practice.practice_id, which);
}

/* Goal: no import rates a session that was held here. The practice's session 0 is such a one. */
static void only_its_own_line_is_imported_again(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    assert_int_equal(import_as(f, &h, 0, 0, "c001", "t01", "North 1"), ERR_CONFLICT);
    assert_int_equal(import_as(f, &h, FIRST, 0, "c001", "t01", "North 1"), ERR_CONFLICT);
    assert_int_equal(import_as(f, &h, FIRST, FIRST, "c001", "t01", "North 1"), 0);
    assert_int_equal(import_as(f, &h, FIRST, FIRST, "c001", "t01", "North 1"), 0);
    assert_int_equal(import_as(f, &h, FIRST, FIRST + 1, "c001", "t01", "North 1"), ERR_CONFLICT);
    assert_int_equal(import_rows(f, "detail->>'refused' = 'conflict'"), 3);
    assert_int_equal(import_rows(f, "not detail ? 'refused'"), 1);
}

static void an_imported_session_is_made_once_and_rated_as_any(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating r = rating_of(&f->practice, FIRST);
    assert_int_equal(import(f, &h, "c001", "t09", "North 1"), ERR_THERAPIST_UNKNOWN);
    assert_int_equal(import(f, &h, "c002", "t02", "North 1"), ERR_CLIENT_UNKNOWN);
    assert_int_equal(import(f, &h, "c001", "t01", "South 1"), ERR_ROOM_UNKNOWN);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(import(f, &h, "c001", "t01", "North 1"), 0);
    }
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(h.fates[0], STORE_NEW);
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from rating where practice_id = %" PRId64
                                     " and imported",
                                     f->practice.practice_id),
                     1);
    assert_int_equal(leases(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(an_opened_session_has_room_ticket_and_state),
        WITH_FIXTURE(opening_twice_is_the_same_session),
        WITH_FIXTURE(each_thing_that_is_not_there_is_named),
        WITH_FIXTURE(an_id_that_is_anothers_is_a_conflict),
        WITH_FIXTURE(a_taken_room_is_kept_or_taken_over),
        WITH_FIXTURE(two_who_want_a_room_at_once_do_not_both_get_it),
        WITH_FIXTURE(inviting_and_closing_twice_is_no_error),
        WITH_FIXTURE(anothers_session_is_unknown),
        WITH_FIXTURE(a_kiosk_has_its_rooms_ticket_until_it_is_used),
        WITH_FIXTURE(sessions_are_listed_newest_first_a_page_at_a_time),
        WITH_FIXTURE(each_watching_therapist_gets_their_own_sessions),
        WITH_FIXTURE(a_clients_ratings_are_its_own_therapists),
        WITH_FIXTURE(an_alert_is_undelivered_until_its_therapist_has_it),
        WITH_FIXTURE(a_foreign_clients_alerts_are_not_told),
        WITH_FIXTURE(an_imported_session_is_made_once_and_rated_as_any),
        WITH_FIXTURE(only_its_own_line_is_imported_again),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
