"""Import: the history of a practice through the protocol, restartable, bad lines by number."""
import json
import statistics
import unittest

from harness import AGGREGATOR, AttuneTest, SOURCE

PRACTICE = f"{SOURCE}/tests/data/practice.csv"

HEAD = ("session_start,session_end,site,room,therapist,client_ref,session_number,understanding,relevance,safety,fit,talk,"
        "outcome\n")
GOOD = "2026-03-03T13:00:00,2026-03-03T13:50:00,North,North 1,t04,c114,{n},7.5,9.0,,9.9,next,rated\n"


class Import(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()

    def run_import(self, text, **more):
        path = self.attune.path("in.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return self.attune.attune("admin", "import", path, check=False, **more)

    def test_a_whole_practice_comes_in_once_however_often_it_is_sent(self):
        path = PRACTICE
        self.attune.start_aggregator()
        first = self.attune.attune("admin", "import", path, seconds=150)
        self.assertIn("import: lines 1219 stored 1219 again 0 bad 0", first.out)
        again = self.attune.attune("admin", "import", path, seconds=150)
        self.assertIn("import: lines 1219 stored 0 again 1219 bad 0", again.out)
        self.assertEqual(self.attune.count("rating"), 1219)
        self.assertEqual(self.attune.count("rating", "skipped"), 79)
        self.attune.wait_evaluated(60)
        self.assertGreater(self.attune.count("alert", "tier = 'red'"), 0)
        self.assertEqual(self.attune.count("alert_delivery"), 0)  # History is listed, never pushed.
        self.assertEqual(self.attune.count("alert", "not late"), 0)

    def test_bad_lines_are_told_by_number_and_left_out(self):
        lines = [GOOD.format(n=1), GOOD.format(n=2).replace("9.0", "10.1"), GOOD.format(n=3).replace("9.0", "nan"),
                 GOOD.format(n=4).replace("2026-03-03T13:00:00", "yesterday"), "too,few\n",
                 GOOD.format(n=6).replace("T13:", "T15:").replace("T13:50", "T15:50")]
        done = self.run_import(HEAD + "".join(lines))
        self.assertIn("import: lines 6 stored 2 again 0 bad 4", done.out)
        for number in (3, 4, 5, 6):
            self.assertRegex(done.err, rf"\b{number}\b")
        self.assertEqual(self.attune.sql("select safety is null from rating"), [["t"], ["t"]])
        self.assertEqual(done.code, 1)

    def test_a_file_that_is_none_of_ours_is_refused_whole(self):
        self.assertNotEqual(self.run_import("a,b,c\n1,2,3\n").code, 0)
        self.assertEqual(self.attune.count("session"), 0)


    def test_a_practice_with_enough_ratings_is_offered_lines_of_its_own(self):
        aggregator = self.attune.start_aggregator("norms")
        few = self.norms(aggregator)
        self.assertEqual((few["own_cut"], few["own_spread"], few["cut"], few["spread"]), (None, None, 36.0, 1.5))
        self.attune.attune("admin", "import", PRACTICE, seconds=150)
        seen = self.norms(aggregator)
        totals = {}
        for course, client, *scores in self.attune.sql(
                "select course_id, client_id, understanding, relevance, safety, fit from rating join course using (practice_id,"
                " course_id) where num_nulls(understanding, relevance, safety, fit) = 0"):
            totals.setdefault(client, {}).setdefault(course, []).append(sum(map(int, scores)))
        medians = [statistics.median(sum(courses.values(), [])) for courses in totals.values()]
        courses = [course for of in totals.values() for course in of.values()]
        squares = sum(statistics.pvariance(course) * len(course) for course in courses)
        spread = (squares / sum(len(course) - 1 for course in courses)) ** 0.5
        self.assertEqual((seen["ratings"], seen["clients"]), (sum(map(len, courses)), len(totals)))
        self.assertAlmostEqual(seen["own_cut"], statistics.quantiles(medians, n=4, method="inclusive")[0] / 10, delta=0.051)
        self.assertAlmostEqual(seen["own_spread"], spread / 10, delta=0.051)

    def replay(self, *words, check=True):
        return self.attune.run([AGGREGATOR, "replay", "--config", self.attune.path("replay.conf"), *words], check=check)

    def test_a_replay_says_what_the_rules_have_said_and_solves_a_budget(self):
        self.attune.start_aggregator("replay")
        self.attune.attune("admin", "import", PRACTICE, seconds=150)
        self.attune.wait_evaluated(60)
        seen = json.loads(self.replay("--budget", "0", "--json").out)
        floor = seen["budget"]["then"]["reds"]
        self.assertIsNone(seen["budget"]["drop.least"])  # VERY_LOW alone is above it.
        self.assertIn("very_low.total", self.replay("--budget", "0").out)
        budget = 100 * (floor + seen["reds"]) / 2 / 1219
        seen = json.loads(self.replay("--budget", str(budget), "--json").out)
        self.assertEqual(seen["sessions"], 1219)
        # The fold over the whole is what came of the ratings one by one.
        for state in ("repaired", "unrepaired"):
            self.assertEqual(seen[state], self.attune.count("rupture", f"state = '{state}'"))
        self.assertEqual(seen["ruptures"], self.attune.count("rupture", "state <> 'withdrawn'"))
        then = seen["budget"]["then"]
        self.assertGreater(seen["budget"]["drop.least"], 4.0)
        self.assertLessEqual(then["reds"], budget * 12.19 + 0.001)
        self.assertEqual(then["rules"]["VERY_LOW"]["prompts"], seen["rules"]["VERY_LOW"]["prompts"])
        self.assertGreater(seen["reds"], then["reds"])
        self.assertIn("drop.least = ", self.replay("--budget", str(budget)).out)
        self.assertEqual(self.replay("--budget", "many", check=False).code, 2)

    def test_a_replay_counts_how_far_ahead_of_a_stop_a_rule_spoke(self):
        self.attune.start_aggregator("replay")
        low, good = "2.0,2.0,2.0,2.0", "9.9,9.9,9.9,9.9"
        rated = [("c1", "01-05", good), ("c1", "01-12", low), ("c1", "01-19", good), ("c1", "01-26", good),  # Stops, 2 ahead.
                 ("c2", "01-06", low),  # Stops, 0 ahead.
                 ("c3", "02-02", low),  # Goes on: it had a session that nobody rated.
                 ("c4", "01-07", good), ("c4", "02-03", good),  # Stops, eight weeks and a day before.
                 ("c5", "02-05", low), ("c5", "04-01", good)]  # Goes on; the practice's last.
        self.run_import(HEAD + "".join(
            f"2026-{day}T13:00:00,2026-{day}T13:50:00,North,North 1,t04,{client},{n},{scores},next,rated\n"
            for n, (client, day, scores) in enumerate(rated)))
        self.attune.sql(
            "insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, colour, symbol)"
            " select practice_id, gen_random_uuid(), course_id, therapist_id, room_id, site_id, start_at + '30 days',"
            " planned_end + '30 days', 0, 0 from session where start_at::date = '2026-02-02'")
        seen = json.loads(self.replay("--json").out)
        self.assertEqual((seen["sessions"], seen["courses"], seen["stopped"]), (10, 5, 3))
        rule = seen["rules"]["VERY_LOW"]
        self.assertEqual((rule["prompts"], rule["courses"], rule["before_stop"], rule["sessions_ahead"]), (4, 4, 2, 1.0))
        self.assertEqual((seen["rules"]["SILENT"]["before_stop"], seen["rules"]["SILENT"]["sessions_ahead"]), (0, None))
        text = self.replay().out
        self.assertIn("stopped 3 of the courses: no session in the 8 weeks before the practice's last", text)
        self.assertIn("a stop may also be an agreed ending", text)
        self.assertRegex(text, r"(?m)^VERY_LOW +40\.0 +80 % +67 % +1\.0$")

    def norms(self, aggregator):
        done = self.attune.run([AGGREGATOR, "norms", "--json", "--config", self.attune.path("norms.conf")], check=True)
        return json.loads(done.out)[0]


if __name__ == "__main__":
    unittest.main()
