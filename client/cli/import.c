/* attune import: half a year of another system's sessions, as ratings through the protocol.
 *
 * Happy path: read the file, send what the practice is made of (sites, then rooms and therapists,
 * then clients), then a rating a line, up to 32 unanswered at a time. The outbox of the kiosk does
 * the sending: busy servers, lost connections and resends are its business, and ids made from the
 * lines make a second run a resend. Failure: a bad line is said by number and reason and left out;
 * so is one that the server refuses. A server that stays away ends it; what was stored is stored,
 * and the next run goes on. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/command.h"
#include "client/cli/import_line.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/kiosk/outbox.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { OPT_TIME_ZONE, OPTIONS };
enum { IN_FLIGHT = 32, LINE_SIZE = 4096, AHEAD = 256, PERCENT = 10 };

/* What depends on what: each phase is over before the next begins. */
enum phase { SITES, ROOMS_AND_THERAPISTS, CLIENTS, RATINGS, PHASES };

/* One thing to be sent. */
struct job {
    struct link_request ask;
    struct import *import;
    uint8_t id[LIMIT_ID_SIZE];
    unsigned line; /* Where it was first mentioned. */
    Attune__Request *request;
};

struct import {
    struct talk talk;
    struct outbox outbox;
    GPtrArray *phases[PHASES]; /* Of jobs, in the order of the file. */
    GHashTable *known;         /* Ids of all jobs there are, so that each is made once. */
    GHashTable *open;          /* Jobs in the outbox by id. */
    enum phase phase;
    guint next; /* The next job of this phase to go into the outbox. */
    GSource *clock, *patience;
    unsigned lines, stored, again, bad, missed, settled, told_percent;
};

static guint hash_id(gconstpointer id)
{
    guint hash;
    memcpy(&hash, id, sizeof hash);
    return hash;
}

static gboolean same_id(gconstpointer left, gconstpointer right)
{
    return memcmp(left, right, LIMIT_ID_SIZE) == 0;
}

static void bad_line(struct import *m, unsigned line, const char *reason)
{
    m->bad++;
    fprintf(stderr, "attune: line %u left out: %s\n", line, reason);
}

/* --- reading --- */

/* A request that lives on its own, as protobuf-c makes them when unpacking. */
static Attune__Request *own(const Attune__Request *request)
{
    size_t size = attune__request__get_packed_size(request);
    uint8_t *bytes = g_malloc(size + 1);
    attune__request__pack(request, bytes);
    Attune__Request *made = attune__request__unpack(NULL, size, bytes);
    must(made != NULL); /* It was one a line ago. */
    g_free(bytes);
    return made;
}

/* False: that id is there already. */
static bool add_job(struct import *m, enum phase phase, const uint8_t *id, unsigned line,
                    const Attune__Request *request)
{
    if (g_hash_table_contains(m->known, id)) {
        return false;
    }
    struct job *job = g_new0(struct job, 1);
    job->import = m;
    job->line = line;
    job->request = own(request);
    memcpy(job->id, id, LIMIT_ID_SIZE);
    g_ptr_array_add(m->phases[phase], job);
    g_hash_table_add(m->known, job->id);
    return true;
}

static void free_job(gpointer data)
{
    struct job *job = data;
    attune__request__free_unpacked(job->request, NULL);
    g_free(job);
}

