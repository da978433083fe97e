/* spool_file.h - what a spooled record looks like as a file: its name and its bytes. Pure but
 * for OpenSSL's SHA-256.
 *
 *     0  "ATSP"    4  version, 2 bytes    6  zero, 2 bytes    8  length of the record, 4 bytes
 *    12  id, 16 bytes    28  SHA-256 of bytes 0 to 27 and the record    60  the record
 *
 * Numbers are big-endian. The id is in the sum, so that a file under another's name is known. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

enum {
    SPOOL_RECORD_SIZE = LIMIT_RECORD_SIZE + 16, /* SubmitRating around the record. */
    SPOOL_HEAD = 60,
    SPOOL_FILE_SIZE = SPOOL_HEAD + SPOOL_RECORD_SIZE,
    SPOOL_NAME_SIZE = 2 * LIMIT_ID_SIZE + 32,
};

/* 1 <= len <= SPOOL_RECORD_SIZE. Returns the file's size. */
size_t spool_file_put(uint8_t file[SPOOL_FILE_SIZE], const uint8_t id[LIMIT_ID_SIZE],
                      const uint8_t *record, size_t len);

/* Are these bytes the whole file of this id, and nothing more? Any `size` may be asked. */
bool spool_file_whole(const uint8_t *file, size_t size, const uint8_t id[LIMIT_ID_SIZE]);

/* "<id>.<ending>"; a long ending is cut. */
void spool_file_name(char name[SPOOL_NAME_SIZE], const uint8_t id[LIMIT_ID_SIZE],
                     const char *ending);

/* The id in a name, and what follows the dot; NULL when the name is not one of ours. */
const char *spool_file_id(const char *name, uint8_t ret_id[LIMIT_ID_SIZE]);
