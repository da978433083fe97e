/* Happy path: the pace says "connect", the stream comes up, Hello goes out, Welcome comes in: up.
 * Requests are packed and written at once; answers find their request by seq. Failure: whatever
 * goes wrong with a connection is noted in stream.broken and carried out by take_down when nothing
 * of that connection is on the stack: when the stream tells it, or from the clock. take_down gives
 * every open request its verdict and tells the owner; the pace says when to try again. One GSource
 * is the clock: its ready time is the nearest of everything that waits. */
#include "client/link/link.h"

#include <string.h>

#include <openssl/crypto.h>

#include "client/link/link_renewal.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

int64_t link_now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

/* The nearest of all that waits. */
void link_arm(struct link *l)
{
    int64_t wake = MIN(pace_wake_ms(&l->pace), link_renewal_wake_ms(l));
    for (const struct link_request *r = l->first; r != NULL; r = r->next) {
        wake = MIN(wake, r->deadline_ms);
    }
    if (l->stream.broken != 0 || l->closing) {
        /* While a try to connect is being called off, the stream will tell. */
        wake = l->stream.connecting && l->stream.broken != 0 ? INT64_MAX : 0;
    }
    g_source_set_ready_time(l->clock, wake == INT64_MAX ? -1 : wake * 1000);
}

/* --- requests --- */

static void open_add(struct link *l, struct link_request *r)
{
    r->next = NULL;
    r->previous = l->last;
    *(l->last == NULL ? &l->first : &l->last->next) = r;
    l->last = r;
}

static void verdict(struct link *l, struct link_request *r, int rc,
                    const Attune__Response *response)
{
    *(r->previous == NULL ? &l->first : &r->previous->next) = r->next;
    *(r->next == NULL ? &l->last : &r->next->previous) = r->previous;
    r->cb(r, rc, response);
}

static int ask(struct link *l, struct link_request *r, Attune__Request *request,
               uint32_t timeout_ms, link_answer_cb cb)
{
    int64_t now = link_now_ms();
    for (const struct link_request *open = l->first; open != NULL; open = open->next) {
        must(open != r); /* Twice in the list, it would have no end. */
    }
    request->seq = l->seq + 1;
    size_t size = codec_frame_size(&request->base);
    if (size - FRAME_HEAD > (l->state == LINK_UP ? LIMIT_FRAME_BODY : LIMIT_FRAME_GREETING)) {
        return ERR_FRAME_SIZE;
    }
    codec_frame_pack(&request->base, stream_put(&l->stream, size));
    stream_send(&l->stream);
    l->seq = request->seq;
    l->unanswered++;
    *r = (struct link_request){.seq = request->seq, .cb = cb};
    r->deadline_ms = now + (timeout_ms > 0 ? timeout_ms : LINK_ANSWER_MS);
    open_add(l, r);
    pace_said(&l->pace, now);
    link_arm(l);
    return 0;
}

static void keep_welcome(struct link *l, const Attune__Welcome *welcome)
{
    size_t size = attune__welcome__get_packed_size(welcome);
    uint8_t *bytes = g_malloc(size + 1);
    attune__welcome__pack(welcome, bytes);
    if (l->welcome != NULL) {
        attune__welcome__free_unpacked(l->welcome, NULL);
    }
    l->welcome = attune__welcome__unpack(NULL, size, bytes);
    must(l->welcome != NULL); /* It was one a line ago. */
    g_free(bytes);
}

static void enter(struct link *l, enum link_state state)
{
    l->state = state;
    if (l->state_cb != NULL && !l->closing) {
        l->state_cb(l, state);
    }
    if (l->state == LINK_UP && state == LINK_UP && !l->closing) {
        link_renewal_up(l);
    }
}

/* Whatever came of it: from here on the owner asks. */
static void on_resume_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct link *l = container_of(r, struct link, resume);
    if (response == NULL) {
        if (rc == ERR_TIMEOUT) {
            stream_break(&l->stream, rc);
        }
        return; /* The connection is lost. */
    }
    if (rc == ERR_BUSY || rc == ERR_DATABASE || rc == ERR_CLOSING) {
        g_strlcpy(l->why, response->error->text, sizeof l->why);
        stream_break(&l->stream, rc); /* On the next connection, then. */
        return;
    }
    l->person = rc == 0 ? LINK_RESUMED : LINK_REFUSED;
    if (rc == ERR_LOG_ON_FIRST) {
        link_token(l, NULL);
    }
    l->resuming = false;
    enter(l, LINK_UP);
}

