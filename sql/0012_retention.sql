-- 0012_retention.sql - how long a site keeps a course, what a hold keeps, and how what is too old goes.
--
-- A course goes as a whole, once its last session is older than its site's time (of two sites the longer one's; a site without a
-- time keeps for ever), and its client with the last one. First a plan is made, page by page: it names each course with a hash over
-- the ids of all that is in it. What was shown is what goes: the run takes the plan's courses alone, and of these only those that
-- still hash the same, are still due and not held. Both are bounded a transaction and go on where they were stopped.
-- Roll-ups and audit stay. Cells that have lost something are frozen (0008): they are never made anew.
--
-- What is done to courses is done as the owner, since no other role may delete: so the server's role can take what is due, and no more.

create table retention (
    practice_id bigint not null,
    site_id     bigint not null,
    years       smallint not null check (years between 1 and 100),  -- After a course's last session.
    set_by      text not null,
    set_at      timestamptz not null default now(),
    primary key (practice_id, site_id),
    foreign key (practice_id, site_id) references site
);
alter table practice add column retention_nightly boolean not null default false;  -- The aggregator does it by itself.

-- A client whose courses stay, whatever their age, and who is not erased: up to a day, the whole of it, or until released.
create table legal_hold (
    practice_id bigint not null,
    hold_id     bigint generated always as identity,
    client_id   bigint not null,
    until       date,            -- Null: until released.
    because     text not null check (octet_length(because) between 1 and 440),
    held_by     text not null,
    held_at     timestamptz not null default now(),
    released_by text,
    released_at timestamptz,
    primary key (practice_id, hold_id),
    foreign key (practice_id, client_id) references client,
    check ((released_by is null) = (released_at is null))
);
create unique index hold_in_force on legal_hold (practice_id, client_id) where released_at is null;
create index hold_of_client on legal_hold (practice_id, client_id);

-- Whether a hold stops that anything of this client goes.
create function client_held(of_practice bigint, of_client bigint) returns boolean language sql stable
return exists (select from legal_hold h join practice p on p.practice_id = h.practice_id
    where h.practice_id = of_practice and h.client_id = of_client and h.released_at is null
        and (h.until is null or (now() at time zone p.time_zone)::date <= h.until));

-- A dry run, and then the run of it.
create table retention_plan (
    practice_id bigint not null references practice,
    plan_id     uuid not null,
    as_of       timestamptz not null default now(),  -- Ages are measured up to here, on all its pages.
    made_by     text not null,
    looked_at   bigint not null default 0,  -- The last course looked at.
    courses     int not null default 0,
    held        int not null default 0,     -- Due, but for a hold.
    ids_hash    bytea not null default '',
    word        text,                       -- Once all were looked at: what the run asks for.
    run_by      text,
    begun_at    timestamptz,
    run_at      bigint not null default 0,  -- The last course that the run has come to.
    gone        int not null default 0,
    kept        int not null default 0,     -- Changed, held or not counted yet since.
    gone_hash   bytea not null default '',
    finished_at timestamptz,                -- Then there is a certificate of its word.
    primary key (practice_id, plan_id)
);
create unique index retention_word on retention_plan (practice_id, word);
create table retention_course (
    practice_id bigint not null,
    plan_id     uuid not null,
    course_id   bigint not null,
    digest      bytea not null,
    primary key (practice_id, plan_id, course_id)
);
-- Of what went, by a run or an erasure. Made with what it is about, in the same transaction, and signed by a server's audit key
-- (0017) right behind it. No role changes one.
create table certificate (
    practice_id bigint not null references practice,
    number      bigint generated always as identity,
    kind        text not null check (kind in ('retention', 'erasure')),
    name        text not null check (octet_length(name) between 1 and 80),  -- The run's word; the erased token's SHA-256.
    body        text not null,  -- JSON.
    made_at     timestamptz not null default now(),
    signer      bytea check (length(signer) = 32),
    signature   bytea check (length(signature) = 64),
    primary key (practice_id, number),
    unique (practice_id, kind, name),
    check ((signer is null) = (signature is null))
);
create index certificate_in_turn on certificate (number);
create index certificate_unsigned on certificate (number) where signature is null;

