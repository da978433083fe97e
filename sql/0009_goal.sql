-- 0009_goal.sql - what therapist and client agree on for the time to come, and whether it moved what it was about.

create type area as enum ('understanding', 'relevance', 'safety', 'fit');
create type goal_outcome as enum ('reached', 'let go', 'replaced');

-- At most one in force for an area of a course. The id is the therapist's client's, so that a resend is the same goal.
create table goal (
    practice_id   bigint not null,
    goal_id       uuid not null,
    course_id     bigint not null,
    therapist_id  bigint not null,
    session_id    uuid not null,         -- At whose end it was agreed.
    session_start timestamptz not null,
    area          area not null,
    words         text not null check (octet_length(words) between 1 and 440),  -- Sealed with the client's key, where there is one.
    ended_at      timestamptz,
    outcome       goal_outcome,
    primary key (practice_id, goal_id),
    foreign key (practice_id, session_id) references session,
    foreign key (practice_id, course_id) references course,
    check ((ended_at is null) = (outcome is null))
);
create index goal_of_course on goal (practice_id, course_id, session_start, goal_id);
create unique index goal_in_force on goal (practice_id, course_id, area) where ended_at is null;

-- A goal with what it moved: its area's median over the five ratings up to its session beside the five after. Read, not kept:
-- so a rating that comes late counts in its place.
create view goal_view with (security_invoker = true) as
select g.practice_id, g.goal_id, g.therapist_id, g.course_id, g.session_id, g.session_start, g.area, g.words, g.ended_at,
    g.outcome, earlier.answers as before_answers, earlier.median as before, later.answers as after_answers, later.median as after
from goal g
cross join lateral (
    select count(x.score)::int as answers, round(percentile_cont(0.5) within group (order by x.score))::smallint as median
    from (select case g.area when 'understanding' then r.understanding when 'relevance' then r.relevance
              when 'safety' then r.safety else r.fit end as score
          from ticket t join rating r on r.practice_id = t.practice_id and r.ticket_id = t.ticket_id
          where t.practice_id = g.practice_id and t.course_id = g.course_id and t.session_start <= g.session_start
              and not answer_covered(t.practice_id, t.session_id, t.session_start)
          order by t.session_start desc, t.ticket_id desc limit 5) x
) earlier
cross join lateral (
    select count(x.score)::int as answers, round(percentile_cont(0.5) within group (order by x.score))::smallint as median
    from (select case g.area when 'understanding' then r.understanding when 'relevance' then r.relevance
              when 'safety' then r.safety else r.fit end as score
          from ticket t join rating r on r.practice_id = t.practice_id and r.ticket_id = t.ticket_id
          where t.practice_id = g.practice_id and t.course_id = g.course_id and t.session_start > g.session_start
              and not answer_covered(t.practice_id, t.session_id, t.session_start)
          order by t.session_start, t.ticket_id limit 5) x
) later;

create function goal_put(
    of_practice bigint, of_therapist bigint, new_goal uuid, of_session uuid, area_number int, new_words text, by_actor text
) returns text language plpgsql as $$
declare
    of_course bigint;
    starts    timestamptz;
    about     area := (enum_range(null::area))[area_number];
    verdict   text;
begin
    -- The session's row is locked: its goals come one after the other. Of two from two sessions at once the index refuses one.
    select s.course_id, s.start_at into of_course, starts from session s
    where s.practice_id = of_practice and s.session_id = of_session and s.therapist_id = of_therapist for no key update;
    if not found then
        return 'session_unknown';
    end if;
    select case when g.session_id = of_session and g.area = about and g.words = new_words then 'ok' else 'conflict' end
    into verdict from goal g where g.practice_id = of_practice and g.goal_id = new_goal;
    if found then
        return verdict;
    end if;
    update goal g set ended_at = now(), outcome = 'replaced'
    where g.practice_id = of_practice and g.course_id = of_course and g.area = about and g.ended_at is null;
    insert into goal (practice_id, goal_id, course_id, therapist_id, session_id, session_start, area, words)
    values (of_practice, new_goal, of_course, of_therapist, of_session, starts, about, new_words);
    perform audit_add(of_practice, by_actor, 'goal.put', audit_course(of_practice, of_course),
        jsonb_build_object('goal', new_goal, 'session', of_session));
    return 'ok';
end
$$;

create function goal_end(of_practice bigint, of_therapist bigint, of_goal uuid, outcome_number int, by_actor text) returns text
language plpgsql as $$
declare
    ends      goal_outcome := (enum_range(null::goal_outcome))[outcome_number];
    was       goal_outcome;
    of_course bigint;
begin
    select g.outcome, g.course_id into was, of_course from goal g
    where g.practice_id = of_practice and g.goal_id = of_goal and g.therapist_id = of_therapist for no key update;
    if not found then
        return 'goal_unknown';
    elsif was is not null then
        return case when was = ends then 'ok' else 'conflict' end;
    end if;
    update goal g set ended_at = now(), outcome = ends where g.practice_id = of_practice and g.goal_id = of_goal;
    perform audit_add(of_practice, by_actor, 'goal.end', audit_course(of_practice, of_course),
        jsonb_build_object('goal', of_goal));
    return 'ok';
end
$$;

revoke all on goal, goal_view from public;
revoke all on function goal_put, goal_end from public;
grant select, insert on goal to attune_server;
grant select on goal_view to attune_server;
grant update (ended_at, outcome) on goal to attune_server;
grant execute on function goal_put, goal_end to attune_server;
-- Not their words.
grant select (practice_id, course_id, session_id, session_start, goal_id, area) on goal to attune_aggregator;