static void resume(struct link *l)
{
    l->person = LINK_NOBODY;
    if (!l->has_token) {
        enter(l, LINK_UP);
        return;
    }
    Attune__ResumeLogOn body;
    Attune__Request request;
    attune__resume_log_on__init(&body);
    attune__request__init(&request);
    body.token = (ProtobufCBinaryData){sizeof l->token, l->token};
    request.body_case = ATTUNE__REQUEST__BODY_RESUME_LOG_ON;
    request.resume_log_on = &body;
    l->resuming = true;
    int rc = ask(l, &l->resume, &request, LINK_ANSWER_MS, on_resume_answer);
    must(rc == 0); /* It is small. */
}

static void on_hello_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct link *l = container_of(r, struct link, hello);
    if (response == NULL) {
        return; /* The connection is lost, or the greeting took too long: the pace knows. */
    }
    if (rc != 0) {
        g_strlcpy(l->why, response->error->text, sizeof l->why);
        stream_break(&l->stream, rc);
        return;
    }
    if (response->body_case != ATTUNE__RESPONSE__BODY_WELCOME) {
        stream_break(&l->stream, ERR_MESSAGE);
        return;
    }
    keep_welcome(l, response->welcome);
    l->clock_ahead_ms = g_get_real_time() / 1000 - l->welcome->clock_ms;
    pace_welcome(&l->pace, l->welcome->ping_s, link_now_ms());
    frame_reader_limit(&l->reader, LIMIT_FRAME_BODY);
    l->reason = 0;
    l->why[0] = '\0';
    resume(l);
}

static void on_stream_up(struct stream *s)
{
    struct link *l = container_of(s, struct link, stream);
    /* Protobuf-c wants char *, and only reads it. */
    char *software = g_strdup(l->options.software), *language = g_strdup(l->options.language);
    char version[] = ATTUNE_VERSION;
    Attune__Hello hello;
    attune__hello__init(&hello);
    hello.software = software;
    hello.version = version;
    hello.language = language;
    hello.clock_ms = g_get_real_time() / 1000;
    if (l->options.identity != NULL) {
        hello.authority_id =
            (ProtobufCBinaryData){LIMIT_AUTHORITY_ID, l->options.identity->authority_id};
    }
    Attune__Request request;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_HELLO;
    request.hello = &hello;
    int rc = ask(l, &l->hello, &request, PACE_GREETING_MS, on_hello_answer);
    must(rc == 0); /* Names of ours: they fit. */
    g_free(software);
    g_free(language);
}

static void on_ping_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    (void)rc; /* Whatever it is: something was heard, or the silence is noticed by the pace. */
    (void)response;
    container_of(r, struct link, ping)->pinging = false;
}

static void ping(struct link *l)
{
    if (l->pinging) {
        pace_said(&l->pace, link_now_ms()); /* One at a time: silence is counted anyway. */
        return;
    }
    Attune__Ping body;
    attune__ping__init(&body);
    body.spool_depth = l->spool_depth;
    if (l->spool_depth > 0 && l->unsent_since_ms != 0) {
        int64_t age_s = (link_now_ms() - l->unsent_since_ms) / 1000;
        body.oldest_unsent_s = (uint32_t)CLAMP(age_s, 0, INT32_MAX);
    }
    Attune__Request request;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PING;
    request.ping = &body;
    l->pinging = true;
    int rc = ask(l, &l->ping, &request, LIMIT_SILENCE_S * 1000, on_ping_answer);
    must(rc == 0); /* A few bytes fit. */
}

/* --- what the server says --- */

static int on_response(struct link *l, const Attune__Response *response)
{
    bool error = response->body_case == ATTUNE__RESPONSE__BODY_ERROR;
    if (response->seq == 0 && error) {
        /* About the connection itself, which the server ends now. */
        l->last_word = err_from_code(response->error->code);
        g_strlcpy(l->why, response->error->text, sizeof l->why);
        return 0;
    }
    if (response->seq == 0 || response->seq > l->seq || l->unanswered == 0) {
        return ERR_MESSAGE; /* Nobody asked. */
    }
    l->unanswered--;
    for (struct link_request *r = l->first; r != NULL; r = r->next) {
        if (r->seq == response->seq) {
            verdict(l, r, error ? err_from_code(response->error->code) : 0, response);
            break;
        }
    }
    return 0; /* Not among them: its time was up. */
}

