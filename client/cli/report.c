/* attune report practice | site | therapist: the last weeks, from the roll-ups.
 *
 * Happy path: page after page, then one table of figures and one of areas.
 * Failure: a page that fails ends it; what came before is not shown. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/pages.h"
#include "client/cli/show.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { WEEKS = 12, CELL = 32, AREAS = 4 };

struct reporting {
    struct pages pages;
    Attune__GetReport body;
    Attune__ReportKind kind;
    uint32_t weeks;
    char *after;
    struct table figures, areas;
    json_t *array;
};

/* --- for people --- */

static void add_share(struct table *t, uint32_t part, uint32_t of)
{
    char cell[CELL] = "-";
    if (of > 0) {
        (void)snprintf(cell, sizeof cell, "%.0f %%", 100.0 * part / of);
    }
    table_add(t, cell);
}

static void add_count(struct table *t, uint32_t count)
{
    char cell[CELL];
    (void)snprintf(cell, sizeof cell, "%" PRIu32, count);
    table_add(t, cell);
}

static void add_mean(struct table *t, const Attune__ReportMean *m)
{
    char cell[CELL] = "-";
    if (m != NULL && m->answers > 0) {
        (void)snprintf(cell, sizeof cell, "%.1f ±%.1f", m->mean / 100.0, m->spread / 100.0);
    }
    table_add(t, cell);
}

/* "81 % of 70-90": the share, and where chance alone takes 19 of 20. */
static void add_compared(struct table *t, const Attune__ReportShare *s)
{
    char cell[CELL] = "-";
    if (s != NULL && s->of > 0) {
        (void)snprintf(cell, sizeof cell, "%.0f %% of %.0f-%.0f%s", s->share / 10.0,
                       s->low_95 / 10.0, s->high_95 / 10.0,
                       s->share < s->low_998 || s->share > s->high_998 ? " !" : "");
    }
    table_add(t, cell);
}

static void add_weeks(struct table *t, const Attune__ReportRow *r)
{
    char cell[CELL];
    (void)snprintf(cell, sizeof cell,
                   r->weeks_hidden > 0 ? "%" PRIu32 " (%" PRIu32 " hidden)" : "%" PRIu32, r->weeks,
                   r->weeks_hidden);
    table_add(t, cell);
}

static void add_row(struct reporting *r, const Attune__ReportRow *row)
{
    struct table *t = &r->figures;
    char open[CELL] = "-";
    table_add(t, row->name);
    add_weeks(t, row);
    add_count(t, row->held);
    add_share(t, row->rated, row->held);
    add_share(t, row->skipped, row->held);
    add_mean(t, row->total);
    add_share(t, row->perfect, row->total != NULL ? row->total->answers : 0);
    add_count(t, row->ruptures);
    add_share(t, row->repaired, row->repaired + row->unrepaired);
    if (row->n_open == 3) {
        (void)snprintf(open, sizeof open, "%" PRIu32 " %" PRIu32 " %" PRIu32, row->open[0],
                       row->open[1], row->open[2]);
    }
    table_add(t, open);
    add_share(t, row->within_day, row->ruptures);
    table_add(&r->areas, row->name);
    for (size_t area = 0; area < AREAS; area++) {
        add_mean(&r->areas, area < row->n_areas ? row->areas[area] : NULL);
    }
    if (r->kind == ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS) {
        add_compared(&r->areas, row->coverage);
        add_compared(&r->areas, row->repair);
    }
}

/* --- for programs --- */

static json_t *mean_json(const Attune__ReportMean *m)
{
    if (m == NULL || m->answers == 0) {
        return json_null();
    }
    return json_pack("{s:I, s:f, s:f}", "answers", (json_int_t)m->answers, "mean", m->mean / 100.0,
                     "spread", m->spread / 100.0);
}

static json_t *share_json(const Attune__ReportShare *s)
{
    if (s == NULL || s->of == 0) {
        return json_null();
    }
    return json_pack("{s:I, s:f, s:[ff], s:[ff]}", "of", (json_int_t)s->of, "share",
                     s->share / 1000.0, "limits_95", s->low_95 / 1000.0, s->high_95 / 1000.0,
                     "limits_998", s->low_998 / 1000.0, s->high_998 / 1000.0);
}

