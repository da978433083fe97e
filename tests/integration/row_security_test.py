"""The database's own refusal: every table, in every scope, with the server's role, over two practices.

Goal: nobody reads or changes a row that is not theirs, whatever the server asks. Method: two practices with the same content are
written behind the server's back; then each table is read and changed as attune_server in each scope, and compared with
what a table of this file says of the row's practice, therapist, course and day."""
import unittest

from harness import AttuneTest

WITHOUT = {"schema_migration", "audit"}  # The programs can only add to the second.
OWNERS = {"rollup_frozen", "retention_course", "account", "log_on", "log_on_wrong", "client_erased", "certificate",
          "device_code", "device_state", "enrol_wrong", "resend", "revoked_certificate", "revocation"}

THERAPISTS = ("t01", "t02", "t03")  # t03 is at the other site.
# client, therapist, in force
COURSES = (("c1", "t01", True), ("c2", "t01", False), ("c3", "t02", True), ("c4", "t03", True))
DAYS = (1, 100)  # Ago.

# Each table's rows: what they are told apart by, and whose they are. `practice` is added.
NOBODY = "null::bigint as therapist, null::bigint as course, null::timestamptz as day"
COURSE = "t.therapist_id as therapist, t.course_id as course"
TABLES = {
    "practice": ("t.practice_id", NOBODY), "site": ("t.site_id", NOBODY), "room": ("t.room_id", NOBODY),
    "therapist": ("t.therapist_id", NOBODY), "rule_settings": ("t.version", NOBODY), "instrument": ("t.name", NOBODY),
    "room_lease": ("t.room_id", NOBODY), "device": ("t.label", NOBODY),
    "client": ("t.client_id", "(select c.therapist_id from course c where c.client_id = t.client_id) as therapist,"
               " (select c.course_id from course c where c.client_id = t.client_id) as course, null::timestamptz as day"),
    "course": ("t.course_id", COURSE + ", null::timestamptz as day"),
    "session": ("t.session_id", COURSE + ", t.start_at as day"),
    "ticket": ("t.ticket_id", COURSE + ", t.session_start as day"),
    "rating": ("t.rating_id", COURSE + ", t.session_start as day"),
    "alert": ("t.alert_id", COURSE + ", t.session_start as day"),
    "alert_delivery": ("t.alert_id", "a.therapist_id as therapist, a.course_id as course, a.session_start as day", "join alert a using (alert_id)"),
    "rupture": ("t.opened_rating", COURSE + ", t.opened_session as day"),
    "rupture_move": ("t.move_id", "r.therapist_id as therapist, r.course_id as course, r.opened_session as day", "join rupture r using (opened_rating)"),
    "goal": ("t.goal_id", COURSE + ", t.session_start as day"),
    "rollup_week": ("t.week", "t.therapist_id as therapist, null::bigint as course, null::timestamptz as day"),
    "rollup_client": ("t.week", "t.therapist_id as therapist, null::bigint as course, null::timestamptz as day"),
    "rollup_session": ("t.session_id", NOBODY), "rating_batch": ("t.batch_id", "null::bigint as therapist, null::bigint as course, null::timestamptz as day"),
    "rating_quarantine": ("t.rating_id", NOBODY),
    "ticket_gone": ("t.ticket_id", NOBODY), "retention": ("t.site_id", NOBODY), "legal_hold": ("t.client_id", NOBODY),
    "retention_plan": ("t.plan_id", NOBODY), "retention_count": ("t.site_id", NOBODY),
    "cover": ("t.by_id", NOBODY), "supervision": ("t.supervisor_id", NOBODY), "break_glass": ("t.glass_id", NOBODY),
}
SHARED = {"practice", "site", "room", "therapist", "rule_settings", "instrument", "room_lease"}  # By all staff of a practice.
OF_COURSES = {"course", "client", "session", "ticket", "rating", "alert", "alert_delivery", "rupture", "rupture_move", "goal"}
SUMS = {"rollup_week", "rollup_client"}
RIGHTS = {"cover": ("t01", "t02"), "supervision": ("t01", "t03"), "break_glass": ("t02", "t03")}  # Who is named in them.
SERVERS = {"rollup_session", "rating_batch", "rating_quarantine"}

