/* Happy path: the timer asks each connection for its chain's head; when all have answered, the last
 * head of the list is read (and, now and then, the ends that nobody has signed); what has moved is
 * signed, each over the one before, and added; one line each goes to the log.
 * Failure: somebody else has added heads meanwhile: theirs are read and followed, at once. The
 * database is away: nothing is lost, the next interval signs all that has come since. When closing,
 * a connection that is kept waiting is waited for two seconds: another process signs its end. */
#include "server/pg/heads.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/pg/rows.h"

static const char TAG[] = "audit";

enum {
    TRIES_MAX = 8,
    SWEEP_MS = 3600 * 1000,
    CLOSING_MS = 2000,
    TAILS_MAX = HEADS_MAX - PG_POOL_MAX
};

/* chain:seq:hash, as audit_add keeps it. */
static const struct pg_statement read_head = {
    .sql = "select split_part(h, ':', 1)::uuid, split_part(h, ':', 2)::bigint,"
           " decode(split_part(h, ':', 3), 'hex')"
           " from current_setting('attune.audit_head', true) as s (h) where h <> ''"};
static const struct pg_statement read_last = {
    .sql = "select number, signature from audit_head_last()"};
static const struct pg_statement read_tails = {
    .sql = "select chain, seq, hash from audit_tails($1::int)"};
static const struct pg_statement add = {
    .sql = "select audit_heads_add($1::bigint, $2::uuid[], $3::bigint[], $4::bytea[],"
           " $5::timestamptz, $6::bytea, $7::bytea[])"};

static void go_on(struct heads *h);

static void on_timer_closed(uv_handle_t *handle)
{
    struct heads *h = container_of((uv_timer_t *)(void *)handle, struct heads, timer);
    chain_key_wipe(&h->key);
    h->cb(h);
}

static void end(struct heads *h)
{
    if (!h->closed) {
        h->closed = true;
        uv_close((uv_handle_t *)&h->timer, on_timer_closed);
    }
}

static void on_too_late(uv_timer_t *timer)
{
    end(container_of(timer, struct heads, timer)); /* The pool's close ends the calls. */
}

static void finish(struct heads *h)
{
    h->busy = false;
    if (h->ending) {
        end(h);
    }
}

/* ---- adding ---------------------------------------------------------------------------------- */

static void say(const struct chain_head *head, const uint8_t signature[CHAIN_SIGNATURE])
{
    char chain[2 * CHAIN_ID + 1], hash[2 * CHAIN_HASH + 1], words[2 * CHAIN_SIGNATURE + 1];
    log_line(LOG_LEVEL_NOTICE, TAG,
             "head=%" PRId64 " chain=%s seq=%" PRId64 " hash=%s at=%" PRId64 " signature=%s",
             head->number, chain_hex(head->chain, CHAIN_ID, chain), head->seq,
             chain_hex(head->hash, CHAIN_HASH, hash), head->at,
             chain_hex(signature, CHAIN_SIGNATURE, words));
}

static void note_signed(struct heads *h, const struct chain_head *head)
{
    for (unsigned i = 0; i < PG_POOL_MAX; i++) {
        struct heads_slot *slot = &h->slots[i];
        if (memcmp(slot->chain, head->chain, CHAIN_ID) == 0 && slot->signed_to < head->seq) {
            slot->signed_to = head->seq;
        }
    }
}

static void on_added(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct heads *h = container_of(call, struct heads, call);
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    if (rc != 0) {
        finish(h);
        return;
    }
    if (!pg_bool(&rows, 0, 0)) {
        if (++h->tries < TRIES_MAX) {
            go_on(h);
        } else {
            finish(h);
        }
        return;
    }
    for (unsigned i = 0; i < h->count; i++) {
        say(&h->list[i], h->signatures[i]);
        note_signed(h, &h->list[i]);
    }
    h->own_number = h->prior_number + h->count;
    finish(h);
}

