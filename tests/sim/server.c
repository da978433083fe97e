/* A server: connections, frames, the batcher over the database, and the feed to desks.
 *
 * A transaction is sent whole, in a pipeline: when the server dies meanwhile, it commits or not.
 * When the database dies, the batch hears that nobody knows, and the kiosks send again. */
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"
#include "tests/sim/sim.h"

enum { POLL_MS = 3000 };

struct submission {
    struct batch_item item;
    struct sim_session *session;
    uint64_t seq;
    struct db_rating row;
    enum db_fate fate;
};

/* One batch on its way. */
struct sim_transaction {
    struct sim_server *server;
    int64_t server_life, db_life, number;
    enum batch_step step;
    const struct db_rating *rows[SIM_RATINGS * 4];
    enum db_fate fates[SIM_RATINGS * 4];
    size_t count;
    struct batch_item *items;
    int rc;
    bool told;
};

/* ---- answers --------------------------------------------------------------------------------- */

static void say(struct sim_session *session, Attune__ServerFrame *frame)
{
    uint8_t room[4096];
    if (session->wire == NULL) {
        return;
    }
    size_t size = codec_frame_size(&frame->base);
    must(size <= sizeof room);
    codec_frame_pack(&frame->base, room);
    wire_send(session->wire, WIRE_SERVER, room, size);
}

static void answer(struct sim_session *session, uint64_t seq, Attune__Response *response)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    response->seq = seq;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = response;
    say(session, &frame);
}

static void answer_error(struct sim_session *session, uint64_t seq, int rc)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Error error = ATTUNE__ERROR__INIT;
    error.code = (uint32_t)-rc;
    error.text = (char *)(uintptr_t)err_text(rc);
    error.retry_after_ms = rc == ERR_DATABASE || rc == ERR_BUSY ? 500 : 0;
    response.body_case = ATTUNE__RESPONSE__BODY_ERROR;
    response.error = &error;
    answer(session, seq, &response);
}

static void answer_done(struct sim_session *session, uint64_t seq)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Done done = ATTUNE__DONE__INIT;
    response.body_case = ATTUNE__RESPONSE__BODY_DONE;
    response.done = &done;
    answer(session, seq, &response);
}

/* ---- the batches ----------------------------------------------------------------------------- */

static void turn(struct sim_server *v);

static void on_verdict(struct batch_item *item, int rc)
{
    static const int verdicts[] = {[DB_NEW] = 0,
                                   [DB_AGAIN] = 0,
                                   [DB_TICKET_UNKNOWN] = ERR_TICKET_UNKNOWN,
                                   [DB_TICKET_USED] = ERR_TICKET_USED};
    struct submission *sub = container_of(item, struct submission, item);
    rc = rc != 0 ? rc : verdicts[sub->fate];
    if (rc != 0) {
        answer_error(sub->session, sub->seq, rc);
        return;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__RatingStored stored = ATTUNE__RATING_STORED__INIT;
    stored.rating_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, sub->row.id};
    stored.again = sub->fate == DB_AGAIN;
    response.body_case = ATTUNE__RESPONSE__BODY_RATING_STORED;
    response.rating_stored = &stored;
    answer(sub->session, sub->seq, &response);
}

static void tell(struct sim_transaction *t, int rc)
{
    struct sim_server *v = t->server;
    if (t->told || v->life != t->server_life || !v->alive) {
        return;
    }
    t->told = true;
    size_t i = 0;
    for (struct batch_item *item = t->items; rc == 0 && item != NULL; item = item->next) {
        container_of(item, struct submission, item)->fate = t->fates[i++];
    }
    v->transaction = NULL;
    batcher_verdict(&v->batcher, rc);
    turn(v);
}

static void on_answer(struct world *w, void *who, int64_t unused)
{
    (void)w;
    (void)unused;
    struct sim_transaction *t = who;
    tell(t, t->db_life == t->server->sim->db.lives ? t->rc : ERR_DATABASE);
}

static void wake_aggregators(struct sim *s)
{
    for (int i = 0; i < SIM_AGGREGATORS; i++) {
        if (world_chance(&s->world, 80)) { /* A hint; some are lost. */
            aggregator_wake(&s->aggregators[i]);
        }
    }
}

static void on_commit(struct world *w, void *who, int64_t unused)
{
    (void)unused;
    struct sim_transaction *t = who;
    struct sim *s = t->server->sim;
    bool sender_died = t->server->life != t->server_life;
    if (t->db_life != s->db.lives || (sender_died && world_chance(w, 50))) {
        on_answer(w, t, 0);
        return;
    }
    struct db_ticket tickets[SIM_RATINGS];
    for (int i = 0; i < s->rating_count; i++) {
        tickets[i] = s->ratings[i].ticket;
    }
    if (t->step == BATCH_QUARANTINE) {
        s->db.quarantined++;
        t->rc = 0;
    } else {
        t->rc = db_commit_ratings(&s->db, t->number, t->rows, t->count, tickets,
                                  (size_t)s->rating_count, t->fates);
    }
    world_note(w, "batch %d of %zu commits: %s", (int)t->number, t->count, err_name(t->rc));
    if (t->rc == 0) {
        wake_aggregators(s);
    }
    world_in(w, world_between(w, 0, 30), on_answer, t, 0);
}

