/* Happy path: field by field.
 * Failure: text that is not UTF-8 becomes null in JSON; an enum that this version does not know
 * becomes "unknown". */
#include "client/cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/hex.h"
#include "client/cli/score.h"
#include "client/cli/when.h"

struct area {
    const char *name;
    bool answered;
    uint32_t tenths;
};

enum { AREAS = 4 };

static void areas_of(struct area areas[AREAS], const Attune__Scores *s)
{
    areas[0] = (struct area){"understanding", s->understanding_answer_case != 0, s->understanding};
    areas[1] = (struct area){"relevance", s->relevance_answer_case != 0, s->relevance};
    areas[2] = (struct area){"safety", s->safety_answer_case != 0, s->safety};
    areas[3] = (struct area){"fit", s->fit_answer_case != 0, s->fit};
}

static json_t *scores_json(const Attune__Scores *scores)
{
    struct area areas[AREAS];
    if (scores == NULL) {
        return json_null();
    }
    json_t *object = json_object();
    areas_of(areas, scores);
    for (size_t at = 0; at < AREAS; at++) {
        /* Divided, not multiplied: 73 / 10.0 prints as 7.3. */
        json_object_set_new(object, areas[at].name,
                            areas[at].answered ? json_real(areas[at].tenths / 10.0) : json_null());
    }
    return object;
}

json_t *show_time_json(int64_t ms)
{
    char text[WHEN_TEXT];
    when_rfc3339(text, ms);
    return ms == 0 ? json_null() : json_string(text);
}

json_t *show_id_json(ProtobufCBinaryData id)
{
    char text[HEX_ID];
    if (id.len != LIMIT_ID_SIZE) {
        return json_null();
    }
    hex_print(text, id.data, id.len);
    return json_string(text);
}

static void put(json_t *object, const char *key, json_t *value)
{
    /* A string that is no UTF-8 made no value. */
    json_object_set_new(object, key, value != NULL ? value : json_null());
}

json_t *show_session_json(const Attune__Session *s)
{
    json_t *object = json_object();
    put(object, "session_id", show_id_json(s->session_id));
    put(object, "client", json_string(s->client_ref));
    put(object, "room", json_string(s->room));
    put(object, "start", show_time_json(s->start_ms));
    put(object, "planned_end", show_time_json(s->planned_end_ms));
    put(object, "closed", show_time_json(s->closed_ms));
    put(object, "state", json_string(show_state(s->state)));
    put(object, "outcome", json_string(show_outcome(s->outcome)));
    put(object, "scores", scores_json(s->scores));
    put(object, "talk", json_string(show_talk(s->talk)));
    put(object, "instrument", s->instrument[0] != '\0' ? json_string(s->instrument) : json_null());
    put(object, "colour", json_integer(s->colour));
    put(object, "symbol", json_string(s->symbol));
    put(object, "parked_session_id", show_id_json(s->parked_session_id));
    put(object, "together_with", show_id_json(s->together_with));
    if (s->n_goals > 0) {
        json_t *goals = json_array();
        for (size_t i = 0; i < s->n_goals; i++) {
            json_array_append_new(goals, show_goal_json(s->goals[i]));
        }
        put(object, "goals", goals);
    }
    return object;
}

static json_t *median_json(uint32_t answers, uint32_t tenths)
{
    return answers == 0 ? json_null() : json_real(tenths / 10.0);
}

json_t *show_goal_json(const Attune__Goal *g)
{
    json_t *object = json_object();
    put(object, "goal_id", show_id_json(g->goal_id));
    put(object, "session_id", show_id_json(g->session_id));
    put(object, "session_start", show_time_json(g->session_start_ms));
    put(object, "area", json_string(show_area(g->area)));
    put(object, "words", json_string(g->words));
    put(object, "ended", show_time_json(g->ended_ms));
    put(object, "outcome", json_string(show_goal_outcome(g->outcome)));
    put(object, "before", median_json(g->before_answers, g->before));
    put(object, "before_answers", json_integer(g->before_answers));
    put(object, "after", median_json(g->after_answers, g->after));
    put(object, "after_answers", json_integer(g->after_answers));
    return object;
}

static const char *word(int value, const char *const *words, size_t count)
{
    return value >= 0 && (size_t)value < count ? words[value] : "unknown";
}

static const char *show_better(Attune__Better better)
{
    static const char *const words[] = {"",       "understanding", "relevance",
                                        "safety", "fit",           "nothing"};
    return word((int)better, words, G_N_ELEMENTS(words));
}

json_t *show_rating_json(const Attune__StoredRating *r)
{
    json_t *object = json_object();
    put(object, "rating_id", show_id_json(r->rating_id));
    put(object, "session_id", show_id_json(r->session_id));
    put(object, "session_start", show_time_json(r->session_start_ms));
    put(object, "made_at", show_time_json(r->made_at_ms));
    put(object, "received", show_time_json(r->received_ms));
    put(object, "skipped", json_boolean(r->skipped));
    put(object, "scores", r->skipped ? json_null() : scores_json(r->scores));
    put(object, "talk", json_string(show_talk(r->talk)));
    put(object, "better", json_string(show_better(r->better)));
    put(object, "instrument", json_string(r->instrument));
    return object;
}