ADMINISTRATORS = {"device", "client", "course", "ticket_gone", "retention", "legal_hold", "retention_plan", "retention_count"}
UNREADABLE = {"rollup_session", "rating_quarantine"}  # The role has no right to read all of their columns.

# scope: number, person, subject, client; whose courses; what more is asked of them.
SCOPES = {
    "t01": (1, "t01", "t01", None), "t02": (1, "t02", "t02", None), "t03": (1, "t03", "t03", None),
    "t02 covers t01": (2, "t02", "t01", None), "t03 supervises t01": (3, "t03", "t01", None),
    "t03 breaks the glass of c3": (4, "t03", "t02", "c3"), "administrator": (5, None, None, None),
}
ENDED = {  # Rights that nobody has, or no longer.
    "t03 covers t01": (2, "t03", "t01", None), "t01 covers t02": (2, "t01", "t02", None),
    "t02 supervises t01": (3, "t02", "t01", None), "t03 supervises t02": (3, "t03", "t02", None),
    "t03 breaks the glass of c1": (4, "t03", "t01", "c1"), "t01 breaks the glass of c3": (4, "t01", "t02", "c3"),
    "t01 as t02": (1, "t01", "t02", None), "a scope that is none": (9, "t01", "t01", None),
}

# With a therapist's right to change: what a person in it may change.
CHANGED_BY_THERAPISTS = {"session": "state", "alert_delivery": "received_at", "rupture": "step", "goal": "outcome", "rollup_week": "held"}
CHANGED_BY_ADMINISTRATORS = {"room": "site_id", "therapist": "site_id", "device": "revoked_at", "practice": "rules_version",
                             "course": "ended_at", "instrument": "in_force", "cover": "ended_at", "supervision": "ended_at",
                             "retention": "years", "legal_hold": "released_by"}