/* The planted defect: the insert has been answered, the commit has not. */
static void on_inserted(struct world *w, void *who, int64_t unused)
{
    (void)w;
    (void)unused;
    struct sim_transaction *t = who;
    if (t->db_life == t->server->sim->db.lives) {
        tell(t, 0);
    }
}

static void begin(struct sim_server *v, enum batch_step step, const struct batch *batch)
{
    struct sim *s = v->sim;
    struct world *w = &s->world;
    struct sim_transaction *t = sim_memory(s, sizeof *t);
    *t = (struct sim_transaction){.server = v,
                                  .server_life = v->life,
                                  .db_life = s->db.lives,
                                  .step = step,
                                  .items = batch->items};
    for (struct batch_item *item = batch->items; item != NULL; item = item->next) {
        must(t->count < sizeof t->rows / sizeof t->rows[0]);
        t->rows[t->count++] = &container_of(item, struct submission, item)->row;
    }
    v->transaction = t;
    t->number = db_begin(&s->db);
    int64_t commit = world_between(w, 1, world_chance(w, 20) ? 400 : 20);
    if (s->plant == PLANT_ACK_BEFORE_COMMIT && step == BATCH_INSERT) {
        world_in(w, commit / 2, on_inserted, t, 0);
    }
    world_in(w, commit, on_commit, t, 0);
}

/* As at the end of a turn of the loop. */
static void turn(struct sim_server *v)
{
    const struct batch *batch;
    if (!v->alive || v->turning || v->transaction != NULL) {
        return;
    }
    v->turning = true;
    enum batch_step step = batcher_next(&v->batcher, &batch);
    if (step != BATCH_NOTHING) {
        if (v->sim->db.up) {
            begin(v, step, batch);
        } else {
            batcher_verdict(&v->batcher, ERR_DATABASE);
        }
    }
    v->turning = false;
}

/* ---- requests -------------------------------------------------------------------------------- */

static int16_t score(int answered, uint32_t tenths)
{
    return answered ? (int16_t)tenths : -1;
}

static void submit(struct sim_session *session, uint64_t seq, const Attune__SubmitRating *request)
{
    struct sim_server *v = session->server;
    struct sim *s = v->sim;
    const ProtobufCMessage *message;
    struct valid_fault fault;
    int rc = codec_unpack(&s->record_arena, &attune__rating__descriptor, request->record.data,
                          request->record.len, &message);
    must(rc == 0);
    const Attune__Rating *rating = (const Attune__Rating *)(const void *)message;
    rc = valid_rating(rating, &fault);
    must(rc == 0);
    if (!s->db.up) {
        answer_error(session, seq, ERR_DATABASE);
        return;
    }
    struct submission *sub = sim_memory(s, sizeof *sub);
    *sub = (struct submission){.session = session, .seq = seq};
    memcpy(sub->row.id, rating->rating_id.data, LIMIT_ID_SIZE);
    memcpy(sub->row.ticket, rating->ticket_id.data, LIMIT_ID_SIZE);
    const Attune__Scores *m = rating->scores;
    sub->row.scores[0] = score(m->understanding_answer_case != 0, m->understanding);
    sub->row.scores[1] = score(m->relevance_answer_case != 0, m->relevance);
    sub->row.scores[2] = score(m->safety_answer_case != 0, m->safety);
    sub->row.scores[3] = score(m->fit_answer_case != 0, m->fit);
    for (int i = 0; i < s->rating_count; i++) {
        if (s->ratings[i].poison && memcmp(s->ratings[i].id, sub->row.id, LIMIT_ID_SIZE) == 0) {
            sub->row.scores[0] = LIMIT_SCORE_TENTHS + 1;
        }
    }
    rc = batcher_add(&v->batcher, &sub->item, on_verdict);
    if (rc != 0) {
        answer_error(session, seq, rc);
    }
    turn(v);
}

static void receive(struct sim_session *session, const Attune__ReceiveAlerts *request, uint64_t seq)
{
    struct database *db = &session->server->sim->db;
    if (!db->up) {
        answer_error(session, seq, ERR_DATABASE);
        return;
    }
    for (size_t i = 0; i < request->n_alert_id; i++) {
        for (size_t k = 0; k < db->alert_count; k++) {
            if (db->alerts[k].therapist == session->number &&
                memcmp(db->alerts[k].id, request->alert_id[i].data, LIMIT_ID_SIZE) == 0) {
                db->alerts[k].received = true;
            }
        }
        watch_feed_received(&session->feed, request->alert_id[i].data);
    }
    answer_done(session, seq);
    server_wake(session->server);
}

