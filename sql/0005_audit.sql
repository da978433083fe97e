-- 0005_audit.sql - who did what, and whom it was about: append-only, in chains.
--
-- audit_add and audit_pushed are the only ways in. Each connection to the database writes a chain of its own: one connection has one transaction at a
-- time, so its rows have an order and nobody waits for anybody. The chain's head is a setting of the connection, which a rollback
-- takes back by itself: a chain has no gaps. A row's hash covers the hash before it, so none can be changed or taken out without
-- every later one; servers sign the heads (0017).

create table audit (
    chain       uuid not null,
    seq         bigint not null,
    practice_id bigint,              -- Null: a batch over several practices; its rows say which.
    at          timestamptz not null,
    actor       text not null,       -- A device's label and who is logged on, or a program.
    scope       text not null,       -- Why they may: see scope_begin; '' is a program, for itself.
    person      bigint,              -- The therapist who did it,
    subject     bigint,              -- and in whose place, when not in their own.
    action      text not null,       -- "ratings", "session.open", "ratings.read", …
    clients     bigint[],            -- Whom it was about, sorted; null: nobody.
    detail      jsonb not null,      -- Ids and counts; never a score, a pseudonym or anybody's words.
    hash        bytea not null,      -- Of the hash before it (zeros before the first) and audit_text.
    primary key (chain, seq)
);

-- A client in a span of 30 days, as one number: so that a page about one client reads what is of them and of that time, and
-- nothing else, however much there is.
-- In plpgsql, which is called twice as fast as SQL here.
create function audit_spans(clients bigint[], at timestamptz) returns bigint[] language plpgsql immutable parallel safe as $$
declare
    span   bigint := floor(extract(epoch from at) / 2592000);
    spans  bigint[];
    client bigint;
begin
    foreach client in array clients loop
        spans := spans || (client * 4096 + span);
    end loop;
    return spans;
end
$$;

-- New rows go to a list that is sorted in later: a page of fifty clients touches one page of the index, not fifty. Ratings are
-- not in it.
create index audit_of_client on audit using gin (audit_spans(clients, at)) with (gin_pending_list_limit = 256)
    where clients is not null;

-- What a hash covers, but for the hash before it. server/pg/store_audit.c has the same words.
create function audit_text(a audit) returns text language sql stable
return jsonb_build_array(a.chain, a.seq, a.practice_id, (extract(epoch from a.at) * 1000000)::bigint, a.actor, a.scope,
    a.person, a.subject, a.action, a.clients, a.detail)::text;

-- Adds a row to the connection's chain, and gives its place there. For the two below alone.
create function audit_put(of_practice bigint, by_actor text, in_scope text, by_person bigint, for_subject bigint, of_action text,
    of_clients bigint[], with_detail jsonb
) returns bigint language plpgsql as $$
declare
    head  text := current_setting('attune.audit_head', true);  -- chain:seq:hash
    prior bytea := decode(repeat('00', 32), 'hex');
    new   audit;
begin
    if coalesce(head, '') = '' then
        new.chain := gen_random_uuid();
        new.seq := 1;
    else
        new.chain := split_part(head, ':', 1);
        new.seq := split_part(head, ':', 2)::bigint + 1;
        prior := decode(split_part(head, ':', 3), 'hex');
    end if;
    new.practice_id := of_practice;
    new.at := now();
    new.actor := by_actor;
    new.scope := in_scope;
    if in_scope <> '' then
        new.person := nullif(by_person, 0);
        new.subject := nullif(nullif(for_subject, 0), new.person);
    end if;
    new.action := of_action;
    if cardinality(of_clients) > 0 then
        new.clients := array(select distinct c from unnest(of_clients) c order by c);
    end if;
    new.detail := coalesce(with_detail, '{}');
    new.hash := sha256(prior || convert_to(audit_text(new), 'UTF8'));
    insert into audit select new.*;
    perform set_config('attune.audit_head', new.chain || ':' || new.seq || ':' || encode(new.hash, 'hex'), false);
    return new.seq;
end
$$;

-- What whoever asks has done. The caller needs no right to the table.
create function audit_add(of_practice bigint, by_actor text, of_action text, of_clients bigint[], with_detail jsonb)
returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
begin
    return audit_put(of_practice, by_actor, coalesce(current_setting('attune.scope', true), ''),
        nullif(current_setting('attune.person', true), '')::bigint, nullif(current_setting('attune.subject', true), '')::bigint, of_action,
        of_clients, with_detail);
end
$$;

-- What the server is about to show without being asked: a row for each screen, with the clients and the ids of what it will see.
-- `places` says whose each of the last two is, from 1.
--
-- This does not wait for the disk, alone of all: a server that is killed loses nothing of it, PostgreSQL's own end the last 0.6 seconds
-- (three times wal_writer_delay). What somebody has confirmed to have received, and every signed head, was committed later and waited,
-- and the log is written in order: so neither is ever there without these rows before it; and what was not confirmed is shown, and
-- noted, again.
create function audit_pushed(of_action text, practices bigint[], actors text[], scopes int[], persons bigint[], subjects bigint[],
    places int[], clients bigint[], ids uuid[]
) returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
begin
    set local synchronous_commit = off;
    return (select count(audit_put(t.practice, t.actor, ('{therapist,cover}'::text[])[t.scope], t.person, t.subject, of_action, o.clients,
            jsonb_build_object('ids', o.ids)))
        from unnest(practices, actors, scopes, persons, subjects) with ordinality t (practice, actor, scope, person, subject, place)
        join (select w.place, array_agg(w.client) filter (where w.client <> 0) as clients, jsonb_agg(w.id) as ids
            from unnest(places, clients, ids) w (place, client, id) group by w.place) o on o.place = t.place);
end
$$;

-- A course's client, for audit_add.
create function audit_course(of_practice bigint, of_course bigint) returns bigint[] language sql stable
return array(select co.client_id from course co where co.practice_id = of_practice and co.course_id = of_course);

-- Rights first (0007), this second: it also holds for the owner.
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function audit_is_append_only();
