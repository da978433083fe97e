/* Happy path: a refusal is counted and a timer set; when it goes off all that was counted is one
 * call. Failure: the database is away: what was not written is counted on, and tried again in a
 * minute. When closing there is one try. */
#include "server/gateway/refused.h"

#include <stdio.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/gateway/peer.h"
#include "server/pg/store_audit.h"

enum { FIRST_MS = 1000, EACH_MS = 60 * 1000, CLOSING_MS = 2000, SHOWN_BYTES = 8 };

static void flush(struct refused *r);

static void set_timer(struct refused *r, uv_timer_cb cb, uint64_t wait_ms)
{
    int rc = uv_timer_start(&r->timer, cb, wait_ms, 0);
    must(rc == 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct refused *r = container_of(timer, struct refused, timer);
    r->scheduled = false;
    flush(r);
}

static void schedule(struct refused *r)
{
    uint64_t now = uv_now(r->timer.loop);
    if (r->scheduled || r->under_way || r->now.count == 0) {
        return;
    }
    r->scheduled = true;
    set_timer(r, on_timer, r->next_ms > now + FIRST_MS ? r->next_ms - now : FIRST_MS);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct refused *r = container_of((uv_timer_t *)(void *)handle, struct refused, timer);
    r->close_cb(r);
}

static void end(struct refused *r)
{
    if (!uv_is_closing((uv_handle_t *)&r->timer)) {
        uv_close((uv_handle_t *)&r->timer, on_timer_closed);
    }
}

static void on_too_late(uv_timer_t *timer)
{
    end(container_of(timer, struct refused, timer)); /* The store's close ends the call. */
}

static void on_written(struct store_call *call, int rc)
{
    struct refused *r = container_of(call, struct refused, call);
    r->under_way = false;
    for (size_t i = 0; rc != 0 && i < r->sent.count; i++) {
        const struct refusal *one = &r->sent.list[i];
        refusals_note(&r->now, one->practice_id, one->actor, one->code, one->count);
    }
    if (r->close_cb == NULL) {
        schedule(r);
    } else if (rc == 0 && r->now.count > 0) {
        flush(r); /* What came while the last were under way. */
    } else {
        end(r);
    }
}

static void flush(struct refused *r)
{
    struct store_refusal list[REFUSALS_MAX];
    r->next_ms = uv_now(r->timer.loop) + EACH_MS;
    r->sent = r->now;
    r->now.count = 0;
    r->under_way = true;
    for (size_t i = 0; i < r->sent.count; i++) {
        const struct refusal *one = &r->sent.list[i];
        list[i] = (struct store_refusal){one->practice_id, one->actor, one->code, one->count};
    }
    int rc = store_refusals_note(r->store, &r->call, list, r->sent.count, on_written);
    if (rc != 0) {
        on_written(&r->call, rc);
    }
}

void refused_start(struct refused *r, uv_loop_t *loop, struct store *store)
{
    r->store = store;
    int rc = uv_timer_init(loop, &r->timer);
    must(rc == 0);
}

/* One that is not known yet by its key's first bytes, one without a key by nothing. */
void refused_note(struct refused *r, const struct peer *p, int rc)
{
    char actor[2 * SHOWN_BYTES + 16] = "a device";
    if (!refusals_is_one((unsigned)-rc) || r->close_cb != NULL) {
        return;
    }
    if (p->practice_id != 0) {
        int at = snprintf(actor, sizeof actor, "device key ");
        for (int i = 0; i < SHOWN_BYTES; i++) {
            at += snprintf(actor + at, sizeof actor - (size_t)at, "%02x", p->fingerprint[i]);
        }
    }
    refusals_note(&r->now, p->practice_id, p->label != NULL ? p->label : actor, (unsigned)-rc, 1);
    schedule(r);
}

void refused_close(struct refused *r, refused_close_cb cb)
{
    must(r->close_cb == NULL);
    r->close_cb = cb;
    set_timer(r, on_too_late, CLOSING_MS);
    if (r->under_way) {
        return; /* on_written goes on. */
    }
    if (r->now.count > 0) {
        flush(r);
    } else {
        end(r);
    }
}
