/* Happy path: Hello when fresh, then whatever the role's column allows.
 * Failure: everything that the table does not name is refused. */
#include "server/gateway/permit.h"

#include <stddef.h>

#include "proto/wire/err.h"

enum {
    KIOSK = 1 << 0,
    THERAPIST = 1 << 1,
    ADMINISTRATOR = 1 << 2,
    COVER = 1 << 3,
    SUPERVISION = 1 << 4,
    BREAK_GLASS = 1 << 5,
    READS = THERAPIST | COVER | SUPERVISION | BREAK_GLASS, /* Of a therapist's. */
    ACTS = THERAPIST | COVER,
    SELF = THERAPIST | COVER | SUPERVISION | BREAK_GLASS, /* Not about anybody's rows. */
    ALL = 63,
};

static const struct {
    Attune__Request__BodyCase request;
    unsigned roles;
} table[] = {
    {ATTUNE__REQUEST__BODY_PING, ALL},
    {ATTUNE__REQUEST__BODY_SUBMIT_RATING, KIOSK},
    {ATTUNE__REQUEST__BODY_OPEN_SESSION, ACTS},
    {ATTUNE__REQUEST__BODY_INVITE_RATING, ACTS},
    {ATTUNE__REQUEST__BODY_CLOSE_SESSION, ACTS},
    {ATTUNE__REQUEST__BODY_LIST_SESSIONS, READS},
    {ATTUNE__REQUEST__BODY_LIST_RATINGS, READS},
    {ATTUNE__REQUEST__BODY_LIST_ALERTS, READS},
    {ATTUNE__REQUEST__BODY_WATCH, SELF},
    {ATTUNE__REQUEST__BODY_RECEIVE_ALERTS, ACTS},
    {ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT, ACTS},
    {ATTUNE__REQUEST__BODY_EXPLAIN_ALERT, READS},
    {ATTUNE__REQUEST__BODY_PUT_GOAL, ACTS},
    {ATTUNE__REQUEST__BODY_END_GOAL, ACTS},
    {ATTUNE__REQUEST__BODY_LIST_GOALS, READS},
    {ATTUNE__REQUEST__BODY_LIST_CASELOAD, READS},
    {ATTUNE__REQUEST__BODY_LIST_ROOMS, SELF},
    {ATTUNE__REQUEST__BODY_PUT_SITE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_ROOM, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_THERAPIST, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_CLIENT, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_DEVICE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_REVOKE_DEVICE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_REVOKE_THERAPIST, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_REVOKE_CERTIFICATE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_PRACTICE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_IMPORT_RATING, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_RULES, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_GET_RULES, SELF | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_ESCALATIONS, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_INSTRUMENT, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_INSTRUMENTS, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_GET_INSTRUMENT, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_GET_REPORT, THERAPIST | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LOG_ON, SELF | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_RESUME_LOG_ON, SELF | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LOG_OFF, SELF | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_SET_PASSWORD, THERAPIST | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR, THERAPIST | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR, THERAPIST | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_ADD_ACCOUNT, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_RESET_PASSWORD, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_ACCOUNTS, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_LOG_ON, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_ACT_FOR, SELF},
    {ATTUNE__REQUEST__BODY_PUT_COVER, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_SUPERVISION, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_END_COURSE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_RIGHTS, THERAPIST | ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_LOOKS, THERAPIST},
    {ATTUNE__REQUEST__BODY_SEEN_LOOK, THERAPIST},
    {ATTUNE__REQUEST__BODY_VERIFY_AUDIT, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_WHO_SAW, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_RETENTION, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_PUT_HOLD, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_COPY_CLIENT, THERAPIST},
    {ATTUNE__REQUEST__BODY_PLAN_RETENTION, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_RUN_RETENTION, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_ERASE_CLIENT, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_ADD_DEVICE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_LIST_DEVICES, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_FORGET_CODE, ADMINISTRATOR},
    {ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE, ALL},
    {ATTUNE__REQUEST__BODY_GET_AUTHORITY, ALL},
    {ATTUNE__REQUEST__BODY_ENROL, 0}, /* On attune-enrol/1 alone, as the next. */
    {ATTUNE__REQUEST__BODY_RENEW_EXPIRED, 0},
};

static bool enrols(Attune__Request__BodyCase request)
{
    return request == ATTUNE__REQUEST__BODY_GET_AUTHORITY ||
           request == ATTUNE__REQUEST__BODY_ENROL || request == ATTUNE__REQUEST__BODY_RENEW_EXPIRED;
}

static unsigned column(Attune__Role role)
{
    switch (role) {
    case ATTUNE__ROLE__ROLE_KIOSK:
        return KIOSK;
    case ATTUNE__ROLE__ROLE_THERAPIST:
        return THERAPIST;
    case ATTUNE__ROLE__ROLE_ADMINISTRATOR:
        return ADMINISTRATOR;
    default:
        return 0;
    }
}

static bool is_allowed(Attune__Role role, Attune__Request__BodyCase request)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].request == request) {
            return (table[i].roles & column(role)) != 0;
        }
    }
    return false;
}

