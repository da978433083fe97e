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

enum { AT_ID = 1, AT_BOX = AT_ID + SEAL_KEY_ID };

static void a_record_of_any_length_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 100, SEAL_RECORD_MAX - 1, SEAL_RECORD_MAX};
    uint8_t record[SEAL_RECORD_MAX + 1], sealed[SEAL_SIZE], opened[SEAL_RECORD_MAX];
    size_t len;
    struct seal_pair pair;
    seal_pair_make(&pair);
    memset(record, 0x80,
           sizeof record); /* What padding begins with, and could be mistaken for it. */
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(opened, 0, sizeof opened);
        assert_int_equal(seal_record(&pair.key, record, lengths[i], sealed), 0);
        assert_int_equal(seal_open(&pair, 1, sealed, sizeof sealed, opened, &len), 0);
        assert_int_equal(len, lengths[i]);
        assert_memory_equal(opened, record, len);
    }
    memset(record, 0, sizeof record); /* What padding goes on with. */
    assert_int_equal(seal_record(&pair.key, record, 7, sealed), 0);
    assert_int_equal(seal_open(&pair, 1, sealed, sizeof sealed, opened, &len), 0);
    assert_int_equal(len, 7);
    assert_int_equal(seal_record(&pair.key, record, 0, sealed), ERR_FIELD);
    assert_int_equal(seal_record(&pair.key, record, SEAL_RECORD_MAX + 1, sealed), ERR_FIELD);
}

static void the_same_record_is_never_the_same_box(void **state)
{
    (void)state;
    uint8_t record[20] = "scores", one[SEAL_SIZE], other[SEAL_SIZE];
    struct seal_pair pair;
    seal_pair_make(&pair);
    assert_int_equal(seal_record(&pair.key, record, sizeof record, one), 0);
    assert_int_equal(seal_record(&pair.key, record, sizeof record, other), 0);
    assert_memory_equal(one, other, AT_BOX);
    for (size_t at = AT_BOX; at + 16 <= SEAL_SIZE; at += 16) {
        assert_memory_not_equal(one + at, other + at, 16);
    }
}

/* Goal: whatever is done to a box, it is refused, and nothing comes out. Method: each bit, each
 * length, and the key's id is another matter: that key is not here. */
static void a_box_with_any_bit_changed_is_refused(void **state)
{
    (void)state;
    uint8_t record[40] = "four scores", sealed[SEAL_SIZE + 1], opened[SEAL_RECORD_MAX] = {0};
    const uint8_t untouched[SEAL_RECORD_MAX] = {0};
    size_t len = 77;
    struct seal_pair pair;
    seal_pair_make(&pair);
    assert_int_equal(seal_record(&pair.key, record, sizeof record, sealed), 0);
    for (size_t bit = 0; bit < SEAL_SIZE * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        int rc = seal_open(&pair, 1, sealed, SEAL_SIZE, opened, &len);
        /* X25519 passes over the highest bit of a public key; the nonce is a hash of all of it. */
        bool id = bit / 8 >= AT_ID && bit / 8 < AT_BOX;
        assert_int_equal(rc, id ? ERR_SEAL_KEY : ERR_FIELD);
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (size_t size = 0; size <= SEAL_SIZE + 1; size++) {
        int rc = seal_open(&pair, 1, sealed, size, opened, &len);
        assert_int_equal(rc, size == SEAL_SIZE ? 0 : ERR_FIELD);
        if (rc == 0) {
            memset(opened, 0, sizeof opened);
            len = 77;
        }
    }
    assert_memory_equal(opened, untouched, sizeof opened);
    assert_int_equal(len, 77);
}

/* Only who has the public key can make such a thing: a box that opens, with padding that is none.
 */
static void a_box_without_padding_or_without_a_record_is_refused(void **state)
{
    (void)state;
    uint8_t padded[SEAL_PADDED], sealed[SEAL_SIZE], opened[SEAL_RECORD_MAX];
    size_t len;
    struct seal_pair pair;
    seal_pair_make(&pair);
    sealed[0] = SEAL_FORM;
    memcpy(sealed + AT_ID, pair.key.id, SEAL_KEY_ID);
    memset(padded, 0, sizeof padded);
    assert_int_equal(crypto_box_seal(sealed + AT_BOX, padded, sizeof padded, pair.key.public_half),
                     0);
    assert_int_equal(seal_open(&pair, 1, sealed, sizeof sealed, opened, &len), ERR_FIELD);
    padded[0] = 0x80; /* Nothing but padding. */
    assert_int_equal(crypto_box_seal(sealed + AT_BOX, padded, sizeof padded, pair.key.public_half),
                     0);
    assert_int_equal(seal_open(&pair, 1, sealed, sizeof sealed, opened, &len), ERR_FIELD);
    padded[0] = 'r';
    padded[1] = 0x80;
    assert_int_equal(crypto_box_seal(sealed + AT_BOX, padded, sizeof padded, pair.key.public_half),
                     0);
    assert_int_equal(seal_open(&pair, 1, sealed, sizeof sealed, opened, &len), 0);
    assert_int_equal(len, 1);
}

static void every_key_that_is_here_opens_and_one_that_is_not_is_missed(void **state)
{
    (void)state;
    uint8_t record[9] = "a rating", sealed[SEAL_SIZE], opened[SEAL_RECORD_MAX];
    size_t len;
    struct seal_pair pairs[3];
    for (size_t i = 0; i < 3; i++) {
        seal_pair_make(&pairs[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seal_record(&pairs[i].key, record, sizeof record, sealed), 0);
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
        cmocka_unit_test(a_box_with_any_bit_changed_is_refused),
        cmocka_unit_test(a_box_without_padding_or_without_a_record_is_refused),
        cmocka_unit_test(every_key_that_is_here_opens_and_one_that_is_not_is_missed),
        cmocka_unit_test(a_pair_is_known_again_by_its_secret_half),
        cmocka_unit_test(a_key_that_anybody_could_open_for_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
