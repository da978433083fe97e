/* pool.h - calls on a few connections, first come, first served.
 *
 * The first of two or more connections is kept for the lane of ratings: a batch never waits behind
 * a slow read. One call at a time on a connection. What is accepted gets exactly one verdict, from
 * the loop. */
#pragma once

#include "server/pg/conn.h"

enum { PG_POOL_MAX = 16 };
/* What is urgent is taken first, by any connection: small questions alone. */
enum pg_lane { PG_LANE_READ, PG_LANE_RATINGS, PG_LANE_URGENT, PG_LANES };

struct pg_pool;
typedef void (*pg_pool_state_cb)(struct pg_pool *p);
typedef void (*pg_pool_close_cb)(struct pg_pool *p);

struct pg_queue {
    struct pg_call *first, **last;
};

struct pg_slot {
    struct pg_connection connection;
    struct pg_pool *pool;
    struct pg_call *first; /* For this connection alone, before what waits in its lane. */
};

struct pg_pool {
    struct pg_connection_options options;
    struct pg_slot slots[PG_POOL_MAX];
    unsigned wanted, up;
    struct pg_queue queues[PG_LANES];
    unsigned waiting, calls_max;
    uv_loop_t *loop;
    uv_timer_t timer; /* Closing: first what waits is told, then what is under way has a second. */
    pg_pool_state_cb state_cb;
    pg_pool_close_cb close_cb;
    unsigned open;
    bool closing, told;
};

/* 1 <= connections <= PG_POOL_MAX. */
/* At most calls_max are accepted at a time, waiting and under way. */
void pg_pool_init(struct pg_pool *p, const struct pg_connection_options *options,
                  unsigned connections, unsigned calls_max, pg_pool_state_cb state_cb);
void pg_pool_start(struct pg_pool *p, uv_loop_t *loop);

/* Every lane has a connection that is up. */
bool pg_pool_ready(const struct pg_pool *p);

/* Takes `plan`, whatever is returned. Refused: ERR_CLOSING, ERR_BUSY, ERR_DATABASE (none of the
 * lane is up). */
int pg_pool_run(struct pg_pool *p, struct pg_call *call, enum pg_lane lane, struct pg_plan *plan,
                pg_call_cb cb);

/* The next plan in the transaction that a plan with keep_transaction left open: results->connection
 * and
 * ->epoch say where. Refused with ERR_DATABASE when that connection has been lost since: so is the
 * transaction. */
int pg_pool_go_on(struct pg_pool *p, struct pg_call *call, struct pg_connection *connection,
                  uint64_t epoch, struct pg_plan *plan, pg_call_cb cb);

/* On this connection (0 to wanted - 1) and no other, when it is next idle. Takes the plan. Refused:
 * ERR_DATABASE, it is not up; ERR_BUSY, such a call waits already; ERR_CLOSING. */
int pg_pool_run_on(struct pg_pool *p, unsigned place, struct pg_call *call, struct pg_plan *plan,
                   pg_call_cb cb);

/* What waits hears ERR_CANCELED; what is under way has a second, then that too. */
void pg_pool_close(struct pg_pool *p, pg_pool_close_cb cb);
