-- 0008_rollup.sql - what reports are made of: whole numbers by week, site and therapist, kept in the transaction of whatever
-- they count.
--
-- What a session, a rating or a rupture adds is said once, by a view; it is added when the thing comes to be, taken off and added
-- again when it changes, and summed over everything by rollup_rebuild: so both ways end in the same numbers. Whoever changes a
-- roll-up holds its practice's advisory lock, as rating_claim does: alone, or shared for a single rupture.
-- A week begins on Monday in the practice's time zone; what a session leads to counts in the session's week.

create table rollup_week (
    practice_id   bigint not null,
    week          date not null,
    site_id       bigint not null,
    therapist_id  bigint not null,
    held          bigint not null,  -- Sessions opened.
    rated         bigint not null,  -- Ratings with an answer, and
    skipped       bigint not null,  -- those without.
    complete      bigint not null,  -- All four areas answered.
    perfect       bigint not null,  -- Of these, with the highest total there is.
    total_sum     bigint not null,  -- Over the complete ones, in tenths; squares likewise, in tenths squared.
    total_squares bigint not null,
    answers       bigint[] not null check (cardinality(answers) = 12),  -- Area by area: answers, their sum, their squares.
    ruptures      bigint not null,  -- Opened by a session of the week; withdrawn ones never count.
    repaired      bigint not null,
    unrepaired    bigint not null,
    waiting       bigint not null,  -- Still open.
    acknowledged  bigint not null,  -- With a step, and of these
    within_hour   bigint not null,  -- within an hour,
    within_day    bigint not null,  -- within a day of being opened.
    primary key (practice_id, week, site_id, therapist_id)
);

-- Whose sessions a cell is made of, and who of them answered: too few, and nobody may see what it tells of them. Who is there with
-- imported sessions and with others has a row for each: an imported one is told by whoever imports.
create table rollup_client (
    practice_id  bigint not null,
    week         date not null,
    site_id      bigint not null,
    therapist_id bigint not null,
    client_id    bigint not null,
    imported     boolean not null,
    answered     boolean not null,  -- One of these sessions at least has an answer, not only a skip.
    primary key (practice_id, week, site_id, therapist_id, client_id, imported)
);

-- Cells from which something has gone for good (0012): they stand as they were, and go on counting what is added. Nothing says what
-- has gone from them: a cell of one person's alone, week after week, would be that person's history.
create table rollup_frozen (
    practice_id  bigint not null,
    week         date not null,
    site_id      bigint not null,
    therapist_id bigint not null,
    primary key (practice_id, week, site_id, therapist_id)
);

-- Sessions that no roll-up has counted yet; claimed by deletion. On Citus a local table of the coordinator.
create table rollup_session (
    practice_id bigint not null,
    session_id  uuid not null,
    primary key (practice_id, session_id)
);

create function week_of(at timestamptz, zone text) returns date language sql stable
return date_trunc('week', at at time zone zone)::date;

-- What one of each adds, as a line of the roll-up.
create view rollup_of_session with (security_invoker = true) as
select s.practice_id, s.session_id, co.client_id, s.imported,
    row(s.practice_id, week_of(s.start_at, p.time_zone), s.site_id, s.therapist_id, 1, 0, 0, 0, 0, 0, 0,
        '{0,0,0,0,0,0,0,0,0,0,0,0}'::bigint[], 0, 0, 0, 0, 0, 0, 0)::rollup_week as line
from session s
join practice p on p.practice_id = s.practice_id
join course co on co.practice_id = s.practice_id and co.course_id = s.course_id;

create view rollup_of_rating with (security_invoker = true) as
select r.practice_id, r.rating_id, co.client_id, s.imported, not r.skipped as answered,
    row(s.practice_id, week_of(s.start_at, p.time_zone), s.site_id, s.therapist_id, 0, (not r.skipped)::int, r.skipped::int,
        (t.total is not null)::int, coalesce(t.total = 400, false)::int, coalesce(t.total, 0), coalesce(t.total * t.total, 0),
        array[(r.understanding is not null)::int, coalesce(r.understanding, 0), coalesce(r.understanding::int * r.understanding, 0),
            (r.relevance is not null)::int, coalesce(r.relevance, 0), coalesce(r.relevance::int * r.relevance, 0),
            (r.safety is not null)::int, coalesce(r.safety, 0), coalesce(r.safety::int * r.safety, 0),
            (r.fit is not null)::int, coalesce(r.fit, 0), coalesce(r.fit::int * r.fit, 0)]::bigint[],
        0, 0, 0, 0, 0, 0, 0)::rollup_week as line
