"""The whole of it, with nothing played: the therapist's window pressed as a screen reader does, the room's kiosk touched on a true
touch panel, the real server, aggregator and database between them. Invited, rated low, alerted, acknowledged, and repaired by the
next rating; and two who came together."""
import os
import unittest

import screen
from harness import BUILD, LEAKS, AttuneTest, wait_until
from kiosk_touch_test import BEGIN, END, TouchScreen

KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
DESK = os.path.join(BUILD, "client", "therapist", "pages", "attune-therapist")
FONT = "[Settings]\ngtk-enable-animations=0\ngtk-font-name=DejaVu Sans 10\ngtk-icon-theme-name=Adwaita\n"


class Whole(AttuneTest):
    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            self.skipTest("Xorg without a console wants root")
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))
        self.panel, self.desk_screen = TouchScreen(1280, 800), screen.Screen(1280, 860)
        self.addCleanup(self.panel.close)
        self.addCleanup(self.desk_screen.close)
        self.kiosk, self.desk = screen.Window(self.panel, "attune-kiosk", 60), screen.Window(self.desk_screen, "attune-therapist", 60)
        self.start_windows()
        self.panel.connect()

    def start_windows(self):
        path = self.attune.path("kiosk.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"server = {self.attune.address}\nidentity = {self.attune.path('id-k1')}\n"
                       f"spool = {self.attune.path('kiosk-spool')}\nthanks_s = 1\n")
        os.makedirs(os.path.join(self.desk_screen.folder, "gtk-4.0"))
        with open(os.path.join(self.desk_screen.folder, "gtk-4.0", "settings.ini"), "w", encoding="utf-8") as file:
            file.write(FONT)
        self.windows = [
            self.attune.start("kiosk", [KIOSK, "--config", path], self.panel.environment()),
            self.attune.start("desk", [DESK, "--server", self.attune.address, "--identity", self.attune.path("id-t1-desk"), "--style",
                                       "light", "--alerts", "badge"],
                              {**self.desk_screen.environment(), "XDG_CONFIG_HOME": self.desk_screen.folder,
                               "LSAN_OPTIONS": LEAKS})]
        self.addCleanup(self.end_windows)
        wait_until(lambda: "connected to" in self.windows[0].log(), 60, "the kiosk to connect")

    def end_windows(self):
        for window in self.windows:
            self.assertTrue(window.alive(), window.log()[-3000:])

    # ---- the therapist -------------------------------------------------------------------------

    def choose(self, client):
        wait_until(lambda: any(client in thing.name for thing in self.desk.all("list item")), 60, "the caseload")
        self.desk_screen.focus("^Attune$")
        self.desk_screen.key("ctrl+f", "ctrl+a")
        self.desk_screen.type(client)
        wait_until(lambda: len(self.desk.all("list item")) == 1, 60, "the client alone")
        self.desk_screen.key("Return")
        self.desk.wait_for("push button", "Review together")

    def open_and_invite(self, room="North 1"):
        self.desk.push("Open session")
        self.desk.push(room)
        self.desk.push("Invite rating")

    def seen(self, part):
        wait_until(lambda: any(part in thing.name for thing in self.desk.things()), 60, f"{part!r} on the desk")

    # ---- the client ----------------------------------------------------------------------------

    def tap(self, x, y):
        self.panel.finger(1, BEGIN, x, y)
        self.panel.finger(1, END, x, y)

    def tap_button(self, name):
        self.tap(*self.kiosk.wait_for("push button", name).middle)

    def rate(self, places, wish):
        self.tap_button("Yes, this is my session")
        wait_until(lambda: len(self.kiosk.all("slider")) == 4, 60, "four lines")
        for index, place in enumerate(places):
            x, y, width, height = self.kiosk.all("slider")[index].box
            self.tap(x + width * place, y + height / 2)
            self.kiosk.wait_text(f"{index + 1} of 4 answered")
        self.tap_button("Send")
        self.tap_button(wish)

    # ---- the story -----------------------------------------------------------------------------

    def test_from_the_invitation_to_the_repair(self):
        self.choose("c001")
        self.open_and_invite()
        self.rate((0.3, 0.4, 0.2, 0.5), "Now")
        self.kiosk.wait_text("Thank you")
        self.panel.picture("whole-1-thanks")
        self.seen("They would like to talk about it now.")
        self.desk_screen.picture("whole-2-alert")
        self.kiosk.wait_blank()
        scores = [int(score) for score in self.attune.sql("select understanding, relevance, safety, fit from rating")[0]]
        for score, place in zip(scores, (30, 40, 20, 50)):
            self.assertAlmostEqual(score, place, delta=2)  # A finger on 1,200 pixels.
        self.desk.push("Acknowledge")
        self.desk.push("Talked about it now")
        self.desk.push("Put away")
        wait_until(lambda: self.attune.sql("select step from rupture") == [["talked now"]], 60, "the step in the database")
        self.desk.push("Close session")
        self.open_and_invite()
        self.rate((0.95, 0.95, 0.95, 0.95), "Rather not")
        self.seen("good news")
        self.desk_screen.picture("whole-3-repaired")
        self.assertEqual(self.attune.sql("select state from rupture"), [["repaired"]])
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, 60, "all to be received")


if __name__ == "__main__":
    unittest.main()
