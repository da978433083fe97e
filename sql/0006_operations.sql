-- 0006_operations.sql - what takes more than one statement, and what several statements read alike.
--
-- Functions run as their caller (security invoker): they add no rights. Each touches one practice, but for
-- rating_claim, which reads across all of them. Verdicts are words that server/pg/verdict.c turns into codes.

-- Of two who came together neither one's answers are told before both have rated or skipped, or nobody is waited for any more: the
-- other session is closed or parked, or was to end an hour ago. Asked as the owner, since who looks may not see the other one's.
create function session_awaited(of_practice bigint, of_session uuid) returns boolean language sql stable
return exists (select from session o where o.practice_id = of_practice and o.session_id = of_session
    and o.state in ('open', 'invited') and o.planned_end > now() - interval '1 hour'
    and not exists (select from ticket t join rating r on r.practice_id = t.practice_id and r.ticket_id = t.ticket_id
        where t.practice_id = o.practice_id and t.session_id = o.session_id));
create function session_covered(of_practice bigint, of_session uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp
return exists (select from session s where s.practice_id = of_practice and s.session_id = of_session
        and s.together_with is not null and session_awaited(of_practice, s.together_with))
    or exists (select from session o where o.practice_id = of_practice and o.together_with = of_session
        and session_awaited(of_practice, o.session_id));
-- The same for whoever has no session's row. A session ends within a day: what is older is not asked about.
create function answer_covered(of_practice bigint, of_session uuid, starts timestamptz) returns boolean language sql stable
return starts > now() - interval '2 days' and session_covered(of_practice, of_session);

-- A session as staff see it. One ticket a session, one rating a ticket, so one row a session.
create view session_view with (security_invoker = true) as
select s.practice_id, s.session_id, s.therapist_id, cl.client_ref, ro.name as room, s.start_at, s.planned_end,
    s.closed_at, s.state, s.colour, s.symbol, s.imported, s.together_with,
    ra.skipped, cover.covered, case when not cover.covered then ra.understanding end as understanding,
    case when not cover.covered then ra.relevance end as relevance, case when not cover.covered then ra.safety end as safety,
    case when not cover.covered then ra.fit end as fit, case when not cover.covered then ra.talk end as talk,
    case when not ra.skipped then ra.instrument end as instrument, co.ended_at as course_ended, co.client_id
from session s
join course co on co.practice_id = s.practice_id and co.course_id = s.course_id
join client cl on cl.practice_id = co.practice_id and cl.client_id = co.client_id
join room ro on ro.practice_id = s.practice_id and ro.room_id = s.room_id
left join ticket ti on ti.practice_id = s.practice_id and ti.session_id = s.session_id
left join rating ra on ra.practice_id = ti.practice_id and ra.ticket_id = ti.ticket_id
cross join lateral (select (s.together_with is not null or s.has_second) and session_covered(s.practice_id, s.session_id) as covered) cover;

-- Whether the course has sessions before the dates that a supervisor may see (0011). Asked as the owner: they do not see those.
create function course_is_older(of_practice bigint, of_course bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    since timestamptz := lower(nullif(current_setting('attune.dates', true), '')::tstzrange);
begin
    return since is not null and exists (select from ticket t
        where t.practice_id = of_practice and t.course_id = of_course and t.session_start < since);
end
$$;

-- An alert with the rating that it is about and whether the therapist's client has it. It speaks of earlier sessions, too: for a
-- supervisor who may not see all of these, nothing of it is left that was made from them.
create view alert_view with (security_invoker = true) as
select a.practice_id, a.alert_id, a.therapist_id, a.course_id, a.session_id, a.rating_id, a.rule, a.rule_version, a.tier,
    a.late, a.session_start, a.created_at, case when not older.yes then a.usual else '{}' end as usual,
    case when not older.yes then a.what else '' end as what, case when not older.yes then a.why else '' end as why, a.now,
    case when not older.yes then a.next_time else '' end as next_time,
    case when not older.yes then a.inputs else a.inputs - '{earlier,usual_twice,skips}'::text[] end as inputs, cl.client_ref,
    ra.understanding, ra.relevance, ra.safety, ra.fit, ra.talk,
    d.received_at, coalesce(d.digest, false) as digest, co.client_id
from alert a
join course co on co.practice_id = a.practice_id and co.course_id = a.course_id
join client cl on cl.practice_id = co.practice_id and cl.client_id = co.client_id
join rating ra on ra.practice_id = a.practice_id and ra.rating_id = a.rating_id
left join alert_delivery d on d.practice_id = a.practice_id and d.alert_id = a.alert_id
cross join lateral (select course_is_older(a.practice_id, a.course_id) as yes) older;

-- A session and the second one's that came with it. Each is then moved by its key: for an `or` a planner may read them all.
create function session_couple(of_practice bigint, first_session uuid) returns uuid[] language sql stable
return array[first_session] || array(select o.session_id from session o
    where o.practice_id = of_practice and o.together_with = first_session);

-- The room's sessions may be anybody's: parking them is the server's own work, whoever takes the room.
create function session_park(of_practice bigint, holder uuid) returns void language plpgsql as $$
declare
    was text := current_setting('attune.rows', true);
    one uuid;
begin
    set local attune.rows = 'all';
    foreach one in array session_couple(of_practice, holder) loop
        update session s set state = 'parked'
        where s.practice_id = of_practice and s.session_id = one and s.state in ('open', 'invited');
    end loop;
    execute format('set local attune.rows = %L', was);
end
$$;

-- Opens a session: the session, its ticket and the room's lease, or nothing. Of two who come together the second one's
-- session needs the lease of the first one's, and takes none.
-- The room's row is locked first, so that two who want the same room come one after the other.
create function session_open(
    in of_practice bigint, in of_therapist bigint, in new_session uuid, in new_ticket uuid, in ref text, in room_name text,
    in starts timestamptz, in ends timestamptz, in new_colour smallint, in new_symbol smallint, in take_over boolean,
    in audience_number int, in is_first boolean, in first_session uuid, in by_actor text, out verdict text, out parked uuid
) language plpgsql as $$
declare
    of_course bigint;
    of_room   bigint;
    of_site   bigint;
    holder    uuid;
    begins_as session_state := 'open';
begin
    select co.course_id into of_course
    from client cl join course co on co.practice_id = cl.practice_id and co.client_id = cl.client_id
    where cl.practice_id = of_practice and cl.client_ref = ref
        and co.practice_id = of_practice and co.therapist_id = of_therapist;
    if not found then
        verdict := 'client_unknown';
        return;
    end if;
    select r.room_id, r.site_id into of_room, of_site from room r
    where r.practice_id = of_practice and r.name = room_name for no key update;
    if not found then
        verdict := 'room_unknown';
        return;
    end if;
    -- A resend is the same session, whatever has become of it since.
    select case when s.therapist_id = of_therapist and s.course_id = of_course and s.room_id = of_room
        then 'ok' else 'conflict' end into verdict
    from session s where s.practice_id = of_practice and s.session_id = new_session;
    if found then
        return;
    end if;
    select l.session_id into holder from room_lease l where l.practice_id = of_practice and l.room_id = of_room;
    if first_session is not null then
        -- Its own colour and symbol, so that each of the two knows which one is theirs. Invited if the other one is.
        select (new_colour + (s.colour = new_colour)::int) % 8, (new_symbol + (s.symbol = new_symbol)::int) % 8, s.state
        into new_colour, new_symbol, begins_as from session s
        where s.practice_id = of_practice and s.session_id = first_session and s.therapist_id = of_therapist
            and s.state in ('open', 'invited') and s.together_with is null and s.course_id <> of_course
            and holder = first_session
            and not exists (select from session o where o.practice_id = of_practice and o.together_with = first_session
                and o.state <> 'closed') for no key update;
        if not found then
            verdict := 'session_unknown';
            return;
        end if;
    elsif holder is not null and not take_over then
        verdict := 'room_taken';
        return;
    end if;
    insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, state,
        colour, symbol, audience, first_time, together_with)
    values (of_practice, new_session, of_course, of_therapist, of_room, of_site, starts, ends, begins_as, new_colour, new_symbol,
        (enum_range(null::audience))[audience_number + 1], is_first, first_session);
    update session s set has_second = true where s.practice_id = of_practice and s.session_id = first_session;
    insert into rollup_session (practice_id, session_id) values (of_practice, new_session);
    insert into ticket (practice_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end)
    values (of_practice, new_ticket, new_session, of_course, of_therapist, starts, ends);
    if first_session is null then
        insert into room_lease (practice_id, room_id, session_id) values (of_practice, of_room, new_session)
        on conflict (practice_id, room_id) do update set session_id = excluded.session_id;
        if holder is not null then
            perform session_park(of_practice, holder);
            parked := holder;
        end if;
    end if;
    perform audit_add(of_practice, by_actor, 'session.open', audit_course(of_practice, of_course),
        jsonb_build_object('session', new_session, 'room', of_room, 'parked', parked));
    perform pg_notify('attune_room', '');
    verdict := 'ok';
end
$$;

create function session_invite(of_practice bigint, of_therapist bigint, of_session uuid, by_actor text) returns text
language plpgsql as $$
declare
    was          session_state;
    course       bigint;
    first_of_two uuid;
    one          uuid;
begin
    select s.state, s.course_id, coalesce(s.together_with, s.session_id) into was, course, first_of_two from session s
    where s.practice_id = of_practice and s.session_id = of_session and s.therapist_id = of_therapist for no key update;
    if not found then
        return 'session_unknown';
    elsif was = 'closed' then
        return 'session_closed';
    elsif was = 'parked' then
        return 'session_parked';
    elsif was = 'open' then
        -- Two who came together are invited together.
        foreach one in array session_couple(of_practice, first_of_two) loop
            update session s set state = 'invited'
            where s.practice_id = of_practice and s.session_id = one and s.state = 'open';
        end loop;
        perform audit_add(of_practice, by_actor, 'session.invite', audit_course(of_practice, course),
            jsonb_build_object('session', of_session));
        perform pg_notify('attune_room', '');
    end if;
    return 'ok';
end
$$;

create function session_close(of_practice bigint, of_therapist bigint, of_session uuid, by_actor text) returns text
language plpgsql as $$
declare
    was    session_state;
    course bigint;
    one    uuid;
begin
    -- The room first, as whoever opens a session there: two never wait for each other in a ring.
    perform from session s join room r on r.practice_id = s.practice_id and r.room_id = s.room_id
    where s.practice_id = of_practice and s.session_id = of_session and s.therapist_id = of_therapist for no key update of r;
    select s.state, s.course_id into was, course from session s
    where s.practice_id = of_practice and s.session_id = of_session and s.therapist_id = of_therapist for no key update;
    if not found then
        return 'session_unknown';
    elsif was <> 'closed' then
        -- With the one that has the room the other one of two is closed too.
        foreach one in array session_couple(of_practice, of_session) loop
            update session s set state = 'closed', closed_at = now()
            where s.practice_id = of_practice and s.session_id = one and s.state <> 'closed';
        end loop;
        delete from room_lease where practice_id = of_practice and session_id = of_session;
        perform audit_add(of_practice, by_actor, 'session.close', audit_course(of_practice, course),
            jsonb_build_object('session', of_session));
        perform pg_notify('attune_room', '');
    end if;
    return 'ok';
end
$$;

-- A past session with a ticket, made once. Its ids come from the line that it was read from, so that a
-- restarted import finds them there.
create function session_import(
    of_practice bigint, new_session uuid, new_ticket uuid, ref text, therapist_code text, room_name text,
    starts timestamptz, ends timestamptz, by_actor text
) returns text language plpgsql as $$
declare
    of_therapist bigint;
    of_course    bigint;
    of_room      bigint;
    of_site      bigint;
    was          text := current_setting('attune.rows', true);
    other        bigint;
    is_same      boolean := true;
begin
    if exists (select from ticket_gone g where g.practice_id = of_practice and g.ticket_id = new_ticket) then
        return 'ok';  -- It was here, and has gone: so will its rating be told.
    end if;
    select t.therapist_id into of_therapist from therapist t
    where t.practice_id = of_practice and t.code = therapist_code;
    if not found then
        return 'therapist_unknown';
    end if;
    select co.course_id into of_course
    from client cl join course co on co.practice_id = cl.practice_id and co.client_id = cl.client_id
    where cl.practice_id = of_practice and cl.client_ref = ref
        and co.practice_id = of_practice and co.therapist_id = of_therapist
    for key share of co;  -- An erasure under way is over before, or waits for this.
    if not found then
        return 'client_unknown';
    end if;
    if client_is_erased(of_practice, ref) then
        return 'again';
    end if;
    select r.room_id, r.site_id into of_room, of_site from room r where r.practice_id = of_practice and r.name = room_name;
    if not found then
        return 'room_unknown';
    end if;
    -- What is there is the same line once more, or somebody's session or ticket that no import may rate.
    set local attune.rows = 'all';
    select t.course_id, false into other, is_same from ticket t
    where t.practice_id = of_practice and t.ticket_id = new_ticket and t.session_id <> new_session;
    if not found then
        insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, closed_at,
            state, colour, symbol, imported)
        values (of_practice, new_session, of_course, of_therapist, of_room, of_site, starts, ends, ends, 'closed', 0, 0, true)
        on conflict do nothing;
        if not found then
            select s.course_id, s.imported and exists (select from ticket t where t.practice_id = of_practice
                and t.ticket_id = new_ticket and t.session_id = new_session) into other, is_same
            from session s where s.practice_id = of_practice and s.session_id = new_session;
        end if;
    end if;
    execute format('set local attune.rows = %L', was);
    if other is not null then
        perform audit_add(of_practice, by_actor, 'session.import', audit_course(of_practice, other),
            jsonb_build_object('session', new_session, 'refused', 'conflict')) where not is_same;
        return case when is_same then 'ok' else 'conflict' end;
    end if;
    insert into rollup_session (practice_id, session_id) values (of_practice, new_session);
    insert into ticket (practice_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end, imported)
    values (of_practice, new_ticket, new_session, of_course, of_therapist, starts, ends, true);
    perform audit_add(of_practice, by_actor, 'session.import', audit_course(of_practice, of_course),
        jsonb_build_object('session', new_session));
    return 'ok';