/* What is to be done before anything else. */
static int owed(enum permit_state state)
{
    return state == PERMIT_PASSWORD ? ERR_PASSWORD_FIRST
           : state == PERMIT_FACTOR ? ERR_FACTOR_FIRST
                                    : ERR_LOG_ON_FIRST;
}

/* Of what the role allows: what may be said before anybody is known to be there. Watch, so that a
 * locked desk hears that something waits. */
static int judge_locked(enum permit_state state, Attune__Request__BodyCase request)
{
    switch (request) {
    case ATTUNE__REQUEST__BODY_PING:
    case ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE:
    case ATTUNE__REQUEST__BODY_GET_AUTHORITY:
    case ATTUNE__REQUEST__BODY_WATCH:
    case ATTUNE__REQUEST__BODY_LOG_ON:
    case ATTUNE__REQUEST__BODY_RESUME_LOG_ON:
    case ATTUNE__REQUEST__BODY_LOG_OFF:
        return 0;
    case ATTUNE__REQUEST__BODY_SET_PASSWORD:
        return state == PERMIT_PASSWORD ? 0 : owed(state);
    case ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR:
    case ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR:
        return state == PERMIT_FACTOR ? 0 : owed(state);
    default:
        return owed(state);
    }
}

static unsigned acting_column(Attune__ActKind acting)
{
    switch (acting) {
    case ATTUNE__ACT_KIND__ACT_COVER:
        return COVER;
    case ATTUNE__ACT_KIND__ACT_SUPERVISION:
        return SUPERVISION;
    case ATTUNE__ACT_KIND__ACT_BREAK_GLASS:
        return BREAK_GLASS;
    default:
        return THERAPIST;
    }
}

int permit_acting(Attune__ActKind acting, Attune__Request__BodyCase request)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].request == request) {
            return table[i].roles & acting_column(acting) ? 0 : ERR_READ_ONLY;
        }
    }
    return ERR_READ_ONLY;
}

int permit_request(enum permit_state state, Attune__Role role, Attune__Request__BodyCase request)
{
    bool hello = request == ATTUNE__REQUEST__BODY_HELLO;
    if (state == PERMIT_DRAINING) {
        return request == ATTUNE__REQUEST__BODY_PING ? 0 : ERR_CLOSING;
    }
    if (state == PERMIT_ENROL) {
        return enrols(request) ? 0 : ERR_ROLE;
    }
    if (hello != (state == PERMIT_FRESH) || state == PERMIT_GREETING) {
        return ERR_HELLO_FIRST;
    }
    if (hello) {
        return 0;
    }
    if (!is_allowed(role, request)) {
        return ERR_ROLE;
    }
    return state == PERMIT_READY ? 0 : judge_locked(state, request);
}

bool permit_is_open(const Attune__ServerFrame *frame)
{
    if (frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH) {
        switch (frame->push->body_case) {
        case ATTUNE__PUSH__BODY_DRAINING:
        case ATTUNE__PUSH__BODY_ROOM_STATE:
        case ATTUNE__PUSH__BODY_LOCKED:
        case ATTUNE__PUSH__BODY_AUTHORITY_CHANGED:
        case ATTUNE__PUSH__BODY_RESEND:
            return true;
        default:
            return false;
        }
    }
    switch (frame->response->body_case) {
    case ATTUNE__RESPONSE__BODY_ERROR:
    case ATTUNE__RESPONSE__BODY_WELCOME:
    case ATTUNE__RESPONSE__BODY_DONE:
    case ATTUNE__RESPONSE__BODY_RATING_STORED:
    case ATTUNE__RESPONSE__BODY_LOGGED_ON:
    case ATTUNE__RESPONSE__BODY_ONE_TIME_PASSWORD: /* A reset ends one's own log-on, too. */
    case ATTUNE__RESPONSE__BODY_AUTHORITY:
    case ATTUNE__RESPONSE__BODY_ENROLLED:
        return true;
    default:
        return false;
    }
}

bool permit_by_person(Attune__Request__BodyCase request)
{
    switch (request) {
    case ATTUNE__REQUEST__BODY_PING:
    case ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE:
    case ATTUNE__REQUEST__BODY_GET_AUTHORITY:
    case ATTUNE__REQUEST__BODY_WATCH:
    case ATTUNE__REQUEST__BODY_RECEIVE_ALERTS:
    case ATTUNE__REQUEST__BODY_RESUME_LOG_ON:
    case ATTUNE__REQUEST__BODY_LOG_OFF:
        return false;
    default:
        return true;
    }
}

bool permit_is_secret(Attune__Request__BodyCase request)
{
    switch (request) {
    case ATTUNE__REQUEST__BODY_LOG_ON:
    case ATTUNE__REQUEST__BODY_RESUME_LOG_ON:
    case ATTUNE__REQUEST__BODY_SET_PASSWORD:
    case ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR:
    case ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR:
    case ATTUNE__REQUEST__BODY_ENROL:
        return true;
    default:
        return false;
    }
}
