"""erasure_test.py - an erased client is nobody: in both databases, in backups that are put back, and for what comes late; every count
stands.

Method: a client with a goal, a reason, an open session and a rating that its kiosk has saved and not sent; a dump of each database;
then the client is erased, and each dump is put back.
"""
import os
import re
import subprocess
import unittest

from harness import AGGREGATOR, SERVER, AttuneTest, wait_until
from pseudonyms_test import GOAL, PSEUDONYM, REASON, hits_in, scores

NUMBERS = ("session", "rating", "alert", "rupture", "goal")


class Erasure(AttuneTest):
    pseudonyms = True

    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=(PSEUDONYM, "c002"))
        self.live()

    def live(self):
        for client in ("c002", PSEUDONYM):
            session = self.attune.open_session(client=client)
            self.attune.attune("k1", "rate", *scores(3))
            self.counted()
            alert = self.attune.attune("t1", "alerts", "--client", client, "--json").json()[0]["alert_id"]
            self.attune.attune("t1", "alerts", "acknowledge", alert, "--step", "not-a-concern", "--reason", REASON)
            self.attune.attune("t1", "goals", "add", session, "--area", "safety", "--words", GOAL)
            self.attune.attune("t1", "session", "close", session)
        # An open session whose rating the kiosk has saved, and not sent.
        self.session = self.attune.open_session(client=PSEUDONYM)
        self.token = self.attune.token_of(PSEUDONYM)
        ticket = self.attune.sql(f"select ticket_id from ticket where session_id = '{self.session}'")[0][0].replace("-", "")
        self.attune.attune("k1", "rate", *scores(5), "--ticket", ticket, "--no-send")
        self.counted()

    def counted(self):
        wait_until(lambda: self.attune.count("rating_batch") + self.attune.count("rollup_session") == 0, 60, "the roll-ups")

    def erase(self, *words, check=True):
        return self.attune.attune("admin", "client", "erase", PSEUDONYM, *words, check=check)

    def reports(self):
        return (self.attune.sql("select * from rollup_week order by 1, 2, 3, 4"),
                self.attune.sql("select * from rollup_client order by 1, 2, 3, 4, 5, 6"))

    def rebuilt(self):
        """Cells that a rebuild would make otherwise."""
        (practice,) = self.attune.run([AGGREGATOR, "rebuild", "--config", self.attune.path("aggregator.conf"), "--json"],
                                      check=True).json()
        return practice["cells_changed"]

    def sizes(self):
        return [self.attune.count(table) for table in NUMBERS]

    def dump(self, database):
        return subprocess.run(["pg_dump", "-h", self.attune.cluster, "-U", "postgres", database], capture_output=True,
                              check=True).stdout

    def put_back(self, database, dump):
        self.attune.psql("postgres", f"drop database {database} with (force)")
        self.attune.psql("postgres", f"create database {database} owner attune_owner")
        self.attune.psql(database, dump.decode())

    def texts(self):
        """Of all clients: what was written and is still there."""
        return int(self.attune.sql("select (select count(*) from goal where words <> '-') + (select count(*) from rupture"
                                   " where reason <> '-')")[0][0])

    def spooled(self):
        spool = self.attune.path("id-k1/spool")
        return [name for name in os.listdir(spool) if name.endswith(".rating")]

    def resend(self):
        """What the kiosk has saved is sent; gives how many ratings came to be of it."""
        before = self.attune.count("rating")
        self.attune.attune("k1", "rate", "--drain")
        self.counted()
        self.assertEqual(self.spooled(), [])
        return self.attune.count("rating") - before

    def back(self):
        """Whatever names the client, or was written about them, anywhere."""
        return (hits_in(self.dump(self.attune.database)) + hits_in(self.dump(self.attune.keys_database))
                + int(self.attune.keys_sql(f"select count(*) from client_key where token = '{self.token}'")[0][0]))


