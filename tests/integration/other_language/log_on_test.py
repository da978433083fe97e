"""Who is at the device: passwords, second factors, limits, the lock, and what an attacker can do to whom."""
import base64
import hashlib
import hmac
import os
import struct
import subprocess
import time
import unittest

from attune_wire import Connection, Refused, identity_context
from harness import AttuneTest, wait_until
from qr import read_qr

FIRST, WRONG, CODE, WAIT, NEW, UNKNOWN, CHANGE, FACTOR, BUSY = 210, 211, 212, 213, 214, 215, 216, 218, 401
NEWS = ("alert", "session_news", "look")
ADMIN, OWN = "the first one of all", "a therapist's own words"
LOW = ("--understanding", "2", "--relevance", "2", "--safety", "2", "--fit", "2")


def totp(uri, step):
    """RFC 6238, written from the RFC alone."""
    secret = base64.b32decode(uri.split("secret=")[1].split("&")[0])
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


def step_now():
    return int(time.time()) // 30


def wrong_code(uri):
    return "000000" if totp(uri, step_now()) != "000000" else "000001"


class LogOnTest(AttuneTest):
    log_on = True
    options = {}

    def setUp(self):
        super().setUp()
        self.first = self.attune.setup_said.split("one-time password ")[1].split()[0]
        self.attune.start_server(**self.options)

    def connect(self, device, software="test", server=None):
        connection = Connection(server or self.attune.address, identity_context(self.attune.path(f"id-{device}")))
        self.addCleanup(connection.close)
        connection.welcome = connection.say_hello(software)
        return connection

    def answers(self, connection, seqs):
        """The responses to all of them, in whatever order they come."""
        wanted, answers = set(seqs), []
        while wanted:
            frame = connection.receive()
            if frame.WhichOneof("body") == "response":
                wanted.discard(frame.response.seq)
                answers.append(frame.response)
        return answers

    def refused(self, connection, code, **body):
        with self.assertRaises(Refused) as caught:
            connection.ask(**body)
        self.assertEqual(caught.exception.code, code, caught.exception.text)
        return caught.exception

    def cli(self, device, *words, lines=(), check=True):
        return self.attune.attune(device, *words, check=check, stdin="".join(f"{line}\n" for line in lines),
                                  environment={"XDG_RUNTIME_DIR": self.attune.path("run"), "LC_ALL": "C.UTF-8"})

    def administrator(self):
        """Logged on with a password of their own, as a command."""
        self.cli("admin", "log-on", "--name", "admin", lines=(self.first, ADMIN))

    def practice(self):
        """A room, and a therapist with two devices, whose one-time password has been changed."""
        self.administrator()
        os.makedirs(self.attune.path("run"), exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = self.attune.path("run")
        self.addCleanup(os.environ.pop, "XDG_RUNTIME_DIR")
        self.attune.add_room()
        self.attune.add_therapist()
        password = self.cli("admin", "account", "add", "lund", "--therapist", "t01").out.strip()
        self.cli("t1", "log-on", lines=(password, OWN))

    def alert(self, rule):
        """About every rating that there is."""
        self.attune.sql(f"""
            insert into alert (practice_id, rating_id, session_id, course_id, therapist_id, session_start, rule, rule_version, tier, late,
                inputs, usual, wording, what, why, now, next_time) select practice_id, rating_id, session_id, course_id, therapist_id,
                session_start, '{rule}', 1, 'red', false, '{{}}', '{{}}', 'en/1', 'a', 'b', 'c', 'd' from rating;
            insert into alert_delivery (practice_id, alert_id, therapist_id) select practice_id, alert_id, therapist_id from alert
                where rule = '{rule}';
            select pg_notify('attune_alert', '')""")

    def on(self, device, password=OWN, name="", **more):
        connection = self.connect(device)
        connection.logged_on = connection.ask(log_on={"name": name, "password": password, **more})
        return connection


class Passwords(LogOnTest):
    def test_the_first_administrator_is_made_once_and_changes_the_password_first(self):
        again = self.attune.run([*self.setup_command()], check=True)
        self.assertNotIn("password", again.out)
        self.assertEqual(self.attune.count("account"), 1)
        self.assertEqual(self.cli("admin", "practice", "list", "rooms", check=False).code, 77)
        admin = self.connect("admin")
        self.assertTrue(admin.welcome.log_on_first)
        self.refused(admin, FIRST, list_practice={"kind": 1})
        told = admin.ask(log_on={"name": "admin", "password": self.first})
        self.assertTrue(told.must_change)
        self.assertEqual(told.token, b"")
        self.refused(admin, CHANGE, list_practice={"kind": 1})
        self.refused(admin, 113, set_password={"old": self.first, "fresh": "too short"})
        self.refused(admin, NEW, set_password={"old": self.first, "fresh": self.first})
        self.assertEqual(len(admin.ask(set_password={"old": self.first, "fresh": ADMIN}).token), 32)
        admin.ask(list_practice={"kind": 1})
        self.assertEqual(self.attune.sql("select actor from audit where action = 'practice.read'"), [["admin: admin"]])

    def setup_command(self):
        from harness import SERVER
        return (SERVER, "setup", "--config", self.attune.path("server.conf"), "--practice", "Test practice",
                "--certificate", self.attune.path("id-admin/device.crt"), "--label", "admin")

    def test_right_wrong_and_unknown_are_answered_and_cost_alike(self):
        self.practice()
        therapist = self.connect("t1-desk")
        for name in ("", "lund", "nobody", "admin"):
            error = self.refused(therapist, WRONG, log_on={"name": name, "password": "not it, but long"})
            self.assertEqual(error.text, "name, password or code is wrong")
            if name == "":  # The same account, whichever way it is named: too soon.
                waits = self.refused(therapist, WAIT, log_on={"name": "lund", "password": OWN})
                self.assertGreater(waits.retry_after_ms, 0)
                self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        self.assertEqual(self.attune.count("audit", "action = 'log_on.wrong'"), 4)
        self.assertEqual(self.attune.sql("select count(distinct detail -> 'account') from audit where action = 'log_on.wrong'"),
                         [["2"]])  # Lund's and nobody's: an administrator's account is nobody's on this device.
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        therapist.ask(log_on={"password": OWN})
        self.assertEqual(self.attune.sql("select count(*) from log_on_wrong where count > 0 and until_at > now()"), [["0"]])

    def test_a_token_is_good_on_its_device_alone_and_on_every_server(self):
        self.practice()
        token = self.on("t1").logged_on.token
        self.refused(self.connect("t1-desk"), FIRST, resume_log_on={"token": token})
        other = self.attune.start_server("server-2", listen="127.0.0.1:0")
        resumed = self.connect("t1", server=f"127.0.0.1:{other.ports['listen']}")
        self.refused(resumed, FIRST, list_caseload={})
        self.assertEqual(resumed.ask(resume_log_on={"token": token}).person, "lund")
        resumed.ask(list_caseload={})
        resumed.ask(log_off={})
        self.refused(resumed, FIRST, list_caseload={})
        self.refused(resumed, FIRST, resume_log_on={"token": token})
        self.assertEqual(self.attune.count("log_on", "account_id = 2"), 0)

    def test_a_new_password_ends_every_other_log_on_and_a_reset_all_of_them(self):
        self.practice()
        desk, other = self.on("t1-desk"), self.on("t1")
        self.refused(desk, WRONG, set_password={"old": "not the old one", "fresh": "another one of mine"})
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        token = desk.ask(set_password={"old": OWN, "fresh": "another one of mine"}).token
        self.refused(self.connect("t1"), FIRST, resume_log_on={"token": other.logged_on.token})
        self.connect("t1-desk").ask(resume_log_on={"token": token})
        password = self.cli("admin", "account", "reset", "lund").out.strip()
        self.refused(self.connect("t1-desk"), FIRST, resume_log_on={"token": token})
        self.refused(self.connect("t1"), WRONG, log_on={"password": "another one of mine"})
        self.assertTrue(self.on("t1-desk", password).logged_on.must_change)
        self.assertEqual(self.cli("admin", "account", "reset", "nobody", check=False).code, 1)
        listed = self.cli("admin", "account", "list", "--json").json()
        self.assertEqual([(a["name"], a["therapist"], a["must_change"]) for a in listed],
                         [("admin", "", False), ("lund", "t01", True)])

    def test_the_second_factor_s_picture_is_what_an_authenticator_reads(self):
        self.practice()
        self.on("t1-desk")
        self.cli("t1-desk", "log-on", lines=(OWN,))
        shown = self.cli("t1-desk", "account", "second-factor", lines=(OWN, "000000"), check=False).out
        uri = next(line for line in shown.split("\n") if line.startswith("otpauth://"))
        self.assertEqual(read_qr(shown, self.attune.path("factor.pgm")), uri)

    def test_a_second_factor_is_asked_for_and_no_code_is_taken_twice(self):
        self.practice()
        desk = self.on("t1-desk")
        uri = desk.ask(begin_second_factor={"password": OWN}).uri
        self.assertTrue(uri.startswith("otpauth://totp/Attune:lund?secret="), uri)
        self.refused(desk, WRONG, confirm_second_factor={"code": wrong_code(uri)})
        self.refused(desk, WAIT, confirm_second_factor={"code": totp(uri, step_now())})  # It costs what it does at a log-on.
        self.assertEqual(self.attune.sql("select detail ->> 'in_a_row' from audit where action = 'log_on.wrong'"), [["1"]])
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        step = step_now()
        desk.ask(confirm_second_factor={"code": totp(uri, step)})
        again = self.connect("t1-desk")
        self.refused(again, CODE, log_on={"password": OWN})
        self.refused(again, CODE, log_on={"password": OWN})  # Nothing is charged for that.
        self.refused(again, WRONG, log_on={"password": OWN, "code": totp(uri, step)})  # It has confirmed.
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        self.assertTrue(again.ask(log_on={"password": OWN, "code": totp(uri, step + 1)}).second_factor)
        self.refused(self.connect("t1"), WRONG, log_on={"password": OWN, "code": totp(uri, step + 1)})
        kept = bytes.fromhex(self.attune.sql("select encode(second_factor, 'hex') from account where name = 'lund'")[0][0])
        self.assertGreater(len(kept), 300)  # Sealed.
        self.assertNotIn(base64.b32decode(uri.split("secret=")[1].split("&")[0]), kept)
        self.cli("admin", "account", "reset", "lund")
        self.assertEqual(self.attune.count("account", "second_factor is not null"), 0)

    def test_setup_takes_a_password_from_its_input_and_never_as_an_argument(self):
        self.attune.make_identity("boss", practice=2)
        command = (*self.setup_command()[:4], "--practice", "Second", "--certificate", self.attune.path("id-boss/device.crt"),
                   "--label", "boss", "--account", "boss", "--ask-password")
        self.assertEqual(self.attune.run(command, stdin="too short\n").code, 1)
        self.assertEqual(self.attune.count("practice"), 1)
        done = self.attune.run(command, stdin="typed by the boss\n", check=True)
        self.assertNotIn("typed by the boss", done.out + done.err)
        self.assertIn("account boss\n", done.out)
        self.assertTrue(self.connect("boss").ask(log_on={"name": "boss", "password": "typed by the boss"}).must_change)
        self.refused(self.connect("boss"), WRONG, log_on={"name": "admin", "password": self.first})  # Another practice's.
        # Whoever has the database's owner lets an administrator in again who has lost the password.
        again = self.attune.run((*self.setup_command()[:1], "reset-password", *self.setup_command()[2:4], "--practice", "Second",
                                 "--account", "boss"), check=True).out.split("one-time password ")[1].strip()
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        self.assertTrue(self.connect("boss").ask(log_on={"name": "boss", "password": again}).must_change)
        self.assertEqual(self.attune.run((*self.setup_command()[:1], "reset-password", *self.setup_command()[2:4], "--practice",
                                          "Second", "--account", "nobody")).code, 1)

    def test_a_practice_goes_over_to_log_on_only_when_an_administrator_could(self):
        self.practice()
        self.cli("admin", "practice", "log-on", "off")
        self.assertFalse(self.connect("t1").welcome.log_on_first)
        self.connect("t1").ask(list_caseload={})
        self.attune.sql("update account set revoked_at = now() where name = 'admin' returning 1")
        self.assertEqual(self.attune.attune("admin", "practice", "log-on", "required", check=False).code, 1)
        self.attune.sql("update account set revoked_at = null where name = 'admin' returning 1")
        self.attune.attune("admin", "practice", "log-on", "required")
        self.assertTrue(self.connect("t1").welcome.log_on_first)

    def test_nothing_of_passwords_codes_or_tokens_is_written_down(self):
        self.practice()
        token = self.on("t1-desk").logged_on.token
        desk = self.on("t1")
        uri = desk.ask(begin_second_factor={"password": OWN}).uri
        desk.ask(confirm_second_factor={"code": totp(uri, step_now())})
        self.refused(self.connect("t1"), WRONG, log_on={"name": "mistyped password", "password": "mistyped password"})
        planted = [self.first, ADMIN, OWN, "mistyped password", token.hex(), uri.split("secret=")[1].split("&")[0]]
        hits, looked_at = 0, 0
        dump = "\n".join("\t".join(row) for table in ("account", "log_on", "log_on_wrong", "audit")
                         for row in self.attune.sql(f"select t::text from {table} t"))
        for text in [dump] + [process.log() + process.out() for process in self.attune.processes]:
            looked_at += len(text)
            hits += sum(text.count(secret) for secret in planted)
        self.assertGreater(looked_at, 1000)
        print(f"log_on_secrets planted={len(planted)} looked_at={looked_at} hits={hits}")
        self.assertEqual(hits, 0)


class SecondFactor(LogOnTest):
    """The practice demands one of everyone."""

    def log_on_with_a_new_factor(self, device, *lines, name=()):
        """`attune log-on`, with an authenticator beside it that reads what is printed."""
        process = subprocess.Popen(self.attune.command(device, "log-on", *name), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
        process.stdin.write("".join(f"{line}\n" for line in lines))
        process.stdin.flush()
        uri = process.stdout.readline().strip()
        self.assertTrue(uri.startswith("otpauth://"), uri)
        process.stdin.write(f"{wrong_code(uri)}\n")
        process.stdin.flush()
        while "that code is wrong" not in process.stderr.readline():
            self.assertIsNone(process.poll())
        self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        _, said = process.communicate(f"{totp(uri, step_now())}\n", 60)
        self.assertEqual(process.returncode, 0, said)

    def test_who_has_none_gets_as_far_as_setting_it_up_and_no_further(self):
        self.practice()
        desk = self.on("t1-desk")
        self.assertEqual(self.cli("admin", "practice", "log-on", "off", "--second-factor", check=False).code, 2)
        self.cli("admin", "practice", "log-on", "required", "--second-factor")

        def locked():
            desk.ask(ping={})
            return any(push.WhichOneof("body") == "locked" for push in desk.pushes)
        wait_until(locked, 10, "the end of the log-on without one")
        self.refused(desk, FIRST, list_caseload={})
        self.refused(desk, FIRST, resume_log_on={"token": desk.logged_on.token})
        tokens = self.attune.sql("select token_hash from log_on order by 1")
        told = desk.ask(log_on={"password": OWN})
        self.assertEqual((told.must_set_factor, told.token, told.must_change, told.second_factor), (True, b"", False, False))
        for body in ({"list_caseload": {}}, {"list_rooms": {}}, {"act_for": {}}, {"set_password": {"old": OWN, "fresh": ADMIN}}):
            self.refused(desk, FACTOR, **body)
        self.assertEqual(self.attune.sql("select token_hash from log_on order by 1"), tokens)
        self.refused(desk, WRONG, confirm_second_factor={"code": "123456"})  # Of none.
        uri, step = desk.ask(begin_second_factor={"password": OWN}).uri, step_now()
        on = desk.ask(confirm_second_factor={"code": totp(uri, step - 1)})
        self.assertEqual((len(on.token), on.second_factor, on.must_set_factor, on.person), (32, True, False, "lund"))
        desk.ask(list_caseload={})
        self.connect("t1-desk").ask(resume_log_on={"token": on.token})
        self.refused(self.connect("t1"), CODE, log_on={"password": OWN})
        self.connect("t1").ask(log_on={"password": OWN, "code": totp(uri, step)})
        self.log_on_with_a_new_factor("admin", ADMIN, name=("--name", "admin"))
        listed = self.cli("admin", "account", "list", "--json").json()
        self.assertEqual([(a["name"], a["second_factor"]) for a in listed], [("admin", True), ("lund", True)])
        self.assertEqual(self.attune.sql("select action, detail ->> 'second_factor', count(*) from audit where action in "
                                         "('practice.log_on', 'account.second_factor') group by 1, 2 order by 1"),
                         [["account.second_factor", "", "2"], ["practice.log_on", "true", "1"]])

    def test_a_reset_takes_it_away_and_it_is_set_up_again_after_the_password(self):
        self.practice()
        self.cli("admin", "practice", "log-on", "required", "--second-factor")
        self.log_on_with_a_new_factor("admin", ADMIN, name=("--name", "admin"))
        password = self.cli("admin", "account", "reset", "lund").out.strip()
        desk = self.on("t1-desk", password)
        self.assertEqual((desk.logged_on.must_change, desk.logged_on.must_set_factor), (True, False))
        self.refused(desk, CHANGE, begin_second_factor={"password": password})
        told = desk.ask(set_password={"old": password, "fresh": "another one of mine"})
        self.assertEqual((told.must_change, told.must_set_factor, told.token), (False, True, b""))
        uri = desk.ask(begin_second_factor={"password": "another one of mine"}).uri
        password = self.cli("admin", "account", "reset", "lund").out.strip()
        self.refused(desk, WRONG, confirm_second_factor={"code": totp(uri, step_now())})  # Begun before the reset.
        self.refused(desk, FACTOR, list_caseload={})
        self.log_on_with_a_new_factor("t1", password, OWN)
        self.cli("t1", "ratings", "--client", "c001")
        self.cli("admin", "practice", "log-on", "required")
        self.cli("admin", "account", "add", "second")
        self.assertEqual(self.attune.sql("select factor_required from practice"), [["f"]])

    def test_a_password_alone_replaces_none_that_was_set_up_elsewhere(self):
        self.practice()
        self.cli("admin", "practice", "log-on", "required", "--second-factor")
        thief, owner = self.on("t1-desk"), self.on("t1")  # All as far as setting it up.
        self.assertTrue(thief.logged_on.must_set_factor)
        uri = owner.ask(begin_second_factor={"password": OWN}).uri
        self.refused(thief, WRONG, confirm_second_factor={"code": totp(uri, step_now())})  # Another device began it.
        owner.ask(confirm_second_factor={"code": totp(uri, step_now() - 1)})
        kept = self.attune.sql("select second_factor from account where name = 'lund'")
        self.refused(thief, FIRST, begin_second_factor={"password": OWN})
        self.refused(thief, WRONG, confirm_second_factor={"code": "123456"})
        self.assertEqual(self.attune.sql("select second_factor from account where name = 'lund'"), kept)
        self.connect("t1").ask(log_on={"password": OWN, "code": totp(uri, step_now())})

    def test_one_that_was_begun_before_another_came_into_force_is_not_confirmed(self):
        self.practice()
        self.cli("admin", "practice", "log-on", "required", "--second-factor")
        thief = self.on("t1-desk")
        uri = thief.ask(begin_second_factor={"password": OWN}).uri
        self.attune.sql("update account set second_factor = 'theirs' where name = 'lund' returning 1")
        tokens = self.attune.sql("select token_hash from log_on order by 1")
        self.refused(thief, WRONG, confirm_second_factor={"code": totp(uri, step_now())})
        self.assertEqual(self.attune.sql("select convert_from(second_factor, 'UTF8') from account where name = 'lund'"), [["theirs"]])
        self.assertEqual(self.attune.sql("select token_hash from log_on order by 1"), tokens)

    def test_one_that_was_begun_before_a_new_password_is_not_confirmed(self):
        self.practice()
        desk = self.on("t1-desk")
        uri = desk.ask(begin_second_factor={"password": OWN}).uri
        desk.ask(set_password={"old": OWN, "fresh": "another one of mine"})
        self.refused(desk, WRONG, confirm_second_factor={"code": totp(uri, step_now())})
        self.assertEqual(self.attune.count("account", "second_factor is not null"), 0)

    def test_a_server_that_could_keep_none_demands_none(self):
        self.practice()
        self.attune.processes[0].stop()
        self.attune.start_server("no-key", sealing_keys=None, **self.options)
        self.refused(self.on("admin", ADMIN, "admin"), 217, put_log_on={"required": True, "second_factor": True})
        self.assertEqual(self.attune.sql("select factor_required from practice"), [["f"]])


class Limits(LogOnTest):
    def limit(self, idle_s, last_s):
        """The same server anew, with small limits."""
        self.attune.processes[0].stop()
        self.attune.start_server(log_on_idle_s=str(idle_s), log_on_last_s=str(last_s))

    def test_idle_locks_pings_do_not_help_and_the_absolute_limit_holds_whatever_is_done(self):
        self.practice()
        self.limit(2, 5)
        desk = self.on("t1-desk")
        token = desk.logged_on.token
        desk.ask(watch={})

        def locked():
            desk.ask(ping={})
            return [push for push in desk.pushes if push.WhichOneof("body") == "locked"]
        wait_until(locked, 10, "the idle lock")
        self.refused(desk, FIRST, list_caseload={})
        self.refused(desk, FIRST, resume_log_on={"token": token})
        desk.ask(log_on={"password": OWN})

        def ended():
            try:
                desk.ask(list_caseload={})
                return False
            except Refused as refused:
                return refused.code == FIRST
        begun = time.monotonic()
        wait_until(ended, 20, "the absolute limit")
        self.assertGreater(time.monotonic() - begun, 2.5)  # Used all the time, it did not go idle.

    def test_a_locked_watch_hears_that_something_waits_and_the_content_after_the_log_on(self):
        self.practice()
        self.attune.start_aggregator()
        self.limit(3, 600)
        watch = self.attune.watch()
        wait_until(lambda: not watch.alive(), 10, "the watch that nobody has logged on for")
        self.assertEqual(watch.popen.returncode, 77)
        self.cli("t1-desk", "log-on", lines=(OWN,))
        watch = self.attune.watch(name="watch-2")
        locked = wait_until(lambda: watch.events("locked"), 15, "the lock")
        self.assertEqual(locked[0]["waiting"], 0)
        seen = len(watch.lines())
        self.cli("t1", "log-on", lines=(OWN,))
        self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        wait_until(lambda: watch.events("locked")[-1]["waiting"] > 0, 20, "that something waits")
        said = watch.lines()[seen:]
        self.assertEqual({line["event"] for line in said}, {"locked"}, said)
        self.assertNotIn("c001", str(said))
        self.cli("t1-desk", "log-on", lines=(OWN,))
        wait_until(lambda: not watch.alive(), 10, "the watch that gave way to a newer connection")
        after = self.attune.watch(name="watch-3")
        wait_until(lambda: after.events("alert"), 10, "the alert")

    def test_a_locked_desk_hears_how_much_waits_and_no_more_while_the_server_drains(self):
        self.practice()
        session = self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        self.attune.attune("t1", "session", "close", session)

        def until(is_it, desk, most):
            while True:
                push = desk.push()
                self.assertNotIn(push.WhichOneof("body"), NEWS)
                self.assertLessEqual(push.locked.waiting, most)  # Not once for each of the therapist's desks.
                if is_it(push):
                    return
        desk, other = self.connect("t1-desk"), self.connect("t1")
        desk.ask(watch={})
        other.ask(watch={})
        self.alert("X")
        until(lambda push: push.locked.waiting == 1, desk, 1)
        until(lambda push: push.locked.waiting == 1, other, 1)
        # A rating that can not be stored keeps the server from its end.
        self.attune.open_session()
        self.attune.start("holder", ["psql", "-X", "-h", self.attune.cluster, "-U", "postgres", "-d", self.attune.database, "-c",
                                     "begin; lock table rating in share mode; select pg_sleep(60)"])
        self.addCleanup(self.attune.sql, "select pg_terminate_backend(pid) from pg_locks where relation = 'rating'::regclass and mode = 'ShareLock'")
        wait_until(lambda: self.attune.count("pg_locks", "relation = 'rating'::regclass and mode = 'ShareLock' and granted"), 10, "the lock")
        self.attune.start("kiosk", self.attune.command("k1", "rate", *LOW))
        wait_until(lambda: self.attune.count("pg_locks", "relation = 'rating'::regclass and not granted"), 10, "the rating")
        self.attune.processes[0].popen.terminate()
        until(lambda push: push.WhichOneof("body") == "draining", desk, 1)
        self.alert("Y")
        until(lambda push: push.locked.waiting == 2, desk, 2)


class Attacks(LogOnTest):
    options = {"log_on_waiting": "8"}

    def test_whoever_guesses_on_one_device_does_not_keep_the_owner_out_on_another(self):
        self.practice()
        attacker, refused, waits, longest = self.connect("t1-desk"), 0, 0, 0  # Waits: also "busy", two at once.
        for guess in range(12):
            seqs = [attacker.send(log_on={"password": f"guess {guess} of the attacker"}) for _ in range(20)]
            for answer in self.answers(attacker, seqs):
                refused += answer.error.code == WRONG
                waits += answer.error.code in (WAIT, BUSY)
                longest = max(longest, answer.error.retry_after_ms)
            longest = max(longest, self.refused(attacker, WAIT, log_on={"password": "one more"}).retry_after_ms)
            if guess < 11:  # The wait is over.
                self.attune.sql("update log_on_wrong set until_at = now() returning 1")
        owner = self.on("t1")
        owner.ask(list_caseload={})
        print(f"log_on_attack guesses={12 * 20} judged={refused} told_to_wait={waits} longest_wait_ms={longest} "
              "owner_elsewhere=in")
        self.assertEqual((refused, waits), (12, 228))  # Twenty at once are one.
        self.assertTrue(800_000 < longest <= 900_000, longest)
        self.assertEqual(self.attune.count("log_on_wrong", "count = 12"), 1)

    def test_an_administrator_who_puts_their_device_as_a_therapist_s_is_not_that_therapist(self):
        self.practice()
        key = self.attune.sql("select encode(fingerprint, 'hex') from device where label = 'admin'")[0][0]
        self.attune.sql("insert into device (practice_id, fingerprint, role, label)"  # Or it were the last administrator's.
                        " select practice_id, sha256('beside'), 'administrator', 'beside' from device where label = 'admin'")
        admin = self.on("admin", ADMIN, "admin")
        token = admin.logged_on.token
        admin.ask(put_device={"fingerprint": bytes.fromhex(key), "label": "admin", "role": 2, "therapist": "t01"})

        def ended():
            try:
                admin.ask(ping={})
                return None
            except Refused as refused:
                return refused.code
            except (OSError, EOFError):
                return "cut"
        self.assertIn(wait_until(ended, 10, "the end of the connection of what was put elsewhere"), (402, "cut"))
        therapist = self.connect("admin")
        self.assertTrue(therapist.welcome.log_on_first)
        self.refused(therapist, FIRST, resume_log_on={"token": token})
        self.refused(therapist, FIRST, list_caseload={})
        therapist.ask(ping={})

    def test_an_administrator_who_asks_for_many_passwords_keeps_nobody_from_logging_on(self):
        self.practice()
        admin, therapist = self.on("admin", ADMIN, "admin"), self.connect("t1")
        seqs = [admin.send(**({"reset_password": {"name": "nobody"}} if at % 2 else {"add_account": {"name": f"name {at}"}}))
                for at in range(20)]  # More than are hashed at once and wait.
        therapist.ask(log_on={"password": OWN})
        busy = sum(answer.error.code == BUSY and answer.error.retry_after_ms > 0 for answer in self.answers(admin, seqs))
        print(f"password_flood sent=20 busy={busy}")
        self.assertGreaterEqual(busy, 15)  # One at a time, while ten could wait.
        admin.ask(list_accounts={})

    def test_ratings_are_acknowledged_while_passwords_flood_the_server(self):
        self.practice()
        self.attune.open_session()
        flood = []
        for at in range(12):  # More than are hashed at once and wait; one try a device.
            self.attune.add_device(f"f{at}", "therapist", "--therapist", "t01")
            flood.append(self.connect(f"f{at}"))
        seqs = [[one.send(log_on={"name": f"name {at}", "password": "whatever it may be"}) for at in range(20)] for one in flood]
        self.attune.attune("k1", "rate", *LOW)  # While they are hashed, two at a time.
        sent, rated = 12 * 20, self.attune.count("rating")
        waiting = self.attune.metric(self.attune.processes[0], "attune_log_ons_waiting")
        answers = [answer for one, sent_by in zip(flood, seqs) for answer in self.answers(one, sent_by)]
        self.assertTrue(all(answer.error.code in (WRONG, BUSY) for answer in answers))
        busy = sum(answer.error.code == BUSY for answer in answers)
        self.assertTrue(all(answer.error.retry_after_ms > 0 for answer in answers if answer.error.code == BUSY))
        self.assertGreaterEqual(busy, 12 * 19)
        print(f"log_on_flood sent={sent} busy={busy} ratings_acknowledged={rated} waiting_then={waiting}")
        self.assertEqual(rated, 1)


if __name__ == "__main__":
    unittest.main()
