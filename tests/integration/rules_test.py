"""A practice's rules and what becomes of an alert: set by the administrator, explained and acknowledged by the therapist."""
import unittest

from harness import AttuneTest, wait_until

LOW = ("--understanding", "4", "--relevance", "6", "--safety", "8", "--fit", "7")
HALF = ("--understanding", "8", "--relevance", "8", "--safety", "8", "--fit", "8")
FINE = ("--understanding", "9", "--relevance", "9", "--safety", "9.5", "--fit", "9")


class Rules(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist()

    def session(self, *words):
        """One session, rated and evaluated; its alerts by rule."""
        session = self.attune.hold_session(*words)
        return {alert["rule"]: alert for alert in self.attune.attune("t1", "alerts", "--json").json()
                if alert["session_id"] == session}

    def set_rules(self, text, **more):
        path = self.attune.path("rules.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return self.attune.attune("admin", "practice", "set-rules", path, **more)

    def shown_rules(self):
        return self.attune.attune("admin", "practice", "rules", "--json").json()

    def test_other_lines_are_in_force_without_a_restart_and_alerts_keep_their_version(self):
        self.assertEqual(self.shown_rules()["version"], 0)
        first = self.session(*LOW)
        self.assertEqual(first["VERY_LOW"]["tier"], "red")
        self.set_rules("# Ours\nvery_low.total = 20.0\nvery_low.area = 3.5\n")
        shown = self.shown_rules()
        self.assertEqual(shown["version"], 1)
        self.assertIn("very_low.total = 20.0\n", shown["file"])
        self.assertIn("cut = 36.0\n", shown["file"])
        self.assertNotIn("VERY_LOW", self.session(*LOW))
        explained = self.attune.attune("t1", "alerts", "explain", first["VERY_LOW"]["alert_id"], "--json").json()
        self.assertEqual((explained["inputs"]["settings_version"], explained["inputs"]["settings"][3]), (0, 280))
        self.set_rules(shown["file"])  # What is shown can be set.
        self.assertEqual(self.shown_rules(), {**shown, "version": 2})

    def test_alerts_are_in_their_therapists_language(self):
        self.attune.practice("add-therapist", "t01", "--site", "North", "--language", "de")
        alert = self.session(*LOW)["VERY_LOW"]
        self.assertIn("Summe 25,0 von 40.", alert["what"])
        self.assertIn("Die Summe von 25,0 liegt bei 28,0 von 40 oder darunter.", alert["why"])
        self.assertEqual(self.attune.sql("select distinct split_part(wording, '/', 1) from alert"), [["de"]])
        self.attune.practice("add-therapist", "t01", "--site", "North")  # What is not said stays.
        self.assertEqual(self.attune.sql("select language from therapist"), [["de"]])
        wrong = self.attune.attune("admin", "practice", "add-therapist", "t01", "--site", "North", "--language", "klingon",
                                   check=False)
        self.assertIn("en, de, es, fr or empty", wrong.err)

    def test_a_file_with_a_typo_is_refused_with_its_line_and_the_nearest_name(self):
        self.set_rules("cut = 35.0\n")
        for text, said in (("cut = 34\n\nvery_lo.total = 20\n", ("line 3", "very_low.total")),
                           ("cut = 41\n", ("line 1", "from 0.0 to 40.0")),
                           ("cut = 3.55\n", ("line 1", "one decimal")),
                           ("cut = 35\ncut = 35\n", ("line 2", "twice"))):
            refused = self.set_rules(text, check=False)
            self.assertEqual(refused.code, 1, refused.err)
            for words in said:
                self.assertIn(words, refused.err)
        shown = self.shown_rules()
        self.assertEqual(shown["version"], 1)
        self.assertIn("cut = 35.0\n", shown["file"])
        # A therapist may read what their alerts are judged by, and not set it.
        self.assertEqual(self.attune.attune("t1", "practice", "rules", "--json").json(), shown)
        self.assertEqual(self.attune.attune("t1", "practice", "set-rules", self.attune.path("rules.txt"), check=False).code, 77)

    def test_an_alert_is_explained_acknowledged_and_repaired(self):
        alert = self.session(*LOW)["VERY_LOW"]["alert_id"]
        told = self.attune.attune("t1", "alerts", "explain", alert).out
        for words in ("Scores: 4.0, 6.0, 8.0, 7.0", "Totals before: none", "The rupture is open", "opened"):
            self.assertIn(words, told)
        self.attune.watch()
        wait_until(lambda: self.attune.count("rupture", "delivered_at is not null") == 1, 20, "the delivery")
        for step in ("seen", "seen", "opens-next-session"):
            self.attune.attune("t1", "alerts", "acknowledge", alert, "--step", step)
        self.assertEqual(self.session(*LOW[:-1], "6")["VERY_LOW"]["tier"], "amber")  # Lower still, and no move.
        repaired = self.session(*FINE)["REPAIR"]
        self.assertEqual(repaired["tier"], "good news")
        explained = self.attune.attune("t1", "alerts", "explain", alert, "--json").json()
        self.assertEqual(explained["rupture"], "repaired")
        self.assertEqual([move["move"] for move in explained["moves"]],
                         ["opened", "delivered", "seen", "acknowledged", "repaired"])
        self.assertEqual(explained["moves"][3]["step"], "opens next session")

    def test_a_later_step_replaces_the_first_and_how_long_it_took_is_the_first_ones(self):
        alert = self.session(*LOW)["VERY_LOW"]["alert_id"]
        wait_until(lambda: self.attune.count("rollup_session") == 0, 20, "the roll-ups")
        acknowledge = ("alerts", "acknowledge", alert, "--step")
        self.attune.attune("t1", *acknowledge, "talked-now")
        self.attune.sql("update rupture set opened_at = opened_at - interval '3 days', "
                        "acknowledged_at = acknowledged_at - interval '3 days'")
        for step in ("supervision", "supervision"):  # The second one is a resend.
            self.attune.attune("t1", *acknowledge, step)
        self.assertEqual(self.attune.sql("select step, acknowledged_at < now() - interval '2 days' from rupture"),
                         [["supervision", "t"]])
        self.assertEqual(self.attune.sql("select acknowledged, within_hour, within_day from rollup_week"), [["1", "1", "1"]])
        self.assertEqual(self.attune.count("rupture_move", "move = 'acknowledged'"), 2)

    def test_an_alert_belongs_to_the_rupture_that_stands_when_a_late_rating_has_moved_it(self):
        for _ in range(3):
            self.session(*FINE)
        self.session(*HALF)                              # A drop, which opens; and much lower still.
        alert = self.session(*LOW)["VERY_LOW"]
        self.assertEqual(alert["tier"], "red")
        self.set_rules("very_low.on = 1\ndrop.on = 0\nslide.on = 0\n")  # As a rating that came late would have it.
        self.attune.sql("insert into rating_batch (practice_ids, rating_ids) select array[practice_id], array[rating_id] "
                        "from rating order by session_start limit 1; select pg_notify('attune_rating', '')")
        wait_until(lambda: self.attune.count("rupture", "state = 'withdrawn'") == 1, 20, "the ruptures")
        self.attune.wait_evaluated()
        self.attune.attune("t1", "alerts", "acknowledge", alert["alert_id"], "--step", "talked-now")
        self.assertEqual(self.attune.sql("select state, step from rupture order by opened_session"),
                         [["withdrawn", ""], ["open", "talked now"]])
        explained = self.attune.attune("t1", "alerts", "explain", alert["alert_id"], "--json").json()
        self.assertEqual((explained["rupture"], [move["move"] for move in explained["moves"]]),
                         ("open", ["opened", "acknowledged"]))

    def test_a_rupture_is_followed_to_its_end_also_when_the_line_that_opened_it_is_gone(self):
        self.assertEqual(self.session(*LOW)["VERY_LOW"]["tier"], "red")
        self.set_rules("very_low.on = 0\n")
        self.assertEqual(self.session(*FINE)["REPAIR"]["tier"], "good news")
        self.assertEqual(self.attune.sql("select state from rupture"), [["repaired"]])

    def test_at_most_one_rupture_is_open_also_when_the_practice_shortens_its_sessions(self):
        states = "select state, closed_rating is not null from rupture order by opened_session"
        self.set_rules("repair.sessions = 10\n")
        for _ in range(5):
            self.session(*LOW)
        self.assertEqual(self.attune.sql(states), [["open", "f"]])
        self.set_rules("repair.sessions = 3\n")
        self.session(*LOW)
        self.assertEqual(self.attune.sql(states), [["unrepaired", "t"], ["open", "f"]])
        self.set_rules("repair.sessions = 10\n")  # What is over stays over.
        self.session(*LOW)
        self.assertEqual(self.attune.sql(states), [["unrepaired", "t"], ["open", "f"]])

    def listed(self):
        return self.attune.attune("admin", "escalations", "--json").json()

    def escalated(self, count):
        wait_until(lambda: self.attune.count("rupture", "escalated_at is not null") == count, 20, "the practice's list")

    def test_an_unrepaired_rupture_is_on_the_practices_list_where_its_rules_say_so(self):
        self.set_rules("repair.sessions = 1\nescalate.unrepaired = 1\n")
        alert = self.session(*LOW)["VERY_LOW"]["alert_id"]
        self.session(*LOW)
        self.escalated(1)
        row, = self.listed()
        self.assertEqual((row["therapist"], row["site"], row["state"], row["step"]), ("t01", "North", "unrepaired", ""))
        self.assertNotIn("c001", str(row))
        moves = self.attune.attune("t1", "alerts", "explain", alert, "--json").json()["moves"]
        self.assertEqual([move["move"] for move in moves], ["opened", "unrepaired", "escalated"])
        self.assertEqual(self.attune.attune("t1", "escalations", check=False).code, 77)

    def test_a_rupture_without_a_step_is_listed_on_the_next_working_day(self):
        self.set_rules("escalate.unacknowledged = 1\n")
        self.session(*LOW)
        later = "opened_at = opened_at - interval '{}'"
        self.attune.sql(f"update rupture set {later.format('23 hours')} returning 1")
        self.assertEqual(self.attune.sql("select rupture_escalate(33, 34)"), [["0"]])
        self.attune.sql(f"update rupture set {later.format('3 days')} returning 1")
        self.escalated(1)
        self.assertEqual([row["state"] for row in self.listed()], ["open"])
        self.assertIn("REPAIR", self.session(*FINE))
        self.assertEqual(self.listed(), [])

    def test_a_step_in_time_keeps_it_off_the_list_and_so_does_a_practice_that_wants_none(self):
        alert = self.session(*LOW)["VERY_LOW"]["alert_id"]
        self.attune.sql("update rupture set opened_at = opened_at - interval '9 days' returning 1")
        self.assertEqual(self.attune.sql("select rupture_escalate(33, 34)"), [["0"]])
        self.attune.attune("t1", "alerts", "acknowledge", alert, "--step", "supervision")
        self.set_rules("escalate.unacknowledged = 1\n")
        self.assertEqual(self.attune.sql("select rupture_escalate(33, 34)"), [["0"]])

    def test_a_working_day_is_the_practices_own_also_when_the_clock_changes(self):
        for at, zone, then in (("2026-11-24 15:00+00", "UTC", "2026-11-25 15:00:00+00"),       # Tuesday.
                               ("2026-11-27 15:00+00", "UTC", "2026-11-30 15:00:00+00"),       # Friday.
                               ("2026-11-28 15:00+00", "UTC", "2026-11-30 15:00:00+00"),       # Saturday.
                               ("2026-11-29 15:00+00", "UTC", "2026-11-30 15:00:00+00"),       # Sunday.
                               ("2026-03-27 15:00+00", "Europe/Berlin", "2026-03-30 14:00:00+00"),
                               ("2026-10-23 15:00+00", "Europe/Berlin", "2026-10-26 16:00:00+00"),
                               ("2026-11-27 03:00+00", "America/New_York", "2026-11-28 03:00:00+00")):  # Thursday there.
            self.assertEqual(self.attune.sql(f"set timezone to 'UTC'; select working_day_after('{at}', '{zone}')")[-1], [then])

    def test_what_is_not_right_about_an_acknowledgement_is_said(self):
        alert = self.session(*LOW)["VERY_LOW"]["alert_id"]
        unknown = self.attune.attune("t1", "alerts", "acknowledge", "ab" * 16, "--step", "seen", check=False)
        self.assertEqual(unknown.code, 1)
        self.assertIn("no such alert among yours", unknown.err)
        for words in ((alert, "--step", "later"), (alert, "--step", "not-a-concern"), ("12", "--step", "seen"), (alert,)):
            self.assertEqual(self.attune.attune("t1", "alerts", "acknowledge", *words, check=False).code, 2)
        self.attune.attune("t1", "alerts", "acknowledge", alert, "--step", "not-a-concern", "--reason", "a mistyped score")
        self.assertEqual(self.attune.sql("select step, reason from rupture"), [["not a concern", "a mistyped score"]])

    def test_unusual_takes_drops_place_where_the_practice_says_so(self):
        perfect = [word for area in ("understanding", "relevance", "safety", "fit") for word in (f"--{area}", "10")]
        lower = [word if word != "10" else "8" for word in perfect]
        self.set_rules("unusual.on = 1\nunusual.once_in = 20\n")
        for _ in range(4):
            self.assertEqual(self.session(*perfect), {})
        alerts = self.session(*lower)
        self.assertNotIn("DROP", alerts)
        self.assertEqual(alerts["UNUSUAL"]["tier"], "red")
        self.assertRegex(alerts["UNUSUAL"]["why"], "On an ordinary day this client rates this low about once in [0-9]+ sessions.")

    def test_tension_that_is_not_cleared_up_is_red_whatever_the_scores(self):
        alerts = self.session(*FINE, "--tension", "unresolved")
        self.assertEqual(alerts["TENSION"]["tier"], "red")
        self.assertEqual(self.session(*FINE, "--tension", "resolved")["TENSION"]["tier"], "amber")


if __name__ == "__main__":
    unittest.main()