class Keep(Erasure):
    def test_the_numbers_stay_and_are_nobodys(self):
        reports, sizes = self.reports(), self.sizes()
        shown = self.erase("--json").json()
        self.assertEqual((shown["done"], shown["counts"]), (False, {"sessions": 2}))
        self.assertEqual((self.reports(), self.sizes(), self.texts()), (reports, sizes, 4))
        other = self.erase("--numbers", "destroy", "--word", shown["word"], check=False)
        self.assertIn("look again", other.err)
        certificate = self.erase("--word", shown["word"])
        self.assertNotIn(PSEUDONYM, certificate.out)
        self.assertIn("Certificate of an erasure", certificate.out)
        token_hash = re.search(r"token: ([0-9a-f]{64})", certificate.out).group(1)
        self.assertEqual(self.attune.sql("select encode(token_hash, 'hex'), destroyed from client_erased"), [[token_hash, "f"]])
        self.assertEqual((self.reports(), self.sizes(), self.texts(), self.rebuilt()), (reports, sizes, 2, 0))
        self.assertEqual(self.attune.sql(f"select state from session where session_id = '{self.session}'"), [["closed"]])
        self.assertEqual(self.resend(), 0)
        self.assertEqual((self.reports(), self.sizes()), (reports, sizes))
        back = self.back()
        print(f"erasure numbers=keep counts_equal={self.sizes() == sizes} back={back}")
        self.assertEqual(back, 0)

    def test_a_look_is_noted_and_says_nothing_of_what_was_said_and_keeps_nobody_waiting(self):
        before, alerts = self.erase("--json").json(), self.attune.count("alert")
        self.resend()
        wait_until(lambda: self.attune.count("alert") > alerts, 20, "the alert")
        self.assertEqual(self.erase("--json").json(), before)
        of_client = f"clients = (select array[client_id] from client where client_ref = '{self.token}')"
        self.assertEqual(self.attune.count("audit", f"action = 'client.erase_look' and {of_client}"), 2)
        locks = self.attune.sql(f"begin; select client_erase_look(1, sha256(uuid_send('{self.token}')), 'x');"
                                " select locktype, mode from pg_locks where pid = pg_backend_pid()"
                                " and (locktype = 'advisory' or relation = 'client'::regclass); rollback")
        self.assertEqual(locks, [["(ok,2)"], ["relation", "AccessShareLock"]])
        counts = self.erase("--yes", "--json").json()["counts"]
        self.assertEqual([counts[kind] for kind in ("sessions", "ratings", "goals", "texts", "unused_tickets")], [2, 2, 1, 2, 0])

    def test_from_then_on_they_are_unknown_and_their_name_may_be_anothers(self):
        self.erase("--yes")
        for words in (("ratings", "--client"), ("goals", "--client")):
            said = self.attune.attune("t1", *words, PSEUDONYM, check=False)
            self.assertIn("no such client", said.err)
        listed = self.attune.attune("admin", "practice", "list", "clients", "--json").json()
        self.assertEqual(sorted(c["name"] for c in listed), ["", "c002"])
        self.assertEqual([c for c in self.attune.attune("t1", "session", "list", "--json").json() if c["client"] == PSEUDONYM], [])
        self.assertIn("no such client", self.erase("--yes", check=False).err)
        self.attune.practice("add-client", PSEUDONYM, "--therapist", "t01")
        self.assertNotEqual(self.attune.token_of(PSEUDONYM), self.token)
        self.assertEqual(self.attune.attune("t1", "ratings", "--client", PSEUDONYM, "--json").json(), [])

    def test_a_hold_forbids_it(self):
        self.attune.practice("hold", PSEUDONYM, "--open", "--because", "file 12/26, " + REASON)
        (held,) = self.attune.attune("admin", "practice", "holds", "--json").json()
        self.assertEqual((held["name"], held["detail"].endswith("file 12/26, " + REASON)), (PSEUDONYM, True))
        self.assertEqual(hits_in(self.dump(self.attune.database)), 0)
        self.assertIn("legal hold", self.erase("--yes", check=False).err)
        self.assertEqual(self.texts(), 4)
        self.attune.practice("release", PSEUDONYM)
        self.erase("--yes")
        self.assertEqual(self.texts(), 2)

    def test_a_hold_that_is_put_after_the_look_keeps_the_key(self):
        """The first look and the second one, with the word, see no hold; whoever judges next does."""
        self.attune.sql("create sequence looks; grant usage on sequence looks to public; create or replace function client_held("
                        "of_practice bigint, of_client bigint) returns boolean language sql begin atomic; select nextval('looks') > 2; end")
        self.assertIn("legal hold", self.erase("--yes", check=False).err)
        self.assertEqual((self.attune.token_of(PSEUDONYM), self.texts()), (self.token, 4))

    def test_a_hold_comes_too_late_for_who_is_erased(self):
        # Here, and the key is still there: until the server looks, the pseudonym is known.
        self.attune.keys_sql("alter table client_erased add constraint waits check (false) not valid")
        self.erased_here()
        said = self.attune.attune("admin", "practice", "hold", PSEUDONYM, "--open", "--because", "late", check=False)
        self.assertIn("no such client", said.err)
        self.attune.keys_sql("alter table client_erased drop constraint waits")
        wait_until(lambda: self.back() == 0, 20, "the key to go")

    def test_who_is_erased_is_not_opened_again_while_the_key_is_there(self):
        self.attune.keys_sql("alter table client_erased add constraint waits check (false) not valid")
        self.erased_here()
        said = self.attune.attune("admin", "practice", "add-client", PSEUDONYM, "--therapist", "t01", "--timeout", "1", check=False)
        self.assertNotEqual(said.code, 0)
        in_force = "select count(*) from course co join client cl using (practice_id, client_id) where co.ended_at is null and"
        self.assertEqual(self.attune.sql(f"{in_force} cl.client_ref = '{self.token}'"), [["0"]])
        self.assertIn("no such client", self.attune.attune("t1", "ratings", "--client", PSEUDONYM, check=False).err)
        self.assertEqual(self.attune.sql(f"select session_import(1, gen_random_uuid(), gen_random_uuid(), '{self.token}', 't01', 'North 1',"
                                         " now() - interval '9 days', now() - interval '8 days', 'x')"), [["again"]])
        self.attune.keys_sql("alter table client_erased drop constraint waits")
        self.attune.practice("add-client", PSEUDONYM, "--therapist", "t01")  # Asks until the name is free.
        self.assertNotEqual(self.attune.token_of(PSEUDONYM), self.token)

    def test_what_could_not_be_stored_goes_too(self):
        self.attune.sql("insert into rating_quarantine (practice_id, rating_id, ticket_id, sqlstate, record) select practice_id,"
                        f" gen_random_uuid(), ticket_id, '22000', '' from ticket where session_id = '{self.session}'")
        self.erase("--yes")
        self.assertEqual(self.attune.count("rating_quarantine"), 0)

    def erased_here(self):
        self.attune.sql(f"select client_erase_noted(1, sha256(uuid_send('{self.token}')), false, 'a server that died')")

    def test_a_server_that_died_after_its_first_half_is_made_up_for(self):
        self.erased_here()
        self.assertEqual(self.texts(), 2)
        wait_until(lambda: self.back() == 0, 20, "the other half")
        self.assertEqual(self.resend(), 0)

    def test_a_server_that_died_between_the_two_databases_is_made_up_for(self):
        self.attune.keys_sql(f"select client_key_erase(1, sha256(uuid_send('{self.token}')), false)")
        wait_until(lambda: self.texts() == 2, 20, "the other half")
        self.assertEqual(self.resend(), 0)
        self.assertEqual(self.back(), 0)


