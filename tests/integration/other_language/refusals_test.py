"""What is refused stands in the audit: who, which code, how often; whose it was does not."""
import json
import ssl
import unittest

import envelope_pb2
import staff_pb2
from attune_wire import Connection, Refused, fingerprint, identity_context, tls_context
from harness import AttuneTest, wait_until

MANY = 1000


class Refusals(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001",))
        self.attune.add_therapist("t02", device="t2", clients=("c002",))

    def connect(self, device, hello=True):
        connection = Connection(self.attune.address, identity_context(self.attune.path(f"id-{device}")))
        self.addCleanup(connection.close)
        if hello:
            connection.say_hello("refusals")
        return connection

    def assert_refused(self, code, call, *arguments, **more):
        with self.assertRaises(Refused) as caught:
            call(*arguments, **more)
        self.assertEqual(caught.exception.code, code)

    def rows(self):
        """practice, actor, code: how often in all; and how many rows."""
        counted, rows = {}, self.attune.sql("select practice_id, actor, detail, clients from audit where action = 'refused'")
        for practice, actor, detail, clients in rows:
            detail = json.loads(detail)
            self.assertEqual(set(detail), {"code", "count"})
            self.assertEqual(clients, "")
            key = (practice, actor, detail["code"])
            counted[key] = counted.get(key, 0) + detail["count"]
        return counted, len(rows)

    def verify(self):
        self.attune.start_server("again")
        done = self.attune.attune("admin", "audit", "verify")
        self.assertIn(" broken=0", done.out)

    def key_of(self, device):
        return "device key " + fingerprint(self.attune.path(f"id-{device}/device.crt")).hex()[:16]

    def test_the_first_is_written_at_once_and_what_is_left_when_the_server_stops(self):
        kiosk = self.connect("k1")
        self.assert_refused(203, kiosk.ask, list_caseload=staff_pb2.ListCaseload())
        wait_until(lambda: self.rows()[0] == {("1", "k1", 203): 1}, 20, "the refusal's row")
        self.assert_refused(203, kiosk.ask, list_caseload=staff_pb2.ListCaseload())
        self.assert_refused(203, kiosk.ask, watch=staff_pb2.Watch())
        self.server.stop()
        self.assertEqual(self.rows(), ({("1", "k1", 203): 3}, 2))
        self.verify()

    def test_a_row_names_no_client_and_not_whether_there_is_one(self):
        t1, t2 = self.connect("t1"), self.connect("t2")
        self.assert_refused(303, t1.ask, list_ratings=staff_pb2.ListRatings(client_ref="c002"))
        self.assert_refused(303, t2.ask, list_ratings=staff_pb2.ListRatings(client_ref="nobody"))
        self.server.stop()
        self.assertEqual(self.rows(), ({("1", "t1", 303): 1, ("1", "t2", 303): 1}, 2))
        details = self.attune.sql("select distinct detail, clients, scope from audit where action = 'refused'")
        self.assertEqual(len(details), 1, details)
        self.verify()

    def test_who_is_not_let_in_is_known_by_the_key(self):
        self.attune.make_identity("stranger")
        self.assert_refused(201, self.connect("stranger", hello=False).say_hello, "refusals")
        self.attune.sql(f"update device set revoked_at = now() where label = 't2'")
        self.assert_refused(202, self.connect("t2", hello=False).say_hello, "refusals")
        self.assert_refused(120, self.connect("k1", hello=False).ask, ping=envelope_pb2.Ping())
        with self.assertRaises(ssl.SSLError):
            Connection(self.attune.address, tls_context(self.attune.path("ca/ca.crt"))).say_hello("refusals")
        self.server.stop()
        counted, _ = self.rows()
        print(f"    {counted}")
        self.assertEqual(counted, {("1", self.key_of("stranger"), 201): 1, ("1", self.key_of("t2"), 202): 1,
                                   ("1", self.key_of("k1"), 120): 1, ("", "a device", 409): 1})
        self.verify()

    def test_a_flood_of_them_is_few_rows_whose_counts_add_up(self):
        kiosk = self.connect("k1")
        for _ in range(MANY):
            self.assert_refused(203, kiosk.ask, list_caseload=staff_pb2.ListCaseload())
        self.server.stop()
        counted, rows = self.rows()
        print(f"    refusals asked={MANY} counted={counted['1', 'k1', 203]} rows={rows}")
        self.assertEqual(counted, {("1", "k1", 203): MANY})
        self.assertLessEqual(rows, 5)  # One a minute, however long the thousand took.
        self.verify()

    def test_what_works_leaves_none(self):
        self.attune.open_session()
        self.attune.attune("t1", "ratings", "--client", "c001")
        self.server.stop()
        self.assertEqual(self.rows(), ({}, 0))


if __name__ == "__main__":
    unittest.main()
