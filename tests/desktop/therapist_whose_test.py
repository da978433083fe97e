"""Whose clients the desk shows: chosen where there is something to choose, plain all the time, gone by itself, with nothing left behind."""
import datetime
import signal
import unittest

import desktop
from desktop import WAIT, DesktopTest
from harness import wait_until

LOW = ("--understanding", "2", "--relevance", "2", "--safety", "2", "--fit", "2")
GLASS = "^Look at a colleague"
ENDED = "has ended: these are your own clients again"


def day(days):
    return (datetime.date.today() + datetime.timedelta(days)).isoformat()


def spoken(days):
    at = datetime.date.today() + datetime.timedelta(days)
    return f"{at.day} {at:%b}"


class Whose(DesktopTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))
        self.attune.add_therapist(code="t02", device="t2", clients=("c901", "c902"))

    def cover(self, days=2):
        self.attune.practice("cover", "t02", "--by", "t01", "--until", day(days))

    def choose(self, window, now, wanted):
        window.press(f"Whose clients: {now}")
        window.press(wanted)

    def covering(self, window, days=2):
        words = f"Covering for t02 until {spoken(days)}"
        self.choose(window, "My clients", words)
        window.find("list item", part="c901")
        window.find(part=f"These are the clients of Dr t02 (t02). You cover until {spoken(days)}.")
        return words

    def nothing_of_theirs(self, window):
        for kept in ("c901", "c902", " of Dr t02", "These are the clients of"):
            wait_until(lambda kept=kept: not window.could_be_read(kept), WAIT, f"{kept} to be gone")
        window.find("list item", part="c001")

    # ---- what is chosen -------------------------------------------------------------------------

    def test_with_nothing_to_choose_there_is_no_chooser_and_others_rights_are_not_ones_own(self):
        self.attune.practice("cover", "t01", "--by", "t02", "--until", day(2))  # The other way round.
        window = self.open_window()
        window.find("list item", part="c001")
        window.find("label", "My clients")
        self.assertFalse(window.has("Whose clients"))
        self.assertFalse(window.has("Covering"))
        window.close()

    def test_who_covers_sees_whose_these_are_all_the_time_acts_there_and_leaves_nothing_behind(self):
        self.cover()
        window = self.open_window()
        window.find("list item", part="c001")
        words = self.covering(window)
        self.assertFalse(window.could_be_read("c001"))
        self.assertGreaterEqual(self.attune.count("audit", "action = 'act_for'"), 1)
        window.open_client("c901")
        window.press("Open session")
        window.press("North 1")
        window.press("Invite rating")
        wait_until(lambda: self.attune.count("session", "state = 'invited'") == 1, WAIT, "the invitation")
        self.attune.attune("k1", "rate", *LOW)
        window.find("heading", "c901 of Dr t02 · worth asking about")
        window.find(part="Rated: understanding 2.0")
        window.sizes("therapist-whose-1-cover")
        window.press("Acknowledge")
        window.press("Change the pace")
        self.choose(window, words, "My clients")  # The step could still be undone: it is said first.
        self.nothing_of_theirs(window)
        self.assertEqual(self.attune.sql("select step from rupture"), [["changes pace"]])
        self.assertFalse(window.has("worth asking about"))
        window.find("label", "Choose a client")
        window.close()

    def test_what_comes_for_ones_own_meanwhile_is_said_and_shown_once_one_is_back(self):
        self.cover()
        window = self.open_window()
        window.find("list item", part="c001")
        self.covering(window)
        self.assertFalse(window.has("Meanwhile something has come"))
        self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        window.find(part="Meanwhile something has come for one of your own clients.")
        self.assertFalse(window.could_be_read("c001"))
        wait_until(lambda: self.attune.count("alert_delivery") == 1, WAIT, "the alert")
        self.assertEqual(self.attune.count("alert_delivery", "received_at is not null"), 0)  # Nobody has seen it.
        window.press("Back to my clients")
        window.find("heading", "c001 · worth asking about")
        self.assertFalse(window.could_be_read("c901"))
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, WAIT, "the alert to be reported")
        window.close()

    # ---- how it ends ----------------------------------------------------------------------------

    def test_a_cover_that_is_over_ends_by_itself_also_while_the_server_says_nothing(self):
        self.cover()
        window = self.open_window()
        window.press("Whose clients: My clients")
        name = window.find("push button", part="Covering for t02 until").name
        self.attune.sql("update cover set until_at = now() + interval '15 seconds' returning 1")
        window.press(name)  # Until when it is by now the server says.
        window.find("list item", part="c901")
        window.open_client("c901")
        self.server.popen.send_signal(signal.SIGSTOP)
        try:
            window.find(part=ENDED)
            self.assertFalse(window.could_be_read("c901"))
            self.assertFalse(window.could_be_read("These are the clients of"))
        finally:
            self.server.popen.send_signal(signal.SIGCONT)
        self.nothing_of_theirs(window)
        window.close()

    def test_a_cover_that_is_taken_back_ends_with_what_is_asked_next(self):
        self.cover()
        window = self.open_window()
        window.find("list item", part="c001")
        self.covering(window)
        self.attune.practice("end-cover", "t02", "--by", "t01")
        window.key("ctrl+f")
        window.type("c901")
        window.key("Return")
        window.find(part="Your cover for Dr t02 " + ENDED)
        self.nothing_of_theirs(window)
        window.gone(name="Whose clients: My clients")  # Nothing is left to choose.
        window.close()

    def test_a_lost_connection_comes_back_to_the_same_rows_or_to_ones_own(self):
        self.cover()
        window = self.open_window()
        window.find("list item", part="c001")
        self.covering(window)
        self.server.kill()
        window.find(part="Not connected.")
        self.server = self.attune.start_server("server2")
        window.find(part="Connected to Test practice", seconds=90)
        wait_until(lambda: self.attune.count("audit", "action = 'act_for'") == 2, WAIT, "the same to be asked for")
        window.open_client("c902")
        self.server.kill()
        window.find(part="Not connected.")
        self.attune.sql("update cover set ended_at = now() returning 1")
        self.attune.start_server("server3")
        window.find(part="Your cover for Dr t02 " + ENDED, seconds=90)
        self.nothing_of_theirs(window)
        window.close()

    def test_a_desk_that_locks_comes_back_to_ones_own(self):
        self.cover()
        window = self.open_window()
        window.find("list item", part="c001")
        self.covering(window)
        window.key("ctrl+l")
        window.find("label", "Locked")
        self.assertFalse(window.could_be_read("c901"))
        self.assertFalse(window.could_be_read("These are the clients of"))
        window.press("Unlock")
        self.nothing_of_theirs(window)
        window.close()

    # ---- reading --------------------------------------------------------------------------------

    def test_a_supervisor_reads_and_finds_nothing_to_change(self):
        self.attune.practice("supervise", "t01", "--site", "North", "--from", day(-1), "--to", day(9))
        self.attune.open_session("t2", "c901", invite=True)
        self.attune.attune("k1", "rate", *LOW)
        window = self.open_window("t1-desk", style="dark")
        self.choose(window, "My clients", "Supervising t02 (reading)")
        window.find("list item", part="c901")
        window.open_client("c901")
        window.find(part="These are the clients of Dr t02 (t02), for reading")
        window.find(part="Rated: understanding 2.0")
        window.find("heading", "Alerts and repairs")
        for name in ("Open session", "Close session", "Agree on it", "Acknowledge"):
            self.assertFalse(window.all(name=name), name)
        window.sizes("therapist-whose-2-supervision-dark")
        window.press("Back to my clients")
        self.nothing_of_theirs(window)
        window.find("push button", "Whose clients: My clients")
        window.close()

    def test_the_glass_is_broken_for_a_client_with_a_reason_and_the_owner_is_told(self):
        window = self.open_window("t1-desk", name="looker")
        window.find("list item", part="c001")
        window.press("Menu")
        window.press("Look at a colleague’s client …")
        window.find("text", "Client")
        window.find(part="The colleague is told that you looked and reads your reason.")
        self.assertFalse(self.can_look(window))
        window.type("c901", title=GLASS)
        self.assertFalse(self.can_look(window))
        window.key("Tab", "Tab", title=GLASS)
        window.type("call from the ward", title=GLASS)
        wait_until(lambda: self.can_look(window), WAIT, "the button")
        window.page("therapist-whose-3-glass-dialog")
        window.press("Look for one hour")
        window.find(part="c901 is a client of Dr t02. You can read until")
        window.find("heading", "Goals, and what they moved")
        self.assertFalse(window.could_be_read("c902"))
        self.assertFalse(window.could_be_read("c001"))
        self.assertFalse(window.all(name="Open session"))
        window.sizes("therapist-whose-4-glass")
        window.compare_says("glass")
        window.press("Back to my clients")
        self.nothing_of_theirs(window)
        self.assertEqual(self.attune.sql("select reason from break_glass"), [["call from the ward"]])
        window.close()
        owner = self.open_window("t2-desk", name="owner")  # One at a time: they have one title.
        owner.find(part="Dr t01 looked at your client c901")
        owner.find("label", "Their reason: call from the ward")
        owner.close()

    def can_look(self, window):
        import pyatspi
        return window.find("push button", "Look for one hour").getState().contains(pyatspi.STATE_SENSITIVE)

    def test_a_client_that_is_not_there_is_said_and_one_stays_with_ones_own(self):
        window = self.open_window()
        window.find("list item", part="c001")
        window.press("Menu")
        window.press("Look at a colleague’s client …")
        window.find("text", "Client")
        window.type("c555", title=GLASS)
        window.key("Tab", "Tab", title=GLASS)
        window.type("x", title=GLASS)
        window.key("Return", title=GLASS)
        window.find(part="No colleague has a client called c555.")
        window.find("list item", part="c001")
        self.assertEqual(self.attune.count("break_glass"), 0)
        window.close()


if __name__ == "__main__":
    desktop.own_bus_and_display()
    unittest.main()
