-- 0005_audit.sql - who did what; append-only.

-- One row a transaction that changes something. The hash chain comes with its writers' keys later; the
-- columns are here so that no row is ever without them.
create table audit (
    audit_id    bigint generated always as identity,
    practice_id bigint,              -- Null: a batch over several practices; its rows say which.
    at          timestamptz not null default now(),
    actor       text not null,       -- A device's label or a program.
    action      text not null,       -- "ratings", "session.open", "practice.put_room", …
    detail      jsonb not null default '{}',  -- Ids and counts; never a score or a pseudonym.
    primary key (audit_id)
);

-- Rights first (0005), this second: it also holds for the owner.
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function audit_is_append_only();
