"""sealed_test.py - a stolen kiosk gives no rating, and no rating is lost for want of a key.

Method: a rating with scores, a ticket and a wording that are known; then every byte of the kiosk's spool, and of its process's
memory, is searched for them.
"""
import os
import signal
import socket
import unittest

from harness import SERVER, AttuneTest, wait_until

WORDING = "planted-wording/77"
SCORES = {"understanding": "1.7", "relevance": "2.9", "safety": "3.1", "fit": "4.3"}
PACKED_SCORES = bytes([0x1A, 8, 8, 17, 16, 29, 24, 31, 32, 43])  # As a packed Rating has them: proto/kiosk.proto.
SEALED_FILE = 60 + 2 + 3 + 386  # The spool's head, SubmitRating's two fields, the box: whatever was answered.
MAP_MAX = 64 << 20  # Above that it is the sanitizer's shadow, and empty.


def words_of(scores, wording=WORDING):
    words = ["--instrument", wording]
    for area, score in scores.items():
        words += [f"--{area}", score]
    return words


def files_below(folder):
    """{name: bytes} of all that lies there."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                found[name] = file.read()
    return found


def memory_of(pid):
    """Each writable piece of a process's memory."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            begin, end = (int(at, 16) for at in span.split("-"))
            if rights.startswith("rw") and end - begin <= MAP_MAX:
                memory.seek(begin)
                try:
                    yield memory.read(end - begin)
                except OSError:
                    pass  # A guard page.


class Sealed(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002", "c003"))
        self.spool = self.attune.path("id-k1/spool")

    def spooled(self, ending):
        """The bytes of each record with that ending."""
        if not os.path.isdir(self.spool):
            return []
        return [data for name, data in sorted(files_below(self.spool).items()) if name.endswith(ending)]

    def ticket(self, client="c001"):
        """Of a session of that client, whose room the next one takes."""
        session = self.attune.attune("t1", "session", "open", "--client", client, "--room", "North 1", "--take-over",
                                     "--json").json()["session_id"]
        return self.attune.sql(f"select ticket_id from ticket where session_id = '{session}'")[0][0].replace("-", "")

    def rate(self, *words, scores=None, check=True):
        return self.attune.attune("k1", "rate", *words_of(SCORES if scores is None else scores), *words, check=check)

    def rate_now(self, client="c001"):
        """With the server up: from here on the kiosk knows its key."""
        self.rate("--ticket", self.ticket(client))

    def keys(self):
        return sorted(os.listdir(self.attune.path("sealing")))

    def make_key(self):
        return self.attune.run([SERVER, "pki", "sealing-key", self.attune.path("sealing")], check=True).out.split()[-1]

    def hup(self, server, said="reloaded"):
        before = server.log().count(said)
        server.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: server.log().count(said) > before, 20, said)


class StolenKiosk(Sealed):
    def hits(self, data, ticket):
        planted = (PACKED_SCORES, bytes.fromhex(ticket), WORDING.encode(), b"c002", b"Dr t01")
        return [what for what in planted if what in data]

    def test_the_spool_gives_nothing_before_the_server_has_it_nor_after(self):
        self.rate_now()
        ticket = self.ticket("c002")
        self.server.stop()
        self.assertIn("saved", self.rate("--ticket", ticket, "--no-send").out)
        self.assertEqual((len(self.spooled(".rating")), len(self.spooled(".sent"))), (1, 1))
        self.assertEqual({name: self.hits(data, ticket) for name, data in files_below(self.spool).items()
                          if self.hits(data, ticket)}, {})
        self.server = self.attune.start_server()
        self.attune.attune("k1", "rate", "--drain")
        self.assertEqual((len(self.spooled(".rating")), len(self.spooled(".sent"))), (0, 2))
        self.assertEqual({name: self.hits(data, ticket) for name, data in files_below(self.spool).items()
                          if self.hits(data, ticket)}, {})
        self.assertEqual(self.attune.sql("select understanding, relevance, safety, fit, instrument from rating "
                                         f"where ticket_id = '{ticket}'"), [["17", "29", "31", "43", WORDING]])

    def test_the_process_s_memory_holds_no_packed_rating_once_it_is_saved(self):
        self.rate_now()
        ticket = self.ticket("c002")
        self.server.stop()
        with socket.create_server(("127.0.0.1", self.attune.server_port)):  # Takes a connection and says nothing.
            self.look_into(ticket)

    def look_into(self, ticket):
        words = ["rate", *words_of(SCORES), "--ticket", ticket, "--timeout", "60"]
        process = self.attune.start("rate", self.attune.command("k1", *words))
        wait_until(lambda: self.spooled(".rating"), 20, "the saved record")
        process.popen.send_signal(signal.SIGSTOP)
        pieces = list(memory_of(process.pid))
        process.kill()
        self.assertTrue(any(bytes.fromhex(ticket) in piece for piece in pieces), "the memory was read: its options are there")
        self.assertEqual(sum(piece.count(PACKED_SCORES) for piece in pieces), 0)

    def test_records_are_of_one_length_whatever_was_answered(self):
        self.rate_now()
        self.rate("--ticket", self.ticket("c002"), "--no-send")
        self.rate("--ticket", self.ticket("c003"), "--no-send", scores={"fit": "0"})
        self.attune.attune("k1", "rate", "--ticket", self.ticket("c001"), "--skip", "--no-send")
        self.assertEqual([len(data) for data in self.spooled(".rating")], [SEALED_FILE] * 3)

    def test_what_was_saved_before_the_key_was_known_is_sealed_before_it_is_sent(self):
        ticket = self.ticket()
        self.rate("--ticket", ticket, "--no-send")
        self.assertIn(PACKED_SCORES, self.spooled(".rating")[0])
        self.attune.attune("k1", "rate", "--drain")
        self.assertEqual([(len(data), self.hits(data, ticket)) for data in self.spooled(".sent")], [(SEALED_FILE, [])])
        self.assertEqual(self.attune.count("rating"), 1)


