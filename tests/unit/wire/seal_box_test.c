#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/wire/err.h"
#include "proto/wire/seal.h"

enum { AT_ID = 1, AT_HEAD = AT_ID + SEAL_KEY_ID, AT_INDEX = 89, AT_NONCE = 90, AT_BOX = 114 };

struct kiosk {
    struct seal_pair pair;
    struct seal_chain chain;
};

static void kiosk_init(struct kiosk *k)
{
    seal_pair_make(&k->pair);
    seal_chain_init(&k->chain, &k->pair.key);
}

static void seal_text(struct kiosk *k, const char *text, uint8_t sealed[SEAL_SIZE])
{
    assert_int_equal(seal_record(&k->chain, 0, (const uint8_t *)text, strlen(text), sealed), 0);
}

/* Opens to this text, or it is refused: told by the code. */
static int opens(const struct kiosk *k, const uint8_t *sealed, const char *text)
{
    uint8_t opened[SEAL_RECORD_MAX];
    size_t len;
    int rc = seal_open(&k->pair, 1, sealed, SEAL_SIZE, opened, &len);
    if (rc == 0) {
        assert_int_equal(len, strlen(text));
        assert_memory_equal(opened, text, len);
    }
    return rc;
}

static void a_record_of_any_length_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 100, SEAL_RECORD_MAX - 1, SEAL_RECORD_MAX};
    uint8_t record[SEAL_RECORD_MAX + 1], sealed[SEAL_SIZE], opened[SEAL_RECORD_MAX];
    size_t len;
    struct kiosk k;
    kiosk_init(&k);
    memset(record, 0x80,
           sizeof record); /* What padding begins with, and could be mistaken for it. */
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(opened, 0, sizeof opened);
        assert_int_equal(seal_record(&k.chain, 0, record, lengths[i], sealed), 0);
        assert_int_equal(seal_open(&k.pair, 1, sealed, sizeof sealed, opened, &len), 0);
        assert_int_equal(len, lengths[i]);
        assert_memory_equal(opened, record, len);
    }
    memset(record, 0, sizeof record); /* What padding goes on with. */
    assert_int_equal(seal_record(&k.chain, 0, record, 7, sealed), 0);
    assert_int_equal(seal_open(&k.pair, 1, sealed, sizeof sealed, opened, &len), 0);
    assert_int_equal(len, 7);
    assert_int_equal(seal_record(&k.chain, 0, record, 0, sealed), ERR_FIELD);
    assert_int_equal(seal_record(&k.chain, 0, record, SEAL_RECORD_MAX + 1, sealed), ERR_FIELD);
}

static void the_same_record_is_never_the_same_box(void **state)
{
    (void)state;
    uint8_t one[SEAL_SIZE], other[SEAL_SIZE];
    struct kiosk k;
    kiosk_init(&k);
    seal_text(&k, "scores", one);
    seal_text(&k, "scores", other);
    assert_memory_equal(one, other, AT_INDEX); /* One chain, and its next place. */
    assert_int_equal(one[AT_INDEX], 0);
    assert_int_equal(other[AT_INDEX], 1);
    for (size_t at = AT_NONCE; at + 16 <= SEAL_SIZE; at += 16) {
        assert_memory_not_equal(one + at, other + at, 16);
    }
}

/* Goal: two copies of a process (a fork, a machine put back to an earlier state) do not betray each
 * other's records. Method: seal from a copied chain: the key is the same, the nonce must not be. */
static void two_copies_of_a_chain_share_no_nonce(void **state)
{
    (void)state;
    uint8_t one[SEAL_SIZE], other[SEAL_SIZE];
    struct kiosk k, copy;
    kiosk_init(&k);
    seal_text(&k, "first", one);
    copy = k;
    seal_text(&k, "one", one);
    seal_text(&copy, "other", other);
    assert_int_equal(one[AT_INDEX], other[AT_INDEX]);
    assert_memory_not_equal(one + AT_NONCE, other + AT_NONCE, AT_BOX - AT_NONCE);
    assert_int_equal(opens(&k, one, "one"), 0);
    assert_int_equal(opens(&k, other, "other"), 0);
}

/* Goal: whatever is done to a record, it is refused, and nothing comes out. Method: each bit, each
 * length, and the key's id is another matter: that key is not here. */
