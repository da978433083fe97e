"""Rows 2 and 4: a kiosk killed at each step of a rating, a therapist's client before and after it reports an alert.

What said "saved" is stored in the end, once; what was not said to be saved may be missing. An alert comes again until it
was reported, and is shown by some life of the client.
"""
import unittest

from faults import AttuneTest, in_stock, wait_until

LOW = [word for area in ("--understanding", "--relevance", "--safety", "--fit") for word in (area, "2")]


class ClientsKilled(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist()

    def armed(self, point):
        return {"ATTUNE_FAILPOINT": f"{point}:kill"}

    def kill_kiosk_at(self, point):
        """Rates and dies there; then another life sends what it finds. Returns whether "saved" was said."""
        self.attune.open_session()
        died = self.attune.attune("k1", "rate", *LOW, "--json", check=False, environment=self.armed(point))
        self.assertEqual(died.code, -9, died.err)
        self.attune.attune("k1", "rate", "--drain")
        saved = '"saved":true' in died.out.replace(" ", "")
        stored = self.attune.count("rating")
        self.assertLessEqual(stored, 1)
        print(f"fault={point} seed=1 sent=1 saved={int(saved)} {in_stock(self.attune)} "
              f"lost={int(saved and not stored)}", flush=True)
        self.assertFalse(saved and not stored)
        return stored

    def test_kiosk_before_write(self):
        self.assertEqual(self.kill_kiosk_at("kiosk_before_write"), 0)

    def test_kiosk_before_sync(self):
        self.assertEqual(self.kill_kiosk_at("kiosk_before_sync"), 0)  # A torn or temporary file is nobody's promise.

    def test_kiosk_after_sync(self):
        self.assertEqual(self.kill_kiosk_at("kiosk_after_sync"), 1)

    def test_kiosk_after_send(self):
        self.assertEqual(self.kill_kiosk_at("kiosk_after_send"), 1)

    def test_kiosk_after_acknowledgement(self):
        self.assertEqual(self.kill_kiosk_at("kiosk_after_acknowledgement"), 1)

    def kill_desk_at(self, point):
        """Watches and dies there; then another life watches. Returns the alerts that each has shown."""
        first = self.attune.watch(name="first", environment=self.armed(point))
        self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        wait_until(lambda: not first.alive(), 20, f"{point}")
        self.assertEqual(first.popen.returncode, -9)
        second = self.attune.watch(name="second")
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, 20, "the report")
        wait_until(lambda: self.attune.news(second), 20, "news, before which alerts would have come")
        shown = [len(life.events("alert")) for life in (first, second)]
        print(f"fault={point} seed=1 alerts_expected=1 delivered={int(sum(shown) > 0)} redelivered={sum(shown) - 1} "
              "misdirected=0", flush=True)
        self.assertGreaterEqual(sum(shown), 1)
        return shown

    def test_therapist_before_received(self):
        self.assertEqual(self.kill_desk_at("therapist_before_received"), [1, 1])  # It could not know: shown again.

    def test_therapist_after_received(self):
        first, _ = self.kill_desk_at("therapist_after_received")
        self.assertEqual(first, 1)


if __name__ == "__main__":
    unittest.main()
