"""What is too old goes as it was shown, what is held stays, and every count and report stands as before.

Method: a practice's history with a part of it twelve years back; what should go is counted from the tables by other means.
"""
import collections
import hashlib
import subprocess
import unittest

from harness import AGGREGATOR, AttuneTest, SOURCE, wait_until

PRACTICE = f"{SOURCE}/tests/data/practice.csv"
KINDS = ("courses", "clients", "sessions", "tickets", "ratings", "alerts", "deliveries", "ruptures", "moves", "goals")
TABLES = ("course", "client", "session", "ticket", "rating", "alert", "alert_delivery", "rupture", "rupture_move", "goal")
LOW = ("--understanding", "4", "--relevance", "6", "--safety", "8", "--fit", "7")


class Retention(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()

    def counted(self):
        wait_until(lambda: self.attune.count("rating_batch") + self.attune.count("rollup_session") == 0, 60, "the roll-ups")

    def import_history(self):
        """Every second client's is of 2014."""
        self.history = self.attune.path("history.csv")
        with open(PRACTICE, encoding="utf-8") as file, open(self.history, "w", encoding="utf-8") as out:
            out.write(next(file))
            for line in file:
                old = int(line.split(",")[5][1:]) % 2 == 0
                out.write(line.replace("2026-", "2014-") if old else line)
        self.attune.attune("admin", "import", self.history, seconds=150)
        self.counted()

    def keep(self, site, years):
        self.practice("retention", "--site", site, "--years", str(years), "--from", "last-session")

    def practice(self, *words, check=True):
        return self.attune.attune("admin", "practice", *words, check=check)

    def dry_run(self):
        return self.practice("retention", "--dry-run", "--json").json()

    def run_it(self, word):
        return self.practice("retention", "--run", word, "--json").json()

    def sizes(self):
        return [self.attune.count(table) for table in TABLES]

    def reports(self):
        """All that a report is made of."""
        return (self.attune.sql("select * from rollup_week order by 1, 2, 3, 4"),
                self.attune.sql("select * from rollup_client order by 1, 2, 3, 4, 5, 6"))

    def rebuild(self):
        (practice,) = self.attune.run([AGGREGATOR, "rebuild", "--config", self.attune.path("aggregator.conf"), "--json"],
                                      check=True).json()
        return practice["cells"], practice["cells_changed"]

    def by_hand(self, sites):
        """{(site, year): counts} of the courses that are over ten years old and were at these sites alone."""
        due = ("select s.course_id from session s join site si using (practice_id, site_id) group by s.course_id"
               f" having max(s.start_at) < now() - interval '10 years' and bool_and(si.name = any ('{{{','.join(sites)}}}'))")
        where = "si.name, extract(year from s.start_at at time zone 'UTC')::int"
        of_session = f"join session s on s.session_id = x.session_id join site si using (site_id) where s.course_id in ({due})"
        of_rupture = ("join rating r on r.rating_id = x.opened_rating join session s on s.session_id = r.session_id"
                      f" join site si using (site_id) where s.course_id in ({due})")
        cells = collections.defaultdict(lambda: [0] * 10)
        for place, rows in enumerate((
                f"select distinct on (s.course_id) {where} from session s join site si using (site_id)"
                f" where s.course_id in ({due}) order by s.course_id, s.start_at desc",
                f"select distinct on (c.client_id) {where} from course c join session s using (course_id)"
                f" join site si using (site_id) where c.client_id not in (select client_id from course where course_id not in"
                f" ({due})) order by c.client_id, s.start_at desc",
                f"select {where} from session s join site si using (site_id) where s.course_id in ({due})",
                f"select {where} from ticket x {of_session}",
                f"select {where} from rating x {of_session}", f"select {where} from alert x {of_session}",
                f"select {where} from alert a join alert_delivery d using (alert_id) join session s using (session_id)"
                f" join site si using (site_id) where s.course_id in ({due})",
                f"select {where} from rupture x {of_rupture}", f"select {where} from rupture_move x {of_rupture}",
                f"select {where} from goal x {of_session}")):
            for site, year in self.attune.sql(rows):
                cells[site, int(year)][place] += 1
        return dict(cells)

    @staticmethod
    def cells(told):
        return {(row["site"], row["year"]): [row[kind] for kind in KINDS if kind in row] for row in told["rows"]}

    def test_what_was_shown_goes_and_all_that_is_counted_stands(self):
        self.import_history()
        self.keep("North", 10)
        self.keep("Harbour", 10)
        expected = self.by_hand(("North", "Harbour"))
        self.assertGreater(sum(row[4] for row in expected.values()), 100)
        ids = self.attune.sql("select course_id, encode(retention_digest(1, course_id), 'hex') from course c where"
                              " retention_due(1, course_id, client_id, now()) = 'due' order by course_id")
        shown = self.dry_run()
        self.assertEqual(self.cells(shown), {cell: counts[:5] for cell, counts in expected.items()})  # What was said is not told.
        self.assertEqual(sum(row[0] for row in expected.values()), shown["courses"])
        before, reports, audited = self.sizes(), self.reports(), self.attune.count("audit")
        self.assertEqual(self.dry_run()["rows"], shown["rows"])  # Looking changes nothing.
        gone = self.run_it(shown["word"])
        self.assertEqual((self.cells(gone), gone["gone"], gone["kept"]), (expected, shown["courses"], 0))
        self.assertEqual([a - b for a, b in zip(before, self.sizes())], [sum(row[k] for row in expected.values()) for k in range(10)])
        self.assertEqual(self.by_hand(("North", "Harbour")), {})
        self.assertEqual(self.reports(), reports)
        self.assertEqual(self.rebuild(), (len(reports[0]), 0))
        self.assertEqual(self.reports(), reports)
        self.assertGreater(self.attune.count("audit"), audited)
        chain = b""
        for _, digest in ids:
            chain = hashlib.sha256(chain + bytes.fromhex(digest)).digest()
        self.assertEqual(gone["ids_sha256"], chain.hex())
        (certificate,), = self.attune.sql("select body from certificate")
        self.assertEqual(hashlib.sha256(certificate.encode()).hexdigest(), gone["certificate_sha256"])
        self.assertEqual(self.run_it(shown["word"]), gone)  # Once; then it is only shown again.
        ((key,),) = self.attune.sql("select encode(key, 'hex') from audit_key")
        self.assertEqual((gone["signer"], gone["signature_wrong"]), (key, False))
        self.assertEqual(self.dry_run()["courses"], 0)
        text = self.practice("retention", "--run", shown["word"]).out
        self.assertIn(f"ids       SHA-256 {chain.hex()}", text)
        self.assertIn(f"signed    {key}\n", text)
        self.assertNotIn("WRONG", text)
        self.attune.sql("update certificate set body = regexp_replace(body, '[1-9]', '0')")  # One number, as superuser.
        self.assertTrue(self.run_it(shown["word"])["signature_wrong"])
        self.assertIn("WRONG: it was changed since", self.practice("retention", "--run", shown["word"]).out)
        verified = self.attune.attune("admin", "audit", "verify", check=False)
        self.assertEqual((verified.code, f"audit broken certificate={shown['word']} changed" in verified.out), (1, True), verified.out)
        print(f"retention courses_shown={shown['courses']} gone={gone['gone']} ratings={sum(row[4] for row in expected.values())}"
              f" cells={len(reports[0])} cells_changed=0")

    def test_the_same_history_again_brings_nothing_back(self):
        self.import_history()
        for site in ("North", "Harbour", "Mill Lane"):
            self.keep(site, 10)
        self.run_it(self.dry_run()["word"])
        sizes, reports = self.sizes(), self.reports()
        self.attune.attune("admin", "import", self.history, seconds=150)
        self.counted()
        self.assertEqual((self.sizes()[2:], self.reports()), (sizes[2:], reports))
        self.assertEqual(self.attune.count("session", "start_at < now() - interval '10 years'"), 0)

    def test_stopped_in_the_middle_it_goes_on_beside_others(self):
        self.import_history()
        self.keep("North", 10)
        self.keep("Harbour", 10)
        shown, reports = self.dry_run(), self.reports()
        for _ in range(3):
            self.assertEqual(self.attune.sql(f"select * from retention_run(1, '{shown['word']}', 7, 'a')", "attune_server"),
                             [["ok", "t"]])
        self.assertEqual(self.attune.count("retention_plan", "gone = 21 and finished_at is null"), 1)
        self.assertEqual((self.rebuild(), self.reports()), ((len(reports[0]), 0), reports))
        gone = self.run_it(shown["word"])
        self.assertEqual(({cell: counts[:5] for cell, counts in self.cells(gone).items()}, gone["run_by"]), (self.cells(shown), "a"))
        self.assertEqual((self.rebuild(), self.reports()), ((len(reports[0]), 0), reports))
        self.assertEqual(self.by_hand(("North", "Harbour")), {})

    def people(self):
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002", "c003"))
        self.keep("North", 10)

    def rated(self, client):
        self.attune.open_session(client=client)
        self.attune.attune("k1", "rate", *LOW)
        self.counted()
        session = self.attune.sql("select session_id from session order by start_at desc limit 1")[0][0].replace("-", "")
        self.attune.attune("t1", "goals", "add", session, "--area", "fit", "--words", "less talk")
        self.attune.attune("t1", "session", "close", session)
        return session

    def age(self, *clients):
        """Twelve years pass for all that has happened to them so far."""
        of = (f"course_id in (select course_id from course join client using (client_id) where client_ref in"
              f" ({', '.join(repr(c) for c in clients)}))")
        self.attune.sql("set session_replication_role = replica;"
                        f"update session set start_at = start_at - interval '12 years' where {of};"
                        f"update ticket set session_start = session_start - interval '12 years' where {of};")
        self.attune.run([AGGREGATOR, "rebuild", "--config", self.attune.path("aggregator.conf")], check=True)

    def test_a_hold_keeps_everything_and_a_change_since_keeps_what_was_shown(self):
        self.people()
        for client in ("c001", "c002", "c003"):
            self.rated(client)
        self.age("c001", "c002", "c003")
        self.practice("hold", "c001", "--open", "--because", "file 12/26")
        self.practice("hold", "c001", "--open", "--because", "file 12/26")
        (hold,) = self.practice("holds", "--json").json()
        self.assertEqual(hold["name"], "c001")
        self.assertIn("open, since ", hold["detail"])
        self.assertEqual(self.attune.count("legal_hold"), 1)
        shown = self.dry_run()
        self.assertEqual((shown["courses"], shown["held"]), (2, 1))
        self.practice("hold", "c002", "--until", "2099-12-31", "--because", "file 13/26")
        self.attune.open_session(client="c003")
        gone = self.run_it(shown["word"])
        self.assertEqual((gone["gone"], gone["kept"], gone["rows"]), (0, 2, []))
        self.assertEqual((self.attune.count("rating"), self.attune.count("goal")), (3, 3))
        self.practice("release", "c002")
        self.practice("hold", "c001", "--until", "2026-01-01", "--because", "over long ago")
        self.assertEqual(self.attune.sql("select client_ref, client_held(1, client_id) from client order by 1"),
                         [["c001", "f"], ["c002", "f"], ["c003", "f"]])
        shown = self.dry_run()
        self.assertEqual(shown["courses"], 2)
        gone = self.run_it(shown["word"])
        (row,) = gone["rows"]
        self.assertEqual([row[kind] for kind in KINDS], [2, 2, 2, 2, 2, *(row[k] for k in KINDS[5:9]), 2])
        self.assertEqual(self.attune.sql("select client_ref from client"), [["c003"]])
        self.assertEqual(self.attune.count("legal_hold"), 0)

    def test_a_course_that_is_not_as_it_was_shown_stays(self):
        self.people()
        session = self.rated("c001")
        self.age("c001")
        word = self.dry_run()["word"]
        self.attune.attune("t1", "goals", "add", session, "--area", "safety", "--words", "one more")
        gone = self.run_it(word)
        self.assertEqual((gone["gone"], gone["kept"], self.attune.count("goal")), (0, 1, 2))
        self.assertEqual(self.run_it(self.dry_run()["word"])["gone"], 1)  # Shown again as it is now.

    def test_what_comes_late_for_what_has_gone_is_acknowledged_and_not_kept(self):
        self.people()
        self.rated("c001")
        session = self.attune.open_session(client="c001")
        ticket = self.attune.sql(f"select ticket_id from ticket where session_id = '{session}'")[0][0].replace("-", "")
        self.attune.attune("t1", "session", "close", session)
        self.counted()
        server = self.attune.processes[0]
        server.stop()
        self.attune.attune("k1", "rate", *LOW, "--ticket", ticket, check=False)  # Saved; not sent.
        self.attune.start_server("again")
        self.age("c001")
        self.assertEqual(self.run_it(self.dry_run()["word"])["gone"], 1)
        drained = self.attune.attune("k1", "rate", "--drain", "--json")
        self.assertEqual(drained.code, 0, drained.err)
        self.assertEqual((self.attune.count("rating"), self.attune.count("session"), self.attune.count("client", "client_ref = 'c001'")),
                         (0, 0, 0))
        self.assertEqual(self.attune.metric(self.attune.processes[-1], "attune_ratings_again_total"), 1)

    def test_a_rating_that_is_being_inserted_goes_with_its_ticket(self):
        self.people()
        session = self.attune.open_session(client="c001")
        self.attune.attune("t1", "session", "close", session)
        self.counted()
        self.age("c001")
        word = self.dry_run()["word"]
        insert = subprocess.Popen(["psql", "-X", "-q", "-h", self.attune.cluster, "-U", "attune_server", "-d", self.attune.database],
                                  stdin=subprocess.PIPE, text=True)
        insert.stdin.write("begin; insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id,"
                           " session_start, session_end, made_at, skipped, instrument) select practice_id, ticket_id, ticket_id,"
                           " session_id, course_id, therapist_id, session_start, session_end, now(), true, 'x' from ticket;\n")
        insert.stdin.flush()
        wait_until(lambda: self.attune.sql("select 1 from pg_locks where relation = 'rating'::regclass and mode = 'RowExclusiveLock'"),
                   20, "the insert")
        run = self.attune.start("run", self.attune.command("admin", "practice", "retention", "--run", word, "--json"))
        wait_until(lambda: self.attune.sql("select 1 from pg_locks where relation = 'rating'::regclass and not granted"), 20,
                   "the run to wait for it")
        insert.communicate("commit;\n")
        wait_until(lambda: not run.alive(), 20, "the run")
        self.assertEqual((run.popen.returncode, self.attune.count("rating"), self.attune.count("ticket")), (0, 0, 0))

    def test_of_two_who_came_together_the_one_who_stays_forgets_the_other(self):
        self.people()
        first = self.attune.open_session(client="c001", invite=False)
        self.attune.attune("t1", "session", "open", "--client", "c002", "--room", "North 1", "--together-with", first)
        self.attune.attune("t1", "session", "close", first)
        self.counted()
        self.age("c001")
        self.assertEqual(self.run_it(self.dry_run()["word"])["gone"], 1)
        self.assertEqual(self.attune.sql("select client_ref, together_with is null from session join course using (course_id)"
                                         " join client using (client_id)"), [["c002", "t"]])

    def test_at_night_it_goes_by_itself_where_the_practice_says_so(self):
        self.people()
        for client in ("c001", "c002"):
            self.rated(client)
        self.age("c001")
        hours = (3 - int(self.attune.sql("select extract(hour from now() at time zone 'UTC')::int")[0][0])) % 24
        hours -= 24 if hours > 12 else 0
        zone = f"Etc/GMT{-hours:+d}"  # Where it is three at night; its signs are the other way round.
        self.attune.sql(f"update practice set time_zone = '{zone}'")
        self.rated("c002")  # The aggregator has been there and has done nothing.
        self.assertEqual((self.attune.count("rating"), self.attune.count("retention_plan")), (3, 0))
        self.practice("retention", "--nightly", "on")
        self.assertEqual(self.practice("retention", "--json").json(),
                         [{"name": "North", "detail": "10 years after the last session, each night"}])
        wait_until(lambda: self.attune.count("retention_plan", "finished_at is not null"), 60, "the night's run")
        self.assertEqual((self.attune.count("rating"), self.attune.sql("select client_ref from client where client_ref < 'c003'")),
                         (2, [["c002"]]))
        (certificate,) = self.practice("list", "certificates", "--json").json()
        self.assertIn("by attune-aggregator: 1 courses", certificate["detail"])

    def test_what_makes_no_sense_is_refused(self):
        self.people()
        for words in (("--site", "North"), ("--years", "3"), ("--site", "North", "--years", "0"), ("--dry-run", "--site", "North"),
                      ("--site", "North", "--years", "101"), ("--from", "birth"), ("--nightly", "perhaps")):
            self.assertEqual(self.practice("retention", *words, check=False).code, 2, words)
        self.assertEqual(self.practice("retention", "--site", "Nowhere", "--years", "3", check=False).code, 1)
        self.assertIn("dry run", self.practice("retention", "--run", "0123456789ab", check=False).err)
        self.assertEqual(self.practice("hold", "c009", "--open", "--because", "x", check=False).code, 1)
        self.assertEqual(self.practice("hold", "c001", "--until", "2027-02-29", "--because", "x", check=False).code, 1)
        self.assertEqual(self.practice("hold", "c001", "--because", "x", check=False).code, 2)
        self.assertEqual(self.attune.attune("t1", "practice", "retention", "--dry-run", check=False).code, 77)
        self.practice("retention", "--site", "North", "--years", "all")
        self.assertEqual(self.practice("retention", "--json").json(), [{"name": "North", "detail": "for ever"}])
        word = self.dry_run()["word"]
        self.attune.sql("update retention_plan set as_of = now() - interval '8 days'")
        self.assertEqual(self.practice("retention", "--run", word, check=False).code, 1)


if __name__ == "__main__":
    unittest.main()
