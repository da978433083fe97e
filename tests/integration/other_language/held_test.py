"""The keys database answers late: what was on its way meets a desk that was locked meanwhile, or that sees others' rows no more."""
import time
import unittest

from attune_wire import Refused
from harness import wait_until
from log_on_test import FIRST, LOW, NEWS, OWN
import log_on_test

ENDED = 220


class Held(log_on_test.LogOnTest):
    pseudonyms = True

    def rate(self, **more):
        session = self.attune.open_session(**more)
        self.attune.attune("k1", "rate", *LOW)
        self.attune.attune(more.get("therapist", "t1"), "session", "close", session)

    def cover(self):
        """t01 stands in for t02, whose client is c009."""
        self.attune.add_therapist("t02", device="t2", clients=("c009",))
        self.attune.practice("cover", "t02", "--by", "t01", "--until", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400)))

    def anew(self):
        """A server that has learnt no name yet, and two desks of one therapist that are logged on."""
        self.attune.processes[0].stop()
        self.attune.start_server("server-2", **self.options)
        return self.on("t1-desk"), self.on("t1")

    def hold_names(self):
        """Ends when what is returned is called: with that all that was asked by then has been answered, in its order."""
        held = "relation = 'client_key'::regclass and mode = 'AccessExclusiveLock'"
        self.attune.start("holder", ["psql", "-X", "-h", self.attune.keys_cluster, "-U", "postgres", "-d", self.attune.keys_database, "-c",
                                     "begin; lock table client_key in access exclusive mode; select pg_sleep(60)"])
        wait_until(lambda: self.attune.keys_sql(f"select 1 from pg_locks where {held} and granted"), 10, "the names to be held")
        self.addCleanup(self.attune.keys_sql, f"select pg_terminate_backend(pid) from pg_locks where {held}")

        def let_go(last):
            seq = last.send(list_caseload={})
            self.attune.keys_sql(f"select pg_terminate_backend(pid) from pg_locks where {held}")
            self.assertEqual(last.answer(seq).caseload.clients[0].client_ref, "c001")
        return let_go

    def wait_for_held(self):
        wait_until(lambda: self.attune.keys_sql("select 1 from pg_locks where relation = 'client_key'::regclass and not granted"), 10,
                   "a question for a name")

    def news_of(self, desk):
        """What has come by now."""
        for _ in range(3):
            desk.ask(ping={})
        return [push.WhichOneof("body") for push in desk.pushes if push.WhichOneof("body") in NEWS]

    def test_nothing_of_a_client_reaches_a_desk_that_was_locked_meanwhile(self):
        self.practice()
        self.rate()
        desk, other = self.anew()
        self.alert("X")
        let_go = self.hold_names()
        asked = desk.send(list_caseload={})
        self.wait_for_held()
        desk.ask(watch={})
        wait_until(lambda: self.attune.metric(self.attune.processes[1], "attune_alerts_pushed_total"), 10, "the alert to be on its way")
        desk.ask(log_off={})
        let_go(other)
        with self.assertRaises(Refused) as refused:
            desk.answer(asked)
        self.assertEqual(refused.exception.code, FIRST)
        self.assertEqual(self.news_of(desk), [])
        desk.ask(log_on={"password": OWN})  # It comes again.
        while desk.push().alert.client_ref != "c001":
            pass

    def test_nothing_of_a_colleague_s_client_reaches_who_has_let_go_of_them_meanwhile(self):
        self.practice()
        self.cover()
        desk, other = self.anew()
        desk.ask(act_for={"kind": 1, "therapist": "t02"})
        let_go = self.hold_names()
        asked = desk.send(list_caseload={})
        self.wait_for_held()
        desk.ask(act_for={})
        own = desk.send(list_caseload={})
        let_go(other)
        with self.assertRaises(Refused) as refused:
            desk.answer(asked)
        self.assertEqual(refused.exception.code, ENDED)
        self.assertEqual([client.client_ref for client in desk.answer(own).caseload.clients], ["c001"])

    def test_a_right_that_is_granted_late_is_not_had_by_who_has_let_go_meanwhile(self):
        self.practice()
        self.cover()
        desk, _ = self.anew()
        held = "relation = 'cover'::regclass and mode = 'AccessExclusiveLock'"
        self.attune.start("holder", ["psql", "-X", "-h", self.attune.cluster, "-U", "postgres", "-d", self.attune.database, "-c",
                                     "begin; lock table cover in access exclusive mode; select pg_sleep(60)"])
        wait_until(lambda: self.attune.sql(f"select 1 from pg_locks where {held} and granted"), 10, "the rights to be held")
        late = desk.send(act_for={"kind": 1, "therapist": "t02"})
        wait_until(lambda: self.attune.sql("select 1 from pg_locks where relation = 'cover'::regclass and not granted"), 10, "who asks")
        desk.ask(act_for={})
        self.attune.sql(f"select pg_terminate_backend(pid) from pg_locks where {held}")
        with self.assertRaises(Refused) as refused:
            desk.answer(late)
        self.assertEqual(refused.exception.code, ENDED)
        self.assertEqual([client.client_ref for client in desk.ask(list_caseload={}).clients], ["c001"])
        desk.ask(act_for={"kind": 1, "therapist": "t02"})
        self.assertEqual([client.client_ref for client in desk.ask(list_caseload={}).clients], ["c009"])

    def names_are_there(self, there):
        name = self.attune.keys_database
        self.attune.psql("postgres", f"alter database {name} allow_connections {'true' if there else 'false'}", cluster=self.attune.keys_cluster)
        self.attune.psql("postgres", f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
                         cluster=self.attune.keys_cluster)

    def test_news_that_waited_for_the_names_is_told_as_it_is_once_they_are_back(self):
        self.practice()
        self.cover()
        password = self.cli("admin", "account", "add", "berg", "--therapist", "t02").out.strip()
        self.cli("t2", "log-on", lines=(password, OWN))
        self.rate()
        self.rate(therapist="t2", client="c009")
        desk, _ = self.anew()
        desk.ask(act_for={"kind": 1, "therapist": "t02"})
        self.names_are_there(False)
        self.alert("X")
        desk.ask(watch={})
        wait_until(lambda: self.attune.metric(self.attune.processes[-1], "attune_alerts_pushed_total") == 2, 10, "both alerts to wait")
        self.attune.practice("end-cover", "t02", "--by", "t01")
        self.names_are_there(True)
        told = [desk.push()]
        while told[-1].alert.client_ref != "c001":
            told.append(desk.push())
        self.news_of(desk)
        self.assertNotIn("c009", str(told + desk.pushes))


if __name__ == "__main__":
    unittest.main()
