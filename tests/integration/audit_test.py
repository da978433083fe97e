"""The audit, from the outside: what each act leaves, who can change it, and what is found when somebody has."""
import re
import unittest

from harness import AttuneTest, SERVER, wait_until

HEAD = re.compile(r"audit: head=(\d+) chain=([0-9a-f]{32}) seq=(\d+) hash=([0-9a-f]{64}) at=(\d+) signature=([0-9a-f]{128})")
# Rows that are not what their hash says, or do not follow the one before.
BROKEN = """(select a.*, lag(a.hash) over w as prior, lag(a.seq) over w as place from audit a
    window w as (partition by a.chain order by a.seq)) x
    where x.seq <> coalesce(x.place, 0) + 1 or x.hash <> sha256(coalesce(x.prior, decode(repeat('00', 32), 'hex'))
        || convert_to((select audit_text(b) from audit b where b.chain = x.chain and b.seq = x.seq), 'UTF8'))"""
UNSIGNED = """(select chain, max(seq) as seq from audit group by chain) a
    where seq > coalesce((select max(h.seq) from audit_head h where h.chain = a.chain), 0)"""


class AuditTest(AttuneTest):
    head_s = "1"

    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server(audit_head_s=self.head_s)
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))

    def broken(self):
        return int(self.attune.sql(f"select count(*) from {BROKEN}")[0][0])

    def unsigned(self):
        return int(self.attune.sql(f"select count(*) from {UNSIGNED}")[0][0])


class Heads(AuditTest):
    def test_each_chain_that_has_moved_is_signed_and_the_log_says_the_same(self):
        wait_until(lambda: self.unsigned() == 0, 20, "heads of all chains")
        kept = self.attune.sql("select number, replace(chain::text, '-', ''), seq, encode(hash, 'hex'),"
                               " (extract(epoch from at) * 1000)::bigint, encode(signature, 'hex') from audit_head order by number")
        wait_until(lambda: len(HEAD.findall(self.server.log())) >= len(kept), 10, "the heads in the log")
        said = [list(line) for line in HEAD.findall(self.server.log())]
        self.assertEqual(said[:len(kept)], kept)
        self.assertGreater(len(kept), 0)
        self.assertEqual([int(line[0]) for line in kept], list(range(1, len(kept) + 1)))

    def test_a_server_that_stops_signs_what_is_left(self):
        self.server.stop()
        self.attune.start_server(audit_head_s="3600")
        self.attune.attune("t1", "ratings", "--client", "c001")
        self.assertGreater(self.unsigned(), 0)
        self.attune.processes[-1].stop()
        self.assertEqual(self.unsigned(), 0)

    def test_what_a_killed_server_left_unsigned_is_signed_by_the_next(self):
        self.attune.attune("t1", "ratings", "--client", "c001")
        self.server.kill()
        self.attune.start_server("second", audit_head_s="1")
        wait_until(lambda: self.unsigned() == 0, 20, "heads of all chains")
        self.assertEqual(self.broken(), 0)

    def test_two_servers_at_once_and_one_killed_leave_no_broken_chain(self):
        second = self.attune.start_server("second", listen="127.0.0.1:0", audit_head_s="1")
        aggregator = self.attune.start_aggregator(audit_head_s="1")
        first_port, ports = self.attune.server_port, [self.attune.server_port, int(second.ports["listen"])]
        for turn in range(12):
            self.attune.server_port = ports[turn % 2 if second.alive() else 0]
            self.attune.attune("t1", "ratings", "--client", ("c001", "c002")[turn % 2])
            if turn == 7:
                second.kill()
        self.attune.server_port = first_port
        self.attune.start_server("third", listen="127.0.0.1:0", audit_head_s="1")  # It signs what the killed one left.
        wait_until(lambda: self.unsigned() == 0, 20, "heads of all chains")
        self.assertGreater(self.attune.count("(select distinct chain from audit) c"), 2)
        self.assertEqual(self.attune.count("audit", "action = 'ratings.read'"), 12)
        self.assertEqual(self.broken(), 0)
        self.assertTrue(aggregator.alive())
        numbers = [int(row[0]) for row in self.attune.sql("select number from audit_head order by number")]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_without_a_key_it_is_said_once_and_nothing_is_signed(self):
        self.server.stop()
        heads = self.attune.count("audit_head")
        server = self.attune.start_server(audit_key=None)
        self.attune.attune("t1", "ratings", "--client", "c001")
        server.stop()
        self.assertEqual(server.log().count("no audit_key"), 1)
        self.assertEqual(self.attune.count("audit_head"), heads)


