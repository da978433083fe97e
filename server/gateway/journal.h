/* journal.h - the erasure journal: who is nobody, remembered outside of both databases.
 *
 * Each of the two databases remembers whom the other one must erase; put back together, from
 * backups of before an erasure, neither does. The journal is a file that is only appended to, a
 * line each: "erased 1", the practice, the SHA-256 of the token in hex, keep or destroy (the
 * numbers). A hash of a random token says nothing of anybody. Several servers may share one.
 *
 * Also without a file this process remembers all that it has learnt since it started. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <uv.h>

#include "server/pg/store_erasure.h"

enum { JOURNAL_LINE = 128, JOURNAL_WHY = 256 };

struct journal;
struct journal_call;
/* From the loop, exactly once: 0, or ERR_DISK, then it is tried again with the next call. */
typedef void (*journal_cb)(struct journal_call *c, int rc);

/* Embed it. The fields are the journal's while a call is under way. */
struct journal_call {
    journal_cb cb;
    STAILQ_ENTRY(journal_call) next;
};
STAILQ_HEAD(journal_calls, journal_call);

struct journal_entry {
    struct store_erased erased;
    enum { JOURNAL_NEW, JOURNAL_BEING_SAVED, JOURNAL_SAVED } state;
};

struct journal {
    int file;                      /* -1: none. */
    struct journal_entry *entries; /* By practice and hash. */
    size_t count, room;
    uv_loop_t *loop;
    uv_work_t work;
    char *text; /* What the thread writes, and how that went. */
    size_t len;
    int rc;
    struct journal_calls waiting, under_way;
};

/* One line, with its newline; gives its length. And back: false, it is none. */
size_t journal_line(const struct store_erased *erased, char ret_line[JOURNAL_LINE]);
bool journal_read_line(const char *line, size_t len, struct store_erased *ret_erased);

/* `path` "": no file. One that is not there is made, unless it is only to be judged. Half a line at
 * the end is cut off, as it is before each write: nobody was answered for it.
 * Returns 0, or ERR_CONFIG and a sentence in `why`. journal_fini is owed after 0. */
int journal_open(struct journal *j, const char *path, bool only_judge, char why[JOURNAL_WHY]);
void journal_start(struct journal *j, uv_loop_t *loop);
void journal_fini(struct journal *j);

/* Those that are new here are remembered; journal_save keeps them. */
void journal_learn(struct journal *j, const struct store_erased *erased, size_t count);
/* All that is remembered; to be freed. */
struct store_erased *journal_list(const struct journal *j, size_t *ret_count);
/* `c->cb` comes when all that was learnt until now is on the disk. */
void journal_save(struct journal *j, struct journal_call *c, journal_cb cb);
