/* Goal: what a chain and a signed head cover cannot be changed without being found out, bit by bit;
 * and a row's hash is what anybody can reckon from its text with SHA-256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "server/base/audit_key.h"
#include "server/base/certificate.h"
#include "server/base/chain.h"

static const uint8_t zeros[CHAIN_HASH];

/* printf '\0%.0s' {1..32} with "abc" behind it, through sha256sum. */
static void a_hash_is_sha_256_of_the_one_before_and_the_text(void **state)
{
    (void)state;
    uint8_t hash[CHAIN_HASH];
    char hex[2 * CHAIN_HASH + 1];
    chain_hash(zeros, "abc", 3, hash);
    assert_string_equal(chain_hex(hash, CHAIN_HASH, hex),
                        "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370");
}

static struct chain_head head_of(int64_t number)
{
    struct chain_head head = {.number = number, .seq = 7, .at = 1700000000000};
    memset(head.chain, 1, sizeof head.chain);
    memset(head.hash, 2, sizeof head.hash);
    memset(head.prior, 3, sizeof head.prior);
    return head;
}

/* Method: every bit of every field. */
static void a_head_is_good_as_it_was_signed_and_in_no_other_way(void **state)
{
    (void)state;
    struct chain_key key, other;
    uint8_t seed[CHAIN_KEY] = {1}, signature[CHAIN_SIGNATURE];
    struct chain_head head = head_of(3);
    chain_key_from(seed, &key);
    seed[0] = 2;
    chain_key_from(seed, &other);
    chain_head_sign(&head, &key, signature);
    assert_true(chain_head_is_good(&head, key.public_half, signature));
    assert_false(chain_head_is_good(&head, other.public_half, signature));
    uint8_t *const fields[] = {(uint8_t *)&head.number, head.chain, (uint8_t *)&head.seq, head.hash,
                               (uint8_t *)&head.at,     head.prior};
    static const size_t sizes[] = {8, CHAIN_ID, 8, CHAIN_HASH, 8, CHAIN_SIGNATURE};
    for (size_t f = 0; f < sizeof sizes / sizeof sizes[0]; f++) {
        for (size_t bit = 0; bit < 8 * sizes[f]; bit++) {
            fields[f][bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(chain_head_is_good(&head, key.public_half, signature));
            fields[f][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    signature[5] ^= 1;
    assert_false(chain_head_is_good(&head, key.public_half, signature));
}

enum { ROWS = 6 };

/* Two chains of three rows; a head covers the first two of each. */
static void rows_make(struct chain_row rows[ROWS])
{
    static const char *const texts[ROWS] = {"one", "two", "three", "uno", "due", "tre"};
    for (int i = 0; i < ROWS; i++) {
        rows[i] = (struct chain_row){
            .seq = i % 3 + 1, .signed_to = 2, .text = texts[i], .len = strlen(texts[i])};
        memset(rows[i].chain, i < 3 ? 'a' : 'b', CHAIN_ID);
        chain_hash(i % 3 == 0 ? zeros : rows[i - 1].hash, texts[i], strlen(texts[i]), rows[i].hash);
    }
}

/* The first fault and its place: "2 at 3"; "0 at 0" is none. */
static const char *walk(const struct chain_row *rows, int count, char room[32])
{
    struct chain_walk w = {.seq = 0};
    enum chain_fault fault = CHAIN_GOOD;
    for (int i = 0; i < count && fault == CHAIN_GOOD; i++) {
        fault = chain_walk_row(&w, &rows[i]);
    }
    (void)snprintf(room, 32, "%d at %d", (int)fault, fault == CHAIN_GOOD ? 0 : (int)w.fault_seq);
    return room;
}

static void a_walk_names_the_first_row_that_is_wrong(void **state)
{
    (void)state;
    struct chain_row rows[ROWS];
    char room[32], expected[32];
    rows_make(rows);
    assert_string_equal(walk(rows, ROWS, room), "0 at 0");
    for (int i = 0; i < ROWS; i++) { /* Changed; behind the last head it cannot be told from new. */
        rows_make(rows);
        rows[i].text = "other";
        (void)snprintf(expected, sizeof expected, "%d at %d",
                       i % 3 < 2 ? CHAIN_CHANGED : CHAIN_INSERTED, i % 3 + 1);
        assert_string_equal(walk(rows, ROWS, room), expected);
    }
    for (int i = 0; i < ROWS; i++) { /* Taken out, where something follows. */
        rows_make(rows);
        memmove(&rows[i], &rows[i + 1], (size_t)(ROWS - 1 - i) * sizeof *rows);
        (void)snprintf(expected, sizeof expected, "%d at %d", CHAIN_MISSING, i % 3 + 1);
        if (i % 3 < 2) {
            assert_string_equal(walk(rows, ROWS - 1, room), expected);
        }
    }
    rows_make(rows);
    rows[1] = rows[0]; /* A second of the same place. */
    assert_string_equal(walk(rows, ROWS, room), "3 at 1");
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_certificate_is_good_as_it_was_signed_and_in_no_other_way(void **state)
{
    (void)state;
    struct chain_key key, other;
    uint8_t signature[CHAIN_SIGNATURE];
    static const uint8_t seed[CHAIN_KEY] = {1}, another[CHAIN_KEY] = {2};
    const struct certificate good = {7, "erasure", "word", "{\"counts\": [2]}"};
    const struct certificate changed[] = {{8, "erasure", "word", good.body},
                                          {7, "retention", "word", good.body},
                                          {7, "erasure", "words", good.body},
                                          {7, "erasure", "word", "{\"counts\": [3]}"},
                                          {7, "erasurewo", "rd", good.body}};
    chain_key_from(seed, &key);
    chain_key_from(another, &other);
    certificate_sign(&good, &key, signature);
    assert_true(certificate_is_good(&good, key.public_half, signature));
    assert_false(certificate_is_good(&good, other.public_half, signature));
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        assert_false(certificate_is_good(&changed[i], key.public_half, signature));
    }
    signature[0] ^= 1;
    assert_false(certificate_is_good(&good, key.public_half, signature));
    assert_false(chain_key_is_wiped(&key));
    chain_key_wipe(&key);
    assert_true(chain_key_is_wiped(&key));
}

static void a_key_is_read_as_it_was_made_and_only_from_a_file_of_our_own(void **state)
{
    (void)state;
    char dir[] = "/tmp/attune-audit-key-XXXXXX", path[64], why[AUDIT_KEY_WHY], text[80];
    struct chain_key key;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/audit.key", dir);
    assert_int_equal(audit_key_load(path, &key, why), ERR_CONFIG);
    assert_int_equal(audit_key_make(path), 0);
    assert_int_equal(audit_key_load(path, &key, why), 0);
    assert_int_equal(audit_key_make(path), ERR_CONFIG); /* Never over another. */
    assert_int_equal(audit_key_make_first(path), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(audit_key_load(path, &key, why), ERR_CONFIG);
    for (int len = 63; len <= 65; len++) {
        memset(text, 'a', (size_t)len);
        memcpy(text + len, "\n", 2);
        write_file(path, text, 0600);
        assert_int_equal(audit_key_load(path, &key, why), len == 64 ? 0 : ERR_CONFIG);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_sha_256_of_the_one_before_and_the_text),
        cmocka_unit_test(a_head_is_good_as_it_was_signed_and_in_no_other_way),
        cmocka_unit_test(a_walk_names_the_first_row_that_is_wrong),
        cmocka_unit_test(a_certificate_is_good_as_it_was_signed_and_in_no_other_way),
        cmocka_unit_test(a_key_is_read_as_it_was_made_and_only_from_a_file_of_our_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
