/* attune session open | invite | close | list: a therapist's sessions.
 *
 * Happy path: one request, one answer; open prints the session's id. The id is made here, so that a
 * request which is sent twice opens one session. Failure: the server's sentence, and the exit code
 * that goes with it. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/when.h"
#include "proto/wire/err.h"

enum {
    OPT_CLIENT,
    OPT_ROOM,
    OPT_MINUTES,
    OPT_TAKE_OVER,
    OPT_SESSION,
    OPT_CHILD,
    OPT_FIRST_TIME,
    OPT_TOGETHER_WITH,
    OPTIONS
};
enum { MINUTES = 50, MINUTES_MAX = 12 * 60 };

/* Ask, let `tell` say the answer, end. */
static enum exits ask(const struct arguments *a, Attune__Request *request,
                      int (*tell)(struct talk *t, const Attune__Response *answer))
{
    struct talk *t = g_new0(struct talk, 1);
    Attune__Response *answer = NULL;
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t);
        int rc = talk_ask(t, request, &answer);
        rc = rc == 0 ? tell(t, answer) : rc;
        how = rc == ERR_DISK ? talk_fail(rc, "standard output is closed") : talk_explain(t, rc);
    }
    if (answer != NULL) {
        attune__response__free_unpacked(answer, NULL);
    }
    talk_end(t);
    g_free(t);
    return how;
}

static int tell_session(struct talk *t, const Attune__Response *answer)
{
    char id[HEX_ID], line[HEX_ID + 1];
    if (answer->body_case != ATTUNE__RESPONSE__BODY_SESSION ||
        answer->session->session_id.len != LIMIT_ID_SIZE) {
        return ERR_MESSAGE;
    }
    if (t->json) {
        return show_json(show_session_json(answer->session)) == 0 ? 0 : ERR_DISK;
    }
    if (answer->session->parked_session_id.len == LIMIT_ID_SIZE) {
        hex_print(id, answer->session->parked_session_id.data, LIMIT_ID_SIZE);
        fprintf(stderr, "attune: the room was taken over from session %s, which is parked\n", id);
    }
    for (size_t i = 0; i < answer->session->n_goals; i++) {
        GString *goal = g_string_new("attune: agreed on: ");
        show_goal(goal, answer->session->goals[i]);
        fputs(goal->str, stderr);
        g_string_free(goal, TRUE);
    }
    hex_print(id, answer->session->session_id.data, LIMIT_ID_SIZE);
    g_snprintf(line, sizeof line, "%s\n", id);
    return show_text(line) == 0 ? 0 : ERR_DISK;
}

/* Invite and close may be answered with the session or with Done. */
static int tell_changed(struct talk *t, const Attune__Response *answer)
{
    if (answer->body_case == ATTUNE__RESPONSE__BODY_SESSION) {
        return tell_session(t, answer);
    }
    return !t->json || show_json(json_object()) == 0 ? 0 : ERR_DISK;
}

static int tell_list(struct talk *t, const Attune__Response *answer)
{
    static const char *const headings[] = {"SESSION", "START",  "ROOM",  "CLIENT",
                                           "STATE",   "RATING", "SCORES"};
    if (answer->body_case != ATTUNE__RESPONSE__BODY_SESSION_LIST) {
        return ERR_MESSAGE;
    }
    struct table table;
    json_t *array = json_array();
    table_init(&table, headings, G_N_ELEMENTS(headings));
    for (size_t at = 0; at < answer->session_list->n_sessions; at++) {
        const Attune__Session *s = answer->session_list->sessions[at];
        char id[HEX_ID] = "", when[WHEN_TEXT], scores[SHOW_SCORES] = "";
        if (s->session_id.len == LIMIT_ID_SIZE) {
            hex_print(id, s->session_id.data, LIMIT_ID_SIZE);
        }
        if (s->scores != NULL) {
            show_scores(scores, s->scores);
        }
        when_local(when, s->start_ms);
        const char *cells[] = {
            id,    when, s->room, s->client_ref, show_state(s->state), show_outcome(s->outcome),
            scores};
        for (size_t cell = 0; cell < G_N_ELEMENTS(cells); cell++) {
            table_add(&table, cells[cell]);
        }
        json_array_append_new(array, show_session_json(s));
    }
    int rc = t->json ? show_json(array) : show_table(&table);
    if (t->json) {
        table_fini(&table);
    } else {
        json_decref(array);
    }
    return rc == 0 ? 0 : ERR_DISK;
}

