/* How long sites keep things, what a hold keeps, the dry run and the run.
 *
 * Happy path: a page a request; the client asks again until there is no more, then for the rows.
 * Failure: the store's verdict is the answer; the same request again goes on. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"
#include "server/pg/store_audit.h"
#include "server/pg/store_retention.h"

enum { RETENTION_WORD = 12 };

static void on_done(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

/* protobuf-c's fields are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

static void fill(Attune__Retention *m, const struct store_retention *page)
{
    attune__retention__init(m);
    m->more = page->more;
    m->word = text(page->word);
    m->courses = page->courses;
    m->held = page->held;
    m->gone = page->gone;
    m->kept = page->kept;
    m->made_by = text(page->made_by);
    m->made_ms = page->made;
    m->run_by = text(page->run_by);
    m->begun_ms = page->begun;
    m->finished_ms = page->finished;
    m->ids_sha256 = text(page->ids_sha256);
    m->more_rows = page->more_rows;
}

static void answer(struct peer *p, uint64_t seq, Attune__Response__BodyCase body,
                   const struct store_retention *page)
{
    Attune__RetentionRow rows[LIMIT_RETENTION_ROWS], *pointers[LIMIT_RETENTION_ROWS];
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Retention message;
    struct certificate_words words;
    must(page->row_count <= LIMIT_RETENTION_ROWS);
    fill(&message, page);
    if (page->certificate != NULL) {
        message.signature_wrong =
            certificate_say(page->certificate, heads_key(&p->gateway->store.heads), &words) ==
            CERTIFICATE_WRONG;
        message.certificate_sha256 = words.sha256;
        message.signer = words.signer;
    }
    for (size_t i = 0; i < page->row_count; i++) {
        attune__retention_row__init(&rows[i]);
        rows[i].site = text(page->rows[i].site);
        rows[i].year = page->rows[i].year;
        rows[i].n_counts = body == ATTUNE__RESPONSE__BODY_RETENTION_PLANNED
                               ? STORE_RETENTION_PLANNED
                               : STORE_RETENTION_COUNTS;
        rows[i].counts = (uint32_t *)(uintptr_t)page->rows[i].counts;
        pointers[i] = &rows[i];
    }
    message.rows = pointers;
    message.n_rows = page->row_count;
    response.body_case = body;
    response.retention_run = &message; /* The same member of the union as retention_planned. */
    peer_answer(p, seq, &response);
}

static void on_looked(struct store_call *call, int rc, const struct store_retention *page)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        answer(r->pending.peer, r->pending.seq, ATTUNE__RESPONSE__BODY_RETENTION_PLANNED, page);
        request_free(r);
    }
}

static struct store_retention_place place_of(const Attune__RetentionPlace *after)
{
    return after == NULL ? (struct store_retention_place){"", 0}
                         : (struct store_retention_place){after->site, after->year};
}

/* ---- a run ----------------------------------------------------------------------------------- */

/* Its certificate is signed before it is shown: the page is then read once more. */
struct run_request {
    struct pending pending;
    struct store_call call;
    struct certificates_call signing;
    bool is_signed; /* Or it was tried. */
    char word[RETENTION_WORD + 1], site[LIMIT_NAME_BYTES + 1];
    struct store_retention_place after;
};

static void run_end(struct run_request *r, int rc)
{
    if (rc != 0) {
        peer_fail(r->pending.peer, r->pending.seq, rc);
    }
    pending_end(&r->pending);
    free(r);
}

static void on_ran(struct store_call *call, int rc, const struct store_retention *page);

static void run(struct run_request *r)
{
    struct peer *p = r->pending.peer;
    int rc = store_retention_run(&p->gateway->store, &r->call, p->practice_id, r->word, r->after,
                                 p->label, on_ran);
    if (rc != 0) {
        run_end(r, rc);
    }
}

/* Unsigned is shown as unsigned: the next minute tries again. */
static void on_signed(struct certificates_call *call, int rc)
{
    (void)rc;
    run(container_of(call, struct run_request, signing));
}

static void on_ran(struct store_call *call, int rc, const struct store_retention *page)
{
    struct run_request *r = container_of(call, struct run_request, call);
    struct peer *p = r->pending.peer;
    bool wants =
        rc == 0 && !r->is_signed && page->certificate != NULL && !page->certificate->has_signature;
    r->is_signed = true;
    if (wants && store_certificates_sign(&p->gateway->store, &r->signing, on_signed) == 0) {
        return;
    }
    if (rc == 0) {
        answer(p, r->pending.seq, ATTUNE__RESPONSE__BODY_RETENTION_RUN, page);
    }
    run_end(r, rc);
}

static void begin_run(struct peer *p, uint64_t seq, const Attune__RunRetention *asked)
{
    struct run_request *r = calloc(1, sizeof *r);
    must(r != NULL);
    struct store_retention_place after = place_of(asked->after);
    (void)snprintf(r->word, sizeof r->word, "%s", asked->word);
    (void)snprintf(r->site, sizeof r->site, "%s", after.site);
    r->after = (struct store_retention_place){r->site, after.year};
    r->call.who = peer_who(p);
    pending_begin(p, &r->pending, seq);
    run(r);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static int put_hold(struct peer *p, struct request *r, const Attune__PutHold *hold)
{
    return store_hold_put(&p->gateway->store, &r->call, p->practice_id, hold->client_ref,
                          hold->until, hold->release ? NULL : hold->because, p->label, on_done);
}

/* A colleague in the therapist's place has no say in what a client is given. */
void on_copy_client(struct peer *p, uint64_t seq, const Attune__CopyClient *copy)
{
    struct request *r = request_new(p, seq);
    if (r->call.who.scope != STORE_SCOPE_THERAPIST) {
        request_started(r, ERR_ROLE);
        return;
    }
    request_started(r, store_client_copy(&p->gateway->store, &r->call, p->practice_id,
                                         p->therapist_id, copy->client_ref, p->label, on_done));
}

void on_retention(struct peer *p, const Attune__Request *q)
{
    if (q->body_case == ATTUNE__REQUEST__BODY_RUN_RETENTION) {
        begin_run(p, q->seq, q->run_retention);
        return;
    }
    struct request *r = request_new(p, q->seq);
    struct store *store = &p->gateway->store;
    int rc = ERR_ROLE;
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_PUT_RETENTION:
        rc = store_retention_put(store, &r->call, p->practice_id, q->put_retention->site,
                                 q->put_retention->years, q->put_retention->night, p->label,
                                 on_done);
        break;
    case ATTUNE__REQUEST__BODY_PUT_HOLD:
        rc = put_hold(p, r, q->put_hold);
        break;
    case ATTUNE__REQUEST__BODY_PLAN_RETENTION:
        rc = store_retention_look(store, &r->call, p->practice_id, q->plan_retention->plan_id.data,
                                  place_of(q->plan_retention->after), p->label, on_looked);
        break;
    default:
        break; /* Nothing else gets here. */
    }
    request_started(r, rc);
}
