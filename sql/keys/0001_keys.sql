-- 0001_keys.sql - whose numbers they are: the one table that ties a pseudonym and a client's texts to the main database.
--
-- A database of its own, best in a cluster of its own, with backups of its own that are soon gone: what is deleted here is
-- gone from every backup of the main database too, which never held it.

-- The token stands for the client in the main database (client.client_ref); the secret is the key of the client's texts.
create table client_key (
    practice_id bigint not null,
    token       uuid not null,
    client_ref  text not null check (length(client_ref) between 1 and 64),
    secret      bytea not null check (length(secret) = 32),
    made_at     timestamptz not null default now(),
    primary key (practice_id, token),
    unique (practice_id, client_ref)
);

-- That there was such a token, and not which: for a backup of the main database that comes back with it.
create table client_erased (
    practice_id bigint not null,
    token_hash  bytea not null check (length(token_hash) = 32),  -- SHA-256.
    destroyed   boolean not null,                                -- The numbers went too.
    at          timestamptz not null default now(),
    primary key (practice_id, token_hash)
);

-- The pseudonym's row, made if there is none. Of two at once the second waits for the first, and finds its row.
create function client_key_put(of_practice bigint, ref text, new_token uuid, new_secret bytea)
returns table (practice_id bigint, token uuid, client_ref text, secret bytea) language plpgsql as $$
#variable_conflict use_column
begin
    insert into client_key (practice_id, token, client_ref, secret) values (of_practice, new_token, ref, new_secret)
    on conflict (practice_id, client_ref) do nothing;
    return query select k.practice_id, k.token, k.client_ref, k.secret from client_key k
    where k.practice_id = of_practice and k.client_ref = ref;
end
$$;

-- Destroys the row and keeps its hash. Overwritten first: a deletion alone leaves the row's bytes where they are until
-- another one needs the place. (The row's older version is cleared by `vacuum`; see README.md.) False: no such row.
create function client_key_erase(of_practice bigint, of_hash bytea, with_numbers boolean) returns boolean language plpgsql as $$
declare
    there boolean;
begin
    update client_key k set secret = decode(repeat('00', 32), 'hex'), client_ref = k.token::text
    where k.practice_id = of_practice and sha256(uuid_send(k.token)) = of_hash;
    there := found;
    delete from client_key k where k.practice_id = of_practice and sha256(uuid_send(k.token)) = of_hash;
    insert into client_erased as e (practice_id, token_hash, destroyed) values (of_practice, of_hash, with_numbers)
    on conflict (practice_id, token_hash) do update set destroyed = e.destroyed or excluded.destroyed;
    perform pg_notify('attune_keys', '');
    return there;
end
$$;
create index client_key_by_hash on client_key (practice_id, sha256(uuid_send(token)));

-- Those of the list that are not remembered yet: the main database knows of them, and a backup of this one has them back.
create function clients_erase_again(practices bigint[], hashes bytea[], destroyed boolean[]) returns bigint language plpgsql as $$
declare
    one   record;
    count bigint := 0;
begin
    for one in select u.practice_id, u.token_hash, u.destroyed
        from unnest(practices, hashes, destroyed) as u (practice_id, token_hash, destroyed)
        where not exists (select from client_erased e where e.practice_id = u.practice_id and e.token_hash = u.token_hash
            and e.destroyed >= u.destroyed)
    loop
        perform client_key_erase(one.practice_id, one.token_hash, one.destroyed);
        count := count + 1;
    end loop;
    return count;
end
$$;

revoke all on all tables in schema public from public;
revoke all on all functions in schema public from public;
grant usage on schema public to attune_keys;
grant select on schema_migration to attune_keys;
grant select, insert, delete on client_key to attune_keys;
grant update (secret, client_ref) on client_key to attune_keys;
grant select, insert on client_erased to attune_keys;
grant update (destroyed) on client_erased to attune_keys;
grant execute on function client_key_put, client_key_erase, clients_erase_again to attune_keys;
