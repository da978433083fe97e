"""backlog: ratings a second that one aggregator evaluates with everything on (UNUSUAL, ruptures, roll-ups, one rating in twelve very
low), beside the floor: the same claims read and let go of by SQL alone."""
import time

from bench import line, median, practice, table
from evaluate_bench import POPULATE

GOAL, COURSES, LENGTH, BATCH, PER_S = ">=1 (5,000/s)", 1000, 21, 20, 5000
# Everything on, and a low one now and then; then the last twelve of each course, BATCH a batch.
SETTINGS = """
insert into rule_settings (practice_id, version, numbers, made_by) select {p}, 1, array[360, 15, 1, 280, 50, 1, 40, 20, 1, 1, 27, 1, 320,
    60, 1, 30, 1, 80, 10, 1, 1, 20, 1, 3, 40, 40, 1, 25, 98, 14, 8, 10, 1, 1], 'bench' on conflict do nothing;
update practice set rules_version = 1 where practice_id = {p};
set session_replication_role = replica;
update rating set understanding = 40 where practice_id = {p} and ('x' || right(rating_id::text, 2))::bit(8)::int % 12 = 0;
reset session_replication_role;
"""
CLAIM = """
delete from alert_delivery where practice_id = {p};
delete from alert where practice_id = {p};
delete from rupture where practice_id = {p};
insert into rating_batch (practice_ids, rating_ids)
    select array_agg(practice_id), array_agg(rating_id) from (
        select practice_id, rating_id, row_number() over (order by session_start desc, rating_id) as n from rating
        where practice_id = {p} order by session_start desc, rating_id limit {count}) newest group by n / {batch};
"""
COUNT = 12 * COURSES


def queue(attune, number):
    attune.sql(CLAIM.format(p=number, count=COUNT, batch=BATCH))


def evaluated(attune, number):
    """Ratings a second, the aggregator's start left out."""
    aggregator = attune.start_aggregator(name=f"aggregator-{time.monotonic_ns()}")
    attune.sql("select pg_stat_force_next_flush()")
    queue(attune, number)
    start = time.monotonic()
    while attune.count("rating_batch") > 0:
        time.sleep(0.01)
    took = time.monotonic() - start
    aggregator.stop()
    return COUNT / took


def read_only(attune, number):
    queue(attune, number)
    start = time.monotonic()
    while attune.sql("begin; select count(*) from rating_claim(1000); commit")[0][0] != "0":
        pass
    return COUNT / (time.monotonic() - start)


def run(options):
    rates, floor = [], []
    with practice() as attune:
        attune.sql(POPULATE.format(p=200, courses=COURSES, length=LENGTH))
        attune.sql(SETTINGS.format(p=200))
        for _ in range(options.rounds):
            rates.append(evaluated(attune, 200))
            floor.append(read_only(attune, 200))
        alerts = attune.count("alert")
    table(f"backlog: ratings a second, {COUNT} in batches of {BATCH}", [("evaluated", rates), ("claimed by SQL alone", floor)])
    line("backlog", median(rates) / PER_S, GOAL, per_s=f"{median(rates):.0f}", floor_per_s=f"{median(floor):.0f}",
         of_floor=f"{median(rates) / median(floor):.2f}", alerts=alerts)
