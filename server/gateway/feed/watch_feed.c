/* Happy path: look for the id; new or changed is news.
 * Failure: none; both lists are bounded. A session that falls out of the ring is told of again,
 * which its receiver, who keeps state, does not notice. */
#include "server/gateway/feed/watch_feed.h"

#include <string.h>

void watch_feed_init(struct watch_feed *f)
{
    memset(f, 0, sizeof *f);
}

bool watch_feed_session(struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE], uint8_t state,
                        uint8_t outcome)
{
    size_t at = 0;
    while (at < f->session_count && memcmp(f->sessions[at].id, id, LIMIT_ID_SIZE) != 0) {
        at++;
    }
    if (at < f->session_count && f->sessions[at].state == state &&
        f->sessions[at].outcome == outcome) {
        return false;
    }
    if (at == f->session_count) {
        at = f->session_next;
        f->session_next = (uint8_t)((f->session_next + 1) % WATCH_SESSIONS_MAX);
        if (f->session_count < WATCH_SESSIONS_MAX) {
            f->session_count++;
        }
        memcpy(f->sessions[at].id, id, LIMIT_ID_SIZE);
    }
    f->sessions[at].state = state;
    f->sessions[at].outcome = outcome;
    return true;
}

static size_t find_alert(const struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE])
{
    size_t at = 0;
    while (at < f->alert_count && memcmp(f->alerts[at], id, LIMIT_ID_SIZE) != 0) {
        at++;
    }
    return at;
}

enum watch_alert watch_feed_alert(struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE])
{
    if (find_alert(f, id) < f->alert_count) {
        return WATCH_KNOWN;
    }
    if (f->alert_count == LIMIT_ALERTS_OPEN) {
        return WATCH_FULL;
    }
    memcpy(f->alerts[f->alert_count++], id, LIMIT_ID_SIZE);
    return WATCH_PUSH;
}

void watch_feed_received(struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE])
{
    size_t at = find_alert(f, id);
    if (at < f->alert_count) {
        f->alert_count--;
        memmove(f->alerts[at], f->alerts[f->alert_count], LIMIT_ID_SIZE);
    }
}
