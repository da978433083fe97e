/* Happy path: next, do it, next; until the outbox has nothing. The clock's ready time is
 * outbox_wake_ms. Failure: a file that is torn when it is to be sent is set aside and forgotten,
 * and said. A mark that the disk refuses is said; the record is sent once more after the next
 * start, which does no harm. The practice's key comes with Welcome and is kept beside the spool;
 * one that was known is never given up for none, so that nobody can talk a kiosk out of sealing. */
#include "client/kiosk/kiosk_shell.h"

#include <stdio.h>
#include <string.h>

#include "client/link/harden.h"
#include "client/kiosk/seal.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"

/* A record that was sent and not answered. */
struct sending {
    struct link_request ask;
    struct kiosk_shell *kiosk;
    uint8_t id[LIMIT_ID_SIZE];
};

static void pump(struct kiosk_shell *k);

static void complain(const struct kiosk_shell *k)
{
    fprintf(stderr, "attune: spool: %s\n", k->spool.why);
}

static void on_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct sending *s = container_of(r, struct sending, ask);
    struct kiosk_shell *k = s->kiosk;
    bool stored = rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_RATING_STORED;
    uint32_t wait = rc != 0 && response != NULL ? response->error->retry_after_ms : 0;
    rc = rc == 0 && !stored ? ERR_MESSAGE : rc;
    if (stored && failpoint(FAILPOINT_kiosk_after_acknowledgement) != 0) {
        rc = ERR_INTERNAL; /* As if it had not come: sent again. */
    }
    if (rc != ERR_CLOSED && rc != ERR_CANCELED) { /* Else outbox_lost says it for all. */
        outbox_answer(&k->outbox, s->id, rc, wait, link_now_ms());
    }
    if (rc == 0 && k->settled_cb != NULL) {
        k->settled_cb(k, s->id, 0, response->rating_stored->again);
    }
    g_queue_remove(&k->asks, s);
    g_free(s);
    pump(k);
}

static int submit(struct kiosk_shell *k, struct sending *s, const uint8_t *record, size_t len)
{
    Attune__SubmitRating *body = attune__submit_rating__unpack(NULL, len, record);
    if (body == NULL) {
        return ERR_MESSAGE;
    }
    Attune__Request request;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_SUBMIT_RATING;
    request.submit_rating = body;
    int rc = link_ask(k->link, &s->ask, &request, k->timeout_ms, on_answer);
    attune__submit_rating__free_unpacked(body, NULL);
    return rc;
}

static void send_record(struct kiosk_shell *k, const uint8_t *id)
{
    uint8_t record[SPOOL_RECORD_SIZE];
    size_t len;
    int rc = spool_read(&k->spool, id, record, &len);
    if (rc == ERR_FIELD) {
        complain(k);
        outbox_forget(&k->outbox, id);
        return;
    }
    if (rc == 0 && k->has_key && seal_late(&k->chain, link_now_ms(), record, sizeof record, &len) &&
        spool_replace(&k->spool, id, record, len) != 0) {
        complain(k); /* It lies in the clear for its last day, and goes sealed. */
    }
    struct sending *s = g_new0(struct sending, 1);
    s->kiosk = k;
    memcpy(s->id, id, sizeof s->id);
    rc = rc == 0 ? submit(k, s, record, len) : rc;
    if (rc != 0) {
        g_free(s);
        outbox_answer(&k->outbox, id, rc, 0, link_now_ms());
        return;
    }
    g_queue_push_tail(&k->asks, s);
    (void)failpoint(FAILPOINT_kiosk_after_send); /* An error has no meaning here: it is sent. */
}

static void refuse(struct kiosk_shell *k, const struct outbox_action *a)
{
    if (spool_refuse(&k->spool, a->id, a->rc) != 0) {
        complain(k);
    }
    if (k->settled_cb != NULL) {
        k->settled_cb(k, a->id, a->rc, false);
    }
}

/* For the link's pings: the practice sees a kiosk that does not get rid of its ratings. */
static void tell_depth(struct kiosk_shell *k)
{
    uint32_t unsent = outbox_unsent(&k->outbox);
    k->unsent_since_ms = unsent == 0               ? 0
                         : k->unsent_since_ms != 0 ? k->unsent_since_ms
                                                   : link_now_ms();
    if (k->link != NULL) {
        k->link->spool_depth = unsent;
        k->link->unsent_since_ms = k->unsent_since_ms;
    }
}

static void pump(struct kiosk_shell *k)
{
    struct outbox_action a;
    while (outbox_next(&k->outbox, link_now_ms(), &a)) {
        switch (a.kind) {
        case OUTBOX_SEND:
            send_record(k, a.id);
            break;
        case OUTBOX_MARK_SENT:
            if (spool_mark_sent(&k->spool, a.id) != 0) {
                complain(k);
            }
            break;
        case OUTBOX_MARK_UNSENT:
            if (spool_mark_unsent(&k->spool, a.id) != 0) {
                complain(k); /* It is not sent again in this run: spool_read misses it. */
            }
            break;
        case OUTBOX_REFUSE:
            refuse(k, &a);
            break;
        case OUTBOX_DROP:
            if (spool_remove(&k->spool, a.id) != 0) {
                complain(k);
            }
            break;
        }
    }
    tell_depth(k);
    int64_t wake = outbox_wake_ms(&k->outbox);
    if (k->clock != NULL) {
        g_source_set_ready_time(k->clock, wake == INT64_MAX ? -1 : MAX(wake, 0) * 1000);
    }
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    g_source_set_ready_time(source, -1);
    pump(data);
    return G_SOURCE_CONTINUE;
}