-- Of what would go, and of what went: courses, clients, sessions, tickets, ratings, alerts, deliveries, ruptures, moves, goals.
create table retention_count (
    practice_id bigint not null,
    plan_id     uuid not null,
    gone        boolean not null,
    site_id     bigint not null,
    year        int not null,
    counts      int[] not null check (cardinality(counts) = 10),
    primary key (practice_id, plan_id, gone, site_id, year)
);

-- What deleting a session and a course looks for.
create index session_of_course on session (practice_id, course_id);
create index goal_of_session on goal (practice_id, session_id);

-- All that goes with a course, each with the site and the year of its session.
create function retention_things(of_practice bigint, of_course bigint)
returns table (site_id bigint, year int, kind int, id text) language plpgsql stable as $$
#variable_conflict use_column
begin
    return query
    with mine as materialized (
        select s.session_id, t.ticket_id, s.site_id, s.start_at, extract(year from s.start_at at time zone p.time_zone)::int as year
        from ticket t
        join session s on s.practice_id = t.practice_id and s.session_id = t.session_id
        join practice p on p.practice_id = t.practice_id
        where t.practice_id = of_practice and t.course_id = of_course
    ), rated as materialized (
        select r.rating_id, m.site_id, m.year
        from mine m join rating r on r.practice_id = of_practice and r.ticket_id = m.ticket_id
    ), told as materialized (
        select a.alert_id, m.site_id, m.year
        from alert a join mine m on m.session_id = a.session_id where a.practice_id = of_practice and a.course_id = of_course
    ), broken as materialized (
        select ru.opened_rating, r.site_id, r.year
        from rupture ru join rated r on r.rating_id = ru.opened_rating
        where ru.practice_id = of_practice and ru.course_id = of_course
    )
    (select m.site_id, m.year, 1, of_course::text from mine m order by m.start_at desc, m.ticket_id desc limit 1)
    union all select m.site_id, m.year, 3, m.session_id::text from mine m
    union all select m.site_id, m.year, 4, m.ticket_id::text from mine m
    union all select r.site_id, r.year, 5, r.rating_id::text from rated r
    union all select a.site_id, a.year, 6, a.alert_id::text from told a
    union all select a.site_id, a.year, 7, a.alert_id::text
        from told a join alert_delivery d on d.practice_id = of_practice and d.alert_id = a.alert_id
    union all select b.site_id, b.year, 8, b.opened_rating::text from broken b
    union all select b.site_id, b.year, 9, v.move_id::text
        from broken b join rupture_move v on v.practice_id = of_practice and v.opened_rating = b.opened_rating
    union all select m.site_id, m.year, 10, g.goal_id::text
        from goal g join mine m on m.session_id = g.session_id where g.practice_id = of_practice and g.course_id = of_course;
end
$$;

create function retention_digest(of_practice bigint, of_course bigint) returns bytea language sql stable
return (select sha256(convert_to(string_agg(t.kind || ':' || t.id, ',' order by t.kind, t.id collate "C"), 'UTF8'))
    from retention_things(of_practice, of_course) t);

-- 'due'; 'held': only a hold keeps it; 'kept': it is not old enough, or at a site that keeps.
create function retention_due(of_practice bigint, of_course bigint, of_client bigint, as_of timestamptz) returns text
language plpgsql stable as $$
declare
    last    timestamptz;
    longest int;
begin
    select t.session_start into last from ticket t
    where t.practice_id = of_practice and t.course_id = of_course order by t.session_start desc, t.ticket_id desc limit 1;
    if last is null or last >= as_of - interval '1 year' then
        return 'kept';  -- Most of them: nothing else is read.
    end if;
    select case when bool_and(r.years is not null) then max(r.years) end into longest
    from (select distinct s.site_id from session s where s.practice_id = of_practice and s.course_id = of_course) s
    left join retention r on r.practice_id = of_practice and r.site_id = s.site_id;
    if longest is null or last >= as_of - make_interval(years => longest) then
        return 'kept';
    end if;
    return case when client_held(of_practice, of_client) then 'held' else 'due' end;
end
$$;