class Certificates(Erasure):
    def verify(self):
        done = self.attune.attune("admin", "audit", "verify", check=False)
        return done.code, done.out

    def key(self):
        return self.attune.sql("select encode(key, 'hex') from audit_key order by since limit 1")[0][0]

    def test_it_is_signed_with_the_audit_s_key_and_a_change_or_another_key_is_named(self):
        made = self.erase("--yes", "--json").json()
        ((number, body, digest, signer),) = self.attune.sql(
            "select number, body, encode(sha256(convert_to(body, 'UTF8')), 'hex'), encode(signer, 'hex') from certificate")
        self.assertEqual((made["certificate_sha256"], made["signer"], signer), (digest, self.key(), self.key()))
        code, said = self.verify()
        self.assertEqual(code, 0, said)
        self.assertIn("certificates=1 unsigned_certificates=0 broken=0", said)
        named = 0
        for change in ("body = replace(body, '\"counts\": [2', '\"counts\": [3')", f"name = '{'ab' * 32}'", "kind = 'retention'",
                       "signature = set_byte(signature, 0, get_byte(signature, 0) # 1)"):
            before = self.attune.sql("select * from certificate")
            self.attune.sql("create table aside as select * from certificate;"
                            f"update certificate set {change} where number = {number}")
            self.assertNotEqual(self.attune.sql("select * from certificate"), before, change)
            code, said = self.verify()
            ((name,),) = self.attune.sql("select name from certificate")
            named += (code, f"audit broken certificate={name} changed, or signed by no server" in said) == (1, True)
            self.attune.sql("update certificate c set body = a.body, name = a.name, kind = a.kind, signature = a.signature from aside a;"
                            "drop table aside")
        self.assertEqual(self.verify()[0], 0)
        named += self.signed_by_another()
        print(f"certificates changed=4 another_key=1 named={named}/5")
        self.assertEqual(named, 5)
        self.assertNotIn(PSEUDONYM, body)

    def signed_by_another(self):
        """A good signature, of a key that no server here has."""
        self.server.stop()
        self.attune.run([SERVER, "pki", "audit-key", self.attune.path("other.key")], check=True)
        self.attune.sql("update certificate set signer = null, signature = null")
        self.server = self.attune.start_server(audit_key=self.attune.path("other.key"), audit_head_s="1")
        wait_until(lambda: self.attune.count("certificate", "signature is null") == 0, 20, "the other signature")
        code, said = self.verify()
        self.assertEqual((code, "other_keys=0" in said), (0, False))  # Its own; the heads before are another's.
        self.server.stop()
        other = self.attune.sql("select encode(signer, 'hex') from certificate")[0][0]
        self.assertNotEqual(other, self.key())
        self.attune.sql("alter table audit_head disable trigger all; alter table audit_key disable trigger all;"
                        f"delete from audit_head where key = decode('{other}', 'hex'); delete from audit_key where key = decode('{other}', 'hex')")
        self.server = self.attune.start_server()
        code, said = self.verify()
        return (code, "signed by no server of this practice" in said) == (1, True)

    def test_of_one_that_was_there_and_is_not_what_its_key_signed_no_signer_is_told(self):
        self.attune.sql(
            "insert into certificate (practice_id, kind, name, body, signer, signature) select 1, 'erasure',"
            f" encode(sha256(uuid_send('{self.token}')), 'hex'), '{{}}', decode(repeat('cd', 32), 'hex'), decode(repeat('ab', 64), 'hex')")
        made = self.erase("--yes", "--json").json()
        self.assertEqual((self.attune.count("certificate"), made["done"], made["signer"]), (1, True, ""))
        self.assertEqual(self.verify()[0], 1)

    def test_without_a_key_it_says_so_and_a_server_that_has_one_signs_it_later(self):
        self.server.stop()
        self.server = self.attune.start_server(audit_key=None)
        self.assertIn("signed    no\n", self.erase("--yes").out)
        self.assertIn("certificates=1 unsigned_certificates=1 broken=0", self.verify()[1])
        self.server.stop()
        self.server = self.attune.start_server(audit_head_s="1")
        wait_until(lambda: self.attune.count("certificate", "signature is null") == 0, 20, "the signature")
        self.assertIn("certificates=1 unsigned_certificates=0 broken=0", self.verify()[1])


