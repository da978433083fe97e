/* Happy path: connect, Welcome, and a ping whenever nothing was said for a while.
 * Failure: a lost connection waits with full jitter before the next try, longer each time; a
 * connection that held for some time starts from the floor again, one that dies at once does not,
 * so that a server which welcomes and falls over is not stormed. Trouble that a person must mend (a
 * refused certificate, a device nobody knows) waits long. Whoever was replaced stops: two programs
 * with one identity would else push each other out for ever. */
#include "client/link/pace.h"

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

enum { STEADY_MS = LIMIT_PING_S * 1000 };

void pace_init(struct pace *p)
{
    *p = (struct pace){.state = PACE_IDLE, .ping_ms = LIMIT_PING_S * 1000};
    backoff_init(&p->backoff, LIMIT_RECONNECT_MS_MIN, LIMIT_RECONNECT_MS_MAX);
}

void pace_begin(struct pace *p, int64_t now_ms)
{
    p->state = PACE_WAITING;
    p->due_ms = now_ms;
}

void pace_welcome(struct pace *p, uint32_t ping_s, int64_t now_ms)
{
    must(p->state == PACE_GREETING);
    p->state = PACE_UP;
    p->up_ms = p->heard_ms = now_ms;
    p->ping_ms = 1000 * (int64_t)(ping_s > 0 && ping_s < LIMIT_PING_S ? ping_s : LIMIT_PING_S);
}

void pace_heard(struct pace *p, int64_t now_ms)
{
    p->heard_ms = now_ms;
}

void pace_said(struct pace *p, int64_t now_ms)
{
    p->said_ms = now_ms;
}

void pace_draining(struct pace *p, uint32_t after_ms)
{
    p->draining = true;
    p->drain_ms = after_ms < LIMIT_RECONNECT_MS_MAX ? after_ms : LIMIT_RECONNECT_MS_MAX;
}

bool pace_shut_out(int rc)
{
    return rc == ERR_DEVICE_UNKNOWN || rc == ERR_DEVICE_REVOKED || rc == ERR_CERTIFICATE_REVOKED ||
           rc == ERR_PERSON_REVOKED;
}

static bool needs_a_person(int rc)
{
    return rc == ERR_CERTIFICATE || rc == ERR_DEVICE_UNKNOWN || rc == ERR_DEVICE_REVOKED ||
           rc == ERR_CERTIFICATE_REVOKED || rc == ERR_PERSON_REVOKED || rc == ERR_ROLE ||
           rc == ERR_RENEW_REFUSED || rc == ERR_ENROL_OFF;
}

void pace_lost(struct pace *p, int rc, uint32_t random, int64_t now_ms)
{
    if (p->state == PACE_UP && now_ms - p->up_ms >= STEADY_MS) {
        backoff_reset(&p->backoff);
    }
    uint32_t wait = backoff_next(&p->backoff, random);
    if (p->draining) {
        wait = p->drain_ms;
    } else if (needs_a_person(rc)) {
        wait = LIMIT_RECONNECT_MS_MAX / 2 + random % (LIMIT_RECONNECT_MS_MAX / 2 + 1);
    }
    p->draining = false;
    p->state = rc == ERR_REPLACED ? PACE_STOPPED : PACE_WAITING;
    p->due_ms = now_ms + wait;
}

enum pace_do pace_tick(struct pace *p, int64_t now_ms, int *ret_rc)
{
    if (pace_wake_ms(p) > now_ms) {
        return PACE_NOTHING;
    }
    if (p->state == PACE_WAITING) {
        p->state = PACE_GREETING;
        p->due_ms = now_ms + PACE_GREETING_MS;
        p->heard_ms = p->said_ms = now_ms;
        return PACE_CONNECT;
    }
    if (p->state == PACE_GREETING) {
        *ret_rc = ERR_TIMEOUT;
        return PACE_GIVE_UP;
    }
    if (now_ms - p->heard_ms >= LIMIT_SILENCE_S * 1000) {
        *ret_rc = ERR_SILENT;
        return PACE_GIVE_UP;
    }
    return PACE_PING;
}

int64_t pace_wake_ms(const struct pace *p)
{
    if (p->state == PACE_IDLE || p->state == PACE_STOPPED) {
        return INT64_MAX;
    }
    if (p->state != PACE_UP) {
        return p->due_ms;
    }
    int64_t ping = p->said_ms + p->ping_ms;
    int64_t silence = p->heard_ms + LIMIT_SILENCE_S * 1000;
    return ping < silence ? ping : silence;
}