static json_t *row_json(const Attune__ReportRow *r)
{
    static const char *const names[AREAS] = {"understanding", "relevance", "safety", "fit"};
    const struct {
        const char *name;
        uint32_t count;
    } counts[] = {{"weeks", r->weeks},
                  {"weeks_hidden", r->weeks_hidden},
                  {"held", r->held},
                  {"rated", r->rated},
                  {"skipped", r->skipped},
                  {"perfect", r->perfect},
                  {"ruptures", r->ruptures},
                  {"repaired", r->repaired},
                  {"unrepaired", r->unrepaired},
                  {"acknowledged", r->acknowledged},
                  {"within_hour", r->within_hour},
                  {"within_day", r->within_day}};
    json_t *object = json_object(), *areas = json_object(), *open = json_array();
    json_object_set_new(object, "name", json_string(r->name));
    for (size_t at = 0; at < G_N_ELEMENTS(counts); at++) {
        json_object_set_new(object, counts[at].name, json_integer(counts[at].count));
    }
    for (size_t area = 0; area < AREAS && area < r->n_areas; area++) {
        json_object_set_new(areas, names[area], mean_json(r->areas[area]));
    }
    for (size_t age = 0; age < r->n_open; age++) {
        json_array_append_new(open, json_integer(r->open[age]));
    }
    json_object_set_new(object, "total", mean_json(r->total));
    json_object_set_new(object, "areas", areas);
    json_object_set_new(object, "open_by_age", open);
    json_object_set_new(object, "coverage", share_json(r->coverage));
    json_object_set_new(object, "repair", share_json(r->repair));
    return object;
}

/* --- pages --- */

static void ask(struct pages *p, Attune__Request *request)
{
    struct reporting *r = container_of(p, struct reporting, pages);
    attune__get_report__init(&r->body);
    r->body.kind = r->kind;
    r->body.weeks = r->weeks;
    r->body.after = r->after;
    request->body_case = ATTUNE__REQUEST__BODY_GET_REPORT;
    request->get_report = &r->body;
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct reporting *r = container_of(p, struct reporting, pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_REPORT) {
        return -1;
    }
    for (size_t at = 0; at < answer->report->n_rows; at++) {
        const Attune__ReportRow *row = answer->report->rows[at];
        add_row(r, row);
        json_array_append_new(r->array, row_json(row));
        g_free(r->after);
        r->after = g_strdup(row->name);
    }
    p->more = answer->report->more;
    return (int)answer->report->n_rows;
}

static int show(const struct reporting *r, bool json)
{
    if (json) {
        return show_json(json_incref(r->array));
    }
    char *figures = table_text(&r->figures), *areas = table_text(&r->areas);
    char *text = g_strdup_printf("%s\n%s", figures, areas);
    int rc = show_text(text);
    g_free(text);
    free(areas);
    free(figures);
    return rc;
}

static int kind_of(const char *word, Attune__ReportKind *ret_kind)
{
    static const char *const words[] = {"practice", "site", "therapist"};
    for (size_t at = 0; at < G_N_ELEMENTS(words); at++) {
        if (strcmp(word, words[at]) == 0) {
            *ret_kind = (Attune__ReportKind)(at + 1);
            return 0;
        }
    }
    return ERR_FIELD;
}

static enum exits run(const struct arguments *a)
{
    static const char *const figures[] = {"NAME",
                                          "WEEKS",
                                          "HELD",
                                          "RATED",
                                          "SKIPPED",
                                          "TOTAL",
                                          "HIGHEST",
                                          "RUPTURES",
                                          "REPAIRED",
                                          "OPEN <2 <6 older",
                                          "SEEN TO IN A DAY"};
    static const char *const areas[] = {"NAME", "UNDERSTANDING", "RELEVANCE",       "SAFETY",
                                        "FIT",  "RATED, CHANCE", "REPAIRED, CHANCE"};
    struct reporting r = {.pages = {.ask = ask, .take = take, .limit = UINT32_MAX}};
    if (kind_of(a->words[0], &r.kind) != 0 ||
        arguments_number(a->own[0], 1, LIMIT_REPORT_WEEKS, WEEKS, &r.weeks) != 0) {
        return command_misused(&command_report,
                               "WHAT is practice, site or therapist; --weeks is 1 to 52");
    }
    bool compares = r.kind == ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS;
    struct talk *t = g_new0(struct talk, 1);
    r.after = g_strdup("");
    r.array = json_array();
    table_init(&r.figures, figures, G_N_ELEMENTS(figures));
    table_init(&r.areas, areas, G_N_ELEMENTS(areas) - (compares ? 0 : 2));
    enum exits how = pages_run(&r.pages, t, a);
    if (how == EXITS_OK) {
        how = show(&r, t->json) == 0 ? EXITS_OK : EXITS_FAILED;
    }
    json_decref(r.array);
    table_fini(&r.areas);
    table_fini(&r.figures);
    g_free(r.after);
    talk_end(t);
    g_free(t);
    return how;
}

static const struct arguments_option options[] = {
    {"weeks", "N", "the last N finished weeks, 1 to 52; else 12"},
    {NULL, NULL, NULL},
};

const struct command command_report = {
    .name = "report",
    .words = "WHAT",
    .summary = "The last weeks by week (practice), by site or by therapist.",
    .table = {options, 1, 1},
    .notes =
        "A week with fewer than 5 clients is hidden, and left out of every figure. Therapists are\n"
        "compared with what chance alone does, never ranked, from 30 ratings on; \"!\" is beyond\n"
        "what chance does once in 500. A therapist sees their own.",
    .run = run,
};
