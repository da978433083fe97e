/* Property: whatever the bytes, as a sealed record they are refused with one of two codes and
 * nothing is touched, or they open to a record within its bounds; as a record they come out of a
 * box as they went in; as changes to a box they make it one that is refused. */
#include <stdbool.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t secret[SEAL_SECRET] = {0x77}; /* As good as any. */

static void open_any(const struct seal_pair *pair, const uint8_t *sealed, size_t len)
{
    uint8_t room[SEAL_RECORD_MAX], untouched[SEAL_RECORD_MAX];
    memset(room, 0x5a, sizeof room);
    memcpy(untouched, room, sizeof room);
    size_t record_len = SIZE_MAX;
    int rc = seal_open(pair, 1, sealed, len, room, &record_len);
    if (rc == 0) {
        must(record_len > 0 && record_len <= SEAL_RECORD_MAX);
        return;
    }
    must(rc == ERR_FIELD || rc == ERR_SEAL_KEY);
    must(record_len == SIZE_MAX && memcmp(room, untouched, sizeof room) == 0);
}

/* Each byte of the input is a change to one byte of the box. */
static void change(uint8_t *sealed, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        sealed[(at * 31 + data[0]) % SEAL_SIZE] ^= data[at];
    }
}

static void round_trip(const struct seal_pair *pair, const uint8_t *data, size_t size)
{
    uint8_t sealed[SEAL_SIZE], changed[SEAL_SIZE], room[SEAL_RECORD_MAX];
    size_t len;
    struct seal_chain chain;
    seal_chain_init(&chain, &pair->key);
    for (size_t at = 0; size > 0 && at < data[0] % 8U; at++) { /* Somewhere in the chain. */
        must(seal_record(&chain, 0, data, 1, sealed) == 0);
    }
    int rc = seal_record(&chain, 0, data, size, sealed);
    must((rc == 0) == (size > 0 && size <= SEAL_RECORD_MAX));
    if (rc != 0) {
        return;
    }
    must(seal_open(pair, 1, sealed, sizeof sealed, room, &len) == 0);
    must(len == size && memcmp(room, data, len) == 0);
    memcpy(changed, sealed, sizeof changed);
    change(changed, data, size);
    bool same = memcmp(changed, sealed, sizeof sealed) == 0;
    must((seal_open(pair, 1, changed, sizeof changed, room, &len) == 0) == same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seal_pair pair;
    uint8_t ours[SEAL_SIZE];
    seal_pair_from(secret, &pair);
    open_any(&pair, data, size);
    if (size >= SEAL_SIZE) { /* The same for this key, so that the box itself is looked at. */
        memcpy(ours, data, sizeof ours);
        ours[0] = SEAL_FORM;
        memcpy(ours + 1, pair.key.id, SEAL_KEY_ID);
        open_any(&pair, ours, sizeof ours);
    }
    round_trip(&pair, data, size);
    return 0;
}
