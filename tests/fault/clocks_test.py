"""Row 16: clocks an hour and a year off, and ten minutes back: the kiosk's, and the server's. Whatever was said to be saved is stored in
the end, with the right time, and whoever can put the clock right is told."""
import re
import unittest

from faults import AttuneTest, in_stock, wait_until
from harness import SERVER, shim

OFF = {"hour": 3600, "year": 365 * 24 * 3600, "back": -600}
TOLD = {"hour": "ahead of", "back": "behind"}


class Clocks(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server(poll_ms=200)
        self.attune.add_room()
        self.attune.add_therapist()
        self.attune.attune("k1", "rate", "--drain")  # From here on the kiosk knows its key.
        self.saved, self.flagged = 0, 0

    def rate(self, environment=None, ticket=None):
        """Says and saves one; returns what was said."""
        self.attune.open_session() if ticket is None else None
        words = ["--ticket", ticket, "--no-send"] if ticket else []
        done = self.attune.attune("k1", "rate", "--fit", "3", *words, check=False, environment=environment)
        self.saved += "saved\n" in done.out
        return done

    def ticket(self):
        session = self.attune.open_session()
        return self.attune.sql(f"select ticket_id from ticket where session_id = '{session}'")[0][0].replace("-", "")

    def line(self, name):
        stored, true = (self.attune.count("rating", where) for where in
                        ("true", "abs(extract(epoch from received_at - made_at)) < 120"))
        print(f"fault=clock_{name} seed=1 sent={self.saved} {in_stock(self.attune)} "
              f"lost={self.saved - stored} right_time={true} flagged={self.flagged}", flush=True)
        self.assertEqual((stored, true), (self.saved, self.saved))
        self.assertGreaterEqual(self.flagged, 1)

    def kiosk_off(self, name):
        before = self.attune.metric(self.server, "attune_clocks_off_total")
        done = self.rate(shim("clock", ATTUNE_CLOCK_S=str(OFF[name])))
        self.assertEqual(done.code, 0, done.err)
        for said in (rf"this machine's clock is (\d+) s {TOLD[name]} the server's", rf"device k1: its clock is (\d+) s {TOLD[name]} ours"):
            found = re.search(said, done.err + self.server.log())
            self.assertIsNotNone(found, said)
            self.assertAlmostEqual(int(found[1]), abs(OFF[name]), delta=5)
        self.flagged += self.attune.metric(self.server, "attune_clocks_off_total") > before
        self.line(f"kiosk_{name}")

    def test_a_kiosk_an_hour_ahead(self):
        self.kiosk_off("hour")

    def test_a_kiosk_ten_minutes_back(self):
        self.kiosk_off("back")

    def test_a_kiosk_a_year_ahead(self):
        """Every certificate has expired there: it does not connect, says why, and keeps what it had saved until its clock is right."""
        self.rate(ticket=self.ticket())
        away = shim("clock", ATTUNE_CLOCK_S=str(OFF["year"]))
        done = self.attune.attune("k1", "rate", "--drain", check=False, environment=away)
        self.assertNotEqual(done.code, 0)
        self.assertRegex(done.err, r"expired.*is this machine's clock right\? It says 20\d\d-")
        self.flagged += 1
        self.assertEqual(self.attune.count("rating"), 0)
        self.attune.attune("k1", "rate", "--drain")
        self.line("kiosk_year")

    def server_off(self, name):
        self.server.stop()
        self.server = self.attune.start_server(poll_ms=200, environment=shim("clock", ATTUNE_CLOCK_S=str(OFF[name])))
        wait_until(lambda: "this machine's clock is" in self.server.log(), 20, "the server's word")
        ahead = self.attune.metric(self.server, "attune_clock_ahead_seconds")
        self.assertAlmostEqual(ahead, OFF[name], delta=2)
        self.flagged += 1

    def test_a_server_an_hour_ahead(self):
        self.server_off("hour")
        self.assertEqual(self.rate().code, 0)
        self.line("server_hour")

    def test_a_server_ten_minutes_back(self):
        self.server_off("back")
        self.assertEqual(self.rate().code, 0)
        self.line("server_back")

    def test_a_server_a_year_ahead(self):
        """It does not start: its own certificate has expired. Kiosks keep what they save until it is right."""
        ticket = self.ticket()
        self.server.stop()
        done = self.attune.run([SERVER, "--config", self.attune.path("server.conf")],
                               environment=shim("clock", ATTUNE_CLOCK_S=str(OFF["year"])))
        self.assertEqual(done.code, 78, done.err)
        self.assertIn("expired", done.err)
        self.flagged += 1
        self.rate(ticket=ticket)
        self.server = self.attune.start_server()
        self.attune.attune("k1", "rate", "--drain")
        self.line("server_year")


if __name__ == "__main__":
    unittest.main()
