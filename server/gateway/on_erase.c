/* EraseClient: a client becomes nobody.
 *
 * Happy path: the main database says how many sessions there are; the answer shows that, with a
 * word over it, and no more: what was said in them is not an administrator's. Asked again with the
 * word: the main database judges once more, does its part and remembers it, in one transaction;
 * then the journal does; only then the keys database destroys the client's row, which nothing
 * brings back: from here on nobody knows whose the numbers are. Failure: another word, a hold, or
 * something that is still to be counted: nothing has changed. Killed in between, or the journal's
 * disk or the keys database is away: the rest goes as soon as a server looks (erased.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"
#include "server/pg/store_audit.h"
#include "server/pg/store_erasure.h"

enum { WORD_BYTES = 6, WORD_ROOM = 2 * WORD_BYTES + 1 };

struct erase_request {
    struct pending pending;
    struct store_call call;
    struct keys_call keys;
    struct journal_call journal;
    struct certificates_call signing;
    uint8_t token_hash[STORE_TOKEN_HASH];
    Attune__Numbers numbers;
    char word[WORD_ROOM];                /* As asked; "": only look. */
    uint32_t counts[STORE_ERASE_COUNTS]; /* Before it is done, of the sessions alone. */
};

static void erase_free(struct erase_request *e)
{
    pending_end(&e->pending);
    free(e);
}

static void fail(struct erase_request *e, int rc)
{
    peer_fail(e->pending.peer, e->pending.seq, rc);
    erase_free(e);
}

static bool destroys(const struct erase_request *e)
{
    return e->numbers == ATTUNE__NUMBERS__NUMBERS_DESTROY;
}

/* Of whom, how, and of what was shown: another client's, or one with a session more, has another
 * one. Not of what was not shown: whoever has the word could try out what gives it. */
static void make_word(const struct erase_request *e, char ret_word[WORD_ROOM])
{
    uint8_t all[STORE_TOKEN_HASH + 1 + sizeof e->counts[0]], hash[SHA256_DIGEST_LENGTH];
    memcpy(all, e->token_hash, STORE_TOKEN_HASH);
    all[STORE_TOKEN_HASH] = destroys(e);
    memcpy(all + STORE_TOKEN_HASH + 1, &e->counts[0], sizeof e->counts[0]);
    must(SHA256(all, sizeof all, hash) != NULL);
    for (size_t i = 0; i < WORD_BYTES; i++) {
        (void)snprintf(ret_word + 2 * i, 3, "%02x", hash[i]);
    }
}

/* `kept`: NULL before it is done. */
static void answer(struct erase_request *e, bool done, const struct store_certificate *kept)
{
    const struct chain_key *own = heads_key(&e->pending.peer->gateway->store.heads);
    struct certificate_words words;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Erasure erasure = ATTUNE__ERASURE__INIT;
    char word[WORD_ROOM];
    make_word(e, word);
    erasure.word = word;
    erasure.done = done;
    erasure.counts = e->counts;
    erasure.n_counts = done ? STORE_ERASE_COUNTS : 1;
    erasure.numbers = e->numbers;
    erasure.at_ms = done ? clock_now_ms() : 0;
    erasure.token_sha256 = (ProtobufCBinaryData){STORE_TOKEN_HASH, e->token_hash};
    if (kept != NULL) {
        /* Of a client who is erased again it is the one that was there. */
        bool good = certificate_say(kept, own, &words) == CERTIFICATE_GOOD;
        erasure.certificate_sha256 = words.sha256;
        erasure.signer = good ? words.signer : erasure.signer;
    }
    response.body_case = ATTUNE__RESPONSE__BODY_ERASURE;
    response.erasure = &erasure;
    peer_answer(e->pending.peer, e->pending.seq, &response);
    erase_free(e);
}

/* It is done, whatever of its certificate can be read now. */
static void on_certificate(struct store_call *call, int rc, const struct store_certificate *kept,
                           size_t count)
{
    struct erase_request *e = container_of(call, struct erase_request, call);
    answer(e, true, rc == 0 && count > 0 ? kept : NULL);
}