def content(number):
    """One practice, as superuser. Ids begin at number * 100, so that both have the same."""
    base = number * 1000
    rows = [f"insert into practice (practice_id, name) values ({number}, 'P{number}')",
            f"insert into rule_settings values ({number}, 1, '{{1}}', 'x')",
            f"insert into ticket_gone values ({number}, '00000000-0000-0000-0000-000000000001')",
            f"insert into retention values ({number}, {base}, 9, 'x')",
            f"insert into legal_hold (practice_id, client_id, because, held_by) values ({number}, {base}, 'x', 'x')",
            f"insert into retention_plan (practice_id, plan_id, made_by) values ({number}, '00000000-0000-0000-0000-000000000001', 'x')",
            f"insert into retention_count values ({number}, '00000000-0000-0000-0000-000000000001', false, {base}, 2026, '{{0,0,0,0,0,0,0,0,0,0}}')",
            f"insert into instrument values ({number}, 'own/1', 'adult', 'en', 'x', true, 'x')"]
    for i, site in enumerate(("North", "South")):
        rows += [f"insert into site values ({number}, {base + i}, '{site}')",
                 f"insert into room values ({number}, {base + i}, {base + i}, '{site} 1')"]
    for i, code in enumerate(THERAPISTS):
        rows += [f"insert into therapist values ({number}, {base + i}, {base + (code == 't03')}, '{code}', '{code}')",
                 f"insert into device values ({number}, sha256('{base + i}'), 'therapist', '{code}', null, {base + i})",
                 f"insert into rollup_week values ({number}, date '2026-01-05' + 7 * {i}, {base}, {base + i}, 1,1,0,1,0,1,1,"
                 " '{0,0,0,0,0,0,0,0,0,0,0,0}', 0,0,0,0,0,0,0)"]
    for i, (client, therapist, in_force) in enumerate(COURSES):
        of = base + THERAPISTS.index(therapist)
        rows += [f"insert into client values ({number}, {base + i}, '{client}')",
                 f"insert into course values ({number}, {base + i}, {base + i}, {of}, false, {'null' if in_force else 'now()'})",
                 f"insert into rollup_client values ({number}, date '2026-01-05' + 7 * {i}, {base}, {of}, {base + i}, false, true)"]
        for day in DAYS:
            uuid = f"'00000000-0000-0000-{number:04}-{i:06}{day:06}'"
            at = f"now() - interval '{day} days'"
            whose = f"{base + i}, {of}"
            rows += [
                f"insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, colour, symbol)"
                f" values ({number}, {uuid}, {whose}, {base}, {base}, {at}, {at}, 1, 1)",
                f"insert into ticket values ({number}, {uuid}, {uuid}, {whose}, {at}, {at})",
                f"insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end,"
                f" made_at, skipped, instrument) values ({number}, {uuid}, {uuid}, {uuid}, {whose}, {at}, {at}, {at}, true, 'x')",
                f"insert into alert (practice_id, alert_id, rating_id, session_id, course_id, therapist_id, session_start, rule, rule_version,"
                f" tier, late, inputs, usual, wording, what, why, now, next_time) values ({number}, {uuid}, {uuid}, {uuid}, {whose}, {at},"
                " 'X', 1, 'red', false, '{}', '{}', 'en/1', 'a', 'b', 'c', 'd')",
                f"insert into alert_delivery values ({number}, {uuid}, {of})",
                f"insert into rupture (practice_id, opened_rating, course_id, therapist_id, opened_session, state) values ({number}, {uuid}, {whose}, {at}, 'open')",
                f"insert into rupture_move (practice_id, opened_rating, actor, move) values ({number}, {uuid}, 'x', 'opened')",
                f"insert into goal (practice_id, goal_id, course_id, therapist_id, session_id, session_start, area, words, ended_at, outcome)"
                f" values ({number}, {uuid}, {whose}, {uuid}, {at}, 'fit', 'x', now(), 'reached')",
                f"insert into rollup_session values ({number}, {uuid})",
                f"insert into rating_quarantine values ({number}, {uuid}, {uuid}, '22000', '')",
                f"insert into rating_batch (practice_ids, rating_ids) values ('{{{number}}}', array[{uuid}::uuid])",
                f"insert into room_lease values ({number}, {base}, {uuid}) on conflict do nothing"]
    rows += [f"insert into cover values ({number}, {base}, {base + 1}, now() - interval '1 hour', now() + interval '1 day')",
             # Over, ended, or not yet:
             f"insert into cover values ({number}, {base}, {base + 2}, now() - interval '9 days', now() - interval '1 minute')",
             f"insert into cover values ({number}, {base + 1}, {base}, now() - interval '1 hour', now() + interval '1 day', now())",
             f"insert into supervision values ({number}, {base + 2}, {base}, 0, now() - interval '9 days', now() + interval '9 days')",
             f"insert into supervision values ({number}, {base + 1}, {base}, 0, now() + interval '1 day', now() + interval '9 days')",
             f"insert into break_glass (practice_id, person_id, owner_id, course_id, reason) values ({number}, {base + 2}, {base + 1}, {base + 2}, 'x')",
             f"insert into break_glass (practice_id, person_id, owner_id, course_id, reason, at, until_at) values"
             f" ({number}, {base + 2}, {base}, {base}, 'x', now() - interval '2 hours', now() - interval '1 hour')"]
    return ";\n".join(rows) + ";\n"


