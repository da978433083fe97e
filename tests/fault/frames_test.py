"""Row 19: frames that no client of ours sends. Each gets its stated answer, and the server's memory stays where it was.

The table says what is sent after the Welcome (or instead of the Hello) and what must come: a code, and whether the connection
ends. Written from proto/PROTOCOL.md; the messages are Python's own. How long a frame takes is printed, not judged.
"""
import os
import statistics
import struct
import sys
import time
import unittest

from faults import FaultTest, rss_kb, wait_until
from harness import BUILD, SOURCE

sys.path[:0] = [os.path.join(BUILD, "tests", "integration", "other_language"),
                os.path.join(SOURCE, "tests", "integration", "other_language")]
from attune_wire import Closed, Connection, identity_context  # noqa: E402
from envelope_pb2 import Hello, Ping, Request  # noqa: E402
from kiosk_pb2 import SubmitRating  # noqa: E402
from staff_pb2 import ReceiveAlerts, Watch  # noqa: E402

FRAME_MAX, GREETING_MAX, GROWTH_KB_MAX = 16384, 4096, 4 * 1024
STAYS, ENDS = False, True


def framed(body):
    return struct.pack(">I", len(body)) + body


def request(seq=2, **body):
    return Request(seq=seq, **body).SerializeToString()


def padded(body, size):
    """With an unknown field at its end, so that it has exactly that size."""
    rest = size - len(body)
    for head in (4, 5):
        length = rest - head
        low = bytes([length & 0x7F | 0x80, length >> 7]) if head == 4 else bytes(
            [length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14])
        if (length < 1 << 14) == (head == 4):
            return body + b"\xa2\x1f" + low + b"x" * length  # Field 500, bytes.
    raise ValueError(size)


HELLO = request(1, hello=Hello(software="frames", version="1", language="en", clock_ms=1900000000000))
PING = request(ping=Ping())
SUBMIT = request(submit_rating=SubmitRating(record=b"\x0a\x10" + b"r" * 16))
# What is sent after Welcome; the code of the answer (0: a good one); does the connection end?
AFTER_WELCOME = {
    "length 0": (struct.pack(">I", 0), 101, ENDS),
    "the longest": (framed(padded(PING, FRAME_MAX)), 0, STAYS),
    "one byte longer": (struct.pack(">I", FRAME_MAX + 1), 101, ENDS),
    "the longest number": (struct.pack(">I", 0xFFFFFFFF), 101, ENDS),
    "no type": (framed(request()), 110, STAYS),
    "an unknown type": (framed(request() + b"\xa2\x1f\x00"), 110, STAYS),
    "a group": (framed(request() + b"\x0b\x0c"), 110, ENDS),
    "a type twice": (framed(PING + b"\x1a\x00"), 111, ENDS),
    "two types": (framed(PING + Request(watch=Watch()).SerializeToString()), 111, ENDS),
    "a field number too large": (framed(PING + b"\xf8\xff\xff\xff\xff\x01\x00"), 110, ENDS),
    "a length beyond the end": (framed(b"\x08\x02\x1a\x7f"), 110, ENDS),
    "seq again": (framed(request(1, ping=Ping())), 121, ENDS),
    "Hello again": (framed(request(2, hello=Hello(software="f", version="1", language="en", clock_ms=1900000000000))),
                    120, ENDS),
    "what a kiosk may not": (framed(request(watch=Watch())), 203, STAYS),
    "a record that is none": (framed(request(submit_rating=SubmitRating(record=b"\xff" * 64))), 110, STAYS),
    "a record without its fields": (framed(SUBMIT), 113, STAYS),
    "5,000 ids": (framed(request(receive_alerts=ReceiveAlerts(alert_id=[b""] * 5000))), 111, ENDS),
    "8,000 empty messages in one": (framed(b"\x08\x02" + b"\x1a\x00" * 8000), 111, ENDS),
}
INSTEAD_OF_HELLO = {
    "Ping first": (framed(request(1, ping=Ping())), 120, ENDS),
    "the longest Hello": (framed(padded(HELLO, GREETING_MAX)), 0, STAYS),
    "one byte longer": (struct.pack(">I", GREETING_MAX + 1), 101, ENDS),
    "length 0": (struct.pack(">I", 0), 101, ENDS),
    "seq 0": (framed(request(0, hello=Hello(software="f", version="1", language="en", clock_ms=1900000000000))), 121, ENDS),
}


