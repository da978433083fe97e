/* Happy path: open, Hello, Welcome, ratings out as long as there is room, verdicts in, the next
 * ones. Failure: a lost connection puts what was unanswered back in the queue and comes again after
 * a while; "later" puts one rating aside for the stated time; a refusal for good is noted. */
#include "tests/support/load/kiosk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "tests/support/load/talk.h"

enum { PING_US = 5 * 1000 * 1000, PAUSE_US = 500 * 1000, HELLO_SEQ = 1, PATH_SIZE = 4096 };

/* ---- flights: what is sent and not answered -------------------------------------------------- */

static struct kiosk_flight *flight_free(struct kiosk *k)
{
    for (uint32_t i = 0; i < k->field->options.outstanding; i++) {
        if (k->flights[i].state == FLIGHT_FREE) {
            return &k->flights[i];
        }
    }
    return NULL;
}

static struct kiosk_flight *flight_of(struct kiosk *k, uint64_t seq)
{
    for (uint32_t i = 0; i < k->field->options.outstanding; i++) {
        if (k->flights[i].state == FLIGHT_SENT && k->flights[i].seq == seq) {
            return &k->flights[i];
        }
    }
    return NULL;
}

static void flight_end(struct kiosk *k, struct kiosk_flight *flight)
{
    flight->state = FLIGHT_FREE;
    k->flying--;
}

static void fly(struct kiosk *k, struct kiosk_flight *flight, const uint8_t *record, size_t len)
{
    flight->seq = ++k->seq;
    flight->state = FLIGHT_SENT;
    talk_submit(&k->line, flight->seq, record, len);
    sheet_sent(&k->field->sheet, flight->number, k->group, field_now_us());
}

size_t kiosk_record(struct kiosk *k, uint32_t number, uint8_t *room, size_t room_size)
{
    const struct seal_key *key = field_key(k->field);
    if (key != NULL && memcmp(key, &k->chain.key, sizeof *key) != 0) {
        seal_chain_init(&k->chain, key);
    }
    return plan_record(&k->field->options.plan, number, field_clock_ms(),
                       key != NULL ? &k->chain : NULL, room, room_size);
}

static void fly_from_plan(struct kiosk *k, struct kiosk_flight *flight)
{
    uint8_t record[SPOOL_RECORD_SIZE];
    struct field *f = k->field;
    uint32_t at = flight->number - f->options.plan.first;
    if (f->boxes != NULL) {
        fly(k, flight, f->boxes[at].bytes, f->boxes[at].len);
        return;
    }
    size_t len = kiosk_record(k, flight->number, record, sizeof record);
    fly(k, flight, record, len);
}

static bool is_last_word(int rc)
{
    return rc == 0 || outbox_refuses(rc);
}

static void note_answer(struct kiosk *k, uint32_t number, int rc, bool again)
{
    struct field *f = k->field;
    if (is_last_word(rc)) {
        sheet_answered(&f->sheet, number, k->group, rc, again, field_now_us());
        f->first_refusal = f->first_refusal == 0 ? rc : f->first_refusal;
    } else {
        f->busy++;
    }
}

/* ---- with a spool ---------------------------------------------------------------------------- */

static void send_spooled(struct kiosk *k, const uint8_t *id)
{
    uint8_t record[SPOOL_RECORD_SIZE];
    size_t len;
    uint32_t number;
    struct kiosk_flight *flight = flight_free(k);
    must(flight != NULL); /* The outbox keeps to in_flight_max. */
    if (!plan_number(&k->field->options.plan, id, &number) ||
        spool_read(&k->spool, id, record, &len) != 0) {
        outbox_forget(&k->outbox, id);
        k->field->unexpected++;
        return;
    }
    flight->number = number;
    k->flying++;
    fly(k, flight, record, len);
}

static void do_spooled(struct kiosk *k, const struct outbox_action *action)
{
    int rc = 0;
    switch (action->kind) {
    case OUTBOX_SEND:
        send_spooled(k, action->id);
        break;
    case OUTBOX_MARK_SENT:
        rc = spool_mark_sent(&k->spool, action->id);
        break;
    case OUTBOX_MARK_UNSENT:
        rc = spool_mark_unsent(&k->spool, action->id);
        break;
    case OUTBOX_REFUSE:
        rc = spool_refuse(&k->spool, action->id, action->rc);
        break;
    case OUTBOX_DROP:
        rc = spool_remove(&k->spool, action->id);
        break;
    default:
        break;
    }
    if (rc != 0) {
        fprintf(stderr, "attune-load: kiosk %u: %s\n", k->index, k->spool.why);
    }
}

