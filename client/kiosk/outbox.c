/* Happy path: a record waits, is sent as soon as there is a connection and room, is answered
 * "stored", is marked on disk, and is dropped a day later. Every record is in exactly one list; the
 * lists are threaded through one array by index, and ids are found through 256 buckets. Failure: a
 * lost connection puts what was in flight back in front, in its order. A busy server holds
 * everything back for as long as it asked for. An error that may pass but belongs to one record (a
 * time-out, an internal fault) pauses that record alone, longer each time, so that one which always
 * fails never holds up the others. */
#include "client/kiosk/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { NONE = UINT16_MAX, ROOM_FIRST = 16 };

struct outbox_record {
    uint8_t id[LIMIT_ID_SIZE];
    int64_t time_ms; /* PAUSED: until. KEPT: since. */
    int rc;          /* REFUSED: why. */
    uint16_t next, previous, in_bucket;
    uint8_t tries; /* Answers in a row that said "not now". */
    bool sent;
    enum outbox_state state;
};

static void list_remove(struct outbox *o, uint16_t at)
{
    struct outbox_record *r = &o->records[at];
    struct outbox_list *list = &o->lists[r->state];

    *(r->previous == NONE ? &list->first : &o->records[r->previous].next) = r->next;
    *(r->next == NONE ? &list->last : &o->records[r->next].previous) = r->previous;
    list->count--;
}

static void list_append(struct outbox *o, uint16_t at, enum outbox_state state)
{
    struct outbox_record *r = &o->records[at];
    struct outbox_list *list = &o->lists[state];

    r->state = state;
    r->next = NONE;
    r->previous = list->last;
    *(list->last == NONE ? &list->first : &o->records[list->last].next) = at;
    list->last = at;
    list->count++;
}

static void list_prepend(struct outbox *o, uint16_t at, enum outbox_state state)
{
    struct outbox_record *r = &o->records[at];
    struct outbox_list *list = &o->lists[state];

    r->state = state;
    r->previous = NONE;
    r->next = list->first;
    *(list->first == NONE ? &list->last : &o->records[list->first].previous) = at;
    list->first = at;
    list->count++;
}

static void move(struct outbox *o, uint16_t at, enum outbox_state state)
{
    list_remove(o, at);
    list_append(o, at, state);
}

static uint16_t find(const struct outbox *o, const uint8_t *id)
{
    uint16_t at = o->buckets[id[0]];
    while (at != NONE && memcmp(o->records[at].id, id, LIMIT_ID_SIZE) != 0) {
        at = o->records[at].in_bucket;
    }
    return at;
}

static void grow(struct outbox *o)
{
    uint32_t room = o->room == 0 ? ROOM_FIRST : o->room * 2;
    room = room < OUTBOX_RECORDS_MAX ? room : OUTBOX_RECORDS_MAX;
    struct outbox_record *records = realloc(o->records, room * sizeof *records);
    must(records != NULL);
    for (uint32_t at = room; at-- > o->room;) {
        records[at].next = o->unused;
        o->unused = (uint16_t)at;
    }
    o->records = records;
    o->room = room;
}

static int add(struct outbox *o, const uint8_t *id, enum outbox_state state, uint16_t *ret_at)
{
    if (find(o, id) != NONE) {
        return ERR_CONFLICT;
    }
    if (o->unused == NONE && o->room == OUTBOX_RECORDS_MAX) {
        return ERR_BUSY;
    }
    if (o->unused == NONE) {
        grow(o);
    }
    uint16_t at = o->unused;
    struct outbox_record *r = &o->records[at];
    o->unused = r->next;
    *r = (struct outbox_record){.in_bucket = o->buckets[id[0]]};
    memcpy(r->id, id, LIMIT_ID_SIZE);
    o->buckets[id[0]] = at;
    list_append(o, at, state);
    *ret_at = at;
    return 0;
}

static void forget(struct outbox *o, uint16_t at)
{
    struct outbox_record *r = &o->records[at];
    uint16_t *link = &o->buckets[r->id[0]];
    while (*link != at) {
        link = &o->records[*link].in_bucket;
    }
    *link = r->in_bucket;
    list_remove(o, at);
    r->next = o->unused;
    o->unused = at;
}

void outbox_init(struct outbox *o)
{
    *o = (struct outbox){.unused = NONE};
    memset(o->buckets, 0xff, sizeof o->buckets);
    for (int state = 0; state < OUTBOX_STATES; state++) {
        o->lists[state] = (struct outbox_list){.first = NONE, .last = NONE};
    }
}

