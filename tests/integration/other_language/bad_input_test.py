"""Whatever a stranger or a faulty client says gets its stated answer, harms nobody else, and loses nothing.

One practice for all tests of this file. After each test the server must still be the same process and must store a good
rating. Section numbers are those of proto/PROTOCOL.md.
"""
import os
import socket
import ssl
import struct
import subprocess
import unittest

import admin_pb2
import envelope_pb2
import kiosk_pb2
import staff_pb2
from attune_wire import (FRAME_MAX, Closed, Connection, Refused, fingerprint, identity_context, new_id, now_ms,
                         tls_context)
from harness import SERVER, Attune, wait_until

GREETING_MAX = 4096
HOUR_MS = 3_600_000
RULES = """[ca]
default_ca = one
[one]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
organizationName = optional
commonName = optional
[req]
distinguished_name = none
[none]
[device]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
"""


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def text_field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def padded(body, size):
    """`body` with one unknown field, so that it has `size` bytes."""
    rest = size - len(body)
    for head in (3, 4, 5):
        field = text_field(1000, b"\0" * (rest - head))
        if len(field) == rest:
            return body + field
    raise ValueError(size)


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.attune = attune = Attune()
        cls.addClassCleanup(attune.close)
        cls.server = attune.start_server(hello_s="1")
        attune.add_room()
        attune.add_therapist(clients=("c001",))
        attune.add_therapist(code="t02", device="t2", clients=("c002",))
        cls.make_other_practice()
        cls.connections = []

    @classmethod
    def make_other_practice(cls):
        """Practice 2, with a therapist, a client, a room and a kiosk of its own."""
        attune = cls.attune
        attune.make_identity("admin2", practice=2)
        done = attune.run([SERVER, "setup", "--config", attune.path("server.conf"), "--practice", "Other practice",
                           "--certificate", attune.path("id-admin2/device.crt"), "--label", "admin2", "--without-log-on"], check=True)
        assert done.out.strip().endswith("practice 2"), done.out
        attune.make_identity("x1", practice=2)
        attune.make_identity("xk1", practice=2)
        for words in (("add-site", "South"), ("add-room", "South 1", "--site", "South"),
                      ("add-therapist", "t01", "--name", "Dr X", "--site", "South"),
                      ("add-client", "c900", "--therapist", "t01"),
                      ("add-device", "--certificate", attune.path("id-x1/device.crt"), "--role", "therapist", "--label",
                       "x1", "--therapist", "t01"),
                      ("add-device", "--certificate", attune.path("id-xk1/device.crt"), "--role", "kiosk", "--label",
                       "xk1", "--room", "South 1")):
            attune.attune("admin2", "practice", *words)

    def setUp(self):
        self.connections = []

    def tearDown(self):
        for connection in self.connections:
            connection.close()
        before = self.attune.count("rating")
        with self.subTest("the server is alive and stores what is good"):
            self.assertTrue(self.server.alive(), self.server.log())
            self.assertFalse(self.store(self.connect("k1"), self.rating(self.ticket())).again)
            self.assertEqual(self.attune.count("rating"), before + 1)
        for connection in self.connections:
            connection.close()

    # ---- what is good ------------------------------------------------------------------------

    def connect(self, identity, hello=True):
        connection = Connection(self.attune.address, identity_context(self.attune.path(f"id-{identity}")))
        self.connections.append(connection)
        if hello:
            connection.say_hello("bad_input")
        return connection

    def open_session(self, connection, **more):
        request = {"session_id": new_id(), "client_ref": "c001", "room": "North 1", "take_over": True,
                   "planned_end_ms": now_ms() + HOUR_MS, **more}
        return connection.ask(open_session=staff_pb2.OpenSession(**request))

    def ticket(self):
        """A fresh session's."""
        session = self.open_session(self.connect("t1")).session_id
        row, = self.attune.sql(f"select ticket_id from ticket where session_id = '{session.hex()}'")
        return bytes.fromhex(row[0].replace("-", ""))

    def rating(self, ticket, **scores):
        rating = kiosk_pb2.Rating(rating_id=new_id(), ticket_id=ticket, instrument="attune-adult-en/1",
                                  made_at_ms=now_ms())
        rating.scores.SetInParent()
        for area, score in (scores or {"understanding": 90}).items():
            setattr(rating.scores, area, score)
        return rating

    def store(self, connection, rating):
        record = rating if isinstance(rating, bytes) else rating.SerializeToString()
        return connection.ask(submit_rating=kiosk_pb2.SubmitRating(record=record))

    # ---- what is expected --------------------------------------------------------------------

    def assert_refused(self, code, call, *arguments, **more):
        with self.assertRaises(Refused) as caught:
            call(*arguments, **more)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception

    def assert_ends(self, connection, code):
        """The Error with that code comes, and after it the end."""
        self.assert_refused(code, connection.answer, 0)
        with self.assertRaises(Closed):
            connection.receive()

    def assert_goes_on(self, connection):
        self.assertIsInstance(connection.ask(ping=envelope_pb2.Ping()), envelope_pb2.Done)

    # ---- section 1: who may connect at all ---------------------------------------------------

    def assert_tls_refused(self, context, word):
        """The alert comes with the handshake, or, in TLS 1.3, with the first read."""
        with self.assertRaisesRegex(ssl.SSLError, f"(?i){word}"):
            connection = Connection(self.attune.address, context)
            self.connections.append(connection)
            connection.say_hello("stranger")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.attune.path("rules"))

    def test_a_certificate_of_another_authority_is_refused(self):
        other = self.attune.path("other-ca")
        if not os.path.isdir(other):
            self.attune.run([SERVER, "pki", "init", other], check=True)
            self.attune.run([SERVER, "pki", "device", other, "--practice", "1", "--label", "k1", "--out",
                             self.attune.path("id-other")], check=True)
        context = tls_context(self.attune.path("ca/ca.crt"), self.attune.path("id-other/device.crt"),
                              self.attune.path("id-other/device.key"))
        self.assert_tls_refused(context, "unknown.ca")

    def test_an_expired_certificate_is_refused(self):
        rules = self.attune.path("rules")
        os.makedirs(rules, exist_ok=True)
        for name, content in (("rules.conf", RULES), ("index", ""), ("serial", "7001\n")):
            with open(os.path.join(rules, name), "w", encoding="ascii") as file:
                file.write(content)
        self.openssl("req", "-new", "-config", "rules.conf", "-key", self.attune.path("id-k1/device.key"), "-subj",
                     "/O=1/CN=k1", "-out", "expired.csr")
        self.openssl("ca", "-batch", "-notext", "-config", "rules.conf", "-extensions", "device", "-startdate",
                     "20200101000000Z", "-enddate", "20200201000000Z", "-cert", self.attune.path("ca/ca.crt"),
                     "-keyfile", self.attune.path("ca/ca.key"), "-in", "expired.csr", "-out", "expired.crt")
        context = tls_context(self.attune.path("ca/ca.crt"), os.path.join(rules, "expired.crt"),
                              self.attune.path("id-k1/device.key"))
        self.assert_tls_refused(context, "certificate.expired")

    def test_a_certificate_for_servers_is_no_devices(self):
        context = tls_context(self.attune.path("ca/ca.crt"), self.attune.path("ca/server.crt"),
                              self.attune.path("ca/server.key"))
        self.assert_tls_refused(context, "certificate")

    def test_without_a_certificate_nobody_is_let_in(self):
        self.assert_tls_refused(tls_context(self.attune.path("ca/ca.crt")), "certificate.required")

    def test_without_our_protocol_or_with_another_one_the_handshake_ends(self):
        for protocol in (None, "http/1.1", "attune/2"):
            folder = self.attune.path("id-k1")
            context = tls_context(f"{folder}/ca.crt", f"{folder}/device.crt", f"{folder}/device.key", protocol)
            self.assert_tls_refused(context, "no.application.protocol")

    def test_tls_1_2_is_refused(self):
        context = identity_context(self.attune.path("id-k1"))
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assert_tls_refused(context, "protocol.version")

    def test_what_is_not_tls_is_closed(self):
        for stranger in (struct.pack(">I", 6) + b"\x08\x01\x12\x02\x0a\x00", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
                         b"\0" * 64, os.urandom(20000)):
            with socket.create_connection(("127.0.0.1", self.attune.server_port), 10) as plain:
                try:
                    plain.sendall(stranger)
                    while plain.recv(4096):
                        pass
                except ConnectionError:
                    pass  # As good an end.

    def test_a_device_that_nobody_registered_hears_201(self):
        self.attune.make_identity("nobody")
        connection = self.connect("nobody", hello=False)
        self.assert_refused(201, connection.say_hello, "bad_input")
        with self.assertRaises(Closed):
            connection.receive()

    def test_a_revoked_device_hears_202(self):
        self.attune.practice("add-room", "Cellar", "--site", "North")
        self.attune.add_device("gone", "kiosk", "--room", "Cellar")
        key = fingerprint(self.attune.path("id-gone/device.crt")).hex()
        self.attune.sql(f"update device set revoked_at = now() where fingerprint = '\\x{key}'")
        connection = self.connect("gone", hello=False)
        self.assert_refused(202, connection.say_hello, "bad_input")

    # ---- section 2: frames (faults, row 19) --------------------------------------------------

    def test_a_length_out_of_range_ends_the_connection_with_101(self):
        ping = envelope_pb2.Request(seq=2, ping=envelope_pb2.Ping()).SerializeToString()
        for length in (0, FRAME_MAX + 1, 2 ** 31, 2 ** 32 - 1):
            connection = self.connect("k1")
            connection.send_bytes(struct.pack(">I", length) + ping)
            self.assert_ends(connection, 101)

    def test_before_welcome_the_limit_is_4096(self):
        connection = self.connect("k1", hello=False)
        connection.send_bytes(struct.pack(">I", GREETING_MAX + 1))
        self.assert_ends(connection, 101)

    def test_a_frame_of_the_largest_size_is_taken(self):
        connection = self.connect("k1", hello=False)
        hello = envelope_pb2.Request(seq=1, hello=envelope_pb2.Hello(software="s", version="1")).SerializeToString()
        connection.send_body(padded(hello, GREETING_MAX))
        self.assertEqual(connection.answer(1).welcome.frame_max, FRAME_MAX)
        ping = envelope_pb2.Request(seq=2, ping=envelope_pb2.Ping()).SerializeToString()
        connection.send_body(padded(ping, FRAME_MAX))
        self.assertEqual(connection.answer(2).WhichOneof("body"), "done")

    def test_a_frame_cut_at_any_byte_stores_nothing_and_is_good_when_sent_again(self):
        rating = self.rating(self.ticket())
        before = self.attune.count("rating")
        body = envelope_pb2.Request(seq=2, submit_rating=kiosk_pb2.SubmitRating(
            record=rating.SerializeToString())).SerializeToString()
        frame = struct.pack(">I", len(body)) + body
        for cut in range(1, len(frame)):
            connection = self.connect("k1")
            connection.send_bytes(frame[:cut])
            connection.close()
        self.assertEqual(self.attune.count("rating"), before)
        self.assertFalse(self.store(self.connect("k1"), rating).again)

    def test_garbage_ends_the_connection_with_110_or_111(self):
        for body, code in ((b"\xff" * 50, 110),
                           (b"\x0b\x0c", 110),  # A group.
                           (b"\x08\x01\x1a\x7f", 110),  # A length beyond the end.
                           (b"\x09" + b"\0" * 8, 110),  # seq as a fixed64.
                           (b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 110),  # A varint of 11 bytes.
                           (b"\x08\x02\x08\x03\x1a\x00", 111),  # seq twice.
                           (b"\x08\x02\x1a\x00\xd2\x01\x00", 111),  # Two bodies.
                           (b"\x08\x02\x1a\x00" + text_field(900, b"") * 9, 111)):  # Nine unknown fields.
            connection = self.connect("k1")
            connection.send_body(body)
            self.assert_ends(connection, code)

    def test_what_would_unpack_to_much_is_refused_by_its_tags(self):
        connection = self.connect("t1")
        ids = text_field(1, b"") * 8000
        connection.send_body(b"\x08\x02" + text_field(27, ids))
        self.assert_ends(connection, 111)

    def test_two_megabytes_are_refused_at_their_length_and_the_error_arrives(self):
        connection = self.connect("k1")
        text = b"a" * (2 << 20)
        try:
            connection.send_bytes(struct.pack(">I", len(text)) + text)
        except (ConnectionError, ssl.SSLError):
            pass  # It stopped listening; what it said is there.
        self.assert_refused(101, connection.answer, 0)

    def test_a_request_of_an_unknown_kind_is_answered_110_and_survived(self):
        connection = self.connect("k1")
        connection.seq += 1
        connection.send_body(b"\x08" + varint(connection.seq) + text_field(199, b""))
        self.assert_refused(110, connection.answer, connection.seq)
        self.assert_goes_on(connection)

    # ---- sections 3 and 4: states and seq ----------------------------------------------------

    def test_without_hello_the_connection_ends_with_123(self):
        connection = self.connect("k1", hello=False)
        self.assert_ends(connection, 123)

    def test_anything_before_hello_is_answered_120_and_the_end(self):
        connection = self.connect("k1", hello=False)
        seq = connection.send(ping=envelope_pb2.Ping())
        self.assert_refused(120, connection.answer, seq)
        with self.assertRaises(Closed):
            connection.receive()

    def test_hello_while_the_database_is_away_is_answered_403_with_a_time_and_the_end(self):
        name = self.attune.database
        self.attune.psql("postgres", f"alter database {name} allow_connections false")
        self.attune.psql("postgres", f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        try:
            wait_until(lambda: not self.attune.is_ready(self.server), 60, "the server to miss its database")
            connection = self.connect("k1", hello=False)
            refused = self.assert_refused(403, connection.say_hello, "bad_input")
            self.assertGreater(refused.retry_after_ms, 0)
            with self.assertRaises(Closed):
                connection.receive()
        finally:
            self.attune.psql("postgres", f"alter database {name} allow_connections true")
        wait_until(lambda: self.attune.is_ready(self.server), 60, "the server to find its database")

    def test_a_second_hello_is_answered_120_and_the_end(self):
        connection = self.connect("k1")
        self.assert_refused(120, connection.say_hello, "again")
        with self.assertRaises(Closed):
            connection.receive()

    def test_a_seq_that_does_not_grow_is_answered_121_and_the_end(self):
        for first, second in ((5, 5), (5, 4), (5, 0)):
            connection = self.connect("k1")
            connection.seq = first - 1
            self.assert_goes_on(connection)
            connection.seq = second - 1
            seq = connection.send(ping=envelope_pb2.Ping())
            self.assert_refused(121, connection.answer, seq)
            with self.assertRaises(Closed):
                connection.receive()

    def test_seq_may_leap(self):
        connection = self.connect("k1")
        connection.seq = 2 ** 63
        self.assert_goes_on(connection)

    def test_the_65th_unanswered_request_is_answered_122_and_the_others_are_answered(self):
        connection = self.connect("t1")
        frames = b""
        for seq in range(2, 2 + 65):
            body = envelope_pb2.Request(seq=seq, list_sessions=staff_pb2.ListSessions(limit=1)).SerializeToString()
            frames += struct.pack(">I", len(body)) + body
        connection.send_bytes(frames)  # One record: all are read in one turn, before the database answers.
        answers = {}
        while len(answers) < 65:
            response = connection.receive().response
            answers[response.seq] = response
        self.assertEqual(answers.pop(66).error.code, 122)
        self.assertEqual({r.WhichOneof("body") for r in answers.values()}, {"session_list"})
        connection.seq = 66
        self.assert_goes_on(connection)

    # ---- section 5: roles, and whose it is ---------------------------------------------------

    def test_what_another_role_may_ask_is_answered_203_and_survived(self):
        for identity, body in (("k1", {"open_session": staff_pb2.OpenSession()}), ("k1", {"watch": staff_pb2.Watch()}),
                               ("k1", {"put_site": admin_pb2.PutSite(name="x")}),
                               ("t1", {"submit_rating": kiosk_pb2.SubmitRating(record=b"x")}),
                               ("t1", {"put_device": admin_pb2.PutDevice()}),
                               ("admin", {"list_ratings": staff_pb2.ListRatings(client_ref="c001")})):
            connection = self.connect(identity)
            self.assert_refused(203, connection.ask, **body)
            self.assert_goes_on(connection)

    def test_another_practices_client_room_and_session_are_not_there(self):
        mine = self.open_session(self.connect("t1")).session_id
        stranger = self.connect("x1")
        self.assert_refused(303, stranger.ask, list_ratings=staff_pb2.ListRatings(client_ref="c001"))
        self.assert_refused(303, stranger.ask, list_alerts=staff_pb2.ListAlerts(client_ref="c001"))
        self.assert_refused(303, self.open_session, stranger, client_ref="c001", room="South 1")
        self.assert_refused(304, self.open_session, stranger, client_ref="c900", room="North 1")
        self.assert_refused(306, stranger.ask, invite_rating=staff_pb2.InviteRating(session_id=mine))
        self.assert_refused(306, stranger.ask, close_session=staff_pb2.CloseSession(session_id=mine))
        self.assertEqual(len(stranger.ask(list_sessions=staff_pb2.ListSessions()).sessions), 0)
        self.assert_goes_on(stranger)

    def test_another_therapists_client_and_session_are_not_there(self):
        mine = self.open_session(self.connect("t1")).session_id
        colleague = self.connect("t2")
        self.assert_refused(303, colleague.ask, list_ratings=staff_pb2.ListRatings(client_ref="c001"))
        self.assert_refused(303, colleague.ask, list_alerts=staff_pb2.ListAlerts(client_ref="c001"))
        self.assert_refused(303, self.open_session, colleague, client_ref="c001")
        self.assert_refused(306, colleague.ask, invite_rating=staff_pb2.InviteRating(session_id=mine))
        self.assert_refused(306, colleague.ask, close_session=staff_pb2.CloseSession(session_id=mine))
        self.assert_refused(311, self.open_session, colleague, session_id=mine, client_ref="c002")
        self.assertEqual(len(colleague.ask(list_sessions=staff_pb2.ListSessions()).sessions), 0)
        self.assertEqual(len(colleague.ask(list_alerts=staff_pb2.ListAlerts()).alerts), 0)

    def test_another_practices_ticket_is_not_there_and_stays_unused(self):
        rating = self.rating(self.ticket())
        self.assert_refused(301, self.store, self.connect("xk1"), rating)
        self.assertFalse(self.store(self.connect("k1"), rating).again)

    def test_a_certificate_that_names_another_practice_is_no_device_there(self):
        """Registered in practice 1, but its certificate says practice 2: devices are known by practice and key."""
        self.attune.make_identity("moved", practice=2)
        self.attune.practice("add-room", "Attic", "--site", "North")
        self.attune.practice("add-device", "--certificate", self.attune.path("id-moved/device.crt"), "--role", "kiosk",
                             "--label", "moved", "--room", "Attic")
        self.assert_refused(201, self.connect("moved", hello=False).say_hello, "bad_input")

    def test_a_newer_connection_of_the_same_device_ends_the_older_one_with_204(self):
        older = self.connect("k1")
        newer = self.connect("k1")
        self.assert_ends(older, 204)
        self.assert_goes_on(newer)

    # ---- sections 6 and 7: values ------------------------------------------------------------

    def test_an_unknown_ticket_is_301(self):
        connection = self.connect("k1")
        self.assert_refused(301, self.store, connection, self.rating(new_id()))
        self.assert_goes_on(connection)

    def test_a_used_ticket_is_302_and_a_resend_is_not(self):
        ticket = self.ticket()
        connection = self.connect("k1")
        rating = self.rating(ticket)
        self.assertFalse(self.store(connection, rating).again)
        self.assertTrue(self.store(connection, rating).again)
        self.assert_refused(302, self.store, connection, self.rating(ticket))
        self.assertTrue(self.store(connection, rating).again)

    def test_a_score_out_of_range_is_113_and_names_its_field(self):
        ticket = self.ticket()
        connection = self.connect("k1")
        for area in ("understanding", "relevance", "safety", "fit"):
            refused = self.assert_refused(113, self.store, connection, self.rating(ticket, **{area: 101}))
            self.assertIn(f"rating.scores.{area}", refused.text)
        self.assertFalse(self.store(connection, self.rating(ticket, safety=100, fit=0)).again)

    def test_a_score_as_a_double_that_is_no_number_is_110_and_survived(self):
        rating = self.rating(self.ticket())
        rating.ClearField("scores")
        record = rating.SerializeToString() + text_field(3, b"\x09" + struct.pack("<d", float("nan")))
        connection = self.connect("k1")
        self.assert_refused(110, self.store, connection, record)
        self.assert_goes_on(connection)

    def test_areas_that_were_not_answered_are_stored_as_null(self):
        rating = self.rating(self.ticket(), safety=0)
        self.store(self.connect("k1"), rating)
        self.assertEqual(self.attune.sql("select understanding, relevance, safety, fit, skipped from rating where "
                                         f"rating_id = '{rating.rating_id.hex()}'"), [["", "", "0", "", "f"]])

    def test_text_that_is_no_text_is_refused(self):
        connection = self.connect("k1")
        good = self.rating(self.ticket())
        for instrument, code in ((b"\xff\xfe", 113), (b"\xc0\x80", 113), (b"a\0b", 110), (b"a\nb", 113), (b"", 113),
                                 (b"a" * 65, 113)):
            good.ClearField("instrument")
            record = good.SerializeToString() + text_field(6, instrument)
            self.assert_refused(code, self.store, connection, record)
        self.assert_goes_on(connection)

    def test_a_record_above_1024_bytes_is_113(self):
        connection = self.connect("k1")
        rating = self.rating(self.ticket())
        record = padded(rating.SerializeToString(), 1025)
        refused = self.assert_refused(113, self.store, connection, record)
        self.assertIn("submit_rating.record", refused.text)
        self.assertFalse(self.store(connection, padded(rating.SerializeToString(), 1024)).again)

    def test_an_imported_rating_above_1024_bytes_is_113_whatever_it_holds(self):
        connection = self.connect("admin")
        for extra, code in (((15000, b"\0" * 1100), 113), ((15000, b"\0" * 900), 0)):
            start = now_ms() - 24 * HOUR_MS
            rating = self.rating(new_id()).SerializeToString() + text_field(*extra)
            connection.seq += 1
            connection.send_body(b"\x08" + varint(connection.seq) + text_field(
                envelope_pb2.Request.DESCRIPTOR.fields_by_name["import_rating"].number,
                admin_pb2.ImportRating(session_id=new_id(), client_ref="c001", therapist="t01", room="North 1", start_ms=start,
                                       end_ms=start + HOUR_MS).SerializeToString() + text_field(7, rating)))
            if code == 0:
                self.assertTrue(connection.answer(connection.seq).HasField("rating_stored"))
            else:
                self.assertIn("import_rating.rating", self.assert_refused(code, connection.answer, connection.seq).text)
            self.assert_goes_on(connection)

    def test_ids_and_times_out_of_range_are_113(self):
        connection = self.connect("t1")
        for field, value in (("session_id", b"\0" * 16), ("session_id", b"x" * 15), ("planned_end_ms", 0),
                             ("planned_end_ms", 2 ** 62), ("planned_end_ms", -1), ("client_ref", ""), ("room", "a\tb")):
            refused = self.assert_refused(113, self.open_session, connection, **{field: value})
            self.assertIn(f"open_session.{field}", refused.text)
        self.assert_goes_on(connection)


if __name__ == "__main__":
    unittest.main()
