-- 0016_resend.sql - what kiosks are asked to send once more: a standby that was promoted, or a backup that was restored, may
-- have lost the last of what was acknowledged; kiosks keep that for a day.

-- Which cluster this is and on which timeline: another one than was met last means that something was lost, perhaps.
create function database_place() returns text language sql stable as $$
    select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from pg_control_system()
$$;

create table resend (
    resend_id bigint generated always as identity primary key,
    place     text unique,           -- Met for the first time; null: asked for by hand.
    since     timestamptz not null,  -- What was acknowledged from then
    until     timestamptz not null,  -- to then is to come again.
    asked_at  timestamptz not null default now()
);
insert into resend (place, since, until) values (database_place(), now(), now());

-- What a server asks every few seconds. `met`: the place that it met last, or nothing. A new place is noted once, with the time from
-- shortly before the last transaction that came over; a server that was still on the old one brings the end up to now, since it may have
-- acknowledged there until now. The answer is the day's windows as one, in milliseconds ago.
create function resend_look(met text, out place text, out version bigint, out within_ms bigint, out before_ms bigint, out clock_ms bigint)
language plpgsql as $$
begin
    place := database_place();
    if not exists (select from resend r where r.place = resend_look.place) then
        insert into resend (place, since, until)
        values (resend_look.place, coalesce(pg_last_xact_replay_timestamp() - interval '5 minutes', now() - interval '1 day'), now())
        on conflict do nothing;
    end if;
    if met <> '' and met <> resend_look.place then
        update resend r set until = now() where r.place = resend_look.place;
    end if;
    select (extract(epoch from max(r.until)) * 1000000)::bigint, (extract(epoch from now() - min(r.since)) * 1000)::bigint,
           (extract(epoch from now() - max(r.until)) * 1000)::bigint
      into version, within_ms, before_ms
      from resend r where r.asked_at > now() - interval '1 day' and r.since < r.until;
    clock_ms := extract(epoch from clock_timestamp()) * 1000;
    version := coalesce(version, 0);
    within_ms := coalesce(within_ms, 0);
    before_ms := coalesce(before_ms, 0);
end $$;

revoke all on function database_place, resend_look from public;
grant execute on function database_place, resend_look to attune_server;
grant select, insert on resend to attune_server;
grant update (until) on resend to attune_server;
select scope_table('resend', 'false', 'false');