end
$$;

-- The rupture that an alert belongs to. An alert stands as it was given; where a rating that came late has moved the ruptures
-- since, it is the one that its own rating opens, or the last one that stands at its session.
create function alert_rupture(of_practice bigint, of_alert uuid) returns uuid language sql stable
return (select coalesce(
    (select r.opened_rating from rupture r where r.practice_id = of_practice and r.opened_rating = a.rating_id
        and r.state <> 'withdrawn'),
    (select r.opened_rating from rupture r where r.practice_id = of_practice and r.opened_rating = a.opened_rating
        and r.state <> 'withdrawn'),
    (select r.opened_rating from rupture r where r.practice_id = of_practice and r.course_id = a.course_id
        and r.state <> 'withdrawn' and r.opened_session <= a.session_start and a.opened_rating is not null
        order by r.opened_session desc, r.opened_rating desc limit 1),
    a.opened_rating)
    from alert a where a.practice_id = of_practice and a.alert_id = of_alert);

-- What a therapist says of an alert moves the rupture that it belongs to. Seen is only the first time; a later step replaces
-- the one before, but how long it took is the first one's. Every move is kept; the same step again is none.
create function alert_acknowledge(
    in of_practice bigint, in of_therapist bigint, in of_alert uuid, in step_number int, in why text, in by_actor text
) returns text language plpgsql as $$
declare
    opened uuid;
    course bigint;
    chosen rupture_step := ('{talked now,opens next session,changes focus,changes approach,changes pace,supervision,'
        'not a concern}'::rupture_step[])[step_number - 1];
