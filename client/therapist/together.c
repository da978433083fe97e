/* Happy path: the first, the second that names it, and both are covered until each is done.
 * Failure: a second one whose first was never told of stays covered until it is over itself: rather
 * too late than too early. */
#include "client/therapist/together.h"

#include <stdio.h>
#include <string.h>

void together_init(struct together *t)
{
    memset(t, 0, sizeof *t);
}

static const struct together_session *find(const struct together *t, const uint8_t *id)
{
    for (size_t at = 0; at < t->count; at++) {
        if (memcmp(t->all[at].id, id, LIMIT_ID_SIZE) == 0) {
            return &t->all[at];
        }
    }
    return NULL;
}

static struct together_session *place(struct together *t)
{
    if (t->count < TOGETHER_MAX) {
        return &t->all[t->count++];
    }
    struct together_session *best = &t->all[0];
    for (size_t at = 1; at < t->count; at++) {
        struct together_session *s = &t->all[at];
        bool older = s->over == best->over && s->since < best->since;
        best = (s->over && !best->over) || older ? s : best;
    }
    return best;
}

bool together_take(struct together *t, const Attune__Session *session)
{
    if (session->session_id.len != LIMIT_ID_SIZE) {
        return false;
    }
    struct together_session *s =
        (struct together_session *)(uintptr_t)find(t, session->session_id.data);
    bool fresh = s == NULL;
    if (fresh) {
        s = place(t);
        memset(s, 0, sizeof *s);
        memcpy(s->id, session->session_id.data, LIMIT_ID_SIZE);
        (void)snprintf(s->client_ref, sizeof s->client_ref, "%s", session->client_ref);
        s->since = t->counter++;
    }
    const struct together_session was = *s;
    if (session->together_with.len == LIMIT_ID_SIZE) {
        s->is_second = true;
        memcpy(s->first, session->together_with.data, LIMIT_ID_SIZE);
    }
    s->over = s->over || session->state == ATTUNE__SESSION_STATE__SESSION_CLOSED ||
              session->state == ATTUNE__SESSION_STATE__SESSION_PARKED;
    s->done =
        s->done || s->over || session->outcome != ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE;
    return fresh || was.is_second != s->is_second || was.over != s->over || was.done != s->done;
}

/* The other one of the two; NULL: none is known. */
static const struct together_session *other(const struct together *t,
                                            const struct together_session *s)
{
    if (s->is_second) {
        return find(t, s->first);
    }
    const struct together_session *found = NULL;
    for (size_t at = 0; at < t->count; at++) {
        const struct together_session *o = &t->all[at];
        bool second = o->is_second && memcmp(o->first, s->id, LIMIT_ID_SIZE) == 0;
        /* A second one that was closed makes room for another. */
        if (second && (found == NULL || !o->done)) {
            found = o;
        }
    }
    return found;
}

static bool covers(const struct together *t, const struct together_session *s)
{
    const struct together_session *o = other(t, s);
    if (o == NULL) {
        return s->is_second && !s->over;
    }
    return !s->done || !o->done;
}

bool together_covers(const struct together *t, const uint8_t *session_id)
{
    const struct together_session *s = find(t, session_id);
    return s != NULL && covers(t, s);
}

bool together_covers_client(const struct together *t, const char *client_ref)
{
    for (size_t at = 0; at < t->count; at++) {
        if (strcmp(t->all[at].client_ref, client_ref) == 0 && covers(t, &t->all[at])) {
            return true;
        }
    }
    return false;
}

bool together_knows(const struct together *t, const uint8_t *session_id)
{
    return find(t, session_id) != NULL;
}

bool together_may_join(const struct together *t, const uint8_t *session_id)
{
    const struct together_session *s = find(t, session_id);
    if (s == NULL || s->over || s->is_second) {
        return false;
    }
    const struct together_session *o = other(t, s);
    return o == NULL || o->over;
}
