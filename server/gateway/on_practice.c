/* What an administrator does: sites, rooms, therapists, clients, devices, the lists of them, and
 * who may no longer.
 *
 * Happy path: one upsert by name each, or one revocation, answered Done; sent again it changes
 * nothing. Connections of what was revoked are ended by revocation.c, on every server.
 * Failure: the store's verdict is the answer. */
#include <stdio.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"
#include "server/gateway/name_fields.h"
#include "server/pg/store_revocation.h"

static void on_done(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

/* A name here may be many things: a client's is marked. */
static void answer_clients(struct request *r, const struct store_item *items, size_t count,
                           bool more)
{
    struct store_item marked[LIMIT_PRACTICE_PAGE];
    char names[LIMIT_PRACTICE_PAGE][LIMIT_NAME_BYTES + 2];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "%c%s", NAME_TOKEN_MARK, items[i].name);
        marked[i] = (struct store_item){.name = names[i], .detail = items[i].detail};
    }
    answer_items(r->pending.peer, r->pending.seq, marked, count, more);
}

static void on_items(struct store_call *call, int rc, const struct store_item *items, size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        bool more = count > LIMIT_PRACTICE_PAGE;
        count = more ? LIMIT_PRACTICE_PAGE : count;
        if (r->lists_clients) {
            answer_clients(r, items, count, more);
        } else {
            answer_items(r->pending.peer, r->pending.seq, items, count, more);
        }
        request_free(r);
    }
}

static int put_therapist(struct peer *p, struct request *r, const Attune__PutTherapist *put)
{
    const char *name = put->display_name[0] != '\0' ? put->display_name : put->code;
    return store_put_therapist(&p->gateway->store, &r->call, p->practice_id, put->code, name,
                               put->site, put->language, p->label, on_done);
}

static int put_device(struct peer *p, struct request *r, const Attune__PutDevice *put)
{
    struct store_put_device row = {
        .practice_id = p->practice_id,
        .role = (enum store_role)put->role,
        .label = put->label,
        .room = put->room,
        .therapist = put->therapist,
        .actor = p->label,
    };
    memcpy(row.fingerprint, put->fingerprint.data, STORE_FINGERPRINT);
    return store_put_device(&p->gateway->store, &r->call, &row, on_done);
}

static int revoke_certificate(struct peer *p, struct request *r,
                              const Attune__RevokeCertificate *revoke)
{
    struct store_serial serial = {.size = (uint8_t)revoke->serial.len};
    memcpy(serial.bytes, revoke->serial.data, serial.size);
    bool own =
        serial.size == p->serial.size && memcmp(serial.bytes, p->serial.bytes, serial.size) == 0;
    return store_certificate_revoke(&p->gateway->store, &r->call, p->practice_id, &serial,
                                    own ? p->fingerprint : NULL, revoke->meant, p->label, on_done);
}

void on_practice(struct peer *p, const Attune__Request *q)
{
    struct request *r = request_new(p, q->seq);
    struct store *store = &p->gateway->store;
    int rc = ERR_ROLE;
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_PUT_SITE:
        rc = store_put_site(store, &r->call, p->practice_id, q->put_site->name, p->label, on_done);
        break;
    case ATTUNE__REQUEST__BODY_PUT_ROOM:
        rc = store_put_room(store, &r->call, p->practice_id, q->put_room->site, q->put_room->name,
                            p->label, on_done);
        break;
    case ATTUNE__REQUEST__BODY_PUT_THERAPIST:
        rc = put_therapist(p, r, q->put_therapist);
        break;
    case ATTUNE__REQUEST__BODY_PUT_CLIENT:
        rc = store_put_client(store, &r->call, p->practice_id, q->put_client->client_ref,
                              q->put_client->therapist, p->label, on_done);
        break;
    case ATTUNE__REQUEST__BODY_PUT_DEVICE:
        rc = put_device(p, r, q->put_device);
        break;
    case ATTUNE__REQUEST__BODY_LIST_PRACTICE:
        r->lists_clients =
            p->gateway->naming.is_on && name_fields_lists_clients(q->list_practice->kind);
        rc = store_practice_list(store, &r->call, p->practice_id,
                                 (enum store_kind)q->list_practice->kind, q->list_practice->after,
                                 LIMIT_PRACTICE_PAGE + 1, on_items);
        break;
    case ATTUNE__REQUEST__BODY_REVOKE_DEVICE:
        rc = store_device_revoke(store, &r->call, p->practice_id, q->revoke_device->label,
                                 q->revoke_device->meant, p->label, on_done);
        break;
    case ATTUNE__REQUEST__BODY_REVOKE_THERAPIST:
        rc = store_therapist_revoke(store, &r->call, p->practice_id, q->revoke_therapist->code,
                                    p->label, on_done);
        break;
    case ATTUNE__REQUEST__BODY_REVOKE_CERTIFICATE:
        rc = revoke_certificate(p, r, q->revoke_certificate);
        break;
    default:
        break; /* Nothing else is permitted to get here. */
    }
    request_started(r, rc);
}
