/* Enrolment and renewal: from a request to a certificate.
 *
 * Happy path: the request for a certificate is judged here first; a code is used up for its key in
 * the database, or an old certificate is looked up; the issuer signs; the certificate is kept, or
 * its audit row written; only then it is answered. Asked again with the same key, a code gives the
 * same certificate.
 * Failure: between the code's use and its answer everything may break: the same key comes again.
 * Whatever is wrong with a code is one answer, and counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "proto/wire/tls_session_enrol.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/gateway/gateway.h"
#include "server/pg/store_enrol.h"

enum { EARLY_S = CERTIFY_LEAF_DAYS * 24 * 3600 / 3 * 2, TEXT_MAX = 256 };
enum way { WAY_CODE, WAY_RENEW, WAY_EXPIRED };

static const uint8_t PROOF[] = "attune renew"; /* Before the exporter's bytes, without the NUL. */

struct enrolment {
    struct store_call call;
    struct pending pending;
    struct issuer_call issue;
    enum way way;
    int not_signed; /* Why. */
    uint8_t hash[STORE_FINGERPRINT], key[STORE_FINGERPRINT];
    uint8_t role;
    int64_t practice_id;
    struct store_serial serial; /* Renewing: of the certificate that there is. */
    char practice[TEXT_MAX], label[TEXT_MAX], place[TEXT_MAX];
    size_t request_len, certificate_len;
    uint8_t request[LIMIT_REQUEST_BYTES], certificate[CERTIFY_DER_MAX];
};

static struct gateway *gateway_of(struct enrolment *e)
{
    return e->pending.peer->gateway;
}

static void enrolment_free(struct enrolment *e)
{
    pending_end(&e->pending);
    free(e);
}

static void enrolment_fail(struct enrolment *e, int rc)
{
    struct gateway *g = gateway_of(e);
    g->counters.enrol_refused++;
    if (rc == ERR_ISSUER) {
        log_line(LOG_LEVEL_WARNING, "enrol", "the issuer is away: is `attune-server issuer` up?");
    }
    peer_fail(e->pending.peer, e->pending.seq, rc);
    enrolment_free(e);
}

/* ---- the answer ------------------------------------------------------------------------------ */

void answer_authority(struct peer *p, uint64_t seq)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Authority body = ATTUNE__AUTHORITY__INIT;
    ProtobufCBinaryData list[LIMIT_AUTHORITIES];
    const struct tls_authorities *a = &p->gateway->authorities;
    for (size_t i = 0; i < a->count; i++) {
        list[i] = (ProtobufCBinaryData){a->list[i].len, a->list[i].der};
    }
    body.n_certificates = a->count;
    body.certificates = list;
    response.body_case = ATTUNE__RESPONSE__BODY_AUTHORITY;
    response.authority = &body;
    peer_answer(p, seq, &response);
}

static void answer(struct enrolment *e)
{
    struct gateway *g = gateway_of(e);
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Enrolled body = ATTUNE__ENROLLED__INIT;
    ProtobufCBinaryData list[LIMIT_AUTHORITIES];
    for (size_t i = 0; i < g->authorities.count; i++) {
        list[i] = (ProtobufCBinaryData){g->authorities.list[i].len, g->authorities.list[i].der};
    }
    body.n_authorities = g->authorities.count;
    body.authorities = list;
    body.certificate = (ProtobufCBinaryData){e->certificate_len, e->certificate};
    body.practice = e->practice;
    body.label = e->label;
    body.place = e->place;
    body.role = (Attune__Role)e->role;
    body.address = (char *)(uintptr_t)g->options->address; /* Only read. */
    if (e->role == STORE_KIOSK && g->sealing.count > 0) {
        body.sealing_key = (ProtobufCBinaryData){SEAL_PUBLIC, g->sealing.pairs[0].key.public_half};
    }
    response.body_case = ATTUNE__RESPONSE__BODY_ENROLLED;
    response.enrolled = &body;
    if (e->way == WAY_CODE) {
        g->counters.enrolled++;
    } else {
        g->counters.renewed++;
        seen_renewed(e->pending.peer, certify_ends_ms(e->certificate, e->certificate_len));
    }
    peer_answer(e->pending.peer, e->pending.seq, &response);
    enrolment_free(e);
}

static void take_certificate(struct enrolment *e, const uint8_t *der, size_t len)
{
    must(len <= sizeof e->certificate);
    memmove(e->certificate, der, len);
    e->certificate_len = len;
}

static void on_kept(struct store_call *call, int rc, const uint8_t *certificate, size_t len)
{
    struct enrolment *e = container_of(call, struct enrolment, call);
    if (rc != 0) {
        enrolment_fail(e, rc);
        return;
    }
    take_certificate(e, certificate, len);
    answer(e);
}

static void on_noted(struct store_call *call, int rc)
{
    struct enrolment *e = container_of(call, struct enrolment, call);
    if (rc != 0) {
        enrolment_fail(e, rc);
        return;
    }
    answer(e);
}