static enum exits run_open(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE], first[LIMIT_ID_SIZE];
    uint32_t minutes;
    if (a->own[OPT_CLIENT] == NULL || a->own[OPT_ROOM] == NULL) {
        return command_misused(&command_session_open, "--client and --room are needed");
    }
    if (arguments_number(a->own[OPT_MINUTES], 1, MINUTES_MAX, MINUTES, &minutes) != 0) {
        return command_misused(&command_session_open, "--minutes is 1 to 720");
    }
    if (a->own[OPT_SESSION] == NULL) {
        talk_random_id(id);
    } else if (hex_id_parse(a->own[OPT_SESSION], id) != 0) {
        return command_misused(&command_session_open, "--session is 32 hex digits");
    }
    bool second = a->own[OPT_TOGETHER_WITH] != NULL;
    if (second && hex_id_parse(a->own[OPT_TOGETHER_WITH], first) != 0) {
        return command_misused(&command_session_open, "--together-with is 32 hex digits");
    }
    char *client = g_strdup(a->own[OPT_CLIENT]), *room = g_strdup(a->own[OPT_ROOM]);
    Attune__OpenSession body;
    Attune__Request request;
    attune__open_session__init(&body);
    body.session_id = (ProtobufCBinaryData){sizeof id, id};
    body.client_ref = client;
    body.room = room;
    body.planned_end_ms = g_get_real_time() / 1000 + (int64_t)minutes * 60 * 1000;
    body.take_over = a->own[OPT_TAKE_OVER] != NULL;
    body.audience = a->own[OPT_CHILD] != NULL ? ATTUNE__AUDIENCE__AUDIENCE_CHILD
                                              : ATTUNE__AUDIENCE__AUDIENCE_ADULT;
    body.first_time = a->own[OPT_FIRST_TIME] != NULL;
    if (second) {
        body.together_with = (ProtobufCBinaryData){sizeof first, first};
    }
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_OPEN_SESSION;
    request.open_session = &body;
    enum exits how = ask(a, &request, tell_session);
    g_free(client);
    g_free(room);
    return how;
}

static enum exits run_invite(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE];
    if (hex_id_parse(a->words[0], id) != 0) {
        return command_misused(&command_session_invite, "ID is 32 hex digits");
    }
    Attune__InviteRating body;
    Attune__Request request;
    attune__invite_rating__init(&body);
    body.session_id = (ProtobufCBinaryData){sizeof id, id};
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_INVITE_RATING;
    request.invite_rating = &body;
    return ask(a, &request, tell_changed);
}

static enum exits run_close(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE];
    if (hex_id_parse(a->words[0], id) != 0) {
        return command_misused(&command_session_close, "ID is 32 hex digits");
    }
    Attune__CloseSession body;
    Attune__Request request;
    attune__close_session__init(&body);
    body.session_id = (ProtobufCBinaryData){sizeof id, id};
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_CLOSE_SESSION;
    request.close_session = &body;
    return ask(a, &request, tell_changed);
}

static enum exits run_list(const struct arguments *a)
{
    Attune__ListSessions body;
    Attune__Request request;
    attune__list_sessions__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
    request.list_sessions = &body;
    return ask(a, &request, tell_list);
}

static const struct arguments_option open_options[OPTIONS + 1] = {
    [OPT_CLIENT] = {"client", "REF", "the client's pseudonym"},
    [OPT_ROOM] = {"room", "NAME", "where"},
    [OPT_MINUTES] = {"minutes", "N", "planned length (50)"},
    [OPT_TAKE_OVER] = {"take-over", NULL, "park whatever session holds the room"},
    [OPT_SESSION] = {"session", "HEX", "the session's id; else a new one"},
    [OPT_CHILD] = {"child", NULL, "the kiosk offers the drawn form"},
    [OPT_FIRST_TIME] = {"first-time", NULL, "the kiosk says first why we ask"},
    [OPT_TOGETHER_WITH] = {"together-with", "HEX",
                           "the session that has the room: two who came together"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_session_open = {
    .name = "session open",
    .words = "",
    .summary = "Open a session: the room's kiosk gets its ticket. Prints the session's id.",
    .table = {open_options, 0, 0},
    .notes = NULL,
    .run = run_open,
};

const struct command command_session_invite = {
    .name = "session invite",
    .words = "ID",
    .summary = "Wake the room's kiosk: the client may rate now.",
    .table = {NULL, 1, 1},
    .notes = NULL,
    .run = run_invite,
};

const struct command command_session_close = {
    .name = "session close",
    .words = "ID",
    .summary = "Close a session and free its room.",
    .table = {NULL, 1, 1},
    .notes = NULL,
    .run = run_close,
};

const struct command command_session_list = {
    .name = "session list",
    .words = "",
    .summary = "The therapist's own sessions, the newest 50 first.",
    .table = {NULL, 0, 0},
    .notes = NULL,
    .run = run_list,
};