static void welcome(struct sim_session *session, uint64_t seq)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Welcome w = ATTUNE__WELCOME__INIT;
    if (!session->server->sim->db.up) {
        answer_error(session, seq, ERR_DATABASE);
        return;
    }
    session->state = PERMIT_READY;
    frame_reader_limit(&session->frames, LIMIT_FRAME_BODY);
    w.role = session->role;
    response.body_case = ATTUNE__RESPONSE__BODY_WELCOME;
    response.welcome = &w;
    answer(session, seq, &response);
}

static int on_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct sim_session *session = container_of(r, struct sim_session, frames);
    const Attune__Request *request;
    struct valid_fault fault;
    int rc = codec_request(&session->server->sim->arena, body, len, &request);
    must(rc == 0 && request->seq > session->last_seq);
    session->last_seq = request->seq;
    Attune__Role role =
        session->state == PERMIT_READY ? session->role : ATTUNE__ROLE__ROLE_UNSPECIFIED;
    rc = permit_request(session->state, role, request->body_case);
    must(rc == 0 && valid_request(request, &fault) == 0); /* Our clients keep to the protocol. */
    if (request->body_case == ATTUNE__REQUEST__BODY_HELLO) {
        welcome(session, request->seq);
    } else if (request->body_case == ATTUNE__REQUEST__BODY_SUBMIT_RATING) {
        submit(session, request->seq, request->submit_rating);
    } else if (request->body_case == ATTUNE__REQUEST__BODY_RECEIVE_ALERTS) {
        receive(session, request->receive_alerts, request->seq);
    } else {
        if (request->body_case == ATTUNE__REQUEST__BODY_WATCH && !session->watching) {
            session->watching = true;
            watch_feed_init(&session->feed);
        }
        answer_done(session, request->seq);
        server_wake(session->server);
    }
    return 0;
}

/* ---- the feed -------------------------------------------------------------------------------- */

static void push(struct sim_session *session, const struct db_alert *row)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    Attune__Push message = ATTUNE__PUSH__INIT;
    Attune__Alert alert = ATTUNE__ALERT__INIT;
    alert.alert_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, (uint8_t *)(uintptr_t)row->id};
    alert.rule = (char *)(uintptr_t)row->rule;
    message.body_case = ATTUNE__PUSH__BODY_ALERT;
    message.alert = &alert;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
    frame.push = &message;
    say(session, &frame);
}

void server_wake(struct sim_server *v)
{
    struct database *db = &v->sim->db;
    for (struct sim_session *session = v->sessions; session != NULL; session = session->next) {
        for (size_t i = 0;
             session->watching && session->wire != NULL && db->up && i < db->alert_count; i++) {
            const struct db_alert *row = &db->alerts[i];
            if (row->red && !row->received && row->therapist == session->number &&
                watch_feed_alert(&session->feed, row->id) == WATCH_PUSH) {
                push(session, row);
            }
        }
    }
}

static void on_poll(struct world *w, void *who, int64_t life)
{
    struct sim_server *v = who;
    if (v->alive && v->life == life) {
        server_wake(v);
        world_in(w, POLL_MS, on_poll, v, life);
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

static void on_bytes(void *owner, struct wire *wire, const uint8_t *bytes, size_t len)
{
    struct sim_session *session = wire->session;
    (void)owner;
    int rc = frame_reader_feed(&session->frames, bytes, len);
    must(rc == 0);
}

static void on_lost(void *owner, struct wire *wire)
{
    struct sim_session *session = wire->session;
    (void)owner;
    session->wire = NULL;
    frame_reader_fini(&session->frames);
}

void server_accept(struct sim_server *v, struct sim_client *c)
{
    struct sim_session *session = sim_memory(v->sim, sizeof *session);
    *session = (struct sim_session){
        .next = v->sessions, .server = v, .role = c->role, .number = c->number};
    v->sessions = session;
    frame_reader_init(&session->frames, LIMIT_FRAME_GREETING, on_frame);
    struct wire_end client = client_end;
    client.owner = c;
    session->wire =
        network_connect(&v->sim->network, client, (struct wire_end){on_bytes, on_lost, v});
    session->wire->session = session;
    c->wire = session->wire;
}

void server_init(struct sim_server *v, struct sim *s)
{
    *v = (struct sim_server){.sim = s};
}

void server_start(struct sim_server *v)
{
    struct world *w = &v->sim->world;
    v->alive = true;
    v->life++;
    v->transaction = NULL;
    batcher_init(&v->batcher, (struct batcher_limits){
                                  .held_max = 64, .batch_max = (size_t)world_between(w, 1, 16)});
    world_in(w, POLL_MS, on_poll, v, v->life);
}

void server_kill(struct sim_server *v)
{
    for (struct sim_session *session = v->sessions; session != NULL; session = session->next) {
        if (session->wire != NULL) {
            struct wire *wire = session->wire;
            session->wire = NULL;
            frame_reader_fini(&session->frames);
            wire_die(wire, WIRE_SERVER);
        }
    }
    v->sessions = NULL;
    v->alive = false;
    v->life++;
}