static void put_list(struct heads *h, struct pg_params *p)
{
    pg_put_int8(p, h->prior_number);
    pg_put_array(p, PG_UUID);
    for (unsigned i = 0; i < h->count; i++) {
        pg_put_uuid(p, h->list[i].chain);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (unsigned i = 0; i < h->count; i++) {
        pg_put_int8(p, h->list[i].seq);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (unsigned i = 0; i < h->count; i++) {
        pg_put_bytes(p, h->list[i].hash, CHAIN_HASH);
    }
    pg_put_array_end(p);
    pg_put_time(p, h->at);
    pg_put_bytes(p, h->key.public_half, CHAIN_KEY);
    pg_put_array(p, PG_BYTEA);
    for (unsigned i = 0; i < h->count; i++) {
        pg_put_bytes(p, h->signatures[i], CHAIN_SIGNATURE);
    }
    pg_put_array_end(p);
}

static void sign_and_add(struct heads *h, const uint8_t prior[CHAIN_SIGNATURE])
{
    for (unsigned i = 0; i < h->count; i++) {
        struct chain_head *head = &h->list[i];
        head->number = h->prior_number + 1 + i;
        memcpy(head->prior, i == 0 ? prior : h->signatures[i - 1], CHAIN_SIGNATURE);
        chain_head_sign(head, &h->key, h->signatures[i]);
    }
    struct pg_plan *plan = pg_plan_new();
    put_list(h, pg_plan_add(plan, &add));
    if (pg_pool_run(h->pool, &h->call, PG_LANE_READ, plan, on_added) != 0) {
        finish(h);
    }
}

/* ---- what is to be signed -------------------------------------------------------------------- */

static bool is_listed(const struct heads *h, const uint8_t chain[CHAIN_ID])
{
    unsigned i = 0;
    while (i < h->count && memcmp(h->list[i].chain, chain, CHAIN_ID) != 0) {
        i++;
    }
    return i < h->count;
}

static void list_one(struct heads *h, const uint8_t chain[CHAIN_ID], int64_t seq,
                     const uint8_t hash[CHAIN_HASH])
{
    must(h->count < HEADS_MAX);
    struct chain_head *head = &h->list[h->count++];
    *head = (struct chain_head){.seq = seq, .at = h->at};
    memcpy(head->chain, chain, CHAIN_ID);
    memcpy(head->hash, hash, CHAIN_HASH);
}

static void list_tails(struct heads *h, struct pg_rows *tails)
{
    for (size_t i = 0; i < tails->count && i < TAILS_MAX; i++) {
        uint8_t chain[CHAIN_ID], hash[CHAIN_HASH];
        pg_uuid(tails, i, 0, chain);
        int64_t seq = pg_int8(tails, i, 1);
        pg_copy_bytes(tails, i, 2, hash, sizeof hash);
        if (!tails->bad && !is_listed(h, chain)) {
            list_one(h, chain, seq, hash);
        }
    }
    h->sweep = tails->count >= TAILS_MAX; /* There may be more. */
}

static void on_last(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct heads *h = container_of(call, struct heads, call);
    uint8_t prior[CHAIN_SIGNATURE] = {0};
    struct pg_rows last, tails;
    if (rc != 0 || h->closed) {
        finish(h);
        return;
    }
    pg_rows_init(&last, results->step[0]);
    pg_rows_init(&tails, results->step[1]);
    h->prior_number = 0;
    if (last.count > 0) {
        h->prior_number = pg_int8(&last, 0, 0);
        pg_copy_bytes(&last, 0, 1, prior, sizeof prior);
    }
    if (h->prior_number < h->own_number) {
        log_line(LOG_LEVEL_ERROR, TAG, "head=%" PRId64 " was signed here and is not there any more",
                 h->own_number);
    }
    if (h->sweep) {
        list_tails(h, &tails);
        h->swept_ms = uv_now(h->pool->loop);
    }
    if (last.bad || tails.bad || h->count == 0) {
        finish(h);
        return;
    }
    sign_and_add(h, prior);
}

/* All connections have answered, or others' heads came first. */
static void go_on(struct heads *h)
{
    if (h->closed) {
        finish(h);
        return;
    }
    h->count = 0;
    h->at = clock_now_ms();
    for (unsigned i = 0; i < h->pool->wanted; i++) {
        const struct heads_slot *slot = &h->slots[i];
        if (slot->seq > slot->signed_to) {
            list_one(h, slot->chain, slot->seq, slot->hash);
        }
    }
    h->sweep = h->sweep || uv_now(h->pool->loop) - h->swept_ms >= SWEEP_MS;
    if (h->count == 0 && !h->sweep) {
        finish(h);
        return;
    }
    struct pg_plan *plan = pg_plan_new();
    (void)pg_plan_add(plan, &read_last); /* No parameters. */
    pg_put_int4(pg_plan_add(plan, &read_tails), h->sweep ? TAILS_MAX : 0);
    if (pg_pool_run(h->pool, &h->call, PG_LANE_READ, plan, on_last) != 0) {
        finish(h);
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void on_head(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct heads_slot *slot = container_of(call, struct heads_slot, call);
    struct heads *h = slot->heads;
    struct pg_rows rows;
    uint8_t chain[CHAIN_ID], hash[CHAIN_HASH];
    pg_rows_init(&rows, results->step[0]);
    if (rc == 0 && rows.count == 1) {
        pg_uuid(&rows, 0, 0, chain);
        int64_t seq = pg_int8(&rows, 0, 1);
        pg_copy_bytes(&rows, 0, 2, hash, sizeof hash);
        if (!rows.bad) {
            bool same = memcmp(slot->chain, chain, CHAIN_ID) == 0;
            h->sweep = h->sweep || (slot->seq > 0 && !same); /* The one before has an end. */
            slot->signed_to = same ? slot->signed_to : 0;
            slot->seq = seq;
            memcpy(slot->chain, chain, CHAIN_ID);
            memcpy(slot->hash, hash, CHAIN_HASH);
        }
    }
    if (--h->asked == 0) {
        go_on(h);
    }
}

static void ask(struct heads *h)
{
    h->busy = true;
    h->tries = 0;
    h->asked = 1; /* This function's own, until all are asked. */
    for (unsigned i = 0; i < h->pool->wanted; i++) {
        struct pg_plan *plan = pg_plan_new();
        (void)pg_plan_add(plan, &read_head); /* No parameters. */
        h->slots[i].heads = h;
        h->asked += pg_pool_run_on(h->pool, i, &h->slots[i].call, plan, on_head) == 0;
    }
    if (--h->asked == 0) {
        finish(h); /* No connection is up. */
    }
}

static void on_certified(struct certificates_call *c, int rc)
{
    (void)rc; /* The next interval looks again. */
    container_of(c, struct heads, certificates)->certifying = false;
}

static void on_timer(uv_timer_t *timer)
{
    struct heads *h = container_of(timer, struct heads, timer);
    if (!h->busy) {
        ask(h);
    }
    if (!h->certifying) {
        h->certifying = certificates_sign(&h->certificates, h->pool, &h->key, on_certified) == 0;
    }
}

void heads_init(struct heads *h, struct pg_pool *pool, const struct chain_key *key,
                uint32_t every_ms)
{
    *h = (struct heads){.pool = pool, .every_ms = every_ms, .has_key = key != NULL, .sweep = true};
    if (key != NULL) {
        h->key = *key;
    }
}

const struct chain_key *heads_key(const struct heads *h)
{
    return h->has_key ? &h->key : NULL;
}

void heads_start(struct heads *h, uv_loop_t *loop)
{
    int rc = uv_timer_init(loop, &h->timer);
    must(rc == 0);
    if (!h->has_key) {
        log_line(LOG_LEVEL_WARNING, TAG, "no audit_key: the chains' heads are not signed");
        return;
    }
    rc = uv_timer_start(&h->timer, on_timer, h->every_ms, h->every_ms);
    must(rc == 0);
}

void heads_close(struct heads *h, heads_cb cb)
{
    must(!h->ending);
    h->ending = true;
    h->cb = cb;
    if (!h->has_key) {
        finish(h);
        return;
    }
    int rc = uv_timer_start(&h->timer, on_too_late, CLOSING_MS, 0);
    must(rc == 0);
    if (!h->busy) {
        ask(h);
    }
}
