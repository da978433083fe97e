/* Happy path: page after page is taken in; when the last one has come the window is told. Failure:
 * a connection that ends takes the reading with it, and the next one begins anew; what is on the
 * screen stays until then. A refusal leaves what was. */
#include "client/therapist/office_ask.h"

#include <string.h>

#include "proto/wire/err.h"

/* A message of our own, from one that is borrowed. */
static void *keep(const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = g_malloc(size + 1);
    protobuf_c_message_pack(message, bytes);
    void *kept = protobuf_c_message_unpack(message->descriptor, NULL, size, bytes);
    g_free(bytes);
    return kept;
}

static bool answered(int rc, const Attune__Response *response, Attune__Response__BodyCase kind)
{
    return rc == 0 && response->body_case == kind;
}

/* --- clients and rooms --- */

static void ask_caseload(struct office *o, const char *after);

static void on_caseload(struct office *o, struct office_ask *ask, int rc,
                        const Attune__Response *response)
{
    (void)ask;
    if (!answered(rc, response, ATTUNE__RESPONSE__BODY_CASELOAD)) {
        o->caseload_asked = false;
        return;
    }
    const Attune__Caseload *list = response->caseload;
    for (size_t at = 0; at < list->n_clients; at++) {
        const Attune__CaseloadClient *client = list->clients[at];
        caseload_take(o->caseload, client, together_covers_client(o->together, client->client_ref));
    }
    if (list->more && list->n_clients > 0) {
        ask_caseload(o, list->clients[list->n_clients - 1]->client_ref);
        return;
    }
    caseload_end(o->caseload);
    for (guint at = 0; at < o->live->len; at++) {
        const Attune__Session *s = g_ptr_array_index(o->live, at);
        caseload_live(o->caseload, s->client_ref, true);
    }
    o->caseload_asked = false;
    office_tell(o, OFFICE_CASELOAD);
    office_tell(o, OFFICE_NOTICES);
    if (o->caseload_again) {
        o->caseload_again = false;
        office_read_caseload(o);
    }
}

static void ask_caseload(struct office *o, const char *after)
{
    char *from = g_strdup(after);
    Attune__ListCaseload body = ATTUNE__LIST_CASELOAD__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.after = from;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_CASELOAD;
    request.list_caseload = &body;
    office_ask(o, OFFICE_READ, &request, on_caseload);
    g_free(from);
}

void office_read_caseload(struct office *o)
{
    if (!o->desk->listed) {
        return; /* Until the sessions are known nobody knows what of it is covered. */
    }
    if (o->caseload_asked) {
        o->caseload_again = true; /* What happened since may not be in it. */
        return;
    }
    o->caseload_asked = true;
    caseload_begin(o->caseload);
    ask_caseload(o, "");
}

static void ask_rooms(struct office *o, const char *after);

static void on_rooms(struct office *o, struct office_ask *ask, int rc,
                     const Attune__Response *response)
{
    (void)ask;
    if (!answered(rc, response, ATTUNE__RESPONSE__BODY_ROOM_LIST)) {
        return;
    }
    const Attune__RoomList *list = response->room_list;
    for (size_t at = 0; at < list->n_rooms && o->rooms_coming->len < OFFICE_ROWS_MAX; at++) {
        g_ptr_array_add(o->rooms_coming, keep(&list->rooms[at]->base));
    }
    if (list->more && list->n_rooms > 0 && o->rooms_coming->len < OFFICE_ROWS_MAX) {
        ask_rooms(o, list->rooms[list->n_rooms - 1]->name);
        return;
    }
    GPtrArray *was = o->rooms;
    o->rooms = o->rooms_coming;
    o->rooms_coming = was;
    office_tell(o, OFFICE_ROOMS);
}

static void ask_rooms(struct office *o, const char *after)
{
    char *from = g_strdup(after);
    Attune__ListRooms body = ATTUNE__LIST_ROOMS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.after = from;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_ROOMS;
    request.list_rooms = &body;
    office_ask(o, OFFICE_READ, &request, on_rooms);
    g_free(from);
}