void outbox_fini(struct outbox *o)
{
    free(o->records);
    outbox_init(o);
}

int outbox_add(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE])
{
    uint16_t at;
    return add(o, id, OUTBOX_WAITING, &at);
}

int outbox_add_sent(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE], int64_t age_ms,
                    int64_t now_ms)
{
    uint16_t at;
    int rc = add(o, id, OUTBOX_KEPT, &at);
    if (rc != 0) {
        return rc;
    }
    /* A file from the future: the wall clock was put back. It is kept a day from now. */
    int64_t age = age_ms < 0 ? 0 : age_ms < OUTBOX_KEEP_MS ? age_ms : OUTBOX_KEEP_MS;
    o->records[at].time_ms = now_ms - age;
    return 0;
}

void outbox_connected(struct outbox *o, uint32_t in_flight_max)
{
    o->connected = true;
    o->in_flight_max = in_flight_max < 1                     ? 1
                       : in_flight_max > LIMIT_OPEN_REQUESTS ? LIMIT_OPEN_REQUESTS
                                                             : in_flight_max;
    o->busy_until_ms = INT64_MIN; /* It was another server's, or this one's before it restarted. */
}

void outbox_lost(struct outbox *o)
{
    o->connected = false;
    while (o->lists[OUTBOX_IN_FLIGHT].last != NONE) {
        uint16_t at = o->lists[OUTBOX_IN_FLIGHT].last;
        list_remove(o, at);
        list_prepend(o, at, OUTBOX_WAITING);
    }
}

static int64_t pause_ms(uint32_t tries, uint32_t retry_after_ms)
{
    int64_t doubled = (int64_t)OUTBOX_PAUSE_MS << (tries < 6 ? tries : 6);
    int64_t pause = retry_after_ms > 0 ? retry_after_ms : doubled;
    return pause < OUTBOX_PAUSE_MS_MAX ? pause : OUTBOX_PAUSE_MS_MAX;
}

static bool whole_server(int rc)
{
    return rc == ERR_BUSY || rc == ERR_DATABASE || rc == ERR_CLOSING;
}

static void not_now(struct outbox *o, uint16_t at, int rc, uint32_t retry_after_ms, int64_t now_ms)
{
    struct outbox_record *r = &o->records[at];
    if (whole_server(rc)) {
        bool told = o->busy_until_ms > now_ms; /* By another answer of the same flight. */
        if (!told || retry_after_ms > 0) {
            int64_t until = now_ms + pause_ms(o->busy_tries, retry_after_ms);
            o->busy_until_ms = until > o->busy_until_ms ? until : o->busy_until_ms;
        }
        o->busy_tries += told ? 0 : 1;
        move(o, at, OUTBOX_WAITING);
        return;
    }
    r->time_ms = now_ms + pause_ms(r->tries, retry_after_ms);
    r->tries = r->tries < UINT8_MAX ? (uint8_t)(r->tries + 1) : r->tries;
    move(o, at, OUTBOX_PAUSED);
}

void outbox_answer(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE], int rc,
                   uint32_t retry_after_ms, int64_t now_ms)
{
    uint16_t at = find(o, id);
    if (at == NONE) {
        return;
    }
    enum outbox_state state = o->records[at].state;
    if (rc == 0) {
        o->busy_tries = 0;
        if (state == OUTBOX_WAITING || state == OUTBOX_PAUSED || state == OUTBOX_IN_FLIGHT) {
            move(o, at, OUTBOX_STORED);
        }
        return;
    }
    if (state != OUTBOX_IN_FLIGHT) {
        return;
    }
    if (outbox_refuses(rc)) {
        o->records[at].rc = rc;
        move(o, at, OUTBOX_REFUSED);
        return;
    }
    not_now(o, at, rc, retry_after_ms, now_ms);
}

uint32_t outbox_resend(struct outbox *o, int64_t since_ms, int64_t until_ms)
{
    uint32_t count = 0;
    uint16_t at = o->lists[OUTBOX_KEPT].first;
    while (at != NONE) {
        uint16_t next = o->records[at].next;
        if (o->records[at].time_ms >= since_ms && o->records[at].time_ms < until_ms) {
            move(o, at, OUTBOX_ASKED);
            count++;
        }
        at = next;
    }
    return count;
}

void outbox_forget(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE])
{
    uint16_t at = find(o, id);
    if (at != NONE) {
        forget(o, at);
    }
}

static struct outbox_action action(const struct outbox *o, uint16_t at, enum outbox_do kind)
{
    struct outbox_action a = {.kind = kind};
    memcpy(a.id, o->records[at].id, LIMIT_ID_SIZE);
    return a;
}