static void a_record_with_any_bit_changed_is_refused(void **state)
{
    (void)state;
    uint8_t sealed[SEAL_SIZE + 1], opened[SEAL_RECORD_MAX] = {0};
    const uint8_t untouched[SEAL_RECORD_MAX] = {0};
    size_t len = 77;
    struct kiosk k;
    kiosk_init(&k);
    seal_text(&k, "first", sealed);
    seal_text(&k, "four scores", sealed);
    for (size_t bit = 0; bit < (size_t)SEAL_SIZE * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        int rc = seal_open(&k.pair, 1, sealed, SEAL_SIZE, opened, &len);
        /* X25519 passes over the highest bit of a public key; the nonce is a hash of all of it. */
        bool id = bit / 8 >= AT_ID && bit / 8 < AT_HEAD;
        assert_int_equal(rc, id ? ERR_SEAL_KEY : ERR_FIELD);
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (size_t size = 0; size <= SEAL_SIZE + 1; size++) {
        int rc = seal_open(&k.pair, 1, sealed, size, opened, &len);
        assert_int_equal(rc, size == SEAL_SIZE ? 0 : ERR_FIELD);
        if (rc == 0) {
            memset(opened, 0, sizeof opened);
            len = 77;
        }
    }
    assert_memory_equal(opened, untouched, sizeof opened);
    assert_int_equal(len, 77);
}

/* Goal: no part of a record goes with another's. Method: each part of one record put into another
 * of the same chain and of another chain; those of one chain have the head in common. */
static void no_part_of_a_record_goes_with_another(void **state)
{
    (void)state;
    static const size_t parts[] = {AT_HEAD, AT_INDEX, AT_NONCE, AT_BOX, SEAL_SIZE};
    uint8_t sealed[3][SEAL_SIZE], mixed[SEAL_SIZE];
    struct kiosk k;
    kiosk_init(&k);
    seal_text(&k, "one", sealed[0]);
    seal_text(&k, "two", sealed[1]);
    seal_chain_init(&k.chain, &k.pair.key);
    seal_text(&k, "three", sealed[2]);
    for (size_t from = 1; from < 3; from++) {
        for (size_t part = 0; part + 1 < sizeof parts / sizeof parts[0]; part++) {
            memcpy(mixed, sealed[0], sizeof mixed);
            memcpy(mixed + parts[part], sealed[from] + parts[part], parts[part + 1] - parts[part]);
            bool same = memcmp(mixed, sealed[0], sizeof mixed) == 0;
            assert_int_equal(same, (from == 1 && parts[part] == AT_HEAD) ||
                                       (from == 2 && parts[part] == AT_INDEX));
            assert_int_equal(opens(&k, mixed, "one"), same ? 0 : ERR_FIELD);
        }
    }
}

/* ---- the chain ------------------------------------------------------------------------------- */

/* Goal: a kiosk that is taken opens nothing that it sealed before. Method: all that its memory has
 * of the chain, tried as the key of each earlier record and as what earlier keys are made from;
 * then of a later one, so that the trial itself is shown to find what it looks for. */
static void what_a_kiosk_holds_opens_no_earlier_record(void **state)
{
    (void)state;
    uint8_t sealed[4][SEAL_SIZE], room[SEAL_RECORD_MAX];
    size_t len;
    struct kiosk k;
    kiosk_init(&k);
    for (size_t i = 0; i < 3; i++) {
        seal_text(&k, "earlier", sealed[i]);
    }
    struct seal_chain taken = k.chain;
    seal_text(&k, "later", sealed[3]);
    for (size_t at = 0; at + SEAL_LINK <= sizeof taken; at++) {
        struct seal_link link;
        for (size_t i = 0; i < 3; i++) {
            for (uint8_t place = 0; place <= i; place++) {
                memcpy(link.key, (const uint8_t *)&taken + at, SEAL_LINK);
                link.at = place;
                assert_int_equal(seal_open_from(&link, sealed[i], room, &len), ERR_FIELD);
            }
        }
    }
    assert_int_equal(taken.next.at, 3);
    assert_int_equal(seal_open_from(&taken.next, sealed[3], room, &len), 0);
}

static void a_chain_ends_after_64_records_or_a_day_or_with_its_key(void **state)
{
    (void)state;
    uint8_t before[SEAL_SIZE], sealed[SEAL_SIZE];
    struct kiosk k;
    struct seal_pair other;
    kiosk_init(&k);
    seal_text(&k, "a rating", before);
    for (unsigned i = 1; i <= SEAL_CHAIN_MAX; i++) {
        seal_text(&k, "a rating", sealed);
        bool same = memcmp(seal_name(before), seal_name(sealed), SEAL_NAME) == 0;
        assert_int_equal(same, i < SEAL_CHAIN_MAX);
        assert_int_equal(sealed[AT_INDEX], i % SEAL_CHAIN_MAX);
        assert_int_equal(opens(&k, sealed, "a rating"), 0);
    }
    static const struct {
        int64_t now_ms;
        bool same;
    } days[] = {{SEAL_CHAIN_MS - 1, true}, {SEAL_CHAIN_MS, false}, {2 * SEAL_CHAIN_MS - 1, true}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        memcpy(before, sealed, sizeof before);
        assert_int_equal(
            seal_record(&k.chain, days[i].now_ms, (const uint8_t *)"a rating", 8, sealed), 0);
        assert_int_equal(memcmp(seal_name(before), seal_name(sealed), SEAL_NAME) == 0,
                         days[i].same);
    }
    seal_pair_make(&other);
    seal_chain_init(&k.chain, &other.key);
    seal_text(&k, "a rating", sealed);
    assert_int_equal(sealed[AT_INDEX], 0);
    assert_int_equal(opens(&k, sealed, "a rating"), ERR_SEAL_KEY);
}

static void records_open_in_any_order_and_with_others_missing(void **state)
{
    (void)state;
    uint8_t sealed[SEAL_CHAIN_MAX][SEAL_SIZE];
    struct kiosk k;
    kiosk_init(&k);
    for (size_t i = 0; i < SEAL_CHAIN_MAX; i++) {
        seal_text(&k, "a rating", sealed[i]);
    }
    for (size_t i = 0; i < SEAL_CHAIN_MAX; i += 3) {
        assert_int_equal(opens(&k, sealed[SEAL_CHAIN_MAX - 1 - i], "a rating"), 0);
    }
    sealed[0][AT_INDEX] = SEAL_CHAIN_MAX; /* Further than any chain goes. */
    assert_int_equal(seal_look(&k.pair, 1, sealed[0], SEAL_SIZE), ERR_FIELD);
    sealed[0][AT_INDEX] = UINT8_MAX;
    assert_int_equal(opens(&k, sealed[0], ""), ERR_FIELD);
}

/* Going on from where the last one was is the same as from the beginning, and what does not open
 * moves nothing. */
static void a_place_goes_on_with_what_opens_and_with_nothing_else(void **state)
{
    (void)state;
    uint8_t sealed[8][SEAL_SIZE], room[SEAL_RECORD_MAX];
    size_t len;
    struct kiosk k;
    struct seal_link link;
    kiosk_init(&k);
    for (size_t i = 0; i < 8; i++) {
        seal_text(&k, "a rating", sealed[i]);
    }
    assert_int_equal(seal_first(&k.pair, 1, sealed[5], &link), 0);
    assert_int_equal(link.at, 0);
    assert_int_equal(seal_open_from(&link, sealed[2], room, &len), 0);
    assert_int_equal(link.at, 2);
    assert_int_equal(seal_open_from(&link, sealed[2], room, &len), 0); /* A resend. */
    sealed[6][AT_BOX] ^= 1;
    assert_int_equal(seal_open_from(&link, sealed[6], room, &len), ERR_FIELD);
    assert_int_equal(link.at, 2);
    assert_true(seal_after(&link, sealed[2]));
    assert_false(seal_after(&link, sealed[1]));
    assert_int_equal(seal_open_from(&link, sealed[7], room, &len), 0);
    assert_int_equal(link.at, 7);
}

/* ---- keys and padding ------------------------------------------------------------------------ */

/* A record as PROTOCOL.md has it, made from libsodium alone, of 256 bytes as they are. */
static void make_by_hand(const struct seal_pair *pair, const uint8_t padded[SEAL_PADDED],
                         uint8_t sealed[SEAL_SIZE])
{
    uint8_t k0[SEAL_LINK], key[SEAL_LINK];
    crypto_kdf_keygen(k0);
    assert_int_equal(crypto_kdf_derive_from_key(key, sizeof key, 2, "attune/1", k0), 0);
    sealed[0] = SEAL_FORM;
    memcpy(sealed + AT_ID, pair->key.id, SEAL_KEY_ID);
    assert_int_equal(crypto_box_seal(sealed + AT_HEAD, k0, sizeof k0, pair->key.public_half), 0);
    sealed[AT_INDEX] = 0;
    randombytes_buf(sealed + AT_NONCE, AT_BOX - AT_NONCE);
    assert_int_equal(crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + AT_BOX, NULL, padded,
                                                                SEAL_PADDED, sealed, AT_NONCE, NULL,
                                                                sealed + AT_NONCE, key),
                     0);
}

