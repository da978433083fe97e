/* attune practice retention: how long sites keep courses, what would go, and its going.
 *
 * Happy path: page after page until all courses are looked at, or are gone; then the rows, page
 * after page; then one table. The run names the dry run's word, so that what was shown is what
 * goes. Failure: the server's sentence; a run that was stopped goes on with the same word. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/practice.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/when.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

enum { OPT_SITE, OPT_YEARS, OPT_FROM, OPT_NIGHTLY, OPT_DRY_RUN, OPT_RUN, OPTIONS };
enum { COUNTS = 10, PLANNED = 5, CELL = 16 }; /* A plan has the first ones. */

static const char *const kinds[COUNTS] = {"courses", "clients",    "sessions", "tickets", "ratings",
                                          "alerts",  "deliveries", "ruptures", "moves",   "goals"};

/* --- how long --- */

static int night_of(const char *word, Attune__Night *ret_night)
{
    *ret_night = ATTUNE__NIGHT__NIGHT_AS_IT_WAS;
    if (word == NULL) {
        return 0;
    }
    *ret_night = strcmp(word, "on") == 0 ? ATTUNE__NIGHT__NIGHT_ON : ATTUNE__NIGHT__NIGHT_OFF;
    return strcmp(word, "on") == 0 || strcmp(word, "off") == 0 ? 0 : ERR_FIELD;
}

static enum exits put(const struct arguments *a)
{
    Attune__PutRetention body;
    Attune__Request request;
    attune__put_retention__init(&body);
    bool site = a->own[OPT_SITE] != NULL, years = a->own[OPT_YEARS] != NULL;
    bool forever = years && strcmp(a->own[OPT_YEARS], "all") == 0;
    if (site != years || (a->own[OPT_FROM] != NULL && !site)) {
        return command_misused(&command_practice_retention, "--site and --years go together");
    }
    if (!forever &&
        arguments_number(a->own[OPT_YEARS], 1, LIMIT_RETENTION_YEARS, 0, &body.years) != 0) {
        return command_misused(&command_practice_retention, "--years is 1 to 100, or all");
    }
    if (a->own[OPT_FROM] != NULL && strcmp(a->own[OPT_FROM], "last-session") != 0) {
        return command_misused(&command_practice_retention, "--from is last-session");
    }
    if (night_of(a->own[OPT_NIGHTLY], &body.night) != 0) {
        return command_misused(&command_practice_retention, "--nightly is on or off");
    }
    char *name = g_strdup(site ? a->own[OPT_SITE] : "");
    body.site = name;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_RETENTION;
    request.put_retention = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(name);
    return how;
}

/* --- what would go, what has gone --- */

struct looking {
    uint8_t plan_id[LIMIT_ID_SIZE];
    const char *word; /* NULL: a dry run. */
    char *site;       /* Of the last row that came. */
    uint32_t year;
    size_t kinds;
    uint64_t total[COUNTS];
    struct table table;
    json_t *rows;
};

static int ask(struct looking *l, struct talk *t, Attune__Response **ret_answer)
{
    Attune__Request request;
    Attune__PlanRetention plan;
    Attune__RunRetention run;
    Attune__RetentionPlace place;
    attune__request__init(&request);
    attune__plan_retention__init(&plan);
    attune__run_retention__init(&run);
    attune__retention_place__init(&place);
    char *word = g_strdup(l->word != NULL ? l->word : "");
    place.site = l->site;
    place.year = l->year;
    plan.plan_id = (ProtobufCBinaryData){sizeof l->plan_id, l->plan_id};
    run.word = word;
    plan.after = run.after = l->site != NULL ? &place : NULL;
    if (l->word == NULL) {
        request.body_case = ATTUNE__REQUEST__BODY_PLAN_RETENTION;
        request.plan_retention = &plan;
    } else {
        request.body_case = ATTUNE__REQUEST__BODY_RUN_RETENTION;
        request.run_retention = &run;
    }
    int rc = talk_ask(t, &request, ret_answer);
    g_free(word);
    return rc;
}