begin
    select alert_rupture(of_practice, a.alert_id), a.course_id into opened, course from alert a
    where a.practice_id = of_practice and a.therapist_id = of_therapist and a.alert_id = of_alert;
    if not found then
        return 'alert_unknown';
    end if;
    perform pg_advisory_xact_lock_shared(of_practice);  -- As whoever changes a roll-up.
    perform from rupture r where r.practice_id = of_practice and r.opened_rating = opened for no key update;
    perform rollup_ruptures(array[of_practice], array[opened], -1) where chosen is not null;
    update rupture r set seen_at = coalesce(r.seen_at, now()),
        acknowledged_at = case when chosen is null then r.acknowledged_at else coalesce(r.acknowledged_at, now()) end,
        step = coalesce(chosen, r.step), reason = case when chosen is null then r.reason else why end
    where r.practice_id = of_practice and r.opened_rating = opened
        and case when chosen is null then r.seen_at is null else (r.step, r.reason) is distinct from (chosen, why) end;
    if found then
        insert into rupture_move (practice_id, opened_rating, actor, move, step)
        values (of_practice, opened, by_actor, case when chosen is null then 'seen' else 'acknowledged' end, chosen);
    end if;
    perform rollup_ruptures(array[of_practice], array[opened], 1) where chosen is not null;
    perform audit_add(of_practice, by_actor, 'alert.acknowledge', audit_course(of_practice, course),
        jsonb_build_object('alert', of_alert, 'step', step_number));
    return 'ok';
