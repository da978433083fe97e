/* Happy path: Hello, Watch, alerts come, are noted, and acknowledged together at the turn's end.
 * Failure: comes back after a while; what was not acknowledged comes again and is counted so. */
#include "tests/support/load/watcher.h"

#include <inttypes.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "tests/support/load/talk.h"

enum { PING_US = 5 * 1000 * 1000, HELLO_SEQ = 1 };

static void acknowledge(struct watcher *w)
{
    if (w->fresh_count > 0 && w->line.stage == LINE_UP) {
        talk_received(&w->line, ++w->seq, w->fresh, w->fresh_count);
    }
    w->fresh_count = 0;
}

static void put_hex(FILE *to, const ProtobufCBinaryData *id)
{
    for (size_t i = 0; i < id->len; i++) {
        (void)fprintf(to, "%02x", id->data[i]); /* The field looks at ferror. */
    }
}

/* To be acknowledged at the turn's end. */
static void take(struct watcher *w, const Attune__Alert *alert)
{
    if (alert->alert_id.len == LIMIT_ID_SIZE) {
        memcpy(w->fresh[w->fresh_count++], alert->alert_id.data, LIMIT_ID_SIZE);
    }
    if (w->fresh_count == LIMIT_ALERTS_OPEN) {
        acknowledge(w);
    }
}

static void on_alert(struct watcher *w, const Attune__Alert *alert)
{
    struct field *f = w->field;
    int64_t now = field_now_us();
    uint32_t number;
    if (alert->tier == ATTUNE__TIER__TIER_GOOD) { /* Good news is no answer to a low rating. */
        take(w, alert);
        return;
    }
    if (alert->alert_id.len != LIMIT_ID_SIZE || alert->rating_id.len != LIMIT_ID_SIZE ||
        !plan_number(&f->options.plan, alert->rating_id.data, &number)) {
        f->unexpected++;
        return;
    }
    bool first = sheet_alert(&f->sheet, number, now);
    f->redelivered += !first;
    f->misdirected += number % f->options.therapists != w->index;
    if (f->journal != NULL) {
        (void)fputs("alert ", f->journal); /* The field looks at ferror. */
        put_hex(f->journal, &alert->alert_id);
        (void)fputc(' ', f->journal);
        put_hex(f->journal, &alert->rating_id);
        (void)fprintf(f->journal, " %" PRIu32 " %.3f %d\n", w->index, (double)now / 1000, !first);
        (void)fflush(f->journal); /* Noted before it is acknowledged, whoever kills us. */
    }
    take(w, alert);
}

static int on_welcome(struct watcher *w, const Attune__Response *response)
{
    if (response->body_case != ATTUNE__RESPONSE__BODY_WELCOME) {
        return ERR_DEVICE_UNKNOWN;
    }
    w->welcome = true;
    w->opening = false;
    field_opened(w->field);
    backoff_reset(&w->backoff);
    field_welcomed(w->field, true);
    talk_watch(&w->line, ++w->seq);
    return 0;
}

static void on_up(struct line *l)
{
    struct watcher *w = container_of(l, struct watcher, line);
    w->seq = HELLO_SEQ;
    w->due_us = field_now_us() + PING_US;
    talk_hello(l, HELLO_SEQ, "attune-load");
}

static int on_frame(struct line *l, const uint8_t *body, size_t len)
{
    struct watcher *w = container_of(l, struct watcher, line);
    const Attune__ServerFrame *frame;
    int rc = codec_server_frame(&w->field->arena, body, len, &frame);
    if (rc != 0) {
        return rc;
    }
    if (frame->body_case == ATTUNE__SERVER_FRAME__BODY_RESPONSE && !w->welcome) {
        return on_welcome(w, frame->response);
    }
    if (frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH &&
        frame->push->body_case == ATTUNE__PUSH__BODY_ALERT) {
        on_alert(w, frame->push->alert);
        acknowledge(w);
    }
    return 0;
}

static void on_gone(struct line *l, int rc)
{
    struct watcher *w = container_of(l, struct watcher, line);
    struct field *f = w->field;
    if (w->opening) {
        field_opened(f);
    }
    if (w->welcome) {
        field_welcomed(f, false);
        f->reconnects += !f->ended;
    }
    w->welcome = w->opening = false;
    w->fresh_count = 0;
    f->last_loss = rc;
    w->due_us = field_now_us() + field_pause_us(&w->backoff);
}

static const struct line_handler handler = {on_up, on_frame, on_gone};

void watcher_start(struct watcher *w, struct field *f, uint32_t index)
{
    *w = (struct watcher){.field = f, .index = index};
    line_init(&w->line, &f->hub, &handler);
    backoff_init(&w->backoff, 20, f->options.reconnect_ms_max);
}

void watcher_sweep(struct watcher *w, int64_t now_us)
{
    if (w->line.stage == LINE_SHUT && now_us >= w->due_us) {
        w->opening = field_open(w->field, &w->line, w->field->options.kiosks_of_fleet + w->index);
    } else if (w->welcome && w->line.stage == LINE_UP && now_us >= w->due_us) {
        w->due_us = now_us + PING_US;
        talk_ping(&w->line, ++w->seq);
    }
}

void watcher_stop(struct watcher *w)
{
    line_close(&w->line, ERR_CANCELED);
}
