/* Happy path: rights and looks as the protocol's messages. Failure: none: each is far shorter than
 * a frame. */
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/pg/store_right.h"

/* protobuf-c's fields are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

void answer_acting(struct peer *p, uint64_t seq, unsigned kind, const char *client_ref,
                   const struct store_acting *found)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Acting acting = ATTUNE__ACTING__INIT;
    acting.kind = (Attune__ActKind)kind;
    acting.therapist = text(found->therapist);
    acting.name = text(found->name);
    acting.client_ref = text(client_ref);
    acting.from_ms = found->from;
    acting.until_ms = found->until;
    response.body_case = ATTUNE__RESPONSE__BODY_ACTING;
    response.acting = &acting;
    peer_answer(p, seq, &response);
}

void answer_rights(struct peer *p, uint64_t seq, const struct store_right *rights, size_t count,
                   bool more)
{
    Attune__Right messages[LIMIT_RIGHTS], *items[LIMIT_RIGHTS];
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__RightList list = ATTUNE__RIGHT_LIST__INIT;
    must(count <= LIMIT_RIGHTS);
    for (size_t i = 0; i < count; i++) {
        attune__right__init(&messages[i]);
        messages[i].kind = (Attune__ActKind)(rights[i].scope - STORE_SCOPE_THERAPIST);
        messages[i].person = text(rights[i].person);
        messages[i].therapist = text(rights[i].therapist);
        messages[i].site = text(rights[i].site);
        messages[i].from_ms = rights[i].from;
        messages[i].until_ms = rights[i].until;
        messages[i].yours = rights[i].yours;
        items[i] = &messages[i];
    }
    list.rights = items;
    list.n_rights = answer_fitting((ProtobufCMessage *const *)items, count);
    list.more = more || list.n_rights < count;
    response.body_case = ATTUNE__RESPONSE__BODY_RIGHT_LIST;
    response.right_list = &list;
    peer_answer(p, seq, &response);
}

static void fill_look(Attune__Look *m, const struct store_look *row)
{
    attune__look__init(m);
    m->look_id = (ProtobufCBinaryData){STORE_ID, (uint8_t *)(uintptr_t)row->look_id};
    m->by = text(row->by);
    m->client_ref = text(row->client_ref);
    m->reason = text(row->reason);
    m->at_ms = row->at;
    m->seen = row->seen;
}

void answer_looks(struct peer *p, uint64_t seq, const struct store_look *looks, size_t count)
{
    Attune__Look messages[LIMIT_LOOKS], *items[LIMIT_LOOKS];
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__LookList list = ATTUNE__LOOK_LIST__INIT;
    must(count <= LIMIT_LOOKS);
    for (size_t i = 0; i < count; i++) {
        fill_look(&messages[i], &looks[i]);
        items[i] = &messages[i];
    }
    list.looks = items;
    list.n_looks = answer_fitting((ProtobufCMessage *const *)items, count);
    response.body_case = ATTUNE__RESPONSE__BODY_LOOK_LIST;
    response.look_list = &list;
    peer_answer(p, seq, &response);
}

struct kept_push *keep_look(const struct store_look *look)
{
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__Look message;
    fill_look(&message, look);
    push.body_case = ATTUNE__PUSH__BODY_LOOK;
    push.look = &message;
    return peer_keep(&push);
}
