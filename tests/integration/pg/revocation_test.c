/* Who may no longer, and how a server that holds live connections hears of it.
 *
 * Above 500 lines: each way in which a device or a person loses what it may, over one world. */
#include <stdio.h>

#include "proto/wire/container_of.h"
#include "server/pg/store_log_on.h"
#include "server/pg/store_revocation.h"
#include "tests/integration/pg/fixture.h"

enum { KIOSK = 1, DESK, DESK_2, OFFICE, OFFICE_2 };

static void put_begin(struct fixture *f, struct heard *h, uint8_t key, enum store_role role,
                      const char *label, const char *therapist)
{
    const struct store_put_device device = {
        .practice_id = f->practice.practice_id,
        .fingerprint = {key},
        .role = role,
        .label = label,
        .room = role == STORE_KIOSK ? "North 1" : "",
        .therapist = role == STORE_THERAPIST ? therapist : "",
        .actor = "test",
    };
    assert_int_equal(store_put_device(&f->world.store, &h->call, &device, heard_done), 0);
}

static int put_for(struct fixture *f, uint8_t key, enum store_role role, const char *label,
                   const char *therapist)
{
    struct heard h = {0};
    put_begin(f, &h, key, role, label, therapist);
    return heard_rc(&f->world, &h);
}

static int put(struct fixture *f, uint8_t key, enum store_role role, const char *label)
{
    return put_for(f, key, role, label, "t01");
}

static void put_all(struct fixture *f)
{
    assert_int_equal(put(f, KIOSK, STORE_KIOSK, "kiosk"), 0);
    assert_int_equal(put(f, DESK, STORE_THERAPIST, "desk"), 0);
    assert_int_equal(put(f, DESK_2, STORE_THERAPIST, "desk 2"), 0);
    assert_int_equal(put(f, OFFICE, STORE_ADMINISTRATOR, "office"), 0);
}

static void on_device(struct store_call *c, int rc, const struct store_device *device)
{
    heard_done(c, rc != 0 ? rc : device->revoked);
}

/* What its Hello would be told. Its certificate has the number 100 + key. */
static int hello(struct fixture *f, uint8_t key)
{
    struct heard h = {0};
    const uint8_t fingerprint[STORE_FINGERPRINT] = {key};
    const struct store_serial serial = {1, {(uint8_t)(100 + key)}};
    assert_int_equal(store_device_find(&f->world.store, &h.call, f->practice.practice_id,
                                       fingerprint, &serial, on_device),
                     0);
    return heard_rc(&f->world, &h);
}

static int revoke_device(struct fixture *f, const char *label, bool is_meant)
{
    struct heard h = {0};
    assert_int_equal(store_device_revoke(&f->world.store, &h.call, f->practice.practice_id, label,
                                         is_meant, "test", heard_done),
                     0);
    return heard_rc(&f->world, &h);
}

static int revoke_person(struct fixture *f, const char *code)
{
    struct heard h = {0};
    assert_int_equal(store_therapist_revoke(&f->world.store, &h.call, f->practice.practice_id, code,
                                            "test", heard_done),
                     0);
    return heard_rc(&f->world, &h);
}

static int revoke_certificate(struct fixture *f, uint8_t key, bool is_own, bool is_meant)
{
    struct heard h = {0};
    const uint8_t fingerprint[STORE_FINGERPRINT] = {key};
    const struct store_serial serial = {1, {(uint8_t)(100 + key)}};
    assert_int_equal(store_certificate_revoke(&f->world.store, &h.call, f->practice.practice_id,
                                              &serial, is_own ? fingerprint : NULL, is_meant,
                                              "test", heard_done),
                     0);
    return heard_rc(&f->world, &h);
}

/* The therapist t01 has an account, and is logged on at this device. */
static void log_on(struct fixture *f, uint8_t key)
{
    database_do(&f->database,
                "with a as (insert into account (practice_id, name, therapist_id, password_hash)"
                " values (%" PRId64 ", 'zoe', %" PRId64 ", 'x') returning practice_id, account_id)"
                " insert into log_on (practice_id, fingerprint, token_hash, account_id, ends_at)"
                " select practice_id, decode(rpad('%02x', 64, '0'), 'hex'),"
                " decode(repeat('01', 32), 'hex'), account_id, now() + interval '1 hour' from a",
                f->practice.practice_id, f->practice.therapist_id, (unsigned)key);
}

static int64_t of_person(struct fixture *f, const char *what)
{
    return database_number(&f->database,
                           "select count(*) from (select a.therapist_id, a.practice_id from %s) x"
                           " where practice_id = %" PRId64 " and therapist_id = %" PRId64,
                           what, f->practice.practice_id, f->practice.therapist_id);
}