static int on_push(struct link *l, const Attune__Push *push)
{
    if (l->state != LINK_UP && !l->resuming) {
        return ERR_MESSAGE;
    }
    if (push->body_case == ATTUNE__PUSH__BODY_DRAINING) {
        pace_draining(&l->pace, push->draining->reconnect_after_ms);
        g_strlcpy(l->why, err_text(ERR_CLOSING), sizeof l->why);
    } else if (push->body_case == ATTUNE__PUSH__BODY_AUTHORITY_CHANGED) {
        link_renewal_authority(l);
    } else if (l->push_cb != NULL && !l->resuming &&
               push->body_case != ATTUNE__PUSH__BODY__NOT_SET) {
        l->push_cb(l, push);
    }
    return 0;
}

static int on_frame(struct frame_reader *reader, const uint8_t *body, size_t len)
{
    struct link *l = container_of(reader, struct link, reader);
    const Attune__ServerFrame *frame;
    int rc = codec_server_frame(l->arena, body, len, &frame);
    if (rc == 0 && frame->body_case == ATTUNE__SERVER_FRAME__BODY_RESPONSE) {
        rc = on_response(l, frame->response);
    } else if (rc == 0 && frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH) {
        rc = on_push(l, frame->push);
    }
    if (rc == 0 && l->closing) {
        return ERR_CANCELED; /* A callback ended it: hand out nothing more. */
    }
    return rc != 0 ? rc : l->stream.broken;
}

static int on_stream_bytes(struct stream *s, const uint8_t *bytes, size_t len)
{
    struct link *l = container_of(s, struct link, stream);
    pace_heard(&l->pace, link_now_ms());
    return frame_reader_feed(&l->reader, bytes, len);
}

/* --- the end of a connection --- */

static void explain(struct link *l, int rc)
{
    if (l->stream.why[0] != '\0') {
        g_strlcpy(l->why, l->stream.why, sizeof l->why);
    } else if (l->why[0] == '\0') {
        g_strlcpy(l->why, err_text(rc), sizeof l->why);
    }
}

/* The connection, or the try at one, is over. Nothing of it may be on the stack. False: a try to
 * connect is still being called off, and this is called again. */
static bool take_down(struct link *l)
{
    int rc = l->last_word != 0 ? l->last_word : l->stream.broken;
    if (!stream_shut(&l->stream)) {
        return false;
    }
    frame_reader_fini(&l->reader);
    if (l->last_word == 0) {
        explain(l, rc);
    }
    l->stream.broken = l->last_word = 0;
    l->pinging = l->resuming = false;
    link_renewal_lost(l);
    l->reason = rc;
    pace_lost(&l->pace, rc, g_random_int(), link_now_ms());
    l->state = l->pace.state == PACE_STOPPED ? LINK_STOPPED : LINK_WAITING;
    while (l->first != NULL) {
        verdict(l, l->first, l->closing ? ERR_CANCELED : ERR_CLOSED, NULL);
    }
    enter(l, l->state);
    return true;
}

static void on_stream_broken(struct stream *s)
{
    struct link *l = container_of(s, struct link, stream);
    if (!l->closing) { /* Else the clock does it all. */
        (void)take_down(l);
    }
    link_arm(l);
}

/* --- the clock --- */

static void end_requests(struct link *l)
{
    int64_t now = link_now_ms();
    struct link_request *r = l->first;
    while (r != NULL && l->stream.broken == 0 && !l->closing) {
        struct link_request *next = r->next;
        if (r->deadline_ms <= now) {
            verdict(l, r, ERR_TIMEOUT, NULL);
            next = l->first; /* The callback may have asked again. */
        }
        r = next;
    }
    if (l->state == LINK_UP && l->first == NULL && l->unanswered >= link_room(l)) {
        stream_break(&l->stream, ERR_TIMEOUT); /* All that may be asked was, and never answered. */
    }
}

