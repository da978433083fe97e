"""Every request of the protocol, sent by somebody who may and then by somebody who may not: what each leaves in the audit.

Method: one table says which rows a request leaves, another one which leave none and why; a request that the protocol has and neither
table has fails the test. All are sent, in an order in which each can succeed, and what has been added to the audit is held against the
table. Then each is sent so that it is refused, and the refusals' rows must add up to what was answered."""
import json
import os
import subprocess
import sys
import time
import unittest
from collections import Counter

import admin_pb2
import enrol_pb2
import enrol_wire
import envelope_pb2
import kiosk_pb2
import log_on_pb2
import rights_pb2
import staff_pb2
from attune_wire import Connection, Refused, fingerprint, identity_context, new_id, now_ms
from harness import AttuneTest
from sealing import Chain

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import renewal_test  # noqa: E402

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
OWN = "a therapist's own words"

ROWS = {
    "submit_rating": ["ratings"],
    "open_session": ["session.open"],
    "invite_rating": ["session.invite"],
    "close_session": ["session.close"],
    "list_sessions": ["sessions.read"],
    "list_ratings": ["ratings.read"],
    "list_alerts": ["alerts.read"],
    "receive_alerts": ["alerts.received"],
    "acknowledge_alert": ["alert.acknowledge"],
    "explain_alert": ["alert.explain"],
    "put_goal": ["goal.put"],
    "end_goal": ["goal.end"],
    "list_goals": ["goals.read"],
    "list_caseload": ["caseload.read"],
    "list_rooms": ["rooms.read"],
    "copy_client": ["client.copy"],
    "put_site": ["practice.put_site"],
    "put_room": ["practice.put_room"],
    "put_therapist": ["practice.put_therapist"],
    "put_client": ["practice.put_client"],
    "put_device": ["practice.put_device"],
    "revoke_device": ["device.revoke"],
    "revoke_therapist": ["therapist.revoke"],
    "revoke_certificate": ["certificate.revoke"],
    "list_practice": ["practice.read"],
    "import_rating": ["ratings", "session.import"],
    "put_rules": ["practice.put_rules"],
    "get_rules": ["rules.read"],
    "get_report": ["report.read"],
    "list_escalations": ["escalations.read"],
    "put_instrument": ["practice.put_instrument"],
    "list_instruments": ["instruments.read"],
    "get_instrument": ["instruments.read"],
    "log_on": ["log_on"],
    "log_off": ["log_off"],
    "set_password": ["account.password"],
    "begin_second_factor": ["account.second_factor_begin"],
    "confirm_second_factor": ["account.second_factor"],
    "add_account": ["account.add"],
    "reset_password": ["account.reset"],
    "list_accounts": ["accounts.read"],
    "put_log_on": ["practice.log_on"],
    "act_for": ["act_for"],
    "put_cover": ["cover.put"],
    "put_supervision": ["supervision.put"],
    "end_course": ["course.end"],
    "list_rights": ["rights.read"],
    "list_looks": ["looks.read"],
    "seen_look": ["look.seen"],
    "put_retention": ["retention.put"],
    "put_hold": ["hold.put"],
    "plan_retention": ["retention.plan"],
    "run_retention": ["retention.run"],
    "erase_client": ["client.erase", "client.erase_look"],  # It looks whether the word still holds.
    "add_device": ["device.code"],
    "list_devices": ["devices.read"],
    "forget_code": ["device.code_forget"],
    "renew_certificate": ["device.renew"],
    "enrol": ["device.enrol"],
    "renew_expired": ["device.renew"],
    "verify_audit": ["audit.verify"],
    "who_saw": ["audit.who"],
}
WITHOUT = {
    "hello": "says which device this is, and is told the practice's name and its own place; device_state has when it was last here",
    "ping": "says and is told nothing",
    "resume_log_on": "goes on with a log-on that has its row, on its own device; what is then done carries the person's name",
    "watch": "is answered by Done: what it brings is noted as it is pushed (pushes_test.py)",
    "get_authority": "certificates, which every connection is shown by TLS",
}


