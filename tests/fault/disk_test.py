"""Rows 10 and 11: a full disk: the spool's, where "not saved" is said and is true; and the database's, where nothing acknowledged is lost.
A disk that is gone from the n-th write, sync or rename on: no false "saved"."""
import os
import subprocess
import unittest

from faults import AttuneTest, FaultTest, in_stock, wait_until
from harness import shim

COUNT = 3000


class SmallDisk:
    """A disk of its own in memory, for tests that fill one."""

    def __init__(self, test, folder, size, filler="filler"):
        self.filler = os.path.join(folder, filler)
        os.makedirs(folder, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", folder], capture_output=True, text=True)
        if done.returncode != 0:
            test.skipTest(f"no disk of its own: {done.stderr.strip()}")
        test.addCleanup(lambda: subprocess.run(["umount", "-l", folder], check=True))
        os.makedirs(os.path.dirname(self.filler), exist_ok=True)

    def fill(self, leave=0):
        """All of it, but for so many bytes."""
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
            if leave:
                file.truncate(max(0, file.tell() - leave))

    def empty(self):
        os.unlink(self.filler)


class SpoolFull(AttuneTest):
    def test_not_saved_is_said_and_true_and_the_next_one_is_saved(self):
        self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist()
        disk = SmallDisk(self, self.attune.path("id-k1/spool"), "256k", "bad/filler")  # Where nobody looks at it.
        self.attune.attune("k1", "rate", "--drain")  # It has been there before.
        said_saved, refused = 0, 0
        for leave in (0, 4096, 8192):  # No room for a file, for its folder's entry, for its bytes.
            disk.fill(leave)
            self.attune.open_session()
            done = self.attune.attune("k1", "rate", "--fit", "3", check=False)
            said = "saved\n" in done.out
            said_saved += said
            refused += "not saved" in done.err
            disk.empty()
            self.attune.attune("k1", "rate", "--drain")
            self.assertEqual(self.attune.count("rating"), said_saved, "stored is what was said to be saved, no more, no less")
            self.assertEqual(said, done.code == 0, done.err)
            self.assertNotEqual(said, "not saved" in done.err, done.err)
            self.attune.sql("update session set state = 'closed', closed_at = now() where state <> 'closed'; delete from room_lease")
        self.assertGreaterEqual(refused, 1)
        self.attune.open_session()
        said_saved += "saved\n" in self.attune.attune("k1", "rate", "--fit", "9").out
        stored = self.attune.count("rating")
        print(f"fault=spool_full seed=1 sent={said_saved} {in_stock(self.attune)} lost={said_saved - stored} not_saved={refused}", flush=True)
        self.assertEqual(stored, said_saved)


class SpoolGone(AttuneTest):
    def test_whenever_the_disk_goes_saved_is_said_of_what_is_there_and_of_nothing_else(self):
        spool = self.attune.path("id-k1/spool")
        self.attune.make_identity("k1")
        self.attune.server_port = 9  # Nobody is asked.
        said, there, at = 0, 0, 0
        while said == 0:  # One more call succeeds each time, until none fails.
            at += 1
            done = self.attune.attune("k1", "rate", "--fit", "3", "--ticket", os.urandom(16).hex(), "--no-send", check=False,
                                      environment=shim("disk", ATTUNE_FAIL_AT=str(at)))
            said += "saved\n" in done.out
            there = sum(name.endswith(".rating") for name in os.listdir(spool)) if os.path.isdir(spool) else 0
            self.assertEqual((there, done.code == 0), (said, said > 0), f"{at}: {done.out}{done.err}")
            self.assertTrue(said or done.err, "it says why")
        print(f"fault=spool_gone seed=1 calls={at - 1} refused={at - 1} saved={said} false_saved={said - there} lost={said - there}", flush=True)
        self.assertGreaterEqual(at, 7)  # Two folders, then the record: write, sync, rename, sync.


class DatabaseFull(FaultTest):
    own_cluster = True

    def test_what_the_database_has_no_room_for_waits_on_the_kiosks(self):
        self.populate(COUNT)
        disk = SmallDisk(self, self.attune.path("small"), "8m")
        space = self.attune.path("small/space")
        os.mkdir(space)
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres", space], check=True)
        self.attune.sql(f"create tablespace small location '{space}'")
        self.attune.sql("alter table rating set tablespace small")
        self.addCleanup(lambda: self.attune.sql("alter table rating set tablespace pg_default") if self.attune.own_cluster else None)
        server = self.attune.start_server()
        self.attune.start_aggregator()
        disk.fill(leave=65536)
        load = self.play()
        wait_until(lambda: self.attune.metric(server, "attune_batches_failed_total") > 3, 60, "batches that failed")
        self.note_rss(server)
        self.fault()
        disk.empty()
        self.watch_to_the_end(load)
        self.note_rss(server)
        self.check("database_full")


if __name__ == "__main__":
    unittest.main()