static int64_t audited(struct fixture *f, const char *action)
{
    return database_number(&f->database,
                           "select count(*) from audit where practice_id = %" PRId64
                           " and action = '%s' and actor = 'test'",
                           f->practice.practice_id, action);
}

/* ---- looks ----------------------------------------------------------------------------------- */

struct look {
    struct store_call call;
    bool done;
    int rc;
    int64_t oldest;
    char text[256]; /* "device 2, person 3, certificate 101": by the first byte. */
};

static void on_look(struct store_call *c, int rc, const struct store_revoked *revoked, size_t count,
                    int64_t oldest)
{
    struct look *l = container_of(c, struct look, call);
    size_t len = 0;
    l->done = true;
    l->rc = rc;
    l->oldest = oldest;
    for (size_t i = 0; i < count && len < sizeof l->text; i++) {
        const struct store_revoked *r = &revoked[i];
        bool by_certificate = r->rc == ERR_CERTIFICATE_REVOKED;
        int n = snprintf(l->text + len, sizeof l->text - len, "%s%s %d", i > 0 ? ", " : "",
                         by_certificate                ? "certificate"
                         : r->rc == ERR_PERSON_REVOKED ? "person"
                         : r->rc == ERR_CLOSING        ? "moved"
                                                       : "device",
                         by_certificate ? r->serial.bytes[0] : r->fingerprint[0]);
        assert_true(n > 0);
        len += (size_t)n;
    }
}

static const char *lately(struct fixture *f, struct look *l, int64_t since)
{
    *l = (struct look){0};
    assert_int_equal(store_revoked_lately(&f->world.store, &l->call, since, on_look), 0);
    world_until(&f->world, l->done);
    assert_int_equal(l->rc, 0);
    return l->text;
}

static int64_t mark(struct fixture *f)
{
    struct look l;
    assert_string_equal(lately(f, &l, STORE_LATELY_NOTHING), "");
    assert_true(l.oldest > 0);
    return l.oldest;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void a_revoked_device_is_refused_until_it_is_put_again(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    int64_t since = mark(f);
    assert_int_equal(hello(f, KIOSK), 0);
    assert_int_equal(revoke_device(f, "nobody's", false), ERR_LABEL_UNKNOWN);
    assert_int_equal(revoke_device(f, "kiosk", false), 0);
    assert_int_equal(revoke_device(f, "kiosk", false), 0); /* Changes nothing. */
    assert_int_equal(audited(f, "device.revoke"), 1);
    assert_int_equal(hello(f, KIOSK), ERR_DEVICE_REVOKED);
    assert_int_equal(hello(f, DESK), 0);
    assert_string_equal(lately(f, &l, since), "device 1");
    assert_string_equal(lately(f, &l, l.oldest), ""); /* Once is enough. */
    assert_int_equal(put(f, KIOSK, STORE_KIOSK, "kiosk"), 0);
    assert_int_equal(hello(f, KIOSK), 0);
    assert_string_equal(lately(f, &l, since), ""); /* It is not cut for what is past. */
}

static void on_resumed(struct store_call *c, int rc, const struct store_resumed *who)
{
    (void)who;
    heard_done(c, rc);
}

static int resume(struct fixture *f, uint8_t key)
{
    struct heard h = {0};
    const struct store_seat seat = {
        .practice_id = f->practice.practice_id, .fingerprint = {key}, .actor = "test"};
    uint8_t token[STORE_TOKEN];
    memset(token, 1, sizeof token);
    assert_int_equal(
        store_log_on_resume(&f->world.store, &h.call, &seat, token, 60 * 1000, on_resumed), 0);
    return heard_rc(&f->world, &h);
}

struct ends {
    struct heard heard; /* The first: its call is this one's. */
    size_t tokens, practices;
};

static void on_ended(struct store_call *c, int rc, const struct store_ended *ended, size_t count)
{
    struct ends *e = container_of(container_of(c, struct heard, call), struct ends, heard);
    for (size_t i = 0; i < count; i++) {
        e->tokens += ended[i].has_token && ended[i].token_hash[0] == 1;
        e->practices += !ended[i].has_token;
    }
    heard_done(c, rc);
}

/* Of DESK's token, another one of DESK_2's, and a connection that needed none. */
static struct ends ends_of(struct fixture *f)
{
    struct ends e = {.tokens = 0};
    uint8_t token[STORE_TOKEN];
    const uint8_t desk[STORE_FINGERPRINT] = {DESK}, desk_2[STORE_FINGERPRINT] = {DESK_2};
    memset(token, 1, sizeof token);
    const struct store_log_on_key keys[] = {{f->practice.practice_id, desk, token},
                                            {f->practice.practice_id, desk_2, NULL},
                                            {f->practice.practice_id, desk, NULL}};
    assert_int_equal(store_log_ons_ended(&f->world.store, &e.heard.call, keys, 3, on_ended), 0);
    assert_int_equal(heard_rc(&f->world, &e.heard), 0);
    return e;
}

static void require(struct fixture *f, bool required)
{
    database_do(&f->database,
                "update practice set log_on_required = %s where practice_id = %" PRId64,
                required ? "true" : "false", f->practice.practice_id);
}

static void assert_ends(struct fixture *f, size_t tokens, size_t practices)
{
    struct ends e = ends_of(f);
    assert_int_equal(e.tokens, tokens);
    assert_int_equal(e.practices, practices);
}

static void each_way_a_log_on_ends_is_told_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    require(f, false);
    assert_ends(f, 1, 0); /* Nobody has logged on. */
    log_on(f, DESK);
    assert_ends(f, 0, 0);
    require(f, true);
    assert_ends(f, 0, 1);
    require(f, false);
    database_do(&f->database, "update log_on set ends_at = now()");
    assert_ends(f, 1, 0);
    database_do(&f->database, "update log_on set ends_at = now() + interval '1 hour'");
    database_do(&f->database, "update account set revoked_at = now()");
    assert_ends(f, 1, 0);
    database_do(&f->database, "update account set revoked_at = null");
    database_do(&f->database, "update practice set factor_required = true"); /* It has none. */
    assert_ends(f, 1, 0);
    database_do(&f->database, "update account set second_factor = 'sealed'");
    assert_ends(f, 0, 0);
    database_do(&f->database, "update log_on set token_hash = decode(repeat('02', 32), 'hex')");
    assert_ends(f, 1, 0);
    database_do(&f->database, "delete from log_on"); /* The next test counts them. */
}

