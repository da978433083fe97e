/* Happy path: the link comes up, the desk watches and lists, everything is read; pushes and answers
 * change what is held and the window is told. Failure: a lost connection is said and waited out;
 * what was to be said is said again, what was read is read anew, and the desk shows nothing twice.
 */
#include "client/therapist/office_ask.h"

#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { LEAVE_LOOK_MS = 50 };

/* The desk's own requests: it knows itself when to ask again. */
struct desk_ask {
    struct office *office;
    struct link_request request;
    enum desk_do kind;
    guint epoch; /* As of office_ask. */
};

void office_tell(struct office *o, enum office_change what)
{
    if (o->changed != NULL && !o->closing) {
        o->changed(o, what);
    }
}

void office_say(struct office *o, const char *text)
{
    g_strlcpy(o->said, text, sizeof o->said);
    office_tell(o, OFFICE_SAID_SOMETHING);
}

bool office_is_administrator(const struct office *o)
{
    return o->link.welcome != NULL && o->link.welcome->role == ATTUNE__ROLE__ROLE_ADMINISTRATOR;
}

/* --- the desk --- */

static void take_list(struct office *o, const Attune__Response *response)
{
    for (size_t at = 0; at < response->session_list->n_sessions; at++) {
        /* All of them before any is shown: the second one says what of the first is covered. */
        (void)together_take(o->together, response->session_list->sessions[at]);
    }
    for (size_t at = response->session_list->n_sessions; at-- > 0;) { /* Oldest first. */
        const Attune__Session *session = response->session_list->sessions[at];
        (void)desk_session(o->desk, session, DESK_LISTED);
        office_take_session(o, session);
    }
}

static void on_desk_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct desk_ask *a = container_of(r, struct desk_ask, request);
    struct office *o = a->office;
    enum desk_do kind = a->kind;
    bool late = a->epoch != o->epoch;
    uint32_t wait = rc != 0 && response != NULL ? response->error->retry_after_ms : 0;
    g_free(a);
    if (rc == ERR_CLOSED || rc == ERR_CANCELED || late) {
        return; /* desk_lost is told by the link's state. */
    }
    if (rc == ERR_RIGHT_ENDED) {
        office_whose_ended(o);
        return;
    }
    if (kind == DESK_WATCH) {
        desk_watched(o->desk, rc, wait, link_now_ms());
    } else if (kind == DESK_REPORT) {
        desk_reported(o->desk, rc, wait, link_now_ms());
    } else {
        if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_SESSION_LIST) {
            take_list(o, response);
        }
        desk_listed(o->desk, rc, wait, link_now_ms());
        if (o->desk->listed) {
            office_cover(o);
            office_read_told(o);
        }
    }
    office_pump(o);
}

static int desk_send(struct office *o, struct desk_action *action)
{
    Attune__Watch watch = ATTUNE__WATCH__INIT;
    Attune__ListSessions list = ATTUNE__LIST_SESSIONS__INIT;
    Attune__ReceiveAlerts receive = ATTUNE__RECEIVE_ALERTS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    ProtobufCBinaryData ids[DESK_REPORT_MAX];
    if (action->kind == DESK_WATCH) {
        request.body_case = ATTUNE__REQUEST__BODY_WATCH;
        request.watch = &watch;
    } else if (action->kind == DESK_LIST) {
        request.body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
        request.list_sessions = &list;
    } else {
        for (size_t at = 0; at < action->count; at++) {
            ids[at] = (ProtobufCBinaryData){LIMIT_ID_SIZE, action->ids[at]};
        }
        receive.n_alert_id = action->count;
        receive.alert_id = ids;
        request.body_case = ATTUNE__REQUEST__BODY_RECEIVE_ALERTS;
        request.receive_alerts = &receive;
    }
    struct desk_ask *a = g_new0(struct desk_ask, 1);
    a->office = o;
    a->kind = action->kind;
    a->epoch = o->epoch;
    int rc = link_ask(&o->link, &a->request, &request, 0, on_desk_answer);
    if (rc != 0) {
        g_free(a);
    }
    return rc;
}

