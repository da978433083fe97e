/* Arrays that are too large to fill in one history. A rating whose score is 101 stands for content
 * that the database itself refuses: no valid message carries it past valid_rating, so the simulator
 * puts it in behind that. */
#include "tests/sim/database.h"

#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

int64_t db_begin(struct database *db)
{
    return ++db->numbers;
}

int db_find_rating(const struct database *db, const uint8_t id[LIMIT_ID_SIZE])
{
    for (size_t i = 0; i < db->rating_count; i++) {
        if (memcmp(db->ratings[i].id, id, LIMIT_ID_SIZE) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static const struct db_ticket *find_ticket(const struct db_ticket *tickets, size_t count,
                                           const uint8_t id[LIMIT_ID_SIZE])
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(tickets[i].id, id, LIMIT_ID_SIZE) == 0) {
            return &tickets[i];
        }
    }
    return NULL;
}

static bool is_used(const struct database *db, const uint8_t ticket[LIMIT_ID_SIZE])
{
    for (size_t i = 0; i < db->rating_count; i++) {
        if (memcmp(db->ratings[i].ticket, ticket, LIMIT_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static enum db_fate insert(struct database *db, const struct db_rating *row,
                           const struct db_ticket *ticket, struct db_batch *batch)
{
    if (db_find_rating(db, row->id) >= 0) {
        return DB_AGAIN;
    }
    if (ticket == NULL) {
        return DB_TICKET_UNKNOWN;
    }
    if (is_used(db, row->ticket)) {
        return DB_TICKET_USED;
    }
    must(db->rating_count < DB_RATINGS && batch->count < DB_BATCH_RATINGS);
    struct db_rating *stored = &db->ratings[db->rating_count];
    *stored = *row;
    stored->course = ticket->course;
    stored->session_start = ticket->session_start;
    batch->ratings[batch->count++] = db->rating_count++;
    return DB_NEW;
}

int db_commit_ratings(struct database *db, int64_t number, const struct db_rating *const *rows,
                      size_t count, const struct db_ticket *tickets, size_t ticket_count,
                      enum db_fate *ret_fates)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->scores[0] > LIMIT_SCORE_TENTHS) {
            return ERR_RATING_REFUSED;
        }
    }
    must(db->batch_count < DB_BATCHES);
    struct db_batch *batch = &db->batches[db->batch_count++];
    *batch = (struct db_batch){.number = number, .committed = true};
    for (size_t i = 0; i < count; i++) {
        const struct db_ticket *ticket = find_ticket(tickets, ticket_count, rows[i]->ticket);
        ret_fates[i] = insert(db, rows[i], ticket, batch);
    }
    return 0;
}

bool db_insert_alert(struct database *db, size_t rating, const char *rule, int therapist, bool red)
{
    for (size_t i = 0; i < db->alert_count; i++) {
        if (db->alerts[i].rating == rating && strcmp(db->alerts[i].rule, rule) == 0) {
            return false;
        }
    }
    must(db->alert_count < DB_ALERTS);
    struct db_alert *alert = &db->alerts[db->alert_count++];
    *alert = (struct db_alert){.rating = rating, .rule = rule, .therapist = therapist, .red = red};
    uint64_t halves[2] = {world_random(db->world), world_random(db->world)};
    memcpy(alert->id, halves, sizeof halves);
    return true;
}

void db_crash(struct database *db)
{
    db->up = false;
    db->lives++;
    for (size_t i = 0; i < db->batch_count; i++) {
        db->batches[i].claimed_by = 0;
    }
}
