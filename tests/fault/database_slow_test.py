"""Row 9: the database is slow: a lock is held on the table, a trigger takes its time. The server's memory stays flat, it
reads no further, says busy, and all is stored in the end."""
import subprocess
import unittest

from faults import MINUTES, FaultTest, rss_kb, wait_until

HELD_S = 30 if MINUTES else 5
TRIGGER_S = 5 if MINUTES else 1
HELD_MAX = 800
GROWTH_KB_MAX = 8 * 1024
# The sanitizer keeps what was freed for a while, which is no growth of ours.
SMALL = {"ASAN_OPTIONS": "quarantine_size_mb=1"}


class DatabaseSlow(FaultTest):
    def begin(self):
        self.populate(12000, kiosks=64)
        self.server = self.attune.start_server(environment=SMALL, ratings_held_max=HELD_MAX, batch_max=200)

    def metric(self, name):
        return self.attune.metric(self.server, name)

    def settle(self):
        """Full, and no more said than the kiosks' coming back."""
        wait_until(lambda: self.metric("attune_ratings_held") >= HELD_MAX * 3 // 4, 30, "the queue to fill")
        wait_until(lambda: self.metric("attune_pauses_total") > 0, 10, "reading to pause")

    def finish(self, name, load, grown):
        seen = self.watch_to_the_end(load)
        self.note_rss(self.server)
        check = self.check(name)
        pauses, busy = self.metric("attune_pauses_total"), self.metric("attune_busy_total")
        print(f"  pauses={pauses} busy={busy} grown_kb={grown}", flush=True)
        self.assertEqual(check.values["stored"], 12000)
        self.assertEqual(int(seen["acked"]), 12000)
        self.assertGreater(pauses, 0)
        self.assertGreater(busy, 0)
        self.assertLess(grown, GROWTH_KB_MAX)

    def test_a_lock_is_held_on_the_ratings(self):
        self.begin()
        lock = subprocess.Popen(["psql", "-X", "-q", "-h", self.attune.cluster, "-U", "postgres", self.attune.database, "-c",
                                 f"begin; lock table rating; select pg_sleep({HELD_S}); commit"], stdout=subprocess.DEVNULL)
        self.addCleanup(lock.wait)
        wait_until(lambda: self.attune.count("pg_locks", "mode = 'AccessExclusiveLock' and granted") > 0, 10, "the lock")
        load = self.play("--outstanding", 62, rate=0, low_every=0, spools=False)
        self.settle()
        before = rss_kb(self.server.pid, "VmRSS")
        wait_until(lambda: lock.poll() is not None, HELD_S + 20, "the lock to go")
        self.finish("database_locked", load, rss_kb(self.server.pid, "VmRSS") - before)

    def test_every_insert_takes_its_time(self):
        self.begin()
        self.attune.sql(f"""create function slowly() returns trigger language plpgsql as
            $$begin perform pg_sleep({TRIGGER_S}); return null; end$$;
            create trigger slowly before insert on rating for each statement execute function slowly()""")
        load = self.play("--outstanding", 62, rate=0, low_every=0, spools=False)
        self.settle()
        before = rss_kb(self.server.pid, "VmRSS")
        wait_until(lambda: self.attune.count("rating") > 400, 60, "some batches")
        grown = rss_kb(self.server.pid, "VmRSS") - before
        self.attune.sql("drop trigger slowly on rating")
        self.finish("database_slow", load, grown)


if __name__ == "__main__":
    unittest.main()
