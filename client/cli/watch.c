/* attune watch: a therapist's desk without a screen.
 *
 * Happy path: watch, list, show each alert once, and tell the server that it is here only after it
 * was written and flushed. Sessions that are rated, skipped or parked are shown too. Failure: a
 * lost connection is said once and waited out; the desk reports again what was not answered. When
 * standard output does not take an alert, it was not shown: the program ends and reports nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <glib-unix.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/show.h"
#include "client/cli/when.h"
#include "client/cli/talk.h"
#include "client/therapist/desk.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"

enum { OPT_COUNT, OPT_SECONDS, OPT_ONCE, OPTIONS };
enum { NUMBER_MAX = 1000 * 1000, LOOK_AGAIN_MS = 100 };

struct watch {
    struct talk talk;
    struct desk *desk;
    struct link_request watch, list, report, look;
    GSource *clock; /* The desk's. */
    GSource *end;   /* --seconds. */
    uint32_t count, seconds, shown;
    int64_t look_ms;              /* --once: not before that. */
    uint8_t after[LIMIT_ID_SIZE]; /* Which alert the page being looked at comes after. */
    bool once, looking, told_lost, ready;
};

static void pump(struct watch *w);

/* --- showing --- */

static void cannot_show(struct watch *w)
{
    talk_stop(&w->talk, ERR_DISK);
}

static int show(struct watch *w, const char *kind, json_t *object, GString *text)
{
    if (!w->talk.json) {
        return show_text(text->str);
    }
    json_t *line = json_object();
    json_object_set_new(line, "event", json_string(kind));
    json_object_set_new(line, "shown_at", show_time_json(g_get_real_time() / 1000));
    json_object_set_new(line, kind, object);
    return show_json(line);
}

static void show_alert_once(struct watch *w, const Attune__Alert *alert)
{
    if (alert->alert_id.len != LIMIT_ID_SIZE ||
        desk_alert(w->desk, alert->alert_id.data) != DESK_SHOW) {
        return;
    }
    GString *text = g_string_new(NULL);
    show_alert(text, alert);
    int rc = show(w, "alert", w->talk.json ? show_alert_json(alert) : NULL, text);
    g_string_free(text, TRUE);
    if (rc != 0) {
        cannot_show(w);
        return;
    }
    w->shown++;
    if (failpoint(FAILPOINT_therapist_before_received) == 0) { /* Else: as if not shown. */
        desk_shown(w->desk, alert->alert_id.data);
    }
}

static void show_session_once(struct watch *w, const Attune__Session *session,
                              enum desk_source source)
{
    if (desk_session(w->desk, session, source) != DESK_SHOW) {
        return;
    }
    GString *text = g_string_new(NULL);
    show_session(text, session);
    int rc = show(w, "session", w->talk.json ? show_session_json(session) : NULL, text);
    g_string_free(text, TRUE);
    if (rc != 0) {
        cannot_show(w);
    }
}

/* How much waits is all that a locked connection hears. */
static void show_locked(struct watch *w, uint32_t waiting)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "locked: log on with attune log-on%s\n",
                    waiting > 0 ? "; Attune has something for you" : "");
    json_t *count = w->talk.json ? json_pack("{s:i}", "waiting", (int)waiting) : NULL;
    int rc = show(w, "locked", count, text);
    g_string_free(text, TRUE);
    if (rc != 0) {
        cannot_show(w);
    }
}

/* --- answers --- */

static uint32_t wait_of(int rc, const Attune__Response *response)
{
    return rc != 0 && response != NULL ? response->error->retry_after_ms : 0;
}

/* A request that will never be granted ends the program: this device is no therapist's. */
static bool refused(struct watch *w, int rc, const Attune__Response *response)
{
    if (exits_of(rc) != EXITS_NOT_ALLOWED) {
        return false;
    }
    g_strlcpy(w->talk.why, response != NULL ? response->error->text : err_text(rc),
              sizeof w->talk.why);
    talk_stop(&w->talk, rc);
    return true;
}

