"""The main job: a session is opened, its client invited, the rating given; the therapist sees it and is alerted.

Every step goes through the programs that a practice runs; the database is only looked at, to count.
"""
import unittest

from harness import AttuneTest, wait_until


class MainJob(AttuneTest):
    pseudonyms = True

    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))

    def rate(self, *words, **more):
        return self.attune.attune("k1", "rate", *words, **more)

    def test_a_low_rating_is_on_the_therapists_screen_with_what_why_and_what_to_do(self):
        watch = self.attune.watch()
        self.attune.open_session()
        done = self.rate("--understanding", "3.5", "--relevance", "8", "--safety", "9", "--fit", "7.5",
                         "--talk", "now")
        self.assertIn("saved", done.out)
        self.assertIn("sent", done.out)
        alert = wait_until(lambda: watch.events("alert"), 20, "the alert")[0]
        self.assertEqual(alert["rule"], "VERY_LOW")
        self.assertEqual(alert["tier"], "red")
        self.assertEqual(alert["client"], "c001")
        self.assertEqual(alert["talk"], "now")
        self.assertFalse(alert["late"])
        for part in ("what", "why", "now", "next_time"):
            self.assertGreater(len(alert[part]), 20, part)
        rated = [s for s in watch.events("session") if s["outcome"] == "rated"]
        self.assertEqual(rated[0]["scores"], {"understanding": 3.5, "relevance": 8.0, "safety": 9.0, "fit": 7.5})
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is not null") == 1, 10, "received")
        self.assertEqual(self.attune.count("rating"), 1)
        listed = self.attune.attune("t1", "alerts", "--json").json()
        self.assertEqual([(a["rule"], a["tier"]) for a in listed if a["tier"] == "red"], [("VERY_LOW", "red")])

    def test_a_received_alert_is_not_brought_again(self):
        watch = self.attune.watch()
        self.attune.open_session()
        self.rate("--understanding", "2", "--relevance", "2", "--safety", "2", "--fit", "2")
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is not null") == 1, 20, "received")
        watch.stop()
        again = self.attune.watch(name="again")
        wait_until(lambda: self.attune.news(again), 10, "news, before which alerts would have come")
        self.assertEqual(again.events("alert"), [])

    def test_a_good_rating_alerts_nobody(self):
        watch = self.attune.watch()
        self.attune.open_session()
        self.rate("--understanding", "9", "--relevance", "9.5", "--safety", "10", "--fit", "9")
        wait_until(lambda: self.attune.count("rating_batch") == 0 and self.attune.count("rating") == 1, 20, "the claim")
        wait_until(lambda: [s for s in watch.events("session") if s["outcome"] == "rated"], 10, "rated")
        self.assertEqual(self.attune.count("alert"), 0)

    def test_a_skip_is_told_and_no_rule_fires(self):
        watch = self.attune.watch()
        self.attune.open_session()
        self.rate("--skip")
        wait_until(lambda: [s for s in watch.events("session") if s["outcome"] == "skipped"], 10, "skipped")
        wait_until(lambda: self.attune.count("rating_batch") == 0, 20, "the claim")
        self.assertEqual(self.attune.count("alert"), 0)

    def test_taking_over_a_room_parks_the_other_session_and_says_so(self):
        self.attune.add_therapist(code="t02", device="t2", clients=("c009",))
        watch = self.attune.watch()
        first = self.attune.open_session()
        refused = self.attune.attune("t2", "session", "open", "--client", "c009", "--room", "North 1", check=False)
        self.assertEqual(refused.code, 1)
        self.assertIn("take it over", refused.err)
        taken = self.attune.attune("t2", "session", "open", "--client", "c009", "--room", "North 1", "--take-over",
                                   "--json").json()
        self.assertEqual(taken["parked_session_id"], first)
        wait_until(lambda: [s for s in watch.events("session")
                            if s["session_id"] == first and s["state"] == "parked"], 10, "parked")


if __name__ == "__main__":
    unittest.main()
