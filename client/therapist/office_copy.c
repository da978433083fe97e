/* Happy path: the server notes it, page after page comes, and it is whole. Failure: its sentence; a
 * connection that ends takes the reading with it, and the person begins anew. */
#include "client/therapist/office_ask.h"

#include <openssl/rand.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static void ask(struct office *o);

static void fail(struct office *o, const char *why)
{
    g_strlcpy(o->copy.said, why, sizeof o->copy.said);
    office_tell(o, OFFICE_COPY);
}

static void on_page(struct office *o, struct office_ask *a, int rc,
                    const Attune__Response *response)
{
    (void)a;
    if (o->copy.read == NULL || o->copy.said[0] != '\0') {
        return; /* It was called off. */
    }
    rc = rc == 0 ? copy_read_take(o->copy.read, response) : rc;
    if (rc != 0) {
        bool told = response != NULL && response->body_case == ATTUNE__RESPONSE__BODY_ERROR;
        fail(o, told ? response->error->text : err_text(rc));
        return;
    }
    ask(o);
}

static void ask(struct office *o)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__Request request;
    if (copy_read_next(o->copy.read, &request)) {
        office_ask(o, OFFICE_READ, &request, on_page);
        return;
    }
    const Attune__Welcome *welcome = o->link.welcome;
    must(RAND_bytes(id, sizeof id) == 1);
    id[0] |= 1;
    if (copy_read_end(o->copy.read, welcome->practice, welcome->place, id,
                      g_get_real_time() / 1000) != 0) {
        fail(o, copy_read_why(o->copy.read));
        return;
    }
    o->copy.whole = true;
    office_tell(o, OFFICE_COPY);
}

bool office_copy_begin(struct office *o, const char *client_ref)
{
    bool can = o->link.state == LINK_UP && !office_locked(o) && whose_is_own(o->whose) &&
               o->whose->state == WHOSE_SETTLED;
    if (!can || o->copy.read != NULL) {
        return false;
    }
    o->copy.read = g_new(struct copy_read, 1);
    o->copy.whole = false;
    o->copy.said[0] = '\0';
    copy_read_init(o->copy.read, client_ref);
    ask(o);
    return true;
}

void office_copy_end(struct office *o)
{
    if (o->copy.read != NULL) {
        copy_read_fini(o->copy.read);
        g_clear_pointer(&o->copy.read, g_free);
    }
    o->copy.whole = false;
    o->copy.said[0] = '\0';
}

void office_copy_lost(struct office *o)
{
    if (o->copy.read != NULL && !o->copy.whole && o->copy.said[0] == '\0') {
        fail(o, "the connection ended while it was read: try again");
    }
}
