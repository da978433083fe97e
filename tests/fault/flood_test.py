"""Row 21: strangers in great numbers, half-open and slow ones, while honest kiosks rate and others come anew.

One run: calm first, then one flood after another. From each rating's times in the journal: the honest p99 in each part. Beside it
what a kiosk needs that connects in the middle of it, from an address of its own. Figures; what is held is that nothing is lost, that
all is acknowledged, that every stranger is closed by the server, and that its memory stays where it was.
"""
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

from faults import MINUTES, FaultTest, rss_kb, wait_until
from fleet import BULK_PKI, LOAD, last_pairs
from harness import BUILD, SERVER, SOURCE

sys.path[:0] = [os.path.join(BUILD, "tests", "integration", "other_language"),
                os.path.join(SOURCE, "tests", "integration", "other_language")]
from attune_wire import Closed, Connection, Refused, identity_context  # noqa: E402

FLOOD = os.path.join(BUILD, "tests", "support", "load", "attune-flood")
RATE, CALM_S, KIOSKS, GROWTH_KB_MAX = 100, 3, 16, 64 * 1024
FLOOD_S = 3 + MINUTES * 60 / 6
# What each flood is made of: how many in all, how many at a time.
FLOODS = {"plain": (20000, 4000), "half": (5000, 5000), "drip": (2000, 2000)}
LIMITS = {"handshake_s": 2, "hello_s": 1, "frame_s": 2, "handshakes_per_second": 200}  # The last is what a practice has.
SMALL = {"ASAN_OPTIONS": "quarantine_size_mb=1"}


def percentile(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(len(times) * share))] if times else -1


class Newcomer(threading.Thread):
    """A kiosk that connects again and again: how long from the first packet to its Welcome."""

    def __init__(self, address, identity):
        super().__init__(daemon=True)
        self.address, self.context = address, identity_context(identity)
        self.seen, self.failed, self.ended = [], [], threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.1):
            began = time.monotonic()
            try:
                connection = Connection(self.address, self.context)
                connection.say_hello("newcomer")
                connection.close()
                self.seen.append((began, time.monotonic() - began))
            except (Closed, Refused, OSError):
                self.failed.append((began, time.monotonic() - began))

    def between(self, begin, end):
        return [took for began, took in self.seen if begin <= began < end]


