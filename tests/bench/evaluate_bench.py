"""evaluate: what one claim with one rating costs the aggregator and its database, with little and with much stored before it:
in the practice (10 and 10,000 earlier ratings) and in the course (20 and 200)."""
import time

from bench import line, median, practice, table

GOAL, CLAIMS = "<=1.3", 400
# Name, courses, ratings in each.
PRACTICES = (("10 in the practice", 1, 11), ("10,000 in the practice", 500, 20), ("20 in the course", 10, 21),
             ("200 in the course", 10, 201))
POPULATE = """
set session_replication_role = replica;  -- Keys hold by construction.
insert into practice (practice_id, name) values ({p}, 'evaluate {p}');
insert into site (practice_id, site_id, name) values ({p}, {p}, 's');
insert into room (practice_id, room_id, site_id, name) values ({p}, {p}, {p}, 'r');
insert into therapist (practice_id, therapist_id, site_id, code, display_name) values ({p}, {p}, {p}, 't', 't');
insert into client (practice_id, client_id, client_ref) select {p}, {p} * 1000 + c, 'c' || c from generate_series(1, {courses}) c;
insert into course (practice_id, course_id, client_id, therapist_id)
    select {p}, {p} * 1000 + c, {p} * 1000 + c, {p} from generate_series(1, {courses}) c;
insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, state, colour, symbol)
    select {p}, gen_random_uuid(), {p} * 1000 + c, {p}, {p}, {p}, t, t + interval '50 minutes', 'closed', 1, 1
    from generate_series(1, {courses}) c, generate_series(1, {length}) n, lateral (select now() - ({length} - n) * interval '7 days') as at (t);
insert into ticket select practice_id, session_id, session_id, course_id, therapist_id, start_at, planned_end from session
    where practice_id = {p};
insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end, made_at,
    understanding, relevance, safety, fit, skipped, instrument)
    select practice_id, ticket_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end, session_end,
    92 + (random() * 8)::int, 95, 96, 97, false, 'attune-adult-en/1' from ticket where practice_id = {p};
reset session_replication_role;
analyze;
"""
# The last rating of a course, one a batch.
CLAIM = """
insert into rating_batch (practice_ids, rating_ids)
    select array[practice_id], array[rating_id] from (
        select distinct on (course_id) practice_id, rating_id from rating where practice_id = {p}
        order by course_id, session_start desc) newest, generate_series(1, {claims}) limit {claims};
"""


def milliseconds(attune, number):
    """A claim's, over CLAIMS of one rating each."""
    attune.sql(CLAIM.format(p=number, claims=CLAIMS))
    aggregator = attune.start_aggregator(name=f"aggregator-{time.monotonic_ns()}", claim_ratings_max=1)
    start = time.monotonic()
    left = first = attune.count("rating_batch")
    while left > 0:
        left = attune.count("rating_batch")
    took = time.monotonic() - start
    aggregator.stop()
    return 1000 * took / first


def run(options):
    seen = [[] for _ in PRACTICES]
    with practice() as attune:
        for number, (_, courses, length) in enumerate(PRACTICES, 100):
            attune.sql(POPULATE.format(p=number, courses=courses, length=length))
        for _ in range(options.rounds):
            for at in range(len(PRACTICES)):
                seen[at].append(milliseconds(attune, 100 + at))
    table(f"evaluate: milliseconds a claim of one rating, turns of {CLAIMS}",
          [(name, seen[at]) for at, (name, _, _) in enumerate(PRACTICES)])
    small, large, short, long = (median(turns) for turns in seen)
    line("evaluate", max(large / small, long / short), GOAL, practice_ratio=f"{large / small:.2f}",
         course_ratio=f"{long / short:.2f}", ms=f"{small:.2f}")
