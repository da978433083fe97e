"""What is shown without being asked for stands in the audit before it is shown: on whose screen, and of whom.

Method: everything that a connection is pushed is held against the rows: each once, for each screen, and none for who was told
nothing. Each kind of push that the protocol has is in one of two lists."""
import os
import time
import unittest
from collections import Counter

import envelope_pb2
import rights_pb2
import staff_pb2
from attune_wire import Connection, identity_context
from harness import AttuneTest, wait_until

LOW = ("--understanding", "2", "--relevance", "2", "--safety", "2", "--fit", "2")
OWN = "a therapist's own words"

# What leaves a row, and why the others leave none.
NOTED = {"session_news": "session.push", "alert": "alert.push", "look": "look.push"}
NOT_NOTED = {
    "draining": "says nothing about anybody",
    "authority_changed": "says nothing about anybody",
    "resend": "to a kiosk: times alone",
    "locked": "a number, and nobody whom it is about",
    "room_state": "to a room's kiosk, which is no person's screen: a therapist, a time, a colour; the session's own rows say who opened it",
}


def thing(push):
    """Its action and id, as a row has them; None for what leaves none."""
    kind = push.WhichOneof("body")
    if kind not in NOTED:
        return None
    of = {"session_news": lambda: push.session_news.session.session_id, "alert": lambda: push.alert.alert_id,
          "look": lambda: push.look.look_id}[kind]
    return NOTED[kind], of().hex()


class PushTest(AttuneTest):
    def setUp(self):
        super().setUp()
        self.prepare()

    def prepare(self):
        self.server = self.attune.start_server(poll_ms="100")
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002", "c003"))
        self.attune.add_therapist("t02", device="t2", clients=("c101",))

    def connect(self, device, **act):
        connection = Connection(self.attune.address, identity_context(self.attune.path(f"id-{device}")))
        self.addCleanup(connection.close)
        connection.say_hello("pushes")
        connection.told = Counter()
        if act:
            connection.ask(act_for=rights_pb2.ActFor(**act))
        return connection

    def watching(self, device, **act):
        connection = self.connect(device, **act)
        connection.ask(watch=staff_pb2.Watch())
        return connection

    def rows(self, actor):
        """How often each thing was noted for that screen."""
        return Counter({(action, one): int(count) for action, one, count in self.attune.sql(
            "select a.action, replace(i.id, '-', ''), count(*) from audit a, jsonb_array_elements_text(a.detail -> 'ids') i (id)"
            f" where a.action like '%.push' and a.actor = '{actor}' group by 1, 2")})

    def take(self, connection, actor):
        """The next push, whose row is there before it is. Returns its kind."""
        push = connection.push()
        if thing(push) is not None:
            connection.told[thing(push)] += 1
            self.assertGreaterEqual(self.rows(actor)[thing(push)], connection.told[thing(push)])
        return push.WhichOneof("body")

    def take_until(self, connection, actor, kind, count=1):
        while sum(n for (action, _), n in connection.told.items() if action == NOTED[kind]) < count:
            self.take(connection, actor)

    def settle(self, connection, actor):
        """Some polls later nothing has come on top, and what was told is what was noted."""
        scans = self.attune.metric(self.server, "attune_feed_scans_total")
        wait_until(lambda: self.attune.metric(self.server, "attune_feed_scans_total") > scans + 12, 20, "more scans")
        connection.ask(ping=envelope_pb2.Ping())
        while connection.pushes:
            self.take(connection, actor)
        self.assertEqual(connection.told, self.rows(actor))

    def rate_low(self, client="c001"):
        session = self.attune.open_session(client=client)
        self.attune.attune("k1", "rate", *LOW)
        self.attune.attune("t1", "session", "close", session)
        return session