class Verify(AuditTest):
    """Somebody with the owner's rights, or a superuser's, changes what stands there."""

    def setUp(self):
        super().setUp()
        for client in ("c001", "c002", "c001"):
            self.attune.attune("t1", "ratings", "--client", client)
        wait_until(lambda: self.unsigned() == 0, 20, "heads of all chains")
        self.server.stop()
        self.server = self.attune.start_server(audit_head_s="3600")
        # The longest chain that is signed to its end, and that nobody writes to any more.
        self.chain, self.length = self.attune.sql(
            "select chain, max(seq) from audit group by chain having max(seq) >= 4 order by max(seq) desc limit 1")[0]

    def tamper(self, statement):
        """As the owner, with the trigger out of the way."""
        tables = ("audit", "audit_head", "audit_key")
        self.attune.sql("".join(f"alter table {table} disable trigger audit_is_append_only;" for table in tables)
                        + statement + ";"
                        + "".join(f"alter table {table} enable trigger audit_is_append_only;" for table in tables), "attune_owner")

    def verify(self):
        done = self.attune.attune("admin", "audit", "verify", check=False)
        print("   ", done.out.replace("\n", "\n    "))
        return done

    def assert_named(self, what, seq=None):
        done = self.verify()
        self.assertEqual(done.code, 1, done.out + done.err)
        self.assertIn(what, done.out)
        self.assertIn(" broken=1", done.out)
        if seq is not None:
            self.assertIn(f"chain={self.chain.replace('-', '')} seq={seq} ", done.out)

    def row(self, seq):
        return f"chain = '{self.chain}' and seq = {seq}"

    def test_what_nobody_has_touched_is_verified_to_its_last_row(self):
        done = self.verify()
        self.assertEqual(done.code, 0, done.err)
        counts = dict(word.split("=") for word in done.out.split()[2:])
        self.assertEqual(counts["broken"], "0")
        self.assertEqual(counts["other_keys"], "0")
        self.assertEqual(int(counts["heads"]), self.attune.count("audit_head"))
        self.assertEqual(int(counts["rows"]), self.attune.count("audit"))
        self.assertEqual(int(counts["chains"]), self.attune.count("(select distinct chain from audit) c"))

    def test_it_goes_on_from_page_to_page(self):
        self.attune.sql("do $$ begin perform audit_add(1, 'x', 'many', null, null) from generate_series(1, 1700); end $$",
                        "attune_server")
        done = self.verify()
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"rows={self.attune.count('audit')} ", done.out)

    def test_a_changed_row_is_named(self):
        self.tamper(f"update audit set actor = 'somebody else' where {self.row(2)}")
        self.assert_named("changed", 2)

    def test_a_changed_client_is_named(self):
        self.tamper(f"update audit set clients = array[999] where {self.row(3)}")
        self.assert_named("changed", 3)

    def test_a_row_that_was_taken_out_is_named(self):
        self.tamper(f"delete from audit where {self.row(3)}")
        self.assert_named("missing", 3)

    def test_the_first_row_of_a_chain_is_missed_too(self):
        self.tamper(f"delete from audit where {self.row(1)}")
        self.assert_named("missing", 1)

    def test_a_tail_cut_off_behind_a_signed_head_is_named(self):
        self.tamper(f"delete from audit where chain = '{self.chain}' and seq >= {int(self.length) - 1}")
        self.assert_named("missing", int(self.length) - 1)

    def test_a_whole_chain_that_is_gone_is_named(self):
        self.tamper(f"delete from audit where chain = '{self.chain}'")
        self.assert_named("missing", 1)

    def test_an_inserted_row_is_named(self):
        self.tamper("insert into audit select chain, seq + 1, practice_id, at, 'nobody', scope, person, subject, action, clients,"
                    f" detail, hash from audit where {self.row(self.length)}")
        self.assert_named("inserted", int(self.length) + 1)

    def test_a_chain_made_anew_from_a_row_on_is_not_what_was_signed(self):
        """Every hash is right again; only the head knows."""
        self.tamper(f"""do $$ declare a audit; prior bytea := decode(repeat('00', 32), 'hex'); begin
            for a in select * from audit where chain = '{self.chain}' order by seq loop
                if a.seq = 2 then a.actor := 'somebody else'; end if;
                a.hash := sha256(prior || convert_to(audit_text(a), 'UTF8'));
                update audit u set actor = a.actor, hash = a.hash where u.chain = a.chain and u.seq = a.seq;
                prior := a.hash;
            end loop; end $$""")
        self.assertEqual(self.broken(), 0)
        self.assert_named("changed")

    def test_a_forged_head_is_named(self):
        self.tamper("update audit_head set seq = seq - 1 where number = 1")
        self.assert_named("head's signature")

    def test_a_head_that_was_taken_out_is_named(self):
        self.tamper("delete from audit_head where number = 1")
        self.assert_named("head missing")

    def test_heads_cut_off_under_a_running_server_are_said_in_its_log(self):
        self.server.stop()
        self.server = self.attune.start_server("third", audit_head_s="1")
        self.attune.attune("t1", "ratings", "--client", "c001")
        wait_until(lambda: HEAD.search(self.server.log()), 20, "a head of its own")
        self.tamper("delete from audit_head where number > 1")
        self.attune.attune("t1", "ratings", "--client", "c001")
        wait_until(lambda: "is not there any more" in self.server.log(), 20, "the server to miss it")

    def test_heads_of_another_key_are_counted(self):
        self.server.stop()
        self.attune.run([SERVER, "pki", "audit-key", self.attune.path("other.key")], check=True)
        self.server = self.attune.start_server(audit_key=self.attune.path("other.key"))
        done = self.verify()
        self.assertEqual(done.code, 0)
        self.assertNotIn("other_keys=0", done.out)


