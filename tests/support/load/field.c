/* Happy path: all devices connect, the plan is sent, answers come, alerts come, the line is
 * printed. Failure: what is unanswered when the grace is over is told as such and makes the run
 * fail; TERM ends the sending, so that a watching run writes its journal too. */
#include "tests/support/load/field.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "tests/support/load/kiosk.h"
#include "tests/support/load/watcher.h"

enum { SWEEP_MS = 100, TOKEN_MS = 2, OPENING_MAX = 200, SHUFFLE = 64 };

int64_t field_now_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

int64_t field_clock_ms(void)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_REALTIME, &now);
    must(rc == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool field_open(struct field *f, struct line *l, uint32_t device)
{
    if (f->ended || f->opening >= OPENING_MAX) {
        return false;
    }
    must(device < f->fleet->count);
    f->opening++;
    line_open(l, &f->options.addresses[device % f->options.address_count],
              &f->fleet->devices[device]);
    return true;
}

void field_opened(struct field *f)
{
    must(f->opening > 0);
    f->opening--;
}

int64_t field_pause_us(struct backoff *b)
{
    uint32_t random;
    int rc = RAND_bytes((unsigned char *)&random, sizeof random);
    must(rc == 1);
    return (int64_t)backoff_next(b, random) * 1000;
}

/* What was sealed for this kiosk: a chain is one kiosk's. */
static bool take_share(struct field *f, struct kiosk *k, uint32_t *ret_number)
{
    uint64_t at = (uint64_t)k->taken * f->options.kiosks + k->index;
    if (at >= f->options.plan.count) {
        return false;
    }
    k->taken++;
    *ret_number = f->options.plan.first + (uint32_t)at;
    f->next[k->group]++;
    return true;
}

bool field_take(struct field *f, struct kiosk *k, uint32_t *ret_number)
{
    uint32_t group = k->group;
    if (!f->started || f->stopping || f->next[group] >= f->allowed) {
        return false;
    }
    if (f->boxes != NULL) {
        return take_share(f, k, ret_number);
    }
    /* Each copy in another order, so that no group is always the first to send a number. */
    uint32_t at = f->next[group]++;
    uint32_t other = at ^ (group * 8);
    *ret_number = f->options.plan.first + (f->options.plan.count % SHUFFLE == 0 ? other : at);
    return true;
}

void field_welcomed(struct field *f, bool up)
{
    f->welcomed += up ? 1U : -1U;
}

void field_offer(struct field *f, const ProtobufCBinaryData *key)
{
    if (!f->has_key || memcmp(f->key.public_half, key->data, key->len) != 0) {
        f->has_key = key->len > 0 && seal_key_from(key->data, key->len, &f->key) == 0;
    }
}

const struct seal_key *field_key(const struct field *f)
{
    return f->has_key ? &f->key : NULL;
}

static void preseal(struct field *f)
{
    f->boxes = calloc(f->options.plan.count, sizeof *f->boxes);
    must(f->boxes != NULL);
    for (uint32_t at = 0; at < f->options.plan.count; at++) {
        f->boxes[at].len =
            (uint32_t)kiosk_record(&f->kiosks[at % f->options.kiosks], f->options.plan.first + at,
                                   f->boxes[at].bytes, sizeof f->boxes[at].bytes);
    }
}

/* Everybody has a go, the first one another each time, until nobody takes any more. */
static void pump_all(struct field *f, uint32_t max)
{
    uint32_t kiosks = f->options.kiosks;
    uint32_t quiet = 0;
    while (kiosks > 0 && quiet < kiosks) {
        struct kiosk *k = &f->kiosks[f->turn++ % kiosks];
        quiet = kiosk_pump(k, max) > 0 ? 0 : quiet + 1;
    }
}

static void on_token(uv_timer_t *timer)
{
    struct field *f = container_of(timer, struct field, token);
    if (f->started && f->options.rate > 0) {
        int64_t due = (field_now_us() - f->start_us) * f->options.rate / 1000000;
        int64_t most = f->options.plan.count;
        f->allowed = (uint32_t)(due < most ? due : most);
    }
    f->turn++; /* Another one is first. */
    pump_all(f, 1);
}

static void start(struct field *f)
{
    f->started = true;
    if (f->options.preseal && f->options.plan.count > 0) {
        preseal(f);
    }
    for (uint32_t i = 0; i < f->options.copies; i++) {
        f->next[i] = f->options.begin_at;
    }
    f->start_us = field_now_us();
    f->measure_us = f->start_us + f->options.warm_ms * INT64_C(1000);
    f->allowed = f->options.rate > 0 ? 0 : f->options.plan.count;
    printf("ready devices=%u\n", (unsigned)f->welcomed);
    (void)fflush(stdout); /* Whoever waits for it sees the time-out otherwise. */
    if (f->options.rate > 0) {
        int rc = uv_timer_start(&f->token, on_token, TOKEN_MS, TOKEN_MS);
        must(rc == 0);
    } else {
        pump_all(f, UINT32_MAX);
    }
}

static bool all_taken(const struct field *f)
{
    for (uint32_t i = 0; i < f->options.copies; i++) {
        if (f->next[i] < f->options.plan.count) {
            return false;
        }
    }
    return f->options.plan.count > 0 && f->options.kiosks > 0;
}

static bool owes(const struct field *f)
{
    for (uint32_t i = 0; i < f->options.kiosks; i++) {
        if (kiosk_owes(&f->kiosks[i]) > 0) {
            return true;
        }
    }
    return f->options.therapists > 0 && f->options.kiosks > 0 && !sheet_alerted(&f->sheet);
}

static void end(struct field *f)
{
    f->ended = true;
    for (uint32_t i = 0; i < f->options.kiosks; i++) {
        kiosk_stop(&f->kiosks[i]);
    }
    for (uint32_t i = 0; i < f->options.therapists; i++) {
        watcher_stop(&f->watchers[i]);
    }
    line_hub_close(&f->hub);
    uv_close((uv_handle_t *)&f->token, NULL);
    uv_close((uv_handle_t *)&f->sweep, NULL);
    uv_close((uv_handle_t *)&f->term, NULL);
    uv_close((uv_handle_t *)&f->interrupt, NULL);
}

static void look_for_the_end(struct field *f, int64_t now)
{
    int64_t run_us = f->options.run_ms * INT64_C(1000);
    if (!f->stopping && ((run_us > 0 && now - f->measure_us >= run_us) || all_taken(f))) {
        f->stopping = true;
        f->stop_us = now;
    }
    bool patient = now - f->stop_us < f->options.grace_ms * INT64_C(1000);
    if (f->stopping && !(owes(f) && patient)) {
        end(f);
    }
}

static void on_sweep(uv_timer_t *timer)
{
    struct field *f = container_of(timer, struct field, sweep);
    int64_t now = field_now_us();
    for (uint32_t i = 0; i < f->options.therapists; i++) {
        watcher_sweep(&f->watchers[i], now);
    }
    for (uint32_t i = 0; i < f->options.kiosks; i++) {
        kiosk_sweep(&f->kiosks[i], now);
    }
    if (!f->started &&
        (f->options.spools != NULL || f->welcomed == f->options.kiosks + f->options.therapists)) {
        start(f);
    } else if (f->started) {
        look_for_the_end(f, now);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct field *f = handle->data;
    (void)number;
    if (!f->stopping) {
        f->stopping = true;
        f->stop_us = field_now_us();
    }
    if (!f->started && !f->ended) {
        end(f);
    }
}

static void begin(struct field *f, uv_loop_t *loop)
{
    int rc = uv_timer_init(loop, &f->token);
    rc = rc != 0 ? rc : uv_timer_init(loop, &f->sweep);
    rc = rc != 0 ? rc : uv_timer_start(&f->sweep, on_sweep, 0, SWEEP_MS);
    rc = rc != 0 ? rc : uv_signal_init(loop, &f->term);
    rc = rc != 0 ? rc : uv_signal_init(loop, &f->interrupt);
    f->term.data = f->interrupt.data = f;
    rc = rc != 0 ? rc : uv_signal_start(&f->term, on_signal, SIGTERM);
    rc = rc != 0 ? rc : uv_signal_start(&f->interrupt, on_signal, SIGINT);
    must(rc == 0);
}

static void print_line(const struct field *f)
{
    const struct sheet *s = &f->sheet;
    int64_t until =
        f->options.run_ms > 0 ? f->measure_us + f->options.run_ms * INT64_C(1000) : INT64_MAX;
    until = f->stopping && f->stop_us < until && f->options.run_ms > 0 ? f->stop_us : until;
    struct sheet_times acks = sheet_times(s, false, f->measure_us, until);
    struct sheet_times alerts = sheet_times(s, true, f->measure_us, INT64_MAX);
    int64_t last = f->options.run_ms > 0 ? until : field_now_us();
    double seconds = (double)(last - f->measure_us) / 1e6;
    printf("load sent=%u acked=%u refused=%u busy=%u unsaved=%u reconnects=%u per_s=%.0f "
           "p50_ms=%.3f p99_ms=%.3f max_ms=%.3f alerts=%u redelivered=%u misdirected=%u "
           "unexpected=%u alert_p50_ms=%.3f alert_p99_ms=%.3f first_refusal=%s last_loss=%s\n",
           (unsigned)s->sent, (unsigned)s->acked, (unsigned)s->refused, (unsigned)f->busy,
           (unsigned)f->unsaved, (unsigned)f->reconnects,
           seconds > 0 ? (double)acks.count / seconds : 0, acks.p50_ms, acks.p99_ms, acks.max_ms,
           (unsigned)s->alerts, (unsigned)f->redelivered, (unsigned)f->misdirected,
           (unsigned)f->unexpected, alerts.p50_ms, alerts.p99_ms, err_name(f->first_refusal),
           err_name(f->last_loss));
}

static int make_devices(struct field *f)
{
    int rc = 0;
    f->kiosks = calloc(f->options.kiosks + 1, sizeof *f->kiosks);
    f->watchers = calloc(f->options.therapists + 1, sizeof *f->watchers);
    must(f->kiosks != NULL && f->watchers != NULL);
    for (uint32_t i = 0; i < f->options.therapists; i++) {
        watcher_start(&f->watchers[i], f, i);
    }
    for (uint32_t i = 0; i < f->options.kiosks; i++) {
        int one = kiosk_start(&f->kiosks[i], f, i);
        rc = rc != 0 ? rc : one;
    }
    return rc;
}

static int write_journal(struct field *f)
{
    if (f->journal == NULL) {
        return 0;
    }
    sheet_write(&f->sheet, f->journal);
    bool good = ferror(f->journal) == 0;
    good = fclose(f->journal) == 0 && good;
    if (!good) {
        perror(f->options.journal);
    }
    return good ? 0 : ERR_DISK;
}

static int run(struct field *f)
{
    uv_loop_t loop;
    int rc = uv_loop_init(&loop);
    must(rc == 0);
    codec_arena_init(&f->arena);
    sheet_init(&f->sheet, &f->options.plan, f->options.copies);
    line_hub_init(&f->hub, &loop, f->fleet->context);
    rc = make_devices(f);
    begin(f, &loop);
    if (rc != 0) {
        end(f);
    }
    (void)uv_run(&loop, UV_RUN_DEFAULT); /* Until nothing is left. */
    int closed = uv_loop_close(&loop);
    must(closed == 0);
    print_line(f);
    bool unpaid = owes(f);
    for (uint32_t i = 0; i < f->options.kiosks; i++) {
        kiosk_fini(&f->kiosks[i]);
    }
    int written = write_journal(f);
    sheet_fini(&f->sheet);
    free(f->boxes);
    free(f->kiosks);
    free(f->watchers);
    return rc != 0 ? rc : written != 0 ? written : unpaid ? ERR_TIMEOUT : 0;
}

int field_run(const struct field_options *options, struct fleet *fleet)
{
    struct field *f = calloc(1, sizeof *f);
    must(f != NULL);
    f->options = *options;
    f->fleet = fleet;
    int rc = 0;
    if (options->journal != NULL) {
        f->journal = fopen(options->journal, "ae"); /* A killed run's goes on. */
        rc = f->journal == NULL ? ERR_DISK : 0;
    }
    if (rc != 0) {
        perror(options->journal);
    }
    rc = rc != 0 ? rc : run(f);
    free(f);
    return rc;
}
