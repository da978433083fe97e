/* attune practice instruments | instrument NAME | set-instrument FILE: the wordings of the four
 * areas that the practice's kiosks offer, as its administrator.
 *
 * Happy path: the list says what is in force; one is shown as a file, edited under another version
 * and put. Failure: the server names the line and what is near; those in force stay. */
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/show.h"
#include "client/cli/table.h"
#include "client/cli/talk.h"
#include "proto/wire/err.h"

static int tell_list(struct talk *t, const Attune__Response *answer)
{
    static const char *const headings[] = {"INSTRUMENT", "OF", "IN FORCE"};
    if (answer->body_case != ATTUNE__RESPONSE__BODY_INSTRUMENT_LIST) {
        return ERR_MESSAGE;
    }
    struct table table;
    json_t *array = json_array();
    table_init(&table, headings, G_N_ELEMENTS(headings));
    for (size_t at = 0; at < answer->instrument_list->n_items; at++) {
        const Attune__InstrumentItem *item = answer->instrument_list->items[at];
        table_add(&table, item->name);
        table_add(&table, item->own ? "the practice" : "shipped");
        table_add(&table, item->in_force ? "yes" : "no");
        json_array_append_new(array, json_pack("{s:s, s:b, s:b}", "name", item->name, "own",
                                               item->own, "in_force", item->in_force));
    }
    int rc = t->json ? show_json(json_incref(array)) : show_table(&table);
    json_decref(array);
    table_fini(&table);
    return rc == 0 ? 0 : ERR_DISK;
}

static int tell_file(struct talk *t, const Attune__Response *answer)
{
    if (answer->body_case != ATTUNE__RESPONSE__BODY_INSTRUMENT) {
        return ERR_MESSAGE;
    }
    const char *file = answer->instrument->file;
    int rc = t->json ? show_json(json_pack("{s:s}", "file", file)) : show_text(file);
    return rc == 0 ? 0 : ERR_DISK;
}

static enum exits run_list(const struct arguments *a)
{
    Attune__ListInstruments body;
    Attune__Request request;
    attune__list_instruments__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_LIST_INSTRUMENTS;
    request.list_instruments = &body;
    return talk_once(a, &request, tell_list);
}

static enum exits run_show(const struct arguments *a)
{
    Attune__GetInstrument body;
    Attune__Request request;
    char *name = g_strdup(a->words[0]);
    attune__get_instrument__init(&body);
    body.name = name;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_GET_INSTRUMENT;
    request.get_instrument = &body;
    enum exits how = talk_once(a, &request, tell_file);
    g_free(name);
    return how;
}

static enum exits run_set(const struct arguments *a)
{
    char *file = NULL;
    enum exits failed = talk_read_file(a->words[0], LIMIT_INSTRUMENT_BYTES, &file);
    if (failed != EXITS_OK) {
        return failed;
    }
    Attune__PutInstrument body;
    Attune__Request request;
    attune__put_instrument__init(&body);
    body.file = file;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_INSTRUMENT;
    request.put_instrument = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(file);
    return how;
}

static const struct arguments_option none[] = {{NULL, NULL, NULL}};

const struct command command_practice_instruments = {
    .name = "practice instruments",
    .words = "",
    .summary = "The wordings of the four areas, and which of them the kiosks offer.",
    .table = {none, 0, 0},
    .notes = NULL,
    .run = run_list,
};
const struct command command_practice_instrument = {
    .name = "practice instrument",
    .words = "NAME",
    .summary = "One wording, as a file that set-instrument takes.",
    .table = {none, 1, 1},
    .notes = NULL,
    .run = run_show,
};
const struct command command_practice_set_instrument = {
    .name = "practice set-instrument",
    .words = "FILE",
    .summary = "Offer another wording, in its language and for its audience.",
    .table = {none, 1, 1},
    .notes = "What was put under a name never changes: another text needs another version. A file\n"
             "that is shipped puts the practice's own aside.",
    .run = run_set,
};
