/* Goal: what an administrator puts is there, once, and what is named wrongly is said. And the
 * command that makes the schema, and the one that makes the first practice. */
#include "tests/integration/pg/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/wire/container_of.h"
#include "server/pg/migrate.h"
#include "server/pg/schema.h"
#include "server/pg/setup.h"

static void on_items(struct store_call *c, int rc, const struct store_item *items, size_t count)
{
    struct heard *h = container_of(c, struct heard, call);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(h->text);
        (void)snprintf(h->text + len, sizeof h->text - len, "%s (%s)\n", items[i].name,
                       items[i].detail);
    }
    heard_done(c, rc);
}

static const char *list(struct fixture *f, struct heard *h, enum store_kind kind, const char *after,
                        unsigned limit)
{
    *h = (struct heard){0};
    assert_int_equal(store_practice_list(&f->world.store, &h->call, f->practice.practice_id, kind,
                                         after, limit, on_items),
                     0);
    assert_int_equal(heard_rc(&f->world, h), 0);
    return h->text;
}

#define PUT(f, h, operation, ...)                                                                  \
    (*(h) = (struct heard){0}, operation(&(f)->world.store, &(h)->call, (f)->practice.practice_id, \
                                         __VA_ARGS__, "test", heard_done) == 0                     \
                                   ? heard_rc(&(f)->world, (h))                                    \
                                   : 1)

static void sites_rooms_and_therapists_are_put_by_name(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(PUT(f, &h, store_put_site, "South"), 0);
        assert_int_equal(PUT(f, &h, store_put_room, "South", "South 1"), 0);
        assert_int_equal(PUT(f, &h, store_put_therapist, "t03", "Dr Three", "South", ""), 0);
    }
    assert_int_equal(PUT(f, &h, store_put_room, "South", "North 2"), 0); /* It has moved. */
    assert_int_equal(PUT(f, &h, store_put_therapist, "t02", "", "South", ""), 0);
    assert_int_equal(PUT(f, &h, store_put_room, "East", "East 1"), ERR_SITE_UNKNOWN);
    assert_int_equal(PUT(f, &h, store_put_therapist, "t04", "x", "East", ""), ERR_SITE_UNKNOWN);
    assert_string_equal(list(f, &h, STORE_SITES, "", 10), "North ()\nSouth ()\n");
    assert_string_equal(list(f, &h, STORE_ROOMS, "", 10),
                        "North 1 (North)\nNorth 2 (South)\nSouth 1 (South)\n");
    assert_string_equal(list(f, &h, STORE_ROOMS, "North 1", 1), "North 2 (South)\n");
    assert_string_equal(list(f, &h, STORE_THERAPISTS, "", 10),
                        "t01 (Therapist)\nt02 (t02)\nt03 (Dr Three)\n");
}

static void a_client_may_have_several_courses(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(PUT(f, &h, store_put_client, "c002", "t02"), 0);
        assert_int_equal(PUT(f, &h, store_put_client, "c003", "t01"), 0);
    }
    assert_int_equal(PUT(f, &h, store_put_client, "c004", "t09"), ERR_THERAPIST_UNKNOWN);
    assert_string_equal(list(f, &h, STORE_CLIENTS, "", 10),
                        "c001 (t01, t02)\nc002 (t01, t02)\nc003 (t01)\n");
}

/* Goal: an answer is a frame at most, however many see a client. */
static void of_a_client_s_many_therapists_the_first_twenty_are_listed(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    database_do(&f->database,
                "with th as (insert into therapist (practice_id, site_id, code, display_name)"
                " select practice_id, site_id, 'u' || lpad(n::text, 63, '0'), 'x' from therapist"
                " cross join generate_series(1, 300) n where practice_id = %" PRId64
                " and code = 't01' returning practice_id, therapist_id)"
                " insert into course (practice_id, client_id, therapist_id)"
                " select practice_id, client_id, therapist_id from th join client using"
                " (practice_id) where client_ref = 'c001'",
                f->practice.practice_id);
    const char *text = list(f, &h, STORE_CLIENTS, "", 1);
    assert_non_null(strstr(text, "c001 (t01, t02, u0"));
    assert_non_null(strstr(text, "0018, \u2026)\n"));
    assert_null(strstr(text, "0019"));
}

