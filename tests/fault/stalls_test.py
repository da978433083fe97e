"""Row 14: whoever stalls at a state of the protocol is closed at the second that is stated for it, and counted."""
import os
import socket
import struct
import sys
import threading
import time
import unittest

from faults import FaultTest
from harness import BUILD, SOURCE

sys.path[:0] = [os.path.join(BUILD, "tests", "integration", "other_language"),
                os.path.join(SOURCE, "tests", "integration", "other_language")]
from attune_wire import Closed, Connection, identity_context  # noqa: E402

HANDSHAKE_S, HELLO_S, FRAME_S, SILENCE_S = 2, 1, 2, 15


class Stalls(FaultTest):
    def stall(self, at, address, kiosk):
        """Goes as far as that and no further; (the stated second, the seconds until the server closed it)."""
        if at in ("connected", "within the handshake"):
            line = socket.create_connection(address)
            if at != "connected":
                line.sendall(b"\x16\x03\x01\x02\x00\x01")
            began = time.monotonic()
            line.settimeout(60)
            while line.recv(4096):
                pass
            line.close()
            return HANDSHAKE_S, time.monotonic() - began
        connection = Connection(self.attune.address, identity_context(self.attune.path(f"id-{kiosk}")))
        stated = HELLO_S
        if at == "within Hello":
            connection.send_bytes(struct.pack(">I", 40) + b"\x08")
        elif at != "shaken":
            connection.say_hello("stall")
            stated = SILENCE_S
            if at == "within a frame":
                connection.send_bytes(struct.pack(">I", 40) + b"\x08")
                stated = FRAME_S
        began = time.monotonic()
        connection.socket.settimeout(60)
        try:
            while True:
                connection.receive()
        except (Closed, OSError):
            pass
        took = time.monotonic() - began
        connection.close()
        return stated, took

    def test_whoever_stalls_is_closed_at_the_stated_second(self):
        attune = self.attune
        server = attune.start_server(handshake_s=HANDSHAKE_S, hello_s=HELLO_S, frame_s=FRAME_S, silence_s=SILENCE_S)
        states = ("connected", "within the handshake", "shaken", "within Hello", "within a frame", "welcomed")
        for at in states:
            attune.add_room(room=f"Room {at}", kiosk=at.replace(" ", "-"))
        address, results = ("127.0.0.1", self.attune.server_port), {}

        def one(at):
            results[at] = self.stall(at, address, at.replace(" ", "-"))

        threads = [threading.Thread(target=one, args=(at,), daemon=True) for at in states]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(sorted(results), sorted(states), "some were never closed")
        for at, (stated, took) in results.items():
            print(f"fault=stall at={at.replace(' ', '_')} stated_s={stated} closed_at_s={took:.2f}", flush=True)
            self.assertGreaterEqual(took, stated - 0.3, f"{at}: closed before its time")
            self.assertLess(took, stated + 10, f"{at}: held beyond its time")  # No measure of speed: the next limit is 15 s away.
        self.assertEqual(attune.metric(server, "attune_cut_slow_total"), len(states))


if __name__ == "__main__":
    unittest.main()
