/* Happy path: the link comes up, what is asked is sent, the answer ends the loop.
 * Failure: at the first try an unreachable server ends the command at once, unless it is patient;
 * later losses are waited out within --timeout, and the request is sent again. What only a person
 * can mend ends it at once. */
#include "client/cli/talk.h"

#include "client/cli/show.h"
#include "client/cli/token.h"
#include "client/link/wrong_clock.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { TIMEOUT_S = 10, TIMEOUT_S_MAX = 24 * 3600, BUSY_MS = 1000 };

static struct talk *of_link(struct link *l)
{
    return container_of(l, struct talk, link);
}

void talk_random_id(uint8_t ret_id[LIMIT_ID_SIZE])
{
    must(RAND_bytes(ret_id, LIMIT_ID_SIZE) == 1); /* Without randomness nothing may go on. */
    ret_id[0] |= 1;
}

enum exits talk_fail(int rc, const char *why)
{
    fprintf(stderr, "attune: %s\n", why[0] != '\0' ? why : err_text(rc));
    return exits_of(rc);
}

static void remember(struct talk *t, const char *why)
{
    g_strlcpy(t->why, why, sizeof t->why);
}

/* --- asking and waiting --- */

static void send_asked(struct talk *t);

static void wake_at(struct talk *t, int64_t ms)
{
    g_source_set_ready_time(t->clock, ms * 1000);
}

static Attune__Response *copy(const Attune__Response *response)
{
    size_t size = attune__response__get_packed_size(response);
    uint8_t *bytes = g_malloc(size + 1);
    attune__response__pack(response, bytes);
    Attune__Response *made = attune__response__unpack(NULL, size, bytes);
    must(made != NULL); /* It was one a line ago. */
    g_free(bytes);
    return made;
}

static bool passes(int rc)
{
    return rc == ERR_BUSY || rc == ERR_DATABASE || rc == ERR_CLOSING;
}

static void on_acting(struct link_request *r, int rc, const Attune__Response *response)
{
    struct talk *t = container_of(r, struct talk, act_ask);
    t->acting = false;
    if (rc == ERR_CLOSED) {
        return; /* Said again when the link is back. */
    }
    if (response != NULL && rc != 0) {
        remember(t, response->error->text);
    }
    if (passes(rc)) {
        wake_at(t, MIN(link_now_ms() + BUSY_MS, t->give_up_ms));
        return;
    }
    t->acted = rc == 0;
    if (rc != 0) {
        t->asked = NULL;
        talk_stop(t, rc);
        return;
    }
    send_asked(t);
}

/* Whose rows it is about comes before what is asked. False: that is under way, or has failed. */
static bool has_acted(struct talk *t)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    if (t->acted || t->act.kind == ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED) {
        return true;
    }
    if (!t->acting) {
        request.body_case = ATTUNE__REQUEST__BODY_ACT_FOR;
        request.act_for = &t->act;
        t->acting = link_ask(&t->link, &t->act_ask, &request, t->timeout_ms, on_acting) == 0;
    }
    return false;
}

static void on_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct talk *t = container_of(r, struct talk, ask);
    t->in_flight = false;
    if (rc == ERR_CLOSED) {
        return; /* Sent again when the link is back, or given up by the clock. */
    }
    if (response != NULL && rc != 0) {
        remember(t, response->error->text);
    }
    if (passes(rc)) {
        uint32_t wait = response != NULL ? response->error->retry_after_ms : 0;
        wake_at(t, MIN(link_now_ms() + (wait > 0 ? wait : BUSY_MS), t->give_up_ms));
        return;
    }
    if (rc == 0) {
        *t->answer = copy(response);
    }
    t->asked = NULL;
    talk_stop(t, rc);
}

static void send_asked(struct talk *t)
{
    if (t->asked == NULL || t->in_flight || t->link.state != LINK_UP || !has_acted(t)) {
        return;
    }
    int64_t left = t->give_up_ms - link_now_ms();
    int rc =
        left <= 0 ? ERR_TIMEOUT : link_ask(&t->link, &t->ask, t->asked, (uint32_t)left, on_answer);
    t->in_flight = rc == 0;
    if (rc != 0 && rc != ERR_CLOSED) {
        remember(t, err_text(rc));
        t->asked = NULL;
        talk_stop(t, rc);
    }
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    struct talk *t = data;
    g_source_set_ready_time(source, -1);
    if (t->asked == NULL) {
        return G_SOURCE_CONTINUE;
    }
    if (link_now_ms() >= t->give_up_ms && !t->in_flight) {
        t->asked = NULL;
        talk_stop(t, t->link.reason != 0 ? t->link.reason : ERR_TIMEOUT);
        return G_SOURCE_CONTINUE;
    }
    wake_at(t, t->give_up_ms);
    send_asked(t);
    return G_SOURCE_CONTINUE;
}