static int put_device(struct fixture *f, struct heard *h, uint8_t key, enum store_role role,
                      const char *label, const char *room, const char *therapist)
{
    const struct store_put_device device = {.practice_id = f->practice.practice_id,
                                            .fingerprint = {key},
                                            .role = role,
                                            .label = label,
                                            .room = room,
                                            .therapist = therapist,
                                            .actor = "test"};
    *h = (struct heard){0};
    assert_int_equal(store_put_device(&f->world.store, &h->call, &device, heard_done), 0);
    return heard_rc(&f->world, h);
}

static void on_device(struct store_call *c, int rc, const struct store_device *device)
{
    struct heard *h = container_of(c, struct heard, call);
    if (rc == 0) {
        (void)snprintf(h->text, sizeof h->text, "%d %s at '%s' %d %d%s", device->role,
                       device->label, device->place, device->room_id != 0,
                       device->therapist_id != 0, device->revoked != 0 ? " revoked" : "");
    }
    heard_done(c, rc);
}

static int find(struct fixture *f, struct heard *h, int64_t practice_id, uint8_t key)
{
    const uint8_t fingerprint[STORE_FINGERPRINT] = {key};
    const struct store_serial serial = {1, {key}};
    *h = (struct heard){0};
    assert_int_equal(
        store_device_find(&f->world.store, &h->call, practice_id, fingerprint, &serial, on_device),
        0);
    return heard_rc(&f->world, h);
}

static void a_device_is_known_by_its_key_and_practice(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    const int64_t practice = f->practice.practice_id;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(put_device(f, &h, 1, STORE_KIOSK, "kiosk 1", "North 1", ""), 0);
        assert_int_equal(put_device(f, &h, 2, STORE_THERAPIST, "desk 1", "", "t01"), 0);
        assert_int_equal(put_device(f, &h, 3, STORE_ADMINISTRATOR, "office", "", ""), 0);
    }
    assert_int_equal(put_device(f, &h, 4, STORE_KIOSK, "k", "South 9", ""), ERR_ROOM_UNKNOWN);
    assert_int_equal(put_device(f, &h, 4, STORE_THERAPIST, "d", "", "t09"), ERR_THERAPIST_UNKNOWN);
    assert_int_equal(put_device(f, &h, 4, STORE_KIOSK, "office", "North 1", ""), ERR_CONFLICT);
    assert_int_equal(find(f, &h, practice, 1), 0);
    assert_string_equal(h.text, "1 kiosk 1 at 'North 1' 1 0");
    assert_int_equal(find(f, &h, practice, 2), 0);
    assert_string_equal(h.text, "2 desk 1 at 'Therapist' 0 1");
    assert_int_equal(find(f, &h, practice, 3), 0);
    assert_string_equal(h.text, "3 office at '' 0 0");
    assert_int_equal(find(f, &h, practice, 4), ERR_DEVICE_UNKNOWN);
    assert_int_equal(find(f, &h, practice + 1, 1), ERR_DEVICE_UNKNOWN);
    database_do(&f->database, "update device set revoked_at = now() where practice_id = %" PRId64,
                practice);
    assert_int_equal(find(f, &h, practice, 3), 0);
    assert_string_equal(h.text, "3 office at '' 0 0 revoked");
    assert_string_equal(list(f, &h, STORE_DEVICES, "desk 1", 10),
                        "kiosk 1 (kiosk North 1 (revoked))\noffice (administrator (revoked))\n");
}

static void what_changes_something_is_in_the_audit(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    assert_int_equal(PUT(f, &h, store_put_site, "South"), 0);
    assert_int_equal(PUT(f, &h, store_put_site, "South"), 0); /* Changes nothing. */
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from audit where practice_id = %" PRId64
                                     " and action = 'practice.put_site' and actor = 'test'",
                                     f->practice.practice_id),
                     1);
}

static void nobody_changes_the_audit(void **state)
{
    struct fixture *f = *state;
    static const char *const tries[] = {"update audit set actor = 'x'", "delete from audit",
                                        "truncate audit"};
    for (size_t i = 0; i < 3; i++) {
        database_do(&f->database,
                    "do $$ begin %s; raise 'it went through'; exception when"
                    " insufficient_privilege then null; end $$",
                    tries[i]);
    }
}