class Refused(AuditTest):
    """Every kind of statement as every role; what an owner can do by DDL is found out."""

    # What changes or takes away what stands there, or adds to it past audit_add.
    STATEMENTS = (
        "update {t} set {c} = {c}",
        "update {t} set {c} = {c} where false",
        "delete from {t}",
        "delete from {t} where false",
        "truncate {t}",
        "truncate {t} cascade",
        "truncate practice, {t} cascade",
        "insert into {t} select * from {t} limit 1 on conflict ({k}) do update set {c} = excluded.{c}",
        "merge into {t} a using (select 1) u on true when matched then delete",
        "merge into {t} a using (select 1) u on true when matched then update set {c} = a.{c}",
        "with gone as (delete from {t} returning 1) select count(*) from gone",
        "with now as (update {t} set {c} = {c} returning 1) select count(*) from now",
        "create temp view v as select * from {t}; update v set {c} = {c}",
        "create temp view v as select * from {t}; delete from v",
        "create function pg_temp.f() returns void language sql as $$ delete from {t} $$; select pg_temp.f()",
        "do $$ begin execute 'update {t} set {c} = {c}'; end $$",
        "prepare p as delete from {t}; execute p",
        "select 1 from {t} for update; update {t} set {c} = {c}",
        "set session_replication_role = replica; delete from {t}",
    )
    # What servers' roles may not do besides: the owner's table is the owner's.
    NOT_OWNER = (
        "insert into {t} select * from {t} limit 1",
        "select * from {t}",
        "copy {t} to stdout",
        "copy {t} from stdin",
        "alter table {t} disable trigger audit_is_append_only",
        "alter table {t} disable trigger all",
        "drop trigger audit_is_append_only on {t}",
        "drop table {t}",
        "drop table {t} cascade",
        "alter table {t} rename to gone",
        "alter table {t} drop column {c}",
        "alter table {t} owner to current_user",
        "alter table {t} add column more int",
        "create trigger more before insert on {t} for each row execute function audit_is_append_only()",
        "create rule more as on insert to {t} do instead nothing",
        "create or replace function audit_is_append_only() returns trigger language plpgsql as 'begin return null; end'",
        "create or replace function audit_text(a audit) returns text language sql as 'select null::text'",
        "drop function audit_is_append_only cascade",
        "lock table {t} in exclusive mode",
        "create index on {t} ({c})",
        "cluster {t}",
        "grant update on {t} to public",
        "create policy more on {t}",
        "reindex table {t}",
        "comment on table {t} is 'x'",
    )
    TABLES = (("audit", "actor", "chain, seq"), ("audit_head", "at", "number"), ("audit_key", "since", "key"))

    def tries(self):
        for table, column, key in self.TABLES:
            for role in ("attune_server", "attune_aggregator", "attune_owner"):
                for statement in self.STATEMENTS + (() if role == "attune_owner" else self.NOT_OWNER):
                    yield role, statement.replace("{t}", table).replace("{c}", column).replace("{k}", key)

    def test_no_role_changes_the_audit_by_any_statement(self):
        wait_until(lambda: self.attune.count("audit_head") > 0, 20, "a head")
        before = self.attune.sql("select md5(string_agg(a::text, ',' order by chain, seq)) from audit a where actor <> 'x'")
        refused, through = 0, []
        for role, statement in self.tries():
            try:
                self.attune.sql(f"begin; {statement}; rollback", role)
                through.append((role, statement))
            except AssertionError as fault:
                refused += 1
                if not re.search(r"permission denied|must be owner|append-only|not permitted|must be able to SET ROLE"
                                 r"|cannot truncate", str(fault)):
                    through.append((role, statement, str(fault)[-200:]))
        print(f"    audit refused {refused}/{refused + len([t for t in through if len(t) == 2])}")
        self.assertEqual(through, [])
        self.assertEqual(before, self.attune.sql(
            "select md5(string_agg(a::text, ',' order by chain, seq)) from audit a where actor <> 'x'"))


