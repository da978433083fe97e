/* Happy path: ask, take, until there is no more or the limit is reached.
 * Failure: an answer of another kind is ERR_MESSAGE; a page without items ends it whatever `more`
 * says. */
#include "client/cli/pages.h"

#include <string.h>

#include "proto/wire/err.h"

ProtobufCBinaryData pages_after(struct pages *p)
{
    return (ProtobufCBinaryData){.len = p->begun ? sizeof p->last : 0, .data = p->last};
}

void pages_last(struct pages *p, ProtobufCBinaryData id)
{
    p->begun = id.len == sizeof p->last;
    if (p->begun) {
        memcpy(p->last, id.data, sizeof p->last);
    }
    p->more = p->more && p->begun;
}

int pages_next(struct pages *p, struct talk *t)
{
    Attune__Request request;
    Attune__Response *answer = NULL;
    attune__request__init(&request);
    p->ask(p, &request);
    int rc = talk_ask(t, &request, &answer);
    if (rc != 0) {
        return rc;
    }
    p->more = false;
    int count = p->take(p, answer);
    attune__response__free_unpacked(answer, NULL);
    p->taken += count > 0 ? (uint32_t)count : 0;
    p->more = p->more && count > 0 && p->taken < p->limit;
    return count < 0 ? ERR_MESSAGE : 0;
}

enum exits pages_run(struct pages *p, struct talk *t, const struct arguments *a)
{
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how != EXITS_OK) {
        return how;
    }
    (void)talk_connect(t);
    int rc = 0;
    do {
        rc = pages_next(p, t);
    } while (rc == 0 && p->more);
    return talk_explain(t, rc);
}
