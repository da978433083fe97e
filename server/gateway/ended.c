/* Happy path: the tokens' hashes that are good here, and the practices where nobody had to log on,
 * are one question; what is not so any more is locked. Failure: the database is away: asked again
 * in a second. Whoever has logged on anew meanwhile has another token, and stays. */
#include "server/gateway/ended.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/base/log.h"
#include "server/gateway/staff.h"

enum { LOOK_MS = 1000 };

/* Whether what was ended is what lets this one in. */
static bool is_meant(const struct peer *p, const struct store_ended *row)
{
    const struct staff *s = p->staff;
    if (row->has_token) {
        return s->has_token && memcmp(s->token_hash, row->token_hash, STORE_TOKEN) == 0;
    }
    return !s->required && p->practice_id == row->practice_id;
}

static void lock(struct ended *e, const struct store_ended *row)
{
    struct peer *p;
    LIST_FOREACH(p, e->staff, of_staff)
    {
        if (!is_meant(p, row)) {
            continue;
        }
        p->staff->required = p->staff->required || !row->has_token;
        if (row->has_token || !p->staff->has_token) {
            staff_lock(p);
            e->locked++;
        }
    }
}

static void look(struct ended *e);

static void on_ended(struct store_call *call, int rc, const struct store_ended *rows, size_t count)
{
    struct ended *e = container_of(call, struct ended, call);
    int64_t before = e->locked;
    e->under_way = false;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        lock(e, &rows[i]);
    }
    if (e->locked > before) {
        log_line(LOG_LEVEL_NOTICE, "gateway", "log-ons ended elsewhere: %d connections locked",
                 (int)(e->locked - before));
    }
    if (rc == 0 && e->wanted) {
        look(e);
    }
}

/* Those with a token, and those that needed none; whoever is locked has neither. */
static size_t keys_of(const struct ended *e, struct store_log_on_key *keys)
{
    const struct peer *p;
    size_t count = 0;
    LIST_FOREACH(p, e->staff, of_staff)
    {
        const struct staff *s = p->staff;
        if (s->has_token || !s->required) {
            if (keys != NULL) {
                keys[count] = (struct store_log_on_key){p->practice_id, p->fingerprint,
                                                        s->has_token ? s->token_hash : NULL};
            }
            count++;
        }
    }
    return count;
}

static void look(struct ended *e)
{
    e->wanted = false;
    size_t count = keys_of(e, NULL);
    if (count == 0) {
        return;
    }
    struct store_log_on_key *keys = calloc(count, sizeof *keys);
    must(keys != NULL);
    (void)keys_of(e, keys); /* As many. */
    e->under_way = store_log_ons_ended(e->store, &e->call, keys, count, on_ended) == 0;
    free(keys);
}

void ended_init(struct ended *e, struct store *store, struct peer_list *staff)
{
    *e = (struct ended){.store = store, .staff = staff};
}

void ended_wake(struct ended *e)
{
    e->wanted = true;
    if (!e->under_way) {
        look(e);
    }
}

void ended_tick(struct ended *e, uint64_t now_ms)
{
    if (now_ms >= e->next_ms && !e->under_way) {
        e->next_ms = now_ms + LOOK_MS;
        look(e);
    }
}
