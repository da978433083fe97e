/* A kiosk: outbox over a disk that keeps what was synced. A rating is saved, or the kiosk dies
 * first and nobody was told that it was. */
#include <string.h>

#include "client/kiosk/seal.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "tests/sim/sim.h"

static void pump(struct sim_kiosk *k);

static void on_wake(struct world *w, void *who, int64_t life)
{
    (void)w;
    struct sim_kiosk *k = who;
    if (k->client.alive && k->client.life == life) {
        pump(k);
    }
}

static int find(const struct sim *s, const uint8_t id[LIMIT_ID_SIZE])
{
    int i = 0;
    while (memcmp(s->ratings[i].id, id, LIMIT_ID_SIZE) != 0) {
        i++;
    }
    return i;
}

static void send_record(struct sim_kiosk *k, int rating)
{
    struct sim *s = k->client.sim;
    struct sim_rating *r = &s->ratings[rating];
    const ProtobufCMessage *message;
    int rc = codec_unpack(&s->record_arena, &attune__submit_rating__descriptor, r->record,
                          r->record_size, &message);
    must(rc == 0);
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_SUBMIT_RATING;
    request.submit_rating = (Attune__SubmitRating *)(uintptr_t)message; /* Only packed. */
    uint64_t seq = client_send(&k->client, &request);
    for (size_t i = 0; i < LIMIT_OPEN_REQUESTS; i++) {
        if (k->open[i].seq == 0) {
            k->open[i].seq = seq;
            k->open[i].rating = rating;
            return;
        }
    }
    must(false); /* The outbox keeps to the limit. */
}

static void act(struct sim_kiosk *k, const struct outbox_action *action)
{
    struct sim *s = k->client.sim;
    int rating = find(s, action->id);
    switch (action->kind) {
    case OUTBOX_SEND:
        world_note(&s->world, "kiosk %d sends rating %d%s", k->client.number, rating,
                   action->resent ? " again" : "");
        send_record(k, rating);
        break;
    case OUTBOX_MARK_SENT:
        s->ratings[rating].marked_sent = true;
        break;
    case OUTBOX_REFUSE:
        world_note(&s->world, "kiosk %d sets rating %d aside: %s", k->client.number, rating,
                   err_name(action->rc));
        s->ratings[rating].refused = true;
        break;
    case OUTBOX_MARK_UNSENT:
        break; /* This server loses nothing, and never asks. */
    case OUTBOX_DROP:
        break; /* The mark stays for the checker. */
    }
}

static void pump(struct sim_kiosk *k)
{
    struct world *w = &k->client.sim->world;
    struct outbox_action action;
    while (outbox_next(&k->outbox, w->now, &action)) {
        act(k, &action);
    }
    int64_t wake = outbox_wake_ms(&k->outbox);
    if (wake != INT64_MAX && wake < w->now + 3600 * 1000) {
        world_in(w, wake - w->now, on_wake, k, k->client.life);
    }
}

static void on_welcome(struct sim_client *c)
{
    struct sim_kiosk *k = container_of(c, struct sim_kiosk, client);
    memset(k->open, 0, sizeof k->open);
    outbox_connected(&k->outbox, 8);
    pump(k);
}

static void on_frame(struct sim_client *c, const Attune__ServerFrame *frame)
{
    struct sim_kiosk *k = container_of(c, struct sim_kiosk, client);
    struct sim *s = c->sim;
    if (frame->body_case != ATTUNE__SERVER_FRAME__BODY_RESPONSE) {
        return;
    }
    const Attune__Response *response = frame->response;
    for (size_t i = 0; i < LIMIT_OPEN_REQUESTS; i++) {
        if (k->open[i].seq != response->seq) {
            continue;
        }
        struct sim_rating *r = &s->ratings[k->open[i].rating];
        bool stored = response->body_case == ATTUNE__RESPONSE__BODY_RATING_STORED;
        int rc = stored ? 0 : err_from_code(response->error->code);
        world_note(&s->world, "kiosk %d hears of rating %d: %s", c->number, k->open[i].rating,
                   err_name(rc));
        if (stored && !r->acked) {
            r->acked = true;
            r->acked_at = s->world.now;
        }
        k->open[i].seq = 0;
        outbox_answer(&k->outbox, r->id, rc, stored ? 0 : response->error->retry_after_ms,
                      s->world.now);
    }
    pump(k);
}

