"""Row 17, while connected: a device, a person and a certificate are revoked; every connection of theirs ends within 5 s, on two servers.

With hints; with none (no NOTIFY, the listening connections ended); and with what was told lost altogether, as after a fail-over: then
the servers ask about everyone who is connected. Those who are not meant stay connected all the while.
"""
import os
import socket
import sys
import threading
import time
import unittest

from faults import FaultTest, wait_until
from harness import BUILD, SOURCE
from hints_lost_test import SILENT

sys.path[:0] = [os.path.join(BUILD, "tests", "integration", "other_language"),
                os.path.join(SOURCE, "tests", "integration", "other_language")]
from attune_wire import Closed, Connection, Refused, identity_context  # noqa: E402

CUT_S = 5
DEVICE, CERTIFICATE, PERSON = 202, 230, 231
KIOSKS, DESKS = ("k1", "k2", "k3"), ("d1", "d2", "d3")


class Line(threading.Thread):
    """A device's live connection that only listens: when it was ended, and with which code."""

    def __init__(self, attune, label, address):
        super().__init__(daemon=True)
        self.label, self.code, self.ended_s = label, None, None
        self.connection = Connection(address, identity_context(attune.path(f"id-{label}")))
        self.connection.say_hello("revoked")
        self.connection.socket.settimeout(60)
        self.start()

    def run(self):
        try:
            while self.code is None:
                response = self.connection.receive().response
                if response.WhichOneof("body") == "error" and response.seq == 0:
                    self.code = response.error.code
        except (Closed, OSError):
            pass
        self.ended_s = time.monotonic()
        self.connection.close()

    def end(self):
        if self.ended_s is None:
            socket.socket.shutdown(self.connection.socket, socket.SHUT_RDWR)
        self.join()


