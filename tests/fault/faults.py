"""faults.py - what the tests of this folder share: a practice under load, something bad, and the checker's line.

ATTUNE_SEED and ATTUNE_MINUTES come from tests/fault/run; without them a test is short and its seed is 1.
"""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from checker import Check, Journal  # noqa: E402
from fleet import Fleet, last_pairs  # noqa: E402
from harness import AttuneTest, wait_until  # noqa: E402

SEED = int(os.environ.get("ATTUNE_SEED", "1"))
MINUTES = float(os.environ.get("ATTUNE_MINUTES", "0"))
KIOSKS, THERAPISTS, LOW_EVERY = 16, 4, 10


def rss_kb(pid, what="VmHWM"):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what + ":"))


def in_stock(attune):
    """What the database holds, for a test without a checker: how many ratings, how many of a ticket that has one already, how many of no ticket."""
    stored, tickets, unexpected = map(int, attune.sql(
        "select count(*), count(distinct r.ticket_id), count(*) filter (where t.ticket_id is null) "
        "from rating r left join ticket t using (practice_id, ticket_id)")[0])
    return f"stored={stored} duplicates={stored - tickets} unexpected={unexpected}"


class FaultTest(AttuneTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.spools = self.attune.path("spools")
        self.journal = self.attune.path("journal")
        self.rss, self.fault_s, self.loads = 0, None, 0
        os.mkdir(self.spools)

    def populate(self, count, kiosks=KIOSKS, therapists=THERAPISTS):
        """Devices, and tickets 0 … count - 1, each with a course of its own."""
        self.fleet = Fleet(self.attune, kiosks, therapists)
        self.fleet.tickets(SEED, 0, count)
        self.count = count

    def play(self, *words, rate=300, low_every=LOW_EVERY, spools=True, ready=True, addresses=None, grace=60):
        """Kiosks that send the plan at that rate, and therapists that watch when there are alerts to come."""
        self.low_every = low_every
        words = ["--kiosks", self.fleet.kiosks, "--count", self.count, "--seed", SEED, "--rate", rate, "--grace", grace,
                 "--journal", self.journal, "--low-every", low_every, "--outstanding", 8, *words]
        words += ["--therapists", self.fleet.therapists] if low_every else []
        words += ["--spools", self.spools] if spools else []
        self.spooled = spools
        self.loads += 1
        return self.fleet.start(f"load{self.loads}", "rate", *words, addresses=addresses, ready=ready)

    def hold_the_ratings(self):
        """A transaction that lets nobody insert a rating; let_go ends it."""
        psql = subprocess.Popen(["psql", "-X", "-q", "-At", "-h", self.attune.cluster, "-U", "postgres", self.attune.database],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (psql.stdin.close(), psql.stdout.close(), psql.wait()))
        psql.stdin.write("begin; lock table rating in share mode; select 'held';\n")
        psql.stdin.flush()
        self.assertEqual(psql.stdout.readline().strip(), "held")
        return psql

    def let_go(self, psql):
        psql.stdin.write("commit;\n")
        psql.stdin.flush()

    def wait_for_blocked(self, count):
        """So many transactions wait for a lock."""
        wait_until(lambda: self.attune.count("pg_stat_activity", "wait_event_type = 'Lock' and datname = "
                                             "current_database()") == count, 20, f"{count} to be blocked")

    def note_rss(self, *processes):
        """The most that one of them has used so far."""
        for process in processes:
            if process.alive():
                self.rss = max(self.rss, rss_kb(process.pid))

    def fault(self):
        """Now is when it went wrong: recover_s counts from here."""
        self.fault_s = time.monotonic()

    def watch_to_the_end(self, load, seconds=120):
        code = load.popen.wait(seconds)
        self.assertEqual(code, 0, f"attune-load:\n{load.out()}{load.log()}")
        return last_pairs(load.out(), "load")

    def check(self, name, resends=True):
        """Print the line; fail on a breach. Returns the checker for what a fault asks beyond."""
        wait_until(lambda: not self.low_every or self.attune.count("rating_batch") == 0, 60, "the claims")
        check = Check(self.attune, Journal(self.journal, self.spools if self.spooled else None), self.low_every,
                      self.fleet.therapists, resends)
        check.values["rss_kb"] = self.rss
        if self.fault_s is not None:
            check.recovered_after(self.fault_s)
        print(check.line(name, SEED), flush=True)
        self.assertEqual(check.breaches, [], name)
        return check
