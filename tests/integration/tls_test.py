"""Row 17: who is let in and who is not, as `openssl s_client` finds it: one table of certificates, versions and protocols.

A client of TLS 1.3 believes that it is connected before its certificate was judged: here accepted means a Welcome, refused the
stated alert or code, and no Welcome. And the other way round: which servers `attune` refuses, played by `openssl s_server`.
"""
import os
import re
import select
import socket
import struct
import subprocess
import sys
import time
import unittest

from harness import BUILD, SERVER, SOURCE, Attune, wait_until

sys.path[:0] = [os.path.join(BUILD, "tests", "integration", "other_language"),
                os.path.join(SOURCE, "tests", "integration", "other_language")]
from envelope_pb2 import Hello, Request, ServerFrame  # noqa: E402
from staff_pb2 import ListCaseload  # noqa: E402

ANSWER_S = 20
RULES = """[ca]
default_ca = one
[one]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
default_days = 30
policy = any
unique_subject = no
copy_extensions = none
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
[server]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1,DNS:localhost
[elsewhere]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example
[between]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,digitalSignature
"""
PAST, FUTURE = ("20200101000000Z", "20200201000000Z"), ("20900101000000Z", "20900201000000Z")


def framed(message):
    body = message.SerializeToString()
    return struct.pack(">I", len(body)) + body