static void on_watched(struct link_request *r, int rc, const Attune__Response *response)
{
    struct watch *w = container_of(r, struct watch, watch);
    if (rc != ERR_CLOSED && !refused(w, rc, response)) {
        desk_watched(w->desk, rc, wait_of(rc, response), link_now_ms());
        pump(w);
    }
}

static void on_listed(struct link_request *r, int rc, const Attune__Response *response)
{
    struct watch *w = container_of(r, struct watch, list);
    if (rc == ERR_CLOSED) {
        return;
    }
    bool good = rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_SESSION_LIST;
    for (size_t at = 0; good && at < response->session_list->n_sessions; at++) {
        show_session_once(w, response->session_list->sessions[at], DESK_LISTED);
    }
    desk_listed(w->desk, rc, wait_of(rc, response), link_now_ms());
    w->ready = w->ready || good;
    pump(w);
}

static void on_reported(struct link_request *r, int rc, const Attune__Response *response)
{
    struct watch *w = container_of(r, struct watch, report);
    if (rc == ERR_CLOSED) {
        return;
    }
    desk_reported(w->desk, rc, wait_of(rc, response), link_now_ms());
    if (rc == 0) {
        (void)failpoint(FAILPOINT_therapist_after_received); /* An error has no meaning here. */
    }
    pump(w);
}

static void look(struct watch *w, ProtobufCBinaryData after);

static void look_later(struct watch *w)
{
    w->look_ms = link_now_ms() + LOOK_AGAIN_MS;
    g_source_set_ready_time(w->clock, w->look_ms * 1000);
}

/* --once: is there a red alert that the server has not brought yet? All pages are looked at: many
 * alerts may be of one moment, and amber ones are never brought. */
static void on_looked(struct link_request *r, int rc, const Attune__Response *response)
{
    struct watch *w = container_of(r, struct watch, look);
    w->looking = false;
    if (rc != 0 || response->body_case != ATTUNE__RESPONSE__BODY_ALERT_LIST) {
        look_later(w); /* Until --timeout. */
        return;
    }
    ProtobufCBinaryData last = {0};
    for (size_t at = 0; at < response->alert_list->n_alerts; at++) {
        const Attune__Alert *alert = response->alert_list->alerts[at];
        last = alert->alert_id;
        if (alert->tier == ATTUNE__TIER__TIER_RED && !alert->received) {
            look_later(w);
            return;
        }
    }
    if (response->alert_list->more && last.len == sizeof w->after) {
        look(w, last);
    } else {
        talk_stop(&w->talk, 0);
    }
}

/* --- asking --- */

static void look(struct watch *w, ProtobufCBinaryData after)
{
    Attune__ListAlerts body;
    Attune__Request request;
    attune__list_alerts__init(&body);
    if (after.len > 0) {
        memcpy(w->after, after.data, sizeof w->after);
        body.after_id = (ProtobufCBinaryData){.len = sizeof w->after, .data = w->after};
    }
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_LIST_ALERTS;
    request.list_alerts = &body;
    w->looking = link_ask(&w->talk.link, &w->look, &request, w->talk.timeout_ms, on_looked) == 0;
}

static int ask_watch(struct watch *w)
{
    Attune__Watch body;
    Attune__Request request;
    attune__watch__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_WATCH;
    request.watch = &body;
    return link_ask(&w->talk.link, &w->watch, &request, w->talk.timeout_ms, on_watched);
}

static int ask_list(struct watch *w)
{
    Attune__ListSessions body;
    Attune__Request request;
    attune__list_sessions__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
    request.list_sessions = &body;
    return link_ask(&w->talk.link, &w->list, &request, w->talk.timeout_ms, on_listed);
}

static int ask_report(struct watch *w, struct desk_action *a)
{
    ProtobufCBinaryData ids[DESK_REPORT_MAX];
    Attune__ReceiveAlerts body;
    Attune__Request request;
    for (size_t at = 0; at < a->count; at++) {
        ids[at] = (ProtobufCBinaryData){LIMIT_ID_SIZE, a->ids[at]};
    }
    attune__receive_alerts__init(&body);
    body.n_alert_id = a->count;
    body.alert_id = ids;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_RECEIVE_ALERTS;
    request.receive_alerts = &body;
    return link_ask(&w->talk.link, &w->report, &request, w->talk.timeout_ms, on_reported);
}

