"""What a therapist's desk begins with: their own clients and what is open, the rooms, one client's sessions, the practice's lines."""
import unittest

import admin_pb2
import staff_pb2
from attune_wire import Connection, Refused, identity_context
from harness import AttuneTest


def scores(each):
    return ("--understanding", str(each), "--relevance", str(each), "--safety", str(each), "--fit", str(each))


class Caseload(AttuneTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))
        self.attune.add_therapist(code="t02", device="t2", clients=("c003",))

    def connect(self, identity="t1-desk"):
        connection = Connection(self.attune.address, identity_context(self.attune.path(f"id-{identity}")))
        self.addCleanup(connection.close)
        connection.say_hello("caseload_test")
        return connection

    def rate(self, *words):
        session = self.attune.open_session()
        if words:
            self.attune.attune("k1", "rate", *words)
            self.attune.wait_evaluated()
        self.attune.attune("t1", "session", "close", session)
        return session

    def test_each_client_with_the_last_totals_and_what_is_open(self):
        for each in (9.5, 9, 9):
            self.rate(*scores(each))
        self.rate()
        self.rate(*scores(4))
        asked = self.connect()
        first = asked.ask_until_taken(list_caseload=staff_pb2.ListCaseload(limit=1))
        self.assertEqual(([c.client_ref for c in first.clients], first.more), (["c001"], True))
        one = first.clients[0]
        self.assertEqual((one.sessions, list(one.totals), one.rupture_open, one.step), (5, [380, 360, 360, -1, 160], True, ""))
        self.assertGreater(one.last_start_ms, 0)
        second = asked.ask_until_taken(list_caseload=staff_pb2.ListCaseload(after="c001"))
        self.assertEqual([(c.client_ref, c.sessions, list(c.totals), c.rupture_open, c.last_start_ms) for c in second.clients],
                         [("c002", 0, [], False, 0)])
        self.assertFalse(second.more)
        alerts = self.attune.attune("t1", "alerts", "--json").json()
        alert = next(a["alert_id"] for a in alerts if a["tier"] == "red")
        self.attune.attune("t1", "alerts", "acknowledge", alert, "--step", "supervision")
        again = asked.ask_until_taken(list_caseload=staff_pb2.ListCaseload())
        self.assertEqual(again.clients[0].step, "supervision")
        others = self.connect("t2-desk").ask_until_taken(list_caseload=staff_pb2.ListCaseload())
        self.assertEqual([c.client_ref for c in others.clients], ["c003"])

    def test_one_clients_sessions_also_those_without_a_rating_and_nobody_elses(self):
        sessions = [self.rate(*scores(9)), self.rate(), self.rate(*scores(8))]
        asked = self.connect()
        page = asked.ask_until_taken(list_sessions=staff_pb2.ListSessions(client_ref="c001", limit=2))
        self.assertEqual(([s.session_id.hex() for s in page.sessions], page.more), ([sessions[2], sessions[1]], True))
        self.assertEqual([s.outcome for s in page.sessions], [staff_pb2.SESSION_RATED, staff_pb2.SESSION_OUTCOME_NONE])
        rest = asked.ask_until_taken(list_sessions=staff_pb2.ListSessions(client_ref="c001", after_id=page.sessions[1].session_id))
        self.assertEqual(([s.session_id.hex() for s in rest.sessions], rest.more), ([sessions[0]], False))
        for client in ("c003", "c999"):
            with self.assertRaises(Refused) as refused:
                asked.ask_until_taken(list_sessions=staff_pb2.ListSessions(client_ref=client))
            self.assertEqual(refused.exception.code, 303)

    def test_rooms_say_whether_they_are_taken_and_the_lines_in_force_are_told(self):
        self.attune.practice("add-room", "Annex", "--site", "North")
        self.attune.open_session()
        asked = self.connect()
        rooms = asked.ask_until_taken(list_rooms=staff_pb2.ListRooms())
        self.assertEqual([(r.name, r.site, r.taken) for r in rooms.rooms], [("Annex", "North", False), ("North 1", "North", True)])
        rooms = asked.ask_until_taken(list_rooms=staff_pb2.ListRooms(after="Annex"))
        self.assertEqual([r.name for r in rooms.rooms], ["North 1"])
        rules = asked.ask_until_taken(get_rules=admin_pb2.GetRules())
        self.assertIn("\ncut = 36.0", "\n" + rules.file)
        with self.assertRaises(Refused) as refused:
            asked.ask_until_taken(put_rules=admin_pb2.PutRules(file="cut = 35.0\n"))
        self.assertEqual(refused.exception.code, 203)


if __name__ == "__main__":
    unittest.main()
