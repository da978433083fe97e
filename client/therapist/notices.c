/* Happy path: an alert comes, is shown as the therapist chose, gets a step, and the step is due a
 * few seconds later. Failure: with two hundred that wait, new ones wait at the server. */
#include "client/therapist/notices.h"

#include <string.h>

static void copy_text(char *room, size_t size, const char *text)
{
    size_t len = strlen(text);
    len = len < size ? len : size - 1;
    memcpy(room, text, len);
    room[len] = '\0';
}

void notices_init(struct notices *n, enum notice_mode mode)
{
    memset(n, 0, sizeof *n);
    n->mode = mode;
}

static int notices_find(const struct notices *n, const uint8_t *alert_id)
{
    for (size_t at = 0; at < n->count; at++) {
        if (memcmp(n->all[at].alert_id, alert_id, LIMIT_ID_SIZE) == 0) {
            return (int)at;
        }
    }
    return NOTICE_NONE;
}

static int place(struct notices *n)
{
    int oldest = NOTICE_NONE;
    if (n->count < NOTICES_MAX) {
        return (int)n->count++;
    }
    for (int at = 0; at < NOTICES_MAX; at++) {
        const struct notice *a = &n->all[at];
        bool settled = a->state == NOTICE_SENT || a->state == NOTICE_PUT_AWAY;
        if (settled && (oldest == NOTICE_NONE || a->since < n->all[oldest].since)) {
            oldest = at;
        }
    }
    return oldest;
}

int notices_add(struct notices *n, const Attune__Alert *alert, bool over)
{
    bool shown = alert->tier == ATTUNE__TIER__TIER_RED || alert->tier == ATTUNE__TIER__TIER_GOOD;
    if (!shown || alert->alert_id.len != LIMIT_ID_SIZE || alert->session_id.len != LIMIT_ID_SIZE) {
        return NOTICE_NONE;
    }
    int at = notices_find(n, alert->alert_id.data);
    if (at != NOTICE_NONE) {
        return at;
    }
    at = place(n);
    if (at == NOTICE_NONE) {
        return NOTICE_NONE;
    }
    struct notice *a = &n->all[at];
    memset(a, 0, sizeof *a);
    memcpy(a->alert_id, alert->alert_id.data, LIMIT_ID_SIZE);
    memcpy(a->session_id, alert->session_id.data, LIMIT_ID_SIZE);
    copy_text(a->client_ref, sizeof a->client_ref, alert->client_ref);
    a->tier = alert->tier;
    a->session_over = over || alert->late;
    a->since = n->counter++;
    return at;
}

bool notices_session_over(struct notices *n, const uint8_t *session_id)
{
    bool any = false;
    for (size_t at = 0; at < n->count; at++) {
        struct notice *a = &n->all[at];
        if (!a->session_over && memcmp(a->session_id, session_id, LIMIT_ID_SIZE) == 0) {
            a->session_over = any = true;
        }
    }
    return any;
}

bool notices_cover(struct notices *n, int at, bool covered)
{
    bool was = n->all[at].covered;
    n->all[at].covered = covered;
    return was != covered;
}

bool notices_may_show(const struct notices *n, int at)
{
    const struct notice *a = &n->all[at];
    return !a->covered && a->state != NOTICE_PUT_AWAY &&
           (n->mode != NOTICE_AFTER || a->session_over);
}

/* How much it wants to be the banner; 0: not at all. */
static int rank(const struct notices *n, int at, const char *client_ref)
{
    const struct notice *a = &n->all[at];
    bool of_page = strcmp(a->client_ref, client_ref) == 0;
    if (!notices_may_show(n, at) || (n->mode == NOTICE_BADGE && !of_page)) {
        return 0;
    }
    if (a->tier == ATTUNE__TIER__TIER_GOOD) {
        return 1;
    }
    if (a->state == NOTICE_SENT) {
        return of_page ? 2 : 0;
    }
    return a->state == NOTICE_HELD ? 3 : of_page ? 5 : 4;
}

int notices_banner(const struct notices *n, const char *client_ref)
{
    int best = NOTICE_NONE, best_rank = 0;
    for (int at = 0; at < (int)n->count; at++) {
        int r = rank(n, at, client_ref);
        if (r > best_rank || (r == best_rank && r > 0 && n->all[at].since > n->all[best].since)) {
            best = at;
            best_rank = r;
        }
    }
    return best;
}

size_t notices_waiting(const struct notices *n, const char *client_ref)
{
    size_t count = 0;
    for (int at = 0; at < (int)n->count; at++) {
        count += rank(n, at, client_ref) >= 4 ? 1 : 0;
    }
    return count > 0 ? count - 1 : 0;
}

