/* Happy path: the numbers are as when both agreed: nothing. Otherwise the journal learns the keys
 * database's list, and the main one is told all that it knows; then the same the other way round,
 * and the journal is saved; a round that changes nothing is an agreement.
 * Failure: whatever fails is tried with the next wake. */
#include "server/gateway/erased.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "server/base/log.h"

static const char ACTOR[] = "attune-server";

void erased_init(struct erased *e, struct store *store, struct keys_store *keys,
                 struct journal *journal)
{
    *e = (struct erased){
        .store = store, .keys = keys, .journal = journal, .keys_agreed = -1, .main_agreed = -1};
}

/* The end of a round; not 0: the next wake begins anew. */
static void finish(struct erased *e, int rc)
{
    e->is_under_way = false;
    if (rc == 0 && !e->has_changed) {
        e->keys_agreed = e->keys_now;
        e->main_agreed = e->main_now;
    }
}

static void on_saved(struct journal_call *call, int rc)
{
    finish(container_of(call, struct erased, journal_call), rc);
}

static void on_keys_told(struct keys_call *call, int rc, int64_t count)
{
    struct erased *e = container_of(call, struct erased, keys_call);
    if (rc == 0 && count > 0) {
        e->has_changed = true;
        log_line(LOG_LEVEL_WARNING, "gateway",
                 "%" PRId64 " erased clients were not erased in the keys database: their keys are "
                 "destroyed now",
                 count);
    }
    if (rc == 0) {
        journal_save(e->journal, &e->journal_call, on_saved);
    } else {
        finish(e, rc);
    }
}

static void on_main_list(struct store_call *call, int rc, const struct store_erased *list,
                         size_t count)
{
    struct erased *e = container_of(call, struct erased, call);
    if (rc == 0) {
        journal_learn(e->journal, list, count);
        struct store_erased *all = journal_list(e->journal, &count);
        rc = keys_erase_again(e->keys, &e->keys_call, all, count, on_keys_told);
        free(all);
    }
    if (rc != 0) {
        finish(e, rc);
    }
}

static void on_main_told(struct store_call *call, int rc, unsigned erased, unsigned waiting)
{
    struct erased *e = container_of(call, struct erased, call);
    e->has_changed = e->has_changed || erased + waiting > 0;
    if (rc == 0 && erased > 0) {
        log_line(LOG_LEVEL_WARNING, "gateway",
                 "%u erased clients were not erased in the main database: erased (again)", erased);
    }
    rc = rc == 0 ? store_erased_list(e->store, &e->call, on_main_list) : rc;
    if (rc != 0) {
        finish(e, rc);
    }
}

static void on_keys_list(struct keys_call *call, int rc, const struct store_erased *list,
                         size_t count)
{
    struct erased *e = container_of(call, struct erased, keys_call);
    if (rc == 0) {
        journal_learn(e->journal, list, count);
        struct store_erased *all = journal_list(e->journal, &count);
        rc = store_erase_again(e->store, &e->call, all, count, ACTOR, on_main_told);
        free(all);
    }
    if (rc != 0) {
        finish(e, rc);
    }
}

static void on_main_count(struct store_call *call, int rc, unsigned count)
{
    struct erased *e = container_of(call, struct erased, call);
    e->main_now = count;
    if (rc == 0 && (e->keys_now != e->keys_agreed || e->main_now != e->main_agreed)) {
        rc = keys_erased_list(e->keys, &e->keys_call, on_keys_list);
        if (rc == 0) {
            return;
        }
    }
    finish(e, rc);
}

void erased_look(struct erased *e, int64_t keys_count)
{
    if (e->is_under_way) {
        return; /* The next wake is near. */
    }
    e->keys_now = keys_count;
    e->has_changed = false;
    e->is_under_way = store_erased_count(e->store, &e->call, on_main_count) == 0;
}
