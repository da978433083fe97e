#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "server/gateway/chains.h"

enum { DEVICE = 32, AT_BOX = 114 };

struct world {
    struct chains *chains;
    struct seal_pair pair;
    struct seal_chain chain; /* One kiosk's. */
};

static int begin(void **state)
{
    static struct world w;
    w.chains = chains_new();
    seal_pair_make(&w.pair);
    seal_chain_init(&w.chain, &w.pair.key);
    *state = &w;
    return 0;
}

static int end(void **state)
{
    struct world *w = *state;
    chains_free(w->chains);
    return 0;
}

static void seal_number(struct seal_chain *chain, unsigned number, uint8_t sealed[SEAL_SIZE])
{
    assert_int_equal(seal_record(chain, 0, (const uint8_t *)&number, sizeof number, sealed), 0);
}

/* As from this device; the record's number must be the one that was sealed. */
static int open_number(struct world *w, unsigned device, const uint8_t *sealed, unsigned number)
{
    uint8_t name[DEVICE] = {0}, room[SEAL_RECORD_MAX];
    size_t len;
    memcpy(name, &device, sizeof device);
    int rc = chains_open(w->chains, &w->pair, 1, name, sizeof name, sealed, SEAL_SIZE, room, &len);
    if (rc == 0) {
        assert_int_equal(len, sizeof number);
        assert_memory_equal(room, &number, sizeof number);
    }
    return rc;
}

/* Goal: one X25519 a chain. Method: three whole chains, opened as they come and again; heads. */
static void a_chain_costs_one_head(void **state)
{
    struct world *w = *state;
    uint8_t sealed[3 * SEAL_CHAIN_MAX][SEAL_SIZE];
    for (unsigned i = 0; i < 3 * SEAL_CHAIN_MAX; i++) {
        seal_number(&w->chain, i, sealed[i]);
    }
    for (unsigned again = 0; again < 2; again++) {
        for (unsigned i = 0; i < 3 * SEAL_CHAIN_MAX; i++) {
            assert_int_equal(open_number(w, 1, sealed[i], i), 0);
        }
    }
    assert_int_equal(chains_heads(w->chains), 3);
}

static void an_earlier_record_opens_too_and_the_place_stays(void **state)
{
    struct world *w = *state;
    uint8_t sealed[SEAL_CHAIN_MAX][SEAL_SIZE];
    for (unsigned i = 0; i < SEAL_CHAIN_MAX; i++) {
        seal_number(&w->chain, i, sealed[i]);
    }
    for (unsigned i = SEAL_CHAIN_MAX; i-- > 0;) {
        assert_int_equal(open_number(w, 1, sealed[i], i), 0);
    }
    for (unsigned i = 0; i < SEAL_CHAIN_MAX; i++) {
        unsigned at = i * 37 % SEAL_CHAIN_MAX;
        assert_int_equal(open_number(w, 1, sealed[at], at), 0);
    }
    assert_int_equal(chains_heads(w->chains), 1);
}

/* Goal: what does not open is neither kept nor moves a chain that is. Method: a new head with a
 * changed box, twice; then a changed box far ahead in a chain that is known. */
static void what_does_not_open_leaves_nothing_behind(void **state)
{
    struct world *w = *state;
    uint8_t sealed[4][SEAL_SIZE];
    for (unsigned i = 0; i < 4; i++) {
        seal_number(&w->chain, i, sealed[i]);
    }
    sealed[3][AT_BOX] ^= 1;
    assert_int_equal(open_number(w, 1, sealed[3], 3), ERR_FIELD);
    assert_int_equal(open_number(w, 1, sealed[3], 3), ERR_FIELD);
    assert_int_equal(chains_heads(w->chains), 2);
    assert_int_equal(open_number(w, 1, sealed[0], 0), 0);
    assert_int_equal(chains_heads(w->chains), 3);
    assert_int_equal(open_number(w, 1, sealed[3], 3), ERR_FIELD);
    sealed[3][AT_BOX] ^= 1;
    for (unsigned i = 1; i < 4; i++) {
        assert_int_equal(open_number(w, 1, sealed[i], i), 0);
    }
    assert_int_equal(chains_heads(w->chains), 3);
}

/* A head that is known opens nothing for who does not know its key. */
static void a_known_head_in_front_of_anothers_box_is_refused(void **state)
{
    struct world *w = *state;
    uint8_t theirs[SEAL_SIZE], ours[SEAL_SIZE];
    struct seal_chain other;
    seal_chain_init(&other, &w->pair.key);
    seal_number(&w->chain, 1, theirs);
    seal_number(&other, 2, ours);
    assert_int_equal(open_number(w, 1, theirs, 1), 0);
    memcpy(ours + 1, seal_name(theirs), SEAL_NAME);
    assert_int_equal(open_number(w, 1, ours, 2), ERR_FIELD);
    assert_int_equal(open_number(w, 2, ours, 2), ERR_FIELD);
}

