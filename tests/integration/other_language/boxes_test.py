"""Sealed and unsealed records from a client in another language: each answer by its code, and nothing lost by any."""
import os
import unittest

import kiosk_pb2
from attune_wire import Connection, Refused, identity_context, new_id, now_ms
from harness import SOURCE, AttuneTest
from sealing import Chain, derive, key_id, open_sealed, seal


STRANGER = bytes([9]) + bytes(31)  # A good public key, and nobody's.


def example(name):
    """Of PROTOCOL.md, which the units hold against the code in C."""
    with open(os.path.join(SOURCE, "proto/PROTOCOL.md"), encoding="utf-8") as page:
        return bytes.fromhex(page.read().partition(f"```hex {name}\n")[2].partition("```")[0])


class Page(unittest.TestCase):
    def test_the_sealed_example_opens_here_too_and_by_the_keys_beside_it(self):
        self.assertEqual(open_sealed(example("sealing_secret"), example("sealed_record")), example("record"))
        self.assertEqual(derive(1, example("chain_first")), example("chain_second"))
        self.assertEqual(derive(2, example("chain_second")), example("record_key"))
        changed = bytearray(example("sealed_record"))
        changed[-1] ^= 1
        self.assertIsNone(open_sealed(example("sealing_secret"), bytes(changed)))


class Boxes(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server(sealing_required=1)
        self.attune.add_room()
        self.attune.add_therapist()
        self.attune.open_session()
        self.kiosk = Connection(self.attune.address, identity_context(self.attune.path("id-k1")))
        self.addCleanup(self.kiosk.close)
        self.key = self.kiosk.say_hello("test").sealing_key
        self.ticket = self.kiosk.push().room_state.ticket.ticket_id

    def record(self, **more):
        values = {"rating_id": new_id(), "ticket_id": self.ticket, "instrument": "attune-adult-en/1", "made_at_ms": now_ms(),
                  "scores": kiosk_pb2.Scores(understanding=20, fit=100), **more}
        return kiosk_pb2.Rating(**values).SerializeToString()

    def submit(self, record, how=kiosk_pb2.SEAL_BOX):
        return self.kiosk.ask(submit_rating=kiosk_pb2.SubmitRating(seal=how, record=record))

    def another_ticket(self):
        session = self.attune.attune("t1", "session", "open", "--client", "c001", "--room", "North 1", "--take-over",
                                     "--json").json()["session_id"]
        ticket, = self.attune.sql(f"select ticket_id from ticket where session_id = '{session}'")[0]
        return bytes.fromhex(ticket.replace("-", ""))

    def refused(self, *words):
        with self.assertRaises(Refused) as caught:
            self.submit(*words)
        return caught.exception

    def test_the_server_offers_the_key_of_its_folder(self):
        name, = os.listdir(self.attune.path("sealing"))
        self.assertEqual(name.partition("-")[2], key_id(self.key).hex() + ".key")
        with open(self.attune.path(f"sealing/{name}"), encoding="ascii") as file:
            self.assertNotEqual(bytes.fromhex(file.read()), self.key)
        self.assertEqual(os.stat(self.attune.path(f"sealing/{name}")).st_mode & 0o777, 0o600)

    def test_a_box_of_this_client_is_stored_and_a_second_box_of_the_same_rating_is_a_resend(self):
        record = self.record()
        self.assertFalse(self.submit(seal(self.key, record)).again)
        self.assertTrue(self.submit(seal(self.key, record)).again)
        self.assertEqual(self.attune.sql("select understanding, relevance, fit from rating"), [["20", "", "100"]])

    def test_a_chain_s_records_are_stored_in_any_order_for_one_head(self):
        chain = Chain(self.key)
        records = [self.record()] + [self.record(ticket_id=self.another_ticket()) for _ in range(3)]
        boxes = [chain.seal(record) for record in records]
        self.assertEqual({box[1:89] for box in boxes}, {boxes[0][1:89]})
        heads = self.attune.metric(self.server, "attune_chain_heads_opened_total")
        for at in (3, 0, 2, 1, 0):
            self.submit(boxes[at])
        self.assertEqual(self.attune.count("rating"), 4)
        self.assertEqual(self.attune.metric(self.server, "attune_chain_heads_opened_total") - heads, 1)
        mixed = boxes[1][:89] + boxes[2][89:90] + boxes[1][90:]
        self.assertEqual(self.refused(mixed).code, 113)

    def test_each_refusal_has_its_code_and_the_connection_goes_on(self):
        record = self.record()
        sealed = seal(self.key, record)
        missed = self.refused(seal(STRANGER, record))
        self.assertEqual((missed.code, missed.retry_after_ms), (318, 0))
        self.assertEqual(self.refused(record, kiosk_pb2.SEAL_NONE).code, 319)
        for at in (0, 9, 40, 41, 57, 88, 89, 90, 113, 114, 385):
            self.assertEqual(self.refused(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:]).code, 113, at)
        self.assertEqual(self.refused(sealed[:-1]).code, 113)
        self.assertEqual(self.refused(seal(self.key, b"\x0f no rating")).code, 110)
        within = self.refused(seal(self.key, self.record(scores=kiosk_pb2.Scores(fit=101))))
        self.assertEqual((within.code, "rating.scores.fit" in within.text), (113, True))
        self.assertEqual(self.attune.count("rating"), 0)
        self.assertFalse(self.submit(sealed).again)

    def test_what_the_database_refuses_is_kept_sealed_as_it_came(self):
        self.attune.sql("alter table rating add constraint not_this check (understanding <> 20)")
        sealed = seal(self.key, self.record())
        self.assertEqual(self.refused(sealed).code, 312)
        self.assertEqual(self.attune.sql("select encode(record, 'hex') from rating_quarantine"), [[sealed.hex()]])


if __name__ == "__main__":
    unittest.main()
