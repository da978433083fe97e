/* spool.h - a kiosk's records on disk, one file each, until the server has them.
 *
 *     DIR/<id>.rating        saved: synced, under its final name, the directory synced
 *     DIR/<id>.sent          the server has it; the file's time is when we learnt that
 *     DIR/<id>.tmp           being written; never promised, removed at the next start
 *     DIR/<0…0>.key          the public half of the practice's key, what ratings are sealed to
 *     DIR/refused/<id>.<ERR> the server refused it for good: kept for a person to look at
 *     DIR/bad/<name>         torn or not ours: set aside, never read again
 *
 * <id> is the rating's, 32 hex digits. The record's bytes are a packed SubmitRating, sent as they
 * lie; spool_file.h says how a file is made so that a torn, changed or renamed one is known.
 *
 * Saved means: spool_save returned 0. Everything here blocks for as long as the disk takes; one
 * rating is a handful of milliseconds. One program at a time holds a spool. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/kiosk/spool_file.h"
#include "proto/wire/limits.h"

enum {
    SPOOL_RECORDS_MAX = 10 * 1000, /* Unsent ones; above that nothing more is saved. */
    SPOOL_WHY = 256,
};

/* What may fail below us. A test puts its own in place. */
struct spool_system {
    ssize_t (*write)(int file, const void *bytes, size_t len);
    int (*sync)(int file);
    int (*rename)(int from_directory, const char *from, int to_directory, const char *to);
};

struct spool {
    const struct spool_system *system;
    int directory; /* Locked as long as it is open; -1: closed. */
    int refused, bad;
    uint32_t unsent;
    char why[SPOOL_WHY]; /* What the system said at the last error: for the log and the user. */
};

struct spool_entry {
    uint8_t id[LIMIT_ID_SIZE];
    bool sent;
    int64_t age_ms; /* Since the file was saved or marked as sent; may be negative after a clock
                       change. */
};

/* Oldest first. Must not change the spool. */
typedef void (*spool_entry_cb)(struct spool *s, const struct spool_entry *entry);

/* Fill memory; `system` NULL: the real one. */
void spool_init(struct spool *s, const struct spool_system *system);

/* Make the folder (mode 0700; its parent must exist), lock it, read what is there and tell it to
 * `cb`. Torn and foreign files are moved to bad/; `ret_bad` counts them. Returns 0 or ERR_DISK:
 * `why` says it (also when another program holds the spool). spool_fini is owed either way. */
int spool_open(struct spool *s, const char *directory, spool_entry_cb cb, uint32_t *ret_bad);
void spool_fini(struct spool *s);

/* 0: saved, whatever happens to the machine now. ERR_DISK: not saved. ERR_CONFLICT: that id is
 * there. */
int spool_save(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], const uint8_t *record, size_t len);

/* The record of an unsent id into `room` (SPOOL_RECORD_SIZE). ERR_DISK: it cannot be read now.
 * ERR_FIELD: the file is gone, torn or changed; it lies in bad/ now and the id is no more. */
int spool_read(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], uint8_t *room, size_t *ret_len);

/* Other bytes for the record of an unsent id, all or nothing. ERR_DISK: it is as it was. */
int spool_replace(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], const uint8_t *record,
                  size_t len);

/* The server has it. ERR_DISK: still unsent on disk, so that it is sent once more after the next
 * start, which does no harm. */
int spool_mark_sent(struct spool *s, const uint8_t id[LIMIT_ID_SIZE]);

/* The server may have lost it: unsent from here on, also after a crash. ERR_DISK: still marked. */
int spool_mark_unsent(struct spool *s, const uint8_t id[LIMIT_ID_SIZE]);

/* The server refused it for good with `rc`: move it to refused/, whence nothing is ever removed. */
int spool_refuse(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], int rc);

/* The practice's public key, kept beside the records as safely as they are: at most
 * SPOOL_RECORD_SIZE bytes, in place of the one before. ERR_DISK: not kept. */
int spool_keep_key(struct spool *s, const uint8_t *key, size_t len);

/* ERR_FIELD: none was kept, or it was torn and lies in bad/ now; a server will offer it again. */
int spool_read_key(struct spool *s, uint8_t room[SPOOL_RECORD_SIZE], size_t *ret_len);

/* Remove one that is marked as sent; gone already is fine. */
int spool_remove(struct spool *s, const uint8_t id[LIMIT_ID_SIZE]);
