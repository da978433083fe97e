-- 0011_scope.sql - who sees which rows: settings local to a transaction, and the policies that read them.
--
-- The first statement of every call of attune_server says for whom it is: scope_server() for the server's own work (hello, feed,
-- ingest), scope_begin() for a person. Without either nothing can be read or written. scope_begin looks up in each transaction
-- what the person may see now, so a cover that was ended ends at once.
--
-- One `set local` a setting, since Citus passes those on to its workers and set_config not. The policies compare a row with the
-- settings and nothing else, so index look-ups stay index look-ups.

grant update (ended_at) on course to attune_server;

-- When someone was last noted in the audit for a glass that they could not break: once an hour.
alter table therapist add column glass_missed_at timestamptz;
grant update (glass_missed_at) on therapist to attune_server;

-- A colleague reads and acts in a therapist's place.
create table cover (
    practice_id  bigint not null,
    therapist_id bigint not null,  -- Whose courses, and
    by_id        bigint not null,  -- who covers.
    from_at      timestamptz not null default now(),
    until_at     timestamptz not null,
    ended_at     timestamptz,
    primary key (practice_id, therapist_id, by_id),
    foreign key (practice_id, therapist_id) references therapist,
    foreign key (practice_id, by_id) references therapist,
    check (therapist_id <> by_id),
    check (until_at <= from_at + interval '61 days')
);

-- A supervisor reads the sessions of these dates, during these dates. Of one therapist, or of all of a site's: the other one is 0.
create table supervision (
    practice_id   bigint not null,
    supervisor_id bigint not null,
    therapist_id  bigint not null default 0,
    site_id       bigint not null default 0,
    from_at       timestamptz not null,
    until_at      timestamptz not null,
    ended_at      timestamptz,
    primary key (practice_id, supervisor_id, therapist_id, site_id),
    foreign key (practice_id, supervisor_id) references therapist,
    check ((therapist_id = 0) <> (site_id = 0)),
    check (therapist_id <> supervisor_id),
    check (until_at > from_at and until_at <= from_at + interval '1098 days')
);

-- Someone read one client of a colleague's, and said why. It goes with the course alone: the owner's list is made of it.
create table break_glass (
    practice_id bigint not null,
    glass_id    uuid not null default gen_random_uuid(),
    person_id   bigint not null,  -- Who looked,
    owner_id    bigint not null,  -- whose course it is,
    course_id   bigint not null,
    reason      text not null check (length(reason) between 1 and 2000),
    at          timestamptz not null default now(),
    until_at    timestamptz not null default now() + interval '60 minutes',
    ended_at    timestamptz,
    seen_at     timestamptz,      -- The owner has seen it.
    primary key (practice_id, glass_id),
    foreign key (practice_id, person_id) references therapist,
    foreign key (practice_id, course_id) references course
);
create index break_glass_of_owner on break_glass (practice_id, owner_id, at, glass_id);
create index break_glass_unseen on break_glass (practice_id, owner_id, at, glass_id) where seen_at is null;
create index break_glass_of_person on break_glass (practice_id, person_id, at);
create index break_glass_of_course on break_glass (practice_id, course_id);

-- ---- the settings ----

create function scope_server() returns void language plpgsql as $$
begin
    set local attune.rows = 'all';
end
$$;

-- Raises AT001 where the person may not (or no longer) act for the subject. The words are those of enum store_scope, from 1.
create function scope_begin(scope_number int, of_practice bigint, person bigint, subject bigint, client bigint) returns void
language plpgsql as $$
declare
    word    constant text := ('{therapist,cover,supervision,break-glass,administrator}'::text[])[scope_number];
    courses bigint[] := '{}';
    clients bigint[] := '{}';
    dates   tstzrange := '(,)';
