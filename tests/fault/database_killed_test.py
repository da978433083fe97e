"""Row 6: the database's processes die: one backend, all of them, and a fast restart. The server comes back by itself."""
import os
import unittest

from faults import FaultTest, wait_until


class DatabaseKilled(FaultTest):
    own_cluster = True

    def begin(self):
        self.populate(900)
        self.server = self.attune.start_server()
        self.attune.start_aggregator()
        load = self.play("--reconnect-ms", 400)
        wait_until(lambda: self.attune.count("rating") > 100, 30, "a hundred ratings")
        self.fault()
        return load

    def finish(self, name, load):
        self.watch_to_the_end(load)
        self.note_rss(self.server)
        self.check(name)

    def backend_of_the_server(self):
        return int(self.attune.sql("select pid from pg_stat_activity where usename = 'attune_server' "
                                   "and query like '%rating%' order by query_start desc limit 1")[0][0])

    def postmaster(self):
        with open(os.path.join(self.attune.cluster, "data", "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def test_one_backend_is_ended(self):
        load = self.begin()
        self.attune.sql(f"select pg_terminate_backend({self.backend_of_the_server()})")
        self.finish("backend_ended", load)

    def test_one_backend_is_killed_and_all_restart(self):
        load = self.begin()
        os.kill(self.backend_of_the_server(), 9)
        self.finish("backend_killed", load)

    def test_all_of_it_is_killed(self):
        load = self.begin()
        postmaster = self.postmaster()
        os.kill(postmaster, 9)
        wait_until(lambda: not os.path.exists(f"/proc/{postmaster}"), 30, "the end of the postmaster")
        self.attune.postgres("start")
        self.finish("database_killed", load)

    def test_a_fast_restart(self):
        load = self.begin()
        self.attune.postgres("restart")
        self.finish("database_restarted", load)


if __name__ == "__main__":
    unittest.main()