/* Goal: who says whose a device is does not become that person, nor stays the one before. */
static void a_device_that_is_put_elsewhere_loses_its_log_on_and_its_connection(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    database_do(&f->database,
                "insert into therapist (practice_id, site_id, code, display_name)"
                " select practice_id, site_id, 't07', 'Seven' from therapist"
                " where practice_id = %" PRId64 " and code = 't01'",
                f->practice.practice_id);
    int64_t since = mark(f);
    log_on(f, DESK);
    assert_int_equal(put(f, DESK, STORE_THERAPIST, "desk, renamed"), 0); /* Still theirs. */
    assert_string_equal(lately(f, &l, since), "");
    assert_int_equal(resume(f, DESK), 0);
    assert_int_equal(put_for(f, DESK, STORE_THERAPIST, "desk", "t07"), 0);
    assert_string_equal(lately(f, &l, since), "moved 2");
    assert_int_equal(hello(f, DESK), 0);
    assert_int_equal(resume(f, DESK), ERR_LOG_ON_FIRST);
    assert_int_equal(database_number(&f->database, "select count(*) from log_on"), 0);
    const uint8_t fingerprint[STORE_FINGERPRINT] = {DESK};
    const struct store_serial serial = {1, {102}};
    struct store_device_key key = {f->practice.practice_id, fingerprint, &serial, true, 0,
                                   f->practice.therapist_id};
    for (int is_placed = 0; is_placed <= 1; is_placed++) {
        key.is_placed = is_placed != 0;
        struct look doubt = {0};
        assert_int_equal(store_revoked_among(&f->world.store, &doubt.call, &key, 1, on_look), 0);
        world_until(&f->world, doubt.done);
        assert_string_equal(doubt.text, is_placed != 0 ? "moved 2" : "");
    }
}

/* Goal: however it came to be, a token of one person's is nothing on another's device. */
static void a_token_on_another_person_s_device_is_none(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    log_on(f, OFFICE);
    assert_int_equal(resume(f, OFFICE), ERR_LOG_ON_FIRST);
}

