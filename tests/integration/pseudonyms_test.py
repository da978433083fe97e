"""pseudonyms_test.py - the main database, its backup and its WAL, the hints, the logs, a killed server and a kiosk hold neither a
pseudonym nor what was written about a client.

Method: a client whose pseudonym is known, words in a goal and in a reason; then every byte of those places is searched for
them. The same search of the keys database, where they were put, must find them.
"""
import os
import signal
import subprocess
import unittest

import planted
from harness import AttuneTest, wait_until

PSEUDONYM = "planted-pseudonym-7c1"
GOAL = "planted words about the mother"
REASON = "planted reason why not"
PLANTED = tuple(text.encode() for text in (PSEUDONYM, GOAL, REASON))


def scores(each):
    return [word for area in ("understanding", "relevance", "safety", "fit") for word in (f"--{area}", str(each))]


def hits_in(data):
    return planted.hits_in(data, PLANTED)


def hits_below(folder):
    return planted.hits_below(folder, PLANTED)


class Planted(AttuneTest):
    """A practice with a client of that name, in clusters of its own: their files are searched whole."""

    own_cluster = True
    pseudonyms = "own cluster"

    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=(PSEUDONYM, "c002"))

    def live(self):
        """A session, a red alert that is no concern, a goal; gives the session."""
        watch = self.attune.watch()
        session = self.attune.open_session(client=PSEUDONYM)
        self.attune.attune("k1", "rate", *scores(3))
        alert = wait_until(lambda: watch.events("alert"), 20, "the alert")[0]
        self.assertEqual(alert["client"], PSEUDONYM)
        self.attune.attune("t1", "alerts", "acknowledge", alert["alert_id"], "--step", "not-a-concern", "--reason", REASON)
        self.attune.attune("t1", "goals", "add", session, "--area", "safety", "--words", GOAL)
        watch.stop()
        return session

    def dump(self, database, cluster):
        return subprocess.run(["pg_dump", "-h", cluster, "-U", "postgres", database], capture_output=True, check=True).stdout


class Nowhere(Planted):
    def listen(self):
        out = open(self.attune.path("hints"), "wb")
        self.addCleanup(out.close)
        process = subprocess.Popen(["psql", "-X", "-h", self.attune.cluster, "-U", "postgres", "-d", self.attune.database],
                                   stdin=subprocess.PIPE, stdout=out, stderr=out)
        process.stdin.write(b"listen attune_rating; listen attune_room; listen attune_alert;\n")
        process.stdin.flush()
        return process

    def heard(self, listener):
        listener.communicate(b"select 1;\n\\q\n", 20)
        with open(self.attune.path("hints"), "rb") as file:
            text = file.read()
        self.assertIn(b'"attune_rating"', text)
        return text

    def test_what_was_planted_is_in_the_keys_database_alone_and_words_not_even_there(self):
        listener = self.listen()
        session = self.live()
        goals = self.attune.attune("t1", "goals", "--client", PSEUDONYM, "--json").json()
        self.assertEqual([(g["words"], g["session_id"]) for g in goals], [(GOAL, session)])
        self.assertEqual(self.attune.count("goal"), 1)
        self.assertEqual(self.attune.count("rupture", "reason is not null"), 1)
        places = {"notify": hits_in(self.heard(listener))}
        self.assertIn("Max core file size        0                    0", self.limits())
        self.server.stop(signal.SIGQUIT)  # Its way to leave a core, were it allowed to.
        self.attune.sql("checkpoint")
        places["dump"] = hits_in(self.dump(self.attune.database, self.attune.cluster))
        places["tables"] = hits_below(os.path.join(self.attune.cluster, "data", "base"))
        places["wal"] = hits_below(os.path.join(self.attune.cluster, "data", "pg_wal"))
        places["database log"] = hits_below(os.path.join(self.attune.cluster, "log")) + hits_in(self.read(self.attune.cluster, "log"))
        places["server log"] = hits_in(b"".join(self.read(self.attune.folder, f"{name}.log") for name in ("server", "aggregator")))
        places["core"] = sum(hits_in(self.read(self.attune.folder, name)) for name in os.listdir(self.attune.folder)
                             if name.startswith("core"))
        places["kiosk"] = hits_below(self.attune.path("id-k1"))
        hits = sum(places.values())
        control = hits_in(self.dump(self.attune.keys_database, self.attune.keys_cluster))
        words = [text for text in PLANTED[1:] if text in self.dump(self.attune.keys_database, self.attune.keys_cluster)]
        print(f"phrase hits={hits} places={len(places)} control={control} ({', '.join(places)})")
        self.assertEqual((hits, control, words), (0, 1, []), places)

    def limits(self):
        with open(f"/proc/{self.server.pid}/limits", encoding="ascii") as file:
            return file.read()

    def read(self, *path):
        with open(os.path.join(*path), "rb") as file:
            return file.read()

    def test_without_a_keys_database_the_same_search_finds_them(self):
        self.server.stop()
        self.attune.start_server(keys_database=None)
        plain, words = PSEUDONYM + "-plain", GOAL
        self.attune.practice("add-client", plain, "--therapist", "t01")
        session = self.attune.open_session(client=plain)
        self.attune.attune("t1", "goals", "add", session, "--area", "fit", "--words", words)
        self.attune.sql("checkpoint")
        self.assertGreaterEqual(hits_in(self.dump(self.attune.database, self.attune.cluster)), 2)
        self.assertGreaterEqual(hits_below(os.path.join(self.attune.cluster, "data", "pg_wal")), 2)


