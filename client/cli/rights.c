/* attune practice cover | end-cover | supervise | end-supervision | covers | supervisions |
 * end-client: who may see whose clients; attune looks | looks seen: who has looked at one's own.
 *
 * Happy path: one request, answered Done; sent twice it changes nothing. Failure: the server's
 * sentence. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/when.h"
#include "proto/wire/err.h"

static char *text(const char *option)
{
    return g_strdup(option != NULL ? option : "");
}

/* "2027-03-01": its first moment here, or with `end` the first one after it. */
static int day(const char *word, bool end, int64_t *ret_ms)
{
    char whole[32];
    GTimeZone *here = g_time_zone_new_local();
    (void)snprintf(whole, sizeof whole, "%.11sT00:00:00", word != NULL ? word : "");
    int rc = when_parse(whole, here, ret_ms);
    if (rc == 0 && end) {
        GDateTime *first = g_date_time_new_from_unix_utc(*ret_ms / 1000);
        GDateTime *there = g_date_time_to_timezone(first, here);
        GDateTime *next = g_date_time_add_days(there, 1);
        *ret_ms = g_date_time_to_unix(next) * 1000;
        g_date_time_unref(next);
        g_date_time_unref(there);
        g_date_time_unref(first);
    }
    g_time_zone_unref(here);
    return rc;
}

/* --- cover --- */

enum { COVER_BY, COVER_UNTIL };

static enum exits cover(const struct arguments *a, const struct command *c, bool ends)
{
    Attune__PutCover body;
    Attune__Request request;
    attune__put_cover__init(&body);
    if (a->own[COVER_BY] == NULL ||
        (!ends && day(a->own[COVER_UNTIL], true, &body.until_ms) != 0)) {
        return command_misused(c, ends ? "--by CODE is needed"
                                       : "--by CODE and --until DATE (2027-03-31) are needed");
    }
    char *therapist = text(a->words[0]), *by = text(a->own[COVER_BY]);
    body.therapist = therapist;
    body.by = by;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_COVER;
    request.put_cover = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(therapist);
    g_free(by);
    return how;
}

static enum exits run_cover(const struct arguments *a)
{
    return cover(a, &command_practice_cover, false);
}

static enum exits run_end_cover(const struct arguments *a)
{
    return cover(a, &command_practice_end_cover, true);
}

/* --- supervision --- */

enum { SUPERVISE_THERAPIST, SUPERVISE_SITE, SUPERVISE_FROM, SUPERVISE_TO };

static enum exits supervise(const struct arguments *a, const struct command *c, bool ends)
{
    Attune__PutSupervision body;
    Attune__Request request;
    attune__put_supervision__init(&body);
    if ((a->own[SUPERVISE_THERAPIST] == NULL) == (a->own[SUPERVISE_SITE] == NULL)) {
        return command_misused(c, "either --therapist CODE or --site NAME is needed");
    }
    if (!ends && (day(a->own[SUPERVISE_FROM], false, &body.from_ms) != 0 ||
                  day(a->own[SUPERVISE_TO], true, &body.until_ms) != 0)) {
        return command_misused(c, "--from DATE and --to DATE (2027-03-31) are needed");
    }
    char *supervisor = text(a->words[0]), *therapist = text(a->own[SUPERVISE_THERAPIST]);
    char *site = text(a->own[SUPERVISE_SITE]);
    body.supervisor = supervisor;
    body.therapist = therapist;
    body.site = site;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_SUPERVISION;
    request.put_supervision = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(supervisor);
    g_free(therapist);
    g_free(site);
    return how;
}

static enum exits run_supervise(const struct arguments *a)
{
    return supervise(a, &command_practice_supervise, false);
}

static enum exits run_end_supervision(const struct arguments *a)
{
    return supervise(a, &command_practice_end_supervision, true);
}

/* --- end-client --- */