class Revoked(FaultTest):
    def setUp(self):
        super().setUp()
        attune = self.attune
        calm = {"silence_s": 300, "poll_ms": 60000}  # The poll of all that hints wake does not help.
        self.servers = [attune.start_server(**calm), attune.start_server(name="server2", listen="127.0.0.1:0", **calm)]
        self.addresses = [f"127.0.0.1:{server.ports['listen']}" for server in self.servers]
        attune.add_room(kiosk="k1")
        attune.add_room(room="North 2", kiosk="k2")
        attune.add_room(room="North 3", kiosk="k3")
        attune.practice("add-therapist", "t01", "--site", "North")
        attune.practice("add-therapist", "t02", "--site", "North")
        for label in DESKS:
            attune.add_device(label, "therapist", "--therapist", "t01")
        attune.add_device("other", "therapist", "--therapist", "t02")

    def connect(self, *labels):
        lines = [Line(self.attune, label, address) for label in labels for address in self.addresses]
        for line in lines:
            self.addCleanup(line.end)
        return lines

    def lose_hints(self):
        """From now on a NOTIFY says nothing, and whoever listened has listened anew: what waking they do is over."""
        self.attune.sql(SILENT.format(database=self.attune.database).replace(
            "select nextval('silent.calls')", "select nextval('silent.calls'); select null::void"))
        self.attune.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'attune_server' "
                        "and datname = current_database()")
        wait_until(lambda: self.attune.count("pg_stat_activity", "query like 'listen %' and state = 'idle' and "
                                             "datname = current_database()") == 2, 30, "the servers to listen again")
        wait_until(lambda: all(self.attune.is_ready(server) for server in self.servers), 30, "the servers to be back")

    def assert_refused(self, label, code):
        for address in self.addresses:
            connection = Connection(address, identity_context(self.attune.path(f"id-{label}")))
            with self.assertRaises(Refused) as refused:
                connection.say_hello("revoked")
            connection.close()
            self.assertEqual(refused.exception.code, code)

    def assert_cut(self, what, how, lines, code, since):
        """All within CUT_S of the command's end, each with that code."""
        returned = time.monotonic()
        for line in lines:
            line.join(max(0, returned + CUT_S - time.monotonic()))
        cut = [line for line in lines if line.ended_s is not None and line.code == code]
        ms = round(max((line.ended_s - since for line in cut), default=-0.001) * 1000)
        print(f"revoked what={what} hints={how} cut={len(cut)}/{len(lines)} cut_ms={ms}", flush=True)
        self.assertEqual([(line.label, line.code) for line in lines if line not in cut], [], f"not cut within {CUT_S} s")

    def revoke(self, what, how, words, labels, code):
        lines = self.connect(*labels)
        since = time.monotonic()
        self.attune.attune("admin", *words)
        self.assert_cut(what, how, lines, code, since)
        for label in labels:
            self.assert_refused(label, code)

    def add_again(self):
        """The certificate does not come back: its device gets another one of its own."""
        attune = self.attune
        attune.practice("add-therapist", "t01", "--site", "North")
        for label, room in zip(KIOSKS, ("North 1", "North 2")):
            attune.practice("add-device", "--certificate", attune.path(f"id-{label}/device.crt"), "--role", "kiosk",
                            "--label", label, "--room", room)
        for label in DESKS:
            attune.practice("add-device", "--certificate", attune.path(f"id-{label}/device.crt"), "--role", "therapist",
                            "--label", label, "--therapist", "t01")
        attune.add_device("k4", "kiosk", "--room", "North 3")

    def test_connections_end_within_five_seconds_with_and_without_hints(self):
        attune, bystanders = self.attune, self.connect("other")
        for how, device, certificate in (("kept", "k1", "k3"), ("lost", "k2", "k4")):
            if how == "lost":
                self.lose_hints()
                self.add_again()
            self.revoke("device", how, ("device", "revoke", device), [device], DEVICE)
            self.revoke("person", how, ("practice", "revoke-therapist", "t01"), DESKS, PERSON)
            self.revoke("certificate", how, ("device", "revoke-certificate", attune.path(f"id-{certificate}/device.crt")),
                        [certificate], CERTIFICATE)
        self.assertGreater(int(attune.sql("select last_value from silent.calls")[0][0]), 2)
        self.assert_connected(bystanders)

    def assert_connected(self, lines):
        for line in lines:
            self.assertIsNone(line.ended_s, f"{line.label} was ended: {line.code}")
        self.assertGreater(sum(self.attune.metric(server, "attune_revoked_total") for server in self.servers), 0)

    def test_what_a_fail_over_has_lost_is_found_among_the_connected(self):
        """Goal: no news of it is left, only that it is so, and the database's connections were lost."""
        lines, bystanders = self.connect("k1", *DESKS), self.connect("k2", "other")
        wait_until(lambda: self.attune.count("pg_stat_activity", "usename = 'attune_server' and query like '%revocation n%' "
                                             "and datname = current_database()") >= 2, 20, "looks at what was revoked")
        self.attune.sql("update device set revoked_at = now() where label = 'k1'; "
                        "update device set revoked_at = now() where therapist_id is not null and label <> 'other'; "
                        "update therapist set revoked_at = now() where code = 't01'; "
                        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'attune_server' "
                        "and datname = current_database()")
        since = time.monotonic()
        self.assert_cut("device", "forgotten", lines[:2], DEVICE, since)
        self.assert_cut("person", "forgotten", lines[2:], PERSON, since)
        self.assert_connected(bystanders)

    def test_the_command_line_says_it_in_words_and_ends_with_77(self):
        attune = self.attune
        attune.add_therapist(code="t03", device="t3", clients=("c003",))
        watch = attune.watch(therapist="t3")
        wait_until(lambda: attune.news(watch, "t3", "c003"), 20, "the watch to be up")
        alone = attune.attune("admin", "device", "revoke", "admin", check=False)
        self.assertEqual(alone.code, 1)
        self.assertIn("nobody could administer the practice after that", alone.err)
        self.assertIn("--yes", alone.err)
        attune.attune("admin", "practice", "revoke-therapist", "t03")
        self.assertEqual(watch.popen.wait(20), 77)
        self.assertIn("this person's access has ended: ask the administrator", watch.log())
        done = attune.attune("t3", "ratings", "--client", "c003", check=False)
        self.assertEqual((done.code, done.out), (77, ""))
        self.assertIn("this person's access has ended", done.err)
        self.assertEqual(attune.attune("admin", "device", "revoke", "nobody's", check=False).code, 1)
        serial = attune.run(["openssl", "x509", "-noout", "-serial", "-in", attune.path("id-k1/device.crt")], check=True)
        attune.attune("admin", "device", "revoke-certificate", serial.out.strip().partition("=")[2])
        done = attune.attune("k1", "rate", "--skip", check=False)
        self.assertEqual(done.code, 77)
        self.assertIn("this certificate was revoked", done.err)
        self.assertEqual(attune.attune("admin", "device", "revoke-certificate", "12345g", check=False).code, 1)
        done = attune.attune("k2", "device", "revoke", "k3", check=False)
        self.assertEqual(done.code, 77)
        attune.attune("admin", "device", "revoke", "admin", "--yes")
        self.assertEqual(attune.attune("admin", "practice", "list", "sites", check=False).code, 77)


if __name__ == "__main__":
    unittest.main()