/* Shown what was asked for, or, with --once, all that there is. */
static void end_if_done(struct watch *w)
{
    bool open = desk_count(w->desk, DESK_ALERT_TO_REPORT) > 0 ||
                desk_count(w->desk, DESK_ALERT_REPORTED) > 0;
    if (open) {
        return;
    }
    if (w->count > 0 && w->shown >= w->count) {
        talk_stop(&w->talk, 0);
    } else if (w->once && w->ready && !w->looking && link_now_ms() >= w->look_ms) {
        look(w, (ProtobufCBinaryData){0});
    }
}

static void pump(struct watch *w)
{
    struct desk_action a;
    while (desk_next(w->desk, link_now_ms(), &a)) {
        int rc = a.kind == DESK_WATCH  ? ask_watch(w)
                 : a.kind == DESK_LIST ? ask_list(w)
                                       : ask_report(w, &a);
        if (rc != 0) {
            /* The connection is going: what was asked is owed no answer, and asked again. */
            desk_lost(w->desk);
        }
    }
    int64_t wake = desk_wake_ms(w->desk);
    wake = w->look_ms > link_now_ms() ? MIN(wake, w->look_ms) : wake;
    g_source_set_ready_time(w->clock, wake == INT64_MAX ? -1 : MAX(wake, 0) * 1000);
    end_if_done(w);
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    g_source_set_ready_time(source, -1);
    pump(data);
    return G_SOURCE_CONTINUE;
}

/* Once a connection, until the therapist says that it is known: attune looks seen ID. */
static void show_look(struct watch *w, const Attune__Look *look)
{
    char when[WHEN_TEXT], id[HEX_ID] = "";
    hex_print(id, look->look_id.data, look->look_id.len == LIMIT_ID_SIZE ? LIMIT_ID_SIZE : 0);
    if (w->talk.json) {
        when_rfc3339(when, look->at_ms);
        (void)show_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kind", "look", "look_id", id,
                                  "at", when, "by", look->by, "client", look->client_ref, "reason",
                                  look->reason));
        return;
    }
    when_local(when, look->at_ms);
    printf("%s %s looked at your client %s, for this reason: %s\n", when, look->by,
           look->client_ref, look->reason);
}

static void on_push(struct talk *t, const Attune__Push *push)
{
    struct watch *w = container_of(t, struct watch, talk);
    if (push->body_case == ATTUNE__PUSH__BODY_ALERT) {
        show_alert_once(w, push->alert);
    } else if (push->body_case == ATTUNE__PUSH__BODY_SESSION_NEWS &&
               push->session_news->session != NULL) {
        show_session_once(w, push->session_news->session, DESK_NEWS);
    } else if (push->body_case == ATTUNE__PUSH__BODY_LOCKED) {
        show_locked(w, push->locked->waiting);
    } else if (push->body_case == ATTUNE__PUSH__BODY_LOOK) {
        show_look(w, push->look);
    }
    pump(w);
}

static void on_state(struct talk *t, enum link_state state)
{
    struct watch *w = container_of(t, struct watch, talk);
    if (state == LINK_UP) {
        if (w->told_lost) {
            fprintf(stderr, "attune: connected again\n");
        }
        w->told_lost = false;
        desk_connected(w->desk);
    } else {
        desk_lost(w->desk);
    }
    if (state == LINK_WAITING && !w->told_lost) {
        fprintf(stderr, "attune: not connected: %s. Trying again\n", t->link.why);
        w->told_lost = true;
    }
    pump(w);
}

/* --- beginning and end --- */

