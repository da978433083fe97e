/* Happy path: packed, queued, sent, answered, gone. Failure: a read dies with its connection, what
 * changes something is sent again, in order, also after a busy server's wait; a refusal is its
 * verdict. */
#include "client/therapist/office_ask.h"

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { AGAIN_MS = 1000 };

static GBytes *packed(const Attune__Request *request)
{
    size_t size = attune__request__get_packed_size(request);
    uint8_t *bytes = g_malloc(size + 1);
    attune__request__pack(request, bytes);
    return g_bytes_new_take(bytes, size);
}

static void ask_free(struct office_ask *a)
{
    g_bytes_unref(a->packed);
    g_free(a);
}

static void drop(struct office_ask *a)
{
    g_queue_remove(&a->office->asks, a);
    ask_free(a);
}

bool office_ask_passes(int rc)
{
    return rc == ERR_BUSY || rc == ERR_DATABASE || rc == ERR_CLOSING || rc == ERR_OPEN_MAX ||
           rc == ERR_TIMEOUT;
}

static void on_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct office_ask *a = container_of(r, struct office_ask, request);
    struct office *o = a->office;
    bool once = a->kind == OFFICE_READ || a->epoch != o->epoch; /* Not sent a second time. */
    a->in_flight = false;
    if (rc == ERR_CANCELED || (rc == ERR_CLOSED && once)) {
        drop(a);
        return;
    }
    if (rc == ERR_CLOSED) {
        return;
    }
    if (rc == ERR_LOG_ON_FIRST || rc == ERR_PASSWORD_FIRST ||
        rc == ERR_FACTOR_FIRST) { /* The server has locked meanwhile. */
        if (once) {
            drop(a);
        }
        return;
    }
    if (a->epoch != o->epoch || rc == ERR_RIGHT_ENDED) {
        bool ended = a->epoch == o->epoch;
        drop(a);
        if (ended) {
            office_whose_ended(o);
        }
        office_pump(o);
        return;
    }
    if (office_ask_passes(rc)) {
        uint32_t wait = response != NULL ? response->error->retry_after_ms : 0;
        a->not_before_ms = link_now_ms() + (wait > 0 ? wait : AGAIN_MS);
    } else {
        g_queue_remove(&o->asks, a); /* The callback asks again: this one must not be sent twice. */
        if (a->cb != NULL) {
            a->cb(o, a, rc, response);
        }
        ask_free(a);
    }
    office_pump(o);
}

/* False: nothing more can be sent now. */
static bool send(struct office_ask *a)
{
    size_t size;
    const uint8_t *bytes = g_bytes_get_data(a->packed, &size);
    Attune__Request *request = attune__request__unpack(NULL, size, bytes);
    must(request != NULL); /* It was packed here. */
    a->in_flight = link_ask(&a->office->link, &a->request, request, 0, on_answer) == 0;
    attune__request__free_unpacked(request, NULL);
    return a->in_flight;
}

void office_ask(struct office *o, enum office_kind kind, const Attune__Request *request,
                office_answer_cb cb)
{
    if (kind == OFFICE_READ &&
        (o->link.state != LINK_UP || office_locked(o) || whose_holds(o->whose))) {
        return;
    }
    struct office_ask *a = g_new0(struct office_ask, 1);
    a->office = o;
    a->kind = kind;
    a->cb = cb;
    a->packed = packed(request);
    a->generation = o->generation;
    a->epoch = o->epoch;
    g_queue_push_tail(&o->asks, a);
    office_ask_pump(o);
}

void office_ask_pump(struct office *o)
{
    bool say_waits = false; /* Those after it may be about what it makes. */
    if (office_locked(o) || whose_holds(o->whose)) {
        return; /* What changes something waits for who is allowed to. */
    }
    for (GList *at = o->asks.head; at != NULL && o->link.state == LINK_UP; at = at->next) {
        struct office_ask *a = at->data;
        if (a->in_flight || (a->kind == OFFICE_SAY && say_waits)) {
            continue;
        }
        bool sent = a->not_before_ms <= link_now_ms() && send(a);
        say_waits = say_waits || (a->kind == OFFICE_SAY && !sent);
    }
}

int64_t office_ask_wake_ms(const struct office *o)
{
    int64_t wake = INT64_MAX;
    if (office_locked(o) || whose_holds(o->whose)) {
        return wake;
    }
    for (GList *at = o->asks.head; at != NULL && o->link.state == LINK_UP; at = at->next) {
        const struct office_ask *a = at->data;
        wake = !a->in_flight && a->not_before_ms > 0 ? MIN(wake, a->not_before_ms) : wake;
    }
    return wake;
}

static guint count_says(const struct office *o, bool in_flight)
{
    guint count = 0;
    for (GList *at = o->asks.head; at != NULL; at = at->next) {
        const struct office_ask *a = at->data;
        bool counts = a->in_flight || !in_flight;
        count += a->kind == OFFICE_SAY && a->epoch == o->epoch && counts ? 1 : 0;
    }
    return count;
}

guint office_ask_unsent(const struct office *o)
{
    return count_says(o, false);
}

guint office_ask_in_flight(const struct office *o)
{
    return count_says(o, true);
}

void office_ask_forget(struct office *o)
{
    o->epoch++;
    for (GList *at = o->asks.head, *next; at != NULL; at = next) {
        struct office_ask *a = at->data;
        next = at->next;
        if (!a->in_flight) { /* The link still has the others. */
            drop(a);
        }
    }
}

void office_ask_drop_all(struct office *o)
{
    struct office_ask *a;
    while ((a = g_queue_pop_head(&o->asks)) != NULL) {
        ask_free(a);
    }
}
