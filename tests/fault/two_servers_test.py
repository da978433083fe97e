"""Row 26: the same rating through two servers at once, from two kiosks: stored once, acknowledged to both.

The first 16 are let into the table at the same moment, from both and in different order; the others follow as fast as they go.
"""
import unittest

from faults import FaultTest


class TwoServers(FaultTest):
    def test_the_same_rating_through_both_is_stored_once_and_acknowledged_twice(self):
        self.populate(2048, kiosks=2)
        one = self.attune.start_server()
        two = self.attune.start_server(name="server2", listen="127.0.0.1:0")
        addresses = [f"127.0.0.1:{one.ports['listen']}", f"127.0.0.1:{two.ports['listen']}"]
        psql = self.hold_the_ratings()
        load = self.play("--copies", 2, "--outstanding", 16, rate=0, low_every=0, spools=False, addresses=addresses)
        self.wait_for_blocked(2)
        self.let_go(psql)
        seen = self.watch_to_the_end(load)
        self.note_rss(one, two)
        check = self.check("two_servers")
        self.assertEqual((seen["acked"], seen["refused"]), ("4096", "0"))
        self.assertEqual((check.values["stored"], len(check.journal.again)), (2048, 2048))
        stored = [self.attune.metric(server, "attune_ratings_stored_total") for server in (one, two)]
        print("  stored by each:", *stored, flush=True)
        self.assertEqual(sum(stored), 2048)


if __name__ == "__main__":
    unittest.main()