/* The site, room, therapist and client of a line, each once. */
static void add_practice(struct import *m, const struct import_line *i, char *site, unsigned line)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__PutSite put_site;
    Attune__PutRoom put_room;
    Attune__PutTherapist put_therapist;
    Attune__PutClient put_client;
    Attune__Request request;
    attune__put_site__init(&put_site);
    attune__put_room__init(&put_room);
    attune__put_therapist__init(&put_therapist);
    attune__put_client__init(&put_client);
    put_site.name = put_room.site = put_therapist.site = site;
    put_room.name = i->message.room;
    put_therapist.code = put_client.therapist = i->message.therapist;
    put_client.client_ref = i->message.client_ref;

    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_SITE;
    request.put_site = &put_site;
    import_id(id, "site", &i->fields[IMPORT_SITE], 1);
    (void)add_job(m, SITES, id, line, &request);

    request.body_case = ATTUNE__REQUEST__BODY_PUT_ROOM;
    request.put_room = &put_room;
    import_id(id, "room", &i->fields[IMPORT_ROOM], 1);
    (void)add_job(m, ROOMS_AND_THERAPISTS, id, line, &request);

    request.body_case = ATTUNE__REQUEST__BODY_PUT_THERAPIST;
    request.put_therapist = &put_therapist;
    import_id(id, "therapist", &i->fields[IMPORT_THERAPIST], 1);
    (void)add_job(m, ROOMS_AND_THERAPISTS, id, line, &request);

    request.body_case = ATTUNE__REQUEST__BODY_PUT_CLIENT;
    request.put_client = &put_client;
    const char *course[] = {i->fields[IMPORT_CLIENT], i->fields[IMPORT_THERAPIST]};
    import_id(id, "client", course, G_N_ELEMENTS(course));
    (void)add_job(m, CLIENTS, id, line, &request);
}

static void add_line(struct import *m, char *text, unsigned line, GTimeZone *zone)
{
    struct import_line i;
    m->lines++;
    if (import_line(&i, text, zone) != 0) {
        bad_line(m, line, i.why);
        return;
    }
    if (i.missed) {
        m->missed++;
        return;
    }
    Attune__Request request;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_IMPORT_RATING;
    request.import_rating = &i.message;
    if (!add_job(m, RATINGS, i.rating_id, line, &request)) {
        bad_line(m, line, "the same session as in a line before");
        return;
    }
    add_practice(m, &i, text + (i.fields[IMPORT_SITE] - text), line);
}

static enum exits read_file(struct import *m, const char *path, GTimeZone *zone)
{
    char text[LINE_SIZE], why[512];
    FILE *file = fopen(path, "re");
    unsigned line = 0;
    if (file == NULL) {
        g_snprintf(why, sizeof why, "%s: %s", path, g_strerror(errno));
        (void)talk_fail(ERR_FIELD, why);
        return EXITS_FAILED;
    }
    bool whole = true;
    while (fgets(text, sizeof text, file) != NULL) {
        bool began = whole;
        whole = strchr(text, '\n') != NULL || feof(file);
        line += began ? 1 : 0;
        if (!began || (line == 1 && import_is_heading(text))) {
            continue; /* The rest of a line that was too long and is told already. */
        }
        if (!whole) {
            m->lines++;
            bad_line(m, line, "longer than 4095 bytes");
        } else if (text[strspn(text, "\r\n")] != '\0') {
            add_line(m, text, line, zone);
        }
    }
    bool failed = ferror(file) != 0;
    (void)fclose(file); /* Only read. */
    return failed ? talk_fail(ERR_FIELD, "the file cannot be read") : EXITS_OK;
}

/* --- progress --- */

static void progress(struct import *m)
{
    unsigned total = m->phases[RATINGS]->len, percent = total > 0 ? 100 * m->settled / total : 100;
    bool terminal = isatty(STDERR_FILENO) == 1;
    if (percent < m->told_percent + (terminal ? 1 : PERCENT)) {
        return;
    }
    m->told_percent = terminal ? percent : percent / PERCENT * PERCENT;
    if (terminal) {
        fprintf(stderr, "\rimport: %u %%%s", percent, percent == 100 ? "\n" : "");
    } else {
        fprintf(stderr, "import: %u %%\n", m->told_percent);
    }
}

static void be_patient(struct import *m)
{
    g_source_set_ready_time(m->patience, (link_now_ms() + m->talk.timeout_ms) * 1000);
}

/* --- sending --- */

static void pump(struct import *m);

static void settle(struct import *m, struct job *job)
{
    be_patient(m);
    m->settled += m->phase == RATINGS ? 1 : 0;
    g_hash_table_remove(m->open, job->id);
    outbox_forget(&m->outbox, job->id);
    if (m->phase == RATINGS) {
        progress(m);
    }
}

