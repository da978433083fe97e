"""What the person who runs it relies on: starting without a database, stopping, reloading, several of each, health, configuration."""
import json
import os
import re
import resource
import signal
import subprocess
import unittest

from harness import AGGREGATOR, CLI, SERVER, AttuneTest, wait_until


class Operation(AttuneTest):
    def rate(self, *words, score="9", **more):
        areas = [word for area in ("--understanding", "--relevance", "--safety", "--fit") for word in (area, score)]
        return self.attune.attune("k1", "rate", *areas, *words, **more)

    def test_a_server_starts_without_its_database_says_so_and_works_once_it_is_there(self):
        name = self.attune.database
        self.attune.psql("postgres", f"alter database {name} rename to {name}_away")
        server = self.attune.start_server(ready=False)
        aggregator = self.attune.start_aggregator(ready=False)
        for process in (server, aggregator):
            self.assertEqual(self.attune.http(process, "/healthz")[0], 200)
            code, body = self.attune.http(process, "/readyz")
            self.assertEqual((code, body), (503, "the database is away\n"))
        refused = self.attune.attune("admin", "practice", "list", "sites", check=False)
        self.assertEqual(refused.code, 69)
        self.assertIn("database is away", refused.err)
        self.attune.psql("postgres", f"alter database {name}_away rename to {name}")
        for process in (server, aggregator):
            wait_until(lambda: self.attune.is_ready(process), 60, f"{process.name} to find its database")
        self.attune.add_room()

    def test_a_rating_saved_while_the_server_is_away_is_sent_when_it_is_back(self):
        server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist()
        self.attune.open_session()
        ticket = self.attune.sql("select ticket_id from ticket")[0][0].replace("-", "")
        server.kill()
        saved = self.rate("--ticket", ticket, check=False)
        self.assertEqual(saved.code, 69)
        self.assertIn("saved, will be sent", saved.out + saved.err)
        self.assertEqual(self.attune.count("rating"), 0)
        self.attune.start_server("again")
        self.attune.attune("k1", "rate", "--drain")
        self.assertEqual(self.attune.count("rating"), 1)

    def test_term_finishes_what_is_under_way_and_tells_each_device_when_to_return(self):
        server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist()
        watch = self.attune.watch()
        wait_until(lambda: self.attune.metric(server, "attune_connections") == 1, 10, "the watch")
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        self.assertIn("stopped", server.log())
        self.attune.start_server("next", drain_s=1)
        wait_until(lambda: self.attune.metric(self.attune.processes[-1], "attune_connections") == 1, 60,
                   "the watch's return")
        self.assertTrue(watch.alive())

    def test_a_lock_that_is_held_keeps_no_server_from_its_end(self):
        """TERM: within its limits, though the database is waited for longer otherwise. TERM twice: at once. Nothing is lost."""
        server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist()
        self.attune.open_session()
        held = "relation = 'rating'::regclass and mode = 'ShareLock'"
        self.attune.start("holder", ["psql", "-X", "-h", self.attune.cluster, "-U", "postgres", "-d", self.attune.database, "-c",
                                     "begin; lock table rating in share mode; select pg_sleep(300)"])
        wait_until(lambda: self.attune.count("pg_locks", f"{held} and granted"), 10, "the lock")
        kiosk = self.attune.start("kiosk", self.attune.command("k1", "rate", "--understanding", "9"))

        def wait_for_the_rating():
            wait_until(lambda: self.attune.count("pg_locks", "relation = 'rating'::regclass and not granted"), 30, "the rating")
        wait_for_the_rating()
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        self.assertIn(" stopped", server.log())
        kiosk.kill()
        server = self.attune.start_server("again")
        kiosk = self.attune.start("kiosk-again", self.attune.command("k1", "rate", "--drain"))
        wait_for_the_rating()
        server.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping" in server.log(), 10, "the first TERM")
        self.assertEqual(server.stop(signal.SIGTERM), 1)
        self.assertIn("stopping at once", server.log())
        self.assertNotIn(" stopped", server.log())
        kiosk.kill()
        self.attune.sql(f"select pg_terminate_backend(pid) from pg_locks where {held}")
        self.attune.start_server("last")
        self.attune.attune("k1", "rate", "--drain")
        self.assertEqual(self.attune.count("rating"), 1)

    def test_studies_answer_the_same_again_and_say_what_is_wrong(self):
        study = [AGGREGATOR, "simulate", "--courses", "500", "--seed", "7", "--json"]
        first, again = self.attune.run(study, check=True).out, self.attune.run(study, check=True).out
        self.assertEqual(first, again)
        self.assertEqual(json.loads(first)["sheets"][0]["clients"], 500)
        self.assertNotEqual(first, self.attune.run([*study[:-2], "8", "--json"], check=True).out)
        self.attune.start_aggregator("stored")
        config = ["--config", self.attune.path("stored.conf")]
        for words, code in ((["simulate", "--courses", "9"], 2), (["rates", "--clients", "many"], 2), (["rates", "now"], 2),
                            (["simulate", "--sed", "1"], 2), (["norms"], 2), (["replay", *config, "--budget", "nan"], 2),
                            (["replay", *config, "--budget", "101"], 2), (["norms", *config, "--budget", "8"], 2),
                            (["replay", "--config", "/nowhere"], 78), (["replay", "--help"], 0), (["replay", *config], 0)):
            done = self.attune.run([AGGREGATOR, *words])
            self.assertEqual(done.code, code, (words, done.err))
            self.assertTrue(done.err if code else done.out, words)

    def test_hup_takes_new_certificates_and_keeps_the_old_ones_when_the_new_are_bad(self):
        server = self.attune.start_server()
        certificate = self.attune.path("ca/server.crt")
        with open(certificate, encoding="utf-8") as file:
            old = file.read()
        with open(certificate, "w", encoding="utf-8") as file:
            file.write("no certificate")
        server.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: "the old certificates stay" in server.log(), 10, "the refusal")
        self.attune.practice("list", "sites")
        self.assertTrue(self.attune.is_ready(server))
        for name in ("server.crt", "server.key"):
            os.unlink(self.attune.path(f"ca/{name}"))
        self.attune.run([SERVER, "pki", "server", self.attune.path("ca"), "--name", "127.0.0.1"], check=True)
        with open(certificate, encoding="utf-8") as file:
            self.assertNotEqual(file.read(), old)
        server.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: "server: reloaded" in server.log(), 10, "the reload")
        serial = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", certificate], capture_output=True, text=True)
        shown = subprocess.run(
            f"openssl s_client -connect {self.attune.address} -alpn attune/1 </dev/null 2>/dev/null"
            " | openssl x509 -noout -serial", shell=True, capture_output=True, text=True)
        self.assertEqual(shown.stdout, serial.stdout)

    def test_two_servers_share_a_port_and_news_crosses_from_one_to_the_other(self):
        one = self.attune.start_server("one")
        two = self.attune.start_server("two")
        self.assertEqual(one.ports["listen"], two.ports["listen"])
        self.attune.start_aggregator("a")
        self.attune.start_aggregator("b")
        self.attune.add_room()
        self.attune.add_therapist()
        watch = self.attune.watch()
        self.attune.open_session()
        # Which of the two takes a connection is the kernel's choice: it is tried until both have had ratings' parts.
        self.rate(score="2")
        wait_until(lambda: watch.events("alert"), 20, "the alert")
        wait_until(lambda: [s for s in watch.events("session") if s["outcome"] == "rated"], 20, "rated")
        for server in (one, two):
            wait_until(lambda: self.attune.practice("list", "rooms") and
                       self.attune.metric(server, "attune_connections_total") > 0, 30, "both to be called")
        self.assertEqual(self.attune.count("alert", "rule = 'VERY_LOW'"), 1)

    def test_a_wrong_configuration_is_refused_with_line_and_nearest_name(self):
        path = self.attune.path("wrong.conf")
        for line, said in (("databse = host=x", "wrong.conf:1: unknown key 'databse'; the nearest known one is 'database'"),
                           ("connections_max = many", "wrong.conf:1: connections_max: must be a whole number"),
                           ("listen = localhost:1", "wrong.conf:1: listen: must be a numeric address"),
                           ("", "must be given")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(line + "\n")
            done = self.attune.run([SERVER, "--check-config", "--config", path])
            self.assertEqual(done.code, 78)
            self.assertIn(said, done.err)
        good = self.attune.run([SERVER, "--check-config", "--config", self.attune.path("server.conf")])
        self.assertEqual(good.code, 0, good.err)

    def test_a_role_that_row_level_security_would_skip_is_refused(self):
        server = self.attune.start_server(ready=False, database=self.attune.conninfo("postgres"))
        wait_until(lambda: "role" in server.log(), 20, "the refusal")
        self.assertEqual(self.attune.http(server, "/readyz")[0], 503)

    def test_each_program_says_what_it_is_and_what_it_takes(self):
        for program in (SERVER, AGGREGATOR, CLI):
            version = self.attune.run([program, "--version"], check=True).out
            self.assertRegex(version, r"^attune\S* \d+\.\d+\.\d+[ \n].*\d")
            self.assertIn("--config" if program != CLI else "COMMAND", self.attune.run([program, "--help"], check=True).out)
            self.assertEqual(self.attune.run([program, "--no-such-option"]).code, 2)
        for program in (SERVER, AGGREGATOR):  # Says it and ends, whatever stands before.
            done = self.attune.run([program, "--config", self.attune.path("nowhere.conf"), "--version"])
            self.assertEqual((done.code, done.err), (0, ""))

    def test_a_program_that_holds_a_name_or_a_password_leaves_no_core_file(self):
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)
        self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist()
        watch = self.attune.watch()

        def limits_of(pid):
            with open(f"/proc/{pid}/limits", encoding="ascii") as file:
                return file.read()
        self.assertNotRegex(limits_of(os.getpid()), r"Max core file size +[01] ", "this test shows nothing where none are allowed")
        wait_until(lambda: re.search(r"Max core file size +1 +1 ", limits_of(watch.pid)), 30, "the program to begin")

    def test_health_speaks_of_no_one_and_refuses_what_it_does_not_know(self):
        server = self.attune.start_server()
        self.attune.add_room(room="Secret room")
        code, metrics = self.attune.http(server, "/metrics")
        self.assertEqual(code, 200)
        self.assertIn("attune_handshakes_total", metrics)
        self.assertNotIn("Secret", metrics + server.log())
        self.assertEqual(self.attune.http(server, "/else")[0], 404)


if __name__ == "__main__":
    unittest.main()