/* Nothing a computer could do about it by trying again. */
static bool hopeless(const struct talk *t)
{
    return t->link.state == LINK_STOPPED || exits_of(t->link.reason) == EXITS_NOT_ALLOWED;
}

/* Somebody must be there, and nobody is: asked at every connection, since a token's time ends. */
static bool is_locked(struct talk *t)
{
    if (t->link.person == LINK_REFUSED && !t->link.has_token) {
        token_remove(t->identity.folder);
    }
    return t->link.welcome->log_on_first && t->link.person != LINK_RESUMED && !t->may_be_locked;
}

static void on_state(struct link *l, enum link_state state)
{
    struct talk *t = of_link(l);
    char ahead[64];
    bool lost = state == LINK_WAITING || state == LINK_STOPPED;
    if (state == LINK_UP && is_locked(t)) {
        remember(t, "log on first: attune log-on");
        t->asked = NULL;
        talk_stop(t, ERR_LOG_ON_FIRST);
        return;
    }
    if (state == LINK_UP && !t->was_up) {
        wrong_clock_said(l->clock_ahead_ms, ahead, sizeof ahead);
        if (ahead[0] != '\0') {
            fprintf(stderr, "attune: this machine's clock is %s: set it, or let it be set by NTP\n",
                    ahead);
        }
    }
    t->was_up = t->was_up || state == LINK_UP;
    if (lost) {
        remember(t, l->why);
        t->acted = false;
    }
    if (t->state_cb != NULL) {
        t->state_cb(t, state);
    }
    if (lost && (hopeless(t) || (!t->was_up && !t->patient))) {
        t->asked = NULL;
        talk_stop(t, l->reason);
    } else if (state == LINK_UP) {
        send_asked(t);
    }
}

static void on_push(struct link *l, const Attune__Push *push)
{
    struct talk *t = of_link(l);
    if (t->push_cb != NULL) {
        t->push_cb(t, push);
    }
}

int talk_ask(struct talk *t, Attune__Request *request, Attune__Response **ret_answer)
{
    must(t->asked == NULL && !t->in_flight);
    t->asked = request;
    t->answer = ret_answer;
    t->give_up_ms = link_now_ms() + t->timeout_ms;
    wake_at(t, t->give_up_ms);
    remember(t, "");
    t->stopped = false;
    send_asked(t);
    return t->stopped ? t->rc : talk_run(t);
}

/* --- beginning and end --- */

static enum exits read_options(struct talk *t, const struct arguments *a)
{
    uint32_t seconds;
    if (arguments_number(a->common[ARGUMENTS_TIMEOUT], 1, TIMEOUT_S_MAX, TIMEOUT_S, &seconds) !=
        0) {
        (void)talk_fail(ERR_FIELD, "--timeout is a whole number of seconds, 1 to 86400");
        return EXITS_USAGE;
    }
    t->timeout_ms = seconds * 1000;
    t->json = a->common[ARGUMENTS_JSON] != NULL;
    return EXITS_OK;
}

/* The message's texts are the arguments': it is only packed. */
static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)(text != NULL ? text : "");
}

static enum exits read_acting(struct talk *t, const struct arguments *a)
{
    const char *const *given = a->common;
    bool cover = given[ARGUMENTS_FOR] != NULL, supervises = given[ARGUMENTS_SUPERVISE] != NULL;
    bool glass = given[ARGUMENTS_BREAK_GLASS] != NULL;
    attune__act_for__init(&t->act);
    if (cover + supervises + glass > 1 || glass != (given[ARGUMENTS_REASON] != NULL)) {
        (void)talk_fail(ERR_FIELD, "one of --for, --supervise and --break-glass, the last with "
                                   "--reason");
        return EXITS_USAGE;
    }
    t->act.kind = cover        ? ATTUNE__ACT_KIND__ACT_COVER
                  : supervises ? ATTUNE__ACT_KIND__ACT_SUPERVISION
                  : glass      ? ATTUNE__ACT_KIND__ACT_BREAK_GLASS
                               : ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED;
    t->act.therapist = borrowed(cover ? given[ARGUMENTS_FOR] : given[ARGUMENTS_SUPERVISE]);
    t->act.client_ref = borrowed(given[ARGUMENTS_BREAK_GLASS]);
    t->act.reason = borrowed(given[ARGUMENTS_REASON]);
    return EXITS_OK;
}