from rating r
join session s on s.practice_id = r.practice_id and s.session_id = r.session_id
join practice p on p.practice_id = r.practice_id
join course co on co.practice_id = r.practice_id and co.course_id = r.course_id
cross join lateral (select r.understanding::int + r.relevance + r.safety + r.fit) t (total);

create view rollup_of_rupture with (security_invoker = true) as
select ru.practice_id, ru.opened_rating,
    row(s.practice_id, week_of(s.start_at, p.time_zone), s.site_id, s.therapist_id, 0, 0, 0, 0, 0, 0, 0,
        '{0,0,0,0,0,0,0,0,0,0,0,0}'::bigint[], 1, (ru.state = 'repaired')::int, (ru.state = 'unrepaired')::int,
        (ru.state = 'open')::int, (ru.acknowledged_at is not null)::int,
        coalesce(ru.acknowledged_at <= ru.opened_at + interval '1 hour', false)::int,
        coalesce(ru.acknowledged_at <= ru.opened_at + interval '24 hours', false)::int)::rollup_week as line
from rupture ru
join rating r on r.practice_id = ru.practice_id and r.rating_id = ru.opened_rating
join session s on s.practice_id = r.practice_id and s.session_id = r.session_id
join practice p on p.practice_id = ru.practice_id
where ru.state <> 'withdrawn';

-- In plpgsql, whose plans are kept: one in SQL is planned each time it is called, which cost every claim 3 ms.

-- Adds the rows, or with sign -1 takes them off. In the key's order, so that two never wait for each other in a ring.
create function rollup_add(rows rollup_week[], sign int) returns void language plpgsql as $$
#variable_conflict use_column
begin
    insert into rollup_week as w
    select u.practice_id, u.week, u.site_id, u.therapist_id, sign * sum(u.held), sign * sum(u.rated), sign * sum(u.skipped),
        sign * sum(u.complete), sign * sum(u.perfect), sign * sum(u.total_sum), sign * sum(u.total_squares),
        array[sign * sum(u.answers[1]), sign * sum(u.answers[2]), sign * sum(u.answers[3]),
            sign * sum(u.answers[4]), sign * sum(u.answers[5]), sign * sum(u.answers[6]),
            sign * sum(u.answers[7]), sign * sum(u.answers[8]), sign * sum(u.answers[9]),
            sign * sum(u.answers[10]), sign * sum(u.answers[11]), sign * sum(u.answers[12])]::bigint[],
        sign * sum(u.ruptures), sign * sum(u.repaired), sign * sum(u.unrepaired), sign * sum(u.waiting),
        sign * sum(u.acknowledged), sign * sum(u.within_hour), sign * sum(u.within_day)
    from unnest(rows) u
    group by u.practice_id, u.week, u.site_id, u.therapist_id
    order by u.practice_id, u.week, u.site_id, u.therapist_id
    on conflict (practice_id, week, site_id, therapist_id) do update set
        held = w.held + excluded.held, rated = w.rated + excluded.rated, skipped = w.skipped + excluded.skipped,
        complete = w.complete + excluded.complete, perfect = w.perfect + excluded.perfect,
        total_sum = w.total_sum + excluded.total_sum, total_squares = w.total_squares + excluded.total_squares,
        answers = array(select o + n from unnest(w.answers, excluded.answers) with ordinality as a (o, n, place) order by place),
        ruptures = w.ruptures + excluded.ruptures, repaired = w.repaired + excluded.repaired,
        unrepaired = w.unrepaired + excluded.unrepaired, waiting = w.waiting + excluded.waiting,
        acknowledged = w.acknowledged + excluded.acknowledged, within_hour = w.within_hour + excluded.within_hour,
        within_day = w.within_day + excluded.within_day;
end
$$;

-- Below a view is read row by row, beside its table's own row: joined, a planner might read all of it (join_collapse_limit 1).

