-- 0018_revocation.sql - who may no longer: a device, a person, a certificate.
--
-- What is so stands in device.revoked_at, therapist.revoked_at and revoked_certificate: Hello asks them. Live connections
-- are ended by what `revocation` says was revoked lately.

alter table therapist add column revoked_at timestamptz;  -- The person may no longer; what they did stays.

-- One certificate; the key's later ones are good. Never taken back: a new certificate is made instead.
create table revoked_certificate (
    practice_id bigint not null references practice,
    serial      bytea not null check (length(serial) between 1 and 20),
    revoked_at  timestamptz not null default now(),
    primary key (practice_id, serial)
);

-- What was revoked in the last day, for the servers that hold live connections. They ask for what was made by the oldest transaction
-- that had been under way when they asked last, or later: no clock is read, and nothing is missed that commits out of order.
-- A table of the coordinator, as rating_batch.
create table revocation (
    revocation_id bigint generated always as identity primary key,
    made_by       xid8 not null default pg_current_xact_id(),
    made_at       timestamptz not null default now(),
    practice_id   bigint not null,
    fingerprint   bytea,  -- A device's key, or
    serial        bytea,  -- a certificate.
    moved         boolean not null default false,  -- The device is good, and another place's or person's.
    check ((fingerprint is null) <> (serial is null))
);
create index revocation_by_transaction on revocation (made_by);

create function revocation_tell(of_practice bigint, keys bytea[], certificate bytea) returns void language plpgsql as $$
begin
    delete from revocation where made_at < now() - interval '1 day';
    delete from log_on l using unnest(keys) u where l.practice_id = of_practice and l.fingerprint = u;
    insert into revocation (practice_id, fingerprint) select of_practice, u from unnest(keys) u;
    insert into revocation (practice_id, serial) select of_practice, certificate where certificate is not null;
    perform pg_notify('attune_device', '');
end
$$;

-- A device was put elsewhere: who is logged on there is not who it is for now, and what its connection was let see neither.
create function device_moved(of_practice bigint, key bytea) returns void language plpgsql as $$
begin
    delete from log_on l where l.practice_id = of_practice and l.fingerprint = key;
    insert into revocation (practice_id, fingerprint, moved) values (of_practice, key, true);
    perform pg_notify('attune_device', '');
end
$$;

-- Is there an administrator's device beside this one?
create function administrator_beside(of_practice bigint, key bytea) returns boolean language sql stable
return exists (select from device d where d.practice_id = of_practice and d.role = 'administrator'
    and d.revoked_at is null and d.fingerprint <> key);

-- Two administrators who revoke each other come one after the other: the practice's row is locked.
create function device_revoke(of_practice bigint, of_label text, is_meant boolean, by_actor text) returns text
language plpgsql as $$
declare
    d record;
begin
    perform from practice p where p.practice_id = of_practice for no key update;
    select x.fingerprint, x.role, x.revoked_at into d from device x
    where x.practice_id = of_practice and x.label = of_label;
    if not found then
        return 'label_unknown';
    elsif d.revoked_at is not null then
        return 'ok';
    elsif d.role = 'administrator' and not is_meant and not administrator_beside(of_practice, d.fingerprint) then
        return 'last_administrator';
    end if;
    update device x set revoked_at = now() where x.practice_id = of_practice and x.fingerprint = d.fingerprint;
    perform revocation_tell(of_practice, array[d.fingerprint], null);
    perform audit_add(of_practice, by_actor, 'device.revoke', null, jsonb_build_object('device', encode(d.fingerprint, 'hex')));
    return 'ok';
end
$$;

-- A person: all their devices, their account and its log-ons, and what they may see of others end with them. Their row is locked so that a device that is being put is waited for, and found.
create function therapist_revoke(of_practice bigint, of_code text, by_actor text) returns text language plpgsql as $$
declare
    person record;
    keys   bytea[];
begin
    select t.therapist_id, t.revoked_at into person from therapist t
    where t.practice_id = of_practice and t.code = of_code for update;
    if not found then
        return 'therapist_unknown';
    end if;
    with ended as (
        update device d set revoked_at = now()
        where d.practice_id = of_practice and d.therapist_id = person.therapist_id and d.revoked_at is null
        returning d.fingerprint
    ) select array_agg(e.fingerprint) into keys from ended e;
    if person.revoked_at is not null and keys is null then
        return 'ok';
    end if;
    update therapist t set revoked_at = now()
    where t.practice_id = of_practice and t.therapist_id = person.therapist_id and t.revoked_at is null;
    update account a set revoked_at = now()
    where a.practice_id = of_practice and a.therapist_id = person.therapist_id and a.revoked_at is null;
    delete from log_on l using account a where l.practice_id = of_practice and a.practice_id = of_practice
        and a.therapist_id = person.therapist_id and l.account_id = a.account_id;
    -- Whoever covers for them goes on: their clients need it now.
    update cover c set ended_at = now()
    where c.practice_id = of_practice and c.by_id = person.therapist_id and c.ended_at is null and c.until_at > now();
    update supervision g set ended_at = now()
    where g.practice_id = of_practice and g.supervisor_id = person.therapist_id and g.ended_at is null and g.until_at > now();
    delete from device_code c where c.practice_id = of_practice and c.therapist_id = person.therapist_id and c.used_by is null;
    perform revocation_tell(of_practice, keys, null);
    perform audit_add(of_practice, by_actor, 'therapist.revoke', null,
        jsonb_build_object('therapist', person.therapist_id, 'devices', coalesce(cardinality(keys), 0)));
    return 'ok';
end
$$;

-- `asker` is the key that asks, where it asks with this certificate itself; else null.
create function certificate_revoke(of_practice bigint, of_serial bytea, asker bytea, is_meant boolean, by_actor text) returns text
language plpgsql as $$
begin
    perform from practice p where p.practice_id = of_practice for no key update;
    if asker is not null and not is_meant and not administrator_beside(of_practice, asker) then
        return 'last_administrator';
    end if;
    insert into revoked_certificate (practice_id, serial) values (of_practice, of_serial) on conflict do nothing;
    if found then
        perform revocation_tell(of_practice, null, of_serial);
        perform audit_add(of_practice, by_actor, 'certificate.revoke', null,
            jsonb_build_object('serial', encode(of_serial, 'hex')));
    end if;
    return 'ok';
end
$$;

revoke all on revoked_certificate, revocation from public;
revoke all on function revocation_tell, device_moved, administrator_beside, device_revoke, therapist_revoke, certificate_revoke from public;
grant select, insert on revoked_certificate to attune_server;
grant select, insert, delete on revocation to attune_server;
grant update (revoked_at) on therapist to attune_server;
grant execute on function revocation_tell, device_moved, administrator_beside, device_revoke, therapist_revoke, certificate_revoke
    to attune_server;

select scope_table('revoked_certificate', '{scope} = ''administrator''', '{scope} = ''administrator''');
select scope_table('revocation', '{scope} = ''administrator''', '{scope} = ''administrator''');
