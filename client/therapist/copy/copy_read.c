/* Happy path: one kind of thing after the other, each from the newest page on. Failure: an answer
 * of another kind; a page without items ends its kind whatever it says of more; more than a copy
 * holds ends the reading. */
#include "client/therapist/copy/copy_read.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"

void copy_read_init(struct copy_read *r, const char *client)
{
    static const uint8_t none[LIMIT_ID_SIZE];
    memset(r, 0, sizeof *r);
    copy_init(&r->copy, client, "", "", none, 0);
}

static ProtobufCBinaryData after(struct copy_read *r)
{
    return (ProtobufCBinaryData){r->turned ? sizeof r->after : 0, r->after};
}

bool copy_read_next(struct copy_read *r, Attune__Request *ret_request)
{
    attune__request__init(ret_request);
    switch (r->part) {
    case COPY_NOTE:
        attune__copy_client__init(&r->body.note);
        r->body.note.client_ref = r->copy.client;
        ret_request->body_case = ATTUNE__REQUEST__BODY_COPY_CLIENT;
        ret_request->copy_client = &r->body.note;
        return true;
    case COPY_SESSIONS:
        attune__list_sessions__init(&r->body.sessions);
        r->body.sessions.client_ref = r->copy.client;
        r->body.sessions.after_id = after(r);
        ret_request->body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
        ret_request->list_sessions = &r->body.sessions;
        return true;
    case COPY_RATINGS:
        attune__list_ratings__init(&r->body.ratings);
        r->body.ratings.client_ref = r->copy.client;
        r->body.ratings.after_id = after(r);
        ret_request->body_case = ATTUNE__REQUEST__BODY_LIST_RATINGS;
        ret_request->list_ratings = &r->body.ratings;
        return true;
    case COPY_GOALS:
        attune__list_goals__init(&r->body.goals);
        r->body.goals.client_ref = r->copy.client;
        r->body.goals.after_id = after(r);
        ret_request->body_case = ATTUNE__REQUEST__BODY_LIST_GOALS;
        ret_request->list_goals = &r->body.goals;
        return true;
    case COPY_ALERTS:
        attune__list_alerts__init(&r->body.alerts);
        r->body.alerts.client_ref = r->copy.client;
        r->body.alerts.after_id = after(r);
        ret_request->body_case = ATTUNE__REQUEST__BODY_LIST_ALERTS;
        ret_request->list_alerts = &r->body.alerts;
        return true;
    default:
        return false;
    }
}

/* On to the next page, or to the next kind. `last`: of the page's items; NULL: it has none. */
static void turn(struct copy_read *r, bool more, const ProtobufCBinaryData *last)
{
    r->turned = more && last != NULL && last->len == sizeof r->after;
    if (r->turned) {
        memcpy(r->after, last->data, sizeof r->after);
    } else {
        r->part = r->copy.full ? COPY_READ : r->part + 1;
    }
}

int copy_read_take(struct copy_read *r, const Attune__Response *response)
{
    static const Attune__Response__BodyCase kinds[] = {
        ATTUNE__RESPONSE__BODY_DONE, ATTUNE__RESPONSE__BODY_SESSION_LIST,
        ATTUNE__RESPONSE__BODY_RATING_LIST, ATTUNE__RESPONSE__BODY_GOAL_LIST,
        ATTUNE__RESPONSE__BODY_ALERT_LIST};
    size_t n;
    if (r->part >= COPY_READ || response->body_case != kinds[r->part]) {
        return ERR_MESSAGE;
    }
    switch (r->part) {
    case COPY_SESSIONS:
        n = response->session_list->n_sessions;
        copy_take_sessions(&r->copy, response->session_list);
        turn(r, response->session_list->more,
             n > 0 ? &response->session_list->sessions[n - 1]->session_id : NULL);
        break;
    case COPY_RATINGS:
        n = response->rating_list->n_ratings;
        copy_take_ratings(&r->copy, response->rating_list);
        turn(r, response->rating_list->more,
             n > 0 ? &response->rating_list->ratings[n - 1]->rating_id : NULL);
        break;
    case COPY_GOALS:
        n = response->goal_list->n_goals;
        copy_take_goals(&r->copy, response->goal_list);
        turn(r, response->goal_list->more,
             n > 0 ? &response->goal_list->goals[n - 1]->goal_id : NULL);
        break;
    case COPY_ALERTS:
        n = response->alert_list->n_alerts;
        copy_take_alerts(&r->copy, response->alert_list);
        turn(r, response->alert_list->more,
             n > 0 ? &response->alert_list->alerts[n - 1]->alert_id : NULL);
        break;
    default:
        turn(r, false, NULL);
        break;
    }
    if (r->copy.full) {
        r->part = COPY_READ; /* It will not be made: nothing more need be read. */
    }
    return 0;
}

int copy_read_end(struct copy_read *r, const char *practice, const char *therapist,
                  const uint8_t copy_id[LIMIT_ID_SIZE], int64_t made_ms)
{
    (void)snprintf(r->copy.practice, sizeof r->copy.practice, "%s", practice);
    (void)snprintf(r->copy.therapist, sizeof r->copy.therapist, "%s", therapist);
    memcpy(r->copy.copy_id, copy_id, LIMIT_ID_SIZE);
    r->copy.made_ms = made_ms;
    return copy_end(&r->copy);
}

const char *copy_read_why(const struct copy_read *r)
{
    return r->copy.full ? "more is kept than a copy can hold: ask in writing"
                        : "something came in while it was read: try again";
}

void copy_read_fini(struct copy_read *r)
{
    copy_fini(&r->copy);
}
