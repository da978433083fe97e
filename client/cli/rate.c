/* attune rate: a kiosk without a screen.
 *
 * Happy path: wait for the room's ticket and the invitation, save the rating ("saved"), send it and
 * all else that the spool holds, and end when the server has it ("sent"). Failure: the disk
 * refuses: "not saved", and nothing was. The server is away: it stays in the spool, and that is
 * said. The server refuses it for good: it is kept in refused/, and why is said. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/rate_wish.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/kiosk/kiosk_shell.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/valid.h"

struct rate {
    struct talk talk;
    struct kiosk_shell kiosk;
    struct rate_wish wish;
    uint8_t id[LIMIT_ID_SIZE]; /* Of the rating that this run makes. */
    int64_t made_at_ms, saved_ms, sent_ms;
    int64_t patience_end_ms; /* No ticket, or nothing settled, until then: give up. */
    GSource *patience;
    bool saved, sent, again;
    int refused_rc;
    unsigned sent_count, refused_count;
};

/* What a run ends with beside err codes. */
enum { END_NOT_INVITED = 1 };

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static void be_patient(struct rate *r, int64_t ms)
{
    r->patience_end_ms = link_now_ms() + ms;
    g_source_set_ready_time(r->patience, r->patience_end_ms * 1000);
}

static void say(const struct rate *r, const char *what)
{
    if (!r->talk.json) {
        (void)show_text(what); /* A closed standard output changes nothing about the record. */
    }
}

/* --- one rating --- */

static int save(struct rate *r)
{
    Attune__Rating rating;
    Attune__Scores scores;
    struct valid_fault fault;
    talk_random_id(r->id);
    r->made_at_ms = wall_ms() - r->talk.link.clock_ahead_ms; /* As the server has it, once heard. */
    rate_fill(&r->wish, r->id, r->made_at_ms, &rating, &scores);
    if (valid_rating(&rating, &fault) != 0) {
        fprintf(stderr, "attune: not saved: %s must be %s\n", fault.field, fault.rule);
        return ERR_FIELD;
    }
    int rc = kiosk_save(&r->kiosk, &rating);
    if (rc != 0) {
        fprintf(stderr, "attune: not saved: %s (%s)\n", err_text(rc), r->kiosk.spool.why);
        return rc;
    }
    r->saved = true;
    r->saved_ms = wall_ms();
    say(r, "saved\n"); /* Before anything is sent: the network is not the client's worry. */
    kiosk_pump(&r->kiosk);
    return 0;
}

static void on_push(struct talk *t, const Attune__Push *push)
{
    struct rate *r = container_of(t, struct rate, talk);
    kiosk_push(&r->kiosk, push);
    bool mine = push->body_case == ATTUNE__PUSH__BODY_ROOM_STATE && push->room_state->invited &&
                push->room_state->ticket != NULL;
    if (!mine || r->saved || r->wish.has_ticket || r->wish.drain ||
        push->room_state->ticket->ticket_id.len != LIMIT_ID_SIZE) {
        return;
    }
    memcpy(r->wish.ticket, push->room_state->ticket->ticket_id.data, LIMIT_ID_SIZE);
    be_patient(r, t->timeout_ms);
    int rc = save(r);
    if (rc != 0) {
        talk_stop(t, rc);
    }
}

static bool mine(const struct rate *r, const uint8_t *id)
{
    return r->saved && memcmp(r->id, id, LIMIT_ID_SIZE) == 0;
}

static void on_settled(struct kiosk_shell *k, const uint8_t *id, int rc, bool again)
{
    struct rate *r = container_of(k, struct rate, kiosk);
    char hex[HEX_ID];
    hex_print(hex, id, LIMIT_ID_SIZE);
    be_patient(r, r->talk.timeout_ms); /* Something moves. */
    r->sent_count += rc == 0 ? 1 : 0;
    r->refused_count += rc != 0 ? 1 : 0;
    if (rc != 0) {
        fprintf(stderr, "attune: rating %s was refused: %s. It is kept in %s/refused\n", hex,
                err_text(rc), r->kiosk.folder);
    }
    if (mine(r, id)) {
        r->sent = rc == 0;
        r->again = again;
        r->sent_ms = wall_ms();
        r->refused_rc = rc;
        talk_stop(&r->talk, 0); /* The mark on disk is made before the loop ends: see finish. */
    }
    if (r->wish.drain && outbox_unsent(&k->outbox) == 0) {
        talk_stop(&r->talk, 0);
    }
}

