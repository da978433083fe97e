"""The therapist's desk from opening a session to a repaired rupture, seen and pressed as a screen reader does."""
import os
import signal
import unittest

import desktop
from desktop import WAIT, DesktopTest
from harness import wait_until

AREAS = ("understanding", "relevance", "safety", "fit")
LOW = (4, 3, 5, 4)


class Therapist(DesktopTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002", "c003"))

    # ---- what happens at the practice ----------------------------------------------------------

    def rate(self, *scores, talk=None, wording=None):
        words = [word for area, score in zip(AREAS, scores) for word in (f"--{area}", str(score))]
        self.attune.attune("k1", "rate", *words, *(("--talk", talk) if talk else ()), *(("--instrument", wording) if wording else ()))

    def evaluated(self):
        wait_until(lambda: self.attune.count("rating_batch") == 0, WAIT, "the evaluation")

    def session(self, *scores, client="c001", wording=None):
        """A whole one, without the window."""
        session = self.attune.open_session(client=client)
        if scores:
            self.rate(*scores, wording=wording)
        self.evaluated()
        self.attune.attune("t1", "session", "close", session)

    def history(self):
        for scores in ((9, 9, 9, 9), (9.2, 9, 9, 8.8), (9, 9, 8.9, 9)):
            self.session(*scores)
        self.session()
        self.session(8.8, 9, 9, 9)
        self.session(9, 8, 9, 9, client="c002")

    def open_in(self, window, room="North 1"):
        window.press("Open session")
        window.press(room)
        window.gone("push button", room)

    def alert_is_up(self, window):
        """A red one: c001 rates low while the session is open in the window."""
        window.open_client("c001")
        self.open_in(window)
        window.press("Invite rating")
        wait_until(lambda: self.attune.count("session", "state = 'invited'") == 1, WAIT, "the invitation")
        self.rate(*LOW, talk="now")
        window.find("push button", "Acknowledge")

    def steps(self):
        return [row[0] for row in self.attune.sql("select step from rupture where step is not null")]

    def test_who_has_looked_is_said_with_their_reason_until_it_is_known(self):
        self.attune.add_therapist(code="t02", device="t2", clients=("c009",))
        window = self.open_window()
        self.attune.attune("t2", "ratings", "--client", "c001", "--break-glass", "c001", "--reason", "call from the ward")
        window.find(part="Dr t02 looked at your client c001")
        window.find("label", "Their reason: call from the ward")
        window.press("I know")
        window.gone("push button", "I know")
        wait_until(lambda: self.attune.count("break_glass", "seen_at is not null") == 1, WAIT, "the server to know")

    # ---- the story ------------------------------------------------------------------------------

    def test_from_opening_a_session_to_the_repair(self):
        self.history()
        window = self.open_window()
        self.alert_is_up(window)
        window.find(part="Rated: understanding 4.0, relevance 3.0, safety 5.0, fit 4.0")
        for head in ("What", "Why", "Now", "Next time", "Their wish"):
            window.find("label", head)
        window.find(part="total 16.0 of 40")
        window.find("label", "They would like to talk about it now.")
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, WAIT, "the alert to be reported")
        window.press("Acknowledge")
        window.press("Bring to supervision")
        window.find("label", "Acknowledged: Bring to supervision")
        window.press("Undo")
        window.find("push button", "Acknowledge")
        window.press("Acknowledge")
        window.press("Opens the next session")
        window.find("label", "Acknowledged: Opens the next session")
        wait_until(lambda: self.steps() == ["opens next session"], WAIT, "the step in the database")
        self.assertEqual(self.attune.count("rupture_move", "step = 'supervision'"), 0)  # What was undone was never sent.
        window.press("Put away")
        window.press("Close session")
        window.gone("push button", "Close session")
        self.open_in(window)
        window.press("Invite rating")
        wait_until(lambda: self.attune.count("session", "state = 'invited'") == 1, WAIT, "the invitation")
        self.rate(9, 9, 9, 9)
        window.find("heading", "c001 · good news")
        self.assertEqual(self.attune.count("rupture", "state = 'repaired'"), 1)
        window.press("Put away")
        window.gone("heading", "c001 · good news")
        window.close()

    def test_closing_the_window_sends_the_step_at_once(self):
        window = self.open_window()
        self.alert_is_up(window)
        window.press("Acknowledge")
        window.press("Change the pace")
        window.find("label", "Acknowledged: Change the pace")
        window.close()
        self.assertEqual(self.steps(), ["changes pace"])

    def test_not_a_concern_asks_why(self):
        window = self.open_window()
        self.alert_is_up(window)
        window.press("Acknowledge")
        window.press("Not a concern")
        window.find("text", "Why it is not a concern; nothing about the client")
        window.type("a mistyped score")
        window.press("Not a concern")
        window.find("label", "Acknowledged: Not a concern")
        window.close()
        self.assertEqual(self.attune.sql("select step, reason from rupture"), [["not a concern", "a mistyped score"]])

    def test_a_lost_connection_is_said_and_made_good_and_nothing_comes_twice(self):
        window = self.open_window()
        self.alert_is_up(window)
        self.server.kill()
        window.find(part="Not connected. What you see may be old")
        self.assertTrue(window.all("push button", "Acknowledge"))
        window.press("Acknowledge")
        window.press("Change the focus")
        window.find(part="What you did is sent then.", seconds=WAIT)
        self.server = self.attune.start_server("server2")
        window.find(part="Connected to Test practice", seconds=90)
        wait_until(lambda: self.steps() == ["changes focus"], WAIT, "the step after the connection")
        self.assertEqual(self.attune.count("rupture_move", "move = 'acknowledged'"), 1)
        self.assertEqual(len(window.all("panel", "Alert")), 1)
        self.attune.attune("t1", "session", "open", "--client", "c002", "--room", "North 1", "--take-over")
        window.find(part="c002 in North 1")
        self.assertEqual(len(window.all("label", "c002 in North 1")), 1)
        window.close()

    def test_with_the_server_stopped_the_window_answers(self):
        window = self.open_window()
        window.find("list item", part="c003")
        self.server.popen.send_signal(signal.SIGSTOP)
        try:
            window.open_client("c001")
            self.open_in(window)  # Waits for the server; the window does not.
            for ref in ("c002", "c003"):
                window.open_client(ref)
                window.find("label", ref)
        finally:
            self.server.popen.send_signal(signal.SIGCONT)
        wait_until(lambda: self.attune.count("session", "state = 'open'") == 1, 90, "the session to be opened once it can be")
        window.find(part="c001 in North 1", seconds=90)
        window.close()

    def test_a_person_who_may_no_longer_is_told_and_sees_nothing_more(self):
        window = self.open_window()
        self.alert_is_up(window)
        self.assertTrue(window.could_be_read("c001"))
        self.attune.practice("revoke-therapist", "t01")
        window.find(part="this person's access has ended: ask the administrator")
        self.assertFalse(window.could_be_read("c001"))
        window.close()

    def test_it_locks_after_idle_and_shows_nothing_until_unlocked(self):
        self.history()
        window = self.open_window("t1-desk", "--idle-seconds", "2")
        window.find("label", "Locked")
        window.press("Unlock")
        window.open_client("c001")
        self.assertTrue(window.could_be_read("c001"))
        window.find("label", "Locked")
        for kept in ("c001", "c002", "Goals, and what they moved", "session"):
            self.assertFalse(window.could_be_read(kept), f"{kept} can be read while it is locked")
        session = self.attune.open_session()
        self.rate(*LOW)
        self.evaluated()
        wait_until(lambda: self.attune.count("alert", "tier = 'red'") == 1, WAIT, "the alert")
        self.assertFalse(window.could_be_read("c001"))
        self.assertEqual(self.attune.count("alert_delivery", "received_at is not null"), 0)  # Nobody has seen it.
        wait_until(self.told_outside, WAIT, "the notification")
        self.assertEqual(self.told_outside()[0], {"title": "A session needs your attention", "body": ""})
        window.press("Unlock")
        window.find("push button", "Acknowledge")
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, WAIT, "the alert to be reported")
        self.attune.attune("t1", "session", "close", session)

    def test_as_a_badge_and_after_the_session_it_appears_as_chosen(self):
        window = self.open_window("t1-desk", "--alerts", "badge")
        window.open_client("c002")
        session = self.attune.open_session()
        self.rate(*LOW)
        window.find("list item", part="alerts that wait: 1")
        self.assertFalse(window.all("push button", "Acknowledge"))
        window.open_client("c001")
        window.find("push button", "Acknowledge")
        window.close()
        self.attune.attune("t1", "session", "close", session)
        after = self.open_window("t1-desk", "--alerts", "after", name="after")
        session = self.attune.open_session(client="c002")
        self.rate(*LOW)
        after.find(part="Rated: understanding 4.0")
        self.evaluated()
        self.assertEqual(self.attune.count("alert_delivery", "received_at is null"), 1)
        self.assertFalse(after.has("c002 · worth asking about"))
        self.attune.attune("t1", "session", "close", session)
        after.find("heading", "c002 · worth asking about")
        after.close()

    def test_what_was_chosen_in_the_menu_is_so_the_next_time(self):
        window = self.open_window()
        window.find("list item", part="c001")
        window.press("Menu")
        window.press("As a number beside the name")
        kept = os.path.join(os.environ["XDG_CONFIG_HOME"], "attune", "therapist.conf")
        self.addCleanup(os.unlink, kept)
        wait_until(lambda: os.path.exists(kept), WAIT, "the choice to be kept")
        window.close()
        window = self.open_window(name="again")
        self.attune.open_session()
        self.rate(*LOW)
        window.find("list item", part="alerts that wait: 1")
        self.assertFalse(window.all("push button", "Acknowledge"))
        window.close()

    # ---- two who came together -----------------------------------------------------------------

    def open_together(self, window):
        """c001 in North 1, then c002 in the same room."""
        window.open_client("c001")
        self.open_in(window)
        window.find(part="c001 in North 1")
        window.open_client("c002")
        window.press("Open session")
        window.press("Together with c001 in North 1")
        window.find("label", "c002 in North 1")
        self.assertEqual(self.attune.count("session", "together_with is not null"), 1)

    def test_a_session_is_opened_as_it_is_meant(self):
        window = self.open_window()
        window.open_client("c001")
        window.press("Open session")
        window.find("push button", "North 1")
        self.assertFalse(window.has("Together with"))
        window.tick("First time: the kiosk says why we ask", "space")
        window.tick("Drawn form, for a child", "Tab", "space")
        window.page("therapist-light-8-opening")
        window.compare_says("opening")
        window.press("North 1")
        window.find(part="c001 in North 1")
        self.assertEqual(self.attune.sql("select first_time, audience from session"), [["t", "child"]])
        window.press("Close session")
        window.gone("push button", "Close session")
        self.open_in(window)  # What was chosen for one session is not so for the next.
        window.find(part="c001 in North 1")
        self.assertEqual(self.attune.count("session", "not first_time and audience = 'adult'"), 1)
        window.close()

    def test_neither_of_two_is_shown_before_both_are_done(self):
        self.history()
        window = self.open_window()
        self.open_together(window)
        marks = self.attune.sql("select colour, symbol from session where state = 'open'")
        self.assertNotEqual(marks[0][0], marks[1][0])  # Each has their own.
        window.press("Invite rating")
        wait_until(lambda: self.attune.count("session", "state = 'invited'") == 2, WAIT, "the invitation of both")
        window.page("therapist-light-9-together")
        self.rate(*LOW, talk="now")
        self.evaluated()
        window.find(part="Done. What each of the two said is shown when both are.")
        wait_until(lambda: self.attune.count("alert", "tier = 'red'") == 1, WAIT, "the alert")
        for client in ("c001", "c002"):
            window.open_client(client)
            for part in ("4.0", "16.0", "worth asking about", "Acknowledge", "alerts that wait", "waits for a step", "Rated:"):
                self.assertFalse(window.has(part), f"{part} in:\n{window.says()}")
            self.assertNotIn("16.0", window.says())
        self.assertEqual(self.told_outside(), [])
        self.assertEqual(self.attune.count("alert_delivery", "received_at is not null"), 0)
        window.close()
        again = self.open_window(name="again")  # The same holds for one that begins in between.
        again.find(part="Done. What each of the two said is shown when both are.")
        again.open_client("c001")
        again.find(part="sessions since")
        self.assertNotIn("16.0", again.says())
        self.assertFalse(again.has("worth asking about"))
        self.rate(9, 9, 9, 9)
        again.find(part="Rated: understanding 4.0")
        again.find(part="Rated: understanding 9.0")
        again.find("heading", "c001 · worth asking about")
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, WAIT, "the alert to be reported")
        again.page("therapist-light-9-together-both")
        again.close()

    # ---- the pages ------------------------------------------------------------------------------

    def test_goals_are_agreed_on_and_ended(self):
        self.session(7, 7, 7, 7)
        window = self.open_window()
        window.open_client("c001")
        window.find("text", "Goal for the next session")
        window.key("ctrl+g")
        window.type("begin with what was hard")
        window.press("Agree on it")
        window.find("label", "begin with what was hard")
        self.assertEqual(self.attune.sql("select area, words from goal"), [["understanding", "begin with what was hard"]])
        window.press("Reached: begin with what was hard")
        window.find(part="Understanding: reached")
        window.close()
        self.assertEqual(self.attune.count("goal", "outcome = 'reached'"), 1)

    def test_the_course_breaks_where_the_wording_changes(self):
        for wording in ("attune-adult-en/1", "attune-adult-en/1", "ours-en/1"):
            self.session(9, 9, 9, 9, wording=wording)
        self.session()  # Without a rating there is no wording, and no change.
        self.session(9, 9, 9, 8, wording="ours-en/1")
        window = self.open_window()
        window.open_client("c001")
        window.find(part="5 sessions since")
        total = wait_until(lambda: [node.description for node in window.all("image", "Total of the four areas")], 10, "the total")[0]
        self.assertIn("New wording from session 3 on: not to be compared with what was before.", total)
        window.picture("therapist-light-10-wording")
        window.close()

    def test_a_course_is_saved_as_pdf_png_and_csv(self):
        self.history()
        window = self.open_window("t1-desk", "--export-to", self.attune.path("."))
        window.open_client("c001")
        window.find(part="5 sessions since")
        window.key("ctrl+s")
        window.find("label", "Saved: c001.pdf")
        for kind in ("PNG", "SVG", "CSV"):
            window.press("Menu")
            window.press(f"Save as {kind}")
            window.find("label", f"Saved: c001.{kind.lower()}")
        window.close()
        for name, magic in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
            with open(self.attune.path(f"c001.{name}"), "rb") as file:
                self.assertTrue(file.read().startswith(magic))
            self.assertEqual(os.stat(self.attune.path(f"c001.{name}")).st_mode & 0o077, 0)
        with open(self.attune.path("c001.csv"), encoding="utf-8") as file:
            lines = [line.split(",")[2:7] for line in file.read().split("\n")[1:-1]]
        self.assertEqual(lines[0], ["9.0", "9.0", "9.0", "9.0", "36.0"])
        self.assertEqual(lines[3], ["", "", "", "", ""])  # No rating: nothing, never 0.

    def test_every_page_has_its_picture_and_what_a_screen_reader_says(self):
        self.history()
        for style, text in (("light", "100"), ("dark", "100"), ("light", "125")):
            window = self.open_window("t1-desk", name=f"therapist-{style}-{text}", style=style, text=text)
            window.find("list item", part="c002")
            kind = "large" if text == "125" else style
            window.page(f"therapist-{kind}-1-caseload")
            window.open_client("c001")
            window.find(part="sessions since")
            window.page(f"therapist-{kind}-2-client")
            if kind == "light":
                window.compare_says("client")
            window.key("ctrl+r")
            window.find("push button", "Done")
            self.assertFalse(window.could_be_read("c002"))
            window.page(f"therapist-{kind}-3-review")
            if kind == "light":
                window.compare_says("review")
            window.key("Escape")
            window.find("push button", "Review together")
            if not self.attune.count("session", "state = 'open'") and kind == "light":
                self.alert_is_up(window)
            window.find("push button", "Acknowledge")
            window.page(f"therapist-{kind}-4-alert")
            if kind == "light":
                window.compare_says("alert")
            window.press("Acknowledge")
            window.find("push button", "Bring to supervision")
            window.page(f"therapist-{kind}-5-steps")
            window.key("ctrl+p")
            window.find("heading", "The last 26 finished weeks")
            window.page(f"therapist-{kind}-6-figures")
            window.key("ctrl+l")
            window.find("label", "Locked")
            window.page(f"therapist-{kind}-7-lock")
            if kind == "light":
                window.compare_says("lock")
            window.press("Unlock")
            window.find("heading", "The last 26 finished weeks")
            window.close()


if __name__ == "__main__":
    desktop.own_bus_and_display()
    unittest.main()
