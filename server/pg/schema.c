/* Happy path: the answer says a primary, a role with least rights, durable commits, a schema new
 * enough. Failure: each is one sentence that says what to do; the connection is tried again later,
 * since a person can mend all of them while we run. */
#include "server/pg/schema.h"

#include "server/pg/rows.h"

/* Every statement of ours finds its rows by index, but the planner guesses otherwise while tables
 * are new and their statistics old, and prepared plans would keep the guess: so joins follow the
 * order in which they are written, one index look-up a row. jit would compile for
 * longer than they run. A process that is stopped in the middle of a transaction must not hold its
 * batches for ever. What staff read, or holds a practice's rows, is kept by row-level security: a
 * table of these without it is as bad as a role that skips it. */
#define KEPT_BY_ROW                                                                                \
    "'{practice,site,room,room_lease,therapist,rule_settings,instrument,device,client,course,"     \
    "session,ticket,ticket_gone,rating,rating_batch,rating_quarantine,alert,alert_delivery,"       \
    "rupture,"                                                                                     \
    "rupture_move,goal,rollup_week,rollup_client,rollup_session,cover,supervision,"                \
    "break_glass}'::text[]"

const struct pg_statement schema_check = {
    .sql =
        "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean,"
        " (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user),"
        " exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        "  where n.nspname = 'public' and c.relkind in ('r', 'p') and pg_has_role(c.relowner, "
        "'member')),"
        " current_setting('synchronous_commit') = 'off',"
        " coalesce((select max(m.number) from schema_migration m), 0)::int,"
        " current_setting('row_security') = 'off' or exists (select from pg_class c"
        "  where c.relnamespace = 'public'::regnamespace and c.relname = any (" KEPT_BY_ROW ")"
        "   and not (c.relforcerowsecurity and row_security_active(c.oid))),"
        " set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),"
        " set_config('enable_mergejoin', 'off', false), set_config('enable_bitmapscan', 'off', "
        "false),"
        " set_config('enable_material', 'off', false),"
        " set_config('join_collapse_limit', '1', false),"
        " set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', "
        "false),"
        " set_config('idle_in_transaction_session_timeout', '20s', false),"
        " set_config('tcp_keepalives_idle', '10', false),"
        " set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', "
        "'3', "
        "false)",
    .once = true,
};

const char *schema_objection(const struct pg_result *result, int number)
{
    struct pg_rows rows;
    pg_rows_init(&rows, result);
    if (rows.count != 1) {
        return "the check had no answer";
    }
    if (pg_bool(&rows, 0, 0)) {
        return "the server is read-only: name every server of the cluster in the conninfo";
    }
    if (pg_bool(&rows, 0, 1)) {
        return "the role is a superuser or has BYPASSRLS: use attune_server or attune_aggregator";
    }
    if (pg_bool(&rows, 0, 2)) {
        return "the role owns the tables: use attune_server or attune_aggregator";
    }
    if (pg_bool(&rows, 0, 3)) {
        return "synchronous_commit is off: an acknowledgement would mean nothing, turn it on";
    }
    if (pg_int4(&rows, 0, 4) < number) {
        return "the schema is older than this program: run `attune-server migrate`";
    }
    if (pg_bool(&rows, 0, 5)) {
        return "row-level security is off for a table: turn row_security on, and force it there";
    }
    return rows.bad ? "the check's answer cannot be read" : NULL;
}
