"""Goals: agreed at a session's end, there at the next start, and what they moved."""
import unittest

from harness import AttuneTest, wait_until


def scores(safety):
    return ("--understanding", "9.5", "--relevance", "9.5", "--safety", str(safety), "--fit", "9.5")


class Goals(AttuneTest):
    pseudonyms = True

    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist()

    def add(self, session, area="safety", words="begin with what was hard", **more):
        return self.attune.attune("t1", "goals", "add", session, "--area", area, "--words", words, **more)

    def goals(self):
        return self.attune.attune("t1", "goals", "--client", "c001", "--json").json()

    def test_a_goal_is_there_at_the_next_start_and_what_it_moved_is_good_news(self):
        self.attune.hold_session(*scores(7))
        last = self.attune.hold_session(*scores(7.4))
        self.add(last)
        goal, = self.goals()
        self.assertEqual((goal["area"], goal["outcome"], goal["before"], goal["before_answers"], goal["after"]),
                         ("safety", "in force", 7.2, 2, None))
        opened = self.attune.attune("t1", "session", "open", "--client", "c001", "--room", "North 1", "--json").json()
        self.assertEqual([(g["area"], g["words"]) for g in opened["goals"]], [("safety", "begin with what was hard")])
        self.attune.attune("t1", "session", "close", opened["session_id"])
        for safety in (8.4, 8.2, 8.6):
            self.attune.hold_session(*scores(safety))
        goal, = self.goals()
        self.assertEqual((goal["before"], goal["after"], goal["after_answers"]), (7.2, 8.4, 3))
        news = [a for a in self.attune.attune("t1", "alerts", "--json").json() if a["rule"] == "STRENGTH"]
        self.assertEqual([a["tier"] for a in news], ["good news"])
        self.assertIn("Since the goal for it was agreed, Safety is at least 1.0 above", news[0]["why"])
        watch = self.attune.watch()  # It is in the feed as it is on the list.
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is not null") == 1, 20, "the news")
        self.assertEqual([line["alert"]["rule"] for line in watch.lines() if line["event"] == "alert"], ["STRENGTH"])

    def test_a_newer_one_replaces_it_and_each_ends_once(self):
        session = self.attune.hold_session(*scores(7))
        self.add(session, words="one")
        self.add(session, words="two")
        self.add(session, area="fit", words="three")
        self.assertEqual(sorted((g["words"], g["outcome"]) for g in self.goals()),
                         [("one", "replaced"), ("three", "in force"), ("two", "in force")])
        two = next(g["goal_id"] for g in self.goals() if g["words"] == "two")
        for _ in range(2):
            self.attune.attune("t1", "goals", "end", two, "--outcome", "reached")
        refused = self.attune.attune("t1", "goals", "end", two, "--outcome", "let-go", check=False)
        self.assertEqual((refused.code, self.attune.count("goal", "outcome = 'reached'")), (1, 1))

    def test_sent_twice_it_is_the_same_goal(self):
        session = self.attune.hold_session(*scores(7))
        for _ in range(2):
            self.add(session, words="one")  # Another id each time, and
            self.attune.attune("t1", "goals", "add", session, "--area", "fit", "--words", "same", "--goal", "ab" * 16)
        self.assertEqual(self.attune.count("goal", "area = 'fit'"), 1)
        other = self.attune.attune("t1", "goals", "add", session, "--area", "fit", "--words", "other", "--goal", "ab" * 16,
                                   check=False)
        self.assertEqual(other.code, 1)
        self.assertEqual([g["words"] for g in self.goals() if g["area"] == "fit"], ["same"])

    def test_a_colleagues_is_as_if_it_were_not_there(self):
        session = self.attune.hold_session(*scores(7))
        self.add(session)
        goal = self.goals()[0]["goal_id"]
        self.attune.add_therapist(code="t02", device="t2", clients=("c002",))
        said = [self.attune.attune("t2", *words, check=False).err for words in (
            ("goals", "add", session, "--area", "fit", "--words", "x"), ("goals", "add", "cd" * 16, "--area", "fit", "--words", "x"),
            ("goals", "end", goal, "--outcome", "reached"), ("goals", "end", "cd" * 16, "--outcome", "reached"),
            ("goals", "--client", "c001"), ("goals", "--client", "c999"))]
        self.assertEqual((said[0], said[2], said[4]), (said[1], said[3], said[5]))
        self.assertIn("no such goal among yours", said[2])
        self.assertEqual(self.attune.count("goal", "outcome is null"), 1)
        self.assertEqual(self.attune.count("audit", "detail::text like '%hard%'"), 0)  # Their words are nobody else's.


if __name__ == "__main__":
    unittest.main()
