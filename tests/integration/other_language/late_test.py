"""Ratings that come hours after their session, by hundreds, or from a kiosk whose clock is wrong: kept, judged in their place, and
nothing says that a client is there."""
import unittest

import kiosk_pb2
from attune_wire import Connection, identity_context, new_id, now_ms
from harness import AttuneTest, wait_until

MANY = 500
# A session a client, each over for two hours; their very low ratings arrive as one batch, as from a kiosk that was cut off.
CLIENTS = """
insert into client (practice_id, client_ref) select 1, 'late' || n from generate_series(1, {many}) n;
insert into course (practice_id, client_id, therapist_id)
    select 1, client_id, (select therapist_id from therapist) from client where client_ref like 'late%';
insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, state, colour, symbol)
    select 1, gen_random_uuid(), c.course_id, c.therapist_id, r.room_id, r.site_id, now() - interval '170 minutes',
    now() - interval '2 hours', 'closed', 1, 1
    from course c join client l using (practice_id, client_id), room r where l.client_ref like 'late%';
insert into rollup_session select practice_id, session_id from session;
insert into ticket select practice_id, session_id, session_id, course_id, therapist_id, start_at, planned_end from session;
"""
BATCH = """
begin;
insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end, made_at,
    understanding, relevance, safety, fit, skipped, instrument)
    select practice_id, gen_random_uuid(), ticket_id, session_id, course_id, therapist_id, session_start, session_end, session_end,
    30, 40, 20, 35, false, 'attune-adult-en/1' from ticket where session_end < now();
insert into rating_batch (practice_ids, rating_ids) select array_agg(practice_id), array_agg(rating_id) from rating;
select pg_notify('attune_rating', '');
commit;
"""
# Words that only somebody who sits there can act on.
PRESENT = ("Thank them", "Before they leave", "while the client is")


class Late(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist()

    def test_five_hundred_late_ratings_are_judged_and_none_says_that_the_client_is_there(self):
        self.attune.sql(CLIENTS.format(many=MANY))
        watch = self.attune.watch()
        wait_until(lambda: self.attune.news(watch), 10, "the watch to be up")
        self.attune.sql(BATCH)
        self.attune.wait_evaluated(60)
        self.assertEqual(self.attune.sql("select count(*), bool_and(late) from alert where rule = 'VERY_LOW' and tier = 'red'"),
                         [[str(MANY), "t"]])
        self.assertEqual(self.attune.count("alert", "not late"), 0)
        for phrase in PRESENT:
            self.assertEqual(self.attune.count("alert", f"concat(what, why, now, next_time) ilike '%{phrase}%'"), 0, phrase)
        self.assertEqual(self.attune.count("rupture", "state = 'open'"), MANY)
        # As many one by one as the practice lets through on a day, the others as a digest; every one of them arrives.
        self.assertEqual(self.attune.sql("select digest, count(*) from alert_delivery group by 1 order by 1"),
                         [["f", "8"], ["t", str(MANY - 8)]])
        wait_until(lambda: self.attune.count("alert_delivery", "received_at is null") == 0, 60, "all to be received")
        shown = watch.events("alert")
        self.assertEqual((len(shown), len({alert["alert_id"] for alert in shown})), (MANY, MANY))
        self.assertEqual(self.attune.sql("select sum(rated), sum(ruptures) from rollup_week"), [[str(MANY), str(MANY)]])

    def rate_with_clock(self, hours):
        """A low rating of a session under way, from a kiosk whose clock is that far off."""
        session = self.attune.open_session()
        kiosk = Connection(self.attune.address, identity_context(self.attune.path("id-k1")))
        kiosk.say_hello("test")
        ticket = kiosk.push().room_state.ticket
        rating = kiosk_pb2.Rating(rating_id=new_id(), ticket_id=ticket.ticket_id, instrument="attune-adult-en/1",
                                  made_at_ms=now_ms() + hours * 3_600_000,
                                  scores=kiosk_pb2.Scores(understanding=20, relevance=20, safety=20, fit=20))
        kiosk.ask(submit_rating=kiosk_pb2.SubmitRating(record=rating.SerializeToString()))
        kiosk.close()
        self.attune.wait_evaluated()
        self.attune.attune("t1", "session", "close", session)
        return self.attune.sql("select count(*), bool_or(late), bool_and(late) from alert "
                               f"where session_id = '{session}'")[0]

    def test_a_kiosk_three_hours_slow_alerts_as_any_other_since_the_server_has_the_time(self):
        self.assertEqual(self.rate_with_clock(-3)[1:], ["f", "f"])

    def test_a_kiosk_three_hours_fast_may_be_late_so_nothing_says_that_the_client_is_there(self):
        count, _, late = self.rate_with_clock(3)
        self.assertGreater(int(count), 0)
        self.assertEqual(late, "t")
        self.assertEqual(self.attune.sql("select made_at > now() + interval '2 hours' from rating"), [["t"]])  # Kept as told.


if __name__ == "__main__":
    unittest.main()