end
$$;

-- The same time of the next working day, Monday to Friday, where the practice is.
create function working_day_after(at timestamptz, zone text) returns timestamptz language sql stable
return ((at at time zone zone) + make_interval(days => case extract(isodow from at at time zone zone)
    when 5 then 3 when 6 then 2 else 1 end)) at time zone zone;

-- Puts ruptures on the practice's list, where its rules say so: those unrepaired, and those open for a working day without a step.
-- The two numbers are the places of these rules in rule_settings.numbers. What was imported is history. Gives how many.
create function rupture_escalate(unrepaired_at int, unacknowledged_at int) returns int language plpgsql as $$
#variable_conflict use_column
declare
    escalated int;
begin
    -- A practice that does not want to hear of one kind has none of it read.
    with wanting as materialized (
        select p.practice_id, p.time_zone, coalesce(s.numbers[unrepaired_at], 0) = 1 as unrepaired,
            coalesce(s.numbers[unacknowledged_at], 0) = 1 as unacknowledged
        from practice p join rule_settings s on s.practice_id = p.practice_id and s.version = p.rules_version
    ), unrepaired as materialized (
        select mine.* from wanting w cross join lateral (
            select ru.practice_id, ru.opened_rating from rupture ru
            where ru.practice_id = w.practice_id and ru.state = 'unrepaired' and ru.escalated_at is null and not ru.imported
            order by ru.opened_at limit 1000 for no key update skip locked) mine
        where w.unrepaired
    ), unacknowledged as materialized (
        select mine.* from wanting w cross join lateral (
            select ru.practice_id, ru.opened_rating from rupture ru
            where ru.practice_id = w.practice_id and ru.state = 'open' and ru.acknowledged_at is null
                and ru.escalated_at is null and not ru.imported
                and ru.opened_at <= now() - interval '20 hours'  -- A working day is never shorter, and the clock may change.
                and working_day_after(ru.opened_at, w.time_zone) <= now()
            order by ru.opened_at limit 1000 for no key update skip locked) mine
        where w.unacknowledged
    ), due as (
        select * from unrepaired union all select * from unacknowledged
    ), moved as (
        update rupture ru set escalated_at = now() from due d
        where ru.practice_id = d.practice_id and ru.opened_rating = d.opened_rating
        returning ru.practice_id, ru.opened_rating
    ), kept as (
        insert into rupture_move (practice_id, opened_rating, actor, move)
        select m.practice_id, m.opened_rating, 'attune-aggregator', 'escalated' from moved m returning 1
    ), noted as (
        select audit_add(m.practice_id, 'attune-aggregator', 'ruptures.escalated', null, jsonb_build_object('count', count(*)))
        from moved m group by m.practice_id
    ) select count(*)::int + 0 * (select count(*) from noted) into escalated from kept;  -- What nobody reads is not run.
    return escalated;