static void read_key(struct kiosk_shell *k)
{
    uint8_t kept[SPOOL_RECORD_SIZE];
    size_t len;
    struct seal_key key;
    int rc = spool_read_key(&k->spool, kept, &len);
    if (rc != 0 && k->spool.why[0] != '\0') {
        complain(k);
    }
    k->has_key = rc == 0 && seal_key_from(kept, len, &key) == 0;
    if (k->has_key) {
        seal_chain_init(&k->chain, &key);
    }
}

/* What Welcome offers. */
static void take_key(struct kiosk_shell *k, const ProtobufCBinaryData *offered)
{
    struct seal_key fresh;
    if (offered->len == 0) {
        return; /* None: the one that is known stays. */
    }
    if (seal_key_from(offered->data, offered->len, &fresh) != 0) {
        fprintf(stderr, "attune: the server offers a sealing key that is none\n");
        return;
    }
    if (k->has_key && memcmp(&fresh, &k->chain.key, sizeof fresh) == 0) {
        return;
    }
    seal_chain_init(&k->chain, &fresh);
    k->has_key = true;
    if (spool_keep_key(&k->spool, fresh.public_half, sizeof fresh.public_half) != 0) {
        complain(k); /* It is known until the end, and offered again then. */
    }
}

static void on_entry(struct spool *s, const struct spool_entry *entry)
{
    struct kiosk_shell *k = container_of(s, struct kiosk_shell, spool);
    int rc = entry->sent ? outbox_add_sent(&k->outbox, entry->id, entry->age_ms, link_now_ms())
                         : outbox_add(&k->outbox, entry->id);
    (void)rc;           /* Full: it stays on disk for the next start. */
    if (!entry->sent) { /* The first is the oldest. */
        k->unsent_since_ms =
            k->unsent_since_ms != 0 ? k->unsent_since_ms : link_now_ms() - MAX(entry->age_ms, 0);
    }
}

int kiosk_open(struct kiosk_shell *k, const char *folder, kiosk_settled_cb settled_cb)
{
    memset(k, 0, sizeof *k);
    outbox_init(&k->outbox);
    spool_init(&k->spool, NULL);
    g_queue_init(&k->asks);
    harden_process();
    harden_memory(&k->chain, sizeof k->chain);
    k->settled_cb = settled_cb;
    k->folder = g_strdup(folder);
    int rc = spool_open(&k->spool, k->folder, on_entry, &k->bad);
    if (rc == 0) {
        read_key(k);
    }
    if (rc == 0 && k->bad > 0) {
        fprintf(stderr, "attune: %u torn or foreign files were set aside in %s/bad\n", k->bad,
                k->folder);
    }
    return rc;
}

int kiosk_save(struct kiosk_shell *k, const Attune__Rating *rating)
{
    uint8_t record[SPOOL_RECORD_SIZE];
    size_t len;
    int rc = seal_rating(rating, k->has_key ? &k->chain : NULL, link_now_ms(), record,
                         sizeof record, &len);
    if (rc != 0) {
        return rc;
    }
    rc = spool_save(&k->spool, rating->rating_id.data, record, len);
    explicit_bzero(record, sizeof record); /* What was said stays on disk alone. */
    if (rc != 0) {
        return rc;
    }
    (void)outbox_add(&k->outbox, rating->rating_id.data); /* Full: see on_entry. */
    return 0;
}

void kiosk_pump(struct kiosk_shell *k)
{
    pump(k);
}

void kiosk_use(struct kiosk_shell *k, struct link *l, uint32_t timeout_ms)
{
    static GSourceFuncs funcs = {.dispatch = on_clock}; /* GLib wants it writable, and keeps it. */
    must(k->clock == NULL);
    k->link = l;
    k->timeout_ms = timeout_ms;
    k->clock = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(k->clock, NULL, k, NULL);
    g_source_attach(k->clock, NULL);
}

void kiosk_state(struct kiosk_shell *k, enum link_state state)
{
    if (state == LINK_UP) {
        take_key(k, &k->link->welcome->sealing_key);
        outbox_connected(&k->outbox, link_room(k->link));
    } else {
        outbox_lost(&k->outbox);
    }
    pump(k);
}

void kiosk_push(struct kiosk_shell *k, const Attune__Push *push)
{
    if (push->body_case != ATTUNE__PUSH__BODY_RESEND) {
        return;
    }
    int64_t now = link_now_ms();
    uint64_t within = MIN(push->resend->acknowledged_within_ms, OUTBOX_KEEP_MS);
    uint64_t before = MIN(push->resend->acknowledged_before_ms, OUTBOX_KEEP_MS);
    uint32_t count = outbox_resend(&k->outbox, now - (int64_t)within, now - (int64_t)before);
    if (count > 0) {
        fprintf(stderr, "attune: the server asked for %u records once more\n", count);
    }
    pump(k);
}

void kiosk_fini(struct kiosk_shell *k)
{
    must(g_queue_is_empty(&k->asks)); /* The link's close has answered them all. */
    if (k->clock != NULL) {
        g_source_destroy(k->clock);
        g_source_unref(k->clock);
    }
    seal_wipe(&k->chain, sizeof k->chain);
    outbox_fini(&k->outbox);
    spool_fini(&k->spool);
    g_free(k->folder);
}