/* Goal: one device that sends a new head each time does not make the others pay. Method: 200
 * kiosks, each with its chain; then 1,000 heads of one device; then each kiosk's next record. At
 * most those of its set are opened anew: 200 / 1,024, so rarely more than one; and its own place
 * is bounded by the set as well. */
static void a_flood_of_heads_puts_out_a_handful_of_others(void **state)
{
    struct world *w = *state;
    enum { KIOSKS = 200, FLOOD = 1000 };
    static struct seal_chain chains[KIOSKS];
    uint8_t sealed[SEAL_SIZE];
    for (unsigned i = 0; i < KIOSKS; i++) {
        seal_chain_init(&chains[i], &w->pair.key);
        seal_number(&chains[i], i, sealed);
        assert_int_equal(open_number(w, i, sealed, i), 0);
    }
    assert_int_equal(chains_heads(w->chains), KIOSKS);
    for (unsigned i = 0; i < FLOOD; i++) {
        seal_chain_init(&w->chain, &w->pair.key);
        seal_number(&w->chain, i, sealed);
        assert_int_equal(open_number(w, KIOSKS, sealed, i), 0);
    }
    assert_int_equal(chains_heads(w->chains), KIOSKS + FLOOD);
    for (unsigned i = 0; i < KIOSKS; i++) {
        seal_number(&chains[i], i, sealed);
        assert_int_equal(open_number(w, i, sealed, i), 0);
    }
    /* Seven or more of 200 in one set of 1,024: less than once in a hundred million runs. */
    assert_in_range(chains_heads(w->chains), KIOSKS + FLOOD, KIOSKS + FLOOD + 6);
}

static void the_chain_used_longest_ago_goes_out(void **state)
{
    struct world *w = *state;
    struct seal_chain chains[CHAINS_WAYS + 1];
    uint8_t sealed[SEAL_SIZE];
    for (unsigned i = 0; i <= CHAINS_WAYS; i++) {
        seal_chain_init(&chains[i], &w->pair.key);
    }
    for (unsigned i = 0; i < CHAINS_WAYS; i++) {
        seal_number(&chains[i], i, sealed);
        assert_int_equal(open_number(w, 1, sealed, i), 0);
    }
    seal_number(&chains[0], 0, sealed); /* Used again: now the second is the oldest. */
    assert_int_equal(open_number(w, 1, sealed, 0), 0);
    seal_number(&chains[CHAINS_WAYS], 99, sealed);
    assert_int_equal(open_number(w, 1, sealed, 99), 0);
    assert_int_equal(chains_heads(w->chains), CHAINS_WAYS + 1);
    seal_number(&chains[0], 0, sealed);
    assert_int_equal(open_number(w, 1, sealed, 0), 0);
    assert_int_equal(chains_heads(w->chains), CHAINS_WAYS + 1);
    seal_number(&chains[1], 1, sealed);
    assert_int_equal(open_number(w, 1, sealed, 1), 0);
    assert_int_equal(chains_heads(w->chains), CHAINS_WAYS + 2);
}

static void without_the_key_a_known_chain_is_missed(void **state)
{
    struct world *w = *state;
    uint8_t sealed[SEAL_SIZE], room[SEAL_RECORD_MAX], name[DEVICE] = {1};
    size_t len;
    seal_number(&w->chain, 1, sealed);
    assert_int_equal(open_number(w, 1, sealed, 1), 0);
    assert_int_equal(
        chains_open(w->chains, &w->pair, 0, name, sizeof name, sealed, SEAL_SIZE, room, &len),
        ERR_SEAL_KEY);
    assert_int_equal(
        chains_open(w->chains, &w->pair, 1, name, sizeof name, sealed, SEAL_SIZE - 1, room, &len),
        ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chain_costs_one_head, begin, end),
        cmocka_unit_test_setup_teardown(an_earlier_record_opens_too_and_the_place_stays, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_does_not_open_leaves_nothing_behind, begin, end),
        cmocka_unit_test_setup_teardown(a_known_head_in_front_of_anothers_box_is_refused, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_flood_of_heads_puts_out_a_handful_of_others, begin, end),
        cmocka_unit_test_setup_teardown(the_chain_used_longest_ago_goes_out, begin, end),
        cmocka_unit_test_setup_teardown(without_the_key_a_known_chain_is_missed, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
