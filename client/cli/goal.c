/* attune goals | goals add | goals end: what therapist and client have agreed on, and what it
 * moved.
 *
 * Happy path: one upsert by id, answered Done; the list page after page.
 * Failure: the server's sentence. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/pages.h"
#include "client/cli/score.h"
#include "client/cli/show.h"
#include "client/cli/when.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

/* --- add --- */

enum { ADD_AREA, ADD_WORDS, ADD_GOAL, ADD_OPTIONS };

static Attune__Area area_of(const char *word)
{
    for (int area = ATTUNE__AREA__AREA_UNDERSTANDING; area <= ATTUNE__AREA__AREA_FIT; area++) {
        if (word != NULL && strcmp(word, show_area((Attune__Area)area)) == 0) {
            return (Attune__Area)area;
        }
    }
    return ATTUNE__AREA__AREA_UNSPECIFIED;
}

static enum exits run_add(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE], session[LIMIT_ID_SIZE];
    Attune__PutGoal body;
    Attune__Request request;
    attune__put_goal__init(&body);
    body.area = area_of(a->own[ADD_AREA]);
    if (hex_id_parse(a->words[0], session) != 0) {
        return command_misused(&command_goals_add, "SESSION is 32 hex digits: see session list");
    }
    if (body.area == ATTUNE__AREA__AREA_UNSPECIFIED || a->own[ADD_WORDS] == NULL) {
        return command_misused(&command_goals_add,
                               "--words is needed, and --area understanding, relevance, safety or "
                               "fit");
    }
    if (a->own[ADD_GOAL] == NULL) {
        talk_random_id(id);
    } else if (hex_id_parse(a->own[ADD_GOAL], id) != 0) {
        return command_misused(&command_goals_add, "--goal is 32 hex digits");
    }
    char *words = g_strdup(a->own[ADD_WORDS]);
    body.goal_id = (ProtobufCBinaryData){sizeof id, id};
    body.session_id = (ProtobufCBinaryData){sizeof session, session};
    body.words = words;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_GOAL;
    request.put_goal = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(words);
    return how;
}

/* --- end --- */

static enum exits run_end(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE];
    const char *word = a->own[0] != NULL ? a->own[0] : "";
    bool reached = strcmp(word, "reached") == 0;
    Attune__EndGoal body;
    Attune__Request request;
    attune__end_goal__init(&body);
    if (hex_id_parse(a->words[0], id) != 0 || (!reached && strcmp(word, "let-go") != 0)) {
        return command_misused(&command_goals_end, "ID is 32 hex digits: see attune goals; "
                                                   "--outcome is reached or let-go");
    }
    body.goal_id = (ProtobufCBinaryData){sizeof id, id};
    body.outcome = reached ? ATTUNE__GOAL_OUTCOME__GOAL_REACHED : ATTUNE__GOAL_OUTCOME__GOAL_LET_GO;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_END_GOAL;
    request.end_goal = &body;
    return talk_once(a, &request, talk_tell_done);
}

/* --- list --- */

struct goals {
    struct pages pages;
    char *client;
    Attune__ListGoals body;
    struct table table;
    json_t *array;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct goals *g = container_of(p, struct goals, pages);
    attune__list_goals__init(&g->body);
    g->body.client_ref = g->client;
    g->body.after_id = pages_after(p);
    request->body_case = ATTUNE__REQUEST__BODY_LIST_GOALS;
    request->list_goals = &g->body;
}

/* "6.5 (4)": the median and of how many answers. */
static void median(char *text, size_t size, uint32_t answers, uint32_t tenths)
{
    char score[SCORE_TEXT];
    score_print(score, tenths);
    (void)snprintf(text, size, answers == 0 ? "-" : "%s (%" PRIu32 ")", score, answers);
}

static void add(struct goals *g, const Attune__Goal *goal)
{
    char id[HEX_ID] = "", when[WHEN_TEXT], before[32], after[32];
    if (goal->goal_id.len == LIMIT_ID_SIZE) {
        hex_print(id, goal->goal_id.data, LIMIT_ID_SIZE);
    }
    when_local(when, goal->session_start_ms);
    median(before, sizeof before, goal->before_answers, goal->before);
    median(after, sizeof after, goal->after_answers, goal->after);
    const char *cells[] = {
        id,    when,       show_area(goal->area), show_goal_outcome(goal->outcome), before,
        after, goal->words};
    for (size_t cell = 0; cell < G_N_ELEMENTS(cells); cell++) {
        table_add(&g->table, cells[cell]);
    }
    json_array_append_new(g->array, show_goal_json(goal));
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct goals *g = container_of(p, struct goals, pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_GOAL_LIST) {
        return -1;
    }
    p->more = answer->goal_list->more;
    for (size_t at = 0; at < answer->goal_list->n_goals; at++) {
        add(g, answer->goal_list->goals[at]);
        pages_last(p, answer->goal_list->goals[at]->goal_id);
    }
    return (int)answer->goal_list->n_goals;
}

static enum exits run_list(const struct arguments *a)
{
    static const char *const headings[] = {"GOAL",   "SESSION", "AREA", "OUTCOME",
                                           "BEFORE", "AFTER",   "WORDS"};
    struct goals g = {.pages = {.ask = ask, .take = take, .limit = UINT32_MAX}};
    if (a->own[0] == NULL) {
        return command_misused(&command_goals, "--client is needed");
    }
    struct talk *t = g_new0(struct talk, 1);
    g.client = g_strdup(a->own[0]);
    g.array = json_array();
    table_init(&g.table, headings, G_N_ELEMENTS(headings));
    enum exits how = pages_run(&g.pages, t, a);
    if (how == EXITS_OK) {
        int rc = t->json ? show_json(json_incref(g.array)) : show_table(&g.table);
        how = rc == 0 ? EXITS_OK : EXITS_FAILED;
    }
    json_decref(g.array);
    table_fini(&g.table);
    g_free(g.client);
    talk_end(t);
    g_free(t);
    return how;
}

/* --- the tables --- */

static const struct arguments_option add_options[ADD_OPTIONS + 1] = {
    [ADD_AREA] = {"area", "AREA", "understanding, relevance, safety or fit"},
    [ADD_WORDS] = {"words", "TEXT", "what was agreed on, 200 bytes at most"},
    [ADD_GOAL] = {"goal", "ID", "its id, 32 hex digits; else a new one"},
    [ADD_OPTIONS] = {NULL, NULL, NULL},
};
static const struct arguments_option end_options[] = {
    {"outcome", "WORD", "reached or let-go"},
    {NULL, NULL, NULL},
};
static const struct arguments_option list_options[] = {
    {"client", "REF", "of which client"},
    {NULL, NULL, NULL},
};

const struct command command_goals_add = {
    .name = "goals add",
    .words = "SESSION",
    .summary = "Keep what you and the client agreed on at a session's end.",
    .table = {add_options, 1, 1},
    .notes = "A goal that was in force for the same area is replaced.",
    .run = run_add,
};
const struct command command_goals_end = {
    .name = "goals end",
    .words = "ID",
    .summary = "Say that a goal was reached or let go.",
    .table = {end_options, 1, 1},
    .run = run_end,
};
const struct command command_goals = {
    .name = "goals",
    .words = "",
    .summary = "A client's goals, and what they moved.",
    .table = {list_options, 0, 0},
    .notes =
        "Before and after are the area's medians over five ratings each; (N) is how many answers.",
    .run = run_list,
};