static enum exits run_end_client(const struct arguments *a)
{
    Attune__EndCourse body;
    Attune__Request request;
    if (a->own[0] == NULL) {
        return command_misused(&command_practice_end_client, "--therapist is needed");
    }
    char *client = text(a->words[0]), *therapist = text(a->own[0]);
    attune__end_course__init(&body);
    body.client_ref = client;
    body.therapist = therapist;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_END_COURSE;
    request.end_course = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(client);
    g_free(therapist);
    return how;
}

/* --- lists --- */

static void add_right(struct table *table, json_t *array, const Attune__Right *r)
{
    char from[WHEN_TEXT], until[WHEN_TEXT];
    when_local(from, r->from_ms);
    when_local(until, r->until_ms);
    table_add(table, r->person);
    table_add(table, r->therapist[0] != '\0' ? r->therapist : r->site);
    table_add(table, from);
    table_add(table, until);
    when_rfc3339(from, r->from_ms);
    when_rfc3339(until, r->until_ms);
    json_array_append_new(array,
                          json_pack("{s:s, s:s, s:s, s:s, s:s}", "person", r->person, "therapist",
                                    r->therapist, "site", r->site, "from", from, "until", until));
}

static int tell_rights(struct talk *t, const Attune__Response *answer, Attune__ActKind kind)
{
    static const char *const headings[] = {"WHO", "FOR", "FROM", "UNTIL"};
    struct table table;
    if (answer->body_case != ATTUNE__RESPONSE__BODY_RIGHT_LIST) {
        return ERR_MESSAGE;
    }
    json_t *array = json_array();
    table_init(&table, headings, G_N_ELEMENTS(headings));
    for (size_t i = 0; i < answer->right_list->n_rights; i++) {
        if (answer->right_list->rights[i]->kind == kind) {
            add_right(&table, array, answer->right_list->rights[i]);
        }
    }
    int rc = t->json ? show_json(json_incref(array)) : show_table(&table);
    json_decref(array);
    table_fini(&table);
    return rc;
}

static int tell_covers(struct talk *t, const Attune__Response *answer)
{
    return tell_rights(t, answer, ATTUNE__ACT_KIND__ACT_COVER);
}

static int tell_supervisions(struct talk *t, const Attune__Response *answer)
{
    return tell_rights(t, answer, ATTUNE__ACT_KIND__ACT_SUPERVISION);
}

static enum exits list(const struct arguments *a, talk_tell_cb tell)
{
    Attune__ListRights body = ATTUNE__LIST_RIGHTS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_RIGHTS;
    request.list_rights = &body;
    return talk_once(a, &request, tell);
}

static enum exits run_covers(const struct arguments *a)
{
    return list(a, tell_covers);
}

static enum exits run_supervisions(const struct arguments *a)
{
    return list(a, tell_supervisions);
}

/* --- looks --- */

static int tell_looks(struct talk *t, const Attune__Response *answer)
{
    static const char *const headings[] = {"WHEN", "WHO", "CLIENT", "WHY", "SEEN", "ID"};
    struct table table;
    if (answer->body_case != ATTUNE__RESPONSE__BODY_LOOK_LIST) {
        return ERR_MESSAGE;
    }
    json_t *array = json_array();
    table_init(&table, headings, G_N_ELEMENTS(headings));
    for (size_t i = 0; i < answer->look_list->n_looks; i++) {
        const Attune__Look *look = answer->look_list->looks[i];
        char when[WHEN_TEXT], id[HEX_ID] = "";
        when_local(when, look->at_ms);
        hex_print(id, look->look_id.data, look->look_id.len == LIMIT_ID_SIZE ? LIMIT_ID_SIZE : 0);
        table_add(&table, when);
        table_add(&table, look->by);
        table_add(&table, look->client_ref);
        table_add(&table, look->reason);
        table_add(&table, look->seen ? "yes" : "no");
        table_add(&table, id);
        when_rfc3339(when, look->at_ms);
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "look_id", id, "at", when,
                                        "by", look->by, "client", look->client_ref, "reason",
                                        look->reason, "seen", (int)look->seen));
    }
    int rc = t->json ? show_json(json_incref(array)) : show_table(&table);
    json_decref(array);
    table_fini(&table);
    return rc;
}