static void tick(struct link *l)
{
    int rc = 0;
    end_requests(l);
    if (l->closing || l->stream.broken != 0) {
        return;
    }
    switch (pace_tick(&l->pace, link_now_ms(), &rc)) {
    case PACE_CONNECT:
        l->seq = 0;
        l->unanswered = 0;
        l->why[0] = '\0';
        frame_reader_init(&l->reader, LIMIT_FRAME_GREETING, on_frame);
        if (!link_renewal_recover(l)) {
            stream_open(&l->stream);
        }
        enter(l, LINK_CONNECTING);
        break;
    case PACE_PING:
        ping(l);
        break;
    case PACE_GIVE_UP:
        stream_break(&l->stream, rc);
        break;
    case PACE_NOTHING:
        break;
    }
    link_renewal_tick(l);
}

static void finish_close(struct link *l)
{
    g_source_destroy(l->clock);
    g_source_unref(l->clock);
    link_fini(l);
    l->close_cb(l); /* Last touch: the owner may free us in there. */
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback; /* There is none: the source is ours. */
    struct link *l = data;
    g_source_set_ready_time(source, -1);
    if (l->closing && l->recovery != NULL) {
        return G_SOURCE_CONTINUE; /* The clock is armed when it is called off. */
    }
    tick(l);
    if (!l->closing && l->stream.broken == 0) {
        link_arm(l);
        return G_SOURCE_CONTINUE;
    }
    bool down = take_down(l);
    if (down && l->closing) {
        finish_close(l);
        return G_SOURCE_REMOVE;
    }
    link_arm(l);
    return G_SOURCE_CONTINUE;
}

/* --- the public part --- */

int link_init(struct link *l, const struct link_options *options, link_state_cb state_cb,
              link_push_cb push_cb)
{
    memset(l, 0, sizeof *l);
    l->options = *options;
    l->state_cb = state_cb;
    l->push_cb = push_cb;
    l->renew_due_ms = INT64_MAX;
    pace_init(&l->pace);
    int rc = stream_init(&l->stream, options->address, options->context, on_stream_up,
                         on_stream_bytes, on_stream_broken);
    if (rc != 0) {
        explain(l, rc);
        return rc;
    }
    l->arena = g_new(struct codec_arena, 1);
    codec_arena_init(l->arena);
    return 0;
}

void link_token(struct link *l, const uint8_t *token)
{
    l->has_token = token != NULL;
    if (l->has_token) {
        memcpy(l->token, token, sizeof l->token);
    } else {
        OPENSSL_cleanse(l->token, sizeof l->token);
    }
}

void link_start(struct link *l)
{
    static GSourceFuncs funcs = {.dispatch = on_clock}; /* GLib wants it writable, and keeps it. */
    must(!l->started);
    l->started = true;
    l->clock = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(l->clock, NULL, l, NULL);
    g_source_attach(l->clock, g_main_context_get_thread_default());
    pace_begin(&l->pace, link_now_ms());
    link_arm(l);
}

int link_ask(struct link *l, struct link_request *r, Attune__Request *request, uint32_t timeout_ms,
             link_answer_cb cb)
{
    if (l->state != LINK_UP || l->stream.broken != 0 || l->closing) {
        return ERR_CLOSED;
    }
    if (l->unanswered - (l->pinging ? 1 : 0) >= link_room(l)) {
        return ERR_BUSY;
    }
    return ask(l, r, request, timeout_ms, cb);
}

uint32_t link_room(const struct link *l)
{
    uint32_t told = l->welcome != NULL ? l->welcome->open_max : 0;
    uint32_t most = told > 0 && told < LIMIT_OPEN_REQUESTS ? told : LIMIT_OPEN_REQUESTS;
    return most > 1 ? most - 1 : 1;
}

int64_t link_retry_ms(const struct link *l)
{
    int64_t wait = l->pace.due_ms - link_now_ms();
    return l->state == LINK_WAITING && wait > 0 ? wait : 0;
}

void link_close(struct link *l, link_close_cb cb)
{
    must(l->started && !l->closing);
    l->closing = true;
    l->close_cb = cb;
    link_renewal_cancel(l);
    link_arm(l);
}

void link_fini(struct link *l)
{
    stream_fini(&l->stream);
    g_free(l->arena);
    if (l->welcome != NULL) {
        attune__welcome__free_unpacked(l->welcome, NULL);
    }
}
