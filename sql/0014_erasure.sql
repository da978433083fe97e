-- 0014_erasure.sql - a client becomes nobody: it is judged and done here, and then their key and pseudonym are destroyed (sql/keys).
--
-- Either the numbers stay and are nobody's, or they go as well; the roll-ups stand both ways (cells that lost something are
-- frozen, as with retention). What is remembered is a hash of the token: a backup that brings the client back is found out by it,
-- and erased again. Sent twice it changes nothing.

create table client_erased (
    practice_id bigint not null references practice,
    token_hash  bytea not null check (length(token_hash) = 32),  -- SHA-256 of the token's 16 bytes.
    destroyed   boolean not null,                                -- The numbers went too.
    erased_by   text not null,
    at          timestamptz not null default now(),
    counts      int[] not null,  -- As client_counts, of the first time.
    primary key (practice_id, token_hash)
);

-- Null for a pseudonym: without a keys database there is no token to remember.
create function token_hash(ref text) returns bytea language plpgsql immutable strict as $$
begin
    return case when ref ~ '^[0-9a-f]{32}$' then sha256(decode(ref, 'hex')) end;
end
$$;
create index client_by_hash on client (practice_id, token_hash(client_ref));

-- Until their key goes they still have their name: too late for a hold, too early to be somebody else. As the owner, since nobody's
-- scope reads the table.
create function client_is_erased(of_practice bigint, ref text) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
    select exists (select from client_erased e where e.practice_id = of_practice and e.token_hash = token_hash(ref));
$$;

-- Of a client who goes with their last course: their key goes too, as soon as a server looks.
create function client_remember(of_practice bigint, of_client bigint) returns void language plpgsql as $$
begin
    insert into client_erased (practice_id, token_hash, destroyed, erased_by, counts)
    select c.practice_id, token_hash(c.client_ref), true, 'retention', '{0,0,0,0,0,0,0}' from client c
    where c.practice_id = of_practice and c.client_id = of_client and token_hash(c.client_ref) is not null
    on conflict do nothing;
end
$$;

-- What there is of a client: sessions, ratings, alerts, ruptures, goals, texts, tickets that no rating has used.
create function client_counts(of_practice bigint, of_client bigint) returns int[] language plpgsql stable as $$
declare
    courses  bigint[] := array(select c.course_id from course c where c.practice_id = of_practice and c.client_id = of_client);
    tickets  int;
    ratings  int;
    ruptures int;
    reasons  int;
    goals    int;
    words    int;
begin
    select count(*), count(r.rating_id) into tickets, ratings
    from ticket t left join rating r on r.practice_id = t.practice_id and r.ticket_id = t.ticket_id
    where t.practice_id = of_practice and t.course_id = any (courses);
    select count(*), count(nullif(ru.reason, '-')) into ruptures, reasons from rupture ru
    where ru.practice_id = of_practice and ru.course_id = any (courses);
    select count(*), count(nullif(g.words, '-')) into goals, words from goal g
    where g.practice_id = of_practice and g.course_id = any (courses);
    return array[(select count(*) from session s where s.practice_id = of_practice and s.course_id = any (courses)), ratings,
        (select count(*) from alert a where a.practice_id = of_practice and a.course_id = any (courses)),
        ruptures, goals, words + reasons, tickets - ratings]::int[];
end
$$;

-- The numbers stay: all that says something in words goes, sessions and courses end, nothing more is asked or told. Gives the
-- tickets that no rating has used: what comes for them is of nobody.
create function client_hush(of_practice bigint, of_client bigint, courses bigint[]) returns uuid[] language plpgsql as $$
declare
    unused uuid[];
