/* attune-seal-cost: what opening sealed records takes of a core, a line a round.
 *
 *     attune-seal-cost SECONDS
 *         a record of a chain that is known, a chain's head, and beside them libsodium's sealed box
 * of the same length, one for each record: microseconds each
 *
 * Happy path: a line "seal …". Failure: must() ends the program. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "proto/wire/must.h"
#include "proto/wire/seal.h"

enum { CHAINS = 64, TURN = CHAINS * SEAL_CHAIN_MAX };

static struct seal_pair pair;
static uint8_t sealed[TURN][SEAL_SIZE];
static uint8_t boxes[TURN][SEAL_PADDED + crypto_box_SEALBYTES];

static double now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Whole chains, and boxes of what those carry. */
static void make(void)
{
    uint8_t record[SEAL_PADDED];
    randombytes_buf(record, sizeof record);
    seal_pair_make(&pair);
    for (size_t i = 0; i < TURN; i++) {
        static struct seal_chain chain;
        if (i % SEAL_CHAIN_MAX == 0) {
            seal_chain_init(&chain, &pair.key);
        }
        must(seal_record(&chain, 0, record, SEAL_RECORD_MAX, sealed[i]) == 0);
        must(crypto_box_seal(boxes[i], record, sizeof record, pair.key.public_half) == 0);
    }
}

/* Adds what a turn of each takes. */
static void turn(double *heads, double *records, double *sodium)
{
    static struct seal_link links[CHAINS];
    uint8_t room[SEAL_PADDED];
    size_t len;
    double start = now_us();
    for (size_t i = 0; i < CHAINS; i++) {
        must(seal_first(&pair, 1, sealed[i * SEAL_CHAIN_MAX], &links[i]) == 0);
    }
    *heads += now_us() - start;
    start = now_us();
    for (size_t i = 0; i < TURN; i++) {
        must(seal_open_from(&links[i / SEAL_CHAIN_MAX], sealed[i], room, &len) == 0);
    }
    *records += now_us() - start;
    start = now_us();
    for (size_t i = 0; i < TURN; i++) {
        must(crypto_box_seal_open(room, boxes[i], sizeof boxes[i], pair.key.public_half,
                                  pair.secret) == 0);
    }
    *sodium += now_us() - start;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("attune-seal-cost SECONDS\n", stderr);
        return 2;
    }
    must(sodium_init() >= 0);
    make();
    double heads = 0, records = 0, sodium = 0, turns = 0;
    for (double end = now_us() + strtod(argv[1], NULL) * 1e6; turns == 0 || now_us() < end;
         turns++) {
        turn(&heads, &records, &sodium);
    }
    printf("seal head_us=%.2f record_us=%.3f box_us=%.2f\n", heads / turns / CHAINS,
           records / turns / TURN, sodium / turns / TURN);
    return 0;
}
