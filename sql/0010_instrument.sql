-- 0010_instrument.sql - the practice's own wordings of the four areas.

-- As the file that was put: what is under a name never changes, since ratings keep the name. In force is the newest of its
-- audience and language; where there is none, the one that is shipped.
create table instrument (
    practice_id bigint not null references practice,
    name        text not null check (length(name) between 1 and 64),
    audience    audience not null,
    language    text not null check (length(language) between 2 and 3),
    file        text not null check (octet_length(file) between 1 and 1535),
    in_force    boolean not null,
    put_by      text not null,
    put_at      timestamptz not null default now(),
    primary key (practice_id, name)
);
create unique index instrument_in_force on instrument (practice_id, audience, language) where in_force;

-- `shipped`: the name is of one that is shipped, and so is the text: the practice's own then steps back.
create function instrument_put(
    of_practice bigint, new_name text, audience_number int, new_language text, new_file text, shipped boolean, by_actor text
) returns text language plpgsql as $$
declare
    is_for audience := (enum_range(null::audience))[audience_number + 1];
begin
    perform from practice p where p.practice_id = of_practice for no key update;  -- One after the other.
    if exists (select from instrument i where i.practice_id = of_practice and i.name = new_name
        and (i.file, i.audience, i.language) is distinct from (new_file, is_for, new_language)) then
        return 'conflict';
    end if;
    if not shipped and (select count(*) from instrument i where i.practice_id = of_practice and i.audience = is_for
        and i.in_force and i.language <> new_language) >= 5 then
        return 'instruments_full';
    end if;
    update instrument i set in_force = false
    where i.practice_id = of_practice and i.audience = is_for and i.language = new_language and i.in_force;
    if not shipped then
        insert into instrument (practice_id, name, audience, language, file, in_force, put_by)
        values (of_practice, new_name, is_for, new_language, new_file, true, by_actor)
        on conflict (practice_id, name) do update set in_force = true;
    end if;
    perform audit_add(of_practice, by_actor, 'practice.put_instrument', null, jsonb_build_object('name', new_name));
    perform pg_notify('attune_room', '');
    return 'ok';
end
$$;

revoke all on instrument from public;
revoke all on function instrument_put from public;
grant select, insert on instrument to attune_server;
grant update (in_force) on instrument to attune_server;
grant execute on function instrument_put to attune_server;
