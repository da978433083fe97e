"""Row 20: the database refuses one rating of a batch of 500. The other 499 are stored and acknowledged, the one is kept aside.

What makes it bad is a constraint of this test's database alone: everything that a kiosk can send is judged before it
is queued. A lock on the table makes the 500 gather into one batch behind one that went before.
"""
import unittest

from faults import SEED, FaultTest, wait_until
from fleet import last_pairs

BAD = 250


class OneBadRating(FaultTest):
    def test_499_are_stored_and_one_is_refused(self):
        self.populate(501, kiosks=17)
        self.attune.sql(f"""alter table rating add constraint not_this_one check
            ((('x' || right(replace(rating_id::text, '-', ''), 8))::bit(32)::int) <> {BAD})""")
        server = self.attune.start_server()
        psql = self.hold_the_ratings()
        self.low_every, self.spooled = 0, False
        first = self.fleet.start("first", "rate", "--kiosks", 1, "--count", 1, "--seed", SEED, "--journal", self.journal)
        self.wait_for_blocked(1)
        rest = self.fleet.start("rest", "rate", "--kiosk-from", 1, "--kiosks", 16, "--outstanding", 62, "--first", 1, "--count", 500,
                                "--seed", SEED, "--journal", self.journal)
        wait_until(lambda: self.attune.metric(server, "attune_ratings_held") >= 500, 20, "500 waiting")
        self.let_go(psql)
        self.assertEqual(first.popen.wait(60), 0, first.log())
        self.assertEqual(rest.popen.wait(60), 0, rest.log())
        seen = last_pairs(rest.out(), "load")
        self.note_rss(server)
        check = self.check("one_bad_rating")
        self.assertEqual((seen["acked"], seen["refused"], seen["first_refusal"]), ("499", "1", "RATING_REFUSED"))
        self.assertEqual((check.values["stored"], check.values["recovered"]), (500, 0))
        self.assertEqual(set(check.journal.refused.values()), {"RATING_REFUSED"})
        kept = self.attune.sql("select rating_id, sqlstate, length(record) > 50 from rating_quarantine")
        self.assertEqual([(row[0][-8:], *row[1:]) for row in kept], [(f"{BAD:08x}", "23514", "t")])


if __name__ == "__main__":
    unittest.main()
