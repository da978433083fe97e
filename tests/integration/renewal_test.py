"""A device keeps its certificate by itself; one authority follows another and nobody is locked out."""
import os
import shutil
import subprocess
import time
import unittest

import enrol_wire
from harness import CLI, SERVER, AttuneTest, wait_until

DAY_S = 24 * 3600


class Renewal(AttuneTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.add_room(kiosk="k0")
        self.attune.add_therapist()

    # ---- small things --------------------------------------------------------------------------

    def dated(self, label, begins_days, ends_days, ca="ca"):
        """The device's certificate, signed anew for the same key with dates of our own choosing: days from now."""
        folder = self.attune.path(f"id-{label}")
        work = self.attune.path(f"dated-{label}")
        os.makedirs(work, exist_ok=True)
        for name, text in (("index.txt", ""), ("serial", f"{time.time_ns():024x}\n"), ("ca.conf", f"""
[ca]
default_ca = d
[d]
database = {work}/index.txt
serial = {work}/serial
new_certs_dir = {work}
default_md = sha256
policy = p
x509_extensions = x
unique_subject = no
[p]
organizationName = optional
commonName = optional
[x]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
""")):
            with open(os.path.join(work, name), "w", encoding="ascii") as file:
                file.write(text)
        when = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * DAY_S)) for days in (begins_days, ends_days)]
        request = os.path.join(work, "csr")
        subprocess.run(["openssl", "req", "-new", "-key", f"{folder}/device.key", "-subj", f"/O=1/CN={label}", "-out", request],
                       check=True, capture_output=True)
        done = subprocess.run(["openssl", "ca", "-batch", "-notext", "-preserveDN", "-config", f"{work}/ca.conf", "-cert",
                               self.attune.path(f"{ca}/ca.crt"), "-keyfile", self.attune.path(f"{ca}/ca.key"), "-in", request,
                               "-startdate", when[0], "-enddate", when[1], "-out", f"{work}/crt"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        os.replace(f"{work}/crt", f"{folder}/device.crt")

    def certificate(self, label, *asked):
        return subprocess.run(["openssl", "x509", "-in", self.attune.path(f"id-{label}/device.crt"), "-noout", *asked],
                              check=True, capture_output=True, text=True).stdout

    def days_left(self, label):
        ends = subprocess.run(["date", "-d", self.certificate(label, "-enddate").strip().split("=")[1], "+%s"], check=True,
                              capture_output=True, text=True).stdout
        return (int(ends) - time.time()) / DAY_S

    def rooms(self, label, check=True):
        return self.attune.attune(label, "session", "list", check=check)

    # ---- renewal -------------------------------------------------------------------------------

    def test_from_two_thirds_of_its_life_on_a_certificate_is_renewed_by_itself_for_the_same_key(self):
        self.dated("t1", -60, 30)
        self.dated("t1-desk", -80, 10)  # After seven ninths it is due whatever its share.
        key = self.certificate("t1-desk", "-pubkey")
        self.rooms("t1-desk")
        self.assertGreater(self.days_left("t1-desk"), 89)
        self.assertEqual(self.certificate("t1-desk", "-pubkey"), key)
        self.rooms("t1-desk")  # With the new one.
        self.dated("t1", -30, 60)
        self.rooms("t1")
        self.assertLess(self.days_left("t1"), 61)  # One that is new is left alone.
        self.assertEqual(self.attune.count("audit", "action = 'device.renew' and actor = 't1-desk'"), 1)
        self.assertEqual(sorted(os.listdir(self.attune.path("id-t1-desk"))), ["ca.crt", "device.crt", "device.key"])

    def test_a_watch_that_goes_on_has_its_new_certificate_without_being_dropped(self):
        self.dated("t1-desk", -80, 10)
        watch = self.attune.watch()
        wait_until(lambda: self.days_left("t1-desk") > 89, 20, "the renewal")
        wait_until(lambda: self.attune.news(watch), 20, "news on the same connection")
        self.assertEqual(self.attune.metric(self.server, "attune_renewed_total"), 1)
        self.assertNotIn("lost", watch.log())

    def test_a_certificate_that_has_expired_is_renewed_within_thirty_days_by_its_own_key_alone(self):
        self.dated("t1", -100, -10)
        done = self.rooms("t1")
        self.assertEqual(done.code, 0)
        self.assertGreater(self.days_left("t1"), 89)
        self.assertEqual(self.attune.count("audit", "action = 'device.renew' and detail @> '{\"expired\": true}'"), 1)
        self.dated("t1-desk", -130, -31)
        done = self.rooms("t1-desk", check=False)
        self.assertEqual(done.code, 78)
        self.assertIn("certificate has expired", done.err)

    def test_a_stolen_certificate_a_revoked_device_and_another_connection_s_proof_are_refused(self):
        self.dated("t1", -100, -10)
        folder = self.attune.path("id-t1")
        der = subprocess.run(["openssl", "x509", "-in", f"{folder}/device.crt", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        thief = enrol_wire.Key(self.attune.path("thief"))
        with enrol_wire.Connection(self.attune.address) as connection:
            answer = connection.renew_expired(der, thief.request, thief.sign(b"attune renew" + bytes(32)))
            self.assertEqual(answer.code, 207)
        self.attune.sql("update device set revoked_at = now() where label = 't1'")
        done = self.rooms("t1", check=False)
        self.assertEqual(done.code, 77, done.err)
        self.assertIn("enrol the device with a new code", done.err)

    def test_a_device_has_eight_new_certificates_a_day_so_that_the_issuer_is_there_for_the_others(self):
        for _ in range(8):
            self.dated("t1", -100, -10)
            self.assertEqual(self.rooms("t1").code, 0)
        self.dated("t1", -100, -10)
        done = self.rooms("t1", check=False)
        self.assertNotEqual(done.code, 0)
        self.assertLess(self.days_left("t1"), 0)
        self.assertEqual(self.attune.count("audit", "action = 'device.renew' and actor = 't1'"), 8)
        self.rooms("t1-desk")
        self.attune.sql("update device set renewals_since = renewals_since - interval '25 hours' where label = 't1'")
        self.assertEqual(self.rooms("t1").code, 0)  # Another day.

    def test_an_issuer_that_is_away_uses_up_nobody_s_certificates(self):
        self.dated("t1", -100, -10)
        self.reload(issuing_authority=None, issuer=self.attune.path("nobody.sock"))
        self.assertNotEqual(self.rooms("t1", check=False).code, 0)
        self.assertIn("the issuer is away", self.server.log())
        self.assertEqual(self.attune.sql("select renewals from device where label = 't1'"), [["0"]])
        self.reload()
        self.assertEqual(self.rooms("t1").code, 0)
        self.assertEqual(self.attune.sql("select renewals from device where label = 't1'"), [["1"]])

    def test_after_that_a_new_code_makes_it_a_device_again_and_the_spool_stays(self):
        self.dated("k0", -130, -31)
        os.makedirs(self.attune.path("id-k0/spool"))
        with open(self.attune.path("id-k0/spool/kept"), "w", encoding="ascii") as file:
            file.write("what was not sent")
        code = self.attune.attune("admin", "device", "add", "--room", "North 1", "--json").json()["code"]
        self.attune.run([CLI, "enrol", code, "--server", self.attune.address, "--identity", self.attune.path("id-k0")], check=True)
        self.assertGreater(self.days_left("k0"), 89)
        with open(self.attune.path("id-k0/spool/kept"), encoding="ascii") as file:
            self.assertEqual(file.read(), "what was not sent")

    def test_a_plug_pulled_in_the_middle_leaves_one_identity_or_the_other(self):
        """ready/ is what counts from its rename on: whatever of it was moved already, the next start has the rest."""
        code = self.attune.attune("admin", "device", "add", "--therapist", "t01", "--json").json()["code"]
        self.attune.run([CLI, "enrol", code, "--server", self.attune.address, "--identity", self.attune.path("id-next")], check=True)
        for moved in range(4):
            folder = self.attune.path("id-cut")
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.attune.path("id-t1"), folder)
            ready = os.path.join(folder, "ready")
            shutil.copytree(self.attune.path("id-next"), ready)
            for name in sorted(os.listdir(ready))[:moved]:
                os.replace(os.path.join(ready, name), os.path.join(folder, name))
            self.rooms("cut")
            self.assertFalse(os.path.exists(ready))
        half = os.path.join(self.attune.path("id-t1"), "new")
        shutil.copytree(self.attune.path("id-next"), half)
        os.truncate(os.path.join(half, "device.crt"), 100)
        self.rooms("t1")

    # ---- authorities ---------------------------------------------------------------------------

    def authorities(self, *folders):
        """The file that server.conf names, anew."""
        path = self.attune.path("authorities.crt")
        with open(path + ".new", "w", encoding="ascii") as out:
            for folder in folders:
                with open(self.attune.path(f"{folder}/ca.crt"), encoding="ascii") as file:
                    out.write(file.read())
        os.replace(path + ".new", path)
        return path

    def reload(self, **config):
        before = self.server.log().count("reloaded")
        self.attune.write_server_config(listen=f"127.0.0.1:{self.attune.server_port}", health="127.0.0.1:0", **config)
        os.kill(self.server.pid, 1)
        wait_until(lambda: self.server.log().count("reloaded") > before, 20, "the reload")

    def trusted(self, label):
        with open(self.attune.path(f"id-{label}/ca.crt"), encoding="ascii") as file:
            return file.read().count("BEGIN CERTIFICATE")

    def old(self):
        return sorted(d["label"] for d in self.attune.attune("admin", "device", "list", "--json").json() if d["authority_old"])

    def test_one_authority_follows_another_with_devices_connected_and_none_is_locked_out(self):
        watch = self.attune.watch()
        wait_until(lambda: self.attune.news(watch), 20, "the watch")
        self.attune.run([SERVER, "pki", "init", self.attune.path("ca2")], check=True)
        self.attune.run([SERVER, "pki", "server", self.attune.path("ca2"), "--name", "localhost", "--name", "127.0.0.1"], check=True)
        # 1. Both are trusted, from now on, by the server and by each device: by those connected at once.
        both = self.authorities("ca", "ca2")
        self.reload(authority=both)
        wait_until(lambda: self.trusted("t1-desk") == 2, 20, "the connected device to trust both")
        self.rooms("t1")
        self.assertEqual(self.trusted("t1"), 2)
        wait_until(lambda: "t1-desk" not in self.old() and "t1" not in self.old(), 20, "the list to say so")
        # 2. The server shows a certificate of the new one, which signs from now on.
        new = {"certificate": self.attune.path("ca2/server.crt"), "key": self.attune.path("ca2/server.key"),
               "issuing_authority": self.attune.path("ca2")}
        self.reload(authority=both, **new)
        self.rooms("t1")
        self.dated("t1", -80, 10)
        self.rooms("t1")
        self.assertGreater(self.days_left("t1"), 89)
        fresh = self.attune.attune("admin", "device", "add", "--therapist", "t01", "--json").json()["code"]
        self.attune.run([CLI, "enrol", fresh, "--server", self.attune.address, "--identity", self.attune.path("id-late")], check=True)
        self.assertEqual(self.trusted("late"), 2)
        # Those whom the old one has signed go on all the while; then each is renewed.
        self.dated("t1-desk", -80, 10)
        watch.stop()
        watch = self.attune.watch(name="watch2")
        wait_until(lambda: self.days_left("t1-desk") > 89, 20, "the desk's renewal")
        self.dated("admin", -80, 10)
        self.attune.practice("list", "rooms")
        # 3. The old one goes. Who was renewed does not notice.
        self.reload(authority=self.authorities("ca2"), **new)
        wait_until(lambda: self.trusted("t1-desk") == 1, 20, "the connected device to trust the new one alone")
        labels = ("t1", "late", "admin")
        locked_out = 0
        for label in labels:
            done = self.attune.attune(label, "device" if label == "admin" else "session", "list", check=False)
            locked_out += done.code != 0
            self.assertEqual(self.trusted(label), 1, f"{label}: {done.err}")
        wait_until(lambda: self.attune.news(watch), 20, "the watch still to hear")
        print(f"rotation devices={len(labels) + 1} locked_out={locked_out}")
        self.assertEqual(locked_out, 0)


if __name__ == "__main__":
    unittest.main()
