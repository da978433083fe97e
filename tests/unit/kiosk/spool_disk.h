/* spool_disk.h - a folder of its own for each test, a disk that fails at the n-th call, and what a
 * spool said that it holds. */
#pragma once

#include "client/kiosk/spool.h"

enum { DISK_SEEN_MAX = 64 };

struct disk {
    char parent[64]; /* Removed with all it holds by disk_fini. */
    char folder[80]; /* For the spool; does not exist yet. */
    struct spool spool;
    struct spool_entry seen[DISK_SEEN_MAX];
    size_t seen_count;
    uint32_t bad;
};

void disk_init(struct disk *d);
void disk_fini(struct disk *d);

/* Close and open again, as after a crash. Returns what spool_open said. */
int disk_open(struct disk *d, const struct spool_system *system);

/* How many entries of these were seen at the last open. */
size_t disk_unsent(const struct disk *d);
size_t disk_sent(const struct disk *d);

/* Path of a file in the spool's folder; static room. */
const char *disk_path(const struct disk *d, const char *name);

/* Write a file there, torn or foreign. */
void disk_put(const struct disk *d, const char *name, const void *bytes, size_t len);

/* Files in a folder of the spool ("." is itself), without "." and "..". */
size_t disk_files(const struct disk *d, const char *folder);

/* A system whose n-th call fails with EIO, writes at most 7 bytes at a time and is interrupted
 * before each. n = 0: never fails. `disk_calls` counts. */
const struct spool_system *disk_failing(int n);
int disk_calls(void);

/* What was called since then, a letter each: w write, f sync of a file, d sync of a folder, r
 * rename. */
const char *disk_log(void);