static void on_state(struct talk *t, enum link_state state)
{
    struct rate *r = container_of(t, struct rate, talk);
    kiosk_state(&r->kiosk, state);
    if (state == LINK_UP && r->wish.drain && outbox_unsent(&r->kiosk.outbox) == 0) {
        talk_stop(t, 0);
    }
}

static gboolean on_patience(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    struct rate *r = data;
    g_source_set_ready_time(source, -1);
    bool waits_for_room = !r->saved && !r->wish.drain;
    int rc = r->talk.link.reason != 0 ? r->talk.link.reason : ERR_TIMEOUT;
    talk_stop(&r->talk, waits_for_room && r->talk.link.state == LINK_UP ? END_NOT_INVITED : rc);
    return G_SOURCE_CONTINUE;
}

/* --- the end --- */

static json_t *report(struct rate *r)
{
    json_t *object = json_object();
    if (r->saved) {
        json_object_set_new(object, "rating_id",
                            show_id_json((ProtobufCBinaryData){LIMIT_ID_SIZE, r->id}));
        json_object_set_new(object, "made_at", show_time_json(r->made_at_ms));
        json_object_set_new(object, "saved_at", show_time_json(r->saved_ms));
        json_object_set_new(object, "sent_at", show_time_json(r->sent_ms));
        json_object_set_new(object, "again", json_boolean(r->again));
    }
    json_object_set_new(object, "saved", json_boolean(r->saved));
    json_object_set_new(object, "sent",
                        json_boolean(r->sent || (r->wish.drain && r->sent_count > 0)));
    json_object_set_new(object, "sent_count", json_integer(r->sent_count));
    json_object_set_new(object, "refused_count", json_integer(r->refused_count));
    json_object_set_new(object, "waiting_count", json_integer(outbox_unsent(&r->kiosk.outbox)));
    return object;
}

static enum exits finish_drain(struct rate *r, int rc)
{
    unsigned waiting = outbox_unsent(&r->kiosk.outbox);
    char line[128];
    g_snprintf(line, sizeof line, "sent %u refused %u waiting %u\n", r->sent_count,
               r->refused_count, waiting);
    say(r, line);
    if (waiting > 0) {
        (void)talk_explain(&r->talk, rc != 0 ? rc : ERR_UNREACHABLE);
        return rc == 0 ? EXITS_UNREACHABLE : exits_of(rc);
    }
    return r->refused_count > 0 ? EXITS_FAILED : EXITS_OK;
}

static enum exits finish(struct rate *r, int rc)
{
    enum exits how;
    if (r->wish.drain) {
        how = finish_drain(r, rc);
    } else if (r->sent) {
        say(r, "sent\n");
        how = EXITS_OK;
    } else if (r->refused_rc != 0) {
        how = EXITS_FAILED; /* It was said. */
    } else if (rc == END_NOT_INVITED) {
        fprintf(stderr, "attune: nobody was invited to rate in this room\n");
        how = EXITS_FAILED;
    } else if (r->saved) {
        say(r, "saved, will be sent\n");
        how = rc != 0 ? talk_explain(&r->talk, rc) : EXITS_OK;
    } else {
        how = rc == ERR_DISK || rc == ERR_FIELD ? EXITS_FAILED : talk_explain(&r->talk, rc);
    }
    if (r->talk.json) {
        (void)show_json(report(r));
    }
    return how;
}

/* --- the beginning --- */