/* --- steps that are due --- */

static void on_acknowledged(struct office *o, struct office_ask *ask, int rc,
                            const Attune__Response *response)
{
    (void)ask;
    if (rc != 0) {
        office_say(o, response != NULL ? response->error->text : err_text(rc));
    }
    office_read_caseload(o);
    office_read_client(o);
    office_tell(o, OFFICE_NOTICES);
}

static void send_due(struct office *o)
{
    int at;
    while ((at = notices_due(o->notices, link_now_ms())) != NOTICE_NONE) {
        struct notice *n = &o->notices->all[at];
        Attune__AcknowledgeAlert body = ATTUNE__ACKNOWLEDGE_ALERT__INIT;
        Attune__Request request = ATTUNE__REQUEST__INIT;
        body.alert_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, n->alert_id};
        body.step = n->step;
        body.reason = n->reason;
        request.body_case = ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT;
        request.acknowledge_alert = &body;
        office_ask(o, OFFICE_SAY, &request, on_acknowledged);
        office_tell(o, OFFICE_NOTICES);
    }
}

/* --- the loop --- */

static void arm(struct office *o)
{
    int64_t wake = MIN(notices_wake_ms(o->notices), office_ask_wake_ms(o));
    wake = MIN(wake, office_whose_wake_ms(o));
    wake = office_is_administrator(o) ? wake : MIN(wake, desk_wake_ms(o->desk));
    wake = o->leaving != NULL ? MIN(wake, link_now_ms() + LEAVE_LOOK_MS) : wake;
    if (o->clock != NULL) {
        g_source_set_ready_time(o->clock, wake == INT64_MAX ? -1 : MAX(wake, 0) * 1000);
    }
}

void office_pump(struct office *o)
{
    struct desk_action action;
    send_due(o);
    office_whose_pump(o);
    while (!office_is_administrator(o) && desk_next(o->desk, link_now_ms(), &action)) {
        if (desk_send(o, &action) != 0) {
            desk_lost(o->desk); /* The connection is going: all is asked again on the next one. */
        }
    }
    office_ask_pump(o);
    arm(o);
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    struct office *o = data;
    g_source_set_ready_time(source, -1);
    office_pump(o);
    if (o->leaving != NULL && office_ask_unsent(o) == 0) {
        g_main_loop_quit(o->leaving);
    }
    return G_SOURCE_CONTINUE;
}

void office_begin(struct office *o)
{
    if (!office_is_administrator(o)) {
        desk_connected(o->desk);
    }
    office_read_all(o);
    office_pump(o);
}

void office_halt(struct office *o)
{
    desk_lost(o->desk);
    office_copy_lost(o);
    arm(o);
}

static void on_state(struct link *l, enum link_state state)
{
    struct office *o = container_of(l, struct office, link);
    if (state == LINK_UP) {
        o->was_up = true;
        office_lock_up(o);
    } else {
        desk_lost(o->desk);
        whose_lost(o->whose);
        office_copy_lost(o);
    }
    office_tell(o, OFFICE_LINK);
    office_pump(o);
}

static void on_push(struct link *l, const Attune__Push *push)
{
    struct office *o = container_of(l, struct office, link);
    bool about = push->body_case == ATTUNE__PUSH__BODY_ALERT ||
                 push->body_case == ATTUNE__PUSH__BODY_SESSION_NEWS;
    if (about && !whose_takes(o->whose, push->therapist)) {
        office_tell(o, OFFICE_WHOSE); /* It is told anew to whom it is about. */
    } else if (push->body_case == ATTUNE__PUSH__BODY_ALERT &&
               push->alert->alert_id.len == LIMIT_ID_SIZE) {
        if (desk_alert(o->desk, push->alert->alert_id.data) == DESK_SHOW) {
            (void)office_take_alert(o, push->alert);
            office_read_caseload(o);
            office_read_client(o); /* Read when the rating came, its alerts were not there yet. */
        }
    } else if (push->body_case == ATTUNE__PUSH__BODY_SESSION_NEWS &&
               push->session_news->session != NULL) {
        const Attune__Session *session = push->session_news->session;
        bool news = desk_session(o->desk, session, DESK_NEWS) == DESK_SHOW;
        office_take_session(o, session);
        if (news) {
            office_read_caseload(o);
            office_read_client(o);
        }
    } else if (push->body_case == ATTUNE__PUSH__BODY_LOCKED) {
        office_lock_pushed(o, push->locked);
    } else if (push->body_case == ATTUNE__PUSH__BODY_LOOK) {
        office_take_look(o, push->look);
    }
    office_pump(o);
}

