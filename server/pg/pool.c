/* Happy path: a call goes to an idle connection of its lane, or into the lane's queue until one is.
 * Failure: when the last connection of a lane is lost, its queue hears ERR_DATABASE, since nobody
 * knows how long it will be away; a call that has waited too long hears it too. Closing tells the
 * queues in the next turn of the loop, cuts what is under way after a second, and ends with the
 * last handle. */
#include "server/pg/pool.h"

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { GRACE_MS = 1000 };

static struct pg_slot *slot_of(struct pg_connection *c)
{
    return container_of(c, struct pg_slot, connection);
}

/* A single connection serves both lanes as one. */
static enum pg_lane lane_for(const struct pg_pool *p, enum pg_lane lane)
{
    return p->wanted > 1 || lane == PG_LANE_URGENT ? lane : PG_LANE_READ;
}

static enum pg_lane lane_of(const struct pg_slot *slot)
{
    return slot == &slot->pool->slots[0] ? lane_for(slot->pool, PG_LANE_RATINGS) : PG_LANE_READ;
}

static bool serves(const struct pg_slot *slot, enum pg_lane lane)
{
    return lane == PG_LANE_URGENT || lane_of(slot) == lane;
}

static void push(struct pg_pool *p, enum pg_lane lane, struct pg_call *call)
{
    struct pg_queue *q = &p->queues[lane];
    call->next = NULL;
    *q->last = call;
    q->last = &call->next;
    p->waiting++;
}

static struct pg_call *take(struct pg_pool *p, enum pg_lane lane)
{
    struct pg_queue *q = &p->queues[lane];
    struct pg_call *call = q->first;
    if (call != NULL) {
        p->waiting--;
        q->first = call->next;
        if (q->first == NULL) {
            q->last = &q->first;
        }
    }
    return call;
}

static void refuse(struct pg_call *call, int rc)
{
    const struct pg_results none = {0};
    pg_plan_free(call->plan);
    call->plan = NULL;
    call->cb(call, rc, &none);
}

/* Those that wait now; what their verdicts lead to may wait again. */
static void refuse_queue(struct pg_pool *p, enum pg_lane lane, int rc)
{
    for (unsigned left = p->waiting; left > 0; left--) {
        struct pg_call *call = take(p, lane);
        if (call == NULL) {
            return;
        }
        refuse(call, rc);
    }
}

static bool lane_is_up(const struct pg_pool *p, enum pg_lane lane)
{
    for (unsigned i = 0; i < p->wanted; i++) {
        if (serves(&p->slots[i], lane) && pg_connection_is_up(&p->slots[i].connection)) {
            return true;
        }
    }
    return false;
}

/* The one for ratings last. */
static struct pg_connection *idle_one(struct pg_pool *p, enum pg_lane lane)
{
    for (unsigned i = p->wanted; i-- > 0;) {
        struct pg_connection *c = &p->slots[i].connection;
        if (serves(&p->slots[i], lane) && pg_connection_is_idle(c)) {
            return c;
        }
    }
    return NULL;
}

static unsigned under_way(const struct pg_pool *p)
{
    unsigned n = 0;
    for (unsigned i = 0; i < p->wanted; i++) {
        n += p->slots[i].connection.call != NULL;
    }
    return n;
}

static void set_timer(struct pg_pool *p, uint64_t ms);

static struct pg_call *take_first(struct pg_slot *slot)
{
    struct pg_call *call = slot->first;
    slot->first = NULL;
    return call;
}

static void refuse_first(struct pg_slot *slot, int rc)
{
    struct pg_call *call = take_first(slot);
    if (call != NULL) {
        refuse(call, rc);
    }
}

static void on_idle(struct pg_connection *c)
{
    struct pg_pool *p = slot_of(c)->pool;
    if (p->closing) {
        if (p->told && under_way(p) == 0) {
            set_timer(p, 0);
        }
        return;
    }
    while (pg_connection_is_idle(c)) {
        struct pg_call *call = take_first(slot_of(c));
        call = call != NULL ? call : take(p, PG_LANE_URGENT);
        call = call != NULL ? call : take(p, lane_of(slot_of(c)));
        if (call == NULL) {
            return;
        }
        if (uv_now(p->loop) - call->since > p->options.call_ms_max) {
            refuse(call, ERR_DATABASE);
            continue;
        }
        pg_connection_run(c, call);
    }
}

static void on_up(struct pg_connection *c)
{
    struct pg_pool *p = slot_of(c)->pool;
    p->up++;
    on_idle(c);
    p->state_cb(p);
}

static void on_down(struct pg_connection *c)
{
    struct pg_pool *p = slot_of(c)->pool;
    p->up--;
    refuse_first(slot_of(c), ERR_DATABASE);
    if (!lane_is_up(p, lane_of(slot_of(c)))) {
        refuse_queue(p, lane_of(slot_of(c)), ERR_DATABASE);
    }
    if (!lane_is_up(p, PG_LANE_URGENT)) {
        refuse_queue(p, PG_LANE_URGENT, ERR_DATABASE);
    }
    p->state_cb(p);
}