static void turn_spooled(struct kiosk *k)
{
    struct outbox_action action;
    while (outbox_next(&k->outbox, field_now_us() / 1000, &action)) {
        do_spooled(k, &action);
    }
}

/* Saved first; sent when the outbox says so. */
static void save(struct kiosk *k, uint32_t number)
{
    uint8_t record[SPOOL_RECORD_SIZE], id[LIMIT_ID_SIZE];
    const struct plan *plan = &k->field->options.plan;
    size_t len = kiosk_record(k, number, record, sizeof record);
    plan_rating_id(plan, number, id);
    int rc = spool_save(&k->spool, id, record, len);
    if (rc == 0) {
        sheet_saved(&k->field->sheet, number, k->group);
        rc = outbox_add(&k->outbox, id);
    }
    if (rc != 0) {
        k->field->unsaved++;
    }
}

static void on_spool_entry(struct spool *s, const struct spool_entry *entry)
{
    struct kiosk *k = container_of(s, struct kiosk, spool);
    uint32_t number;
    if (entry->sent) {
        return;
    }
    if (!plan_number(&k->field->options.plan, entry->id, &number)) {
        k->field->unexpected++;
        return;
    }
    sheet_saved(&k->field->sheet, number, k->group);
    (void)outbox_add(&k->outbox, entry->id); /* A full outbox: seen as unsent at the end. */
}

static int open_spool(struct kiosk *k, const char *folder)
{
    char path[PATH_SIZE];
    uint32_t bad = 0;
    (void)snprintf(path, sizeof path, "%s/kiosk-%05u", folder, k->index);
    k->spooled = true;
    spool_init(&k->spool, NULL);
    int rc = spool_open(&k->spool, path, on_spool_entry, &bad);
    if (rc != 0 || bad > 0) {
        fprintf(stderr, "attune-load: %s: %u bad: %s\n", path, bad, k->spool.why);
    }
    return rc;
}

/* ---- what the server says -------------------------------------------------------------------- */

static void answered(struct kiosk *k, struct kiosk_flight *flight, int rc, bool again,
                     uint32_t retry_ms)
{
    uint32_t number = flight->number;
    note_answer(k, number, rc, again);
    if (k->spooled) {
        uint8_t id[LIMIT_ID_SIZE];
        plan_rating_id(&k->field->options.plan, number, id);
        flight_end(k, flight);
        outbox_answer(&k->outbox, id, rc, retry_ms, field_now_us() / 1000);
        turn_spooled(k);
    } else if (is_last_word(rc)) {
        flight_end(k, flight);
    } else {
        flight->state = FLIGHT_WAITING;
        flight->due_us = field_now_us() + (retry_ms > 0 ? retry_ms * INT64_C(1000) : PAUSE_US);
        k->waiting++;
    }
}

static int on_welcome(struct kiosk *k, const Attune__Response *response)
{
    if (response->body_case != ATTUNE__RESPONSE__BODY_WELCOME) {
        return response->body_case == ATTUNE__RESPONSE__BODY_ERROR
                   ? err_from_code(response->error->code)
                   : ERR_MESSAGE;
    }
    field_offer(k->field, &response->welcome->sealing_key);
    k->welcome = true;
    k->opening = false;
    field_opened(k->field);
    backoff_reset(&k->backoff);
    field_welcomed(k->field, true);
    if (k->spooled) {
        outbox_connected(&k->outbox, k->field->options.outstanding);
        turn_spooled(k);
    } else {
        kiosk_sweep(k, field_now_us());
        (void)kiosk_pump(k, UINT32_MAX);
    }
    return 0;
}

static int on_response(struct kiosk *k, const Attune__Response *response)
{
    if (!k->welcome) {
        return on_welcome(k, response);
    }
    struct kiosk_flight *flight = flight_of(k, response->seq);
    if (flight == NULL) {
        return 0; /* A ping's answer. */
    }
    if (response->body_case == ATTUNE__RESPONSE__BODY_RATING_STORED) {
        answered(k, flight, 0, response->rating_stored->again, 0);
    } else if (response->body_case == ATTUNE__RESPONSE__BODY_ERROR) {
        answered(k, flight, err_from_code(response->error->code), false,
                 response->error->retry_after_ms);
    }
    (void)kiosk_pump(k, UINT32_MAX);
    return 0;
}

/* A server that may have lost something asks again. */
static void on_push(struct kiosk *k, const Attune__Push *push)
{
    if (k->spooled && push->body_case == ATTUNE__PUSH__BODY_RESEND) {
        int64_t now = field_now_us() / 1000;
        (void)outbox_resend(&k->outbox, now - (int64_t)push->resend->acknowledged_within_ms,
                            now - (int64_t)push->resend->acknowledged_before_ms);
        turn_spooled(k);
    }
}

