"""backlog: ratings a second that aggregators evaluate with everything on (UNUSUAL, ruptures, roll-ups, one rating in twelve very low),
each with twenty before it in its course: one for one practice, and two for two, as two cores have it; beside the floor, the
same claims read and let go of by SQL alone."""
import time

from bench import line, median, practice, table
from evaluate_bench import POPULATE

GOAL, COURSES, LENGTH, BATCH, PER_S = ">=1 (5,000/s)", 8000, 21, 50, 5000
# Everything on: the defaults, UNUSUAL and both lists; and a low one now and then.
SETTINGS = """
set session_replication_role = replica;
update rating set understanding = 40 where ('x' || right(rating_id::text, 2))::bit(8)::int % 12 = 0;
reset session_replication_role;
"""
RULES = "unusual.on = 1\nescalate.unrepaired = 1\nescalate.unacknowledged = 1\nask.tension = 1\n"
OTHER = """
insert into rule_settings (practice_id, version, numbers, made_by) select 2, version, numbers, made_by from rule_settings;
update practice set rules_version = 1;
vacuum analyze
"""
# The newest of each course of these practices, BATCH a batch, as they would come: batches of one hour hold one practice here.
QUEUE = """
delete from alert_delivery; delete from alert; delete from rupture; delete from rollup_week;
insert into rating_batch (practice_ids, rating_ids)
    select array_agg(practice_id), array_agg(rating_id) from (
        select practice_id, rating_id, row_number() over (partition by practice_id order by rating_id) as n from (
            select distinct on (practice_id, course_id) practice_id, rating_id from rating where practice_id <= {practices}
            order by practice_id, course_id, session_start desc) newest) numbered group by n / {batch}, practice_id
    order by n / {batch};
select pg_notify('attune_rating', '');
"""


def queue(attune, practices):
    attune.sql(QUEUE.format(practices=practices, batch=BATCH))


def evaluated(attune, count):
    """Ratings a second of as many aggregators as practices, their start left out; and how many alerts they wrote."""
    aggregators = [attune.start_aggregator(name=f"aggregator-{time.monotonic_ns()}")
                   for _ in range(count)]
    queue(attune, count)
    start = time.monotonic()
    while attune.count("rating_batch") > 0:  # A claim that is under way still counts: its deletion is not seen.
        time.sleep(0.05)
    took = time.monotonic() - start
    alerts = attune.count("alert")
    for aggregator in aggregators:
        aggregator.stop()
    return count * COURSES / took, alerts


def read_only(attune):
    queue(attune, 1)
    start = time.monotonic()
    while attune.sql("begin; select count(*) from rating_claim(1000); commit")[0][0] != "0":
        pass
    return COURSES / (time.monotonic() - start)


def populate(attune):
    attune.sql(POPULATE.format(p=1, courses=COURSES, length=LENGTH).replace(
        "insert into practice (practice_id, name) values (1, 'evaluate 1');", ""))
    attune.sql(POPULATE.format(p=2, courses=COURSES, length=LENGTH))
    attune.sql(SETTINGS)
    path = attune.path("rules.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(RULES)
    server = attune.start_server()
    attune.attune("admin", "practice", "set-rules", path)
    server.stop()
    for statement in OTHER.split(";"):
        attune.sql(statement)


def run(options):
    one, two, floor, alerts = [], [], [], 0
    with practice() as attune:
        populate(attune)
        for _ in range(options.rounds):
            one.append(evaluated(attune, 1)[0])
            rate, alerts = evaluated(attune, 2)
            two.append(rate)
            floor.append(read_only(attune))
    table(f"backlog: ratings a second, {COURSES} a practice in batches of {BATCH}, {LENGTH - 1} before each",
          [("one practice, one aggregator", one), ("two practices, two aggregators", two), ("claimed by SQL alone", floor)])
    line("backlog", median(two) / PER_S, GOAL, per_s=f"{median(two):.0f}", one_per_s=f"{median(one):.0f}",
         floor_per_s=f"{median(floor):.0f}", alerts=alerts)
