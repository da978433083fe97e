/* Happy path: a request that was judged goes to the file of its kind. Failure: there is none: what
 * is not known was refused before. */
#include "server/gateway/gateway.h"

/* Who is at the device, and who may be. */
static void dispatch_log_on(struct peer *p, const Attune__Request *q)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_LOG_ON:
    case ATTUNE__REQUEST__BODY_RESUME_LOG_ON:
    case ATTUNE__REQUEST__BODY_LOG_OFF:
    case ATTUNE__REQUEST__BODY_SET_PASSWORD:
        on_log_on(p, q);
        break;
    case ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR:
    case ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR:
        on_second_factor(p, q);
        break;
    case ATTUNE__REQUEST__BODY_ADD_ACCOUNT:
    case ATTUNE__REQUEST__BODY_RESET_PASSWORD:
    case ATTUNE__REQUEST__BODY_LIST_ACCOUNTS:
    case ATTUNE__REQUEST__BODY_PUT_LOG_ON:
        on_account(p, q);
        break;
    default:
        on_device_request(p, q);
        break;
    }
}

/* What a practice has set and what it may look at; all else is about what it is made of. */
static void dispatch_settings(struct peer *p, const Attune__Request *q)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_PUT_RULES:
        on_put_rules(p, q->seq, q->put_rules);
        break;
    case ATTUNE__REQUEST__BODY_PUT_INSTRUMENT:
        on_put_instrument(p, q->seq, q->put_instrument);
        break;
    case ATTUNE__REQUEST__BODY_LIST_INSTRUMENTS:
        on_list_instruments(p, q->seq);
        break;
    case ATTUNE__REQUEST__BODY_GET_INSTRUMENT:
        on_get_instrument(p, q->seq, q->get_instrument);
        break;
    case ATTUNE__REQUEST__BODY_GET_RULES:
        on_get_rules(p, q->seq);
        break;
    case ATTUNE__REQUEST__BODY_LIST_ESCALATIONS:
        on_list_escalations(p, q->seq, q->list_escalations);
        break;
    case ATTUNE__REQUEST__BODY_GET_REPORT:
        on_get_report(p, q->seq, q->get_report);
        break;
    case ATTUNE__REQUEST__BODY_COPY_CLIENT:
        on_copy_client(p, q->seq, q->copy_client);
        break;
    case ATTUNE__REQUEST__BODY_PUT_RETENTION:
    case ATTUNE__REQUEST__BODY_PUT_HOLD:
    case ATTUNE__REQUEST__BODY_PLAN_RETENTION:
    case ATTUNE__REQUEST__BODY_RUN_RETENTION:
        on_retention(p, q);
        break;
    case ATTUNE__REQUEST__BODY_ERASE_CLIENT:
        on_erase_client(p, q->seq, q->erase_client);
        break;
    case ATTUNE__REQUEST__BODY_ACT_FOR:
        on_act_for(p, q->seq, q->act_for);
        break;
    case ATTUNE__REQUEST__BODY_PUT_COVER:
    case ATTUNE__REQUEST__BODY_PUT_SUPERVISION:
    case ATTUNE__REQUEST__BODY_END_COURSE:
    case ATTUNE__REQUEST__BODY_LIST_RIGHTS:
    case ATTUNE__REQUEST__BODY_LIST_LOOKS:
    case ATTUNE__REQUEST__BODY_SEEN_LOOK:
        on_rights(p, q);
        break;
    case ATTUNE__REQUEST__BODY_VERIFY_AUDIT:
        on_verify_audit(p, q->seq, q->verify_audit);
        break;
    case ATTUNE__REQUEST__BODY_WHO_SAW:
        on_who_saw(p, q->seq, q->who_saw);
        break;
    default:
        dispatch_log_on(p, q);
        break;
    }
}

/* What staff ask and say. */
static void dispatch_staff(struct peer *p, const Attune__Request *q)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_LIST_SESSIONS:
        on_list_sessions(p, q->seq, q->list_sessions);
        break;
    case ATTUNE__REQUEST__BODY_LIST_RATINGS:
        on_list_ratings(p, q->seq, q->list_ratings);
        break;
    case ATTUNE__REQUEST__BODY_LIST_ALERTS:
        on_list_alerts(p, q->seq, q->list_alerts);
        break;
    case ATTUNE__REQUEST__BODY_WATCH:
        on_watch(p, q->seq);
        break;
    case ATTUNE__REQUEST__BODY_RECEIVE_ALERTS:
        on_receive_alerts(p, q->seq, q->receive_alerts);
        break;
    case ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT:
        on_acknowledge_alert(p, q->seq, q->acknowledge_alert);
        break;
    case ATTUNE__REQUEST__BODY_EXPLAIN_ALERT:
        on_explain_alert(p, q->seq, q->explain_alert);
        break;
    case ATTUNE__REQUEST__BODY_PUT_GOAL:
        on_put_goal(p, q->seq, q->put_goal);
        break;
    case ATTUNE__REQUEST__BODY_END_GOAL:
        on_end_goal(p, q->seq, q->end_goal);
        break;
    case ATTUNE__REQUEST__BODY_LIST_GOALS:
        on_list_goals(p, q->seq, q->list_goals);
        break;
    case ATTUNE__REQUEST__BODY_LIST_CASELOAD:
        on_list_caseload(p, q->seq, q->list_caseload);
        break;
    case ATTUNE__REQUEST__BODY_LIST_ROOMS:
        on_list_rooms(p, q->seq, q->list_rooms);
        break;
    default:
        dispatch_settings(p, q);
        break;
    }
}

void gateway_dispatch(struct peer *p, const Attune__Request *q)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_HELLO:
        on_hello(p, q->seq, q->hello);
        break;
    case ATTUNE__REQUEST__BODY_PING:
        seen_ping(p, q->ping);
        peer_done(p, q->seq);
        break;
    case ATTUNE__REQUEST__BODY_SUBMIT_RATING:
        on_submit_rating(p, q->seq, q->submit_rating);
        break;
    case ATTUNE__REQUEST__BODY_IMPORT_RATING:
        on_import_rating(p, q->seq, q->import_rating);
        break;
    case ATTUNE__REQUEST__BODY_OPEN_SESSION:
        on_open_session(p, q->seq, q->open_session);
        break;
    case ATTUNE__REQUEST__BODY_INVITE_RATING:
        on_invite_rating(p, q->seq, q->invite_rating);
        break;
    case ATTUNE__REQUEST__BODY_CLOSE_SESSION:
        on_close_session(p, q->seq, q->close_session);
        break;
    default:
        dispatch_staff(p, q);
        break;
    }
}