class Names(AttuneTest):
    """Whatever is asked and answered is in pseudonyms."""

    pseudonyms = True

    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002", "c003"))

    def test_another_server_that_never_heard_of_a_client_answers_with_its_name(self):
        self.attune.open_session(client="c002")
        self.server.stop()
        self.attune.start_server("other")
        listed = self.attune.attune("admin", "practice", "list", "clients", "--json").json()
        self.assertEqual(sorted((c["name"], c["detail"]) for c in listed), [("c001", "t01"), ("c002", "t01"), ("c003", "t01")])
        self.assertEqual([s["client"] for s in self.attune.attune("t1", "session", "list", "--json").json()], ["c002"])

    def test_a_push_comes_with_its_name_also_where_memory_has_none(self):
        watch = self.attune.watch()
        wait_until(lambda: self.attune.news(watch, client="c003"), 20, "news")
        self.server.stop()
        self.attune.start_server()
        wait_until(lambda: self.attune.news(watch, client="c001") and
                   {"c001", "c003"} <= {s["client"] for s in watch.events("session")}, 30, "news by name")
        self.assertEqual([s["client"] for s in watch.events("session") if s["client"] not in ("c001", "c003")], [])

    def test_an_unknown_client_and_a_colleagues_are_answered_alike(self):
        self.attune.add_therapist(code="t02", device="t2", clients=("c009",))
        for words in (("ratings", "--client"), ("alerts", "--client"), ("goals", "--client")):
            said = [self.attune.attune("t1", *words, client, check=False) for client in ("c009", "nobody")]
            self.assertEqual(said[0].err, said[1].err)
            self.assertEqual([s.code for s in said], [1, 1])

    def test_whoever_has_one_of_the_two_databases_alone_has_no_right_to_the_other(self):
        refused = 0
        for database, table, role in ((self.attune.keys_database, "client_key", "attune_server"),
                                      (self.attune.keys_database, "client_key", "attune_aggregator"),
                                      (self.attune.keys_database, "client_erased", "attune_aggregator"),
                                      (self.attune.database, "client", "attune_keys"),
                                      (self.attune.database, "rating", "attune_keys")):
            with self.assertRaisesRegex(AssertionError, "permission denied"):
                self.attune.psql(database, f"select * from {table}", role)
            refused += 1
        print(f"rights refused={refused}/5")

    def test_added_twice_it_is_one_client_with_one_token(self):
        token = self.attune.token_of("c001")
        self.attune.practice("add-client", "c001", "--therapist", "t01")
        self.assertEqual(self.attune.token_of("c001"), token)
        self.assertEqual(self.attune.count("client"), 3)

    def test_a_client_whose_row_was_made_by_a_server_that_then_died_is_made_whole(self):
        self.attune.keys_sql("insert into client_key select 1, gen_random_uuid(), 'c007', decode(repeat('ab', 32), 'hex')")
        self.attune.practice("add-client", "c007", "--therapist", "t01")
        self.assertEqual(self.attune.count("client", f"client_ref = '{self.attune.token_of('c007')}'"), 1)


if __name__ == "__main__":
    unittest.main()
