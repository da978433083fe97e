/* SubmitRating and ImportRating: from a record to a row that waits for its batch, and the verdict
 * back.
 *
 * Happy path: the record is opened, judged, copied into one allocation with its row, queued; on the
 * verdict the kiosk hears RatingStored. An imported one first has its past session made. What was
 * opened is wiped as soon as the row is made, the row once it is stored. Failure: a rating for a
 * key that is not here stays with its kiosk, and is counted and said. A full queue answers busy,
 * and from three quarters on its kiosk is read no further, so that a stalled database costs a
 * bounded queue and nothing else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"
#include "server/base/log.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

struct submission {
    struct ingest_item item;
    struct pending pending;
    struct store_call call; /* For the session of an imported one. */
    char instrument[LIMIT_NAME_BYTES + 1];
    uint8_t record[]; /* As it came, for quarantine: a kiosk's is sealed. */
};

static int16_t score(int answered, uint32_t tenths)
{
    return answered ? (int16_t)tenths : STORE_NOT_ANSWERED;
}

static void copy_scores(int16_t to[STORE_AREAS], const Attune__Scores *from)
{
    if (from == NULL) {
        for (size_t i = 0; i < STORE_AREAS; i++) {
            to[i] = STORE_NOT_ANSWERED;
        }
        return;
    }
    to[0] = score(from->understanding_answer_case != 0, from->understanding);
    to[1] = score(from->relevance_answer_case != 0, from->relevance);
    to[2] = score(from->safety_answer_case != 0, from->safety);
    to[3] = score(from->fit_answer_case != 0, from->fit);
}

static struct submission *submission_new(struct peer *p, uint64_t seq, const Attune__Rating *rating,
                                         const uint8_t *record, size_t record_size)
{
    struct submission *s = calloc(1, sizeof *s + record_size);
    must(s != NULL);
    memcpy(s->record, record, record_size);
    memcpy(s->instrument, rating->instrument, strlen(rating->instrument));
    s->item.record = s->record;
    s->item.record_size = (uint32_t)record_size;
    struct store_rating *row = &s->item.rating;
    row->practice_id = p->practice_id;
    memcpy(row->rating_id, rating->rating_id.data, STORE_ID);
    memcpy(row->ticket_id, rating->ticket_id.data, STORE_ID);
    copy_scores(row->scores, rating->scores);
    row->skipped = rating->skipped;
    row->talk = (enum store_talk)rating->talk;
    row->tension = (enum store_tension)rating->tension;
    row->better = (uint8_t)rating->better;
    row->made_at = rating->made_at_ms;
    row->instrument = s->instrument;
    row->is_device_known = p->role == ATTUNE__ROLE__ROLE_KIOSK;
    memcpy(row->device, p->fingerprint, sizeof row->device);
    pending_begin(p, &s->pending, seq);
    return s;
}

static void submission_free(struct submission *s)
{
    pending_end(&s->pending);
    seal_wipe(&s->item.rating, sizeof s->item.rating);
    free(s);
}

static void on_verdict(struct ingest_item *item, int rc)
{
    struct submission *s = container_of(item, struct submission, item);
    struct peer *p = s->pending.peer;
    if (rc == 0) {
        answer_stored(p, s->pending.seq, item->rating.rating_id, item->fate != STORE_NEW);
    } else {
        peer_fail(p, s->pending.seq, rc);
    }
    submission_free(s);
}

static void enqueue(struct submission *s)
{
    struct peer *p = s->pending.peer;
    struct gateway *g = p->gateway;
    int rc = ingest_add(&g->ingest, &s->item, on_verdict);
    if (rc != 0) {
        g->counters.busy++;
        peer_fail(p, s->pending.seq, rc);
        submission_free(s);
        return;
    }
    if (failpoint(FAILPOINT_server_queued) != 0) {
        conn_close(&p->conn, ERR_INTERNAL);
        return;
    }
    if (batcher_high(&g->ingest.batcher) && p->role == ATTUNE__ROLE__ROLE_KIOSK) {
        gateway_hold(g, p);
    }
}

static void refuse_field(struct peer *p, uint64_t seq, const struct valid_fault *fault)
{
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%s: %s", fault->field, fault->rule);
    p->gateway->counters.refused_requests++;
    peer_error(p, seq, ERR_FIELD, detail, 0);
}

static void refuse(struct peer *p, uint64_t seq, int rc)
{
    p->gateway->counters.refused_requests++;
    peer_error(p, seq, rc, NULL, 0);
}

