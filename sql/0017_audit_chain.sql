-- 0017_audit_chain.sql - the audit's signed heads, and how it is read.
--
-- Every minute, and when it ends, each process reads the heads of its chains from its own connections (not from the table, which
-- somebody may have rewritten meanwhile), signs those that have moved, and writes the same line into its log. Heads are one list:
-- each signature covers the one before. Once a minute a process, so this may wait for a lock where audit_add may not.

create table audit_key (
    key   bytea primary key check (length(key) = 32),  -- Ed25519, the public half.
    since timestamptz not null default now()
);

create table audit_head (
    number    bigint primary key,
    chain     uuid not null,
    seq       bigint not null,
    hash      bytea not null check (length(hash) = 32),
    at        timestamptz not null,
    key       bytea not null references audit_key,
    signature bytea not null check (length(signature) = 64)
);
create index audit_head_of_chain on audit_head (chain, seq);

create trigger audit_is_append_only before update or delete or truncate on audit_key
    for each statement execute function audit_is_append_only();
create trigger audit_is_append_only before update or delete or truncate on audit_head
    for each statement execute function audit_is_append_only();

create function audit_head_last() returns table (number bigint, signature bytea)
language sql stable security definer set search_path = public, pg_temp as $$
    select h.number, h.signature from audit_head h order by h.number desc limit 1;
$$;

-- Ends of chains that no head covers: of processes that were killed, of commands, of connections that were lost. From chain to
-- chain by the key, so that it costs as much as there are chains.
create function audit_tails(rows_max int) returns table (chain uuid, seq bigint, hash bytea)
language sql stable security definer set search_path = public, pg_temp as $$
    with recursive one as (
        (select a.chain from audit a order by a.chain limit 1)
        union all
        select (select a.chain from audit a where a.chain > o.chain order by a.chain limit 1) from one o where o.chain is not null
    ) select t.chain, t.seq, t.hash from one o cross join lateral (
        select a.chain, a.seq, a.hash from audit a where a.chain = o.chain order by a.seq desc limit 1) t
    where t.seq > coalesce((select h.seq from audit_head h where h.chain = t.chain order by h.seq desc limit 1), 0)
    limit rows_max;
$$;

