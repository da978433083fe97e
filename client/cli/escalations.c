/* attune escalations: the practice's list of ruptures that need someone to ask after them.
 *
 * Happy path: page after page until --limit.
 * Failure: a page that fails ends it; what came before is not shown. */
#include "client/cli/command.h"
#include "client/cli/pages.h"
#include "client/cli/show.h"
#include "client/cli/when.h"
#include "proto/wire/container_of.h"

enum { LIMIT = 50, LIMIT_MAX = 100 * 1000 };

struct escalations {
    struct pages pages;
    Attune__ListEscalations body;
    struct table table;
    json_t *array;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct escalations *e = container_of(p, struct escalations, pages);
    attune__list_escalations__init(&e->body);
    e->body.after_id = pages_after(p);
    e->body.limit = MIN(p->limit - p->taken, LIMIT_ESCALATIONS_PAGE);
    request->body_case = ATTUNE__REQUEST__BODY_LIST_ESCALATIONS;
    request->list_escalations = &e->body;
}

static void add(struct escalations *e, const Attune__Escalation *row)
{
    char opened[WHEN_TEXT], escalated[WHEN_TEXT];
    when_local(opened, row->opened_ms);
    when_local(escalated, row->escalated_ms);
    const char *step = row->step[0] != '\0' ? row->step : "none";
    const char *cells[] = {row->therapist, row->site, row->state, opened, escalated, step};
    for (size_t cell = 0; cell < G_N_ELEMENTS(cells); cell++) {
        table_add(&e->table, cells[cell]);
    }
    json_array_append_new(e->array,
                          json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:s}", "escalation_id",
                                    show_id_json(row->escalation_id), "therapist", row->therapist,
                                    "site", row->site, "state", row->state, "opened",
                                    show_time_json(row->opened_ms), "escalated",
                                    show_time_json(row->escalated_ms), "step", row->step));
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct escalations *e = container_of(p, struct escalations, pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_ESCALATION_LIST) {
        return -1;
    }
    p->more = answer->escalation_list->more;
    for (size_t at = 0; at < answer->escalation_list->n_escalations; at++) {
        add(e, answer->escalation_list->escalations[at]);
        pages_last(p, answer->escalation_list->escalations[at]->escalation_id);
    }
    return (int)answer->escalation_list->n_escalations;
}

static enum exits run(const struct arguments *a)
{
    static const char *const headings[] = {"THERAPIST", "SITE",   "RUPTURE",
                                           "OPENED",    "LISTED", "STEP"};
    struct escalations e = {.pages = {.ask = ask, .take = take}};
    if (arguments_number(a->own[0], 1, LIMIT_MAX, LIMIT, &e.pages.limit) != 0) {
        return command_misused(&command_escalations, "--limit is 1 to 100000");
    }
    struct talk *t = g_new0(struct talk, 1);
    e.array = json_array();
    table_init(&e.table, headings, G_N_ELEMENTS(headings));
    enum exits how = pages_run(&e.pages, t, a);
    if (how == EXITS_OK) {
        int rc = t->json ? show_json(json_incref(e.array)) : show_table(&e.table);
        how = rc == 0 ? EXITS_OK : EXITS_FAILED;
    }
    json_decref(e.array);
    table_fini(&e.table);
    talk_end(t);
    g_free(t);
    return how;
}

static const struct arguments_option options[] = {
    {"limit", "N", "at most so many (50)"},
    {NULL, NULL, NULL},
};

const struct command command_escalations = {
    .name = "escalations",
    .words = "",
    .summary = "Ruptures that were not repaired, or have waited a working day, the newest first.",
    .table = {options, 0, 0},
    .notes =
        "Only where the practice's rules say so: escalate.unrepaired, escalate.unacknowledged.",
    .run = run,
};
