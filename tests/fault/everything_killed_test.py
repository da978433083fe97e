"""Row 5: any process is killed every 0.5 to 3 seconds, told by a seed: servers, aggregators, kiosks and therapists, database backends."""
import os
import re
import time
import unittest

from faults import MINUTES, FaultTest, wait_until

SECONDS = MINUTES * 60 or 20
RATE = 150


class EverythingKilled(FaultTest):
    own_cluster = True  # A backend that dies takes all others with it.

    def taken(self):
        """The first number that no kiosk has saved yet."""
        numbers = [int(name[24:32], 16) for _, _, names in os.walk(self.spools) for name in names
                   if re.match(r"^[0-9a-f]{32}\.", name)]
        return max(numbers, default=-1) + 1

    def next_fault(self, at):
        """Which, and how long until the one after."""
        return self.random.choice(["server", "server2", "aggregator", "aggregator2", "load", "backend"]), \
            at + self.random.uniform(0.5, 3)

    def restart(self, victim):
        if victim == "load":
            begin_at = self.taken()
            self.load = self.play("--begin-at", begin_at, "--reconnect-ms", 400, rate=RATE, ready=False)
        elif victim.startswith("server"):
            self.running[victim] = self.attune.start_server(name=victim, ready=False)
        elif victim.startswith("aggregator"):
            self.running[victim] = self.attune.start_aggregator(name=victim, ready=False)

    def strike(self, victim):
        self.fault()
        if victim == "backend":
            pids = self.backends()
            if pids:
                os.kill(self.random.choice(pids), 9)
            return
        process = self.load if victim == "load" else self.running[victim]
        process.kill()
        self.restart(victim)

    def backends(self):
        """Process ids of the programs' connections, none while the database comes back."""
        try:
            rows = self.attune.sql("select pid from pg_stat_activity where usename in ('attune_server', 'attune_aggregator') "
                                   "order by backend_start, pid")
        except AssertionError:
            return []
        return [int(row[0]) for row in rows]

    def test_nothing_acknowledged_is_lost_whoever_is_killed(self):
        self.populate(int(SECONDS * RATE))
        self.running, self.kills = {}, {}
        for name in ("server", "server2"):
            self.running[name] = self.attune.start_server(name=name)
        for name in ("aggregator", "aggregator2"):
            self.running[name] = self.attune.start_aggregator(name=name)
        self.load = self.play("--reconnect-ms", 400, rate=RATE)
        end = time.monotonic() + SECONDS
        due = time.monotonic() + 1
        while time.monotonic() < end:
            wait_until(lambda: time.monotonic() >= min(due, end), 10, "the next fault")
            victim, due = self.next_fault(due)
            self.kills[victim] = self.kills.get(victim, 0) + 1
            self.strike(victim)
            self.note_rss(*self.running.values())
        wait_until(lambda: self.backends(), 30, "the database")
        self.watch_to_the_end(self.load, 180)
        check = self.check("everything_killed")
        print("  killed: " + " ".join(f"{name}={count}" for name, count in sorted(self.kills.items())), flush=True)
        self.assertGreater(check.values["acked"], 0)


if __name__ == "__main__":
    unittest.main()
