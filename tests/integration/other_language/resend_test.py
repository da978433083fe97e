"""resend_test.py - what was acknowledged and is lost is asked for by hand, from kiosks that are connected and from those that come
later. (By itself, after a fail-over: fault/failover_test.py.)"""
import datetime
import unittest

from attune_wire import Connection, identity_context
from harness import SERVER, AttuneTest, wait_until


def utc(hours):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


class Resend(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server(poll_ms=200)
        self.attune.add_room()
        self.attune.add_therapist()

    def ask(self, since):
        return self.attune.run([SERVER, "resend", "--config", self.attune.path("server.conf"), "--since", since])

    def rate(self):
        session = self.attune.open_session()
        self.attune.attune("k1", "rate", "--fit", "3")
        self.attune.attune("t1", "session", "close", session)  # Else its kiosk would ask again.

    def test_a_kiosk_sends_again_what_the_database_has_lost(self):
        self.rate()
        before = self.attune.sql("select rating_id, fit from rating")
        self.attune.sql("delete from rating_batch; delete from rating")
        self.assertEqual(self.ask(utc(-1)).code, 0)
        kiosk = self.attune.start("rate", self.attune.command("k1", "rate", "--fit", "9", "--timeout", "60"))  # Waits for a session.
        wait_until(lambda: self.attune.count("rating") == 1, 20, "the rating that was lost")
        self.assertEqual(self.attune.sql("select rating_id, fit from rating"), before)
        wait_until(lambda: "asked for 1 records once more" in kiosk.log(), 5, "the kiosk's word")
        self.assertIn("kiosks are asked again", self.server.log())

    def test_each_connection_is_told_once_of_each_wish(self):
        kiosk = Connection(self.attune.address, identity_context(self.attune.path("id-k1")))
        self.addCleanup(kiosk.close)
        kiosk.say_hello("test")
        kiosk.push()  # The room, empty.
        self.assertEqual(self.ask(utc(-3)).code, 0)
        first = kiosk.push().resend
        self.assertTrue(2.9 * 3600000 < first.acknowledged_within_ms < 3.1 * 3600000, first)
        self.assertLess(first.acknowledged_before_ms, 60000)
        self.assertEqual(self.ask(utc(-5)).code, 0)  # The wishes of a day are one, the widest.
        second = kiosk.push().resend
        self.assertTrue(4.9 * 3600000 < second.acknowledged_within_ms < 5.1 * 3600000, second)
        self.assertEqual(self.attune.metric(self.server, "attune_resends_asked_total"), 2)

    def test_they_are_told_one_after_the_other_and_a_wish_is_in_the_audit(self):
        self.server.stop()
        self.server = self.attune.start_server(poll_ms=200, resend_kiosks_per_second=2)
        for number in range(2, 8):
            self.attune.practice("add-room", f"North {number}", "--site", "North")
            self.attune.add_device(f"k{number}", "kiosk", "--room", f"North {number}")
        for number in range(1, 8):
            kiosk = Connection(self.attune.address, identity_context(self.attune.path(f"id-k{number}")))
            self.addCleanup(kiosk.close)
            kiosk.say_hello("test")
        self.assertEqual(self.ask(utc(-3)).code, 0)
        seen = set()
        wait_until(lambda: seen.add(self.attune.metric(self.server, "attune_resends_asked_total")) or 7 in seen, 30, "all to be told")
        print(f"    resend per_second=2 seen={sorted(seen)}", flush=True)
        self.assertGreater(len(seen & {1, 2, 3, 4, 5, 6}), 0)  # Without a pace it is all in one turn.
        self.assertEqual(self.attune.sql("select practice_id, actor, clients, detail ? 'since' from audit where action = 'resend.ask'"),
                         [["", "attune-server resend", "", "t"]])

    def test_what_is_no_time_or_to_come_is_refused(self):
        for since in ("yesterday", "2026-13-01T00:00", utc(1), "2026-11-25", "2026-11-25T10:00 and more"):
            done = self.ask(since)
            self.assertEqual((done.code, "--since" in done.err), (1, True), since)
        self.assertEqual(self.attune.count("resend", "since < until"), 0)
        self.assertEqual([self.ask(utc(-1) + rest).code for rest in ("", ":30", "Z", ":30Z")], [0, 0, 0, 0])
        self.assertEqual(self.attune.count("audit", "action = 'resend.ask'"), 4)  # What was refused asked for nothing.


if __name__ == "__main__":
    unittest.main()
