/* sim.h - one simulated practice: who there is, what the clients will rate, and what came of it.
 *
 * The decisions are the product's own pure cores: outbox, desk, frame, codec, valid, permit,
 * batcher, watch_feed, evaluate, backoff. What is here are their shells in virtual time, written
 * once more, small. */
#pragma once

#include "client/kiosk/outbox.h"
#include "client/therapist/desk.h"
#include "proto/wire/backoff.h"
#include "proto/wire/codec.h"
#include "proto/wire/frame.h"
#include "server/gateway/feed/watch_feed.h"
#include "server/gateway/ingest/batcher.h"
#include "server/gateway/permit.h"
#include "tests/sim/database.h"
#include "tests/sim/network.h"
#include "tests/sim/world.h"

enum {
    SIM_RATINGS = 40,
    SIM_KIOSKS = 3,
    SIM_SERVERS = 2,
    SIM_AGGREGATORS = 2,
    SIM_DESKS = 2,
    SIM_COURSES = 5
};

/* Defects that can be planted into the simulator's shells, to see that the checker finds them. */
enum sim_plant {
    PLANT_NONE,
    PLANT_ACK_BEFORE_COMMIT,   /* The server answers on the insert's result. */
    PLANT_CLAIM_GREATER_THAN,  /* The aggregator claims batches by "greater than the last". */
    PLANT_FORGET_LOST,         /* The kiosk does not send again what was in flight. */
    PLANT_REPORT_BEFORE_SHOWN, /* The therapist's client reports alerts before they are shown. */
    PLANTS,
};

/* What one client will say, and what became of it. */
struct sim_rating {
    uint8_t id[LIMIT_ID_SIZE];
    struct db_ticket ticket;
    int16_t scores[4]; /* -1: not answered. */
    bool poison;       /* The database itself will refuse it. */
    bool saved, refused, acked;
    int64_t saved_at, acked_at;
    uint8_t record[512]; /* On the kiosk's disk, synced, when saved. */
    size_t record_size;
    bool marked_sent; /* On the disk too. */
    int kiosk;
};

struct sim;

/* A client's side of the connection, the same for kiosk and desk. */
struct sim_client {
    struct sim *sim;
    struct wire *wire;
    struct frame_reader frames;
    struct backoff backoff;
    uint64_t seq;
    bool alive, welcome;
    int64_t life; /* Timers of an earlier life are not heard. */
    Attune__Role role;
    int number;
    void (*on_welcome)(struct sim_client *c);
    void (*on_frame)(struct sim_client *c, const Attune__ServerFrame *frame);
    void (*on_lost)(struct sim_client *c);
};

struct sim_kiosk {
    struct sim_client client;
    struct outbox outbox;
    struct {
        uint64_t seq;
        int rating;
    } open[LIMIT_OPEN_REQUESTS];
};

struct sim_desk {
    struct sim_client client;
    struct desk desk;
    uint64_t watch_seq, report_seq;
    int shown[DB_ALERTS];     /* In this life. */
    int delivered[DB_ALERTS]; /* In all lives. */
    int misdirected, shown_twice;
};

/* One connection, seen from its server. */
struct sim_session {
    struct sim_session *next;
    struct sim_server *server;
    struct wire *wire; /* NULL: gone. */
    struct frame_reader frames;
    enum permit_state state;
    Attune__Role role;
    int number;
    uint64_t last_seq;
    struct watch_feed feed;
    bool watching;
};

struct sim_server {
    struct sim *sim;
    struct batcher batcher;
    struct sim_session *sessions;
    bool alive, turning;
    int64_t life;
    struct sim_transaction *transaction;
};

struct sim_aggregator {
    struct sim *sim;
    bool alive, busy;
    int64_t life, last_seen; /* last_seen: for the planted defect only. */
};

struct sim_piece;

struct sim {
    struct world world;
    struct network network;
    struct database db;
    enum sim_plant plant;
    struct sim_rating ratings[SIM_RATINGS];
    int rating_count;
    struct sim_kiosk kiosks[SIM_KIOSKS];
    struct sim_desk desks[SIM_DESKS];
    struct sim_server servers[SIM_SERVERS];
    struct sim_aggregator aggregators[SIM_AGGREGATORS];
    struct codec_arena arena, record_arena;
    struct sim_piece *pieces; /* sim_memory's. */
};

/* Memory that lives as long as the history: who dies in it leaves nothing to be found. */
void *sim_memory(struct sim *s, size_t size);

/* ---- client.c: connect, greet, frames, reconnect ---- */
void client_init(struct sim_client *c, struct sim *s, Attune__Role role, int number);
void client_start(struct sim_client *c);
void client_kill(struct sim_client *c);
/* Its end of a connection; the owner is still to be set. */
extern const struct wire_end client_end;
/* Returns the seq, 0 when there is no connection. */
uint64_t client_send(struct sim_client *c, Attune__Request *request);

/* ---- the actors ---- */
void kiosk_init(struct sim_kiosk *k, struct sim *s, int number);
void kiosk_start(struct sim_kiosk *k);
void kiosk_kill(struct sim_kiosk *k);
void kiosk_rate(struct sim_kiosk *k, int rating);

void desk_actor_init(struct sim_desk *d, struct sim *s, int number);
void desk_actor_start(struct sim_desk *d);
void desk_actor_kill(struct sim_desk *d);

void server_init(struct sim_server *v, struct sim *s);
void server_start(struct sim_server *v);
void server_kill(struct sim_server *v);
void server_accept(struct sim_server *v, struct sim_client *c);
/* Alerts were committed, or may have been. */
void server_wake(struct sim_server *v);

void aggregator_init(struct sim_aggregator *a, struct sim *s);
void aggregator_start(struct sim_aggregator *a);
void aggregator_kill(struct sim_aggregator *a);
void aggregator_wake(struct sim_aggregator *a);

/* ---- checker.c ---- */
/* Nothing is left to be done. */
bool checker_settled(const struct sim *s);
/* Prints the line (unless quiet) and returns 0, or what was breached. */
int checker_judge(struct sim *s, uint64_t seed, bool quiet, const char **ret_breach);
