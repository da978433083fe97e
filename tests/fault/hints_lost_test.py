"""Row 25: no NOTIFY arrives and the listening connections are ended. Alerts come all the same, by looking at the tables."""
import unittest

from faults import FaultTest, wait_until

# Found before pg_catalog's own: a notification that says nothing and counts.
SILENT = """
create schema silent;
create sequence silent.calls;
create function silent.pg_notify(text, text) returns void language sql as $$ select nextval('silent.calls') $$;
grant usage on schema silent to public;
grant usage on sequence silent.calls to public;
alter database {database} set search_path = silent, pg_catalog, public;
"""


class HintsLost(FaultTest):
    def test_alerts_come_within_the_poll_interval(self):
        self.attune.sql(SILENT.format(database=self.attune.database).replace(
            "select nextval('silent.calls')", "select nextval('silent.calls'); select null::void"))
        self.populate(300)
        server = self.attune.start_server(poll_ms=500)
        self.attune.start_aggregator(poll_ms=500)
        load = self.play(rate=100)
        wait_until(lambda: self.attune.count("rating") > 50, 30, "fifty ratings")
        self.fault()
        # Between two looks the listening connection has asked nothing but whether it is alive.
        ended = self.attune.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                                "where datname = current_database() and query = 'select 1'")
        seen = self.watch_to_the_end(load)
        self.note_rss(server)
        self.check("hints_lost")
        calls = int(self.attune.sql("select last_value from silent.calls")[0][0])
        print(f"  suppressed={calls} listeners_ended={ended[0][0]} alert_p50_ms={seen['alert_p50_ms']} "
              f"alert_p99_ms={seen['alert_p99_ms']}", flush=True)
        self.assertGreater(calls, 10)
        self.assertGreater(int(ended[0][0]), 0)


if __name__ == "__main__":
    unittest.main()