HELLO = framed(Request(seq=1, hello=Hello(software="openssl", version="1", language="en", clock_ms=1)))
CASELOAD = framed(Request(seq=2, list_caseload=ListCaseload()))


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.attune = attune = Attune()
        cls.addClassCleanup(attune.close)
        attune.start_server()
        attune.add_room()
        attune.add_therapist()
        cls.pki = attune.path("pki")
        os.mkdir(cls.pki)
        for name, content in (("rules.conf", RULES), ("index", ""), ("serial", "7001\n")):
            with open(os.path.join(cls.pki, name), "w", encoding="ascii") as file:
                file.write(content)
        attune.run([SERVER, "pki", "init", attune.path("foreign")], check=True)

    @classmethod
    def openssl(cls, *words):
        done = subprocess.run(["openssl", *words], capture_output=True, text=True, cwd=cls.pki)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    @classmethod
    def issue(cls, name, key="k1", subject="/O=1/CN=k1", usage="device", dates=None, ca="ca", kind=None):
        """(certificate, key): `key` a device's, unless `kind` asks for a new one; `ca` signs."""
        key_path = cls.attune.path(f"id-{key}/device.key")
        if kind is not None:
            key_path = os.path.join(cls.pki, f"{name}.key")
            cls.openssl("genpkey", *kind, "-out", key_path)
        cls.openssl("req", "-new", "-config", "rules.conf", "-key", key_path, "-subj", subject, "-out", f"{name}.csr")
        signer = (cls.attune.path(f"{ca}/ca.crt"), cls.attune.path(f"{ca}/ca.key"))
        if not os.path.exists(signer[0]):
            signer = (os.path.join(cls.pki, f"{ca}.crt"), os.path.join(cls.pki, f"{ca}.key"))
        cls.openssl("ca", "-batch", "-notext", "-config", "rules.conf", "-extensions", usage, "-in", f"{name}.csr", "-out",
                    f"{name}.crt", "-cert", signer[0], "-keyfile", signer[1],
                    *(("-startdate", dates[0], "-enddate", dates[1]) if dates else ()))
        return os.path.join(cls.pki, f"{name}.crt"), key_path

    @classmethod
    def own(cls, label):
        return cls.attune.path(f"id-{label}/device.crt"), cls.attune.path(f"id-{label}/device.key")

    # ---- s_client ----------------------------------------------------------------------------

    def client(self, *words, identity=None, alpn="attune/1", then=None):
        """What `openssl s_client` heard: the names of the answers ("welcome", "203") and what it said itself."""
        command = ["openssl", "s_client", "-connect", self.attune.address, "-CAfile", self.attune.path("ca/ca.crt"),
                   "-verify_return_error", "-quiet", *words]
        command += ["-alpn", alpn] if alpn is not None else []
        command += ["-cert", identity[0], "-key", identity[1]] if identity is not None else []
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        heard, held, end = [], b"", time.monotonic() + ANSWER_S
        try:
            process.stdin.write(HELLO)
            process.stdin.flush()
        except BrokenPipeError:
            pass
        while len(heard) < (1 if then is None else 2) and select.select([process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            held += data
            while len(held) >= 4 and len(held) >= 4 + struct.unpack(">I", held[:4])[0]:
                size = 4 + struct.unpack(">I", held[:4])[0]
                response = ServerFrame.FromString(held[4:size]).response
                held = held[size:]
                kind = response.WhichOneof("body")
                if kind is not None:  # Else it is a push.
                    heard.append(str(response.error.code) if kind == "error" else kind)
                if then is not None and heard == ["welcome"]:
                    process.stdin.write(then)
                    process.stdin.flush()
        self.assertLess(time.monotonic(), end, f"neither an answer nor an end within {ANSWER_S} s: {words}")
        process.kill()
        said = process.stderr.read().decode(errors="replace")
        for pipe in (process.stdin, process.stdout, process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        process.wait()
        return heard, said

    def old_hello(self, version):
        """A ClientHello by hand, of a version that the tool has no more; the number of the alert that comes, or -1."""
        alpn = struct.pack(">HHHB", 16, 11, 9, 8) + b"attune/1"
        body = struct.pack(">H", version) + bytes(32) + b"\0" + struct.pack(">HHH", 4, 0x002F, 0x0035) + b"\x01\0"
        body += struct.pack(">H", len(alpn)) + alpn
        hello = b"\x01" + struct.pack(">I", len(body))[1:] + body
        with socket.create_connection(("127.0.0.1", self.attune.server_port), ANSWER_S) as line:
            line.sendall(b"\x16" + struct.pack(">HH", version, len(hello)) + hello)
            answer = line.recv(7)
        return answer[6] if len(answer) == 7 and answer[0] == 0x15 else -1

    def refused_rows(self):
        """(what, words of s_client, identity, ALPN, what must be heard or said)."""
        k1, newest = self.own("k1"), "-tls1_3"
        weak = ("-cipher", "ALL:@SECLEVEL=0")
        old = r"alert protocol version|alert number 70"
        none = r"alert number 116"
        yield "TLS 1.0", ("-tls1", *weak), k1, "attune/1", old
        yield "TLS 1.1", ("-tls1_1", *weak), k1, "attune/1", old
        yield "TLS 1.2", ("-tls1_2",), k1, "attune/1", old
        for alpn in (None, "attune/2", "http/1.1", "h2,http/1.1", "attune/11"):
            yield f"ALPN {alpn}", (newest,), k1, alpn, r"alert number 120"
        for group in ("P-384", "P-521", "X448"):
            yield f"group {group}", (newest, "-groups", group), k1, "attune/1", r"alert number 40"
        yield "cipher CCM", (newest, "-ciphersuites", "TLS_AES_128_CCM_SHA256"), k1, "attune/1", r"alert number 40"
        yield "no certificate", (newest,), None, "attune/1", none
        yield "expired", (newest,), self.issue("expired", dates=PAST), "attune/1", r"alert number 45"
        yield "not yet valid", (newest,), self.issue("early", dates=FUTURE), "attune/1", r"alert number 42"
        yield "of a foreign authority", (newest,), self.issue("foreign", ca="foreign"), "attune/1", r"alert number (48|51)"
        yield "of another kind of use", (newest,), self.issue("use", usage="server"), "attune/1", r"alert number 43"
        yield "the server's own", (newest,), (self.attune.path("ca/server.crt"), self.attune.path("ca/server.key")), "attune/1", \
            r"alert number 43"
        yield "the authority's own", (newest,), (self.attune.path("ca/ca.crt"), self.attune.path("ca/ca.key")), "attune/1", ""
        ec = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.openssl("req", "-x509", "-config", "rules.conf", "-extensions", "device", "-key", k1[1], "-subj", "/O=1/CN=k1",
                     "-out", "alone.crt")
        yield "self-signed", (newest,), (os.path.join(self.pki, "alone.crt"), k1[1]), "attune/1", r"alert number 48"
        between = self.issue("between", subject="/CN=between", usage="between", kind=ec)
        yield "with one in between", (newest, "-cert_chain", between[0]), self.issue("below", ca="between"), "attune/1", \
            r"alert number (42|48)"
        rsa = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        yield "RSA", (newest,), self.issue("rsa", kind=rsa), "attune/1", none
        p384 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")
        yield "P-384", (newest,), self.issue("p384", kind=p384), "attune/1", none
        yield "Ed25519", (newest,), self.issue("ed", kind=("-algorithm", "ED25519")), "attune/1", none
        for organisation in ("/CN=k1", "/O=/CN=k1", "/O=0/CN=k1", "/O=one/CN=k1", "/O=-1/CN=k1", "/O=1 /CN=k1"):
            yield f"practice {organisation}", (newest,), self.issue("nowhere", subject=organisation), "attune/1", ""
        yield "another practice's", (newest,), self.issue("other", subject="/O=2/CN=k1"), "attune/1", "201"
        yield "a key that nobody knows", (newest,), self.issue("stranger", kind=ec), "attune/1", "201"
        yield "an authority's as a device", (newest,), between, "attune/1", ""

    def revoked_rows(self):
        for label, words, code in (("r1", ("device", "revoke", "r1"), "202"),
                                   ("r2", ("device", "revoke-certificate", self.own("r2")[0]), "230"),
                                   ("r3", ("practice", "revoke-therapist", "t09"), "231")):
            self.attune.attune("admin", *words)
            yield f"revoked {label}", ("-tls1_3",), self.own(label), "attune/1", code

    def good_rows(self):
        for label in ("k1", "t1", "admin", "r2-again"):
            yield label, (), self.own(label) if label != "r2-again" else self.issue("again", key="r2", subject="/O=1/CN=r2")
        yield "renewed", (), self.issue("renewed")
        for cipher in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"):
            yield cipher, ("-ciphersuites", cipher), self.own("k1")
        for group in ("X25519", "P-256", "P-384:P-256"):
            yield group, ("-groups", group), self.own("k1")

    def test_only_the_good_are_let_in(self):
        attune, refused, accepted = self.attune, [], []
        attune.practice("add-room", "South 1", "--site", "North")
        attune.practice("add-therapist", "t09", "--site", "North")
        attune.add_device("r1", "kiosk", "--room", "North 1")
        attune.add_device("r2", "kiosk", "--room", "South 1")
        attune.add_device("r3", "therapist", "--therapist", "t09")
        rows = list(self.refused_rows())
        rows += self.revoked_rows()
        for what, words, identity, alpn, expected in rows:
            heard, said = self.client(*words, identity=identity, alpn=alpn)
            with self.subTest(what):
                if expected.isdigit():
                    self.assertEqual(heard, [expected], said)
                else:
                    self.assertEqual(heard, [], said)
                    self.assertRegex(said, expected or ".*")
                refused.append(what)
        for version in (0x0300, 0x0301, 0x0302, 0x0303):
            with self.subTest(f"by hand {version:#x}"):
                self.assertIn(self.old_hello(version), (40, 70))
                refused.append(version)
        heard, _ = self.client("-tls1_3", identity=self.own("k1"), then=CASELOAD)
        for what, identity in (("nobody", None), ("a good kiosk", self.own("k1"))):
            with self.subTest(f"{what}, by the protocol for enrolment"):
                self.assertEqual(self.client("-tls1_3", identity=identity, alpn="attune-enrol/1")[0], ["203"])
                refused.append(what)
        with self.subTest("a kiosk asks what a therapist may"):
            self.assertEqual(heard, ["welcome", "203"])
            refused.append("role")
        good = list(self.good_rows())
        for what, words, identity in good:
            with self.subTest(what):
                heard, said = self.client("-tls1_3", *words, identity=identity)
                self.assertEqual(heard, ["welcome"], said)
                accepted.append(what)
        print(f"tls refused {len(refused)}/{len(rows) + 7} accepted {len(accepted)}/{len(good)}", flush=True)
        self.assertEqual((len(refused), len(accepted)), (len(rows) + 7, len(good)))

    def test_a_connection_has_nothing_to_resume_renegotiate_or_compress(self):
        kept = os.path.join(self.pki, "session.pem")
        identity = self.own("k1")
        command = ["openssl", "s_client", "-connect", self.attune.address, "-CAfile", self.attune.path("ca/ca.crt"), "-tls1_3",
                   "-alpn", "attune/1", "-cert", identity[0], "-key", identity[1], "-comp", "-sess_out", kept, "-reconnect"]
        done = subprocess.run(command, input=HELLO, capture_output=True, timeout=60)
        said = done.stdout.decode(errors="replace")
        self.assertEqual(len(re.findall(r"^New, TLSv1\.3", said, re.M)), 6, said)  # Once, and five times again.
        self.assertNotIn("Reused", said)
        self.assertNotIn("New Session Ticket", said)
        self.assertIn("Secure Renegotiation IS NOT supported", said)
        self.assertIn("Compression: NONE", said)
        self.assertIn("Early data was not sent", said)
        self.assertIn("ALPN protocol: attune/1", said)
        self.assertFalse(os.path.exists(kept), "a session to resume was given out")

    # ---- s_server ----------------------------------------------------------------------------

    def serve(self, certificate, key, *words):
        """A server that is played, on a port of its own."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key,
                                    "-quiet", *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)

        def end():
            process.kill()
            process.wait()
            process.stdin.close()

        self.addCleanup(end)

        def listens():
            with socket.socket() as line:
                return line.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, 20, "s_server to listen")
        return f"127.0.0.1:{port}"

    def test_a_server_that_is_not_ours_is_refused_by_the_client(self):
        ec, alpn = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ("-alpn", "attune/1")
        own = (self.attune.path("ca/server.crt"), self.attune.path("ca/server.key"))
        rows = (
            ("expired", self.issue("s-expired", usage="server", dates=PAST, kind=ec), alpn, 77),
            ("not yet valid", self.issue("s-early", usage="server", dates=FUTURE, kind=ec), alpn, 77),
            ("of a foreign authority", self.issue("s-foreign", usage="server", ca="foreign", kind=ec), alpn, 77),
            ("of another name", self.issue("s-name", usage="elsewhere", kind=ec), alpn, 77),
            ("a device's", self.own("t1"), alpn, 77),
            ("TLS 1.2", own, (*alpn, "-tls1_2"), 69),
            ("no protocol of ours", own, ("-alpn", "http/1.1"), 69),
            ("no ALPN", own, (), 69),
        )
        refused = 0
        for what, identity, words, code in rows:
            address = self.serve(*identity, *words)
            done = self.attune.run([*self.attune.command("admin", "practice", "list", "sites")[:-1], address, "--timeout", "10"])
            with self.subTest(what):
                self.assertEqual((done.code, done.out), (code, ""), done.err)
                self.assertNotEqual(done.err, "")
                refused += 1
        print(f"tls servers_refused {refused}/{len(rows)}", flush=True)
        self.assertEqual(refused, len(rows))


if __name__ == "__main__":
    unittest.main()