class Audited(AttuneTest):
    pseudonyms = True

    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c1", "c2", "c3"))
        self.attune.add_therapist("t02", device="t2", clients=("c9",))
        self.attune.practice("add-therapist", "t50", "--site", "North")
        self.open, self.done, self.wrong, self.refused = {}, Counter(), [], Counter()

    def connection(self, device):
        if device not in self.open:
            self.open[device] = connection = Connection(self.attune.address, identity_context(self.attune.path(f"id-{device}")))
            self.addCleanup(connection.close)
            connection.welcome = connection.say_hello("audited")
        return self.open[device]

    def audit(self):
        """What is not somebody's request is left out: refusals are counted at the end, the first head brings its key."""
        return {(chain, seq): action for chain, seq, action in self.attune.sql(
            "select chain, seq, action from audit where action not in ('refused', 'audit.key') and action not like '%.push'")}

    def did(self, name, call, expected=None):
        """Makes the call, and compares what it leaves with the table, or with what is expected this time."""
        expected, before = ROWS.get(name, []) if expected is None else expected, self.audit()
        answer = call()
        rows = sorted(action for place, action in self.audit().items() if place not in before)
        if rows != expected:
            self.wrong.append(f"{name}: {rows} and not {expected}")
        self.done[name] += 1
        return answer

    def ask(self, device, name, message, expected=None):
        connection = self.connection(device)
        return self.did(name, lambda: connection.ask_until_taken(**{name: message}), expected)

    # ---- what succeeds -----------------------------------------------------------------------

    def practice(self):
        admin, day = admin_pb2, now_ms() + DAY_MS
        self.ask("admin", "put_site", admin.PutSite(name="East"))
        self.ask("admin", "put_room", admin.PutRoom(site="East", name="East 1"))
        self.ask("admin", "put_therapist", admin.PutTherapist(code="t09", site="East"))
        self.ask("admin", "put_client", admin.PutClient(client_ref="c4", therapist="t01"))
        self.ask("admin", "put_device", admin.PutDevice(fingerprint=new_id() * 2, role=admin.ROLE_THERAPIST, label="new", therapist="t09"))
        self.ask("admin", "list_practice", admin.ListPractice(kind=admin.PRACTICE_ROOMS))
        self.ask("admin", "import_rating", admin.ImportRating(
            session_id=new_id(), client_ref="c4", therapist="t01", room="North 1", start_ms=now_ms() - DAY_MS, end_ms=now_ms() - DAY_MS + HOUR_MS,
            rating=kiosk_pb2.Rating(rating_id=new_id(), ticket_id=new_id(), skipped=True, instrument="x", made_at_ms=now_ms())))
        self.ask("admin", "put_rules", admin.PutRules(file="ask.tension = 1\n"))
        self.ask("admin", "get_rules", admin.GetRules())
        self.ask("admin", "get_report", admin.GetReport(kind=admin.REPORT_KIND_PRACTICE, weeks=4))
        self.ask("admin", "list_escalations", admin.ListEscalations())
        self.ask("admin", "list_instruments", admin.ListInstruments())
        shipped = self.connection("admin").ask(get_instrument=admin.GetInstrument(name="attune-adult-en/1")).file  # Everybody's.
        self.ask("admin", "put_instrument", admin.PutInstrument(file=shipped.replace("id = attune-adult", "id = ours")))
        self.ask("admin", "get_instrument", admin.GetInstrument(name="ours-en/1"))
        self.ask("admin", "put_cover", rights_pb2.PutCover(therapist="t01", by="t02", until_ms=day))
        self.ask("admin", "put_supervision", rights_pb2.PutSupervision(supervisor="t09", therapist="t01", from_ms=now_ms(), until_ms=day))
        self.ask("admin", "end_course", rights_pb2.EndCourse(client_ref="c4", therapist="t01"))
        self.ask("admin", "list_rights", rights_pb2.ListRights())

    def session(self):
        staff, session, rating = staff_pb2, new_id(), new_id()
        kiosk = self.connection("k1")
        self.ask("t1", "list_caseload", staff.ListCaseload())
        self.ask("t1", "list_rooms", staff.ListRooms())
        self.ask("t1", "open_session", staff.OpenSession(session_id=session, client_ref="c1", room="North 1", planned_end_ms=now_ms() + HOUR_MS))
        self.ask("t1", "invite_rating", staff.InviteRating(session_id=session))
        while True:
            room = kiosk.push().room_state
            if room.HasField("ticket"):
                break
        record = kiosk_pb2.Rating(rating_id=rating, ticket_id=room.ticket.ticket_id, instrument="attune-adult-en/1", made_at_ms=now_ms(),
                                  scores=kiosk_pb2.Scores(fit=20, safety=20, relevance=20, understanding=20))
        self.ask("k1", "submit_rating", kiosk_pb2.SubmitRating(
            seal=kiosk_pb2.SEAL_BOX, record=Chain(kiosk.welcome.sealing_key).seal(record.SerializeToString())))
        alert = new_id()
        self.attune.sql(f"""
            insert into alert (practice_id, alert_id, rating_id, session_id, course_id, therapist_id, session_start, rule, rule_version, tier, late,
                inputs, usual, wording, what, why, now, next_time)
            select practice_id, '{alert.hex()}', rating_id, session_id, course_id, therapist_id, session_start, 'X', 1, 'red', false,
                '{{}}', '{{}}', 'en/1', 'a', 'b', 'c', 'd' from rating where rating_id = '{rating.hex()}';
            insert into alert_delivery (practice_id, alert_id, therapist_id) values (1, '{alert.hex()}', 1)""")
        self.ask("t1", "receive_alerts", staff.ReceiveAlerts(alert_id=[alert]))
        self.ask("t1", "list_alerts", staff.ListAlerts(client_ref="c1"))
        self.ask("t1", "explain_alert", staff.ExplainAlert(alert_id=alert))
        self.ask("t1", "acknowledge_alert", staff.AcknowledgeAlert(alert_id=alert, step=staff.STEP_SEEN))
        goal = new_id()
        self.ask("t1", "put_goal", staff.PutGoal(goal_id=goal, session_id=session, area=1, words="x"))
        self.ask("t1", "list_goals", staff.ListGoals(client_ref="c1"))
        self.ask("t1", "end_goal", staff.EndGoal(goal_id=goal, outcome=staff.GOAL_REACHED))
        self.ask("t1", "close_session", staff.CloseSession(session_id=session))
        self.ask("t1", "list_sessions", staff.ListSessions(client_ref="c1"))
        self.ask("t1", "list_ratings", staff.ListRatings(client_ref="c1"))
        self.ask("t1", "copy_client", staff.CopyClient(client_ref="c1"))
        self.ask("t2", "act_for", rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t01"))
        self.connection("t2-desk").ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_BREAK_GLASS, client_ref="c1", reason="x"))
        (look,) = self.ask("t1", "list_looks", rights_pb2.ListLooks()).looks
        self.ask("t1", "seen_look", rights_pb2.SeenLook(look_id=look.look_id))

    def person(self):
        told = self.ask("admin", "add_account", log_on_pb2.AddAccount(name="lund", therapist="t01"))
        self.ask("admin", "list_accounts", log_on_pb2.ListAccounts())
        self.ask("admin", "put_log_on", log_on_pb2.PutLogOn(required=False))
        told = self.ask("admin", "reset_password", log_on_pb2.ResetPassword(name="lund"))
        self.ask("t1", "log_on", log_on_pb2.LogOn(name="lund", password=told.password))
        on = self.ask("t1", "set_password", log_on_pb2.SetPassword(old=told.password, fresh=OWN))
        self.ask("t1", "begin_second_factor", log_on_pb2.BeginSecondFactor(password=OWN))
        import log_on_test
        uri = self.connection("t1").ask(begin_second_factor=log_on_pb2.BeginSecondFactor(password=OWN)).uri
        self.ask("t1", "confirm_second_factor", log_on_pb2.ConfirmSecondFactor(code=log_on_test.totp(uri, log_on_test.step_now())))
        self.ask("t1", "resume_log_on", log_on_pb2.ResumeLogOn(token=on.token))
        self.ask("t1", "log_off", log_on_pb2.LogOff())

    def devices(self):
        made = self.ask("admin", "add_device", enrol_pb2.AddDevice(role=admin_pb2.ROLE_KIOSK, room="East 1", label="forgotten"))
        self.ask("admin", "forget_code", enrol_pb2.ForgetCode(label="forgotten"))
        made = self.connection("admin").ask(add_device=enrol_pb2.AddDevice(role=admin_pb2.ROLE_KIOSK, room="East 1", label="e1"))
        key = enrol_wire.Key(self.attune.path("e1"))
        with enrol_wire.Connection(self.attune.address) as connection:
            self.did("enrol", lambda: self.assertEqual(connection.enrol(made.secret, key).code, 0))
        self.ask("admin", "list_devices", enrol_pb2.ListDevices())
        renewal_test.Renewal.dated(self, "t2", -70, 20)
        self.open.pop("t2").close()
        request = subprocess.run(["openssl", "req", "-new", "-key", self.attune.path("id-t2/device.key"), "-subj", "/CN=x", "-outform", "DER"],
                                 capture_output=True, check=True).stdout
        self.ask("t2", "renew_certificate", enrol_pb2.RenewCertificate(request=request))
        renewal_test.Renewal.dated(self, "t1-desk", -100, -10)
        self.did("renew_expired", lambda: self.attune.attune("t1-desk", "session", "list"),
                 ROWS["renew_expired"] + ROWS["list_sessions"])  # The command goes on.
        self.ask("admin", "revoke_certificate", admin_pb2.RevokeCertificate(serial=b"\1" + new_id()))
        self.ask("admin", "revoke_device", admin_pb2.RevokeDevice(label="new"))
        self.ask("admin", "revoke_therapist", admin_pb2.RevokeTherapist(code="t50"))

    def life(self):
        admin, plan = admin_pb2, new_id()
        self.ask("admin", "put_retention", admin.PutRetention(site="North", years=9))
        self.ask("admin", "put_hold", admin.PutHold(client_ref="c2", because="x"))
        found = self.ask("admin", "plan_retention", admin.PlanRetention(plan_id=plan))
        while found.more:
            found = self.connection("admin").ask(plan_retention=admin.PlanRetention(plan_id=plan))
        self.ask("admin", "run_retention", admin.RunRetention(word=found.word))
        look = admin.EraseClient(client_ref="c3", numbers=admin.NUMBERS_KEEP)
        word = self.ask("admin", "erase_client", look, ["client.erase_look"]).word
        self.ask("admin", "erase_client", admin.EraseClient(client_ref="c3", numbers=admin.NUMBERS_KEEP, word=word))
        self.ask("admin", "who_saw", admin.WhoSaw(client_ref="c1"))
        self.ask("admin", "verify_audit", admin.VerifyAudit())

    def without(self):
        self.did("hello", lambda: self.connection("t2-desk"))
        self.ask("t2", "ping", envelope_pb2.Ping())
        self.ask("t2", "get_authority", enrol_pb2.GetAuthority())
        self.ask("t2", "watch", staff_pb2.Watch())

    # ---- what is refused ---------------------------------------------------------------------

    def refuse(self, actor, call, name, message):
        with self.assertRaises(Refused, msg=name) as caught:
            call(**{name: message})
        self.refused[actor, caught.exception.code] += 1

    def refuse_all(self, asked):
        for connection in self.open.values():
            connection.close()
        self.open.clear()  # They have been silent for long.
        kiosk, everyones = self.connection("k1"), ("ping", "renew_certificate", "get_authority")
        key = "device key " + fingerprint(self.attune.path("id-t2-desk/device.crt")).hex()[:16]
        for name in sorted(asked - {"hello", "enrol", "renew_expired", *everyones}):
            message = type(getattr(envelope_pb2.Request(), name))()
            if name == "submit_rating":
                self.refuse("t1", self.connection("t1").ask, name, message)
            else:
                self.refuse("k1", kiosk.ask, name, message)
        for name in everyones:
            early = Connection(self.attune.address, identity_context(self.attune.path("id-t2-desk")))
            self.addCleanup(early.close)
            self.refuse(key, early.ask, name, type(getattr(envelope_pb2.Request(), name))())
        self.refuse("k1", kiosk.ask, "hello", envelope_pb2.Hello(software="x", version="1", language="en", clock_ms=now_ms()))
        wrong = enrol_wire.Key(self.attune.path("wrong"))
        with enrol_wire.Connection(self.attune.address) as connection:
            self.refused["a device", connection.enrol(new_id(), wrong).code] += 1
        with open(self.attune.path("id-t2/device.crt"), encoding="ascii") as file:
            der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=file.read().encode(), check=True, capture_output=True).stdout
        with enrol_wire.Connection(self.attune.address) as connection:
            self.refused["a device", connection.renew_expired(der, wrong.request, wrong.sign(b"x")).code] += 1
        # A name that is there and one that is not: the rows of the second say no name.
        self.refuse("admin", self.connection("admin").ask, "reset_password", log_on_pb2.ResetPassword(name="nobody at all"))

    def test_each_request_leaves_its_row_and_each_refusal_too(self):
        asked = {field.name for field in envelope_pb2.Request.DESCRIPTOR.oneofs_by_name["body"].fields}
        self.assertEqual(asked, set(ROWS) | set(WITHOUT), "each request needs a line in one of the two tables")
        self.assertEqual(set(ROWS) & set(WITHOUT), set())
        self.without()
        self.practice()
        self.session()
        self.person()
        self.devices()
        self.life()
        missing = asked - set(self.done)
        print("audit requests={} with_row={} without={} missing={}".format(len(asked), len(ROWS), len(WITHOUT), len(missing)), flush=True)
        self.assertEqual(missing, set())
        self.assertEqual(self.wrong, [])
        self.refuse_all(asked)
        self.server.stop()
        counted = Counter()
        for actor, detail in self.attune.sql("select actor, detail from audit where action = 'refused'"):
            detail = json.loads(detail)
            self.assertEqual(set(detail), {"code", "count"})
            counted[actor, detail["code"]] += detail["count"]
        print(f"audit refused={sum(self.refused.values())} counted={sum(counted[key] for key in self.refused)} requests={len(asked)}", flush=True)
        self.assertEqual({key: counted[key] for key in self.refused}, self.refused)
        self.assertNotIn("nobody at all", "".join(row[0] for row in self.attune.sql("select a::text from audit a")))


if __name__ == "__main__":
    unittest.main()