static void on_part_closed(struct pg_pool *p)
{
    if (--p->open == 0) {
        p->close_cb(p);
    }
}

static void on_connection_closed(struct pg_connection *c)
{
    on_part_closed(slot_of(c)->pool);
}

static void on_timer_closed(uv_handle_t *handle)
{
    on_part_closed(container_of((uv_timer_t *)handle, struct pg_pool, timer));
}

static void cut(struct pg_pool *p)
{
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
    for (unsigned i = 0; i < p->wanted; i++) {
        pg_connection_close(&p->slots[i].connection);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct pg_pool *p = container_of(timer, struct pg_pool, timer);
    if (p->told) {
        cut(p);
        return;
    }
    p->told = true;
    refuse_queue(p, PG_LANE_RATINGS, ERR_CANCELED);
    refuse_queue(p, PG_LANE_READ, ERR_CANCELED);
    refuse_queue(p, PG_LANE_URGENT, ERR_CANCELED);
    for (unsigned i = 0; i < p->wanted; i++) {
        refuse_first(&p->slots[i], ERR_CANCELED);
    }
    set_timer(p, under_way(p) > 0 ? GRACE_MS : 0);
}

static void set_timer(struct pg_pool *p, uint64_t ms)
{
    int rc = uv_timer_start(&p->timer, on_timer, ms, 0);
    must(rc == 0);
}

static const struct pg_connection_events pool_events = {
    .up = on_up, .down = on_down, .idle = on_idle, .closed = on_connection_closed};

void pg_pool_init(struct pg_pool *p, const struct pg_connection_options *options,
                  unsigned connections, unsigned calls_max, pg_pool_state_cb state_cb)
{
    must(connections >= 1 && connections <= PG_POOL_MAX && calls_max >= 1);
    *p = (struct pg_pool){
        .options = *options, .wanted = connections, .calls_max = calls_max, .state_cb = state_cb};
    for (unsigned i = 0; i < PG_LANES; i++) {
        p->queues[i].last = &p->queues[i].first;
    }
    for (unsigned i = 0; i < connections; i++) {
        p->slots[i].pool = p;
        pg_connection_init(&p->slots[i].connection, &p->options, &pool_events);
    }
}

void pg_pool_start(struct pg_pool *p, uv_loop_t *loop)
{
    p->loop = loop;
    int rc = uv_timer_init(loop, &p->timer);
    must(rc == 0);
    p->open = 1 + p->wanted;
    for (unsigned i = 0; i < p->wanted; i++) {
        pg_connection_start(&p->slots[i].connection, loop);
    }
}

bool pg_pool_ready(const struct pg_pool *p)
{
    return !p->closing && lane_is_up(p, PG_LANE_READ) &&
           lane_is_up(p, lane_for(p, PG_LANE_RATINGS));
}

int pg_pool_run(struct pg_pool *p, struct pg_call *call, enum pg_lane lane, struct pg_plan *plan,
                pg_call_cb cb)
{
    lane = lane_for(p, lane);
    int rc = p->closing                                  ? ERR_CLOSING
             : p->waiting + under_way(p) >= p->calls_max ? ERR_BUSY
             : !lane_is_up(p, lane)                      ? ERR_DATABASE
                                                         : 0;
    if (rc != 0) {
        pg_plan_free(plan);
        return rc;
    }
    *call = (struct pg_call){.plan = plan, .cb = cb, .since = uv_now(p->loop)};
    struct pg_connection *c = p->queues[lane].first == NULL ? idle_one(p, lane) : NULL;
    if (c != NULL) {
        pg_connection_run(c, call);
    } else {
        push(p, lane, call);
    }
    return 0;
}

int pg_pool_run_on(struct pg_pool *p, unsigned place, struct pg_call *call, struct pg_plan *plan,
                   pg_call_cb cb)
{
    must(place < p->wanted);
    struct pg_slot *slot = &p->slots[place];
    int rc = p->closing                                ? ERR_CLOSING
             : !pg_connection_is_up(&slot->connection) ? ERR_DATABASE
             : slot->first != NULL                     ? ERR_BUSY
                                                       : 0;
    if (rc != 0) {
        pg_plan_free(plan);
        return rc;
    }
    *call = (struct pg_call){.plan = plan, .cb = cb, .since = uv_now(p->loop)};
    if (pg_connection_is_idle(&slot->connection)) {
        pg_connection_run(&slot->connection, call);
    } else {
        slot->first = call;
    }
    return 0;
}

int pg_pool_go_on(struct pg_pool *p, struct pg_call *call, struct pg_connection *connection,
                  uint64_t epoch, struct pg_plan *plan, pg_call_cb cb)
{
    if (!pg_connection_is_up(connection) || connection->epoch != epoch || !connection->kept) {
        pg_plan_free(plan);
        return ERR_DATABASE;
    }
    *call = (struct pg_call){.plan = plan, .cb = cb, .since = uv_now(p->loop)};
    pg_connection_run(connection, call);
    return 0;
}

void pg_pool_close(struct pg_pool *p, pg_pool_close_cb cb)
{
    must(p->open > 0 && !p->closing);
    p->closing = true;
    p->close_cb = cb;
    set_timer(p, 0);
}