-- The claimed ratings, each once.
create function rollup_ratings(practices bigint[], ids uuid[]) returns void language plpgsql as $$
#variable_conflict use_column
begin
    insert into rollup_client as c (practice_id, week, site_id, therapist_id, client_id, imported, answered)
    select distinct (v.line).practice_id, (v.line).week, (v.line).site_id, (v.line).therapist_id, v.client_id, v.imported, true
    from unnest(practices, ids) as u (practice_id, rating_id)
    join rating r on r.practice_id = u.practice_id and r.rating_id = u.rating_id
    cross join lateral (select * from rollup_of_rating o
        where o.practice_id = r.practice_id and o.rating_id = r.rating_id limit 1) v
    where v.answered
    order by 1, 2, 3, 4, 5, 6
    on conflict (practice_id, week, site_id, therapist_id, client_id, imported) do update set answered = true
        where not c.answered;
    perform rollup_add(array_agg(v.line), 1)
    from unnest(practices, ids) as u (practice_id, rating_id)
    join rating r on r.practice_id = u.practice_id and r.rating_id = u.rating_id
    cross join lateral (select o.line from rollup_of_rating o
        where o.practice_id = r.practice_id and o.rating_id = r.rating_id limit 1) v
    having count(*) > 0;
end
$$;

-- Sign -1 before ruptures change, 1 after. Those that are not there yet add nothing.
create function rollup_ruptures(practices bigint[], openings uuid[], sign int) returns void language plpgsql as $$
#variable_conflict use_column
begin
    perform rollup_add(array_agg(v.line), sign)
    from unnest(practices, openings) as u (practice_id, opened_rating)
    join rupture ru on ru.practice_id = u.practice_id and ru.opened_rating = u.opened_rating
    cross join lateral (select o.line from rollup_of_rupture o
        where o.practice_id = ru.practice_id and o.opened_rating = ru.opened_rating limit 1) v
    having count(*) > 0;
end
$$;

-- Counts at most sessions_max of the sessions that wait. Gives how many.
create function rollup_sessions(sessions_max int) returns int language plpgsql as $$
declare
    practices bigint[];
    ids       uuid[];
    practice  bigint;
begin
    with taken as (
        delete from rollup_session q using (
            select w.practice_id, w.session_id from rollup_session w
            order by w.practice_id, w.session_id limit sessions_max for update skip locked) t
        where q.practice_id = t.practice_id and q.session_id = t.session_id
        returning q.practice_id, q.session_id
    ) select array_agg(t.practice_id), array_agg(t.session_id) into practices, ids from taken t;
    for practice in select distinct u from unnest(practices) u order by u loop
        perform pg_advisory_xact_lock(practice);
    end loop;
    insert into rollup_client (practice_id, week, site_id, therapist_id, client_id, imported, answered)
    select distinct (v.line).practice_id, (v.line).week, (v.line).site_id, (v.line).therapist_id, v.client_id, v.imported, false
    from unnest(practices, ids) as u (practice_id, session_id)
    join session s on s.practice_id = u.practice_id and s.session_id = u.session_id
    cross join lateral (select * from rollup_of_session o
        where o.practice_id = s.practice_id and o.session_id = s.session_id limit 1) v
    order by 1, 2, 3, 4, 5, 6
    on conflict do nothing;
    perform rollup_add(array_agg(v.line), 1)
    from unnest(practices, ids) as u (practice_id, session_id)
    join session s on s.practice_id = u.practice_id and s.session_id = u.session_id
    cross join lateral (select * from rollup_of_session o
        where o.practice_id = s.practice_id and o.session_id = s.session_id limit 1) v
    having count(*) > 0;
    return coalesce(cardinality(ids), 0);
end
$$;

-- Makes a practice's roll-ups anew from everything there is, but for what waits to be counted: its claim will add it; and but for
-- cells that are frozen.
-- The practice's lock is taken by a statement of its own, so that the next ones see all that was counted before.
create function rollup_rebuild(of_practice bigint) returns void language plpgsql as $$
declare
    cell record;
