/* Happy path: connected, watch, list; an alert is shown, then reported in the next batch, then
 * known. Failure: a lost connection takes every "reported" back to "to report". A refused request
 * pauses all requests, longer each time. A push of an alert that the server was told of means that
 * the server does not know after all (it lost its last seconds): it is reported again and not shown
 * again. When a thousand alerts are remembered and none is known to the server, new ones wait
 * there. */
#include "client/therapist/desk.h"

#include <string.h>

#include "proto/wire/err.h"

static struct desk_alert *find_alert(struct desk *d, const uint8_t *id)
{
    for (size_t at = d->alert_count; at-- > 0;) { /* The newest are asked for most. */
        if (memcmp(d->alerts[at].id, id, LIMIT_ID_SIZE) == 0) {
            return &d->alerts[at];
        }
    }
    return NULL;
}

static struct desk_session *find_session(struct desk *d, const uint8_t *id)
{
    for (size_t at = d->session_count; at-- > 0;) {
        if (memcmp(d->sessions[at].id, id, LIMIT_ID_SIZE) == 0) {
            return &d->sessions[at];
        }
    }
    return NULL;
}

/* A place for one more alert, or NULL. */
static struct desk_alert *alert_place(struct desk *d)
{
    if (d->alert_count < DESK_ALERTS_MAX) {
        return &d->alerts[d->alert_count++];
    }
    struct desk_alert *oldest = NULL;
    for (size_t at = 0; at < d->alert_count; at++) {
        struct desk_alert *a = &d->alerts[at];
        if (a->state == DESK_ALERT_KNOWN && (oldest == NULL || a->since < oldest->since)) {
            oldest = a;
        }
    }
    return oldest;
}

static struct desk_session *session_place(struct desk *d)
{
    if (d->session_count < DESK_SESSIONS_MAX) {
        return &d->sessions[d->session_count++];
    }
    struct desk_session *oldest = &d->sessions[0];
    for (size_t at = 1; at < d->session_count; at++) {
        oldest = d->sessions[at].since < oldest->since ? &d->sessions[at] : oldest;
    }
    return oldest;
}

static void turn_back(struct desk *d)
{
    for (size_t at = 0; at < d->alert_count; at++) {
        if (d->alerts[at].state == DESK_ALERT_REPORTED) {
            d->alerts[at].state = DESK_ALERT_TO_REPORT;
        }
    }
}

void desk_init(struct desk *d)
{
    memset(d, 0, sizeof *d);
    d->pause_until_ms = INT64_MIN;
}

void desk_connected(struct desk *d)
{
    desk_lost(d);
    d->connected = true;
}

void desk_lost(struct desk *d)
{
    d->connected = false;
    d->watch_asked = d->watched = false;
    d->list_asked = d->listed = false;
    d->reporting = false;
    d->pause_until_ms = INT64_MIN;
    turn_back(d);
}

/* True when the answer is good; otherwise everything waits a while. */
static bool accepted(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms)
{
    if (rc == 0) {
        d->refusals = 0;
        return true;
    }
    int64_t doubled = (int64_t)DESK_PAUSE_MS << (d->refusals < 6 ? d->refusals : 6);
    int64_t pause = retry_after_ms > 0 ? retry_after_ms : doubled;
    d->refusals++;
    d->pause_until_ms = now_ms + (pause < DESK_PAUSE_MS_MAX ? pause : DESK_PAUSE_MS_MAX);
    return false;
}

void desk_watched(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms)
{
    if (d->watch_asked && !d->watched) {
        d->watched = d->watch_asked = accepted(d, rc, retry_after_ms, now_ms);
    }
}

void desk_listed(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms)
{
    if (d->list_asked && !d->listed) {
        d->listed = d->list_asked = accepted(d, rc, retry_after_ms, now_ms);
        d->listed_once = d->listed_once || d->listed;
    }
}

void desk_reported(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms)
{
    if (!d->reporting) {
        return;
    }
    d->reporting = false;
    if (!accepted(d, rc, retry_after_ms, now_ms)) {
        turn_back(d);
        return;
    }
    for (size_t at = 0; at < d->alert_count; at++) {
        if (d->alerts[at].state == DESK_ALERT_REPORTED) {
            d->alerts[at].state = DESK_ALERT_KNOWN;
        }
    }
}

