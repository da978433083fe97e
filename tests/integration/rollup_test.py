"""Roll-ups: kept with what they count, the same when made anew, and what one reads off them."""
import collections
import datetime
import random
import unittest
import zoneinfo

from harness import AGGREGATOR, AttuneTest, SOURCE, wait_until

PRACTICE = f"{SOURCE}/tests/data/practice.csv"
LOW = ("--understanding", "4", "--relevance", "6", "--safety", "8", "--fit", "7")
FINE = ("--understanding", "9", "--relevance", "9", "--safety", "9.5", "--fit", "9")


class Rollup(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.aggregators = [self.attune.start_aggregator(name) for name in ("one", "two")]

    def counted(self):
        wait_until(lambda: self.attune.count("rating_batch") + self.attune.count("rollup_session") == 0, 60, "the roll-ups")

    def rebuild(self):
        """Cells, and how many of them were not the same before."""
        (practice,) = self.attune.run([AGGREGATOR, "rebuild", "--config", self.attune.path("one.conf"), "--json"],
                                      check=True).json()
        return practice["cells"], practice["cells_changed"]

    def import_shuffled(self, seed):
        """The practice's history, its lines in any order: most of them come late."""
        with open(PRACTICE, encoding="utf-8") as file:
            head, *lines = file.readlines()
        random.Random(seed).shuffle(lines)
        path = self.attune.path("shuffled.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines([head, *lines])
        self.attune.attune("admin", "import", path, seconds=150)
        self.counted()

    def by_hand(self, zone):
        """The same counts, made from the tables by other means."""
        weeks = collections.defaultdict(lambda: [0] * 8)

        def cell(epoch, site, therapist):
            day = datetime.datetime.fromtimestamp(float(epoch), zone).date()
            return weeks[str(day - datetime.timedelta(days=day.weekday())), site, therapist]

        place = "extract(epoch from s.start_at), s.site_id, s.therapist_id"
        for *key, in self.attune.sql(f"select {place} from session s"):
            cell(*key)[0] += 1
        for *key, skipped, a, b, c, d in self.attune.sql(
                f"select {place}, r.skipped, understanding, relevance, safety, fit from rating r"
                " join session s using (practice_id, session_id)"):
            line, scores = cell(*key), [int(score) for score in (a, b, c, d) if score]
            line[2 if skipped == "t" else 1] += 1
            if len(scores) == 4:
                line[3] += sum(scores)
                line[4] += sum(scores) ** 2
            line[5] += int(c) ** 2 if c else 0
        for *key, state, stepped in self.attune.sql(
                f"select {place}, u.state, u.acknowledged_at is not null from rupture u join rating r"
                " on r.rating_id = u.opened_rating join session s on s.session_id = r.session_id where u.state <> 'withdrawn'"):
            line = cell(*key)
            line[6] += state == "repaired"
            line[7] += stepped == "t"
        return sorted([*key, *map(str, line)] for key, line in weeks.items())

    def kept(self):
        return sorted(self.attune.sql("select week, site_id, therapist_id, held, rated, skipped, total_sum, total_squares,"
                                      " answers[9], repaired, acknowledged from rollup_week"))

    def test_they_are_what_they_count_and_the_same_when_made_anew(self):
        self.import_shuffled(seed=1)
        self.assertGreater(self.attune.count("rupture", "state = 'repaired'"), 5)
        self.assertEqual(self.kept(), self.by_hand(datetime.timezone.utc))
        cells, changed = self.rebuild()
        self.assertEqual((cells, changed), (self.attune.count("rollup_week"), 0))
        clients = self.attune.sql("select * from rollup_client order by 1, 2, 3, 4, 5, 6")
        self.attune.sql("delete from rollup_client; update rollup_week set held = held + 1 where week = (select min(week)"
                        " from rollup_week) returning 1")
        wrong = self.attune.count("rollup_week", "week = (select min(week) from rollup_week)")
        self.assertEqual(self.rebuild(), (cells, wrong))
        self.assertEqual(self.attune.sql("select * from rollup_client order by 1, 2, 3, 4, 5, 6"), clients)
        self.assertEqual(self.rebuild(), (cells, 0))

    def test_a_rupture_is_counted_as_it_stands_and_a_step_once(self):
        self.attune.add_room()
        self.attune.add_therapist()
        for words in (LOW, FINE):
            session = self.attune.open_session()
            self.attune.attune("k1", "rate", *words)
            self.counted()
            self.attune.attune("t1", "session", "close", session)
            alert = next(a for a in self.attune.attune("t1", "alerts", "--json").json() if a["rule"] == "VERY_LOW")
            for step in ("seen", "talked-now", "supervision"):
                self.attune.attune("t1", "alerts", "acknowledge", alert["alert_id"], "--step", step)
            self.assertEqual(self.attune.sql("select ruptures, repaired, waiting, acknowledged, within_hour, within_day"
                                             " from rollup_week"),
                             [["1", "0", "1", "1", "1", "1"] if words is LOW else ["1", "1", "0", "1", "1", "1"]])
        self.assertEqual(self.rebuild(), (1, 0))

    def test_a_week_begins_on_monday_where_the_practice_is_also_when_the_clock_changes(self):
        zone = zoneinfo.ZoneInfo("Europe/Berlin")
        self.attune.sql("update practice set time_zone = 'Europe/Berlin'")
        head = ("session_start,session_end,site,room,therapist,client_ref,session_number,understanding,relevance,safety,fit,talk,"
                "outcome\n")
        starts = ("2026-03-28T22:30", "2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T21:59", "2026-03-29T22:00",
                  "2026-10-24T23:30", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T22:59", "2026-10-25T23:00")
        path = self.attune.path("night.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(head)
            for n, start in enumerate(starts):
                end = datetime.datetime.fromisoformat(start) + datetime.timedelta(minutes=50)
                file.write(f"{start}:00,{end.isoformat()},North,North 1,t04,c114,{n + 1},9,9,9,9,,rated\n")
        self.attune.attune("admin", "import", path, environment={"TZ": "UTC"})
        self.counted()
        self.assertEqual(self.kept(), self.by_hand(zone))
        self.assertEqual([[row[0], row[3]] for row in self.kept()],
                         [["2026-03-23", "4"], ["2026-03-30", "1"], ["2026-10-19", "4"], ["2026-10-26", "1"]])

    def report(self, what, weeks=52, identity="admin", **more):
        return self.attune.attune(identity, "report", what, "--weeks", str(weeks), "--json", **more).json()

    def test_a_report_is_the_sum_of_the_weeks_that_may_be_seen(self):
        self.attune.attune("admin", "import", PRACTICE, seconds=150)
        self.counted()
        people = dict(map(tuple, self.attune.sql("select week, count(distinct client_id) from rollup_client group by week")))
        held = dict(map(tuple, self.attune.sql("select week, sum(held) from rollup_week group by week")))
        (this_week,), = self.attune.sql("select date_trunc('week', now() at time zone 'UTC')::date")
        *weeks, everything = self.report("practice")
        self.assertEqual((len(weeks), everything["name"]), (52, "all"))
        for row in weeks:
            several = int(people.get(row["name"], 0))
            if row["weeks_hidden"]:
                self.assertLess(several, 20, row)
            if several < 5:
                self.assertEqual((row["weeks_hidden"], row["held"]), (int(several > 0), 0), row)
            self.assertIn(row["held"], {int(held.get(row["name"], 0)), 0 if row["weeks_hidden"] else None}, row)
        self.assertEqual(everything["held"], sum(row["held"] for row in weeks))
        self.assertGreater(everything["held"], 1000)
        self.assertLess(weeks[-1]["name"], this_week)
        self.assertAlmostEqual(everything["areas"]["safety"]["mean"], float(self.attune.sql("select avg(safety) / 10 from rating"
            " where safety is not null")[0][0]), delta=0.05)
        self.assertEqual([row["name"] for row in self.report("site")], ["Harbour", "Mill Lane", "North"])
        self.assertEqual([row["name"] for row in self.report("practice", weeks=1)], [weeks[-1]["name"], "all"])

    def test_a_therapist_sees_all_of_their_own_and_only_that(self):
        self.attune.attune("admin", "import", PRACTICE, seconds=150)
        self.counted()
        self.attune.add_device("t04", "therapist", "--therapist", "t04")
        own, = self.report("therapist", identity="t04")
        (held, rated), = self.attune.sql("select sum(held), sum(rated) from rollup_week join therapist using (practice_id,"
                                         " therapist_id) where code = 't04'")
        self.assertEqual((own["name"], own["held"], own["rated"], own["weeks_hidden"]), ("t04", int(held), int(rated), 0))
        self.assertEqual(own["coverage"]["of"], int(held))
        low, high = own["coverage"]["limits_95"]
        self.assertTrue(0 < low < high <= 1)
        everyone = {row["name"]: row for row in self.report("therapist")}
        self.assertEqual(len(everyone), 12)
        self.assertGreater(everyone["t04"]["weeks_hidden"], 0)
        self.assertLess(everyone["t04"]["held"], own["held"])
        for what in ("practice", "site"):
            self.assertEqual(self.attune.attune("t04", "report", what, check=False).code, 77)
        for words in (("region",), ("site", "--weeks", "0"), ("site", "--weeks", "53"), ()):
            self.assertEqual(self.attune.attune("admin", "report", *words, check=False).code, 2)

    def test_a_rating_counted_before_its_session_is_in_no_report_yet(self):
        self.attune.attune("admin", "import", PRACTICE, seconds=150)
        self.counted()
        *weeks, before = self.report("practice")
        week = next(row["name"] for row in weeks if row["held"] > 0)
        self.attune.sql(f"delete from rollup_client where week = '{week}'")
        *weeks, everything = self.report("practice")
        row = next(row for row in weeks if row["name"] == week)
        self.assertEqual((row["held"], row["weeks_hidden"]), (0, 1))
        self.assertLess(everything["held"], before["held"])
        self.assertEqual(len(self.report("therapist")), 12)

    def test_clients_made_up_and_imported_into_a_week_show_nobody_s_answers(self):
        """One client rated in a finished week. Whoever imports others into it, with skips or with answers, reads them no better."""
        self.attune.add_room()
        self.attune.add_therapist()
        self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        self.counted()
        for table, columns in (("session", ("start_at", "planned_end")), ("rating", ("session_start", "session_end"))):
            self.attune.sql(f"update {table} set " + ", ".join(f"{c} = {c} - interval '14 days'" for c in columns))
        self.rebuild()
        ((day, week),) = self.attune.sql("select (start_at at time zone 'UTC')::date, date_trunc('week', start_at at time zone 'UTC')::date from session")
        own = self.attune.sql("select understanding, relevance, safety, fit from rating")
        self.assertEqual(own, [["40", "60", "80", "70"]])
        head = ("session_start,session_end,site,room,therapist,client_ref,session_number,understanding,relevance,safety,fit,talk,"
                "outcome\n")
        path = self.attune.path("crowd.csv")
        for n, (scores, outcome) in enumerate(((",,,", "skipped"), ("9,9,9,9", "rated"))):
            with open(path, "w", encoding="utf-8") as file:
                file.write(head)
                for client in range(6):
                    file.write(f"{day}T{10 + n}:00:00,{day}T{10 + n}:50:00,North,North 1,t01,x{client},{n + 1},{scores},,{outcome}\n")
            self.attune.attune("admin", "import", path, environment={"TZ": "UTC"})
            self.counted()
            for what, name in (("practice", week), ("site", "North"), ("therapist", "t01")):
                row = next(row for row in self.report(what) if row["name"] == name)
                self.assertEqual((row["held"], row["rated"], row["total"], row["ruptures"], row["weeks_hidden"]), (0, 0, None, 0, 1), row)
            self.assertEqual(self.rebuild()[1], 0)
        self.attune.sql("update session set imported = true; select 1")  # Of imports alone the imported ones are the crowd.
        self.attune.sql("select rollup_rebuild(1)")
        self.assertEqual(next(row for row in self.report("therapist"))["held"], 13)

    def test_nothing_to_report_is_said_with_zeros(self):
        *weeks, everything = self.report("practice", weeks=3)
        self.assertEqual([row["held"] for row in (*weeks, everything)], [0, 0, 0, 0])
        self.assertEqual((everything["total"], everything["coverage"], self.report("site"), self.report("therapist")),
                         (None, None, [], []))


if __name__ == "__main__":
    unittest.main()