static enum exits run_looks(const struct arguments *a)
{
    Attune__ListLooks body = ATTUNE__LIST_LOOKS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_LOOKS;
    request.list_looks = &body;
    return talk_once(a, &request, tell_looks);
}

static enum exits run_seen(const struct arguments *a)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__SeenLook body = ATTUNE__SEEN_LOOK__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    if (hex_id_parse(a->words[0], id) != 0) {
        return command_misused(&command_looks_seen, "ID is 32 hex digits: see attune looks");
    }
    body.look_id = (ProtobufCBinaryData){sizeof id, id};
    request.body_case = ATTUNE__REQUEST__BODY_SEEN_LOOK;
    request.seen_look = &body;
    return talk_once(a, &request, talk_tell_done);
}

/* --- the tables --- */

static const struct arguments_option cover_options[] = {
    [COVER_BY] = {"by", "CODE", "who covers: reads and acts in the other one's place"},
    [COVER_UNTIL] = {"until", "DATE", "the last day of it, 60 days from now at most: 2027-03-31"},
    {NULL, NULL, NULL},
};
static const struct arguments_option end_cover_options[] = {
    [COVER_BY] = {"by", "CODE", "who covers"},
    {NULL, NULL, NULL},
};
static const struct arguments_option supervise_options[] = {
    [SUPERVISE_THERAPIST] = {"therapist", "CODE", "whose sessions; or"},
    [SUPERVISE_SITE] = {"site", "NAME", "those of everyone there"},
    [SUPERVISE_FROM] = {"from", "DATE", "the first day"},
    [SUPERVISE_TO] = {"to", "DATE", "the last day: before and after there is nothing to see"},
    {NULL, NULL, NULL},
};
static const struct arguments_option end_supervision_options[] = {
    [SUPERVISE_THERAPIST] = {"therapist", "CODE", "of whom; or"},
    [SUPERVISE_SITE] = {"site", "NAME", "of which site"},
    {NULL, NULL, NULL},
};
static const struct arguments_option end_client_options[] = {
    {"therapist", "CODE", "whose client"},
    {NULL, NULL, NULL},
};

const struct command command_practice_cover = {
    .name = "practice cover",
    .words = "CODE",
    .summary = "Let a colleague see a therapist's clients and act in their place, for a while.",
    .table = {cover_options, 1, 1},
    .run = run_cover,
};
const struct command command_practice_end_cover = {
    .name = "practice end-cover",
    .words = "CODE",
    .summary = "End a cover now.",
    .table = {end_cover_options, 1, 1},
    .run = run_end_cover,
};
const struct command command_practice_covers = {
    .name = "practice covers",
    .words = "",
    .summary = "The covers that are not over.",
    .table = {NULL, 0, 0},
    .run = run_covers,
};
const struct command command_practice_supervise = {
    .name = "practice supervise",
    .words = "CODE",
    .summary = "Let a supervisor read the sessions of some dates, during these dates.",
    .table = {supervise_options, 1, 1},
    .run = run_supervise,
};
const struct command command_practice_end_supervision = {
    .name = "practice end-supervision",
    .words = "CODE",
    .summary = "End a supervision now.",
    .table = {end_supervision_options, 1, 1},
    .run = run_end_supervision,
};
const struct command command_practice_supervisions = {
    .name = "practice supervisions",
    .words = "",
    .summary = "The supervisions that are not over.",
    .table = {NULL, 0, 0},
    .run = run_supervisions,
};
const struct command command_practice_end_client = {
    .name = "practice end-client",
    .words = "REF",
    .summary = "End a course: its therapist sees no more of it. add-client opens it again.",
    .table = {end_client_options, 1, 1},
    .run = run_end_client,
};
const struct command command_looks = {
    .name = "looks",
    .words = "",
    .summary = "Who has looked at your clients without being their therapist, and why.",
    .table = {NULL, 0, 0},
    .run = run_looks,
};
const struct command command_looks_seen = {
    .name = "looks seen",
    .words = "ID",
    .summary = "You know of it: it is not shown as new any more.",
    .table = {NULL, 1, 1},
    .run = run_seen,
};
