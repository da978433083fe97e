"""Row 3: an aggregator dies with a batch in its hands. Every low rating has its alert, and has it once."""
import signal
import unittest

from faults import FaultTest, wait_until


class AggregatorKilled(FaultTest):
    def killed_at(self, point):
        self.populate(300)
        server = self.attune.start_server()
        first = self.attune.start_aggregator(environment={"ATTUNE_FAILPOINT": f"{point}:kill:3"})
        load = self.play()
        wait_until(lambda: not first.alive(), 60, f"the end of the aggregator\n{load.out()}")
        self.fault()
        self.assertEqual(first.popen.returncode, -signal.SIGKILL, first.log())
        self.attune.start_aggregator(name="again")
        self.watch_to_the_end(load)
        self.note_rss(server)
        self.check(point)

    def test_aggregator_claimed(self):
        self.killed_at("aggregator_claimed")

    def test_aggregator_alerts_written(self):
        self.killed_at("aggregator_alerts_written")

    def test_aggregator_committed(self):
        self.killed_at("aggregator_committed")


if __name__ == "__main__":
    unittest.main()