/* ---- the issuer ------------------------------------------------------------------------------ */

static void on_back(struct store_call *call, int rc)
{
    struct enrolment *e = container_of(call, struct enrolment, call);
    (void)rc; /* It counts, then; the device hears the first reason. */
    enrolment_fail(e, e->not_signed);
}

/* A code stays its key's, and may be brought again; a renewal is one of so many a day. */
static void fail_unsigned(struct enrolment *e, int rc)
{
    e->not_signed = rc;
    if (e->way == WAY_CODE ||
        store_renewal_back(&gateway_of(e)->store, &e->call, e->practice_id, e->key, on_back) != 0) {
        enrolment_fail(e, rc);
    }
}

static void on_signed(struct issuer_call *issue, int rc, const uint8_t *der, size_t len)
{
    struct enrolment *e = container_of(issue, struct enrolment, issue);
    struct store *store = &gateway_of(e)->store;
    if (rc != 0) {
        fail_unsigned(e, rc);
        return;
    }
    take_certificate(e, der, len);
    rc = e->way == WAY_CODE ? store_enrol_keep(store, &e->call, e->hash, e->key, e->certificate,
                                               e->certificate_len, on_kept)
                            : store_renewed(store, &e->call, e->practice_id, e->label,
                                            e->way == WAY_EXPIRED, on_noted);
    if (rc != 0) {
        enrolment_fail(e, rc);
    }
}

static void sign(struct enrolment *e)
{
    const struct issuer_wish wish = {
        .role = e->role,
        .practice_id = e->practice_id,
        .label = e->label,
        .request = e->request,
        .request_len = e->request_len,
    };
    int rc = issuer_ask(&gateway_of(e)->issuer, &e->issue, &wish, on_signed);
    if (rc != 0) {
        fail_unsigned(e, rc);
    }
}

/* A request for a certificate that is good; NULL: it was answered. */
static struct enrolment *begin(struct peer *p, uint64_t seq, enum way way,
                               ProtobufCBinaryData request)
{
    uint8_t key[STORE_FINGERPRINT];
    int rc = p->gateway->issuer.set_up ? 0 : ERR_ENROL_OFF;
    rc = rc == 0 ? certify_judge(request.data, request.len, key) : rc;
    if (rc != 0) {
        p->gateway->counters.enrol_refused++;
        peer_fail(p, seq, rc);
        return NULL;
    }
    struct enrolment *e = calloc(1, sizeof *e);
    must(e != NULL);
    pending_begin(p, &e->pending, seq);
    e->way = way;
    memcpy(e->key, key, sizeof e->key);
    memcpy(e->request, request.data, request.len);
    e->request_len = request.len;
    return e;
}

static void copy_text(char room[TEXT_MAX], const char *text)
{
    (void)snprintf(room, TEXT_MAX, "%s", text); /* 64 characters of 4 bytes at most: it fits. */
}

/* ---- by code --------------------------------------------------------------------------------- */

static void fail_later(struct enrolment *e, unsigned retry_s)
{
    char text[160];
    unsigned minutes = (retry_s + 59) / 60;
    (void)snprintf(text, sizeof text,
                   "too many wrong codes came from this address: try again in %u minute%s", minutes,
                   minutes == 1 ? "" : "s");
    gateway_of(e)->counters.enrol_refused++;
    peer_error(e->pending.peer, e->pending.seq, ERR_ENROL_LATER, text, retry_s * 1000);
    enrolment_free(e);
}

static void on_code(struct store_call *call, int rc, const struct store_enrolled *enrolled,
                    unsigned retry_s)
{
    struct enrolment *e = container_of(call, struct enrolment, call);
    if (rc == ERR_ENROL_LATER) {
        fail_later(e, retry_s);
        return;
    }
    if (rc != 0) {
        enrolment_fail(e, rc == ERR_CONFLICT ? ERR_CODE_REFUSED : rc);
        return;
    }
    e->practice_id = enrolled->practice_id;
    e->role = (uint8_t)enrolled->role;
    copy_text(e->practice, enrolled->practice);
    copy_text(e->label, enrolled->label);
    copy_text(e->place, enrolled->place);
    if (enrolled->certificate != NULL) {
        take_certificate(e, enrolled->certificate, enrolled->certificate_len);
        answer(e);
        return;
    }
    sign(e);
}

void on_enrol(struct peer *p, uint64_t seq, const Attune__Enrol *enrol)
{
    char address[NET_ADDRESS];
    struct enrolment *e = begin(p, seq, WAY_CODE, enrol->request);
    if (e == NULL) {
        return;
    }
    int good = EVP_Digest(enrol->secret.data, enrol->secret.len, e->hash, NULL, EVP_sha256(), NULL);
    must(good == 1);
    conn_address(&p->conn, address);
    int rc = store_enrol(&p->gateway->store, &e->call, e->hash, e->key, address,
                         (unsigned)enrol->role, on_code);
    if (rc != 0) {
        enrolment_fail(e, rc);
    }
}