end
$$;

-- The practice's list, newest first. It is made of what its administrator may not read, and names no client: so the server reads it.
create function escalations_list(of_practice bigint, after_rating uuid, rows_max int) returns table (
    therapist text, site text, opened_at timestamptz, escalated_at timestamptz, state text, step text, opened_rating uuid
) language plpgsql as $$
#variable_conflict use_column
declare
    was text := current_setting('attune.rows', true);
begin
    set local attune.rows = 'all';
    return query
    select th.code, si.name, ru.opened_at, ru.escalated_at, ru.state::text, ru.step::text, ru.opened_rating
    from (select * from rupture e where e.practice_id = of_practice
            and e.escalated_at is not null and e.state in ('open', 'unrepaired')
            and (e.escalated_at, e.opened_rating) < (case when after_rating is null then 'infinity'
                else (select l.escalated_at from rupture l where l.practice_id = of_practice
                    and l.opened_rating = after_rating) end, after_rating)
        order by e.escalated_at desc, e.opened_rating desc limit rows_max) ru
    join therapist th on th.practice_id = ru.practice_id and th.therapist_id = ru.therapist_id
    join rating r on r.practice_id = ru.practice_id and r.rating_id = ru.opened_rating
    join session s on s.practice_id = r.practice_id and s.session_id = r.session_id
    join site si on si.practice_id = s.practice_id and si.site_id = s.site_id
    order by ru.escalated_at desc, ru.opened_rating desc;
    execute format('set local attune.rows = %L', was);