class Destroy(Erasure):
    def test_the_numbers_go_and_reports_and_counts_stay(self):
        reports, sizes = self.reports(), self.sizes()
        certificate = self.erase("--numbers", "destroy", "--yes", "--json").json()
        gone = [certificate["counts"][kind] for kind in ("sessions", "ratings", "alerts", "ruptures", "goals")]
        self.assertEqual(self.sizes(), [size - count for size, count in zip(sizes, gone)])
        self.assertEqual(gone[0], 2)
        self.assertEqual((self.reports(), self.rebuilt(), self.attune.count("client")), (reports, 0, 1))
        self.assertEqual(self.resend(), 0)
        self.assertEqual(self.reports(), reports)
        back = self.back()
        print(f"erasure numbers=destroy gone={sum(gone)} counts_equal={self.reports() == reports} back={back}")
        self.assertEqual(back, 0)

    def test_what_is_not_counted_yet_keeps_the_key(self):
        sizes = self.sizes()
        self.attune.processes[1].stop()  # Who counts.
        self.attune.sql(f"insert into rollup_session (practice_id, session_id) values (1, '{self.session}') on conflict do nothing")
        said = self.erase("--numbers", "destroy", "--yes", check=False)
        self.assertEqual((said.code != 0, self.attune.token_of(PSEUDONYM), self.sizes()), (True, self.token, sizes))

    def test_what_a_kiosk_sent_before_is_told_as_stored_and_does_not_come_back(self):
        sent = self.attune.path("id-k1/spool")
        self.erase("--numbers", "destroy", "--yes")
        self.assertEqual(self.resend(), 0)
        for name in os.listdir(sent):
            if name.endswith(".sent"):
                os.rename(os.path.join(sent, name), os.path.join(sent, name[:-5] + ".rating"))
        self.assertEqual(len(self.spooled()), 3)
        self.assertEqual(self.resend(), 0)