static void find_certificate(struct erase_request *e)
{
    char hash[2 * STORE_TOKEN_HASH + 1], name[sizeof hash + sizeof "+numbers"];
    struct peer *p = e->pending.peer;
    (void)chain_hex(e->token_hash, STORE_TOKEN_HASH, hash);
    (void)snprintf(name, sizeof name, "%s%s", hash, destroys(e) ? "+numbers" : "");
    if (store_certificate_find(&p->gateway->store, &e->call, p->practice_id, "erasure", name,
                               on_certificate) != 0) {
        answer(e, true, NULL);
    }
}

/* Unsigned: the next minute tries again. */
static void on_signed(struct certificates_call *call, int rc)
{
    (void)rc;
    find_certificate(container_of(call, struct erase_request, signing));
}

/* The key may be gone already: another server has looked. */
static void on_key_destroyed(struct keys_call *call, int rc, int64_t was_there)
{
    struct erase_request *e = container_of(call, struct erase_request, keys);
    (void)was_there;
    client_map_clear(&e->pending.peer->gateway->naming.map); /* Other servers hear of it. */
    if (rc != 0) {
        fail(e, rc);
        return;
    }
    if (store_certificates_sign(&e->pending.peer->gateway->store, &e->signing, on_signed) != 0) {
        find_certificate(e);
    }
}

static void on_journal(struct journal_call *call, int rc)
{
    struct erase_request *e = container_of(call, struct erase_request, journal);
    struct peer *p = e->pending.peer;
    rc = rc == ERR_DISK ? ERR_BUSY
                        : rc; /* Told apart in the log; to whoever asks, a time to wait. */
    if (rc == 0) {
        rc = keys_erase(&p->gateway->naming.store, &e->keys, p->practice_id, e->token_hash,
                        destroys(e), on_key_destroyed);
    }
    if (rc != 0) {
        fail(e, rc);
    }
}

static void on_erased(struct store_call *call, int rc, const uint32_t *counts)
{
    struct erase_request *e = container_of(call, struct erase_request, call);
    struct peer *p = e->pending.peer;
    if (rc != 0) {
        fail(e, rc);
        return;
    }
    memcpy(e->counts, counts, sizeof e->counts);
    struct store_erased erased = {.practice_id = p->practice_id, .destroyed = destroys(e)};
    memcpy(erased.token_hash, e->token_hash, sizeof erased.token_hash);
    feed_wake(&p->gateway->feed, FEED_ROOMS);
    journal_learn(p->gateway->naming.erased.journal, &erased, 1);
    journal_save(p->gateway->naming.erased.journal, &e->journal, on_journal);
}

static void on_looked(struct store_call *call, int rc, unsigned sessions)
{
    struct erase_request *e = container_of(call, struct erase_request, call);
    struct peer *p = e->pending.peer;
    char word[WORD_ROOM];
    if (rc != 0) {
        fail(e, rc);
        return;
    }
    e->counts[0] = sessions;
    make_word(e, word);
    if (e->word[0] == '\0') {
        answer(e, false, NULL);
        return;
    }
    rc = strcmp(e->word, word) != 0 ? ERR_ERASE_WORD
                                    : store_erase(&p->gateway->store, &e->call, p->practice_id,
                                                  e->token_hash, destroys(e), p->label, on_erased);
    if (rc != 0) {
        fail(e, rc);
    }
}

void on_erase_client(struct peer *p, uint64_t seq, const Attune__EraseClient *erase)
{
    uint8_t token[CLIENT_TOKEN];
    if (!p->gateway->naming.is_on) {
        peer_fail(p, seq, ERR_ERASE_KEYS);
        return;
    }
    bool is_token = client_token_read(erase->client_ref, token);
    must(is_token); /* naming has put it there. */
    struct erase_request *e = calloc(1, sizeof *e);
    must(e != NULL && SHA256(token, sizeof token, e->token_hash) != NULL);
    e->numbers = erase->numbers;
    (void)snprintf(e->word, sizeof e->word, "%s", erase->word);
    pending_begin(p, &e->pending, seq);
    e->call.who = peer_who(p);
    int rc = store_erase_look(&p->gateway->store, &e->call, p->practice_id, e->token_hash, p->label,
                              on_looked);
    if (rc != 0) {
        fail(e, rc);
    }
}
