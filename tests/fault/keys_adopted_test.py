"""A practice that has clients is given a keys database, and the command that moves them is killed at each of its steps and run again.

Method: clients with all that can be written about them, in a cluster of its own whose files are searched whole. After each kill a client
is moved as a whole or not at all; after the last run nothing planted is in the main database's dump nor in its files, all of it is in the
keys database or opens with its keys, and everyone reads what they read before.
"""
import os
import subprocess
import unittest

from faults import FaultTest, wait_until
from harness import SERVER
from planted import hits_below, hits_in

PSEUDONYM = "planted-pseudonym-9e2"
HEX = "0123456789abcdef" * 2  # A pseudonym that looks like a token.
GOAL, REASON, GLASS, HOLD = "planted words of a goal", "planted reason why not", "planted call from the ward", "planted file 12/26"
PLANTED = [text.encode() for text in (PSEUDONYM, HEX, GOAL, REASON, GLASS, HOLD)]
LOW = ("--understanding", "3", "--relevance", "3", "--safety", "3", "--fit", "3")
STEPS = ("adopt_key_made", "adopt_before_commit", "adopt_committed")


class KeysAdopted(FaultTest):
    own_cluster = True
    pseudonyms = "own cluster"

    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server(keys_database=None)
        self.aggregator = self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", PSEUDONYM, HEX, "c002"))
        self.attune.add_therapist(code="t02", device="t2", clients=("c009",))
        session = self.attune.open_session(client=PSEUDONYM)
        self.attune.attune("k1", "rate", *LOW)
        wait_until(lambda: self.attune.count("alert", "tier = 'red'") == 1, 20, "the alert")
        ((alert,),) = self.attune.sql("select replace(alert_id::text, '-', '') from alert where tier = 'red'")
        self.attune.attune("t1", "alerts", "acknowledge", alert, "--step", "not-a-concern", "--reason", REASON)
        self.attune.attune("t1", "goals", "add", session, "--area", "safety", "--words", GOAL)
        self.attune.attune("t2", "ratings", "--client", PSEUDONYM, "--break-glass", PSEUDONYM, "--reason", GLASS)
        self.attune.practice("hold", PSEUDONYM, "--open", "--because", HOLD)
        self.attune.sql("analyze")  # Whose notes of the most common values hold them, too.

    def adopt(self, step=None, passing=2):
        """The owner's configuration is as for a server with keys."""
        self.attune.write_server_config()
        armed = {"ATTUNE_FAILPOINT": f"{step}:kill:{passing}"} if step else {}
        return self.attune.run([SERVER, "keys", "adopt", "--config", self.attune.path("server.conf")], environment=armed)

    def session(self, user, sql=""):
        """Stays connected until it is closed."""
        psql = subprocess.Popen(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", self.attune.cluster, "-U", user, "-d",
                                 self.attune.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        psql.stdin.write(f"{sql}; select 'ready';\n")
        psql.stdin.flush()
        self.assertEqual(psql.stdout.readline(), "ready\n")
        return psql

    def adopt_while(self, client, stays):
        """A server without keys comes back while the command is at its first client, adds one, and stays or goes."""
        adds = self.session("postgres", "begin; lock table client in exclusive mode")
        self.attune.write_server_config()
        adopting = self.attune.start(f"adopt-{client}", [SERVER, "keys", "adopt", "--config", self.attune.path("server.conf")])
        wait_until(lambda: self.attune.sql("select count(*) from pg_locks where relation = 'client'::regclass and not granted") == [["1"]],
                   20, "the command at its first client")
        server = self.session("attune_server") if stays else None
        adds.communicate(f"insert into client (practice_id, client_ref) values (1, '{client}'); commit;\n", 20)
        code = adopting.popen.wait(60)
        if stays:
            server.communicate("", 20)
        return code, adopting.out(), adopting.log()

    def read(self):
        """What is asked of the server, in words: clients, sessions, goals, what has been looked at, holds."""
        def shown(who, *words):
            return self.attune.attune(who, *words, "--json").json()

        return (sorted((c["name"], c["detail"]) for c in shown("admin", "practice", "list", "clients")),
                [s["client"] for s in shown("t1", "session", "list")], [g["words"] for g in shown("t1", "goals", "--client", PSEUDONYM)],
                [r["scores"] for r in shown("t1", "ratings", "--client", PSEUDONYM)], [look["reason"] for look in shown("t1", "looks")],
                [h["name"] for h in shown("admin", "practice", "holds")], [HOLD in h["detail"] for h in shown("admin", "practice", "holds")])

    def whole(self):
        """Clients that are moved. Each of them has its token and no plain words; of no other one is any word sealed."""
        tokens = {token.replace("-", "") for (token,) in self.attune.keys_sql("select token from client_key")}
        moved = {number for number, ref in self.attune.sql("select client_id, client_ref from client") if ref in tokens}
        sealed = self.attune.sql("select client_id, words like E'\\x01%' from goal join course using (practice_id, course_id) union all "
                                 "select client_id, reason like E'\\x01%' from rupture join course using (practice_id, course_id) union all "
                                 "select client_id, because like E'\\x01%' from legal_hold")
        self.assertEqual([(number, is_sealed == "t") for number, is_sealed in sealed], [(number, number in moved) for number, _ in sealed])
        return len(moved)

    def dump(self, database, cluster):
        return subprocess.run(["pg_dump", "-h", cluster, "-U", "postgres", database], capture_output=True, check=True).stdout

    def test_whom_a_server_adds_meanwhile_is_moved_too_and_one_that_stays_is_told(self):
        self.server.stop()
        self.aggregator.stop()
        code, out, said = self.adopt_while("late", stays=True)
        self.assertEqual((code, "names nobody" in out, "stop all of them first" in said), (78, False, True), out + said)
        self.assertIn("clients moved 5, moved before 0;", out)
        self.assertEqual(self.whole(), 5)
        code, out, said = self.adopt_while("later", stays=False)
        self.assertEqual((code, "names nobody" in out), (0, True), said)
        self.assertIn("clients moved 2, moved before 5;", out)
        self.assertEqual(self.whole(), 7)

    def test_killed_at_each_step_it_goes_on_and_nothing_is_left_behind(self):
        before = self.read()
        refused = self.adopt()
        self.assertEqual((refused.code, "stop all of them first" in refused.err), (78, True))
        self.server.stop()
        self.aggregator.stop()
        planted = hits_in(self.dump(self.attune.database, self.attune.cluster), PLANTED)
        moved = []
        for step in STEPS:
            killed = self.adopt(step)
            self.assertEqual(killed.code, -9, killed.err)
            moved.append(self.whole())
        done = self.adopt()
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("clients moved 1, moved before 4;", done.out)
        self.assertEqual((moved, self.whole()), ([1, 2, 4], 5))
        again = self.adopt()
        self.assertIn("clients moved 0, moved before 5; sealed: goals 0, reasons 0, broken glasses 0, holds 0", again.out)
        self.attune.sql("checkpoint")
        hits = (hits_in(self.dump(self.attune.database, self.attune.cluster), PLANTED),
                hits_below(os.path.join(self.attune.cluster, "data", "base"), PLANTED))
        kept = hits_in(self.dump(self.attune.keys_database, self.attune.keys_cluster), PLANTED)
        self.server = self.attune.start_server()
        self.assertEqual(self.read(), before)
        print(f"fault=keys_adopted kills={len(STEPS)} planted={planted} hits={sum(hits)} pseudonyms_kept={kept}")
        self.assertGreater(planted, 5)
        self.assertEqual((hits, kept), ((0, 0), 2))
        self.assertEqual(self.attune.count("audit", "action = 'client.adopt'"), 5)

    def test_one_that_a_server_with_keys_has_added_again_is_said(self):
        self.server.stop()
        self.server = self.attune.start_server()
        self.attune.practice("add-client", PSEUDONYM, "--therapist", "t02")
        self.server.stop()
        said = self.adopt()
        self.assertEqual((said.code, "was added once more by a server with a keys database" in said.err), (78, True))
        self.assertNotIn(PSEUDONYM, said.err + said.out)


if __name__ == "__main__":
    unittest.main()