enum exits talk_begin(struct talk *t, const struct arguments *a)
{
    char why[IDENTITY_WHY] = "";
    uint8_t token[LIMIT_TOKEN_SIZE];
    const char *folder = a->common[ARGUMENTS_IDENTITY];
    folder = folder != NULL ? folder : g_getenv("ATTUNE_IDENTITY");
    enum exits failed = read_options(t, a);
    failed = failed == EXITS_OK ? read_acting(t, a) : failed;
    if (failed != EXITS_OK) {
        return failed;
    }
    if (folder == NULL) {
        return talk_fail(ERR_CONFIG, "which device is this? Give --identity DIR or set "
                                     "ATTUNE_IDENTITY");
    }
    int rc = identity_load(&t->identity, folder, why, sizeof why);
    if (rc != 0) {
        (void)talk_fail(rc, why);
        return EXITS_CONFIGURATION; /* A certificate that is wrong here was refused by nobody. */
    }
    const char *address = a->common[ARGUMENTS_SERVER];
    address = address != NULL ? address : t->identity.address;
    if (address == NULL) {
        return talk_fail(ERR_CONFIG, "where is the server? Give --server HOST:PORT or set "
                                     "[server] address= in the identity's attune.conf");
    }
    static GSourceFuncs funcs = {.dispatch = on_clock}; /* GLib wants it writable, and keeps it. */
    const struct link_options options = {
        .address = address,
        .software = t->software != NULL ? t->software : "attune",
        .language = "en",
        .context = t->identity.context,
        .identity = &t->identity,
    };
    rc = link_init(&t->link, &options, on_state, on_push);
    if (rc != 0) {
        return talk_fail(rc, t->link.why);
    }
    if (token_read(t->identity.folder, token)) {
        link_token(&t->link, token);
    }
    t->loop = g_main_loop_new(NULL, FALSE);
    t->clock = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(t->clock, NULL, t, NULL);
    g_source_attach(t->clock, NULL);
    return EXITS_OK;
}

enum exits talk_connect(struct talk *t)
{
    link_start(&t->link);
    t->started = true;
    return EXITS_OK;
}

int talk_run(struct talk *t)
{
    t->stopped = false;
    while (!t->stopped) {
        g_main_loop_run(t->loop);
    }
    return t->rc;
}

void talk_stop(struct talk *t, int rc)
{
    if (!t->stopped) {
        t->stopped = true;
        t->rc = rc;
    }
    g_main_loop_quit(t->loop);
}

enum exits talk_explain(struct talk *t, int rc)
{
    return rc == 0 ? EXITS_OK : talk_fail(rc, t->why);
}

static void on_closed(struct link *l)
{
    struct talk *t = of_link(l);
    t->started = false;
    g_main_loop_quit(t->loop);
}

void talk_end(struct talk *t)
{
    t->asked = NULL;
    t->state_cb = NULL;
    t->push_cb = NULL;
    while (t->started && link_renewing(&t->link)) {
        (void)g_main_context_iteration(NULL, TRUE); /* Ten seconds at most. */
    }
    if (t->started) {
        link_close(&t->link, on_closed);
        while (t->started) {
            g_main_loop_run(t->loop);
        }
    } else if (t->loop != NULL) {
        link_fini(&t->link);
    }
    if (t->loop != NULL) {
        g_source_destroy(t->clock);
        g_source_unref(t->clock);
        g_main_loop_unref(t->loop);
    }
    identity_fini(&t->identity);
}

enum exits talk_once_rc(const struct arguments *a, Attune__Request *request, talk_tell_cb tell,
                        int *ret_rc)
{
    struct talk *t = g_new0(struct talk, 1);
    Attune__Response *answer = NULL;
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t);
        int rc = talk_ask(t, request, &answer);
        how = talk_explain(t, rc == 0 ? tell(t, answer) : rc);
        *ret_rc = rc;
    }
    if (answer != NULL) {
        attune__response__free_unpacked(answer, NULL);
    }
    talk_end(t);
    g_free(t);
    return how;
}

enum exits talk_once(const struct arguments *a, Attune__Request *request, talk_tell_cb tell)
{
    int ignored; /* It was explained. */
    return talk_once_rc(a, request, tell, &ignored);
}

int talk_tell_done(struct talk *t, const Attune__Response *answer)
{
    (void)answer;
    return !t->json || show_json(json_object()) == 0 ? 0 : ERR_DISK;
}

enum exits talk_read_file(const char *path, size_t bytes_max, char **ret_text)
{
    char *text = NULL, why[80];
    gsize len = 0;
    GError *error = NULL;
    if (!g_file_get_contents(path, &text, &len, &error)) {
        enum exits how = talk_fail(ERR_FIELD, error->message);
        g_error_free(error);
        return how;
    }
    if (len == 0 || len > bytes_max || strlen(text) != len) {
        g_free(text);
        g_snprintf(why, sizeof why, "the file must be text of 1 to %zu bytes", bytes_max);
        return talk_fail(ERR_FIELD, why);
    }
    *ret_text = text;
    return EXITS_OK;
}
