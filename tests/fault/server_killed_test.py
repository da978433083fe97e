"""Row 1: the server dies at the worst places. What was acknowledged is stored, what was stored is acknowledged again."""
import signal
import unittest

from faults import FaultTest, wait_until

# Where, and at which passing: some load is under way by then.
POINTS = {"server_after_read": 60, "server_queued": 60, "server_before_insert": 3, "server_after_insert": 3,
          "server_after_commit": 3, "server_within_acknowledgement": 20}


class ServerKilled(FaultTest):
    def killed_at(self, point):
        self.populate(300)
        self.attune.start_aggregator()
        server = self.attune.start_server(environment={"ATTUNE_FAILPOINT": f"{point}:kill:{POINTS[point]}"})
        load = self.play()
        wait_until(lambda: not server.alive() or not load.alive(), 60, f"the end of the server\n{load.out()}")
        self.fault()
        self.assertEqual(server.popen.returncode, -signal.SIGKILL, server.log())
        server = self.attune.start_server(name="again")
        self.watch_to_the_end(load)
        self.note_rss(server)
        return self.check(point)


def add(point):
    def test(self):
        check = self.killed_at(point)
        if point == "server_after_commit":
            self.assertGreaterEqual(check.values["recovered"], 1)
    setattr(ServerKilled, f"test_{point}", test)


for each in POINTS:
    add(each)

if __name__ == "__main__":
    unittest.main()