/* The server's last word on a line, unlike on a kiosk's record: anything about the line itself. */
static bool refused(int rc)
{
    return rc > -400 && rc <= -300 ? true : rc == ERR_FIELD || rc == ERR_MESSAGE;
}

static void on_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct job *job = container_of(r, struct job, ask);
    struct import *m = job->import;
    if (rc == 0) {
        bool rating = response->body_case == ATTUNE__RESPONSE__BODY_RATING_STORED;
        m->again += rating && response->rating_stored->again ? 1 : 0;
        m->stored += rating && !response->rating_stored->again ? 1 : 0;
        settle(m, job);
    } else if (exits_of(rc) == EXITS_NOT_ALLOWED) {
        g_strlcpy(m->talk.why, response != NULL ? response->error->text : err_text(rc),
                  sizeof m->talk.why);
        talk_stop(&m->talk, rc);
    } else if (refused(rc)) {
        bad_line(m, job->line, response->error->text);
        settle(m, job);
    } else if (rc != ERR_CLOSED && rc != ERR_CANCELED) {
        uint32_t wait = response != NULL ? response->error->retry_after_ms : 0;
        outbox_answer(&m->outbox, job->id, rc, wait, link_now_ms());
    }
    pump(m);
}

/* Keep the outbox filled, phase after phase. */
static void refill(struct import *m)
{
    while (m->phase < PHASES) {
        GPtrArray *jobs = m->phases[m->phase];
        while (m->next < jobs->len && g_hash_table_size(m->open) < AHEAD) {
            struct job *job = g_ptr_array_index(jobs, m->next++);
            g_hash_table_insert(m->open, job->id, job);
            int rc = outbox_add(&m->outbox, job->id);
            must(rc == 0); /* Ids are unique, and far fewer than the outbox takes. */
        }
        if (g_hash_table_size(m->open) > 0) {
            return;
        }
        m->phase++;
        m->next = 0;
    }
    talk_stop(&m->talk, 0);
}

static void pump(struct import *m)
{
    struct outbox_action a;
    refill(m);
    while (outbox_next(&m->outbox, link_now_ms(), &a)) {
        struct job *job = g_hash_table_lookup(m->open, a.id);
        must(a.kind == OUTBOX_SEND && job != NULL); /* What is settled was forgotten. */
        int rc = link_ask(&m->talk.link, &job->ask, job->request, m->talk.timeout_ms, on_answer);
        if (rc != 0) {
            outbox_answer(&m->outbox, a.id, rc, 0, link_now_ms());
        }
    }
    int64_t wake = outbox_wake_ms(&m->outbox);
    g_source_set_ready_time(m->clock, wake == INT64_MAX ? -1 : MAX(wake, 0) * 1000);
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    g_source_set_ready_time(source, -1);
    pump(data);
    return G_SOURCE_CONTINUE;
}

static gboolean on_patience(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    struct import *m = data;
    g_source_set_ready_time(source, -1);
    talk_stop(&m->talk, m->talk.link.reason != 0 ? m->talk.link.reason : ERR_TIMEOUT);
    return G_SOURCE_CONTINUE;
}

static void on_state(struct talk *t, enum link_state state)
{
    struct import *m = container_of(t, struct import, talk);
    if (state == LINK_UP) {
        outbox_connected(&m->outbox, MIN(IN_FLIGHT, link_room(&t->link)));
    } else {
        outbox_lost(&m->outbox);
    }
    pump(m);
}

/* --- beginning and end --- */

