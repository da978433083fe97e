/* A therapist's client: the desk core over a connection. What it has shown is counted for the
 * checker. */
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "tests/sim/sim.h"

static void pump(struct sim_desk *d);

static void on_wake(struct world *w, void *who, int64_t life)
{
    (void)w;
    struct sim_desk *d = who;
    if (d->client.alive && d->client.life == life) {
        pump(d);
    }
}

static void report(struct sim_desk *d, const struct desk_action *action)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    Attune__ReceiveAlerts receive = ATTUNE__RECEIVE_ALERTS__INIT;
    ProtobufCBinaryData ids[DESK_REPORT_MAX];
    for (size_t i = 0; i < action->count; i++) {
        ids[i] = (ProtobufCBinaryData){LIMIT_ID_SIZE, (uint8_t *)(uintptr_t)action->ids[i]};
    }
    receive.n_alert_id = action->count;
    receive.alert_id = ids;
    request.body_case = ATTUNE__REQUEST__BODY_RECEIVE_ALERTS;
    request.receive_alerts = &receive;
    d->report_seq = client_send(&d->client, &request);
}

static void pump(struct sim_desk *d)
{
    struct world *w = &d->client.sim->world;
    struct desk_action action;
    while (desk_next(&d->desk, w->now, &action)) {
        Attune__Request request = ATTUNE__REQUEST__INIT;
        Attune__Watch watch = ATTUNE__WATCH__INIT;
        switch (action.kind) {
        case DESK_WATCH:
            request.body_case = ATTUNE__REQUEST__BODY_WATCH;
            request.watch = &watch;
            d->watch_seq = client_send(&d->client, &request);
            break;
        case DESK_LIST: /* Sessions are not simulated: an empty list. */
            desk_listed(&d->desk, 0, 0, w->now);
            break;
        case DESK_REPORT:
            report(d, &action);
            break;
        }
    }
    int64_t wake = desk_wake_ms(&d->desk);
    if (wake != INT64_MAX) {
        world_in(w, wake - w->now, on_wake, d, d->client.life);
    }
}

static void on_welcome(struct sim_client *c)
{
    struct sim_desk *d = container_of(c, struct sim_desk, client);
    d->watch_seq = d->report_seq = 0;
    desk_connected(&d->desk);
    pump(d);
}

static void show(struct sim_desk *d, size_t row)
{
    struct sim *s = d->client.sim;
    d->delivered[row]++;
    d->shown_twice += d->shown[row]++ > 0;
    d->misdirected += s->db.alerts[row].therapist != d->client.number;
    world_note(&s->world, "desk %d shows alert %zu", d->client.number, row);
}

static void on_alert(struct sim_desk *d, const Attune__Alert *alert)
{
    struct sim *s = d->client.sim;
    size_t row = 0;
    uint8_t id[LIMIT_ID_SIZE];
    memcpy(id, alert->alert_id.data, sizeof id);
    while (memcmp(s->db.alerts[row].id, id, LIMIT_ID_SIZE) != 0) {
        row++;
    }
    if (desk_alert(&d->desk, id) != DESK_SHOW) {
        return;
    }
    if (s->plant == PLANT_REPORT_BEFORE_SHOWN) {
        desk_shown(&d->desk, id);
        pump(d);
    }
    if (!s->world.healing && world_chance(&s->world, 5)) {
        world_note(&s->world, "desk %d dies before it shows alert %zu", d->client.number, row);
        desk_actor_kill(d);
        return;
    }
    show(d, row);
    desk_shown(&d->desk, id);
    pump(d);
}

static void on_frame(struct sim_client *c, const Attune__ServerFrame *frame)
{
    struct sim_desk *d = container_of(c, struct sim_desk, client);
    int64_t now = c->sim->world.now;
    if (frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH) {
        if (frame->push->body_case == ATTUNE__PUSH__BODY_ALERT) {
            on_alert(d, frame->push->alert);
        }
        return;
    }
    const Attune__Response *r = frame->response;
    bool failed = r->body_case == ATTUNE__RESPONSE__BODY_ERROR;
    int rc = failed ? err_from_code(r->error->code) : 0;
    uint32_t retry_ms = failed ? r->error->retry_after_ms : 0;
    if (r->seq == d->watch_seq) {
        desk_watched(&d->desk, rc, retry_ms, now);
    } else if (r->seq == d->report_seq) {
        desk_reported(&d->desk, rc, retry_ms, now);
    }
    pump(d);
}

static void on_lost(struct sim_client *c)
{
    desk_lost(&container_of(c, struct sim_desk, client)->desk);
}

void desk_actor_init(struct sim_desk *d, struct sim *s, int number)
{
    client_init(&d->client, s, ATTUNE__ROLE__ROLE_THERAPIST, number);
    d->client.on_welcome = on_welcome;
    d->client.on_frame = on_frame;
    d->client.on_lost = on_lost;
}

/* A new process: nothing is remembered. */
void desk_actor_start(struct sim_desk *d)
{
    desk_init(&d->desk);
    memset(d->shown, 0, sizeof d->shown);
    client_start(&d->client);
}

void desk_actor_kill(struct sim_desk *d)
{
    client_kill(&d->client);
}
