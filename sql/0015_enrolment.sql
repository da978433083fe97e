-- 0015_enrolment.sql - one-time codes of devices that are to be, and how the devices that there are keep.

-- A code is found by its hash alone: whoever brings it has no practice yet. So this is, like audit and rating_batch, a table of
-- the coordinator, and its key does not begin with the practice. The code itself is nowhere.
create table device_code (
    code_hash    bytea primary key check (length(code_hash) = 32),  -- SHA-256 of the secret.
    practice_id  bigint not null references practice,
    label        text not null check (octet_length(label) between 1 and 64),
    role         device_role not null,
    room_id      bigint,
    therapist_id bigint,
    made_by      text not null,
    expires_at   timestamptz not null,
    used_by      bytea check (length(used_by) = 32),  -- The key's fingerprint; null: nobody yet.
    certificate  bytea,                               -- What was answered: the same again for a resend.
    foreign key (practice_id, room_id) references room,
    foreign key (practice_id, therapist_id) references therapist,
    check ((role = 'kiosk') = (room_id is not null)),
    check ((role = 'therapist') = (therapist_id is not null))
);
create index device_code_open on device_code (practice_id, label) where used_by is null;

-- Wrong codes by where they came from, so that several servers count together. An hour old is forgotten, whoever comes next.
create table enrol_wrong (
    address text not null,  -- Of IPv4 the address, of IPv6 its /64.
    at      timestamptz not null default now(),
    noted   boolean not null  -- In the audit, where nothing is ever forgotten.
);
create index enrol_wrong_of_address on enrol_wrong (address, at);
create index enrol_wrong_at on enrol_wrong (at);
create index enrol_wrong_noted on enrol_wrong (at) where noted;

-- What a device has said of itself: written at its greeting and every few minutes after it, so apart from the device's own row,
-- which each greeting reads.
create table device_state (
    practice_id    bigint not null references practice,
    fingerprint    bytea not null,
    seen_at        timestamptz not null,
    expires_at     timestamptz,  -- Its certificate.
    software       text not null,
    clock_ahead_ms bigint not null,
    spool_depth    int not null,
    oldest_unsent_s int not null,
    authority_id   bytea not null,
    primary key (practice_id, fingerprint)
) with (fillfactor = 60);

-- A label is a device's until that one is revoked. When another comes to have it, the revoked one is called by it and by how its key
-- begins: so no two of a list are alike, and what the audit says of either is told apart by the key that it names.
create function device_label_free(of_practice bigint, of_label text, for_key bytea) returns bigint language plpgsql as $$
declare
    base text := of_label;
begin
    while octet_length(base) > 55 loop  -- In bytes; 64 with what comes behind.
        base := rtrim(left(base, -1));
    end loop;
    update device d set label = base || ' ' || left(encode(d.fingerprint, 'hex'), 8)
    where d.practice_id = of_practice and d.label = of_label and d.revoked_at is not null and d.fingerprint is distinct from for_key;
    return 1;
end
$$;

-- A code for a place that is there. A label that is not given is made from the place; one that is given must be nobody's.
create function device_code_add(
    in of_practice bigint, in new_hash bytea, in for_role text, in room_name text, in therapist_code text, in wanted_label text,
    in by_actor text, out verdict text, out given_label text, out ends timestamptz
) language plpgsql as $$
declare
    of_room      bigint;
    of_therapist bigint;
    base         text;
    n            int := 1;
begin
    perform from practice p where p.practice_id = of_practice for no key update;  -- One after the other: labels are unique.
    if for_role = 'kiosk' then
        select r.room_id into of_room from room r where r.practice_id = of_practice and r.name = room_name;
        if not found then
            verdict := 'room_unknown';
            return;
        end if;
    elsif for_role = 'therapist' then
        select t.therapist_id into of_therapist from therapist t where t.practice_id = of_practice and t.code = therapist_code;
        if not found then
            verdict := 'therapist_unknown';
            return;
        end if;
    end if;
    delete from device_code c where c.practice_id = of_practice and c.expires_at < now() - interval '7 days';
    if (select count(*) from device_code c where c.practice_id = of_practice and c.used_by is null and c.expires_at > now()) >= 1000
    then
        verdict := 'codes_full';
        return;
    end if;
    base := coalesce(wanted_label, room_name, therapist_code, 'administrator');
    loop
        given_label := base || case when n > 1 then ' ' || n else '' end;
        if octet_length(given_label) > 64 then  -- Bytes: as many letters as still fit.
            base := rtrim(left(base, -1));
            continue;
        end if;
        exit when not exists (select from device d where d.practice_id = of_practice and d.label = given_label
                and d.revoked_at is null)
            and not exists (select from device_code c where c.practice_id = of_practice and c.label = given_label
                and c.used_by is null and c.expires_at > now());
        if wanted_label is not null then
            verdict := 'conflict';
            return;
        end if;
        n := n + 1;
    end loop;
    perform device_label_free(of_practice, given_label, null);
    ends := now() + interval '24 hours';
    insert into device_code (code_hash, practice_id, label, role, room_id, therapist_id, made_by, expires_at)
    values (new_hash, of_practice, given_label, for_role::device_role, of_room, of_therapist, by_actor, ends);
    perform audit_add(of_practice, by_actor, 'device.code', null, jsonb_build_object('label', given_label, 'role', for_role));
    verdict := 'ok';
