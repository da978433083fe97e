"""The desk where the practice asks for a log-on: the first one, the lock, what waits meanwhile, and a second factor."""
import unittest

import desktop
from desktop import WAIT, DesktopTest
from harness import shim, wait_until
from log_on_test import ADMIN, LogOnTest, step_now, totp
from qr import read_picture

OWN = "a therapists own words"  # Typed on a keyboard.
LOW = ("--understanding", "2", "--relevance", "2", "--safety", "2", "--fit", "2")


class DeskLogOn(DesktopTest):
    log_on = True
    cli, administrator, connect = LogOnTest.cli, LogOnTest.administrator, LogOnTest.connect

    def setUp(self):
        super().setUp()
        self.first = self.attune.setup_said.split("one-time password ")[1].split()[0]
        self.attune.start_server()
        self.attune.start_aggregator()
        self.administrator()
        environment = {"XDG_RUNTIME_DIR": self.attune.path("run")}
        run = self.attune.attune
        self.attune.attune = lambda *words, environment=environment, **more: run(*words, environment=environment, **more)
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))
        self.password = self.cli("admin", "account", "add", "lund", "--therapist", "t01").out.strip()

    def fill(self, window, words):
        """The field that has the keyboard, and Return."""
        window.key("ctrl+a")
        window.type(words)
        window.key("Return")

    def first_log_on(self, window):
        window.find("text", "Password")
        self.fill(window, self.password)
        window.find("text", "New password, 12 characters or more")
        window.page("therapist-log-on-2-new-password")
        window.type("too short")
        window.key("Return")
        window.find(part="needs 12 characters or more")
        window.key("ctrl+a")
        window.type(OWN)
        window.key("Tab")
        self.fill(window, OWN)
        window.find("list item", part="c002")

    def test_a_one_time_password_is_changed_and_a_locked_desk_says_that_something_waits(self):
        window = self.open_window("t1-desk")
        window.find("text", "Password")
        self.assertFalse(window.could_be_read("c001"))
        window.page("therapist-log-on-1-first")
        window.compare_says("log_on")
        self.fill(window, "not the right one")
        window.find(part="That is not right.")
        self.fill(window, self.password)
        window.find(part="must wait")
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        self.first_log_on(window)
        self.assertEqual(self.attune.count("log_on", "account_id = 2"), 1)
        window.key("ctrl+l")
        window.find("text", "Password")
        self.assertFalse(window.could_be_read("c001"))
        wait_until(lambda: self.attune.count("log_on", "account_id = 2") == 0, WAIT, "the lock on the server")
        self.cli("t1", "log-on", lines=(OWN,))
        self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        window.find(part="Attune has something for you.")
        self.assertFalse(window.could_be_read("c001"))
        self.assertEqual(self.attune.count("alert_delivery", "received_at is not null"), 0)
        wait_until(self.told_outside, WAIT, "the notification")
        self.assertEqual(self.told_outside()[0], {"title": "Attune has something for you", "body": ""})
        window.page("therapist-log-on-3-waits")
        window.compare_says("log_on_waits")
        self.fill(window, OWN)
        window.find("push button", "Acknowledge")
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, WAIT, "the alert to be reported")
        window.close()
        wait_until(lambda: self.attune.count("log_on", "fingerprint = (select fingerprint from device where label = 't1-desk')") == 0,
                   WAIT, "the log-off of a window that is closed")

    def test_a_second_factor_that_the_practice_demands_is_set_up_at_the_desk(self):
        self.cli("admin", "practice", "log-on", "required", "--second-factor")
        window = self.open_window("t1-desk")
        window.find("text", "Password")
        self.fill(window, self.password)
        window.find("text", "New password, 12 characters or more")
        window.type(OWN)
        window.key("Tab")
        self.fill(window, OWN)
        window.find(part="Your practice asks for a second factor")
        self.assertFalse(window.could_be_read("c001"))
        window.press("Set up a second factor")
        letters = window.find(part="Or type this into it:").name.split(":")[1].strip()
        self.assertTrue(window.could_be_read(letters))
        window.find("text", "Code of your authenticator")
        seen = read_picture(window.page("therapist-log-on-5-second-factor"))
        self.assertTrue(seen.startswith("otpauth://totp/Attune:lund?"), seen)
        self.assertIn(f"secret={letters.replace(' ', '')}&", seen)
        self.fill(window, "000000" if totp(seen, step_now()) != "000000" else "000001")
        window.find(part="That code is wrong.")
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        self.fill(window, totp(seen, step_now()))
        window.find("list item", part="c002")
        self.assertFalse(window.could_be_read(letters))  # As shown, with blanks.
        window.close()

    def test_a_clock_that_is_wrong_is_said_before_a_code_is_refused_and_on_the_desk(self):
        window = self.open_window("t1-desk", environment=shim("clock", ATTUNE_CLOCK_S="7200"))
        window.find("text", "Password")
        window.find(part="This computer’s clock is 2 hours fast.")
        window.page("therapist-clock-1-locked")
        self.first_log_on(window)
        window.find("label", part="This computer’s clock is 2 hours fast.")
        window.sizes("therapist-clock-2-desk")
        window.close()

    def test_the_servers_limit_locks_the_desk_and_a_code_is_asked_for(self):
        self.cli("t1", "log-on", lines=(self.password, OWN))
        owner = self.connect("t1")
        owner.ask(log_on={"password": OWN})
        uri = owner.ask(begin_second_factor={"password": OWN}).uri
        step = step_now()
        owner.ask(confirm_second_factor={"code": totp(uri, step - 1)})
        window = self.open_window("t1-desk")
        window.find("text", "Password")
        self.fill(window, OWN)
        window.find("text", "Code of your authenticator")
        window.page("therapist-log-on-4-code")
        window.type(totp(uri, step))
        window.key("Return")
        window.find("list item", part="c002")
        window.open_client("c001")
        self.attune.sql("delete from log_on where account_id = 2 returning 1")  # As a new password would.
        window.find("text", "Password")  # The token is good no more.
        self.assertFalse(window.could_be_read("c001"))
        window.close()

    def test_a_practice_that_begins_to_ask_for_log_on_locks_the_desks_that_are_open(self):
        self.cli("admin", "practice", "log-on", "off")
        window = self.open_window("t1-desk")
        window.find("list item", part="c002")
        self.cli("admin", "practice", "log-on", "required")
        window.find("text", "Password")
        self.assertFalse(window.could_be_read("c002"))
        self.first_log_on(window)
        window.close()


if __name__ == "__main__":
    desktop.own_bus_and_display()
    unittest.main()
