/* Who saw a client, and whether the audit is whole.
 *
 * Happy path: verifying goes along all rows, chain by chain, then along the list of heads, then
 * along the certificates of what has gone, a page a request; where it has come to travels with the
 * client, so that nothing is kept here. Failure: the first row, head or certificate that is wrong
 * ends it, and is named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"
#include "server/pg/store_audit.h"

enum { ROWS_A_PAGE = 500, HEADS_A_PAGE = 500, CERTIFICATES_A_PAGE = 100 };

/* chain, seq, hash; and number, signature. */
_Static_assert(LIMIT_AUDIT_ROW_PLACE == CHAIN_ID + 8 + CHAIN_HASH, "one length");
_Static_assert(LIMIT_AUDIT_HEAD_PLACE == 8 + CHAIN_SIGNATURE, "one length");
_Static_assert(LIMIT_AUDIT_CERTIFICATE_PLACE == 8, "one length"); /* Its number. */
_Static_assert(LIMIT_AUDIT_PLACE == 8 + CHAIN_ID + 8, "one length");

struct verify_request {
    struct store_call call;
    struct pending pending;
    struct chain_walk walk;
    int64_t head; /* The last one that was good, and its */
    uint8_t prior[CHAIN_SIGNATURE];
    Attune__AuditVerified answer;
    Attune__AuditFault fault;
    char name[LIMIT_CERTIFICATE_NAME + 1]; /* Of the certificate that is wrong. */
    uint8_t next[LIMIT_AUDIT_HEAD_PLACE];
};

/* ---- verifying ------------------------------------------------------------------------------- */

static void verified(struct verify_request *v)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    response.body_case = ATTUNE__RESPONSE__BODY_AUDIT_VERIFIED;
    response.audit_verified = &v->answer;
    peer_answer(v->pending.peer, v->pending.seq, &response);
    pending_end(&v->pending);
    free(v);
}

static void failed(struct verify_request *v, int rc)
{
    peer_fail(v->pending.peer, v->pending.seq, rc);
    pending_end(&v->pending);
    free(v);
}

static void find_fault(struct verify_request *v, enum chain_fault what,
                       const uint8_t chain[CHAIN_ID], int64_t seq, int64_t head)
{
    attune__audit_fault__init(&v->fault);
    v->fault.kind = (Attune__AuditFaultKind)what; /* The same numbers. */
    memcpy(v->next, chain, CHAIN_ID);
    v->fault.chain = (ProtobufCBinaryData){CHAIN_ID, v->next};
    v->fault.seq = seq;
    v->fault.head = head;
    v->answer.fault = &v->fault;
}

static void go_on_from_row(struct verify_request *v)
{
    uint8_t *at = v->next;
    memcpy(at, v->walk.chain, CHAIN_ID);
    at = put_be(at + CHAIN_ID, 8, (uint64_t)v->walk.seq);
    memcpy(at, v->walk.hash, CHAIN_HASH);
    v->answer.next = (ProtobufCBinaryData){LIMIT_AUDIT_ROW_PLACE, v->next};
}

static void go_on_from_head(struct verify_request *v)
{
    memcpy(put_be(v->next, 8, (uint64_t)v->head), v->prior, CHAIN_SIGNATURE);
    v->answer.next = (ProtobufCBinaryData){LIMIT_AUDIT_HEAD_PLACE, v->next};
}

static void go_on_from_certificate(struct verify_request *v, int64_t number)
{
    (void)put_be(v->next, 8, (uint64_t)number);
    v->answer.next = (ProtobufCBinaryData){LIMIT_AUDIT_CERTIFICATE_PLACE, v->next};
}

static void on_rows(struct store_call *call, int rc, const struct chain_row *rows, size_t count)
{
    struct verify_request *v = container_of(call, struct verify_request, call);
    if (rc != 0) {
        failed(v, rc);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        enum chain_fault what = chain_walk_row(&v->walk, &rows[i]);
        if (what != CHAIN_GOOD) {
            find_fault(v, what, rows[i].chain, v->walk.fault_seq, 0);
            verified(v);
            return;
        }
        v->answer.rows++;
        v->answer.chains += rows[i].seq == 1;
        v->answer.unsigned_rows += rows[i].seq > rows[i].signed_to;
    }
    if (count == ROWS_A_PAGE) {
        go_on_from_row(v);
    } else {
        go_on_from_head(v); /* From the first one on: all of it is zero. */
    }
    verified(v);
}

