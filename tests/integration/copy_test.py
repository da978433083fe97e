"""A client's own copy: whole, for two kinds of readers, locked, and nowhere else.

Method: opened with programs that are not ours; and made by a process that may not write a byte to any file.
"""
import json
import os
import re
import resource
import subprocess
import unittest

import fhir
from harness import AttuneTest, SOURCE, wait_until

PRACTICE = f"{SOURCE}/tests/data/practice.csv"
PLANTED = "fewer-questions-more-silence"
AREAS = ("understanding", "relevance", "safety", "fit")


class Copy(AttuneTest):
    pseudonyms = True

    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()

    def counted(self):
        wait_until(lambda: self.attune.count("rating_batch") == 0, 60, "the ratings")

    def history(self):
        """A client of the practice's data with many ratings; two more, with all that can be answered; goals; a skipped one."""
        self.attune.attune("admin", "import", PRACTICE, seconds=150)
        self.attune.add_device("t1", "therapist", "--therapist", "t04")
        self.attune.add_device("k1", "kiosk", "--room", "North 1")
        self.token, = self.attune.sql("select client_ref from client join course using (client_id) join therapist using"
                                       " (therapist_id) join ticket using (course_id) where code = 't04' group by 1"
                                       " order by count(*) desc, 1 limit 1")[0]
        self.client = self.name_of(self.token)
        for words in (("--understanding", "4", "--relevance", "6", "--safety", "8", "--fit", "7", "--tension", "unresolved",
                       "--talk", "next"), ("--understanding", "9.5", "--fit", "0"), ("--skip",)):
            session = self.attune.open_session(client=self.client)
            self.attune.attune("k1", "rate", *words)
            self.counted()
            self.attune.attune("t1", "goals", "add", session, "--area", "fit", "--words", f"{PLANTED} {len(words)}")
            self.attune.attune("t1", "session", "close", session)
        wait_until(lambda: self.attune.count("alert", "not late") > 0, 30, "an alert")

    def name_of(self, token):
        return self.attune.keys_sql(f"select client_ref from client_key where replace(token::text, '-', '') = '{token}'")[0][0]

    def copy(self, *words, client=None, check=True, **more):
        return self.attune.attune("t1", "client", "copy", client or self.client, *words, check=check, **more)

    def qpdf(self, *words):
        return subprocess.run(["qpdf", *words], capture_output=True, check=False)

    def stored(self):
        return self.attune.sql("select r.rating_id, r.understanding, r.relevance, r.safety, r.fit, r.skipped from rating r join"
                               f" course using (course_id) join client using (client_id) where client_ref = '{self.token}'"
                               " order by r.session_start")

    def text_of(self, path, phrase):
        return subprocess.run(["pdftotext", "-layout", "-upw", phrase, path, "-"], capture_output=True, text=True,
                              check=True).stdout

    def test_it_holds_everything_once_for_people_and_for_programs_and_opens_with_its_passphrase_alone(self):
        self.history()
        path = self.attune.path("copy.pdf")
        made = self.copy("--out", path, "--json").json()
        phrase = made["passphrase"]
        self.assertRegex(phrase, r"^([0-9a-hjkmnp-tv-z]{7}-){3}[0-9a-hjkmnp-tv-z]{7}$")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        stored = self.stored()
        self.assertEqual(made["ratings"], len(stored))

        told = self.qpdf("--show-encryption", f"--password={phrase}", path).stdout.decode()
        for word in ("R = 6", "stream encryption method: AESv3", "file encryption method: AESv3"):
            self.assertIn(word, told)
        for wrong in ("", phrase[:-1], phrase.upper(), "0000000-0000000-0000000-0000000"):
            self.assertEqual(self.qpdf("--check", f"--password={wrong}", path).returncode, 2, wrong)
            self.assertNotEqual(subprocess.run(["pdftotext", "-upw", wrong, path, "-"], capture_output=True).returncode, 0)
        self.assertEqual(self.qpdf("--check", f"--password={phrase}", path).returncode, 0)

        text = self.text_of(path, phrase)
        lines = [line for line in text.split("\n") if "Understanding" in line and "Total" in line]
        self.assertEqual(len(lines), sum(row[5] == "f" for row in stored))
        shown = [[word for area in ("Understanding", "Relevance", "Safety", "Fit")
                  for word in line.split(f" {area} ")[1].split()[:1]] for line in lines]
        self.assertEqual(shown, [[f"{int(tenths) / 10:.1f}" if tenths else "-" for tenths in row[1:5]]
                                 for row in stored if row[5] == "f"])
        for words in (PLANTED, "you did not want to rate it", "tension: there was, not cleared up", self.client, "Your totals"):
            self.assertIn(words, text)
        advice, = self.attune.sql("select now from alert where not late limit 1")[0]
        self.assertNotIn(advice[:30], text)

        bundle, faults = fhir.check(self.attached(path, phrase))
        self.assertEqual(faults, [])
        self.judge_bundle(bundle, stored)
        self.each_fault_is_found(bundle)
        audited = self.attune.sql("select count(*), min(cardinality(clients)) from audit where action = 'client.copy'")
        self.assertEqual(audited, [["1", "1"]])
        print(f"copy ratings={len(stored)} shown={len(lines)} observations={len(stored)} faults={len(faults)}")

    def attached(self, path, phrase):
        listed = self.qpdf("--list-attachments", f"--password={phrase}", path).stdout.decode()
        self.assertTrue(listed.startswith("ratings.json"), listed)
        return self.qpdf("--show-attachment=ratings.json", f"--password={phrase}", path).stdout.decode()

    def each_fault_is_found(self, bundle):
        """Else no fault would say little."""
        planted = missed = 0
        for what, broken in fhir.mutations(bundle):
            planted += 1
            try:
                found = fhir.check(json.dumps(broken))[1]
            except (KeyError, TypeError, AttributeError) as fault:
                found = [fault]  # It stumbles: told all the same.
            # A display is anybody's where it names a person or a program.
            if not found and not re.search("agent|assigner|recipient", what):
                missed += 1
                print(f"fhir missed: {what}")
        print(f"fhir planted={planted} missed={missed}")
        self.assertGreater(planted, 100)
        self.assertEqual(missed, 0)

    def judge_bundle(self, bundle, stored):
        kinds = {}
        for entry in bundle["entry"]:
            kinds.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
        patient, = kinds["Patient"]
        self.assertEqual(patient["identifier"][0]["value"], self.client)
        self.assertNotIn("name", patient)
        found = {o["id"]: o for o in kinds["Observation"]}
        self.assertEqual(set(found), {row[0] for row in stored})
        for rating_id, *scores, skipped in stored:
            o = found[rating_id]
            told = [part.get("valueQuantity", {}).get("value") for part in o.get("component", [])]
            self.assertEqual(told, [] if skipped == "t" else [int(score) / 10 if score else None for score in scores])
            total = sum(map(int, scores)) / 10 if all(scores) else None
            self.assertEqual(o.get("valueQuantity", {}).get("value"), total)
        self.assertEqual(sorted(g["lifecycleStatus"] for g in kinds["Goal"]), ["active", "cancelled", "cancelled"])
        self.assertEqual(len(kinds["Communication"]), self.attune.count(
            "alert join course using (course_id) join client using (client_id)", f"client_ref = '{self.token}'"))
        provenance, = kinds["Provenance"]
        self.assertEqual(len(provenance["target"]), len(bundle["entry"]) - 1)

    def test_nothing_readable_is_written_anywhere(self):
        self.history()

        def no_byte_to_a_file():
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # Whoever writes one is killed.

        done = subprocess.run(self.attune.command("t1", "client", "copy", self.client, "--out", "-", "--json"), capture_output=True,
                              cwd=self.attune.folder, preexec_fn=no_byte_to_a_file, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"%PDF-"))
        self.assertNotIn(PLANTED.encode(), done.stdout)
        phrase = json.loads(done.stderr)["passphrase"]
        path = self.attune.path("piped.pdf")
        with open(path, "wb") as file:
            file.write(done.stdout)
        self.assertIn(PLANTED, self.text_of(path, phrase))
        hits = 0
        for folder, _, names in os.walk(self.attune.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    data = file.read()
                hits += (PLANTED.encode() in data) + (phrase.encode() in data)
        self.assertEqual(hits, 0)
        swapped = subprocess.run(self.attune.command("t1", "client", "copy", self.client, "--out", "-"), capture_output=True,
                                 cwd=self.attune.folder, timeout=60)
        self.assertIn(b"Passphrase: ", swapped.stderr)
        self.assertNotIn(phrase.encode(), swapped.stderr)  # Another one each time.
        self.assertGreater(swapped.stderr.decode().count("\u2588"), 100)  # The QR code.
        print(f"copy hits={hits}")

    def test_it_is_for_a_therapist_s_own_clients(self):
        self.history()
        path = self.attune.path("copy.pdf")
        other, = self.attune.sql("select client_ref from client where client_id not in (select client_id from course join therapist"
                                 " using (therapist_id) where code = 't04') limit 1")[0]
        for identity, client, code in (("t1", self.name_of(other), 1), ("t1", "nobody", 1), ("admin", self.client, 77), ("k1", self.client, 77)):
            done = self.attune.attune(identity, "client", "copy", client, "--out", path, check=False)
            self.assertEqual((done.code, os.path.exists(path)), (code, False), done.err)
        self.assertEqual(self.copy("--out", self.attune.path("no/such/copy.pdf"), check=False).code, 1)
        self.assertEqual(self.copy(check=False).code, 2)


if __name__ == "__main__":
    unittest.main()
