/* migrate.h - bring the database to the newest numbered file in sql/. Blocks: for a command, not
 * for the loop.
 *
 * As the owner of the schema. Files are NNNN_name.sql from 0001 on without a gap, each applied
 * once, in a transaction together with its row in schema_migration; two that run at once wait for
 * each other. */
#pragma once

/* Says on standard output what it does, and on standard error what is wrong. Returns 0, ERR_CONFIG
 * (files: a gap, one that changed after it was applied, none at all) or ERR_DATABASE; what was
 * applied before stays. */
int migrate_run(const char *conninfo, const char *sql_dir);

/* Where the files are when nobody says otherwise. */
#ifndef ATTUNE_SQL_DIR
#define ATTUNE_SQL_DIR "sql"
#endif