class Who(AuditTest):
    def test_a_client_s_page_says_who_when_what_and_why(self):
        self.attune.add_therapist("t02", device="t2", clients=("c003",))
        self.attune.open_session()
        self.attune.attune("t1", "ratings", "--client", "c001")
        self.attune.attune("t1", "ratings", "--client", "c002")
        self.attune.attune("t2", "ratings", "--client", "c001", check=False)
        rows = self.attune.attune("admin", "audit", "who", "c001", "--json").json()
        self.assertEqual([row["action"] for row in rows],
                         ["ratings.read", "session.invite", "session.open", "practice.put_client"])
        self.assertEqual({(row["person"], row["scope"], row["actor"]) for row in rows[:3]}, {("Dr t01", "therapist", "t1")})
        self.assertEqual(rows[3]["scope"], "administrator")
        page = self.attune.attune("admin", "audit", "who", "c001").out
        print(page)
        for words in ("c001", "Test practice", "Dr t01 (device t1)", "saw your answers", "is your therapist",
                      "opened a session with you", "looked at this list"):
            self.assertIn(words, page)
        self.assertNotIn("Dr t02", page)
        self.assertNotRegex(page, "[0-9a-f]{32}|ratings\\.read|jsonb|scope")
        self.assertLess(max(len(line) for line in page.split("\n")), 132)

    def test_a_client_s_page_says_on_which_kiosk_each_rating_was_given(self):
        kiosk, = self.attune.sql("select fingerprint, label from device where role = 'kiosk'")
        for given in (1, 2):
            session = self.attune.open_session()
            self.attune.attune(kiosk[1], "rate", "--understanding", "7", "--relevance", "7", "--safety", "7", "--fit", "7")
            self.attune.attune("t1", "session", "close", session)
            self.assertEqual(self.attune.sql("select distinct device from rating"), [[kiosk[0]]])
            rows = self.attune.attune("admin", "audit", "who", "c001", "--json").json()
            self.assertEqual([row["actor"] for row in rows if row["action"] == "rating.given"], [kiosk[1]] * given)
        self.assertEqual(rows, sorted(rows, key=lambda row: row["at"], reverse=True))
        self.assertIn("is the kiosk on which you gave your answers", self.attune.attune("admin", "audit", "who", "c001").out)

    def test_a_client_that_is_not_there_and_a_therapist_who_asks_are_refused(self):
        self.assertEqual(self.attune.attune("admin", "audit", "who", "nobody", check=False).code, 1)
        self.assertEqual(self.attune.attune("t1", "audit", "who", "c001", check=False).code, 77)
        self.assertEqual(self.attune.attune("t1", "audit", "verify", check=False).code, 77)

    def test_pages_follow_each_other_over_spans_without_a_gap_or_a_double(self):
        client = self.attune.sql("select client_id from client where client_ref = 'c001'")[0][0]
        self.attune.sql(f"do $$ begin perform audit_add(1, 'row ' || n, 'ratings.read', array[{client}], null)"
                        " from generate_series(1, 130) n; end $$", "attune_server")
        self.attune.sql("alter table audit disable trigger all; update audit set at = at - interval '11 days'"
                        " * substr(actor, 5)::int where actor like 'row %'; alter table audit enable trigger all", "attune_owner")
        rows = self.attune.attune("admin", "audit", "who", "c001", "--json").json()
        self.assertEqual([row["actor"] for row in rows if row["actor"].startswith("row ")],
                         [f"row {n}" for n in range(1, 131)])
        some = self.attune.attune("admin", "audit", "who", "c001", "--from", rows[-1]["at"][:10], "--to", rows[-3]["at"][:10],
                                  "--json").json()
        self.assertEqual(len(some), 3)


if __name__ == "__main__":
    unittest.main()
