/* attune ratings: one client's ratings, the newest first.
 *
 * Happy path: page after page until --limit.
 * Failure: a page that fails ends it; what came before is not shown, so that a list is whole or
 * absent. */
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/pages.h"
#include "client/cli/show.h"
#include "client/cli/when.h"
#include "proto/wire/container_of.h"

enum { OPT_CLIENT, OPT_LIMIT, OPTIONS };
enum { LIMIT = 100, LIMIT_MAX = 100 * 1000 };

struct ratings {
    struct pages pages;
    char *client;
    Attune__ListRatings body;
    struct table table;
    json_t *array;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct ratings *r = container_of(p, struct ratings, pages);
    attune__list_ratings__init(&r->body);
    r->body.client_ref = r->client;
    r->body.after_id = pages_after(p);
    r->body.limit = MIN(p->limit - p->taken, LIMIT_RATINGS_PAGE);
    request->body_case = ATTUNE__REQUEST__BODY_LIST_RATINGS;
    request->list_ratings = &r->body;
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct ratings *r = container_of(p, struct ratings, pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_RATING_LIST) {
        return -1;
    }
    p->more = answer->rating_list->more;
    for (size_t at = 0; at < answer->rating_list->n_ratings; at++) {
        const Attune__StoredRating *s = answer->rating_list->ratings[at];
        char start[WHEN_TEXT], made[WHEN_TEXT], scores[SHOW_SCORES];
        when_local(start, s->session_start_ms);
        when_local(made, s->made_at_ms);
        show_scores(scores, s->skipped ? NULL : s->scores);
        const char *cells[] = {start, made, scores, show_talk(s->talk)};
        for (size_t cell = 0; cell < G_N_ELEMENTS(cells); cell++) {
            table_add(&r->table, cells[cell]);
        }
        json_array_append_new(r->array, show_rating_json(s));
        pages_last(p, s->rating_id);
    }
    return (int)answer->rating_list->n_ratings;
}

static enum exits run(const struct arguments *a)
{
    static const char *const headings[] = {"SESSION", "RATED", "UND REL SAF FIT", "TALK"};
    struct ratings r = {.pages = {.ask = ask, .take = take}};
    if (a->own[OPT_CLIENT] == NULL ||
        arguments_number(a->own[OPT_LIMIT], 1, LIMIT_MAX, LIMIT, &r.pages.limit) != 0) {
        return command_misused(&command_ratings, "--client REF is needed; --limit is 1 to 100000");
    }
    struct talk *t = g_new0(struct talk, 1);
    r.client = g_strdup(a->own[OPT_CLIENT]);
    r.array = json_array();
    table_init(&r.table, headings, G_N_ELEMENTS(headings));
    enum exits how = pages_run(&r.pages, t, a);
    if (how == EXITS_OK) {
        int rc = t->json ? show_json(json_incref(r.array)) : show_table(&r.table);
        how = rc == 0 ? EXITS_OK : EXITS_FAILED;
    }
    json_decref(r.array);
    table_fini(&r.table);
    g_free(r.client);
    talk_end(t);
    g_free(t);
    return how;
}

static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_CLIENT] = {"client", "REF", "the client's pseudonym"},
    [OPT_LIMIT] = {"limit", "N", "at most so many (100)"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_ratings = {
    .name = "ratings",
    .words = "",
    .summary = "One client's ratings, the newest first. \"-\" is an area that was not answered.",
    .table = {options, 0, 0},
    .notes = NULL,
    .run = run,
};
