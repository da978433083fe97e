"""Nobody sees what is not theirs: every request, from everyone, about everything.

Goal: the server's own refusal, request by request. Method: one table says who may ask what; everyone asks each request about what
is theirs and what is a colleague's, another site's, another practice's, over, or not there at all. A request that the protocol has and
this table has not fails the test. What is forbidden and what is not there must be answered alike, to the letter."""
import statistics
import time
import unittest

import admin_pb2
import enrol_pb2
import envelope_pb2
import kiosk_pb2
import log_on_pb2
import rights_pb2
import staff_pb2
from attune_wire import Connection, Refused, identity_context, new_id, now_ms
from harness import SERVER, Attune

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# client: practice, therapist. `old`: of t01 too, but before the supervisor's dates.
CLIENTS = {"c1": (1, "t01"), "old": (1, "t01"), "over": (1, "t01"), "c3": (1, "t02"), "c4": (1, "t03"), "c900": (2, "t01")}
UNKNOWN = "c0"

# Who asks: the device, and whose rows it wants to see.
ACTORS = {
    "kiosk": ("k1", None), "t01": ("t1", None), "t02": ("t2", None), "t03": ("t3", None),
    "cover": ("t2-desk", rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t01")),
    "supervisor": ("t3-desk", rights_pb2.ActFor(kind=rights_pb2.ACT_SUPERVISION, therapist="t01")),
    "glass": ("t4", rights_pb2.ActFor(kind=rights_pb2.ACT_BREAK_GLASS, client_ref="c3", reason="call from the ward")),
    "administrator": ("admin", None), "stranger": ("x1", None), "other administrator": ("admin2", None),
}
# Whose session, alert, goal is theirs to see, and of a client in a list.
SEES = {"t01": {"c1", "old"}, "t02": {"c3"}, "t03": {"c4"}, "cover": {"c1", "old"}, "supervisor": {"c1"}, "glass": {"c3"},
        "stranger": {"c900"}}
LISTED = {**SEES, "supervisor": {"c1", "old"}}  # A session of `old` is in the dates; of the one before nothing is told.

THERAPISTS = {"t01", "t02", "t03", "stranger"}
ADMINISTRATORS = {"administrator", "other administrator"}
READ_ONLY = {"supervisor", "glass"}
READS = THERAPISTS | READ_ONLY | {"cover"}
ACTS = THERAPISTS | {"cover"}
EVERYONE = set(ACTORS)


class Target:
    """A client, with one session, alert and goal of theirs; of one that is not there the ids are new."""

    def __init__(self, ref):
        self.ref, self.session, self.ticket, self.alert, self.goal = ref, new_id(), new_id(), new_id(), new_id()


def room_of(actor):
    return "South 9" if actor == "stranger" else "North 2"


# request: who may ask it; about what (None: about nobody), the code of what is not theirs, and the message.
def table(t):
    """For each request its row; the message is made for a target and an actor."""
    staff, admin, rights = staff_pb2, admin_pb2, rights_pb2
    return {
        "ping": (EVERYONE, None, 0, lambda c, a: envelope_pb2.Ping()),
        "submit_rating": ({"kiosk"}, None, None, lambda c, a: kiosk_pb2.SubmitRating(record=b"x", seal=1)),
        "open_session": (ACTS, "listed", 303, lambda c, a: staff.OpenSession(
            session_id=new_id(), client_ref=c.ref, room=room_of(a), planned_end_ms=now_ms() + HOUR_MS, take_over=True)),
        "invite_rating": (ACTS, "seen", 306, lambda c, a: staff.InviteRating(session_id=c.session)),
        "close_session": (ACTS, "seen", 306, lambda c, a: staff.CloseSession(session_id=c.session)),
        "list_sessions": (READS, "listed", 303, lambda c, a: staff.ListSessions(client_ref=c.ref)),
        "list_ratings": (READS, "listed", 303, lambda c, a: staff.ListRatings(client_ref=c.ref)),
        "list_alerts": (READS, "listed", 303, lambda c, a: staff.ListAlerts(client_ref=c.ref)),
        "watch": (READS, None, 0, lambda c, a: staff.Watch()),
        "receive_alerts": (ACTS, None, 0, lambda c, a: staff.ReceiveAlerts(alert_id=[new_id()])),  # See test_an_alert_…
        "acknowledge_alert": (ACTS, "seen", 313, lambda c, a: staff.AcknowledgeAlert(alert_id=c.alert, step=staff.STEP_SEEN)),
        "explain_alert": (READS, "seen", 313, lambda c, a: staff.ExplainAlert(alert_id=c.alert)),
        "put_goal": (ACTS, "seen", 306, lambda c, a: staff.PutGoal(goal_id=new_id(), session_id=c.session, area=1, words="x")),
        "end_goal": (ACTS, "seen", 315, lambda c, a: staff.EndGoal(goal_id=c.goal, outcome=staff.GOAL_REACHED)),
        "list_goals": (READS, "listed", 303, lambda c, a: staff.ListGoals(client_ref=c.ref)),
        "copy_client": (THERAPISTS, "listed", 303, lambda c, a: staff.CopyClient(client_ref=c.ref)),
        "list_caseload": (READS, None, 0, lambda c, a: staff.ListCaseload()),
        "list_rooms": (READS, None, 0, lambda c, a: staff.ListRooms()),
        "get_rules": (READS | ADMINISTRATORS, None, 0, lambda c, a: admin.GetRules()),
        "get_report": (THERAPISTS | ADMINISTRATORS, None, 0, lambda c, a: admin.GetReport(kind=admin.REPORT_KIND_THERAPISTS, weeks=4)),
        "act_for": (READS, None, None, lambda c, a: rights.ActFor()),
        "list_rights": (THERAPISTS | ADMINISTRATORS, None, 0, lambda c, a: rights.ListRights()),
        "list_looks": (THERAPISTS, None, 0, lambda c, a: rights.ListLooks()),
        "seen_look": (THERAPISTS, None, None, lambda c, a: rights.SeenLook(look_id=new_id())),
        # An administrator's, about what their practice is made of.
        "put_site": (ADMINISTRATORS, None, 0, lambda c, a: admin.PutSite(name=f"New of {a}")),
        "put_room": (ADMINISTRATORS, "site", 309, lambda c, a: admin.PutRoom(site=c, name="Cellar")),
        "put_therapist": (ADMINISTRATORS, "site", 309, lambda c, a: admin.PutTherapist(code="t99", site=c)),
        "put_client": (ADMINISTRATORS, "therapist", 310, lambda c, a: admin.PutClient(client_ref="c99", therapist=c)),
        "put_device": (ADMINISTRATORS, "therapist", 310, lambda c, a: admin.PutDevice(
            fingerprint=new_id() * 2, role=admin.ROLE_THERAPIST, label=new_id().hex(), therapist=c)),
        # Who may no longer: fault/revoked_test.py has the rest.
        "revoke_device": (ADMINISTRATORS, None, 233, lambda c, a: admin.RevokeDevice(label="x1" if a == "administrator" else "k1")),
        "revoke_therapist": (ADMINISTRATORS, None, 310, lambda c, a: admin.RevokeTherapist(
            code="t50" if a == "administrator" else "t02")),
        "revoke_certificate": (ADMINISTRATORS, None, 0, lambda c, a: admin.RevokeCertificate(serial=b"\1" + new_id())),
        "list_practice": (ADMINISTRATORS, None, 0, lambda c, a: admin.ListPractice(kind=admin.PRACTICE_CLIENTS)),
        "import_rating": (ADMINISTRATORS, "room", 304, lambda c, a: admin.ImportRating(
            session_id=new_id(), client_ref="c9" if a == "administrator" else "c900", therapist="t01", room=c,
            start_ms=now_ms() - DAY_MS, end_ms=now_ms() - DAY_MS + HOUR_MS,
            rating=kiosk_pb2.Rating(rating_id=new_id(), ticket_id=new_id(), skipped=True, instrument="x", made_at_ms=now_ms()))),
        "put_rules": (ADMINISTRATORS, None, 0, lambda c, a: admin.PutRules(file="ask.tension = 1\n")),
        "list_escalations": (ADMINISTRATORS, None, 0, lambda c, a: admin.ListEscalations()),
        "put_instrument": (ADMINISTRATORS, None, None, lambda c, a: admin.PutInstrument(file="x")),
        "list_instruments": (ADMINISTRATORS, None, 0, lambda c, a: admin.ListInstruments()),
        "get_instrument": (ADMINISTRATORS, None, None, lambda c, a: admin.GetInstrument(name="x")),
        "put_cover": (ADMINISTRATORS, "therapist", 310, lambda c, a: rights.PutCover(
            therapist=c, by="t01" if a == "other administrator" else "t03", until_ms=now_ms() + DAY_MS)),
        "put_supervision": (ADMINISTRATORS, "site", 309, lambda c, a: rights.PutSupervision(
            supervisor="t01", site=c, from_ms=now_ms() + DAY_MS, until_ms=now_ms() + 2 * DAY_MS)),
        "end_course": (ADMINISTRATORS, "client", 303, lambda c, a: rights.EndCourse(client_ref=c, therapist="t01")),
        "put_retention": (ADMINISTRATORS, "site", 309, lambda c, a: admin.PutRetention(site=c, years=9)),
        "put_hold": (ADMINISTRATORS, "client", 303, lambda c, a: admin.PutHold(client_ref=c, because="x")),
        # Who is at the device: what is not allowed is refused; the rest has a test of its own (log_on_test.py).
        **{name: (READS | ADMINISTRATORS, None, None, None) for name in ("log_on", "resume_log_on", "log_off")},
        **{name: (THERAPISTS | ADMINISTRATORS, None, None, None) for name in ("set_password", "begin_second_factor", "confirm_second_factor")},
        "add_account": (ADMINISTRATORS, None, None, lambda c, a: log_on_pb2.AddAccount(name="x")),
        "reset_password": (ADMINISTRATORS, None, None, lambda c, a: log_on_pb2.ResetPassword(name="x")),
        "list_accounts": (ADMINISTRATORS, None, 0, lambda c, a: log_on_pb2.ListAccounts()),
        "put_log_on": (ADMINISTRATORS, None, None, lambda c, a: log_on_pb2.PutLogOn(required=False)),
        # Devices: enrolment_test.py has the rest.
        **{name: (ADMINISTRATORS, None, None, lambda c, a, kind=kind: getattr(enrol_pb2, kind)()) for name, kind in (
            ("add_device", "AddDevice"), ("forget_code", "ForgetCode"))},
        "list_devices": (ADMINISTRATORS, None, 0, lambda c, a: enrol_pb2.ListDevices()),
        **{name: (EVERYONE, None, None, None) for name in ("renew_certificate", "get_authority")},
        **{name: (set(), None, None, None) for name in ("enrol", "renew_expired")},  # On a connection of their own kind.
        **{name: (ADMINISTRATORS, None, None, None) for name in (
            "verify_audit", "who_saw", "revoke_device", "revoke_therapist", "revoke_certificate")},
        "erase_client": (ADMINISTRATORS, None, None, lambda c, a: admin.EraseClient(client_ref="c0", numbers=1)),
        "plan_retention": (ADMINISTRATORS, None, None, None), "run_retention": (ADMINISTRATORS, None, None, None),
    }


# What each practice has, and what only the other one has: the second and the third of each must be answered alike.
PLACES = {"administrator": {"site": ("North", "Far", "Nowhere"), "therapist": ("t02", "t50", "t51"), "room": ("North 1", "South 9", "Nowhere"),
                            "client": ("gone", "c900", "c0")},
          "other administrator": {"site": ("Far", "North", "Nowhere"), "therapist": ("t50", "t02", "t51"),
                                  "room": ("South 9", "North 1", "Nowhere"), "client": ("c902", "c1", "c0")}}


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.attune = attune = Attune(sealed=False)
        cls.addClassCleanup(attune.close)
        attune.start_server()
        attune.add_room("North 1", kiosk="k1")
        attune.practice("add-site", "South")
        attune.practice("add-room", "North 2", "--site", "North")
        attune.add_therapist("t01", "North", "t1", ("c1", "old", "over", "gone", "c9"))
        attune.add_therapist("t02", "North", "t2", ("c3",))
        attune.add_therapist("t03", "South", "t3", ("c4",))
        attune.add_device("t4", "therapist", "--therapist", "t03")
        cls.make_other_practice()
        cls.targets = {ref: cls.make(ref) for ref in CLIENTS}
        cls.another_session(cls.targets["old"], 99)
        attune.practice("end-client", "over", "--therapist", "t01")
        attune.practice("cover", "t01", "--by", "t02", "--until", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400 * 3)))
        attune.practice("supervise", "t03", "--therapist", "t01", "--from", time.strftime("%Y-%m-%d", time.localtime(time.time() - 86400 * 9)),
                        "--to", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400 * 9)))

    @classmethod
    def make_other_practice(cls):
        attune = cls.attune
        for label in ("admin2", "x1"):
            attune.make_identity(label, practice=2)
        attune.run([SERVER, "setup", "--config", attune.path("server.conf"), "--practice", "Other practice",
                    "--certificate", attune.path("id-admin2/device.crt"), "--label", "admin2", "--without-log-on"], check=True)
        for words in (("add-site", "Far"), ("add-room", "South 9", "--site", "Far"), ("add-therapist", "t01", "--name", "Dr X", "--site", "Far"),
                      ("add-therapist", "t50", "--site", "Far"), ("add-client", "c900", "--therapist", "t01"), ("add-client", "c902", "--therapist", "t01"),
                      ("add-device", "--certificate", attune.path("id-x1/device.crt"), "--role", "therapist", "--label", "x1", "--therapist", "t01")):
            attune.attune("admin2", "practice", *words)

    @classmethod
    def make(cls, ref, whose=None, ago=None):
        """A session with all that hangs on it, behind the server's back."""
        practice, therapist = whose or CLIENTS[ref]
        t = Target(ref)
        at = f"now() - interval '{ago or ('100 days' if ref == 'old' else '1 hour')}'"
        whose = (f"(select c.course_id, c.therapist_id, c.practice_id, r.room_id, r.site_id from course c join client k using (practice_id, client_id)"
                 f" join therapist t using (practice_id, therapist_id) join room r on r.practice_id = c.practice_id where c.practice_id = {practice}"
                 f" and k.client_ref = '{ref}' and t.code = '{therapist}' order by r.room_id limit 1) w")
        s, k, a, g = (f"'{one.hex()}'" for one in (t.session, t.ticket, t.alert, t.goal))
        cls.attune.sql(f"""
            insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, colour, symbol)
                select practice_id, {s}, course_id, therapist_id, room_id, site_id, {at}, {at}, 1, 1 from {whose};
            insert into ticket select practice_id, {k}, {s}, course_id, therapist_id, {at}, {at} from {whose};
            insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end, made_at, skipped, instrument)
                select practice_id, {k}, {k}, {s}, course_id, therapist_id, {at}, {at}, {at}, true, 'x' from {whose};
            insert into alert (practice_id, alert_id, rating_id, session_id, course_id, therapist_id, session_start, rule, rule_version, tier, late,
                inputs, usual, wording, what, why, now, next_time)
                select practice_id, {a}, {k}, {s}, course_id, therapist_id, {at}, 'X', 1, 'red', false, '{{}}', '{{}}', 'en/1', 'a', 'b', 'c', 'd' from {whose};
            insert into alert_delivery (practice_id, alert_id, therapist_id) select practice_id, {a}, therapist_id from {whose};
            insert into goal (practice_id, goal_id, course_id, therapist_id, session_id, session_start, area, words)
                select practice_id, {g}, course_id, therapist_id, {s}, {at}, 'fit', 'x' from {whose} on conflict do nothing;""")
        return t

    @classmethod
    def another_session(cls, target, days):
        """Of the same client, so many days later, with nothing said in it; gives its ticket."""
        ticket = new_id().hex()
        cls.attune.sql(f"""
            insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, colour, symbol, state)
                select practice_id, '{ticket}', course_id, therapist_id, room_id, site_id, start_at + interval '{days} days',
                planned_end + interval '{days} days', 1, 1, 'closed' from session where session_id = '{target.session.hex()}';
            insert into ticket select practice_id, session_id, session_id, course_id, therapist_id, start_at, planned_end from session
                where session_id = '{ticket}'""")
        return ticket

    @classmethod
    def connect(cls, device):
        connection = Connection(cls.attune.address, identity_context(cls.attune.path(f"id-{device}")))
        connection.say_hello("rows")
        cls.addClassCleanup(connection.close)
        return connection

    def act(self, actor):
        device, act = ACTORS[actor]
        connection = self.connect(device)
        if act is not None:
            self.assertEqual(connection.ask(act_for=act).kind, act.kind)
        return connection

    def outcome(self, connection, request, message):
        """0, or the code and the words of the refusal."""
        try:
            connection.ask_until_taken(**{request: message})
            return 0, ""
        except Refused as refused:
            return refused.code, refused.text

    def test_each_request_from_everyone_about_everything(self):
        rows = table(self)
        asked = {field.name for field in envelope_pb2.Request.DESCRIPTOR.oneofs_by_name["body"].fields} - {"hello"}
        self.assertEqual(asked - set(rows), set(), "each request needs a row in table()")
        rows = {name: row for name, row in rows.items() if name in asked}
        counts, wrong, words = dict(allowed=0, denied=0), [], {}

        def judge(actor, request, about, expected, got):
            if expected == 0 and got[0] in (307, 308):
                got = (0, "")  # It was theirs to ask: somebody else has closed or parked it meanwhile.
            if got[0] != expected:
                wrong.append(f"{actor}: {request} about {about}: {got[0]} and not {expected}")
            counts["allowed" if got[0] == 0 else "denied"] += 1
            if got[0] != 0:
                words.setdefault((request, got[0]), set()).add(got[1])

        for actor in ACTORS:
            connection = self.act(actor)
            for request, (who, about, code, make) in rows.items():
                if actor not in who:
                    refused = 221 if actor in READS - THERAPISTS and who & THERAPISTS else 203
                    empty = type(getattr(envelope_pb2.Request(), request))()
                    message = make(self.targets["c1"] if about in ("seen", "listed") else "North", actor) if make else empty
                    judge(actor, request, "anything", refused, self.outcome(connection, request, message))
                elif about in ("seen", "listed"):
                    mine = SEES[actor] if about == "seen" else LISTED[actor]
                    for target in [*self.targets.values(), Target(UNKNOWN)]:
                        good = 0 if target.ref in mine else code
                        judge(actor, request, target.ref, good, self.outcome(connection, request, make(target, actor)))
                elif about is not None:
                    for i, name in enumerate(PLACES[actor][about]):
                        judge(actor, request, name, 0 if i == 0 else code, self.outcome(connection, request, make(name, actor)))
                elif make is not None and request != "act_for" and code is not None:
                    judge(actor, request, "nobody", code, self.outcome(connection, request, make(None, actor)))
            connection.close()
        print("rows requests={} actors={} allowed={allowed} denied={denied} wrong={}".format(
            len(rows), len(ACTORS), len(wrong), **counts), flush=True)
        self.assertEqual(wrong, [])
        # What is forbidden and what is not there are told in the same words.
        self.assertEqual({key: texts for key, texts in words.items() if len(texts) > 1}, {})

    def test_lists_hold_what_is_theirs_and_nothing_else(self):
        for actor, refs in LISTED.items():
            with self.subTest(actor):
                connection = self.act(actor)
                caseload = {client.client_ref for client in connection.ask(list_caseload=staff_pb2.ListCaseload()).clients}
                self.assertEqual(caseload - {"gone", "c9", "c902", "c99"}, refs)
                mine = {self.targets[ref].session for ref in SEES[actor]}
                sessions = {s.session_id for s in connection.ask(list_sessions=staff_pb2.ListSessions()).sessions}
                self.assertEqual(sessions & {t.session for t in self.targets.values()}, mine)
                alerts = {a.alert_id for a in connection.ask(list_alerts=staff_pb2.ListAlerts()).alerts}
                self.assertEqual(alerts, {self.targets[ref].alert for ref in SEES[actor]})
                connection.close()

    def test_an_alert_is_received_by_whose_it_is_and_by_who_covers(self):
        def received(ref):
            return self.attune.count("alert_delivery", f"alert_id = '{self.targets[ref].alert.hex()}' and received_at is not null")

        colleague = self.act("t03")
        colleague.ask(receive_alerts=staff_pb2.ReceiveAlerts(alert_id=[self.targets[ref].alert for ref in ("c1", "c3", "over", "c900")]))
        self.assertEqual([received(ref) for ref in ("c1", "c3", "over", "c900")], [0, 0, 0, 0])
        cover = self.act("cover")
        cover.ask(receive_alerts=staff_pb2.ReceiveAlerts(alert_id=[self.targets[ref].alert for ref in ("c1", "c3", "over")]))
        self.assertEqual([received(ref) for ref in ("c1", "over")], [1, 0])
        self.assertEqual(received("c3"), 1)  # The cover's own.

    def test_a_right_that_is_ended_ends_at_once_and_falls_back_to_nobody(self):
        attune = self.attune
        attune.practice("cover", "t03", "--by", "t02", "--until", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400)))
        connection = self.connect("t2-desk")
        connection.ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t03"))
        connection.ask(list_ratings=staff_pb2.ListRatings(client_ref="c4"))
        attune.practice("end-cover", "t03", "--by", "t02")
        for request in ({"list_ratings": staff_pb2.ListRatings(client_ref="c4")}, {"list_ratings": staff_pb2.ListRatings(client_ref="c3")},
                        {"list_caseload": staff_pb2.ListCaseload()}):
            with self.assertRaises(Refused) as refused:
                connection.ask(**request)
            self.assertEqual(refused.exception.code, 220)
        connection.ask(act_for=rights_pb2.ActFor())
        self.assertEqual([c.client_ref for c in connection.ask(list_caseload=staff_pb2.ListCaseload()).clients], ["c3"])
        with self.assertRaises(Refused) as refused:
            connection.ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t03"))
        unknown = self.outcome(connection, "act_for", rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t77"))
        self.assertEqual((refused.exception.code, refused.exception.text), unknown)
        self.assertEqual(unknown[0], 222)

    def test_a_supervisor_hears_nothing_that_was_said_before_their_dates(self):
        """An alert in the dates, made from sessions before them; and then, without these, the same alert whole."""
        target, figures = self.targets["c1"], ("31.1", "63.3", "8.7", "skips")
        self.attune.sql(f"""update alert set inputs = '{{"total": 120, "earlier": ["31.1"], "usual_twice": "63.3", "skips": 2}}',
            usual = '{{87,87,87,87}}', what = 'Safety 3 (usually 8.7)', why = '31.1 and less since', next_time = '8.7 before'
            where alert_id = '{target.alert.hex()}'""")
        ticket = self.another_session(target, -20)
        supervisor, cover = self.act("supervisor"), self.act("cover")

        def told(connection):
            listed = connection.ask(list_alerts=staff_pb2.ListAlerts()), connection.ask(list_alerts=staff_pb2.ListAlerts(client_ref="c1"))
            whole = connection.ask(explain_alert=staff_pb2.ExplainAlert(alert_id=target.alert))
            usual = [alert.usual.fit for page in listed for alert in page.alerts if alert.alert_id == target.alert] + [whole.alert.usual.fit]
            return [each for each in figures if each in f"{listed} {whole}"], usual, '"total": 120' in whole.inputs

        self.assertEqual(told(cover), (list(figures), [87] * 3, True))
        self.assertEqual(told(supervisor), ([], [0] * 3, True))
        self.attune.sql(f"delete from ticket where ticket_id = '{ticket}'; delete from session where session_id = '{ticket}'")
        self.assertEqual(told(supervisor), (list(figures), [87] * 3, True))

    def test_a_supervisor_hears_of_nobody_who_has_no_session_in_their_dates(self):
        self.attune.practice("add-client", "before", "--therapist", "t01")
        self.addCleanup(self.attune.practice, "end-client", "before", "--therapist", "t01")
        self.make("before", (1, "t01"), "100 days")
        supervisor, cover = self.act("supervisor"), self.act("cover")
        for connection, mine in ((cover, True), (supervisor, False)):
            caseload = [client.client_ref for client in connection.ask(list_caseload=staff_pb2.ListCaseload()).clients]
            self.assertEqual("before" in caseload, mine)
            self.assertEqual(self.outcome(connection, "list_ratings", staff_pb2.ListRatings(client_ref="before"))[0], 0 if mine else 303)

    def test_a_broken_glass_is_told_and_counted(self):
        owner = self.connect("t3")
        owner.ask(watch=staff_pb2.Watch())
        connection = self.connect("t2-desk")
        act = rights_pb2.ActFor(kind=rights_pb2.ACT_BREAK_GLASS, client_ref="c4", reason="the client is in the emergency room")
        first = connection.ask(act_for=act)
        self.assertEqual((first.therapist, first.client_ref, first.until_ms - first.from_ms), ("t03", "c4", 3_600_000))
        self.assertEqual(connection.ask(act_for=act).until_ms, first.until_ms)  # The same glass.
        self.assertEqual(len(connection.ask(list_ratings=staff_pb2.ListRatings(client_ref="c4")).ratings), 1)
        while True:
            push = owner.push()
            if push.WhichOneof("body") == "look":
                break
        self.assertEqual((push.look.by, push.look.client_ref, push.look.reason), ("Dr t02", "c4", act.reason))
        mine = [look for look in owner.ask(list_looks=rights_pb2.ListLooks()).looks if look.look_id == push.look.look_id]
        self.assertFalse(mine[0].seen)
        with self.assertRaises(Refused) as refused:
            self.connect("t1").ask(seen_look=rights_pb2.SeenLook(look_id=push.look.look_id))
        self.assertEqual(refused.exception.code, 333)
        owner.ask(seen_look=rights_pb2.SeenLook(look_id=push.look.look_id))
        self.assertTrue([look.seen for look in owner.ask(list_looks=rights_pb2.ListLooks()).looks if look.look_id == push.look.look_id][0])
        for client in ("c1", "old"):
            connection.ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_BREAK_GLASS, client_ref=client, reason="x"))
        missed = "action = 'glass.missed'"
        before = self.attune.count("audit", missed)
        spent = [self.outcome(connection, "act_for", rights_pb2.ActFor(kind=rights_pb2.ACT_BREAK_GLASS, client_ref=client, reason="x"))
                 for client in ("gone", "no-such-client", "c3")]  # A colleague's, nobody's, their own: not told apart.
        self.assertEqual((spent[0][0], len(set(spent))), (332, 1))
        self.assertEqual(self.attune.count("audit", missed) - before, 1)  # Once an hour.
        self.assertEqual(connection.ask(act_for=act).until_ms, first.until_ms)  # What is open stays open.
        self.assertEqual(self.attune.count("audit", "action = 'glass.break'") >= 3, True)

    def test_who_covers_is_told_what_the_colleague_would_be(self):
        cover = self.act("cover")
        cover.ask(watch=staff_pb2.Watch())
        wanted = {self.targets["c1"].session, self.targets["c3"].session}  # The colleague's, and their own.
        while wanted:
            push = cover.push()
            if push.WhichOneof("body") == "session_news":
                self.assertNotEqual(push.session_news.session.session_id, self.targets["over"].session)
                wanted.discard(push.session_news.session.session_id)
        cover.close()

    def test_who_covered_is_told_nothing_once_that_is_over_though_the_owner_watches(self):
        attune = self.attune
        attune.practice("cover", "t03", "--by", "t02", "--until", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400)))
        owner, cover = self.connect("t3"), self.connect("t2-desk")
        cover.ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t03"))

        def told(connection, target):
            """Until it was told of the session and of the alert."""
            connection.ask(watch=staff_pb2.Watch())
            left = {target.session, target.alert}
            while left:
                push = connection.push()
                left -= {push.alert.alert_id, push.session_news.session.session_id}
        told(cover, self.make("c4"))
        attune.practice("end-cover", "t03", "--by", "t02")
        target = self.make("c4")
        told(owner, target)
        cover.ask(ping=envelope_pb2.Ping())  # What one scan tells, it tells all.
        for push in cover.pushes:
            self.assertNotIn(push.alert.alert_id, {target.alert})
            self.assertNotIn(push.session_news.session.session_id, {target.session})
        owner.close()
        cover.close()

    def test_who_covers_is_told_whose_it_is_that_comes_and_what_may_be_chosen(self):
        attune = self.attune
        day = lambda days: time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400 * days))
        attune.practice("cover", "t03", "--by", "t02", "--until", day(3))
        attune.practice("supervise", "t02", "--site", "North", "--from", day(-1), "--to", day(9))
        desk = self.connect("t2-desk")
        listed = desk.ask(list_rights=rights_pb2.ListRights()).rights
        mine = [(r.kind, r.therapist) for r in listed if r.yours]
        self.assertIn((rights_pb2.ACT_COVER, "t03"), mine)
        self.assertIn((rights_pb2.ACT_SUPERVISION, "t01"), mine)  # A row for each at the site but oneself.
        self.assertNotIn((rights_pb2.ACT_SUPERVISION, "t02"), mine)
        self.assertEqual({r.person for r in listed if r.yours}, {"t02"})
        owner = self.connect("t3")
        self.assertIn(("t02", "t03", False), [(r.person, r.therapist, r.yours) for r in owner.ask(list_rights=rights_pb2.ListRights()).rights])
        owner.close()

        own, theirs = self.make("c3"), self.make("c4")

        def told(alert):
            while True:
                push = desk.push()
                if push.alert.alert_id == alert:
                    return push.therapist
        desk.ask(watch=staff_pb2.Watch())
        self.assertEqual(told(own.alert), "")
        desk.ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_COVER, therapist="t03"))
        desk.pushes.clear()
        self.assertEqual(told(theirs.alert), "t03")
        desk.ask(act_for=rights_pb2.ActFor())
        desk.pushes.clear()
        self.assertEqual(told(own.alert), "")  # Told before, and again to other eyes.
        desk.close()
        attune.practice("end-cover", "t03", "--by", "t02")
        attune.practice("end-supervision", "t02", "--site", "North")

    def test_forbidden_foreign_and_unknown_are_one_answer_and_their_times_are_printed(self):
        connection = self.act("t03")
        times = {"c1": [], UNKNOWN: [], "c900": []}
        for _ in range(200):
            for ref, took in times.items():
                begun = time.perf_counter()
                self.assertEqual(self.outcome(connection, "list_ratings", staff_pb2.ListRatings(client_ref=ref))[0], 303)
                took.append(time.perf_counter() - begun)
        medians = {ref: statistics.median(took) for ref, took in times.items()}
        print("rows_time forbidden/unknown={:.3f} foreign/unknown={:.3f} unknown_ms={:.2f}".format(
            medians["c1"] / medians[UNKNOWN], medians["c900"] / medians[UNKNOWN], 1000 * medians[UNKNOWN]), flush=True)


if __name__ == "__main__":
    unittest.main()