static void on_up(struct line *l)
{
    struct kiosk *k = container_of(l, struct kiosk, line);
    k->seq = HELLO_SEQ;
    k->due_us = field_now_us() + PING_US;
    talk_hello(l, HELLO_SEQ, "attune-load");
}

static int on_frame(struct line *l, const uint8_t *body, size_t len)
{
    struct kiosk *k = container_of(l, struct kiosk, line);
    const Attune__ServerFrame *frame;
    int rc = codec_server_frame(&k->field->arena, body, len, &frame);
    if (rc != 0) {
        return rc;
    }
    if (frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH) {
        on_push(k, frame->push);
        return 0;
    }
    return frame->body_case == ATTUNE__SERVER_FRAME__BODY_RESPONSE ? on_response(k, frame->response)
                                                                   : 0;
}

static void lose_flights(struct kiosk *k)
{
    for (uint32_t i = 0; i < LIMIT_OPEN_REQUESTS; i++) {
        struct kiosk_flight *flight = &k->flights[i];
        if (flight->state == FLIGHT_SENT && k->spooled) {
            flight_end(k, flight); /* The outbox knows. */
        } else if (flight->state == FLIGHT_SENT) {
            flight->state = FLIGHT_WAITING;
            flight->due_us = 0;
            k->waiting++;
        }
    }
}

static void on_gone(struct line *l, int rc)
{
    struct kiosk *k = container_of(l, struct kiosk, line);
    struct field *f = k->field;
    if (k->opening) {
        field_opened(f);
    }
    if (k->welcome) {
        field_welcomed(f, false);
        f->reconnects += !f->ended;
    }
    k->welcome = k->opening = false;
    lose_flights(k);
    if (k->spooled) {
        outbox_lost(&k->outbox);
    }
    f->last_loss = rc;
    k->due_us = field_now_us() + field_pause_us(&k->backoff);
}

static const struct line_handler handler = {on_up, on_frame, on_gone};

/* ---- what the field asks --------------------------------------------------------------------- */

int kiosk_start(struct kiosk *k, struct field *f, uint32_t index)
{
    *k = (struct kiosk){.field = f, .index = index, .group = index % f->options.copies};
    line_init(&k->line, &f->hub, &handler);
    backoff_init(&k->backoff, 20, f->options.reconnect_ms_max);
    outbox_init(&k->outbox);
    return f->options.spools == NULL ? 0 : open_spool(k, f->options.spools);
}

uint32_t kiosk_pump(struct kiosk *k, uint32_t max)
{
    struct field *f = k->field;
    uint32_t taken = 0, number;
    struct kiosk_flight *flight;
    while (k->spooled && taken < max &&
           k->outbox.lists[OUTBOX_WAITING].count < LIMIT_OPEN_REQUESTS &&
           field_take(f, k, &number)) {
        save(k, number);
        taken++;
    }
    if (k->spooled) {
        turn_spooled(k);
        return taken;
    }
    while (k->welcome && k->line.stage == LINE_UP && taken < max &&
           (flight = flight_free(k)) != NULL && field_take(f, k, &number)) {
        flight->number = number;
        k->flying++;
        fly_from_plan(k, flight);
        taken++;
    }
    return taken;
}

static void resend(struct kiosk *k, int64_t now_us)
{
    for (uint32_t i = 0; k->waiting > 0 && i < LIMIT_OPEN_REQUESTS; i++) {
        struct kiosk_flight *flight = &k->flights[i];
        if (flight->state == FLIGHT_WAITING && flight->due_us <= now_us) {
            k->waiting--;
            fly_from_plan(k, flight);
        }
    }
}

void kiosk_sweep(struct kiosk *k, int64_t now_us)
{
    if (k->line.stage == LINE_SHUT && now_us >= k->due_us) {
        k->opening = field_open(k->field, &k->line, k->field->options.kiosk_from + k->index);
        return;
    }
    if (!k->welcome || k->line.stage != LINE_UP) {
        return;
    }
    resend(k, now_us);
    if (k->spooled) {
        turn_spooled(k);
    }
    if (now_us >= k->due_us) {
        k->due_us = now_us + PING_US;
        talk_ping(&k->line, ++k->seq);
    }
}

uint32_t kiosk_owes(const struct kiosk *k)
{
    return k->spooled ? outbox_unsent(&k->outbox) : k->flying;
}

void kiosk_stop(struct kiosk *k)
{
    line_close(&k->line, ERR_CANCELED);
}

void kiosk_fini(struct kiosk *k)
{
    outbox_fini(&k->outbox);
    if (k->spooled) {
        spool_fini(&k->spool);
    }
}