static void make_patience(struct rate *r)
{
    static GSourceFuncs funcs = {.dispatch = on_patience}; /* GLib wants it writable. */
    r->patience = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(r->patience, NULL, r, NULL);
    g_source_attach(r->patience, NULL);
}

static int talk_it_over(struct rate *r)
{
    kiosk_use(&r->kiosk, &r->talk.link, r->talk.timeout_ms);
    be_patient(r, r->wish.has_ticket || r->wish.drain ? r->talk.timeout_ms
                                                      : 1000 * (int64_t)r->wish.wait_s);
    (void)talk_connect(&r->talk);
    return talk_run(&r->talk);
}

static enum exits begin(struct rate *r, const struct arguments *a)
{
    enum exits failed = talk_begin(&r->talk, a);
    if (failed != EXITS_OK) {
        return failed;
    }
    char *spool = g_build_filename(r->talk.identity.folder, "spool", NULL);
    int rc = kiosk_open(&r->kiosk, spool, on_settled);
    g_free(spool);
    if (rc != 0) {
        return talk_fail(ERR_DISK, r->kiosk.spool.why);
    }
    rc = r->wish.has_ticket ? save(r) : 0;
    if (rc != 0) {
        return EXITS_FAILED;
    }
    bool nothing = r->wish.no_send || (r->wish.drain && outbox_unsent(&r->kiosk.outbox) == 0);
    return finish(r, nothing ? 0 : talk_it_over(r));
}

static enum exits run(const struct arguments *a)
{
    struct rate *r = g_new0(struct rate, 1);
    if (rate_wish(&r->wish, a->own) != 0) {
        enum exits misused = command_misused(&command_rate, r->wish.why);
        g_free(r);
        return misused;
    }
    r->talk.state_cb = on_state;
    r->talk.push_cb = on_push;
    r->talk.patient = r->wish.drain;
    r->talk.software = "attune-kiosk";
    make_patience(r);
    enum exits how = begin(r, a);
    talk_end(&r->talk);
    if (r->kiosk.folder != NULL) {
        kiosk_fini(&r->kiosk);
    }
    g_source_destroy(r->patience);
    g_source_unref(r->patience);
    g_free(r);
    return how;
}

static const struct arguments_option options[RATE_OPTIONS + 1] = {
    [RATE_UNDERSTANDING] = {"understanding", "SCORE",
                            "0 to 10 in steps of 0.1; left out: not answered"},
    [RATE_RELEVANCE] = {"relevance", "SCORE", ""},
    [RATE_SAFETY] = {"safety", "SCORE", ""},
    [RATE_FIT] = {"fit", "SCORE", ""},
    [RATE_SKIP] = {"skip", NULL, "the client would rather not rate"},
    [RATE_TENSION] = {"tension", "HOW",
                      "any tension or misunderstanding: none, resolved or unresolved"},
    [RATE_BETTER] = {"better", "AREA",
                     "what would have made it slightly better: an area, or nothing"},
    [RATE_TALK] = {"talk", "WHEN", "talk about it: now, next or rather-not"},
    [RATE_TICKET] = {"ticket", "HEX", "rate with this ticket; else with the room's, once invited"},
    [RATE_WAIT] = {"wait", "SECONDS", "how long to wait for the invitation (600)"},
    [RATE_INSTRUMENT_NAME] = {"instrument", "NAME", "the wording (attune-adult-en/1)"},
    [RATE_NO_SEND] = {"no-send", NULL, "only save; needs --ticket"},
    [RATE_DRAIN] = {"drain", NULL, "rate nothing, send all that was saved before"},
    [RATE_OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_rate = {
    .name = "rate",
    .words = "",
    .summary = "A kiosk without a screen: rate a session, or send what was saved before.",
    .table = {options, 0, 0},
    .notes =
        "Prints \"saved\" when the rating is on disk and \"sent\" when the server has it. With "
        "the\n"
        "server away: \"saved, will be sent\", exit 69; the next rate sends it, or rate --drain.\n"
        "--timeout counts from the last answer.",
    .run = run,
};