end
$$;

-- Batches whose practices nobody else is at, oldest first; and with them those of resends, which hold nothing. Null: none is free.
-- A course's ruptures are folded over its ratings, so two aggregators must not fold one course at once: whoever takes a batch has its
-- practices' locks to the end of the transaction.
create function batches_free(ratings_max int) returns bigint[] language plpgsql as $$
declare
    batch    record;
    practice bigint;
    taken    bigint[];
    count    bigint := 0;
begin
    for batch in select b.batch_id, b.practice_ids, cardinality(b.rating_ids) as n from rating_batch b
        order by b.batch_id limit 64 for update skip locked
    loop
        exit when count > 0 and count + batch.n > ratings_max;
        practice := null;
        for practice in select distinct u from unnest(batch.practice_ids) u order by u loop
            exit when not pg_try_advisory_xact_lock(practice);
            practice := null;
        end loop;
        if practice is null then
            taken := taken || batch.batch_id;
            count := count + batch.n;
        end if;
    end loop;
    -- What was locked for nothing is let go again with this block.
    if count = 0 and cardinality(taken) is null then
        raise exception 'none' using errcode = 'lock_not_available';
    end if;
    return taken;
exception when lock_not_available then
    return null;
end
$$;

-- Claims batches and returns what their evaluation needs: for each claimed rating itself, the 19 before it in its
-- course and all after it (whose history, and whose rupture, a late one changes), each rating once, in the course's order.
--
-- At most 64 batches, and at most ratings_max ratings unless the first batch alone has more. The deletion is
-- undone if the caller's transaction ends in any other way than by commit.
--
-- On several nodes a rating can be committed and not yet be visible for up to a minute. Such ids
-- go back as a batch of their own, with the time of the first, and are given up after ten
-- minutes: then the rating was erased.
create function rating_claim(in ratings_max int) returns table (
    practice_id bigint, course_id bigint, rating_id uuid, session_id uuid, therapist_id bigint, session_start timestamptz,
    claimed boolean, late boolean, imported boolean, skipped boolean, understanding smallint, relevance smallint,
    safety smallint, fit smallint, tension smallint, opened boolean, ended boolean, language text, settings_version int, settings int[],
    goal_sessions uuid[], goal_areas smallint[]
) language plpgsql
-- Twenty rows a rating, a thousand ratings: 5 MB, sorted once and handed over once, and not by way of a file.
set work_mem = '16MB' as $$
#variable_conflict use_column
declare
    practices bigint[];
    ids       uuid[];
    oldest    timestamptz;
    practice  bigint;
    taken     bigint[];