void office_read_rooms(struct office *o)
{
    if (o->link.state == LINK_UP && !office_is_administrator(o)) {
        g_ptr_array_set_size(o->rooms_coming, 0);
        ask_rooms(o, "");
    }
}

/* --- lines, alerts --- */

static void on_rules(struct office *o, struct office_ask *ask, int rc,
                     const Attune__Response *response)
{
    (void)ask;
    if (answered(rc, response, ATTUNE__RESPONSE__BODY_RULES)) {
        lines_read(&o->lines, response->rules->file);
        office_tell(o, OFFICE_CLIENT);
        office_tell(o, OFFICE_CASELOAD);
    }
}

static void read_rules(struct office *o)
{
    Attune__GetRules body = ATTUNE__GET_RULES__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_GET_RULES;
    request.get_rules = &body;
    office_ask(o, OFFICE_READ, &request, on_rules);
}

static bool is_live(const struct office *o, const ProtobufCBinaryData *session_id)
{
    for (guint at = 0; at < o->live->len; at++) {
        const Attune__Session *s = g_ptr_array_index(o->live, at);
        if (session_id->len == LIMIT_ID_SIZE &&
            memcmp(s->session_id.data, session_id->data, LIMIT_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Until the sessions are known, an alert of a strange one may be of two who came together. */
static bool is_covered(const struct office *o, const struct notice *n)
{
    bool strange = !o->desk->listed && !together_knows(o->together, n->session_id);
    return !n->shown && (strange || together_covers(o->together, n->session_id));
}

/* After a repair, what was red before it waits for nothing. */
static void take_repair(struct office *o, const Attune__Alert *alert)
{
    if (strcmp(alert->rule, "REPAIR") == 0) {
        notices_settled(o->notices, alert->client_ref, ATTUNE__STEP__STEP_UNSPECIFIED);
    }
}

void office_cover(struct office *o)
{
    bool any = false;
    for (int at = 0; at < (int)o->notices->count; at++) {
        bool covered = is_covered(o, &o->notices->all[at]);
        bool changed = notices_cover(o->notices, at, covered);
        if (changed && !covered) {
            take_repair(o, g_ptr_array_index(o->alerts, at));
        }
        any = any || changed;
    }
    if (any) {
        office_tell(o, OFFICE_NOTICES);
    }
}

int office_take_alert(struct office *o, const Attune__Alert *alert)
{
    int at = notices_add(o->notices, alert, !is_live(o, &alert->session_id));
    if (at == NOTICE_NONE) {
        return at;
    }
    bool covered = is_covered(o, &o->notices->all[at]);
    (void)notices_cover(o->notices, at, covered);
    if (!covered) {
        take_repair(o, alert);
    }
    gpointer *place = &g_ptr_array_index(o->alerts, at);
    if (*place != NULL) {
        attune__alert__free_unpacked(*place, NULL);
    }
    *place = keep(&alert->base);
    office_tell(o, OFFICE_NOTICES);
    return at;
}

/* Of those listed, only what is still open waits for a step: the newest red one of a client whose
 * rupture is open. The others are history. */
static void take_listed(struct office *o, const Attune__AlertList *list)
{
    for (size_t at = 0; at < list->n_alerts; at++) {
        const Attune__Alert *alert = list->alerts[at];
        const struct caseload_client *c = caseload_find(o->caseload, alert->client_ref);
        bool open = c != NULL && c->rupture_open && alert->tier == ATTUNE__TIER__TIER_RED;
        bool held = false;
        for (size_t i = 0; open && i < o->notices->count; i++) {
            held = held || (o->notices->all[i].tier == ATTUNE__TIER__TIER_RED &&
                            strcmp(o->notices->all[i].client_ref, alert->client_ref) == 0);
        }
        if (open && !held && alert->received) {
            (void)office_take_alert(o, alert);
            if (notice_step_of(c->step) != ATTUNE__STEP__STEP_UNSPECIFIED) {
                notices_settled(o->notices, c->ref, notice_step_of(c->step));
            }
        }
    }
}

static void on_alerts(struct office *o, struct office_ask *ask, int rc,
                      const Attune__Response *response)
{
    (void)ask;
    if (answered(rc, response, ATTUNE__RESPONSE__BODY_ALERT_LIST)) {
        take_listed(o, response->alert_list);
    }
}

/* "" is all of the therapist's. */
static void ask_alerts(struct office *o, const char *client_ref, office_answer_cb cb)
{
    char *client = g_strdup(client_ref);
    Attune__ListAlerts body = ATTUNE__LIST_ALERTS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.client_ref = client;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_ALERTS;
    request.list_alerts = &body;
    office_ask(o, OFFICE_READ, &request, cb);
    g_free(client);
}

/* --- sessions under way --- */

static bool is_over(const Attune__Session *s)
{
    return s->state == ATTUNE__SESSION_STATE__SESSION_CLOSED ||
           s->state == ATTUNE__SESSION_STATE__SESSION_PARKED;
}

void office_take_session(struct office *o, const Attune__Session *session)
{
    if (session->session_id.len != LIMIT_ID_SIZE) {
        return;
    }
    if (together_take(o->together, session)) {
        office_cover(o);
    }
    for (guint at = 0; at < o->live->len; at++) {
        const Attune__Session *s = g_ptr_array_index(o->live, at);
        if (memcmp(s->session_id.data, session->session_id.data, LIMIT_ID_SIZE) == 0) {
            /* What was rated and is told of late as not rated is older news. */
            if (s->outcome != ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE &&
                session->outcome == ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE &&
                !is_over(session)) {
                return;
            }
            g_ptr_array_remove_index(o->live, at);
            break;
        }
    }
    if (is_over(session)) {
        caseload_live(o->caseload, session->client_ref, false);
        if (notices_session_over(o->notices, session->session_id.data)) {
            office_tell(o, OFFICE_NOTICES);
        }
    } else {
        g_ptr_array_insert(o->live, 0, keep(&session->base));
        caseload_live(o->caseload, session->client_ref, true);
        if (o->live->len > OFFICE_LIVE_MAX) {
            g_ptr_array_remove_index(o->live, OFFICE_LIVE_MAX);
        }
    }
    office_tell(o, OFFICE_LIVE);
    office_tell(o, OFFICE_CASELOAD);
}

/* --- one client --- */

static bool of_another(const struct office *o, const struct office_ask *ask)
{
    return o->client == NULL || ask->generation != o->generation;
}

static void ask_sessions(struct office *o, ProtobufCBinaryData after);

static void on_sessions(struct office *o, struct office_ask *ask, int rc,
                        const Attune__Response *response)
{
    if (of_another(o, ask) || !answered(rc, response, ATTUNE__RESPONSE__BODY_SESSION_LIST)) {
        return;
    }
    const Attune__SessionList *list = response->session_list;
    bool room = course_take(&o->course_coming, list);
    if (room && list->more && list->n_sessions > 0) {
        ask_sessions(o, list->sessions[list->n_sessions - 1]->session_id);
        return;
    }
    o->course = o->course_coming;
    o->client_known = true;
    for (size_t at = 0; at < o->course.count; at++) {
        const uint8_t *id = o->course.sessions[at].session_id;
        if (together_covers(o->together, id)) {
            course_cover(&o->course, id);
        }
    }
    for (guint at = 0; at < o->client_alerts->len; at++) {
        course_mark(&o->course, g_ptr_array_index(o->client_alerts, at));
    }
    office_tell(o, OFFICE_CLIENT);
}

static void ask_sessions(struct office *o, ProtobufCBinaryData after)
{
    Attune__ListSessions body = ATTUNE__LIST_SESSIONS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.client_ref = o->client;
    body.after_id = after;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
    request.list_sessions = &body;
    office_ask(o, OFFICE_READ, &request, on_sessions);
}

static void on_client_alerts(struct office *o, struct office_ask *ask, int rc,
                             const Attune__Response *response)
{
    if (of_another(o, ask) || !answered(rc, response, ATTUNE__RESPONSE__BODY_ALERT_LIST)) {
        return;
    }
    g_ptr_array_set_size(o->client_alerts, 0);
    for (size_t at = 0; at < response->alert_list->n_alerts; at++) {
        const Attune__Alert *alert = response->alert_list->alerts[at];
        bool id = alert->session_id.len == LIMIT_ID_SIZE;
        if (!id || together_covers(o->together, alert->session_id.data)) {
            continue;
        }
        g_ptr_array_add(o->client_alerts, keep(&alert->base));
        course_mark(&o->course, alert);
    }
    if (whose_may_act(o->whose)) {
        take_listed(o, response->alert_list);
    }
    office_tell(o, OFFICE_CLIENT);
}

static void on_goals(struct office *o, struct office_ask *ask, int rc,
                     const Attune__Response *response)
{
    if (of_another(o, ask) || !answered(rc, response, ATTUNE__RESPONSE__BODY_GOAL_LIST)) {
        return;
    }
    g_ptr_array_set_size(o->goals, 0);
    for (size_t at = 0; at < response->goal_list->n_goals; at++) {
        g_ptr_array_add(o->goals, keep(&response->goal_list->goals[at]->base));
    }
    for (guint at = 0; at < o->goals->len; at++) {
        Attune__Goal *goal = g_ptr_array_index(o->goals, at);
        if (together_covers_client(o->together, o->client)) {
            goal->after_answers = 0; /* The session's is in it. */
        }
    }
    office_tell(o, OFFICE_CLIENT);
}

void office_read_client(struct office *o)
{
    if (o->client == NULL || !o->desk->listed) {
        return;
    }
    o->generation++; /* Answers of a reading before this one are late. */
    course_init(&o->course_coming);
    ask_alerts(o, o->client, on_client_alerts);
    ask_sessions(o, (ProtobufCBinaryData){0});
    Attune__ListGoals body = ATTUNE__LIST_GOALS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.client_ref = o->client;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_GOALS;
    request.list_goals = &body;
    office_ask(o, OFFICE_READ, &request, on_goals);
}

void office_open_client(struct office *o, const char *client_ref)
{
    if (g_strcmp0(o->client, client_ref) == 0) {
        return;
    }
    g_free(o->client);
    o->client = g_strdup(client_ref);
    o->client_known = false;
    course_init(&o->course);
    g_ptr_array_set_size(o->client_alerts, 0);
    g_ptr_array_set_size(o->goals, 0);
    office_tell(o, OFFICE_CLIENT);
    office_tell(o, OFFICE_NOTICES);
    office_read_client(o);
}

void office_read_all(struct office *o)
{
    o->caseload_asked = o->caseload_again = o->reading_report = false;
    if (office_is_administrator(o)) {
        office_read_report(o);
        return;
    }
    read_rules(o);
    office_read_rooms(o);
    office_read_rights(o);
}

void office_read_told(struct office *o)
{
    office_read_caseload(o);
    if (whose_may_act(o->whose)) {
        ask_alerts(o, "", on_alerts); /* For who only reads, nothing waits for a step. */
    }
    office_read_client(o);
}

/* --- who has looked --- */

void office_take_look(struct office *o, const Attune__Look *look)
{
    for (guint at = 0; at < o->looks->len; at++) { /* It comes again with each connection. */
        const Attune__Look *known = g_ptr_array_index(o->looks, at);
        if (known->look_id.len == look->look_id.len &&
            memcmp(known->look_id.data, look->look_id.data, look->look_id.len) == 0) {
            return;
        }
    }
    if (look->look_id.len == LIMIT_ID_SIZE && o->looks->len < LIMIT_LOOKS) {
        g_ptr_array_add(o->looks, keep(&look->base));
        office_tell(o, OFFICE_LOOKS);
    }
}