create function retention_add(of_practice bigint, of_plan uuid, is_gone boolean, of_course bigint, with_client boolean) returns void
language plpgsql as $$
begin
    insert into retention_count as c (practice_id, plan_id, gone, site_id, year, counts)
    select of_practice, of_plan, is_gone, t.site_id, t.year, array[count(*) filter (where t.kind = 1),
        count(*) filter (where t.kind = 1 and with_client), count(*) filter (where t.kind = 3), count(*) filter (where t.kind = 4),
        count(*) filter (where t.kind = 5), count(*) filter (where t.kind = 6), count(*) filter (where t.kind = 7),
        count(*) filter (where t.kind = 8), count(*) filter (where t.kind = 9), count(*) filter (where t.kind = 10)]::int[]
    from retention_things(of_practice, of_course) t group by t.site_id, t.year
    on conflict (practice_id, plan_id, gone, site_id, year) do update set
        counts = array(select o + n from unnest(c.counts, excluded.counts) with ordinality as a (o, n, place) order by place);
end
$$;

-- Looks at the next courses_max courses. A plan that nobody ran is swept away, a thousand courses at a time, by the next ones.
create function retention_look(
    in of_practice bigint, in new_plan uuid, in courses_max int, in by_actor text, out verdict text, out more boolean
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
    plan   retention_plan;
    one    record;
    looked int := 0;
    due    text;
begin
    verdict := 'ok';
    insert into retention_plan (practice_id, plan_id, made_by) values (of_practice, new_plan, by_actor) on conflict do nothing;
    select p.* into plan from retention_plan p where p.practice_id = of_practice and p.plan_id = new_plan for no key update;
    more := plan.word is null;
    if not more then
        return;
    end if;
    delete from retention_course c using (
        select o.practice_id, o.plan_id, o.course_id
        from retention_plan p join retention_course o on o.practice_id = p.practice_id and o.plan_id = p.plan_id
        where p.practice_id = of_practice and p.finished_at is null and p.begun_at is null
            and p.as_of < now() - interval '7 days' limit 1000) old
    where c.practice_id = old.practice_id and c.plan_id = old.plan_id and c.course_id = old.course_id;
    for one in select c.course_id, c.client_id from course c
        where c.practice_id = of_practice and c.course_id > plan.looked_at
            and exists (select from retention r where r.practice_id = of_practice)
        order by c.course_id limit courses_max
    loop
        looked := looked + 1;
        plan.looked_at := one.course_id;
        due := retention_due(of_practice, one.course_id, one.client_id, plan.as_of);
        plan.held := plan.held + (due = 'held')::int;
        continue when due <> 'due';
        insert into retention_course (practice_id, plan_id, course_id, digest)
        values (of_practice, new_plan, one.course_id, retention_digest(of_practice, one.course_id)) returning
            sha256(plan.ids_hash || digest) into plan.ids_hash;
        plan.courses := plan.courses + 1;
        -- The client goes with the last of their courses.
        perform retention_add(of_practice, new_plan, false, one.course_id, not exists (select from course o
            where o.practice_id = of_practice and o.client_id = one.client_id and not exists (select from retention_course d
                where d.practice_id = of_practice and d.plan_id = new_plan and d.course_id = o.course_id)));
    end loop;
    more := looked = courses_max;
    if not more then
        plan.word := encode(substr(sha256(uuid_send(new_plan) || plan.ids_hash), 1, 6), 'hex');
        perform audit_add(of_practice, by_actor, 'retention.plan', null,
            jsonb_build_object('word', plan.word, 'courses', plan.courses, 'held', plan.held));
    end if;
    update retention_plan p set looked_at = plan.looked_at, courses = plan.courses, held = plan.held, ids_hash = plan.ids_hash,
        word = plan.word where p.practice_id = of_practice and p.plan_id = new_plan;
end
$$;

-- All of one course, whose roll-ups then stand as they are. Gives its tickets, which are remembered.
create function course_forget(of_practice bigint, of_course bigint) returns uuid[] language plpgsql as $$
declare
    sessions uuid[] := array(select s.session_id from session s where s.practice_id = of_practice and s.course_id = of_course);
    tickets  uuid[] := array(select t.ticket_id from ticket t where t.practice_id = of_practice and t.course_id = of_course);
begin
    insert into rollup_frozen (practice_id, week, site_id, therapist_id)
    select distinct s.practice_id, week_of(s.start_at, p.time_zone), s.site_id, s.therapist_id
    from session s join practice p on p.practice_id = s.practice_id
    where s.practice_id = of_practice and s.course_id = of_course
    on conflict do nothing;

    delete from alert_delivery d using alert a
    where a.practice_id = of_practice and a.course_id = of_course and d.practice_id = a.practice_id and d.alert_id = a.alert_id;
    delete from alert a where a.practice_id = of_practice and a.course_id = of_course;
    delete from rupture_move v using rupture ru where ru.practice_id = of_practice and ru.course_id = of_course
        and v.practice_id = ru.practice_id and v.opened_rating = ru.opened_rating;
    delete from rupture ru where ru.practice_id = of_practice and ru.course_id = of_course;
    delete from goal g where g.practice_id = of_practice and g.course_id = of_course;
    delete from rating r where r.practice_id = of_practice and r.ticket_id = any (tickets);
    delete from rating_quarantine q where q.practice_id = of_practice and q.ticket_id = any (tickets);
    delete from ticket t where t.practice_id = of_practice and t.course_id = of_course;
    insert into ticket_gone (practice_id, ticket_id) select of_practice, u from unnest(tickets) u on conflict do nothing;
    delete from room_lease l where l.practice_id = of_practice and l.session_id = any (sessions);
    -- One who came together with somebody whose course stays: that session forgets it.
    update session s set together_with = null where s.practice_id = of_practice and s.together_with = any (sessions);
    delete from session s where s.practice_id = of_practice and s.course_id = of_course;
    delete from break_glass b where b.practice_id = of_practice and b.course_id = of_course;
    delete from course c where c.practice_id = of_practice and c.course_id = of_course;
    return tickets;
end
$$;

-- One course, unless something keeps it. Gives the tickets that went; null: it stays.
create function retention_take(of_practice bigint, of_plan uuid, as_of timestamptz, of_course bigint, as_shown bytea, waiting uuid[])
returns uuid[] language plpgsql as $$
declare
    of_client bigint;
    sessions  uuid[];
    tickets   uuid[];
    ratings   uuid[];
begin
    -- Whoever opens a session, or agrees on a goal, waits or is waited for from here on.
    select c.client_id into of_client from course c where c.practice_id = of_practice and c.course_id = of_course for update;
    if not found then
        return null;
    end if;
    perform from session s where s.practice_id = of_practice and s.course_id = of_course for update;
    perform from client c where c.practice_id = of_practice and c.client_id = of_client for update;
    if retention_due(of_practice, of_course, of_client, as_of) <> 'due'
        or retention_digest(of_practice, of_course) is distinct from as_shown then
        return null;
    end if;
    select array_agg(t.session_id), array_agg(t.ticket_id) into sessions, tickets
    from ticket t where t.practice_id = of_practice and t.course_id = of_course;
    ratings := array(select r.rating_id from rating r where r.practice_id = of_practice and r.ticket_id = any (tickets));
    if ratings && waiting or exists (select from rollup_session w
        where w.practice_id = of_practice and w.session_id = any (sessions)) then
        return null;  -- No roll-up has counted it yet.
    end if;
    perform retention_add(of_practice, of_plan, true, of_course, not exists (select from course o
        where o.practice_id = of_practice and o.client_id = of_client and o.course_id <> of_course));
    perform course_forget(of_practice, of_course);
    if not exists (select from course o where o.practice_id = of_practice and o.client_id = of_client) then
        delete from legal_hold h where h.practice_id = of_practice and h.client_id = of_client;
        perform client_remember(of_practice, of_client);
        delete from client c where c.practice_id = of_practice and c.client_id = of_client;
    end if;
    return tickets;
end
$$;

create function retention_certificate(of_practice bigint, of_plan uuid) returns text language sql stable
return (select jsonb_build_object('certificate', 'attune retention 1', 'practice', pr.name, 'word', p.word, 'shown_by', p.made_by,
        'shown_for', p.as_of, 'run_by', p.run_by, 'begun', p.begun_at, 'finished', p.finished_at, 'courses_shown', p.courses,
        'courses_gone', p.gone, 'courses_kept', p.kept, 'ids_sha256', encode(p.gone_hash, 'hex'),
        'counted', '["courses", "clients", "sessions", "tickets", "ratings", "alerts", "deliveries", "ruptures", "moves", "goals"]'::jsonb,
        'gone', coalesce((select jsonb_agg(jsonb_build_array(s.name, c.year, c.counts) order by s.name, c.year)
            from retention_count c join site s on s.practice_id = c.practice_id and s.site_id = c.site_id
            where c.practice_id = p.practice_id and c.plan_id = p.plan_id and c.gone), '[]'))::text
    from retention_plan p join practice pr on pr.practice_id = p.practice_id
    where p.practice_id = of_practice and p.plan_id = of_plan);

-- Takes the next courses_max courses of a plan that was shown in the last week, or goes on with one. At the end its certificate.
create function retention_run(
    in of_practice bigint, in of_word text, in courses_max int, in by_actor text, out verdict text, out more boolean
) language plpgsql security definer set search_path = public, pg_temp
-- Whoever holds a lock for longer is waited for by nobody: it is tried again.
set lock_timeout = '5s' as $$
declare
    plan    retention_plan;
    one     record;
    came_to int := 0;
    waiting uuid[];
    tickets uuid[];
    all_tickets uuid[] := '{}';
    clients bigint[] := '{}';  -- Of whom something has gone.
begin
    verdict := 'ok';
    -- One at a time, since each takes the table's lock below; then as whoever changes a practice's roll-ups.
    perform pg_advisory_xact_lock(7443, 2);
    perform pg_advisory_xact_lock(of_practice);
    select p.* into plan from retention_plan p where p.practice_id = of_practice and p.word = of_word for no key update;
    if not found or (plan.begun_at is null and plan.as_of < now() - interval '7 days') then
        verdict := 'retention_unknown';
        return;
    end if;
    more := plan.finished_at is null;
    if not more then
        return;
    end if;
    if plan.begun_at is null then
        plan.begun_at := now();
        plan.run_by := by_actor;
    end if;
    waiting := array(select u.rating_id
        from rating_batch b cross join lateral unnest(b.practice_ids, b.rating_ids) as u (practice_id, rating_id)
        where u.practice_id = of_practice);
    for one in select c.course_id, c.digest, o.client_id from retention_course c
        left join course o on o.practice_id = c.practice_id and o.course_id = c.course_id
        where c.practice_id = of_practice and c.plan_id = plan.plan_id and c.course_id > plan.run_at
        order by c.course_id limit courses_max
    loop
        came_to := came_to + 1;
        plan.run_at := one.course_id;
        tickets := retention_take(of_practice, plan.plan_id, plan.as_of, one.course_id, one.digest, waiting);
        if tickets is null then
            plan.kept := plan.kept + 1;
        else
            plan.gone := plan.gone + 1;
            plan.gone_hash := sha256(plan.gone_hash || one.digest);
            all_tickets := all_tickets || tickets;
            clients := clients || one.client_id;
        end if;
    end loop;
    more := came_to = courses_max;
    perform audit_add(of_practice, by_actor, 'retention.run', clients, jsonb_build_object(
        'word', plan.word, 'came_to', came_to, 'gone', plan.gone, 'kept', plan.kept));
    if not more then
        plan.finished_at := now();
    end if;
    update retention_plan p set run_by = plan.run_by, begun_at = plan.begun_at, run_at = plan.run_at, gone = plan.gone,
        kept = plan.kept, gone_hash = plan.gone_hash, finished_at = plan.finished_at
    where p.practice_id = of_practice and p.plan_id = plan.plan_id;
    if not more then
        insert into certificate (practice_id, kind, name, body)
        values (of_practice, 'retention', plan.word, retention_certificate(of_practice, plan.plan_id));
    end if;
    -- A rating that is being inserted this moment has seen its ticket: those under way are waited for, the next ones wait until the
    -- tickets are gone for them too, and what has come between goes with the rest.
    if cardinality(all_tickets) > 0 then
        lock table rating in share mode;
        delete from rating r where r.practice_id = of_practice and r.ticket_id = any (all_tickets);
    end if;
end
$$;

-- ---- what the practice says ------------------------------------------------------------------------------------------------

-- Years 0: this site keeps for ever. Night 1: not by itself, 2: each night, 0: as it was.
create function retention_put(of_practice bigint, site_name text, new_years int, night int, by_actor text) returns text
language plpgsql as $$
declare
    of_site bigint;
begin
    if site_name <> '' then
        select s.site_id into of_site from site s where s.practice_id = of_practice and s.name = site_name;
        if not found then
            return 'site_unknown';
        end if;
        if new_years = 0 then
            delete from retention r where r.practice_id = of_practice and r.site_id = of_site;
        else
            insert into retention (practice_id, site_id, years, set_by) values (of_practice, of_site, new_years, by_actor)
            on conflict (practice_id, site_id) do update set years = excluded.years, set_by = excluded.set_by, set_at = now();
        end if;
    end if;
    update practice p set retention_nightly = night = 2
    where p.practice_id = of_practice and night > 0 and p.retention_nightly <> (night = 2);
    perform audit_add(of_practice, by_actor, 'retention.put', null,
        jsonb_build_object('site', of_site, 'years', new_years, 'night', night));
    return 'ok';
end
$$;

-- One in force for a client: another one replaces it. Why null: it is released.
create function hold_put(of_practice bigint, ref text, until_day date, why text, by_actor text) returns text language plpgsql as $$
declare
    of_client bigint;
    was       record;
begin
    perform pg_advisory_xact_lock_shared(of_practice);  -- A run under way is over before, or sees it.
    select c.client_id into of_client from client c where c.practice_id = of_practice and c.client_ref = ref;
    if not found or client_is_erased(of_practice, ref) then
        return 'client_unknown';
    end if;
    select h.hold_id, h.until, h.because into was from legal_hold h
    where h.practice_id = of_practice and h.client_id = of_client and h.released_at is null for no key update;
    if found and (was.until, was.because) is not distinct from (until_day, why) or not found and why is null then
        return 'ok';
    end if;
    update legal_hold h set released_by = by_actor, released_at = now()
    where h.practice_id = of_practice and h.client_id = of_client and h.released_at is null;
    insert into legal_hold (practice_id, client_id, until, because, held_by)
    select of_practice, of_client, until_day, why, by_actor where why is not null;
    perform audit_add(of_practice, by_actor, case when why is null then 'hold.release' else 'hold.put' end, array[of_client],
        jsonb_build_object('until', until_day));
    return 'ok';
end
$$;

revoke all on certificate, retention, legal_hold, retention_plan, retention_course, retention_count from public;
revoke all on function client_held, retention_things, retention_digest, retention_due, retention_add, retention_look, course_forget, retention_take,
    retention_certificate, retention_run, retention_put, hold_put from public;
grant select, insert, delete on retention to attune_server;
grant update (years, set_by, set_at) on retention to attune_server;
grant update (retention_nightly) on practice to attune_server;
grant select, insert on legal_hold to attune_server;
grant update (released_by, released_at) on legal_hold to attune_server;
grant select on retention_plan, retention_count to attune_server;
grant execute on function client_held, retention_look, retention_run, retention_put, hold_put to attune_server;

-- What the aggregator does by itself where a practice says so: between one and five at night, once a night, a plan and its run, a step
-- at a time. Gives how many practices it has taken a step for: there may be more to do.
create function retention_night(courses_max int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    one   record;
    plan  retention_plan;
    steps int := 0;
    actor constant text := 'attune-aggregator';
begin
    for one in select p.practice_id from practice p
        where p.retention_nightly and extract(hour from now() at time zone p.time_zone) between 1 and 4
    loop
        -- Two aggregators need not do the same.
        continue when not pg_try_advisory_xact_lock(7444, one.practice_id::int);
        select p.* into plan from retention_plan p where p.practice_id = one.practice_id and p.made_by = actor
            and p.as_of > now() - interval '12 hours' order by p.as_of desc limit 1;
        if not found then
            perform retention_look(one.practice_id, gen_random_uuid(), 10 * courses_max, actor);
        elsif plan.word is null then
            perform retention_look(one.practice_id, plan.plan_id, 10 * courses_max, actor);
        elsif plan.finished_at is null then
            perform retention_run(one.practice_id, plan.word, courses_max, actor);
        else
            continue;
        end if;
        steps := steps + 1;
    end loop;
    return steps;
end
$$;
create index retention_plan_of on retention_plan (practice_id, made_by, as_of);
revoke all on function retention_night from public;
grant execute on function retention_night to attune_aggregator;

-- An administrator's. What is done to courses is done as the owner.
select scope_table('retention', '{scope} = ''administrator''', '{scope} = ''administrator''');
select scope_table('legal_hold', '{scope} = ''administrator''', '{scope} = ''administrator''');
select scope_table('retention_plan', '{scope} = ''administrator''', '{scope} = ''administrator''');
select scope_table('retention_count', '{scope} = ''administrator''', 'false');
select scope_table('retention_course', 'false', 'false');
select scope_table('certificate', 'false', 'false');