class PutBack(Erasure):
    def test_a_backup_of_either_database_brings_nobody_back(self):
        main, keys = self.dump(self.attune.database), self.dump(self.attune.keys_database)
        self.assertEqual(self.texts(), 4)
        self.erase("--yes")
        self.attune.processes[1].stop()
        figures = {}
        for what, database, dump in (("main", self.attune.database, main), ("keys", self.attune.keys_database, keys)):
            self.server.stop()
            self.put_back(database, dump)
            figures[f"in_{what}_dump"] = (hits_in(dump), self.texts() + self.back())
            self.server = self.attune.start_server()
            wait_until(lambda: self.texts() == 2 and self.back() == 0, 30, f"the erasure again, after {what}")
            self.assertIn("database", self.server.log())
        before = self.attune.count("rating")
        self.attune.attune("k1", "rate", "--drain")
        self.assertEqual(self.spooled(), [])
        back = self.back() + self.attune.count("rating") - before
        print(f"erasure put_back=2 back={back} ({figures})")
        self.assertEqual(back, 0)
        self.assertGreater(figures["in_main_dump"][1], 2, "it had come back, until the server looked")
        self.assertGreater(figures["in_keys_dump"][1], 2, "it had come back, until the server looked")

    def test_both_put_back_at_once_bring_nobody_back_where_there_is_a_journal(self):
        """And without one they do: the look that finds it is the same."""
        journal = self.attune.path("erasures")
        main, keys = self.dump(self.attune.database), self.dump(self.attune.keys_database)
        self.attune.processes[1].stop()
        figures = {}
        for kept in (False, True):
            self.server.stop()
            self.server = self.attune.start_server(**({"erasure_journal": journal} if kept else {}))
            self.erase("--numbers", "destroy", "--yes") if kept else self.erase("--yes")
            self.server.stop()
            self.put_back(self.attune.database, main)
            self.put_back(self.attune.keys_database, keys)
            self.server = self.attune.start_server(**({"erasure_journal": journal} if kept else {}))
            if kept:
                wait_until(lambda: self.texts() == 2 and self.back() == 0, 30, "the erasure again")
                self.assertIn(f"erasure journal: {journal}: 1 erased clients", self.server.log())
                self.assertIn("1 erased clients were not erased in the main database", self.server.log())
                self.assertIn("1 erased clients were not erased in the keys database", self.server.log())
                self.assertEqual(self.attune.count("client"), 1)  # Their numbers went, too.
            figures["journal" if kept else "none"] = self.back()
        with open(journal, encoding="ascii") as file:
            text = file.read()
        self.assertRegex(text, r"\Aerased 1 1 [0-9a-f]{64} destroy\n\Z")
        self.assertEqual(text.count(self.token), 0)
        print(f"erasure both_put_back back={figures}")
        self.assertGreater(figures["none"], 0)
        self.assertEqual(figures["journal"], 0)

    def test_the_journal_learns_of_what_other_servers_erased_and_one_that_was_changed_is_refused(self):
        self.erase("--yes")
        self.server.stop()
        journal = self.attune.path("erasures")
        self.server = self.attune.start_server(erasure_journal=journal)
        wait_until(lambda: os.path.getsize(journal) > 0, 20, "the journal")
        self.server.stop()
        with open(journal, "r+", encoding="ascii") as file:
            text = file.read().replace(" keep", " kept")
            file.seek(0)
            file.write(text)
        self.attune.write_server_config(erasure_journal=journal)
        done = self.attune.run([SERVER, "--config", self.attune.path("server.conf"), "--check-config"])
        self.assertEqual(done.code, 78)
        self.assertIn("line 1 is no line of an erasure journal", done.err)

    def test_without_a_keys_database_nothing_is_promised(self):
        self.server.stop()
        self.attune.start_server(keys_database=None)
        self.attune.practice("add-client", "c009", "--therapist", "t01")
        said = self.attune.attune("admin", "client", "erase", "c009", check=False)
        self.assertIn("no keys database", said.err)


if __name__ == "__main__":
    unittest.main()
