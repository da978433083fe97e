/* Happy path: a page of clients, a page of rooms. Neither can be longer than a frame: a row is at
 * most two names and twelve numbers. */
#include "server/gateway/answer.h"

#include "proto/wire/limits.h"
#include "proto/wire/must.h"

/* protobuf-c's fields are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

struct client_message {
    Attune__CaseloadClient client;
    int32_t totals[STORE_TOTALS];
};

static void fill_client(struct client_message *m, const struct store_client *row)
{
    Attune__CaseloadClient *c = &m->client;
    attune__caseload_client__init(c);
    c->client_ref = text(row->client_ref);
    c->sessions = row->sessions;
    c->last_start_ms = row->last_start;
    for (size_t i = 0; i < row->total_count; i++) {
        m->totals[i] = row->totals[i];
    }
    c->totals = m->totals;
    c->n_totals = row->total_count;
    c->rupture_open = row->rupture_open;
    c->step = text(row->step);
}

void answer_caseload(struct peer *p, uint64_t seq, const struct store_client *clients, size_t count,
                     bool more)
{
    struct client_message messages[LIMIT_CASELOAD_PAGE];
    Attune__CaseloadClient *items[LIMIT_CASELOAD_PAGE];
    must(count <= LIMIT_CASELOAD_PAGE);
    for (size_t i = 0; i < count; i++) {
        fill_client(&messages[i], &clients[i]);
        items[i] = &messages[i].client;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Caseload list = ATTUNE__CASELOAD__INIT;
    list.n_clients = count;
    list.clients = items;
    list.more = more;
    response.body_case = ATTUNE__RESPONSE__BODY_CASELOAD;
    response.caseload = &list;
    peer_answer(p, seq, &response);
}

void answer_rooms(struct peer *p, uint64_t seq, const struct store_place *places, size_t count,
                  bool more)
{
    Attune__RoomItem messages[LIMIT_PRACTICE_PAGE];
    Attune__RoomItem *items[LIMIT_PRACTICE_PAGE];
    must(count <= LIMIT_PRACTICE_PAGE);
    for (size_t i = 0; i < count; i++) {
        attune__room_item__init(&messages[i]);
        messages[i].name = text(places[i].room);
        messages[i].site = text(places[i].site);
        messages[i].taken = places[i].taken;
        items[i] = &messages[i];
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__RoomList list = ATTUNE__ROOM_LIST__INIT;
    list.n_rooms = count;
    list.rooms = items;
    list.more = more;
    response.body_case = ATTUNE__RESPONSE__BODY_ROOM_LIST;
    response.room_list = &list;
    peer_answer(p, seq, &response);
}
