/* attune alerts: the therapist's alerts, red and amber, the newest first.
 *
 * Happy path: page after page until --limit.
 * Failure: a page that fails ends it; what came before is not shown, so that a list is whole or
 * absent. */
#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/pages.h"
#include "client/cli/show.h"
#include "client/cli/when.h"
#include "proto/wire/container_of.h"

enum { OPT_CLIENT, OPT_LIMIT, OPTIONS };
enum { LIMIT = 50, LIMIT_MAX = 100 * 1000 };

struct alerts {
    struct pages pages;
    char *client;
    Attune__ListAlerts body;
    struct table table;
    json_t *array;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct alerts *l = container_of(p, struct alerts, pages);
    attune__list_alerts__init(&l->body);
    l->body.client_ref = l->client;
    l->body.after_id = pages_after(p);
    l->body.limit = MIN(p->limit - p->taken, LIMIT_ALERTS_PAGE);
    request->body_case = ATTUNE__REQUEST__BODY_LIST_ALERTS;
    request->list_alerts = &l->body;
}

static void add(struct alerts *l, const Attune__Alert *alert)
{
    char id[HEX_ID] = "", when[WHEN_TEXT], scores[SHOW_SCORES];
    if (alert->alert_id.len == LIMIT_ID_SIZE) {
        hex_print(id, alert->alert_id.data, LIMIT_ID_SIZE);
    }
    when_local(when, alert->session_start_ms);
    show_scores(scores, alert->scores);
    const char *cells[] = {id,
                           when,
                           alert->client_ref,
                           show_tier(alert->tier),
                           alert->rule,
                           scores,
                           alert->received ? "yes" : "no",
                           alert->what};
    for (size_t cell = 0; cell < G_N_ELEMENTS(cells); cell++) {
        table_add(&l->table, cells[cell]);
    }
    json_array_append_new(l->array, show_alert_json(alert));
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct alerts *l = container_of(p, struct alerts, pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_ALERT_LIST) {
        return -1;
    }
    p->more = answer->alert_list->more;
    for (size_t at = 0; at < answer->alert_list->n_alerts; at++) {
        add(l, answer->alert_list->alerts[at]);
        pages_last(p, answer->alert_list->alerts[at]->alert_id);
    }
    return (int)answer->alert_list->n_alerts;
}

static enum exits run(const struct arguments *a)
{
    static const char *const headings[] = {"ALERT", "SESSION",         "CLIENT",   "TIER",
                                           "RULE",  "UND REL SAF FIT", "RECEIVED", "WHAT"};
    struct alerts l = {.pages = {.ask = ask, .take = take}};
    if (arguments_number(a->own[OPT_LIMIT], 1, LIMIT_MAX, LIMIT, &l.pages.limit) != 0) {
        return command_misused(&command_alerts, "--limit is 1 to 100000");
    }
    struct talk *t = g_new0(struct talk, 1);
    l.client = g_strdup(a->own[OPT_CLIENT] != NULL ? a->own[OPT_CLIENT] : "");
    l.array = json_array();
    table_init(&l.table, headings, G_N_ELEMENTS(headings));
    enum exits how = pages_run(&l.pages, t, a);
    if (how == EXITS_OK) {
        int rc = t->json ? show_json(json_incref(l.array)) : show_table(&l.table);
        how = rc == 0 ? EXITS_OK : EXITS_FAILED;
    }
    json_decref(l.array);
    table_fini(&l.table);
    g_free(l.client);
    talk_end(t);
    g_free(t);
    return how;
}

static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_CLIENT] = {"client", "REF", "of one client only"},
    [OPT_LIMIT] = {"limit", "N", "at most so many (50)"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_alerts = {
    .name = "alerts",
    .words = "",
    .summary = "The therapist's alerts, red and amber, the newest first.",
    .table = {options, 0, 0},
    .notes = "An alert is a prompt to ask, never a finding.",
    .run = run,
};