static gboolean on_end(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    struct watch *w = data;
    g_source_set_ready_time(source, -1);
    if (!w->talk.was_up) {
        talk_stop(&w->talk, w->talk.link.reason != 0 ? w->talk.link.reason : ERR_TIMEOUT);
    } else if (w->count > 0 && w->shown < w->count) {
        g_snprintf(w->talk.why, sizeof w->talk.why, "%u of %u alerts came in time", w->shown,
                   w->count);
        talk_stop(&w->talk, ERR_CANCELED);
    } else if (w->seconds > 0) {
        talk_stop(&w->talk, 0);
    } else {
        talk_stop(&w->talk, ERR_TIMEOUT);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gpointer data)
{
    talk_stop(data, 0);
    return G_SOURCE_CONTINUE;
}

static GSource *make_clock(gboolean (*dispatch)(GSource *, GSourceFunc, gpointer),
                           GSourceFuncs *funcs, struct watch *w)
{
    *funcs = (GSourceFuncs){.dispatch = dispatch};
    GSource *source = g_source_new(funcs, sizeof(GSource));
    g_source_set_callback(source, NULL, w, NULL);
    g_source_attach(source, NULL);
    return source;
}

static enum exits watch_until_told(struct watch *w, const struct arguments *a)
{
    enum exits failed = talk_begin(&w->talk, a);
    if (failed != EXITS_OK) {
        return failed;
    }
    if (w->seconds > 0 || w->once) {
        int64_t ms = w->seconds > 0 ? 1000 * (int64_t)w->seconds : w->talk.timeout_ms;
        g_source_set_ready_time(w->end, (link_now_ms() + ms) * 1000);
    }
    (void)talk_connect(&w->talk);
    int rc = talk_run(&w->talk);
    return rc == ERR_DISK ? talk_fail(rc, "standard output is closed: the alert was not shown")
                          : talk_explain(&w->talk, rc);
}

static enum exits run(const struct arguments *a)
{
    GSourceFuncs clock_funcs, end_funcs;
    struct watch *w = g_new0(struct watch, 1);
    w->once = a->own[OPT_ONCE] != NULL;
    if (arguments_number(a->own[OPT_COUNT], 1, NUMBER_MAX, 0, &w->count) != 0 ||
        arguments_number(a->own[OPT_SECONDS], 1, NUMBER_MAX, 0, &w->seconds) != 0) {
        g_free(w);
        return command_misused(&command_watch, "--count and --seconds are whole numbers from 1");
    }
    w->desk = g_new(struct desk, 1);
    desk_init(w->desk);
    w->clock = make_clock(on_clock, &clock_funcs, w);
    w->end = make_clock(on_end, &end_funcs, w);
    w->talk.state_cb = on_state;
    w->talk.push_cb = on_push;
    w->talk.patient = !w->once;
    w->talk.software = "attune-watch";
    guint signals[] = {g_unix_signal_add(SIGINT, on_signal, &w->talk),
                       g_unix_signal_add(SIGTERM, on_signal, &w->talk)};
    (void)signal(SIGPIPE,
                 SIG_IGN); /* A closed pipe is an error of the write, which is looked at. */
    enum exits how = watch_until_told(w, a);
    g_source_remove(signals[0]);
    g_source_remove(signals[1]);
    GSource *sources[] = {w->clock, w->end};
    talk_end(&w->talk);
    for (size_t at = 0; at < G_N_ELEMENTS(sources); at++) {
        g_source_destroy(sources[at]);
        g_source_unref(sources[at]);
    }
    g_free(w->desk);
    g_free(w);
    return how;
}

static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_COUNT] = {"count", "N", "end after N alerts were shown and reported"},
    [OPT_SECONDS] = {"seconds", "N", "end after N seconds; exit 1 when fewer than --count came"},
    [OPT_ONCE] = {"once", NULL, "show what is waiting, and end"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_watch = {
    .name = "watch",
    .words = "",
    .summary = "A therapist's live alerts, and their sessions as they are rated.",
    .table = {options, 0, 0},
    .notes =
        "The server is told that an alert is here only after it was written. Lost connections are\n"
        "waited out; nothing is shown twice. With --json: one object a line.",
    .run = run,
};
