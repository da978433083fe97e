/* attune alerts explain | acknowledge ID: why one alert fired, and what the therapist does about
 * it.
 *
 * Happy path: one request, one answer. Failure: the server's sentence; an alert of somebody else is
 * as if it were not there. */
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/when.h"
#include "proto/wire/err.h"

/* --- explain --- */

static void add_number(GString *text, json_t *tenths)
{
    json_int_t n = json_integer_value(tenths);
    if (n < 0) {
        g_string_append(text, "-");
    } else {
        g_string_append_printf(text, "%d.%d", (int)(n / 10), (int)(n % 10));
    }
}

static void add_numbers(GString *text, const char *head, json_t *tenths)
{
    size_t at;
    json_t *number;
    g_string_append(text, head);
    json_array_foreach(tenths, at, number)
    {
        g_string_append(text, at == 0 ? " " : ", ");
        add_number(text, number);
    }
    g_string_append(text, json_array_size(tenths) == 0 ? " none\n" : "\n");
}

/* What it was made from, in the order in which a person would ask. */
static void add_inputs(GString *text, json_t *inputs)
{
    size_t at;
    json_t *also;
    add_numbers(text, "  Scores:", json_object_get(inputs, "scores"));
    g_string_append(text, "  Total: ");
    add_number(text, json_object_get(inputs, "total"));
    if (json_object_get(inputs, "earlier") != NULL) { /* A supervisor's dates may begin later. */
        add_numbers(text, "\n  Totals before:", json_object_get(inputs, "earlier"));
    } else {
        g_string_append(text, "\n");
    }
    g_string_append_printf(
        text, "  Session %d of the course; the practice's rules, version %d%s.\n",
        (int)json_integer_value(json_object_get(inputs, "session")),
        (int)json_integer_value(json_object_get(inputs, "settings_version")),
        json_integer_value(json_object_get(inputs, "settings_version")) == 0 ? " (the defaults)"
                                                                             : "");
    json_array_foreach(json_object_get(inputs, "also"), at, also)
    {
        g_string_append_printf(text, "  %s fired too.\n", json_string_value(also));
    }
}

static void add_moves(GString *text, const Attune__AlertExplanation *e)
{
    if (e->rupture[0] == '\0') {
        g_string_append(text, "  It belongs to no rupture.\n");
        return;
    }
    g_string_append_printf(text, "  The rupture is %s:\n", e->rupture);
    for (size_t at = 0; at < e->n_moves; at++) {
        const Attune__RuptureMove *m = e->moves[at];
        char when[WHEN_TEXT];
        when_local(when, m->at_ms);
        g_string_append_printf(text, "    %s  %s%s%s, by %s\n", when, m->move,
                               m->step[0] != '\0' ? ": " : "", m->step, m->actor);
    }
}

static json_t *explanation_json(const Attune__AlertExplanation *e, json_t *inputs)
{
    json_t *moves = json_array();
    for (size_t at = 0; at < e->n_moves; at++) {
        const Attune__RuptureMove *m = e->moves[at];
        json_array_append_new(moves,
                              json_pack("{s:o, s:s, s:s, s:s}", "at", show_time_json(m->at_ms),
                                        "actor", m->actor, "move", m->move, "step", m->step));
    }
    return json_pack("{s:o, s:O, s:s, s:o}", "alert", show_alert_json(e->alert), "inputs", inputs,
                     "rupture", e->rupture, "moves", moves);
}

static int tell_explanation(struct talk *t, const Attune__Response *answer)
{
    const Attune__AlertExplanation *e = answer->alert_explanation;
    if (answer->body_case != ATTUNE__RESPONSE__BODY_ALERT_EXPLANATION || e->alert == NULL) {
        return ERR_MESSAGE;
    }
    json_t *inputs = json_loads(e->inputs, 0, NULL);
    if (inputs == NULL) {
        return ERR_MESSAGE;
    }
    int rc;
    if (t->json) {
        rc = show_json(explanation_json(e, inputs));
    } else {
        GString *text = g_string_new(NULL);
        show_alert(text, e->alert);
        g_string_append_printf(text, "\n%s, version %u, was made from:\n", e->alert->rule,
                               e->alert->rule_version);
        add_inputs(text, inputs);
        add_moves(text, e);
        rc = show_text(text->str);
        g_string_free(text, TRUE);
    }
    json_decref(inputs);
    return rc == 0 ? 0 : ERR_DISK;
}

