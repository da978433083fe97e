"""A device's way into the practice: one code, one key, one certificate, whatever is tried."""
import concurrent.futures
import hashlib
import os
import re
import socket
import subprocess
import unittest

import enrol_wire
from harness import CLI, SERVER, AttuneTest, wait_until
from qr import read_qr

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Enrolment(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.add_room()

    # ---- small things --------------------------------------------------------------------------

    def add(self, *place):
        return self.attune.attune("admin", "device", "add", *(place or ("--room", "North 1")), "--json").json()

    def enrol(self, code, label, *more, check=True):
        return self.attune.run([CLI, "enrol", code, "--server", self.attune.address, "--identity",
                                self.attune.path(f"id-{label}"), *more], check)

    def devices(self):
        return {d["label"]: d for d in self.attune.attune("admin", "device", "list", "--json").json()}

    def forget_wrong(self):
        self.attune.sql("delete from enrol_wrong")

    # ---- the way -------------------------------------------------------------------------------

    def test_a_kiosk_is_enrolled_by_its_code_and_rates(self):
        made = self.add()
        self.assertEqual(made["label"], "North 1")
        self.assertEqual(len(made["code"]), 54)
        done = self.enrol(made["code"], "k")
        self.assertEqual(done.out, "Test practice: this is North 1, North 1 now; its identity is in "
                         + self.attune.path("id-k") + "\n")
        names = sorted(os.listdir(self.attune.path("id-k")))
        self.assertEqual(names, ["attune.conf", "ca.crt", "device.crt", "device.key"])
        self.assertEqual(os.stat(self.attune.path("id-k/device.key")).st_mode & 0o777, 0o600)
        self.attune.add_therapist()
        self.attune.open_session()
        self.attune.attune("k", "rate", "--understanding", "8", "--relevance", "8", "--safety", "8", "--fit", "8")
        self.assertEqual(self.attune.count("rating"), 1)
        wait_until(lambda: self.devices()["North 1"]["seen"], 20, "the kiosk to be listed as seen")
        listed = self.devices()["North 1"]
        self.assertEqual((listed["role"], listed["place"], listed["revoked"], listed["authority_old"]),
                         ("kiosk", "North 1", False, False))
        self.assertTrue(listed["software"].startswith("attune"))
        self.assertLess(abs(listed["clock_ahead_ms"]), 5000)
        self.assertEqual(self.attune.count("audit", "action = 'device.enrol' and actor = 'North 1'"), 1)

    def test_what_the_database_has_of_a_code_is_its_hash(self):
        made = self.add("--administrator")
        secret = enrol_wire.read_code(made["code"])[0]
        dump = subprocess.run(["pg_dump", "-h", self.attune.cluster, "-U", "postgres", self.attune.database],
                              capture_output=True, check=True).stdout
        self.assertIn(hashlib.sha256(secret).hexdigest().encode(), dump)
        self.assertNotIn(secret.hex().encode(), dump)
        self.assertNotIn(made["code"].encode(), dump)

    def test_the_picture_holds_the_address_and_the_code(self):
        shown = self.attune.attune("admin", "device", "add", "--room", "North 1", environment={"LC_ALL": "C.UTF-8"}).out
        code = re.search(r"^    (\S+)$", shown, re.M).group(1)
        read = read_qr(shown, self.attune.path("code.pgm"))
        self.assertEqual(read, f"attune:{self.attune.address}/{code}")
        self.attune.run([CLI, "enrol", read, "--identity", self.attune.path("id-scanned")], check=True)
        self.attune.attune("scanned", "rate", "--help")

    # ---- attacks -------------------------------------------------------------------------------

    def test_a_thousand_guesses_and_two_at_once_give_one_certificate(self):
        """Two servers share the database; each guess is a secret of its own, from an address that forgets, so that only the
        code itself is in the way; then two keys at once, one at each server, with the true code."""
        second = self.attune.start_server("second", listen="127.0.0.1:0", health="127.0.0.1:0")
        addresses = [self.attune.address, f"127.0.0.1:{second.ports['listen']}"]
        made = self.add()
        secret, _ = enrol_wire.read_code(made["code"])
        guesses = issued = 0
        self.attune.sql("alter table enrol_wrong add constraint forgets check (at < '2000-01-01') not valid; "
                        "create function forget() returns trigger language plpgsql as $$ begin return null; end $$; "
                        "create trigger forget before insert on enrol_wrong for each row execute function forget()")
        key = enrol_wire.Key(self.attune.path("guess"))

        def guess(n):
            # Each is one bit off the true one, or random.
            wrong = bytearray(secret)
            if n < 128:
                wrong[n // 8] ^= 1 << n % 8
            else:
                wrong = bytearray(os.urandom(16))
            with enrol_wire.Connection(addresses[n % 2]) as connection:
                return connection.enrol(bytes(wrong), key)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for answer in pool.map(guess, range(1000)):
                guesses += 1
                issued += answer.certificate is not None
                self.assertEqual(answer.code, 205)
            keys = [enrol_wire.Key(self.attune.path(f"both-{n}")) for n in (0, 1)]

            def both(n):
                with enrol_wire.Connection(addresses[n]) as connection:
                    return connection.enrol(secret, keys[n])

            answers = list(pool.map(both, (0, 1)))
        issued += sum(a.certificate is not None for a in answers)
        print(f"enrolment guesses={guesses} issued={issued}")
        self.assertEqual((guesses, issued), (1000, 1))
        self.assertEqual(sorted(a.code for a in answers), [0, 205])
        self.assertEqual(self.attune.count("device", "role = 'kiosk' and label = 'North 1'"), 1)

    def test_the_same_key_gets_the_same_certificate_again_and_another_gets_none(self):
        secret, _ = enrol_wire.read_code(self.add()["code"])
        key, other = (enrol_wire.Key(self.attune.path(name)) for name in ("one", "other"))
        answers = []
        for who in (key, key, other):
            with enrol_wire.Connection(self.attune.address) as connection:
                answers.append(connection.enrol(secret, who))
        self.assertEqual([a.code for a in answers], [0, 0, 205])
        self.assertEqual(answers[0].certificate, answers[1].certificate)

    def test_a_late_code_is_as_a_wrong_one_and_a_forgotten_one_too(self):
        late, forgotten = self.add(), self.add()
        self.assertEqual(forgotten["label"], "North 1 2")
        self.attune.sql("update device_code set expires_at = now() - interval '1 second' where label = 'North 1'")
        self.attune.attune("admin", "device", "forget-code", "North 1 2")
        key = enrol_wire.Key(self.attune.path("late"))
        seen = set()
        for secret in (enrol_wire.read_code(late["code"])[0], enrol_wire.read_code(forgotten["code"])[0], os.urandom(16)):
            with enrol_wire.Connection(self.attune.address) as connection:
                answer = connection.enrol(secret, key)
                seen.add((answer.code, answer.text, answer.retry_after_ms))
        self.assertEqual(len(seen), 1)
        self.assertEqual(seen.pop()[0], 205)
        self.assertEqual(self.attune.count("device", "role = 'kiosk' and label like 'North 1%'"), 0)
        self.assertEqual(self.attune.attune("admin", "device", "forget-code", "North 1 2", check=False).code, 1)

    def test_a_code_gives_the_room_that_it_was_made_for_and_no_other_kind_of_device(self):
        self.attune.practice("add-room", "North 2", "--site", "North")
        secret, _ = enrol_wire.read_code(self.add("--room", "North 2")["code"])
        key = enrol_wire.Key(self.attune.path("role"))
        with enrol_wire.Connection(self.attune.address) as connection:
            self.assertEqual(connection.enrol(secret, key, role="therapist").code, 206)  # And the code is not used up.
            answer = connection.enrol(secret, key, role="kiosk")
        self.assertEqual((answer.code, answer.place), (0, "North 2"))
        self.assertEqual(self.attune.sql("select r.name from device d join room r using (practice_id, room_id) "
                                         "where d.label = 'North 2'"), [["North 2"]])

    def test_a_revoked_device_s_label_is_free_again_and_the_two_are_told_apart(self):
        """By a code, with its label wished for or made; with PutDevice, too. Of one that is not revoked it stays taken."""
        self.enrol(self.add("--room", "North 1", "--label", "door")["code"], "old")
        taken = self.attune.attune("admin", "device", "add", "--room", "North 1", "--label", "door", check=False)
        self.assertIn("exists already", taken.err)
        ((key,),) = self.attune.sql("select encode(fingerprint, 'hex') from device where label = 'door'")
        self.attune.attune("admin", "device", "revoke", "door")
        self.enrol(self.add("--room", "North 1", "--label", "door")["code"], "new")
        listed = self.devices()
        self.assertEqual({name: listed[name]["revoked"] for name in listed if name.startswith("door")},
                         {"door": False, f"door {key[:8]}": True})
        self.attune.attune("new", "rate", "--drain")
        self.assertEqual(self.attune.count("audit", "action = 'device.enrol' and actor = 'door'"), 2)
        self.assertEqual(self.attune.count("audit", f"action = 'device.enrol' and detail ->> 'key' = '{key}'"), 1)
        self.attune.attune("admin", "device", "revoke", "door")
        self.attune.add_device("door", "kiosk", "--room", "North 1")
        self.assertEqual([d["revoked"] for name, d in sorted(self.devices().items()) if name.startswith("door")], [False, True, True])

    def test_five_wrong_codes_an_hour_and_the_address_waits_at_every_server(self):
        second = self.attune.start_server("second", listen="127.0.0.1:0", health="127.0.0.1:0")
        addresses = [self.attune.address, f"127.0.0.1:{second.ports['listen']}"]
        secret, _ = enrol_wire.read_code(self.add()["code"])
        key = enrol_wire.Key(self.attune.path("wrong"))
        codes = []
        for n in range(7):
            with enrol_wire.Connection(addresses[n % 2]) as connection:
                answer = connection.enrol(os.urandom(16), key)
                codes.append(answer.code)
        self.assertEqual(codes, [205] * 5 + [410] * 2)
        self.assertRegex(answer.text, r"try again in (59|60) minutes")
        self.assertTrue(3500_000 < answer.retry_after_ms <= 3600_000)
        self.assertEqual((self.attune.count("enrol_wrong"), self.refusals()), (5, 1))
        with enrol_wire.Connection(addresses[0]) as connection:
            self.assertEqual(connection.enrol(secret, key).code, 0, "others' wrong codes keep no right one out")
        for n, age in enumerate(("30 minutes", "40 minutes")):  # The oldest is forgotten: one more is counted, and is the fifth again.
            self.attune.sql(f"update enrol_wrong set at = now() - interval '{age}' where not noted; "
                            "update enrol_wrong set at = now() - interval '2 hours' where ctid = "
                            "(select ctid from enrol_wrong where not noted limit 1)")
            with enrol_wire.Connection(addresses[n]) as connection:
                self.assertEqual(connection.enrol(os.urandom(16), key).code, 205)
        self.assertEqual((self.attune.count("enrol_wrong"), self.refusals()), (5, 1))

    def refusals(self):
        return self.attune.count("audit", "action = 'device.code_refused'")

    def test_many_addresses_leave_so_many_rows_an_hour_and_then_how_many_more_they_are(self):
        def of_addresses(first, last):
            self.attune.sql("begin; select scope_server(); select count(*) from (select enrol_wrong_add('2001:db8:0:' || to_hex(a) || '::', "
                            f"null, 100) from generate_series({first}, {last}) a, generate_series(1, 5)) x; commit", "attune_server")
            return (self.attune.count("audit", "action = 'device.code_refused' and not detail ? 'count'"),
                    [int(n) for n, in self.attune.sql("select detail ->> 'count' from audit where detail ->> 'address' = 'others' order by 1")])

        while True:  # Within one hour of the clock.
            hour = self.attune.sql("delete from enrol_wrong; select date_trunc('hour', clock_timestamp())")[-1]
            before = self.refusals()
            rows = [of_addresses(1, 99), of_addresses(100, 101), of_addresses(102, 1300)]
            if hour == self.attune.sql("select date_trunc('hour', clock_timestamp())")[-1]:
                break
        print(f"    enrol_wrong addresses=1300 rows={self.refusals() - before} others={rows[-1][1]}", flush=True)
        self.assertEqual(rows, [(99, []), (100, [1]), (100, [1, 10, 100, 1000])])
        self.assertEqual(self.attune.count("enrol_wrong"), 6500)  # Each address still waits.

    def test_wrong_codes_of_every_address_are_forgotten_after_an_hour(self):
        self.attune.sql("insert into enrol_wrong (address, at, noted) select 'of ' || n, now() - interval '61 minutes', false "
                        "from generate_series(1, 1500) n; insert into enrol_wrong values ('fresh', now(), false)")
        key, left = enrol_wire.Key(self.attune.path("wrong")), []
        for _ in range(2):
            with enrol_wire.Connection(self.attune.address) as connection:
                self.assertEqual(connection.enrol(os.urandom(16), key).code, 205)
            left.append(self.attune.count("enrol_wrong"))
        self.assertEqual(left, [502, 3])
        self.assertEqual(self.refusals(), 0)

    def test_a_typing_error_is_told_and_nothing_is_sent(self):
        code = self.add()["code"]
        wrong = code[:-1] + ("Z" if code[-1] != "Z" else "Y")
        done = self.enrol(wrong, "typed", check=False)
        self.assertEqual(done.code, 2)
        self.assertIn("typing error", done.err)
        self.assertEqual(self.enrol(code[:-5], "typed", check=False).code, 2)
        self.assertEqual(self.attune.count("enrol_wrong"), 0)
        self.enrol(code.lower().replace("-", " "), "typed")

    def test_another_authority_is_told_and_hears_no_code(self):
        """The code of this practice, at a server that another authority has signed: its log would have the try."""
        code = self.add()["code"]
        self.attune.run([SERVER, "pki", "init", self.attune.path("other")], check=True)
        self.attune.run([SERVER, "pki", "server", self.attune.path("other"), "--name", "127.0.0.1"], check=True)
        both = self.attune.path("both.crt")
        with open(both, "w", encoding="ascii") as out:  # It knows the true one, and says so.
            for name in ("ca/ca.crt", "other/ca.crt"):
                with open(self.attune.path(name), encoding="ascii") as file:
                    out.write(file.read())
        imposter = self.attune.start_server("imposter", listen="127.0.0.1:0", health="127.0.0.1:0",
                                            certificate=self.attune.path("other/server.crt"),
                                            key=self.attune.path("other/server.key"), authority=both)
        done = self.attune.run([CLI, "enrol", code, "--server", f"127.0.0.1:{imposter.ports['listen']}", "--identity",
                                self.attune.path("id-lured")], check=False)
        self.assertEqual(done.code, 77)
        self.assertIn("not the server that the code was made for", done.err)
        self.assertEqual(self.attune.count("device_code", "used_by is not null"), 0)
        self.assertEqual(self.attune.count("enrol_wrong"), 0)

    def test_without_a_certificate_nothing_but_enrolment_can_be_said(self):
        with enrol_wire.Connection(self.attune.address) as connection:
            for body in ("hello", "ping", "list_practice", "submit_rating", "add_device", "renew_certificate"):
                answer = connection.ask_empty(body)
                self.assertEqual(answer.error.code, 203, body)
        with self.assertRaises(OSError):
            enrol_wire.Connection(self.attune.address, protocol="attune/1").ask_empty("ping")
        with enrol_wire.Connection(self.attune.address) as connection:
            for _ in range(8):
                self.assertEqual(connection.ask_empty("get_authority").WhichOneof("body"), "authority")
            self.assertEqual(connection.ask_empty("get_authority").error.code, 122)

    def test_a_stranger_who_says_nothing_is_cut_and_many_are_told_to_come_back(self):
        self.attune.start_server("short", listen="127.0.0.1:0", health="127.0.0.1:0", enrol_s="1", enrolments_max="2")
        port = self.attune.processes[-1].ports["listen"]
        held = [enrol_wire.Connection(f"127.0.0.1:{port}") for _ in range(2)]
        for connection in held:
            connection.ask_empty("get_authority")
        third = enrol_wire.Connection(f"127.0.0.1:{port}")
        self.assertEqual(third.response().error.code, 401)
        self.assertEqual(held[0].response().error.code, 123)  # After its second.
        for connection in (*held, third):
            connection.close()

    def test_requests_for_certificates_that_are_none_are_refused(self):
        secret, _ = enrol_wire.read_code(self.add()["code"])
        key = enrol_wire.Key(self.attune.path("good"))
        rsa = enrol_wire.Key(self.attune.path("rsa"), "-newkey rsa:2048")
        p384 = enrol_wire.Key(self.attune.path("p384"), "-newkey ec -pkeyopt ec_paramgen_curve:P-384")
        broken = bytearray(key.request)
        broken[-1] ^= 1  # The signature.
        with enrol_wire.Connection(self.attune.address) as connection:
            for request in (rsa.request, p384.request, bytes(broken), b"\0", key.request + b"\0"):
                self.assertEqual(connection.enrol_raw(secret, request).code, 321)
            self.assertEqual(connection.enrol(secret, key).code, 0)

    def test_a_certificate_says_what_the_issuer_says_and_not_what_was_asked_for(self):
        secret, _ = enrol_wire.read_code(self.add()["code"])
        key = enrol_wire.Key(self.attune.path("vain"), "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -addext "
                             "basicConstraints=critical,CA:TRUE -addext extendedKeyUsage=serverAuth", subject="/O=7/CN=boss")
        with enrol_wire.Connection(self.attune.address) as connection:
            der = connection.enrol(secret, key).certificate
        text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=der, capture_output=True,
                              check=True).stdout.decode()
        self.assertIn("Subject: O = 1, CN = North 1", text)
        self.assertIn("CA:FALSE", text)
        self.assertIn("TLS Web Client Authentication", text)
        self.assertNotIn("Server Authentication", text)

    # ---- who signs -----------------------------------------------------------------------------

    def test_where_nobody_signs_no_code_is_made_and_enrolment_says_so(self):
        self.attune.start_server("off", listen="127.0.0.1:0", health="127.0.0.1:0", issuing_authority=None)
        address = f"127.0.0.1:{self.attune.processes[-1].ports['listen']}"
        done = self.attune.run([CLI, "device", "add", "--administrator", "--identity", self.attune.path("id-admin"), "--server",
                                address])
        self.assertEqual(done.code, 1)
        self.assertIn("enrolment is not set up on this server", done.err)
        with enrol_wire.Connection(address) as connection:
            self.assertEqual(connection.enrol(os.urandom(16), enrol_wire.Key(self.attune.path("off"))).code, 320)

    def test_the_key_that_signs_may_sit_in_its_own_process(self):
        path = self.attune.path("issuer.sock")
        issuer = self.attune.start("issuer", [SERVER, "issuer", "--socket", path, "--authority", self.attune.path("ca"),
                                              "--per-minute", "2"])
        wait_until(lambda: os.path.exists(path) and "ready" in issuer.log(), 20, "the issuer")
        self.attune.start_server("apart", listen="127.0.0.1:0", health="127.0.0.1:0", issuing_authority=None, issuer=path)
        address = f"127.0.0.1:{self.attune.processes[-1].ports['listen']}"
        secrets = [enrol_wire.read_code(self.add()["code"])[0] for _ in range(3)]
        keys = [enrol_wire.Key(self.attune.path(f"apart-{n}")) for n in range(3)]
        codes = []
        for secret, key in zip(secrets, keys):
            with enrol_wire.Connection(address) as connection:
                codes.append(connection.enrol(secret, key).code)
        self.assertEqual(codes[:2], [0, 0])
        self.assertIn(codes[2], (0, 401))  # A minute may have begun between.
        issuer.stop()
        with enrol_wire.Connection(address) as connection:
            answer = connection.enrol(enrol_wire.read_code(self.add()["code"])[0], enrol_wire.Key(self.attune.path("away")))
        self.assertEqual(answer.code, 411)
        self.assertGreater(answer.retry_after_ms, 0)

    def test_a_long_name_that_is_not_ascii_gives_labels_that_an_issuer_apart_signs(self):
        path, room = self.attune.path("issuer.sock"), "\u00e4" * 32
        self.attune.practice("add-room", room, "--site", "North")
        issuer = self.attune.start("issuer", [SERVER, "issuer", "--socket", path, "--authority", self.attune.path("ca")])
        wait_until(lambda: os.path.exists(path) and "ready" in issuer.log(), 20, "the issuer")
        self.attune.start_server("apart", listen="127.0.0.1:0", health="127.0.0.1:0", issuing_authority=None, issuer=path)
        address = f"127.0.0.1:{self.attune.processes[-1].ports['listen']}"
        made = [self.add("--room", room) for _ in range(3)]
        self.assertEqual([one["label"] for one in made], [room, "\u00e4" * 31 + " 2", "\u00e4" * 31 + " 3"])
        for at, one in enumerate(made):
            with enrol_wire.Connection(address) as connection:
                self.assertEqual(connection.enrol(enrol_wire.read_code(one["code"])[0],
                                                  enrol_wire.Key(self.attune.path(f"long-{at}"))).code, 0)

    def test_the_issuer_answers_the_server_s_user_alone_and_signs_no_nonsense(self):
        path = self.attune.path("issuer.sock")
        issuer = self.attune.start("issuer", [SERVER, "issuer", "--socket", path, "--authority", self.attune.path("ca"),
                                              "--user", "nobody"])
        wait_until(lambda: "ready" in issuer.log(), 20, "the issuer")
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(path)
            self.assertEqual(stranger.recv(1), b"")
        self.assertIn("somebody else asked: refused", issuer.log())
        issuer.stop()
        issuer = self.attune.start("issuer2", [SERVER, "issuer", "--socket", path, "--authority", self.attune.path("ca")])
        wait_until(lambda: "ready" in issuer.log(), 20, "the issuer")
        for question in (b"\0\0\0\x05hello", b"\0\0\0\x0c" + bytes([1]) + (1).to_bytes(8, "big") + b"\x01AB",
                         b"\xff\xff\xff\xff"):
            with socket.socket(socket.AF_UNIX) as asker:
                asker.connect(path)
                asker.sendall(question)
                asker.shutdown(socket.SHUT_WR)
                self.assertIn(asker.recv(4096)[4:], (b"", (110).to_bytes(2, "big"), (321).to_bytes(2, "big")))


if __name__ == "__main__":
    unittest.main()
