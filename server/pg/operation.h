/* operation.h - what the operations of store.h share: sending, verdicts, and columns that many read
 * alike.
 *
 * For server/pg's store_*.c only. */
#pragma once

#include "server/pg/rows.h"
#include "server/pg/store.h"

/* Takes the plan, whatever is returned. */
int store_run(struct store *s, struct store_call *c, enum pg_lane lane, struct pg_plan *plan,
              pg_call_cb cb);

/* The code for a verdict's word in a row ("ok", "room_taken", …); ERR_DATABASE for one not known.
 */
int store_verdict(struct pg_rows *rows, size_t row, int column);

/* For operations that are not ratings: what class 22 and 23 mean there. ERR_CONFLICT for 23 (the
 * name is another's), ERR_FIELD for 22. */
int store_rc(int rc, const struct pg_results *results);

/* The word's own: for a call of which one row with a verdict in `column` is the answer. */
int store_rc_of_row(int rc, const struct pg_results *results, unsigned step, int column);

/* For a call whose one answer is one number: gives it to c->cb.counted. */
void on_count(struct pg_call *call, int rc, const struct pg_results *results);

/* Bad rows were logged by the caller's rc: 0 or ERR_DATABASE. */
int store_rows_rc(const struct pg_rows *rows);

/* Four columns from `column` on; null is STORE_NOT_ANSWERED. */
void store_scores(struct pg_rows *rows, size_t row, int column, int16_t ret_scores[STORE_AREAS]);
enum store_talk store_talk(struct pg_rows *rows, size_t row, int column);

/* A role's word in the database, "" for 0; and back. */
const char *store_role_word(unsigned role);
enum store_role store_role_of(struct pg_rows *rows, size_t row, int column);

/* For columns that may be null: "", 0 and NULL are none. */
void store_put_text(struct pg_params *p, const char *text);
void store_put_number(struct pg_params *p, int64_t number);
void store_put_time(struct pg_params *p, int64_t unix_ms);
void store_put_bytes(struct pg_params *p, const uint8_t *bytes, size_t len);

/* The last id of the page before; NULL is none, a null. */
void store_put_after(struct pg_params *p, const uint8_t *id);

/* An array of whole numbers, as many as a practice's rules have; null is none. Returns how many. */
size_t store_rules_numbers(struct pg_rows *rows, size_t row, int column, int32_t *ret_numbers);

/* The therapists' two columns as arrays: whose practice, and who. */
void store_put_therapists(struct pg_params *p, const struct store_therapist_key *therapists,
                          size_t count);

/* Memory for `count` results of `size`; NULL for none. */
void *store_array(size_t count, size_t size);