static enum exits finish(struct import *m, enum exits how)
{
    char line[160];
    if (m->missed > 0) {
        fprintf(stderr, "import: %u missed sessions have no rating: nothing to store\n", m->missed);
    }
    if (m->talk.json) {
        json_t *object = json_object();
        json_object_set_new(object, "lines", json_integer(m->lines));
        json_object_set_new(object, "stored", json_integer(m->stored));
        json_object_set_new(object, "again", json_integer(m->again));
        json_object_set_new(object, "bad", json_integer(m->bad));
        json_object_set_new(object, "missed", json_integer(m->missed));
        (void)show_json(object);
    } else {
        g_snprintf(line, sizeof line, "import: lines %u stored %u again %u bad %u\n", m->lines,
                   m->stored, m->again, m->bad);
        (void)show_text(line);
    }
    return how == EXITS_OK && m->bad > 0 ? EXITS_FAILED : how;
}

static enum exits import_all(struct import *m, const struct arguments *a, GTimeZone *zone)
{
    enum exits how = talk_begin(&m->talk, a);
    how = how == EXITS_OK ? read_file(m, a->words[0], zone) : how;
    if (how != EXITS_OK) {
        return how;
    }
    be_patient(m);
    (void)talk_connect(&m->talk);
    int rc = talk_run(&m->talk);
    return finish(m, talk_explain(&m->talk, rc));
}

static GSource *make_source(GSourceFuncs *funcs, struct import *m)
{
    GSource *source = g_source_new(funcs, sizeof(GSource));
    g_source_set_callback(source, NULL, m, NULL);
    g_source_attach(source, NULL);
    return source;
}

static void make(struct import *m, GSourceFuncs *clock, GSourceFuncs *patience)
{
    outbox_init(&m->outbox);
    m->known = g_hash_table_new(hash_id, same_id);
    m->open = g_hash_table_new(hash_id, same_id);
    for (size_t phase = 0; phase < PHASES; phase++) {
        m->phases[phase] = g_ptr_array_new_with_free_func(free_job);
    }
    m->clock = make_source(clock, m);
    m->patience = make_source(patience, m);
    m->talk.state_cb = on_state;
    m->talk.software = "attune-cli";
}

/* After the talk has ended: it gives every open job its verdict. */
static void unmake(struct import *m)
{
    GSource *sources[] = {m->clock, m->patience};
    for (size_t at = 0; at < G_N_ELEMENTS(sources); at++) {
        g_source_destroy(sources[at]);
        g_source_unref(sources[at]);
    }
    g_hash_table_unref(m->open);
    g_hash_table_unref(m->known);
    for (size_t phase = 0; phase < PHASES; phase++) {
        g_ptr_array_unref(m->phases[phase]);
    }
    outbox_fini(&m->outbox);
    g_free(m);
}

static enum exits run(const struct arguments *a)
{
    GSourceFuncs clock = {.dispatch = on_clock}, patience = {.dispatch = on_patience};
    const char *name = a->own[OPT_TIME_ZONE];
    GTimeZone *zone = name != NULL ? g_time_zone_new_identifier(name) : g_time_zone_new_local();
    if (zone == NULL) {
        return command_misused(&command_import, "--time-zone is not known here: a name like "
                                                "Europe/Berlin (from the package tzdata)");
    }
    struct import *m = g_new0(struct import, 1);
    make(m, &clock, &patience);
    enum exits how = import_all(m, a, zone);
    talk_end(&m->talk);
    unmake(m);
    g_time_zone_unref(zone);
    return how;
}

static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_TIME_ZONE] = {"time-zone", "NAME",
                       "where the file's times are local (this machine's zone)"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_import = {
    .name = "import",
    .words = "FILE",
    .summary = "Import past sessions with their ratings from a CSV file, as an administrator.",
    .table = {options, 1, 1},
    .notes =
        "The heading names the columns:\n"
        "  session_start,session_end,site,room,therapist,client_ref,session_number,\n"
        "  understanding,relevance,safety,fit,talk,outcome\n"
        "Empty scores were not answered. outcome is rated, skipped (stored as a skip) or missed "
        "(no\n"
        "rating was asked for: nothing is stored). Bad lines are told by number and left out (exit "
        "1).\n"
        "Sites, rooms, therapists and clients are made first. A second run sends the same again:\n"
        "nothing is stored twice.",
    .run = run,
};