class Flood(FaultTest):

    def ratings(self):
        """(sent, answered) in seconds, of each rating in the journal."""
        with open(self.journal, encoding="ascii") as file:
            lines = [line.split() for line in file if line.startswith("rating ")]
        return [(float(words[2]) / 1000, float(words[3]) / 1000) for words in lines]

    def strangers(self, kind):
        count, at_a_time = FLOODS[kind]
        return [[FLOOD, kind, "--address", self.attune.address, "--from", "127.0.1.1", "--addresses", "16", "--count", str(count),
                 "--open", str(at_a_time), "--seconds", str(round(FLOOD_S))]]

    def foreign(self):
        """Whole handshakes with certificates of another authority, as fast as they go, from the honest kiosks' own address."""
        folder = self.attune.path("foreign-fleet")
        os.mkdir(folder)
        self.attune.run([SERVER, "pki", "init", self.attune.path("foreign")], check=True)
        subprocess.run([BULK_PKI, "--authority", self.attune.path("foreign"), "--practice", "1", "--kiosks", "8", "--therapists",
                        "0", "--out", folder], check=True)
        for name in ("ca.crt", "device.crt", "device.key"):
            shutil.copy(os.path.join(self.fleet.folder, name), folder)
        return [[LOAD, "handshake", "--address", self.attune.address, "--fleet", folder, "--lines", "32", "--seconds",
                 str(round(FLOOD_S))]]

    def resets(self, seconds):
        """Good kiosks that reset their connection within a frame."""
        context, end, count = identity_context(self.attune.path("id-k2")), time.monotonic() + seconds, 0
        while time.monotonic() < end:
            connection = Connection(self.attune.address, context)
            connection.say_hello("reset")
            connection.send_bytes(struct.pack(">I", 1000) + b"half")
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            count += 1
        return count

    def flood(self, name, commands):
        """Runs it to its end; (begin, end, what it printed)."""
        begin = time.monotonic()
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
        said = "".join(process.communicate(timeout=120)[0] for process in running)
        self.assertEqual([process.returncode for process in running], [0] * len(running), name)
        return begin, time.monotonic(), said

    def test_honest_kiosks_are_served_through_every_flood(self):
        attune = self.attune
        seconds = CALM_S + 5 * (FLOOD_S + 2)
        self.populate(round(RATE * seconds), kiosks=KIOSKS)
        server = attune.start_server(environment=SMALL, **LIMITS)
        attune.add_room()
        attune.add_room(room="North 2", kiosk="k2")
        load = self.play(rate=RATE, low_every=0)
        newcomer = Newcomer(attune.address, attune.path("id-k1"))
        wait_until(lambda: len(newcomer.seen) > 2, 30, "a newcomer's Welcome")
        calm = time.monotonic()
        wait_until(lambda: time.monotonic() > calm + CALM_S, CALM_S + 5, "the calm")
        before_kb = rss_kb(server.pid, "VmRSS")
        parts = {"calm": (calm, time.monotonic(), "")}
        for kind in FLOODS:
            parts[kind] = self.flood(kind, self.strangers(kind))
        parts["foreign"] = self.flood("foreign", self.foreign())
        begin = time.monotonic()
        resets = self.resets(FLOOD_S / 2)
        parts["reset"] = (begin, time.monotonic(), f"resets made={resets}")
        wait_until(lambda: attune.metric(server, "attune_handshaking") == 0, 30, "every stranger to be gone")
        load.popen.terminate()
        self.watch_to_the_end(load)
        newcomer.ended.set()
        newcomer.join()
        self.note_rss(server)
        check = self.check("flood")
        self.tell(parts, check, newcomer)
        grown = self.rss - before_kb
        print(f"  grown_kb={grown} newcomers={len(newcomer.seen)} turned_away={len(newcomer.failed)} "
              f"cut_slow={attune.metric(server, 'attune_cut_slow_total')}", flush=True)
        self.assertLess(grown, GROWTH_KB_MAX)
        self.assertEqual(check.values["acked"], check.values["sent"])
        self.assertGreater(resets, 0)

    def tell(self, parts, check, newcomer):
        ratings = self.ratings()
        self.assertTrue(all(answered > 0 for _, answered in ratings), "a rating was never answered")
        p99 = {}
        for name, (begin, end, said) in parts.items():
            p99[name] = 1000 * percentile([answered - sent for sent, answered in ratings if begin <= sent < end], 0.99)
            if name == "calm":
                continue
            came = newcomer.between(begin, end)
            if "shakes" in said:
                seen = last_pairs(said, "shakes")
                what = f"made={seen['failed']} let_in={seen['count']}"
                self.assertGreater(int(seen["failed"]), 0)
                self.assertEqual(int(seen["count"]), 0, f"{name}: a foreign certificate was let in")
            elif "resets" in said:
                what = said.removeprefix("resets ")
            else:
                seen = last_pairs(said, "flood")
                what = f"made={seen['made']} closed={seen['closed']} held_ms_max={seen['held_ms_max']}"
                self.assertGreater(int(seen["closed"]), 0, name)
            self.assertGreater(len(came), 0, f"{name}: nobody else was let in")
            print(f"fault=flood_{name} {what} lost={check.values['lost']} honest_p99_ms={p99[name]:.0f} "
                  f"calm_p99_ms={p99['calm']:.0f} newcomers={len(came)} newcomer_p50_ms={1000 * percentile(came, 0.5):.0f} "
                  f"newcomer_max_ms={1000 * max(came, default=-0.001):.0f}", flush=True)


if __name__ == "__main__":
    unittest.main()