static enum exits run_explain(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__ExplainAlert body;
    Attune__Request request;
    if (hex_id_parse(a->words[0], id) != 0) {
        return command_misused(&command_alerts_explain, "ID is 32 hex digits: see attune alerts");
    }
    attune__explain_alert__init(&body);
    body.alert_id = (ProtobufCBinaryData){sizeof id, id};
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_EXPLAIN_ALERT;
    request.explain_alert = &body;
    return talk_once(a, &request, tell_explanation);
}

/* --- acknowledge --- */

enum { OPT_STEP, OPT_REASON, OPTIONS };

static const struct {
    const char *word;
    Attune__Step step;
} steps[] = {{"seen", ATTUNE__STEP__STEP_SEEN},
             {"talked-now", ATTUNE__STEP__STEP_TALKED_NOW},
             {"opens-next-session", ATTUNE__STEP__STEP_OPENS_NEXT_SESSION},
             {"changes-focus", ATTUNE__STEP__STEP_CHANGES_FOCUS},
             {"changes-approach", ATTUNE__STEP__STEP_CHANGES_APPROACH},
             {"changes-pace", ATTUNE__STEP__STEP_CHANGES_PACE},
             {"supervision", ATTUNE__STEP__STEP_SUPERVISION},
             {"not-a-concern", ATTUNE__STEP__STEP_NOT_A_CONCERN}};

static Attune__Step step_of(const char *word)
{
    for (size_t at = 0; word != NULL && at < G_N_ELEMENTS(steps); at++) {
        if (strcmp(steps[at].word, word) == 0) {
            return steps[at].step;
        }
    }
    return ATTUNE__STEP__STEP_UNSPECIFIED;
}

static enum exits run_acknowledge(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__AcknowledgeAlert body;
    Attune__Request request;
    attune__acknowledge_alert__init(&body);
    body.step = step_of(a->own[OPT_STEP]);
    if (hex_id_parse(a->words[0], id) != 0) {
        return command_misused(&command_alerts_acknowledge,
                               "ID is 32 hex digits: see attune alerts");
    }
    if (body.step == ATTUNE__STEP__STEP_UNSPECIFIED) {
        return command_misused(&command_alerts_acknowledge,
                               "--step is seen, talked-now, opens-next-session, changes-focus, "
                               "changes-approach, changes-pace, supervision or not-a-concern");
    }
    if (body.step == ATTUNE__STEP__STEP_NOT_A_CONCERN && a->own[OPT_REASON] == NULL) {
        return command_misused(&command_alerts_acknowledge,
                               "not-a-concern needs --reason, a few words");
    }
    char *reason = g_strdup(a->own[OPT_REASON] != NULL ? a->own[OPT_REASON] : "");
    body.alert_id = (ProtobufCBinaryData){sizeof id, id};
    body.reason = reason;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT;
    request.acknowledge_alert = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(reason);
    return how;
}

static const struct arguments_option none[] = {{NULL, NULL, NULL}};
static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_STEP] = {"step", "STEP", "what you have done or will do"},
    [OPT_REASON] = {"reason", "TEXT", "why it is not a concern; nothing about the client"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_alerts_explain = {
    .name = "alerts explain",
    .words = "ID",
    .summary = "Why an alert fired: what it was made from, and what has become of it.",
    .table = {none, 1, 1},
    .notes = "An alert is a prompt to ask, never a finding.",
    .run = run_explain,
};
const struct command command_alerts_acknowledge = {
    .name = "alerts acknowledge",
    .words = "ID",
    .summary = "Say what you do about an alert: its rupture is followed from there.",
    .table = {options, 1, 1},
    .notes = "A step: seen, talked-now, opens-next-session, changes-focus, changes-approach,\n"
             "changes-pace, supervision, not-a-concern (with --reason).",
    .run = run_acknowledge,
};