const char *office_clock_words(const struct office *o, char *ret_words)
{
    return clock_says(o->was_up ? o->link.clock_ahead_ms : 0, ret_words);
}

char *office_words(const struct office *o, bool *ret_bad)
{
    guint unsent = office_ask_unsent(o);
    *ret_bad = o->link.state != LINK_UP;
    if (o->link.state == LINK_UP) {
        return g_strdup_printf("Connected to %s", o->link.welcome->practice);
    }
    if (link_shut_out(&o->link)) {
        return g_strdup_printf("Not connected: %s.", o->link.why[0] != '\0' ? o->link.why : "…");
    }
    if (o->link.state == LINK_CONNECTING && !o->was_up) {
        return g_strdup("Connecting …");
    }
    if (!o->was_up && o->link.state == LINK_WAITING) { /* Perhaps this machine's own doing. */
        return g_strdup_printf("Not connected: %s. It is tried again.", o->link.why);
    }
    const char *waits = unsent > 0 ? " What you did is sent then." : "";
    if (o->link.state == LINK_STOPPED) {
        return g_strdup_printf("Not connected: %s. Close the other window, then start this one "
                               "again.",
                               o->link.why);
    }
    return g_strdup_printf("Not connected. What you see may be old; it catches up by itself.%s",
                           waits);
}

/* --- the public part --- */

static void free_alert(gpointer alert)
{
    if (alert != NULL) {
        attune__alert__free_unpacked(alert, NULL);
    }
}
static void free_room(gpointer room)
{
    attune__room_item__free_unpacked(room, NULL);
}
static void free_session(gpointer session)
{
    attune__session__free_unpacked(session, NULL);
}
static void free_goal(gpointer goal)
{
    attune__goal__free_unpacked(goal, NULL);
}
static void free_row(gpointer row)
{
    attune__report_row__free_unpacked(row, NULL);
}
static void free_escalation(gpointer escalation)
{
    attune__escalation__free_unpacked(escalation, NULL);
}

static void free_look(gpointer look)
{
    attune__look__free_unpacked(look, NULL);
}

static void make_lists(struct office *o)
{
    o->looks = g_ptr_array_new_with_free_func(free_look);
    o->alerts = g_ptr_array_new_with_free_func(free_alert);
    g_ptr_array_set_size(o->alerts, NOTICES_MAX);
    o->rooms = g_ptr_array_new_with_free_func(free_room);
    o->rooms_coming = g_ptr_array_new_with_free_func(free_room);
    o->live = g_ptr_array_new_with_free_func(free_session);
    o->client_alerts = g_ptr_array_new_with_free_func(free_alert);
    o->goals = g_ptr_array_new_with_free_func(free_goal);
    o->weeks.rows = g_ptr_array_new_with_free_func(free_row);
    o->sites.rows = g_ptr_array_new_with_free_func(free_row);
    o->therapists.rows = g_ptr_array_new_with_free_func(free_row);
    o->rows_coming = g_ptr_array_new_with_free_func(free_row);
    o->site_names = g_ptr_array_new_with_free_func(g_free);
    o->escalations = g_ptr_array_new_with_free_func(free_escalation);
}