/* ---- renewal --------------------------------------------------------------------------------- */

static void on_counted(struct store_call *call, int rc)
{
    struct enrolment *e = container_of(call, struct enrolment, call);
    if (rc != 0) {
        enrolment_fail(e, rc);
        return;
    }
    sign(e);
}

static void on_known(struct store_call *call, int rc, const struct store_device *d)
{
    struct enrolment *e = container_of(call, struct enrolment, call);
    if (rc == ERR_DEVICE_UNKNOWN || (rc == 0 && d->revoked)) {
        rc = ERR_RENEW_REFUSED;
    }
    if (rc != 0) {
        enrolment_fail(e, rc);
        return;
    }
    e->role = (uint8_t)d->role;
    copy_text(e->practice, d->practice);
    copy_text(e->label, d->label);
    copy_text(e->place, d->place);
    rc = store_renewal(&gateway_of(e)->store, &e->call, e->practice_id, e->key, on_counted);
    if (rc != 0) {
        enrolment_fail(e, rc);
    }
}

static void look_up(struct enrolment *e)
{
    int rc = store_device_find(&gateway_of(e)->store, &e->call, e->practice_id, e->key, &e->serial,
                               on_known);
    if (rc != 0) {
        enrolment_fail(e, rc);
    }
}

void on_renew_certificate(struct peer *p, uint64_t seq, const Attune__RenewCertificate *renew)
{
    int64_t left = 0;
    struct enrolment *e = begin(p, seq, WAY_RENEW, renew->request);
    if (e == NULL) {
        return;
    }
    e->practice_id = p->practice_id;
    e->serial = p->serial;
    if (memcmp(e->key, p->fingerprint, sizeof e->key) != 0) {
        enrolment_fail(e, ERR_REQUEST); /* The same key: another one needs a code. */
    } else if (tls_session_peer_expires_in(&p->conn.tls, clock_now_ms() / 1000, &left) == 0 &&
               left > EARLY_S) {
        enrolment_fail(e, ERR_RENEW_EARLY);
    } else {
        look_up(e);
    }
}

static int judge_expired(struct peer *p, const Attune__RenewExpired *renew, uint8_t ret_key[32],
                         int64_t *ret_practice)
{
    uint8_t told[sizeof PROOF - 1 + TLS_EXPORTED];
    memcpy(told, PROOF, sizeof PROOF - 1);
    int rc = tls_session_export(&p->conn.tls, told + sizeof PROOF - 1);
    const struct certify_expired expired = {
        .certificate = renew->certificate.data,
        .certificate_len = renew->certificate.len,
        .proof = renew->proof.data,
        .proof_len = renew->proof.len,
        .signed_bytes = told,
        .signed_len = sizeof told,
        .now_s = clock_now_ms() / 1000,
        .grace_s = LIMIT_RENEW_GRACE_S,
    };
    return rc != 0
               ? ERR_RENEW_REFUSED
               : certify_judge_expired(p->gateway->net.context, &expired, ret_key, ret_practice);
}

static int serial_of(const ProtobufCBinaryData *der, struct store_serial *ret_serial)
{
    const unsigned char *at = der->data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der->len);
    int rc = tls_certificate_serial(certificate, ret_serial->bytes, &ret_serial->size);
    X509_free(certificate);
    return rc != 0 ? ERR_RENEW_REFUSED : 0;
}

void on_renew_expired(struct peer *p, uint64_t seq, const Attune__RenewExpired *renew)
{
    uint8_t key[STORE_FINGERPRINT];
    struct enrolment *e = begin(p, seq, WAY_EXPIRED, renew->request);
    if (e == NULL) {
        return;
    }
    int rc = judge_expired(p, renew, key, &e->practice_id);
    if (rc == 0 && memcmp(e->key, key, sizeof key) != 0) {
        rc = ERR_REQUEST;
    }
    rc = rc != 0 ? rc : serial_of(&renew->certificate, &e->serial);
    if (rc != 0) {
        enrolment_fail(e, rc);
        return;
    }
    look_up(e);
}

void gateway_authorities(struct gateway *g, struct tls_authorities *fresh,
                         struct issuer *fresh_issuer)
{
    bool news = memcmp(g->authorities.id, fresh->id, sizeof fresh->id) != 0;
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__AuthorityChanged changed = ATTUNE__AUTHORITY_CHANGED__INIT;
    struct peer *p;
    push.body_case = ATTUNE__PUSH__BODY_AUTHORITY_CHANGED;
    push.authority_changed = &changed;
    tls_authorities_fini(&g->authorities);
    g->authorities = *fresh;
    *fresh = (struct tls_authorities){.count = 0};
    issuer_take(&g->issuer, fresh_issuer);
    for (size_t i = 0; news && i < GATEWAY_BUCKETS; i++) {
        LIST_FOREACH(p, &g->known[i], known)
        {
            peer_push(p, &push);
        }
    }
}