/* The packed rating in `submit`: NULL, or a submission that is not queued yet. */
static struct submission *judge(struct peer *p, uint64_t seq, const Attune__SubmitRating *submit,
                                const uint8_t *packed, size_t len)
{
    struct codec_arena *arena = &p->gateway->record_arena;
    const ProtobufCMessage *message;
    struct valid_fault fault;
    struct submission *s = NULL;
    int rc = codec_unpack(arena, &attune__rating__descriptor, packed, len, &message);
    const Attune__Rating *rating = rc == 0 ? (const Attune__Rating *)message : NULL;
    if (rc != 0) {
        refuse(p, seq, rc);
    } else if (valid_rating(rating, &fault) != 0) {
        refuse_field(p, seq, &fault);
    } else {
        s = submission_new(p, seq, rating, submit->record.data, submit->record.len);
    }
    codec_arena_wipe(arena);
    return s;
}

/* Once for each set of keys: its kiosk asks again every minute, and the counter goes on. */
static void say_unopened(struct gateway *g, const uint8_t *sealed)
{
    uint64_t id = get_be(sealed + 1, SEAL_KEY_ID);
    if (!g->unopened_said) {
        log_line(LOG_LEVEL_ERROR, "gateway",
                 "a rating is sealed to key %016" PRIx64 ", which is not in sealing_keys: its "
                 "kiosk keeps it; put the key back and send HUP",
                 id);
    }
    g->unopened_said = true;
    g->counters.unopened++;
}

static struct submission *open_sealed(struct peer *p, uint64_t seq,
                                      const Attune__SubmitRating *submit)
{
    static const struct valid_fault broken = {"submit_rating.record", "a box of PROTOCOL.md"};
    struct gateway *g = p->gateway;
    uint8_t packed[SEAL_RECORD_MAX];
    size_t len;
    int rc =
        chains_open(g->chains, g->sealing.pairs, g->sealing.count, p->fingerprint,
                    sizeof p->fingerprint, submit->record.data, submit->record.len, packed, &len);
    if (rc == ERR_FIELD) {
        refuse_field(p, seq, &broken);
        return NULL;
    }
    if (rc != 0) {
        say_unopened(g, submit->record.data);
        refuse(p, seq, rc);
        return NULL;
    }
    struct submission *s = judge(p, seq, submit, packed, len);
    seal_wipe(packed, sizeof packed);
    return s;
}

void on_submit_rating(struct peer *p, uint64_t seq, const Attune__SubmitRating *submit)
{
    struct submission *s = NULL;
    if (failpoint(FAILPOINT_server_after_read) != 0) {
        conn_close(&p->conn, ERR_INTERNAL);
        return;
    }
    if (submit->seal == ATTUNE__SEAL__SEAL_BOX) {
        s = open_sealed(p, seq, submit);
    } else if (p->gateway->sealing_required) {
        refuse(p, seq, ERR_SEAL_REQUIRED);
    } else {
        s = judge(p, seq, submit, submit->record.data, submit->record.len);
    }
    if (s != NULL) {
        enqueue(s);
    }
}

/* ---- import ---------------------------------------------------------------------------------- */

static void on_imported(struct store_call *call, int rc)
{
    struct submission *s = container_of(call, struct submission, call);
    if (rc != 0) {
        peer_fail(s->pending.peer, s->pending.seq, rc);
        submission_free(s);
        return;
    }
    enqueue(s);
}

void on_import_rating(struct peer *p, uint64_t seq, const Attune__ImportRating *import)
{
    uint8_t record[LIMIT_RECORD_SIZE];
    size_t size = attune__rating__get_packed_size(import->rating);
    must(size <= sizeof record); /* valid_request judged it. */
    (void)attune__rating__pack(import->rating, record);
    struct submission *s = submission_new(p, seq, import->rating, record, size);
    struct store_session_import session = {
        .practice_id = p->practice_id,
        .client_ref = import->client_ref,
        .therapist = import->therapist,
        .room = import->room,
        .actor = p->label,
        .start = import->start_ms,
        .end = import->end_ms,
    };
    memcpy(session.session_id, import->session_id.data, STORE_ID);
    memcpy(session.ticket_id, import->rating->ticket_id.data, STORE_ID);
    s->call.who = peer_who(p);
    int rc = store_session_import(&p->gateway->store, &s->call, &session, on_imported);
    if (rc != 0) {
        on_imported(&s->call, rc);
    }
}
