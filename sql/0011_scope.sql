-- 0011_scope.sql - who asks: settings local to a transaction, which the row policies read.

-- The first statement of every call that the server makes for somebody. One `set local` a setting, since Citus passes
-- those on to its workers and set_config not. A setting that is missing or '' is nobody.
create function scope_begin(scope_number int, of_practice bigint, person bigint, subject bigint, client bigint) returns void
language plpgsql as $$
declare
    words constant text[] := '{therapist,cover,supervision,break-glass,administrator}';  -- As enum store_scope, from 1.
begin
    execute format('set local attune.scope = %L', words[scope_number]);
    execute format('set local attune.practice = %L', of_practice);
    execute format('set local attune.person = %L', person);
    execute format('set local attune.subject = %L', subject);
    execute format('set local attune.client = %L', client);
end
$$;

revoke all on function scope_begin from public;
grant execute on function scope_begin to attune_server;
