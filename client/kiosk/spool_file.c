/* Happy path: head, then the record; the sum covers both.
 * Failure: whatever differs in one bit from what spool_file_put wrote is not whole. */
#include "client/kiosk/spool_file.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "proto/wire/be.h"
#include "proto/wire/must.h"

enum {
    ID_HEX = 2 * LIMIT_ID_SIZE,
    AT_LENGTH = 8,
    AT_ID = 12,
    AT_SUM = AT_ID + LIMIT_ID_SIZE,
    SUM_SIZE = SPOOL_HEAD - AT_SUM,
};
_Static_assert(SUM_SIZE == SHA256_DIGEST_LENGTH, "the head ends with the sum");

static const uint8_t magic[AT_LENGTH] = {'A', 'T', 'S', 'P', 0, 1, 0, 0};

static void put_head(uint8_t *file, const uint8_t *id, size_t len)
{
    memcpy(file, magic, sizeof magic);
    (void)put_be(file + AT_LENGTH, AT_ID - AT_LENGTH, len);
    memcpy(file + AT_ID, id, LIMIT_ID_SIZE);
}

static void sum(const uint8_t *file, size_t len, uint8_t ret_sum[SUM_SIZE])
{
    uint8_t rest[AT_SUM + SPOOL_RECORD_SIZE];
    memcpy(rest, file, AT_SUM);
    memcpy(rest + AT_SUM, file + SPOOL_HEAD, len);
    SHA256(rest, AT_SUM + len, ret_sum);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t spool_file_put(uint8_t file[SPOOL_FILE_SIZE], const uint8_t id[LIMIT_ID_SIZE],
                      const uint8_t *record, size_t len)
{
    must(len > 0 && len <= SPOOL_RECORD_SIZE);
    put_head(file, id, len);
    memcpy(file + SPOOL_HEAD, record, len);
    sum(file, len, file + AT_SUM);
    return SPOOL_HEAD + len;
}

bool spool_file_whole(const uint8_t *file, size_t size, const uint8_t id[LIMIT_ID_SIZE])
{
    if (size <= SPOOL_HEAD || size > SPOOL_FILE_SIZE) {
        return false;
    }
    uint8_t head[SPOOL_HEAD], found[SUM_SIZE];
    put_head(head, id, size - SPOOL_HEAD);
    sum(file, size - SPOOL_HEAD, found);
    return memcmp(file, head, AT_SUM) == 0 && memcmp(file + AT_SUM, found, SUM_SIZE) == 0;
}

void spool_file_name(char name[SPOOL_NAME_SIZE], const uint8_t id[LIMIT_ID_SIZE],
                     const char *ending)
{
    for (int at = 0; at < LIMIT_ID_SIZE; at++) {
        (void)snprintf(name + 2 * at, 3, "%02x", id[at]);
    }
    (void)snprintf(name + ID_HEX, SPOOL_NAME_SIZE - ID_HEX, ".%s", ending);
}

const char *spool_file_id(const char *name, uint8_t ret_id[LIMIT_ID_SIZE])
{
    uint8_t id[LIMIT_ID_SIZE];
    for (int at = 0; at < LIMIT_ID_SIZE; at++) {
        int high = digit(name[2 * at]);
        int low = high < 0 ? -1 : digit(name[2 * at + 1]);
        if (low < 0) {
            return NULL;
        }
        id[at] = (uint8_t)(high << 4 | low);
    }
    if (name[ID_HEX] != '.') {
        return NULL;
    }
    memcpy(ret_id, id, sizeof id);
    return name + ID_HEX + 1;
}