begin
    -- Batches of resends hold nothing: past them to the first that does.
    loop
        -- One looks at a time, and nobody waits while looking: so whoever finds nothing has been passed over by one that goes on.
        perform pg_advisory_lock(7443, 1);
        taken := batches_free(ratings_max);
        practices := null;
        if taken is null then
            -- All that there is stands behind somebody: the first, when its practices are free.
            select array[b.batch_id], b.practice_ids into taken, practices from rating_batch b
            where cardinality(b.rating_ids) > 0 order by b.batch_id limit 1 for update skip locked;
        end if;
        perform pg_advisory_unlock(7443, 1);
        if practices is not null then
            for practice in select distinct u from unnest(practices) u order by u loop
                perform pg_advisory_xact_lock(practice);
            end loop;
        end if;
        if taken is null then
            return;
        end if;
        with gone as (
            delete from rating_batch b where b.batch_id = any (taken) returning b.practice_ids, b.rating_ids, b.made_at
        )
        select array_agg(u.practice_id), array_agg(u.rating_id), min(g.made_at) into practices, ids, oldest
        from gone g cross join lateral unnest(g.practice_ids, g.rating_ids) as u (practice_id, rating_id);
        exit when ids is not null;
    end loop;

    -- Two statements where one would do: the second's parameters are plain arrays, on any cluster.
    return query
    with wanted as (
        select distinct u.practice_id, u.rating_id from unnest(practices, ids) as u (practice_id, rating_id)
    ), mine as materialized (
        select r.practice_id, r.course_id, r.session_start, r.ticket_id, r.rating_id, p.rules_version, th.language,
            standing.openings, standing.endings
        from wanted w
        join rating r on r.practice_id = w.practice_id and r.rating_id = w.rating_id
        join practice p on p.practice_id = r.practice_id
        join therapist th on th.practice_id = r.practice_id and th.therapist_id = r.therapist_id
        -- Once a course, not once a rating around: most courses have none.
        cross join lateral (select array_agg(ru.opened_rating) as openings, array_agg(ru.closed_rating) as endings
            from rupture ru where ru.practice_id = r.practice_id and ru.course_id = r.course_id
                and ru.state <> 'withdrawn') standing
    ), around as (
        -- Each rating's row is read here and nowhere again.
        select near.*, near.rating_id = m.rating_id as claimed,
            coalesce(near.rating_id = any (m.openings), false) as opened,
            coalesce(near.rating_id = any (m.endings), false) as ended, m.rules_version, m.language
        from mine m cross join lateral (
            (select b.practice_id, b.course_id, b.session_start, b.ticket_id, b.rating_id, b.session_id, b.therapist_id,
                b.made_at, b.session_end, b.imported, b.skipped, b.understanding, b.relevance, b.safety, b.fit, b.tension
             from ticket t
             join rating b on b.practice_id = t.practice_id and b.ticket_id = t.ticket_id
             where t.practice_id = m.practice_id and t.course_id = m.course_id
                 and (t.session_start, t.ticket_id) <= (m.session_start, m.ticket_id)
             order by t.session_start desc, t.ticket_id desc limit 20)
            union all
            (select f.practice_id, f.course_id, f.session_start, f.ticket_id, f.rating_id, f.session_id, f.therapist_id,
                f.made_at, f.session_end, f.imported, f.skipped, f.understanding, f.relevance, f.safety, f.fit, f.tension
             from ticket t
             join rating f on f.practice_id = t.practice_id and f.ticket_id = t.ticket_id
             where t.practice_id = m.practice_id and t.course_id = m.course_id
                 and (t.session_start, t.ticket_id) > (m.session_start, m.ticket_id)
             order by t.session_start, t.ticket_id)
        ) near
    ), once as (
        select distinct on (a.practice_id, a.course_id, a.session_start, a.ticket_id) a.*
        from around a order by a.practice_id, a.course_id, a.session_start, a.ticket_id, a.claimed desc
    )
    select r.practice_id, r.course_id, r.rating_id, r.session_id, r.therapist_id, r.session_start, r.claimed,
        -- A session ends as planned, or when it is closed before; when it is parked another one has the room.
        r.imported or greatest(r.made_at, now()) > r.session_end + interval '10 minutes'
            or exists (select from session s where s.practice_id = r.practice_id and s.session_id = r.session_id
                and (s.state = 'parked' or greatest(r.made_at, now()) > s.closed_at + interval '10 minutes')),
        r.imported, r.skipped, r.understanding, r.relevance, r.safety, r.fit,
        array_position('{none,resolved,unresolved}'::tension[], r.tension)::smallint, r.opened, r.ended,
        r.language, r.rules_version,
        -- Once a practice is enough.
        case when lag(r.practice_id) over (order by r.practice_id, r.course_id, r.session_start, r.ticket_id)
            is distinct from r.practice_id
            then (select s.numbers from rule_settings s
                  where s.practice_id = r.practice_id and s.version = r.rules_version) end,
        -- Once a course.
        case when lag(r.course_id) over (order by r.practice_id, r.course_id, r.session_start, r.ticket_id)
            is distinct from r.course_id then array(select g.session_id from goal g
                where g.practice_id = r.practice_id and g.course_id = r.course_id
                order by g.session_start desc, g.goal_id desc limit 16) end,
        case when lag(r.course_id) over (order by r.practice_id, r.course_id, r.session_start, r.ticket_id)
            is distinct from r.course_id then array(select array_position(enum_range(null::area), g.area)::smallint from goal g
                where g.practice_id = r.practice_id and g.course_id = r.course_id
                order by g.session_start desc, g.goal_id desc limit 16) end
    from once r
    order by r.practice_id, r.course_id, r.session_start, r.ticket_id;

    insert into rating_batch (practice_ids, rating_ids, made_at)
    select array_agg(u.practice_id), array_agg(u.rating_id), oldest
    from unnest(practices, ids) as u (practice_id, rating_id)
    where oldest > now() - interval '10 minutes'
        and not exists (select from rating r where r.practice_id = u.practice_id and r.rating_id = u.rating_id)
    having count(*) > 0;
end
$$;