class Rows(AttuneTest):
    def setUp(self):
        super().setUp()
        self.sql("set session_replication_role = replica; truncate practice cascade;" + content(2) + content(3))
        self.counts = dict(allowed=0, denied=0, wrong=0)
        self.wrong = []

    def sql(self, text, user="postgres"):
        return self.attune.sql(text, user)

    def begin(self, practice, scope):
        number, person, subject, client = scope
        base = practice * 1000
        ids = [base + THERAPISTS.index(one) if one else 0 for one in (person, subject)]
        client = base + [c[0] for c in COURSES].index(client) if client else 0
        return f"begin; select scope_begin({number}, {practice}, {ids[0]}, {ids[1]}, {client});"

    def rows_of(self, table):
        """All there are: key, practice, therapist's code, course's client, days ago; for whom nothing is to be named, ''."""
        key, whose, *join = TABLES[table]
        practice = "t.practice_ids[1]" if table == "rating_batch" else "t.practice_id"
        return [(row[0], int(row[1]), THERAPISTS[int(row[2]) % 1000] if row[2] else "",
                 COURSES[int(row[3]) % 1000][0] if row[3] else "", float(row[4] or 0)) for row in self.sql(
                     f"select {key} || '/' || {practice}, {practice}, w.therapist, w.course, extract(epoch from now() - w.day) / 86400"
                     f" from {table} t {' '.join(join)} cross join lateral (select {whose}) w order by 1")]

    def may_read(self, table, row, practice, scope):
        key, of, therapist, client, days = row
        number, person, subject, glass = scope
        if of != practice or table in SERVERS:
            return False
        if table in SHARED:
            return True
        if table in RIGHTS:
            named = {f"{practice * 1000 + THERAPISTS.index(one)}" for one in (person,) if one}
            return number == 5 and table != "break_glass" or bool(named & self.named[table][key])
        if number == 5:
            return table in ADMINISTRATORS | SUMS
        if table in SUMS:
            return therapist == subject
        if table not in OF_COURSES:
            return False
        in_force = dict((c, f) for c, _, f in COURSES)[client]
        return therapist == subject and in_force and (number != 3 or days < 9) and (number != 4 or client == glass)

    def may_change(self, table, row, practice, scope):
        if scope[0] == 5:
            return table in CHANGED_BY_ADMINISTRATORS and row[1] == practice
        if table == "room":  # To lock it.
            return scope[0] < 3 and row[1] == practice
        if table == "break_glass":
            return scope[0] == 1 and row[0] in self.owned[scope[1]] and row[1] == practice
        return scope[0] < 3 and table in CHANGED_BY_THERAPISTS and self.may_read(table, row, practice, scope)

    def judge(self, what, expected, found, total):
        wrong = expected ^ found
        self.counts["allowed"] += len(expected & found)
        self.counts["denied"] += total - len(expected | found)
        self.counts["wrong"] += len(wrong)
        if wrong:
            self.wrong.append(f"{what}: expected {sorted(expected)[:4]}, found {sorted(found)[:4]}")

    def many(self, statements):
        """The rows' keys of each, as attune_server, in one go."""
        found = [set()]
        for row in self.sql("".join(f"{one};\n\\echo ====\n" for one in statements), "attune_server"):
            if row == ["===="]:
                found.append(set())
            elif row[0]:
                found[-1].add(row[0])
        return found[:-1]

    def reading(self, table, begin):
        practice = "t.practice_ids[1]" if table == "rating_batch" else "t.practice_id"
        return f"{begin} select {TABLES[table][0]} || '/' || {practice} from {table} t; commit"

    def changing(self, table, begin):
        column = {**CHANGED_BY_THERAPISTS, **CHANGED_BY_ADMINISTRATORS, "break_glass": "seen_at"}[table]
        return f"{begin} update {table} t set {column} = {column} returning {TABLES[table][0]} || '/' || t.practice_id; rollback"

    def test_each_scope_reads_and_changes_its_own_rows_and_no_other(self):
        tables = {row[0] for row in self.sql(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
            " and (c.relrowsecurity or has_any_column_privilege('attune_server', c.oid, 'select, insert, update')"
            " or has_any_column_privilege('attune_aggregator', c.oid, 'select, insert, update'))")} - WITHOUT
        kept = {row[0] for row in self.sql(
            "select relname from pg_class where relrowsecurity and relforcerowsecurity and relnamespace = 'public'::regnamespace")}
        self.assertEqual(tables - kept, set(), "without forced row security: call scope_table() for it, as sql/0011_scope.sql does")
        self.assertEqual(tables - set(TABLES) - OWNERS, set(), "a table needs a row in TABLES")
        self.assertEqual(set(TABLES) - tables, set())
        self.named = {table: {f"{row[0]}/{row[1]}": set(row[2:]) for row in self.sql(f"select {key}, practice_id, {both} from {table}")}
                      for table, key, both in (("cover", "by_id", "therapist_id, by_id"),
                                               ("supervision", "supervisor_id", "therapist_id, supervisor_id"),
                                               ("break_glass", "glass_id", "owner_id, person_id"))}
        self.owned = {code: {f"{row[0]}/{row[1]}" for row in self.sql(
            f"select glass_id, practice_id from break_glass where owner_id % 1000 = {i}")} for i, code in enumerate(THERAPISTS)}
        for table in TABLES:
            self.check_table(table)
        self.check_rights_that_have_ended()
        self.check_inserts()
        print("row_security tables={} scopes={} allowed={allowed} denied={denied} wrong={wrong}".format(
            len(TABLES), len(SCOPES) + 2, **self.counts), flush=True)
        self.assertEqual(self.wrong, [])
        self.assertEqual(self.counts["wrong"], 0)

    def check_table(self, table):
        rows = self.rows_of(table)
        everything = {row[0] for row in rows}
        asked = []  # What, the statement, what it is to give.
        for practice in (2, 3):
            self.assertTrue(any(row[1] == practice for row in rows), table)
            for name, scope in SCOPES.items():
                begin = self.begin(practice, scope)
                if table not in UNREADABLE:
                    asked.append((f"{name} reads {table} of {practice}", self.reading(table, begin),
                                  {row[0] for row in rows if self.may_read(table, row, practice, scope)}))
                if table in {**CHANGED_BY_THERAPISTS, **CHANGED_BY_ADMINISTRATORS, "break_glass": 1}:
                    asked.append((f"{name} changes {table} of {practice}", self.changing(table, begin),
                                  {row[0] for row in rows if self.may_change(table, row, practice, scope)}))
        if table not in UNREADABLE:
            asked += [(f"nobody reads {table}", self.reading(table, "begin;"), set()),
                      (f"the server reads {table}", self.reading(table, "begin; select scope_server();"), everything),
                      (f"nobody reads {table} after it", self.reading(table, "begin;"), set())]
        for (what, _, expected), found in zip(asked, self.many([statement for _, statement, _ in asked])):
            self.judge(what, expected, found, len(everything))

    def refused(self, sql, sqlstate):
        try:
            self.sql("\\set VERBOSITY sqlstate\n" + sql, "attune_server")
        except AssertionError as refusal:
            return sqlstate in str(refusal).splitlines()[-1]
        return False

    def check_rights_that_have_ended(self):
        for practice in (2, 3):
            for name, scope in ENDED.items():
                good = self.refused(self.begin(practice, scope), "AT001")
                self.counts["denied" if good else "wrong"] += 1
                if not good:
                    self.wrong.append(f"{name} of {practice}")

    def check_inserts(self):
        """Into the other practice, into a colleague's course, and what one only reads."""
        goal = ("insert into goal (practice_id, goal_id, course_id, therapist_id, session_id, session_start, area, words)"
                " select {0}, gen_random_uuid(), {1}, {2}, '00000000-0000-0000-{0:04}-000000000001', now(), 'fit', 'x'")
        for name, statement, good in (
                ("t01", goal.format(2, 2000, 2000), True), ("t02 covers t01", goal.format(2, 2000, 2000), True),
                ("t03 supervises t01", goal.format(2, 2000, 2000), False), ("t02", goal.format(2, 2000, 2000), False),
                ("t01", goal.format(2, 2001, 2000), False),  # It has ended.
                ("t01", goal.format(3, 3000, 3000), False), ("administrator", goal.format(2, 2000, 2000), False),
                ("administrator", "insert into site (practice_id, name) values (2, 'x')", True),
                ("administrator", "insert into site (practice_id, name) values (3, 'x')", False),
                ("t01", "insert into site (practice_id, name) values (2, 'x')", False),
                ("administrator", "insert into cover (practice_id, therapist_id, by_id, until_at) values (2, 2001, 2002, now())", True),
                ("t01", "insert into cover (practice_id, therapist_id, by_id, until_at) values (2, 2001, 2000, now())", False),
                ("t01", "insert into break_glass (practice_id, person_id, owner_id, course_id, reason) values (2, 2000, 2001, 2002, 'x')", False),
                ("t01", "insert into rating_batch (practice_ids, rating_ids) values ('{}', '{}')", False)):
            sql = f"{self.begin(2, SCOPES[name])} {statement}; rollback;"
            was = not self.refused(sql, "42501")
            self.counts["wrong" if was != good else "allowed" if good else "denied"] += 1
            if was != good:
                self.wrong.append(f"{name}: {statement}")


if __name__ == "__main__":
    unittest.main()