/* False: it is wrong, and that is said. */
static bool head_is_good(struct verify_request *v, const struct store_audit_head *row)
{
    struct chain_head head = row->head;
    memcpy(head.prior, v->prior, CHAIN_SIGNATURE);
    if (head.number != v->head + 1) {
        find_fault(v, CHAIN_HEAD_MISSING, head.chain, 0, v->head + 1);
    } else if (!chain_head_is_good(&head, row->key, row->signature)) {
        find_fault(v, CHAIN_HEAD_SIGNATURE, head.chain, head.seq, head.number);
    } else if (!row->has_row) {
        find_fault(v, CHAIN_MISSING, head.chain, row->last_seq + 1, head.number);
    } else if (memcmp(row->row_hash, head.hash, CHAIN_HASH) != 0) {
        find_fault(v, CHAIN_CHANGED, head.chain, head.seq, head.number);
    } else {
        return true;
    }
    return false;
}

static void on_heads(struct store_call *call, int rc, const struct store_audit_head *heads,
                     size_t count)
{
    struct verify_request *v = container_of(call, struct verify_request, call);
    if (rc != 0) {
        failed(v, rc);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!head_is_good(v, &heads[i])) {
            verified(v);
            return;
        }
        const struct chain_key *own = heads_key(&v->pending.peer->gateway->store.heads);
        bool ours = own != NULL && memcmp(own->public_half, heads[i].key, CHAIN_KEY) == 0;
        v->answer.heads++;
        v->answer.other_keys += !ours;
        v->head = heads[i].head.number;
        memcpy(v->prior, heads[i].signature, CHAIN_SIGNATURE);
    }
    if (count == HEADS_A_PAGE) {
        go_on_from_head(v);
    } else {
        go_on_from_certificate(v, 0); /* The first one. */
    }
    verified(v);
}

/* Another server of the practice may have signed it: with a key that is known here. */
static void on_certificates(struct store_call *call, int rc, const struct store_certificate *list,
                            size_t count)
{
    struct verify_request *v = container_of(call, struct verify_request, call);
    static const uint8_t no_chain[CHAIN_ID];
    if (rc != 0) {
        failed(v, rc);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct store_certificate *one = &list[i];
        const struct chain_key *own = heads_key(&v->pending.peer->gateway->store.heads);
        enum certificate_verdict verdict = certificate_judge(one, own);
        bool ours = own != NULL && memcmp(own->public_half, one->key, CHAIN_KEY) == 0;
        v->answer.certificates++;
        v->answer.unsigned_certificates += verdict == CERTIFICATE_UNSIGNED;
        v->answer.other_keys += verdict == CERTIFICATE_GOOD && !ours;
        if (verdict == CERTIFICATE_WRONG) {
            find_fault(v, CHAIN_CERTIFICATE, no_chain, 0, 0);
            (void)snprintf(v->name, sizeof v->name, "%s", one->certificate.name);
            v->fault.certificate = v->name;
            verified(v);
            return;
        }
    }
    if (count == CERTIFICATES_A_PAGE) {
        go_on_from_certificate(v, list[count - 1].number);
    }
    verified(v);
}

static void on_noted(struct store_call *call, int rc)
{
    struct verify_request *v = container_of(call, struct verify_request, call);
    rc = rc != 0 ? rc
                 : store_audit_rows(&v->pending.peer->gateway->store, &v->call, v->walk.chain,
                                    v->walk.seq, ROWS_A_PAGE, on_rows);
    if (rc != 0) {
        failed(v, rc);
    }
}

