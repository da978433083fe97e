/* A practice's own wordings of the four areas: put, listed and read by its administrator.
 *
 * Happy path: the file is read here, so that a kiosk can read it too, and kept as it was put; the
 * next ticket carries it. A file that is shipped puts the practice's own aside. Failure: a line
 * that is not understood is answered with its number and what is near; those in force stay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/instrument.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

/* What is built in under this name; NULL: nothing. */
static const char *shipped_as(const char *name, struct instrument *ret_instrument)
{
    struct config_fault fault;
    char room[INSTRUMENT_NAME_ROOM];
    for (size_t i = 0; instruments_shipped[i] != NULL; i++) {
        const char *file = instruments_shipped[i];
        int rc = instrument_parse(file, strlen(file), ret_instrument, &fault);
        must(rc == 0); /* A test reads each of them. */
        if (strcmp(instrument_name(ret_instrument, room), name) == 0) {
            return file;
        }
    }
    return NULL;
}

static void on_put(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

static void refuse(struct peer *p, uint64_t seq, const struct config_fault *fault)
{
    char detail[sizeof fault->text + 24];
    (void)snprintf(detail, sizeof detail, "line %u: %s", fault->line, fault->text);
    peer_error(p, seq, ERR_INSTRUMENT, fault->line > 0 ? detail : fault->text, 0);
}

static void put(struct peer *p, uint64_t seq, const char *file, const struct instrument *in,
                bool is_shipped)
{
    char name[INSTRUMENT_NAME_ROOM];
    struct request *r = request_new(p, seq);
    const struct store_instrument row = {.name = instrument_name(in, name),
                                         .language = in->language,
                                         .is_child = in->audience == AUDIENCE_CHILD,
                                         .file = file};
    request_started(r, store_instrument_put(&p->gateway->store, &r->call, p->practice_id, &row,
                                            is_shipped, p->label, on_put));
}

void on_put_instrument(struct peer *p, uint64_t seq, const Attune__PutInstrument *message)
{
    struct config_fault fault;
    char name[INSTRUMENT_NAME_ROOM];
    struct instrument *in = malloc(2 * sizeof *in);
    must(in != NULL);
    if (instrument_parse(message->file, strlen(message->file), &in[0], &fault) != 0) {
        refuse(p, seq, &fault);
    } else {
        const char *shipped = shipped_as(instrument_name(&in[0], name), &in[1]);
        if (shipped != NULL && strcmp(shipped, message->file) != 0) {
            peer_error(p, seq, ERR_CONFLICT, "this name is shipped with another text", 0);
        } else {
            put(p, seq, message->file, &in[0], shipped != NULL);
        }
    }
    free(in);
}

/* ---- reading --------------------------------------------------------------------------------- */

enum { LISTED_MAX = 100 + 32 };

struct listing {
    Attune__InstrumentItem items[LISTED_MAX];
    Attune__InstrumentItem *at[LISTED_MAX];
    char names[LISTED_MAX][INSTRUMENT_NAME_ROOM];
    struct instrument read;
    size_t count;
};

static void add(struct listing *l, const char *name, bool own, bool in_force)
{
    must(l->count < LISTED_MAX);
    Attune__InstrumentItem *item = &l->items[l->count];
    attune__instrument_item__init(item);
    (void)snprintf(l->names[l->count], INSTRUMENT_NAME_ROOM, "%s", name);
    item->name = l->names[l->count];
    item->own = own;
    item->in_force = in_force;
    l->at[l->count++] = item;
}

/* One that is shipped is in force where the practice has none of its own. */
static void add_shipped(struct listing *l, const char *file, const struct store_instrument *own,
                        size_t count)
{
    struct config_fault fault;
    char name[INSTRUMENT_NAME_ROOM];
    bool in_force = true;
    int rc = instrument_parse(file, strlen(file), &l->read, &fault);
    must(rc == 0);
    for (size_t i = 0; i < count; i++) {
        bool child = l->read.audience == AUDIENCE_CHILD;
        in_force = in_force && !(own[i].in_force && own[i].is_child == child &&
                                 strcmp(own[i].language, l->read.language) == 0);
    }
    add(l, instrument_name(&l->read, name), false, in_force);
}

static void on_listed(struct store_call *call, int rc, const struct store_instrument *own,
                      size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (!request_good(r, rc)) {
        return;
    }
    struct listing *l = calloc(1, sizeof *l);
    must(l != NULL);
    for (size_t i = 0; instruments_shipped[i] != NULL; i++) {
        add_shipped(l, instruments_shipped[i], own, count);
    }
    for (size_t i = 0; i < count; i++) {
        add(l, own[i].name, true, own[i].in_force);
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__InstrumentList list = ATTUNE__INSTRUMENT_LIST__INIT;
    list.items = l->at;
    list.n_items = l->count;
    response.body_case = ATTUNE__RESPONSE__BODY_INSTRUMENT_LIST;
    response.instrument_list = &list;
    peer_answer(r->pending.peer, r->pending.seq, &response);
    free(l);
    request_free(r);
}

void on_list_instruments(struct peer *p, uint64_t seq)
{
    struct request *r = request_new(p, seq);
    request_started(
        r, store_instruments_list(&p->gateway->store, &r->call, p->practice_id, on_listed));
}

static void answer_file(struct peer *p, uint64_t seq, const char *file)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Instrument instrument = ATTUNE__INSTRUMENT__INIT;
    instrument.file = (char *)(uintptr_t)file; /* Only read. */
    response.body_case = ATTUNE__RESPONSE__BODY_INSTRUMENT;
    response.instrument = &instrument;
    peer_answer(p, seq, &response);
}

static void on_got(struct store_call *call, int rc, const struct store_instrument *own,
                   size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc == 0 && count == 0 ? ERR_INSTRUMENT_UNKNOWN : rc)) {
        answer_file(r->pending.peer, r->pending.seq, own[0].file);
        request_free(r);
    }
}

void on_get_instrument(struct peer *p, uint64_t seq, const Attune__GetInstrument *get)
{
    struct instrument *in = malloc(sizeof *in);
    must(in != NULL);
    const char *shipped = shipped_as(get->name, in);
    free(in);
    if (shipped != NULL) {
        answer_file(p, seq, shipped);
        return;
    }
    struct request *r = request_new(p, seq);
    request_started(
        r, store_instrument_get(&p->gateway->store, &r->call, p->practice_id, get->name, on_got));
}
