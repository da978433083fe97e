"""A log-on is ended elsewhere: desks that only watch are locked within 5 s, on two servers, with hints and with none.

By a reset, a new password on another device, an account's end, and a practice that asks for log-on from now on. Whoever is not meant stays.
"""
import os
import sys
import time
import unittest

import revoked_test
from harness import BUILD, SOURCE

sys.path[:0] = [os.path.join(BUILD, "tests", "integration", "other_language"),
                os.path.join(SOURCE, "tests", "integration", "other_language")]
import log_on_test  # noqa: E402
from log_on_test import OWN  # noqa: E402

LOCK_S = 5
OTHER, LATER = "another one of mine", "the one after the reset"
DESKS = ("t1-desk", "t1-home")


class LogOnEnded(log_on_test.LogOnTest):
    options = {"silence_s": "300", "poll_ms": "60000"}  # The poll of all that hints wake does not help.
    lose_hints = revoked_test.Revoked.lose_hints

    def setUp(self):
        super().setUp()
        self.servers = [self.attune.processes[0], self.attune.start_server("server-2", listen="127.0.0.1:0", **self.options)]
        self.addresses = [f"127.0.0.1:{server.ports['listen']}" for server in self.servers]
        self.practice()
        self.attune.add_device("t1-home", "therapist", "--therapist", "t01")
        self.attune.add_therapist("t02", device="t2", clients=("c009",))
        password = self.cli("admin", "account", "add", "berg", "--therapist", "t02").out.strip()
        self.cli("t2-desk", "log-on", lines=(password, OWN))

    def desks(self, password, devices=DESKS):
        """Each device on each server, watching; password None: nobody needs to log on."""
        desks = []
        for device in devices:
            token = None
            for address in self.addresses:
                desk = self.connect(device, server=address)
                if password is not None and token is None:
                    token = desk.ask(log_on={"password": password}).token
                elif password is not None:
                    desk.ask(resume_log_on={"token": token})
                desk.ask(watch={})
                desks.append(desk)
        return desks

    def is_locked(self, desk, end):
        while not any(push.WhichOneof("body") == "locked" for push in desk.pushes):
            desk.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                desk.pushes.append(desk.receive().push)
            except TimeoutError:
                return False
        return True

    def assert_locked(self, what, hints, desks, since):
        end = time.monotonic() + LOCK_S
        locked = sum(self.is_locked(desk, end) for desk in desks)
        ms = round((time.monotonic() - since) * 1000)
        print(f"log_on_ended what={what} hints={hints} locked={locked}/{len(desks)} locked_ms={ms}", flush=True)
        self.assertEqual(locked, len(desks), f"not locked within {LOCK_S} s")
        for desk in desks:
            desk.socket.settimeout(30)
            self.refused(desk, log_on_test.FIRST, list_caseload={})

    def test_desks_are_locked_within_five_seconds_with_and_without_hints(self):
        bystander = self.desks(OWN, ("t2",))
        for hints, password in (("kept", OWN), ("lost", LATER)):
            if hints == "lost":
                self.lose_hints()
            desks, elsewhere = self.desks(password), self.on("t1", password)
            since = time.monotonic()
            elsewhere.ask(set_password={"old": password, "fresh": OTHER})
            self.assert_locked("password", hints, desks, since)
            elsewhere.ask(list_caseload={})
            desks, since = self.desks(OTHER), time.monotonic()
            one_time = self.cli("admin", "account", "reset", "lund").out.strip()
            self.assert_locked("reset", hints, [*desks, elsewhere], since)
            self.cli("t1", "log-on", lines=(one_time, LATER))
            desks, since = self.desks(LATER), time.monotonic()
            self.attune.sql("update account set revoked_at = now() where name = 'lund'")
            self.assert_locked("account", hints, desks, since)
            self.attune.sql("update account set revoked_at = null where name = 'lund'")
            self.cli("admin", "practice", "log-on", "off")
            desks, by_choice = self.desks(None), self.on("t1", LATER)
            since = time.monotonic()
            self.cli("admin", "practice", "log-on", "required")
            self.assert_locked("required", hints, desks, since)
            by_choice.ask(list_caseload={})
        self.assertGreater(int(self.attune.sql("select last_value from silent.calls")[0][0]), 2)
        for desk in bystander:
            desk.socket.settimeout(30)
            desk.ask(list_caseload={})
            self.assertEqual([push for push in desk.pushes if push.WhichOneof("body") == "locked"], [])


if __name__ == "__main__":
    unittest.main()
