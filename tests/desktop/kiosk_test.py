"""The room's kiosk with the real server, aggregator and database: rated, skipped, changed, left, cut off, refused by the disk.

The therapist is the command line; the client is a finger on a hidden screen.
"""
import os
import subprocess
import unittest

from harness import BUILD, AttuneTest, wait_until
from screen import Screen, Window

KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
YES, SEND, SKIP = "Yes, this is my session", "Send", "I’d rather not answer"
SAVED = "Your answers are saved and go to your therapist."
SKIPPED = "That is quite all right. We have noted that you would rather not answer."


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
        self.kiosk = None
        self.addCleanup(self.stop)

    def stop(self):
        if self.kiosk is not None:
            code = self.kiosk.stop()
            self.assertEqual(code, 0, self.kiosk.log())

    def start_kiosk(self, **config):
        keys = {"server": self.attune.address, "identity": self.attune.path("id-k1"),
                "spool": self.attune.path("spool"), "panel_width_mm": self.panel_mm, "pin": "2580", "thanks_s": 2, **config}
        path = self.attune.path("kiosk.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in keys.items())
        self.kiosk = self.attune.start("kiosk", [KIOSK, "--config", path], self.screen.environment())
        wait_until(lambda: "connected to" in self.kiosk.log() or not self.kiosk.alive(), 60, "the kiosk to connect")
        self.assertTrue(self.kiosk.alive(), self.kiosk.log())

    def invite(self, client="c001"):
        self.attune.open_session(client=client)
        self.window.wait_for("push button", YES)

    def begin(self, client="c001"):
        self.invite(client)
        self.window.touch(YES)
        wait_until(lambda: len(self.window.all("slider")) == 4, 30, "four lines")

    def line(self, index, place):
        self.window.touch_line(index, place)
        wait_until(lambda: abs(self.window.all("slider")[index].value - 10 * place) < 0.11
                   and "of 10" in self.window.all("slider")[index].description, 10, f"line {index} at {place}")

    def tab_to_line(self, index):
        self.window.tab_to(lambda thing: thing.name == self.window.all("slider")[index].name)

    def press(self, name):
        self.window.tab_to(lambda thing: thing.role == "push button" and thing.name == name)
        self.screen.key("Return")

    def send(self):
        self.window.touch(SEND)
        self.window.wait_text("When would you like to talk about it?")

    def rows(self):
        return self.attune.sql("select understanding, relevance, safety, fit, skipped, talk, instrument from rating")

    def rated(self):
        return wait_until(self.rows, 20, "the rating")[0]


class AClient(KioskTest):
    def test_rates_and_the_database_holds_exactly_that(self):
        self.start_kiosk()
        self.window.wait_blank()
        self.begin()
        for index, place in enumerate((0.73, 0.50, 0.0, 1.0)):
            self.line(index, place)
        said = [s.description for s in self.window.all("slider")]
        self.assertEqual(said[1:], ["5.0 of 10", "0.0 of 10", "10.0 of 10"])  # The exact middle counts.
        self.send()
        self.window.touch("Next time")
        self.window.wait_text(SAVED)
        row = self.rated()
        self.assertIn(int(row[0]), (72, 73, 74))
        self.assertEqual(said[0], f"{int(row[0]) / 10} of 10")
        self.assertEqual(row[1:5], ["50", "0", "100", "f"])
        self.assertEqual(row[6], "attune-adult-en/1")
        self.window.wait_blank()

    def test_skips_and_is_thanked_and_nothing_else_is_asked(self):
        self.start_kiosk()
        self.begin()
        self.line(0, 0.2)
        self.window.touch(SKIP)
        self.window.wait_text(SKIPPED)
        self.screen.picture("thanks-skipped")
        self.assertEqual(self.rated()[:5], ["", "", "", "", "t"])

    def test_changes_until_send_and_leaves_lines_open_when_meant(self):
        self.start_kiosk()
        self.begin()
        self.screen.wheel(*self.window.all("slider")[3].middle)  # Touches nothing.
        self.line(0, 0.9)
        self.line(0, 0.2)
        self.assertEqual(self.window.all("slider")[3].description, "not answered yet")
        x, y, width, height = self.window.all("slider")[1].box
        self.screen.drag([(x + width * p, y + height / 2) for p in (0.50, 0.55, 0.65, 0.75, 0.85, 0.90)])
        wait_until(lambda: abs(self.window.all("slider")[1].value - 9.0) < 0.11, 10, "dragged to 9")
        self.window.touch(SEND)
        self.window.wait_text("Some are still open. To leave them open, press Send again.")
        self.screen.picture("rate-open-lines")
        self.send()
        self.window.touch("Now")
        self.window.wait_text(SAVED)
        row = self.rated()
        self.assertIn(int(row[0]), (19, 20, 21))
        self.assertIn(int(row[1]), (89, 90, 91))
        self.assertEqual(row[2:4], ["", ""])  # Missing, not 0.

    def test_rates_by_keys_alone(self):
        self.start_kiosk()
        self.begin()
        self.tab_to_line(0)
        self.screen.key("7")
        wait_until(lambda: self.window.all("slider")[0].value == 7.0, 10, "7")
        self.screen.key("Right")
        wait_until(lambda: abs(self.window.all("slider")[0].value - 7.1) < 0.01, 10, "7.1")
        for index in (1, 2, 3):
            self.tab_to_line(index)
            self.screen.key("5")
        self.press(SEND)
        self.window.wait_text("When would you like to talk about it?")
        self.press("Next time")
        self.window.wait_text(SAVED)
        self.assertEqual(self.rated()[:4], ["71", "50", "50", "50"])

    def test_who_leaves_is_forgotten_and_nothing_is_sent(self):
        self.start_kiosk(idle_s=2, warning_s=2)
        self.begin()
        self.line(0, 0.1)
        self.window.wait_text("Are you still there?")
        self.screen.picture("still-there")
        self.window.touch("I am still here")
        wait_until(lambda: len(self.window.all("slider")) == 4, 10, "the lines again")
        self.assertAlmostEqual(self.window.all("slider")[0].value, 1.0, delta=0.11)
        self.window.wait_blank()
        self.screen.touch(640, 400)  # The invitation stands, the answers do not.
        self.window.touch(YES)
        wait_until(lambda: len(self.window.all("slider")) == 4, 10, "the lines again")
        self.assertEqual({s.description for s in self.window.all("slider")}, {"not answered yet"})
        self.window.touch(SKIP)
        self.window.wait_text(SKIPPED)
        self.assertEqual(self.rated()[4], "t")
        self.assertEqual(self.attune.count("rating"), 1)

    def test_says_not_mine_and_is_believed(self):
        self.start_kiosk()
        self.invite()
        self.window.touch("Not mine")
        self.window.wait_text("Please tell your therapist. Nothing was asked or kept.")
        self.screen.picture("not-mine")
        self.window.touch("Close")
        self.window.wait_blank()
        self.assertEqual(self.attune.count("rating"), 0)


class TheWorld(KioskTest):
    def test_a_server_that_is_gone_is_not_the_clients_worry(self):
        self.start_kiosk()
        self.begin()
        self.server.stop()
        wait_until(lambda: "not connected" in self.kiosk.log(), 30, "the kiosk to notice")
        for index in range(4):
            self.line(index, 0.6)
        self.send()
        self.window.touch("Rather not")
        self.window.wait_text(SAVED)
        self.assertEqual(self.attune.count("rating"), 0)
        self.attune.start_server("server2")
        wait_until(lambda: self.attune.count("rating") == 1, 60, "the rating that was kept")
        self.window.wait_blank()

    def test_a_full_disk_is_said_plainly_and_trying_again_works(self):
        disk = self.attune.path("disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,nr_inodes=100", "tmpfs", disk], check=False).returncode != 0:
            self.skipTest("no right to mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        self.start_kiosk(spool=os.path.join(disk, "spool"))
        filler = os.path.join(disk, "filler")
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=1k"], check=False, stderr=subprocess.DEVNULL)  # Until full.
        self.begin()
        for index in range(4):
            self.line(index, 0.6)
        self.send()
        self.window.touch("Now")
        self.window.wait_text("This was not saved")
        self.screen.picture("not-saved")
        self.assertEqual(self.attune.count("rating"), 0)
        os.unlink(filler)
        self.window.touch("Try again")
        self.window.wait_text(SAVED)
        self.rated()
        self.window.wait_blank()
        self.stop()
        self.kiosk = None


if __name__ == "__main__":
    unittest.main()