begin
    set local attune.rows = 'all';
    if word = 'cover' then
        perform from cover c where c.practice_id = of_practice and c.therapist_id = subject and c.by_id = person
            and c.ended_at is null and c.from_at <= now() and c.until_at > now();
    elsif word = 'supervision' then
        select tstzrange(g.from_at, g.until_at) into dates from supervision g
        where g.practice_id = of_practice and g.supervisor_id = person and g.ended_at is null
            and g.from_at <= now() and g.until_at > now()
            and (g.therapist_id = subject or g.site_id = (select t.site_id from therapist t
                where t.practice_id = of_practice and t.therapist_id = subject and t.therapist_id <> person))
        order by g.until_at desc, g.from_at limit 1;
    elsif word = 'break-glass' then
        perform from break_glass b join course c on c.practice_id = b.practice_id and c.course_id = b.course_id
        where b.practice_id = of_practice and b.person_id = person and b.owner_id = subject and c.client_id = client
            and b.at <= now() and b.ended_at is null and b.until_at > now();
    elsif word = 'therapist' then
        perform where person = subject;
    else
        perform where word is not null;
    end if;
    if not found then
        raise exception 'this right has ended' using errcode = 'AT001';
    end if;
    if word <> 'administrator' then
        select coalesce(array_agg(c.course_id), '{}'), coalesce(array_agg(c.client_id), '{}') into courses, clients from course c
        where c.practice_id = of_practice and c.therapist_id = subject and c.ended_at is null
            and (word <> 'break-glass' or c.client_id = client)
            and (word <> 'supervision' or exists (select from ticket t where t.practice_id = of_practice and t.course_id = c.course_id
                and t.session_start >= lower(dates) and t.session_start < upper(dates)));
    end if;
    set local attune.rows = 'mine';
    execute format('set local attune.scope = %L', word);
    execute format('set local attune.practice = %L', of_practice);
    execute format('set local attune.person = %L', person);
    execute format('set local attune.subject = %L', subject);
    execute format('set local attune.courses = %L', courses);
    execute format('set local attune.clients = %L', clients);
    execute format('set local attune.dates = %L', dates);
end
$$;

-- ---- the policies ----

