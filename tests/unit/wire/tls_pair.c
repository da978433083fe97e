/* Happy path: what one end sends is kept in its array until the test delivers it.
 * Failure: an end that returned an error keeps it, takes nothing more, and what it sent is still
 * delivered: that is how alerts travel. */
#include "tests/unit/wire/tls_pair.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"

static void on_send(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct tls_end *end = container_of(t, struct tls_end, tls);
    must(len > 0 && len <= sizeof end->sent - end->sent_len);
    memcpy(end->sent + end->sent_len, bytes, len);
    end->sent_len += len;
    end->sends++;
}

static int on_plain(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct tls_end *end = container_of(t, struct tls_end, tls);
    must(len > 0 && len <= sizeof end->plain - end->plain_len);
    memcpy(end->plain + end->plain_len, bytes, len);
    end->plain_len += len;
    if (end->echo != NULL) {
        must(tls_session_write(&end->echo->tls, bytes, len) == 0);
    }
    return end->stop;
}

struct tls_pair *tls_pair_new(SSL_CTX *client, SSL_CTX *server, const char *server_name,
                              struct tls_room *server_room)
{
    struct tls_pair *pair = calloc(1, sizeof *pair);
    must(pair != NULL);
    pair->client.room = &pair->client_room;
    pair->server.room = server_room != NULL ? server_room : &pair->server_room;
    must(tls_session_init(&pair->client.tls, TLS_CLIENT, client, pair->client.room, server_name,
                          on_send, on_plain) == 0);
    must(tls_session_init(&pair->server.tls, TLS_SERVER, server, pair->server.room, NULL, on_send,
                          on_plain) == 0);
    return pair;
}

void tls_pair_free(struct tls_pair *pair)
{
    tls_session_fini(&pair->client.tls);
    tls_session_fini(&pair->server.tls);
    free(pair);
}

/* From memory of exactly this size, so that the sanitizer sees a byte too many. */
static void feed(struct tls_end *to, const uint8_t *bytes, size_t len)
{
    if (to->rc != 0 || len == 0) {
        return;
    }
    uint8_t *exact = malloc(len);
    must(exact != NULL);
    memcpy(exact, bytes, len);
    to->rc = tls_session_feed(&to->tls, exact, len);
    free(exact);
}

static size_t take(struct tls_end *from, uint8_t **ret_bytes)
{
    size_t len = from->sent_len;
    *ret_bytes = malloc(len + 1);
    must(*ret_bytes != NULL);
    memcpy(*ret_bytes, from->sent, len);
    from->sent_len = 0;
    return len;
}

void tls_deliver(struct tls_end *from, struct tls_end *to, size_t step)
{
    uint8_t *bytes;
    size_t len = take(from, &bytes);
    for (size_t at = 0; at < len;) {
        size_t n = step == 0 || step > len - at ? len - at : step;
        feed(to, bytes + at, n);
        at += n;
    }
    free(bytes);
}

static void deliver_cut(struct tls_end *from, struct tls_end *to, size_t cut)
{
    uint8_t *bytes;
    size_t len = take(from, &bytes);
    size_t first = cut < len ? cut : len;
    feed(to, bytes, first);
    feed(to, bytes + first, len - first);
    free(bytes);
}

void tls_pair_shake(struct tls_pair *pair, size_t cut)
{
    pair->client.rc = tls_session_begin(&pair->client.tls);
    while (pair->client.sent_len > 0 || pair->server.sent_len > 0) {
        deliver_cut(&pair->client, &pair->server, cut);
        deliver_cut(&pair->server, &pair->client, cut);
    }
}

void tls_pair_settle(struct tls_pair *pair)
{
    while (pair->client.sent_len > 0 || pair->server.sent_len > 0) {
        tls_deliver(&pair->client, &pair->server, 0);
        tls_deliver(&pair->server, &pair->client, 0);
    }
}

void tls_say(struct tls_end *end, const char *text)
{
    must(tls_session_write(&end->tls, (const uint8_t *)text, strlen(text)) == 0);
}

int tls_world_set_up(void **state)
{
    struct tls_world *w = calloc(1, sizeof *w);
    must(w != NULL);
    test_pki_init(&w->pki);
    test_pki_issue_usual(&w->pki);
    w->client = test_pki_context(&w->pki, TLS_CLIENT, "device", "ca");
    w->server = test_pki_context(&w->pki, TLS_SERVER, "server", "ca");
    *state = w;
    return 0;
}

int tls_world_tear_down(void **state)
{
    struct tls_world *w = *state;
    SSL_CTX_free(w->client);
    SSL_CTX_free(w->server);
    test_pki_fini(&w->pki);
    free(w);
    return 0;
}