static void on_lost(struct sim_client *c)
{
    struct sim_kiosk *k = container_of(c, struct sim_kiosk, client);
    if (c->sim->plant != PLANT_FORGET_LOST) {
        outbox_lost(&k->outbox);
    }
}

void kiosk_init(struct sim_kiosk *k, struct sim *s, int number)
{
    client_init(&k->client, s, ATTUNE__ROLE__ROLE_KIOSK, number);
    k->client.on_welcome = on_welcome;
    k->client.on_frame = on_frame;
    k->client.on_lost = on_lost;
}

/* What lies on the disk is found again. */
void kiosk_start(struct sim_kiosk *k)
{
    struct sim *s = k->client.sim;
    outbox_init(&k->outbox);
    for (int i = 0; i < s->rating_count; i++) {
        const struct sim_rating *r = &s->ratings[i];
        if (r->kiosk == k->client.number && r->saved && !r->refused) {
            int rc = r->marked_sent ? outbox_add_sent(&k->outbox, r->id, 0, s->world.now)
                                    : outbox_add(&k->outbox, r->id);
            must(rc == 0);
        }
    }
    client_start(&k->client);
}

void kiosk_kill(struct sim_kiosk *k)
{
    client_kill(&k->client);
    outbox_fini(&k->outbox);
}

static void pack(struct sim_rating *r, int64_t now)
{
    Attune__Rating rating = ATTUNE__RATING__INIT;
    Attune__Scores scores = ATTUNE__SCORES__INIT;
    rating.rating_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, r->id};
    rating.ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, r->ticket.id};
    rating.instrument = (char *)(uintptr_t) "attune-adult-en/1";
    rating.made_at_ms = INT64_C(1800000000000) + now;
    rating.scores = &scores;
    scores.understanding_answer_case = r->scores[0] >= 0;
    scores.understanding = (uint32_t)(r->scores[0] >= 0 ? r->scores[0] : 0);
    scores.relevance_answer_case = r->scores[1] >= 0 ? 2 : 0;
    scores.relevance = (uint32_t)(r->scores[1] >= 0 ? r->scores[1] : 0);
    scores.safety_answer_case = r->scores[2] >= 0 ? 3 : 0;
    scores.safety = (uint32_t)(r->scores[2] >= 0 ? r->scores[2] : 0);
    scores.fit_answer_case = r->scores[3] >= 0 ? 4 : 0;
    scores.fit = (uint32_t)(r->scores[3] >= 0 ? r->scores[3] : 0);
    int rc = seal_rating(&rating, NULL, 0, r->record, sizeof r->record, &r->record_size);
    must(rc == 0);
}

void kiosk_rate(struct sim_kiosk *k, int rating)
{
    struct sim *s = k->client.sim;
    struct sim_rating *r = &s->ratings[rating];
    if (!k->client.alive) {
        return; /* A dark screen: nobody rates on it. */
    }
    pack(r, s->world.now);
    if (!s->world.healing && world_chance(&s->world, 3)) {
        world_note(&s->world, "kiosk %d dies before rating %d is synced", k->client.number, rating);
        kiosk_kill(k);
        return; /* Started again by whoever looks after dead processes. */
    }
    r->saved = true;
    r->saved_at = s->world.now;
    world_note(&s->world, "kiosk %d has saved rating %d", k->client.number, rating);
    int rc = outbox_add(&k->outbox, r->id);
    must(rc == 0);
    pump(k);
}
