"""Row 7, asynchronous: a standby that lacks the last of what was acknowledged is promoted. Kiosks keep what was acknowledged for a
day; the server sees that the database is on another timeline and asks for it. Without that it is lost: the second test."""
import os
import shutil
import subprocess
import unittest

from checker import Check, Journal
from faults import SEED, FaultTest, wait_until

COUNT, RATE, BEHIND = 2400, 150, 60


class Standby:
    """A second cluster that follows the first one, on a socket of its own."""

    def __init__(self, attune):
        self.attune, self.folder = attune, attune.path("standby")
        self.binaries = os.path.dirname(os.path.realpath(f"/proc/{self.postmaster(attune.cluster)}/exe"))
        os.mkdir(self.folder)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.as_postgres("pg_basebackup", "-D", f"{self.folder}/data", "-h", attune.cluster, "-U", "postgres", "-R", "-X", "stream",
                         "-c", "fast")
        self.control("-o", f"-c unix_socket_directories={self.folder}", "start")
        wait_until(lambda: attune.count("pg_stat_replication", "state = 'streaming'") == 1, 30, "a standby that follows")

    @staticmethod
    def postmaster(cluster):
        with open(os.path.join(cluster, "data", "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def as_postgres(self, program, *words):
        command = [os.path.join(self.binaries, program), *words]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--", *command]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    def control(self, *words):
        self.as_postgres("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-t", "60", *words)

    def sql(self, sql, database="postgres"):
        return self.attune.psql(database, sql, cluster=self.folder)

    def fall_behind(self):
        """From here on it hears nothing more of the first."""
        self.sql("alter system set primary_conninfo = ''")
        self.sql("select pg_reload_conf()")
        wait_until(lambda: self.attune.count("pg_stat_replication") == 0, 30, "a standby that is left behind")


class Failover(FaultTest):
    own_cluster = True

    def begin(self, **config):
        self.populate(COUNT)
        self.standby = Standby(self.attune)
        self.addCleanup(lambda: self.standby.control("-m", "immediate", "stop"))
        database = (f"host={self.attune.cluster},{self.standby.folder} dbname={self.attune.database} user=attune_server "
                    "target_session_attrs=read-write")
        self.server = self.attune.start_server(database=database, poll_ms=500, **config)
        self.load = self.play("--reconnect-ms", 400, rate=RATE, low_every=0)
        wait_until(lambda: self.attune.count("rating") > 100, 30, "a hundred ratings")
        self.standby.fall_behind()
        known = self.attune.count("rating")
        wait_until(lambda: self.attune.count("rating") > known + BEHIND, 30, "ratings that the standby has not")

    def fail_over(self):
        self.fault()
        postmaster = Standby.postmaster(self.attune.cluster)
        os.kill(postmaster, 9)
        wait_until(lambda: not os.path.exists(f"/proc/{postmaster}"), 30, "the end of the first")
        self.standby.control("promote")
        self.attune.cluster, self.first = self.standby.folder, self.attune.cluster  # What the checker looks at.
        self.addCleanup(lambda: setattr(self.attune, "cluster", self.first))

    def test_what_the_standby_lacked_comes_again(self):
        self.begin()
        self.fail_over()
        self.watch_to_the_end(self.load)
        self.note_rss(self.server)
        check = self.check("failover_asynchronous")
        self.assertEqual(check.values["acked"], COUNT)
        self.assertGreaterEqual(self.attune.metric(self.server, "attune_resends_asked_total"), self.fleet.kiosks)
        since, until = self.attune.sql("select extract(epoch from asked_at - since) > 300, until = asked_at from resend "
                                       "where place like '%00000002'")[0]
        self.assertEqual((since, until), ("t", "t"))

    def test_without_it_they_are_lost(self):
        self.begin(resend_kiosks_per_second=0)
        self.fail_over()
        self.watch_to_the_end(self.load)
        check = Check(self.attune, Journal(self.journal, self.spools), 0)
        print(check.line("failover_without_resend", SEED), flush=True)
        self.assertGreaterEqual(check.values["lost"], BEHIND)


if __name__ == "__main__":
    unittest.main()