/* Least rights: the server cannot rewrite a rating, the aggregator reads no device. */
static void roles_have_no_more_rights_than_they_need(void **state)
{
    struct fixture *f = *state;
    static const char *const refused[] = {
        "attune_server', 'rating', 'update, delete",
        "attune_server', 'alert', 'insert, update, delete",
        "attune_server', 'audit', 'select, update, delete",
        "attune_server', 'practice', 'insert, update, delete",
        "attune_aggregator', 'rating', 'insert, update, delete",
        "attune_aggregator', 'device', 'select, insert, update, delete",
        "attune_aggregator', 'alert', 'update, delete",
        "attune_aggregator', 'audit', 'select, update, delete",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(
            database_number(&f->database, "select has_table_privilege('%s')::int", refused[i]), 0);
    }
}

static void migrating_again_changes_nothing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(migrate_run(f->database.as_owner, "sql"), 0);
    assert_int_equal(database_number(&f->database, "select max(number) from schema_migration"),
                     SCHEMA_NUMBER);
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Goal: a changed file, a gap and a failing file are refused, and nothing of them is kept. Method:
 * a database and a folder of its own. */
static void a_migration_is_whole_in_order_and_never_changed(void **state)
{
    struct fixture *f = *state;
    char dir[] = "/tmp/attune-sql-XXXXXX", where[200];
    assert_non_null(mkdtemp(dir));
    database_do(&f->database, "create database other owner attune_owner");
    (void)snprintf(where, sizeof where, "host=%s user=attune_owner dbname=other", f->database.dir);
    assert_int_equal(migrate_run(where, dir), ERR_CONFIG); /* None at all. */
    write_file(dir, "0001_one.sql", "create table one (a int);");
    assert_int_equal(migrate_run(where, dir), 0);
    write_file(dir, "0003_three.sql", "create table three (a int);");
    assert_int_equal(migrate_run(where, dir), ERR_CONFIG);
    write_file(dir, "0002_two.sql", "create table two (a int); select 1 / 0;");
    assert_int_equal(migrate_run(where, dir), ERR_DATABASE);
    write_file(dir, "0002_two.sql", "create table two (a int);"); /* It was rolled back. */
    assert_int_equal(migrate_run(where, dir), 0);
    write_file(dir, "0001_one.sql", "create table one (a bigint);");
    assert_int_equal(migrate_run(where, dir), ERR_CONFIG);
    database_do(&f->database, "drop database other");
    static const char *const names[] = {"0001_one.sql", "0002_two.sql", "0003_three.sql"};
    for (size_t i = 0; i < 3; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

static void the_first_practice_is_set_up_once(void **state)
{
    struct fixture *f = *state;
    const uint8_t key[STORE_FINGERPRINT] = {9}, other[STORE_FINGERPRINT] = {8};
    int64_t first = 0, again = 0;
    struct heard h;
    struct setup s = {.practice = "Set up", .time_zone = "Europe/Berlin", .label = "office"};
    assert_int_equal(setup_practice(f->database.as_owner, &s, &first), 0);
    s.fingerprint = key;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(setup_practice(f->database.as_owner, &s, &again), 0);
        assert_int_equal(first, again);
    }
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from practice where practice_id = %" PRId64
                                     " and time_zone = 'Europe/Berlin'",
                                     first),
                     1);
    assert_int_equal(find(f, &h, first, 9), 0);
    assert_string_equal(h.text, "3 office at '' 0 0");
    s.fingerprint = other;
    assert_int_equal(setup_practice(f->database.as_owner, &s, &again), ERR_CONFLICT);
    s.time_zone = "Europe/Berlim";
    assert_int_equal(setup_practice(f->database.as_owner, &s, &again), ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(sites_rooms_and_therapists_are_put_by_name),
        WITH_FIXTURE(a_client_may_have_several_courses),
        WITH_FIXTURE(of_a_client_s_many_therapists_the_first_twenty_are_listed),
        WITH_FIXTURE(a_device_is_known_by_its_key_and_practice),
        WITH_FIXTURE(what_changes_something_is_in_the_audit),
        WITH_FIXTURE(nobody_changes_the_audit),
        WITH_FIXTURE(roles_have_no_more_rights_than_they_need),
        WITH_FIXTURE(migrating_again_changes_nothing),
        WITH_FIXTURE(a_migration_is_whole_in_order_and_never_changed),
        WITH_FIXTURE(the_first_practice_is_set_up_once),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
