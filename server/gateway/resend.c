/* Happy path: look, and while some kiosk has not been told of the newest wish, tell a few at a
 * time. Failure: a look that fails is made again with the next; a kiosk that goes away is told once
 * it is back. */
#include "server/gateway/resend.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/gateway/gateway.h"

enum { TURN_MS = ALLOWANCE_TURN_MS, CLOCK_MS = 60 * 1000 };

static void arm(struct resend *r, uint64_t wait_ms);

static void tell(const struct resend *r, struct peer *p)
{
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__Resend message = ATTUNE__RESEND__INIT;
    int64_t since = (int64_t)(uv_now(r->timer.loop) - r->looked_at);
    message.acknowledged_within_ms = (uint64_t)(r->within_ms + since);
    message.acknowledged_before_ms = (uint64_t)(r->before_ms + since);
    push.body_case = ATTUNE__PUSH__BODY_RESEND;
    push.resend = &message;
    peer_push(p, &push);
    p->resend_version = r->version;
}

/* True: there are more to be told. */
static bool tell_some(struct resend *r)
{
    struct peer *p;
    LIST_FOREACH(p, r->kiosks, of_role)
    {
        if (p->resend_version == r->version) {
            continue;
        }
        if (!allowance_take(&r->pace, uv_now(r->timer.loop))) {
            return true;
        }
        tell(r, p);
        r->told++;
    }
    return false;
}

/* What is stored carries the database's time: so devices are told that one (gateway_true_ms), and
 * a clock of ours that is off is said, since certificates are judged by it. */
static void look_at_clock(struct resend *r, int64_t database_ms)
{
    r->clock_ahead_ms = clock_now_ms() - database_ms;
    bool off = r->clock_ahead_ms > CLOCK_MS || r->clock_ahead_ms < -CLOCK_MS;
    if (off && !r->clock_said) {
        log_line(LOG_LEVEL_ERROR, "gateway",
                 "this machine's clock is %" PRId64 " s %s the database's: set both by NTP",
                 (r->clock_ahead_ms < 0 ? -r->clock_ahead_ms : r->clock_ahead_ms) / 1000,
                 r->clock_ahead_ms > 0 ? "ahead of" : "behind");
    }
    r->clock_said = off;
}

static void on_looked(struct store_call *call, int rc, const struct store_resend *found)
{
    struct resend *r = container_of(call, struct resend, call);
    r->under_way = false;
    if (rc != 0) {
        return;
    }
    look_at_clock(r, found->clock_ms);
    (void)snprintf(r->place, sizeof r->place, "%s", found->place); /* Cut is another place, once. */
    if (found->version != r->version && found->version != 0) {
        log_line(LOG_LEVEL_WARNING, "gateway",
                 "kiosks are asked again for what was acknowledged %" PRId64 " to %" PRId64
                 " s ago: the database was promoted or restored, or it was asked for",
                 found->within_ms / 1000, found->before_ms / 1000);
    }
    r->version = found->version;
    r->within_ms = found->within_ms;
    r->before_ms = found->before_ms;
    r->looked_at = uv_now(r->timer.loop);
}

static void on_timer(uv_timer_t *timer)
{
    struct resend *r = container_of(timer, struct resend, timer);
    uint64_t now = uv_now(timer->loop);
    if (!r->under_way && now >= r->look_at) {
        r->look_at = now + r->look_ms;
        r->under_way = store_resend_look(r->store, &r->call, r->place, on_looked) == 0;
    }
    bool more = r->version != 0 && r->pace.per_second > 0 && tell_some(r);
    uint64_t rest = r->look_at > now ? r->look_at - now : TURN_MS;
    arm(r, more && rest > TURN_MS ? TURN_MS : rest);
}

static void arm(struct resend *r, uint64_t wait_ms)
{
    int rc = uv_timer_start(&r->timer, on_timer, wait_ms, 0);
    must(rc == 0);
}

void resend_init(struct resend *r, struct store *store, struct peer_list *kiosks,
                 uint32_t kiosks_per_second, uint32_t look_ms)
{
    *r = (struct resend){.store = store, .kiosks = kiosks, .look_ms = look_ms};
    allowance_init(&r->pace, kiosks_per_second, 0);
}

void resend_start(struct resend *r, uv_loop_t *loop)
{
    int rc = uv_timer_init(loop, &r->timer);
    must(rc == 0);
    arm(r, TURN_MS);
}
