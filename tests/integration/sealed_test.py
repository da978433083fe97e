"""sealed_test.py - a stolen kiosk gives no rating, and no rating is lost for want of a key.

Method: a rating with scores, a ticket and a wording that are known; then every byte of the kiosk's spool, and of its process's
memory, is searched for them.
"""
import ctypes
import ctypes.util
import os
import signal
import socket
import subprocess
import unittest

from harness import SERVER, AttuneTest, wait_until

WORDING = "planted-wording/77"
SCORES = {"understanding": "1.7", "relevance": "2.9", "safety": "3.1", "fit": "4.3"}
PACKED_SCORES = bytes([0x1A, 8, 8, 17, 16, 29, 24, 31, 32, 43])  # As a packed Rating has them: proto/kiosk.proto.
SEALED_FILE = 60 + 2 + 3 + 386  # The spool's head, SubmitRating's two fields, the box: whatever was answered.
MAP_MAX = 64 << 20  # Above that it is the sanitizer's shadow, and empty.


SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
LIBC = ctypes.CDLL(None, use_errno=True)
PROCESS_MADVISE, PAGEOUT, SWAP_SIZE = 440, 21, 64 << 20  # Of this process's memory: out to swap, all that may go.


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


def unlimited_core(command):
    return ["prlimit", "--core=unlimited", *command]


def dies_with_core(popen):
    """Whether the system made a core file of it."""
    os.kill(popen.pid, signal.SIGABRT)
    os.kill(popen.pid, signal.SIGCONT)
    _, status = os.waitpid(popen.pid, 0)
    popen.returncode = -os.WTERMSIG(status)
    return os.WCOREDUMP(status)


def page_out(pid):
    """Ask the system to write that process's memory to swap now."""
    class Span(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    handle = os.pidfd_open(pid)
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        for line in maps:
            span, rights = line.split()[:2]
            begin, end = (int(at, 16) for at in span.split("-"))
            if rights.startswith("rw") and end - begin <= MAP_MAX:
                LIBC.syscall(PROCESS_MADVISE, handle, ctypes.byref(Span(begin, end - begin)), ctypes.c_size_t(1), PAGEOUT, 0)
    os.close(handle)


def read_past_the_cache(path):
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return file.read()


def swapped_out(path, pid):
    """What lies on a swap disk of our own after that process's memory was sent there, in pieces; nothing where none can be had. A phrase
    that is planted in another process must be among it: else nothing was proved."""
    phrase = os.urandom(16)
    with open(path, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        for _ in range(SWAP_SIZE >> 20):
            file.write(bytes(1 << 20))
        os.fsync(file.fileno())
    if any(subprocess.run([*words, path], capture_output=True, check=False).returncode for words in (["mkswap"], ["swapon", "-p", "9999"])):
        return []
    other = subprocess.Popen(["python3", "-c", "import sys; kept = bytes.fromhex(sys.argv[1]) * 99999; print('there', flush=True); "
                              "sys.stdin.read()", phrase.hex()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"there\n"
        page_out(pid)
        page_out(other.pid)
        return wait_until(lambda: [held for held in [read_past_the_cache(path)] if phrase in held], 20, "what is planted on the swap disk")
    finally:
        other.communicate()
        subprocess.run(["swapoff", path], check=True)


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

    def test_the_process_s_memory_swap_and_core_hold_no_rating_nor_its_key_once_it_is_saved(self):
        self.rate_now()
        ticket = self.ticket("c002")
        self.server.stop()
        with socket.create_server(("127.0.0.1", self.attune.server_port)):  # Takes a connection and says nothing.
            self.look_into(ticket)

    def links(self):
        """k(0), what opened the record that lies in the spool, and k(1), what the next would have been opened with."""
        name, = os.listdir(self.attune.path("sealing"))
        with open(self.attune.path(f"sealing/{name}"), encoding="ascii") as file:
            secret = bytes.fromhex(file.read())
        box = self.spooled(".rating")[0][-386:]
        first, key = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
        public_half = ctypes.create_string_buffer(32)
        SODIUM.crypto_scalarmult_base(public_half, secret)
        self.assertEqual((box[89], SODIUM.crypto_box_seal_open(first, box[9:89], ctypes.c_ulonglong(80), public_half, secret)), (0, 0))
        derived = []
        for number in (1, 2):
            SODIUM.crypto_kdf_derive_from_key(key, ctypes.c_size_t(32), ctypes.c_uint64(number), b"attune/1", first.raw)
            derived.append(key.raw)
        return first.raw, derived[0], derived[1]

    def look_into(self, ticket):
        """Every place that outlives the rating, for what was said and for the two keys that open it."""
        words = ["rate", *words_of(SCORES), "--ticket", ticket, "--timeout", "60"]
        process = self.attune.start("rate", unlimited_core(self.attune.command("k1", *words)))
        wait_until(lambda: self.spooled(".rating"), 20, "the saved record")
        process.popen.send_signal(signal.SIGSTOP)
        first, following, record_key = self.links()
        places = {"memory": list(memory_of(process.pid)), "spool": list(files_below(self.spool).values()),
                  "swap": swapped_out(self.attune.path("swap"), process.pid)}
        core = self.core_of(process)
        planted = (PACKED_SCORES, first, record_key)
        hits = sum(piece.count(what) for pieces in places.values() for piece in pieces for what in planted) + core
        said = ",".join(f"{name}:{sum(map(len, pieces))}" if pieces else f"{name}:none" for name, pieces in places.items())
        print(f"stolen kiosk hits={hits} places={said},core:{core or 'none'}", flush=True)
        self.assertTrue(any(bytes.fromhex(ticket) in piece for piece in places["memory"]), "it was read: its options are there")
        self.assertTrue(any(following in piece for piece in places["memory"]), "a key that is there is found")
        self.assertEqual(hits, 0)

    def core_of(self, process):
        """1 if it leaves a core file where another program does."""
        ours, other = (dies_with_core(popen) for popen in (process.popen, subprocess.Popen(
            unlimited_core(["sleep", "60"]), cwd=self.attune.folder)))
        process.popen.returncode = -signal.SIGABRT
        self.assertTrue(other or not os.access("/proc/sys/kernel/core_pattern", os.W_OK), "another one's is made")
        return int(ours)

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
