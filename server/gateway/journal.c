/* Happy path: the file's lines are read into one sorted list; what is learnt goes into it, and what
 * of it is not in the file yet is appended and synced by one of libuv's threads.
 * Failure: a line that cannot be read is a journal that somebody has changed: the server does not
 * start. A write that fails is taken back, and half a line of a server that ended in its write is
 * cut off by the next one that writes or starts, so that none stands before the next line. */
#include "server/gateway/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/log.h"

enum { HASH_HEX = 2 * STORE_TOKEN_HASH };
static const char HEAD[] = "erased 1 ";

/* ---- lines ----------------------------------------------------------------------------------- */

size_t journal_line(const struct store_erased *erased, char ret_line[JOURNAL_LINE])
{
    char hex[HASH_HEX + 1];
    for (size_t i = 0; i < STORE_TOKEN_HASH; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", erased->token_hash[i]);
    }
    int n = snprintf(ret_line, JOURNAL_LINE, "erased 1 %" PRId64 " %s %s\n", erased->practice_id,
                     hex, erased->destroyed ? "destroy" : "keep");
    must(n > 0 && n < JOURNAL_LINE);
    return (size_t)n;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool journal_read_line(const char *line, size_t len, struct store_erased *ret_erased)
{
    char copy[JOURNAL_LINE], again[JOURNAL_LINE];
    struct store_erased e = {.practice_id = 0};
    if (len == 0 || len >= sizeof copy || memchr(line, '\0', len) != NULL) {
        return false;
    }
    memcpy(copy, line, len);
    copy[len] = '\0';
    char *end = NULL;
    e.practice_id =
        strncmp(copy, HEAD, sizeof HEAD - 1) == 0 ? strtoll(copy + sizeof HEAD - 1, &end, 10) : 0;
    if (end == NULL || strlen(end) <= HASH_HEX + 2) {
        return false;
    }
    for (size_t i = 0; i < STORE_TOKEN_HASH; i++) {
        e.token_hash[i] = (uint8_t)(digit(end[1 + 2 * i]) * 16 + digit(end[2 + 2 * i]));
    }
    const char *word = end + HASH_HEX + 2;
    e.destroyed = strcmp(word, "destroy\n") == 0;
    *ret_erased = e;
    /* There is one way to say it. */
    return journal_line(&e, again) == len && memcmp(again, line, len) == 0;
}

/* ---- the list -------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const struct store_erased *a = &((const struct journal_entry *)left)->erased;
    const struct store_erased *b = &((const struct journal_entry *)right)->erased;
    if (a->practice_id != b->practice_id) {
        return a->practice_id < b->practice_id ? -1 : 1;
    }
    return memcmp(a->token_hash, b->token_hash, STORE_TOKEN_HASH);
}

static void put(struct journal *j, const struct journal_entry *entry)
{
    if (j->count == j->room) {
        j->room = j->room == 0 ? 64 : 2 * j->room;
        j->entries = realloc(j->entries, j->room * sizeof *j->entries);
        must(j->entries != NULL);
    }
    j->entries[j->count++] = *entry;
}

/* The first `sorted` entries are in order. */
static void learn_one(struct journal *j, size_t sorted, const struct journal_entry *entry)
{
    struct journal_entry *known =
        sorted == 0 ? NULL : bsearch(entry, j->entries, sorted, sizeof *entry, compare);
    if (known == NULL) {
        put(j, entry);
    } else if (entry->erased.destroyed && !known->erased.destroyed) {
        *known = *entry; /* The numbers go, too. */
    }
}

static void sort(struct journal *j)
{
    if (j->count > 1) {
        qsort(j->entries, j->count, sizeof *j->entries, compare);
    }
}

void journal_learn(struct journal *j, const struct store_erased *erased, size_t count)
{
    size_t sorted = j->count;
    for (size_t i = 0; i < count; i++) {
        learn_one(j, sorted, &(struct journal_entry){erased[i], JOURNAL_NEW});
    }
    if (j->count > sorted) {
        sort(j);
    }
}

struct store_erased *journal_list(const struct journal *j, size_t *ret_count)
{
    struct store_erased *list = calloc(j->count + 1, sizeof *list);
    must(list != NULL);
    for (size_t i = 0; i < j->count; i++) {
        list[i] = j->entries[i].erased;
    }
    *ret_count = j->count;
    return list;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* The whole of it; free it. NULL: errno says why. */
static char *read_all(int file, size_t size)
{
    char *text = malloc(size + 1);
    must(text != NULL);
    size_t have = 0;
    while (have < size) {
        ssize_t n = pread(file, text + have, size - have, (off_t)have);
        if (n <= 0) {
            free(text);
            return NULL;
        }
        have += (size_t)n;
    }
    text[size] = '\0';
    return text;
}

/* Gives the number of the first line that is none, or 0. */
static size_t read_lines(struct journal *j, const char *text, size_t len)
{
    size_t number = 0;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        must(end != NULL); /* It was cut there. */
        size_t line = (size_t)(end - text) + 1 - at;
        struct journal_entry entry = {.state = JOURNAL_SAVED};
        number++;
        if (!journal_read_line(text + at, line, &entry.erased)) {
            return number;
        }
        put(j, &entry);
        at += line;
    }
    sort(j);
    /* Of two lines about one the second says that the numbers went, too. */
    size_t kept = 0;
    for (size_t i = 0; i < j->count; i++) {
        if (kept > 0 && compare(&j->entries[kept - 1], &j->entries[i]) == 0) {
            j->entries[kept - 1].erased.destroyed |= j->entries[i].erased.destroyed;
        } else {
            j->entries[kept++] = j->entries[i];
        }
    }
    j->count = kept;
    return 0;
}

/* Half a line at the end was being written when its server ended: nobody was answered for it. Gives
 * where the whole ones end. Under the lock; not 0: errno says why. */
static int cut_half_line(int file, bool only_judge, off_t *ret_end)
{
    struct stat stat;
    char last = '\n';
    if (fstat(file, &stat) != 0) {
        return ERR_DISK;
    }
    *ret_end = stat.st_size;
    for (; *ret_end > 0; (*ret_end)--) {
        if (pread(file, &last, 1, *ret_end - 1) != 1) {
            return ERR_DISK;
        }
        if (last == '\n') {
            break;
        }
    }
    bool cut = *ret_end < stat.st_size && !only_judge;
    return !cut || ftruncate(file, *ret_end) == 0 ? 0 : ERR_DISK;
}

static int load(struct journal *j, bool only_judge, char why[JOURNAL_WHY])
{
    off_t len = 0;
    size_t line = 0;
    char *text = NULL;
    if (flock(j->file, LOCK_EX) == 0 && cut_half_line(j->file, only_judge, &len) == 0) {
        text = read_all(j->file, (size_t)len);
    }
    int rc = text != NULL ? 0 : ERR_CONFIG;
    (void)snprintf(why, JOURNAL_WHY, "%s", strerror(errno));
    if (rc == 0 && (line = read_lines(j, text, (size_t)len)) > 0) {
        (void)snprintf(why, JOURNAL_WHY, "line %zu is no line of an erasure journal", line);
        rc = ERR_CONFIG;
    }
    (void)flock(j->file, LOCK_UN); /* Closing would do it. */
    free(text);
    return rc;
}

/* A file is only as lasting as its name. */
static int sync_folder(const char *path, char why[JOURNAL_WHY])
{
    char *copy = strdup(path);
    must(copy != NULL);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = folder >= 0 && fsync(folder) == 0 ? 0 : ERR_CONFIG;
    if (rc != 0) {
        (void)snprintf(why, JOURNAL_WHY, "its folder: %s", strerror(errno));
    }
    if (folder >= 0) {
        (void)close(folder);
    }
    free(copy);
    return rc;
}

int journal_open(struct journal *j, const char *path, bool only_judge, char why[JOURNAL_WHY])
{
    *j = (struct journal){.file = -1};
    STAILQ_INIT(&j->waiting);
    STAILQ_INIT(&j->under_way);
    if (path[0] == '\0') {
        return 0;
    }
    int flags = only_judge ? O_RDONLY : O_RDWR | O_APPEND | O_CREAT;
    j->file = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (j->file < 0) {
        (void)snprintf(why, JOURNAL_WHY, "%s", strerror(errno));
        return only_judge && errno == ENOENT ? 0 : ERR_CONFIG;
    }
    int rc = only_judge ? 0 : sync_folder(path, why);
    rc = rc == 0 ? load(j, only_judge, why) : rc;
    if (rc != 0) {
        journal_fini(j);
    }
    return rc;
}

void journal_start(struct journal *j, uv_loop_t *loop)
{
    j->loop = loop;
}

void journal_fini(struct journal *j)
{
    if (j->file >= 0) {
        (void)close(j->file); /* What was answered for is synced. */
        j->file = -1;
    }
    free(j->entries);
    j->entries = NULL;
    j->count = j->room = 0;
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* Whole and synced, or as it was; behind whole lines, whoever wrote them. */
static int append(int file, const char *text, size_t len)
{
    off_t end = 0;
    if (flock(file, LOCK_EX) != 0) {
        return ERR_DISK;
    }
    int rc = cut_half_line(file, false, &end);
    if (rc == 0 && (write(file, text, len) != (ssize_t)len || fdatasync(file) != 0)) {
        rc = ERR_DISK;
        int back = ftruncate(file, end);
        (void)back; /* Not: whoever writes or starts next cuts half a line off. */
    }
    (void)flock(file, LOCK_UN);
    return rc;
}

static void on_work(uv_work_t *work)
{
    struct journal *j = container_of(work, struct journal, work);
    j->rc = j->len == 0 ? 0 : append(j->file, j->text, j->len);
}

static void gather(struct journal *j)
{
    j->text = malloc(j->count * JOURNAL_LINE + 1);
    must(j->text != NULL);
    j->len = 0;
    for (size_t i = 0; j->file >= 0 && i < j->count; i++) {
        if (j->entries[i].state == JOURNAL_NEW) {
            j->entries[i].state = JOURNAL_BEING_SAVED;
            j->len += journal_line(&j->entries[i].erased, j->text + j->len);
        }
    }
}

static void begin(struct journal *j);

static void on_done(uv_work_t *work, int status)
{
    struct journal *j = container_of(work, struct journal, work);
    struct journal_calls told = STAILQ_HEAD_INITIALIZER(told);
    struct journal_call *c;
    int rc = status != 0 ? ERR_CANCELED : j->rc;
    for (size_t i = 0; i < j->count; i++) {
        if (j->entries[i].state == JOURNAL_BEING_SAVED) {
            j->entries[i].state = rc == 0 ? JOURNAL_SAVED : JOURNAL_NEW;
        }
    }
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "gateway", "the erasure journal cannot be written: %s",
                 err_text(rc));
    }
    free(j->text);
    j->text = NULL;
    STAILQ_CONCAT(&told, &j->under_way);
    if (!STAILQ_EMPTY(&j->waiting)) {
        begin(j);
    }
    while ((c = STAILQ_FIRST(&told)) != NULL) {
        STAILQ_REMOVE_HEAD(&told, next);
        c->cb(c, rc);
    }
}

static void begin(struct journal *j)
{
    STAILQ_CONCAT(&j->under_way, &j->waiting);
    gather(j);
    int rc = uv_queue_work(j->loop, &j->work, on_work, on_done);
    must(rc == 0); /* It has what it wants. */
}

void journal_save(struct journal *j, struct journal_call *c, journal_cb cb)
{
    c->cb = cb;
    STAILQ_INSERT_TAIL(&j->waiting, c, next);
    if (STAILQ_EMPTY(&j->under_way)) {
        begin(j);
    }
}