enum desk_verdict desk_alert(struct desk *d, const uint8_t id[LIMIT_ID_SIZE])
{
    struct desk_alert *a = find_alert(d, id);
    if (a != NULL) {
        a->state = a->state == DESK_ALERT_KNOWN ? DESK_ALERT_TO_REPORT : a->state;
        /* Handed out and never shown (the caller failed to): it gets another chance. */
        return a->state == DESK_ALERT_NEW ? DESK_SHOW : DESK_KNOWN;
    }
    a = alert_place(d);
    if (a == NULL) {
        return DESK_FULL;
    }
    a->state = DESK_ALERT_NEW;
    a->since = d->counter++;
    memcpy(a->id, id, LIMIT_ID_SIZE);
    return DESK_SHOW;
}

void desk_shown(struct desk *d, const uint8_t id[LIMIT_ID_SIZE])
{
    struct desk_alert *a = find_alert(d, id);
    if (a != NULL && a->state == DESK_ALERT_NEW) {
        a->state = DESK_ALERT_TO_REPORT;
    }
}

/* Would this take the session back to what it was? */
static bool older(const struct desk_session *known, const Attune__Session *told)
{
    bool reopened = known->state == ATTUNE__SESSION_STATE__SESSION_CLOSED &&
                    told->state != ATTUNE__SESSION_STATE__SESSION_CLOSED;
    bool unrated = known->outcome != ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE &&
                   told->outcome == ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE;
    bool covered = known->has_scores && told->scores == NULL;
    return reopened || unrated || covered;
}

enum desk_verdict desk_session(struct desk *d, const Attune__Session *session,
                               enum desk_source source)
{
    if (session->session_id.len != LIMIT_ID_SIZE) {
        return DESK_KNOWN; /* Nothing could ever be said about it again. */
    }
    struct desk_session *known = find_session(d, session->session_id.data);
    bool fresh = known == NULL;
    bool same = !fresh && known->state == session->state && known->outcome == session->outcome &&
                known->has_scores == (session->scores != NULL);
    if (same || (!fresh && older(known, session))) {
        return DESK_KNOWN;
    }
    if (fresh) {
        known = session_place(d);
        memcpy(known->id, session->session_id.data, LIMIT_ID_SIZE);
    }
    known->since = d->counter++;
    known->state = session->state;
    known->outcome = session->outcome;
    known->has_scores = session->scores != NULL;
    bool start_of_day = source == DESK_LISTED && fresh && !d->listed_once;
    return start_of_day ? DESK_KNOWN : DESK_SHOW;
}

static bool next_report(struct desk *d, struct desk_action *ret_action)
{
    size_t count = 0;
    for (size_t at = 0; at < d->alert_count && count < DESK_REPORT_MAX; at++) {
        struct desk_alert *a = &d->alerts[at];
        if (a->state == DESK_ALERT_TO_REPORT) {
            a->state = DESK_ALERT_REPORTED;
            memcpy(ret_action->ids[count++], a->id, LIMIT_ID_SIZE);
        }
    }
    if (count == 0) {
        return false;
    }
    d->reporting = true;
    ret_action->kind = DESK_REPORT;
    ret_action->count = count;
    return true;
}

bool desk_next(struct desk *d, int64_t now_ms, struct desk_action *ret_action)
{
    if (!d->connected || d->pause_until_ms > now_ms) {
        return false;
    }
    if (!d->watch_asked) {
        d->watch_asked = true;
        ret_action->kind = DESK_WATCH;
        ret_action->count = 0;
        return true;
    }
    /* After Watch was answered: what changes from then on is told, what changed before is listed.
     */
    if (d->watched && !d->list_asked) {
        d->list_asked = true;
        ret_action->kind = DESK_LIST;
        ret_action->count = 0;
        return true;
    }
    return !d->reporting && next_report(d, ret_action);
}

int64_t desk_wake_ms(const struct desk *d)
{
    bool has = d->connected && (!d->watch_asked || (d->watched && !d->list_asked) ||
                                (!d->reporting && desk_count(d, DESK_ALERT_TO_REPORT) > 0));
    return has ? d->pause_until_ms : INT64_MAX;
}

size_t desk_count(const struct desk *d, enum desk_alert_state state)
{
    size_t count = 0;
    for (size_t at = 0; at < d->alert_count; at++) {
        count += d->alerts[at].state == state ? 1 : 0;
    }
    return count;
}