static void add_number(struct table *t, uint64_t number)
{
    char cell[CELL];
    (void)snprintf(cell, sizeof cell, "%" PRIu64, number);
    table_add(t, cell);
}

static void add_row(struct looking *l, const Attune__RetentionRow *row)
{
    json_t *object = json_pack("{s:s, s:i}", "site", row->site, "year", (int)row->year);
    table_add(&l->table, row->site);
    add_number(&l->table, row->year);
    for (size_t at = 0; at < l->kinds; at++) {
        uint32_t count = at < row->n_counts ? row->counts[at] : 0;
        l->total[at] += count;
        add_number(&l->table, count);
    }
    for (size_t at = 0; at < COUNTS && at < row->n_counts; at++) { /* All that was told. */
        json_object_set_new(object, kinds[at], json_integer(row->counts[at]));
    }
    json_array_append_new(l->rows, object);
    g_free(l->site);
    l->site = g_strdup(row->site);
    l->year = row->year;
}

/* Until it is at its end and all rows are here. *ret_last is the last page. */
static int all_pages(struct looking *l, struct talk *t, Attune__Response **ret_last)
{
    for (;;) {
        Attune__Response *answer = NULL;
        int rc = ask(l, t, &answer);
        if (rc != 0) {
            return rc;
        }
        attune__response__free_unpacked(*ret_last, NULL);
        *ret_last = answer;
        if (answer->body_case != ATTUNE__RESPONSE__BODY_RETENTION_PLANNED &&
            answer->body_case != ATTUNE__RESPONSE__BODY_RETENTION_RUN) {
            return ERR_MESSAGE;
        }
        const Attune__Retention *page = answer->retention_run;
        for (size_t at = 0; at < page->n_rows; at++) {
            add_row(l, page->rows[at]);
        }
        if (!page->more && (!page->more_rows || page->n_rows == 0)) {
            return 0;
        }
    }
}

static void add_rows(struct looking *l, GString *text)
{
    table_add(&l->table, "all");
    table_add(&l->table, "");
    for (size_t at = 0; at < l->kinds; at++) {
        add_number(&l->table, l->total[at]);
    }
    char *rows = table_text(&l->table);
    g_string_append(text, rows);
    free(rows); /* Not GLib's. */
}

static int show_plan(struct looking *l, const Attune__Retention *p)
{
    char when[WHEN_TEXT];
    when_local(when, p->made_ms);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "Would go, as of %s: %" PRIu32 " courses", when, p->courses);
    if (p->held > 0) {
        g_string_append_printf(text, "; %" PRIu32 " more but for a hold", p->held);
    }
    g_string_append(text, ".\n");
    if (p->courses > 0) {
        add_rows(l, text);
        g_string_append_printf(
            text,
            "Reports and counts stay. Within a week, this and no more goes with\n"
            "  attune practice retention --run %s\n",
            p->word);
    }
    int rc = show_text(text->str);
    (void)g_string_free(text, TRUE);
    return rc;
}

static int show_certificate(struct looking *l, const Attune__Retention *p)
{
    char shown[WHEN_TEXT], begun[WHEN_TEXT], finished[WHEN_TEXT];
    when_local(shown, p->made_ms);
    when_local(begun, p->begun_ms);
    when_local(finished, p->finished_ms);
    GString *text = g_string_new("Certificate of what has gone for good\n");
    g_string_append_printf(text, "word      %s\nshown     %s by %s: %" PRIu32 " courses\n", p->word,
                           shown, p->made_by, p->courses);
    g_string_append_printf(text, "run       %s to %s by %s: %" PRIu32 " courses", begun, finished,
                           p->run_by, p->gone);
    if (p->kept > 0) {
        g_string_append_printf(text, "; %" PRIu32 " kept, changed or held since", p->kept);
    }
    g_string_append_printf(text, "\nids       SHA-256 %s\nkept as   SHA-256 %s\nsigned    %s\n",
                           p->ids_sha256, p->certificate_sha256,
                           p->signer[0] == '\0' ? "no" : p->signer);
    if (p->signature_wrong) {
        g_string_append(text,
                        "          WRONG: it was changed since, or no server of this practice "
                        "has signed it\n");
    }
    add_rows(l, text);
    int rc = show_text(text->str);
    (void)g_string_free(text, TRUE);
    return rc;
}

