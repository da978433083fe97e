/* Happy path: pages are taken in, the screen asks for an order. Failure: more clients than there is
 * room for are left out, and `cut` says so. */
#include "client/therapist/caseload.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void copy_text(char *room, size_t size, const char *text)
{
    size_t len = strlen(text);
    len = len < size ? len : size - 1;
    memcpy(room, text, len);
    room[len] = '\0';
}

void caseload_init(struct caseload *c)
{
    memset(c, 0, sizeof *c);
}

void caseload_begin(struct caseload *c)
{
    for (size_t at = 0; at < c->count; at++) {
        c->clients[at].told = false;
    }
    c->cut = false;
}

struct caseload_client *caseload_find(struct caseload *c, const char *ref)
{
    for (size_t at = 0; at < c->count; at++) {
        if (strcmp(c->clients[at].ref, ref) == 0) {
            return &c->clients[at];
        }
    }
    return NULL;
}

void caseload_take(struct caseload *c, const Attune__CaseloadClient *told, bool covered)
{
    struct caseload_client *client = caseload_find(c, told->client_ref);
    if (client != NULL && covered) {
        client->told = true;
        return;
    }
    if (client == NULL && c->count == CASELOAD_MAX) {
        c->cut = true;
        return;
    }
    if (client == NULL) {
        client = &c->clients[c->count++];
        memset(client, 0, sizeof *client);
        copy_text(client->ref, sizeof client->ref, told->client_ref);
    }
    client->told = true;
    client->sessions = told->sessions;
    client->last_start_ms = told->last_start_ms;
    client->rupture_open = told->rupture_open && !covered;
    copy_text(client->step, sizeof client->step, covered ? "" : told->step);
    size_t totals = covered && told->n_totals > 0 ? told->n_totals - 1 : told->n_totals;
    size_t skip = totals > CASELOAD_TOTALS ? totals - CASELOAD_TOTALS : 0;
    client->total_count = totals - skip;
    for (size_t at = 0; at < client->total_count; at++) {
        client->totals[at] = (int16_t)told->totals[skip + at];
    }
}

void caseload_end(struct caseload *c)
{
    size_t kept = 0;
    for (size_t at = 0; at < c->count; at++) {
        if (c->clients[at].told) {
            c->clients[kept++] = c->clients[at];
        }
    }
    c->count = kept;
    c->known = true;
}

void caseload_live(struct caseload *c, const char *ref, bool live)
{
    struct caseload_client *client = caseload_find(c, ref);
    if (client != NULL) {
        client->live = live;
    }
}

static bool begins_with(const char *text, const char *part)
{
    for (; *part != '\0'; text++, part++) {
        if (tolower((unsigned char)*text) != tolower((unsigned char)*part)) {
            return false; /* Also at the text's end. */
        }
    }
    return true;
}

static bool holds(const char *text, const char *part)
{
    do {
        if (begins_with(text, part)) {
            return true;
        }
    } while (*text++ != '\0');
    return false;
}

/* Smaller is higher on the screen. */
static int rank(const struct caseload_client *c)
{
    bool waits = c->rupture_open && c->step[0] == '\0';
    return c->live ? 0 : waits ? 1 : c->rupture_open ? 2 : 3;
}

static int compare(const void *left, const void *right, void *all)
{
    const struct caseload *c = all;
    const struct caseload_client *a = &c->clients[*(const uint16_t *)left];
    const struct caseload_client *b = &c->clients[*(const uint16_t *)right];
    if (rank(a) != rank(b)) {
        return rank(a) - rank(b);
    }
    if (a->last_start_ms != b->last_start_ms) {
        return a->last_start_ms > b->last_start_ms ? -1 : 1;
    }
    return strcmp(a->ref, b->ref);
}

size_t caseload_order(const struct caseload *c, const char *search, uint16_t *ret_order)
{
    size_t count = 0;
    for (size_t at = 0; at < c->count; at++) {
        if (holds(c->clients[at].ref, search)) {
            ret_order[count++] = (uint16_t)at;
        }
    }
    qsort_r(ret_order, count, sizeof *ret_order, compare, (void *)(uintptr_t)c);
    return count;
}