begin
    perform pg_advisory_xact_lock(of_practice);
    delete from rollup_week w where w.practice_id = of_practice and not exists (select from rollup_frozen f
        where (f.practice_id, f.week, f.site_id, f.therapist_id) = (w.practice_id, w.week, w.site_id, w.therapist_id));
    delete from rollup_client c where c.practice_id = of_practice and not exists (select from rollup_frozen f
        where (f.practice_id, f.week, f.site_id, f.therapist_id) = (c.practice_id, c.week, c.site_id, c.therapist_id));
    insert into rollup_client as c (practice_id, week, site_id, therapist_id, client_id, imported, answered)
    with waiting as materialized (
        select u.rating_id
        from rating_batch b cross join lateral unnest(b.practice_ids, b.rating_ids) as u (practice_id, rating_id)
        where u.practice_id = of_practice
    ), part as (
        select v.line, v.client_id, v.imported, false as answered from rollup_of_session v
        where v.practice_id = of_practice and not exists (select from rollup_session q
            where q.practice_id = of_practice and q.session_id = v.session_id)
        union all
        select v.line, v.client_id, v.imported, v.answered from rollup_of_rating v
        where v.practice_id = of_practice and v.answered and not exists (select from waiting w where w.rating_id = v.rating_id)
    ) select (p.line).practice_id, (p.line).week, (p.line).site_id, (p.line).therapist_id, p.client_id, p.imported, bool_or(p.answered)
    from part p group by 1, 2, 3, 4, 5, 6
    on conflict (practice_id, week, site_id, therapist_id, client_id, imported) do update set answered = true
        where excluded.answered and not c.answered;
    -- A cell at a time: an array of everything would be too long.
    for cell in
        with waiting as materialized (
            select u.rating_id
            from rating_batch b cross join lateral unnest(b.practice_ids, b.rating_ids) as u (practice_id, rating_id)
            where u.practice_id = of_practice
        ), part as (
            select v.line from rollup_of_session v
            where v.practice_id = of_practice and not exists (select from rollup_session q
                where q.practice_id = of_practice and q.session_id = v.session_id)
            union all
            select v.line from rollup_of_rating v
            where v.practice_id = of_practice and not exists (select from waiting w where w.rating_id = v.rating_id)
            union all
            select v.line from rollup_of_rupture v where v.practice_id = of_practice
        ) select array_agg(p.line) as lines from part p
        where not exists (select from rollup_frozen f where f.practice_id = of_practice and f.week = (p.line).week
            and f.site_id = (p.line).site_id and f.therapist_id = (p.line).therapist_id)
        group by (p.line).week, (p.line).site_id, (p.line).therapist_id
    loop
        perform rollup_add(cell.lines, 1);
    end loop;
end
$$;

-- Where a report of so many finished weeks begins, in days since 1970-01-01. What follows in the transaction reads the whole practice's
-- sums, whoever asks: a therapist's own row is shown beside everyone's share, and the server decides what is told.
create function report_begin(of_practice bigint, weeks int) returns bigint language plpgsql as $$
declare
    first_day bigint;
begin
    select week_of(now(), p.time_zone) - 7 * weeks - date '1970-01-01' into first_day from practice p
    where p.practice_id = of_practice;
    set local attune.rows = 'all';
    return first_day;
end
$$;

revoke all on rollup_week, rollup_client, rollup_frozen, rollup_session, rollup_of_session, rollup_of_rating, rollup_of_rupture from public;
revoke all on function week_of, rollup_add, rollup_ratings, rollup_ruptures, rollup_sessions, rollup_rebuild, report_begin from public;

-- The server notes a session, and counts a rupture that is acknowledged; the rest is the aggregator's.
grant insert on rollup_session to attune_server;
grant select, insert, update on rollup_week to attune_server, attune_aggregator;
grant select on rollup_client, rollup_of_rupture to attune_server;
grant execute on function week_of, rollup_add, rollup_ruptures to attune_server, attune_aggregator;

grant select, insert, delete, update (answered) on rollup_client to attune_aggregator;
grant delete on rollup_week to attune_aggregator;
grant select, delete on rollup_session to attune_aggregator;
grant select on rollup_frozen to attune_aggregator;
grant update (session_id) on rollup_session to attune_aggregator;  -- `for update skip locked` wants it.
grant select on rollup_of_session, rollup_of_rating, rollup_of_rupture to attune_aggregator;
grant execute on function report_begin to attune_server;
grant execute on function rollup_ratings, rollup_sessions, rollup_rebuild to attune_aggregator;