class Frames(FaultTest):
    def setUp(self):
        super().setUp()
        # What was freed is given back at once: the sanitizer's own store is no growth of ours.
        self.server = self.attune.start_server(environment={"ASAN_OPTIONS": "quarantine_size_mb=1"}, silence_s=600)
        self.populate(1, kiosks=2, therapists=0)
        self.took_ms, self.frames = [], 0

    def connect(self, hello=True):
        connection = Connection(self.attune.address, identity_context(self.fleet.folder))
        if hello:
            connection.send_bytes(framed(HELLO))
            self.assertEqual(connection.receive().response.WhichOneof("body"), "welcome")
        return connection

    def response(self, connection):
        """The next answer, past what is pushed."""
        while True:
            frame = connection.receive()
            if frame.WhichOneof("body") == "response":
                return frame.response

    def ends(self, connection):
        try:
            while True:
                connection.receive()
        except TimeoutError:  # Still open: it was silent for as long as the connection waits.
            return False
        except (Closed, OSError):
            return True

    def try_one(self, name, bytes_sent, code, ends, hello):
        connection = self.connect(hello)
        start = time.monotonic()
        connection.send_bytes(bytes_sent)
        response = self.response(connection)
        self.took_ms.append((time.monotonic() - start) * 1000)
        self.frames += 1
        self.assertEqual(response.error.code, code, name)
        if ends:
            self.assertTrue(self.ends(connection), name)
        elif hello:
            connection.send_bytes(framed(request(9, ping=Ping())))
            self.assertEqual(self.response(connection).WhichOneof("body"), "done", name)
        connection.close()

    def play_tables(self):
        for hello, cases in ((True, AFTER_WELCOME), (False, INSTEAD_OF_HELLO)):
            for name, (bytes_sent, code, ends) in cases.items():
                with self.subTest(name):
                    self.try_one(name, bytes_sent, code, ends, hello)

    def play_cuts(self):
        """A frame may come in any two pieces; one that breaks off is nobody's."""
        for at in range(1, len(framed(PING))):
            connection = self.connect()
            connection.send_bytes(framed(PING)[:at])
            connection.send_bytes(framed(PING)[at:])
            self.assertEqual(self.response(connection).WhichOneof("body"), "done", at)
            connection.close()
            self.frames += 1
        for at in range(1, len(framed(SUBMIT))):
            connection = self.connect()
            connection.send_bytes(framed(SUBMIT)[:at])
            connection.close()
            self.frames += 1

    def test_each_is_answered_and_memory_stays(self):
        self.play_tables()  # Whatever is made once is made.
        self.play_cuts()
        before = rss_kb(self.server.pid, "VmRSS")
        for _ in range(3):
            self.play_tables()
            self.play_cuts()
        wait_until(lambda: self.attune.metric(self.server, "attune_connections") == 0, 30, "all to be gone")
        grown = rss_kb(self.server.pid, "VmRSS") - before
        print(f"fault=frames seed=1 frames={self.frames} frame_p50_ms={statistics.median(self.took_ms):.2f} "
              f"frame_max_ms={max(self.took_ms):.2f} grown_kb={grown} rss_kb={rss_kb(self.server.pid)}", flush=True)
        self.assertLess(grown, GROWTH_KB_MAX)
        self.assertEqual(self.attune.count("rating"), 0)


if __name__ == "__main__":
    unittest.main()