/* Only who has the public key can make such a thing: a box that opens, with padding that is none.
 */
static void a_box_without_padding_or_without_a_record_is_refused(void **state)
{
    (void)state;
    uint8_t padded[SEAL_PADDED] = {0}, sealed[SEAL_SIZE];
    struct kiosk k;
    kiosk_init(&k);
    make_by_hand(&k.pair, padded, sealed);
    assert_int_equal(opens(&k, sealed, ""), ERR_FIELD);
    padded[0] = 0x80; /* Nothing but padding. */
    make_by_hand(&k.pair, padded, sealed);
    assert_int_equal(opens(&k, sealed, ""), ERR_FIELD);
    padded[0] = 'r';
    padded[1] = 0x80;
    make_by_hand(&k.pair, padded, sealed);
    assert_int_equal(opens(&k, sealed, "r"), 0);
}

static void every_key_that_is_here_opens_and_one_that_is_not_is_missed(void **state)
{
    (void)state;
    uint8_t record[9] = "a rating", sealed[SEAL_SIZE], opened[SEAL_RECORD_MAX];
    size_t len;
    struct seal_pair pairs[3];
    struct seal_chain chain;
    for (size_t i = 0; i < 3; i++) {
        seal_pair_make(&pairs[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        seal_chain_init(&chain, &pairs[i].key);
        assert_int_equal(seal_record(&chain, 0, record, sizeof record, sealed), 0);
        assert_int_equal(seal_open(pairs, 3, sealed, sizeof sealed, opened, &len), 0);
        assert_int_equal(seal_open(pairs, 2, sealed, sizeof sealed, opened, &len),
                         i < 2 ? 0 : ERR_SEAL_KEY);
        assert_int_equal(seal_open(pairs, 0, sealed, sizeof sealed, opened, &len), ERR_SEAL_KEY);
    }
}

static void a_pair_is_known_again_by_its_secret_half(void **state)
{
    (void)state;
    struct seal_pair made, kept;
    struct seal_key key;
    uint8_t hash[crypto_hash_sha256_BYTES];
    seal_pair_make(&made);
    seal_pair_from(made.secret, &kept);
    assert_memory_equal(&made, &kept, sizeof made);
    assert_int_equal(seal_key_from(made.key.public_half, SEAL_PUBLIC, &key), 0);
    assert_memory_equal(&key, &made.key, sizeof key);
    assert_int_equal(crypto_hash_sha256(hash, key.public_half, SEAL_PUBLIC), 0);
    assert_memory_equal(key.id, hash, SEAL_KEY_ID);
}

static void a_key_that_anybody_could_open_for_is_none(void **state)
{
    (void)state;
    static const uint8_t small[][SEAL_PUBLIC] = {{0}, {1}}; /* Points of small order. */
    uint8_t good[SEAL_PUBLIC + 1] = {9};
    struct seal_key key;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(seal_key_from(small[i], SEAL_PUBLIC, &key), ERR_FIELD);
    }
    assert_int_equal(seal_key_from(good, SEAL_PUBLIC, &key), 0);
    assert_int_equal(seal_key_from(good, SEAL_PUBLIC - 1, &key), ERR_FIELD);
    assert_int_equal(seal_key_from(good, SEAL_PUBLIC + 1, &key), ERR_FIELD);
    assert_int_equal(seal_key_from(NULL, 0, &key), ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_of_any_length_comes_out_as_it_went_in),
        cmocka_unit_test(the_same_record_is_never_the_same_box),
        cmocka_unit_test(two_copies_of_a_chain_share_no_nonce),
        cmocka_unit_test(a_record_with_any_bit_changed_is_refused),
        cmocka_unit_test(no_part_of_a_record_goes_with_another),
        cmocka_unit_test(what_a_kiosk_holds_opens_no_earlier_record),
        cmocka_unit_test(a_chain_ends_after_64_records_or_a_day_or_with_its_key),
        cmocka_unit_test(records_open_in_any_order_and_with_others_missing),
        cmocka_unit_test(a_place_goes_on_with_what_opens_and_with_nothing_else),
        cmocka_unit_test(a_box_without_padding_or_without_a_record_is_refused),
        cmocka_unit_test(every_key_that_is_here_opens_and_one_that_is_not_is_missed),
        cmocka_unit_test(a_pair_is_known_again_by_its_secret_half),
        cmocka_unit_test(a_key_that_anybody_could_open_for_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