json_t *show_alert_json(const Attune__Alert *a)
{
    json_t *object = json_object();
    put(object, "alert_id", show_id_json(a->alert_id));
    put(object, "rule", json_string(a->rule));
    put(object, "rule_version", json_integer(a->rule_version));
    put(object, "tier", json_string(show_tier(a->tier)));
    put(object, "client", json_string(a->client_ref));
    put(object, "session_id", show_id_json(a->session_id));
    put(object, "rating_id", show_id_json(a->rating_id));
    put(object, "session_start", show_time_json(a->session_start_ms));
    put(object, "created", show_time_json(a->created_ms));
    put(object, "scores", scores_json(a->scores));
    put(object, "usual", scores_json(a->usual));
    put(object, "talk", json_string(show_talk(a->talk)));
    put(object, "late", json_boolean(a->late));
    put(object, "what", json_string(a->what));
    put(object, "why", json_string(a->why));
    put(object, "now", json_string(a->now));
    put(object, "next_time", json_string(a->next_time));
    put(object, "received", json_boolean(a->received));
    put(object, "digest", json_boolean(a->digest));
    return object;
}

void show_scores(char text[SHOW_SCORES], const Attune__Scores *scores)
{
    struct area areas[AREAS];
    text[0] = '\0';
    if (scores == NULL) {
        g_strlcpy(text, "skipped", SHOW_SCORES);
        return;
    }
    areas_of(areas, scores);
    for (size_t at = 0; at < AREAS; at++) {
        char score[SCORE_TEXT] = "-";
        if (areas[at].answered) {
            score_print(score, areas[at].tenths);
        }
        g_strlcat(text, at > 0 ? " " : "", SHOW_SCORES);
        g_strlcat(text, score, SHOW_SCORES);
    }
}

const char *show_state(Attune__SessionState state)
{
    static const char *const words[] = {"unknown", "open", "invited", "parked", "closed"};
    return word((int)state, words, G_N_ELEMENTS(words));
}

const char *show_outcome(Attune__SessionOutcome outcome)
{
    static const char *const words[] = {"not rated", "rated", "skipped"};
    return word((int)outcome, words, G_N_ELEMENTS(words));
}

const char *show_talk(Attune__Talk talk)
{
    static const char *const words[] = {"not said", "now", "next time", "rather not"};
    return word((int)talk, words, G_N_ELEMENTS(words));
}

const char *show_tier(Attune__Tier tier)
{
    static const char *const words[] = {"unknown", "amber", "red", "good news", "pattern"};
    return word((int)tier, words, G_N_ELEMENTS(words));
}

const char *show_area(Attune__Area area)
{
    static const char *const words[] = {"unknown", "understanding", "relevance", "safety", "fit"};
    return word((int)area, words, G_N_ELEMENTS(words));
}

const char *show_goal_outcome(Attune__GoalOutcome outcome)
{
    static const char *const words[] = {"in force", "reached", "let go", "replaced"};
    return word((int)outcome, words, G_N_ELEMENTS(words));
}

static void part(GString *text, const char *heading, const char *words)
{
    if (words[0] != '\0') {
        g_string_append_printf(text, "  %-10s%s\n", heading, words);
    }
}

/* Nothing that a server says may move the terminal's cursor. */
static void clean(GString *text)
{
    for (gsize at = 0; at < text->len; at++) {
        unsigned char c = (unsigned char)text->str[at];
        text->str[at] = (c < 0x20 && c != '\n') || c == 0x7f ? '?' : text->str[at];
    }
}

void show_alert(GString *text, const Attune__Alert *a)
{
    char when[WHEN_TEXT];
    when_local(when, a->session_start_ms);
    g_string_append_printf(text, "%s  %s  session of %s%s\n",
                           a->tier == ATTUNE__TIER__TIER_RED ? "ALERT" : show_tier(a->tier),
                           a->client_ref, when, a->late ? "  (late: the session is over)" : "");
    part(text, "what", a->what);
    part(text, "why", a->why);
    part(text, "now", a->now);
    part(text, "next time", a->next_time);
    part(text, "client",
         a->talk == ATTUNE__TALK__TALK_NOW          ? "wants to talk about it now"
         : a->talk == ATTUNE__TALK__TALK_NEXT       ? "wants to talk about it next time"
         : a->talk == ATTUNE__TALK__TALK_RATHER_NOT ? "would rather not talk about it"
                                                    : "did not say when to talk");
    clean(text);
}

void show_goal(GString *text, const Attune__Goal *goal)
{
    g_string_append_printf(text, "%s: %s\n", show_area(goal->area), goal->words);
    clean(text);
}

void show_session(GString *text, const Attune__Session *s)
{
    char id[HEX_ID] = "", scores[SHOW_SCORES];
    if (s->session_id.len == LIMIT_ID_SIZE) {
        hex_print(id, s->session_id.data, s->session_id.len);
    }
    show_scores(scores, s->scores);
    bool rated = s->outcome == ATTUNE__SESSION_OUTCOME__SESSION_RATED;
    bool settled = s->outcome != ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE;
    g_string_append_printf(text, "%s  %s  %s%s%s  session %s\n",
                           settled ? show_outcome(s->outcome) : show_state(s->state), s->client_ref,
                           s->room, rated ? "  " : "", rated ? scores : "", id);
    clean(text);
}

int show_text(const char *text)
{
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? 0 : -1;
}

int show_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(4));
    json_decref(object);
    int rc = text != NULL && printf("%s\n", text) >= 0 && fflush(stdout) == 0 ? 0 : -1;
    free(text);
    return rc;
}

int show_table(struct table *t)
{
    char *text = table_text(t);
    int rc = show_text(text);
    free(text);
    table_fini(t);
    return rc;
}