class Pushes(PushTest):
    def test_every_kind_of_push_leaves_a_row_or_says_why_not(self):
        kinds = {field.name for field in envelope_pb2.Push.DESCRIPTOR.oneofs_by_name["body"].fields}
        self.assertEqual(kinds, set(NOTED) | set(NOT_NOTED), "each push needs a line in one of the two lists")
        self.assertEqual(set(NOTED) & set(NOT_NOTED), set())

    def test_each_screen_that_is_told_has_each_thing_once_and_no_other_screen_any(self):
        desks = {actor: self.watching(actor) for actor in ("t1", "t1-desk", "t2-desk")}
        session = self.attune.open_session(therapist="t2", client="c101", invite=False)
        self.take_until(desks["t2-desk"], "t2-desk", "session_news")
        self.attune.attune("t2", "session", "close", session)
        desks["t1"].close()
        self.rate_low()
        self.take_until(desks["t1-desk"], "t1-desk", "alert")
        t1 = self.watching("t1")  # Both at once: everything that there is.
        self.take_until(t1, "t1", "alert")
        self.take_until(t1, "t1", "session_news")
        for actor, connection in (("t1-desk", desks["t1-desk"]), ("t1", t1), ("t2-desk", desks["t2-desk"])):
            self.settle(connection, actor)
        self.assertGreaterEqual(sum(n for (action, _), n in desks["t1-desk"].told.items() if action == "session.push"), 2)
        self.assertEqual({action for action, _ in desks["t2-desk"].told}, {"session.push"})
        noted = sum(sum(self.rows(actor).values()) for actor in desks)
        told = sum(sum(c.told.values()) for c in (t1, desks["t1-desk"], desks["t2-desk"]))
        print(f"pushes told={told} noted={noted} actors={len(desks)}", flush=True)
        self.assertEqual(told, noted)
        self.assertEqual(self.attune.sql("select distinct scope, person, subject, clients from audit where action = 'alert.push'"),
                         [["therapist", "1", "", "{1}"]])
        page = self.attune.attune("admin", "audit", "who", "c001").out
        self.assertEqual(page.count("was shown that one of your answers needs attention"), 2, page)
        self.assertIn("was shown how a session with you stands", page)
        self.assertIn("Dr t01 (device t1-desk)", page)
        self.assertIn(" broken=0", self.attune.attune("admin", "audit", "verify").out)

    def test_what_comes_together_is_one_row(self):
        sessions = [self.rate_low(client) for client in ("c001", "c002", "c003")]
        wait_until(lambda: self.attune.count("alert_delivery") == 3, 20, "the alerts")
        desk = self.watching("t1-desk")
        self.take_until(desk, "t1-desk", "alert", 3)
        self.take_until(desk, "t1-desk", "session_news", 3)
        self.settle(desk, "t1-desk")
        self.assertEqual({one for action, one in desk.told if action == "session.push"}, set(sessions))
        self.assertEqual(self.attune.sql("select action, jsonb_array_length(detail -> 'ids'), clients from audit"
                                         " where action like '%.push' order by 1"),
                         [["alert.push", "3", "{1,2,3}"], ["session.push", "3", "{1,2,3}"]])

    def test_who_covers_and_who_is_told_of_a_look_have_rows_of_their_own(self):
        day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400))
        self.attune.practice("cover", "t01", "--by", "t02", "--until", day)
        cover = self.watching("t2-desk", kind=rights_pb2.ACT_COVER, therapist="t01")
        self.rate_low()
        self.take_until(cover, "t2-desk", "alert")
        self.settle(cover, "t2-desk")
        self.assertEqual(self.attune.sql("select distinct scope, person, subject, clients from audit where action like '%.push'"),
                         [["cover", "2", "1", "{1}"]])
        cover.close()
        owner = self.watching("t1-desk")
        self.connect("t2").ask(act_for=rights_pb2.ActFor(kind=rights_pb2.ACT_BREAK_GLASS, client_ref="c002", reason="x"))
        self.take_until(owner, "t1-desk", "look")
        self.settle(owner, "t1-desk")
        self.assertEqual(self.attune.sql("select scope, person, clients from audit where action = 'look.push'"),
                         [["therapist", "1", "{2}"]])
        self.assertIn("was told that somebody else looked", self.attune.attune("admin", "audit", "who", "c002").out)

    def test_what_cannot_be_noted_is_not_shown_and_shown_once_it_can(self):
        desk = self.watching("t1-desk")
        self.attune.sql("revoke execute on function audit_pushed from attune_server", "attune_owner")
        session = self.attune.open_session(invite=False)
        scans = self.attune.metric(self.server, "attune_feed_scans_total")
        wait_until(lambda: self.attune.metric(self.server, "attune_feed_scans_total") > scans + 6, 20, "more scans")
        desk.ask(ping=envelope_pb2.Ping())
        self.assertEqual([thing(push) for push in desk.pushes if thing(push)], [])
        self.attune.sql("grant execute on function audit_pushed to attune_server", "attune_owner")
        self.take_until(desk, "t1-desk", "session_news")
        self.settle(desk, "t1-desk")
        self.assertEqual(desk.told, Counter({("session.push", session): 1}))


class Locked(PushTest):
    log_on = True

    def prepare(self):
        first = self.attune.setup_said.split("one-time password ")[1].split()[0]
        os.makedirs(self.attune.path("run"), exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = self.attune.path("run")
        self.addCleanup(os.environ.pop, "XDG_RUNTIME_DIR")
        self.server = self.attune.start_server(poll_ms="100")
        self.attune.start_aggregator()
        self.attune.attune("admin", "log-on", "--name", "admin", stdin=f"{first}\nthe first one of all\n")
        self.attune.add_room()
        self.attune.add_therapist()
        password = self.attune.attune("admin", "account", "add", "lund", "--therapist", "t01").out.strip()
        self.attune.attune("t1", "log-on", stdin=f"{password}\n{OWN}\n", environment={"LC_ALL": "C.UTF-8"})

    def test_a_locked_screen_is_told_nothing_and_has_no_row_until_somebody_is_there(self):
        desk = self.watching("t1-desk")
        self.rate_low()
        wait_until(lambda: self.attune.count("alert_delivery") == 1, 20, "the alert")
        while self.take(desk, "t1-desk") != "locked":
            pass
        self.settle(desk, "t1-desk")
        self.assertEqual(self.attune.count("audit", "action like '%.push'"), 0)
        desk.ask(log_on={"password": OWN})
        self.take_until(desk, "t1-desk: lund", "alert")
        self.take_until(desk, "t1-desk: lund", "session_news")
        self.settle(desk, "t1-desk: lund")
        self.assertEqual(self.attune.count("audit", "action = 'alert.push'"), 1)


if __name__ == "__main__":
    unittest.main()