-- Row-level security on a table, forced. `reads` and `writes` say which of a practice's rows a person's scope may read, and of those
-- insert, change and delete; in them {scope}, {person}, … stand for the settings, {mine} for the courses, {acts} for those who
-- may change them. With attune.rows = 'all' (the server's own work) all are there. The owner, as whom some functions run, and the
-- aggregator have what their rights give. For the files after this one too.
--
-- A setting is read once a statement, as an init-plan; Citus takes no sub-query in a policy, so there it is read at each row.
create function scope_table(of_table text, reads text, writes text) returns void language plpgsql as $$
declare
    form     constant text := case when exists (select from pg_extension where extname = 'citus') then '%s' else '(select %s)' end;
    settings constant text[] := '{{practice,bigint},{person,bigint},{subject,bigint},{courses,bigint[]},{clients,bigint[]},{dates,tstzrange}}';
    one      text[];
    verb     text;
    rule     text;
    word     constant text := format(form, 'current_setting(''attune.scope'', true)');
    whole    constant text := format(form, 'current_setting(''attune.rows'', true)') || ' = ''all''';
begin
    execute format('alter table %I enable row level security', of_table);
    execute format('alter table %I force row level security', of_table);
    execute format('create policy owner on %I to %I using (true) with check (true)', of_table, current_user);
    foreach verb in array '{select,insert,update,delete}'::text[] loop
        rule := case verb when 'select' then reads else writes end;
        rule := case when rule = 'false' then whole else format('%s or practice_id = {practice} and (%s)', whole, rule) end;
        rule := replace(rule, '{mine}', 'course_id = any ({courses}::bigint[])');
        rule := replace(rule, '{acts}', '{scope} in (''therapist'', ''cover'')');
        rule := replace(rule, '{scope}', word);
        foreach one slice 1 in array settings loop
            rule := replace(rule, '{' || one[1] || '}',
                format(form, format('nullif(current_setting(%L, true), '''')::%s', 'attune.' || one[1], one[2])));
        end loop;
        execute format('create policy server_%s on %I for %s to attune_server %s', verb, of_table, verb,
            case verb when 'insert' then format('with check (%s)', rule) when 'update' then format('using (%s) with check (%s)', rule, rule)
            else format('using (%s)', rule) end);
    end loop;
    if has_any_column_privilege('attune_aggregator', of_table, 'select, insert, update') or has_table_privilege('attune_aggregator', of_table, 'delete') then
        execute format('create policy aggregator on %I to attune_aggregator using (true) with check (true)', of_table);
    end if;
end
$$;

revoke all on cover, supervision, break_glass from public;
revoke all on function scope_server, scope_begin, scope_table from public;
grant execute on function scope_server, scope_begin to attune_server;
grant select, insert on cover, supervision, break_glass to attune_server;
grant update (from_at, until_at, ended_at) on cover, supervision to attune_server;
grant update (ended_at, seen_at) on break_glass to attune_server;

-- What a practice is made of is its staff's to see, and its administrator's to change. The lock on a room's row wants the right to update.
select scope_table('practice', 'true', '{scope} = ''administrator''');
select scope_table('site', 'true', '{scope} = ''administrator''');
select scope_table('room', 'true', '{scope} = ''administrator'' or {acts}');
select scope_table('room_lease', 'true', '{acts}');
select scope_table('therapist', 'true', '{scope} = ''administrator''');
select scope_table('rule_settings', 'true', '{scope} = ''administrator''');
select scope_table('instrument', 'true', '{scope} = ''administrator''');
select scope_table('device', '{scope} = ''administrator''', '{scope} = ''administrator''');
-- An administrator sees which client is whose, and nothing that was said.
select scope_table('client', '{scope} = ''administrator'' or client_id = any ({clients}::bigint[])', '{scope} = ''administrator''');
select scope_table('course', '{scope} = ''administrator'' or {mine}', '{scope} = ''administrator''');
-- An import is written without being read.
select scope_table('session', '{mine} and {dates} @> start_at', '{acts} and {mine} or {scope} = ''administrator'' and imported');
select scope_table('ticket', '{mine} and {dates} @> session_start', '{acts} and {mine} or {scope} = ''administrator'' and imported');
select scope_table('rating', '{mine} and {dates} @> session_start', 'false');
select scope_table('alert', '{mine} and {dates} @> session_start', 'false');
select scope_table('rupture', '{mine} and {dates} @> opened_session', '{acts} and {mine}');
select scope_table('goal', '{mine} and {dates} @> session_start', '{acts} and {mine}');
-- These name no course. On Citus, where a policy may not look into another table, the therapist has to do.
select scope_table('alert_delivery', case when exists (select from pg_extension where extname = 'citus') then 'therapist_id = {subject}'
    else 'exists (select from alert a where a.practice_id = alert_delivery.practice_id and a.alert_id = alert_delivery.alert_id)' end,
    '{acts} and therapist_id = {subject}');
select scope_table('rupture_move', case when exists (select from pg_extension where extname = 'citus') then '{scope} <> ''administrator'''
    else 'exists (select from rupture r where r.practice_id = rupture_move.practice_id and r.opened_rating = rupture_move.opened_rating)' end,
    '{acts}');
select scope_table('rollup_week', '{scope} = ''administrator'' or therapist_id = {subject}', '{acts} and therapist_id = {subject}');
select scope_table('rollup_client', '{scope} = ''administrator'' or therapist_id = {subject}', 'false');
select scope_table('rollup_session', 'false', '{acts} or {scope} = ''administrator''');
-- The server's own.
select scope_table('ticket_gone', '{scope} = ''administrator''', 'false');
select scope_table('rollup_frozen', 'false', 'false');
select scope_table('rating_batch', 'false', 'false');
select scope_table('rating_quarantine', 'false', 'false');
-- Whoever is named in a right sees it.
select scope_table('cover', '{scope} = ''administrator'' or {person} in (therapist_id, by_id)', '{scope} = ''administrator''');
select scope_table('supervision', '{scope} = ''administrator'' or {person} in (therapist_id, supervisor_id)', '{scope} = ''administrator''');
select scope_table('break_glass', '{person} in (owner_id, person_id)', '{scope} = ''therapist'' and {person} = owner_id');

-- ---- who may act for whom ----

-- Until null: it ends now. The days are those that a person has to think of again, not a year.
create function cover_put(of_practice bigint, of_code text, by_code text, until timestamptz, by_actor text) returns text
language plpgsql as $$
declare
    of_therapist bigint;
    by_therapist bigint;
begin
    select t.therapist_id into of_therapist from therapist t where t.practice_id = of_practice and t.code = of_code;
    select t.therapist_id into by_therapist from therapist t where t.practice_id = of_practice and t.code = by_code;
    if of_therapist is null or by_therapist is null then
        return 'therapist_unknown';
    elsif of_therapist = by_therapist or until <= now() or until > now() + interval '61 days' then
        return 'right_dates';
    elsif until is null then
        update cover c set ended_at = now() where c.practice_id = of_practice and c.therapist_id = of_therapist
            and c.by_id = by_therapist and c.ended_at is null and c.until_at > now();
        if not found then
            return 'right_unknown';
        end if;
    else
        insert into cover (practice_id, therapist_id, by_id, until_at) values (of_practice, of_therapist, by_therapist, until)
        on conflict (practice_id, therapist_id, by_id) do update set from_at = now(), until_at = excluded.until_at, ended_at = null;
    end if;
    perform audit_add(of_practice, by_actor, case when until is null then 'cover.end' else 'cover.put' end, null,
        jsonb_build_object('therapist', of_therapist, 'by', by_therapist, 'until', until));
    return 'ok';
end
$$;

-- Of a therapist, or of a site: the other one is ''. Until null: it ends now.
create function supervision_put(
    of_practice bigint, by_code text, of_code text, of_site text, since timestamptz, until timestamptz, by_actor text
) returns text language plpgsql as $$
declare
    supervisor bigint;
    one        bigint := 0;
    place      bigint := 0;
begin
    select t.therapist_id into supervisor from therapist t where t.practice_id = of_practice and t.code = by_code;
    if of_code <> '' then
        select t.therapist_id into one from therapist t where t.practice_id = of_practice and t.code = of_code;
    else
        select s.site_id into place from site s where s.practice_id = of_practice and s.name = of_site;
    end if;
    if supervisor is null or one is null then
        return 'therapist_unknown';
    elsif place is null then
        return 'site_unknown';
    elsif supervisor = one or until <= since or until > since + interval '1098 days' then
        return 'right_dates';
    elsif until is null then
        update supervision g set ended_at = now() where g.practice_id = of_practice and g.supervisor_id = supervisor
            and g.therapist_id = one and g.site_id = place and g.ended_at is null and g.until_at > now();
        if not found then
            return 'right_unknown';
        end if;
    else
        insert into supervision (practice_id, supervisor_id, therapist_id, site_id, from_at, until_at)
        values (of_practice, supervisor, one, place, since, until)
        on conflict (practice_id, supervisor_id, therapist_id, site_id) do update set from_at = excluded.from_at,
            until_at = excluded.until_at, ended_at = null;
    end if;
    perform audit_add(of_practice, by_actor, case when until is null then 'supervision.end' else 'supervision.put' end, null,
        jsonb_build_object('supervisor', supervisor, 'therapist', one, 'site', place, 'from', since, 'until', until));
    return 'ok';
end
$$;

-- A client of a therapist's, and theirs again if it was over. 'again': whose name it was is erased, and it is not free yet.
create function client_put(of_practice bigint, ref text, of_code text, by_actor text) returns text language plpgsql as $$
declare
    of_therapist bigint;
    of_client    bigint;
begin
    select t.therapist_id into of_therapist from therapist t where t.practice_id = of_practice and t.code = of_code;
    if not found then
        return 'therapist_unknown';
    end if;
    perform pg_advisory_xact_lock_shared(of_practice);  -- An erasure under way is over before, or waits for this.
    if client_is_erased(of_practice, ref) then
        return 'again';
    end if;
    insert into client (practice_id, client_ref) values (of_practice, ref) on conflict (practice_id, client_ref) do nothing;
    select c.client_id into of_client from client c where c.practice_id = of_practice and c.client_ref = ref;
    insert into course (practice_id, client_id, therapist_id) values (of_practice, of_client, of_therapist)
    on conflict (practice_id, client_id, therapist_id) do update set ended_at = null where course.ended_at is not null;
    if found then
        perform audit_add(of_practice, by_actor, 'practice.put_client', array[of_client], null);
    end if;
    return 'ok';
end
$$;

-- The course is over, and nobody's to read. What waits for its therapist is not shown any more. add-client opens it again.
create function course_end(of_practice bigint, ref text, of_code text, by_actor text) returns text language plpgsql as $$
declare
    of_therapist bigint;
    of_client    bigint;
begin
    select t.therapist_id into of_therapist from therapist t where t.practice_id = of_practice and t.code = of_code;
    if not found then
        return 'therapist_unknown';
    end if;
    select co.client_id into of_client from client cl join course co on co.practice_id = cl.practice_id and co.client_id = cl.client_id
    where cl.practice_id = of_practice and cl.client_ref = ref and co.practice_id = of_practice and co.therapist_id = of_therapist;
    if not found then
        return 'client_unknown';
    end if;
    update course c set ended_at = now() where c.practice_id = of_practice and c.client_id = of_client
        and c.therapist_id = of_therapist and c.ended_at is null;
    perform audit_add(of_practice, by_actor, 'course.end', array[of_client], jsonb_build_object('therapist', of_therapist));
    return 'ok';
end
$$;

-- A person wants to see a colleague's rows: 2 as cover, 3 as supervisor, 4 by breaking the glass, with a reason. Who has not been given a
-- right hears the same as where there is no such therapist. Asked again within the hour the same glass is broken: the same right.
create function act_for(
    in of_practice bigint, in person bigint, in scope_number int, in of_code text, in ref text, in why text, in by_actor text,
    out verdict text, out subject bigint, out client bigint, out code text, out name text, out from_at timestamptz, out until_at timestamptz
) language plpgsql as $$
#variable_conflict use_column
declare
    was       text := current_setting('attune.rows', true);
    of_course bigint;
begin
    set local attune.rows = 'all';
    client := 0;
    if scope_number = 4 then
        -- One at a time, so that they can be counted: before it is known whose the client is, so that whoever has none left learns nothing.
        perform from therapist t where t.practice_id = of_practice and t.therapist_id = person for no key update;
        verdict := case when (select count(*) from break_glass b where b.practice_id = of_practice and b.person_id = person
            and b.at > now() - interval '24 hours') >= 3 then 'glass_spent' else 'client_unknown' end;
        select co.course_id, co.client_id, t.therapist_id, t.code, t.display_name into of_course, client, subject, code, name
        from client cl
        join course co on co.practice_id = cl.practice_id and co.client_id = cl.client_id
        join therapist t on t.practice_id = co.practice_id and t.therapist_id = co.therapist_id
        where cl.practice_id = of_practice and cl.client_ref = ref and co.ended_at is null and co.therapist_id <> person
            and (of_code = '' or t.code = of_code)
        order by (select max(ti.session_start) from ticket ti where ti.practice_id = co.practice_id and ti.course_id = co.course_id)
            desc nulls last, co.course_id limit 1;
        if found then
            select b.at, b.until_at into from_at, until_at from break_glass b where b.practice_id = of_practice
                and b.person_id = person and b.course_id = of_course and b.ended_at is null and b.until_at > now();
            if found then
                verdict := 'ok';
            elsif verdict <> 'glass_spent' then
                insert into break_glass as b (practice_id, person_id, owner_id, course_id, reason)
                values (of_practice, person, subject, of_course, why) returning b.at, b.until_at into from_at, until_at;
                perform audit_add(of_practice, by_actor, 'glass.break', array[client], jsonb_build_object('owner', subject));
                perform pg_notify('attune_room', '');  -- As rarely as the rooms' news; the alerts' way stays free.
                verdict := 'ok';
            end if;
        end if;
        if verdict <> 'ok' then
            update therapist t set glass_missed_at = now() where t.practice_id = of_practice and t.therapist_id = person
                and (t.glass_missed_at is null or t.glass_missed_at <= now() - interval '1 hour');
            if found then
                perform audit_add(of_practice, by_actor, 'glass.missed', null, jsonb_build_object('person', person));
            end if;
        end if;
    else
        verdict := 'right_none';
        select t.therapist_id, t.code, t.display_name, g.from_at, g.until_at into subject, code, name, from_at, until_at
        from therapist t cross join lateral (
            select c.from_at, c.until_at from cover c where scope_number = 2 and c.practice_id = of_practice
                and c.therapist_id = t.therapist_id and c.by_id = person and c.ended_at is null and c.from_at <= now() and c.until_at > now()
            union all
            select s.from_at, s.until_at from supervision s where scope_number = 3 and s.practice_id = of_practice
                and s.supervisor_id = person and (s.therapist_id = t.therapist_id or s.site_id = t.site_id)
                and s.ended_at is null and s.from_at <= now() and s.until_at > now()) g
        where t.practice_id = of_practice and t.code = of_code and t.therapist_id <> person
        order by g.until_at desc, g.from_at limit 1;
        if found then
            perform audit_add(of_practice, by_actor, 'act_for', null, jsonb_build_object('therapist', subject, 'scope', scope_number));
            verdict := 'ok';
        end if;
    end if;
    if verdict <> 'ok' then
        subject := 0;
        client := 0;
    end if;
    execute format('set local attune.rows = %L', was);
end
$$;

revoke all on function cover_put, supervision_put, client_put, course_end, act_for from public;
grant execute on function cover_put, supervision_put, client_put, course_end, act_for to attune_server;