size_t notices_badge(const struct notices *n, const char *client_ref)
{
    size_t count = 0;
    for (int at = 0; at < (int)n->count; at++) {
        const struct notice *a = &n->all[at];
        bool waits = a->tier == ATTUNE__TIER__TIER_RED && a->state == NOTICE_OPEN;
        count += waits && notices_may_show(n, at) && strcmp(a->client_ref, client_ref) == 0 ? 1 : 0;
    }
    return count;
}

void notices_acknowledge(struct notices *n, int at, Attune__Step step, const char *reason,
                         int64_t now_ms)
{
    struct notice *a = &n->all[at];
    if (a->state == NOTICE_OPEN) {
        a->step_before = ATTUNE__STEP__STEP_UNSPECIFIED;
    } else if (a->state == NOTICE_SENT) {
        a->step_before = a->step;
    }
    a->state = NOTICE_HELD;
    a->step = step;
    a->due_ms = now_ms + NOTICE_UNDO_MS;
    copy_text(a->reason, sizeof a->reason, reason);
}

bool notices_undo(struct notices *n, int at)
{
    struct notice *a = &n->all[at];
    if (a->state != NOTICE_HELD) {
        return false;
    }
    a->step = a->step_before;
    a->state = a->step == ATTUNE__STEP__STEP_UNSPECIFIED ? NOTICE_OPEN : NOTICE_SENT;
    return true;
}

void notices_put_away(struct notices *n, int at)
{
    if (n->all[at].state != NOTICE_HELD) {
        n->all[at].state = NOTICE_PUT_AWAY;
    }
}

void notices_settled(struct notices *n, const char *client_ref, Attune__Step step)
{
    for (size_t at = 0; at < n->count; at++) {
        struct notice *a = &n->all[at];
        if (a->state == NOTICE_OPEN && a->tier == ATTUNE__TIER__TIER_RED &&
            strcmp(a->client_ref, client_ref) == 0) {
            a->state = NOTICE_SENT;
            a->step = step;
        }
    }
}

int notices_due(struct notices *n, int64_t now_ms)
{
    for (int at = 0; at < (int)n->count; at++) {
        if (n->all[at].state == NOTICE_HELD && n->all[at].due_ms <= now_ms) {
            n->all[at].state = NOTICE_SENT;
            return at;
        }
    }
    return NOTICE_NONE;
}

void notices_flush(struct notices *n)
{
    for (size_t at = 0; at < n->count; at++) {
        n->all[at].due_ms = INT64_MIN;
    }
}

size_t notices_held(const struct notices *n)
{
    size_t count = 0;
    for (size_t at = 0; at < n->count; at++) {
        count += n->all[at].state == NOTICE_HELD ? 1 : 0;
    }
    return count;
}

int64_t notices_wake_ms(const struct notices *n)
{
    int64_t wake = INT64_MAX;
    for (size_t at = 0; at < n->count; at++) {
        const struct notice *a = &n->all[at];
        wake = a->state == NOTICE_HELD && a->due_ms < wake ? a->due_ms : wake;
    }
    return wake;
}

static const struct {
    const char *told; /* By the server. */
    const char *word; /* On the screen. */
} steps[] = {
    [ATTUNE__STEP__STEP_SEEN] = {"", "Seen"},
    [ATTUNE__STEP__STEP_TALKED_NOW] = {"talked now", "Talked about it now"},
    [ATTUNE__STEP__STEP_OPENS_NEXT_SESSION] = {"opens next session", "Opens the next session"},
    [ATTUNE__STEP__STEP_CHANGES_FOCUS] = {"changes focus", "Change the focus"},
    [ATTUNE__STEP__STEP_CHANGES_APPROACH] = {"changes approach", "Change the approach"},
    [ATTUNE__STEP__STEP_CHANGES_PACE] = {"changes pace", "Change the pace"},
    [ATTUNE__STEP__STEP_SUPERVISION] = {"supervision", "Bring to supervision"},
    [ATTUNE__STEP__STEP_NOT_A_CONCERN] = {"not a concern", "Not a concern"},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

const char *notice_step_word(Attune__Step step)
{
    bool known = step > ATTUNE__STEP__STEP_UNSPECIFIED && (int)step < STEPS;
    return known ? steps[step].word : "";
}

Attune__Step notice_step_of(const char *word)
{
    for (int step = ATTUNE__STEP__STEP_TALKED_NOW; word[0] != '\0' && step < STEPS; step++) {
        if (strcmp(steps[step].told, word) == 0) {
            return (Attune__Step)step;
        }
    }
    return ATTUNE__STEP__STEP_UNSPECIFIED;
}