int office_init(struct office *o, struct identity *identity, const char *address,
                enum notice_mode mode, char *why, size_t why_size)
{
    const struct link_options options = {
        .address = address,
        .software = "attune-therapist",
        .language = "en",
        .context = identity->context,
        .identity = identity,
    };
    memset(o, 0, sizeof *o);
    int rc = link_init(&o->link, &options, on_state, on_push);
    if (rc != 0) {
        g_strlcpy(why, o->link.why, why_size);
        link_fini(&o->link);
        return rc;
    }
    o->desk = g_new(struct desk, 1);
    o->notices = g_new(struct notices, 1);
    o->caseload = g_new(struct caseload, 1);
    o->together = g_new(struct together, 1);
    o->whose = g_new(struct whose, 1);
    whose_init(o->whose);
    desk_init(o->desk);
    notices_init(o->notices, mode);
    caseload_init(o->caseload);
    together_init(o->together);
    course_init(&o->course);
    lines_init(&o->lines);
    g_queue_init(&o->asks);
    make_lists(o);
    return 0;
}

void office_start(struct office *o)
{
    static GSourceFuncs funcs = {.dispatch = on_clock}; /* GLib wants it writable, and keeps it. */
    o->clock = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(o->clock, NULL, o, NULL);
    g_source_attach(o->clock, NULL);
    link_start(&o->link);
}

static gboolean on_leave_late(gpointer data)
{
    struct office *o = data;
    g_main_loop_quit(o->leaving);
    return G_SOURCE_CONTINUE; /* Removed by who has set it. */
}

static void on_closed(struct link *l)
{
    struct office *o = container_of(l, struct office, link);
    g_main_loop_quit(o->leaving);
}

/* Everything that was chosen is sent, if the server takes it in time. */
static void leave(struct office *o, uint32_t wait_ms)
{
    o->leaving = g_main_loop_new(NULL, FALSE);
    notices_flush(o->notices);
    office_pump(o);
    if (office_ask_unsent(o) > 0) {
        guint late = g_timeout_add(wait_ms, on_leave_late, o);
        g_main_loop_run(o->leaving);
        g_source_remove(late);
    }
    office_log_off(o); /* On the connection's last bytes: nobody is at a window that is closed. */
    link_close(&o->link, on_closed);
    g_main_loop_run(o->leaving);
    g_main_loop_unref(o->leaving);
}

void office_fini(struct office *o, uint32_t wait_ms)
{
    GPtrArray *lists[] = {o->looks,      o->alerts,          o->rooms,       o->rooms_coming,
                          o->live,       o->client_alerts,   o->goals,       o->weeks.rows,
                          o->sites.rows, o->therapists.rows, o->rows_coming, o->site_names,
                          o->escalations};
    o->closing = true;
    if (o->clock != NULL) {
        leave(o, wait_ms);
        g_source_destroy(o->clock);
        g_source_unref(o->clock);
    } else {
        link_fini(&o->link);
    }
    office_ask_drop_all(o);
    office_copy_end(o);
    for (size_t at = 0; at < G_N_ELEMENTS(lists); at++) {
        g_ptr_array_unref(lists[at]);
    }
    g_free(o->client);
    g_free(o->desk);
    g_free(o->notices);
    g_free(o->caseload);
    g_free(o->together);
    g_free(o->whose);
}

void office_shown(struct office *o, int notice)
{
    struct notice *n = &o->notices->all[notice];
    if (!o->hidden && !n->shown) {
        n->shown = true;
        desk_shown(o->desk, n->alert_id);
        office_pump(o);
    }
}

void office_hide(struct office *o, bool hidden)
{
    o->hidden = hidden;
    office_tell(o, OFFICE_NOTICES);
}

void office_set_mode(struct office *o, enum notice_mode mode)
{
    o->notices->mode = mode;
    office_tell(o, OFFICE_NOTICES);
}

void office_acknowledge(struct office *o, int notice, Attune__Step step, const char *reason)
{
    notices_acknowledge(o->notices, notice, step, reason, link_now_ms());
    office_tell(o, OFFICE_NOTICES);
    office_pump(o);
}

void office_undo(struct office *o, int notice)
{
    (void)notices_undo(o->notices, notice);
    office_tell(o, OFFICE_NOTICES);
    office_pump(o);
}

void office_put_away(struct office *o, int notice)
{
    notices_put_away(o->notices, notice);
    office_tell(o, OFFICE_NOTICES);
}
