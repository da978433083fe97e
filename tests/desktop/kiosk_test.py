"""The room's kiosk: invited, touched, sent; and what it does when somebody leaves, or the world fails.

The real kiosk on a hidden screen, with the real server, aggregator and database. The therapist is the command line.
"""
import os
import unittest

from harness import BUILD, AttuneTest, wait_until
from screen import Screen, Window

KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
YES, SEND, SKIP = "Yes, this is my session", "Send", "I’d rather not answer"
SAVED = "Your answers are saved and go to your therapist."


class KioskTest(AttuneTest):
    size = (1280, 800)
    panel_mm = 217

    def setUp(self):
        super().setUp()
        self.screen = Screen(*self.size)
        self.addCleanup(self.screen.close)
        self.window = Window(self.screen, "attune-kiosk")
        self.server = self.attune.start_server()
        self.aggregator = self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))

    def write_config(self, **more):
        keys = {"server": self.attune.address, "identity": self.attune.path("id-k1"),
                "spool": self.attune.path("spool"), "panel_width_mm": self.panel_mm, "pin": "2580", "thanks_s": 2, **more}
        with open(self.attune.path("kiosk.conf"), "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in keys.items())
        return self.attune.path("kiosk.conf")

    def start_kiosk(self, **config):
        path = self.write_config(**config)
        kiosk = self.attune.start("kiosk", [KIOSK, "--config", path], self.screen.environment())
        wait_until(lambda: "connected to" in kiosk.log() or not kiosk.alive(), 60, "the kiosk to connect")
        self.assertTrue(kiosk.alive(), kiosk.log())
        return kiosk

    def invite(self, client="c001"):
        session = self.attune.open_session(client=client)
        self.window.wait_for("push button", YES)
        return session

    def answer(self, *places):
        wait_until(lambda: len(self.window.all("slider")) == 4, 30, "four lines")
        for index, place in enumerate(places):
            self.window.touch_line(index, place)
            wait_until(lambda: f"{index + 1} of 4 answered" in self.window.texts(), 10, f"line {index + 1} answered")

    def scores(self):
        return self.attune.sql("select understanding, relevance, safety, fit, skipped, talk, instrument from rating")


class AFirstRating(KioskTest):
    def test_a_client_rates_and_the_database_holds_exactly_that(self):
        kiosk = self.start_kiosk()
        self.window.wait_blank()
        self.screen.picture("blank")
        self.assertEqual(self.screen.colours(), 1)
        self.invite()
        self.screen.picture("recognise")
        self.window.touch(YES)
        self.answer(0.73, 0.50, 0.0, 1.0)
        self.screen.picture("rate")
        said = [s.description for s in self.window.all("slider")]
        self.assertEqual(said[1:], ["5.0 of 10", "0.0 of 10", "10.0 of 10"])
        self.window.touch(SEND)
        self.window.wait_text("When would you like to talk about it?")
        self.screen.picture("talk")
        self.window.touch("Next time")
        self.window.wait_text(SAVED)
        self.screen.picture("thanks")
        wait_until(lambda: self.attune.count("rating") == 1, 20, "the rating")
        row = self.scores()[0]
        self.assertIn(int(row[0]), (72, 73, 74))
        self.assertEqual(row[1:4], ["50", "0", "100"])
        self.assertEqual(said[0], f"{int(row[0]) / 10} of 10")
        self.assertEqual(row[6], "attune-adult-en/1")
        self.window.wait_blank()
        self.assertEqual(kiosk.stop(), 0, kiosk.log())


if __name__ == "__main__":
    unittest.main()