end
$$;

create function device_code_forget(of_practice bigint, of_label text, by_actor text) returns text language plpgsql as $$
begin
    delete from device_code c where c.practice_id = of_practice and c.label = of_label and c.used_by is null
        and c.expires_at > now();
    if not found then
        return 'code_unknown';
    end if;
    perform audit_add(of_practice, by_actor, 'device.code_forget', null, jsonb_build_object('label', of_label));
    return 'ok';
end
$$;

-- One more wrong code from there: five an hour, then each wrong one is told to wait, and not counted. In the audit it is once an hour
-- and address at most: one of a code that there was, or the fifth. Whoever has many addresses gets `rows_max` rows in an hour of the
-- clock; those above are `others`, told with how many they are when they are 1, 10, 100, 1,000 and 10,000.
create function enrol_wrong_add(in from_address text, in of_practice bigint, in rows_max int, out verdict text, out retry_s int)
language plpgsql as $$
declare
    wrong  int;
    note   boolean;
    others int;
begin
    perform pg_advisory_xact_lock(hashtextextended(from_address, 7443));
    select count(*), ceil(extract(epoch from min(w.at) + interval '1 hour' - clock_timestamp())),
        not coalesce(bool_or(w.noted), false) and (of_practice is not null or count(*) = 4)
    into wrong, retry_s, note
    from enrol_wrong w where w.address = from_address and w.at > clock_timestamp() - interval '1 hour';
    if wrong >= 5 then
        verdict := 'enrol_later';
        return;
    end if;
    if note then
        perform pg_advisory_xact_lock(hashtextextended('', 7443));  -- Nobody's address: one is noted at a time.
        select count(*) + 1 - rows_max into others from (select from enrol_wrong w
            where w.noted and w.at >= date_trunc('hour', clock_timestamp()) limit rows_max + 10000) n;
        if others <= 0 then
            perform audit_add(of_practice, 'a device', 'device.code_refused', null, jsonb_build_object('address', from_address));
        elsif others in (1, 10, 100, 1000, 10000) then
            perform audit_add(null, 'a device', 'device.code_refused', null, jsonb_build_object('address', 'others', 'count', others));
        end if;
    end if;
    insert into enrol_wrong (address, at, noted) values (from_address, clock_timestamp(), note);
    verdict := 'code_refused';
end
$$;

-- Uses a code up for one key: from here on it is that key's, and a resend of the same key gets the same certificate. Wrong, used and
-- expired are one verdict. A right code is taken wherever it comes from, since others behind the same address may have wrong ones.
create function device_enrol(
    in hash bytea, in key bytea, in from_address text, in wanted_role text, in wrong_rows_max int,
    out verdict text, out retry_s int, out practice_id bigint, out practice text, out label text, out role text, out place text,
    out certificate bytea
) language plpgsql as $$
#variable_conflict use_column
declare
    code device_code;