static void a_person_ends_with_all_their_devices(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    int64_t since = mark(f);
    log_on(f, DESK);
    assert_int_equal(revoke_person(f, "t09"), ERR_THERAPIST_UNKNOWN);
    assert_int_equal(revoke_person(f, "t01"), 0);
    assert_int_equal(of_person(f, "log_on l join account a on a.practice_id = l.practice_id and "
                                  "a.account_id = l.account_id"),
                     0);
    assert_int_equal(of_person(f, "account a where a.revoked_at is not null"), 1);
    assert_int_equal(revoke_person(f, "t01"), 0);
    assert_int_equal(audited(f, "therapist.revoke"), 1);
    assert_int_equal(hello(f, DESK), ERR_PERSON_REVOKED);
    assert_int_equal(hello(f, DESK_2), ERR_PERSON_REVOKED);
    assert_int_equal(hello(f, KIOSK), 0);
    assert_string_equal(lately(f, &l, since), "person 2, person 3");
    assert_int_equal(put(f, DESK, STORE_THERAPIST, "desk"), ERR_PERSON_REVOKED);
    struct heard h = {0};
    assert_int_equal(store_put_therapist(&f->world.store, &h.call, f->practice.practice_id, "t01",
                                         "Therapist", "North", "", "test", heard_done),
                     0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_int_equal(of_person(f, "account a where a.revoked_at is not null"), 0);
    assert_int_equal(hello(f, DESK), ERR_DEVICE_REVOKED); /* It may have been lost with them. */
    assert_int_equal(put(f, DESK, STORE_THERAPIST, "desk"), 0);
    assert_int_equal(hello(f, DESK), 0);
}

static void a_certificate_ends_and_its_key_does_not(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    int64_t since = mark(f);
    assert_int_equal(revoke_certificate(f, KIOSK, false, false), 0);
    assert_int_equal(revoke_certificate(f, KIOSK, false, false), 0);
    assert_int_equal(audited(f, "certificate.revoke"), 1);
    assert_int_equal(hello(f, KIOSK), ERR_CERTIFICATE_REVOKED);
    assert_string_equal(lately(f, &l, since), "certificate 101");
    assert_int_equal(put(f, KIOSK, STORE_KIOSK, "kiosk"), 0); /* For ever. */
    assert_int_equal(hello(f, KIOSK), ERR_CERTIFICATE_REVOKED);
    const uint8_t fingerprint[STORE_FINGERPRINT] = {KIOSK};
    const struct store_serial next = {2, {100 + KIOSK, 1}};
    struct heard h = {0};
    assert_int_equal(store_device_find(&f->world.store, &h.call, f->practice.practice_id,
                                       fingerprint, &next, on_device),
                     0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
}

/* Goal: a device that is put as something else is an administrator's no more than a revoked one. */
static void the_last_administrator_is_not_put_as_something_else(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    int64_t since = mark(f);
    assert_int_equal(put(f, OFFICE, STORE_KIOSK, "office"), ERR_LAST_ADMINISTRATOR);
    assert_int_equal(put(f, OFFICE, STORE_THERAPIST, "office"), ERR_LAST_ADMINISTRATOR);
    assert_string_equal(lately(f, &l, since), ""); /* Nobody is cut off. */
    assert_int_equal(put(f, OFFICE, STORE_ADMINISTRATOR, "front office"), 0);
    assert_int_equal(put(f, OFFICE_2, STORE_ADMINISTRATOR, "office 2"), 0);
    assert_int_equal(put(f, OFFICE, STORE_KIOSK, "office"), 0);
    assert_int_equal(put(f, OFFICE_2, STORE_KIOSK, "office 2"), ERR_LAST_ADMINISTRATOR);
    assert_int_equal(put(f, DESK, STORE_KIOSK, "desk"), 0); /* It never was one. */
}

/* Goal: two administrators who turn on each other come one after the other. Method: one's
 * transaction is under way when the other one puts. */
static void two_administrators_do_not_put_each_other_at_once(void **state)
{
    struct fixture *f = *state;
    struct heard h = {0};
    put_all(f);
    assert_int_equal(put(f, OFFICE_2, STORE_ADMINISTRATOR, "office 2"), 0);
    database_do(&f->database, "begin");
    database_do(&f->database, "select device_revoke(%" PRId64 ", 'office', false, 'behind')",
                f->practice.practice_id);
    put_begin(f, &h, OFFICE_2, STORE_KIOSK, "office 2", "t01");
    while (h.count == 0 && database_number(&f->database, "select count(*) from pg_locks"
                                                         " where not granted") == 0) {
        (void)uv_run(&f->world.loop, UV_RUN_NOWAIT);
    }
    database_do(&f->database, "commit");
    assert_int_equal(heard_rc(&f->world, &h), ERR_LAST_ADMINISTRATOR);
}

static void the_last_administrator_is_not_revoked_by_mistake(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    assert_int_equal(revoke_device(f, "office", false), ERR_LAST_ADMINISTRATOR);
    assert_int_equal(revoke_certificate(f, OFFICE, true, false), ERR_LAST_ADMINISTRATOR);
    assert_int_equal(hello(f, OFFICE), 0);
    assert_int_equal(put(f, OFFICE_2, STORE_ADMINISTRATOR, "office 2"), 0);
    assert_int_equal(revoke_device(f, "office", false), 0);
    assert_int_equal(revoke_device(f, "office 2", false), ERR_LAST_ADMINISTRATOR);
    assert_int_equal(revoke_certificate(f, OFFICE_2, true, true), 0);
    assert_int_equal(revoke_device(f, "office 2", true), 0);
    assert_int_equal(hello(f, OFFICE_2), ERR_DEVICE_REVOKED);
}

/* Goal: a later transaction that commits first must not hide an earlier one. */
static void what_commits_late_is_found_late(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    int64_t since = mark(f);
    database_do(&f->database, "begin");
    database_do(&f->database, "select therapist_revoke(%" PRId64 ", 't01', 'behind')",
                f->practice.practice_id);
    assert_int_equal(revoke_device(f, "kiosk", false), 0);
    assert_string_equal(lately(f, &l, since), "device 1");
    since = l.oldest;
    database_do(&f->database, "commit");
    const char *then = lately(f, &l, since);
    assert_non_null(strstr(then, "person 2"));
    assert_non_null(strstr(then, "person 3"));
    assert_string_equal(lately(f, &l, l.oldest), "");
}

/* Goal: after any doubt all that are connected can be asked about at once. */
static void of_those_connected_the_revoked_are_told(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    assert_int_equal(revoke_person(f, "t01"), 0);
    assert_int_equal(revoke_device(f, "kiosk", false), 0);
    assert_int_equal(revoke_certificate(f, OFFICE, false, false), 0);
    static const uint8_t fingerprints[5][STORE_FINGERPRINT] = {
        {KIOSK}, {DESK}, {DESK_2}, {OFFICE}, {99}};
    const struct store_serial serials[5] = {
        {1, {101}}, {1, {102}}, {1, {103}}, {1, {104}}, {1, {105}}};
    struct store_device_key keys[5];
    for (size_t i = 0; i < 5; i++) {
        keys[i] = (struct store_device_key){.practice_id = f->practice.practice_id,
                                            .fingerprint = fingerprints[i],
                                            .serial = &serials[i]};
    }
    struct look l = {0};
    assert_int_equal(store_revoked_among(&f->world.store, &l.call, keys, 5, on_look), 0);
    world_until(&f->world, l.done);
    assert_int_equal(l.rc, 0);
    assert_non_null(strstr(l.text, "device 1"));
    assert_non_null(strstr(l.text, "person 2"));
    assert_non_null(strstr(l.text, "person 3"));
    assert_non_null(strstr(l.text, "certificate 104"));
    assert_null(strstr(l.text, "99"));
    struct look none = {0};
    assert_int_equal(store_revoked_among(&f->world.store, &none.call, keys, 0, on_look), 0);
    world_until(&f->world, none.done);
    assert_string_equal(none.text, "");
}

static void what_was_told_a_day_ago_is_dropped(void **state)
{
    struct fixture *f = *state;
    struct look l;
    put_all(f);
    assert_int_equal(revoke_device(f, "kiosk", false), 0);
    database_do(&f->database, "update revocation set made_at = now() - interval '25 hours'");
    assert_int_equal(revoke_device(f, "desk", false), 0);
    const char *told = lately(f, &l, 0);
    assert_null(strstr(told, "device 1"));
    assert_non_null(strstr(told, "device 2"));
    assert_int_equal(hello(f, KIOSK), ERR_DEVICE_REVOKED); /* That stays. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_revoked_device_is_refused_until_it_is_put_again),
        WITH_FIXTURE(each_way_a_log_on_ends_is_told_and_nothing_else),
        WITH_FIXTURE(a_device_that_is_put_elsewhere_loses_its_log_on_and_its_connection),
        WITH_FIXTURE(a_token_on_another_person_s_device_is_none),
        WITH_FIXTURE(a_person_ends_with_all_their_devices),
        WITH_FIXTURE(a_certificate_ends_and_its_key_does_not),
        WITH_FIXTURE(the_last_administrator_is_not_revoked_by_mistake),
        WITH_FIXTURE(the_last_administrator_is_not_put_as_something_else),
        WITH_FIXTURE(two_administrators_do_not_put_each_other_at_once),
        WITH_FIXTURE(what_commits_late_is_found_late),
        WITH_FIXTURE(of_those_connected_the_revoked_are_told),
        WITH_FIXTURE(what_was_told_a_day_ago_is_dropped),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
