/* An administrator's devices: a code for a new one, the list of them, a code that is forgotten.
 *
 * Happy path: the secret is made here, its hash goes to the database, the secret to the asker and
 * nowhere else. Failure: the store's verdict is the answer; a secret whose answer is lost is worth
 * nothing to anybody: another code is asked for. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/gateway.h"
#include "server/pg/store_enrol.h"

static void on_added(struct store_call *call, int rc, const char *label, int64_t expires)
{
    struct request *r = container_of(call, struct request, call);
    if (!request_good(r, rc)) {
        return;
    }
    struct peer *p = r->pending.peer;
    const struct tls_authorities *a = &p->gateway->authorities;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__DeviceCode body = ATTUNE__DEVICE_CODE__INIT;
    uint8_t authority[32];
    memcpy(authority, a->list[a->signed_by].fingerprint, sizeof authority);
    body.secret = (ProtobufCBinaryData){sizeof r->secret, r->secret};
    body.authority = (ProtobufCBinaryData){sizeof authority, authority};
    body.expires_ms = expires;
    body.label = (char *)(uintptr_t)label; /* Only read. */
    body.address = (char *)(uintptr_t)p->gateway->options->address;
    response.body_case = ATTUNE__RESPONSE__BODY_DEVICE_CODE;
    response.device_code = &body;
    peer_answer(p, r->pending.seq, &response);
    OPENSSL_cleanse(r->secret, sizeof r->secret);
    request_free(r);
}

static void on_add_device(struct peer *p, uint64_t seq, const Attune__AddDevice *add)
{
    struct request *r = request_new(p, seq);
    struct store_code_add row = {
        .practice_id = p->practice_id,
        .role = (enum store_role)add->role,
        .room = add->room,
        .therapist = add->therapist,
        .label = add->label,
        .actor = p->label,
    };
    int rc = p->gateway->issuer.set_up ? 0 : ERR_ENROL_OFF;
    if (rc == 0) {
        int good = RAND_bytes(r->secret, sizeof r->secret) == 1 &&
                   EVP_Digest(r->secret, sizeof r->secret, row.hash, NULL, EVP_sha256(), NULL) == 1;
        must(good);
        rc = store_code_add(&p->gateway->store, &r->call, &row, on_added);
    }
    request_started(r, rc);
}

static void on_forgotten(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

static void on_forget_code(struct peer *p, uint64_t seq, const Attune__ForgetCode *forget)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_code_forget(&p->gateway->store, &r->call, p->practice_id,
                                         forget->label, p->label, on_forgotten));
}

static void fill(Attune__DeviceItem *m, const struct store_device_item *d)
{
    attune__device_item__init(m);
    m->label = (char *)(uintptr_t)d->label; /* Only read, as the others. */
    m->role = (Attune__Role)d->role;
    m->place = (char *)(uintptr_t)d->place;
    m->revoked = d->revoked;
    m->seen_ms = d->seen;
    m->expires_ms = d->expires;
    m->software = (char *)(uintptr_t)d->software;
    m->clock_ahead_ms = d->clock_ahead_ms;
    m->spool_depth = d->spool_depth;
    m->oldest_unsent_s = d->oldest_unsent_s;
    m->authority_old = d->authority_old;
    m->code_expires_ms = d->code_expires;
}

static void on_items(struct store_call *call, int rc, const struct store_device_item *items,
                     size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (!request_good(r, rc)) {
        return;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__DeviceList body = ATTUNE__DEVICE_LIST__INIT;
    Attune__DeviceItem rows[LIMIT_DEVICES_PAGE], *pointers[LIMIT_DEVICES_PAGE];
    body.more = count > LIMIT_DEVICES_PAGE;
    body.n_devices = body.more ? LIMIT_DEVICES_PAGE : count;
    body.devices = pointers;
    for (size_t i = 0; i < body.n_devices; i++) {
        fill(&rows[i], &items[i]);
        pointers[i] = &rows[i];
    }
    response.body_case = ATTUNE__RESPONSE__BODY_DEVICE_LIST;
    response.device_list = &body;
    peer_answer(r->pending.peer, r->pending.seq, &response);
    request_free(r);
}

static void on_list_devices(struct peer *p, uint64_t seq, const Attune__ListDevices *list)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_devices_list(&p->gateway->store, &r->call, p->practice_id, list->after,
                                          p->gateway->authorities.id, LIMIT_DEVICES_PAGE + 1,
                                          on_items));
}

/* How devices come to their certificates, and how they are; what is left is about a practice. */
void on_device_request(struct peer *p, const Attune__Request *q)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_ADD_DEVICE:
        on_add_device(p, q->seq, q->add_device);
        break;
    case ATTUNE__REQUEST__BODY_LIST_DEVICES:
        on_list_devices(p, q->seq, q->list_devices);
        break;
    case ATTUNE__REQUEST__BODY_FORGET_CODE:
        on_forget_code(p, q->seq, q->forget_code);
        break;
    case ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE:
        on_renew_certificate(p, q->seq, q->renew_certificate);
        break;
    case ATTUNE__REQUEST__BODY_GET_AUTHORITY:
        answer_authority(p, q->seq);
        seen_authority(p);
        break;
    case ATTUNE__REQUEST__BODY_ENROL:
        on_enrol(p, q->seq, q->enrol);
        break;
    case ATTUNE__REQUEST__BODY_RENEW_EXPIRED:
        on_renew_expired(p, q->seq, q->renew_expired);
        break;
    default:
        on_practice(p, q);
        break;
    }
}