static int start(struct verify_request *v, const Attune__VerifyAudit *verify)
{
    struct store *s = &v->pending.peer->gateway->store;
    const uint8_t *at = verify->after.data;
    if (verify->after.len == LIMIT_AUDIT_HEAD_PLACE) {
        v->head = (int64_t)get_be(at, 8);
        memcpy(v->prior, at + 8, CHAIN_SIGNATURE);
        return store_audit_heads(s, &v->call, v->head, HEADS_A_PAGE, on_heads);
    }
    if (verify->after.len == LIMIT_AUDIT_CERTIFICATE_PLACE) {
        return store_certificates(s, &v->call, (int64_t)get_be(at, 8), CERTIFICATES_A_PAGE,
                                  on_certificates);
    }
    if (verify->after.len == 0) {
        return store_audit_note(s, &v->call, "audit.verify", on_noted);
    }
    memcpy(v->walk.chain, at, CHAIN_ID);
    v->walk.seq = (int64_t)get_be(at + CHAIN_ID, 8);
    memcpy(v->walk.hash, at + CHAIN_ID + 8, CHAIN_HASH);
    return store_audit_rows(s, &v->call, v->walk.chain, v->walk.seq, ROWS_A_PAGE, on_rows);
}

void on_verify_audit(struct peer *p, uint64_t seq, const Attune__VerifyAudit *verify)
{
    struct verify_request *v = calloc(1, sizeof *v);
    must(v != NULL);
    attune__audit_verified__init(&v->answer);
    v->call.who = peer_who(p);
    pending_begin(p, &v->pending, seq);
    int rc = start(v, verify);
    if (rc != 0) {
        failed(v, rc);
    }
}

/* ---- who saw a client ------------------------------------------------------------------------ */

/* protobuf-c's fields are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

static void on_who(struct store_call *call, int rc, const struct store_audit_entry *rows,
                   size_t count)
{
    struct request *r = container_of(call, struct request, call);
    Attune__AuditEntry messages[LIMIT_AUDIT_PAGE], *pointers[LIMIT_AUDIT_PAGE];
    uint8_t next[LIMIT_AUDIT_PLACE];
    if (!request_good(r, rc)) {
        return;
    }
    size_t shown = count > LIMIT_AUDIT_PAGE ? LIMIT_AUDIT_PAGE : count;
    for (size_t i = 0; i < shown; i++) {
        attune__audit_entry__init(&messages[i]);
        messages[i].at_ms = rows[i].place.at_us / 1000;
        messages[i].actor = text(rows[i].actor);
        messages[i].person = text(rows[i].person);
        messages[i].in_place_of = text(rows[i].in_place_of);
        messages[i].scope = text(rows[i].scope);
        messages[i].action = text(rows[i].action);
        pointers[i] = &messages[i];
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__WhoSawList list = ATTUNE__WHO_SAW_LIST__INIT;
    list.n_entries = shown;
    list.entries = pointers;
    if (count > shown) {
        const struct store_audit_place *last = &rows[shown - 1].place;
        uint8_t *at = put_be(next, 8, (uint64_t)last->at_us);
        memcpy(at, last->chain, CHAIN_ID);
        (void)put_be(at + CHAIN_ID, 8, (uint64_t)last->seq);
        list.next = (ProtobufCBinaryData){sizeof next, next};
    }
    response.body_case = ATTUNE__RESPONSE__BODY_WHO_SAW_LIST;
    response.who_saw_list = &list;
    peer_answer(r->pending.peer, r->pending.seq, &response);
    request_free(r);
}

void on_who_saw(struct peer *p, uint64_t seq, const Attune__WhoSaw *saw)
{
    struct request *r = request_new(p, seq);
    struct store_audit_place before = {.seq = 0};
    if (saw->before.len != 0) {
        before.at_us = (int64_t)get_be(saw->before.data, 8);
        memcpy(before.chain, saw->before.data + 8, CHAIN_ID);
        before.seq = (int64_t)get_be(saw->before.data + 8 + CHAIN_ID, 8);
    }
    const struct store_audit_who who = {
        .practice_id = p->practice_id,
        .since = saw->from_ms,
        .until = saw->to_ms != 0 ? saw->to_ms : clock_now_ms(),
        .client_ref = saw->client_ref,
        .before = saw->before.len != 0 ? &before : NULL,
        .limit = LIMIT_AUDIT_PAGE + 1,
    };
    request_started(r, store_audit_who(&p->gateway->store, &r->call, &who, on_who));
}
