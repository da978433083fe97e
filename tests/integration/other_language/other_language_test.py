"""The protocol is enough: a kiosk and a therapist's client written from PROTOCOL.md alone do the main job with the real server."""
import os
import sys
import unittest

from harness import AttuneTest, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


class OtherLanguage(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001",))

    def start(self, program, identity, *words):
        return self.attune.start(program, [sys.executable, os.path.join(HERE, f"{program}.py"), "--server",
                                           self.attune.address, "--identity", self.attune.path(f"id-{identity}"), *words])

    def finish(self, process):
        """Its last line was printed and it ended well."""
        self.assertEqual(process.popen.wait(60), 0, process.log())

    def events(self, process, name):
        return [line for line in process.lines() if line["event"] == name]

    def run_both(self, *scores, alerts=0):
        kiosk = self.start("kiosk", "k1", "--spool", self.attune.path("other-spool"), *scores)
        therapist = self.start("therapist", "t1", "--client", "c001", "--room", "North 1", "--alerts", str(alerts))
        self.finish(kiosk)
        self.finish(therapist)
        return kiosk, therapist

    def test_a_low_rating_goes_from_one_to_the_other_and_its_alerts_are_received(self):
        kiosk, therapist = self.run_both("--understanding", "3.5", "--relevance", "8", "--safety", "0", "--fit", "10", alerts=1)
        self.assertEqual(self.events(kiosk, "welcome"), [{"event": "welcome", "role": "ROLE_KIOSK", "place": "North 1",
                                                           "sealed": True}])
        self.assertEqual(self.events(therapist, "welcome")[0]["role"], "ROLE_THERAPIST")
        invited, opened = self.events(kiosk, "invited")[0], self.events(therapist, "opened")[0]
        self.assertEqual((invited["colour"], invited["symbol"]), (opened["colour"], opened["symbol"]))
        saved, stored = self.events(kiosk, "saved")[0], self.events(kiosk, "stored")[0]
        self.assertEqual(stored["rating_id"], saved["rating_id"])
        self.assertFalse(stored["again"])
        rated = [s for s in self.events(therapist, "session") if s["outcome"] == "SESSION_RATED"][0]
        self.assertEqual(rated["scores"], {"understanding": 35, "relevance": 80, "safety": 0, "fit": 100})
        alert = self.events(therapist, "alert")[0]
        self.assertEqual((alert["tier"], alert["client"]), ("TIER_RED", "c001"))
        self.assertEqual(self.attune.count("alert_delivery", "received_at is null"), 0)
        self.assertEqual(os.listdir(self.attune.path("other-spool")), [])

    def test_what_was_not_answered_is_null_all_the_way_and_0_is_a_score(self):
        _, therapist = self.run_both("--understanding", "3.5", "--safety", "0", "--fit", "10")
        rated = [s for s in self.events(therapist, "session") if s["outcome"] == "SESSION_RATED"][0]
        self.assertEqual(rated["scores"], {"understanding": 35, "relevance": None, "safety": 0, "fit": 100})
        self.assertEqual(self.attune.sql("select understanding, relevance, safety, fit from rating"),
                         [["35", "", "0", "100"]])

    def test_a_skip_is_told(self):
        _, therapist = self.run_both("--skip")
        last = self.events(therapist, "session")[-1]
        self.assertEqual((last["outcome"], last["scores"]), ("SESSION_SKIPPED", None))

    def test_what_lies_in_the_spool_is_sent_again_and_is_there_once(self):
        import kiosk
        import kiosk_pb2
        session = self.attune.open_session(invite=False)
        ticket = self.attune.sql(f"select ticket_id from ticket where session_id = '{session}'")[0][0].replace("-", "")
        rating = kiosk_pb2.Rating(rating_id=b"\x11" * 16, ticket_id=bytes.fromhex(ticket), skipped=True,
                                  instrument="attune-adult-en/1", made_at_ms=kiosk.now_ms())
        record = kiosk.make_submission(rating, None).SerializeToString()  # As one that never heard of a key has saved it.
        spool = self.attune.path("other-spool")
        for again in (False, True):
            os.makedirs(spool, exist_ok=True)
            kiosk.save(spool, "record", record)
            process = self.start("kiosk", "k1", "--spool", spool, "--skip")
            stored = wait_until(lambda: self.events(process, "stored"), 20, "stored")
            self.assertEqual((stored[0]["rating_id"], stored[0]["again"]), ("11" * 16, again))
            wait_until(lambda: not os.listdir(spool), 20, "the empty spool")
            process.stop()
            os.unlink(process.out_path)
        self.assertEqual(self.attune.count("rating"), 1)


if __name__ == "__main__":
    unittest.main()
