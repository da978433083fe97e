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

    def rated(self):
        """A practice with a rating."""
        self.practice()
        session = self.attune.open_session()
        self.attune.attune("k1", "rate", *LOW)
        self.attune.attune("t1", "session", "close", session)
        return self.anew()

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
        desk, other = self.rated()
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
        self.attune.add_therapist("t02", device="t2", clients=("c009",))
        self.attune.practice("cover", "t02", "--by", "t01", "--until", time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400)))
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


if __name__ == "__main__":
    unittest.main()