static int show_retention_json(struct looking *l, const Attune__Retention *p)
{
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:o, s:s, s:o, s:o, s:s, s:s, s:s, s:b, s:O}",
                  "word", p->word, "courses", (json_int_t)p->courses, "held", (json_int_t)p->held,
                  "gone", (json_int_t)p->gone, "kept", (json_int_t)p->kept, "shown_by", p->made_by,
                  "shown", show_time_json(p->made_ms), "run_by", p->run_by, "begun",
                  show_time_json(p->begun_ms), "finished", show_time_json(p->finished_ms),
                  "ids_sha256", p->ids_sha256, "certificate_sha256", p->certificate_sha256,
                  "signer", p->signer, "signature_wrong", (int)p->signature_wrong, "rows", l->rows);
    return show_json(object);
}

static enum exits look(const struct arguments *a)
{
    static const char *const headings[] = {"SITE",       "YEAR",     "COURSES", "CLIENTS",
                                           "SESSIONS",   "TICKETS",  "RATINGS", "ALERTS",
                                           "DELIVERIES", "RUPTURES", "MOVES",   "GOALS"};
    struct looking l = {.word = a->own[OPT_RUN], .rows = json_array()};
    l.kinds = l.word == NULL ? PLANNED : COUNTS;
    struct talk *t = g_new0(struct talk, 1);
    Attune__Response *last = NULL;
    talk_random_id(l.plan_id);
    table_init(&l.table, headings, G_N_ELEMENTS(headings) - COUNTS + l.kinds);
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t);
        how = talk_explain(t, all_pages(&l, t, &last));
    }
    if (how == EXITS_OK) {
        must(last != NULL); /* All pages are there. */
        const Attune__Retention *p = last->retention_run;
        int rc = t->json          ? show_retention_json(&l, p)
                 : l.word == NULL ? show_plan(&l, p)
                                  : show_certificate(&l, p);
        how = rc == 0 ? EXITS_OK : EXITS_FAILED;
    }
    attune__response__free_unpacked(last, NULL);
    json_decref(l.rows);
    table_fini(&l.table);
    g_free(l.site);
    talk_end(t);
    g_free(t);
    return how;
}

static enum exits run(const struct arguments *a)
{
    bool looks = a->own[OPT_DRY_RUN] != NULL || a->own[OPT_RUN] != NULL;
    bool sets = a->own[OPT_SITE] != NULL || a->own[OPT_YEARS] != NULL || a->own[OPT_FROM] != NULL ||
                a->own[OPT_NIGHTLY] != NULL;
    if ((looks && sets) || (a->own[OPT_DRY_RUN] != NULL && a->own[OPT_RUN] != NULL)) {
        return command_misused(&command_practice_retention, "one thing at a time");
    }
    if (looks) {
        return look(a);
    }
    return sets ? put(a) : practice_list(a, ATTUNE__PRACTICE_KIND__PRACTICE_RETENTION);
}

static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_SITE] = {"site", "NAME", "whose time is set"},
    [OPT_YEARS] = {"years", "N", "so long after a course's last session; all: for ever"},
    [OPT_FROM] = {"from", "WHAT", "last-session, as it is anyway"},
    [OPT_NIGHTLY] = {"nightly", "ON", "on: what is too old goes by itself, each night; off"},
    [OPT_DRY_RUN] = {"dry-run", NULL, "what would go: counts, and a word for the run"},
    [OPT_RUN] = {"run", "WORD", "what that dry run has shown goes; again: its certificate"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_practice_retention = {
    .name = "practice retention",
    .words = "",
    .summary = "How long each site keeps a course; what is too old, and its going.",
    .table = {options, 0, 0},
    .notes =
        "Without options: the sites and their times. A course goes as a whole, its client with\n"
        "the last one; of two sites the longer time counts. A hold stops it: practice hold.",
    .run = run,
};