-- False: somebody has added heads since `prior_number` was the last; theirs are to be followed.
create function audit_heads_add(
    prior_number bigint, chains uuid[], seqs bigint[], hashes bytea[], made_at timestamptz, signer bytea, signatures bytea[]
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(7443, 3);
    if prior_number <> coalesce((select h.number from audit_head h order by h.number desc limit 1), 0) then
        return false;
    end if;
    perform audit_key_note(signer);
    insert into audit_head (number, chain, seq, hash, at, key, signature)
    select prior_number + u.place, u.chain, u.seq, u.hash, made_at, signer, u.signature
    from unnest(chains, seqs, hashes, signatures) with ordinality as u (chain, seq, hash, signature, place);
    return true;
end
$$;

-- Which key it is stands in the audit from its first signature on.
create function audit_key_note(signer bytea) returns void language plpgsql as $$
begin
    insert into audit_key (key) values (signer) on conflict do nothing;
    if found then
        perform audit_add(null, 'attune', 'audit.key', null, jsonb_build_object('key', encode(signer, 'hex')));
    end if;
end
$$;

-- Certificates of what has gone (0012), with whether their signer is a key that servers here have signed with.
create function certificates_unsigned(rows_max int)
returns table (practice_id bigint, number bigint, kind text, name text, body text)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.practice_id, c.number, c.kind, c.name, c.body from certificate c where c.signature is null
    order by c.number limit rows_max;
$$;

-- The first signature stays.
create function certificates_signed(practices bigint[], numbers bigint[], by_key bytea, signatures bytea[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform audit_key_note(by_key);
    update certificate c set signer = by_key, signature = u.signature
    from unnest(practices, numbers, signatures) as u (practice_id, number, signature)
    where c.practice_id = u.practice_id and c.number = u.number and c.signature is null;
end
$$;

create function certificates_after(after_number bigint, rows_max int)
returns table (number bigint, practice_id bigint, kind text, name text, body text, signer bytea, signature bytea, is_known boolean)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.number, c.practice_id, c.kind, c.name, c.body, c.signer, c.signature,
        exists (select from audit_key k where k.key = c.signer)
    from certificate c where c.number > after_number order by c.number limit rows_max;
$$;

create function certificate_of(of_practice bigint, of_kind text, of_name text)
returns table (number bigint, practice_id bigint, kind text, name text, body text, signer bytea, signature bytea, is_known boolean)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.number, c.practice_id, c.kind, c.name, c.body, c.signer, c.signature,
        exists (select from audit_key k where k.key = c.signer)
    from certificate c where c.practice_id = of_practice and c.kind = of_kind and c.name = of_name;
$$;

-- A page for whoever reckons the chains anew.
create function audit_rows(after_chain uuid, after_seq bigint, rows_max int)
returns table (chain uuid, seq bigint, hash bytea, words text, signed_to bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select a.chain, a.seq, a.hash, audit_text(a),
        coalesce((select h.seq from audit_head h where h.chain = a.chain order by h.seq desc limit 1), 0)
    from audit a where (a.chain, a.seq) > (after_chain, after_seq) order by a.chain, a.seq limit rows_max;
$$;

-- Heads with the rows that they are about: the row's own hash, or null and the last row that there is.
create function audit_heads(after_number bigint, rows_max int)
returns table (number bigint, chain uuid, seq bigint, hash bytea, at timestamptz, key bytea, signature bytea, row_hash bytea,
    last_seq bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select h.number, h.chain, h.seq, h.hash, h.at, h.key, h.signature, a.hash,
        coalesce((select l.seq from audit l where l.chain = h.chain and l.seq < h.seq order by l.seq desc limit 1), 0)
    from audit_head h left join audit a on a.chain = h.chain and a.seq = h.seq
    where h.number > after_number order by h.number limit rows_max;
$$;

-- Who saw or changed what of one client, and on which kiosk each rating was given, newest first: a page before the place named. Span by span of the index, ten years back
-- at most, so that a page costs what is on it.
create function audit_who(
    of_practice bigint, of_client bigint, since timestamptz, until timestamptz, before_at timestamptz, before_chain uuid,
    before_seq bigint, rows_max int
) returns table (at timestamptz, actor text, scope text, person bigint, subject bigint, action text, chain uuid, seq bigint)
language plpgsql stable security definer set search_path = public, pg_temp set enable_bitmapscan = on as $$
#variable_conflict use_column
declare
    newest timestamptz := least(until, before_at, now());
    oldest timestamptz := greatest(since, newest - interval '10 years');
    left_  int := rows_max;
    found_ int;
    span   bigint;
begin
    for span in reverse floor(extract(epoch from newest) / 2592000)::bigint .. floor(extract(epoch from oldest) / 2592000)::bigint
    loop
        return query
        (select a.at, a.actor, a.scope, a.person, a.subject, a.action, a.chain, a.seq from audit a
        where a.clients is not null and audit_spans(a.clients, a.at) @> array[of_client * 4096 + span]
            and a.practice_id = of_practice and a.at >= oldest and a.at < until
            and (a.at, a.chain, a.seq) < (before_at, before_chain, before_seq)
        order by a.at desc, a.chain desc, a.seq desc limit left_)
        union all
        (select r.received_at, coalesce(d.label, encode(r.device, 'hex')), 'kiosk', null::bigint, null::bigint, 'rating.given',
            r.rating_id, 0::bigint
        from course c join ticket t on t.practice_id = c.practice_id and t.course_id = c.course_id
        join rating r on r.practice_id = t.practice_id and r.ticket_id = t.ticket_id
        left join device d on d.practice_id = r.practice_id and d.fingerprint = r.device
        where c.practice_id = of_practice and c.client_id = of_client and r.device is not null
            and floor(extract(epoch from r.received_at) / 2592000)::bigint = span and r.received_at >= oldest and r.received_at < until
            and (r.received_at, r.rating_id, 0::bigint) < (before_at, before_chain, before_seq)
        order by 1 desc, 7 desc limit left_)
        order by 1 desc, 7 desc, 8 desc limit left_;
        get diagnostics found_ = row_count;
        left_ := left_ - found_;
        exit when left_ <= 0;
    end loop;
end
$$;

revoke all on audit_key, audit_head from public;
revoke all on function audit_key_note, certificates_unsigned, certificates_signed, certificates_after, certificate_of, audit_head_last,
    audit_tails, audit_heads_add, audit_rows, audit_heads, audit_who from public;
grant execute on function audit_head_last, audit_tails, audit_heads_add to attune_server, attune_aggregator;
grant execute on function certificates_unsigned, certificates_signed to attune_server, attune_aggregator;
grant execute on function certificates_after, certificate_of, audit_rows, audit_heads, audit_who to attune_server;