/* Pauses end in any order: their number is small, or the server is so sick that a scan does not
 * matter. */
static void end_pauses(struct outbox *o, int64_t now_ms)
{
    uint16_t at = o->lists[OUTBOX_PAUSED].first;
    while (at != NONE) {
        uint16_t next = o->records[at].next;
        if (o->records[at].time_ms <= now_ms) {
            move(o, at, OUTBOX_WAITING);
        }
        at = next;
    }
}

static bool may_send(const struct outbox *o)
{
    return o->connected && o->lists[OUTBOX_IN_FLIGHT].count < o->in_flight_max;
}

static bool kept_long_enough(const struct outbox *o, int64_t now_ms)
{
    const struct outbox_list *kept = &o->lists[OUTBOX_KEPT];
    return kept->first != NONE && (kept->count > OUTBOX_KEPT_MAX ||
                                   o->records[kept->first].time_ms + OUTBOX_KEEP_MS <= now_ms);
}

/* What the disk is to be told, before anything is sent. */
static bool next_mark(struct outbox *o, int64_t now_ms, struct outbox_action *ret_action)
{
    uint16_t at = o->lists[OUTBOX_STORED].first;
    if (at != NONE) {
        *ret_action = action(o, at, OUTBOX_MARK_SENT);
        o->records[at].time_ms = now_ms;
        move(o, at, OUTBOX_KEPT);
        return true;
    }
    at = o->lists[OUTBOX_REFUSED].first;
    if (at != NONE) {
        *ret_action = action(o, at, OUTBOX_REFUSE);
        ret_action->rc = o->records[at].rc;
        forget(o, at);
        return true;
    }
    at = o->lists[OUTBOX_ASKED].first;
    if (at != NONE) {
        *ret_action = action(o, at, OUTBOX_MARK_UNSENT);
        o->records[at].sent = true;
        move(o, at, OUTBOX_WAITING);
        return true;
    }
    if (kept_long_enough(o, now_ms)) {
        at = o->lists[OUTBOX_KEPT].first;
        *ret_action = action(o, at, OUTBOX_DROP);
        forget(o, at);
        return true;
    }
    return false;
}

bool outbox_next(struct outbox *o, int64_t now_ms, struct outbox_action *ret_action)
{
    if (next_mark(o, now_ms, ret_action)) {
        return true;
    }
    end_pauses(o, now_ms);
    uint16_t at = o->lists[OUTBOX_WAITING].first;
    if (at == NONE || !may_send(o) || o->busy_until_ms > now_ms) {
        return false;
    }
    *ret_action = action(o, at, OUTBOX_SEND);
    ret_action->resent = o->records[at].sent;
    o->records[at].sent = true;
    move(o, at, OUTBOX_IN_FLIGHT);
    return true;
}

int64_t outbox_wake_ms(const struct outbox *o)
{
    int64_t wake = INT64_MAX;
    if (o->lists[OUTBOX_STORED].count > 0 || o->lists[OUTBOX_REFUSED].count > 0 ||
        o->lists[OUTBOX_ASKED].count > 0 || o->lists[OUTBOX_KEPT].count > OUTBOX_KEPT_MAX) {
        return INT64_MIN;
    }
    if (o->lists[OUTBOX_KEPT].first != NONE) {
        wake = o->records[o->lists[OUTBOX_KEPT].first].time_ms + OUTBOX_KEEP_MS;
    }
    if (!may_send(o)) {
        return wake;
    }
    int64_t send = o->lists[OUTBOX_WAITING].count > 0 ? INT64_MIN : INT64_MAX;
    for (uint16_t at = o->lists[OUTBOX_PAUSED].first; at != NONE; at = o->records[at].next) {
        send = o->records[at].time_ms < send ? o->records[at].time_ms : send;
    }
    if (send != INT64_MAX && send < o->busy_until_ms) {
        send = o->busy_until_ms;
    }
    return send < wake ? send : wake;
}

bool outbox_refuses(int rc)
{
    return rc == ERR_FIELD || rc == ERR_TICKET_UNKNOWN || rc == ERR_TICKET_USED ||
           rc == ERR_RATING_REFUSED;
}

uint32_t outbox_count(const struct outbox *o, enum outbox_state state)
{
    return o->lists[state].count;
}

uint32_t outbox_unsent(const struct outbox *o)
{
    return o->lists[OUTBOX_WAITING].count + o->lists[OUTBOX_PAUSED].count +
           o->lists[OUTBOX_IN_FLIGHT].count + o->lists[OUTBOX_ASKED].count;
}
