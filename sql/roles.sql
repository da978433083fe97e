-- roles.sql - the roles, made once for a cluster by its superuser.
--
-- attune_owner owns the schema and runs the migrations; nobody serves requests as it. The others
-- have only what the grants in the migrations give them: row-level security is skipped for owners,
-- superusers and BYPASSRLS, so the programs refuse to start as one.
do $$
declare
    name text;
begin
    foreach name in array array['attune_owner', 'attune_server', 'attune_aggregator', 'attune_keys'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls', name);
        end if;
    end loop;
end
$$;