begin
    delete from enrol_wrong w where w.ctid = any (array(
        select o.ctid from enrol_wrong o where o.at <= clock_timestamp() - interval '1 hour' order by o.at limit 1000));
    select * into code from device_code c where c.code_hash = hash for update;
    if not found or code.expires_at <= clock_timestamp() or (code.used_by is not null and code.used_by <> key)
        or exists (select from device d where d.practice_id = code.practice_id and d.fingerprint = key
            and (code.used_by is null or d.revoked_at is not null))
    then
        select w.verdict, w.retry_s into verdict, retry_s from enrol_wrong_add(from_address, code.practice_id, wrong_rows_max) w;
        return;
    end if;
    if wanted_role is not null and wanted_role <> code.role::text then
        verdict := 'code_role';
        return;
    end if;
    if code.used_by is null then
        update device_code c set used_by = key where c.code_hash = hash;
        perform device_label_free(code.practice_id, code.label, key);
        insert into device (practice_id, fingerprint, role, label, room_id, therapist_id)
        values (code.practice_id, key, code.role, code.label, code.room_id, code.therapist_id);
        perform audit_add(code.practice_id, code.label, 'device.enrol', null, jsonb_build_object('key', encode(key, 'hex'), 'role', code.role,
            'code_by', code.made_by));
    end if;
    select p.name into practice from practice p where p.practice_id = code.practice_id;
    place := coalesce((select r.name from room r where r.practice_id = code.practice_id and r.room_id = code.room_id),
        (select t.display_name from therapist t where t.practice_id = code.practice_id and t.therapist_id = code.therapist_id), '');
    practice_id := code.practice_id;
    label := code.label;
    role := code.role;
    certificate := code.certificate;
    verdict := 'ok';
end
$$;

-- The certificate that answers a code: the first one stays, for whoever asks again with the same key.
create function device_enrolled(hash bytea, key bytea, new_certificate bytea) returns bytea language plpgsql as $$
declare
    kept bytea;
begin
    update device_code c set certificate = coalesce(c.certificate, new_certificate)
    where c.code_hash = hash and c.used_by = key returning c.certificate into kept;
    return kept;
end
$$;

-- One more certificate for the same key. Eight a day are more than any device has use for, with answers that were lost; without a
-- bound one device could take all that the issuer signs in a minute, which is for every practice.
create function device_renewal(of_practice bigint, of_key bytea) returns text language plpgsql as $$
begin
    update device d set renewals = case when d.renewals_since > now() - interval '1 day' then d.renewals + 1 else 1 end,
        renewals_since = case when d.renewals_since > now() - interval '1 day' then d.renewals_since else now() end
    where d.practice_id = of_practice and d.fingerprint = of_key
        and (d.renewals < 8 or d.renewals_since <= now() - interval '1 day');
    return case when found then 'ok' else 'renew_early' end;
end
$$;

-- It was not signed: an issuer that is away uses up nobody's.
create function device_renewal_back(of_practice bigint, of_key bytea) returns text language plpgsql as $$
begin
    update device d set renewals = d.renewals - 1
    where d.practice_id = of_practice and d.fingerprint = of_key and d.renewals > 0;
    return 'ok';
end
$$;

-- Many devices at a time; of one device the newest word counts.
create function device_seen(
    practices bigint[], keys bytea[], seen timestamptz[], ends timestamptz[], softwares text[], clocks bigint[], depths int[],
    oldest int[], authorities bytea[]
) returns int language sql as $$
    insert into device_state as s (practice_id, fingerprint, seen_at, expires_at, software, clock_ahead_ms, spool_depth,
        oldest_unsent_s, authority_id)
    select distinct on (1, 2) * from unnest(practices, keys, seen, ends, softwares, clocks, depths, oldest, authorities)
        as u (practice_id, fingerprint, seen_at, expires_at, software, clock_ahead_ms, spool_depth, oldest_unsent_s, authority_id)
    order by 1, 2, 3 desc
    on conflict (practice_id, fingerprint) do update set seen_at = excluded.seen_at, expires_at = excluded.expires_at,
        software = excluded.software, clock_ahead_ms = excluded.clock_ahead_ms, spool_depth = excluded.spool_depth,
        oldest_unsent_s = excluded.oldest_unsent_s, authority_id = excluded.authority_id
    where excluded.seen_at >= s.seen_at;
    select cardinality(keys);
$$;

revoke all on device_code, enrol_wrong, device_state from public;
revoke all on function device_label_free, device_code_add, device_code_forget, enrol_wrong_add, device_enrol, device_enrolled, device_renewal,
    device_renewal_back, device_seen from public;
grant select, insert, delete on device_code to attune_server;
grant update (used_by, certificate) on device_code to attune_server;
grant update (renewals, renewals_since) on device to attune_server;
grant select, insert, delete on enrol_wrong to attune_server;
grant select, insert, update on device_state to attune_server;
grant execute on function device_label_free, device_code_add, device_code_forget, enrol_wrong_add, device_enrol, device_enrolled, device_renewal,
    device_renewal_back, device_seen to attune_server;

-- An administrator's; what a device says and asks before it is known is the server's own work.
select scope_table('device_code', '{scope} = ''administrator''', '{scope} = ''administrator''');
select scope_table('device_state', '{scope} = ''administrator''', 'true');
select scope_table('enrol_wrong', 'false', 'false');