class Rotation(Sealed):
    def test_an_old_key_opens_beside_a_new_one_and_a_missed_rating_waits_for_its_key(self):
        self.rate_now()
        old, = self.keys()
        ticket = self.ticket("c002")
        self.rate("--ticket", ticket, "--no-send")  # Sealed to the old key.
        new = self.make_key()
        self.hup(self.server)
        self.attune.attune("k1", "rate", "--drain")  # Opened by the old key; the new one is offered.
        self.assertEqual(self.attune.count("rating"), 2)
        ticket = self.ticket("c003")
        self.rate("--ticket", ticket, "--no-send")
        self.assertIn(bytes.fromhex(new), self.spooled(".rating")[0])

        name, = [name for name in self.keys() if new in name]
        os.rename(self.attune.path(f"sealing/{name}"), self.attune.path(name))  # A key that is missed.
        self.hup(self.server)
        self.assertEqual(self.keys(), [old])
        done = self.attune.attune("k1", "rate", "--drain", "--timeout", "2", check=False)
        self.assertIn("waiting 1", done.out)
        self.assertNotEqual(done.code, 0)
        self.assertEqual((len(self.spooled(".rating")), self.attune.count("rating")), (1, 2))
        self.assertGreaterEqual(self.attune.metric(self.server, "attune_ratings_unopened_total"), 1)
        self.assertEqual(self.server.log().count(f"sealed to key {new}"), 1)

        os.rename(self.attune.path(name), self.attune.path(f"sealing/{name}"))
        self.hup(self.server)
        self.attune.attune("k1", "rate", "--drain")
        self.assertEqual(self.attune.count("rating", f"ticket_id = '{ticket}'"), 1)
        self.assertEqual(self.spooled(".rating"), [])

    def test_bad_keys_are_named_and_the_old_ones_stay(self):
        self.rate_now()
        path = self.attune.path(f"sealing/{self.keys()[0]}")
        os.chmod(path, 0o640)
        self.hup(self.server, "reload refused")
        self.assertIn("chmod 600", self.server.log())
        self.rate("--ticket", self.ticket("c002"))
        self.assertEqual(self.attune.count("rating"), 2)
        self.server.stop()
        done = self.attune.run([SERVER, "--config", self.attune.path("server.conf")])
        self.assertEqual(done.code, 78, done.err)
        self.assertIn("chmod 600", done.err)


class Required(Sealed):
    def test_what_is_not_sealed_stays_with_its_kiosk_until_it_is(self):
        self.server.stop()
        self.server = self.attune.start_server(sealing_keys=None)
        self.rate_now()  # No key is offered: it goes as it is.
        self.assertEqual(self.attune.count("rating"), 1)
        self.server.stop()
        self.server = self.attune.start_server(sealing_required=1)
        self.rate("--ticket", self.ticket("c002"))  # Its Welcome brings the key.
        self.assertEqual(self.attune.count("rating"), 2)
        self.assertEqual(sorted(len(data) == SEALED_FILE for data in self.spooled(".sent")), [False, True])

    def test_it_needs_keys(self):
        self.server.stop()
        self.attune.write_server_config(sealing_keys=None, sealing_required=1)
        done = self.attune.run([SERVER, "--config", self.attune.path("server.conf")])
        self.assertEqual(done.code, 78, done.err)
        self.assertIn("sealing_required: needs sealing_keys", done.err)


class WithoutKeys(AttuneTest):
    sealed = False

    def test_a_practice_without_a_sealing_key_goes_on_as_it_did(self):
        self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist()
        self.attune.open_session()
        self.attune.attune("k1", "rate", "--fit", "9")
        self.assertEqual(self.attune.count("rating"), 1)


if __name__ == "__main__":
    unittest.main()