begin
    delete from room_lease l using session s where s.practice_id = of_practice and s.course_id = any (courses)
        and l.practice_id = s.practice_id and l.session_id = s.session_id;
    update session s set state = 'closed', closed_at = coalesce(s.closed_at, now())
    where s.practice_id = of_practice and s.course_id = any (courses) and s.state <> 'closed';
    -- Before the tickets, by which it is found: what could not be stored has no rating, so its ticket is an unused one.
    delete from rating_quarantine q using ticket t where t.practice_id = of_practice and t.course_id = any (courses)
        and q.practice_id = t.practice_id and q.ticket_id = t.ticket_id;
    with gone as (
        delete from ticket t where t.practice_id = of_practice and t.course_id = any (courses)
            and not exists (select from rating r where r.practice_id = t.practice_id and r.ticket_id = t.ticket_id)
        returning t.ticket_id
    ) select coalesce(array_agg(g.ticket_id), '{}') into unused from gone g;
    update goal g set words = '-', ended_at = coalesce(g.ended_at, now()), outcome = coalesce(g.outcome, 'let go')
    where g.practice_id = of_practice and g.course_id = any (courses);
    -- Nobody is to ask after them any more: as with ruptures of another system's.
    update rupture ru set reason = case when ru.reason is not null then '-' end, imported = true
    where ru.practice_id = of_practice and ru.course_id = any (courses);
    update alert_delivery d set received_at = now() from alert a
    where a.practice_id = of_practice and a.course_id = any (courses)
        and d.practice_id = a.practice_id and d.alert_id = a.alert_id and d.received_at is null;
    update break_glass b set reason = '-' where b.practice_id = of_practice and b.course_id = any (courses);
    update legal_hold h set because = '-' where h.practice_id = of_practice and h.client_id = of_client;
    update course c set ended_at = coalesce(c.ended_at, now()) where c.practice_id = of_practice and c.course_id = any (courses);
    return unused;
end
$$;

-- What an administrator is told before: their sessions alone, since one alert more is what the client has just said. Noted, as
-- whatever tells something of a client, and without a lock, so that looking keeps nobody waiting.
create function client_erase_look(in of_practice bigint, in of_hash bytea, in by_actor text, out verdict text, out sessions int)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    of_client bigint;
begin
    sessions := 0;
    select c.client_id into of_client from client c where c.practice_id = of_practice and token_hash(c.client_ref) = of_hash;
    if not found then
        verdict := 'client_unknown';
        return;
    end if;
    perform audit_add(of_practice, by_actor, 'client.erase_look', array[of_client], null);
    verdict := case when client_held(of_practice, of_client) then 'client_held' else 'ok' end;
    if verdict = 'ok' then
        select count(*) into sessions from course co join session s on s.practice_id = co.practice_id and s.course_id = co.course_id
        where co.practice_id = of_practice and co.client_id = of_client and s.practice_id = of_practice;
    end if;
end
$$;

-- Erases the client of that hash, and says what there was. 'client_held': a legal hold forbids it; 'busy': of what is to
-- go something has not been counted yet; try again. A hash that is nobody's is only remembered. As the owner: no other role deletes.
create function client_erase(
    in of_practice bigint, in of_hash bytea, in with_numbers boolean, in by_actor text, out verdict text, out counts int[]
) language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
    of_client bigint;
    courses   bigint[];
    one       bigint;
    tickets   uuid[] := '{}';
begin
    verdict := 'ok';
    counts := '{0,0,0,0,0,0,0}';
    -- One at a time, since each takes the table's lock below; then as whoever changes a practice's roll-ups.
    perform pg_advisory_xact_lock(7443, 2);
    perform pg_advisory_xact_lock(of_practice);
    select c.client_id into of_client from client c
    where c.practice_id = of_practice and token_hash(c.client_ref) = of_hash for update;
    if found then
        if client_held(of_practice, of_client) then
            verdict := 'client_held';
            return;
        end if;
        counts := client_counts(of_practice, of_client);
    end if;
    courses := array(select c.course_id from course c where c.practice_id = of_practice and c.client_id = of_client for update);
    perform from session s where s.practice_id = of_practice and s.course_id = any (courses) for update;
    if with_numbers and (
        exists (select from session s join rollup_session w on w.practice_id = s.practice_id and w.session_id = s.session_id
            where s.practice_id = of_practice and s.course_id = any (courses))
        or exists (select from ticket t join rating r on r.practice_id = t.practice_id and r.ticket_id = t.ticket_id
            where t.practice_id = of_practice and t.course_id = any (courses) and r.rating_id in (select u.rating_id
                from rating_batch b cross join lateral unnest(b.practice_ids, b.rating_ids) as u (practice_id, rating_id)
                where u.practice_id = of_practice))) then
        verdict := 'busy';
        return;
    end if;
    if with_numbers then
        foreach one in array courses loop
            tickets := tickets || course_forget(of_practice, one);
        end loop;
        delete from legal_hold h where h.practice_id = of_practice and h.client_id = of_client;
        delete from client c where c.practice_id = of_practice and c.client_id = of_client;
    else
        tickets := client_hush(of_practice, of_client, courses);
        insert into ticket_gone (practice_id, ticket_id) select of_practice, u from unnest(tickets) u on conflict do nothing;
    end if;
    perform pg_notify('attune_room', '');
    insert into client_erased as e (practice_id, token_hash, destroyed, erased_by, counts)
    values (of_practice, of_hash, with_numbers, by_actor, counts)
    on conflict (practice_id, token_hash) do update set destroyed = e.destroyed or excluded.destroyed;
    if of_client is not null then
        insert into certificate (practice_id, kind, name, body)
        select of_practice, 'erasure', encode(of_hash, 'hex') || case when with_numbers then '+numbers' else '' end, jsonb_build_object(
            'certificate', 'attune erasure 1', 'practice', p.name, 'at', now(), 'by', by_actor,
            'numbers', case when with_numbers then 'destroyed' else 'nobody''s' end, 'token_sha256', encode(of_hash, 'hex'),
            'counted', '["sessions", "ratings", "alerts", "ruptures", "goals", "texts", "unused_tickets"]'::jsonb, 'counts', counts)
        from practice p where p.practice_id = of_practice
        on conflict do nothing;
    end if;
    -- A rating that is being inserted this moment has seen its ticket: see retention_run.
    if cardinality(tickets) > 0 then
        lock table rating in share mode;
        delete from rating r where r.practice_id = of_practice and r.ticket_id = any (tickets);
    end if;
end
$$;

-- The same, with the row of the audit, which says whose numbers they were: a number, and nobody's name.
create function client_erase_noted(
    in of_practice bigint, in of_hash bytea, in with_numbers boolean, in by_actor text, out verdict text, out counts int[]
) language plpgsql as $$
declare
    of_client bigint[] := array(select c.client_id from client c
        where c.practice_id = of_practice and token_hash(c.client_ref) = of_hash);
begin
    select e.verdict, e.counts into verdict, counts from client_erase(of_practice, of_hash, with_numbers, by_actor) e;
    if verdict = 'ok' and cardinality(of_client) > 0 then
        perform audit_add(of_practice, by_actor, 'client.erase', of_client,
            jsonb_build_object('token_sha256', encode(of_hash, 'hex'), 'destroyed', with_numbers, 'counts', counts));
    end if;
end
$$;

-- A backup that was put back has clients that were erased since: erased again. Gives how many, and how many must wait.
create function clients_erase_again(
    in practices bigint[], in hashes bytea[], in destroyed boolean[], in by_actor text, out erased int, out waiting int
) language plpgsql as $$
declare
    one     record;
    verdict text;
begin
    erased := 0;
    waiting := 0;
    for one in select u.practice_id, u.token_hash, u.destroyed
        from unnest(practices, hashes, destroyed) as u (practice_id, token_hash, destroyed)
        where not exists (select from client_erased e where e.practice_id = u.practice_id and e.token_hash = u.token_hash
            and e.destroyed >= u.destroyed)
            and exists (select from practice p where p.practice_id = u.practice_id)
        order by 1, 2
    loop
        select e.verdict into verdict from client_erase_noted(one.practice_id, one.token_hash, one.destroyed, by_actor) e;
        erased := erased + (verdict = 'ok')::int;
        waiting := waiting + (verdict <> 'ok')::int;
    end loop;
end
$$;

revoke all on client_erased from public;
revoke all on function token_hash, client_is_erased, client_remember, client_counts, client_hush, client_erase_look, client_erase, client_erase_noted, clients_erase_again from public;
grant select on client_erased to attune_server;
grant execute on function token_hash, client_is_erased, client_erase_look, client_erase, client_erase_noted, clients_erase_again to attune_server;

-- Erasing is an administrator's; that something was erased is the server's to know.
select scope_table('client_erased', 'false', 'false');
